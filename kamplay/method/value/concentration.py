"""Concentration in depth: of revenue and of margin, how sure its figures are, how regularly the accounts buy,
where it is heading.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.measures import purchases
from kamplay.method.measures.hierarchy import heads, members
from kamplay.method.results import ACCOUNTS_NAMED, Findings
from kamplay.method.stats import concentration as c
from kamplay.method.stats.concentration import FIGURES, bootstrap_intervals, concentration_figures

X, Y = (
    0.5,
    1.0,
)  # coefficient of variation up to which buying is regular (X) and variable (Y); above it is irregular (Z).
# A convention of stock keeping (the defaults of MetricGate's "XYZ demand classification"); some houses draw
# them tighter, at 0.25 and 0.5.
CLASSES, RHYTHMS = ("A", "B", "C"), ("X", "Y", "Z", "new")
POINTS = 25  # rolling years: two years of monthly steps
# accounts from which a rule "x % bring 100 − x %" says anything: with fewer one account is over 5 % of them
ENOUGH = 20
APART = 0.1  # so much fewer or more accounts make margin more or less concentrated than revenue
MOVED = 0.02  # change of the five largest accounts' share from which concentration has moved

INTERVALS = ["basis", "figure", "estimate", "low", "high", "accounts", "draws"]
TREND = ["month_end", "top1_share", "top5_share", "gini", "accounts_for_80", "accounts"]


@dataclass(frozen=True)
class Concentration:
    """``figures``: accounts, months (of data), law (share x of accounts that bring 1 − x of revenue; None
    below ENOUGH accounts), known, losing (accounts with revenue whose margin is known, and is not
    positive), margin_for_80 and revenue_for_80 (accounts for 80 %, both among these; margin of the
    profitable ones), costed (share of revenue with a known cost), earners (the first ACCOUNTS_NAMED accounts by
    margin).

    ``intervals``: basis (revenue, margin), figure (accounts_for_50, accounts_for_80, accounts_for_95,
    top1_share and top5_share of the one and five largest accounts, top20_share of the ⌈0.2·n⌉ largest, gini,
    hhi, law), estimate, low and high (95 %), accounts, draws. ``abc_xyz`` (index account_id, accounts with
    positive revenue, the largest first): abc, xyz (X, Y, Z, new), cv (missing where new). ``classes_xyz``:
    abc × xyz in full: accounts, revenue, share of revenue of these accounts. ``trend``: one row per 12 months
    that end at month_end, the earliest first.
    """

    figures: dict[str, Any]
    intervals: pd.DataFrame
    abc_xyz: pd.DataFrame
    classes_xyz: pd.DataFrame
    trend: pd.DataFrame


def concentration(book: Book) -> Concentration:
    """Concentration of the 12 months to as_of. Margin: amount less cost, of the accounts where enough of the
    cost is known.
    """
    now, margin = purchases.revenue(book), purchases.margin(book)
    ranking = c.ranked(now)
    both = now[margin.notna() & (now > 0)]
    bases = {"revenue": now, "margin": margin[margin > 0]}
    rows = [row for basis, amounts in bases.items() for row in _intervals(basis, amounts)]
    table = _rhythm(book, now, ranking.index)
    enough = len(ranking) >= ENOUGH
    figures = {
        "accounts": len(ranking),
        "months": book.months_covered,
        "law": law(now) if enough else None,
        "known": len(both),
        "losing": int((margin[both.index] <= 0).sum()),
        "margin_for_80": c.accounts_for(margin[both.index], 0.8),
        "revenue_for_80": c.accounts_for(both, 0.8),
        "costed": purchases.costed_share(book),
        "earners": tuple(c.ranked(margin).index[:ACCOUNTS_NAMED]),
    }
    return Concentration(
        figures, pd.DataFrame(rows, columns=INTERVALS), table, _classes(table, now), _trend(book)
    )


def law(amounts: pd.Series) -> float | None:
    """The share x of accounts, largest first, that brings 1 − x of the total: 0.2 where 80/20 holds, 0.5
    where all are equal.

    One less the Kolkata index k (Banerjee, Chakrabarti, Mitra & Mutuswami 2020, Frontiers in Physics
    8:562182), on the curve drawn straight between accounts. None without a positive amount.
    """
    positive = np.sort(amounts[amounts > 0].to_numpy(dtype=float))[::-1]
    return None if len(positive) == 0 else float(concentration_figures(positive)["law"])


def _intervals(basis: str, amounts: pd.Series) -> list[tuple[Any, ...]]:
    positive = np.sort(amounts[amounts > 0].to_numpy(dtype=float))[::-1]
    if len(positive) == 0:
        return []
    estimates = {
        "accounts_for_50": c.accounts_for(amounts, 0.5),
        "accounts_for_80": c.accounts_for(amounts, 0.8),
        "accounts_for_95": c.accounts_for(amounts, 0.95),
        "top1_share": c.first_share(amounts, 1),
        "top5_share": c.first_share(amounts, 5),
        "top20_share": c.top_share(amounts, 0.2),
        "gini": c.gini(amounts),
        "hhi": c.hhi(amounts),
        "law": law(amounts),
    }
    ends, draws = bootstrap_intervals(positive)
    out = []
    for name in FIGURES:
        estimate, (low, high) = float(estimates[name] or 0.0), ends[name]
        # a resample repeats some accounts and lacks others: with few of them the estimate can lie outside,
        # which no reader would believe
        out.append((basis, name, estimate, min(low, estimate), max(high, estimate), len(positive), draws))
    return out


def _behind(book: Book) -> int:
    """Month buckets before as_of for which nothing was delivered any more; 0 where data reach as_of (see
    ``Book.seen_to``).
    """
    past = book.monthly.loc[book.monthly["bucket"] >= 0, "bucket"]
    return int(past.min()) if len(past) and book.seen_to < pd.Timestamp(book.as_of) else 0


def _rhythm(book: Book, now: pd.Series, accounts: pd.Index) -> pd.DataFrame:
    """ABC and XYZ of ``accounts``, those with positive revenue, the largest first.

    XYZ over the 12 months to the last one delivered; a month without a line counts as 0. An account whose
    first purchase (or recorded start) lies less than 12 months before their end is ``new``: its empty months
    before are no sign of irregular buying. The coefficient of variation is the population standard deviation
    over the mean, at most √11 where nothing is returned.
    """
    behind = _behind(book)
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
    begin, _ = purchases.window_dates(book, 12, behind)
    years = purchases.tenure_years(book).reindex(accounts).to_numpy()
    old = years >= (pd.Timestamp(book.as_of) - begin).days / 365.25 - 1e-9
    # only returns in the delivered months, where the last were not delivered: nothing regular about it
    classes = np.select([~old, cv <= X + 1e-12, cv <= Y + 1e-12], ["new", "X", "Y"], "Z")
    table = pd.DataFrame(
        {"abc": c.abc(now)[accounts], "xyz": pd.Series(classes, index=accounts, dtype="str")}, index=accounts
    )
    return table.assign(cv=np.where(old, cv, np.nan))


def _classes(table: pd.DataFrame, now: pd.Series) -> pd.DataFrame:
    revenue = now.reindex(table.index)
    keys = pd.MultiIndex.from_product([CLASSES, RHYTHMS], names=["abc", "xyz"])
    by = revenue.groupby([table["abc"], table["xyz"]]).agg(["size", "sum"]).reindex(keys).fillna(0.0)
    total = float(revenue.sum())
    out = pd.DataFrame({"accounts": by["size"].astype(int), "revenue": by["sum"].astype(float)}, index=keys)
    return out.assign(share=out["revenue"] / total if total > 0 else 0.0).reset_index()


def _trend(book: Book) -> pd.DataFrame:
    """Rolling 12 months, month by month, as far as history reaches; the months whose end was not delivered
    are left out.
    """
    behind, rows = _behind(book), []
    codes, ids = pd.factorize(book.monthly["account_id"])
    bucket, amount = book.monthly["bucket"].to_numpy(), book.monthly["amount"].to_numpy(dtype=float)
    for back in range(behind + min(POINTS, book.months_covered - behind - 11) - 1, behind - 1, -1):
        inside = (bucket >= back) & (bucket < back + 12)
        sums = np.bincount(codes[inside], weights=amount[inside], minlength=len(ids)).round(
            6
        )  # as exact as the Book is
        positive = np.sort(sums[sums > 0])[::-1]
        if len(positive):
            found = concentration_figures(positive)
            _, end = purchases.window_dates(book, 12, back)
            rows.append((end, *(found[name] for name in TREND[1:5]), len(positive)))
    out = pd.DataFrame(rows, columns=TREND)
    return out.astype({"month_end": "datetime64[us]", "accounts": int, "accounts_for_80": int})


def add_findings(found: Findings, result: Concentration) -> None:
    """The findings of concentration in depth."""
    figures, table = result.figures, result.intervals
    if figures["accounts"] == 0:
        found.add("spread_empty", "watch", "spread_check_period", months=figures["months"])
        return
    revenue = table[table["basis"] == "revenue"].set_index("figure")
    if figures["law"] is None:
        found.add("spread_law_unknown", "note", None, accounts=figures["accounts"], needed=ENOUGH)
    else:
        part, top20 = revenue.loc["law"], revenue.loc["top20_share"]
        few, low, high = (round(100 * float(part[k])) for k in ("estimate", "low", "high"))
        found.add(
            "spread_law",
            "note",
            None,
            few=few,
            many=100 - few,
            low=low,
            low_many=100 - low,
            high=high,
            high_many=100 - high,
            accounts=figures["accounts"],
            holders=max(1, round(figures["law"] * figures["accounts"])),
            top20=top20["estimate"],
        )
    _tell_margin(found, figures)
    _tell_trend(found, result)
    _tell_rhythm(found, result)


def _tell_margin(found: Findings, figures: dict[str, Any]) -> None:
    if figures["margin_for_80"] is None:
        found.add("spread_margin_unknown", "note")
        return
    mine, other = figures["margin_for_80"], figures["revenue_for_80"] or 0
    narrow, wide = mine < (1 - APART) * other, mine > (1 + APART) * other
    kind = "spread_margin_narrower" if narrow else "spread_margin_wider" if wide else "spread_margin_alike"
    counted = {k: figures[k] for k in ("margin_for_80", "revenue_for_80", "known", "losing", "costed")}
    found.add(
        kind,
        "watch" if narrow else "note",
        "spread_guard_margin" if narrow else None,
        figures["earners"],
        **counted,
    )


def _tell_trend(found: Findings, result: Concentration) -> None:
    if len(result.trend) < 2:
        found.add("spread_trend_unknown", "note", None, months=result.figures["months"])
        return
    first, last = result.trend.iloc[0], result.trend.iloc[-1]
    change = last["top5_share"] - first["top5_share"]
    kind = "spread_rose" if change >= MOVED else "spread_fell" if change <= -MOVED else "spread_steady"
    rose = kind == "spread_rose"
    figures: dict[str, Any] = {"was": first["top5_share"], "now": last["top5_share"]}
    for when, row, date in (("before", first, "since"), ("now", last, "until")):
        figures |= {
            f"{when}_80": int(row["accounts_for_80"]),
            f"{when}_all": int(row["accounts"]),
            date: row["month_end"].date().isoformat(),
        }
    found.add(
        kind,
        "watch" if rose else "note",
        "spread_widen_base" if rose else None,
        result.abc_xyz.index[:5],
        **figures,
    )


def _tell_rhythm(found: Findings, result: Concentration) -> None:
    table, classes = result.abc_xyz, result.classes_xyz.set_index(["abc", "xyz"])
    if (table["xyz"] == "new").all():
        found.add("spread_xyz_unknown", "note", None, months=result.figures["months"])
        return
    by = classes.loc["A"]
    regular, irregular = by.loc["X"], by.loc["Z"]
    judged = int(by["accounts"].sum() - by.loc["new", "accounts"])
    if judged == 0:
        found.add("spread_a_new", "note")
        return
    counted = {"judged": judged, "regular": int(regular["accounts"]), "regular_share": regular["share"]}
    if irregular["accounts"]:
        who = table.index[(table["abc"] == "A") & (table["xyz"] == "Z")]
        found.add(
            "spread_irregular_a",
            "watch",
            "spread_call_offs",
            who,
            count=len(who),
            share=irregular["share"],
            **counted,
        )
    else:
        found.add("spread_regular_a", "note", None, **counted)


DEPENDENT = 0.1  # a share of revenue whose loss would threaten the supplier, as in step 2's concentration
# change of the first one's or five's share from which groups make a difference
GROUP_CONCENTRATION_APART = 0.01
COLUMNS = ["group", "members", "revenue", "share", "joint_rank", "best", "best_rank"]


@dataclass(frozen=True)
class GroupConcentration:
    """``joint``: per group with positive revenue, the largest first: group (head's account id), members,
    revenue of the 12 months, share, joint_rank (among groups and lone accounts), best (the member that
    ranks highest alone) and best_rank (among all accounts). ``figures``: groups, members, and top1_share,
    top5_share, accounts_for_80, hhi singly (``_single``) and grouped (``_joint``).
    """

    joint: pd.DataFrame
    figures: dict[str, Any]


def group_concentration(book: Book) -> GroupConcentration:
    """Accounts of one recorded parent counted as one. Amounts in the engagement's currency."""
    head, now = heads(book), purchases.revenue(book)
    sizes = members(head)
    together = now.groupby(head).sum()
    single, joint = c.ranked(now), c.ranked(together)
    rank_single = pd.Series(range(1, len(single) + 1), index=single.index)
    rank_joint = pd.Series(range(1, len(joint) + 1), index=joint.index)
    ids = joint.index[joint.index.isin(sizes.index)]
    best = rank_single.groupby(head.reindex(rank_single.index)).agg(["idxmin", "min"]).reindex(ids)
    table = pd.DataFrame(
        {
            "group": ids,
            "members": sizes.reindex(ids).to_numpy(),
            "revenue": joint.loc[ids, "amount"].to_numpy(),
            "share": joint.loc[ids, "share"].to_numpy(),
            "joint_rank": rank_joint.reindex(ids).to_numpy(),
            "best": best["idxmin"].to_numpy(),
            "best_rank": best["min"].to_numpy(),
        },
        columns=COLUMNS,
    )
    figures: dict[str, Any] = {
        "groups": len(sizes),
        "members": int(sizes.sum()),
        "accounts": len(single),
        "customers": len(joint),
    }
    for name, amounts in (("single", now), ("joint", together)):
        figures |= {
            f"top1_{name}": c.first_share(amounts, 1),
            f"top5_{name}": c.first_share(amounts, 5),
            f"for_80_{name}": c.accounts_for(amounts, 0.8),
            f"hhi_{name}": c.hhi(amounts),
        }
    return GroupConcentration(table, figures)


def add_group_findings(found: Findings, result: GroupConcentration) -> None:
    """Adds nothing where no parent is recorded; that the groups are unknown is said by the stress test."""
    table, figures = result.joint, result.figures
    if table.empty:
        return
    crossed = figures["top1_single"] < DEPENDENT <= figures["top1_joint"]
    apart = (
        max(abs(figures[f"{name}_joint"] - figures[f"{name}_single"]) for name in ("top1", "top5"))
        >= GROUP_CONCENTRATION_APART
    )
    found.add(
        "joint_concentration" if apart else "joint_alike",
        "watch" if crossed else "note",
        None,
        table["group"],
        **figures,
    )
    risers = table.assign(places=table["best_rank"] - table["joint_rank"]).sort_values(
        ["places", "revenue"], ascending=False
    )
    top = risers.iloc[0]
    if top["places"] > 0:
        said = {k: top[k] for k in ("members", "revenue", "share", "joint_rank", "best_rank", "places")}
        found.add("joint_riser", "watch", "joint_one_plan", [top["group"], top["best"]], **said)
    else:
        found.add("joint_steady", "note", None, table["group"], groups=len(table))
