"""Wilson's interval against published figures."""

import numpy as np
import pytest

from kamplay.method.stats.intervals import Estimate, share_estimate, tells, wilson


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


def test_an_interval_is_told_by_the_standard_of_the_health_statistics():
    # Parker et al. 2017, figure 1: 0.05 wide is always shown, 0.30 never; between them 130 % of the share
    share = [0.02, 0.5, 0.1, 0.1, 0.034]
    low, high = [0.0, 0.34, 0.04, 0.04, 0.021], [0.05, 0.64, 0.169, 0.171, 0.56]
    assert tells(share, low, high).tolist() == [True, False, True, False, False]
