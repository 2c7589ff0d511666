"""What is written in many ways is one answer; what is no answer gets a sentence."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kamplay.teaching.answers import Part, Refused, given, number_of, parts_of, plain

WORDS = {
    "shape": {"thin": ["口窄", "thin mouth"], "wide": ["口大颈细", "wide mouth"]},
    "abc": {"A": ["A", "产出"], "B": ["B"]},
}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (364.8, 364.8),
        ("364.8", 364.8),
        ("３６４．８", 364.8),
        (" 1,424 ", 1424),
        ("1，424", 1424),
        ("73%", 73),
        ("７３％", 73),
        ("36.5万", 365_000),
        ("36.5 万元", 365_000),
        ("1.2亿", 120_000_000),
        ("−5", -5),
        ("约 12 家", 12),
        ("1.5 million", 1_500_000),
        ("12k", 12_000),
        (np.float64(2.5), 2.5),
    ],
)
def test_a_number_as_people_write_it(written, meant):
    assert number_of(written) == pytest.approx(meant)


def test_a_decimal_comma_is_no_thousands():
    for written in ("364,8", "364，8", "1,424,50"):
        with pytest.raises(Refused) as error:
            number_of(written)
        assert error.value.code == "decimal_comma"
    assert number_of("1,424,500") == 1_424_500


def test_wan_is_wan_where_the_answer_is_asked_in_it():
    part = Part("x", "number", size=10_000)
    assert (
        given(part, "36.5万", {}).tokens
        == given(part, 36.5, {}).tokens
        == given(part, "365,000元", {}).tokens
        == given(part, "¥365,000", {}).tokens
    )
    assert given(part, 365_000, {}).tokens != given(part, 36.5, {}).tokens


@pytest.mark.parametrize(
    "written",
    [
        "364.8",
        "364.8万",
        "364.8万欧元",
        "3648000欧元",
        "€3,648,000",
        "EUR 10k 364.8",
        "364.8 (EUR 10k)",
        "364.8w",
    ],
)
def test_a_unit_may_stand_beside_the_figure(written):
    assert number_of(written, 10_000) == pytest.approx(364.8)


def test_what_is_meant_by_another_way_of_typing():
    yes_no = {"yn": {"yes": ["是"], "no": ["否"]}, "style": {"facts": ["事实", "facts"]}}
    asked = Part("x", "word", words="yn")
    assert [given(asked, v, yes_no).tokens for v in (False, True, "否")] == [("no",), ("yes",), ("no",)]
    assert given(Part("x", "word", words="style"), "Fact", yes_no).tokens == ("facts",)
    assert given(Part("x", "ids", count=1, prefix="O"), "00109", {}).tokens == ("O0109",)


@pytest.mark.parametrize(
    "written", ["about", "1 2 x", True, [1], float("nan"), float("inf"), "9" * 500, {"a": 1}]
)
def test_what_is_no_number(written):
    with pytest.raises(Refused) as error:
        number_of(written)
    assert error.value.code == "number"


@pytest.mark.parametrize(
    "written",
    [
        ["C0002", "C0001"],
        ("c0001", "C0002"),
        "C0001, C0002",
        "C0001、C0002",
        "ｃ０００１ C0002",
        {"C0001", "C0002"},
        "C0001；C0002",
    ],
)
def test_names_in_any_order_width_and_case(written):
    assert set(given(Part("x", "ids", count=2), written, {}).tokens) == {"C0001", "C0002"}


@pytest.mark.parametrize(
    ("part", "value", "code"),
    [
        (Part("x", "ids", count=1), ["a", "b"], "too_many"),
        (Part("x", "ids"), {"a": 1}, "names"),
        (Part("x", "ids"), 1.5, "names"),
        (Part("x", "word", words="shape"), "square", "word_unknown"),
        (Part("x", "word", words="shape"), [1], "word"),
        (Part("x", "pair"), ["a"], "two_names"),
        (Part("x", "visits"), [1, 2, 3], "two_numbers"),
    ],
)
def test_another_kind_than_asked(part, value, code):
    with pytest.raises(Refused) as error:
        given(part, value, WORDS)
    assert error.value.code == code


def test_words_in_both_languages():
    part = Part("x", "word", words="shape")
    assert {given(part, w, WORDS).tokens for w in ("口窄", " Thin Mouth ", "thin_mouth", "thin")} == {
        ("thin",)
    }


def test_a_dict_by_name_in_either_language_or_turned_round():
    parts = [Part("C1", "word", words="abc"), Part("C2", "word", words="abc")]
    wanted = {"C1": "A", "C2": "B"}
    assert parts_of(parts, {"c1": "A", "Ｃ2": "B"}, WORDS) == wanted
    assert parts_of(parts, {"产出": ["C1"], "B": "C2"}, WORDS) == wanted
    people = [
        Part("head.layer", "word", "处长.层级", "head.layer"),
        Part("head.value", "word", "处长.看重", "head.value"),
    ]
    assert parts_of(people, {"处长": ["x", "y"]}, WORDS) == {"head.layer": "x", "head.value": "y"}
    with pytest.raises(Refused):
        parts_of(parts, {"C3": "A"}, WORDS)
    with pytest.raises(Refused):
        parts_of(parts, {"A": ["C1"], "B": ["C1"]}, WORDS)


def test_visits_with_halves():
    part = Part("x", "visits")
    assert {given(part, v, {}).tokens for v in ([1, 0.5], "1/0.5", ("１", "0.50"))} == {("1/0.5",)}


def test_only_plain_data_is_an_answer():
    assert plain({"a": np.array([1, 2]), "b": pd.Series(["x"])}) == {"a": [1, 2], "b": ["x"]}
    for bad in (object(), {"a": {"b": {"c": {"d": {"e": 1}}}}}, ["x"] * 1000, b"x", lambda: 1):
        with pytest.raises(Refused):
            plain(bad)
