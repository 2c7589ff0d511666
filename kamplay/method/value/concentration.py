"""Who brings the revenue: shares of the largest accounts and groups, how sure they are, how regularly the
accounts buy, and where concentration is heading.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from kamplay.book import TO_MICRO, Book
from kamplay.method.measures import purchases
from kamplay.method.measures.buying_rhythm import months_between_orders, unsteadiness
from kamplay.method.measures.hierarchy import group_sizes, heads
from kamplay.method.measures.noise_reference import noise_reference
from kamplay.method.noise_gate import Look, family_look, high_look, low_look
from kamplay.method.results import ACCOUNTS_NAMED, Findings, figure
from kamplay.method.stats import concentration as c
from kamplay.method.stats.intervals import tells
from kamplay.method.stats.no_change import dealt_anew

DEPENDENT = 0.1  # a share of revenue whose loss would threaten the supplier
FEW = 60  # as many accounts as a management team can know by name
# coefficient of variation up to which buying is regular (X) and variable (Y); above it is irregular (Z).
# A convention of stock keeping (the defaults of MetricGate's "XYZ demand classification"); some houses draw
# them tighter, at 0.25 and 0.5.
X, Y = 0.5, 1.0
ABC, XYZ = ("A", "B", "C"), ("X", "Y", "Z", "new")
POINTS = 25  # rolling years: two years of monthly steps
# accounts from which a rule "x % bring 100 − x %" says anything: with fewer one account is over 5 % of them
ENOUGH = 20
APART = 0.1  # so much fewer or more accounts make margin more or less concentrated than revenue
AT_RANDOM, AT_RANDOM_CELLS, RANDOM_SEED = 1000, 5_000_000, 20260630  # purchases dealt over the months
MOVED = 0.02  # change of the five largest accounts' share from which concentration has moved
GROUPS_MATTER = 0.01  # change of the first one's or five's share from which groups make a difference

INTERVALS = ["basis", "figure", "estimate", "low", "high", "accounts", "draws", "tells"]
TREND = ["month_end", "top1_share", "top5_share", "gini", "accounts_for_80", "accounts"]
GROUPS = ["group", "members", "revenue", "share", "joint_rank", "best", "best_rank"]


@dataclass(frozen=True)
class Concentration:
    """Concentration of the 12 months to as_of. Amounts in the engagement's currency, shares 0 to 1.

    Attributes
    ----------
    ranking : index account_id, positive revenue, the largest first: amount, share, cumulative (share).
    shares : accounts, revenue (returns taken off), top20_share (of the ⌈0.2·n⌉ largest), accounts_for_80,
        gini, hhi, top1_share, top5_share, as key_figures.json has them.
    intervals : basis (revenue, margin), figure (see
        ``stats.concentration.concentration_intervals``), estimate, low and high
        (95 %), accounts, draws, tells (whether the interval says something, see ``intervals.tells``; a number
        of accounts is judged by its share of all).
    abc_xyz : index account_id as in ``ranking``: abc, xyz (of XYZ), cv (missing where new), cv_p_value (of
        class A: how often purchases at random would be as uneven).
    abc_xyz_classes : ABC × XYZ in full: abc, xyz, accounts, revenue, share of revenue of these accounts.
    trend : one row per 12 months that end at month_end, the earliest first (columns TREND).
    groups : per group with positive revenue, the largest first (columns GROUPS): group (its head's
        account_id), members, revenue, share, joint_rank (among groups and lone accounts), best (the member
        that ranks highest alone), best_rank (among all accounts).
    group_figures : groups, members, accounts, customers (groups and lone accounts), and top1, top5, for_80,
        hhi singly (``_single``) and grouped (``_joint``).
    margin_figures : known (accounts with revenue and a known margin), losing (of these, without a positive
        one), margin_for_80 and revenue_for_80 (accounts for 80 % of each, among these), costed (share of
        revenue with a known cost).
    most_margin : the first accounts by margin.
    pareto_rule : the share x of accounts that brings 1 − x of revenue; None below ENOUGH accounts.
    looks : ``top5_share`` → how its move compares with what chance gives, see ``noise_gate.Look``; empty
        where whole years cannot be compared.
    months_covered : months of data.
    """

    ranking: pd.DataFrame
    shares: dict[str, Any]
    intervals: pd.DataFrame
    abc_xyz: pd.DataFrame
    abc_xyz_classes: pd.DataFrame
    trend: pd.DataFrame
    groups: pd.DataFrame
    group_figures: dict[str, Any]
    margin_figures: dict[str, Any]
    most_margin: tuple[str, ...]
    pareto_rule: float | None
    months_covered: int
    looks: dict[str, dict[str, float]] = field(default_factory=dict)


def concentration(book: Book) -> Concentration:
    """Measure the concentration of the 12 months to as_of, of revenue and of margin.

    Margin counts where enough of an account's cost is known (see ``purchases.margin``).
    """
    revenue, margin = purchases.revenue(book), purchases.margin(book)
    ranking = c.ranked(revenue)
    costed = revenue[margin.notna() & (revenue > 0)]
    bases = {"revenue": revenue, "margin": margin[margin > 0]}
    parts = [_intervals(amounts).assign(basis=basis) for basis, amounts in bases.items()]
    abc_xyz = _abc_xyz(book, revenue, ranking.index)
    groups, group_figures = group_concentration(book)
    trend = _trend(book)
    margin_figures = {
        "margin_for_80": c.accounts_for(margin[costed.index], 0.8),
        "revenue_for_80": c.accounts_for(costed, 0.8),
        "known": len(costed),
        "losing": int((margin[costed.index] <= 0).sum()),
        "costed": purchases.costed_share(book),
    }
    return Concentration(
        ranking=ranking,
        shares=_shares(revenue, len(ranking)),
        intervals=pd.concat([part for part in parts if len(part)] or parts, ignore_index=True)[INTERVALS],
        abc_xyz=abc_xyz,
        abc_xyz_classes=_class_sums(abc_xyz, revenue),
        trend=trend,
        groups=groups,
        group_figures=group_figures,
        margin_figures=margin_figures,
        most_margin=tuple(c.ranked(margin).index[:ACCOUNTS_NAMED]),
        pareto_rule=c.pareto_rule(revenue) if len(ranking) >= ENOUGH else None,
        months_covered=book.months_covered,
        looks=_looks(book, trend),
    )


def _intervals(amounts: pd.Series) -> pd.DataFrame:
    out = c.concentration_intervals(amounts)
    if out.empty:
        return out.assign(tells=False)
    whole = np.where(out["figure"].str.startswith("accounts"), out["accounts"], 1)
    return out.assign(tells=tells(*(out[name] / whole for name in ("estimate", "low", "high"))))


def _looks(book: Book, trend: pd.DataFrame) -> dict[str, dict[str, float]]:
    """How the share of the five largest moves between whole years where every account goes on as it did."""
    years = min((len(trend) - 1) // 12 + 1, 3)
    if years < 2 or _undelivered_months(book):
        return {}
    # a year's accounts side by side in memory: sorted and added up in a third of the time
    drawn = np.moveaxis(noise_reference(book).years(years)[:, :, [-1, 0]], 2, 1).astype(float, order="C")
    five = np.partition(drawn, -min(5, drawn.shape[2]), axis=2)[:, :, -5:].sum(axis=2)
    total = drawn.sum(axis=2)
    share = np.divide(five, total, out=np.full(five.shape, np.nan), where=total > 0)
    change = trend["top5_share"].iloc[-1] - trend["top5_share"].iloc[0]
    moved = share[:, 1] - share[:, 0]
    # chance has no side: what fell is held against falls
    look = high_look(change, moved) if change > 0 else low_look(change, moved)
    return {"top5_share": vars(look)}


def _shares(revenue: pd.Series, accounts: int) -> dict[str, Any]:
    shares = {
        "accounts": accounts,
        "revenue": round(float(revenue.sum()), 2),
        "top20_share": c.top_share(revenue, 0.2),
        "accounts_for_80": c.accounts_for(revenue, 0.8),
        "gini": c.gini(revenue),
        "hhi": c.hhi(revenue),
        "top1_share": c.first_share(revenue, 1),
        "top5_share": c.first_share(revenue, 5),
    }
    return {name: figure(round(v, 6) if isinstance(v, float) else v) for name, v in shares.items()}


def _undelivered_months(book: Book) -> int:
    """Month buckets before as_of for which nothing was delivered; 0 where data reach as_of (see
    ``Book.seen_to``).
    """
    past = book.monthly.loc[book.monthly["bucket"] >= 0, "bucket"]
    return int(past.min()) if len(past) and book.seen_to < pd.Timestamp(book.as_of) else 0


def _abc_xyz(book: Book, revenue: pd.Series, accounts: pd.Index) -> pd.DataFrame:
    """ABC and XYZ of ``accounts``, those with positive revenue, the largest first.

    XYZ over the 12 months to the last one delivered, by the account's own gap between orders (see
    ``buying_rhythm.unsteadiness``); a month without a line counts as 0. An account that
    was first seen in these months (see ``purchases.first_seen``) is ``new``: its empty months before are no
    sign of irregular buying. The coefficient of variation is the population standard deviation
    over the mean, at most √11 where nothing is returned.
    """
    behind = _undelivered_months(book)
    window = book.window(12, behind)
    window = window[window["account_id"].isin(accounts)]
    months = np.zeros((len(accounts), 12))
    np.add.at(
        months,
        (accounts.get_indexer(window["account_id"]), window["bucket"].to_numpy() - behind),
        window["amount"].to_numpy(),
    )
    mean = months.mean(axis=1)
    cv = np.divide(months.std(axis=1), mean, out=np.full(len(accounts), np.nan), where=mean > 0)
    begin, end = purchases.window_dates(book, 12, behind)
    own_gap = months_between_orders(book.days, begin, end).reindex(accounts, fill_value=1).to_numpy()
    cv_own = unsteadiness(months, own_gap)
    seen = purchases.first_seen(book).reindex(accounts).to_numpy()
    classes = c.abc(revenue)[accounts]
    old = seen >= 12 + behind
    # without a mean above 0 (the delivered months hold returns alone) cv is missing, and buying irregular
    xyz = np.select([~old, cv_own <= X + 1e-12, cv_own <= Y + 1e-12], ["new", "X", "Y"], "Z")
    return pd.DataFrame(
        {
            "abc": classes,
            "xyz": pd.Series(xyz, index=accounts, dtype="str"),
            "cv": np.where(old, cv_own, np.nan),
            "cv_p_value": _cv_p_values(
                book, accounts[old & (classes == "A").to_numpy()], cv, accounts, behind
            ),
        },
        index=accounts,
    )


def _cv_p_values(book: Book, judged: pd.Index, cv: np.ndarray, accounts: pd.Index, behind: int) -> pd.Series:
    """How often purchases at random, as many and as large, spread over the months as unevenly."""
    start, end = purchases.window_dates(book, 12, behind)
    days = book.days[book.days["account_id"].isin(judged) & book.days["date"].between(start, end)]
    code, amount = judged.get_indexer(days["account_id"]), days["amount"].to_numpy(dtype=float)
    order = np.argsort(code, kind="stable")
    rng = np.random.default_rng(RANDOM_SEED)
    draws = int(np.clip(AT_RANDOM_CELLS // max(1, len(days)), 200, AT_RANDOM))
    months = dealt_anew(code[order], amount[order], np.ones(len(judged)), 12, draws, rng)
    seen = pd.Series(cv, index=accounts).reindex(judged).to_numpy()
    as_uneven = np.zeros(len(judged))
    for some in np.array_split(months, 20):  # their spread takes as much again as they do
        mean = some.mean(axis=2)
        drawn = np.divide(some.std(axis=2), mean, out=np.full(mean.shape, np.inf), where=mean > 0)
        as_uneven += (drawn >= seen - 1e-6).sum(axis=0)
    p = (1 + as_uneven) / (1 + draws)
    return pd.Series(p, index=judged).reindex(accounts)


def _class_sums(abc_xyz: pd.DataFrame, revenue: pd.Series) -> pd.DataFrame:
    own = revenue.reindex(abc_xyz.index)
    every = pd.MultiIndex.from_product([ABC, XYZ], names=["abc", "xyz"])
    by = own.groupby([abc_xyz["abc"], abc_xyz["xyz"]]).agg(["size", "sum"]).reindex(every).fillna(0.0)
    total = float(own.sum())
    out = pd.DataFrame({"accounts": by["size"].astype(int), "revenue": by["sum"].astype(float)}, index=every)
    return out.assign(share=out["revenue"] / total if total > 0 else 0.0).reset_index()


def _trend(book: Book) -> pd.DataFrame:
    """Rolling 12 months, month by month, as far as history reaches; the months whose end was not delivered
    are left out.
    """
    behind = _undelivered_months(book)
    codes, ids = pd.factorize(book.monthly["account_id"])
    bucket, amount = book.monthly["bucket"].to_numpy(), book.monthly["amount"].to_numpy(dtype=float)
    first = behind + min(POINTS, book.months_covered - behind - 11) - 1
    rows = []
    for back in range(first, behind - 1, -1):
        inside = (bucket >= back) & (bucket < back + 12)
        # as exact as the Book is
        sums = np.bincount(codes[inside], weights=amount[inside], minlength=len(ids)).round(TO_MICRO)
        if figures := c.concentration_figures(sums):
            _, end = purchases.window_dates(book, 12, back)
            rows.append((end, *(figures[name] for name in TREND[1:5]), int((sums > 0).sum())))
    out = pd.DataFrame(rows, columns=TREND)
    return out.astype({"month_end": "datetime64[us]", "accounts": int, "accounts_for_80": int})


def group_concentration(book: Book) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Count accounts of one recorded parent as one: ``groups`` and ``group_figures`` of ``Concentration``."""
    head, revenue = heads(book), purchases.revenue(book)
    sizes, by_group = group_sizes(head), revenue.groupby(head).sum()
    single, joint = c.ranked(revenue), c.ranked(by_group)
    rank_single = pd.Series(range(1, len(single) + 1), index=single.index)
    rank_joint = pd.Series(range(1, len(joint) + 1), index=joint.index)
    ids = joint.index[joint.index.isin(sizes.index)]
    best = rank_single.groupby(head.reindex(rank_single.index)).agg(["idxmin", "min"]).reindex(ids)
    groups = pd.DataFrame(
        {
            "group": ids,
            "members": sizes.reindex(ids).to_numpy(),
            "revenue": joint.loc[ids, "amount"].to_numpy(),
            "share": joint.loc[ids, "share"].to_numpy(),
            "joint_rank": rank_joint.reindex(ids).to_numpy(),
            "best": best["idxmin"].to_numpy(),
            "best_rank": best["min"].to_numpy(),
        },
        columns=GROUPS,
    )
    figures: dict[str, Any] = {
        "groups": len(sizes),
        "members": int(sizes.sum()),
        "accounts": len(single),
        "customers": len(joint),
    }
    for name, amounts in (("single", revenue), ("joint", by_group)):
        figures |= {
            f"top1_{name}": c.first_share(amounts, 1),
            f"top5_{name}": c.first_share(amounts, 5),
            f"for_80_{name}": c.accounts_for(amounts, 0.8),
            f"hhi_{name}": c.hhi(amounts),
        }
    return groups, figures


def add_findings(findings: Findings, result: Concentration, tiered: bool = True) -> None:
    """Add what the shares of the largest accounts and groups say; ``tiered``: accounts have levels."""
    _add_shares(findings, result, tiered)
    _add_groups(findings, result)


def add_distribution_findings(findings: Findings, result: Concentration) -> None:
    """Add the rule in place of 20/80, the concentration of margin, the trend, and how regularly A buys."""
    if result.ranking.empty:
        findings.add("spread_empty", "watch", "spread_check_period", months=result.months_covered)
        return
    _add_pareto_rule(findings, result)
    _add_margin(findings, result)
    _add_trend(findings, result)
    _add_regularity(findings, result)


def _add_shares(findings: Findings, result: Concentration, tiered: bool) -> None:
    if result.ranking.empty:
        return
    shares = result.shares
    dependent, few = shares["top1_share"] >= DEPENDENT, shares["accounts_for_80"] <= FEW
    otherwise = "one_standard_for_most" if tiered else None  # step 1 has said that all have one standard
    names = ("accounts", "accounts_for_80", "top1_share", "top5_share", "top20_share", "gini", "hhi")
    findings.add(
        "concentration",
        "watch" if dependent else "note",  # the stress test says what it asks for
        "protect_first" if dependent else "focus_on_few" if few else otherwise,
        result.ranking.index[: shares["accounts_for_80"]],
        **{name: shares[name] for name in names},
        # what is asked of the others is not about the largest's revenue
        stake=shares["top1_share"] * shares["revenue"] if dependent else None,
    )


def _add_groups(findings: Findings, result: Concentration) -> None:
    """Nothing where no parent is recorded: the stress test says so."""
    groups, figures = result.groups, result.group_figures
    if groups.empty:
        return
    crossed = figures["top1_single"] < DEPENDENT <= figures["top1_joint"]
    change = max(abs(figures[f"{name}_joint"] - figures[f"{name}_single"]) for name in ("top1", "top5"))
    kind = "joint_concentration" if change >= GROUPS_MATTER else "joint_alike"
    findings.add(kind, "watch" if crossed else "note", None, groups["group"], **figures)
    risers = groups.assign(places=groups["best_rank"] - groups["joint_rank"])
    first = risers.sort_values(["places", "revenue"], ascending=False).iloc[0]
    if first["places"] > 0:
        names = ("members", "revenue", "share", "joint_rank", "best_rank", "places")
        who = [first["group"], first["best"]]
        findings.add("joint_riser", "watch", "joint_one_plan", who, **{k: first[k] for k in names})
    else:
        findings.add("joint_steady", "note", None, groups["group"], groups=len(groups))


def _add_pareto_rule(findings: Findings, result: Concentration) -> None:
    accounts = len(result.ranking)
    if result.pareto_rule is None:
        findings.add("spread_law_unknown", "note", None, accounts=accounts, needed=ENOUGH)
        return
    revenue = result.intervals[result.intervals["basis"] == "revenue"].set_index("figure")
    few, low, high = (round(100 * float(revenue.loc["law", k])) for k in ("estimate", "low", "high"))
    holders = max(1, round(result.pareto_rule * accounts))  # the rule lies between two accounts: the nearer
    findings.add(
        "spread_law",
        "note",
        None,
        few=few,
        many=100 - few,
        low=low,
        low_many=100 - low,
        high=high,
        high_many=100 - high,
        accounts=accounts,
        holders=holders,
        holders_share=holders / accounts,
        held=result.ranking["cumulative"].iloc[holders - 1],
        top20=revenue.loc["top20_share", "estimate"],
        fifth=c.part_of(accounts, 0.2),
    )


def _add_margin(findings: Findings, result: Concentration) -> None:
    of_margin = result.margin_figures["margin_for_80"]
    if of_margin is None:
        findings.add("spread_margin_unknown", "note")
        return
    of_revenue = result.margin_figures["revenue_for_80"] or 0
    narrower, wider = of_margin < (1 - APART) * of_revenue, of_margin > (1 + APART) * of_revenue
    kind = "spread_margin_wider" if wider else "spread_margin_alike"
    findings.add(
        "spread_margin_narrower" if narrower else kind,
        "watch" if narrower else "note",
        "spread_guard_margin" if narrower else None,
        result.most_margin,
        **result.margin_figures,
    )


def _add_trend(findings: Findings, result: Concentration) -> None:
    if len(result.trend) < 2:
        findings.add("spread_trend_unknown", "note", None, months=result.months_covered)
        return
    first, last = result.trend.iloc[0], result.trend.iloc[-1]
    change = last["top5_share"] - first["top5_share"]
    kind = "spread_rose" if change >= MOVED else "spread_fell" if change <= -MOVED else "spread_steady"
    rose = kind == "spread_rose"
    look = result.looks.get("top5_share")
    findings.add(
        kind,
        "watch" if rose else "note",
        "spread_widen_base" if rose else None,
        result.abc_xyz.index[:5],
        was=first["top5_share"],
        now=last["top5_share"],
        before_80=int(first["accounts_for_80"]),
        before_all=int(first["accounts"]),
        since=first["month_end"].date().isoformat(),
        now_80=int(last["accounts_for_80"]),
        now_all=int(last["accounts"]),
        until=last["month_end"].date().isoformat(),
        look=Look(**look) if look else None,
    )


def _add_regularity(findings: Findings, result: Concentration) -> None:
    """How regularly the accounts of class A buy."""
    table = result.abc_xyz
    if (table["xyz"] == "new").all():
        findings.add("spread_xyz_unknown", "note", None, months=result.months_covered)
        return
    class_a = result.abc_xyz_classes.set_index(["abc", "xyz"]).loc["A"]
    regular, irregular = class_a.loc["X"], class_a.loc["Z"]
    judged = int(class_a["accounts"].sum() - class_a.loc["new", "accounts"])
    if judged == 0:
        findings.add("spread_a_new", "note")
        return
    figures = {"judged": judged, "regular": int(regular["accounts"]), "regular_share": regular["share"]}
    who = table.index[(table["abc"] == "A") & (table["xyz"] == "Z")]
    look = family_look(table["cv_p_value"])
    findings.looked(look)
    if len(who):
        figures = {"count": len(who), "share": irregular["share"]} | figures
        findings.add("spread_irregular_a", "watch", "spread_call_offs", who, **figures, look=look)
    else:
        findings.add("spread_regular_a", "note", None, **figures)
