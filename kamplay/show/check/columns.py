"""Which header feeds which column, how its cells are read, and which headers are left out although they look
like one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from kamplay.book import Reading
from kamplay.codebook import codebook
from kamplay.method.check.step import Check
from kamplay.show.display import Display
from kamplay.show.faults import reason
from kamplay.show.how_read import in_words
from kamplay.show.locale import N_, Locale
from kamplay.show.registry import table
from kamplay.show.table import Column, html_table, word
from kamplay.show.view import current

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


@table
def columns_table(check: Check) -> Display:
    """Each column with the header that feeds it, samples, and how dates and numbers are read."""
    locale = current().locale
    labels = {
        (name, column.name): column.labels[locale.language]
        for name, spec in codebook().items()
        for column in spec.columns.values()
    }
    for name, column in codebook()["accounts"].columns.items():  # on the lines they are of the account
        labels.setdefault(("transactions", name), column.labels[locale.language])
    tables = {name: spec.labels[locale.language] for name, spec in codebook().items()}
    frame = check.columns.assign(
        label=[labels[pair] for pair in zip(check.columns["table"], check.columns["column"], strict=True)],
        of=check.columns["table"].map(tables),
        read=[read_as(json.loads(ways), locale) for ways in check.columns["ways"]],
    )
    columns = [
        Column("of", N_("Table")),
        Column("label", N_("Column")),
        Column("header", N_("Header in the file")),
        Column("samples", N_("For example"), css="long"),
        Column("read", N_("Read as"), extra=True),
    ]
    return html_table(frame, columns, N_("Which header of the client's files feeds which column."), most=40)


@table
def left_out_table(check: Check) -> Display:
    """Headers that look like an amount, a cost, a currency, a status or an account, and feed no column."""
    locale = current().locale
    frame = check.left_out.assign(
        said=[
            reason(code, json.loads(args), locale)
            for code, args in zip(check.left_out["why"], check.left_out["args"], strict=True)
        ]
    )
    columns = [
        Column("file", N_("Source")),
        Column("header", N_("Header in the file")),
        Column("looks_like", N_("Seems to hold"), word(KINDS)),
        Column("sum", N_("Sum"), "n"),
        Column("said", N_("Why it is left out"), css="long"),
    ]
    return html_table(frame, columns, N_("Headers that feed no column although they look like one."), most=30)
