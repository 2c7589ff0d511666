"""What an edition shows. The internal one shows everything; that for the client what ``client_edition.yaml``
names, and nothing else: a finding, chart, table or column that nobody has named there cannot reach it.
"""

from __future__ import annotations

import re
import string
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from typing import Any, TypeVar, cast

import pandas as pd

from kamplay.method.health.step import Health
from kamplay.method.plan.step import Plan
from kamplay.method.profile.step import Profile
from kamplay.method.results import Finding, StepResult
from kamplay.method.value.step import Value
from kamplay.settings_file import parse_shipped
from kamplay.show import registry
from kamplay.show.display import Grid
from kamplay.show.table import COLUMNS_OF, Sheet

FILE = "client_edition.yaml"
TABLE = re.compile(r"<table\b[^>]*>.*?</table>", flags=re.DOTALL)
ROW = re.compile(r"(<tr\b[^>]*>)(.*?)(</tr>)", flags=re.DOTALL)
CELL = re.compile(r"<(t[hd])\b[^>]*>.*?</\1>", flags=re.DOTALL)
# of what costs points of health: what an account earns, and what was set by hand
KEPT_DRIVERS = ("margin", "override")
# of the people at an account: what they think of us, and how they are won
OPINIONS = ("side", "stance", "influence", "need", "style")
RISKS_OF_OPINION = ("opponent", "thread")
# of an account: its score, why it was held back, what it earns and costs, and what is assumed of its visits
QUARTER = tuple(f"quarter_{name}" for name in ("kept", "won", "loss", "room"))
KEPT_FACTS = ("tier_score", "tier_by_score", "gate", "override", "margin", "cost_to_serve", "net", *QUARTER)
ALWAYS_TOLD = {"count", "stake", "gain", "due"}  # figures of a finding that its sentence need not name

Result = TypeVar("Result", bound=StepResult)


@dataclass(frozen=True)
class _Named:
    """What is named in the file: kinds of finding and charts; tables, sheets with their columns."""

    findings: frozenset[str] = frozenset()
    charts: frozenset[str] = frozenset()
    tables: Mapping[str, frozenset[str]] = field(default_factory=dict)
    sheets: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class _File:
    always: _Named
    without_costs: _Named
    instead: Mapping[str, str]
    accounts: frozenset[str]
    measures: frozenset[str]


@cache
def named() -> _File:
    """The file, read."""
    path = resources.files("kamplay.show").joinpath(FILE)
    raw: dict[str, Any] = parse_shipped(path.read_text(encoding="utf-8"))
    rest = raw["without_costs"]
    always = _part(raw, [kind for kinds in raw["findings"].values() for kind in kinds])
    accounts, measures = (frozenset(raw[name]) for name in ("accounts", "measures"))
    return _File(always, _part(rest, rest["findings"]), raw["instead"], accounts, measures)


def _part(raw: Mapping[str, Any], findings: Iterable[str]) -> _Named:
    columns = ({name: frozenset(keys) for name, keys in raw[what].items()} for what in ("tables", "sheets"))
    return _Named(frozenset(findings), frozenset(raw["charts"]), *columns)


@dataclass(frozen=True)
class Edition:
    """An edition of one run. ``costs``: whether it is known what accounts earn or what serving them costs."""

    internal: bool = True
    costs: bool = False

    @property
    def _shown(self) -> list[_Named]:
        return [named().always] + ([] if self.costs else [named().without_costs])

    def results(self, results: Mapping[str, StepResult]) -> dict[str, StepResult]:
        """The steps' results as the edition's documents tell them."""
        if self.internal:
            return dict(results)
        return {step: self._result(found) for step, found in results.items()}

    def _result(self, found: Result) -> Result:
        told = replace(found, findings=tuple(self.findings(found.findings)))
        if isinstance(told, Health):
            return cast(Result, replace(told, drivers=_told_drivers(told.drivers)))
        if isinstance(told, Plan):
            sheets = told.visit_sheets
            contacts = _without_opinions(sheets.contacts)
            return cast(Result, replace(told, visit_sheets=replace(sheets, contacts=contacts)))
        return told

    def findings(self, findings: Iterable[Finding]) -> list[Finding]:
        """Those that are told, some as the kind that says the same without what is kept back."""
        if self.internal:
            return list(findings)
        instead = named().instead
        as_told = (replace(one, kind=instead.get(one.kind, one.kind)) for one in findings)
        return [one for one in as_told if any(one.kind in part.findings for part in self._shown)]

    def figures(self, finding: Finding) -> dict[str, Any]:
        """The figures of a finding: of the client's edition those that its sentences name."""
        if self.internal:
            return finding.figures
        spec = registry.specs()[finding.kind]
        said = (spec.headline, spec.brief, spec.unnamed, spec.chance, *spec.actions.values())
        told = {_name(part) for text in said if text for _, part, _, _ in string.Formatter().parse(text)}
        return {name: one for name, one in finding.figures.items() if name in told | ALWAYS_TOLD}

    def display(self, name: str, html: str) -> str:
        """A display of a notebook, such as ``tables.watch``, with the columns that are shown; "" for none."""
        what, _, own = name.partition(".")
        if self.internal:
            return COLUMNS_OF.sub("", html)
        if what == "charts":
            return html if any(own in part.charts for part in self._shown) else ""
        columns = self._columns("tables", own)
        return TABLE.sub(lambda table: _narrowed(table[0], columns), html) if columns else ""

    def grid(self, name: str, grid: Grid) -> Grid | None:
        """The cells of a table of a notebook, in the same way."""
        if self.internal:
            return grid
        columns = self._columns("tables", name)
        keep = [place for place, key in enumerate(grid.keys) if key in columns]

        def kept(row: Sequence[Any]) -> tuple[Any, ...]:
            return tuple(row[place] for place in keep)

        if not keep:
            return None
        return replace(
            grid,
            labels=kept(grid.labels),
            numeric=kept(grid.numeric),
            extra=kept(grid.extra),
            lines=tuple(map(kept, grid.lines)),
            keys=kept(grid.keys),
        )

    def sheet(self, name: str, sheet: Sheet) -> Sheet | None:
        """A list of the workbook with the columns that are shown; None for none."""
        if self.internal:
            return sheet
        columns = self._columns("sheets", name)
        kept = [column for column in sheet.columns if column.key in columns]
        return replace(sheet, columns=kept) if kept else None

    def of_accounts(self, key: str) -> bool:
        """Whether a column of the table of all accounts is shown."""
        return self.internal or key in named().accounts

    def profile(self, profile: Profile) -> Profile:
        """What an account's card may tell."""
        if self.internal:
            return profile
        return replace(
            profile,
            facts={name: None if name in KEPT_FACTS else fact for name, fact in profile.facts.items()},
            criteria=profile.criteria.where(lambda row: row.measure in named().measures),
            drivers=profile.drivers.where(lambda row: row.code not in KEPT_DRIVERS),
            people=profile.people.filled(**dict.fromkeys(OPINIONS)),
            risks=profile.risks.where(lambda row: row.risk not in RISKS_OF_OPINION),
        )

    def _columns(self, what: str, name: str) -> Collection[str]:
        return next((found[name] for part in self._shown if name in (found := getattr(part, what))), ())


INTERNAL_EDITION = Edition()


def edition_of(edition: str, value: Value, cost_to_serve: bool) -> Edition:
    """The edition of a run. ``cost_to_serve``: whether the engagement states what serving costs."""
    costs = cost_to_serve or bool(value.accounts["margin"].notna().any())
    return Edition(edition != "client", costs)


def _name(field_name: str | None) -> str:
    return re.split(r"[.\[]", field_name or "")[0]


def _told_drivers(drivers: pd.DataFrame) -> pd.DataFrame:
    return drivers[~drivers["code"].isin(KEPT_DRIVERS)]


def _without_opinions(people: pd.DataFrame) -> pd.DataFrame:
    return people.assign(**{name: None for name in OPINIONS if name in people})


def _narrowed(table: str, columns: Collection[str]) -> str:
    """A table of the page with some of its columns; it names them in their order."""
    found = COLUMNS_OF.search(table)
    keys = found[1].split() if found else []
    keep = [key in columns for key in keys]

    def row(line: re.Match[str]) -> str:
        cells = [cell[0] for cell in CELL.finditer(line[2])]
        return line[1] + "".join(cell for cell, kept in zip(cells, keep, strict=True) if kept) + line[3]

    return ROW.sub(row, COLUMNS_OF.sub("", table)) if any(keep) else ""
