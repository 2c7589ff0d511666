"""Orders that were credited in full: one purchase where an invoice replaces another, no return of goods; from
files and from a database alike.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest
from conftest import book_of

from kamplay.book import UNDONE_WITHIN
from kamplay.intake import rollup
from kamplay.method.check.step import check_data
from kamplay.method.health.churn_features import features_at_cutoff, purchase_history
from kamplay.method.measures import buying_rhythm, purchases
from kamplay.method.measures.hierarchy import by_group
from kamplay.method.value.account_forecast import history
from kamplay.show.findings import headline
from kamplay.show.locale import Locale

AS_OF = date(2011, 11, 30)
COLUMNS = ["date", "account_id", "amount", "order_id", "category"]

# Customer 15749 of Online Retail II: two invoices of one day, credited in full and invoiced anew at other
# prices, one category of the credit under another name
REBILLED = [
    ("2011-01-11", "15749", 6539.4, "540815", "Bath"),
    ("2011-01-11", "15749", 3700.0, "540815", "Home"),
    ("2011-01-11", "15749", 4921.5, "540815", "Lighting"),
    ("2011-01-11", "15749", 4522.5, "540818", "Home"),
    ("2011-01-11", "15749", 3315.0, "540818", "Kitchen"),
    ("2011-04-18", "15749", 6539.4, "550461", "Bath"),
    ("2011-04-18", "15749", 7634.5, "550461", "Home"),
    ("2011-04-18", "15749", 2730.0, "550461", "Kitchen"),
    ("2011-04-18", "15749", 4632.0, "550461", "Lighting"),
    ("2011-04-18", "15749", -6539.4, "C550456", "Bath"),
    ("2011-04-18", "15749", -8222.5, "C550456", "Home"),
    ("2011-04-18", "15749", -4921.5, "C550456", "Lighting"),
    ("2011-04-18", "15749", -3315.0, "C550456", "Party"),
]
# Customer 15098: three invoices of one day, two of them taken back within the hour
TAKEN_BACK = [
    ("2011-06-10", "15098", 297.0, "556442", "Home"),
    ("2011-06-10", "15098", 38970.0, "556444", "Home"),
    ("2011-06-10", "15098", 649.5, "556446", "Home"),
    ("2011-06-10", "15098", -38970.0, "C556445", "Home"),
    ("2011-06-10", "15098", -297.0, "C556448", "Home"),
]
# Customer 12346, its last order
CANCELLED = [
    ("2010-06-28", "12346", 142.31, "513774", "Home"),
    ("2011-01-18", "12346", 77183.6, "541431", "Kitchen"),
    ("2011-01-18", "12346", -77183.6, "C541433", "Kitchen"),
]


def lines(rows: list[tuple[str, str, float, str, str]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=COLUMNS)
    kinds = {"account_id": "str", "order_id": "str", "category": "str", "date": "datetime64[us]"}
    return frame.astype(kinds)


def bought_days(up: rollup.RollUp) -> list[str]:
    return [str(day.date()) for day in up.days.loc[up.days["bought"], "date"]]


def test_an_order_invoiced_again_is_one_purchase_and_no_return():
    up = rollup.roll_up(lines(REBILLED), AS_OF)
    assert bought_days(up) == ["2011-04-18"]
    assert up.days["orders"].tolist() == [0, 1]
    assert up.days["amount"].tolist() == [22998.4, -1462.5]  # as booked
    assert up.days["reversed"].tolist() == [22998.4, -22998.4]
    assert up.monthly.set_index("bucket")[["orders", "active_days"]].to_numpy().tolist() == [[0, 0], [1, 1]]
    assert up.undone["order_id"].tolist() == ["540815", "540818"]
    assert up.undone["amount"].sum() == pytest.approx(22998.4)
    assert set(up.undone["credited"]) == {pd.Timestamp("2011-04-18")}
    sums = up.baskets.groupby("category")[["amount", "orders"]].sum()
    # what is left is the invoice that stands; nothing was given back under "Party"
    left = {"Bath": 6539.4, "Home": 7634.5, "Kitchen": 2730.0, "Lighting": 4632.0, "Party": 0.0}
    assert sums["amount"].to_dict() == pytest.approx(left)
    assert sums["orders"].to_dict() == {"Bath": 1, "Home": 1, "Kitchen": 1, "Lighting": 1, "Party": 0}


def test_what_is_taken_back_on_its_day_is_no_order():
    up = rollup.roll_up(lines(TAKEN_BACK + CANCELLED), AS_OF)
    days = up.days.set_index(["account_id", "date"])
    assert days["orders"].tolist() == [1, 0, 1]  # 142.31 of 12346, its cancelled one, 649.50 of 15098
    assert days["bought"].tolist() == [True, False, True]
    assert up.undone["amount"].tolist() == [77183.6, 297.0, 38970.0]


def test_without_numbers_the_sales_of_a_day_are_the_order():
    rows = lines(REBILLED).drop(columns="order_id")
    up = rollup.roll_up(rows, AS_OF)
    assert bought_days(up) == ["2011-04-18"]
    assert up.undone["order_id"].tolist() == ["2011-01-11"]


def order(day: str, amount: float, number: str) -> tuple[str, str, float, str, str]:
    return (day, "a", amount, number, "x")


@pytest.mark.parametrize(
    ("rows", "kept"),
    [
        ([order("2011-01-11", 100, "1"), order("2011-02-01", -40, "C")], 1),  # part of it came back
        ([order("2011-01-11", 100, "1"), order("2011-02-01", -100, "C")], 0),
        ([order("2011-02-01", -100, "C"), order("2011-02-02", 100, "1")], 1),  # the credit came first
        ([order("2011-11-20", 100, "1"), order("2011-12-02", -100, "C")], 1),  # after the reporting date
        ([order("2011-12-01", 100, "1"), order("2011-12-02", -100, "C")], 0),
        # one credit undoes one order, the last before it
        ([order("2011-01-01", 100, "1"), order("2011-01-20", 100, "2"), order("2011-02-01", -100, "C")], 1),
        # two credits of a day for one order, and one for the two orders of a day
        ([order("2011-01-11", 100, "1"), *[order("2011-02-01", -50, f"C{n}") for n in (1, 2)]], 0),
        ([*[order("2011-01-11", 50, f"{n}") for n in (1, 2)], order("2011-02-01", -100, "C")], 0),
        # a number that stands on several days is no plain order
        ([order("2011-01-11", 100, "1"), order("2011-01-12", 9, "1"), order("2011-01-20", -100, "C")], 2),
    ],
)
def test_what_counts_as_undone(rows, kept):
    assert int(rollup.roll_up(lines(rows), AS_OF).days["bought"].sum()) == kept


def test_the_span_is_the_documented_one():
    credited = {
        n: pd.Timestamp("2011-01-01") + pd.Timedelta(days=n) for n in (UNDONE_WITHIN, UNDONE_WITHIN + 1)
    }
    for days, day in credited.items():
        rows = [order("2011-01-01", 100, "1"), order(str(day.date()), -100, "C")]
        assert bool(rollup.roll_up(lines(rows), AS_OF).days["bought"].any()) == (days > UNDONE_WITHIN)


@pytest.mark.parametrize("left_out", [[], ["order_id"], ["category"]])
def test_a_database_undoes_the_same_orders(left_out):
    sold = lines(REBILLED + TAKEN_BACK + CANCELLED).drop(columns=left_out)
    ours = rollup.roll_up(sold, AS_OF)
    with rollup.local() as there, rollup.local() as backend:
        there.con.register("lines", sold)
        theirs = rollup.collect(there.table("lines"), AS_OF, backend)
    for name in ("monthly", "days", "baskets", "undone"):
        pd.testing.assert_frame_equal(getattr(ours, name), getattr(theirs, name), rtol=0, atol=0)
    assert len(ours.undone)


def test_accounts_added_up_some_at_a_time_undo_the_same_orders(monkeypatch):
    sold = lines(REBILLED + TAKEN_BACK + CANCELLED)
    whole = rollup.roll_up(sold, AS_OF)
    monkeypatch.setattr(rollup, "PART", 5 / rollup.megabytes())
    parts = rollup.roll_up(sold, AS_OF)
    for name in ("monthly", "days", "baskets", "undone"):
        pd.testing.assert_frame_equal(getattr(whole, name), getattr(parts, name))


def test_purchases_are_one_thing_everywhere():
    """Card, rhythm, forecast and features count one purchase; revenue is as booked."""
    book = book_of(lines(REBILLED), pd.Timestamp(AS_OF))
    end = book.seen_to
    assert purchases.revenue(book)["15749"] == pytest.approx(21535.9)
    assert purchases.bought_once(book).tolist() == ["15749"]
    assert buying_rhythm.rhythm_at(book, end).loc["15749", "buys"] == 1
    told = history(book, end).loc["15749"]
    assert (told["purchases"], told["gross"], told["spend"]) == (
        1,
        pytest.approx(21535.9),
        pytest.approx(21535.9),
    )
    known = features_at_cutoff(book, purchase_history(book.days), end, 90).loc["15749"]
    assert known["returns"] == 0 and known["buys"] == 0  # the log of one purchase


def test_a_group_counts_what_its_members_bought():
    book = book_of(lines([*REBILLED, ("2011-04-18", "b", 10.0, "9", "Bath")]), pd.Timestamp(AS_OF))
    heads = pd.Series({"15749": "15749", "b": "15749"}).rename_axis("account_id")
    group = by_group(book, heads)
    assert group.days["orders"].tolist() == [0, 2] and group.days["bought"].tolist() == [False, True]
    assert group.baskets.groupby("category")["orders"].sum().to_dict()["Bath"] == 2
    assert group.monthly["orders"].tolist() == [0, 2]


def test_the_check_tells_what_was_assumed():
    book = book_of(lines(REBILLED + TAKEN_BACK + CANCELLED), pd.Timestamp(AS_OF))
    found = next(f for f in check_data(book, None).findings if f.kind == "orders_undone")
    assert found.figures["orders"] == 5 and found.figures["count"] == 3
    assert found.figures["amount"] == pytest.approx(22998.4 + 39267.0 + 77183.6)
    assert found.accounts[0] == "12346"


def test_it_is_told_how_soon_orders_were_credited():
    book = book_of(lines(REBILLED + TAKEN_BACK + CANCELLED), pd.Timestamp(AS_OF))
    found, locale = (
        next(f for f in check_data(book, None).findings if f.kind == "orders_undone"),
        Locale("zh", "GBP"),
    )
    for same_day, said in (
        (0, "全额冲回，都在180天以内。"),
        (2, "其中2个在当天，其余在180天以内。"),
        (5, "，都在当天。"),
    ):
        told = replace(found, figures={**found.figures, "same_day": same_day, "span": 180})
        assert said in headline(told, locale, {})
