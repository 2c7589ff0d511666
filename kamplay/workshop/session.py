"""The workshop without widgets or texts: ballots as they are captured, their agreement, and the effect of any
weights.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.intake.values.parsing import NO_VALUE
from kamplay.method.tiers import ballots
from kamplay.method.tiers.consensus import Consensus, consensus
from kamplay.method.tiers.rating import rate
from kamplay.presets.scorecard import Scorecard
from kamplay.workshop import ballot_file
from kamplay.workshop.ballot_file import RefusedError
from kamplay.workshop.preview import Base, Preview, shares

MOST_NAMED = 10  # accounts that one ballot may nominate
LONGEST = 80  # characters of a name


@dataclass(frozen=True)
class Ballot:
    """One captured ballot.

    Attributes
    ----------
    rater, department, round : who voted, and in which round (from 1).
    weights : top criterion → weight, on any scale.
    nominated : account ids that should be key.
    replaced : whether it replaces the same person's earlier ballot of this round.
    namesake : other departments with a rater of that name in this round, who count as other people.
    """

    rater: str
    department: str
    round: int
    weights: dict[str, float]
    nominated: tuple[str, ...]
    replaced: bool
    namesake: tuple[str, ...]


class Session:
    """A run, its scorecard, the weights in force, and the ballots captured so far.

    Parameters
    ----------
    book, card : the client's data and the scorecard.
    folder : where ``save`` writes ballots.csv. The ballots of an existing file count, and of the Book's those
        of raters and rounds that the file does not have.
    language : zh or en, of the file.

    Raises
    ------
    KamplayError, RefusedError
        The existing file cannot be read completely.
    """

    def __init__(self, book: Book, card: Scorecard, folder: Path | None = None, language: str = "zh"):
        self.book, self.card, self.folder, self.language = book, card, folder, language
        self.criteria = list(card.criteria)
        self.base = Base(book, rate(book, card))
        book_ballots = ballot_file.tidy(book.tables.get("ballots"))
        self._file_content = ballot_file.content(folder) if folder else None
        file_ballots = ballot_file.read(folder) if folder else None
        self._table = book_ballots if file_ballots is None else _merged(file_ballots, book_ballots)
        self._saved = self._table
        self._undo_stack: list[tuple[Ballot, pd.DataFrame]] = []
        self._agreed: tuple[pd.DataFrame, Consensus | None] | None = None

    @property
    def weights(self) -> pd.Series:
        """Shares of the top criteria in force; they add up to 1."""
        return self.base.start

    @property
    def captured(self) -> tuple[Ballot, ...]:
        """The ballots of this sitting, the latest last."""
        return tuple(ballot for ballot, _ in self._undo_stack)

    @property
    def unsaved(self) -> bool:
        """Whether ballots changed since the last save."""
        return self._table is not self._saved

    @property
    def rounds(self) -> list[int]:
        """The rounds with ballots, ascending."""
        return ballots.rounds(self._table) if len(self._table) else []

    @property
    def departments(self) -> list[str]:
        """The departments on the ballots, in order of first appearance."""
        return list(dict.fromkeys(self._table["department"].dropna()))

    def preview(
        self, weights: Mapping[str, float] | pd.Series | None = None, same_size: bool = False
    ) -> Preview:
        """Tiers under these weights (the present ones by default), see ``Base.preview``."""
        return replace(
            self.base.preview(self.weights if weights is None else weights, same_size),
            agreement=self.agreement(),
        )

    def capture(
        self,
        rater: str,
        department: str,
        weights: Mapping[str, float],
        nominated: Sequence[str] = (),
        round: int | None = None,
    ) -> Ballot:
        """Add one person's ballot; it replaces the same person's ballot of that round.

        Parameters
        ----------
        rater, department : names; one known in another case is written as before.
        weights : of all top criteria, on any scale, not all 0.
        nominated : account ids, at most ``MOST_NAMED``.
        round : the latest by default, at most one more.

        Raises
        ------
        RefusedError
            An entry cannot be used; nothing is changed.
        """
        latest = max(self.rounds, default=1)
        number = latest if round is None else round
        if isinstance(number, bool) or not isinstance(number, int | np.integer) or number < 1:
            raise RefusedError("round_unusable")
        if number > max(self.rounds, default=0) + 1:
            raise RefusedError(
                "round_ahead", latest=max(self.rounds, default=0), next=max(self.rounds, default=0) + 1
            )
        name = _known(_name(rater, "rater"), self._table["rater"])
        home = _known(_name(department, "department"), self._table["department"])
        shares(weights, self.criteria)
        accounts = self._accounts(nominated)
        here = _round(self._table) == number
        same_name = here & (self._table["rater"] == name)
        mine = same_name & (self._table["department"].isna() | (self._table["department"] == home))
        others = tuple(dict.fromkeys(self._table.loc[same_name & ~mine, "department"]))
        given = {key: float(weights[key]) for key in self.criteria}
        ballot = Ballot(name, home, int(number), given, accounts, bool(mine.any()), others)
        self._undo_stack.append((ballot, self._table))
        self._table = _stacked(self._table[~mine], _rows(ballot))
        return ballot

    def undo(self) -> Ballot | None:
        """Take back the latest captured ballot and restore what it replaced; None without one."""
        if not self._undo_stack:
            return None
        ballot, self._table = self._undo_stack.pop()
        return ballot

    def ballots_table(self) -> pd.DataFrame:
        """All ballots, the Book's and those captured, in the columns of ``ballot_file.COLUMNS``."""
        return self._table.copy()

    def agreement(self) -> Consensus | None:
        """Agreement of the ballots, as step 1 computes it; None without ballots."""
        if self._agreed is None or self._agreed[0] is not self._table:
            rating, account = self.base.rating, self._table["account_id"]
            units = self._table.assign(account_id=account.map(rating.heads.to_dict()).fillna(account))
            self._agreed = self._table, consensus(rating, units)
        return self._agreed[1]

    def save(self) -> Path:
        """Write ballots.csv and return its path.

        Raises
        ------
        RefusedError
            There is no folder, another program changed the file, or it cannot be written.
        """
        if self.folder is None:
            raise RefusedError("no_folder")
        content = ballot_file.content(self.folder)
        if content is not None and content != self._file_content:
            raise RefusedError("file_changed", file=ballot_file.FILE)
        try:
            self._file_content = ballot_file.write(self._table, self.folder, self.language)
        except OSError:
            raise RefusedError("file_not_written", file=ballot_file.FILE) from None
        self._saved = self._table
        return self.folder / ballot_file.FILE

    def _accounts(self, nominated: Sequence[str]) -> tuple[str, ...]:
        accounts = tuple(dict.fromkeys([nominated] if isinstance(nominated, str) else nominated))
        if unknown := [str(a) for a in accounts if a not in self.book.accounts.index]:
            raise RefusedError("account_unknown", names=unknown)
        if len(accounts) > MOST_NAMED:
            raise RefusedError("too_many_named", most=MOST_NAMED, count=len(accounts))
        return accounts


def _name(text: str, kind: str) -> str:
    """A name with single spaces; RefusedError where the intake would read it as a blank cell."""
    name = " ".join(str(text if text is not None else "").split())
    if not name:
        raise RefusedError(f"{kind}_blank")
    if name.casefold() in NO_VALUE or name.strip("'=+-@ ") == "":
        raise RefusedError("name_unusable", name=name)
    if len(name) > LONGEST:
        raise RefusedError("name_long", most=LONGEST)
    return name


def _known(name: str, known: pd.Series) -> str:
    """The name as it is spelled already, whatever its case."""
    return next((t for t in known.dropna() if t.casefold() == name.casefold()), name)


def _rows(ballot: Ballot) -> pd.DataFrame:
    weighed = [{"criterion": key, "weight": weight} for key, weight in ballot.weights.items()]
    named = [{"account_id": account, "nominated": True} for account in ballot.nominated]
    rows = pd.DataFrame([*weighed, *named]).assign(
        rater=ballot.rater, department=ballot.department, round=float(ballot.round)
    )
    return ballot_file.tidy(rows)


def _round(table: pd.DataFrame) -> pd.Series:
    return table["round"].fillna(1.0)  # a blank round is the first


def _merged(file: pd.DataFrame, book_ballots: pd.DataFrame) -> pd.DataFrame:
    """The file's ballots, and of the Book's those whose rater has none in the file in that round. A ballot
    without a department belongs to any rater of that name.
    """
    in_file = set(zip(file["rater"], file["department"], _round(file), strict=True))
    named = {(rater, number) for rater, _, number in in_file}
    kept = [
        (rater, department, number) not in in_file
        and (department is not None or (rater, number) not in named)
        for rater, department, number in zip(
            book_ballots["rater"], book_ballots["department"], _round(book_ballots), strict=True
        )
    ]
    return _stacked(book_ballots[np.array(kept, dtype=bool)], file)


def _stacked(above: pd.DataFrame, below: pd.DataFrame) -> pd.DataFrame:
    parts = [part for part in (above, below) if len(part)]
    return pd.concat(parts, ignore_index=True) if parts else above.reset_index(drop=True)
