"""What became of past accounts whose sign was as strong as one of today's."""

import numpy as np
import pandas as pd

from kamplay.method.health.churn import cases_as_strong
from kamplay.method.health.churn_features import weights_of_evidence

SIGN = "sign_of_payment"


def weights(strengths):
    return weights_of_evidence(pd.DataFrame({"payment": strengths}))[SIGN].to_numpy()


def test_past_accounts_count_once_on_the_first_day_as_strong():
    """a grows from weak, when it went on, to strong, when it stopped; b is strong twice and stopped after
    the second day alone; c was weak and went on; d's outcome is not known yet.
    """
    past = [
        ("a", "2025-01-01", 0.4, 0.0),
        ("a", "2025-02-01", 1.0, 1.0),
        ("b", "2025-01-01", 1.0, 0.0),
        ("b", "2025-02-01", 1.0, 1.0),
        ("c", "2025-01-01", 0.5, 0.0),
        ("d", "2025-02-01", 1.0, np.nan),
    ]
    rows = pd.DataFrame(past, columns=["account_id", "cutoff", "strength", "stopped"]).set_index("account_id")
    rows[SIGN], rows["cutoff"] = weights(rows["strength"]), pd.to_datetime(rows["cutoff"])
    today = pd.DataFrame(
        {SIGN: weights([1.0, 0.4, 0.0, np.nan])}, index=["strong", "weak", "none", "unknown"]
    )
    found = cases_as_strong(rows, today).set_index("account_id")
    assert list(found.index) == ["weak", "strong"]
    assert found.loc["strong", ["sign", "cases", "stopped"]].tolist() == ["payment", 2, 1]  # of a and b, a
    assert found.loc["weak", ["cases", "stopped"]].tolist() == [3, 0]  # a, b and c, each on its first day


def test_a_sign_as_strong_as_never_before_has_no_cases():
    rows = pd.DataFrame(
        {SIGN: weights([0.5]), "stopped": [1.0], "cutoff": [pd.Timestamp("2025-01-01")]}, index=["a"]
    )
    found = cases_as_strong(rows, pd.DataFrame({SIGN: weights([1.0])}, index=["now"]))
    assert found[["cases", "stopped"]].to_numpy().tolist() == [[0, 0]]
