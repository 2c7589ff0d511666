"""Tables of room to grow: share of wallet and white space."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from kamplay.method.room import FIRST_SETTLE
from kamplay.method.value import Value
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_
from kamplay.show.tables.table import ACCOUNT, Column, named, ranges, table, word
from kamplay.show.view import current

BASES = {"measured": N_("measured"), "estimated": N_("estimated"), "by_rule": N_("by rule")}
GAPS, ROOMS = 8, 8  # rows
FIRST = {
    "payment": ("†", N_("† Settle payment first: overdue, over the credit limit, or promises broken.")),
    "warned": ("‡", N_("‡ Shows a sign of leaving: keep it before offering more.")),
}
SIZES = {"peers": N_("from peers"), "wallet": N_("wallet table")}


def wallet(value: Value) -> Display:
    """The accounts with the largest room among those whose purchases are known; those estimated by rule only where nothing is known."""
    frame = value.wallet
    known = frame[frame["basis"] != "by_rule"]
    frame = known if len(known) else frame
    frame = frame[(frame["room"] > 0) & frame["held"].isin(FIRST_SETTLE)]
    shown = named(frame)
    shown["name"] = marked(shown["name"], frame["held"])
    columns = [
        ACCOUNT,
        Column("spend", N_("Purchases a year"), "money", extra=True),
        Column("share", N_("Our share"), "pct"),
        Column("competitor", N_("Strongest competitor"), "pct"),
        Column("room", N_("Room"), "money"),
        Column("basis", N_("Basis"), word(BASES)),
    ]
    if frame["competitor"].isna().all():
        columns = [c for c in columns if c.key != "competitor"]
    said = [current().locale.text(N_("Accounts with the largest room: yearly purchases that they do not make with us."))]
    said += first_settle(frame["held"].head(ROOMS))
    return table(shown, columns, (" " if current().locale.language == "en" else "").join(said), most=ROOMS)


def marked(names: Iterable[str], held: Iterable[str]) -> list[str]:
    """A mark behind those with whom something has to be settled first."""
    return [f"{name} {FIRST[why][0]}" if why in FIRST else name for name, why in zip(names, held, strict=True)]


def first_settle(held: pd.Series) -> list[str]:
    """What the marks of these rows mean."""
    return [current().locale.text(words) for why, (_, words) in FIRST.items() if held.eq(why).any()]


def white_space(value: Value) -> Display:
    """The gaps worth most, in order."""
    gaps = value.white_space
    if gaps.empty:
        return NOTHING
    view = current()
    locale = view.locale
    scale, unit = locale.money_scale(float(gaps["high"].head(GAPS).max()))
    frame = gaps.assign(
        name=marked((view.name(a) for a in gaps["account_id"]), gaps["held"]),
        usual=[locale.say(N_("{buyers:n} of {peers:n}"), buyers=b, peers=p) for b, p in zip(gaps["buyers"], gaps["peers"], strict=True)],
        size=ranges(gaps["low"], gaps["high"], locale, scale),
        category=[f"{c} *" if gone else c for c, gone in zip(gaps["category"], gaps["lapsed"], strict=True)],
    )
    columns = [
        ACCOUNT,
        Column("category", N_("Does not buy")),
        Column("usual", N_("Peers that do"), css="keep"),
        Column("size", N_("Size a year"), css="keep"),
        Column("basis", N_("Size from"), word(SIZES)),
    ]
    caption = N_(
        "What an account did not buy in 12 months though its peers did, by size times the share of peers that buy it. Size in {unit}: "
        "the middle half of what peers buy, at the account's own scale, or its known purchases."
    )
    said = [locale.say(caption, unit=unit)]
    if gaps["lapsed"].head(GAPS).any():
        said.append(locale.text(N_("* Bought before, then stopped.")))
    said += first_settle(gaps["held"].head(GAPS))
    return table(frame, columns, (" " if locale.language == "en" else "").join(said), most=GAPS)
