"""The earlier run of the same client that a run is compared with: found, checked, and what steps 1 and 3 need of it kept in the new run."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from kamplay import store
from kamplay.errors import Fault
from kamplay.method.health_movement import KEPT, KEPT_PARTS, EarlierScore
from kamplay.method.migration import Earlier, as_weighed
from kamplay.presets.health import HealthCard
from kamplay.presets.scorecard import Scorecard

FOLDER = "earlier"  # inside a run's work folder
COLUMNS = ["tier", "level", "tier_score", "gate", "override"]
Value = TypeVar("Value")


@dataclass(frozen=True)
class Compared:
    """With which run a run is compared (None: with none), the hashes of what was read of it, and why it could not serve."""

    as_of: date | None = None
    inputs: tuple[dict[str, str], ...] = ()
    fault: Fault | None = None
    detail: str | None = None

    def manifest(self) -> dict[str, Any]:
        """What the manifest records: compared_with (ISO date or null), compared_inputs, not_compared (null, or file, code and detail)."""
        fault = self.fault
        return {
            "compared_with": self.as_of.isoformat() if self.as_of else None,
            "compared_inputs": list(self.inputs),
            "not_compared": {"file": fault.file, "code": fault.code, "detail": self.detail} if fault else None,
        }


def compare(client_folder: Path, client: str, as_of: date, work: Path) -> Compared:
    """Keep in ``work`` what steps 1 and 3 need of the latest finished run of ``client`` before ``as_of``.

    ``client_folder`` holds one folder per date. Where the latest run is damaged, older than this scorecard's form, or another
    client's, there is no comparison, and the fault says so: an older run is not taken in its place unasked. A run made
    before health was scored by a card is compared in step 1 alone.
    """
    found = latest(client_folder, as_of, work.name)
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
    store.write_json(folder / "earlier.json", {"as_of": earlier.as_of.isoformat()})
    store.write_json(folder / "scorecard.json", earlier.card.model_dump(mode="json", by_alias=True))
    earlier.accounts.to_parquet(folder / "accounts.parquet")
    if health is not None:
        store.write_json(folder / "health_card.json", health.card.model_dump(mode="json", by_alias=True))
        health.accounts.to_parquet(folder / "health_accounts.parquet")
        health.parts.to_parquet(folder / "health_parts.parquet", index=False)
        if health.told is not None:
            health.told.to_parquet(folder / "health_told.parquet")
            seen_to = health.seen_to.isoformat() if health.seen_to else None
            store.write_json(folder / "health_about.json", {"horizon_days": health.horizon, "seen_to": seen_to})
    return Compared(earlier.as_of, tuple(reading.inputs))


def load(work: Path) -> Earlier | None:
    """What ``compare`` kept in ``work``; None where the run has no earlier one."""
    folder = work / FOLDER
    if not folder.is_dir():
        return None
    as_of = date.fromisoformat(json.loads((folder / "earlier.json").read_text(encoding="utf-8"))["as_of"])
    card = Scorecard.model_validate_json((folder / "scorecard.json").read_bytes())
    return Earlier(as_of, card, pd.read_parquet(folder / "accounts.parquet"))


def load_health(work: Path) -> EarlierScore | None:
    """Step 3 of the earlier run as ``compare`` kept it in ``work``; None without one, or where it had no health card."""
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
    return EarlierScore(as_of, card, accounts, parts, pd.read_parquet(folder / "health_told.parquet"), about["horizon_days"], seen_to)


def latest(client_folder: Path, before: date, work: str) -> Path | None:
    """The finished run with the latest date before ``before``: a folder named by its date, with manifest.json and ``work``."""
    if not client_folder.is_dir():
        return None
    runs = [
        (day, place)
        for place in client_folder.iterdir()
        if (day := _date(place.name)) and day < before and (place / "manifest.json").is_file() and (place / work).is_dir()
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
        languages = sorted(p.parent.parent.name for p in (self.run / self.work / "steps").glob("*/tiers/accounts.parquet"))
        step = f"{self.work}/steps/{languages[0] if languages else '-'}/tiers"  # the results are the same in every language
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
        parts = self._input(f"{step}/score_parts.parquet", lambda data: pd.read_parquet(io.BytesIO(data), columns=KEPT_PARTS))
        as_of = date.fromisoformat(self.run.name)
        if not (found[0].parent / "warnings.parquet").is_file():  # made before there were warnings: compared by its scores alone
            return EarlierScore(as_of, card, accounts, parts)
        warned = self._input(f"{step}/warnings.parquet", _warned)
        told = self._input(f"{step}/accounts.parquet", lambda data: _told(data, warned))
        horizon, seen_to = self._input(f"{step}/result.json", _about)
        return EarlierScore(as_of, card, accounts, parts, told, horizon, seen_to)

    def _input(self, name: str, parse: Callable[[bytes], Value]) -> Value:
        def noted(data: bytes) -> Value:
            self.inputs.append({"file": f"{self.run.name}/{name}", "sha256": hashlib.sha256(data).hexdigest()})
            return parse(data)

        return self._read(name, noted)

    def _read(self, name: str, parse: Callable[[bytes], Value]) -> Value:
        try:
            return parse((self.run / name).read_bytes())
        except Exception as error:  # whatever a damaged file makes its reader raise: this run goes on without it
            detail = " ".join(f"{type(error).__name__}: {error}".split()).replace(str(self.run), self.run.name)
            raise _UnfitError("earlier_unreadable", f"{self.run.name}/{name}", detail[:300]) from error


def _accounts(data: bytes, card: Scorecard) -> pd.DataFrame:
    """COLUMNS per account (index account_id, sorted); ValueError where tiers and levels are not those of the card."""
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
    """Per account with a warning (index account_id): warned (act, watch; silence where it had plainly stopped), revenue."""
    rows = pd.read_parquet(io.BytesIO(data), columns=["account_id", "sign", "severity", "revenue"])
    if not rows["severity"].isin(["act", "watch"]).all():
        raise ValueError("warnings of an unknown severity")
    warned = rows["severity"].astype(object).where(rows["sign"] != "silence", "silence")
    gravest = warned.map({"silence": 0, "act": 1, "watch": 2})
    first = rows.assign(warned=warned, _gravest=gravest).sort_values(["account_id", "_gravest"], kind="stable")
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
