"""``kamplay check``: what was read, what is wrong with it, and the copy that goes back to the client."""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path
from typing import Any

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from kamplay.commands.made_before import engagement_of
from kamplay.commands.speech import system_language
from kamplay.engagement import load
from kamplay.errors import Fault, KamplayError
from kamplay.output_place import InUseError, need_closed, output_fault
from kamplay.show.check.on_screen import fault_lines
from kamplay.show.faults import as_json, few_of_each, fix, line, problem
from kamplay.show.locale import N_, Locale
from kamplay.show.wrap import wrapped

MOST_UNUSED = 12  # headers that feed no column, named in one line
MOST_OF_SAMPLE = 16  # letters of a sample value: three of them share a line of 80


def check_folder(folder: Path, as_json_: bool, out: Path, language: str | None = None) -> bool:
    """Check one engagement, or that of a file, and print what was found in ``language``, else this
    computer's; whether it is usable. A marked copy goes to OUT/<client>/check/, in the engagement's language:
    the client gets it.
    """
    language = language or system_language()
    try:
        engagement = load(engagement_of(folder, language))
        from kamplay.api import examine
        from kamplay.intake.annotated_copy import write_marked
        from kamplay.intake.settings_to_paste import as_yaml, proposals, would_give

        intake = examine(engagement)
    except KamplayError as error:
        if not as_json_:
            raise
        _print_json(False, {}, error.faults, {}, Locale(language, "CNY"))
        return False
    proposed = proposals(engagement, intake.faults)
    given = would_give(engagement, proposed)
    locale = Locale(language, engagement.settings.currency)
    if as_json_:
        _print_json(intake.usable, _with_columns(intake, given, locale), intake.faults, proposed, locale)
    else:
        _print_check(intake, locale)
        _print_proposals(_said_of(given, intake, locale) + as_yaml(proposed, intake.faults), locale)
    theirs = Locale(engagement.settings.languages[0], engagement.settings.currency)
    sentences = {id(f): (problem(f, theirs), fix(f, theirs)) for f in intake.faults}
    place = out / engagement.slug / "check"
    try:
        need_closed(sorted(place.glob("*-marked*.xlsx")))
    except (InUseError, OSError) as error:  # the copies that are there stay as they are
        _say_no_copy(error, place, locale)
        return intake.usable
    try:
        for path in write_marked(intake, engagement.folder, place, _mark_words(theirs), sentences):
            if not as_json_:
                print(locale.say(N_("Marked copy: {path}"), path=path))
    except Exception as error:  # the verdict stands without the copy
        if output_fault(error, place, every=True) is None:
            raise
        with contextlib.suppress(OSError):  # half a copy is none
            for half in place.glob("*-marked*.xlsx"):
                half.unlink()
        _say_no_copy(error, place, locale)
    return intake.usable


def _say_no_copy(error: Exception, place: Path, locale: Locale) -> None:
    fault = output_fault(error, place, every=True)
    assert fault is not None
    print(locale.say(N_("No marked copy was written: {fault}"), fault=line(fault, locale)), file=sys.stderr)


def _print_json(
    usable: bool, tables: dict[str, Any], faults: list[Fault], proposed: dict[str, Any], locale: Locale
) -> None:
    found = {
        "usable": usable,
        "tables": tables,
        "faults": [as_json(f, locale) for f in faults],
        "proposals": proposed,
    }
    print(json.dumps(found, ensure_ascii=False, indent=1))


def _with_columns(intake: Any, given: dict[str, Any] | None, locale: Locale) -> dict[str, dict[str, Any]]:
    """What was read, by table, with the mapping; of a table that could not be read the mapping alone. Under
    ``proposed`` what the transactions come to as the proposals say.
    """
    from kamplay.show.check.column_words import columns_json

    facts = _facts(intake)
    for name, shown in columns_json([*intake.readings, *intake.refused], locale).items():
        unread = dict.fromkeys(("rows", "accounts", "amount", "first", "last"))
        facts[name] = {**facts.get(name, unread), **shown}
    if given and "transactions" in facts:
        facts["transactions"]["proposed"] = given
    return facts


def _print_columns(intake: Any, console: Console, locale: Locale) -> None:
    """For each input which header feeds which column, in one line each; then what was left out, and why."""
    from kamplay.show.check.column_words import left_out_line, read_as

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


def _said_of(given: dict[str, Any] | None, intake: Any, locale: Locale) -> str:
    """What the transactions come to with the block to paste, and now, as comments above it."""
    if given is None:
        return ""
    words = N_("{rows:n} lines, {accounts:n} accounts, {amount:n2} in all")
    unread = locale.text(N_("the lines cannot be read"))
    now = _facts(intake).get("transactions")
    lines = [
        (N_("With this: {what}"), unread if given["rows"] is None else locale.say(words, **given)),
        (N_("Now: {what}"), locale.say(words, **now) if now and now["amount"] is not None else unread),
    ]
    if not given["usable"]:
        lines.append((N_("Errors remain: check again after pasting."), ""))
    return "".join(f"# {locale.say(text, what=what)}\n" for text, what in lines)


def _print_proposals(text: str, locale: Locale) -> None:
    """The block that settles what could not be decided, as it goes into ``engagement.yaml``: unwrapped, so
    that it can be copied.
    """
    if text:
        words = N_(
            "To decide: if this is right, paste it into engagement.yaml in place of sources; a "
            "line with ? is yours to fill in."
        )
        for said in wrapped(locale.text(words), Console().width):
            print(said)
        print(f"\n{text}")


def _mark_words(locale: Locale) -> dict[str, str]:
    words = {
        "faults": N_("Faults"),
        "level": N_("Level"),
        "sheet": N_("Sheet"),
        "row": N_("Row"),
        "column": N_("Column"),
        "value": N_("Value"),
        "problem": N_("What is wrong"),
        "fix": N_("What to do"),
        "count": N_("Count"),
        "error": N_("error"),
        "warning": N_("warning"),
    }
    return {key: locale.text(word) for key, word in words.items()}


def _facts(intake: Any) -> dict[str, dict[str, Any]]:
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


def _print_check(intake: Any, locale: Locale) -> None:
    console = Console()
    print_recognised(intake, locale, console)
    if intake.faults:
        console.print()
        told, rest = few_of_each(intake.faults)
        for fault in told[:60]:
            first, *further = fault_lines(fault, locale, console.width)
            style = "bold red" if fault.level == "error" else "bold yellow"
            level, _, place = first.partition("  ")
            console.print(Text.assemble((level, style), f"  {place}"), soft_wrap=True)
            for said in further:
                console.print(Text(said), soft_wrap=True)
        if rest := rest + len(told[60:]):
            console.print(locale.say(N_("{rest:n} more; --json lists them all."), rest=rest))
    console.print(locale.text(N_("Usable.") if intake.usable else N_("Not usable: mend the errors above.")))


def print_recognised(intake: Any, locale: Locale, console: Console) -> None:
    """The tables that were read, with their sums and dates, and which header of which file feeds which of
    their columns.
    """
    if facts := _facts(intake):
        _print_facts(facts, console, locale)
    _print_columns(intake, console, locale)


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
