"""Signs that an account may leave, each read from what was known on a given day, with a strength from 0 to 1.

Seven signs of defection (orders late, payment slipping, complaints that rise and go silent, a contact lost,
a competitor, delivery failing, satisfaction diverging from purchases) and ``silence``: an account that has
plainly stopped, which no longer needs a warning but a decision. Every sign compares an account with **its
own** habit before, asks whether chance alone would often do as much, and asks whether it is still so: a sign
that passed is not raised. Strength 0 is not raised; from ACT on it calls for action. The thresholds are
those of practice: payment in steps of 30 days as in any ageing list, satisfaction 0.6 points of 5,
complaints from three on, twice the usual gap; tests at about 1 in 100, since hundreds of accounts are looked
at together.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy import stats

from kamplay.book import Book
from kamplay.method.measures import features_at, purchases
from kamplay.method.measures.buying_rhythm import buying_rhythm, habit_test
from kamplay.method.measures.sign_onset import FALL, UNVISITED, VISIT_GAPS, VISIT_GAPS_GONE, last_rival, onset

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
SIGNIFICANCE = 0.01  # level of the tests against chance
STOPPED_DAYS, STOPPED_GAPS = 180, 3.0  # half a year and three usual gaps without an order: it has stopped
MATERIAL = 0.01  # of the year's purchases: an old bill below that is a matter for bookkeeping
FRESH_SURVEY, FRESH_LOSS = 365, 180  # days after which a survey, a lost deal no longer tells how things stand

Signs = dict[str, pd.DataFrame | None]


def signs_at(book: Book, cutoff: pd.Timestamp) -> pd.DataFrame:
    """Measure the strength of every sign of every account.

    Returns
    -------
    DataFrame
        Index as ``book.accounts``, columns SIGNS, 0 to 1: 0 not raised, missing where the sign cannot be
        read.
    """
    index = book.accounts.index
    out = {}
    for sign, read in read_signs(book, cutoff).items():
        unknown = pd.Series(np.nan, index=index)
        out[sign] = unknown if read is None else read["strength"].reindex(index).fillna(0.0)
    return pd.DataFrame(out, index=index)


def combined_strength(signs: pd.DataFrame) -> pd.Series:
    """Combine all signs of an account into one strength, 1 − ∏(1 − s): two signs weigh more than one.

    ``signs`` is as ``signs_at`` gives it. ``silence`` is left out: what has happened is no longer a warning.
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
        That row of each account that has so many signs (index account_id). Of equally strong signs the one
        that stands first in SIGNS is taken for the stronger.
    """
    order = raised.assign(_place=raised["sign"].map({sign: place for place, sign in enumerate(SIGNS)}))
    order = order.sort_values(["strength", "_place"], ascending=[False, True], kind="stable")
    chosen = order.groupby("account_id").cumcount() == rank - 1
    return order[chosen].drop(columns="_place").set_index("account_id")


def raised_signs(book: Book, cutoff: pd.Timestamp, signs: Signs | None = None) -> pd.DataFrame:
    """List the signs raised at the cut-off among the accounts of ``active_accounts``.

    Parameters
    ----------
    book : Book
        The client's data.
    cutoff : Timestamp
        The day.
    signs : dict, optional
        What ``read_signs`` gave for the day, where it is at hand.

    Returns
    -------
    DataFrame
        One row per account and sign, the strongest first: account_id, sign, strength (0 to 1), severity
        (act, watch), since (the first day on which a careful reader could have seen it), and the evidence:
        the columns of the sign's own reader (see each), missing for the other signs.
    """
    active = features_at.members(book, active_accounts(book, cutoff))
    found = []
    for sign, read in (read_signs(book, cutoff) if signs is None else signs).items():
        if read is None:
            continue
        rows = read[read["strength"] > 0]
        rows = rows[active[book.accounts.index.get_indexer(rows.index)]]
        if len(rows):
            since = onset(sign, book, cutoff, rows)
            if sign == "competitor":
                rows = rows.assign(rival=last_rival(book, cutoff, rows.index))
            found.append(rows.assign(sign=sign, since=since).rename_axis("account_id").reset_index())
    first = ["account_id", "sign", "strength", "severity", "since"]
    if not found:
        return pd.DataFrame({name: [] for name in first}).astype({"since": "datetime64[us]"})
    out = pd.concat(found, ignore_index=True)
    out["severity"] = np.where(out["strength"] >= ACT, "act", "watch")
    out = out[first + [c for c in out.columns if c not in first]]
    return out.sort_values(
        ["strength", "account_id"], ascending=[False, True], kind="stable", ignore_index=True
    )


def active_accounts(book: Book, cutoff: pd.Timestamp) -> pd.Index:
    """List the accounts that bought on two days at least by the cut-off, the last time in the 365 days to it.

    One that bought once is not yet an account that could leave.
    """
    when, codes = book.days["date"].to_numpy(dtype="datetime64[us]"), book.account_codes("days")
    bought = book.days["bought"].to_numpy(dtype=bool) & (when <= np.datetime64(cutoff)) & (codes >= 0)
    lately = bought & (when > np.datetime64(cutoff - pd.Timedelta(days=purchases.ACTIVE_DAYS)))
    size = len(book.accounts.index)
    both = (np.bincount(codes[bought], minlength=size) > 1) & (np.bincount(codes[lately], minlength=size) > 0)
    return book.accounts.index[both]


def read_signs(book: Book, cutoff: pd.Timestamp) -> Signs:
    """Read every sign, of all accounts.

    Returns
    -------
    dict
        By sign, in the order of SIGNS: strength and the sign's own figures, index account_id; None where its
        tables are missing.
    """
    habit = habit_test(book, cutoff)
    found: Signs = {
        "order_rhythm": _order_rhythm(habit),
        "silence": _silence(habit, buying_rhythm(book.days, cutoff)),
    }
    found |= {sign: read(book, cutoff) for sign, read in _READERS.items()}
    return {sign: found[sign] for sign in SIGNS}


# what must be known of an account before a sign can show at all; for the others the table is enough
_NEEDED = {
    "payment": "days_late_before",
    "contact_lost": "visit_gap",
    "delivery": "on_time_before",
    "satisfaction_gap": "score_before",
}


def could_show(book: Book, signs: Signs) -> dict[str, np.ndarray]:
    """Tell of which accounts a sign could have shown: one without a habit is never late.

    Returns
    -------
    dict
        A mask (accounts,), in the order of ``book.accounts``, for every sign that was read.
    """
    out = {}
    for sign, read in signs.items():
        if read is not None:
            known = read.index[read[_NEEDED[sign]].notna()] if sign in _NEEDED else read.index
            out[sign] = features_at.members(book, known)[:-1]
    return out


def _order_rhythm(habit: pd.DataFrame | None) -> pd.DataFrame | None:
    """usual (mean of its gaps, days), recent (of the last four and of the open one, once that is longer),
    open_gap, last_order.

    Raised when recent gaps are half as long again as the usual ones, or the open one twice, and chance would
    rarely do it.
    """
    if habit is None:
        return None
    ratio, open_ratio = habit["ratio"], habit["open_ratio"]
    slow = (ratio >= 1.5) & (habit["p_value"] < SIGNIFICANCE)
    late = (open_ratio >= 2) & (habit["open_p_value"] < SIGNIFICANCE)
    strength = np.maximum(
        np.where(slow, np.interp(ratio, [1.5, 2, 3], [0.4, 0.7, 1.0]), 0.0),
        np.where(late, np.interp(open_ratio, [2, 3, 5], [0.4, 0.7, 1.0]), 0.0),
    )
    out = habit.assign(strength=np.where(_stopped(habit), 0.0, strength))
    return out[["strength", "usual", "recent", "open_gap", "last_order"]]


def _silence(habit: pd.DataFrame | None, rhythm: pd.DataFrame) -> pd.DataFrame | None:
    """usual, open_gap, last_order as above; raised for an account that has plainly stopped.

    Accounts with too few gaps for a habit of their own are compared with the gap of ``buying_rhythm``.
    """
    names = ["usual", "open_gap", "last_order", "open_ratio"]
    own = pd.DataFrame(columns=names) if habit is None else habit[names]
    few = rhythm[(rhythm["buys"] > 1) & ~rhythm.index.isin(own.index)]
    few = few[["gap", "silent", "last", "lateness"]].set_axis(names, axis=1)
    parts = [part for part in (own, few) if len(part)]
    if not parts:
        return None
    out = pd.concat(parts)
    strength = np.interp(out["open_ratio"].astype(float), [3, 6], [0.6, 1.0])
    out["strength"] = np.where(_stopped(out), strength, 0.0)
    return out[["strength", "usual", "open_gap", "last_order"]]


def _stopped(gaps: pd.DataFrame) -> pd.Series:
    return (gaps["open_gap"] >= STOPPED_DAYS) & (gaps["open_ratio"] >= STOPPED_GAPS)


def _payment(book: Book, cutoff: pd.Timestamp) -> pd.DataFrame | None:
    """bills_overdue, overdue (amount), oldest (days), days_late and days_late_before as in
    ``features_at.payments``, rise (their difference, where it weighs more than the age of what is overdue).

    Raised when invoices are paid 15 days later than before and late at all, or when what is overdue (a tenth
    of the open sum or more, and MATERIAL of the year's purchases) is older than 30 days.
    """
    seen = features_at.payments(book, cutoff)
    if seen is None:
        return None
    rise = (seen["days_late"] - seen["days_late_before"]).where(seen["days_late"] >= 15)
    slip = np.where(rise >= 15, np.interp(rise.fillna(0.0), [15, 30, 60], [0.4, 0.8, 1.0]), 0.0)
    bought = purchases.revenue_to(book, cutoff).fillna(0.0)
    heavy = (seen["oldest"] > 30) & (seen["overdue_share"] >= 0.1) & (seen["overdue"] >= MATERIAL * bought)
    old = np.where(heavy, np.interp(seen["oldest"], [30, 60, 120], [0.3, 0.6, 1.0]), 0.0)
    still = seen["bills_overdue"] > 0  # all paid up since: it has passed
    seen["strength"] = np.where(still, np.maximum(slip, old), 0.0)
    seen["rise"] = rise.where(slip > old)
    return seen[["strength", "bills_overdue", "overdue", "oldest", "days_late", "days_late_before", "rise"]]


def _complaints(book: Book, cutoff: pd.Timestamp) -> pd.DataFrame | None:
    """complaints, complaints_before, open_complaints, past_due as in ``features_at.tickets``, quiet_days
    (since the last complaint), silenced (1: they stopped although some are past due).

    Raised from three complaints in 180 days on, when its own 180 days before do not explain them. While it
    complains it still hopes; one that falls silent with complaints unsettled has given up (Hirschman 1970),
    so silence weighs most.
    """
    seen = features_at.tickets(book, cutoff)
    if seen is None or seen["complaints"].isna().all():
        return None
    before = seen["complaints_before"] if seen["complaints_before"].notna().any() else seen["complaints"]
    # one quiet half-year does not make the next complaint improbable
    expected = before.clip(lower=max(_mean_of_customers(book, cutoff, before), 0.25))
    many = (seen["complaints"] >= 3) & (stats.poisson.sf(seen["complaints"] - 1, expected) < SIGNIFICANCE)
    base = np.interp(seen["complaints"] - expected, [2, 4, 8, 16], [0.2, 0.35, 0.5, 0.6])
    seen["quiet_days"] = (cutoff - seen["last_complaint"]).dt.days.astype("float64")
    gap = 180 / seen["complaints"].clip(lower=1)
    due = seen["past_due"].fillna(seen["open_complaints"]) > 0
    silenced = many & due & (seen["quiet_days"] >= np.maximum(30, 2 * gap))
    seen["silenced"] = silenced.astype(float)
    seen["strength"] = np.where(many, base + 0.1 * due + 0.3 * silenced, 0.0).clip(0, 1)
    evidence = ["complaints", "complaints_before", "open_complaints", "past_due", "quiet_days", "silenced"]
    return seen[["strength", *evidence]]


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
    (contacts that have left, known for the present only), top_gone (1: of the image or decision layer, with
    nobody left there).

    Raised when nobody was met for 60 days and for more usual gaps than chance leaves empty (two where a
    contact is known to have left). Somebody of the upper layers who left is a sign by itself.
    """
    people, met = features_at.contacts(book, cutoff), features_at.visits(book, cutoff)
    if people is None and met is None:
        return None
    names = {"days_since": "days_unvisited", "usual_gap": "visit_gap", "last": "last_visit"}
    out = pd.DataFrame(index=book.accounts.index) if met is None else met.rename(columns=names)
    out = out.reindex(columns=list(names.values()))
    out["gone"] = np.nan if people is None else people["gone"]
    out["top_gone"] = 0.0 if people is None else people["top_layer_gone"].astype(float)
    times = out["days_unvisited"] / out["visit_gap"].clip(lower=1.0)
    needed = np.where(out["gone"] > 0, VISIT_GAPS_GONE, VISIT_GAPS)
    unmet = (out["days_unvisited"] >= UNVISITED) & (times >= needed)
    strength = np.where(unmet, np.interp(times / needed, [1, 2], [0.4, 0.7]), 0.0)
    out["strength"] = np.clip(strength + np.where(out["top_gone"] > 0, 0.3, 0.0), 0.0, 1.0)
    return out[["strength", "days_unvisited", "visit_gap", "last_visit", "gone", "top_gone"]]


def _competitor(book: Book, cutoff: pd.Timestamp) -> pd.DataFrame | None:
    """lost_deals (365 days), last_loss, rival (the name in the last one, in ``raised_signs`` only),
    rival_share and our wallet_share (for the present only), categories and categories_before as in
    ``purchases.breadth_by_quarter``. Fewer orders alone bring fewer categories, so those bought are compared
    with the number that as many orders would have brought before.

    Raised when two of three hold: a deal lost to a named competitor, fewer categories bought, a rival that
    holds half and more than we; or two deals lost, more than in the year before.
    """
    seen = features_at.competition(book, cutoff)
    if seen is None or seen["lost_deals"].isna().all():
        return None
    seen = seen.join(purchases.breadth_by_quarter(book, cutoff)).rename(columns={"last": "last_loss"})
    worse = seen["lost_deals"] - seen["lost_before"].fillna(0.0).clip(upper=seen["lost_deals"] / 2)
    shrunk = (1 - seen["categories"] / seen["expected"]).where(seen["categories_before"] >= 2).fillna(0.0)
    rival = (seen["rival_share"] >= 0.5) & (seen["rival_share"] > seen["wallet_share"].fillna(0.0))
    strength = (
        np.interp(worse, [0, 1, 2, 4], [0.0, 0.25, 0.5, 0.7])
        + np.interp(shrunk, [0.2, 0.5], [0.0, 0.3])
        + 0.2 * rival
    )
    # an older loss tells nothing new, unless its mark still shows
    fresh = ((cutoff - seen["last_loss"]).dt.days <= FRESH_LOSS) | (shrunk >= 0.35)
    seen["strength"] = np.where((worse >= 1) & (strength >= 0.4) & fresh, strength.clip(0, 1), 0.0)
    evidence = ["lost_deals", "last_loss", "rival_share", "wallet_share", "categories", "categories_before"]
    return seen[["strength", *evidence]]


def _delivery(book: Book, cutoff: pd.Timestamp) -> pd.DataFrame | None:
    """on_time, on_time_before, orders, badly_late as in ``features_at.deliveries``.

    Raised when the on-time share fell by 15 points and its own earlier share would rarely leave as many
    late, or as many more than three days late (binomial tails; half a late order is added to the earlier
    ones, so that a clean record of a few proves little).
    """
    seen = features_at.deliveries(book, cutoff)
    if seen is None:
        return None
    fell = seen["on_time_before"] - seen["on_time"]
    p_value = pd.Series(1.0, index=seen.index)
    for late, late_before in (
        (1 - seen["on_time"], 1 - seen["on_time_before"]),
        (seen["badly_late"], seen["badly_late_before"]),
    ):
        share = (late_before * seen["orders_before"] + 0.5) / (seen["orders_before"] + 1)
        tail = stats.binom.sf((late * seen["orders"]).round() - 1, seen["orders"], share)
        p_value = p_value.clip(upper=pd.Series(tail, index=seen.index).fillna(1.0))
    shows = (fell >= 0.15) & (seen["orders"] >= 4) & (p_value < SIGNIFICANCE) & seen["badly_late_lately"]
    strength = np.interp(fell.fillna(0.0), [0.15, 0.3, 0.5], [0.4, 0.7, 1.0])
    seen["strength"] = np.where(shows, strength, 0.0)
    return seen[["strength", "on_time", "on_time_before", "orders", "badly_late"]]


def _satisfaction_gap(book: Book, cutoff: pd.Timestamp) -> pd.DataFrame | None:
    """score and score_before (0 to 1), last_survey, bought (purchases of the last 182 days), bought_before
    (of the same days a year before).

    Raised when the latest score lies FALL below its own mean before while purchases hold (four fifths or
    more of those a year before or of the half-year before, or at least fell by less than the score): sales
    do not show yet what the survey says.
    """
    seen = features_at.surveys(book, cutoff)
    if seen is None:
        return None
    seen = seen.rename(columns={"last": "last_survey"})
    seen["bought"] = purchases.revenue_to(book, cutoff, 182).fillna(0.0)
    seen["bought_before"] = purchases.revenue_to(book, cutoff, 182, ended=364)
    least = np.fmin(seen["bought_before"], purchases.revenue_to(book, cutoff, 182, ended=182))
    fall = seen["score_before"] - seen["score"]
    kept = np.minimum(0.8, seen["score"] / seen["score_before"]) * least
    holds = ~(seen["bought"] < kept) & (seen["bought"] > 0)
    fresh = (cutoff - seen["last_survey"]).dt.days <= FRESH_SURVEY
    strength = np.interp(fall.fillna(0.0), [FALL, 2 * FALL, 3 * FALL], [0.5, 0.8, 1.0])
    seen["strength"] = np.where((fall >= FALL - 1e-9) & holds & fresh, strength, 0.0)
    return seen[["strength", "score", "score_before", "last_survey", "bought", "bought_before"]]


_READERS: dict[str, Callable[[Book, pd.Timestamp], pd.DataFrame | None]] = {
    "payment": _payment,
    "complaints": _complaints,
    "contact_lost": _contact_lost,
    "competitor": _competitor,
    "delivery": _delivery,
    "satisfaction_gap": _satisfaction_gap,
}
