"""Since when a sign shows: the first day of the present episode on which a careful reader could have seen it;
and the figures that needs.

Events of a sign that lie close together are one episode; the date is that of the present one, not of the
first ever.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.measures import features_at
from kamplay.method.measures import purchases as measures
from kamplay.method.measures.buying_rhythm import closed_gaps
from kamplay.method.measures.deals import outcome
from kamplay.method.measures.features_at import DatedRows, rows_to
from kamplay.method.measures.receivables import bills_at

UNVISITED = 60  # days without a visit that no usual gap excuses
LATE_PAID, LATE_DELIVERED = 30, 3  # days late from which one invoice, one delivery is a sign
APART = 180  # days between two events that make two episodes
VISIT_GAPS, VISIT_GAPS_GONE = (
    4.6,
    2.0,
)  # usual gaps without a visit: chance leaves 4.6 empty once in 100, exp(−4.6)


def since(sign: str, book: Book, cutoff: pd.Timestamp, shown: pd.DataFrame) -> pd.Series:
    """The date per account of ``shown`` (the sign's own figures, as kamplay.method.signs reads them); never
    after the cut-off.
    """
    found = _SINCE[sign](book, cutoff, shown).reindex(shown.index).astype("datetime64[us]")
    return found.fillna(cutoff).clip(upper=cutoff)


def episode(events: pd.DataFrame, apart: int = APART, nth: int = 1) -> pd.Series:
    """Per account the ``nth`` event of its last run of events at most ``apart`` days apart. ``events``:
    account_id, date.
    """
    events = events.sort_values(["account_id", "date"], kind="stable")
    new = (events["account_id"] != events["account_id"].shift()) | (
        events["date"].diff() > pd.Timedelta(days=apart)
    )
    run = new.cumsum()
    last = run.groupby(events["account_id"]).transform("max") == run
    place = events.groupby(run).cumcount()
    at = events[last & (place == nth - 1)]
    return at.set_index("account_id")["date"]


def _of(book: Book, table: str, shown: pd.DataFrame) -> pd.DataFrame:
    rows = book.table(table)
    return rows[features_at.members(book, shown.index)[book.account_codes(table)]]


def _late_order(book: Book, cutoff: pd.Timestamp, shown: pd.DataFrame) -> pd.Series:
    """The day on which a gap passed twice the usual one, the first of the run that ends now; without such a
    gap half as long again.
    """
    gaps = closed_gaps(book, cutoff)
    assert gaps is not None  # signs are raised from gaps
    gaps = gaps[features_at.members(book, shown.index)[gaps["code"]]]
    gaps = gaps.assign(account_id=book.accounts.index[gaps["code"]])
    running = shown.reset_index()[["account_id", "last_order", "open_gap"]].rename(
        columns={"last_order": "start", "open_gap": "gap"}
    )
    every = pd.concat([gaps[["account_id", "start", "gap"]], running], ignore_index=True)
    usual = every["account_id"].map(shown["usual"])
    found = pd.Series(pd.NaT, index=shown.index, dtype="datetime64[us]")
    for times in (2.0, 1.5):
        wide = every["gap"] > times * usual
        passed = every["start"] + pd.to_timedelta(np.floor(times * usual), unit="D")
        found = found.fillna(
            episode(
                pd.DataFrame({"account_id": every["account_id"], "date": passed})[wide], apart=90
            ).reindex(shown.index)
        )
    return found


def _unpaid(book: Book, cutoff: pd.Timestamp, shown: pd.DataFrame) -> pd.Series:
    """The day on which an invoice was still unpaid 31 days after it fell due, the first of the run; without
    one, the first overdue now.
    """
    bills = bills_at(_of(book, "receivables", shown), cutoff)
    bills = bills[bills["issued"] & (bills["amount"] > 0)]
    dates = pd.DataFrame(
        {"account_id": bills["account_id"], "date": bills["due_date"] + pd.Timedelta(days=LATE_PAID + 1)}
    )
    found = episode(dates[bills["days_late"] > LATE_PAID]).reindex(shown.index)
    first_due = bills[bills["overdue"]].groupby("account_id")["due_date"].min()
    now = first_due + pd.Timedelta(days=1)
    return found.fillna(now.reindex(shown.index))


def _complained(book: Book, cutoff: pd.Timestamp, shown: pd.DataFrame) -> pd.Series:
    """The third complaint of the run."""
    rows = _of(book, "tickets", shown)
    rows = rows[(rows["opened"] <= cutoff) & (rows["kind"] == "complaint")]
    return episode(rows.rename(columns={"opened": "date"})[["account_id", "date"]], apart=90, nth=3)


def _unmet(book: Book, cutoff: pd.Timestamp, shown: pd.DataFrame) -> pd.Series:
    """60 days after the last visit, or the usual gaps that chance rarely leaves empty, where that is longer.

    When somebody left is not recorded: today."""
    wait = np.maximum(
        UNVISITED, np.where(shown["gone"] > 0, VISIT_GAPS_GONE, VISIT_GAPS) * shown["visit_gap"].fillna(0.0)
    )
    at = shown["last_visit"].astype("datetime64[us]") + pd.to_timedelta(np.ceil(wait), unit="D")
    return at.where(at <= cutoff)


def _outbid(book: Book, cutoff: pd.Timestamp, shown: pd.DataFrame) -> pd.Series:
    """The first deal of the run lost to a named competitor."""
    lost = _lost(_of(book, "opportunities", shown), cutoff)
    return episode(lost.rename(columns={"closed": "date"})[["account_id", "date"]])


def rival(book: Book, cutoff: pd.Timestamp, index: pd.Index) -> pd.Series:
    """The competitor named in each account's last lost deal."""
    deals = book.table("opportunities")
    deals = deals[features_at.members(book, index)[book.account_codes("opportunities")]]
    return (
        _lost(deals, cutoff).sort_values("closed", kind="stable").groupby("account_id")["competitor"].last()
    )


def _lost(deals: pd.DataFrame, cutoff: pd.Timestamp) -> pd.DataFrame:
    named = deals["competitor"].notna() & (deals["competitor"].astype("str").str.strip() != "")
    return deals[(deals["closed"] <= cutoff) & (outcome(deals, cutoff) == "lost") & named]


def _undelivered(book: Book, cutoff: pd.Timestamp, shown: pd.DataFrame) -> pd.Series:
    """The day on which a delivery was four days late, the first of the run."""
    rows = rows_to(book, "deliveries", "promised_date", cutoff)
    assert rows is not None  # the sign was read from them
    seen, late = _late(rows, cutoff)
    late &= features_at.members(book, shown.index)[rows.codes]
    return episode(pd.DataFrame({"account_id": rows.index[rows.codes[late]], "date": seen[late]}), apart=90)


def _dissatisfied(book: Book, cutoff: pd.Timestamp, shown: pd.DataFrame) -> pd.Series:
    """The first survey of the present run of scores that lie 0.6 points of 5 below the mean of those before
    the run.
    """
    rows = rows_to(book, "surveys", "date", cutoff, needed=("score",))
    assert rows is not None  # the sign was read from them
    found = features_at.by_day(book, rows)
    found = found[features_at.members(book, shown.index)[found["code"]]].sort_values(["code", "date"])
    codes, score, date = found["code"].to_numpy(), found["score"].to_numpy(), found["date"].to_numpy()
    ends = np.append(np.flatnonzero(np.diff(codes)) + 1, len(codes))
    dates, begin = [], 0
    for end in ends:  # of raised accounts only
        place = end - 1
        while place - 1 > begin and score[place - 1] <= score[begin : place - 1].mean() - 0.12 + 1e-9:
            place -= 1
        dates.append(date[place])
        begin = end
    return pd.Series(dates, index=book.accounts.index[codes[ends - 1]], dtype="datetime64[us]")


_SINCE: dict[str, Callable[[Book, pd.Timestamp, pd.DataFrame], pd.Series]] = {
    "order_rhythm": _late_order,
    "payment": _unpaid,
    "complaints": _complained,
    "contact_lost": _unmet,
    "competitor": _outbid,
    "delivery": _undelivered,
    "satisfaction_gap": _dissatisfied,
    "silence": _late_order,
}


def last_complaint(book: Book, cutoff: pd.Timestamp) -> pd.Series:
    """The day of each account's last complaint up to the cut-off."""
    rows = rows_to(book, "tickets", "opened", cutoff)
    assert rows is not None  # complaints were counted from them
    complaint = rows.says("kind", "complaint")
    return pd.Series(
        rows.latest(np.where(complaint, rows.date("opened"), np.datetime64("NaT"))), index=rows.index
    )


def visiting(book: Book, cutoff: pd.Timestamp) -> pd.DataFrame | None:
    """Per account visited up to the cut-off: ``last_visit``, ``days_unvisited``, ``visit_gap`` (mean days
    between visits in the 365 days to the last one, from four visits on; fewer make no habit).
    """
    rows = rows_to(book, "visits", "date", cutoff)
    if rows is None:
        return None
    when, codes = rows.date("date").astype("datetime64[D]").astype("int64"), rows.codes
    last = rows.latest(rows.date("date")).astype("datetime64[D]").astype("int64")
    inside = when > last[codes] - 365
    first = last.copy()
    np.minimum.at(first, codes[inside], when[inside])
    number = np.bincount(codes[inside], minlength=len(last))
    out = rows.frame()
    out["last_visit"] = last.astype("datetime64[D]").astype("datetime64[us]")
    out["days_unvisited"] = (cutoff - out["last_visit"]).dt.days.astype("float64")
    out["visit_gap"] = np.where(number >= 4, (last - first) / np.maximum(number - 1, 1), np.nan)
    return out[number > 0]


def late_lately(book: Book, cutoff: pd.Timestamp) -> pd.Series:
    """True for the accounts with a delivery more than three days late that was seen in the last 90 days."""
    rows = rows_to(book, "deliveries", "promised_date", cutoff)
    assert rows is not None  # the sign was read from them
    seen, late = _late(rows, cutoff)
    recent = late & (seen > np.datetime64(cutoff - pd.Timedelta(days=90)))
    return pd.Series(rows.count(recent) > 0, index=rows.index)


def _late(rows: DatedRows, cutoff: pd.Timestamp) -> tuple[np.ndarray, np.ndarray]:
    """The day on which each delivery was more than three days late, and whether it was."""
    promised, came = rows.date("promised_date"), rows.date("delivered_date")
    seen = promised + np.timedelta64(LATE_DELIVERED + 1, "D")
    return seen, np.where(came <= np.datetime64(cutoff), came, np.datetime64(cutoff)) >= seen


def breadth(book: Book, cutoff: pd.Timestamp) -> pd.DataFrame:
    """``categories`` bought in the last three whole months by the cut-off, ``categories_before``: the mean
    over the four such spans of the year before in which it bought, ``expected``: how many as many
    purchases as now would have brought then, Σ 1 − (1 − p)^m with p a category's share of its purchases of
    that year (rarefaction: Hurlbert 1971); missing without categories.
    """
    index = book.accounts.index
    if not book.has_categories:
        return pd.DataFrame(
            {"categories": np.nan, "categories_before": np.nan, "expected": np.nan}, index=index
        )
    newest = 0  # a month still running would look poor
    while measures.window_dates(book, 1, newest)[1] > cutoff:
        newest += 1
    baskets = book.baskets
    bucket = baskets["bucket"].to_numpy()
    mask = (baskets["orders"].to_numpy() > 0) & (bucket >= newest) & (bucket <= newest + 14)
    kind, names = pd.factorize(baskets["category"])
    code, span = book.account_codes("baskets")[mask], (bucket[mask] - newest) // 3
    bought = pd.DataFrame(
        {"code": code, "span": span, "kind": kind[mask], "orders": baskets["orders"].to_numpy()[mask]}
    )
    bought = bought[(bought["code"] >= 0) & (bought["kind"] >= 0)]
    size = len(index)
    different = np.unique(
        (bought["code"].astype("int64") * 5 + bought["span"]) * len(names) + bought["kind"]
    ) // max(len(names), 1)
    kinds = np.bincount(different, minlength=5 * size).reshape(size, 5).astype(float)
    spans = (kinds[:, 1:] > 0).sum(axis=1)
    now, year = bought[bought["span"] == 0], bought[bought["span"] > 0]
    number = np.bincount(now["code"], now["orders"], size)
    had = year.groupby(["code", "kind"], as_index=False)["orders"].sum()
    share = had["orders"] / np.bincount(had["code"], had["orders"], size)[had["code"]]
    expected = np.bincount(had["code"], 1 - (1 - share) ** number[had["code"]], size)
    found = pd.DataFrame({"categories": kinds[:, 0]}, index=index)
    found["categories_before"] = np.where(spans > 0, kinds[:, 1:].sum(axis=1) / np.maximum(spans, 1), np.nan)
    found["expected"] = np.where(expected > 0, expected, np.nan)
    return found


def purchases(book: Book, cutoff: pd.Timestamp) -> pd.DataFrame:
    """``bought``: net amount of the 182 days to the cut-off; ``bought_before`` and ``bought_half_before``: of
    the same days a year (364 days) earlier and of the 182 days before, missing without.
    """
    when = book.days["date"].to_numpy(dtype="datetime64[us]")
    codes, amounts, index = (
        book.account_codes("days"),
        book.days["amount"].to_numpy(dtype=float),
        book.accounts.index,
    )

    def amount(ago: int) -> pd.Series:
        end = np.datetime64(cutoff - pd.Timedelta(days=ago))
        inside = (when <= end) & (when > end - np.timedelta64(182, "D")) & (codes >= 0)
        number = np.bincount(codes[inside], minlength=len(index))
        return pd.Series(np.bincount(codes[inside], amounts[inside], len(index)), index=index).where(
            number > 0
        )

    return pd.DataFrame(
        {"bought": amount(0).fillna(0.0), "bought_before": amount(364), "bought_half_before": amount(182)}
    )
