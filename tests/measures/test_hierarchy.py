"""Groups as one customer: heads by hand, and the Book by groups against the lines by groups."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from conftest import AS_OF, book_of, lines_of, random_lines
from hypothesis import given, settings
from hypothesis import strategies as st

from kamplay.book import Book
from kamplay.method.measures import purchases
from kamplay.method.measures.hierarchy import by_group, cycle_breaks, group_sizes, heads


def accounts_of(**parents: str | None) -> pd.DataFrame:
    """An accounts table from account=parent."""
    return pd.DataFrame({"account_id": list(parents), "parent_id": list(parents.values())}, dtype="str")


def linked(lines: pd.DataFrame, **parents: str | None) -> Book:
    return book_of(lines, accounts=accounts_of(**parents))


def same_as_lines(book: Book) -> None:
    """Grouping the roll-ups gives, to the last digit and type, what rolling up the lines with heads for ids
    gives.
    """
    head = heads(book)
    lines = book.table("transactions")
    other = book_of(lines.assign(account_id=lines["account_id"].map(head.to_dict())))
    mine = by_group(book, head)
    for name in ("monthly", "days", "baskets"):
        pd.testing.assert_frame_equal(getattr(mine, name), getattr(other, name), check_exact=True)
    pd.testing.assert_frame_equal(mine.table("transactions"), other.table("transactions"))
    assert mine.totals == book.totals


# heads and members


def test_heads_by_hand():
    """a ← b ← c ← d is one group of any depth; e has a parent nobody knows, f is its own parent, g is alone,
    h only bought.
    """
    book = linked(lines_of(("h", "2025-01-05", 1.0)), d="c", c="b", b="a", a=None, e="zz", f="f", g=None)
    assert heads(book).to_dict() == {
        "a": "a",
        "b": "a",
        "c": "a",
        "d": "a",
        "e": "e",
        "f": "f",
        "g": "g",
        "h": "h",
    }
    assert heads(book).index.equals(book.accounts.index)
    assert group_sizes(heads(book)).to_dict() == {"a": 4}


def test_a_cycle_is_headed_by_its_smallest_id_and_so_is_what_hangs_below_it():
    book = linked(lines_of(("n", "2025-01-05", 1.0)), z="m", m="k", k="z", n="m", a="n", x="y", y="x")
    assert heads(book).to_dict() == {"z": "k", "m": "k", "k": "k", "n": "k", "a": "k", "x": "x", "y": "x"}
    assert group_sizes(heads(book)).to_dict() == {"k": 5, "x": 2}


@pytest.mark.parametrize("upward", [True, False])
def test_a_chain_of_50000_has_one_head(upward):
    names = [f"C{n:05d}" for n in range(50_000)]
    above = [None, *names[:-1]] if upward else [*names[1:], None]
    book = book_of(
        lines_of((names[0], "2025-01-05", 1.0)),
        accounts=pd.DataFrame({"account_id": names, "parent_id": above}, dtype="str"),
    )
    assert group_sizes(heads(book)).to_dict() == {names[0] if upward else names[-1]: 50_000}


def test_a_cycle_of_50000_has_one_head():
    names = [f"C{n:05d}" for n in range(50_000)]
    table = pd.DataFrame({"account_id": names, "parent_id": [*names[1:], names[0]]}, dtype="str")
    assert group_sizes(heads(book_of(lines_of((names[7], "2025-01-05", 1.0)), accounts=table))).to_dict() == {
        "C00000": 50_000
    }


def test_without_an_accounts_table_or_parents_every_account_heads_itself_and_the_book_stays():
    for tables in ({}, {"accounts": pd.DataFrame({"account_id": ["a", "b"], "account_name": ["x", "y"]})}):
        book = book_of(lines_of(("a", "2025-01-05", 1.0), ("b", "2025-01-06", 2.0)), **tables)
        assert heads(book).to_dict() == {"a": "a", "b": "b"}
        assert group_sizes(heads(book)).empty
        assert by_group(book, heads(book)) is book


def test_no_cycle_of_reporting_lines_is_left():
    rng = np.random.default_rng(5)
    for size in (1, 2, 3, 17, 60):
        ids = [f"p{i}" for i in range(size)]
        lines = pd.Series(
            [ids[i] if i >= 0 else None for i in rng.integers(-1, size, size)], index=ids, dtype=object
        )
        lines[lines.index == lines] = None
        cut = cycle_breaks(lines, pd.Series(rng.integers(1, 6, size), index=ids))
        left = lines.where(~lines.index.isin(cut), None).to_dict()
        for person in ids:
            steps, up = 0, left[person]
            while up:
                steps, up = steps + 1, left[up]
                assert steps <= size


# the Book by groups


def test_a_group_by_hand():
    """a heads b. Both buy on 5 March: one active day, one last date, two order numbers, three categories."""
    lines = pd.DataFrame(
        [
            ("a", "2025-03-05", 100.0, 60.0, "O1", "x"),
            ("b", "2025-03-05", 50.0, np.nan, "O2", "y"),
            ("b", "2025-03-20", 30.0, np.nan, "O1", "z"),  # a number that a used in the same month: one order
            ("b", "2025-03-21", -10.0, np.nan, "R1", "w"),
            ("b", "2025-05-02", 7.0, np.nan, "O3", "x"),
            ("c", "2025-03-05", 1.0, 0.5, "O9", "x"),
        ],
        columns=["account_id", "date", "amount", "cost", "order_id", "category"],
    )
    book = linked(lines, a=None, b="a", c=None)
    mine = by_group(book, heads(book))
    march = mine.monthly[(mine.monthly["account_id"] == "a") & (mine.monthly["bucket"] == 9)].iloc[0]
    assert march[["amount", "margin", "orders", "active_days", "categories"]].tolist() == [
        170.0,
        40.0,
        2,
        2,
        3,
    ]
    assert (march["first"], march["last"]) == (pd.Timestamp("2025-03-05"), pd.Timestamp("2025-03-21"))
    may = mine.monthly[(mine.monthly["account_id"] == "a") & (mine.monthly["bucket"] == 7)].iloc[0]
    assert pd.isna(may["margin"])
    assert mine.days[mine.days["account_id"] == "a"][["amount", "orders", "bought"]].to_numpy().tolist() == [
        [150.0, 2, True],
        [30.0, 1, True],
        [-10.0, 0, False],
        [7.0, 1, True],
    ]
    assert purchases.revenue(mine).to_dict() == {"a": 177.0, "c": 1.0}
    same_as_lines(book)


PARENTS = {f"A{n:03d}": f"A{n // 4 * 4:03d}" if n % 4 and n < 24 else None for n in range(40)}


@pytest.mark.parametrize("columns", [["category", "order_id"], ["category"], ["order_id"], []])
def test_grouping_then_rolling_up_is_rolling_up_the_lines_by_head(columns):
    lines = random_lines()[["account_id", "date", "amount", *columns]]
    same_as_lines(linked(lines, **PARENTS))


def test_grouping_holds_with_costs_products_gaps_and_lines_of_nobody():
    lines = random_lines(seed=5).rename(columns={"category": "product"})
    rng = np.random.default_rng(2)
    lines["cost"] = (lines["amount"] * 0.6).round(2).where(rng.random(len(lines)) < 0.5)
    lines["order_id"] = lines["order_id"].where(rng.random(len(lines)) < 0.5)
    lines["amount"] = lines["amount"].where(rng.random(len(lines)) < 0.9, -lines["amount"])
    lines["product"] = lines["product"].where(rng.random(len(lines)) < 0.8)
    lines.loc[rng.random(len(lines)) < 0.05, "account_id"] = None
    same_as_lines(linked(lines, **PARENTS))


LINE = st.tuples(
    st.sampled_from("abcdef"),
    st.dates(pd.Timestamp("2025-01-20").date(), pd.Timestamp("2025-04-10").date()),
    st.integers(-500, 1000).map(lambda cents: cents / 100),
    st.sampled_from([None, "O1", "O2", "O3"]),
    st.sampled_from([None, "x", "y"]),
)


@settings(deadline=None, max_examples=20)
@given(
    st.lists(LINE, min_size=1, max_size=25),
    st.lists(st.sampled_from([None, *"abcdef"]), min_size=6, max_size=6),
)
def test_grouping_holds_for_any_lines_and_any_links(rows, above):
    lines = pd.DataFrame(rows, columns=["account_id", "date", "amount", "order_id", "category"])
    lines = lines.astype({"order_id": "str", "category": "str"})
    book = linked(lines, **dict(zip("abcdef", above, strict=True)))
    same_as_lines(book)
    again = by_group(book, heads(book))
    assert (heads(again) == heads(again).index).all()  # nothing is left to group
    assert set(again.accounts.index) == set(heads(book))


def test_buckets_hold_where_as_of_is_the_last_day_of_a_long_month_or_in_the_middle():
    for day in ("2025-12-30", "2025-12-15", "2024-02-29"):
        lines = random_lines(accounts=12)
        book = book_of(
            lines,
            pd.Timestamp(day),
            accounts=accounts_of(**dict.fromkeys(lines["account_id"].unique(), "A000")),
        )
        other = book_of(lines.assign(account_id="A000"), pd.Timestamp(day))
        pd.testing.assert_frame_equal(by_group(book, heads(book)).monthly, other.monthly, check_exact=True)


def test_without_lines_orders_are_added_and_without_order_numbers_a_shared_day_is_one():
    """From a database the lines stay there: amounts, days and categories are as exact as with them."""
    for columns in (["category", "order_id"], ["category"]):
        lines = random_lines()[["account_id", "date", "amount", *columns]]
        second = lines.head(1).assign(order_id="second") if "order_id" in columns else lines.head(1)
        book = linked(
            pd.concat([lines, second]), **PARENTS
        )  # a day of two orders shows that there are order numbers
        bare = replace(book, tables={"accounts": book.table("accounts")})
        with_lines, without = by_group(book, heads(book)), by_group(bare, heads(bare))
        pd.testing.assert_frame_equal(without.monthly, with_lines.monthly)
        pd.testing.assert_frame_equal(without.days, with_lines.days)
        pd.testing.assert_frame_equal(
            without.baskets.drop(columns="orders"), with_lines.baskets.drop(columns="orders")
        )


# the other tables


def test_the_heads_row_stays_filled_where_members_agree():
    table = pd.DataFrame(
        [
            ("m1", "a", "One", "North", "Ann", 10.0, "2020-05-01"),
            ("lone", None, "Lone", None, None, 3.0, "2022-01-01"),
            ("a", None, "Group", None, None, np.nan, "2021-01-01"),
            ("m2", "m1", "Two", "North", "Bob", 10.0, None),
        ],
        columns=["account_id", "parent_id", "account_name", "region", "owner", "employees", "since"],
    ).astype({"since": "datetime64[us]"})
    book = book_of(lines_of(("a", "2025-01-05", 1.0), ("m2", "2025-01-05", 1.0)), accounts=table)
    mine = by_group(book, heads(book)).table("accounts")
    assert mine["account_id"].tolist() == ["lone", "a"]
    row = mine.set_index("account_id").loc["a"]
    assert (row["account_name"], row["region"], row["since"]) == (
        "Group",
        "North",
        pd.Timestamp("2020-05-01"),
    )
    assert (
        row[["parent_id", "owner", "employees"]].isna().all()
    )  # owners differ; employees are each company's own
    pd.testing.assert_series_equal(mine.dtypes, table.dtypes)
    pd.testing.assert_frame_equal(mine.iloc[[0]], table.iloc[[1]].reset_index(drop=True))


def test_a_head_known_only_from_its_purchases_gets_a_row():
    table = pd.DataFrame(
        {
            "account_id": ["m", "n"],
            "parent_id": ["a", "a"],
            "region": ["North", "North"],
            "listed": [True, True],
        }
    )
    book = book_of(lines_of(("a", "2025-01-05", 1.0), ("m", "2025-01-06", 2.0)), accounts=table)
    mine = by_group(book, heads(book))
    assert mine.table("accounts")[["account_id", "region"]].to_numpy().tolist() == [["a", "North"]]
    assert mine.accounts.index.tolist() == ["a"]


def test_overrides_the_heads_own_first_else_the_one_that_expires_last():
    ends = pd.to_datetime(
        ["2027-01-01", "2026-06-30", "2026-12-31", "2026-01-31", None, "9999-12-31", "2026-03-31"]
    ).astype("datetime64[us]")
    ids = ["m1", "a", "p1", "p2", "q1", "q2", "lone"]
    table = pd.DataFrame(
        {"account_id": ids, "tier": list("ABCABCA"), "reason": ids, "by": "board", "expires": ends}
    )
    book = book_of(
        lines_of(("a", "2025-01-05", 1.0)),
        accounts=accounts_of(a=None, m1="a", p=None, p1="p", p2="p", q=None, q1="q", q2="q", lone=None),
        overrides=table,
    )
    mine = by_group(book, heads(book)).table("overrides")
    assert sorted(mine["member"]) == sorted(ids)  # none is lost: the card decides which of them can be used
    first = mine.drop_duplicates("account_id")
    assert dict(zip(first["account_id"], first["reason"], strict=True)) == {
        "a": "a",
        "p": "p1",
        "q": "q1",
        "lone": "lone",
    }


def test_other_tables_take_the_heads_id_and_keep_their_rows():
    bills = pd.DataFrame(
        {"account_id": ["m", "zz", "a"], "invoice_date": AS_OF, "due_date": AS_OF, "amount": [1.0, 2.0, 4.0]}
    )
    deals = pd.DataFrame(
        {
            "opportunity_id": ["1", "2"],
            "account_id": pd.Series(["m", None], dtype="str"),
            "amount": 1.0,
            "stage": "x",
        }
    )
    ballots = pd.DataFrame({"rater": ["r"], "criterion": ["c"], "weight": [1.0]})
    book = book_of(
        lines_of(("a", "2025-01-05", 1.0)),
        accounts=accounts_of(a=None, m="a"),
        receivables=bills,
        opportunities=deals,
        ballots=ballots,
    )
    mine = by_group(book, heads(book))
    pd.testing.assert_frame_equal(mine.table("receivables"), bills.assign(account_id=["a", "zz", "a"]))
    assert mine.table("opportunities")["account_id"].fillna("nobody").tolist() == ["a", "nobody"]
    assert mine.table("ballots") is ballots
    assert book.table("receivables")["account_id"].tolist() == [
        "m",
        "zz",
        "a",
    ]  # the Book itself is left as it was
