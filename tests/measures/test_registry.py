"""The register of measures: each once, the same for a scorecard and for a health card."""

import numpy as np
import pandas as pd
import pytest
from conftest import book_of, lines_of, random_lines

from kamplay.method.measures.registry import MEASURES, judged_accounts, measure, measure_of, measures_at
from kamplay.show.locale import Locale
from kamplay.show.texts.vocabulary import measure_text


def test_a_name_is_registered_once():
    with pytest.raises(ValueError, match="twice"):
        measure("transactions", "revenue")(MEASURES["revenue"].take)


def test_a_scorecard_and_a_health_card_see_the_same_figure():
    contacts = pd.DataFrame(
        {
            "contact_id": ["p", "q", "r"],
            "account_id": ["A00", "A00", "A01"],
            "layer": ["decision", "use", "use"],
            "title": ["院长（已离职）", "主任", "主任"],
        }
    )
    lines = random_lines(12)
    lines["account_id"] = [
        f"A{int(str(a)[-2:]) if str(a)[-2:].isdigit() else 0:02d}" for a in lines["account_id"]
    ]
    book = book_of(lines, contacts=contacts)
    rhythm = judged_accounts(book, pd.Timestamp(book.as_of))
    names = [name for name, m in MEASURES.items() if m.code and name not in ("churn_probability", "warning")]
    values, _ = measures_at(book, pd.Timestamp(book.as_of), names, rhythm)
    for name in names:
        for_card = measure_of(book, name).reindex(rhythm.index).to_numpy(dtype=float)
        if name != "margin_ratio":  # against the usual margin of the accounts at hand
            assert np.allclose(for_card, values[name], equal_nan=True), name


def test_who_has_left_covers_no_layer():
    """Of two layers the one whose only person has left is not covered; nobody recorded is unknown."""
    contacts = pd.DataFrame(
        {
            "contact_id": ["p", "q"],
            "account_id": ["a", "a"],
            "layer": ["decision", "use"],
            "title": ["院长（已离职）", "主任"],
        }
    )
    book = book_of(lines_of(("a", "2025-03-01", 1.0), ("b", "2025-03-01", 1.0)), contacts=contacts)
    found = measure_of(book, "layers_covered")
    assert found["a"] == 1 and np.isnan(found["b"])


def test_a_score_without_a_scale_is_not_out_of_the_highest_score_given():
    """4 and 3 are out of 5, the least usual scale that holds them, not out of 4; 6 is out of its own 10."""
    surveys = pd.DataFrame(
        {
            "account_id": ["a", "a", "b"],
            "date": pd.to_datetime(["2025-03-01", "2025-09-01", "2025-09-01"]),
            "score": [4.0, 3.0, 6.0],
            "scale": [np.nan, np.nan, 10.0],
        }
    )
    book = book_of(lines_of(("a", "2025-03-01", 1.0), ("b", "2025-03-01", 1.0)), surveys=surveys)
    assert measure_of(book, "satisfaction").to_dict() == pytest.approx({"a": 0.7, "b": 0.6})
    assert measure_of(book, "satisfaction_latest").to_dict() == pytest.approx({"a": 0.6, "b": 0.6})


@pytest.mark.parametrize(
    ("measure", "value", "en", "zh"),
    [
        ("half_year_ratio", 0.0, "nothing bought in half a year", "半年没有采购"),
        ("year_ratio", 0.0, "nothing bought in a year", "一年没有采购"),
        ("frequency_change", -1.0, "nothing bought in a year", "一年没有采购"),
        ("visit_ratio", 0.0, "no visits", "没有拜访"),
        ("half_year_ratio", 0.25, "revenue −75% in half a year", "半年采购额−75%"),
    ],
)
def test_a_fall_to_nothing_is_said_in_words(measure, value, en, zh):
    assert measure_text(measure, value, Locale("en", "CNY")) == en
    assert measure_text(measure, value, Locale("zh", "CNY")) == zh
