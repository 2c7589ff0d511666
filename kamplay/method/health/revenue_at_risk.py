"""Revenue at risk: what stopping accounts are expected to cost, by tier and by owner, with how far it may
miss.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kamplay.method.results import Findings

SEED = 20260630
DRAWS = 2000
INSIDE = 0.8  # the interval: eight outcomes in ten
# accounts drawn one by one, those that move the sum most; the others enter with their expectation
SIMULATED = 2000
Z80 = 1.2815515594600038
LISTED = 0.25  # of the expected loss on the week's list: below it single visits change little
NOBODY = ""  # the group of the accounts for which no owner is recorded
COLUMNS = ["by", "group", "accounts", "revenue", "at_risk", "low", "high", "stopping", "first"]


@dataclass(frozen=True)
class RevenueAtRisk:
    """``groups``: one row per group, COLUMNS: ``by`` (all, level, owner), group (of owners NOBODY: none is
    recorded), accounts judged, their revenue of 12 months, expected loss over the horizon with its 80 %
    interval, accounts expected to stop, and the account with the largest expected loss.
    """

    groups: pd.DataFrame


def revenue_at_risk(frame: pd.DataFrame) -> RevenueAtRisk:
    """``frame`` (index account_id): probability, low, high (its 80 % interval, may be missing), expected
    (revenue of the horizon if it stays), revenue (12 months), level, owner (either may be missing).
    Accounts without a probability are left out.

    The loss of a group is simulated: the model may be off for all accounts alike (one draw shifts every logit
    by its own standard error), and each account then stops or stays. Independent accounts would cancel out
    more than they do, so this errs to the wide side.
    """
    known = frame[frame["probability"].notna() & (frame["expected"] > 0)].sort_index()
    if known.empty:
        return RevenueAtRisk(pd.DataFrame(columns=COLUMNS))
    p, value = (
        known["probability"].clip(1e-6, 1 - 1e-6).to_numpy(dtype=float),
        known["expected"].to_numpy(dtype=float),
    )
    single = np.argsort(-value * np.sqrt(p * (1 - p)), kind="stable")[:SIMULATED]
    lost = _drawn(known.iloc[single], p[single])  # draws × accounts, whether it stops
    rows = []
    places = pd.Series(np.arange(len(known)), index=known.index)
    drawn = np.full(len(known), -1)
    drawn[single] = np.arange(len(single))
    for by in ("all", "level", "owner"):
        if by != "all" and (by not in known or known[by].isna().all()):
            continue
        label = pd.Series("all", index=known.index) if by == "all" else known[by]
        if (
            by == "owner"
        ):  # accounts without one are a row of their own: left out, the owners would not add up to the whole
            label = label.astype(object).where(label.notna(), NOBODY)
        for group, at in places.groupby(label).groups.items():
            rows.append((by, group, *_row(known, places[at].to_numpy(), p, value, drawn, lost)))
    out = pd.DataFrame(rows, columns=COLUMNS)
    return RevenueAtRisk(
        out.sort_values(["by", "at_risk"], ascending=[True, False], kind="stable", ignore_index=True)
    )


def add_findings(found: Findings, result: RevenueAtRisk, horizon: int, listed: float) -> None:
    """What is expected to be lost in all, and who answers for most of it. ``listed``: the expected loss of
    the week's list.
    """
    if result.groups.empty:
        return
    by = dict(iter(result.groups.groupby("by")))
    whole = by["all"].iloc[0]
    figures = {k: whole[k] for k in ("at_risk", "low", "high", "stopping", "accounts")}
    covered = min(listed / whole["at_risk"], 1.0) if whole["at_risk"] > 0 else 0.0
    found.add(
        "at_risk",
        "watch",
        "work_the_list" if covered >= LISTED else "work_by_campaign",
        [whole["first"]],
        horizon=horizon,
        covered=covered,
        **figures,
    )
    owned = result.groups[(result.groups["by"] == "owner") & (result.groups["group"] != NOBODY)]
    if len(owned) > 1 and whole["at_risk"] > 0:
        most = owned.iloc[0]
        share = most["at_risk"] / whole["at_risk"]
        figures = {"owner": most["group"], "owners": len(owned), "at_risk": most["at_risk"], "share": share}
        found.add("at_risk_owner", "note", "talk_to_owner", [most["first"]], **figures)


def _drawn(accounts: pd.DataFrame, p: np.ndarray) -> np.ndarray:
    rng = np.random.default_rng(SEED)
    logit = np.log(p / (1 - p))
    edges = accounts.reindex(columns=["low", "high"]).astype("float64").clip(1e-6, 1 - 1e-6)
    spread = (np.log(edges / (1 - edges)) @ np.array([-1.0, 1.0])).fillna(0.0).to_numpy() / (2 * Z80)
    shift = rng.standard_normal(DRAWS)[:, None] * spread
    chance = 1 / (1 + np.exp(-(logit + shift)))
    return rng.random(chance.shape) < chance


def _row(
    known: pd.DataFrame, at: np.ndarray, p: np.ndarray, value: np.ndarray, drawn: np.ndarray, lost: np.ndarray
) -> tuple[object, ...]:
    loss = p[at] * value[at]
    one_by_one = at[drawn[at] >= 0]
    rest = float(loss.sum() - (p[one_by_one] * value[one_by_one]).sum())
    sums = lost[:, drawn[one_by_one]] @ value[one_by_one] + rest
    low, high = np.quantile(sums, [(1 - INSIDE) / 2, (1 + INSIDE) / 2])
    first = known.index[at[np.argmax(loss)]]
    revenue = float(known["revenue"].to_numpy(dtype=float)[at].sum())
    return (
        len(at),
        round(revenue, 2),
        round(float(loss.sum()), 2),
        round(float(low), 2),
        round(float(high), 2),
        float(p[at].sum()),
        first,
    )


# of buying on by dates alone: below it nothing is expected of the account that could be taken off
LEAST_CHANCE = 0.02
MATERIAL = 0.005  # of the outlook: less is not worth a sentence


def forecast_after_signs(
    ahead: pd.Series, accounts: pd.DataFrame, warned: pd.Index, by_dates: pd.Series
) -> dict[str, Any] | None:
    """``ahead``: revenue expected per account in the next 12 months by purchase dates alone. ``accounts``
    (index account_id): probability of no purchase with low and high. ``warned``: those with a sign raised
    that have not plainly stopped. ``by_dates``: the chance of no purchase by dates alone.

    The forecast counts on an account with 1 − d, where d is the chance by dates; the signs leave 1 − p. So of
    its expectation E the part q = 1 − (1 − p)/(1 − d) is to be taken off, and nothing where p is not above d.
    The range is that of ``revenue_risk``. Gives accounts, expected (of them), off, low, high, first (the
    account that loses most); None where nothing can be taken off.
    """
    ids = warned.intersection(accounts.index[accounts["probability"].notna()]).intersection(
        ahead.index[ahead.notna()]
    )
    ids = ids.intersection(by_dates.index[by_dates < 1 - LEAST_CHANCE])
    if ids.empty:
        return None
    stays = 1 - by_dates.reindex(ids)
    frame = pd.DataFrame(
        {"expected": ahead.reindex(ids).clip(lower=0), "revenue": ahead.reindex(ids)}, index=ids
    )
    for source, name in (("probability", "probability"), ("low", "low"), ("high", "high")):
        frame[name] = np.clip(1 - (1 - accounts[source].reindex(ids).astype(float)) / stays, 0.0, 1.0)
    risk = revenue_at_risk(frame.assign(level=None, owner=None)).groups
    if risk.empty:
        return None
    whole = risk[risk["by"] == "all"].iloc[0]
    return {
        "accounts": len(ids),
        "expected": round(float(frame["expected"].sum()), 2),
        "off": float(whole["at_risk"]),
        "low": float(whole["low"]),
        "high": float(whole["high"]),
        "first": whole["first"],
    }


def add_forecast_findings(
    found: Findings, taken: dict[str, Any] | None, outlook: float | None, target: float | None
) -> None:
    """The outlook after the signs. ``outlook``: the total of step 2, history and deals; ``target``: for the
    same 12 months.
    """
    if taken is None or outlook is None or taken["off"] < MATERIAL * outlook:
        return
    figures = {k: taken[k] for k in ("accounts", "expected", "off", "low", "high")} | {
        "outlook": outlook,
        "left": outlook - taken["off"],
    }
    kind = "outlook_signs"
    if target and target > figures["left"]:
        kind = "outlook_signs_target" if target > outlook else "outlook_signs_part"
        figures |= {"target": target, "gap": target - figures["left"], "least": max(target - outlook, 0.0)}
    found.add(kind, "watch", "outlook_signs_plan", [taken["first"]], **figures)
