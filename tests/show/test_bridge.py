"""A bridge's whole years stand on zero, and each step begins where the one before it ended."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

from kamplay.show.charts import bridge
from kamplay.show.display import NOTHING
from kamplay.show.locale import Locale
from kamplay.show.view import View, using


@pytest.mark.parametrize(
    ("amounts", "spans", "floor"),
    [
        ([100.0, -30.0, 10.0, 80.0], [(0, 100), (70, 100), (70, 80), (0, 80)], 0.0),
        ([0.0, 5.0, -2.0, 3.0], [(0, 0), (0, 5), (3, 5), (0, 3)], 0.0),
        ([10.0, -25.0, -15.0], [(0, 10), (-15, 10), (-15, 0)], -15.0),  # room for what fell below zero alone
    ],
)
@pytest.mark.parametrize("narrow", [True, False])
def test_a_bridge_starts_at_zero(monkeypatch, amounts, spans, floor, narrow):
    drawings = []
    monkeypatch.setattr(bridge, "draw_compact", lambda draw, *rest: drawings.append(draw) or NOTHING)
    view = View(Locale("en", "CNY"))
    axes = Figure().add_subplot()
    with using(view):
        bridge.draw_bridge([str(n) for n in range(len(amounts))], np.array(amounts), "", "")
        drawings[0](axes, view, narrow)
    drawn = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in axes.patches]
    assert [tuple(sorted(ends)) for ends in drawn] == [pytest.approx(ends) for ends in spans]
    assert axes.get_xlim()[0] == pytest.approx(floor)
