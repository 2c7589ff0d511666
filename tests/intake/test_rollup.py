"""The roll-up against plain pandas and against itself: buckets, sums, baskets, totals, the same bytes on
every run.
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from conftest import book_of, lines_of, random_lines
from hypothesis import given, settings
from hypothesis import strategies as st

from kamplay import book as books
from kamplay.errors import KamplayError
from kamplay.intake import rollup
from kamplay.method.measures import purchases

AS_OF = date(2025, 12, 31)


def lines_with_everything(seed: int = 3) -> pd.DataFrame:
    """Orders of several lines, some over two days, returns, gaps in every optional column, lines without
    account and after as_of.
    """
    rng = np.random.default_rng(seed)
    n = 4000
    order = rng.integers(0, 900, n)
    start = pd.Timestamp("2023-05-01") + pd.to_timedelta((order * 37) % 1000, unit="D")
    lines = pd.DataFrame(
        {
            "account_id": [f"A{o % 50:02d}" for o in order],
            "date": start + pd.to_timedelta(rng.integers(0, 2, n), unit="D"),
        }
    )
    lines["amount"] = (rng.normal(100, 120, n)).round(2)
    lines["cost"] = (lines["amount"] * 0.7).round(2).where(rng.random(n) < 0.9)
    lines["order_id"] = pd.Series([f"O{o}" for o in order]).where(rng.random(n) < 0.95)
    lines["category"] = pd.Series(rng.choice(["x", "y", "z"], n)).where(rng.random(n) < 0.9)
    lines["product"] = "p"
    lines.loc[rng.random(n) < 0.02, "account_id"] = None
    return lines.astype({"account_id": "str", "order_id": "str", "category": "str", "date": "datetime64[us]"})


def expected(lines: pd.DataFrame, as_of: date) -> dict[str, pd.DataFrame]:
    """The same by plain pandas, from dates alone."""
    after = pd.Timestamp(as_of) + pd.Timedelta(days=1)
    edges = [after - pd.DateOffset(months=k) for k in range(-36, 60)]  # bucket k ends before edge k
    known = lines[lines["account_id"].notna()].copy()
    known["bucket"] = [
        max(k for k, edge in zip(range(-36, 60), edges, strict=True) if day < edge) for day in known["date"]
    ]
    known["order"] = known["order_id"].fillna(known["date"].dt.strftime("%Y-%m-%d"))
    known["margin"] = known["amount"] - known["cost"]
    known["costed"] = known["amount"].where(known["cost"].notna())
    positive = known[known["amount"] > 0]

    def table(keys: list[str]) -> pd.DataFrame:
        out = known.dropna(subset=keys).groupby(keys).agg(amount=("amount", "sum"))
        by = positive.dropna(subset=keys).groupby(keys)
        return out.assign(orders=by["order"].nunique().reindex(out.index).fillna(0).astype("int64")), by

    monthly, by = table(["account_id", "bucket"])
    every = known.groupby(["account_id", "bucket"])
    monthly["margin"] = every["margin"].sum(min_count=1)
    monthly["costed"] = every["costed"].sum(min_count=1)
    monthly["active_days"] = by["date"].nunique().reindex(monthly.index).fillna(0).astype("int64")
    monthly["categories"] = by["category"].nunique().reindex(monthly.index).fillna(0).astype("Int64")
    monthly["first"], monthly["last"] = every["date"].min(), every["date"].max()
    days, by_day = table(["account_id", "date"])
    days["bought"] = days.index.isin(by_day.size().index)
    baskets, _ = table(["account_id", "bucket", "category"])
    return {"monthly": monthly, "days": days, "baskets": baskets}


def compare(up: rollup.RollUp, lines: pd.DataFrame, as_of: date = AS_OF) -> None:
    for name, want in expected(lines, as_of).items():
        got = getattr(up, name).set_index(list(want.index.names)).sort_index()
        pd.testing.assert_frame_equal(
            got[list(want.columns)], want.sort_index(), check_index_type=False, rtol=0, atol=1e-6
        )


@pytest.mark.parametrize(
    "as_of",
    [AS_OF, date(2025, 6, 15), date(2024, 2, 29), date(2025, 2, 28), date(2025, 10, 30), date(2025, 1, 28)],
)
def test_agrees_with_plain_pandas(as_of):
    lines = lines_with_everything()
    compare(rollup.roll_up(lines, as_of), lines, as_of)


@settings(max_examples=60, deadline=None)
@given(st.dates(date(2023, 1, 1), date(2025, 12, 31)))
def test_buckets_end_where_the_calendar_says(as_of):
    days = pd.date_range(
        pd.Timestamp(as_of) - pd.Timedelta(days=800), pd.Timestamp(as_of) + pd.Timedelta(days=200), freq="D"
    )
    up = rollup.roll_up(
        pd.DataFrame({"account_id": "a", "date": days.astype("datetime64[us]"), "amount": 1.0}), as_of
    )
    after = pd.Timestamp(as_of) + pd.Timedelta(days=1)
    for row in up.monthly.itertuples():
        assert row.month_end == after - pd.DateOffset(months=row.bucket) - pd.Timedelta(days=1)
        assert after - pd.DateOffset(months=row.bucket + 1) <= row.first <= row.last <= row.month_end
    assert up.monthly["amount"].sum() == len(days)


def test_totals():
    lines = lines_of(("a", "2024-03-01", 10.0), ("b", "2025-12-31", -2.5), ("a", "2026-01-05", 4.0))
    lines.loc[len(lines)] = [None, "2025-05-05", 7.25]
    assert book_of(lines).totals == {
        "rows": 4,
        "amount": 18.75,
        "first": "2024-03-01",
        "last": "2025-12-31",
        "unassigned_rows": 1,
        "unassigned_amount": 7.25,
        "after_rows": 1,
        "after_amount": 4.0,
        "after_last": "2026-01-05",
    }


def test_without_optional_columns():
    book = book_of(lines_of(("a", "2025-03-01", 10.0), ("a", "2025-03-01", 5.0), ("a", "2025-03-09", -3.0)))
    row = book.monthly.iloc[0]
    assert (row["amount"], row["orders"], row["active_days"]) == (12.0, 1, 1)
    assert pd.isna(row["margin"])
    assert pd.isna(row["categories"])
    assert book.baskets.empty
    assert not book.has_cost
    assert not book.has_categories
    assert purchases.breadth(book) is None


def test_products_stand_in_for_categories():
    lines = lines_of(("a", "2025-03-01", 10.0), ("a", "2025-04-01", 10.0), ("a", "2025-04-02", -1.0)).assign(
        product=["p", "q", "r"]
    )
    empty = lines.assign(category=pd.Series([None] * 3, dtype="str"))
    for frame in (lines, empty):
        book = book_of(frame)
        assert purchases.breadth(book)["a"] == 2  # r was only returned
        assert purchases.breadth(book, 1, 8)["a"] == 1  # April
        assert book.has_categories


def test_a_book_without_lines_answers_from_its_roll_up():
    lines = random_lines(10)
    book = book_of(lines)
    bare = books.Book({}, book.monthly, book.days, book.baskets, book.totals, (), (), book.as_of)
    assert bare.has("transactions")
    assert bare.has("transactions", "category")
    assert not bare.has("transactions", "cost")
    pd.testing.assert_series_equal(purchases.breadth(bare), purchases.breadth(book))


def test_saved_and_loaded(tmp_path):
    book = book_of(lines_with_everything(), tickets=pd.DataFrame({"account_id": ["A01"]}))
    books.save(book, tmp_path / "book")
    again = books.load(tmp_path / "book")
    for name in ("monthly", "days", "baskets"):
        pd.testing.assert_frame_equal(getattr(again, name), getattr(book, name))
    assert again.totals == book.totals
    assert again.unassigned == book.unassigned


def test_the_order_of_the_lines_changes_no_digit():
    lines = pd.concat([lines_with_everything()] * 60, ignore_index=True)
    lines["amount"] = lines["amount"] / 1.13  # endless decimals
    one, two = (rollup.roll_up(frame, AS_OF) for frame in (lines, lines.sample(frac=1, random_state=5)))
    for name in ("monthly", "days", "baskets"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(two, name), check_exact=True)
    assert one.totals == two.totals


def test_the_limit_of_memory_is_the_documented_one(monkeypatch):
    monkeypatch.delenv("KAMPLAY_MEMORY", raising=False)
    page = (Path(__file__).parents[2] / "docs" / "settings.md").read_text(encoding="utf-8")
    stated, share = re.search(r"at most ([\d.]+) GB of memory or (\d+)% of the machine's", page).groups()
    with duckdb.connect(config={"memory_limit": f"{share}%"}) as machine:
        most = machine.execute("select memory_limit from pragma_database_size()").fetchone()[0]
    with rollup.local() as here, duckdb.connect(config={"memory_limit": f"{stated}GB"}) as wanted:
        found, want = (
            one.execute("select current_setting('memory_limit')").fetchone()[0] for one in (here.con, wanted)
        )
    assert found in (want, most)


def test_memory_limit(monkeypatch):
    monkeypatch.setenv("KAMPLAY_MEMORY", "300MB")
    lines = lines_with_everything()
    with rollup.local() as here:
        assert "286" in here.raw_sql("select current_setting('memory_limit')").fetchone()[0]  # MiB
    compare(rollup.roll_up(lines, AS_OF), lines)
    monkeypatch.setenv("KAMPLAY_MEMORY", "much")
    with pytest.raises(KamplayError) as error:
        rollup.roll_up(lines, AS_OF)
    assert [f.code for f in error.value.faults] == ["memory_unreadable"]


def test_accounts_are_added_up_some_at_a_time_where_lines_are_many(monkeypatch):
    lines = lines_with_everything()
    monkeypatch.setattr(rollup, "PART", 500 / rollup.megabytes())  # of 4,000 lines
    compare(rollup.roll_up(lines, AS_OF), lines)


def test_parquet_is_read_in_place(tmp_path):
    lines = lines_with_everything()
    lines.to_parquet(tmp_path / "lines.parquet")
    with rollup.local() as here:
        compare(rollup.collect(here.read_parquet(tmp_path / "lines.parquet"), AS_OF, here), lines)


@pytest.mark.parametrize("left_out", [[], ["cost"], ["order_id"], ["category"], ["category", "product"]])
@pytest.mark.parametrize("as_of", [AS_OF, date(2024, 2, 29), date(2025, 6, 15)])
def test_a_database_is_added_up_as_a_file_is(left_out, as_of):
    """The two ways to the same sums, of which one is SQL and the other what speaks a database's dialect."""
    lines = lines_with_everything().drop(columns=left_out)
    here_sums = rollup.roll_up(lines, as_of)
    with rollup.local() as there, rollup.local() as backend:
        there.con.register("lines", lines)
        there_sums = rollup.collect(there.table("lines"), as_of, backend)
    for name in ("monthly", "days", "baskets"):
        pd.testing.assert_frame_equal(getattr(here_sums, name), getattr(there_sums, name), rtol=0, atol=0)
    assert here_sums.totals == there_sums.totals
    pd.testing.assert_frame_equal(here_sums.accounts, there_sums.accounts, rtol=0, atol=0)
