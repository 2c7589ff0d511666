"""What an offer is worth to the customer: worked by hand, against numpy-financial, and the register."""

import json

import numpy as np
import numpy_financial as npf
import pandas as pd
import pytest
from conftest import MEDTECH, book_of, sold

import kamplay as kp
from kamplay.errors import KamplayError
from kamplay.method.results import Findings
from kamplay.method.value.value_case import add_findings, value_case, value_register
from kamplay.show.display import NOTHING
from kamplay.show.locale import Locale
from kamplay.show.registry import charts, tables
from kamplay.show.value.value_case import case_sentence
from kamplay.show.view import View, using

# Worked by hand at 10 %, three years: pays 100,000 now and 8,000 a year, gains 50,000 a year, 10,000 left at
# the end. Net flows −100,000 · 42,000 · 42,000 · 52,000.
#   at the end of year 3: 42,000 × 1.21 + 42,000 × 1.1 + 52,000 − 100,000 × 1.331
#                       = 50,820 + 46,200 + 52,000 − 133,100 = 15,920
#   NPV = 15,920 ÷ 1.331 = 11,960.93
#   payback: after two years 16,000 are missing, the third brings 52,000: 2 + 16 ÷ 52 = 2.3077
#   discounted: 42,000 ÷ 1.1 = 38,181.82; 42,000 ÷ 1.21 = 34,710.74; 52,000 ÷ 1.331 = 39,068.37;
#               100,000 − 72,892.56 = 27,107.44 are missing: 2 + 27,107.44 ÷ 39,068.37 = 2.6938
#   ROI = 36,000 ÷ (100,000 + 3 × 8,000) = 0.2903
BY_HAND = {
    "investment": 100_000,
    "benefit": 50_000,
    "running_cost": 8_000,
    "residual": 10_000,
    "years": 3,
    "discount_rate": 0.1,
}


def test_worked_by_hand_to_the_cent():
    case = value_case(BY_HAND)
    assert case.flows["net"].tolist() == [-100_000, 42_000, 42_000, 52_000]
    assert round(case.npv, 2) == 11_960.93
    assert case.flows["discounted"].round(2).tolist() == [-100_000, 38_181.82, 34_710.74, 39_068.37]
    assert case.payback == pytest.approx(2.3077, abs=5e-5)
    assert case.discounted_payback == pytest.approx(2.6938, abs=5e-5)
    assert case.roi == pytest.approx(0.2903, abs=5e-5)


def test_sensitivity_by_hand():
    """A fifth of the benefit is 10,000 a year, at 10 % over three years 10,000 × (1 ÷ 1.1 + 1 ÷ 1.21 + 1 ÷
    1.331) = 24,868.52; nothing is gained where the benefit is 11,960.93 ÷ 2.486852 = 4,809.67 lower.
    """
    by = value_case(BY_HAND).sensitivity.set_index("assumption")
    assert by.loc["benefit", ["low", "high"]].round(2).tolist() == [-12_907.59, 36_829.45]
    assert by.loc["investment", ["low", "high"]].round(2).tolist() == [31_960.93, -8_039.07]
    assert by["swing"].is_monotonic_decreasing and by.index[0] == "benefit"
    assert by["break_even"].drop(["years", "discount_rate"]).round(2).to_dict() == {
        "benefit": 45_190.33,
        "investment": 111_960.93,
        "running_cost": 12_809.67,
        "residual": -5_920.00,
    }
    # 36 % of the third year's 42,000 with the 10,000 left at its end: 3.6 × 0.8 years and so on
    shorter = value_case(
        {**BY_HAND, "benefit": [50_000, 50_000, 20_000], "running_cost": [8_000, 8_000, 3_200]}
    )
    assert by.loc["years", "low"] == pytest.approx(shorter.npv)  # 2.4 years: two fifths of the third
    for name, value in by["break_even"].drop("years").items():
        assert value_case({**BY_HAND, name: value}).npv == pytest.approx(0, abs=1e-4), name


TEN = [
    (40_000, [5_000, 8_000, 12_000, 30_000], 0.08),
    (100, [39, 59, 55, 20], 0.1),
    (1_000, [0, 1_210], 0.05),
    (250_000, [90_000] * 4, 0.07),
    (250_000, [40_000] * 4, 0.07),
    (1, [0.2] * 12, 0.0),
    (5_000_000, [-200_000, 900_000, 2_400_000, 3_900_000], 0.12),
    (80_000, [80_000], 0.0),
    (12_345.67, [4_321.09, 5_432.1, 6_543.21], 0.0625),
    (600, [10, 20, 30, 40, 50, 900], 0.15),
]


@pytest.mark.parametrize(("investment", "benefits", "rate"), TEN)
def test_equal_to_numpy_financial(investment, benefits, rate):
    case = value_case({"investment": investment, "benefit": benefits, "discount_rate": rate})
    flows = [-investment, *benefits]
    assert case.npv == pytest.approx(float(npf.npv(rate, flows)), rel=1e-12, abs=1e-9)
    assert case.irr_status == "single"
    assert case.irr == pytest.approx(float(npf.irr(flows)), rel=1e-9)
    # an own solution of the same equation: there the flows are worth nothing
    worth = sum(flow / (1 + case.irr) ** year for year, flow in enumerate(flows))
    assert worth == pytest.approx(0, abs=1e-6 * investment)


def test_without_a_change_of_sign_there_is_no_irr_and_it_is_said():
    free = value_case({"investment": 0, "benefit": 10, "years": 2, "discount_rate": 0.1})
    assert (free.irr, free.irr_status, free.payback, free.roi) == (None, "none", 0.0, None)
    never = value_case({"investment": 10, "benefit": 1, "running_cost": 3, "years": 2, "discount_rate": 0.1})
    assert (never.irr, never.irr_status, never.payback, never.discounted_payback) == (
        None,
        "none",
        None,
        None,
    )
    said = case_sentence(never, Locale("en", "EUR"))
    assert "No internal rate of return: the flows never change their sign." in said
    assert "It does not pay back within its years." in said and "内部收益率" in case_sentence(
        never, Locale("zh", "CNY")
    )


def test_several_changes_of_sign_are_said():
    # −100 + 230 ÷ 1.1 − 132 ÷ 1.21 = −100 + 209.09 − 109.09 = 0, and at 20 % −100 + 191.67 − 91.67 = 0
    two = value_case({"investment": 100, "benefit": [230, 0], "running_cost": [0, 132], "discount_rate": 0.1})
    assert (two.irr, two.irr_status, two.sign_changes) == (None, "several", 2)
    assert two.irr_rates == pytest.approx((0.1, 0.2))
    assert "change their sign 2 times; they come to 0 at 10%, 20%" in case_sentence(two, Locale("en", "EUR"))
    # 150² − 4 × 100 × 100 < 0: no rate at all
    none = value_case(
        {"investment": 100, "benefit": [150, 0], "running_cost": [0, 100], "discount_rate": 0.1}
    )
    assert (none.irr, none.irr_status, none.irr_rates) == (None, "none", ())
    assert "at no rate do the flows come to 0" in case_sentence(none, Locale("en", "EUR"))


def test_every_way_to_give_assumptions_says_the_same():
    row = pd.DataFrame(
        {"case_id": ["V1"], "investment": [100], "yearly_benefit": [60], "years": [2], "discount_rate": [0.1]}
    )
    long = pd.DataFrame(
        {"assumption": ["investment", "benefits", "years", "discount_rate"], "value": [100, 60, 2, 0.1]}
    )
    flat = {"investment": 100, "benefit": 60, "years": 2, "discount_rate": 0.1, "residual": None}
    by_year = {"investment": 100, "benefit": [60, 60], "discount_rate": 0.1}
    # 60 ÷ 1.1 + 60 ÷ 1.21 − 100 = 4.1322
    for assumptions in (row, long, flat, by_year, row.iloc[0][["investment", "yearly_benefit", "years"]]):
        if isinstance(assumptions, pd.Series):
            assumptions = {**assumptions.to_dict(), "discount_rate": 0.1}
        assert kp.value_case(assumptions).npv == pytest.approx(4.1322, abs=5e-5)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"benefits_total": 3}, "case_assumption_unknown"),
        ({"investment": None}, "case_assumption_missing"),
        ({"years": None}, "case_assumption_missing"),
        ({"benefit": "much"}, "case_no_number"),
        ({"investment": [1, 2]}, "case_no_number"),
        ({"benefit": float("inf")}, "case_no_number"),
        ({"years": 2.5}, "case_years"),
        ({"years": 0}, "case_years"),
        ({"benefit": [1, 2]}, "case_years"),
        ({"investment": -1}, "case_out_of_range"),
        ({"discount_rate": 8}, "case_out_of_range"),
    ],
)
def test_an_assumption_that_cannot_be_is_named(change, code):
    with pytest.raises(KamplayError) as caught:
        value_case({**BY_HAND, **change})
    assert {fault.code for fault in caught.value.faults} == {code}


def test_a_table_of_several_cases_is_refused():
    with pytest.raises(KamplayError) as caught:
        value_case(pd.DataFrame({"investment": [1, 2]}))
    assert caught.value.faults[0].code == "case_table"


def test_shown_in_both_languages():
    case = value_case(BY_HAND)
    for language in ("zh", "en"):
        with using(View(Locale(language, "CNY"))):
            assert tables.value_case(None) is NOTHING and charts.value_case(None) is NOTHING
            assert len(tables.value_case(case).text.splitlines()) == 5  # a caption and four years
            assert "<svg" in charts.value_case(case).html


CASES = pd.DataFrame(
    {
        "account_id": ["a", "a", "b", "b"],
        "offer": ["x", None, "y", "z"],
        "date": pd.to_datetime(["2024-06-01", "2025-05-01", "2025-10-01", "2026-05-01"]),
        "claimed": [100.0, 40.0, 70.0, 1000.0],
        "agreed": [80.0, np.nan, 50.0, np.nan],
        "agreed_on": pd.to_datetime(["2024-08-01", None, "2025-11-01", None]),
        "realised": [np.nan, np.nan, 20.0, np.nan],
        "investment": [10.0, np.nan, np.nan, 1.0],
        "yearly_benefit": [30.0, np.nan, np.nan, 1.0],
        "years": [3.0, np.nan, np.nan, 1.0],
        "discount_rate": [0.0, np.nan, np.nan, 0.1],
    }
)


def test_the_register_by_hand():
    register = value_register(book_of(sold(a=10.0, b=10.0), value_cases=CASES))
    assert register is not None and len(register.cases) == 3  # the fourth lies after as_of
    assert (register.claimed, register.agreed, register.realised) == (210.0, 130.0, 20.0)
    assert register.accounts.loc["a", ["cases", "claimed", "agreed"]].tolist() == [2, 140.0, 80.0]
    assert np.isnan(register.accounts.loc["a", "realised"])
    first = register.cases.iloc[0]
    # 3 × 30 − 10 = 80; claimed 100 is more than 3 × 30; agreed in August 2024 and nothing since
    assert first["npv"] == pytest.approx(80.0) and first["overclaimed"] and first["unproven"]
    assert register.cases.set_index("claimed").loc[40.0, "undecided"]
    found = Findings("value")
    add_findings(found, register)
    assert [f.kind for f in found] == [
        "value_cases",
        "value_largest",
        "value_unproven",
        "value_undecided",
        "value_overclaimed",
    ]


def test_planted_in_the_sample(medtech_value):
    planted = json.loads((MEDTECH / "answer_key.json").read_text(encoding="utf-8"))["value_cases"]
    register = medtech_value.value_cases
    assert len(register.cases) == planted["cases"]
    for name in ("claimed", "agreed", "realised"):
        assert getattr(register, name) == pytest.approx(planted[name]), name
        assert register.accounts[name].sum() == pytest.approx(planted[name]), name
    for mark in ("unproven", "overclaimed"):
        assert register.cases.loc[register.cases[mark], "case_id"].tolist() == [planted[mark]]
