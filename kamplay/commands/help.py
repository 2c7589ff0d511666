"""``--help`` in the consultant's language: what a command does, an example, its options.

The texts stand once, in English, beside the commands in ``kamplay.cli``; their Chinese is in the catalogue
like that of every other sentence.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from rich.cells import cell_len
from typer.core import TyperCommand, TyperGroup

from kamplay.commands.speech import language_of
from kamplay.errors import nearest
from kamplay.show.catalogue import BABEL, N_, catalogue
from kamplay.show.wrap import wrapped

WIDEST = 110  # columns: longer lines are hard to read
NARROWEST = 40
MOST_OF_NAMES = 26  # columns of the names of options; longer ones stand on a line of their own
UsageError: Any = typer.BadParameter.__base__  # typer carries a command line parser of its own inside
SHOWN = N_("Show this help.")


def said(text: str, language: str, **values: str) -> str:
    """A text of the command line in a language, filled in."""
    plain = " ".join(text.split())
    known = plain if language == "en" else catalogue(BABEL[language]).get(plain, plain)
    return known.format(**values) if values else known


def texts(command: Any) -> Iterator[str]:
    """Every text of a command, and of those under it, that its help shows."""
    for text in (command.help, command.short_help):
        if text:
            yield " ".join(text.split())
    for param in command.params:
        for text in (getattr(param, "help", None), getattr(param, "metavar", None)):
            if text:
                yield " ".join(text.split())
    for one in getattr(command, "commands", {}).values():
        yield from texts(one)


class Command(TyperCommand):
    """A command whose help is laid out here; its ``epilog`` holds examples, one a line."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        formatter.write(_of_command(self, ctx, _language(), _width()))


class Group(TyperGroup):
    """The commands, in the order in which they stand in the code; what is written wrongly is told in one
    line.
    """

    def format_help(self, ctx: Any, formatter: Any) -> None:
        formatter.write(_of_group(self, ctx, _language(), _width()))

    def main(self, *args: Any, **more: Any) -> Any:
        if more.get("standalone_mode", True) is False:
            return super().main(*args, **more)
        try:
            code = super().main(*args, **{**more, "standalone_mode": False})
        except UsageError as error:
            _say_usage(error, self)
            raise SystemExit(2) from None
        except typer.Abort:
            raise SystemExit(130) from None
        raise SystemExit(code if isinstance(code, int) else 0)


def _language() -> str:
    return language_of(Path())


def _width() -> int:
    return max(NARROWEST, min(shutil.get_terminal_size().columns, WIDEST))


def _of_group(group: Any, ctx: Any, language: str, width: int) -> str:
    lines = [*wrapped(said(group.help, language), width, whole=True), ""]
    lines += [*_examples(group, language), said(N_("Commands:"), language)]
    rows = [(name, said(one.short_help or one.help, language)) for name, one in group.commands.items()]
    lines += [*_columns(rows, width), ""]
    lines += wrapped(said(N_("More on one of them, with an example: kamplay run --help"), language), width)
    return "\n".join(lines) + "\n"


def _of_command(command: Any, ctx: Any, language: str, width: int) -> str:
    params = command.get_params(ctx)
    arguments = [p for p in params if p.param_type_name == "argument"]
    usage = " ".join([ctx.command_path, *(_argument(p, language) for p in arguments)])
    options = said(N_("[OPTIONS]"), language)
    lines = [f"{usage} {options}", "", *wrapped(said(command.help, language), width, whole=True), ""]
    lines += _examples(command, language)
    if arguments:
        rows = [(_argument(p, language), said(p.help or "", language)) for p in arguments]
        lines += [*_columns(rows, width), ""]
    rows = [(_names(p, language), _about(p, language)) for p in params if p not in arguments]
    lines += [said(N_("Options:"), language), *_columns(rows, width)]
    return "\n".join(lines) + "\n"


def _examples(command: Any, language: str) -> list[str]:
    shown = [f"  {row.strip()}" for row in (command.epilog or "").splitlines() if row.strip()]
    return [said(N_("For example:"), language), *shown, ""] if shown else []


def _argument(param: Any, language: str) -> str:
    name = said(param.metavar or param.name.upper(), language)
    name += " …" if param.nargs == -1 else ""
    return name if param.required else f"[{name}]"


def _names(param: Any, language: str) -> str:
    names = ", ".join(param.opts)
    return (
        names
        if param.is_flag or "--help" in param.opts
        else f"{names} {said(param.metavar or 'TEXT', language)}"
    )


def _about(param: Any, language: str) -> str:
    text = said(SHOWN if "--help" in param.opts else param.help or "", language)
    default = param.default
    if param.is_flag or default in (None, "") or callable(default) or not param.show_default:
        return text
    return _together(language, text, said(N_("Left out: {value}."), language, value=str(default)))


def _together(language: str, *sentences: str) -> str:
    return (" " if language == "en" else "").join(sentences)


def _columns(rows: list[tuple[str, str]], width: int) -> list[str]:
    """Names and what they mean, beside each other; a name that is too long stands above."""
    wide = min(MOST_OF_NAMES, max((cell_len(name) for name, _ in rows), default=0))
    lines = []
    for name, text in rows:
        about = wrapped(text, width - wide - 4, whole=True) or [""]
        beside = cell_len(name) <= wide
        lines.append(
            f"  {name}{' ' * (wide - cell_len(name) + 2)}{about[0]}".rstrip() if beside else f"  {name}"
        )
        lines += [f"{' ' * (wide + 4)}{row}" for row in (about[1:] if beside else about)]
    return lines


def _say_usage(error: Any, group: Any) -> None:
    """What is wrong with a command line, in one line, and where help is."""
    language = _language()
    kind, ctx = type(error).__name__, error.ctx
    if kind == "NoArgsIsHelpError":
        print(ctx.get_help())
        return
    name = getattr(error, "param", None) and _argument(error.param, language)
    if kind == "NoSuchOption":
        text = said(N_("There is no option {name}."), language, name=error.option_name)
        if near := nearest(error.option_name, error.possibilities or []):
            text = _together(language, text, said(N_("Did you mean {near}?"), language, near=near))
    elif kind == "MissingParameter" and name:
        text = said(N_("{name} is missing."), language, name=name)
    else:
        text = error.format_message()
    command = ctx.command_path if ctx else "kamplay"
    print(text, file=sys.stderr)
    print(said(N_("Help: {command}"), language, command=f"{command} --help"), file=sys.stderr)
