"""How far the runs are: bars on a terminal, a line for each phase elsewhere, or JSON for another program."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from kamplay.show.locale import N_, Locale

Display = Literal["shown", "quiet", "json"]
PHASES = {
    "reading": N_("reading the data"),
    "check": N_("step 0, check data"),
    "tiers": N_("step 1, tiers"),
    "value": N_("step 2, value"),
    "health": N_("step 3, health"),
    "plan": N_("step 4, plan"),
    "pages": N_("notebooks and report"),
    "plans": N_("account plans"),
    "done": N_("done"),
}


@dataclass(frozen=True)
class Moment:
    """Where a run is: the phase that begins, the share of the work that is done (0 to 1), and the seconds
    left, None while nothing is known of this client's size.
    """

    client: str
    phase: str
    done: float
    left: float | None


@dataclass(frozen=True)
class FleetMoment:
    """How far a fleet is: engagements that have ended, those of them that failed and those whose data or
    settings were refused, all; how many end in a minute, and the seconds left, both None while nothing is
    known.
    """

    done: int
    failed: int
    refused: int
    of: int
    rate: float | None
    left: float | None


@contextmanager
def displayed(
    display: Display, clients: int, language: str
) -> Iterator[Callable[[Moment | FleetMoment], None]]:
    """What to tell of each moment of ``clients`` runs and of the fleet that they are, on standard error."""
    locale = Locale(language, "CNY")
    if display == "quiet" or not clients:
        yield lambda _: None
    elif display == "json":
        yield _write_json
    elif sys.stderr.isatty():
        with _bars(locale, clients) as tell:
            yield tell
    else:
        yield _Lines(locale, clients > 1)


def _write_json(moment: Moment | FleetMoment) -> None:
    if isinstance(moment, FleetMoment):
        fleet = {"done": moment.done, "failed": moment.failed, "refused": moment.refused}
        fleet["of"] = moment.of
        rate = None if moment.rate is None else round(moment.rate, 2)
        seconds = None if moment.left is None else round(moment.left, 1)
        told = {"fleet": fleet | {"a_minute": rate, "seconds_left": seconds}}
        print(json.dumps(told), file=sys.stderr, flush=True)
        return
    left = None if moment.left is None else round(moment.left, 1)
    about: dict[str, Any] = {"client": moment.client, "phase": moment.phase, "done": round(moment.done, 3)}
    about["seconds_left"] = left
    print(json.dumps(about, ensure_ascii=False), file=sys.stderr, flush=True)


class _Lines:
    """A line when a phase begins; of a fleet, when an engagement has ended."""

    def __init__(self, locale: Locale, fleet: bool = False):
        self.locale, self.fleet = locale, fleet
        self.told: set[tuple[str, str]] = set()

    def __call__(self, moment: Moment | FleetMoment) -> None:
        if isinstance(moment, FleetMoment):
            print(_fleet_words(moment, self.locale), file=sys.stderr, flush=True)
            return
        about = (moment.client, moment.phase)
        if not self.fleet and about not in self.told and moment.phase != "done":
            self.told.add(about)
            print(_line(moment, self.locale), file=sys.stderr, flush=True)


@contextmanager
def _bars(locale: Locale, clients: int) -> Iterator[Callable[[Moment | FleetMoment], None]]:
    """A bar for each run that is under way, and for a fleet one below them."""
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, Any] = {}
        nothing = FleetMoment(0, 0, 0, clients, None, None)
        whole = bar.add_task(_fleet_words(nothing, locale), total=clients) if clients > 1 else None

        def tell(moment: Moment | FleetMoment) -> None:
            if isinstance(moment, FleetMoment):
                if whole is not None:
                    bar.update(whole, completed=moment.done, description=_fleet_words(moment, locale))
                return
            if moment.client not in tasks:
                tasks[moment.client] = bar.add_task("", total=1.0)
            text = escape(_line(moment, locale))
            bar.update(tasks[moment.client], completed=moment.done, description=text)
            if clients > 1 and moment.phase == "done":
                bar.remove_task(tasks.pop(moment.client))

        yield tell


def _fleet_words(moment: FleetMoment, locale: Locale) -> str:
    about = {"done": moment.done, "of": moment.of, "failed": moment.failed, "refused": moment.refused}
    if moment.rate is None or moment.left is None or moment.done == moment.of:
        return locale.say(N_("{done:n} of {of:n} clients, {failed:n} failed, {refused:n} refused"), **about)
    text = N_(
        "{done:n} of {of:n} clients, {failed:n} failed, {refused:n} refused, {rate:n1} a minute, about "
        "{minutes:n} min left"
    )
    return locale.say(text, **about, rate=moment.rate, minutes=math.ceil(moment.left / 60))


def _line(moment: Moment, locale: Locale) -> str:
    return f"{moment.client}{locale.colon}{_words(moment, locale)}"


def _words(moment: Moment, locale: Locale) -> str:
    phase = locale.text(PHASES[moment.phase])
    if moment.left is None or moment.phase == "done":
        return locale.say(N_("{phase}, {done:pct} done"), phase=phase, done=moment.done)
    text = N_("{phase}, {done:pct} done, about {left:n} s left")
    return locale.say(text, phase=phase, done=moment.done, left=max(1, round(moment.left)))
