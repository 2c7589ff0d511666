"""Where results are written: what keeps a place from taking them (a full disk, a report open in Excel), how
a finished folder takes its place, and what a killed run left there.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import platform
import re
import shutil
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from uuid import uuid4

from kamplay.errors import Fault
from kamplay.json_files import read_json

OWNER = ".owner.json"  # in a folder that is being built: the process that builds it
BUILDING, REPLACED = ".building-", ".replaced-"
FORGOTTEN = 3600.0  # seconds after which a folder that names no owner has none
LONGEST_INSIDE = 90  # letters of the longest path in a run; Windows counts 260 for the whole
# seconds between tries: on Windows a scanner or an indexer holds a file that was just written for a moment
PAUSES = (0.1, 0.3, 1.0) if os.name == "nt" else ()
LOCKS = os.name == "nt"  # whether a file that is open elsewhere cannot be replaced
NEW = "-new"  # after the name of a folder: what is finished and could not take its place
FILES_NEEDED = 160  # open at once: pages, tables and the wires to two kernels
_CODES = {
    "output_full": (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)),
    "output_not_permitted": (errno.EACCES, errno.EPERM, errno.EROFS),
    "output_not_a_folder": (errno.ENOTDIR, errno.EEXIST),
    "output_name_too_long": (errno.ENAMETOOLONG,),
    "too_many_files": (errno.EMFILE, errno.ENFILE),
}
_TEXTS = {"output_full": "No space left on device|disk is full", "too_many_files": "Too many open files"}


class InUseError(PermissionError):
    """A file of the old results is open in another program, so the new ones could not take their place; they
    stand in ``kept`` (None: none were made).
    """

    def __init__(self, file: Path, kept: Path | None = None):
        super().__init__(errno.EACCES, os.strerror(errno.EACCES), str(file))
        self.kept = kept


def output_fault(
    error: BaseException | str, place: Path | str | None = None, every: bool = False
) -> Fault | None:
    """What an error of the system, or its text as a notebook tells it, says of the place that is written to;
    None for another kind of error. With ``every``, each error of the system is one of the place.
    """
    if isinstance(error, Exception) and error.args and isinstance(error.args[0], OSError):
        error = error.args[0]  # as XlsxWriter wraps it
    if isinstance(error, InUseError):
        in_use = "output_kept_beside" if error.kept else "output_in_use"
        return Fault(in_use, file=error.filename, args={"kept": str(error.kept)})
    if isinstance(error, OSError):
        number, where = error.errno, place or error.filename
    else:
        stated = re.search(r"\[Errno (\d+)\]", str(error))
        number, where = int(stated[1]) if stated else None, place
    code = next((code for code, numbers in _CODES.items() if number in numbers), None)
    code = code or next((code for code, words in _TEXTS.items() if re.search(words, str(error))), None)
    if code is None and every and isinstance(error, OSError):
        detail = error.strerror or str(error)
        return Fault("output_failed", file=str(where) if where else None, args={"detail": detail})
    return Fault(code, file=str(where) if where else None) if code else None


def need_files(most: int = FILES_NEEDED) -> None:
    """Raise the number of files this process may open to ``most`` where it is lower.

    Raises
    ------
    OSError
        EMFILE: the system does not let it, and a run would stop half-way with whatever its kernels say.
    """
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= most:
        return
    if hard != resource.RLIM_INFINITY and hard < most:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def new_folder(parent: Path, prefix: str) -> Path:
    """A new, empty folder in ``parent``, for its owner alone where the system knows that by a number.

    Raises
    ------
    OSError
        ENAMETOOLONG: the files of a run would have longer paths than the system takes.
    """
    folder = parent / f"{prefix}{uuid4().hex[:8]}"
    folder.mkdir(mode=0o777 if os.name == "nt" else 0o700)  # there 0o700 would keep all others out for good
    longest = folder / ("x" * LONGEST_INSIDE)
    try:
        longest.touch()
        longest.unlink()
    except OSError as error:
        folder.rmdir()
        if error.errno in (errno.ENAMETOOLONG, errno.ENOENT, errno.EINVAL):  # the last two as Windows says it
            raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG), str(folder)) from None
        raise
    return folder


def need_closed(files: Iterable[Path]) -> None:
    """Raises InUseError for the first of ``files`` that is there and open elsewhere, as Excel or a viewer
    keeps one on Windows.
    """
    for file in files:
        if LOCKS and file.is_file() and _is_held(file):
            raise InUseError(file)


def _is_held(file: Path) -> bool:
    try:
        file.open("r+b").close()
    except PermissionError:
        return True
    except OSError:
        return False
    return False


def publish(built: Path, target: Path) -> None:
    """Move ``built`` to ``target``. What stands there is moved aside first, comes back if the move fails, and
    is then removed.

    Raises
    ------
    InUseError
        A file in ``target`` is open in another program. ``built`` then stands beside it, and is taken away by
        the next that is published.
    """
    disown(built)
    built.chmod(0o755)
    aside = None
    if target.exists():
        aside = new_folder(target.parent, REPLACED) / "run"
        own(aside.parent)
        try:
            _move(target, aside)
        except PermissionError:
            remove(aside.parent)
            if not LOCKS:
                raise
            held = next((p for p in sorted(target.rglob("*")) if p.is_file() and _is_held(p)), target)
            raise InUseError(held, _beside(built, target)) from None
    try:
        _move(built, target)
    except OSError:
        if aside:
            aside.rename(target)
            shutil.rmtree(aside.parent, ignore_errors=True)
        raise
    if aside:
        shutil.rmtree(aside.parent, ignore_errors=True)
    for old in target.parent.glob(f"{target.name}{NEW}*"):
        shutil.rmtree(old, ignore_errors=True)


def _move(folder: Path, target: Path) -> None:
    """Give a folder another name, ``target``, which must not be there."""
    for pause in PAUSES:
        try:
            folder.rename(target)
            return
        except PermissionError:
            time.sleep(pause)
    folder.rename(target)


def _beside(built: Path, target: Path) -> Path:
    """Where a folder was put that could not take the place of ``target``; one from before is replaced."""
    for number in range(1, 10):
        place = target.with_name(f"{target.name}{NEW}{'' if number == 1 else f'-{number}'}")
        shutil.rmtree(place, ignore_errors=True)
        if not place.exists():  # something in it may be open, too
            _move(built, place)
            return place
    return built


def own(folder: Path, scratch: Path | None = None) -> None:
    """Note in ``folder`` that this process builds it, with a folder elsewhere that goes with it."""
    about = {**_this_process(), "scratch": str(scratch) if scratch else None}
    (folder / OWNER).write_text(json.dumps(about), encoding="utf-8", newline="\n")


def is_being_built(folder: Path) -> bool:
    """Whether a run is still being made in ``folder``."""
    return (folder / OWNER).is_file()


def disown(folder: Path) -> None:
    """The folder is finished: nobody builds it any more, and what went with it is removed."""
    scratch = _owner(folder).get("scratch")
    (folder / OWNER).unlink(missing_ok=True)
    _remove_scratch(scratch)


def remove(folder: Path) -> None:
    """Remove a folder that came to nothing, with what went with it."""
    scratch = _owner(folder).get("scratch")
    shutil.rmtree(folder, ignore_errors=True)
    _remove_scratch(scratch)


def clear_left_over(client: Path) -> None:
    """Remove what killed runs left in a client's folder, and put a report back that one had moved aside.

    What a living process builds, here or on another machine, stays. Never raises: a run does not fail for
    what an earlier one left.
    """
    with contextlib.suppress(OSError):
        for folder in sorted(client.iterdir()):
            if (
                folder.name.startswith((BUILDING, REPLACED))
                and not folder.is_symlink()
                and is_abandoned(folder)
            ):
                if folder.name.startswith(REPLACED):
                    _put_back(folder)
                remove(folder)


def scratch_folder() -> Path:
    """A folder of this machine for what must not stand with the results: the keys of kernels."""
    return Path(tempfile.mkdtemp(prefix="kamplay-run-"))


def scratch_of(folder: Path) -> Path | None:
    """The folder elsewhere that goes with one that is being built."""
    scratch = _owner(folder).get("scratch")
    return Path(scratch) if scratch else None


def _put_back(folder: Path) -> None:
    """A report that was moved aside for a new one which then never came."""
    with contextlib.suppress(OSError, ValueError, KeyError):
        about = json.loads((folder / "run" / "manifest.json").read_text(encoding="utf-8"))
        target = folder.parent / str(about["as_of"])
        if re.fullmatch(r"\d{4}-\d\d-\d\d", target.name) and not target.exists():
            (folder / "run").rename(target)


def _this_process() -> dict[str, Any]:
    import psutil

    return {"host": platform.node(), "pid": os.getpid(), "started": psutil.Process().create_time()}


def _owner(folder: Path) -> dict[str, Any]:
    return dict(read_json(folder / OWNER))


def is_abandoned(folder: Path) -> bool:
    """Whether nobody builds in a folder any more, as far as this machine can tell."""
    import psutil

    owner = _owner(folder)
    if not owner:
        return time.time() - folder.stat().st_mtime > FORGOTTEN
    if owner.get("host") != platform.node():
        return False
    try:  # the number of a process that has ended goes to another one
        return abs(psutil.Process(int(owner["pid"])).create_time() - float(owner["started"])) > 1
    except psutil.NoSuchProcess:
        return True
    except (psutil.Error, KeyError, TypeError, ValueError):
        return False


def _remove_scratch(scratch: Any) -> None:
    """Only what ``scratch_folder`` has made: the note could name anything."""
    if isinstance(scratch, str) and Path(scratch).name.startswith("kamplay-run-"):
        path = Path(scratch)
        if path.parent.resolve() == Path(tempfile.gettempdir()).resolve() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
