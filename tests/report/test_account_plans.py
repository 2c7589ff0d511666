"""Account plans from the command line: what lands, for whom, from which run, and what is said on failure."""

from __future__ import annotations

import html
import re
import shutil
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from conftest import random_lines, write_engagement
from nbformat.v4 import new_code_cell, new_notebook
from typer.testing import CliRunner

from kamplay.cli import app
from kamplay.report import account_plans
from kamplay.report.engine import fork_engine
from kamplay.run_folder import GUESSED, WORK

HOSTILE = ["../x", "CON", "a/b\\c", "N" * 120, "=1+1", "<b>&\"'"]  # ids
SAME = "Same name <script>alert(1)</script>"
LANDED = "plans"
STUB = """
import kamplay as kp
from html import escape
from kamplay.show.display import Display
run = kp.open(folder, language=language)
Display(f'<article class="plan"><h1>{escape(run.book.names[account])}</h1>{edition} {language}</article>', "")
"""


def kamplay(*arguments: str | Path) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


def stub(folder: Path, source: str = STUB) -> None:
    parameters = "\n".join(
        f'{name}: str = ""  # help: x' for name in ("folder", "language", "edition", "account")
    )
    cells = [new_code_cell(parameters, metadata={"tags": ["parameters"]}), new_code_cell(source.strip())]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    folder.mkdir(exist_ok=True)
    nbformat.write(new_notebook(cells=cells, metadata=kernel), folder / "account_plan.ipynb")


@pytest.fixture
def notebooks(tmp_path, monkeypatch) -> Path:
    stub(tmp_path / "notebooks")
    monkeypatch.setattr(account_plans, "shipped", lambda name: tmp_path / name)
    return tmp_path / "notebooks"


@pytest.fixture(scope="module")
def client(tmp_path_factory) -> Path:
    """Sixty accounts, six of them with ids that must not become paths and one name; two are of one group."""
    lines = random_lines(60)
    largest = lines.groupby("account_id")["amount"].sum().nlargest(len(HOSTILE)).index
    ids = dict(zip(largest, HOSTILE, strict=True))
    lines["account_id"] = lines["account_id"].replace(ids)
    accounts = pd.DataFrame({"account_id": sorted(set(lines["account_id"]))})
    accounts["account_name"] = "Name of " + accounts["account_id"]
    accounts.loc[accounts["account_id"].isin(HOSTILE), "account_name"] = SAME
    accounts["parent_id"] = accounts["account_id"].map({HOSTILE[1]: HOSTILE[0]})
    return write_engagement(tmp_path_factory.mktemp("e") / "client", lines, accounts=accounts)


@pytest.fixture(scope="module")
def finished(client, tmp_path_factory) -> Path:
    """A finished run; tests copy it."""
    out = tmp_path_factory.mktemp("out")
    code, _, said = kamplay("run", client, "--out", out, "--quiet")
    assert code == 0, said
    return out / "Test-client"


@pytest.fixture
def run(finished, tmp_path) -> Path:
    shutil.copytree(finished, tmp_path / "out" / "Test-client")
    return tmp_path / "out" / "Test-client" / "2025-12-31"


def landed(run: Path) -> dict[str, bytes]:
    return {
        p.relative_to(run / LANDED).as_posix(): p.read_bytes()
        for p in (run / LANDED).rglob("*")
        if p.is_file()
    }


def named(*ids: str) -> list[str]:
    return [word for one in ids for word in ("--account", one)]


def test_a_file_for_each_unit_and_nothing_outside(run, notebooks):
    before = {p for p in run.parent.parent.rglob("*") if p.is_file()}
    units = [i for i in HOSTILE if i != "CON"]  # which belongs to the group of another
    code, said, _ = kamplay("plans", run, *named(*units), "--language", "zh,en", "--quiet")
    assert code == 0
    there = landed(run)
    assert {p for p in run.parent.parent.rglob("*") if p.is_file()} - before == {
        run / LANDED / name for name in there
    }
    own = [name for name in there if name.startswith("internal/")]
    assert len(own) == 10 and len({name.casefold() for name in own}) == 10
    assert all(
        re.fullmatch(r"internal/Same-name-script-alert-1-script-[0-9a-f]{8}\.(zh|en)\.html", n) for n in own
    )
    rest = {f"{kind}.internal.{lang}.html" for kind in ("plans", "index") for lang in ("zh", "en")}
    assert set(there) - set(own) == rest
    assert said.splitlines() == [str(run / LANDED / f"index.internal.{lang}.html") for lang in ("zh", "en")]
    for name, page in there.items():
        text = page.decode()
        assert "<script" not in text
        assert "default-src 'none'" in html.unescape(text)
        assert text.count("<title>") == 1
        assert ("zh-Hans" in text.splitlines()[1]) == (".zh." in name)
    index = there["index.internal.en.html"].decode()
    links = re.findall(r'<li>.*?href="([^"]+)"', index)
    assert sorted(links) == sorted(name for name in own if ".en." in name)
    assert there["plans.internal.en.html"].decode().count('<article class="plan">') == 5


def test_tiers_are_chosen_by_default_and_by_name(run, notebooks):
    accounts = pd.read_csv(run / "results" / "accounts.csv", dtype=str).query("unit_id == account_id")
    sizes = accounts["tier"].value_counts()
    assert sizes["A"] > 0 and sizes["B"] > 0
    for options, wanted in [([], "SA"), (["--tier", "b"], "B"), (["--tier", "S, B"], "SB")]:
        code, _, said = kamplay("plans", run, *options, "--quiet")
        assert code == 0
        number = sum(sizes.get(tier, 0) for tier in wanted)
        assert len([n for n in landed(run) if n.startswith("internal/")]) == number
        assert f"Test client: {number} account plan" in said
    first = re.findall(r'class="level">(.)<', landed(run)["index.internal.en.html"].decode())
    assert first == sorted(first, key="SABC".index)


def test_the_same_again_is_the_same_bytes_whichever_way(run, notebooks, monkeypatch):
    command = ("plans", run, "--tier", "S,A", "--language", "zh,en", "--quiet")
    found = []
    for way in ("--jobs 1", "--jobs 3", "warm kernel"):
        if way == "warm kernel":
            monkeypatch.setattr(account_plans, "can_fork", lambda: False)
        code, _, said = kamplay(*command, *(way.split() if way.startswith("--") else ()))
        assert code == 0, said
        found.append(landed(run))
    assert len(found[0]) > 6
    assert found[0] == found[1] == found[2]
    assert fork_engine.can_fork()  # so that the first two were the other way


def test_an_edition_is_replaced_whole_and_the_other_stays(run, notebooks):
    assert kamplay("plans", run, *named("../x", "=1+1"), "--quiet")[0] == 0
    internal = landed(run)
    assert kamplay("plans", run, *named("../x"), "--edition", "customer", "--quiet")[0] == 0
    both = landed(run)
    assert {n: both[n] for n in internal} == internal
    assert len(both) == len(internal) + 3
    assert kamplay("plans", run, *named("=1+1"), "--language", "zh", "--quiet")[0] == 0
    now = landed(run)
    assert {n for n in now if "customer" not in n} < {n.replace(".en.", ".zh.") for n in internal}
    assert len(now) == 6
    assert {n: now[n] for n in now if "customer" in n} == {n: both[n] for n in both if "customer" in n}


def test_no_customer_reads_a_client_s_name_that_nobody_has_confirmed(run, notebooks):
    command = ("plans", run, *named("../x"), "--edition", "customer", "--quiet")
    (page,) = (f"customer/{account_plans.file_name('../x', SAME)}.en.html",)
    assert kamplay(*command)[0] == 0
    assert "Test client" in landed(run)[page].decode()
    (run / WORK / GUESSED).write_text('{"client": "Test client"}')
    code, _, said = kamplay(*command)
    assert code == 0 and "write client in engagement.yaml" in said
    there = landed(run)
    assert "Test client" not in there[page].decode()
    assert "Test client" not in there["plans.customer.en.html"].decode().partition("<body>")[2]
    assert "Test client" in there["index.customer.en.html"].decode()  # which stays in the house
    assert kamplay("plans", run, *named("../x"), "--quiet")[0] == 0
    assert "Test client" in landed(run)[page.replace("customer", "internal")].decode()


def test_a_member_gets_the_plan_of_its_group(run, notebooks):
    code, _, said = kamplay("plans", run, *named("CON"), "--quiet")
    assert code == 0
    assert f"{SAME} belongs to {SAME}: the plan is the group's." in said
    (own,) = [name for name in landed(run) if name.startswith("internal/")]
    assert own == f"internal/{account_plans.file_name('../x', SAME)}.en.html"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--tier", "SS"], "--tier · “SS”: There is no such tier (did you mean S?). Use one of: S, A, B, C."),
        (["--tier", "S,Q"], "--tier · “Q”: There is no such tier. Use one of: S, A, B, C."),
        (["--account", "CONN"], f"There is no such account (did you mean {SAME} (CON)"),
        (["--account", "Name of A002"], "(did you mean Name of A002 (A002)"),
        (["--tier", ","], "No account is in these tiers."),
        (["--edition", "client"], "This value is not allowed. Use internal, customer."),
        (["--language", "de"], "This value is not allowed. Use zh, en, zh,en."),
    ],
)
def test_what_there_is_not_is_told_in_one_line(run, notebooks, options, words):
    code, said, error = kamplay("plans", run, *options, "--quiet")
    assert (code, said, error.count("\n")) == (2, "", 1)
    assert words in error
    assert not (run / LANDED).exists()


def test_faults_are_told_in_the_language_of_the_run(run, notebooks):
    settings = run / "work" / "settings.json"
    settings.write_text(settings.read_text().replace('"language": "en"', '"language": "zh"'))
    code, _, error = kamplay("plans", run, "--tier", "SS", "--quiet")
    assert (code, error.count("\n")) == (2, 1)
    assert "没有这个等级" in error


def test_a_folder_of_neither_kind(tmp_path, notebooks):
    code, _, error = kamplay("plans", tmp_path, "--quiet")
    assert (code, error.count("\n")) == (2, 1)
    assert "neither a client's folder nor that of a finished report" in error


def test_of_an_engagement_the_latest_run_serves_until_something_changes(client, run, tmp_path, notebooks):
    out, place = run.parent.parent, tmp_path / "client"
    shutil.copytree(client, place)
    made = (run / "manifest.json").read_bytes()
    code, said, error = kamplay("plans", place, "--out", out, "--language", "zh", "--quiet")
    assert code == 0
    assert "made first" not in error
    assert said == f"{run / LANDED / 'index.internal.zh.html'}\n"
    assert (run / "manifest.json").read_bytes() == made
    code, _, error = kamplay("run", place, "--out", out, "--quiet")  # plans do not make another run of it
    assert "nothing has changed" in error
    assert (run / LANDED).is_dir()
    with (place / "engagement.yaml").open("a") as file:
        file.write("target: 123456\n")
    code, said, error = kamplay("plans", place, "--out", out, "--quiet")
    assert code == 0
    assert error.count("it is made first") == 1
    assert said.splitlines() == [str(run / "report.en.html"), str(run / LANDED / "index.internal.en.html")]
    assert (run / "manifest.json").read_bytes() != made


def test_faults_of_the_data_end_before_any_plan(tmp_path, notebooks):
    place = write_engagement(tmp_path / "client", random_lines(5).assign(amount="x"))
    code, _, error = kamplay("plans", place, "--out", tmp_path / "out", "--quiet")
    assert code == 2
    assert "amount" in error


def test_a_failure_leaves_what_was_there(run, notebooks):
    assert kamplay("plans", run, *named("../x"), "--quiet")[0] == 0
    before = landed(run)
    stub(notebooks, "assert account != '=1+1', 'too much'\n" + STUB.lstrip())
    code, said, error = kamplay("plans", run, *named("../x", "=1+1"), "--quiet")
    assert (code, said, error.count("\n")) == (1, "", 1)
    assert f"the plans failed at {SAME}, cell" in error
    assert "AssertionError: too much" in error
    assert landed(run) == before
    kept = run.parent / "failed" / run.name
    assert [p.suffix for p in (kept / "notebooks").iterdir()] == [".ipynb"]
    assert "AssertionError" in (kept / "run.log").read_text()
    assert not [p for p in run.iterdir() if p.name.startswith(".")]


def test_a_notebook_without_a_plan_is_a_failure(run, notebooks):
    stub(notebooks, "1 + 1")
    code, _, error = kamplay("plans", run, *named("../x"), "--quiet")
    assert code == 1
    assert "it shows no plan" in error


def test_progress_is_told_by_share(run, notebooks):
    code, _, error = kamplay("plans", run, *named("../x", "=1+1"), "--json-log")
    shares = [float(x) for x in re.findall(r'"done": ([\d.]+)', error)]
    assert code == 0
    assert shares == [0.0, 0.5, 1.0]
