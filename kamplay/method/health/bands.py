"""Health bands: how many accounts are green, yellow and red, what they bring, and who is late."""

from __future__ import annotations

import pandas as pd

from kamplay.method.health.score import BANDS
from kamplay.method.measures import purchases
from kamplay.method.noise_gate import beyond_chance, family_look
from kamplay.method.results import Findings


def health_bands(accounts: pd.DataFrame, revenue: pd.Series) -> pd.DataFrame:
    """Sum up the accounts by health band.

    Parameters
    ----------
    accounts : health_band, revenue_at_risk (index account_id).
    revenue : account_id → net amount of 12 months.

    Returns
    -------
    One row a band of BANDS: band, accounts, revenue, revenue_at_risk, revenue_share (of the revenue of all
    three).
    """
    rows = []
    for band in BANDS:
        inside = accounts["health_band"] == band
        at_risk = float(accounts.loc[inside, "revenue_at_risk"].sum())
        rows.append((band, int(inside.sum()), float(revenue[inside].sum()), at_risk))
    bands = pd.DataFrame(rows, columns=["band", "accounts", "revenue", "revenue_at_risk"])
    total = bands["revenue"].sum()
    return bands.assign(revenue_share=bands["revenue"] / total if total else 0.0)


def add_findings(
    findings: Findings,
    bands: pd.DataFrame,
    active: pd.DataFrame,
    silence: pd.Series,
    inside: pd.Series,
    by_campaign: bool = False,
    told: bool = True,
) -> None:
    """Add which accounts are red, which large ones are late, and which bought only once.

    Parameters
    ----------
    active : the accounts that bought within a year, see ``Health``.
    silence : account_id → how often chance alone makes it so silent, see ``NoiseReference.silence``.
    inside : account_id → a slow buyer inside its own rhythm, coloured by its probability of no purchase.
    by_campaign : that a campaign stands in place of the priority list.
    told : as ``RevenueAtRisk.told``.
    """
    active = active.sort_values("revenue", ascending=False, kind="stable")
    # those that still buy first
    red = active[active["health_band"] == "red"].sort_values("stopped", kind="stable")
    waits = (
        inside.reindex(red.index).fillna(False).astype(bool) & ~red["warned"].astype(bool) & ~red["stopped"]
    )
    waiting, red = red[waits], red[~waits]
    total = bands["revenue"].sum()
    figures = {
        "scored": len(red) + len(waiting),
        "waiting": len(waiting),
        "red": len(red),
        "active": int(active["health"].notna().sum()),
        "revenue": red["revenue"].sum(),
    }
    share = red["revenue"].sum() / total if total else 0.0
    if len(red):
        gone = int(red["stopped"].sum())
        kind = "red_gone" if gone == len(red) else "red_accounts" if gone else "red_buying"
        action = "call_red" if gone < len(red) else "settle_gone"
        figures |= {"count": len(red), "share": share, "gone": gone}
        # where none of them shows a sign, silence alone makes them red, and some are always silent
        look = None if red["warned"].any() else family_look(silence.reindex(active.index))
        if by_campaign:  # so many and so small: the campaign's own action says what to do
            findings.add(kind, "watch", None, red.index, **figures, look=look)
        else:
            findings.add(kind, "act", action, red.index, **figures, look=look)
    elif figures["active"] and waiting.empty:
        findings.add("no_red", "note", **figures, share=share)
    elif not figures["active"]:
        findings.add("none_scored", "note")
    if len(waiting):
        # first whose loss is expected to be the largest, beyond what its rhythm explains
        loss = waiting["at_risk"].fillna(0.0).sort_values(ascending=False, kind="stable")
        waiting = waiting.loc[loss.index]
        sums = {"count": len(waiting), "revenue": waiting["revenue"].sum()}
        sums |= {"at_risk": loss.sum(), "first_at_risk": loss.iloc[0]}
        findings.add("red_waiting", "note", None, waiting.index, **figures | sums, told=told)
    # one that shows a sign stands with its sign
    large = active[purchases.material(active["revenue"]) & ~active["warned"]]
    p_values = silence.reindex(large.index)
    look = family_look(p_values)
    findings.looked(look)
    late = large[large["late"] & beyond_chance(p_values.to_numpy())]
    if len(late):
        findings.add(
            "large_silent",
            "watch",
            "visit_silent",
            late.index,
            count=len(late),
            revenue=late["revenue"].sum(),
            silent=late["silent_days"].iloc[0],
            gap=late["gap_days"].iloc[0],
            look=look,
            only_outside=True,
        )
    single = active[active["health"].isna() & (active["revenue"] > 0)]
    if len(single):
        revenue = single["revenue"].sum()
        findings.add("single_purchase", "note", None, single.index, count=len(single), revenue=revenue)
