"""Charts of steps 3 and 4: health bands, the model's calibration, visits against capacity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kamplay.method.health.step import Health
from kamplay.method.plan.step import Plan
from kamplay.show.chart import BAD, GOOD, WARN, draw_chart, paired_bars
from kamplay.show.check.step import ASK_FOR_MONTHS
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_
from kamplay.show.registry import FindingSpec, chart, register_findings
from kamplay.show.view import View, current
from kamplay.show.vocabulary import band_label, level_label

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BAND_COLOURS = {"green": GOOD, "yellow": WARN, "red": BAD}


@chart
def bands_chart(health: Health) -> Display:
    """Accounts and revenue by health band, as two bars of 100 %."""
    view, table = current(), health.bands
    if table["accounts"].sum() == 0:
        return NOTHING
    locale = view.locale
    accounts = table["accounts"] / table["accounts"].sum()
    revenue = table["revenue"].clip(lower=0) / max(table["revenue"].clip(lower=0).sum(), 1e-9)

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        labels = [band_label(band, locale) for band in table["band"]]
        paired_bars(
            axes,
            view,
            labels,
            accounts,
            revenue,
            table["accounts"],
            [BAND_COLOURS[band] for band in table["band"]],
            narrow,
        )

    caption = locale.text(
        N_(
            "Accounts that bought at least twice, the last time within a year, and their revenue: "
            "green from 70 points, yellow from 40, red below."
        )
    )
    parts = locale.text(N_("; ")).join(
        f"{band_label(b, locale)} {locale.number(n)} / {locale.money(r)}"
        for b, n, r in zip(table["band"], table["accounts"], table["revenue"], strict=True)
    )
    return draw_chart(
        draw, caption, locale.say(N_("Accounts / revenue by band: {parts}."), parts=parts), height=0.75
    )


@chart
def visits_chart(plan: Plan) -> Display:
    """Visits a month that the norms ask for, level by level from the top, against what the team can make."""
    view, table, capacity = current(), plan.levels[plan.levels["visits"] > 0], plan.key_figures["capacity"]
    if table.empty:
        return NOTHING
    locale = view.locale

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        ends = table["visits"].cumsum()
        place = np.arange(len(table))[::-1]
        axes.barh(place, table["visits"], left=ends - table["visits"], color=view.accent, height=0.55)
        total = max(float(ends.max()), capacity or 0.0)
        for y, row in zip(place, table.itertuples(), strict=True):
            text = locale.say(
                N_("{visits:n} visits, {accounts:n} accounts"), visits=row.visits, accounts=row.accounts
            )
            axes.text(total * 1.04, y, text, va="center", fontsize=8.5)
        if capacity:
            axes.plot([capacity, capacity], [-0.45, len(table) - 0.5], color=BAD, linewidth=1.3)
            side = "right" if capacity > total / 2 else "left"
            axes.text(
                capacity,
                len(table) - 0.42,
                locale.say(N_("capacity {capacity:n}"), capacity=capacity),
                color=BAD,
                ha=side,
                va="bottom",
                fontsize=8.5,
            )
        axes.set_yticks(place, [level_label(level, locale) for level in table["level"]])
        axes.set_xlim(0, total * (1.75 if narrow else 1.4))
        axes.spines["bottom"].set_bounds(0, total)
        axes.set_xticks([0, total / 2, total])
        axes.set_ylim(-0.6, len(table) - 0.1)
        axes.xaxis.set_major_formatter(lambda v, _: locale.number(v))

    caption = locale.text(
        N_("Visits a month by level, added up from the top level down, against the team's capacity.")
    )
    parts = locale.text(N_("; ")).join(
        f"{level_label(lv, locale)} {locale.number(n)}"
        for lv, n in zip(table["level"], table["visits"], strict=True)
    )
    return draw_chart(draw, caption, locale.say(N_("Visits a month: {parts}."), parts=parts), height=0.72)


# what this topic can find, in words
SEE_THEM = {
    "see_them": N_(
        "Head of sales: hand each owner the accounts below today; whoever has seen one reports within "
        "the week what changed and what was agreed."
    )
}
CALL_RED = {
    "call_red": N_(
        "Head of sales: have those that still buy seen first, by revenue; for those that have stopped, "
        "decide between winning back and closing."
    )
}
SETTLE_GONE = {
    "settle_gone": N_(
        "Head of sales: decide with the owners within 30 days, the largest first, which to win back, "
        "with an offer and a name, and which to close."
    )
}
OUTLOOK_SIGNS_PLAN = {
    "outlook_signs_plan": N_(
        "Finance: plan for the range from {left:money} to {outlook:money}, and move within it as the "
        "owners report which of these accounts stay."
    )
}
WORK_BY_CAMPAIGN = {
    "work_by_campaign": N_(
        "Head of sales: no single account decides this, the list above stands for {covered:pct} of it; "
        "plan a campaign by telephone or mail for the accounts with the largest expected loss, which the "
        "workbook lists."
    )
}
WORK_THE_LIST = {
    "work_the_list": N_(
        "Head of sales: the list above stands for {covered:pct} of it; have the rest called in the order "
        "of expected loss, which the workbook holds."
    )
}
USE_EXPERT_SCORE = {
    "use_expert_score": N_("Use the ranking, not a probability, and judge again when more history exists.")
}
COLLECT = {"collect": N_("Have account owner and finance agree on who calls whom this week.")}

SEE_THEM_IN_BRIEF = N_(
    "Head of sales: hand each owner the accounts of the list in section 3 today, and ask "
    "for a report within the week."
)

register_findings(
    FindingSpec(
        "watch_list",
        "watch",
        N_(
            "{count:n} {count:plural|account|accounts} to see this week: of about {ahead:money} that "
            "they would buy in the next {horizon:n} days, {at_risk:money} is expected to be lost; "
            "{warned:n} {warned:plural|shows|show} a sign that calls for action. First {three}."
        ),
        actions=SEE_THEM,
        brief_actions={"see_them": SEE_THEM_IN_BRIEF},
        brief=N_(
            "{count:n} {count:plural|account|accounts} to see this week: {at_risk:money} of the "
            "{ahead:money} of the next {horizon:n} days is expected to be lost; first {first}."
        ),
        rank=17,
    ),
    FindingSpec(
        "watch_list_score",
        "watch",
        N_(
            "{count:n} {count:plural|account|accounts} to see this week: together they bring "
            "{revenue:money} a year; {warned:n} {warned:plural|shows|show} a sign that calls for "
            "action. First {three}."
        ),
        actions=SEE_THEM,
        brief_actions={"see_them": SEE_THEM_IN_BRIEF},
        brief=N_(
            "{count:n} {count:plural|account|accounts} to see this week bring {revenue:money} a "
            "year; first {first}."
        ),
        rank=18,
    ),
    FindingSpec("watch_none", "watch", N_("No account needs a visit out of turn this week.")),
    FindingSpec(
        "watch_trust",
        "watch",
        N_(
            "How far to trust it: made the same way on {cutoff:date}, of the {count:n} accounts on "
            "the list {hit:n} stopped or bought less than half in the {horizon:n} days after, with "
            "{share:pct} of all the revenue lost in that time; picked blindly, {count:n} would hold "
            "about {chance:pct}. It expected a loss of {expected:money}, and {lost:money} came."
        ),
    ),
    FindingSpec(
        "watch_trust_none",
        "watch",
        N_(
            "How far to trust it: made the same way on {cutoff:date}, none of the {count:n} accounts "
            "on the list was lost in the {horizon:n} days after, although {expected:money} was "
            "expected to be."
        ),
    ),
    FindingSpec(
        "watch_trust_moved",
        "watch",
        N_(
            "{moved:n} of the model's {known:n} inputs have moved strongly since that test: today's "
            "accounts are of another kind, so trust the order of the list more than its amounts."
        ),
    ),
    FindingSpec(
        "already_stopped",
        "stopped",
        N_(
            "Of those that bought within the year, {count:n} {count:plural|has|have} plainly stopped "
            "already and {count:plural|is|are} not counted above; in the year before falling silent "
            "{count:plural|it|they} brought {before:money}. {count:plural|It is|The largest is} "
            "{first}: {first_before:money}, last order {last_order:date}."
        ),
        actions=SETTLE_GONE,
        on_first_page=False,
    ),
    FindingSpec(
        "outlook_signs",
        "outlook_signs",
        N_(
            "Section 2 expects {outlook:money} in the next 12 months from purchase dates and deals. "
            "{accounts:n} {accounts:plural|account|accounts} with a warning sign "
            "{accounts:plural|stands|stand} in it with {expected:money}; by the chances given here "
            "{off:money} of that will not come (eight times in ten {low:money} to {high:money}). "
            "That leaves {left:money} as the cautious case."
        ),
        actions=OUTLOOK_SIGNS_PLAN,
        brief=N_(
            "The next 12 months should bring {outlook:money}, or {left:money} if the warned accounts "
            "do as rated."
        ),
        rank=8,
        always=True,
        replaces=(
            "future_expected",
            "future_expected_corrected",
            "future_expected_untested",
            "target_short",
            "target_within",
        ),
    ),
    FindingSpec(
        "outlook_signs_target",
        "outlook_signs",
        N_(
            "Section 2 expects {outlook:money} in the next 12 months from purchase dates and deals. "
            "{accounts:n} {accounts:plural|account|accounts} with a warning sign "
            "{accounts:plural|stands|stand} in it with {expected:money}; by the chances given here "
            "{off:money} of that will not come (eight times in ten {low:money} to {high:money}). "
            "That leaves {left:money} as the cautious case. The target of {target:money} is missed "
            "by {least:money} if every warned account stays, and by {gap:money} in the cautious case."
        ),
        actions=OUTLOOK_SIGNS_PLAN,
        brief=N_(
            "The next 12 months should bring {outlook:money}, or {left:money} if the warned accounts "
            "do as rated: {least:money} to {gap:money} short of the target."
        ),
        rank=6,
        always=True,
        replaces=(
            "future_expected",
            "future_expected_corrected",
            "future_expected_untested",
            "target_short",
            "target_within",
        ),
    ),
    FindingSpec(
        "outlook_signs_part",
        "outlook_signs",
        N_(
            "Section 2 expects {outlook:money} in the next 12 months from purchase dates and deals. "
            "{accounts:n} {accounts:plural|account|accounts} with a warning sign "
            "{accounts:plural|stands|stand} in it with {expected:money}; by the chances given here "
            "{off:money} of that will not come (eight times in ten {low:money} to {high:money}). "
            "That leaves {left:money} as the cautious case: the target of {target:money} is met if "
            "every warned account stays, and missed by {gap:money} in the cautious case."
        ),
        actions=OUTLOOK_SIGNS_PLAN,
        brief=N_(
            "The next 12 months should bring {outlook:money}, above the target, or {left:money} if "
            "the warned accounts do as rated: {gap:money} short of it."
        ),
        rank=7,
        always=True,
        replaces=(
            "future_expected",
            "future_expected_corrected",
            "future_expected_untested",
            "target_short",
            "target_within",
        ),
    ),
    FindingSpec(
        "too_few",
        "withheld",
        N_(
            "Too few to validate: {events:n} {events:plural|account|accounts} stopped or stayed in "
            "the periods to learn from and to test on, where {needed:n} are needed. No probability "
            "is shown; the expert score ranks alone."
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
    FindingSpec(
        "red_accounts",
        "bands",
        N_(
            "{red:n} of the {active:n} accounts that bought at least twice, the last time within a "
            "year, are red; they bring {revenue:money}, {share:pct} of what all these bring. "
            "{gone:n} of them {gone:plural|has|have} plainly stopped already."
        ),
        actions=CALL_RED | SETTLE_GONE,
        rank=35,
        on_first_page=False,
    ),
    FindingSpec(
        "red_gone",
        "bands",
        N_(
            "{red:n} of the {active:n} accounts that bought at least twice, the last time within a "
            "year, are red, and all of them have plainly stopped already; what they still brought in "
            "the last 12 months is {revenue:money}, {share:pct} of what all these brought."
        ),
        actions=CALL_RED | SETTLE_GONE,
        on_first_page=False,
    ),
    FindingSpec(
        "red_buying",
        "bands",
        N_(
            "{red:n} of the {active:n} accounts that bought at least twice, the last time within a "
            "year, are red; they bring {revenue:money}, {share:pct} of what all these bring, and "
            "none of them has plainly stopped yet."
        ),
        actions=CALL_RED | SETTLE_GONE,
        on_first_page=False,
    ),
    FindingSpec(
        "no_red",
        "bands",
        N_(
            "None of the {active:n} accounts that bought at least twice, the last time within a year, is red."
        ),
    ),
    FindingSpec(
        "none_scored",
        "bands",
        N_("No account bought at least twice, the last time within a year, so none has a health score."),
    ),
    FindingSpec(
        "large_silent",
        "bands",
        N_(
            "{count:n} large {count:plural|account is|accounts are} late against "
            "{count:plural|its|their} own rhythm ({revenue:money} a year); {first} usually buys "
            "every {gap:n} days and has been silent for {silent:n}."
        ),
        actions={
            "visit_silent": N_(
                "Have each owner find out in person this week whether the account has left or is only late."
            )
        },
        on_first_page=False,
    ),
    FindingSpec(
        "single_purchase",
        "bands",
        N_(
            "{count:n} {count:plural|account|accounts} of the last year bought only once "
            "({revenue:money}): too little for a rhythm, so they are not judged."
        ),
    ),
    FindingSpec(
        "overdue",
        "payment",
        N_(
            "{count:n} {count:plural|account is|accounts are} overdue with {overdue:money} of "
            "{open:money} outstanding; {first} owes {first_overdue:money}, {first_share:pct} of its "
            "year's purchases, for up to {oldest:n} {oldest:plural|day|days}."
        ),
        actions=COLLECT,
        brief=N_(
            "{overdue:money} of {open:money} outstanding is overdue, {first_overdue:money} of it at {first}."
        ),
        rank=24,
    ),
    FindingSpec(
        "overdue_without_purchases",
        "payment",
        N_(
            "{count:n} {count:plural|account is|accounts are} overdue with {overdue:money} of "
            "{open:money} outstanding; {first} owes {first_overdue:money} for up to {oldest:n} "
            "{oldest:plural|day|days}, with no purchases in the last 12 months to set against it."
        ),
        actions=COLLECT,
        brief=N_(
            "{overdue:money} of {open:money} outstanding is overdue, {first_overdue:money} of it at {first}."
        ),
        rank=25,
    ),
    FindingSpec("payment_clean", "payment", N_("No account is overdue on {open:money} outstanding.")),
    FindingSpec(
        "payment_unknown",
        "payment",
        N_("Payment behaviour is not in this score: no receivables were delivered."),
        actions={"ask_for_receivables": N_("Provide the open and paid invoices with due dates.")},
    ),
)
