"""Names beside the marks of a map, each whole and none over another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from kamplay.palette import INK, WHITE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NAMED_DIAMETER = 4.5  # points across that a named mark has at least, so that its name points at something
# where a label may stand, as seen from its mark
SIDES = (
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


def place_labels(
    axes: Axes,
    texts: list[str],
    points: Any,
    size: Any,
    chosen: Any,
    circled: Any,
    inches: Any,
    fontsize: float,
    drawn: Any = None,
) -> None:
    """Each text whole, beside its account; one that finds no place without touching a mark or another text is
    left out.

    ``points`` and ``size`` (diameters) of all accounts in points; ``chosen``: the places of those with a
    text, by falling importance; ``circled``: which have a circle of their own; ``drawn``: which are on the
    map at all, if not only these.
    """
    figure: Any = axes.figure
    unit = 72 / figure.dpi
    frame = axes.get_window_extent().extents * unit
    taken = [t.get_window_extent().extents * unit for t in axes.texts]
    lines = np.empty((0, 2))  # points along the lines that lead from a text to its account
    for text, n in zip(texts, chosen, strict=True):
        label = axes.text(
            0, 0, text, fontsize=fontsize, color=INK, transform=inches, zorder=5, va="center", ha="center"
        )
        extent = label.get_window_extent()
        width, height = extent.width * unit, extent.height * unit
        half = np.array([width, height]) / 2
        best: tuple[float, Any, Any] | None = None
        for far, gap in enumerate((1.5, 8.0, 16.0, 26.0, 38.0, 52.0)):
            for turn, (dx, dy) in enumerate(SIDES):
                reach = (size[n] / 2 + gap) * (0.75 if dx and dy else 1)
                middle = points[n] + np.array([dx * (reach + width / 2), dy * (reach + height / 2)])
                spot = np.concatenate([middle - half, middle + half])
                if (
                    (spot[:2] < frame[:2] + 1).any()
                    or (spot[2:] > frame[2:] - 1).any()
                    or any(_touch(spot, t) for t in taken)
                ):
                    continue
                near = (np.abs(points - middle) < half + size[:, None] / 2).all(axis=1)
                near[n] = False
                if (near & (circled if drawn is None else drawn)).any() or _inside(lines, spot).any():
                    continue
                cost = 1.2 * far + 0.05 * turn
                lead = (
                    points[n]
                    + (np.clip(points[n], spot[:2], spot[2:]) - points[n]) * np.linspace(0, 1, 12)[:, None]
                    if far
                    else lines[:0]
                )
                if any(_inside(lead, t).any() for t in taken):
                    continue
                if far:
                    away = np.linalg.norm(lead[:, None] - points[circled][None], axis=2)
                    crossed = (away < size[circled] / 2 + 0.5).any(axis=0) & (
                        points[circled] != points[n]
                    ).any(axis=1)
                    cost += size[circled][crossed].sum() / 4
                if best is None or cost < best[0]:
                    best = (float(cost), spot, lead)
        if best is None:
            label.remove()
            continue
        spot = best[1]
        taken.append(spot)
        label.set_position((round((spot[0] + spot[2]) / 2, 1), round((spot[1] + spot[3]) / 2, 1)))
        label.set_bbox({"facecolor": WHITE, "edgecolor": "none", "alpha": 0.72, "pad": 0.4})
        if len(best[2]):
            lines = np.vstack([lines, best[2]])
            axes.plot(
                best[2][[0, -1], 0], best[2][[0, -1], 1], color=INK, linewidth=0.6, transform=inches, zorder=4
            )


def _inside(points: Any, box: Any) -> Any:
    return ((points > box[:2]) & (points < box[2:])).all(axis=1)


def _touch(one: Any, other: Any) -> bool:
    return bool(
        one[0] < other[2] + 1
        and other[0] < one[2] + 1
        and one[1] < other[3] + 0.5
        and other[1] < one[3] + 0.5
    )
