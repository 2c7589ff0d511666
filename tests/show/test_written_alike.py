"""Accounts that differ in spaces alone stand in the appendix with both sums, and the view knows them."""

import pandas as pd
import pytest
from conftest import write_engagement

from kamplay.engagement import load
from kamplay.intake.prepare import prepare
from kamplay.method.check.step import check_data
from kamplay.show.locale import Locale
from kamplay.show.summary.written_alike import MOST_TOLD, written_alike
from kamplay.show.view import view_of


def book_of(folder, lines: list[tuple[str, str, float]]):
    frame = pd.DataFrame(lines, columns=["date", "account_id", "amount"])
    return prepare(load(write_engagement(folder, frame)))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_pair_is_told_once_with_what_each_bought(tmp_path, language):
    """In two years 协和医院 bought for 100 + 200, its twin for 30."""
    lines = [("2024-01-01", "协和医院", 100.0), ("2025-02-01", "协和 医院", 30.0)]
    book = book_of(tmp_path / "c", [*lines, ("2025-03-01", "协和医院", 200.0), ("2025-04-01", "二院", 50.0)])
    (told,) = written_alike(check_data(book, None), Locale(language, "CNY"))
    odd, other = told.index("协和 医院"), told.index("协和医院")
    assert odd < told.index("30") < other < told.index("300")
    assert view_of(load(tmp_path / "c").settings, language, book).alike == {
        "协和 医院": {"协和医院"},
        "协和医院": {"协和 医院"},
    }


def test_of_very_many_pairs_the_largest_are_told_and_the_rest_counted(tmp_path):
    """Pair n bought for n + 1000 and for n: the smallest three of MOST_TOLD + 3 are counted."""
    lines = []
    for n in range(1, MOST_TOLD + 4):
        lines += [("2025-01-01", f"KH{n:03}", 1000.0 + n), ("2025-02-01", f"KH {n:03}", float(n))]
    told = written_alike(check_data(book_of(tmp_path / "c", lines), None), Locale("en", "CNY"))
    assert len(told) == MOST_TOLD + 1
    assert "KH 013" in told[0] and " 3 " in told[-1]
    assert not any("KH 003" in one for one in told)
