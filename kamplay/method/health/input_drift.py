"""Whether today's accounts look like those that the churn model was tested on: the drift of its inputs."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.health.churn_features import features_at_cutoff, purchase_history
from kamplay.method.health.season_of_test import SeasonOfTest
from kamplay.method.results import Findings
from kamplay.method.stats.population_stability import population_stability

# up to 0.1 no change, above 0.25 a large one (Lewis 1994, An Introduction to Credit Scoring; Siddiqi 2006,
# Credit Risk Scorecards)
SHIFTED, MOVED = 0.1, 0.25
GROWS_ANYWAY = ["tenure", "p_left"]  # grow with the length of the record: their drift says nothing
COLUMNS = ["feature", "psi", "noise", "state", "then", "now", "missing_then", "missing_now"]


def input_drift(book: Book, cutoff: pd.Timestamp, horizon: int) -> pd.DataFrame:
    """How each input of the churn model moved since the test's cut-off, see ``drift``."""
    history = purchase_history(book.days)
    now, then = (
        features_at_cutoff(book, history, day, horizon).drop(columns=GROWS_ANYWAY, errors="ignore")
        for day in (book.seen_to, cutoff)
    )
    return drift(now, then)


def drift(now: pd.DataFrame, then: pd.DataFrame) -> pd.DataFrame:
    """How each column moved, the largest move first.

    Parameters
    ----------
    now, then : one row an account, one numeric column an input.

    Returns
    -------
    COLUMNS: psi and noise, see ``population_stability``; state (``stable``, ``shifted``: above SHIFTED and
    above chance, ``moved``: above MOVED and above chance, ``missing``: without a value then or now); the
    medians then and now; the shares without a value.
    """
    rows = []
    for name in sorted({*now.columns, *then.columns}, key=str):
        new, old = (f[name].astype(float) if name in f else pd.Series(dtype=float) for f in (now, then))
        psi, noise = population_stability(new, old) if new.notna().any() else (np.nan, np.nan)
        state = "stable"
        if np.isnan(psi):
            state = "missing"
        elif psi > max(noise, SHIFTED):
            state = "moved" if psi > MOVED else "shifted"
        missing = [float(values.isna().mean()) if len(values) else 1.0 for values in (old, new)]
        rows.append((str(name), psi, noise, state, old.median(), new.median(), *missing))
    out = pd.DataFrame(rows, columns=COLUMNS)
    return out.sort_values(
        ["psi", "feature"], ascending=[False, True], kind="stable", na_position="last", ignore_index=True
    )


def add_findings(found: Findings, drift: pd.DataFrame, season: SeasonOfTest | None = None) -> None:
    """Add how many inputs moved, and how many cannot be compared; ``season``: of the test and of today."""
    if drift.empty:
        return
    moved, shifted, missing = (
        int((drift["state"] == state).sum()) for state in ("moved", "shifted", "missing")
    )
    known = len(drift) - missing
    counts = {"shifted": shifted, "known": known} | (season.figures if season is not None else {})
    if moved:
        found.add("proof_drift_moved", "note", "proof_relearn", moved=moved, **counts)
    elif shifted:
        found.add("proof_drift_shifted", "note", None, **counts)
    elif known:
        found.add("proof_drift_none", "note", None, known=known)
    if missing:
        found.add("proof_drift_missing", "watch", "proof_ask_same_tables", missing=missing)
