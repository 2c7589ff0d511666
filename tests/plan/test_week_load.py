"""What a week of an owner holds once the calendar is made: by hand."""

from datetime import date

import pandas as pd

from kamplay.method.plan.capacity import Team
from kamplay.method.plan.week_load import at_a_visit, weekly, weeks_with_visits
from kamplay.method.plan.working_days import working_days

MONDAY = date(2025, 9, 1)
DAYS = working_days(None, MONDAY, date(2025, 9, 26))  # four weeks of five days
ENTRIES = pd.DataFrame(
    {
        "date": pd.to_datetime(["2025-09-10", "2025-09-11", "2025-09-12"]),
        "unit_id": ["a", "b", "d"],
        "person": ["ann", "bob", "ann"],
        "kind": ["visit", "visit", "review"],
        "purpose": ["meet_person", "meet_person", "joint_review"],
        "contact_id": None,
        "also": None,
    }
)


def todo(*rows: tuple) -> pd.DataFrame:
    """From (account, due, visits, bound, money), all of ann's."""
    frame = pd.DataFrame(rows, columns=["account_id", "due", "visits", "bound", "money"])
    base = {"owner": "ann", "kind": "meet_person", "facts": "{}", "place": 1, "urgency": "soon", "meet": None}
    return frame.assign(**base, wished=frame["due"])


ACTIONS = todo(
    ("a", "2025-09-10", 1, False, 1.0),  # done at ann's visit of that week
    ("b", "2025-09-11", 1, False, 1.0),  # the visit there is bob's
    ("c", "2025-09-09", 0, False, 9.0),
    ("e", "2025-09-09", 0, True, 1.0),
)


def test_what_is_done_at_a_visit_of_the_owners_counts_once():
    review = todo(("d", "2025-09-12", 1, True, 1.0)).assign(kind="joint_review")
    actions = pd.concat([ACTIONS, review], ignore_index=True)
    assert at_a_visit(actions, ENTRIES).tolist() == [True, False, False, False, True]
    (week,) = weekly(actions, ENTRIES, 2, DAYS).itertuples()
    # ann's three actions and her two visits; bob has no action
    assert (week.owner, week.week) == ("ann", pd.Timestamp("2025-09-08"))
    assert (week.actions, week.bound, week.visits, week.room) == (3, 1, 2, 2.0)
    assert weekly(actions, ENTRIES, None, DAYS)["room"].isna().all()


def test_what_is_too_much_beside_the_visits_moves_on_and_what_has_its_day_stays():
    """Of ann's week of 8 September, which holds two, e is bound and b done at bob's visit, which she joins:
    c moves to the next; a, done at her own visit, takes no room."""
    late = ACTIONS[:0].astype({"bound": bool})
    kept, none = weeks_with_visits(ACTIONS, late, ENTRIES, 2, date(2025, 9, 26), DAYS, Team())
    assert kept["due"].tolist() == ["2025-09-10", "2025-09-11", "2025-09-15", "2025-09-09"] and none.empty
    assert (weekly(kept, ENTRIES, 2, DAYS)["actions"] <= 2).all()
    # without a visit it is done by phone, and moves as it has least at stake
    alone = ENTRIES[ENTRIES["unit_id"] != "b"]
    kept, none = weeks_with_visits(ACTIONS, late, alone, 2, date(2025, 9, 26), DAYS, Team())
    assert kept["due"].tolist() == ["2025-09-10", "2025-09-15", "2025-09-09", "2025-09-09"] and none.empty


def test_what_found_no_week_has_the_room_that_visits_leave():
    """With one a week, e fills that of 8 September, c and g the two after, and f, wished for the first week,
    finds that free; h finds none. Where the visit at b is not made, b takes the room of g."""
    early = todo(("f", "2025-09-03", 0, False, 0.5), ("g", "2025-09-22", 0, False, 0.2))
    early = pd.concat([early, todo(("h", "2025-09-22", 0, False, 0.1))]).set_index(pd.Index([4, 5, 6]))
    postponed = early.assign(due="")
    kept, none = weeks_with_visits(ACTIONS, postponed, ENTRIES, 1, date(2025, 9, 26), DAYS, Team())
    due = kept.set_index("account_id")["due"].to_dict()
    at_visits = {"a": "2025-09-10", "b": "2025-09-11"}
    assert due == at_visits | {"c": "2025-09-15", "e": "2025-09-09", "f": "2025-09-03", "g": "2025-09-22"}
    assert none["account_id"].tolist() == ["h"]
    alone = ENTRIES[ENTRIES["unit_id"] != "b"]
    kept, none = weeks_with_visits(ACTIONS, postponed, alone, 1, date(2025, 9, 26), DAYS, Team())
    assert none["account_id"].tolist() == ["g", "h"] and kept.at[1, "due"] == "2025-09-22"
