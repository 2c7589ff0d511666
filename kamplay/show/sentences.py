"""Findings in words: for every kind a headline that states the figures, and for every action what to do.

English is the text in the code; Chinese is in the catalogue. ``{x:pct}`` and the like are the formats of
``Locale.say``; ``{first}``, ``{names}`` are the finding's accounts by name.
"""

from __future__ import annotations

from collections.abc import Mapping

from kamplay.method.results import Finding
from kamplay.show.labels import CAUSES
from kamplay.show.locale import N_, Locale

HEADLINES: dict[str, str] = {
    # step 0
    "coverage": N_("{rows:n} lines of {accounts:n} accounts from {first_date:date} to {last_date:date} were read; the last 12 months come to {revenue:money}."),
    "after_as_of": N_("A further {rows:n} lines worth {amount:money}, up to {last_date:date}, are dated after the reporting date and not counted."),
    "reconciled": N_("The figures agree with the ledger: {revenue:money} against {control_total:money}, a difference of {difference:money}."),
    "not_reconciled": N_("The figures do not agree with the ledger: {revenue:money} read, {control_total:money} in the books, a difference of {difference:money} ({share:pct})."),
    "periods_reconciled": N_("All {count:n} periods agree with the ledger; the largest difference is {difference:money}."),
    "periods_not_reconciled": N_("{bad:n} of {count:n} periods do not agree with the ledger; the largest gap is {difference:money} ({share:pct}) in {period}."),
    "difference_explained": N_("The difference is as large as {cause_words} ({amount:money})."),
    "no_control_total": N_("No ledger total was given, so the figures are not reconciled with the books."),
    "months_empty": N_("{count:n} {count:plural|month has|months have} no sale at all ({first_date:date} to {last_date:date}): were these months delivered?"),
    "history_short": N_("The data cover {months:n} months; year-on-year movement needs {needed:n}."),
    "unassigned": N_("{rows:n} lines worth {amount:money} ({share:pct} of the total) name no account and are left out of every account's figures."),
    "repeated_lines": N_("{rows:n} lines repeat another to the letter ({amount:money}); they are kept and counted until someone confirms them."),
    "no_gaps": N_("No gaps: every month from the first sale to the reporting date has sales, and every line names its account."),
    "tables_missing": N_("{count:n} further {count:plural|table|tables} would sharpen this report; the table below says what each adds."),
    "tables_complete": N_("Every table this report works with was delivered."),
    "can_carry": N_("The data carry all four steps: {full:n} in full, {partly:n} in part."),
    "cannot_carry": N_("The data cannot carry {no:n} of the four steps yet; {full:n} stand in full, {partly:n} in part."),
    # step 1
    "worth_tiering": N_("Tiering is worth doing: the largest account alone brings {top1_share:pct} of revenue, and value differs widely between accounts (Gini {gini:n2})."),
    "worth_tiering_spread": N_("No account reaches 5% of revenue (the largest brings {top1_share:pct}), but value differs widely between accounts (Gini {gini:n2}): tiering is worth doing, lightly."),
    "not_worth_tiering": N_("Do not tier these accounts: the largest brings only {top1_share:pct} of revenue and the {accounts:n} accounts differ little in value (Gini {gini:n2})."),
    "key_accounts": N_("{key:n} of {accounts:n} accounts are key (levels S and A); together they bring {share:pct} of revenue."),
    "borderline": N_("{unstable:n} of {accounts:n} {unstable:plural|account sits|accounts sit} on the border of a tier, {upper:n} of them at the top: other reasonable weights would move them."),
    "all_firm": N_("Every account sits firmly in its tier: other reasonable weights would move none."),
    "gate_skinner": N_("{count:n} large {count:plural|account buys|accounts buy} volume without margin ({revenue:money}, {share:pct} of revenue): {names}."),
    "gate_one_off": N_("{count:n} {count:plural|account|accounts} bought once and never again ({revenue:money}): not key, whatever the size of the order."),
    "gates_none": N_("No account had to be held back: no one-off purchases and no volume without margin among those that bought."),
    "gates_margin_unknown": N_("Volume without margin could not be looked for, because the sales lines carry no cost; no one-off purchase had to be held back."),
    "criteria_unknown": N_("The scorecard could not judge {criteria_words}; its weight ({weight:pct}) went to the other criteria."),
    "criteria_known": N_("Every criterion of the scorecard is backed by data for at least half of the accounts."),
    "agreement": N_("{raters:n} raters agree on what makes an account key to a degree of {w:n2} (Kendall's W, 0 to 1)."),
    "agreement_unmeasured": N_("Nobody has yet been asked who is a key account: the definition is one person's until the departments have voted."),
    "overrides_expired": N_("{count:n} manual {count:plural|tier has|tiers have} expired and no longer {count:plural|applies|apply}: {names}."),
    "overrides_unusable": N_("{count:n} manual {count:plural|tier names|tiers name} a tier or an account that this scorecard does not have, and {count:plural|was|were} not applied: {names}."),
    # step 2
    "concentration": N_("{accounts_for_80:n} of {accounts:n} {accounts_for_80:plural|account brings|accounts bring} 80% of revenue; losing the first would cost {top1_share:pct}."),
    "exposure": N_("The five largest accounts carry {top5_amount:money}, {top5_share:pct} of revenue; {first} alone is {top1_amount:money}."),
    "movement": N_("Revenue changed by {growth:change}. Last year's accounts brought {before:money} then and {nrr:pct} of it now, but only {grr:pct} when no growth is counted."),
    "movement_unknown": N_("With {months:n} months of data, growth and retention cannot be told yet."),
    "large_losses": N_("{falls:n} accounts shrank or left and took away {total:money}, {total_share:pct} of the year before; {count:n} of them account for {amount:money}: {names}."),
    "below_peak": N_("Over three years revenue went from {before_last:money} to {last:money} to {now:money}: {change:change} against the best of them."),
    "margin": N_("Sales leave a margin of {margin_rate:pct} ({margin:money}); no large account loses money, the thinnest margin among them is {thinnest:pct} at {first}."),
    "margin_losers": N_("{losing:n} large {losing:plural|account loses|accounts lose} money: {losing_revenue:money} of revenue at a margin of {losing_margin:money}. {names}."),
    "margin_unknown": N_("Profit by account is unknown, because the sales lines carry no cost."),
    "funnel": N_("{open:n} open opportunities worth {open_amount:money} weigh {weighted:money}, {share:pct} of a year's revenue; with {won:money} won in the last 12 months the forecast is {forecast:money}."),
    "deals_without_rate": N_("{count:n} open {count:plural|opportunity has|opportunities have} no win rate and {count:plural|counts|count} for nothing in the forecast."),
    "deals_overdue": N_("{count:n} open {count:plural|opportunity is|opportunities are} past the expected closing date, worth {amount:money}."),
    "funnel_unknown": N_("There is no forecast, because no opportunities were delivered."),
    # step 3
    "red_accounts": N_("{red:n} of the {active:n} accounts that bought at least twice, the last time within a year, are red; they bring {revenue:money}, {share:pct} of revenue."),
    "no_red": N_("None of the {active:n} accounts that bought at least twice, the last time within a year, is red."),
    "large_silent": N_("{count:n} large {count:plural|account is|accounts are} late against {count:plural|its|their} own rhythm ({revenue:money} a year); {first} usually buys every {gap:n} days and has been silent for {silent:n}."),
    "single_purchase": N_("{count:n} {count:plural|account|accounts} of the last year bought only once ({revenue:money}): too little for a rhythm, so they are not judged."),
    "churn_validated": N_("On later data the churn model ranked an account that stopped above one that stayed {auc:pct} of the time (95% interval {auc_low:pct} to {auc_high:pct}); it expected {predicted:n} of {n_test:n} to stop, {stopped:n} did."),
    "expected_loss": N_("Accounts that stop altogether are expected to cost {at_risk:money} in the next {horizon:n} days; accounts that only shrink come on top."),
    "too_few": N_("Too few accounts stopped or stayed ({events:n}, {needed:n} needed) to validate a churn probability; the expert score stands alone."),
    "too_short": N_("The history is too short to train and test a churn model over {horizon:n} days; the expert score stands alone."),
    "not_better": N_("A churn probability was tried and did not hold out of time (it ranked right {auc:pct} of the time on {n_test:n} accounts), so none is shown; the expert score stands alone."),
    "seen_to": N_("The data end on {seen_to:date}; health is judged at that day, so that months never delivered do not look like silence."),
    "overdue": N_("{count:n} accounts are overdue with {overdue:money} of {open:money} outstanding; {first} owes {first_overdue:money}, {first_share:pct} of its year's purchases, for up to {oldest:n} days."),
    "payment_unknown": N_("Payment behaviour is not in this score: no receivables were delivered."),
    "payment_clean": N_("No account is overdue on {open:money} outstanding."),
    # step 4
    "urgent": N_("{count:n} {count:plural|account needs|accounts need} action within {days:n} days, {revenue:money} of revenue: {rescue:n} going silent, {collect:n} overdue with {overdue:money}."),
    "urgent_silent": N_("{count:n} {count:plural|account needs|accounts need} action within {days:n} days, {revenue:money} of revenue: going silent. Who is overdue is not known."),
    "nothing_urgent": N_("No account needs action this week; the plan below runs by the calendar."),
    "types": N_("Of {planned:n} planned accounts, {invest:n} deserve investment, {maintain:n} maintenance, {promote:n} promotion; {operate:n} run on standard service."),
    "win_back_list": N_("{count:n} large {count:plural|account was|accounts were} lost since the year before, {before:money} then: {names}."),
    "over_capacity": N_("The visit norms ask for {needed:n} visits a month, the team can make {capacity:n}: {coverage}."),
    "within_capacity": N_("The visit norms ask for {needed:n} visits a month; the team can make {capacity:n}."),
    "capacity_unknown": N_("The visit norms ask for {needed:n} visits a month; what the team can make was not stated."),
    "visits_behind": N_("{behind:n} of {upper:n} key accounts got fewer visits than the norm in the last three months (all {upper:n} together: {done:n} of {norm:n})."),
    "visits_kept": N_("All {upper:n} key accounts got their visits in the last three months."),
    "visits_unknown": N_("Whether visits are made is unknown: no visit log was delivered."),
}  # fmt: skip

ACTIONS: dict[str, str] = {
    "get_control_total": N_("Have finance state the net sales of these 12 months, so that the figures can be reconciled."),
    "explain_difference": N_("Settle the difference with finance before quoting any figure."),
    "mend_no_account": N_("Assign those lines to accounts."),
    "mend_duplicates": N_("Confirm that the lines were exported twice, and drop them."),
    "mend_after_period": N_("Agree with finance on the cut-off date."),
    "mend_before_period": N_("Agree with finance on the cut-off date."),
    "mend_voided": N_("Leave the voided lines out."),
    "mend_read_gross": N_("Export the net amounts."),
    "mend_ledger_gross": N_("Ask finance for the total net of tax."),
    "mend_month_missing": N_("Deliver the missing months."),
    "ask_for_months": N_("Provide the missing months, or confirm that nothing was sold."),
    "ask_for_history": N_("Provide at least 24 months of sales."),
    "assign_accounts": N_("Have sales operations assign these lines to accounts."),
    "confirm_repeats": N_("Confirm whether these lines are real repeats or were exported twice."),
    "ask_for_tables": N_("Provide the tables with the greatest use first: receivables, opportunities, contacts and visits."),
    "ask_for_core": N_("Provide what the table below names as lacking before these steps are relied on."),
    "tier": N_("Confirm that the accounts are to be tiered."),
    "do_not_tier": N_("Serve all accounts by one standard, and look again when one of them grows past 5% of sales."),
    "confirm_key": N_("Have the management team confirm this list by name; it decides where people and money go."),
    "settle_borderline": N_("Decide the borderline accounts by name, with a reason, before any discount or team depends on it."),
    "review_skinner": N_("Reprice or renegotiate before giving these accounts any further service."),
    "review_one_off": N_("Do not plan resources for them; ask once whether a second need exists."),
    "fill_criteria": N_("Provide the missing data or have experts rate it, or take the criterion out of the card."),
    "settle_weights": N_("Bring the departments together on the criteria where they differ before using these tiers."),
    "hold_ballot": N_("Hold a ballot among sales, finance, product, delivery and the regions on criteria and accounts."),
    "renew_overrides": N_("Renew these decisions with a new reason and date, or let the rule stand."),
    "protect_first": N_("Give the first account a plan of its own: a team, a second contact at the top, and a stated fallback."),
    "focus_on_few": N_("Put the best people on these accounts first."),
    "one_standard_for_most": N_("Too many to manage one by one: personal care for levels S and A, one good standard for the rest."),
    "explain_decline": N_("Establish with sales and finance what was lost for good and what can come back."),
    "stress_plan": N_("Rehearse the loss of each of the five: what would be cut, and what would replace it."),
    "win_back": N_("Find out why the largest lost and shrinking accounts left before hunting for new ones."),
    "keep_growing": N_("Retention is in order: put the effort into the accounts with room to grow."),
    "find_out_why": N_("Talk to each of these accounts this month and record the reason."),
    "reprice": N_("Recalculate price, terms and service of these accounts."),
    "ask_for_cost": N_("Provide the cost of each line: revenue alone cannot tell a key account from an expensive one."),
    "ask_for_opportunities": N_("Provide the CRM's open and closed opportunities."),
    "funnel_balanced": N_("Keep the intake of new opportunities at this level."),
    "funnel_wide_mouth": N_("Much goes in and little comes near a close: qualify early, and drop what will not close."),
    "funnel_thin_mouth": N_("Little new is coming in behind the late stages: prospect now, or next year has a hole."),
    "state_win_rates": N_("State a win rate for every stage."),
    "review_deals": N_("Set a new date with the customer, or close these opportunities as lost."),
    "call_red": N_("Take them in the order of the plan in section 4, the largest first, as many a week as the owners can reach in person."),
    "visit_silent": N_("Have each owner find out in person this week whether the account has left or is only late."),
    "work_the_list": N_("Use the probability to rank, and the expected loss to decide how much effort an account is worth."),
    "use_expert_score": N_("Use the ranking, not a probability, and judge again when more history exists."),
    "ask_for_receivables": N_("Provide the open and paid invoices with due dates."),
    "collect": N_("Have account owner and finance agree on who calls whom this week."),
    "start_urgent": N_("Start with the first on the list; name the owner and the date today."),
    "assign_teams": N_("Start with the ten largest to invest in: an account lead, a solution lead and a delivery lead who share one set of goals."),
    "name_win_back_owners": N_("Name an owner for each, who asks for the reason and proposes to win it back or to close it."),
    "state_capacity": N_("State how many visits a month the team can make."),
    "cut_from_below": N_("Serve the lower levels by phone and online, or add people; do not thin out the top."),
    "schedule_visits": N_("Catch up within the quarter, the largest account first."),
    "reallocate_visits": N_("There is capacity enough; it goes elsewhere. Move visits to these accounts, the largest first."),
    "ask_for_visits": N_("Provide the visit log of the last six months."),
}  # fmt: skip

# What a step's page talks about, and which findings answer it, in this order
TOPICS: dict[str, tuple[str, ...]] = {
    "coverage": ("coverage", "after_as_of"),
    "reconciliation": (
        "reconciled",
        "not_reconciled",
        "periods_reconciled",
        "periods_not_reconciled",
        "difference_explained",
        "no_control_total",
    ),
    "gaps": ("months_empty", "history_short", "unassigned", "repeated_lines", "no_gaps"),
    "tables": ("tables_missing", "tables_complete"),
    "verdict": ("can_carry", "cannot_carry"),
    "worth": ("worth_tiering", "worth_tiering_spread", "not_worth_tiering"),
    "key": ("key_accounts",),
    "firmness": ("borderline", "all_firm"),
    "gates": ("gate_skinner", "gate_one_off", "gates_none", "gates_margin_unknown", "overrides_expired", "overrides_unusable"),
    "criteria": ("criteria_unknown", "criteria_known"),
    "agreement": ("agreement", "agreement_unmeasured"),
    "concentration": ("concentration",),
    "exposure": ("exposure",),
    "movement": ("movement", "movement_unknown", "large_losses", "below_peak"),
    "margin": ("margin", "margin_losers", "margin_unknown"),
    "funnel": ("funnel", "funnel_unknown", "deals_without_rate", "deals_overdue"),
    "bands": ("red_accounts", "no_red", "large_silent", "single_purchase"),
    "proof": ("churn_validated", "expected_loss", "too_few", "too_short", "not_better", "seen_to"),
    "payment": ("overdue", "payment_clean", "payment_unknown"),
    "urgent": ("urgent", "urgent_silent", "nothing_urgent"),
    "types": ("types", "win_back_list"),
    "capacity": ("over_capacity", "within_capacity", "capacity_unknown"),
    "visits": ("visits_behind", "visits_kept", "visits_unknown"),
}


def headline(finding: Finding, locale: Locale, names: Mapping[str, str]) -> str:
    """The finding's sentence, as plain text. ``names``: account id → name to show."""
    shown = [names.get(a, a) for a in finding.accounts]
    values = {**finding.figures, "names": locale.words(shown), "first": shown[0] if shown else ""}
    return locale.say(HEADLINES[finding.kind], **values, **_derived(finding, locale))


def action(finding: Finding, locale: Locale) -> str | None:
    """What to do about it, or None when nothing needs doing."""
    return locale.text(ACTIONS[finding.action]) if finding.action else None


def _derived(finding: Finding, locale: Locale) -> dict[str, object]:
    """Words that depend on several figures: which criteria, and how far the team's visits reach."""
    figures = finding.figures
    if finding.kind == "criteria_unknown":
        return {"criteria_words": figures[locale.language]}
    if finding.kind == "difference_explained":
        return {"cause_words": locale.say(CAUSES[figures["cause"]], detail=figures["detail"])}
    if finding.kind == "over_capacity":
        full = locale.text(N_(", ")).join(figures["full"])
        partial = {"share": figures["partial_share"], "level": figures["partial"], "full": full}
        message = N_("enough for level {full} and {share:pct} of level {level}") if full else N_("enough for {share:pct} of level {level}")
        return {"coverage": locale.say(message, **partial)}
    return {}
