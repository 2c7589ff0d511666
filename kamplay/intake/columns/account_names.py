"""The names of customers that stand beside their codes on the lines."""

from __future__ import annotations

import re

import pandas as pd

from kamplay.codebook import codebook, fold
from kamplay.engagement import Source
from kamplay.intake.columns.mapping import Mapped
from kamplay.intake.files.readers import Raw
from kamplay.intake.values.cells import at
from kamplay.intake.values.parsing import as_text

_SAYS_NAME = re.compile(r"名|简称|全称|name|nom|raison|raz[oó]n|ragione", re.IGNORECASE)
AGREE = 0.9  # of an account's lines must bear its usual name, over all accounts
DISTINCT = 0.5  # names for each account at least: a word that is the same everywhere names nobody


def headers_of_names(raw: Raw, mapped: Mapped, *sources: Source | None) -> list[str]:
    """List the headers that may name the accounts whose codes identify them: the one that the settings name,
    else those that say so.
    """
    own = {fold(s.columns["account_name"]) for s in sources if s and "account_name" in s.columns}
    tables = codebook()
    sure = own or {
        *(fold(h) for h in tables["accounts"].columns["account_name"].headers),
        *(fold(h) for h in tables["transactions"].columns["account_id"].headers if _SAYS_NAME.search(h)),
    }
    return [header for header in mapped.unused if fold(header) in sure and header in raw.frame]


def names_beside(raw: Raw, headers: list[str], ids: pd.Series) -> tuple[str, dict[str, str]] | None:
    """Find the column that names the accounts.

    Parameters
    ----------
    raw : the input with all its columns.
    headers : those that may be it, the surest first.
    ids : account_id of the lines that count, index the row in the user's file.

    Returns
    -------
    its header, and account_id → the name on most of its lines; None without such a column.
    """
    for header in headers:
        names = as_text(at(raw.frame[header], ids.index)).str.strip()
        pairs = pd.DataFrame({"account_id": ids.astype("str"), "value": names})[ids.notna() & (names != "")]
        found = usual_names(pairs.value_counts(sort=False).rename("lines").reset_index())
        if found:
            return header, found
    return None


def usual_names(counts: pd.DataFrame) -> dict[str, str] | None:
    """The name on most lines of each account, of account_id, value and lines; None where the values name
    nobody.
    """
    if counts.empty:
        return None
    order = ["account_id", "lines", "value"]
    usual = counts.sort_values(order, ascending=[True, False, True]).drop_duplicates("account_id")
    named = usual["value"].nunique() >= DISTINCT * len(usual)
    if named and usual["lines"].sum() >= AGREE * counts["lines"].sum():
        return dict(zip(usual["account_id"], usual["value"], strict=True))
    return None
