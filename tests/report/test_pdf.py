"""The page printed by a browser of this machine, or the news that there is none."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from kamplay.report.pages import pdf

BROWSER = """#!{python}
import sys
from pathlib import Path
target = next(a.partition("=")[2] for a in sys.argv if a.startswith("--print-to-pdf="))
Path(target).write_bytes(b"%PDF /CreationDate (D:20261129140000+00'00') /ModDate (D:20261129140000Z) end")
assert "--headless" in sys.argv and "--host-resolver-rules=MAP * ~NOTFOUND" in sys.argv
"""


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "report 1.html"
    path.write_text("<p>x</p>", encoding="utf-8")
    return path


def test_without_a_browser_nothing_is_printed(page, monkeypatch):
    monkeypatch.setattr(pdf.shutil, "which", lambda name: None)
    monkeypatch.setattr(pdf.sys, "platform", "linux")
    assert pdf.find_browser() is None
    assert not pdf.print_page(page, page.with_suffix(".pdf"))
    assert not page.with_suffix(".pdf").exists()


def test_the_first_browser_that_is_there(monkeypatch, tmp_path):
    monkeypatch.setattr(pdf.shutil, "which", lambda name: f"/x/{name}" if "edge" in name else None)
    assert pdf.find_browser() == "/x/microsoft-edge"
    monkeypatch.setattr(pdf.shutil, "which", lambda name: None)
    monkeypatch.setattr(pdf.sys, "platform", "win32")
    monkeypatch.setenv("PROGRAMFILES", str(tmp_path))
    chrome = tmp_path / "Google" / "Chrome" / "Application" / "chrome.exe"
    chrome.parent.mkdir(parents=True)
    chrome.touch()
    assert pdf.find_browser() == str(chrome)


def test_a_browser_that_prints_nothing_or_cannot_start(page, monkeypatch, tmp_path):
    for browser in ("/bin/true", str(tmp_path / "none")):
        monkeypatch.setattr(pdf, "find_browser", lambda browser=browser: browser)
        assert not pdf.print_page(page, page.with_suffix(".pdf"))


@pytest.mark.skipif(sys.platform == "win32", reason="a script stands for the browser")
def test_the_day_of_printing_is_taken_out(page, monkeypatch, tmp_path):
    browser = tmp_path / "browser"
    browser.write_text(BROWSER.format(python=sys.executable), encoding="utf-8")
    browser.chmod(0o755)
    monkeypatch.setattr(pdf, "find_browser", lambda: str(browser))
    assert pdf.print_page(page, page.with_suffix(".pdf"))
    printed = page.with_suffix(".pdf").read_bytes()
    assert printed == b"%PDF /CreationDate (D:20000101000000+00'00') /ModDate (D:20000101000000Z) end"
