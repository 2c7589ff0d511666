"""What a notebook calls: open a run, take the five steps, save each result; and the register of the steps.

To add a step, write one ``Step`` here, its notebook, and its rooms in ``kamplay.method`` and
``kamplay.show``.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar, cast

from kamplay import digests, run_folder
from kamplay.book import Book
from kamplay.engagement import SETTINGS_FILE, Capacity, Engagement, load
from kamplay.errors import Fault, KamplayError, nearest
from kamplay.intake.prepare import Intake, survey, to_book
from kamplay.method.check.step import Check
from kamplay.method.check.step import check_data as _check_data
from kamplay.method.health.step import Health
from kamplay.method.health.step import health_model as _health_model
from kamplay.method.measures.business import business
from kamplay.method.measures.hierarchy import customers
from kamplay.method.plan.capacity import Person, Team
from kamplay.method.plan.since_last_run import Earlier
from kamplay.method.plan.step import Plan
from kamplay.method.plan.step import plan_strategies as _plan_strategies
from kamplay.method.plan.working_days import holidays_after, working_days
from kamplay.method.profile.people import homes
from kamplay.method.profile.step import Profiles
from kamplay.method.profile.step import profiles as _profiles
from kamplay.method.results import StepResult
from kamplay.method.tiers.step import Tiers
from kamplay.method.tiers.step import define_tiers as _define_tiers
from kamplay.method.tiers.weights import matrix_of
from kamplay.method.value.contracts import AHEAD, Letters
from kamplay.method.value.step import Value
from kamplay.method.value.step import pareto_value as _pareto_value
from kamplay.output_place import is_being_built
from kamplay.presets import (
    Outline,
    Scorecard,
    load_capabilities,
    load_health,
    load_outline,
    load_scorecard,
    load_strategy,
)
from kamplay.run_folder import LOGO_KINDS, WORK, Policies, Result, Run
from kamplay.settings_file import read_bytes, read_text, with_lines
from kamplay.show.display import Display
from kamplay.show.locale import N_
from kamplay.show.profile.account_plan import plan_display
from kamplay.show.view import current, use, view_of

PresetSetting = str | dict[str, Any]  # a preset's name, or its base with the parts to change
Policy = TypeVar("Policy")


def open(folder: str | Path, language: str = "zh", edition: str = "client") -> Run:
    """Open an engagement folder (read and checked into a scratch run) or a run folder, and set the page's
    language.

    Raises
    ------
    KamplayError
        The folder is neither, the language is not zh or en, or the client's data cannot be used.
    """
    _check_allowed("language", language, ("zh", "en"))
    _check_allowed("edition", edition, ("client", "internal", "customer"))
    path = Path(folder).resolve()
    if (path / SETTINGS_FILE).exists():
        path = _scratch_run(path, _engagement_stamp(path))
    if not (path / WORK / "settings.json").exists():
        raise KamplayError(Fault("folder_missing", file=str(folder)))
    run = replace(_load(path, digests.stamp(path / WORK)), language=language, edition=edition)
    one_by_one = business(run.book) != "consumers"
    view = view_of(run.settings, run.language, run.book, one_by_one)
    use(replace(view, in_report=run_folder.load_outline(run.folder).charts()))
    return run


def check_data(run: Run) -> Check:
    """Step 0: what was read, whether it reconciles, what it can carry."""
    return _asked(run, Check)


def define_tiers(run: Run) -> Tiers:
    """Step 1: tiers by the engagement's scorecard, how firm each is, and who moved since the earlier run."""
    return _asked(run, Tiers)


def pareto_value(run: Run) -> Value:
    """Step 2: concentration, movement, exposure, funnel, and the target."""
    return _asked(run, Value)


def health_model(run: Run) -> Health:
    """Step 3: health by the engagement's card, early warnings, the proven chance of stopping, whom to see
    first.
    """
    return _asked(run, Health)


def plan_strategies(run: Run) -> Plan:
    """Step 4: strategies, visits and next actions from the three steps before."""
    return _asked(run, Plan)


def profiles(run: Run, wanted: Sequence[str] | None = None) -> Profiles:
    """The profiles of all units, from the five steps' results; computed once, whoever asks.

    ``wanted``: units of which a profile is needed; of the others there may be facts alone.
    """
    if wanted is None:
        return computed(run, Profiles)
    digest = step_digest(run, Profiles)
    found = _kept(run, Profiles, digest)
    if found is None:
        digest = digests.of_value([digest, list(wanted)])
        found = cast(Profiles | None, _results.get(digest))
    if found is None:
        before = [result(run, earlier) for earlier in PROFILES.before]
        found = cast(
            Profiles, PROFILES.compute(_book_of(run, before), *before, **PROFILES.given(run), wanted=wanted)
        )
    _remember(digest, found)
    return found


def account_plan(run: Run, account: str) -> Display:
    """The plan of one unit as the run's edition has it: ``customer`` is for the account itself, any other for
    us.

    Raises
    ------
    KamplayError
        No such account.
    """
    found = profiles(run)
    try:
        profile = found.of(account)
    except KeyError:
        near = nearest(account, found.accounts.index) or ""
        raise KamplayError(Fault("plan_account_unknown", value=account, args={"near": near})) from None
    return plan_display(profile, run.edition)


@dataclass(frozen=True)
class Step:
    """One step of the playbook.

    Attributes
    ----------
    notebook : its file in ``notebooks/`` without the ending; "" for what is kept beside the five steps.
    result : the class of what it finds.
    before : the steps whose results it builds on.
    given : what it takes of a run besides the Book, by name: all that its result depends on.
    compute : makes the result of the Book, the results of ``before``, and what is ``given`` by name.
    """

    notebook: str
    result: type[StepResult]
    before: tuple[type[StepResult], ...]
    given: Callable[[Run], dict[str, Any]]
    compute: Callable[..., StepResult]

    @property
    def key(self) -> str:
        """Names the step's part of key_figures.json and its rooms in ``kamplay.method`` and
        ``kamplay.show``."""
        return self.result.step


def team_of(capacity: Capacity) -> Team:
    """The team as the settings state it."""
    own = {"hours_per_visit", "travel_hours", "visits_per_day"}
    whole = capacity.model_dump(include=own)
    people = {
        name: Person(**{**whole, **stated.model_dump(exclude_none=True)})
        for name, stated in capacity.people.items()
    }
    return Team(capacity.visits_per_month, people)


def _letters(run: Run) -> Letters | None:
    """When letters about renewals go out; None without contracts."""
    if not run.book.has("contracts"):
        return None
    last = run.plan_day + timedelta(days=31 * (AHEAD + 1))
    days = working_days(run.settings.holiday_country, run.plan_day, last)
    return Letters(days, run.strategy.assumed_notice_days)


STEPS: dict[str, Step] = {
    step.key: step
    for step in (
        Step(
            "0_check_data",
            Check,
            (),
            lambda run: {
                "control_total": run.settings.control_total,
                "horizon": run.settings.health.horizon_days,
            },
            lambda book, control_total, horizon: _check_data(book, control_total, horizon),
        ),
        Step(
            "1_define_tiers",
            Tiers,
            (),
            lambda run: {"card": run.scorecard, "earlier": run.before},
            lambda book, card, earlier: _define_tiers(book, card, earlier),
        ),
        Step(
            "2_pareto_value",
            Value,
            (Tiers,),
            lambda run: {
                "costs": run.settings.cost_to_serve.known(),
                "earlier": run.before,
                "target": run.settings.target,
                # of a day of its own only where contracts or the end of a target make it matter
                "day": run.plan_day if run.book.has("contracts") or run.settings.target else None,
                "letters": _letters(run),
                "off": holidays_after(run.settings.holiday_country, run.plan_day)
                if run.book.has("contracts")
                else (),
            },
            lambda book, tiers, costs, earlier, target, day, letters, off: _pareto_value(
                book,
                costs,
                earlier.accounts["tier"] if earlier else None,
                target,
                tiers.units["level"],
                tiers.units["gate"],
                day,
                letters,
                off,
            ),
        ),
        Step(
            "3_health_model",
            Health,
            (Tiers, Value),
            lambda run: {
                "horizon": run.settings.health.horizon_days,
                "card": run.health_card,
                "visits": team_of(run.settings.capacity).visits,
                "earlier": run.before_health,
                "target": run.settings.target,
            },
            lambda book, tiers, value, horizon, card, visits, earlier, target: _health_model(
                book, horizon, card, tiers.units["level"], visits, earlier, value, target
            ),
        ),
        Step(
            "4_plan_strategies",
            Plan,
            (Tiers, Value, Health),
            lambda run: {
                "strategy": run.strategy,
                "team": team_of(run.settings.capacity),
                "issued": run.issued,
                "country": run.settings.holiday_country,
                "visit_cost": run.settings.cost_to_serve.visits,
                "frames": run.capabilities,
                "earlier": Earlier(run.before, run.before_health, run.before_plan),
            },
            lambda book, tiers, value, health, **given: _plan_strategies(
                book, tiers=tiers, value=value, health=health, **given
            ),
        ),
    )
}
NOTEBOOKS = tuple(step.notebook for step in STEPS.values())
PROFILES = Step(  # no step of the report: kept beside them
    "", Profiles, (Tiers, Value, Health, Plan), lambda run: {"home": homes(run.book)}, _profiles
)
_KEPT = {**STEPS, PROFILES.key: PROFILES}  # all that is computed once and kept
_REMEMBERED = 12  # results kept in memory: two runs and a little
_results: dict[str, StepResult] = {}  # by what each depends on


def step_digest(run: Run, kind: type[StepResult], known: dict[str, str] | None = None) -> str:
    """What a step's result depends on: the Book, what is given to the step, the results that it builds on,
    and the code. ``known``: the digests of other steps that were made a moment ago.
    """
    step, known = _KEPT[kind.step], {} if known is None else known
    if step.key not in known:
        given = {k: run.earlier_digest if k.startswith("earlier") else v for k, v in step.given(run).items()}
        before = [_used_digest(run, earlier, known) for earlier in step.before]
        known[step.key] = digests.of_value([step.key, digests.of_code(), run.book_digest, given, before])
    return known[step.key]


def _used_digest(run: Run, kind: type[StepResult], known: dict[str, str]) -> str:
    """Of the result that later steps use: what it depends on, or its own bytes where it was saved with
    changes.
    """
    folder = run.step_folder(kind.step)
    own, saved = step_digest(run, kind, known), run_folder.saved_digest(folder)
    return digests.of_folder(folder) if saved == run_folder.CHANGED else own


def computed(run: Run, kind: type[Result]) -> Result:
    """A step's result: kept from before where nothing that it depends on has changed, else computed."""
    digest = step_digest(run, kind)
    found = _kept(run, kind, digest)
    if found is None:
        step = _KEPT[kind.step]
        before = [result(run, earlier) for earlier in step.before]
        found = cast(Result, step.compute(_book_of(run, before), *before, **step.given(run)))
    _remember(digest, found)
    return found


def _remember(digest: str, found: StepResult) -> None:
    _results.pop(digest, None)
    _results[digest] = found
    while len(_results) > _REMEMBERED:
        _results.pop(next(iter(_results)))


def _book_of(run: Run, before: list[StepResult]) -> Book:
    """What a step reads: the steps after step 1 take each group that it rates as one for one customer."""
    tiers = next((found for found in before if isinstance(found, Tiers)), None)
    return run.book if tiers is None else customers(run.book, tiers.accounts["group"])


def _kept(run: Run, kind: type[Result], digest: str) -> Result | None:
    folder = run.step_folder(kind.step)
    if digest in _results:
        return cast(Result, _results[digest])
    return run_folder.load_result(kind, folder) if run_folder.saved_digest(folder) == digest else None


def _asked(run: Run, kind: type[Result]) -> Result:
    """A step that a notebook takes; in JupyterLab, not in a report, it says when nothing had to be
    computed."""
    kept = _kept(run, kind, step_digest(run, kind)) is not None
    found = computed(run, kind)
    if kept and not is_being_built(run.folder):
        said = N_("{step}: nothing it depends on has changed since it was computed.")
        print(current().locale.say(said, step=STEPS[kind.step].notebook))
    return found


def result(run: Run, kind: type[Result]) -> Result:
    """A step's result as saved in the run, perhaps with changes; else computed now, so that a notebook run
    alone has the ones before it.
    """
    folder = run.step_folder(kind.step)
    if run_folder.saved_digest(folder) == run_folder.CHANGED:
        saved = run_folder.load_result(kind, folder)
        if saved is not None:
            return saved
    return computed(run, kind)


def save(run: Run, result: StepResult) -> None:
    """Keep a step's result in the run, for the steps after it and for the report."""
    digest, folder = step_digest(run, type(result)), run.step_folder(result.step)
    unchanged = _results.get(digest) is result
    if unchanged and run_folder.saved_digest(folder) == digest:
        return
    run_folder.save_result(result, folder, digest if unchanged else run_folder.CHANGED)


def _check_allowed(setting: str, value: str, values: tuple[str, ...]) -> None:
    if value not in values:
        raise KamplayError(
            Fault("setting_not_allowed", column=setting, value=value, args={"allowed": ", ".join(values)})
        )


@lru_cache(maxsize=2)
def _load(folder: Path, stamp: str) -> Run:
    """Notebooks in one process read the same run: its tables are read once."""
    return run_folder.load(folder, "zh", "client")


@lru_cache(maxsize=4)
def _scratch_run(engagement_folder: Path, stamp: str) -> Path:
    """A run of an engagement folder in a temporary place, gone when the process ends."""
    engagement = load(engagement_folder)
    book = to_book(engagement, examine(engagement))
    folder = Path(tempfile.mkdtemp(prefix="kamplay-"))
    atexit.register(_remove_scratch, folder, os.getpid())
    create(engagement, book, folder / "run")
    return folder / "run"


def _remove_scratch(folder: Path, maker: int) -> None:
    if os.getpid() == maker:
        shutil.rmtree(folder, ignore_errors=True)


def _engagement_stamp(folder: Path) -> str:
    """Differs when a file of an engagement does; on every call where its data are in a database."""
    sources = load(folder).settings.sources.values()
    live = str(time.monotonic_ns()) if any(source.url for source in sources) else ""
    return digests.stamp(folder) + live


def examine(engagement: Engagement) -> Intake:
    """Policies and data together: what ``kamplay check`` tells and ``kamplay run`` goes by, so that both say
    the same of a folder.

    Raises
    ------
    KamplayError
        For what is wrong with a policy, the logo or a note; what is wrong with the data is in the Intake.
    """
    resolve_policies(engagement)
    return survey(engagement)


def create(engagement: Engagement, book: Book, folder: Path) -> None:
    """Lay out a run of an engagement in ``folder``, with the policies that its settings name."""
    run_folder.create(engagement, book, resolve_policies(engagement), folder)


def resolve_policies(engagement: Engagement) -> Policies:
    """Load the scorecard, strategy, health card, capabilities and outline that the settings name; check the
    logo and
    the notes.

    Raises
    ------
    KamplayError
        With every fault of them.
    """
    settings, folder = engagement.settings, engagement.folder
    scorecard, faults = _loaded_or_faults(load_scorecard, settings.scorecard, folder)
    if scorecard:
        faults += _judgement_faults(scorecard)
    strategy, strategy_faults = _loaded_or_faults(load_strategy, settings.strategy, folder)
    health_card, card_faults = _loaded_or_faults(load_health, settings.health.card, folder)
    outline, outline_faults = _loaded_or_faults(load_outline, settings.outline, folder)
    if outline:
        outline_faults = names_not_known(outline)
    frames, frame_faults = _loaded_or_faults(load_capabilities, settings.capabilities, folder)
    faults += [*strategy_faults, *card_faults, *frame_faults, *outline_faults]
    faults += [*_logo_faults(engagement), *note_faults(engagement.folder)]
    if not (scorecard and strategy and health_card and frames and outline) or faults:
        raise KamplayError(with_lines(faults, folder))
    return Policies(scorecard, strategy, health_card, frames, outline)


def names_not_known(outline: Outline) -> list[Fault]:
    """Findings, topics and displays that an outline names and nothing shows, each with the nearest name."""
    from kamplay.show import registry
    from kamplay.show.summary import beside_others

    displays = {f"charts.{name}" for name in registry.charts} | {f"tables.{name}" for name in registry.tables}
    displays |= {beside_others.NAME}
    known = ((outline.kinds(), registry.specs()), (outline.topics(), registry.topics()))
    return [
        Fault(
            "outline_unknown",
            file=SETTINGS_FILE,
            column=f"outline.{at}",
            value=name,
            args={"near": nearest(name, names) or ""},
        )
        for named, names in (*known, (outline.exhibits(), displays))
        for name, at in named.items()
        if name not in names
    ]


def _loaded_or_faults(
    load_preset: Callable[[PresetSetting, Path], Policy], preset: PresetSetting, folder: Path
) -> tuple[Policy | None, list[Fault]]:
    try:
        return load_preset(preset, folder), []
    except KamplayError as error:
        return None, error.faults


def _judgement_faults(card: Scorecard) -> list[Fault]:
    """What is wrong with the pairwise judgements, rater by rater."""
    faults = []
    for rater, pairs in card.judgements.items():
        try:
            matrix_of(pairs, list(card.criteria))
        except ValueError as error:
            code, *figures = error.args
            column = f"scorecard.judgements.{rater}"
            faults.append(
                Fault(code, file=SETTINGS_FILE, column=column, args=dict(figures[0]) if figures else {})
            )
    return faults


def _logo_faults(engagement: Engagement) -> list[Fault]:
    logo = engagement.settings.brand.logo
    if not logo:
        return []
    if Path(logo).suffix.lower() not in LOGO_KINDS:
        return [Fault("logo_kind", file=logo, args={"kinds": ", ".join(LOGO_KINDS)})]
    return _unreadable(engagement.folder / logo, logo, read_bytes)


def note_faults(folder: Path) -> list[Fault]:
    """A note is named for the notebook that it comments on, for the internal edition or both, with a language
    or without, and is a text.
    """
    allowed = {
        f"{notebook}{internal}{language}.md"
        for notebook in NOTEBOOKS
        for internal in ("", ".internal")
        for language in ("", ".zh", ".en")
    }
    names = ", ".join(f"{notebook}.md" for notebook in NOTEBOOKS)
    faults: list[Fault] = []
    try:
        notes = sorted((folder / "notes").glob("*"))
    except OSError as error:  # the folder itself may not be read
        return [Fault("file_not_read", file="notes/", args={"detail": error.strerror or ""})]
    for note in notes:
        shown = f"notes/{note.name}"
        if note.name.startswith("."):
            continue
        if note.name in allowed:
            faults += _unreadable(note, shown, read_text)
        elif note.is_file():
            args = {"near": nearest(note.name, allowed) or "", "names": names}
            faults.append(Fault("note_unknown", file=shown, args=args))
    return faults


def _unreadable(path: Path, shown: str, read: Callable[[Path, str], object]) -> list[Fault]:
    try:
        read(path, shown)
    except KamplayError as error:
        return error.faults
    return []
