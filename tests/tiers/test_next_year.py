"""Next year's rating: what follows from the draws, by construction; and said against kept on made clients."""

import numpy as np
import pandas as pd
import pytest
from conftest import AS_OF, book_of, lines_of, revenue_card

from kamplay.method.measures import purchases
from kamplay.method.tiers.next_year import NextYear, next_years_positions
from kamplay.method.tiers.rating import rate
from kamplay.method.tiers.stability import tier_stability

WORDS = {"zh": "项", "en": "item"}


def monthly(*sizes: float, months: int = 24) -> pd.DataFrame:
    """Accounts a0, a1 … that buy for so much in the middle of every month."""
    days = [AS_OF - pd.DateOffset(months=back) - pd.Timedelta(days=15) for back in range(months)]
    return lines_of(*[(f"a{n}", day, size) for n, size in enumerate(sizes) for day in days])


def client(seed: int, accounts: int = 150) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Lines of two years, and of the year after them: steady rates, and one in 25 purchases is the last."""
    rng, rows = np.random.default_rng(seed), []
    begin, end = AS_OF - pd.Timedelta(days=730), AS_OF + pd.Timedelta(days=365)
    for number in range(accounts):
        rate_, size, at = rng.gamma(2, 4) / 365 + 1e-3, rng.lognormal(5, 1.2), begin
        at += pd.Timedelta(days=rng.exponential(1 / rate_))
        while at <= end:
            rows.append((f"a{number:03d}", at.normalize(), size * rng.lognormal(0, 0.5)))
            if rng.random() < 0.04:
                break
            at += pd.Timedelta(days=max(1.0, rng.exponential(1 / rate_)))
    lines = lines_of(*rows)
    return lines[lines["date"] <= AS_OF].reset_index(drop=True), lines


def test_said_is_kept_on_made_clients():
    """Eight clients of 150: of the accounts said 90 to 98 % nine in ten or so stay, and so on."""
    card = revenue_card(
        criteria={
            "revenue": {**WORDS, "weight": 60, "measure": "revenue", "scoring": "contribution"},
            "loyalty": {
                **WORDS,
                "weight": 40,
                "measure": "active_months",
                "scoring": "scale",
                "scale": [0, 12],
            },
        }
    )
    parts = []
    for seed in range(8):
        known, all_ = client(seed)
        rating, later = rate(book_of(known), card), rate(book_of(all_, AS_OF + pd.Timedelta(days=365)), card)
        said = tier_stability(rating).probability
        kept = rating.tiers() == later.tiers().reindex(rating.points.index)
        bought = purchases.revenue(rating.book) > 0
        parts.append(pd.DataFrame({"said": said, "kept": kept})[bought])
    rows = pd.concat(parts)
    for low, high in ((0.0, 0.5), (0.5, 0.8), (0.8, 0.9), (0.9, 0.98)):
        part = rows[rows["said"].between(low, high, inclusive="left")]
        assert len(part) >= 50
        assert part["kept"].mean() == pytest.approx(part["said"].mean(), abs=0.1), (low, high)


def test_every_criterion_of_purchases_is_drawn_anew():
    year = NextYear(rate(book_of(client(3)[0].assign(cost=lambda x: x["amount"] * 0.6)), revenue_card()))
    for name in ("revenue", "growth", "active_months", "frequency", "frequency_change", "silent_days"):
        found = year.measure(name)
        assert found.shape == year.shape
        assert found[np.isfinite(found).all(axis=1)].std(axis=1).max() > 0, name
    assert (year.measure("tenure_years")[:, 0] - year.now("tenure_years")).tolist() == pytest.approx(
        [1.0] * year.units
    )
    assert ((year.measure("revenue") > 0) == (year.measure("frequency") > 0)).all()
    assert np.nanmedian(year.measure("growth")) == pytest.approx(0, abs=0.35)


def test_an_account_that_stopped_long_ago_does_not_come_back():
    lines = pd.concat([monthly(*[50.0] * 30), lines_of(("old", "2022-03-01", 90.0))])
    found = tier_stability(rate(book_of(lines), revenue_card()))
    assert found.probability[-1] == 1.0  # lowest tier now, and then


def test_where_the_rules_allow_one_tier_nothing_moves_it():
    gate = {**WORDS, "exclude": True, "when": {"margin_share": {"below": 0.5}}}
    lines = monthly(*np.linspace(1, 9, 30)).assign(cost=lambda x: x["amount"])
    found = tier_stability(rate(book_of(lines), revenue_card(gates={"no_margin": gate})))
    assert found.probability.tolist() == [1.0] * 30


def test_raters_that_disagree_make_a_tier_less_certain():
    """Scores 7 and 3 against 5 and 5: the same mean of 50, a limit at 40."""
    card = revenue_card(
        criteria={"fit": {**WORDS, "weight": 1, "measure": "rating", "scoring": "scale", "scale": [0, 10]}}
    )
    lines = monthly(*[10.0] * 5)
    probability = {}
    for name, scores in (("apart", (7.0, 3.0)), ("alike", (5.0, 5.0))):
        ratings = pd.DataFrame(
            [(f"a{n}", "fit", score, f"r{k}") for n in range(5) for k, score in enumerate(scores)],
            columns=["account_id", "criterion", "score", "rater"],
        )
        probability[name] = tier_stability(rate(book_of(lines, ratings=ratings), card)).probability
    assert (probability["alike"] == 1).all() and (probability["apart"] < 0.75).all()


@pytest.mark.parametrize("cut", ["quota", "natural"])
def test_quotas_and_breaks_are_cut_anew_each_year(cut):
    tiers = [{"key": k, "level": k} for k in "SAC"]
    if cut == "quota":
        tiers[0]["share"], tiers[1]["share"] = 0.1, 0.2
    lines = client(4)[0]
    lines["amount"] *= 90 / lines.groupby("account_id")["amount"].sum().max()
    rating = rate(book_of(lines), revenue_card(cut, tiers))
    positions = next_years_positions(rating)
    if cut == "quota":
        year = NextYear(rating)
        bought = (year.revenue > 0).sum(axis=0) + len(year.newcomers)
        assert ((positions == 0).sum(axis=0) <= 0.1 * bought).all()
    assert positions.min() == 0 and positions.max() == 2


def test_same_draws_on_every_run_and_nobody_at_all():
    lines = client(5)[0]
    one, again = (next_years_positions(rate(book_of(lines), revenue_card())) for _ in range(2))
    np.testing.assert_array_equal(one, again)
    returned = tier_stability(rate(book_of(lines_of(("a", "2025-03-01", -10.0))), revenue_card()))
    assert returned.probability.tolist() == [1.0]


def test_what_accounts_are_called_and_in_what_currency_they_buy_changes_no_chance():
    known, _ = client(3, accounts=60)
    card = revenue_card(
        criteria={
            "revenue": {**WORDS, "weight": 60, "measure": "revenue", "scoring": "contribution"},
            "loyalty": {
                **WORDS,
                "weight": 40,
                "measure": "active_months",
                "scoring": "scale",
                "scale": [0, 12],
            },
        }
    )
    ids = np.unique(known["account_id"])
    names = np.random.default_rng(1).permutation([f"z{n:03d}" for n in range(len(ids))])
    other = dict(zip(ids, names, strict=True))
    renamed = known.assign(account_id=known["account_id"].map(other), amount=known["amount"] * 8)
    said, again = (rate(book_of(lines), card) for lines in (known, renamed))
    one = pd.Series(tier_stability(said).probability, said.points.index)
    two = pd.Series(tier_stability(again).probability, again.points.index)
    assert one.nunique() > 10  # some are sure, others not
    pd.testing.assert_series_equal(two.reindex(one.index.map(other)).set_axis(one.index), one)


def test_accounts_that_nothing_tells_apart_have_one_chance_whatever_they_are_called():
    """Every account of 40 twice: the draws of twins are one sample of the same future."""
    known, _ = client(6, accounts=40)
    twins = pd.concat([known, known.assign(account_id="b" + known["account_id"])], ignore_index=True)
    rating = rate(book_of(twins), revenue_card())
    chance = pd.Series(tier_stability(rating).probability, rating.points.index)
    assert chance.nunique() > 10
    first = chance[~chance.index.str.startswith("b")]
    assert (first.to_numpy() == chance["b" + first.index].to_numpy()).all()
    swapped = twins.assign(account_id=twins["account_id"].map(lambda a: a[1:] if a[0] == "b" else "b" + a))
    other = rate(book_of(swapped), revenue_card())
    again = pd.Series(tier_stability(other).probability, other.points.index)
    pd.testing.assert_series_equal(again, chance)


def test_who_buys_pallets_between_spare_parts_is_expected_at_its_own_size():
    """Twelve pallets of 9,900 and twelve parts of 100 a year, 5,000 a purchase, among 60 accounts of 30 to
    10,000 a month; of the logarithms the middle is 995.
    """
    small = monthly(*np.geomspace(30, 10_000, 60))
    pallets = monthly(9900.0).assign(account_id="big")
    parts = monthly(100.0).assign(account_id="big")
    parts["date"] = parts["date"] + pd.Timedelta(days=10)
    year = NextYear(rate(book_of(pd.concat([small, pallets, parts])), revenue_card()))
    place = list(year.book.accounts.index).index("big")
    each = year.revenue[place] / np.maximum(year.year.buys[place], 1)
    assert np.median(each) == pytest.approx(5000, rel=0.15)
    low, high = np.quantile(each, [0.1, 0.9])
    assert 2500 < low < 5000 < high < 8000


def test_a_silence_is_counted_in_days_whatever_all_others_buy_in_these_months():
    """All others buy five times as often in the last two months; 30 days are 30 days."""
    rng = np.random.default_rng(1)
    days = np.r_[rng.integers(0, 60, 3000), rng.integers(0, 730, 3000)]
    dates = AS_OF - pd.to_timedelta(days, unit="D")
    others = pd.DataFrame({"account_id": [f"o{n % 100}" for n in range(6000)], "date": dates, "amount": 10.0})
    one = lines_of(*[("one", AS_OF - pd.Timedelta(days=d), 10.0) for d in range(30, 700, 20)])
    year = NextYear(rate(book_of(pd.concat([others, one])), revenue_card()))
    habit, place = year.habit, list(year.book.accounts.index).index("one")
    assert year._season.max() > 2  # the season is found, and says in which months next year's purchases fall
    assert habit.history.silent[habit.places == place] == [30]
