"""What is signed with the account, how its tenders end, and what we are worth to it."""

from __future__ import annotations

from typing import Any

import pandas as pd

from kamplay.method.profile.step import Profile
from kamplay.method.value.tenders import LEAST
from kamplay.show.locale import N_, missing
from kamplay.show.profile.blocks import Block
from kamplay.show.view import current

MOST_CASES = 2
STATES = {
    "followed": N_("another follows"),
    "missed": N_("the day of notice, {notice:date}, has passed"),
    "soon": N_("notice by {notice:date}, soon"),
    "later": N_("notice by {notice:date}"),
    "unknown": N_("no notice is stated"),
}


def agreements_block(profile: Profile) -> Block:
    """Contract, tenders and value: a sentence each, where its table tells of this account."""
    locale = current().locale
    lines = [
        _contract(profile),
        *_tenders(profile),
        *(_case(row) for row in profile.value_cases[:MOST_CASES]),
    ]
    title = locale.text(N_("Contract, tenders, value"))
    return Block("agreements", title, lines=[line for line in lines if line])


def _contract(profile: Profile) -> str:
    locale = current().locale
    if not profile.contracts:
        known = profile.about.get("contracts") and profile.facts["revenue"] > 0
        said = N_("No contract: {revenue:money} a year is bought without one")
        return locale.say(said, revenue=profile.facts["revenue"]) if known else ""
    row = profile.contracts[0]
    values = {"contract": row.contract_id, "end": row.end, "amount": row.amount}
    if bool(row.ran_out):
        said = (
            N_("Contract {contract} ran out on {end:date}; it still buys without one")
            if bool(row.buys)
            else N_("Contract {contract} ran out on {end:date}")
        )
        return locale.say(said, **values)
    said = N_("Contract {contract} to {end:date}, {amount:money}")
    if missing(row.amount):
        said = N_("Contract {contract} to {end:date}")
    parts = [locale.say(said, **values)]
    state, day = row.state, pd.Timestamp(profile.about["day"])
    if row.end < day:
        return locale.say(N_("Contract {contract} ended on {end:date}, after the data"), **values)
    if state in ("soon", "later") and row.notice < day:
        state = "missed"
    if not missing(state):
        parts.append(locale.say(STATES[state], notice=row.notice))
    if not missing(row.price_terms):
        parts.append(locale.label(str(row.price_terms)))
    return locale.text(N_("; ")).join(parts)


def _tenders(profile: Profile) -> list[str]:
    """The tenders of three years; a rate only where there are enough of them to tell one."""
    locale = current().locale
    if not profile.tenders:
        return []
    row = profile.tenders[0]
    if not row.bids:
        return []
    said = (
        N_("Tenders of three years: {won:n} of {bids:n} won ({low:pct} to {high:pct})")
        if row.bids >= LEAST
        else N_("Tenders of three years: {won:n} of {bids:n} won")
    )
    parts = [locale.say(said, won=row.won, bids=row.bids, low=row.low, high=row.high)]
    if not missing(row.last_lost) and not missing(row.last_lost_to):
        parts.append(_lost(row))
    return [locale.text(N_("; ")).join(parts)]


def _lost(row: Any) -> str:
    """The last tender that was lost: to whom, why, and by how much our price was the higher one."""
    locale = current().locale
    why = [] if missing(row.last_lost_reason) else [locale.label(str(row.last_lost_reason))]
    gap = row.last_lost_gap
    if not missing(gap) and gap:
        said = (
            N_("our price {gap:pct} above the winning one")
            if gap > 0
            else N_("our price {gap:pct} below the winning one")
        )
        why.append(locale.say(said, gap=abs(gap)))
    said = N_("the last lost on {day:date} to {winner}")
    text = locale.say(said, day=row.last_lost, winner=row.last_lost_to)
    return locale.say(N_("{what} ({why})"), what=text, why=locale.text(N_("; ")).join(why)) if why else text


def _case(row: Any) -> str:
    """What an offer is worth to the customer, as far as it has come."""
    locale = current().locale
    parts = [locale.say(N_("claimed {money:money}"), money=row.claimed)]
    if not missing(row.agreed):
        parts.append(locale.say(N_("agreed {money:money}"), money=row.agreed))
    if not missing(row.realised):
        parts.append(locale.say(N_("realised {money:money}"), money=row.realised))
    if row.unproven is True or row.unproven == 1:
        parts.append(locale.text(N_("to be proven")))
    elif row.undecided is True or row.undecided == 1:
        parts.append(locale.text(N_("the customer has not agreed yet")))
    offer = locale.text(N_("an offer")) if missing(row.offer) else locale.label(str(row.offer))
    return locale.say(N_("Value of {offer}: {what}"), offer=offer, what=locale.text(N_(", ")).join(parts))
