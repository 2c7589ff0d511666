"""One way to grade an answer, for the notebook with its sealed key and for the trainer with the open one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import pandas as pd

from kamplay.method.stats.agreement import kendall_w
from kamplay.teaching.answers import QUOTED, Given, Part, Refused, Words, blank, given, number_of, parts_of

Verdict = Literal["blank", "right", "partly", "not_yet", "unreadable"]
Credit = Literal["parts", "above_chance", "calls", "negotiation"]
ROUNDS = 2000  # of the hash: a class does not feel it, a list of guesses takes its time
FULL = 0.999
STRONG = 0.7  # Kendall's W that negotiated weights must reach
NO_VISIT = "0/0"
CALLS_FOR_ALL = 10  # leaving accounts among the calls that earn all points, or all there are


@dataclass(frozen=True)
class Key:
    """What is right.

    Attributes
    ----------
    parts : what is asked.
    accepted : part → tokens that are right; of ids, each that belongs to the list.
    mistakes : part → token → name of a common mistake.
    public : figures that the rule of ``negotiation`` needs; nothing of the answer.
    """

    parts: tuple[Part, ...]
    accepted: Mapping[str, tuple[str, ...]]
    mistakes: Mapping[str, Mapping[str, str]]
    public: Mapping[str, Any]


@dataclass(frozen=True)
class PartGrade:
    """Of one part: its credit from 0 to 1, and a ``note``: the mistake made, or why it cannot be read.
    ``token``: the word that was given in place of the right one.
    """

    part: Part
    credit: float
    answered: bool
    note: str = ""
    figures: Mapping[str, Any] | None = None
    token: str = ""


@dataclass(frozen=True)
class Grade:
    """Of one answer: what it is worth from 0 to 1, part by part."""

    verdict: Verdict
    credit: float
    parts: tuple[PartGrade, ...] = ()
    refused: Refused | None = None


Accepts = Callable[[str, str], bool]  # part, token → whether it is right
Mistaken = Callable[[str, str], str | None]


def grade(
    parts: tuple[Part, ...],
    credit: Credit,
    answer: Any,
    words: Words,
    accepts: Accepts,
    mistaken: Mistaken,
    public: Mapping[str, Any],
    sizes: Mapping[str, int],
) -> Grade:
    """Grade an answer.

    Parameters
    ----------
    parts, credit, public, words : of the exercise.
    accepts, mistaken : ask the key, sealed or open.
    sizes : part → how many tokens of ids are right.
    """
    if blank(answer):
        return Grade("blank", 0.0)
    if credit == "negotiation":
        return _negotiation(answer, words, public)
    try:
        by_part = parts_of(list(parts), answer, words)
    except Refused as refused:
        return Grade("unreadable", 0.0, (), refused)
    grades = [_part(part, by_part.get(part.key), words, accepts, mistaken, sizes) for part in parts]
    if not any(g.answered for g in grades):
        bad = next((g for g in grades if g.note.startswith("refused:")), None)
        return Grade("unreadable" if bad else "blank", 0.0, tuple(grades))
    if credit == "calls":
        called = given(parts[0], by_part[parts[0].key], words).tokens
        found = sum(accepts(parts[0].key, token) for token in called)
        share = calls_share(found, len(called), sizes[parts[0].key], public.get("shown", 0))
        grades[0] = replace(grades[0], credit=share, figures={"found": found, "called": len(called)})
    else:
        share = sum(g.credit * g.part.weight for g in grades) / sum(p.weight for p in parts)
        if credit == "above_chance":
            chance = _chance(parts, words, accepts)
            share = max(0.0, (share - chance) / (1 - chance))
    verdict: Verdict = "right" if share >= FULL else "partly" if share > 0 else "not_yet"
    return Grade(verdict, 1.0 if share >= FULL else share, tuple(grades))


def calls_share(found: int, called: int, leaving: int, shown: int) -> float:
    """What ``found`` leaving accounts among ``called`` ones earn: nothing for as many as a random list of the
    ``shown`` accounts is expected to hold, all points for CALLS_FOR_ALL, or for all there are.
    """
    full = max(1, min(CALLS_FOR_ALL, leaving))
    expected = min(called * leaving / shown if shown else 0.0, full - 1)
    return min(1.0, max(0.0, (found - expected) / (full - expected)))


def _chance(parts: tuple[Part, ...], words: Words, accepts: Accepts) -> float:
    """The share that is right without a thought: one word everywhere, or no visit for anybody."""
    if parts[0].kind == "visits":
        return sum(accepts(part.key, NO_VISIT) for part in parts) / len(parts)
    return 1 / len(words[parts[0].words])


def _part(
    part: Part, value: Any, words: Words, accepts: Accepts, mistaken: Mistaken, sizes: Mapping[str, int]
) -> PartGrade:
    try:
        answer = given(part, value, words)
    except Refused as refused:
        return PartGrade(part, 0.0, False, f"refused:{refused.code}", refused.figures)
    if not answer.tokens:
        return PartGrade(part, 0.0, False)
    if part.kind == "ids":
        hits = sum(accepts(part.key, token) for token in answer.tokens)
        wanted = sizes[part.key]
        wrong = len(answer.tokens) - hits
        credit = max(0.0, (hits - (0 if part.count and wanted > part.count else wrong)) / wanted)
        note = mistaken(part.key, answer.tokens[0]) if part.count == 1 and not hits else None
        return PartGrade(part, min(1.0, credit), True, note or "")
    token = answer.tokens[0]
    if accepts(part.key, token):
        return PartGrade(part, 1.0, True)
    if note := mistaken(part.key, token):
        return PartGrade(part, 0.0, True, note)
    return (
        PartGrade(part, 0.0, True, token=token) if part.kind == "word" else _other_unit(part, answer, accepts)
    )


def _other_unit(part: Part, answer: Given, accepts: Accepts) -> PartGrade:
    """Half the credit for the right figure in another unit."""
    if not part.plain and any(
        token not in ("0", "-0") and accepts(part.key, token) for token in answer.scaled
    ):
        return PartGrade(part, 0.5, True, "unit")
    return PartGrade(part, 0.0, True)


def open_key(key: Key) -> dict[str, Any]:
    """How ``grade`` asks a key that is open."""
    return {
        "accepts": lambda part, token: token in key.accepted.get(part, ()),
        "mistaken": lambda part, token: key.mistakes.get(part, {}).get(token),
        "public": key.public,
        "sizes": {part.key: len(key.accepted.get(part.key, ())) for part in key.parts},
    }


def seal(key: Key, salt: str) -> dict[str, Any]:
    """The key without its answers: salted hashes of what is right, sorted.

    It keeps a reader from seeing the answers; it does not withstand somebody who writes a program that
    tries every account.
    """
    return {
        "salt": salt,
        "accepted": {p: sorted(_hash(salt, p, t) for t in tokens) for p, tokens in key.accepted.items()},
        "mistakes": {
            p: {_hash(salt, p, t): name for t, name in sorted(own.items())}
            for p, own in key.mistakes.items()
            if own
        },
        "public": dict(key.public),
    }


def sealed_key(sealed: Mapping[str, Any]) -> dict[str, Any]:
    """How ``grade`` asks a sealed key."""
    salt, accepted, mistakes = sealed["salt"], sealed["accepted"], sealed["mistakes"]

    def mistaken(part: str, token: str) -> str | None:
        own = mistakes.get(part)
        found = own.get(_hash(salt, part, token)) if own else None
        return str(found) if found else None

    return {
        "accepts": lambda part, token: _hash(salt, part, token) in accepted.get(part, ()),
        "mistaken": mistaken,
        "public": sealed["public"],
        "sizes": {part: len(hashes) for part, hashes in accepted.items()},
    }


def _hash(salt: str, part: str, token: str) -> str:
    text = f"{part}={token}".encode()
    return hashlib.pbkdf2_hmac("sha256", text, salt.encode(), ROUNDS, 12).hex()


def _negotiation(answer: Any, words: Words, public: Mapping[str, Any]) -> Grade:
    """Weights that the departments settled on: they add up to 100, the points given up are within the
    budget, and Kendall's W of their ranks has reached STRONG. Everything it takes is in the question.
    """
    first: Mapping[str, list[float]] = public["weights"]
    parts = tuple(Part(k, "number", zh, en) for k, zh, en in NEGOTIATED)
    if not isinstance(answer, dict):
        return Grade("unreadable", 0.0, (), Refused("dict"))
    rows: dict[str, list[float]] = {}
    try:
        for name, values in answer.items():
            rows[_department(name, words)] = _weights(name, values, len(next(iter(first.values()))))
    except Refused as refused:
        return Grade("unreadable", 0.0, (), refused)
    if set(rows) != set(first):
        return Grade("unreadable", 0.0, (), Refused("all_departments", count=len(first)))
    off = {d: sum(row) for d, row in rows.items() if abs(sum(row) - 100) > 0.5}
    below = [d for d, row in rows.items() if min(row) < 0]
    sums = not off and not below
    spent = sum(max(0.0, b - a) for d, row in rows.items() for a, b in zip(row, first[d], strict=True))
    found = kendall_w(pd.DataFrame([rows[d] for d in first]).rank(axis=1, ascending=False))
    w = found.w if found else 0.0
    within, agreed = spent <= public["budget"] + 1e-9, w >= STRONG - 1e-9
    done = sums and within and agreed
    # sums and budget are kept by doing nothing, and agreement at any price by taking the mean
    credit = 1.0 if done else 0.25 if agreed and (sums or within) else 0.0
    figures = {"w": w, "spent": spent, "budget": public["budget"], "off": off, "below": below}
    grades = tuple(
        PartGrade(part, float(ok), True, "", figures)
        for part, ok in zip(parts, (sums, within, agreed), strict=True)
    )
    return Grade("right" if done else "partly" if credit else "not_yet", credit, grades)


NEGOTIATED = (
    ("sums", "每个部门合计 100", "each department adds up to 100"),
    ("within", "让出的分不超过限额", "points given up stay within the budget"),
    ("agreed", "肯德尔 W 达到 0.7", "Kendall's W has reached 0.7"),
)


def _department(name: Any, words: Words) -> str:
    return given(Part("department", "word", words="departments"), name, words).tokens[0]


def _weights(name: Any, values: Any, count: int) -> list[float]:
    """The weights of a department; what cannot be read is told with its name."""
    own = str(name)[:QUOTED]
    values = list(values.values()) if isinstance(values, dict) else values
    if not isinstance(values, list | tuple) or len(values) != count:
        raise Refused("list_of", own, count=count)
    try:
        return [number_of(v) for v in values]
    except Refused as refused:
        raise Refused(refused.code, own, **refused.figures) from None
