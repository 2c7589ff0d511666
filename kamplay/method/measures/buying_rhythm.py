"""How often an account buys: its usual gap between purchases, and whether its recent gaps are unusual for
it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.stats.own_past import gap_dispersion, gap_tail

HABIT_AGE = 180  # days: gaps that ended longer ago are the habit that the recent ones are compared with
MIN_GAPS = 6  # gaps that make a habit
RECENT_GAPS = 4  # closed gaps that count as recent
DEFAULT_GAP = 90.0  # days, where no account has bought twice
MONTH = 365.25 / 12  # days
# gaps that make a rhythm; of the last 12 months alone where these hold as many, so that a rhythm of long ago
# does not count
RHYTHM_GAPS = 3
MAX_SPAN = 4  # months that a buyer's own gap may be to be judged by it within a year: three spans


def own_gaps(bought: pd.DataFrame, end: pd.Timestamp) -> pd.DataFrame:
    """Give each account's own days between purchases, in the last 12 months where it has RHYTHM_GAPS there.

    Parameters
    ----------
    bought : DataFrame
        Buying days up to ``end``: account_id and date, sorted by both.
    end : Timestamp
        The day on which the 12 months end.

    Returns
    -------
    DataFrame
        Index account_id: ``mean`` and ``std`` of all gaps (days) and ``count`` of them; ``gap`` (mean days,
        of the gaps that closed in the 12 months where these are RHYTHM_GAPS or more, else of all; missing
        with one purchase) and ``gaps`` (how many that is of).
    """
    return _own_gaps(bought, end, _accounts_of(bought))


class _Accounts(NamedTuple):
    """Whose the rows of buying days are, sorted by account_id and date: numbers group faster than texts."""

    first: np.ndarray  # where another account begins
    number: np.ndarray  # of each row's account
    index: pd.Index

    @property
    def last(self) -> np.ndarray:
        return np.append(self.first[1:], True)[: len(self.first)]


def _accounts_of(bought: pd.DataFrame) -> _Accounts:
    account = bought["account_id"]
    first = account.ne(account.shift()).to_numpy(dtype=bool)
    return _Accounts(first, first.cumsum() - 1, pd.Index(account[first], name="account_id"))


def _own_gaps(bought: pd.DataFrame, end: pd.Timestamp, of: _Accounts) -> pd.DataFrame:
    day, size = bought["date"].to_numpy(dtype="datetime64[D]").astype("int64"), len(of.index)
    gap, inside = np.diff(day, prepend=0).astype(float), ~of.first
    since = np.datetime64(end - pd.DateOffset(months=12), "D").astype("int64")
    out = pd.DataFrame(index=of.index)
    found = {}
    for name, rows in {"all": inside, "lately": inside & (day > since)}.items():
        count = np.bincount(of.number[rows], minlength=size)
        total = np.bincount(of.number[rows], gap[rows], size)
        found[name] = np.divide(total, count, out=np.full(size, np.nan), where=count > 0), count
    (out["mean"], out["count"]), (late, late_count) = found["all"], found["lately"]
    spread = pd.Series(gap[inside]).groupby(of.number[inside]).std()
    out["std"] = spread.reindex(range(size)).to_numpy()
    use = late_count >= RHYTHM_GAPS
    out["gap"] = np.where(use, late, out["mean"])
    out["gaps"] = np.where(use, late_count, out["count"]).astype(float)
    return out


def buying_rhythm(days: pd.DataFrame, cutoff: pd.Timestamp) -> pd.DataFrame:
    """Measure each account's usual gap between purchases and its present silence.

    Parameters
    ----------
    days : DataFrame
        Buying days, as ``Book.days``; those after ``cutoff`` are not looked at.
    cutoff : Timestamp
        The day.

    Returns
    -------
    DataFrame
        Index account_id, accounts that bought by then: ``first`` and ``last`` (dates), ``buys`` (number of
        buying days), ``gap`` (days: the usual one that is told of the account, its own as ``own_gaps`` gives
        it from RHYTHM_GAPS gaps on, else ``drawn_gap``), ``drawn_gap`` (days: the mean gap drawn towards the
        median account's by one pseudo-gap, so that two purchases do not make a rhythm; for chances, which
        count the pseudo-gap), ``silent`` (days since the last), ``lateness`` (silent / gap).
    """
    bought = days.loc[days["bought"] & (days["date"] <= cutoff), ["account_id", "date"]]
    bought = bought.sort_values(["account_id", "date"], kind="stable")
    of, when = _accounts_of(bought), bought["date"].to_numpy()
    out = pd.DataFrame({"first": when[of.first], "last": when[of.last]}, index=of.index)
    out["buys"] = np.bincount(of.number, minlength=len(of.index))
    span = (out["last"] - out["first"]).dt.days
    own = (span / (out["buys"] - 1)).where(out["buys"] > 1)
    usual = float(own.median()) if own.notna().any() else DEFAULT_GAP
    out["drawn_gap"] = (span + usual) / out["buys"]  # (buys − 1) real gaps and one pseudo-gap
    gaps = _own_gaps(bought, cutoff, of)
    out["gap"] = gaps["gap"].where(gaps["gaps"] >= RHYTHM_GAPS, out["drawn_gap"])
    out["silent"] = (cutoff - out["last"]).dt.days
    out["lateness"] = out["silent"] / out["gap"].clip(lower=1.0)
    return out


def rhythm_at(book: Book, cutoff: pd.Timestamp) -> pd.DataFrame:
    """Give ``buying_rhythm`` of a Book's days, for which several topics ask; once for a day."""
    kept = book.computed.setdefault("buying_rhythm", {})
    if cutoff not in kept:
        kept[cutoff] = buying_rhythm(book.days, cutoff)
    rhythm: pd.DataFrame = kept[cutoff]
    return rhythm


def months_between_orders(days: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp) -> pd.Series:
    """Tell each account's own gap between purchases of a year in whole months, 1 to MAX_SPAN.

    Parameters
    ----------
    days : as ``Book.days``.
    start, end : first and last day of the year.

    Returns
    -------
    Index account_id, accounts that bought in that year; 1 where one bought once.
    """
    bought = days[days["bought"] & days["date"].between(start, end)]
    dates = bought.groupby("account_id")["date"].agg(["min", "max", "size"])
    gap = (dates["max"] - dates["min"]).dt.days / (dates["size"] - 1).clip(lower=1)
    return (gap / MONTH).round().clip(1, MAX_SPAN).astype(int)


def unsteadiness(months: np.ndarray, span: np.ndarray) -> np.ndarray:
    """Coefficient of variation of what an account brings in spans as long as its own gap between orders.

    Judged by month, who buys every three months exactly would be irregular. All spans of the year count, each
    begun a month later, so that it does not matter in which month the first begins.

    Parameters
    ----------
    months : (accounts, months), revenue.
    span : (accounts,), months, see ``months_between_orders``.

    Returns
    -------
    (accounts,), population standard deviation over the mean; missing without a mean above 0.
    """
    out = np.full(len(months), np.nan)
    for length in np.unique(span):
        rows = span == length
        sums = np.lib.stride_tricks.sliding_window_view(months[rows], int(length), axis=1).sum(axis=2)
        mean = sums.mean(axis=1)
        out[rows] = np.divide(sums.std(axis=1), mean, out=np.full(len(mean), np.nan), where=mean > 0)
    return out


def habit_test(book: Book, cutoff: pd.Timestamp) -> pd.DataFrame | None:
    """Test whether each account's recent gaps are longer than its habit.

    The habit is at least six gaps that ended over 180 days before, else six before the newest four. See
    ``gap_tail`` for the test; it allows for a habit that few gaps tell.

    Returns
    -------
    DataFrame or None
        Index account_id, accounts with a habit; None without purchases. ``usual`` and ``recent``: mean days
        of the habitual and of the recent gaps, the open gap counted as recent once it is longer than usual;
        ``closed``: of the recent ones without it;
        ``ratio`` = recent / usual. ``p_value``: how often chance makes the time since the fifth last purchase
        as long. ``open_gap`` (days since the last purchase), ``open_ratio`` (over usual) and
        ``open_p_value`` of that gap alone; ``gaps`` (number in the habit); ``last_order`` (date).
    """
    gaps = closed_gaps(book, cutoff)
    if gaps is None:
        return None
    account, end, gap, rank = gaps["code"], gaps["end"], gaps["gap"], gaps["rank"]
    earlier = rank >= RECENT_GAPS
    old = earlier & (end <= cutoff - pd.Timedelta(days=HABIT_AGE))
    enough = old.groupby(account).transform("sum") >= MIN_GAPS
    habit = np.where(enough, old, earlier)
    base = gap[habit].groupby(account[habit]).agg(["mean", "std", "size"])
    out = base[base["size"] >= MIN_GAPS].rename(columns={"mean": "usual", "size": "gaps"})
    dispersion, df = gap_dispersion(out["usual"], out["std"], out["gaps"])
    recent = gap[~earlier].groupby(account[~earlier]).agg(["sum", "size"]).reindex(out.index)
    out["last_order"] = end.groupby(account).max().reindex(out.index)
    out["open_gap"] = (cutoff - out["last_order"]).dt.days.astype("float64")
    longer = out["open_gap"] > out["usual"]
    out["closed"] = recent["sum"] / recent["size"]
    out["recent"] = (recent["sum"] + out["open_gap"].where(longer, 0.0)) / (recent["size"] + longer)
    out["ratio"] = out["recent"] / out["usual"]
    out["open_ratio"] = out["open_gap"] / out["usual"]
    # a gap that counted only once it is long would by itself make the sum of them long
    since = (recent["sum"] + out["open_gap"]) / out["usual"]
    out["p_value"] = gap_tail(since, recent["size"], out["gaps"], dispersion, df)
    out["open_p_value"] = gap_tail(out["open_ratio"], np.zeros(len(out)), out["gaps"], dispersion, df)
    return out.drop(columns="std").set_axis(book.accounts.index[out.index])


def closed_gaps(book: Book, cutoff: pd.Timestamp) -> pd.DataFrame | None:
    """List every gap between two buying days up to the cut-off, by account and date.

    Returns
    -------
    DataFrame or None
        ``code`` (the account's place in ``book.accounts``), ``start``, ``end`` (dates), ``gap`` (days),
        ``rank`` (0 the newest); None without purchases.
    """
    when = book.days["date"].to_numpy(dtype="datetime64[D]")
    seen = book.days["bought"].to_numpy(dtype=bool) & (when <= np.datetime64(cutoff, "D"))
    if not seen.any():
        return None
    codes, when = book.account_codes("days")[seen], when[seen]
    order = np.lexsort((when, codes))
    codes, when = codes[order], when[order]
    rows = np.flatnonzero((codes[1:] == codes[:-1]) & (codes[1:] >= 0))
    ends = np.flatnonzero(np.append(codes[1:] != codes[:-1], True))
    rank = ends[np.searchsorted(ends, rows + 1)] - (rows + 1)
    gap = (when[rows + 1] - when[rows]).astype(float)
    start, end = when[rows].astype("datetime64[us]"), when[rows + 1].astype("datetime64[us]")
    return pd.DataFrame({"code": codes[rows], "start": start, "end": end, "gap": gap, "rank": rank})
