import numpy as np
import pandas as pd
import pytest
from conftest import AS_OF, book_of, steady_lines

from kamplay.method.measures import purchases
from kamplay.method.measures.noise_reference import noise_reference
from kamplay.method.noise_gate import low_look
from kamplay.method.value.retention import retention_rates


def stationary(seed, accounts=80, years=3):
    """Each account at random at a rate of its own, with amounts of its own, for good."""
    rng = np.random.default_rng(seed)
    number = rng.poisson(rng.gamma(2, 5, accounts) * years)
    who = np.repeat(np.arange(accounts), number)
    size = rng.lognormal(6, 1, accounts)
    return pd.DataFrame(
        {
            "account_id": [f"A{k:02d}" for k in who],
            "date": AS_OF - pd.to_timedelta(rng.integers(0, int(365.25 * years), len(who)), unit="D"),
            "amount": size[who] * rng.lognormal(0, 0.5, len(who)),
        }
    )


def test_retention_of_a_client_to_whom_nothing_happens_is_within_chance_as_often_as_said():
    p = []
    for seed in range(60):
        book = book_of(stationary(seed))
        drawn = np.maximum(noise_reference(book).years(2).astype(float), 0)
        grr = np.minimum(drawn[:, :, 0], drawn[:, :, 1]).sum(axis=1) / drawn[:, :, 1].sum(axis=1)
        now, before = purchases.revenue(book), purchases.revenue(book, 12, 12)
        p.append(low_look(retention_rates(now, before)[1], grr).p_value)
    p = np.array(p)
    assert 0.4 < p.mean() < 0.62  # of an even spread .5, its standard error .04
    assert (p < 0.1).sum() <= 12  # of 60 six are expected, more than 12 in one of a hundred such tests


def test_silence_is_as_rare_as_said_where_nobody_stopped():
    p = pd.concat([noise_reference(book_of(stationary(seed))).silence for seed in range(20)])
    assert (p < 0.05).mean() == pytest.approx(0.05, abs=0.015)
    assert (p < 0.01).mean() == pytest.approx(0.01, abs=0.007)


def test_two_years_of_purchases_all_in_the_first_fall_as_a_coin_does():
    # ten single purchases, all a year before: one chance in 2^10 where they come at random
    rng = np.random.default_rng(5)
    days = AS_OF - pd.to_timedelta(np.sort(rng.integers(380, 720, 10)), unit="D")
    other = steady_lines(7, "2025-12-31", 720, account="z")
    lines = pd.concat([pd.DataFrame({"account_id": "a", "date": days, "amount": 100.0}), other])
    noise = noise_reference(book_of(lines))
    p = noise.fall_p_values(pd.Index(["a", "z"]), pd.Series({"a": 1000.0, "z": 0.0}))
    assert p["a"] < 0.01
    assert p["z"] > 0.3


def test_one_reference_serves_all_who_ask():
    book = book_of(stationary(1))
    assert noise_reference(book) is noise_reference(book)
    again = noise_reference(book_of(stationary(1)))
    assert np.array_equal(noise_reference(book).years(2), again.years(2))
