"""The command line. Every message is one a consultant can act on; no traceback reaches a user."""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import errno
import gc
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn, TextIO

import typer

from kamplay.commands.help import Command, Group
from kamplay.commands.speech import language_of, speech_of, system_language, system_territory
from kamplay.console import make_readable
from kamplay.home_folder import need_home

if TYPE_CHECKING:
    from kamplay.commands.begin import Wishes

# Linear algebra that takes every core for itself in each of several processes makes a run twice as long. Who
# sets one of these keeps it.
for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")

app = typer.Typer(
    cls=Group,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Key account management as a playbook: from a client's export to a report it can act on.",
    epilog="kamplay run invoices.xlsx",
)
Folder = Annotated[
    Path,
    typer.Argument(
        metavar="FILE|FOLDER",
        help="The file that the report was made of, or the client's folder: engagement.yaml holds its "
        "settings, data/ its files.",
        show_default=False,
    ),
]
Folders = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILE|FOLDER",
        help="What the client sent (.xlsx, .xls, .csv, .parquet, .zip or a folder of them), or a client's "
        "folder, with engagement.yaml in it. Several are a fleet, run beside each other: also a folder of "
        "clients' folders, or a list of them (.txt, .yaml).",
        show_default=False,
    ),
]
Out = Annotated[
    Path, typer.Option(metavar="FOLDER", help="Where reports are put, each in its client's folder by date.")
]
Memory = Annotated[
    str | None,
    typer.Option(
        metavar="AMOUNT",
        help="What all that is done at once may hold together, for example 8G. Left out: no bound.",
        show_default=False,
    ),
]
Scheduler = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS",
        help="Run on the workers of a Dask cluster, for example tcp://host:8786.",
        show_default=False,
    ),
]
Languages = Annotated[
    str | None,
    typer.Option(
        "--language",
        metavar="LANGUAGE",
        help="zh, en or zh,en. Left out: as engagement.yaml says.",
        show_default=False,
    ),
]
AsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        metavar="DATE",
        help="Reporting date, for example 2026-06-30. Left out: as engagement.yaml says, else the last sale.",
        show_default=False,
    ),
]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="SETTING=VALUE",
        help="Change a setting of engagement.yaml for this time, for example --set health.horizon_days=90; "
        "may be repeated.",
        show_default=False,
    ),
]


def _say_version(wanted: bool) -> None:
    if wanted:
        from kamplay import __version__

        print(f"kamplay {__version__}")
        raise typer.Exit


@app.callback()
def _of_all(
    version: Annotated[
        bool,
        typer.Option("--version", help="Say which version this is.", callback=_say_version, is_eager=True),
    ] = False,
) -> None:
    """Key account management as a playbook: from a client's export to a report it can act on."""


Slides = Annotated[bool, typer.Option("--slides", help="Also make slides to edit, deck.LANGUAGE.pptx.")]
Pdf = Annotated[
    bool,
    typer.Option(
        "--pdf", help="Also print report.LANGUAGE.pdf; needs Chromium, Chrome or Edge on this computer."
    ),
]
Final = Annotated[
    bool, typer.Option("--final", help="Without the mark of a draft; refused while something is left open.")
]
Yes = Annotated[
    bool, typer.Option("--yes", help="Ask nothing: take the defaults from the data, and say which.")
]
Open = Annotated[bool, typer.Option("--open", help="Show the report in the browser when it is there.")]
Jobs = Annotated[
    int | None,
    typer.Option(
        metavar="NUMBER",
        help="How much is done at once. Left out: as much as this computer has cores.",
        min=1,
        show_default=False,
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", help="Say nothing on the way.")]
JsonLog = Annotated[
    bool, typer.Option("--json-log", help="Say how far the work is as JSON lines, for another program.")
]


@app.command(
    cls=Command,
    short_help="Make a client's folder, empty or from what the client sent.",
    epilog="kamplay new acme\nkamplay new acme --from invoices.xlsx",
)
def new(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder to make.", show_default=False)],
    language: Annotated[
        str, typer.Option(metavar="LANGUAGE", help="zh, en or zh,en. Left out: this computer's.")
    ] = "",
    source: Annotated[
        Path | None,
        typer.Option(
            "--from",
            metavar="FILE|FOLDER",
            help="What the client sent: a file or a folder of them. It is copied into data/.",
            show_default=False,
        ),
    ] = None,
    yes: Yes = False,
) -> None:
    """Make a folder for a client: commented settings, places for data and notes, and a blank workbook for a
    client who has no export. With --from it is made of what the client sent, after at most five questions.
    """
    from kamplay.commands.new import need_empty, scaffold

    with _plain_errors(None):
        if source is None:
            scaffold(folder, language or system_language())
            typer.echo(f"{folder}/engagement.yaml, {folder}/data/, {folder}/notes/")
            return
        from kamplay.commands.begin import begin

        need_empty(folder)
        with _stopped_unmade():
            begin(source, _wishes(language, None, None, yes), folder)


@app.command(
    cls=Command,
    short_help="Read the client's files and list what is wrong with them.",
    epilog="kamplay check invoices.xlsx\nkamplay check acme",
)
def check(
    folder: Folder,
    json: Annotated[
        bool, typer.Option("--json", help="Print all of it as JSON, for another program.")
    ] = False,
    out: Out = Path("reports"),
    language: Annotated[
        str | None,
        typer.Option(metavar="LANGUAGE", help="zh or en. Left out: this computer's.", show_default=False),
    ] = None,
) -> None:
    """Read the client's files and list what is wrong: file, sheet, row, column, value, and what to do. The
    workbook is written once more with the bad cells marked, to send back, in the language of engagement.yaml.
    Ends with 0 where the data can be used, with 2 where not.
    """
    from kamplay.commands.check import check_folder

    speech = speech_of(language)
    with _plain_errors(speech):
        usable = check_folder(folder, json, out, speech)
    raise typer.Exit(0 if usable else 2)


@app.command(
    cls=Command,
    short_help="Make the report: from what the client sent, or from the client's folder.",
    epilog="kamplay run invoices.xlsx --open\nkamplay run acme --language zh,en --as-of 2026-06-30",
)
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
    memory: Memory = None,
    scheduler: Scheduler = None,
    quiet: Quiet = False,
    json_log: JsonLog = False,
    yes: Yes = False,
    open_: Open = False,
) -> None:
    """Make the report: check the data, take the five steps, write report, workbook and notebooks. Of a file a
    folder is made beside it first, after at most five questions: engagement.yaml for the settings, data/ with
    a copy; the next time it goes on with that folder. Ends with 0 where all is done, 1 where a run failed, 2
    where the data or the settings must be mended.
    """
    speech = speech_of(language)
    from kamplay.commands.made_before import need_any

    with _plain_errors(speech):
        need_any(folders)
    _begin(quiet or json_log, speech)
    from kamplay.commands.begin import made_of, meant

    with _plain_errors(speech), _stopped_unmade():
        wishes = _wishes(language, as_of, settings, yes)
        folders = made_of(meant(folders), wishes)
    from kamplay.commands.run import run_folders  # takes seconds; what was read is told before

    display: Literal["shown", "quiet", "json"] = "json" if json_log else "quiet" if quiet else "shown"
    chosen = {"slides": slides, "pdf": pdf, "final": final}
    changes = [*(settings or []), *(f"{name}=true" for name, on in chosen.items() if on)]
    code = run_folders(
        folders, out, language, as_of, changes, jobs, speech, display, open_, scheduler, memory
    )
    raise typer.Exit(code)


@app.command(
    cls=Command,
    short_help="Make the report of a run anew after editing its notebooks or notes.",
    epilog="kamplay render invoices.xlsx\nkamplay render reports/Acme/2026-06-30",
)
def render(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="FILE|FOLDER",
            help="The folder of a finished report, reports/CLIENT/DATE; or the file that it was made of, or "
            "the client's folder, for the latest.",
            show_default=False,
        ),
    ],
    out: Out = Path("reports"),
    slides: Slides = False,
    pdf: Pdf = False,
    final: Final = False,
) -> None:
    """Make the report of a run anew from its notebooks, after editing them or the notes; slides and prints
    that it has, too.
    """
    from kamplay.commands.run import render_run, run_of, say_notes_beside

    speech = language_of(folder)
    with _plain_errors(speech):
        run_ = run_of(folder, out, speech)
        for page in render_run(run_, slides, pdf, final, speech):
            typer.echo(page)
        say_notes_beside(folder, run_, speech)


@app.command(
    cls=Command,
    short_help="Write an account plan for each key account.",
    epilog="kamplay plans invoices.xlsx --tier S\nkamplay plans acme --account C0092 --edition customer",
)
def plans(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="FILE|FOLDER",
            help="The file that the report was made of, the client's folder, or the folder of a finished "
            "report, reports/CLIENT/DATE.",
            show_default=False,
        ),
    ],
    tier: Annotated[
        str | None,
        typer.Option(
            metavar="TIERS",
            help="Tiers to write plans of. Left out: S,A, where no account is named.",
            show_default=False,
        ),
    ] = None,
    account: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ID", help="An account to write the plan of; may be repeated.", show_default=False
        ),
    ] = None,
    edition: Annotated[
        str,
        typer.Option(
            metavar="EDITION", help="internal, or customer: without what the customer must not see."
        ),
    ] = "internal",
    language: Languages = None,
    out: Out = Path("reports"),
    jobs: Jobs = None,
    quiet: Quiet = False,
    json_log: JsonLog = False,
) -> None:
    """Write an account plan of one or two pages for each key account. Ends with 0 where all is done, 1 where
    it failed, 2 where the data or the settings must be mended.
    """
    speech = language_of(folder, language)
    _begin(quiet or json_log, speech)
    from kamplay.commands.plans import plan_folder

    display: Literal["shown", "quiet", "json"] = "json" if json_log else "quiet" if quiet else "shown"
    code = plan_folder(folder, tier, account or [], edition, language, out, jobs, speech, display)
    raise typer.Exit(code)


@app.command(
    cls=Command,
    short_help="Publish means of groups of clients to set each client beside.",
    epilog="kamplay benchmark benchmark.json --out reports",
)
def benchmark(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="The benchmark, made or published anew.", show_default=False),
    ],
    out: Out = Path("reports"),
    language: Annotated[
        str, typer.Option(metavar="LANGUAGE", help="zh or en. Left out: this computer's.")
    ] = "",
) -> None:
    """Publish means of groups of clients, from the reports of those whose engagement.yaml lets them take
    part. No single client's figure can be told from it, nor from several of its editions.
    """
    from kamplay.commands.benchmark import publish

    with _plain_errors(language if language in ("zh", "en") else None):
        publish(file, out, language or system_language())


@app.command(
    cls=Command,
    short_help="Open the notebooks of a client, to argue with the figures.",
    epilog="kamplay lab invoices.xlsx\nkamplay lab acme",
)
def lab(folder: Folder, out: Out = Path("reports"), language: Languages = None) -> None:
    """Open the notebooks of a client in JupyterLab, at step 1. They are copies: edits stay there, in
    the reports folder under lab, and no report is touched.
    """
    from kamplay.commands.lab import open_lab

    speech = language_of(folder, language)
    with _plain_errors(speech):
        raise typer.Exit(open_lab(folder, out, language, speech))


@app.command(
    cls=Command,
    short_help="Make a course for a class, with checked exercises.",
    epilog="kamplay teach courses/spring --case wholesaler --teams 10",
)
def teach(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder to make.", show_default=False)],
    case: Annotated[
        str,
        typer.Option(
            metavar="TRADE", help="The trade of the cases: distributor, hospital_supplier or wholesaler."
        ),
    ] = "hospital_supplier",
    seed: Annotated[
        int | None,
        typer.Option(
            metavar="NUMBER",
            help="The same number makes the same course again. Left out: drawn, and noted in trainer.",
            show_default=False,
        ),
    ] = None,
    difficulty: Annotated[
        int,
        typer.Option(metavar="NUMBER", help="1, 2 or 3: more chance in the orders, less said in the data."),
    ] = 2,
    teams: Annotated[
        int, typer.Option(metavar="NUMBER", help="How many teams, each with a client of its own.")
    ] = 6,
    language: Annotated[
        str | None,
        typer.Option(metavar="LANGUAGE", help="zh, en or zh,en. Left out: both.", show_default=False),
    ] = None,
    own: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="A client's folder: the exercises on the class's own company instead of cases.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Make a course: notebooks, sheets to print and a case for each team; solutions, timings and key for the
    trainer.
    """
    speech = system_language()
    from kamplay.commands.teach import teach as make

    with _plain_errors(speech):
        lines = make(folder, case, seed, difficulty, teams, language, own, speech, _on_the_way)
        for line in lines:
            typer.echo(line)


def _on_the_way(line: str) -> None:
    """How far the work is: beside the results, not among them."""
    typer.echo(line, err=True)


@app.command(cls=Command, short_help="Mark the teams of a course.", epilog="kamplay mark courses/spring")
def mark(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER",
            help="The folder of a course, or any folder with the teams' folders in it.",
            show_default=False,
        ),
    ],
    key: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="The course's trainer folder. Left out: found beside.", show_default=False
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="Where the marks go. Left out: trainer/marks.", show_default=False
        ),
    ] = None,
    language: Annotated[
        str | None,
        typer.Option(metavar="LANGUAGE", help="zh, en or zh,en. Left out: both.", show_default=False),
    ] = None,
) -> None:
    """Mark a class: a page for the projector and a register. The teams' answers are read as data; nothing of
    theirs is run.
    """
    speech = system_language()
    from kamplay.commands.teach import mark_class

    with _plain_errors(speech):
        for line in mark_class(folder, key, out, language, speech):
            typer.echo(line)


@app.command(
    cls=Command,
    short_help="List the scorecards and strategies that come with kamplay, or explain one.",
    epilog="kamplay presets\nkamplay presets four_dimensions --yaml > my_scorecard.yaml",
)
def presets(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="A preset's name, to explain it.", show_default=False)
    ] = None,
    yaml: Annotated[bool, typer.Option("--yaml", help="Print the preset as YAML, to copy and edit.")] = False,
    language: Annotated[
        str, typer.Option(metavar="LANGUAGE", help="zh or en. Left out: this computer's.")
    ] = "",
) -> None:
    """List the scorecards, strategies and other policies that come with kamplay, or explain one in prose."""
    from kamplay.commands.presets import show_presets

    with _plain_errors(language if language in ("zh", "en") else None):
        show_presets(name, language or system_language(), yaml)


@app.command(
    cls=Command,
    short_help="Make a copy of a client's data that can be shown to others.",
    epilog="kamplay anonymise invoices.xlsx acme-copy\nkamplay anonymise acme acme-copy --key acme.key",
)
def anonymise(
    folder: Folder,
    out: Annotated[Path, typer.Argument(metavar="COPY", help="The folder to make.", show_default=False)],
    key: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Keep the secret key in this file, or use the key that is in it: the same key gives the "
            "same copy.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Make a copy of a client's folder that can be shown to others: names, ids and people replaced, amounts
    scaled by one secret factor, dates moved, free text left out. Ends with 0 where it is made, 1 where a
    place cannot be written, 2 where the data, the settings or the places must be mended.
    """
    from kamplay.commands.anonymise import anonymise_folder

    speech = language_of(folder)
    with _plain_errors(speech):
        anonymise_folder(folder, out, key, speech)


@app.command(
    cls=Command,
    short_help="Remove all that stands of a client in the reports folder.",
    epilog="kamplay forget Acme\nkamplay forget invoices.xlsx",
)
def forget(
    client: Annotated[
        str,
        typer.Argument(
            metavar="CLIENT",
            help="The client's name, as engagement.yaml has it, or the file that the report was made of.",
            show_default=False,
        ),
    ],
    out: Out = Path("reports"),
    yes: Annotated[bool, typer.Option("--yes", help="Remove it without asking.")] = False,
) -> None:
    """Show all that stands of a client in the reports folder, ask, and remove it. Ends with 0 where all is
    removed, 1 where it was not wanted or not all could be removed, 2 where nothing of this client is there or
    a run of it goes on.
    """
    from kamplay.commands.forget import asked, client_meant, forget_client, language_of_client

    speech = language_of_client(client, out)

    def sure(question: str) -> bool:
        return yes or asked(question, speech)

    with _plain_errors(speech):
        name, engagement = client_meant(client, speech)
        raise typer.Exit(forget_client(name, out, sure, speech, engagement))


@app.command(
    cls=Command,
    short_help="Make the reports on the two samples that come with kamplay.",
    epilog="kamplay demo",
)
def demo(out: Out = Path("reports")) -> None:
    """Make the reports on the two samples that come with kamplay, in both languages."""
    speech = system_language()
    _begin(False, speech)
    from kamplay.commands.run import run_folders
    from kamplay.shipped import shipped

    samples = sorted(p.parent for p in (shipped("data_templates") / "samples").glob("*/engagement.yaml"))
    raise typer.Exit(run_folders(samples, out, "zh,en", None, [], None, speech, "shown"))


# objects made before the collector looks for cycles: Python's 700 costs a run an eighth of its time, most of
# it spent on looking through modules, which stay; a run has some 400,000 at its end
_COLLECT_AFTER = 500_000


def _begin(quiet: bool, language: str) -> None:
    """Say at once that the work has begun: to import what it needs takes seconds."""
    gc.set_threshold(_COLLECT_AFTER)
    _reuse_memory()
    if not quiet:
        print(
            {"zh": "kamplay 正在启动……", "en": "kamplay is starting …"}[language], file=sys.stderr, flush=True
        )


_MMAP_THRESHOLD, _TRIM_THRESHOLD = -3, -1  # as glibc numbers them
_OF_ITS_OWN, _KEPT = 32 << 20, 256 << 20  # bytes


def _reuse_memory() -> None:
    """Have the C library of Linux use the memory of arrays again. It would give it back to the system after
    each, and ask for it anew: a tenth of the time of the steps. An array above 32 MB still has memory of its
    own, which is given back.
    """
    with contextlib.suppress(OSError, AttributeError):  # another C library
        libc = ctypes.CDLL("libc.so.6")
        libc.mallopt(_MMAP_THRESHOLD, _OF_ITS_OWN)
        libc.mallopt(_TRIM_THRESHOLD, _KEPT)


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

            print_faults(error, self.language or system_language())
            raise typer.Exit(2)
        if isinstance(error, Exception) and _say_output_fault(error, self.language):
            raise typer.Exit(1)


class _stopped_unmade:  # noqa: N801 - reads as a statement
    """Who stops while questions are asked is told that nothing was made."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, KeyboardInterrupt) or type(error).__name__ == "StoppedError":
            words = {"zh": "已中止，没有留下任何文件。", "en": "Stopped; nothing was made."}
            print(f"\n{words[system_language()]}", file=sys.stderr)
            raise typer.Exit(130)


def _wishes(language: str | None, as_of: str | None, changes: list[str] | None, yes: bool) -> Wishes:
    """What the command line says of the settings of an engagement that is about to be made."""
    from kamplay.commands.begin import Wishes

    given = dict(change.split("=", 1) for change in changes or () if "=" in change)
    names = "client", "currency", "language", "as_of"
    answers: dict[str, str] = {name: given[name] for name in names if name in given}
    if language:
        answers["language"] = language
    if as_of:
        answers["as_of"] = as_of
    return Wishes(answers, yes, system_language(), system_territory(), speech_of(language))


def _say_output_fault(error: Exception, language: str | None = None) -> bool:
    """Whether an error is about the place that is written to; if so it is said in one line."""
    from kamplay.errors import KamplayError
    from kamplay.output_place import output_fault

    fault = output_fault(error, every=True)
    if fault is None:
        return False
    from kamplay.show.faults import print_faults

    print_faults(KamplayError(fault), language or system_language())
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
    try:
        _main()
        code: Any = 0
    except SystemExit as ended:
        code = ended.code
    if not isinstance(code, int) or threading.active_count() > 1:
        raise SystemExit(code)
    # Python would now take apart all that was imported, object by object: half a second after each run
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _main() -> None:
    """All of it but the end of the process."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed before we began
            stream = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - open as long as we run
        make_readable(stream)  # a Windows console in cp936 must not stop on a rare character
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
    print_faults(KamplayError(Fault("output_lost", args={"detail": detail})), system_language())
    raise SystemExit(1)


if __name__ == "__main__":
    main()
