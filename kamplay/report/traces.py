"""What of a client stands where results are written: every report, failed run, marked copy, lab and
left-over, so that all of it, and nothing of another client, can be removed.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal

from kamplay.engagement import slug
from kamplay.output_place import BUILDING, REPLACED, is_abandoned, remove
from kamplay.report.fleets.fleet import STATUS, last_status
from kamplay.report.fleets.portfolio import is_there, write_portfolio
from kamplay.report.run import FAILED
from kamplay.run_folder import WORK

Kind = Literal["report", "failed", "check", "lab", "left_over", "scratch", "link", "other"]


@dataclass(frozen=True)
class Trace:
    """A folder, file or link of a client: what it is, how many files it holds, and their bytes."""

    place: Path
    kind: Kind
    files: int
    bytes: int


@dataclass(frozen=True)
class Traces:
    """What stands of one client.

    Attributes
    ----------
    found : list of Trace
    unclear : list of Path
        In a folder that another client shares, of which nothing tells whose they are; they stay.
    running : list of Path
        What a process that lives is building.
    names : list of str
        Other clients' names that what was found bears: it was made of the same engagement.
    elsewhere : list of Path
        Reports of the same engagements under other names, which stay: only the client's name was given.
    """

    found: list[Trace]
    unclear: list[Path]
    running: list[Path]
    names: list[str] = field(default_factory=list)
    elsewhere: list[Path] = field(default_factory=list)


def clients(out: Path) -> dict[str, Path]:
    """Every client of whom something stands in ``out``, by name, or by folder where no name is told."""
    known: dict[str, Path] = {}
    for folder in _folders(out):
        named = {name for part in _parts(folder) if (name := _client(part))}
        known |= dict.fromkeys(sorted(named) or [folder.name], folder)
    return known


def traces_of(client: str, out: Path, engagement: str | None = None) -> Traces:
    """All that stands of a client in ``out``, and the scratch copies of it on this machine.

    ``client`` is the name as engagement.yaml has it, or that of its folder in ``out``; with the identity of
    an ``engagement`` also what was made of that under any name. No link is followed: a link is a trace.
    """
    found: list[Trace] = []
    unclear: list[Path] = []
    running: list[Path] = []
    names: set[str] = set()
    made: dict[Path, str] = {}  # every report with the engagement that it was made of
    for folder in _folders(out):
        called = _same(folder.name) in (_same(client), _same(slug(client)))
        if folder.is_symlink():
            found += [_trace(folder, "link")] if called else []
            continue
        parts = {part: _client(part) for part in _parts(folder)}
        name = _meant(client, folder, {name for name in parts.values() if name})
        of = {part: told for part in parts if (told := _told(part, "engagement"))}
        made |= of
        ours = {parts[part] for part, told in of.items() if told == engagement}
        theirs = {parts[part] for part, told in of.items() if told != engagement}
        own = [
            part
            for part, told in parts.items()
            if told and (told == name or (engagement and of.get(part) == engagement) or told in ours - theirs)
        ]
        others = any(told and part not in own for part, told in parts.items())
        untold = [part for part, told in parts.items() if not told] if own or (called and not others) else []
        unclear += untold if others else []
        names |= {told for part in own if (told := parts[part]) and told != name}
        own += [] if others else untold
        running += [p for p in own if p.name.startswith((BUILDING, REPLACED)) and not is_abandoned(p)]
        found += [_trace(part, _kind(part)) for part in sorted(own)]
        found += [_trace(folder, "other")] if called and not parts else []
    found += [_trace(place, "scratch") for place in _scratches() if _client_of_scratch(place, client)]
    places = {trace.place for trace in found}
    known = {of for place, of in made.items() if place in places}
    elsewhere = sorted(place for place, of in made.items() if of in known and place not in places)
    return Traces(found, sorted(unclear), running, sorted(names), elsewhere)


def forget(traces: Traces, out: Path) -> list[Path]:
    """Remove what was found, and folders of clients that are empty then; the page on all clients is made
    anew without it.

    Returns
    -------
    What could not be removed.
    """
    for trace in traces.found:
        if trace.place.is_symlink() or trace.place.is_file():
            with contextlib.suppress(OSError):
                trace.place.unlink()
        elif trace.kind == "left_over":
            remove(trace.place)  # with the scratch that goes with it
        else:
            shutil.rmtree(trace.place, ignore_errors=True)
        for parent in trace.place.parents:
            if out in parent.parents:
                with contextlib.suppress(OSError):  # other things stand in it
                    parent.rmdir()
    if is_there(str(out)):
        write_portfolio(out)
    return [trace.place for trace in traces.found if os.path.lexists(trace.place)]


def _folders(out: Path) -> list[Path]:
    try:
        return sorted(p for p in out.iterdir() if p.is_dir() or p.is_symlink())
    except OSError:
        return []


def _parts(folder: Path) -> list[Path]:
    """What stands in a client's folder, failed runs one by one; runs that somebody has moved there, however
    deep, and a run in the folder's place.
    """
    if not folder.is_symlink() and _client(folder):
        return [folder]
    parts = []
    with contextlib.suppress(OSError):
        for part in sorted(folder.iterdir()):
            inner = sorted(part.iterdir()) if part.name == FAILED and not part.is_symlink() else []
            parts += [one for own in inner or [part] for one in _parted(own)]
    return parts


def _parted(part: Path) -> list[Path]:
    """A part as a whole, or what stands in it where runs do."""
    if part.is_symlink() or not part.is_dir() or _client(part) or not _holds_runs(part):
        return [part]
    return [one for inner in sorted(part.iterdir()) for one in _parted(inner)]


def _holds_runs(folder: Path) -> bool:
    tree = os.walk(folder, followlinks=False)
    return any("manifest.json" in files and _client(Path(place)) for place, _, files in tree)


def _client(part: Path) -> str | None:
    """The client that a run, a lab, a left-over or the note on a fleet's last run says it is of."""
    if part.name == STATUS and not part.is_symlink():
        return last_status(part.parents[1], part.parent.name).get("client")
    if part.is_symlink() or not part.is_dir():
        return None
    return _told(part, "client")


def _told(part: Path, name: str) -> str | None:
    """What a run or a left-over has written of itself; None where it says nothing."""
    for file in ("manifest.json", f"{WORK}/settings.json", "run/manifest.json"):
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            place = part / file
            if not any(p.is_symlink() for p in (part, place, place.parent)):
                return str(json.loads(place.read_text(encoding="utf-8"))[name])
    return None


def _meant(client: str, folder: Path, told: set[str]) -> str | None:
    """Which of the names told in a folder is the client: one that is the same; where the folder's own name
    is asked for, the only one.
    """
    same = [name for name in told if _same(name) == _same(client)]
    if not same and _same(client) == _same(folder.name) and len(told) == 1:
        same = list(told)
    return same[0] if same else None


def _same(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip()


def _kind(part: Path) -> Kind:
    if part.is_symlink():
        return "link"
    if part.parent.name == FAILED or part.name == FAILED:
        return "failed"
    if part.name.startswith((BUILDING, REPLACED)):
        return "left_over"
    if (part / "manifest.json").is_file():  # whatever somebody calls it
        return "report"
    with contextlib.suppress(ValueError):
        date.fromisoformat(part.name)
        return "report"
    return {"check": "check", "lab": "lab"}.get(part.name, "other")  # type: ignore[return-value]


def _trace(place: Path, kind: Kind) -> Trace:
    sizes = list(_sizes(place))
    return Trace(place, kind, len(sizes), sum(sizes))


def _sizes(place: Path) -> Iterator[int]:
    """Of every file, links not followed."""
    with contextlib.suppress(OSError):
        if place.is_symlink() or place.is_file():
            yield place.lstat().st_size
            return
    for folder, _, files in os.walk(place, followlinks=False):
        for name in files:
            with contextlib.suppress(OSError):
                yield (Path(folder) / name).lstat().st_size


def _scratches() -> list[Path]:
    """Copies that notebooks opened on an engagement folder keep while their kernel runs."""
    with contextlib.suppress(OSError):
        return sorted(p for p in Path(tempfile.gettempdir()).glob("kamplay-*") if not p.is_symlink())
    return []


def _client_of_scratch(place: Path, client: str) -> bool:
    with contextlib.suppress(OSError):
        return any(_same(_client(p) or "") == _same(client) for p in (place, *place.iterdir()))
    return False
