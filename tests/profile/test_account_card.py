"""The card of an account: what is shown on it adds up."""

import dataclasses
import re
from collections import namedtuple
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from conftest import book_of, lines_of

from kamplay.method.health.early_warning import evidence, variant
from kamplay.method.profile.contacts_made import satisfaction
from kamplay.method.profile.market import categories
from kamplay.method.profile.rows import Rows
from kamplay.show.client_edition import Edition
from kamplay.show.locale import Locale, missing
from kamplay.show.profile.account_card import _forecast, account_card
from kamplay.show.profile.header import facts_line, tiles
from kamplay.show.profile.revenue_months import message
from kamplay.show.profile.share import category_rows
from kamplay.show.texts.vocabulary import SIGN_EVIDENCE
from kamplay.show.view import View, using


def units(profiles):
    return list(profiles.accounts.index)


def test_one_that_is_green_by_its_points_and_in_danger_says_both(medtech_profiles, medtech_view):
    profile = medtech_profiles.of(units(medtech_profiles)[0])
    for band, danger, said in (("green", True, True), ("green", False, False), ("red", True, False)):
        facts = profile.facts | {"health_band": band, "danger": danger, "health": 73.5}
        with medtech_view("en"):
            shown = tiles(dataclasses.replace(profile, facts=facts))
        assert any("; in danger all the same, by its chance" in tile.why for tile in shown) is said


def test_what_it_buys_by_category_adds_up_to_its_revenue(medtech_profiles, medtech_view):
    """Six categories and one row for all smaller ones: nobody has to guess what is missing."""
    folded = 0
    with medtech_view("en"):
        for unit in units(medtech_profiles):
            profile = medtech_profiles.of(unit)
            rows = category_rows(profile)
            if not rows:
                continue
            folded += len(rows) > 6
            revenue = profile.facts["revenue"]
            assert sum(row.bought for row in rows) == pytest.approx(revenue, abs=0.005 * abs(revenue)), unit
            own = profile.categories["spend"]
            if not any(map(missing, own)) and not missing(profile.facts["spend"]):
                told = sum(row.spend for row in rows if not missing(row.spend))
                assert told == pytest.approx(sum(own)), unit
    assert folded


def test_what_was_given_up_and_what_was_credited_stand_by_their_names(medtech_view):
    """Of ten categories the one that fell from 900 to nothing comes first; charges are credited with 30 net
    and have their own row, though they are no category that it buys.
    """
    lines = lines_of(
        *[("a", "2025-06-15", 100.0 - n) for n in range(8)],
        ("a", "2024-06-15", 900.0),
        ("a", "2025-06-20", -30.0),
    )
    lines["category"] = [*(f"c{n}" for n in range(8)), "given up", "Charges"]
    no_wallet = SimpleNamespace(wallet=SimpleNamespace(cells=pd.DataFrame()))
    found = categories(book_of(lines), no_wallet, pd.Index(["a"]))
    assert categories(book_of(lines), no_wallet, pd.Index(["b"])).empty
    assert found["category"].tolist() == ["given up", *(f"c{n}" for n in range(8)), "Charges"]
    rows = Rows(namedtuple("Row", found.columns), found.itertuples(index=False))
    facts = {"revenue": 742.0, "before": 900.0}  # 100 + 99 + … + 93 is 772
    with medtech_view("en"):
        told = category_rows(SimpleNamespace(facts=facts, categories=rows))
    assert [row.label for row in told] == [
        "given up",
        *(f"c{n}" for n in range(5)),
        "3 smaller categories",
        "Charges",
    ]
    assert (told[-1].bought, told[-1].before) == (-30.0, 0.0)
    assert sum(row.bought for row in told) == 742.0


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_reasons_of_a_chance_add_up_as_they_are_shown(medtech_profiles, medtech_view, language):
    """As in "3.7% …; timing of its orders −3.2 points; that makes 0.5%": whoever adds gets what is said."""
    seen = 0
    with medtech_view(language):
        for unit in units(medtech_profiles):
            text = re.sub(r"<[^>]+>", "\n", account_card(medtech_profiles.of(unit)))
            line = next(
                (x for x in text.split("\n") if re.search(r"at an average account|平均一家客户", x)), None
            )
            if line is None or re.search(r"[<>&]|too wide|过宽", line):  # no one figure is told
                continue
            head = line.split("(")[0].split("（")[0].replace("−", "-")
            start, *_, end = (float(x) for x in re.findall(r"(\d[\d.]*)%", head))
            points = [float(x) for x in re.findall(r"([+-]\d[\d.]*)", head)]
            assert start + sum(points) == pytest.approx(end, abs=0.01), line
            seen += 1
    assert seen > 100


def test_an_account_that_may_be_one_with_another_says_so(medtech_profiles, medtech_view):
    unit, other = units(medtech_profiles)[:2]
    with medtech_view("en") as view:
        assert "spaces, width or case" not in account_card(medtech_profiles.of(unit))
        with using(dataclasses.replace(view, alike={unit: {"Twin <b>"}})):
            assert "“Twin &lt;b&gt;”" in account_card(medtech_profiles.of(unit))
            assert "spaces, width or case" not in account_card(medtech_profiles.of(other))


@pytest.mark.parametrize(
    ("before", "same", "told", "hidden"),
    [
        (25.0, 6.0, "+300%", "in the year before"),  # 100 after 25, and 24 after 6 in three months
        (24.0, 6.0, "24 in the year before", "+317%"),
        (50.0, 1.0, "24 in the last three", "+2,300%"),
    ],
)
def test_beyond_three_times_more_both_amounts_are_told(
    medtech_profiles, medtech_view, before, same, told, hidden
):
    profile = medtech_profiles.of(units(medtech_profiles)[0])
    months = profile.months.copy()
    months.iloc[:] = 0.0
    months.iloc[-1], months.iloc[-13] = 24.0, same
    facts = {**profile.facts, "revenue": 100.0, "change": 100 / before - 1}
    with medtech_view("en"):
        said = message(dataclasses.replace(profile, facts=facts, months=months))
    assert told in said and hidden not in said


def test_satisfaction_is_told_of_five_with_the_survey_before(medtech_book):
    """5.6 of 10 after 7.7 of 10, by hand: 2.8 after 3.85 of 5, the scale of the warning sign; two answers of
    one day are their mean.
    """
    asked = pd.DataFrame(
        {
            "account_id": ["C0078", "C0078", "C0001", "C0001"],
            "date": pd.to_datetime(["2025-05-28", "2026-05-28", "2026-05-01", "2026-05-01"]),
            "score": [7.7, 5.6, 4.0, 2.0],
            "scale": [10.0, 10.0, 5.0, 5.0],
        }
    )
    book = dataclasses.replace(medtech_book, tables={**medtech_book.tables, "surveys": asked})
    told = satisfaction(book, pd.Index(["C0078", "C0001", "C0002"]))
    assert told.loc["C0078", ["score", "score_before"]].tolist() == pytest.approx([2.8, 3.85])
    assert told.at["C0001", "score"] == pytest.approx(3.0) and pd.isna(told.at["C0001", "score_before"])
    assert told.loc["C0002"].isna().all()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_sign_of_satisfaction_names_its_comparison_and_no_held_purchases(medtech_steps, language):
    """Its average of earlier surveys is another figure than the card's survey before: both are named."""
    warnings = medtech_steps.health.early_warning.warnings
    found = warnings[warnings["sign"] == "satisfaction_gap"]
    assert len(found)
    for _, row in found.iterrows():
        figures, locale = evidence(row), Locale(language, "CNY")
        text = locale.say(SIGN_EVIDENCE[variant(row)], **figures)
        assert figures["score"] == pytest.approx(row["score"] * 5)
        assert locale.money(row["bought"]) in text
        assert {"zh": "以往平均", "en": "earlier average"}[language] in text


@pytest.mark.parametrize(("revenue", "far"), [(49285.37, True), (90000.0, False)])
def test_a_forecast_says_what_it_rests_on_and_when_it_is_far_above_last_year(
    medtech_profiles, medtech_view, revenue, far
):
    """By hand: 173,124 of 56.2 orders are 3,080 each, 49,285 of 16 as well; more than twice 49,285, not of
    90,000. Few orders are told with a tenth: 7,000 of 1.4 are 5,000 each.
    """
    profile = medtech_profiles.of(units(medtech_profiles)[0])
    facts = profile.facts | {"revenue": revenue, "expected_12m": 173123.76, "expected_low": 83738.0}
    facts |= {"expected_high": 299821.0, "orders_12m": 56.2, "orders_so_far": 16}
    facts |= {"forecast_by": "reorder"}
    with medtech_view("en"):
        block = _forecast(dataclasses.replace(profile, facts=facts))
    assert "about 56 orders of CN¥3.08K on average" in block.lines[0]
    assert ["its 16 orders so far" in line for line in block.lines[:2]] == [False, True]
    assert "own rhythm" in block.lines[1]
    assert ["more than twice" in line for line in block.lines] == [False, False, *[True] * far]
    recent = facts | {"first_order": pd.Timestamp(profile.about["as_of"]) - pd.DateOffset(months=3)}
    with medtech_view("en"):
        young = _forecast(dataclasses.replace(profile, facts=recent)).lines
    # on three months no forecast of a year rests: its base first, and what the sum is
    assert ("too short to tell what a year brings. Kept up for 12 months" in young[0]) is far
    assert ("16 orders for CN¥49.3K" in young[0]) is far
    assert not far or not any("more than twice" in line or "The model says" in line for line in young)
    facts |= {"expected_12m": 7000.0, "orders_12m": 1.4}
    with medtech_view("en"):
        block = _forecast(dataclasses.replace(profile, facts=facts))
    assert "about 1.4 orders of CN¥5K on average" in block.lines[0]


def test_a_forecast_below_last_year_and_one_of_a_short_time_say_why(
    retail_steps, medtech_profiles, medtech_view
):
    """Of those that buy most often the year tested brought less than the year before, as was expected of
    them; who has bought for three months is annualised from these.
    """
    often = retail_steps.value.revenue_backtest.often
    assert often["count"] >= 274 and often["least"] >= 10  # the tenth of 2,741 that had bought most often
    assert often["expected"] == pytest.approx(often["actual"], rel=0.1)
    assert often["last"] > 1.2 * often["actual"]
    profile = medtech_profiles.of(units(medtech_profiles)[0])
    known = {"expected_12m": 196e3, "expected_low": 120e3, "expected_high": 270e3, "revenue": 268e3}
    facts = profile.facts | known | {"orders_12m": 33.0, "orders_so_far": 89, "forecast_by": "bgnbd"}
    facts["first_order"] = pd.Timestamp(profile.about["as_of"]) - pd.DateOffset(months=24)
    facts |= {"gap_days": 12.0, "churn_probability": 0.4, "verdict": "watch"}
    about = profile.about | {
        "often": {"least": 10, "count": 275, "expected": 3e6, "actual": 2.9e6, "last": 4e6}
    }
    with medtech_view("en"):
        said = _forecast(dataclasses.replace(profile, facts=facts, about=about)).lines
        young = facts | {"first_order": pd.Timestamp(profile.about["as_of"]) - pd.DateOffset(months=3)}
        short = _forecast(dataclasses.replace(profile, facts=young, about=about)).lines
        rare = _forecast(dataclasses.replace(profile, facts=facts | {"orders_so_far": 9}, about=about)).lines
        slow = _forecast(dataclasses.replace(profile, facts=facts | {"gap_days": 54.0}, about=about)).lines
        leaves = facts | {"churn_probability": 0.92}
        warned = _forecast(dataclasses.replace(profile, facts=leaves, about=about)).lines
    assert any("does not count the signs of leaving" in line for line in warned)
    assert not any("signs of leaving" in line for line in said)
    assert not any("after CN¥4M" in line for line in [*slow, *short])
    assert any("CN¥2.9M came, after CN¥4M the year before" in line for line in said)
    assert not any("after CN¥4M" in line for line in rare)
    assert any("less than a year" in line for line in short) and not any(
        "less than a year" in one for one in said
    )


def test_a_high_chance_beside_a_forecast_says_what_of_it_the_orders_show(medtech_profiles, medtech_view):
    """92% of which 88.1 points are of late payment: by the orders alone 3.9%, and the forecast goes by them;
    where the orders are late themselves it is not said that they go on.
    """
    profile = medtech_profiles.of(units(medtech_profiles)[0])
    known = {
        "churn_probability": 0.92,
        "churn_low": 0.6,
        "churn_high": 0.99,
        "verdict": "act",
        "chance_by_orders": 0.039,
    }
    facts = profile.facts | known | {"expected_12m": 196e3, "orders_12m": 33.0}
    for sign, goes_on in (("payment", True), ("order_rhythm", False)):
        steps = pd.DataFrame({"part": ["start", "volume", sign, "rest"], "by": [0.037, 0.033, 0.881, -0.031]})
        of = dataclasses.replace(profile, facts=facts, chances=list(steps.itertuples()))
        with medtech_view("en"):
            said = " ".join(_forecast(of).lines)
        assert ("by them alone the chance of stopping is 3.9%" in said) is goes_on
        assert ("does not count the signs of leaving" in said) is not goes_on


def test_a_card_says_which_model_its_forecast_follows_and_that_none_is_proven(medtech_profiles, medtech_view):
    profile = medtech_profiles.of(units(medtech_profiles)[0])
    known = {"revenue": 100.0, "expected_12m": 120.0, "expected_low": 80.0, "expected_high": 200.0}
    facts = profile.facts | known | {"orders_12m": 33.0, "orders_so_far": 120, "forecast_by": "bgnbd"}
    about = profile.about | {"forecast_proven": False}
    with medtech_view("en"):
        lines = _forecast(dataclasses.replace(profile, facts=facts, about=about)).lines
    assert "no steady rhythm" in lines[1]
    assert "No forecast is proven" in lines[2]


@pytest.mark.parametrize(("orders", "told"), [(1.04, "about 1 order of"), (1.06, "about 1.1 orders of")])
def test_one_order_is_no_plural(medtech_profiles, medtech_view, orders, told):
    profile = medtech_profiles.of(units(medtech_profiles)[0])
    facts = {**profile.facts, "expected_12m": 300.0, "orders_12m": orders, "revenue": 300.0}
    with medtech_view("en"):
        assert told in account_card(dataclasses.replace(profile, facts=facts))


def test_a_card_says_why_the_account_is_in_its_tier(medtech_profiles, medtech_steps, medtech_view):
    """The score with what costs it most, the rule that holds it back, or that it was set by hand; the
    client's edition knows neither the score nor which rule."""
    rated, client = medtech_steps.tiers.rated, Edition(internal=False, costs=True)
    with medtech_view("en"):
        for unit in units(medtech_profiles):
            own, told = medtech_profiles.of(unit), client.profile(medtech_profiles.of(unit))
            row, (inside, outside) = rated.loc[unit], (tiles(one)[1].why for one in (own, told))
            assert inside
            score = f"{np.floor(row.tier_score * 10 + 1e-9) / 10:g}"
            assert score in inside or "set by hand" in inside
            assert f"score {score}" not in outside and f"score of {score}" not in outside
            if isinstance(row.override, str):
                assert "set by hand" in outside
        third = tiles(medtech_profiles.of("C0005"))[1].why
        assert (
            third == "a rule holds it back (concessions eat the profit); by its score of 85.7 it would be S"
        )
        third = tiles(client.profile(medtech_profiles.of("C0005")))[1].why
        assert third.startswith("a rule of the scorecard holds it below its score") and "profit" not in third
        # by weight times the points that are missing
        lost = {
            one.criterion: one.weight * (100 - one.points) for one in medtech_profiles.of("C0172").criteria
        }
        first = max(lost, key=lost.get)
        name = {one.criterion: one.en for one in medtech_profiles.of("C0172").criteria}[first]
        assert f"points lost mainly on {name} (" in tiles(medtech_profiles.of("C0172"))[1].why


def test_since_the_data_begin_is_no_first_day(medtech_profiles):
    """An account that is there from the data's first month may have been there before."""
    profile = medtech_profiles.of("C0172")
    begin, later = ({**profile.facts, "since_data_begin": known} for known in (True, False))
    with using(View(Locale("en", "CNY"))):
        told = [" · ".join(facts_line(dataclasses.replace(profile, facts=facts))) for facts in (begin, later)]
    assert ["or earlier (the data begin then)" in one for one in told] == [True, False]
