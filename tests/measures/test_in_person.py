"""Where accounts are looked after in person, by what is on record and by how many buy."""

import pandas as pd
import pytest
from conftest import book_of, sold

from kamplay.method.measures.business import fitting, in_person
from kamplay.method.results import Finding

MANY = {f"a{n}": 100.0 for n in range(999)}
VISITS = pd.DataFrame({"account_id": ["a1"], "date": pd.to_datetime(["2025-05-05"])})
FOUND = (
    Finding("tiers", "agreement_unmeasured", "watch", {}, (), "hold_ballot"),
    Finding("value", "standing_unknown", "note", {}, (), "ask_for_financials"),
    Finding("plan", "strategies", "note", {}, ("a1",), "assign_teams"),
)


@pytest.mark.parametrize(
    "largest, visited, person", [(0.0, False, True), (1e4, False, False), (1e4, True, True)]
)
def test_a_ballot_statements_and_teams_are_for_accounts_that_somebody_knows(largest, visited, person):
    """999 buyers are few enough, 1,000 are not, unless visits are on record; the largest of them brings too
    much to be a consumer.
    """
    lines = sold(**MANY, **({"largest": largest} if largest else {}))
    book = book_of(lines, **({"visits": VISITS} if visited else {}))
    assert in_person(book) is person
    left = fitting(FOUND, book)
    kinds = ["agreement_unmeasured", "standing_unknown", "strategies"] if person else ["strategies"]
    assert [f.kind for f in left] == kinds
    assert left[-1].action == ("assign_teams" if person else None)
