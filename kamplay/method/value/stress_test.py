"""What it would cost to lose a customer, a group, an industry or a region, and who depends on whom."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.measures import purchases
from kamplay.method.measures.hierarchy import heads
from kamplay.method.measures.registry import measure_of
from kamplay.method.results import Findings, Severity
from kamplay.method.stats.concentration import ranked

# Of revenue or margin: from here on accounting standards have a customer disclosed (IFRS 8.34); its loss can
# take a supplier down.
THREAT = 0.10
# of our revenue: the share from which a single account is seen in the year's result and tiering is worth
# doing
WE_DEPEND = 0.05
# of their purchases: with half or more, the others together could not stand in for us at once
THEY_DEPEND = 0.50
LARGEST = 5  # accounts whose loss is tried one by one
SCENARIOS = [
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
TEXTS = ["scenario", "account_id", "second_id", "value"]
DEPENDENCE = ("both", "we", "they", "neither")  # who depends: both, we on them, they on us, neither


@dataclass(frozen=True)
class StressTest:
    """Losses tried one by one, and dependence both ways, over the 12 months to as_of. Amounts in the
    engagement's currency; shares 0 to 1, of the sum of positive revenues.

    Attributes
    ----------
    scenarios : one row per scenario (account_1 … account_5, worst_two, group, industry, region), in that
        order, columns SCENARIOS: account_id (of a group its head) and second_id, or value (the industry, the
        region); accounts with positive revenue that are lost; revenue and margin lost with their shares
        (margin missing where less than half of it is known); HHI before and after; accounts that bring 80 %
        of what is left; new_per_year: what new accounts brought without one-off purchases (see
        ``newcomers``) and without what is lost; the years that this needs to make up for the loss; threat
        (one customer of THREAT or more).
    dependence : index account_id, the largest revenue first, accounts that bought and whose purchases are
        known: our_share_of_theirs, their_share_of_ours, field (of DEPENDENCE), revenue.
    accounts, revenue : accounts with positive revenue; revenue of all.
    months_covered : months of data.
    new_accounts : new accounts that bought more than once; None where history is too short to tell.
    threats : customers (a group by its head) of THREAT or more of revenue or margin, the largest first.
    threat_share, largest_share : of revenue, of these together and of the largest customer.
    recorded : group, industry, region → share of revenue whose industry or region is recorded, and 1.0 where
        any parent is.
    wallet_recorded : whether the wallet table states any spend.
    unknown_purchases : accounts of WE_DEPEND or more of revenue that are not in ``dependence``.
    unknown_purchases_share : their share of revenue.
    above_wallet : accounts that bought more from us than they are said to spend in all.
    """

    scenarios: pd.DataFrame
    dependence: pd.DataFrame
    accounts: int = 0
    revenue: float = 0.0
    months_covered: int = 0
    new_accounts: int | None = None
    threats: tuple[str, ...] = ()
    threat_share: float = 0.0
    largest_share: float = 0.0
    recorded: dict[str, float] = field(default_factory=dict)
    wallet_recorded: bool = False
    unknown_purchases: tuple[str, ...] = ()
    unknown_purchases_share: float = 0.0
    above_wallet: tuple[str, ...] = ()


def stress_test(book: Book) -> StressTest:
    """Take away the largest customers, groups and markets in turn, and measure dependence both ways."""
    revenue = purchases.revenue(book)
    ranking = ranked(revenue)
    dependence = _dependence(book, ranking)
    if ranking.empty:
        return StressTest(pd.DataFrame(columns=SCENARIOS), dependence)
    margin = purchases.margin(book).reindex(ranking.index)
    head = heads(book).reindex(ranking.index)
    new = purchases.newcomers(book)
    again = None if new is None else new.loc[~new["once"], "revenue"]
    rows = []
    for scenario, (lost, labels) in _scenarios(book, ranking, margin, head).items():
        row = {"scenario": scenario, **labels, **_loss(ranking, margin, lost)}
        others = None if again is None else again[~again.index.isin(ranking.index[lost])]
        per_year = None if others is None else max(0.0, float(others.sum()))
        row |= {"new_per_year": per_year, "years_to_replace": row["revenue"] / per_year if per_year else None}
        one_customer = scenario.startswith("account") or scenario == "group"
        if scenario == "group" and book.customer_of is not None:
            row["accounts"] = len(book.members(labels["account_id"]))
        row["threat"] = one_customer and (row["share"] >= THREAT or row["margin_share"] >= THREAT)
        rows.append(row)
    customers = _customers(ranking, margin, head)
    threats = customers[(customers["share"] >= THREAT) | (customers["margin_share"] >= THREAT)]
    groups = book.customer_of is not None or book.has("accounts", "parent_id")
    recorded = {"group": float(groups)}
    for column in ("industry", "region"):
        value = _recorded(book, ranking, column)
        recorded[column] = 0.0 if value is None else float(ranking.loc[value.notna(), "share"].sum())
    large = ranking.index[ranking["share"] >= WE_DEPEND]
    unknown = large[~large.isin(dependence.index)]
    spend = measure_of(book, "wallet_spend").reindex(dependence.index)
    return StressTest(
        pd.DataFrame(rows, columns=SCENARIOS).astype(
            {name: "float64" for name in SCENARIOS if name not in [*TEXTS, "accounts", "threat"]}
        ),
        dependence,
        accounts=len(ranking),
        revenue=round(float(revenue.sum()), 2),
        months_covered=book.months_covered,
        new_accounts=None if again is None else len(again),
        threats=tuple(threats.index),
        threat_share=float(threats["share"].sum()),
        largest_share=float(customers["share"].max()),
        recorded=recorded,
        wallet_recorded=book.has("wallet", "spend"),
        unknown_purchases=tuple(unknown),
        unknown_purchases_share=float(ranking.loc[unknown, "share"].sum()),
        above_wallet=tuple(dependence.index[dependence["revenue"] > spend * (1 + 1e-9)]),
    )


def _recorded(book: Book, ranking: pd.DataFrame, column: str) -> pd.Series | None:
    """The industry or region of the accounts that bought; None where none is recorded."""
    value = book.accounts[column].reindex(ranking.index) if book.has("accounts", column) else None
    return None if value is None or value.isna().all() else value


def _scenarios(
    book: Book, ranking: pd.DataFrame, margin: pd.Series, head: pd.Series
) -> dict[str, tuple[np.ndarray, dict[str, str]]]:
    """What is lost in each scenario: a mask of the ranking, and its label (accounts or value)."""
    largest = ranking.index[:LARGEST]
    scenarios: dict[str, tuple[np.ndarray, dict[str, str]]] = {
        f"account_{place}": (ranking.index == account, {"account_id": account})
        for place, account in enumerate(largest, 1)
    }
    if len(largest) > 1:
        by_margin = margin[largest].notna().all() and margin.sum() > 0
        hurts = margin[largest] if by_margin else ranking.loc[largest, "amount"]
        two = hurts.sort_values(ascending=False, kind="stable").index[:2]
        scenarios["worst_two"] = (ranking.index.isin(two), {"account_id": two[0], "second_id": two[1]})
    sizes = ranking.groupby(head)["amount"].agg(["size", "sum"])
    if book.customer_of is not None:  # each group is one row already
        sizes["size"] = sizes.index.map(lambda one: len(book.members(one)))
    groups = sizes[sizes["size"] >= 2]["sum"].rename_axis("account_id")
    if len(groups):
        leader = ranked(groups).index[0]
        scenarios["group"] = ((head == leader).to_numpy(), {"account_id": leader})
    for column in ("industry", "region"):
        recorded = _recorded(book, ranking, column)
        if recorded is not None:
            value = ranked(ranking.groupby(recorded)["amount"].sum()).index[0]
            lost = (recorded == value).fillna(False).to_numpy(dtype=bool)
            scenarios[column] = (lost, {"value": value})
    return scenarios


def _loss(ranking: pd.DataFrame, margin: pd.Series, lost: np.ndarray) -> dict[str, Any]:
    """What goes with the accounts of the mask ``lost``, and how concentrated the rest is: the shares of the
    rest keep their order.
    """
    gone, left = ranking[lost], ranking[~lost]
    total, margin_lost = _extended(ranking["amount"], margin), _extended(gone["amount"], margin[lost])
    shares = left["amount"] / left["amount"].sum()
    return {
        "accounts": len(gone),
        "revenue": float(gone["amount"].sum()),
        "share": float(gone["share"].sum()),
        "margin": margin_lost,
        "margin_share": margin_lost / total if total > 0 else np.nan,
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
        {"share": ranking["share"], "margin": margin, "known": ranking["share"].where(margin.notna())}
    )
    by = parts.groupby(head).sum()
    total = _extended(ranking["amount"], margin)
    whole = by["margin"] * by["share"] / by["known"].where(by["known"] > 0)
    whole = whole.where(by["known"] >= purchases.COSTED * by["share"])
    by["margin_share"] = whole / total if total > 0 else np.nan
    return by.sort_values("share", ascending=False, kind="stable")


def _dependence(book: Book, ranking: pd.DataFrame) -> pd.DataFrame:
    spend = measure_of(book, "wallet_spend").reindex(ranking.index)
    known = ranking[spend > 0].rename_axis("account_id")
    ours = (known["amount"] / spend[known.index]).clip(0.0, 1.0)
    we, they = known["share"] >= WE_DEPEND, ours >= THEY_DEPEND
    return pd.DataFrame(
        {
            "our_share_of_theirs": ours,
            "their_share_of_ours": known["share"],
            "field": np.select([we & they, we, they], DEPENDENCE[:3], DEPENDENCE[3]),
            "revenue": known["amount"],
        }
    )


def add_findings(findings: Findings, result: StressTest, owing: Collection[str] = ()) -> None:
    """Add what each loss would cost, and who depends on whom. ``owing``: who is above the credit limit, and
    may be supplied only once it pays.
    """
    if result.scenarios.empty:
        findings.add("stress_nothing", "watch", "stress_ask_revenue")
        return
    rows = result.scenarios.set_index("scenario").astype("object")
    together = "worst_two" in rows.index and rows.loc["worst_two", "share"] >= WE_DEPEND
    _add_first(findings, rows.loc["account_1"], result, bool(together))
    if "worst_two" in rows.index and rows.loc["worst_two", "accounts"] < result.accounts:
        two = rows.loc["worst_two"]
        names = ("revenue", "share", "accounts_for_80_after", "hhi", "hhi_after")
        who = (two["account_id"], two["second_id"])
        # else nobody need plan for it; the loss of the first is planned for by itself
        seen = two["share"] >= WE_DEPEND and _severity(rows.loc["account_1"]) == "note"
        watched: Severity = "watch" if two["share"] >= WE_DEPEND else "note"
        findings.add(
            "stress_two",
            watched,
            "stress_two_fallback" if seen else None,
            who,
            **{name: two[name] for name in names},
        )
    if result.threats:
        findings.add(
            "stress_threat",
            "act",
            "stress_cap_exposure",
            result.threats,
            count=len(result.threats),
            share=result.threat_share,
            limit=THREAT,
            margin_known=bool(rows["margin_share"].notna().any()),
            stake=result.threat_share * result.revenue,
        )
    else:
        findings.add(
            "stress_no_threat",
            "note",
            limit=THREAT,
            largest=result.largest_share,
            margin_known=bool(rows["margin_share"].notna().any()),
        )
    _add_group_and_markets(findings, rows, result)
    _add_dependence(findings, result, owing)


def _severity(row: pd.Series) -> Severity:
    return "act" if row["threat"] else "watch" if row["share"] >= WE_DEPEND else "note"


def _add_first(findings: Findings, row: pd.Series, result: StressTest, together: bool) -> None:
    """What losing the first account costs, and how long new business would take to make up for it.
    ``together``: what to do without it is planned with the loss of the second, where it is small by itself.
    """
    margin_known, years_known = pd.notna(row["margin_share"]), pd.notna(row["years_to_replace"])
    if margin_known and row["margin"] <= 0:
        kind = "stress_lost_no_margin"
    elif years_known:
        kind = "stress_first" if margin_known else "stress_first_revenue"
    else:
        kind = "stress_lost" if margin_known else "stress_lost_revenue"
    names = ("revenue", "share", "margin", "margin_share", "new_per_year", "years_to_replace")
    findings.add(
        kind,
        "watch" if row["threat"] else _severity(row),  # ``stress_threat`` says what has to be done
        None if together and _severity(row) == "note" else "stress_second_leg",
        (row["account_id"],),
        new=result.new_accounts or 0,
        **{name: row[name] for name in names},
        stake=None if kind == "stress_lost_no_margin" else row["revenue"],
    )
    if not years_known:
        if result.new_accounts is None:
            kind, action = "stress_rate_unknown", "stress_ask_history"
        else:
            kind, action = "stress_no_new", "stress_find_new"
        findings.add(kind, "watch", action, months=result.months_covered)


def _add_group_and_markets(findings: Findings, rows: pd.DataFrame, result: StressTest) -> None:
    """The largest group, industry and region; or that none is recorded."""
    if "group" in rows.index:
        row = rows.loc["group"]
        figures = {"members": row["accounts"], "share": row["share"], "revenue": row["revenue"]}
        who, stake = (row["account_id"],), row["revenue"]
        findings.add("stress_group", _severity(row), "stress_group_one_plan", who, **figures, stake=stake)
    for market, kind in (("industry", "stress_industry"), ("region", "stress_region")):
        if market in rows.index:
            row = rows.loc[market]
            figures = {name: row[name] for name in ("value", "accounts", "share", "revenue")}
            figures["known"] = result.recorded[market]
            home = market == "region"  # the largest region is where the firm is at home: nothing to do about
            severity: Severity = "watch" if row["share"] >= 0.5 and not home else "note"
            findings.add(kind, severity, None if home else "stress_watch_market", **figures)
    unknown = {
        "group": "stress_group_unknown",
        "industry": "stress_industry_unknown",
        "region": "stress_region_unknown",
    }
    missing = [kind for name, kind in unknown.items() if not result.recorded[name]]
    for kind in ["stress_master_unknown"] if len(missing) == len(unknown) else missing:
        findings.add(kind, "note", "stress_ask_master")


def _add_dependence(findings: Findings, result: StressTest, owing: Collection[str]) -> None:
    """Who depends on whom; or that their purchases are not known."""
    table = result.dependence
    if table.empty:
        findings.add("depend_unknown", "watch", "depend_ask_wallet", table=result.wallet_recorded)
        return
    by = {name: table[table["field"] == name] for name in DEPENDENCE}
    counts = {name: len(rows) for name, rows in by.items()}
    part = table["their_share_of_ours"].sum()
    findings.add("depend_fields", "note", known=len(table), part=part, **counts)
    kinds: tuple[tuple[str, str, Severity, str], ...] = (
        ("we", "depend_we", "act", "depend_reduce"),
        ("both", "depend_both", "watch", "depend_bind"),
        ("they", "depend_they", "note", "depend_deserve"),
    )
    for name, kind, severity, action in kinds:
        rows = by[name]
        if len(rows):
            share, most = rows["their_share_of_ours"].sum(), rows["our_share_of_theirs"].max()
            figures = {"count": len(rows), "share": share, "most": most}
            if name == "they":
                stopped = rows.index.isin(list(owing))
                figures["owing"] = int(stopped.sum())
                rows = rows.iloc[np.argsort(stopped, kind="stable")]  # named last: supply follows payment
            stake = share * result.revenue if name == "we" else None
            findings.add(kind, severity, action, rows.index, **figures, stake=stake)
    if unknown := result.unknown_purchases:
        figures = {"count": len(unknown), "share": result.unknown_purchases_share}
        findings.add("depend_unseen", "watch", "depend_ask_wallet", unknown, **figures)
    if above := result.above_wallet:
        findings.add("depend_capped", "watch", "depend_correct_wallet", above, count=len(above))
