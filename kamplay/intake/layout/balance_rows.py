"""Rows with an opening or closing balance: what an account statement carries forward is no sale."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from kamplay.characters import alike, simplified
from kamplay.codebook import TableSpec
from kamplay.errors import Fault
from kamplay.intake.checks.validation import at_rows
from kamplay.intake.values.cells import is_typed, texts_like
from kamplay.intake.values.parsing import as_text

# a first, quick look at every distinct value
_QUICK = (
    "余额|结转|结存|结余|转入|期初|承前|过次|繰越|balance|forward|brought|carried|saldo|solde|nouveau|bestand|"
    "vortrag|bilanz|\\b[bc] ?/ ?[fd]\\b"
)
# 余额 alone may be a way of paying: the period belongs to the word
_ZH = (
    r"(?:\d{2,4}年?)?(?:\d{1,2}月)?(?:[上前本去]?[期年月])(?:初|末)?(?:应收|账款|账户)*(?:余额|结转|结存|结余|转入)数?|"
    r"期初(?:应收单?|数据?)?|结转[下次][年期页月]|(?:承前|过次)页|[前次]期繰越"
)
_LATIN = (
    r"(?:opening|closing|starting|beginning|ending|previous|prior|initial|final|old)\s+balances?|"
    r"balances?\s+(?:brought|carried)\s+(?:forward|down)|(?:brought|carried)\s+(?:forward|down)|"
    r"balances?\s+(?:forward|[bc]\s?/\s?[fd]|b\.?f\.?|c\.?f\.?)|[bc]\s?/\s?f|"
    r"saldo\s+(?:iniziale|finale|inicial|final|anterior|precedente|vortrag)|saldovortrag|anfangs(?:bestand|saldo)|"
    r"end(?:bestand|saldo)|er[öo]ffnungs(?:saldo|bilanz)|schluss(?:saldo|bestand)|vortrag|"
    r"solde\s+(?:initial|final|d['’]ouverture|de\s+cl[ôo]ture|pr[ée]c[ée]dent|ant[ée]rieur)|"
    r"(?:solde\s+)?(?:report\s+)?[àa]\s+nouveau"
)
_WHOLE = re.compile(rf"(?:{_ZH}|{_LATIN})", re.IGNORECASE)
_WITHIN = re.compile(
    rf"(?:{_LATIN})(?:\s+(?:as\s+(?:of|at)|at|on|per|zum|au|al)?\s*[\d./\s-]+|\s*[:：-].*)|(?:{_ZH})\s*[:：（(\d-].*|"
    rf".*[:：-]\s*(?:{_ZH}|{_LATIN})",
    re.IGNORECASE,
)
_EDGES = " :：.。*-–—=()[]【】<>《》#_|~"


def find(cells: pd.DataFrame, others: pd.DataFrame, frame: pd.DataFrame, spec: TableSpec) -> pd.Series:
    """Find the rows with a balance.

    Parameters
    ----------
    cells : DataFrame
        The cells under our names as they stand, index the row in the user's file.
    others : DataFrame
        The cells of the columns that are not used: the word may be there.
    frame : DataFrame
        The typed values of ``cells``.
    spec : TableSpec
        The table in the codebook.

    Returns
    -------
    Series of str
        The words of each row that holds a balance, else empty.
    """
    said = pd.Series("", index=frame.index)
    worded = [c for c in cells.columns if not is_typed(cells[c])]
    columns = [as_text(cells[c]) for c in worded if spec.columns[c].kind in ("id", "text", "choice")]
    # a word is no date and no number: only what could not be read is looked at
    columns += [
        as_text(cells[c][frame[c].isna()]) for c in worded if spec.columns[c].kind in ("date", "number")
    ]
    columns += [others[c] for c in others.columns if not is_typed(others[c])]
    for column in columns:
        if hits := [v for v in texts_like(column, _QUICK, _QUICK, simplified) if _says_balance(v)]:
            rows = column.index[column.isin(hits)]
            said[rows] = column[rows].str.strip()
    return said


def _says_balance(value: str) -> bool:
    plain = " ".join(alike(value).split()).strip(_EDGES)
    return bool(_WHOLE.fullmatch(plain) or (len(plain) <= 60 and _WITHIN.fullmatch(plain)))


def told(said: pd.Series, frame: pd.DataFrame, place: dict[str, Any]) -> list[Fault]:
    """Tell which rows hold balances, with their sum and what is left without them."""
    rows = said.reindex(frame.index) != ""
    if not rows.any():
        return []
    args = {"amount": float(frame.loc[rows, "amount"].sum()), "rest": float(frame.loc[~rows, "amount"].sum())}
    value = ", ".join(said[frame.index[rows]].drop_duplicates().head(3))
    return [at_rows(Fault("balance_rows", "warning", value=value, args=args, **place), frame.index[rows])]
