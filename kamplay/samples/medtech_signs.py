"""The figures behind each churner's sign, read back from the tables, with the first date on which a careful reader could see it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kamplay.samples.medtech_actors import AS_OF, Actor, day_to_date
from kamplay.samples.medtech_words import LEFT

Tables = dict[str, pd.DataFrame]
Evidence = dict[str, Any]


def day(value: object) -> str | None:
    """A date as ISO text, or None."""
    return None if value is None or pd.isna(value) else pd.Timestamp(value).date().isoformat()


def of(tables: Tables, table: str, account_id: str) -> pd.DataFrame:
    """The account's rows of a table."""
    frame = tables[table]
    return frame[frame["account_id"] == account_id]


def evidence(tables: Tables, a: Actor) -> Evidence:
    """``{"first_visible": date or None, "evidence": {…}}`` for the actor's own reason; amounts in yuan, spans in days."""
    if a.reason == "no_sign":
        return {"first_visible": None, "evidence": {}}
    first, figures = _READERS[a.reason](tables, a.account_id, day_to_date(a.onset))
    return {"first_visible": day(first), "evidence": figures}


def _order_rhythm(tables: Tables, who: str, onset: pd.Timestamp) -> tuple[Any, Evidence]:
    sales = of(tables, "transactions", who)
    dates = sales.loc[sales["amount"] > 0, "date"].drop_duplicates().sort_values()
    gaps = dates.diff().dt.days
    usual = float(gaps[dates < onset].median())
    usual = float(gaps.median()) if np.isnan(usual) else usual
    since = gaps[dates >= onset]
    open_gap = (AS_OF - dates.iloc[-1]).days
    wide = dates.shift()[(dates >= onset) & (gaps > 2 * usual)]
    first = wide.iloc[0] + pd.Timedelta(days=int(2 * usual)) if len(wide) else dates.iloc[-1] + pd.Timedelta(days=int(2 * usual))
    figures = {"usual_gap": usual, "recent_gap": float(since.tail(4).median()), "last_order": day(dates.iloc[-1]), "open_gap": open_gap}
    return first if first <= AS_OF else None, figures


def _payment(tables: Tables, who: str, onset: pd.Timestamp) -> tuple[Any, Evidence]:
    bills = of(tables, "receivables", who)
    bills = bills[bills["due_date"] <= AS_OF]
    late = (bills["paid_date"].fillna(AS_OF) - bills["due_date"]).dt.days
    after = bills["due_date"] >= onset
    bad = bills[after & (late > 30)]
    unpaid = bills["paid_date"].isna()
    figures = {
        "days_late_before": round(float(late[~after].mean()), 1),
        "days_late_since": round(float(late[after].tail(6).mean()), 1),
        "overdue_at_as_of": round(float(bills.loc[unpaid, "amount"].sum()), 2),
    }
    return (bad["due_date"].min() + pd.Timedelta(days=31) if len(bad) else None), figures


def _complaints(tables: Tables, who: str, onset: pd.Timestamp) -> tuple[Any, Evidence]:
    tickets = of(tables, "tickets", who)
    complaints = tickets[tickets["kind"] == "complaint"].sort_values("opened")
    since = complaints[complaints["opened"] >= onset]
    before = complaints[(complaints["opened"] < onset) & (complaints["opened"] >= onset - pd.Timedelta(days=180))]
    last = tickets["opened"].max()
    figures = {
        "complaints_180_days_before": len(before),
        "complaints_since": len(since),
        "unresolved_since": int(since["closed"].isna().sum()),
        "last_ticket": day(last),
        "days_silent": int((AS_OF - last).days),
    }
    return (since["opened"].iloc[2] if len(since) > 2 else None), figures


def _contact_lost(tables: Tables, who: str, onset: pd.Timestamp) -> tuple[Any, Evidence]:
    people, visits = of(tables, "contacts", who), of(tables, "visits", who)
    gone = people[people["title"].str.endswith(LEFT)]
    before = visits[(visits["date"] < onset) & (visits["date"] >= onset - pd.Timedelta(days=180))]
    last = visits["date"].max()
    champion = gone.iloc[0] if len(gone) else None
    figures = {
        "contact_id": None if champion is None else champion["contact_id"],
        "last_confirmed": None if champion is None else day(champion["confirmed"]),
        "stance": None if champion is None else int(champion["stance"]),
        "visits_180_days_before": len(before),
        "visits_last_90_days": int((visits["date"] > AS_OF - pd.Timedelta(days=90)).sum()),
        "last_visit": day(last),
    }
    if champion is None or pd.isna(last):
        return (None if champion is None else onset), figures
    return min(max(last + pd.Timedelta(days=60), onset), AS_OF), figures


def _competitor(tables: Tables, who: str, onset: pd.Timestamp) -> tuple[Any, Evidence]:
    deals = of(tables, "opportunities", who)
    lost = deals[(deals["result"] == "lost") & (deals["closed"] >= onset) & deals["competitor"].notna()].sort_values("closed")
    sales, wallet = of(tables, "transactions", who), of(tables, "wallet", who)
    before = sales[(sales["date"] < onset) & (sales["date"] >= onset - pd.Timedelta(days=365)) & (sales["amount"] > 0)]
    since = sales[(sales["date"] > min(AS_OF, sales["date"].max()) - pd.Timedelta(days=60)) & (sales["amount"] > 0)]
    year = sales.loc[sales["date"] > AS_OF - pd.DateOffset(years=1), "amount"].sum()
    rival = None if wallet.empty else round(float(np.average(wallet["top_competitor_share"], weights=wallet["spend"])), 3)
    figures = {
        "deals_lost_since": len(lost),
        "competitor": None if lost.empty else lost["competitor"].iloc[-1],
        "categories_before": int(before["category"].nunique()),
        "categories_last_60_days": int(since["category"].nunique()),
        "wallet_share": None if wallet.empty else round(float(year / wallet["spend"].sum()), 3),
        "top_competitor_share": rival,
    }
    return (None if lost.empty else lost["closed"].iloc[0]), figures


def _delivery(tables: Tables, who: str, onset: pd.Timestamp) -> tuple[Any, Evidence]:
    runs = of(tables, "deliveries", who)
    runs = runs[runs["promised_date"] <= AS_OF]
    late = (runs["delivered_date"].fillna(AS_OF) - runs["promised_date"]).dt.days
    after = runs["promised_date"] >= onset
    bad = runs[after & (late > 3)]
    figures = {
        "on_time_before": round(float((late[~after] <= 0).mean()), 3),
        "on_time_since": round(float((late[after] <= 0).mean()), 3),
        "mean_days_late_last_5": round(float(late[after].tail(5).clip(lower=0).mean()), 1),
    }
    return (bad["promised_date"].min() + pd.Timedelta(days=4) if len(bad) else None), figures


def _satisfaction_gap(tables: Tables, who: str, onset: pd.Timestamp) -> tuple[Any, Evidence]:
    surveys = of(tables, "surveys", who).sort_values("date")
    score = surveys["score"] / surveys["scale"] * 5
    before, after = score[surveys["date"] < onset], surveys["date"] >= onset
    low = surveys[after & (score <= before.mean() - 0.6)]
    sales = of(tables, "transactions", who)
    half = pd.Timedelta(days=182)
    recent = float(sales.loc[sales["date"] > AS_OF - half, "amount"].sum())
    year_before = sales["date"].between(AS_OF - half - pd.Timedelta(days=364), AS_OF - pd.Timedelta(days=365))
    figures = {
        "score_of_5_before": round(float(before.mean()), 2),
        "score_of_5_latest": None if not after.any() else round(float(score[after].iloc[-1]), 2),
        "revenue_last_182_days": round(recent, 2),
        "revenue_same_days_a_year_before": round(float(sales.loc[year_before, "amount"].sum()), 2),
    }
    return (low["date"].min() if len(low) else None), figures


_READERS = {
    "order_rhythm": _order_rhythm,
    "payment": _payment,
    "complaints": _complaints,
    "contact_lost": _contact_lost,
    "competitor": _competitor,
    "delivery": _delivery,
    "satisfaction_gap": _satisfaction_gap,
}
