"""What each table beside the transactions tells of every account on a day, from rows dated up to that day
only.

Every reader takes the Book and a cut-off and gives one row per account of the Book (index account_id), or
None where the table, a column it needs or any row up to the cut-off is missing. What happened after the
cut-off has not happened: an invoice paid, a ticket closed or an order delivered later counts as unpaid,
open, undelivered. Counts are 0 for an account without rows; means, shares and dates are missing. A window
that the table covers by less than half (its first row lies later) is missing for everyone: months in which
nothing was recorded are not months in which nothing happened.

``contacts`` and ``wallet`` carry no history: they tell how things stand now. Read for a past day they would
tell the future (who has left since, who was not confirmed since because the account is gone), so they are
read for the present only: for a day before the data end these readers give None.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.measures import purchases
from kamplay.method.measures.deals import deals_lost
from kamplay.method.measures.receivables import bills_on

LEFT = r"(?:已离职|离职|已调离|left|former)\s*[)）\]】]?\s*$"  # a title that ends so marks one who has left
TOP_LAYERS = ("image", "decision")
CHAMPION = 2  # the stance of one who speaks for us
CONFIRMED_DAYS = 365  # a contact confirmed longer ago is not known to be there still
BADLY_LATE = 3  # days
VISITS_OF_HABIT = 4  # visits in a year from which a usual gap between them is told
# what a score without a scale is out of: the least of these that holds the highest score
OF = 5  # on which scale scores are told, whatever each was asked on
SCALES = (1.0, 5.0, 10.0, 100.0)


def payments(book: Book, cutoff: pd.Timestamp) -> pd.DataFrame | None:
    """Read how an account pays.

    Without any paid_date the table is a list of what is open now: nothing is known of invoices paid, days
    late are missing, and a past day cannot be read at all.

    Returns
    -------
    DataFrame or None
        ``open`` and ``overdue`` (amounts), ``overdue_share`` of open, ``oldest`` (days overdue of the oldest
        bill, 0 without), ``bills_overdue`` (number), ``days_late`` (mean of the invoices due in the 180 days
        to the cut-off, unpaid ones counted up to it, early ones negative), ``days_late_before`` (of those
        due in the 365 days before these), ``last`` (date of the last invoice or payment).
    """
    rows = rows_until(book, "receivables", "invoice_date", cutoff, needed=("due_date", "amount"))
    has_payments = book.has("receivables", "paid_date")
    if rows is None or (not has_payments and cutoff < book.seen_to):
        return None
    bills = replace(rows, table=bills_on(book, cutoff))
    unpaid, late = bills.flag("open"), bills.flag("overdue")
    due, days, amount = bills.date("due_date"), bills.number("days_late"), bills.number("amount")
    out = rows.frame()
    out["open"] = rows.total(amount, unpaid)
    out["overdue"] = rows.total(amount, late)
    out["oldest"] = rows.largest(days, late, empty=0.0)
    out["bills_overdue"] = rows.count(late & (amount > 0))
    share = out["overdue"] / out["open"].where(out["open"] > 0, 1.0)
    out["overdue_share"] = np.where(out["open"] > 0, share, 0.0)
    known = (amount > 0) & has_payments
    out["days_late"] = rows.mean(days, known & within(due, cutoff, 180))
    out["days_late_before"] = rows.mean(days, known & within(due, cutoff, 365, 180))
    paid = np.where(unpaid, np.datetime64("NaT"), bills.date("until"))
    out["last"] = rows.latest(np.fmax(rows.date("invoice_date"), paid))
    return out


def deliveries(book: Book, cutoff: pd.Timestamp) -> pd.DataFrame | None:
    """Read how we deliver to an account.

    Returns
    -------
    DataFrame or None
        ``on_time`` and ``in_full`` (shares of the ``orders`` promised for the 180 days to the cut-off; an
        undelivered one is neither; ``orders_counted`` of them have both quantities), ``on_time_before`` (of
        the ``orders_before`` promised in the 365 days before), ``badly_late`` and ``badly_late_before``
        (shares more than BADLY_LATE days late, or not there so long after the promise),
        ``badly_late_lately`` (whether one turned so late in the last 90 days), ``last`` (last promised
        date).
    """
    rows = rows_until(book, "deliveries", "promised_date", cutoff, needed=("delivered_date",))
    if rows is None:
        return None
    promised, delivered = rows.date("promised_date"), rows.date("delivered_date")
    arrived = delivered <= cutoff
    settled = arrived | (promised < cutoff)  # what is due on the very day may still come
    now, before = settled & within(promised, cutoff, 180), settled & within(promised, cutoff, 365, 180)
    out = rows.frame()
    on_time = (arrived & (delivered <= promised)).astype(float)
    out["on_time"] = rows.mean(on_time, now)
    ordered, came = rows.number("ordered"), np.where(arrived, rows.number("delivered"), 0.0)
    full = np.where(np.isnan(ordered) | np.isnan(came), np.nan, (came >= ordered).astype(float))
    out["in_full"] = rows.mean(full, now)
    out["orders_counted"] = rows.count(now & ~np.isnan(full))
    out["on_time_before"] = rows.mean(on_time, before)
    out["orders"], out["orders_before"] = rows.count(now), rows.count(before)
    turned, late = badly_late(rows, cutoff)
    out["badly_late"] = rows.mean(late.astype(float), now)
    out["badly_late_before"] = rows.mean(late.astype(float), before)
    out["badly_late_lately"] = rows.count(late & within(turned, cutoff, 90)) > 0
    out["last"] = rows.latest(promised)
    return out


def badly_late(rows: DatedRows, cutoff: pd.Timestamp) -> tuple[np.ndarray, Mask]:
    """The day on which each delivery is more than BADLY_LATE days late, and whether it was by the cut-off."""
    promised, delivered = rows.date("promised_date"), rows.date("delivered_date")
    turned = promised + np.timedelta64(BADLY_LATE + 1, "D")
    return turned, np.where(delivered <= cutoff, delivered, np.datetime64(cutoff)) >= turned


def tickets(book: Book, cutoff: pd.Timestamp) -> pd.DataFrame | None:
    """Read what an account complains of.

    Returns
    -------
    DataFrame or None
        ``complaints`` opened in the 180 days to the cut-off, ``complaints_before`` in the 180 before,
        ``open_complaints``, ``past_due`` (open complaints whose due date has passed), ``days_to_close``
        (mean, of all tickets closed in the 365 days), ``last_complaint`` and ``last`` (dates of the last
        complaint and of the last ticket of any kind). Without kinds all on complaints is missing; without
        due dates ``past_due`` is.
    """
    rows = rows_until(book, "tickets", "opened", cutoff)
    if rows is None:
        return None
    opened, closed = rows.date("opened"), rows.date("closed")
    kinds = book.has("tickets", "kind")
    complaint = rows.equals("kind", "complaint")
    still = complaint & ~(closed <= cutoff)
    now, before = complaint & within(opened, cutoff, 180), complaint & within(opened, cutoff, 180, 180)
    past_due = still & (rows.date("due") < cutoff)
    out = rows.frame()
    out["complaints"] = rows.count(now) if kinds and rows.covers(cutoff, 180) else np.nan
    out["complaints_before"] = rows.count(before) if kinds and rows.covers(cutoff, 180, 180) else np.nan
    out["open_complaints"] = rows.count(still) if kinds else np.nan
    out["past_due"] = rows.count(past_due) if kinds and book.has("tickets", "due") else np.nan
    out["days_to_close"] = rows.mean(to_days(closed - opened), within(closed, cutoff, 365))
    out["last_complaint"] = rows.latest(np.where(complaint, opened, np.datetime64("NaT")))
    out["last"] = rows.latest(opened)
    return out


def surveys(book: Book, cutoff: pd.Timestamp) -> pd.DataFrame | None:
    """Read how satisfied an account says it is.

    Returns
    -------
    DataFrame or None
        ``score`` (latest, 0 to 1 of its scale; answers of one day as their mean), ``score_before`` and
        ``variance_before`` (mean and variance of the earlier days'), ``scored`` (number of days with an
        answer), ``nps`` (latest recommendation, 0 to 10), ``last`` (date).
    """
    rows = rows_until(book, "surveys", "date", cutoff, needed=("score",))
    if rows is None:
        return None
    answers = scores_by_day(rows)
    newest = answers["date"] == answers.groupby("code")["date"].transform("max")
    index = np.arange(len(rows.index))
    latest = answers[newest].set_index("code")
    recommended = answers.dropna(subset=["nps"]).drop_duplicates("code", keep="last").set_index("code")["nps"]
    out = rows.frame()
    out["score"] = latest["score"].reindex(index).to_numpy()
    earlier = answers[~newest].groupby("code")["score"].agg(["mean", "var"]).reindex(index)
    out["score_before"], out["variance_before"] = earlier["mean"].to_numpy(), earlier["var"].to_numpy()
    out["scored"] = answers.groupby("code").size().reindex(index).fillna(0).to_numpy(dtype=int)
    out["nps"] = recommended.reindex(index).to_numpy()
    out["last"] = latest["date"].reindex(index).to_numpy()
    return out


def scaled_scores(rows: DatedRows) -> np.ndarray:
    """Divide survey scores by their scale, 0 to 1; what carries no scale is out of the least of SCALES that
    holds all such scores.
    """
    table, scale = rows.table, rows.number("scale")
    known = table["date"] <= rows.date("date").max()  # a later answer may be on another scale
    highest = table.loc[known & table["scale"].isna() if "scale" in table else known, "score"].max()
    usual = next((s for s in SCALES if highest <= s), float(highest) if highest == highest else 1.0)
    return np.clip(rows.number("score") / np.where(scale > 0, scale, usual), 0, 1)


def scores_by_day(rows: DatedRows) -> pd.DataFrame:
    """Survey answers as one row per account (column ``code``) and day, by date: ``score`` 0 to 1, ``nps``."""
    columns = {"code": rows.codes, "date": rows.date("date"), "score": scaled_scores(rows)}
    out = pd.DataFrame(columns | {"nps": rows.number("nps")})
    out = out[out["score"].notna()]
    if out.duplicated(["code", "date"]).any():
        out = out.groupby(["code", "date"], as_index=False).mean()
    return out.sort_values("date", kind="stable")


def contacts(book: Book, cutoff: pd.Timestamp) -> pd.DataFrame | None:
    """Read whom we know at an account; who has left counts for nothing but ``gone``.

    Returns
    -------
    DataFrame or None
        ``contacts`` (number still there), ``layers`` (different ones among them), ``champions`` (of stance
        2), ``gone`` (number who have left), ``top_layer_gone`` (somebody of the image or decision layer
        left, and nobody of that layer is there), ``top`` (somebody of these layers is there),
        ``champion_gone`` (top_layer_gone, or who spoke for us left and nobody does), ``single_thread`` (one
        person only), ``stance`` (mean −2 to 2, weighted by influence), ``confirmed_share`` (confirmed in the
        last 365 days), ``last`` (date of confirmation).
    """
    if cutoff < book.seen_to or not book.has("contacts"):
        return None
    rows = rows_of(book, "contacts")
    gone = has_left(rows.table)[rows.places]
    stance, influence = rows.number("stance"), rows.number("influence")
    champion = stance >= CHAMPION
    out = rows.frame()
    out["contacts"] = rows.count(~gone)
    out["layers"] = rows.distinct("layer", ~gone) if book.has("contacts", "layer") else np.nan
    out["champions"] = rows.count(~gone & champion) if book.has("contacts", "stance") else np.nan
    out["gone"] = rows.count(gone)
    lost, top = np.zeros(len(rows.index), dtype=bool), np.zeros(len(gone), dtype=bool)
    for layer in TOP_LAYERS:
        here = rows.equals("layer", layer)
        lost |= (rows.count(gone & here) > 0) & (rows.count(~gone & here) == 0)
        top |= here
    out["top_layer_gone"] = lost
    out["top"] = rows.count(~gone & top) > 0
    out["champion_gone"] = lost | ((rows.count(gone & champion) > 0) & ~(rows.count(~gone & champion) > 0))
    out["single_thread"] = out["contacts"] == 1
    weight = np.where(influence > 0, influence, 1.0)
    known = ~gone & ~np.isnan(stance)
    total = rows.total(weight, known)
    weighted = rows.total(np.where(known, stance, 0.0) * weight, known)
    out["stance"] = np.where(total > 0, weighted / np.where(total > 0, total, 1.0), np.nan)
    confirmed = rows.date("confirmed")
    recent = within(confirmed, cutoff, CONFIRMED_DAYS).astype(float)
    out["confirmed_share"] = rows.mean(recent, ~gone) if book.has("contacts", "confirmed") else np.nan
    out["last"] = rows.latest(np.where(confirmed <= cutoff, confirmed, np.datetime64("NaT")))
    return out


def has_left(contacts: pd.DataFrame) -> Mask:
    """Tell which contacts have left, by the end of their title: （已离职）, 离职, (left), former."""
    if "title" not in contacts:
        return np.zeros(len(contacts), dtype=bool)
    titles = contacts["title"].astype("str")
    return titles.str.contains(LEFT, case=False, regex=True, na=False).to_numpy(dtype=bool)


def visits(book: Book, cutoff: pd.Timestamp) -> pd.DataFrame | None:
    """Read how often an account is visited, and with what success.

    Returns
    -------
    DataFrame or None
        ``visits`` in the 90 days to the cut-off, ``visits_before`` (in the 180 days before, per 90 days),
        ``days_since`` the last, ``usual_gap`` (mean days between visits in the 365 days to the last one,
        from VISITS_OF_HABIT visits on) and ``gaps`` (their number), ``advance_share`` (of the
        visits of the last 365 days with an outcome), ``last`` (date).
    """
    rows = rows_until(book, "visits", "date", cutoff)
    if rows is None:
        return None
    date = rows.date("date")
    out = rows.frame()
    out["visits"] = rows.count(within(date, cutoff, 90)) if rows.covers(cutoff, 90) else np.nan
    # days of these 180 that the log covers
    covered = min(180, int((cutoff - pd.Timedelta(days=90) - rows.first).days) + 1)
    before = rows.count(within(date, cutoff, 180, 90))
    out["visits_before"] = before * (90 / covered) if covered >= 90 else np.nan
    out["last"] = rows.latest(date)
    out["days_since"] = (cutoff - out["last"]).dt.days.astype("float64")
    out["usual_gap"], out["gaps"] = _usual_gap(rows, out["last"].to_numpy())
    advance = rows.equals("outcome", "advance").astype(float)
    out["advance_share"] = rows.mean(advance, within(date, cutoff, 365) & rows.known("outcome"))
    return out[["visits", "visits_before", "days_since", "usual_gap", "gaps", "advance_share", "last"]]


def _usual_gap(rows: DatedRows, last: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean days between an account's visits in the 365 days to its last one, and how many gaps these are."""
    day = rows.date("date").astype("datetime64[D]").astype("int64")
    end = last.astype("datetime64[D]").astype("int64")
    inside = day > end[rows.codes] - 365
    first = end.copy()
    np.minimum.at(first, rows.codes[inside], day[inside])
    number = rows.count(inside)
    gaps = np.maximum(number - 1, 0)
    return np.where(number >= VISITS_OF_HABIT, (end - first) / np.maximum(gaps, 1), np.nan), gaps


def competition(book: Book, cutoff: pd.Timestamp) -> pd.DataFrame | None:
    """Read what competitors win at an account.

    Returns
    -------
    DataFrame or None
        ``lost_deals`` (to a named competitor, closed in the 365 days to the cut-off), ``lost_before`` (in
        the 365 before), ``rival_share`` and ``wallet_share`` (as ``wallet``), ``last`` (date of the last
        such loss). None without deals that name a competitor and without a wallet.
    """
    rows = rows_until(book, "opportunities", "closed", cutoff, needed=("competitor",))
    shares = wallet(book, cutoff)
    if rows is None and shares is None:
        return None
    if rows is None:
        out = pd.DataFrame(index=book.accounts.index)
        out = out.assign(lost_deals=np.nan, lost_before=np.nan, last=pd.NaT)
    else:
        out = rows.frame()
        closed = rows.date("closed")
        lost = deals_lost(book)[rows.places]  # all closed by the cut-off
        lost &= rows.known("competitor") & ~rows.equals("competitor", "")
        now, before = lost & within(closed, cutoff, 365), lost & within(closed, cutoff, 365, 365)
        out["lost_deals"] = rows.count(now) if rows.covers(cutoff, 365) else np.nan
        out["lost_before"] = rows.count(before) if rows.covers(cutoff, 365, 365) else np.nan
        out["last"] = rows.latest(np.where(lost, closed, np.datetime64("NaT")))
    for column in ("rival_share", "wallet_share"):
        out[column] = np.nan if shares is None else shares[column]
    return out[["lost_deals", "lost_before", "rival_share", "wallet_share", "last"]]


def wallet(book: Book, cutoff: pd.Timestamp) -> pd.DataFrame | None:
    """Read an account's purchases of what we sell.

    Returns
    -------
    DataFrame or None
        ``spend`` (a year, over all categories), ``wallet_share`` (ours, 0 to 1), ``rival_share`` (the
        strongest rival's, categories weighted by spend).
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
    ours = purchases.revenue(book).reindex(index) / out["spend"].where(out["spend"] > 0)
    out["wallet_share"] = ours.clip(0, 1)
    return out


Mask = np.ndarray  # of bool, one per row


@dataclass(frozen=True)
class DatedRows:
    """Some rows of a table, to be summed up by account.

    ``table``: the whole table; ``places`` (rows,): the rows' places in it; ``codes`` (rows,): the place of
    each one's account in ``index``; ``first``: the first day. Columns and masks are arrays (rows,), sums
    arrays (accounts,).
    """

    table: pd.DataFrame
    places: np.ndarray
    codes: np.ndarray
    index: pd.Index
    first: pd.Timestamp

    def frame(self) -> pd.DataFrame:
        return pd.DataFrame(index=self.index)

    def date(self, column: str) -> np.ndarray:
        if column not in self.table:
            return np.full(len(self.places), np.datetime64("NaT"), dtype="datetime64[us]")
        return self.table[column].to_numpy(dtype="datetime64[us]")[self.places]

    def number(self, column: str) -> np.ndarray:
        if column not in self.table:
            return np.full(len(self.places), np.nan)
        return self.table[column].to_numpy(dtype=float, na_value=np.nan)[self.places]

    def flag(self, column: str) -> Mask:
        """A column of yes and no."""
        return self.table[column].to_numpy(dtype=bool)[self.places]

    def known(self, column: str) -> Mask:
        """Where the column is filled."""
        if column not in self.table:
            return np.zeros(len(self.places), dtype=bool)
        return self.table[column].notna().to_numpy(dtype=bool)[self.places]

    def equals(self, column: str, value: str) -> Mask:
        if column not in self.table:
            return np.zeros(len(self.places), dtype=bool)
        return (self.table[column] == value).to_numpy(dtype=bool, na_value=False)[self.places]

    def count(self, mask: Mask) -> np.ndarray:
        return np.bincount(self.codes[mask], minlength=len(self.index))

    def distinct(self, column: str, mask: Mask) -> np.ndarray:
        """How many different values of the column an account has."""
        kind = pd.factorize(self.table[column])[0][self.places]
        mask = mask & (kind >= 0)
        pairs = np.unique(np.column_stack([self.codes[mask], kind[mask]]), axis=0)
        return np.bincount(pairs[:, 0], minlength=len(self.index))

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

    def covers(self, cutoff: pd.Timestamp, days: int, ended: int = 0) -> bool:
        """Whether the table reaches back over at least half of the ``days`` that end ``ended`` days before
        the cut-off."""
        return bool(self.first <= cutoff - pd.Timedelta(days=ended + days // 2))


def rows_until(
    book: Book, table: str, column: str, cutoff: pd.Timestamp, needed: tuple[str, ...] = ()
) -> DatedRows | None:
    """Select the rows, of accounts of the Book, dated (``column``) up to the cut-off.

    Returns
    -------
    DatedRows or None
        None without the table, its date, a ``needed`` column or any such row.
    """
    if not book.has(table, column, *needed):
        return None
    dates = book.table(table)[column].to_numpy(dtype="datetime64[us]")
    seen = dates <= np.datetime64(cutoff)
    rows = rows_of(book, table, seen)
    return None if not len(rows.places) else replace(rows, first=pd.Timestamp(dates[seen].min()))


def rows_of(book: Book, table: str, mask: Mask | None = None) -> DatedRows:
    """Select the rows of accounts of the Book, whenever dated."""
    codes = book.account_codes(table)
    places = np.flatnonzero(codes >= 0 if mask is None else mask & (codes >= 0))
    return DatedRows(book.table(table), places, codes[places], book.accounts.index, pd.NaT)


def within(dates: np.ndarray, cutoff: pd.Timestamp, days: int, ended: int = 0) -> Mask:
    """Tell which dates lie in the ``days`` days that end ``ended`` days before the cut-off, its last day
    included."""
    end = np.datetime64(cutoff - pd.Timedelta(days=ended))
    return (dates <= end) & (dates > end - np.timedelta64(days, "D"))


def to_days(spans: np.ndarray) -> np.ndarray:
    """Convert spans of time to days as float, NaN where one is missing."""
    return spans.astype("timedelta64[us]").astype(float) / 86_400e6 * np.where(np.isnat(spans), np.nan, 1.0)


def members(book: Book, accounts: pd.Index) -> Mask:
    """Tell which accounts of the Book are among ``accounts``, with one more place, False, for code −1."""
    out = np.zeros(len(book.accounts.index) + 1, dtype=bool)
    place = book.accounts.index.get_indexer(accounts)
    out[place[place >= 0]] = True
    return out
