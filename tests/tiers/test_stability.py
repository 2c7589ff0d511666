"""How other weights move a tier: against the Beta distribution, by construction, and properties."""

from dataclasses import fields

import numpy as np
import pytest
from scipy.stats import beta

from kamplay.method.tiers import stability as stability_module
from kamplay.method.tiers.stability import WeightStability, weight_stability

STARTS = np.array([40.0, 55.0, 70.0])


def place(scores: np.ndarray) -> np.ndarray:
    return 3 - np.searchsorted(STARTS, scores, side="right")


def test_two_criteria_against_the_beta_distribution():
    """Of Dirichlet(0.6, 0.4) × 60 the first weight w is Beta(36, 24). (100, 0) scores 100w: 60, the second
    tier; it keeps it for 0.55 ≤ w < 0.7. (20, 90) scores 90 − 70w: 48, the third tier; it keeps it for
    35/70 < w ≤ 50/70.
    """
    w = beta(36, 24)
    found = weight_stability(
        np.array([[100.0, 0], [20, 90]]), np.array([0.6, 0.4]), place, np.array([1, 2]), 4, draws=40_000
    )
    first = [w.sf(0.7), w.cdf(0.7) - w.cdf(0.55), w.cdf(0.55) - w.cdf(0.4), w.cdf(0.4)]
    other = [w.cdf(20 / 70), w.cdf(0.5) - w.cdf(20 / 70), w.cdf(50 / 70) - w.cdf(0.5), w.sf(50 / 70)]
    np.testing.assert_allclose(
        found.chances, [first, other], atol=0.01
    )  # four standard errors of 40,000 draws
    assert found.kept.tolist() == [found.chances[0, 1], found.chances[1, 2]]


def test_the_spread_of_the_weights_is_the_callers():
    w = beta(6, 4)
    found = weight_stability(
        np.array([[100.0, 0]]), np.array([3.0, 2.0]), place, np.array([1]), 4, draws=40_000, concentration=10
    )
    assert found.kept[0] == pytest.approx(w.cdf(0.7) - w.cdf(0.55), abs=0.01)


def test_a_score_on_a_limit_has_reached_it_in_every_draw():
    """Seven weights in every pattern of unknown cells: the weighted mean of equal points is those points."""
    patterns = (np.arange(1, 128)[:, None] >> np.arange(7)) & 1
    for limit, position in ((70.0, 0), (55.0, 1), (40.0, 2)):
        points = np.where(patterns == 1, limit, np.nan)
        found = weight_stability(points, np.arange(1.0, 8.0), place, np.full(127, position), 4, draws=3000)
        assert found.kept.min() == 1
        found = weight_stability(
            points - 7,
            np.arange(1.0, 8.0),
            place,
            np.full(127, position),
            4,
            draws=3000,
            bonus=np.full(127, 7.0),
        )
        assert found.kept.min() == 1


def test_a_bonus_comes_after_weighting_and_the_score_stays_within_0_and_100():
    seen = []

    def watched(scores):
        seen.append(scores)
        return place(scores)

    points = np.array([[60.0, 60], [60, 60], [30, 30], [np.nan, np.nan], [np.nan, np.nan]])
    found = weight_stability(
        points,
        np.ones(2),
        watched,
        np.array([0, 0, 3, 3, 1]),
        4,
        draws=5,
        bonus=np.array([12, 90, -50, 0, 60.0]),
    )
    assert all(np.allclose(block, [[72], [100], [0], [0], [60]], atol=1e-8) for block in seen)
    assert found.kept.tolist() == [1] * 5


def test_an_unknown_criterion_gives_its_weight_to_the_others_in_proportion():
    """Without the third, the first has w / (w + v): of Dirichlet(20, 20, 20) that is Beta(20, 20)."""
    w = beta(20, 20)
    found = weight_stability(
        np.array([[100.0, 0, np.nan], [50, 50, 50]]), np.ones(3), place, np.array([2, 2]), 4, draws=40_000
    )
    assert found.kept[0] == pytest.approx(w.cdf(0.55) - w.cdf(0.4), abs=0.01)


def test_an_account_known_by_a_slight_criterion_alone_has_its_points():
    found = weight_stability(
        np.array([[np.nan, 80.0], [10, 10]]), np.array([1 - 1e-9, 1e-9]), place, np.array([0, 3]), 4
    )
    assert found.kept.tolist() == [1, 1]


def made(accounts: int, seed: int = 5) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    points = np.clip(rng.uniform(20, 90, (accounts, 1)) + rng.normal(0, 20, (accounts, 5)), 0, 100).round(1)
    points[rng.random(points.shape) < 0.15] = np.nan
    points[accounts // 2 :] = points[: accounts - accounts // 2]  # every account has a twin
    return points, np.array([0.3, 0.25, 0.2, 0.15, 0.1]), rng.integers(0, 3, accounts)


def same(one: WeightStability, other: WeightStability, order: np.ndarray | slice = slice(None)) -> None:
    for field in fields(WeightStability):
        np.testing.assert_array_equal(
            getattr(one, field.name)[order], getattr(other, field.name), err_msg=field.name
        )


def test_the_order_of_the_accounts_does_not_matter():
    points, weights, caps = made(303)
    order = np.random.default_rng(8).permutation(303)

    def run(which):
        def capped(scores):  # a gate: no higher than the account's own cap
            return np.maximum(place(scores), caps[which][:, None])

        return weight_stability(points[which], weights, capped, np.full(len(which), 2), 4, draws=999)

    same(run(np.arange(303)), run(order), order)


def test_the_blocks_in_which_it_is_worked_out_do_not_matter(monkeypatch):
    points, weights, _ = made(40)
    current = np.full(40, 1)
    whole = weight_stability(points, weights, place, current, 4, draws=600)
    monkeypatch.setattr(stability_module, "MAX_CELLS", 40 * 17)
    same(whole, weight_stability(points, weights, place, current, 4, draws=600))


@pytest.mark.parametrize("empty", [0, 2, 5])
def test_a_criterion_of_which_nothing_is_known_does_not_matter(empty):
    points, weights, _ = made(60)
    without = weight_stability(points, weights, place, np.full(60, 1), 4, draws=300)

    def wider(table):
        return np.insert(table, empty, np.nan, axis=1)

    found = weight_stability(
        wider(points), np.insert(weights, empty, 0.4), place, np.full(60, 1), 4, draws=300
    )
    for name in ("kept", "chances"):
        np.testing.assert_array_equal(getattr(found, name), getattr(without, name))
    np.testing.assert_array_equal(found.driver, without.driver + (without.driver >= empty))


def test_nothing_known_of_anybody_and_nobody_at_all():
    found = weight_stability(np.full((2, 3), np.nan), np.ones(3), place, np.array([3, 3]), 4, draws=10)
    assert (found.kept.tolist(), found.driver.tolist()) == ([1, 1], [-1, -1])
    none = weight_stability(np.empty((0, 3)), np.ones(3), place, np.array([], dtype=int), 4, draws=10)
    assert (none.kept.shape, none.chances.shape, none.driver.shape) == ((0,), (0, 4), (0,))


def test_the_driver_by_construction():
    """50 + 50·w₃ hangs on the third weight, 60·(1 − w₁) on the first, equal points on none, and an unknown
    criterion is never it. The last but one sits at 62.5 between 55 and 70, with the fourth known only
    where its points are far off.
    """
    points = np.array(
        [
            [50, 50, 100, 50],
            [0, 53.4, 53.4, 53.4],
            [60, 60, 60, 60],
            [np.nan, 100, 40, 40],
            [np.nan] * 4,
            [50, 100, 50, 50],
        ]
    )
    current = place(np.nan_to_num(np.nanmean(np.vstack([points[:4], np.zeros(4), points[5]]), axis=1)))
    found = weight_stability(points, np.ones(4), place, current, 4, draws=5000, concentration=20)
    assert found.driver.tolist() == [2, 0, -1, 1, -1, 1]


def test_the_driver_is_the_largest_correlation_over_the_draws():
    """Worked out anew with numpy's own correlation, from the scores that each draw gave."""
    points, _, _ = made(400)
    weights = np.array([0.5, 0.3, 0.1, 0.06, 0.04])
    points = np.nan_to_num(points, nan=50.0)
    current = place(points @ weights)
    found = weight_stability(points, weights, place, current, 4, draws=4000)
    drawn = np.random.default_rng(20260630).dirichlet(weights * 60, 4000)
    stays = place((points @ drawn.T).round(9)) == current[:, None]
    np.testing.assert_allclose(found.kept, stays.mean(axis=1))
    varies = stays.std(axis=1) > 0
    assert 50 < varies.sum() < 400
    expected = [abs(np.corrcoef(drawn.T, row)[-1, :-1]).argmax() for row in stays[varies]]
    assert found.driver[varies].tolist() == expected
    assert (found.driver[~varies] == -1).all()


def test_a_criterion_unknown_of_the_account_never_drives_it():
    """Also where few draws move it, and chance makes the weight of another go with that."""
    points, weights, _ = made(400)
    found = weight_stability(points, weights, place, np.full(400, 1), 4, draws=3)
    driven = np.flatnonzero(found.driver >= 0)
    assert len(driven) > 50
    assert not np.isnan(points[driven, found.driver[driven]]).any()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"points": np.zeros(3)}, "a table"),
        ({"weights": np.ones(3)}, "one weight per criterion"),
        ({"weights": np.array([-1.0, 2])}, "none negative"),
        ({"weights": np.zeros(2)}, "at least one above 0"),
        ({"current": np.array([0, 4])}, "0 to 3"),
        ({"place": lambda scores: place(scores) + 1, "current": np.array([3, 3])}, "place gave"),
        ({"bonus": np.array([1.0, np.nan])}, "one bonus per account"),
        ({"draws": 0}, "at least one draw"),
    ],
)
def test_what_does_not_fit_is_refused(change, said):
    given = {
        "points": np.array([[80.0, 60], [10, 20]]),
        "weights": np.ones(2),
        "place": place,
        "current": np.array([0, 3]),
    }
    with pytest.raises(ValueError, match=said):
        weight_stability(**{**given, "tiers": 4, **change})
