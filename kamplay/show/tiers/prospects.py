"""Prospects to assess before they buy."""

from __future__ import annotations

from kamplay.method.tiers.step import Tiers
from kamplay.show.display import Display
from kamplay.show.locale import N_
from kamplay.show.registry import FindingSpec, register_findings, sheet, table
from kamplay.show.table import ACCOUNT, ACCOUNT_COLUMNS, Column, Sheet, html_table, with_names
from kamplay.show.view import current

register_findings(
    FindingSpec(
        "intake_due",
        "prospects",
        N_(
            "{count:n} {count:plural|account|accounts} that did not buy from us in the last 12 months "
            "{count:plural|purchases|purchase} {gain:money} a year elsewhere, {count:plural|more|each "
            "more} than {above:money}; {dedicated:part|count|{n} of them|all of them|in fact} more than "
            "{dedicated_above:money}, which calls for a manager of {dedicated:plural|its|their} own."
        ),
        actions={
            "assess_intake": N_(
                "Head of sales: have {count:plural|it|each} assessed within {days:n} days of this "
                "report, and record whether to pursue it."
            )
        },
        brief=N_(
            "{count:n} {count:plural|prospect purchases|prospects purchase} {gain:money} a year elsewhere, "
            "{count:plural|more|each more} than {above:money}, and nothing from us."
        ),
        rank=39,
    ),
    FindingSpec(
        "intake_none",
        "prospects",
        N_("No account outside our sales is known to purchase more than {above:money} a year."),
    ),
    FindingSpec(
        "intake_unknown",
        "prospects",
        N_(
            "Which accounts deserve an assessment before they buy is not known: what they purchase "
            "elsewhere was not delivered."
        ),
        actions={
            "ask_for_wallet": N_(
                "Sales: provide for the next report what potential accounts purchase a year, from "
                "tenders, registers or estimates."
            )
        },
    ),
)


SPEND = Column("spend", N_("Purchases a year"), "money")


@sheet
def prospects_sheet(tiers: Tiers) -> Sheet:
    """Every account to assess before it buys."""
    columns = [*ACCOUNT_COLUMNS, SPEND]
    return Sheet(N_("To assess"), tiers.prospects, columns)


@table
def prospects_table(tiers: Tiers) -> Display:
    """Accounts to assess before they buy, the largest first."""
    locale = current().locale
    own, assessment = locale.text(N_("manager of its own")), locale.text(N_("assessment"))
    columns = [
        ACCOUNT,
        SPEND,
        Column("dedicated", N_("What it gets"), lambda dedicated: own if dedicated else assessment),
    ]
    caption = N_("Accounts without a purchase here in the last 12 months that purchase much elsewhere.")
    return html_table(with_names(tiers.prospects), columns, caption, most=12)
