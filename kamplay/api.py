"""What a notebook calls: open a run, take the five steps, save each result; and the register of the steps.

To add a step, write one ``Step`` here, its notebook, and its rooms in ``kamplay.method`` and
``kamplay.show``.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar, cast

from kamplay import run_folder
from kamplay.book import Book
from kamplay.engagement import SETTINGS_FILE, Engagement, load
from kamplay.errors import Fault, KamplayError, nearest
from kamplay.intake.prepare import Intake, survey, to_book
from kamplay.method.check.step import Check
from kamplay.method.check.step import check_data as _check_data
from kamplay.method.health.step import Health
from kamplay.method.health.step import health_model as _health_model
from kamplay.method.plan.step import Plan
from kamplay.method.plan.step import plan_strategies as _plan_strategies
from kamplay.method.results import StepResult
from kamplay.method.tiers.step import Tiers
from kamplay.method.tiers.step import define_tiers as _define_tiers
from kamplay.method.tiers.weights import matrix_of
from kamplay.method.value.step import Value
from kamplay.method.value.step import pareto_value as _pareto_value
from kamplay.presets import Scorecard, load_health, load_scorecard, load_strategy
from kamplay.run_folder import LOGO_KINDS, WORK, Policies, Result, Run
from kamplay.settings_file import read_bytes, read_text
from kamplay.show.view import use, view_of

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
    _check_allowed("edition", edition, ("client", "internal"))
    path = Path(folder).resolve()
    if (path / SETTINGS_FILE).exists():
        path = _scratch_run(path)
    if not (path / WORK / "settings.json").exists():
        raise KamplayError(Fault("folder_missing", file=str(folder)))
    run = _load(path, language, edition)
    use(view_of(run.settings, run.language, run.book.names.to_dict()))
    return run


def check_data(run: Run) -> Check:
    """Step 0: what was read, whether it reconciles, what it can carry."""
    return _check_data(run.book, run.settings.control_total, run.settings.health.horizon_days)


def define_tiers(run: Run) -> Tiers:
    """Step 1: tiers by the engagement's scorecard, how firm each is, and who moved since the earlier run."""
    return _define_tiers(run.book, run.scorecard, run.before)


def pareto_value(run: Run) -> Value:
    """Step 2: concentration, movement, exposure, funnel, and the target."""
    rated = result(run, Tiers).accounts
    earlier_tiers = run.before.accounts["tier"] if run.before else None
    costs, target = run.settings.cost_to_serve.known(), run.settings.target
    return _pareto_value(run.book, costs, earlier_tiers, target, rated["level"], rated["gate"])


def health_model(run: Run) -> Health:
    """Step 3: health by the engagement's card, early warnings, the proven chance of stopping, whom to see
    first.
    """
    levels, value, settings = result(run, Tiers).accounts["level"], result(run, Value), run.settings
    return _health_model(
        run.book,
        settings.health.horizon_days,
        run.health_card,
        levels,
        settings.capacity.visits_per_month,
        run.before_health,
        value,
        settings.target,
    )


def plan_strategies(run: Run) -> Plan:
    """Step 4: strategies, visits and next actions from the three steps before."""
    tiers, value, health = result(run, Tiers), result(run, Value), result(run, Health)
    return _plan_strategies(
        run.book, run.strategy, tiers, value, health, run.settings.capacity.visits_per_month
    )


@dataclass(frozen=True)
class Step:
    """One step of the playbook.

    ``notebook`` is the file in ``notebooks/`` without its ending; ``compute`` makes the ``result`` from a
    run.
    """

    notebook: str
    compute: Callable[[Run], StepResult]
    result: type[StepResult]

    @property
    def key(self) -> str:
        """Names the step's part of key_figures.json and its rooms in ``kamplay.method`` and
        ``kamplay.show``."""
        return self.result.step

    def save(self, run: Run, result: StepResult) -> None:
        """Keep the result in the run, for the steps after it and for the report."""
        run_folder.save_result(result, run.step_folder(self.key))


STEPS: dict[str, Step] = {
    step.key: step
    for step in (
        Step("0_check_data", check_data, Check),
        Step("1_define_tiers", define_tiers, Tiers),
        Step("2_pareto_value", pareto_value, Value),
        Step("3_health_model", health_model, Health),
        Step("4_plan_strategies", plan_strategies, Plan),
    )
}
NOTEBOOKS = tuple(step.notebook for step in STEPS.values())


def result(run: Run, kind: type[Result]) -> Result:
    """A step's result: as saved in the run, else computed now, so that a notebook run alone has the ones
    before it.
    """
    saved = run_folder.load_result(kind, run.step_folder(kind.step))
    return cast(Result, STEPS[kind.step].compute(run)) if saved is None else saved


def save(run: Run, result: StepResult) -> None:
    """Keep a step's result in the run, for the steps after it and for the report."""
    STEPS[result.step].save(run, result)


def _check_allowed(setting: str, value: str, values: tuple[str, ...]) -> None:
    if value not in values:
        raise KamplayError(
            Fault("setting_not_allowed", column=setting, value=value, args={"allowed": ", ".join(values)})
        )


@lru_cache(maxsize=2)
def _load(folder: Path, language: str, edition: str) -> Run:
    """Five notebooks in one kernel read the same run: its tables are read once."""
    return run_folder.load(folder, language, edition)


@lru_cache(maxsize=4)
def _scratch_run(engagement_folder: Path) -> Path:
    """A run of an engagement folder in a temporary place, gone when the kernel ends."""
    engagement = load(engagement_folder)
    book = to_book(engagement, examine(engagement))
    folder = Path(tempfile.mkdtemp(prefix="kamplay-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    create(engagement, book, folder / "run")
    return folder / "run"


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
    """Load the scorecard, strategy and health card that the settings name; check the logo and the notes.

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
    faults += [*strategy_faults, *card_faults, *_logo_faults(engagement), *_note_faults(engagement)]
    if not (scorecard and strategy and health_card) or faults:
        raise KamplayError(faults)
    return Policies(scorecard, strategy, health_card)


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


def _note_faults(engagement: Engagement) -> list[Fault]:
    """A note is named for the notebook that it comments on, with a language or without, and is a text."""
    allowed = {f"{notebook}{language}.md" for notebook in NOTEBOOKS for language in ("", ".zh", ".en")}
    names = ", ".join(f"{notebook}.md" for notebook in NOTEBOOKS)
    faults: list[Fault] = []
    try:
        notes = sorted((engagement.folder / "notes").glob("*"))
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
