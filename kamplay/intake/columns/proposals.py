"""What could not be decided while reading, proposed and never applied: headers close to ours, values that
look alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from kamplay.book import Reading
from kamplay.codebook import Column, TableSpec, codebook, fold
from kamplay.errors import Fault, KamplayError
from kamplay.intake.checks.validation import at_rows, with_places
from kamplay.intake.columns.header_words import money_role, of_customers
from kamplay.intake.columns.rivals import ENOUGH, NOT_AMOUNTS, not_an_account
from kamplay.intake.files.readers import EXCEL, Raw, read
from kamplay.intake.values.dates import both_ways, shapes
from kamplay.intake.values.parsing import as_text, dates, numbers

CLOSE, CLOSE_AND_READABLE, CLOSE_OPTIONAL = 65, 50, 85  # likeness out of 100 from which a header is proposed
SAMPLE = 200  # filled cells of a column that are tried
CATEGORIES = ("product", "category", "stage", "region", "industry", "owner")
MOST_VALUES = 500
MOST_PAIRS = 3  # of values alike in a column, up to which each is told


def closest(column: Column, free: Sequence[str], frame: pd.DataFrame) -> str | None:
    """Find the free header that most likely holds a column, or None: its name must be close, and what stands
    under it must fit.
    """
    scored = sorted(((_likeness(column, h), -i, h) for i, h in enumerate(free)), reverse=True)
    if not column.required:
        near = [h for score, _, h in scored if score >= CLOSE_OPTIONAL]
        if column.name == "sales_entity":  # a company in sales lines is a customer sooner than a seller
            near = [h for h in near if not of_customers(h)]
        return next((h for h in near if _fits(column, h, frame)), None)
    if column.kind not in ("date", "amount"):
        near = [h for score, _, h in scored if score >= CLOSE]
        return next((h for h in near if _fits(column, h, frame)), None)
    readable = [
        (score, h)
        for score, _, h in scored
        if _apart(column, h)
        and (_reads(frame[h], column.kind) or (score >= CLOSE and _counts_from_1970(frame[h], column.kind)))
    ]
    if readable and readable[0][0] >= CLOSE_AND_READABLE:
        return readable[0][1]
    return readable[0][1] if len(readable) == 1 else None  # the only column that could be it


def fitting(column: Column, free: Sequence[str], frame: pd.DataFrame) -> list[str]:
    """List the free headers whose values fit a column, whatever their names."""
    if column.kind == "id" and len(frame) < ENOUGH:
        return []
    return [h for h in free if _fits(column, h, frame)]


def _fits(column: Column, header: str, frame: pd.DataFrame) -> bool:
    """Whether the values under a header can be those of a column: ids are filled, repeat where they name
    accounts, and are no dates and no amounts.
    """
    if column.kind in ("date", "amount", "number", "integer"):
        return _reads(frame[header], "date" if column.kind == "date" else "amount") and _apart(column, header)
    if column.kind == "id":
        text = as_text(frame[header]).str.strip()
        reason = not_an_account(text)
        lines = column.table == "transactions" and column.name == "account_id"
        return bool((text != "").mean() > 0.5) and reason not in (
            ("dates", "amounts", "one_value", "all_different", "ledger") if lines else ("dates", "amounts")
        )
    return True


_EACH = re.compile(  # pieces per case
    r"\bper\b(?! (?:line|order|invoice|document))|^每|装箱数|箱规", re.IGNORECASE
)


def _apart(column: Column, header: str) -> bool:
    """Whether the words of a header allow it to be an amount: a rate, a price or a tax is none."""
    if column.kind != "amount" or column.name != "amount":
        return True
    return money_role(header) not in NOT_AMOUNTS and not _EACH.search(header)


def similar(word: str, known: Sequence[str]) -> str | None:
    """Find the header most like a word, or None when none is."""
    found = process.extractOne(fold(word), [fold(k) for k in known], scorer=fuzz.ratio, score_cutoff=CLOSE)
    return known[found[2]] if found else None


def _likeness(column: Column, header: str) -> float:
    mine = fold(header)
    if not mine:
        return 0.0
    best = 0.0
    for known in {fold(h) for h in column.headers}:
        best = max(best, fuzz.ratio(mine, known))
        if column.required and min(len(mine), len(known)) >= (2 if re.search(r"[一-鿿]", mine) else 4):
            best = max(best, 0.85 * fuzz.partial_ratio(mine, known))
    return best


def _reads(cells: pd.Series, kind: str) -> bool:
    """Whether at least four of five filled cells of a sample are dates (written as such, not mere figures) or
    amounts.
    """
    text = as_text(cells).str.strip()
    sample = cells[text != ""].head(SAMPLE)
    text = text[sample.index]
    if not len(sample):
        return False
    if kind == "date":
        written = text.str.contains(r"\d\D|\D\d", regex=True) & ~text.str.fullmatch(
            r"-?[\d.,]+"
        ) | text.str.fullmatch(r"(19|20)\d{6}")
        written |= text.str.fullmatch(r"\d{1,2}\.\d{1,2}\.\d{4}|\d{4}\.\d{1,2}\.\d{1,2}|0\d\d\.\d{4}")
        either = text.map(lambda v: both_ways(v) is not None).astype(bool)
        good = written & (dates(sample)[0].notna() | either)
    else:
        good = numbers(sample)[0].notna() & ~text.str.fullmatch(r"(19|20)\d{6}|0\d+")
    return bool(good.mean() >= 0.8)


def _counts_from_1970(cells: pd.Series, kind: str) -> bool:
    """Whether figures are Unix times; ten figures may be anything, so the header has to say so."""
    text = as_text(cells).str.strip()
    sample = text[text != ""].head(SAMPLE).unique().tolist()
    return kind == "date" and bool(sample) and set(shapes(sample)) == {"unix"}


def values_alike(
    frame: pd.DataFrame, spec: TableSpec, headers: dict[str, str], place: dict[str, Any]
) -> list[Fault]:
    """Report values that differ by spacing, case, punctuation or one letter: GTXPro and GTX Pro.

    Parameters
    ----------
    frame : DataFrame
        Our columns; the index is the row in the user's file.
    spec : TableSpec
        The table in the codebook.
    headers : dict of str to str
        Our column to the user's header.
    place : dict
        Where the faults stand: table, file, sheet.

    Returns
    -------
    list of Fault
        One a pair, of its rarer value; one for all of a column with many. Nothing is merged.
    """
    out: list[Fault] = []
    for name in CATEGORIES:
        if name not in frame or spec.columns[name].kind != "text":
            continue
        counts = frame[name].value_counts()
        if not 1 < len(counts) <= MOST_VALUES:
            continue
        out += _told(near_pairs(list(counts.index)), counts, frame[name], {**place, "column": headers[name]})
    return out


def _told(
    pairs: Iterable[tuple[str, str]], counts: pd.Series, cells: pd.Series, place: dict[str, Any]
) -> list[Fault]:
    """A fault for each of a few pairs of a column, of which the second value is the odd one; many pairs have
    one cause, a way of writing, and are one fault with the first places.
    """
    out = []
    for usual, odd in pairs:
        args = {"other": usual, "other_count": int(counts.get(usual, 0))}
        fault = Fault("values_alike", "warning", value=odd, args=args, **place)
        out.append(at_rows(fault, cells.index[cells == odd]))
    if len(out) <= MOST_PAIRS:
        return out
    first = min(out, key=lambda f: f.row or 0)
    odds = cells[cells.isin([f.value for f in out])]
    told = replace(first, args={**first.args, "pairs": len(out)})
    return [with_places(at_rows(told, odds.index), odds)]


def near_pairs(values: list[str]) -> Iterable[tuple[str, str]]:
    """Pair near-duplicates among ``values`` (the commonest first), each value once as the odd one out."""
    folded = [fold(v) for v in values]
    distances = process.cdist(folded, folded, scorer=OSA.distance, score_cutoff=1)
    odd: set[int] = set()
    for i, first in enumerate(values):
        for j in range(i + 1, len(values)):
            if (
                j not in odd
                and folded[i]
                and (folded[i] == folded[j] or (distances[i][j] == 1 and _one_letter(first, values[j])))
            ):
                odd.add(j)
                yield first, values[j]


def _one_letter(one: str, other: str) -> bool:
    """Whether the one word in which two texts differ is a Latin word of at least six letters with one letter
    amiss.

    A figure, a short code or a Chinese character makes another thing: Pump 1 and Pump 2, 华北 and 华南.
    """
    left, right = re.findall(r"\w+", one.casefold()), re.findall(r"\w+", other.casefold())
    if len(left) != len(right):
        left, right = [fold(one)], [fold(other)]
    differing = [(a, b) for a, b in zip(left, right, strict=True) if a != b]
    return (
        len(differing) == 1
        and all(re.fullmatch(r"[a-zà-ÿ]{5,}", w) for w in differing[0])
        and max(map(len, differing[0])) >= 6
    )


LARGEST = 2_000_000  # bytes; a list is short


def against_lists(
    folder: Path, files: Iterable[str], raws: Iterable[Raw], readings: Iterable[Reading]
) -> list[Fault]:
    """Report values that look like one of a list which does not hold them: GTXPro in the deals, GTX Pro in
    the catalogue.

    Parameters
    ----------
    folder, files : Path, iterable of str
        The engagement, and its files that feed no table.
    raws : iterable of Raw
        The inputs.
    readings : iterable of Reading
        How they were read.
    """
    lists = _lists(folder, files)
    fed = {(r.file, r.sheet): r for r in readings} if lists else {}
    return [fault for raw in raws if lists for fault in _against(raw, lists, fed.get((raw.file, raw.sheet)))]


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
            figures = sum(re.fullmatch(r"[\d\W_]+", v) is not None for v in values)  # 1,200.50 is no name
            if len(values) == len(frame) <= MOST_VALUES and 2 * figures < len(values):  # it names each once
                found.setdefault(fold(header), []).extend(values)
    return found


def _against(raw: Raw, lists: dict[str, list[str]], reading: Reading | None) -> Iterable[Fault]:
    numbered = _numbered(reading) if reading else set()
    table = reading.table if reading else None
    for header in raw.frame.columns:
        listed = lists.get(fold(header))
        if not listed or header in numbered:
            continue
        cells = as_text(raw.frame[header]).str.strip()
        counts = cells[cells != ""].value_counts()
        odd = [v for v in counts.index if v not in set(listed)]
        if not odd or len(counts) > MOST_VALUES:
            continue
        pairs = [(a, b) for a, b in near_pairs([*listed, *odd]) if a in listed and b in odd]
        place = {"table": table, "file": raw.file, "sheet": raw.sheet, "column": header}
        yield from _told(pairs, counts, cells, place)


def _numbered(reading: Reading) -> set[str]:
    """The headers of dates, figures and numbers of documents, which name nothing that a list could hold."""
    columns = codebook()[reading.table].columns
    named = ("account_id", "parent_id", "contact_id")
    return {
        header
        for name, header in reading.headers.items()
        if name not in named and columns[name].kind not in ("text", "choice")
    }
