"""Work in forked children: order, results, failures, and that nobody is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from kamplay.report.engine.fork_engine import can_fork
from kamplay.report.engine.workers import WorkerDiedError, Workers

pytestmark = pytest.mark.skipif(not can_fork(), reason="the system cannot fork safely")


def test_results_come_by_name():
    with Workers(2) as workers:
        for n in range(5):
            workers.add(f"n{n}", lambda n=n: n * n)
        assert dict(workers.results()) == {f"n{n}": n * n for n in range(5)}


def test_work_waits_for_what_it_needs(tmp_path):
    with Workers(3) as workers:
        workers.add("last", lambda: (tmp_path / "a").read_text() + (tmp_path / "b").read_text(), ("a", "b"))
        workers.add("a", lambda: (time.sleep(0.2), (tmp_path / "a").write_text("1"))[1])
        workers.add("b", lambda: (tmp_path / "b").write_text("2"))
        assert dict(workers.results())["last"] == "12"


def test_never_more_at_once_than_allowed(tmp_path):
    def seen() -> int:
        mine = tmp_path / str(os.getpid())
        mine.touch()
        time.sleep(0.1)
        there = len(list(tmp_path.iterdir()))
        mine.unlink()
        return there

    with Workers(2) as workers:
        for n in range(6):
            workers.add(str(n), seen)
        assert max(found for _, found in workers.results()) <= 2


def test_an_error_comes_back_as_it_is():
    with Workers(1) as workers:
        workers.add("full", lambda: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        with pytest.raises(OSError) as caught:
            list(workers.results())
    assert caught.value.errno == 28
    assert "Traceback" in caught.value.__notes__[0]


def test_an_error_that_cannot_travel_is_told_in_words():
    class LocalError(Exception):
        pass

    with Workers(1) as workers:
        workers.add("odd", lambda: (_ for _ in ()).throw(LocalError("words")))
        with pytest.raises(RuntimeError, match="LocalError: words"):
            list(workers.results())


def test_who_dies_is_named_and_the_others_are_stopped():
    with Workers(2) as workers:
        workers.add("dies", lambda: os.kill(os.getpid(), signal.SIGKILL))
        workers.add("works", lambda: time.sleep(60))
        with pytest.raises(WorkerDiedError, match=r"dies: signal 9"):
            list(workers.results())
    assert not psutil.Process().children()


def test_news_come_before_the_result():
    heard: list[int] = []
    with Workers(1) as workers:
        workers.add("talks", lambda: [workers.tell(n) for n in range(3)])
        list(workers.results(heard.append))
    assert heard == [0, 1, 2]


def test_no_child_outlives_a_killed_parent(tmp_path: Path):
    script = (
        "import time\n"
        "from kamplay.report.engine.workers import Workers\n"
        "with Workers(2) as workers:\n"
        "    for name in 'ab':\n"
        "        workers.add(name, lambda: time.sleep(300))\n"
        "    list(workers.results())\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script])
    children: list[psutil.Process] = []
    until = time.monotonic() + 60
    while len(children) < 2 and time.monotonic() < until:
        time.sleep(0.1)
        children = psutil.Process(parent.pid).children()
    assert len(children) == 2
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    _, alive = psutil.wait_procs(children, timeout=20)
    assert not [p for p in alive if p.status() != psutil.STATUS_ZOMBIE]
