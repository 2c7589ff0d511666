"""Order to cash, as chart, table and sentences: days for each stage, what is open, a year ago beside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from kamplay.method.health.step import Health
from kamplay.method.results import Finding
from kamplay.palette import BAD, INK, PALE, QUIET
from kamplay.show.charts.chart import bare, draw_chart
from kamplay.show.display import NOTHING, Display
from kamplay.show.findings import counts
from kamplay.show.locale import N_, Locale
from kamplay.show.registry import FindingSpec, chart, register_findings, sheet, table
from kamplay.show.table import ACCOUNT, ACCOUNT_COLUMNS, REVENUE, Column, Sheet, html_table, with_names
from kamplay.show.view import View, current

if TYPE_CHECKING:
    from matplotlib.axes import Axes

STAGES = {
    "delivery": N_("Order to delivery"),
    "invoice": N_("Order to invoice"),
    "collection": N_("Invoice to payment"),
}
WHO_ACTS = {"delivery": N_("delivery"), "finance": N_("finance")}


@chart
def order_to_cash_chart(health: Health) -> Display:
    """Each stage with its days now and a year before, and beneath it what is open and its amount."""
    result, locale = health.order_to_cash, current().locale
    if not result.figures:
        return NOTHING
    stages = result.stages[result.stages["days"].notna() | result.stages["open"].notna()]
    if stages.empty:
        return NOTHING
    # a stage may be known a year before only
    longest = max(float(stages[["days", "days_before"]].fillna(0.0).max().max()), 1.0)

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        import seaborn as sns

        rows = stages.melt("stage", ["days", "days_before"], "year", "days_taken")
        sns.barplot(
            rows,
            x="days_taken",
            y="stage",
            order=list(stages["stage"]),
            hue="year",
            palette={"days": view.accent, "days_before": PALE},
            width=0.42,
            gap=0.08,
            saturation=1,
            errorbar=None,
            legend=False,
            ax=axes,
        )
        for place, row in enumerate(stages.itertuples()):
            axes.text(0, place - 0.37, locale.text(STAGES[row.stage]), fontsize=9, va="center")
            labels = [
                (-0.105, row.days, N_("{days:n1} {days:plural|day|days}"), INK),
                (0.105, row.days_before, N_("{days:n1} {days:plural|day|days} a year before"), QUIET),
            ]
            for shift, days, text, colour in labels:
                if pd.notna(days):
                    at, label = days + longest * 0.015, locale.say(text, days=days)
                    axes.text(at, place + shift, label, va="center", fontsize=8.5, color=colour)
            if pd.isna(row.days):
                text = locale.text(N_("days not known"))
                axes.text(0, place - 0.105, text, va="center", fontsize=8.5, color=QUIET)
            if pd.notna(row.open):
                colour = BAD if row.open else QUIET
                text = _open_items(row, locale)
                axes.text(0, place + 0.33, text, va="center", fontsize=8.5, color=colour)
        axes.set(xlim=(0, longest * (1.62 if narrow else 1.35)), ylim=(len(stages) - 0.55, -0.5))
        axes.set(xlabel="", ylabel="")
        bare(axes, "bottom", "left")

    caption = locale.text(
        N_(
            "How long each stage took in the last 12 months and in the 12 before: the median, for payment "
            "the mean weighted by amount. In words: the loops open now, and how many stood open a year ago."
        )
    )
    parts = [
        f"{locale.text(STAGES[r.stage])} {locale.number(r.days, 1)} / {locale.number(r.days_before, 1)}"
        + (f" ({_open_items(r, locale)})" if pd.notna(r.open) else "")
        for r in stages.itertuples()
    ]
    alt = locale.say(N_("Days now / a year before: {parts}."), parts=locale.text(N_("; ")).join(parts))
    return draw_chart(draw, caption, alt, height=0.2 + 0.34 * len(stages))


def _open_items(row: Any, locale: Locale) -> str:
    """81 open with 2.5 million, 76 a year ago; without the amount where no order's amount is known."""
    if not row.open:
        text = locale.text(N_("nothing open"))
    elif row.stuck > 0:
        text = locale.say(N_("{open:n} open, {stuck:money}"), open=row.open, stuck=row.stuck)
    else:
        text = locale.say(N_("{open:n} open"), open=row.open)
    if pd.isna(row.open_before):
        return text
    return locale.say(N_("{text}; {before:n} a year ago"), text=text, before=row.open_before)


@table
def open_orders_and_bills_table(health: Health) -> Display:
    """Accounts with anything open, the largest amount first: what, who acts, how they are served and pay."""
    result, locale = health.order_to_cash, current().locale
    if not result.figures:
        return NOTHING
    frame = result.accounts[result.accounts["open"] > 0]
    frame = frame.assign(loops=[_what_is_open(row, locale) for row in frame.itertuples()])
    columns = [
        ACCOUNT,
        Column("stuck", N_("Amount stuck"), "money"),
        Column("loops", N_("What is open, and who acts"), css="long"),
        Column("on_time", N_("On time"), "pct", extra=True),
        Column("in_full", N_("In full"), "pct", extra=True),
        Column("to_collect", N_("Days to collect"), "n", extra=True),
    ]
    columns = [c for c in columns if c.key == "name" or (len(frame) and frame[c.key].notna().any())]
    caption = N_(
        "Accounts with loops open between order and cash. On time and in full: of orders "
        "promised for the last 180 days. Days to collect: bills paid in the last 12 months."
    )
    return html_table(with_names(frame), columns, caption, most=8)


def _what_is_open(row: Any, locale: Locale) -> str:
    """2 short, up to 137 days (delivery); 1 bill overdue, up to 20 days (finance); first who acts first."""

    def aged(text: str, days: float) -> str:
        if pd.isna(days):
            return text
        return locale.say(N_("{text}, up to {days:n} {days:plural|day|days}"), text=text, days=days)

    goods = [
        locale.say(text, count=count)
        for text, count in (
            (N_("{count:n} late"), row.late_orders),
            (N_("{count:n} short"), row.short_orders),
        )
        if count
    ]
    parts = {}
    if goods:
        what = aged(locale.text(N_(", ")).join(goods), row.oldest_goods)
        parts["delivery"] = locale.say(N_("{what} (delivery)"), what=what)
    if row.bills:
        bills = locale.say(N_("{count:n} {count:plural|bill|bills} overdue"), count=row.bills)
        parts["finance"] = locale.say(N_("{what} (finance)"), what=aged(bills, row.oldest_bill))
    order = sorted(parts, key=lambda who: who != row.acts)
    return locale.text(N_("; ")).join(parts[who] for who in order)


@sheet
def order_to_cash_sheet(health: Health) -> Sheet:
    """Every account with orders or bills: on time, in full, days, what is open and who acts first."""
    columns = [
        *ACCOUNT_COLUMNS,
        Column("on_time", N_("On time"), "pct"),
        Column("in_full", N_("In full"), "pct"),
        Column("to_deliver", N_("Days to deliver"), "n1"),
        Column("to_collect", N_("Days to collect"), "n1"),
        Column("late_orders", N_("Orders late"), "n"),
        Column("late_amount", N_("Amount late"), "money"),
        Column("short_orders", N_("Orders short"), "n"),
        Column("short_amount", N_("Amount short"), "money"),
        Column("bills", N_("Bills overdue"), "n"),
        Column("overdue", N_("Overdue"), "money"),
        Column("stuck", N_("Amount stuck"), "money"),
        Column("oldest", N_("Oldest, days"), "n"),
        Column("acts", N_("Who acts first"), WHO_ACTS),
        REVENUE,
    ]
    return Sheet(N_("Demand to cash"), health.order_to_cash.accounts, columns)


# what is open, by kind
OPEN_KINDS = {
    "late": N_("{count:n} {count:plural|order|orders} past the promised date"),
    "short": N_("{count:n} delivered short"),
    "bills": N_("{count:n} {count:plural|bill|bills} past due"),
}


def _open_kinds(finding: Finding, locale: Locale) -> Mapping[str, object]:
    return {"parts": counts(OPEN_KINDS, finding.figures, locale)}


# what this topic can find, in words
LOOP_CLOSE = {
    "loop_close": N_(
        "Delivery lead and finance: go through the open loops account by account, the largest "
        "amount first; each gets one owner and a date on which it is closed."
    )
}
LOOP_FIND_CAUSE = {
    "loop_find_cause": N_(
        "Delivery lead and finance: find the step that takes longer, and name the accounts it concerns."
    )
}
LOOP_LINK = {
    "loop_link": N_(
        "Finance: put the order number on each bill, so that every order can be followed to its payment."
    )
}

register_findings(
    FindingSpec(
        "loop_open",
        "order_to_cash",
        N_(
            "{open:n} {open:plural|loop is|loops are} open at {count:n} "
            "{count:plural|account|accounts} with {stuck:money}: {parts}. Most is stuck at {first} "
            "({first_stuck:money}, {first_open:n} open); the oldest is {oldest:n} "
            "{oldest:plural|day|days} past its date."
        ),
        actions=LOOP_CLOSE,
        on_first_page=False,
        words=_open_kinds,
    ),
    FindingSpec(
        "loop_open_unpriced",
        "order_to_cash",
        N_(
            "{open:n} {open:plural|loop is|loops are} open at {count:n} "
            "{count:plural|account|accounts}: {parts}. Most are open at {first} ({first_open:n}); "
            "the oldest is {oldest:n} {oldest:plural|day|days} past its date. What they are worth is "
            "not known: no delivery could be tied to an order with an amount."
        ),
        actions=LOOP_CLOSE,
        on_first_page=False,
        words=_open_kinds,
    ),
    FindingSpec(
        "loop_part_priced",
        "order_to_cash",
        N_(
            "The amount leaves out {share:pct} of the late and short deliveries: what their orders "
            "are worth is not known."
        ),
        actions={
            "loop_link_deliveries": N_(
                "Sales operations: put the order number on each delivery, so that what is late has an amount."
            )
        },
    ),
    FindingSpec(
        "loop_ended",
        "order_to_cash",
        N_(
            "Deliveries or bills were delivered up to {ended:date} only, {days:n} days before the "
            "reporting date: what arrived or was paid since then counts as open here."
        ),
        actions={
            "loop_bring_up_to_date": N_(
                "Data owner: provide deliveries and payments up to the reporting date before "
                "anyone is called."
            )
        },
    ),
    FindingSpec(
        "loop_both_ways",
        "order_to_cash",
        N_(
            "At {count:n} {count:plural|account|accounts} both sides are waiting: we owe goods, and "
            "{overdue:money} is overdue to us: {names}."
        ),
        actions={
            "loop_deliver_then_dun": N_(
                "Account owner: deliver or credit what is missing first, and only then ask for payment."
            )
        },
    ),
    FindingSpec(
        "loop_clean",
        "order_to_cash",
        N_(
            "No loop is open at the {accounts:n} {accounts:plural|account|accounts} with deliveries "
            "or bills: nothing late, nothing short, nothing past due."
        ),
    ),
    FindingSpec(
        "loop_slower_delivery",
        "order_to_cash",
        N_(
            "From order to delivery it now takes {now:n1} days (median), against {before:n1} in the "
            "12 months before."
        ),
        actions=LOOP_FIND_CAUSE,
    ),
    FindingSpec(
        "loop_slower_invoice",
        "order_to_cash",
        N_(
            "From order to invoice it now takes {now:n1} days (median), against {before:n1} in the "
            "12 months before."
        ),
        actions=LOOP_FIND_CAUSE,
    ),
    FindingSpec(
        "loop_slower_collection",
        "order_to_cash",
        N_(
            "From invoice to payment it now takes {now:n1} days (mean weighted by amount), against "
            "{before:n1} in the 12 months before."
        ),
        actions=LOOP_FIND_CAUSE,
    ),
    FindingSpec(
        "loop_late",
        "order_to_cash",
        N_(
            "{count:n} {count:plural|account is|accounts are} delivered on time less often than "
            "before, by more than chance ({revenue:money} a year): {names}; {first} got {now:pct} of "
            "its orders on time in the last 180 days, against {before:pct} in the year before."
        ),
        actions={
            "loop_delivery_promise": N_(
                "Delivery lead: explain the delays to these accounts in person, and promise only "
                "dates that planning has confirmed."
            )
        },
    ),
    FindingSpec(
        "loop_no_deliveries",
        "order_to_cash",
        N_(
            "Whether orders arrive on time and in full is not known: deliveries with the dates on "
            "which they came are missing from the data."
        ),
        actions={
            "loop_ask_for_deliveries": N_(
                "Data owner: provide the deliveries with promised and actual dates and quantities."
            )
        },
    ),
    FindingSpec(
        "loop_no_bills",
        "order_to_cash",
        N_("How long bills take to be paid is not known: no receivables were delivered."),
        actions={"loop_ask_for_bills": N_("Finance: provide the bills with due and payment dates.")},
    ),
    FindingSpec(
        "loop_not_linked",
        "order_to_cash",
        N_("Only {linked:pct} of the year's bills can be tied to an order, so days to invoice are not told."),
        actions=LOOP_LINK,
    ),
    FindingSpec(
        "loop_linked_by_amount",
        "order_to_cash",
        N_(
            "Bills carry no order number; {linked:pct} of the year's bills were tied to the one "
            "order of the account with exactly the same amount."
        ),
        actions=LOOP_LINK,
    ),
    FindingSpec(
        "loop_unknown",
        "order_to_cash",
        N_(
            "How long it takes from order to cash, and what is left open on the way, is not known: "
            "neither deliveries nor receivables were delivered. With them each account shows its "
            "late orders, short deliveries and unpaid bills in one line."
        ),
        actions={
            "loop_ask_for_both": N_(
                "Data owner: provide orders with promised and actual delivery dates, and bills "
                "with due and payment dates."
            )
        },
    ),
)
