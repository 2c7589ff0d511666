"""Files of more lines than memory should hold: the same sums as those that are looked at cell by cell."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from conftest import random_lines

from kamplay import book as books
from kamplay.book import Book
from kamplay.engagement import load
from kamplay.errors import KamplayError
from kamplay.intake import memory, rollup
from kamplay.intake.databases import large_files
from kamplay.intake.prepare import prepare, survey
from kamplay.show.faults import line
from kamplay.show.locale import Locale

pytestmark = pytest.mark.filterwarnings("ignore:The 'future.infer_string' option")  # ibis asks pandas for it


@pytest.fixture(scope="module")
def lines() -> pd.DataFrame:
    made = random_lines(20)
    made["amount"] = (made["amount"] * 37).round(2)  # some of them above a thousand
    made["cost"] = (made["amount"] * 0.6).round(2)
    made.loc[::50, "account_id"] = None
    made.loc[::31, "amount"] *= -1
    made["kind"] = ["void" if i % 17 == 0 else "valid" for i in range(len(made))]
    return made


def folder(at: Path, transactions: str = "", **settings: str) -> Path:
    (at / "data").mkdir(parents=True)
    said = "".join(f"{name}: {value}\n" for name, value in settings.items())
    sources = f"sources: {{transactions: {{{transactions}}}}}\n" if transactions else ""
    text = f'client: Test client\nlanguage: en\ncurrency: EUR\nas_of: "2025-12-31"\n{sources}{said}'
    (at / "engagement.yaml").write_text(text, encoding="utf-8")
    return at


def both(at: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Book, Book]:
    """The Book of a folder, its cells looked at one by one, and added up where they are."""
    careful = prepare(load(at))
    make_large(monkeypatch)
    return careful, prepare(load(at))


def make_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large_files, "MOST_LINES", 100)


def same(careful: Book, added: Book) -> None:
    assert "transactions" in careful.tables and "transactions" not in added.tables
    for name in ("monthly", "days", "baskets"):
        pd.testing.assert_frame_equal(getattr(added, name), getattr(careful, name), check_dtype=False)
    assert added.totals == careful.totals
    told = [
        {(r.file, r.rows, r.set_aside, r.blank, r.used, r.void) for r in b.readings} for b in (careful, added)
    ]
    assert told[0] == told[1]


def grouped(values: pd.Series) -> pd.Series:
    return values.map(lambda v: f"{v:,.2f}")


def comma(values: pd.Series) -> pd.Series:
    return values.map(lambda v: f"{v:,.2f}".translate(str.maketrans(",.", ".,")))


WRITTEN = {
    "plain": (lambda made: made, {"index": False, "date_format": "%Y-%m-%d"}),
    "day_first_semicolon_comma": (
        lambda made: made.assign(
            date=made["date"].dt.strftime("%d/%m/%Y"), amount=comma(made["amount"]), cost=comma(made["cost"])
        ),
        {"index": False, "sep": ";"},
    ),
    "month_first_grouped": (
        lambda made: made.assign(date=made["date"].dt.strftime("%m/%d/%Y"), amount=grouped(made["amount"])),
        {"index": False},
    ),
    "chinese_gbk": (
        lambda made: made.assign(date=made["date"].dt.strftime("%Y年%m月%d日")).rename(
            columns={"date": "日期", "account_id": "客户编号", "amount": "金额", "cost": "成本"}
        ),
        {"index": False, "encoding": "gb18030"},
    ),
    "utf16_tabs_with_time": (
        lambda made: made.assign(date=made["date"].dt.strftime("%Y-%m-%d 10:30:00")),
        {"index": False, "encoding": "utf-16", "sep": "\t"},
    ),
    "quotes_and_breaks": (
        lambda made: made.assign(note='said "yes, of course"\nand went', order_id=made["order_id"] + ' "x"'),
        {"index": False, "date_format": "%Y-%m-%d"},
    ),
    "figures_for_dates": (
        lambda made: made.assign(date=made["date"].dt.strftime("%Y%m%d")),
        {"index": False, "lineterminator": "\r\n"},
    ),
}


@pytest.mark.parametrize("written", WRITTEN)
def test_a_text_file_gives_the_same_sums(written, lines, tmp_path, monkeypatch):
    change, options = WRITTEN[written]
    at = folder(tmp_path / "client", "where: {kind: valid}")
    change(lines).to_csv(at / "data" / "transactions.csv", **options)
    same(*both(at, monkeypatch))


@pytest.mark.parametrize("typed", [True, False])
def test_a_parquet_file_gives_the_same_sums(typed, lines, tmp_path, monkeypatch):
    at = folder(tmp_path / "client", "where: {kind: valid}")
    made = lines if typed else lines.assign(date=lines["date"].astype(str), amount=grouped(lines["amount"]))
    made.to_parquet(at / "data" / "transactions.parquet", index=False, coerce_timestamps="us")
    same(*both(at, monkeypatch))


def test_lines_under_titles_and_blank_rows(lines, tmp_path, monkeypatch):
    at = folder(tmp_path / "client")
    path = at / "data" / "transactions.csv"
    body = lines.to_csv(index=False, date_format="%Y-%m-%d").splitlines(keepends=True)
    path.write_text("".join(["Sales of 2023 to 2025,,,,,,\n", *body[:60], ",,,,,,\n", *body[60:]]), "utf-8")
    careful, added = both(at, monkeypatch)
    same(careful, added)
    assert added.readings[0].blank == 1


def test_several_files_and_a_short_one_are_one_table(lines, tmp_path, monkeypatch):
    """An order that two files hold is one order: the files are added up together, not each for itself."""
    at = folder(tmp_path / "client", 'path: ["data/*.csv", data/more.xlsx]')
    lines = lines.assign(order_id=[f"O{n // 3}" for n in range(len(lines))])
    lines.iloc[:300].to_csv(at / "data" / "a[1].csv", index=False, date_format="%Y-%m-%d")
    rest = lines.iloc[300:].drop(columns="cost").assign(date=lines["date"].dt.strftime("%d.%m.%Y"))
    rest.iloc[:-20].to_csv(at / "data" / "b.csv", index=False, sep=";")
    lines.iloc[-20:].to_excel(at / "data" / "more.xlsx", index=False)
    careful, added = both(at, monkeypatch)
    for name in ("monthly", "days", "baskets"):
        pd.testing.assert_frame_equal(getattr(added, name), getattr(careful, name), check_dtype=False)
    assert added.totals == careful.totals
    assert sorted(r.used for r in added.readings) == sorted(r.used for r in careful.readings)


@pytest.mark.parametrize("dedupe", ["false", "true"])
def test_repeated_lines(dedupe, lines, tmp_path, monkeypatch):
    at = folder(tmp_path / "client", dedupe=dedupe)
    twice = pd.concat([lines, lines.iloc[:7], lines.iloc[10:13].assign(kind="another")])
    twice.to_csv(at / "data" / "transactions.csv", index=False, date_format="%Y-%m-%d")
    careful, added = both(at, monkeypatch)
    assert added.totals == careful.totals
    pd.testing.assert_frame_equal(added.days, careful.days, check_dtype=False)
    found = [
        [(f.code, f.count) for f in b.faults if f.code.startswith("line_repeated")] for b in (careful, added)
    ]
    assert found[0] == found[1] == [("line_repeated_dropped" if dedupe == "true" else "line_repeated", 7)]


def test_what_cannot_be_read_is_counted(lines, tmp_path, monkeypatch):
    at = folder(tmp_path / "client")
    made = lines.assign(date=lines["date"].dt.strftime("%Y-%m-%d"), amount=lines["amount"].astype(str))
    made.loc[[5, 9], "amount"] = "1o0"
    made.loc[11, "date"] = "2025-02-30"
    made.loc[12, "amount"] = ""
    made.to_csv(at / "data" / "transactions.csv", index=False)
    make_large(monkeypatch)
    found = {(f.code, f.count, f.value) for f in survey(load(at)).faults if f.level == "error"}
    assert found == {
        ("unreadable_amount", 2, "1o0"),
        ("unreadable_date", 1, "2025-02-30"),
        ("cell_empty", 1, None),
    }


def test_the_day_is_not_guessed_from_the_month(lines, tmp_path, monkeypatch):
    at = folder(tmp_path / "client")
    made = lines.assign(date=[f"{1 + n % 12:02d}/{1 + n % 11:02d}/2025" for n in range(len(lines))])
    made.to_csv(at / "data" / "transactions.csv", index=False)
    make_large(monkeypatch)
    with pytest.raises(KamplayError) as raised:
        prepare(load(at))
    assert [f.code for f in raised.value.faults if f.level == "error"] == ["unreadable_date_ambiguous"]
    (at / "engagement.yaml").write_text(
        (at / "engagement.yaml").read_text("utf-8") + "sources: {transactions: {date_format: '%d/%m/%Y'}}\n",
        "utf-8",
    )
    same(*[prepare_with(monkeypatch, at, most) for most in (10**9, 100)])


def prepare_with(monkeypatch, at: Path, most: int) -> Book:
    monkeypatch.setattr(large_files, "MOST_LINES", most)
    return prepare(load(at))


def test_a_row_of_another_width_is_refused(lines, tmp_path, monkeypatch):
    at = folder(tmp_path / "client")
    text = lines.to_csv(index=False, date_format="%Y-%m-%d") + "A001,2025-01-01,5,x,O1,3,valid,extra\n"
    (at / "data" / "transactions.csv").write_text(text, "utf-8")
    make_large(monkeypatch)
    faults = survey(load(at)).faults
    assert "file_unreadable" in {f.code for f in faults if f.level == "error"}


def test_an_account_called_a_sum_is_asked_about(lines, tmp_path, monkeypatch):
    at = folder(tmp_path / "client")
    made = lines.assign(account_id=lines["account_id"].mask(lines.index == 3, "合计"))
    made.to_csv(at / "data" / "transactions.csv", index=False, date_format="%Y-%m-%d")
    make_large(monkeypatch)
    fault = next(f for f in survey(load(at)).faults if f.code == "total_account")
    assert fault.args["amount"] == pytest.approx(lines["amount"][3])
    assert fault.args["rest"] == pytest.approx(lines["amount"].sum() - lines["amount"][3])


def test_which_checks_are_not_made_is_said(lines, tmp_path, monkeypatch):
    at = folder(tmp_path / "client")
    lines.to_csv(at / "data" / "transactions.csv", index=False, date_format="%Y-%m-%d")
    make_large(monkeypatch)
    fault = next(f for f in survey(load(at)).faults if f.code == "lines_added_up")
    assert (fault.level, fault.args["rows"]) == ("warning", len(lines))


def test_no_frame_of_the_lines_is_made(lines, tmp_path, monkeypatch):
    at = folder(tmp_path / "client")
    lines.to_csv(at / "data" / "transactions.csv", index=False, date_format="%Y-%m-%d")
    make_large(monkeypatch)
    monkeypatch.setattr(large_files, "SAMPLE", 2000)
    whole = Path.read_text

    def small(self, *a, **k):
        text = whole(self, *a, **k)
        assert "transactions" not in self.name
        return text

    monkeypatch.setattr(Path, "read_text", small)
    longest = []
    made = pd.DataFrame.__init__
    monkeypatch.setattr(
        pd.DataFrame, "__init__", lambda self, *a, **k: (made(self, *a, **k), longest.append(len(self)))[0]
    )
    book = prepare(load(at))
    assert book.totals["rows"] == len(lines)
    days = len(book.days)
    assert max(longest) <= max(days, 200)


def test_sums_are_saved_without_a_frame_of_them(lines, tmp_path, monkeypatch):
    at = folder(tmp_path / "client")
    lines.to_csv(at / "data" / "transactions.csv", index=False, date_format="%Y-%m-%d")
    books.save(prepare(load(at)), tmp_path / "careful")
    make_large(monkeypatch)
    monkeypatch.setattr(books.Stored, "read", lambda self: pytest.fail("rows were read"))
    books.save(prepare(load(at)), tmp_path / "added")
    for name in books.ROLL_UPS:
        one, two = (getattr(books.load(tmp_path / way), name) for way in ("careful", "added"))
        pd.testing.assert_frame_equal(one, two, check_exact=True)


def test_texts_with_blanks_at_their_ends_are_trimmed(lines, tmp_path, monkeypatch):
    at = folder(tmp_path / "client")
    bent = lines.astype({"account_id": object})
    bent.loc[3, "account_id"] = f"{bent.loc[3, 'account_id']} "
    bent.loc[5, "account_id"] = f"\t{bent.loc[5, 'account_id']}"
    bent.to_parquet(at / "data" / "transactions.parquet", index=False, coerce_timestamps="us")
    same(*both(at, monkeypatch))


@pytest.fixture(scope="module")
def many(tmp_path_factory) -> Path:
    """A folder with 300,000 lines of as many orders."""
    at = folder(tmp_path_factory.mktemp("many") / "client")
    count = np.arange(300_000)
    made = pd.DataFrame({"account_id": "A", "date": "2025-03-01", "amount": 1.0, "order_id": count})
    made["account_id"] += (count % 30_000).astype(str)
    made["order_id"] = "a number of an order that is long " + made["order_id"].astype(str)
    made.to_csv(at / "data" / "transactions.csv", index=False)
    return at


def test_what_memory_does_not_hold_is_one_line(many, monkeypatch):
    make_large(monkeypatch)
    monkeypatch.setenv("KAMPLAY_MEMORY", "8MB")
    errors = [f for f in survey(load(many)).faults if f.level == "error"]
    assert [(f.code, f.file) for f in errors] == [("memory_short", "data/transactions.csv")]
    for language in ("zh", "en"):
        said = line(errors[0], Locale(language, "EUR"))
        assert all(word in said for word in ("data/transactions.csv", "8MB", "16MB", "KAMPLAY_MEMORY"))
    with pytest.raises(KamplayError):
        prepare(load(many))


# what DuckDB 2.0 says where its temporary folder is on a disk of 20 MB that is full
DISK_FULL = """Out of Memory Error: failed to offload data block of size 256.0 KiB (17.9 MiB/17.9 MiB used).
This limit was set by the 'max_temp_directory_size' setting."""


def test_a_full_disk_is_told_from_a_lack_of_memory():
    place = {"table": "transactions", "file": "data/transactions.csv"}
    for error in (duckdb.OutOfMemoryException(DISK_FULL), OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))):
        fault = memory.shortage(error, place)
        assert (fault.code, fault.file) == ("scratch_full", "data/transactions.csv")
        for language in ("zh", "en"):
            said = line(fault, Locale(language, "EUR"))
            assert tempfile.gettempdir() in said and "TMPDIR" in said
    assert memory.shortage(ValueError("No space left on device"), place) is None  # a server's


def test_accounts_that_are_added_up_in_turn_give_the_same_sums(many, monkeypatch):
    make_large(monkeypatch)
    whole = prepare(load(many))
    monkeypatch.setattr(rollup, "PART", 70_000 / rollup.megabytes())
    parts = prepare(load(many))
    for name in books.ROLL_UPS:
        pd.testing.assert_frame_equal(getattr(parts, name), getattr(whole, name), check_exact=True)
    assert (parts.totals, parts.totals["amount"]) == (whole.totals, 300_000)
