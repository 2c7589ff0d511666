"""The answer key: every planted truth with its account and the figures that prove it, read back from the
tables.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kamplay.samples.medtech_accounts import AS_OF, DISPUTED, LAST, LEFT, MATURITY, Actor, day_to_date

# what serving costs, in yuan: the assumption behind the profit destroyer
SERVICE_COST = {"visit": 2500, "ticket": 1200, "order": 300, "return_line": 800}
PEERS = 40  # the white space is measured against the hospitals among this many largest accounts


def overdue(receivables: pd.DataFrame) -> pd.DataFrame:
    """The invoices due before as_of and not paid."""
    return receivables[receivables["paid_date"].isna() & (receivables["due_date"] < AS_OF)]


def year(transactions: pd.DataFrame) -> pd.DataFrame:
    """The lines of the 12 months to as_of, inclusive."""
    return transactions[transactions["date"] > AS_OF - pd.DateOffset(years=1)]


def answer_key(tables: Tables, actors: list[Actor]) -> dict[str, Any]:
    """JSON-able: ``summary``, ``churners`` (leaving now), ``churned`` (left), ``false_alarms`` (recovered)
    and the other ``cases``.
    """
    revenue = year(tables["transactions"]).groupby("account_id")["amount"].sum().sort_values(ascending=False)
    sellers = sorted((a for a in actors if a.reason and not a.case), key=lambda a: a.account_id)
    last_order = tables["transactions"].query("amount > 0").groupby("account_id")["date"].max()
    churners, churned, alarms = [], [], []
    for a in sellers:
        entry = {"account_id": a.account_id, "account_name": a.name, "reason": a.reason}
        if a.passing:
            alarms.append(
                {
                    "kind": "false_alarm",
                    **entry,
                    "from": day(day_to_date(a.onset)),
                    "to": day(day_to_date(a.end)),
                }
            )
        elif a.stop <= LAST:
            found = evidence(tables, a)
            churned.append(
                {
                    "kind": "churned",
                    **entry,
                    "stopped": day(last_order[a.account_id]),
                    "first_visible": found["first_visible"],
                }
            )
        else:
            plan = {
                "second_sign": a.second or None,
                "began": day(day_to_date(a.onset)),
                "would_stop": day(day_to_date(a.stop)),
            }
            churners.append(
                {
                    "kind": "churner",
                    **entry,
                    **plan,
                    **evidence(tables, a),
                    "revenue": _money(revenue[a.account_id]),
                }
            )
    return {
        "as_of": AS_OF.date().isoformat(),
        "summary": _summary(tables, revenue, churned),
        "churners": churners,
        "churned": churned,
        "false_alarms": alarms,
        "prospects": _prospects(tables, revenue),
        **({"capabilities": _capabilities(tables["maturity"])} if "maturity" in tables else {}),
        "cases": [_case(tables, a, revenue) for a in actors if a.case and a.case != "hidden_group"]
        + [_group(tables, actors, revenue)],
    }


def _prospects(tables: Tables, revenue: pd.Series) -> list[dict[str, Any]]:
    """Accounts that have not bought in the 12 months and purchase more than 5 million yuan a year, the
    largest first.
    """
    spend = tables["wallet"].groupby("account_id")["spend"].sum().sort_values(ascending=False)
    lost = set(tables["accounts"].loc[tables["accounts"]["stage"] == "lost", "account_id"])
    large = spend[(spend > 5e6) & ~spend.index.isin(set(revenue.index) | lost)]
    return [
        {"kind": "prospect", "account_id": who, "spend": _money(amount), "dedicated": bool(amount > 1e7)}
        for who, amount in large.items()
    ]


def _capabilities(maturity: pd.DataFrame) -> dict[str, Any]:
    """The widest gap on which the raters agree, the capability on which they do not, and the word that no
    frame has; scores and targets are means over the raters.
    """
    raters = maturity.groupby(["capability", "rater"])[["score", "target"]].mean().unstack("rater")

    def told(capability: str) -> dict[str, Any]:
        scores, target = raters.loc[capability, "score"], raters.loc[capability, "target"].mean()
        return {
            "capability": capability,
            "score": round(float(scores.mean()), 3),
            "target": round(float(target), 3),
            "lowest_rater": round(float(scores.min()), 3),
            "highest_rater": round(float(scores.max()), 3),
        }

    return {
        "raters": int(maturity["rater"].nunique()),
        "widest_gap": told("大客户组织"),
        "disputed": told(DISPUTED),
        "own_word": list(MATURITY)[-1],
    }


def _money(value: Any) -> float:
    return round(float(value), 2)


def _top_fifth(revenue: pd.Series) -> float:
    """The share of the largest fifth in ``revenue``, which is sorted, the largest first."""
    return round(float(revenue.head(int(np.ceil(0.2 * len(revenue)))).sum() / revenue.sum()), 4)


def _summary(tables: Tables, revenue: pd.Series, churned: list[dict[str, Any]]) -> dict[str, Any]:
    parent = tables["accounts"].set_index("account_id")["parent_id"].dropna()
    top = {a: a for a in revenue.index}
    while any(who in parent.index for who in top.values()):  # up to the head of each group
        top = {a: parent.get(who, who) for a, who in top.items()}
    customers = revenue.groupby(top).sum().sort_values(ascending=False)
    return {
        "accounts": len(tables["accounts"]),
        "transaction_lines": len(tables["transactions"]),
        "revenue_12_months": _money(revenue.sum()),
        "accounts_buying_12_months": len(revenue),
        "top20_share": _top_fifth(revenue),
        "customers_top20_share": _top_fifth(customers),  # a recorded group is one customer
        "churned_by_reason": {
            str(k): int(v)
            for k, v in sorted(pd.Series([c["reason"] for c in churned]).value_counts().items())
        },
    }


def _case(tables: Tables, a: Actor, revenue: pd.Series) -> dict[str, Any]:
    first, figures = _CASES[a.case](tables, a)
    who = a.account_id
    common = {"revenue": _money(revenue[who]), "revenue_rank": int(revenue.index.get_loc(who)) + 1}
    return {
        "kind": a.case,
        "account_id": who,
        "account_name": a.name,
        "first_visible": day(first),
        "evidence": {**common, **figures},
    }


def _group(tables: Tables, actors: list[Actor], revenue: pd.Series) -> dict[str, Any]:
    members = [a for a in actors if a.case == "hidden_group"]
    ids = [a.account_id for a in members]
    joint = float(revenue[ids].sum())
    first = (
        tables["transactions"]
        .loc[lambda t: t["account_id"].isin(ids)]
        .groupby("account_id")["date"]
        .min()
        .max()
    )
    return {
        "kind": "hidden_group",
        "account_id": ids[0],
        "account_name": members[0].name,
        "first_visible": day(first),
        "evidence": {
            "members": ids,
            "linked_by_parent_id": ids[:3],
            "linked_by_name_only": ids[3],
            "member_ranks": [int(revenue.index.get_loc(x)) + 1 for x in ids],
            "joint_revenue": _money(joint),
            "joint_rank": int((revenue.drop(ids) > joint).sum()) + 1,
        },
    }


def _skinner(tables: Tables, a: Actor) -> tuple[Any, Evidence]:
    sales = of(tables, "transactions", a.account_id)
    quarter = sales.groupby(sales["date"].dt.to_period("Q"))[["amount", "cost"]].sum()
    share = 1 - quarter["cost"] / quarter["amount"]
    now = year(sales)
    figures = {
        "margin": _money(now["amount"].sum() - now["cost"].sum()),
        "margin_share": round(float(1 - now["cost"].sum() / now["amount"].sum()), 4),
        "margin_share_first_quarter": round(float(share.iloc[0]), 4),
    }
    return share[share < 0.05].index[0].end_time, figures


def _one_off(tables: Tables, a: Actor) -> tuple[Any, Evidence]:
    sales = of(tables, "transactions", a.account_id)
    return sales["date"].min(), {
        "orders": int(sales["order_id"].nunique()),
        "order_date": day(sales["date"].min()),
    }


def _two_entities(tables: Tables, a: Actor) -> tuple[Any, Evidence]:
    sales, deals = year(of(tables, "transactions", a.account_id)), of(tables, "opportunities", a.account_id)
    rival = deals[(deals["result"] == "open")]
    split = sales.groupby("sales_entity")["amount"].sum()
    both = of(tables, "transactions", a.account_id).groupby("sales_entity")["date"].min().max()
    figures = {
        "revenue_by_entity": {str(k): _money(v) for k, v in split.items()},
        "competing_opportunities": dict(zip(rival["opportunity_id"], rival["sales_entity"], strict=True)),
    }
    return both, figures


def _unpaid_key(tables: Tables, a: Actor) -> tuple[Any, Evidence]:
    open_bills = overdue(of(tables, "receivables", a.account_id))
    sales = of(tables, "transactions", a.account_id)
    figures = {
        "overdue": _money(open_bills["amount"].sum()),
        "overdue_invoices": len(open_bills),
        "oldest_overdue_days": int((AS_OF - open_bills["due_date"].min()).days),
        "last_order": day(sales["date"].max()),
    }
    return open_bills["due_date"].min() + pd.Timedelta(days=31), figures


def _sign(tables: Tables, a: Actor) -> tuple[Any, Evidence]:
    found = evidence(tables, a)
    sales = of(tables, "transactions", a.account_id)
    return found["first_visible"], {**found["evidence"], "growth": _growth(sales)}


def _growth(sales: pd.DataFrame) -> float:
    before = sales[
        (sales["date"] <= AS_OF - pd.DateOffset(years=1)) & (sales["date"] > AS_OF - pd.DateOffset(years=2))
    ]
    return round(float(year(sales)["amount"].sum() / before["amount"].sum() - 1), 4)


def _small_but_strong(tables: Tables, a: Actor) -> tuple[Any, Evidence]:
    row, wallet = of(tables, "accounts", a.account_id).iloc[0], of(tables, "wallet", a.account_id)
    spend = float(wallet["spend"].sum())
    figures = {
        "registered_capital": float(row["registered_capital"]),
        "annual_revenue": float(row["annual_revenue"]),
        "employees": int(row["employees"]),
        "wallet_spend": spend,
        "wallet_share": round(
            float(year(of(tables, "transactions", a.account_id))["amount"].sum() / spend), 4
        ),
    }
    return row["since"], figures


def _white_space(tables: Tables, a: Actor) -> tuple[Any, Evidence]:
    sales = year(tables["transactions"])
    largest = sales.groupby("account_id")["amount"].sum().nlargest(PEERS).index
    kinds = tables["accounts"].set_index("account_id")["industry"]
    peers = [x for x in largest if kinds[x] == "医疗机构" and x != a.account_id]
    buyers = sales.loc[(sales["category"] == "体外诊断") & (sales["amount"] > 0), "account_id"].unique()
    wallet = of(tables, "wallet", a.account_id).set_index("category")["spend"]
    figures = {
        "category": "体外诊断",
        "peers": len(peers),
        "peers_buying": sum(x in buyers for x in peers),
        "bought_here": a.account_id in buyers,
        "spend_elsewhere": float(wallet["体外诊断"]),
    }
    return of(tables, "transactions", a.account_id)["date"].min() + pd.Timedelta(days=365), figures


def _stalled_deal(tables: Tables, a: Actor) -> tuple[Any, Evidence]:
    deals = tables["opportunities"].query("result == 'open'")
    age = (AS_OF - deals["opened"]).dt.days
    deal = deals[deals["account_id"] == a.account_id].iloc[0]
    norm = float(age[(deals["stage"] == deal["stage"]) & (deals["account_id"] != a.account_id)].median())
    figures = {
        "opportunity_id": deal["opportunity_id"],
        "stage": deal["stage"],
        "amount": float(deal["amount"]),
        "age_days": int((AS_OF - deal["opened"]).days),
        "median_age_of_the_stage": norm,
        "expected_close": day(deal["expected_close"]),
    }
    return deal["expected_close"] + pd.Timedelta(days=1), figures


def _cost_to_serve(tables: Tables, a: Actor) -> tuple[Any, Evidence]:
    """Margin and what it costs to serve in the 12 months to as_of, at SERVICE_COST a piece."""
    since = AS_OF - pd.DateOffset(years=1)
    sales = year(of(tables, "transactions", a.account_id))
    tickets, visits = of(tables, "tickets", a.account_id), of(tables, "visits", a.account_id)
    tickets = tickets[tickets["opened"] > since]
    counts = {
        "visit": int((visits["date"] > since).sum()),
        "ticket": len(tickets),
        "order": int(sales["order_id"].nunique()),
        "return_line": int((sales["amount"] < 0).sum()),
    }
    margin = float(sales["amount"].sum() - sales["cost"].sum())
    figures = {
        "margin": _money(margin),
        "margin_share": round(margin / float(sales["amount"].sum()), 4),
        "counts": counts,
        "assumed_cost_each": SERVICE_COST,
        "cost_to_serve": sum(SERVICE_COST[k] * n for k, n in counts.items()),
        "complaints": int((tickets["kind"] == "complaint").sum()),
        "complaints_open_over_30_days": int(
            (tickets["closed"].isna() & (tickets["opened"] < AS_OF - pd.Timedelta(days=30))).sum()
        ),
        "growth": _growth(of(tables, "transactions", a.account_id)),
    }
    return visits["date"].min() + pd.Timedelta(days=365), figures


_CASES = {
    "skinner": _skinner,
    "one_off": _one_off,
    "two_entities": _two_entities,
    "unpaid_key": _unpaid_key,
    "lost_champion": _sign,
    "satisfaction_divergence": _sign,
    "small_but_strong": _small_but_strong,
    "white_space": _white_space,
    "stalled_deal": _stalled_deal,
    "profit_destroyer": _cost_to_serve,
    "demanding_but_profitable": _cost_to_serve,
}


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
    """``{"first_visible": date or None, "evidence": {…}}`` for the actor's own reason; amounts in yuan, spans
    in days.
    """
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
    first = (
        wide.iloc[0] + pd.Timedelta(days=int(2 * usual))
        if len(wide)
        else dates.iloc[-1] + pd.Timedelta(days=int(2 * usual))
    )
    figures = {
        "usual_gap": usual,
        "recent_gap": float(since.tail(4).median()),
        "last_order": day(dates.iloc[-1]),
        "open_gap": open_gap,
    }
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
    before = complaints[
        (complaints["opened"] < onset) & (complaints["opened"] >= onset - pd.Timedelta(days=180))
    ]
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
    lost = deals[
        (deals["result"] == "lost") & (deals["closed"] >= onset) & deals["competitor"].notna()
    ].sort_values("closed")
    sales, wallet = of(tables, "transactions", who), of(tables, "wallet", who)
    before = sales[
        (sales["date"] < onset) & (sales["date"] >= onset - pd.Timedelta(days=365)) & (sales["amount"] > 0)
    ]
    since = sales[
        (sales["date"] > min(AS_OF, sales["date"].max()) - pd.Timedelta(days=60)) & (sales["amount"] > 0)
    ]
    year = sales.loc[sales["date"] > AS_OF - pd.DateOffset(years=1), "amount"].sum()
    rival = (
        None
        if wallet.empty
        else round(float(np.average(wallet["top_competitor_share"], weights=wallet["spend"])), 3)
    )
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
