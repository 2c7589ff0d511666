"""Rows between the lines that name the currency of those below: Currency: USD, 币种：美元."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from kamplay.currency_names import code_of
from kamplay.intake.files.readers import Raw
from kamplay.intake.values.parsing import as_text

COLUMN = "Currency"
_NAMED = (
    r"^\s*(?:(?:结算|交易)?(?:币种|币别|货币)|(?:document |transaction )?currency|ccy|w[äa]hrung|"
    r"devise|moneda|valuta)\s*[:：]?\s*(?P<code>\S.{0,20}?)\s*$"
)
MOST = 50


def as_column(raw: Raw) -> Raw:
    """The lines with the currency that the heading above them names, in a column of its own.

    Nothing changes where no row names a currency and holds nothing else.
    """
    if raw.frame.shape[1] < 3:
        return raw
    second = raw.frame.iloc[:, 1]
    rows = raw.frame[(second.isna() | (second == "")).to_numpy()]
    if rows.empty:
        return raw
    said = as_text(rows.iloc[:, 0]).str.extract(f"(?i){_NAMED}")["code"].dropna()
    said = said.map({v: code_of(v) for v in said.unique()}).dropna()
    if said.empty or said.nunique() > MOST:
        return raw
    rest = rows.loc[said.index].iloc[:, 2:]
    said = said[(rest.isna() | (rest == "")).all(axis=1)]
    if said.empty:
        return raw
    header = COLUMN if COLUMN not in raw.frame.columns else f"{COLUMN} (heading)"
    below = pd.Series(said, index=raw.frame.index, dtype="object").ffill()
    return replace(raw, frame=raw.frame.assign(**{header: below}).drop(said.index))
