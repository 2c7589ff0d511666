"""What became of the list of one horizon ago: sums worked by hand, and told only where there is a list to
trust.
"""

from types import SimpleNamespace

import pandas as pd
import pytest
from conftest import AS_OF, book_of, lines_of

from kamplay.method.health.priority_list import PriorityList, add_trust_findings, past_list
from kamplay.method.health.validation import Validation
from kamplay.method.results import Findings

HORIZON = 73  # a fifth of a year
CUT = AS_OF - pd.Timedelta(days=HORIZON)
RECORD = {
    "count": 12,
    "stopped": 3,
    "fell": 1,
    "all_stopped": 14,
    "all_fell": 28,
    "share": 0.5,
    "lost": 100.0,
}
TESTED = Validation({"reason": None})


def model_of(**said: tuple[float, float]) -> SimpleNamespace:
    """A test at CUT that gave each account (probability, revenue of the year to it)."""
    rows = [(name, CUT, chance, revenue) for name, (chance, revenue) in said.items()]
    return SimpleNamespace(test=pd.DataFrame(rows, columns=["account_id", "cutoff", "predicted", "revenue"]))


def test_the_list_of_then_is_held_against_all_that_was_lost():
    """a and c stop at the cut-off and lose a fifth of a year: 200 and 400. c's chance is below the list's, so
    the list, a and b, holds 200 of 600.
    """
    before = pd.date_range(CUT - pd.Timedelta(days=700), CUT, freq="20D")
    after = pd.date_range(CUT + pd.Timedelta(days=10), AS_OF, freq="20D")
    lines = [(name, day, 50.0) for name in "abc" for day in before] + [("b", day, 50.0) for day in after]
    told = past_list(
        book_of(lines_of(*lines)), model_of(a=(0.5, 1000.0), b=(0.3, 500.0), c=(0.1, 2000.0)), HORIZON
    )
    assert told is not None
    assert (told["cutoff"], told["count"], told["open"]) == (str(CUT.date()), 2, 3)
    assert (told["stopped"], told["fell"], told["all_stopped"]) == (1, 0, 2)
    assert told["due"] == pytest.approx(0.5 + 0.3)  # of the listed a and b
    assert (told["lost"], told["all_lost"]) == (200.0, 600.0)
    assert (told["share"], told["chance"]) == (pytest.approx(1 / 3), pytest.approx(2 / 3))


def test_the_sum_of_then_is_followed_in_its_own_measure():
    """The same three. What their rhythm leaves empty, e = 0.031, is no loss: expected were 200 · (0.5 − e) /
    (1 − e) + 100 · (0.3 − e) / (1 − e) + 400 · (0.1 − e) / (1 − e); a and c stopped and b did not, so 200 +
    400 − 100 · e / (1 − e) came.
    """
    before = pd.date_range(CUT - pd.Timedelta(days=700), CUT, freq="20D")
    after = pd.date_range(CUT + pd.Timedelta(days=10), AS_OF, freq="20D")
    lines = [(name, day, 50.0) for name in "abc" for day in before] + [("b", day, 50.0) for day in after]
    book = book_of(lines_of(*lines))
    told = past_list(book, model_of(a=(0.5, 1000.0), b=(0.3, 500.0), c=(0.1, 2000.0)), HORIZON)
    e = (1 + 73 / 720) ** -36
    expected = sum(m * (p - e) / (1 - e) for m, p in ((200, 0.5), (100, 0.3), (400, 0.1)))
    assert told["counted"] == 3
    assert told["sum_expected"] == pytest.approx(expected, abs=0.01)
    assert told["sum_came"] == pytest.approx(600 - 100 * e / (1 - e), abs=0.01)
    # by chance alone: each E / (1 − e) times a coin of p
    chance = sum((m / (1 - e)) ** 2 * p * (1 - p) for m, p in ((200, 0.5), (100, 0.3), (400, 0.1))) ** 0.5
    assert told["sum_sd"] == pytest.approx(chance, abs=0.01)


@pytest.mark.parametrize(("listed", "kinds"), [(["a"], ["watch_trust"]), ([], [])])
def test_without_a_list_there_is_nothing_to_trust(listed, kinds):
    found = Findings("health")
    listed = PriorityList(pd.DataFrame(index=listed, columns=["at_risk"]), RECORD)
    add_trust_findings(found, listed, TESTED, pd.DataFrame())
    assert [f.kind for f in found] == kinds
