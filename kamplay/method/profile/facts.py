"""What is known of each unit, one row a unit: who it is, and how it stands by the steps' results."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.health.churn import chance_without_signs
from kamplay.method.health.step import Health
from kamplay.method.measures import purchases
from kamplay.method.plan.step import Plan
from kamplay.method.profile.contacts_made import satisfaction
from kamplay.method.tiers.step import Tiers
from kamplay.method.value.step import Value

# of the accounts table; a group has what its head has
STATIC = [
    "industry",
    "region",
    "nature",
    "ownership",
    "stage",
    "source",
    "since",
    "owner",
    "sales_entity",
    "employees",
    "annual_revenue",
    "registered_capital",
    "listed",
    "premises",
    "credit_grade",
    "credit_limit",
]
MONTHS = 36  # of revenue, the last one ending at as_of
LEAST = 0.1  # of what the visits bring: what a smaller part comes from is not what they are for


def monthly_revenue(book: Book, units: pd.Index) -> pd.DataFrame:
    """The net amount of each of the last MONTHS months.

    Returns
    -------
    Index unit_id; a column a month, named by its last day (ISO), the oldest first; 0 where nothing was
    bought, no column for months before the first line of the client.
    """
    months = min(MONTHS, max(book.months_covered, 1))
    rows = book.window(months)
    ends = {bucket: str(pd.Timestamp(end).date()) for bucket, end in _month_ends(book, months).items()}
    wide = rows.pivot_table(index="account_id", columns="bucket", values="amount", aggfunc="sum")
    wide = wide.reindex(index=units, columns=range(months - 1, -1, -1)).fillna(0.0)
    return wide.set_axis([ends[bucket] for bucket in wide.columns], axis=1).rename_axis("unit_id")


def _month_ends(book: Book, months: int) -> dict[int, pd.Timestamp]:
    as_of = pd.Timestamp(book.as_of)
    known = book.monthly.drop_duplicates("bucket").set_index("bucket")["month_end"]
    return {n: known.get(n, as_of - pd.DateOffset(months=n)) for n in range(months)}


def _by_score(tiers: Tiers, scores: pd.Series) -> pd.Series:
    """The tier that a score alone would give, where tiers begin at scores; missing elsewhere."""
    starts = tiers.summary.dropna(subset="start")
    if starts.empty or starts["cut"].iloc[0] != "score":
        return pd.Series(None, index=scores.index, dtype=object)
    reached = {str(row.tier): scores >= row.start for row in starts.itertuples()}
    choices = np.select(list(reached.values()), list(reached), "")
    return pd.Series(choices, index=scores.index, dtype=object).where(scores.notna() & (choices != ""), None)


def facts(
    book: Book, tiers: Tiers, value: Value, health: Health, plan: Plan, units: pd.Index
) -> pd.DataFrame:
    """Put the facts of each unit side by side, see ``Profiles.accounts``."""
    out = pd.DataFrame(index=units)
    own = book.accounts.reindex(units)
    for column in STATIC:
        out[column] = own.get(column)
    begin = pd.Timestamp(book.monthly["month_end"].min())
    # recorded or not, nothing is known of before
    out["since_data_begin"] = pd.to_datetime(out["since"], errors="coerce") <= begin
    rated = tiers.units.reindex(units)
    for column in ("tier", "level", "tier_score", "tier_probability", "gate", "override"):
        out[column] = rated[column]
    out["tier_from"] = out["tier"].map(tiers.summary.set_index("tier")["start"])
    out["tier_by_score"] = _by_score(tiers, out["tier_score"])
    out["held_back"] = out["gate"].notna() & out["tier_by_score"].ne(out["tier"])
    out["by_hand"] = out["override"].notna()
    moves = value.retention.moves.reindex(units)
    out["revenue"], out["before"] = purchases.revenue(book).reindex(units), moves["before"]
    known = out["before"].where((out["before"] > 0) & (book.months_covered >= purchases.TWO_YEARS))
    out["change"] = out["revenue"] / known - 1
    out["move"] = moves["move"]
    out = out.join(value.accounts[["revenue_share", "expected_12m", "expected_low", "expected_high", "clv"]])
    ahead = value.customer_value.accounts
    rests_on = {"orders_so_far": "purchases", "orders_12m": "purchases_12m", "forecast_by": "model"}
    rests_on["first_order"] = "first"
    for name, column in rests_on.items():
        out[name] = ahead[column].reindex(units) if column in ahead else None
    out["rank"] = out["revenue"].where(out["revenue"] > 0).rank(ascending=False, method="min")
    out["buyers"] = int((out["revenue"] > 0).sum())
    profit = value.profitability.accounts.reindex(units)
    out["margin"], out["cost_to_serve"] = profit.get("margin"), profit.get("cost")
    judged = health.accounts.reindex(units)
    for column in (
        "health",
        "health_band",
        "coverage",
        "verdict",
        "churn_probability",
        "churn_low",
        "churn_high",
        "revenue_at_risk",
        "silent_days",
        "gap_days",
        "danger",
    ):
        out[column] = judged[column]
    out["chance_by_orders"] = chance_without_signs(health.churn).reindex(units)
    if not health.revenue_at_risk.told:
        out["revenue_at_risk"] = np.nan
    out["last_order"] = pd.Timestamp(book.seen_to) - pd.to_timedelta(out["silent_days"], unit="D")
    wallet = value.wallet.accounts.reindex(units)
    for column, name in (
        ("spend", "spend"),
        ("share", "wallet_share"),
        ("headroom", "headroom"),
        ("basis", "wallet_basis"),
        ("competitor_share", "competitor_share"),
        ("competitor_ahead", "competitor_ahead"),
    ):
        out[name] = wallet.get(column)
    out["growth_exclusion"] = value.growth_exclusions["reason"].reindex(units)
    credit = value.credit.accounts.reindex(units)
    for column in ("open", "overdue", "oldest", "days_to_pay", "credit_used", "net_margin", "current_ratio"):
        out[column] = credit.get(column)
    out["books_of"] = credit.get("year")
    cash = health.order_to_cash.accounts.reindex(units)
    for column in ("on_time", "in_full", "orders", "late_orders"):
        out[column] = cash.get(column)
    people = health.stakeholders.relations.reindex(units)
    for column in (
        "contacts",
        "layers",
        "missing",
        "supporters",
        "opponents",
        "decider_known",
        "unsupported",
        "opposed",
        "thread",
        "thread_contact",
        "departed",
        "confirmed_share",
        "alarms",
        "next_step",
        "target",
        "introducer",
    ):
        out[column] = people[column].astype(object) if column in people else None
    out = out.copy()  # columns are added one by one: held as one again before there are a hundred parts
    planned = plan.units.set_index("account_id").reindex(units)
    for column in ("type", "urgency", "gone", "win_back", "brought", "clear", "visits_branch"):
        out[column] = planned[column]
    for column in ("gone", "win_back"):  # whom the campaign reaches is not among the planned units
        out[column] = out[column].eq(True)
    out["visits_head_office"] = planned["visits_head_office"]
    # an account that is silent for over a year is dated by the plan
    out["last_order"] = out["last_order"].fillna(pd.to_datetime(planned["last_order"]))
    chosen = plan.strategies.units.reindex(units)
    out["strategy"], out["rule"] = chosen.get("strategy"), chosen.get("rule")
    done = plan.visits.reindex(units)
    out["visits_done"], out["visits_norm"] = done.get("done"), done.get("norm")
    given = plan.allocation.units.reindex(units)
    for column in ("norm", "visits", "kept", "won", "loss", "room"):
        out[f"quarter_{column}"] = given.get(column)
    kept, won = (out[name].fillna(0.0).astype("float64") for name in ("quarter_kept", "quarter_won"))
    # a part that brings next to nothing is not what the visits are for
    out["quarter_for_loss"], out["quarter_for_room"] = kept > LEAST * won, won > LEAST * kept
    out["quarter_in_margin"] = plan.allocation.in_margin
    out = out.join(satisfaction(book, units))
    out["last_visit"] = people["last"].to_numpy() if "last" in people else pd.NaT
    out["members"] = tiers.accounts["group"].value_counts().reindex(units)
    return out.rename_axis("account_id")
