"""In which order rows take their random numbers: by what is known of them, so that neither what accounts are
called nor how a file is sorted changes a figure.
"""

from __future__ import annotations

import numpy as np


def draw_order(*columns: np.ndarray) -> np.ndarray:
    """The places of the rows (rows,), by the first column, then the next; rows that are alike in all of them
    as they stand. Missing values come last.
    """
    return np.lexsort(tuple(np.asarray(column, dtype=float) for column in reversed(columns)))
