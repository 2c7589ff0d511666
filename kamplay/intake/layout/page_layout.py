"""Rows that are no lines, and lines that are not whole: repeated page headers, report footers, heads that
stand on the first of several lines only, customers as headings.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from kamplay.characters import simplified
from kamplay.codebook import TableSpec, fold
from kamplay.engagement import Source
from kamplay.errors import Fault
from kamplay.intake.checks.validation import at_rows
from kamplay.intake.columns.header_formulas import headers_in
from kamplay.intake.files.readers import HEADINGS, Raw
from kamplay.intake.layout import total_rows
from kamplay.intake.values.figures import amount
from kamplay.intake.values.parsing import as_text, clean, known_choices, numbers

FIGURES = ("amount", "number", "integer", "share")
FOOTER_SEARCH = 200  # rows from the end, or above a repeated header, among which footers are looked for
SAMPLE = 200
GROUPED = 0.4  # share of the lines without a customer from which a report is taken to be grouped by customer
MOSTLY_BLANK = 0.6
TOGETHER = 0.95  # share of the lines without one part of a head that lack the others as well
_FOOTER = re.compile(
    r"制\s*表|制\s*单|打\s*印|审\s*核|复\s*核|经\s*办|会计主管|财务主管|(负责|经手|填报|报送)人|页\s*码|以下空白|"
    r"第\s*\d+\s*页|共\s*\d+\s*(页|条|行|笔|张)|(导出|生成|查询|报表)(时间|日期|人)|数据来源|机密|版权|"
    r"^(备注|说明|注)\s*[:：]|copyright|\(c\)\s*\d{4}|©|confidential|do not distribute|all rights reserved|"
    r"(generated|printed|created|prepared|exported|run)\s+(by|on|at|from)\b|\bpage\s+\d+|end of report|"
    r"\brun date\b|^as of\b|\b\d+\s+(rows?|records?|items?)\b|\b(record|row|line|item)s?\s*(count|:)|"
    r"\b(count|number|no\.) of (records|rows|lines|items)\b|(记录|行|条)数\s*([:：]|$)|"
    r"grand totals?|^seite\s+\d+|gedruckt|^stand\s*:",
    re.IGNORECASE,
)
_MONEY = re.compile(
    r"额|款|价|成本|收入|毛利|amount|cost|price|total|sum\b|net|gross|revenue|sales|value|\bvat\b|\btax\b",
    re.IGNORECASE,
)
_DAY = re.compile(r"\d{1,4}\s*[-/.年]\s*\w+|(19|20)\d{6}")
_LETTER = re.compile(r"[^\W\d_]")
_LABEL = re.compile(r"([^:：]{1,20})[:：]\s*(\S.*)")  # the word before a customer's name in a heading


def repeated_headers(raw: Raw) -> pd.Index:
    """Find the rows that repeat the header, as at the top of each page."""
    frame = raw.frame
    plain = {h: {str(h), re.sub(r"\.\d+$", "", str(h))} for h in frame.columns}
    words = [h for h in frame.columns if not pd.api.types.is_numeric_dtype(frame[h].dtype)]
    if len(plain) < 2 or not words:
        return frame.index[:0]

    # Two columns decide for nearly all rows; only what they leave is looked at whole
    near = pd.concat([frame[h].isin(plain[h]) for h in words[:2]], axis=1).any(axis=1)
    rows = frame.loc[near]
    if not len(rows):
        return rows.index
    text = rows.apply(as_text).apply(lambda c: c.str.strip())
    same = text.apply(lambda c: c.isin(plain[c.name])).sum(axis=1)
    return rows.index[(same >= 2) & (same == (text != "").sum(axis=1))]


def footers(
    raw: Raw,
    spec: TableSpec,
    figures: list[str],
    dated: list[str],
    pages: pd.Index,
    chosen: Mapping[str, Collection[str]] | None = None,
) -> pd.Index:
    """Find report footers and page titles: below the last line, and above each repeated header.

    Parameters
    ----------
    raw : Raw
        The table without its repeated headers.
    spec : TableSpec
        Its codebook.
    figures, dated : list of str
        The headers of amounts and other figures, and of dates.
    pages : Index
        The rows of the repeated headers.
    chosen : mapping of str to collection of str, optional
        As ``required_choices`` gives it: a row with one of these words under its header is a line, whatever
        its texts say.

    Returns
    -------
    Index
        Rows without an amount or a date that say what footers say, repeat a title above the header, or hold
        one text alone.
    """
    rows = raw.frame.index
    ends = {len(rows)} | {int(rows.searchsorted(page)) for page in pages}
    found: list[int] = []
    for end in sorted(ends):
        found += _block_above(raw, end, spec, figures, dated, chosen or {})
    return rows[rows.isin(found)]


def of_kind(spec: TableSpec, headers: dict[str, str], *kinds: str) -> list[str]:
    """The headers of our columns of these kinds."""
    return [header for name, header in headers.items() if spec.columns[name].kind in kinds]


def required_choices(spec: TableSpec, headers: dict[str, str]) -> dict[str, Collection[str]]:
    """Per header of a required column of choices the words that it knows, folded."""
    return {
        headers[name]: known_choices(column)
        for name, column in spec.columns.items()
        if column.required and column.choices and name in headers
    }


def _block_above(
    raw: Raw,
    end: int,
    spec: TableSpec,
    figures: list[str],
    dated: list[str],
    chosen: Mapping[str, Collection[str]],
) -> list[int]:
    """The footers that stand directly above position ``end``."""
    required = sum(column.required for column in spec.columns.values())
    titles: dict[int, tuple[str, ...]] = {}
    for row, title in raw.above:
        titles[row] = (*titles.get(row, ()), title)
    above, broken = set(titles.values()), {row for row, *_ in raw.bad_cells}
    block: list[tuple[int, bool]] = []
    for position in range(end - 1, max(-1, end - 1 - FOOTER_SEARCH), -1):
        cells = {h: text for h, v in raw.frame.iloc[position].items() if (text := _text(v))}
        if not cells:
            if block and required < 2:  # a list of accounts may well have rows with an id alone
                break
            continue
        words = (
            any(_FOOTER.search(simplified(text)) for text in cells.values()) or tuple(cells.values()) in above
        )
        carries = any(_is_figure(cells[h]) for h in figures if h in cells)
        carries |= any(fold(cells[h]) in known for h, known in chosen.items() if h in cells)
        day = any(_DAY.match(cells[h]) for h in dated if h in cells)
        alone = len(cells) == 1 and not _is_figure(next(iter(cells.values())))
        sums = any(total_rows.EXACT.fullmatch(text.rstrip(":： ")) for text in cells.values())
        lost = raw.frame.index[position] in broken  # an error stands where there was a value
        if carries or sums or lost or (day and not words) or not (words or alone):
            break
        block.append((int(raw.frame.index[position]), words))
    if required < 2 and not any(words for _, words in block):
        return []
    return [row for row, _ in block]


def page_fault(raw: Raw, rows: pd.Index, place: dict[str, Any]) -> list[Fault]:
    """Tell which rows were left out because they belong to the page."""
    if not len(rows):
        return []
    texts = (" ".join(t for v in raw.frame.loc[row] if (t := _text(v))) for row in rows[:50])
    what = [t if len(t) <= 40 else f"{t[:39].rstrip(' ,;:，；、…')}…" for t in list(dict.fromkeys(texts))[:3]]
    return [at_rows(Fault("page_rows", "warning", args={"what": what}, **place), rows)]


def notes(raw: Raw, rows: pd.Index) -> list[tuple[int, str]]:
    """What stands in footers, each cell with its row."""
    return [(int(row), text) for row in rows for v in raw.frame.loc[row] if (text := _text(v))]


def _text(value: object) -> str:
    return "" if value is None or (isinstance(value, float) and value != value) else str(value).strip()


def _is_figure(text: str) -> bool:
    return amount(text) == amount(text)


def shared_amounts(
    frame: pd.DataFrame, raw: Raw, spec: TableSpec, headers: dict[str, str], place: dict[str, Any]
) -> tuple[pd.DataFrame, list[Fault]]:
    """Count a figure in a merged cell once, at the first of the lines it is merged over.

    Parameters
    ----------
    frame : DataFrame
        Raw cells under our names.
    raw, spec, headers, place
        The table, its codebook, our columns' headers, and where it stands.

    Returns
    -------
    frame : DataFrame
        An amount on the other lines is 0, another figure is missing.
    faults : list of Fault
    """
    faults = []
    for name, header in headers.items():
        if not raw.merged or spec.columns[name].kind not in FIGURES:
            continue
        sides = [header, *headers_in(header)]
        below = frame.index.isin({row for side in sides for row in raw.merged.get(side, ())})
        if below.any():
            cells = frame[name].astype(object)
            frame = frame.assign(**{name: cells.mask(below, 0 if spec.columns[name].required else None)})
            faults.append(
                at_rows(Fault("figure_merged", "warning", column=header, **place), frame.index[below])
            )
    return frame, faults


def hidden(
    frame: pd.DataFrame,
    raw: Raw,
    spec: TableSpec,
    headers: dict[str, str],
    place: dict[str, Any],
    rows: pd.Series | None = None,
) -> list[Fault]:
    """Tell what the workbook hides and what it comes to.

    Parameters
    ----------
    frame : DataFrame
        Typed values that are used.
    raw, spec, headers, place
        The table as it stands, its codebook, our columns' headers, and where it stands.
    rows : Series of int, optional
        Line → its row in the file, where they differ.
    """
    faults = []
    at = frame.index.to_series() if rows is None else rows.reindex(frame.index)
    hides = at.isin(raw.hidden_rows)
    if hides.any():
        args: dict[str, Any] = {"shown": int((~hides).sum()), "all": len(frame)}
        if "amount" in frame:
            of = frame["account_id"] if "account_id" in frame else pd.Series(dtype=object)
            args |= {
                "amount": round(float(frame["amount"].sum()), 2),
                "visible": round(float(frame.loc[~hides, "amount"].sum()), 2),
                "accounts": len(set(of[hides].dropna()) - set(of[~hides].dropna())),
            }
        code = "rows_hidden" if "amount" in frame else "rows_hidden_list"
        faults.append(at_rows(Fault(code, "warning", args=args, **place), frame.index[hides]))
    faults += _struck(frame, raw, headers, place, at)
    columns: list[tuple[str, float | None]] = []
    for header in raw.hidden_columns:
        figures, bad = numbers(raw.frame[header])
        is_figure = figures.notna().any() and not bad.any()
        if header in headers.values() or (is_figure and _MONEY.search(simplified(header))):
            told = is_figure and _MONEY.search(simplified(header))
            columns.append((header, round(float(figures.sum()), 2) if told else None))
    if columns:
        names = [header for header, _ in columns]
        used = [h for h in names if h in headers.values()]
        args = {"columns": columns, "unused": [h for h in names if h not in used]}
        code = "columns_hidden" if used else "columns_hidden_unused"
        faults.append(Fault(code, "warning", row=raw.header_row, column=names[0], args=args, **place))
    return faults


def _struck(
    frame: pd.DataFrame, raw: Raw, headers: dict[str, str], place: dict[str, Any], at: pd.Series
) -> list[Fault]:
    """Tell of lines whose amount, or most of whose cells, the workbook strikes through: nobody says why."""
    sides = [h for name in frame.columns for h in headers_in(headers[name]) if h in raw.frame]
    struck = pd.DataFrame({h: at.isin(raw.struck.get(h, ())) for h in sides})
    if "amount" not in frame or not raw.struck or struck.empty:
        return []
    filled = frame.notna().sum(axis=1)
    of_amount = struck[[h for h in headers_in(headers["amount"]) if h in struck]].any(axis=1)
    rows = of_amount | (struck.sum(axis=1) > 0.5 * filled)
    if not rows.any():
        return []
    total, amount = (round(float(frame["amount"][mask].sum()), 2) for mask in (rows | ~rows, rows))
    args = {"amount": amount, "total": total, "rest": round(total - amount, 2)}
    return [at_rows(Fault("lines_struck", "warning", args=args, **place), frame.index[rows])]


@dataclass(frozen=True)
class Heads:
    """Lines that lack the head of the line above: which columns, which cells, and the fault that says so."""

    lacking: dict[str, pd.Series]
    fault: Fault


def heads_on_first_line(
    frame: pd.DataFrame,
    raw: Raw,
    spec: TableSpec,
    headers: dict[str, str],
    place: dict[str, Any],
    bad: dict[str, pd.Series],
) -> Heads | None:
    """Find orders whose account and date stand on the first of several lines only.

    Parameters
    ----------
    frame : DataFrame
        Typed values without total rows; the index is the row in the user's file.
    raw, spec, headers, place
        The table as it stands, its codebook, our columns' headers, and where it stands.
    bad : dict of str to Series of bool
        Cells without a value because they could not be read: those are filled.

    Returns
    -------
    Heads or None
        None where cells are missing here and there, or what lacks a head are sums.
    """
    required = [
        c for c in frame.columns if spec.columns[c].required and spec.columns[c].kind in ("id", "date")
    ]
    if "amount" not in frame or not required or not frame[required].isna().to_numpy().any():
        return None
    empty = {c: frame[c].isna() & ~bad[c] if c in bad else frame[c].isna() for c in frame.columns}
    rest = [c for c in frame.columns if c not in ("account_id", "account_name")]
    alone = pd.DataFrame(empty)[rest].all(axis=1)  # a customer and nothing else: a heading
    lines = frame[frame["amount"].notna() | alone]
    if not frame["amount"].notna().any():
        return None
    missing = {c: empty[c][lines.index] for c in lines.columns if spec.columns[c].kind not in FIGURES}
    missing = {c: blank & ~alone[lines.index] for c, blank in missing.items()}
    lead = max(required, key=lambda c: int(missing[c].sum()))
    below = missing[lead]
    if not below.any() or below.iloc[0] or below.all():
        return None
    together = [
        c
        for c, blank in missing.items()
        if (blank & below).sum() >= TOGETHER * below.sum() and (blank & ~below).sum() <= 0.5 * (~below).sum()
    ]
    # a line has its own article and quantity; what lacks them where the others have them is a sum or a note
    of_line = [c for c in ("product", "quantity") if c in frame]
    gone = {c: empty[c][lines.index] for c in of_line}
    if any(b[below].mean() >= TOGETHER and b[~below].mean() <= 0.5 for b in gone.values()):
        return None
    if set(required) <= set(together):
        whole = _has_words(raw, lines.index[below]) and not _are_sums(lines["amount"], below)
    else:  # the date stands on each line, the customer on the first: blanks here and there are no layout
        whole = below.mean() >= GROUPED and _grouped(lines, below, lead, alone[lines.index])
    if not whole:
        return None
    wanted = [c for c in lines.columns if c in together or c == lead]
    none = pd.Series(False, index=frame.index)
    amounts = frame["amount"].notna()
    filled = frame.assign(**_carried(frame[wanted], pd.DataFrame(empty)[wanted], amounts, none))
    counted = frame["amount"].notna() & filled[required].notna().all(axis=1)
    left = frame["amount"].notna() & frame[required].notna().all(axis=1)
    args = {
        "columns": [headers[c] for c in wanted],
        "fill_down": wanted,
        "below": round(float(lines.loc[below, "amount"].sum()), 2),
        "amount": round(float(frame.loc[counted, "amount"].sum()), 2),
        "rows": int(counted.sum()),
        "accounts": int(filled.loc[counted, "account_id"].nunique()) if "account_id" in filled else 0,
        "without": round(float(frame.loc[left, "amount"].sum()), 2),
    }
    fault = Fault("heads_on_first_line", column=headers[lead], args=args, **place)
    explained = {c: empty[c] & frame.index.isin(lines.index[below]) for c in required if c in together}
    headings = {c: empty[c] & alone for c in frame.columns if spec.columns[c].required} if alone.any() else {}
    lacking = {c: explained.get(c, none) | headings.get(c, none) for c in {**explained, **headings}}
    return Heads(lacking, at_rows(fault, lines.index[below]))


def _grouped(lines: pd.DataFrame, below: pd.Series, lead: str, alone: pd.Series) -> bool:
    """Whether a report is grouped by ``lead``: each value once, as a heading, in order, or with dates that
    begin anew. Guests among the customers of a shop stand in the order of its days.
    """
    heads = lines.loc[~below, lead]
    if heads.nunique() < TOGETHER * len(heads) or len(heads) < 2:
        return False
    if alone[~below].all() or heads.is_monotonic_increasing or lead == "date":
        return True
    days = lines["date"].ffill() if "date" in lines else pd.Series(dtype="datetime64[ns]")
    anew = (days < days.shift())[~below][1:]
    return bool(len(anew) and anew.mean() >= 0.5)


def _has_words(raw: Raw, rows: pd.Index) -> bool:
    """Whether most of these rows name something (a product), as a line does and a bare sum does not."""
    cells = raw.frame.loc[rows[:SAMPLE]]
    return bool(cells.apply(lambda c: as_text(c).str.contains(_LETTER)).any(axis=1).mean() >= 0.8)


def _are_sums(amounts: pd.Series, below: pd.Series) -> bool:
    """Whether most of the lines without a head are the sum of those above them, or of their group."""
    upto = amounts.where(~below, 0.0).cumsum()
    at_sum = upto[below]
    group = at_sum - at_sum.shift(fill_value=0.0)
    figures = amounts[below]
    near = 0.02 + 1e-6 * figures.abs()
    is_sum = ((figures - at_sum).abs() <= near) | ((figures - group).abs() <= near)
    return bool(is_sum.mean() > 0.5)


def _carried(
    cells: pd.DataFrame, blank: pd.DataFrame, fillable: pd.Series, sums: pd.Series
) -> dict[str, pd.Series]:
    """The cells of a head carried down to the lines below it; rows that are sums are no heads.

    A line belongs to the last head above; what that head lacks, its lines lack. A column that most heads lack
    as well belongs to an outer group and is carried on its own: the customer over his orders.
    """
    head = ~blank.all(axis=1) & ~sums
    out = {}
    place = np.arange(len(cells))
    for name in cells.columns:
        outer = (blank[name] & head).sum() > 0.2 * head.sum()
        known = ~blank[name] & ~sums if outer else head
        last = np.maximum.accumulate(np.where(known.to_numpy(), place, -1))
        take = (last >= 0) & fillable.to_numpy() & blank[name].to_numpy() & (outer | ~head.to_numpy())
        out[name] = cells[name].mask(take, cells[name].take(np.maximum(last, 0)).set_axis(cells.index))
    return out


def filled_down(
    raw: Raw, spec: TableSpec, headers: dict[str, str], source: Source
) -> tuple[Raw, pd.Index, list[Fault]]:
    """Carry heads down as ``fill_down`` says.

    Parameters
    ----------
    raw, spec : Raw, TableSpec
        The table as it stands, and its codebook.
    headers : dict of str to str
        Our column to the user's header.
    source : Source
        Its settings.

    Returns
    -------
    raw : Raw
        With filled cells; rows that sum others up are not filled, they keep lacking what shows what they are.
    headings : Index
        Rows with nothing but a head, which are no lines.
    faults : list of Fault
        Columns that are not there.
    """
    place: dict[str, Any] = {"table": spec.name, "file": raw.file, "sheet": raw.sheet}
    by_fold = {fold(str(h)): h for h in reversed(list(raw.frame.columns))}
    wanted, faults = [], []
    for name in source.fill_down:
        header = headers.get(name) or (name if name in raw.frame else by_fold.get(fold(name)))
        if header is None:
            args = {"near": "", "propose": "", "there": ", ".join(map(str, raw.frame.columns[:12]))}
            faults.append(Fault("header_missing", column=name, args=args, **place))
        else:
            wanted.append(header)
    if not wanted or faults:
        return raw, raw.frame.index[:0], faults
    text = raw.frame.apply(as_text).apply(lambda c: c.str.strip())
    blank = text == ""
    rest = [h for h in raw.frame.columns if h not in wanted]
    alone = blank[rest].all(axis=1)
    sums = _sums(raw, text, spec, headers, wanted)
    cells = _carried(raw.frame[wanted], blank[wanted], ~alone & ~sums, sums)
    headings = raw.frame.index[alone & ~blank[wanted].all(axis=1)]
    return replace(raw, frame=raw.frame.assign(**cells)), headings, []


def _sums(
    raw: Raw, text: pd.DataFrame, spec: TableSpec, headers: dict[str, str], wanted: list[str]
) -> pd.Series:
    """The rows that sum others up and must not look like lines once heads are carried down.

    Without a head a line with a word such as Total care kit looks like a sum too: it is one only where it
    says nothing else, or where it still looks like one with its head.
    """

    def found(frame: pd.DataFrame) -> pd.Series:
        cells = frame[list(headers.values())].set_axis(list(headers), axis=1)
        typed = pd.DataFrame({name: clean(cells[name], spec.columns[name])[0] for name in headers})
        rest = frame[[h for h in frame.columns if h not in headers.values()]]
        return total_rows.find(cells.apply(as_text), rest, typed, spec).rows

    sums = found(raw.frame)
    if not sums.any():
        return sums
    says = text[sums].map(lambda cell: bool(total_rows.EXACT.fullmatch(cell.rstrip(":： ")))).any(axis=1)
    blank = text == ""
    none = pd.Series(False, index=text.index)
    filled = raw.frame.assign(**_carried(raw.frame[wanted], blank[wanted], ~blank.all(axis=1), none))
    return sums & (says.reindex(sums.index, fill_value=False) | found(filled))


def customer_headings(
    raw: Raw, spec: TableSpec, headers: dict[str, str], place: dict[str, Any]
) -> Fault | None:
    """Name a report in which the customer stands as a heading over his lines; None where it is none.

    Parameters
    ----------
    raw, spec, headers, place
        The table as it stands, its codebook, our columns' headers, and where it stands.
    """
    if "account_id" not in spec.columns or not len(raw.frame):
        return None
    if "account_id" in headers:  # a column for the customer, but it is empty on the lines
        cells = raw.frame[headers["account_id"]]
        if (cells.isna() | (cells == "")).mean() < MOSTLY_BLANK:
            return None
    filled = raw.frame.notna().to_numpy() & (raw.frame != "").to_numpy()
    alone = filled.sum(axis=1) == 1
    if not 2 <= alone.sum() <= 0.5 * len(raw.frame):
        return None
    if HEADINGS in raw.frame:
        cells = raw.frame[HEADINGS][alone]
        found = [t for v in cells if (t := _text(v)) and not total_rows.EXACT.fullmatch(t)]
        if len(found) >= 2 and "account_id" not in headers:
            args = {
                "names": found[:3],
                "headings": len(found),
                "header": HEADINGS,
                "fill_down": ["account_id"],
                "columns": {"account_id": HEADINGS},
            }
            return at_rows(Fault("headings_unnamed", value=found[0], args=args, **place), cells.index)
    texts, first = _texts_alone(raw.frame)
    heading = texts != ""
    heading &= np.append(filled.sum(axis=1)[1:] > 1, False)  # a line follows
    if "account_id" in headers:  # headings in that column are carried down
        heading &= first != list(raw.frame.columns).index(headers["account_id"])
    if len(dict.fromkeys(texts[heading])) < 2:
        return None
    args = {"header": HEADINGS, "fill_down": ["account_id"], "columns": {"account_id": HEADINGS}}
    first_name = texts[heading][0]
    fault = Fault("customer_headings", value=first_name, args=args, **place)
    return at_rows(fault, raw.frame.index[heading])


def under_headings(raw: Raw, source: Source) -> tuple[Raw, Source]:
    """Give lines the headings they stand under as a column, where ``columns`` takes the customer from it.

    Returns
    -------
    raw : Raw
        With a column of headings, if the file has none: each stands in its row and nothing beside it. A word
        that all begin with (Customer: …) is left out.
    source : Source
        Carries the headings down.
    """
    if source.columns.get("account_id") != HEADINGS:
        return raw, source
    if "account_id" not in source.fill_down:
        source = source.model_copy(update={"fill_down": [*source.fill_down, "account_id"]})
    if HEADINGS in raw.frame or not len(raw.frame):
        return raw, source
    texts, _ = _texts_alone(raw.frame)
    filled = raw.frame.notna().to_numpy() & (raw.frame != "").to_numpy()
    lines = np.flatnonzero(filled.sum(axis=1) > 1)
    texts[lines[-1] + 1 if len(lines) else 0 :] = ""  # below the last line stands what belongs to the page
    texts[np.isin(texts, [title for _, title in raw.above])] = ""
    heading = texts != ""
    if not heading.any():
        return raw, source
    labels = [_LABEL.match(text) for text in texts[heading]]
    if all(labels) and len({label.group(1) for label in labels if label}) == 1:
        texts[heading] = [label.group(2) for label in labels if label]
    frame = raw.frame.astype(object).mask(np.repeat(heading[:, None], raw.frame.shape[1], axis=1), "")
    frame.insert(0, HEADINGS, texts)
    return replace(raw, frame=frame), source


def _texts_alone(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """For each row its text, where it holds nothing else and that could be a heading, else an empty one; and
    the position of its first filled cell.
    """
    filled = frame.notna().to_numpy() & (frame != "").to_numpy()
    first = filled.argmax(axis=1)
    texts = np.full(len(frame), "", dtype=object)
    for position in np.flatnonzero(filled.sum(axis=1) == 1):
        text = _text(frame.iat[position, first[position]])
        no_name = (
            _FOOTER.search(simplified(text))
            or _is_figure(text)
            or total_rows.EXACT.fullmatch(text.rstrip(":： "))
        )
        texts[position] = text if _LETTER.search(text) and not no_name else ""
    return texts, first
