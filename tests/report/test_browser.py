"""The report in a real browser, from disk: no request, no error, nothing wider than the page, no box for a
character.
"""

from __future__ import annotations

import os
import re
import shutil

import pytest
from conftest import SAMPLES

BROWSER = next((p for p in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if p), None)
if BROWSER is None and os.environ.get("KAMPLAY_NEED_BROWSER"):
    pytest.fail("a browser is asked for (KAMPLAY_NEED_BROWSER) and none is installed", pytrace=False)
pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium or Chrome on this machine")


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=BROWSER, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width", [1280, 390])
def test_opens_offline_without_a_word(sample_runs, browser, sample, language, width):
    page = browser.new_page(viewport={"width": width, "height": 900})
    requests, errors = [], []
    page.on("request", lambda r: requests.append(r.url))
    page.on("console", lambda m: errors.append(m.text))
    page.on("pageerror", lambda e: errors.append(str(e)))
    path = sample_runs[sample] / f"report.{language}.html"
    page.goto(path.as_uri())
    page.wait_for_load_state("networkidle")
    assert [r for r in requests if not r.startswith("data:")] == [path.as_uri()]
    assert errors == []
    assert path.stat().st_size < 3_000_000
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if width == 1280:  # on a laptop no table has to be pushed sideways
        assert (
            page.evaluate(
                "[...document.querySelectorAll('.scroll')].filter(t => "
                "t.scrollWidth > t.clientWidth + 1).length"
            )
            == 0
        )
    pictures = page.evaluate(
        "[...document.querySelectorAll('figure.chart svg')].filter(s => s.checkVisibility())"
        ".map(s => [s.getBoundingClientRect().width, (s.getAttribute('aria-label') || '').length])"
    )
    assert len(pictures) >= 3  # where no visit pays there is none of the visits
    assert all(drawn > 200 and alt > 10 for drawn, alt in pictures)
    text = page.inner_text("body")
    assert not {"\ufffd", "□", "NaN", "nan", "None", "undefined"} & set(text.replace("None of", "").split())
    assert "\ufffd" not in text
    page.close()


def test_charts_have_a_measure_for_every_character_they_show():
    """The words of the charts are laid out by our font's measures: where it lacks a character, a box is
    measured.
    """
    from importlib import resources

    from fontTools.ttLib import TTFont

    with resources.as_file(resources.files("kamplay.show").joinpath("fonts", "KamplaySans-SC.otf")) as path:
        known = set(TTFont(path).getBestCmap())
    catalogue = (
        resources.files("kamplay.show")
        .joinpath("locale", "zh_CN", "LC_MESSAGES", "kamplay.po")
        .read_text(encoding="utf-8")
    )
    assert {c for c in catalogue if ord(c) > 32 and ord(c) not in known} == set()


COUNTED = """() => {
    const main = ':is(#summary, .chapter:not(#appendix))';
    const all = (what) => [...document.querySelectorAll(what)];
    return {
        px: Math.round(document.querySelector('#appendix').getBoundingClientRect().top + scrollY),
        findings: all('.finding, .points li, .chapter:not(#appendix) h2, .caveat').length,
        charts: all(`${main} figure.chart`).length,
        tables: all(`${main} table`).length,
        rows: Math.max(...all(`${main} table`).map((table) => table.tBodies[0].rows.length)),
    };
}"""
LIMITS = {"px": 12_000, "findings": 25, "charts": 14, "tables": 8, "rows": 12}  # of the main text
PAGES, PAGES_BEHIND = 12, 6  # A4: the main text, the appendix


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_report_is_as_short_as_its_readers_have_time(sample_runs, browser, sample, language):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto((sample_runs[sample] / f"report.{language}.html").as_uri())
    counted = page.evaluate(COUNTED)
    pages = len(
        re.findall(rb"/Type\s*/Page\b(?!s)", page.pdf(prefer_css_page_size=True, print_background=True))
    )
    page.evaluate("document.querySelectorAll('#appendix, #appendix ~ *').forEach((part) => part.remove())")
    before = len(
        re.findall(rb"/Type\s*/Page\b(?!s)", page.pdf(prefer_css_page_size=True, print_background=True))
    )
    print(sample, language, counted, "pages", before, "appendix", pages - before)
    assert all(counted[what] <= most for what, most in LIMITS.items()), counted
    assert before <= PAGES and pages - before <= PAGES_BEHIND
    page.close()


# words of letters that stand on two lines, with all pages of accounts and owners opened, and tables of cards
# that are wider than their place
BROKEN = """() => {
  document.querySelectorAll('.alone').forEach((part) => { part.style.display = 'block'; });
  const broken = [], texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode, around = text.parentElement;
    if (!around.offsetParent || around.closest('svg, script, style')) continue;
    for (const word of text.data.matchAll(/[A-Za-z]{4,}/g)) {
      const place = document.createRange();
      place.setStart(text, word.index);
      place.setEnd(text, word.index + word[0].length);
      if (new Set([...place.getClientRects()].map((line) => Math.round(line.top))).size > 1) {
        broken.push(word[0]);
      }
    }
  }
  const cut = [...document.querySelectorAll('.account-card .figures')];
  return [broken, cut.filter((one) => one.scrollWidth > one.clientWidth + 1).length, cut.length];
}"""


@pytest.mark.parametrize("width", [1280, 1024, 768, 390])
def test_no_line_ends_inside_a_word_and_no_card_is_cut_off(sample_runs, browser, width):
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto((sample_runs["medtech"] / "report.en.html").as_uri())
    broken, cut, cards = page.evaluate(BROKEN)
    assert (broken, cut) == ([], 0) and cards > 5
    page.close()


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width, scheme", [(1280, "light"), (820, "light"), (390, "light"), (1280, "dark")])
def test_nothing_stands_in_the_way_of_a_screen_reader_or_a_weak_eye(
    sample_runs, browser, language, width, scheme
):
    """axe's rules: contrast, names, roles, order of headings."""
    from axe_playwright_python.sync_playwright import Axe

    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True
    )
    page = context.new_page()
    page.goto((sample_runs["medtech"] / f"report.{language}.html").as_uri())
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert len(found.response["passes"]) > 20  # its rules were applied
    context.close()
