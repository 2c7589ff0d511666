"""Tables of the page: one precision a column, cards where a phone is too narrow, headers that keep words
whole.
"""

from __future__ import annotations

import re
from html import unescape

import pandas as pd
import pytest

from kamplay.show.locale import Locale
from kamplay.show.table import ACCOUNT, Column, decimals, html_table, ranges
from kamplay.show.view import View, using


def cells(html: str, place: int) -> list[str]:
    """The cells of the column at ``place``, from the top."""
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", html.split("<tbody>")[1])
    return [unescape(re.findall(r"<td[^>]*>(.*?)</td>", row)[place]) for row in rows]


def shown(values: list[float], kind: str, language: str = "zh", label: str = "Revenue") -> list[str]:
    frame = pd.DataFrame({"name": [f"c{n}" for n in range(len(values))], "x": values})
    with using(View(Locale(language, "CNY"))):
        return cells(html_table(frame, [Column("name", "Account"), Column("x", label, kind)], "").html, 1)


@pytest.mark.parametrize(
    ("amounts", "told"),
    [
        ([5e6, 2e6, 1.9e6], ["500", "200", "190"]),  # in 万元, as 500.0, 200.0 and 190.0 say no more
        ([26_431_000, 6_889_400, -412_100], ["2,643", "689", "−41"]),
        ([951_200, 346_000, 34_000], ["95.1", "34.6", "3.4"]),  # two digits: a decimal tells
        ([390_000, 200_000], ["39", "20"]),
        (
            [1_660_000, 68_000, 54_400],
            ["166.0", "6.8", "5.4"],
        ),  # one-digit amounts keep theirs, and the column one precision
        ([26_431_000, 3_400, 0], ["2,643", "<1", "0"]),  # not 0, so not told as 0
    ],
)
def test_amounts_of_a_column_have_one_precision(amounts, told):
    assert shown(amounts, "money") == told


@pytest.mark.parametrize(
    ("kind", "shares", "told"),
    [
        ("pct", [0.5, 0.35, 0.092, 0.003], ["50%", "35%", "9.2%", "0.3%"]),  # as in a sentence
        ("pct", [0.114, 0.047, 0.03, 0.0002], ["11%", "4.7%", "3%", "<0.1%"]),
        ("pct", [0.9997, 0.99, 1.0], [">99.9%", "99%", "100%"]),  # all is said only of all
        ("pct", [-0.092, 0.35, float("nan")], ["−9.2%", "35%", "–"]),
        ("pct1", [0.5, 0.2, 0.15], ["50%", "20%", "15%"]),
        ("pct1", [0.335, 0.205, 0.23], ["33.5%", "20.5%", "23.0%"]),
        ("n1", [2.0, 1.4], ["2.0", "1.4"]),
        ("n1", [2.0, 1.0], ["2", "1"]),
        ("score", [69.97, 88.8], ["69.9", "88.8"]),  # cut, not rounded
    ],
)
def test_shares_and_points_of_a_column(kind, shares, told):
    assert shown(shares, kind) == told


def test_amounts_of_one_table_are_told_alike():
    """From 45.0 to 245 would not stand in one line; before, after and change add up."""
    frame = pd.DataFrame({"low": [450_000.0, 0.0], "high": [2_450_000.0, 10_210_000.0]})
    with using(View(Locale("zh", "CNY"))):
        html = html_table(frame, [Column("low", "to", "money"), Column("high", "Amount", "money")], "").html
    assert cells(html, 0) == ["45", "0"] and cells(html, 1) == ["245", "1,021"]


def test_a_range_has_the_precision_of_its_column():
    assert ranges([21_840_900, 9_462_000], [30_321_700, 9_462_000], Locale("en", "CNY"), 1000.0) == [
        "21,841–30,322",
        "9,462",
    ]
    assert ranges([1_500], [2_000], Locale("en", "CNY"), 1000.0) == ["1.5–2.0"]
    assert decimals([]) == decimals([0, float("nan")]) == 0


def plan(rows: int) -> tuple[pd.DataFrame, list[Column]]:
    frame = pd.DataFrame(
        {
            "name": ["宁波昶庭骨科医院"] * rows,
            "owner": ["许宏峰"] * rows,
            "todo": ["客户负责人与财务：商定付款计划，两周内见面"] * rows,
            "due": ["2026-07-07"] * rows,
            "revenue": [1e7] * rows,
        }
    )
    columns = [
        Column("name", "Account"),
        Column("owner", "Owner"),
        Column("todo", "Next action"),
        Column("due", "Due", "date", css="keep"),
        Column("revenue", "Revenue", "money", extra=True),
    ]
    return frame, columns


def test_a_table_too_wide_for_a_phone_becomes_cards():
    with using(View(Locale("zh", "CNY"))):
        wide = html_table(*plan(30), "").html
        narrow = html_table(plan(3)[0], [plan(3)[1][place] for place in (0, 1, 4)], "").html
    assert 'class="table cards"' in wide and 'data-label="负责人"' in wide
    assert (
        wide.count("<tr") == 26 and wide.count('class="beyond"') == 13
    )  # the page's 25, of which a phone shows 12
    assert "此处列出前12行" in wide
    assert "cards" not in narrow and "data-label" not in narrow
    assert "在更宽的屏幕上可看到更多列" in narrow  # revenue is left out there


def test_a_name_or_a_tier_stays_on_one_line_and_headers_keep_words_whole():
    with using(View(Locale("zh", "CNY"))):
        html = html_table(*plan(2), "").html
        long = html_table(pd.DataFrame({"x": ["a"]}), [Column("x", "流失后占80%的客户数")], "").html
    assert re.search(r'<td class="word[^"]*" data-label="负责人">(<span data-to="[^"]*">)?许宏峰', html)
    assert "流失后占<wbr>80%的<wbr>客户数" in long  # figures and 的 are the places to break
    assert "<wbr>" not in html.split("<tbody>")[0]


def test_a_list_may_show_more_cards_and_the_unit_stands_above_them_once():
    frame = pd.DataFrame({"name": [f"c{n}" for n in range(20)], "x": [3e7] * 20})
    with using(View(Locale("zh", "CNY"))):
        html = html_table(
            frame, [Column("name", "客户"), Column("x", "收入", "money")], "", cards=True, phone=15
        ).html
    assert html.count('class="beyond"') == 5 and 'data-label="收入"' in html and "<th" in html
    above, below = html.split("<table")[0], html.split("<figcaption>")[1]
    assert '<p class="unit" hidden>金额单位：万元。</p>' in above and "（万元）" not in html
    assert '<span class="on-wide">金额单位：万元。</span>' in below  # of a table, and of paper


def test_short_facts_of_a_card_stand_in_pairs():
    """Of three that fit half a line the first two share one."""
    frame = pd.DataFrame(
        {"name": ["宁波昶庭骨科医院"], "a": [1], "b": [2], "c": [3], "d": ["一句较长的话" * 4]}
    )
    with using(View(Locale("zh", "CNY"))):
        html = html_table(
            frame, [Column(key, key, "n" if key in "abc" else "text") for key in frame], "", cards=True
        )
    assert re.findall(r'<td(?: class="([^"]*)")?', html.html) == ["word", "num half", "num half", "num", ""]


def test_a_long_word_may_break():
    """A name of 120 letters would widen the page; a sentence, in either language, breaks by itself."""
    frame = pd.DataFrame({"a": ["N" * 120], "b": ["twelve words " * 10], "c": ["名" * 120]})
    with using(View(Locale("en", "CNY"))):
        html = html_table(frame, [Column(name, name) for name in "abc"], "").html
    assert re.findall(r'<td[^>]*class="([^"]*)"', html) == ["loose"]


@pytest.mark.parametrize("cards", [False, True])
def test_what_is_said_of_a_column_goes_with_it_on_a_phone(cards):
    frame = pd.DataFrame({"name": ["a"], "growth": [0.1]})
    columns = [Column("name", "Account"), Column("growth", "Growth", "pct", extra=True)]
    with using(View(Locale("en", "CNY"))):
        shown = html_table(frame, columns, "All.", cards=cards, of_extra="Growth < last year's.")
    own = '<span class="on-wide">Growth &lt; last year&#39;s.</span>'
    assert (own in shown.html) is not cards  # a card has every column
    assert shown.text.startswith("All. Growth < last year's.")


def test_large_amounts_may_be_told_whole():
    frame = pd.DataFrame({"name": ["A", "B", "C", "D"], "revenue": [9_512_000.0, 42_000.0, 31_000.0, 0.0]})
    columns = [ACCOUNT, Column("revenue", "Revenue", "money")]
    with using(View(Locale("zh", "CNY"))):
        told = [
            [row[1] for row in html_table(frame, columns, "x", whole=w).grid.lines] for w in (False, True)
        ]
    assert told == [["951.2", "4.2", "3.1", "0.0"], ["951", "4", "3", "0"]]
