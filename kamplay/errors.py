"""What can be wrong with a user's input, as data: faults carry a code and figures, never words.

The words for every code, in both languages, are in ``kamplay.show.texts.fault_texts``.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Level = Literal["error", "warning"]


@dataclass(frozen=True)
class Fault:
    """One fault in a setting, a preset or a client's file, with its place in the user's own file.

    ``row`` counts as the user's file does (the header row is a row); ``column`` is the user's own header, or
    the dotted path of a setting. ``count`` folds identical faults and ``rows`` keeps where each of them
    stands (``row`` is the first); ``args`` holds the figures that the sentence for ``code`` needs.
    """

    code: str
    level: Level = "error"
    table: str | None = None
    file: str | None = None
    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    value: str | None = None
    count: int = 1
    args: dict[str, Any] = field(default_factory=dict)
    rows: tuple[int, ...] = field(default=(), repr=False, compare=False)

    @property
    def all_rows(self) -> tuple[int, ...]:
        """Every row of the user's file that the fault stands in; empty when it has none."""
        return self.rows or ((self.row,) if self.row else ())


class KamplayError(Exception):
    """Input that cannot be used: every fault found, raised once. Exit code 2 at the command line."""

    def __init__(self, faults: Fault | Iterable[Fault]):
        self.faults: list[Fault] = [faults] if isinstance(faults, Fault) else list(faults)
        super().__init__(
            "; ".join(f"{f.code} {f.column or f.file or ''} {f.value or ''}".strip() for f in self.faults)
        )

    def __reduce__(self) -> tuple[type, tuple[list[Fault]]]:
        return (type(self), (self.faults,))  # survives the way back from a worker process


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word closest to ``word``, or None when nothing is close."""
    return next(iter(nearest_few(word, known, 1)), None)


def nothing_here(path: Path) -> Fault:
    """That nothing stands at a path, with the name beside it that may be meant."""
    try:
        beside = {p.stem: p for p in path.parent.iterdir() if not p.name.startswith((".", "~$"))}
    except (OSError, ValueError):
        beside = {}
    near = nearest(path.stem, beside)
    args = {"near": str(beside[near])} if near else {}
    return Fault("file_missing" if path.suffix else "folder_missing", file=str(path), args=args)


def nearest_few(word: str, known: Iterable[str], most: int = 3) -> list[str]:
    """The known words close to ``word``, the closest first."""
    return difflib.get_close_matches(word, list(known), n=most, cutoff=0.5)
