"""Wilson's interval against published figures."""

import numpy as np
import pytest

from kamplay.method.stats.intervals import Estimate, share_estimate, wilson


@pytest.mark.parametrize(
    ("hits", "trials", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0000, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_of_newcombe(hits, trials, low, high):
    """Newcombe (1998, Statistics in Medicine 17, 857–872), table I, method 3."""
    found = share_estimate(hits, trials)
    assert (found.value, round(found.low, 4), round(found.high, 4)) == (hits / trials, low, high)
    assert [ends.tolist() for ends in wilson([hits, 0], [trials, 0])] == [
        pytest.approx([found.low, np.nan], nan_ok=True),
        pytest.approx([found.high, np.nan], nan_ok=True),
    ]


def test_without_trials_there_is_no_share():
    assert np.isnan(share_estimate(0, 0).value) and np.isnan(Estimate().low)
