"""Groups (集团) as one customer: who heads each account, and the Book by heads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from kamplay.book import Book

OWN = [
    "parent_id",
    "tax_id",
    "registered_capital",
    "employees",
    "annual_revenue",
]  # facts of one legal entity, never taken from a member


def heads(book: Book) -> pd.Series:
    """The head of each account's group: index as ``book.accounts``, values account ids.

    An account without a parent, or whose parent the Book does not know, heads itself. Accounts on a cycle,
    and those below them, are headed by the smallest id on the cycle. Every account is walked over once: time
    is linear in accounts.
    """
    index = book.accounts.index
    if "parent_id" not in book.accounts:
        return pd.Series(index.to_numpy(), index=index, name="head", dtype="str")
    above = index.get_indexer(book.accounts["parent_id"]).tolist()  # −1: none, or unknown
    head = [-1] * len(above)
    step: dict[int, int] = {}  # the accounts of this walk, with their place in it
    for start in range(len(above)):
        here, step = start, {}
        while here >= 0 and head[here] < 0 and here not in step:
            step[here] = len(step)
            here = above[here]
        if here < 0:
            top = next(reversed(step))
        elif here in step:
            top = min(list(step)[step[here] :])  # the index is sorted: the first position has the smallest id
        else:
            top = head[here]
        for account in step:
            head[account] = top
    return pd.Series(index.to_numpy()[head], index=index, name="head", dtype="str")


def members(heads: pd.Series) -> pd.Series:
    """How many accounts each group has, its head included; index the head, sorted; only groups of two or
    more.
    """
    sizes = heads.groupby(heads).size().rename_axis("head").rename("accounts")
    return sizes[sizes >= 2]


def grouped(book: Book, heads: pd.Series) -> Book:
    """The Book with every account replaced by its head: roll-ups, lines and all tables that name accounts.

    The roll-ups are those that the lines would give with the ids replaced. Two counts depend on single orders
    (an order number that two members share, or without numbers a day on which both bought, is one order):
    they are counted again from the lines where the Book holds them. From a database only sums came: there,
    orders of members are added, except that without any day of two orders a day of buying is taken for an
    order, as the roll-up does without order numbers; orders per category are added. In ``accounts`` the
    head's row stays, in ``overrides`` one row per head; other tables keep their rows.
    """
    group = set(heads[heads.isin(members(heads).index)].index)
    if not group:
        return book
    lead = heads.to_dict()

    def apart(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The rows that stay as they are, and those of accounts in a group, with the head's id."""
        inside = frame["account_id"].isin(group)
        return frame[~inside], _led(frame[inside], lead)

    lone_days, days = apart(book.days)
    lone_baskets, baskets = apart(book.baskets)
    lone_months, months = apart(book.monthly)
    ends = np.sort(book.monthly["month_end"].unique())
    bucket_at = (
        book.monthly.drop_duplicates("month_end").set_index("month_end")["bucket"].reindex(ends).to_numpy()
    )

    def bucket(dates: pd.Series) -> np.ndarray:
        """The month bucket of dates that the Book's months hold: the first month to end on or after each."""
        return bucket_at[np.searchsorted(ends, dates.to_numpy(), side="left")]

    day, key = ["account_id", "date"], ["account_id", "bucket"]
    kind = [*key, "category"]
    by_day = days.groupby(day, as_index=False).agg(
        amount=("amount", "sum"), orders=("orders", "sum"), bought=("bought", "any")
    )
    by_kind = baskets.groupby(kind, as_index=False).agg(amount=("amount", "sum"), orders=("orders", "sum"))
    by_month = months.groupby(key, as_index=False).agg(
        month_end=("month_end", "first"),
        amount=("amount", "sum"),
        orders=("orders", "sum"),
        first=("first", "min"),
        last=("last", "max"),
    )
    for name in ("margin", "costed"):
        by_month[name] = months.groupby(key)[name].sum(min_count=1).to_numpy()
    lines = book.tables.get("transactions")
    if lines is not None and len(lines):
        orders = _orders(lines[lines["account_id"].isin(group)], lead, bucket, lines)
        by_day["orders"] = _counted(by_day, orders, day)
        by_month["orders"] = _counted(by_month, orders, key)
        by_kind["orders"] = _counted(by_kind, orders[orders["category"].notna()], kind)
    elif bool((book.days["orders"] == book.days["bought"]).all()):
        by_day["orders"] = by_day["bought"].astype("int64")
        by_month["orders"] = _counted(
            by_month,
            by_day[by_day["bought"]].assign(bucket=lambda d: bucket(d["date"]), order=lambda d: d["date"]),
            key,
        )
    active = by_day[by_day["bought"]].assign(bucket=lambda d: bucket(d["date"]), order=lambda d: d["date"])
    by_month["active_days"] = _counted(by_month, active, key)
    by_month["categories"] = _counted(
        by_month, by_kind[by_kind["orders"] > 0].assign(order=lambda b: b["category"]), key
    )
    by_month["categories"] = by_month["categories"].astype("Int64")
    if book.monthly["categories"].isna().all():
        by_month["categories"] = pd.array([pd.NA] * len(by_month), dtype="Int64")
    return replace(
        book,
        tables={name: _table(name, frame, book, heads) for name, frame in book.tables.items()},
        monthly=_joined(lone_months, by_month, key, [True, False]),
        days=_joined(lone_days, by_day, day, [True, True]),
        baskets=_joined(lone_baskets, by_kind, kind, [True, False, True]),
    )


def _led(frame: pd.DataFrame, lead: dict[str, str]) -> pd.DataFrame:
    """The frame with heads for account ids; ids that the Book does not know, and empty ones, stay."""
    ids = frame["account_id"]
    return frame.assign(account_id=ids.map(lead).astype(ids.dtype).fillna(ids))


def _orders(
    lines: pd.DataFrame, lead: dict[str, str], bucket: Callable[[pd.Series], np.ndarray], every: pd.DataFrame
) -> pd.DataFrame:
    """The buying lines as account_id, date, bucket, order, category, as the roll-up reads them: an order
    without a number is a day.

    ``every`` line decides whether the category counts or, where none has one, the product.

    """
    bought = _led(lines[lines["amount"] > 0], lead)
    date = bought["date"].dt.normalize()
    order = date.dt.strftime("%Y-%m-%d").astype("str")
    if "order_id" in bought:
        order = bought["order_id"].astype("str").where(bought["order_id"].notna(), order)
    name = next((c for c in ("category", "product") if c in every and every[c].notna().any()), None)
    category = bought[name] if name else pd.Series(np.nan, index=bought.index, dtype="str")
    made = {
        "account_id": bought["account_id"],
        "date": date,
        "bucket": bucket(date),
        "order": order,
        "category": category,
    }
    return pd.DataFrame(made)


def _counted(rows: pd.DataFrame, orders: pd.DataFrame, by: list[str]) -> np.ndarray:
    """For each of ``rows`` the number of distinct orders with the same ``by``; 0 where there is none."""
    sizes = orders.drop_duplicates([*by, "order"]).groupby(by).size()
    return sizes.reindex(pd.MultiIndex.from_frame(rows[by]), fill_value=0).to_numpy(dtype="int64")


def _joined(lone: pd.DataFrame, group: pd.DataFrame, by: list[str], ascending: list[bool]) -> pd.DataFrame:
    """Both in the roll-up's column types and order; sums rounded to the 1e-6 that it keeps."""
    sums = {
        name: group[name].astype("float64").round(6)
        for name in ("amount", "margin", "costed")
        if name in group
    }
    group = group.assign(**sums)[lone.columns].astype(lone.dtypes.to_dict())
    return pd.concat([lone, group]).sort_values(by, ascending=ascending, ignore_index=True)


def _table(name: str, frame: pd.DataFrame, book: Book, heads: pd.Series) -> pd.DataFrame:
    if "account_id" not in frame:
        return frame
    if name == "accounts":
        return _accounts(frame, heads)
    led = _led(frame, heads.to_dict())
    own = frame["account_id"] == led["account_id"]
    if name == "financials":  # the books of one legal entity: the head's where it has any, never a mixture
        return led[own | ~led["account_id"].isin(frame.loc[own, "account_id"]) & _first_of(frame, led)]
    if name != "overrides":
        return led
    if "tier" in frame:  # a row that sets the health alone leaves the tier as it is
        frame, led = frame.dropna(subset=["tier"]), led[frame["tier"].notna()]
        own = own.loc[frame.index]
    ends = frame["expires"] if "expires" in frame else pd.Series(pd.NaT, index=frame.index)
    live = ~(ends < pd.Timestamp(book.as_of))  # a decision that still holds comes before one that has expired
    order = pd.DataFrame(
        {"live": live, "own": own, "endless": ends.isna(), "ends": ends, "id": frame["account_id"]}
    )
    best = order.sort_values(
        [*order], ascending=[False, False, False, False, True]
    ).index  # one without an end expires last
    return led.loc[best].assign(member=frame["account_id"].loc[best]).reset_index(drop=True)


def _first_of(frame: pd.DataFrame, led: pd.DataFrame) -> pd.Series:
    """Mask of the rows of the first member, by id, of each group."""
    first = frame["account_id"].groupby(led["account_id"]).transform("min")
    return frame["account_id"] == first


def _accounts(frame: pd.DataFrame, heads: pd.Series) -> pd.DataFrame:
    """One row per head, in the order of ``frame``: its own cells, missing ones from members that agree;
    ``since`` the earliest.

    The cells of OWN stay the head's; its parent stays only where that is an account the Book does not know. A
    head without a row (it is known only from its purchases) gets one where it has members.
    """
    whose = frame["account_id"].map(heads.to_dict())
    inside = whose.isin(members(heads).index)
    by = frame[inside].groupby(whose[inside])
    own = frame[inside & (frame["account_id"] == whose)].set_index("account_id")
    rows = own.reindex(pd.Index(by.size().index, name="account_id")).reset_index()
    for column in frame.columns.drop("account_id"):
        if column == "since":
            rows[column] = by[column].min().reindex(rows["account_id"]).to_numpy()
        elif column == "parent_id":
            rows[column] = rows[column].where(
                ~rows[column].isin(heads.index)
            )  # on a cycle: it would lead back to itself
        elif column not in OWN:
            agreed = (
                by[column]
                .first()
                .where(by[column].nunique() == 1)
                .reindex(rows["account_id"])
                .set_axis(rows.index)
            )
            alone = own[column].reindex(rows["account_id"]).set_axis(rows.index)
            rows[column] = alone.where(alone.notna(), agreed)
    place = pd.Series(np.arange(len(frame)), index=frame["account_id"])
    at = np.concatenate(
        [np.flatnonzero(~inside), place.reindex(rows["account_id"]).fillna(len(frame)).to_numpy()]
    )
    rows = rows.astype({c: t for c, t in frame.dtypes.items() if t.kind not in "iu" or rows[c].notna().all()})
    return pd.concat([frame[~inside], rows]).iloc[np.argsort(at, kind="stable")].reset_index(drop=True)


def broken(lines: pd.Series, influence: pd.Series) -> set[str]:
    """The persons whose line upward is to be cut so that no circle is left: of each circle the most
    influential, who then stands on top.

    ``lines``: contact_id → contact_id above, None at the top; every one above is in the index.

    """
    place = pd.Series(np.arange(len(lines)), index=lines.index)
    above = lines.map(place).fillna(-1).to_numpy(dtype=int)
    ends = above.copy()
    for _ in range(max(1, int(np.ceil(np.log2(len(lines) + 1))))):  # each turn doubles the steps taken upward
        ends = np.where(ends >= 0, ends[ends], -1)
    cut: set[str] = set()
    done: set[int] = set()
    for start in np.flatnonzero(ends >= 0):  # those that never come to a top: in a circle or below one
        path: list[int] = []
        here = int(start)
        while here not in done and here not in path:
            path.append(here)
            here = int(above[here])
        if here not in done:
            circle = path[path.index(here) :]
            top = max(circle, key=lambda i: (influence.iloc[i], -i))
            cut.add(str(lines.index[top]))
        done.update(path)
    return cut


def reached(relations: pd.DataFrame, people: pd.DataFrame, here: pd.DataFrame) -> pd.Series:
    """For each account the contact_id of the person who opens the door to ``target``: None where nobody
    present supports us.

    Nearest first (reports to the target, or the target to them; two steps up; elsewhere), then stance, then
    influence. In a single thread by visits the one known person stands in where nobody supports us.
    """
    friends = here[here["side"] == "supporter"][
        ["contact_id", "account_id", "reports_to", "stance", "influence"]
    ]
    friends = friends.assign(target=friends["account_id"].map(relations["target"]))
    friends = friends[friends["contact_id"] != friends["target"]]
    up = people["reports_to"]
    higher = friends["reports_to"].map(up)
    below = friends["target"].map(up)
    has = friends["target"].notna()
    near = np.select(
        [
            has & ((friends["reports_to"] == friends["target"]) | (below == friends["contact_id"])),
            has & (higher == friends["target"]),
        ],
        [0, 1],
        2,
    )
    ranked = friends.assign(near=near, influence=friends["influence"].fillna(0)).sort_values(
        ["near", "stance", "influence"], ascending=[True, False, False], kind="stable"
    )
    best = ranked.groupby("account_id")["contact_id"].first().reindex(relations.index).astype(object)
    alone = relations["one"].where(
        (relations["thread"] == "visits") & ~relations["one"].map(people["gone"]).fillna(True).astype(bool)
    )
    alone = alone.where(alone != relations["target"])
    best = best.where(best.notna(), alone)
    return best.where(best.notna(), None)
