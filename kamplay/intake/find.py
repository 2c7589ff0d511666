"""Which file, and which sheet of it, holds which table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kamplay.codebook import TableSpec, codebook, fold
from kamplay.engagement import Engagement, Source
from kamplay.errors import Fault, nearest
from kamplay.intake.read import EXCEL, READABLE, sheet_names


@dataclass(frozen=True)
class Input:
    """One file (or one sheet) that feeds one table. ``shown`` is its path as the user knows it."""

    table: str
    path: Path
    shown: str
    sheet: str | None
    source: Source


def find(engagement: Engagement) -> tuple[list[Input], list[Fault]]:
    """Every input of the engagement, named in ``sources`` or recognised by its name, and what could not be found."""
    inputs: list[Input] = []
    faults: list[Fault] = []
    for table, source in engagement.settings.sources.items():
        for item in source.path:
            found = list(_named(engagement.folder, table, item, source))
            inputs += [f for f in found if isinstance(f, Input)]
            faults += [f for f in found if isinstance(f, Fault)]
    named = {i.path for i in inputs}
    recognised, unused = _recognise(engagement.folder, set(engagement.settings.sources), named)
    inputs += recognised
    faults += unused
    if not any(i.table == "transactions" for i in inputs) and not any(f.table == "transactions" for f in faults):
        faults.append(Fault("table_missing", table="transactions", file="data/"))
    return inputs, faults


def _named(folder: Path, table: str, item: str, source: Source) -> Iterator[Input | Fault]:
    pattern, _, sheet = item.partition("#")
    matches = sorted(p for p in folder.glob(pattern) if p.is_file()) or sorted(p for p in (folder / "data").glob(pattern) if p.is_file())
    if not matches:
        there = [_shown(folder, p) for p in _data_files(folder)]
        yield Fault("source_missing", table=table, file=item, args={"near": nearest(pattern, there) or "", "there": ", ".join(there[:6])})
    for path in matches:
        shown = _shown(folder, path)
        if path.suffix.lower() not in READABLE:
            yield Fault("file_kind_unknown", table=table, file=shown)
            continue
        sheets: list[str | None] = [None]
        if path.suffix.lower() in EXCEL:
            names = sheet_names(path, shown)
            if isinstance(names, Fault):
                yield names
                continue
            if sheet and sheet not in names:
                yield Fault("sheet_missing", table=table, file=shown, sheet=sheet, args={"there": ", ".join(names[:8])})
                continue
            matching = [n for n in names if _says(codebook()[table], n)]
            sheets = [sheet] if sheet else list(matching or names[:1])
        for name in sheets:
            yield Input(table, path, shown, name, source)


def _recognise(folder: Path, named_tables: set[str], named_files: set[Path]) -> tuple[list[Input], list[Fault]]:
    """Files under ``data/`` that no source names, by file or sheet name; a file nobody claims is reported, not guessed at."""
    inputs: list[Input] = []
    faults: list[Fault] = []
    open_tables = {n: t for n, t in codebook().items() if n not in named_tables}
    for path in _data_files(folder):
        shown = _shown(folder, path)
        used = path in named_files
        names: list[str | None] = [None]
        if path.suffix.lower() in EXCEL:
            sheets = sheet_names(path, shown)
            if isinstance(sheets, Fault):
                faults.append(sheets)
                continue
            names = list(sheets)
        for name in names:
            table = _best(open_tables, name) if name else None
            if table is None and not used and (name is None or len(names) == 1):
                table = _best(open_tables, path.stem)
            if table:
                used = True
                inputs.append(Input(table, path, shown, name, Source(path=[shown])))
        if not used:
            faults.append(Fault("file_not_used", "warning", file=shown))
    return inputs, faults


def _best(tables: dict[str, TableSpec], word: str) -> str | None:
    """The table whose name ``word`` is, or else the longest table name it contains (销售明细2025 is 销售明细)."""
    exact = [name for name, spec in tables.items() if _says(spec, word)]
    if exact:
        return exact[0]
    folded = fold(word)
    inside = [(len(fold(n)), name) for name, spec in tables.items() for n in _names(spec) if len(fold(n)) > 1 and fold(n) in folded]
    return max(inside)[1] if inside else None


def _names(spec: TableSpec) -> tuple[str, ...]:
    return (spec.name, *spec.labels.values(), *spec.aliases)


def _says(spec: TableSpec, word: str) -> bool:
    return fold(word) in {fold(n) for n in _names(spec)}


def _data_files(folder: Path) -> list[Path]:
    data = folder / "data"
    files = data.rglob("*") if data.is_dir() else ()
    return sorted(p for p in files if p.is_file() and p.suffix.lower() in READABLE and not p.name.startswith((".", "~$")))


def _shown(folder: Path, path: Path) -> str:
    return path.relative_to(folder).as_posix()
