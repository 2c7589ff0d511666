"""What became of past accounts whose sign was as strong as one of today's."""

import numpy as np
import pandas as pd
import pytest

from kamplay.method.health.churn import cases_as_strong
from kamplay.method.health.churn_features import weights_of_evidence

SIGN = "sign_of_payment"


def weights(strengths):
    return weights_of_evidence(pd.DataFrame({"payment": strengths}))[SIGN].to_numpy()


def test_past_accounts_count_alike_by_the_days_on_which_the_sign_stood_so():
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
    # a on its one strong day, b on one of two
    assert found.loc["strong", ["sign", "cases", "share"]].tolist() == ["payment", 2, 0.75]
    # a on one of two, b on one of two, c on none
    assert found.loc["weak", ["cases", "share"]].tolist() == [3, pytest.approx(1 / 3)]


def test_the_rhythm_of_orders_is_compared_with_accounts_as_late():
    """Late accounts stopped, those that had ordered in time went on; today's is in time."""
    name = "sign_of_order_rhythm"
    strong = weights_of_evidence(pd.DataFrame({"order_rhythm": [0.6] * 4}))[name].to_numpy()
    late = np.log1p([3.0, 2.0, 0.5, 0.2])  # silence over gap
    rows = pd.DataFrame(
        {name: strong, "lateness": late, "stopped": [1.0, 1.0, 0.0, 0.0]}, index=["a", "b", "c", "d"]
    ).assign(cutoff=pd.Timestamp("2025-01-01"))
    today = pd.DataFrame({name: strong[:1], "lateness": [np.log1p(0.3)]}, index=["now"])
    assert cases_as_strong(rows, today)[["cases", "share"]].to_numpy().tolist() == [[2, 0.0]]


def test_a_sign_as_strong_as_never_before_has_no_cases():
    rows = pd.DataFrame(
        {SIGN: weights([0.5]), "stopped": [1.0], "cutoff": [pd.Timestamp("2025-01-01")]}, index=["a"]
    )
    found = cases_as_strong(rows, pd.DataFrame({SIGN: weights([1.0])}, index=["now"]))
    assert found["cases"].tolist() == [0] and found["share"].isna().all()
