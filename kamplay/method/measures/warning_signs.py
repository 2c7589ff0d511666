"""Signs that an account may leave, each read from what was known on a given day, with a strength from 0 to 1.

Seven signs of defection (orders late, payment slipping, complaints that rise and go silent, a contact lost, a
competitor, delivery failing, satisfaction diverging from purchases) and ``silence``: an account that has
plainly stopped, which no longer needs a warning but a decision. Every sign compares an account with **its
own** habit before, asks whether chance alone would often do as much, and asks whether it is still so: a sign
that passed is not raised. Strength 0 is not raised; from ACT on it calls for action. The thresholds are those
of practice: payment in steps of 30 days as in any ageing list, satisfaction 0.6 points of 5, complaints from
three on, twice the usual gap; tests at about 1 in 100, since hundreds of accounts are looked at together.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy import stats

from kamplay.book import Book
from kamplay.method.measures import features_at, purchases, sign_onset
from kamplay.method.measures.buying_rhythm import buying_rhythm, habit_test

# every sign with the action that it calls for; equally strong signs rank in this order
ACTIONS = {
    "order_rhythm": "ask_rhythm",
    "payment": "payment_plan",
    "complaints": "close_complaints",
    "contact_lost": "find_successor",
    "competitor": "defend_offer",
    "delivery": "mend_delivery",
    "satisfaction_gap": "senior_visit",
    "silence": "win_back_talk",
}
SIGNS = tuple(ACTIONS)
ACT = 0.6  # from this strength a sign calls for action, below it for attention
CHANCE = 0.01
VISIT_GAPS, VISIT_GAPS_GONE = (
    4.6,
    2.0,
)  # usual gaps without a visit: chance leaves 4.6 empty once in 100, exp(−4.6)
ACTIVE_DAYS = 365
STOPPED_DAYS, STOPPED_GAPS = 180, 3.0  # half a year and three usual gaps without an order: it has stopped
MATERIAL = 0.01  # of the year's purchases: an old bill below that is a matter for bookkeeping
FALL = 0.12  # of the scale: 0.6 points of 5
SURVEY_DAYS = 365  # days after which a survey no longer tells how things stand


def signs_at(book: Book, cutoff: pd.Timestamp) -> pd.DataFrame:
    """Strength of every sign per account (index account_id, columns SIGNS): 0 not raised, missing where its
    table is.
    """
    index = book.accounts.index
    out = {}
    for sign, read in readings(book, cutoff).items():
        out[sign] = (
            pd.Series(np.nan, index=index) if read is None else read["strength"].reindex(index).fillna(0.0)
        )
    return pd.DataFrame(out, index=index)


def overall(signs: pd.DataFrame) -> pd.Series:
    """All signs of an account in one strength, 1 − ∏(1 − s): two signs weigh more than one. ``silence`` is
    left out: what has happened is no longer a warning.
    """
    return 1 - (1 - signs[[s for s in SIGNS if s != "silence"]].fillna(0.0)).prod(axis=1)


def strongest_sign(raised: pd.DataFrame, rank: int = 1) -> pd.DataFrame:
    """Select each account's strongest sign.

    Parameters
    ----------
    raised : DataFrame
        One row per account and sign: account_id, sign, strength (0 to 1), any other columns.
    rank : int
        1 for the strongest sign, 2 for the next strongest, and so on.

    Returns
    -------
    DataFrame
        That row of each account that has so many signs (index account_id). Of equally strong signs the one that stands
        first in SIGNS is taken for the stronger.

    """
    order = raised.assign(_place=raised["sign"].map({sign: place for place, sign in enumerate(SIGNS)}))
    order = order.sort_values(["strength", "_place"], ascending=[False, True], kind="stable")
    chosen = order.groupby("account_id").cumcount() == rank - 1
    return order[chosen].drop(columns="_place").set_index("account_id")


def raised(book: Book, cutoff: pd.Timestamp) -> pd.DataFrame:
    """The signs raised at the cut-off among the accounts of ``active_at``, one row per account and sign.

    account_id, sign, strength (0 to 1), severity (act, watch), since (the first day on which a careful reader
    could have seen it), and the evidence: the columns of the sign's own reader (see each), missing for the
    other signs. The strongest come first.
    """
    return shown(book, cutoff, readings(book, cutoff))


def shown(book: Book, cutoff: pd.Timestamp, read_by_sign: dict[str, pd.DataFrame | None]) -> pd.DataFrame:
    """``raised`` from readings at hand."""
    active = features_at.members(book, active_at(book, cutoff))
    found = []
    for sign, read in read_by_sign.items():
        if read is None:
            continue
        here = read[read["strength"] > 0]
        here = here[active[book.accounts.index.get_indexer(here.index)]]
        if len(here):
            since = sign_onset.since(sign, book, cutoff, here)
            if sign == "competitor":
                here = here.assign(rival=sign_onset.rival(book, cutoff, here.index))
            found.append(here.assign(sign=sign, since=since).rename_axis("account_id").reset_index())
    if not found:
        return pd.DataFrame(
            {"account_id": [], "sign": [], "strength": [], "severity": [], "since": pd.to_datetime([])}
        )
    out = pd.concat(found, ignore_index=True)
    out["severity"] = np.where(out["strength"] >= ACT, "act", "watch")
    first = ["account_id", "sign", "strength", "severity", "since"]
    out = out[first + [c for c in out.columns if c not in first]]
    return out.sort_values(
        ["strength", "account_id"], ascending=[False, True], kind="stable", ignore_index=True
    )


def active_at(book: Book, cutoff: pd.Timestamp) -> pd.Index:
    """The accounts that bought on two days at least by the cut-off, the last time in the 365 days to it: one
    that bought once is not yet an account that could leave.
    """
    when, codes = (book.days["date"].to_numpy(dtype="datetime64[us]"), book.account_codes("days"))
    bought = book.days["bought"].to_numpy(dtype=bool) & (when <= np.datetime64(cutoff)) & (codes >= 0)
    lately = bought & (when > np.datetime64(cutoff - pd.Timedelta(days=ACTIVE_DAYS)))
    size = len(book.accounts.index)
    both = (np.bincount(codes[bought], minlength=size) > 1) & (np.bincount(codes[lately], minlength=size) > 0)
    return book.accounts.index[both]


def readings(book: Book, cutoff: pd.Timestamp) -> dict[str, pd.DataFrame | None]:
    """Every sign's own figures, by sign, in the order of SIGNS; None where it cannot be read."""
    own = habit_test(book, cutoff)
    read = {"order_rhythm": _order_rhythm(own), "silence": _silence(own, buying_rhythm(book.days, cutoff))}
    read |= {sign: reader(book, cutoff) for sign, reader in _READ.items()}
    return {sign: read[sign] for sign in SIGNS}


# what must be known of an account before a sign can show at all; for the others it is enough that the table
# is there
_TOLD = {
    "payment": "days_late_before",
    "contact_lost": "visit_gap",
    "delivery": "on_time_before",
    "satisfaction_gap": "score_before",
}


def readable(book: Book, read_by_sign: dict[str, pd.DataFrame | None]) -> dict[str, np.ndarray]:
    """Per sign a mask, in the order of ``book.accounts``, of those it could have shown for: one without a
    habit is never late.
    """
    out = {}
    for sign, read in read_by_sign.items():
        if read is not None:
            known = read.index if sign not in _TOLD else read.index[read[_TOLD[sign]].notna()]
            out[sign] = features_at.members(book, known)[:-1]
    return out


def _order_rhythm(own: pd.DataFrame | None) -> pd.DataFrame | None:
    """usual (mean of its gaps, days), recent (of the last four and of the open one, once that is longer),
    open_gap, last_order.

    Raised when recent gaps are half as long again as the usual ones, or the open one twice, and chance would
    rarely do it.
    """
    if own is None:
        return None
    slow = np.where(
        (own["ratio"] >= 1.5) & (own["p_value"] < CHANCE),
        np.interp(own["ratio"], [1.5, 2, 3], [0.4, 0.7, 1.0]),
        0.0,
    )
    one = np.where(
        (own["open_ratio"] >= 2) & (own["open_p_value"] < CHANCE),
        np.interp(own["open_ratio"], [2, 3, 5], [0.4, 0.7, 1.0]),
        0.0,
    )
    out = own.assign(strength=np.where(_stopped(own), 0.0, np.maximum(slow, one)))
    return out[["strength", "usual", "recent", "open_gap", "last_order"]]


def _silence(own: pd.DataFrame | None, seen: pd.DataFrame) -> pd.DataFrame | None:
    """usual, open_gap, last_order as above; raised for an account that has plainly stopped.

    Accounts with too few gaps for a habit of their own are held against the gap of ``seen``
    (``buying_rhythm``), drawn to the usual one.
    """
    few = seen[(seen["buys"] > 1) & ~seen.index.isin(own.index if own is not None else [])]
    few = few.rename(
        columns={"gap": "usual", "silent": "open_gap", "last": "last_order", "lateness": "open_ratio"}
    )
    names = ["usual", "open_gap", "last_order", "open_ratio"]
    both = (
        few[names]
        if own is None or own.empty
        else pd.concat([own[names], few[names]])
        if len(few)
        else own[names]
    )
    if both.empty:
        return None
    out = both.assign(
        strength=np.where(
            _stopped(both), np.interp(both["open_ratio"].astype(float), [3, 6], [0.6, 1.0]), 0.0
        )
    )
    return out[["strength", "usual", "open_gap", "last_order"]]


def _stopped(own: pd.DataFrame) -> pd.Series:
    return (own["open_gap"] >= STOPPED_DAYS) & (own["open_ratio"] >= STOPPED_GAPS)


def _payment(book: Book, cutoff: pd.Timestamp) -> pd.DataFrame | None:
    """bills_overdue, overdue (amount), oldest (days), days_late and days_late_before as in observed.payments,
    rise (their difference, where it weighs more than the age of what is overdue).

    Raised when invoices are paid 15 days later than before and late at all, or when what is overdue (a tenth
    of the open sum or more, and MATERIAL of the year's purchases) is older than 30 days.
    """
    seen = features_at.payments(book, cutoff)
    if seen is None:
        return None
    rise = (seen["days_late"] - seen["days_late_before"]).where(seen["days_late"] >= 15)
    slip = np.where(rise >= 15, np.interp(rise.fillna(0.0), [15, 30, 60], [0.4, 0.8, 1.0]), 0.0)
    bought = purchases.bought_to(book, cutoff).reindex(seen.index)
    heavy = (seen["oldest"] > 30) & (seen["overdue_share"] >= 0.1) & (seen["overdue"] >= MATERIAL * bought)
    old = np.where(heavy, np.interp(seen["oldest"], [30, 60, 120], [0.3, 0.6, 1.0]), 0.0)
    still = seen["bills_overdue"] > 0  # all paid up since: it has passed
    seen["strength"] = np.where(still, np.maximum(slip, old), 0.0)
    seen["rise"] = rise.where(slip > old)
    return seen[["strength", "bills_overdue", "overdue", "oldest", "days_late", "days_late_before", "rise"]]


def _complaints(book: Book, cutoff: pd.Timestamp) -> pd.DataFrame | None:
    """complaints, complaints_before, open_complaints, past_due as in observed.tickets, quiet_days (since the
    last complaint), silenced (1: they stopped although some are past due).

    Raised from three complaints in 180 days on, when its own 180 days before do not explain them. While it
    complains it still hopes; one that falls silent with complaints unsettled has given up (Hirschman 1970),
    so silence weighs most.
    """
    seen = features_at.tickets(book, cutoff)
    if seen is None or seen["complaints"].isna().all():
        return None
    last = sign_onset.last_complaint(book, cutoff).reindex(seen.index)
    before = seen["complaints_before"] if seen["complaints_before"].notna().any() else seen["complaints"]
    # one quiet half-year does not make the next complaint a wonder
    expected = before.clip(lower=max(_mean_of_customers(book, cutoff, before), 0.25))
    many = (seen["complaints"] >= 3) & (stats.poisson.sf(seen["complaints"] - 1, expected) < CHANCE)
    base = np.interp(seen["complaints"] - expected, [2, 4, 8, 16], [0.2, 0.35, 0.5, 0.6])
    seen["quiet_days"] = (cutoff - last).dt.days.astype("float64")
    gap = 180 / seen["complaints"].clip(lower=1)
    due = seen["past_due"].fillna(seen["open_complaints"]) > 0
    silenced = many & due & (seen["quiet_days"] >= np.maximum(30, 2 * gap))
    seen["silenced"] = silenced.astype(float)
    seen["strength"] = np.where(many, base + 0.1 * due + 0.3 * silenced, 0.0).clip(0, 1)
    return seen[
        [
            "strength",
            "complaints",
            "complaints_before",
            "open_complaints",
            "past_due",
            "quiet_days",
            "silenced",
        ]
    ]


def _mean_of_customers(book: Book, cutoff: pd.Timestamp, values: pd.Series) -> float:
    """The mean over the accounts that had bought by the cut-off; 0 without any. Those that came later were
    not there to count.
    """
    dates = book.days["date"].to_numpy(dtype="datetime64[us]")
    there = np.zeros(len(values) + 1, dtype=bool)
    there[book.account_codes("days")[dates <= np.datetime64(cutoff)]] = True
    return float(values[there[:-1]].mean()) if there[:-1].any() else 0.0


def _contact_lost(book: Book, cutoff: pd.Timestamp) -> pd.DataFrame | None:
    """days_unvisited, visit_gap (its usual days between visits in the year to the last one), last_visit, gone
    (contacts that have left, known for the present only), top_gone (1: of the image or decision layer,
    with nobody left there).

    Raised when nobody was met for 60 days and for more usual gaps than chance leaves empty (two where a
    contact is known to have left). Somebody of the upper layers who left is a sign by itself.
    """
    people = features_at.contacts(book, cutoff)
    met = sign_onset.visiting(book, cutoff)
    if people is None and met is None:
        return None
    index = book.accounts.index if people is None else people.index
    out = pd.DataFrame(index=index) if met is None else met.reindex(index)
    out = out.reindex(columns=["days_unvisited", "visit_gap", "last_visit"])
    out["gone"] = np.nan if people is None else people["gone"]
    out["top_gone"] = 0.0 if people is None else people["top_layer_gone"].astype(float)
    times = out["days_unvisited"] / out["visit_gap"].clip(lower=1.0)
    needed = np.where(out["gone"] > 0, VISIT_GAPS_GONE, VISIT_GAPS)
    silent = (out["days_unvisited"] >= sign_onset.UNVISITED) & (times >= needed)
    strength = np.where(silent, np.interp(times / needed, [1, 2], [0.4, 0.7]), 0.0) + np.where(
        out["top_gone"] > 0, 0.3, 0.0
    )
    out["strength"] = np.clip(strength, 0.0, 1.0)
    return out[["strength", "days_unvisited", "visit_gap", "last_visit", "gone", "top_gone"]]


def _competitor(book: Book, cutoff: pd.Timestamp) -> pd.DataFrame | None:
    """lost_deals (365 days), last_loss, rival (the name in the last one, in ``raised`` only), rival_share and
    our wallet_share (for the present only), categories (in the last three whole months) and
    categories_before (in three months of the year before, on average). Fewer orders alone bring fewer
    categories, so those bought are held against the number that as many orders would have brought before.

    Raised when two of three hold: a deal lost to a named competitor, fewer categories bought, a rival that
    holds half and more than we; or two deals lost, more than in the year before.
    """
    seen = features_at.competition(book, cutoff)
    if seen is None or seen["lost_deals"].isna().all():
        return None
    seen = seen.join(sign_onset.breadth(book, cutoff))
    worse = seen["lost_deals"] - seen["lost_before"].fillna(0.0).clip(upper=seen["lost_deals"] / 2)
    shrunk = (1 - seen["categories"] / seen["expected"]).where(seen["categories_before"] >= 2).fillna(0.0)
    rival = (seen["rival_share"] >= 0.5) & (seen["rival_share"] > seen["wallet_share"].fillna(0.0))
    strength = (
        np.interp(worse, [0, 1, 2, 4], [0.0, 0.25, 0.5, 0.7])
        + np.interp(shrunk, [0.2, 0.5], [0.0, 0.3])
        + 0.2 * rival
    )
    fresh = (
        cutoff - seen["last"]
    ).dt.days <= 180  # an older loss tells nothing new, unless its mark still shows
    told = (worse >= 1) & (strength >= 0.4) & (fresh | (shrunk >= 0.35))
    seen["strength"] = np.where(told, strength.clip(0, 1), 0.0)
    return seen.rename(columns={"last": "last_loss"})[
        [
            "strength",
            "lost_deals",
            "last_loss",
            "rival_share",
            "wallet_share",
            "categories",
            "categories_before",
        ]
    ]


def _delivery(book: Book, cutoff: pd.Timestamp) -> pd.DataFrame | None:
    """on_time, on_time_before, orders, badly_late (share more than three days late) as in
    observed.deliveries.

    Raised when the on-time share fell by 15 points and its own earlier share would rarely leave as many late,
    or as many more than three days late (binomial tails; half a late order is added to the earlier ones, so
    that a clean record of a few proves little).
    """
    seen = features_at.deliveries(book, cutoff)
    if seen is None:
        return None
    fell = seen["on_time_before"] - seen["on_time"]
    odds = pd.Series(1.0, index=seen.index)
    for late, late_before in (
        (1 - seen["on_time"], 1 - seen["on_time_before"]),
        (seen["badly_late"], seen["badly_late_before"]),
    ):
        share = (late_before * seen["orders_before"] + 0.5) / (seen["orders_before"] + 1)
        tail = stats.binom.sf((late * seen["orders"]).round() - 1, seen["orders"], share)
        odds = odds.clip(upper=pd.Series(tail, index=seen.index).fillna(1.0))
    told = (fell >= 0.15) & (seen["orders"] >= 4) & (odds < CHANCE)
    still = sign_onset.late_lately(book, cutoff).reindex(seen.index).fillna(False).astype(bool)
    seen["strength"] = np.where(
        told & still, np.interp(fell.fillna(0.0), [0.15, 0.3, 0.5], [0.4, 0.7, 1.0]), 0.0
    )
    return seen[["strength", "on_time", "on_time_before", "orders", "badly_late"]]


def _satisfaction_gap(book: Book, cutoff: pd.Timestamp) -> pd.DataFrame | None:
    """score and score_before (0 to 1), last_survey, bought (purchases of the last 182 days), bought_before
    (of the same days a year before).

    Raised when the latest score lies 0.6 points of 5 below its own mean before while purchases hold (four
    fifths or more of those a year before or of the half-year before, or at least fell by less than the
    score): sales do not show yet what the survey says.
    """
    seen = features_at.surveys(book, cutoff)
    if seen is None:
        return None
    seen = seen.join(sign_onset.purchases(book, cutoff))
    fall = seen["score_before"] - seen["score"]
    least = np.fmin(seen["bought_before"], seen["bought_half_before"])
    holds = ~(seen["bought"] < np.minimum(0.8, seen["score"] / seen["score_before"]) * least) & (
        seen["bought"] > 0
    )
    fresh = (cutoff - seen["last"]).dt.days <= SURVEY_DAYS
    told = (fall >= FALL - 1e-9) & holds & fresh
    seen["strength"] = np.where(
        told, np.interp(fall.fillna(0.0), [FALL, 2 * FALL, 3 * FALL], [0.5, 0.8, 1.0]), 0.0
    )
    return seen.rename(columns={"last": "last_survey"})[
        ["strength", "score", "score_before", "last_survey", "bought", "bought_before"]
    ]


_READ: dict[str, Callable[[Book, pd.Timestamp], pd.DataFrame | None]] = {
    "payment": _payment,
    "complaints": _complaints,
    "contact_lost": _contact_lost,
    "competitor": _competitor,
    "delivery": _delivery,
    "satisfaction_gap": _satisfaction_gap,
}
