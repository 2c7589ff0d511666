"""Account plans of the shipped sample, each optional table taken away in turn: written all the same."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest
from conftest import book_of
from typer.testing import CliRunner

from kamplay import api
from kamplay.book import Book
from kamplay.cli import app
from kamplay.codebook import codebook
from kamplay.engagement import Engagement
from kamplay.report.account_plans import choose

OPTIONAL = [name for name in codebook() if name != "transactions"]
ACCOUNTS = 24  # of the sample, the largest: its plans are as before, and the steps are taken sooner

SAID = {  # where the plan has a place for what the table holds
    "receivables": "no bills on file",
    "contacts": "Nobody is on file",
    "surveys": "It has never been asked",
    "wallet": "what it buys elsewhere is not known",
}


@pytest.fixture(scope="module")
def tables(medtech_book: Book) -> dict[str, pd.DataFrame]:
    sums = medtech_book.window(12).groupby("account_id")["amount"].sum()
    own = set(sums.nlargest(ACCOUNTS).index)
    return {
        name: frame[frame["account_id"].isin(own)].reset_index(drop=True) if "account_id" in frame else frame
        for name, frame in medtech_book.tables.items()
    }


def written(
    place: Path, medtech: Engagement, tables: dict[str, pd.DataFrame], without: str | None
) -> api.Run:
    kept = {name: frame for name, frame in tables.items() if name not in ("transactions", without)}
    book = book_of(tables["transactions"], pd.Timestamp(medtech.settings.as_of), **kept)
    folder = place / "client" / str(medtech.settings.as_of)
    api.create(medtech, book, folder)
    return api.open(folder, "en", "internal")


@pytest.mark.parametrize("without", [None, *OPTIONAL])
def test_a_plan_is_written_without_any_one_table(without, medtech, tables, tmp_path):
    run = written(tmp_path, medtech, tables, without)
    units = choose(run, ["S"], []).units[:1]
    assert units
    for language, edition in (("zh", "internal"), ("en", "internal"), ("en", "customer")):
        plan = api.account_plan(api.open(run.folder, language, edition), *units)
        assert plan.html.lstrip().startswith('<article class="plan')
        if (language, edition) == ("en", "internal"):
            assert SAID.get(without or "", "") in plan.text
            assert [said for table, said in SAID.items() if said in plan.text and table != without] == []
        assert not re.search(r"\b(nan|None|NaT|<NA>)\b", re.sub(r"<[^>]+>", " ", plan.html))


def test_sales_alone_are_enough_for_the_command(medtech, tables, tmp_path):
    run = written(tmp_path, medtech, {"transactions": tables["transactions"]}, None)
    (run.folder / "manifest.json").write_text(json.dumps({"languages": ["zh"]}))
    done = CliRunner().invoke(app, ["plans", str(run.folder), "--tier", "S", "--quiet"])
    assert done.exit_code == 0, done.output
    pages = list((run.folder / "plans" / "internal").glob("*.html"))
    assert len(pages) == len(choose(run, ["S"], []).units) > 0
