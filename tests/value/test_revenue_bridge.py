"""The bridge and retention: hand-worked, and adding up by property."""

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kamplay.method.value.retention import account_moves, retention_rates, revenue_bridge

BEFORE = pd.Series(
    {"kept": 100.0, "grown": 50.0, "shrunk": 40.0, "gone": 30.0, "refunded": 20.0, "new": 0.0, "credit": -5.0}
)
NOW = pd.Series(
    {"kept": 100.0, "grown": 80.0, "shrunk": 10.0, "gone": 0.0, "refunded": -10.0, "new": 25.0, "credit": 5.0}
)


def test_hand_worked_retention():
    nrr, grr = retention_rates(
        NOW, BEFORE
    )  # base 240; kept 100 + 80 + 10 + 0 + 0 = 190; capped 100 + 50 + 10 = 160
    assert nrr == pytest.approx(190 / 240)
    assert grr == pytest.approx(160 / 240)


def test_each_account_moves_once():
    table = account_moves(NOW, BEFORE)
    assert table["move"].to_dict() == {
        "kept": "same", "grown": "expanded", "shrunk": "contracted", "gone": "lost", "refunded": "lost", "new": "new", "credit": "new",
    }  # fmt: skip


def test_no_base_gives_none():
    assert retention_rates(NOW, pd.Series({"kept": 0.0, "gone": -1.0})) == (None, None)


cents = st.integers(-(10**8), 10**8).map(lambda n: n / 100)
pairs = st.lists(st.tuples(cents, cents), min_size=1, max_size=50)


@given(pairs)
def test_bridge_adds_up(values):
    index = [f"a{i}" for i in range(len(values))]
    now, before = (pd.Series([v[k] for v in values], index=index) for k in (0, 1))
    table = revenue_bridge(account_moves(now, before)).set_index("item")["amount"]
    assert math.isclose(
        table.drop("now").sum(), table["now"], abs_tol=1e-6 * (1 + now.abs().sum() + before.abs().sum())
    )
    nrr, grr = retention_rates(now, before)
    if grr is not None:
        assert 0 <= grr <= 1 + 1e-12
        assert grr <= nrr + 1e-12
