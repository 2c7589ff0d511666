"""What a run of one client says when its report is there: the report's first sentences, where the files are,
what to do next.
"""

from __future__ import annotations

import sys
import webbrowser
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from kamplay.commands.paths import near, quoted
from kamplay.report.pages.page import headlines
from kamplay.report.production import WORKBOOK, page_of
from kamplay.show.locale import N_, Locale
from kamplay.show.wrap import wrapped

MOST_HEADLINES = 3
FILES = {
    WORKBOOK: N_("findings, actions, tiers and every list"),
    "results/": N_("tables for other programs, the list of actions, calendars, visit sheets"),
    "notebooks/": N_("the figures step by step"),
}


def say_ending(run: Path, engagement: Path, languages: Sequence[str], locale: Locale) -> None:
    """Say it on standard error, the sentences of the first of the ``languages`` of the report; commands and
    paths stand alone on their lines, so that they can be copied.
    """
    width = Console(stderr=True).width

    def say(text: str, indent: str = "", rest: str = "") -> None:
        for number, row in enumerate(wrapped(text, width - len(indent), whole=True)):
            print(f"{rest if number else indent}{row}", file=sys.stderr)

    print(file=sys.stderr)
    for number, text in enumerate(headlines(run / page_of(languages[0]), MOST_HEADLINES), 1):
        say(text, f"{number}. ", "   ")
    print(file=sys.stderr)
    one, several = N_("The report is {file}, in the folder"), N_("The reports are {file}, in the folder")
    files = locale.listed([page_of(language) for language in languages])
    say(locale.say(several if len(languages) > 1 else one, file=files))
    print(f"  {near(run)}", file=sys.stderr)
    for name, what in FILES.items():
        say(locale.text(what), f"  {name:<14}", " " * 16)
    say(locale.text(N_("Next:")))
    for command, what in (
        (f"kamplay lab {quoted(engagement)}", N_("argue with the notebooks")),
        (f"kamplay render {quoted(run)}", N_("after editing the run's notebooks or notes")),
        (f"kamplay plans {quoted(run)}", N_("a plan of one or two pages for each key account")),
    ):
        print(f"  {command}", file=sys.stderr)
        say(locale.text(what), "      ", "      ")


def open_report(run: Path, language: str, locale: Locale) -> None:
    """Show the report in the system's browser, or say that none could be opened."""
    open_page(run / page_of(language), locale)


def open_page(page: Path, locale: Locale) -> None:
    """Show a page in the system's browser, or say that none could be opened."""
    try:
        shown = webbrowser.open(page.resolve().as_uri())
    except (OSError, webbrowser.Error):
        shown = False
    if not shown:
        print(locale.text(N_("No browser could be opened; open the report yourself.")), file=sys.stderr)
