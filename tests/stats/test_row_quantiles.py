"""Quantiles of rows are numpy's, to the last figure."""

from __future__ import annotations

import numpy as np
import pytest

from kamplay.method.stats.row_quantiles import row_quantiles


@pytest.mark.parametrize("draws", [1, 2, 5, 80, 401])
def test_quantiles_of_rows_are_those_of_numpy(draws: int) -> None:
    values = np.random.default_rng(draws).lognormal(3.0, 2.0, (50, draws))
    values[:10] = 0.0
    values[10:20, ::2] = 7.5
    shares = (0.0, 0.1, 0.33, 0.5, 0.9, 1.0)
    np.testing.assert_array_equal(row_quantiles(values, shares), np.quantile(values, shares, axis=1))


def test_of_four_values_a_tenth_lies_three_tenths_up_the_first_step() -> None:
    assert row_quantiles(np.array([[40.0, 10.0, 30.0, 20.0]]), (0.1, 0.5)) == pytest.approx(
        np.array([[13.0], [25.0]])
    )
