"""Whether the files of a finished run are there and can be read, before anything is made from them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
from pydantic import ValidationError

from kamplay import run_folder
from kamplay.api import NOTEBOOKS, STEPS
from kamplay.errors import Fault, KamplayError
from kamplay.run_folder import WORK

MANIFEST = "manifest.json"
NEEDED = (
    f"{WORK}/settings.json",
    f"{WORK}/scorecard.json",
    f"{WORK}/strategy.json",
    *(f"{WORK}/book/{name}" for name in ("book.json", "monthly.parquet", "days.parquet", "baskets.parquet")),
)
LANGUAGES = ("zh", "en")


def languages_of(run: Path) -> list[str]:
    """The languages that a finished run was made in, as its manifest says.

    Raises
    ------
    KamplayError
        The folder is no finished run, or its manifest cannot be read.
    """
    if not (run / MANIFEST).is_file():
        raise KamplayError(Fault("run_missing", file=str(run)))
    about = _json(run / MANIFEST)
    told = about.get("languages") if isinstance(about, dict) else None
    languages = [one for one in LANGUAGES if isinstance(told, list) and one in told]
    if not languages:
        raise KamplayError(Fault("run_file_damaged", file=str(run / MANIFEST)))
    return languages


def need_readable(run: Path, languages: list[str]) -> None:
    """Look at every file of a finished run that its report is made from; ``languages``: of the notebooks.

    Raises
    ------
    KamplayError
        With a fault for each file that is missing or cannot be read.
    """
    notebooks = [f"notebooks/{name}.{language}.ipynb" for language in languages for name in NOTEBOOKS]
    missing = [name for name in (*NEEDED, *notebooks) if not (run / name).is_file()]
    faults = [Fault("run_file_missing", file=str(run / name)) for name in missing]
    for path in (run / name for name in notebooks if name not in missing):
        faults += _tried(path, _notebook)
    for path in sorted((run / WORK).rglob("*.json")):
        faults += _tried(path, _json)
    for path in sorted((run / WORK).rglob("*.parquet")):
        faults += _tried(path, pd.read_parquet)
    if not faults:
        faults = _as_a_whole(run)
    if faults:
        raise KamplayError(faults)


def _as_a_whole(run: Path) -> list[Fault]:
    """What keeps files that can each be read from being a run: a setting that is none, a missing table."""
    try:
        run_folder.load_settings(run)
    except ValidationError as error:
        column = ".".join(str(part) for part in error.errors()[0]["loc"])
        return [Fault("run_file_damaged", file=str(run / WORK / "settings.json"), column=column)]
    for key, step in STEPS.items():
        folder = run / WORK / "steps" / key
        try:
            if folder.is_dir():
                run_folder.load_result(step.result, folder)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return [Fault("run_file_damaged", file=str(folder))]
    try:
        run_folder.load(run, languages_of(run)[0], "client")
        run_folder.load_outline(run)
        run_folder.issued(run)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return [Fault("run_file_damaged", file=str(run / WORK))]
    return []


def _tried(path: Path, read: Callable[[Path], object]) -> list[Fault]:
    try:
        read(path)
    except KamplayError as error:
        return error.faults
    except PermissionError:
        return [Fault("file_not_permitted", file=str(path))]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return [Fault("run_file_damaged", file=str(path))]
    return []


def _json(path: Path) -> object:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        raise KamplayError(Fault("run_file_damaged", file=str(path))) from None


def _notebook(path: Path) -> None:
    import nbformat

    for cell in nbformat.read(str(path), as_version=4).cells:
        cell.source, cell.metadata  # noqa: B018 - what a page takes of it
