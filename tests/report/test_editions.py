"""What is internal is in the internal edition, and in no file that the client's edition is made of."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from conftest import random_lines, write_engagement
from openpyxl import load_workbook
from typer.testing import CliRunner

from kamplay.cli import app
from kamplay.report.pdf import find_browser

REASON, BY_STRATEGY, CELL, REMARK = "zqreason71", "zqstrategy72", "zqcell73", "zqremark74"


def kamplay(*arguments: str) -> str:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture(scope="module")
def runs(tmp_path_factory) -> dict[str, Path]:
    """The same client in both editions; the consultant has added cells of both kinds."""
    lines = random_lines(40).assign(cost=lambda f: (f["amount"] * 0.6137).round(2))
    year = lines[lines["date"] > "2024-12-31"].groupby("account_id")["amount"].sum()
    first, second = year.nlargest(2).index
    overrides = pd.DataFrame(
        {
            "account_id": [first, second],
            "tier": ["B", None],
            "strategy": [None, "maintain"],
            "reason": [REASON, BY_STRATEGY],
            "by": ["Head of sales", "Head of sales"],
            "expires": ["2027-01-31", "2027-01-31"],
        }
    )
    out = {}
    for edition in ("internal", "client"):
        place = tmp_path_factory.mktemp(edition)
        settings = f"edition: {edition}\nslides: true\npdf: {str(find_browser() is not None).lower()}\n"
        folder = write_engagement(place / "engagement", lines, settings)
        overrides.to_csv(folder / "data" / "overrides.csv", index=False)
        kamplay("run", str(folder), "--out", str(place / "out"), "--language", "en", "--quiet")
        run = place / "out" / "Test-client" / "2025-12-31"
        path = run / "notebooks" / "1_define_tiers.en.ipynb"
        node = nbformat.read(path, as_version=4)
        node.cells.append(nbformat.v4.new_markdown_cell(CELL, metadata={"tags": ["internal"]}))
        node.cells.append(nbformat.v4.new_markdown_cell(REMARK))
        nbformat.write(node, path)
        kamplay("render", str(run))
        out[edition] = run
    return out


def texts(run: Path) -> dict[str, str]:
    """The words of every file that is for the client, by name."""
    out = {"report.en.html": (run / "report.en.html").read_text(encoding="utf-8")}
    for name in ("deck.en.pptx", "results.xlsx"):
        with zipfile.ZipFile(run / name) as file:
            out[name] = "".join(file.read(n).decode("utf-8", "ignore") for n in file.namelist())
    pdf = run / "report.en.pdf"
    if pdf.is_file() and shutil.which("pdftotext"):
        command = ["pdftotext", str(pdf), "-"]
        out[pdf.name] = subprocess.run(command, capture_output=True, check=True).stdout.decode()
    return out


def test_secrets_are_told_to_the_consultant_alone(runs):
    internal, client = texts(runs["internal"]), texts(runs["client"])
    assert set(internal) == set(client)
    for secret in (REASON, BY_STRATEGY):
        assert secret in internal["results.xlsx"]
    assert REASON in internal["report.en.html"]
    assert CELL in internal["report.en.html"]
    for name, text in client.items():
        for secret in (REASON, BY_STRATEGY, CELL):
            assert secret not in text, (secret, name)
    assert REMARK in client["report.en.html"]  # what is not tagged is for the client


def columns_of(run: Path) -> set[str]:
    """The keys of the table of all accounts on the page, whose data are not packed for so few."""
    page = (run / "report.en.html").read_text(encoding="utf-8")
    data = re.search(r'<script type="application/json">(.*?)</script>', page, re.DOTALL)
    return {column["key"] for column in json.loads(data[1])["columns"]}


def test_what_single_accounts_earn_and_how_they_were_rated_is_left_out(runs):
    kept_back = {"margin", "gate", "override", "coverage", "capped_by", "tier_score"}
    told, kept = columns_of(runs["internal"]), columns_of(runs["client"])
    assert {"margin", "tier_score"} <= told and not kept_back & kept
    margins = pd.read_csv(runs["client"] / "results" / "accounts.csv")["margin"].dropna()
    amounts = {round(float(amount), 2) for amount in margins if abs(amount) > 1000}
    assert len(amounts) > 10
    held = {}
    for edition, run in runs.items():
        cells = [
            c.value for sheet in load_workbook(run / "results.xlsx") for row in sheet.iter_rows() for c in row
        ]
        held[edition] = amounts & {round(value, 2) for value in cells if isinstance(value, float)}
    assert held["internal"] == amounts
    assert not held["client"]


def test_an_edition_says_which_it_is(runs):
    internal, client = texts(runs["internal"]), texts(runs["client"])
    for name in ("report.en.html", "deck.en.pptx"):
        assert "internal edition" in internal[name]
        assert "internal edition" not in client[name]
