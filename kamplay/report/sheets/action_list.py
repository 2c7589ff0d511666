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
from kamplay.report.sheets.sheet_layout import TEXT_IS_TEXT, Styles, height_of, lay_out
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
    sheet = book.add_worksheet(title)
    _write_list(sheet, rows, view, styles)
    _ask(sheet, len(rows), view.as_of or plan.day, view.locale)
    sheet.freeze_panes(1, KEPT_IN_SIGHT)
    sheet.autofilter(0, 0, len(rows), len(COLUMNS) - 1)
    if len(rows) < total:
        said = view.locale.say(IN_FULL, shown=len(rows), all=total, file=FILE)
        sheet.write_string(len(rows) + 1, 0, said, styles["said"])
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


def _write_list(sheet: Any, rows: pd.DataFrame, view: View, styles: Styles) -> None:
    locale, spec = view.locale, codebook()["actions"]
    widths: dict[str, int] = {}
    for place, (key, label) in enumerate(COLUMNS.items()):
        kind = {"due": "date", "done_on": "date", "money": "money"}.get(key, "text")
        style = styles[f"{kind}?" if key in TO_FILL else kind]
        title = spec.columns[key].labels[locale.language] if label is None else locale.text(label)
        sheet.write_string(0, place, title, styles["head"])
        widest = max([text_width(title), *(text_width(str(v)) for v in rows[key] if not missing(v)), 8])
        widths[key] = min(widest, WIDTHS.get(key, 18)) + 2
        sheet.set_column(place, place, widths[key])
        for row, value in enumerate(rows[key], start=1):
            if missing(value):
                sheet.write_blank(row, place, None, style)
            elif kind == "date":
                sheet.write_datetime(row, place, pd.Timestamp(value).to_pydatetime(), style)
            elif kind == "money":
                sheet.write_number(row, place, float(value), style)
            else:
                sheet.write_string(row, place, str(value), style)
    for row, told in enumerate(rows.to_dict("records"), start=1):
        texts = ((told[key], widths[key]) for key in COLUMNS if isinstance(told[key], str))
        sheet.set_row(row, height_of(texts))


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
