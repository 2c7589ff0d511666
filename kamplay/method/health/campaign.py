"""Many small accounts in danger: no visit would pay, a campaign by phone, mail and web may."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from kamplay.method.results import Findings
from kamplay.presets.scorecard import KEY_LEVELS

# of the year's revenue: a priority list that holds less is no use of anybody's time
IMMATERIAL = 0.005
# channels by the money they are to hold: the largest accounts are phoned, the next written to
CHANNELS = {"phone": 0.5, "mail": 0.8, "web": 1.0}
HELD_OUT = 0.1  # of a channel: who is not contacted, to see what the campaign brings
SEED = "campaign"  # before the id: who is held out is drawn once, and the same in every run
COLUMNS = ["channel", "accounts", "reached", "held_out", "bought", "revenue", "at_risk"]
ACCOUNT_COLUMNS = ["channel", "contact", "why", "last_order", "gap_days", "revenue", "probability", "at_risk"]
ACCOUNT_COLUMNS += ["again"]


@dataclass(frozen=True)
class Campaign:
    """Whom to reach without a visit; empty where the priority list is worth it.

    Attributes
    ----------
    channels : a row per channel in the order of CHANNELS: accounts, and how many of them are reached,
        held_out and bought (see ``contact``); revenue (12 months), at_risk (expected loss; missing where no
        probability is known, and the channels then go by revenue). Amounts in the engagement's currency.
    accounts : whom (index account_id), in the order of the money at stake: channel; contact (``reach``;
        ``hold_out``: drawn, so that what the campaign brings can be told from what comes by itself;
        ``bought``: not contacted, as it ordered after the reporting date); why (its strongest sign,
        else ``chance``; without a probability what costs its score most); last_order; gap_days (mean of all
        its own); revenue, probability, at_risk; again (its first order after the reporting date, where it
        is known). The channels are its sums.
    key : the key accounts in danger, the largest expected loss first: each has a line of its own in the
        plan, and no part in it; key_revenue (12 months) and key_at_risk of all of them, key_green: how many
        are green by health; key_why: of each its strongest sign, else its days of silence and those between
        its orders (silent/usual, or "").
    listed, listed_money, share : the priority list that a campaign replaces: accounts, their expected loss
        (their revenue, where no probability is known), and that over the revenue of the 12 months.
    """

    channels: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=COLUMNS))
    accounts: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=ACCOUNT_COLUMNS))
    key: tuple[str, ...] = ()
    key_why: tuple[str, ...] = ()
    key_revenue: float = 0.0
    key_at_risk: float = 0.0
    key_green: int = 0
    listed: int = 0
    listed_money: float = 0.0
    share: float = 0.0


def campaign(
    active: pd.DataFrame,
    danger: pd.Series,
    listed: pd.DataFrame,
    revenue: float,
    again: pd.Series | None = None,
) -> Campaign:
    """Weigh the priority list against the year's revenue; where it is immaterial, divide all accounts in
    danger by channel, but for key accounts.

    Parameters
    ----------
    active : the accounts that bought within a year: revenue, at_risk, health_band, warned, stopped; and,
        where known, level, warning, driver, last_order, gap_days, probability.
    danger : which of them are in danger, see ``priority_list.in_danger``.
    listed : the priority list, with at_risk.
    revenue : of the 12 months, all accounts.
    again : as ``purchases.bought_after`` gives it; None: nothing is known of what came later.
    """
    known = bool(listed["at_risk"].notna().any())
    by = "at_risk" if known else "revenue"
    held = float(listed[by].astype("float64").sum())
    if listed.empty or not revenue > 0 or held >= IMMATERIAL * revenue:
        return Campaign()
    reached = danger if known else danger | (active["health_band"] == "red") | active["warned"]
    rows = active[reached & ~active["stopped"] & ((active[by] > 0) | (known & active["warned"]))]
    key = rows["level"].isin(KEY_LEVELS) if "level" in rows else pd.Series(False, index=rows.index)
    apart, rows = rows[key].sort_values(by, ascending=False, kind="stable"), rows[~key]
    if rows.empty:
        return Campaign()
    rows = rows.sort_values(by, ascending=False, kind="stable")
    before = rows[by].cumsum() - rows[by]  # held by the larger ones
    place = np.searchsorted(list(CHANNELS.values()), before / rows[by].sum(), side="right")
    channel = np.array(list(CHANNELS), dtype=object)[np.minimum(place, len(CHANNELS) - 1)]
    rows = rows.reindex(columns=[*rows.columns.union(["warning", "driver"]), "why"]).assign(channel=channel)
    rows["why"] = rows["warning"].where(rows["warning"].notna(), "chance" if known else rows["driver"])
    later = pd.Series(dtype="datetime64[us]") if again is None else again
    rows["again"] = later.reindex(rows.index)
    rows["contact"] = _contact(rows)
    groups = rows.groupby("channel")[["revenue", "at_risk"]].sum(min_count=1)
    groups["accounts"] = rows.groupby("channel").size()
    for name, contact in (("reached", "reach"), ("held_out", "hold_out"), ("bought", "bought")):
        groups[name] = (rows["contact"] == contact).groupby(rows["channel"]).sum()
    out = groups.reindex([name for name in CHANNELS if name in groups.index])
    out = out.rename_axis("channel").reset_index()
    kept = rows.reindex(columns=ACCOUNT_COLUMNS)
    has, loses = (round(float(apart[name].astype("float64").sum()), 2) for name in ("revenue", "at_risk"))
    why = tuple(_why(row) for row in apart.itertuples())
    green = int((apart["health_band"] == "green").sum())
    return Campaign(
        out[COLUMNS], kept, tuple(apart.index), why, has, loses, green, len(listed), held, held / revenue
    )


def _why(row: Any) -> str:
    """As ``Campaign.key_why`` says."""
    if isinstance(getattr(row, "warning", None), str):
        return str(row.warning)
    silent, usual = getattr(row, "silent_days", None), getattr(row, "gap_days", None)
    if silent is None or usual is None or pd.isna(silent) or pd.isna(usual):
        return ""
    return f"{silent:.0f}/{usual:.0f}"


def _contact(rows: pd.DataFrame) -> pd.Series:
    """Who is reached, held out, or has bought already. Of each channel HELD_OUT of those that have not bought
    are held out, drawn by a hash of the id; none with a sign that calls for action.
    """
    out = pd.Series("reach", index=rows.index, dtype=object).mask(rows["again"].notna(), "bought")
    drawn = [hashlib.sha256(f"{SEED}:{account}".encode()).hexdigest() for account in rows.index]
    order = pd.Series(drawn, index=rows.index).sort_values(kind="stable").index
    for _, own in rows[out == "reach"].groupby("channel"):
        free = order[order.isin(own.index[~own["warned"].astype(bool)])]
        out[free[: round(HELD_OUT * len(own))]] = "hold_out"
    return out


def add_findings(findings: Findings, result: Campaign, horizon: int, told: bool = True) -> None:
    """Add that a campaign serves better than a list of visits. ``told``: as ``RevenueAtRisk.told``."""
    rows = result.channels
    if rows.empty:
        return
    if result.key:
        figures: dict[str, Any] = {"count": len(result.key), "why": list(result.key_why[:3])}
        figures |= {"revenue": result.key_revenue, "loss": result.key_at_risk, "green": result.key_green}
        findings.add("watch_key", "act", "call_key", result.key, horizon=horizon, told=told, **figures)
    by = rows.set_index("channel")[["accounts", "reached"]].reindex(list(CHANNELS)).fillna(0).astype(int)
    counts = by["accounts"].to_dict() | by["reached"].add_prefix("reached_").to_dict()
    contacted = result.accounts.loc[result.accounts["contact"] == "reach", "at_risk"].sum()
    asked = float(contacted / rows["at_risk"].sum()) if rows["at_risk"].sum() > 0 else None
    findings.add(
        "watch_campaign" if rows["at_risk"].gt(0).any() else "watch_campaign_score",
        "watch",
        "run_campaign",
        (),
        count=result.listed,
        listed=result.listed_money,
        share=result.share,
        accounts=rows["accounts"].sum(),
        reached=rows["reached"].sum(),
        held_out=rows["held_out"].sum(),
        bought=rows["bought"].sum(),
        key=len(result.key),
        told=told,
        at_risk=rows["at_risk"].sum(),
        revenue=rows["revenue"].sum(),
        horizon=horizon,
        **counts,
        stake=rows["at_risk"].sum() or None,
        asked_share=asked,
    )
