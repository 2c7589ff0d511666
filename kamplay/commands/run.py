"""``kamplay run`` and ``kamplay render``: one client or a fleet, with one progress display."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from kamplay.api import open as open_run
from kamplay.commands.ending import open_report, say_ending
from kamplay.engagement import Engagement, load
from kamplay.errors import Fault, KamplayError
from kamplay.run_folder import WORK, load_settings, write_json
from kamplay.show.faults import line, print_faults
from kamplay.show.locale import N_, Locale
from kamplay.show.progress import Display, Moment, displayed

LANGUAGES = ("zh", "en")
UNPRINTED = N_(
    "No PDF was printed: no Chromium, Chrome or Edge that could do it was found on this machine. Open the "
    "report in a browser and print it there."
)


def run_folders(
    folders: list[Path],
    out: Path,
    language: str | None,
    as_of: str | None,
    changes: list[str],
    jobs: int | None,
    speech: str,
    progress: Display = "quiet",
    open_pages: bool = False,
) -> int:
    """Run every folder; one failing does not stop the others. Exit code 0, 1 (some failed) or 2 (faults in
    the input). ``jobs`` is the number of processes at once, without it one for each core; ``open_pages``
    shows each report in a browser.
    """
    try:
        chosen = chosen_languages(language)
    except KamplayError as error:
        print_faults(error, speech)
        return 2
    engagements: list[Engagement] = []
    ended: list[tuple[Path, Path, str, Locale]] = []
    code = 0
    for folder in dict.fromkeys(folders):
        try:
            engagement = load(folder, changes, as_of)
            if any(_same_place(e, engagement) for e in engagements):
                raise KamplayError(
                    Fault("client_twice", file=str(folder), column="client", value=engagement.settings.client)
                )
            engagements.append(engagement)
        except KamplayError as error:
            code = 2
            say_faults(folder, error, speech, len(folders) > 1)
    with displayed(progress, len(engagements), speech) as tell:
        for engagement, outcome in _outcomes(engagements, out.resolve(), chosen, jobs or cores(), tell):
            if isinstance(outcome, KamplayError):
                code = 2
                say_faults(engagement.folder, outcome, engagement.settings.language, len(folders) > 1)
            else:
                code = code or (0 if outcome.ok else 1)
                locale = Locale(engagement.settings.language, engagement.settings.currency)
                made = chosen or [engagement.settings.language]
                say_outcome(outcome, locale, made)
                if outcome.ok:
                    ended.append((outcome.folder, engagement.folder, made[0], locale))
    for run, folder, first, locale in ended:  # when nothing is displayed any more
        if progress == "shown" and len(folders) == 1:
            say_ending(run, folder, first, locale)
        if open_pages:
            open_report(run, first, locale)
    return code


def _same_place(one: Engagement, other: Engagement) -> bool:
    """Whether the reports of two folders would go to one place; systems differ in whether case counts."""
    return one.folder != other.folder and one.slug.casefold() == other.slug.casefold()


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _outcomes(
    engagements: list[Engagement],
    out: Path,
    languages: list[str] | None,
    jobs: int,
    tell: Callable[[Moment], None],
) -> Iterator[tuple[Engagement, Any]]:
    """What came of each engagement. Several are worked on beside each other, each in a process of its own."""
    if len(engagements) < 2:
        for engagement in engagements:
            yield engagement, _one(engagement, out, languages, jobs, tell)
        return
    from kamplay.report.fork_engine import can_fork

    at_once = min(jobs, len(engagements))
    each = partial(_one, out=out, languages=languages, jobs=max(1, jobs // at_once))
    if can_fork():
        yield from _forked(engagements, at_once, each, tell)
        return
    with ProcessPoolExecutor(at_once, mp_context=get_context("spawn")) as pool:
        waiting = {pool.submit(each, e): e for e in engagements}
        for done in as_completed(waiting):
            tell(Moment(waiting[done].settings.client, "done", 1.0, 0.0))
            yield waiting[done], done.result()


def _forked(
    engagements: list[Engagement], at_once: int, each: Callable[..., Any], tell: Callable[[Moment], None]
) -> Iterator[tuple[Engagement, Any]]:
    """Children of this process, which has imported all that a run needs, once for all of them."""
    from kamplay.report.production import import_all
    from kamplay.report.run import Outcome
    from kamplay.report.workers import WorkerDiedError, Workers

    import_all()
    by_name = {str(number): engagement for number, engagement in enumerate(engagements)}
    while by_name:
        with Workers(at_once) as workers:
            for name, engagement in by_name.items():
                workers.add(name, partial(each, engagement, tell=workers.tell))
            try:
                for name, outcome in workers.results(tell):
                    yield by_name.pop(name), outcome
            except WorkerDiedError as died:  # the others of this round are begun again
                engagement = by_name.pop(died.name)
                client = engagement.settings.client
                tell(Moment(client, "done", 1.0, 0.0))
                yield engagement, Outcome(client, None, 0.0, error=f"killed: {died.end}")


def _one(
    engagement: Engagement,
    out: Path,
    languages: list[str] | None,
    jobs: int,
    tell: Callable[[Moment], None] = lambda moment: None,
) -> Any:
    from kamplay.report.run import run_engagement

    try:
        return run_engagement(engagement, out, languages or [engagement.settings.language], tell, jobs)
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


def say_faults(folder: Path, error: KamplayError, language: str, several: bool) -> None:
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


def say_outcome(outcome: Any, locale: Locale, languages: list[str]) -> None:
    from kamplay.report.production import print_of, slides_of

    if outcome.ok:
        for language in languages:
            print(outcome.folder / f"report.{language}.html")
            for more in (slides_of(language), print_of(language)):
                if (outcome.folder / more).is_file():
                    print(outcome.folder / more)
        if outcome.unprinted:
            print(f"{outcome.client}: {locale.text(UNPRINTED)}", file=sys.stderr)
        if outcome.again:
            text = N_("{client}: nothing has changed since this report was made; it stands as it is.")
            print(locale.say(text, client=outcome.client), file=sys.stderr)
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


def render_run(folder: Path, slides: bool = False, pdf: bool = False, final: bool = False) -> list[Path]:
    """The pages of a finished run, built again; with its slides and prints, where it has them or they are
    asked for. ``final`` takes the mark of a draft from all of them and from the workbook.

    Raises
    ------
    KamplayError
        There is no finished run, a file of it is missing or damaged, or it cannot be final yet.
    InUseError
        One of the files is open in another program; none was written.
    """
    from kamplay.output_place import need_closed
    from kamplay.report import production
    from kamplay.report.page import render
    from kamplay.report.run_files import languages_of, need_readable

    languages = languages_of(folder)
    need_readable(folder, languages)
    settings = load_settings(folder)
    asked = {"slides": slides, "pdf": pdf, "final": final}
    changed = settings.model_copy(update={name: True for name, on in asked.items() if on})
    if changed.final and not settings.final:
        production.need_nothing_open(folder)
    named = (production.page_of, production.slides_of, production.print_of)
    files = [folder / name(language) for language in languages for name in named]
    need_closed([*files, folder / production.WORKBOOK])
    if changed != settings:
        write_json(folder / WORK / "settings.json", changed.model_dump(mode="json"))
    pages = {folder / f"report.{language}.html": render(folder, language) for language in languages}
    for path, page in pages.items():
        fresh = path.with_suffix(".html.new")
        fresh.write_text(page, encoding="utf-8", newline="\n")
        fresh.replace(path)
    made = list(pages)
    for language in languages:
        if changed.slides:
            made.append(production.write_deck(folder, language))
        if changed.pdf and (printed := production.write_print(folder, language)):
            made.append(printed)
    if changed.pdf and not all((folder / production.print_of(language)).is_file() for language in languages):
        print(Locale(settings.language, settings.currency).text(UNPRINTED), file=sys.stderr)
    if changed.final and not settings.final:
        production.write_workbook(open_run(folder, settings.language), folder, languages)
    return made
