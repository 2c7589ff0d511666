"""The workshop's core: the ballots as they are captured, what they agree on, and what any weights would do.
No widget, no word.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.intake.parsing import NO_VALUE
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
    """One captured ballot. ``replaced``: the same person's earlier ballot of this round gave way.

    ``namesake``: other departments under which the name stands in this round; the method counts these as
    other people.
    """

    rater: str
    department: str
    round: int
    weights: dict[str, float]
    nominated: tuple[str, ...]
    replaced: bool
    namesake: tuple[str, ...]


class Session:
    """A run, its card, the weights now in force, and the ballots captured so far.

    ``folder`` is where ``save`` writes ballots.csv, a run or lab folder; a file that is there already is
    continued: its ballots count, and of the Book's those of people and rounds that it does not have. Raises
    KamplayError or RefusedError when the file cannot be read whole.
    """

    def __init__(self, book: Book, card: Scorecard, folder: Path | None = None, language: str = "zh"):
        self.book, self.card, self.folder, self.language = book, card, folder, language
        self.criteria = list(card.criteria)
        self.base = Base(book, rate(book, card))
        own = ballot_file.tidy(book.tables.get("ballots"))
        self._seen = ballot_file.content(folder) if folder else None
        there = ballot_file.read(folder) if folder else None
        self._table = own if there is None else _joined(there, own)
        self._saved = self._table
        self._before: list[tuple[Ballot, pd.DataFrame]] = []
        self._agreed: tuple[pd.DataFrame, Consensus | None] | None = None

    @property
    def weights(self) -> pd.Series:
        """The shares of the top criteria in force."""
        return self.base.start

    @property
    def captured(self) -> tuple[Ballot, ...]:
        """The ballots of this sitting, the latest last."""
        return tuple(ballot for ballot, _ in self._before)

    @property
    def unsaved(self) -> bool:
        return self._table is not self._saved

    @property
    def rounds(self) -> list[int]:
        return ballots.rounds(self._table) if len(self._table) else []

    @property
    def departments(self) -> list[str]:
        """The departments on the ballots, in their order."""
        return list(dict.fromkeys(self._table["department"].dropna()))

    def preview(
        self, weights: Mapping[str, float] | pd.Series | None = None, same_size: bool = False
    ) -> Preview:
        """What these weights of the top criteria would do (the present ones by default), see
        ``Base.preview``.
        """
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
        """Take one person's ballot: weights of all top criteria (any scale, not all 0) and account ids to
        nominate.

        It replaces the same person's ballot of that round; the round is the latest by default. Raises
        RefusedError and changes nothing when an entry cannot be used. A name known in another case is written
        as it stands already.
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
        own = here & (self._table["rater"] == name)
        mine = own & (self._table["department"].isna() | (self._table["department"] == home))
        others = tuple(dict.fromkeys(self._table.loc[own & ~mine, "department"]))
        given = {key: float(weights[key]) for key in self.criteria}
        ballot = Ballot(name, home, int(number), given, accounts, bool(mine.any()), others)
        self._before.append((ballot, self._table))
        self._table = _stacked(self._table[~mine], _rows(ballot))
        return ballot

    def undo(self) -> Ballot | None:
        """Take the latest captured ballot back, and put in place what it replaced; None where nothing was
        captured.
        """
        if not self._before:
            return None
        ballot, self._table = self._before.pop()
        return ballot

    def ballots_table(self) -> pd.DataFrame:
        """All ballots, the Book's and those captured: rater, department, criterion, account_id, weight, rank,
        nominated, round.
        """
        return self._table.copy()

    def agreement(self) -> Consensus | None:
        """What the ballots say, as step 1 would say it of this table; None without ballots."""
        if self._agreed is None or self._agreed[0] is not self._table:
            rating, account = self.base.rating, self._table["account_id"]
            units = self._table.assign(account_id=account.map(rating.heads.to_dict()).fillna(account))
            self._agreed = self._table, consensus(rating, units)
        return self._agreed[1]

    def save(self) -> Path:
        """Write ballots.csv anew. Raises RefusedError where it has no place, was changed by another program,
        or cannot be written.
        """
        if self.folder is None:
            raise RefusedError("no_folder")
        there = ballot_file.content(self.folder)
        if there is not None and there != self._seen:
            raise RefusedError("file_changed", file=ballot_file.FILE)
        try:
            self._seen = ballot_file.write(self._table, self.folder, self.language)
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
    """A name with single spaces. One that the intake would read as a blank cell is no name."""
    name = " ".join(str(text if text is not None else "").split())
    if not name:
        raise RefusedError(f"{kind}_blank")
    if name.casefold() in NO_VALUE or name.strip("'=+-@ ") == "":
        raise RefusedError("name_unusable", name=name)
    if len(name) > LONGEST:
        raise RefusedError("name_long", most=LONGEST)
    return name


def _known(name: str, there: pd.Series) -> str:
    """The name as it stands already, whatever its case."""
    return next((t for t in there.dropna() if t.casefold() == name.casefold()), name)


def _rows(ballot: Ballot) -> pd.DataFrame:
    weighed = [{"criterion": key, "weight": weight} for key, weight in ballot.weights.items()]
    named = [{"account_id": account, "nominated": True} for account in ballot.nominated]
    rows = pd.DataFrame([*weighed, *named]).assign(
        rater=ballot.rater, department=ballot.department, round=float(ballot.round)
    )
    return ballot_file.tidy(rows)


def _round(table: pd.DataFrame) -> pd.Series:
    return table["round"].fillna(1.0)  # a blank round is the first


def _joined(file: pd.DataFrame, own: pd.DataFrame) -> pd.DataFrame:
    """The file's ballots, and of the Book's those whose person has none in the file in that round.

    Without a department a ballot is of whoever bears that name, as it is when a captured one replaces it.
    """
    full = set(zip(file["rater"], file["department"], _round(file), strict=True))
    named = {(rater, number) for rater, _, number in full}
    kept = [
        (rater, department, number) not in full and (department is not None or (rater, number) not in named)
        for rater, department, number in zip(own["rater"], own["department"], _round(own), strict=True)
    ]
    return _stacked(own[np.array(kept, dtype=bool)], file)


def _stacked(above: pd.DataFrame, below: pd.DataFrame) -> pd.DataFrame:
    parts = [part for part in (above, below) if len(part)]
    return pd.concat(parts, ignore_index=True) if parts else above.reset_index(drop=True)
