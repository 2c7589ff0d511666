"""What a report can show: every finding's words, every chart and every table, each registered where it is
written.

A topic's file in ``kamplay.show.<step>`` registers what it shows: ``register_findings`` for the sentences,
``@chart`` and ``@table`` for the drawings and tables, ``@sheet`` for what the workbook lists in full,
``@plot`` for the figures of a chart that the slides draw anew under its name. ``kp.findings``, ``kp.charts``,
``kp.tables``, the workbook and the slides follow from that; a name that is given twice is refused when the
file is imported.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, wraps
from importlib import import_module
from pkgutil import iter_modules
from typing import TypeVar

from kamplay.errors import Fault, KamplayError, nearest
from kamplay.method.results import Finding
from kamplay.show.charts.plot import Plot
from kamplay.show.display import Display
from kamplay.show.locale import Locale
from kamplay.show.table import Sheet
from kamplay.show.view import current, using

UNRANKED = 50  # place on the first page of a finding that claims none
Words = Callable[[Finding, Locale], Mapping[str, object]]
Shown = TypeVar("Shown", covariant=True)
Show = TypeVar("Show", bound=Callable[..., object])


@dataclass(frozen=True)
class FindingSpec:
    """All that is said of one kind of finding.

    Parameters
    ----------
    kind : the finding's code, as ``Findings.add`` writes it into findings.json.
    topic : the question of a step that it answers; a topic shows its kinds in the order in which they are
    registered.
    headline : the sentence, in English and marked with ``N_``; its fields are the finding's figures.
    actions : code of an action → what to do, for every action that this kind may call for.
    brief, brief_actions : the same for the first page, in two printed lines; without them the headline's
    first sentence.
    rank : place on the first page among findings of equal severity, 1 the first.
    always : stands on the first page whatever its severity.
    on_first_page : False where another finding of the first page says it, or where it tells how a figure was
    tested.
    replaces : kinds that are left out of the first page where this one stands there.
    unnamed : the headline where the finding names no account, as with consumers.
    words : further fields of the sentences, which take several figures or a language to make.
    chance : what chance gives of the figure, from {chance_low} to {chance_high}; without it no range is told.

    """

    kind: str
    topic: str
    headline: str
    actions: Mapping[str, str] = field(default_factory=dict)
    brief: str | None = None
    brief_actions: Mapping[str, str] = field(default_factory=dict)
    rank: int = UNRANKED
    always: bool = False
    on_first_page: bool = True
    replaces: tuple[str, ...] = ()
    unnamed: str | None = None
    words: Words | None = None
    chance: str | None = None


_specs: dict[str, FindingSpec] = {}
_actions: dict[str, str] = {}
_files: dict[str, str] = {}  # kind → the file that registers it


def register_findings(*specs: FindingSpec) -> None:
    """Register the words of findings.

    Raises
    ------
    ValueError
        A kind is registered twice, or one action's code has two texts.
    """
    for spec in specs:
        if spec.kind in _specs:
            raise ValueError(f"finding {spec.kind!r} is registered twice")
        for code, text in spec.actions.items():
            if _actions.setdefault(code, text) != text:
                raise ValueError(f"action {code!r} of finding {spec.kind!r} has another text elsewhere")
        _specs[spec.kind] = spec
        _files[spec.kind] = sys._getframe(1).f_globals["__name__"]


class Register(Mapping[str, Callable[..., Shown]]):
    """Charts, tables or sheets by name: ``register["pareto"]`` or ``register.pareto``; used as a decorator it
    adds one.

    A function's name is the entry's name and what it is: ``pareto_chart`` is ``kp.charts.pareto``.

    """

    def __init__(self, what: str):
        self._what = what
        self._entries: dict[str, Callable[..., Shown]] = {}

    def __call__(self, show: Show) -> Show:
        name, _, what = show.__name__.rpartition("_")
        if what != self._what:
            raise ValueError(f"{show.__name__}: the name of a {self._what} ends with _{self._what}")
        if name in self._entries:
            raise ValueError(f"{self._what} {name!r} is registered twice")
        self._entries[name] = _for_its_readers(name, show) if what == "chart" else show  # type: ignore[assignment]
        return show

    def __getitem__(self, name: str) -> Callable[..., Shown]:
        load_topics()
        return self._entries[name]

    def __getattr__(self, name: str) -> Callable[..., Shown]:
        if not name.startswith("_"):
            load_topics()
            if name in self._entries:
                return self._entries[name]
            near = nearest(name, self._entries)
            raise AttributeError(f"no {self._what} {name!r}" + (f"; did you mean {near!r}?" if near else ""))
        raise AttributeError(name)

    def __iter__(self) -> Iterator[str]:
        load_topics()
        return iter(sorted(self._entries))

    def __len__(self) -> int:
        load_topics()
        return len(self._entries)

    def __dir__(self) -> list[str]:
        return list(self)


def _for_its_readers(name: str, show: Callable[..., object]) -> Callable[..., object]:
    """A chart that the report does not show is for a laptop alone, where notebooks are read."""

    @wraps(show)
    def shown(*args: object, **more: object) -> object:
        view = current()
        on_paper = view.in_report is None or name in view.in_report
        with using(replace(view, on_paper=on_paper)):
            return show(*args, **more)

    return shown


chart: Register[Display] = Register("chart")
table: Register[Display] = Register("table")
sheet: Register[Sheet] = Register("sheet")
plot: Register[Plot | None] = Register("plot")
charts, tables, sheets, plots = chart, table, sheet, plot


@cache
def load_topics() -> None:
    """Import every topic's file, so that all that it shows is registered."""
    for room in iter_modules(import_module("kamplay.show").__path__, "kamplay.show."):
        if room.ispkg:
            for topic in iter_modules(import_module(room.name).__path__, f"{room.name}."):
                import_module(topic.name)


def step_of(show: Callable[..., object]) -> str:
    """The step whose result a chart, table or sheet takes: that of its room."""
    return show.__module__.split(".")[-2]


def told_beside(show: Callable[..., object]) -> frozenset[str]:
    """The kinds of finding that are registered in the file of a chart or table: what it shows, in words."""
    load_topics()
    return frozenset(kind for kind, file in _files.items() if file == show.__module__)


def specs() -> Mapping[str, FindingSpec]:
    """Every kind of finding with its words."""
    load_topics()
    return _specs


def actions() -> Mapping[str, str]:
    """Every action's code with what to do."""
    load_topics()
    return _actions


@cache
def topics() -> Mapping[str, tuple[str, ...]]:
    """Every topic with its kinds of finding, in the order in which a page shows them."""
    found: dict[str, tuple[str, ...]] = {}
    for spec in specs().values():
        found[spec.topic] = (*found.get(spec.topic, ()), spec.kind)
    return found


def of_topic(topic: str) -> tuple[str, ...]:
    """The kinds of finding of one topic; raises KamplayError for an unknown one."""
    if topic not in topics():
        raise KamplayError(Fault("topic_unknown", value=topic, args={"near": nearest(topic, topics()) or ""}))
    return topics()[topic]
