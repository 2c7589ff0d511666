"""What could not be decided while reading, as YAML to paste into engagement.yaml."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import yaml

from kamplay.engagement import Engagement, Source
from kamplay.errors import Fault
from kamplay.intake.discovery import Input, find

if TYPE_CHECKING:
    from kamplay.intake.prepare import Intake


def proposals(engagement: Engagement, faults: Iterable[Fault]) -> dict[str, Any]:
    """Collect the settings that would decide what reading left open.

    Returns
    -------
    dict
        ``{"sources": {table: {"path": […], "columns": {…}, "where": {…}}}}``, or empty. It holds the
        engagement's own sources too, so that it can take the place of the ``sources`` block.
    """
    faults = list(faults)
    chosen: dict[str, dict[str, str]] = {}
    shapes: dict[str, dict[str, Any]] = {}
    for fault in faults:
        for setting, arg in (("fill_down", "fill_down"), ("unpivot", "unpivot"), ("where", "filter")):
            if fault.table and arg in fault.args:
                shapes.setdefault(fault.table, {})[setting] = fault.args[arg]
                columns = fault.args["columns"] if isinstance(fault.args.get("columns"), dict) else {}
                chosen.setdefault(fault.table, {}).update(columns)  # the table is among those to paste
        for wanted in fault.args.get("lacking", [fault.args]):
            name = wanted.get("name")
            header = wanted.get("propose") or (fault.column if fault.code == "header_ambiguous" else None)
            if fault.table and name and header:
                chosen.setdefault(fault.table, {}).setdefault(name, header)
    doubles = ("invoices_twice", "invoices_in_several")
    again = {path for f in faults if f.code in doubles for path in f.args["leave_out"]}
    if not chosen and not again:
        return {}
    sources = {table: _plain(source) for table, source in engagement.settings.sources.items()}
    left_out = {(f.file, f.sheet) for f in faults if f.code == "file_not_used"}
    inputs = [entry for entry in find(engagement)[0] if (entry.shown, entry.sheet) not in left_out]
    if again:
        kept = [e for e in inputs if e.table == "transactions" and _path(e) not in again]
        if kept and not engagement.settings.sources.get("transactions", Source()).url:
            sources.setdefault("transactions", {})["path"] = [_path(entry) for entry in kept]
    for entry in inputs:
        if again and entry.table == "transactions":
            continue
        if entry.table in chosen and entry.table not in engagement.settings.sources:
            sources.setdefault(entry.table, {"path": []})["path"].append(_path(entry))
    for table, columns in chosen.items():
        if table in sources and columns:
            sources[table]["columns"] = {**sources[table].get("columns", {}), **columns}
    for table, shape in shapes.items():
        if table in sources:
            sources[table] |= shape
    return {"sources": sources}


def would_give(engagement: Engagement, proposed: dict[str, Any]) -> dict[str, Any] | None:
    """Read the transactions as the proposals say, so that none changes a total unsaid.

    Returns
    -------
    dict or None
        ``rows``, ``accounts`` and ``amount`` of the transactions (None where they still cannot be read) and
        ``usable``; None where the proposals leave the transactions as they are.
    """
    from kamplay.intake.prepare import survey

    block = proposed.get("sources", {})
    now = engagement.settings.sources.get("transactions")
    if "transactions" not in block or (now and _plain(now) == block["transactions"]):
        return None
    return what_transactions_give(survey(with_proposals(engagement, proposed)))


def with_proposals(engagement: Engagement, proposed: dict[str, Any]) -> Engagement:
    """The engagement with the proposed ``sources`` in place of its own."""
    sources = {name: Source.model_validate(source) for name, source in proposed["sources"].items()}
    return Engagement(engagement.folder, engagement.settings.model_copy(update={"sources": sources}))


def what_transactions_give(found: Intake) -> dict[str, Any]:
    """``rows``, ``accounts`` and ``amount`` of the transactions, None where they cannot be read, and
    ``usable``. Lines that lack the customer or the day of the line above count for nothing as they stand.
    """
    lines = found.tables.get("transactions")
    errors = any(f.level == "error" and f.table == "transactions" for f in found.faults)
    if lines is None or not {"account_id", "amount"} <= set(lines.columns):
        return {"rows": None, "accounts": None, "amount": None, "usable": False}
    if any(f.code == "heads_on_first_line" and f.table == "transactions" for f in found.faults):
        lines = lines[lines[[c for c in ("account_id", "date") if c in lines]].notna().all(axis=1)]
    return {
        "rows": len(lines),
        "accounts": int(lines["account_id"].nunique()),
        "amount": round(float(lines["amount"].sum()), 2),
        "usable": not errors,
    }


def _path(entry: Input) -> str:
    return f"{entry.shown}#{entry.sheet}" if entry.sheet else entry.shown


def _plain(source: Source) -> dict[str, Any]:
    return source.model_dump(mode="json", exclude_defaults=True)


def as_yaml(proposed: dict[str, Any], faults: Iterable[Fault]) -> str:
    """Write proposals as text for engagement.yaml; required columns nobody could guess follow as comments."""
    text = yaml.safe_dump(proposed, allow_unicode=True, sort_keys=False, width=10_000) if proposed else ""
    for fault in (f for f in faults if f.code == "column_missing"):
        there = " ".join(str(fault.args.get("there", "")).split())
        for wanted in fault.args["lacking"]:
            if not wanted["propose"]:
                text += f"# sources → {fault.table} → columns → {wanted['name']}: ?   ({there})\n"
    return text
