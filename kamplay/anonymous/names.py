"""What stands in for names: one code for one text, in every table and setting alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pandas as pd

from kamplay.anonymous.secret import Secret

LONG, SHORT = 5, 3  # groups of a code: of ids, and of words that a reader tells apart


class Names:
    """The codes of one copy. Everything of a ``kind`` has to be known before the first is asked for:
    ``learn`` all, then ``ids``, ``labels`` and ``key``.
    """

    def __init__(self, secret: Secret):
        self.secret = secret
        self._known: dict[str, set[str]] = {}
        self._codes: dict[tuple[str, int], dict[str, str]] = {}

    def learn(self, kind: str, texts: Iterable[object]) -> None:
        self._known.setdefault(kind, set()).update(str(text) for text in texts)

    def code(self, kind: str, text: object, groups: int = SHORT) -> str:
        """The code of one text. Raises KeyError where it was not learnt."""
        if (kind, groups) not in self._codes:
            self._codes[kind, groups] = self.secret.codes(kind, self._known.get(kind, ()), groups)
        return self._codes[kind, groups][str(text)]

    def ids(self, kind: str, cells: pd.Series) -> pd.Series:
        """A column of ids as codes; blanks stay."""
        return self._mapped(cells, lambda text: self.code(kind, text, LONG))

    def labels(self, kind: str, cells: pd.Series, word: str) -> pd.Series:
        """A column of names as ``word`` and a code; blanks stay."""
        return self._mapped(cells, lambda text: f"{word} {self.code(kind, text)}")

    def numbered(self, kind: str, which: Callable[[str], bool]) -> dict[str, int]:
        """Of the texts of a kind those that ``which`` holds of, from 1 in the order of their codes."""
        own = sorted(
            (one for one in self._known.get(kind, ()) if which(one)), key=lambda t: self.code(kind, t)
        )
        return {text: number for number, text in enumerate(own, start=1)}

    def key(self, text: str) -> str:
        """A code in place of a word of the engagement's own presets, which may be a key there."""
        return self.code("word", text.strip().casefold()).lower().replace("-", "_")

    @staticmethod
    def _mapped(cells: pd.Series, of: Callable[[object], str]) -> pd.Series:
        given = cells.dropna()
        known = {text: of(text) for text in given.unique()}
        return cells.astype(object).map(known).where(cells.notna(), None)
