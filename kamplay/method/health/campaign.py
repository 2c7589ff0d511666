"""Many small accounts in danger: no visit would pay, a campaign by phone, mail and web may."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from kamplay.method.results import Findings
from kamplay.presets.scorecard import KEY_LEVELS

# of the year's revenue: a priority list that holds less is no use of anybody's time
IMMATERIAL = 0.005
# channels by the money they are to hold: the largest accounts are phoned, the next written to
CHANNELS = {"phone": 0.5, "mail": 0.8, "web": 1.0}
COLUMNS = ["channel", "accounts", "revenue", "at_risk"]
ACCOUNT_COLUMNS = ["channel", "why", "last_order", "gap_days", "revenue", "probability", "at_risk"]


@dataclass(frozen=True)
class Campaign:
    """Whom to reach without a visit; empty where the priority list is worth it.

    Attributes
    ----------
    channels : a row per channel in the order of CHANNELS: accounts, revenue (12 months), at_risk (expected
        loss; missing where no probability is known, and the channels then go by revenue). Amounts in the
        engagement's currency.
    accounts : whom (index account_id), in the order of the money at stake: channel; why (its strongest sign,
        else ``chance``; without a probability what costs its score most); last_order; gap_days (mean of all
        its own); revenue, probability, at_risk. The channels are its sums.
    key : the key accounts in danger: each has a line of its own in the plan, and no part in it.
    listed, listed_money, share : the priority list that a campaign replaces: accounts, their expected loss
        (their revenue, where no probability is known), and that over the revenue of the 12 months.
    """

    channels: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=COLUMNS))
    accounts: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=ACCOUNT_COLUMNS))
    key: tuple[str, ...] = ()
    listed: int = 0
    listed_money: float = 0.0
    share: float = 0.0


def campaign(active: pd.DataFrame, danger: pd.Series, listed: pd.DataFrame, revenue: float) -> Campaign:
    """Weigh the priority list against the year's revenue; where it is immaterial, divide all accounts in
    danger by channel, but for key accounts.

    Parameters
    ----------
    active : the accounts that bought within a year: revenue, at_risk, health_band, warned, stopped; and,
        where known, level, warning, driver, last_order, gap_days, probability.
    danger : which of them are in danger, see ``priority_list.in_danger``.
    listed : the priority list, with at_risk.
    revenue : of the 12 months, all accounts.
    """
    known = bool(listed["at_risk"].notna().any())
    by = "at_risk" if known else "revenue"
    held = float(listed[by].astype("float64").sum())
    if listed.empty or not revenue > 0 or held >= IMMATERIAL * revenue:
        return Campaign()
    reached = danger if known else danger | (active["health_band"] == "red") | active["warned"]
    rows = active[reached & ~active["stopped"] & ((active[by] > 0) | (known & active["warned"]))]
    key = rows["level"].isin(KEY_LEVELS) if "level" in rows else pd.Series(False, index=rows.index)
    rows, apart = rows[~key], tuple(rows.index[key])
    if rows.empty:
        return Campaign()
    rows = rows.sort_values(by, ascending=False, kind="stable")
    before = rows[by].cumsum() - rows[by]  # held by the larger ones
    place = np.searchsorted(list(CHANNELS.values()), before / rows[by].sum(), side="right")
    channel = np.array(list(CHANNELS), dtype=object)[np.minimum(place, len(CHANNELS) - 1)]
    rows = rows.reindex(columns=[*rows.columns.union(["warning", "driver"]), "why"]).assign(channel=channel)
    rows["why"] = rows["warning"].where(rows["warning"].notna(), "chance" if known else rows["driver"])
    groups = rows.groupby("channel")[["revenue", "at_risk"]].sum(min_count=1)
    groups.insert(0, "accounts", rows.groupby("channel").size())
    out = groups.reindex([name for name in CHANNELS if name in groups.index])
    out = out.rename_axis("channel").reset_index()
    kept = rows.reindex(columns=ACCOUNT_COLUMNS)
    return Campaign(out[COLUMNS], kept, apart, len(listed), held, held / revenue)


def add_findings(findings: Findings, result: Campaign, horizon: int) -> None:
    """Add that a campaign serves better than a list of visits."""
    rows = result.channels
    if rows.empty:
        return
    counts = rows.set_index("channel")["accounts"].reindex(list(CHANNELS)).fillna(0).astype(int)
    findings.add(
        "watch_campaign" if rows["at_risk"].gt(0).any() else "watch_campaign_score",
        "watch",
        "run_campaign",
        (),
        count=result.listed,
        listed=result.listed_money,
        share=result.share,
        accounts=rows["accounts"].sum(),
        key=len(result.key),
        at_risk=rows["at_risk"].sum(),
        revenue=rows["revenue"].sum(),
        horizon=horizon,
        **counts.to_dict(),
        stake=rows["at_risk"].sum() or None,
    )
