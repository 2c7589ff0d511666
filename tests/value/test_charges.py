"""Charges and adjustments are told apart from goods: which categories they are, and what moved, by hand."""

import re
from types import SimpleNamespace

import pytest
from conftest import book_of, lines_of

from kamplay.charges import is_charge
from kamplay.method.measures.charges import charge_categories, charges
from kamplay.method.results import Findings
from kamplay.method.value.price_volume_mix import add_findings, price_volume_mix
from kamplay.method.value.retention import retention
from kamplay.show.charts.bridge import what_bars_hold
from kamplay.show.findings import headline
from kamplay.show.locale import Locale
from kamplay.show.summary.whole import past
from kamplay.show.view import View, using


@pytest.mark.parametrize(
    "name",
    [
        "Charges",
        "freight",
        "Postage & packing",
        "Manual adjustments",
        "Bank fees",
        "DISCOUNT",
        "Credit notes",
        "运费",
        "运费及手续费",
        "其他费用",
        "銷售折讓",
        "价格调整",
        "Frachtkosten",
        "Frais de port",
    ],
)
def test_a_name_of_charges(name):
    assert is_charge(name)


@pytest.mark.parametrize(
    "name",
    [
        "Postage stamps",
        "Gift vouchers",
        "Manual",
        "Bank",
        "Other",
        "Delivery vans",
        "Free",
        "Discounted mugs",
        "其他",
        "运费险产品线",
        "费用管理软件",
        "服务",
        "产品",
        "",
        "123",
    ],
)
def test_a_name_of_goods(name):
    assert not is_charge(name)


def book(name: str = "Charges", part: float = 1.0):
    """Of 950 in the year before −100 are charges, of 870 now −20: goods fell from 1,050 to 890. The others
    brought nothing net: b was credited 100 and bought nothing, c returned 10 of goods and was credited 20.
    """
    rows = [
        ("b", "2023-01-10", 70.0, 7.0, "Mugs"),
        ("a", "2024-03-10", 1000.0, 100.0, "Mugs"),
        ("c", "2024-04-10", 50.0, 5.0, "Mugs"),
        ("b", "2024-05-10", -100.0 * part, -1.0, name),
        ("a", "2025-03-10", 900.0, 90.0, "Mugs"),
        ("c", "2025-04-10", -10.0, -1.0, "Mugs"),
        ("c", "2025-05-10", -20.0 * part, -1.0, name),
    ]
    lines = lines_of(*[row[:3] for row in rows])
    lines["quantity"], lines["category"] = [row[3] for row in rows], [row[4] for row in rows]
    return book_of(lines)


def sentence_and_caption(of, language: str) -> tuple[str, str]:
    found = retention(of)
    value = SimpleNamespace(
        key_figures={"revenue": float(found.moves["now"].sum())}, retention=found, finding=lambda kind: None
    )
    with using(View(Locale(language, "EUR"))) as view:
        return past(value, view), what_bars_hold(found, "x")


@pytest.mark.parametrize(
    ("language", "first", "other"),
    [
        (
            "en",
            "fell by 8.4% to €870 (goods −15%, charges and adjustments +€80):",
            r"Other, €70: .*; €80 of it lies in “Charges”, −€10 in goods",
        ),
        (
            "zh",
            "（商品−15%，费用和调整项+80欧元）",
            "其他（70欧元）：.*其中80欧元属于“Charges”，−10欧元为商品",
        ),
    ],
)
def test_the_first_page_tells_goods_apart(language, first, other):
    """The year fell by 80 of 950, goods by 160 of 1,050; in "other" 100 − 20 of charges, −10 of goods."""
    sentence, caption = sentence_and_caption(book(), language)
    assert first in sentence and re.search(other, caption), (sentence, caption)
    gone = {
        "en": "did not recur, €100 beyond what 1 account bought then",
        "zh": "1家客户上一年退货超出采购100欧元",
    }
    assert gone[language] in caption  # of b, more than the −30 that is the rest of the bar


@pytest.mark.parametrize(
    "of",
    [
        book("Postage stamps"),  # goods by its name
        book(part=0.1),  # charges moved by 8 of 942, less than 1%
        book(part=5.0),  # charges hold 600 of 2,560, so they are what is sold
    ],
)
def test_what_is_goods_or_moved_little_is_not_told_apart(of):
    sentence, caption = sentence_and_caption(of, "en")
    assert "goods" not in sentence and "lies in" not in caption and "Other: earlier accounts" in caption
    assert charges(of) is None
    assert "charges" not in set(price_volume_mix(of).parts["part"])


def test_categories_of_charges_are_known_though_they_moved_little():
    assert charge_categories(book(part=0.1)) == ("Charges",) and not charge_categories(book("Mats"))


def test_price_and_volume_name_the_category_of_charges():
    """105 mugs at 10 became 89 at 10: volume −160, 15.2% of 1,050; charges +80; together the fall of 80."""
    result = price_volume_mix(book())
    amounts = result.parts.set_index("part")["amount"]
    assert amounts[["volume", "mix", "price", "charges"]].tolist() == pytest.approx([-160, 0, 0, 80])
    assert result.figures["volume_rate"] == pytest.approx(-160 / 1050)
    findings = Findings("value")
    add_findings(findings, result)
    found = next(f for f in findings if f.kind == "pvm_by_category")
    said = headline(found, Locale("en", "EUR"), {})
    assert "charges and adjustments (“Charges”) €80. The percentages" in said, said
    assert "shares of the €1.05K" in said and "together −15.2%" in said, said
    assert "费用和调整项（“Charges”）80欧元。" in headline(found, Locale("zh", "EUR"), {})


def test_what_an_undone_order_took_back_as_a_charge_is_told_with_one_value():
    """Order O1 over 500 of mugs was taken back 2 days later by a credit booked under Charges. By the lines as
    booked charges went from −100 to −520, by −420, on the first page as in price and volume.
    """
    rows = [
        ("b", "2023-01-10", 70.0, 7.0, "Mugs", "O9"),
        ("a", "2024-03-10", 1000.0, 100.0, "Mugs", "O0"),
        ("b", "2024-05-10", -100.0, -1.0, "Charges", "C0"),
        ("a", "2025-03-10", 900.0, 90.0, "Mugs", "O2"),
        ("a", "2025-05-10", 500.0, 50.0, "Mugs", "O1"),
        ("a", "2025-05-12", -500.0, -1.0, "Charges", "C1"),
        ("b", "2025-05-12", -20.0, -1.0, "Charges", "C2"),
    ]
    lines = lines_of(*[row[:3] for row in rows])
    lines["quantity"], lines["category"] = [row[3] for row in rows], [row[4] for row in rows]
    lines["order_id"] = [row[5] for row in rows]
    of = book_of(lines)
    assert of.undone is not None and of.undone["order_id"].tolist() == ["O1"]
    found, moved = charges(of), price_volume_mix(of).figures["charges"]
    assert found is not None
    assert found.accounts["now"].sum() - found.accounts["before"].sum() == pytest.approx(-420)
    assert moved == pytest.approx(-420)
    assert "(goods +40%, charges and adjustments −€420)" in sentence_and_caption(of, "en")[0]
