"""From order to cash: how long an order takes to be delivered, invoiced and paid, and what is still open on
the way: orders not delivered, deliveries that came short, bills not paid.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.measures import features_at, purchases
from kamplay.method.measures.receivables import JUST_LATE, paid_between
from kamplay.method.noise_gate import FALSE_SHARE, SPENT, beyond_chance, family_look
from kamplay.method.results import Findings, Severity
from kamplay.method.value.credit import Credit, credit

YEAR = 365  # days
CURRENT_DAYS = 31  # tables that end longer before as_of do not tell what was delivered or paid since
# days after which a short delivery is taken for settled or given up; the window of the in-full rate
SHORT_DAYS = 180
REACH_DAYS = 182  # before a day, from which a table must begin to hold all that was open on the day
STAGES = ("delivery", "invoice", "collection")
MIN_LINKED = 0.5  # of the invoices: below it days to invoice would speak of a chosen few
MIN_CASES = 5  # orders or bills behind a median, or an account's rate, that is compared with another
# days from the order within which an invoice of exactly its amount is taken for its invoice
INVOICE_DAYS = (-31, 93)
OPEN_COLUMNS = ["account_id", "kind", "open", "amount", "oldest", "priced"]
# a stage is slower when it takes a tenth and two days more than the year before
SLOWER_SHARE, SLOWER_DAYS = 0.1, 2.0
MIN_FALL = 0.1  # of an account's on-time rate, against the year before
# hardly any account is always on time, however few orders say so
USUAL_RATES = (0.02, 0.95)
MIN_PRICED = 0.95  # of the open deliveries: below it their amount is said to be a part


@dataclass(frozen=True)
class OrderToCash:
    """How long the stages take, and what is open between order and cash.

    Attributes
    ----------
    stages : one row a stage of STAGES: days and days_before (median days of the 12 months and of the 12
        before, order to delivery and order to invoice; for collection the mean from invoice to payment,
        weighted by amount), cases and cases_before, open and open_before (items open now and a year ago),
        stuck (amount of those open now). Missing where the tables do not tell.
    accounts : index account_id, those with deliveries or bills, the largest amount stuck first: on_time and
        in_full (share of the orders promised for the last 180 days, with their number ``orders``),
        on_time_before (of the year before), to_deliver and to_collect (days), late_orders and late_amount,
        short_orders and short_amount, bills and overdue (amount), open and stuck (their sums), oldest (days
        past its date), oldest_goods, oldest_bill, acts (who acts first: ``delivery`` or ``finance``; None
        where nothing is open), revenue.
    figures : deliveries, receivables (whether the tables are there), open, stuck, accounts, linked (share of
        the year's invoices tied to an order), linked_by (``id`` or ``amount``), priced (share of the open
        deliveries whose order's amount is known), ended (ISO: the day on which the deliveries or the bills
        end, where that is over a month before as_of; else None) and days_since.
    """

    stages: pd.DataFrame = field(default_factory=pd.DataFrame)
    accounts: pd.DataFrame = field(default_factory=pd.DataFrame)
    figures: dict[str, Any] = field(default_factory=dict)


def order_to_cash(book: Book) -> OrderToCash:
    """Follow the orders to their payment, as known at as_of and a year before.

    Days from the order need its own date: the lines of transactions, which come from files only.

    Returns
    -------
    Empty without deliveries and receivables.
    """
    now = pd.Timestamp(book.as_of)
    has_deliveries, has_bills = book.has("deliveries", "delivered_date"), book.has("receivables")
    if not has_deliveries and not has_bills:
        return OrderToCash()
    orders = _orders(book)
    deliveries, (invoices, linked_by) = _deliveries(book, orders), _invoices(book, orders)
    standing = credit(book)
    items = _open_items(book, deliveries, now)
    accounts = _accounts(book, items, deliveries, standing.accounts["days_to_pay"], now)
    goods = items[items["kind"] != "overdue"]
    is_recent = invoices["invoice_date"].between(now - pd.Timedelta(days=YEAR - 1), now)
    ended = _ended(book, now)
    figures = {
        "deliveries": has_deliveries,
        "receivables": has_bills,
        "open": int(accounts["open"].sum()),
        "stuck": float(accounts["stuck"].sum()),
        "accounts": int((accounts["open"] > 0).sum()),
        "linked": float(invoices.loc[is_recent, "days"].notna().mean()) if is_recent.any() else None,
        "linked_by": linked_by,
        "priced": float(goods["priced"].sum() / goods["open"].sum()) if goods["open"].sum() else None,
        "ended": str(ended.date()) if ended is not None else None,
        "days_since": (now - ended).days if ended is not None else None,
    }
    return OrderToCash(_stages(book, deliveries, invoices, standing, items, now), accounts, figures)


def _stages(
    book: Book,
    deliveries: pd.DataFrame,
    invoices: pd.DataFrame,
    standing: Credit,
    items: pd.DataFrame,
    now: pd.Timestamp,
) -> pd.DataFrame:
    before = now - pd.Timedelta(days=YEAR)
    out = pd.DataFrame(index=pd.Index(STAGES, name="stage"))
    for suffix, day, months_ago, collection in (
        ("", now, 0, standing.days_now),
        ("_before", before, 12, standing.days_before),
    ):
        paid = paid_between(book, *purchases.window_dates(book, 12, months_ago))
        medians = [_median(deliveries, "delivered_date", day), _median(invoices, "invoice_date", day)]
        days, cases = zip(*medians, (collection, len(paid)), strict=True)
        out[f"days{suffix}"], out[f"cases{suffix}"] = np.array(days, dtype=float), cases
    out["open"], out["stuck"] = _sums(
        items, book.has("deliveries", "delivered_date"), book.has("receivables")
    )
    # a table that does not reach back says nothing of what was open then
    out["open_before"], _ = _sums(
        _open_items(book, deliveries, before),
        book.has("deliveries", "delivered_date")
        and _reaches_back(book, "deliveries", "promised_date", before),
        book.has("receivables") and _reaches_back(book, "receivables", "invoice_date", before),
    )
    return out.reset_index()


def _median(rows: pd.DataFrame, column: str, end: pd.Timestamp) -> tuple[float | None, int]:
    """Median days, and their number, of what happened in the year to ``end``; None where too few, or too few
    of them, are known.
    """
    inside = rows[rows[column].between(end - pd.Timedelta(days=YEAR - 1), end)]
    known = inside["days"].dropna()
    if len(known) < MIN_CASES or len(known) < MIN_LINKED * len(inside):
        return None, len(known)
    return float(known.median()), len(known)


def _sums(items: pd.DataFrame, of_deliveries: bool, of_bills: bool) -> tuple[list[float], list[float]]:
    """Number and amount of the open items by stage; NaN where they are not known."""
    is_bill = items["kind"] == "overdue"
    parts = ((items[~is_bill], of_deliveries), (items[:0], False), (items[is_bill], of_bills))
    number = [float(part["open"].sum()) if known else np.nan for part, known in parts]
    return number, [float(part["amount"].sum()) if known else np.nan for part, known in parts]


def _reaches_back(book: Book, table: str, column: str, day: pd.Timestamp) -> bool:
    first = book.table(table)[column].min() if book.has(table, column) else pd.NaT
    return bool(first <= day - pd.Timedelta(days=REACH_DAYS))


def _ended(book: Book, now: pd.Timestamp) -> pd.Timestamp | None:
    """The first day on which one of the tables ends (its last delivery; its last bill or payment); None while
    both are current.
    """
    ends = []
    for table, columns in (
        ("deliveries", ["delivered_date"]),
        ("receivables", ["invoice_date", "paid_date"]),
    ):
        if book.has(table, columns[0]):
            rows = book.table(table)
            dates = pd.concat([rows[c] for c in columns if c in rows])
            ends.append(dates[dates <= now].max())
    end = min((day for day in ends if pd.notna(day)), default=now)
    return end if now - end > pd.Timedelta(days=CURRENT_DAYS) else None


def _order_key(account: pd.Series, order: pd.Series) -> pd.Index:
    """One text for an account's order: order numbers alone may repeat between accounts."""
    return pd.Index(account.astype("str") + "\x1f" + order.astype("str"))


def _orders(book: Book) -> pd.DataFrame:
    """Orders of the transaction lines by _order_key: account_id, date (the first), amount; empty without
    lines or order ids.
    """
    lines = book.tables.get("transactions")
    if lines is None or "order_id" not in lines:
        kinds = {"account_id": "str", "date": "datetime64[us]", "amount": "float64"}
        return pd.DataFrame(columns=list(kinds)).astype(kinds)
    known = lines["order_id"].notna() & lines["account_id"].notna() & (lines["amount"] > 0)
    lines = lines[known & (lines["date"] <= pd.Timestamp(book.as_of))]
    key = _order_key(lines["account_id"], lines["order_id"])
    keyed = lines[["account_id", "date", "amount"]].set_index(key)
    if keyed.index.is_unique:
        return keyed
    codes, keys = pd.factorize(keyed.index)
    by_order = keyed.reset_index(drop=True).groupby(codes)
    sums = by_order.agg(account_id=("account_id", "first"), date=("date", "min"), amount=("amount", "sum"))
    return sums.set_index(keys)


def _of_order(orders: pd.DataFrame, place: np.ndarray, column: str) -> np.ndarray:
    """The order's value for each row; missing where ``place`` is −1."""
    values = orders[column].to_numpy()
    blank = np.array([np.nan if column == "amount" else "NaT"], dtype=values.dtype)
    return np.append(values, blank)[place]  # −1 takes the last


def _deliveries(book: Book, orders: pd.DataFrame) -> pd.DataFrame:
    """The deliveries, one row each, with the amount of their order, the number of its parcels (rows) and the
    days since it was placed.
    """
    columns = ["account_id", "order_id", "promised_date", "delivered_date", "ordered", "delivered"]
    if not book.has("deliveries", "delivered_date"):
        return pd.DataFrame(columns=[*columns, "amount", "parcels", "days"])
    rows = book.table("deliveries").reindex(columns=columns).reset_index(drop=True)
    rows = rows[rows["account_id"].notna()]
    place = orders.index.get_indexer(_order_key(rows["account_id"], rows["order_id"]))
    known = place >= 0
    days = (rows["delivered_date"] - pd.Series(_of_order(orders, place, "date"), index=rows.index)).dt.days
    parcels = np.bincount(place[known], minlength=max(len(orders), 1))
    return rows.assign(
        amount=_of_order(orders, place, "amount"),
        parcels=np.where(known, parcels[place], 1),
        days=days.where(days >= 0).astype("float64"),
    )


def _invoices(book: Book, orders: pd.DataFrame) -> tuple[pd.DataFrame, str | None]:
    """Invoices with the days since their order was placed, and how they were tied to it.

    By number where invoices carry the order's; else by amount, where exactly one order of the account and
    exactly one invoice have it and the dates are near. What cannot be tied has no days.
    """
    if not book.has("receivables"):
        return pd.DataFrame(columns=["account_id", "invoice_date", "days"]), None
    rows = book.table("receivables")
    rows = rows[(rows["amount"] > 0) & (rows["invoice_date"] <= pd.Timestamp(book.as_of))]
    rows = rows.reindex(columns=["account_id", "invoice_id", "invoice_date", "amount"])
    place = orders.index.get_indexer(_order_key(rows["account_id"], rows["invoice_id"]))
    linked_by = "id"
    if not (place >= 0).any() and len(orders):
        linked_by, place = "amount", _orders_of_amount(orders, rows)
    placed = pd.Series(_of_order(orders, place, "date"), index=rows.index)
    days = (rows["invoice_date"] - placed).dt.days
    days = days.where(days.between(*INVOICE_DAYS)).astype("float64")
    rows = rows[["account_id", "invoice_date"]].assign(days=days)
    return rows, linked_by if days.notna().any() else None


def _orders_of_amount(orders: pd.DataFrame, invoices: pd.DataFrame) -> np.ndarray:
    """For each invoice the place of the one order of its account with the same amount, −1 without."""
    codes, _ = pd.factorize(pd.concat([orders["account_id"], invoices["account_id"]], ignore_index=True))
    cents = np.r_[orders["amount"].to_numpy(), invoices["amount"].to_numpy()] * 100
    keys = codes.astype("int64") * 2**42 + np.clip(cents.round(), 0, 2**42 - 1).astype("int64")
    of_orders, of_invoices = pd.Index(keys[: len(orders)]), pd.Index(keys[len(orders) :])
    single = np.flatnonzero(~of_orders.duplicated(keep=False))
    if not len(single):
        return np.full(len(invoices), -1)
    found = of_orders[single].get_indexer(of_invoices)
    return np.where((found >= 0) & ~of_invoices.duplicated(keep=False), single[found], -1)


def _open_items(book: Book, deliveries: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """What was open on a day, by account and kind: ``open`` (number), ``amount``, ``oldest`` (days),
    ``priced`` (number with an amount).

    late: promised before the day and not delivered. short: delivered in the SHORT_DAYS to the day, less than
    ordered, and not made good in a further delivery of the order. overdue: due before the day and not paid.
    """
    parts = []
    if len(deliveries):
        arrived = deliveries["delivered_date"] <= day
        late = deliveries[~arrived & (deliveries["promised_date"] < day)].drop_duplicates()
        # an order's amount stands once, however many of its parcels are late
        parts.append(_by_account(late, "late", late["amount"] / late["parcels"], day))
        short, missing = _short(deliveries[arrived], day)
        parts.append(_by_account(short, "short", missing, day))
    bills = features_at.payments(book, day)
    if bills is not None:
        bills = bills[bills["overdue"] > 0].rename_axis("account_id").reset_index()
        number = bills["bills_overdue"]
        bills = bills.assign(kind="overdue", open=number, amount=bills["overdue"], priced=number)
        parts.append(bills[OPEN_COLUMNS])
    parts = [part for part in parts if len(part)]
    if parts:
        return pd.concat(parts, ignore_index=True)
    numbers = {"open": "int64", "amount": "float64", "oldest": "float64", "priced": "int64"}
    return pd.DataFrame(columns=OPEN_COLUMNS).astype(numbers)


def _short(arrived: pd.DataFrame, day: pd.Timestamp) -> tuple[pd.DataFrame, pd.Series]:
    """Deliveries that came short in the SHORT_DAYS to the day, and the amount that is missing.

    Several rows of one order with the same quantity ordered are parcels of it, and count together.
    """
    since = day - pd.Timedelta(days=SHORT_DAYS)
    known = arrived[arrived["ordered"].notna() & arrived["delivered"].notna() & (arrived["ordered"] > 0)]
    lacking = known[(known["delivered"] < known["ordered"]) & (known["delivered_date"] > since)]
    known = known[known["order_id"].isin(lacking["order_id"])]  # few: what came in full need not be added up
    without_order = known["order_id"].isna()
    whole = (
        known[~without_order]
        .groupby(["account_id", "order_id", "ordered"], as_index=False)
        .agg({"promised_date": "min", "delivered_date": "max", "delivered": "sum", "amount": "first"})
    )
    rows = pd.concat([whole, known.loc[without_order, whole.columns]], ignore_index=True)
    is_due = ~(rows["promised_date"] > day)  # until then the rest may still come
    rows = rows[(rows["delivered_date"] > since) & is_due & (rows["delivered"] < rows["ordered"])]
    # an order may have several lines
    total = whole.groupby(["account_id", "order_id"])["ordered"].sum().rename("total")
    total = rows.join(total, on=["account_id", "order_id"])["total"]
    return rows, (rows["amount"] * (rows["ordered"] - rows["delivered"]) / total).astype("float64")


def _by_account(rows: pd.DataFrame, kind: str, amount: pd.Series, day: pd.Timestamp) -> pd.DataFrame:
    days = (day - pd.to_datetime(rows["promised_date"])).dt.days.astype("float64")
    each = pd.DataFrame({"account_id": rows["account_id"], "amount": amount, "days": days})
    sums = each.groupby("account_id").agg(
        open=("amount", "size"), amount=("amount", "sum"), oldest=("days", "max"), priced=("amount", "count")
    )
    return sums.reset_index().assign(kind=kind)[OPEN_COLUMNS]


def _accounts(
    book: Book, items: pd.DataFrame, deliveries: pd.DataFrame, days_to_pay: pd.Series, now: pd.Timestamp
) -> pd.DataFrame:
    """Every account with deliveries or bills, the largest amount stuck first."""
    index = pd.Index(_accounts_with_rows(book, now), name="account_id").sort_values()
    out = pd.DataFrame(index=index)
    rates = features_at.deliveries(book, now)
    for column in ("on_time", "in_full", "on_time_before", "orders", "orders_before"):
        out[column] = np.nan if rates is None else rates[column].reindex(index)
    in_year = deliveries["delivered_date"].between(now - pd.Timedelta(days=YEAR - 1), now)
    year = deliveries[in_year].astype({"days": "float64"})
    out["to_deliver"] = year.groupby("account_id")["days"].median().reindex(index)
    out["to_collect"] = days_to_pay.reindex(index).astype("float64")
    for kind, number, amount in (
        ("late", "late_orders", "late_amount"),
        ("short", "short_orders", "short_amount"),
        ("overdue", "bills", "overdue"),
    ):
        part = items[items["kind"] == kind].set_index("account_id")
        out[number] = part["open"].reindex(index).fillna(0).astype(int)
        out[amount] = part["amount"].reindex(index).fillna(0.0).astype("float64")
    out["open"] = out[["late_orders", "short_orders", "bills"]].sum(axis=1)
    out["stuck"] = out[["late_amount", "short_amount", "overdue"]].sum(axis=1)
    is_bill = items["kind"] == "overdue"
    for column, part in (
        ("oldest", items),
        ("oldest_goods", items[~is_bill]),
        ("oldest_bill", items[is_bill]),
    ):
        out[column] = part.groupby("account_id")["oldest"].max().reindex(index).astype("float64")
    goods, goods_amount = out["late_orders"] + out["short_orders"], out["late_amount"] + out["short_amount"]
    acts = np.where((goods > 0) & (goods_amount >= out["overdue"]), "delivery", "finance")
    out["acts"] = pd.Series(acts, index=index, dtype=object).where(out["open"] > 0, None)
    out["revenue"] = purchases.revenue(book).reindex(index).fillna(0.0)
    out["late_p_value"] = _late_p_values(out)
    return out.sort_values(["stuck", "open", "revenue"], ascending=False, kind="stable")


def _accounts_with_rows(book: Book, now: pd.Timestamp) -> np.ndarray:
    """The accounts of whose deliveries or bills something is known: an order promised for later and not
    delivered yet says nothing.
    """
    found = []
    for table, columns in (
        ("deliveries", ["promised_date", "delivered_date"]),
        ("receivables", ["invoice_date"]),
    ):
        if book.has(table):
            rows = book.table(table)
            known = pd.concat([rows[c] <= now for c in columns if c in rows], axis=1).any(axis=1)
            found.append(rows.loc[known.astype(bool), "account_id"].dropna())
    return np.asarray(pd.concat(found).unique())


def add_findings(found: Findings, result: OrderToCash) -> None:
    """Add what is open, the stages that became slower, the accounts delivered later than before, what is
    missing.
    """
    figures, accounts = result.figures, result.accounts
    if not figures:
        found.add("loop_unknown", "note", "loop_ask_for_both")
        return
    is_open = accounts["open"] > 0
    if is_open.any():
        _add_open(found, accounts[is_open], figures)
    else:
        found.add("loop_clean", "note", None, accounts=len(accounts))
    if is_open.any() and figures["ended"] is not None:
        ended = {"ended": figures["ended"], "days": figures["days_since"]}
        found.add("loop_ended", "watch", "loop_bring_up_to_date", **ended)
    for row in result.stages.itertuples():
        enough = min(row.cases, row.cases_before) >= MIN_CASES
        slower = row.days > row.days_before * (1 + SLOWER_SHARE)  # False where either is missing
        if enough and slower and row.days - row.days_before >= SLOWER_DAYS:
            days = {"now": row.days, "before": row.days_before}
            found.add(f"loop_slower_{row.stage}", "watch", "loop_find_cause", **days)
    later = _delivered_later(accounts).sort_values("revenue", ascending=False, kind="stable")
    if len(later):
        first = later.iloc[0]
        sums = {"count": len(later), "revenue": later["revenue"].sum()}
        rates = {"now": first["on_time"], "before": first["on_time_before"]}
        look = family_look(accounts["late_p_value"])
        found.add("loop_late", "watch", "loop_delivery_promise", later.index, **sums, **rates, look=look)
    if not figures["deliveries"]:
        found.add("loop_no_deliveries", "note", "loop_ask_for_deliveries")
    if not figures["receivables"]:
        found.add("loop_no_bills", "note", "loop_ask_for_bills")
    elif figures["linked"] is not None and figures["linked"] < MIN_LINKED:
        found.add("loop_not_linked", "note", "loop_link", linked=figures["linked"])
    elif figures["linked"] is not None and figures["linked_by"] == "amount":
        found.add("loop_linked_by_amount", "note", "loop_link", linked=figures["linked"])


def _add_open(found: Findings, accounts: pd.DataFrame, figures: dict[str, Any]) -> None:
    """``accounts``: those with open items."""
    first, goods = accounts.iloc[0], accounts["late_orders"] + accounts["short_orders"]
    number, late, short, bills = (
        int(accounts[column].sum()) for column in ("open", "late_orders", "short_orders", "bills")
    )
    sums = {"count": len(accounts), "open": number}
    oldest, goods_sums = accounts["oldest"].max(), {"late": late, "short": short}
    severity: Severity = "act" if oldest > JUST_LATE else "watch"
    if figures["stuck"] > 0:
        found.add(
            "loop_open",
            severity,
            "loop_close",
            accounts.index,
            first_stuck=first["stuck"],
            first_open=first["open"],
            **sums,
            stuck=figures["stuck"],
            oldest=oldest,
            **goods_sums,
            bills=bills,
        )
        if figures["priced"] is not None and figures["priced"] < MIN_PRICED:
            found.add("loop_part_priced", "note", "loop_link_deliveries", share=1 - figures["priced"])
    else:  # deliveries alone, none of them tied to an order: no amount, which is not an amount of 0
        found.add(
            "loop_open_unpriced",
            severity,
            "loop_close",
            accounts.index,
            first_open=first["open"],
            **sums,
            oldest=oldest,
            **goods_sums,
        )
    both = accounts[(goods > 0) & (accounts["bills"] > 0)]
    if len(both):
        waiting = {"count": len(both), "overdue": both["overdue"].sum()}
        found.add("loop_both_ways", "watch", "loop_deliver_then_dun", both.index, **waiting)


def _delivered_later(accounts: pd.DataFrame) -> pd.DataFrame:
    """Accounts delivered on time less often than before by more than chance."""
    fell = accounts["on_time_before"] - accounts["on_time"] >= MIN_FALL
    share = FALSE_SHARE * SPENT["health"]
    return accounts[fell & beyond_chance(accounts["late_p_value"].to_numpy(), share)]


def _late_p_values(accounts: pd.DataFrame) -> pd.Series:
    """How often an account is delivered on time so rarely if its earlier rate still holds: beta-binomial, as
    the earlier rate is known from so many orders only.
    """
    from scipy.stats import betabinom

    number, before = accounts["orders"], accounts["orders_before"]
    usual = accounts["on_time_before"].clip(*USUAL_RATES)
    p = betabinom.cdf(
        (accounts["on_time"] * number).round(), number, before * usual + 0.5, before * (1 - usual) + 0.5
    )
    return pd.Series(p, index=accounts.index).where(number >= MIN_CASES)
