"""Faults on a screen: where, what is wrong, what to do, in at most three lines each, whatever the width."""

from __future__ import annotations

import re

from rich.cells import cell_len

from kamplay.errors import Fault
from kamplay.show.faults import fix, more_places, problem, row_words
from kamplay.show.locale import N_, Locale
from kamplay.show.wrap import first_part, wrapped

INDENT = "  "
NARROWEST = 40  # a screen narrower than this is written on as if it had so many columns
MOST_OF_A_WORD = 28  # of a header or a value, where the first line is too long


def fault_lines(fault: Fault, locale: Locale, width: int) -> list[str]:
    """The lines of one fault: its level and place, then what is wrong and what to do.

    What does not fit is cut short: in the sentence that says what is wrong, or at the end of a remedy so long
    that it is a list. The marked copy and ``--json`` hold both whole.
    """
    width = max(width, NARROWEST)
    room = width - len(INDENT)
    wrong, remedy = problem(fault, locale), "→ " + fix(fault, locale)
    lines = [*wrapped(wrong, room), *wrapped(remedy, room)]
    if len(lines) > 2:
        lines = wrapped(f"{wrong} {remedy}", room)
    if len(lines) > 2 and cell_len(remedy) <= 1.5 * room:
        whole = 2 * room - cell_len(remedy) - 1
        while len(lines := wrapped(f"{_cut(wrong, whole)} {remedy}", room)) > 2 and whole > room // 4:
            whole -= 4
    if len(lines) > 2:
        rest = " ".join(lines[1:]) if locale.language == "en" else "".join(lines[1:])
        lines = [lines[0], _cut(rest, room)]
    return [_head(fault, locale, width), *(INDENT + line for line in lines)]


def _head(fault: Fault, locale: Locale, width: int) -> str:
    """Level, file, row, column and value of a fault in one line; what is too long is cut in the middle."""
    level = locale.text(N_("error") if fault.level == "error" else N_("warning"))
    file = f"{fault.file}#{fault.sheet}" if fault.sheet else fault.file or ""
    row = row_words(fault, locale)
    times = f"×{locale.number(fault.count)}" if fault.count > 1 else ""
    more = more_places(fault, locale)
    for most in (None, MOST_OF_A_WORD, 12):
        column, value = (_middle(" ".join((t or "").split()), most) for t in (fault.column, fault.value))
        if most:
            more = [m for m in more if cell_len(m) <= most + 14]
        first = " ".join(part for part in (value and f"“{value}”", times) if part)
        parts = [part for part in (row, column, first, *more) if part]
        while len(parts) > 3 and more and cell_len(_joined(level, file, parts)) > width:
            parts.remove(more.pop())
        if cell_len(_joined(level, file, parts)) <= width:
            return _joined(level, file, parts)
    return _cut(
        _joined(level, _middle(file, max(width - cell_len(_joined(level, "", parts)) - 3, 8)), parts), width
    )


def _joined(level: str, file: str, parts: list[str]) -> str:
    return f"{level}  {' · '.join(part for part in (file, *parts) if part)}".rstrip()


def _cut(text: str, width: int) -> str:
    """The beginning of a text with a mark that it goes on; no figure and no word of letters is cut in two."""
    if cell_len(text) <= width:
        return text
    kept = first_part(text, width - 1)
    begun = re.search(r"[!-~]+$", kept)
    if begun and begun.start() > len(kept) // 2 and re.match(r"[!-~]", text[len(kept) :]):
        kept = kept[: begun.start()]
    return kept.rstrip(" ,;，；、") + "…"


def _middle(text: str, width: int | None) -> str:
    """A text without its middle where it is too wide: a path is known by its end as well."""
    if width is None or cell_len(text) <= width:
        return text
    head = first_part(text, (width - 1) // 3)
    tail = first_part(text[::-1], width - 1 - cell_len(head))[::-1]
    return f"{head}…{tail}"
