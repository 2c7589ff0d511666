"""Which header feeds which column, how its cells are read, and which headers are left out although they look
like one, in words: for a screen, which need not wait for what draws and lays out tables.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kamplay.book import Reading
from kamplay.show.faults import reason
from kamplay.show.how_read import in_words
from kamplay.show.locale import N_, Locale

KINDS = {
    "amount": N_("amount"),
    "cost": N_("cost"),
    "currency": N_("currency"),
    "status": N_("status"),
    "document_type": N_("document type"),
    "account": N_("account"),
    "id": N_("number of a document"),
    # columns of the accounts on the lines
    "owner": N_("owner"),
    "industry": N_("industry"),
    "region": N_("region"),
    "city": N_("city"),
    "nature": N_("nature of the account"),
    "ownership": N_("ownership"),
    "credit_grade": N_("credit grade"),
}


def read_as(ways: Iterable[str], locale: Locale) -> str:
    """How the cells of a column are read, in words."""
    ways = list(ways)
    return locale.text(N_("as it stands")) if ways == ["text"] else in_words(ways, locale)


def columns_json(readings: Iterable[Reading], locale: Locale) -> dict[str, dict[str, Any]]:
    """The mapping of each table as ``kamplay check --json`` prints it.

    Returns
    -------
    dict
        Table → ``columns`` {ours: {header, samples, read_as}} and ``unused``
        [{header, looks_like, sum, why}].
        Where inputs of a table differ, ``other_files`` has the header of the other file.
    """
    out: dict[str, dict[str, Any]] = {}
    for reading in readings:
        mine = out.setdefault(reading.table, {"columns": {}, "unused": []})
        for name, column in reading.columns.items():
            shown = {
                "header": column["header"],
                "samples": list(column["samples"]),
                "read_as": read_as(column["ways"], locale),
            }
            first = mine["columns"].setdefault(name, shown)
            if first["header"] != column["header"]:
                first.setdefault("other_files", {})[reading.file] = column["header"]
        known = {entry["header"] for entry in mine["unused"]}
        mine["unused"] += [
            {
                "header": found["header"],
                "looks_like": found["looks_like"],
                "sum": found["sum"],
                "why": reason(found["why"], found["args"], locale),
            }
            for found in reading.passed_over
            if found["header"] not in known
        ]
    return out


def left_out_line(found: dict[str, Any], locale: Locale) -> str:
    """A header without a column in one line: what it looks like, its sum, and why it is left out."""
    kind = locale.text(KINDS[found["looks_like"]])
    total = "" if found["sum"] is None else f" {locale.number(found['sum'], 2)}"
    return locale.say(
        N_("{header} ({kind}{total}): {why}"),
        header=found["header"],
        kind=kind,
        total=total,
        why=reason(found["why"], found["args"], locale),
    )
