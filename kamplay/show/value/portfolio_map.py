"""The account asset map of step 2: value by potential, coloured by risk, readable with fifty accounts and
with thousands.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kamplay.method.results import Finding
from kamplay.method.value.portfolio_map import APART, HIGH, MATTER, MEDIUM
from kamplay.method.value.step import Value
from kamplay.show.chart import INK, QUIET, RULE, Spot, draw_chart, join_parts, one_line
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_, Locale
from kamplay.show.map_labels import place_labels
from kamplay.show.registry import FindingSpec, chart, register_findings, table
from kamplay.show.table import ACCOUNT, Column, html_table, with_names
from kamplay.show.view import View, current
from kamplay.show.vocabulary import ACTIONS, SIGN_ACTIONS, SIGN_NAMES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NAMED, NAMED_NARROW = (
    {"guard": 4, "large": 3, "grow": 2},
    {"guard": 2, "large": 1, "grow": 1},
)  # names at most, of each kind
# accounts that are drawn one by one; of more only these many stand out, the others are counted by the square
SINGLE = 400
STANDING_OUT = 120
HOVER = 120  # the largest accounts tell more when pointed at; each costs the page some 200 bytes
LARGEST, INKED = 480.0, 0.14  # square points of the largest mark; of the map under ink
ASIDE = 0.09  # of the width or height: a strip for what has no place on an axis
DECADES = 5  # of value that the axis spans at most; the little below lies on its lower end


@chart
def portfolio_map_chart(value: Value) -> Display:
    """Value by potential: area is revenue, colour the risk, shape the level, names on those that matter; the
    largest tell more on hover.
    """
    frame = value.portfolio_map.asset_map
    if frame.empty or frame["potential_index"].isna().all():
        return NOTHING
    locale = current().locale
    frame = (
        frame.assign(_id=frame.index)
        .sort_values(["revenue", "_id"], ascending=[False, True])
        .drop(columns="_id")
    )

    def draw(axes: Axes, view: View, narrow: bool) -> list[Spot] | None:
        spread = _ground(axes, view, frame, narrow)
        axes.figure.draw_without_rendering()  # type: ignore[union-attr]  # settles where the map lies, so that labels can be placed
        axes.figure.set_layout_engine("none")  # type: ignore[union-attr]
        return _accounts(axes, view, frame, spread, narrow)

    said = [
        locale.text(
            N_(
                "The higher an account, the more it contributes; the further right, the more could still come from it. Area is revenue. "
                "Lines: the middle account by value, the middle of potential."
            )
        )
    ]
    if len(frame) > SINGLE:
        message = N_(
            "Dots behind: {count:n} other accounts, the larger the dot, the more of them, in the "
            "colour of their mean risk."
        )
        said.append(
            locale.say(
                message, count=len(frame) - int(standing_out(frame, portfolio_names(frame, NAMED)).sum())
            )
        )
    said.append(locale.text(N_("On a screen with a pointer, the largest tell more when pointed at.")))
    caption = (" " if locale.language == "en" else "").join(said)
    return draw_chart(draw, caption, _alt(frame, locale), height=1.35)


def _alt(frame: pd.DataFrame, locale: Locale) -> str:
    total = frame["revenue"].sum()
    parts = []
    for field, words in FIELD.items():
        rows = frame[frame["field"] == field]
        high = int((rows["risk_band"] == "high").sum())
        message = N_(
            "{field} {count:n} {count:plural|account|accounts}, {share:pct} of revenue, {high:n} at high risk"
        )
        parts.append(
            locale.say(
                message,
                field=locale.text(words),
                count=len(rows),
                share=rows["revenue"].sum() / total,
                high=high,
            )
        )
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


def _ground(axes: Axes, view: View, frame: pd.DataFrame, narrow: bool) -> pd.DataFrame:
    """Axes, lines, the fields' names and the legend; returns where each account lies (x, y)."""
    locale, size = view.locale, 8.2 if narrow else 9
    y, low, log = heights(frame["value"])
    top = float(y.max()) if y.max() > low else low + 1
    tall = top - low
    lost, unknown = frame["value"] <= 0, frame["potential_index"].isna()
    bottom = low - (ASIDE + 0.06) * tall if lost.any() else low - 0.04 * tall
    left = -(ASIDE + 0.05) if unknown.any() else -0.04
    axes.set(xlim=(left, 1.06), ylim=(bottom, top + 0.16 * tall))
    places = pd.DataFrame(
        {"x": frame["potential_index"].fillna(-ASIDE), "y": y.where(~lost, low - ASIDE * tall)}
    )
    for side in axes.spines.values():
        side.set_visible(True)
    middle = float(heights_of(frame["value"].median(), low, log))
    axes.axvline(0.5, color=QUIET, linewidth=0.9)
    axes.axhline(middle, color=QUIET, linewidth=0.9)
    scale, unit = locale.money_scale(float(frame["value"].max()), coarse=True)
    ticks = _ticks(low, top, log)
    said = [_figure(locale, (10**t if log else t) / scale) for t in ticks]
    if lost.any():
        axes.axhline(low - 0.04 * tall, color=RULE, linewidth=0.7)
        ticks, said = [low - ASIDE * tall, *ticks], [locale.text(N_("loss")), *said]
    axes.set_yticks(ticks, said)
    xs, words = [0.0, 0.5, 1.0], [N_("lowest"), N_("middle"), N_("highest")]
    if unknown.any():
        axes.axvline(-0.04, color=RULE, linewidth=0.7)
        xs, words = [-ASIDE, *xs[1:]], [N_("unknown"), *words[1:]]
    axes.set_xticks(xs, [locale.text(w) for w in words])
    axes.set_xlabel(locale.text(N_("potential of the next 12 months, by rank")))
    on = frame["value_on"][frame["value_on"] != "extended"]
    axes.set_ylabel(locale.say(N_("{value}, {unit}"), value=locale.text(VALUE[on.iloc[0]]), unit=unit))
    begin, high, deep = -0.03, top + 0.15 * tall, low - 0.03 * tall  # beside the strips
    corners = (
        ("protect", begin, "left", high, "top"),
        ("expand", 1.04, "right", high, "top"),
        ("maintain", begin, "left", deep, "bottom"),
        ("grow", 1.04, "right", deep, "bottom"),
    )
    for field, x, ha, up, va in corners:
        axes.text(x, up, locale.text(FIELD[field]), ha=ha, va=va, fontsize=size, color=QUIET)
    _legend(axes, locale, frame, size, narrow)
    return places


def heights_of(value: float, low: float, log: bool) -> float:
    return max(low, float(np.log10(value))) if log and value > 0 else low if log else max(value, 0.0)


def _ticks(low: float, top: float, log: bool) -> list[float]:
    if log:
        return [float(t) for t in range(int(np.ceil(low)), int(np.floor(top)) + 1)] or [low, top]
    from matplotlib.ticker import MaxNLocator

    return [
        float(t)
        for t in MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10]).tick_values(low, top)
        if low <= t <= top
    ]


def _figure(locale: Locale, value: float) -> str:
    """In as many decimals as it needs to be more than 0."""
    if value <= 0 or round(value, 6).is_integer():
        return locale.number(value)
    return locale.number(value, 1 if value >= 0.1 else int(np.ceil(-np.log10(value) - 1e-9)))


def _legend(axes: Axes, locale: Locale, frame: pd.DataFrame, size: float, narrow: bool) -> None:
    bands, levels = set(frame["risk_band"]), set(frame["level"])
    shown = [risk for band, risk in RISKS.items() if band in bands]
    handles = [
        axes.plot([], [], "o", color=colour, markersize=6, label=locale.text(words))[0]
        for colour, words in shown
    ]
    for level in ("S", "A", "B", "C"):
        if level in levels:
            edge, width = EDGES.get(level, (QUIET, 0.4))
            label = locale.say(N_("level {level}"), level=level)
            handles.append(
                axes.plot(
                    [],
                    [],
                    SHAPES[level],
                    color="white",
                    markeredgecolor=edge,
                    markeredgewidth=width,
                    markersize=5.5,
                    label=label,
                )[0]
            )
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


def _accounts(axes: Axes, view: View, frame: pd.DataFrame, places: pd.DataFrame, narrow: bool) -> list[Spot]:
    """Squares, marks and names, in points from the figure's lower left corner, whose short numbers make a
    small file; and the spots.
    """
    from matplotlib.transforms import Affine2D

    figure: Any = axes.figure
    box = axes.get_window_extent()
    points = np.round(axes.transData.transform(places.to_numpy(float)) * 72 / figure.dpi * 2) / 2
    ground = box.width * box.height * (72 / figure.dpi) ** 2
    revenue = frame["revenue"].to_numpy(float)
    scale = min(LARGEST * (0.5 if narrow else 1.0) / revenue.max(), INKED * ground / revenue.sum())
    size = widths(revenue * scale)
    chosen = portfolio_names(frame, NAMED_NARROW if narrow else NAMED)
    single = np.ones(len(frame), dtype=bool)
    if len(frame) > SINGLE:
        single = standing_out(frame, chosen)
    inches = Affine2D().scale(1 / 72) + figure.dpi_scale_trans
    colour = frame["risk_band"].map({band: c for band, (c, _) in RISKS.items()}).fillna(RULE).to_numpy(object)
    mass(
        axes,
        points[~single],
        frame["risk"].mask(frame["risk_band"].isin(APART)).to_numpy(float)[~single],
        inches,
    )
    marks(axes, points[single], size[single], colour[single], frame["level"].to_numpy(object)[single], inches)
    texts = [one_line(view.name(str(frame.index[n]))) for n in chosen]
    place_labels(
        axes, texts, points, size, np.array(chosen, dtype=int), single, inches, 7.6 if narrow else 8.2
    )
    if narrow:
        return []
    across, down = (float(v) * 72 for v in figure.get_size_inches())
    shown = [n for n in range(len(frame)) if single[n]][:HOVER]
    said = [
        _told(view, str(frame.index[n]), row)
        for n, row in zip(shown, frame.iloc[shown].itertuples(), strict=True)
    ]
    return [
        Spot(points[n][0] / across, 1 - points[n][1] / down, max(size[n], 7.0) / across, text)
        for n, text in zip(shown, said, strict=True)
    ]


def _told(view: View, account: str, row: Any) -> str:
    """An account in a line: level, value, potential and its basis, risk and its reason."""
    locale = view.locale
    level = locale.say(N_(" (level {level})"), level=row.level) if row.level else ""
    parts = [locale.say(N_("value {value:money}"), value=row.value)]
    if row.potential_on:
        basis = locale.text(BASIS[row.potential_on])
        parts.append(
            locale.say(N_("potential {potential:money} ({basis})"), potential=row.potential, basis=basis)
        )
    if row.risk_band in APART:
        parts.append(locale.text(REASON[row.reason]))
    elif row.risk_band:
        risk = N_("risk {risk} ({why})") if row.reason else N_("risk {risk}")
        why = locale.text(REASON[row.reason]) if row.reason else ""
        parts.append(locale.say(risk, risk=locale.text(RISK[row.risk_band]), why=why))
    return locale.say(
        N_("{name}{level}: {parts}"),
        name=view.name(account),
        level=level,
        parts=locale.text(N_(", ")).join(parts),
    )


def portfolio_names(frame: pd.DataFrame, most: dict[str, int]) -> list[int]:
    """Places in ``frame`` of the accounts to name, the most important first: to guard, the largest by value,
    to grow.
    """
    rows = frame.reset_index(drop=True)
    out = [int(n) for n in rows[rows["matters"] == "guard"].sort_values("place").index[: most["guard"]]]
    grow = [int(n) for n in rows[rows["matters"] == "grow"].sort_values("place").index[: most["grow"]]]
    large = [
        int(n)
        for n in rows.sort_values("value", ascending=False, kind="stable").index
        if n not in out and n not in grow
    ]
    return out + large[: max(0, sum(most.values()) - len(out) - len(grow))] + grow


def standing_out(frame: pd.DataFrame, chosen: list[int]) -> np.ndarray:
    """Which of many accounts are drawn one by one: the named, those that matter most, the rest by revenue."""
    first = frame["place"].fillna(np.inf).to_numpy(float)
    rank = np.lexsort((np.arange(len(frame)), np.where(first <= 20, 0, 1)))
    out = np.zeros(len(frame), dtype=bool)
    out[rank[:STANDING_OUT]] = True
    out[chosen] = True
    return out


RISKS = {  # dark is dangerous: told apart in grey and by the colour-blind, too
    "low": ("#B9CFDC", N_("low risk")),
    "medium": ("#E0A030", N_("medium risk")),
    "high": ("#A3261B", N_("high risk")),
    "stopped": ("#5B5F66", N_("stopped")),
    "once": ("#D3D6DA", N_("bought once")),
}
SHAPES = {"S": "D", "A": "s", "B": "o", "C": "o", "": "o"}
EDGES = {"S": (INK, 1.1), "A": (INK, 1.1), "B": (INK, 0.7)}  # level C, or none, has a white rim
SQUARE = 9.0  # points across
SMALL = 3.4  # points across the smallest mark


def widths(areas: Any) -> Any:
    """Points across of marks of ``areas`` (square points), at least SMALL, in steps of a quarter: few sizes
    make a small file.
    """
    across = 2 * np.sqrt(areas / np.pi)
    return np.round(SMALL * 1.25 ** np.round(np.log(np.maximum(across, SMALL) / SMALL) / np.log(1.25)), 2)


def mass(axes: Axes, points: Any, risk: Any, inches: Any) -> None:
    """The other accounts by squares: a faint dot in each, its size how many, its colour their mean risk (grey
    where it is missing).
    """
    if not len(points):
        return
    cells = pd.DataFrame(np.floor(points / SQUARE) * SQUARE + SQUARE / 2, columns=["x", "y"]).assign(
        risk=risk
    )
    by = cells.groupby(["x", "y"], as_index=False).agg(count=("risk", "size"), risk=("risk", "mean"))
    by["width"] = np.select([by["count"] <= 1, by["count"] <= 3, by["count"] <= 9], [2.0, 3.2, 4.6], 6.2)
    bands = np.select(
        [by["risk"].isna(), by["risk"] >= HIGH, by["risk"] >= MEDIUM], ["once", "high", "medium"], "low"
    )
    by["colour"] = [RISKS[b][0] for b in bands]
    for (colour, width), rows in by.groupby(["colour", "width"]):
        _stroke(axes, rows[["x", "y"]].to_numpy(float), width, colour, inches, alpha=0.55)


def marks(axes: Axes, points: Any, size: Any, colour: Any, level: Any, inches: Any) -> None:
    """One mark an account, large ones below small; those of one size, level and colour are one path in the
    file.
    """
    groups: dict[tuple[float, str], dict[str, list[int]]] = {}
    for n, (width, name, fill) in enumerate(zip(size, level, colour, strict=True)):
        groups.setdefault((-width, name), {}).setdefault(fill, []).append(n)
    for (width, name), fills in sorted(groups.items()):
        edge, line = EDGES.get(name, ("white", 0.5))
        side = -width if SHAPES[name] == "o" else -width * 0.886  # a square of the circle's area
        every = [n for rows in fills.values() for n in rows]
        if edge != "white" or -width > 2 * SMALL:
            _stroke(axes, points[every], side + 2 * line, edge, inches, SHAPES[name], zorder=3)
        for fill, rows in sorted(fills.items()):
            _stroke(axes, points[rows], side, fill, inches, SHAPES[name], zorder=3)


def _stroke(
    axes: Axes,
    points: Any,
    width: float,
    colour: str,
    inches: Any,
    shape: str = "o",
    alpha: float = 1.0,
    zorder: int = 2,
) -> None:
    """Dots in one path. Round and square ones are lines of no length, which show their ends only; diamonds
    (D) have their corners.
    """
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    path = Path(np.repeat(points, 2, axis=0), np.tile([Path.MOVETO, Path.LINETO], len(points)))
    cap: Any = "projecting" if shape == "s" else "round"
    # filled, though there is nothing to fill: lines without a fill are simplified away
    style: dict[str, Any] = {
        "facecolor": colour,
        "edgecolor": colour,
        "linewidth": round(width, 2),
        "alpha": None if alpha == 1.0 else alpha,
    }
    if shape == "D":
        corners = np.array([[0, 1], [1, 0], [0, -1], [-1, 0], [0, 1]]) * width * np.sqrt(0.5)
        path = Path(
            (points[:, None] + np.round(corners, 1)).reshape(-1, 2),
            np.tile([Path.MOVETO, *[Path.LINETO] * 3, Path.CLOSEPOLY], len(points)),
        )
        style["linewidth"] = 0.0
    axes.add_patch(PathPatch(path, transform=inches, capstyle=cap, zorder=zorder, **style))


GUARD = {
    "leaving": ACTIONS["rescue_visit"],
    "overdue": ACTIONS["collect_overdue"],
    "thin": ACTIONS["reprice"],
    "weak": N_("Shorten terms, secure the credit"),
    **SIGN_ACTIONS,
}
GROW = {
    "measured": N_("Ask what it takes to win more of its purchases"),
    "estimated": N_("Find out what it really purchases, then offer"),
    "white_space": ACTIONS["targeted_offer"],
    "forecast": N_("Find out whether its growth goes on"),
}


@table
def portfolio_map_table(value: Value) -> Display:
    """High value at high risk, then low value with high potential; at most eight, as MATTER says."""
    locale = current().locale
    frame = value.portfolio_map.asset_map
    kinds = {kind: frame[frame["matters"] == kind].sort_values("place") for kind in MATTER}
    free = {kind: max(0, most - len(kinds[kind])) for kind, most in MATTER.items()}
    shown = pd.concat(
        [rows.head(MATTER[kind] + sum(free.values()) - free[kind]) for kind, rows in kinds.items()]
    )
    rows = [_row(row, locale) for row in shown.to_dict("records")]
    shown = with_names(shown).assign(**{c: [r[c] for r in rows] for c in ("could", "danger", "todo")})
    columns = [
        ACCOUNT,
        Column("level", N_("Level"), extra=True),
        Column("value", N_("Contribution"), "money"),
        Column("could", N_("Potential, and from where")),
        Column("danger", N_("Risk, and why")),
        Column("todo", N_("What to do"), css="long"),
    ]
    if (shown["level"] == "").all():
        columns = [c for c in columns if c.key != "level"]
    on = frame["value_on"][frame["value_on"] != "extended"]
    caption = N_(
        "The accounts that matter: first high contribution at high risk, then little "
        "contribution with much potential. Contribution is {value} of the last 12 months; "
        "risk is high where a clear warning sign of section 3 shows, leaving is all but "
        "certain, or the books say so. Nobody is listed for growth who shows a warning sign, "
        "or has to pay or to agree on terms first."
    )
    return html_table(
        shown,
        columns,
        locale.say(caption, value=locale.text(VALUE[on.iloc[0]]) if len(on) else ""),
        most=sum(MATTER.values()),
    )


def _row(row: dict[Any, Any], locale: Locale) -> dict[str, str]:
    potential = (
        locale.say(
            N_("{amount:money} ({why})"), amount=row["potential"], why=locale.text(BASIS[row["potential_on"]])
        )
        if row["potential_on"]
        else "–"
    )
    danger = locale.text(RISK[row["risk_band"]])
    if row["reason"]:
        danger = locale.say(N_("{risk} ({why})"), risk=danger, why=locale.text(REASON[row["reason"]]))
    todo = GUARD[row["reason"]] if row["matters"] == "guard" else GROW[row["potential_on"]]
    return {"could": potential, "danger": danger, "todo": locale.text(todo)}


FIELD = {
    "expand": N_("protect and expand"),
    "protect": N_("hold"),
    "grow": N_("develop"),
    "maintain": N_("keep simple"),
}
VALUE = {
    "profit": N_("profit"),
    "margin": N_("margin"),
    "extended": N_("at the average rate"),
    "revenue": N_("revenue"),
}
BASIS = {
    "measured": N_("wallet, measured"),
    "estimated": N_("wallet, estimated"),
    "white_space": N_("white space"),
    "forecast": N_("forecast"),
}
RISK = {
    "low": N_("low"),
    "medium": N_("medium"),
    "high": N_("high"),
    "stopped": N_("stopped"),
    "once": N_("bought once"),
    "": "–",
}
REASON = {
    "leaving": N_("purchase dates"),
    "overdue": N_("overdue bills"),
    "thin": N_("little margin"),
    "weak": N_("weak finances"),
    **SIGN_NAMES,
    "once": N_("bought once"),
}
PARTS = {
    "leaving": N_("the chance of leaving by purchase dates"),
    "overdue": N_("receivables"),
    "thin": N_("cost"),
    "weak": N_("the accounts' finances"),
}


def _basis(finding: Finding, locale: Locale) -> Mapping[str, object]:
    return {"basis": locale.text(BASIS[finding.figures["potential_on"]])}


def _risk_parts(finding: Finding, locale: Locale) -> Mapping[str, object]:
    parts = finding.figures["parts"]
    return {"what": locale.words([locale.text(PARTS[part]) for part in parts], most=len(parts))}


# what this topic can find, in words
ASSET_GROW_OFFER = {
    "asset_grow_offer": N_(
        "Sales picks those worth an offer this quarter, {first} first, and asks whether the potential is "
        "real before offering."
    )
}
ASSET_ASK_WALLET = {
    "asset_ask_wallet": N_(
        "Estimate the yearly purchases of the largest accounts: that turns a forecast of the past into "
        "what could be won."
    )
}
ASSET_ASK_RISK = {
    "asset_ask_risk": N_(
        "Provide what is missing, for the largest accounts first: receivables, cost of the lines, the "
        "accounts' annual figures."
    )
}

register_findings(
    FindingSpec(
        "asset_guard",
        "portfolio_map",
        N_(
            "Of the {large:n} accounts that contribute most, {count:n} {count:plural|is|are} at high "
            "risk, with {share:pct} of all contribution ({value:money}): {names}."
        ),
        actions={
            "asset_guard_plan": N_(
                "Management names one person each for these accounts, {three} first, who says within "
                "two weeks what removes the risk."
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
                "Sales decides for each: win back, with a name and a date, or close, with the reason noted."
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
            "elsewhere, no categories to compare, no forecast."
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
            "Potential rests on purchases known from the wallet table for {known:n} of {accounts:n} "
            "accounts ({measured_accounts:n} measured, {estimated_accounts:n} estimated), on white "
            "space for {white_space_accounts:n}, on the forecast alone for {forecast_accounts:n}; "
            "for {unknown_accounts:n} it is unknown. As these differ in size, each account is ranked "
            "among those of its own basis."
        ),
        actions=ASSET_ASK_WALLET | ASSET_ASK_RISK,
    ),
    FindingSpec(
        "asset_risk",
        "portfolio_map_basis",
        N_(
            "By risk, {low_share:pct} of revenue is low ({low_accounts:n} accounts, below "
            "{medium:n2}), {medium_share:pct} medium ({medium_accounts:n}) and {high_share:pct} high "
            "({high_accounts:n}, from {high:n2}, or all but certain to leave); {once_accounts:n} "
            "that bought once and {stopped_accounts:n} that plainly stopped stand apart. Risk weighs "
            "the chance of leaving by purchase dates 40%, overdue bills 25%, little margin 20% and "
            "weak finances 15% (over revenue, {coverage:pct} of these weights is known); where the "
            "warning signs of section 3 are stronger, they count instead."
        ),
        actions=ASSET_ASK_WALLET | ASSET_ASK_RISK,
    ),
    FindingSpec(
        "asset_risk_partial",
        "portfolio_map_basis",
        N_(
            "By risk, {low_share:pct} of revenue is low ({low_accounts:n} accounts, below "
            "{medium:n2}), {medium_share:pct} medium ({medium_accounts:n}) and {high_share:pct} high "
            "({high_accounts:n}, from {high:n2}, or all but certain to leave); {once_accounts:n} "
            "that bought once and {stopped_accounts:n} that plainly stopped stand apart. Apart from "
            "the warning signs of section 3, which count where they are stronger, risk rests on "
            "{coverage:pct} of its weights only, as data are missing on: {what}."
        ),
        actions=ASSET_ASK_WALLET | ASSET_ASK_RISK,
        words=_risk_parts,
    ),
    FindingSpec(
        "asset_extended",
        "portfolio_map_basis",
        N_(
            "For {count:n} {count:plural|account|accounts} without cost, value is revenue at the "
            "average rate of the others."
        ),
    ),
)
