"""What the allocation of visits says: what fits, what falls out or does not pay, and what it should bring."""

from __future__ import annotations

from typing import Any

import pandas as pd

from kamplay.method.plan.allocation import Allocation, left_out_units
from kamplay.method.plan.capacity import Team, of_the_place
from kamplay.method.plan.findings import IMMATERIAL
from kamplay.method.results import Findings, Severity, figure
from kamplay.presets import LEVELS
from kamplay.presets.scorecard import KEY_LEVELS
from kamplay.presets.strategy import Response, SeniorVisits

# reasons of norms that are not met which other findings tell: of the head of sales, and of the calendar
ELSEWHERE = ("lead_full", "days_full")


def add_findings(
    findings: Findings,
    found: Allocation,
    team: Team,
    response: Response,
    accounts: pd.DataFrame,
    due: str,
    senior: SeniorVisits | None = None,
    made: float | None = None,
    placed: int | None = None,
) -> None:
    """Add whether the norms can be met, what is given up, where the visits go and what they should bring, and
    how firm that is.

    Parameters
    ----------
    response : what visits are assumed to bring.
    accounts : all of them, index account_id: owner, region and city may be missing.
    due : ISO date by which the team is to be sorted out.
    senior : how the head of sales is assumed to visit; None: as the strategy presets assume.
    made : visits a month that were made lately, as ``visits_done.made_a_month``; None where unknown.
    placed : visits that the calendar of the quarter places; None: all of them.
    """
    units, loads = found.units, found.loads
    known_owners = set(accounts["owner"].dropna()) if "owner" in accounts else set()
    strangers = [name for name in team.of_role("branch") if known_owners and name not in known_owners]
    if strangers:
        findings.add("people_not_owners", "watch", "mend_names", people=strangers)
    _add_left_out(findings, found, due)
    if units.empty:
        return
    needed = float(loads["norm"].sum())
    left_out = float(loads["left_out"].sum())  # a month, of the norms
    known = {
        "needed": needed,
        "left_out": left_out,
        "capacity": found.capacity,
        "months": found.months,
        "due": due,
    }
    if found.over is None:
        findings.add("capacity_unknown", "watch", "state_capacity", **known)
    elif found.unmet["reason"].isin(ELSEWHERE).all():
        kind = "within_capacity" if found.capacity is not None else "within_what_is_stated"
        of_lead = found.unmet[found.unmet["reason"] == "lead_full"]
        of_head = int((of_lead["norm"] - of_lead["visits"]).sum())
        findings.add(kind, "note", None, **known, head_missing=of_head)
    else:
        _add_unmet(findings, found, known, accounts)
    planned = float(units["visits"].sum() if placed is None else placed) / found.months
    if made is not None and planned > made:
        findings.add("visits_above_made", "note", None, planned=planned, made=made, capacity=found.capacity)
    unstated = (
        loads[loads["capacity"].isna()] if found.whole_team is None and found.over is not None else loads[:0]
    )
    if len(unstated):
        findings.add(
            "people_unstated",
            "watch",
            "state_people",
            people=[_name(row.person, row.role) for row in unstated.itertuples()],
            visits=unstated["norm"].sum(),
        )
    _add_of_the_lead(findings, found, senior or SeniorVisits(), due)
    _add_expected(findings, found, response)


def _add_of_the_lead(findings: Findings, found: Allocation, senior: SeniorVisits, due: str) -> None:
    """The visits of head office where it names nobody: how many are the head of sales's, and how many more of
    the norms find no day.
    """
    own = found.visits[found.visits["person"].isna() & (found.visits["role"] == "head_office")]
    lacking = found.unmet[found.unmet["reason"] == "lead_full"]
    made, missing = int(own["visits"].sum()), int((lacking["norm"] - lacking["visits"]).sum())
    if not made + missing:
        return
    told: dict[str, Any] = {"made": made, "accounts": own["unit_id"].nunique()}
    told |= {"days_out": found.tours["date"].nunique(), "a_week": senior.days_a_week}
    if not missing:
        findings.add("visits_senior", "note", None, (), **told)
        return
    told |= {"missing": missing, "both": made + missing, "weeks": senior.weeks_apart, "due": due}
    units = lacking["unit_id"]
    findings.add("visits_senior_beyond", "watch", "name_senior_or_drop", units, **told)


def _add_left_out(findings: Findings, found: Allocation, due: str) -> None:
    """The norms that are not planned since they do not pay: all of them, or those of some accounts."""
    out = left_out_units(found)
    if out.empty:
        return
    visits, brings = int(out["visits"].sum()), float(out["brings"].sum())
    key = int(out["level"].isin(KEY_LEVELS).sum())
    sums: dict[str, Any] = {"visits": visits, "units": len(out), "key": key, "others": len(out) - key}
    money = {"brings": brings, "cost": figure(out["cost"].sum(min_count=1)), "in_margin": found.in_margin}
    if found.none_pays:
        action = "call_instead" if sums["key"] else "call_instead_no_key"
        norms = out_of_norms(found)
        norm = {
            "levels": list(norms.index),
            "a_year": list(norms),
            "cost_known": found.visit_cost is not None,
        }
        findings.add("visits_none_planned", "watch", action, **sums, **norm, due=due)
        told = {"loss_known": found.loss_known, "room_known": found.room_known}
        findings.add("visits_do_not_pay", "note", None, visits=visits, **money, **told)
        return
    sums |= {"none": int(out["whole"].sum()), "levels": sorted(set(out["level"].dropna()))}
    sums["revenue"] = float(out["revenue"].sum())
    # first those that lose all: whom the advice names is one of them
    named = out.sort_values("whole", ascending=False, kind="stable")["unit_id"]
    advice = "call_instead_of_visits" if sums["none"] else None
    findings.add("visits_left_out", "note", advice, named, **sums)
    findings.add("visits_left_out_money", "note", None, (), visits=visits, **money)


def out_of_norms(found: Allocation) -> pd.Series:
    """Visits a year that the norms left out ask for at one account, by level ("" where there is none)."""
    rows = found.left_out.assign(level=found.left_out["level"].fillna("").astype("str"))
    by_unit = rows.groupby(["level", "unit_id"])["norm"].sum() * 12 // found.months
    by = by_unit.groupby(level="level").max().astype(int)
    return by.reindex([level for level in [*LEVELS, ""] if level in by.index])


def _add_unmet(findings: Findings, found: Allocation, known: dict[str, Any], accounts: pd.DataFrame) -> None:
    units, unmet = found.units, found.unmet[~found.unmet["reason"].isin(ELSEWHERE)]
    short = units[units.index.isin(unmet["unit_id"])]
    by_level = _by_level(found)
    given_up = figure(short["given_up"].sum(min_count=1))
    money = {"given_up": given_up, "in_margin": found.in_margin}
    severity: Severity = "act"
    if given_up is not None:  # what next to nothing hangs on decides nothing, however many visits fall out
        money["stake"] = given_up
        severity = "watch" if given_up < IMMATERIAL * units["revenue"].sum() else "act"
    told = {
        "missing": int((unmet["norm"] - unmet["visits"]).sum()),
        "accounts": len(short),
        "levels": list(by_level.index),
        "shares": [figure(share) for share in by_level],
    }
    first = list(dict.fromkeys(unmet["unit_id"]))
    if found.capacity is not None and known["needed"] > found.capacity:
        findings.add("over_capacity", severity, "cut_from_below", first, **known, **told, **money)
        return
    full = unmet.groupby(["person", "role"], dropna=False)["visits"].size().sort_values(ascending=False)
    loads = found.loads[found.loads["role"].isin(unmet["role"])]
    left = (loads["capacity"] - loads["norm"]).sort_values(ascending=False, kind="stable")
    free = [_name(row.person, row.role) for row in loads.loc[left.index[left >= 1]].itertuples()]
    person, role = full.index[0]
    if role == "branch":  # accounts go to somebody who is there already; head office goes anywhere
        own = unmet.loc[(unmet["person"] == person) & (unmet["role"] == role), "unit_id"]
        free = of_the_place(accounts, own, free)
    findings.add(
        "people_over_capacity",
        severity,
        "even_out" if free else "relieve_people",
        first,
        **known,
        **told,
        **money,
        people=[_name(person, role) for person, role in full.index],
        free=free,
    )


def without_a_day(found: Allocation, accounts: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """The norms for which no day is left, as ``unmet``, and who looks after accounts there and has days left,
    the one with the fewest visits first. ``accounts``: as in ``add_findings``.
    """
    lacking = found.unmet[found.unmet["reason"] == "days_full"]
    loads = found.loads[(found.loads["role"] == "branch") & ~found.loads["full"].astype(bool)]
    others = loads.dropna(subset="person").sort_values("visits", kind="stable")["person"].tolist()
    return lacking, of_the_place(accounts, lacking["unit_id"], others) if len(lacking) else []


def _name(person: Any, role: str) -> str:
    """The person, or the role where nobody is named."""
    return role if person is None or pd.isna(person) else str(person)


def _by_level(found: Allocation) -> pd.Series:
    """Share of the norms' visits that are made, per level with a norm, the highest first."""
    unmet = found.unmet[~found.unmet["reason"].isin(ELSEWHERE)]
    lacking = (unmet["norm"] - unmet["visits"]).groupby(unmet["level"].fillna("")).sum()
    asked = found.units["norm"].groupby(found.units["level"].fillna("")).sum()
    asked = asked.reindex([level for level in [*LEVELS, ""] if level in asked.index])
    return 1 - lacking.reindex(asked.index).fillna(0.0) / asked


def _add_expected(findings: Findings, found: Allocation, response: Response) -> None:
    """Where the visits go, what they should bring, and how firm that is."""
    units = found.units
    kept, won = units["kept"].sum(min_count=1), units["won"].sum(min_count=1)
    if found.loss_known == 0 and found.room_known == 0:
        findings.add("visits_unvalued", "note", None, units=len(units))
        return
    best = units.assign(brings=units[["kept", "won"]].sum(axis=1)).sort_values("brings", ascending=False)
    money = {"in_margin": found.in_margin, "visits": int(units["visits"].sum())}
    kind = "visits_expected" if found.room_known else "visits_expected_of_loss"
    money |= {"kept": kept, "won": won, "units": len(units)}
    told = {"loss_known": found.loss_known, "room_known": found.room_known}
    findings.add(kind, "note", None, best.index[best["brings"] > 0], **money, **told)
    beyond = units["beyond"]
    more = best.loc[beyond[beyond > 0].reindex(best.index).dropna().index]
    if len(more):
        findings.add(
            "visits_beyond",
            "note",
            None,
            more.index,
            beyond=int(beyond.sum()),
            accounts=len(more),
            cost=found.visit_cost,
        )
    for row in found.one_more.itertuples():
        kind = "one_more" if row.norm_visits else "one_more_beyond" if row.made else "one_more_idle"
        findings.add(
            kind,
            "note",
            None,
            role=row.role,
            each=row.visits,
            norm_visits=row.norm_visits,
            made=row.made,
            brings=row.gain,
            cost=row.cost,
            in_margin=found.in_margin,
        )
    moved = found.sensitivity
    if found.over is not None and len(moved):
        findings.add(
            "assumptions_moved",
            "note",
            None,
            **money,
            fewest=moved["visits_moved"].min(),
            most=moved["visits_moved"].max(),
            low=moved["gain"].min(),
            high=moved["gain"].max(),
            averted=response.loss_averted,
            room=response.room_won,
        )
