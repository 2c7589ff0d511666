"""Names beside the marks of a map, each whole and none over another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from kamplay.palette import GROUND, INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.transforms import Transform

APART = 3.5  # points between two lines: those that cross lead nowhere
MOST_CROSSED = 20.0  # points across of the marks that a line may cross: through more it points at nothing
NAMED_DIAMETER = 4.5  # points across that a named mark has at least, so that its name points at something
LABEL_GAPS = (1.5, 8.0, 16.0, 26.0, 38.0, 52.0)  # points from a mark to its label, tried in this order
FAR = 1.2  # what each of these gaps costs more than the one before
# the sides of a mark where its label may stand
LABEL_SIDES = (
    (1, 0),
    (-1, 0),
    (0, 1),
    (0, -1),
    (1, 1),
    (-1, 1),
    (1, -1),
    (-1, -1),
    (0.4, 1),
    (-0.4, 1),
    (0.4, -1),
    (-0.4, -1),
)


def circle_diameters(areas: Any, least: float = 2.0, step: float = 1.125) -> Any:
    """Diameters in points of circles of ``areas`` (square points), ``least`` or more, in steps by the factor
    ``step``: few sizes make a small file.
    """
    across = np.maximum(2 * np.sqrt(areas / np.pi), least)
    return np.round(least * step ** np.round(np.log(across / least) / np.log(step)), 2)


def in_points(axes: Axes, places: Any) -> tuple[Any, Transform, float]:
    """Where ``places`` (n, 2), in data, lie in points from the figure's lower left corner, the transform of
    such points, and the area of the axes in square points. Settles the layout: what needs room beside the
    axes must be drawn before.
    """
    from matplotlib.transforms import Affine2D

    figure: Any = axes.figure
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    unit = 72 / figure.dpi
    box = axes.get_window_extent()
    points = np.round(axes.transData.transform(np.asarray(places, dtype=float)) * unit * 2) / 2
    return points, Affine2D().scale(1 / 72) + figure.dpi_scale_trans, box.width * box.height * unit**2


def place_labels(
    axes: Axes,
    texts: Sequence[str],
    points: Any,
    diameters: Any,
    chosen: Sequence[int] | np.ndarray,
    circled: Any,
    transform: Transform,
    fontsize: float,
    drawn: Any = None,
) -> None:
    """Write each text whole, beside its mark; one that finds no place without touching a mark or another text
    is left out.

    Parameters
    ----------
    axes : whose layout is settled, see ``in_points``.
    texts : by falling importance.
    points, diameters : (n, 2) and (n,), of all marks, in points.
    chosen : of each text its mark's place in ``points``.
    circled : (n,), the marks that no line to a label should cross.
    transform : of ``points``.
    fontsize : of the texts.
    drawn : (n,), the marks that are on the chart at all; without it those ``circled``.
    """
    figure: Any = axes.figure
    unit = 72 / figure.dpi
    marks = circled if drawn is None else drawn
    frame = axes.get_window_extent().extents * unit
    taken = [t.get_window_extent().extents * unit for t in axes.texts]
    lines = np.empty((0, 2))  # points along the lines that lead from a text to its mark

    def cost(n: int, spot: Any, far: int) -> tuple[float, Any] | None:
        """What it costs to put a label there, and its line to the mark; None where it would touch
        something."""
        if (spot[:2] < frame[:2] + 1).any() or (spot[2:] > frame[2:] - 1).any():
            return None
        half, middle = (spot[2:] - spot[:2]) / 2, (spot[2:] + spot[:2]) / 2
        near = (np.abs(points - middle) < half + diameters[:, None] / 2).all(axis=1)
        near[n] = False
        if any(_touch(spot, t) for t in taken) or (near & marks).any() or _inside(lines, spot).any():
            return None
        if not far:
            return 0.0, lines[:0]
        end = np.clip(points[n], spot[:2], spot[2:])
        line = points[n] + (end - points[n]) * np.linspace(0, 1, 12)[:, None]
        if any(_inside(line, t).any() for t in taken):
            return None
        if len(lines) and (np.linalg.norm(line[:, None] - lines[None], axis=2) < APART).any():
            return None
        distance = np.linalg.norm(line[:, None] - points[circled][None], axis=2)
        crossed = (distance < diameters[circled] / 2 + 0.5).any(axis=0)
        crossed &= (points[circled] != points[n]).any(axis=1)
        if diameters[circled][crossed].sum() > MOST_CROSSED:
            return None
        return FAR * far + diameters[circled][crossed].sum() / 4, line

    for text, n in zip(texts, chosen, strict=True):
        label = axes.text(
            0, 0, text, fontsize=fontsize, color=INK, transform=transform, zorder=5, va="center", ha="center"
        )
        extent = label.get_window_extent()
        size = np.array([extent.width, extent.height]) * unit
        best: tuple[float, Any, Any] | None = None
        for far, gap in enumerate(LABEL_GAPS):
            if best is not None and best[0] <= far * FAR:
                break  # farther off nothing is better
            for turn, side in enumerate(LABEL_SIDES):
                reach = (diameters[n] / 2 + gap) * (0.75 if all(side) else 1)
                middle = points[n] + np.array(side) * (reach + size / 2)
                spot = np.concatenate([middle - size / 2, middle + size / 2])
                found = cost(n, spot, far)
                if found is not None and (best is None or found[0] + 0.05 * turn < best[0]):
                    best = (found[0] + 0.05 * turn, spot, found[1])
        if best is None:
            label.remove()
            continue
        _, spot, line = best
        taken.append(spot)
        label.set_position((round((spot[0] + spot[2]) / 2, 1), round((spot[1] + spot[3]) / 2, 1)))
        label.set_bbox({"facecolor": GROUND, "edgecolor": "none", "alpha": 0.72, "pad": 0.4})
        if len(line):
            lines = np.vstack([lines, line])
            axes.plot(*line[[0, -1]].T, color=INK, linewidth=0.6, transform=transform, zorder=4)


def _inside(points: Any, box: Any) -> Any:
    return ((points > box[:2]) & (points < box[2:])).all(axis=1)


def _touch(one: Any, other: Any) -> bool:
    return bool(
        one[0] < other[2] + 1
        and other[0] < one[2] + 1
        and one[1] < other[3] + 0.5
        and other[1] < one[3] + 0.5
    )
