"""Key accounts: the rated units with tier, stability, rules and overrides, and what is still open."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.measures import purchases, receivables
from kamplay.method.measures.warning_signs import signs_at
from kamplay.method.results import Findings, Severity
from kamplay.method.tiers.rating import Rating, Units
from kamplay.method.tiers.stability import STABLE, tier_stability
from kamplay.presets.scorecard import KEY_LEVELS, Scorecard

PROBABILITIES = ["tier_probability", "key_probability", "by_weights", "key_by_weights"]
OPEN_REASONS = ("weights", "data", "departments", "votes", "warned")
A_REVIEW, BY_NAME = 50, 20  # accounts that a review can take one by one; of more it takes the largest
EVEN = 0.5  # chance of being key next year from which a key account is likely to stay one


def rated_units(rating: Rating, overrides: pd.DataFrame) -> pd.DataFrame:
    """Build the table of rated units, overrides applied.

    Parameters
    ----------
    rating : the units under the card.
    overrides : see ``rules.overrides``.

    Returns
    -------
    One row per unit (index: the id of the head): members (accounts), revenue (12 months), tier_score (0 to
    100, cut to two decimals), tier; tier_probability (to stay in it in next year's rating), key_probability
    (to be of level S or A then), chance_1, chance_2 … (of each tier then, from the highest), by_weights (tier
    kept today under other weights), key_by_weights (of level S or A under them), see ``Stability``, all
    missing where nothing is known, and where the tier is set by hand; the chances of next year also where
    the unit is warned, as they are drawn from its purchases, which do not show yet what the sign says;
    driver (the criterion whose weight decides most), gate (where it lowers the tier), safeguard, raised (by
    the safeguard), override (its reason), unknown (nothing is known that the card asks for), warned (see
    ``warned_units``), bonus (points of the special items), highest and lowest (the tiers to which gates and
    safeguards limit it, before overrides; None where they do not), counted (quotas, capacities and natural
    breaks are taken over it), level, margin_share, growth, overdue (missing where unknown), owner.
    """
    card, index, bounds = rating.card, rating.points.index, rating.bounds
    stability = tier_stability(rating)
    criteria = np.array([*rating.points.columns, None], dtype=object)
    capped = np.maximum(rating.position_before_rules, bounds.ceiling)
    lowered = (capped > rating.position_before_rules) & (rating.position > rating.position_before_rules)
    key = [t.level in KEY_LEVELS for t in card.tiers]
    tiers = np.array([t.key for t in card.tiers], dtype=object)
    out = pd.DataFrame(
        {
            "members": rating.heads.value_counts().reindex(index).fillna(1).astype(int),
            "revenue": purchases.revenue(rating.book),
            "tier_score": np.floor(np.round(rating.scores, 6) * 100) / 100,
            "tier": rating.tiers(),
            "tier_probability": np.round(stability.probability, 3),
            "key_probability": np.round(stability.chances[:, key].sum(axis=1), 3),
            "by_weights": np.round(stability.weights.kept, 3),
            "key_by_weights": np.round(stability.weights.chances[:, key].sum(axis=1), 3),
            "driver": criteria[stability.weights.driver],
            "gate": bounds.gate.where(lowered, None),
            "safeguard": bounds.safeguard,
            "raised": rating.position < capped,
            "override": pd.Series(None, index=index, dtype=object),
            "unknown": _unknown(rating),
            "warned": index.isin(warned_units(rating.book)),
            "bonus": rating.bonus,
            "highest": np.where(bounds.ceiling > 0, tiers[bounds.ceiling], None),
            "lowest": np.where(bounds.floor < len(tiers) - 1, tiers[bounds.floor], None),
            "counted": rating.in_quotas,
        },
        index=index,
    )
    for place in range(len(card.tiers)):
        out[f"chance_{place + 1}"] = np.round(stability.chances[:, place], 3)
    applied = overrides[overrides["state"] == "applied"]
    out.loc[applied.index, "tier"] = applied["tier"]
    out.loc[applied.index, "override"] = applied["reason"]
    next_year = ["tier_probability", "key_probability", *(c for c in out if c.startswith("chance_"))]
    by_weights = [c for c in PROBABILITIES if c not in next_year]
    out.loc[out["unknown"] | out.index.isin(applied.index), next_year + by_weights] = np.nan
    out.loc[out["warned"], next_year] = np.nan
    out["level"] = out["tier"].map({t.key: t.level for t in card.tiers})
    return out.join(_account_facts(rating.book))


def warned_units(book: Book) -> pd.Index:
    """List the units of which a sign of leaving is told, see ``warning_signs.tell``; that one has plainly
    stopped is no sign here, as the draws of next year's purchases know it.
    """
    signs = signs_at(book, book.seen_to, told=True).drop(columns="silence")
    return signs.index[(signs > 0).any(axis=1)]


def _unknown(rating: Rating) -> np.ndarray:
    """Units of which nothing is known that the card asks for, or nothing on one of the matrix's axes."""
    known = rating.points.notna()
    if rating.card.matrix is None:
        return ~known.any(axis=1).to_numpy()
    first, second = (known[rating.axis(key).leaves].any(axis=1) for key, _ in rating.axis_limits)
    return ~(first & second).to_numpy()


def _account_facts(book: Book) -> pd.DataFrame:
    """Margin, growth, overdue amount and owner, shown beside the rating."""
    overdue = receivables.owed(book)
    return pd.DataFrame(
        {
            "margin_share": purchases.margin_share(book),
            "growth": purchases.growth(book),
            "overdue": np.nan if overdue is None else overdue["overdue"].reindex(book.accounts.index),
            "owner": book.accounts.get("owner"),
        },
        index=book.accounts.index,
    )


def open_reasons(unit_table: pd.DataFrame, disputed: pd.DataFrame) -> pd.Series:
    """List why it is open whether a unit is key.

    Parameters
    ----------
    unit_table : see ``rated_units``.
    disputed : see ``Consensus``; empty without ballots.

    Returns
    -------
    Per unit a list of codes, empty where it is settled or was set by hand. ``weights``: other
    reasonable weights would move it into or out of the key accounts in over 30 % of the draws. ``data``:
    next year's rating does so with a chance of over 30 %. ``departments``: key by some
    departments' own weights, not by others'. ``votes``: not key, but named by at least half of the
    departments that named any. ``warned``: key, and it shows a sign of leaving.
    """
    applies = pd.DataFrame(False, index=unit_table.index, columns=list(OPEN_REASONS))
    is_key = unit_table["level"].isin(KEY_LEVELS)
    for reason, column in (("weights", "key_by_weights"), ("data", "key_probability")):
        chance = unit_table[column]
        applies[reason] = np.where(is_key, chance < STABLE, chance > 1 - STABLE)
    applies["warned"] = is_key & unit_table["warned"]
    if len(disputed):
        views = disputed.reindex(unit_table.index)
        split = (views["key_by"] > 0) & (views["key_by"] < views["departments"])
        named = (views["voters"] > 0) & (views["named_by"] >= views["voters"] / 2)
        applies["departments"], applies["votes"] = split, named & ~is_key
    applies = applies.mul(unit_table["override"].isna() & (unit_table["revenue"] > 0), axis=0)
    reasons = [[code for code, is_open in row.items() if is_open] for row in applies.to_dict("records")]
    return pd.Series(reasons, index=unit_table.index, dtype=object)


def tier_summary(units: pd.DataFrame, card: Scorecard) -> pd.DataFrame:
    """Count the units that bought and their revenue by tier.

    Parameters
    ----------
    units : per unit tier and revenue of the 12 months.
    card : names the tiers and how they are cut.

    Returns
    -------
    One row per tier from the highest: tier, level, zh, en, start, share, places, field (as the card cuts),
    cut, accounts, revenue, revenue_share.
    """
    buying = units[units["revenue"] > 0]
    by = buying.groupby("tier")["revenue"].agg(["size", "sum"]).reindex([t.key for t in card.tiers]).fillna(0)
    out = pd.DataFrame(
        [(t.key, t.level, t.zh, t.en, t.start, t.share, t.places, t.field) for t in card.tiers],
        columns=["tier", "level", "zh", "en", "start", "share", "places", "field"],
    )
    out["cut"] = card.cut
    out["accounts"], out["revenue"] = by["size"].astype(int).to_numpy(), by["sum"].to_numpy()
    total = out["revenue"].sum()
    return out.assign(revenue_share=out["revenue"] / total if total else 0.0)


def add_findings(findings: Findings, units: Units, worthwhile: bool, without_net: int = 0) -> None:
    """Add which accounts are key, which could not be rated, and which groups are rated as one; where tiering
    does not pay (``worthwhile``), only how many the card would make key. ``without_net``: accounts of the
    year that are not counted, see ``purchases.without_net``.
    """
    buying = units.buying
    key, total = buying[buying["level"].isin(KEY_LEVELS)], buying["revenue"].sum()
    share = key["revenue"].sum() / total if total else None
    if len(key):
        figures = {"key": len(key), "accounts": units.total, "share": share, "without_net": without_net}
        if worthwhile:
            by_name = _by_name(key)
            chances = key["key_probability"].dropna()  # none of those set by hand or with a sign of leaving
            by_name |= {"told": len(chances), "stay": int((chances >= EVEN).sum())}
            action = "confirm_largest" if "asked" in by_name else "confirm_key"
            findings.add("key_accounts", "watch", action, key.index, **figures, **by_name)
        else:
            findings.add("key_by_card", "note", None, **figures)
    elif worthwhile:
        findings.add("key_none", "act", "lower_tiers", accounts=units.total)
    unknown = buying[buying["unknown"]]
    if len(unknown):
        severity: Severity = "act" if len(unknown) > len(buying) / 2 else "watch"
        figures = {"count": len(unknown), "accounts": units.total}
        findings.add("unrated", severity, "fill_criteria", unknown.index, **figures)
    groups = buying[buying["members"] > 1]
    if len(groups):
        figures = {
            "groups": len(groups),
            "members": groups["members"].sum(),
            "revenue": groups["revenue"].sum(),
        }
        findings.add("groups_rated", "note", None, groups.index, **figures)


def add_open_findings(findings: Findings, units: Units, voted: bool) -> None:
    """Add which accounts are open and why, and how many key ones are settled; ``voted``: whether departments
    have.
    """
    buying = units.buying
    is_open = buying["open"].map(len) > 0
    key, open_units = buying[buying["level"].isin(KEY_LEVELS)], buying[is_open]
    key_count = len(key)
    settled = len(key.index[~is_open[key.index]])
    if open_units.empty:
        if len(key):
            findings.add("settled" if voted else "settled_unvoted", "note", None, key=key_count)
        return
    count, key_open, revenue = len(open_units.index), key_count - settled, open_units["revenue"].sum()
    figures = {
        "sure": settled,
        "doubt": key_open,
        "near": count - key_open,
        "key": key_count,
        "count": count,
        "revenue": revenue,
        "share": revenue / buying["revenue"].sum(),
        "voted": voted,
        "by_hand": int(key["override"].notna().sum()),  # of the settled ones
    }
    for reason in OPEN_REASONS:
        figures[f"by_{reason}"] = len(open_units.index[[reason in codes for codes in open_units["open"]]])
    by_name = _by_name(open_units)
    action = "settle_largest" if by_name else "settle_by_name"
    findings.add("to_settle", "watch", action, open_units.index, **figures, **by_name)


def _by_name(accounts: pd.DataFrame) -> dict[str, Any]:
    """Which of the ``accounts`` a review can take by name, where they are too many for one: asked, rest and
    asked_share (of their revenue); nothing where it can take all.

    ``accounts`` : the largest revenue first.
    """
    if len(accounts) <= A_REVIEW:
        return {}
    first, whole = accounts["revenue"].head(BY_NAME).sum(), accounts["revenue"].sum()
    return {"asked": BY_NAME, "rest": len(accounts) - BY_NAME, "asked_share": first / whole}
