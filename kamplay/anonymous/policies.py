"""The presets of an anonymous copy: a shipped one by its name, the consultant's own without its words, and
limits in money set where they divide the scaled figures as they divide the client's.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from kamplay import presets
from kamplay.anonymous.names import Names
from kamplay.anonymous.secret import Secret
from kamplay.book import Book
from kamplay.errors import Fault, KamplayError
from kamplay.method.measures.hierarchy import customers, heads
from kamplay.method.measures.registry import MEASURES, MONEY, measure_of
from kamplay.presets.scorecard import Scorecard
from kamplay.run_folder import Policies
from kamplay.settings_file import parse

# the policies that may hold words and money: as Policies calls them, and their kind of preset
KINDS = {
    "scorecard": "scorecard",
    "strategy": "strategy",
    "health_card": "health",
    "capabilities": "capabilities",
}
OF_PRESETS = "word"  # the kind of names that own words of presets are learnt under
_STEPS = ("scale", "bands")  # scorings whose points follow the amount itself
REACHED = ("at_least", "below")  # an amount of just the limit belongs to those above it


def refuse_points_for_money(card: Scorecard) -> None:
    """Raises KamplayError where points follow an amount: from the points, which stay, and the scaled amount
    anybody could tell the factor.
    """
    scored = {**card.leaves(), **card.specials}
    if card.position:
        scored |= {**card.position.attractiveness, **card.position.strength}
    told = [key for key, c in scored.items() if c.measure in MONEY and c.scoring in _STEPS]
    if told:
        raise KamplayError(
            Fault(
                "anonymous_card_in_money", file="engagement.yaml", column="scorecard", value=", ".join(told)
            )
        )


def kept_words(policies: Policies) -> dict[str, dict[str, str]]:
    """Words of tables that stay since a shipped preset has them, folded → as the preset writes them: under
    "" what its parts are called, under a column of the accounts what it gives points, limits or weights for.
    """
    out: dict[str, dict[str, str]] = {"": {}}
    for name, kind in KINDS.items():
        shipped = _shipped(kind)
        for key, value in _words(_dumped(policies, name)):
            for text in (key, value) if isinstance(value, str) else (key,):
                if text in shipped:
                    for part in (text, text.removeprefix("rating.")):
                        out[""].setdefault(part.strip().casefold(), part)
    for column, texts in _asked_for(_dumped(policies, "scorecard"), _dumped(policies, "health_card")):
        own = out.setdefault(column, {})
        own |= {t.strip().casefold(): t for t in texts if t in _shipped("scorecard") | _shipped("health")}
    return out


def learn(policies: Policies, names: Names) -> None:
    """Tell ``names`` the words of the presets."""
    for name, kind in KINDS.items():
        for key, value in _words(_dumped(policies, name)):
            for text in (key, value):
                if isinstance(text, str) and text not in _shipped(kind):
                    names.learn(OF_PRESETS, _parts(text))


def anonymous_preset(
    name: str, wanted: str | dict[str, Any], policies: Policies, book: Book, names: Names
) -> str | dict[str, Any]:
    """What the copy has for a policy: the name of a shipped preset, that with the limits that were moved, or
    the whole of an own one, to be written into a file.
    """
    kind, dumped = KINDS[name], _dumped(policies, name)
    moved = _with_limits(dumped, book, names.secret) if name == "scorecard" else dumped
    if isinstance(wanted, str) and wanted in presets.names(kind):
        return {"base": wanted, **_changed(dumped, moved)} if moved != dumped else wanted
    return dict(_without_words(moved, _shipped(kind), names))


def _changed(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """The parts of ``after`` that differ."""
    return {
        key: _changed(before[key], value) if isinstance(value, dict) else value
        for key, value in after.items()
        if value != before[key]
    }


def _dumped(policies: Policies, name: str) -> dict[str, Any]:
    policy = getattr(policies, name)
    return dict(policy.model_dump(mode="json", by_alias=True, exclude_defaults=True))


def _words(part: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """Every key with its plain value, or with each item of a list."""
    if isinstance(part, dict):
        for name, value in part.items():
            yield str(name), None
            yield from _words(value, str(name))
    elif isinstance(part, list):
        for item in part:
            yield from _words(item, key)
    else:
        yield key, part


@cache
def _shipped(kind: str) -> frozenset[str]:
    """Every text of the shipped presets of a kind, and every word of what a preset may say."""
    known = set(MEASURES)
    for name in presets.names(kind):
        for key, value in _words(parse(presets.text(kind, name), name)):
            known |= {text for text in (key, value) if isinstance(text, str)}
    for key, value in _words(presets.KINDS[kind].model_json_schema(by_alias=True)):
        known |= {text for text in (key, value) if isinstance(text, str)}
    return frozenset(known)


def _parts(text: str) -> list[str]:
    """The words of a text that stand for something each: a criterion behind ``rating.``, both sides of a
    judgement."""
    return [part.strip().casefold() for part in re.split(r"^rating\.|\s*/\s*", text) if part.strip()]


def _without_words(part: Any, shipped: frozenset[str], names: Names) -> Any:
    """The same with a code for every text that no shipped preset has."""

    def replaced(text: str) -> str:
        if text in shipped:
            return text
        head, dot, rest = text.partition("rating.")
        if dot and not head:
            return "rating." + (rest if rest in shipped or f"rating.{rest}" in shipped else names.key(rest))
        pieces = re.split(r"(\s*/\s*)", text)
        return "".join(
            piece if piece in shipped or not piece.strip(" /") else names.key(piece) for piece in pieces
        )

    if isinstance(part, dict):
        return {replaced(str(key)): _without_words(value, shipped, names) for key, value in part.items()}
    if isinstance(part, list):
        return [_without_words(item, shipped, names) for item in part]
    return replaced(part) if isinstance(part, str) else part


def _asked_for(*cards: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """The columns of the accounts whose words a card looks for, with these words."""
    for card in cards:
        for part in _mappings(card):
            if "choices" in part and part.get("measure"):
                yield str(part["measure"]), list(part["choices"])
            for column, limit in part.get("when", {}).items() if isinstance(part.get("when"), dict) else ():
                if isinstance(limit, list):
                    yield str(column), [str(text) for text in limit]
                elif isinstance(limit, dict) and limit.get("one_of"):
                    yield str(column), list(limit["one_of"])


def _mappings(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        yield part
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from _mappings(inner)


# --- limits in money


def _with_limits(card: dict[str, Any], book: Book, secret: Secret) -> dict[str, Any]:
    """The card with every limit on an amount moved to where it divides the scaled amounts alike."""
    out = dict(card)
    for part in ("gates", "safeguards"):
        rules = {}
        for key, rule in out.get(part, {}).items():
            when = dict(rule["when"])
            for measure in MONEY & set(when):
                when[measure] = {
                    side: limit_between(
                        limit,
                        amounts_of(book, measure),
                        secret.factor,
                        secret.fraction("limit", f"{part}.{key}.{measure}.{side}"),
                        side in REACHED,
                    )
                    for side, limit in when[measure].items()
                }
            rules[key] = rule | {"when": when}
        if rules:
            out[part] = rules
    return out


def told_by_limits(card: Scorecard, book: Book, factor: float) -> float | None:
    """To within which share the factor can be told from limits that had to be moved: how far the closest two
    amounts are apart of which one lies below a limit and one above; None where none was moved.
    """
    apart = []
    for rule in (*card.gates.values(), *card.safeguards.values()):
        for measure in MONEY & set(rule.when):
            amounts = amounts_of(book, measure)
            for side, limit in rule.when[measure].model_dump(exclude_none=True).items():
                low, high = _neighbours(limit, amounts, side in REACHED)
                if not low * factor < limit < high * factor and low > 0:
                    apart.append(high / low - 1)
    return min((share for share in apart if math.isfinite(share)), default=None)


def amounts_of(book: Book, measure: str) -> np.ndarray:
    """A measure in money of every account and of every group, as far as it is known."""
    kept = book.computed.setdefault("anonymous_amounts", {})
    if measure not in kept:
        books = (book, customers(book, heads(book)))
        kept[measure] = pd.concat([measure_of(one, measure) for one in books]).dropna().to_numpy(dtype=float)
    return np.asarray(kept[measure])


def limit_between(
    limit: float, amounts: np.ndarray, factor: float, place: float, reached: bool = False
) -> float:
    """A limit that divides ``amounts`` × ``factor`` as ``limit`` divides ``amounts``; ``reached``: an amount
    of just the limit belongs to those above it.

    ``limit`` × ``factor`` would tell the factor to everybody who knows the limit, as all know that of a
    shipped preset. So it stays as it is where it divides them already, and else lies anywhere (``place``,
    0 to 1) between its two neighbours, as round as fits: it tells no more of the factor than which accounts
    are below the limit does.
    """
    low, high = (amount * factor for amount in _neighbours(limit, amounts, reached))
    if low < limit < high:
        return limit
    low = high / 2 if math.isinf(low) else low
    high = low * 2 if math.isinf(high) else high
    wanted = low + (0.1 + 0.8 * place) * (high - low)
    for digits in range(1, 18):
        rounded = float(f"{wanted:.{digits - 1}e}")
        if low < rounded < high:
            return rounded
    return wanted


def _neighbours(limit: float, amounts: np.ndarray, reached: bool) -> tuple[float, float]:
    """The largest amount below a limit and the smallest above it; infinite where there is none."""
    above = amounts >= limit if reached else amounts > limit
    return float(amounts[~above].max(initial=-math.inf)), float(amounts[above].min(initial=math.inf))
