"""Stability of the tiers: scores against the limits, and the chance to keep the tier next year."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kamplay.method.results import Finding
from kamplay.method.tiers.stability import STABLE
from kamplay.method.tiers.step import Tiers
from kamplay.palette import BAD, INK, QUIET, RULE, WARN
from kamplay.presets.scorecard import KEY_LEVELS
from kamplay.show.charts.chart import clip, draw_chart, join_parts, lighten, one_line
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_, Locale
from kamplay.show.registry import FindingSpec, chart, register_findings, sheet
from kamplay.show.table import ACCOUNT_COLUMNS, REVENUE, Column, Sheet
from kamplay.show.tiers.key_accounts import open_words
from kamplay.show.view import View, current

if TYPE_CHECKING:
    from matplotlib.axes import Axes

VERY_STABLE = 0.9  # chance to stay in the tier next year
NEAR = (0.3, 0.7)  # probabilities of being key between which it is open
MOST, MOST_NARROW = 20, 12  # accounts drawn
DEGREES = {
    "firm": N_("firm (from 90%)"),
    "fairly_firm": N_("fairly firm (from 70%)"),
    "borderline": N_("borderline (below 70%)"),
    "warned": N_("sign of leaving"),
    "by_hand": N_("set by hand"),
}
MARKERS = {"by_hand": "D", "warned": "X"}
CHANCES = {
    "chance_1": N_("Next year: highest tier"),
    "chance_2": N_("Next year: second tier"),
    "chance_3": N_("Next year: third tier"),
    "chance_4": N_("Next year: fourth tier"),
    "chance_5": N_("Next year: fifth tier"),
}


KEY_ONES = {True: N_("{upper:n} of them key accounts"), False: N_("none of them a key account")}


def _key_ones(finding: Finding, locale: Locale) -> dict[str, str]:
    upper = finding.figures["upper"]
    return {"key_ones": locale.say(KEY_ONES[upper > 0], upper=upper)}


register_findings(
    FindingSpec(
        "borderline",
        "stability",
        N_(
            "{unstable:n} of {accounts:n} {accounts:plural|account|accounts} "
            "{unstable:plural|has|have} less than a {firm:pct} chance to be in the same tier at next "
            "year's rating, {key_ones}, as purchases vary and accounts stop. Other "
            "reasonable weights would move {by_weights:n} already today."
        ),
        words=_key_ones,
        actions={
            "settle_borderline": N_(
                "Heads of department: bind no discount or team beyond the year to a tier that may not "
                "hold, unless the account is decided by name."
            )
        },
        brief=N_("{unstable:n} of {accounts:n} accounts may well change tier next year, {key_ones}."),
        rank=53,
    ),
    FindingSpec(
        "all_firm",
        "stability",
        N_("Every account is at least 70% likely to be in the same tier at next year's rating."),
    ),
    FindingSpec(
        "doubt_driver",
        "stability",
        N_(
            "Of the {unstable:n} {unstable:plural|account|accounts} that other reasonable weights would "
            "move, {count:n} {count:plural|hangs|hang} most on the weight of “{what}”."
        ),
        actions={"sharpen_criterion": N_("Heads of department: agree first on the weight of “{what}”.")},
    ),
)


@sheet
def stability_sheet(tiers: Tiers) -> Sheet:
    """Stability of the tier of every account with revenue, and why it is to be decided by name, if it is; no
    row where there are no tiers.
    """
    units = tiers.rated[(tiers.rated["revenue"] > 0) & tiers.tiered]
    columns = [
        *ACCOUNT_COLUMNS,
        Column("members", N_("Accounts in it"), "n"),
        Column("tier", N_("Tier")),
        Column("note", N_("Why it is open")),
        Column("tier_score", N_("Score"), "n1"),
        Column("tier_probability", N_("Chance to stay in it next year"), "pct"),
        Column("key_probability", N_("Chance of being key next year"), "pct"),
        *(Column(name, label, "pct") for name, label in CHANCES.items() if name in units),
        Column("by_weights", N_("Kept today if weights vary"), "pct"),
        REVENUE,
    ]
    rows = units.sort_values(["revenue", "tier_score"], ascending=False)
    why = [open_words(reasons) if reasons else None for reasons in rows["open"].map(list)]
    return Sheet(
        N_("Certainty of tiers"), rows.assign(note=pd.Series(why, rows.index, dtype=object)), columns
    )


@chart
def tier_stability_chart(tiers: Tiers) -> Display:
    """Scores of the key and nearly key accounts against the limits of the tiers; colour shows stability."""
    locale, shown = current().locale, near_the_top(tiers.rated, MOST)
    if shown.empty or not (tiers.key_figures["worthwhile"] and current().one_by_one):
        return NOTHING
    labels = {row["tier"]: _tier_label(row, locale) for _, row in tiers.summary.iterrows()}
    limits = tiers.summary[pd.to_numeric(tiers.summary["start"], errors="coerce") > 0]
    if not (tiers.summary["cut"] == "score").all():
        limits = limits.iloc[:0]

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        import seaborn as sns

        frame = near_the_top(tiers.rated, MOST_NARROW) if narrow else shown
        frame = frame.assign(place=np.arange(len(frame))[::-1], degree=_degree(frame))
        size = 8 if narrow else 8.5
        axes.figure.set_figheight((0.95 if narrow else 0.85) + 0.2 * len(frame))  # type: ignore[union-attr]
        colours = dict(zip(DEGREES, (view.accent, lighten(view.accent, 0.55), WARN, BAD, INK), strict=True))
        names = {
            degree: locale.text(text) for degree, text in DEGREES.items() if degree in set(frame["degree"])
        }
        degrees = frame["degree"].map(names)
        sns.scatterplot(
            frame,
            x="tier_score",
            y="place",
            hue=degrees,
            style=degrees,
            hue_order=list(names.values()),
            palette={name: colours[degree] for degree, name in names.items()},
            markers={name: MARKERS.get(degree, "o") for degree, name in names.items()},
            s=42,
            linewidth=0,
            zorder=3,
            ax=axes,
        )
        sns.move_legend(
            axes,
            "lower center",
            bbox_to_anchor=(0.5, 1),
            ncols=2 if narrow else 4,
            title=None,
            frameon=False,
            fontsize=size,
            borderaxespad=0.2,
            handletextpad=0.2,
            columnspacing=1.0,
        )
        low, high = frame["tier_score"].min(), frame["tier_score"].max()
        room = max(4.0, (high - low) * 0.07)
        axes.set_xlim(max(low - room, -2) if low >= 0 else low - room, high + room)
        axes.set_ylim(-0.7, len(frame) - 0.3)
        axes.hlines(frame["place"], *axes.get_xlim(), color=RULE, linewidth=0.5, zorder=0)
        inside = limits[limits["start"].astype(float).between(*axes.get_xlim(), inclusive="neither")]
        for start in inside["start"]:
            axes.axvline(start, color=QUIET, linewidth=0.9, linestyle=(0, (4, 3)), zorder=1)
        if len(inside):
            ticks = [
                f"{labels[row.tier]}\n≥ {locale.number(row.start, 0 if row.start.is_integer() else 1)}"
                for row in inside.astype({"start": float}).itertuples()
            ]
            axes.set_xticks(inside["start"].astype(float).tolist(), ticks, fontsize=size)
        axes.set_xlabel(locale.text(N_("score")), fontsize=size)
        axes.set_ylabel("")
        accounts = [clip(one_line(view.name(str(account))), narrow) for account in frame.index]
        axes.set_yticks(frame["place"], accounts, fontsize=size)
        kept = [f"{labels[row['tier']]} {_chances(row, locale)}".strip() for _, row in frame.iterrows()]
        right = axes.secondary_yaxis("right")
        right.set_yticks(frame["place"].tolist(), kept, fontsize=size, color=QUIET)
        right.tick_params(length=0)
        for spine in (axes.spines["left"], right.spines["right"]):
            spine.set_visible(False)

    caption = locale.say(
        N_(
            "The largest key accounts and those that may or may not be key next year, by score. On the right "
            "today's tier, and the chances in percent that next year's rating gives it {tiers}; none where a "
            "sign of leaving stands against them."
        ),
        tiers=" / ".join(labels.values()),
    )
    if len(limits):
        caption += locale.text(N_(" Dashed lines: where a tier begins."))
    parts = [
        f"{one_line(current().name(str(account)))} {locale.number(row['tier_score'], 1)} {row['tier']} "
        f"{_chances(row, locale)}".strip()
        for account, row in shown.iterrows()
    ]
    alt = locale.say(
        N_("Score, tier and the chance to stay in it next year: {parts}."), parts=join_parts(parts, locale)
    )
    return draw_chart(draw, caption, alt)


def near_the_top(units: pd.DataFrame, most: int) -> pd.DataFrame:
    """Up to ``most`` buying units by score: first those open between key and not key, then the largest of
    levels S and A.
    """
    near = units["key_probability"].between(*NEAR)
    frame = units.assign(_near=near, _id=units.index)
    frame = frame[(near | units["level"].isin(KEY_LEVELS)) & (units["revenue"] > 0)]
    frame = frame.sort_values(["_near", "revenue", "_id"], ascending=[False, False, True]).head(most)
    return frame.sort_values(["tier_score", "revenue", "_id"], ascending=[False, False, True])


def _degree(units: pd.DataFrame) -> np.ndarray:
    """Stability of each tier, a key of DEGREES."""
    chance, by_hand = units["tier_probability"], units["override"].notna()
    conditions = [by_hand, units["warned"], chance.isna(), chance >= VERY_STABLE, chance >= STABLE]
    return np.select(conditions, ["by_hand", "warned", "by_hand", "firm", "fairly_firm"], "borderline")


def _tier_label(row: pd.Series, locale: Locale) -> str:
    """Short label of a tier: its key where that is short, else its name."""
    return str(row["tier"]) if len(str(row["tier"])) <= 3 else clip(str(row[locale.language]), True)


def _chances(row: pd.Series, locale: Locale) -> str:
    """The chances of each tier at next year's rating, the highest tier first (of its own tier alone where the
    others are not known); blank where set by hand, and where a sign of leaving stands against them.
    """
    if np.isnan(row["tier_probability"]):
        return ""
    each = [row[name] for name in CHANCES if name in row.index and not np.isnan(row[name])]
    own = locale.percent(row["tier_probability"])
    return "/".join(locale.number(100 * chance) for chance in each) if each else own
