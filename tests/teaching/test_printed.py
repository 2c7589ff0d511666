"""Sheets on paper and the projector's page as a browser lays them out: nothing is cut off."""

from __future__ import annotations

import shutil

import pytest

from kamplay.teaching.marking import mark
from kamplay.teaching.projector import write_marks

BROWSER = next((p for p in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if p), None)
pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium")
A4_TEXT = 184 * 96 / 25.4  # pixels of a line of text: A4 less two margins of 13 mm
TOO_WIDE = """() => [...document.querySelectorAll('table, svg')]
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


def test_every_table_fits_the_paper(browser, made_course):
    page = browser.new_page(viewport={"width": round(A4_TEXT), "height": 1000})
    page.emulate_media(media="print")
    sheets = [*(made_course / "students").glob("*/sheets.*.html"), *(made_course / "trainer").glob("*.html")]
    assert len(sheets) == 10
    for path in sheets:
        page.goto(path.as_uri())
        assert page.evaluate(TOO_WIDE) == [], path.name
    page.close()


@pytest.mark.parametrize("width", [1280, 390])
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
