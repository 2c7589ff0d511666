"""Where growth is, account by account: table, sheet and words."""

from __future__ import annotations

from typing import Any

import pandas as pd

from kamplay.method.plan.growth import has_step
from kamplay.method.plan.step import Plan
from kamplay.method.results import Finding
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_, Locale, missing
from kamplay.show.registry import FindingSpec, register_findings, sheet, table
from kamplay.show.table import ACCOUNT, ACCOUNT_COLUMNS, MISSING, OWNER, Column, Sheet, html_table, with_names
from kamplay.show.texts.vocabulary import ACTIONS
from kamplay.show.view import current

ROWS = 8
BASES = {
    "measured": N_("measured"),
    "estimated": N_("estimated"),
    "peers": N_("from peers"),
    "own": N_("own purchases of the year before"),
    "mixed": N_("from peers and own purchases"),
    "burst": N_("mostly bought at once: ask"),
}
STEPS = {**ACTIONS, "assess": N_("Prospect: assess whether to pursue it")}
MORE = N_("{category} and {rest:n} more")
LATER = N_("{category} (offered from {month}, before its season)")
BURST = N_(
    "{count:n} more mostly bought at once: ask, count no revenue of it (the largest {category} at {first}, "
    "{bought:money}, last in {month})."
)
BY = N_("{step}, by {day:date}")
OF_CATEGORY = N_("{step}: {category}, about {amount:money}, by {day:date}")


@sheet
def growth_room_sheet(plan: Plan) -> Sheet:
    """Every account with room, and what the plan does about it next."""
    columns = [
        *ACCOUNT_COLUMNS,
        Column("amount", N_("Room a year"), "money"),
        Column("basis", N_("How it is known"), BASES),
        Column("category", N_("Category with most room")),
        Column("offer_from", N_("Offered from"), "date"),
        Column("categories", N_("Categories"), "n"),
        Column("step", N_("Next step"), STEPS),
        Column("step_category", N_("Category of the step")),
        Column("step_amount", N_("Room in it"), "money"),
        Column("due", N_("Due"), "date"),
        OWNER,
        Column("bought", N_("Bought the year before"), "money"),
        Column("last_bought", N_("Last bought"), "date"),
    ]
    return Sheet(N_("Room by account"), plan.growth, columns)


@table
def growth_room_table(plan: Plan) -> Display:
    """The accounts with most room that the plan does something about, and how it is known; below, how many
    there are beside them.
    """
    rows, view = plan.growth, current()
    sized = rows[rows["basis"] != "burst"]
    shown = sized[has_step(sized)]
    if shown.empty or not view.one_by_one:
        return NOTHING
    locale, rows = view.locale, with_names(shown)
    rows = rows.assign(
        where=[_where(row, locale) for row in rows.itertuples()],
        known=[locale.text(BASES[row.basis]) for row in rows.itertuples()],
        next=[_next(row, locale) for row in rows.itertuples()],
    )
    columns = [
        ACCOUNT,
        Column("amount", N_("Room a year"), "money"),
        Column("known", N_("How it is known")),
        Column("where", N_("Most of it in"), css="long"),
        Column("next", N_("Next step"), css="long"),
        Column("owner", N_("Owner"), css="keep"),
    ]
    if rows["owner"].isna().all():
        columns = columns[:-1]
    caption = locale.say(
        N_(
            "Where there is room and the plan has a step: {shown:n} of {count:n} "
            "{count:plural|account|accounts}, the largest first, of about {total:money} a year in all{new}: "
            "what is bought elsewhere by the wallet table; else what similar accounts buy and this one does "
            "not, times the share of them that does (ranges in the workbook). Left out: where no growth is "
            "advised now."
        ),
        shown=len(shown),
        count=len(sized),
        total=float(sized["amount"].sum()),
        new=_prospects(sized, locale),
    )
    told = locale.sentences(caption, _bursts(plan.growth, locale))
    return html_table(rows, columns, told, most=ROWS)


def _where(row: Any, locale: Locale) -> str:
    """The category with most room, and how many others there are."""
    if missing(row.category):
        return MISSING
    label = locale.label(str(row.category))
    if not missing(row.offer_from):
        label = locale.say(LATER, category=label, month=locale.month(row.offer_from))
    return locale.say(MORE, category=label, rest=row.categories - 1) if row.categories > 1 else label


def _prospects(sized: pd.DataFrame, locale: Locale) -> str:
    """How many of the accounts have bought nothing yet; "" without any."""
    count = int(sized["prospect"].sum())
    return locale.say(N_(", {count:n} of them prospects"), count=count) if count else ""


def _bursts(rows: pd.DataFrame, locale: Locale) -> str:
    """What was mostly bought at once, by accounts, with the largest; "" without any."""
    bursts = rows[rows["basis"] == "burst"]
    if bursts.empty:
        return ""
    first = bursts.iloc[0]
    return locale.say(
        BURST,
        count=bursts["account_id"].nunique(),
        category=locale.label(str(first["category"])),
        first=current().name(first["account_id"]),
        bought=first["bought"],
        month=locale.month(first["last_bought"]),
    )


def _next(row: Any, locale: Locale) -> str:
    """What the plan does next, about which category and how much of the room, by when."""
    if not missing(row.step_category) and not missing(row.step_amount):
        return locale.say(
            OF_CATEGORY,
            step=locale.text(STEPS[row.step]),
            category=locale.label(str(row.step_category)),
            amount=row.step_amount,
            day=row.due,
        )
    return locale.say(BY, step=locale.text(STEPS[row.step]), day=row.due)


MEASURED = N_(", {measured:money} of it measured")
BY_PEERS = N_(", by what similar accounts buy")
BY_BOTH = N_(", by peers' and their own purchases")
LARGEST = {
    "measured": N_("the largest measured is {most:money} at {first}"),
    "estimated": N_("the largest is {most:money} at {first}, estimated"),
    "peers": N_("the largest is {most:money} at {first}"),
    "own": N_("the largest is {most:money} at {first}"),
    "mixed": N_("the largest is {most:money} at {first}"),
}


def _words(finding: Finding, locale: Locale) -> dict[str, str]:
    """``known``: how much of it is measured; ``largest``: where there is most, measured before estimated."""
    figures = finding.figures
    known = (
        MEASURED
        if figures["measured"] > 0
        else ""
        if figures["by_wallet"]
        else BY_BOTH
        if figures["own"]
        else BY_PEERS
    )
    first = current().name(finding.accounts[0])
    return {
        "known": locale.say(known, measured=figures["measured"]) if known else "",
        "largest": locale.say(LARGEST[figures["basis"]], most=figures["most"], first=first),
    }


register_findings(
    FindingSpec(
        "growth_room",
        "growth",
        N_(
            "{room:n} {room:plural|account|accounts} where growth is advised now "
            "{room:plural|has|have} room for about {total:money} a year{known}; {largest}."
        ),
        actions={
            "growth_steps": N_(
                "Account owners: make the offer or take the next step at the {count:n} "
                "{count:plural|account|accounts} that the plan has one for, each by its day; most is at "
                "{three}."
            )
        },
        words=_words,
        on_first_page=False,
    )
)
