"""What step 1 shows: nothing without data, what it says, no overlaps, small and the same every time."""

import dataclasses
import html
import re
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest

from kamplay.method.tiers.positioning import FIELDS as FIELDS_OF_THE_MAP
from kamplay.show.charts.chart import opposite_colour, wrap_label
from kamplay.show.locale import Locale
from kamplay.show.texts.vocabulary import FIELDS
from kamplay.show.tiers import positioning
from kamplay.show.tiers.consensus import department_weights_chart
from kamplay.show.tiers.positioning import (
    accounts_to_name,
    circle_diameters,
    limit,
    positioning_chart,
    stride,
)
from kamplay.show.tiers.stability import near_the_top, tier_stability_chart
from kamplay.show.tiers.tiering_test import tier_distribution_chart
from kamplay.show.view import View, using

SUMMARY = pd.DataFrame(
    {
        "tier": ["S", "A", "B", "C"],
        "level": ["S", "A", "B", "C"],
        "zh": ["S 战略", "A 核心", "B 成长", "C 一般"],
        "en": ["S strategic", "A core", "B growth", "C ordinary"],
        "start": [70.0, 55.0, 40.0, 0.0],
        "cut": "score",
        "accounts": [1, 1, 0, 2],
        "revenue_share": [0.6, 0.3, 0.0, 0.1],
    }
)


CRITERIA = pd.DataFrame(
    {
        "branch_zh": ["价值贡献", "财务风险"],
        "branch_en": ["Value contribution", "Financial risk"],
        "weight": [0.6, 0.4],
    }
)


@dataclasses.dataclass
class Result:
    """As much of step 1's result as the charts read."""

    rated: pd.DataFrame = dataclasses.field(
        default_factory=lambda: rated_of(("a", 80.0, "S", 0.95, 1.0, 900.0))
    )
    key_figures: ClassVar = {"worthwhile": True}
    summary: pd.DataFrame = dataclasses.field(default_factory=SUMMARY.copy)
    departments: pd.DataFrame = dataclasses.field(default_factory=pd.DataFrame)
    criteria: pd.DataFrame = dataclasses.field(default_factory=CRITERIA.copy)
    positioning: pd.DataFrame = dataclasses.field(default_factory=pd.DataFrame)
    accounts: pd.DataFrame = dataclasses.field(default_factory=pd.DataFrame)
    tiered: ClassVar[bool] = True

    @property
    def settled(self) -> pd.DataFrame:
        return self.accounts


def rated_of(*rows):
    table = pd.DataFrame(
        rows, columns=["account_id", "tier_score", "tier", "tier_probability", "key_probability", "revenue"]
    )
    return table.set_index("account_id").assign(level=table["tier"].to_numpy(), warned=False, override=None)


def votes(**deviation):
    """Departments × (value, risk), deviations as shares."""
    words = {"value": ("价值贡献", "Value contribution"), "risk": ("财务风险", "Financial risk")}
    rows = [
        (d, c, *words[c], 0.5 + x, x)
        for d, both in deviation.items()
        for c, x in zip(words, both, strict=True)
    ]
    return pd.DataFrame(rows, columns=["department", "criterion", "zh", "en", "weight", "deviation"])


def mapped(count, seed=3):
    """A made map of ``count`` accounts and their levels."""
    rng = np.random.default_rng(seed)
    up, across, revenue = (
        rng.beta(2.2, 2.2, count) * 100,
        rng.beta(2.5, 2, count) * 100,
        rng.lognormal(11, 1.4, count),
    )
    field = np.select(
        [(up >= 50) & (across >= 50), up >= 50, across >= 50], ["protect", "win", "keep"], "serve"
    )
    frame = pd.DataFrame(
        {"attractiveness": up, "strength": across, "field": field, "revenue": revenue},
        index=[f"A{n:04d}" for n in range(count)],
    )
    frame = frame.sort_values("revenue", ascending=False)
    levels = np.where(
        np.arange(count) < max(5, count // 20), "A", np.where(np.arange(count) < count // 4, "B", "C")
    )
    return Result(positioning=frame, accounts=pd.DataFrame({"level": levels}, index=frame.index))


def svgs(shown):
    """The drawings: laptop, phone."""
    return re.findall(r"(?s)<svg.*?</svg>", shown.html)


def alt(shown):
    return html.unescape(re.search(r'aria-label="([^"]*)"', shown.html)[1])


FULL = dataclasses.replace(
    mapped(40), departments=votes(Sales=(0.1, -0.1), Finance=(-0.2, 0.2), Product=(0.1, -0.1))
)
CHARTS = (tier_distribution_chart, tier_stability_chart, department_weights_chart, positioning_chart)


@pytest.mark.parametrize("chart", CHARTS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_two_drawings_a_caption_and_the_same_bytes_again(chart, language):
    with using(View(Locale(language, "CNY"))):
        shown, again = chart(FULL), chart(FULL)
    assert shown == again
    assert len(svgs(shown)) == 2
    assert all("<text" in svg for svg in svgs(shown))  # words can be read and searched
    named = re.findall(r' id="([^"]+)"', shown.html)
    assert len(named) == len(set(named))
    assert set(re.findall(r'(?:href="#|url\(#)([^")]+)', shown.html)) <= set(named)
    caption = re.search("<figcaption>(.+)</figcaption>", shown.html)[1]
    chinese = bool(re.search("[一-鿿]", caption + alt(shown)))
    assert chinese == (language == "zh")


@pytest.mark.parametrize("chart", [tier_stability_chart, department_weights_chart, positioning_chart])
def test_nothing_without_data(chart):
    assert chart(Result(rated=rated_of(("a", 10.0, "C", 1.0, 0.0, 5.0)))).html == ""


def test_nothing_of_one_department():
    assert department_weights_chart(Result(departments=votes(Sales=(0.0, 0.0)))).html == ""


def test_alt_texts_carry_the_figures():
    with using(View(Locale("en", "CNY"), {"a": "Alpha\n& Sons"})):
        held = rated_of(
            ("a", 80.04, "S", 0.95, 1.0, 900.0),
            ("b", 54.0, "B", 0.61, 0.4, 10.0),
            ("c", 60.0, "A", np.nan, np.nan, 5.0),
        )
        assert (
            alt(tier_stability_chart(Result(rated=held)))
            == "Score, tier and the chance to stay in it next year: Alpha & Sons 80 S 95%; c 60 A; "
            "b 54 B 61%."
        )
        said = alt(department_weights_chart(FULL))
        assert said.startswith(
            "Weights by department: Finance Value contribution 30%, Financial risk 70%; Product "
        )
        assert said.endswith(
            "average Value contribution 50%, Financial risk 50%; scorecard "
            "Value contribution 60%, Financial risk 40%."
        )
        frame = pd.DataFrame(
            {
                "attractiveness": [80.0, 60.0, 10.0],
                "strength": [70.0, 20.0, 90.0],
                "field": ["protect", "win", "keep"],
                "revenue": [6.0, 3.0, 1.0],
            },
            index=list("abc"),
        )
        said = alt(
            positioning_chart(
                Result(
                    positioning=frame, accounts=pd.DataFrame({"level": ["S", "B", "C"]}, index=list("abc"))
                )
            )
        )
        assert (
            "protect 1 account, 60% of revenue; win 1 account, 30% of revenue; "
            "keep up 1 account, 10% of revenue; serve as standard 0 accounts"
        ) in said


def test_a_name_is_text_and_never_markup():
    with using(View(Locale("en", "CNY"), {"a": '<b>"$x^2$"</b>'})):
        shown = tier_stability_chart(Result())
    assert "<b>" not in shown.html
    assert '<b>"$x^2$"</b>' in alt(shown)


def test_limits_only_where_the_score_decides():
    with using(View(Locale("en", "CNY"))):
        assert "Dashed" in tier_stability_chart(Result()).text
        assert (
            "Dashed" not in tier_stability_chart(Result(summary=SUMMARY.assign(cut="share", start=None))).text
        )


def test_who_is_shown_against_the_limits():
    rows = [(f"k{n:02d}", 60.0 + n, "A", 0.95, 0.95, 100.0 + n) for n in range(30)]
    rows += [
        ("near", 50.0, "B", 0.5, 0.5, 1.0),
        ("sure", 20.0, "C", 1.0, 0.0, 9999.0),
        ("gone", 54.0, "B", 0.5, 0.5, 0.0),
    ]
    shown = near_the_top(rated_of(*rows), 20)
    assert len(shown) == 20
    assert shown.index[-1] == "near"  # though it is small: it is undecided
    assert not {"sure", "gone"} & set(shown.index)
    assert set(shown.index[:-1]) == {f"k{n:02d}" for n in range(11, 30)}  # the 19 largest
    assert shown["tier_score"].is_monotonic_decreasing


@pytest.mark.parametrize(
    ("low", "high", "begins"),
    [
        ([20, 48], [52, 90], 50),
        ([20, 61], [73, 90], 70),
        ([20, 61], [68, 90], 65),
        ([61], [63.5], 62),
        ([61.2], [61.7], 61.7),
        ([], [90], 50),
        ([55, 80], [], 100),
        ([10, 20], [50], 50),
    ],
)
def test_where_high_begins(low, high, begins):
    values = pd.Series([*low, *high], dtype=float)
    found = limit(values, pd.Series([False] * len(low) + [True] * len(high)))
    assert found == begins
    assert all(v < found for v in low)
    assert all(v >= found for v in high)


def test_names_go_to_the_largest_and_to_those_worth_winning():
    frame = pd.DataFrame(
        {
            "attractiveness": [90, 80, 70, 60, 55, 95],
            "field": ["protect", "keep", "win", "serve", "win", "win"],
            "revenue": [9, 8, 7, 6, 5, 4],
        }
    )
    assert accounts_to_name(frame, 2, 2) == [0, 1, 5, 2]
    assert accounts_to_name(frame.assign(field="keep"), 2, 2) == [0, 1, 2, 3]
    assert accounts_to_name(frame.head(1), 8, 4) == [0]


@pytest.mark.parametrize("count", [50, 5000])
def test_the_map_is_small(count):
    with using(View(Locale("en", "CNY"))):
        shown = positioning_chart(mapped(count))
    assert max(map(len, svgs(shown))) < 60_000
    assert ("one in" in shown.text) == (count == 5000)


def test_all_accounts_of_a_small_map_are_drawn():
    assert (stride(540), stride(541), stride(5000)) == (1, 2, 10)


def test_area_is_in_proportion_to_revenue():
    two = circle_diameters(np.array([400.0, 100.0]))
    assert two[0] / two[1] == pytest.approx(2, rel=0.13)  # to the nearest step of an eighth
    assert circle_diameters(np.array([0.0]))[0] == 2.0


@pytest.mark.parametrize("count", [12, 50, 5000])
def test_no_two_texts_of_the_map_overlap(count, monkeypatch):
    """Measured on the drawing itself, at both widths: the boxes of all texts inside the map."""
    drawings, place_labels = [], positioning.place_labels

    def measured(axes, *rest, **options):
        place_labels(axes, *rest, **options)
        renderer = axes.figure._get_renderer()
        drawings.append([t.get_window_extent(renderer).extents for t in axes.texts if t.get_text()])

    monkeypatch.setattr(positioning, "place_labels", measured)
    with using(View(Locale("zh", "CNY"), {f"A{n:04d}": f"某某第{n}医疗器械有限公司" for n in range(count)})):
        positioning_chart(mapped(count))
    for boxes, least in zip(drawings, (6, 2), strict=True):
        assert len(boxes) >= 4 + least  # the four fields and the names that find room
        for n, one in enumerate(boxes):
            for other in boxes[n + 1 :]:
                apart = one[0] >= other[2] or other[0] >= one[2] or one[1] >= other[3] or other[1] >= one[3]
                assert apart


def test_a_warm_brand_has_a_cool_counterpart():
    assert opposite_colour("#1F5A7A") != opposite_colour("#C2452D")


def test_wrapping():
    assert wrap_label("Our share of its purchases", 12) == "Our share of\nits\npurchases"


def test_every_field_of_the_method_has_a_word():
    assert set(FIELDS_OF_THE_MAP) == set(FIELDS)


def test_a_result_is_read_and_never_changed():
    before = {f.name: getattr(FULL, f.name).copy() for f in dataclasses.fields(FULL)}
    for chart in CHARTS:
        chart(FULL)
    for name, frame in before.items():
        pd.testing.assert_frame_equal(frame, getattr(FULL, name))
