"""What earlier runs of a client hold that a new one would only make again: taken over, where it was made from
the same and nobody has changed it since.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from kamplay import digests
from kamplay.json_files import write_json
from kamplay.output_place import BUILDING, NEW, OWNER, REPLACED
from kamplay.run_folder import WORK

MADE = "made.json"  # in WORK: what the parts of a run were made from, and what was made
PLANS = "plans"  # account plans, which are made of a run when it is there
_ADDED = (f"{PLANS}/", f"{PLANS}{NEW}", BUILDING, REPLACED)  # what they put into it


class Kept:
    """The parts of a run, by their place in it; ``client`` is the folder of the runs to take them from."""

    def __init__(self, client: Path):
        self.parts: dict[str, dict[str, str]] = {}
        self._earlier = [(run, about["parts"]) for run, about in _records(client, beside=True)]

    def find(self, part: str, made_from: str) -> Path | None:
        """Where an earlier run holds a file or a folder made from the same, unchanged since."""
        for run, parts in self._earlier:
            about = parts.get(part, {})
            if about.get("from") == made_from and about.get("is") == _content(run / part):
                return run / part
        return None

    def take(self, part: str, made_from: str, built: Path) -> bool:
        """Copy a part from an earlier run into the one in ``built``; whether there was one to take."""
        place = self.find(part, made_from)
        if place is None:
            return False
        target = built / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if place.is_dir():
            shutil.copytree(place, target, dirs_exist_ok=True)
        else:
            shutil.copyfile(place, target)
        self.made(part, made_from, built)
        return True

    def made(self, part: str, made_from: str, built: Path) -> None:
        """Note that a part of the run is there, and what it was made from."""
        self.parts[part] = {"from": made_from, "is": _content(built / part)}

    def write(self, whole: str | None, inputs: str | None, built: Path) -> None:
        """Put what was noted into the run, with ``whole``, what all of it was made from, and ``inputs``, what
        of that is the same on another day and in another language.
        """
        about = {"from": whole, "inputs": inputs, "is": _of_the_run(built), "parts": self.parts}
        write_json(built / WORK / MADE, about)


def finished(client: Path, whole: Callable[[str], str | None]) -> Path | None:
    """A run of the client that is there already: made from ``whole`` (of its date), and no file of it changed
    since.
    """
    for run, about in _records(client):
        if about["from"] and about["from"] == whole(run.name) and about.get("is") == _of_the_run(run):
            return run
    return None


def latest_run(client: Path) -> Path | None:
    """The finished run of the client that was made last."""
    return next((run for run, _ in _records(client) if (run / "manifest.json").is_file()), None)


def latest_of(client: Path, inputs: str | None) -> Path | None:
    """The run of the client made last from ``inputs`` (files, settings, code), in whatever language."""
    runs = (run for run, about in _records(client) if inputs and about.get("inputs") == inputs)
    return next((run for run in runs if (run / "manifest.json").is_file()), None)


def _records(client: Path, beside: bool = False) -> list[tuple[Path, dict[str, Any]]]:
    """The finished runs of a client and what they noted, the latest made first; with ``beside`` also those
    that could not take their place.
    """
    found = []
    try:
        notes = list(client.glob(f"*/{WORK}/{MADE}"))
    except OSError:  # a place that is none
        return []
    for note in notes:
        run = note.parents[1]
        try:
            date.fromisoformat(run.name.partition(NEW)[0] if beside else run.name)
            about = json.loads(note.read_text(encoding="utf-8"))
            if isinstance(about["parts"], dict) and "from" in about:
                found.append((note.stat().st_mtime_ns, run, about))
        except (OSError, ValueError, KeyError, TypeError):
            continue  # a damaged note keeps nothing from being made anew
    return [(run, about) for _, run, about in sorted(found, key=lambda one: one[0], reverse=True)]


def _of_the_run(run: Path) -> str:
    """Of all files but the note itself and the plans, which come later."""
    files = [p for p in sorted(run.rglob("*")) if p.is_file() and p.name not in (MADE, OWNER)]
    names = [p.relative_to(run).as_posix() for p in files]
    own = [(n, p) for n, p in zip(names, files, strict=True) if not n.startswith(_ADDED)]
    return digests.of_value([[name, digests.of_file(path)] for name, path in own])


def _content(place: Path) -> str:
    try:
        return digests.of_folder(place) if place.is_dir() else digests.of_file(place)
    except OSError:
        return ""
