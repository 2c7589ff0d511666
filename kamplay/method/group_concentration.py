"""Concentration with every group counted as one customer: a few members of one parent can be the largest account together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from kamplay.book import Book
from kamplay.method import concentration as c
from kamplay.method import measures
from kamplay.method.groups import heads, members
from kamplay.method.results import Findings

DEPENDENT = 0.1  # a share of revenue whose loss would threaten the supplier, as in step 2's concentration
APART = 0.01  # change of the first one's or five's share from which groups make a difference
COLUMNS = ["group", "members", "revenue", "share", "joint_rank", "best", "best_rank"]


@dataclass(frozen=True)
class GroupConcentration:
    """``joint``: per group with positive revenue, the largest first: group (head's account id), members, revenue of the 12 months,
    share, joint_rank (among groups and lone accounts), best (the member that ranks highest alone) and best_rank (among all accounts).
    ``figures``: groups, members, and top1_share, top5_share, accounts_for_80, hhi singly (``_single``) and grouped (``_joint``)."""

    joint: pd.DataFrame
    figures: dict[str, Any]


def group_concentration(book: Book) -> GroupConcentration:
    """Accounts of one recorded parent counted as one. Amounts in the engagement's currency."""
    head, now = heads(book), measures.revenue(book)
    sizes = members(head)
    together = now.groupby(head).sum()
    single, joint = c.ranked(now), c.ranked(together)
    rank_single = pd.Series(range(1, len(single) + 1), index=single.index)
    rank_joint = pd.Series(range(1, len(joint) + 1), index=joint.index)
    ids = joint.index[joint.index.isin(sizes.index)]
    best = rank_single.groupby(head.reindex(rank_single.index)).agg(["idxmin", "min"]).reindex(ids)
    table = pd.DataFrame(
        {
            "group": ids, "members": sizes.reindex(ids).to_numpy(), "revenue": joint.loc[ids, "amount"].to_numpy(),
            "share": joint.loc[ids, "share"].to_numpy(), "joint_rank": rank_joint.reindex(ids).to_numpy(),
            "best": best["idxmin"].to_numpy(), "best_rank": best["min"].to_numpy(),
        },
        columns=COLUMNS,
    )  # fmt: skip
    figures: dict[str, Any] = {"groups": len(sizes), "members": int(sizes.sum()), "accounts": len(single), "customers": len(joint)}
    for name, amounts in (("single", now), ("joint", together)):
        figures |= {
            f"top1_{name}": c.first_share(amounts, 1), f"top5_{name}": c.first_share(amounts, 5),
            f"for_80_{name}": c.accounts_for(amounts, 0.8), f"hhi_{name}": c.hhi(amounts),
        }  # fmt: skip
    return GroupConcentration(table, figures)


def tell(found: Findings, result: GroupConcentration) -> None:
    """Adds nothing where no parent is recorded; that the groups are unknown is said by the stress test."""
    table, figures = result.joint, result.figures
    if table.empty:
        return
    crossed = figures["top1_single"] < DEPENDENT <= figures["top1_joint"]
    apart = max(abs(figures[f"{name}_joint"] - figures[f"{name}_single"]) for name in ("top1", "top5")) >= APART
    found.add("joint_concentration" if apart else "joint_alike", "watch" if crossed else "note", None, table["group"], **figures)
    risers = table.assign(places=table["best_rank"] - table["joint_rank"]).sort_values(["places", "revenue"], ascending=False)
    top = risers.iloc[0]
    if top["places"] > 0:
        said = {k: top[k] for k in ("members", "revenue", "share", "joint_rank", "best_rank", "places")}
        found.add("joint_riser", "watch", "joint_one_plan", [top["group"], top["best"]], **said)
    else:
        found.add("joint_steady", "note", None, table["group"], groups=len(table))
