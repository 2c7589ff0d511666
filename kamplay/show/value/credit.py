"""Credit shown: the accounts' own condition, and how old the receivables are."""

from __future__ import annotations

from kamplay.method.results import Finding
from kamplay.method.value.credit import WEAK_RATIOS
from kamplay.method.value.step import Value
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_, Locale
from kamplay.show.registry import FindingSpec, register_findings, sheet, table
from kamplay.show.table import ACCOUNT, ACCOUNT_COLUMNS, Column, Sheet, html_table, with_names

AGES = {
    "not_due": N_("not due yet"),
    "to_30": N_("1 to 30 days"),
    "to_90": N_("31 to 90 days"),
    "to_180": N_("91 to 180 days"),
    "over_180": N_("more than 180 days"),
}


OWES = Column("open", N_("Owes us"), "money")
CREDIT_USED = Column("credit_used", N_("Credit used"), "pct")
OLDEST = Column("oldest", N_("Oldest overdue, days"), "n")
RATIOS = (
    Column("weak", N_("Weak ratios"), "n"),
    Column("current_ratio", N_("Current ratio"), "n2", extra=True),
    Column("cash_ratio", N_("Cash ratio"), "n2", extra=True),
    Column("net_margin", N_("Its net margin"), "pct", extra=True),
)


@table
def credit_standing_table(value: Value) -> Display:
    """Accounts whose own condition calls for a look: weak books or a limit exceeded; those that owe most
    first.
    """
    frame = value.credit.accounts
    frame = frame[(frame["weak"] >= WEAK_RATIOS) | (frame["credit_used"] > 1)]
    frame = frame.sort_values(["open", "revenue"], ascending=False)
    columns = [ACCOUNT, OWES, CREDIT_USED, OLDEST, *RATIOS]
    columns = [c for c in columns if c.key == "name" or frame[c.key].notna().any()]
    caption = N_(
        "Accounts that are weak in at least two ratios or above their credit limit, those "
        "that owe most first. Weak: current ratio below 1, cash ratio below 0.2, net margin "
        "or return on assets below 0."
    )
    return html_table(with_names(frame), columns, caption, most=8)


@sheet
def credit_standing_sheet(value: Value) -> Sheet:
    """What every account owes, and its own ratios."""
    overdue = Column("overdue", N_("Overdue"), "money")
    assets = Column("return_on_assets", N_("Return on assets"), "pct")
    columns = [*ACCOUNT_COLUMNS, OWES, overdue, OLDEST, CREDIT_USED, *RATIOS, assets]
    return Sheet(N_("Condition of accounts"), value.credit.accounts, columns)


@table
def receivables_ageing_table(value: Value) -> Display:
    """What is open by how long it has been due."""
    frame = value.credit.ageing
    if frame.empty or not frame["amount"].sum() > 0:
        return NOTHING
    columns = [
        Column("age", N_("Due since"), AGES),
        Column("amount", N_("Amount"), "money"),
        Column("share", N_("Share"), "pct"),
        Column("bills", N_("Bills"), "n"),
        Column("accounts", N_("Accounts"), "n"),
    ]
    caption = N_("Unpaid bills at the reporting date, by how long they have been due.")
    return html_table(frame, columns, caption)


# what this topic can find, in words
SPEED_COLLECTION = {
    "speed_collection": N_(
        "Finance and sales: find out which accounts became slower, and agree on dates with them."
    )
}


def _others_above(finding: Finding, locale: Locale) -> dict[str, str]:
    """``others``: those that exceed their limit by too little for anybody to decide on."""
    said = N_(
        " {little:n} more {little:plural|exceeds its|exceed theirs} by {little_beyond:money} in all, which "
        "finance settles."
    )
    figures = finding.figures
    return {"others": locale.say(said, **figures) if figures.get("little") else ""}


register_findings(
    FindingSpec(
        "standing_weak",
        "credit",
        N_(
            "{count:n} of {known:n} accounts whose books are known are weak in at least two of four "
            "ratios; they buy for {revenue:money} a year and owe {owed:money}: {names}."
        ),
        actions={
            "watch_credit": N_(
                "Finance: review limits and terms of those that owe most before the next large "
                "order, {three} first."
            )
        },
        brief=N_("{count:n} of {known:n} accounts whose books are known are weak; they owe {owed:money}."),
        rank=47,
    ),
    FindingSpec(
        "standing_sound",
        "credit",
        N_("None of the {known:n} accounts whose books are known is weak in two of four ratios."),
    ),
    FindingSpec(
        "standing_unknown",
        "credit",
        N_("How sound the accounts themselves are is not known: their own figures were not delivered."),
        actions={
            "ask_for_financials": N_(
                "Finance: ask the largest accounts for their statements, or take them from public registers."
            )
        },
    ),
    FindingSpec(
        "collect_days",
        "credit",
        N_(
            "Bills paid in the last 12 months took {now:n} days to collect, against {before:n} in "
            "the 12 before."
        ),
        actions=SPEED_COLLECTION,
    ),
    FindingSpec(
        "collect_days_first",
        "credit",
        N_("Bills paid in the last 12 months took {now:n} days to collect."),
        actions=SPEED_COLLECTION,
    ),
    FindingSpec(
        "credit_exceeded",
        "credit",
        N_(
            "{count:n} {count:plural|account owes|accounts owe} {owed:money} and {count:plural|is|are} above "
            "the credit limit, by {beyond:money} in all: {names}.{others}"
        ),
        actions={
            "decide_credit": N_(
                "Finance and sales: decide each credit limit, {first} first: raise it with a reason, or "
                "deliver only once paid."
            )
        },
        words=_others_above,
    ),
)
