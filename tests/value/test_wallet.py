"""Share of wallet, against figures worked by hand."""

import numpy as np
import pandas as pd
import pytest
from conftest import MEDTECH, book_of, market

from kamplay.book import Book
from kamplay.method.results import Findings
from kamplay.method.value import wallet, white_space
from kamplay.show.locale import Locale
from kamplay.show.registry import charts
from kamplay.show.view import View, using

LINES = ["account_id", "date", "amount", "category"]


def found(book: Book) -> dict[str, dict]:
    """The findings of share of wallet and white space, by kind."""
    findings = Findings("value")
    wallet.add_findings(findings, wallet.wallet(book))
    white_space.add_findings(findings, white_space.white_space(book))
    return {f.kind: f.figures | {"who": f.accounts} for f in findings}


def test_share_and_room_by_hand():
    lines, accounts = market()
    table = pd.DataFrame(
        {
            "account_id": ["P00", "P00", "P01", "X"],
            "category": ["a", "b", "b", "a"],
            "spend": [1000.0, 300.0, 55.0, 400.0],
            "top_competitor_share": [0.05, 0.6, np.nan, 0.5],
            "basis": ["measured", "measured", "measured", "estimated"],
        }
    )
    book = book_of(lines, accounts=accounts, wallet=table)
    result = wallet.wallet(book)
    # P00: sales 900 of 1,000 and 100 of 300: room 100 + 200; P01: sales 110 of b against a stated 55; X: a
    # prospect
    p00 = result.accounts.loc["P00"]
    assert (p00["spend"], p00["our_sales"], p00["headroom"], p00["category"]) == (1300, 1000, 300, "b")
    assert p00["share"] == pytest.approx(1000 / 1300)
    assert p00["competitor_share"] == pytest.approx((50 + 180) / 1300) and not p00["competitor_ahead"]
    assert result.accounts.loc["P01", ["share", "headroom"]].tolist() == [1.0, 0.0]
    assert result.accounts.loc["X", ["share", "headroom", "competitor_ahead", "basis"]].tolist() == [
        0.0,
        400.0,
        True,
        "estimated",
    ]
    cells = result.cells.set_index(["account_id", "category"])
    assert cells.loc[("P00", "b"), "competitor_ahead"] and not cells.loc[("P00", "a"), "competitor_ahead"]
    by = result.by_category.set_index("category")
    assert by.loc["b", ["spend", "our_sales", "headroom"]].tolist() == [355, 210, 200] and by.loc[
        "b", "share"
    ] == pytest.approx(155 / 355)
    told = found(book)
    # what is measured and what is estimated stand apart; X, the largest, is an estimate
    both = told["room_wallet_both"]
    assert (both["spend"], both["room"], both["most"], both["who"]) == (1355, 300, 300, ("P00",))
    assert both["count"] == 2 and both["estimated_spend"] == 400 and both["estimated_room"] == 400
    assert told["room_wallet_low"]["who"] == ("P01",)
    assert told["room_competitor"]["who"] == ("X",)


def test_rule_from_peers_needs_eight_and_is_never_mixed():
    lines, accounts = market()
    accounts["annual_revenue"] = 50_000.0
    accounts.loc[12, ["annual_revenue", "industry"]] = [100_000.0, "h"]
    spends = [1000.0, 1100, 1200, 1300, 1400, 1500, 1600, 1700]
    table = pd.DataFrame(
        {"account_id": [f"P{n:02d}" for n in range(8)], "spend": spends, "basis": "measured"}
    )

    def estimated(known: pd.DataFrame) -> int:
        result = wallet.wallet(book_of(lines, accounts=accounts, wallet=known))
        return int((result.accounts["basis"] == "by_rule").sum())

    book = book_of(lines, accounts=accounts, wallet=table)
    # median 1,350 per 50,000 of annual revenue: 270 per 10,000
    row = wallet.wallet(book).accounts.loc["P12", ["spend", "our_sales", "headroom", "basis"]]
    assert row.tolist() == [2700.0, 1000.0, 1700.0, "by_rule"]
    told = found(book)
    assert told["room_wallet"]["spend"] == sum(spends) and told["room_rule"]["count"] == 5
    assert estimated(table) == 5 and estimated(table.head(7)) == 0
    assert estimated(table.assign(basis=["estimated"] + ["measured"] * 7)) == 0


def test_names_that_differ_and_blank_categories():
    lines, accounts = market()
    table = pd.DataFrame(
        {"account_id": ["P00"], "category": ["A-line"], "spend": [4000.0], "basis": ["measured"]}
    )
    book = book_of(lines, accounts=accounts, wallet=table)
    result = wallet.wallet(book)
    assert result.by_category.empty and result.accounts.loc["P00", "our_sales"] == 1000
    assert "room_names_differ" in found(book)
    blank = pd.concat([lines, pd.DataFrame([("P12", "2025-08-01", 500.0, None)], columns=LINES)])
    told = found(book_of(blank, accounts=accounts))
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
    assert set(found(book_of(pd.DataFrame(rows, columns=LINES)))) == kinds


def test_wallet_with_gaps_in_it():
    lines, accounts = market()
    table = pd.DataFrame(
        {
            "account_id": ["P00", "P01", "P02", "P02"],
            "category": [None, "a", "a", "a"],
            "spend": [5000.0, np.nan, 0.0, 0.0],
            "top_competitor_share": [np.nan] * 4,
            "basis": [None, "measured", "measured", None],
        }
    )
    book = book_of(lines, accounts=accounts, wallet=table)
    result = wallet.wallet(book)
    assert result.accounts["basis"].to_dict() == {"P00": "estimated", "P02": "estimated"}
    assert result.accounts.loc["P00", ["our_sales", "headroom"]].tolist() == [1000.0, 4000.0]
    for figures in found(book).values():
        assert all(v is None or not isinstance(v, float) or np.isfinite(v) for v in figures.values())


def test_sums_by_basis_are_those_of_the_accounts(medtech_value):
    result = medtech_value.wallet
    sums = result.accounts.groupby("basis")["headroom"].sum()
    assert result.by_basis.set_index("basis")["headroom"].to_dict() == pytest.approx(
        sums.reindex(wallet.BASES, fill_value=0.0).to_dict()
    )


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "{n} accounts purchase in a year, {m} of it measured and {e} estimated"),
        ("zh", "{n}家客户的年采购额（实测{m}，估计{e}）"),
    ],
)
def test_the_chart_says_what_is_measured_and_what_is_estimated(medtech_value, language, said):
    """From the sample's wallet table: an account with one estimated row counts as estimated."""
    rows = pd.read_excel(MEDTECH / "data" / "客户资料.xlsx", sheet_name="钱包份额", engine="openpyxl")
    spend = rows.groupby("客户编号")["年采购额"].sum()
    estimated = rows.assign(one=rows["依据"] != "实测").groupby("客户编号")["one"].any()
    share = spend[estimated].sum() / spend.sum()
    with using(View(Locale(language, "CNY"))):
        caption = charts.wallet_by_category(medtech_value).html
    assert said.format(n=len(spend), m=f"{1 - share:.0%}", e=f"{share:.0%}") in caption
