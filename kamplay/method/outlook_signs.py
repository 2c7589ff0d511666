"""What the warning signs take off the outlook of step 2, which goes by purchase dates and deals alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kamplay.method.results import Findings
from kamplay.method.revenue_risk import revenue_risk

LEAST_CHANCE = 0.02  # of buying on by dates alone: below it nothing is expected of the account that could be taken off
MATERIAL = 0.005  # of the outlook: less is not worth a sentence


def outlook_signs(ahead: pd.Series, accounts: pd.DataFrame, warned: pd.Index, by_dates: pd.Series) -> dict[str, Any] | None:
    """``ahead``: revenue expected per account in the next 12 months by purchase dates alone. ``accounts`` (index account_id): probability
    of no purchase with low and high. ``warned``: those with a sign raised that have not plainly stopped. ``by_dates``: the chance of no
    purchase by dates alone.

    The forecast counts on an account with 1 − d, where d is the chance by dates; the signs leave 1 − p. So of its expectation E
    the part q = 1 − (1 − p)/(1 − d) is to be taken off, and nothing where p is not above d. The range is that of ``revenue_risk``.
    Gives accounts, expected (of them), off, low, high, first (the account that loses most); None where nothing can be taken off.
    """
    ids = warned.intersection(accounts.index[accounts["probability"].notna()]).intersection(ahead.index[ahead.notna()])
    ids = ids.intersection(by_dates.index[by_dates < 1 - LEAST_CHANCE])
    if ids.empty:
        return None
    stays = 1 - by_dates.reindex(ids)
    frame = pd.DataFrame({"expected": ahead.reindex(ids).clip(lower=0), "revenue": ahead.reindex(ids)}, index=ids)
    for source, name in (("probability", "probability"), ("low", "low"), ("high", "high")):
        frame[name] = np.clip(1 - (1 - accounts[source].reindex(ids).astype(float)) / stays, 0.0, 1.0)
    risk = revenue_risk(frame.assign(level=None, owner=None)).risk
    if risk.empty:
        return None
    whole = risk[risk["by"] == "all"].iloc[0]
    return {
        "accounts": len(ids), "expected": round(float(frame["expected"].sum()), 2), "off": float(whole["at_risk"]),
        "low": float(whole["low"]), "high": float(whole["high"]), "first": whole["first"],
    }  # fmt: skip


def tell(found: Findings, taken: dict[str, Any] | None, outlook: float | None, target: float | None) -> None:
    """The outlook after the signs. ``outlook``: the total of step 2, history and deals; ``target``: for the same 12 months."""
    if taken is None or outlook is None or taken["off"] < MATERIAL * outlook:
        return
    figures = {k: taken[k] for k in ("accounts", "expected", "off", "low", "high")} | {"outlook": outlook, "left": outlook - taken["off"]}
    kind = "outlook_signs"
    if target and target > figures["left"]:
        kind = "outlook_signs_target" if target > outlook else "outlook_signs_part"
        figures |= {"target": target, "gap": target - figures["left"], "least": max(target - outlook, 0.0)}
    found.add(kind, "watch", "outlook_signs_plan", [taken["first"]], **figures)
