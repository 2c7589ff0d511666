"""Each language by itself, on both samples: an English document leaves no Chinese unmarked, a Chinese one has
no English but names, codes and the terms that a Chinese reader uses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import openpyxl
import pytest
from conftest import SAMPLES
from marked_texts import Texts
from pptx import Presentation
from pptx.oxml.ns import qn

from kamplay import api
from kamplay.report.production import write_workbook
from kamplay.show.labels import glossary

HAN, LATIN = re.compile(r"[\u3400-\u9fff]+"), re.compile(r"[A-Za-z]{2,}")
CODE = re.compile(r"[A-Za-z0-9~._:/+-]*[\d_][A-Za-z0-9~._:/+-]*")
# terms, indices and units that stand in Latin letters in Chinese texts of the trade
TERMS = {
    "AZ",
    "ABC",
    "AUC",
    "BG",
    "NBD",
    "CNY",
    "GBP",
    "CSV",
    "GRR",
    "NRR",
    "HHI",
    "PSI",
    "Kendall",
    "Brier",
    "CRM",
}
LATIN_TERMS = {term.casefold() for term in TERMS}


@pytest.fixture(scope="module", params=SAMPLES)
def run(request, sample_runs) -> Path:
    """A sample's run in both languages with its slides."""
    return sample_runs[request.param]


@pytest.fixture(scope="module")
def books(run, tmp_path_factory) -> dict[str, openpyxl.Workbook]:
    """Its workbook in either language."""
    made = {}
    for language in ("zh", "en"):
        place = tmp_path_factory.mktemp(language)
        write_workbook(api.open(run, language), place, [language])
        made[language] = openpyxl.load_workbook(place / "results.xlsx")
    return made


def cells(book: openpyxl.Workbook) -> Iterator[str]:
    for sheet in book:
        yield sheet.title
        yield from (c.value for row in sheet.iter_rows() for c in row if isinstance(c.value, str))


def shapes_of(shapes: Iterable) -> Iterator:
    for shape in shapes:
        yield shape
        if shape.shape_type == 6:
            yield from shapes_of(shape.shapes)


def runs_of(deck) -> Iterator:
    """Every run of text on the slides and in their tables."""
    for slide in deck.slides:
        yield from slide._element.iter(qn("a:r"))


def chart_words(deck) -> Iterator[str]:
    for slide in deck.slides:
        for shape in shapes_of(slide.shapes):
            if shape.has_chart:
                for tag in ("c:v", "a:t"):
                    yield from (one.text or "" for one in shape.chart._chartSpace.iter(qn(tag)))


def recorded(run: Path) -> set[str]:
    """Every text in the client's tables, in its parts."""
    opened = api.open(run)
    book, words = opened.book, {opened.settings.client, opened.settings.industry or ""}
    for frame in (book.accounts, *book.tables.values()):
        for column in frame.select_dtypes(exclude="number"):
            words |= {str(value) for value in frame[column].dropna().unique()}
    return words


def latin(texts: Iterable[str]) -> set[str]:
    """Words in Latin letters, but formulas, codes (C0092-win_share) and what was cut off."""
    said = (re.sub(r"\w+…", "", CODE.sub("", text)) for text in texts if not text.startswith("="))
    return {word for text in said for word in LATIN.findall(text)}


def test_an_english_page_and_its_visit_sheets_mark_their_chinese(run):
    sheets = "results/visit_sheets.en.html"  # there is one where visits are planned
    for name in ("report.en.html", *([sheets] if (run / sheets).exists() else [])):
        assert Texts((run / name).read_text(encoding="utf-8")).unmarked == set(), name


def test_english_slides_mark_their_chinese(run, sample_runs):
    deck = Presentation(str(run / "deck.en.pptx"))
    known = 0
    for one in runs_of(deck):
        text, language = one.find(qn("a:t")).text or "", one.find(qn("a:rPr")).get("lang")
        if HAN.search(text):
            assert language == "zh-CN" and not re.search("[A-Za-z]", text), text
            known += 1
        else:
            assert language == "en-GB", text
    assert known or run == sample_runs["online_retail"]


def test_common_values_have_their_words_in_every_english_document(run, books):
    values = {value for column in glossary().values() for value in column if len(value) > 1}
    said = list(cells(books["en"]))
    said += chart_words(Presentation(str(run / "deck.en.pptx")))
    assert not {text for text in said if text in values}


def test_what_stays_chinese_in_the_english_workbook_is_recorded_so(run, books):
    """Names of people and companies, and values without an English word; nothing of ours."""
    words = recorded(run)
    of_client = "".join(words) + "".join(api.open(run).settings.client)
    left = {part for text in cells(books["en"]) for part in HAN.findall(text)}
    assert {part for part in left if part not in of_client} == set()


def test_a_chinese_document_has_no_english_of_ours(run, books):
    own = {word.casefold() for text in recorded(run) for word in LATIN.findall(text)} | LATIN_TERMS
    page = (run / "report.zh.html").read_text(encoding="utf-8")
    page = re.sub(r"<(script|style)\b.*?</\1>", " ", page, flags=re.DOTALL)
    deck = Presentation(str(run / "deck.zh.pptx"))
    documents = {
        "page": [re.sub(r"<[^>]+>|&\w+;", " ", page)],
        "slides": [one.find(qn("a:t")).text or "" for one in runs_of(deck)],
        "charts": chart_words(deck),
        "workbook": cells(books["zh"]),
    }
    for name, texts in documents.items():
        assert {word for word in latin(texts) if word.casefold() not in own} == set(), name
