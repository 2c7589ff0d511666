"""A run on disk: the Book and the policies it was made with, the steps' results, and the earlier run it is
compared with.
"""

from __future__ import annotations

import hashlib
import io
import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, fields, is_dataclass
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple, TypeVar, get_args, get_type_hints

import pandas as pd

from kamplay import book as books
from kamplay import presets
from kamplay.book import Book
from kamplay.engagement import Engagement, Settings
from kamplay.errors import Fault, KamplayError, nearest
from kamplay.method.health.score_attribution import KEPT, KEPT_PARTS, EarlierScore
from kamplay.method.results import Finding, StepResult, figure
from kamplay.method.tiers.migration import Earlier, as_weighed
from kamplay.method.tiers.weights import matrix_of
from kamplay.presets import HealthCard, Scorecard, Strategy

WORK = "work"  # inside a run folder: the Book, the settings and the steps' results
ISSUED = "issued.json"  # in the work folder of a run: the day on which it was made
LOGO_KINDS = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".svg": "image/svg+xml"}
Result = TypeVar("Result", bound=StepResult)
Parsed = TypeVar("Parsed")


class Policies(NamedTuple):
    """What the steps follow, as the settings name it."""

    scorecard: Scorecard
    strategy: Strategy
    health_card: HealthCard


@dataclass(frozen=True)
class Run:
    """An opened run: the client's Book, the settings, and the policies that the steps follow.

    ``before``: step 1 of the earlier run that this one is compared with, as kept in this run; None without
    one. ``before_health``: its step 3; None also where that run was made before health was scored by a card.
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


def create(engagement: Engagement, book: Book, policies: Policies, folder: Path) -> None:
    """Lay out a run in ``folder``: the Book, the settings, the policies, the consultant's notes."""
    work = folder / WORK
    work.mkdir(parents=True)
    settings = engagement.settings.model_copy(update={"as_of": book.as_of})
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
    """The run that ``create`` laid out. One made before there were health cards has the standard one."""
    work = folder / WORK
    card = work / "health_card.json"
    return Run(
        folder,
        language,
        edition,
        books.load(work / "book"),
        Settings.model_validate_json((work / "settings.json").read_bytes()),
        Scorecard.model_validate_json((work / "scorecard.json").read_bytes()),
        Strategy.model_validate_json((work / "strategy.json").read_bytes()),
        load_earlier(work),
        HealthCard.model_validate_json(card.read_bytes())
        if card.is_file()
        else presets.load_health("standard", Path()),
        load_earlier_health(work),
    )


def resolve_policies(engagement: Engagement, notebooks: Sequence[str]) -> Policies:
    """Load the scorecard, strategy and health card that the settings name, and look at the logo and the
    notes.

    Raises
    ------
    KamplayError
        With every fault of them; a note must be named for one of the ``notebooks``.

    """
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
    names = {f"{step}{language}.md" for step in notebooks for language in ("", ".zh", ".en")}
    for note in sorted((engagement.folder / "notes").glob("*")):
        if note.is_file() and not note.name.startswith(".") and note.name not in names:
            faults.append(
                Fault(
                    "note_unknown",
                    file=f"notes/{note.name}",
                    args={
                        "near": nearest(note.name, names) or "",
                        "names": ", ".join(f"{s}.md" for s in notebooks),
                    },
                )
            )
    if faults:
        raise KamplayError(faults)
    return Policies(*found)


def _judged(card: Scorecard) -> list[Fault]:
    """What is wrong with the pairwise judgements, rater by rater."""
    faults = []
    for rater, pairs in card.judgements.items():
        try:
            matrix_of(pairs, list(card.criteria))
        except ValueError as error:
            code, *rest = error.args
            faults.append(
                Fault(
                    code,
                    file="engagement.yaml",
                    column=f"scorecard.judgements.{rater}",
                    args=dict(rest[0]) if rest else {},
                )
            )
    return faults


def save_result(result: StepResult, folder: Path) -> None:
    """Write ``result`` into ``folder`` (made anew)."""
    folder.mkdir(parents=True, exist_ok=True)
    parts = {}
    for field_ in fields(result):
        value = getattr(result, field_.name)
        if isinstance(value, pd.DataFrame):
            value.to_parquet(folder / f"{field_.name}.parquet")
        elif is_dataclass(value):
            parts[field_.name] = _saved(value, folder, field_.name)
    findings = [asdict(f) for f in result.findings]
    write_json(
        folder / "result.json", {"key_figures": result.key_figures, "findings": findings, "parts": parts}
    )


def _saved(part: Any, folder: Path, name: str) -> dict[str, Any]:
    """The part's tables written; the rest of it."""
    rest = {}
    for field_ in fields(part):
        value = getattr(part, field_.name)
        if isinstance(value, pd.DataFrame):
            value.to_parquet(folder / f"{name}.{field_.name}.parquet")
        else:
            rest[field_.name] = _plain(value)
    return rest


def _plain(value: Any) -> Any:
    """Numbers and lists as JSON has them; what is not finite becomes null."""
    if isinstance(value, dict):
        return {name: _plain(own) for name, own in value.items()}
    return [_plain(own) for own in value] if isinstance(value, list | tuple) else figure(value)


def load_result(kind: type[Result], folder: Path) -> Result:
    """The result that ``save`` wrote."""
    about = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    tables: dict[str, Any] = {}
    parts: dict[str, dict[str, Any]] = {name: _tupled(rest) for name, rest in about.get("parts", {}).items()}
    for file in sorted(folder.glob("*.parquet")):
        name, _, inner = file.stem.partition(".")
        (parts[name] if inner else tables)[inner or name] = pd.read_parquet(file)
    hints = get_type_hints(kind)
    found = tuple(Finding(**{**f, "accounts": tuple(f["accounts"])}) for f in about["findings"])
    made = {name: _class_of(hints[name])(**values) for name, values in parts.items()}
    return kind(key_figures=about["key_figures"], findings=found, **tables, **made)


def _class_of(hint: Any) -> Any:
    """The class of a part, also where it may be missing (``Part | None``)."""
    return next((kind for kind in get_args(hint) if is_dataclass(kind)), hint)


def _tupled(rest: dict[str, Any]) -> dict[str, Any]:
    """JSON knows lists only; a part's own sequences are tuples."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in rest.items()}


def write_json(path: Path, value: Any) -> None:
    """JSON as people can read it, the same bytes for the same value; NaN is refused."""
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False) + "\n", encoding="utf-8")


FOLDER = "earlier"  # inside a run's work folder
COLUMNS = ["tier", "level", "tier_score", "gate", "override"]


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
    """Keep in ``work`` what steps 1 and 3 need of the latest finished run of ``client`` before ``as_of``.

    ``client_folder`` holds one folder per date. Where the latest run is damaged, older than this scorecard's
    form, or another client's, there is no comparison, and the fault says so: an older run is not taken in its
    place unasked. A run made before health was scored by a card is compared in step 1 alone.
    """
    found = latest_run(client_folder, as_of, work.name)
    if found is None:
        return Compared()
    reading = _Reading(found, work.name)
    try:
        earlier = reading.step_one(client)
        health = reading.step_three()
    except _UnfitError as unfit:
        return Compared(fault=Fault(unfit.code, "warning", file=unfit.file), detail=unfit.detail)
    folder = work / FOLDER
    folder.mkdir()
    write_json(folder / "earlier.json", {"as_of": earlier.as_of.isoformat()})
    write_json(folder / "scorecard.json", earlier.card.model_dump(mode="json", by_alias=True))
    earlier.accounts.to_parquet(folder / "accounts.parquet")
    if health is not None:
        write_json(folder / "health_card.json", health.card.model_dump(mode="json", by_alias=True))
        health.accounts.to_parquet(folder / "health_accounts.parquet")
        health.parts.to_parquet(folder / "health_parts.parquet", index=False)
        if health.told is not None:
            health.told.to_parquet(folder / "health_told.parquet")
            seen_to = health.seen_to.isoformat() if health.seen_to else None
            write_json(folder / "health_about.json", {"horizon_days": health.horizon, "seen_to": seen_to})
    return Compared(earlier.as_of, tuple(reading.inputs))


def load_earlier(work: Path) -> Earlier | None:
    """What ``compare`` kept in ``work``; None where the run has no earlier one."""
    folder = work / FOLDER
    if not folder.is_dir():
        return None
    as_of = date.fromisoformat(json.loads((folder / "earlier.json").read_text(encoding="utf-8"))["as_of"])
    card = Scorecard.model_validate_json((folder / "scorecard.json").read_bytes())
    return Earlier(as_of, card, pd.read_parquet(folder / "accounts.parquet"))


def load_earlier_health(work: Path) -> EarlierScore | None:
    """Step 3 of the earlier run as ``compare`` kept it in ``work``; None without one, or where it had no
    health card.
    """
    folder = work / FOLDER
    if not (folder / "health_card.json").is_file():
        return None
    as_of = date.fromisoformat(json.loads((folder / "earlier.json").read_text(encoding="utf-8"))["as_of"])
    card = HealthCard.model_validate_json((folder / "health_card.json").read_bytes())
    accounts, parts = (pd.read_parquet(folder / f"health_{name}.parquet") for name in ("accounts", "parts"))
    if not (folder / "health_told.parquet").is_file():
        return EarlierScore(as_of, card, accounts, parts)
    about = json.loads((folder / "health_about.json").read_text(encoding="utf-8"))
    seen_to = date.fromisoformat(about["seen_to"]) if about["seen_to"] else None
    return EarlierScore(
        as_of,
        card,
        accounts,
        parts,
        pd.read_parquet(folder / "health_told.parquet"),
        about["horizon_days"],
        seen_to,
    )


def latest_run(client_folder: Path, before: date, work: str) -> Path | None:
    """The finished run with the latest date before ``before``: a folder named by its date, with manifest.json
    and ``work``.
    """
    if not client_folder.is_dir():
        return None
    runs = [
        (day, place)
        for place in client_folder.iterdir()
        if (day := _date(place.name))
        and day < before
        and (place / "manifest.json").is_file()
        and (place / work).is_dir()
    ]
    return max(runs)[1] if runs else None


def _date(name: str) -> date | None:
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
class _Reading:
    """Reads an earlier run, each file once, so that what is hashed is what is used."""

    run: Path
    work: str
    inputs: list[dict[str, str]] = field(default_factory=list)

    def step_one(self, client: str) -> Earlier:
        """Raises _UnfitError."""
        manifest = self._read("manifest.json", json.loads)
        if not isinstance(manifest, dict) or "client" not in manifest:
            raise _UnfitError("earlier_unreadable", f"{self.run.name}/manifest.json", "names no client")
        if manifest["client"] != client:  # two names can make the same folder name
            raise _UnfitError("earlier_of_another", f"{self.run.name}/manifest.json", "names another client")
        card = self._input(f"{self.work}/scorecard.json", Scorecard.model_validate_json)
        languages = sorted(
            p.parent.parent.name for p in (self.run / self.work / "steps").glob("*/tiers/accounts.parquet")
        )
        # the results are the same in every language
        step = f"{self.work}/steps/{languages[0] if languages else '-'}/tiers"
        accounts = self._input(f"{step}/accounts.parquet", lambda data: _accounts(data, card))
        if card.weights_from != "card" or card.recalibrate:
            card = self._input(f"{step}/criteria.parquet", lambda data: as_weighed(card, _weights(data)))
        return Earlier(date.fromisoformat(self.run.name), card, accounts)

    def step_three(self) -> EarlierScore | None:
        """None where the run holds no scores by a card. Raises _UnfitError."""
        found = sorted((self.run / self.work / "steps").glob("*/health/score_accounts.parquet"))
        if not found or not (self.run / self.work / "health_card.json").is_file():
            return None
        step = found[0].parent.relative_to(self.run).as_posix()
        card = self._input(f"{self.work}/health_card.json", HealthCard.model_validate_json)
        accounts = self._input(f"{step}/score_accounts.parquet", _scores)
        parts = self._input(
            f"{step}/score_parts.parquet", lambda data: pd.read_parquet(io.BytesIO(data), columns=KEPT_PARTS)
        )
        as_of = date.fromisoformat(self.run.name)
        if not (
            found[0].parent / "warnings.parquet"
        ).is_file():  # made before there were warnings: compared by its scores alone
            return EarlierScore(as_of, card, accounts, parts)
        warned = self._input(f"{step}/warnings.parquet", _warned)
        told = self._input(f"{step}/accounts.parquet", lambda data: _told(data, warned))
        horizon, seen_to = self._input(f"{step}/result.json", _about)
        return EarlierScore(as_of, card, accounts, parts, told, horizon, seen_to)

    def _input(self, name: str, parse: Callable[[bytes], Parsed]) -> Parsed:
        def noted(data: bytes) -> Parsed:
            self.inputs.append(
                {"file": f"{self.run.name}/{name}", "sha256": hashlib.sha256(data).hexdigest()}
            )
            return parse(data)

        return self._read(name, noted)

    def _read(self, name: str, parse: Callable[[bytes], Parsed]) -> Parsed:
        try:
            return parse((self.run / name).read_bytes())
        except (
            Exception
        ) as error:  # whatever a damaged file makes its reader raise: this run goes on without it
            detail = " ".join(f"{type(error).__name__}: {error}".split()).replace(
                str(self.run), self.run.name
            )
            raise _UnfitError("earlier_unreadable", f"{self.run.name}/{name}", detail[:300]) from error


def _accounts(data: bytes, card: Scorecard) -> pd.DataFrame:
    """COLUMNS per account (index account_id, sorted); ValueError where tiers and levels are not those of the
    card.
    """
    accounts = _by_account(data, COLUMNS)
    if not accounts["tier"].map({t.key: t.level for t in card.tiers}).equals(accounts["level"]):
        raise ValueError("tiers that the scorecard does not have")
    return accounts


def _scores(data: bytes) -> pd.DataFrame:
    """KEPT per account (index account_id, sorted); ValueError where there is not one row per account."""
    return _by_account(data, KEPT)


def _by_account(data: bytes, columns: list[str]) -> pd.DataFrame:
    accounts = pd.read_parquet(io.BytesIO(data), columns=columns).sort_index()
    if accounts.index.name != "account_id" or not accounts.index.is_unique:
        raise ValueError("not one row per account")
    return accounts


def _warned(data: bytes) -> pd.DataFrame:
    """Per account with a warning (index account_id): warned (act, watch; silence where it had plainly
    stopped), revenue.
    """
    rows = pd.read_parquet(io.BytesIO(data), columns=["account_id", "sign", "severity", "revenue"])
    if not rows["severity"].isin(["act", "watch"]).all():
        raise ValueError("warnings of an unknown severity")
    warned = rows["severity"].astype(object).where(rows["sign"] != "silence", "silence")
    gravest = warned.map({"silence": 0, "act": 1, "watch": 2})
    first = rows.assign(warned=warned, _gravest=gravest).sort_values(
        ["account_id", "_gravest"], kind="stable"
    )
    return first.drop_duplicates("account_id").set_index("account_id")[["warned", "revenue"]]


def _told(data: bytes, warned: pd.DataFrame) -> pd.DataFrame:
    """``EarlierScore.told``; ValueError where there is not one row per account, or a probability is none."""
    accounts = _by_account(data, ["churn_probability", "warning_strength", "silent_days"])
    accounts = accounts[accounts["silent_days"].notna()].drop(columns="silent_days").astype("float64")
    if not accounts["churn_probability"].dropna().between(0, 1).all():
        raise ValueError("probabilities not between 0 and 1")
    own = warned.reindex(accounts.index)
    return accounts.assign(warned=own["warned"].fillna("none"), revenue=own["revenue"].astype("float64"))


def _about(data: bytes) -> tuple[int, date | None]:
    """The days that the probability looked ahead, and where the data ended if that was before the run's date."""
    result = json.loads(data)
    ended = [f["figures"]["seen_to"] for f in result["findings"] if f["kind"] == "seen_to"]
    return int(result["key_figures"]["horizon_days"]), date.fromisoformat(ended[0]) if ended else None


def _weights(data: bytes) -> pd.Series:
    return pd.read_parquet(io.BytesIO(data), columns=["criterion", "weight"]).set_index("criterion")["weight"]


def shipped(name: str) -> Path:
    """The folder ``notebooks`` or ``data_templates``."""
    package = Path(__file__).resolve().parent
    for place in (package.parent / name, package / "_shipped" / name):
        if place.is_dir():
            return place
    raise FileNotFoundError(f"{name} is neither beside the package nor in it: the installation is incomplete")
