"""Goods of a season are offered before its next one."""

import json

import pandas as pd
from conftest import book_of, lines_of

from kamplay.method.measures.seasons import next_seasons


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
