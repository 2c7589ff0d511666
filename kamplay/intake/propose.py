"""What the intake could not decide, proposed and never applied: headers close to ours, values that look alike, and the YAML to paste."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd
from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from kamplay.codebook import Column, TableSpec, fold
from kamplay.errors import Fault
from kamplay.intake import dates as days
from kamplay.intake.check import at_rows
from kamplay.intake.clean import as_text, dates, numbers

CLOSE, CLOSE_AND_READABLE, CLOSE_OPTIONAL = 65, 50, 85  # likeness out of 100 from which a header is proposed
SAMPLE = 200  # filled cells of a column that are tried
CATEGORIES = ("product", "category", "stage", "region", "industry", "owner")
MOST_VALUES = 500


def closest(column: Column, free: Sequence[str], frame: pd.DataFrame) -> str | None:
    """The free header that most likely holds ``column``, or None. Dates and amounts must also read as such."""
    scored = sorted(((_likeness(column, h), -i, h) for i, h in enumerate(free)), reverse=True)
    if not column.required:
        near = [h for score, _, h in scored if score >= CLOSE_OPTIONAL]
        return next((h for h in near if column.kind not in ("date", "amount") or _reads(frame[h], column.kind)), None)
    if column.kind not in ("date", "amount"):
        return scored[0][2] if scored and scored[0][0] >= CLOSE else None
    readable = [(score, h) for score, _, h in scored if _reads(frame[h], column.kind)]
    if readable and readable[0][0] >= CLOSE_AND_READABLE:
        return readable[0][1]
    return readable[0][1] if len(readable) == 1 else None  # the only column that could be it


def similar(word: str, known: Sequence[str]) -> str | None:
    """The header most like ``word``, or None when none is."""
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
    """Whether at least four of five filled cells of a sample are dates (written as such, not mere figures) or amounts."""
    text = as_text(cells).str.strip()
    sample = cells[text != ""].head(SAMPLE)
    text = text[sample.index]
    if not len(sample):
        return False
    if kind == "date":
        written = text.str.contains(r"\d\D|\D\d", regex=True) & ~text.str.fullmatch(r"-?[\d.,]+") | text.str.fullmatch(r"(19|20)\d{6}")
        written |= text.str.fullmatch(r"\d{1,2}\.\d{1,2}\.\d{4}|\d{4}\.\d{1,2}\.\d{1,2}")
        either = text.map(lambda v: days.readings(v) is not None).astype(bool)
        good = written & (dates(sample)[0].notna() | either)
    else:
        good = numbers(sample)[0].notna() & ~text.str.fullmatch(r"(19|20)\d{6}|0\d+")
    return bool(good.mean() >= 0.8)


def values_alike(frame: pd.DataFrame, spec: TableSpec, headers: dict[str, str], place: dict[str, Any]) -> list[Fault]:
    """Pairs of values that differ by spacing, case, punctuation or one letter: GTXPro and GTX Pro. They are told, not merged.

    ``frame`` holds our columns, its index the rows in the user's file. The rarer value of a pair is the fault's.
    """
    out = []
    for name in CATEGORIES:
        if name not in frame or spec.columns[name].kind != "text":
            continue
        counts = frame[name].value_counts()
        if not 1 < len(counts) <= MOST_VALUES:
            continue
        for usual, rare in near_pairs(list(counts.index)):
            args = {"other": usual, "other_count": int(counts[usual])}
            fault = Fault("values_alike", "warning", column=headers[name], value=rare, args=args, **place)
            out.append(at_rows(fault, frame.index[frame[name] == rare]))
    return out


def near_pairs(values: list[str]) -> Iterable[tuple[str, str]]:
    """Near-duplicates among ``values`` (the commonest first), each value named once as the odd one out."""
    folded = [fold(v) for v in values]
    distances = process.cdist(folded, folded, scorer=OSA.distance, score_cutoff=1)
    odd: set[int] = set()
    for i, first in enumerate(values):
        for j in range(i + 1, len(values)):
            if j not in odd and folded[i] and (folded[i] == folded[j] or (distances[i][j] == 1 and _one_letter(first, values[j]))):
                odd.add(j)
                yield first, values[j]


def _one_letter(one: str, other: str) -> bool:
    """Whether the one word in which two texts differ is a Latin word of at least six letters with one letter amiss.

    A figure, a short code or a Chinese character makes another thing: Pump 1 and Pump 2, 华北 and 华南.
    """
    left, right = re.findall(r"\w+", one.casefold()), re.findall(r"\w+", other.casefold())
    if len(left) != len(right):
        left, right = [fold(one)], [fold(other)]
    differing = [(a, b) for a, b in zip(left, right, strict=True) if a != b]
    return len(differing) == 1 and all(re.fullmatch(r"[a-zà-ÿ]{5,}", w) for w in differing[0]) and max(map(len, differing[0])) >= 6
