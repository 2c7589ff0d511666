"""Slips of the pen in an answer cell, told in a sentence in place of Python's error."""

from __future__ import annotations

import re
from typing import Any

from kamplay.show.display import sentence
from kamplay.show.locale import N_, Locale

# full-width marks → what is meant
MARKS = dict(zip("：，；“”‘’「」（）【】｛｝［］。", ':,;""\'\'""()[]{}[].', strict=True))
QUOTES = "“”‘’"
_COMMAS = re.compile(r"(?<![\w\"'.])\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\w\"'])")
_ZEROS = re.compile(r"(?<![\w\"'.])0\d+(?![\w\"'.])")
_BARE = re.compile(r"(?<![\w\"'“‘])[A-Za-z]\d{3,}(?![\w\"'”’])")

MARK = N_("Line {line:n}: {mark} is Chinese punctuation; type the English {meant} instead.")
CURLY = N_("Line {line:n}: {mark} is a curly quote, as Word makes them; type the straight {meant} instead.")
COMMAS = N_("Line {line:n}: leave the comma out of the number {figure}: {meant}.")
ZEROS = N_("Line {line:n}: {name} needs English quotes, as it begins with 0.")
BARE = N_('“{name}” is not in quotes. Account numbers and words stand in English quotes: "{name}".')
ANSWER = N_("“{name}” is not known: the answer's name is {meant}, in both places of the cell.")
COMMAND = N_("There is no {name}. The commands of a class are {calls}.")
OTHER = N_("Line {line:n} is not complete: look for a quote, a comma or a bracket that is missing.")
NOT_RUN = N_("The cell did not run and is not counted as a try.")


def told(error: BaseException, cell: str, locale: Locale) -> str:
    """What is wrong with a cell that did not run, in a sentence."""
    if isinstance(error, AttributeError):
        return locale.say(COMMAND, name=f"kp.{error.name}", calls="kp.check, kp.exhibit, kp.course")
    if isinstance(error, NameError):
        unknown = _name(error)
        known = re.fullmatch(r"answers?[_\W]?(\d[a-z])", unknown.casefold())
        right = f"answer_{known[1]}" if known else _assigned(cell)
        if unknown.casefold().startswith("answer") and right:
            return locale.say(ANSWER, name=unknown, meant=right)
        return locale.say(BARE, name=unknown)
    number = getattr(error, "lineno", None) or 1
    lines = cell.splitlines() or [""]
    for line, text in _nearest(lines, number):
        outside = re.sub(r"\"[^\"]*\"|'[^']*'", lambda found: " " * len(found[0]), text)
        if found := next((c for c in outside if c in MARKS), None):
            return locale.say(CURLY if found in QUOTES else MARK, line=line, mark=found, meant=MARKS[found])
        if figure := _COMMAS.search(outside):
            meant = figure[0].replace(",", "")
            return locale.say(COMMAS, line=line, figure=figure[0], meant=meant)
        if bare := _BARE.search(outside):
            return locale.say(BARE, name=bare[0])
        if zeros := _ZEROS.search(outside):
            return locale.say(ZEROS, line=line, name=zeros[0])
    return locale.say(OTHER, line=min(number, len(lines)))


def _assigned(cell: str) -> str:
    """The answer that a cell sets."""
    found = re.search(r"^(answer_\w+) *=", cell, re.MULTILINE)
    return found[1] if found else ""


def _nearest(lines: list[str], number: int) -> list[tuple[int, str]]:
    """The lines with their numbers, the one that Python names first."""
    counted = list(enumerate(lines, start=1))
    return sorted(counted, key=lambda pair: (pair[0] != number, abs(pair[0] - number)))


def _name(error: NameError) -> str:
    found = re.search(r"'([^']{1,60})'", str(error))
    return getattr(error, "name", None) or (found[1] if found else "")


def watch(locale: Locale) -> None:
    """Tell slips in this session's notebook; nothing outside one."""
    from IPython import get_ipython
    from IPython.display import display

    shell = get_ipython()
    if shell is None:
        return

    def tell(shell: Any, kind: Any, error: BaseException, trace: Any, tb_offset: Any = None) -> None:
        if isinstance(error, AttributeError) and getattr(error.obj, "__name__", "") != "kamplay":
            shell.showtraceback((kind, error, trace), tb_offset=tb_offset)
            return
        cells = shell.history_manager.input_hist_raw
        text = f"{told(error, cells[-1] if cells else '', locale)} {locale.text(NOT_RUN)}"
        display(sentence(text.replace("。 ", "。")))

    shell.set_custom_exc((SyntaxError, NameError, AttributeError), tell)
