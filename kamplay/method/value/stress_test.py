"""What it would cost to lose a customer, a group, an industry or a region, and who depends on whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.measures import purchases
from kamplay.method.measures.hierarchy import heads
from kamplay.method.measures.purchases import newcomers
from kamplay.method.measures.scorecard_measures import wallet_spend
from kamplay.method.results import Findings, Severity
from kamplay.method.stats import concentration as c

# Of revenue or margin: from here on accounting standards have a customer disclosed (IFRS 8.34); its loss can
# take a supplier down.
THREAT = 0.10
# of our revenue: the share from which a single account is seen in the year's result and tiering is worth
# doing
WE_DEPEND = 0.05
# of their purchases: with half or more, the others together could not stand in for us at once
THEY_DEPEND = 0.50
FIRST = 5  # accounts whose loss is tried one by one
STRESS = [
    "scenario",
    "account_id",
    "second_id",
    "value",
    "accounts",
    "revenue",
    "share",
    "margin",
    "margin_share",
    "hhi",
    "hhi_after",
    "accounts_for_80_after",
    "new_per_year",
    "years_to_replace",
    "threat",
]
FIELDS = ("both", "we", "they", "neither")  # who depends: both, we on them, they on us, neither


@dataclass(frozen=True)
class StressTest:
    """``scenarios``: one row per scenario (account_1 … account_5, worst_two, group, industry, region), in that
    order, columns ``STRESS``: account_id (the head of a group) and second_id, or value (the industry, the
    region); accounts lost, with positive revenue; revenue and margin lost with their shares of the totals
    (margin missing where less than half of it is known); HHI before and after; accounts that bring 80 % of
    what is left; new_per_year, what new accounts brought in the 12 months without one-off purchases (see
    ``newcomers``) and without what is lost; the years that this needs to make up for the loss; threat (one
    customer of THREAT or more).

    ``dependence`` (index account_id, largest revenue first): accounts that bought and whose purchases are
    known: our_share_of_theirs (0 to 1), their_share_of_ours (0 to 1), field (of FIELDS), revenue. ``facts``:
    plain figures for the findings. Amounts of the 12 months to as_of, in the engagement's currency; shares of
    the sum of positive revenues, as in the ranking.
    """

    scenarios: pd.DataFrame
    dependence: pd.DataFrame
    facts: dict[str, Any]


def stress_test(book: Book) -> StressTest:
    """Stress test and dependence both ways."""
    revenue = purchases.revenue(book)
    ranking = c.ranked(revenue)
    if ranking.empty:
        return StressTest(pd.DataFrame(columns=STRESS), _dependence(book, ranking), {"accounts": 0})
    margin = purchases.margin(book).reindex(ranking.index)
    head = heads(book).reindex(ranking.index)
    customers = _customers(ranking, margin, head)
    came = newcomers(book)
    new = None if came is None else came.loc[~came["once"], "revenue"]
    rows = []
    for key, lost in _scenarios(book, ranking, margin, head).items():
        out = lost.pop("out")
        row = {"scenario": key, **lost} | _loss(ranking, margin, out)
        left = None if new is None else max(0.0, float(new[~new.index.isin(ranking.index[out])].sum()))
        row |= {"new_per_year": left, "years_to_replace": row["revenue"] / left if left else None}
        one = key.startswith("account") or key == "group"
        row["threat"] = one and (row["share"] >= THREAT or row["margin_share"] >= THREAT)
        rows.append(row)
    text = ["scenario", "account_id", "second_id", "value"]
    stress = pd.DataFrame(rows, columns=STRESS).astype(
        {k: "float64" for k in STRESS if k not in [*text, "accounts", "threat"]}
    )
    threats = customers[(customers["share"] >= THREAT) | (customers["margin_share"] >= THREAT)]
    facts = {
        "accounts": len(ranking),
        "revenue": round(float(revenue.sum()), 2),
        "new_known": new is not None,
        "new": 0 if new is None else len(new),
        "months": book.months_covered,
        "threats": threats.index.tolist(),
        "threat_share": float(threats["share"].sum()),
        "largest_share": float(customers["share"].max()),
        "group_known": book.has("accounts", "parent_id"),
        "wallet_known": book.has("wallet", "spend"),
    }
    for name in ("industry", "region"):
        known = _class(book, ranking, name)
        facts[f"{name}_known"] = 0.0 if known is None else float(ranking.loc[known.notna(), "share"].sum())
    dependence = _dependence(book, ranking)
    large = ranking.index[ranking["share"] >= WE_DEPEND]
    facts["unseen"] = [a for a in large if a not in dependence.index]
    facts["unseen_share"] = float(ranking.loc[facts["unseen"], "share"].sum())
    spend = wallet_spend(book).reindex(dependence.index)
    facts["capped"] = dependence.index[dependence["revenue"] > spend * (1 + 1e-9)].tolist()
    return StressTest(stress, dependence, facts)


def _class(book: Book, ranking: pd.DataFrame, name: str) -> pd.Series | None:
    """The industry or region of the accounts that bought; None where none is recorded."""
    known = book.accounts[name].reindex(ranking.index) if book.has("accounts", name) else None
    return None if known is None or known.isna().all() else known


def _scenarios(
    book: Book, ranking: pd.DataFrame, margin: pd.Series, head: pd.Series
) -> dict[str, dict[str, Any]]:
    """What is lost in each scenario: ``out``, a mask of the ranking, and account_id, second_id or value for
    its label.
    """
    first = ranking.index[:FIRST]
    out: dict[str, dict[str, Any]] = {
        f"account_{n}": {"out": ranking.index == a, "account_id": a} for n, a in enumerate(first, 1)
    }
    if len(first) > 1:
        hurts = (
            margin[first]
            if margin[first].notna().all() and margin.sum() > 0
            else ranking.loc[first, "amount"]
        )
        two = hurts.sort_values(ascending=False, kind="stable").index[:2]
        out["worst_two"] = {"out": ranking.index.isin(two), "account_id": two[0], "second_id": two[1]}
    sizes = ranking.groupby(head)["amount"].agg(["size", "sum"])
    groups = sizes[sizes["size"] >= 2]["sum"].rename_axis("account_id")
    if len(groups):
        leader = c.ranked(groups).index[0]
        out["group"] = {"out": (head == leader).to_numpy(), "account_id": leader}
    for name in ("industry", "region"):
        known = _class(book, ranking, name)
        if known is not None:
            value = c.ranked(ranking.groupby(known)["amount"].sum()).index[0]
            out[name] = {"out": (known == value).fillna(False).to_numpy(dtype=bool), "value": value}
    return out


def _loss(ranking: pd.DataFrame, margin: pd.Series, out: np.ndarray) -> dict[str, Any]:
    """What goes with the accounts of mask ``out``, and how concentrated the rest is: the shares of the rest
    keep their order.
    """
    lost, left = ranking[out], ranking[~out]
    total, gone = _extended(ranking["amount"], margin), _extended(lost["amount"], margin[out])
    rest = left["amount"].sum()
    shares = left["amount"] / rest
    return {
        "accounts": len(lost),
        "revenue": float(lost["amount"].sum()),
        "share": float(lost["share"].sum()),
        "margin": gone,
        "margin_share": gone / total if total > 0 else np.nan,
        "hhi": float((ranking["share"] ** 2).sum()),
        "hhi_after": float((shares**2).sum()) if len(left) else np.nan,
        "accounts_for_80_after": int((shares.cumsum() < 0.8 - 1e-12).sum()) + 1 if len(left) else np.nan,
    }


def _extended(revenue: pd.Series, margin: pd.Series) -> float:
    """The margin of accounts together: those whose margin is known stand for the others, if they have at
    least half of the revenue.
    """
    known, total = revenue[margin.notna()].sum(), revenue.sum()
    return float(margin.sum() * total / known) if known > 0 and known >= purchases.COSTED * total else np.nan


def _customers(ranking: pd.DataFrame, margin: pd.Series, head: pd.Series) -> pd.DataFrame:
    """Groups as one customer (index: the head), largest first: share of revenue and margin_share."""
    parts = pd.DataFrame(
        {"share": ranking["share"], "margin": margin, "seen": ranking["share"].where(margin.notna())}
    )
    by = parts.groupby(head).sum()
    total = _extended(ranking["amount"], margin)
    whole = (by["margin"] * by["share"] / by["seen"].where(by["seen"] > 0)).where(
        by["seen"] >= purchases.COSTED * by["share"]
    )
    by["margin_share"] = whole / total if total > 0 else np.nan
    return by.sort_values("share", ascending=False, kind="stable")


def _dependence(book: Book, ranking: pd.DataFrame) -> pd.DataFrame:
    spend = wallet_spend(book).reindex(ranking.index)
    known = ranking[spend > 0]
    ours = (known["amount"] / spend[known.index]).clip(0.0, 1.0)
    we, they = known["share"] >= WE_DEPEND, ours >= THEY_DEPEND
    field = np.select([we & they, we, they], FIELDS[:3], FIELDS[3])
    out = {
        "our_share_of_theirs": ours,
        "their_share_of_ours": known["share"],
        "field": field,
        "revenue": known["amount"],
    }
    return pd.DataFrame(out, index=known.index.rename("account_id"))


def add_findings(found: Findings, result: StressTest) -> None:
    """The findings of both parts."""
    if result.scenarios.empty:
        found.add("stress_nothing", "watch", "stress_ask_revenue")
        return
    rows, facts = result.scenarios.set_index("scenario").astype("object"), result.facts
    _first(found, rows.loc["account_1"], facts)
    if "worst_two" in rows.index:
        two = rows.loc["worst_two"]
        figures = {k: two[k] for k in ("revenue", "share", "accounts_for_80_after", "hhi", "hhi_after")}
        if two["accounts"] < facts["accounts"]:
            found.add(
                "stress_two", "watch", "stress_two_fallback", (two["account_id"], two["second_id"]), **figures
            )
    if facts["threats"]:
        figures = {"count": len(facts["threats"]), "share": facts["threat_share"], "limit": THREAT}
        stake = facts["threat_share"] * facts["revenue"]
        found.add("stress_threat", "act", "stress_cap_exposure", facts["threats"], **figures, stake=stake)
    else:
        found.add("stress_no_threat", "note", None, (), limit=THREAT, largest=facts["largest_share"])
    _wider(found, rows, facts)
    _told(found, result)


def _first(found: Findings, row: pd.Series, facts: dict[str, Any]) -> None:
    """What losing the first account costs, and how long new business would take to make up for it."""
    severity: Severity = "act" if row["threat"] else "watch" if row["share"] >= WE_DEPEND else "note"
    margin, years = (
        row["margin_share"] == row["margin_share"],
        row["years_to_replace"] == row["years_to_replace"],
    )
    kind = (
        ("stress_first" if margin else "stress_first_revenue")
        if years
        else ("stress_lost" if margin else "stress_lost_revenue")
    )
    kind = "stress_lost_no_margin" if margin and row["margin"] <= 0 else kind
    names = ("revenue", "share", "margin", "margin_share", "new_per_year", "years_to_replace")
    found.add(
        kind,
        severity,
        "stress_second_leg",
        (row["account_id"],),
        new=facts["new"],
        **{k: row[k] for k in names},
        stake=None if kind == "stress_lost_no_margin" else row["revenue"],
    )
    if not years:
        kind, action = (
            ("stress_no_new", "stress_find_new")
            if facts["new_known"]
            else ("stress_rate_unknown", "stress_ask_history")
        )
        found.add(kind, "watch", action, (), months=facts["months"])


def _wider(found: Findings, rows: pd.DataFrame, facts: dict[str, Any]) -> None:
    """The largest group, industry and region; or that none is recorded."""
    if "group" in rows.index:
        row = rows.loc["group"]
        figures = {"members": row["accounts"], "share": row["share"], "revenue": row["revenue"]}
        severity: Severity = "act" if row["threat"] else "watch" if row["share"] >= WE_DEPEND else "note"
        found.add(
            "stress_group",
            severity,
            "stress_group_one_plan",
            (row["account_id"],),
            **figures,
            stake=row["revenue"],
        )
    action: str | None = "stress_watch_market"  # asked for once, of the industry where it is known
    for name, kind in (("industry", "stress_industry"), ("region", "stress_region")):
        if name in rows.index:
            row = rows.loc[name]
            figures = {k: row[k] for k in ("value", "accounts", "share", "revenue")} | {
                "known": facts[f"{name}_known"]
            }
            found.add(kind, "watch" if row["share"] >= 0.5 else "note", action, (), **figures)
            action = None
    unknown = {
        "group": "stress_group_unknown",
        "industry": "stress_industry_unknown",
        "region": "stress_region_unknown",
    }
    missing = [kind for name, kind in unknown.items() if not facts[f"{name}_known"]]
    for kind in ["stress_master_unknown"] if len(missing) == len(unknown) else missing:
        found.add(kind, "note", "stress_ask_master", ())


def _told(found: Findings, result: StressTest) -> None:
    """Who depends on whom; or that their purchases are not known."""
    table, facts = result.dependence, result.facts
    if table.empty:
        found.add("depend_unknown", "watch", "depend_ask_wallet", (), table=facts["wallet_known"])
        return
    by = {field: table[table["field"] == field] for field in FIELDS}
    found.add(
        "depend_fields",
        "note",
        None,
        (),
        known=len(table),
        part=table["their_share_of_ours"].sum(),
        **{k: len(v) for k, v in by.items()},
    )
    tellings: tuple[tuple[str, str, Severity, str], ...] = (
        ("we", "depend_we", "act", "depend_reduce"),
        ("both", "depend_both", "watch", "depend_bind"),
        ("they", "depend_they", "note", "depend_deserve"),
    )
    for field, kind, severity, action in tellings:
        rows = by[field]
        if len(rows):
            figures = {
                "count": len(rows),
                "share": rows["their_share_of_ours"].sum(),
                "most": rows["our_share_of_theirs"].max(),
            }
            stake = figures["share"] * facts["revenue"] if field == "we" else None
            found.add(kind, severity, action, rows.index, **figures, stake=stake)
    if facts["unseen"]:
        found.add(
            "depend_unseen",
            "watch",
            "depend_ask_wallet",
            facts["unseen"],
            count=len(facts["unseen"]),
            share=facts["unseen_share"],
        )
    if facts["capped"]:
        found.add(
            "depend_capped", "watch", "depend_correct_wallet", facts["capped"], count=len(facts["capped"])
        )
