"""Tables of step 0: what was read, whether it reconciles, what it carries."""

from __future__ import annotations

import json

from kamplay.codebook import codebook
from kamplay.errors import Fault
from kamplay.method.coverage import Check
from kamplay.show.display import NOTHING, Display
from kamplay.show.faults import problem
from kamplay.show.labels import LACKING, RECONCILIATION, STEPS, VERDICTS
from kamplay.show.locale import N_
from kamplay.show.tables.table import Column, table, word
from kamplay.show.view import current


def reconciliation(check: Check) -> Display:
    """From every line read to the revenue of the 12 months, and to the ledger where its total is known."""
    frame = check.bridge.assign(item=check.bridge["item"].map(word(RECONCILIATION)))
    return table(
        frame,
        [Column("item", N_("Step")), Column("amount", N_("Amount"), "money")],
        N_("From all lines read to the revenue of the last 12 months."),
    )


def ledger(check: Check) -> Display:
    """Each period that the ledger states: read, in the books, and the difference. Nothing for a single total: the bridge shows it."""
    if len(check.ledger) < 2:
        return NOTHING
    columns = [
        Column("period", N_("Period")),
        Column("read", N_("Read"), "money"),
        Column("ledger", N_("In the books"), "money"),
        Column("difference", N_("Difference"), "money"),
        Column("share", N_("Share"), "pct"),
    ]
    return table(check.ledger, columns, N_("What was read against the ledger, period by period."), most=36)


def readings(check: Check) -> Display:
    """Each source with what became of its rows."""
    columns = [
        Column("file", N_("Source")),
        Column("sheet", N_("Sheet"), extra=True),
        Column("rows", N_("Rows"), "n"),
        Column("set_aside", N_("Set aside"), "n"),
        Column("blank", N_("Blank"), "n", extra=True),
        Column("totals", N_("Sum rows"), "n", extra=True),
        Column("repeated", N_("Repeats"), "n", extra=True),
        Column("used", N_("Used"), "n"),
        Column("unused", N_("Columns not used"), extra=True),
    ]
    return table(
        check.readings,
        columns,
        N_("How each source was read: rows set aside by the engagement's own filter, blank rows, sum rows, exact repeats."),
    )


def unlocks(check: Check) -> Display:
    """Every table the method knows: delivered or not, and what it adds."""
    locale = current().locale
    words = {(True, True): N_("yes"), (False, True): N_("no"), (False, False): N_("no"), (True, False): N_("checked only")}
    state = [locale.text(words[pair]) for pair in zip(check.tables["there"], check.tables["used"], strict=True)]
    counts = check.tables[["rows", "accounts"]].where(check.tables["there"])
    frame = check.tables.assign(**counts, state=state, label=check.tables[locale.language], adds=check.tables[f"unlocks_{locale.language}"])
    columns = [
        Column("label", N_("Table")),
        Column("state", N_("Delivered"), css="keep"),
        Column("rows", N_("Rows"), "n"),
        Column("accounts", N_("Accounts"), "n", extra=True),
        Column("adds", N_("What it adds")),
    ]
    caption = N_("Tables delivered, and what each adds.")
    if (check.tables["there"] & ~check.tables["used"]).any():
        caption = N_("Tables delivered, and what each adds. Checked only: read and checked, not part of this report.")
    return table(frame, columns, caption)


def verdicts(check: Check) -> Display:
    """Each of the four steps: whether the data carry it, and what is lacking."""
    locale = current().locale

    def lacking(codes: str) -> str:
        return locale.text(N_("; ")).join(locale.text(LACKING[code]) for code in codes.split(";") if code) or "–"

    columns = [
        Column("step", N_("Part of this report"), word(STEPS)),
        Column("verdict", N_("Can be told"), word(VERDICTS), css="keep"),
        Column("lacking", N_("What is lacking"), lacking, css="long"),
    ]
    return table(check.verdicts, columns, N_("What the delivered data can carry."))


def quality(check: Check) -> Display:
    """Each delivered optional table: how many of the buying accounts it covers, how full and how fresh it is."""
    locale = current().locale
    frame = check.quality.assign(label=check.quality[locale.language])
    columns = [
        Column("label", N_("Table")),
        Column("rows", N_("Rows"), "n"),
        Column("covered", N_("Buying accounts covered"), "pct"),
        Column("filled", N_("Cells filled"), "pct"),
        Column("last", N_("Latest entry"), "date", extra=True, css="keep"),
        Column("age", N_("Days old"), "n", extra=True),
    ]
    return table(frame, columns, N_("How far each further table reaches, and how fresh it is at the reporting date."))


def assumed(check: Check) -> Display:
    """What was dropped, kept or taken for something while reading: every warning of the intake, with its count."""
    locale = current().locale
    labels = {name: spec.labels[locale.language] for name, spec in codebook().items()}
    faults = [
        Fault(row.code, "warning", table=row.table, column=row.column, value=row.value, count=row.count, args=json.loads(row.args))
        for row in check.assumed.itertuples()
    ]
    frame = check.assumed.assign(label=check.assumed["table"].map(labels), said=[problem(f, locale) for f in faults])
    columns = [
        Column("label", N_("Table")),
        Column("column", N_("Column")),
        Column("value", N_("Value")),
        Column("count", N_("Rows"), "n"),
        Column("said", N_("What was noticed"), css="long"),
    ]
    return table(frame, columns, N_("What was dropped, kept or taken for something while reading."), most=30)
