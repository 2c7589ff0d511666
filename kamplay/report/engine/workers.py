"""Work in forked children, side by side: each begins with all that this process has imported and computed."""

from __future__ import annotations

import contextlib
import gc
import os
import pickle
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, Pipe, wait
from typing import Any, cast


class WorkerDiedError(Exception):
    """A child ended without a word: which work it did, and how it ended."""

    def __init__(self, name: str, end: str):
        super().__init__(name, end)
        self.name, self.end = name, end

    def __str__(self) -> str:
        return f"{self.name}: {self.end}"


@dataclass
class _Work:
    name: str
    do: Callable[[], Any]
    after: frozenset[str]


@dataclass
class Workers:
    """Pieces of work by name, at most ``most`` at once, each in a child of its own; a context manager: who
    leaves it leaves no child behind.

    Children notice when this process is gone, also when it was killed, and end.

    Parameters
    ----------
    most : children at once.
    fits : whether work of this name may begin beside what runs; asked only where something runs.
    go_on : whether a child that was killed ends its own work alone, whose result is then the WorkerDiedError.
    watch : called about every ``every`` seconds while children work.
    """

    most: int
    fits: Callable[[str], bool] | None = None
    go_on: bool = False
    watch: Callable[[], None] | None = None
    every: float = 1.0
    waiting: list[_Work] = field(default_factory=list)
    running: dict[Connection, tuple[str, int]] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)
    wire: Connection | None = None  # in a child: to this process

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        for wire, (_name, pid) in self.running.items():
            _end(wire, pid)
        self.running.clear()

    def add(self, name: str, do: Callable[[], Any], after: Collection[str] = ()) -> None:
        """Have ``do`` done once all work named in ``after`` is; what it returns goes through pickle."""
        self.waiting.append(_Work(name, do, frozenset(after)))

    def fill(self, most: int | None = None) -> None:
        """Start what can be started, in the order in which it was added."""
        for work in list(self.waiting):
            if len(self.running) >= (self.most if most is None else most):
                return
            if work.after <= self.done and (not self.running or not self.fits or self.fits(work.name)):
                self.waiting.remove(work)
                self._fork(work)

    def children(self) -> dict[str, int]:
        """The process id of each piece of work that is being done."""
        return dict(self.running.values())

    def stop(self, name: str) -> None:
        """Kill the child that does this work; nothing is told of it."""
        for wire, (own, pid) in list(self.running.items()):
            if own == name:
                del self.running[wire]
                _end(wire, pid)

    def tell(self, news: Any) -> None:
        """In a child: tell this process something before the work is done."""
        assert self.wire is not None
        self.wire.send_bytes(pickle.dumps(("news", news)))

    def results(self, listen: Callable[[Any], None] = lambda news: None) -> Iterator[tuple[str, Any]]:
        """Do all that was added; yields the name and the result of each piece when it is done. ``listen``
        takes what children ``tell``.

        Raises
        ------
        WorkerDiedError
            A child was killed; with ``go_on`` it is yielded.
        Exception
            What a piece of work raised; its traceback in the child is a note on it.
        """
        self.fill()
        watched = time.monotonic()
        while self.running:
            for ready in wait(list(self.running), self.every if self.watch else None):
                wire = cast(Connection, ready)
                if wire not in self.running:  # stopped meanwhile
                    continue
                kind, found = _received(wire)
                if kind == "news":
                    listen(found)
                    continue
                name, pid = self.running.pop(wire)
                wire.close()
                code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
                if kind == "lost":
                    died = WorkerDiedError(name, f"signal {-code}" if code < 0 else f"exit code {code}")
                    if not self.go_on:
                        raise died
                    yield name, died
                    continue
                if kind == "error":
                    raise found
                self.done.add(name)
                yield name, found
            if self.watch and time.monotonic() - watched >= self.every:
                self.watch()
                watched = time.monotonic()
            self.fill()

    def _fork(self, work: _Work) -> None:
        here, there = Pipe()
        for stream in (sys.stdout, sys.stderr):  # what waits to be written must not be written twice
            with contextlib.suppress(Exception):
                stream.flush()
        gc.freeze()  # the child's collector leaves alone what both share: the memory stays shared
        pid = os.fork()
        if pid == 0:
            for other in (here, *self.running):
                other.close()
            self.wire, self.running = there, {}
            _work(there, work.do)  # never returns
        gc.unfreeze()
        there.close()
        self.running[here] = (work.name, pid)


def _end(wire: Connection, pid: int) -> None:
    """Kill a child and wait until it is gone."""
    wire.close()
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, 0)


def _received(wire: Connection) -> tuple[str, Any]:
    """What came over a child's wire: news, a result, an error, or that it is lost."""
    try:
        kind, found = pickle.loads(wire.recv_bytes())
    except (EOFError, ConnectionError):
        return "lost", None
    return str(kind), found


def _work(wire: Connection, do: Callable[[], Any]) -> None:
    """In the child: do the work, tell what came of it, end."""
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that forked us
        threading.Thread(target=_end_with_the_parent, args=(wire,), daemon=True).start()
        try:
            told = pickle.dumps(("result", do()))
        except Exception as error:
            error.add_note(traceback.format_exc())
            try:
                told = pickle.dumps(("error", error))
                pickle.loads(told)  # an error may pickle and not come back
            except Exception:
                told = pickle.dumps(("error", RuntimeError(f"{type(error).__name__}: {error}")))
        wire.send_bytes(told)
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(0)  # no exit handler of the process that forked us


def _end_with_the_parent(wire: Connection) -> None:
    with contextlib.suppress(EOFError, OSError):
        wire.recv_bytes()  # nothing is ever sent: this ends when the other side does
    os._exit(1)
