"""``kamplay presets``: the policies that come with kamplay."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from kamplay import presets
from kamplay.errors import Fault, KamplayError, nearest


def show_presets(name: str | None, language: str) -> None:
    """All presets with their titles and sources, or one as YAML."""
    kinds: dict[str, Callable[[str, Path], presets.Scorecard | presets.Strategy]] = {
        "scorecard": presets.load_scorecard,
        "strategy": presets.load_strategy,
    }
    known = {preset: kind for kind in kinds for preset in presets.names(kind)}
    if name is None:
        for preset, kind in known.items():
            loaded = kinds[kind](preset, Path())
            print(f"{kind:<10} {preset:<18} {loaded.title.get(language)}\n{'':<29} {loaded.source.get(language)}")
    elif name in known:
        print(presets.text(known[name], name), end="")
    else:
        raise KamplayError(Fault("preset_unknown", value=name, args={"near": nearest(name, known) or "", "known": ", ".join(known)}))
