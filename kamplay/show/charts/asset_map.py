"""The account asset map of step 2: value by potential, coloured by risk, readable with fifty accounts and with thousands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kamplay.method.asset_map import APART
from kamplay.method.value import Value
from kamplay.show.asset_words import BASIS, FIELD, REASON, RISK, VALUE
from kamplay.show.charts.asset_marks import EDGES, RISKS, SHAPES, marks, mass, widths
from kamplay.show.charts.figure import QUIET, RULE, Spot, chart
from kamplay.show.charts.positions import place_labels
from kamplay.show.charts.tiers import parts_of, plain
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_, Locale
from kamplay.show.view import View, current

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NAMED, NAMED_NARROW = {"guard": 4, "large": 3, "grow": 2}, {"guard": 2, "large": 1, "grow": 1}  # names at most, of each kind
SINGLE = 400  # accounts that are drawn one by one; of more only these many stand out, the others are counted by the square
STANDING_OUT = 120
HOVER = 120  # the largest accounts tell more when pointed at; each costs the page some 200 bytes
LARGEST, INKED = 480.0, 0.14  # square points of the largest mark; of the map under ink
ASIDE = 0.09  # of the width or height: a strip for what has no place on an axis
DECADES = 5  # of value that the axis spans at most; the little below lies on its lower end


def asset_map(value: Value) -> Display:
    """Value by potential: area is revenue, colour the risk, shape the level, names on those that matter; the largest tell more on hover."""
    frame = value.asset_map
    if frame.empty or frame["potential_index"].isna().all():
        return NOTHING
    locale = current().locale
    frame = frame.assign(_id=frame.index).sort_values(["revenue", "_id"], ascending=[False, True]).drop(columns="_id")

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
        message = N_("Dots behind: {count:n} other accounts, the larger the dot, the more of them, in the colour of their mean risk.")
        said.append(locale.say(message, count=len(frame) - int(standing_out(frame, named(frame, NAMED)).sum())))
    said.append(locale.text(N_("On a screen with a pointer, the largest tell more when pointed at.")))
    caption = (" " if locale.language == "en" else "").join(said)
    return chart(draw, caption, _alt(frame, locale), height=1.35)


def _alt(frame: pd.DataFrame, locale: Locale) -> str:
    total = frame["revenue"].sum()
    parts = []
    for field, words in FIELD.items():
        rows = frame[frame["field"] == field]
        high = int((rows["risk_band"] == "high").sum())
        message = N_("{field} {count:n} {count:plural|account|accounts}, {share:pct} of revenue, {high:n} at high risk")
        parts.append(locale.say(message, field=locale.text(words), count=len(rows), share=rows["revenue"].sum() / total, high=high))
    return locale.say(N_("Account asset map, value by potential: {parts}."), parts=parts_of(parts, locale))


def heights(value: pd.Series) -> tuple[pd.Series, float, bool]:
    """``(height of each, lowest height of a gain, whether in powers of ten)``: logarithms where the largest is over ten times the middle.

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
    places = pd.DataFrame({"x": frame["potential_index"].fillna(-ASIDE), "y": y.where(~lost, low - ASIDE * tall)})
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

    return [float(t) for t in MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10]).tick_values(low, top) if low <= t <= top]


def _figure(locale: Locale, value: float) -> str:
    """In as many decimals as it needs to be more than 0."""
    if value <= 0 or round(value, 6).is_integer():
        return locale.number(value)
    return locale.number(value, 1 if value >= 0.1 else int(np.ceil(-np.log10(value) - 1e-9)))


def _legend(axes: Axes, locale: Locale, frame: pd.DataFrame, size: float, narrow: bool) -> None:
    bands, levels = set(frame["risk_band"]), set(frame["level"])
    shown = [risk for band, risk in RISKS.items() if band in bands]
    handles = [axes.plot([], [], "o", color=colour, markersize=6, label=locale.text(words))[0] for colour, words in shown]
    for level in ("S", "A", "B", "C"):
        if level in levels:
            edge, width = EDGES.get(level, (QUIET, 0.4))
            label = locale.say(N_("level {level}"), level=level)
            handles.append(
                axes.plot([], [], SHAPES[level], color="white", markeredgecolor=edge, markeredgewidth=width, markersize=5.5, label=label)[0]
            )
    axes.legend(
        handles=handles, frameon=False, loc="lower left", bbox_to_anchor=(0, 1), ncols=3 if narrow else 7, fontsize=size,
        borderaxespad=0.1, handletextpad=0.1, columnspacing=1.0,
    )  # fmt: skip


def _accounts(axes: Axes, view: View, frame: pd.DataFrame, places: pd.DataFrame, narrow: bool) -> list[Spot]:
    """Squares, marks and names, in points from the figure's lower left corner, whose short numbers make a small file; and the spots."""
    from matplotlib.transforms import Affine2D

    figure: Any = axes.figure
    box = axes.get_window_extent()
    points = np.round(axes.transData.transform(places.to_numpy(float)) * 72 / figure.dpi * 2) / 2
    ground = box.width * box.height * (72 / figure.dpi) ** 2
    revenue = frame["revenue"].to_numpy(float)
    scale = min(LARGEST * (0.5 if narrow else 1.0) / revenue.max(), INKED * ground / revenue.sum())
    size = widths(revenue * scale)
    chosen = named(frame, NAMED_NARROW if narrow else NAMED)
    single = np.ones(len(frame), dtype=bool)
    if len(frame) > SINGLE:
        single = standing_out(frame, chosen)
    inches = Affine2D().scale(1 / 72) + figure.dpi_scale_trans
    colour = frame["risk_band"].map({band: c for band, (c, _) in RISKS.items()}).fillna(RULE).to_numpy(object)
    mass(axes, points[~single], frame["risk"].mask(frame["risk_band"].isin(APART)).to_numpy(float)[~single], inches)
    marks(axes, points[single], size[single], colour[single], frame["level"].to_numpy(object)[single], inches)
    texts = [plain(view.name(str(frame.index[n]))) for n in chosen]
    place_labels(axes, texts, points, size, np.array(chosen, dtype=int), single, inches, 7.6 if narrow else 8.2)
    if narrow:
        return []
    across, down = (float(v) * 72 for v in figure.get_size_inches())
    shown = [n for n in range(len(frame)) if single[n]][:HOVER]
    said = [_told(view, str(frame.index[n]), row) for n, row in zip(shown, frame.iloc[shown].itertuples(), strict=True)]
    return [
        Spot(points[n][0] / across, 1 - points[n][1] / down, max(size[n], 7.0) / across, text) for n, text in zip(shown, said, strict=True)
    ]


def _told(view: View, account: str, row: Any) -> str:
    """An account in a line: level, value, potential and its basis, risk and its reason."""
    locale = view.locale
    level = locale.say(N_(" (level {level})"), level=row.level) if row.level else ""
    parts = [locale.say(N_("value {value:money}"), value=row.value)]
    if row.potential_on:
        basis = locale.text(BASIS[row.potential_on])
        parts.append(locale.say(N_("potential {potential:money} ({basis})"), potential=row.potential, basis=basis))
    if row.risk_band in APART:
        parts.append(locale.text(REASON[row.reason]))
    elif row.risk_band:
        risk = N_("risk {risk} ({why})") if row.reason else N_("risk {risk}")
        why = locale.text(REASON[row.reason]) if row.reason else ""
        parts.append(locale.say(risk, risk=locale.text(RISK[row.risk_band]), why=why))
    return locale.say(N_("{name}{level}: {parts}"), name=view.name(account), level=level, parts=locale.text(N_(", ")).join(parts))


def named(frame: pd.DataFrame, most: dict[str, int]) -> list[int]:
    """Places in ``frame`` of the accounts to name, the most important first: to guard, the largest by value, to grow."""
    rows = frame.reset_index(drop=True)
    out = [int(n) for n in rows[rows["matters"] == "guard"].sort_values("place").index[: most["guard"]]]
    grow = [int(n) for n in rows[rows["matters"] == "grow"].sort_values("place").index[: most["grow"]]]
    large = [int(n) for n in rows.sort_values("value", ascending=False, kind="stable").index if n not in out and n not in grow]
    return out + large[: max(0, sum(most.values()) - len(out) - len(grow))] + grow


def standing_out(frame: pd.DataFrame, chosen: list[int]) -> np.ndarray:
    """Which of many accounts are drawn one by one: the named, those that matter most, the rest by revenue."""
    first = frame["place"].fillna(np.inf).to_numpy(float)
    rank = np.lexsort((np.arange(len(frame)), np.where(first <= 20, 0, 1)))
    out = np.zeros(len(frame), dtype=bool)
    out[rank[:STANDING_OUT]] = True
    out[chosen] = True
    return out
