"""What step 2 says of the expected revenue: the sum, how far the method was off a year ago, who falls, whom it could not tell."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kamplay.method.future import DISCOUNT, YEARS, Future, counted
from kamplay.method.results import Findings, Severity

FAR_OFF = 0.2  # a total missed by more is no basis for a budget
DEPENDENT = 0.3  # rank correlation of frequency and spend beyond which the model's assumption fails
REFUSALS = {"one_purchase": "future_refused_single", "irregular": "future_refused_irregular", "no_net_revenue": "future_refused_returns"}
TEN = 10
TENTHS = 10  # groups by size in which the test of a year ago is told
SINGLE = 0.01  # what single purchases brought or would bring, against the expectation, from which it is worth saying
FALL = 0.01  # an expected fall worth a name: 1 % of last year's revenue


def tell(found: Findings, result: Future) -> None:
    """Adds the findings of ``future``."""
    f, table = result.figures, result.accounts
    refused = table[table["model"] == "none"]
    if f["told"] == 0:
        if (refused["reason"] == "short_history").any() or table.empty:
            found.add("future_unknown", "watch", "future_ask_history", months=f["months"])
        else:
            found.add("future_no_model", "watch", "future_ask_history", refused.index, count=len(refused), repeaters=f["repeaters"])
        return
    told = counted(table)
    _total(found, result)
    falling = told[(told["high"] < told["revenue"]) & (told["revenue"] - told["revenue_12m"] > FALL * max(f["last"], 0.0))]
    if len(falling):
        falling = falling.assign(fall=falling["revenue"] - falling["revenue_12m"]).sort_values("fall", ascending=False, kind="stable")
        sums = {"count": len(falling), "fall": falling["fall"].sum(), "before": falling["revenue"].sum()}
        found.add("future_falling", "act", "future_call", falling.index, **sums)
    single = table[(table["model"] != "none") & (table["purchases"] == 1)]
    if max(f["single_expected"], f["single_last"]) > SINGLE * f["expected"]:
        sums = {"count": len(single), "amount": f["single_expected"], "last": f["single_last"]}
        found.add("future_single", "watch", "future_ask_single", single.index, **sums)
    _lifetime(found, result)
    if f["correlation"] is not None and abs(f["correlation"]) > DEPENDENT and (told["model"] == "bgnbd").any():
        kind = "future_dependent_more" if f["correlation"] > 0 else "future_dependent_less"
        found.add(kind, "watch", "future_split", correlation=f["correlation"])
    for reason, kind in REFUSALS.items():
        rows = refused[refused["reason"] == reason]
        if len(rows):
            found.add(kind, "note", None, rows.index, count=len(rows), revenue=rows["revenue"].sum(), repeaters=f["repeaters"])


def tenths(check: pd.DataFrame) -> pd.DataFrame:
    """Sums of expected and actual by tenth of the accounts, 0 the largest expectations. ``check``: as in Future, in its order."""
    return check.groupby(np.arange(len(check)) * TENTHS // len(check))[["expected", "actual"]].sum()


def by_size(check: pd.DataFrame) -> dict[str, float | int]:
    """The tenth whose amount was missed most: group (1 to 10), group_expected, group_actual, group_off; empty without ten accounts.

    A total can be right because large accounts brought more and small ones less than expected; then no group is as near as it.
    """
    if len(check) < TENTHS:
        return {}
    sums = tenths(check)
    sums = sums[sums["actual"] > 0]
    if sums.empty:
        return {}
    at = (sums["expected"] - sums["actual"]).abs().idxmax()
    expected, actual = sums.loc[at, "expected"], sums.loc[at, "actual"]
    return {"group": int(at) + 1, "group_expected": expected, "group_actual": actual, "group_off": expected / actual - 1}


def _total(found: Findings, result: Future) -> None:
    f, table = result.figures, result.accounts
    ten = counted(table).head(TEN)
    share = ten["revenue_12m"].sum() / f["expected"] if f["expected"] > 0 else None
    sums = {"count": f["told"], "expected": f["expected"], "low": f["low"], "high": f["high"], "last": f["last"]}
    sums |= {"ten": ten["revenue_12m"].sum(), "ten_count": len(ten), "ten_share": share}
    off = f.get("holdout_off")
    if off is None:
        found.add("future_expected_untested", "watch", "future_test_first", ten.index, **sums)
        return
    far = abs(off) > FAR_OFF
    worst = by_size(result.check)
    if f["factor"] != 1:
        sums |= {k: f[k] for k in ("corrected", "corrected_low", "corrected_high")}
        found.add("future_expected_corrected", "watch", "future_corrected_budget", ten.index, **sums, off=off, **worst)
    else:
        severity: Severity = "watch" if far else "note"
        action = "future_not_a_budget" if far else "future_compare_budget"
        found.add("future_expected", severity, action, ten.index, **sums, off=off, **worst)
    test = {k: f[f"holdout_{k}"] for k in ("expected", "actual", "new", "single", "by_account", "inside", "accounts")}
    kind = "future_checked" if f["holdout_by_account"] is not None else "future_checked_total"
    found.add(kind, "note", None, result.check.index[:TEN], **test, off=off, **worst)


def _lifetime(found: Findings, result: Future) -> None:
    table = result.accounts
    told = counted(table)
    on = told[told["clv_on"] == "margin"]
    best = told.sort_values("clv", ascending=False, kind="stable")
    kind = "future_clv_margin" if len(on) == len(told) else "future_clv_mixed" if len(on) else "future_clv_revenue"
    sums = {"clv": told["clv"].sum() * result.figures["factor"], "years": YEARS, "rate": DISCOUNT, "count": len(told)}
    sums |= {"with_cost": len(on), "without": len(told) - len(on)}
    found.add(kind, "note", None if kind == "future_clv_margin" else "future_ask_cost", best.index[:TEN], **sums)
