"""Whole or not at all: a run is built beside its place and moved in; a failed one is kept apart and the last good one stays."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from pathlib import Path

FAILED = "failed"
ISSUED = "issued.json"  # in the work folder of a run: the day on which it was made


def building_place(out: Path, client: str) -> Path:
    """A new, empty folder beside where the run will stand, on the same disk so that moving it is one step."""
    parent = out / client
    parent.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix=".building-", dir=parent))


def publish(built: Path, target: Path) -> None:
    """Move ``built`` to ``target``. An earlier run there is moved aside first, comes back if the move fails, and is then removed."""
    built.chmod(0o755)  # mkdtemp gave it to its owner alone
    aside = None
    if target.exists():
        aside = Path(tempfile.mkdtemp(prefix=".replaced-", dir=target.parent)) / "run"
        target.rename(aside)
    try:
        built.rename(target)
    except OSError:
        if aside:
            aside.rename(target)
        raise
    if aside:
        shutil.rmtree(aside.parent, ignore_errors=True)
    shutil.rmtree(target.parent / FAILED / target.name, ignore_errors=True)  # what failed before is mended now
    with contextlib.suppress(OSError):
        (target.parent / FAILED).rmdir()


def keep_failed(built: Path, out: Path, client: str, as_of: str, log: str) -> Path:
    """What a failed run leaves: its notebooks so far and its log under ``failed/``, replacing an earlier failure of the same date."""
    place = out / client / FAILED / as_of
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    notebooks = built / "notebooks"
    if notebooks.is_dir():
        shutil.move(str(notebooks), str(place / "notebooks"))
    (place / "run.log").write_text(log, encoding="utf-8")
    shutil.rmtree(built, ignore_errors=True)
    return place


def clear(built: Path) -> None:
    """Remove a folder that came to nothing, and the client's folder when that is empty too."""
    shutil.rmtree(built, ignore_errors=True)
    with contextlib.suppress(OSError):
        built.parent.rmdir()
