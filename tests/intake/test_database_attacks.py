"""A query in a client's settings reads one table of the client's database, and can do nothing else."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import duckdb
import pytest
from conftest import random_lines

from kamplay.engagement import load
from kamplay.intake.databases import database
from kamplay.intake.prepare import Intake, survey

pytestmark = pytest.mark.filterwarnings("ignore:The 'future.infer_string' option")  # ibis asks pandas for it
LINES = random_lines(4)[["account_id", "date", "amount"]].assign(date=lambda x: x["date"].astype(str))
ONE = "query_not_one_select"
PLAIN = "select * from sales"
REFUSED = [  # {out}: a file outside the folder, {inside}: one in it
    f"{PLAIN}; copy (select 42) to '{{out}}'",
    f"{PLAIN} ;\n-- harmless\n; copy (select 42) to '{{out}}'",
    f"{PLAIN} /* ; */ ; /* select */ copy sales to '{{out}}'",
    f"{PLAIN} -- ;\n; attach '{{out}}' as other",
    f"{PLAIN}; drop table sales",
    f"{PLAIN}; select 1",
    "copy (select 42) to '{out}'",
    "copy sales to '{inside}'",
    "attach '{out}' as other",
    "attach '{inside}'",
    "install httpfs",
    "load httpfs",
    "pragma database_list",
    "pragma table_info('sales')",
    "set memory_limit = '1GB'",
    "call pragma_version()",
    "export database '{out}'",
    "vacuum into '{out}'",
    "insert into sales select * from sales",
    "with gone as (delete from sales returning *) select * from gone",
    "update sales set amount = 0",
    "create table other as select * from sales",
    "select * into other from sales",
    "drop table sales",
    "begin",
    "-- nothing",
    "/* */",
    ";",
    "seleckt * from sales",
    f"{'(' * 3000}select 1{')' * 3000}",
]
READ = [
    PLAIN,
    f"{PLAIN};",
    f"  {PLAIN} ;  -- all of it; copy nothing",
    f"/* ; copy x to 'y' */ {PLAIN}",
    "with recent as (select * from sales) select * from recent",
    "select * from sales where account_id <> ';' union all select * from sales where 1 = 0",
    "(select * from sales)",
    "select * from (select * from sales) as inside -- ;",
]
FILES = [  # one SELECT each, which reads another file, or writes by a function
    "select * from read_csv('{secret}')",
    "select * from '{secret}'",
    "select * from read_text('{secret}')",
    "select * from glob('/*')",
    "select *, (select count(*) from read_csv('{secret}')) from sales",
    "select * from sales union all select * from read_csv('{secret}')",
    "select * from parquet_scan('{secret}')",
    "select * from sqlite_scan('{secret}', 'x')",
    "select load_extension('{secret}') from sales",
    "select writefile('{out}', 'x') from sales",
]


def folder_of(tmp_path: Path, kind: str, query: str) -> Path:
    """An engagement on a database file, with a query on it."""
    folder = tmp_path / "client"
    (folder / "data").mkdir(parents=True)
    (tmp_path / "secret.csv").write_text("account_id,date,amount\nS,2025-12-01,5\nT,2025-12-01,6\n")
    file = folder / "data" / f"erp.{kind}"
    if kind == "duckdb":
        with duckdb.connect(str(file)) as connection:
            connection.register("lines", LINES)
            connection.execute("create table sales as select * from lines")
    else:
        with sqlite3.connect(file) as connection:
            connection.execute("pragma journal_mode = wal")  # as programs that are in use keep it
            LINES.to_sql("sales", connection, index=False)
        connection.close()
    filled = query.replace("{out}", str(tmp_path / "out.csv")).replace(
        "{secret}", str(tmp_path / "secret.csv")
    )
    quoted = filled.replace("{inside}", str(folder / "out.csv")).replace("'", "''")
    source = f"{{url: '{kind}:///data/erp.{kind}', query: '{quoted}'}}"
    (folder / "engagement.yaml").write_text(
        "client: A\nas_of: 2025-12-31\nsources:\n  transactions: " + source.replace("\n", "\n\n    ") + "\n",
        encoding="utf-8",
    )
    return folder


def checked(tmp_path: Path, kind: str, query: str) -> Intake:
    """What a check finds, having written nothing anywhere."""
    folder = folder_of(tmp_path, kind, query)
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    intake = survey(load(folder))
    after = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    for side in (before, after):  # SQLite keeps its log beside a file that is being read
        for path in [p for p in side if p.name.endswith(("-wal", "-shm"))]:
            del side[path]
    assert after == before
    return intake


@pytest.mark.parametrize("kind", ["duckdb", "sqlite"])
@pytest.mark.parametrize("query", REFUSED, ids=lambda query: query[:40])
def test_all_but_one_select_is_refused(tmp_path, kind, query):
    faults = checked(tmp_path, kind, query).faults
    assert [(f.level, f.file) for f in faults] == [("error", f"data/erp.{kind}")]
    if faults[0].code == "query_unreadable":
        assert "\n" not in faults[0].args["detail"]
    else:
        assert faults[0].code in (ONE, "setting_invalid")


@pytest.mark.parametrize("kind", ["duckdb", "sqlite"])
@pytest.mark.parametrize("query", READ, ids=lambda query: query[:40])
def test_one_select_is_read(tmp_path, kind, query):
    if kind == "sqlite" and query.startswith("("):
        pytest.skip("SQLite takes no brackets round a whole query")
    intake = checked(tmp_path, kind, query)
    assert intake.usable, intake.faults
    assert intake.rolled is not None
    assert intake.rolled.roll_up.totals["amount"] == pytest.approx(LINES["amount"].sum())


@pytest.mark.parametrize("kind", ["duckdb", "sqlite"])
@pytest.mark.parametrize("query", FILES, ids=lambda query: query[:40])
def test_a_select_reaches_no_other_file(tmp_path, kind, query):
    intake = checked(tmp_path, kind, query)
    assert [f.level for f in intake.faults] == ["error"]
    assert intake.faults[0].code in ("database_query", "query_unreadable")


@pytest.mark.parametrize("kind", ["duckdb", "sqlite"])
@pytest.mark.parametrize(
    "statement",
    [
        "copy (select 42) to '{out}'",
        "attach '{out}' as other",
        "insert into sales select * from sales",
        "create table other as select 1",
        "set enable_external_access = true",
        "pragma journal_mode = delete",
        "vacuum into '{out}'",
        "install httpfs",
        "load httpfs",
    ],
)
def test_the_connection_itself_refuses_what_a_query_may_not(tmp_path, kind, statement):
    folder = folder_of(tmp_path, kind, PLAIN)
    backend = database.connect(folder, f"{kind}:///data/erp.{kind}", {}, {})
    try:
        with pytest.raises((duckdb.Error, sqlite3.Error)):
            backend.con.execute(statement.replace("{out}", str(tmp_path / "out.csv"))).fetchall()
    finally:
        backend.disconnect()
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize("amount", ["1e308", "'inf'::double", "'nan'::double", "-1e14"])
def test_amounts_beyond_all_sums_are_counted(tmp_path, amount):
    query = f"select account_id, date, case when rowid = 3 then {amount} else amount end as amount from sales"
    found = [(f.code, f.column, f.count) for f in checked(tmp_path, "duckdb", query).faults]
    assert found == [("amount_too_large", "amount", 1)]
