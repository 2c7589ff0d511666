"""What is internal is in the internal edition, and in no file that is handed over of the client's.

The client has a value of its own in every column of every table; the consultant has added notes and cells of
both kinds.
"""

from __future__ import annotations

import base64
import gzip
import html
import io
import json
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import full_client as full
import nbformat
import pandas as pd
import pytest
from typer.testing import CliRunner

from kamplay.cli import app
from kamplay.report.pages.pdf import find_browser
from kamplay.show.health.stakeholders import SIDE_LABELS
from kamplay.show.locale import Locale
from kamplay.show.plan.visit_sheet import NEEDS, STYLES
from kamplay.show.profile.decision_chain import NEED_TALK, STYLE_TALK
from kamplay.show.texts.vocabulary import GATES

CELL, REMARK, OUR_NOTE, NOTE = "zqcell73", "zqremark74", "zqournote75", "zqnote76"
BY_STRATEGY = "zqstrategy72"

LOCALES = Locale("zh", "EUR"), Locale("en", "EUR")
HANDED_OVER = ("report.*", "deck.*", "results.xlsx", "results/**/*")
VISIT_COST = 7919
# whose values stay with the consultant, and those that the internal edition tells
INTERNAL = [
    ("overrides", "reason"),
    ("overrides", "by"),
    ("maturity", "capability"),
    ("maturity", "item"),
    ("maturity", "rater"),
    ("ratings", "rater"),
    ("ballots", "rater"),
]
TOLD_TO_US = {("overrides", "reason"), ("maturity", "capability")}
# what is thought of people and how they are won, and why an account is held back
WORDS = [*SIDE_LABELS.values(), *STYLES.values(), *STYLE_TALK.values(), *NEED_TALK.values(), *GATES.values()]
WORDS = [word for word in WORDS if word not in (SIDE_LABELS["neutral"], SIDE_LABELS["unknown"])]


def kamplay(*arguments: str) -> str:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture(scope="module")
def runs(tmp_path_factory) -> dict[str, Path]:
    """The same client in both editions."""
    tables = full.tables()
    strategy = (
        tables["overrides"].iloc[[0]].assign(tier=None, health=None, strategy="maintain", reason=BY_STRATEGY)
    )
    tables["overrides"] = pd.concat([tables["overrides"].iloc[1:], strategy])
    out = {}
    for edition in ("internal", "client"):
        place = tmp_path_factory.mktemp(edition)
        folder = full.write(place / "engagement", tables)
        with (folder / "engagement.yaml").open("a", encoding="utf-8") as file:
            file.write(f"edition: {edition}\n")
            file.write(f"cost_to_serve: {{visits: {VISIT_COST}}}\n")
        (folder / "notes").mkdir()
        (folder / "notes" / "2_pareto_value.md").write_text(NOTE, encoding="utf-8")
        (folder / "notes" / "2_pareto_value.internal.md").write_text(OUR_NOTE, encoding="utf-8")
        kamplay("run", str(folder), "--out", str(place / "out"), "--language", "zh,en", "--quiet")
        run = place / "out" / "Planted" / str(full.AS_OF.date())
        path = run / "notebooks" / "1_define_tiers.en.ipynb"
        node = nbformat.read(path, as_version=4)
        node.cells.append(nbformat.v4.new_markdown_cell(CELL, metadata={"tags": ["internal"]}))
        node.cells.append(nbformat.v4.new_markdown_cell(REMARK))
        nbformat.write(node, path)
        kamplay("render", str(run), "--slides", *(["--pdf"] if find_browser() else []))
        out[edition] = run
    return out


@pytest.fixture(scope="module")
def told(runs) -> dict[str, dict[str, str]]:
    return {edition: texts(run) for edition, run in runs.items()}


def texts(run: Path) -> dict[str, str]:
    """Every file that is handed over by its name, as a reader of its source finds it: unpacked, entities and
    pictures decoded.
    """
    out = {}
    for path in sorted({p for pattern in HANDED_OVER for p in run.glob(pattern) if p.is_file()}):
        name = path.relative_to(run).as_posix()
        if path.suffix == ".pdf":
            if shutil.which("pdftotext"):
                command = ["pdftotext", str(path), "-"]
                out[name] = subprocess.run(command, capture_output=True, check=True).stdout.decode()
        else:
            out[name] = readable(path.read_bytes(), name)
    return out


def readable(raw: bytes, name: str) -> str:
    if raw.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(raw)) as file:
            return "\n".join(readable(file.read(part), part) for part in file.namelist())
    text = raw.decode("utf-8", "ignore").replace("\r\n ", "")
    packed = re.findall(r"data:image/[\w+.-]+;base64,([A-Za-z0-9+/=]+)", text)
    data = re.findall(r"<script[^>]*>\s*([A-Za-z0-9+/=]{400,})\s*</script>", text)
    more = [base64.b64decode(one) for one in packed]
    more += [gzip.decompress(base64.b64decode(one)) for one in data]
    texts = [text, *(one.decode("utf-8", "replace") for one in more)]
    return html.unescape(html.unescape("\n".join(texts)))


def holding(files: dict[str, str], token: str) -> set[str]:
    return {name for name, text in files.items() if token in text}


def test_both_editions_hand_over_the_same_files(told):
    assert set(told["internal"]) == set(told["client"])
    kinds = {Path(name).suffix for name in told["client"]}
    assert {".html", ".xlsx", ".pptx", ".csv", ".json", ".ics"} <= kinds


def test_planted_values_are_told_to_the_consultant_alone(told):
    for table, column in INTERNAL:
        token = full.word(table, column, 0)[:-3]
        assert holding(told["client"], token) == set(), (table, column)
        assert bool(holding(told["internal"], token)) == ((table, column) in TOLD_TO_US), (table, column)
    for secret in (BY_STRATEGY, CELL, OUR_NOTE):
        assert holding(told["client"], secret) == set(), secret
        assert holding(told["internal"], secret), secret
    for open_to_all in (REMARK, NOTE):
        assert "report.en.html" in holding(told["client"], open_to_all)


def test_what_is_thought_of_people_and_why_accounts_are_held_back_is_left_out(told):
    seen = set()
    for locale in LOCALES:
        for word in map(locale.text, WORDS):
            assert holding(told["client"], word) == set(), word
            seen |= {word} & {w for w in [word] if holding(told["internal"], w)}
    assert len(seen) >= 6
    assert locale.text(NEEDS["power"])  # the words of needs are too common to be looked for


def test_no_margin_and_no_cost_is_told(runs, told):
    """As amounts with their cents, as they are written, and as a word."""
    margins = pd.read_csv(runs["internal"] / "results" / "accounts.csv").set_index("account_id")["margin"]
    margins = margins.dropna().nlargest(12)
    assert len(margins) == 12
    forms = {form for amount in margins for form in (f"{amount:.2f}", f"{amount:.1f}")}
    assert not [form for form in forms if holding(told["client"], form)]
    assert [form for form in forms if holding(told["internal"], form)]
    for word in ("毛利", "margin of", "Margin amount", "Cost to serve", "服务成本"):
        assert holding(told["client"], word) == set(), word
    cost = re.compile(rf"(?<![\d.]){VISIT_COST}(?!\d)")
    assert not [name for name, text in told["client"].items() if cost.search(text)]
    for word in ("毛利", "Cost to serve"):
        assert holding(told["internal"], word), word


def test_the_table_of_accounts_keeps_its_columns_for_other_programs(runs):
    kept_back = {"margin", "gate", "override", "tier_score", "coverage", "capped_by"}
    kept_back |= {"clv", "clv_low", "clv_high"}
    tables = {e: pd.read_csv(run / "results" / "accounts.csv") for e, run in runs.items()}
    assert list(tables["client"]) == list(tables["internal"])
    empty = {e: set(table.columns[table.isna().all()]) for e, table in tables.items()}
    assert empty["client"] - empty["internal"] == kept_back - empty["internal"]
    assert {"margin", "override", "tier_score"} <= empty["client"] - empty["internal"]
    costs = {e: " ".join(table["health_drivers"].dropna()) for e, table in tables.items()}
    drivers = {e: set(re.findall(r"[a-z_]+(?=:)", text)) for e, text in costs.items()}
    assert "override" in drivers["internal"] and not {"override", "margin"} & drivers["client"]
    page = (runs["client"] / "report.en.html").read_text(encoding="utf-8")
    data = re.search(r'<script type="application/json">(.*?)</script>', page, re.DOTALL)
    assert not kept_back & {column["key"] for column in json.loads(data[1])["columns"]}


def test_an_edition_says_which_it_is(told):
    for name in ("report.en.html", "deck.en.pptx"):
        assert "internal edition" in told["internal"][name]
        assert "internal edition" not in told["client"][name]
