"""The map of attractiveness and our strength, for fifty accounts as for thousands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kamplay.method.tiers.step import Tiers
from kamplay.palette import PALE, QUIET, WHITE
from kamplay.presets.scorecard import KEY_LEVELS
from kamplay.show.charts.chart import draw_chart, join_parts, lighten, one_line
from kamplay.show.charts.map_labels import NAMED_DIAMETER, circle_diameters, in_points, place_labels
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_, Locale
from kamplay.show.registry import FindingSpec, chart, register_findings, sheet, table
from kamplay.show.table import ACCOUNT, ACCOUNT_COLUMNS, REVENUE, Column, Sheet, html_table, with_names, word
from kamplay.show.texts.vocabulary import FIELDS, field_label
from kamplay.show.view import View, current

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NAMED, NAMED_NARROW = (5, 8), (3, 4)  # names shown: the largest, and the most attractive ones to win
CIRCLES = 40  # the largest accounts are all drawn, with a rim
MOST_DOTS = 500  # of the others; beyond that every second, third … is drawn
LARGEST = 560.0  # square points of the largest circle
COVERED = 0.16  # of the map that all circles together may cover

register_findings(
    FindingSpec(
        "map_fields",
        "positioning",
        N_(
            "Of the {known:n} accounts known well enough, {protect_count:n} "
            "{protect_count:plural|is|are} attractive with a strong position of ours and "
            "{win_count:n} with a weak one; accounts of the second kind are known to purchase "
            "{spend:money} a year, {share:pct} of it from us."
        ),
        actions={
            "go_for_win": N_(
                "Head of sales: choose up to ten of these to win, first {three}, and set each a lead and a "
                "goal."
            )
        },
    ),
    FindingSpec(
        "map_unknown",
        "positioning",
        N_(
            "Attractiveness and our own position cannot be set against each other: what accounts buy "
            "elsewhere, their size and our contacts there are not known well enough."
        ),
        actions={
            "ask_for_map": N_(
                "Sales: provide purchases elsewhere, size and contacts of the largest accounts for "
                "the next report."
            )
        },
    ),
)


@chart
def positioning_chart(tiers: Tiers) -> Display:
    """Attractiveness by our strength: area is revenue, colour the level, names only where they matter."""
    frame, locale = tiers.positioning, current().locale
    if frame.empty:
        return NOTHING
    level = tiers.settled["level"].reindex(frame.index).fillna("C")
    frame = frame.assign(level=level).sort_index().sort_values("revenue", ascending=False, kind="stable")
    limits = (
        limit(frame["strength"], frame["field"].isin(["protect", "keep"])),
        limit(frame["attractiveness"], frame["field"].isin(["protect", "win"])),
    )

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        _fields(axes, frame, limits, locale, 8.5 if narrow else 9)
        _accounts(axes, frame, view, narrow)

    caption = locale.text(
        N_(
            "Each circle is an account, its area the revenue: the higher, the more attractive; "
            "the further right, the stronger our position there."
        )
    )
    if (each := stride(len(frame))) > 1:
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
    alt = locale.say(N_("Map of attractiveness and our strength: {parts}."), parts=join_parts(parts, locale))
    return draw_chart(draw, caption, alt, height=1.25)


def limit(values: pd.Series, high: pd.Series) -> float:
    """The limit from which ``values`` (0 to 100) are ``high``: 50 if that separates them, else the roundest
    number that does.
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


def _fields(
    axes: Axes, frame: pd.DataFrame, limits: tuple[float, float], locale: Locale, size: float
) -> None:
    """The part of the map that is used, its axes, the lines where high begins, the four fields' names."""
    across, up = limits
    axes.axvline(across, color=QUIET, linewidth=0.9)
    axes.axhline(up, color=QUIET, linewidth=0.9)
    for axis, at in ((axes.xaxis, across), (axes.yaxis, up)):
        ticks = sorted({0.0, 25.0, at, 75.0, 100.0})
        axis.set_ticks([tick for tick in ticks if tick == at or abs(tick - at) > 8])
        axis.set_major_formatter(lambda value, _: locale.number(value, 0 if float(value).is_integer() else 1))
    axes.set_xlim(min(frame["strength"].min(), across) - 8, max(frame["strength"].max(), across) + 8)
    axes.set_ylim(min(frame["attractiveness"].min(), up) - 8, max(frame["attractiveness"].max(), up) + 10)
    axes.set(xlabel=locale.text(N_("our position")), ylabel=locale.text(N_("attractiveness")))
    for side in axes.spines.values():
        side.set_visible(True)
    corners = (("win", 0.01, 0.99), ("protect", 0.99, 0.99), ("serve", 0.01, 0.01), ("keep", 0.99, 0.01))
    for field, x, y in corners:
        axes.text(
            x,
            y,
            field_label(field, locale),
            ha="left" if x < 0.5 else "right",
            va="bottom" if y < 0.5 else "top",
            fontsize=size,
            color=QUIET,
            transform=axes.transAxes,
        )


def _accounts(axes: Axes, frame: pd.DataFrame, view: View, narrow: bool) -> None:
    """Circles for the largest accounts and the named ones, dots for the others, and the names."""
    import seaborn as sns

    locale, revenue = view.locale, frame["revenue"].clip(lower=0).to_numpy(float)
    groups = {
        locale.text(N_("level S or A")): view.accent,
        locale.say(N_("level {level}"), level="B"): lighten(view.accent, 0.5),
        locale.say(N_("level {level}"), level="C"): PALE,
    }
    upper, middle, lower = groups
    group = frame["level"].map({**dict.fromkeys(KEY_LEVELS, upper), "B": middle, "C": lower})
    chosen = accounts_to_name(frame, *(NAMED_NARROW if narrow else NAMED))
    circled = np.zeros(len(frame), dtype=bool)
    circled[:CIRCLES] = True
    circled[chosen] = True
    others = np.flatnonzero(~circled)
    key = frame["level"].isin(KEY_LEVELS).to_numpy()
    # the key ones last, so that they lie on top
    dots = others[np.argsort(key[others], kind="stable")][:: stride(len(frame))]
    drawn = circled.copy()
    drawn[dots] = True
    handles = [
        axes.plot([], [], "o", color=colour, markersize=6, label=name)[0]
        for name, colour in groups.items()
        if (group == name).any()
    ]
    axes.legend(
        handles=handles,
        frameon=False,
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=3,
        fontsize=8.5 if narrow else 9,
        borderaxespad=0.1,
        handletextpad=0.1,
        columnspacing=1.2,
    )
    points, transform, area = in_points(axes, frame[["strength", "attractiveness"]])
    scale = min(
        LARGEST * (0.55 if narrow else 1.0) / max(revenue.max(), 1e-9),
        COVERED * area / max(revenue.sum(), 1e-9),
    )
    diameters = circle_diameters(revenue * scale)
    diameters[chosen] = np.maximum(diameters[chosen], NAMED_DIAMETER)
    for rows, rim in ((dots, 0.0), (np.flatnonzero(circled), 0.6)):
        if not len(rows):
            continue
        sns.scatterplot(
            frame.iloc[rows],
            x="strength",
            y="attractiveness",
            hue=group.iloc[rows],
            palette=groups,
            s=diameters[rows] ** 2,
            edgecolor=WHITE if rim else "none",
            linewidth=rim,
            legend=False,
            clip_on=False,
            zorder=3 if rim else 2,
            ax=axes,
        )
    names = [one_line(view.name(str(frame.index[n]))) for n in chosen]
    place_labels(
        axes, names, points, diameters, chosen, circled, transform, 7.6 if narrow else 8.2, drawn=drawn
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


SPEND = Column("spend", N_("Purchases a year"), "money")
SHARE = Column("share", N_("Our share"), "pct")
ATTRACTIVENESS = Column("attractiveness", N_("Attractiveness"), "n", extra=True)
STRENGTH = Column("strength", N_("Our position"), "n", extra=True)


@sheet
def positioning_sheet(tiers: Tiers) -> Sheet:
    """Where every account stands on the map."""
    locale, rows = current().locale, tiers.positioning
    rated = tiers.rated[["level"]].reindex(rows.index)
    # the map knows neither the rules that hold an account back nor its plan
    undecided = rows["field"].eq("protect") & rated["level"].notna() & ~rated["level"].isin(KEY_LEVELS)
    plan = N_("{field} on the map; level {tier}: its plan decides")
    told = [
        locale.say(plan, field=locale.text(FIELDS[field]), tier=tier) if doubt else locale.text(FIELDS[field])
        for field, tier, doubt in zip(rows["field"], rated["level"], undecided, strict=True)
    ]
    columns = [
        *ACCOUNT_COLUMNS,
        ATTRACTIVENESS,
        STRENGTH,
        Column("field", N_("Field of the map")),
        SPEND,
        SHARE,
        REVENUE,
    ]
    return Sheet(N_("Position map"), rows.assign(field=told), columns)


@table
def accounts_to_win_table(tiers: Tiers) -> Display:
    """Attractive accounts with a weak position of ours, the most attractive first."""
    win = tiers.positioning[tiers.positioning["field"] == "win"]
    win = win.sort_values(["attractiveness", "revenue"], ascending=False).join(tiers.rated[["tier", "owner"]])
    columns = [
        ACCOUNT,
        SPEND,
        SHARE,
        ATTRACTIVENESS,
        STRENGTH,
        Column("tier", N_("Tier"), css="keep"),
        Column("owner", N_("Owner"), extra=True, css="keep"),
    ]
    columns = [c for c in columns if c.key == "name" or win[c.key].notna().any()]
    caption = N_(
        "Attractive accounts where our position is weak, the most attractive first (both from 0 to 100)."
    )
    return html_table(with_names(win), columns, caption, most=10)


@table
def axis_coverage_table(tiers: Tiers) -> Display:
    """The criteria of attractiveness and strength, and for how many accounts each is known."""
    locale, frame = current().locale, tiers.axis_coverage
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
