"""Goods of a season are offered before its next one."""

import json

import pandas as pd
from conftest import book_of, lines_of

from kamplay.method.measures.seasons import next_seasons
from kamplay.method.results import Findings
from kamplay.method.value.white_space import WhiteSpace, add_findings
from kamplay.show.locale import Locale
from kamplay.show.plan.growth import growth_room_table
from kamplay.show.value.white_space import white_space_table
from kamplay.show.view import View, using


def book(christmas_in_may: float):
    """Two years: mugs of 10 each month; of Christmas goods 80 in September to November and
    ``christmas_in_may`` in May of each year.
    """
    months = pd.date_range("2024-01-15", periods=24, freq="MS") + pd.Timedelta(days=14)
    rows = [("a", str(day.date()), 10.0, "Mugs") for day in months]
    for year in (2024, 2025):
        rows += [("a", f"{year}-{month:02d}-20", 80.0 / 3, "Christmas") for month in (9, 10, 11)]
        rows.append(("a", f"{year}-05-20", christmas_in_may, "Christmas"))
    rows.append(("a", "2023-12-20", 10.0, "Mugs"))
    lines = lines_of(*[row[:3] for row in rows])
    return book_of(lines.assign(category=[row[3] for row in rows]))


def test_a_season_is_three_months_with_two_thirds_of_each_year():
    """80 of 100 are a season, which begins again in September; 80 of 160 are none, nor are even months."""
    found = next_seasons(book(20.0))
    assert list(found) == ["Christmas"]
    assert found["Christmas"] == pd.Timestamp("2026-09-01")
    assert not next_seasons(book(80.0))


def test_nobody_is_offered_christmas_goods_in_december(retail_steps):
    """83% of their sales fall from September to November: the next season begins on 1 September 2012."""
    actions = retail_steps.plan.actions
    offers = actions[actions["kind"].isin(["offer_category", "regain_category"])]
    assert len(offers) and "Christmas" not in {json.loads(facts)["category"] for facts in offers["facts"]}
    gaps = retail_steps.value.white_space.sized
    assert gaps["category"].eq("Christmas").any()  # the room is there


def test_room_and_offers_follow_one_rule_on_seasons(retail_steps):
    """Offered again from 4 May 2012: table and sheet say so wherever goods of a season are the most room."""
    from_may = pd.Timestamp("2012-09-01") - pd.Timedelta(days=120)
    value, plan = retail_steps.value, retail_steps.plan
    gaps = value.white_space.gaps
    season = gaps["category"].eq("Christmas")
    assert season.any() and (gaps.loc[season, "offer_from"] == from_may).all()
    assert gaps.loc[~season, "offer_from"].isna().all()
    rows = plan.growth[plan.growth["basis"] != "burst"]
    waits = rows["category"].eq("Christmas")
    assert waits.any()
    assert (rows.loc[waits, "offer_from"] == from_may).all() and rows.loc[~waits, "offer_from"].isna().all()
    for kind in ("room_gap", "room_gap_wallet", "room_lapsed"):
        found = value.finding(kind)
        assert found is None or found.figures["category"] != "Christmas"
    with using(View(Locale("en", "GBP"))):
        for table in (growth_room_table(plan), white_space_table(value)):
            lines = [line for line in table.text.splitlines() if "Christmas" in line]
            assert all("offered from May 2012" in one for one in lines)


def test_what_is_offered_later_is_not_the_gap_to_offer_now():
    """The largest gap waits until May: before that the next one is named, from then on the largest."""
    gaps = pd.DataFrame(
        {
            "account_id": ["a", "b"],
            "category": ["Christmas", "Mugs"],
            "expected": [900.0, 100.0],
            "mid": [1000.0, 120.0],
            "low": [800.0, 90.0],
            "high": [1200.0, 150.0],
            "basis": "peers",
            "buyers": 9,
            "peers": 10,
            "likelihood": 0.9,
            "likelihood_low": 0.6,
            "likelihood_high": 0.98,
            "p_value": 0.001,
            "beyond_chance": True,
            "lapsed": False,
            "growth_exclusion": "",
            "offer_from": [pd.Timestamp("2026-05-04"), pd.NaT],
        }
    )
    result = WhiteSpace("computed", gaps, compared=10, p_values={"gap": 0.001, "lapsed": 1.0})
    for day, category in (("2025-12-31", "Mugs"), ("2026-05-04", "Christmas")):
        found = Findings("value")
        add_findings(found, result, pd.Timestamp(day))
        assert [f.figures["category"] for f in found if f.kind == "room_gap"] == [category]
