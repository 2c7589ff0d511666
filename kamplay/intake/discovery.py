"""Which file, and which sheet of it, holds which table."""

from __future__ import annotations

import contextlib
import filecmp
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from kamplay.codebook import TableSpec, codebook, fold
from kamplay.engagement import Engagement, Source
from kamplay.errors import Fault, KamplayError, Level, nearest
from kamplay.intake import own_results
from kamplay.intake.databases import database
from kamplay.intake.files import archives
from kamplay.intake.files.archives import ARCHIVES
from kamplay.intake.files.file_safety import content, look, name_shown, not_openable
from kamplay.intake.files.readers import EXCEL, READABLE, Sheets, read, sheet_names
from kamplay.intake.table_fit import can_be_sales

# Files that may well hold a client's tables and that are not read: each is named, never passed over
NOT_READ = {
    *(".numbers", ".pages", ".pdf", ".doc", ".docx", ".ppt", ".pptx", ".et", ".wps", ".xlt", ".xltx"),
    *(".rar", ".7z", ".tar", ".tgz", ".bz2", ".xz", ".zst"),
    *(".json", ".jsonl", ".xml", ".html", ".htm", ".mht", ".mhtml"),
    *(".dbf", ".mdb", ".accdb", ".feather", ".arrow", ".orc", ".avro", ".sav", ".dta", ".sas7bdat"),
}
SHORT = 2_000_000  # bytes up to which a file that nobody claims is looked into


@dataclass(frozen=True)
class Input:
    """One file, sheet or database table that feeds one table; ``shown`` is its path as the user knows it.
    ``accounts`` are the settings of the accounts where they name the same lines of sales.
    """

    table: str
    path: Path
    shown: str
    sheet: str | None
    source: Source
    accounts: Source | None = None


def find(engagement: Engagement) -> tuple[list[Input], list[Fault]]:
    """Find every input of an engagement, named in ``sources`` or recognised by file or sheet name.

    Returns
    -------
    inputs : list of Input
        In the order in which they are read.
    faults : list of Fault
        What could not be found, or was found and is not used.
    """
    finder = _Finder(engagement.folder)
    for table, source in engagement.settings.sources.items():
        if source.url:
            finder.inputs.append(
                Input(table, engagement.folder, database.shown(source), database.sheet(source), source)
            )
        for item in source.path:
            finder.named(table, item, source)
    finder.recognise(engagement.settings.sources)
    finder.name_the_others()
    inputs, faults = _once_for_both(finder.inputs), finder.faults
    for table, source in engagement.settings.sources.items():
        if source.by_name and table != "transactions" and not any(i.table == table for i in finder.inputs):
            faults.append(Fault("settings_without_file", "warning", table=table, file="data/"))
    if not any(i.table == "transactions" for i in inputs):
        faults = without_transactions(engagement.folder, faults)
    return inputs, faults


def _once_for_both(inputs: list[Input]) -> list[Input]:
    """The inputs, where lines of sales that are named as the accounts, too, are read once: they have a row a
    line, not one an account.
    """
    lines = [entry for entry in inputs if entry.table == "transactions"]
    both = {
        id(entry): accounts
        for entry in lines
        for accounts in inputs
        if accounts.table == "accounts" and _same_input(entry, accounts)
    }
    again = {id(accounts) for accounts in both.values()}
    return [
        replace(entry, accounts=both[id(entry)].source) if id(entry) in both else entry
        for entry in inputs
        if id(entry) not in again
    ]


def _same_input(one: Input, other: Input) -> bool:
    mine, theirs = one.source, other.source
    if mine.url or theirs.url:
        return (mine.url, mine.table, mine.query) == (theirs.url, theirs.table, theirs.query)
    return (one.path, one.sheet) == (other.path, other.sheet) and not theirs.where


def without_transactions(folder: Path, faults: list[Fault]) -> list[Fault]:
    """The faults of an engagement without transactions, with one that says so and, where the sales may be in
    a file whose name says nothing, how to name it.
    """
    if any(f.table == "transactions" and f.level == "error" for f in faults):
        return faults
    there = [str(f.file) for f in faults if f.code == "file_not_used" and not f.table]
    likely = [name for name in there if _may_be_sales(folder / name, name)]
    if not likely:
        return [*faults, Fault("table_missing", table="transactions", file="data/")]
    largest = max(likely, key=lambda name: _size(folder / name))
    args = {"there": ", ".join(there[:6]), "path": largest}
    kept = [f for f in faults if f.code != "file_not_used" or f.table]  # one cause, one fault
    return [*kept, Fault("transactions_unnamed", table="transactions", file="data/", args=args)]


def named_exactly(entry: Input) -> bool:
    """Whether the file or the sheet bears a name of its table and nothing else."""
    spec, stem = codebook()[entry.table], PurePosixPath(entry.shown).stem
    return _says(spec, stem) or bool(entry.sheet and _says(spec, entry.sheet))


class _Finder:
    """Collects inputs and faults; a file is looked at before it is opened, and each is reported once."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.inputs: list[Input] = []
        self.faults: list[Fault] = []
        self.seen: dict[Path, bool] = {}  # looked at → may be opened
        self.own: dict[Path, bool] = {}
        self.unpacked: dict[Path, archives.Unpacked | None] = {}  # by archive
        self.within: dict[Path, str] = {}  # what was unpacked → its path as the user knows it

    def shown(self, path: Path) -> str:
        return self.within.get(path) or _shown(self.folder, path)

    def contained(self, path: Path, table: str | None) -> Path | None:
        """The table in an archive, any other file as it is; None for an archive without a usable one.

        That is an error where the archive is named under sources or like a table, else a warning.
        """
        if path.suffix.lower() not in ARCHIVES:
            return path
        if path not in self.unpacked:
            shown = _shown(self.folder, path)
            found = not_openable(path, shown, self.folder) or archives.unpacked(path, shown)
            if isinstance(found, Fault):
                self.faults.append(replace(found, table=table, level="error" if table else "warning"))
                self.unpacked[path] = None
            else:
                self.unpacked[path] = found
                self.within[found.path] = found.shown
        found_in = self.unpacked[path]
        return found_in.path if found_in else None

    def usable(self, path: Path, table: str | None) -> bool:
        """Whether the file may be opened; what stands against it is reported the first time."""
        if path not in self.seen:
            shown = self.shown(path)
            found = content(path, shown) if path in self.within else look(path, shown, self.folder)
            self.faults += [replace(f, table=table) for f in found.faults]
            self.seen[path] = not found.refused
        return self.seen[path]

    def ours(self, path: Path) -> bool:
        """Whether a file is of our own making, which feeds no table; reported the first time."""
        if path not in self.own:
            self.own[path] = own_results.is_workbook(path)
            if self.own[path]:
                self.faults.append(Fault("file_of_ours", "warning", file=self.shown(path)))
        return self.own[path]

    def sheets(self, path: Path, table: str | None) -> Sheets | None:
        """The sheets of a workbook; one without a sheet for a text or parquet file; None when it cannot be
        opened.
        """
        shown = self.shown(path)
        if content(path, shown).kind != "excel":
            return Sheets((), ())
        names = sheet_names(path, shown)
        if isinstance(names, Fault):
            self.faults.append(replace(names, table=table))
            self.seen[path] = False
            return None
        return names

    def add(self, table: str, path: Path, sheet: str | None, source: Source) -> None:
        """One input, unless the table has it already: the same file, or another with the same bytes."""
        shown = self.shown(path)
        for other in self.inputs:
            if other.table == table and other.sheet == sheet and _same(other.path, path):
                self.faults.append(
                    Fault(
                        "file_repeated",
                        "warning",
                        table=table,
                        file=shown,
                        sheet=sheet,
                        args={"other": other.shown},
                    )
                )
                return
        self.inputs.append(Input(table, path, shown, sheet, source))

    def named(self, table: str, item: str, source: Source) -> None:
        """Resolve an entry under ``sources``: a file, a glob, and behind # a sheet or a glob of sheets."""
        matches, sheet = _matches(self.folder, item)
        if not matches:
            there = [_shown(self.folder, p) for p in _data_files(self.folder)]
            args = {"near": nearest(item, there) or "", "there": ", ".join(there[:6])}
            self.faults.append(Fault("source_missing", table=table, file=name_shown(item), args=args))
        for match in matches:
            path = self.contained(match, table)
            if path is None:
                continue
            shown = self.shown(path)
            if (
                path.suffix.lower() not in READABLE and path not in self.within
            ):  # a workbook may be named .zip
                self.faults.append(Fault("file_kind_unknown", table=table, file=shown))
                continue
            if not self.usable(path, table) or self.ours(path):
                continue
            names = self.sheets(path, table)
            if names is None:
                continue
            for name in self._chosen(table, shown, sheet, names):
                self.add(table, path, name, source)

    def _chosen(self, table: str, shown: str, sheet: str, names: Sheets) -> list[str | None]:
        every = (*names.visible, *names.hidden)
        if not every and not sheet:
            return [None]
        if sheet:  # named: a hidden sheet serves too
            found: list[str | None] = [n for n in every if n == sheet] or [
                n for n in every if fnmatchcase(n, sheet)
            ]
            if not found:
                args = {"there": ", ".join(every[:8])}
                self.faults.append(Fault("sheet_missing", table=table, file=shown, sheet=sheet, args=args))
            return found
        matching: list[str | None] = [n for n in names.visible if _says(codebook()[table], n)]
        if matching:
            return matching
        other = [n for n in names.visible[1:] if not any(_says(spec, n) for spec in codebook().values())]
        if names.visible:
            self._leave(table, shown, names.visible[0], other, names.hidden)
        return list((names.visible or names.hidden)[:1])

    def _leave(self, table: str, shown: str, used: str, other: list[str], hidden: Sequence[str]) -> None:
        """Say which sheets are not read. What a hidden one holds is looked at: lookup lists need no word."""
        unnamed = [n for n in hidden if not any(_says(spec, n) for spec in codebook().values())]
        if other or (unnamed and table == "transactions"):
            left = {"sheets": [(n, 0, None) for n in (*other, *unnamed)], "hidden": unnamed}
            self.faults.append(
                Fault("sheets_not_used", "warning", table=table, file=shown, sheet=used, args=left)
            )

    def recognise(self, sources: dict[str, Source]) -> None:
        """Files under ``data/`` that no source names, by file or sheet name, each with the other settings of
        its table; a file nobody claims is reported, not guessed at.
        """
        named = {name for name, source in sources.items() if not source.by_name}
        open_tables = {n: t for n, t in codebook().items() if n not in named}
        for file in _data_files(self.folder):
            by_file = _best(open_tables, file.stem)
            path = self.contained(file, by_file)
            if path is None:
                continue
            shown = self.shown(path)
            by_file = _best(open_tables, PurePosixPath(shown).stem) or by_file
            used = path in self.seen
            text = path.suffix.lower() not in EXCEL and path.is_file() and not path.is_symlink()
            if not used and text and not by_file:
                self.faults.append(Fault("file_not_used", "warning", file=shown))
                continue
            if not self.usable(path, by_file) or self.ours(path):
                continue
            names = self.sheets(path, by_file)
            if names is None:
                continue
            if not names.visible and not names.hidden:
                if by_file and not used:
                    self.add(by_file, path, None, sources.get(by_file, Source()))
                continue
            for name in names.visible:
                table = _best(open_tables, name)
                if table is None and not used and len(names.visible) == 1:
                    table = by_file
                    if table:
                        self._leave(table, shown, name, [], names.hidden)
                if table:
                    used = True
                    self.add(table, path, name, sources.get(table, Source()))
            for name in names.hidden:
                if _best(open_tables, name):
                    self.faults.append(Fault("sheet_hidden", "warning", file=shown, sheet=name))
            if used:
                continue
            if by_file and names.visible:
                args = {"there": ", ".join(names.visible[:8]), "path": f"{shown}#{names.visible[0]}"}
                level: Level = "error" if by_file == "transactions" else "warning"
                self.faults.append(
                    Fault("sheets_unnamed", level, table=by_file, file=shown, args={**args, "table": by_file})
                )
            else:
                self.faults.append(Fault("file_not_used", "warning", file=shown))

    def name_the_others(self) -> None:
        """Files under ``data/`` of a kind that is not read: an error where one is named like the transactions
        and there are no others, else a warning.
        """
        fed = {i.table for i in self.inputs}
        for path in _files(self.folder, NOT_READ):
            table = _best(codebook(), path.stem)
            missed = table == "transactions" and table not in fed
            self.faults.append(
                Fault(
                    "file_kind_unknown",
                    "error" if missed else "warning",
                    table=table if missed else None,
                    file=_shown(self.folder, path),
                )
            )


def _matches(folder: Path, item: str) -> tuple[list[Path], str]:
    """The files an entry names, and its sheet. A name that exists is taken to the letter, whatever # or [ it
    holds; the table in an archive is named by both names.
    """
    name, _, sheet = item.partition("#")
    if split := archives.within(item):
        for base in (folder, folder / "data"):
            with contextlib.suppress(OSError, ValueError):
                if (base / split[0]).is_file():
                    return [base / split[0]], split[1]
    for base in (folder, folder / "data"):
        for literal, of in ((item, ""), (name, sheet)):
            with contextlib.suppress(OSError, ValueError):
                if literal.strip(". /") and os.path.lexists(base / literal) and (base / literal).suffix:
                    return [base / literal], of
    for base in (folder, folder / "data"):
        with contextlib.suppress(OSError, ValueError, NotImplementedError, IndexError):
            if found := sorted(
                p for p in base.glob(name) if p.is_file() and not p.name.startswith((".", "~$"))
            ):
                return found, sheet
    return [], sheet


def _may_be_sales(path: Path, shown: str) -> bool:
    """Whether a file may hold the transactions; one that is large, no text or cannot be read may."""
    if path.suffix.lower() in EXCEL | ARCHIVES or not path.is_file() or _size(path) > SHORT:
        return True
    try:
        return can_be_sales(read(path, shown, None, codebook()["transactions"]))
    except KamplayError:
        return True


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _same(one: Path, other: Path) -> bool:
    """Whether two paths are one file, or two with the same bytes: a copy would count everything twice."""
    return one.samefile(other) or (
        one.stat().st_size == other.stat().st_size and filecmp.cmp(one, other, shallow=False)
    )


def _best(tables: dict[str, TableSpec], word: str) -> str | None:
    """The table named ``word``, else the longest table name in it (销售明细2025 is 销售明细)."""
    exact = [name for name, spec in tables.items() if _says(spec, word)]
    if exact:
        return exact[0]
    inside = [
        (len(fold(n)), name) for name, spec in tables.items() for n in _names(spec) if _contains(word, n)
    ]
    return max(inside)[1] if inside else None


def _contains(word: str, name: str) -> bool:
    """Whether a table's name stands in ``word``: anywhere for Chinese, as whole words for Latin letters (ar
    is not in dictionary).
    """
    if not name.isascii():
        return len(fold(name)) > 1 and fold(name) in fold(word)
    parts = re.findall(r"[a-z]+", word.casefold())
    wanted = re.findall(r"[a-z]+", name.casefold())
    return any(parts[i : i + len(wanted)] == wanted for i in range(len(parts) - len(wanted) + 1))


def _names(spec: TableSpec) -> tuple[str, ...]:
    return (spec.name, *spec.labels.values(), *spec.aliases)


def _says(spec: TableSpec, word: str) -> bool:
    return fold(word) in {fold(n) for n in _names(spec)}


def _data_files(folder: Path) -> list[Path]:
    """What lies under ``data/`` with the name of a readable file or an archive, be it a file or not."""
    return _files(folder, READABLE | ARCHIVES)


def _files(folder: Path, suffixes: set[str]) -> list[Path]:
    data = folder / "data"
    found = data.rglob("*") if data.is_dir() else ()
    return sorted(p for p in found if p.suffix.lower() in suffixes and not p.name.startswith((".", "~$")))


def _shown(folder: Path, path: Path) -> str:
    return name_shown(path.relative_to(folder).as_posix())
