"""The names of the months in English, German, French, Spanish and Italian, whole and shortened."""

from __future__ import annotations

_NAMES = (
    "january jan januar jänner janvier janv enero ene gennaio gen",
    "february feb februar febr février févr fév fevrier fevr febrero febbraio",
    "march mar märz mrz mär maerz mars marzo",
    "april apr avril avr abril abr aprile",
    "may mai mayo maggio mag",
    "june jun juni juin junio giugno giu",
    "july jul juli juillet juil julio luglio lug",
    "august aug août aout agosto ago",
    "september sept sep septembre septiembre settembre set",
    "october oct oktober okt octobre octubre ottobre ott",
    "november nov novembre noviembre",
    "december dec dezember dez décembre déc decembre diciembre dic dicembre",
)
MONTHS = {word: number for number, words in enumerate(_NAMES, start=1) for word in words.split()}
NAME = "(?P<name>" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")\.?"
"""Finds a month's name, without regard to case; what stands next to it is the user's to say."""


def month_number(name: str) -> int | None:
    """The number of a month, 1 to 12, from its name; None where it is none."""
    return MONTHS.get(name.strip().rstrip(".").casefold())
