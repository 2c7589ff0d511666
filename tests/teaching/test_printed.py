"""Sheets on paper and the projector's page as a browser lays them out: nothing is cut off."""

from __future__ import annotations

import shutil

import pytest

from kamplay.teaching.marking import mark
from kamplay.teaching.projector import write_marks

BROWSER = next((p for p in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if p), None)
pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium")
A4_TEXT = 184 * 96 / 25.4  # pixels of a line of text: A4 less two margins of 13 mm
ASIDE = 273 * 96 / 25.4  # on a sheet that lies on its side, margins of 12 mm
TOO_WIDE = """aside => [...document.querySelectorAll('table, svg')]
    .filter(t => t.closest('article').classList.contains('landscape') === aside)
    .filter(t => t.getBoundingClientRect().width > t.parentElement.clientWidth + 1)
    .map(t => t.closest('article').id + ' ' + (t.caption ? t.caption.innerText : t.tagName))"""
HEIGHTS = "() => [...document.querySelectorAll('article')].map(a => a.getBoundingClientRect().height)"
SPILLS = "() => document.documentElement.scrollWidth > window.innerWidth"


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=BROWSER, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


@pytest.mark.parametrize(("line", "aside"), [(A4_TEXT, False), (ASIDE, True)])
def test_every_table_fits_the_paper(browser, made_course, line, aside):
    page = browser.new_page(viewport={"width": round(line), "height": 1000})
    page.emulate_media(media="print")
    sheets = [*(made_course / "students").glob("*/sheets.*.html"), *(made_course / "trainer").glob("*.html")]
    assert len(sheets) == 14
    for path in sheets:
        page.goto(path.as_uri())
        assert page.evaluate(TOO_WIDE, aside) == [], path.name
    page.close()


def test_every_letter_of_a_table_can_be_read(browser, made_course):
    """8 points at least on paper."""
    page = browser.new_page(viewport={"width": round(A4_TEXT), "height": 1000})
    page.emulate_media(media="print")
    for path in (made_course / "students" / "team_01").glob("sheets.*.html"):
        page.goto(path.as_uri())
        sizes = page.evaluate(
            "[...document.querySelectorAll('td, th, svg text, p, li, span')]"
            ".map(x => parseFloat(getComputedStyle(x).fontSize))"
        )
        assert min(sizes) * 0.75 >= 8, (path.name, min(sizes))
    page.close()


@pytest.mark.parametrize("width", [1920, 1280, 390])
def test_no_page_spills_over_its_screen(browser, made_course, tmp_path, width):
    pages = [*write_marks(mark(made_course), tmp_path, ("zh", "en"))[:2]]
    pages += (made_course / "students" / "team_01").glob("sheets.*.html")
    page = browser.new_page(viewport={"width": width, "height": 800})
    for path in pages:
        page.goto(path.as_uri())
        assert not page.evaluate(SPILLS), path.name
        if width == 1280 and "projector" in path.name:
            assert max(page.evaluate(HEIGHTS)) <= 720
    page.close()
