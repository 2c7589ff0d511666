"""The one model of purchases: published figures, what it reads, and that it is fitted once."""

import numpy as np
import pandas as pd
import pytest
from conftest import AS_OF, book_of, lines_of, random_lines

from kamplay.method.measures.purchase_model import PurchaseModel, purchase_counts, purchase_model
from kamplay.method.stats import bgnbd

CDNOW = bgnbd.BGNBD(0.243, 4.414, 0.793, 2.426)  # Fader, Hardie & Lee (2005)


def one(x: float, t_x: float, seen: float) -> PurchaseModel:
    history = pd.DataFrame({"x": [x], "t_x": [t_x], "T": [seen]}, index=pd.Index(["a"], name="account_id"))
    return PurchaseModel(AS_OF, CDNOW, history)


def test_the_published_account_is_expected_to_buy_as_often():
    """The example of the paper: x = 2, t_x = 30.43, T = 38.86 expects 1.226 purchases in 39 weeks."""
    assert one(2, 30.43, 38.86).expected(39 * 7)["a"] == pytest.approx(1.226, abs=5e-4)


def test_chance_of_no_purchase_against_draws_from_the_same_model():
    model = one(2, 30.43, 38.86)
    arrays = (np.array([2.0]), model.alive.to_numpy(), np.array([38.86]))
    drawn = bgnbd.draw(CDNOW, *arrays, 39, 400_000, np.random.default_rng(1))
    assert (drawn == 0).mean() == pytest.approx(model.no_purchase(39 * 7)["a"], abs=0.004)


def test_a_horizon_of_its_own_for_each_account():
    model = purchase_model(book_of(random_lines(80)))
    long = pd.Series(400.0, index=model.history.index)
    long.iloc[::2] = 30.0
    told = model.no_purchase(long)
    pd.testing.assert_series_equal(told.iloc[::2], model.no_purchase(30).iloc[::2])
    pd.testing.assert_series_equal(told.iloc[1::2], model.no_purchase(400).iloc[1::2])


def test_counts_by_hand_of_every_account_that_had_bought():
    book = book_of(
        lines_of(
            ("a", "2025-01-01", 5.0),
            ("a", "2025-01-15", 5.0),
            ("a", "2025-01-15", 5.0),
            ("a", "2025-02-26", -4.0),
            ("a", "2025-03-05", 5.0),
            ("b", "2022-01-05", 5.0),
            ("c", "2025-04-01", 5.0),
        )
    )
    counts = purchase_counts(book, pd.Timestamp("2025-03-12"))
    assert list(counts.index) == ["a", "b"]  # long gone too; c comes later
    assert counts.loc["a"].tolist() == [2, 9, 10]  # weeks; a return is no purchase
    assert counts.loc["b", ["x", "t_x"]].tolist() == [0, 0]


def test_fitted_once_for_a_book_and_a_day_and_only_to_what_was_known():
    lines = random_lines(80)
    day = AS_OF - pd.Timedelta(days=200)
    book = book_of(lines)
    then = purchase_model(book, day)
    assert purchase_model(book, day) is then and purchase_model(book) is not then
    assert purchase_model(book) is purchase_model(book, book.seen_to)
    assert purchase_model(book_of(lines[lines["date"] <= day], day)).rate == then.rate


def test_too_few_that_bought_again_are_not_fitted():
    model = purchase_model(book_of(random_lines(20)))
    assert model.rate is None and len(model.history) == 20
    for figures in (model.alive, model.expected(100), model.no_purchase(100)):
        assert figures.isna().all() and len(figures) == 20
