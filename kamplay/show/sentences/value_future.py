"""Step 2 in words: what the next 12 months are expected to bring, and how far the method was off a year ago."""

from __future__ import annotations

from typing import Any

from kamplay.show.locale import N_, Locale

HEADLINES: dict[str, str] = {
    "future_expected": N_("The next 12 months are expected to bring {expected:money} from the {count:n} accounts that have bought more than once (80% interval {low:money} to {high:money}; the last 12 months: {last:money} from all accounts), of which the first {ten_count:n} {ten:money}. Tested on the year before: {missed} in total{by_size}."),
    "future_expected_corrected": N_("The next 12 months should bring about {corrected:money} from the {count:n} accounts that have bought more than once ({corrected_low:money} to {corrected_high:money}; the last 12 months: {last:money} from all accounts). The method by itself says {expected:money}; tested on the year before it came out {missed} in total{by_size}, and the total is corrected for that here."),
    "future_expected_untested": N_("The next 12 months are expected to bring {expected:money} from the {count:n} accounts that have bought more than once (80% interval {low:money} to {high:money}; the last 12 months: {last:money} from all accounts), of which the first {ten_count:n} {ten:money}. With less than two years of data this could not be tested, and the interval counts chance only."),
    "future_checked": N_("Checked on the year just past: from the {accounts:n} accounts that had bought more than once by then the method expected {expected:money}, and {actual:money} came: {missed}{by_size}. For {inside:pct} of the accounts the revenue fell into the interval given. Accounts that had bought once brought another {single:money}, new ones {new:money}; neither is in such a forecast."),
    "future_checked_total": N_("Checked on the year just past: from the {accounts:n} accounts that had bought more than once by then the method expected {expected:money}, and {actual:money} came: {missed}{by_size}. Accounts that had bought once brought another {single:money}, new ones {new:money}; neither is in such a forecast."),
    "future_falling": N_("{count:n} {count:plural|account is|accounts are} expected to bring clearly less than in the last 12 months, {fall:money} less out of {before:money}: {names}."),
    "future_single": N_("Not counted in it: {count:n} {count:plural|account that has|accounts that have} bought a single time so far, {last:money} in the last 12 months: {names}. If {count:plural|it|they} came back as similar accounts do, {count:plural|it|they} would add {amount:money}; a single order may as well have been a one-off."),
    "future_clv_margin": N_("Over {years:n} years today's accounts are worth {clv:money} of margin, discounted at {rate:pct} a year; the first is {first}."),
    "future_clv_mixed": N_("Over {years:n} years today's accounts are worth {clv:money}, discounted at {rate:pct} a year: on margin for {with_cost:n} of them, on revenue for {without:n} whose cost is unknown. The first is {first}."),
    "future_clv_revenue": N_("Over {years:n} years today's accounts are worth {clv:money} of revenue, discounted at {rate:pct} a year; on revenue, because no cost is known. The first is {first}."),
    "future_dependent_more": N_("Accounts that buy more often also spend more each time; the model takes the two as independent, so small accounts are expected a little too high and frequent ones a little too low."),
    "future_dependent_less": N_("Accounts that buy more often spend less each time; the model takes the two as independent, so rare buyers are expected a little too low and frequent ones a little too high."),
    "future_refused_single": N_("{count:n} {count:plural|account gets|accounts get} no expectation ({revenue:money} in the last 12 months): bought once, and with {repeaters:n} accounts that bought again there are too few to learn from."),
    "future_refused_irregular": N_("{count:n} {count:plural|account gets|accounts get} no expectation ({revenue:money} in the last 12 months): no steady rhythm, and with {repeaters:n} accounts that bought again there are too few to learn from."),
    "future_refused_returns": N_("{count:n} {count:plural|account gets|accounts get} no expectation ({revenue:money} in the last 12 months): returns eat up all purchases."),
    "future_no_model": N_("Nothing can be expected of {count:n} accounts: {repeaters:n} bought again, too few for a model, and none buys to a steady rhythm."),
    "future_unknown": N_("With {months:n} months of data, the next 12 cannot be told: it takes a year."),
}  # fmt: skip

ACTIONS: dict[str, str] = {
    "future_compare_budget": N_("Finance: hold the budget of existing accounts against this only after deduction: it knows purchase dates alone, and section 3 says what the warning signs take off."),
    "future_corrected_budget": N_("Finance: plan on no more than the corrected sum, less what section 3 says the warning signs take off; let the account managers estimate the first ten."),
    "future_not_a_budget": N_("Take the order of the accounts from this, not the sum: for the budget let the account managers estimate the first ten."),
    "future_test_first": N_("Provide a second year of transactions before putting this into a budget."),
    "future_call": N_("Account managers: call those that fall most, {three}, this month and ask what they plan to buy."),
    "future_ask_single": N_("Account managers: say of the largest, {three}, whether a second order is in sight; until then, plan nothing on any of them."),
    "future_ask_cost": N_("Provide the cost of every line: what an account is worth is its margin."),
    "future_split": N_("Where it matters, take the first accounts' own plan instead of the model's figure."),
    "future_ask_history": N_("Provide the transactions of the last two to three years."),
}  # fmt: skip

TOPICS: dict[str, tuple[str, ...]] = {
    "future": (
        "future_expected",
        "future_expected_corrected",
        "future_expected_untested",
        "future_falling",
        "future_single",
        "future_no_model",
        "future_unknown",
    ),
    "future_check": (
        "future_checked",
        "future_checked_total",
        "future_dependent_more",
        "future_dependent_less",
        "future_refused_single",
        "future_refused_irregular",
        "future_refused_returns",
    ),
    "lifetime": ("future_clv_margin", "future_clv_mixed", "future_clv_revenue"),
}

BY_SIZE = {  # short where the forecast itself is told, in full where it is checked
    True: N_(", up to {size:pct} by size group"),
    False: N_("; of ten groups by size, no. {group:n} was missed by most: {group_expected:money} expected, {group_actual:money} came"),
}


def tested(figures: dict[str, Any], short: bool, locale: Locale) -> dict[str, str]:
    """``missed``: by how much the test was off, and to which side; ``by_size``: the size group missed most, where it is off by more than
    the total, which may be right only because large and small accounts missed to different sides."""
    off, group = figures["off"], figures.get("group_off")
    side = N_("{off:pct} too high") if (off or 0.0) >= 0 else N_("{off:pct} too low")
    offset = group is not None and abs(group) > abs(off or 0.0)
    return {
        "missed": locale.say(side, off=None if off is None else abs(off)),
        "by_size": locale.say(BY_SIZE[short], **figures, size=abs(group or 0.0)) if offset else "",
    }
