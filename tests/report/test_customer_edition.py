"""The customer's edition of account plans: a client with a value of its own in every column of every table,
and in no file that is written any that is not named for the edition.
"""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Iterator
from pathlib import Path

import full_client as full
import pandas as pd
import pytest
from typer.testing import CliRunner

from kamplay.api import create
from kamplay.cli import app
from kamplay.codebook import codebook
from kamplay.engagement import load
from kamplay.intake.prepare import prepare
from kamplay.presets import load_scorecard
from kamplay.show.health.stakeholders import SIDE_LABELS
from kamplay.show.locale import Locale
from kamplay.show.profile.customer_edition import FIELDS
from kamplay.show.texts.vocabulary import GATES

LOCALES = Locale("zh", "EUR"), Locale("en", "EUR")
NAMED = {(table, column) for table, columns in FIELDS.items() for column in columns}
OURS = ("Tier", "Health", "Margin", "Chance of stopping", "Competitors", "Our share")
INTERNAL = [name for name in full.PLACES if name not in NAMED and name not in full.FILLED]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of the client with plans of the accounts of the first tier, in both editions."""
    folder = tmp_path_factory.mktemp("planted")
    return plans(folder, full.tables())


def plans(folder: Path, tables: dict[str, pd.DataFrame]) -> Path:
    engagement = load(full.write(folder / "client", tables))
    run = folder / "out" / "Planted" / str(full.AS_OF.date())
    create(engagement, prepare(engagement), run)
    (run / "manifest.json").write_text('{"languages": ["zh"]}')
    for edition in ("customer", "internal"):
        options = ["--tier", "S", "--edition", edition, "--language", "zh,en", "--quiet"]
        done = CliRunner().invoke(app, ["plans", str(run), *options])
        assert done.exit_code == 0, done.output
    return run


def files(run: Path, edition: str) -> dict[str, str]:
    """Every file of an edition by its name, as a reader of its source would find it: entities and pictures
    decoded.
    """
    found = [*(run / "plans").glob(f"*.{edition}.*"), *(run / "plans" / edition).rglob("*")]
    return {p.relative_to(run / "plans").as_posix(): readable(p.read_text(encoding="utf-8")) for p in found}


def readable(page: str) -> str:
    pictures = re.findall(r"data:image/[\w+.-]+;base64,([A-Za-z0-9+/=]+)", page)
    decoded = [base64.b64decode(picture).decode("utf-8", "replace") for picture in pictures]
    return html.unescape(html.unescape("\n".join([page, *decoded])))


def planted(table: str, column: str) -> Iterator[str]:
    """How the planted value of a column could stand in a file, in either language."""
    kind = codebook()[table].columns[column].kind
    if kind in ("text", "id"):
        yield full.word(table, column, 0)[:-3]
    elif kind == "date":
        day = full.day(table, column)
        yield str(day.date())
        yield from (locale.date(day) for locale in LOCALES)
        yield from (locale.month(day) for locale in LOCALES)
    elif kind in ("amount", "number", "integer"):
        value = full.amount(table, column)
        yield f"{value:.0f}"
        for locale in LOCALES:
            yield from (locale.money(value), locale.number(value))


def found(pages: dict[str, str], columns: list[tuple[str, str]]) -> dict[str, list[str]]:
    """The columns of which a planted value stands in a page, each with the pages."""
    out: dict[str, list[str]] = {}
    for table, column in columns:
        forms = list(planted(table, column))
        for name, text in pages.items():
            if any(form in text or form in name for form in forms):
                out.setdefault(f"{table}.{column}", []).append(name)
    return out


def test_no_internal_field_is_in_any_file(run):
    pages = files(run, "customer")
    assert len(pages) == 2 * 6 + 4
    assert found(pages, INTERNAL) == {}


def test_the_search_finds_them_in_our_own_edition(run):
    """So that finding nothing means something."""
    seen = found(files(run, "internal"), INTERNAL)
    assert {"accounts.industry", "contacts.confirmed", "opportunities.competitor", "wallet.spend"} <= set(
        seen
    )
    assert len(seen) > 10


def test_what_has_no_value_of_its_own_changes_nothing(run, tmp_path_factory):
    """Choices, flags, shares, grades and costs cannot be searched for. Whatever stands in them, the
    customer's files are the same to the byte, and ours are not.
    """
    other = plans(tmp_path_factory.mktemp("other"), full.with_other_opinions(INTERNAL))
    assert files(other, "customer") == files(run, "customer")
    assert files(other, "internal") != files(run, "internal")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_word_of_ours_on_the_customer(run, language):
    locale = Locale(language, "EUR")
    tiers = [words.get(language) for words in load_scorecard("four_dimensions", Path()).tiers]
    ours = [*tiers, *map(locale.text, (*GATES.values(), *SIDE_LABELS.values(), *OURS))]
    told = {}
    for edition in ("customer", "internal"):
        own = [text for name, text in files(run, edition).items() if f".{language}." in name]
        text = re.sub(r"<style>.*?</style>", "", "".join(own), flags=re.DOTALL).casefold()
        told[edition] = [word for word in ours if word.casefold() in text]
    assert told["customer"] == []
    assert len(told["internal"]) >= 4


def test_fields_that_are_named_are_columns_of_the_codebook():
    assert NAMED
    assert not NAMED - set(full.PLACES)


def test_nothing_of_another_customer_is_in_a_customers_file(run):
    for name, text in files(run, "customer").items():
        if name.startswith("customer/"):
            whose = set(re.findall(r"zq\d{3}y(\d\d)", name + text))
            assert len(whose) == 1, name


def test_only_pages_land(run):
    landed = [p for p in (run / "plans").rglob("*") if p.is_file()]
    assert {p.suffix for p in landed} == {".html"}
    assert not list(run.rglob("*.ipynb"))
