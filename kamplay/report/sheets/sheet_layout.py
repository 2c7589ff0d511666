"""How every sheet of the workbooks looks: fonts and formats, and the page it prints on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import ceil
from typing import Any

from kamplay.palette import BAD_FILL, FILL, GOOD_FILL, SLATE, WARN_FILL, WHITE
from kamplay.show.locale import N_, Locale
from kamplay.show.table import text_width
from kamplay.show.view import View

# nothing of the client's becomes a formula, a link or a number that it was not
TEXT_IS_TEXT = dict.fromkeys(
    ("strings_to_formulas", "strings_to_urls", "strings_to_numbers", "nan_inf_to_errors"), False
)
FORMATS = {
    "text": "@",
    "n": "#,##0",
    "n1": "#,##0.0",
    "n2": "#,##0.00",
    "n3": "#,##0.000",
    "count": "#,##0.##",
    "score": "#,##0.0",
    "money": "#,##0",
    "pct": "0.0%",
    "pct1": "0.0%",
    "date": "yyyy-mm-dd",
}
A4 = 9
AWAY = {"align": "left", "indent": 1}  # a space before words; without "left" Excel makes none
LINE = 15.0  # points of a line
TITLE_LINE = 24.0
LONGEST = 80  # letters at the head or the foot of a printed page, of which Excel takes 255


class Styles:
    """The formats of a workbook, each made once."""

    def __init__(self, book: Any, view: View):
        self._book = book
        self._made: dict[str, Any] = {}
        self.font = {
            "font_name": "Microsoft YaHei" if view.locale.language == "zh" else "Calibri",
            "font_size": 10,
            "valign": "top",
        }
        self.accent = view.accent
        for name, rest in self._named().items():
            self._made[name] = self.of(**rest)
        for kind, pattern in FORMATS.items():
            # words keep apart from the figure to their left
            look: dict[str, Any] = {"num_format": pattern}
            look |= {"text_wrap": True, **AWAY} if kind == "text" else {}
            self._made[kind] = self.of(**look)
            self._made[f"{kind}!"] = self.of(**look, bold=True, top=1)
            self._made[f"{kind}?"] = self.of(**look, bg_color=FILL, border=1)

    def _named(self) -> dict[str, dict[str, Any]]:
        return {
            "head": {"bold": True, "font_color": WHITE, "bg_color": self.accent, "text_wrap": True},
            "title": {"bold": True, "font_size": 16, "font_color": self.accent},
            "part": {"bold": True, "font_size": 12, "font_color": self.accent},
            "wrap": {"text_wrap": True, **AWAY},
            "quiet": {"font_color": SLATE, "text_wrap": True},
            "said": {"font_color": SLATE},
            "link": {"font_color": self.accent, "underline": 1},
            "green": {"bg_color": GOOD_FILL, **AWAY},
            "yellow": {"bg_color": WARN_FILL, **AWAY},
            "red": {"bg_color": BAD_FILL, **AWAY},
        }

    def of(self, **options: Any) -> Any:
        """A format of the workbook's font with what differs."""
        return self._book.add_format({**self.font, **options})

    def __getitem__(self, name: str) -> Any:
        """A format by name: a kind of figure (with ``!`` of a total, with ``?`` of a cell to fill in), or a
        purpose.
        """
        return self._made[name]


def height_of(cells: Iterable[tuple[str, float]]) -> float | None:
    """The height in points of a row of texts that wrap, each with the letters that its column holds; None
    where all fit one line.
    """
    lines = max((lines_of(text, width) for text, width in cells), default=1)
    return LINE * lines if lines > 1 else None


def lines_of(text: str, width: float) -> int:
    """The lines that a text takes in a column of so many letters."""
    room = max(width - 0.5, 1)
    return sum(max(1, ceil(text_width(line) / room)) for line in text.splitlines()) or 1


def lay_out(
    sheet: Any, title: str, client: str, locale: Locale, rows: int, columns: int, most: int, head: int = 0
) -> None:
    """Set a sheet up for print: A4, landscape, one page wide, its header on every page, no more than ``most``
    rows below it, which the foot of the page says.

    Parameters
    ----------
    sheet : of XlsxWriter.
    title : at the head of the page.
    rows, columns : below the header, and that print.
    head : the row of the header.
    """
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(0.4, 0.4, 0.7, 0.6)
    sheet.repeat_rows(head)
    sheet.print_area(0, 0, head + max(1, min(rows, most)), max(columns, 2) - 1)
    sheet.set_header(f"&L{_plain(client)}&R{_plain(title)}")
    foot = "&R&P / &N"
    if rows > most:
        said = N_("The first {shown:n} of {total:n} rows are printed; the file has all.")
        foot = f"&L{_plain(locale.say(said, shown=most, total=rows))}{foot}"
    sheet.set_footer(foot)


def _plain(text: str) -> str:
    """Text for the head or the foot of a page, in which ``&`` begins a command."""
    return text[:LONGEST].replace("&", "&&")


def colour_words(sheet: Any, place: tuple[int, int, int, int], grounds: Mapping[str, Any]) -> None:
    """Colour the cells of a range by their words. ``grounds``: word → format."""
    for word, ground in grounds.items():
        quoted = word.replace('"', '""')
        sheet.conditional_format(
            *place, {"type": "cell", "criteria": "==", "value": f'"{quoted}"', "format": ground}
        )
