"""The scorecard's criteria, their weights and their data."""

from __future__ import annotations

from collections.abc import Mapping

from kamplay.method.results import Finding
from kamplay.method.tiers.step import Tiers
from kamplay.show.display import Display
from kamplay.show.locale import N_, Locale
from kamplay.show.registry import FindingSpec, register_findings, table
from kamplay.show.table import Column, html_table
from kamplay.show.texts.vocabulary import measure_label
from kamplay.show.tiers.consensus import HOLD_BALLOT
from kamplay.show.view import current

FILL_CRITERIA = {
    "fill_criteria": N_(
        "Sales operations: provide the missing data for the next report or have experts rate it; else "
        "take the criterion out of the card."
    )
}


def _judgement(finding: Finding, locale: Locale) -> Mapping[str, object]:
    figures = finding.figures
    own = figures.get(locale.language)
    return {
        "who": figures["rater"] or locale.text(N_("all raters together")),
        "pair": locale.say(N_("{a} over {b}"), a=own[0], b=own[1]) if own else "",
        "given_ratio": _ratio(figures["given"], locale),
        "mended_ratio": _ratio(figures["mended"], locale),
    }


def _ratio(value: float, locale: Locale) -> str:
    """A pairwise judgement on Saaty's scale: 3, or 1/3."""
    return locale.count(round(value, 1)) if value >= 1 else f"1/{locale.count(round(1 / value, 1))}"


register_findings(
    FindingSpec(
        "criteria_unknown",
        "criteria",
        N_("The scorecard could not judge {what} for most accounts ({weight:pct} of its weight)."),
        actions=FILL_CRITERIA,
    ),
    FindingSpec(
        "criteria_known",
        "criteria",
        N_("Every criterion of the scorecard is backed by data for at least half of the accounts."),
    ),
    FindingSpec(
        "ratings_unused", "criteria", N_("Ratings were delivered that this scorecard does not use: {what}.")
    ),
    FindingSpec(
        "ballots_missing",
        "criteria",
        N_("The scorecard takes its weights from ballots, but none could be used: its own weights stand in."),
        actions=HOLD_BALLOT,
    ),
    FindingSpec(
        "weights_from_ballots",
        "criteria",
        N_(
            "The weights are what the departments gave: the mean of their ballots, one voice for "
            "each department."
        ),
    ),
    FindingSpec(
        "weights_normalised",
        "criteria",
        N_("The card's weights add up to {sum:n1}, not to 100; they were scaled to shares."),
    ),
    FindingSpec(
        "weights_recalibrated",
        "criteria",
        N_("{share:pct} of every weight follows the data: criteria that tell accounts apart count for more."),
    ),
    FindingSpec(
        "judgements_rough",
        "criteria",
        N_(
            "The pairwise judgements of {who} contradict themselves (consistency ratio {worst:n2}; "
            "up to 0.10 is accepted). The odd one is {pair}: {given_ratio} was given, {mended_ratio} "
            "would bring it to {cr_after:n2}."
        ),
        actions={
            "mend_judgement": N_(
                "Sales operations: ask the rater again about this pair before the weights are used."
            )
        },
        words=_judgement,
    ),
    FindingSpec(
        "judgements_consistent",
        "criteria",
        N_(
            "The pairwise judgements of {raters:n} {raters:plural|rater|raters} are consistent "
            "(ratio {cr:n2}; up to 0.10 is accepted)."
        ),
    ),
)


@table
def criteria_table(tiers: Tiers) -> Display:
    """The scorecard: what each criterion measures, its weight, what other sources would give it, and for how
    many accounts it is known.
    """
    locale, frame = current().locale, tiers.criteria
    language = locale.language
    label = [
        locale.say(N_("{branch}: {name}"), branch=b, name=n) if nested else n
        for b, n, nested in zip(frame[f"branch_{language}"], frame[language], frame["nested"], strict=True)
    ]
    measured = [measure_label(m, locale) for m in frame["measure"].str.partition(".")[0]]
    better = [
        locale.say(N_("{measure}; less is better"), measure=m) if less else m
        for m, less in zip(measured, frame["less"], strict=True)
    ]
    columns = [
        Column("label", N_("Criterion")),
        Column("by", N_("Measured by"), extra=True, css="long"),
        Column("weight", N_("Weight"), "pct1"),
        Column("departments", N_("Departments' mean"), "pct1"),
        Column("judged", N_("By pairwise judgement"), "pct1"),
        Column("critic", N_("By the data"), "pct1", extra=True),
        Column("coverage", N_("Data coverage"), "pct"),
        Column("mean_points", N_("Mean points"), "n", extra=True),
    ]
    columns = [c for c in columns if c.key not in ("departments", "judged") or frame[c.key].notna().any()]
    caption = N_(
        "The scorecard: each criterion gives 0 to 100 points, more is better. By the data: "
        "the weights that the spread and overlap of the criteria alone would give, for "
        "comparison."
    )
    return html_table(frame.assign(label=label, by=better), columns, caption)
