"""What the commands do, with what they print."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from kamplay.engagement import Engagement, load
from kamplay.errors import Fault, KamplayError
from kamplay.playbook import STEPS, WORK, create
from kamplay.shipped import shipped
from kamplay.show.faults import as_json, fix, line, problem
from kamplay.show.locale import N_, Locale

LANGUAGES = ("zh", "en")


def check_folder(folder: Path, as_json_: bool, out: Path) -> bool:
    """Check one engagement and print what was found; whether it is usable. A marked copy goes to OUT/<client>/check/."""
    from kamplay.intake.mark import write_marked
    from kamplay.intake.prepare import survey

    engagement = load(folder)
    intake = survey(engagement)
    locale = Locale(engagement.settings.language, engagement.settings.currency)
    if as_json_:
        tables = {name: _table_facts(frame) for name, frame in intake.tables.items()}
        print(json.dumps({"usable": intake.usable, "tables": tables, "faults": [as_json(f, locale) for f in intake.faults]}, ensure_ascii=False, indent=1))
    else:
        _print_check(intake, locale)
    if any(f.row and f.file for f in intake.faults):
        where = out / engagement.slug / "check"
        written = write_marked(intake, where, _mark_words(locale), {id(f): (problem(f, locale), fix(f, locale)) for f in intake.faults})
        if not as_json_:
            print(locale.say(N_("Marked copy: {path}"), path=written))
    return intake.usable


def _mark_words(locale: Locale) -> dict[str, str]:
    words = {"faults": N_("Faults"), "level": N_("Level"), "file": N_("File"), "sheet": N_("Sheet"), "row": N_("Row"), "column": N_("Column"), "value": N_("Value"),
             "problem": N_("What is wrong"), "fix": N_("What to do"), "count": N_("Count"), "error": N_("error"), "warning": N_("warning")}  # fmt: skip
    return {key: locale.text(word) for key, word in words.items()}


def _table_facts(frame: Any) -> dict[str, Any]:
    facts: dict[str, Any] = {"rows": len(frame), "accounts": int(frame["account_id"].nunique()) if "account_id" in frame else None}
    facts["amount"] = round(float(frame["amount"].sum()), 2) if "amount" in frame else None
    dates = next((frame[c].dropna() for c in ("date", "invoice_date", "promised_date", "opened") if c in frame and frame[c].notna().any()), None)
    facts["first"], facts["last"] = (str(dates.min().date()), str(dates.max().date())) if dates is not None else (None, None)
    return facts


def _print_check(intake: Any, locale: Locale) -> None:
    console = Console()
    table = Table(box=None, header_style="bold", pad_edge=False)
    for label in (N_("Table"), N_("Rows"), N_("Accounts"), N_("Amount"), N_("From"), N_("To")):
        table.add_column(locale.text(label), justify="left" if label in ("Table", "From", "To") else "right")
    for name, frame in intake.tables.items():
        facts = _table_facts(frame)
        table.add_row(name, locale.number(facts["rows"]), locale.number(facts["accounts"]), locale.number(facts["amount"], 2), facts["first"] or "–", facts["last"] or "–")
    console.print(table)
    if intake.faults:
        faults = Table(header_style="bold", show_lines=True)
        for label in (N_("Level"), N_("Place"), N_("Value"), N_("What is wrong"), N_("What to do")):
            faults.add_column(locale.text(label), overflow="fold")
        for fault in intake.faults[:60]:
            file = f"{fault.file}#{fault.sheet}" if fault.sheet else fault.file or ""
            row = locale.say(N_("row {row:n}"), row=fault.row) if fault.row else ""
            times = f" ×{locale.number(fault.count)}" if fault.count > 1 else ""
            level = locale.text(N_("error") if fault.level == "error" else N_("warning"))
            faults.add_row(level, escape("\n".join(p for p in (file, row, fault.column or "") if p)), escape(fault.value or "") + times, escape(problem(fault, locale)), escape(fix(fault, locale)))
        console.print(faults)
        if len(intake.faults) > 60:
            console.print(locale.say(N_("{rest:n} more; --json lists them all."), rest=len(intake.faults) - 60))
    console.print(locale.text(N_("Usable.") if intake.usable else N_("Not usable: mend the errors above.")))


def run_folders(folders: list[Path], out: Path, language: str | None, as_of: str | None, changes: list[str], jobs: int, speech: str) -> int:
    """Run every folder; one failing does not stop the others. Exit code 0, 1 (some failed) or 2 (faults in the input)."""
    from kamplay.cli import print_faults

    try:
        chosen = _languages(language)
    except KamplayError as error:
        print_faults(error, speech)
        return 2
    engagements: list[Engagement] = []
    code = 0
    for folder in folders:
        try:
            engagement = load(folder, changes, as_of)
            if any(e.slug == engagement.slug and e.folder != folder for e in engagements):
                raise KamplayError(Fault("client_twice", file=str(folder), column="client", value=engagement.settings.client))
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
                _say_outcome(outcome, Locale(engagement.settings.language, engagement.settings.currency), chosen or [engagement.settings.language])
    return code


def _outcomes(engagements: list[Engagement], out: Path, languages: list[str] | None, jobs: int, tell: Any) -> Iterator[tuple[Engagement, Any]]:
    if jobs == 1 or len(engagements) < 2:
        for engagement in engagements:
            yield engagement, _one(engagement, out, languages, tell)
        return
    # a fresh process each: notebooks' kernels and papermill's working state are not for sharing between threads
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


def _languages(text: str | None) -> list[str] | None:
    if text is None:
        return None
    chosen = list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    for part in chosen or [text]:
        if part not in LANGUAGES:
            raise KamplayError(Fault("setting_not_allowed", column="--language", value=part, args={"allowed": "zh, en, zh,en"}))
    return chosen


@contextmanager
def _progress(clients: int) -> Iterator[Any]:
    """One display for the whole fleet on a terminal; silence in a log."""
    console = Console(stderr=True)
    if not console.is_terminal or not clients:
        yield lambda *_: None
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    with Progress(TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=console, transient=True) as bar:
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
        print((f"{folder}: " if several else "") + line(fault, locale), file=sys.stderr)
    if len(shown) > 20:
        print(locale.say(N_("{rest:n} more; kamplay check lists them all."), rest=len(shown) - 20), file=sys.stderr)


def _say_outcome(outcome: Any, locale: Locale, languages: list[str]) -> None:
    if outcome.ok:
        for language in languages:
            print(outcome.folder / f"report.{language}.html")
        if outcome.warnings:
            print(locale.say(N_("{client}: {count:n} {count:plural|warning|warnings} on the data; kamplay check lists them."), client=outcome.client, count=len(outcome.warnings)), file=sys.stderr)
        return
    name = outcome.failed_notebook or ""
    cell = locale.say(N_(", cell {cell:n}"), cell=outcome.cell) if outcome.cell is not None else ""
    said = locale.say(N_("{client}: the run failed in {place}: {error}. What it left is in {kept}; the last good report is untouched."),
                      client=outcome.client, place=(name + cell) or "kamplay", error=outcome.error, kept=outcome.kept)  # fmt: skip
    print(said, file=sys.stderr)


def render_run(folder: Path) -> list[Path]:
    """The pages of a finished run, built again."""
    from kamplay.report.page import render

    languages = [lang for lang in LANGUAGES if all((folder / "notebooks" / f"{n}.{lang}.ipynb").exists() for n in STEPS.values())]
    if not languages or not (folder / "manifest.json").exists():
        raise KamplayError(Fault("run_missing", file=str(folder)))
    pages = {folder / f"report.{language}.html": render(folder, language) for language in languages}
    for path, page in pages.items():
        fresh = path.with_suffix(".html.new")
        fresh.write_text(page, encoding="utf-8")
        fresh.replace(path)
    return list(pages)


def open_lab(folder: Path, out: Path, language: str | None) -> None:
    """JupyterLab on a copy of the notebooks whose parameters cell names this engagement's prepared run. Returns when it is closed."""
    place = prepare_lab(folder, out, language)
    os.execv(sys.executable, [sys.executable, "-m", "jupyterlab", str(place / "notebooks")])


def prepare_lab(folder: Path, out: Path, language: str | None) -> Path:
    """The workplace that ``open_lab`` opens: OUT/<client>/lab/. Notebooks already there keep their edits."""
    import nbformat

    from kamplay.intake.prepare import prepare

    engagement = load(folder)
    book = prepare(engagement)
    place = out.resolve() / engagement.slug / "lab"
    for old in (place / WORK, place / "notes"):
        shutil.rmtree(old, ignore_errors=True)
    create(engagement, book, place)
    (place / "notebooks").mkdir(exist_ok=True)
    chosen = (_languages(language) or [engagement.settings.language])[0]
    values = {"folder": "..", "language": chosen, "edition": "internal"}
    for name in STEPS.values():
        target = place / "notebooks" / f"{name}.ipynb"
        if target.exists():
            continue
        node = nbformat.read(str(shipped("notebooks") / f"{name}.ipynb"), as_version=4)
        for cell in node.cells:
            if "parameters" in cell.metadata.get("tags", []):
                cell.source = "\n".join(_bound(text, values) for text in cell.source.splitlines())
        nbformat.write(node, str(target))
    return place


def _bound(text: str, values: dict[str, str]) -> str:
    """A line of the parameters cell with its default replaced: ``name: str = "value"  # help``."""
    name = text.partition(":")[0].strip()
    if name not in values:
        return text
    help_ = text.partition("#")[2]
    return f'{name}: str = "{values[name]}"' + (f"  #{help_}" if help_ else "")


def show_presets(name: str | None, language: str) -> None:
    """All presets with their titles and sources, or one as YAML."""
    from kamplay import presets
    from kamplay.errors import nearest

    kinds = {"scorecard": presets.load_scorecard, "strategy": presets.load_strategy}
    known = {preset: kind for kind in kinds for preset in presets.names(kind)}
    if name is None:
        for preset, kind in known.items():
            loaded = kinds[kind](preset, Path())
            print(f"{kind:<10} {preset:<18} {loaded.title.get(language)}\n{'':<29} {loaded.source.get(language)}")
    elif name in known:
        print(presets.text(known[name], name), end="")
    else:
        raise KamplayError(Fault("preset_unknown", value=name, args={"near": nearest(name, known) or "", "known": ", ".join(known)}))
