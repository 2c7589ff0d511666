"""Account plans of a run: the notebook ``account_plan`` executed once for each unit and language; what its
display shows becomes a page for each unit, one file for print, and an index. A unit is an account, or a group
that is rated as one.
"""

from __future__ import annotations

import hashlib
import shutil
import traceback
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas as pd

from kamplay.api import computed, profiles
from kamplay.api import open as open_run
from kamplay.engagement import slug
from kamplay.errors import Fault, KamplayError, nearest_few
from kamplay.method.tiers.step import Tiers
from kamplay.output_place import (
    BUILDING,
    InUseError,
    clear_left_over,
    need_files,
    new_folder,
    output_fault,
    own,
    publish,
    scratch_folder,
)
from kamplay.report.engine.fork_engine import can_fork
from kamplay.report.engine.workers import Workers
from kamplay.report.kept import PLANS
from kamplay.report.pages import page
from kamplay.report.production import import_for_notebooks
from kamplay.run_folder import Run, guessed
from kamplay.shipped import shipped
from kamplay.show.labels import in_language
from kamplay.show.locale import N_, missing
from kamplay.show.view import view_of

NOTEBOOK = "account_plan"
EDITIONS = ("internal", "customer")
BODY = '<article class="plan'  # how the display that is the plan begins
KEY_LEVELS = ("S", "A")  # of which plans are made where nobody is named
LONGEST = 40  # characters of a name in a file's name
OPTIONS = ("--tier", "--account")


@dataclass(frozen=True)
class Chosen:
    """The units to write plans of, the most important first, and the accounts asked for that stand in a unit
    of another name: account → unit.
    """

    units: tuple[str, ...]
    member_of: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Written:
    """How writing plans ended: ``indexes`` published, one a language; or ``error`` at ``unit``, with what is
    left of it in ``kept``, and ``fault`` where the place cannot be written to.
    """

    indexes: tuple[Path, ...] = ()
    unit: str | None = None
    cell: int | None = None
    error: str | None = None
    kept: Path | None = None
    fault: Fault | None = None

    @property
    def ok(self) -> bool:
        return bool(self.indexes)


@dataclass(frozen=True)
class _Plan:
    """One plan to be made: of which unit, in which language, and its file's name without the language."""

    unit: str
    language: str
    file: str
    parameters: dict[str, str]

    @property
    def name(self) -> str:
        return f"{self.file}.{self.language}"


def choose(run: Run, tiers: Sequence[str], accounts: Sequence[str]) -> Chosen:
    """The units of these tiers (by key or level) and these accounts; of the levels S and A where neither is
    named.

    Raises
    ------
    KamplayError
        A tier or an account that there is not, or nobody is left.
    """
    found = computed(run, Tiers)
    units, faults = found.units, list[Fault]()
    wanted = pd.Series(False, units.index)
    if not accounts or tiers:
        if not found.tiered:
            raise KamplayError(Fault("plans_untiered"))
        of_tier = {row.key: (row.key, row.level) for row in run.scorecard.tiers}
        known = list(dict.fromkeys([*of_tier, *(level for _, level in of_tier.values())]))
        for tier in tiers or [level for level in KEY_LEVELS if level in known]:
            named = [key for key, called in of_tier.items() if tier.casefold() in map(str.casefold, called)]
            if named:
                wanted |= units["tier"].isin(named)
            else:
                faults.append(_unknown("plan_tier_unknown", OPTIONS[0], tier, {name: name for name in known}))
    unit_of, member_of = found.accounts["group"], dict[str, str]()
    for account in accounts:
        if account not in unit_of.index:
            names = {**{i: f"{run.book.names[i]} ({i})" for i in unit_of.index}}
            faults.append(
                _unknown("plan_account_unknown", OPTIONS[1], account, names, run.book.names.to_dict())
            )
            continue
        unit = str(unit_of[account])
        wanted[unit] = True
        if unit != account:
            member_of[account] = unit
    if faults:
        raise KamplayError(faults)
    if not wanted.any():
        raise KamplayError(Fault("plans_none", column=OPTIONS[0], value=",".join(tiers or KEY_LEVELS)))
    order = {tier.key: place for place, tier in enumerate(run.scorecard.tiers)}
    rows = units.assign(_tier=units["tier"].map(order).astype("float64"), _id=units.index)[wanted]
    rows = rows.sort_values(["_tier", "revenue", "_id"], ascending=[True, False, True], kind="stable")
    return Chosen(tuple(rows["_id"]), member_of)


def _unknown(
    code: str, option: str, value: str, shown: dict[str, str], also: dict[str, str] | None = None
) -> Fault:
    """``shown`` is how each known key is told; ``also`` another name by which it may be meant."""
    near = nearest_few(value, shown)
    for key in nearest_few(value, set((also or {}).values())):
        near += [k for k, name in (also or {}).items() if name == key and k not in near]
    told = ", ".join(shown[key] for key in near[:3])
    return Fault(code, column=option, value=value, args={"near": told, "known": ", ".join(list(shown)[:20])})


def file_name(unit: str, name: str) -> str:
    """A plan's file name without its ending: the unit's name as letters, digits and hyphens of any script,
    and a few digits that come of its id, as two units may share a name.
    """
    digest = hashlib.sha256(unit.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{slug(name)[:LONGEST].rstrip('-_')}-{digest}"


def write_plans(
    folder: Path,
    units: Sequence[str],
    edition: str,
    languages: Sequence[str],
    jobs: int,
    told: Callable[[float], None] = lambda share: None,
) -> Written:
    """Make the plans of ``units`` and publish them in the run ``folder``, in place of those of this edition.

        plans/<edition>/<name>.<language>.html    one for each unit
        plans/plans.<edition>.<language>.html     all of them, for print
        plans/index.<edition>.<language>.html     links to them

    Parameters
    ----------
    folder : a finished run; plans of another edition in it stay.
    edition : ``internal``, or ``customer`` for the customer's eyes.
    jobs : processes beside each other, where the system can fork.
    told : takes the share of the plans that are made.
    """
    from kamplay.report.engine.notebooks import NotebookError
    from kamplay.report.run import clear, keep_failed

    place = folder.resolve()
    client, out = place.parent.name, place.parent.parent
    built = None
    try:
        need_files()
        clear_left_over(place)
        built = new_folder(place, BUILDING)
        own(built, scratch_folder())
        run = open_run(place, languages[0])
        profiles(run)  # once for all plans: children begin with what this process has
        plans = _plans(run, units, edition, languages)
        bodies = built / "bodies"
        for part in ("notebooks", bodies.name, edition):
            (built / part).mkdir()
        _execute(plans, built, bodies, jobs, told)
        _assemble(run, built, bodies, plans, edition, languages)
        shutil.rmtree(bodies)
        shutil.rmtree(built / "notebooks")
        _keep_the_others(place / PLANS, built, edition)
        publish(built, place / PLANS)
    except InUseError as failure:
        return Written((), error=str(failure), kept=failure.kept, fault=output_fault(failure))
    except NotebookError as failure:
        log = f"{failure.output.name}, cell {failure.cell}: {failure.error}\n"
        kept = keep_failed(built, out, client, place.name, log) if built else None
        fault = output_fault(failure.error, place)
        unit = next((p.unit for p in plans if p.name == failure.output.stem), None)
        return Written((), unit, failure.cell, failure.error, kept, fault)
    except KamplayError:
        if built:
            clear(built)
        raise
    except Exception as failure:  # a defect of ours: its traceback goes into the log, never to the user
        said = f"{type(failure).__name__}: {failure}"
        kept = keep_failed(built, out, client, place.name, traceback.format_exc()) if built else None
        return Written((), error=said, kept=kept, fault=output_fault(failure, place))
    except BaseException:  # interrupted: leave nothing half-made behind
        if built:
            clear(built)
        raise
    return Written(tuple(place / PLANS / index_of(edition, language) for language in languages))


def index_of(edition: str, language: str) -> str:
    """The index's file in the folder of plans."""
    return f"index.{edition}.{language}.html"


def combined_of(edition: str, language: str) -> str:
    """The file for print in the folder of plans."""
    return f"{PLANS}.{edition}.{language}.html"


def _plans(run: Run, units: Sequence[str], edition: str, languages: Sequence[str]) -> list[_Plan]:
    names = run.book.names
    return [
        _Plan(
            unit,
            language,
            file_name(unit, str(names[unit])),
            {"folder": str(run.folder), "language": language, "edition": edition, "account": unit},
        )
        for unit in units
        for language in languages
    ]


def _execute(plans: list[_Plan], built: Path, bodies: Path, jobs: int, told: Callable[[float], None]) -> None:
    """Execute the notebook for every plan; what it shows goes into ``bodies``. What all plans need is read
    and computed once, in this process or in the kernel.
    """
    made = 0

    def one_more(_: Any = None) -> None:
        nonlocal made
        made += 1
        told(made / len(plans))

    told(0.0)
    if not can_fork():
        from kamplay.output_place import scratch_of
        from kamplay.report.engine.notebooks import WarmKernel

        with WarmKernel(built / "notebooks", scratch_of(built)) as kernel:
            _one_after_another(plans, built, bodies, kernel.run, one_more)
        return
    from kamplay.report.engine.notebooks import run_forked

    import_for_notebooks()
    with Workers(jobs) as workers:
        for number in range(min(jobs, len(plans))):
            share = plans[number::jobs]
            work = partial(_one_after_another, share, built, bodies, run_forked, workers.tell)
            workers.add(f"{NOTEBOOK}-{number}", work)
        for _ in workers.results(one_more):
            pass


def _one_after_another(
    plans: Iterable[_Plan],
    built: Path,
    bodies: Path,
    execute: Callable[[Path, Path, dict[str, str]], None],
    one_more: Callable[[Any], None],
) -> None:
    notebook = shipped("notebooks") / f"{NOTEBOOK}.ipynb"
    for plan in plans:
        executed = built / "notebooks" / f"{plan.name}.ipynb"
        execute(notebook, executed, plan.parameters)
        (bodies / plan.name).write_text(_body(executed), encoding="utf-8", newline="\n")
        executed.unlink()
        one_more(None)


def client_unsaid(run: Run) -> bool:
    """Whether the client's name is a guess that nobody has confirmed: no customer is to read it."""
    return "client" in guessed(run.folder)


def _assemble(
    run: Run, built: Path, bodies: Path, plans: list[_Plan], edition: str, languages: Sequence[str]
) -> None:
    """The pages, the file for print and the index of each language."""
    tiers = computed(run, Tiers).units["level"]
    for language in languages:
        own = [plan for plan in plans if plan.language == language]
        view = view_of(run.settings, language, run.book)
        customers = edition == "customer"
        client = "" if customers and client_unsaid(run) else run.settings.client
        frame = {**page.frame(view), "client": client, "customer": customers}
        as_of = view.locale.date(pd.Timestamp(run.book.as_of))
        kind = view.locale.text(N_("Joint review") if edition == "customer" else N_("Account plan"))
        sheet, index = page.template("plan.html.j2"), page.template("plans_index.html.j2")
        for plan in own:
            title = " · ".join(filter(None, [view.name(plan.unit), kind, client]))
            body = (bodies / plan.name).read_text(encoding="utf-8")
            path = built / edition / f"{plan.name}.html"
            html = sheet.render(**frame, title=title, bodies=[body])
            path.write_text(in_language(html, language), encoding="utf-8", newline="\n")
        title = " · ".join([run.settings.client, view.locale.text(N_("Account plans")), as_of])
        every = ((bodies / plan.name).read_text(encoding="utf-8") for plan in own)
        whole = sheet.render(**frame, title=title, bodies=every)
        path = built / combined_of(edition, language)
        path.write_text(in_language(whole, language), encoding="utf-8", newline="\n")
        rows = [
            (view.name(plan.unit), f"{edition}/{quote(plan.name)}.html", _shown(tiers[plan.unit]))
            for plan in own
        ]
        every_plan = combined_of(edition, language)
        html = index.render(
            **{**frame, "client": run.settings.client}, title=title, as_of=as_of, rows=rows, all=every_plan
        )
        (built / index_of(edition, language)).write_text(
            in_language(html, language), encoding="utf-8", newline="\n"
        )


def _shown(level: Any) -> str:
    return "" if missing(level) else str(level)


def _keep_the_others(there: Path, built: Path, edition: str) -> None:
    """Take over what stands among the plans already, but for this edition."""
    if not there.is_dir():
        return
    for entry in sorted(there.iterdir()):
        if entry.name == edition or entry.name.startswith((f"{PLANS}.{edition}.", f"index.{edition}.")):
            continue
        if entry.is_dir():
            shutil.copytree(entry, built / entry.name)
        else:
            shutil.copyfile(entry, built / entry.name)


def _body(executed: Path) -> str:
    """The plan that an executed notebook shows."""
    import nbformat

    from kamplay.report.engine.notebooks import NotebookError

    for cell in nbformat.read(str(executed), as_version=4).cells:
        for output in cell.get("outputs", []):
            html = str(output.get("data", {}).get("text/html", ""))
            if html.lstrip().startswith(BODY):
                return html
    raise NotebookError(f"{NOTEBOOK}.ipynb", None, "it shows no plan", executed)
