"""A sheet for choosing a collaboration platform: sides and questions of the preset, weights and scores to
fill in, and what they come to. It holds nothing of the client's.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell

from kamplay.method.plan.step import Plan
from kamplay.palette import HAIRLINE, INK, QUIET, WARN_TINT, WHITE
from kamplay.presets.capability import CapabilityFrames
from kamplay.show.locale import N_
from kamplay.show.texts.strategy_texts import capital
from kamplay.show.view import View

PLATFORMS = "ABCD"
SIDE, QUESTION, WEIGHT, FIRST = range(4)  # columns; from FIRST on one for each platform, then the remarks
HIGHEST = 5  # of the scores, from 1
HEAD = 3  # row of the header
FIXED = partial(xl_rowcol_to_cell, row_abs=True, col_abs=True)


def write(folder: Path, plan: Plan, view: View) -> Path | None:
    """``platform_choice.<language>.xlsx`` in ``folder``; None of a plan without capabilities."""
    preset = plan.capabilities.preset
    if not preset:
        return None
    path = folder / f"platform_choice.{view.locale.language}.xlsx"
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"created": datetime(2000, 1, 1)})  # the same preset gives the same bytes
        _write_sheet(book, CapabilityFrames.model_validate(preset), view)
    return path


def _styles(book: Any, view: View) -> dict[str, Any]:
    font = {
        "font_name": "Microsoft YaHei" if view.locale.language == "zh" else "Calibri",
        "font_size": 10,
        "font_color": INK,
        "valign": "vcenter",
    }
    framed = {**font, "border": 1, "border_color": HAIRLINE}
    to_fill = {**framed, "bg_color": WARN_TINT, "align": "center"}
    return {
        "title": book.add_format({**font, "bold": True, "font_size": 14, "font_color": view.accent}),
        "note": book.add_format({**font, "font_color": QUIET, "text_wrap": True, "valign": "top"}),
        "head": book.add_format(
            {**framed, "bold": True, "font_color": WHITE, "bg_color": view.accent, "align": "center"}
        ),
        "side": book.add_format({**framed, "bold": True, "text_wrap": True}),
        "text": book.add_format({**framed, "text_wrap": True}),
        "remark": book.add_format({**framed, "bg_color": WARN_TINT, "text_wrap": True}),
        "weight": book.add_format({**to_fill, "num_format": "0%"}),
        "score": book.add_format({**to_fill, "num_format": "0"}),
        "share": book.add_format({**framed, "num_format": "0%", "align": "center"}),
        "sum": book.add_format({**framed, "bold": True, "num_format": "0.00", "align": "center"}),
        "rank": book.add_format({**framed, "num_format": "0", "align": "center"}),
        "label": book.add_format({**framed, "bold": True}),
    }


def _write_sheet(book: Any, preset: CapabilityFrames, view: View) -> None:
    locale, styles = view.locale, _styles(book, view)
    text, language = locale.text, locale.language
    page = book.add_worksheet(text(N_("Platform choice")))
    remarks = FIRST + len(PLATFORMS)
    for column, width in ((SIDE, 18), (QUESTION, 52), (WEIGHT, 10), (FIRST, 13), (remarks, 36)):
        page.set_column(column, column + len(PLATFORMS) - 1 if column == FIRST else column, width)
    page.write_string(0, 0, text(N_("Choosing a collaboration platform")), styles["title"])
    said = N_(
        "Fill in the pale cells: names of the platforms, a weight for each aspect (together 100%), and "
        "scores from 1 (does not meet it) to {highest:n} (meets it fully). An aspect scores the mean of its "
        "questions. {source}."
    )
    page.merge_range(1, 0, 1, remarks, "", styles["note"])
    source = capital(preset.platform.source.get(language))
    page.write_string(1, 0, locale.say(said, highest=HIGHEST, source=source), styles["note"])
    page.set_row(1, 34)
    for column, label in ((SIDE, N_("Aspect")), (QUESTION, N_("What to look at")), (WEIGHT, N_("Weight"))):
        page.write_string(HEAD, column, text(label), styles["head"])
    for place, letter in enumerate(PLATFORMS):
        name = locale.say(N_("Platform {letter}"), letter=letter)
        page.write_string(HEAD, FIRST + place, name, styles["score"])
    page.write_string(HEAD, remarks, text(N_("Remarks")), styles["head"])
    row, sides = HEAD + 1, []
    for side in preset.platform.criteria:
        last = row + len(side.questions) - 1
        _write_side(page, row, last, capital(side.get(language)), styles)
        for question in side.questions:
            page.write_string(row, QUESTION, capital(question.get(language)), styles["text"])
            for column in range(FIRST, remarks):
                page.write_blank(row, column, None, styles["score"])
            page.write_blank(row, remarks, None, styles["remark"])
            row += 1
        sides.append((last - len(side.questions) + 1, last, side.essential))
    _sums(page, row, sides, view, styles)
    page.data_validation(
        HEAD + 1, FIRST, row - 1, remarks - 1,
        {"validate": "integer", "criteria": "between", "minimum": 1, "maximum": HIGHEST},
    )  # fmt: skip
    page.data_validation(
        HEAD + 1, WEIGHT, row - 1, WEIGHT,
        {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": 1},
    )  # fmt: skip
    page.freeze_panes(HEAD + 1, WEIGHT)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 1)


def _write_side(page: Any, first: int, last: int, name: str, styles: dict[str, Any]) -> None:
    """The side's name and its weight beside all its questions."""
    for column, style in ((SIDE, "side"), (WEIGHT, "weight")):
        if last > first:
            page.merge_range(first, column, last, column, "", styles[style])
    page.write_string(first, SIDE, name, styles["side"])
    page.write_blank(first, WEIGHT, None, styles["weight"])


def _sums(
    page: Any, row: int, sides: list[tuple[int, int, bool]], view: View, styles: dict[str, Any]
) -> None:
    """Weighted score, rank, and who is ruled out; empty until weights add up to 100% and all scores are in.

    Parameters
    ----------
    sides : of each side its first and last row, and whether the lowest score on it rules a platform out.
    """
    text = view.locale.text
    labels = (N_("Weighted score"), N_("Rank"), N_("Ruled out"))
    for place, label in enumerate(labels):
        page.merge_range(row + place, SIDE, row + place, QUESTION, "", styles["label"])
        page.write_string(row + place, SIDE, text(label), styles["label"])
    weights = [xl_rowcol_to_cell(first, WEIGHT) for first, _, _ in sides]
    total = FIXED(row, WEIGHT)
    page.write_formula(row, WEIGHT, f"=SUM({','.join(weights)})", styles["share"], "")
    page.conditional_format(
        row, WEIGHT, row, WEIGHT,
        {"type": "formula", "criteria": f"=ABS({total}-1)>0.001", "format": styles["weight"]},
    )  # fmt: skip
    page.write_blank(row + 1, WEIGHT, None, styles["text"])
    page.write_blank(row + 2, WEIGHT, None, styles["text"])
    start, end = sides[0][0], sides[-1][1]
    of_all = f"{FIXED(row, FIRST)}:{FIXED(row, FIRST + len(PLATFORMS) - 1)}"
    for column in range(FIRST, FIRST + len(PLATFORMS)):
        parts = [
            f"{xl_rowcol_to_cell(first, WEIGHT, col_abs=True)}*AVERAGE({_range(first, last, column)})"
            for first, last, _ in sides
        ]
        filled = f"AND(COUNT({_range(start, end, column)})={end - start + 1},ABS({total}-1)<=0.001)"
        own = xl_rowcol_to_cell(row, column)
        page.write_formula(row, column, f'=IF({filled},{"+".join(parts)},"")', styles["sum"], "")
        page.write_formula(row + 1, column, f'=IF({own}="","",RANK({own},{of_all}))', styles["rank"], "")
        ones = "+".join(f"COUNTIF({_range(first, last, column)},1)" for first, last, must in sides if must)
        said = text(N_("yes, a 1 where none may be")).replace('"', '""')
        page.write_formula(row + 2, column, f'=IF({ones or 0}>0,"{said}","")', styles["text"], "")


def _range(first: int, last: int, column: int) -> str:
    return f"{xl_rowcol_to_cell(first, column)}:{xl_rowcol_to_cell(last, column)}"
