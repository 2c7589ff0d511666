"""Statistics of all values but one, against leaving each out in turn."""

import numpy as np
import pandas as pd
import pytest

from kamplay.method.stats.leave_one_out import median_of_others


@pytest.mark.parametrize("count", [2, 3, 5, 6, 8, 11])
def test_median_of_the_others(count):
    values = np.random.default_rng(count).integers(0, 6, count).astype(float)
    expected = [np.median(np.delete(values, i)) for i in range(count)]
    assert median_of_others(pd.Series(values)).tolist() == expected
