"""A calendar file (.ics) for each person who makes visits, to be taken into any calendar programme."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
from icalendar import Calendar, Event

from kamplay.engagement import slug
from kamplay.method.plan.step import Plan
from kamplay.show.locale import N_, missing
from kamplay.show.plan.actions import in_words
from kamplay.show.plan.calendar import WAITS, how_firm, spoken_entry, whose
from kamplay.show.plan.owners import HEAD, Decision, head_rows
from kamplay.show.view import View, using

FOLDER = "calendars"  # in the results of a run


def write(
    folder: Path, plan: Plan, view: View, client: str, decisions: Sequence[Decision] = ()
) -> list[Path]:
    """A file for each person, for inside sales and for visits that nobody is named for, into ``folder``; that
    of the head of sales with the ``decisions`` and the actions that are the head of sales's.

    Every entry is an event of a whole day: hours are the owner's to agree. The same plan gives the same
    bytes. An event keeps its identity (UID) in every run of the same reporting date, so that a calendar
    programme moves it where the plan does, and does not double it.

    Returns
    -------
    The files, by name; none without an entry.
    """
    entries = plan.calendar.lines()
    if entries.empty:
        return []
    folder.mkdir(parents=True, exist_ok=True)
    written, taken = [], set[str]()
    with using(view):
        told = in_words(plan, plan.actions).set_index("action_id")["text"].to_dict()
        firm, later = view.locale.sentences, view.locale.text(WAITS)
        told |= {action: firm(told[action], f"({later})") for action in plan.waiting}
        labels = pd.Series([whose(row) for row in entries.itertuples()], entries.index)
        own, head = head_rows(plan, decisions), view.locale.text(HEAD)
        waiting = plan.visits_waiting
        by_label = dict(list(entries.groupby(labels)))
        if len(own):
            by_label.setdefault(head, entries[:0])
        for label, rows in sorted(by_label.items()):
            name = slug(label)
            number = 1
            while name.casefold() in taken:  # two people whose names make one file name
                number += 1
                name = f"{slug(label)}-{number}"
            taken.add(name.casefold())
            path = folder / f"{name}.ics"
            calendar = _calendar(label, rows, told, plan.day, view, client, waiting)
            for row in own.itertuples() if label == head else ():
                calendar.add_component(_decision(row, plan.day, view, client))
            path.write_bytes(calendar.to_ical())
            written.append(path)
    return sorted(written)


def _calendar(
    label: str,
    rows: pd.DataFrame,
    told: dict[str, str],
    made_on: date,
    view: View,
    client: str,
    waiting: frozenset[tuple[str, str]],
) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", "-//kamplay//account plan//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", label)
    made = datetime(made_on.year, made_on.month, made_on.day, tzinfo=UTC)
    for row in rows.itertuples():
        summary, description = spoken_entry(row, told)
        event = Event()
        event.add("uid", _uid(client, view, row))
        event.add("dtstamp", made)
        day = row.date.date()
        event.add("dtstart", day)
        event.add("dtend", day + timedelta(days=1))
        event.add("summary", summary)
        firm = how_firm(row, waiting)
        event.add("description", "\n".join(filter(None, (description, firm))))
        event.add("categories", [row.kind])
        event.add("transp", "TRANSPARENT")  # a day with a visit is not a day without time
        if not missing(row.city) or not missing(row.region):
            event.add("location", row.region if missing(row.city) else row.city)
        calendar.add_component(event)
    return calendar


def _decision(row: Any, made_on: date, view: View, client: str) -> Event:
    """What the head of sales decides or does, on the first day by which it is due."""
    event, day = Event(), date.fromisoformat(row.day)
    said = N_("{account}: {text}")
    text = view.locale.say(said, account=row.name, text=row.text) if row.name else row.text
    event.add("uid", _hashed(client, view, ["head", row.key]))
    event.add("dtstamp", datetime(made_on.year, made_on.month, made_on.day, tzinfo=UTC))
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    event.add("summary", text)
    event.add("description", "\n".join(filter(None, (row.who, row.by, row.stake))))
    event.add("categories", ["decision"])
    event.add("transp", "TRANSPARENT")
    return event


def _uid(client: str, view: View, row: object) -> str:
    parts = [getattr(row, name) for name in ("person", "role", "unit_id", "kind", "action", "number")]
    return _hashed(client, view, parts)


def _hashed(client: str, view: View, parts: list[Any]) -> str:
    text = "\x1f".join([client, str(view.as_of), *("" if missing(part) else str(part) for part in parts)])
    return f"{hashlib.sha256(text.encode()).hexdigest()[:32]}@kamplay"
