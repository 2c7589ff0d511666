"""ballots.csv of a run folder: written for Excel and for the next run, read as any client file."""

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
    """Bring ballots to the codebook's columns and dtypes.

    Parameters
    ----------
    table : ballots with any of ``COLUMNS``, or None.

    Returns
    -------
    One row per entry in ``COLUMNS``: texts as object (None where blank), nominated as boolean, weight, rank
    and round as float.
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


def read(folder: Path, file: str = FILE) -> pd.DataFrame | None:
    """Read the folder's ballots, see ``tidy``; None without a file.

    Raises
    ------
    KamplayError
        Cells that cannot be read, all of them.
    RefusedError
        Columns that ballots do not have: saving the file again would lose them.
    """
    if not (folder / file).exists():
        return None
    from kamplay.engagement import Engagement, Settings, Source
    from kamplay.intake.prepare import survey

    engagement = Engagement(folder, Settings(client="-", sources={"ballots": Source(path=[file])}))
    found = survey(engagement)
    # the accounts are not in this folder, so none of them is known here
    if faults := [f for f in found.faults if f.table == "ballots" and f.code != "account_unknown"]:
        raise KamplayError(faults)
    if unused := [header for reading in found.readings for header in reading.unused]:
        raise RefusedError("file_columns", file=file, names=unused)
    return tidy(found.tables.get("ballots"))


def write(table: pd.DataFrame, folder: Path, language: str) -> bytes:
    """Write all ballots to the folder's file at once: a reader sees the old file or the new one.

    Parameters
    ----------
    table : ballots, as ``tidy`` returns them.
    folder : the run folder.
    language : zh or en, of the headers and of yes and no.

    Returns
    -------
    The bytes written.
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
    temporary_file = folder / f".{FILE}.{os.getpid()}"
    try:
        temporary_file.write_bytes(content)
        temporary_file.replace(folder / FILE)
    finally:
        temporary_file.unlink(missing_ok=True)
    return content


def content(folder: Path) -> bytes | None:
    """The file's bytes, to notice changes by other programs; None without a file."""
    path = folder / FILE
    return path.read_bytes() if path.exists() else None


def temporary(folder: Path) -> bool:
    """Whether the run is a scratch copy that is removed with its kernel."""
    place = folder.resolve().parent
    return place.parent == Path(tempfile.gettempdir()).resolve() and place.name.startswith("kamplay-")


def _plain(value: object) -> str | None:
    """Text without the apostrophe that keeps a spreadsheet from reading it as a formula."""
    if value is None:
        return None
    text = " ".join(str(value).split())
    if text.startswith("'") and text[1:].startswith(FORMULA_STARTS):
        text = text[1:]
    return text or None


def _number(value: float) -> str:
    """A number that cannot be read as grouped thousands: 33.333 is written 33.3330."""
    if pd.isna(value):
        return ""
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    return text + "0" if len(text.partition(".")[2]) == 3 else text


class RefusedError(Exception):
    """An entry that cannot be used: ``code`` of the reason, ``figures`` of its sentence; nothing changed."""

    def __init__(self, code: str, **figures: Any):
        self.code, self.figures = code, figures
        super().__init__(f"{code} {figures}" if figures else code)
