"""The portfolio map: each part by hand, what happens when a part is missing, and what the page shows of
it.
"""

import json
import re
import types

import numpy as np
import pandas as pd
import pytest
from conftest import book_of, lines_of, random_lines

from kamplay.method.health.portfolio_map import (
    COLUMNS,
    PortfolioMap,
    add_findings,
    portfolio_map,
    rank_within,
)
from kamplay.method.measures.warning_signs import SIGNS
from kamplay.method.results import Findings
from kamplay.show.charts.chart import Spot, _spot
from kamplay.show.display import NOTHING
from kamplay.show.findings import action, headline
from kamplay.show.health.portfolio_map import QUADRANTS, REASONS, SINGLE, heights
from kamplay.show.locale import Locale
from kamplay.show.registry import charts, tables
from kamplay.show.texts.vocabulary import SIGN_ACTIONS, SIGN_NAMES
from kamplay.show.view import View, using


def four() -> dict:
    """Four accounts of 1,000, 400, 100 and 50 a year, the last purchase today, so that nobody is late."""
    sizes = {"a": 1000.0, "b": 400.0, "c": 100.0, "d": 50.0}
    lines = lines_of(
        *[(who, f"2025-{m:02d}-28", size / 12) for who, size in sizes.items() for m in range(1, 13)]
    )
    index = pd.Index(list(sizes), name="account_id")
    return {
        "book": book_of(lines),
        "customers": pd.DataFrame(
            {
                "alive": [1.0, 0.2, 0.9, 1.0],
                "purchases": [12, 12, 1, 12],
                "revenue_12m": [900.0, 500.0, 900.0, 80.0],
            },
            index=index,
        ),
        "wallet": pd.DataFrame(
            {"headroom": [700.0, 60.0], "basis": ["measured", "by_rule"]}, index=index[:2]
        ),
        "gaps": pd.DataFrame({"account_id": ["b", "b", "a"], "expected": [30.0, 20.0, 999.0]}),
        "profit": pd.DataFrame(
            {"revenue": sizes.values(), "net": [500.0, -40.0, 20.0, np.nan], "cost": [10.0, 0.0, 0.0, 0.0]},
            index=index,
        ),
    }


def placed(book, found: dict[str, tuple[str, str]] | None = None, **given) -> PortfolioMap:
    """The map with the verdicts and reasons given; everybody else is fine."""
    judged = pd.DataFrame(found or {}, index=["verdict", "reason"]).T
    rest = book.accounts.index.difference(judged.index)
    fine = pd.DataFrame({"verdict": "fine", "reason": ""}, index=rest)
    return portfolio_map(book, pd.concat([judged, fine]), **given)


def told(result: PortfolioMap) -> dict:
    found = Findings("health")
    add_findings(found, result)
    json.dumps([f.figures for f in found], allow_nan=False)
    for f in found:  # every one can be said, in both languages
        for language in ("zh", "en"):
            assert "{" not in headline(f, Locale(language, "CNY"), {}) and (
                action(f, Locale(language, "CNY")) or "-"
            )
    return {f.kind: f for f in found}


def test_value_is_the_profit_and_where_unknown_the_average_rate():
    frame = placed(**four()).accounts
    assert frame["value"].to_dict() == pytest.approx({"a": 500, "b": -40, "c": 20, "d": 50 * 480 / 1500})
    assert frame["value_basis"].to_dict() == {"a": "profit", "d": "extended", "c": "profit", "b": "profit"}
    known = four()["profit"].assign(
        net=[np.nan, 40.0, 20.0, 1.0]
    )  # of 550 of 1,550: too little, so all stand on revenue
    assert placed(**four() | {"profit": known}).accounts["value"].tolist() == pytest.approx(
        [1000, 400, 100, 50]
    )
    assert set(placed(four()["book"]).accounts["value_basis"]) == {"revenue"}


def test_potential_takes_the_first_basis_that_is_known():
    frame = placed(**four()).accounts
    # a: its wallet; b: known by rule only, so its gaps; c: a forecast from a single purchase says nothing; d:
    # 80 expected after 50
    assert frame["potential_basis"].to_dict() == {
        "a": "measured",
        "b": "white_space",
        "c": "",
        "d": "forecast",
    }
    assert frame["potential"].drop("c").to_dict() == pytest.approx({"a": 700, "b": 50, "d": 30})
    assert (
        np.isnan(frame.loc["c", "potential"])
        and np.isnan(frame.loc["c", "potential_rank"])
        and frame.loc["c", "quadrant"] == ""
    )


def test_ranks_within_a_basis_and_nobody_without_potential_is_above_the_middle():
    amount, basis = pd.Series([10.0, 20.0, 30.0, 40.0, 1000.0]), pd.Series(["x"] * 4 + ["y"])
    assert rank_within(amount, basis).tolist() == pytest.approx([0.125, 0.375, 0.625, 0.875, 0.5])
    assert rank_within(amount * 7, basis).tolist() == pytest.approx(rank_within(amount, basis).tolist())
    falling = rank_within(pd.Series([-4.0, -3.0, -2.0, 5.0]), pd.Series(["x"] * 4))
    assert falling.tolist() == pytest.approx(
        [0.125 / 0.75 / 2, 0.375 / 0.75 / 2, 0.625 / 0.75 / 2, 0.5 + 0.125 / 0.25 / 2]
    )
    assert (rank_within(pd.Series([0.0, 0.0]), pd.Series(["x", "x"])) < 0.5).all()  # all wallets are ours


def test_the_planted_account_is_guarded_and_named(medtech_steps, medtech_answers):
    value, health = medtech_steps.value, medtech_steps.health
    cases = {c["kind"]: c["account_id"] for c in medtech_answers["cases"]}
    frame = health.portfolio_map.accounts
    assert list(frame.columns) == COLUMNS and frame["value"].is_monotonic_decreasing
    assert frame["revenue"].sum() == pytest.approx(value.accounts["revenue"].clip(lower=0).sum(), rel=1e-6)
    assert frame["value"].sum() == pytest.approx(value.profitability.accounts["net"].sum())
    assert frame[["potential_rank", "risk"]].stack().dropna().between(0, 1).all()
    assert frame.loc[cases["profit_destroyer"], "value"] < 0
    guard = health.finding("asset_guard")
    assert (
        list(guard.accounts)
        == frame[frame["priority"] == "guard"].sort_values("priority_rank").index.tolist()
    )
    assert {"measured", "estimated", "forecast"} <= set(frame["potential_basis"])


@pytest.mark.parametrize(
    "lines",
    [
        lines_of(("a", "2025-03-01", 10.0)),
        lines_of(("a", "2025-03-01", -10.0)),
        lines_of(("a", "2019-03-01", 10.0)),
        random_lines(3),
    ],
    ids=["one", "return", "old", "few"],
)
def test_small_and_empty(lines):
    result = placed(book_of(lines))
    kinds = told(result)
    assert ("asset_none" in kinds) == result.accounts.empty
    with using(View(Locale("en", "EUR"))):
        health = types.SimpleNamespace(portfolio_map=result)
        assert charts.portfolio_map(health) is NOTHING  # nobody's potential is known
        tables.portfolio_map(health)


def test_risk_is_the_verdict_and_its_strength_the_larger_of_probability_and_signs():
    signs = pd.DataFrame(0.0, index=pd.Index(list("abcd"), name="account_id"), columns=list(SIGNS))
    signs.loc["a", ["satisfaction_gap", "contact_lost"]] = 0.8, 0.5
    signs.loc["b", "contact_lost"], signs.loc["d", "silence"] = 0.3, 0.7
    found = {"a": ("act", "satisfaction_gap"), "b": ("watch", "contact_lost"), "c": ("once", "once")}
    given = four() | {"signs": signs, "probability": pd.Series({"a": 0.2, "b": 0.6, "c": 0.9})}
    frame = placed(**given, found=found | {"d": ("stopped", "silence")}).accounts
    assert frame["risk_band"].to_dict() == {"a": "high", "d": "stopped", "c": "once", "b": "medium"}
    # a: 1 − 0.2 · 0.5 of two signs, more than its probability; c bought once and has none
    assert frame["risk"].drop("c").to_dict() == pytest.approx({"a": 0.9, "d": 0.7, "b": 0.6})
    assert np.isnan(frame.loc["c", "risk"]) and frame.loc["c", "reason"] == "once"
    # a contributes most and could bring more, but is to be held first
    assert frame.loc["a", ["quadrant", "priority"]].tolist() == ["protect", "guard"]
    assert placed(**four()).accounts.loc["a", "quadrant"] == "expand"
    figures = told(placed(**four(), found={"b": ("once", "once")}))["asset_risk"].figures
    assert figures["once_accounts"] == 1 and figures["once_share"] == pytest.approx(400 / 1550)


def test_every_sign_has_its_word_and_its_advice():
    assert {sign: REASONS[sign] for sign in SIGNS} == SIGN_NAMES and set(SIGNS) - {"silence"} <= set(
        SIGN_ACTIONS
    )


def test_a_forecast_of_less_for_all_is_no_potential():
    """Where nobody is expected to bring more there is nothing to place accounts by, and no map of it."""
    less = pd.DataFrame({"purchases": 12, "revenue_12m": [900.0, 390.0, 99.0, 50.0]}, index=list("abcd"))
    result = placed(four()["book"], customers=less)
    assert result.accounts["potential"].isna().all() and set(result.accounts["quadrant"]) == {""}
    assert "asset_no_potential" in told(result)
    one_more = less.assign(revenue_12m=[900.0, 390.0, 99.0, 51.0])
    assert placed(four()["book"], customers=one_more).accounts["potential"].to_dict() == pytest.approx(
        {"a": 0, "b": 0, "c": 0, "d": 1}, abs=0.01
    )


def test_of_a_potential_that_is_next_to_nothing_no_map_is_made():
    """Of 1,550 a year half a percent is 7.75: 6 more, to one, places nobody; 9 more does."""
    index = list("abcd")
    changes = {
        more: pd.DataFrame({"purchases": 12, "revenue_12m": [900.0, 390.0, 99.0, 50.0 + more]}, index)
        for more in (6, 9)
    }
    little, enough = (placed(four()["book"], customers=given) for given in changes.values())
    assert little.accounts["potential_rank"].isna().all() and set(little.accounts["quadrant"]) == {""}
    found = told(little)["asset_little_potential"].figures
    assert (found["potential"], found["share"]) == pytest.approx((6, 6 / 1550), abs=0.01)
    assert "asset_little_potential" not in told(enough)
    assert enough.accounts.loc["d", "quadrant"] == "grow"


def test_what_is_missing_is_said():
    kinds = told(placed(four()["book"]))
    assert (
        kinds["asset_no_potential"].action == "asset_ask_wallet" and kinds["asset_safe"].figures["large"] == 1
    )
    full = told(placed(**four()))
    basis = full["asset_basis"].figures
    assert [basis[k] for k in ("known", "white_space_accounts", "forecast_accounts", "unknown_accounts")] == [
        1,
        1,
        1,
        1,
    ]
    assert full["asset_extended"].accounts == ("d",) and "asset_risk" in full


def many(n: int) -> types.SimpleNamespace:
    rng = np.random.default_rng(3)
    index = pd.Index([f"K{i:05d}" for i in range(n)], name="account_id")
    revenue = np.sort(rng.lognormal(10, 1.6, n))[::-1]
    frame = pd.DataFrame(
        {
            "revenue": revenue,
            "value": revenue * rng.normal(0.3, 0.2, n),
            "value_basis": "margin",
            "potential": revenue,
            "potential_basis": "forecast",
        },
        index=index,
    )
    frame["potential_rank"], frame["risk"] = rng.random(n), rng.beta(1, 4, n)
    frame["risk_band"] = np.select([frame["risk"] >= 0.35, frame["risk"] >= 0.15], ["high", "medium"], "low")
    frame["reason"] = "leaving"
    frame["level"] = np.where(np.arange(n) < n // 50, "S", np.where(np.arange(n) < n // 10, "A", "C"))
    frame["quadrant"], frame["priority"], frame["priority_rank"] = "expand", "", np.nan
    first = index[:6]
    frame.loc[first, "priority"], frame.loc[first, "priority_rank"] = "guard", np.arange(1.0, len(first) + 1)
    return types.SimpleNamespace(portfolio_map=PortfolioMap(frame))


@pytest.mark.parametrize("n", [5, 50, SINGLE, 5000])
def test_the_chart_stays_small_and_tells_more_on_hover(n):
    names = {f"K{i:05d}": f'<b onclick="x">客户 & {i}' for i in range(n)}
    with using(View(Locale("zh", "CNY"), names)):
        shown = charts.portfolio_map(many(n))
        assert charts.portfolio_map(many(n)) == shown
    pictures = re.findall(r"(?s)<svg.*?</svg>", shown.html)
    assert len(pictures) == 2 and max(map(len, pictures)) < 100_000 and len(shown.html) < 190_000
    spots = re.findall(
        r'<i style="left:([\d.]+)%;top:([\d.]+)%;width:([\d.]+)%" title="([^"]*)"></i>', shown.html
    )
    assert 0 < len(spots) <= min(n, 300) and all(
        0 < float(x) < 100 and 0 < float(y) < 100 for x, y, _, _ in spots
    )
    assert "<b" not in shown.html and spots[0][3].startswith("&lt;b onclick=&quot;x&quot;&gt;客户 &amp; 0")
    assert "script" not in shown.html


def test_spots_lie_where_the_marks_are():
    """The same fractions of the picture: the largest account's mark, found in the drawing itself, is under
    its spot.
    """
    value = many(5)
    value.portfolio_map.accounts["potential_rank"] = [0.9, 0.1, 0.2, 0.3, 0.4]
    with using(View(Locale("en", "EUR"))):
        shown = charts.portfolio_map(value)
    x = [float(v) for v in re.findall(r'<i style="left:([\d.]+)%', shown.html)]
    assert max(x) == x[0] and (x[0] - x[1]) / (x[2] - x[1]) == pytest.approx(
        8, abs=0.5
    )  # 0.9 and 0.2 against 0.1
    assert (
        _spot(Spot(0.5, 0.25, 0.01, 'a"<'))
        == '<i style="left:50.0%;top:25.0%;width:1.0%" title="a&quot;&lt;"></i>'
    )


def test_heights_and_names():
    y, low, log = heights(pd.Series([1e6, 1e3, 1e3, 1e-9, -5.0]))
    assert log and y[0] == pytest.approx(6) and low == pytest.approx(1) and y[3] == y[4] == low
    assert heights(pd.Series([3.0, 2.0, 1.0]))[2] is False


def test_the_upper_half_is_half_whatever_potential_is_known():
    """Twelve accounts of 3 to 36 a year, of whom the two largest bought once and have no potential: half is
    six, and of them one, with 30 of 234 of revenue, is at high risk, much as its potential ranks high.
    """
    sold = [(f"k{n:02d}", f"2025-{m:02d}-28", float(n)) for n in range(1, 11) for m in (10, 11, 12)]
    sold += [(f"k{n}", "2025-12-28", 3.0 * n) for n in (11, 12)]
    found = {"k10": ("act", "leaving"), "k11": ("once", "once"), "k12": ("once", "once")}
    expected = pd.DataFrame(
        {"purchases": [3] * 10 + [1] * 2, "revenue_12m": [4.0 * n for n in range(1, 13)]},
        index=[f"k{n:02d}" for n in range(1, 13)],
    )
    made = placed(book_of(lines_of(*sold)), found, customers=expected)
    assert (made.accounts.loc[["k11", "k12"], "quadrant"] == "").all()
    assert made.accounts.loc["k10", ["risk_band", "quadrant"]].tolist() == ["high", "protect"]
    assert made.accounts.loc["k10", "potential_rank"] > 0.5
    share = round(100 * 30 / 234)
    with using(View(Locale("en", "EUR"))):
        shown = charts.portfolio_map(types.SimpleNamespace(portfolio_map=made))
    assert f"Of the 6 accounts that contribute most, half of all, 1 is at high risk, with {share}%" in (
        shown.html
    )
    caption = re.search(r"(?s)<figcaption.*?</figcaption>", shown.html)[0]
    assert QUADRANTS["protect"] in caption and QUADRANTS["expand"] not in caption  # though on the right


def test_table_shows_at_most_eight_and_what_to_do():
    value = many(50)
    with using(View(Locale("en", "EUR"))):
        rows = tables.portfolio_map(value).text.splitlines()[1:]
        assert [r.split(" | ")[0] for r in rows] == [
            f"K{i:05d}" for i in range(6)
        ]  # nobody to grow, so all six to guard
        value.portfolio_map.accounts.loc[value.portfolio_map.accounts.index[10:30], "priority"] = "grow"
        value.portfolio_map.accounts.loc[value.portfolio_map.accounts.index[10:30], "priority_rank"] = (
            np.arange(1.0, 21.0)
        )
        rows = tables.portfolio_map(value).text.splitlines()[1:]
    assert len(rows) == 8 and rows[0].startswith("K00000") and rows[5].startswith("K00010")
    assert rows[7].endswith("Find out whether its growth goes on")


def test_who_is_held_back_is_not_listed_for_growth_and_one_sum_is_not_told_for_all():
    free = placed(**four())
    assert (free.accounts["growth_exclusion"] == "").all()
    n = [f"k{i}" for i in range(12)]
    lines = lines_of(
        *((a, f"2025-{m:02d}-05", 100.0 if i < 6 else 1.0) for i, a in enumerate(n) for m in (1, 5, 9))
    )
    wallet = pd.DataFrame(
        {"headroom": [0.0] * 6 + [900.0, 60.0, 50.0, 40.0, 30.0, 20.0], "basis": "measured"}, index=n
    )
    given = {"book": book_of(lines), "wallet": wallet}
    frame = placed(**given).accounts
    grow = frame[frame["priority"] == "grow"].sort_values("priority_rank").index.tolist()
    assert grow[0] == "k6" and len(grow) > 2
    found = told(placed(**given))
    assert (
        found["asset_grow_one"].figures["first_potential"] == 900
        and found["asset_grow_one"].figures["rest"] == len(grow) - 1
    )
    held = placed(**given, growth_exclusions=pd.Series({"k6": "payment"}))
    kept = held.accounts[held.accounts["priority"] == "grow"].sort_values("priority_rank").index.tolist()
    assert kept == grow[1:] and "asset_grow" in told(held)
