"""The names of customers that stand beside their codes on the lines."""

from __future__ import annotations

import re

import pandas as pd

from kamplay.codebook import codebook, fold
from kamplay.intake.columns.mapping import Mapped
from kamplay.intake.files.readers import Raw
from kamplay.intake.values.cells import at
from kamplay.intake.values.parsing import as_text

_SAYS_NAME = re.compile(r"名|简称|全称|name|nom|raison|raz[oó]n|ragione", re.IGNORECASE)
AGREE = 0.9  # of an account's lines must bear its usual name, over all accounts
DISTINCT = 0.5  # names for each account at least: a word that is the same everywhere names nobody


def names_beside(raw: Raw, mapped: Mapped, ids: pd.Series) -> tuple[str, dict[str, str]] | None:
    """Find the column that names the accounts whose codes identify them.

    Parameters
    ----------
    raw : the input with all its columns.
    mapped : its columns under our names; the one looked for feeds none.
    ids : account_id of the lines that count, index the row in the user's file.

    Returns
    -------
    its header, and account_id → the name on most of its lines; None without such a column.
    """
    tables = codebook()
    sure = {fold(h) for h in tables["accounts"].columns["account_name"].headers}
    sure |= {fold(h) for h in tables["transactions"].columns["account_id"].headers if _SAYS_NAME.search(h)}
    for header in mapped.unused:
        if fold(header) not in sure or header not in raw.frame:
            continue
        names = as_text(at(raw.frame[header], ids.index)).str.strip()
        pairs = pd.DataFrame({"account": ids.astype("str"), "name": names})[ids.notna() & (names != "")]
        if pairs.empty:
            continue
        counts = pairs.value_counts(sort=False).rename("lines").reset_index()
        counts = counts.sort_values(["account", "lines", "name"], ascending=[True, False, True])
        usual = counts.drop_duplicates("account")
        named = usual["name"].nunique() >= DISTINCT * len(usual)
        if named and usual["lines"].sum() >= AGREE * len(pairs):
            return header, dict(zip(usual["account"], usual["name"], strict=True))
    return None
