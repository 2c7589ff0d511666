"""Sources in a database: the same results as the same data as csv, only sums fetched, no secret in anything
written.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pandas as pd
import pytest
import sqlglot
import yaml
from conftest import MEDTECH, random_lines, write_engagement
from typer.testing import CliRunner

from kamplay import api
from kamplay.book import Book
from kamplay.cli import app
from kamplay.codebook import codebook
from kamplay.engagement import Source, load
from kamplay.errors import KamplayError
from kamplay.intake import rollup
from kamplay.intake.databases import database
from kamplay.intake.prepare import prepare, survey

pytestmark = pytest.mark.filterwarnings("ignore:The 'future.infer_string' option")  # ibis asks pandas for it
SECRET = "s3cr:t/@#%&ü"  # what a password may hold
COLUMNS = "{date: 开票日期, account_id: 客户, amount: net, order_id: bill, category: line}"
HEADERS = {"date": "开票日期", "account_id": "客户", "amount": "net", "order_id": "bill", "category": "line"}


@pytest.fixture(scope="module")
def lines() -> pd.DataFrame:
    made = random_lines(20)
    made["cost"] = (made["amount"] * 0.6).round(2)
    made.loc[::50, "account_id"] = None
    made["kind"] = ["void" if i % 17 == 0 else "valid" for i in range(len(made))]
    return made


@pytest.fixture(scope="module")
def accounts(lines) -> pd.DataFrame:
    ids = sorted(set(lines["account_id"].dropna()))
    return pd.DataFrame(
        {
            "account_id": ids,
            "account_name": [f"Name {i}" for i in ids],
            "since": pd.Timestamp("2019-04-01"),
            "employees": 12,
        }
    )


@pytest.fixture(scope="module")
def from_csv(lines, accounts, tmp_path_factory) -> Book:
    folder = tmp_path_factory.mktemp("csv") / "client"
    settings = "sources: {transactions: {path: data/transactions.csv, where: {kind: valid}}}\n"
    return prepare(load(write_engagement(folder, lines, settings, accounts)))


def folder_with(tmp_path: Path, url: str, extra: str = "") -> Path:
    """An engagement whose two tables live at ``url``."""
    (tmp_path / "data").mkdir(parents=True, exist_ok=True)
    sources = f"""
sources:
  transactions: {{url: "{url}", table: sales, columns: {COLUMNS}, where: {{kind: valid}}}}
  accounts: {{url: "{url}", query: "select * from customers"}}
"""
    (tmp_path / "engagement.yaml").write_text(
        f'client: Test client\nlanguage: en\ncurrency: EUR\nas_of: "2025-12-31"\n{sources}{extra}',
        encoding="utf-8",
    )
    return tmp_path


def fill_duckdb(path: Path, sales: pd.DataFrame, customers: pd.DataFrame) -> None:
    with duckdb.connect(path) as db:
        db.execute(
            "create table sales as select * replace (cast(开票日期 as date) as "
            "开票日期, cast(net as decimal(14, 2)) as net) from sales"
        )
        db.execute("create table customers as select * from customers")


def fill_sqlite(path: Path, sales: pd.DataFrame, customers: pd.DataFrame) -> None:
    db = sqlite3.connect(path)
    sales.assign(开票日期=sales["开票日期"].dt.strftime("%Y-%m-%d")).to_sql("sales", db, index=False)
    customers.to_sql("customers", db, index=False)
    db.commit()
    db.close()


@pytest.fixture
def sales(lines) -> pd.DataFrame:
    return lines.rename(columns=HEADERS)


def same(book: Book, csv: Book) -> None:
    for name in ("monthly", "days", "baskets"):
        pd.testing.assert_frame_equal(getattr(book, name), getattr(csv, name))
    assert book.totals == csv.totals
    assert book.has_cost
    assert "transactions" not in book.tables
    pd.testing.assert_frame_equal(book.tables["accounts"], csv.tables["accounts"], check_dtype=False)
    mine, theirs = ({r.table: (r.rows, r.set_aside, r.used) for r in b.readings} for b in (book, csv))
    assert mine == theirs
    mine, theirs = (
        [(f.count, round(f.args["amount"], 2)) for f in b.faults if f.code == "account_blank"]
        for b in (book, csv)
    )
    assert mine == theirs


@pytest.mark.parametrize(("kind", "fill"), [("duckdb", fill_duckdb), ("sqlite", fill_sqlite)])
def test_files_equal_csv(kind, fill, tmp_path, sales, accounts, from_csv):
    folder = folder_with(tmp_path / "client", f"{kind}:///data/erp.{kind}")
    fill(folder / "data" / f"erp.{kind}", sales, accounts)
    same(prepare(load(folder)), from_csv)


def test_run_from_a_database(tmp_path, sales, accounts, from_csv):
    folder = folder_with(tmp_path / "client", "duckdb:///data/erp.duckdb")
    fill_duckdb(folder / "data" / "erp.duckdb", sales, accounts)
    result = CliRunner().invoke(
        app, ["run", str(folder), "--quiet", "--out", str(tmp_path / "out"), "--language", "en"]
    )
    assert result.exit_code == 0, result.output
    run = tmp_path / "out" / "Test-client" / "2025-12-31"
    figures = json.loads((run / "results" / "key_figures.json").read_text(encoding="utf-8"))
    assert figures["check"]["rows"] == from_csv.totals["rows"]
    assert figures["value"]["revenue"] == pytest.approx(from_csv.window(12)["amount"].sum(), abs=0.01)
    manifest = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    assert [i["file"] for i in manifest["inputs"]] == ["data/erp.duckdb"]
    result = CliRunner().invoke(app, ["check", str(folder), "--json", "--out", str(tmp_path / "out")])
    told = json.loads(result.output)
    assert told["tables"]["transactions"]["rows"] == from_csv.totals["rows"]
    assert told["tables"]["transactions"]["last"] == from_csv.totals["last"]


def test_only_sums_are_asked_for(tmp_path, sales, accounts):
    """Whatever is selected in the end is grouped, counted or summed."""
    import ibis

    fill_duckdb(tmp_path / "erp.duckdb", sales, accounts)
    backend = ibis.duckdb.connect(tmp_path / "erp.duckdb", read_only=True)
    table, faults = database.typed(
        backend.table("sales"), HEADERS | {"cost": "cost"}, codebook()["transactions"], {}
    )
    assert not faults
    made = rollup.statements(table, pd.Timestamp("2025-12-31").date(), {"cost", "order_id", "category"})
    assert len(made) == 6
    for text in made[:4]:  # the documents of days with credits: that no line of them is fetched is seen below
        outer = sqlglot.parse_one(text, dialect="duckdb")
        while not outer.args.get("group") and not outer.find(sqlglot.exp.AggFunc):
            outer = outer.find(sqlglot.exp.Subquery).this
        assert outer.args.get("group") or all(e.find(sqlglot.exp.AggFunc) for e in outer.expressions), text
    backend.disconnect()


def test_lines_are_not_fetched(tmp_path, sales, accounts, monkeypatch):
    """Of 100 copies of every line the same number of rows arrives as of one; some orders are undone."""
    orders = sales[(sales["kind"] == "valid") & sales["客户"].notna() & (sales["net"] > 0)].iloc[5:200:20]
    undoing = orders.assign(net=-orders["net"], bill="C" + orders["bill"].astype("str"))
    sales = pd.concat([sales, undoing], ignore_index=True)
    arrived: list[int] = []
    plain = rollup._land

    def counted(here, name, expression):
        plain(here, name, expression)
        arrived.append(here.con.execute(f"select count(*) from landed_{name}").fetchall()[0][0])

    monkeypatch.setattr(rollup, "_land", counted)
    for copies in (1, 100):
        folder = folder_with(tmp_path / str(copies), "sqlite:///data/erp.sqlite")
        fill_sqlite(folder / "data" / "erp.sqlite", pd.concat([sales] * copies), accounts)
        book = prepare(load(folder))
        assert book.totals["rows"] == copies * (sales["kind"] == "valid").sum()
    half = len(arrived) // 2
    assert arrived[:half] == arrived[half:]
    assert half == 5 and arrived[3] >= 2 * len(orders)  # the documents: each order and its credit


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("{url: 'duckdb:///data/erp.duckdb', path: data/x.csv, table: sales}", "path_or_url"),
        ("{path: , columns: {date: d}}", "path_or_url"),
        ("{columns: {date: d}, query: select 1}", "table_or_query"),
        ("{url: 'duckdb:///data/erp.duckdb'}", "table_or_query"),
        ("{url: 'duckdb:///data/erp.duckdb', table: sales, query: select 1}", "table_or_query"),
        ("{path: data/x.csv, table: sales}", "table_or_query"),
        ("{url: 'duckdb:///../erp.duckdb', table: sales}", "path_outside"),
        ("{url: 'sqlite:////etc/erp.sqlite', table: sales}", "path_outside"),
        ("{url: 'sqlite:///C:/erp.sqlite', table: sales}", "path_outside"),
        ("{url: 'postgres://erp:hunter2@db/erp', table: sales}", "password_in_settings"),
        ("{url: 'postgres://erp:hun#t/er2@db/erp', table: sales}", "password_in_settings"),
        ("{url: 'postgres://erp:${A}hunter2@db/erp', table: sales}", "password_in_settings"),
        ("{url: 'postgres://db/erp?password=hunter2', table: sales}", "password_in_settings"),
        ("{url: 'pyspark://db:15002/;token=hunter2', table: sales}", "password_in_settings"),
        ("{url: 'postgres://erp:hunter2/erp', table: sales}", "url_unreadable"),
        ("{url: 'hunter2', table: sales}", "url_unreadable"),
        ("{url: [hunter2], table: sales}", "url_unreadable"),
    ],
)
def test_settings_that_are_refused(source, code, tmp_path):
    write_engagement(tmp_path / "c", random_lines(2), f"sources: {{transactions: {source}}}\n")
    with pytest.raises(KamplayError) as error:
        load(tmp_path / "c")
    assert [f.code for f in error.value.faults] == [code]
    result = CliRunner().invoke(app, ["run", str(tmp_path / "c"), "--quiet", "--out", str(tmp_path / "out")])
    assert result.exit_code == 2
    assert len(result.output.strip().splitlines()) == 1
    assert "hunter2" not in result.output + str(error.value) + repr(error.value.faults)


def faults_of(folder: Path) -> list[tuple[str, str | None, int]]:
    return [(f.code, f.column or f.value, f.count) for f in survey(load(folder)).faults if f.level == "error"]


def test_what_is_wrong_is_said(tmp_path, sales, accounts, monkeypatch):
    folder = folder_with(tmp_path / "c", "sqlite:///data/erp.sqlite")
    assert {c for c, _, _ in faults_of(folder)} == {"file_missing"}
    fill_sqlite(folder / "data" / "erp.sqlite", sales, accounts)
    text = (folder / "engagement.yaml").read_text(encoding="utf-8")

    def said(old: str, new: str) -> list[tuple[str, str | None, int]]:
        assert old in text
        (folder / "engagement.yaml").write_text(text.replace(old, new), encoding="utf-8")
        return faults_of(folder)

    assert said("amount: net", "amount: nett") == [("header_missing", "nett", 1)]
    assert said("kind: valid", "kind: gone") == [("where_keeps_nothing", "kind", 1)]
    assert said("kind: valid", "sort: valid") == [("header_missing", "sort", 1)]
    assert said("table: sales", "table: sale") == [("database_table_missing", "sale", 1)]
    assert said("customers", "customer")[0][0] == "database_query"
    assert said("amount: net", "amount: kind") == [("database_type", "kind", 1)]
    assert said("2025-12-31", "2019-12-31") == [("as_of_outside_data", "as_of", 1)]
    with sqlite3.connect(folder / "data" / "erp.sqlite") as db:
        db.execute("update sales set 开票日期 = 'soon' where rowid in (2, 3)")
        db.execute("update sales set net = null where rowid = 4")
    assert sorted(said("EUR", "EUR")) == [("cell_empty", "net", 1), ("unreadable_date", "开票日期", 2)]


def test_environment(tmp_path, monkeypatch):
    monkeypatch.delenv("KAMPLAY_TEST_PASSWORD", raising=False)
    folder = folder_with(tmp_path / "c", "postgres://erp:${KAMPLAY_TEST_PASSWORD}@127.0.0.1:1/erp")
    assert set(faults_of(folder)) == {("env_missing", "KAMPLAY_TEST_PASSWORD", 1)}
    for url in ("postgres://erp:${KAMPLAY_TEST_PASSWORD}@127.0.0.1:1/erp", "${KAMPLAY_TEST_URL}"):
        monkeypatch.setenv("KAMPLAY_TEST_PASSWORD", SECRET)
        monkeypatch.setenv("KAMPLAY_TEST_URL", "postgres://erp:hunter2@127.0.0.1:1/erp")
        folder = folder_with(tmp_path / "c", url)
        result = CliRunner().invoke(app, ["run", str(folder), "--quiet", "--out", str(tmp_path / "out")])
        assert result.exit_code == 2
        lines = result.output.strip().splitlines()
        assert len(lines) == 2, result.output  # one for each table
        assert all("The database cannot be reached" in line for line in lines)
        assert "Traceback" not in result.output
        assert SECRET not in result.output
        assert "hunter2" not in result.output


def test_a_file_in_the_environment_stays_inside(tmp_path, monkeypatch):
    duckdb.connect(tmp_path / "erp.duckdb").close()
    monkeypatch.setenv("KAMPLAY_TEST_URL", "duckdb:///../erp.duckdb")
    assert {c for c, _, _ in faults_of(folder_with(tmp_path / "c", "${KAMPLAY_TEST_URL}"))} == {
        "path_outside"
    }


def test_too_large_to_pull(tmp_path, sales, accounts, monkeypatch):
    monkeypatch.setattr(database, "MOST_ROWS", 5)
    folder = folder_with(tmp_path / "c", "duckdb:///data/erp.duckdb")
    fill_duckdb(folder / "data" / "erp.duckdb", sales, accounts)
    assert [c for c, _, _ in faults_of(folder)] == ["database_too_large"]


def _server_programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or [
        Path(p) for p in [shutil.which("initdb")] if p
    ]
    return found[-1].parent if found else None


@pytest.fixture(scope="module")
def postgres(tmp_path_factory) -> Iterator[tuple[int, Path]]:
    """A server of our own with the user erp and the password SECRET: its port and its log, which holds every
    statement.
    """
    programs = _server_programs()
    if programs is None or pytest.importorskip("psycopg", reason="psycopg is not installed") is None:
        assert not os.environ.get("KAMPLAY_NEED_POSTGRES"), "PostgreSQL is needed here"
        pytest.skip("no PostgreSQL server programs (initdb) on this machine")
    place = tmp_path_factory.mktemp("postgres")
    (place / "password").write_text(SECRET, encoding="utf-8")
    su: list[str] = []
    if os.geteuid() == 0:  # a server refuses to run as root
        su = ["runuser", "-u", "postgres", "--"]
        place = Path(
            subprocess.run([*su, "mktemp", "-d"], check=True, capture_output=True, text=True).stdout.strip()
        )
        subprocess.run(
            [*su, "tee", place / "password"], input=SECRET, check=True, capture_output=True, text=True
        )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def call(program: str, *arguments: object) -> None:
        done = subprocess.run(
            [*su, programs / program, *map(str, arguments)], cwd="/", capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr

    data = place / "data"
    call(
        "initdb",
        "-D",
        data,
        "-U",
        "erp",
        "-A",
        "scram-sha-256",
        "--pwfile",
        place / "password",
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
    )
    options = (
        f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={place} "
        "-c log_statement=all -c fsync=off"
    )
    call("pg_ctl", "-D", data, "-o", options, "-l", place / "log", "-w", "start")
    try:
        yield port, place / "log"
    finally:
        call("pg_ctl", "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(place, ignore_errors=True)


def test_postgres(postgres, tmp_path, sales, accounts, from_csv, monkeypatch):
    import psycopg

    port, log = postgres

    with psycopg.connect(
        host="127.0.0.1", port=port, user="erp", password=SECRET, dbname="postgres", autocommit=True
    ) as db:
        db.execute("drop database if exists erp")
        db.execute("create database erp")
    with psycopg.connect(host="127.0.0.1", port=port, user="erp", password=SECRET, dbname="erp") as db:
        db.execute(
            'create table sales ("客户" text, "开票日期" date, net numeric(14, 2), '
            "line text, bill varchar(20), cost float8, kind text)"
        )
        with db.cursor().copy("copy sales from stdin") as copy:
            for row in sales.itertuples(index=False):
                copy.write_row([None if pd.isna(v) else v.item() if hasattr(v, "item") else v for v in row])
        db.execute("create table customers (account_id text, account_name text, since date, employees int)")
        for row in accounts.itertuples(index=False):
            db.execute(
                "insert into customers values (%s, %s, %s, %s)",
                [str(row[0]), row[1], row[2].date(), int(row[3])],
            )
    monkeypatch.setenv("KAMPLAY_TEST_PASSWORD", SECRET)
    folder = folder_with(
        tmp_path / "client", f"postgres://erp:${{KAMPLAY_TEST_PASSWORD}}@127.0.0.1:{port}/erp"
    )
    before = log.stat().st_size
    same(prepare(load(folder)), from_csv)
    asked = [s for s in log.read_bytes()[before:].decode().split("LOG:") if "sales" in s and "SELECT" in s]
    assert asked
    assert all(re.search(r"GROUP BY|COUNT\(|MAX\(", s) or "pg_" in s for s in asked), asked
    result = CliRunner().invoke(
        app, ["run", str(folder), "--quiet", "--out", str(tmp_path / "out"), "--language", "en"]
    )
    assert result.exit_code == 0, result.output
    written = [p for p in tmp_path.rglob("*") if p.is_file()]
    assert [p.name for p in written if "manifest" in p.name]
    assert not [
        p
        for p in written
        if SECRET.encode() in p.read_bytes() or json.dumps(SECRET).encode()[1:-1] in p.read_bytes()
    ]
    monkeypatch.setenv("KAMPLAY_TEST_PASSWORD", SECRET + "wrong")
    result = CliRunner().invoke(
        app, ["run", str(folder), "--quiet", "--out", str(tmp_path / "out"), "--language", "en"]
    )
    assert result.exit_code == 2
    assert len(result.output.strip().splitlines()) == 2
    assert SECRET not in result.output
    assert "The database cannot be reached" in result.output


@pytest.mark.parametrize("how", ["table: bills", 'query: "select * from bills"'])
def test_postgres_is_only_read(postgres, tmp_path, how, monkeypatch):
    import psycopg

    port, _ = postgres
    server = {"host": "127.0.0.1", "port": port, "user": "erp", "password": SECRET, "dbname": "postgres"}
    with psycopg.connect(**server) as db:
        db.execute("create table if not exists bills (a int)")
    monkeypatch.setenv("KAMPLAY_TEST_PASSWORD", SECRET)
    url = f"postgres://erp:${{KAMPLAY_TEST_PASSWORD}}@127.0.0.1:{port}/postgres"
    settings = f"client: A\nsources: {{transactions: {{url: '{url}', {how}}}}}\n"
    (tmp_path / "engagement.yaml").write_text(settings, encoding="utf-8")
    source = load(tmp_path).settings.sources["transactions"]
    with database._opened(tmp_path, source, {"table": "transactions"}) as table:
        connection = table.get_backend().con
        for statement in ("insert into bills values (1)", "create table more (a int)", "drop table bills"):
            with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
                connection.execute(statement)
        assert table.count().to_pyarrow().as_py() == 0


@pytest.fixture(scope="module")
def spark(tmp_path_factory) -> Iterator[str]:
    """A Spark Connect server of our own: its url."""
    if importlib.util.find_spec("pyspark") is None or shutil.which("java") is None:
        assert not os.environ.get("KAMPLAY_NEED_SPARK"), "pyspark and a JRE are needed here"
        pytest.skip("pyspark or a JRE is not installed")
    home = Path(importlib.util.find_spec("pyspark").origin).resolve().parent
    place = tmp_path_factory.mktemp("spark")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    conf = {
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.connect.grpc.binding.port": port,
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": 2,
        "spark.sql.warehouse.dir": place / "warehouse",
    }
    stated = [word for name, value in conf.items() for word in ("--conf", f"{name}={value}")]
    server = "org.apache.spark.sql.connect.service.SparkConnectServer"
    command = [home / "bin" / "spark-submit", "--class", server, "--master", "local[2]", *stated]
    with (place / "log").open("w") as log:
        running = subprocess.Popen(
            [*map(str, command), "--driver-memory", "1g", "spark-internal"],
            stdout=log,
            stderr=log,
            env={**os.environ, "SPARK_HOME": str(home)},
            start_new_session=True,
        )
    try:
        for _ in range(240):
            assert running.poll() is None, (place / "log").read_text()[-2000:]
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(1)
        yield f"127.0.0.1:{port}"
    finally:
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()


@pytest.mark.filterwarnings("ignore:The copy keyword is deprecated")  # pyspark 4.0 still says it to pandas
def test_spark(spark, tmp_path, sales, accounts, from_csv):
    from pyspark.sql import SparkSession

    session = SparkSession.builder.remote(f"sc://{spark}").getOrCreate()
    for name, frame in (("sales", sales), ("customers", accounts)):
        path = _parquet(tmp_path / f"{name}.parquet", frame)
        session.read.parquet(path).write.mode("overwrite").saveAsTable(name)
    folder = folder_with(tmp_path / "client", f"pyspark://{spark}")
    same(prepare(load(folder)), from_csv)
    told = {f.code for f in survey(load(folder)).faults}
    assert {"lines_added_up", "account_blank"} <= told


# what says of a database that something was not looked into → what only single lines can tell of it
NOT_LOOKED_INTO: dict[str, set[str]] = {
    "pvm_no_lines": {"pvm"},
    "price_tier_unknown": {"price_far_below", "price_tier_cheaper"},
    "entities_deals_only": {"entities_shared"},
    "entities_apart_deals": set(),
    "loop_not_linked": {"loop_linked_by_amount"},
    "loop_part_priced": set(),
    "serve_costs_partial": set(),  # returns
}


class Found(NamedTuple):
    """What the five steps of an engagement come to."""

    key_figures: dict[str, Any]  # step.name → figure
    findings: set[str]
    faults: set[str]


def found_in(folder: Path) -> Found:
    engagement = load(folder)
    book = prepare(engagement)
    api.create(engagement, book, folder / "run")
    run = api.open(folder / "run", language="en")
    results = [api.computed(run, step.result) for step in api.STEPS.values()]
    told = {finding.kind for one in results for finding in one.findings}
    figures = pd.json_normalize({one.step: one.key_figures for one in results}).iloc[0].to_dict()
    return Found(figures, told, {f.code for f in book.faults})


@pytest.fixture(scope="module")
def sample() -> dict[str, pd.DataFrame]:
    """The tables of the shipped sample, under our names with its own headers, of its first 100 accounts."""
    data = MEDTECH / "data"
    labels = {spec.labels["zh"]: name for name, spec in codebook().items()}
    sheets = pd.read_excel(data / "客户资料.xlsx", sheet_name=None, engine="calamine")
    lines = pd.read_csv(data / "销售明细.csv", parse_dates=["日期"])
    tables = {"transactions": lines, **{labels[sheet]: frame for sheet, frame in sheets.items()}}
    return {
        name: frame if "客户编号" not in frame else frame[~(frame["客户编号"] > "C0100")]
        for name, frame in tables.items()
    }


def sample_folder(folder: Path, sources: dict[str, Any]) -> Path:
    """The sample's engagement with its tables elsewhere."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = yaml.safe_load((MEDTECH / "engagement.yaml").read_text(encoding="utf-8"))
    del settings["control_total"], settings["target"]  # of all accounts
    text = yaml.safe_dump(settings | {"sources": sources}, allow_unicode=True)
    (folder / "engagement.yaml").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def sample_from_files(tmp_path_factory, sample) -> Found:
    data = tmp_path_factory.mktemp("files") / "client" / "data"
    data.mkdir(parents=True)
    for name, frame in sample.items():
        frame.to_csv(data / f"{name}.csv", index=False)
    return found_in(sample_folder(data.parent, {name: f"data/{name}.csv" for name in sample}))


def fill_postgres(server: tuple[int, Path], tables: dict[str, pd.DataFrame]) -> str:
    """A database of its own with these tables: its url."""
    import psycopg

    where = {"host": "127.0.0.1", "port": server[0], "user": "erp", "password": SECRET}
    with psycopg.connect(**where, dbname="postgres", autocommit=True) as db:
        db.execute("drop database if exists sample")
        db.execute("create database sample")
    kinds = {"i": "bigint", "f": "float8", "M": "date", "O": "text"}
    with psycopg.connect(**where, dbname="sample") as db:
        for name, frame in tables.items():
            columns = {c: kinds[getattr(frame[c].dtype, "kind", "O")] for c in frame}
            if name == "transactions":  # money as an ERP keeps it
                columns |= dict.fromkeys(["金额", "成本"], "numeric(14, 2)")
            made = ", ".join(f'"{column}" {kind}' for column, kind in columns.items())
            db.execute(f'create table "{name}" ({made})')
            cells = frame.astype(object).where(frame.notna(), None)
            with db.cursor().copy(f'copy "{name}" from stdin') as copy:
                for row in cells.itertuples(index=False):
                    copy.write_row(row)
    return f"postgres://erp:${{KAMPLAY_TEST_PASSWORD}}@127.0.0.1:{server[0]}/sample"


def fill_spark(server: str, tables: dict[str, pd.DataFrame], place: Path) -> str:
    """These tables in the catalogue of a Spark Connect server: its url."""
    from pyspark.sql import SparkSession

    session = SparkSession.builder.remote(f"sc://{server}").getOrCreate()
    for name, frame in tables.items():
        path = _parquet(place / f"{name}.parquet", frame)
        session.read.parquet(path).write.mode("overwrite").saveAsTable(f"sample_{name}")
    return f"pyspark://{server}"


@pytest.mark.filterwarnings("ignore:The copy keyword is deprecated")  # pyspark 4.0 still says it to pandas
@pytest.mark.parametrize("kind", ["postgres", "spark"])
def test_figures_do_not_depend_on_where_the_tables_are(
    kind, request, tmp_path, sample, sample_from_files, monkeypatch
):
    """One engagement, all its tables in files, then in a database: the same key figures, and whatever needs
    single lines is told as not looked into.
    """
    server = request.getfixturevalue(kind)
    monkeypatch.setenv("KAMPLAY_TEST_PASSWORD", SECRET)
    if kind == "postgres":
        url, prefix = fill_postgres(server, sample), ""
    else:
        url, prefix = fill_spark(server, sample, tmp_path), "sample_"
    sources = {name: {"url": url, "table": f"{prefix}{name}"} for name in sample}
    found = found_in(sample_folder(tmp_path / "client", sources))
    assert found.key_figures == {
        name: pytest.approx(figure, rel=1e-9) if isinstance(figure, float) else figure
        for name, figure in sample_from_files.key_figures.items()
    }
    assert found.faults - sample_from_files.faults == {"lines_added_up"}
    assert found.findings - sample_from_files.findings == set(NOT_LOOKED_INTO)
    assert sample_from_files.findings - found.findings == set().union(*NOT_LOOKED_INTO.values())


def _parquet(path: Path, frame: pd.DataFrame) -> str:
    frame.to_parquet(path, index=False, coerce_timestamps="us", allow_truncated_timestamps=True)
    return str(path)


def test_a_source_is_written_back_as_it_was():
    source = Source.model_validate({"url": "postgres://erp:${PW}@db/erp", "table": "sales"})
    assert Source.model_validate(source.model_dump(mode="json")) == source
