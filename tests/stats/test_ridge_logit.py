"""The ridge logit against statsmodels and planted coefficients."""

import gc
import weakref

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


def _plain(x: pd.DataFrame, y: np.ndarray, cuts: pd.Series, specification: Specification) -> np.ndarray:
    """Coefficients by Newton's method from 0, the curvature taken anew in each step."""
    x = x[list(specification.features)]
    z = ((x - x.mean()) / x.std(ddof=0)).clip(-4, 4).to_numpy()
    z = np.column_stack([z, *(z[:, a] * z[:, b] for a, b in specification.pairs)])
    z = (z - z.mean(axis=0)) / z.std(axis=0)
    design = np.column_stack([np.ones(len(y)), pd.get_dummies(cuts).to_numpy(dtype=float), z])
    k = cuts.nunique()
    prior = np.diag(np.r_[1e-6, np.full(k, 4.0), np.full(z.shape[1], specification.ridge)])
    found = np.zeros(design.shape[1])
    for _ in range(30):
        p = expit(design @ found)
        hessian = design.T @ (design * (p * (1 - p))[:, None]) + prior
        found = found + np.linalg.solve(hessian, design.T @ (y - p) - prior @ found)
    return found[1 + k :]


def test_path_of_penalties_ends_where_single_fits_do():
    """Terms shared, starts and curvature taken over from the fit before: the same coefficients."""
    rng = np.random.default_rng(5)
    cuts = pd.Series(pd.to_datetime(np.repeat(["2025-04-01", "2025-01-01", "2025-07-01"], 400)))
    x = pd.DataFrame(rng.normal(size=(1200, 3)), columns=["u", "v", "w"])
    y = (rng.random(1200) < expit(x["u"] * x["v"] + x["w"] - 1)).astype(float).to_numpy()
    path = ridge_logit.Rows(x, y, cuts, 1.0)
    for features, crossed in ((("u", "w"), ()), (("u", "v", "w"), ()), (("u", "v", "w"), ("u", "v"))):
        for ridge in (100.0, 10.0, 1.0):
            specification = Specification(features, crossed, ridge)
            model = path.fit(specification)
            assert model.coefficients == pytest.approx(_plain(x, y, cuts, specification), abs=1e-10)
            alone = ridge_logit.fit(x, y, cuts, specification, 1.0)
            assert model.intercepts.to_numpy() == pytest.approx(alone.intercepts.to_numpy(), abs=1e-10)
            assert model.covariance == pytest.approx(alone.covariance, abs=1e-10)
            assert path.fit(specification).coefficients is model.coefficients  # fitted once


def test_rows_are_given_back_with_the_last_model_that_was_fitted_to_them():
    """Of a hundred thousand accounts the terms take hundreds of MB; they do not wait for the collector."""
    rng = np.random.default_rng(6)
    x = pd.DataFrame(rng.normal(size=(300, 2)), columns=["u", "v"])
    y = (rng.random(300) < expit(x["u"])).astype(float).to_numpy()
    rows = ridge_logit.Rows(x, y, pd.Series([AS_OF] * 300), 1.0)
    models = [rows.fit(Specification(("u", "v"), ridge=ridge)) for ridge in (10.0, 1.0)]
    covariance, gone = models[1].covariance, weakref.ref(rows)
    gc.disable()
    try:
        del rows, models
        assert gone() is None
    finally:
        gc.enable()
    assert covariance.shape == (2, 2)
