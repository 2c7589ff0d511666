"""Step 0: reconciliation with its causes, coverage by month, quality, and the verdict on what the data
carry."""

from dataclasses import replace

import pandas as pd
import pytest
from conftest import book_of, lines_of, random_lines

from kamplay.codebook import codebook
from kamplay.errors import Fault
from kamplay.method.check.step import check_data
from kamplay.show.check.step import assumed_table
from kamplay.show.findings import headline
from kamplay.show.locale import Locale
from kamplay.show.view import View, using

MONTHS = pd.date_range("2024-01-01", "2025-12-01", freq="MS") + pd.Timedelta(days=14)
YEARS = lines_of(
    *[(f"a{n}", str(day.date()), 100.0) for n in range(25) for day in MONTHS]
)  # 25 accounts, 2,500 a month


def test_bridge_adds_up_to_the_revenue():
    lines = pd.concat(
        [
            YEARS,
            lines_of(("a1", "2026-01-05", 40.0), ("a1", "2023-01-05", 7.0)),
            pd.DataFrame({"account_id": [None], "date": ["2025-03-01"], "amount": [9.0]}),
        ]
    )
    bridge = check_data(book_of(lines), None).bridge.set_index("item")["amount"]
    assert bridge["revenue"] == pytest.approx(30_000)
    assert bridge.drop("revenue").sum() == pytest.approx(bridge["revenue"])


def test_one_total_and_totals_by_period():
    book = book_of(YEARS)
    assert check_data(book, 30_000.0).finding("reconciled")
    off = check_data(book, 33_000.0).finding("not_reconciled").figures
    assert (off["difference"], off["share"]) == (3_000, pytest.approx(1 / 11))
    periods = check_data(book, {"2024": 30_000.0, "2025Q3": 7_500.0, "2025-07": 2_600.0})
    told = periods.finding("periods_not_reconciled").figures
    assert (told["bad"], told["count"], told["period"], told["difference"]) == (1, 3, "2025-07", 100)
    assert check_data(book, {"2024": 30_000.0, "2025": 30_000.0}).finding("periods_reconciled")
    assert check_data(book, None).finding("no_control_total")


def test_a_difference_is_explained_by_its_cause():
    orphan = pd.DataFrame({"account_id": [None], "date": ["2025-05-01"], "amount": [1234.0]})
    told = check_data(book_of(pd.concat([YEARS, orphan])), 31_234.0).finding("difference_explained")
    assert (told.figures["cause"], told.figures["amount"], told.action) == (
        "no_account",
        1234.0,
        "mend_no_account",
    )
    gross = check_data(book_of(YEARS), 30_000.0 * 1.13).finding("difference_explained")
    assert (gross.figures["cause"], gross.figures["detail"]) == ("ledger_gross", "1.13")
    assert check_data(book_of(YEARS), 40_000.0).finding("difference_explained") is None


def test_cover_counts_rows_by_table_and_month():
    visits = pd.DataFrame(
        {"account_id": "a1", "date": pd.to_datetime(["2025-12-01", "2025-12-31", "2025-10-01", "2019-01-01"])}
    )
    cover = check_data(book_of(YEARS, visits=visits), None).cover
    rows = cover[cover["table"] == "visits"].set_index("bucket")["rows"]
    assert (rows[0], rows[1], rows[2], rows.sum()) == (2, 0, 1, 3)
    assert set(cover.loc[cover["table"] == "transactions", "rows"]) == {25}


def test_quality_of_a_table():
    visits = pd.DataFrame(
        {
            "account_id": ["a1", "a2", None, "nobody"],
            "date": pd.to_datetime(["2025-12-01", None, "2025-11-01", "2026-05-01"]),
        }
    )
    row = check_data(book_of(YEARS, visits=visits), None).quality.set_index("table").loc["visits"]
    assert (row["rows"], row["covered"], row["age"]) == (4, pytest.approx(2 / 25), 30)
    assert row["filled"] == pytest.approx(6 / 8)


def verdict(lines: pd.DataFrame, **tables: pd.DataFrame) -> dict[str, tuple[str, list[str]]]:
    table = check_data(book_of(lines, **tables), None).verdicts
    return {row.step: (row.verdict, row.lacking) for row in table.itertuples()}


def test_verdicts():
    assert verdict(YEARS)["tiers"] == ("partly", ["receivables", "ballots"])
    short = verdict(YEARS[pd.to_datetime(YEARS["date"]) > "2025-09-01"])
    assert {step: v for step, (v, _) in short.items()} == {
        "tiers": "no",
        "value": "no",
        "health": "no",
        "plan": "no",
    }
    assert short["health"][1][0] == "months_6"
    few = verdict(random_lines(10))["tiers"]  # ten accounts are a list, not tiers
    assert few[0] == "partly" and "accounts_20" in few[1]


def test_every_table_is_read_by_a_step(medtech_steps, medtech_book):
    """The shipped sample has every table but the actions of an earlier report."""
    assert set(medtech_book.tables) == set(codebook()) - {"actions"}
    # of sales the steps read the roll-ups
    assert medtech_steps.read | {"transactions", "actions"} == set(codebook())


def test_what_is_missing_is_asked_for_by_name_the_most_useful_first():
    bare = check_data(book_of(YEARS), None).finding("tables_missing")
    assert bare.figures["en"] == ["Receivables", "Opportunities", "Contacts"]
    assert "overrides" not in bare.figures["tables"] and "maturity" in bare.figures["tables"]


def test_lines_after_the_date_are_told_once():
    book = book_of(lines_of(("a", "2025-06-01", 10), ("b", "2025-07-01", 20), ("a", "2026-02-03", 7)))
    late = Fault("lines_after_as_of", "warning", table="transactions", args={"amount": 7.0})
    told = (late, Fault("total_rows", "warning", table="transactions"))
    checked = check_data(replace(book, faults=told), None)
    assert [f.figures["amount"] for f in checked.findings if f.kind == "after_as_of"] == [7.0]
    assert list(checked.assumed["code"]) == ["total_rows"]


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "2 files were delivered and not used: notes 2025.csv, orders.numbers."),
        ("zh", "收到的文件中有2个没有采用：notes 2025.csv、orders.numbers。"),
    ],
)
def test_files_that_nobody_reads_are_named(language, sentence):
    told = (
        Fault("file_not_used", "warning", file="data/from client/notes 2025.csv"),
        Fault("file_kind_unknown", "warning", file="data/orders.numbers"),
        Fault("column_unnamed", "warning", table="transactions", file="data/book.xlsx", sheet="2025"),
    )
    checked = check_data(replace(book_of(YEARS), faults=told), None)
    (found,) = [f for f in checked.findings if f.kind == "files_not_used"]
    assert headline(found, Locale(language, "EUR"), {}) == sentence
    assert list(checked.assumed["code"]) == [f.code for f in told]
    with using(View(Locale(language, "EUR"))):
        shown = assumed_table(checked).html
    assert all(name in shown for name in ("notes 2025.csv", "orders.numbers", "book.xlsx#2025"))
    assert "data/" not in shown and "from client" not in shown


@pytest.mark.parametrize(("ids", "named"), [("code", False), ("name", True), ("beside", True)])
def test_names_that_the_sales_give_are_not_asked_for(ids, named):
    lines = random_lines(6)
    if ids == "name":
        lines["account_id"] = lines["account_id"].map(lambda code: f"Hospital {'ABCDEFGHI'[int(code[-1])]}")
    book = book_of(lines)
    if ids == "beside":
        book = replace(book, names_on_lines={"A001": "First Hospital"})
    table = check_data(book, None).tables.set_index("table")
    assert ("客户名称" not in table.at["accounts", "unlocks_zh"]) == named
    assert ("names" not in table.at["accounts", "unlocks_en"]) == named


def test_a_doubt_that_is_of_no_file_is_listed_beside_one_that_is():
    """Saved and read again, a file that is missing is no text any more."""
    told = (
        Fault("column_unnamed", "warning", table="transactions", file="data/book.xlsx", sheet="2025"),
        Fault("column_unnamed", "warning", table="transactions"),
    )
    checked = check_data(replace(book_of(YEARS), faults=told), None)
    known = {"file": ["data/book.xlsx", float("nan")], "sheet": ["2025", float("nan")]}
    read = replace(checked, assumed=checked.assumed.assign(**known))
    with using(View(Locale("en", "EUR"))):
        shown = assumed_table(read)
    assert "book.xlsx#2025" in shown.text and "nan" not in shown.text
