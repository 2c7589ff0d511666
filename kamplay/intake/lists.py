"""Lists that no table claims, a price list or a product catalogue, held against the columns of the same name."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from kamplay.codebook import codebook, fold
from kamplay.errors import Fault, KamplayError
from kamplay.intake.check import at_rows
from kamplay.intake.clean import as_text
from kamplay.intake.propose import MOST_VALUES, near_pairs
from kamplay.intake.read import EXCEL, Raw, read

LARGEST = 2_000_000  # bytes; a list is short


def against_lists(folder: Path, files: Iterable[str], raws: Iterable[Raw], tables: dict[tuple[str, str | None], str]) -> list[Fault]:
    """Values that look like one of a list that does not hold them: GTXPro in the deals, GTX Pro in the catalogue. Told, not changed.

    ``tables``: (file, sheet) → the table it feeds.
    """
    lists = _lists(folder, files)
    return [fault for raw in raws if lists for fault in _against(raw, lists, tables.get((raw.file, raw.sheet)))]


def _lists(folder: Path, files: Iterable[str]) -> dict[str, list[str]]:
    """Folded header → the distinct values under it, over all the lists."""
    found: dict[str, list[str]] = {}
    for file in files:
        path = folder / file
        if path.suffix.lower() in EXCEL or not path.is_file() or path.stat().st_size > LARGEST:
            continue
        try:
            frame = read(path, file, None, codebook()["transactions"]).frame
        except KamplayError:
            continue  # nobody asked for this file: that it cannot be read is no fault
        for header in frame.columns:
            values = [v for v in as_text(frame[header]).str.strip().unique() if v]
            if len(values) == len(frame) and len(values) <= MOST_VALUES:  # a list names each thing once
                found.setdefault(fold(header), []).extend(values)
    return found


def _against(raw: Raw, lists: dict[str, list[str]], table: str | None) -> Iterable[Fault]:
    for header in raw.frame.columns:
        listed = lists.get(fold(header))
        if not listed:
            continue
        cells = as_text(raw.frame[header]).str.strip()
        counts = cells[cells != ""].value_counts()
        odd = [v for v in counts.index if v not in set(listed)]
        if not odd or len(counts) > MOST_VALUES:
            continue
        for known, value in near_pairs([*listed, *odd]):
            if known in listed and value in odd:
                args = {"other": known, "other_count": int(counts.get(known, 0))}
                fault = Fault("values_alike", "warning", table=table, file=raw.file, sheet=raw.sheet, column=header, value=value, args=args)
                yield at_rows(fault, _rows(cells, value))


def _rows(cells: pd.Series, value: str) -> pd.Index:
    return cells.index[cells == value]
