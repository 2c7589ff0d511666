"""actions.xlsx: the actions of the plan to be ticked off, put back into the engagement's ``data`` folder for
the next report, which sets plan against actual.

The columns to read back bear the headers of the codebook's table ``actions``.
"""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from kamplay.codebook import codebook
from kamplay.method.plan.step import Plan
from kamplay.report.sheets.list_sheet import ListSheet
from kamplay.report.sheets.sheet_layout import LINE, TEXT_IS_TEXT, Styles, lay_out, lines_of
from kamplay.show.locale import N_, Locale, missing
from kamplay.show.plan.actions import BASES, in_words
from kamplay.show.table import text_width
from kamplay.show.view import View, using

FILE = "actions.xlsx"
TO_FILL = ("status", "done_on", "result", "note")
# the columns, those of the codebook by its names; the others with what they are called
COLUMNS: dict[str, str | None] = {
    "action_id": None,
    "account_id": None,
    "name": N_("Account"),
    "tier": N_("Tier"),
    "action": None,
    "done_when": N_("Done when"),
    "owner": None,
    "lead": N_("Led by"),
    "due": None,
    "money": N_("Amount"),
    "basis": N_("What the sum is"),
    "status": None,
    "done_on": None,
    "result": None,
    "note": None,
}
WIDTHS = {"action_id": 28, "action": 48, "done_when": 24, "note": 30, "name": 24, "basis": 14}
IN_FULL = N_("The first {shown:n} of {all:n} rows; {file} has all.")
KEPT_IN_SIGHT = 3  # columns that stay when one moves to the right
ROOM = 1000  # rows below the list that take the same choices, for actions that are added by hand
LATEST = date(2099, 12, 31)


def write(folder: Path, plan: Plan, view: View, client: str) -> Path | None:
    """``actions.xlsx`` in ``folder``, in the view's language; none without an action.

    What was begun before and is still planned keeps its status and its note. Text is written as text: nothing
    of the client's becomes a formula. The same plan gives the same bytes.
    """
    if plan.actions.empty:
        return None
    import xlsxwriter

    path = folder / FILE
    with using(view), xlsxwriter.Workbook(str(path), TEXT_IS_TEXT) as book:
        book.set_properties({"created": datetime(2000, 1, 1)})
        title = codebook()["actions"].labels[view.locale.language]
        add_sheet(book, plan, view, client, Styles(book, view), title, len(plan.actions))
    return path


def add_sheet(
    book: Any,
    plan: Plan,
    view: View,
    client: str,
    styles: Styles,
    title: str,
    most: int,
    longest: int | None = None,
) -> Any | None:
    """A sheet of the plan's actions to be ticked off; None without an action.

    Parameters
    ----------
    client : at the head of the page.
    title : of the sheet.
    most : rows that print.
    longest : rows that the sheet has at most, a line below them saying where all are; None: all.
    """
    if plan.actions.empty:
        return None
    total = len(plan.actions)
    rows = _rows(plan, view, longest or total)
    sheet = book.add_worksheet(title, ListSheet)
    _write_list(sheet, rows, view, styles)
    _ask(sheet, len(rows), view.as_of or plan.day, view.locale)
    sheet.freeze_panes(1, KEPT_IN_SIGHT)
    sheet.autofilter(0, 0, len(rows), len(COLUMNS) - 1)
    if len(rows) < total:
        said = view.locale.say(IN_FULL, shown=len(rows), all=total, file=FILE)
        sheet.close_with(said, styles["said"])
    lay_out(sheet, title, client, view.locale, len(rows), len(COLUMNS), most)
    return sheet


def _rows(plan: Plan, view: View, most: int) -> pd.DataFrame:
    """COLUMNS of the first actions, by account in the plan's order."""
    units = plan.units.set_index("account_id")
    order = pd.Series(range(len(units)), index=units.index)
    told = plan.actions.assign(_unit=plan.actions["account_id"].map(order))
    told = in_words(plan, told.sort_values(["_unit", "place"], kind="stable").head(most))
    choices = codebook()["actions"].columns["status"].choices
    begun = plan.since.begun
    rows = told.assign(
        name=[view.name(account) for account in told["account_id"]],
        tier=told["account_id"].map(units["tier"]),
        action=told["text"],
        owner=[owner if missing(owner) else view.locale.label(str(owner)) for owner in told["owner"]],
        money=told["money"].round(2),
        basis=[view.locale.text(BASES[basis]) for basis in told["basis"]],
        status=[
            choices["started" if action in begun else "open"][view.locale.language]
            for action in told["action_id"]
        ],
        done_on=None,
        result=None,
        note=[begun.get(action) for action in told["action_id"]],
    )
    return rows[list(COLUMNS)]


def _write_list(sheet: ListSheet, rows: pd.DataFrame, view: View, styles: Styles) -> None:
    locale, spec = view.locale, codebook()["actions"]
    lines: dict[int, int] = {}  # row → the lines of its tallest cell
    for place, (key, label) in enumerate(COLUMNS.items()):
        kind = {"due": "date", "done_on": "date", "money": "money"}.get(key, "text")
        style = styles[f"{kind}?" if key in TO_FILL else kind]
        title = spec.columns[key].labels[locale.language] if label is None else locale.text(label)
        values = [None if missing(value) else value for value in rows[key].to_numpy(object)]
        known = {value: str(value) for value in values if value is not None}
        widest = max(text_width(title), *map(text_width, known.values()), 8)
        width = min(widest, WIDTHS.get(key, 18)) + 2
        sheet.set_column(place, place, width)
        if kind == "date":
            days = {value: pd.Timestamp(value).to_pydatetime() for value in known}
            sheet.add_days(title, styles["head"], [days.get(v) for v in values], style, to_fill=True)
        elif kind == "money":
            amounts = [None if v is None else float(v) for v in values]
            sheet.add_figures(title, styles["head"], amounts, style, to_fill=True)
        else:
            texts = [None if v is None else known[v] for v in values]
            sheet.add_texts(title, styles["head"], texts, style, to_fill=True)
            wrapped = {text: lines_of(text, width) for text in known.values()}
            for row, text in enumerate(texts, start=1):
                if text is not None and wrapped[text] > 1:
                    lines[row] = max(lines.get(row, 1), wrapped[text])
    for row, count in lines.items():
        sheet.set_height(row, LINE * count)


def _ask(sheet: Any, count: int, first: date, locale: Locale) -> None:
    """Drop-down lists and the check of the date; ``first``: no action was done before that day."""
    columns, places = codebook()["actions"].columns, list(COLUMNS)
    last = count + ROOM
    words = {
        "status": N_("Choose how far it is. Left as it is, the action counts as open."),
        "result": N_("Choose what came of it; what else there is to say goes into the note."),
    }
    for key, said in words.items():
        options: dict[str, Any] = {
            "validate": "list",
            "source": [labels[locale.language] for labels in columns[key].choices.values()],
            "input_title": columns[key].labels[locale.language],
            "input_message": locale.text(said),
            "error_title": columns[key].labels[locale.language],
            "error_message": locale.text(N_("Please choose from the list.")),
        }
        sheet.data_validation(1, places.index(key), last, places.index(key), options)
    day = columns["done_on"].labels[locale.language]
    options = {
        "validate": "date",
        "criteria": "between",
        "minimum": datetime(first.year, first.month, first.day),
        "maximum": datetime(LATEST.year, LATEST.month, LATEST.day),
        "input_title": day,
        "input_message": locale.text(N_("The day on which it was done, such as 2026-07-16.")),
        "error_title": day,
        "error_message": locale.say(N_("Please enter a date from {day:date} on."), day=first.isoformat()),
    }
    sheet.data_validation(1, places.index("done_on"), last, places.index("done_on"), options)
