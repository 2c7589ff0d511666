"""The pictures of the quick starts, taken from the shipped samples, so that they show what is there.

    make pictures

A terminal's words are set by this page; reports are photographed by Chromium in their first screen's height.
The same Chromium gives the same pictures.
"""

from __future__ import annotations

import html
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parents[1]
HERE = ROOT / "docs" / "pictures"
SAMPLES = ROOT / "data_templates" / "samples"
FILE = {"en": "invoices.csv", "zh": "销售明细.csv"}
CLIENT = {"en": "Gift wholesaler", "zh": "华衡医疗器械"}  # the folder's name is the client's
DAY = "1782864000"  # seconds since 1970 of 2026-07-01, the day on which the pictures were taken
WIDTH, HEIGHT = 1100, 720
TERMINAL = """<meta charset="utf-8"><style>
@font-face { font-family: "Kamplay Sans SC"; src: url("%s"); }
body { margin: 0; background: #1d2733; }
pre { color: #e6ebf0; font: 14px/1.5 "DejaVu Sans Mono", "Kamplay Sans SC", monospace; margin: 0;
      padding: 18px 22px; white-space: pre; width: max-content; min-width: 780px; }
b { color: #8fd0ff; font-weight: 400; }
i { display: inline-block; font-style: normal; text-align: center; width: 2ch; }
</style><pre>%s</pre>"""


def main() -> None:
    HERE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        place = Path(folder)
        browser = play.chromium.launch(executable_path=os.environ.get("CHROMIUM"), args=["--no-sandbox"])
        for language in ("en", "zh"):
            own = place / CLIENT[language]
            own.mkdir()
            export(language, own / FILE[language])
            said = run(own, language, ["run", FILE[language], "--yes", "--language", language])
            of_terminal(browser, f"kamplay run {FILE[language]} --yes", said, f"run.{language}.png")
            report = next((own / "reports").glob(f"*/*/report.{language}.html"))
            of_page(browser, report, f"report.{language}.png", WIDTH, HEIGHT)
            of_page(browser, report, f"phone.{language}.png", 390, 780)
        browser.close()


def export(language: str, file: Path) -> None:
    """What a client sent: one file of invoice lines."""
    if language == "zh":
        file.write_bytes((SAMPLES / "medtech" / "data" / FILE["zh"]).read_bytes())
        return
    lines = pd.read_parquet(SAMPLES / "online_retail" / "data" / "transactions.parquet")
    lines.to_csv(file, index=False, lineterminator="\n")


def run(place: Path, language: str, words: list[str]) -> str:
    """What the command prints, with what it tells of its progress left out."""
    lang = {"en": "en_GB.UTF-8", "zh": "zh_CN.UTF-8"}[language]
    about = {**os.environ, "SOURCE_DATE_EPOCH": DAY, "LC_ALL": lang, "COLUMNS": "100"}
    command = [sys.executable, "-c", "from kamplay.cli import main; main()", *words]
    done = subprocess.run(
        command, cwd=place, env=about, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=True
    )
    shown = done.stdout.decode("utf-8").replace(str(place) + "/", "")
    progress = r"^.*(\d ?% done|已完成|is starting|正在启动).*\n"
    return re.sub(progress, "", shown, flags=re.MULTILINE).strip("\n")


def of_terminal(browser: Browser, command: str, said: str, name: str) -> None:
    font = (ROOT / "kamplay" / "show" / "fonts" / "KamplaySans-SC.otf").as_uri()
    words = f"<b>$ {html.escape(command)}</b>\n{html.escape(said)}"
    # Chinese is as wide as two letters, as in a terminal
    words = re.sub(r"([\u2e80-\ua000\uff00-\uff60])", r"<i>\1</i>", words)
    with tempfile.NamedTemporaryFile("w", suffix=".html", encoding="utf-8", delete=False) as file:
        file.write(TERMINAL % (font, words))
    page = browser.new_page(viewport={"width": 800, "height": 300})
    page.goto(Path(file.name).as_uri())
    page.evaluate("document.fonts.ready")
    page.locator("pre").screenshot(path=str(HERE / name))
    page.close()
    Path(file.name).unlink()


def of_page(browser: Browser, report: Path, name: str, width: int, height: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": height}, reduced_motion="reduce")
    page.goto(report.as_uri())
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(500)
    page.screenshot(path=str(HERE / name))
    page.close()


if __name__ == "__main__":
    main()
