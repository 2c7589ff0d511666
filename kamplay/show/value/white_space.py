"""White space: the gaps worth most, and words."""

from __future__ import annotations

from typing import Any

import pandas as pd

from kamplay.method.results import Finding
from kamplay.method.value.step import Value
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_, Locale, missing
from kamplay.show.registry import FindingSpec, register_findings, sheet, table
from kamplay.show.table import ACCOUNT, ACCOUNT_COLUMNS, Column, Sheet, html_table, ranges, with_names
from kamplay.show.value.growth_exclusions import footnotes, with_marks
from kamplay.show.view import current

ROWS = 8
BURSTS = 2  # rows of these for what was bought in one burst
BASES = {"peers": N_("from peers"), "wallet": N_("wallet table")}
SIZES_FROM = {
    **BASES,
    "own": N_("own purchases of the year before"),
    "burst": N_("mostly bought at once: ask"),
}
OWN = N_("own purchases, last in {month}")
BURST = N_("mostly bought at once, {bought:money}, last in {month}: ask")


@sheet
def white_space_sheet(value: Value) -> Sheet:
    """Every category that an account does not buy though its peers do."""
    columns = [
        *ACCOUNT_COLUMNS,
        Column("category", N_("Category")),
        Column("likelihood", N_("Peers that buy"), "pct"),
        Column("low", N_("Low"), "money"),
        Column("mid", N_("Middle"), "money"),
        Column("high", N_("High"), "money"),
        Column("expected", N_("Expected"), "money"),
        Column("basis", N_("Size from"), SIZES_FROM),
        Column("offer_from", N_("Offered from"), "date"),
        Column("bought", N_("Bought the year before"), "money"),
        Column("last_bought", N_("Last bought"), "date"),
    ]
    return Sheet(N_("White space"), value.white_space.gaps, columns)


@table
def white_space_table(value: Value) -> Display:
    """The gaps worth most, the largest first; after them what was bought in one burst, without a size."""
    gaps = value.white_space.gaps
    if gaps.empty:
        return NOTHING
    locale = current().locale
    burst = gaps["basis"] == "burst"
    apart = gaps[burst].head(BURSTS)
    shown = pd.concat([gaps[~burst].head(ROWS - len(apart)), apart])
    gaps = pd.concat([shown, gaps.drop(shown.index)])
    largest = float(shown["high"].max()) if shown["high"].notna().any() else 0.0
    scale, unit = locale.money_scale(largest)
    frame = with_names(gaps)
    frame = frame.assign(
        name=with_marks(frame["name"], gaps["growth_exclusion"]),
        usual=[
            locale.say(N_("{buyers:n} of {peers:n}"), buyers=buyers, peers=peers)
            for buyers, peers in zip(gaps["buyers"], gaps["peers"], strict=True)
        ],
        basis=[
            _size_from(basis, bought, last, locale)
            for basis, bought, last in zip(gaps["basis"], gaps["bought"], gaps["last_bought"], strict=True)
        ],
        size=ranges(gaps["low"], gaps["high"], locale, scale),
        category=[_category(row, locale) for row in gaps.itertuples()],
    )
    columns = [
        ACCOUNT,
        Column("category", N_("Does not buy")),
        Column("usual", N_("Peers that do"), css="keep"),
        Column("size", N_("Size a year"), css="keep"),
        Column("basis", N_("Size from")),
    ]
    caption = N_(
        "What an account did not buy in 12 months though its peers did, by size times the share of peers "
        "that buy it. Size in {unit}: its known purchases; of what it bought through the year before, the "
        "middle half of what such purchases come to in a year; else of what peers buy, at its own scale. "
        "What it bought in a few weeks, or half of it in one month, gives no size a year."
    )
    marks = {locale.text(N_("* Bought before, then stopped.")): gaps["lapsed"]}
    marks |= footnotes(gaps["growth_exclusion"], locale)
    return html_table(frame, columns, locale.say(caption, unit=unit), most=ROWS, marks=marks)


def _category(row: Any, locale: Locale) -> str:
    """The category, with its mark where it was bought before, and from when on it is offered."""
    marked = f"{row.category} *" if row.lapsed else str(row.category)
    if missing(row.offer_from):
        return marked
    return locale.say(
        N_("{category} (offered from {month})"), category=marked, month=locale.month(row.offer_from)
    )


def _size_from(basis: str, bought: float, last: pd.Timestamp, locale: Locale) -> str:
    """What the size rests on; of a burst, that it is none."""
    if basis in BASES:
        return locale.text(BASES[basis])
    return locale.say(OWN if basis == "own" else BURST, bought=bought, month=locale.month(last))


ROOM_OFFER = {
    "room_offer": N_("Account owner: ask {first} who supplies {category} today, and make an offer.")
}


def _similar(finding: Finding, locale: Locale) -> dict[str, str]:
    """How many of the similar accounts buy it."""
    buyers, peers = finding.figures["buyers"], finding.figures["peers"]
    said = N_("all {peers:n} peers") if buyers == peers else N_("{buyers:n} of {peers:n} peers")
    return {"similar": locale.say(said, buyers=buyers, peers=peers)}


register_findings(
    FindingSpec(
        "room_gap",
        "white_space",
        N_(
            "{first} buys no {category}, though {similar} do: {low:money} to {high:money} a year at its size."
        ),
        actions=ROOM_OFFER,
        words=_similar,
    ),
    FindingSpec(
        "room_gap_wallet",
        "white_space",
        N_(
            "{first} buys no {category} from us, though {similar} do; by the "
            "wallet table it purchases {mid:money} of it a year elsewhere."
        ),
        actions=ROOM_OFFER,
        words=_similar,
    ),
    FindingSpec(
        "room_lapsed",
        "white_space",
        N_(
            "{count:n} of the listed gaps {count:plural|is a category|are categories} that the "
            "account bought before and stopped, first {category} at {first}: {buyers:n} of {peers:n} "
            "peers still buy it."
        ),
        actions={
            "room_win_back": N_("Account owner: ask {first} why it stopped before offering {category} again.")
        },
    ),
    FindingSpec(
        "room_burst",
        "white_space",
        N_(
            "{count:n} {count:plural|gap is|gaps are} of what the account bought in the year before mostly "
            "at once, which is no yearly rate; the largest {category} at {first}, {bought:money}, last in "
            "{month}."
        ),
        words=lambda finding, locale: {"month": locale.month(pd.Timestamp(finding.figures["last"]))},
        actions={
            "room_ask_again": N_(
                "Account owner: ask {first} whether {category} was a single need; count no revenue of it."
            )
        },
    ),
    FindingSpec(
        "room_gaps",
        "white_space",
        N_(
            "{accounts:n} of the {of:n} accounts with enough peers have {count:n} {count:plural|gap|gaps}, "
            "each a category that at least {usual:pct} of their peers buy and they do not. The list holds "
            "the {listed:n} gaps worth most, {listed_usual:n} of that kind, the others with fewer peers that "
            "buy."
        ),
    ),
    FindingSpec(
        "room_no_gaps",
        "white_space",
        N_(
            "The {accounts:n} accounts with peers enough leave out no category that several of their "
            "peers buy."
        ),
    ),
    FindingSpec(
        "room_categories_unknown",
        "white_space",
        N_("White space is unknown, because the sales lines carry neither category nor product."),
        actions={
            "room_ask_categories": N_(
                "Data owner: provide the category or product of each line; that shows what an "
                "account does not buy though similar ones do."
            )
        },
    ),
    FindingSpec(
        "room_peers_few",
        "white_space",
        N_("White space is unknown, because no account has {least:n} similar ones to compare it with."),
    ),
    FindingSpec(
        "room_alone",
        "white_space",
        N_(
            "{count:n} {count:plural|account has|accounts have} fewer than {least:n} peers of the "
            "same industry and a similar size, so no gap is told for {count:plural|it|them}."
        ),
    ),
    FindingSpec(
        "room_uncategorised",
        "white_space",
        N_(
            "{share:pct} of revenue has a category. {count:n} {count:plural|account|accounts} with "
            "less than {least:pct} of it categorised {count:plural|is|are} left out of white space, "
            "because a gap there may only be a blank cell."
        ),
        actions={"room_complete_categories": N_("Data owner: complete the categories of the lines.")},
    ),
    FindingSpec(
        "room_categories_cut",
        "white_space",
        N_(
            "White space is told for the {kept:n} largest categories or products; {count:n} smaller "
            "{count:plural|one is|ones are} left out."
        ),
    ),
)
