"""Whom a visit is for, and on which day an action that takes one is done: by hand."""

import pandas as pd

from kamplay.method.plan.meetings import (
    done_on,
    for_the_senior,
    large_terms,
    on_their_visits,
    seen_by_then,
    with_contacts,
)

PEOPLE = pd.DataFrame(
    {
        "account_id": "a",
        "label": ["head nurse", "director", "buyer"],
        "layer": ["use", "decision", "implementation"],
        "gone": False,
        "days": [90, 60, 30],
        "influence": 1,
    },
    index=pd.Index(["nurse", "director", "buyer"], name="contact_id"),
)


def visits(*rows: tuple) -> pd.DataFrame:
    """From (day, role, kind), all of unit a."""
    frame = pd.DataFrame(rows, columns=["date", "role", "kind"]).assign(unit_id="a", person="Li")
    return frame.assign(date=pd.to_datetime(frame["date"]))


def todo(*rows: tuple) -> pd.DataFrame:
    """From (kind, due, bound, meet, senior), all at unit a and with a visit."""
    frame = pd.DataFrame(rows, columns=["todo", "due", "bound", "meet", "senior"])
    return frame.assign(unit_id="a", visits=1)


VISITS = visits(
    ("2026-12-01", "branch", "visit"),
    ("2026-12-07", "head_office", "visit"),
    ("2026-12-15", "branch", "visit"),
    ("2027-02-01", "branch", "review"),
)
TODO = todo(
    ("move_deal", "2026-12-02", False, "buyer", False),
    ("find_successor", "2026-12-07", True, "nurse", False),
    ("agree_contract", "2026-12-07", True, "director", True),
    ("joint_review", "2027-02-20", False, "director", False),
)


def test_what_is_bound_has_the_visits_by_its_day_and_what_is_not_waits_for_the_next():
    met = with_contacts(VISITS, PEOPLE, TODO)
    # the successor on the owner's visit, the contract on that of the head of sales, the deal on the next
    assert met["contact_id"].tolist() == ["nurse", "director", "buyer", "director"]
    assert met["purpose"].tolist() == ["find_successor", "agree_contract", "move_deal", "joint_review"]
    # each on the day of its visit, the review too
    due = ["2026-12-15", "2026-12-01", "2026-12-07", "2027-02-01"]
    assert on_their_visits(TODO.assign(begins=""), met).tolist() == due
    # but what is asked for in writing by the day of notice
    written = TODO.assign(begins=["", "", "2026-11-10", ""])
    assert on_their_visits(written, met).tolist() == [*due[:2], "2026-12-07", due[3]]


def test_what_waits_is_done_after_what_it_waits_for_and_with_another_where_one_visit_is_left():
    """By hand: whom the deal needs is met on the 15th, so the deal, wished for the 2nd, is settled there as
    well; a third step, by phone on the 20th, leaves no visit for a fourth but the review.
    """
    rows = todo(
        ("meet_person", "2026-12-16", False, "buyer", False),
        ("move_deal", "2026-12-02", False, "buyer", False),
        ("next_order", "2026-12-20", False, None, False),
        ("win_share", "2026-12-22", False, "director", False),
    ).assign(waits=[0, 1, 2, 3], place=[1, 2, 3, 4], visits=[1, 1, 0, 1])
    met = with_contacts(VISITS, PEOPLE, rows)
    third = met.loc[2]
    assert (third["contact_id"], third["purpose"], third["also"]) == ("buyer", "meet_person", "move_deal")
    assert done_on(rows["unit_id"], rows["todo"], rows["meet"], met).tolist() == ["2026-12-15"] * 2 + [
        None,
        "2027-02-01",
    ]


def test_what_finds_no_visit_by_its_day_is_not_seen():
    """One visit, two people to be met by its day: the first has it."""
    rows = TODO[TODO["bound"]].assign(account_id="a", kind=lambda own: own["todo"], facts="{}")
    met = with_contacts(VISITS.iloc[:1], PEOPLE, rows)
    assert done_on(rows["unit_id"], rows["todo"], rows["meet"], met).tolist() == ["2026-12-01", None]
    assert seen_by_then(rows, met).tolist() == [True, False]


def test_without_a_name_each_has_a_visit_of_its_own():
    rows = TODO.assign(meet=None)
    met = with_contacts(VISITS, PEOPLE, rows)
    assert met["contact_id"].tolist() == ["nurse", "director", "buyer", "nurse"]  # the layers of each in turn
    # the successor has the first, the contract that of head office, the deal the next
    on = ["2026-12-15", "2026-12-01", "2026-12-07", "2027-02-01"]
    assert done_on(rows["unit_id"], rows["todo"], rows["meet"], met).tolist() == on


def test_who_goes_for_large_terms():
    """Of a revenue of 1000, a brings 980 and b 10, 1 %: both are large, c and d not. The visit at b is for
    the successor; of what is not large only the head of sales's own is senior.
    """
    revenue = pd.Series({"a": 980.0, "b": 10.0, "c": 1.0, "d": 9.0})
    rows = pd.DataFrame(
        [
            ("a", "agree_contract", "owner"),
            ("b", "find_successor", "owner"),
            ("b", "agree_contract", "owner"),
            ("c", "find_successor", "owner"),
            ("c", "agree_contract", "owner"),
            ("d", "agree_contract", "owner"),
            ("d", "reprice", "head"),
        ],
        columns=["account_id", "kind", "leads"],
    ).assign(visits=1)
    assert large_terms(rows, revenue).tolist() == [True, False, True, False, False, False, False]
    senior = for_the_senior(rows, revenue, {"a", "b", "c"})
    assert senior.tolist() == [False, False, True, False, False, False, True]
    assert for_the_senior(rows, revenue, {"b", "c"}).tolist()[0]
