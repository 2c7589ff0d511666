"""The tables: which header feeds which column, and which headers are left out although they look like one."""

from __future__ import annotations

import json

from kamplay.codebook import codebook
from kamplay.method.check.step import Check
from kamplay.show.check.column_words import KINDS, read_as
from kamplay.show.display import Display
from kamplay.show.faults import reason
from kamplay.show.locale import N_
from kamplay.show.registry import table
from kamplay.show.table import Column, html_table, word
from kamplay.show.view import current


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
