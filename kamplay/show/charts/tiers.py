"""Charts of step 1: the tiers, how firmly accounts stand in them, and how far the departments agree."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kamplay.method.tiers import FIRM, Tiers
from kamplay.show.charts.figure import INK, QUIET, RULE, WARN, chart, clip, paired_bars
from kamplay.show.display import NOTHING, Display
from kamplay.show.labels import department
from kamplay.show.locale import N_, Locale
from kamplay.show.view import View, current

if TYPE_CHECKING:
    from matplotlib.axes import Axes

VERY_FIRM = 0.9  # of probability: no reasonable weights move such an account
NEAR = (0.3, 0.7)  # between these probabilities of being key, an account could as well be the other
MOST, MOST_NARROW = 20, 12  # accounts that a reader still takes in


def tiers(result: Tiers) -> Display:
    """Share of accounts against share of revenue, by tier."""
    view, table = current(), result.summary
    locale = view.locale
    share = table["accounts"] / max(1, table["accounts"].sum())

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        colours = [view.accent] * len(table)
        paired_bars(axes, view, table[locale.language].tolist(), share, table["revenue_share"], table["accounts"], colours, narrow)

    caption = locale.text(
        N_("Each tier's share of revenue and of the accounts that bought in the last 12 months (their number in brackets).")
    )
    parts = [
        f"{row[locale.language]} {locale.percent(part)} / {locale.percent(row['revenue_share'])}"
        for (_, row), part in zip(table.iterrows(), share, strict=True)
    ]
    return chart(draw, caption, locale.say(N_("Share of accounts / of revenue: {parts}."), parts=parts_of(parts, locale)))


def certainty(result: Tiers) -> Display:
    """Scores of the accounts that are key or nearly so, against the limits of the tiers; the colour tells how firm the tier is."""
    view = current()
    locale, shown = view.locale, near_the_top(result.rated, MOST)
    if shown.empty:
        return NOTHING
    by_score = (result.summary["cut"] == "score").all()
    limits = result.summary[pd.to_numeric(result.summary["start"], errors="coerce") > 0] if by_score else result.summary.iloc[:0]

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        table = near_the_top(result.rated, MOST_NARROW) if narrow else shown
        places = np.arange(len(table))[::-1]
        axes.figure.set_figheight((0.95 if narrow else 0.85) + 0.2 * len(table))  # type: ignore[union-attr]
        size = 8 if narrow else 8.5
        low, high = table["tier_score"].min(), table["tier_score"].max()
        room = max(4.0, (high - low) * 0.07)
        axes.set_xlim(max(low - room, -2) if low >= 0 else low - room, high + room)
        axes.set_ylim(-0.7, len(table) - 0.3)
        for start in limits["start"].astype(float):
            if axes.get_xlim()[0] < start < axes.get_xlim()[1]:
                axes.axvline(start, color=QUIET, linewidth=0.9, linestyle=(0, (4, 3)), zorder=1)
        axes.hlines(places, *axes.get_xlim(), color=RULE, linewidth=0.5, zorder=0)
        for name, colour, edge, marker, chosen in _groups(table, view):
            axes.scatter(
                table["tier_score"][chosen], places[chosen], s=38, marker=marker, c=colour, edgecolors=edge, linewidths=1.1,
                zorder=3, label=name,
            )  # fmt: skip
        names = [clip(plain(view.name(str(account))), narrow) for account in table.index]
        axes.set_yticks(places, names, fontsize=size)
        other = axes.secondary_yaxis("right")
        held = [locale.percent(p, 0) if p == p else "" for p in table["tier_probability"]]
        words = {row["tier"]: _short(row, locale) for _, row in result.summary.iterrows()}
        other.set_yticks(places, [f"{words[t]} {p}".strip() for t, p in zip(table["tier"], held, strict=True)], fontsize=size, color=QUIET)
        for spine in (axes.spines["left"], other.spines["right"]):
            spine.set_visible(False)
        other.tick_params(length=0)
        ticks = [s for s in limits["start"].astype(float) if axes.get_xlim()[0] < s < axes.get_xlim()[1]]
        if ticks:
            axes.set_xticks(ticks, [_limit(row, locale) for _, row in limits.iterrows() if float(row["start"]) in ticks], fontsize=size)
        axes.set_xlabel(locale.text(N_("score")), fontsize=size)
        axes.legend(
            frameon=False, fontsize=size, loc="lower center", bbox_to_anchor=(0.5, 1), borderaxespad=0.2,
            ncols=2 if narrow else 4, handletextpad=0.2, columnspacing=1.0,
        )  # fmt: skip

    caption = locale.text(
        N_(
            "The largest key accounts and those that could as well be key or not, by score. On the right the tier, and in what share "
            "of the trials with other reasonable weights and data it stayed the same."
        )
    )
    if len(limits):
        caption += locale.text(N_(" Dashed lines: where a tier begins."))
    parts = [
        f"{plain(view.name(str(i)))} {locale.number(row['tier_score'], 1)} {row['tier']}"
        + (f" {locale.percent(row['tier_probability'], 0)}" if row["tier_probability"] == row["tier_probability"] else "")
        for i, row in shown.iterrows()
    ]
    return chart(draw, caption, locale.say(N_("Score, tier and its probability: {parts}."), parts=parts_of(parts, locale)))


def near_the_top(rated: pd.DataFrame, most: int) -> pd.DataFrame:
    """Up to ``most`` buying units: first those that could as well be key or not, then the largest of levels S and A; by score."""
    near = rated["key_probability"].between(*NEAR)
    table = rated.assign(_near=near, _id=rated.index)[(near | rated["level"].isin(["S", "A"])) & (rated["revenue"] > 0)]
    table = table.sort_values(["_near", "revenue", "_id"], ascending=[False, False, True]).head(most)
    return table.sort_values(["tier_score", "revenue", "_id"], ascending=[False, False, True])


def departments(result: Tiers) -> Display:
    """Each department's weights, coloured by how far they lie from the mean of all; below them the mean and the card's own."""
    view, long = current(), result.departments
    if long.empty or long["department"].nunique() < 2:
        return NOTHING
    locale = view.locale
    criteria = list(dict.fromkeys(long["criterion"]))
    labels = long.drop_duplicates("criterion").set_index("criterion")[locale.language]
    grid = long.pivot(index="department", columns="criterion", values="deviation")[criteria] * 100
    away = grid.abs().sum(axis=1).round(6)
    grid = grid.loc[sorted(grid.index, key=lambda d: (-away[d], d))]
    weights = long.pivot(index="department", columns="criterion", values="weight").loc[grid.index, criteria]
    mean = (weights.iloc[0] * 100 - grid.iloc[0]) / 100
    own = result.criteria.groupby(f"branch_{locale.language}")["weight"].sum().reindex([labels[c] for c in criteria]).set_axis(criteria)
    below = {locale.text(N_("average")): mean, locale.text(N_("scorecard")): own}
    said = pd.concat([weights, pd.DataFrame(below).T])

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        from matplotlib.colors import LinearSegmentedColormap

        axes.figure.set_figheight(0.75 + 0.36 * len(said))  # type: ignore[union-attr]
        shade = LinearSegmentedColormap.from_list("deviation", [against(view.accent), "#FFFFFF", view.accent])
        most = max(5.0, float(np.nanmax(grid.abs().to_numpy())))
        values = pd.concat([grid, said.iloc[len(grid) :] * np.nan]).to_numpy()
        axes.pcolormesh(np.ma.masked_invalid(values), cmap=shade, vmin=-most, vmax=most, edgecolors="white", linewidth=1.5)
        size = 9 if len(criteria) <= (5 if narrow else 9) else 7
        for (row, column), value in np.ndenumerate(values):
            fill = shade((value + most) / (2 * most))
            colour = readable(fill) if value == value else QUIET
            text = locale.percent(said.iloc[row, column], 0)
            axes.text(column + 0.5, row + 0.5, text, ha="center", va="center", color=colour, fontsize=size)
        axes.axhline(len(grid), color=QUIET, linewidth=0.8)
        axes.invert_yaxis()
        axes.set_yticks(np.arange(len(said)) + 0.5, [clip(plain(department(str(d), locale)), narrow) for d in said.index])
        room = (axes.figure.get_figwidth() * 72 - (75 if narrow else 110)) / len(criteria)  # type: ignore[union-attr]
        longest = max(len(word) for label in labels for word in plain(label).split())
        letter = 1.02 if locale.language == "zh" else 0.56  # of the font size
        head = min(float(size), max(6.5, room / letter / longest)) if locale.language == "en" else float(size)
        wide = head * letter
        axes.set_xticks(np.arange(len(criteria)) + 0.5, [wrapped(labels[c], int(room / wide)) for c in criteria], fontsize=head)
        axes.xaxis.tick_top()
        axes.tick_params(length=0)
        for side in axes.spines.values():
            side.set_visible(False)

    caption = locale.text(
        N_(
            "The weight each department gives a criterion, coloured where it is more (in the colour of the report) or less (ochre) than "
            "the mean of the departments; the department furthest from the mean on top."
        )
    )
    parts = [
        f"{plain(department(str(d), locale))} " + locale.text(N_(", ")).join(f"{labels[c]} {locale.percent(v, 0)}" for c, v in row.items())
        for d, row in said.iterrows()
    ]
    return chart(draw, caption, locale.say(N_("Weights by department: {parts}."), parts=parts_of(parts, locale)))


def _groups(table: pd.DataFrame, view: View) -> list[tuple[str, str, str, str, Any]]:
    """(name, colour, edge, marker, which rows) of each degree of certainty; all four, so that the legend is the same everywhere."""
    locale, held = view.locale, table["tier_probability"].to_numpy(dtype=float)
    pale = mixed(view.accent, 0.55)
    groups = [
        (N_("firm (from 90%)"), view.accent, view.accent, "o", held >= VERY_FIRM),
        (N_("fairly firm (from 70%)"), pale, pale, "o", (held >= FIRM) & (held < VERY_FIRM)),
        (N_("borderline (below 70%)"), WARN, WARN, "o", held < FIRM),
        (N_("set by hand"), "white", INK, "D", np.isnan(held)),
    ]
    return [(locale.text(name), colour, edge, marker, chosen) for name, colour, edge, marker, chosen in groups if chosen.any()]


def _short(row: pd.Series, locale: Locale) -> str:
    """A tier in few letters: its key where that is short, else its name."""
    return str(row["tier"]) if len(str(row["tier"])) <= 3 else clip(str(row[locale.language]), True)


def _limit(row: pd.Series, locale: Locale) -> str:
    return f"{_short(row, locale)}\n≥ {locale.number(row['start'], 0 if float(row['start']).is_integer() else 1)}"


def wrapped(text: str, width: int, most: int = 3) -> str:
    """``text`` in at most ``most`` lines of ``width`` characters."""
    return "\n".join(textwrap.wrap(plain(text), max(3, width), max_lines=most, placeholder="…", break_on_hyphens=False))


def plain(name: str) -> str:
    """A client's word on one line."""
    return " ".join(name.split())


def parts_of(parts: list[str], locale: Locale) -> str:
    return locale.text(N_("; ")).join(parts)


def mixed(colour: str, part: float) -> str:
    """``colour`` with ``part`` of it replaced by white."""
    from matplotlib.colors import to_hex, to_rgb

    red, green, blue = (c + (1 - c) * part for c in to_rgb(colour))
    return str(to_hex((red, green, blue)))


def against(accent: str) -> str:
    """The colour for the other side of nothing: warm, unless the brand's own colour is."""
    from matplotlib.colors import to_rgb

    red, _, blue = to_rgb(accent)
    return "#3F6E93" if red > blue else "#B9771E"


def readable(fill: Any) -> str:
    """Ink or white, whichever stands out more on ``fill`` (contrast by WCAG 2's relative luminance)."""
    from matplotlib.colors import to_rgb

    def luminance(colour: Any) -> float:
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
        return float(np.dot([0.2126, 0.7152, 0.0722], linear))

    on = luminance(fill)
    return "white" if 1.05 / (on + 0.05) > (on + 0.05) / (luminance(INK) + 0.05) else INK
