"""What an account plan is made of: a strip of figures, and blocks of sentences and small tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Tile:
    """One figure of the strip: its label, the figure, and why or since when. ``band``: a health band, shown
    as a dot.
    """

    label: str
    value: str
    why: str = ""
    band: str = ""


@dataclass(frozen=True)
class Block:
    """A titled part of the plan, in words of the page's language; empty without ``lines`` and ``rows``.

    Attributes
    ----------
    key : names its look.
    lines : sentences.
    heads, rows : a small table; ``numeric`` are the places of its figures.
    note : what stands below in small print.
    """

    key: str
    title: str
    lines: Sequence[str] = ()
    heads: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    numeric: Sequence[int] = ()
    note: str = ""

    @property
    def empty(self) -> bool:
        return not self.lines and not self.rows


@dataclass(frozen=True)
class Page:
    """The whole plan in words."""

    name: str
    kind: str
    facts: Sequence[str]
    tiles: Sequence[Tile]
    chart: str = ""  # HTML
    left: Sequence[Block] = field(default_factory=tuple)
    right: Sequence[Block] = field(default_factory=tuple)
    wide: Sequence[Block] = field(default_factory=tuple)
