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


def alike(*columns: np.ndarray) -> np.ndarray:
    """The number of each row's group (rows,): rows that no column tells apart have one."""
    order = draw_order(*columns)
    table = np.column_stack([np.asarray(column, dtype=float)[order] for column in columns])
    same = (table[1:] == table[:-1]) | (np.isnan(table[1:]) & np.isnan(table[:-1]))
    out = np.empty(len(order), dtype=int)
    out[order] = np.concatenate([[0], np.cumsum(~same.all(axis=1))])[: len(order)]
    return out
