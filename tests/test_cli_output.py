"""Standard output that is full, closed or nobody's: the verdict stands, one line, no traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import random_lines, write_engagement
from typer.testing import CliRunner

from kamplay import cli
from kamplay.cli import app
from kamplay.commands import run as commands
from kamplay.commands import speech
from kamplay.commands.asking import Wishes
from kamplay.commands.begin import begin
from kamplay.commands.forget import language_of_client
from kamplay.commands.run import say_faults, say_outcome
from kamplay.engagement import load
from kamplay.errors import Fault, KamplayError
from kamplay.report.run import Outcome
from kamplay.show.faults import line
from kamplay.show.locale import Locale
from kamplay.show.progress import Moment, displayed

COMMAND = [sys.executable, "-c", "from kamplay.cli import main; main()"]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A usable client with lines without an account, so that there is something to mark and to print."""
    lines = random_lines(6)
    lines.loc[3, "account_id"] = None
    return write_engagement(tmp_path_factory.mktemp("e") / "client", lines)


def check(client: Path, *more: str, **streams: object) -> tuple[int, str]:
    done = subprocess.run(
        [*COMMAND, "check", str(client), *more], stderr=subprocess.PIPE, text=True, timeout=120, **streams
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize(("words", "code"), [(["--help"], 0), (["presets", "no_such"], 2)])
def test_what_is_registered_for_the_end_of_the_process_is_done(words, code):
    start = "import atexit; from kamplay.cli import main; atexit.register(print, 'left'); main()"
    done = subprocess.run([sys.executable, "-c", start, *words], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout.splitlines()[-1:]) == (code, ["left"])


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
def test_a_full_output_is_told(client, tmp_path):
    with Path("/dev/full").open("w") as full:
        code, said = check(client, "--json", "--out", str(tmp_path), stdout=full)
    assert (code, said.count("\n")) == (1, 1)
    assert "could not be written" in said


def test_a_reader_that_hangs_up_changes_no_verdict(client, tmp_path):
    reading, writing = os.pipe()
    os.close(reading)
    try:
        assert check(client, "--out", str(tmp_path), stdout=writing) == (0, "")
    finally:
        os.close(writing)


@pytest.mark.skipif(os.name == "nt", reason="a shell closes it")
def test_a_closed_output_changes_no_verdict(client, tmp_path):
    command = " ".join(f"'{part}'" for part in [*COMMAND, "check", str(client), "--out", str(tmp_path)])
    done = subprocess.run(["sh", "-c", f"{command} >&-"], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("place", ["file", "file/under", "x" * 300])
def test_a_place_that_takes_no_copy_changes_no_verdict(client, tmp_path, place):
    (tmp_path / "file").write_text("x")
    code, said = check(client, "--out", str(tmp_path / place), stdout=subprocess.DEVNULL)
    assert (code, said.count("\n")) == (0, 1)
    assert said.startswith("No marked copy was written")


@pytest.mark.parametrize("count", [1, 3, 4])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_few_warnings_are_told_and_many_lead_to_check(tmp_path, capsys, count, language):
    warnings = tuple(Fault("file_empty", "warning", file=f"data/{n}.csv") for n in range(count))
    outcome = Outcome("Acme", tmp_path, 1.0, warnings=warnings)
    say_outcome(outcome, Locale(language, "CNY"), [language], tmp_path / "acme folder")
    said = capsys.readouterr().err.splitlines()
    if count <= 3:
        assert [f"data/{n}.csv" in line for n, line in enumerate(said)] == [True] * count
    else:
        assert len(said) == 1
        assert f'kamplay check "{tmp_path / "acme folder"}"' in said[0]


def test_warnings_that_change_the_total_are_always_told(tmp_path, capsys):
    others = [Fault("file_empty", "warning", file=f"data/{n}.csv") for n in range(4)]
    args = {"documents": 3, "amount": 10.0, "total": 30.0, "rest": 20.0}
    doubt = Fault("document_of_two_accounts", "warning", "transactions", "data/a.csv", args=args)
    outcome = Outcome("Acme", tmp_path, 1.0, warnings=(*others, doubt))
    say_outcome(outcome, Locale("en", "CNY"), ["en"], tmp_path / "acme")
    first, second = capsys.readouterr().err.splitlines()
    assert "30.00" in first
    assert "20.00" in first
    assert second.startswith("Acme: 4 more warnings")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_account_plans_that_went_with_the_last_report_are_told(tmp_path, capsys, language):
    engagement = load(write_engagement(tmp_path / "client", random_lines(6)))
    run = tmp_path / "out" / engagement.slug / "2025-12-31"
    for page in ("internal/A.zh.html", "internal/A.en.html", "internal/B.zh.html", "customer/A.zh.html"):
        (run / "plans" / page).parent.mkdir(parents=True, exist_ok=True)
        (run / "plans" / page).write_text("x")
    (run / "plans" / "index.internal.zh.html").write_text("x")
    before = commands.plans_in(tmp_path / "out", engagement)
    assert before == {run: 3}
    commands.say_plans_gone(before, before, Locale(language, "CNY"))
    assert capsys.readouterr().err == ""
    commands.say_plans_gone(before, {}, Locale(language, "CNY"))
    said = capsys.readouterr().err
    assert "3" in said and f"kamplay plans {commands.quoted(run)}" in said


def test_a_fault_in_many_rows_says_the_first_and_how_many():
    fault = Fault(
        "date_unreadable", file="a.csv", row=2, rows=tuple(range(2, 18)), count=16, column="发票状态"
    )
    assert line(fault, Locale("zh", "CNY")).startswith("a.csv · 第2行起，共16行 · 发票状态：")
    assert line(fault, Locale("en", "CNY")).startswith("a.csv · from row 2 on, 16 rows · 发票状态: ")


@pytest.mark.parametrize(("screen", "other"), [("en", "中文"), ("zh", "English")])
def test_a_report_in_both_languages_ends_in_that_of_the_screen(tmp_path, capsys, screen, other):
    engagement = load(write_engagement(tmp_path / "client", random_lines(6)))
    for language, words in (("zh", "中文"), ("en", "English")):
        page = f'<section id="summary"><h2 class="whole">{words}</h2></section>'
        (tmp_path / f"report.{language}.html").write_text(page, encoding="utf-8")
    outcome = Outcome("A", tmp_path, 0.0)
    commands._shown(outcome, engagement, ["zh", "en"], True, False, screen)
    said = capsys.readouterr().err
    assert "report.zh.html" in said and "report.en.html" in said
    assert other not in said and {"en": "English", "zh": "中文"}[screen] in said


def test_a_report_in_another_language_that_is_gone_is_named(tmp_path, capsys):
    engagement = load(write_engagement(tmp_path / "client", random_lines(6)))
    run = tmp_path / "out" / engagement.slug / "2025-12-31"
    run.mkdir(parents=True)
    for language in ("zh", "en"):
        (run / f"report.{language}.html").write_text("x")
    before = commands._reports(tmp_path / "out", engagement)
    (run / "report.zh.html").unlink()
    commands._say_replaced(before, commands._reports(tmp_path / "out", engagement), Locale("en", "CNY"))
    said = capsys.readouterr().err
    assert said.startswith("report.zh.html of the last run was removed")
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("written", "given", "system", "spoken"),
    [
        ("zh", None, "en", "zh"),
        ("en", None, "zh", "en"),
        ("中文", None, "en", "zh"),
        ("zh,en", None, "en", "en"),
        ("en, zh", None, "zh", "zh"),
        ("zh", "en", "zh", "en"),
        ("zh", "zh,en", "en", "zh"),
    ],
)
def test_what_goes_on_with_an_engagement_speaks_its_language_or_the_one_given(
    tmp_path, monkeypatch, written, given, system, spoken
):
    monkeypatch.setattr(speech, "system_setting", lambda: {"zh": "zh_CN", "en": "en_US"}[system])
    (tmp_path / "engagement.yaml").write_text(f"client: A\nlanguage: {written}  # of the report\n", "utf-8")
    assert speech.language_of(tmp_path, given) == spoken
    assert speech.language_of(tmp_path / "engagement.yaml", given) == spoken
    run = tmp_path / "run"
    (run / "work").mkdir(parents=True)
    (run / "work" / "settings.json").write_text(f'{{\n "language": "{written}",\n "x": 1\n}}\n', "utf-8")
    assert speech.language_of(run, given) == spoken


def test_a_file_and_a_client_s_name_lead_to_the_language_of_what_was_made(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(speech, "system_setting", lambda: "en_US.UTF-8")
    monkeypatch.chdir(tmp_path)
    random_lines()[["date", "account_id", "amount"]].to_csv("销售.csv", index=False)
    begin(Path("销售.csv"), Wishes({"client": "甲公司", "language": "zh"}, take_defaults=True))
    assert speech.language_of(Path("销售.csv")) == "zh"
    work = tmp_path / "reports" / "甲公司" / "2025-12-31" / "work"
    work.mkdir(parents=True)
    work.joinpath("settings.json").write_text('{\n "client": "甲公司",\n "language": "zh"\n}\n', "utf-8")
    assert language_of_client("甲公司", Path("reports")) == "zh"
    assert language_of_client("nobody", Path("reports")) == "en"
    for command in ("forget 甲公司", "forget 销售.csv", "plans 销售.csv --edition x --quiet"):
        done = CliRunner().invoke(app, command.split())
        assert done.exit_code != 0
        assert ("没有" in done.output) or ("不" in done.output), (command, done.output)


def test_chinese_lines_on_the_way_have_the_chinese_colon(capsys):
    with displayed("shown", 1, "zh") as tell:
        tell(Moment("甲公司", "reading", 0.1, None))
    assert capsys.readouterr().err.startswith("甲公司：")
    say_faults(
        "甲", KamplayError(Fault("client_twice", file="x.csv", column="client", value="甲")), "zh", True
    )
    assert capsys.readouterr().err.startswith("甲：")


def test_another_c_library_keeps_no_command_from_beginning(monkeypatch):
    def absent(name):
        raise OSError(name)

    monkeypatch.setattr(cli.ctypes, "CDLL", absent)
    cli._begin(True, "en")
