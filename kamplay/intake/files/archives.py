"""Archives in ``data/``: the one table in a .zip or .gz, unpacked into a scratch folder of this process,
never beside the client's file.
"""

from __future__ import annotations

import atexit
import gzip
import os
import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from kamplay.errors import Fault
from kamplay.intake.files.file_safety import (
    MAX_RATIO,
    MAX_UNPACKED,
    MEBI,
    SMALL_UNPACKED,
    RefusedError,
    content,
    first_line,
    name_shown,
    unpack,
)

ARCHIVES = {".zip", ".gz"}
TABLES = {".csv", ".tsv", ".xlsx", ".xls", ".xlsb", ".xlsm", ".ods", ".parquet"}
MOST_PARTS = 10_000
_WITHIN = re.compile(r"(?P<archive>.+\.(?:zip|gz))/(?P<inner>[^/#]+)(?:#(?P<sheet>.*))?", re.IGNORECASE)
_LITTER = ("__macosx/", ".ds_store", "thumbs.db", "desktop.ini")


@dataclass(frozen=True)
class Unpacked:
    """The table of an archive: where it lies for this process, and its path as the user knows it."""

    path: Path
    shown: str


def within(item: str) -> tuple[str, str] | None:
    """Split ``data/invoices.zip/invoices.csv#Sheet`` into archive and sheet; None for another path."""
    found = _WITHIN.fullmatch(item)
    return (found["archive"], found["sheet"] or "") if found else None


def on_disk(shown: str) -> str:
    """The path of the file that the client sent: the archive, where a table was read out of one."""
    split = within(shown)
    return split[0] if split else shown


def unpacked(path: Path, shown: str) -> Unpacked | Fault:
    """Unpack the one table that an archive holds.

    Parameters
    ----------
    path, shown : Path, str
        The archive, a regular file in the engagement, and its path as the user knows it.

    Returns
    -------
    Unpacked or Fault
        A workbook that is only named .zip is given as it lies. A Fault where the archive holds no table, or
        several, is encrypted or damaged, or would unpack to more than a table can be.
    """
    try:
        found = path.stat()
        key = (path, found.st_size, found.st_mtime_ns)
        if key not in _done or not _done[key].path.exists():
            _done[key] = _unpack(path, shown)
        return _done[key]
    except RefusedError as refused:
        return Fault(refused.code, file=shown, args=refused.figures)
    except PermissionError:
        return Fault("file_not_permitted", file=shown)
    except (zipfile.BadZipFile, zlib.error, EOFError, gzip.BadGzipFile, NotImplementedError, ValueError):
        return Fault("file_damaged", file=shown)
    except OSError as error:  # no space left in the scratch folder, for one
        return Fault("file_unreadable", file=shown, args={"detail": first_line(error)})


def clear() -> None:
    """Remove what this process has unpacked."""
    _done.clear()
    for folder in _scratch:
        shutil.rmtree(folder, ignore_errors=True)
    _scratch.clear()


_done: dict[tuple[Path, int, int], Unpacked] = {}
_scratch: list[Path] = []
atexit.register(clear)


def _unpack(path: Path, shown: str) -> Unpacked:
    with path.open("rb") as file:
        head = file.read(4)
    if head.startswith(b"PK"):
        if content(path, shown).kind == "excel":
            return Unpacked(path, shown)
        with zipfile.ZipFile(path) as archive, path.open("rb") as file:
            part = _only_table(archive.infolist())
            name = PurePosixPath(part.filename.replace("\\", "/")).name
            target = _target(name)
            with target.open("wb") as out:
                unpack(file, part, out.write)
    elif head.startswith(b"\x1f\x8b"):
        name = _gzip_name(path)
        target = _target(name)
        with target.open("wb") as out:
            for piece in _gunzipped(path):
                out.write(piece)
    else:
        raise RefusedError("file_damaged")
    return Unpacked(target, f"{shown}/{name_shown(name)}")


def unpacked_into(path: Path, shown: str, folder: Path) -> list[Path] | Fault:
    """Unpack every table of a .zip into a folder, each under its own name without the folders it lay in.

    Parameters
    ----------
    path, shown : Path, str
        The archive, and its path as the user knows it.
    folder : Path
        Is there; what it holds already is not written over.

    Returns
    -------
    list of Path or Fault
        In the archive's order, empty for a .gz and for a workbook that is named .zip. A Fault as ``unpacked``
        gives it, and nothing unpacked.
    """
    made: list[Path] = []
    try:
        with path.open("rb") as file:
            if not file.read(4).startswith(b"PK") or content(path, shown).kind == "excel":
                return []
        with zipfile.ZipFile(path) as archive, path.open("rb") as file:
            parts = _tables(archive.infolist())
            if sum(part.file_size for part in parts) > MAX_UNPACKED:
                raise RefusedError("file_expands", megabytes=sum(p.file_size for p in parts) // MEBI)
            for part in parts:
                _refuse_bomb(part)
                target = _free(folder, _own_name(part))
                made.append(target)
                with target.open("xb") as out:
                    unpack(file, part, out.write)
        return made
    except RefusedError as refused:
        fault = Fault(refused.code, file=shown, args=refused.figures)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError):
        fault = Fault("file_damaged", file=shown)
    for half in made:
        half.unlink(missing_ok=True)
    return fault


def _own_name(part: zipfile.ZipInfo) -> str:
    """A part's file name, fit for any system. Chinese Windows writes names in GBK and does not say so."""
    name = part.filename
    if not part.flag_bits & 0x800 and not name.isascii():
        try:
            name = name.encode("cp437").decode("gb18030")
        except UnicodeError:
            name = part.filename
    last = name_shown(PurePosixPath(name.replace("\\", "/")).name)
    return re.sub(r'[<>:"|?*\\]', "-", last).strip(". ")


def _free(folder: Path, name: str) -> Path:
    """A path in ``folder`` that nothing has yet."""
    path, number = folder / name, 1
    while path.exists():
        number += 1
        path = folder / f"{PurePosixPath(name).stem}-{number}{_suffix(name)}"
    return path


def _refuse_bomb(part: zipfile.ZipInfo) -> None:
    if part.flag_bits & 1:
        raise RefusedError("file_encrypted")
    if part.file_size > MAX_UNPACKED:
        raise RefusedError("file_expands", megabytes=part.file_size // MEBI)
    if part.file_size > SMALL_UNPACKED and part.file_size > MAX_RATIO * max(1, part.compress_size):
        raise RefusedError("file_expands", megabytes=part.file_size // MEBI)


def _tables(parts: list[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    """The tables among the parts of a .zip, not empty; a text file beside a table is a note."""
    if len(parts) > MOST_PARTS:
        raise RefusedError("archive_tables", there=f"> {MOST_PARTS}")
    files = [p for p in parts if not p.is_dir() and not _is_litter(p.filename)]
    for part in files:
        inner = PurePosixPath(part.filename.replace("\\", "/"))
        if inner.is_absolute() or ".." in inner.parts or ":" in inner.parts[0]:
            raise RefusedError("path_outside")
    tables = [p for p in files if _suffix(p.filename) in TABLES] or [
        p for p in files if _suffix(p.filename) == ".txt"
    ]
    if not tables:
        names = ", ".join(name_shown(p.filename) for p in files[:3])
        raise RefusedError("archive_without_table", there=names or "–")
    return tables


def _only_table(parts: list[zipfile.ZipInfo]) -> zipfile.ZipInfo:
    """The one table among the parts of a .zip."""
    tables = _tables(parts)
    if len(tables) != 1:
        raise RefusedError("archive_tables", there=", ".join(name_shown(p.filename) for p in tables[:3]))
    _refuse_bomb(tables[0])
    return tables[0]


def _is_litter(name: str) -> bool:
    """What a system leaves in an archive beside the files that somebody put there."""
    lower = name.lower().replace("\\", "/")
    last = lower.rpartition("/")[2]
    return lower.startswith(_LITTER[0]) or last in _LITTER or last.startswith((".", "~$"))


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix.lower()


def _gzip_name(path: Path) -> str:
    """The name of the table in a .gz: the archive's own without .gz, or the one it was packed under."""
    name = path.stem
    if _suffix(name) in TABLES | {".txt"}:
        return name
    if _suffix(name) == ".tar" or path.suffix.lower() == ".tgz":
        raise RefusedError("archive_without_table", there=name)
    with path.open("rb") as file:
        head = file.read(512)
    packed = b""
    if head[3] & 8 and not head[3] & 4:  # a name, and no extra field before it
        packed = head[10 : head.find(b"\0", 10)]
    inner = PurePosixPath(packed.decode("latin-1").replace("\\", "/")).name
    return inner if _suffix(inner) in TABLES else f"{name}.csv"


def _gunzipped(path: Path) -> Iterator[bytes]:
    packed, made = path.stat().st_size, 0
    with gzip.open(path) as file:
        while piece := file.read(MEBI):
            made += len(piece)
            if made > MAX_UNPACKED or (made > SMALL_UNPACKED and made > MAX_RATIO * packed):
                raise RefusedError("file_expands", megabytes=made // MEBI)
            yield piece


def _target(name: str) -> Path:
    """A place for one table; its name there is ours, whatever the archive calls it."""
    if not _scratch:
        _sweep()
        _scratch.append(Path(tempfile.mkdtemp(prefix=f"kamplay-unpacked-{os.getpid()}-")))
    return _scratch[0] / f"{len(list(_scratch[0].iterdir()))}{_suffix(name)}"


def _sweep() -> None:
    """Remove what a process that was killed has left: its folder bears a number that no process has."""
    for folder in Path(tempfile.gettempdir()).glob("kamplay-unpacked-*"):
        owner = folder.name.split("-")[2]
        if owner.isdigit() and not _alive(int(owner)):
            shutil.rmtree(folder, ignore_errors=True)


def _alive(process: int) -> bool:
    import psutil  # os.kill asks on Linux and macOS, and on Windows ends what it asks about

    return bool(psutil.pid_exists(process))
