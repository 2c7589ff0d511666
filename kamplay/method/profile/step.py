"""The profiles of all units, and the profile of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from functools import cached_property
from typing import Any, ClassVar

import pandas as pd

from kamplay.book import Book
from kamplay.method.health.churn import chance_steps
from kamplay.method.health.early_warning import sign_records
from kamplay.method.health.step import Health
from kamplay.method.plan.step import Plan
from kamplay.method.plan.visit_sheets import open_bills, open_deals, open_deliveries, open_tickets
from kamplay.method.profile.agreements import contracts, tender_winners, tenders, value_cases
from kamplay.method.profile.changes import changes
from kamplay.method.profile.contacts_made import visits_next, visits_past
from kamplay.method.profile.facts import facts, monthly_revenue
from kamplay.method.profile.freshness import freshness
from kamplay.method.profile.goals import goals
from kamplay.method.profile.market import categories, rivals
from kamplay.method.profile.people import chain, doors, moves
from kamplay.method.profile.questions import questions
from kamplay.method.profile.risks import risks
from kamplay.method.profile.rows import Rows, Table
from kamplay.method.profile.strategies import strategies
from kamplay.method.results import StepResult
from kamplay.method.tiers.step import Tiers
from kamplay.method.value.step import Value, proven

UNIT = "unit_id"


@dataclass(frozen=True)
class Profile:
    """All that is known and planned of one unit (account, or group rated as one): ``facts`` is its row of
    ``Profiles.accounts``, ``months`` its revenue by month (index: the month's last day, ISO), the tables are
    its rows of those of ``Profiles``.
    """

    unit_id: str
    about: dict[str, Any]
    facts: dict[str, Any]
    months: pd.Series
    members: Rows
    criteria: Rows
    drivers: Rows
    chances: Rows
    cases: Rows
    categories: Rows
    gaps: Rows
    rivals: Rows
    people: Rows
    moves: Rows
    doors: Rows
    visits: Rows
    next_visits: Rows
    tickets: Rows
    deliveries: Rows
    bills: Rows
    deals: Rows
    contracts: Rows
    tenders: Rows
    tender_winners: Rows
    value_cases: Rows
    strategies: Rows
    goals: Rows
    risks: Rows
    actions: Rows
    changes: Rows
    freshness: Rows
    questions: Rows

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
    criteria : the scorecard by criterion: criterion, zh, en, weight, measure, points (0 to 100).
    drivers : what costs points of health, as in ``Health.drivers``: code, points.
    chances : how its chance of stopping comes about, see ``chance_steps``: part, by.
    cases : past accounts with its signs as strong, see ``churn.cases_as_strong``: sign, cases, share.
    categories : what it buys and from whom, see ``market.categories``.
    gaps : categories that it lacks, as in ``WhiteSpace.gaps``.
    rivals : competitors in its deals, see ``market.rivals``.
    people, moves, doors : its decision chain, who went where, who can introduce us, see ``people``.
    visits, next_visits : the last few visits, and those of the calendar, see ``contacts_made``.
    tickets, deliveries, bills, deals : what is open, as in ``VisitSheets``.
    contracts, tenders, tender_winners, value_cases : see ``agreements``; empty without their tables.
    strategies, goals, risks, changes, freshness, questions : see the files of these names.
    actions : as in ``Plan.actions``.
    """

    step: ClassVar[str] = "profiles"
    months: pd.DataFrame = field(default_factory=pd.DataFrame)
    members: pd.DataFrame = field(default_factory=pd.DataFrame)
    criteria: pd.DataFrame = field(default_factory=pd.DataFrame)
    drivers: pd.DataFrame = field(default_factory=pd.DataFrame)
    chances: pd.DataFrame = field(default_factory=pd.DataFrame)
    cases: pd.DataFrame = field(default_factory=pd.DataFrame)
    categories: pd.DataFrame = field(default_factory=pd.DataFrame)
    gaps: pd.DataFrame = field(default_factory=pd.DataFrame)
    rivals: pd.DataFrame = field(default_factory=pd.DataFrame)
    people: pd.DataFrame = field(default_factory=pd.DataFrame)
    moves: pd.DataFrame = field(default_factory=pd.DataFrame)
    doors: pd.DataFrame = field(default_factory=pd.DataFrame)
    visits: pd.DataFrame = field(default_factory=pd.DataFrame)
    next_visits: pd.DataFrame = field(default_factory=pd.DataFrame)
    tickets: pd.DataFrame = field(default_factory=pd.DataFrame)
    deliveries: pd.DataFrame = field(default_factory=pd.DataFrame)
    bills: pd.DataFrame = field(default_factory=pd.DataFrame)
    deals: pd.DataFrame = field(default_factory=pd.DataFrame)
    contracts: pd.DataFrame = field(default_factory=pd.DataFrame)
    tenders: pd.DataFrame = field(default_factory=pd.DataFrame)
    tender_winners: pd.DataFrame = field(default_factory=pd.DataFrame)
    value_cases: pd.DataFrame = field(default_factory=pd.DataFrame)
    strategies: pd.DataFrame = field(default_factory=pd.DataFrame)
    goals: pd.DataFrame = field(default_factory=pd.DataFrame)
    risks: pd.DataFrame = field(default_factory=pd.DataFrame)
    actions: pd.DataFrame = field(default_factory=pd.DataFrame)
    changes: pd.DataFrame = field(default_factory=pd.DataFrame)
    freshness: pd.DataFrame = field(default_factory=pd.DataFrame)
    questions: pd.DataFrame = field(default_factory=pd.DataFrame)

    @cached_property
    def _tables(self) -> dict[str, tuple[Table, dict[str, Any]]]:
        """Table → its rows, and unit → the places of its own; each table is looked through once."""
        frames = {f.name: getattr(self, f.name) for f in fields(Profile) if hasattr(self, f.name)}
        return {
            name: (Table(frame), frame.groupby(UNIT).indices)
            for name, frame in frames.items()
            if UNIT in frame
        }

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
        rows = {name: table.at(places.get(unit, ())) for name, (table, places) in self._tables.items()}
        facts = self.accounts.loc[unit].to_dict()
        return Profile(unit, self.key_figures, facts, self.months.loc[unit], **rows)


def profiles(
    book: Book,
    tiers: Tiers,
    value: Value,
    health: Health,
    plan: Plan,
    home: Mapping[str, str] | None = None,
    wanted: Sequence[str] | None = None,
) -> Profiles:
    """Put together the profiles of all units from the steps' results.

    Parameters
    ----------
    book : the client's data by units.
    home : contact_id → the account of a group at which the person is, see ``people.homes``.
    wanted : units of which a profile is needed; without it all. Of others there are facts alone.
    """
    as_of = pd.Timestamp(book.as_of)
    known = facts(book, tiers, value, health, plan, tiers.units.index)
    of = known if wanted is None else known.loc[list(wanted)]
    units = of.index

    def theirs(frame: pd.DataFrame) -> pd.DataFrame:
        """The rows of the units that are wanted."""
        frame = frame.rename(columns={"account_id": UNIT}) if UNIT not in frame else frame
        return frame if wanted is None else frame[frame[UNIT].isin(units)]

    todo = theirs(plan.actions)
    buys, others = categories(book, value, units), theirs(rivals(book))
    everybody = chain(health, home or {})
    moved = moves(everybody)
    tickets, late, bills, deals = (
        rows(book, units, as_of) for rows in (open_tickets, open_deliveries, open_bills, open_deals)
    )
    signed = contracts(value)
    fresh = freshness(book, of, everybody, deals, pd.Timestamp(plan.day))
    last_day = pd.Timestamp(plan.calendar.figures.get("last", plan.day))
    points = theirs(tiers.points.rename_axis(UNIT).reset_index()).round(2)
    points = points.melt(UNIT, var_name="criterion", value_name="points").dropna(subset="points")
    named = tiers.criteria.drop_duplicates("criterion")[["criterion", "zh", "en", "weight", "measure"]]
    groups = tiers.accounts[["group", "revenue"]].rename_axis("account_id").reset_index()
    groups = groups.rename(columns={"group": UNIT})[[UNIT, "account_id", "revenue"]]
    groups = groups[groups[UNIT].duplicated(keep=False)].assign(_head=lambda g: g[UNIT] != g["account_id"])
    groups = groups.sort_values([UNIT, "_head", "revenue"], ascending=[True, True, False], kind="stable")
    return Profiles(
        {
            "as_of": book.as_of.isoformat(),
            "day": plan.day.isoformat(),
            "issued": plan.issued.isoformat(),
            "strategy": plan.strategies.preset,
            "contracts": value.contracts is not None,
            "compared_with": plan.since.figures.get("as_of"),
            "horizon": health.key_figures["horizon_days"],
            "forecast_proven": proven(value),
            "often": value.revenue_backtest.often if value.revenue_backtest else {},
            "sign_record": sign_records(health.early_warning),
            "chance_off": _chance_off(health),
            "season": _season(health),
        },
        (),
        known,
        months=monthly_revenue(book, units),
        members=groups.drop(columns="_head").reset_index(drop=True),
        criteria=points.merge(named, on="criterion"),
        drivers=theirs(health.drivers),
        chances=theirs(chance_steps(health.churn)),
        cases=theirs(health.churn.cases),
        categories=buys,
        gaps=theirs(value.white_space.gaps),
        rivals=others,
        people=everybody,
        moves=moved,
        doors=doors(health, everybody, moved),
        visits=visits_past(book),
        next_visits=visits_next(plan),
        tickets=tickets,
        deliveries=late,
        bills=bills,
        deals=deals,
        contracts=signed,
        tenders=tenders(value),
        tender_winners=tender_winners(value),
        value_cases=value_cases(value),
        strategies=strategies(of, todo, buys, everybody, deals),
        goals=goals(of, todo, deals, pd.Timestamp(plan.day), as_of, last_day, everybody),
        risks=risks(of, health, buys, everybody, others, late, bills, signed, pd.Timestamp(plan.day)),
        actions=todo,
        changes=changes(of, tiers, health, plan.since),
        freshness=fresh,
        questions=questions(of, everybody, moved, buys, others, deals, fresh, todo),
    )


def _chance_off(health: Health) -> float | None:
    """By how many percentage points the chances were too high (below 0: too low) at every level when tested;
    None where they were not.
    """
    for kind, sign in (("proof_too_high", 1), ("proof_too_low", -1)):
        if found := health.finding(kind):
            return sign * float(found.figures["points"])
    return None


def _season(health: Health) -> dict[str, Any] | None:
    """That the chances were tested in another season than their own, and by level (``""``: all) how many
    accounts of that size bought nothing in the same days a year before; None where they were not.
    """
    season = health.season_of_test
    if season is None or season.alike:
        return None
    rows = season.levels[season.levels["then"] > 0]
    shares = {r.level: {"count": int(r.then), "share": float(r.share)} for r in rows.itertuples()}
    return {**season.figures, "levels": shares}
