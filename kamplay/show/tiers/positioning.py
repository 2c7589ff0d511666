"""The map of step 1: accounts by attractiveness and our strength, readable with fifty accounts and with
thousands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kamplay.method.tiers.positioning import DIMENSIONS
from kamplay.method.tiers.step import Tiers
from kamplay.show.chart import QUIET, draw_chart, join_parts, lighten, one_line
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_
from kamplay.show.map_labels import NAMED_DIAMETER, circle_diameters, place_labels
from kamplay.show.registry import chart, table
from kamplay.show.table import ACCOUNT, Column, html_table, with_names, word
from kamplay.show.view import View, current
from kamplay.show.vocabulary import CLASSES, WHY, field_label

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NAMED, NAMED_NARROW = (5, 8), (3, 4)  # names shown: the largest, and the most attractive ones to win
# the largest get a circle of their own; the others are dots in a few joint paths, which keeps the file small
CIRCLES = 40
MOST_DOTS = 500  # of the others; beyond that every second, third … is drawn
LARGEST = 560.0  # square points of the largest circle
INKED = 0.16  # of the map that all circles together may cover
GREY = "#B3BDC6"


@chart
def position_chart(result: Tiers) -> Display:
    """Attractiveness by our strength: area is revenue, colour the level, names only where they matter."""
    view, frame = current(), result.position
    if frame.empty:
        return NOTHING
    locale = view.locale
    frame = frame.assign(level=result.accounts["level"].reindex(frame.index).fillna("C"))
    frame = (
        frame.assign(_id=frame.index)
        .sort_values(["revenue", "_id"], ascending=[False, True])
        .drop(columns="_id")
    )
    across = limit(frame["strength"], frame["field"].isin(["protect", "keep"]))
    up = limit(frame["attractiveness"], frame["field"].isin(["protect", "win"]))
    each = stride(len(frame))

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        _ground(axes, view, frame, across, up, narrow)
        axes.figure.draw_without_rendering()  # type: ignore[union-attr]  # settles where the map lies, so that labels can be placed
        axes.figure.set_layout_engine("none")  # type: ignore[union-attr]
        _accounts(axes, view, frame, narrow)

    caption = locale.text(
        N_(
            "Each circle is an account, its area the revenue: the higher, the more attractive; "
            "the further right, the stronger our position there."
        )
    )
    if each > 1:
        caption += locale.say(N_(" Of the smaller accounts one in {each:n} is drawn."), each=each)
    total = frame["revenue"].sum()
    parts = [
        locale.say(
            N_("{field} {count:n} {count:plural|account|accounts}, {share:pct} of revenue"),
            field=field_label(field, locale),
            count=len(rows),
            share=rows["revenue"].sum() / total if total else 0.0,
        )
        for field in ("protect", "win", "keep", "serve")
        for rows in [frame[frame["field"] == field]]
    ]
    return draw_chart(
        draw,
        caption,
        locale.say(N_("Map of attractiveness and our strength: {parts}."), parts=join_parts(parts, locale)),
        height=1.25,
    )


def limit(values: pd.Series, high: pd.Series) -> float:
    """Where high begins: 50 if that parts the two, else the roundest number that does.

    ``values`` 0 to 100; ``high``: which of them count as high. All of them are high exactly where they reach
    the limit.
    """
    below, above = max(values[~high], default=0.0), min(values[high], default=100.0)
    for step in (50, 10, 5, 1):
        first = (np.floor(below / step) + 1) * step
        if first <= above:
            return float(first)
    return float(above)


def stride(accounts: int) -> int:
    """1 where all accounts are drawn, else n: one in n of those that have no circle of their own."""
    return max(1, -(-(accounts - CIRCLES) // MOST_DOTS))


def _ground(axes: Axes, view: View, frame: pd.DataFrame, across: float, up: float, narrow: bool) -> None:
    """The part of the map that is used, axes, the four fields' names in the corners and the legend."""
    levels = set(frame["level"])
    left, right = (min(frame["strength"].min(), across) - 8, max(frame["strength"].max(), across) + 8)
    low, high = (min(frame["attractiveness"].min(), up) - 8, max(frame["attractiveness"].max(), up) + 10)
    locale, size = view.locale, 8.5 if narrow else 9
    for side in axes.spines.values():
        side.set_visible(True)
    axes.axvline(across, color=QUIET, linewidth=0.9)
    axes.axhline(up, color=QUIET, linewidth=0.9)
    for set_ticks, at in ((axes.set_xticks, across), (axes.set_yticks, up)):
        set_ticks([tick for tick in sorted({0.0, 25.0, at, 75.0, 100.0}) if tick == at or abs(tick - at) > 8])
    axes.set(xlim=(left, right), ylim=(low, high))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(lambda value, _: locale.number(value, 0 if float(value).is_integer() else 1))
    axes.set_xlabel(locale.text(N_("our position")))
    axes.set_ylabel(locale.text(N_("attractiveness")))
    for field, x, ha, y, va in (
        ("win", 0.01, "left", 0.99, "top"),
        ("protect", 0.99, "right", 0.99, "top"),
        ("serve", 0.01, "left", 0.01, "bottom"),
        ("keep", 0.99, "right", 0.01, "bottom"),
    ):
        axes.text(
            x,
            y,
            field_label(field, locale),
            ha=ha,
            va=va,
            fontsize=size,
            color=QUIET,
            transform=axes.transAxes,
        )
    shown = [(words, colour) for words, colour, some in _levels(view) if some & levels]
    handles = [axes.plot([], [], "o", color=colour, markersize=6, label=words)[0] for words, colour in shown]
    axes.legend(
        handles=handles,
        frameon=False,
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=3,
        fontsize=size,
        borderaxespad=0.1,
        handletextpad=0.1,
        columnspacing=1.2,
    )


def _levels(view: View) -> list[tuple[str, str, set[str]]]:
    locale = view.locale
    return [
        (locale.text(N_("level S or A")), view.accent, {"S", "A"}),
        (locale.say(N_("level {level}"), level="B"), lighten(view.accent, 0.5), {"B"}),
        (locale.say(N_("level {level}"), level="C"), GREY, {"C"}),
    ]


def _accounts(axes: Axes, view: View, frame: pd.DataFrame, narrow: bool) -> None:
    """Dots, circles and names, in points from the figure's lower left corner, whose short numbers make a
    small file.
    """
    from matplotlib.transforms import Affine2D

    figure: Any = axes.figure
    box = axes.get_window_extent()
    points = (
        np.round(
            axes.transData.transform(frame[["strength", "attractiveness"]].to_numpy(float))
            * 72
            / figure.dpi
            * 2
        )
        / 2
    )
    ground = box.width * box.height * (72 / figure.dpi) ** 2
    revenue = frame["revenue"].clip(lower=0).to_numpy(float)
    scale = min(
        LARGEST * (0.55 if narrow else 1.0) / max(revenue.max(), 1e-9),
        INKED * ground / max(revenue.sum(), 1e-9),
    )
    size = circle_diameters(revenue * scale)
    colour = (
        frame["level"].map({level: c for _, c, levels in _levels(view) for level in levels}).to_numpy(object)
    )
    chosen = accounts_to_name(frame, *(NAMED_NARROW if narrow else NAMED))
    circled = np.zeros(len(frame), dtype=bool)
    circled[:CIRCLES] = True
    circled[chosen] = True
    size[chosen] = np.maximum(size[chosen], NAMED_DIAMETER)
    inches = Affine2D().scale(1 / 72) + figure.dpi_scale_trans
    rest = np.flatnonzero(~circled)
    key = frame["level"].isin(["S", "A"]).to_numpy()
    rest = rest[np.argsort(key[rest], kind="stable")][
        :: stride(len(frame))
    ]  # the key ones last, so that they lie on top
    _dots(axes, points[rest], size[rest], colour[rest], inches)
    _circles(axes, points[circled], size[circled], colour[circled], inches)
    texts = [one_line(view.name(str(frame.index[n]))) for n in chosen]
    drawn = circled.copy()
    drawn[rest] = True
    place_labels(
        axes, texts, points, size, np.array(chosen, dtype=int), circled, inches, 7.6 if narrow else 8.2, drawn
    )


def accounts_to_name(frame: pd.DataFrame, largest: int, to_win: int) -> list[int]:
    """Places in ``frame`` (largest revenue first) of the accounts to name; without enough to win, more of the
    largest.
    """
    win = (
        frame.reset_index(drop=True)
        .query("field == 'win'")
        .sort_values(["attractiveness", "revenue"], ascending=False, kind="stable")
    )
    first = list(range(min(largest, len(frame))))
    out = first + [int(n) for n in win.index if n not in first][:to_win]
    return out + [n for n in range(len(frame)) if n not in out][: largest + to_win - len(out)]


def _dots(axes: Axes, points: Any, size: Any, colour: Any, inches: Any) -> None:
    """Round dots, each a line of no length with round ends: one path per colour and size."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    groups = pd.DataFrame(
        {"x": points[:, 0], "y": points[:, 1], "size": size, "colour": colour}
    ).drop_duplicates()
    for (fill, width), rows in groups.groupby(["colour", "size"], sort=False):
        ends = np.repeat(rows[["x", "y"]].to_numpy(), 2, axis=0)
        codes = np.tile([Path.MOVETO, Path.LINETO], len(rows))
        # filled, though there is nothing to fill: lines without a fill are simplified away
        patch = PathPatch(
            Path(ends, codes),
            transform=inches,
            facecolor=fill,
            edgecolor=fill,
            linewidth=width,
            capstyle="round",
            zorder=2,
        )
        axes.add_patch(patch)


def _circles(axes: Axes, points: Any, size: Any, colour: Any, inches: Any) -> None:
    """Circles with a white rim, the large ones below the small; those of one size share one outline in the
    file.
    """
    for width in sorted(set(size), reverse=True):
        of = size == width
        axes.scatter(
            points[of, 0],
            points[of, 1],
            s=width**2,
            c=list(colour[of]),
            edgecolors="white",
            linewidths=0.6,
            transform=inches,
            zorder=3,
        )


@table
def classes_table(tiers: Tiers) -> Display:
    """How the accounts that bought divide by each known dimension, and where the key ones are."""
    frame = (
        tiers.classes[tiers.classes["dimension"].isin(("nature", "industry", "region"))]
        if len(tiers.classes)
        else tiers.classes
    )
    if frame.empty:
        return NOTHING
    locale, dimension = current().locale, word(CLASSES)
    from kamplay.codebook import codebook

    stages = {
        key: labels[locale.language]
        for key, labels in codebook()["accounts"].columns["stage"].choices.items()
    }
    shown = frame.sort_values("dimension", key=lambda d: d.map(DIMENSIONS.index), kind="stable")
    value = [
        stages.get(v, v) if d == "stage" else v
        for d, v in zip(shown["dimension"], shown["value"], strict=True)
    ]
    first = ~shown["dimension"].duplicated()
    shown = shown.assign(
        dimension=shown["dimension"].where(first, ""),
        value=[v or locale.text(N_("not stated")) for v in value],
    )
    columns = [
        Column("dimension", N_("Dimension"), lambda key: dimension(key) if key else ""),
        Column("value", N_("Class")),
        Column("accounts", N_("Accounts"), "n"),
        Column("key", N_("of which key"), "n"),
        Column("share", N_("Share of revenue"), "pct"),
        Column("revenue", N_("Revenue"), "money", extra=True),
    ]
    return html_table(
        shown, columns, N_("The accounts that bought in the last 12 months, by class."), most=40
    )


@table
def to_win_table(tiers: Tiers) -> Display:
    """Attractive accounts with a weak position of ours, the most attractive first."""
    frame = tiers.position
    win = (
        frame[frame["field"] == "win"].sort_values(["attractiveness", "revenue"], ascending=False)
        if len(frame)
        else frame
    )
    win = win.join(tiers.rated[["tier", "owner"]])
    columns = [
        ACCOUNT,
        Column("spend", N_("Purchases a year"), "money"),
        Column("share", N_("Our share"), "pct"),
        Column("attractiveness", N_("Attractiveness"), "n", extra=True),
        Column("strength", N_("Our position"), "n", extra=True),
        Column("tier", N_("Tier"), css="keep"),
        Column("owner", N_("Owner"), extra=True, css="keep"),
    ]
    columns = [c for c in columns if c.key == "name" or win[c.key].notna().any()]
    caption = N_(
        "Attractive accounts where our position is weak, the most attractive first (both from 0 to 100)."
    )
    return html_table(with_names(win), columns, caption, most=10)


@table
def map_basis_table(tiers: Tiers) -> Display:
    """What attractiveness and strength are made of, and for how many accounts each part is known."""
    locale, frame = current().locale, tiers.axes
    if frame.empty:
        return NOTHING
    sides = {"attractiveness": N_("Attractiveness"), "strength": N_("Our position")}
    columns = [
        Column("axis", N_("Axis"), word(sides)),
        Column("label", N_("Criterion")),
        Column("weight", N_("Weight"), "pct"),
        Column("coverage", N_("Data coverage"), "pct"),
    ]
    caption = N_("What the map rests on; an account is placed when at least half of each axis is known.")
    return html_table(frame.assign(label=frame[locale.language]), columns, caption)


@table
def intake_table(tiers: Tiers) -> Display:
    """Accounts to assess before they buy, the largest first."""
    locale = current().locale
    own, desk = locale.text(N_("manager of its own")), locale.text(N_("assessment"))
    columns = [
        ACCOUNT,
        Column("spend", N_("Purchases a year"), "money"),
        Column("dedicated", N_("What it gets"), lambda d: own if d else desk),
        Column("due", N_("Assess by"), "date", css="keep"),
    ]
    return html_table(
        with_names(tiers.intake),
        columns,
        N_("Accounts without a purchase here in the last 12 months that purchase much elsewhere."),
        most=12,
    )


@table
def moves_table(tiers: Tiers) -> Display:
    """Who changed tier since the earlier run, falls first."""
    frame = tiers.moves
    if frame.empty:
        return NOTHING
    crossed = frame["level_before"].isin(["S", "A"]) != frame["level_now"].isin(["S", "A"])
    within = frame["level_before"].isin(["S", "A"]) & frame["level_now"].isin(["S", "A"])
    frame = frame.assign(_order=np.select([crossed, within], [0, 1], 2)).sort_values(
        ["_order", "revenue"], ascending=[True, False]
    )
    shown = max(int((crossed | within).sum()), 8)
    columns = [
        ACCOUNT,
        Column("before", N_("Then")),
        Column("now", N_("Now")),
        Column("score_before", N_("Score then"), "score", extra=True),
        Column("score_now", N_("Score now"), "score", extra=True),
        Column("why", N_("Why"), word(WHY)),
        Column("revenue", N_("Revenue"), "money"),
    ]
    caption = N_(
        "Accounts whose tier changed since the earlier report: first those that became key "
        "or ceased to be, then by revenue."
    )
    return html_table(with_names(frame), columns, caption, most=min(shown, 25))


@table
def kin_table(tiers: Tiers) -> Display:
    """Accounts that look by name as if they belonged together."""
    frame = tiers.kin
    if frame.empty:
        return NOTHING
    view = current()
    shown = frame.assign(
        name=[view.name(a) for a in frame["account_id"]], other=[view.name(h) for h in frame["head"]]
    )
    columns = [
        ACCOUNT,
        Column("other", N_("Looks like")),
        Column("joint_revenue", N_("Revenue together"), "money"),
        Column("rank_now", N_("Rank now"), "n", extra=True),
        Column("joint_rank", N_("Rank together"), "n"),
    ]
    return html_table(
        shown,
        columns,
        N_(
            "Names that suggest one group without a link between the accounts: for confirmation, "
            "not counted in any figure."
        ),
        most=8,
    )
