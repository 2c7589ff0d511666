"""The indices of a common platform: every factor by hand; what no table holds is left open, never assumed."""

import pandas as pd
import pytest
from conftest import book_of, lines_of

from kamplay.method.plan.platform import FACTORS, Platform, add_findings, platform
from kamplay.method.results import Findings
from kamplay.show.findings import headline
from kamplay.show.locale import Locale
from kamplay.show.plan import platform as shown

LINES = lines_of(("a", "2025-06-01", 10.0), ("b", "2025-06-01", 10.0))
SHARES = pd.DataFrame({"measure": ["on_time", "on_time", "in_full"], "hits": [8, 1, 0], "trials": [10, 2, 9]})
NO_SHARES = SHARES.iloc[:0]


def days(*values: str | None) -> pd.Series:
    return pd.Series(pd.to_datetime(list(values)))


TICKETS = pd.DataFrame(
    {
        "account_id": ["a", "a", "b", "b"],
        "opened": days("2025-03-01", "2025-04-01", "2025-05-01", "2024-01-01"),
        "replied": days("2025-03-03", "2025-04-02", None, "2024-03-01"),
        "closed": days("2025-03-11", "2025-04-11", "2025-05-05", "2024-03-01"),
    }
)
SURVEYS = pd.DataFrame(
    {
        "account_id": ["a", "a", "b"],
        "date": days("2025-02-01", "2025-09-01", "2025-09-01"),
        "score": [4.0, 5.0, 8.0],
        "scale": [5.0, 5.0, 10.0],
    }
)
VISITS = pd.DataFrame(
    {
        "account_id": ["a", "a", "b", "b", "b"],
        "date": days("2025-10-01", "2025-12-31", "2025-11-05", "2025-11-06", "2025-09-30"),
        "by": ["li", "li", "wu", None, "he"],
    }
)


def told(result: Platform) -> dict:
    found = Findings("plan")
    add_findings(found, result)
    return {f.kind: f for f in found}


def test_by_hand():
    """On time 9 of 12; satisfaction (0.9 + 0.8)/2; response (2 + 1)/2 days, one ticket unanswered, one too
    old: CEI would be 0.75 × 0.85 ÷ 1.5 = 0.425 a day at most. Two users made three entries in three months: 1
    a month.
    """
    result = platform(book_of(LINES, tickets=TICKETS, surveys=SURVEYS, visits=VISITS), SHARES)
    value = result.factors.set_index("factor")
    known = {"on_time": (0.75, 12), "satisfaction": (0.85, 2), "response": (1.5, 2)}
    known |= {"users": (2.0, 3), "frequency": (0.5, 3)}
    for name, expected in known.items():
        assert tuple(value.loc[name, ["value", "cases"]]) == pytest.approx(expected), name
    assert value.loc["response", "basis"] == "replied"
    figures = result.figures
    assert figures["cei_most"] == pytest.approx(0.425) and figures["cpi"] == pytest.approx(1.0)
    assert figures["cei"] is None and figures["dvr"] is None and figures["unanswered"] == 1
    assert figures["lacking"] == ["accuracy", "data_decisions", "decisions"]
    said = headline(told(result)["cei_bound"], Locale("en", "CNY"), {})
    assert said.startswith(
        "CEI is at most 0.43 a day: 75% on time × 85% satisfaction ÷ 1.5 days to the first reply"
    )


def test_without_replies_the_close_stands_in_and_is_named():
    """(10 + 10 + 4)/3 days."""
    result = platform(book_of(LINES, tickets=TICKETS.drop(columns="replied")), NO_SHARES)
    row = result.factors.set_index("factor").loc["response"]
    assert (row["value"], row["cases"], row["basis"]) == (8.0, 3, "closed")
    assert result.figures["cei_most"] is None  # no orders, no surveys


def test_all_answered_on_the_same_day_divides_by_nothing():
    same = TICKETS.assign(replied=TICKETS["opened"])
    result = platform(book_of(LINES, tickets=same, surveys=SURVEYS), SHARES)
    assert result.figures["cei_most"] is None and "cei_bound" not in told(result)


@pytest.mark.parametrize("absent", ["tickets", "surveys", "visits", "shares"])
def test_each_table_may_be_missing(absent):
    there = {"tickets": TICKETS, "surveys": SURVEYS, "visits": VISITS}
    there.pop(absent, None)
    result = platform(book_of(LINES, **there), NO_SHARES if absent == "shares" else SHARES)
    lacking = {"tickets": ["response"], "surveys": ["satisfaction"], "visits": ["users", "frequency"]}
    expected = {*lacking.get(absent, ["on_time"]), "accuracy", "data_decisions", "decisions"}
    assert set(told(result)["platform_lacking"].figures["lacking"]) == expected
    assert (result.figures["cpi"] is None) == (absent == "visits")


def test_every_factor_has_its_words():
    names = {name for of_index in FACTORS.values() for name in of_index}
    assert names == set(shown.FACTORS) == set(shown.RECORD) and set(FACTORS) == set(shown.INDICES)
