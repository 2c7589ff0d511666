"""Tables of room to grow: share of wallet and white space."""

from __future__ import annotations

import pandas as pd

from kamplay.method.value import Value
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_, Locale
from kamplay.show.tables.table import ACCOUNT, Column, named, table, word
from kamplay.show.view import current

BASES = {"measured": N_("measured"), "estimated": N_("estimated"), "by_rule": N_("by rule")}
SIZES = {"peers": N_("from peers"), "wallet": N_("wallet table")}


def wallet(value: Value) -> Display:
    """The accounts with the largest room among those whose purchases are known; those estimated by rule only where nothing is known."""
    frame = value.wallet
    known = frame[frame["basis"] != "by_rule"]
    frame = known if len(known) else frame
    frame = frame[frame["room"] > 0]
    columns = [
        ACCOUNT,
        Column("spend", N_("Purchases a year"), "money", extra=True),
        Column("share", N_("Our share"), "pct"),
        Column("competitor", N_("Strongest competitor"), "pct", extra=True),
        Column("room", N_("Room"), "money"),
        Column("basis", N_("Basis"), word(BASES)),
    ]
    if frame["competitor"].isna().all():
        columns = [c for c in columns if c.key != "competitor"]
    return table(named(frame), columns, N_("Accounts with the largest room: yearly purchases that they do not make with us."), most=10)


def white_space(value: Value) -> Display:
    """The gaps worth most, in order."""
    gaps = value.white_space
    if gaps.empty:
        return NOTHING
    view = current()
    locale = view.locale
    scale, unit = locale.money_scale(float(gaps["high"].head(15).max()))
    frame = gaps.assign(
        name=[view.name(a) for a in gaps["account_id"]],
        usual=[locale.say(N_("{buyers:n} of {peers:n}"), buyers=b, peers=p) for b, p in zip(gaps["buyers"], gaps["peers"], strict=True)],
        size=_range(gaps, locale, scale),
        before=["lapsed" if gone else "never" for gone in gaps["lapsed"]],
    )
    columns = [
        ACCOUNT,
        Column("category", N_("Does not buy")),
        Column("usual", N_("Peers that do"), css="keep"),
        Column("size", N_("Size a year"), css="keep"),
        Column("basis", N_("Size from"), word(SIZES), extra=True),
        Column("before", N_("Before"), word({"never": N_("not in the data"), "lapsed": N_("bought, then stopped")}), extra=True),
    ]
    caption = N_(
        "What an account did not buy in 12 months though its peers did, by size times the share of peers that buy it. Size in {unit}: "
        "the middle half of what peers buy, at the account's own scale, or its known purchases."
    )
    return table(frame, columns, locale.say(caption, unit=unit), most=15)


def _range(gaps: pd.DataFrame, locale: Locale, scale: float) -> list[str]:
    """Low to high in the table's unit; one figure where they show the same."""
    digits = 0 if scale == 1.0 else 1
    ends = [[locale.number(v / scale, digits) for v in gaps[side]] for side in ("low", "high")]
    return [low if low == high else f"{low}–{high}" for low, high in zip(*ends, strict=True)]
