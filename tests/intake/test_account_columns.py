"""Owners, regions and the like that stand beside the lines of sales."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pandas as pd
import pytest
from conftest import random_lines, write_engagement

from kamplay.anonymous.engagement import write_copy
from kamplay.anonymous.secret import Secret
from kamplay.book import Book
from kamplay.book import load as load_book
from kamplay.book import save as save_book
from kamplay.engagement import load
from kamplay.intake.databases import large_files
from kamplay.intake.prepare import Intake, prepare, survey
from kamplay.method.check.readiness import tables_delivered
from kamplay.method.measures.hierarchy import by_group, heads

pytestmark = pytest.mark.filterwarnings("ignore:The 'future.infer_string' option")  # ibis asks pandas for it

SOLD = [  # worked by hand below
    ("2025-01-10", "A1", 100, "张三", "华东", "医院"),
    ("2025-06-10", "A1", 100, "李四", "华东", "医院"),
    ("2025-12-20", "A1", 100, "李四", "华北", "医院"),
    ("2023-03-01", "A2", 50, "王五", "华南", "诊所"),
    ("2023-04-01", "A2", 50, "王五", "华南", "诊所"),
    ("2023-05-01", "A2", 50, "王五", "华南", "诊所"),
    ("2025-02-01", "A2", 50, "王五", "华中", "诊所"),
    ("2024-05-05", "A3", 70, "赵六", "西南", "医院"),
    ("2024-08-05", "A3", 70, None, "西南", "医院"),
    ("2025-07-07", "A4", 30, "张三", "华东", "诊所"),
    ("2025-08-08", "A5", 20, "王五", "华南", "诊所"),
]
LATEST = {"A1": "李四", "A2": "王五", "A3": "赵六", "A4": "张三", "A5": "王五"}
# A1 has 华东 on two of three lines of 2025; A2 was 华南 on three lines of 2023 and 华中 on its only one since
USUAL = {"A1": "华东", "A2": "华中", "A3": "西南", "A4": "华东", "A5": "华南"}


def sold(**columns: object) -> pd.DataFrame:
    made = pd.DataFrame(SOLD, columns=["日期", "客户编码", "金额", "业务员", "省份", "行业"])
    return made.assign(**columns)


def told(intake: Intake, code: str) -> list[tuple[str | None, dict]]:
    return [(f.column, f.args) for f in intake.faults if f.code == code]


def names_of(book: Book, column: str) -> dict[str, str]:
    return book.accounts[column].dropna().to_dict()


def test_the_latest_owner_and_the_usual_region_of_the_latest_year(tmp_path):
    at = load(write_engagement(tmp_path / "client", sold()))
    intake = survey(at)
    assert told(intake, "account_column_latest") == [
        ("业务员", {"name": "owner", "accounts": 5, "several": 1})
    ]
    assert told(intake, "account_column_usual") == [("省份", {"name": "region", "accounts": 5, "several": 2})]
    # 赵六's last line is of 2024, over six months before the last of all; A3 is still theirs
    assert told(intake, "account_owners_quiet") == [
        ("业务员", {"name": "owner", "accounts": 1, "owners": ["赵六"]})
    ]
    read = intake.readings[0].columns
    assert {n: (read[n]["header"], read[n]["ways"]) for n in ("owner", "region", "industry")} == {
        "owner": ("业务员", ["latest"]),
        "region": ("省份", ["usual"]),
        "industry": ("行业", ["usual"]),
    }
    assert intake.readings[0].unused == ()
    book = prepare(at)
    save_book(book, tmp_path / "book")
    for one in (book, load_book(tmp_path / "book")):
        assert names_of(one, "owner") == LATEST
        assert names_of(one, "region") == USUAL
        assert names_of(one, "industry") == dict(
            zip(LATEST, ["医院", "诊所", "医院", "诊所", "诊所"], strict=True)
        )
        assert one.has("accounts", "owner", "region") and not one.has("accounts")
        assert not one.has("accounts", "owner", "credit_limit")


def test_lines_after_the_reporting_date_say_nothing(tmp_path):
    at = write_engagement(tmp_path / "client", sold())
    (at / "engagement.yaml").write_text('client: C\ncurrency: EUR\nas_of: "2025-03-31"\n')
    assert names_of(prepare(load(at)), "owner") == {"A1": "张三", "A2": "王五", "A3": "赵六"}


def test_the_list_of_accounts_comes_first_cell_by_cell(tmp_path):
    known = pd.DataFrame({"account_id": ["A1", "A2"], "owner": ["孙七", None], "region": ["北京", "上海"]})
    at = load(write_engagement(tmp_path / "client", sold(), accounts=known))
    book = prepare(at)
    assert names_of(book, "owner") == {**LATEST, "A1": "孙七"}
    assert names_of(book, "region") == {**USUAL, "A1": "北京", "A2": "上海"}
    intake = survey(at)
    assert told(intake, "account_column_filled") == [
        ("省份", {"name": "region", "accounts": 3}),
        ("业务员", {"name": "owner", "accounts": 4}),
    ]
    assert not told(intake, "account_column_latest")  # A1, the one with two, is in the list
    every = pd.DataFrame({"account_id": list(LATEST), "owner": "孙七"})
    at = load(write_engagement(tmp_path / "listed", sold(), accounts=every))
    (left,) = [one for r in survey(at).readings for one in r.passed_over if one["header"] == "业务员"]
    assert (left["looks_like"], left["why"]) == ("owner", "in_accounts")


def taking_turns() -> pd.DataFrame:
    made = random_lines(12)
    return made.assign(业务员=["张三", "李四"] * (len(made) // 2) + ["张三"] * (len(made) % 2))


def test_a_column_that_changes_from_line_to_line_is_told_and_not_taken(tmp_path):
    made = taking_turns()
    at = load(write_engagement(tmp_path / "client", made))
    intake = survey(at)
    assert intake.on_lines is None
    (left,) = [one for one in intake.readings[0].passed_over if one["header"] == "业务员"]
    assert (left["looks_like"], left["why"]) == ("owner", "of_the_line")
    assert left["args"]["accounts"] == made["account_id"].nunique()
    named = "sources: {transactions: {path: data/transactions.csv, columns: {owner: 业务员}}}\n"
    book = prepare(load(write_engagement(tmp_path / "named", made, named)))
    last = made.sort_values(["date"], kind="stable").groupby("account_id")["业务员"].last()
    alone = made.groupby("account_id")["date"].transform("max") == made["date"]
    sure = made[alone].groupby("account_id")["业务员"].nunique() == 1
    assert book.accounts["owner"][sure[sure].index].to_dict() == last[sure[sure].index].to_dict()


def test_what_is_no_word_of_accounts_is_not_taken(tmp_path):
    made = sold(
        State=["posted", "draft"] * 5 + ["posted"],  # of the document
        销售员=[f"{n}.50" for n in range(11)],  # money
        客户类型="医院",  # the same everywhere
    ).drop(columns=["业务员", "省份", "行业"])
    assert survey(load(write_engagement(tmp_path / "client", made))).on_lines is None


def test_the_same_lines_named_as_accounts_too(tmp_path):
    made = sold(首次合作日期=sold()["客户编码"].map({"A1": "2020-01-01"}), 信用额度=500)
    named = "sources: {transactions: data/transactions.csv, accounts: data/transactions.csv}\n"
    at = load(write_engagement(tmp_path / "client", made, named))
    intake = survey(at)
    alone = survey(load(write_engagement(tmp_path / "alone", made)))
    codes = {f.code for f in intake.faults}
    assert codes == {f.code for f in alone.faults} and not codes & {"line_repeated_dropped", "key_repeated"}
    assert "accounts" not in intake.tables and len(intake.readings) == 1
    book = prepare(at)
    assert names_of(book, "owner") == LATEST
    assert names_of(book, "since") == {"A1": pd.Timestamp("2020-01-01")}
    assert names_of(book, "credit_limit") == dict.fromkeys(LATEST, 500)
    assert not prepare(load(tmp_path / "alone")).has("accounts", "credit_limit")


def test_lines_named_as_accounts_that_say_nothing_of_them(tmp_path):
    named = "sources: {transactions: data/transactions.csv, accounts: data/transactions.csv}\n"
    at = load(write_engagement(tmp_path / "client", sold()[["日期", "客户编码", "金额"]], named))
    assert len(told(survey(at), "accounts_not_on_lines")) == 1


def test_groups_have_what_their_members_agree_on(tmp_path):
    known = pd.DataFrame({"account_id": ["A4", "A5"], "parent_id": ["A1", "A2"]})
    book = prepare(load(write_engagement(tmp_path / "client", sold(), accounts=known)))
    grouped = by_group(book, heads(book))
    assert names_of(grouped, "owner") == {"A1": "李四", "A2": "王五", "A3": "赵六"}
    assert names_of(grouped, "industry") == {"A1": "医院", "A2": "诊所", "A3": "医院"}


def test_an_anonymous_copy_keeps_who_is_in_charge_of_whom(tmp_path):
    at = load(write_engagement(tmp_path / "client", sold()))
    write_copy(at, tmp_path / "copy", Secret(b"k" * 32))
    copied = prepare(load(tmp_path / "copy"))
    owners = copied.accounts["owner"]
    assert owners.value_counts().tolist() == pd.Series(LATEST).value_counts().tolist()
    assert not set(owners) & set(LATEST.values())


def test_what_a_list_of_accounts_would_add(tmp_path):
    book = prepare(load(write_engagement(tmp_path / "client", sold(客户名称=sold()["客户编码"] + "医院"))))
    row = tables_delivered(book).set_index("table").loc["accounts"]
    assert not row["delivered"]
    assert (row["unlocks_en"], row["unlocks_zh"]) == ("groups and credit", "客户集团归属与信用")


@pytest.mark.parametrize("kind", ["csv", "parquet", "two files"])
def test_lines_that_are_added_up_where_they_are_say_the_same(kind, tmp_path, monkeypatch):
    made = pd.concat([sold(客户名称=sold()["客户编码"] + "医院")] * 12, ignore_index=True)
    made.loc[11:, "日期"] = "2024-05-05"  # more lines before, which change nothing of who is the latest
    made = made.assign(金额=made["金额"] + made.index)
    at = write_engagement(tmp_path / "client", made.head(0))
    data = at / "data"
    if kind == "parquet":
        (data / "transactions.csv").unlink()
        made.assign(日期=pd.to_datetime(made["日期"])).to_parquet(data / "transactions.parquet")
    elif kind == "two files":
        made.iloc[:120].to_csv(data / "transactions.csv", index=False)
        made.iloc[120:].to_csv(data / "transactions 2.csv", index=False)
    else:
        made.to_csv(data / "transactions.csv", index=False)
    careful = prepare(load(at))
    monkeypatch.setattr(large_files, "MOST_LINES", 100)
    added = prepare(load(at))
    assert "transactions" not in added.tables
    same(careful, added)


def test_lines_in_a_database_say_the_same(tmp_path):
    made = sold(客户名称=sold()["客户编码"] + "医院")
    careful = prepare(load(write_engagement(tmp_path / "files", made)))
    at: Path = write_engagement(
        tmp_path / "database",
        made.head(0),
        "sources: {transactions: {url: 'duckdb:///data/erp.duckdb', table: sales},"
        " accounts: {url: 'duckdb:///data/erp.duckdb', table: sales}}\n",
    )
    (at / "data" / "transactions.csv").unlink()
    with duckdb.connect(at / "data" / "erp.duckdb") as db:
        db.register("made", made.assign(日期=pd.to_datetime(made["日期"]).dt.date))
        db.execute("create table sales as select * from made").fetchall()
    same(careful, prepare(load(at)))


def same(careful: Book, added: Book) -> None:
    for column in ("owner", "region", "industry"):
        assert names_of(added, column) == names_of(careful, column) != {}
    assert added.names.to_dict() == careful.names.to_dict()
    told_of = [
        {(f.code, f.column, str(f.args)) for f in book.faults if f.code.startswith("account_column")}
        for book in (careful, added)
    ]
    assert told_of[0] == told_of[1] != set()


PLACES = {"A1": "苏州", "A2": "佛山", "A3": "昆明", "A4": "无锡", "A5": "佛山"}


@pytest.mark.parametrize("header", ["城市", "所在城市", "City", "Ort", "Ville", "Ciudad", "Città"])
def test_a_city_is_a_column_of_its_own_and_the_region_where_there_is_none(header, tmp_path):
    """Before there was a column of cities all these headers were the region; that stays where it is alone."""
    lines = sold().drop(columns="省份")
    listed = pd.DataFrame({"客户编号": PLACES.keys(), header: PLACES.values()})
    alone = prepare(load(write_engagement(tmp_path / "alone", lines, accounts=listed)))
    assert names_of(alone, "city") == names_of(alone, "region") == PLACES
    assert alone.has("accounts", "region", "city")

    regions = dict(zip(PLACES, ["华东", None, "西南", "华东", "华南"], strict=True))
    both = listed.assign(区域=regions.values())
    book = prepare(load(write_engagement(tmp_path / "both", lines, accounts=both)))
    assert names_of(book, "city") == PLACES
    assert names_of(book, "region") == {k: v for k, v in regions.items() if v}

    # a region on the lines is a region: no city stands in for it
    apart = prepare(load(write_engagement(tmp_path / "apart", sold(), accounts=listed)))
    assert (names_of(apart, "city"), names_of(apart, "region")) == (PLACES, USUAL)


def test_cities_beside_the_lines_are_the_accounts(tmp_path):
    lines = sold(城市=sold()["客户编码"].map(PLACES))
    book = prepare(load(write_engagement(tmp_path / "both", lines)))
    assert (names_of(book, "city"), names_of(book, "region")) == (PLACES, USUAL)
    alone = prepare(load(write_engagement(tmp_path / "alone", lines.drop(columns="省份"))))
    assert names_of(alone, "city") == names_of(alone, "region") == PLACES


@pytest.mark.parametrize("listed", [True, False])
def test_a_copy_has_a_code_for_each_city(listed, tmp_path):
    city = sold()["客户编码"].map(PLACES)
    accounts = pd.DataFrame({"客户编号": PLACES.keys(), "城市": PLACES.values()}) if listed else None
    lines = sold() if listed else sold(城市=city)
    at = load(write_engagement(tmp_path / "client", lines, "labels: {city: {佛山: Foshan}}\n", accounts))
    write_copy(at, tmp_path / "copy", Secret(b"k" * 32))
    copied = prepare(load(tmp_path / "copy")).accounts
    assert sorted(copied["city"].value_counts()) == [1, 1, 1, 2]  # the two of 佛山 have one code
    assert sorted(copied["region"].value_counts()) == sorted(pd.Series(USUAL).value_counts())
    said = "".join(f.read_text(encoding="utf-8") for f in (tmp_path / "copy").rglob("*") if f.is_file())
    assert not [name for name in {*PLACES.values(), "Foshan"} if name in said]
