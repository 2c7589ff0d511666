"""Health and churn: no look into the future, honest refusal, figures by hand."""

import numpy as np
import pandas as pd
import pytest
from conftest import AS_OF, book_of, lines_of, random_lines

from kamplay.method.churn import MIN_EVENTS, auc, churned, features, fit
from kamplay.method.health import banded, dimensions, drivers, health_model, overall


def test_auc_by_hand():
    assert auc(np.array([0, 0, 1, 1]), np.array([0.1, 0.4, 0.35, 0.8])) == pytest.approx(0.75)  # 3 of 4 pairs in order
    assert auc(np.array([0, 1]), np.array([0.5, 0.5])) == pytest.approx(0.5)


def test_nothing_after_the_cut_off_is_seen():
    lines = random_lines(60)
    cut = pd.Timestamp("2025-03-31")
    past = lines[lines["date"] <= cut]
    future = lines[lines["date"] > cut].sample(frac=1, random_state=4).assign(amount=999.0, account_id="A001")
    for reads in (lambda b: features(b.days, cut), lambda b: dimensions(b, cut)):
        pd.testing.assert_frame_equal(reads(book_of(lines)), reads(book_of(pd.concat([past, future]))))


def test_a_feature_that_knows_the_future_would_be_noticed():
    """The comparison above must be able to fail: the outcome itself does change with the future."""
    lines, cut = random_lines(60), pd.Timestamp("2025-03-31")
    book, without = book_of(lines), book_of(lines[lines["date"] <= cut])
    index = features(book.days, cut).index
    assert not churned(book.days, index, cut, 180).equals(churned(without.days, index, cut, 180))


def test_predictions_come_from_a_model_tested_before():
    result = fit(book_of(random_lines(400, seed=5)), 120)
    assert result.proof["verdict"] == "validated"
    assert 0.5 < result.proof["auc_low"] <= result.proof["auc"] <= result.proof["auc_high"] <= 1
    assert result.proof["brier"] < result.proof["brier_base"]
    known = result.probability.dropna()
    assert known.between(0, 1).all()
    assert len(known) == result.probability.index.isin(features(book_of(random_lines(400, seed=5)).days, AS_OF).index).sum()


def test_refuses_below_the_stated_number_of_events():
    result = fit(book_of(random_lines(20)), 180)
    assert result.proof["events"] < MIN_EVENTS
    assert (result.proof["verdict"], result.proof["auc"]) == ("too_few", None)
    assert result.probability.isna().all()


def test_chance_is_not_called_validated():
    """Accounts that stop and stay by the toss of a coin, all with the same past: nothing can be told apart."""
    rng = np.random.default_rng(3)
    rows = []
    for n in range(300):
        for start in ("2024-01-01", "2024-07-01", "2025-01-01", "2025-07-01"):
            if rng.random() < 0.5:
                rows += [(f"a{n}", pd.Timestamp(start) + pd.Timedelta(days=int(d)), 10.0) for d in (20, 50, 80, 110, 140, 170)]
        rows.append((f"a{n}", pd.Timestamp("2023-12-01"), 10.0))
    result = fit(book_of(lines_of(*rows)), 180)
    assert result.proof["events"] >= MIN_EVENTS
    assert result.proof["verdict"] == "not_better"
    assert result.probability.isna().all()


def test_dimensions_by_hand():
    monthly = [("even", d, 100.0) for d in pd.date_range("2024-01-10", "2025-12-10", freq="MS") + pd.Timedelta(days=9)]
    stopped = [("late", d, 100.0) for d in pd.date_range("2024-01-01", "2025-06-01", freq="MS")]
    parts = dimensions(book_of(lines_of(*monthly, *stopped)), AS_OF)
    assert parts.loc["even", "rhythm"] == 100
    assert parts.loc["even", "trend"] == pytest.approx(70, abs=6)
    assert parts.loc["late", "rhythm"] == 0  # over seven usual gaps late
    assert parts.loc["late", "trend"] == 0
    scores = overall(parts)
    assert scores["late"] == 0  # breadth is unknown: its weight went to the other two
    assert banded(pd.Series({"a": 39.9, "b": 40.0, "c": 69.9, "d": 70.0, "e": 100.0})).tolist() == [
        "red",
        "yellow",
        "yellow",
        "green",
        "green",
    ]


def test_drivers_add_up_to_the_points_lost():
    parts = dimensions(book_of(random_lines(50)), AS_OF).dropna(subset=["rhythm", "trend", "breadth"])
    said = drivers(parts)
    lost = said.map(lambda text: sum(int(p.split(":")[1]) for p in text.split(";") if p))
    assert ((100 + lost) - overall(parts)).abs().max() <= 1.5  # three roundings of half a point


def test_missing_months_are_not_silence():
    """Data that end four months before as_of: health is judged where the data end."""
    lines = lines_of(*[(f"a{n}", d, 10.0) for n in range(5) for d in pd.date_range("2024-01-05", "2025-08-31", freq="20D")])
    result = health_model(book_of(lines), 180)
    assert result.finding("seen_to").figures["seen_to"] == str(lines["date"].max().date())
    assert (result.accounts["health_band"] == "green").all()


def test_health_covers_every_account_that_bought_in_the_year():
    lines = random_lines(60)
    result = health_model(book_of(lines), 180)
    bought = set(lines.loc[(lines["date"] > AS_OF - pd.Timedelta(days=365)) & (lines["date"] <= AS_OF), "account_id"])
    assert set(result.accounts["health"].dropna().index) == bought
