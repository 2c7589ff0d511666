"""Python as it is on Windows, as far as Linux can act it: put this folder on PYTHONPATH, and each Python that
starts, kernels and children included, has no fork, turns line ends, reads and writes text in the system's
character set unless told another, refuses names that Windows refuses, and neither renames over what is there
nor moves or removes what is open.
"""

from __future__ import annotations

import builtins
import errno
import io
import multiprocessing
import os
import re
import shutil
from pathlib import Path
from typing import Any

SYSTEM = "cp936"  # of a Chinese Windows
ABSENT = {"fcntl", "resource", "pwd", "grp", "termios"}  # modules
REFUSED = re.compile(r'[<>:"|?*\\\x00-\x1f]|[. ]$')
DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com[1-9]|lpt[1-9])(\..*)?")
LONGEST = 259 - len(r"C:\Users\Somebody\Documents\clients")  # letters of a path, from where the work is done
TOP = os.environ.get("AS_WINDOWS_TOP", "")  # the folder in which names count

multiprocessing.set_start_method("spawn")
for name in ("fork", "forkpty", "sched_getaffinity", "killpg"):
    delattr(os, name)
shutil._use_fd_functions = False  # type: ignore[attr-defined]
_import, _open, _rename, _replace, _unlink = builtins.__import__, io.open, os.rename, os.replace, os.unlink
_mkdir, _kill = os.mkdir, os.kill


def _imported(name: str, globals: Any = None, *rest: Any, **more: Any) -> Any:  # as Python names them
    if name in ABSENT and str((globals or {}).get("__name__", "")).startswith("kamplay"):
        raise ImportError(f"no {name} on Windows")
    return _import(name, globals, *rest, **more)


def _named(path: Any) -> None:
    if not isinstance(path, str | os.PathLike) or not TOP:
        return
    whole = os.path.abspath(os.fspath(path))  # noqa: PTH100 - as the system does it
    if not whole.startswith(TOP):
        return
    inner = whole[len(TOP) :].strip("/")
    if len(inner) > LONGEST:
        raise FileNotFoundError(errno.ENOENT, "The system cannot find the path specified", whole)
    for part in filter(None, inner.split("/")):
        if REFUSED.search(part) or DEVICES.fullmatch(part):
            raise OSError(errno.EINVAL, "The filename, directory name, or volume label syntax is incorrect")
        above = os.path.join(TOP, inner.rpartition(part)[0])  # noqa: PTH118
        if os.path.isdir(above):  # noqa: PTH112
            same = [n for n in os.listdir(above) if n.casefold() == part.casefold()]  # noqa: PTH208
            if same and same != [part]:
                raise FileExistsError(errno.EEXIST, "names that differ by case alone", whole)


def _opened(file: Any, mode: str = "r", buffering: int = -1, encoding: Any = None, errors: Any = None,
            newline: Any = None, *rest: Any, **more: Any) -> Any:  # fmt: skip
    writes = bool(set(mode) & set("wax+"))
    if writes:
        _named(file)
    if "b" not in mode:
        encoding = encoding or SYSTEM
        newline = "\r\n" if writes and newline is None else newline
    return _open(file, mode, buffering, encoding, errors, newline, *rest, **more)


def _held(path: Any, of_children: bool = False) -> bool:
    """Whether a file at or under a path is open in this process, or in one that it has started."""
    whole = os.path.realpath(os.fspath(path))
    processes = ["self"]
    if of_children:
        import psutil

        processes += [str(child.pid) for child in psutil.Process().children(recursive=True)]
    for process in processes:
        place = f"/proc/{process}"
        try:
            links = [os.readlink(f"{place}/fd/{fd}") for fd in _listed(f"{place}/fd")]  # noqa: PTH115
            links.append(os.readlink(f"{place}/cwd") if of_children else "")  # noqa: PTH115
        except OSError:
            continue
        if any(link == whole or link.startswith(whole + "/") for link in links):
            return True
    return False


def _listed(folder: str) -> list[str]:
    kept = []
    for entry in os.listdir(folder):  # noqa: PTH208
        if os.path.islink(f"{folder}/{entry}"):  # noqa: PTH114
            kept.append(entry)
    return kept


def _denied(path: Any) -> PermissionError:
    return PermissionError(errno.EACCES, "Access is denied", os.fspath(path))


def _renamed(source: Any, target: Any, **rest: Any) -> None:
    _named(target)
    if os.path.lexists(target):
        raise FileExistsError(errno.EEXIST, "Cannot create a file when that file already exists", target)
    if _held(source, of_children=True):
        raise _denied(source)
    _rename(source, target, **rest)


def _replaced(source: Any, target: Any, **rest: Any) -> None:
    if Path(target).is_dir() or _held(source) or _held(target):
        raise _denied(target)
    _replace(source, target, **rest)


def _unlinked(path: Any, **rest: Any) -> None:
    if _held(path):
        raise _denied(path)
    _unlink(path, **rest)


def _made(path: Any, *rest: Any, **more: Any) -> None:
    _named(path)
    _mkdir(path, *rest, **more)


def _killed(process: int, number: int) -> None:
    if number == 0:  # it would press Ctrl-C in a console, or end the process
        raise OSError(errno.EINVAL, "os.kill asks nothing on Windows")
    _kill(process, number)


builtins.__import__ = _imported
builtins.open = io.open = _opened  # type: ignore[assignment]
os.rename, os.replace, os.unlink, os.remove = _renamed, _replaced, _unlinked, _unlinked
os.mkdir, os.kill = _made, _killed
