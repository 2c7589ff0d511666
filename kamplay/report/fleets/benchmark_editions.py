"""The editions of a benchmark: the file of means of groups, and beside it a ledger of who is in which group,
which stays in the house. Neither holds a client's name or figure.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from kamplay.errors import Fault, KamplayError
from kamplay.json_files import write_json
from kamplay.method.benchmark import MEASURES, Edition, K, Kept, Member, publish
from kamplay.report.benchmark import FORMAT, group_of, industry_key, load, read, size_key
from kamplay.report.fleets.portfolio import table_of


@dataclass(frozen=True)
class Published:
    """How an edition came about: groups that stand, those of them of today, and the clients by measure that
    still wait for enough others.
    """

    groups: int
    new: int
    clients: int
    waiting: Mapping[str, int] = field(default_factory=dict)


def ledger_of(file: Path) -> Path:
    """The ledger beside a benchmark file."""
    return file.with_name(f"{file.stem}.ledger.json")


def update(file: Path, out: Path, day: date) -> Published:
    """Publish the next edition in ``file`` from the latest runs in ``out`` of all clients whose settings have
    them take part (``benchmark.contribute``).

    Raises
    ------
    KamplayError
        The file or its ledger is no benchmark, or the file is there without its ledger, by which alone it is
        known what was published before.
    """
    ledger = _ledger(file)
    salt, before = str(ledger["salt"]), _edition(ledger)

    def mark(*parts: object) -> str:
        return hashlib.sha256("\n".join([salt, *map(str, parts)]).encode()).hexdigest()[:32]

    members = [
        Member(mark(row.Index), industry_key(row.industry), size_key(row.accounts), _figures(row._asdict()))
        for row in taking_part(out).itertuples(name="Client")
    ]
    made = publish(members, before, lambda client, name, figure: mark(client, name, repr(figure)), str(day))
    groups = [
        {"group": asdict(kept.group), "clients": dict(sorted(kept.figures.items()))} for kept in made.kept
    ]
    _write(ledger_of(file), {"format": FORMAT, "salt": salt, "ever": sorted(made.ever), "groups": groups})
    public = [asdict(kept.group) for kept in made.kept]
    _write(file, {"format": FORMAT, "smallest_group": K, "groups": public})
    new = sum(kept.group.edition == str(day) for kept in made.kept)
    return Published(len(made.kept), new, len(members), made.waiting)


def taking_part(out: Path) -> pd.DataFrame:
    """The rows of ``portfolio.table_of`` of clients that take part."""
    table = table_of(out)
    return table[[_contributes(out, folder, row["as_of"]) for folder, row in table.iterrows()]]


def _contributes(out: Path, folder: Any, as_of: str | None) -> bool:
    try:
        manifest = json.loads((out / str(folder) / str(as_of) / "manifest.json").read_text(encoding="utf-8"))
        return bool((manifest["settings"].get("benchmark") or {}).get("contribute"))
    except (OSError, ValueError, KeyError, AttributeError):
        return False


def _figures(row: Mapping[str, Any]) -> dict[str, float]:
    return {name: float(row[name]) for name in MEASURES if pd.notna(row[name])}


def _ledger(file: Path) -> dict[str, Any]:
    if not ledger_of(file).exists():
        if file.exists():
            raise KamplayError(Fault("benchmark_without_ledger", file=str(file)))
        return {"format": FORMAT, "salt": secrets.token_hex(16), "ever": [], "groups": []}
    if file.exists():
        load(file)  # never overwrite what is no benchmark
    return read(ledger_of(file))


def _edition(ledger: Mapping[str, Any]) -> Edition:
    kept = tuple(Kept(group_of(one["group"]), dict(one["clients"])) for one in ledger["groups"])
    return Edition(kept, frozenset((client, name) for client, name in ledger["ever"]))


def _write(file: Path, about: Mapping[str, Any]) -> None:
    """A file whole or as it was."""
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f".{file.name}.new")
    write_json(fresh, about)
    fresh.replace(file)
