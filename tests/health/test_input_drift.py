"""The drift of the churn model's inputs."""

import numpy as np
import pandas as pd
import pytest

from kamplay.method.health.input_drift import add_findings, drift
from kamplay.method.results import Findings


def test_drift_names_what_moved():
    rng = np.random.default_rng(1)
    then = pd.DataFrame(
        {
            "silent": rng.normal(0, 1, 500),
            "buys": rng.normal(0, 1, 500),
            "gone": 1.0,
            "blank": np.nan,
            "holes": rng.normal(0, 1, 500),
        }
    )
    now = pd.DataFrame(
        {
            "silent": rng.normal(1, 1, 400),
            "buys": rng.normal(0, 1, 400),
            "blank": 1.0,
            "holes": rng.normal(0, 1, 400),
        }
    )
    now.loc[:199, "holes"] = np.nan
    found = drift(now, then).set_index("feature")
    assert found["state"].to_dict() == {
        "silent": "moved",
        "holes": "moved",
        "buys": "stable",
        "gone": "missing",
        "blank": "missing",
    }
    assert found.loc["silent", "now"] - found.loc["silent", "then"] == pytest.approx(1, abs=0.2)
    assert found.loc["holes", ["missing_then", "missing_now"]].tolist() == [0, 0.5]
    assert (
        drift(now.iloc[:0], then)["state"].eq("missing").all() and drift(pd.DataFrame(), pd.DataFrame()).empty
    )
    same = drift(then[["silent"]].iloc[::-1], then[["silent"]])
    assert same.loc[0, "psi"] == 0


def test_findings_count_what_moved_and_what_is_missing():
    found = Findings("health")
    add_findings(found, pd.DataFrame({"state": ["moved", "shifted", "stable", "missing"]}))
    assert [f.kind for f in found] == ["proof_drift_moved", "proof_drift_missing"]
    assert found[0].figures == {"moved": 1, "shifted": 1, "known": 3}
