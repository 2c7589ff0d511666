"""Since when a sign shows: the first day of its present episode on which a careful reader could have seen it.

Events of a sign that lie close together are one episode; the date is that of the present one, not of the
first ever.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.measures.buying_rhythm import closed_gaps
from kamplay.method.measures.deals import deals_lost
from kamplay.method.measures.features_at import badly_late, members, rows_until, scores_by_day
from kamplay.method.measures.receivables import bills_at

UNVISITED = 60  # days without a visit that no usual gap excuses
VISIT_GAPS_GONE = 2.0  # usual gaps without a visit that are enough where a contact left
VISIT_CHANCE = 0.01  # how often chance leaves an account unvisited for so long
LATE_PAID = 30  # days late from which one invoice is a sign
FALL = 0.12  # of the scale, in satisfaction: 0.6 points of 5
SLOW = 1.5  # usual gaps, from which orders are slow
EPISODE = 180  # days between two events that make two episodes
SHORT_EPISODE = 90  # the same for events that come often: orders, complaints, deliveries


def onset(sign: str, book: Book, cutoff: pd.Timestamp, raised: pd.DataFrame) -> pd.Series:
    """Date the present episode of a sign.

    Parameters
    ----------
    sign : str
        One of ``warning_signs.SIGNS``.
    raised : DataFrame
        Index account_id: the sign's own figures at the cut-off, as ``warning_signs.read_signs`` gives them.

    Returns
    -------
    Series
        Date per account of ``raised``, never after the cut-off; the cut-off itself where nothing earlier is
        found.
    """
    found = _ONSET[sign](book, cutoff, raised).reindex(raised.index).astype("datetime64[us]")
    return found.fillna(cutoff).clip(upper=cutoff)


def episode(events: pd.DataFrame, apart: int = EPISODE, nth: int = 1) -> pd.Series:
    """Find the ``nth`` event of each account's last run of events at most ``apart`` days apart.

    Parameters
    ----------
    events : DataFrame
        account_id, date.

    Returns
    -------
    Series
        Date, index account_id, of accounts with so many events in that run.
    """
    events = events.sort_values(["account_id", "date"], kind="stable")
    other = events["account_id"] != events["account_id"].shift()
    run = (other | (events["date"].diff() > pd.Timedelta(days=apart))).cumsum()
    last = run.groupby(events["account_id"]).transform("max") == run
    place = events.groupby(run).cumcount()
    return events[last & (place == nth - 1)].set_index("account_id")["date"]


def _late_order(book: Book, cutoff: pd.Timestamp, raised: pd.DataFrame) -> pd.Series:
    """The day on which a gap passed twice the usual one, the first since orders are slow; without such a gap
    half as long again.

    Slow since the last zero of the cumulative sum of gaps less SLOW usual ones, never let fall below zero
    (Page 1954, Biometrika 41, 100–115): at no order since then were the gaps from there on less than SLOW
    usual ones on average. A long gap after which it bought as before is not part of it. The open gap counts
    once it is longer than usual, as in the sign.
    """
    gaps = closed_gaps(book, cutoff)
    assert gaps is not None  # signs are raised from gaps
    gaps = gaps[members(book, raised.index)[gaps["code"]]]
    gaps = gaps.assign(account_id=book.accounts.index[gaps["code"]])[["account_id", "start", "gap"]]
    longer = raised[raised["open_gap"] > raised["usual"]].reset_index()
    open_ = longer[["account_id", "last_order", "open_gap"]].set_axis(gaps.columns, axis=1)
    every = pd.concat([gaps, open_], ignore_index=True).sort_values(["account_id", "start"], kind="stable")
    usual = every["account_id"].map(raised["usual"])
    total = (every["gap"] - SLOW * usual).groupby(every["account_id"]).cumsum()
    least = total.groupby(every["account_id"]).cummin().clip(upper=0.0)
    zeros = (total <= least).groupby(every["account_id"]).cumsum()
    slow = zeros == zeros.groupby(every["account_id"]).transform("max")
    slow &= total > least  # the gap that ends at the zero is the last before
    found = pd.Series(pd.NaT, index=raised.index, dtype="datetime64[us]")
    for times in (2.0, SLOW):
        passed = every["start"] + pd.to_timedelta(np.floor(times * usual), unit="D")
        first = passed[slow & (every["gap"] >= times * usual)].groupby(every["account_id"]).first()
        found = found.fillna(first.reindex(raised.index))
    return found


def _stopped(book: Book, cutoff: pd.Timestamp, raised: pd.DataFrame) -> pd.Series:
    """The day on which the silence since the last purchase passed twice the usual gap: what went before that
    purchase is another episode, for it bought again.
    """
    wait = pd.to_timedelta(np.floor(2.0 * raised["usual"].astype("float64")), unit="D")
    return raised["last_order"].astype("datetime64[us]") + wait


def _unpaid(book: Book, cutoff: pd.Timestamp, raised: pd.DataFrame) -> pd.Series:
    """The day on which an invoice was still unpaid 31 days after it fell due, the first of the run; without
    one, the first overdue now.
    """
    bills = bills_at(_of(book, "receivables", raised.index), cutoff)
    bills = bills[bills["issued"] & (bills["amount"] > 0)]
    seen = bills["due_date"] + pd.Timedelta(days=LATE_PAID + 1)
    events = pd.DataFrame({"account_id": bills["account_id"], "date": seen})
    found = episode(events[bills["days_late"] > LATE_PAID]).reindex(raised.index)
    first_due = bills[bills["overdue"]].groupby("account_id")["due_date"].min()
    return found.fillna((first_due + pd.Timedelta(days=1)).reindex(raised.index))


def _complained(book: Book, cutoff: pd.Timestamp, raised: pd.DataFrame) -> pd.Series:
    """The third complaint of the run."""
    rows = _of(book, "tickets", raised.index)
    rows = rows[(rows["opened"] <= cutoff) & (rows["kind"] == "complaint")]
    return episode(rows.rename(columns={"opened": "date"})[["account_id", "date"]], SHORT_EPISODE, nth=3)


def visit_gaps(gaps: pd.Series | float) -> pd.Series | float:
    """How many usual gaps without a visit chance leaves once in 100, where ``gaps`` gaps told the usual one.

    Of visits at random at a rate that n gaps tell, x usual gaps are left empty with (1 + x / n)^−n.
    """
    return gaps * (VISIT_CHANCE ** (-1 / gaps) - 1)


def _unmet(book: Book, cutoff: pd.Timestamp, raised: pd.DataFrame) -> pd.Series:
    """60 days after the last visit, or the usual gaps that chance rarely leaves empty, where that is longer.

    When somebody left is not recorded: the cut-off."""
    gaps = np.where(raised["gone"] > 0, VISIT_GAPS_GONE, visit_gaps(raised["visit_gaps"]))
    wait = np.maximum(UNVISITED, gaps * raised["visit_gap"].fillna(0.0))
    at = raised["last_visit"].astype("datetime64[us]") + pd.to_timedelta(np.ceil(wait), unit="D")
    return at.where(at <= cutoff)


def _outbid(book: Book, cutoff: pd.Timestamp, raised: pd.DataFrame) -> pd.Series:
    """The first deal of the run lost to a named competitor."""
    lost = _lost_of(book, cutoff, raised.index)
    return episode(lost.rename(columns={"closed": "date"})[["account_id", "date"]])


def last_rival(book: Book, cutoff: pd.Timestamp, accounts: pd.Index) -> pd.Series:
    """Name the competitor of each account's last lost deal."""
    lost = _lost_of(book, cutoff, accounts)
    return lost.sort_values("closed", kind="stable").groupby("account_id")["competitor"].last()


def _lost_of(book: Book, cutoff: pd.Timestamp, accounts: pd.Index) -> pd.DataFrame:
    own = members(book, accounts)[book.account_codes("opportunities")]
    return book.table("opportunities")[own & lost_deals(book, cutoff)]


def lost_deals(book: Book, cutoff: pd.Timestamp) -> np.ndarray:
    """Tell which deals were lost to a named competitor by the cut-off."""
    kept = book.computed.setdefault("lost_to_rivals", {})
    day = pd.Timestamp(book.as_of)
    deals = book.table("opportunities")
    if day not in kept:
        named = deals["competitor"].notna() & (deals["competitor"].astype("str").str.strip() != "")
        kept[day] = deals_lost(book) & named.to_numpy(dtype=bool, na_value=False)
    to_rivals: np.ndarray = kept[day]
    return to_rivals & (deals["closed"] <= cutoff).to_numpy(dtype=bool, na_value=False)


def _undelivered(book: Book, cutoff: pd.Timestamp, raised: pd.DataFrame) -> pd.Series:
    """The day on which a delivery turned badly late, the first of the run."""
    rows = rows_until(book, "deliveries", "promised_date", cutoff)
    assert rows is not None  # the sign was read from them
    turned, late = badly_late(rows, cutoff)
    late &= members(book, raised.index)[rows.codes]
    events = pd.DataFrame({"account_id": rows.index[rows.codes[late]], "date": turned[late]})
    return episode(events, SHORT_EPISODE)


def _dissatisfied(book: Book, cutoff: pd.Timestamp, raised: pd.DataFrame) -> pd.Series:
    """The first survey of the present run of scores that lie FALL below the mean of those before the run."""
    rows = rows_until(book, "surveys", "date", cutoff, needed=("score",))
    assert rows is not None  # the sign was read from them
    answers = scores_by_day(rows)
    answers = answers[members(book, raised.index)[answers["code"]]].sort_values(["code", "date"])
    codes, score, date = (answers[c].to_numpy() for c in ("code", "score", "date"))
    ends = np.append(np.flatnonzero(np.diff(codes)) + 1, len(codes))
    dates, begin = [], 0
    for end in ends:
        place = end - 1
        while place - 1 > begin and score[place - 1] <= score[begin : place - 1].mean() - FALL + 1e-9:
            place -= 1
        dates.append(date[place])
        begin = end
    return pd.Series(dates, index=book.accounts.index[codes[ends - 1]], dtype="datetime64[us]")


def _of(book: Book, table: str, accounts: pd.Index) -> pd.DataFrame:
    """The rows of a table of these accounts."""
    return book.table(table)[members(book, accounts)[book.account_codes(table)]]


_ONSET: dict[str, Callable[[Book, pd.Timestamp, pd.DataFrame], pd.Series]] = {
    "order_rhythm": _late_order,
    "payment": _unpaid,
    "complaints": _complained,
    "contact_lost": _unmet,
    "competitor": _outbid,
    "delivery": _undelivered,
    "satisfaction_gap": _dissatisfied,
    "silence": _stopped,
}
