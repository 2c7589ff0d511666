"""What a notebook calls: open a run, take the five steps, save each result."""

from __future__ import annotations

import atexit
import json
import shutil
import tempfile
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from kamplay import book as books
from kamplay import earlier as earlier_run
from kamplay import presets, store
from kamplay.book import Book
from kamplay.engagement import SETTINGS_FILE, Engagement, Settings, load
from kamplay.errors import Fault, KamplayError, nearest
from kamplay.method.coverage import Check
from kamplay.method.coverage import check_data as _check_data
from kamplay.method.future import counted
from kamplay.method.health import Ahead, Health
from kamplay.method.health import health_model as _health_model
from kamplay.method.health_movement import EarlierScore
from kamplay.method.migration import Earlier
from kamplay.method.results import StepResult
from kamplay.method.strategy import Plan
from kamplay.method.strategy import plan_strategies as _plan_strategies
from kamplay.method.tiers import Tiers
from kamplay.method.tiers import define_tiers as _define_tiers
from kamplay.method.value import Value
from kamplay.method.value import pareto_value as _pareto_value
from kamplay.method.weights import matrix_of
from kamplay.presets import HealthCard, Scorecard, Strategy

WORK = "work"  # inside a run folder: the Book, the settings and the steps' results
STEPS: dict[str, str] = {
    "check": "0_check_data",
    "tiers": "1_define_tiers",
    "value": "2_pareto_value",
    "health": "3_health_model",
    "plan": "4_plan_strategies",
}
LOGO_KINDS = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".svg": "image/svg+xml"}
KINDS: dict[str, type[StepResult]] = {"check": Check, "tiers": Tiers, "value": Value, "health": Health, "plan": Plan}
Result = TypeVar("Result", bound=StepResult)


@dataclass(frozen=True)
class Run:
    """An opened run: the client's Book, the settings, and the policies that the steps follow.

    ``before``: step 1 of the earlier run that this one is compared with, as kept in this run; None without one. ``before_health``: its
    step 3; None also where that run was made before health was scored by a card.
    """

    folder: Path
    language: str
    edition: str
    book: Book
    settings: Settings
    scorecard: Scorecard
    strategy: Strategy
    before: Earlier | None = None
    health_card: HealthCard = field(default_factory=lambda: presets.load_health("standard", Path()))
    before_health: EarlierScore | None = None

    def __repr__(self) -> str:
        return f"Run({self.settings.client!r}, as of {self.book.as_of}, {self.language})"

    def step_folder(self, step: str) -> Path:
        return self.folder / WORK / "steps" / self.language / step

    def earlier(self, step: str) -> Any:
        """An earlier step's result: as saved in this run, else computed now."""
        folder = self.step_folder(step)
        if (folder / "result.json").exists():
            return store.load(KINDS[step], folder)
        return TAKE[step](self)


def open(folder: str | Path, language: str = "zh", edition: str = "client") -> Run:
    """Open an engagement folder (read and checked into a scratch run) or the folder of a finished run. Sets the page's language."""
    if language not in ("zh", "en"):
        raise KamplayError(Fault("setting_not_allowed", column="language", value=language, args={"allowed": "zh, en"}))
    if edition not in ("client", "internal"):
        raise KamplayError(Fault("setting_not_allowed", column="edition", value=edition, args={"allowed": "client, internal"}))
    path = Path(folder).resolve()
    if (path / SETTINGS_FILE).exists():
        path = _scratch(path)
    if not (path / WORK / "settings.json").exists():
        raise KamplayError(Fault("folder_missing", file=str(folder)))
    run = _loaded(path, language, edition)
    _set_view(run)
    return run


def resolve_policies(engagement: Engagement) -> tuple[Scorecard, Strategy, HealthCard]:
    """What the settings name besides data: scorecard, strategy, health card, logo, notes. Raises KamplayError with every fault of them."""
    settings, faults = engagement.settings, []
    found: list[Any] = []
    loads: tuple[tuple[Any, Any], ...] = (
        (presets.load_scorecard, settings.scorecard),
        (presets.load_strategy, settings.strategy),
        (presets.load_health, settings.health.card),
    )
    for load_, name in loads:
        try:
            found.append(load_(name, engagement.folder))
            faults += _judged(found[0]) if load_ is presets.load_scorecard else []
        except KamplayError as error:
            faults += error.faults
    if settings.brand.logo:
        logo = engagement.folder / settings.brand.logo
        if logo.suffix.lower() not in LOGO_KINDS:
            faults.append(Fault("logo_kind", file=settings.brand.logo, args={"kinds": ", ".join(LOGO_KINDS)}))
        elif not logo.is_file():
            faults.append(Fault("file_missing", file=settings.brand.logo))
    names = {f"{step}{language}.md" for step in STEPS.values() for language in ("", ".zh", ".en")}
    for note in sorted((engagement.folder / "notes").glob("*")):
        if note.is_file() and not note.name.startswith(".") and note.name not in names:
            faults.append(
                Fault(
                    "note_unknown",
                    file=f"notes/{note.name}",
                    args={"near": nearest(note.name, names) or "", "names": ", ".join(f"{s}.md" for s in STEPS.values())},
                )
            )
    if faults:
        raise KamplayError(faults)
    return found[0], found[1], found[2]


def _judged(card: Scorecard) -> list[Fault]:
    """What is wrong with the pairwise judgements, rater by rater."""
    faults = []
    for rater, pairs in card.judgements.items():
        try:
            matrix_of(pairs, list(card.criteria))
        except ValueError as error:
            code, *rest = error.args
            faults.append(Fault(code, file="engagement.yaml", column=f"scorecard.judgements.{rater}", args=dict(rest[0]) if rest else {}))
    return faults


def create(engagement: Engagement, book: Book, folder: Path) -> None:
    """Lay out a run in ``folder``: the Book, the settings and the policies as resolved, the consultant's notes."""
    work = folder / WORK
    work.mkdir(parents=True)
    settings = engagement.settings.model_copy(update={"as_of": book.as_of})
    card, strategy, health = resolve_policies(engagement)
    books.save(book, work / "book")
    store.write_json(work / "settings.json", settings.model_dump(mode="json"))
    store.write_json(work / "scorecard.json", card.model_dump(mode="json", by_alias=True))
    store.write_json(work / "strategy.json", strategy.model_dump(mode="json"))
    store.write_json(work / "health_card.json", health.model_dump(mode="json", by_alias=True))
    if settings.brand.logo:
        logo = engagement.folder / settings.brand.logo
        shutil.copyfile(logo, work / f"logo{logo.suffix.lower()}")
    notes = engagement.folder / "notes"
    if notes.is_dir():
        (folder / "notes").mkdir()
        for note in sorted(notes.glob("*.md")):
            shutil.copyfile(note, folder / "notes" / note.name)


def check_data(run: Run) -> Check:
    """Step 0: what was read, whether it reconciles, what it can carry."""
    return _check_data(run.book, run.settings.control_total, run.settings.health.horizon_days)


def define_tiers(run: Run) -> Tiers:
    """Step 1: tiers by the engagement's scorecard, with how firm each is and who moved since the earlier run."""
    return _define_tiers(run.book, run.scorecard, run.before)


def pareto_value(run: Run) -> Value:
    """Step 2: concentration, movement, exposure, funnel, and the target."""
    tiers = run.before.accounts["tier"] if run.before else run.earlier("tiers").accounts["tier"]  # the earlier run's say who was key then
    rated = run.earlier("tiers").accounts
    return _pareto_value(run.book, run.settings.cost_to_serve.known(), tiers, run.settings.target, rated["level"], rated["gate"])


def health_model(run: Run) -> Health:
    """Step 3: health by the engagement's card, early warnings, the chance of stopping with its proof, and whom to see first."""
    levels, value = run.earlier("tiers").accounts["level"], run.earlier("value")
    settings = run.settings
    total = value.outlook.loc[value.outlook["part"] == "total", "counted"]
    expected = counted(value.future)["revenue_12m"]
    ahead = Ahead(expected, float(total.iloc[0]) if len(total) else None, settings.target)
    return _health_model(
        run.book, settings.health.horizon_days, run.health_card, levels, settings.capacity.visits_per_month, run.before_health, ahead
    )


def plan_strategies(run: Run) -> Plan:
    """Step 4: strategies, visits and next actions from the three steps before."""
    earlier = (run.earlier("tiers"), run.earlier("value"), run.earlier("health"))
    return _plan_strategies(run.book, run.strategy, *earlier, run.settings.capacity.visits_per_month)


TAKE: dict[str, Any] = {"check": check_data, "tiers": define_tiers, "value": pareto_value, "health": health_model, "plan": plan_strategies}


def save(run: Run, result: StepResult) -> None:
    """Keep a step's result in the run, for the steps after it and for the report."""
    store.save(result, run.step_folder(result.step))


@lru_cache(maxsize=2)
def _loaded(folder: Path, language: str, edition: str) -> Run:
    """Five notebooks in one kernel read the same run: its tables are read once."""
    work = folder / WORK
    raw = {name: json.loads((work / f"{name}.json").read_text(encoding="utf-8")) for name in ("settings", "scorecard", "strategy")}
    settings = Settings.model_validate(raw["settings"])
    return Run(
        folder,
        language,
        edition,
        books.load(work / "book"),
        settings,
        Scorecard.model_validate(raw["scorecard"]),
        Strategy.model_validate(raw["strategy"]),
        earlier_run.load(work),
        _health_card(work),
        earlier_run.load_health(work),
    )


def _health_card(work: Path) -> HealthCard:
    """The run's own card; the standard one for a run that was made before there were any."""
    file = work / "health_card.json"
    return HealthCard.model_validate_json(file.read_bytes()) if file.is_file() else presets.load_health("standard", Path())


@lru_cache(maxsize=4)
def _scratch(engagement_folder: Path) -> Path:
    """A run of an engagement folder in a temporary place, gone when the kernel ends."""
    from kamplay.intake.prepare import prepare

    engagement = load(engagement_folder)
    folder = Path(tempfile.mkdtemp(prefix="kamplay-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    create(engagement, prepare(engagement), folder / "run")
    return folder / "run"


def _set_view(run: Run) -> None:
    from kamplay.show.view import use, view_of

    use(view_of(run.settings, run.language, run.book.names.to_dict()))
