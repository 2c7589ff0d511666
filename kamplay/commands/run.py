"""``kamplay run`` and ``kamplay render``: one client or a fleet, with one progress display."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from kamplay.api import NOTEBOOKS
from kamplay.engagement import Engagement, load
from kamplay.errors import Fault, KamplayError
from kamplay.show.faults import line, print_faults
from kamplay.show.locale import N_, Locale

LANGUAGES = ("zh", "en")


def run_folders(
    folders: list[Path],
    out: Path,
    language: str | None,
    as_of: str | None,
    changes: list[str],
    jobs: int,
    speech: str,
) -> int:
    """Run every folder; one failing does not stop the others. Exit code 0, 1 (some failed) or 2 (faults in
    the input).
    """
    try:
        chosen = chosen_languages(language)
    except KamplayError as error:
        print_faults(error, speech)
        return 2
    engagements: list[Engagement] = []
    code = 0
    for folder in dict.fromkeys(folders):
        try:
            engagement = load(folder, changes, as_of)
            if any(e.slug == engagement.slug and e.folder != folder for e in engagements):
                raise KamplayError(
                    Fault("client_twice", file=str(folder), column="client", value=engagement.settings.client)
                )
            engagements.append(engagement)
        except KamplayError as error:
            code = 2
            _say_faults(folder, error, speech, len(folders) > 1)
    with _progress(len(engagements)) as tell:
        for engagement, outcome in _outcomes(engagements, out.resolve(), chosen, jobs, tell):
            if isinstance(outcome, KamplayError):
                code = 2
                _say_faults(engagement.folder, outcome, engagement.settings.language, len(folders) > 1)
            else:
                code = code or (0 if outcome.ok else 1)
                _say_outcome(
                    outcome,
                    Locale(engagement.settings.language, engagement.settings.currency),
                    chosen or [engagement.settings.language],
                )
    return code


def _outcomes(
    engagements: list[Engagement], out: Path, languages: list[str] | None, jobs: int, tell: Any
) -> Iterator[tuple[Engagement, Any]]:
    if jobs == 1 or len(engagements) < 2:
        for engagement in engagements:
            yield engagement, _one(engagement, out, languages, tell)
        return
    # a fresh process each: notebooks' kernels and papermill's working state are not for sharing between
    # threads
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        waiting = {pool.submit(_one, e, out, languages, None): e for e in engagements}
        for done in as_completed(waiting):
            tell(waiting[done].settings.client, 1, 1)
            yield waiting[done], done.result()


def _one(engagement: Engagement, out: Path, languages: list[str] | None, tell: Any) -> Any:
    from kamplay.report.run import run_engagement

    def progress(stage: str, done: int, total: int) -> None:
        if tell:
            tell(engagement.settings.client, done, total)

    try:
        return run_engagement(engagement, out, languages or [engagement.settings.language], progress)
    except KamplayError as error:
        return error


def chosen_languages(text: str | None) -> list[str] | None:
    if text is None:
        return None
    chosen = list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    for part in chosen or [text]:
        if part not in LANGUAGES:
            raise KamplayError(
                Fault(
                    "setting_not_allowed", column="--language", value=part, args={"allowed": "zh, en, zh,en"}
                )
            )
    return chosen


@contextmanager
def _progress(clients: int) -> Iterator[Any]:
    """One display for the whole fleet on a terminal; silence in a log."""
    console = Console(stderr=True)
    if not console.is_terminal or not clients:
        yield lambda *_: None
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    with Progress(
        TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=console, transient=True
    ) as bar:
        tasks: dict[str, Any] = {}

        def tell(client: str, done: int, total: int) -> None:
            if client not in tasks:
                tasks[client] = bar.add_task(escape(client), total=total)
            bar.update(tasks[client], completed=done, total=total)

        yield tell


def _say_faults(folder: Path, error: KamplayError, language: str, several: bool) -> None:
    locale = Locale(language, "CNY")
    shown = [f for f in error.faults if f.level == "error"] or error.faults
    for fault in shown[:20]:
        print(
            (f"{folder}: " if several and fault.file != str(folder) else "") + line(fault, locale),
            file=sys.stderr,
        )
    if len(shown) > 20:
        print(
            locale.say(N_("{rest:n} more; kamplay check lists them all."), rest=len(shown) - 20),
            file=sys.stderr,
        )


def _say_outcome(outcome: Any, locale: Locale, languages: list[str]) -> None:
    if outcome.ok:
        for language in languages:
            print(outcome.folder / f"report.{language}.html")
        if outcome.uncompared:
            print(f"{outcome.client}: {line(outcome.uncompared, locale)}", file=sys.stderr)
        if outcome.warnings:
            print(
                locale.say(
                    N_(
                        "{client}: {count:n} {count:plural|warning|warnings} on the data; kamplay check "
                        "lists them."
                    ),
                    client=outcome.client,
                    count=len(outcome.warnings),
                ),
                file=sys.stderr,
            )
        return
    if outcome.fault:
        said = locale.say(
            N_("{client}: {fault} The last good report is untouched."),
            client=outcome.client,
            fault=line(outcome.fault, locale),
        )
        print(said, file=sys.stderr)
        return
    name = outcome.failed_notebook or ""
    cell = locale.say(N_(", cell {cell:n}"), cell=outcome.cell) if outcome.cell is not None else ""
    text = locale.say(
        N_(
            "{client}: the run failed in {place}: {error}. What it left is in {kept}; the last "
            "good report is untouched."
        )
        if outcome.kept
        else N_(
            "{client}: the run failed in {place}: {error}. Not even its log could be kept; the last good "
            "report is untouched."
        ),
        client=outcome.client,
        place=(name + cell) or "kamplay",
        error=outcome.error,
        kept=outcome.kept,
    )
    print(text, file=sys.stderr)


def render_run(folder: Path) -> list[Path]:
    """The pages of a finished run, built again."""
    from kamplay.report.page import render

    languages = [
        lang
        for lang in LANGUAGES
        if all((folder / "notebooks" / f"{n}.{lang}.ipynb").exists() for n in NOTEBOOKS)
    ]
    if not languages or not (folder / "manifest.json").exists():
        raise KamplayError(Fault("run_missing", file=str(folder)))
    pages = {folder / f"report.{language}.html": render(folder, language) for language in languages}
    for path, page in pages.items():
        fresh = path.with_suffix(".html.new")
        fresh.write_text(page, encoding="utf-8")
        fresh.replace(path)
    return list(pages)
