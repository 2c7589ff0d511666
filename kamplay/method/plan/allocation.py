"""The best allocation of the team's visits: the norms first, from the highest level down, then the visits
where they keep and win the most margin, with nobody over capacity. A visit that brings less than it costs is
not planned, but for the norms of key accounts; where all together do not pay, none is.

A mixed-integer programme (``visit_programme``); where one sum alone bounds the visits, the best are those
that bring most, and are taken in that order.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.plan.capacity import LEAD, NOBODY, ROLES, ROUND, Team, highest_first, needs_of, place_of
from kamplay.method.plan.meetings import MOST_MEETINGS
from kamplay.method.plan.tours import HeadOfSales
from kamplay.method.plan.visit_programme import Programme
from kamplay.method.value.step import Value
from kamplay.presets import LEVELS
from kamplay.presets.scorecard import KEY_LEVELS
from kamplay.presets.strategy import Response

FACTORS = (0.5, 2.0)  # by which each assumption is changed
GAP = 0.005  # how far from the best the answer may be, as a share
PAYS = 0.001  # of the year's revenue of those visited: a quarter's visits that bring less do not pay
LARGER_FIRST = 1e-6  # of its revenue: an account counts so much where nothing else tells accounts apart

VISITS = ["unit_id", "person", "role", "visits"]
LEFT_OUT = ["unit_id", "level", "revenue", "role", "person", "norm", "visits", "brings", "cost"]
UNMET = ["unit_id", "level", "role", "person", "norm", "visits", "reason"]
LOADS = ["person", "role", "units", "norm", "left_out", "capacity", "visits", "days_out", "full"]
TOURS = ["unit_id", "date"]
TRIPS = ["person", "place", "visits", "days_out"]
ONE_MORE = ["role", "visits", "norm_visits", "made", "gain", "cost"]
SENSITIVITY = ["assumption", "factor", "gain", "visits_moved", "units"]


def _empty(columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame(columns=columns)


@dataclass(frozen=True)
class Allocation:
    """Visits of the quarter, in whole visits; money is margin (revenue where no costs are known), in the
    engagement's currency.

    Attributes
    ----------
    visits : a row per unit, person and role with visits: unit_id, person (missing where nobody is named),
        role (``branch`` or ``head_office``), visits over the quarter.
    units : of each unit with a norm (index unit_id): level, revenue, norm (in whole
        visits), urgent (visits that its first action takes though it has no norm), visits and beyond (of
        these, beyond what is planned of the norm by branch or head office), both roles together,
        loss and room (expected loss of the horizon, and what it purchases elsewhere in a year; in margin),
        kept and won (expected with these visits, see ``gain``), at_norm (both, if the norm were kept),
        given_up (at_norm less what is expected, not below 0; missing without loss and room).
    left_out : the norms that are not planned since they do not pay, a row per unit and role, the highest
        level first: unit_id, level, revenue, role, person (as in ``visits``), norm (of the quarter, in whole
        visits), visits (of it that are left out), brings (what those would keep and win) and cost (missing
        where it is not known).
    none_pays : whether all visits together do not pay, so that none is planned.
    unmet : the norms that are not met, the highest level first: unit_id, level, role, person (who could have
        come), norm, visits, reason: ``person_full``, ``team_full``, ``days_full`` (no day of the person's
        is left) or ``lead_full`` (head office names nobody, and the head of sales has no visit left).
    norms : visits a month that the norms ask for, without what is left out: index unit_id, ``branch``,
        ``head_office``.
    loads : by person and role: units, norm (as in ``norms``), left_out (visits a month that do not pay),
        capacity (of the person, missing where unknown) and visits, all
        three a month; days_out over the quarter, where travel counts; full (no visit more fits).
    trips : where travel counts, a row per person and place (city, else region): visits and days_out over the
        quarter.
    one_more : what one person more would bring, a row per role (``team``: only the whole team's visits are
        known): visits a month; over the quarter made, norm_visits (those of norms that are not met without),
        gain (what they keep and win) and cost (of the visits; missing where it is not known).
    sensitivity : how the answer moves, a row per assumption (``loss_averted``, ``room_won``) and factor: gain
        (margin expected then), visits_moved (that go elsewhere, come on top or fall away) and units (that get
        more or fewer).
    months : of the quarter.
    in_margin : whether money is margin; else it is revenue.
    loss_known, room_known : units with a norm whose expected loss, and whose purchases elsewhere, are known.
    visit_cost : of one visit, in the currency; None where it is not known.
    gap : how far the margin expected may be from the best, as a share.
    counts : how the visits of the quarter come about: asked (of the norms, as far as they are planned),
        urgent (taken by an action where the norm has none), lacking_head (of both, those of head office that
        nobody makes), lacking (the others that nobody makes), beyond (more than that) and visits, which is
        asked + urgent − lacking_head − lacking + beyond; empty without visits.
    tours : the days of the visits that are the head of sales's, a row each: unit_id, date.
    capacity : visits a month of all who have visits to make; None where nothing bounds one of them.
    over : visits a month that the norms ask for beyond it, or beyond what single people can make; None where
        no capacity is stated.
    whole_team : visits a month of the whole team, where they are stated.
    """

    visits: pd.DataFrame = field(default_factory=lambda: _empty(VISITS))
    units: pd.DataFrame = field(default_factory=pd.DataFrame)
    norms: pd.DataFrame = field(default_factory=lambda: _empty([*ROLES]))
    left_out: pd.DataFrame = field(default_factory=lambda: _empty(LEFT_OUT))
    none_pays: bool = False
    unmet: pd.DataFrame = field(default_factory=lambda: _empty(UNMET))
    loads: pd.DataFrame = field(default_factory=lambda: _empty(LOADS))
    trips: pd.DataFrame = field(default_factory=lambda: _empty(TRIPS))
    one_more: pd.DataFrame = field(default_factory=lambda: _empty(ONE_MORE))
    sensitivity: pd.DataFrame = field(default_factory=lambda: _empty(SENSITIVITY))
    months: int = 3
    in_margin: bool = False
    loss_known: int = 0
    room_known: int = 0
    visit_cost: float | None = None
    gap: float = 0.0
    counts: dict[str, int] = field(default_factory=dict)
    tours: pd.DataFrame = field(default_factory=lambda: _empty(TOURS))
    capacity: float | None = None
    over: float | None = None
    whole_team: float | None = None


def allocate(
    units: pd.DataFrame,
    team: Team,
    response: Response,
    months: int = 3,
    visit_cost: float | None = None,
    gap: float = GAP,
    called: pd.Series | None = None,
    urgent: Mapping[str, str] | None = None,
    head: HeadOfSales | None = None,
    terms: Collection[str] = (),
    known: Mapping[str, int] | None = None,
    holds: Mapping[str, int] | None = None,
) -> Allocation:
    """Allocate the team's visits of a quarter.

    Where the norms as a whole do not pay, see ``pay``, no visit is planned. Where they do and the cost of a
    visit is known, a level that is not key keeps of its norm the visits that bring what they cost, and those
    that actions call for; what a unit could lose or buy more must be known for that.

    First as many visits of the norms as can be made, for level S before A before B before C; then, with these
    kept, the visits that bring the most expected margin, see ``gain``. A norm is rounded up to whole visits
    over the quarter. A visit beyond the norm is made where it brings more than it costs, to the most times
    the norm and the most a month that ``response`` allows; where no capacity is stated, none is. One person
    makes all visits of a unit and role. Where head office names nobody, its visits are the head of sales's:
    none beyond the norms, and as many as fit the tours, see ``HeadOfSales``.

    Parameters
    ----------
    units : index unit_id: level, owner, visits_branch and visits_head_office (norms, a month), revenue (12
        months); region, city, margin (12 months), revenue_at_risk (expected loss, in revenue) and room (what
        it purchases elsewhere in a year) may be missing as columns or values.
    response : what visits are taken to bring.
    visit_cost : what one visit costs; without it a visit beyond the norm costs nothing.
    gap : how far the margin expected may be from the best, as a share of it.
    called : unit → visits of the quarter that its actions take.
    urgent : unit → role in which it is visited once though it has no norm, since its first action is urgent
        and takes a visit. What that brings is measured by the norm of its level where ``units`` has one
        (``level_branch``, ``level_head_office``).
    head : when the head of sales can be out, and whom to see first; None: nothing bounds the visits.
    terms : units to which somebody of head office goes once, though its norm has no visit there, since their
        terms are settled.
    known : people who are known at each unit: beyond its norm a role visits it as often as each of them can
        be met MOST_MEETINGS times; None: nobody is on record anywhere.
    holds : person → visits that the days of the quarter hold, of whom they do not hold all; None: nobody's
        days bound the visits.
    """
    units = _with_urgent(units, urgent or {}, terms, months)
    units = units[(units["visits_branch"] > 0) | (units["visits_head_office"] > 0)]
    if units.empty:
        return Allocation(
            months=months, visit_cost=visit_cost, capacity=team.visits, whole_team=team.visits_per_month
        )
    money = worth(units)
    needs = _whole_visits(needs_of(units, team), team, response, months)
    if known is not None:
        met = MOST_MEETINGS * needs["unit_id"].map(known).fillna(0).astype(int)
        needs["most"] = np.minimum(needs["most"], np.maximum(needs["least"], met))
    once = needs["unit_id"].map(units["urgent"]) == needs["role"]
    needs = needs.assign(urgent=once.astype(int))
    needs.loc[once, ["norm", "of_norm"]] = 0
    needs.loc[once, ["least", "most"]] = 1
    brings = _brings(needs, money, response)
    planned, whole = _worth_making(needs, brings, money, visit_cost, called)
    left_out = _left_out(needs, brings, planned, visit_cost)
    if not whole:
        return Allocation(
            left_out=left_out,
            none_pays=True,
            months=months,
            in_margin=bool(money.attrs["in_margin"]),
            loss_known=int(money["loss"].notna().sum()),
            room_known=int(money["room"].notna().sum()),
            visit_cost=visit_cost,
            capacity=team.visits,
            over=None if team.visits is None else 0.0,
            whole_team=team.visits_per_month,
        )
    short = planned < needs["of_norm"]
    needs = needs.assign(
        left_out=needs["norm"] - needs["norm"].mask(short, planned / months),
        norm=needs["norm"].mask(short, planned / months),
        least=planned,
        most=needs["most"].mask(short, planned),
    )
    tours = _tours(needs, head)
    needs = needs.assign(could=needs["most"], most=_of_the_lead(needs, tours))
    gains = _gains(needs, brings, response, visit_cost or 0.0)
    held = dict(holds or {})
    parts = _parts(needs, team, months, held)
    needs["visits"], reached = _best(parts, gains, gap)
    loads, trips = _loads(needs, team, months, held)
    return Allocation(
        visits=_named(needs.loc[needs["visits"] > 0, VISITS]),
        norms=needs.pivot(index="unit_id", columns="role", values="norm").reindex(columns=ROLES).fillna(0.0),
        units=_units(units, needs, money, response),
        left_out=left_out,
        unmet=_named(_unmet(needs, team, months, held)),
        loads=_named(loads),
        trips=trips,
        one_more=_one_more(needs, team, brings, units["owner"].nunique(), months, visit_cost),
        sensitivity=_sensitivity(needs, money, response, visit_cost or 0.0, parts, gap),
        months=months,
        in_margin=bool(money.attrs["in_margin"]),
        loss_known=int(money["loss"].notna().sum()),
        room_known=int(money["room"].notna().sum()),
        visit_cost=visit_cost,
        gap=reached,
        counts=_counts(needs),
        tours=_made_of(tours, needs),
        capacity=_capacity(needs, team),
        over=_over(needs, team),
        whole_team=team.visits_per_month,
    )


def with_money(frame: pd.DataFrame, book: Book, value: Value) -> pd.DataFrame:
    """The planned accounts as ``allocate`` takes them: with region, city, margin, and room (what a measured
    or estimated wallet holds beyond our sales; 0 where no growth is advised now).
    """
    wallet = value.wallet.accounts
    known = wallet[wallet["basis"].isin(["measured", "estimated"])]
    room = known["headroom"].where(known["growth_exclusion"] == "", 0.0)
    nothing = pd.Series(dtype="object")
    return frame.assign(
        region=book.accounts.get("region", nothing).reindex(frame.index),
        city=book.accounts.get("city", nothing).reindex(frame.index),
        margin=value.accounts["margin"].reindex(frame.index),
        room=room.reindex(frame.index),
    )


def worth(units: pd.DataFrame) -> pd.DataFrame:
    """Turn the expected loss and the purchases elsewhere of each unit into margin, at the unit's own rate of
    margin.

    A unit without costs has the rate of all that have them; where none has, money is revenue. Below 0 a rate
    is 0: nothing is lost with such sales. ``attrs["in_margin"]`` says which it is.

    Returns
    -------
    Index as ``units``: loss, room (missing where unknown).
    """
    revenue = units["revenue"].astype("float64")
    margin = _column(units, "margin")
    known = margin.notna() & (revenue > 0)
    in_margin = bool(known.any())
    usual = margin[known].sum() / revenue[known].sum() if in_margin else 1.0
    rate = (margin / revenue).where(known, usual).clip(0.0, 1.0)
    out = pd.DataFrame(
        {
            "loss": _column(units, "revenue_at_risk").clip(lower=0.0) * rate,
            "room": _column(units, "room").clip(lower=0.0) * rate,
        }
    )
    out.attrs["in_margin"] = in_margin
    return out


def gain(visits: np.ndarray, norm: np.ndarray, at_norm: float, next_visit: float) -> np.ndarray:
    """Share of the expected loss averted, or of the room won, by the visits of a quarter.

    ``at_norm`` (1 − r^visits) / (1 − r^norm), with r ``next_visit``: each visit brings r of what the one
    before brought, and ``at_norm`` comes out where the norm is kept. At most 1.
    """
    built = np.expm1(np.asarray(visits) * np.log(next_visit)) / np.expm1(
        np.asarray(norm) * np.log(next_visit)
    )
    return np.minimum(at_norm * built, 1.0)


def _with_urgent(
    units: pd.DataFrame, urgent: Mapping[str, str], terms: Collection[str], months: int
) -> pd.DataFrame:
    """``units`` with ``urgent``: the role in which one without a norm is visited once (missing: none)."""
    none = (units["visits_branch"] <= 0) & (units["visits_head_office"] <= 0)
    role = pd.Series(units.index.map(urgent), units.index, dtype=object).where(none)
    role = role.mask(units.index.isin(list(terms)) & (units["visits_head_office"] <= 0), "head_office")
    out = units.assign(urgent=role)
    for name in ROLES:
        of_level = _column(units, f"level_{name}").fillna(0.0)
        once = of_level.where(of_level > 0, 1 / months)
        out[f"visits_{name}"] = units[f"visits_{name}"].astype("float64").mask(role == name, once)
    return out


def _tours(needs: pd.DataFrame, head: HeadOfSales | None) -> pd.DataFrame | None:
    """The days of the visits that are LEAD's; None where nothing bounds them."""
    return None if head is None else head.tours(highest_first(needs[needs["person"] == LEAD]))


def _of_the_lead(needs: pd.DataFrame, tours: pd.DataFrame | None) -> np.ndarray:
    """``most``, of the visits that are LEAD's what the tours hold, and none beyond the norms."""
    own = needs["person"] == LEAD
    if tours is None:
        taken = needs["least"]
    else:
        taken = needs["unit_id"].map(tours["unit_id"].value_counts()).fillna(0)
    return needs["most"].mask(own, taken).astype(int).to_numpy()


def _made_of(tours: pd.DataFrame | None, needs: pd.DataFrame) -> pd.DataFrame:
    """``tours`` without those for which the team has no visit left, the last of a unit first."""
    if tours is None or tours.empty:
        return _empty(TOURS)
    made = needs[needs["person"] == LEAD].set_index("unit_id")["visits"]
    number = tours.groupby("unit_id").cumcount()
    return tours[number < tours["unit_id"].map(made)].reset_index(drop=True)


def _column(units: pd.DataFrame, name: str) -> pd.Series:
    if name not in units:
        return pd.Series(np.nan, index=units.index)
    return units[name].astype("float64")


def _named(frame: pd.DataFrame) -> pd.DataFrame:
    """``frame`` with a missing person where nobody is named."""
    person = frame["person"].astype(object)
    return frame.assign(person=person.where(~person.isin([NOBODY, LEAD]), None)).reset_index(drop=True)


def _whole_visits(needs: pd.DataFrame, team: Team, response: Response, months: int) -> pd.DataFrame:
    """``needs`` with the visits of the quarter: ``asked``, the norm; ``of_norm`` and ``least``, the norm in
    whole visits; and ``most``; ``part``: the share of the unit's norm that is of this role.
    """
    asked = needs["norm"] * months
    least = np.ceil(asked - ROUND).astype(int)
    most = np.ceil(asked * response.most_times_norm - ROUND).astype(int)
    bounded = needs["person"].map(team.bounds).astype(bool)
    part = needs["norm"] / needs.groupby("unit_id")["norm"].transform("sum")
    if response.most_a_month is not None:  # of both roles together
        most = np.minimum(most, np.floor(response.most_a_month * months * part + ROUND).astype(int))
    return needs.assign(
        asked=asked,
        of_norm=least,
        least=least,
        most=np.where(bounded, np.maximum(least, most), least),
        part=part,
    )


def _brings(needs: pd.DataFrame, money: pd.DataFrame, response: Response) -> np.ndarray:
    """What each further visit keeps and wins: a row per need, a column per visit, falling.

    Each role has its part of the unit's loss and room, as of its norm: the people whom the one meets are not
    those of the other.
    """
    visits = np.arange(int(needs["most"].max()) + 1)[None, :]
    asked, part = (needs[name].to_numpy(dtype=float)[:, None] for name in ("asked", "part"))
    loss, room = (
        money[name].fillna(0.0).reindex(needs["unit_id"]).to_numpy()[:, None] for name in ("loss", "room")
    )
    averted = np.diff(gain(visits, asked, response.loss_averted, response.next_visit), axis=1)
    won = np.diff(gain(visits, asked, response.room_won, response.next_visit), axis=1)
    return part * (loss * averted + room * won)


def _worth_making(
    needs: pd.DataFrame,
    brings: np.ndarray,
    money: pd.DataFrame,
    visit_cost: float | None,
    called: pd.Series | None,
) -> tuple[np.ndarray, bool]:
    """Per need the visits of its norm that are planned, and whether the norms pay as a whole."""
    norm = needs["of_norm"].to_numpy()
    number = np.arange(brings.shape[1])[None, :]
    of_norm = number < norm[:, None]
    known = money.notna().any(axis=1).reindex(needs["unit_id"]).to_numpy()
    pays = of_norm.copy()
    if visit_cost is not None:
        pays &= (brings >= visit_cost) | ~known[:, None] | needs["level"].isin(KEY_LEVELS).to_numpy()[:, None]
    if known.any():
        whole = float((brings * pays).sum())
        revenue = float(needs.drop_duplicates("unit_id")["revenue"].sum())
        if not pays.any() or whole < (PAYS * revenue if visit_cost is None else visit_cost * pays.sum()):
            return np.zeros(len(needs), dtype=int), False
    planned = pays.sum(axis=1)
    if called is not None:  # one person of the unit makes them, the branch where it calls there
        first = ~needs.duplicated("unit_id").to_numpy()
        takes = needs["unit_id"].map(called).fillna(0).astype(int).to_numpy()
        planned = np.where(first, np.maximum(planned, np.minimum(takes, norm)), planned)
    return np.maximum(planned, needs["urgent"].to_numpy()), True


def _left_out(
    needs: pd.DataFrame, brings: np.ndarray, planned: np.ndarray, visit_cost: float | None
) -> pd.DataFrame:
    """``Allocation.left_out``."""
    number = np.arange(brings.shape[1])[None, :]
    norm = needs["of_norm"].to_numpy()
    out = (number >= planned[:, None]) & (number < norm[:, None])
    rows = needs[["unit_id", "level", "revenue", "role", "person"]].assign(
        norm=norm, visits=out.sum(axis=1), brings=(brings * out).sum(axis=1)
    )
    rows = rows[rows["visits"] > 0]
    cost = np.nan if visit_cost is None else visit_cost * rows["visits"]
    return _named(highest_first(rows.assign(cost=cost))[LEFT_OUT])


def left_out_units(found: Allocation) -> pd.DataFrame:
    """``left_out`` with a row per unit, and ``whole``: whether nothing is left of its norms."""
    rows = found.left_out
    sums = {name: (name, "sum") for name in ("visits", "brings", "cost")}
    first = {name: (name, "first") for name in ("level", "revenue")}
    by = rows.groupby("unit_id", sort=False).agg(**first, **sums)
    by["cost"] = by["cost"].where(rows.groupby("unit_id", sort=False)["cost"].count() > 0)
    left = found.norms.sum(axis=1).reindex(by.index).fillna(0.0)
    return by.assign(whole=left == 0).reset_index()


def _gains(needs: pd.DataFrame, brings: np.ndarray, response: Response, visit_cost: float) -> np.ndarray:
    """What each further visit brings less what it costs; up to the norm revenue counts a little, so that of
    accounts that are alike otherwise the larger goes first.
    """
    number = np.arange(1, brings.shape[1] + 1)[None, :]
    revenue = needs["revenue"].to_numpy(dtype=float)[:, None].clip(min=0.0)
    of_norm = number <= needs["least"].to_numpy()[:, None]
    return brings + LARGER_FIRST * revenue * response.next_visit**number * of_norm - visit_cost


@dataclass
class _Part:
    """The needs of one person, or of all where the whole team's visits are bounded: what can be solved by
    itself.
    """

    rows: np.ndarray  # places in ``needs``
    programme: Programme
    kept: list[int]  # per level the visits of norms that can be made, the highest level first


def _parts(needs: pd.DataFrame, team: Team, months: int, holds: Mapping[str, int]) -> list[_Part]:
    whole = team.visits_per_month is not None
    parts = [np.arange(len(needs))] if whole else list(needs.groupby("person").indices.values())
    programmes = [Programme(needs.iloc[rows], team, months, holds) for rows in parts]
    return [_Part(rows, one, one.norms_kept()) for rows, one in zip(parts, programmes, strict=True)]


def _best(parts: list[_Part], gains: np.ndarray, gap: float) -> tuple[np.ndarray, float]:
    """The visits of each need that bring the most, and how far that may be from the best."""
    visits = np.zeros(len(gains), dtype=int)
    brought = reach = 0.0
    for part in parts:
        made, got, bound = part.programme.best(gains[part.rows], part.kept, gap)
        visits[part.rows] = made
        brought, reach = brought + got, reach + bound
    return visits, max(0.0, reach - brought) / max(abs(brought), ROUND)


def _units(units: pd.DataFrame, needs: pd.DataFrame, money: pd.DataFrame, response: Response) -> pd.DataFrame:
    """``Allocation.units``."""
    rows = needs[["unit_id", "role", "of_norm", "urgent", "least", "visits"]].join(
        _kept_and_won(needs, money, response)
    )
    loss, room = rows["loss"], rows["room"]
    at_norm = [loss * response.loss_averted, room * response.room_won]
    rows["at_norm"] = pd.concat(at_norm, axis=1).sum(axis=1, min_count=1)
    rows["beyond"] = (rows["visits"] - rows["least"]).clip(lower=0)
    sums = ["of_norm", "urgent", "visits", "beyond"]
    by = rows.groupby("unit_id")[sums].sum().rename(columns={"of_norm": "norm"})
    by = by.join(rows.groupby("unit_id")[["kept", "won", "at_norm"]].sum(min_count=1)).reindex(units.index)
    out = units[["level", "revenue"]].join(by).join(money)
    expected = out[["kept", "won"]].sum(axis=1, min_count=1)
    lacks = needs["visits"] < needs["least"]
    short = out.index.isin(needs.loc[lacks, "unit_id"])
    out["given_up"] = (out["at_norm"] - expected).clip(lower=0.0).where(short | out["at_norm"].isna(), 0.0)
    return out


def _counts(needs: pd.DataFrame) -> dict[str, int]:
    """``Allocation.counts``."""
    least, visits = needs["least"], needs["visits"]
    lacking, once = (least - visits).clip(lower=0), needs["urgent"] > 0
    of_head = needs["person"] == LEAD
    return {
        "asked": int(least[~once].sum()),
        "urgent": int(least[once].sum()),
        "lacking_head": int(lacking[of_head].sum()),
        "lacking": int(lacking[~of_head].sum()),
        "beyond": int((visits - least).clip(lower=0).sum()),
        "visits": int(visits.sum()),
    }


def _kept_and_won(needs: pd.DataFrame, money: pd.DataFrame, response: Response) -> pd.DataFrame:
    """Per need its part of the unit's loss and room, and what the visits keep and win of it."""
    out = pd.DataFrame(
        {name: money[name].reindex(needs["unit_id"]).to_numpy() * needs["part"] for name in ("loss", "room")}
    )
    visits, asked = needs["visits"].to_numpy(), needs["asked"].to_numpy()
    out["kept"] = out["loss"] * gain(visits, asked, response.loss_averted, response.next_visit)
    out["won"] = out["room"] * gain(visits, asked, response.room_won, response.next_visit)
    return out


def _loads(
    needs: pd.DataFrame, team: Team, months: int, holds: Mapping[str, int]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """``Allocation.loads`` and ``Allocation.trips``."""
    travels = needs["person"].map(lambda name: name in team.people and team.people[name].travels).astype(bool)
    made = needs[travels & (needs["visits"] > 0)].groupby(["person", "place"])["visits"]
    trips = made.agg(visits="sum", to_one="max").reset_index()
    a_day = [team.people[name].visits_per_day for name in trips["person"]]
    full_days = np.ceil(trips["visits"] / np.array(a_day, dtype=float))
    trips["days_out"] = np.maximum(full_days, trips["to_one"]).astype(int)  # each account once a day
    days = trips.groupby("person")["days_out"].sum()
    loads = needs.groupby(["person", "role"], sort=False).agg(
        units=("unit_id", "size"),
        norm=("norm", "sum"),
        left_out=("left_out", "sum"),
        visits=("visits", "sum"),
    )
    loads = loads.sort_index().reset_index()
    person = loads["person"]
    loads["capacity"] = [team.people[name].visits if name in team.people else np.nan for name in person]
    loads["days_out"] = person.map(days)
    left = {name: _room_left(name, needs, team, trips, months) for name in person.unique()}
    made_by = needs.groupby("person")["visits"].sum()
    left |= {name: min(left[name], most - made_by[name]) for name, most in holds.items() if name in left}
    loads["full"] = [left[name] < 1 for name in person]
    loads["visits"] = loads["visits"] / months
    return loads[LOADS], trips[TRIPS]


def _room_left(name: str, needs: pd.DataFrame, team: Team, trips: pd.DataFrame, months: int) -> float:
    """Visits that a person can still make in the quarter; infinite where nothing bounds them."""
    left = np.inf
    made = needs.loc[needs["person"] == name, "visits"].sum()
    one = team.people.get(name)
    if one is not None and one.visits_per_month is not None:
        left = one.visits_per_month * months - made
    elif one is not None:
        own = trips[trips["person"] == name]
        hours = (one.hours_per_month or 0.0) * months - made * (one.hours_per_visit or 0.0)
        hours -= own["days_out"].sum() * one.travel_hours if one.travels else 0.0
        seats = (own["days_out"] * one.visits_per_day - own["visits"]).sum() if one.travels else 1
        left = (hours - (0.0 if seats > 0 else one.travel_hours)) / (one.hours_per_visit or 1.0)
        left = min(left, one.visits * months - made)
    if team.visits_per_month is not None:
        left = min(left, team.visits_per_month * months - needs["visits"].sum())
    return left + ROUND


def _capacity(needs: pd.DataFrame, team: Team) -> float | None:
    """``Allocation.capacity``."""
    people = needs["person"].unique()
    if not all(team.bounds(name) for name in people):
        return None
    named = sum(team.people[name].visits for name in people if name in team.people)
    whole = team.visits_per_month
    every_one = all(name in team.people for name in people)
    bounds = [bound for bound in (whole, named if every_one else None) if bound is not None]
    return round(min(bounds), 2)


def _over(needs: pd.DataFrame, team: Team) -> float | None:
    """``Allocation.over``."""
    if team.visits is None:
        return None
    asked = needs.groupby("person")["norm"].sum()
    beyond = sum(max(0.0, asked.get(name, 0.0) - one.visits) for name, one in team.people.items())
    whole = asked.sum() - team.visits_per_month if team.visits_per_month is not None else 0.0
    return round(max(beyond, whole, 0.0), 2)


def _unmet(needs: pd.DataFrame, team: Team, months: int, holds: Mapping[str, int]) -> pd.DataFrame:
    """``Allocation.unmet``."""
    short = needs[needs["visits"] < needs["least"]].copy()
    full = (
        team.visits_per_month is not None
        and needs["visits"].sum() + 1 > team.visits_per_month * months + ROUND
    )
    of_lead = (short["person"] == LEAD) & (short["visits"] == short["most"])
    made = needs.groupby("person")["visits"].sum()
    days = {name for name, most in holds.items() if made.get(name, 0) >= most}
    reasons = [of_lead, short["person"].isin(days)]
    short["reason"] = np.select(
        reasons, ["lead_full", "days_full"], "team_full" if full else "person_full"
    ).astype(object)
    short["norm"] = short["least"]
    return highest_first(short)[UNMET].reset_index(drop=True)


def _one_more(
    needs: pd.DataFrame, team: Team, brings: np.ndarray, owners: int, months: int, visit_cost: float | None
) -> pd.DataFrame:
    """``Allocation.one_more``: the visits of a newcomer, free to go anywhere, beside those of the others.

    The newcomer makes as many visits as the middle one of the role; where only the whole team's visits are
    known, an owner's share of them. First go the visits that norms lack, the highest level first, then those
    that bring more than they cost, most first: with gains that fall, nothing is better.
    """
    newcomers = {
        role: float(np.median([team.people[name].visits for name in team.of_role(role)]))
        for role in ROLES
        if team.of_role(role)
    }
    if not team.people and team.visits_per_month is not None and owners:
        newcomers = {"team": team.visits_per_month / owners}
    made, least, most = (needs[name].to_numpy() for name in ("visits", "least", "could"))
    level = place_of(needs["level"]).to_numpy()
    rows = []
    for role, visits in newcomers.items():
        of_role = np.ones(len(needs), dtype=bool) if role == "team" else (needs["role"] == role).to_numpy()
        number = np.arange(brings.shape[1])[None, :]
        need, further = np.nonzero(of_role[:, None] & (number >= made[:, None]) & (number < most[:, None]))
        lacks, worth_it = further < least[need], brings[need, further]
        order = np.lexsort((-worth_it, np.where(lacks, level[need], len(LEVELS))))
        order = order[lacks[order] | (worth_it[order] > (visit_cost or 0.0))]
        taken = order[: int(visits * months + ROUND)]
        cost = None if visit_cost is None else len(taken) * visit_cost
        rows.append((role, visits, int(lacks[taken].sum()), len(taken), float(worth_it[taken].sum()), cost))
    return pd.DataFrame(rows, columns=ONE_MORE)


def _sensitivity(
    needs: pd.DataFrame,
    money: pd.DataFrame,
    response: Response,
    visit_cost: float,
    parts: list[_Part],
    gap: float,
) -> pd.DataFrame:
    """``Allocation.sensitivity``: each assumption is halved and doubled, the others as they are."""
    rows = []
    for assumption in ("loss_averted", "room_won"):
        for factor in FACTORS:
            changed = min(factor * getattr(response, assumption), 1.0)
            other = response.model_copy(update={assumption: changed})
            gains = _gains(needs, _brings(needs, money, other), other, visit_cost)
            visits, _ = _best(parts, gains, gap)
            moved = visits - needs["visits"].to_numpy()
            units = pd.Series(moved != 0).groupby(needs["unit_id"].to_numpy()).any().sum()
            expected = float(
                _kept_and_won(needs.assign(visits=visits), money, other)[["kept", "won"]].sum().sum()
            )
            changed_visits = max(moved.clip(min=0).sum(), (-moved).clip(min=0).sum())
            rows.append((assumption, factor, expected, int(changed_visits), int(units)))
    return pd.DataFrame(rows, columns=SENSITIVITY)
