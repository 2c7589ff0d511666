"""Step 3 in words: how far the probability can be believed, what calling the first would have met, what became of last period's score."""

from __future__ import annotations

from kamplay.show.locale import N_

HEADLINES: dict[str, str] = {
    "proof_validated": N_("Tested on {n_test:n} accounts in a later period: of one account that then stopped and one that stayed, the model puts the one that stopped first in {auc:pct} of cases (AUC; 95% interval {auc_low:pct} to {auc_high:pct}; 50% would be chance)."),
    "proof_weak": N_("Tested on {n_test:n} accounts in a later period, the model did no better than chance or than one rate for all: it ranks right in {auc:pct} of cases (AUC; 95% interval {auc_low:pct} to {auc_high:pct}; 50% would be chance)."),
    "proof_one_sided": N_("What the warning is worth is not known: of the {n_test:n} accounts in the test {stopped:n} stopped, and it takes both some that stop and some that stay."),
    "proof_beats_recency": N_("The model ranks better than simply calling whoever has been silent longest: right in {auc:pct} against {other:pct} of cases; its first {k:n} include {met:n} that stopped, against {other_met:n}."),
    "proof_ties_recency": N_("The model does not clearly rank better than simply calling whoever has been silent longest: right in {auc:pct} against {other:pct} of cases; its first {k:n} include {met:n} that stopped, against {other_met:n}."),
    "proof_below_recency": N_("Simply calling whoever has been silent longest ranks better than the model: right in {other:pct} against {auc:pct} of cases; the first {k:n} include {other_met:n} that stopped, against {met:n}."),
    "proof_beats_bgnbd": N_("It ranks better than the standard model of purchase dates alone (BG/NBD): right in {auc:pct} against {other:pct} of cases."),
    "proof_ties_bgnbd": N_("Against the standard model of purchase dates alone (BG/NBD) no clear difference shows: right in {auc:pct} against {other:pct} of cases."),
    "proof_below_bgnbd": N_("The standard model of purchase dates alone (BG/NBD) ranks better: right in {other:pct} against {auc:pct} of cases."),
    "proof_workload": N_("Of {n_open:n} accounts that had not plainly stopped by then, calling the first {k:n} would have met {met:n} of the {stopped:n} that stopped, with {share:pct} of the revenue lost (95% interval {share_low:pct} to {share_high:pct}); calling the longest silent would have met {recency_met:n}, with {recency_share:pct}, and {k:n} at random about {chance:n}."),
    "proof_workload_alone": N_("Of {n_open:n} accounts that had not plainly stopped by then, calling the first {k:n} would have met {met:n} of the {stopped:n} that stopped, with {share:pct} of the revenue lost (95% interval {share_low:pct} to {share_high:pct}); {k:n} at random would have met about {chance:n}."),
    "proof_workload_counts": N_("Of {n_open:n} accounts that had not plainly stopped by then, calling the first {k:n} would have met {met:n} of the {stopped:n} that stopped, about {lift:n1} times as many as {k:n} at random."),
    "proof_workload_stake": N_("In the order of expected loss (probability times revenue), the first {k:n} calls would have met {stake_met:n} that stopped, but with {stake_share:pct} of the revenue lost instead of {share:pct} (95% interval {stake_low:pct} to {stake_high:pct})."),
    "proof_ahead": N_("{accounts:n} accounts fell plainly silent after the test date (three times their usual gap). Of their revenue, {share:pct} belonged to accounts that were among the first {k:n} at least {days:n} days before (95% interval {low:pct} to {high:pct}); {reachable:pct} is the most any list of that day could reach so early."),
    "proof_ahead_few": N_("How much revenue was caught {days:n} days ahead cannot be told: {late:n} {late:plural|account|accounts} fell plainly silent that long after the test date and before the data end, too few to judge by."),
    "proof_calibrated": N_("Nothing speaks against taking the probabilities as they stand: of {n_test:n} test accounts {predicted:n} were expected to stop and {stopped:n} did, and between high and low ones no clear distortion shows (calibration slope {slope:n2}, 95% interval {slope_low:n2} to {slope_high:n2}; 1 is exact)."),
    "proof_too_extreme": N_("The probabilities lie too far apart: accounts with a high one stopped less often than it says, or those with a low one more often (calibration slope {slope:n2}, 95% interval {slope_low:n2} to {slope_high:n2}; 1 is exact); {predicted:n} were expected to stop, {stopped:n} did."),
    "proof_too_flat": N_("The probabilities are too cautious: accounts with a high one stopped more often than it says, or those with a low one less often (calibration slope {slope:n2}, 95% interval {slope_low:n2} to {slope_high:n2}; 1 is exact); {predicted:n} were expected to stop, {stopped:n} did."),
    "proof_sum": N_("Of {n_test:n} test accounts {predicted:n} were expected to stop and {stopped:n} did; there is too little spread to tell more about the probabilities."),
    "proof_sum_off": N_("The level of the probabilities is off: of {n_test:n} test accounts {predicted:n} were expected to stop and {stopped:n} did, more of a difference than chance explains."),
    "proof_drift_none": N_("Today's accounts look like those the model learnt from: none of its {known:n} inputs has moved noticeably (population stability index up to 0.1, or within chance)."),
    "proof_drift_shifted": N_("{shifted:n} of the model's {known:n} inputs {shifted:plural|has|have} moved somewhat since it learnt (population stability index above 0.1); the table names {shifted:plural|it|them}."),
    "proof_drift_moved": N_("{moved:n} of the model's {known:n} inputs {moved:plural|has|have} moved strongly since it learnt (population stability index above 0.25), {shifted:n} more somewhat; today's accounts differ from those it was tested on."),
    "proof_drift_missing": N_("{missing:n} of the model's inputs cannot be compared: {missing:plural|it was|they were} known only when the model learnt, or only today."),
    "last_score": N_("Of the {red:n} accounts that were red on {as_of:date}, {red_stopped:n} ({red_share:pct}) bought nothing in the {days:n} days after; of the {green:n} green ones {green_stopped:n} ({green_share:pct})."),
    "last_score_so_far": N_("Of the {red:n} accounts that were red on {as_of:date}, {red_stopped:n} ({red_share:pct}) have bought nothing in the {days:n} days since; of the {green:n} green ones {green_stopped:n} ({green_share:pct}). The score looks {horizon:n} days ahead, so this is a count on the way: some will still buy."),
    "last_score_inverted": N_("The score of {as_of:date} did not warn: in the {days:n} days after, {red_stopped:n} of {red:n} red accounts ({red_share:pct}) and {green_stopped:n} of {green:n} green ones ({green_share:pct}) bought nothing."),
    "last_score_ranked": N_("In the {days:n} days after {as_of:date}, the score of that day put accounts that bought nothing above those that bought in {auc:pct} of cases (AUC; 95% interval {low:pct} to {high:pct})."),
    "last_score_few": N_("Of {scored:n} accounts scored on {as_of:date}, {stopped:n} bought nothing in the {days:n} days after; with fewer than {needed:n} that stopped or that bought, how well it ranked cannot be told."),
    "last_score_sum": N_("On {as_of:date}, {predicted:n} of {scored:n} accounts were expected to stop in the next {horizon:n} days; {stopped:n} did."),
    "last_score_early": N_("The score of {as_of:date} cannot be judged yet: it looks {horizon:n} days ahead, of which {days:n} have passed."),
    "last_score_unmatched": N_("{unmatched:n} {unmatched:plural|account|accounts} scored on {as_of:date} no longer {unmatched:plural|occurs|occur} in the data and {unmatched:plural|is|are} left out of the comparison."),
}  # fmt: skip

ACTIONS: dict[str, str] = {
    "proof_no_probability": N_("Head of sales: work by the health bands and the account managers' judgement; put no probability in front of anyone."),
    "proof_ask_history": N_("Data owner: provide a longer history of transactions, so that one period can be learnt from and a later one tested."),
    "proof_use_recency": N_("Head of sales: have the account managers go by days of silence where that is simpler, and use the model for how likely, not for whom."),
    "proof_use_simpler": N_("Head of sales: use the simpler order for the call list until the model is learnt anew."),
    "proof_call_first": N_("Head of sales: decide how many calls the team makes each month, and give it the list down to that number."),
    "proof_rank_only": N_("Finance: take the order from the list, not the amounts, until the probabilities have been set right on a newer period."),
    "proof_relearn": N_("Analyst: find out what changed (new accounts, another way of recording, the market), and learn the model anew before relying on it."),
    "proof_ask_same_tables": N_("Data owner: deliver the same tables and columns for every period."),
    "last_score_ask": N_("Account managers: say for each green account that fell silent what was known beforehand, and whether it could be recorded."),
    "last_score_match": N_("Data owner: say which of these accounts were merged, renumbered or deleted."),
}  # fmt: skip

TOPICS: dict[str, tuple[str, ...]] = {
    "proof_rank": (
        "proof_validated",
        "proof_weak",
        "proof_one_sided",
        "proof_beats_recency",
        "proof_ties_recency",
        "proof_below_recency",
        "proof_beats_bgnbd",
        "proof_ties_bgnbd",
        "proof_below_bgnbd",
    ),
    "proof_workload": (
        "proof_workload",
        "proof_workload_alone",
        "proof_workload_counts",
        "proof_workload_stake",
        "proof_ahead",
        "proof_ahead_few",
    ),
    "proof_calibration": ("proof_calibrated", "proof_too_extreme", "proof_too_flat", "proof_sum", "proof_sum_off"),
    "proof_drift": ("proof_drift_moved", "proof_drift_shifted", "proof_drift_none", "proof_drift_missing"),
    "last_score": (
        "last_score",
        "last_score_so_far",
        "last_score_inverted",
        "last_score_ranked",
        "last_score_few",
        "last_score_sum",
        "last_score_early",
        "last_score_unmatched",
    ),
}
