"""Texts on a screen, whatever its width and their language."""

from __future__ import annotations

import re

from rich.cells import cell_len

# what begins no line, and what ends none
_CLOSING, _OPENING = "，。；：、）》」”！？…", "（《「“"
_ATOMS = re.compile(rf"[{_OPENING}]*(?:[^\s\u2e80-\uffef]+|[^\s])[{_CLOSING}]*|\s+")


def wrapped(text: str, width: int, whole: bool = False) -> list[str]:
    """Lines of at most ``width`` columns. Chinese may break anywhere but before a closing mark; figures,
    names and words stay whole. What is wider than a line, a path say, is broken, or with ``whole`` stands on
    a line of its own, to be copied.
    """
    lines = [""]
    for atom in _ATOMS.findall(" ".join(text.split())):
        while not whole and cell_len(atom) > width:
            head = first_part(atom, width - cell_len(lines[-1]) or width)
            lines[-1] += head
            lines.append("")
            atom = atom[len(head) :]
        if cell_len(lines[-1] + atom.rstrip()) > width:
            lines.append("")
        lines[-1] += atom if lines[-1] else atom.lstrip()
    return [line.rstrip() for line in lines if line.strip()]


def first_part(text: str, width: int) -> str:
    """The beginning of a text, at most so wide."""
    end, used = 0, 0
    for end, letter in enumerate(text):
        used += cell_len(letter)
        if used > width:
            return text[:end]
    return text[: end + 1]
