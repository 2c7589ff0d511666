"""Names that stand beside the codes of customers on the lines."""

from __future__ import annotations

import pandas as pd
import pytest
from conftest import random_lines, write_engagement

from kamplay.book import load as load_book
from kamplay.book import save as save_book
from kamplay.engagement import load
from kamplay.intake.prepare import prepare, survey


def sales(**columns) -> pd.DataFrame:
    made = random_lines(12).rename(
        columns={"account_id": "客户编码", "date": "单据日期", "amount": "本币无税金额"}
    )
    return made.assign(**columns)


def named(made: pd.DataFrame) -> pd.Series:
    return made["客户编码"].map(lambda code: f"第{code[1:]}人民医院")


def test_the_code_identifies_and_the_name_is_shown(tmp_path):
    made = sales()
    made = made.assign(客户名称=named(made))
    made.loc[3, "客户名称"] = "另一种写法"
    book = prepare(load(write_engagement(tmp_path / "client", made)))
    assert book.names["A003"] == "第003人民医院"
    assert set(book.days["account_id"]) == set(made["客户编码"])
    save_book(book, tmp_path / "book")
    assert load_book(tmp_path / "book").names.equals(book.names)


def test_it_is_said_that_the_column_is_used(tmp_path):
    made = sales()
    found = survey(load(write_engagement(tmp_path / "client", made.assign(客户名称=named(made)))))
    reading = found.readings[0]
    assert reading.columns["account_name"]["header"] == "客户名称"
    assert "客户名称" not in [one["header"] for one in reading.passed_over]
    assert "客户名称" not in reading.unused


def test_the_name_of_the_accounts_table_comes_first(tmp_path):
    made = sales()
    known = pd.DataFrame({"account_id": ["A003", "A004"], "account_name": ["市三院", None]})
    at = write_engagement(tmp_path / "client", made.assign(客户名称=named(made)), accounts=known)
    names = prepare(load(at)).names
    assert (names["A003"], names["A004"], names["A005"]) == ("市三院", "第004人民医院", "第005人民医院")


@pytest.mark.parametrize("column", ["one word", "another for each line"])
def test_a_column_that_names_nobody_is_no_name(tmp_path, column):
    made = sales()
    words = "本公司" if column == "one word" else [f"单位{n}" for n in range(len(made))]
    book = prepare(load(write_engagement(tmp_path / "client", made.assign(客户名称=words))))
    assert book.names["A003"] == "A003"
