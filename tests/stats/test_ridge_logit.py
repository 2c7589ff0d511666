"""The ridge logit against statsmodels and planted coefficients."""

import numpy as np
import pandas as pd
import pytest
from conftest import AS_OF
from scipy.special import expit

from kamplay.method.stats import ridge_logit
from kamplay.method.stats.ridge_logit import Specification


def test_logit_is_that_of_statsmodels():
    """One cut-off, hardly any ridge: the maximum-likelihood estimate of another library, and its standard
    errors.
    """
    import statsmodels.api as sm

    rng = np.random.default_rng(2)
    x = pd.DataFrame(rng.normal(size=(800, 2)), columns=["u", "v"])
    y = (rng.random(800) < expit(0.5 + x["u"] - 0.7 * x["v"])).astype(float).to_numpy()
    cuts = pd.Series([pd.Timestamp("2025-01-01")] * 800)
    mine = ridge_logit.fit(x, y, cuts, Specification(("u", "v"), ridge=1e-6), 1.0)
    z = ((x - x.mean()) / x.std(ddof=0)).clip(-4, 4)
    theirs = sm.Logit(y, sm.add_constant((z - z.mean()) / z.std(ddof=0))).fit(disp=0)
    assert mine.coefficients == pytest.approx(theirs.params[1:].to_numpy(), abs=1e-3)
    assert mine.intercepts.iloc[0] == pytest.approx(theirs.params["const"], abs=1e-3)
    assert np.sqrt(np.diag(mine.covariance)) == pytest.approx(theirs.bse[1:].to_numpy(), rel=1e-2)


def test_products_are_shared_out_in_full():
    rng = np.random.default_rng(3)
    x = pd.DataFrame(rng.normal(size=(500, 3)), columns=["u", "v", "w"])
    y = (rng.random(500) < expit(x["u"] * x["v"] + x["w"])).astype(float).to_numpy()
    found = ridge_logit.fit(
        x, y, pd.Series([AS_OF] * 500), Specification(("u", "v", "w"), ("u", "v"), 1.0), 1.0
    )
    assert len(found.coefficients) == 3 + 3  # u², uv, v²
    assert found.coefficients[4] > 0.5
    linear = found.linear_predictor(x)
    assert found.contributions(x).sum(axis=1).to_numpy() == pytest.approx(linear - linear.mean())


def test_intercepts_take_up_what_moves_everyone():
    rng = np.random.default_rng(7)
    cuts = pd.Series(pd.to_datetime(["2025-01-01"] * 3000 + ["2025-04-01"] * 3000))
    x = pd.DataFrame({"u": rng.normal(size=6000)})
    shift = np.where(cuts == pd.Timestamp("2025-04-01"), 1.5, -1.0)
    y = (rng.random(6000) < expit(shift + 0.8 * x["u"])).astype(float).to_numpy()
    found = ridge_logit.fit(x, y, cuts, Specification(("u",), ridge=1.0), 1.0)
    assert found.intercepts.tolist() == pytest.approx([-1.0, 1.5], abs=0.15)
    assert found.coefficients[0] == pytest.approx(0.8, abs=0.08)


def test_evidence_shares_a_coefficient_and_is_never_cut_off():
    """A sign seen once leans on what the others have shown; a rare one at full strength counts in full."""
    rng = np.random.default_rng(4)
    x = pd.DataFrame({"u": rng.normal(size=4000), "often": rng.random(4000) < 0.05, "never": 0.0}).astype(
        "float64"
    )
    y = (rng.random(4000) < expit(-2 + x["u"] + 3 * x["often"])).astype(float).to_numpy()
    found = ridge_logit.fit(
        x, y, pd.Series([AS_OF] * 4000), Specification(("u",), ridge=1.0, evidence=("often", "never")), 1.0
    )
    _, often, never = found.coefficients
    assert often == pytest.approx(3, abs=0.5)
    assert 0.5 * often < never < often  # 2 / (2 + 1/3) of it at most: what they share
    one = pd.DataFrame({"u": [0.0, 0.0], "often": [0.0, 1.0], "never": [0.0, np.nan]})
    assert np.diff(found.linear_predictor(one))[0] == pytest.approx(
        often
    )  # 1 is 4.5 standard deviations away
    parts = found.contributions(x)
    assert list(parts) == ["u", "often", "never"]
    assert parts.sum(axis=1).to_numpy() == pytest.approx(
        found.linear_predictor(x) - found.linear_predictor(x).mean()
    )
