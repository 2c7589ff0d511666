"""Groups (集团) as one customer: who heads each account, and the Book by groups."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from kamplay.book import TO_MICRO, Book
from kamplay.parent_links import cycles, links, tops

# facts of one legal entity, never taken from a member
OWN = ["parent_id", "tax_id", "registered_capital", "employees", "annual_revenue"]


def heads(book: Book) -> pd.Series:
    """Find the head of each account's group.

    Returns
    -------
    Index as ``book.accounts``, values account ids. An account without a parent, or whose parent the Book does
    not know, heads itself; accounts on a cycle, and those below them, are headed by the smallest id on it.
    """
    index, top_of = book.accounts.index, dict[str, str]()
    if "parent_id" in book.accounts:
        parents = book.accounts["parent_id"]
        known = parents[parents.isin(index)]
        top_of = tops(links(known.index, known))
    return pd.Series([top_of.get(one, one) for one in index], index=index, name="head", dtype="str")


def group_sizes(heads: pd.Series) -> pd.Series:
    """Count the accounts of each group of two or more, its head included; index: the head, sorted."""
    sizes = heads.groupby(heads).size().rename_axis("head").rename("accounts")
    return sizes[sizes >= 2]


def cycle_breaks(reports_to: pd.Series, influence: pd.Series) -> set[str]:
    """Choose whose line upward is to be cut so that no cycle of reporting lines is left.

    Parameters
    ----------
    reports_to : contact_id of the superior (index contact_id), None at the top.
    influence : of each person, same index.

    Returns
    -------
    Of each cycle the most influential, who then stands on top; of equals the first.
    """
    place = {contact: number for number, contact in enumerate(reports_to.index)}
    found = cycles(links(reports_to.index, reports_to))
    return {max(cycle, key=lambda one: (influence[one], -place[one])) for cycle in found}


def customers(book: Book, heads: pd.Series) -> Book:
    """The Book by groups, see ``by_group``, made once for all topics that ask for it."""
    made = book.computed.setdefault("customers", {})
    key = tuple(heads[heads != heads.index].items())
    if key not in made:
        made[key] = by_group(book, heads)
    return made[key]


def by_group(book: Book, heads: pd.Series) -> Book:
    """Replace every account of the Book by the head of its group: in roll-ups, lines and all tables.

    The roll-ups are those that the lines would give with the ids replaced. Two counts depend on single orders
    (an order number that two members share, or without numbers a day on which both bought, is one order):
    they are counted again from the lines where the Book holds them. From a database only sums came: there,
    orders of members are added, except that without any day of two orders a day of buying is taken for an
    order, as the roll-up does without order numbers; orders per category are added.

    Parameters
    ----------
    heads : account → head, as ``heads`` gives them.

    Returns
    -------
    A Book in which each group is one account; ``customer_of`` says which accounts it stands for. In
    ``accounts`` the head's row stays; in ``overrides`` of each head's rows the one to prefer stands first.
    Other tables keep their rows.
    """
    grouped = set(heads[heads.isin(group_sizes(heads).index)].index)
    if not grouped:
        return book
    head_of = heads.to_dict()

    def split(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The rows that stay as they are, and those of accounts in a group, with the head's id."""
        inside = frame["account_id"].isin(grouped)
        return frame[~inside], _with_heads(frame[inside], head_of)

    other_days, days = split(book.days)
    other_baskets, baskets = split(book.baskets)
    other_months, months = split(book.monthly)
    ends = np.sort(book.monthly["month_end"].unique())
    bucket_of_end = book.monthly.drop_duplicates("month_end").set_index("month_end")["bucket"]
    buckets = bucket_of_end.reindex(ends).to_numpy()

    def bucket(dates: pd.Series) -> np.ndarray:
        """The month bucket of dates that the Book's months hold: the first month to end on or after each."""
        return buckets[np.searchsorted(ends, dates.to_numpy(), side="left")]

    day, month = ["account_id", "date"], ["account_id", "bucket"]
    basket = [*month, "category"]
    by_day = days.groupby(day, as_index=False).agg(
        amount=("amount", "sum"),
        orders=("orders", "sum"),
        bought=("bought", "any"),
        reversed=("reversed", "sum"),
    )
    by_basket = baskets.groupby(basket, as_index=False).agg(
        amount=("amount", "sum"), orders=("orders", "sum")
    )
    by_month = months.groupby(month, as_index=False).agg(
        month_end=("month_end", "first"),
        amount=("amount", "sum"),
        orders=("orders", "sum"),
        first=("first", "min"),
        last=("last", "max"),
    )
    for name in ("margin", "costed"):
        by_month[name] = months.groupby(month)[name].sum(min_count=1).to_numpy()
    bought = by_day[by_day["bought"]].assign(bucket=lambda d: bucket(d["date"]), order=lambda d: d["date"])
    lines = book.tables.get("transactions")
    if lines is not None and len(lines):
        inside = lines[lines["account_id"].isin(grouped)]
        orders = _orders(inside[~_undone(book, inside)], head_of, bucket, lines)
        by_day["orders"] = _count_orders(by_day, orders, day)
        by_month["orders"] = _count_orders(by_month, orders, month)
        by_basket["orders"] = _count_orders(by_basket, orders[orders["category"].notna()], basket)
    elif bool((book.days["orders"] == book.days["bought"]).all()):
        by_day["orders"] = by_day["bought"].astype("int64")
        by_month["orders"] = _count_orders(by_month, bought, month)
    by_month["active_days"] = _count_orders(by_month, bought, month)
    if book.monthly["categories"].isna().all():
        by_month["categories"] = pd.array([pd.NA] * len(by_month), dtype="Int64")
    else:
        kept = by_basket[by_basket["orders"] > 0].assign(order=lambda b: b["category"])
        by_month["categories"] = pd.array(_count_orders(by_month, kept, month), dtype="Int64")
    return replace(
        book,
        tables={name: _table(name, frame, book, heads) for name, frame in book.tables.items()},
        accounts_on_lines=None
        if book.accounts_on_lines is None
        else _accounts(book.accounts_on_lines, heads),
        monthly=_joined(other_months, by_month, month, [True, False]),
        days=_joined(other_days, by_day, day, [True, True]),
        baskets=_joined(other_baskets, by_basket, basket, [True, False, True]),
        customer_of=heads,
        undone=None if book.undone is None else _with_heads(book.undone, head_of),
    )


def _with_heads(frame: pd.DataFrame, head_of: dict[str, str]) -> pd.DataFrame:
    """The frame with heads for account ids; ids that the Book does not know, and empty ones, stay."""
    ids = frame["account_id"]
    return frame.assign(account_id=ids.map(head_of).astype(ids.dtype).fillna(ids))


def _undone(book: Book, lines: pd.DataFrame) -> np.ndarray:
    """Which lines are of orders that were credited in full, see ``Book.undone``."""
    if book.undone is None or book.undone.empty:
        return np.zeros(len(lines), dtype=bool)
    key = ["account_id", "date", "order_id"]
    day = lines["date"].dt.normalize()
    number = day.dt.strftime("%Y-%m-%d").astype("str")
    if "order_id" in lines:
        number = lines["order_id"].astype("str").where(lines["order_id"].notna(), number)
    rows = pd.MultiIndex.from_arrays([lines["account_id"], day, number])
    return rows.isin(pd.MultiIndex.from_frame(book.undone[key]))


def _orders(
    lines: pd.DataFrame,
    head_of: dict[str, str],
    bucket: Callable[[pd.Series], np.ndarray],
    all_lines: pd.DataFrame,
) -> pd.DataFrame:
    """The buying lines as account_id, date, bucket, order, category, as the roll-up reads them: an order
    without a number is a day.

    ``all_lines`` decide whether the category counts or, where none has one, the product.
    """
    bought = _with_heads(lines[lines["amount"] > 0], head_of)
    date = bought["date"].dt.normalize()
    order = date.dt.strftime("%Y-%m-%d").astype("str")
    if "order_id" in bought:
        order = bought["order_id"].astype("str").where(bought["order_id"].notna(), order)
    name = next((c for c in ("category", "product") if c in all_lines and all_lines[c].notna().any()), None)
    category = bought[name] if name else pd.Series(np.nan, index=bought.index, dtype="str")
    return pd.DataFrame(
        {
            "account_id": bought["account_id"],
            "date": date,
            "bucket": bucket(date),
            "order": order,
            "category": category,
        }
    )


def _count_orders(rows: pd.DataFrame, orders: pd.DataFrame, by: list[str]) -> np.ndarray:
    """For each of ``rows`` the number of distinct orders with the same ``by``; 0 where there is none."""
    sizes = orders.drop_duplicates([*by, "order"]).groupby(by).size()
    return sizes.reindex(pd.MultiIndex.from_frame(rows[by]), fill_value=0).to_numpy(dtype="int64")


def _joined(other: pd.DataFrame, groups: pd.DataFrame, by: list[str], ascending: list[bool]) -> pd.DataFrame:
    """Both in the roll-up's column types and order; sums rounded to the 1e-6 that it keeps."""
    sums = {
        name: groups[name].astype("float64").round(TO_MICRO)
        for name in ("amount", "margin", "costed", "reversed")
        if name in groups
    }
    groups = groups.assign(**sums)[other.columns].astype(other.dtypes.to_dict())
    return pd.concat([other, groups]).sort_values(by, ascending=ascending, ignore_index=True)


def _table(name: str, frame: pd.DataFrame, book: Book, heads: pd.Series) -> pd.DataFrame:
    if "account_id" not in frame:
        return frame
    if name == "accounts":
        return _accounts(frame, heads)
    out = _with_heads(frame, heads.to_dict())
    own = frame["account_id"] == out["account_id"]
    if name == "financials":  # the books of one legal entity: the head's where it has any, never a mixture
        first_member = frame["account_id"].groupby(out["account_id"]).transform("min")
        without_own = ~out["account_id"].isin(frame.loc[own, "account_id"])
        return out[own | without_own & (frame["account_id"] == first_member)]
    if name != "overrides":
        return out
    expires = frame["expires"] if "expires" in frame else pd.Series(pd.NaT, index=frame.index)
    # a decision in force comes before one that has expired, the head's own before a member's, and one without
    # an end expires last
    order = pd.DataFrame(
        {
            "in_force": ~(expires < pd.Timestamp(book.as_of)),
            "own": own,
            "endless": expires.isna(),
            "expires": expires,
            "id": frame["account_id"],
        }
    )
    best = order.sort_values([*order], ascending=[False, False, False, False, True]).index
    return out.loc[best].assign(member=frame["account_id"].loc[best]).reset_index(drop=True)


def _accounts(frame: pd.DataFrame, heads: pd.Series) -> pd.DataFrame:
    """One row per head, in the order of ``frame``: its own cells, missing ones from members that agree;
    ``since`` the earliest, ``credit_limit`` the sum.

    The cells of OWN stay the head's; its parent stays only where that is an account the Book does not know. A
    head without a row (it is known only from its purchases) gets one where it has members.
    """
    head = frame["account_id"].map(heads.to_dict())
    inside = head.isin(group_sizes(heads).index)
    by = frame[inside].groupby(head[inside])
    own = frame[inside & (frame["account_id"] == head)].set_index("account_id")
    rows = own.reindex(pd.Index(by.size().index, name="account_id")).reset_index()
    for column in frame.columns.drop("account_id"):
        if column == "since":
            rows[column] = by[column].min().reindex(rows["account_id"]).to_numpy()
        elif column == "parent_id":  # on a cycle it would lead back to itself
            rows[column] = rows[column].where(~rows[column].isin(heads.index))
        elif column == "credit_limit":  # what all members together may owe
            rows[column] = by[column].sum(min_count=1).reindex(rows["account_id"]).to_numpy()
        elif column not in OWN:
            agreed = by[column].first().where(by[column].nunique() == 1)
            agreed = agreed.reindex(rows["account_id"]).set_axis(rows.index)
            mine = own[column].reindex(rows["account_id"]).set_axis(rows.index)
            rows[column] = mine.where(mine.notna(), agreed)
    place = pd.Series(np.arange(len(frame)), index=frame["account_id"])
    places = place.reindex(rows["account_id"]).fillna(len(frame)).to_numpy()
    order = np.argsort(np.concatenate([np.flatnonzero(~inside), places]), kind="stable")
    rows = rows.astype({c: t for c, t in frame.dtypes.items() if t.kind not in "iu" or rows[c].notna().all()})
    return pd.concat([frame[~inside], rows]).iloc[order].reset_index(drop=True)
