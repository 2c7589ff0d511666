"""The portfolio map: value by potential, coloured by risk, readable with fifty accounts and with thousands;
the accounts that matter in a table; and words.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kamplay.method.health.portfolio_map import APART, LEAST_EACH, upper_half
from kamplay.method.health.portfolio_map import BANDS as IN_ORDER
from kamplay.method.health.step import Health
from kamplay.method.results import Finding
from kamplay.palette import GROUND, INK, QUIET, RISK_COLOURS, RULE, WHITE
from kamplay.presets.scorecard import LEVELS
from kamplay.show.charts.chart import Spot, draw_chart, join_parts, one_line
from kamplay.show.charts.map_labels import circle_diameters, place_labels
from kamplay.show.charts.plot import Plot, Series
from kamplay.show.display import NOTHING, Display
from kamplay.show.findings import counts
from kamplay.show.locale import N_, Locale
from kamplay.show.registry import FindingSpec, chart, plot, register_findings, sheet, table
from kamplay.show.table import ACCOUNT, ACCOUNT_COLUMNS, REVENUE, Column, Sheet, html_table, with_names
from kamplay.show.texts.vocabulary import ACTIONS, SIGN_ACTIONS, SIGN_NAMES
from kamplay.show.view import View, current

if TYPE_CHECKING:
    from matplotlib.axes import Axes

QUADRANTS = {
    "expand": N_("protect and expand"),
    "protect": N_("hold"),
    "grow": N_("develop"),
    "maintain": N_("keep simple"),
}
VALUE_BASES = {
    "profit": N_("profit"),
    "margin": N_("margin"),
    "extended": N_("at the average rate"),
    "revenue": N_("revenue"),
}
POTENTIAL_BASES = {
    "measured": N_("wallet, measured"),
    "estimated": N_("wallet, estimated"),
    "white_space": N_("white space"),
    "forecast": N_("forecast"),
}
BANDS = {
    "low": N_("low"),
    "medium": N_("medium"),
    "high": N_("high"),
    "stopped": N_("stopped"),
    "once": N_("bought once"),
    "": "–",
}
REASONS = {
    "leaving": N_("falling health"),
    "overdue": N_("overdue bills"),
    "weak": N_("weak finances"),
    **SIGN_NAMES,
    "once": N_("bought once"),
}

HIGH_NAMED = 6  # of those at high risk, in the caption
# names at most, of each kind
NAMED = {"guard": 4, "large": 3, "grow": 2}
NAMED_NARROW = {"guard": 2, "large": 1, "grow": 1}
# accounts that are drawn one by one; of more only these many stand out, the others are counted by the square
SINGLE, STANDING_OUT = 400, 120
HOVER = 120  # the largest accounts tell more when pointed at; each costs the page some 200 bytes
LARGEST, INKED = 480.0, 0.14  # square points of the largest mark; of the map under ink
STRIP = 0.09  # of the width or height: for what has no place on an axis
DECADES = 5  # of value that the axis spans at most; the little below lies on its lower end
SQUARE = 9.0  # points across
SQUARE_SIDE = 0.886  # of a square with the area of a circle of 1 across
SMALL, STEP = 3.4, 1.25  # points across the smallest mark; from one size to the next
LEGEND = {
    "low": N_("low risk"),
    "medium": N_("medium risk"),
    "high": N_("high risk"),
    "stopped": N_("stopped"),
    "once": N_("bought once"),
}
SHAPES = {"S": "D", "A": "s", "B": "o", "C": "o", "": "o"}
EDGES = {"S": (INK, 1.1), "A": (INK, 1.1), "B": (INK, 0.7)}  # level C, or none, has a white rim


@plot
def portfolio_map_plot(health: Health) -> Plot | None:
    """Value over potential, a colour for each risk; names on those that matter most."""
    accounts, view = health.portfolio_map.accounts, current()
    locale = view.locale
    if accounts.empty or accounts["potential_rank"].isna().all() or not view.one_by_one:
        return None
    drawn = accounts[(accounts["value"] > 0) & accounts["potential_rank"].notna()]
    drawn = drawn.assign(_id=drawn.index).sort_values(["revenue", "_id"], ascending=[False, True])
    apart = drawn.index[drawn["risk_band"].isin(["high", "stopped"])][: SINGLE // 4]
    others = drawn.index.difference(apart, sort=False)[: SINGLE - len(apart)]
    drawn = drawn.loc[drawn.index.isin(apart.union(others))]
    if drawn.empty:
        return None
    named = set(accounts.index[accounts_to_name(accounts, NAMED_NARROW)])
    scale, unit = locale.money_scale(float(drawn["value"].max()), coarse=True)
    series = []
    for band, words in LEGEND.items():
        rows = drawn[drawn["risk_band"] == band]
        if len(rows):
            labels = tuple(view.name(a) if a in named else "" for a in rows.index)
            heights_, at = (rows["value"] / scale).round(4), rows["potential_rank"].round(4)
            series.append(Series(locale.text(words), tuple(heights_), RISK_COLOURS[band], tuple(at), labels))
    caption = [
        locale.text(
            N_(
                "The higher an account, the more it contributes; the further right, the more "
                "could still come from it."
            )
        )
    ]
    caption.append(_what_potential_is(accounts, locale))
    if len(drawn) < len(accounts):
        left_out = N_("{count:n} accounts without a known potential, at a loss or small are not drawn.")
        caption.append(locale.say(left_out, count=len(accounts) - len(drawn)))
    basis = locale.text(VALUE_BASES[health.portfolio_map.value_basis])
    axes = (
        locale.text(N_("potential, lowest to highest")),
        locale.say(N_("{what} ({unit})"), what=basis, unit=unit),
    )
    log = heights(drawn["value"])[2]
    said, message = locale.sentences(*caption), _message(accounts, locale)
    return Plot("cloud", (), tuple(series), said, "#,##0", "0%", axes, log, message)


@chart
def portfolio_map_chart(health: Health) -> Display:
    """Value by potential: area is revenue, colour the risk, shape the level, names on those that matter; the
    largest tell more on hover.
    """
    accounts, locale = health.portfolio_map.accounts, current().locale
    if accounts.empty or accounts["potential_rank"].isna().all() or not current().one_by_one:
        return NOTHING
    basis = VALUE_BASES[health.portfolio_map.value_basis]
    accounts = accounts.assign(_id=accounts.index).sort_values(["revenue", "_id"], ascending=[False, True])

    def draw(axes: Axes, view: View, narrow: bool) -> list[Spot]:
        figure: Any = axes.figure
        places = _ground(axes, view, accounts, basis, narrow)
        figure.draw_without_rendering()  # settles where the map lies, so that labels can be placed
        figure.set_layout_engine("none")
        return _accounts(axes, view, accounts, places, narrow)

    caption = [
        locale.text(
            N_(
                "Higher: contributes more. Further right: more potential. Area is revenue. Lines: "
                "the median account by value, the middle of potential."
            )
        )
    ]
    caption += filter(None, [_at_high_risk(accounts, current())])
    caption.append(_what_potential_is(accounts, locale))
    if (accounts["risk_band"].isin(["high", *APART]) & (accounts["potential_rank"] >= 0.5)).any():
        message = N_(
            "On the right too, accounts at high risk, stopped or bought once count as hold or keep simple."
        )
        caption.append(locale.text(message))
    if len(accounts) > SINGLE:
        message = N_(
            "Dots behind: {count:n} other accounts, the larger the dot, the more of them, in the "
            "colour of their mean risk."
        )
        behind = ~standing_out(accounts, accounts_to_name(accounts, NAMED))
        caption.append(locale.say(message, count=int(behind.sum())))
    caption.append(locale.text(N_("On a screen with a pointer, the largest tell more when pointed at.")))
    message = _message(accounts, locale)
    return draw_chart(draw, locale.sentences(*caption), _alt(accounts, locale), height=1.35, message=message)


def _what_potential_is(accounts: pd.DataFrame, locale: Locale) -> str:
    """What the accounts are ranked by from left to right."""
    if set(accounts["potential_basis"]) - {""} == {"forecast"}:
        return locale.text(
            N_(
                "Potential: what the forecast of the next 12 months has beyond the revenue of the last 12; "
                "an account that fell and is expected to recover stands on the right, whatever its risk."
            )
        )
    return locale.text(
        N_(
            "Potential is the first of these that is known: what it purchases elsewhere, what categories "
            "that only its peers buy are worth, what the forecast has beyond its revenue."
        )
    )


def _message(accounts: pd.DataFrame, locale: Locale) -> str:
    """How many accounts of the upper half are at high risk, and how much of all revenue they bring."""
    upper = accounts[upper_half(accounts["value"])]
    high = upper[upper["risk_band"] == "high"]
    if high.empty:
        return locale.text(N_("None of the accounts that contribute most is at high risk."))
    return locale.say(
        N_(
            "Of the {count:n} accounts that contribute most, half of all, {high:n} {high:plural|is|are} at "
            "high risk, with {share:pct} of revenue."
        ),
        high=len(high),
        count=len(upper),
        share=high["revenue"].sum() / accounts["revenue"].sum(),
    )


def _at_high_risk(accounts: pd.DataFrame, view: View) -> str:
    """Who is counted as at high risk, the largest first; "" where nobody is."""
    upper = accounts[upper_half(accounts["value"])]
    names = [view.name(account) for account in upper.index[upper["risk_band"] == "high"]]
    if not names:
        return ""
    message = N_("At high risk: {names}; the table of all accounts can be filtered by risk.")
    return view.locale.say(message, names=view.locale.accounts(names, most=HIGH_NAMED))


def _alt(accounts: pd.DataFrame, locale: Locale) -> str:
    message = N_(
        "{field} {count:n} {count:plural|account|accounts}, {share:pct} of revenue, {high:n} at high risk"
    )
    parts = []
    for quadrant, words in QUADRANTS.items():
        rows = accounts[accounts["quadrant"] == quadrant]
        share = rows["revenue"].sum() / accounts["revenue"].sum()
        high = int((rows["risk_band"] == "high").sum())
        parts.append(locale.say(message, field=locale.text(words), count=len(rows), share=share, high=high))
    return locale.say(N_("Account asset map, value by potential: {parts}."), parts=join_parts(parts, locale))


def heights(value: pd.Series) -> tuple[pd.Series, float, bool]:
    """``(height of each, lowest height of a gain, whether in powers of ten)``: logarithms where the largest
    is over ten times the middle.

    Gains below the lowest lie on it. Losses have no logarithm; theirs is the strip below.
    """
    gains = value[value > 0]
    log = len(gains) > 0 and gains.max() > 10 * gains.median()
    if not log:
        return value.clip(lower=0.0), 0.0, False
    low = float(np.log10(max(gains.quantile(0.01, interpolation="lower"), gains.max() / 10**DECADES)))
    return np.log10(value.where(value > 0, 10**low)).clip(lower=low), low, True


def _ground(axes: Axes, view: View, accounts: pd.DataFrame, basis: str, narrow: bool) -> pd.DataFrame:
    """Axes, lines, the quadrants' names and the legend; returns where each account lies (x, y)."""
    locale, size = view.locale, 8.2 if narrow else 9
    y, low, log = heights(accounts["value"])
    top = float(y.max()) if y.max() > low else low + 1
    tall = top - low
    loss, unknown = accounts["value"] <= 0, accounts["potential_rank"].isna()
    bottom = low - (STRIP + 0.06) * tall if loss.any() else low - 0.04 * tall
    left = -(STRIP + 0.05) if unknown.any() else -0.04
    axes.set(xlim=(left, 1.06), ylim=(bottom, top + 0.16 * tall))
    for side in axes.spines.values():
        side.set_visible(True)
    median = float(accounts["value"].median())
    middle = max(median, 0.0) if not log else max(low, float(np.log10(median))) if median > 0 else low
    axes.axvline(0.5, color=QUIET, linewidth=0.9)
    axes.axhline(middle, color=QUIET, linewidth=0.9)
    scale, unit = locale.money_scale(float(accounts["value"].max()), coarse=True)
    ticks = _ticks(low, top, log)
    labels = [_tick_label(locale, (10**t if log else t) / scale) for t in ticks]
    if loss.any():
        axes.axhline(low - 0.04 * tall, color=RULE, linewidth=0.7)
        ticks, labels = [low - STRIP * tall, *ticks], [locale.text(N_("loss")), *labels]
    axes.set_yticks(ticks, labels)
    xs, words = [0.0, 0.5, 1.0], [N_("lowest"), N_("middle"), N_("highest")]
    if unknown.any():
        axes.axvline(-0.04, color=RULE, linewidth=0.7)
        xs, words = [-STRIP, *xs[1:]], [N_("unknown"), *words[1:]]
    axes.set_xticks(xs, [locale.text(w) for w in words])
    axes.set_xlabel(locale.text(N_("potential of the next 12 months, by rank")))
    axes.set_ylabel(locale.say(N_("{value}, {unit}"), value=locale.text(basis), unit=unit))
    begin, high, deep = -0.03, top + 0.15 * tall, low - 0.03 * tall  # beside the strips
    for quadrant, x, ha, height, va in (
        ("protect", begin, "left", high, "top"),
        ("expand", 1.04, "right", high, "top"),
        ("maintain", begin, "left", deep, "bottom"),
        ("grow", 1.04, "right", deep, "bottom"),
    ):
        axes.text(x, height, locale.text(QUADRANTS[quadrant]), ha=ha, va=va, fontsize=size, color=QUIET)
    _legend(axes, locale, accounts, size, narrow)
    return pd.DataFrame(
        {"x": accounts["potential_rank"].fillna(-STRIP), "y": y.where(~loss, low - STRIP * tall)}
    )


def _ticks(low: float, top: float, log: bool) -> list[float]:
    if log:
        return [float(t) for t in range(int(np.ceil(low)), int(np.floor(top)) + 1)] or [low, top]
    from matplotlib.ticker import MaxNLocator

    ticks = MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10]).tick_values(low, top)
    return [float(t) for t in ticks if low <= t <= top]


def _tick_label(locale: Locale, value: float) -> str:
    """In as many decimals as it needs to be more than 0."""
    if value <= 0 or round(value, 6).is_integer():
        return locale.number(value)
    return locale.number(value, 1 if value >= 0.1 else int(np.ceil(-np.log10(value) - 1e-9)))


def _legend(axes: Axes, locale: Locale, accounts: pd.DataFrame, size: float, narrow: bool) -> None:
    bands, levels = set(accounts["risk_band"]), set(accounts["level"])
    handles = [
        axes.plot([], [], "o", color=RISK_COLOURS[band], markersize=6, label=locale.text(words))[0]
        for band, words in LEGEND.items()
        if band in bands
    ]
    for level in LEVELS:
        if level in levels:
            edge, width = EDGES.get(level, (QUIET, 0.4))
            label = locale.say(N_("level {level}"), level=level)
            style: dict[str, Any] = {"markeredgecolor": edge, "markeredgewidth": width, "markersize": 5.5}
            handles += axes.plot([], [], SHAPES[level], color=GROUND, label=label, **style)
    axes.legend(
        handles=handles,
        frameon=False,
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=3 if narrow else 7,
        fontsize=size,
        borderaxespad=0.1,
        handletextpad=0.1,
        columnspacing=1.0,
    )


def _accounts(
    axes: Axes, view: View, accounts: pd.DataFrame, places: pd.DataFrame, narrow: bool
) -> list[Spot]:
    """Squares, marks and names, in points from the figure's lower left corner, whose short numbers make a
    small file; and the spots.
    """
    from matplotlib.transforms import Affine2D

    figure: Any = axes.figure
    box = axes.get_window_extent()
    points = np.round(axes.transData.transform(places.to_numpy(float)) * 72 / figure.dpi * 2) / 2
    ground = box.width * box.height * (72 / figure.dpi) ** 2
    revenue = accounts["revenue"].to_numpy(float)
    scale = min(LARGEST * (0.5 if narrow else 1.0) / revenue.max(), INKED * ground / revenue.sum())
    size = circle_diameters(revenue * scale, SMALL, STEP)
    named = accounts_to_name(accounts, NAMED_NARROW if narrow else NAMED)
    single = np.ones(len(accounts), dtype=bool)
    if len(accounts) > SINGLE:
        single = standing_out(accounts, named)
    inches = Affine2D().scale(1 / 72) + figure.dpi_scale_trans
    band = accounts["risk_band"]
    colour = band.map(RISK_COLOURS).fillna(RULE).to_numpy(object)
    draw_mass(axes, points[~single], band.to_numpy(object)[~single], inches)
    level = accounts["level"].to_numpy(object)
    draw_marks(axes, points[single], size[single], colour[single], level[single], inches)
    texts = [one_line(view.name(str(accounts.index[n]))) for n in named]
    reach = _reach(size, level)
    place_labels(axes, texts, points, reach, named, single, inches, 7.6 if narrow else 8.2)
    if narrow:
        return []
    across, down = (float(v) * 72 for v in figure.get_size_inches())
    return [
        Spot(
            points[n][0] / across,
            1 - points[n][1] / down,
            max(size[n], 7.0) / across,
            _on_hover(view, str(accounts.index[n]), accounts.iloc[n]),
        )
        for n in np.flatnonzero(single)[:HOVER]
    ]


def _on_hover(view: View, account: str, row: pd.Series) -> str:
    """An account in a line: level, value, potential and its basis, risk and its reason."""
    locale = view.locale
    level = locale.say(N_(" (level {level})"), level=row["level"]) if row["level"] else ""
    parts = [locale.say(N_("value {value:money}"), value=row["value"])]
    if row["potential_basis"]:
        basis = locale.text(POTENTIAL_BASES[row["potential_basis"]])
        message = N_("potential {potential:money} ({basis})")
        parts.append(locale.say(message, potential=row["potential"], basis=basis))
    if row["risk_band"] in APART:
        parts.append(locale.text(REASONS[row["reason"]]))
    elif row["risk_band"]:
        message = N_("risk {risk} ({why})") if row["reason"] else N_("risk {risk}")
        why = locale.text(REASONS[row["reason"]]) if row["reason"] else ""
        parts.append(locale.say(message, risk=locale.text(BANDS[row["risk_band"]]), why=why))
    message, listed = N_("{name}{level}: {parts}"), locale.text(N_(", ")).join(parts)
    return locale.say(message, name=view.name(account), level=level, parts=listed)


def accounts_to_name(accounts: pd.DataFrame, most: dict[str, int]) -> list[int]:
    """Places in ``accounts`` of those to name, the most important first: to guard, the largest by value, to
    grow.
    """
    rows = accounts.reset_index(drop=True)
    guard, grow = (
        rows[rows["priority"] == kind].sort_values("priority_rank").index[: most[kind]].tolist()
        for kind in ("guard", "grow")
    )
    by_value = rows.sort_values("value", ascending=False, kind="stable").index
    large = by_value[~by_value.isin(guard + grow)].tolist()
    return guard + large[: max(0, sum(most.values()) - len(guard) - len(grow))] + grow


def standing_out(accounts: pd.DataFrame, named: list[int]) -> np.ndarray:
    """Which of many accounts are drawn one by one: the named, those that matter most, the largest at high
    risk and stopped, the rest by revenue.
    """
    first = accounts["priority_rank"].fillna(np.inf).to_numpy(float)
    apart = accounts["risk_band"].isin(["high", "stopped"]).to_numpy()
    apart = apart & (np.cumsum(apart) <= STANDING_OUT // 2)  # by falling revenue
    order = np.lexsort((np.arange(len(accounts)), np.select([first <= 20, apart], [0, 1], 2)))
    out = np.zeros(len(accounts), dtype=bool)
    out[order[:STANDING_OUT]] = True
    out[named] = True
    return out


def draw_mass(axes: Axes, points: Any, band: Any, inches: Any) -> None:
    """The other accounts by squares: a faint dot in each, its size how many, its colour the mean of their
    bands (grey where none has one).
    """
    if not len(points):
        return
    cells = pd.DataFrame(np.floor(points / SQUARE) * SQUARE + SQUARE / 2, columns=["x", "y"])
    place = pd.Series(band).map({name: n for n, name in enumerate(IN_ORDER)}).to_numpy("float64")
    by = cells.assign(place=place).groupby(["x", "y"], as_index=False)
    dots = by.agg(count=("place", "size"), place=("place", "mean"))
    width = np.select([dots["count"] <= 1, dots["count"] <= 3, dots["count"] <= 9], [2.0, 3.2, 4.6], 6.2)
    known = dots["place"].fillna(0.0).round().astype(int)
    names = np.where(dots["place"].isna(), "once", np.array(IN_ORDER, dtype=object)[known])
    dots = dots.assign(width=width, colour=[RISK_COLOURS[name] for name in names])
    for (colour, across), rows in dots.groupby(["colour", "width"]):
        _draw_dots(axes, rows[["x", "y"]].to_numpy(float), across, colour, inches, alpha=0.55)


def _reach(size: Any, level: Any) -> Any:
    """How far across each mark reaches with its rim, in points; a diamond to its corners."""
    rim = np.array([2 * EDGES.get(name, (WHITE, 0.5))[1] for name in level])
    corners = np.array([SHAPES[name] == "D" for name in level])
    return np.where(corners, (size * SQUARE_SIDE + rim) * np.sqrt(2), size + rim)


def draw_marks(axes: Axes, points: Any, size: Any, colour: Any, level: Any, inches: Any) -> None:
    """One mark an account, large ones below small.

    Those of one size, level and colour are one path in the file: a tenth of what a mark of its own for each
    account takes, as a scatter plot of seaborn or matplotlib writes it.
    """
    groups: dict[tuple[float, str], dict[str, list[int]]] = {}
    for n, (width, name, fill) in enumerate(zip(size, level, colour, strict=True)):
        groups.setdefault((-width, name), {}).setdefault(fill, []).append(n)
    for (width, name), fills in sorted(groups.items()):
        edge, line = EDGES.get(name, (WHITE, 0.5))
        side = -width if SHAPES[name] == "o" else -width * SQUARE_SIDE
        every = [n for rows in fills.values() for n in rows]
        if edge != WHITE or -width > 2 * SMALL:
            _draw_dots(axes, points[every], side + 2 * line, edge, inches, SHAPES[name], zorder=3)
        for fill, rows in sorted(fills.items()):
            _draw_dots(axes, points[rows], side, fill, inches, SHAPES[name], zorder=3)


def _draw_dots(
    axes: Axes,
    points: Any,
    width: float,
    colour: str,
    inches: Any,
    shape: str = "o",
    alpha: float | None = None,
    zorder: int = 2,
) -> None:
    """Dots in one path. Round and square ones are lines of no length, which show their ends only; diamonds
    (D) have their corners.
    """
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    if shape == "D":
        corners = np.array([[0, 1], [1, 0], [0, -1], [-1, 0], [0, 1]]) * width * np.sqrt(0.5)
        vertices = (points[:, None] + np.round(corners, 1)).reshape(-1, 2)
        codes, line = [Path.MOVETO, *[Path.LINETO] * 3, Path.CLOSEPOLY], 0.0
    else:
        vertices, codes, line = np.repeat(points, 2, axis=0), [Path.MOVETO, Path.LINETO], round(width, 2)
    patch = PathPatch(
        Path(vertices, np.tile(codes, len(points))),
        facecolor=colour,  # filled, though a line has nothing to fill: without a fill it is simplified away
        edgecolor=colour,
        linewidth=line,
        alpha=alpha,
        transform=inches,
        capstyle="projecting" if shape == "s" else "round",
        zorder=zorder,
    )
    axes.add_patch(patch)


ROWS = {"guard": 5, "grow": 3}  # of each kind; one that has fewer leaves its rows to the other
GUARD = {"leaving": ACTIONS["ask_change"], **SIGN_ACTIONS}
GROW = {
    "measured": N_("Ask what it takes to win more of its purchases"),
    "estimated": N_("Find out what it really purchases, then offer"),
    "white_space": ACTIONS["targeted_offer"],
    "forecast": N_("Find out whether its growth goes on"),
}


LEVEL = Column("level", N_("Level"), extra=True)
VALUE = Column("value", N_("Contribution"), "money")


@sheet
def portfolio_map_sheet(health: Health) -> Sheet:
    """Where every account stands on the map, and why."""
    columns = [
        *ACCOUNT_COLUMNS,
        LEVEL,
        REVENUE,
        VALUE,
        Column("potential", N_("Potential"), "money"),
        Column("potential_basis", N_("Potential rests on"), POTENTIAL_BASES),
        Column("risk_band", N_("Risk"), BANDS),
        Column("reason", N_("Main risk"), REASONS),
        Column("quadrant", N_("Place on the map"), QUADRANTS),
    ]
    return Sheet(N_("Account asset map"), health.portfolio_map.accounts.replace("", None), columns)


@table
def portfolio_map_table(health: Health) -> Display:
    """High value at high risk, then low value with high potential; as many of each as ROWS says."""
    locale, accounts = current().locale, health.portfolio_map.accounts
    if not current().one_by_one:
        return NOTHING
    guard, grow = (
        accounts[accounts["priority"] == kind].sort_values("priority_rank") for kind in ("guard", "grow")
    )
    if grow["potential"].max() < LEAST_EACH * accounts["revenue"].sum():
        grow = grow.iloc[:0]  # an offer to all of them, and no list
    shown = pd.concat(
        [
            guard.head(ROWS["guard"] + max(0, ROWS["grow"] - len(grow))),
            grow.head(ROWS["grow"] + max(0, ROWS["guard"] - len(guard))),
        ]
    )
    rows = [_row(row, locale) for _, row in shown.iterrows()]
    frame = with_names(shown).assign(**{c: [row[c] for row in rows] for c in ("could", "danger", "todo")})
    columns = [
        ACCOUNT,
        LEVEL,
        VALUE,
        Column("could", N_("Potential, and from where")),
        Column("danger", N_("Risk, and why")),
        Column("todo", N_("What to do"), css="long"),
    ]
    if (frame["level"] == "").all():
        columns = [c for c in columns if c.key != "level"]
    caption = N_(
        "The accounts that matter: first high contribution at high risk, then little "
        "contribution with much potential. Contribution is {value} of the last 12 months; risk is "
        "high for accounts on the priority list or with a sign that calls for action. Nobody is "
        "listed for growth who shows a warning sign, or has to pay or to agree on terms first."
    )
    basis = locale.text(VALUE_BASES.get(health.portfolio_map.value_basis, ""))
    return html_table(frame, columns, locale.say(caption, value=basis), most=sum(ROWS.values()))


def _row(row: pd.Series, locale: Locale) -> dict[str, str]:
    """Potential, risk and what to do about an account, in words."""
    could, danger = "–", locale.text(BANDS[row["risk_band"]])
    if row["potential_basis"]:
        why = locale.text(POTENTIAL_BASES[row["potential_basis"]])
        could = locale.say(N_("{amount:money} ({why})"), amount=row["potential"], why=why)
    if row["reason"]:
        danger = locale.say(N_("{risk} ({why})"), risk=danger, why=locale.text(REASONS[row["reason"]]))
    todo = GUARD[row["reason"]] if row["priority"] == "guard" else GROW[row["potential_basis"]]
    return {"could": could, "danger": danger, "todo": locale.text(todo)}


def _basis(finding: Finding, locale: Locale) -> Mapping[str, object]:
    return {"basis": locale.text(POTENTIAL_BASES[finding.figures["potential_on"]])}


BASIS_COUNTS = {
    "measured_accounts": N_("measured purchases for {count:n}"),
    "estimated_accounts": N_("estimated purchases for {count:n}"),
    "white_space_accounts": N_("white space for {count:n}"),
    "forecast_accounts": N_("the forecast alone for {count:n}"),
    "unknown_accounts": N_("unknown for {count:n}"),
}
RISK_PARTS = {
    "low": N_(
        "{share:pct} low ({count:n} {count:plural|account|accounts}: green or inside their own rhythm, "
        "without a sign)"
    ),
    "medium": N_(
        "{share:pct} medium ({count:n}: in danger by the chance of stopping alone, a weaker sign, a health "
        "that is not green, or money long overdue)"
    ),
    "high": N_("{share:pct} high ({count:n}: on the priority list, or with a sign that calls for action)"),
    "once": N_("{share:pct} from {count:n} that bought once"),
    "stopped": N_("{share:pct} from {count:n} that plainly stopped"),
}


def _basis_counts(finding: Finding, locale: Locale) -> dict[str, str]:
    return {"parts": counts(BASIS_COUNTS, finding.figures, locale)}


def _risk_parts(finding: Finding, locale: Locale) -> dict[str, str]:
    figures = finding.figures
    parts = [
        locale.say(text, share=figures[f"{band}_share"], count=figures[f"{band}_accounts"])
        for band, text in RISK_PARTS.items()
        if figures[f"{band}_accounts"]
    ]
    return {"parts": locale.words(parts, most=len(parts))}


ASSET_GROW_OFFER = {
    "asset_grow_offer": N_(
        "Account owners: pick those worth an offer, {first} first; check that "
        "the potential is real before offering."
    )
}
ASSET_ASK_WALLET = {
    "asset_ask_wallet": N_(
        "Account owners: estimate the yearly purchases of the largest accounts; only then "
        "does it show what could still be won."
    )
}


def _measured(finding: Finding, locale: Locale) -> dict[str, str]:
    """``basis``: by what the accounts' value is measured, which is revenue where costs are not known."""
    by_revenue = finding.figures["on"] == "revenue"
    return {"basis": locale.text(N_("revenue") if by_revenue else N_("contribution"))}


register_findings(
    FindingSpec(
        "asset_guard",
        "portfolio_map",
        N_(
            "Of the {large:n} accounts that contribute most, {count:n} {count:plural|is|are} at high "
            "risk, with {share:pct} of all {basis} ({value:money}): {names}."
        ),
        words=_measured,
        actions={
            "asset_guard_plan": N_(
                "Management: name one person for each of these accounts, {three} first, who says by "
                "the date in the plan what removes the risk."
            )
        },
    ),
    FindingSpec(
        "asset_safe",
        "portfolio_map",
        N_("None of the {large:n} accounts that contribute most is at high risk."),
    ),
    FindingSpec(
        "asset_stopped",
        "portfolio_map",
        N_(
            "{count:n} of the accounts that contribute most {count:plural|has|have} plainly stopped "
            "buying ({revenue:money} in the last 12 months) and {count:plural|is|are} no risk any "
            "more but a loss: {names}."
        ),
        actions={
            "asset_decide": N_(
                "Head of sales: decide for each: win back, with a name and a date, or close, with "
                "the reason noted."
            )
        },
    ),
    FindingSpec(
        "asset_grow",
        "portfolio_map",
        N_(
            "{count:n} {count:plural|account|accounts} at low risk "
            "{count:plural|contributes|contribute} little today ({value:money} together) and could "
            "bring up to {potential:money} more in the next 12 months: {names}."
        ),
        actions=ASSET_GROW_OFFER,
    ),
    FindingSpec(
        "asset_grow_many",
        "portfolio_map",
        N_(
            "{count:n} accounts at low risk contribute little today ({value:money} together) and could bring "
            "up to {potential:money} more in the next 12 months, none of them more than {most:money}: too "
            "little each for a list."
        ),
        actions={
            "asset_offer_to_all": N_(
                "Marketing: one offer by mail or web to all of them, which the workbook lists; look after a "
                "quarter who took it."
            )
        },
    ),
    FindingSpec(
        "asset_grow_little",
        "portfolio_map",
        N_(
            "No list to grow: the {count:n} {count:plural|account|accounts} at low risk that "
            "{count:plural|contributes|contribute} little could bring up to {potential:money} more "
            "together, {share:pct} of a year's revenue. Standard service is enough."
        ),
    ),
    FindingSpec(
        "asset_grow_one",
        "portfolio_map",
        N_(
            "{first} contributes little today and could bring up to {first_potential:money} more in "
            "the next 12 months (by {basis}). The {rest:n} other {rest:plural|account|accounts} at "
            "low risk that {rest:plural|contributes|contribute} little could bring up to "
            "{rest_potential:money} together."
        ),
        actions=ASSET_GROW_OFFER,
        words=_basis,
    ),
    FindingSpec(
        "asset_no_potential",
        "portfolio_map",
        N_(
            "For none of the {accounts:n} accounts is it known what could still come: no purchases "
            "elsewhere, no categories to compare, no forecast of more."
        ),
        actions=ASSET_ASK_WALLET,
    ),
    FindingSpec(
        "asset_little_potential",
        "portfolio_map",
        N_(
            "By what is known, all {accounts:n} accounts together could bring {potential:money} more in the "
            "next 12 months, {share:pct} of revenue: too little to place them by it, so there is no map."
        ),
        actions=ASSET_ASK_WALLET,
    ),
    FindingSpec(
        "asset_none",
        "portfolio_map",
        N_("No account bought in the last 12 months, so there is no account asset map."),
    ),
    FindingSpec(
        "asset_basis",
        "portfolio_map_basis",
        N_(
            "What the potential of {accounts:n} accounts rests on: {parts}. As these differ in size, each "
            "account is ranked among those of its own basis."
        ),
        words=_basis_counts,
        actions=ASSET_ASK_WALLET,
    ),
    FindingSpec("asset_risk", "portfolio_map_basis", N_("Revenue by risk: {parts}."), words=_risk_parts),
    FindingSpec(
        "asset_extended",
        "portfolio_map_basis",
        N_(
            "For {count:n} {count:plural|account|accounts} without cost, value is revenue at the "
            "average rate of the others."
        ),
    ),
)
