"""Policies as data: scorecards, strategies, health cards, capabilities and the outline of the report, read
from YAML, refused when a key or a value is not known.

A preset is named (``four_dimensions``), is a consultant's own file in the engagement folder
(``my_card.yaml``), or is one of these with parts changed: ``{base: four_dimensions, criteria: {value:
{weight: 40}}}``.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from kamplay.errors import Fault, KamplayError, nearest
from kamplay.presets.capability import CapabilityFrames
from kamplay.presets.health_card import Dimension, HealthCard, Indicator, RedFlag, Segment
from kamplay.presets.outline import Appendix, Chapter, Opening, Outline
from kamplay.presets.scorecard import LEVELS, Band, Criterion, Gate, Level, Limit, Scorecard, Tier, Words
from kamplay.presets.strategy import Strategy
from kamplay.settings_file import Model, parse_shipped, read_yaml, validated

__all__ = [
    "KINDS",
    "LEVELS",
    "Appendix",
    "Band",
    "CapabilityFrames",
    "Chapter",
    "Criterion",
    "Dimension",
    "Gate",
    "HealthCard",
    "Indicator",
    "Level",
    "Limit",
    "Opening",
    "Outline",
    "RedFlag",
    "Scorecard",
    "Segment",
    "Strategy",
    "Tier",
    "Words",
    "load_capabilities",
    "load_health",
    "load_outline",
    "load_scorecard",
    "load_strategy",
    "names",
    "text",
]
KINDS: dict[str, type[BaseModel]] = {
    "scorecard": Scorecard,
    "strategy": Strategy,
    "health": HealthCard,
    "capabilities": CapabilityFrames,
    "outline": Outline,
}
_FOLDERS = {
    "scorecard": "scorecards",
    "strategy": "strategies",
    "health": "health_cards",
    "capabilities": "capabilities",
    "outline": "report_outlines",
}
# where engagement.yaml names one
_SETTINGS = {
    "scorecard": "scorecard",
    "strategy": "strategy",
    "health": "health.card",
    "capabilities": "capabilities",
    "outline": "outline",
}


def names(kind: str) -> list[str]:
    """The shipped presets of a kind, one of ``KINDS``."""
    folder = resources.files("kamplay.presets").joinpath(_FOLDERS[kind])
    return sorted(p.name.removesuffix(".yaml") for p in folder.iterdir() if p.name.endswith(".yaml"))


def text(kind: str, name: str) -> str:
    """The YAML of a shipped preset, to copy and edit."""
    return (
        resources.files("kamplay.presets")
        .joinpath(_FOLDERS[kind], f"{name}.yaml")
        .read_text(encoding="utf-8")
    )


def load_scorecard(wanted: str | dict[str, Any], folder: Path) -> Scorecard:
    """The scorecard of that name or file, with parts changed where ``wanted`` is a mapping with ``base``.

    Raises KamplayError naming the nearest known preset, or every key and value that is not allowed.
    """
    return _load(Scorecard, "scorecard", wanted, folder)


def load_strategy(wanted: str | dict[str, Any], folder: Path) -> Strategy:
    """The strategy, in the same ways as ``load_scorecard``."""
    return _load(Strategy, "strategy", wanted, folder)


def load_health(wanted: str | dict[str, Any], folder: Path) -> HealthCard:
    """The health card, in the same ways as ``load_scorecard``."""
    return _load(HealthCard, "health", wanted, folder)


def load_capabilities(wanted: str | dict[str, Any], folder: Path) -> CapabilityFrames:
    """The frames of capabilities, in the same ways as ``load_scorecard``."""
    return _load(CapabilityFrames, "capabilities", wanted, folder)


def load_outline(wanted: str | dict[str, Any], folder: Path) -> Outline:
    """The outline of the report, in the same ways as ``load_scorecard``."""
    return _load(Outline, "outline", wanted, folder)


def _load(model: type[Model], kind: str, wanted: str | dict[str, Any], folder: Path) -> Model:
    if isinstance(wanted, str):
        raw, shown = _raw(kind, wanted, folder)
        return validated(model, raw, shown)
    parts = dict(wanted)
    base = parts.pop("base", None)
    if not isinstance(base, str):
        known = {"known": ", ".join(names(kind))}
        raise KamplayError(
            Fault("base_missing", file="engagement.yaml", column=f"{_SETTINGS[kind]}.base", args=known)
        )
    raw, shown = _raw(kind, base, folder)
    # faults of the base are reported under its own name, those of the parts under theirs
    validated(model, raw, shown)
    try:
        return validated(model, merged(raw, parts), f"engagement.yaml · {_SETTINGS[kind]}")
    except KamplayError as error:
        faults = {(fault.code, fault.column): fault for fault in (_misnamed(f, raw) for f in error.faults)}
        raise KamplayError(faults.values()) from None


def _raw(kind: str, name: str, folder: Path) -> tuple[Any, str]:
    if name in names(kind):
        return _shipped(kind, name), name
    if name.endswith((".yaml", ".yml")) and Path(name).name == name:
        return read_yaml(folder / name, name), name
    near = nearest(name, names(kind)) or ""
    raise KamplayError(
        Fault(
            "preset_unknown",
            file="engagement.yaml",
            column=_SETTINGS[kind],
            value=name,
            args={"near": near, "known": ", ".join(names(kind))},
        )
    )


@cache
def _shipped(kind: str, name: str) -> Any:
    """A shipped preset as it stands in its file; whoever changes parts of it makes a new one."""
    return parse_shipped(text(kind, name))


def _misnamed(fault: Fault, base: Any) -> Fault:
    """Something is missing inside a part that the base does not have: most likely the part's name is wrong,
    and that is reported instead.
    """
    path = (fault.column or "").split(".")
    here = base
    for depth, part in enumerate(path[:-1] if fault.code == "setting_missing" else []):
        if not isinstance(here, dict):
            break
        if part not in here:
            near = nearest(part, here) or ""
            return Fault(
                "part_unknown", file=fault.file, column=".".join(path[: depth + 1]), args={"near": near}
            )
        here = here[part]
    return fault


def merged(base: Any, parts: Any) -> Any:
    """``base`` with ``parts`` laid over it: mappings key by key, anything else replaced; an empty value takes
    the key away.
    """
    if not isinstance(base, dict) or not isinstance(parts, dict):
        return parts
    out = dict(base)
    for key, part in parts.items():
        if part is None:
            out.pop(key, None)
        else:
            out[key] = merged(base.get(key), part)
    return out
