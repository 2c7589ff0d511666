"""Everything in a run that is made from its Book: the steps' results, the executed notebooks, the pages and
the workbook. Each is made once, and only where no earlier run holds the same.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import cast

from kamplay import digests
from kamplay.api import STEPS, computed, save, step_digest
from kamplay.api import open as open_run
from kamplay.errors import Fault, KamplayError
from kamplay.method.health.step import Health
from kamplay.method.plan.step import Plan
from kamplay.method.results import StepResult
from kamplay.method.tiers.step import Tiers
from kamplay.output_place import scratch_of
from kamplay.report import results as tables
from kamplay.report.benchmark import IN_RUN
from kamplay.report.engine.fork_engine import KERNEL_DIED, can_fork
from kamplay.report.engine.pace import Pace
from kamplay.report.engine.workers import WorkerDiedError, Workers
from kamplay.report.final import draft_mark, left_open
from kamplay.report.kept import Kept
from kamplay.report.pages.pdf import find_browser, print_page
from kamplay.run_folder import GUESSED, ISSUED, WORK, Run, load_outline
from kamplay.shipped import shipped
from kamplay.show.table import Sheet

RESULTS, WORKBOOK = "results", "results.xlsx"
Lists = list[tuple[str, Sheet]]  # of the workbook, as its ``sheets_of`` makes them


def page_of(language: str) -> str:
    """The page's file in a run."""
    return f"report.{language}.html"


def slides_of(language: str) -> str:
    """The file of the slides in a run."""
    return f"deck.{language}.pptx"


def print_of(language: str) -> str:
    """The file of the printed page in a run."""
    return f"report.{language}.pdf"


@dataclass(frozen=True)
class Notebook:
    """One notebook in one language: what is to be executed, and where its copy goes."""

    name: str
    language: str
    edition: str
    built: Path
    made_from: str

    @property
    def part(self) -> str:
        """Its place in the run."""
        return f"notebooks/{self.name}.{self.language}.ipynb"

    def run(self, execute: Callable[[Path, Path, dict[str, str]], None]) -> None:
        """Execute it. Raises NotebookError."""
        parameters = {"folder": "..", "language": self.language, "edition": self.edition}
        execute(shipped("notebooks") / f"{self.name}.ipynb", self.built / self.part, parameters)

    def run_forked(self) -> None:
        """Execute it in a child of this process."""
        from kamplay.report.engine.notebooks import run_forked

        self.run(run_forked)


def produce(built: Path, languages: list[str], kept: Kept, pace: Pace, jobs: int) -> None:
    """Make all of a run whose Book, settings and policies are in ``built``.

    The steps are computed in this process, one after the other. Notebooks, pages and workbook are made beside
    it by up to ``jobs`` processes where the system can fork, else one after the other.

    Raises
    ------
    NotebookError
        A notebook failed.
    """
    edition = json.loads((built / WORK / "settings.json").read_text(encoding="utf-8"))["edition"]
    run = open_run(built, languages[0], edition)
    known: dict[str, str] = {}
    made_from = {key: step_digest(run, step.result, known) for key, step in STEPS.items()}
    (built / "notebooks").mkdir(exist_ok=True)
    notebooks: list[Notebook] = []
    with Workers(jobs) as workers:
        for key, step in STEPS.items():
            pace.begin(key)
            part = f"{WORK}/steps/{key}"
            if not kept.take(part, made_from[key], built):
                save(run, computed(run, step.result))
                kept.made(part, made_from[key], built)
            of_step = [
                Notebook(step.notebook, language, edition, built, _shown(run, step.notebook, made_from[key]))
                for language in languages
            ]
            new = [one for one in of_step if not kept.take(one.part, one.made_from, built)]
            notebooks += new
            if new and can_fork():
                import_for_notebooks()
                for one in new:
                    workers.add(one.part, one.run_forked)
                workers.fill(jobs - 1)  # this process is the one more
        pace.begin("pages")
        if run.settings.final:
            _need_nothing_open(run)
        whole = digests.of_value([made_from, run.settings, load_outline(built), languages])
        sheets: Lists | None = None
        if not kept.take(RESULTS, whole, built):
            sheets = _write_results(run, built, languages)
            kept.made(RESULTS, whole, built)
        pages = _pages(run, built, languages, whole, sheets)
        rest = [p for p in pages if not kept.take(p.part, p.made_from, built)]
        if rest:
            _import_for_pages()
        if can_fork():
            if sum(page.part in map(page_of, languages) for page in rest) > 1:
                _prepare_pages(built, languages[0], edition)
            made_now = {one.part for one in notebooks} | {page.part for page in rest}
            for page in rest:
                workers.add(page.part, page.write, page.after & made_now)
            _wait(workers, pace)
        else:
            _in_warm_kernels(notebooks, built)
            for page in rest:
                page.write()
    for part, source in [(n.part, n.made_from) for n in notebooks] + [(p.part, p.made_from) for p in rest]:
        if (built / part).is_file():  # a page that could not be printed is not there
            kept.made(part, source, built)


def _wait(workers: Workers, pace: Pace) -> None:
    from kamplay.report.engine.notebooks import NotebookError

    number, ready = len(workers.waiting) + len(workers.running), 0
    try:
        for _part, _ in workers.results():
            ready += 1
            pace.begin("pages", ready / number)
    except WorkerDiedError as died:
        if not died.name.startswith("notebooks/"):
            raise
        name, place = f"{Path(died.name).name.split('.')[0]}.ipynb", Path(died.name)
        raise NotebookError(name, None, f"{KERNEL_DIED}: {died.end}", place) from None


def _in_warm_kernels(notebooks: list[Notebook], built: Path) -> None:
    """The languages beside each other, each in a kernel of its own."""
    from kamplay.report.engine.notebooks import WarmKernel

    def one_language(language: str) -> None:
        with WarmKernel(built / "notebooks", scratch_of(built)) as kernel:
            for notebook in notebooks:
                if notebook.language == language:
                    notebook.run(kernel.run)

    languages = list(dict.fromkeys(notebook.language for notebook in notebooks))
    with ThreadPoolExecutor(max(1, len(languages))) as pool:
        list(pool.map(one_language, languages))


def _shown(run: Run, notebook: str, step: str) -> str:
    """All that a notebook's displays depend on: its cells, its step's result (by its digest), and for whom
    the page is made.
    """
    settings, cells = run.settings, digests.of_file(shipped("notebooks") / f"{notebook}.ipynb")
    in_report = sorted(load_outline(run.folder).charts())
    view = [run.book_digest, settings.currency, settings.brand, settings.as_of, in_report]
    return digests.of_value([digests.of_code(), cells, step, *view])


@dataclass(frozen=True)
class Page:
    """A page or the workbook: its place in the run, what it is made from, and what must be there before."""

    part: str
    made_from: str
    after: frozenset[str]
    write: Callable[[], object]


def _pages(run: Run, built: Path, languages: list[str], whole: str, sheets: Lists | None) -> list[Page]:
    about = [f"{WORK}/{name}" for name in ("logo.*", ISSUED, GUESSED, IN_RUN)]
    around = digests.of_folder(built, ("notes/*", *about))
    pages = [Page(WORKBOOK, whole, frozenset(), lambda: write_workbook(run, built, languages, sheets))]
    for language in languages:
        notebooks = frozenset(f"notebooks/{step.notebook}.{language}.ipynb" for step in STEPS.values())
        made_from = digests.of_value([whole, around, language])
        page = Page(page_of(language), made_from, notebooks, partial(_write_page, built, language))
        pages.append(page)
        if run.settings.slides:
            deck = partial(write_deck, built, language)
            pages.append(Page(slides_of(language), made_from, notebooks, deck))
        if run.settings.pdf and (browser := find_browser()):
            printed = digests.of_value([made_from, browser])
            write = partial(write_print, built, language)
            pages.append(Page(print_of(language), printed, frozenset([page.part]), write))
    return pages


def need_nothing_open(run: Path) -> None:
    """Raises KamplayError where something keeps the report of a finished run from being final."""
    _need_nothing_open(open_run(run))


def _need_nothing_open(run: Run) -> None:
    if open_points := left_open(run, _results(run)):
        raise KamplayError(open_points)


def write_deck(run: Path, language: str) -> Path:
    """The slides of a run in one language."""
    from kamplay.report.pages.page import write_slides

    path = run / slides_of(language)
    write_slides(run, language, path)
    return path


def write_print(run: Path, language: str) -> Path | None:
    """The page of a run in one language, printed by a browser of this machine; None where none could."""
    path = run / print_of(language)
    path.unlink(missing_ok=True)
    return path if print_page(run / page_of(language), path) else None


def _prepare_pages(built: Path, language: str, edition: str) -> None:
    from kamplay.report.pages.explorer import prepare

    prepare(built, language, edition)


def _write_page(built: Path, language: str) -> None:
    from kamplay.report.pages.page import render

    (built / page_of(language)).write_text(render(built, language), encoding="utf-8", newline="\n")


def _results(run: Run) -> dict[str, StepResult]:
    return {key: computed(run, step.result) for key, step in STEPS.items()}


def _write_results(run: Run, built: Path, languages: list[str]) -> Lists:
    """The results for other programs, the calendars, the list of actions, lists that the workbook cuts
    short, and in each language the visit sheets and the sheet to choose a platform by. Returns the lists of
    the workbook.
    """
    from kamplay.report import calendars, visit_sheets
    from kamplay.report.pages.argument import of_the_head
    from kamplay.report.sheets import action_list, platform_choice, workbook
    from kamplay.show.view import view_of

    found = _results(run)
    edition = tables.edition_of_run(run, found)
    found = edition.results(found)
    revenue = found["value"].key_figures["revenue"]
    if not revenue or revenue <= 0:  # the last guard; ``kamplay check`` has told it before, from the lines
        raise KamplayError(Fault("revenue_not_positive", args={"amount": revenue, "as_of": None}))
    tables.write(found, built / RESULTS, edition)
    plan, settings = cast(Plan, found["plan"]), run.settings
    spoken = view_of(settings, tables.written_once_in(run.settings, languages), run.book)
    asked = of_the_head(run, load_outline(run.folder), found, spoken)
    calendars.write(built / RESULTS / calendars.FOLDER, plan, spoken, settings.client, asked)
    action_list.write(built / RESULTS, plan, spoken, settings.client)
    sheets = workbook.sheets_of(found, spoken, edition)
    workbook.write_whole(built / RESULTS, sheets, spoken)
    for language in languages:
        view = view_of(settings, language, run.book)
        visit_sheets.write(built / RESULTS, plan, view, settings.client)
        platform_choice.write(built / RESULTS, plan, view)
    return sheets


def write_workbook(run: Run, built: Path, languages: list[str], sheets: Lists | None = None) -> None:
    """The workbook of a run. ``sheets``: its lists, where they are made already."""
    from kamplay.report.pages.telling import ranked
    from kamplay.report.sheets import workbook
    from kamplay.show.plan.strategies import strategy_names
    from kamplay.show.view import view_of

    found, settings = _results(run), run.settings
    edition = tables.edition_of_run(run, found)
    found = edition.results(found)
    accounts = tables.accounts_table(found)
    view = view_of(settings, tables.written_once_in(run.settings, languages), run.book)
    plan, tiers = cast(Plan, found["plan"]), cast(Tiers, found["tiers"])
    accounts["strategy"] = accounts["strategy"].map(strategy_names(plan.strategies, view.locale))
    if not cast(Health, found["health"]).revenue_at_risk.told:
        accounts["revenue_at_risk"] = None
    findings = [finding for result in found.values() for finding in result.findings]
    contents = workbook.Contents(
        accounts,
        ranked(run, load_outline(run.folder), findings, view, plan),
        plan,
        tiers,
        run.scorecard,
        settings.client,
        edition,
        sheets or workbook.sheets_of(found, view, edition),
        draft_mark(settings, view.locale),
    )
    workbook.write(built / WORKBOOK, contents, view)


@cache
def import_for_notebooks() -> None:
    """What every notebook needs, imported once, before the first child begins."""
    import IPython.core.interactiveshell  # noqa: F401

    from kamplay.report.engine.notebooks import load_validator
    from kamplay.show.charts.chart import load_drawing
    from kamplay.show.display import load_templates
    from kamplay.show.locale import BABEL, catalogue
    from kamplay.show.registry import load_topics

    load_topics()
    load_drawing()
    load_templates()
    load_validator()
    catalogue(BABEL["zh"])  # English is the language of the code


@cache
def _import_for_pages() -> None:
    import xlsxwriter  # noqa: F401

    import kamplay.report.sheets.workbook  # noqa: F401
    from kamplay.report.pages.page import load_templates

    load_templates()


def import_all() -> None:
    """What a run needs, imported before children are forked of this process."""
    import duckdb  # noqa: F401
    import holidays.countries  # noqa: F401

    import_for_notebooks()
    _import_for_pages()
