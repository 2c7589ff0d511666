"""How the cells of a column were read, in words: the order of day and month, the decimal mark."""

from __future__ import annotations

from collections.abc import Sequence

from kamplay.show.locale import N_, Locale

WAYS = {
    "typed": N_("as typed in the workbook"),
    "serial": N_("a spreadsheet's day numbers"),
    "iso": N_("year, month, day"),
    "named": N_("month by name"),
    "day_first": N_("day first"),
    "month_first": N_("month first"),
    "year_first": N_("year first"),
    "short_year": N_("two-digit years of this century"),
    "unix": N_("seconds since 1970"),
    "month": N_("months, as their last day"),
    "quarter": N_("quarters, as their last day"),
    "swapped_back": N_("day and month swapped back"),
    "date_format": N_("by date_format"),
    "decimal_point": N_("decimal point"),
    "decimal_comma": N_("decimal comma"),
    "credit_is_sale": N_("Cr positive, Dr negative"),
    "latest": N_("latest by account"),
    "usual": N_("usual by account"),
}


def in_words(ways: Sequence[str], locale: Locale) -> str:
    """Name the ways that ``values.parsing.how_read`` found, as one phrase; empty without any."""
    return locale.text(N_(", ")).join(locale.text(WAYS[way]) for way in ways)
