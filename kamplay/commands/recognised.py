"""What of the client's files was recognised, on the screen: sums, days, which header feeds what."""

from __future__ import annotations

from typing import Any

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from kamplay.show.locale import N_, Locale
from kamplay.show.wrap import wrapped

MOST_UNUSED = 12  # headers that feed no column, named in one line
MOST_OF_SAMPLE = 16  # letters of a sample value: three of them share a line of 80


def print_recognised(intake: Any, locale: Locale, console: Console) -> None:
    """The tables that were read, with their sums and dates, and which header of which file feeds which of
    their columns.
    """
    if facts := facts_of(intake):
        _print_facts(facts, console, locale)
    _print_columns(intake, console, locale)


def facts_of(intake: Any) -> dict[str, dict[str, Any]]:
    """What was read, by table; of transactions in a database what their roll-up tells."""
    facts = {name: _table_facts(frame) for name, frame in intake.tables.items()}
    for fault in intake.faults:
        if fault.code in ("currencies_several", "currency_of_input") and fault.table in facts:
            facts[fault.table]["amount"] = None  # no sum of several currencies
    if intake.rolled:
        up = intake.rolled.roll_up
        dates = {
            "first": up.totals["first"] or up.totals["after_last"],
            "last": up.totals["after_last"] or up.totals["last"],
        }
        mine = {
            "rows": up.totals["rows"],
            "accounts": len(up.accounts),
            "amount": round(up.totals["amount"], 2),
            **dates,
        }
        facts = {"transactions": mine, **facts}
    return facts


def _table_facts(frame: Any) -> dict[str, Any]:
    from kamplay.intake.checks.validation import returns

    facts: dict[str, Any] = {
        "rows": len(frame),
        "accounts": int(frame["account_id"].nunique()) if "account_id" in frame else None,
    }
    facts["amount"] = round(float(frame["amount"].sum()), 2) if "amount" in frame else None
    if "amount" in frame:
        facts["returns"] = returns(frame)
    dates = next(
        (
            frame[c].dropna()
            for c in ("date", "invoice_date", "promised_date", "opened")
            if c in frame and frame[c].notna().any()
        ),
        None,
    )
    facts["first"], facts["last"] = (
        (str(dates.min().date()), str(dates.max().date())) if dates is not None else (None, None)
    )
    return facts


def _print_facts(facts: dict[str, dict[str, Any]], console: Console, locale: Locale) -> None:
    """A line for each table; in columns where the screen is wide enough to keep every figure and date
    whole.
    """
    labels = (N_("Table"), N_("Rows"), N_("Accounts"), N_("Amount"), N_("From"), N_("To"))
    heads = [locale.text(label) for label in labels]
    rows = [
        (
            name,
            locale.number(of["rows"]),
            locale.number(of["accounts"]),
            locale.number(of["amount"], 2),
            of["first"] or "–",
            of["last"] or "–",
        )
        for name, of in facts.items()
    ]
    widest = [max(map(cell_len, column)) for column in zip(heads, *rows, strict=True)]
    if sum(widest) + 2 * len(widest) > console.width:
        for row in rows:
            about = locale.text(N_("; ")).join(
                f"{head} {cell}" for head, cell in zip(heads[1:], row[1:], strict=True) if cell != "–"
            )
            for text in wrapped(f"{row[0]}  {about}", console.width):
                console.print(Text(text), soft_wrap=True)
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for label, head in zip(labels, heads, strict=True):
        table.add_column(head, justify="left" if label in ("Table", "From", "To") else "right", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    console.print(table)


def _print_columns(intake: Any, console: Console, locale: Locale) -> None:
    """For each input which header feeds which column, in one line each; then what was left out, and why."""
    from kamplay.show.check.column_words import left_out_line, read_as  # slow

    labels = [locale.text(label) for label in (N_("Column"), N_("Header"), N_("Read as"), N_("For example"))]
    for reading in [*intake.readings, *intake.refused]:
        place = f"{reading.file}#{reading.sheet}" if reading.sheet else reading.file
        console.print(f"\n[bold]{reading.table}[/bold] · {escape(place)}", highlight=False, soft_wrap=True)
        rows = [
            (name, column["header"], read_as(column["ways"], locale), _few(column["samples"]))
            for name, column in reading.columns.items()
        ]
        table = Table(box=None, header_style="dim", pad_edge=False, padding=(0, 1, 0, 0))
        left, widths = console.width, []
        for at, (label, most) in enumerate(zip(labels, (20, 24, 18, 60), strict=True)):
            widest = max(cell_len(text) for text in (label, *(row[at] for row in rows)))
            width = max(8, min(widest, most, left - 1))
            left -= width + 1
            widths.append(width)
            table.add_column(label, no_wrap=True, overflow="ellipsis", width=width)
        for row in rows:
            table.add_row(*(escape(_cut(text, width)) for text, width in zip(row, widths, strict=True)))
        console.print(table)
        for found in reading.passed_over:
            said = locale.say(N_("not used: {what}"), what=left_out_line(found, locale))
            _print_dim(said, console)
        told = {found["header"] for found in reading.passed_over}
        if others := [header for header in reading.unused if header not in told]:
            names = locale.words(others, MOST_UNUSED)
            _print_dim(locale.say(N_("no column of ours: {headers}"), headers=names), console)


def _print_dim(text: str, console: Console) -> None:
    for row in wrapped(text, console.width):
        console.print(Text(row, style="dim"), soft_wrap=True)


def _few(samples: list[str]) -> str:
    """The samples of a column, each short and on one line."""
    plain = (" ".join(sample.split()) for sample in samples)
    return " · ".join(v if len(v) <= MOST_OF_SAMPLE else _ended(v[: MOST_OF_SAMPLE - 1]) for v in plain)


def _cut(text: str, width: int) -> str:
    """A text that fits into so many cells; one that is cut in a sample that is cut has one ellipsis."""
    return text if cell_len(text) <= width else _ended(set_cell_size(text, max(1, width - 1)))


def _ended(text: str) -> str:
    return text.rstrip(" ·,;:，；、…") + "…"
