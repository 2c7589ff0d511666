"""The card of an account: what is shown on it adds up."""

import re

import pytest

from kamplay.show.profile.account_card import account_card
from kamplay.show.profile.share import category_rows


def units(profiles):
    return list(profiles.accounts.index)


def test_what_it_buys_by_category_adds_up_to_its_revenue(medtech_profiles, medtech_view):
    """Six categories and one row for all smaller ones: nobody has to guess what is missing."""
    folded = 0
    with medtech_view("en"):
        for unit in units(medtech_profiles):
            profile = medtech_profiles.of(unit)
            rows = category_rows(profile)
            if rows.empty:
                continue
            folded += len(rows) > 6
            revenue = profile.facts["revenue"]
            assert rows["bought"].sum() == pytest.approx(revenue, abs=0.005 * abs(revenue)), unit
            own = profile.categories["spend"]
            if own.notna().all() and profile.facts["spend"] == profile.facts["spend"]:
                assert rows["spend"].sum() == pytest.approx(own.sum()), unit
    assert folded


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_reasons_of_a_chance_add_up_as_they_are_shown(medtech_profiles, medtech_view, language):
    """As in "3.7% …; when it buys −3.2 points; that makes 0.5%": whoever adds gets what is said."""
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
