"""Which categories hold no goods but charges: freight, fees, discounts, adjustments; by their names alone,
from the words of ``charges.yaml``.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

import yaml

from kamplay.characters import alike

_WORD = re.compile(r"[^\W\d_]+")


@cache
def _words() -> tuple[frozenset[str], frozenset[str], re.Pattern[str], re.Pattern[str]]:
    text = resources.files("kamplay").joinpath("charges.yaml").read_text(encoding="utf-8")
    read = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # in C where it is there
    either = "|".join(sorted([*read["zh"], *read["beside_zh"]], key=len, reverse=True))
    words, beside = frozenset(read["words"]), frozenset(read["beside"])
    return words, words | beside, re.compile("|".join(read["zh"])), re.compile(f"(?:{either})+")


def is_charge(category: str) -> bool:
    """Whether a category's whole name is made of these words, one of which says charges."""
    words, every, charge, whole = _words()
    parts = _WORD.findall(alike(category).lower())
    told = [part in words or (charge.search(part) and whole.fullmatch(part)) for part in parts]
    return any(told) and all(part in every or whole.fullmatch(part) for part in parts)
