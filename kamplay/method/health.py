"""Step 3: how healthy each account is, how likely it is to stop buying, and how far that can be believed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method import measures
from kamplay.method.churn import ChurnModel, fit
from kamplay.method.results import Finding, StepResult, figure

WEIGHTS = {"rhythm": 0.5, "trend": 0.3, "breadth": 0.2}
BANDS = (("red", 40.0), ("yellow", 70.0), ("green", 100.01))
ACTIVE_DAYS = 365  # an account is active when it bought in the 365 days to the cut-off


@dataclass(frozen=True)
class Health(StepResult):
    """``parts``: 0–100 points per active account and dimension. ``calibration``: predicted against seen in the test window, by
    fifth, empty when too few. ``bands``: accounts and revenue per band."""

    step: ClassVar[str] = "health"
    parts: pd.DataFrame
    calibration: pd.DataFrame
    bands: pd.DataFrame


def health_model(book: Book, horizon_days: int) -> Health:
    """Score every account active at as_of; validate the chance of no purchase in the next ``horizon_days`` on the windows before."""
    parts = dimensions(book, book.seen_to)
    revenue = measures.revenue(book)
    accounts = pd.DataFrame(index=book.accounts.index)
    accounts["health"] = overall(parts).round(1).reindex(accounts.index)
    accounts["health_band"] = banded(accounts["health"])
    model = fit(book, horizon_days)
    accounts["churn_probability"] = model.probability.round(4).reindex(accounts.index)
    # A single purchase promises no second one: its revenue is not expected, so it is not at risk
    expected = (revenue.clip(lower=0) * min(horizon_days, 365) / 365).where(parts["buys"].reindex(accounts.index) != 1, 0.0)
    accounts["revenue_at_risk"] = (accounts["churn_probability"] * expected).round(2)
    accounts["health_drivers"] = drivers(parts).reindex(accounts.index)
    accounts["silent_days"] = parts["silent"].reindex(accounts.index)
    accounts["gap_days"] = parts["gap"].round(1).reindex(accounts.index)
    parts["revenue"] = revenue.reindex(parts.index)
    # Large and late: among the upper fifth by revenue, silent for over twice its usual gap; a single purchase has no rhythm
    large = revenue >= (revenue[revenue > 0].quantile(0.8) if (revenue > 0).any() else 0)
    accounts["late"] = large & (accounts["silent_days"] > 2 * accounts["gap_days"]) & (parts["buys"].reindex(accounts.index) > 1)
    bands = _bands(accounts, revenue)
    shown = ("churn_rate", "n_train", "n_test", "auc", "brier", "calibration_slope", "verdict")
    figures = {"horizon_days": horizon_days, **{k: figure(model.proof[k]) for k in shown}}
    return Health(figures, _findings(book, accounts, revenue, bands, model, horizon_days), accounts, parts, model.calibration, bands)


def dimensions(book: Book, cutoff: pd.Timestamp) -> pd.DataFrame:
    """Points (0–100) for rhythm, trend and breadth of the accounts active at ``cutoff``, from purchases up to then only.

    Rhythm: 100 while the account is not later than its usual gap, falling to 0 at four times it.
    Trend: revenue of the last 182 days against the 182 before: none now 0, the same 70, half as much again 100.
    Breadth: categories bought in the last 182 days against the 182 before, scored alike; missing without categories.
    """
    seen = measures.rhythm(book.days, cutoff)
    active = seen[seen["silent"] < ACTIVE_DAYS]
    half = pd.Timedelta(days=182)
    days = book.days[book.days["date"] <= cutoff]
    now = days[days["date"] > cutoff - half].groupby("account_id")["amount"].sum().reindex(active.index).fillna(0.0)
    before = (
        days[(days["date"] <= cutoff - half) & (days["date"] > cutoff - 2 * half)]
        .groupby("account_id")["amount"]
        .sum()
        .reindex(active.index)
        .fillna(0.0)
    )
    out = active[["buys", "gap", "silent", "lateness"]].copy()
    out["trend_ratio"] = (now.clip(lower=0) / before.where(before > 0)).astype("float64")
    out["rhythm"] = (100 * (4 - active["lateness"]) / 3).clip(0, 100)
    out["trend"] = _ratio_points(out["trend_ratio"])
    out["breadth_ratio"] = _breadth_ratio(book, cutoff, half, active.index)
    out["breadth"] = _ratio_points(out["breadth_ratio"])
    return out


def _breadth_ratio(book: Book, cutoff: pd.Timestamp, half: pd.Timedelta, index: pd.Index) -> pd.Series:
    lines = book.table("transactions")
    column = next((c for c in ("category", "product") if c in lines and lines[c].notna().any()), None)
    if column is None:
        return pd.Series(np.nan, index=index, dtype="float64")
    lines = lines[(lines["amount"] > 0) & (lines["date"] <= cutoff) & (lines["date"] > cutoff - 2 * half)]
    recent = lines["date"] > cutoff - half
    now = lines[recent].groupby("account_id")[column].nunique().reindex(index).fillna(0)
    before = lines[~recent].groupby("account_id")[column].nunique().reindex(index).fillna(0)
    return (now / before.where(before > 0)).astype("float64")


def _ratio_points(ratio: pd.Series) -> pd.Series:
    return pd.Series(np.interp(ratio, [0, 1, 1.5], [0, 70, 100]), index=ratio.index).where(ratio.notna())


def overall(parts: pd.DataFrame) -> pd.Series:
    """The weighted mean of the known dimensions; a missing one's weight goes to the others."""
    weights = pd.Series(WEIGHTS)
    known = parts[list(WEIGHTS)].notna().mul(weights)
    return parts[list(WEIGHTS)].fillna(0).mul(weights).sum(axis=1) / known.sum(axis=1)


def banded(score: pd.Series) -> pd.Series:
    """red below 40, yellow below 70, green from 70; missing for accounts that are not active."""
    band = pd.cut(score, [-1.0, *[top for _, top in BANDS]], right=False, labels=[name for name, _ in BANDS])
    return band.astype(object).where(score.notna(), None)


def drivers(parts: pd.DataFrame) -> pd.Series:
    """The dimensions that cost the account most points, the dearest first, as ``rhythm:-32;trend:-12``."""
    lost = (parts[list(WEIGHTS)] - 100) * pd.Series(WEIGHTS)

    def worst(row: pd.Series) -> str:
        known = row.dropna().round().astype(int)
        return ";".join(f"{name}:{value}" for name, value in known.sort_values(kind="stable").items() if value < 0)

    return lost.apply(worst, axis=1).astype("str") if len(lost) else pd.Series(dtype="str")


def _bands(accounts: pd.DataFrame, revenue: pd.Series) -> pd.DataFrame:
    rows = []
    for band, _ in reversed(BANDS):
        inside = accounts["health_band"] == band
        rows.append((band, int(inside.sum()), float(revenue[inside].sum()), float(accounts.loc[inside, "revenue_at_risk"].sum())))
    out = pd.DataFrame(rows, columns=["band", "accounts", "revenue", "revenue_at_risk"])
    total = out["revenue"].sum()
    return out.assign(revenue_share=out["revenue"] / total if total else 0.0)


def _findings(
    book: Book, accounts: pd.DataFrame, revenue: pd.Series, bands: pd.DataFrame, model: ChurnModel, horizon: int
) -> tuple[Finding, ...]:
    row = bands.set_index("band").loc["red"]
    scored = accounts.assign(revenue=revenue).sort_values("revenue", ascending=False)
    red = scored[scored["health_band"] == "red"]
    active = int(accounts["health"].notna().sum())
    figures = {"red": int(row["accounts"]), "active": active, "revenue": figure(row["revenue"]), "share": figure(row["revenue_share"])}
    found = [
        Finding(
            "health",
            "red_accounts" if row["accounts"] else "no_red",
            "act" if row["accounts"] else "note",
            figures,
            tuple(red.index[:20]),
            "call_red" if row["accounts"] else None,
        )
    ]
    late = scored[scored["late"]]
    if len(late):
        first = late.iloc[0]
        found.append(
            Finding(
                "health",
                "large_silent",
                "act",
                {
                    "count": len(late),
                    "revenue": figure(late["revenue"].sum()),
                    "silent": int(first["silent_days"]),
                    "gap": figure(first["gap_days"]),
                },
                tuple(late.index[:10]),
                "visit_silent",
            )
        )
    proof = model.proof
    if proof["verdict"] == "validated":
        at_risk = accounts["revenue_at_risk"].sum()
        found.append(
            Finding(
                "health",
                "churn_validated",
                "note",
                {
                    "horizon": horizon,
                    **{k: figure(proof[k]) for k in ("auc", "auc_low", "auc_high", "brier", "brier_base", "n_test", "churn_rate")},
                    "at_risk": figure(at_risk),
                },
                tuple(accounts["revenue_at_risk"].nlargest(10).index),
                "work_the_list",
            )
        )
    elif proof["verdict"] == "not_better":
        found.append(
            Finding(
                "health",
                "not_better",
                "watch",
                {"horizon": horizon, "auc": figure(proof["auc"]), "n_test": proof["n_test"]},
                (),
                "use_expert_score",
            )
        )
    else:
        kind = "too_few" if proof["reason"] == "events" else "too_short"
        found.append(
            Finding(
                "health", kind, "watch", {"horizon": horizon, "events": proof["events"], "needed": proof["needed"]}, (), "use_expert_score"
            )
        )
    owed = measures.overdue(book)
    if owed is None:
        found.append(Finding("health", "payment_unknown", "note", {}, (), "ask_for_receivables"))
    elif not (owed["overdue"] > 0).any():
        found.append(Finding("health", "payment_clean", "note", {"open": figure(owed["open"].sum())}))
    else:
        late_payers = owed[owed["overdue"] > 0].sort_values("overdue", ascending=False)
        found.append(
            Finding(
                "health",
                "overdue",
                "act",
                {
                    "count": len(late_payers),
                    "overdue": figure(owed["overdue"].sum()),
                    "open": figure(owed["open"].sum()),
                    "oldest": int(late_payers["oldest"].iloc[0]),
                    "first_overdue": figure(late_payers["overdue"].iloc[0]),
                },
                tuple(late_payers.index[:10]),
                "collect",
            )
        )
    if book.seen_to < pd.Timestamp(book.as_of):
        found.append(Finding("health", "seen_to", "watch", {"seen_to": str(book.seen_to.date())}, (), "ask_for_months"))
    return tuple(found)
