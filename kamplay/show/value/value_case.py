"""What an offer is worth to the customer: a case year by year, what it hangs on, and the value register."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kamplay.method.value.step import Value
from kamplay.method.value.value_case import STEP, ValueCase
from kamplay.palette import PALE, QUIET
from kamplay.show.charts.chart import bare, draw_compact, floating_bars, join_parts
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_, Locale, missing
from kamplay.show.registry import FindingSpec, chart, register_findings, sheet, table
from kamplay.show.table import ACCOUNT, ACCOUNT_COLUMNS, Column, Sheet, html_table, with_names
from kamplay.show.view import View, current

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROWS = 10  # of the register
ASSUMED = {
    "investment": N_("investment"),
    "benefit": N_("benefit a year"),
    "running_cost": N_("running cost a year"),
    "residual": N_("residual value"),
    "years": N_("years"),
    "discount_rate": N_("discount rate"),
}
STAGES = {"claimed": N_("claimed"), "agreed": N_("agreed"), "realised": N_("realised")}


def case_sentence(case: ValueCase, locale: Locale) -> str:
    """NPV, IRR, payback and ROI of a case in a few words; what it has not is said."""
    parts = [locale.say(N_("Net present value {npv:money}."), npv=case.npv)]
    if case.irr_status == "single":
        parts.append(locale.say(N_("Internal rate of return {irr:pct}."), irr=case.irr))
    elif case.irr_status == "several":
        rates = [locale.percent(rate) for rate in case.irr_rates]
        message = N_(
            "No single internal rate of return: the flows change their sign {changes:n} times; they come "
            "to 0 at {rates:words}. Go by the net present value."
        )
        parts.append(locale.say(message, changes=case.sign_changes, rates=rates))
    else:
        message = (
            N_("No internal rate of return: the flows never change their sign.")
            if case.sign_changes == 0
            else N_("No internal rate of return: at no rate do the flows come to 0.")
        )
        parts.append(locale.text(message))
    if case.payback is None:
        parts.append(locale.text(N_("It does not pay back within its years.")))
    elif case.discounted_payback is None:
        message = N_("Payback in years: {payback:n1}; discounted not within its years.")
        parts.append(locale.say(message, payback=case.payback))
    else:
        message = N_("Payback in years: {payback:n1}, discounted {discounted:n1}.")
        parts.append(locale.say(message, payback=case.payback, discounted=case.discounted_payback))
    if case.roi is not None:
        parts.append(locale.say(N_("Return on what the customer pays {roi:pct}."), roi=case.roi))
    return locale.sentences(*parts)


@table
def value_case_table(case: ValueCase | None) -> Display:
    """A case year by year, with NPV, IRR, payback and ROI below; nothing without a case."""
    if case is None:
        return NOTHING
    locale, flows = current().locale, case.flows
    columns = [
        Column("year", N_("Year"), "n"),
        Column("investment", N_("Investment"), "money", extra=True),
        Column("benefit", N_("Benefit"), "money", extra=True),
        Column("running_cost", N_("Running cost"), "money", extra=True),
        Column("residual", N_("Residual value"), "money", extra=True),
        Column("net", N_("Net"), "money"),
        Column("discounted", N_("Discounted"), "money", extra=True),
        Column("cumulative_discounted", N_("Discounted, cumulative"), "money"),
    ]
    columns = [c for c in columns if c.key not in ("running_cost", "residual") or flows[c.key].any()]
    caption = locale.text(
        N_("The customer's money by year; year 0 is today, the rest comes at each year's end.")
    )
    return html_table(flows, columns, locale.sentences(case_sentence(case, locale), caption))


@chart
def value_case_chart(case: ValueCase | None) -> Display:
    """The net present value when each assumption is a fifth lower or higher, the widest first."""
    if case is None or case.sensitivity.empty:
        return NOTHING
    locale, rows = current().locale, case.sensitivity
    labels = [_with_break_even(row, locale) for row in rows.itertuples()]

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        places = range(len(rows))
        low, high = rows["low"].to_numpy(), rows["high"].to_numpy()
        floating_bars(axes, np.full(len(rows), case.npv), low - case.npv, [PALE] * len(rows), 0.6)
        floating_bars(axes, np.full(len(rows), case.npv), high - case.npv, [view.accent] * len(rows), 0.6)
        axes.axvline(case.npv, color=QUIET, linewidth=1)
        ends = [*low, *high, 0.0] if min(low.min(), high.min()) < 0 else [*low, *high]
        span = (max(ends) - min(ends)) or 1.0
        for place, values in zip(places, zip(low, high, strict=True), strict=True):
            for end, side in ((min(values), "right"), (max(values), "left")):
                shift = span * 0.015 * (-1 if side == "right" else 1)
                axes.text(end + shift, place, locale.money(end), ha=side, va="center", fontsize=7.4)
        if min(ends) < 0:
            axes.axvline(0, color=QUIET, linewidth=1, linestyle=(0, (4, 3)))
        axes.set_yticks(list(places), labels)
        axes.set(xlim=(min(ends) - span * 0.3, max(ends) + span * 0.3), ylabel="")
        bare(axes, "bottom")

    caption = N_(
        "Net present value when one assumption is {step:pct} lower (pale) or higher (dark) and the others "
        "stay; below each name the value at which nothing is gained."
    )
    part = N_("{name} {low:money} to {high:money}")
    parts = [
        locale.say(part, name=locale.text(ASSUMED[row.assumption]), low=row.low, high=row.high)
        for row in rows.itertuples()
    ]
    alt = locale.say(N_("Sensitivity of the net present value: {parts}."), parts=join_parts(parts, locale))
    height = 0.25 + 0.17 * max(len(rows), 3)
    return draw_compact(draw, locale.say(caption, step=STEP), alt, height)


def _with_break_even(row: object, locale: Locale) -> str:
    name, value = str(row.assumption), row.break_even  # type: ignore[attr-defined]
    label = locale.text(ASSUMED[name])
    if missing(value):
        return f"{label}\n{locale.text(N_('no break-even'))}"
    if name == "years":
        shown = locale.number(value, 1)
    elif name == "discount_rate":
        shown = locale.percent(value)
    else:
        shown = locale.money(value)
    return f"{label}\n{locale.say(N_('break-even {value}'), value=shown)}"


CLAIMED = Column("claimed", N_("Claimed"), "money")
AGREED = Column("agreed", N_("Agreed"), "money")
REALISED = Column("realised", N_("Realised"), "money")
CASES = Column("cases", N_("Cases"), "n", extra=True)


@table
def value_register_table(value: Value) -> Display:
    """What was claimed, agreed and realised by account, the sum of all first."""
    register = value.value_cases
    if register is None or register.cases.empty:
        return NOTHING
    locale = current().locale
    total = {
        "name": locale.text(N_("All accounts")),
        "cases": len(register.cases),
        "claimed": register.claimed,
        "agreed": register.agreed,
        "realised": register.realised,
    }
    rows = with_names(register.accounts)[["name", "cases", "claimed", "agreed", "realised"]]
    frame = pd.concat([pd.DataFrame([total]), rows], ignore_index=True)
    frame["share"] = frame["realised"] / frame["claimed"].where(frame["claimed"] > 0)
    columns = [
        ACCOUNT,
        CASES,
        CLAIMED,
        AGREED,
        REALISED,
        Column("share", N_("Realised of claimed"), "pct", extra=True),
    ]
    caption = N_(
        "Value to the customer over all years of a case: what we claimed, what the customer agreed to, "
        "what has been realised so far."
    )
    return html_table(frame, columns, caption, most=ROWS)


@sheet
def value_cases_sheet(value: Value) -> Sheet:
    """Every case of the value register, with what its assumptions come to."""
    columns = [
        Column("case_id", N_("Case")),
        *ACCOUNT_COLUMNS,
        Column("offer", N_("Offer")),
        Column("date", N_("Claimed on"), "date"),
        Column("stage", N_("Reached"), STAGES),
        CLAIMED,
        AGREED,
        Column("agreed_on", N_("Agreed on"), "date"),
        REALISED,
        Column("realised_on", N_("Realised on"), "date"),
        Column("npv", N_("Net present value"), "money"),
        Column("irr", N_("Internal rate of return"), "pct"),
        Column("payback", N_("Payback, years"), "n1"),
    ]
    return Sheet(N_("Value cases"), value.value_cases.cases if value.value_cases else pd.DataFrame(), columns)


register_findings(
    FindingSpec(
        "value_cases",
        "value_cases",
        N_(
            "Of {claimed:money} of value to the customer that we claimed in {count:n} cases at "
            "{accounts:n} accounts, {agreed:money} is agreed with the customer ({agreed_cases:n} cases, "
            "{agreed_share:pct}) and {realised:money} realised so far ({realised_cases:n} cases, "
            "{realised_share:pct})."
        ),
        on_first_page=False,
    ),
    FindingSpec(
        "value_largest",
        "value_cases",
        N_(
            "The largest case with assumptions is {what_offer} at {first}: over {years:n} years at "
            "{rate:pct} its net present value is {npv:money}."
        ),
        on_first_page=False,
        words=lambda finding, locale: {
            "what_offer": locale.say(N_("“{offer}”"), offer=finding.figures["offer"])
            if finding.figures["offer"]
            else locale.text(N_("the one"))
        },
    ),
    FindingSpec(
        "value_unproven",
        "value_cases",
        N_(
            "For {count:n} {count:plural|case|cases} agreed more than {days:n} days ago, {amount:money}, "
            "nothing realised is recorded: {names}."
        ),
        actions={
            "prove_value": N_(
                "Owners: measure with the customer, {first} first, what has come of it, and record it or "
                "correct the case."
            )
        },
        rank=48,
    ),
    FindingSpec(
        "value_undecided",
        "value_cases",
        N_(
            "{count:n} {count:plural|case|cases} over {amount:money}, claimed more than {days:n} days ago, "
            "{count:plural|is|are} not agreed with the customer: {names}."
        ),
        actions={
            "agree_value": N_(
                "Owners: go through the assumptions with {names} and have the figure agreed, or drop it."
            )
        },
        on_first_page=False,
    ),
    FindingSpec(
        "value_overclaimed",
        "value_cases",
        N_(
            "{count:n} {count:plural|case claims|cases claim} more than {count:plural|its|their} own "
            "assumptions give (yearly benefit × years), {amount:money}: {names}."
        ),
        actions={
            "correct_claim": N_("Owners: correct the claim or the assumptions before {first} does the sum.")
        },
        on_first_page=False,
    ),
    FindingSpec(
        "value_cases_unknown",
        "value_cases",
        N_(
            "No value register was delivered: what our offers are worth to the customers, and how much of "
            "it they confirm, cannot be told."
        ),
        actions={
            "keep_register": N_(
                "Account owners: keep a register of the value claimed, agreed and realised; start "
                "with one case for each key account."
            )
        },
        on_first_page=False,
    ),
)
