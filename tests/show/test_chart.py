"""A drawing is the one that matplotlib saves, and an axis without a name stays without one."""

from __future__ import annotations

import io

import matplotlib as mpl
import seaborn as sns
from matplotlib.figure import Figure

from kamplay.show import chart


def drawing() -> Figure:
    """Bars with ticks and a note beside them, and a small scale inside."""
    figure = Figure(figsize=chart.NARROW, layout="constrained")
    axes = figure.add_subplot()
    sns.barplot(x=[3.0, 20_000.0], y=["华衡", "Long name of an account"], errorbar=None, ax=axes)
    axes.annotate("beside the bar", (20_000, 1), xytext=(8, 0), textcoords="offset points")
    axes.inset_axes((0.6, 0.7, 0.3, 0.1)).set_xticks([0, 1])
    return figure


def test_one_drawing_gives_the_bytes_of_two() -> None:
    with mpl.rc_context(chart._theme()):
        out = io.StringIO()
        drawing().savefig(out, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
        assert chart._drawn(drawing()) == out.getvalue()


def test_seaborn_names_no_axis() -> None:
    named = []

    def draw(axes, view, narrow):
        sns.lineplot({"share": [0.1, 0.2], "month": [1, 2]}, x="month", y="share", estimator=None, ax=axes)
        axes.set_ylabel("share of revenue")
        named.append(axes)

    chart.draw_compact(draw, "", "")
    assert (named[0].get_xlabel(), named[0].get_ylabel()) == ("", "share of revenue")
