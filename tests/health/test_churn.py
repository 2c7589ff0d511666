"""The churn model: no look ahead, proof out of time, honest refusal, figures by hand and from other
libraries.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from conftest import AS_OF, book_of, lines_of, random_lines
from scipy.special import expit
from scipy.stats import gamma

from kamplay.book import Book
from kamplay.method.health import churn, churn_features
from kamplay.method.health.churn import (
    MIN_EVENTS,
    ChurnModel,
    fit_churn_model,
    forecast_intercept,
    is_skilled,
)
from kamplay.method.health.churn_features import (
    active_accounts,
    features_at_cutoff,
    purchase_history,
    revenue_halved,
    sample_accounts,
    signs_beside_purchases,
    stopped_buying,
    weights_of_evidence,
)
from kamplay.method.measures.purchase_model import purchase_model
from kamplay.method.stats import ridge_logit

H = 120
STEP = pd.Timedelta(days=H)


@pytest.fixture(scope="module")
def lines() -> pd.DataFrame:
    return random_lines(400, seed=5)


@pytest.fixture(scope="module")
def book(lines) -> Book:
    return book_of(lines)


@pytest.fixture(scope="module")
def model(book) -> ChurnModel:
    return fit_churn_model(book, H)


def scrambled(lines: pd.DataFrame, cut: pd.Timestamp) -> pd.DataFrame:
    """The same up to the cut-off; afterwards other accounts, amounts and days."""
    after = lines[lines["date"] > cut]
    mixed = after.assign(
        account_id=after["account_id"].sample(frac=1, random_state=4).to_numpy(), amount=999.0
    )
    strangers = mixed.head(50).assign(account_id=[f"0{n}" for n in range(50)])  # sorted before all others
    return pd.concat([lines[lines["date"] <= cut], mixed.iloc[: len(mixed) // 2], strangers])


def parts_of(model) -> list:
    return [
        model.probability.dropna(),
        model.halving_probability.dropna(),
        model.intervals.dropna(),
        model.contributions,
        model.test,
    ]


def same(one: ChurnModel, other: ChurnModel) -> None:
    for a, b in zip(parts_of(one), parts_of(other), strict=True):
        equal = (
            pd.testing.assert_frame_equal if isinstance(a, pd.DataFrame) else pd.testing.assert_series_equal
        )
        equal(a, b)


def test_what_follows_the_cut_off_changes_no_prediction(lines):
    cut = AS_OF - STEP
    whole, other, none = (
        book_of(x, cut) for x in (lines, scrambled(lines, cut), lines[lines["date"] <= cut])
    )
    first = fit_churn_model(whole, H)
    assert first.evaluation["verdict"] == "validated"
    same(first, fit_churn_model(other, H))
    same(first, fit_churn_model(none, H))


def test_no_feature_reads_a_month_still_running(lines):
    cut = pd.Timestamp("2025-08-14")
    one, other = (
        book_of(x) for x in (lines, scrambled(lines, cut).fillna({"category": "new"}).assign(order_id="O"))
    )
    left, right = (features_at_cutoff(b, purchase_history(b.days), cut, H) for b in (one, other))
    pd.testing.assert_frame_equal(left, right)
    assert left["breadth"].notna().any()


def test_a_feature_that_knows_the_future_is_noticed(lines, monkeypatch):
    """The comparison above must be able to fail: with one feature that peeks, it does."""
    honest = churn_features.features_at_cutoff

    def peeking(book, past, cutoff, horizon, signs=None):
        frame = honest(book, past, cutoff, horizon, signs)
        codes = past.accounts.get_indexer(frame.index)
        return frame.assign(lateness=stopped_buying(past, codes, cutoff, horizon))

    monkeypatch.setattr(churn_features, "features_at_cutoff", peeking)
    cut = AS_OF - STEP
    one, other = (fit_churn_model(book_of(x, cut), H) for x in (lines, scrambled(lines, cut)))
    with pytest.raises(AssertionError):
        same(one, other)


def test_test_predictions_do_not_know_the_test_window(lines, model):
    """Scrambling the newest finished window changes its outcomes, not what was predicted for it."""
    one, other = model.test, fit_churn_model(book_of(scrambled(lines, AS_OF - STEP)), H).test
    pd.testing.assert_series_equal(one["predicted"], other["predicted"])
    assert (one["outcome"] != other["outcome"]).any()


def test_training_windows_end_before_the_test_begins(book, monkeypatch):
    seen = []
    honest = ridge_logit.Rows.fit

    def watched(rows, *settings):
        seen.append(pd.Timestamp(rows.cuts.max()))
        return honest(rows, *settings)

    monkeypatch.setattr(ridge_logit.Rows, "fit", watched)
    fit_churn_model(book, H)
    test_at = AS_OF - STEP
    choices = {c for c in seen if c <= test_at - STEP}
    assert choices and set(seen) - choices == {test_at}  # only the refit that ships saw the tested window


def test_predictions_come_from_a_model_tested_before(model, lines):
    proof = model.evaluation
    assert proof["verdict"] == "validated"
    assert 0.5 < proof["auc_low"] <= proof["auc"] <= proof["auc_high"] <= 1
    assert proof["brier"] < proof["brier_base"]
    last = lines[lines["date"] > AS_OF - pd.Timedelta(days=365)]
    assert set(model.probability.dropna().index) == set(last["account_id"])
    for chance in (model.probability, model.halving_probability):
        assert chance.dropna().between(0, 1).all()
    assert len(model.test) == proof["n_test"] and set(model.test["cutoff"]) == {AS_OF - STEP}
    assert model.test["outcome"].mean() == pytest.approx(proof["churn_rate"])


def explains_itself(model: ChurnModel) -> None:
    """Contributions and intercept are the logit of the probability."""
    p = model.probability.dropna()
    total = model.contributions.sum(axis=1) + model.intercept
    pd.testing.assert_series_equal(expit(total).reindex(p.index), p, check_names=False)


def test_contributions_add_up_and_intervals_hold_the_probability(model):
    explains_itself(model)
    p = model.probability.dropna()
    assert model.contributions.mean().abs().max() < 1e-9
    limits = model.intervals.loc[p.index]
    assert ((limits["low"] <= p) & (p <= limits["high"]) & (limits["low"] < limits["high"])).all()


def test_a_chance_is_told_part_by_part_from_that_of_the_mean_account(model):
    steps = churn.chance_steps(model)
    whole = steps.groupby("account_id")["by"].sum()
    np.testing.assert_allclose(whole, model.probability.reindex(whole.index), atol=1e-9)
    starts = steps.loc[steps["part"] == "start", "by"]
    assert len(starts) == len(whole) and starts.nunique() == 1
    assert starts.iloc[0] == pytest.approx(expit(model.intercept))
    parts = steps[~steps["part"].isin(["start", "rest"])]
    assert len(parts) and (parts["by"].abs() >= churn.LEAST_STEP).all()
    assert churn.chance_steps(replace(model, contributions=pd.DataFrame())).empty


def test_the_chance_by_orders_alone_is_without_what_the_signs_add(model):
    """By hand: log odds of the mean account −3, of the orders +1, of late payment +5."""
    parts = pd.DataFrame({"silent": [1.0], f"{churn.EVIDENCE_PREFIX}payment": [5.0]}, index=["a"])
    by_orders = churn.chance_without_signs(replace(model, contributions=parts, intercept=-3.0))
    assert by_orders["a"] == pytest.approx(1 / (1 + np.exp(2)))
    assert churn.chance_without_signs(replace(model, contributions=pd.DataFrame())).empty


def test_refuses_below_the_stated_number_of_events():
    result = fit_churn_model(book_of(random_lines(20)), 180)
    assert result.evaluation["events"] < MIN_EVENTS
    said = [result.evaluation[name] for name in ("verdict", "reason", "auc")]
    assert said == ["too_few", "events", None]
    assert result.probability.isna().all() and result.halving_probability.isna().all()
    assert result.contributions.empty


def test_messy_books_are_refused_not_crashed():
    single = lines_of(("a", "2025-12-01", 10.0))
    returns = lines_of(*[(f"a{n}", f"2025-{m:02d}-03", -5.0) for n in range(5) for m in range(1, 13)])
    short = random_lines(50, years=0.3)
    for lines in (single, returns, short):
        result = fit_churn_model(book_of(lines), 180)
        assert result.evaluation["verdict"] == "too_few"
        assert result.probability.isna().all()
    assert result.evaluation["reason"] == "history"


def test_chance_is_not_called_validated():
    """Accounts that stop and stay by the toss of a coin, all with the same past: nothing can be told
    apart."""
    rng = np.random.default_rng(3)
    rows = []
    for n in range(300):
        for start in ("2024-01-01", "2024-07-01", "2025-01-01", "2025-07-01"):
            if rng.random() < 0.5:
                rows += [
                    (f"a{n}", pd.Timestamp(start) + pd.Timedelta(days=int(d)), 10.0)
                    for d in (20, 50, 80, 110, 140, 170)
                ]
        rows.append((f"a{n}", pd.Timestamp("2023-12-01"), 10.0))
    result = fit_churn_model(book_of(lines_of(*rows)), 180)
    assert result.evaluation["events"] >= MIN_EVENTS
    assert result.evaluation["verdict"] == "not_better"
    assert result.probability.isna().all()


def poisson_lines(days: int, accounts: int = 400, seed: int = 2) -> pd.DataFrame:
    """Buyers by chance, each at a rate of its own, gone for good after a purchase with chance 0.08: the dates
    say all that can be known.
    """
    rng, rows = np.random.default_rng(seed), []
    for n in range(accounts):
        day, rate = rng.uniform(0, days / 2), rng.gamma(2.0, 1 / 50)
        while day < days:
            rows.append((f"P{n:03d}", AS_OF - pd.Timedelta(days=days - int(day)), 100.0))
            if rng.random() < 0.08:
                break
            day += 1 + rng.exponential(1 / rate)
    return lines_of(*rows)


def test_too_short_a_history_for_the_model_leaves_purchase_dates():
    """A year: no window to learn from before that of the test, but purchase dates could be tested."""
    book = book_of(poisson_lines(320))
    result = fit_churn_model(book, H)
    said = [result.evaluation[name] for name in ("verdict", "reason", "probability_from")]
    assert said == ["too_few", "history", "bgnbd"]
    told = result.probability.dropna()
    last = book.days.groupby("account_id")["date"].max()
    assert set(told.index) == set(last.index[last > AS_OF - pd.Timedelta(days=365)])
    by_dates = purchase_model(book).no_purchase(H).reindex(told.index)
    pd.testing.assert_series_equal(told, by_dates, check_names=False, atol=1e-4)
    limits = result.intervals.loc[told.index]
    assert ((limits["low"] < told) & (told < limits["high"])).all() and result.contributions.empty
    pd.testing.assert_series_equal(result.test["predicted"], result.test["bgnbd"], check_names=False)


def test_what_errs_more_than_purchase_dates_is_not_shown(monkeypatch):
    """A model whose level is wrong gives way to the dates; one that says nothing gives way to nothing."""
    book = book_of(poisson_lines(1000))
    honest = churn.forecast_intercept
    assert fit_churn_model(book, H).evaluation["probability_from"] in ("model", "bgnbd")

    def too_high(*known):
        intercept, sd, seasonal = honest(*known)
        return intercept + 0.4, sd, seasonal

    monkeypatch.setattr(churn, "forecast_intercept", too_high)
    result = fit_churn_model(book, H)
    said = [result.evaluation[name] for name in ("verdict", "reason", "probability_from")]
    assert said == ["not_better", "bgnbd", "bgnbd"]
    assert result.evaluation["brier"] == result.evaluation["brier_bgnbd"] < result.evaluation["brier_base"]
    assert result.probability.notna().any()


def test_skill_is_over_the_share_that_did_stop():
    """Ranks well, yet is told to be shown only where it saves error against the share as it came."""
    outcome = np.repeat([0.0, 1.0], 50)
    ranks = np.linspace(0.1, 0.9, 100)
    assert is_skilled(outcome, ranks)
    assert not is_skilled(outcome, ranks / 10)  # the same order, far too low
    assert not is_skilled(outcome, np.full(100, 0.5))


def test_same_in_whatever_order_the_lines_come(lines, model):
    same(model, fit_churn_model(book_of(lines.sample(frac=1, random_state=1)), H))


def test_features_and_outcomes_by_hand():
    lines = lines_of(
        ("a", "2025-01-01", 100.0),
        ("a", "2025-01-31", 100.0),
        ("a", "2025-03-02", 100.0),
        ("a", "2025-05-01", 50.0),
        ("b", "2024-12-25", 10.0),
        ("b", "2025-03-01", -11.0),
        ("c", "2025-05-20", 10.0),
        ("d", "2023-01-01", 10.0),
    )
    book, cut = book_of(lines), pd.Timestamp("2025-03-31")
    past = purchase_history(book.days)
    x = features_at_cutoff(book, past, cut, 60)
    assert list(x.index) == ["a", "b"]  # c comes later, d is long gone
    assert np.expm1(x.loc["a", ["silent", "tenure"]]).tolist() == pytest.approx([29, 89])
    assert np.exp(x.loc["a", "buys"]) == pytest.approx(3)
    assert np.expm1(x.loc["a", ["buys_30", "buys_90", "buys_365"]]).tolist() == pytest.approx([1, 3, 3])
    assert np.expm1(x.loc["a", "lateness"]) == pytest.approx(
        29 / 30
    )  # gaps of 30 and 30, one pseudo-gap of 30
    assert x.loc["a", "irregular"] == pytest.approx(0.0)
    assert x["returns"].tolist() == [0.0, 0.5]
    codes = past.accounts.get_indexer(["a", "b"])
    assert stopped_buying(past, codes, cut, 60).tolist() == [0.0, 1.0]
    assert stopped_buying(past, codes, cut, 31).tolist() == [0.0, 1.0]  # a buys on the 31st day
    assert stopped_buying(past, codes, cut, 30).tolist() == [1.0, 1.0]
    assert revenue_halved(past, codes, cut, 60, "before")[0] == 1.0  # 50 after 200
    assert revenue_halved(past, codes, cut, 58, "before")[0] == 0.0  # 50 after 100 is half, not less
    assert np.isnan(revenue_halved(past, codes, cut, 60, "before")[1])  # −11: nothing to fall from


def test_level_of_the_season_by_hand():
    levels = pd.Series([-1.0, 0.2], index=pd.to_datetime(["2024-06-30", "2024-12-27"]))
    start = pd.Timestamp("2020-01-01")
    # halfway between −1.0 and 0.2; with BG/NBD's a third each
    assert forecast_intercept(levels, pd.Timestamp("2025-06-25"), 180, start) == pytest.approx(
        (-0.4, 0.6, True)
    )
    assert forecast_intercept(levels, pd.Timestamp("2025-06-25"), 180, start, 0.2)[0] == pytest.approx(-0.2)
    # no season seen: it moved 1.2 in one horizon
    intercept, sd, seasonal = forecast_intercept(levels, pd.Timestamp("2025-03-01"), 180, start)
    assert (intercept, seasonal) == (0.2, False) and sd == pytest.approx(1.2)
    # halfway to BG/NBD's; and so where the cut-off of a year before had no year of data before it
    assert forecast_intercept(levels, pd.Timestamp("2025-03-01"), 180, start, 1.0)[0] == pytest.approx(0.6)
    young = forecast_intercept(levels, pd.Timestamp("2025-06-25"), 180, pd.Timestamp("2024-07-01"), 1.0)
    assert (young[0], young[2]) == (pytest.approx(0.6), False)


def test_a_level_that_goes_steadily_is_followed():
    days = pd.date_range("2022-01-01", "2024-12-27", freq="30D")
    steady = pd.Series(0.004 * (days - days[0]).days, index=days)
    cutoff = days[-1] + pd.Timedelta(days=180)
    found = forecast_intercept(steady, cutoff, 180, days[0])[0]
    # to within ten days: a year is no multiple of the 30 days between cut-offs
    assert found == pytest.approx(0.004 * (cutoff - days[0]).days, abs=0.004 * 10)


def test_signs_enter_and_missing_tables_do_not_matter(book, model):
    """A sign that warns of what is to come is used; one without a table changes nothing."""
    past = purchase_history(book.days)
    rng = np.random.default_rng(0)

    def warns(_, cutoff):
        stops = stopped_buying(past, np.arange(len(past.accounts)), cutoff, H)
        noise = rng.random(len(stops)) < 0.1
        return pd.DataFrame(
            {"payment": np.where(stops.astype(bool) ^ noise, 0.9, 0.0), "delivery": np.nan},
            index=past.accounts,
        )

    def nothing(_, cutoff):
        return pd.DataFrame({"payment": np.nan, "delivery": np.nan}, index=past.accounts)

    warned, silent = fit_churn_model(book, H, warns), fit_churn_model(book, H, nothing)
    assert warned.evaluation["auc"] > model.evaluation["auc"]
    assert warned.evaluation["brier"] < model.evaluation["brier"]
    pd.testing.assert_series_equal(silent.probability, model.probability)


def test_weights_of_evidence_combine_like_strengths():
    """Added, the weights of two signs are that of 1 − (1 − s)(1 − t); none is infinite; that an account has
    stopped is no evidence that it will.
    """
    signs = pd.DataFrame(
        {
            "payment": [0.5, 0.0, np.nan, 1.0],
            "delivery": [0.5, 0.0, 0.4, np.nan],
            "silence": 1.0,
            "order_rhythm": 1.0,
        }
    )
    found = weights_of_evidence(signs)
    assert list(found) == ["sign_of_payment", "sign_of_delivery", "sign_of_order_rhythm"]
    found = found.drop(columns="sign_of_order_rhythm")
    both = 1 - np.exp(-found.sum(axis=1))
    assert both.iloc[0] == pytest.approx(1 - (1 - 0.95 * 0.5) ** 2) and both.iloc[1] == 0.0
    assert np.isnan(found.iloc[2, 0]) and found.iloc[3, 0] == pytest.approx(np.log(20))


def with_bills(lines: pd.DataFrame, as_of: pd.Timestamp = AS_OF):
    """A book whose stopped accounts, 60 days before, began to leave their invoices unpaid; the others pay on
    time.
    """
    last = lines.groupby("account_id")["date"].transform("max")
    leaves = (last < AS_OF - pd.Timedelta(days=100)) & (lines["date"] > last - pd.Timedelta(days=60))
    bills = lines[["account_id", "amount"]].assign(
        invoice_date=lines["date"], due_date=lines["date"] + pd.Timedelta(days=10)
    )
    bills["paid_date"] = bills["due_date"].where(~leaves)
    book = book_of(lines[lines["date"] <= as_of], as_of)
    return replace(book, tables=book.tables | {"receivables": bills})


@pytest.fixture(scope="module")
def billed(lines) -> Book:
    return with_bills(lines)


@pytest.fixture(scope="module")
def after(billed) -> ChurnModel:
    """The model that knows of the bills."""
    return fit_churn_model(billed, H, signs_beside_purchases(billed))


def test_signs_beside_purchases_only_where_a_table_tells_them(book, model, billed, after):
    assert signs_beside_purchases(book) is None
    assert "silence" not in signs_beside_purchases(billed)(billed, AS_OF)
    assert after.evaluation["verdict"] == "validated"
    assert after.evaluation["brier"] < model.evaluation["brier"]
    assert "sign_of_payment" in after.contributions
    explains_itself(after)


def test_the_proof_reads_signs_as_known_at_its_cut_off(billed, after):
    """What happens to invoices after the test's cut-off, paid or not, moves no prediction of the test; before
    it, it does.
    """
    cut = AS_OF - STEP
    bills = billed.tables["receivables"]

    def told(paid: pd.Series) -> pd.Series:
        changed = replace(billed, tables=billed.tables | {"receivables": bills.assign(paid_date=paid)})
        return fit_churn_model(changed, H, signs_beside_purchases(changed)).test["predicted"]

    late = cut + pd.Timedelta(days=40)
    later = bills["paid_date"].mask(
        bills["paid_date"].isna() | (bills["paid_date"] > cut), late
    )  # all settled, after the cut-off
    earlier = bills["paid_date"].fillna(bills["due_date"])
    one = after.test["predicted"]
    pd.testing.assert_series_equal(one, told(later))
    assert not one.equals(told(earlier))


def test_intervals_hold_chances_that_are_known():
    """Gaps from a gamma distribution of shape 4, more regular than the model believes, at a rate of each
    account's own; gone for good after each purchase with chance 0.1. The true chance of no purchase, given
    the same dates, is a sum over the rates.
    """
    rng, grid, gone, span, shape = (
        np.random.default_rng(8),
        np.exp(np.linspace(-1.6, 1.6, 41)) / 40,
        0.1,
        1095,
        4,
    )
    weight = np.exp(-0.5 * np.linspace(-2.3, 2.3, 41) ** 2)
    rows, true = [], {}
    for n in range(600):
        rate, day = rng.choice(grid, p=weight / weight.sum()), rng.uniform(0, 900)
        days = [int(day)]
        while rng.random() > gone and (day := day + max(1.0, rng.gamma(shape, 1 / shape / rate))) <= span:
            days.append(int(day))
        days = sorted(set(days))
        rows += [(f"A{n:04d}", AS_OF - pd.Timedelta(days=span - d), 100.0) for d in days]
        likely = np.log(weight) + shape * (len(days) - 1) * np.log(grid) - shape * grid * (days[-1] - days[0])
        likely = np.exp(likely - likely.max())
        none, quiet = (gamma.sf(span - days[-1] + more, shape, scale=1 / shape / grid) for more in (H, 0))
        true[f"A{n:04d}"] = (likely * (gone + (1 - gone) * none)).sum() / (
            likely * (gone + (1 - gone) * quiet)
        ).sum()
    model = fit_churn_model(book_of(lines_of(*rows)), H)
    assert model.evaluation["verdict"] == "validated"
    limits = model.intervals.dropna()
    known = pd.Series(true).reindex(limits.index)
    assert (
        (limits["low"] - 0.005 <= known) & (known <= limits["high"] + 0.005)
    ).mean() > 0.7  # to half a percentage point
    assert (limits["high"] - limits["low"]).mean() < 0.35  # and say something


def test_who_is_trained_on_does_not_depend_on_the_others(monkeypatch):
    monkeypatch.setattr(churn_features, "MAX_ACCOUNTS", 50)
    days = book_of(random_lines(200)).days
    kept = set(sample_accounts(days)["account_id"])
    assert 20 < len(kept) < 80
    assert {a for a in kept if a < "A100"} >= set(
        sample_accounts(days[days["account_id"] < "A100"])["account_id"]
    ) & kept


def test_a_part_is_trained_on_and_all_are_told(monkeypatch, book):
    monkeypatch.setattr(churn_features, "MAX_ACCOUNTS", 250)
    result = fit_churn_model(book, H)
    assert result.evaluation["verdict"] == "validated"
    assert result.evaluation["n_test"] == len(active_accounts(purchase_history(book.days), AS_OF - STEP))
    assert result.probability.notna().sum() > 200
