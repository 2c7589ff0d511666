"""White space, against figures worked by hand and a plain search over every account."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from conftest import book_of, market

from kamplay.book import Book
from kamplay.method.results import Findings
from kamplay.method.value.white_space import (
    BEST,
    add_findings,
    nearest_ranges,
    own_before,
    peer_ranges,
    quartiles,
    steady_before,
    white_space,
)
from kamplay.show.locale import Locale
from kamplay.show.value.white_space import white_space_table
from kamplay.show.view import View, using

LINES = ["account_id", "date", "amount", "category"]


def found(book: Book) -> dict[str, dict]:
    findings = Findings("value")
    add_findings(findings, white_space(book))
    return {f.kind: f.figures | {"who": f.accounts} for f in findings}


@pytest.mark.parametrize("industry", ["h", None])
def test_white_space_by_hand(industry):
    lines, accounts = market(industry=industry)
    gap = white_space(book_of(lines, accounts=accounts)).gaps
    assert gap[["account_id", "category", "buyers", "peers", "basis"]].to_numpy().tolist() == [
        ["P12", "b", 12, 12, "peers"]
    ]
    # shares of 1,000: 0.10 … 0.21, scaled to P12's 1,000: quartiles of 100 … 210
    assert gap[["low", "mid", "high"]].iloc[0].tolist() == pytest.approx([127.5, 155, 182.5])
    assert gap.loc[0, "expected"] == pytest.approx(155) and not gap.loc[0, "lapsed"]


def test_lapsed_wallet_and_no_revenue():
    lines, accounts = market(11)
    old = pd.DataFrame([("P12", "2024-03-01", 50.0, "b"), ("GONE", "2024-03-01", 900.0, "a")], columns=LINES)
    table = pd.DataFrame({"account_id": ["P11"], "category": ["b"], "spend": [77.0], "basis": ["measured"]})
    every = pd.concat([lines, old])
    gap = white_space(book_of(every, accounts=accounts, wallet=table)).gaps.set_index("account_id")
    assert set(gap.index) == {"P11", "P12"}  # GONE bought nothing in the 12 months
    assert gap["lapsed"].to_dict() == {"P11": False, "P12": True}
    # P12 bought 50 of it once in the year before: neither a yearly rate nor what peers buy at its size
    assert gap.loc["P12", ["bought", "basis"]].tolist() == [50, "burst"]
    assert gap.loc["P12", ["low", "mid", "high", "expected"]].isna().all()
    assert gap.loc["P11", ["low", "mid", "high", "basis"]].tolist() == [77, 77, 77, "wallet"]
    assert gap.loc["P11", "expected"] == pytest.approx(77 * 11 / 12)
    none = white_space(book_of(every, accounts=accounts, wallet=table.assign(spend=0.0)))
    assert set(none.gaps["account_id"]) == {"P12"}


def test_what_was_bought_the_year_before_counts_net_of_all_returns():
    """Of b 400 three years back, which is too long ago; 90 the year before in three months, less 28 given
    back then and 12 since: 50, last bought in September. Of c all was returned since.
    """
    lines, accounts = market()
    old = [
        ("P12", "2023-03-01", 400.0, "b"),
        ("P12", "2024-03-01", 40.0, "b"),
        ("P12", "2024-06-01", 30.0, "b"),
        ("P12", "2024-09-01", 20.0, "b"),
        ("P12", "2024-10-01", -28.0, "b"),
        ("P12", "2025-04-01", -12.0, "b"),
        ("P12", "2024-12-04", 70.0, "c"),
        ("P12", "2025-01-02", -40.0, "c"),
        ("P12", "2025-01-09", -30.0, "c"),
    ]
    book = book_of(pd.concat([lines, pd.DataFrame(old, columns=LINES)]), accounts=accounts)
    before = own_before(book.baskets, pd.Index(["P12", "P1"]), pd.Index(["b", "c"]))
    assert before[0].tolist() == pytest.approx([50.0, np.nan], nan_ok=True) and np.isnan(before[1]).all()
    gap = white_space(book).gaps.loc[0]
    assert gap[["mid", "basis", "last_bought"]].tolist() == [50.0, "own", pd.Timestamp("2024-09-30")]
    # the middle half: 0.6745 · √(40² + 30² + 20²) = 36.32 to either side
    assert gap[["low", "high"]].tolist() == pytest.approx([13.68, 86.32], abs=0.01)


BURSTS = {  # month of the year before → what was bought of b: whether it is a yearly rate
    "one invoice": ({1: 90.0}, False),
    "two months": ({1: 45.0, 9: 45.0}, False),
    "a few weeks": ({1: 30.0, 2: 30.0, 3: 30.0}, False),
    "most in one month": ({1: 10.0, 5: 10.0, 10: 70.0}, False),
    "over two quarters": ({1: 30.0, 2: 30.0, 4: 30.0}, True),
    "half in one month": ({1: 25.0, 5: 20.0, 10: 45.0}, True),
}


@pytest.mark.parametrize("case", BURSTS)
def test_a_burst_is_no_yearly_rate(case):
    """Three separate months, a quarter from first to last, no more than half in one of them."""
    months, steady = BURSTS[case]
    lines, accounts = market()
    old = [("P12", f"2024-{month:02d}-05", amount, "b") for month, amount in months.items()]
    book = book_of(pd.concat([lines, pd.DataFrame(old, columns=LINES)]), accounts=accounts)
    assert steady_before(book.baskets, pd.Index(["P12"]), pd.Index(["b"]))[0].tolist() == [[steady]]
    result = white_space(book)
    gap = result.gaps.loc[0]
    assert gap["basis"] == ("own" if steady else "burst") and gap["bought"] == 90.0
    assert (gap["mid"] == 90.0) if steady else np.isnan(gap["mid"])
    assert len(result.sized) == steady
    told = found(book)
    assert ("room_burst" in told) is not steady and ("room_lapsed" in told) is steady


def test_a_burst_gives_no_action_and_no_potential():
    """What was bought once is asked after, and neither offered for a sum nor counted as potential."""
    from kamplay.method.health.portfolio_map import _potential

    lines, accounts = market()
    old = pd.DataFrame([("P12", "2024-03-01", 90.0, "b")], columns=LINES)
    gaps = white_space(book_of(pd.concat([lines, old]), accounts=accounts)).gaps
    amount, basis = _potential(None, gaps, pd.Series([7.0], index=["P12"]))
    assert amount["P12"] == 7.0 and basis["P12"] == "forecast"


def test_what_was_bought_longer_ago_is_sized_by_peers_and_charges_are_nothing_to_offer():
    lines, accounts = market()
    old = pd.DataFrame([("P12", "2023-12-30", 400.0, "b")], columns=LINES)
    gaps = white_space(book_of(pd.concat([lines, old]), accounts=accounts)).gaps
    assert gaps.loc[0, ["category", "lapsed", "basis"]].tolist() == ["b", True, "peers"]
    freight = lines.assign(category=lines["category"].replace("b", "Freight"))
    assert len(white_space(book_of(freight, accounts=accounts)).gaps) == 0


@pytest.mark.parametrize(
    ("language", "months", "said"),
    [
        ("en", ["03", "06", "09"], "own purchases, last in Sep 2024"),
        ("zh", ["03", "06", "09"], "最近2024年9月"),
        ("en", ["03"], "mostly bought at once, €90, last in Mar 2024: ask"),
        ("zh", ["03"], "基本为一次性采购"),
    ],
)
def test_own_purchases_say_when_they_were(language, months, said):
    lines, accounts = market()
    part = 90.0 / len(months)
    old = pd.DataFrame([("P12", f"2024-{month}-01", part, "b") for month in months], columns=LINES)
    value = SimpleNamespace(white_space=white_space(book_of(pd.concat([lines, old]), accounts=accounts)))
    with using(View(Locale(language, "EUR"))):
        assert said in white_space_table(value).text


def test_peers_are_of_the_industry_and_of_similar_size():
    lines, accounts = market()
    assert white_space(
        book_of(lines, accounts=accounts.assign(industry=["h"] * 9 + ["other"] * 4))
    ).gaps.empty
    small = lines.assign(amount=lines["amount"].where(lines["account_id"] != "P12", lines["amount"] / 3.5))
    book = book_of(small, accounts=accounts)
    result = white_space(book)
    assert result.gaps.empty and result.without_peers == 1 and "room_alone" in found(book)


def test_places_against_a_plain_search():
    rng = np.random.default_rng(3)
    revenue, codes = rng.lognormal(5, 1, 60), rng.integers(0, 2, 60)
    order, first, end, places = peer_ranges(codes, revenue)
    for place, a, b in zip(places, first, end, strict=True):
        i = order[place]
        near = {
            j for j in range(60) if codes[j] == codes[i] and revenue[i] / 3 <= revenue[j] <= revenue[i] * 3
        }
        assert set(order[a:b]) == near
    _, first, end, places = nearest_ranges(np.full(60, -1), revenue)
    assert set(end - first) == {31} and ((first <= places) & (places < end)).all()


def test_quartiles_are_numpys():
    ratio = np.random.default_rng(5).random((50, 3)) * (np.random.default_rng(6).random((50, 3)) > 0.3)
    low, high, kind = np.array([0, 5, 20]), np.array([50, 30, 44]), np.array([0, 1, 2])
    for row, a, b, k in zip(quartiles(ratio, low, high, kind), low, high, kind, strict=True):
        part = ratio[a:b, k]
        assert row == pytest.approx(np.quantile(part[part > 0], [0.25, 0.5, 0.75]))


def test_the_best_are_the_best_of_all(monkeypatch):
    """Gaps passed over for their bound are worth no more than those listed: as a plain search over every
    account finds.
    """
    monkeypatch.setattr("kamplay.method.value.white_space.AT_ONCE", 20)
    rng = np.random.default_rng(8)
    ids, rows = [f"A{n:03d}" for n in range(200)], [("OLD", "2024-01-10", 1.0, "k0")]
    for a in ids:
        rows += [
            (a, "2025-05-05", float(rng.lognormal(4, 1.5)), f"k{k}")
            for k in rng.choice(12, rng.integers(2, 9), replace=False)
        ]
    lines = pd.DataFrame(rows, columns=LINES)
    listed = white_space(book_of(lines)).gaps
    year = (
        lines[lines["date"] > "2025"]
        .pivot_table(index="account_id", columns="category", values="amount", aggfunc="sum")
        .sort_index()
    )
    revenue = year.sum(axis=1).sort_values()
    year, worth = year.loc[revenue.index], []
    for i, (a, own) in enumerate(revenue.items()):
        first = min(max(0, i - 15), len(ids) - 31)
        near = year.iloc[first : first + 31].drop(a)
        ratio = near.div(revenue[near.index], axis=0)
        worth += [
            float(ratio[k].median() * own * near[k].notna().sum() / 30)
            for k in year.columns[year.loc[a].isna()]
            if near[k].notna().sum() >= 5
        ]
    assert len(worth) > 5 * BEST and len(listed) == BEST
    assert listed["expected"].tolist() == pytest.approx(sorted(worth, reverse=True)[:BEST])


def test_more_products_than_sixty():
    rows = [(f"P{n:02d}", "2025-06-10", 100.0 + k, f"k{k:02d}") for n in range(12) for k in range(70)]
    lines = pd.DataFrame([("P00", "2024-01-10", 1.0, "k00"), *rows], columns=LINES)
    told = found(book_of(lines))
    assert told["room_categories_cut"]["count"] == 10 and "room_no_gaps" in told


def test_growth_is_not_advised_at_accounts_that_are_excluded():
    lines, accounts = market()
    book, why = book_of(lines, accounts=accounts), pd.Series("terms", index=["P12"])
    assert len(white_space(book).gaps) == 1 and white_space(book, why).gaps.empty
    marked = white_space(book, pd.Series("payment", index=["P12"])).gaps
    assert marked["growth_exclusion"].tolist() == ["payment"]


def test_the_planted_gap_of_the_sample(medtech_value):
    first = medtech_value.white_space.gaps.iloc[0]
    assert (first["account_id"], first["category"], first["mid"]) == ("C0170", "体外诊断", 2_108_000.0)
    assert first["buyers"] == first["peers"] >= 25 and not first["lapsed"]
    assert medtech_value.finding("room_gap_wallet").accounts == ("C0170",)
