"""A run on disk: the client's data and policies that it was made with, the results of its steps, and the
earlier run that it is compared with.

    work/book, settings.json, logo.*, and a .json for each of the policies              written by ``create``
    work/steps/<step>/                                                                  by ``save_result``
    work/earlier/                                                    by ``compare_with_earlier``
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields, is_dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple, TypeVar, get_args, get_type_hints

import pandas as pd

from kamplay import book as books
from kamplay import digests, presets
from kamplay.book import Book
from kamplay.engagement import Engagement, Settings
from kamplay.errors import Fault
from kamplay.json_files import write_json
from kamplay.method.health.score_attribution import KEPT, KEPT_PARTS, EarlierScore
from kamplay.method.plan.actions_done import KEPT_ACTIONS, EarlierPlan
from kamplay.method.plan.working_days import plan_day
from kamplay.method.results import Finding, StepResult, figure
from kamplay.method.tiers.migration import EarlierTiers, with_settled_weights
from kamplay.presets import CapabilityFrames, HealthCard, Outline, Scorecard, Strategy

WORK = "work"  # inside a run folder
ISSUED = "issued.json"  # in WORK: the day on which the run was made
GUESSED = "guessed.json"  # in WORK: the settings that were guessed and not confirmed, with their values
EARLIER = "earlier"  # in WORK: what is kept of the earlier run
# tables of step 3 that are kept of the earlier run: the file of each, and its name in the first RESULT_FORMAT
HEALTH_FILES = {
    "accounts": ("score.accounts.parquet", "score_accounts.parquet"),
    "parts": ("score.parts.parquet", "score_parts.parquet"),
    "warnings": ("early_warning.warnings.parquet", "warnings.parquet"),
}
TIER_COLUMNS = ["tier", "level", "tier_score", "gate", "override"]  # of step 1, kept of the earlier run
RESULT_FORMAT = 5  # raised when a step's result changes its parts or columns: saved ones are then not read
LOGO_KINDS = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".svg": "image/svg+xml"}
Result = TypeVar("Result", bound=StepResult)
Parsed = TypeVar("Parsed")


class Policies(NamedTuple):
    """What the steps and the report follow, as the settings name it."""

    scorecard: Scorecard
    strategy: Strategy
    health_card: HealthCard
    capabilities: CapabilityFrames
    outline: Outline


@dataclass(frozen=True)
class Run:
    """An opened run: the client's Book, the settings, and the policies that the steps follow.

    ``before``, ``before_health`` and ``before_plan`` are steps 1, 3 and 4 of the earlier run, where there is
    one; step 3 also None where that run had no health card, step 4 where it planned no actions of today's
    form.
    """

    folder: Path
    language: str
    edition: str
    book: Book
    settings: Settings
    scorecard: Scorecard
    strategy: Strategy
    health_card: HealthCard
    capabilities: CapabilityFrames
    before: EarlierTiers | None = None
    before_health: EarlierScore | None = None
    before_plan: EarlierPlan | None = None
    book_digest: str = ""  # of the Book's files
    earlier_digest: str = ""  # of what is kept of the earlier run
    issued: date = field(default_factory=lambda: datetime.now().date())

    def __repr__(self) -> str:
        return f"Run({self.settings.client!r}, as of {self.book.as_of}, {self.language})"

    @property
    def plan_day(self) -> date:
        """The day from which all that is to be done is dated."""
        return plan_day(self.book.as_of, self.issued)

    def step_folder(self, step: str) -> Path:
        """Where a step's result is saved."""
        return self.folder / WORK / "steps" / step


def create(
    engagement: Engagement, book: Book, policies: Policies, folder: Path, book_at: Path | None = None
) -> None:
    """Lay out a run in ``folder``: the Book (copied from ``book_at``, where it stands already), the settings,
    the policies, the logo, the consultant's notes.
    """
    work = folder / WORK
    work.mkdir(parents=True)
    settings = engagement.settings.model_copy(update={"as_of": book.as_of})
    if book_at:
        shutil.copytree(book_at, work / "book")
    else:
        books.save(book, work / "book")
    write_json(work / "settings.json", settings.model_dump(mode="json"))
    for name, policy in policies._asdict().items():
        write_json(work / f"{name}.json", policy.model_dump(mode="json", by_alias=True))
    if settings.brand.logo:
        logo = engagement.folder / settings.brand.logo
        shutil.copyfile(logo, work / f"logo{logo.suffix.lower()}")
    notes = engagement.folder / "notes"
    if notes.is_dir():
        (folder / "notes").mkdir()
        for note in sorted(notes.glob("*.md")):
            shutil.copyfile(note, folder / "notes" / note.name)


def load(folder: Path, language: str, edition: str) -> Run:
    """The run that ``create`` laid out; one without a health card or capabilities has the standard ones."""
    work = folder / WORK
    card, frames = work / "health_card.json", work / "capabilities.json"
    return Run(
        folder,
        language,
        edition,
        books.load(work / "book"),
        load_settings(folder),
        Scorecard.model_validate_json((work / "scorecard.json").read_bytes()),
        Strategy.model_validate_json((work / "strategy.json").read_bytes()),
        HealthCard.model_validate_json(card.read_bytes())
        if card.is_file()
        else presets.load_health("standard", Path()),
        CapabilityFrames.model_validate_json(frames.read_bytes())
        if frames.is_file()
        else presets.load_capabilities("kam_capabilities", Path()),
        load_earlier(work),
        load_earlier_health(work),
        load_earlier_plan(work),
        digests.of_folder(work / "book"),
        digests.of_folder(work / EARLIER),
        issued(folder) or datetime.now().date(),
    )


def load_outline(folder: Path) -> Outline:
    """The outline of a run's report; that of a run made before there were outlines is the standard one."""
    file = folder / WORK / "outline.json"
    if file.is_file():
        return Outline.model_validate_json(file.read_bytes())
    return presets.load_outline("argument", Path())


def issued(folder: Path) -> date | None:
    """The day on which a run was made, so that taking it up again does not make it newer; None for one that
    was not told.
    """
    file = folder / WORK / ISSUED
    if not file.is_file():
        return None
    return date.fromisoformat(json.loads(file.read_text(encoding="utf-8"))["date"])


def guessed(folder: Path) -> dict[str, str]:
    """The settings of a run that were guessed and not confirmed, with their values."""
    file = folder / WORK / GUESSED
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}


def load_settings(folder: Path) -> Settings:
    """The settings of a run, its reporting date filled in."""
    return Settings.model_validate_json((folder / WORK / "settings.json").read_bytes())


# --- results of the steps


CHANGED = "changed"  # the digest of a result that was saved with changes of the consultant's


def save_result(result: StepResult, folder: Path, digest: str) -> None:
    """Write ``result`` into ``folder``: a parquet file per table (``<field>`` or ``<part>.<field>``), the
    rest in result.json, with ``digest``, what it depends on.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    parts = {}
    for field_ in fields(result):
        value = getattr(result, field_.name)
        if isinstance(value, pd.DataFrame):
            value.to_parquet(folder / f"{field_.name}.parquet")
        elif is_dataclass(value):
            parts[field_.name] = _save_part(value, folder, field_.name)
    about = {"key_figures": result.key_figures, "findings": [asdict(f) for f in result.findings]}
    whole = {"format": RESULT_FORMAT, "digest": digest, **about, "parts": parts}
    write_json(folder / "result.json", whole)


def saved_digest(folder: Path) -> str | None:
    """What the result saved in ``folder`` depends on; None without one."""
    try:
        with (folder / "result.json").open(encoding="utf-8") as file:
            head = file.read(400)
    except OSError:
        return None
    found = re.search(r'"digest": "(\w*)"', head)
    return found[1] if found else None


def _save_part(part: Any, folder: Path, name: str) -> dict[str, Any]:
    """Writes a part's tables; returns its other fields, parts of its own among them, as JSON has them."""
    rest: dict[str, Any] = {}
    for field_ in fields(part):
        value, inner = getattr(part, field_.name), f"{name}.{field_.name}"
        if isinstance(value, pd.DataFrame | pd.Series):
            table = value.to_frame("value") if isinstance(value, pd.Series) else value
            table.to_parquet(folder / f"{inner}.parquet")
        else:
            rest[field_.name] = _save_part(value, folder, inner) if is_dataclass(value) else _plain(value)
    return rest


def _plain(value: Any) -> Any:
    """Numbers and lists as JSON has them; what is not finite becomes null."""
    if isinstance(value, dict):
        return {name: _plain(own) for name, own in value.items()}
    return [_plain(own) for own in value] if isinstance(value, list | tuple) else figure(value)


def load_result(kind: type[Result], folder: Path) -> Result | None:
    """The result that ``save_result`` wrote; None where there is none, or one of another RESULT_FORMAT."""
    file = folder / "result.json"
    about = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    if about.get("format") != RESULT_FORMAT:
        return None
    hints = get_type_hints(kind)
    tables = {f.stem: books.read_table(f) for f in sorted(folder.glob("*.parquet")) if "." not in f.stem}
    parts = {name: _load_part(hints[name], rest, folder, name) for name, rest in about["parts"].items()}
    findings = tuple(_finding(f) for f in about["findings"])
    return kind(key_figures=about["key_figures"], findings=findings, **tables, **parts)


def _load_part(hint: Any, rest: dict[str, Any], folder: Path, name: str) -> Any:
    """The part that ``_save_part`` wrote; ``hint`` is its class, or that or None."""
    kind = _class_of(hint)
    hints, values = get_type_hints(kind), {}
    for field_ in fields(kind):
        inner, value = f"{name}.{field_.name}", rest.get(field_.name)
        if (folder / f"{inner}.parquet").is_file():
            table = books.read_table(folder / f"{inner}.parquet")
            value = table["value"] if hints[field_.name] is pd.Series else table
        elif isinstance(value, dict) and is_dataclass(_class_of(hints[field_.name])):
            value = _load_part(hints[field_.name], value, folder, inner)
        elif isinstance(value, list):  # JSON knows lists only; a part's own sequences are tuples
            value = tuple(value)
        values[field_.name] = value
    return kind(**values)


def _class_of(hint: Any) -> Any:
    """The class of a part, also where it may be missing (``Part | None``)."""
    return next((kind for kind in get_args(hint) if is_dataclass(kind)), hint)


# --- the earlier run


@dataclass(frozen=True)
class Compared:
    """With which run a run is compared (None: with none), the hashes of what was read of it, and why it could
    not serve.
    """

    as_of: date | None = None
    inputs: tuple[dict[str, str], ...] = ()
    fault: Fault | None = None
    detail: str | None = None

    def manifest(self) -> dict[str, Any]:
        """What the manifest records: compared_with (ISO date or null), compared_inputs, not_compared (null,
        or file, code and detail).
        """
        fault = self.fault
        return {
            "compared_with": self.as_of.isoformat() if self.as_of else None,
            "compared_inputs": list(self.inputs),
            "not_compared": {"file": fault.file, "code": fault.code, "detail": self.detail}
            if fault
            else None,
        }


def compare_with_earlier(client_folder: Path, client: str, as_of: date, work: Path) -> Compared:
    """Keep in ``work`` what the steps need of the latest finished run of ``client`` before ``as_of``.

    ``client_folder`` holds one folder per date. Where the latest run is damaged, older than this scorecard's
    form, or another client's, there is no comparison, and the fault says so: an older run is not taken in its
    place unasked. A run made before health was scored by a card is compared in step 1 alone; of one whose
    plan has another form, what became of its actions is not asked.
    """
    found = latest_run(client_folder, as_of)
    if found is None:
        return Compared()
    reader = _EarlierRun(found)
    try:
        tiers, health, plan = reader.tiers(client), reader.health(), reader.plan()
    except _UnfitError as unfit:
        return Compared(fault=Fault(unfit.code, "warning", file=unfit.file), detail=unfit.detail)
    folder = work / EARLIER
    folder.mkdir()
    write_json(folder / "earlier.json", {"as_of": tiers.as_of.isoformat()})
    write_json(folder / "scorecard.json", tiers.card.model_dump(mode="json", by_alias=True))
    tiers.accounts.to_parquet(folder / "accounts.parquet")
    if health is not None:
        write_json(folder / "health_card.json", health.card.model_dump(mode="json", by_alias=True))
        health.accounts.to_parquet(folder / "health_accounts.parquet")
        health.parts.to_parquet(folder / "health_parts.parquet", index=False)
        if health.predictions is not None:
            health.predictions.to_parquet(folder / "health_told.parquet")
            seen_to = health.seen_to.isoformat() if health.seen_to else None
            write_json(folder / "health_about.json", {"horizon_days": health.horizon, "seen_to": seen_to})
    if plan is not None:
        plan.actions.to_parquet(folder / "plan_actions.parquet", index=False)
        plan.planned_before.to_parquet(folder / "plan_before.parquet", index=False)
        about = {
            "day": plan.day.isoformat(),
            "findings": [asdict(replace(f, others=())) for f in plan.findings],
            "gone": list(plan.gone),
            "revenue": plan.revenue,
        }
        write_json(folder / "plan_about.json", about)
    return Compared(tiers.as_of, tuple(reader.inputs))


def latest_manifest(client_folder: Path) -> Path | None:
    """The manifest of the run of a client that was made last; None without one."""
    try:
        made = [(p.stat().st_mtime_ns, p) for p in client_folder.glob("*/manifest.json")]
    except OSError:
        return None
    return max(made)[1] if made else None


def load_earlier(work: Path) -> EarlierTiers | None:
    """Step 1 of the earlier run as ``compare_with_earlier`` kept it in ``work``; None without one."""
    folder = work / EARLIER
    if not folder.is_dir():
        return None
    card = Scorecard.model_validate_json((folder / "scorecard.json").read_bytes())
    return EarlierTiers(_date_kept(folder), card, pd.read_parquet(folder / "accounts.parquet"))


def load_earlier_health(work: Path) -> EarlierScore | None:
    """Step 3 of the earlier run as ``compare_with_earlier`` kept it in ``work``; None without one, or where
    it had no health card.
    """
    folder = work / EARLIER
    if not (folder / "health_card.json").is_file():
        return None
    card = HealthCard.model_validate_json((folder / "health_card.json").read_bytes())
    accounts, parts = (pd.read_parquet(folder / f"health_{name}.parquet") for name in ("accounts", "parts"))
    scores = EarlierScore(_date_kept(folder), card, accounts, parts)
    if not (folder / "health_told.parquet").is_file():
        return scores
    about = json.loads((folder / "health_about.json").read_text(encoding="utf-8"))
    seen_to = date.fromisoformat(about["seen_to"]) if about["seen_to"] else None
    predictions = pd.read_parquet(folder / "health_told.parquet")
    return replace(scores, predictions=predictions, horizon=about["horizon_days"], seen_to=seen_to)


def load_earlier_plan(work: Path) -> EarlierPlan | None:
    """Step 4 of the earlier run as ``compare_with_earlier`` kept it in ``work``; None without one."""
    folder = work / EARLIER
    if not (folder / "plan_about.json").is_file():
        return None
    about = json.loads((folder / "plan_about.json").read_text(encoding="utf-8"))
    actions, before = (pd.read_parquet(folder / f"plan_{name}.parquet") for name in ("actions", "before"))
    return EarlierPlan(
        _date_kept(folder),
        date.fromisoformat(about["day"]),
        actions,
        before,
        tuple(_finding(f) for f in about["findings"]),
        tuple(about["gone"]),
        about["revenue"],
    )


def _finding(kept: dict[str, Any]) -> Finding:
    lists = {name: tuple(kept.get(name, ())) for name in ("accounts", "others")}
    return Finding(**{**kept, **lists})


def _date_kept(folder: Path) -> date:
    return date.fromisoformat(json.loads((folder / "earlier.json").read_text(encoding="utf-8"))["as_of"])


def latest_run(client_folder: Path, before: date) -> Path | None:
    """The finished run with the latest date before ``before``: a folder named by its date, with manifest.json
    and WORK.
    """
    if not client_folder.is_dir():
        return None
    runs = [
        (day, place)
        for place in client_folder.iterdir()
        if (day := _date_named(place.name))
        and day < before
        and (place / "manifest.json").is_file()
        and (place / WORK).is_dir()
    ]
    return max(runs)[1] if runs else None


def _date_named(name: str) -> date | None:
    try:
        day = date.fromisoformat(name)
    except ValueError:
        return None
    return day if day.isoformat() == name else None  # not 20250630 and not 2025-W27-1


class _UnfitError(Exception):
    """The earlier run cannot serve: the fault's code, the file it lies in, and what exactly is the matter."""

    def __init__(self, code: str, file: str, detail: str):
        super().__init__(code, file, detail)
        self.code, self.file, self.detail = code, file, detail


@dataclass(frozen=True)
class _EarlierRun:
    """Reads an earlier run; what is hashed is what is used."""

    run: Path
    inputs: list[dict[str, str]] = field(default_factory=list)

    def tiers(self, client: str) -> EarlierTiers:
        """Step 1. Raises _UnfitError."""
        manifest = self._read("manifest.json", json.loads)
        if not isinstance(manifest, dict) or "client" not in manifest:
            raise _UnfitError("earlier_unreadable", f"{self.run.name}/manifest.json", "names no client")
        if manifest["client"] != client:  # two names can make the same folder name
            raise _UnfitError("earlier_of_another", f"{self.run.name}/manifest.json", "names another client")
        card = self._input(f"{WORK}/scorecard.json", Scorecard.model_validate_json)
        step = self._step("tiers/accounts.parquet") or f"{WORK}/steps/-/tiers"
        accounts = self._input(f"{step}/accounts.parquet", lambda data: _tier_accounts(data, card))
        if card.weights_from != "card" or card.recalibrate:
            card = self._input(
                f"{step}/criteria.parquet", lambda data: with_settled_weights(card, _weights(data))
            )
        return EarlierTiers(date.fromisoformat(self.run.name), card, accounts)

    def health(self) -> EarlierScore | None:
        """Step 3; None where the run holds no scores by a card. Raises _UnfitError."""
        step = next(filter(None, (self._step(f"health/{file}") for file in HEALTH_FILES["accounts"])), None)
        if step is None or not (self.run / WORK / "health_card.json").is_file():
            return None
        accounts_file, parts_file, warnings_file = (
            next((file for file in files if (self.run / step / file).is_file()), files[0])
            for files in HEALTH_FILES.values()
        )
        card = self._input(f"{WORK}/health_card.json", HealthCard.model_validate_json)
        accounts = self._input(f"{step}/{accounts_file}", lambda data: _by_account(data, KEPT))
        parts = self._input(f"{step}/{parts_file}", lambda data: _table(data, KEPT_PARTS))
        scores = EarlierScore(date.fromisoformat(self.run.name), card, accounts, parts)
        if not (self.run / step / warnings_file).is_file():
            return scores  # made before there were warnings: compared by its scores alone
        warned = self._input(f"{step}/{warnings_file}", _warned)
        predictions = self._input(f"{step}/accounts.parquet", lambda data: _predictions(data, warned))
        horizon, seen_to = self._input(f"{step}/result.json", _horizon_and_end)
        return replace(scores, predictions=predictions, horizon=horizon, seen_to=seen_to)

    def plan(self) -> EarlierPlan | None:
        """Step 4; None where the run holds no actions of today's form. Raises _UnfitError."""
        step = self._step("plan/actions.parquet")
        if step is None:
            return None
        actions = self._input(f"{step}/actions.parquet", lambda data: pd.read_parquet(io.BytesIO(data)))
        if not set(KEPT_ACTIONS) <= set(actions):
            return None
        actions = actions[KEPT_ACTIONS]
        units = self._input(f"{step}/units.parquet", lambda data: _table(data, ["account_id", "gone"]))
        found = [
            self._input(f"{place}/result.json", json.loads)
            for name in ("tiers", "value", "health", "plan")
            if (place := self._step(f"{name}/result.json"))
        ]
        as_of, before = date.fromisoformat(self.run.name), []
        made = plan_day(as_of, issued(self.run))
        for name in ("plan_before", "plan_actions"):  # of the runs before that one, as it kept them
            if (self.run / WORK / EARLIER / f"{name}.parquet").is_file():
                kept = f"{WORK}/{EARLIER}/{name}.parquet"
                before.append(self._input(kept, lambda data: _table(data, ["action_id", "due"])))
        blank = pd.DataFrame({"action_id": [], "due": []}, dtype=object)
        return EarlierPlan(
            as_of,
            made,
            actions,
            pd.concat([blank, *before], ignore_index=True).drop_duplicates(),
            tuple(_finding(f) for about in found for f in about["findings"]),
            tuple(units.loc[units["gone"].astype(bool), "account_id"]),
            next(
                (about["key_figures"].get("revenue") for about in found if "revenue" in about["key_figures"]),
                None,
            ),
        )

    def _step(self, file: str) -> str | None:
        """The folder of the step that holds ``file``; runs once kept one for each language, all the same."""
        steps = self.run / WORK / "steps"
        found = [*steps.glob(file), *sorted(steps.glob(f"*/{file}"))]
        return found[0].parent.relative_to(self.run).as_posix() if found else None

    def _input(self, name: str, parse: Callable[[bytes], Parsed]) -> Parsed:
        """Reads a file and records its hash."""

        def hashed(data: bytes) -> Parsed:
            read = {"file": f"{self.run.name}/{name}", "sha256": hashlib.sha256(data).hexdigest()}
            if read not in self.inputs:
                self.inputs.append(read)
            return parse(data)

        return self._read(name, hashed)

    def _read(self, name: str, parse: Callable[[bytes], Parsed]) -> Parsed:
        try:
            return parse((self.run / name).read_bytes())
        # whatever a damaged file makes its reader raise: this run goes on without it
        except Exception as error:
            detail = " ".join(f"{type(error).__name__}: {error}".split())
            detail = detail.replace(str(self.run), self.run.name)[:300]
            raise _UnfitError("earlier_unreadable", f"{self.run.name}/{name}", detail) from error


def _table(data: bytes, columns: list[str]) -> pd.DataFrame:
    return pd.read_parquet(io.BytesIO(data), columns=columns)


def _by_account(data: bytes, columns: list[str]) -> pd.DataFrame:
    """A table of accounts (index account_id, sorted); ValueError where there is not one row per account."""
    accounts = _table(data, columns).sort_index()
    if accounts.index.name != "account_id" or not accounts.index.is_unique:
        raise ValueError("not one row per account")
    return accounts


def _tier_accounts(data: bytes, card: Scorecard) -> pd.DataFrame:
    """Tiers by account; ValueError where tiers and levels are not those of the card."""
    accounts = _by_account(data, TIER_COLUMNS)
    if not accounts["tier"].map({t.key: t.level for t in card.tiers}).equals(accounts["level"]):
        raise ValueError("tiers that the scorecard does not have")
    return accounts


def _weights(data: bytes) -> pd.Series:
    return _table(data, ["criterion", "weight"]).set_index("criterion")["weight"]


def _warned(data: bytes) -> pd.DataFrame:
    """Per account with a warning (index account_id): warned (act, watch; silence where it had plainly
    stopped), revenue.
    """
    rows = _table(data, ["account_id", "sign", "severity", "revenue"])
    if not rows["severity"].isin(["act", "watch"]).all():
        raise ValueError("warnings of an unknown severity")
    warned = rows["severity"].astype(object).where(rows["sign"] != "silence", "silence")
    rows = rows.assign(warned=warned, _order=warned.map({"silence": 0, "act": 1, "watch": 2}))
    gravest = rows.sort_values(["account_id", "_order"], kind="stable").drop_duplicates("account_id")
    return gravest.set_index("account_id")[["warned", "revenue"]]


def _predictions(data: bytes, warned: pd.DataFrame) -> pd.DataFrame:
    """``EarlierScore.predictions``; ValueError where there is not one row per account, or a probability is
    none.
    """
    accounts = _by_account(data, ["churn_probability", "warning_strength", "silent_days"])
    accounts = accounts[accounts["silent_days"].notna()].drop(columns="silent_days").astype("float64")
    if not accounts["churn_probability"].dropna().between(0, 1).all():
        raise ValueError("probabilities not between 0 and 1")
    own = warned.reindex(accounts.index)
    return accounts.assign(warned=own["warned"].fillna("none"), revenue=own["revenue"].astype("float64"))


def _horizon_and_end(data: bytes) -> tuple[int, date | None]:
    """The days that the probability looked ahead, and where the data ended if that was before the run's
    date."""
    result = json.loads(data)
    ended = [f["figures"]["seen_to"] for f in result["findings"] if f["kind"] == "seen_to"]
    return int(result["key_figures"]["horizon_days"]), date.fromisoformat(ended[0]) if ended else None
