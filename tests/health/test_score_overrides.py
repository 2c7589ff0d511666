"""Health scores set by hand, from the client's file to the score: each value ends in a plain fault or in the
score it says.
"""

from pathlib import Path

import pandas as pd
import pytest
from conftest import AS_OF, random_lines, write_engagement

import kamplay as kp
from kamplay.engagement import load
from kamplay.errors import KamplayError
from kamplay.intake.prepare import prepare
from kamplay.method.health.score import add_findings, health_score
from kamplay.method.results import Findings
from kamplay.presets import load_health
from kamplay.show.findings import headline
from kamplay.show.locale import Locale

HEAD = "account_id,tier,health,reason,by,expires"


def steady() -> pd.DataFrame:
    rows = [("A", AS_OF - pd.Timedelta(days=30 * k), 100.0) for k in range(20)]
    lines = pd.DataFrame(rows, columns=["account_id", "date", "amount"])
    return pd.concat([lines, random_lines(3, seed=2)[["account_id", "date", "amount"]]])


def read(tmp_path, *rows: str):
    folder = write_engagement(tmp_path / "client", steady())
    (folder / "data" / "overrides.csv").write_text("\n".join((HEAD, *rows)) + "\n", encoding="utf-8")
    return prepare(load(folder))


def faults(book) -> set[tuple]:
    return {(f.code, f.row, f.column) for f in book.faults if f.table == "overrides"}


def judged(book):
    found = health_score(book, AS_OF, load_health("standard", Path()))
    told = Findings("health")
    add_findings(told, found)
    return found, {f.kind: f for f in told}


@pytest.mark.parametrize(
    ("cell", "health", "band"),
    [
        ("0", 0.0, "red"),
        ("100", 100.0, "green"),
        ("59.99", 59.9, "yellow"),
        ("１００", 100.0, "green"),
        (" 40 ", 40.0, "yellow"),
        ("39.9", 39.9, "red"),
    ],
)
def test_what_can_be_read_is_the_score(tmp_path, cell, health, band):
    book = read(tmp_path, f"A,,{cell},seen there,Wang,")
    found, told = judged(book)
    row = found.accounts.loc["A"]
    assert not faults(book) and (row["health"], row["health_band"], row["override_reason"]) == (
        health,
        band,
        "seen there",
    )
    assert row["raw"] + row["cap"] + row["override"] == pytest.approx(health)
    assert told["score_by_hand"].accounts == ("A",) and not {
        "score_hand_impossible",
        "score_hand_unusable",
    } & set(told)


@pytest.mark.parametrize("cell", ["-5", "101", "-0.1", "100.1"])
def test_what_lies_outside_is_told_and_changes_nothing(tmp_path, cell):
    book = read(tmp_path, f"A,,{cell},seen there,Wang,")
    assert faults(book) == {("out_of_range", 2, "health")}
    found, told = judged(book)
    assert found.accounts.loc["A", "override"] == 0 and found.overrides["state"].to_dict() == {
        "A": "unusable"
    }
    assert told["score_hand_impossible"].accounts == ("A",) and not {
        "score_hand_unusable",
        "score_by_hand",
    } & set(told)
    assert "0 and 100" in headline(told["score_hand_impossible"], Locale("en", "EUR"), {})
    assert "0至100" in headline(told["score_hand_impossible"], Locale("zh", "EUR"), {})


@pytest.mark.parametrize("cell", ["high", "80%", "85分"])
def test_text_is_a_fault_of_its_cell(tmp_path, cell):
    book = read(tmp_path, f"A,,{cell},seen there,Wang,")
    assert faults(book) == {("unreadable_number", 2, "health"), ("override_sets_nothing", 2, "account_id")}
    found, told = judged(book)
    assert found.overrides.empty and found.accounts["override"].eq(0).all() and "score_by_hand" not in told


def test_blank_with_a_blank_tier_is_a_fault_and_with_a_tier_is_none(tmp_path):
    book = read(tmp_path, "A,,,seen there,Wang,", "A001,S,,seen there,Wang,")
    assert faults(book) == {("override_sets_nothing", 2, "account_id")}
    assert judged(book)[0].overrides.empty


def test_expired_the_day_before_and_on_the_last_day(tmp_path):
    found, told = judged(read(tmp_path, "A,,20,seen there,Wang,2025-12-30"))
    assert found.accounts.loc["A", "override"] == 0 and told["score_hand_expired"].accounts == ("A",)
    found, told = judged(read(tmp_path / "again", "A,,20,seen there,Wang,2025-12-31"))
    assert found.accounts.loc["A", "health"] == 20.0 and "score_hand_expired" not in told


def test_two_for_one_account_are_refused_and_the_same_twice_is_one(tmp_path):
    folder = write_engagement(tmp_path / "client", steady())
    path = folder / "data" / "overrides.csv"
    path.write_text(f"{HEAD}\nA,,20,seen there,Wang,\nA,,40,seen there,Li,\n", encoding="utf-8")
    with pytest.raises(KamplayError) as refused:
        kp.open(folder, language="en")
    assert [(f.code, f.row) for f in refused.value.faults if f.level == "error"] == [("key_repeated", 3)]
    path.write_text(f"{HEAD}\nA,,20,seen there,Wang,\nA,,20,seen there,Wang,\n", encoding="utf-8")
    found, _ = judged(prepare(load(folder)))
    assert found.accounts.loc["A", "health"] == 20.0


def test_an_account_that_is_not_judged_is_named_as_such(tmp_path):
    book = read(tmp_path, "ZZZ,,50,seen there,Wang,")
    assert ("account_unknown", 2, "account_id") in faults(book)
    _, told = judged(book)
    assert told["score_hand_unusable"].accounts == ("ZZZ",) and "score_hand_impossible" not in told
