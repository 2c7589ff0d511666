"""Why no churn probability is shown, or that of purchase dates alone, in words."""

from __future__ import annotations

from kamplay.show.check.step import ASK_FOR_MONTHS
from kamplay.show.locale import N_
from kamplay.show.registry import FindingSpec, register_findings

# what this topic can find, in words
USE_EXPERT_SCORE = {
    "use_expert_score": N_(
        "Analyst: use the ranking, not a probability, and test again when there is more history."
    )
}

register_findings(
    FindingSpec(
        "dates_few",
        "withheld",
        N_(
            "The probability of stopping is that of purchase dates alone (BG/NBD): too few accounts "
            "stopped or stayed for a model of more than the dates. In the last {horizon:n} days it "
            "ranked right {auc:pct} of the time on {n_test:n} accounts (95% interval {auc_low:pct} to "
            "{auc_high:pct})."
        ),
        on_first_page=False,
    ),
    FindingSpec(
        "dates_short",
        "withheld",
        N_(
            "The probability of stopping is that of purchase dates alone (BG/NBD): the history is too short "
            "for a model of more than the dates. In the last {horizon:n} days it ranked right {auc:pct} "
            "of the time on {n_test:n} accounts (95% interval {auc_low:pct} to {auc_high:pct})."
        ),
        on_first_page=False,
    ),
    FindingSpec(
        "dates_better",
        "withheld",
        N_(
            "The probability of stopping is that of purchase dates alone (BG/NBD): in the last {horizon:n} "
            "days a model of more than the dates erred more. It ranked right {auc:pct} of the time on "
            "{n_test:n} accounts (95% interval {auc_low:pct} to {auc_high:pct})."
        ),
        on_first_page=False,
    ),
    FindingSpec(
        "too_few",
        "withheld",
        N_(
            "Too few to validate: a chance of stopping is learnt from accounts that stopped and accounts "
            "that stayed, {needed:n} of each at least in the period to learn from and in the one to test "
            "on, and the scarcest of these has {events:n}. No probability is shown; the expert score ranks "
            "alone."
        ),
        actions=USE_EXPERT_SCORE,
    ),
    FindingSpec(
        "too_short",
        "withheld",
        N_(
            "Too few to validate: the history is too short to learn from one period and test on "
            "another of {horizon:n} days. No probability is shown; the expert score ranks alone."
        ),
        actions=USE_EXPERT_SCORE,
    ),
    FindingSpec(
        "not_better",
        "withheld",
        N_(
            "A probability of stopping was tried and did not hold out of time (it ranked right "
            "{auc:pct} of the time on {n_test:n} accounts), so none is shown; the expert score ranks "
            "alone."
        ),
        actions=USE_EXPERT_SCORE,
        on_first_page=False,
    ),
    FindingSpec(
        "seen_to",
        "withheld",
        N_(
            "The data end on {seen_to:date}; health is judged at that day, so that months never "
            "delivered do not look like silence."
        ),
        actions=ASK_FOR_MONTHS,
    ),
)
