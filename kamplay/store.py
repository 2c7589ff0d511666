"""Results on disk: one folder per step, tables as parquet, the rest as JSON; what is loaded equals what was saved."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from kamplay.method.results import Finding, StepResult

Result = TypeVar("Result", bound=StepResult)


def save(result: StepResult, folder: Path) -> None:
    """Write ``result`` into ``folder`` (made anew)."""
    folder.mkdir(parents=True, exist_ok=True)
    for field in fields(result):
        value = getattr(result, field.name)
        if isinstance(value, pd.DataFrame):
            value.to_parquet(folder / f"{field.name}.parquet")
    findings = [asdict(f) for f in result.findings]
    write_json(folder / "result.json", {"key_figures": result.key_figures, "findings": findings})


def load(kind: type[Result], folder: Path) -> Result:
    """The result that ``save`` wrote."""
    about = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    tables = {p.stem: pd.read_parquet(p) for p in folder.glob("*.parquet")}
    found = tuple(Finding(**{**f, "accounts": tuple(f["accounts"])}) for f in about["findings"])
    return kind(key_figures=about["key_figures"], findings=found, **tables)


def write_json(path: Path, value: Any) -> None:
    """JSON as people can read it, the same bytes for the same value; NaN is refused."""
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False) + "\n", encoding="utf-8")
