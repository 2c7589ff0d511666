"""What the tables said on a given day: figures worked by hand, and nothing from after that day."""

import numpy as np
import pandas as pd
import pytest
from conftest import AS_OF, book_of, lines_of

from kamplay.method.measures import features_at

LINES = lines_of(("a", "2023-01-05", 100.0), ("a", "2025-12-01", 100.0), ("b", "2025-11-01", 50.0))


def frame(**columns: list) -> pd.DataFrame:
    out = pd.DataFrame(columns)
    for name in out:
        if name in (
            "invoice_date",
            "due_date",
            "paid_date",
            "promised_date",
            "delivered_date",
            "opened",
            "closed",
            "due",
            "date",
            "confirmed",
        ):
            out[name] = pd.to_datetime(out[name]).astype("datetime64[us]")
    return out.assign(account_id=out["account_id"].astype("str"))


BILLS = frame(
    account_id=["a", "a", "a", "b", None],
    invoice_date=["2025-06-01", "2025-08-01", "2025-10-01", "2025-12-15", "2025-10-01"],
    due_date=["2025-08-01", "2025-10-01", "2025-12-01", "2026-01-15", "2025-12-01"],
    paid_date=["2025-08-11", None, "2026-01-20", None, None],
    amount=[100.0, 200.0, 300.0, 50.0, 9.0],
)


def test_payments_by_hand():
    seen = features_at.payments(book_of(LINES, receivables=BILLS), AS_OF)
    a, b = seen.loc["a"], seen.loc["b"]
    # the invoice paid on 20 January is unpaid on 31 December: 30 days late; the open one 91; the first was
    # paid 10 late
    assert (a["open"], a["overdue"], a["oldest"], a["bills_overdue"]) == (500.0, 500.0, 91.0, 2)
    assert a["days_late"] == pytest.approx((10 + 91 + 30) / 3)
    assert (b["open"], b["overdue"], b["overdue_share"], b["oldest"]) == (50.0, 0.0, 0.0, 0.0)
    assert np.isnan(b["days_late"])
    assert np.isnan(a["days_late_before"])
    assert a["last"] == pd.Timestamp("2025-10-01")


def test_a_past_day_knows_no_later_payment():
    seen = features_at.payments(book_of(LINES, receivables=BILLS), pd.Timestamp("2025-08-05"))
    assert seen.loc["a", "overdue"] == 100.0  # paid on the 11th only
    assert seen.loc["a", "open"] == 300.0
    assert seen.loc["b", "open"] == 0.0  # invoiced in December


def test_rows_after_the_day_change_nothing():
    book = book_of(LINES, receivables=BILLS)
    day = pd.Timestamp("2025-11-15")
    later = BILLS[BILLS["invoice_date"] <= day].assign(
        paid_date=lambda b: b["paid_date"].where(b["paid_date"] <= day)
    )
    pd.testing.assert_frame_equal(
        features_at.payments(book, day), features_at.payments(book_of(LINES, receivables=later), day)
    )


def test_a_list_of_open_items_says_nothing_of_habit():
    seen = features_at.payments(book_of(LINES, receivables=BILLS.drop(columns="paid_date")), AS_OF)
    assert seen["days_late"].isna().all()
    assert seen.loc["a", "overdue"] == 600.0
    assert (
        features_at.payments(
            book_of(LINES, receivables=BILLS.drop(columns="paid_date")), pd.Timestamp("2025-06-30")
        )
        is None
    )


def test_deliveries_by_hand():
    runs = frame(
        account_id=["a"] * 5,
        promised_date=["2025-03-01", "2025-09-01", "2025-10-01", "2025-12-01", "2025-12-31"],
        delivered_date=["2025-03-01", "2025-08-30", "2025-10-09", None, None],
        ordered=[5.0, 5.0, 5.0, 5.0, 5.0],
        delivered=[5.0, 4.0, 5.0, np.nan, np.nan],
    )
    seen = features_at.deliveries(book_of(LINES, deliveries=runs), AS_OF).loc["a"]
    assert (seen["orders"], seen["on_time"], seen["on_time_before"]) == (
        3,
        pytest.approx(1 / 3),
        1.0,
    )  # today's may still come
    assert (seen["in_full"], seen["badly_late"]) == (pytest.approx(1 / 3), pytest.approx(2 / 3))


def test_tickets_by_hand():
    rows = frame(
        account_id=["a"] * 5 + ["b"],
        opened=["2025-02-01", "2025-09-01", "2025-10-01", "2025-11-01", "2025-12-20", "2024-12-01"],
        closed=["2025-02-11", "2025-09-05", None, "2026-01-05", None, "2024-12-02"],
        kind=["complaint", "complaint", "complaint", "complaint", "request", "repair"],
        due=["2025-02-05", "2025-09-05", "2025-10-05", "2026-01-03", "2025-12-25", "2024-12-05"],
    )
    seen = features_at.tickets(book_of(LINES, tickets=rows), AS_OF)
    a = seen.loc["a"]
    assert (a["complaints"], a["complaints_before"], a["open_complaints"], a["past_due"]) == (3, 1, 2, 1)
    assert a["days_to_close"] == pytest.approx((10 + 4) / 2)
    assert (seen.loc["b", "complaints"], seen.loc["b", "last"]) == (0, pd.Timestamp("2024-12-01"))
    assert (
        features_at.tickets(book_of(LINES, tickets=rows.drop(columns="kind")), AS_OF)["complaints"]
        .isna()
        .all()
    )


def test_surveys_of_different_scales():
    rows = frame(
        account_id=["a", "a", "a", "b"],
        date=["2025-01-01", "2025-06-01", "2025-06-01", "2025-06-01"],
        score=[4.0, 9.0, 3.0, 4.5],
        scale=[5.0, 10.0, 5.0, np.nan],
        nps=[9.0, np.nan, np.nan, np.nan],
    )
    seen = features_at.surveys(book_of(LINES, surveys=rows), AS_OF)
    assert seen.loc["a", ["score", "score_before", "scored", "nps"]].tolist() == pytest.approx(
        [0.75, 0.8, 2, 9]
    )
    assert seen.loc["b", "score"] == pytest.approx(0.9)  # out of 5, the least scale that holds it
    assert np.isnan(seen.loc["b", "score_before"])


PEOPLE = frame(
    contact_id=["1", "2", "3"],
    account_id=["a", "a", "a"],
    title=["院长（已离职）", "科主任", "Buyer"],
    layer=["decision", "implementation", "use"],
    stance=[2.0, 2.0, -1.0],
    influence=[5.0, 3.0, 1.0],
    confirmed=["2025-01-01", "2025-12-01", "2024-01-01"],
)


def test_contacts_now():
    seen = features_at.contacts(book_of(LINES, contacts=PEOPLE), AS_OF).loc["a"]
    assert (seen["contacts"], seen["layers"], seen["champions"], seen["gone"]) == (2, 2, 1, 1)
    assert seen["top_layer_gone"] and not seen["single_thread"]
    assert seen["stance"] == pytest.approx((3 * 2 - 1) / 4)
    assert seen["confirmed_share"] == 0.5


def test_undated_tables_stay_closed_for_the_past():
    wallet = frame(account_id=["a"], spend=[1000.0], top_competitor_share=[0.6])
    book = book_of(LINES, contacts=PEOPLE, wallet=wallet)
    assert features_at.contacts(book, pd.Timestamp("2025-06-30")) is None
    assert features_at.competition(book, pd.Timestamp("2025-06-30")) is None
    assert features_at.competition(book, AS_OF).loc["a", "rival_share"] == 0.6


@pytest.mark.parametrize("title", ["主任（已离职）", "Buyer (left)", "经理 离职", "Director, former"])
def test_titles_of_those_who_left(title):
    assert features_at.has_left(pd.DataFrame({"title": [title, "left bank manager", None]})).tolist() == [
        True,
        False,
        False,
    ]


def test_visits_by_hand():
    days = ["2024-06-01", "2025-05-01", "2025-06-01", "2025-08-01", "2025-12-01"]
    rows = frame(
        account_id=["a"] * 5, date=days, outcome=["none", "advance", "continuation", None, "advance"]
    )
    seen = features_at.visits(book_of(LINES, visits=rows), AS_OF).loc["a"]
    assert (seen["visits"], seen["visits_before"], seen["days_since"]) == (1, 1.5, 30.0)
    assert seen["advance_share"] == pytest.approx(2 / 3)


def test_a_log_that_begins_later_is_no_silence():
    rows = frame(account_id=["a"], date=["2025-12-20"])
    seen = features_at.visits(book_of(LINES, visits=rows), AS_OF)
    assert seen[["visits", "visits_before"]].isna().all().all()


def test_competition_by_hand():
    deals = frame(
        account_id=["a", "a", "a", "b", None],
        closed=["2024-06-01", "2025-06-01", "2025-07-01", "2026-02-01", "2025-03-01"],
        result=["lost", "lost", "lost", "lost", "lost"],
        competitor=["X", "X", None, "Y", "Z"],
    )
    seen = features_at.competition(book_of(LINES, opportunities=deals), AS_OF)
    assert seen.loc["a", ["lost_deals", "lost_before"]].tolist() == [1, 1]
    assert seen.loc["b", "lost_deals"] == 0  # lost later


@pytest.mark.parametrize(
    "read", ["payments", "deliveries", "tickets", "surveys", "contacts", "visits", "competition"]
)
def test_none_without_the_table(read):
    assert getattr(features_at, read)(book_of(LINES), AS_OF) is None
