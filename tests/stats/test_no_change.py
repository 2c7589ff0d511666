import numpy as np
import pytest

from kamplay.method.stats.no_change import dealt_anew, dispersion


def rng():
    return np.random.default_rng(1)


def poisson_days(accounts, days, rate, seed=2):
    rng = np.random.default_rng(seed)
    code = np.repeat(np.arange(accounts), rng.poisson(rate * days, accounts))
    day = rng.integers(0, days, len(code))
    order = np.lexsort((day, code))
    return code[order], day[order]


def test_the_years_add_up_to_what_each_account_bought():
    code, _ = poisson_days(30, 730, 0.05)
    amount = np.random.default_rng(3).lognormal(5, 1, len(code))
    years = dealt_anew(code, amount, np.full(30, 0.3), 2, 50, rng())
    total = np.bincount(code, amount, 30)
    assert years.sum(axis=2) == pytest.approx(np.broadcast_to(total, (50, 30)), rel=1e-5)


def test_purchases_at_random_fall_into_a_year_as_a_coin_falls():
    # 20 purchases of 1: binomial with 20 and a half, variance 5
    years = dealt_anew(np.zeros(20, int), np.ones(20), np.ones(1), 2, 20_000, rng())
    assert years[:, 0, 0].mean() == pytest.approx(10, abs=0.06)
    assert years[:, 0, 0].var() == pytest.approx(5, rel=0.05)


@pytest.mark.parametrize(("spread", "variance"), [(0.25, 0.25 * 5), (1.0, 5), (4.0, 4 * 5)])
def test_the_number_a_year_varies_as_the_spread_says(spread, variance):
    years = dealt_anew(np.zeros(20, int), np.ones(20), np.full(1, spread), 2, 20_000, rng())
    assert years[:, 0, 0].var() == pytest.approx(variance, rel=0.06)


def test_a_little_burstier_than_chance_changes_little():
    """Few purchases each, at a spread just above 1: the years lie hardly further apart than at 1."""
    code = np.repeat(np.arange(500), 4)
    at_random, bursty = (
        dealt_anew(code, np.ones(2000), np.full(500, spread), 2, 200, rng()) for spread in (1.0, 1.04)
    )
    apart = [np.abs(years[:, :, 0] - years[:, :, 1]).mean() for years in (at_random, bursty)]
    assert apart[1] == pytest.approx(apart[0], rel=0.06)


def test_many_purchases_vary_as_few_would():
    # 100 purchases of 1 at random: variance 25; in turn, of amounts that differ: (a1 − a2)² a pair / 4
    code, ones = np.zeros(100, int), np.ones(100)
    years = dealt_anew(code, ones, np.ones(1), 2, 20_000, rng())
    assert years[:, 0, 0].var() == pytest.approx(25, rel=0.05)
    amount = np.tile([1.0, 3.0], 50)
    years = dealt_anew(code, amount, np.full(1, 1e-9), 2, 20_000, rng())
    assert years[:, 0, 0].var() == pytest.approx(50 * (3 - 1) ** 2 / 4, rel=0.05)


def test_spread_of_gaps_is_that_of_a_renewal_process():
    code, day = poisson_days(200, 1000, 0.05)
    assert dispersion(code, day, 200).mean() == pytest.approx(1.0, abs=0.1)
    few = poisson_days(3000, 1000, 0.004)  # four purchases each: against their own mean gaps seem regular
    assert dispersion(*few, 3000).mean() == pytest.approx(1.0, abs=0.05)
    even = np.tile(np.arange(0, 1000, 20), 3)
    assert dispersion(np.repeat(np.arange(3), 50), even, 3) == pytest.approx(0.05)  # its least
