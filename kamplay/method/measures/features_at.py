"""What each table beside the transactions said of every account on a given day, from rows dated up to that
day only.

Every function takes the Book and a cut-off and gives one row per account of the Book (index account_id), or
None where the table, the columns it needs or any row up to the cut-off are missing. What happened after the
cut-off has not happened: an invoice paid, a ticket closed or an order delivered later counts as unpaid, open,
undelivered. Counts are 0 for an account without rows; means, shares and dates are missing. A window that the
table covers by less than half (its first row lies later) is missing for everyone: months in which nothing was
written down are not months in which nothing happened.

``contacts`` and ``wallet`` carry no history: they tell how things stand now. Read for a past day they would
tell the future (who has left since, whose card has not been confirmed since because the account is gone), so
they are read for the present only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.measures import purchases
from kamplay.method.measures.deals import outcome
from kamplay.method.measures.receivables import bills_at

LEFT = r"(?:已离职|离职|已调离|left|former)\s*[)）\]】]?\s*$"  # a title that ends so marks one who has left
TOP_LAYERS = ("image", "decision")
CHAMPION = 2  # the stance of one who speaks for us
CONFIRMED_DAYS = 365  # a contact confirmed longer ago is not known to be there still
BADLY_LATE = 3  # days
SCALES = (
    1.0,
    5.0,
    10.0,
    100.0,
)  # what a score without a scale is out of: the least of these that holds the highest score


def payments(book: Book, cutoff: pd.Timestamp) -> pd.DataFrame | None:
    """``open`` and ``overdue`` amounts, ``overdue_share`` of open, ``oldest`` (days overdue of the oldest, 0
    without), ``bills_overdue`` (their number), ``days_late`` (mean days late of the invoices due in the
    180 days to the cut-off, unpaid ones counted up to the cut-off, early ones negative),
    ``days_late_before`` (of those due in the 365 days before these), ``last`` (invoice or payment).

    Without any paid_date the table is a list of what is open now: nothing is known of invoices paid, days
    late are missing, and a past day cannot be read at all.
    """
    rows = rows_to(book, "receivables", "invoice_date", cutoff, needed=("due_date", "amount"))
    settled = book.has("receivables", "paid_date")
    if rows is None or (not settled and cutoff < book.seen_to):
        return None
    bills = replace(rows, whole=bills_at(rows.whole, cutoff))
    unpaid, late = bills.flag("open"), bills.flag("overdue")
    due, days, amount = bills.date("due_date"), bills.number("days_late"), bills.number("amount")
    out = rows.frame()
    out["open"] = rows.total(amount, unpaid)
    out["overdue"] = rows.total(amount, late)
    out["oldest"] = rows.largest(days, late, empty=0.0)
    out["bills_overdue"] = rows.count(late & (amount > 0))
    out["overdue_share"] = np.where(
        out["open"] > 0, out["overdue"] / out["open"].where(out["open"] > 0, 1.0), 0.0
    )
    told = (amount > 0) & settled
    out["days_late"] = rows.mean(days, told & within(due, cutoff, 180))
    out["days_late_before"] = rows.mean(days, told & within(due, cutoff, 365, 180))
    paid = np.where(unpaid, np.datetime64("NaT"), bills.date("until"))
    out["last"] = rows.latest(np.fmax(rows.date("invoice_date"), paid))
    return out


def deliveries(book: Book, cutoff: pd.Timestamp) -> pd.DataFrame | None:
    """``on_time`` and ``in_full``: shares of the ``orders`` promised for the 180 days to the cut-off
    (undelivered ones are neither), ``on_time_before``: of the ``orders_before`` promised in the 365 days
    before, ``badly_late`` and ``badly_late_before``: shares that came more than three days late, or have
    not come three days after the promise; ``last``: the last promised date.
    """
    rows = rows_to(book, "deliveries", "promised_date", cutoff, needed=("delivered_date",))
    if rows is None:
        return None
    promised, delivered = rows.date("promised_date"), rows.date("delivered_date")
    arrived = delivered <= cutoff
    settled = arrived | (promised < cutoff)  # what is due on the very day may still come
    now = settled & within(promised, cutoff, 180)
    out = rows.frame()
    on_time = (arrived & (delivered <= promised)).astype(float)
    out["on_time"] = rows.mean(on_time, now)
    ordered, came = rows.number("ordered"), np.where(arrived, rows.number("delivered"), 0.0)
    full = np.where(np.isnan(ordered) | np.isnan(came), np.nan, (came >= ordered).astype(float))
    out["in_full"] = rows.mean(full, now)
    out["on_time_before"] = rows.mean(on_time, settled & within(promised, cutoff, 365, 180))
    out["orders"] = rows.count(now)
    before = settled & within(promised, cutoff, 365, 180)
    out["orders_before"] = rows.count(before)
    badly = (days_of(np.where(arrived, delivered, np.datetime64(cutoff)) - promised) > BADLY_LATE).astype(
        float
    )
    out["badly_late"], out["badly_late_before"] = rows.mean(badly, now), rows.mean(badly, before)
    out["last"] = rows.latest(promised)
    return out


def tickets(book: Book, cutoff: pd.Timestamp) -> pd.DataFrame | None:
    """``complaints`` opened in the 180 days to the cut-off and ``complaints_before`` in the 180 before,
    ``open_complaints``, ``past_due`` (open complaints whose due date has passed), ``days_to_close`` (mean,
    of all tickets closed in the 365 days), ``last`` (the last ticket of any kind). Without kinds the
    complaints are missing; without due dates ``past_due`` is.
    """
    rows = rows_to(book, "tickets", "opened", cutoff)
    if rows is None:
        return None
    opened, closed = rows.date("opened"), rows.date("closed")
    complaint = rows.says("kind", "complaint")
    still = complaint & ~(closed <= cutoff)
    out = rows.frame()
    kinds = book.has("tickets", "kind")
    out["complaints"] = (
        rows.count(complaint & within(opened, cutoff, 180))
        if kinds and rows.covers(cutoff, 180, 0)
        else np.nan
    )
    covered = kinds and rows.covers(cutoff, 180, 180)
    out["complaints_before"] = rows.count(complaint & within(opened, cutoff, 180, 180)) if covered else np.nan
    out["open_complaints"] = rows.count(still) if kinds else np.nan
    out["past_due"] = (
        rows.count(still & (rows.date("due") < cutoff)) if kinds and book.has("tickets", "due") else np.nan
    )
    out["days_to_close"] = rows.mean(
        days_of(closed - opened), (closed <= cutoff) & within(closed, cutoff, 365)
    )
    out["last"] = rows.latest(opened)
    return out


def surveys(book: Book, cutoff: pd.Timestamp) -> pd.DataFrame | None:
    """``score`` (latest, 0 to 1 of its scale; answers of one day as their mean), ``score_before`` (mean of
    the earlier days'), ``scored`` (number of days with an answer), ``nps`` (the latest recommendation, 0
    to 10), ``last``.
    """
    rows = rows_to(book, "surveys", "date", cutoff, needed=("score",))
    if rows is None:
        return None
    found = by_day(book, rows)
    last = found.groupby("code")["date"].transform("max")
    newest = found["date"] == last
    index = np.arange(len(rows.index))
    by, earlier = found[newest].set_index("code"), found[~newest].groupby("code")["score"].mean()
    out = rows.frame()
    out["score"] = by["score"].reindex(index).to_numpy()
    out["score_before"] = earlier.reindex(index).to_numpy()
    out["scored"] = found.groupby("code").size().reindex(index).fillna(0).to_numpy(dtype=int)
    told = found.dropna(subset=["nps"]).drop_duplicates("code", keep="last").set_index("code")["nps"]
    out["nps"] = told.reindex(index).to_numpy()
    out["last"] = by["date"].reindex(index).to_numpy()
    return out


def by_day(book: Book, rows: DatedRows) -> pd.DataFrame:
    """Survey answers as one row per account (column ``code``) and day, by date: ``score`` 0 to 1, ``nps``."""
    whole = rows.whole
    top = rows.number("scale")
    known = whole["date"] <= rows.date("date").max()  # a later answer may be on another scale
    bare = whole.loc[known & whole["scale"].isna() if "scale" in whole else known, "score"].max()
    usual = next((s for s in SCALES if bare <= s), float(bare) if bare == bare else 1.0)
    score = np.clip(rows.number("score") / np.where(top > 0, top, usual), 0, 1)
    found = pd.DataFrame(
        {"code": rows.codes, "date": rows.date("date"), "score": score, "nps": rows.number("nps")}
    )
    found = found[found["score"].notna()]
    if found.duplicated(["code", "date"]).any():
        found = found.groupby(["code", "date"], as_index=False).mean()
    return found.sort_values("date", kind="stable")


def contacts(book: Book, cutoff: pd.Timestamp) -> pd.DataFrame | None:
    """Of the people known now: ``contacts`` (still there), ``layers`` (different ones among them),
    ``champions`` (stance 2), ``gone`` (title says so), ``top_layer_gone`` (somebody of the image or
    decision layer left, and nobody of that layer is there), ``top`` (somebody of these layers is there),
    ``champion_gone`` (that, or who spoke for us left and nobody does), ``single_thread`` (one person only),
    ``stance`` (mean −2 to 2, weighted by influence), ``confirmed_share`` (confirmed in the last 365 days),
    ``last`` (confirmation). None for a day before the data end: see above.
    """
    if cutoff < book.seen_to or not book.has("contacts"):
        return None
    rows = rows_of(book, "contacts")
    left = gone_titles(rows.whole)[rows.where]
    stance, influence = rows.number("stance"), rows.number("influence")
    out = rows.frame()
    out["contacts"] = rows.count(~left)
    if book.has("contacts", "layer"):
        kind, names = pd.factorize(rows.whole["layer"])
        there = (kind[rows.where] >= 0) & ~left
        pairs = np.unique(rows.codes[there].astype("int64") * len(names) + kind[rows.where][there]) // max(
            len(names), 1
        )
        out["layers"] = np.bincount(pairs, minlength=len(rows.index))
    else:
        out["layers"] = np.nan
    out["champions"] = rows.count(~left & (stance >= CHAMPION)) if book.has("contacts", "stance") else np.nan
    out["gone"] = rows.count(left)
    lost = np.zeros(len(rows.index), dtype=bool)
    for name in TOP_LAYERS:
        here = rows.says("layer", name)
        lost |= (rows.count(left & here) > 0) & (rows.count(~left & here) == 0)
    out["top_layer_gone"] = lost
    top = np.logical_or.reduce([rows.says("layer", name) for name in TOP_LAYERS])
    champion = stance >= CHAMPION
    out["top"] = rows.count(~left & top) > 0
    out["champion_gone"] = lost | ((rows.count(left & champion) > 0) & ~(rows.count(~left & champion) > 0))
    out["single_thread"] = out["contacts"] == 1
    weight = np.where(influence > 0, influence, 1.0)
    known = ~left & ~np.isnan(stance)
    total = rows.total(weight, known)
    out["stance"] = np.where(
        total > 0,
        rows.total(np.where(known, stance, 0.0) * weight, known) / np.where(total > 0, total, 1.0),
        np.nan,
    )
    confirmed = rows.date("confirmed")
    recent = (confirmed <= cutoff) & within(confirmed, cutoff, CONFIRMED_DAYS)
    out["confirmed_share"] = (
        rows.mean(recent.astype(float), ~left) if book.has("contacts", "confirmed") else np.nan
    )
    out["last"] = rows.latest(np.where(confirmed <= cutoff, confirmed, np.datetime64("NaT")))
    return out


def gone_titles(rows: pd.DataFrame) -> Mask:
    """Which contacts have left, by their title: （已离职）, 离职, (left), former at its end."""
    if "title" not in rows:
        return np.zeros(len(rows), dtype=bool)
    return (
        rows["title"].astype("str").str.contains(LEFT, case=False, regex=True, na=False).to_numpy(dtype=bool)
    )


def visits(book: Book, cutoff: pd.Timestamp) -> pd.DataFrame | None:
    """``visits`` in the 90 days to the cut-off, ``visits_before``: in the 180 days before, per 90 days,
    ``days_since`` the last, ``advance_share``: of the visits of the last 365 days with an outcome,
    ``last``.
    """
    rows = rows_to(book, "visits", "date", cutoff)
    if rows is None:
        return None
    day = rows.date("date")
    out = rows.frame()
    out["visits"] = rows.count(within(day, cutoff, 90)) if rows.covers(cutoff, 90, 0) else np.nan
    before = min(
        180, int((cutoff - pd.Timedelta(days=90) - rows.first).days) + 1
    )  # days of these 180 that the log covers
    out["visits_before"] = (
        rows.count(within(day, cutoff, 180, 90)) * (90 / before) if before >= 90 else np.nan
    )
    out["last"] = rows.latest(day)
    out["days_since"] = (cutoff - out["last"]).dt.days.astype("float64")
    out["advance_share"] = rows.mean(
        rows.says("outcome", "advance").astype(float), within(day, cutoff, 365) & rows.told("outcome")
    )
    return out[["visits", "visits_before", "days_since", "advance_share", "last"]]


def competition(book: Book, cutoff: pd.Timestamp) -> pd.DataFrame | None:
    """``lost_deals`` to a named competitor, closed in the 365 days to the cut-off, and ``lost_before`` in the
    365 before; ``last`` (the date of the last such loss); for the present only ``rival_share`` (the
    strongest rival's share of the account's purchases, categories weighted by spend) and ``wallet_share``
    (ours, 0 to 1). None without deals that name a competitor and without a wallet.
    """
    rows = rows_to(book, "opportunities", "closed", cutoff, needed=("competitor",))
    shares = wallet(book, cutoff)
    if rows is None and shares is None:
        return None
    out = pd.DataFrame(index=book.accounts.index) if rows is None else rows.frame()
    if rows is None:
        out = out.assign(lost_deals=np.nan, lost_before=np.nan, last=pd.NaT)
    else:
        closed = rows.date("closed")
        lost = (outcome(rows.whole, cutoff) == "lost").to_numpy()[rows.where]
        lost &= rows.told("competitor") & ~rows.says("competitor", "")
        out["lost_deals"] = (
            rows.count(lost & within(closed, cutoff, 365)) if rows.covers(cutoff, 365, 0) else np.nan
        )
        out["lost_before"] = (
            rows.count(lost & within(closed, cutoff, 365, 365)) if rows.covers(cutoff, 365, 365) else np.nan
        )
        out["last"] = rows.latest(np.where(lost, closed, np.datetime64("NaT")))
    for column in ("rival_share", "wallet_share"):
        out[column] = np.nan if shares is None else shares[column]
    return out[["lost_deals", "lost_before", "rival_share", "wallet_share", "last"]]


def wallet(book: Book, cutoff: pd.Timestamp) -> pd.DataFrame | None:
    """Per account what it purchases of what we sell (``spend`` a year, over all categories), our
    ``wallet_share`` of it and the strongest rival's ``rival_share`` (0 to 1, categories weighted by
    spend). None for a day before the data end: see above.
    """
    if cutoff < book.seen_to or not book.has("wallet", "spend"):
        return None
    rows, index = book.table("wallet"), book.accounts.index
    out = pd.DataFrame({"spend": rows.groupby("account_id")["spend"].sum().reindex(index).astype("float64")})
    out["rival_share"] = np.nan
    if book.has("wallet", "top_competitor_share"):
        known = rows.dropna(subset=["top_competitor_share"])
        theirs = (known["top_competitor_share"] * known["spend"]).groupby(known["account_id"]).sum()
        spend = known.groupby("account_id")["spend"].sum()
        out["rival_share"] = (theirs / spend.where(spend > 0)).reindex(index)
    out["wallet_share"] = (
        purchases.revenue(book).reindex(index) / out["spend"].where(out["spend"] > 0)
    ).clip(0, 1)
    return out


Mask = np.ndarray  # of bool, one per row


@dataclass(frozen=True)
class DatedRows:
    """Rows of a table: ``whole`` and their places in it, each with the place of its account in ``index``;
    ``first``: the first day.
    """

    whole: pd.DataFrame
    where: np.ndarray
    codes: np.ndarray
    index: pd.Index
    first: pd.Timestamp

    def frame(self) -> pd.DataFrame:
        return pd.DataFrame(index=self.index)

    def date(self, column: str) -> np.ndarray:
        if column not in self.whole:
            return np.full(len(self.where), np.datetime64("NaT"), dtype="datetime64[us]")
        return self.whole[column].to_numpy(dtype="datetime64[us]")[self.where]

    def number(self, column: str) -> np.ndarray:
        if column not in self.whole:
            return np.full(len(self.where), np.nan)
        return self.whole[column].to_numpy(dtype=float, na_value=np.nan)[self.where]

    def told(self, column: str) -> Mask:
        """Where the column says something."""
        if column not in self.whole:
            return np.zeros(len(self.where), dtype=bool)
        return self.whole[column].notna().to_numpy(dtype=bool)[self.where]

    def flag(self, column: str) -> Mask:
        """A column of yes and no."""
        return self.whole[column].to_numpy(dtype=bool)[self.where]

    def says(self, column: str, value: str) -> Mask:
        if column not in self.whole:
            return np.zeros(len(self.where), dtype=bool)
        return (self.whole[column] == value).to_numpy(dtype=bool, na_value=False)[self.where]

    def count(self, mask: Mask) -> np.ndarray:
        return np.bincount(self.codes[mask], minlength=len(self.index))

    def total(self, values: np.ndarray, mask: Mask) -> np.ndarray:
        mask = mask & ~np.isnan(values)
        return np.bincount(self.codes[mask], values[mask], len(self.index))

    def mean(self, values: np.ndarray, mask: Mask) -> np.ndarray:
        mask = mask & ~np.isnan(values)
        number = self.count(mask)
        return np.where(number > 0, self.total(values, mask) / np.maximum(number, 1), np.nan)

    def largest(self, values: np.ndarray, mask: Mask, empty: float) -> np.ndarray:
        mask = mask & ~np.isnan(values)
        out = np.full(len(self.index), -np.inf)
        np.maximum.at(out, self.codes[mask], values[mask])
        return np.where(np.isfinite(out), out, empty)

    def latest(self, dates: np.ndarray) -> np.ndarray:
        known = ~np.isnat(dates)
        out = np.full(len(self.index), np.iinfo("int64").min)  # which is how NaT is written
        np.maximum.at(out, self.codes[known], dates[known].astype("datetime64[us]").astype("int64"))
        return out.astype("datetime64[us]")

    def covers(self, cutoff: pd.Timestamp, days: int, ended: int) -> bool:
        """Whether the table reaches back over at least half of the ``days`` that end ``ended`` days before
        the cut-off.
        """
        return bool(self.first <= cutoff - pd.Timedelta(days=ended + days // 2))


def rows_to(
    book: Book, table: str, column: str, cutoff: pd.Timestamp, needed: tuple[str, ...] = ()
) -> DatedRows | None:
    """The rows, of accounts of the Book, dated (``column``) up to the cut-off; None without the table, a
    needed column or any such row.
    """
    if not book.has(table, column, *needed):
        return None
    dates = book.table(table)[column].to_numpy(dtype="datetime64[us]")
    seen = dates <= np.datetime64(cutoff)
    rows = rows_of(book, table, seen)
    return None if not len(rows.where) else replace(rows, first=pd.Timestamp(dates[seen].min()))


def rows_of(book: Book, table: str, mask: Mask | None = None) -> DatedRows:
    whole = book.table(table)
    codes = book.account_codes(table)
    where = np.flatnonzero(codes >= 0 if mask is None else mask & (codes >= 0))
    return DatedRows(whole, where, codes[where], book.accounts.index, pd.NaT)


def within(dates: np.ndarray, cutoff: pd.Timestamp, days: int, ended: int = 0) -> Mask:
    """Dates in the ``days`` days that end ``ended`` days before the cut-off, its last day included."""
    end = np.datetime64(cutoff - pd.Timedelta(days=ended))
    return (dates <= end) & (dates > end - np.timedelta64(days, "D"))


def days_of(spans: np.ndarray) -> np.ndarray:
    return spans.astype("timedelta64[us]").astype(float) / 86_400e6 * np.where(np.isnat(spans), np.nan, 1.0)


def members(book: Book, accounts: pd.Index) -> np.ndarray:
    """Which accounts of the Book are among ``accounts``, as a mask with one more place, False, for code −1."""
    out = np.zeros(len(book.accounts.index) + 1, dtype=bool)
    place = book.accounts.index.get_indexer(accounts)
    out[place[place >= 0]] = True
    return out
