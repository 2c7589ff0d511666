"""Share of wallet and white space, against figures worked by hand and published ones."""

import numpy as np
import pandas as pd
import pytest
from conftest import book_of

from kamplay.engagement import load
from kamplay.intake.prepare import prepare
from kamplay.method.results import Findings
from kamplay.method.value.wallet import Wallet, add_findings, without_itself
from kamplay.method.value.wallet import wallet as wallet_
from kamplay.method.value.white_space import BEST, _places, _quartiles

LINES = ["account_id", "date", "amount", "category"]


def market(
    buyers: int = 12, accounts: int = 13, industry: str | None = "h"
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """``accounts`` of about 1,000 a year; all buy a, the first ``buyers`` b for 100, 110, 120 …; one purchase
    two years ago.
    """
    rows = [("P00", "2024-01-10", 1.0, "a")]
    for n in range(accounts):
        b = 100.0 + 10 * n if n < buyers else 0.0
        rows.append((f"P{n:02d}", "2025-06-10", 1000.0 - b, "a"))
        rows += [(f"P{n:02d}", "2025-07-10", b, "b")] if b else []
    known = pd.DataFrame({"account_id": [f"P{n:02d}" for n in range(accounts)], "industry": industry})
    return pd.DataFrame(rows, columns=LINES), known


def found(result: Wallet) -> dict[str, dict]:
    findings = Findings("value")
    add_findings(findings, result)
    return {f.kind: f.figures | {"who": f.accounts} for f in findings}


def test_share_and_room_by_hand():
    lines, accounts = market()
    wallet = pd.DataFrame(
        {
            "account_id": ["P00", "P00", "P01", "X"],
            "category": ["a", "b", "b", "a"],
            "spend": [1000.0, 300.0, 55.0, 400.0],
            "top_competitor_share": [0.05, 0.6, np.nan, 0.5],
            "basis": ["measured", "measured", "measured", "estimated"],
        }
    )
    result = wallet_(book_of(lines, accounts=accounts, wallet=wallet))
    # P00: sales 900 of 1,000 and 100 of 300: room 100 + 200; P01: sales 110 of b against a stated 55; X: a
    # prospect
    p00 = result.wallet.loc["P00"]
    assert (p00["spend"], p00["ours"], p00["room"], p00["category"]) == (1300, 1000, 300, "b")
    assert p00["share"] == pytest.approx(1000 / 1300)
    assert p00["competitor"] == pytest.approx((50 + 180) / 1300) and not p00["ahead"]
    assert result.wallet.loc["P01", ["share", "room"]].tolist() == [1.0, 0.0]
    assert result.wallet.loc["X", ["share", "room", "ahead", "basis"]].tolist() == [
        0.0,
        400.0,
        True,
        "estimated",
    ]
    cells = result.by_account_and_category.set_index(["account_id", "category"])
    assert cells.loc[("P00", "b"), "ahead"] and not cells.loc[("P00", "a"), "ahead"]
    by = result.room_by_category.set_index("category")
    assert by.loc["b", ["spend", "ours", "room"]].tolist() == [355, 210, 200] and by.loc[
        "b", "share"
    ] == pytest.approx(155 / 355)
    told = found(result)
    both = told[
        "room_wallet_both"
    ]  # what is measured and what is estimated stand apart; X, the largest, is an estimate
    assert (both["spend"], both["room"], both["most"], both["who"]) == (1355, 300, 300, ("P00",))
    assert both["count"] == 2 and both["estimated_spend"] == 400 and both["estimated_room"] == 400
    assert told["room_wallet_low"]["who"] == ("P01",)
    assert told["room_competitor"]["who"] == ("X",)


def test_rule_from_peers_needs_eight_and_is_never_mixed():
    lines, accounts = market()
    accounts["annual_revenue"] = 50_000.0
    accounts.loc[12, ["annual_revenue", "industry"]] = [100_000.0, "h"]
    spends = [1000.0, 1100, 1200, 1300, 1400, 1500, 1600, 1700]
    wallet = pd.DataFrame(
        {"account_id": [f"P{n:02d}" for n in range(8)], "spend": spends, "basis": "measured"}
    )
    result = wallet_(book_of(lines, accounts=accounts, wallet=wallet))
    # median 1,350 per 50,000 of annual revenue: 270 per 10,000
    assert result.wallet.loc["P12", ["spend", "ours", "room", "basis"]].tolist() == [
        2700.0,
        1000.0,
        1700.0,
        "by_rule",
    ]
    assert result.figures["by_rule_accounts"] == 5 and result.figures["measured_spend"] == sum(spends)
    assert found(result)["room_wallet"]["spend"] == sum(spends)
    few = wallet_(book_of(lines, accounts=accounts, wallet=wallet.head(7)))
    assert few.figures["by_rule_accounts"] == 0
    guessed = wallet_(
        book_of(lines, accounts=accounts, wallet=wallet.assign(basis=["estimated"] + ["measured"] * 7))
    )
    assert guessed.figures["by_rule_accounts"] == 0


def test_without_itself_is_the_median_of_the_others():
    for n in (2, 3, 8, 9):
        x = np.random.default_rng(n).integers(0, 6, n).astype(float)
        assert without_itself(pd.Series(x)).tolist() == [np.median(np.delete(x, i)) for i in range(n)]


@pytest.mark.parametrize("industry", ["h", None])
def test_white_space_by_hand(industry):
    lines, accounts = market(industry=industry)
    gap = wallet_(book_of(lines, accounts=accounts)).white_space
    assert gap[["account_id", "category", "buyers", "peers", "basis"]].to_numpy().tolist() == [
        ["P12", "b", 12, 12, "peers"]
    ]
    # shares of 1,000: 0.10 … 0.21, scaled to P12's 1,000: quartiles of 100 … 210
    assert gap[["low", "mid", "high"]].iloc[0].tolist() == pytest.approx([127.5, 155, 182.5])
    assert gap.loc[0, "expected"] == pytest.approx(155) and not gap.loc[0, "lapsed"]


def test_lapsed_wallet_and_no_revenue():
    lines, accounts = market(11)
    old = pd.DataFrame([("P12", "2024-03-01", 50.0, "b"), ("GONE", "2024-03-01", 900.0, "a")], columns=LINES)
    wallet = pd.DataFrame({"account_id": ["P11"], "category": ["b"], "spend": [77.0], "basis": ["measured"]})
    every = pd.concat([lines, old])
    gap = wallet_(book_of(every, accounts=accounts, wallet=wallet)).white_space.set_index("account_id")
    assert set(gap.index) == {"P11", "P12"}  # GONE bought nothing in the 12 months
    assert gap["lapsed"].to_dict() == {"P11": False, "P12": True}
    assert gap.loc["P11", ["low", "mid", "high", "basis"]].tolist() == [77, 77, 77, "wallet"]
    assert gap.loc["P11", "expected"] == pytest.approx(77 * 11 / 12)
    none = wallet_(book_of(every, accounts=accounts, wallet=wallet.assign(spend=0.0)))
    assert set(none.white_space["account_id"]) == {"P12"} and none.figures["gaps_no_need"] == 1


def test_peers_are_of_the_industry_and_of_similar_size():
    lines, accounts = market()
    assert wallet_(
        book_of(lines, accounts=accounts.assign(industry=["h"] * 9 + ["other"] * 4))
    ).white_space.empty
    small = lines.assign(amount=lines["amount"].where(lines["account_id"] != "P12", lines["amount"] / 3.5))
    result = wallet_(book_of(small, accounts=accounts))
    assert result.white_space.empty and result.figures["gaps_alone"] == 1 and "room_alone" in found(result)


def test_places_against_a_plain_search():
    rng = np.random.default_rng(3)
    revenue, codes = rng.lognormal(5, 1, 60), rng.integers(0, 2, 60)
    order, low, high, who = _places(codes, revenue, False)
    for place, a, b in zip(who, low, high, strict=True):
        i = order[place]
        near = {
            j for j in range(60) if codes[j] == codes[i] and revenue[i] / 3 <= revenue[j] <= revenue[i] * 3
        }
        assert set(order[a:b]) == near
    order, low, high, _ = _places(np.full(60, -1), revenue, True)
    assert set(high - low) == {31} and all(a <= p < b for p, a, b in zip(range(60), low, high, strict=True))


def test_quartiles_are_numpys():
    ratio = np.random.default_rng(5).random((50, 3)) * (np.random.default_rng(6).random((50, 3)) > 0.3)
    low, high, kind = np.array([0, 5, 20]), np.array([50, 30, 44]), np.array([0, 1, 2])
    for row, a, b, k in zip(_quartiles(ratio, low, high, kind), low, high, kind, strict=True):
        part = ratio[a:b, k]
        assert row == pytest.approx(np.quantile(part[part > 0], [0.25, 0.5, 0.75]))


def test_the_best_are_the_best_of_all(monkeypatch):
    """Gaps passed over for their bound are worth no more than those listed: as a plain search over every
    account finds.
    """
    monkeypatch.setattr("kamplay.method.value.white_space.AT_ONCE", 20)
    rng = np.random.default_rng(8)
    ids, rows = [f"A{n:03d}" for n in range(200)], [("A000", "2024-01-10", 1.0, "k0")]
    for a in ids:
        rows += [
            (a, "2025-05-05", float(rng.lognormal(4, 1.5)), f"k{k}")
            for k in rng.choice(12, rng.integers(2, 9), replace=False)
        ]
    lines = pd.DataFrame(rows, columns=LINES)
    listed = wallet_(book_of(lines)).white_space
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
    told = found(wallet_(book_of(lines)))
    assert told["room_categories_cut"]["count"] == 10 and "room_no_gaps" in told


def test_names_that_differ_and_blank_categories():
    lines, accounts = market()
    wallet = pd.DataFrame(
        {"account_id": ["P00"], "category": ["A-line"], "spend": [4000.0], "basis": ["measured"]}
    )
    result = wallet_(book_of(lines, accounts=accounts, wallet=wallet))
    assert (
        result.room_by_category.empty
        and result.wallet.loc["P00", "ours"] == 1000
        and "room_names_differ" in found(result)
    )
    blank = pd.concat([lines, pd.DataFrame([("P12", "2025-08-01", 500.0, None)], columns=LINES)])
    told = found(wallet_(book_of(blank, accounts=accounts)))
    assert told["room_uncategorised"]["count"] == 1 and "room_gap" not in told


@pytest.mark.parametrize(
    ("rows", "kinds"),
    [
        ([("A", "2025-06-01", 10.0, None)], {"room_wallet_unknown", "room_categories_unknown"}),
        ([("A", "2025-06-01", 10.0, "x")], {"room_history_short"}),
        (
            [("A", "2024-06-01", 10.0, "x"), ("A", "2025-06-01", 10.0, "x")],
            {"room_wallet_unknown", "room_peers_few"},
        ),
        (
            [("A", "2024-06-01", 10.0, "x"), ("A", "2025-06-01", -10.0, "x")],
            {"room_wallet_unknown", "room_peers_few"},
        ),
        (
            [("A", "2024-06-01", 10.0, "x"), ("B", "2024-06-01", 10.0, "y")],
            {"room_wallet_unknown", "room_peers_few"},
        ),
    ],
)
def test_what_is_missing_is_said(rows, kinds):
    assert set(found(wallet_(book_of(pd.DataFrame(rows, columns=LINES))))) == kinds


def test_wallet_with_gaps_in_it():
    lines, accounts = market()
    wallet = pd.DataFrame(
        {
            "account_id": ["P00", "P01", "P02", "P02"],
            "category": [None, "a", "a", "a"],
            "spend": [5000.0, np.nan, 0.0, 0.0],
            "top_competitor_share": [np.nan] * 4,
            "basis": [None, "measured", "measured", None],
        }
    )
    result = wallet_(book_of(lines, accounts=accounts, wallet=wallet))
    assert result.wallet["basis"].to_dict() == {"P00": "estimated", "P02": "estimated"}
    assert result.wallet.loc["P00", ["ours", "room"]].tolist() == [1000.0, 4000.0]
    for figures in found(result).values():
        assert all(v is None or not isinstance(v, float) or np.isfinite(v) for v in figures.values())


def test_the_planted_gap_of_the_sample():
    result = wallet_(prepare(load("data_templates/samples/medtech")))
    first = result.white_space.iloc[0]
    assert (first["account_id"], first["category"], first["mid"], first["lapsed"]) == (
        "C0170",
        "体外诊断",
        2_108_000.0,
        False,
    )
    assert first["buyers"] == first["peers"] >= 25
    sums = result.wallet.groupby("basis")["room"].sum()
    assert all(result.figures[f"{basis}_room"] == pytest.approx(amount) for basis, amount in sums.items())
    assert found(result)["room_gap_wallet"]["who"] == ("C0170",)
