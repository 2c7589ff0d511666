"""The profiles of all units, and the profile of one."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import date
from functools import cached_property
from typing import Any, ClassVar

import pandas as pd

from kamplay.book import Book
from kamplay.method.health.step import Health
from kamplay.method.plan.step import Plan
from kamplay.method.profile.facts import facts, monthly_revenue
from kamplay.method.results import StepResult
from kamplay.method.tiers.step import Tiers
from kamplay.method.value.step import Value

UNIT = "unit_id"


@dataclass(frozen=True)
class Profile:
    """All that is known and planned of one unit (account, or group rated as one): ``facts`` is its row of
    ``Profiles.accounts``, ``months`` its revenue by month (index: the month's last day, ISO), the tables are
    its rows of those of ``Profiles``.
    """

    unit_id: str
    about: dict[str, Any]
    facts: pd.Series
    months: pd.Series
    members: pd.DataFrame
    criteria: pd.DataFrame
    drivers: pd.DataFrame
    actions: pd.DataFrame

    @property
    def as_of(self) -> date:
        return date.fromisoformat(self.about["as_of"])


@dataclass(frozen=True)
class Profiles(StepResult):
    """The profiles of all units. Every table but the first two has a column unit_id.

    Attributes
    ----------
    accounts : every unit (index account_id): STATIC facts of the accounts table, and how it stands by the
        steps' results, under the names that it has there.
    months : revenue by month, see ``monthly_revenue``.
    members : the accounts of each group, the head first: account_id, revenue (12 months).
    criteria : the scorecard by criterion: criterion, zh, en, weight, points (0 to 100).
    drivers : what costs points of health, as in ``Health.drivers``: code, points.
    actions : as in ``Plan.actions``.
    """

    step: ClassVar[str] = "profiles"
    months: pd.DataFrame = field(default_factory=pd.DataFrame)
    members: pd.DataFrame = field(default_factory=pd.DataFrame)
    criteria: pd.DataFrame = field(default_factory=pd.DataFrame)
    drivers: pd.DataFrame = field(default_factory=pd.DataFrame)
    actions: pd.DataFrame = field(default_factory=pd.DataFrame)

    @cached_property
    def _places(self) -> dict[str, dict[str, Any]]:
        """Table → unit → the places of its rows; each table is looked through once."""
        frames = {f.name: getattr(self, f.name) for f in fields(Profile) if hasattr(self, f.name)}
        return {name: frame.groupby(UNIT).indices for name, frame in frames.items() if UNIT in frame}

    @cached_property
    def _unit_of(self) -> dict[str, str]:
        """Member of a group → its unit."""
        return dict(zip(self.members["account_id"], self.members[UNIT], strict=True))

    def of(self, account: str) -> Profile:
        """The profile of one unit, or of the unit that an account belongs to.

        Raises
        ------
        KeyError
            No such account.
        """
        unit = self._unit_of.get(account, account)
        rows = {name: getattr(self, name).iloc[places.get(unit, [])] for name, places in self._places.items()}
        return Profile(unit, self.key_figures, self.accounts.loc[unit], self.months.loc[unit], **rows)


def profiles(book: Book, tiers: Tiers, value: Value, health: Health, plan: Plan) -> Profiles:
    """Put together the profiles of all units from the steps' results.

    Parameters
    ----------
    book : the client's data by units.
    """
    units = tiers.units.index
    points = tiers.points.rename_axis(UNIT).reset_index()
    points = points.melt(UNIT, var_name="criterion", value_name="points").dropna(subset="points")
    named = tiers.criteria.drop_duplicates("criterion")[["criterion", "zh", "en", "weight"]]
    return Profiles(
        {"as_of": book.as_of.isoformat(), "issued": plan.issued.isoformat()},
        (),
        facts(book, tiers, value, health, plan, units),
        months=monthly_revenue(book, units),
        members=plan.members.rename(columns={"unit": UNIT}).reindex(columns=[UNIT, "account_id", "revenue"]),
        criteria=points.merge(named, on="criterion"),
        drivers=health.drivers.rename(columns={"account_id": UNIT}),
        actions=plan.actions.rename(columns={"account_id": UNIT}),
    )
