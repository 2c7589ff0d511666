"""Doubts that a default settles and that change the total: what it comes to either way, and the setting that
takes the other one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import yaml

from kamplay.engagement import Engagement, Source
from kamplay.errors import Fault
from kamplay.intake.prepare import Intake

LEAST = 0.001  # of the total: what changes it less is told by ``kamplay check`` alone


@dataclass(frozen=True)
class Doubt:
    """A warning with both totals of the transactions: as they are read, and the other way.

    ``settings`` and ``source`` (of the transactions) are what engagement.yaml would say to take the other;
    both empty where only the client can tell.
    """

    fault: Fault
    taken: float
    other: float
    settings: dict[str, Any]
    source: dict[str, Any]

    @property
    def is_open(self) -> bool:
        """Whether a setting decides it."""
        return bool(self.settings or self.source)


@dataclass(frozen=True)
class _Way:
    """How the other total follows from a fault's figures, and the setting that takes it."""

    less: Callable[[dict[str, Any]], float]  # what the total would be less by
    setting: str = ""  # of engagement.yaml, set to true
    source: str = ""  # of the transactions' source
    arg: str = ""  # where the fault holds the value of ``source``, as YAML; left out, it is true


_WAYS = {
    "line_repeated": _Way(lambda a: a["amount"] or 0.0, setting="dedupe"),
    "document_of_two_accounts": _Way(lambda a: a["amount"]),
    "amount_repeats_maybe": _Way(lambda a: a["total"] - a["once"]),
    "invoices_twice": _Way(lambda a: a["amount"]),
    "invoices_in_several": _Way(lambda a: a["amount"]),
    "sales_on_other_days": _Way(lambda a: a["amount"]),
    "lines_doubtful": _Way(lambda a: a["amount"], source="where", arg="where"),
    "lines_marked_void": _Way(lambda a: a["amount"], source="void", arg="void"),
    "lines_struck": _Way(lambda a: a["total"] - a["rest"]),
    "total_word_kept": _Way(lambda a: a["amount"]),
    "total_suspected": _Way(lambda a: a["amount"]),
    "returns_doubtful": _Way(lambda a: a["given"] - a["other"], source="returns", arg="returns"),
    "returns_by_quantity": _Way(lambda a: a["given"] - a["other"], source="returns", arg="returns"),
    "refunds_beside": _Way(lambda a: a["amount"] - a["net"], source="columns", arg="paste"),
    "returned_beside": _Way(lambda a: a["amount"] - a["net"], source="columns", arg="paste"),
    "rows_hidden": _Way(lambda a: a["amount"] - a["visible"], source="visible_only"),
    "point_of_thousands": _Way(lambda a: a["amount"] - a["other"]),
}
CODES = frozenset(_WAYS)


def doubts(intake: Intake) -> list[Doubt]:
    """Find the doubts about the transactions, those that change the total most first. Faults of several files
    that one setting decides are one doubt.
    """
    lines = intake.tables.get("transactions")
    if lines is None or "amount" not in lines:
        return []
    total = float(lines["amount"].sum())
    one_file = sum(r.table == "transactions" for r in intake.readings) == 1
    found: dict[Any, Doubt] = {}
    for fault in intake.faults:
        way = _WAYS.get(fault.code)
        if way is None or fault.level == "error" or fault.table != "transactions":
            continue
        key = way.setting or (fault.code, fault.file, fault.sheet, fault.column)
        before = found[key].other if key in found else total
        settings = {way.setting: True} if way.setting else {}
        source = {way.source: _value(way, fault.args)} if way.source and one_file else {}
        told = found[key].fault if key in found else fault
        found[key] = Doubt(told, total, round(before - way.less(fault.args), 2), settings, source)
    told_ = [d for d in found.values() if abs(d.other - d.taken) > LEAST * abs(d.taken)]
    return sorted(told_, key=lambda d: -abs(d.other - d.taken))


def _value(way: _Way, args: dict[str, Any]) -> Any:
    return yaml.safe_load(args[way.arg]) if way.arg else True


def taken_the_other_way(engagement: Engagement, doubt: Doubt) -> Engagement:
    """The engagement with the settings that decide a doubt the other way."""
    settings = engagement.settings.model_copy(update=doubt.settings)
    if doubt.source:
        source = settings.sources["transactions"]
        old = source.model_dump(mode="json", exclude_defaults=True)
        new = {
            name: {**old.get(name, {}), **value} if isinstance(value, dict) else value
            for name, value in doubt.source.items()
        }
        sources = {**settings.sources, "transactions": Source.model_validate({**old, **new})}
        settings = settings.model_copy(update={"sources": sources})
    return Engagement(engagement.folder, settings)
