"""The command line. Every message is one a consultant can act on; no traceback reaches a user."""

from __future__ import annotations

import errno
import gc
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn, TextIO

import typer

from kamplay.home_folder import need_home

# Linear algebra that takes every core for itself in each of several processes makes a run twice as long. Who
# sets one of these keeps it.
for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help=(
        "Key account management as a playbook: from a client's export to a report it can act on.\n\n"
        "大客户管理：从客户的一份导出数据，到一份可以落实的报告。"
    ),
)
Folder = Annotated[
    Path,
    typer.Argument(help="The engagement folder, with engagement.yaml and data/ in it.", show_default=False),
]
Folders = Annotated[
    list[Path], typer.Argument(help="One engagement folder, or several (a fleet).", show_default=False)
]
Out = Annotated[Path, typer.Option(help="Where reports are put: OUT/<client>/<date>/.")]
Languages = Annotated[
    str | None,
    typer.Option("--language", help="zh, en, or zh,en. Default: the engagement's own.", show_default=False),
]
AsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        help="Reporting date, for example 2026-06-30. Default: the engagement's, else the last sale.",
        show_default=False,
    ),
]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        help="Change a setting for this run, for example --set health.horizon_days=90. May be repeated.",
        show_default=False,
    ),
]

Slides = Annotated[
    bool, typer.Option("--slides", help="Also make deck.LANGUAGE.pptx, the argument as slides to edit.")
]
Pdf = Annotated[
    bool,
    typer.Option(
        "--pdf", help="Also print report.LANGUAGE.pdf by a Chromium, Chrome or Edge of this machine."
    ),
]
Final = Annotated[
    bool,
    typer.Option(
        "--final", help="Without the mark of a draft; refused (exit 2) while something is left open."
    ),
]
Jobs = Annotated[
    int | None, typer.Option(help="Processes at once. Default: one for each core.", min=1, show_default=False)
]
Quiet = Annotated[bool, typer.Option("--quiet", help="Do not tell how far the run is.")]
JsonLog = Annotated[bool, typer.Option("--json-log", help="Tell how far the run is as JSON lines.")]


@app.command()
def new(
    folder: Annotated[Path, typer.Argument(help="The folder to make.", show_default=False)],
    language: Annotated[str, typer.Option(help="zh or en. Default: the system's.")] = "",
) -> None:
    """Make a new engagement folder: commented settings, a blank workbook, places for data and notes."""
    from kamplay.commands.new import scaffold

    with _plain_errors(None):
        scaffold(folder, language or _system_language())
    typer.echo(f"{folder}/engagement.yaml, {folder}/data/, {folder}/notes/")


@app.command()
def check(
    folder: Folder,
    json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
    out: Out = Path("reports"),
) -> None:
    """Read and check the client's files. Lists every fault with its place and what to do. Exit 0 usable, 2
    not.
    """
    from kamplay.commands.check import check_folder

    with _plain_errors(_language_of(folder)):
        usable = check_folder(folder, json, out)
    raise typer.Exit(0 if usable else 2)


@app.command()
def run(
    folders: Folders,
    out: Out = Path("reports"),
    language: Languages = None,
    as_of: AsOf = None,
    settings: Set = None,
    slides: Slides = False,
    pdf: Pdf = False,
    final: Final = False,
    jobs: Jobs = None,
    quiet: Quiet = False,
    json_log: JsonLog = False,
) -> None:
    """The main job: check, five notebooks, report. Exit 0 all done, 1 some failed, 2 faults in the input."""
    speech = _language_of(folders[0])
    _begin(quiet or json_log, speech)
    from kamplay.commands.run import run_folders

    display: Literal["shown", "quiet", "json"] = "json" if json_log else "quiet" if quiet else "shown"
    chosen = {"slides": slides, "pdf": pdf, "final": final}
    changes = [*(settings or []), *(f"{name}=true" for name, on in chosen.items() if on)]
    raise typer.Exit(run_folders(folders, out, language, as_of, changes, jobs, speech, display))


@app.command()
def render(
    folder: Annotated[
        Path,
        typer.Argument(help="The folder of a finished run: reports/<client>/<date>.", show_default=False),
    ],
    slides: Slides = False,
    pdf: Pdf = False,
    final: Final = False,
) -> None:
    """Rebuild the reports of a run from its executed notebooks, after editing them or the notes; slides and
    prints that it has, too.
    """
    from kamplay.commands.run import render_run

    with _plain_errors(_language_of(folder)):
        for page in render_run(folder, slides, pdf, final):
            typer.echo(page)


@app.command()
def plans(
    folder: Annotated[
        Path,
        typer.Argument(
            help="An engagement folder, or the folder of a finished run: reports/<client>/<date>.",
            show_default=False,
        ),
    ],
    tier: Annotated[
        str | None,
        typer.Option(
            help="Tiers to write plans of. Default: S,A, where no account is named.", show_default=False
        ),
    ] = None,
    account: Annotated[
        list[str] | None,
        typer.Option(help="The ID of an account to write the plan of. May be repeated.", show_default=False),
    ] = None,
    edition: Annotated[
        str, typer.Option(help="internal, or customer: without what the customer must not see.")
    ] = "internal",
    language: Languages = None,
    out: Out = Path("reports"),
    jobs: Jobs = None,
    quiet: Quiet = False,
    json_log: JsonLog = False,
) -> None:
    """Write an account plan of one or two pages for each key account. Exit 0 done, 1 failed, 2 faults in the
    input.
    """
    speech = _language_of(folder)
    _begin(quiet or json_log, speech)
    from kamplay.commands.plans import plan_folder

    display: Literal["shown", "quiet", "json"] = "json" if json_log else "quiet" if quiet else "shown"
    code = plan_folder(folder, tier, account or [], edition, language, out, jobs, speech, display)
    raise typer.Exit(code)


@app.command()
def lab(folder: Folder, out: Out = Path("reports"), language: Languages = None) -> None:
    """Open JupyterLab on a copy of the notebooks bound to this engagement."""
    from kamplay.commands.lab import open_lab

    with _plain_errors(_language_of(folder)):
        open_lab(folder, out, language)


@app.command()
def presets(
    name: Annotated[
        str | None, typer.Argument(help="A preset's name, to explain it.", show_default=False)
    ] = None,
    yaml: Annotated[bool, typer.Option("--yaml", help="Print the preset as YAML, to copy and edit.")] = False,
    language: Annotated[str, typer.Option(help="zh or en. Default: the system's.")] = "",
) -> None:
    """List the scorecards and strategies, or explain one in prose."""
    from kamplay.commands.presets import show_presets

    with _plain_errors(language if language in ("zh", "en") else None):
        show_presets(name, language or _system_language(), yaml)


@app.command()
def demo(out: Out = Path("reports")) -> None:
    """The main job on the two shipped samples, in both languages."""
    speech = _system_language()
    _begin(False, speech)
    from kamplay.commands.run import run_folders
    from kamplay.run_folder import shipped

    samples = sorted(p.parent for p in (shipped("data_templates") / "samples").glob("*/engagement.yaml"))
    raise typer.Exit(run_folders(samples, out, "zh,en", None, [], None, speech, "shown"))


# objects made before the collector looks for cycles: Python's 700 costs a run an eighth of its time, most of
# it spent on looking through modules, which stay
_COLLECT_AFTER = 100_000


def _begin(quiet: bool, language: str) -> None:
    """Say at once that the work has begun: to import what it needs takes seconds."""
    gc.set_threshold(_COLLECT_AFTER)
    if not quiet:
        print(
            {"zh": "kamplay 正在启动……", "en": "kamplay is starting …"}[language], file=sys.stderr, flush=True
        )


class _plain_errors:  # noqa: N801 - reads as a statement
    """Faults of the input become lines on standard error and exit 2."""

    def __init__(self, language: str | None):
        self.language = language

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type | None, error: BaseException | None, trace: object) -> None:
        from kamplay.errors import KamplayError

        if isinstance(error, KamplayError):
            from kamplay.show.faults import print_faults

            print_faults(error, self.language or _system_language())
            raise typer.Exit(2)
        if isinstance(error, Exception) and _say_output_fault(error, self.language):
            raise typer.Exit(1)


def _system_language() -> str:
    setting = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "zh" if setting.lower().startswith("zh") else "en"


def _language_of(folder: Path) -> str:
    """The language of an engagement or a run as far as its file can be read, else the system's."""
    import re

    from kamplay.errors import KamplayError
    from kamplay.settings_file import read_text

    name = next((n for n in ("engagement.yaml", "work/settings.json") if (folder / n).exists()), None)
    try:
        text = read_text(folder / name, name) if name else ""
        found = re.search(r"^\s*\"?language\"?:\s*[\"']?(zh|en)\b", text, re.MULTILINE)
    except KamplayError:
        found = None
    return found.group(1) if found else _system_language()


def _say_output_fault(error: Exception, language: str | None = None) -> bool:
    """Whether an error is about the place that is written to; if so it is said in one line."""
    from kamplay.errors import KamplayError
    from kamplay.output_place import output_fault

    fault = output_fault(error, every=True)
    if fault is None:
        return False
    from kamplay.show.faults import print_faults

    print_faults(KamplayError(fault), language or _system_language())
    return True


class _Output:
    """Standard output that does not end the work: who stops listening misses the rest, and what could not be
    written (a full disk) is told at the end.
    """

    def __init__(self, stream: TextIO):
        self.stream = stream
        self.lost: OSError | None = None

    def write(self, text: str) -> int:
        self._tried(lambda: self.stream.write(text))
        return len(text)

    def flush(self) -> None:
        self._tried(self.stream.flush)

    def _tried(self, act: Callable[[], object]) -> None:
        try:
            act()
        except OSError as error:
            if not isinstance(error, BrokenPipeError) and error.errno != errno.EINVAL:  # as Windows says it
                self.lost = error
            nothing = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nothing, self.stream.fileno())  # what is buffered must not fail again at the end
            os.close(nothing)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


def main() -> None:
    """The ``kamplay`` command."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed before we began
            stream = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - open as long as we run
        if hasattr(stream, "reconfigure"):  # a Windows console in cp936 must not stop on a rare character
            stream.reconfigure(errors="replace")
        setattr(sys, name, _Output(stream))
    try:
        need_home()
        app()
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except Exception as error:
        if not _say_output_fault(error):
            raise
        raise SystemExit(1) from None
    finally:
        sys.stdout.flush()
        if lost := getattr(sys.stdout, "lost", None):
            _say_lost(lost)


def _say_lost(error: OSError) -> NoReturn:
    """What was to be printed is not there, so whoever asked for it must not go on as if it were."""
    from kamplay.errors import Fault, KamplayError
    from kamplay.show.faults import print_faults

    detail = error.strerror or type(error).__name__
    print_faults(KamplayError(Fault("output_lost", args={"detail": detail})), _system_language())
    raise SystemExit(1)
