"""What a notebook cell shows: HTML that is already escaped, with the same in plain text for a terminal."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment, Template


@dataclass(frozen=True)
class Grid:
    """A table's cells as they are shown, for a document that is no page.

    ``numeric``, ``extra`` (what a narrow place leaves out) and ``keys`` by column, ``lines`` by row; client
    texts are as they came. ``brief``: the caption without what is said of extra columns. ``marks``: each
    sentence of the caption that explains a mark, with whether each row bears it. ``of``: the rows of the
    whole list, of which ``lines`` are the first; the captions do not say how many are left out.
    """

    labels: tuple[str, ...]
    numeric: tuple[bool, ...]
    extra: tuple[bool, ...]
    lines: tuple[tuple[str, ...], ...]
    caption: str
    keys: tuple[str, ...] = ()
    brief: str = ""
    marks: tuple[tuple[str, tuple[bool, ...]], ...] = ()
    of: int = 0

    def left_out(self, rows: int) -> int:
        """How many rows of the list stand behind its first ``rows``."""
        return max(self.of, len(self.lines)) - rows

    def explained(self, rows: int) -> list[str]:
        """What the marks of the first ``rows`` mean."""
        return [said for said, borne in self.marks if any(borne[:rows])]


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


def template(name: str) -> Template:
    """A template of ``kamplay.show``: what it is given is escaped, and must be complete."""
    return _environment().get_template(name)


def load_templates() -> None:
    """Compile every template of ``kamplay.show``: children forked after it need not."""
    for name in _environment().list_templates(["j2"]):
        template(name)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("kamplay.show"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
