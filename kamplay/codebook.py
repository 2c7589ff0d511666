"""The codebook: every table and column kamplay knows, with its names in Chinese and English."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib import resources
from typing import Any, Literal

import yaml

from kamplay.characters import alike

LARGEST = (
    1e15  # of an amount or number, in a cell or a setting: beyond it a figure is a slip, and cents are lost
)
_OPENING, _CLOSING = r"^[\s*]*(?:[(\[【][^)\]】]*[)\]】]\s*)*", r"(?:\s*[(\[【][^)\]】]*[)\]】])*[\s*:]*$"


@dataclass(frozen=True)
class Column:
    """One column. ``kind`` says how its cells are read; ``choices`` maps a neutral key to the words accepted
    for it; ``systems`` holds those of the ``aliases`` that the exports of one system or language have;
    ``beside`` maps an alias that says too little alone (name) to the header of the same export beside which
    it counts. ``on_lines`` says which value of an account counts where the column stands on the lines of
    sales, but not under the headers ``not_on_lines``.
    """

    table: str
    name: str
    kind: str
    required: bool
    labels: dict[str, str]
    aliases: tuple[str, ...]
    choices: dict[str, dict[str, Any]]
    minimum: float | None
    maximum: float | None
    systems: dict[str, tuple[str, ...]] = field(default_factory=dict)
    beside: dict[str, tuple[str, ...]] = field(default_factory=dict)
    on_lines: Literal["latest", "usual"] | None = None
    not_on_lines: tuple[str, ...] = ()

    @property
    def headers(self) -> tuple[str, ...]:
        """Every header under which this column is found, the surest first."""
        return (self.name, *self.labels.values(), *self.aliases)


@dataclass(frozen=True)
class TableSpec:
    """One table: its columns by neutral name, its labels, and what having it adds to the report."""

    name: str
    labels: dict[str, str]
    aliases: tuple[str, ...]
    unlocks: dict[str, str]
    unlocks_parts: tuple[dict[str, Any], ...]
    key: tuple[str, ...]
    columns: dict[str, Column]

    def unlocks_beside(self, known: set[str]) -> dict[str, str]:
        """What having the table adds where the lines of sales have some of its columns already."""
        left = [part for part in self.unlocks_parts if not known & set(part["of"])]
        if not left or len(left) == len(self.unlocks_parts):
            return self.unlocks
        zh, en = ([part[language] for part in left] for language in ("zh", "en"))
        told = {"zh": "与".join(filter(None, ("、".join(zh[:-1]), zh[-1])))}
        told["en"] = " and ".join(filter(None, (", ".join(en[:-1]), en[-1])))
        return {**told, "zh": self.labels["zh"] + told["zh"]}

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(c.name for c in self.columns.values() if c.required)


@lru_cache(maxsize=20_000, typed=True)  # headers and choices are compared again and again
def fold(text: str) -> str:
    """A header or sheet name reduced to what matters for comparing: width, case, spaces, punctuation and
    traditional characters do not.
    """
    return re.sub(r"[\W_]+", "", alike(str(text)).casefold())


def bare(header: str) -> str:
    """A header without brackets before or after it: ``*(单据头)客户#编码`` and ``金额(元)``."""
    plain = unicodedata.normalize("NFKC", header)
    return re.sub(_CLOSING, "", re.sub(_OPENING, "", plain)) or plain


@cache
def codebook() -> dict[str, TableSpec]:
    """The tables by neutral name, in the order of the design."""
    text = resources.files("kamplay").joinpath("codebook.yaml").read_text(encoding="utf-8")
    parsed = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # in C where it is there
    return {name: _table(name, raw) for name, raw in parsed.items()}


def _table(name: str, raw: dict[str, Any]) -> TableSpec:
    names = raw["names"]
    columns = {column: _column(name, column, spec) for column, spec in raw["columns"].items()}
    labels = {"zh": names["zh"], "en": names["en"]}
    unlocks = raw["unlocks"]
    parts = tuple(raw.get("unlocks_parts", ()))
    key = tuple(raw.get("key", ()))
    return TableSpec(name, labels, tuple(names.get("aliases", ())), unlocks, parts, key, columns)


def _column(table: str, name: str, spec: dict[str, Any]) -> Column:
    systems = {system: tuple(known) for system, known in spec.get("aliases_of", {}).items()}
    return Column(
        table,
        name,
        spec["kind"],
        bool(spec.get("required", False)),
        {"zh": spec["zh"], "en": spec["en"]},
        (*spec.get("aliases", ()), *(alias for known in systems.values() for alias in known)),
        spec.get("choices", {}),
        spec.get("min"),
        spec.get("max"),
        systems,
        {k: (v,) if isinstance(v, str) else tuple(v) for k, v in spec.get("beside", {}).items()},
        spec.get("on_lines"),
        tuple(spec.get("not_on_lines", ())),
    )
