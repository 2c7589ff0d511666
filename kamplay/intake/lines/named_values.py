"""The lines whose cells hold a value that the settings name; ``*`` stands for anything, as in ``CN-*``."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from kamplay.codebook import fold
from kamplay.errors import Fault, nearest
from kamplay.intake.files.readers import Raw
from kamplay.intake.values.cells import at
from kamplay.intake.values.parsing import as_text, numbers

BELOW_ZERO = "<0"  # for a column of numbers
MOST_VALUES = 12  # that a proposed setting lists


def lines_with(
    raw: Raw, named: dict[str, list[str]], index: pd.Index, place: dict[str, Any]
) -> tuple[pd.Series, list[Fault]]:
    """Find the lines that a setting names, as ``{header: [value, …]}``.

    Returns
    -------
    mask : Series of bool
    faults : list of Fault
        Headers that are not there.
    """
    found, faults = pd.Series(False, index=index), []
    for header, wanted in named.items():
        actual = next((h for h in raw.frame.columns if fold(h) == fold(header)), None)
        if actual is None:
            there = list(raw.frame.columns)
            args = {"near": nearest(header, there) or "", "there": ", ".join(there[:12])}
            faults.append(Fault("header_missing", column=header, args=args, **place))
            continue
        cells = at(raw.frame[actual], index)
        found |= matches(as_text(cells).str.strip(), wanted)
        if BELOW_ZERO in wanted:
            found |= numbers(cells)[0] < 0
    return found, faults


def matches(text: pd.Series, wanted: list[str]) -> pd.Series:
    """The cells that are one of the wanted values, or fit one with ``*``."""
    wanted = [w.strip() for w in wanted]
    patterns = [pattern_of(w) for w in wanted if "*" in w]
    if not patterns:
        return text.isin(wanted)
    either = re.compile("|".join(patterns), re.DOTALL)
    return text.isin([v for v in text.unique() if v in wanted or either.fullmatch(v)])


def pattern_of(wanted: str) -> str:
    """The regular expression of a value with ``*``."""
    return ".*".join(re.escape(part) for part in wanted.split("*"))


def to_paste(header: str, text: pd.Series, lines: pd.Series, patterns: list[str]) -> str:
    """The setting that names these lines: by patterns where they name no other line, else value by value."""
    patterns = list(dict.fromkeys(patterns))
    if not patterns or len(patterns) > MOST_VALUES or not matches(text, patterns).equals(lines):
        patterns = list(text[lines].unique()[:MOST_VALUES])
    quoted = ", ".join('"' + p.replace("\\", "\\\\").replace('"', '\\"') + '"' for p in patterns)
    return f'{{"{header}": [{quoted}]}}'
