"""Folders that are no path of this machine: in an object store or another file system that fsspec reaches.

What stands there is brought into a folder of this machine, worked on, and what has changed is put back. The
manifest of a run goes last: without it what stands there is no run.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from kamplay import digests
from kamplay.errors import Fault, KamplayError

MANIFEST = "manifest.json"
_URL = re.compile(r"([a-z][a-z0-9+.-]+):(/+)(.*)", re.IGNORECASE | re.DOTALL)


def is_url(place: str | Path) -> bool:
    """Whether a place is reached through fsspec: s3://bucket/folder, file:///folder."""
    return bool(_URL.fullmatch(str(place)))


def spelled(place: str | Path) -> str:
    """A url as it was written: as a path it loses one of its slashes."""
    found = _URL.fullmatch(str(place))
    if not found:
        return str(place)
    scheme, slashes, rest = found.groups()
    whole = len(slashes) > 1
    return f"{scheme}://{'/' * (len(slashes) - 2) if whole else '/' if scheme == 'file' else ''}{rest}"


def join(place: str, name: str) -> str:
    """A folder inside a place."""
    return f"{spelled(place).rstrip('/')}/{name}" if is_url(place) else str(Path(place) / name)


def subfolders_with(place: str, file: str) -> list[str]:
    """The folders directly in a url that hold ``file``, sorted; the url itself where it does."""
    fs, path = _at(place)
    if fs.exists(f"{path}/{file}"):
        return [spelled(place).rstrip("/")]
    found = [str(PurePosixPath(p).parent) for p in fs.glob(f"{path}/*/{file}")]
    return [join(place, PurePosixPath(p).name) for p in sorted(found)]


def fetch(place: str, folder: Path, wanted: Callable[[str], bool] = lambda name: True) -> dict[str, str]:
    """Bring the files of a url into ``folder``; returns the digest of each by its name in it.

    Parameters
    ----------
    wanted : whether a file is brought, by its name relative to the place.
    """
    fs, path = _at(place)
    told: dict[str, str] = {}
    for file in sorted(fs.find(path)) if fs.exists(path) else ():
        name = file.removeprefix(path).lstrip("/")
        if ".." in PurePosixPath(name).parts or not wanted(name):
            continue
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        fs.get_file(file, str(target))
        told[name] = digests.of_file(target)
    return told


def put_back(folder: Path, place: str, before: dict[str, str]) -> None:
    """Make a url hold what ``folder`` holds, where it held ``before`` (digests by name); a manifest that is
    to change is taken away first, and the new one put last.
    """
    fs, path = _at(place)
    now = {p.relative_to(folder).as_posix(): p for p in sorted(folder.rglob("*")) if p.is_file()}
    changed = [name for name, file in now.items() if before.get(name) != digests.of_file(file)]
    gone = [name for name in before if name not in now]
    last = [name for name in changed if PurePosixPath(name).name == MANIFEST]
    for name in sorted({*gone, *(n for n in before if n in last)}, key=lambda n: not n.endswith(MANIFEST)):
        fs.rm_file(f"{path}/{name}")
    for name in [*(n for n in changed if n not in last), *last]:
        fs.makedirs(f"{path}/{PurePosixPath(name).parent}", exist_ok=True)
        fs.put_file(str(now[name]), f"{path}/{name}")


@contextmanager
def brought(place: str, wanted: Callable[[str], bool] = lambda name: True) -> Iterator[Path]:
    """A place as a folder of this machine, for reading: itself, or what was brought of a url."""
    if not is_url(place):
        yield Path(place)
        return
    with tempfile.TemporaryDirectory(prefix="kamplay-place-") as scratch:
        fetch(place, Path(scratch), wanted)
        yield Path(scratch)


@contextmanager
def worked_on(place: str) -> Iterator[Path]:
    """A place as a folder of this machine, for writing: itself, or one of which what has changed is put back
    at the end, also where the work failed.
    """
    if not is_url(place):
        yield Path(place)
        return
    with tempfile.TemporaryDirectory(prefix="kamplay-place-") as scratch:
        folder = Path(scratch)
        before = fetch(place, folder)
        try:
            yield folder
        finally:
            put_back(folder, place, before)


def _at(place: str) -> tuple[Any, str]:
    """The file system of a url and the path in it.

    Raises
    ------
    KamplayError
        fsspec is not installed, knows no such scheme, or the store does not let us in.
    """
    url = spelled(place)
    try:
        from fsspec.core import url_to_fs

        fs, path = url_to_fs(url)
    except ImportError as error:
        raise KamplayError(Fault("place_needs_package", file=url, args={"detail": str(error)})) from None
    except Exception as error:
        raise KamplayError(Fault("place_unreachable", file=url, args={"detail": str(error)})) from None
    return fs, str(path).rstrip("/")
