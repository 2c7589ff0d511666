"""``kamplay check``: what was read, what is wrong with it, and the copy that goes back to the client."""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from kamplay.commands.engagement_meant import engagement_of
from kamplay.commands.recognised import facts_of, print_recognised
from kamplay.commands.speech import system_language
from kamplay.engagement import load
from kamplay.errors import Fault, KamplayError
from kamplay.output_place import InUseError, need_closed, output_fault
from kamplay.show.check.on_screen import fault_lines
from kamplay.show.faults import as_json, few_of_each, fix, line, problem
from kamplay.show.locale import N_, Locale
from kamplay.show.wrap import wrapped


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

    facts = facts_of(intake)
    for name, shown in columns_json([*intake.readings, *intake.refused], locale).items():
        unread = dict.fromkeys(("rows", "accounts", "amount", "first", "last"))
        facts[name] = {**facts.get(name, unread), **shown}
    if given and "transactions" in facts:
        facts["transactions"]["proposed"] = given
    return facts


def _said_of(given: dict[str, Any] | None, intake: Any, locale: Locale) -> str:
    """What the transactions come to with the block to paste, and now, as comments above it."""
    if given is None:
        return ""
    words = N_("{rows:n} lines, {accounts:n} accounts, {amount:n2} in all")
    unread = locale.text(N_("the lines cannot be read"))
    now = facts_of(intake).get("transactions")
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
