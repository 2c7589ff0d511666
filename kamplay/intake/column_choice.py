"""The headers from which somebody chooses what the transactions lack, and what speaks against a choice."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from kamplay.codebook import codebook
from kamplay.intake.columns.proposals import fitting
from kamplay.intake.columns.rivals import not_an_account
from kamplay.intake.prepare import Intake
from kamplay.intake.values.parsing import as_text

NEEDED = ("account_id", "date", "amount")  # in the order in which they are asked
WITH_CENTS = 0.05  # of figures: from this share with decimals on they are money, and number nobody
SAMPLES, MOST_OF_SAMPLE = 2, 16


@dataclass(frozen=True)
class ColumnChoice:
    """What one file lacks of the columns that the transactions need.

    Attributes
    ----------
    file : str
        The file, with its sheet.
    frame : DataFrame
        Its cells under the headers there are.
    guesses : dict of str to str
        Each lacking column and the header proposed for it, or an empty text.
    fitting : dict of str to list of str
        For each the headers whose values fit.
    """

    file: str
    frame: pd.DataFrame
    guesses: dict[str, str]
    fitting: dict[str, list[str]]

    @property
    def headers(self) -> list[str]:
        return [str(header) for header in self.frame.columns]

    def samples(self, header: str) -> str:
        """The first different values under a header, short."""
        text = as_text(self.frame[header]).str.strip()
        values = text[text != ""].head(1000).drop_duplicates().head(SAMPLES)
        short = (" ".join(v.split()) for v in values)
        return " · ".join(v if len(v) <= MOST_OF_SAMPLE else v[: MOST_OF_SAMPLE - 1] + "…" for v in short)

    def doubt(self, name: str, header: str) -> str | None:
        """What speaks against a header for a column: ``amounts``, ``dates``, ``one_value``, ``all_different``
        or ``ledger`` for the customer; ``no_dates``, ``no_amounts``.
        """
        if name == "account_id":
            text = as_text(self.frame[header]).str.strip()
            return "amounts" if _has_cents(text) else not_an_account(text)
        column = codebook()["transactions"].columns[name]
        fits = bool(fitting(column, [header], self.frame))
        return None if fits else "no_dates" if name == "date" else "no_amounts"


def _has_cents(text: pd.Series) -> bool:
    figures = text[text.str.fullmatch(r"[¥$€£]?-?\d[\d,]*(\.\d+)?").astype(bool)]
    if len(figures) < 0.8 * max(1, (text != "").sum()):
        return False
    return bool(figures.str.contains(r"\.\d*[1-9]").mean() >= WITH_CENTS)


def columns_to_choose(intake: Intake) -> ColumnChoice | None:
    """The required columns of the transactions that no header names, of the first file that lacks some."""
    fault = next((f for f in intake.faults if f.code == "column_missing" and f.table == "transactions"), None)
    if fault is None:
        return None
    raw = next((r for r in intake.raws if (r.file, r.sheet) == (fault.file, fault.sheet)), None)
    if raw is None:
        return None
    lacking = {wanted["name"]: wanted for wanted in fault.args["lacking"]}
    names = [name for name in NEEDED if name in lacking]
    if len(names) < len(lacking):
        return None
    reading = next((r for r in intake.refused if (r.file, r.sheet) == (fault.file, fault.sheet)), None)
    taken = set(reading.headers.values()) if reading else set()
    choice = ColumnChoice(
        f"{fault.file}#{fault.sheet}" if fault.sheet else str(fault.file),
        raw.frame[[header for header in raw.frame.columns if header not in taken]],
        {name: lacking[name]["propose"] for name in names},
        {},
    )
    guessed = {header for header in choice.guesses.values() if header}
    for name in names:
        choice.fitting[name] = [
            header
            for header in lacking[name]["fitting"]
            if header in choice.headers and header not in guessed and not choice.doubt(name, header)
        ]
    return choice
