"""``kamplay presets``: the policies that come with kamplay, in prose or as YAML."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.text import Text

from kamplay import presets
from kamplay.errors import Fault, KamplayError, nearest
from kamplay.show.locale import N_, Locale
from kamplay.show.texts.capability_texts import capabilities_explained
from kamplay.show.texts.outline_texts import outline_explained
from kamplay.show.texts.preset_texts import Line, explained, health_explained
from kamplay.show.texts.strategy_texts import strategy_explained
from kamplay.show.wrap import wrapped

WIDEST = 110  # columns: longer lines are hard to read
STYLES = {"title": "bold", "heading": "bold", "paragraph": "", "item": "", "footer": ""}
HEADINGS = {
    "scorecard": N_("Scorecards"),
    "strategy": N_("Strategies"),
    "health": N_("Health cards"),
    "capabilities": N_("Capabilities"),
    "outline": N_("Outlines of the report"),
}


def show_presets(name: str | None, language: str, as_yaml: bool = False) -> None:
    """All presets with their titles and sources; or one in prose, or as YAML to copy and edit.

    A name that two kinds share stands for the first; ``health/loyalty_100`` names the other.
    Raises KamplayError for an unknown name or language.
    """
    if language not in ("zh", "en"):
        raise KamplayError(
            Fault("setting_not_allowed", column="--language", value=language, args={"allowed": "zh, en"})
        )
    known = _known()
    locale = Locale(language, "CNY")
    if name is None:
        _print([line for kind in HEADINGS for line in _listed(kind, locale)])
        return
    if name not in known:
        raise KamplayError(
            Fault(
                "preset_unknown",
                value=name,
                args={"near": nearest(name, known) or "", "known": ", ".join(known)},
            )
        )
    kind, own = known[name]
    if as_yaml:
        print(presets.text(kind, own), end="")
        return
    copy = locale.say(
        N_("To copy and edit it: {command}"), command=f"kamplay presets {name} --yaml > my_{kind}.yaml"
    )
    match _loaded(kind, own):
        case presets.HealthCard() as card:
            lines = health_explained(card, own, locale)
        case presets.Strategy() as strategy:
            lines = strategy_explained(strategy, own, locale)
        case presets.CapabilityFrames() as frames:
            lines = capabilities_explained(frames, own, locale)
        case presets.Outline() as outline:
            lines = outline_explained(outline, own, locale)
        case presets.Scorecard() as card:
            lines = explained(card, own, locale)
    _print([*lines, Line("footer", copy)])


def _known() -> dict[str, tuple[str, str]]:
    """What a preset may be called by, plain or with its kind, and its kind and own name."""
    every = [(kind, name) for kind in HEADINGS for name in presets.names(kind)]
    return {name: (kind, name) for kind, name in reversed(every)} | {
        f"{kind}/{name}": (kind, name) for kind, name in every
    }


def _loaded(
    kind: str, name: str
) -> presets.Scorecard | presets.Strategy | presets.HealthCard | presets.CapabilityFrames | presets.Outline:
    match kind:
        case "scorecard":
            return presets.load_scorecard(name, Path())
        case "strategy":
            return presets.load_strategy(name, Path())
        case "capabilities":
            return presets.load_capabilities(name, Path())
        case "outline":
            return presets.load_outline(name, Path())
    return presets.load_health(name, Path())


def _listed(kind: str, locale: Locale) -> list[Line]:
    lines = [Line("heading", locale.text(HEADINGS[kind]))]
    for name in presets.names(kind):
        preset = _loaded(kind, name)
        called = name if _known()[name][0] == kind else f"{kind}/{name}"
        lines += [
            Line("item", f"{called}  {preset.title.get(locale.language)}"),
            Line("item", preset.source.get(locale.language), 1),
        ]
    return lines


def _print(lines: list[Line]) -> None:
    """The lines, wrapped to the terminal; bold only on a terminal."""
    console = Console(highlight=False)
    width = min(console.width, WIDEST)
    for number, line in enumerate(lines):
        if line.kind in ("heading", "footer") and number:
            console.print()
        first, rest = ("  " * line.depth + "- ", "  " * (line.depth + 1)) if line.kind == "item" else ("", "")
        for at, row in enumerate(wrapped(line.text, width - len(first), whole=True)):
            console.print(Text((rest if at else first) + row, style=STYLES[line.kind]), soft_wrap=True)
        if line.kind == "title":
            console.print()
