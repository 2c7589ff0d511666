"""The client's tables without the client: every column of the codebook by what it is.

The codebook's own words (a choice, yes and no) and whatever counts (days, pieces, scores, shares) stay. Ids
and names become codes, amounts are scaled, dates moved. Free text goes.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from kamplay.anonymous.names import Names
from kamplay.anonymous.secret import WEEKS, YEARS
from kamplay.book import TO_MICRO
from kamplay.charges import is_charge
from kamplay.codebook import Column, codebook
from kamplay.engagement import EARLIEST
from kamplay.method.measures.features_at import has_left

# ids of the same things under one kind; the others are of their own column
IDS = {
    "account_id": "account",
    "parent_id": "account",
    "contact_id": "contact",
    "reports_to": "contact",
    "order_id": "document",  # the invoice of a receivable may be the order of a sale
    "invoice_id": "document",
}
# names of the same things under one kind
NAMES = {
    ("accounts", "owner"): "person",
    ("actions", "owner"): "person",
    ("visits", "by"): "person",
    ("overrides", "by"): "person",
    ("ratings", "rater"): "person",
    ("ballots", "rater"): "person",
    ("maturity", "rater"): "person",
    ("contacts", "name"): "person",
    ("opportunities", "competitor"): "competitor",
    ("tenders", "competitor"): "competitor",
    ("tenders", "winner"): "competitor",
}
# words that the engagement's presets look for: those of the presets stay
OF_PRESETS = {
    ("ratings", "criterion"),
    ("ballots", "criterion"),
    ("overrides", "tier"),
    ("overrides", "strategy"),
    ("maturity", "capability"),
    ("maturity", "item"),
}
# numbers of a register, how a line was meant, and sentences
LEFT_OUT = {
    ("accounts", "tax_id"),
    ("transactions", "status"),  # lines that do not count are gone already
    ("contracts", "price_terms"),
    ("actions", "action"),
    ("actions", "note"),
}
REASON = {"zh": "原因略去", "en": "reason left out"}  # an override needs one
PERSON = {"zh": "人员", "en": "Person"}
CHARGES = {
    "zh": "费用",
    "en": "Charges",
}  # by its name a category is no goods, in the copy as at the client's
LEFT = {"zh": "（已离职）", "en": " (left)"}


def learn(tables: dict[str, pd.DataFrame], names: Names) -> None:
    """Tell ``names`` every id and name of the tables."""
    for table, frame in tables.items():
        for column in _columns(table, frame):
            texts = frame[column.name].dropna().unique() if column.kind in ("id", "text") else ()
            if (table, column.name) in OF_PRESETS:
                texts = [str(text).strip().casefold() for text in texts]
            names.learn(_kind(column), texts)


def anonymous_table(
    table: str, frame: pd.DataFrame, names: Names, kept: dict[str, dict[str, str]], language: str
) -> tuple[pd.DataFrame, int]:
    """One table without the client.

    Parameters
    ----------
    table : its name in the codebook.
    frame : checked, as a Book holds it.
    names : has learnt all tables.
    kept : by column of ``accounts`` and under "" for words of presets: the words that stay, folded → as the
        presets write them.
    language : of the words that stand beside codes.

    Returns
    -------
    The table, all cells as text or blank, in the order of the codes; and how many dates lay too far back to
    be moved and are blank.
    """
    out, lost = {}, 0
    for column in _columns(table, frame):
        cells, place = frame[column.name], (table, column.name)
        if place in LEFT_OUT:
            continue
        if column.kind == "amount":
            made = _amounts(cells, names.secret.factor)
        elif column.kind == "date":
            moved = cells - pd.Timedelta(weeks=WEEKS)
            early = (moved.dt.year < EARLIEST).fillna(False)
            lost += int(early.sum())
            made = moved.mask(early).dt.strftime("%Y-%m-%d")
        elif place == ("financials", "year"):
            made = _plain(cells - YEARS)
        elif column.kind == "id":
            made = names.ids(_kind(column), cells)
        elif column.kind == "text":
            made = _texts(column, cells, frame, names, kept, language)
        elif column.kind == "flag":
            made = cells.map({True: "yes", False: "no"})
        elif column.kind == "choice":
            made = cells
        else:
            made = _plain(cells)
        out[column.name] = made.astype(object).where(made.notna(), None)
    whole = pd.DataFrame(out, index=frame.index)
    # the order of a file tells as much as that of its ids
    first = next((c for c in whole if codebook()[table].columns[c].kind == "id" or c == "rater"), None)
    order = whole[["account_id"]] if "account_id" in whole else whole[[first]] if first else whole.iloc[:, :1]
    whole = whole.loc[order.sort_values(list(order), kind="stable", na_position="last").index]
    return whole.reset_index(drop=True), lost


def _columns(table: str, frame: pd.DataFrame) -> list[Column]:
    return [column for column in codebook()[table].columns.values() if column.name in frame]


def _kind(column: Column) -> str:
    """Of what the texts of a column are names."""
    place = (column.table, column.name)
    if place in OF_PRESETS:
        return "word"
    return (
        IDS.get(column.name, "")
        if column.kind == "id" and column.name in IDS
        else NAMES.get(place, column.name)
    )


def _texts(
    column: Column,
    cells: pd.Series,
    frame: pd.DataFrame,
    names: Names,
    kept: dict[str, dict[str, str]],
    language: str,
) -> pd.Series:
    place = (column.table, column.name)
    if place == ("overrides", "reason"):
        return cells.map(lambda text: REASON[language], na_action="ignore")
    if place in OF_PRESETS:
        words = kept.get("", {})
        return cells.map(lambda text: words.get(_folded(text)) or names.key(str(text)), na_action="ignore")
    kind = _kind(column)
    word = PERSON[language] if kind == "person" else column.labels[language]
    if kind == "competitor":
        word = codebook()["tenders"].columns["competitor"].labels[language]
    made = names.labels(kind, cells, word)
    if column.name in ("category", "product"):
        charges = names.numbered(kind, is_charge)
        own = cells.map(lambda text: charges.get(str(text)), na_action="ignore")
        return made.where(own.isna(), own.map(lambda number: f"{CHARGES[language]} {number:.0f}", "ignore"))
    if place == ("contacts", "title"):
        return made.where(~has_left(frame), made + LEFT[language])
    if column.table == "accounts" and column.name in kept:
        own = cells.map(lambda text: kept[column.name].get(_folded(text)), na_action="ignore")
        return own.where(own.notna(), made)
    return made


def _folded(text: object) -> str:
    return str(text).strip().casefold()


def scaled(amounts: pd.Series, factor: float) -> pd.Series:
    """As exact as a Book adds up, and none that was something becomes nothing: a purchase stays one."""
    size = (amounts.abs() * factor).round(TO_MICRO)
    return size.mask((amounts != 0) & (size == 0), 10.0**-TO_MICRO) * np.sign(amounts)


def _amounts(cells: pd.Series, factor: float) -> pd.Series:
    return scaled(cells.astype("float64"), factor).map(_written, na_action="ignore")


def _written(amount: float) -> str:
    """With two decimals, or as many more as it has."""
    whole, _, part = f"{amount + 0.0:.{TO_MICRO}f}".partition(".")
    return f"{whole}.{part.rstrip('0').ljust(2, '0')}"


def _plain(cells: pd.Series) -> pd.Series:
    return cells.astype("float64").map(lambda n: f"{n:.0f}" if n == int(n) else repr(n), na_action="ignore")
