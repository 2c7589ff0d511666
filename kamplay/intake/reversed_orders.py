"""Orders that were undone: credited in full later, with the goods invoiced anew or not.

An order whose whole amount a later credit takes back is no purchase, and the credit is no return of goods:
what is invoiced instead is the one purchase, on the day of that invoice. Sums of money stay as booked. Only
counts of purchases (days, orders, categories bought) leave the order out, and ``days`` tells in ``reversed``
which part of its amount belongs to orders undone and to the credits that undo them.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from kamplay.book import TO_MICRO, UNDONE_WITHIN

UNDONE = ["account_id", "date", "order_id", "amount", "credited"]
KEY = ["account_id", "date", "number"]


def undone_orders(documents: pd.DataFrame, as_of: date) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Pair credits with the orders whose whole amount they take back.

    A credit, or all credits of a day, pairs with an order, or with all orders of a day, of the same account
    and the same amount to a thousandth, on the same day or up to UNDONE_WITHIN days before; the nearest
    first, single documents before days, and each once. What is credited after ``as_of`` was not undone by
    then.

    Parameters
    ----------
    documents : account_id, date, bucket, number, units (thousandths, net), bought (a positive line), spread
        (days of the month on which the number stands: one that stands on several is no plain order).
    as_of : the reporting date.

    Returns
    -------
    orders, credits : the rows of ``documents`` that are undone, with ``credited`` (the date of the credit),
        and those that undo them, with ``pair``, the same in both.
    """
    rows = documents.sort_values(KEY, kind="stable", ignore_index=True)
    plain = rows["spread"] == 1
    orders, credits_ = rows[(rows["units"] > 0) & plain], rows[(rows["units"] < 0) & (rows["bought"] == 0)]
    taken: set[int] = set()
    pairs: list[tuple[tuple[int, ...], tuple[int, ...]]] = []
    for order_days in (False, True):
        for credit_days in (False, True):
            given = _sums(orders, rows, order_days)
            back = _sums(credits_, rows, credit_days)
            both = given.merge(back, on="account_id", suffixes=("", "_back"))
            both["lag"] = (both["date_back"] - both["date"]).dt.days
            edge = pd.Timestamp(as_of)
            seen = (both["date_back"] <= edge) | (both["date"] > edge)
            equal = (both["units"] == -both["units_back"]) & both["lag"].between(0, UNDONE_WITHIN) & seen
            both = both[equal].sort_values(["lag", "account_id", "date", "first", "first_back"])
            for there, here in zip(both["at"], both["at_back"], strict=True):
                if not taken.intersection(there) and not taken.intersection(here):
                    taken.update(there, here)
                    pairs.append((there, here))
    number_of = {place: n for n, (there, here) in enumerate(pairs) for place in (*there, *here)}
    day_of = {place: rows["date"].iloc[here[0]] for there, here in pairs for place in there}
    undone = rows.loc[sorted(day_of)]
    undone = undone.assign(
        credited=pd.Series(day_of, dtype="datetime64[us]"), pair=pd.Series(number_of, dtype="int64")
    )
    undoing = rows.loc[sorted(set(number_of) - set(day_of))]
    return undone, undoing.assign(pair=pd.Series(number_of, dtype="int64"))


def _sums(documents: pd.DataFrame, rows: pd.DataFrame, of_days: bool) -> pd.DataFrame:
    """Each document as account_id, date, units, at (its places) and first (of them); or each day of several
    of the kind, all of them plain.
    """
    one = documents.assign(at=[(place,) for place in documents.index], first=documents.index)
    if not of_days:
        return one[["account_id", "date", "units", "at", "first"]]
    kind = np.sign(rows["units"]) == (1 if len(documents) and documents["units"].iloc[0] > 0 else -1)
    whole = rows[kind].groupby(["account_id", "date"]).size()
    by = one.groupby(["account_id", "date"])
    sums = pd.DataFrame({"units": by["units"].sum(), "n": by.size(), "at": by["at"].agg(_joined)})
    sums["first"] = by["first"].min()
    sums = sums[(sums["n"] > 1) & (sums["n"] == whole.reindex(sums.index))]
    return sums.reset_index()[["account_id", "date", "units", "at", "first"]]


def _joined(places: pd.Series) -> tuple[int, ...]:
    return tuple(place for one in places for place in one)


def undo(here: Any, as_of: date, landed: set[str]) -> pd.DataFrame:
    """Take the orders that were undone off the counts of the tables ``landed_…`` of a DuckDB.

    Needs ``landed_documents``, and with baskets ``landed_parts``: account_id, date, number, category, amount,
    bought of these documents. What a category sold stays in its sum, but the credit is moved to the
    categories of the order that it takes back, where it was booked under another.

    Returns
    -------
    UNDONE: one row an order that was undone, by account and date.
    """
    documents = here.execute("select * from landed_documents").df()
    documents["date"] = documents["date"].astype("datetime64[us]")
    orders, credits_ = undone_orders(documents, as_of)
    both = pd.concat([orders, credits_])
    days = both.groupby(["account_id", "date"], as_index=False).agg(reversed=("units", "sum"))
    gone = orders.groupby(["account_id", "date"]).size()
    at = pd.MultiIndex.from_frame(days[["account_id", "date"]])
    days["gone"] = gone.reindex(at, fill_value=0).to_numpy(dtype="int64")
    days["reversed"] = days["reversed"] / 1000
    _apply(here, "days", days, ["account_id", "date"])
    if "orders" in landed:
        months = orders.groupby(["account_id", "bucket"], as_index=False).agg(gone=("number", "size"))
        _apply(here, "orders", months, ["account_id", "bucket"])
    if "baskets" in landed:
        parts = here.execute("select * from landed_parts").df()
        parts["date"] = parts["date"].astype("datetime64[us]")
        _apply(
            here, "baskets", _baskets(orders, credits_, parts), ["account_id", "bucket", "category"], add=True
        )
    told = orders.rename(columns={"number": "order_id"}).assign(amount=orders["units"] / 1000)
    return told.sort_values(KEY[:2], kind="stable")[UNDONE].reset_index(drop=True)


def _baskets(orders: pd.DataFrame, credits_: pd.DataFrame, parts: pd.DataFrame) -> pd.DataFrame:
    """account_id, bucket, category: ``gone`` (orders undone that bought it) and ``moved`` (what is added to
    its sum, so that each credit stands in the categories of its order).
    """
    keys = ["account_id", "bucket", "category"]
    bought = orders.merge(parts, on=KEY, suffixes=("", "_part"))
    gone = bought[bought["bought_part"] == 1].groupby(keys).size().rename("gone")
    back = credits_.merge(parts, on=KEY, suffixes=("", "_part"))
    day = credits_.drop_duplicates("pair").set_index("pair")["bucket"]
    booked = back.assign(moved=-back["amount"])
    owed = bought.assign(bucket=bought["pair"].map(day), moved=-bought["amount"])
    # a document with lines of no category moves nothing: what would be added is not what was taken off
    whole = pd.concat([bought, back]).groupby("pair")["amount"].sum().abs() < 0.5 / 1000
    moves = pd.concat([booked, owed])
    moved = moves[moves["pair"].map(whole).astype("bool")].groupby(keys)["moved"].sum().round(TO_MICRO)
    return pd.concat([gone, moved[moved != 0]], axis=1).fillna(0.0).reset_index().astype({"gone": "int64"})


def _apply(here: Any, name: str, change: pd.DataFrame, keys: list[str], add: bool = False) -> None:
    """Take ``gone`` off the orders of a landed table, and what else the change says; ``add``: with rows that
    are not there yet.
    """
    here.register("change", change)
    using = ", ".join(keys)
    columns = [row[0] for row in here.execute(f"describe landed_{name}").fetchall()]
    left = "orders - coalesce(gone, 0)"
    new = {"orders": left}
    if name == "days":
        new["bought"] = f"case when {left} > 0 then bought else 0 end"
    if add:
        new = {"orders": "coalesce(orders, 0) - coalesce(gone, 0)"}
        new["amount"] = "cast(cast(coalesce(amount, 0) as decimal(38, 6)) + coalesce(moved, 0) as double)"
    told = ", ".join(f"{new[c]} as {c}" if c in new else c for c in columns)
    extra = ", coalesce(reversed, 0.0) as reversed" if name == "days" else ""
    join = "full join" if add else "left join"
    here.execute(
        f"""create or replace temp table changed as select {told}{extra} from landed_{name}
        {join} change using ({using})"""
    ).fetchall()
    here.execute(f"create or replace temp table landed_{name} as select * from changed").fetchall()
    here.execute("drop table changed").fetchall()
    here.unregister("change")
