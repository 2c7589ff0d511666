"""Which client's folder is meant: one that is named, or the one that was made of what is named.

Light, as a command that cannot go on has to say so at once.
"""

from __future__ import annotations

import os
from pathlib import Path

from kamplay.engagement import RECORD, SETTINGS_FILE, record_of
from kamplay.errors import KamplayError, nothing_here
from kamplay.report.fleets.places import is_url


def need_any(paths: list[Path]) -> None:
    """Raises KamplayError where nothing of all that is named is there."""
    if not any(is_url(path) or _may_be_there(path) for path in paths):
        raise KamplayError([nothing_here(path) for path in paths])


def _may_be_there(path: Path) -> bool:
    """Whether something is there; a name that no system takes is told by whoever reads it."""
    try:
        return path.exists()
    except OSError:
        return True


def folder_of_settings(path: Path) -> Path:
    """An engagement is meant by its engagement.yaml, too."""
    return path.parent if path.name == SETTINGS_FILE else path


def places_for(source: Path) -> list[Path]:
    """Where a folder may be made for what a client sent: beside it, else here; for the folder that one stands
    in, in it.
    """
    here = Path.cwd().resolve()
    beside = source if source.is_dir() and here.is_relative_to(source) else source.parent
    return list(dict.fromkeys((beside, here)))


def made_before(source: Path, places: list[Path]) -> Path | None:
    """The folder in one of the places that was made of what a client sent; None where there is none."""
    for place in places:
        try:
            folders = sorted(p for p in place.iterdir() if (p / RECORD).is_file())
        except OSError:
            continue
        for folder in folders:
            told = record_of(folder).get("source")
            if told == way_from(folder, source) and (folder / SETTINGS_FILE).is_file():
                return folder
    return None


def way_from(folder: Path, source: Path) -> str:
    """The way from an engagement to what it was made of; the whole path where they lie on two drives."""
    try:
        return Path(os.path.relpath(source, folder)).as_posix()
    except ValueError:
        return source.as_posix()
