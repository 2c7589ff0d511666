"""The pace of the last year by hand, and last year again."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from conftest import AS_OF, book_of, lines_of

from kamplay.method.stats.shared_error import FLOOR
from kamplay.method.value.account_forecast import Models, future_of, history, last_year_pace


def test_the_pace_of_the_last_year_by_hand():
    """An account seen for 104 weeks with 11 purchases after the first, the last one today: of the other 10 a
    steady pace has 5 in the last year and a bit (365 days of 728); it had 3.
    """
    rows = pd.DataFrame({"T": 104.0, "t_x": 104.0, "x": 11.0, "year": 4.0}, index=range(200))
    steady = 10 * (365 / 7) / 104
    variance = 200 * (3 - steady) ** 2 / (200 * steady) ** 2
    drawn = np.log(3 / steady) * FLOOR**2 / (FLOOR**2 + variance)
    assert last_year_pace(rows) == pytest.approx(np.exp(drawn), rel=1e-9)
    assert last_year_pace(rows.assign(year=1 + steady)) == pytest.approx(1.0)
    assert last_year_pace(rows.assign(T=50.0, t_x=50.0)) == 1.0  # nobody was seen for more than a year
    few = last_year_pace(rows.head(1))
    assert drawn < np.log(few) < 0  # one account proves less


def test_last_year_again_and_its_fading():
    lines = [("A", f"2025-{m:02d}-10", 100.0) for m in range(1, 13)] + [("B", "2024-03-01", 50.0)] * 2
    past = history(book_of(lines_of(*lines)), AS_OF)
    future = future_of("last_year", past, Models(None, None, 1e-4, 1e-4))
    assert (future.purchases(365.0) * future.spend).tolist() == pytest.approx([1200.0, 0.0])
    two = future.purchases(730.0) - future.purchases(365.0)
    assert two[0] == pytest.approx(12 * np.exp(-0.0365), rel=1e-6)  # of each year's a share leaves
    drawn = future.simulate(365.0, 4000, np.random.default_rng(0))
    assert drawn.mean(axis=1) == pytest.approx([1200.0, 0.0], rel=0.03)
    assert drawn[0].std() == pytest.approx(100 * (2 * 12) ** 0.5, rel=0.1)  # of the rate, and of the year
