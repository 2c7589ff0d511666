"""The marks of the account asset map: one an account, or one a square of many; few bytes each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kamplay.method.asset_map import HIGH, MEDIUM
from kamplay.show.charts.figure import INK
from kamplay.show.locale import N_

if TYPE_CHECKING:
    from matplotlib.axes import Axes

RISKS = {  # dark is dangerous: told apart in grey and by the colour-blind, too
    "low": ("#B9CFDC", N_("low risk")), "medium": ("#E0A030", N_("medium risk")), "high": ("#A3261B", N_("high risk")),
    "stopped": ("#5B5F66", N_("stopped")), "once": ("#D3D6DA", N_("bought once")),
}  # fmt: skip
SHAPES = {"S": "D", "A": "s", "B": "o", "C": "o", "": "o"}
EDGES = {"S": (INK, 1.1), "A": (INK, 1.1), "B": (INK, 0.7)}  # level C, or none, has a white rim
SQUARE = 9.0  # points across
SMALL = 3.4  # points across the smallest mark


def widths(areas: Any) -> Any:
    """Points across of marks of ``areas`` (square points), at least SMALL, in steps of a quarter: few sizes make a small file."""
    across = 2 * np.sqrt(areas / np.pi)
    return np.round(SMALL * 1.25 ** np.round(np.log(np.maximum(across, SMALL) / SMALL) / np.log(1.25)), 2)


def mass(axes: Axes, points: Any, risk: Any, inches: Any) -> None:
    """The other accounts by squares: a faint dot in each, its size how many, its colour their mean risk (grey where it is missing)."""
    if not len(points):
        return
    cells = pd.DataFrame(np.floor(points / SQUARE) * SQUARE + SQUARE / 2, columns=["x", "y"]).assign(risk=risk)
    by = cells.groupby(["x", "y"], as_index=False).agg(count=("risk", "size"), risk=("risk", "mean"))
    by["width"] = np.select([by["count"] <= 1, by["count"] <= 3, by["count"] <= 9], [2.0, 3.2, 4.6], 6.2)
    bands = np.select([by["risk"].isna(), by["risk"] >= HIGH, by["risk"] >= MEDIUM], ["once", "high", "medium"], "low")
    by["colour"] = [RISKS[b][0] for b in bands]
    for (colour, width), rows in by.groupby(["colour", "width"]):
        _stroke(axes, rows[["x", "y"]].to_numpy(float), width, colour, inches, alpha=0.55)


def marks(axes: Axes, points: Any, size: Any, colour: Any, level: Any, inches: Any) -> None:
    """One mark an account, large ones below small; those of one size, level and colour are one path in the file."""
    groups: dict[tuple[float, str], dict[str, list[int]]] = {}
    for n, (width, name, fill) in enumerate(zip(size, level, colour, strict=True)):
        groups.setdefault((-width, name), {}).setdefault(fill, []).append(n)
    for (width, name), fills in sorted(groups.items()):
        edge, line = EDGES.get(name, ("white", 0.5))
        side = -width if SHAPES[name] == "o" else -width * 0.886  # a square of the circle's area
        every = [n for rows in fills.values() for n in rows]
        if edge != "white" or -width > 2 * SMALL:
            _stroke(axes, points[every], side + 2 * line, edge, inches, SHAPES[name], zorder=3)
        for fill, rows in sorted(fills.items()):
            _stroke(axes, points[rows], side, fill, inches, SHAPES[name], zorder=3)


def _stroke(axes: Axes, points: Any, width: float, colour: str, inches: Any, shape: str = "o", alpha: float = 1.0, zorder: int = 2) -> None:
    """Dots in one path. Round and square ones are lines of no length, which show their ends only; diamonds (D) have their corners."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    path = Path(np.repeat(points, 2, axis=0), np.tile([Path.MOVETO, Path.LINETO], len(points)))
    cap: Any = "projecting" if shape == "s" else "round"
    # filled, though there is nothing to fill: lines without a fill are simplified away
    style: dict[str, Any] = {
        "facecolor": colour,
        "edgecolor": colour,
        "linewidth": round(width, 2),
        "alpha": None if alpha == 1.0 else alpha,
    }
    if shape == "D":
        corners = np.array([[0, 1], [1, 0], [0, -1], [-1, 0], [0, 1]]) * width * np.sqrt(0.5)
        path = Path(
            (points[:, None] + np.round(corners, 1)).reshape(-1, 2), np.tile([Path.MOVETO, *[Path.LINETO] * 3, Path.CLOSEPOLY], len(points))
        )
        style["linewidth"] = 0.0
    axes.add_patch(PathPatch(path, transform=inches, capstyle=cap, zorder=zorder, **style))
