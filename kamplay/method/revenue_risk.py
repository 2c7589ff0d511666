"""Revenue at risk: what stopping accounts are expected to cost, by tier and by owner, with how far it may miss."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kamplay.method.results import Findings

SEED = 20260630
DRAWS = 2000
INSIDE = 0.8  # the interval: eight outcomes in ten
SIMULATED = 2000  # accounts drawn one by one, those that move the sum most; the others enter with their expectation
Z80 = 1.2815515594600038
LISTED = 0.25  # of the expected loss on the week's list: below it single visits change little
NOBODY = ""  # the group of the accounts for which no owner is recorded
COLUMNS = ["by", "group", "accounts", "revenue", "at_risk", "low", "high", "stopping", "first"]


@dataclass(frozen=True)
class RevenueRisk:
    """``risk``: one row per group, COLUMNS: ``by`` (all, level, owner), group (of owners NOBODY: none is recorded), accounts judged, their
    revenue of 12 months, expected loss over the horizon with its 80 % interval, accounts expected to stop, and the account with the largest
    expected loss."""

    risk: pd.DataFrame


def revenue_risk(frame: pd.DataFrame) -> RevenueRisk:
    """``frame`` (index account_id): probability, low, high (its 80 % interval, may be missing), expected (revenue of the
    horizon if it stays), revenue (12 months), level, owner (either may be missing). Accounts without a probability are left out.

    The loss of a group is simulated: the model may be off for all accounts alike (one draw shifts every logit by its own standard
    error), and each account then stops or stays. Independent accounts would cancel out more than they do, so this errs to the wide side.
    """
    known = frame[frame["probability"].notna() & (frame["expected"] > 0)].sort_index()
    if known.empty:
        return RevenueRisk(pd.DataFrame(columns=COLUMNS))
    p, value = known["probability"].clip(1e-6, 1 - 1e-6).to_numpy(dtype=float), known["expected"].to_numpy(dtype=float)
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
        if by == "owner":  # accounts without one are a row of their own: left out, the owners would not add up to the whole
            label = label.astype(object).where(label.notna(), NOBODY)
        for group, at in places.groupby(label).groups.items():
            rows.append((by, group, *_row(known, places[at].to_numpy(), p, value, drawn, lost)))
    out = pd.DataFrame(rows, columns=COLUMNS)
    return RevenueRisk(out.sort_values(["by", "at_risk"], ascending=[True, False], kind="stable", ignore_index=True))


def tell(found: Findings, result: RevenueRisk, horizon: int, listed: float) -> None:
    """What is expected to be lost in all, and who answers for most of it. ``listed``: the expected loss of the week's list."""
    if result.risk.empty:
        return
    by = dict(iter(result.risk.groupby("by")))
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
    owned = result.risk[(result.risk["by"] == "owner") & (result.risk["group"] != NOBODY)]
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


def _row(known: pd.DataFrame, at: np.ndarray, p: np.ndarray, value: np.ndarray, drawn: np.ndarray, lost: np.ndarray) -> tuple[object, ...]:
    loss = p[at] * value[at]
    one_by_one = at[drawn[at] >= 0]
    rest = float(loss.sum() - (p[one_by_one] * value[one_by_one]).sum())
    sums = lost[:, drawn[one_by_one]] @ value[one_by_one] + rest
    low, high = np.quantile(sums, [(1 - INSIDE) / 2, (1 + INSIDE) / 2])
    first = known.index[at[np.argmax(loss)]]
    revenue = float(known["revenue"].to_numpy(dtype=float)[at].sum())
    return len(at), round(revenue, 2), round(float(loss.sum()), 2), round(float(low), 2), round(float(high), 2), float(p[at].sum()), first
