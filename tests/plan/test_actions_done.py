"""The plan against the list that came back: every row by hand."""

from datetime import date

import pandas as pd

from kamplay.method.plan.actions_done import KEPT_ACTIONS, STATES, EarlierPlan, actions_done

TODAY = pd.Timestamp("2026-07-03")


def earlier(*rows: tuple[str, str, str | None], before: tuple[tuple[str, str], ...] = ()) -> EarlierPlan:
    """A run of 31 March whose actions are (id, due, owner); ``before``: id and due of runs before it."""
    actions = pd.DataFrame(
        [
            (action, action.split("-")[0], "revisit", "{}", 1.0, "revenue", "owner", owner, due)
            for action, due, owner in rows
        ],
        columns=KEPT_ACTIONS,
    )
    known = pd.DataFrame(before, columns=["action_id", "due"], dtype=object)
    return EarlierPlan(date(2026, 3, 31), date(2026, 4, 3), actions, known)


def told(*rows: tuple) -> pd.DataFrame:
    """action_id, status, done_on, result, note, due."""
    columns = ["action_id", "status", "done_on", "result", "note", "due"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.assign(done_on=pd.to_datetime(frame["done_on"]), due=pd.to_datetime(frame["due"]))


PLAN = earlier(
    ("A-1", "2026-04-30", "Wu"),
    ("B-1", "2026-04-30", "Wu"),
    ("C-1", "2026-04-30", "An"),
    ("D-1", "2026-04-30", "An"),
    ("E-1", "2026-04-30", None),
    ("F-1", "2026-07-03", None),
    ("G-1", "2026-04-30", "Wu"),
)


def test_each_action_is_in_the_state_that_its_row_says():
    table = told(
        ("A-1", "done", "2026-04-30", "advanced", "trial agreed", None),  # on the day: in time
        ("B-1", "done", "2026-05-01", "unchanged", None, None),
        ("C-1", "done", None, None, None, None),
        ("D-1", "dropped", None, None, "merged", None),
        ("E-1", "started", None, None, "waiting", None),
        ("F-1", "open", None, None, None, None),  # due today: not yet past
        ("G-1", "open", "2026-04-10", None, None, None),  # a date of completion says more than the status
    )
    found = actions_done(PLAN, table, TODAY)
    states = dict(zip(found.actions["action_id"], found.actions["state"], strict=True))
    assert states == {
        "A-1": "in_time",
        "B-1": "late",
        "C-1": "undated",
        "D-1": "dropped",
        "E-1": "overdue",
        "F-1": "open",
        "G-1": "in_time",
    }
    assert {name: found.figures[name] for name in STATES} == {
        "in_time": 2,
        "late": 1,
        "undated": 1,
        "dropped": 1,
        "overdue": 1,
        "open": 1,
    }
    assert (found.figures["planned"], found.figures["begun"], found.figures["unknown"]) == (7, 1, 0)
    first = found.actions.iloc[0]
    assert (first["done_on"], first["result"], first["note"]) == ("2026-04-30", "advanced", "trial agreed")
    owners = found.by_owner.set_index(found.by_owner["owner"].fillna("-"))
    assert owners["planned"].to_dict() == {"-": 2, "Wu": 3, "An": 2}
    assert found.by_owner["owner"].tolist()[0] is None  # most overdue first
    assert owners.loc["Wu", ["in_time", "late", "overdue"]].tolist() == [2, 1, 0]


def test_rows_left_as_they_are_and_rows_left_out_are_open():
    table = told(("A-1", "open", None, None, None, None), ("B-1", None, None, None, None, None))
    found = actions_done(PLAN, table, TODAY)
    assert (found.figures["overdue"], found.figures["open"]) == (6, 1)


def test_an_action_of_an_even_earlier_run_and_an_unknown_one_are_counted_apart():
    plan = earlier(("A-1", "2026-04-30", "Wu"), before=(("A-1", "2026-01-30"), ("Z-9", "2026-01-30")))
    table = told(
        ("A-1", "done", "2026-01-20", None, None, "2026-01-30"),  # the same matter, planned in January
        ("Z-9", "done", "2026-01-20", None, None, "2026-01-30"),
        ("X-nonsense", "done", "2026-04-20", None, None, None),
        ("N-1", "open", None, None, None, None),  # of today's own plan
    )
    found = actions_done(plan, table, TODAY, ["N-1"])
    assert found.actions["state"].tolist() == ["overdue"]
    assert (found.figures["rows"], found.figures["other"], found.figures["unknown"]) == (4, 3, 1)
    assert found.unknown == ("X-nonsense",)


def test_a_due_date_that_the_owner_moved_does_not_make_a_late_action_one_in_time():
    table = told(("A-1", "done", "2026-05-20", None, None, "2026-05-31"))
    found = actions_done(earlier(("A-1", "2026-04-30", "Wu")), table, TODAY)
    assert found.actions["state"].tolist() == ["late"]


def test_of_two_rows_on_one_action_the_one_that_says_more_counts():
    table = told(("A-1", "done", "2026-04-20", None, None, None), ("A-1", "open", None, None, None, None))
    assert actions_done(earlier(("A-1", "2026-04-30", "Wu")), table, TODAY).figures["in_time"] == 1


def test_without_a_list_nothing_is_claimed_of_any_action():
    found = actions_done(PLAN, None, TODAY)
    assert found.figures == {"told": False, "planned": 7}
    assert found.actions["state"].isna().all() and found.by_owner.empty
    assert actions_done(None, told(), TODAY).figures == {}


def test_columns_that_the_list_lacks_are_no_fault():
    found = actions_done(PLAN, pd.DataFrame({"action_id": ["A-1"], "status": ["done"]}), TODAY)
    assert found.figures["undated"] == 1
