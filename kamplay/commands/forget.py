"""``kamplay forget``: every trace of a client in the output folder, shown and then removed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from kamplay.commands.asking import NEITHER, StoppedError, read_answer, yes_or_no
from kamplay.commands.speech import language_of, system_language
from kamplay.engagement import SETTINGS_FILE, load, slug
from kamplay.errors import Fault, KamplayError
from kamplay.report.traces import Trace, Traces, clients, forget, traces_of
from kamplay.show.locale import N_, Locale

KINDS = {
    "report": N_("report"),
    "failed": N_("failed run"),
    "check": N_("marked copies"),
    "lab": N_("JupyterLab"),
    "left_over": N_("left by a run that was killed"),
    "scratch": N_("scratch copy"),
    "link": N_("link, itself only"),
    "other": N_("other"),
}
MEBI = 1024 * 1024


def language_of_client(text: str, out: Path) -> str:
    """The language of the engagement or the file that is named, else of a client's last report in ``out``."""
    path = Path(text)
    if path.is_file() or (path / SETTINGS_FILE).is_file():
        return language_of(path)
    runs = sorted((out / slug(text)).glob("*/work/settings.json"))
    return language_of(runs[-1].parents[1]) if runs else system_language()


def client_meant(text: str, language: str) -> tuple[str, str | None]:
    """A client's name: as it is given, or that of the file or folder that is named, which then is told by its
    identity, too.

    Raises
    ------
    KamplayError
        No folder was made of the file, or its settings cannot be read.
    """
    from kamplay.commands.engagement_meant import engagement_of

    path = Path(text)
    if path.is_file() or (path / SETTINGS_FILE).is_file():
        engagement = load(engagement_of(path, language))
        return engagement.settings.client, engagement.identity
    return text, None


def forget_client(
    client: str, out: Path, sure: Callable[[str], bool], language: str, engagement: str | None = None
) -> int:
    """Show what stands of a client in ``out``, or was made of an ``engagement`` under another name, ask by
    ``sure``, and remove it.

    Returns
    -------
    Exit code: 0 all is removed, 1 it was not wanted or something could not be removed.

    Raises
    ------
    KamplayError
        Nothing stands of this client, or a run of it goes on.
    """
    out, locale = out.resolve(), Locale(language, "CNY")
    found = traces_of(client, out, engagement)
    if found.running:
        raise KamplayError(Fault("forget_running", file=str(found.running[0])))
    if not found.found:
        there = locale.text(N_(", ")).join(f"“{name}”" for name in clients(out)) or "–"
        raise KamplayError(Fault("forget_unknown", file=str(out), value=client, args={"there": there}))
    _show(found, locale)
    if not sure(locale.text(N_("Remove all of this? It cannot be brought back."))):
        how = "" if _at_terminal() else locale.text(N_("Nobody can be asked here; with --yes it is removed."))
        print(locale.sentences(locale.text(N_("Nothing was removed.")), how), file=sys.stderr)
        return 1
    left = forget(found, out)
    for place in left:
        print(locale.say(N_("Could not be removed: {place}"), place=place), file=sys.stderr)
    if not left:
        print(
            locale.say(N_("What is listed above of {client} under {out} is removed."), client=client, out=out)
        )
        _say_kept(client, out, locale)
    return 1 if left else 0


def asked(question: str, language: str) -> bool:
    """Whether somebody at the terminal says yes to a question; Enter, and the end of the input, is no."""
    if not _at_terminal():
        return False
    locale = Locale(language, "CNY")
    while True:
        try:
            text = read_answer(f"{question} [y/N]{locale.colon}") or "n"
        except StoppedError:
            return False
        said = yes_or_no(text)
        if said is not None:
            return said
        print(locale.say(NEITHER, text=text), file=sys.stderr)


def _at_terminal() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()


def _say_kept(client: str, out: Path, locale: Locale) -> None:
    """Say that the engagement with the client's data is left, and where it is if it lies beside ``out`` or in
    the current folder.
    """
    kept = []
    for place in sorted({at for top in (out.parent, Path.cwd()) for at in top.glob(f"*/{SETTINGS_FILE}")}):
        try:
            name = slug(load(place.parent).settings.client)
        except KamplayError:
            continue
        if name.casefold() == slug(client).casefold():
            kept.append(place.parent)
    for folder in kept:
        text = N_("The folder with the client's own data and settings stays: {folder}")
        print(locale.say(text, folder=folder))
    if not kept:
        text = N_("A folder with the client's own data and settings, wherever it lies, stays.")
        print(locale.text(text))


def _show(found: Traces, locale: Locale) -> None:
    for trace in found.found:
        print(_line(trace, locale))
    total = sum(trace.bytes for trace in found.found) / MEBI
    print(locale.say(N_("Together {megabytes:n1} MB."), megabytes=total))
    if found.names:
        text = N_("Among it is what was made of the same data under other names: {names}.")
        print(locale.say(text, names=locale.text(N_(", ")).join(found.names)))
    for place in found.elsewhere:
        text = N_(
            "Stays, made of the same data under another name: {place}. Name it, or the file, to remove it."
        )
        print(locale.say(text, place=place), file=sys.stderr)
    for place in found.unclear:
        text = N_("Stays, since nothing tells whose it is in a folder that two clients share: {place}")
        print(locale.say(text, place=place), file=sys.stderr)


def _line(trace: Trace, locale: Locale) -> str:
    text = N_("{place} ({kind}, {files:n} {files:plural|file|files}, {megabytes:n1} MB)")
    said = {"kind": locale.text(KINDS[trace.kind]), "megabytes": trace.bytes / MEBI}
    return locale.say(text, place=trace.place, files=trace.files, **said)
