"""Where results are written: what keeps a place from taking them, and what a killed run left there."""

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
from pathlib import Path
from typing import Any

from kamplay.errors import Fault

OWNER = ".owner.json"  # in a folder that is being built: the process that builds it
BUILDING, REPLACED = ".building-", ".replaced-"
FORGOTTEN = 3600.0  # seconds after which a folder that names no owner has none
FILES_NEEDED = 160  # open at once: pages, tables and the wires to two kernels
_CODES = {
    "output_full": (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)),
    "output_not_permitted": (errno.EACCES, errno.EPERM, errno.EROFS),
    "output_not_a_folder": (errno.ENOTDIR, errno.EEXIST),
    "output_name_too_long": (errno.ENAMETOOLONG,),
    "too_many_files": (errno.EMFILE, errno.ENFILE),
}
_TEXTS = {"output_full": "No space left on device|disk is full", "too_many_files": "Too many open files"}


def output_fault(
    error: BaseException | str, place: Path | str | None = None, every: bool = False
) -> Fault | None:
    """What an error of the system, or its text as a notebook tells it, says of the place that is written to;
    None for another kind of error. With ``every``, each error of the system is one of the place.
    """
    if isinstance(error, Exception) and error.args and isinstance(error.args[0], OSError):
        error = error.args[0]  # as XlsxWriter wraps it
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


def own(folder: Path, scratch: Path | None = None) -> None:
    """Note in ``folder`` that this process builds it, with a folder elsewhere that goes with it."""
    about = {**_this_process(), "scratch": str(scratch) if scratch else None}
    (folder / OWNER).write_text(json.dumps(about), encoding="utf-8")


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
    try:
        about = json.loads((folder / OWNER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return about if isinstance(about, dict) else {}


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
