"""Visits of the last quarter counted by hand."""

from __future__ import annotations

import pandas as pd
import pytest
from conftest import book_of, sold

from kamplay.method.plan.visits_done import add_findings, completion, visits_done
from kamplay.method.results import Findings


def log_of(*rows: tuple[str, str, str | None]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["account_id", "date", "outcome"])
    return frame.assign(date=pd.to_datetime(frame["date"]).astype("datetime64[us]"))


UNITS = pd.DataFrame(
    {
        "level": ["S", "A", "A", "B"],
        "channel": None,
        "visits": [2.0, 1.0, 1.0, 1.0],
        "revenue": [4.0, 3.0, 2.0, 1.0],
    },
    index=pd.Index(["a", "b", "c", "d"], name="unit_id"),
)
# three months to 31 December 2025 begin on 1 October
LOG = log_of(
    ("a", "2025-07-01", "advance"),
    *[
        ("a", f"2025-1{month}-{day}", "advance" if day == "05" else "continuation")
        for month in "012"
        for day in ("05", "15", "25")
    ],
    ("b", "2025-10-20", "advance"),
    ("b", "2025-12-20", None),
    ("d", "2025-12-01", "advance"),
)


def test_counts_by_hand():
    book = book_of(sold(a=4.0, b=3.0, c=2.0, d=1.0), visits=LOG)
    done = visits_done(book, UNITS)
    assert done.index.tolist() == ["a", "b", "c"]  # key units
    assert done["done"].tolist() == [9, 2, 0]
    assert done["advanced"].tolist() == [3, 1, 0]
    assert done["told"].tolist() == [9, 1, 0]
    assert done["norm"].tolist() == [6, 3, 3]
    assert done["days"].tolist()[:2] == [6, 11]
    assert done["long"].tolist() == [False, False, True]  # c: never, and the log is half a year old
    assert done["overdue"].tolist() == [False, False, True]
    # a's three visits beyond its norm do not make up for c: 6 + 2 + 0 of 12, and 3 + 1 + 0 of 12
    assert completion(done, "done") == pytest.approx(8 / 12)
    assert completion(done, "advanced") == pytest.approx(4 / 12)
    found = Findings("plan")
    add_findings(found, book, UNITS, None, done, "2026-01-30")
    kinds = {f.kind: f for f in found.settled()}
    assert kinds["visits_advanced"].figures["made"] == pytest.approx(8 / 12)
    assert kinds["long_unvisited"].accounts == ("c",)


def test_a_visit_is_overdue_after_twice_the_interval():
    """One visit a month is one every 30⅔ days of the quarter's 92: overdue from the 62nd day on."""
    for day, overdue in (("2025-10-31", False), ("2025-10-30", True)):
        book = book_of(sold(b=3.0), visits=log_of(("b", "2025-01-01", None), ("b", day, None)))
        assert visits_done(book, UNITS.loc[["b"]])["overdue"].tolist() == [overdue]


def test_without_outcomes_nothing_is_said_of_advance():
    book = book_of(sold(a=4.0, b=3.0, c=2.0, d=1.0), visits=LOG.drop(columns="outcome"))
    done = visits_done(book, UNITS)
    assert done["advanced"].isna().all()
    assert completion(done, "advanced") is None
    found = Findings("plan")
    add_findings(found, book, UNITS, None, done, "2026-01-30")
    assert "visits_without_outcome" in {f.kind for f in found.settled()}
    assert "visits_advanced" not in {f.kind for f in found.settled()}


def test_without_a_log_it_is_unknown():
    book = book_of(sold(a=4.0))
    done = visits_done(book, UNITS)
    assert done.empty
    found = Findings("plan")
    add_findings(found, book, UNITS, None, done, "2026-01-30")
    assert [f.kind for f in found.settled()] == ["visits_unknown"]
