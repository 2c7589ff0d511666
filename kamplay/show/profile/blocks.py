"""What an account plan is made of: a strip of figures, and blocks of sentences and small tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kamplay.show.locale import N_, Locale


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
    heads, rows : a small table; ``numeric`` are the places of its figures, ``keep`` of what stays on one
        line.
    note : what stands below in small print.
    """

    key: str
    title: str
    lines: Sequence[str] = ()
    heads: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    numeric: Sequence[int] = ()
    keep: Sequence[int] = ()
    note: str = ""

    @property
    def empty(self) -> bool:
        return not self.lines and not self.rows


@dataclass(frozen=True)
class Page:
    """The whole plan in words. ``parts`` stand below one another: each is a column, or two side by side; on
    paper the second page begins with part number ``turn`` (0: where it falls).
    """

    name: str
    kind: str
    facts: Sequence[str]
    tiles: Sequence[Tile]
    chart: str = ""  # HTML
    parts: Sequence[Sequence[Sequence[Block]]] = ()
    turn: int = 0


def side_by_side(*columns: Sequence[Block]) -> list[list[Block]]:
    """A part of columns, without the blocks that are empty."""
    return [[block for block in column if not block.empty] for column in columns]


def shortened(lines: Sequence[str], most: int, locale: Locale) -> list[str]:
    """The first ``most`` lines, and how many were left out; one more is shorter than saying so."""
    if len(lines) <= most + 1:
        return list(lines)
    return [*lines[:most], locale.say(N_("{rest:n} more"), rest=len(lines) - most)]
