"""From demand to cash: how long an order takes to be delivered, invoiced and paid, and which of these loops
are still open.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.measures import features_at, purchases
from kamplay.method.measures.receivables import paid_between
from kamplay.method.results import Findings
from kamplay.method.value.credit import credit as credit_

YEAR = 365  # days
CURRENT = 31  # days: tables that end longer before as_of do not tell what was delivered or paid since
RECENT = 180  # days: a shortfall older than the window of the in-full rate is taken for settled or given up
STAGES = ("delivery", "invoice", "collection")
LINKED = 0.5  # of the invoices: below it days to invoice would speak of a chosen few
FEW = 5  # orders or bills behind a median, or an account's rate, that is compared with another
NEAR = (-31, 93)  # days from the order within which an invoice of exactly its amount is taken for its invoice


@dataclass(frozen=True)
class OrderToCash:
    """``stages``: stage (STAGES), days and days_before (median days of the 12 months and of the 12 before:
    order to delivery, order to invoice; for collection the mean weighted by amount, invoice to payment, as
    in the accounts' own condition), cases, cases_before, open, open_before (loops open now and a year
    ago), stuck, stuck_before (their amount), oldest (days). Missing where the tables do not tell.
    ``accounts``: index account_id of those with deliveries or bills, the largest amount stuck first:
    on_time, in_full, on_time_before, orders, to_deliver, to_collect, late_orders, late_amount,
    short_orders, short_amount, bills, overdue, open, stuck, oldest (and oldest_goods, oldest_bill),
    days_late and days_late_before (payment), acts (delivery or finance; None without open loops), revenue.
    ``figures``: deliveries, receivables (whether the tables are there), open, stuck, accounts, linked
    (share of the year's invoices tied to an order), linked_by (id or amount), priced (share of open
    deliveries whose order's amount is known), ended (the day on which the deliveries or the bills at hand
    end, where that is over a month before as_of; else None), days_since (that day).
    """

    stages: pd.DataFrame = field(default_factory=pd.DataFrame)
    accounts: pd.DataFrame = field(default_factory=pd.DataFrame)
    figures: dict[str, Any] = field(default_factory=dict)


def order_to_cash(book: Book) -> OrderToCash:
    """The loops as known at as_of, and as they stood a year before. Empty without deliveries and receivables.

    Days from the order need the order's own date: the lines of transactions, which come from files only.
    """
    now = pd.Timestamp(book.as_of)
    before = now - pd.Timedelta(days=YEAR)
    known = {"deliveries": book.has("deliveries", "delivered_date"), "receivables": book.has("receivables")}
    if not any(known.values()):
        return OrderToCash()
    orders = _orders(book)
    parcels, bills, by = _parcels(book, orders), *_invoiced(book, orders)
    owed = features_at.payments(book, now)
    loops, loops_before = (
        _open(parcels, owed, now),
        _open(parcels, features_at.payments(book, before), before),
    )
    credit = credit_(book)
    rows = []
    for stage, frame, when in (("delivery", parcels, "delivered_date"), ("invoice", bills, "invoice_date")):
        rows.append((stage, *_median(frame, when, now), *_median(frame, when, before)))
    paid = [len(paid_between(book, *purchases.window_dates(book, 12, ago))) for ago in (0, 12)]
    rows.append(("collection", credit.days_now, paid[0], credit.days_before, paid[1]))
    stages = pd.DataFrame(rows, columns=["stage", "days", "cases", "days_before", "cases_before"]).set_index(
        "stage"
    )
    stages[["days", "days_before"]] = stages[["days", "days_before"]].astype("float64")
    for suffix, each in (("", loops), ("_before", loops_before)):
        sums = (
            each.groupby("stage")
            .agg(open=("open", "sum"), stuck=("amount", "sum"), oldest=("oldest", "max"))
            .reindex(STAGES)
        )
        told = pd.Series(
            {"delivery": known["deliveries"], "invoice": False, "collection": known["receivables"]}
        )
        if suffix:  # a table that does not reach back a year says nothing of the loops of then
            told &= pd.Series(
                {
                    "delivery": _reaches(book, "deliveries", before),
                    "invoice": False,
                    "collection": _reaches(book, "receivables", before),
                }
            )
        for column in ("open", "stuck", "oldest"):
            stages[column + suffix] = sums[column].fillna(0.0).where(told)
    accounts = _accounts(book, loops, parcels, owed, credit.accounts["days_to_pay"], now)
    late = loops[loops["stage"] == "delivery"]
    year = bills[bills["invoice_date"].between(before + pd.Timedelta(days=1), now)] if len(bills) else bills
    ended = _ended(book, now)
    figures = known | {
        "open": int(accounts["open"].sum()),
        "stuck": float(accounts["stuck"].sum()),
        "accounts": int((accounts["open"] > 0).sum()),
        "linked": float(year["days"].notna().mean()) if len(year) else None,
        "linked_by": by,
        "priced": float(late["priced"].sum() / late["open"].sum()) if late["open"].sum() else None,
        "ended": ended,
        "days_since": (now - pd.Timestamp(ended)).days if ended else None,
    }
    return OrderToCash(stages.reset_index(), accounts, figures)


def _reaches(book: Book, table: str, day: pd.Timestamp) -> bool:
    """Whether the table begins at least half a year before ``day``: else what was open then is not all in it."""
    column = "promised_date" if table == "deliveries" else "invoice_date"
    return book.has(table, column) and bool(book.table(table)[column].min() <= day - pd.Timedelta(days=182))


def _ended(book: Book, now: pd.Timestamp) -> str | None:
    """The first day on which one of the tables ends (its last delivery; its last bill or payment), ISO; None
    while it is current.
    """
    last = []
    for table, columns in (
        ("deliveries", ("delivered_date",)),
        ("receivables", ("invoice_date", "paid_date")),
    ):
        if book.has(table, columns[0]):
            rows = book.table(table)
            dates = pd.concat([rows[c] for c in columns if c in rows]).dropna()
            if (dates <= now).any():
                last.append(dates[dates <= now].max())
    return str(min(last).date()) if last and now - min(last) > pd.Timedelta(days=CURRENT) else None


def _key(account: pd.Series, order: pd.Series) -> pd.Index:
    """One text for an account's order: order numbers alone may repeat between accounts."""
    return pd.Index(account.astype("str") + "\x1f" + order.astype("str"))


def _orders(book: Book) -> pd.DataFrame:
    """Orders of the transaction lines: index _key, account_id, date (the first), amount; empty without lines
    or order ids.
    """
    empty = pd.DataFrame(
        {
            "account_id": pd.Series(dtype="str"),
            "date": pd.Series(dtype="datetime64[us]"),
            "amount": pd.Series(dtype="float64"),
        }
    )
    lines = book.tables.get("transactions")
    if lines is None or "order_id" not in lines:
        return empty
    known = lines["date"] <= pd.Timestamp(book.as_of)
    lines = lines[known & lines["order_id"].notna() & lines["account_id"].notna() & (lines["amount"] > 0)]
    if lines.empty:
        return empty
    keyed = lines[["account_id", "date", "amount"]].set_index(_key(lines["account_id"], lines["order_id"]))
    if keyed.index.is_unique:
        return keyed
    codes, names = pd.factorize(keyed.index)
    by = keyed.reset_index(drop=True).groupby(codes)
    return pd.DataFrame(
        {"account_id": by["account_id"].first(), "date": by["date"].min(), "amount": by["amount"].sum()}
    ).set_index(names)


def _parcels(book: Book, orders: pd.DataFrame) -> pd.DataFrame:
    """The deliveries, one row each, with every column there, the order's amount, its parcels (how many rows
    it has) and the days since it was placed (missing without the order's date).
    """
    columns = ["account_id", "order_id", "promised_date", "delivered_date", "ordered", "delivered"]
    if not book.has("deliveries", "delivered_date"):
        return pd.DataFrame(columns=[*columns, "amount", "parcels", "days"])
    rows = book.table("deliveries").reindex(columns=columns).reset_index(drop=True)
    rows = rows[rows["account_id"].notna()]
    place = orders.index.get_indexer(_key(rows["account_id"], rows["order_id"]))
    known = place >= 0
    rows["amount"] = np.append(orders["amount"].to_numpy(dtype=float), np.nan)[
        place
    ]  # the last stands for: no order
    placed = pd.Series(
        np.append(orders["date"].to_numpy(dtype="datetime64[us]"), np.datetime64("NaT"))[place],
        index=rows.index,
    )
    days = (rows["delivered_date"] - placed).dt.days
    rows["days"] = days.where(days >= 0).astype("float64")
    parcels = np.bincount(place[known], minlength=max(len(orders), 1))
    rows["parcels"] = np.where(known, parcels[place], 1)
    return rows


def _invoiced(book: Book, orders: pd.DataFrame) -> tuple[pd.DataFrame, str | None]:
    """Invoices with the days since their order was placed, and how they were tied to it.

    By number where invoices carry the order's; else by amount, where exactly one order of the account and
    exactly one invoice have it and the dates are near. What cannot be tied has no days.
    """
    if not book.has("receivables"):
        return pd.DataFrame(columns=["account_id", "invoice_date", "days"]), None
    rows = book.table("receivables")
    rows = rows[(rows["amount"] > 0) & (rows["invoice_date"] <= pd.Timestamp(book.as_of))].reindex(
        columns=["account_id", "invoice_id", "invoice_date", "amount"]
    )
    place = orders.index.get_indexer(_key(rows["account_id"], rows["invoice_id"]))
    by = "id"
    if not (place >= 0).any() and len(orders):
        by = "amount"
        codes, _ = pd.factorize(pd.concat([orders["account_id"], rows["account_id"]], ignore_index=True))
        cents = np.r_[orders["amount"].to_numpy(), rows["amount"].to_numpy()] * 100
        both = codes.astype("int64") * 2**42 + np.clip(cents.round(), 0, 2**42 - 1).astype("int64")
        theirs, mine = pd.Index(both[: len(orders)]), pd.Index(both[len(orders) :])
        single = np.flatnonzero(~theirs.duplicated(keep=False))
        found = theirs[single].get_indexer(mine)
        place = np.where(
            (found >= 0) & ~mine.duplicated(keep=False), single[found] if len(single) else -1, -1
        )
    dates = np.append(orders["date"].to_numpy(dtype="datetime64[us]"), np.datetime64("NaT"))
    joined = rows.assign(placed=dates[place])
    days = (joined["invoice_date"] - joined["placed"]).dt.days
    days = days.where(days.between(*NEAR)).astype("float64")
    return joined.assign(days=days)[
        ["account_id", "invoice_date", "days"]
    ], by if days.notna().any() else None


def _median(frame: pd.DataFrame, column: str, end: pd.Timestamp) -> tuple[float | None, int]:
    """Median days, and their number, of what happened in the year to ``end``; None where too few, or too few
    of them, are known.
    """
    inside = frame[frame[column].between(end - pd.Timedelta(days=YEAR - 1), end)] if len(frame) else frame
    known = inside["days"].dropna() if len(inside) else pd.Series(dtype="float64")
    if len(known) < FEW or len(known) < LINKED * len(inside):
        return None, len(known)
    return float(known.median()), len(known)


def _open(parcels: pd.DataFrame, paid: pd.DataFrame | None, day: pd.Timestamp) -> pd.DataFrame:
    """Loops open on a day by account and kind: stage, kind (late, short, overdue), account_id, open (number),
    amount, oldest, priced.

    Late: promised before the day and not delivered. Short: delivered in the RECENT days to the day, less than
    ordered, the shortfall not made good in a further delivery of the order; its part of the order's amount is
    stuck. Overdue: due before the day and not paid.
    """
    parts = []
    if len(parcels):
        arrived = parcels["delivered_date"] <= day
        late = parcels[~arrived & (parcels["promised_date"] < day)].drop_duplicates()
        # an order's amount stands once, however many of its parcels are late
        parts.append(
            _by(late, "late", late["amount"] / late["parcels"], (day - late["promised_date"]).dt.days)
        )
        short, missing = _short(parcels[arrived], day)
        parts.append(_by(short, "short", missing, (day - pd.to_datetime(short["promised_date"])).dt.days))
    if paid is not None:
        owing = paid[paid["overdue"] > 0]
        bills = owing["bills_overdue"]
        frame = pd.DataFrame(
            {"account_id": owing.index, "open": bills.to_numpy(), "amount": owing["overdue"].to_numpy()}
        )
        parts.append(frame.assign(oldest=owing["oldest"].to_numpy(), priced=bills.to_numpy(), kind="overdue"))
    columns = ["account_id", "open", "amount", "oldest", "priced", "kind"]
    parts = [p for p in parts if len(p)]
    out = (
        pd.concat(parts, ignore_index=True)[columns]
        if parts
        else pd.DataFrame(columns=columns).astype(
            {"open": "int64", "amount": "float64", "oldest": "float64", "priced": "int64"}
        )
    )
    return out.assign(stage=np.where(out["kind"] == "overdue", "collection", "delivery"))


def _short(rows: pd.DataFrame, day: pd.Timestamp) -> tuple[pd.DataFrame, pd.Series]:
    """Of what arrived by the day: deliveries that came short in the RECENT days, and the amount that is
    missing.

    Several rows of one order with the same quantity ordered are parcels of it, and count together.

    """
    known = rows[rows["ordered"].notna() & rows["delivered"].notna() & (rows["ordered"] > 0)]
    lacking = known[
        (known["delivered"] < known["ordered"]) & (known["delivered_date"] > day - pd.Timedelta(days=RECENT))
    ]
    known = known[known["order_id"].isin(lacking["order_id"])]  # few: what came in full need not be added up
    bare = known["order_id"].isna()
    by = known[~bare].groupby(["account_id", "order_id", "ordered"], as_index=False)
    columns = {"promised_date": "min", "delivered_date": "max", "delivered": "sum", "amount": "first"}
    together = by.agg(columns)
    every = pd.concat([together, known[bare][together.columns]], ignore_index=True)
    recent = every["delivered_date"] > day - pd.Timedelta(days=RECENT)
    due = ~(every["promised_date"] > day)  # until then the rest may still come
    short = every[recent & due & (every["delivered"] < every["ordered"])]
    total = (
        together.groupby(["account_id", "order_id"])["ordered"].sum().rename("total")
    )  # an order may have several lines
    whole = short.join(total, on=["account_id", "order_id"])["total"]
    return short, (short["amount"] * (short["ordered"] - short["delivered"]) / whole).astype("float64")


def _by(rows: pd.DataFrame, kind: str, amount: pd.Series, days: pd.Series) -> pd.DataFrame:
    each = pd.DataFrame({"account_id": rows["account_id"], "amount": amount, "days": days.astype("float64")})
    by = each.groupby("account_id")
    out = pd.DataFrame(
        {
            "open": by.size(),
            "amount": by["amount"].sum(),
            "oldest": by["days"].max(),
            "priced": by["amount"].count(),
        }
    )
    return out.reset_index().assign(kind=kind)


def _known(book: Book, table: str, now: pd.Timestamp) -> pd.Series:
    """The accounts of a table's rows that tell anything by ``now``: an order promised for later and not
    delivered yet does not.
    """
    rows = book.table(table)
    dates = ("promised_date", "delivered_date") if table == "deliveries" else ("invoice_date",)
    told = np.any([(rows[c] <= now).to_numpy(dtype=bool) for c in dates if c in rows], axis=0)
    return rows.loc[told, "account_id"].dropna()


def _accounts(
    book: Book,
    loops: pd.DataFrame,
    parcels: pd.DataFrame,
    credit: pd.DataFrame | None,
    to_pay: pd.Series,
    now: pd.Timestamp,
) -> pd.DataFrame:
    """Every account with deliveries or bills; open loops first, by the amount stuck."""
    seen = [_known(book, t, now) for t in ("deliveries", "receivables") if book.has(t)]
    out = pd.DataFrame(index=pd.Index(pd.concat(seen).unique(), name="account_id").sort_values())
    rates = features_at.deliveries(book, now)
    for column in ("on_time", "in_full", "on_time_before", "orders"):
        out[column] = np.nan if rates is None else rates[column].reindex(out.index)
    year = (
        parcels[parcels["delivered_date"].between(now - pd.Timedelta(days=YEAR - 1), now)]
        if len(parcels)
        else parcels
    )
    out["to_deliver"] = year.groupby("account_id")["days"].median().reindex(out.index).astype("float64")
    out["to_collect"] = to_pay.reindex(out.index).astype("float64")
    for kind, number, amount in (
        ("late", "late_orders", "late_amount"),
        ("short", "short_orders", "short_amount"),
        ("overdue", "bills", "overdue"),
    ):
        part = loops[loops["kind"] == kind].set_index("account_id")
        out[number] = part["open"].reindex(out.index).fillna(0).astype(int)
        out[amount] = part["amount"].reindex(out.index).fillna(0.0).astype("float64")
    out["open"] = out[["late_orders", "short_orders", "bills"]].sum(axis=1)
    out["stuck"] = out[["late_amount", "short_amount", "overdue"]].sum(axis=1)
    out["oldest"] = loops.groupby("account_id")["oldest"].max().reindex(out.index).astype("float64")
    for name, kinds in (("oldest_goods", ["late", "short"]), ("oldest_bill", ["overdue"])):
        part = loops[loops["kind"].isin(kinds)]
        out[name] = part.groupby("account_id")["oldest"].max().reindex(out.index).astype("float64")
    ours = out["late_amount"] + out["short_amount"]
    for column in ("days_late", "days_late_before"):
        out[column] = np.nan if credit is None else credit[column].reindex(out.index)
    first = np.where(
        (ours >= out["overdue"]) & (out["late_orders"] + out["short_orders"] > 0), "delivery", "finance"
    )
    out["acts"] = pd.Series(first, index=out.index, dtype=object).where(out["open"] > 0, None)
    out["revenue"] = purchases.revenue(book).reindex(out.index).fillna(0.0)
    return out.sort_values(["stuck", "open", "revenue"], ascending=False, kind="stable")


SLOW = {
    "delivery": "loop_slower_delivery",
    "invoice": "loop_slower_invoice",
    "collection": "loop_slower_collection",
}
SLOWER, DAYS = 0.1, 2.0  # a stage is slower when it takes a tenth and two days more than the year before
CHANCE = 0.01
PRICED = 0.95  # of the open deliveries: below it their amount is told to be a part
FELL = 0.1  # an account's on-time rate fell when it lies a tenth below the year before


def _fell(accounts: pd.DataFrame) -> pd.DataFrame:
    """Accounts delivered on time less often than before, by more than chance: so few, if the old rate still
    held, once in a hundred.
    """
    from scipy.stats import binom

    known = accounts[(accounts["orders"] >= FEW) & (accounts["on_time_before"] - accounts["on_time"] >= FELL)]
    kept = (known["on_time"] * known["orders"]).round()
    usual = known["on_time_before"].clip(
        0.02, 0.95
    )  # hardly anybody is always on time, however few orders say so
    return known[binom.cdf(kept, known["orders"], usual) < CHANCE]


def add_findings(found: Findings, result: OrderToCash) -> None:
    """Loops left open, stages that became slower, accounts delivered later than before; what is missing."""
    figures, accounts = result.figures, result.accounts
    if not figures:
        found.add("loop_unknown", "note", "loop_ask_for_both")
        return
    stuck = accounts[accounts["open"] > 0]
    if len(stuck):
        first = stuck.iloc[0]
        ours = stuck[(stuck["late_orders"] + stuck["short_orders"]) > 0]
        said = {
            "count": len(stuck),
            "open": figures["open"],
            "stuck": figures["stuck"],
            "oldest": stuck["oldest"].max(),
        }
        said |= {
            "late": int(stuck["late_orders"].sum()),
            "short": int(stuck["short_orders"].sum()),
            "bills": int(stuck["bills"].sum()),
        }
        if figures["stuck"] > 0:
            found.add(
                "loop_open",
                "act",
                "loop_close",
                stuck.index,
                first_stuck=first["stuck"],
                first_open=first["open"],
                **said,
            )
            if figures["priced"] is not None and figures["priced"] < PRICED:
                found.add("loop_part_priced", "note", "loop_link_deliveries", share=1 - figures["priced"])
        # late and short deliveries alone, none of which could be tied to an order: no amount, which is not an
        # amount of 0
        else:
            bare = {k: v for k, v in said.items() if k not in ("stuck", "bills")}
            found.add(
                "loop_open_unpriced", "act", "loop_close", stuck.index, first_open=first["open"], **bare
            )
        both = ours[ours["bills"] > 0]
        if len(both):
            found.add(
                "loop_both_ways",
                "watch",
                "loop_deliver_then_dun",
                both.index,
                count=len(both),
                overdue=both["overdue"].sum(),
            )
    else:
        found.add("loop_clean", "note", None, accounts=len(accounts))
    if len(stuck) and figures["ended"] is not None:
        found.add(
            "loop_ended", "watch", "loop_bring_up_to_date", ended=figures["ended"], days=figures["days_since"]
        )
    for row in result.stages.itertuples():
        comparable = (
            min(row.cases, row.cases_before) >= FEW
            and row.days == row.days
            and row.days_before == row.days_before
        )
        if comparable and row.days > row.days_before * (1 + SLOWER) and row.days - row.days_before >= DAYS:
            found.add(SLOW[row.stage], "watch", "loop_find_cause", now=row.days, before=row.days_before)
    fell = _fell(accounts)
    if len(fell):
        worst = fell.sort_values("revenue", ascending=False, kind="stable")
        first = worst.iloc[0]
        said = {
            "count": len(worst),
            "revenue": worst["revenue"].sum(),
            "now": first["on_time"],
            "before": first["on_time_before"],
        }
        found.add("loop_late", "watch", "loop_delivery_promise", worst.index, **said)
    if not figures["deliveries"]:
        found.add("loop_no_deliveries", "note", "loop_ask_for_deliveries")
    if not figures["receivables"]:
        found.add("loop_no_bills", "note", "loop_ask_for_bills")
    elif figures["linked"] is not None and figures["linked"] < LINKED:
        found.add("loop_not_linked", "note", "loop_link", linked=figures["linked"])
    elif figures["linked"] is not None and figures["linked_by"] == "amount":
        found.add("loop_linked_by_amount", "note", "loop_link", linked=figures["linked"])
