"""Two reports a quarter apart on the medtech sample, with known changes between them and the action list
filled in: the second names what was changed and what the list says was done; without the list it says so.
"""

from __future__ import annotations

import html
import json
import re
import shutil
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import openpyxl
import pandas as pd
import pytest

from kamplay.engagement import load
from kamplay.report.run import run_engagement
from kamplay.samples import medtech

THEN, NOW = pd.Timestamp("2026-03-31"), pd.Timestamp("2026-06-30")
FIRST, SECOND = "2026-04-03", "2026-07-03"  # days of issue
REASON = "医院并入集团，改为统一采购"
DATED = {
    "transactions": "date",
    "receivables": "invoice_date",
    "deliveries": "promised_date",
    "tickets": "opened",
    "surveys": "date",
    "visits": "date",
    "opportunities": "opened",
    "tenders": "date",
}
LATER = {"receivables": "paid_date", "tickets": "closed", "deliveries": "delivered_date"}


def known_on(tables: dict[str, pd.DataFrame], day: pd.Timestamp) -> dict[str, pd.DataFrame]:
    """The tables as they would have been sent on an earlier day."""
    out = {name: frame.copy() for name, frame in tables.items()}
    for name, column in DATED.items():
        out[name] = out[name][out[name][column] <= day].reset_index(drop=True)
    for name, column in LATER.items():
        out[name].loc[out[name][column] > day, column] = pd.NaT
    deals = out["opportunities"]
    still_open = deals["closed"] > day
    deals.loc[still_open, "closed"] = pd.NaT
    deals.loc[still_open, "result"] = "open"
    for name, column in (("accounts", "since"), ("contacts", "confirmed")):
        out[name].loc[out[name][column] > day, column] = pd.NaT
    return out


class Story(NamedTuple):
    """What was changed between the reports, what the list tells, and both reports (the second also without
    the list).
    """

    lost: str
    grown: str
    raised: str
    lines: pd.DataFrame
    names: dict[str, str]
    done: dict[str, str]  # what the list tells of an action → its id
    first: Path
    second: Path
    without: Path


def reported(folder: Path, out: Path, issued: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    seconds = int(pd.Timestamp(issued, tz="UTC").timestamp())
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(seconds))
    outcome = run_engagement(load(folder, ["edition=internal"]), out, ["en"])
    assert outcome.ok, outcome.error
    assert outcome.folder is not None
    return outcome.folder


@pytest.fixture(scope="module")
def story(tmp_path_factory) -> Story:
    place = tmp_path_factory.mktemp("two_runs")
    folder, out, sample = place / "client", place / "out", medtech.generate()
    medtech.write(replace(sample, tables=known_on(sample.tables, THEN), as_of=THEN.date()), folder)
    with pytest.MonkeyPatch.context() as monkeypatch:
        first = reported(folder, out, FIRST, monkeypatch)

        lines = sample.tables["transactions"]
        accounts = sample.tables["accounts"].set_index("account_id")
        alone = accounts.index[accounts["parent_id"].isna() & ~accounts.index.isin(accounts["parent_id"])]
        year = lines[(lines["date"] <= THEN) & (lines["date"] > THEN - pd.DateOffset(years=1))]
        size = year.groupby("account_id")["amount"].sum().reindex(alone).sort_values(ascending=False)
        orders = lines[lines["date"] > THEN].groupby("account_id")["order_id"].nunique().reindex(alone)
        decided = set(sample.tables["overrides"]["account_id"])
        large = [a for a in size.index[:40] if orders.get(a, 0) >= 4 and a not in decided]
        lost, grown, raised = large[2], large[4], large[-1]

        tables = {name: frame.copy() for name, frame in sample.tables.items()}
        lines = lines[~((lines["account_id"] == lost) & (lines["date"] > THEN))].reset_index(drop=True)
        more = (lines["account_id"] == grown) & (lines["date"] > THEN)
        lines.loc[more, "amount"] = (lines.loc[more, "amount"] * 5).round(2)
        tables["transactions"] = lines
        of_lost = tables["accounts"]["account_id"] == lost
        tables["accounts"].loc[of_lost, ["stage", "lost_reason"]] = ["lost", REASON]
        by_hand = pd.DataFrame(
            [{"account_id": raised, "tier": "S", "reason": "strategic", "by": "head of sales"}]
        )
        tables["overrides"] = pd.concat([tables["overrides"], by_hand], ignore_index=True)
        medtech.write(replace(sample, tables=tables), folder)
        without = reported(folder, out, SECOND, monkeypatch)
        kept = shutil.copytree(without, place / "without")
        done = filled_in(first / "results" / "actions.xlsx", folder / "data" / "actions.xlsx")
        second = reported(folder, out, SECOND, monkeypatch)
    names = accounts["account_name_en"].fillna(accounts["account_name"]).to_dict()
    return Story(lost, grown, raised, lines, names, done, first, second, Path(kept))


def filled_in(source: Path, target: Path) -> dict[str, str]:
    """Six rows filled in, one of no plan added; the others left as they are."""
    book = openpyxl.load_workbook(source)
    sheet = book.active
    column = {cell.value: cell.column for cell in sheet[1]}
    told = {
        "in_time": {
            "Status": "Done",
            "Done on": datetime(2026, 4, 7),
            "Result": "Advanced",
            "Note": "a trial",
        },
        "late": {"Status": "Done", "Done on": datetime(2026, 6, 30), "Result": "No change"},
        "undated": {"Status": "Done"},
        "dropped": {"Status": "Dropped", "Note": "told elsewhere"},
        "begun": {"Status": "In progress", "Note": "waits for finance"},
    }
    ids = {}
    for row, (state, values) in enumerate(told.items(), start=2):
        ids[state] = str(sheet.cell(row, column["Action ID"]).value)
        for header, value in values.items():
            sheet.cell(row, column[header], value)
    last = sheet.max_row + 1
    sheet.cell(last, column["Action ID"], "C0001-never_planned")
    sheet.cell(last, column["Status"], "Done")
    book.save(target)
    return ids


def findings(run: Path) -> dict[str, dict]:
    found = json.loads((run / "results" / "findings.json").read_text(encoding="utf-8"))
    return {f["kind"]: f for f in found if f["step"] == "plan"}


def page(run: Path) -> str:
    """What the chapter since the last report says, as plain text."""
    text = (run / "report.en.html").read_text(encoding="utf-8")
    found = re.search(r'<section[^>]*id="since".*?</section>', text, re.DOTALL)
    assert found, "the report has no such chapter"
    bare = re.sub(r"<(svg|style|script).*?</\1>", " ", found[0], flags=re.DOTALL)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", bare)))


def part(run: Path, name: str) -> pd.DataFrame:
    return pd.read_parquet(run / "work" / "steps" / "plan" / f"since.{name}.parquet")


def test_the_first_report_has_no_such_chapter(story):
    assert 'id="since"' not in (story.first / "report.en.html").read_text(encoding="utf-8")
    assert not [kind for kind in findings(story.first) if kind.startswith("since_")]


def test_the_list_is_read_back_action_by_action(story):
    actions = part(story.second, "done.actions").set_index("action_id")
    planned = pd.read_parquet(story.first / "work" / "steps" / "plan" / "actions.parquet")
    assert actions.index.tolist() == planned["action_id"].tolist()
    wanted = {ids: state for state, ids in story.done.items() if state != "begun"}
    told = actions["state"][~actions["state"].isin(["overdue", "open"])]
    assert told.to_dict() == wanted
    rest = actions[actions["state"].isin(["overdue", "open"])]
    assert (rest["state"] == "overdue").eq(rest["due"] < SECOND).all()
    assert actions.loc[story.done["late"], "due"] < "2026-06-30"
    assert actions.loc[story.done["in_time"], ["result", "note"]].tolist() == ["advanced", "a trial"]
    figures = findings(story.second)["since_overdue"]["figures"]
    assert figures["planned"] == len(planned)
    assert [figures[s] for s in ("in_time", "late", "undated", "dropped")] == [1, 1, 1, 1]
    assert figures["overdue"] == (rest["due"] < SECOND).sum() == len(planned) - 4 - figures["open"]
    unknown = findings(story.second)["since_ids_unknown"]["figures"]
    assert (unknown["rows"], unknown["ids"]) == (1, ["C0001-never_planned"])
    again = openpyxl.load_workbook(story.second / "results" / "actions.xlsx").active
    rows = [
        dict(zip([c.value for c in again[1]], row, strict=True)) for row in again.iter_rows(values_only=True)
    ]
    begun = [row for row in rows if row["Action ID"] == story.done["begun"]]
    assert all((row["Status"], row["Note"]) == ("In progress", "waits for finance") for row in begun)


def test_money_tiers_and_losses_are_those_that_were_changed(story):
    lines = story.lines
    after = {day: day + pd.Timedelta(days=1) for day in (THEN, NOW)}
    spent = {
        day: lines[(lines["date"] < end) & (lines["date"] >= end - pd.DateOffset(years=1))]
        .groupby("account_id")["amount"]
        .sum()
        for day, end in after.items()
    }
    figures = findings(story.second)["since_money"]["figures"]
    assert figures["revenue_before"] == pytest.approx(spent[THEN].sum())
    assert figures["revenue_now"] == pytest.approx(spent[NOW].sum())
    units = part(story.second, "units")
    for account in (story.lost, story.grown, story.raised):
        change = spent[NOW].get(account, 0.0) - spent[THEN][account]
        assert units.at[account, "change"] == pytest.approx(change)
    assert units["change"].idxmax() == story.grown
    assert units.at[story.raised, "tier_now"] == "S" != units.at[story.raised, "tier_before"]
    bridge = part(story.second, "bridge").set_index("item")["amount"]
    assert bridge["before"] + bridge.drop(["before", "now"]).sum() == pytest.approx(bridge["now"])
    lost = part(story.second, "lost").set_index("account_id")
    assert lost.loc[story.lost, ["state", "reason", "reason_from"]].tolist() == ["lost", REASON, "recorded"]
    assert lost.at[story.lost, "revenue"] == pytest.approx(spent[THEN][story.lost])
    visits = medtech.generate().tables["visits"]
    made = visits[(visits["date"] > THEN) & (visits["date"] <= NOW)]
    told = findings(story.second)["since_visits"]["figures"]
    assert (told["visits"], told["advanced"]) == (len(made), int((made["outcome"] == "advance").sum()))


def test_the_page_names_them(story):
    told = page(story.second)
    names = story.names
    assert "Since the last report" in told
    for account in (story.lost, story.grown):
        assert names[account] in told
    assert REASON in told
    figures = findings(story.second)["since_overdue"]["figures"]
    assert f"{figures['overdue']} are overdue" in told
    assert "a trial" in told and "told elsewhere" in told and "no change" in told
    assert "C0001-never_planned" in told
    sheets = openpyxl.load_workbook(story.second / "results.xlsx", read_only=True)
    rows = list(sheets["Plan against actual"].iter_rows(values_only=True))
    assert len(rows) == 1 + figures["planned"]


def test_which_findings_are_new_and_gone_is_what_both_reports_hold(story):
    """By kind: a kind that both tell once or more is still there, whatever its accounts."""

    def kinds(run: Path) -> set[tuple[str, str]]:
        found = json.loads((run / "results" / "findings.json").read_text(encoding="utf-8"))
        about = ("since_", "last_", "moved", "score_fell", "score_version", "score_definition")
        return {
            (f["step"], f["kind"])
            for f in found
            if f["step"] != "check" and f["severity"] != "note" and not f["kind"].startswith(about)
        }

    frame = part(story.second, "findings")
    by = {state: set(zip(rows["step"], rows["kind"], strict=True)) for state, rows in frame.groupby("state")}
    was, is_ = kinds(story.first), kinds(story.second)
    assert by["new"] >= is_ - was > set() and by["gone"] >= was - is_
    assert by["still"] <= was & is_


def test_a_report_without_the_list_says_so_in_a_line(story):
    found = findings(story.without)
    planned = findings(story.second)["since_overdue"]["figures"]["planned"]
    assert found["since_no_list"]["figures"] == {"planned": planned, "day": FIRST}
    assert not {"since_overdue", "since_done", "since_ids_unknown"} & set(found)
    assert part(story.without, "done.by_owner").empty
    told = page(story.without)
    assert f"What became of the {planned} actions" in told and story.names[story.grown] in told
