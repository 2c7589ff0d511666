"""Expected revenue and lifetime value: published estimates, recovery from simulated accounts, and messy
histories.
"""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad
from scipy.special import hyp2f1
from scipy.stats import beta as beta_law
from scipy.stats import gamma as gamma_law
from words import of_module

from kamplay.book import Book
from kamplay.method.results import Finding, Findings
from kamplay.method.stats import bgnbd, gamma_gamma, regular_buyers
from kamplay.method.stats.bgnbd import BGNBD
from kamplay.method.value.clv import DISCOUNT, _corrected, add_findings, by_size, customer_value, history
from kamplay.show.findings import headline
from kamplay.show.locale import Locale
from kamplay.show.registry import tables
from kamplay.show.view import View, using
from tests.conftest import AS_OF, book_of, lines_of, random_lines

words = of_module("value.clv")

PUBLISHED = BGNBD(0.243, 4.414, 0.793, 2.426)  # CDNOW, Fader, Hardie & Lee (2005)


def simulated(n: int, model: BGNBD, seed: int) -> pd.DataFrame:
    """Accounts that live by the model, one by one: x, t_x, T."""
    rng = np.random.default_rng(seed)
    rows = []
    for seen in rng.uniform(20, 60, n):
        rate, leave = rng.gamma(model.r, 1 / model.alpha), rng.beta(model.a, model.b)
        time = last = 0.0
        x = 0
        gone = model.first and rng.random() < leave
        while not gone:
            time += rng.exponential(1 / max(rate, 1e-12))
            if time > seen:
                break
            x, last, gone = x + 1, time, rng.random() < leave
        rows.append((float(x), last, seen))
    return pd.DataFrame(rows, columns=["x", "t_x", "T"])


def told(book: Book) -> tuple[object, Findings]:
    found, result = Findings("value"), customer_value(book)
    add_findings(found, result)
    return result, found


def test_published_expectation():
    # the paper's example: x = 2, t_x = 30.43, T = 38.86, the next 39 weeks
    got = bgnbd.expected(PUBLISHED, np.array([2.0]), np.array([30.43]), np.array([38.86]), 39.0)
    assert got[0] == pytest.approx(1.226, abs=5e-4)


def test_a_customer_just_come_is_expected_as_published():
    # equation 9 of the paper, E[X(t)], is the conditional expectation with nothing seen yet; its slope at 0
    # is the mean rate r/α
    r, al, a, b = PUBLISHED.r, PUBLISHED.alpha, PUBLISHED.a, PUBLISHED.b
    none = np.zeros(1)
    for t in (1.0, 39.0, 78.0):
        by_hand = (a + b - 1) / (a - 1) * (1 - (al / (al + t)) ** r * hyp2f1(r, b, a + b - 1, t / (al + t)))
        assert bgnbd.expected(PUBLISHED, none, none, none, t)[0] == pytest.approx(by_hand, rel=1e-9)
    assert bgnbd.expected(PUBLISHED, none, none, none, 1e-6)[0] == pytest.approx(1e-6 * r / al, rel=1e-4)


def test_likelihood_by_hand():
    # x = 0: the likelihood is (α / (α + T))^r; x = 1 from the densities, integrated over p in closed form
    r, alpha, a, b = 0.5, 2.0, 1.5, 3.0
    none = bgnbd.loglik(pd.DataFrame({"x": [0.0], "t_x": [0.0], "T": [6.0]}), r, alpha, a, b)
    assert none == pytest.approx(0.5 * np.log(2 / 8))
    once = bgnbd.loglik(pd.DataFrame({"x": [1.0], "t_x": [2.0], "T": [6.0]}), r, alpha, a, b)
    by_hand = (
        r * alpha**r * (b / (a + b) * 8.0**-1.5 + a / (a + b) * 4.0**-1.5)
    )  # stays, or left at the purchase
    assert once == pytest.approx(np.log(by_hand))


@pytest.mark.parametrize("a", [0.793, 2.3])
def test_expectation_against_direct_evaluation(a):
    model = BGNBD(0.243, 4.414, a, 2.426)
    x, t_x, seen, t = np.array([0.0, 1, 2, 7, 26]), np.array([0.0, 3, 30.43, 12, 38]), np.full(5, 38.86), 39.0
    r, al, b = model.r, model.alpha, model.b
    shrunk = ((al + seen) / (al + seen + t)) ** (r + x)
    top = (a + b + x - 1) / (a - 1) * (1 - shrunk * hyp2f1(r + x, b + x, a + b + x - 1, t / (al + seen + t)))
    below = 1 + np.where(x > 0, a / np.maximum(b + x - 1, 1e-9) * ((al + seen) / (al + t_x)) ** (r + x), 0)
    assert bgnbd.expected(model, x, t_x, seen, t) == pytest.approx(top / below, rel=1e-9)


def test_expectation_where_the_direct_form_fails():
    x, t_x, seen = np.array([0.0, 300.0, 5000.0]), np.array([0.0, 155.0, 155.9]), np.full(3, 156.0)
    for model in (
        BGNBD(0.2, 4.0, 1.0, 2.0),
        BGNBD(0.2, 4.0, 1e-4, 1e4),
        BGNBD(3.0, 15.0, 300.0, 20.0),
        BGNBD(1.0, 1.0, 1.0, 1.0, 0.0, True),
    ):
        got = bgnbd.expected(model, x, t_x, seen, 156.0)
        assert np.isfinite(got).all() and (got >= 0).all()
    near = bgnbd.expected(BGNBD(0.2, 4.0, 1e-4, 1e4), x, t_x, seen, 52.0)  # nobody leaves: rate times time
    assert near[1] == pytest.approx((0.2 + 300) / (4 + 156) * 52, rel=1e-3)


def test_quadrature_is_that_of_the_beta_law():
    for a, b in ((0.05, 3.0), (1.0, 1.0), (0.8, 400.0)):
        points, weights = bgnbd.jacobi(a, b)
        assert weights.sum() == pytest.approx(1)
        assert weights @ points == pytest.approx(beta_law.mean(a, b))
        assert weights @ points**4 == pytest.approx(beta_law.moment(4, a, b))


@pytest.mark.parametrize("first", [False, True])
def test_parameters_are_recovered(first):
    truth = BGNBD(0.6, 5.0, 0.8, 2.5, 0.0, first)
    table = simulated(12_000, truth, 3)
    found = bgnbd.better(table)
    assert found is not None and found.first == first  # and the variant is told apart
    assert (found.r, found.alpha) == pytest.approx((0.6, 5.0), rel=0.12)
    assert found.a / (found.a + found.b) == pytest.approx(0.8 / 3.3, rel=0.12)


def test_rows_with_a_count_are_rows_repeated():
    table = simulated(400, PUBLISHED, 5).round({"t_x": 0, "T": 0})
    counted = table.groupby(["x", "t_x", "T"]).size().reset_index(name="count")
    one, other = bgnbd.fit(table), bgnbd.fit(counted)
    assert one is not None and other is not None and one.loglik == pytest.approx(other.loglik)
    assert bgnbd.loglik(counted, one.r, one.alpha, one.a, one.b) == pytest.approx(one.loglik)


def test_simulated_purchases_have_the_expected_mean():
    x, t_x, seen = np.array([0.0, 3.0, 12.0]), np.array([0.0, 20.0, 38.0]), np.full(3, 40.0)
    rng, chance = np.random.default_rng(1), bgnbd.alive(PUBLISHED, x, t_x, seen)
    drawn = bgnbd.draw(PUBLISHED, x, chance, seen, 52.0, 200_000, rng).mean(axis=1)
    assert drawn == pytest.approx(bgnbd.expected(PUBLISHED, x, t_x, seen, 52.0), rel=0.03)


def test_gamma_gamma_recovered_and_drawn_to_the_mean():
    rng = np.random.default_rng(2)
    m = rng.integers(1, 9, 6000)
    nu = rng.gamma(3.74, 1 / 15.44, 6000)
    z = rng.gamma(6.25 * m, 1 / (nu * m))
    found = gamma_gamma.fit(m, z)
    assert found is not None
    assert found.q == pytest.approx(3.74, rel=0.1) and found.p * found.v == pytest.approx(
        6.25 * 15.44, rel=0.1
    )  # p and v trade off
    every = found.p * found.v / (found.q - 1)
    once, often = gamma_gamma.expected(found, np.array([1.0, 400.0]), np.array([200.0, 200.0]))
    assert every < once < often < 200 and often == pytest.approx(200, rel=0.01)
    # the density of the mean spend, integrated over the account's own rate
    p, q, v = found.p, found.q, found.v
    by_hand = quad(
        lambda n: gamma_law.pdf(30.0, 2 * p, scale=1 / (2 * n)) * gamma_law.pdf(n, q, scale=1 / v), 0, 5
    )[0]
    logs = np.log([p, q - 1, v])
    assert -gamma_gamma._loss(logs, np.array([2.0]), np.array([30.0]), np.ones(1))[0] == pytest.approx(
        np.log(by_hand), rel=1e-6
    )


def test_reorder_follows_the_gap_until_late():
    rows = pd.DataFrame({"purchases": 12, "cv": 0.3, "gap": 30.0, "silent": [0.0, 30.0, 120.0]})
    leave = 1e-5
    chance = regular_buyers.alive(rows, leave)
    number = regular_buyers.expected(rows, chance, leave, 360.0)
    assert number[0] == pytest.approx(12, rel=0.01)
    assert chance[0] > chance[1] > 0.9 and chance[2] < 0.01
    drawn = regular_buyers.draw(rows, chance, leave, 360.0, 20_000, np.random.default_rng(0)).mean(axis=1)
    assert drawn == pytest.approx(number, abs=0.1)


def test_steady_account_alone():
    # one purchase of 100 every 30 days for two years and more: 365/30 purchases, less the chance that it
    # leaves
    days = pd.date_range(end=AS_OF, periods=30, freq="30D")
    result, found = told(book_of(lines_of(*[("A", str(d.date()), 100.0) for d in days])))
    row = result.accounts.loc["A"]
    assert row["model"] == "reorder" and row["revenue_12m"] == pytest.approx(100 * 365 / 30, rel=0.1)
    assert row["low"] < row["revenue_12m"] < row["high"]
    assert (
        row["clv"] == pytest.approx(row["revenue_12m"] * sum(1.1 ** -(y - 0.5) for y in (1, 2, 3)), rel=0.15)
        and row["clv_on"] == "revenue"
    )
    assert DISCOUNT == 0.10
    assert {f.kind for f in found} >= {"future_expected", "future_clv_revenue"}


def test_history_by_hand():
    book = book_of(
        lines_of(
            ("A", "2025-01-01", 100.0),
            ("A", "2025-01-15", 50.0),
            ("A", "2025-01-29", -30.0),
            ("B", "2025-12-31", -5.0),
        )
    )
    past = history(book.days, AS_OF)
    assert list(past.index) == ["A"]  # a return alone is no purchase
    row = past.loc["A"]
    assert (row["x"], row["t_x"], row["purchases"]) == (1, 2.0, 2) and row["spend"] == 60.0
    assert row["T"] == pytest.approx(364 / 7) and row["gap"] == 14


def test_models_refusals_and_the_test_of_a_year_ago():
    book = book_of(random_lines(accounts=150, seed=4))
    result, found = told(book)
    table, check = result.accounts, result.check
    assert set(table["model"]) == {"reorder", "bgnbd"}
    numbers = table.select_dtypes("number")
    assert (
        np.isfinite(numbers.to_numpy()).all()
        and (table["low"] <= table["high"]).all()
        and table["alive"].between(0, 1).all()
    )
    assert table["revenue_12m"].is_monotonic_decreasing
    kinds = {f.kind for f in found}
    assert {"future_expected", "future_checked"} <= kinds
    # the check knows nothing after its day: what came is the Book's, for accounts that had bought by then
    before = set(book.days.loc[book.days["date"] <= "2024-12-31", "account_id"])
    after = book.days[book.days["date"] > "2024-12-31"].groupby("account_id")["amount"].sum()
    assert set(check.index) <= before and check["actual"].sum() == pytest.approx(
        after.reindex(check.index).sum()
    )
    assert abs(result.figures["holdout_off"]) < 0.25
    altered = book.days.assign(amount=book.days["amount"].where(book.days["date"] <= "2024-12-31", 1.0))
    other = customer_value(
        Book(book.tables, book.monthly, altered, book.baskets, book.totals, book.readings, (), book.as_of)
    )
    pd.testing.assert_series_equal(other.check["expected"].sort_index(), check["expected"].sort_index())
    again = customer_value(book)
    pd.testing.assert_frame_equal(again.accounts, table)  # seeded


def test_too_few_accounts():
    lines = [("ONE", "2023-05-01", 10.0), ("NET", "2024-02-01", 10.0), ("NET", "2024-03-01", -10.0)]
    lines += [
        ("IRR", d, 10.0)
        for d in ("2023-01-01", "2023-01-05", "2024-01-01", "2024-01-02", "2025-03-01", "2025-03-02")
    ]
    result, found = told(book_of(lines_of(*lines)))
    assert result.accounts["reason"].to_dict() == {
        "ONE": "one_purchase",
        "NET": "no_net_revenue",
        "IRR": "irregular",
    }
    assert result.accounts["revenue_12m"].isna().all() and [f.kind for f in found] == ["future_no_model"]


@pytest.mark.parametrize(
    "lines", [[("A", "2025-11-01", 5.0)], [("A", "2025-11-01", -5.0)], [("A", "2026-05-01", 5.0)]]
)
def test_too_short_a_history(lines):
    result, found = told(book_of(lines_of(*lines)))
    assert [f.kind for f in found] == ["future_unknown"] and (result.accounts["model"] == "none").all()
    assert list(result.fit["figure"])[:4] == ["r", "alpha", "a", "b"]


def test_margin_where_known():
    lines = random_lines(accounts=80, seed=6)
    lines["cost"] = np.where(lines["account_id"] < "A040", lines["amount"] * 0.75, np.nan)
    result, found = told(book_of(lines))
    on = result.accounts["clv_on"]
    assert set(on[on.index < "A040"]) == {"margin"} and set(on[on.index >= "A040"]) == {"revenue"}
    assert "future_clv_mixed" in {f.kind for f in found}
    whole = customer_value(book_of(lines.drop(columns="cost"))).accounts["clv"]
    part = on[on == "margin"].index
    assert (result.accounts.loc[part, "clv"] / whole[part]).to_numpy() == pytest.approx(0.25, rel=1e-6)


def test_a_right_total_tells_its_worst_tenth():
    """Twenty accounts in ten groups of two; the first group brings 10 more than expected, the last two groups
    5 less each.
    """
    expected = np.array([100.0, 100.0] + [10.0] * 18)
    actual = expected.copy()
    actual[:2] += 5.0
    actual[-4:] -= 2.5
    check = pd.DataFrame({"expected": expected, "actual": actual})
    worst = by_size(check)
    assert check["expected"].sum() == check["actual"].sum()
    assert worst == {
        "group": 1,
        "group_expected": 200.0,
        "group_actual": 210.0,
        "group_off": pytest.approx(200 / 210 - 1),
    }
    assert by_size(check.head(9)) == {}
    told = {
        "accounts": 20,
        "expected": 380.0,
        "actual": 380.0,
        "off": 0.0,
        "inside": 1.0,
        "new": 0.0,
        "single": 0.0,
    }
    said = headline(Finding("value", "future_checked", "note", told | worst), Locale("en", "EUR"), {})
    assert "no. 1 was missed" in said and "210" in said and "too high" in said
    assert "missed by most" not in headline(
        Finding("value", "future_checked", "note", told), Locale("en", "EUR"), {}
    )
    sums = {"count": 20, "low": 300.0, "high": 400.0, "last": 380.0, "ten": 290.0, "ten_count": 10}
    corrected = {"corrected": 304.0, "corrected_low": 240.0, "corrected_high": 320.0}
    short = headline(
        Finding("value", "future_expected", "note", told | sums | worst | {"off": -0.001}),
        Locale("en", "EUR"),
        {},
    )
    assert short.endswith(
        "Tested on the year before: 0.1% too low in total, up to 4.8% by size group."
    )  # 10 of 210
    both = headline(
        Finding("value", "future_expected_corrected", "watch", told | sums | corrected | {"off": 0.25}),
        Locale("zh", "EUR"),
        {},
    )
    assert "偏高25%" in both


def test_a_bias_beyond_chance_is_taken_off_and_a_small_or_a_chance_one_is_not():
    known = {
        "expected": 100.0,
        "low": 80.0,
        "high": 130.0,
        "holdout_accounts": 40,
        "holdout_low": 110.0,
        "holdout_high": 140.0,
    }
    far = _corrected(known | {"holdout_off": 0.25, "holdout_actual": 100.0})
    assert far == pytest.approx({"factor": 0.8, "corrected": 80, "corrected_low": 64, "corrected_high": 104})
    for kept in (
        {"holdout_off": 0.09, "holdout_actual": 100.0},  # small
        {"holdout_off": 0.25, "holdout_actual": 115.0},  # chance does as much
        {"holdout_off": 0.25, "holdout_actual": 100.0, "holdout_accounts": 29},  # few
        {"holdout_off": None, "holdout_actual": 0.0},
    ):
        assert _corrected(known | kept)["factor"] == 1 and _corrected(known | kept)["corrected"] == 100
    assert _corrected({k: known[k] for k in ("expected", "low", "high")})["factor"] == 1  # not tested


def test_the_corrected_sum_is_told_first():
    figures = {
        "expected": 816.0,
        "corrected": 652.8,
        "corrected_low": 490.0,
        "corrected_high": 870.0,
        "count": 9,
        "last": 796.0,
        "off": 0.25,
    }
    said = headline(Finding("value", "future_expected_corrected", "watch", figures), Locale("en", "EUR"), {})
    assert said.index("€653") < said.index("€816") and "25% too high" in said


def test_words_charts_and_tables_in_both_languages():
    book = book_of(random_lines(accounts=150, seed=4))
    result, found = told(book)
    value = SimpleNamespace(customer_value=result, finding=lambda kind: None)
    for language in ("zh", "en"):
        with using(View(Locale(language, "EUR"), book.names.to_dict())):
            for f in found:
                said = headline(f, Locale(language, "EUR"), {})
                assert said and (f.action is None or words.ACTIONS[f.action])
            assert tables.expected_revenue(value).html
    empty = customer_value(book_of(lines_of(("A", "2025-11-01", 5.0))))
    value = SimpleNamespace(customer_value=empty, finding=lambda kind: None)
    assert not tables.expected_revenue(value).html
    told_kinds = [kind for kinds in words.TOPICS.values() for kind in kinds]
    assert sorted(told_kinds) == sorted(words.HEADLINES)
