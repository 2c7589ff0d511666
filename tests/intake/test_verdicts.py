"""What keeps figures from being built on a client's transactions, and which lines no figure counts: told by
check, refused by run.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pandas as pd
import pytest
from conftest import random_lines, write_engagement

from kamplay.api import examine
from kamplay.engagement import load
from kamplay.errors import KamplayError
from kamplay.intake.prepare import Intake
from kamplay.report.run import run_engagement
from kamplay.show.faults import fix, problem
from kamplay.show.locale import Locale

LINES = random_lines(8, seed=4, years=2.0)[["account_id", "date", "amount", "order_id"]]
ZH = {"account_id": "客户编码", "date": "开票日期", "amount": "不含税金额", "order_id": "单据编号"}
EN = {"account_id": "Customer No.", "date": "Invoice date", "amount": "Net amount", "order_id": "Invoice no"}


def said(folder: Path, lines: pd.DataFrame, settings: str = "", headers: dict[str, str] = EN) -> Intake:
    return examine(load(write_engagement(folder, lines.rename(columns=headers), settings)))


def blank(lines: pd.DataFrame, share: float) -> pd.DataFrame:
    """Lines from the first on without an account, until so much of the amount has none."""
    without = lines["amount"].cumsum() <= share * lines["amount"].sum()
    return lines.assign(account_id=lines["account_id"].mask(without))


SAND = {
    "all ids blank": (blank(LINES, 1.0), "account_blank_most"),
    "most of the amount without an account": (blank(LINES, 0.6), "account_blank_most"),
    "ids of dashes": (LINES.assign(account_id="-"), "account_blank_most"),
    "one account for all": (LINES.assign(account_id="Our own company"), "account_only_one"),
    "one account, some lines without": (
        blank(LINES, 0.2).assign(account_id=lambda x: x["account_id"].mask(x["account_id"].notna(), "A")),
        "account_only_one",
    ),
    "all amounts zero": (LINES.assign(amount=0.0), "amounts_all_zero"),
    "the year adds up to nothing": (
        pd.concat([LINES, LINES.assign(amount=-LINES["amount"], order_id="R")]),
        "revenue_not_positive",
    ),
    "signs of a ledger": (LINES.assign(amount=-LINES["amount"]), "revenue_not_positive"),
    "no date": (LINES.assign(date=None), "cell_empty"),
}


@pytest.mark.parametrize("headers", [ZH, EN], ids=["zh", "en"])
@pytest.mark.parametrize("name", SAND)
def test_nothing_is_built_on_sand(tmp_path, name, headers):
    lines, code = SAND[name]
    intake = said(tmp_path / "client", lines, headers=headers)
    errors = [f for f in intake.faults if f.level == "error"]
    assert [f.code for f in errors] == [code]
    for language in ("zh", "en"):
        locale = Locale(language, "CNY")
        for text in (problem(errors[0], locale), fix(errors[0], locale)):
            assert text
            assert "{" not in text


@pytest.mark.parametrize("name", SAND)
def test_run_refuses_what_check_calls_unusable_with_the_same_faults(tmp_path, name):
    lines, _ = SAND[name]
    intake = said(tmp_path / "client", lines)
    with pytest.raises(KamplayError) as refused:
        run_engagement(load(tmp_path / "client"), tmp_path / "out", ["en"])
    assert refused.value.faults == intake.faults
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("share", [0.0, 0.1, 0.45])
def test_a_smaller_part_without_an_account_is_a_warning(tmp_path, share):
    intake = said(tmp_path / "client", blank(LINES, share))
    assert intake.usable
    assert [f.code for f in intake.faults] == (["account_blank"] if share else [])


@pytest.mark.parametrize("as_of", ["2022-12-31", "1955-01-01"])
def test_a_date_without_data(tmp_path, as_of):
    write_engagement(tmp_path / "client", LINES)
    intake = examine(load(tmp_path / "client", as_of=as_of))
    assert [(f.code, f.value) for f in intake.faults] == [("as_of_outside_data", as_of)]


def test_all_lines_in_the_future_are_no_data(tmp_path):
    ahead = LINES.assign(date=LINES["date"] + pd.DateOffset(years=30))
    folder = write_engagement(tmp_path / "client", ahead)
    settings = (folder / "engagement.yaml").read_text(encoding="utf-8")
    (folder / "engagement.yaml").write_text(settings.replace('as_of: "2025-12-31"', ""), encoding="utf-8")
    intake = examine(load(folder))
    assert [f.code for f in intake.faults if f.level == "error"] == ["as_of_outside_data"]


@pytest.mark.parametrize("as_of", ["2025-06-30", "2025-12-15", "2025-12-31"])
def test_lines_after_the_date_are_told_once_with_their_sum(tmp_path, as_of):
    write_engagement(tmp_path / "client", LINES)
    after = LINES[LINES["date"] > as_of]
    found = [
        f for f in examine(load(tmp_path / "client", as_of=as_of)).faults if f.code == "lines_after_as_of"
    ]
    assert [(f.level, f.count) for f in found] == ([("warning", len(after))] if len(after) else [])
    assert [f.args["amount"] for f in found] == [pytest.approx(after["amount"].sum())] * len(found)


def test_lines_after_today_are_told_with_their_sum(tmp_path):
    ahead = LINES.assign(date=LINES["date"].where(LINES.index % 10 > 0, pd.Timestamp("2099-01-05")))
    intake = said(tmp_path / "client", ahead)
    found = next(f for f in intake.faults if f.code == "date_in_future")
    late = ahead["date"] > "2090"
    assert (found.count, found.args["amount"]) == (late.sum(), pytest.approx(ahead.loc[late, "amount"].sum()))
    assert "no figure counts them" in problem(found, Locale("en", "EUR"))


@pytest.mark.parametrize("name", [n for n, (_, code) in SAND.items() if code != "cell_empty"])
def test_a_database_gets_the_same_verdict(tmp_path, name):
    lines, code = SAND[name]
    lines = lines.assign(account_id=lines["account_id"].replace("-", None))
    (tmp_path / "data").mkdir()
    with duckdb.connect(str(tmp_path / "data" / "erp.duckdb")) as connection:
        connection.register("lines", lines)
        connection.execute("create table sales as select * from lines")
    source = 'transactions: {url: "duckdb:///data/erp.duckdb", table: sales}'
    (tmp_path / "engagement.yaml").write_text(
        f"client: A\nas_of: 2025-12-31\nsources: {{{source}}}\n", encoding="utf-8"
    )
    assert [f.code for f in examine(load(tmp_path)).faults if f.level == "error"] == [code]
