"""Step 3: how healthy each account is, how likely it is to stop buying, and how far that can be believed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method import measures
from kamplay.method.churn import ChurnModel, fit
from kamplay.method.results import Findings, StepResult, figure

WEIGHTS = {"rhythm": 0.5, "trend": 0.3, "breadth": 0.2}
BANDS = (("red", 40.0), ("yellow", 70.0), ("green", 100.01))
ACTIVE_DAYS = 365  # an account is active when it bought in the 365 days to the cut-off


@dataclass(frozen=True)
class Health(StepResult):
    """``parts``: 0–100 points per active account and dimension. ``calibration``: predicted against seen in the test window, by
    fifth, empty when too few. ``bands``: accounts and revenue per band. ``owed``: outstanding and overdue per account."""

    step: ClassVar[str] = "health"
    parts: pd.DataFrame
    calibration: pd.DataFrame
    bands: pd.DataFrame
    owed: pd.DataFrame


def health_model(book: Book, horizon_days: int) -> Health:
    """Score every account active at as_of; validate the chance of no purchase in the next ``horizon_days`` on the windows before."""
    parts = dimensions(book, book.seen_to)
    revenue = measures.revenue(book)
    accounts = pd.DataFrame(index=book.accounts.index)
    judged = parts[parts["buys"] > 1]  # a single purchase has no rhythm
    accounts["health"] = np.floor(overall(judged).round(6) * 10) / 10  # cut, not rounded: 69.96 is not 70
    accounts["health_band"] = banded(accounts["health"])
    model = fit(book, horizon_days)
    accounts["churn_probability"] = model.probability.round(4).reindex(accounts.index)
    # A single purchase promises no second one: its revenue is not expected, so it is not at risk
    expected = (revenue.clip(lower=0) * min(horizon_days, 365) / 365).where(parts["buys"].reindex(accounts.index) != 1, 0.0)
    accounts["revenue_at_risk"] = (accounts["churn_probability"] * expected).round(2)
    accounts["health_drivers"] = drivers(judged).reindex(accounts.index)
    accounts["silent_days"] = parts["silent"].reindex(accounts.index)
    accounts["gap_days"] = parts["gap"].round(1).reindex(accounts.index)
    parts["revenue"] = revenue.reindex(parts.index)
    accounts["late"] = measures.material(revenue) & (accounts["silent_days"] > 2 * accounts["gap_days"]) & accounts["health"].notna()
    owed = _owed(book, revenue)
    bands = _bands(accounts, revenue)
    shown = ("churn_rate", "n_train", "n_test", "auc", "brier", "calibration_slope", "verdict")
    figures = {"horizon_days": horizon_days, **{k: figure(model.proof[k]) for k in shown}}
    found = _findings(book, accounts, parts, bands, owed, model, horizon_days)
    return Health(figures, tuple(found), accounts, parts, model.calibration, bands, owed)


def _owed(book: Book, revenue: pd.Series) -> pd.DataFrame:
    """What is outstanding and overdue per account, the largest overdue first; empty without receivables."""
    owed = measures.overdue(book)
    if owed is None:
        return pd.DataFrame({"open": [], "overdue": [], "oldest": [], "overdue_share": [], "share_of_year": []})
    year = revenue.reindex(owed.index)
    owed["share_of_year"] = (owed["overdue"] / year.where(year > 0)).astype("float64")
    return owed[owed["open"] > 0].sort_values("overdue", ascending=False)


def dimensions(book: Book, cutoff: pd.Timestamp) -> pd.DataFrame:
    """Points (0–100) for rhythm, trend and breadth of the accounts active at ``cutoff``, from purchases up to then only.

    Rhythm: 100 while the account is not later than its usual gap, falling to 0 at four times it.
    Trend: revenue of the last 182 days against the 182 before: none now 0, the same 70, half as much again 100.
    Breadth: categories bought in the last six whole months (ended by the cut-off) against the six before, scored alike;
    missing without categories.
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
    out["breadth_ratio"] = _breadth_ratio(book, cutoff, active.index)
    out["breadth"] = _ratio_points(out["breadth_ratio"])
    return out


def _breadth_ratio(book: Book, cutoff: pd.Timestamp, index: pd.Index) -> pd.Series:
    if not book.has_categories:
        return pd.Series(np.nan, index=index, dtype="float64")
    newest = 0  # the latest month bucket that ended by the cut-off: one still running would look ahead, or look poor
    while measures.window_dates(book, 1, newest)[1] > cutoff:
        newest += 1
    bought = book.baskets[book.baskets["orders"] > 0]

    def kinds(first: int) -> pd.Series:
        inside = bought[bought["bucket"].between(first, first + 5)]
        return inside.groupby("account_id")["category"].nunique().reindex(index).fillna(0)

    before = kinds(newest + 6)
    return (kinds(newest) / before.where(before > 0)).astype("float64")


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
    book: Book, accounts: pd.DataFrame, parts: pd.DataFrame, bands: pd.DataFrame, owed: pd.DataFrame, model: ChurnModel, horizon: int
) -> Findings:
    found = Findings("health")
    scored = accounts.join(parts[["revenue", "buys"]]).sort_values("revenue", ascending=False)
    red, row = scored[scored["health_band"] == "red"], bands.set_index("band").loc["red"]
    figures = {
        "red": int(row["accounts"]),
        "active": int(accounts["health"].notna().sum()),
        "revenue": row["revenue"],
        "share": row["revenue_share"],
    }
    if len(red):
        found.add("red_accounts", "act", "call_red", red.index, **figures)
    else:
        found.add("no_red", "note", **figures)
    late = scored[scored["late"]]
    if len(late):
        first = late.iloc[0]
        found.add(
            "large_silent",
            "act",
            "visit_silent",
            late.index,
            count=len(late),
            revenue=late["revenue"].sum(),
            silent=first["silent_days"],
            gap=first["gap_days"],
        )
    single = scored[scored["buys"] == 1]
    if len(single):
        found.add("single_purchase", "note", None, single.index, count=len(single), revenue=single["revenue"].sum())
    proof = model.proof
    if proof["verdict"] == "validated":
        worst = accounts["revenue_at_risk"].nlargest(10).index
        figures = {
            k: proof[k] for k in ("auc", "auc_low", "auc_high", "brier", "brier_base", "n_test", "churn_rate", "predicted", "stopped")
        }
        found.add("churn_validated", "note", "work_the_list", worst, horizon=horizon, **figures)
        found.add("expected_loss", "note", None, worst, horizon=horizon, at_risk=accounts["revenue_at_risk"].sum())
    elif proof["verdict"] == "not_better":
        found.add("not_better", "watch", "use_expert_score", horizon=horizon, auc=proof["auc"], n_test=proof["n_test"])
    else:
        kind = "too_few" if proof["reason"] == "events" else "too_short"
        found.add(kind, "watch", "use_expert_score", horizon=horizon, events=proof["events"], needed=proof["needed"])
    if book.seen_to < pd.Timestamp(book.as_of):
        found.add("seen_to", "watch", "ask_for_months", seen_to=str(book.seen_to.date()))
    _payment(book, owed, found)
    return found


def _payment(book: Book, owed: pd.DataFrame, found: Findings) -> None:
    if not book.has("receivables"):
        found.add("payment_unknown", "note", "ask_for_receivables")
    elif not (owed["overdue"] > 0).any():
        found.add("payment_clean", "note", open=owed["open"].sum())
    else:
        late = owed[owed["overdue"] > 0]
        first = late.iloc[0]
        sums = {"count": len(late), "overdue": late["overdue"].sum(), "open": owed["open"].sum()}
        worst = {"oldest": first["oldest"], "first_overdue": first["overdue"], "first_share": first["share_of_year"]}
        found.add("overdue", "act", "collect", late.index, **sums, **worst)
