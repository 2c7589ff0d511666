"""What keeps a report from being final."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kamplay.engagement import Settings
from kamplay.errors import Fault
from kamplay.method.results import Finding
from kamplay.report.final import left_open
from kamplay.run_folder import GUESSED, WORK


@dataclass(frozen=True)
class Step:
    key_figures: dict[str, Any]
    findings: tuple[Finding, ...] = ()

    def finding(self, kind: str) -> Finding | None:
        return next((f for f in self.findings if f.kind == kind), None)


class ARun:
    """As much of a run as is looked at."""

    folder = Path()

    def __init__(self, *faults: Fault, tables: tuple[str, ...] = (), **settings: Any):
        self.settings = Settings(client="x", **settings)
        self.book = type("ABook", (), {"faults": faults, "has": lambda self, table: table in tables})()


def finding(kind: str, **figures: Any) -> Finding:
    return Finding("check", kind, "act", figures)


def steps(**more: Step) -> dict[str, Step]:
    return {"check": Step({"rows": 1}), **more}


def codes(run: ARun, results: dict[str, Step]) -> list[str]:
    return [fault.code for fault in left_open(run, results)]


def test_nothing_open_is_final():
    assert left_open(ARun(), steps()) == []


def test_a_warning_stands_until_it_is_answered():
    warning = Fault("duplicate_rows", "warning", file="a.csv", count=3)
    open_ = left_open(ARun(warning), steps())
    assert [f.code for f in open_] == ["duplicate_rows", "final_refused"]
    assert {f.level for f in open_} == {"error"}
    assert open_[1].args == {"codes": ["duplicate_rows"]}
    assert codes(ARun(warning, accepted_warnings={"duplicate_rows": "billed so"}), steps()) == []


def test_a_ledger_that_differs_needs_its_reason():
    off = finding("not_reconciled", difference=-5.0, share=0.05)
    assert codes(ARun(), steps(check=Step({}, (off,)))) == ["final_difference", "final_refused"]
    told = finding("difference_explained", cause="no_account")
    assert codes(ARun(), steps(check=Step({}, (off, told)))) == []
    assert codes(ARun(accepted_warnings={"not_reconciled": "rebates"}), steps(check=Step({}, (off,)))) == []


def test_a_guess_needs_somebodys_word(tmp_path):
    run = ARun()
    run.folder = tmp_path
    (tmp_path / WORK).mkdir()
    (tmp_path / WORK / GUESSED).write_text('{"currency": "USD"}')
    open_ = left_open(run, steps())
    assert [(f.code, f.column, f.value) for f in open_[:-1]] == [("final_guess", "currency", "USD")]


def test_an_unknown_figure_needs_a_finding_or_a_missing_table():
    value = {"nrr": None, "funnel_weighted": None}
    said = (Finding("value", "movement_unknown", "watch"),)
    assert codes(ARun(), steps(value=Step(value, said))) == []
    open_ = left_open(ARun(tables=("opportunities",)), steps(value=Step(value)))
    assert [(f.code, f.value) for f in open_[:-1]] == [
        ("final_figure_unknown", "nrr"),
        ("final_figure_unknown", "funnel_weighted"),
    ]
    assert codes(ARun(), steps(health=Step({"verdict": "too_few", "auc": None}))) == []
