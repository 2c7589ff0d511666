"""ballots.csv of a run folder: written for Excel and for the next run, read back as kamplay reads any
client's file.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd

from kamplay.codebook import codebook
from kamplay.errors import KamplayError
from kamplay.report.results import FORMULA_STARTS, guarded

FILE = "ballots.csv"
COLUMNS = list(codebook()["ballots"].columns)
TEXTS = ("rater", "department", "criterion", "account_id")
YES_NO = {"zh": ("是", "否"), "en": ("yes", "no")}


def tidy(table: pd.DataFrame | None) -> pd.DataFrame:
    """Ballots in exactly the codebook's columns and kinds: texts (or None), weight and rank float, nominated
    boolean, round float.
    """
    rows = (
        pd.DataFrame(columns=COLUMNS)
        if table is None
        else table.reindex(columns=COLUMNS).reset_index(drop=True)
    )
    out = pd.DataFrame(index=rows.index)
    for column in COLUMNS:
        if column in TEXTS:
            text = rows[column].astype("object").where(rows[column].notna(), None)
            out[column] = pd.Series([_plain(v) for v in text], index=rows.index, dtype="object")
        elif column == "nominated":
            out[column] = rows[column].astype("boolean")
        else:
            out[column] = pd.to_numeric(rows[column], errors="coerce").astype("float64")
    return out


def read(folder: Path) -> pd.DataFrame | None:
    """The ballots in the folder's file; None where there is none.

    Raises KamplayError with every cell that cannot be read, RefusedError for columns that ballots do not
    have: saving writes the file anew, and what was not read would be lost.
    """
    if not (folder / FILE).exists():
        return None
    from kamplay.engagement import Engagement, Settings, Source
    from kamplay.intake.prepare import survey

    alone = Engagement(folder, Settings(client="-", sources={"ballots": Source(path=[FILE])}))
    found = survey(alone)
    if faults := [
        f for f in found.faults if f.table == "ballots" and f.code != "account_unknown"
    ]:  # the accounts are elsewhere
        raise KamplayError(faults)
    if unused := [header for reading in found.readings for header in reading.unused]:
        raise RefusedError("file_columns", file=FILE, names=unused)
    return tidy(found.tables.get("ballots"))


def write(table: pd.DataFrame, folder: Path, language: str) -> bytes:
    """The whole table into the folder's file, in one step: a reader sees the old file or the new one. Returns
    what was written.
    """
    labels = {c: codebook()["ballots"].columns[c].labels[language] for c in COLUMNS}
    yes, no = YES_NO[language]
    shown = pd.DataFrame(
        {
            c: table[c].map(lambda v: "" if pd.isna(v) else v)
            if c in TEXTS
            else table[c].map({True: yes, False: no}).fillna("")
            if c == "nominated"
            else table[c].map(_number)
            for c in COLUMNS
        },
        dtype="object",
    )
    content = (
        guarded(shown).rename(columns=labels).to_csv(index=False, lineterminator="\r\n").encode("utf-8-sig")
    )
    beside = folder / f".{FILE}.{os.getpid()}"
    try:
        beside.write_bytes(content)
        beside.replace(folder / FILE)
    finally:
        beside.unlink(missing_ok=True)
    return content


def content(folder: Path) -> bytes | None:
    """The file as it is now, to tell whether somebody else wrote it."""
    path = folder / FILE
    return path.read_bytes() if path.exists() else None


def temporary(folder: Path) -> bool:
    """Whether the run is a scratch copy that is removed with its kernel."""
    place = folder.resolve().parent
    return place.parent == Path(tempfile.gettempdir()).resolve() and place.name.startswith("kamplay-")


def _plain(value: object) -> str | None:
    """Without the apostrophe that keeps a spreadsheet from calculating it."""
    if value is None:
        return None
    text = " ".join(str(value).split())
    if text.startswith("'") and text[1:].startswith(FORMULA_STARTS):
        text = text[1:]
    return text or None


def _number(value: float) -> str:
    """A number that no reader takes for grouped thousands: 33.333 is written 33.3330."""
    if pd.isna(value):
        return ""
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    return text + "0" if len(text.partition(".")[2]) == 3 else text


class RefusedError(Exception):
    """``code`` names what is wrong; ``figures`` fill its sentence. Nothing was changed."""

    def __init__(self, code: str, **figures: Any):
        self.code, self.figures = code, figures
        super().__init__(f"{code} {figures}" if figures else code)
