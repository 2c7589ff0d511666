"""Rows that sum other rows up: found by the words they bear and by arithmetic, and left out.

A word alone may be a customer's name (Total Energies), an equal sum alone may be chance. A row is left out
where both agree, or where it says total and lacks what every line has; else it stays, and is told.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kamplay.codebook import TableSpec
from kamplay.errors import Fault
from kamplay.intake.checks.validation import at_rows
from kamplay.intake.values.cells import distinct_texts, is_typed, texts_like
from kamplay.intake.values.parsing import as_text

_GAP = "[\\s\u3000\u00a0]*"
# a first look at every distinct value; the patterns below look closer at what it finds
_QUICK = (
    "|".join(f"{a}{_GAP}{b}" for a in "合小总累共總総匯汇" for b in ("计", "計", "额", "总", "總"))
    + "|[日月年季页][计計]|总合|总金额|[Σ∑σ]|[过转]次页|转下页|[承接][前上]页|forward|übertrag|"
    "(?:全部|所有|全体)[客往]|^\\s*overall|^\\s*all (?:customer|account|client)|"
    "alle kunden|t ?o ?t ?a ?l|totaux|totaal|result|summ|sum|somm|gesamt|"
    "^\\s*[*＊]+\\s*$|平均|均值|average|^\\s*avg|mittelwert|durchschnitt|moyenne|promedio|^\\s*mean|ergebnis|итог|всего|razem|celkem|összesen|yhteensä"
)
# the same without what Arrow would not do by itself: spaces of any kind, and where a text begins and ends
_HINT = _QUICK.replace(_GAP, "(?s:.*)").replace("^\\s*", "").replace("\\s*$", "")
_CJK_GAP = re.compile(r"(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])")
_LETTER_GAP = re.compile(r"^(?:\w )+\w$")
_EDGES = " :：.。*-–—=()[]【】<>《》#_|~"
_ZH = "合计|小计|总计|累计|共计|合計|小計|総計|總計|累計|总合计|总小计|合计数|合计金额|总额|总金额|Σ|∑|汇总|"
_ZH += "[过转]次页|转下页|[承接][前上]页|"  # what is carried from page to page
_ZH += "(?:全部|所有|全体)(?:客户|客戶|往来单位)"
_LATIN = (
    r"(?:sub|grand|overall|report|page|running|net|sous|zwischen|gesamt|end|cumulative|final|sheet|year|month|"
    r"year to date|ytd|monthly|weekly|daily|annual|general)?[\s-]*"
    r"(?:totals?|totaux|totale|totali|totaal|totalen|results?|sum|summe|summa|somme|suma|ergebnis|"
    r"total (?:g[ée]n[ée]ral|geral|general)|totale generale|suma total|gesamt|insgesamt|gesamtsumme|"
    r"gesamtergebnis|zwischensumme|"
    r"(?:carried|brought|carry) forward|übertrag|"
    r"overall|all (?:customers|accounts|clients)|alle kunden|"
    r"endsumme|итого|всего|общий итог|razem|celkem|összesen|yhteensä)"
)
_PERIOD = (
    r"(?:[本当该上每]|截[止至]|\d{2,4}[年/-]?|第?[一二三四1-4](?=季)|\d{1,2}(?=[月日])|[年月日季周旬页期单表次批行度]|全|以来|"
    r"部门|客户|销售|金额|数量|凭证)*"
)
EXACT = re.compile(rf"{_PERIOD}(?:{_ZH}|[日月年季页]计)(?:数|金额|行|栏)?|{_LATIN}", re.IGNORECASE)
_AFFIXED = re.compile(
    rf".+(?:{_ZH})|(?:{_PERIOD}(?:{_ZH}))[\W\d].*|.+[\s:,;/_-](?:{_LATIN})|(?:{_LATIN})[\s:,;/_-].+",
    re.IGNORECASE,
)
_CORE = re.compile(rf"{_ZH}|[日月年季页]计|{_LATIN}", re.IGNORECASE)
_AVERAGE = re.compile(  # a row of averages stands where one of sums does, and is no line either
    r"(?:总|本|该|客户|每?单|[本每当]?[年月季])?(?:平均|均值)(?:值|数|金额|单价)?|(?:grand\s)?(?:average|avg\.?|mean)|"
    r"mittelwert|durchschnitt|moyenne|promedio",
    re.IGNORECASE,
)
_STARS = re.compile(r"\s*[*＊]{1,4}\s*")  # how lists of SAP mark their sums
AFFIXED, SAYS = 1, 2  # how far a cell is the word alone
FILLED = 0.9  # a column is filled on most lines: a row without it lacks something
SURE = 0.5  # the share of rows of one kind that must sum up others before none of them is taken for a line
MANY = 5  # rows of nobody that all sum up others: more than chance, dated or not
FEWEST = 5  # rows above a row whose equality with their sum is hardly chance


@dataclass(frozen=True)
class Found:
    """The rows that sum others up (``rows``), those that may (``told``, by the fault that tells of them), and
    the words they bear.
    """

    rows: pd.Series
    told: dict[str, np.ndarray]
    words: pd.DataFrame


def find(cells: pd.DataFrame, others: pd.DataFrame, frame: pd.DataFrame, spec: TableSpec) -> Found:
    """Find the rows that sum up others.

    Parameters
    ----------
    cells : DataFrame
        The cells under our names as they stand, index the row in the user's file.
    others : DataFrame
        The cells of the columns that are not used, as they stand: the word may be there.
    frame : DataFrame
        The typed values of ``cells``.
    spec : TableSpec
        The table in the codebook.
    """
    identity = [
        c for c in frame.columns if spec.columns[c].required and spec.columns[c].kind in ("id", "date")
    ]
    amount = _amount(frame)
    words = _words(cells, others, frame, spec)
    level = np.zeros(len(frame), dtype="int8")
    np.maximum.at(level, words["at"].to_numpy(), words["how"].to_numpy())
    says, named = level > 0, np.zeros(len(frame), dtype=bool)
    named[words.loc[words["column"].isin(identity) & (words["how"] == SAYS), "at"]] = True
    lacks = frame[identity].isna().any(axis=1).to_numpy() if identity else np.ones(len(frame), dtype=bool)
    if amount is None:
        return Found(pd.Series((level == SAYS) & (lacks | named), index=frame.index), {}, words)
    values = frame[amount].fillna(0.0).to_numpy()
    undated = frame["date"].isna().to_numpy() if "date" in frame else lacks
    soft = lacks.copy()
    for name in ("order_id", "invoice_id", "product"):  # what nearly every line has, and a sum has not
        if name in frame:
            filled = frame[name].notna().to_numpy()
            if len(filled[~says]) and filled[~says].mean() >= FILLED:
                soft |= ~filled
    out = (level == SAYS) & soft | (level == AFFIXED) & undated
    told: dict[str, np.ndarray] = {}
    if says.any():
        kinds = _kinds(words, len(frame))
        equal, several = _equal(values, says, frame, kinds)
        sums_up = equal & (several | soft)
        # a customer called Total Energies may equal a sum once; a sum does so always
        share = pd.Series(equal[says]).groupby(kinds[says]).transform("mean").to_numpy()
        sums_up[says] &= (share >= SURE) | (level[says] == SAYS)
        out |= says & sums_up
        told["total_word_kept"] = says & ~out & (named | (lacks & (values != 0)))
    alone, suspected = _without_word(values, says, lacks, undated, frame)
    out |= alone
    told["total_suspected"] = suspected & ~out
    return Found(pd.Series(out, index=frame.index), told, words)


def _amount(frame: pd.DataFrame) -> str | None:
    return next((c for c in ("amount", "spend") if c in frame), None)


def _words(cells: pd.DataFrame, others: pd.DataFrame, frame: pd.DataFrame, spec: TableSpec) -> pd.DataFrame:
    """The cells with a word for a total: ``at`` (position of the row), ``column``, ``how`` and ``word``."""
    columns: list[tuple[str, pd.Series, np.ndarray | None]] = []
    for name in (c for c in cells.columns if not is_typed(cells[c])):
        if spec.columns[name].kind in ("id", "text", "choice"):
            columns.append((name, as_text(cells[name]), None))
        else:  # a word is no date and no number: only what could not be read is looked at
            unread = np.flatnonzero(frame[name].isna().to_numpy())
            columns.append((name, as_text(cells[name].iloc[unread]), unread))
    columns += [(str(c), others[c], None) for c in others.columns if not is_typed(others[c])]
    parts = []
    each = [distinct_texts(texts) for _, texts, _ in columns]
    hits = _hits(pd.concat(each, ignore_index=True)) if each else {}
    for (name, texts, places), values in zip(columns, each, strict=True):
        if (own := values.isin(list(hits))).any():
            at = np.flatnonzero(texts.isin(values[own]).to_numpy())
            found = [hits[v] for v in texts.iloc[at]]
            rows = at if places is None else places[at]
            parts.append(
                pd.DataFrame(
                    {
                        "at": rows,
                        "column": name,
                        "how": [how for how, _ in found],
                        "word": [word for _, word in found],
                        "shown": texts.iloc[at].str.strip().to_numpy(),
                    }
                )
            )
    empty = pd.DataFrame(
        {"at": pd.Series(dtype=int), "column": "", "how": pd.Series(dtype="int8"), "word": "", "shown": ""}
    )
    return pd.concat(parts, ignore_index=True).astype({"how": "int8"}) if parts else empty


def _hits(values: pd.Series) -> dict[str, tuple[int, str]]:
    """Of the distinct texts of a whole table those with a word for a total: how, and which word."""
    hits = {}
    for value in texts_like(values, _QUICK, _HINT):
        plain = _CJK_GAP.sub("", unicodedata.normalize("NFKC", value)).strip(_EDGES)
        plain = " ".join(plain.split())
        if _LETTER_GAP.match(plain):
            plain = plain.replace(" ", "")
        if EXACT.fullmatch(plain) or _AVERAGE.fullmatch(plain) or _STARS.fullmatch(value):
            hits[value] = (SAYS, plain.casefold() or "*")
        elif len(plain) <= 80 and _AFFIXED.fullmatch(plain):
            hits[value] = (AFFIXED, plain.casefold())
    return hits


def _kinds(words: pd.DataFrame, rows: int) -> np.ndarray:
    """The kind of sum that each row says it is: “X Total” and “Y Total” are one kind, but a name that begins
    with the word, Total Energies, is one of its own.
    """
    kinds = np.full(rows, "", dtype=object)
    for row, column, how, word in words.sort_values("how")[["at", "column", "how", "word"]].to_numpy():
        core = _CORE.search(word)
        start = core.start() if core and how == AFFIXED else 0
        kinds[row] = f"{column}\x1f{word[start:]}"
    return kinds


def _equal(
    values: np.ndarray, says: np.ndarray, frame: pd.DataFrame, kinds: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The rows in ``says`` that equal a sum of lines: of those above or below, since the sum before, of the
    year or month, of the account; and those that sum up more than one line.
    """
    lines = np.where(says, 0.0, values)
    averages = np.array(
        [bool(_AVERAGE.fullmatch(str(k).rpartition("\x1f")[2])) for k in kinds[says]], dtype=bool
    )
    average = np.zeros(len(values), dtype=bool)
    average[says] = averages
    ones = (~says).astype("float64")
    equal, several = np.zeros(len(values), dtype=bool), np.zeros(len(values), dtype=bool)

    def compare(at: np.ndarray, total: np.ndarray, count: np.ndarray) -> None:
        total = np.where(average[at], total / np.maximum(count, 1), total)
        near = (np.abs(total - values[at]) <= _tolerance(total)) & (count >= 1) & (values[at] != 0)
        equal[at] |= near
        several[at] |= near & (count >= 2)

    at = np.flatnonzero(says)
    above, rows_above = np.cumsum(lines), np.cumsum(ones)
    compare(at, above[at], rows_above[at])
    compare(at, above[-1] - above[at], rows_above[-1] - rows_above[at])
    for same in (np.full(len(at), "", dtype=object), kinds[at]):
        for sums, counts in (_between(at, same, above, rows_above), _after(at, same, above, rows_above)):
            compare(at, sums, counts)
    keys: list[pd.Series] = []
    if "date" in frame:
        day = frame["date"].ffill()
        keys += [day.dt.year, day.dt.year * 12 + day.dt.month]
    if "account_id" in frame:
        keys.append(frame["account_id"])
    for key in keys:
        if key.isna().all():  # no date, say, could be read
            continue
        groups = pd.DataFrame({"v": lines, "n": ones}).groupby(key.to_numpy(), dropna=True)
        running, whole = (
            groups.cumsum().fillna(0.0).to_numpy(),
            groups.transform("sum").fillna(0.0).to_numpy(),
        )
        compare(at, running[at, 0], running[at, 1])
        compare(at, whole[at, 0], whole[at, 1])
    return equal, several


def _between(
    at: np.ndarray, same: np.ndarray, above: np.ndarray, rows: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Sum and number of the lines since the sum before of the same kind."""
    table = pd.DataFrame({"v": above[at], "n": rows[at]})
    before = table.groupby(same, sort=False).shift(fill_value=0.0)
    return (table["v"] - before["v"]).to_numpy(), (table["n"] - before["n"]).to_numpy()


def _after(
    at: np.ndarray, same: np.ndarray, above: np.ndarray, rows: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The same to the next one, for sums that stand above their lines."""
    table = pd.DataFrame({"v": above[at], "n": rows[at]})
    then = table.groupby(same, sort=False).shift(-1)
    return (then["v"].fillna(above[-1]) - table["v"]).to_numpy(), (
        then["n"].fillna(rows[-1]) - table["n"]
    ).to_numpy()


def _tolerance(total: np.ndarray) -> np.ndarray:
    """How far a printed sum may lie from the sum of the printed lines, by rounding."""
    return np.minimum(0.011, 1e-4 * np.abs(total)) + 2e-5 * np.abs(total)


def _exactly(values: np.ndarray) -> np.ndarray:
    """How far a sum that nothing calls so may lie from one: a cent, and far less for small figures."""
    return np.minimum(0.011, 1e-6 * np.abs(values)) + 1e-9


def _without_word(
    values: np.ndarray, says: np.ndarray, lacks: np.ndarray, undated: np.ndarray, frame: pd.DataFrame
) -> tuple[np.ndarray, np.ndarray]:
    """Rows without a word that equal a sum: those that lack both account and date, or of which many lack one
    and nearly all are equal, which are sums; and those that may be.
    """
    none = np.zeros(len(values), dtype=bool)
    filled = ~says & (values != 0)
    if filled.sum() < 2:
        return none, none
    alone = filled & undated & frame["account_id"].isna().to_numpy() if "account_id" in frame else none
    sure = none
    for nameless in (alone.copy(), filled & lacks):
        if nameless.any() and not nameless[filled].all():
            equal, several = _equal(values, says | nameless, frame, np.full(len(values), "", dtype=object))
            equal &= nameless & several
            if equal.sum() >= SURE * nameless.sum():
                sure = sure | equal
            if equal.sum() >= MANY and equal.sum() >= FILLED * nameless.sum():
                alone = alone | equal
    above = np.cumsum(np.where(says | sure, 0.0, values)) - np.where(says | sure, 0.0, values)
    biggest = np.maximum.accumulate(np.abs(values))
    before = np.concatenate([[0.0], biggest[:-1]])
    whole = filled & (np.cumsum(~says) > FEWEST) & (np.abs(values) > before)
    whole &= np.abs(above - values) <= _exactly(values)
    return sure & alone, (sure | whole | _ends_of_accounts(values, filled, frame)) & ~says


def _ends_of_accounts(values: np.ndarray, filled: np.ndarray, frame: pd.DataFrame) -> np.ndarray:
    """The last row of each account's block, where in nearly every block it sums up the rows above it."""
    none = np.zeros(len(values), dtype=bool)
    if "account_id" not in frame or len(frame) < 9:
        return none
    codes = pd.factorize(frame["account_id"])[0]
    block = np.cumsum(np.concatenate([[True], codes[1:] != codes[:-1]]))
    ends = np.concatenate([block[1:] != block[:-1], [True]])
    size = np.bincount(block)[block]
    above = pd.Series(values).groupby(block).cumsum().to_numpy() - values
    large = ends & (size >= 3) & filled
    equal = large & (np.abs(above - values) <= _exactly(values))
    return equal if large.sum() >= 3 and equal.sum() >= FILLED * large.sum() else none


def said(found: Found, frame: pd.DataFrame, place: dict[str, Any]) -> list[Fault]:
    """Tell which rows sum up others, and which may, with their sum and what is left without them.

    ``frame`` holds the amounts by now in units of the currency.
    """
    faults, out, amount = [], found.rows.to_numpy(), _amount(frame)
    for code, mask in {"total_rows": out, **found.told}.items():
        if not mask.any():
            continue
        words = found.words.loc[found.words["at"].isin(np.flatnonzero(mask)), "shown"].drop_duplicates()
        args = {
            "amount": float(frame.loc[mask, amount].sum()) if amount else None,
            "rest": float(frame.loc[~(mask | out), amount].sum()) if amount else None,
        }
        value = ", ".join(words.head(3)) or None
        faults.append(at_rows(Fault(code, "warning", value=value, args=args, **place), frame.index[mask]))
    return faults
