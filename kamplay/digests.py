"""What a result depends on, as short texts that differ when it does: of code, of files, of values."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable
from dataclasses import asdict, is_dataclass
from datetime import date
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from kamplay.shipped import SHIPPED, shipped

# packages whose version may change a figure, a chart or a page
VERSIONED = (
    "kamplay",
    "pandas",
    "numpy",
    "duckdb",
    "matplotlib",
    "babel",
    "papermill",
    "scipy",
    "nbconvert",
    "statsmodels",
    "holidays",
    "icalendar",
    "python-pptx",
)
_CODE = {".py", ".yaml", ".j2", ".css", ".js", ".po", ".mo", ".ipynb", ".html", ".json"}


@lru_cache(maxsize=1)
def of_code() -> str:
    """Of this package's own files, its notebooks, and the versions of what it is built on."""
    package = Path(__file__).resolve().parent
    apart = {"__pycache__", SHIPPED}  # what stands beside the package in a checkout is not counted twice
    own = [p for p in package.rglob("*") if p.suffix in _CODE and not apart & set(p.parts)]
    files = {p.relative_to(package).as_posix(): of_file(p) for p in sorted(own)}
    notebooks = {p.name: of_file(p) for p in sorted(shipped("notebooks").glob("*.ipynb"))}
    return of_value([files, notebooks, platform.python_version(), list(versions().values())])


@lru_cache(maxsize=1)
def versions() -> dict[str, str]:
    """Of the packages in VERSIONED; each is looked up in files of its own."""
    return {name: version(name) for name in VERSIONED}


def of_file(path: Path) -> str:
    """Of a file's bytes (SHA-256)."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def of_folder(folder: Path, names: Iterable[str] = ("**/*",)) -> str:
    """Of the files of a folder with one of these names or patterns: their names and their bytes; "" where
    there are none.
    """
    found = {p for name in names for p in (folder / name, *folder.glob(name)) if p.is_file()}
    paths = sorted(found)
    files = [[p.relative_to(folder).as_posix(), of_file(p)] for p in paths]
    return of_value(files) if files else ""


def stamp(folder: Path) -> str:
    """Of the sizes and times of a folder's files: whether to read them again, not what they hold. The results
    of steps, which a run writes itself, are left out.
    """
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    seen = [p for p in files if p.relative_to(folder).parts[0] != "steps"]
    return of_value([[str(p), p.stat().st_size, p.stat().st_mtime_ns] for p in seen])


def of_value(value: Any) -> str:
    """Of settings, policies, and whatever JSON can hold."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, default=_as_json)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _as_json(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True)
    if isinstance(value, date):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    raise TypeError(f"{type(value).__name__} has no digest")
