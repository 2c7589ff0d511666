"""What each owner has to look after: units, money at risk, actions, visits and complaints, in all and unit by
unit.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from kamplay.method.measures.business import Business
from kamplay.method.results import Findings
from kamplay.presets import LEVELS
from kamplay.presets.scorecard import KEY_LEVELS

SUMS = ["revenue", "revenue_at_risk", "overdue", "visits", "past_due"]
WEEKS = ["owner", "week", "actions", "bound", "visits", "room"]
UNIT = ["owner", "unit_id", "level", "health_band", "verdict", "next_action", "due", *SUMS]


@dataclass(frozen=True)
class Owners:
    """What each owner has to look after.

    Attributes
    ----------
    owners : one row an owner, the largest revenue at risk first (where none is known, the largest revenue):
        owner (None, last: nobody), units (planned), S, A, B, C (their number by level), revenue (12 months),
        revenue_at_risk (expected loss, as in step 3 without what is gone; missing where none of the units has
        one), overdue, visits (norm a month), placed (visits and reviews that the calendar of the quarter
        gives them), past_due (open complaints past their due day, without those of lost units), acting (units
        on which somebody must act), due (ISO, of the first of their actions).
    units : the planned units by owner in the same order, those on which somebody must act first, then by
        revenue at risk: UNIT, ``verdict`` as in step 3, ``past_due`` complaints of the unit.
    weeks : what each week of each owner holds, as ``week_load.weekly``.
    """

    owners: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["owner"]))
    units: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=UNIT))
    weeks: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=WEEKS))


def by_owner(
    units: pd.DataFrame, overdue: pd.Series, queue: pd.DataFrame, entries: pd.DataFrame, told: bool = True
) -> Owners:
    """Gather what each owner looks after.

    Parameters
    ----------
    units : planned units (index unit_id): owner, level, health_band, verdict, next_action, due, revenue,
        revenue_at_risk, visits, gone.
    overdue : amount overdue of each unit that owes.
    queue, entries : as in ``Service`` and ``Calendar``.
    told : as ``RevenueAtRisk.told``: else the expected loss gives the order, and no amounts.
    """
    if units.empty or units["owner"].isna().all():
        return Owners()
    late = queue[(queue["days_late"] > 0) & ~queue["lost"].astype(bool)].groupby("unit_id").size()
    frame = units.rename_axis("unit_id").assign(
        revenue_at_risk=units["revenue_at_risk"].mask(units["gone"].astype(bool)),
        overdue=overdue.reindex(units.index).astype("float64").fillna(0.0),
        past_due=late.reindex(units.index).fillna(0).astype(int),
        acting=units["verdict"].isin(["act"]),
    )
    frame["owner"] = frame["owner"].astype(object).where(frame["owner"].notna(), None)
    by = frame.groupby("owner", dropna=False)
    owners = by.agg(units=("revenue", "size"), acting=("acting", "sum"), due=("due", "min"))
    for level in LEVELS:
        owners[level] = (frame["level"] == level).groupby(frame["owner"], dropna=False).sum()
    for name in SUMS:
        owners[name] = by[name].sum(min_count=1) if name == "revenue_at_risk" else by[name].sum()
    placed = entries.loc[entries["kind"].isin(["visit", "review"]), "person"].value_counts()
    owners["placed"] = [int(placed.get(owner, 0)) for owner in owners.index]
    owners = owners.reset_index()
    owners["owner"] = owners["owner"].astype(object).where(owners["owner"].notna(), None)
    nobody = owners["owner"].isna()
    owners = owners.assign(_nobody=nobody, _risk=owners["revenue_at_risk"].fillna(-np.inf)).sort_values(
        ["_nobody", "_risk", "revenue"], ascending=[True, False, False], kind="stable", ignore_index=True
    )
    place = {owner: n for n, owner in enumerate(owners["owner"])}
    order = frame.assign(
        _owner=[place[o] for o in frame["owner"]], _risk=frame["revenue_at_risk"].fillna(-np.inf)
    ).sort_values(
        ["_owner", "acting", "_risk", "revenue"], ascending=[True, False, False, False], kind="stable"
    )
    if not told:
        owners["revenue_at_risk"] = order["revenue_at_risk"] = np.nan
    columns = ["owner", "units", *LEVELS, *SUMS, "placed", "acting", "due"]
    return Owners(owners[columns], order.reset_index()[UNIT].reset_index(drop=True))


def add_findings(found: Findings, result: Owners, units: pd.DataFrame, sold_to: Business) -> None:
    """Add the planned accounts that nobody looks after, where others have an owner; where none has, those
    that need one first: key accounts, and others to be acted on. Consumers have no owner.

    Parameters
    ----------
    units : as in ``by_owner``, with urgency and channel.
    """
    if units["owner"].isna().all() and sold_to == "companies":
        here = units[~units["gone"].astype(bool) & units["channel"].isna()]
        key = here["level"].isin(KEY_LEVELS)
        first = here[key | here["urgency"].isin(["urgent", "warned"])]
        if len(first):
            by_revenue = first.sort_values("revenue", ascending=False, kind="stable")
            revenue, figures = float(first["revenue"].sum()), {"count": len(first), "key": int(key.sum())}
            figures |= {"others": len(first) - figures["key"]}
            found.add(
                "owners_none",
                "act",
                "name_first_owners",
                by_revenue.index,
                **figures,
                revenue=revenue,
                stake=revenue,
            )
        return
    nobody = result.units[result.units["owner"].isna()] if len(result.units) else result.units
    if len(nobody):
        by_revenue = nobody.sort_values("revenue", ascending=False, kind="stable")
        sums = {"count": len(nobody), "revenue": nobody["revenue"].sum(), "planned": len(result.units)}
        found.add("units_without_owner", "watch", "name_missing_owners", by_revenue["unit_id"], **sums)
