"""What a strategy preset may say: all that an account can be given, by level, type and care, and who does it.

Every level and every rule carries its source, so that a page can tell what is a method's and what is only a
starting value. Days and hours are calendar days and hours; money is in the engagement's currency.
"""

from __future__ import annotations

from operator import attrgetter
from typing import Annotated, Literal, get_args

from pydantic import Field, model_validator

from kamplay.errors import nearest
from kamplay.presets.scorecard import LEVELS, Level, Strict, Words

AccountKind = Literal["invest", "maintain", "promote", "operate"]
CareLevel = Literal["strategic", "core", "growth"]
StageGate = Literal["lead", "opportunity", "contract"]
Lead = Literal["account", "solution", "delivery"]
Verdict = Literal["stopped", "act", "once", "watch", "fine"]
Duty = Literal["R", "A", "AR", "C", "I"]  # does it, answers for it, both, is asked before, is told after


class Sourced(Strict):
    """Something that says where it comes from."""

    source: Words


class Described(Words):
    """A name, what is done under it, and its source."""

    care: Words
    source: Words


class VisitNorm(Sourced):
    """Visits to one account a month."""

    branch: float = Field(ge=0)
    head_office: float = Field(ge=0)


class ComplaintTimes(Sourced):
    """How soon a complaint is answered and settled, counted from its receipt."""

    reply_hours: float = Field(gt=0, le=87600)
    resolve_days: float = Field(gt=0, le=3650)


class Discount(Words):
    """What an account is offered; ``priority`` 1 is served first, without one there is none."""

    priority: int | None = Field(None, ge=1, le=100)


class LevelPlan(Sourced):
    """What one level gets. ``scarce_stock``: its turn when goods or people are short, 1 the first."""

    title: Words
    mechanism: Words
    customisation: Words
    discount: Discount
    proactive_service_per_quarter: float = Field(ge=0)
    scarce_stock: int = Field(ge=1, le=100)
    complaint: ComplaintTimes
    visits: VisitNorm
    care: CareLevel


class Care(Described):
    """A level of care. ``team_size``: people of a team of its own; ``appreciation_per_quarter`` and
    ``joint_reviews_per_quarter``: how often the account is thanked, and how often both sides review the
    business; ``automated``: by mail, portal and telephone, with nobody calling on it.
    """

    team_size: int = Field(0, ge=0, le=1000)
    appreciation_per_quarter: float = Field(0, ge=0)
    joint_reviews_per_quarter: float = Field(0, ge=0)
    automated: bool = False


class Step(Words):
    task: Words


class Lost(Described):
    """What is done about an account that is lost and worth having back, in its order."""

    steps: list[Step] = Field(min_length=1)


class Earned(Words):
    """``points`` for every ``per`` of money, or each time where ``per`` is left out."""

    points: float = Field(gt=0)
    per: float | None = Field(None, gt=0)


class Redeemed(Words):
    """What ``points`` buy once."""

    points: float = Field(gt=0)


class Loyalty(Sourced):
    earned: list[Earned] = Field(min_length=1)
    redeemed: list[Redeemed] = Field(min_length=1)
    valid_months: int = Field(gt=0, le=1200)
    limits: Words


Name = Annotated[str, Field(min_length=1, max_length=200)]


class Role(Words):
    """What a role does; ``who``: the name of whoever holds it, the same at all key accounts."""

    task: Words
    who: Name | None = None


class Duties(Words):
    """Who has which duty in one task, by the key of the role."""

    duties: dict[str, Duty] = Field(min_length=1)


class Team(Sourced):
    """The team of an account: three leads with one set of measures, others whom they need, and who does
    what.
    """

    roles: dict[Lead, Role]
    others: dict[str, Role] = Field(default_factory=dict)
    measures: list[Words] = Field(min_length=1)
    raci: list[Duties] = Field(min_length=1)
    raci_source: Words

    def every(self) -> dict[str, Role]:
        """Every role by its key, the leads first."""
        leads: dict[str, Role] = dict(self.roles.items())
        return leads | self.others

    def names(self, language: str) -> dict[str, str]:
        """What every role is called, by its key."""
        return {key: role.get(language) for key, role in self.every().items()}

    @model_validator(mode="after")
    def _one_answers(self) -> Team:
        known = list(self.names("en"))
        for place, task in enumerate(self.raci):
            at = f"raci.{place}.duties"
            for role in task.duties:
                if role not in known:
                    near = {"near": nearest(role, known) or "", "known": ", ".join(known)}
                    raise ValueError("role_unknown", {"at": f"{at}.{role}", **near})
            held = list(task.duties.values())
            if sum("A" in duty for duty in held) != 1 or not any("R" in duty for duty in held):
                raise ValueError("raci_one_answers", {"at": at})
        return self


class GatePlan(Words):
    """What is asked for at one gate of the selling process; ``led_by``: the role that leads, then those that
    help.
    """

    led_by: Annotated[list[str], Field(min_length=1)]
    task: Words
    input: Words
    output: Words
    review: Words
    decision: Words
    source: Words


class Rung(Words):
    """To whom a demand goes that is still open so many hours after its receipt; a level left out goes no
    further. ``who``: the name of whoever it goes to.
    """

    hours: dict[Level, Annotated[float, Field(gt=0, le=87600)]] = Field(min_length=1)
    who: Name | None = None


class Escalation(Sourced):
    steps: list[Rung] = Field(min_length=1)

    @model_validator(mode="after")
    def _rises(self) -> Escalation:
        for level in LEVELS:
            hours = [rung.hours[level] for rung in self.steps if level in rung.hours]
            if hours != sorted(set(hours)):
                raise ValueError("escalation_not_rising", {"at": "steps", "level": level})
        return self


class Dedicated(Sourced):
    """From which yearly purchases (of us or of anybody) an account has a manager of its own; one is no
    longer its own who leads more than ``most_accounts`` accounts in all.
    """

    above: float = Field(gt=0)
    most_accounts: int = Field(ge=1, le=10000)


class Response(Sourced):
    """What visits are assumed to bring: made as often as the norm asks for, they avert ``loss_averted`` of
    an account's expected loss and win ``room_won`` of its room to grow; each further visit of a quarter
    brings ``next_visit`` of what the one before brought.

    With norm n a quarter, v visits bring the share s·(1 − rᵛ) / (1 − rⁿ), s being the share at the norm and r
    ``next_visit``: concave, and s at v = n. No account is visited more than ``most_times_norm`` its norm,
    nor, beyond the norm, more than ``most_a_month`` by branch and head office together.
    """

    loss_averted: float = Field(ge=0, le=1)
    room_won: float = Field(ge=0, le=1)
    next_visit: float = Field(gt=0, lt=1)
    most_times_norm: float = Field(2.0, ge=1, le=100)
    most_a_month: float | None = Field(None, gt=0, le=1000)


class DueDays(Strict):
    """Days to the due date: of step 3's short list, of other warnings that call for action, of what should be
    soon, of the rest.
    """

    urgent: int = Field(gt=0, le=3650)
    warned: int = Field(14, gt=0, le=3650)
    soon: int = Field(gt=0, le=3650)
    routine: int = Field(gt=0, le=3650)


class NextOrder(Strict):
    """When the next order is asked for: so many days before the day on which it is expected at the earliest,
    and of an account with so many order days; with fewer there is no rhythm by which to expect one.
    """

    days_before: int = Field(14, gt=0, le=3650)
    least_orders: int = Field(3, ge=3, le=1000)


class Worth(Sourced):
    """What an account has to bring, as a part of a year's revenue, for a joint review of its own, what an
    order has to for a call that asks for it, and what an account without an owner below the key levels has to
    for the head of sales to see to it: with less inside sales do.
    """

    joint_review: float = Field(ge=0, lt=1)
    order_call: float = Field(ge=0, lt=1)
    head_of_sales: float = Field(0.0, ge=0, lt=1)


DAY_OF_YEAR = r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$"


class Quiet(Sourced):
    """Days (month-day) of each year that are taken as no working days where Christmas is a public holiday."""

    begins: str = Field(pattern=DAY_OF_YEAR)
    ends: str = Field(pattern=DAY_OF_YEAR)


class SeniorVisits(Strict):
    """How the head of sales visits, where head office names nobody else: on so many days a week at most, and
    one account again after so many weeks, unless a dated matter asks for more.
    """

    days_a_week: int = Field(3, ge=1, le=7)
    weeks_apart: int = Field(3, ge=1, le=12)


class Week(Sourced):
    """How many things to do one person can do in a week, beside the visits and what is done at them, on how
    many of its five days one is out at most, unless a deadline asks for more, and how many calls and mails
    one person of inside sales makes in a week; without it what these take is not told.
    """

    actions: float = Field(gt=0, le=1000)
    calls: float | None = Field(None, gt=0, le=10000)
    days_out: int = Field(4, ge=1, le=7)


Listed = Annotated[list[str], Field(min_length=1)]


class When(Strict):
    """Conditions that must all hold; what is left out is not asked.

    ``gone``: lost or plainly stopped; ``win_back``: gone and large; ``campaign``: reached by it; the others
    name what an account may be.
    """

    gone: bool | None = None
    win_back: bool | None = None
    campaign: bool | None = None
    level: Annotated[list[Level], Field(min_length=1)] | None = None
    type: Annotated[list[AccountKind], Field(min_length=1)] | None = None
    care: Annotated[list[CareLevel], Field(min_length=1)] | None = None
    gate: Listed | None = None
    verdict: (
        Annotated[list[Literal["stopped", "act", "once", "watch", "fine"]], Field(min_length=1)] | None
    ) = None
    health_band: Annotated[list[Literal["green", "yellow", "red"]], Field(min_length=1)] | None = None


class Choice(Words):
    """One rule: its name (``rule`` and words), the strategy that it gives, and when."""

    rule: str
    strategy: str
    when: When = When()
    source: Words


class Strategy(Strict):
    """All that step 4 plans with.

    ``untiered``: what every account gets where tiering is not worth its while. ``choice``: the rules in their
    order, of which the first that holds decides; the last one always holds. ``assumed_notice_days``: so many
    days before its end the renewal of a contract that states no notice is asked for. ``worth`` left out:
    every review and call pays; ``quiet`` left out: the public holidays alone are off.
    """

    title: Words
    source: Words
    levels: dict[Level, LevelPlan]
    untiered: LevelPlan
    lost: Lost
    types: dict[AccountKind, Described]
    strategies: dict[str, Described] = Field(default_factory=dict)
    choice: list[Choice] = Field(min_length=1)
    care: dict[CareLevel, Care]
    loyalty: Loyalty
    team: Team
    gates: dict[StageGate, GatePlan]
    escalation: Escalation
    dedicated: Dedicated
    response: Response
    visited_levels: list[Level]
    due_days: DueDays
    next_order: NextOrder = NextOrder()
    assumed_notice_days: int = Field(60, gt=0, le=365)
    worth: Worth | None = None
    quiet: Quiet | None = None
    week: Week | None = None
    senior_visits: SeniorVisits = SeniorVisits()

    @model_validator(mode="after")
    def _complete(self) -> Strategy:
        parts = {
            "levels": LEVELS,
            "types": get_args(AccountKind),
            "care": get_args(CareLevel),
            "team.roles": get_args(Lead),
            "gates": get_args(StageGate),
        }
        for part, keys in parts.items():
            lacking = [key for key in keys if key not in attrgetter(part)(self)]
            if lacking:
                raise ValueError("parts_missing", {"at": part, "names": ", ".join(lacking)})
        return self

    @model_validator(mode="after")
    def _gates_led(self) -> Strategy:
        known = list(self.team.every())
        for key, gate in self.gates.items():
            for place, role in enumerate(gate.led_by):
                if role not in known:
                    near = {"near": nearest(role, known) or "", "known": ", ".join(known)}
                    raise ValueError("role_unknown", {"at": f"gates.{key}.led_by.{place}", **near})
        return self

    @model_validator(mode="after")
    def _rules_fit(self) -> Strategy:
        known = list(self.described())
        for place, rule in enumerate(self.choice):
            if rule.strategy not in known:
                near = {"near": nearest(rule.strategy, known) or "", "known": ", ".join(known)}
                raise ValueError("strategy_unknown", {"at": f"choice.{place}.strategy", **near})
        if self.choice[-1].when != When():
            raise ValueError("choice_leaves_open", {"at": "choice"})
        return self

    @property
    def quiet_days(self) -> tuple[str, str] | None:
        """The first and the last of the days that are taken as off around Christmas."""
        return None if self.quiet is None else (self.quiet.begins, self.quiet.ends)

    def of(self, level: str | None) -> LevelPlan:
        """What an account of a level gets; without one, what all get."""
        return next((plan for own, plan in self.levels.items() if own == level), self.untiered)

    def described(self) -> dict[str, Described]:
        """Every strategy that a rule may give: those of their own, ``recover`` (the lost) and the types."""
        out: dict[str, Described] = {"recover": self.lost, **self.strategies}
        for kind, words in self.types.items():
            out[kind] = words
        return out
