"""What a notebook shows of a table is what stands on the sheet; what is computed is a plain DataFrame."""

from __future__ import annotations

import re

import pandas as pd

import kamplay as kp
from kamplay.teaching.exhibit import read_exhibit
from kamplay.teaching.registry import column_labels


def test_no_row_numbers_no_nan_no_minus_zero(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("Rank,Name,Now,Share\n1,宁波原穗,18.0,-0.0\n2,<b>x</b>,,2.5\n", encoding="utf-8-sig")
    table = read_exhibit(path)
    cells = re.findall(r"<td[^>]*>(.*?)</td>", table._repr_html_())
    assert cells == ["1", "宁波原穗", "18", "0.0", "2", "&lt;b&gt;x&lt;/b&gt;", "–", "2.5"]
    assert "white-space:nowrap" in table._repr_html_() and "nan" not in repr(table).lower()
    assert type(table[table["Now"] > 1]) is pd.DataFrame and table["Share"].sum() == 2.5


def test_ids_and_names_stay_and_measures_are_grouped(made_course):
    """As on the sheet: one header over before and now."""
    kp.course(made_course / "students" / "team_01", "en")
    rows = re.findall(r"<tr>(.*?)</tr>", kp.exhibit("3c")._repr_html_())
    above, below, first = (re.findall(r"<t[hd]([^>]*)>(.*?)</t[hd]>", row) for row in rows[:3])
    assert list(dict.fromkeys(text for _, text in above))[:3] == ["", "Orders", "Days paid late"]
    spans = sum(int(n) for n in re.findall(r'colspan="(\d+)"', rows[0]))
    assert spans == len(below) == len(first)
    assert [text for _, text in below][-2:] == ["before", "last 90"]
    for row in (above, below, first):
        assert ["sticky" in style for style, _ in row[:3]] == [True, True, False]
    assert "sticky" not in kp.exhibit("2b", "stages")._repr_html_()
    visits = re.findall(r"<tr>(.*?)</tr>", kp.exhibit("3b", "accounts")._repr_html_())
    assert re.findall(r'colspan="2"[^>]*>(.*?)</th>', visits[0]) == ["Visits in 90 days"]


def test_a_first_column_of_words_is_as_wide_as_they_are(made_course, tmp_path):
    kp.course(made_course / "students" / "team_01", "zh")
    assert "width" not in kp.exhibit("1c")._repr_html_().replace("min-width:4.5em", "").replace(
        "max-width:100%", ""
    )
    path = tmp_path / "t.csv"
    path.write_text("客户编号,客户\nCUSTOMER-0001234,某公司\n", encoding="utf-8-sig")
    shown = read_exhibit(path)._repr_html_()
    wide = re.search(r";width:([\d.]+)em", shown)
    assert wide and float(wide[1]) > 16 * 0.6 and f"left:{wide[1]}em" in shown


def test_no_two_columns_have_one_header():
    """A header on the screen is looked up for its column."""
    for language in ("zh", "en"):
        headers = [own[language] for own in column_labels()["headers"].values()]
        assert len(set(headers)) == len(headers), language


def test_a_team_s_tables_have_whole_numbers_and_dashes(made_course):
    team = made_course / "students" / "team_01"
    kp.course(team, "zh")
    shown = kp.exhibit("3c")._repr_html_() + kp.exhibit("1a")._repr_html_()
    assert "–" in shown and not re.search(r"nan|NaN|&lt;NA&gt;|>-0|−0\.0|>\d+～\d+\.0<", shown)
    header = kp.exhibit("1a").columns
    assert not any("百万元" in c for c in header) and sum("万元" in c for c in header) >= 3
