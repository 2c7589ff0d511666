"""Gates and safeguards: rules that hold an account back, or keep it, whatever its score."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.indicators import TAKE, measured, rated
from kamplay.presets.measures import WORDED
from kamplay.presets.scorecard import Limit, Rule, Scorecard
from kamplay.presets.words import LEVELS


@dataclass(frozen=True)
class Ruled:
    """What the rules say of each account (index account_id).

    ``ceiling`` and ``floor``: the highest and the lowest position that its gates and safeguards allow (0 = highest tier);
    ``gate``: the strictest gate that holds, the first of equals, and ``safeguard``: the first that holds, None where none does; a
    safeguard does not speak for an account that is excluded. ``holding``: units × rules, which hold. ``excluded``: not counted in
    quotas. ``unchecked``: rules whose measures no account has.
    """

    ceiling: np.ndarray
    floor: np.ndarray
    gate: pd.Series
    safeguard: pd.Series
    holding: pd.DataFrame
    excluded: np.ndarray
    unchecked: tuple[str, ...]

    def bound(self, position: np.ndarray) -> np.ndarray:
        """Positions (accounts,) or (accounts, draws) held within what the rules allow; a safeguard is stronger than a gate."""
        ceiling, floor = (self.ceiling, self.floor) if position.ndim == 1 else (self.ceiling[:, None], self.floor[:, None])
        return np.minimum(np.maximum(position, ceiling), floor)


def holds(book: Book, rule: Rule) -> pd.Series | None:
    """Whether every condition of ``rule`` holds per account; unknown never holds. None where a measure is known of no account."""
    out = pd.Series(True, index=book.accounts.index)
    for measure, limit in rule.when.items():
        values = measured(book, measure) if measure in TAKE else rated(book, [measure.partition(".")[2], rule.zh, rule.en])
        if values.notna().sum() == 0:
            return None
        out &= _within(values, limit, measure)
    return out


def _within(values: pd.Series, limit: Limit, measure: str) -> pd.Series:
    if measure in WORDED:
        allowed = {word.strip().casefold() for word in limit.one_of or []}
        return values.map(lambda v: str(v).strip().casefold() in allowed, na_action="ignore").fillna(False).astype(bool)
    inside = values.notna()
    for bound, test in ((limit.above, values.gt), (limit.below, values.lt), (limit.at_least, values.ge), (limit.at_most, values.le)):
        if bound is not None:
            inside &= test(bound)
    return inside


def ruled(book: Book, card: Scorecard) -> Ruled:
    """All gates and safeguards of the card, for every account of the Book."""
    index = book.accounts.index
    last = len(card.tiers) - 1
    ceiling, floor = np.zeros(len(index), dtype=np.int8), np.full(len(index), last, dtype=np.int8)
    gate, safeguard = (pd.Series(None, index=index, dtype=object) for _ in range(2))
    excluded, unchecked = np.zeros(len(index), dtype=bool), []
    kept, holding = {}, pd.DataFrame(index=index)
    for name, guard in card.safeguards.items():
        found = holds(book, guard)
        if found is None:
            unchecked.append(name)
            continue
        kept[name] = found.to_numpy()
        if guard.floor:
            floor[kept[name]] = np.minimum(floor[kept[name]], lowest_at(card, guard.floor))
    for name, rule in card.gates.items():
        found = holds(book, rule)
        if found is None:
            unchecked.append(name)
            continue
        held = found.to_numpy() & ~np.any(
            [kept[g] for g, guard in card.safeguards.items() if g in kept and name in guard.shields] or [np.zeros(len(index), bool)], axis=0
        )
        holding[name] = held
        cap = last if rule.exclude else highest_at(card, rule.cap or "C")
        gate[held & (gate.isna().to_numpy() | (cap > ceiling))] = name
        ceiling[held] = np.maximum(ceiling[held], cap)
        excluded |= held & rule.exclude
    for name in kept:
        holding[name] = kept[name] & ~excluded
        safeguard[holding[name] & safeguard.isna()] = name
    floor = np.where(excluded, last, floor).astype(np.int8)
    return Ruled(ceiling, floor, gate, safeguard, holding, excluded, tuple(unchecked))


def highest_at(card: Scorecard, level: str) -> int:
    """The position of the highest tier whose level is not above ``level``."""
    return next((i for i, t in enumerate(card.tiers) if LEVELS.index(t.level) >= LEVELS.index(level)), len(card.tiers) - 1)


def lowest_at(card: Scorecard, level: str) -> int:
    """The position of the lowest tier whose level is not below ``level``; the highest tier where there is none."""
    return max((i for i, t in enumerate(card.tiers) if LEVELS.index(t.level) <= LEVELS.index(level)), default=0)
