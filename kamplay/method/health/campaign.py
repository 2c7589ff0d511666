"""Many small accounts in danger: no visit would pay, a campaign by phone, mail and web may."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from kamplay.method.results import Findings

# of the year's revenue: a list of the week that holds less is no use of anybody's week
IMMATERIAL = 0.005
IN_DANGER = 0.2  # probability from which an account without a sign is in danger
# channels by the money they are to hold: the largest accounts are phoned, the next written to
CHANNELS = {"phone": 0.5, "mail": 0.8, "web": 1.0}
COLUMNS = ["channel", "accounts", "revenue", "at_risk"]


@dataclass(frozen=True)
class Campaign:
    """Whom to reach without a visit; empty where the list of the week is worth it.

    Attributes
    ----------
    channels : a row per channel in the order of CHANNELS: accounts, revenue (12 months), at_risk (expected
        loss). Amounts in the engagement's currency.
    listed, listed_at_risk, share : the list of the week that a campaign replaces: accounts, their expected
        loss, and that over the revenue of the 12 months.
    """

    channels: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=COLUMNS))
    listed: int = 0
    listed_at_risk: float = 0.0
    share: float = 0.0


def campaign(active: pd.DataFrame, listed: pd.DataFrame, revenue: float) -> Campaign:
    """Weigh the list of the week against the year's revenue; where it is immaterial, divide all accounts in
    danger by channel.

    Parameters
    ----------
    active : the accounts that bought within a year: revenue, probability, at_risk, warned, stopped.
    listed : the list of the week, with at_risk.
    revenue : of the 12 months, all accounts.
    """
    at_risk = float(listed["at_risk"].astype("float64").sum())
    if listed.empty or listed["at_risk"].isna().all() or not revenue > 0 or at_risk >= IMMATERIAL * revenue:
        return Campaign()
    danger = active[((active["probability"] >= IN_DANGER) | active["warned"]) & ~active["stopped"]]
    danger = danger[danger["at_risk"] > 0].sort_values("at_risk", ascending=False, kind="stable")
    before = danger["at_risk"].cumsum() - danger["at_risk"]  # held by the larger ones
    place = np.searchsorted(list(CHANNELS.values()), before / danger["at_risk"].sum(), side="right")
    channel = np.array(list(CHANNELS), dtype=object)[np.minimum(place, len(CHANNELS) - 1)]
    by = danger.groupby(channel).agg(
        accounts=("at_risk", "size"), revenue=("revenue", "sum"), at_risk=("at_risk", "sum")
    )
    rows = by.reindex([name for name in CHANNELS if name in by.index])
    rows = rows.rename_axis("channel").reset_index()
    return Campaign(rows[COLUMNS], len(listed), at_risk, at_risk / revenue)


def add_findings(findings: Findings, result: Campaign, horizon: int) -> None:
    """Add that a campaign serves better than a list of visits."""
    rows = result.channels
    if rows.empty:
        return
    counts = rows.set_index("channel")["accounts"].reindex(list(CHANNELS)).fillna(0).astype(int)
    findings.add(
        "watch_campaign",
        "watch",
        "run_campaign",
        (),
        count=result.listed,
        listed=result.listed_at_risk,
        share=result.share,
        accounts=rows["accounts"].sum(),
        at_risk=rows["at_risk"].sum(),
        horizon=horizon,
        **counts.to_dict(),
        stake=rows["at_risk"].sum(),
    )
