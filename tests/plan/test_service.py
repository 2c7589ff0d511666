"""Service by tier: counts by hand, on the sample counted again from its workbook, and planted differences."""

import json
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import AS_OF, MEDTECH, book_of, lines_of

from kamplay.method.plan.calendar import quarter
from kamplay.method.plan.service import Service, add_findings, closed_by, service_by_tier, settled_as_planned
from kamplay.method.plan.working_days import working_days
from kamplay.method.results import Findings
from kamplay.presets import load_strategy
from kamplay.show import findings as shown
from kamplay.show.locale import Locale
from kamplay.show.plan.service import (
    complaint_queue_table,
    complaints_by_tier_table,
    service_by_tier_table,
    visits_without_norm_sheet,
)
from kamplay.show.view import View, using

STRATEGY = load_strategy("by_tier", Path())
DAYS = working_days("CN", AS_OF.date() + timedelta(days=1), date(2026, 3, 31))


def day(text: str) -> pd.Timestamp:
    return pd.Timestamp(text)


def units_of(levels: dict[str, str | None], **columns) -> tuple[pd.DataFrame, pd.Series]:
    index = pd.Index(list(levels), name="unit_id")
    frame = pd.DataFrame(
        {"gone": False, "visits_branch": 0.0, "visits_head_office": 0.0, **columns}, index=index
    )
    return frame, pd.Series(levels, index=index)


def served(levels: dict[str, str | None], lines: pd.DataFrame | None = None, **tables) -> Service:
    units, rated = units_of(levels)
    lines = lines_of(*[(unit, "2025-06-15", 100.0) for unit in levels]) if lines is None else lines
    return service_by_tier(book_of(lines, **tables), units, rated, STRATEGY, AS_OF, DAYS)


def found_of(result: Service) -> dict:
    found = Findings("plan")
    add_findings(found, result, "2026-01-07")
    return {finding.kind: finding for finding in found.settled()}


def tickets_of(*rows: tuple) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["ticket_id", "account_id", "opened", "closed", "kind", "due"])
    for column in ("opened", "closed", "due"):
        frame[column] = pd.to_datetime(frame[column])
    return frame


TICKETS = tickets_of(
    ("kept", "s", "2025-11-01", "2025-11-04", "complaint", "2025-11-04"),
    ("late", "s", "2025-11-01", "2025-11-09", "complaint", "2025-11-08"),
    ("open", "s", "2025-12-01", None, "complaint", "2025-12-05"),
    ("today", "s", "2025-12-20", None, "complaint", "2025-12-31"),  # may still be settled on the day
    ("old", "c", "2024-01-01", None, "complaint", "2024-01-10"),  # past due, but not of the 12 months
    ("later", "c", "2025-12-30", "2026-02-01", "complaint", "2026-01-10"),  # closed after as_of: open
    ("unborn", "c", "2026-01-02", None, "complaint", "2026-01-03"),
    ("repair", "c", "2025-11-01", None, "repair", "2025-11-02"),
)


def test_complaints_by_hand():
    result = served({"s": "S", "c": "C"}, tickets=TICKETS)
    levels = result.levels.set_index("level")
    assert levels.loc["S", ["complaints", "open", "past_due"]].tolist() == [4, 2, 1]
    assert levels.loc["C", ["complaints", "open", "past_due"]].tolist() == [1, 2, 1]
    assert levels["given"].dropna().to_dict() == {"S": 5.5, "C": 11.0}  # of 3, 7, 4 and 11 days; of 11
    assert levels.loc[["S", "A", "B", "C"], "resolve_days"].tolist() == [
        STRATEGY.levels[level].complaint.resolve_days for level in ("S", "A", "B", "C")
    ]
    shares = result.shares.set_index("level")
    assert shares.loc["S", ["hits", "trials"]].tolist() == [1, 3]  # the one due on the day is not judged
    assert shares.loc["C", "trials"] == 0
    assert not shares["told"].any()


def test_the_queue_takes_the_plans_days():
    """Of one complaint where that is sooner. Where all of s get a person and a day by 5 January, the three
    days of its level count from then: 8 January.
    """
    queue = served({"s": "S", "c": "C"}, tickets=TICKETS).queue
    plan = pd.DataFrame(
        [
            ("c", "settle_complaint", '{"opened": "2024-01-01"}', "2026-01-08"),  # "old", not "later"
            ("s", "close_complaints", "{}", "2026-01-05"),
        ],
        columns=["account_id", "kind", "facts", "due"],
    )
    dated = settled_as_planned(queue, plan, STRATEGY, quarter(AS_OF.date(), "CN"))
    assert dated["ticket_id"].tolist() == ["open", "today", "old", "later"]
    days = [day("2026-01-08"), day("2026-01-08"), day("2026-01-08"), day("2026-01-09")]
    assert dated["settle_by"].tolist() == days
    told = closed_by(plan, dated)["facts"].map(json.loads)
    assert [one.get("closed_by") for one in told] == [None, "2026-01-08"]


def test_the_queue_follows_the_levels_and_then_its_days():
    result = served({"s": "S", "c": "C"}, tickets=TICKETS)
    assert result.queue["ticket_id"].tolist() == ["open", "today", "later", "old"]
    queue = result.queue.set_index("ticket_id").loc[["open", "today", "old", "later"]]
    assert queue["days_late"].tolist() == [26, 0, 721, 0]
    assert [STRATEGY.levels[level].complaint.resolve_days for level in ("S", "C")] == [3, 15]
    # 3 January is a Saturday in the New Year holiday and 4 January a Sunday that is worked in China; what is
    # due on the day of issue itself gets the level's days anew; 10 January is a Saturday
    days = [day("2026-01-04"), day("2026-01-04"), day("2026-01-15"), day("2026-01-09")]
    assert queue["settle_by"].tolist() == days
    # 30 days are past the last rung of S, two years past the last that C has; the others are not past due
    assert queue["rung"].fillna(-1).tolist() == [2, -1, 1, -1]
    assert result.rungs["en"].iloc[2] == "general manager"


def test_without_a_due_day_the_strategy_gives_one():
    tickets = TICKETS.drop(columns="due")
    queue = served({"s": "S", "c": "C"}, tickets=tickets).queue.set_index("ticket_id")
    assert queue.loc["open", "due"] == day("2025-12-01") + pd.Timedelta(
        days=STRATEGY.levels["S"].complaint.resolve_days
    )


def test_what_the_tickets_do_not_tell_is_said():
    found = found_of(served({"s": "S", "c": "C"}, tickets=TICKETS.drop(columns=["due", "kind"])))
    assert {"tickets_without_kind", "due_by_strategy", "replies_unknown"} <= set(found)
    assert found["complaints_past_due"].severity == "watch"  # by days that nobody has promised
    assert "promise_missed_complaints" not in found


def test_a_log_that_ended_early_calls_nobody_late():
    tickets = TICKETS[TICKETS["opened"] == "2025-11-01"]
    tickets = tickets.assign(closed=tickets["closed"].where(tickets["ticket_id"] != "late"))
    found = found_of(served({"s": "S", "c": "C"}, tickets=tickets))
    assert found["tickets_ended"].figures["ended"] == "2025-11-04"
    assert found["complaints_past_due"].severity == "watch"


def test_a_lost_account_comes_last_in_its_level():
    lines = lines_of(("lost", "2023-01-05", 5.0), ("stays", "2025-06-05", 5.0))
    rows = [
        (who, who, opened, None, "complaint", None)
        for who, opened in (("lost", "2023-03-01"), ("stays", "2025-10-01"))
    ]
    units, rated = units_of({"stays": "C"})
    rated = pd.Series({"stays": "C", "lost": "C"})
    result = service_by_tier(book_of(lines, tickets=tickets_of(*rows)), units, rated, STRATEGY, AS_OF, DAYS)
    assert result.queue["unit_id"].tolist() == ["stays", "lost"]
    assert result.levels.set_index("level").loc["C", ["past_due", "past_due_lost"]].tolist() == [2, 1]


def test_replies_are_told_where_they_are_recorded():
    tickets = TICKETS.assign(replied=pd.to_datetime(["2025-11-02", "2025-11-05", None, None] + [None] * 4))
    levels = served({"s": "S", "c": "C"}, tickets=tickets).levels.set_index("level")
    # within a day: one was, one came after four days, one never; the last is long due, too
    assert levels.loc["S", ["replied", "replies"]].tolist() == [0.25, 4]
    assert "replies_unknown" not in found_of(served({"s": "S"}, tickets=tickets))


def test_past_due_complaints_of_the_sample_agree_with_its_workbook(medtech_steps):
    """Counted by hand from the workbook: rows of kind 投诉 without 关闭日期 (or closed after the day) whose
    应完成日期 lies before 2026-06-30, by the tier of their account in the report."""
    rows = pd.read_excel(MEDTECH / "data" / "客户资料.xlsx", sheet_name="工单", engine="openpyxl")
    end = day("2026-06-30")
    is_open = rows["关闭日期"].isna() | (pd.to_datetime(rows["关闭日期"]) > end)
    late = rows[(rows["工单类型"] == "投诉") & is_open & (pd.to_datetime(rows["应完成日期"]) < end)]
    by_tier = late["客户编号"].map(medtech_steps.tiers.accounts["level"]).value_counts()
    levels = medtech_steps.plan.service.levels.set_index("level")["past_due"]
    assert levels.to_dict() == {level: by_tier.get(level, 0) for level in ("S", "A", "B", "C")}
    found = medtech_steps.plan.finding("complaints_past_due")
    assert found.figures["count"] == len(late) == int(levels.sum()) > 100


@pytest.mark.parametrize(
    ("language", "kept", "lost"),
    [
        ("en", "at {n} accounts that still buy", "at {n} lost"),
        ("zh", "{n}家仍在采购的客户", "{n}家已流失客户"),
    ],
)
def test_one_value_of_complaints_on_every_page(medtech_steps, medtech_book, language, kept, lost):
    """The sentence says both parts; that of accounts that still buy is what the owners' table adds up to."""
    plan = medtech_steps.plan
    found, queue = plan.finding("complaints_past_due"), plan.service.queue
    late = queue[queue["days_late"] > 0]
    assert found.figures["still"] + found.figures["lost"] == len(late)
    assert (
        found.figures["still"]
        == plan.by_owner.owners["past_due"].sum()
        == sum(found.figures["by_level"].values())
    )
    locale, units = Locale(language, "CNY"), late.groupby("lost")["unit_id"].nunique()
    for say in (shown.headline, shown.brief):
        text = say(found, locale, medtech_book.names.to_dict())
        assert kept.format(n=units[False]) in text and lost.format(n=units[True]) in text
        assert f"{len(late):d}" in text and str(found.figures["lost"]) in text


def test_what_is_past_due_agrees_with_the_sign_of_step_3(medtech_book, medtech_steps):
    from kamplay.method.measures.features_at import tickets

    seen = tickets(medtech_book, pd.Timestamp(medtech_book.as_of))
    assert seen is not None
    assert medtech_steps.plan.service.levels["past_due"].sum() == seen["past_due"].sum()


def deliveries_of(shares: dict[str, float], orders: int, seed: int = 3) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    rows = []
    for unit, share in shares.items():
        for _ in range(orders):
            promised = AS_OF - pd.Timedelta(days=int(rng.integers(1, 170)))
            late = 0 if rng.random() < share else 5
            rows.append((unit, promised, promised + pd.Timedelta(days=late), 10.0, 10.0))
    columns = ["account_id", "promised_date", "delivered_date", "ordered", "delivered"]
    return pd.DataFrame(rows, columns=columns).assign(order_id=None)


LEVELS = {f"s{n}": "S" for n in range(10)} | {f"c{n}": "C" for n in range(40)}


def test_key_accounts_served_worse_are_found_and_equal_service_is_not():
    worse = {unit: 0.6 if level == "S" else 0.95 for unit, level in LEVELS.items()}
    found = found_of(served(LEVELS, deliveries=deliveries_of(worse, 20)))
    assert found["served_worse_on_time"].reference == "outside"
    assert found["served_worse_on_time"].figures["key"] == pytest.approx(0.6, abs=0.1)
    assert "promise_missed_on_time" in found
    alike = dict.fromkeys(LEVELS, 0.93)
    for seed in range(8):
        found = found_of(served(LEVELS, deliveries=deliveries_of(alike, 20, seed)))
        assert "served_worse_on_time" not in found


def test_few_cases_are_too_few_to_tell():
    worse = {unit: 0.0 if level == "S" else 1.0 for unit, level in LEVELS.items()}
    few = {unit: share for unit, share in worse.items() if unit in ("s0", "s1", "c0", "c1")}
    result = served(LEVELS, deliveries=deliveries_of(few, 2))
    found = found_of(result)
    assert "served_worse_on_time" not in found and "on_time" in found["service_too_few"].figures["few"]
    # all of one customer's cases are alike: many of them are no more than one
    many = {"s0": 0.0, "s1": 1.0} | {f"c{n}": float(n % 2) for n in range(40)}
    found = found_of(served(LEVELS, deliveries=deliveries_of(many, 100)))
    assert "on_time" in found["service_too_few"].figures["few"]


def test_visits_where_the_norm_has_none():
    units, rated = units_of({"s": "S", "c": "C"}, visits_branch=[2.0, 0.0], visits_head_office=[2.0, 0.0])
    visits = pd.DataFrame(
        {
            "account_id": ["s", "c", "c", "c"],
            "date": pd.to_datetime(["2025-12-01", "2025-11-01", "2025-12-30", "2025-09-30"]),
        }
    )
    result = service_by_tier(
        book_of(lines_of(("s", "2025-06-01", 1.0), ("c", "2025-06-01", 1.0)), visits=visits),
        units,
        rated,
        STRATEGY,
        AS_OF,
        DAYS,
    )
    figures = found_of(result)["visits_elsewhere"].figures
    assert {k: figures[k] for k in ("made", "elsewhere", "units", "key_made", "key_norm")} == {
        "made": 3,
        "elsewhere": 2,
        "units": 1,
        "key_made": 1,
        "key_norm": 12.0,
    }


def test_without_tiers_nothing_is_said_of_levels():
    result = served({"a": None, "b": None}, tickets=TICKETS.replace({"s": "a", "c": "b"}))
    assert result.levels["level"].tolist() == [None] and result.levels["past_due"].tolist() == [2]
    assert result.levels["resolve_days"].tolist() == [STRATEGY.untiered.complaint.resolve_days]
    found = found_of(result)
    assert set(found) == {"complaints_past_due", "replies_unknown"}
    locale = Locale("en", "CNY")
    assert "level" not in shown.headline(found["complaints_past_due"], locale, {})


def test_without_tables_it_is_said_once():
    result = served({"a": "S", "b": "C"})
    assert set(found_of(result)) == {"service_no_tickets", "price_tier_unknown"}
    assert result.queue.empty


@pytest.mark.parametrize("language", ["en", "zh"])
def test_shown(medtech_steps, medtech_book, language):
    plan = medtech_steps.plan
    with using(View(Locale(language, "CNY"), medtech_book.names.to_dict())):
        first = complaints_by_tier_table(plan).text.splitlines()
        assert len(first) == 5
        assert ("too few to tell" if language == "en" else "无法判断") in first[2]
        assert len(service_by_tier_table(plan).text.splitlines()) == 5
        queue = complaint_queue_table(plan).text.splitlines()[1:]
        levels = [line.split(" | ")[1] for line in queue]
        assert levels == sorted(levels, key=["S", "A", "B", "C"].index)


def test_the_accounts_of_visits_without_a_norm_are_listed(medtech_steps):
    """As many accounts and visits as the finding counts, the most visited first."""
    plan = medtech_steps.plan
    told = plan.finding("visits_elsewhere").figures
    rows = visits_without_norm_sheet(plan).rows
    assert (len(rows), rows["made"].sum()) == (told["units"], told["elsewhere"])
    assert rows["made"].is_monotonic_decreasing
    norms = plan.accounts.loc[rows["account_id"], ["visits_branch", "visits_head_office"]]
    assert not norms.fillna(0.0).to_numpy().any()  # what is lost has none


def test_nobody_is_asked_to_call_whom_the_plan_visits(medtech_steps):
    plan = medtech_steps.plan
    found = plan.finding("visits_elsewhere")
    entries = plan.calendar.entries
    visited = set(entries.loc[entries["kind"].isin(["visit", "review"]), "unit_id"])
    rows = visits_without_norm_sheet(plan).rows.set_index("account_id")
    assert "C0005" in rows.index and rows.at["C0005", "planned"] >= 1  # terms are settled on site
    assert found.figures["moved"] == (rows["planned"] == 0).sum() < found.figures["units"]
    assert not visited & set(found.accounts)
    assert set(rows.index[rows["planned"] > 0]) == visited & set(rows.index)
