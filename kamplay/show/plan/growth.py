"""Where growth is, account by account: table, sheet and words."""

from __future__ import annotations

from typing import Any

import pandas as pd

from kamplay.method.plan.step import Plan
from kamplay.method.results import Finding
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_, Locale, missing
from kamplay.show.registry import FindingSpec, register_findings, sheet, table
from kamplay.show.table import ACCOUNT, ACCOUNT_COLUMNS, MISSING, OWNER, Column, Sheet, html_table, with_names
from kamplay.show.texts.vocabulary import ACTIONS
from kamplay.show.view import current

ROWS = 8
BURSTS = 2  # rows of these for what was mostly bought at once
BASES = {
    "measured": N_("measured"),
    "estimated": N_("estimated"),
    "peers": N_("from peers"),
    "own": N_("own purchases of the year before"),
    "burst": N_("mostly bought at once: ask"),
}
STEPS = {**ACTIONS, "assess": N_("Prospect: assess whether to pursue it")}
NO_STEP = N_("none in the plan")
MORE = N_("{category} and {rest:n} more")
BURST = N_("mostly bought at once, {bought:money}, last in {month}: ask")
BY = N_("{step}, by {day:date}")


@sheet
def growth_room_sheet(plan: Plan) -> Sheet:
    """Every account with room, and what the plan does about it next."""
    columns = [
        *ACCOUNT_COLUMNS,
        Column("amount", N_("Room a year"), "money"),
        Column("basis", N_("How it is known"), BASES),
        Column("category", N_("Category with most room")),
        Column("categories", N_("Categories"), "n"),
        Column("step", N_("Next step"), STEPS),
        Column("due", N_("Due"), "date"),
        OWNER,
        Column("bought", N_("Bought the year before"), "money"),
        Column("last_bought", N_("Last bought"), "date"),
    ]
    return Sheet(N_("Room by account"), plan.growth, columns)


@table
def growth_room_table(plan: Plan) -> Display:
    """The accounts with most room, how it is known, and what is done about it next."""
    rows, view = plan.growth, current()
    if rows.empty or not view.one_by_one:
        return NOTHING
    locale, burst = view.locale, rows["basis"] == "burst"
    sized, apart = rows[~burst], rows[burst].head(BURSTS)
    least = float(sized["amount"].head(ROWS).min()) if len(sized) else 0.0
    apart = apart[apart["bought"] >= least]  # else it is not worth the place of what has a size
    shown = pd.concat([sized.head(ROWS - len(apart)), apart])
    rows = with_names(pd.concat([shown, rows.drop(shown.index)]))
    rows = rows.assign(
        where=[_where(row, locale) for row in rows.itertuples()],
        known=[_known(row, locale) for row in rows.itertuples()],
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
            "Where there is room: {count:n} {count:plural|account|accounts}, {total:money} a year in all, "
            "the largest first: what is bought elsewhere by the wallet table; else what similar accounts buy "
            "and this one does not, times the share of them that does. Left out: where no growth is advised "
            "now."
        ),
        count=len(sized),
        total=float(sized["amount"].sum()),
    )
    return html_table(rows, columns, caption, most=ROWS)


def _where(row: Any, locale: Locale) -> str:
    """The category with most room, and how many others there are."""
    if missing(row.category):
        return MISSING
    label = locale.label(str(row.category))
    return locale.say(MORE, category=label, rest=row.categories - 1) if row.categories > 1 else label


def _known(row: Any, locale: Locale) -> str:
    if row.basis == "burst":
        return locale.say(BURST, bought=row.bought, month=locale.month(row.last_bought))
    return locale.text(BASES[row.basis])


def _next(row: Any, locale: Locale) -> str:
    """What the plan does next, by when."""
    if row.basis == "burst":
        return MISSING
    if missing(row.step):
        return locale.text(NO_STEP)
    return locale.say(BY, step=locale.text(STEPS[row.step]), day=row.due)


MEASURED = N_(", {measured:money} of it measured")
BY_PEERS = N_(", by what similar accounts buy")
LARGEST = {
    "measured": N_("the largest measured is {most:money} at {first}"),
    "estimated": N_("the largest is {most:money} at {first}, estimated"),
    "peers": N_("the largest is {most:money} at {first}"),
    "own": N_("the largest is {most:money} at {first}"),
}


def _words(finding: Finding, locale: Locale) -> dict[str, str]:
    """``known``: how much of it is measured; ``largest``: where there is most, measured before estimated."""
    figures = finding.figures
    known = MEASURED if figures["measured"] > 0 else "" if figures["by_wallet"] else BY_PEERS
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
            "{count:n} {count:plural|account|accounts} where growth is advised now "
            "{count:plural|has|have} room for {total:money} a year{known}; {largest}."
        ),
        actions={
            "growth_steps": N_(
                "Account owners: take the next step at each account with room by its day, {three} first."
            )
        },
        words=_words,
        on_first_page=False,
    )
)
