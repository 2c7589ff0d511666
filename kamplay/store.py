"""Results on disk: one folder per step, tables as parquet, the rest as JSON; what is loaded equals what was saved.

A field of a result that is itself a dataclass (a part with tables and figures of its own) lies beside, its tables as ``field.table``.
"""

from __future__ import annotations

import json
from dataclasses import asdict, fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

import pandas as pd

from kamplay.method.results import Finding, StepResult

Result = TypeVar("Result", bound=StepResult)


def save(result: StepResult, folder: Path) -> None:
    """Write ``result`` into ``folder`` (made anew)."""
    folder.mkdir(parents=True, exist_ok=True)
    parts = {}
    for field in fields(result):
        value = getattr(result, field.name)
        if isinstance(value, pd.DataFrame):
            value.to_parquet(folder / f"{field.name}.parquet")
        elif is_dataclass(value):
            parts[field.name] = _saved(value, folder, field.name)
    findings = [asdict(f) for f in result.findings]
    write_json(folder / "result.json", {"key_figures": result.key_figures, "findings": findings, "parts": parts})


def _saved(part: Any, folder: Path, name: str) -> dict[str, Any]:
    """The part's tables written; the rest of it."""
    rest = {}
    for field in fields(part):
        value = getattr(part, field.name)
        if isinstance(value, pd.DataFrame):
            value.to_parquet(folder / f"{name}.{field.name}.parquet")
        else:
            rest[field.name] = value
    return rest


def load(kind: type[Result], folder: Path) -> Result:
    """The result that ``save`` wrote."""
    about = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    tables: dict[str, Any] = {}
    parts: dict[str, dict[str, Any]] = {name: _tupled(rest) for name, rest in about.get("parts", {}).items()}
    for file in sorted(folder.glob("*.parquet")):
        name, _, inner = file.stem.partition(".")
        (parts[name] if inner else tables)[inner or name] = pd.read_parquet(file)
    hints = get_type_hints(kind)
    found = tuple(Finding(**{**f, "accounts": tuple(f["accounts"])}) for f in about["findings"])
    made = {name: hints[name](**values) for name, values in parts.items()}
    return kind(key_figures=about["key_figures"], findings=found, **tables, **made)


def _tupled(rest: dict[str, Any]) -> dict[str, Any]:
    """JSON knows lists only; a part's own sequences are tuples."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in rest.items()}


def write_json(path: Path, value: Any) -> None:
    """JSON as people can read it, the same bytes for the same value; NaN is refused."""
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False) + "\n", encoding="utf-8")
