"""From demand to cash: made-up orders, deliveries and bills worked by hand, and the accounts whose deliveries
the sample lets slip.
"""

import warnings
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from words import of_module

from kamplay.book import Book
from kamplay.method.health.order_to_cash import OrderToCash, add_findings, order_to_cash
from kamplay.method.measures import receivables
from kamplay.method.results import Findings
from kamplay.method.value.credit import credit
from kamplay.show.display import NOTHING
from kamplay.show.findings import headline
from kamplay.show.health.order_to_cash import open_orders_and_bills_table as table
from kamplay.show.health.order_to_cash import order_to_cash_chart as chart
from kamplay.show.locale import Locale
from kamplay.show.view import View, using
from tests.conftest import AS_OF, book_of

ACTIONS = of_module("health.order_to_cash").ACTIONS
HEADLINES = of_module("health.order_to_cash").HEADLINES

PARCEL = ["order_id", "account_id", "promised_date", "delivered_date", "ordered", "delivered"]
BILL = ["invoice_id", "account_id", "invoice_date", "due_date", "paid_date", "amount"]


def made(orders: list[tuple], parcels: list[tuple] | None = None, bills: list[tuple] | None = None) -> Book:
    lines = pd.DataFrame(orders, columns=["order_id", "account_id", "date", "amount"])
    tables = {}
    for name, rows, columns in (("deliveries", parcels, PARCEL), ("receivables", bills, BILL)):
        if rows is not None:
            frame = pd.DataFrame(rows, columns=columns)
            for column in (c for c in columns if c.endswith("_date")):
                frame[column] = pd.to_datetime(frame[column])
            tables[name] = frame
    return book_of(lines, **tables)


def told(result: OrderToCash) -> dict:
    found = Findings("health")
    add_findings(found, result)
    return {f.kind: f for f in found}


ORDERS = [
    ("O1", "A", "2025-11-01", 600.0),
    ("O1", "A", "2025-11-03", 400.0),  # one order in two lines
    ("O2", "A", "2025-11-10", 500.0),
    ("O3", "A", "2025-12-01", 800.0),
    ("O4", "B", "2025-12-20", 300.0),
]
PARCELS = [
    ("O1", "A", "2025-11-10", "2025-11-09", 10, 10),  # in time and in full, 8 days
    ("O2", "A", "2025-11-20", "2025-11-25", 10, 8),  # a fifth short: 100 stuck
    ("O3", "A", "2025-12-11", None, 10, None),  # 20 days late: 800 stuck
    ("O4", "B", "2026-01-05", None, 5, None),  # not due yet
]
BILLS = [
    ("F1", "A", "2025-11-05", "2025-12-05", None, 1000.0),  # 26 days overdue
    ("F2", "B", "2025-12-22", "2026-01-20", None, 300.0),  # not due yet
    ("F3", "B", "2025-06-01", "2025-07-01", "2025-07-11", 50.0),
]


def test_loops_counted_by_hand():
    result = order_to_cash(made(ORDERS, PARCELS, BILLS))
    row = result.accounts.loc["A"]
    assert (row["late_orders"], row["late_amount"]) == (1, 800.0)
    assert (row["short_orders"], row["short_amount"]) == (1, pytest.approx(500 * 2 / 10))
    assert (row["bills"], row["overdue"]) == (1, 1000.0)
    assert (row["open"], row["stuck"], row["oldest"]) == (
        3,
        pytest.approx(1900.0),
        41.0,
    )  # short since 20 November
    assert row["acts"] == "finance" and row["to_deliver"] == pytest.approx((8 + 15) / 2)
    assert result.accounts.loc["B", "open"] == 0 and result.accounts.loc["B", "acts"] is None
    assert (result.figures["open"], result.figures["accounts"]) == (3, 1) and result.figures[
        "stuck"
    ] == pytest.approx(1900.0)


def test_what_came_after_the_day_has_not_come():
    late = [("O3", "A", "2025-12-11", "2026-01-15", 10, 10)]
    bills = [("F1", "A", "2025-11-05", "2025-12-05", "2026-02-01", 1000.0)]
    row = order_to_cash(made(ORDERS, late, bills)).accounts.loc["A"]
    assert (row["late_orders"], row["bills"]) == (1, 1)


def test_an_order_that_came_in_parcels_is_not_short():
    parcels = [("O2", "A", "2025-11-20", "2025-11-18", 10, 6), ("O2", "A", "2025-11-20", "2025-11-28", 10, 4)]
    assert order_to_cash(made(ORDERS, parcels)).accounts.loc["A", "open"] == 0
    parcels[1] = ("O2", "A", "2025-11-20", "2025-11-28", 10, 3)
    row = order_to_cash(made(ORDERS, parcels)).accounts.loc["A"]
    assert (row["short_orders"], row["short_amount"]) == (1, pytest.approx(50.0))


def test_a_late_parcel_holds_its_part_of_the_order():
    parcels = [("O3", "A", "2025-12-11", "2025-12-10", 10, 10), ("O3", "A", "2025-12-11", None, 30, None)]
    row = order_to_cash(made(ORDERS, parcels)).accounts.loc["A"]
    assert (row["late_orders"], row["late_amount"]) == (1, pytest.approx(400.0))


def test_an_old_shortfall_is_taken_for_settled():
    parcels = [("O2", "A", "2025-06-20", "2025-06-25", 10, 8)]
    assert order_to_cash(made(ORDERS, parcels)).accounts.loc["A", "open"] == 0


def yearly(days_now: int, days_before: int, orders: int = 6) -> tuple[list[tuple], list[tuple]]:
    """Orders of both years, delivered after so many days."""
    lines, parcels = [], []
    for start, days, name in (
        (AS_OF - pd.Timedelta(days=200), days_now, "N"),
        (AS_OF - pd.Timedelta(days=600), days_before, "P"),
    ):
        for i in range(orders):
            placed = start + pd.Timedelta(days=5 * i)
            came = placed + pd.Timedelta(days=days)
            lines.append((f"{name}{i}", "A", placed, 100.0 + i + (50 if name == "P" else 0)))
            parcels.append((f"{name}{i}", "A", came, came, 1, 1))
    return lines, parcels


@pytest.mark.parametrize(
    ("now", "before", "slower"), [(12, 8, True), (9, 8, False), (8, 12, False), (101, 98, False)]
)
def test_slower_than_the_year_before(now, before, slower):
    result = order_to_cash(made(*yearly(now, before)))
    row = result.stages.set_index("stage").loc["delivery"]
    assert (row["days"], row["days_before"], row["cases"], row["cases_before"]) == (now, before, 6, 6)
    assert ("loop_slower_delivery" in told(result)) is slower


def test_a_median_of_few_orders_is_not_told():
    row = order_to_cash(made(*yearly(12, 8, orders=4))).stages.set_index("stage").loc["delivery"]
    assert np.isnan(row["days"]) and row["cases"] == 4


@pytest.mark.parametrize("by", ["id", "amount"])
def test_bills_are_tied_to_orders_by_number_or_by_amount(by):
    lines, _ = yearly(5, 5)
    bills = [
        (o if by == "id" else f"F{o}", a, d + pd.Timedelta(days=3), d + pd.Timedelta(days=33), None, v)
        for o, a, d, v in lines
    ]
    result = order_to_cash(made(lines, None, bills))
    assert result.figures["linked_by"] == by and result.figures["linked"] == 1.0
    assert result.stages.set_index("stage").loc["invoice", "days"] == 3
    assert ("loop_linked_by_amount" in told(result)) is (by == "amount")


def test_equal_amounts_are_tied_to_nothing():
    lines, _ = yearly(5, 5)
    lines = [(o, a, d, 100.0) for o, a, d, _ in lines]
    bills = [
        (f"F{o}", a, d + pd.Timedelta(days=3), d + pd.Timedelta(days=33), None, v) for o, a, d, v in lines
    ]
    result = order_to_cash(made(lines, None, bills))
    assert result.figures["linked"] == 0 and np.isnan(result.stages.set_index("stage").loc["invoice", "days"])
    assert "loop_not_linked" in told(result)


def test_two_bills_of_one_amount_are_not_tied_to_its_one_order():
    lines, _ = yearly(5, 5)
    bills = [
        (f"F{o}{n}", a, d + pd.Timedelta(days=n), d + pd.Timedelta(days=33), None, v)
        for o, a, d, v in lines
        for n in (3, 9)
    ]
    assert order_to_cash(made(lines, None, bills)).figures["linked"] == 0


def test_accounts_bills_and_lines_of_later_are_not_there_yet():
    """A later line of an order, a later bill of the same amount, accounts that only come later: as if they
    were not in the tables.
    """
    lines, _ = yearly(5, 5)
    bills = [(None, a, d + pd.Timedelta(days=3), d + pd.Timedelta(days=33), None, v) for o, a, d, v in lines]
    later = AS_OF + pd.Timedelta(days=9)
    more = [
        (bills[0][0], bills[0][1], later, later, None, bills[0][5]),
        (None, "NEW", later, later, None, 5.0),
    ]
    parcels = [("O", "A", AS_OF, AS_OF, 1, 1)]
    one = order_to_cash(made(lines, parcels, bills))
    two = order_to_cash(
        made(
            [*lines, (lines[0][0], lines[0][1], later, 1e6)],
            [*parcels, ("N", "NEWER", later, later, 1, 1)],
            bills + more,
        )
    )
    assert one.figures == two.figures and one.figures["linked"] == 1.0
    pd.testing.assert_frame_equal(one.accounts, two.accounts)
    pd.testing.assert_frame_equal(one.stages, two.stages)


def test_without_a_bill_in_the_year_nothing_is_said_of_linking():
    old = (
        [("O1", "A", "2023-01-01", 70.0)],
        None,
        [(None, "A", "2023-01-05", "2023-02-05", "2023-02-01", 70.0)],
    )
    result = order_to_cash(made(*old))
    assert result.figures["linked"] is None and "loop_linked_by_amount" not in told(result)


def test_a_table_that_begins_lately_tells_nothing_of_a_year_ago():
    row = order_to_cash(made(ORDERS, PARCELS, BILLS)).stages.set_index("stage")
    assert np.isnan(row.loc["delivery", "open_before"]) and row.loc["delivery", "open"] == 2


@pytest.mark.parametrize(("came", "fell"), [(10, False), (8, False), (4, True)])
def test_on_time_less_often_by_more_than_chance(came, fell):
    lines, parcels = [], []
    for i in range(40):  # all but two of 40 in time in the year before, then `came` of 10
        day = AS_OF - pd.Timedelta(days=200 + 8 * i)
        lines.append((f"P{i}", "A", day - pd.Timedelta(days=5), 10.0 + i))
        parcels.append((f"P{i}", "A", day, day + pd.Timedelta(days=int(i < 2)), 1, 1))
    for i in range(10):
        day = AS_OF - pd.Timedelta(days=10 + 10 * i)
        lines.append((f"N{i}", "A", day - pd.Timedelta(days=5), 100.0 + i))
        parcels.append((f"N{i}", "A", day, day + pd.Timedelta(days=int(i >= came)), 1, 1))
    assert ("loop_late" in told(order_to_cash(made(lines, parcels)))) is fell


def test_clean_missing_and_both_ways():
    assert "loop_clean" in told(order_to_cash(made(ORDERS, PARCELS[:1], [])))
    nothing = order_to_cash(made(ORDERS))
    assert list(told(nothing)) == ["loop_unknown"]
    health = SimpleNamespace(order_to_cash=nothing)
    assert chart(health) is NOTHING and table(health) is NOTHING
    assert "loop_no_bills" in told(order_to_cash(made(ORDERS, PARCELS))) and "loop_no_deliveries" in told(
        order_to_cash(made(ORDERS, None, BILLS))
    )
    assert told(order_to_cash(made(ORDERS, PARCELS, BILLS)))["loop_both_ways"].accounts == ("A",)


def test_without_an_order_s_amount_the_headline_names_none():
    """Late and short deliveries that no order can be tied to: not "0 stuck", and kinds of which nothing is
    open are left out.
    """
    parcels = [("X1", "A", "2025-12-11", None, 10, None), ("X2", "A", "2025-12-01", "2025-12-05", 10, 8)]
    found = told(order_to_cash(made(ORDERS, parcels)))
    assert "loop_open" not in found and found["loop_open_unpriced"].figures["first_open"] == 2
    said = headline(found["loop_open_unpriced"], Locale("en", "EUR"), {})
    assert said.startswith(
        "2 loops are open at 1 account: 1 order past the promised date, 1 "
        "delivered short. Most are open at A (2);"
    )
    assert "€" not in said and "0" not in said.replace("30", "").replace("20", "")


def test_an_amount_that_leaves_deliveries_out_says_so():
    """Of two late deliveries one has its order: half is without an amount."""
    parcels = [
        *PARCELS[:1],
        ("O3", "A", "2025-12-11", None, 10, None),
        ("X1", "A", "2025-12-11", None, 10, None),
    ]
    found = told(order_to_cash(made(ORDERS, parcels)))
    assert found["loop_open"].figures["stuck"] == 800.0 and found["loop_part_priced"].figures["share"] == 0.5
    assert headline(found["loop_open"], Locale("en", "EUR"), {}).startswith(
        "2 loops are open at 1 account with €800: 2 orders past"
    )
    assert "loop_part_priced" not in told(order_to_cash(made(ORDERS, PARCELS, BILLS)))


def test_tables_that_ended_long_before_the_day_say_so():
    """The last delivery came on 1 October, 91 days before the end of the year: what has come since is not in
    the data.
    """
    parcels = [("O1", "A", "2025-10-02", "2025-10-01", 10, 10), ("O2", "A", "2025-10-03", None, 10, None)]
    ended = told(order_to_cash(made(ORDERS, parcels)))["loop_ended"].figures
    assert ended == {"ended": "2025-10-01", "days": 91}
    current = [*parcels, ("O3", "A", "2025-12-11", "2025-12-10", 10, 10)]
    assert "loop_ended" not in told(order_to_cash(made(ORDERS, current)))


def test_messy_tables_do_not_break_it():
    parcels = [
        (None, "A", "2025-11-20", None, np.nan, np.nan),
        ("X", "C", "2025-11-20", "2025-11-25", 10, 5),
        (None, "A", "2025-11-20", "2025-11-21", 4, 1),
    ]
    bills = [
        (None, "C", "2025-11-05", "2025-11-06", None, 10.0),
        ("F", "A", "2025-11-05", "2025-11-06", None, -10.0),
    ]
    result = order_to_cash(made(ORDERS, parcels, bills))
    frame = result.accounts
    assert (
        frame.loc["A", "late_orders"],
        frame.loc["A", "short_orders"],
        frame.loc["C", "short_orders"],
    ) == (1, 1, 1)
    numbers = frame[["late_amount", "short_amount", "overdue", "stuck", "open"]]
    assert np.isfinite(numbers.to_numpy(dtype=float)).all()
    told(result)
    for language in ("zh", "en"):
        with using(View(Locale(language, "EUR"))):
            assert (
                chart(SimpleNamespace(order_to_cash=result)).html
                and table(SimpleNamespace(order_to_cash=result)).html
            )


def test_a_stage_known_a_year_before_only_is_drawn_to_its_scale():
    lines, parcels = yearly(5, 90)
    result = order_to_cash(made(lines[6:], [*parcels[6:], ("N", "A", "2025-12-01", None, 1, None)]))
    row = result.stages.set_index("stage").loc["delivery"]
    assert np.isnan(row["days"]) and row["days_before"] == 90 and row["open"] == 1
    with warnings.catch_warnings(), using(View(Locale("en", "EUR"))):
        warnings.simplefilter("error", UserWarning)  # which a picture whose texts lie outside gives
        assert chart(SimpleNamespace(order_to_cash=result)).html


def test_without_lines_only_the_days_from_the_order_are_missing():
    book = made(ORDERS, PARCELS, BILLS)
    del book.tables["transactions"]
    result = order_to_cash(book)
    assert result.figures["open"] == 3 and result.stages["days"].isna().tolist() == [True, True, False]


@pytest.fixture(scope="module")
def of_sample(medtech_book) -> OrderToCash:
    return order_to_cash(medtech_book)


def test_the_sample_agrees_with_what_other_sections_say(of_sample, medtech_book):
    result, book = of_sample, medtech_book
    assert result.accounts["overdue"].sum() == pytest.approx(receivables.owed(book)["overdue"].sum())
    assert result.stages.set_index("stage").loc["collection", "days"] == pytest.approx(credit(book).days_now)


def test_the_sample_s_planted_accounts(of_sample, medtech_answers):
    key, found = medtech_answers, told(of_sample)
    unpaid = next(c for c in key["cases"] if c["kind"] == "unpaid_key")
    assert found["loop_open"].accounts[0] == unpaid["account_id"]
    assert found["loop_open"].figures["first_stuck"] == pytest.approx(unpaid["evidence"]["overdue"])
    # first of all by how rarely chance does it, and yet not beyond what chance does among so many accounts
    delivered = {c["account_id"] for c in key["churners"] if c["reason"] == "delivery"}
    assert set(of_sample.accounts["late_p_value"].nsmallest(len(delivered)).index) == delivered
    assert "loop_late" not in found


def test_words_for_every_kind():
    found = told(order_to_cash(made(ORDERS, PARCELS, BILLS)))
    assert set(found) <= set(HEADLINES) and all(
        f.action is None or f.action in ACTIONS for f in found.values()
    )
