"""What a notebook cell shows: HTML that is already escaped, with the same in plain text for a terminal."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape


@dataclass(frozen=True)
class Grid:
    """A table's cells as they are shown, for a document that is no page.

    ``numeric`` and ``extra`` (what a narrow place leaves out) by column, ``lines`` by row;
    client texts are as they came.
    """

    labels: tuple[str, ...]
    numeric: tuple[bool, ...]
    extra: tuple[bool, ...]
    lines: tuple[tuple[str, ...], ...]
    caption: str


@dataclass(frozen=True)
class Display:
    """``html``: client texts in it are escaped; empty shows nothing. ``grid``: the cells of a table."""

    html: str
    text: str
    grid: Grid | None = None

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        # an empty cell still has an output, so that the page can tell it from one that did not run
        return {"text/html": self.html, "text/plain": self.text} if self.html else {"text/plain": ""}


NOTHING = Display("", "")


def sentence(text: str) -> Display:
    """A plain sentence where a chart or table would say no more than it does."""
    return Display(f'<p class="instead">{escape(text)}</p>', text)
