"""What happened since the last run, on small clients worked by hand."""

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from conftest import book_of, lines_of

from kamplay.method.health.last_score import LastScore
from kamplay.method.health.score_attribution import EarlierScore
from kamplay.method.plan import since_last_run as since
from kamplay.method.plan.actions_done import KEPT_ACTIONS, ActionsDone, EarlierPlan
from kamplay.method.plan.since_last_run import Earlier, SinceLastRun
from kamplay.method.results import Finding, Findings
from kamplay.presets import load_health
from kamplay.show.locale import Locale
from kamplay.show.plan.since_last_run import STATES, since_units_table
from kamplay.show.view import View, using

THEN, NOW = pd.Timestamp("2025-09-30"), pd.Timestamp("2025-12-31")


class Scored:
    """As much of step 3 as the comparison reads."""

    def __init__(self, warned: dict[str, str], stopped: tuple[str, ...], days: int = 92):
        frame = pd.DataFrame({"warned": pd.Series(warned)}).rename_axis("account_id")
        frame["stopped"] = frame.index.isin(stopped)
        self.last_score = LastScore(
            {"as_of": "2025-09-30", "days": days, "early": days < 30}, accounts=frame.assign(fell=False)
        )


def before() -> EarlierScore:
    empty = pd.DataFrame()
    return EarlierScore(THEN.date(), load_health("purchases", Path()), empty, empty)


def done(*units: str) -> ActionsDone:
    """An action of each unit done on 15 October."""
    actions = pd.DataFrame(
        [(f"{u}-1", u, "revisit", "{}", 1.0, "revenue", "owner", None, "2025-11-01") for u in units],
        columns=KEPT_ACTIONS,
    )
    return ActionsDone(
        actions.assign(status="done", done_on="2025-10-15", result=None, note=None, state="in_time"),
        figures={"told": True},
    )


def visits(*rows: tuple[str, str, str | None]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["account_id", "date", "outcome"])
    return frame.assign(date=pd.to_datetime(frame["date"]))


# ten accounts that bought 365 in the year to September; since then a to d and g bought 92, their pace, e half
YEAR = [(u, f"2025-0{m}-15", 73.0) for u in "abcdefghij" for m in (2, 4, 6, 8, 9)]
SINCE = [(u, "2025-11-03", 92.0) for u in "abcdg"] + [("e", "2025-11-03", 46.0)]
WARNED = {u: "act" if u in "abc" else "watch" for u in "abcdefghij"}


def groups(seen_by_action: str, **tables: pd.DataFrame):
    book = book_of(lines_of(*YEAR, *SINCE), NOW, **tables)
    return since._groups(book, Scored(WARNED, ("f", "h", "i", "j")), before(), done(*seen_by_action))


def test_the_warned_that_were_seen_beside_those_that_were_not():
    log = visits(("e", "2025-10-20", "advance"), ("f", "2025-09-30", "advance"), ("j", "2026-01-05", None))
    frame, told = groups("abcd", visits=log)  # e by its visit; that to f was before, that to j after the days
    assert frame["accounts"].tolist() == [5, 5] and told["seen_by"] == "both"
    assert frame["kept"].tolist() == [5, 1] and frame["kept_share"].tolist() == [1.0, 0.2]
    assert frame["expected"].tolist() == pytest.approx([5 * 92.0, 5 * 92.0])
    assert frame["since"].tolist() == [4 * 92.0 + 46.0, 92.0]
    assert frame["ratio"].tolist() == pytest.approx([0.9, 0.2])
    # Newcombe's interval: Wilson's limits of 5 of 5 are 0.5655 and 1, of 1 of 5 0.0362 and 0.6245
    assert told["kept_difference"] == pytest.approx(0.8)
    assert told["kept_low"] == pytest.approx(0.8 - np.hypot(1 - 0.5655, 0.6245 - 0.2), abs=2e-4)
    assert told["kept_high"] == pytest.approx(0.8 + np.hypot(0.0, 0.2 - 0.0362), abs=2e-4)
    assert told["revenue_difference"] == pytest.approx(0.7)
    assert 0 < told["revenue_low"] < 0.7 < told["revenue_high"]


def said(frame: pd.DataFrame, told: dict) -> list[Finding]:
    found = Findings("plan")
    result = SinceLastRun({"as_of": "2025-09-30", **told}, groups=frame)
    since._add_warned(found, result)
    return list(found)


def test_a_difference_is_told_with_its_interval_and_one_within_chance_is_not_claimed():
    (told,) = said(*groups("abcde"))
    assert told.kind == "since_seen_apart" and told.severity == "note"
    assert told.figures["kept_difference"] == pytest.approx(80.0)  # points
    (alike,) = said(*groups("abfhi"))
    assert alike.kind == "since_seen_alike" and alike.figures["kept_low"] < 0 < alike.figures["kept_high"]


def test_too_few_and_too_early_are_said():
    (few,) = said(*groups("abcdef"))
    assert few.kind == "since_seen_few"
    assert (few.figures["seen"], few.figures["unseen"], few.figures["needed"]) == (6, 4, 5)
    book = book_of(lines_of(*YEAR), NOW)
    (early,) = said(*since._groups(book, Scored(WARNED, (), days=20), before(), done(*"abcde")))
    assert early.kind == "since_seen_early" and early.figures["days"] == 20


def test_without_a_list_and_a_visit_log_nobody_is_said_to_be_unseen():
    book = book_of(lines_of(*YEAR), NOW)
    frame, told = since._groups(book, Scored(WARNED, ()), before(), ActionsDone(figures={"told": False}))
    assert frame.empty and told["seen_by"] is None


def test_lost_won_back_and_closed_with_their_reasons():
    lines = lines_of(
        *((u, "2025-03-15", 100.0) for u in ("rec", "note", "deal", "comp", "none")),
        ("kept", "2025-11-15", 50.0),
        ("back", "2024-05-01", 10.0),
        ("back", "2025-11-20", 10.0),
        ("still", "2024-05-01", 10.0),
        ("closed", "2025-03-20", 300.0),
    )
    ids = sorted(set(lines["account_id"]))
    accounts = pd.DataFrame({"account_id": ids, "lost_reason": None}, dtype=object)
    accounts.loc[accounts["account_id"] == "rec", "lost_reason"] = "merged"
    deals = pd.DataFrame(
        {"account_id": ["deal"], "result": ["lost"], "competitor": ["Rival"], "closed": [THEN]}
    )
    tickets = pd.DataFrame(
        {
            "ticket_id": ["T1"],
            "account_id": ["comp"],
            "kind": ["complaint"],
            "opened": [pd.Timestamp("2025-03-01")],
        }
    )
    book = book_of(lines, NOW, accounts=accounts, opportunities=deals, tickets=tickets)
    told = done("note", "closed")
    told.actions["result"] = ["lost", "closed"]
    told.actions["note"] = ["price", None]
    gone = pd.Series(True, index=ids).drop(["kept", "back"])
    plan = EarlierPlan(
        THEN.date(),
        THEN.date(),
        told.actions[KEPT_ACTIONS],
        pd.DataFrame({"action_id": [], "due": []}),
        gone=("back", "still"),
    )
    frame, still = since._lost(book, Earlier(plan=plan), gone, told, since._year_to(book, THEN), THEN)
    rows = frame.set_index("account_id")
    assert rows["state"].to_dict() == {
        "closed": "closed",
        "comp": "lost",
        "deal": "lost",
        "none": "lost",
        "note": "lost",
        "rec": "lost",
        "back": "won_back",
    }
    assert rows.index[0] == "closed" and still == 1
    reasons = {
        u: (rows.at[u, "reason"], rows.at[u, "reason_from"]) for u in ("rec", "note", "deal", "comp", "none")
    }
    assert reasons == {
        "rec": ("merged", "recorded"),
        "note": ("price", "action"),
        "deal": ("Rival", "deal"),
        "comp": ("T1", "complaint"),
        "none": (None, None),
    }


def test_the_money_of_both_years_is_taken_from_the_same_data():
    lines = lines_of(
        ("a", "2024-10-01", 5.0),
        ("a", "2024-09-30", 7.0),
        ("a", "2025-09-30", 11.0),
        ("a", "2025-10-01", 13.0),
    )
    book = book_of(lines, NOW)
    assert since._year_to(book, THEN)["a"] == 16.0  # 1 October 2024 to 30 September 2025
    assert since._year_to(book, NOW)["a"] == 24.0


def finding(kind: str, severity: str = "act", accounts: tuple[str, ...] = (), stake: float = 0.0) -> Finding:
    return Finding("value", kind, severity, {"stake": stake}, accounts)


def test_findings_that_are_new_gone_and_still_there():
    was = [
        finding("large_fall", accounts=("a",)),
        finding("large_fall", accounts=("b",)),
        finding("old"),
        finding("noted", "note"),
    ]
    now = [
        finding("large_fall", accounts=("b",)),
        finding("fresh", "watch"),
        finding("grave"),
        finding("noted", "note"),
        finding("last_warned", "watch"),  # about the last run itself: new by nature
    ]
    frame = since._compared(was, now)
    rows = list(zip(frame["state"], frame["kind"], [json.loads(a) for a in frame["accounts"]], strict=True))
    assert rows == [
        ("new", "grave", []),
        ("new", "fresh", []),
        ("gone", "large_fall", ["a"]),
        ("gone", "old", []),
        ("still", "large_fall", ["b"]),
    ]


def test_without_an_earlier_run_only_a_list_that_was_put_back_is_spoken_of():
    found = Findings("plan")
    since.add_findings(found, SinceLastRun(), "2026-01-10", False)
    assert found == []
    since.add_findings(found, SinceLastRun(), "2026-01-10", True)
    assert [f.kind for f in found] == ["since_list_alone"]


def test_a_year_told_otherwise_then_is_said():
    figures = {
        "as_of": "2025-09-30",
        "now": "2025-12-31",
        "revenue_before": 100.0,
        "revenue_now": 110.0,
        "told_then": 99.0,
    }
    found = Findings("plan")
    since._add_money(found, figures)
    assert [f.kind for f in found] == ["since_money", "since_restated"]
    assert found[0].figures["change"] == pytest.approx(0.1)
    found = Findings("plan")
    since._add_money(found, figures | {"told_then": 99.9})
    assert [f.kind for f in found] == ["since_money"]
    found = Findings("plan")
    since._add_money(found, figures | {"revenue_before": None, "data_from": "2025-01-01"})
    assert [f.kind for f in found] == ["since_money_unknown"]


def test_where_nothing_moved_within_a_few_days_no_account_is_listed():
    """Two reports a week apart may find every account as it was, and no action of the last plan."""
    same = dict.fromkeys(since.UNIT_COLUMNS, 50.0) | {"change": 0.0} | dict.fromkeys(STATES, 0)
    units = pd.DataFrame([same, same], index=pd.Index(["a", "b"], name="account_id"))
    with using(View(Locale("en", "EUR"))):
        shown = since_units_table(SimpleNamespace(since=SimpleNamespace(units=units)))
    assert "a |" not in shown.text and "b |" not in shown.text
