"""Figures of many clients from which no client's own can be found: means of groups of clients, and where one
client stands among them.

A figure is published only as part of the mean of a group, and who is in a group does not change:

1. A group that is published for the first time has at least K clients that were in no group of that measure
   before. Clients whose group was given up may stand beside them.
2. The same group may be published again, with figures of today, once at least K of its clients have another
   figure than they had.
3. A group of which a client is gone is given up: it is never published without that client alone.

So no sum or difference of published means, of one edition or of many, holds fewer than K unknown figures. Of
all means that are combined take the one published last. By rule 1 its K new clients, by rule 2 its K changed
figures are in none of the others and do not cancel out. Where figures hardly change from one edition to the
next, so that a group published twice is as good as one mean, rule 1 says the same of clients: two different
groups never differ by fewer than K of them. Who knows the figures of up to K − 2 clients is left with two
that are unknown.

Means are rounded. A group is held back where its mean would tell of its clients all the same: where they are
alike, where all stand at the end of a scale, and where one makes nearly all of the sum.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

K = 5  # clients in a group at least that are new, or whose figure is
DOMINATES = 0.20  # the others but the second must make more than this part of the largest
ALIKE = 2  # steps of rounding by which figures of a group must differ
ALL = "*"  # all industries, all sizes
# by accounts
SIZES = ((50, "below_50"), (200, "50_to_199"), (1000, "200_to_999"), (math.inf, "1000_and_more"))


@dataclass(frozen=True)
class Measure:
    """A figure that clients are compared by: what its means are rounded to, and the ends of its scale, None
    where it has none.
    """

    step: float
    low: float | None = 0.0
    high: float | None = None


MEASURES: dict[str, Measure] = {
    "top1_share": Measure(0.01, 0.0, 1.0),
    "accounts_for_80": Measure(1.0, 1.0),
    "gini": Measure(0.01, 0.0, 1.0),
    "nrr": Measure(0.01),
    "grr": Measure(0.01, 0.0, 1.0),
    "churn_rate": Measure(0.01, 0.0, 1.0),
    "days_overdue": Measure(1.0),
    "win_rate": Measure(0.01, 0.0, 1.0),
}


@dataclass(frozen=True)
class Member:
    """A client that takes part, under a name that need not tell who it is. ``figures``: measure → its figure;
    one that is not known is left out. ``industry`` is ALL where it is not known.
    """

    client: str
    industry: str
    size: str
    figures: Mapping[str, float]


@dataclass(frozen=True)
class Group:
    """What is published of ``count`` clients that stood next to each other by a measure when they came in:
    their mean, rounded, and the day (ISO date) of its edition.
    """

    measure: str
    industry: str
    size: str
    count: int
    mean: float
    edition: str


@dataclass(frozen=True)
class Kept:
    """A group with its clients, which is never published. ``figures``: client → a mark of its figure, which
    is another one for another figure.
    """

    group: Group
    figures: Mapping[str, str]


@dataclass(frozen=True)
class Edition:
    """An edition of a benchmark.

    Attributes
    ----------
    kept : the groups that stand, with their clients.
    ever : every (client, measure) that was in a group that was published.
    waiting : clients by measure that are in no group yet.
    """

    kept: tuple[Kept, ...] = ()
    ever: frozenset[tuple[str, str]] = frozenset()
    waiting: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Place:
    """Where one client stands: ``own`` beside ``clients`` clients in ``groups`` groups, of which ``below``
    have a mean below its figure; ``low`` and ``high`` are the lowest and the highest of these means.
    """

    measure: str
    own: float
    clients: int
    groups: int
    below: int
    low: float
    high: float
    industry: str
    size: str
    edition: str


def size_of(accounts: float) -> str:
    """The size of a client by its number of accounts."""
    return next(name for most, name in SIZES if accounts < most)


def publish(
    members: Iterable[Member], before: Edition, mark: Callable[[str, str, float], str], edition: str
) -> Edition:
    """The next edition.

    A new group is of one industry and size where enough new clients of it are there, else of one industry,
    else of all.

    Parameters
    ----------
    members : all clients that take part now.
    before : the edition before.
    mark : of a client, measure and figure.
    edition : the day, as an ISO date.
    """
    kept: list[Kept] = []
    ever, waiting = set(before.ever), {}
    everyone = sorted(members, key=lambda one: one.client)
    for name, measure in MEASURES.items():
        here = {m.client: m for m in everyone if name in m.figures and math.isfinite(m.figures[name])}
        standing = [
            _of_today(one, here, measure, mark, edition)
            for one in before.kept
            if one.group.measure == name and set(one.figures) <= set(here)
        ]
        kept += standing
        placed = {client for one in standing for client in one.figures}
        free = [m for client, m in here.items() if client not in placed]
        for wider in (lambda m: (m.industry, m.size), lambda m: (m.industry, ALL), lambda m: (ALL, ALL)):
            for cell in sorted({wider(m) for m in free}):
                for group in _groups([m for m in free if wider(m) == cell], name, ever):
                    mean = _rounded(_mean(group, name), measure.step)
                    told = Group(name, cell[0], cell[1], len(group), mean, edition)
                    kept.append(Kept(told, {m.client: mark(m.client, name, m.figures[name]) for m in group}))
            placed = {client for one in kept if one.group.measure == name for client in one.figures}
            free = [m for m in free if m.client not in placed]
        ever |= {(client, name) for client in placed}
        if free:
            waiting[name] = len(free)
    return Edition(tuple(sorted(kept, key=_order)), frozenset(ever), waiting)


def _order(one: Kept) -> tuple[object, ...]:
    group = one.group
    return group.measure, group.industry, group.size, group.mean, group.count, sorted(one.figures)


def _of_today(
    one: Kept,
    here: Mapping[str, Member],
    measure: Measure,
    mark: Callable[[str, str, float], str],
    edition: str,
) -> Kept:
    """A group whose clients are all there: with figures of today where enough of them are others, else as it
    stands.
    """
    name = one.group.measure
    group = [here[client] for client in one.figures]
    marks = {m.client: mark(m.client, name, m.figures[name]) for m in group}
    changed = sum(marks[client] != was for client, was in one.figures.items())
    if changed < K or not _tells_nothing(group, name):
        return one
    return Kept(replace(one.group, mean=_rounded(_mean(group, name), measure.step), edition=edition), marks)


def _groups(inside: list[Member], name: str, ever: set[tuple[str, str]]) -> list[list[Member]]:
    """Clients of a cell that stand next to each other, in groups of at least K new ones each that tell
    nothing of their members; who is left over at the end goes to the last. None where there is no such group.
    """
    made: list[list[Member]] = []
    open_: list[Member] = []
    for one in sorted(inside, key=lambda m: (m.figures[name], m.client)):
        open_.append(one)
        if sum((m.client, name) not in ever for m in open_) >= K and _tells_nothing(open_, name):
            made.append(open_)
            open_ = []
    while open_ and made:
        open_ = [*made.pop(), *open_]
        if _tells_nothing(open_, name):
            made.append(open_)
            break
    return made


def _tells_nothing(group: Sequence[Member], name: str) -> bool:
    """Whether the mean of a group tells nothing of one of its members."""
    measure, values = MEASURES[name], sorted(one.figures[name] for one in group)
    if values[-1] - values[0] < ALIKE * measure.step:
        return False
    mean = _mean(group, name)
    if any(abs(mean - end) < measure.step for end in (measure.low, measure.high) if end is not None):
        return False
    largest, _second, *rest = sorted(map(abs, values), reverse=True)
    return sum(rest) > DOMINATES * largest


def _mean(group: Sequence[Member], name: str) -> float:
    return math.fsum(one.figures[name] for one in group) / len(group)


def _rounded(value: float, step: float) -> float:
    return round(round(value / step) * step, 6)


def places(figures: Mapping[str, float], industry: str, size: str, groups: Iterable[Group]) -> list[Place]:
    """Where a client stands by every measure of which something is published: in its industry and size, else
    in its industry, else among all. Groups of finer cells count in the wider ones.
    """
    published, found = list(groups), []
    for name in MEASURES:
        if pd.isna(figures.get(name)):
            continue
        all_of_it = [g for g in published if g.measure == name]
        same = [g for g in all_of_it if g.industry == industry and industry != ALL]
        for beside, cell in (
            ([g for g in same if g.size == size], (industry, size)),
            (same, (industry, ALL)),
            (all_of_it, (ALL, ALL)),
        ):
            if beside:
                found.append(_place(name, float(figures[name]), beside, cell))
                break
    return found


def _place(name: str, own: float, beside: Sequence[Group], cell: tuple[str, str]) -> Place:
    means = sorted(g.mean for g in beside)
    clients, below = sum(g.count for g in beside), sum(mean < own for mean in means)
    last = max(g.edition for g in beside)
    return Place(name, own, clients, len(beside), below, means[0], means[-1], cell[0], cell[1], last)
