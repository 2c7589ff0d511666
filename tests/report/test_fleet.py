"""Fleets: which engagements are meant, how many run at once, and that neither a killed worker nor a killed
parent costs more than what was under way.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
import pytest
from conftest import random_lines, write_engagement

from kamplay.errors import KamplayError
from kamplay.report.engine.fork_engine import can_fork
from kamplay.report.engine.workers import WorkerDiedError, Workers
from kamplay.report.fleets import fleet, places
from kamplay.report.fleets.fleet_job import Job, run_job
from kamplay.report.fleets.members import engagements_in
from kamplay.report.fleets.nursery import Nursery
from kamplay.report.run import Day, Outcome

FIRMS = 3
forks = pytest.mark.skipif(not can_fork(), reason="the system cannot fork safely")


def firm(folder: Path, number: int) -> Path:
    lines = random_lines(4 + number, seed=number + 1, years=1.5).drop(columns=["category"])
    written = write_engagement(folder / f"firm{number}", lines)
    settings = written / "engagement.yaml"
    settings.write_text(settings.read_text("utf-8").replace("Test client", f"Firm {number}"), "utf-8")
    return written


@pytest.fixture(scope="module")
def firms(tmp_path_factory) -> Path:
    """A folder that holds engagements, one of them without amounts."""
    folder = tmp_path_factory.mktemp("firms")
    for number in range(FIRMS):
        firm(folder, number)
    bad = write_engagement(folder / "more" / "bad", random_lines(3).drop(columns="amount"))
    (bad / "engagement.yaml").write_text("client: Bad client\nlanguage: en\n", encoding="utf-8")
    return folder


def begin(firms: Path, out: Path, *options: str) -> subprocess.Popen[str]:
    words = ["run", str(firms), "--out", str(out), "--jobs", "2", "--json-log", *options]
    command = [sys.executable, "-c", "from kamplay.cli import main; main()", *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def until(true, seconds: float = 300.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.05)


def done(out: Path) -> set[str]:
    return {p.parent.name for p in out.glob("*/status.json") if json.loads(p.read_text())["status"] == "done"}


def results(out: Path) -> dict[str, bytes]:
    """All that a fleet made but what tells of times: byte for byte."""
    timed = {"manifest.json", "made.json", "status.json", ".fleet.json"}
    files = sorted(p for p in out.rglob("*") if p.is_file() and p.name not in timed)
    return {p.relative_to(out).as_posix(): p.read_bytes() for p in files}


@pytest.fixture(scope="module")
def whole(firms, tmp_path_factory) -> tuple[Path, str, str, int]:
    """A fleet, one of whose workers is killed on the way; with what it said and its exit code."""
    out = tmp_path_factory.mktemp("whole") / "out"
    running = begin(firms, out)
    until(lambda: list(out.glob("Firm-*/.building-*/.owner.json")))
    worker = psutil.Process(running.pid).children()[0]
    worker.send_signal(signal.SIGKILL)
    printed, told = running.communicate(timeout=600)
    return out, printed, told, running.returncode


@forks
def test_the_job_of_a_killed_worker_is_done_by_another(whole):
    out, printed, _, code = whole
    assert done(out) == {f"Firm-{n}" for n in range(FIRMS)}
    assert len([line for line in printed.splitlines() if line.endswith("report.en.html")]) == FIRMS
    assert code == 2  # one engagement has no amounts
    assert not list(out.glob("*/.building-*"))


@forks
def test_a_refusal_is_told_in_one_line_and_kept_with_its_reason(whole):
    out, _, told, _ = whole
    lines = [line for line in told.splitlines() if "Bad client" in line or "bad" in line]
    assert len([line for line in lines if not line.startswith("{")]) == 1
    about = json.loads((out / "Bad-client" / "status.json").read_text())
    assert (about["status"], about["faults"][0]["level"]) == ("refused", "error")


@forks
def test_progress_counts_the_engagements(whole):
    moments = [json.loads(line)["fleet"] for line in whole[2].splitlines() if line.startswith('{"fleet"')]
    assert [(m["done"], m["of"]) for m in moments] == [(n + 1, FIRMS + 1) for n in range(FIRMS + 1)]
    assert (moments[-1]["failed"], moments[-1]["refused"]) == (0, 1)
    assert moments[-1]["seconds_left"] == 0


@forks
@pytest.mark.long
def test_a_fleet_whose_parent_was_killed_goes_on_where_it_stopped(firms, whole, tmp_path):
    out = tmp_path / "out"
    running = begin(firms, out, "--jobs", "1")
    until(lambda: done(out))
    children = psutil.Process(running.pid).children(recursive=True)
    os.kill(running.pid, signal.SIGKILL)
    running.communicate()
    psutil.wait_procs(children, 30)
    assert not [c for c in children if c.is_running() and c.status() != psutil.STATUS_ZOMBIE]
    before = done(out)
    assert 0 < len(before) < FIRMS
    made = {name: (out / name / "2025-12-31" / "manifest.json").stat().st_mtime_ns for name in before}
    printed, _ = begin(firms, out).communicate(timeout=600)
    assert done(out) == {f"Firm-{n}" for n in range(FIRMS)}
    assert len(printed.splitlines()) >= FIRMS
    again = {name: (out / name / "2025-12-31" / "manifest.json").stat().st_mtime_ns for name in before}
    assert again == made
    assert results(out) == results(whole[0])


@forks
@pytest.mark.long
def test_what_is_finished_is_not_redone_in_another_process_either(firms, whole):
    """A process that is kept for jobs, as a cluster has them, takes over what the fleet has made."""
    day = Day.now()
    with Nursery() as nursery:
        ended = nursery.do(Job(str(firms / "firm0"), "Firm 0", str(whole[0]), day=day))
        assert isinstance(ended, Outcome)
        assert (ended.ok, ended.again) == (True, True)
        other = nursery.do(Job(str(firms / "firm0"), "Firm 0", str(whole[0]), code="another"))
    assert isinstance(other, KamplayError)
    assert other.faults[0].code == "worker_of_another_version"


def test_a_fleet_that_goes_on_later_keeps_its_day(tmp_path, monkeypatch):
    jobs = [Job("a", "A", str(tmp_path)), Job("b", "B", str(tmp_path))]
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")  # 2023-11-14
    first = fleet.day_of(str(tmp_path), jobs)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700100000")  # 2023-11-16
    assert first.issued == "2023-11-14"
    assert fleet.day_of(str(tmp_path), jobs) == first
    assert fleet.day_of(str(tmp_path), [replace(jobs[0], changes=("dedupe=true",))]).issued == "2023-11-16"
    fleet.close(str(tmp_path))
    assert fleet.day_of(str(tmp_path), jobs).issued == "2023-11-16"


@pytest.mark.long
def test_results_in_an_object_store_are_those_of_a_folder(firms, whole, tmp_path):
    """The engagement and its results under memory:// and file://, byte for byte."""
    pytest.importorskip("fsspec")
    places.put_back(firms / "firm1", "memory://shared/firm1", {})
    assert engagements_in(["memory://shared"]) == ["memory://shared/firm1"]
    job = Job("memory://shared/firm1", "Firm 1", f"file://{tmp_path}/out")
    ended = run_job(job)
    assert isinstance(ended, Outcome)
    assert places.spelled(ended.folder) == f"file://{tmp_path}/out/Firm-1/2025-12-31"
    of_folder = {n: b for n, b in results(whole[0]).items() if n.startswith("Firm-1/")}
    assert results(tmp_path / "out") == of_folder
    again = run_job(job)
    assert isinstance(again, Outcome)
    assert again.again


def test_a_manifest_goes_away_first_and_comes_last(tmp_path, monkeypatch):
    pytest.importorskip("fsspec")
    from fsspec.implementations.memory import MemoryFileSystem

    run = tmp_path / "2025-12-31"
    (run / "work").mkdir(parents=True)
    for name in ("manifest.json", "a.html", "work/b.json"):
        (run / name).write_text("old")
    places.put_back(tmp_path, "memory://order", {})
    before = places.fetch("memory://order", tmp_path / "copy")
    (run / "manifest.json").write_text("new")
    (run / "a.html").write_text("new")
    steps: list[str] = []
    for name in ("put_file", "rm_file"):
        own = getattr(MemoryFileSystem, name)

        def noted(self, *words, own=own, name=name, **more):
            steps.append(f"{name} {words[-1].rsplit('/', 1)[-1]}")
            return own(self, *words, **more)

        monkeypatch.setattr(MemoryFileSystem, name, noted)
    (tmp_path / "copy").rename(tmp_path.parent / "copied")
    places.put_back(tmp_path, "memory://order", before)
    assert steps == ["rm_file manifest.json", "put_file a.html", "put_file manifest.json"]


# --- which engagements are meant


def folders(root: Path, *names: str) -> None:
    for name in names:
        (root / name).mkdir(parents=True)
        (root / name / "engagement.yaml").write_text("client: x\n")


def named(found: list[str], root: Path) -> list[str]:
    return [Path(one).resolve().relative_to(root).as_posix() for one in found]


def test_a_folder_means_the_engagements_in_it(tmp_path):
    folders(tmp_path, "b", "a", "2026/c", "a/inside", ".hidden/d", "1/2/3/e", "1/2/3/4/f")
    assert named(engagements_in([tmp_path]), tmp_path) == ["2026/c", "a", "b"]
    assert named(engagements_in([tmp_path / "b", tmp_path / "nothing"]), tmp_path) == ["b", "nothing"]


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("fleet.txt", "# ours\na  # the first\n\nsub\n"),
        ("fleet.yaml", "- a\n- sub\n"),
        ("fleet.txt", "\ufeffsub/b\na\n"),
    ],
)
def test_a_list_names_folders_beside_it(tmp_path, file, text):
    folders(tmp_path, "a", "sub/b", "c")
    (tmp_path / file).write_text(text, encoding="utf-8")
    assert sorted(named(engagements_in([tmp_path / file]), tmp_path)) == ["a", "sub/b"]


def test_a_text_of_data_is_no_list(tmp_path):
    for name, text in {
        "sales.txt": "date\tamount\n2026-01-01\t5\n",
        "gbk.txt": "日期\n",
        "x.txt": "a" * 5000,
    }.items():
        (tmp_path / name).write_text(text, encoding="gbk")
        assert engagements_in([tmp_path / name]) == [str(tmp_path / name)]


@pytest.mark.parametrize("text", ["", "# nothing\n", "a: b\n", "- [a]\n"])
def test_a_list_that_names_none_is_a_fault(tmp_path, text):
    (tmp_path / "fleet.yaml").write_text(text)
    with pytest.raises(KamplayError) as caught:
        engagements_in([tmp_path / "fleet.yaml"])
    assert caught.value.faults[0].code == "fleet_list_unusable"


@pytest.mark.parametrize(
    "url", ["s3://bucket/a", "memory://a/b", "file:///srv/a", "gs://b", "abfs://c@d.net/e"]
)
def test_a_url_comes_back_from_a_path(url):
    assert places.spelled(Path(url)) == places.spelled(url) == url
    assert places.is_url(Path(url))


def test_a_path_is_no_url():
    assert not any(map(places.is_url, ("a/b", "/a/b", "C:\\a", "./x:y")))


# --- memory


@forks
def test_no_more_is_begun_than_fits():
    beside: list[int] = []
    with Workers(3, fits=lambda name: len(workers.children()) < 2) as workers:
        for n in range(5):
            workers.add(str(n), lambda: time.sleep(0.05))
        for _ in workers.results():
            beside.append(len(workers.children()))
    assert max(beside) <= 1  # beside the one that has just ended


@forks
def test_a_killed_child_ends_its_own_work_alone():
    with Workers(2, go_on=True) as workers:
        workers.add("killed", lambda: os.kill(os.getpid(), signal.SIGKILL))
        workers.add("well", lambda: 1)
        found = dict(workers.results())
    assert found["well"] == 1
    assert isinstance(found["killed"], WorkerDiedError)
    assert found["killed"].end == "signal 9"


def grow(megabytes: int, place: Path, alone: bool):
    """A job that takes so much memory and ends once no other one lives; where not even one may be ``alone``,
    never.
    """

    def job(one, tell):
        block = bytearray(os.urandom(1024)) * (1024 * megabytes)
        (place / str(os.getpid())).touch()
        end = time.monotonic() + 300
        while time.monotonic() < end:
            others = [int(p.name) for p in place.iterdir() if p.name != str(os.getpid())]
            if alone and len(list(place.iterdir())) > 1 and not any(map(psutil.pid_exists, others)):
                return Outcome(one.client, Path(one.place), float(len(block) > 0))
            time.sleep(0.1)
        raise AssertionError("nobody stopped it")

    return job


@forks
@pytest.mark.parametrize(
    ("megabytes", "bound", "ended"), [(150, 225, "done"), (600, 300, "memory_too_small")]
)
def test_memory_is_bounded(monkeypatch, tmp_path, megabytes, bound, ended):
    """Two jobs that take far more than was thought: where both do not fit, one is stopped and waits; what
    does not fit alone is refused.
    """
    own = fleet.held(os.getpid())
    monkeypatch.setattr(fleet, "run_job", grow(megabytes, tmp_path, ended == "done"))
    monkeypatch.setattr("kamplay.report.production.import_all", lambda: None)
    made = fleet._Fleet([Job(str(n), str(n), "out", megabytes=1.0) for n in range(2)], 2, own + bound, print)
    found = [one for _, one in made.ended()]
    told = {one.faults[0].code if isinstance(one, KamplayError) else "done" for one in found}
    assert (len(found), told) == (2, {ended})
    assert max(made.needs.values()) > 100  # it was seen, and is known now


def test_what_a_job_needs_is_taken_from_its_last_run(tmp_path):
    folders(tmp_path, "a")
    (tmp_path / "a" / "data").mkdir()
    (tmp_path / "a" / "data" / "lines.csv").write_bytes(b"x" * 40_000)
    guess = fleet.megabytes_needed(str(tmp_path / "a"), {})
    assert fleet.lines_in(str(tmp_path / "a")) == 1000
    assert fleet.megabytes_needed(
        str(tmp_path / "a"), {"megabytes": 200.0, "bytes": 40_000}
    ) == pytest.approx(220)
    grown = {"megabytes": 200.0, "bytes": 10_000}
    assert fleet.megabytes_needed(str(tmp_path / "a"), grown) == guess


@pytest.mark.parametrize(
    ("text", "megabytes"), [("8G", 8192), ("1500M", 1500), ("0.5T", 524288), ("2 GiB", 2048)]
)
def test_memory_is_written_with_its_unit(text, megabytes):
    assert fleet.read_memory(text) == megabytes


@pytest.mark.parametrize("text", ["8", "much", "0G", "-1G", ""])
def test_other_texts_are_no_memory(text):
    with pytest.raises(KamplayError):
        fleet.read_memory(text)


# --- a Dask cluster of two workers on this machine


@dataclass
class Cluster:
    """Its address file and its workers' processes."""

    file: Path
    workers: list[subprocess.Popen[bytes]]

    @property
    def address(self) -> str:
        return str(json.loads(self.file.read_text())["address"])


@pytest.fixture
def cluster(tmp_path) -> Iterator[Cluster]:
    pytest.importorskip("distributed")
    file = tmp_path / "scheduler.json"
    here = ["--no-dashboard", "--host", "127.0.0.1", "--scheduler-file", str(file)]

    def start(program: str, *options: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"distributed.cli.{program}", *here, *options]
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=tmp_path)

    scheduler = start("dask_scheduler", "--port", "0")
    workers = []
    try:
        until(file.exists)
        for number in range(2):
            own = ("--nthreads", "1", "--nworkers", "1", "--local-directory", str(tmp_path / f"w{number}"))
            workers.append(start("dask_worker", *own))
        yield Cluster(file, workers)
    finally:
        for process in [*workers, scheduler]:
            for child in (
                [*psutil.Process(process.pid).children(recursive=True)] if process.poll() is None else []
            ):
                with contextlib.suppress(psutil.NoSuchProcess):
                    child.kill()
            process.kill()
            process.wait()


@forks
@pytest.mark.long
def test_a_cluster_that_loses_a_worker_does_all_to_the_byte(firms, whole, cluster, tmp_path):
    out = tmp_path / "out"
    running = begin(firms, out, "--scheduler", cluster.address)
    until(lambda: len(list(out.glob("Firm-*/.building-*/.owner.json"))) == 2)  # both workers are at it
    lost = psutil.Process(cluster.workers[0].pid)
    nurseries = [c for c in lost.children(recursive=True) if "nursery" in " ".join(c.cmdline())]
    worker = nurseries[0].parent()
    assert worker and lost in worker.parents()
    for process in (lost, worker):
        process.kill()
    printed, told = running.communicate(timeout=900)
    assert done(out) == {f"Firm-{n}" for n in range(FIRMS)}, told
    assert len([line for line in printed.splitlines() if line.endswith("report.en.html")]) == FIRMS
    assert results(out) == results(whole[0])
    _, alive = psutil.wait_procs(nurseries, 30)
    assert not alive  # what worked for the lost one has noticed


def test_a_cluster_that_is_not_there_is_a_fault(firms, tmp_path):
    pytest.importorskip("distributed")
    running = begin(firms, tmp_path / "out", "--scheduler", "tcp://127.0.0.1:9")
    _, told = running.communicate(timeout=300)
    assert running.returncode == 2
    assert "tcp://127.0.0.1:9" in told
    assert "Traceback" not in told
