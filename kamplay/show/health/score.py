"""Tables of the health score: why large accounts are not green, what the score rests on, whose score moved
and why.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pandas as pd

from kamplay.codebook import codebook
from kamplay.method.health.priority_list import too_wide
from kamplay.method.health.step import Health
from kamplay.method.measures.registry import MEASURES
from kamplay.palette import BAD, GOOD, QUIET, WARN
from kamplay.show.charts.bridge import draw_bridge
from kamplay.show.charts.chart import bare, draw_chart, join_parts, percent_axis
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_, missing
from kamplay.show.registry import FindingSpec, chart, register_findings, sheet, table
from kamplay.show.table import ACCOUNT, ACCOUNT_COLUMNS, REVENUE, Column, Sheet, html_table, with_names, word
from kamplay.show.texts.vocabulary import BANDS, DRIVERS, HEALTH_WORDS_CAUSES, band_label, measure_text
from kamplay.show.view import View, current

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LEAST = 0.5  # points below which a reason is none


@table
def score_detail_table(health: Health) -> Display:
    """The largest accounts that are not green and not on the priority list: score (and what it was without
    the red flag), coverage, the three dearest reasons with their figures, the red flag.
    """
    locale = current().locale
    if not current().one_by_one:
        return NOTHING
    scores = health.score.accounts
    frame = scores[
        scores["health_band"].isin(["yellow", "red"])
        & ~scores.index.isin(health.priority_list.accounts.index)
    ]
    frame = frame.sort_values("revenue", ascending=False, kind="stable").head(10)
    reasons = reasons_of(health.score.parts, frame.index, ends=health.accounts)
    flags = health.score.flags.set_index("flag")[locale.language]

    def cap(name: Any) -> str:
        return "–" if missing(name) else str(flags[name])

    def capped_score(row: Any) -> str:
        """39 (82 without the red flag)."""
        if missing(row.capped_by):
            return locale.number(_cut(row.health))
        return locale.say(
            N_("{now:n} ({raw:n} without the red flag)"), now=_cut(row.health), raw=_cut(row.raw)
        )

    frame = frame.assign(
        reasons=[reasons.get(a, "–") for a in frame.index],
        score=[capped_score(row) for row in frame.itertuples()],
    )
    columns = [
        ACCOUNT,
        Column("score", N_("Score")),
        Column("health_band", N_("Health"), word(BANDS), extra=True, css="keep"),
        Column("coverage", N_("Rests on data"), "pct", extra=True),
        Column("reasons", N_("What costs most points"), css="long"),
        Column("capped_by", N_("Red flag"), cap, extra=bool(frame["capped_by"].isna().all())),
    ]
    caption = N_(
        "The largest yellow and red accounts outside the priority list. In brackets the "
        "points that each reason costs; a red flag caps the score."
    )
    return html_table(
        with_names(frame), columns if frame["capped_by"].notna().any() else columns[:-1], caption, most=10
    )


def _cut(score: float) -> float:
    """Points rounded down: 69.97 is not 70."""
    return math.floor(score + 1e-9)


def reasons_of(
    parts: pd.DataFrame,
    accounts: pd.Index,
    most: int = 3,
    points: bool = True,
    ends: pd.DataFrame | None = None,
) -> dict[str, str]:
    """Per account the weak indicators that cost most points, with their figures and the points.

    ``ends`` : churn_low and churn_high by account: a chance too wide for one figure is told by them.
    """
    locale = current().locale
    rows = parts[parts["account_id"].isin(accounts) & parts["weak"] & (parts["lost"] >= LEAST)].sort_values(
        "lost", ascending=False, kind="stable"
    )
    rows = rows.groupby("account_id", observed=True).head(most)
    out: dict[str, list[str]] = {}
    for row in rows.itertuples():
        reason = measure_text(str(row.measure), float(row.value), locale)
        if row.measure == "churn_probability" and ends is not None:
            low, high = ends.loc[row.account_id, ["churn_low", "churn_high"]]
            if too_wide(low, high):
                reason = locale.say(N_("stops with a chance of {low:pct} to {high:pct}"), low=low, high=high)
        text = locale.say(N_("{reason} (−{points:n1})"), reason=reason, points=row.lost) if points else reason
        out.setdefault(str(row.account_id), []).append(text)
    return {account: locale.text(N_("; ")).join(texts) for account, texts in out.items()}


@table
def score_base_table(health: Health) -> Display:
    """Per dimension its weight, the accounts with data on it, and the source tables."""
    locale = current().locale
    used = health.score.indicators.groupby("dimension", sort=False)["table"].agg(
        lambda t: list(dict.fromkeys(t))
    )
    judged = len(health.score.accounts)
    frame = health.score.dimensions.assign(
        title=health.score.dimensions[locale.language],
        known=health.score.dimensions["accounts"] / judged if judged else 0.0,
        tables=[
            locale.words([codebook()[t].labels[locale.language] for t in used[d]], 9)
            for d in health.score.dimensions["dimension"]
        ],
    )
    columns = [
        Column("title", N_("Dimension")),
        Column("weight", N_("Weight"), "pct"),
        Column("known", N_("Accounts with data"), "pct"),
        Column("lost", N_("Points lost"), "n1"),
        Column("tables", N_("Taken from"), extra=True, css="long"),
    ]
    return html_table(
        frame if judged else frame.iloc[:0],
        columns,
        N_("What the score rests on. Points lost: on average over all judged accounts."),
    )


@table
def score_moves_table(health: Health) -> Display:
    """The accounts whose score fell most since the earlier run, split by cause; nothing without one."""
    if health.score_changes is None:
        return NOTHING
    frame = health.score_changes.accounts
    columns = [
        ACCOUNT,
        Column("before", N_("Score then"), "score"),
        Column("now", N_("Score now"), "score"),
        Column("customer", N_("Customer"), "n1"),
        Column("age", N_("Older data"), "n1", extra=True),
        Column("definition", N_("Definition"), "n1", extra=True),
    ]
    caption = N_(
        "The scores that fell most since the earlier run, in points. Customer: what changed "
        "at the account itself."
    )
    return html_table(with_names(frame[frame["change"] < 0]), columns, caption, most=10)


COLOURS = {"green": GOOD, "yellow": WARN, "red": BAD}


@chart
def dimensions_chart(health: Health) -> Display:
    """For every dimension with data the share of accounts green, yellow and red, and the median points
    (``health.score.dimensions``).
    """
    view, table = current(), health.score.dimensions
    table = table[table["accounts"] > 0].reset_index(drop=True)
    if table.empty:
        return NOTHING
    locale = view.locale
    names = table[locale.language]

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        import seaborn as sns

        places = range(len(table))
        rows = table.assign(place=places).melt("place", list(COLOURS), "band", "share")
        sns.histplot(
            rows,
            y="place",
            weights="share",
            hue="band",
            hue_order=list(COLOURS)[::-1],  # the last lies at the axis
            palette=COLOURS,
            multiple="stack",
            discrete=True,
            shrink=0.62,
            alpha=1,
            linewidth=0,
            ax=axes,
        )
        for place, row in enumerate(table.itertuples()):
            many = "" if narrow else " " + locale.say(N_("({accounts:n} accounts)"), accounts=row.accounts)
            axes.text(1.02, place, locale.number(row.median) + many, va="center", fontsize=8.5)
        axes.text(1.02, -0.58, locale.text(N_("median points")), va="bottom", fontsize=8, color=QUIET)
        axes.set_xlim(0, 1.3 if narrow else 1.28)
        axes.set(xlabel="", ylabel="", ylim=(len(table) - 0.4, -0.9))
        axes.set_xticks([0, 0.5, 1])
        axes.spines["bottom"].set_bounds(0, 1)
        percent_axis(axes.xaxis, view)
        bare(axes, "left")
        axes.set_yticks(places, list(names))
        legend: Any = axes.get_legend()
        axes.legend(
            legend.legend_handles[::-1],
            [band_label(band, locale) for band in COLOURS],
            frameon=False,
            loc="lower left",
            bbox_to_anchor=(0, 1.0),
            ncols=3,
            fontsize=8.5,
            borderaxespad=0,
        )

    caption = locale.text(
        N_(
            "Accounts green, yellow and red on each side of the relation, of those with data on "
            "it; the points are before any red flag."
        )
    )
    parts = locale.text(N_("; ")).join(
        locale.say(
            N_("{name} {green:pct} green, {red:pct} red, median {median:n}"),
            name=name,
            green=g,
            red=r,
            median=m,
        )
        for name, g, r, m in zip(names, table["green"], table["red"], table["median"], strict=True)
    )
    return draw_chart(
        draw, caption, locale.say(N_("By dimension: {parts}."), parts=parts), height=0.35 + 0.085 * len(table)
    )


@chart
def waterfall_chart(health: Health) -> Display:
    """The average score of the earlier run and of now, and what lies between (``health.score_changes``);
    nothing without an earlier run.
    """
    if health.score_changes is None or health.score_changes.steps.empty:
        return NOTHING
    locale, table = current().locale, health.score_changes.steps
    ends = table["item"].isin(["before", "now"])
    table = table[ends | (table["points"].abs() >= 0.05)].reset_index(drop=True)
    labels = [locale.text(HEALTH_WORDS_CAUSES[item]) for item in table["item"]]
    parts = [
        f"{label} {locale.number(points, 1)}" for label, points in zip(labels, table["points"], strict=True)
    ]
    return draw_bridge(
        labels,
        table["points"].to_numpy(),
        locale.text(
            N_(
                "Average health score of the earlier run and of now, and what moved it: only the part of the "
                "customers says that something changed at the accounts."
            )
        ),
        locale.say(N_("Average score: {parts}."), parts=join_parts(parts, locale)),
        words=lambda points: locale.number(points, 1),
        neutral=table.index[table["item"].isin(["left", "entered"])],
    )


@sheet
def scores_sheet(health: Health) -> Sheet:
    """The score of every judged account, the larger account first."""
    locale, scores = current().locale, health.score.accounts
    flags = health.score.flags.set_index("flag")[locale.language].astype(str)

    def in_words(names: Iterable[str]) -> str:
        return locale.text(N_("; ")).join(flags[name] for name in names)

    rows = scores.sort_values("revenue", ascending=False, kind="stable")
    rows = rows.assign(
        by_hand=rows["override"].where(rows["override"] != 0),
        flags=[in_words(names) or None for names in rows["flags"]],
    )
    columns = [
        *ACCOUNT_COLUMNS,
        Column("health", N_("Health"), "n1"),
        Column("health_band", N_("Band"), BANDS),
        Column("coverage", N_("Rests on data"), "pct"),
        Column("raw", N_("Before red flags and decisions"), "n1"),
        Column("capped_by", N_("Red flag that held it down"), flags.to_dict()),
        Column("flags", N_("Red flags that hold")),
        Column("by_hand", N_("Changed by hand, points"), "n1"),
        Column("override_reason", N_("Score set by hand because")),
        REVENUE,
    ]
    return Sheet(N_("Health score"), rows, columns)


@sheet
def score_parts_sheet(health: Health) -> Sheet:
    """What costs an account half a point or more, the larger account first."""
    locale, parts = current().locale, health.score.parts
    order = health.score.accounts.sort_values("revenue", ascending=False, kind="stable").index
    parts = parts[parts["lost"] >= LEAST]
    parts = parts.assign(place=order.get_indexer(parts["account_id"]))
    parts = parts.sort_values(["place", "lost"], ascending=[True, False], kind="stable")
    titles = health.score.dimensions.set_index("dimension")[locale.language].astype(str)
    measured = zip(parts["measure"], parts["value"], strict=True)
    rows = parts.assign(figure=[measure_text(str(m), float(v), locale) for m, v in measured])
    columns = [
        *ACCOUNT_COLUMNS,
        Column("dimension", N_("Dimension"), titles.to_dict()),
        Column("figure", N_("Figure")),
        Column("points", N_("Points of 100"), "n1"),
        Column("weight", N_("Weight in the score"), "pct1"),
        Column("lost", N_("Points it costs"), "n1"),
        Column("age_days", N_("Age of the figure, days"), "n"),
    ]
    return Sheet(N_("What costs points"), rows, columns)


@sheet
def score_moves_sheet(health: Health) -> Sheet:
    """Whose score moved since the run before, and what moved it."""
    moves = health.score_changes.accounts if health.score_changes else pd.DataFrame()
    if len(moves):
        measures = health.score.parts.drop_duplicates("indicator").set_index("indicator")["measure"]
        codes = {indicator: MEASURES[m].code for indicator, m in measures.items() if m in MEASURES}
        moves = moves.assign(driver=moves["because"].map(codes))
    columns = [
        *ACCOUNT_COLUMNS,
        Column("before", N_("Score then"), "n1"),
        Column("now", N_("Score now"), "n1"),
        Column("band_before", N_("Band then"), BANDS),
        Column("band_now", N_("Band now"), BANDS),
        Column("change", N_("Change"), "n1"),
        Column("customer", N_("Customer"), "n1"),
        Column("age", N_("Older data"), "n1"),
        Column("override", N_("Changed by hand, points"), "n1"),
        Column("definition", N_("Definition"), "n1"),
        Column("driver", N_("What costs most points"), DRIVERS),
    ]
    return Sheet(N_("Changes of score"), moves, columns)


# what this topic can find, in words
FILL_SIDES = {
    "fill_sides": N_("Have the account owners supply what is missing, for the largest accounts first.")
}
RENEW_SCORES = {"renew_scores": N_("Renew these scores with a new reason and date, or let the rule stand.")}

register_findings(
    FindingSpec(
        "score_coverage", "score", N_("On average {coverage:pct} of the card's weight rests on data.")
    ),
    FindingSpec(
        "score_thin",
        "score",
        N_(
            "{thin:n} of {judged:n} scores are thin: less than {limit:pct} of the card's weight "
            "rests on data there; the largest: {names}."
        ),
        actions=FILL_SIDES,
    ),
    FindingSpec(
        "score_unknown",
        "score",
        N_(
            "Nothing is known of {what}: {weight:pct} of the card's weight goes to the other sides "
            "of the relation."
        ),
        actions=FILL_SIDES,
    ),
    FindingSpec(
        "score_dearest",
        "score",
        N_("Accounts lack {total:n1} points on average, the largest part for {what}: {lost:n1}."),
    ),
    FindingSpec(
        "score_capped",
        "score",
        N_(
            "A red flag holds down {count:n} {count:plural|score|scores} by {points:n1} points on "
            "average ({what}): {names}."
        ),
        unnamed=N_(
            "A red flag holds down {count:n} {count:plural|score|scores} by {points:n1} points on "
            "average ({what})."
        ),
        actions={"clear_flags": N_("Name for each of these accounts who clears the red flag, and by when.")},
    ),
    FindingSpec(
        "score_by_hand",
        "score",
        N_(
            "{count:n} health {count:plural|score was|scores were} set by hand, with a reason "
            "and a name: {names}."
        ),
    ),
    FindingSpec(
        "score_hand_expired",
        "score",
        N_(
            "{count:n} health {count:plural|score|scores} set by hand {count:plural|has|have} "
            "expired and no longer {count:plural|applies|apply}: {names}."
        ),
        actions=RENEW_SCORES,
    ),
    FindingSpec(
        "score_hand_unusable",
        "score",
        N_(
            "{count:n} health {count:plural|score|scores} set by hand {count:plural|was|were} not "
            "applied, as the account is not judged: {names}."
        ),
        actions=RENEW_SCORES,
    ),
    FindingSpec(
        "score_hand_impossible",
        "score",
        N_(
            "{count:n} health {count:plural|score|scores} set by hand {count:plural|was|were} not "
            "applied, as {count:plural|it does|they do} not lie between 0 and 100: {names}."
        ),
        actions={"correct_scores": N_("Have whoever set these scores give them anew, from 0 to 100.")},
    ),
    FindingSpec(
        "score_moved",
        "score_movement",
        N_(
            "Since {since:date} the average score went from {before:n1} to {now:n1}: {customer:n1} "
            "from the customers themselves, {age:n1} from data that grew old, {override:n1} from "
            "decisions by hand, {definition:n1} from the definition, {mix:n1} from accounts that "
            "came or went ({left:n} no longer scored, {entered:n} for the first time)."
        ),
    ),
    FindingSpec(
        "score_fell",
        "score_movement",
        N_(
            "{count:n} {count:plural|account|accounts} lost {least:n} points or more through what "
            "changed there, not through older data or another definition; {first} {points:n1} (score "
            "{before:n1} then, {now:n1} now)."
        ),
        actions={
            "ask_why_fell": N_(
                "Have each owner say in the next meeting what happened there and what is done about it."
            )
        },
    ),
    FindingSpec(
        "score_definition",
        "score_movement",
        N_(
            "The health card is another one than in the earlier run; {definition:n1} points of the "
            "average change come from that and not from the customers."
        ),
        actions={
            "explain_definition": N_(
                "Tell everyone who compares the two reports, and compare by the customers' part alone."
            )
        },
    ),
    FindingSpec(
        "score_version",
        "score_movement",
        N_(
            "Since {since:date} the average score went from {before:n1} to {now:n1}, but the "
            "measures themselves are counted differently than in the earlier run: {definition:n1} of "
            "it cannot be told apart into customers and definition, {override:n1} come from "
            "decisions by hand, {mix:n1} from accounts that came or went ({left:n} no longer scored, "
            "{entered:n} for the first time)."
        ),
        actions={
            "explain_version": N_(
                "Tell everyone who compares the two reports that their scores do not compare; the "
                "next report will compare with this one."
            )
        },
    ),
)
