"""``kamplay run`` and ``kamplay render``: one client or a fleet (``kamplay.report.fleets.fleet``)."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from kamplay.api import note_faults
from kamplay.api import open as open_run
from kamplay.commands.ending import open_page, open_report, say_ending
from kamplay.commands.paths import near, quoted
from kamplay.engagement import SETTINGS_FILE, Engagement, load
from kamplay.errors import Fault, KamplayError
from kamplay.intake.doubts import CODES
from kamplay.json_files import write_json
from kamplay.languages import chosen_languages
from kamplay.report.fleets.places import is_url
from kamplay.report.kept import PLANS
from kamplay.report.run import Outcome
from kamplay.run_folder import WORK, load_settings
from kamplay.show.faults import line, print_faults
from kamplay.show.locale import N_, Locale
from kamplay.show.progress import Display, displayed

KEY_FIGURES = "results/key_figures.json"  # of a run
MOST_WARNINGS = 3  # on the data that a run tells itself; of more it says how many there are
MOST_DOUBTS = 5  # of them those that change the total
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
    scheduler: str | None = None,
    memory: str | None = None,
) -> int:
    """Run every engagement that ``folders`` mean; one failing does not stop the others. Exit code 0, 1 (some
    failed) or 2 (faults in the input).

    Parameters
    ----------
    folders : engagements, folders that hold some, lists of them, or urls of these.
    open_pages : show the report in a browser, of several the page on all of them.
    jobs : the number of processes at once, without it one for each core.
    scheduler : of a Dask cluster, on whose workers the engagements are run instead.
    memory : what all processes may hold together, as 8G.
    """
    from kamplay.report.fleets import fleet, places, portfolio
    from kamplay.report.fleets.fleet_job import Job, run_job
    from kamplay.report.fleets.members import engagements_in

    try:
        chosen = chosen_languages(language)
        most = fleet.read_memory(memory) if memory else None
        named = engagements_in(folders)
    except KamplayError as error:
        print_faults(error, speech)
        return 2
    several = len(named) > 1 or bool(scheduler)
    target = places.spelled(out) if places.is_url(out) else str(out.resolve())
    found: dict[str, Engagement] = {}
    refused: dict[str, KamplayError] = {}
    for place in named:
        try:
            engagement = fleet.settings_of(place, changes, as_of)
            if any(e.slug.casefold() == engagement.slug.casefold() for e in found.values()):  # as systems do
                raise KamplayError(
                    Fault("client_twice", file=place, column="client", value=engagement.settings.client)
                )
            found[place] = engagement
        except KamplayError as error:
            refused[place] = error
            say_faults(place, error, speech, several)
    if not several:
        if not found:
            return 2
        (place, engagement) = next(iter(found.items()))
        languages, processes = tuple(chosen or ()), jobs or cores()
        client = engagement.settings.client
        job = Job(place, client, target, languages, tuple(changes), as_of, processes=processes)
        before, figures = _reports(out, engagement), _figures(out, engagement)
        planned = plans_in(out, engagement)
        with displayed(progress, 1, speech) as tell:
            ended = run_job(job, tell)
            code = said(engagement, ended, chosen, False, speech)
        _say_replaced(before, _reports(out, engagement), Locale(speech, "CNY"))
        say_plans_gone(planned, plans_in(out, engagement), Locale(speech, "CNY"))
        if isinstance(ended, Outcome) and ended.ok and not ended.again:
            locale = Locale(speech, engagement.settings.currency)
            say_changed(figures, _figures(out, engagement), locale)
        if isinstance(ended, Outcome) and ended.ok:  # when nothing is displayed any more
            _shown(ended, engagement, chosen, progress == "shown", open_pages, speech)
        if portfolio.is_there(target):
            fleet.note_status(Path(target), place, client, ended)
            portfolio.write_portfolio(Path(target))
        return code
    code, page = _run_fleet(
        found, refused, target, chosen, as_of, changes, jobs or cores(), speech, progress, scheduler, most
    )
    if page and open_pages:
        open_page(page, Locale(speech, "CNY"))
    return code


def _run_fleet(
    found: dict[str, Engagement],
    refused: dict[str, KamplayError],
    out: str,
    languages: list[str] | None,
    as_of: str | None,
    changes: list[str],
    jobs: int,
    speech: str,
    progress: Display,
    scheduler: str | None,
    memory: float | None,
) -> tuple[int, Path | None]:
    """The exit code of a fleet, and the page on all clients where it is on this machine."""
    from kamplay.report.fleets import fleet, places, portfolio
    from kamplay.report.fleets.fleet_job import Job

    at_once = max(1, min(jobs, len(found)))
    code = 2 if refused else 0
    with fleet.kept(out) as results:
        last = {place: fleet.last_status(results, e.slug) for place, e in found.items()}
        work = [
            Job(
                place,
                engagement.settings.client,
                out,
                tuple(languages or ()),
                tuple(changes),
                as_of,
                processes=max(1, jobs // at_once),
                megabytes=fleet.megabytes_needed(place, last[place]),
                seconds=last[place].get("seconds"),
            )
            for place, engagement in found.items()
        ]
        day = fleet.day_of(out, work)
        work = [replace(job, day=day) for job in work]
        for place, error in refused.items():
            fleet.note_status(results, place, Path(place).name, error)
        with displayed(progress, len(work), speech) as tell:
            ahead = fleet.Ahead(tell, len(work))
            if scheduler:
                from kamplay.report.fleets.dask_fleet import run_on_cluster

                ended = run_on_cluster(work, scheduler)
            else:
                ended = fleet.run_here(work, at_once, memory, tell)
            try:
                for job, one in ended:
                    ahead.count(one)
                    fleet.note_status(results, job.place, job.client, one)
                    code = max(code, said(found[job.place], one, languages, True, speech))
            except KamplayError as error:  # of the cluster
                print_faults(error, speech)
                return 2, None
            except KeyboardInterrupt:
                text = N_("Cut off after {done:n} of {of:n} clients; the same command goes on from there.")
                cut_off = Locale(speech, "CNY").say(text, done=ahead.done, of=ahead.of)
                print(cut_off, file=sys.stderr)
                raise
    fleet.close(out)
    with fleet.kept(out, portfolio.needed) as results:
        page = portfolio.write_portfolio(results, speech)
        print(page if results == Path(out) else places.join(out, page.name))
    return code, page if results == Path(out) else None


def _reports(out: Path, engagement: Engagement) -> set[Path]:
    """The reports of an engagement that stand in ``out``."""
    try:
        return set() if is_url(out) else set((out.resolve() / engagement.slug).glob("*/report.*.html"))
    except OSError:  # no such place can be; the run says so
        return set()


def _say_replaced(before: set[Path], after: set[Path], locale: Locale) -> None:
    """Name the reports in another language that this run has taken the place of."""
    for gone in sorted(before - after):
        text = N_(
            "{report} of the last run was removed with it; --language zh,en makes the report in both "
            "languages."
        )
        print(locale.say(text, report=gone.name), file=sys.stderr)


def plans_in(out: Path, engagement: Engagement) -> dict[Path, int]:
    """How many account plans stand in each run of an engagement in ``out``, one in two languages once."""
    try:
        if is_url(out):
            return {}
        pages = list((out.resolve() / engagement.slug).glob(f"*/{PLANS}/*/*.html"))
    except OSError:  # no such place can be; the run says so
        return {}
    plans = {(page.parent, page.name.removesuffix(".html").rpartition(".")[0]) for page in pages}
    return dict(Counter(folder.parent.parent for folder, _ in plans))


def say_plans_gone(before: dict[Path, int], after: dict[Path, int], locale: Locale) -> None:
    """Say which account plans went with the run that this one has taken the place of."""
    for run, count in sorted(before.items()):
        if run not in after:
            text = N_(
                "The {count:n} account {count:plural|plan|plans} made before {count:plural|is|are} removed; "
                "make them again with kamplay plans {run}"
            )
            print(locale.say(text, count=count, run=quoted(run)), file=sys.stderr)


def _figures(out: Path, engagement: Engagement) -> dict[Path, dict[str, Any]]:
    """The key figures of step 2 in each report of an engagement that stands in ``out``."""
    found = {}
    try:
        files = [] if is_url(out) else list((out.resolve() / engagement.slug).glob(f"*/{KEY_FIGURES}"))
        for file in files:
            found[file] = json.loads(file.read_text(encoding="utf-8"))["value"]
    except (OSError, ValueError, KeyError, TypeError):  # no such place can be, or a report of another kind
        return {}
    return found


def say_changed(
    before: dict[Path, dict[str, Any]], after: dict[Path, dict[str, Any]], locale: Locale
) -> None:
    """Say which figures of a report differ from those of the one whose place it took."""
    told = {
        "revenue": N_("revenue {one:money} → {other:money}"),
        "accounts": N_("customers {one:n} → {other:n}"),
    }
    for file in before.keys() & after.keys():
        pairs = {name: (before[file].get(name), after[file].get(name)) for name in told}
        changed = [
            locale.say(told[name], one=one, other=other)
            for name, (one, other) in pairs.items()
            if one is not None and other is not None and one != other
        ]
        if changed:
            text = N_("Other than in the report that stood here: {changed}.")
            print(locale.say(text, changed=locale.text(N_("; ")).join(changed)), file=sys.stderr)


def said(engagement: Engagement, ended: Any, languages: list[str] | None, several: bool, speech: str) -> int:
    """Say how a run ended; its exit code."""
    settings = engagement.settings
    if isinstance(ended, KamplayError):
        say_faults(engagement.folder, ended, speech, several)
        return 2
    locale = Locale(speech, settings.currency)
    say_outcome(ended, locale, languages or settings.languages, engagement.folder, several)
    return 0 if ended.ok else 1


def _shown(
    outcome: Outcome,
    engagement: Engagement,
    languages: list[str] | None,
    told: bool,
    opened: bool,
    speech: str,
) -> None:
    """What a run of one client says at its end, and its report in a browser."""
    settings = engagement.settings
    locale = Locale(speech, settings.currency)
    made = sorted(languages or settings.languages, key=lambda language: language != speech)  # one's own first
    if outcome.folder is None or is_url(outcome.folder):
        return
    if told:
        say_ending(outcome.folder, engagement.folder, made, locale)
    if opened:
        open_report(outcome.folder, made[0], locale)


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def say_faults(folder: Path | str, error: KamplayError, language: str, several: bool) -> None:
    """A line for each fault; one line for all of them where there are ``several`` engagements."""
    locale = Locale(language, "CNY")
    shown = [f for f in error.faults if f.level == "error"] or error.faults
    most = 1 if several else 20
    told = [line(fault, locale) for fault in shown[:most]]
    if len(shown) > most:
        text = N_("{rest:n} more; kamplay check lists them all.")
        told.append(locale.say(text, rest=len(shown) - most))
    if several:
        named = "" if shown[0].file == str(folder) else f"{folder}{locale.colon}"
        told = [named + locale.sentences(*told)]
    for text in told:
        print(text, file=sys.stderr)


def say_outcome(
    outcome: Any, locale: Locale, languages: list[str], engagement: Path, several: bool = False
) -> None:
    """The pages of a run, one line each, and what is to be said of it; of one of ``several`` only its pages,
    or in one line why there are none.
    """
    from kamplay.report.production import print_of, slides_of

    if outcome.ok:
        for language in languages:
            print(outcome.folder / f"report.{language}.html")
            for more in (slides_of(language), print_of(language)):
                if (outcome.folder / more).is_file():
                    print(outcome.folder / more)
        if several:
            return
        if outcome.unprinted:
            _say_of(outcome.client, locale.text(UNPRINTED), locale)
        if outcome.again:
            text = N_("{client}: nothing has changed since this report was made; it stands as it is.")
            print(locale.say(text, client=outcome.client), file=sys.stderr)
        if outcome.uncompared:
            _say_of(outcome.client, line(outcome.uncompared, locale), locale)
        _say_warnings(outcome, engagement, locale)
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


def _say_of(client: str, text: str, locale: Locale) -> None:
    print(f"{client}{locale.colon}{text}", file=sys.stderr)


def _say_warnings(outcome: Any, engagement: Path, locale: Locale) -> None:
    """The warnings on the data that change the total, and the others where they are few, else how many there
    are and what lists them.
    """
    doubtful = [f for f in outcome.warnings if f.code in CODES and f.table == "transactions"]
    told = doubtful[:MOST_DOUBTS]
    if len(outcome.warnings) <= MOST_WARNINGS:
        told += [f for f in outcome.warnings if f not in doubtful]
    for fault in told:
        _say_of(outcome.client, line(fault, locale), locale)
    if rest := len(outcome.warnings) - len(told):
        text = (
            N_("{client}: {count:n} more warnings on the data; kamplay check {folder} lists them.")
            if told
            else N_("{client}: {count:n} warnings on the data; kamplay check {folder} lists them.")
        )
        folder = str(engagement) if is_url(engagement) else quoted(engagement)
        print(locale.say(text, client=outcome.client, count=rest, folder=folder), file=sys.stderr)


def run_of(path: Path, out: Path, speech: str = "en") -> Path:
    """The run that is meant: itself, or the one made last in ``out`` of a client's folder or file.

    Raises
    ------
    KamplayError
        No folder was made of the file, or no report of it.
    """
    from kamplay.commands.engagement_meant import engagement_of
    from kamplay.report.kept import latest_run

    if (path / WORK).is_dir() or not path.exists():
        return path
    folder = engagement_of(path, speech)
    if not (folder / SETTINGS_FILE).is_file():
        return path
    made = latest_run(out / load(folder).slug)
    if made is None:
        about = {"out": str(out), "name": quoted(path)}
        raise KamplayError(Fault("report_not_made", file=str(path), args=about))
    return made


def say_notes_beside(named: Path, run: Path, language: str) -> None:
    """Name the notes in the client's folder that a run does not hold: it is made from its own.

    Parameters
    ----------
    named : Path
        What the command was called with: the client's folder, or the run itself, whose client is then looked
        for where it stands and where the command was called.
    run : Path
    language : str
        Of the screen.
    """
    from kamplay.commands.made_before import folder_of_settings, made_before, places_for

    client = run.resolve().parent.name
    if named.resolve() == run.resolve():
        places = [Path.cwd(), *list(run.resolve().parents)[1:3]]
        found = [f.parent for place in places for f in sorted(place.glob(f"*/{SETTINGS_FILE}"))]
    else:
        source = named.resolve()
        found = [made_before(source, places_for(source)) or folder_of_settings(named)]
    for folder in dict.fromkeys(path.resolve() for path in found):
        try:
            if load(folder).slug != client:
                continue
        except KamplayError:
            continue
        newer = [note for note in sorted((folder / "notes").glob("*.md")) if _is_newer(note, run)]
        if newer:
            text = N_(
                "{count:n} {count:plural|note|notes} in {place} {count:plural|is|are} newer than this "
                "report and not in it: {names}. kamplay run {folder} takes them, or put them into {own}."
            )
            locale = Locale(language, "CNY")
            names = locale.text(N_(", ")).join(note.name for note in newer)
            about = {"count": len(newer), "names": names, "folder": quoted(folder)}
            about |= {"place": near(folder / "notes"), "own": near(run / "notes")}
            print(locale.say(text, **about), file=sys.stderr)
        return


def _is_newer(note: Path, run: Path) -> bool:
    """Whether a note of the client's folder is one that a run does not hold so."""
    own = run / "notes" / note.name
    if not own.is_file():
        return True
    return note.read_bytes() != own.read_bytes() and note.stat().st_mtime > own.stat().st_mtime


def render_run(
    folder: Path, slides: bool = False, pdf: bool = False, final: bool = False, speech: str = "en"
) -> list[Path]:
    """The pages of a finished run, built again; with its slides and prints, where it has them or they are
    asked for. ``final`` takes the mark of a draft from all of them and from the workbook.

    Raises
    ------
    KamplayError
        There is no finished run, a file of it is missing or damaged, a note belongs to no section, or it
        cannot be final yet.
    InUseError
        One of the files is open in another program; none was written.
    """
    from kamplay.output_place import need_closed
    from kamplay.report import production
    from kamplay.report.pages.page import render
    from kamplay.report.run_files import languages_of, need_readable

    languages = languages_of(folder)
    need_readable(folder, languages)
    if wrong := note_faults(folder):
        raise KamplayError(wrong)
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
        print(Locale(speech, settings.currency).text(UNPRINTED), file=sys.stderr)
    if changed.final and not settings.final:
        production.write_workbook(open_run(folder, settings.languages[0]), folder, languages)
    return made
