"""Whether discounts follow the tier: what customers of each level pay for the same products.

For each product (in the 12 months to as_of) the middle price is the median of what the units pay for it (net
amount over net quantity). A unit's index is what it paid over what its quantities cost at the middle prices:
below 1 it pays less than the customer in the middle for the same goods, whatever it buys. A level's index is
the geometric mean of its units', each counted once, so that one large customer does not speak for its level.
Only products that FEW_BUYERS units bought count.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy.stats import t

from kamplay.book import Book
from kamplay.method.measures import purchases
from kamplay.method.noise_gate import Look
from kamplay.method.results import Findings
from kamplay.presets import LEVELS
from kamplay.presets.scorecard import KEY_LEVELS

FEW_BUYERS = 5  # units that must have bought a product
FEW_UNITS = 5  # units behind an index that is told, and on either side of a comparison
LITTLE = 0.5  # of revenue: below it the products that can be compared say little
# an index so many interquartile ranges below the lower quartile is far out (Tukey 1977, Exploratory Data
# Analysis, ch. 2)
FAR_OUT = 3.0
Missing = Literal["lines", "quantity", "product", "common"]


def _no_levels() -> pd.DataFrame:
    figures = {c: pd.Series(dtype="float64") for c in ("amount", "index", "low", "high")}
    return pd.DataFrame({"level": pd.Series(dtype="str"), "units": pd.Series(dtype="int64"), **figures})


@dataclass(frozen=True)
class PriceByTier:
    """What customers of each level pay for the same products.

    Attributes
    ----------
    levels : level, units (with products that can be compared), amount, index, low and high (95 %, over the
        units); index and interval missing from fewer than FEW_UNITS units.
    units : index unit_id, the most given first: level, amount, at_middle (the same quantities at the middle
        prices), index, given (at_middle − amount), far_out (its index lies far below all others).
    missing : what was lacking; then both are empty.
    figures : products; share (of the 12 months' revenue that could be compared); key and others (index of
        key accounts and of all others), p_value (how often key accounts pay as much more by chance) and sd
        (of the index of key accounts where both pay alike); the last four None where either side is too
        small.
    """

    levels: pd.DataFrame = field(default_factory=_no_levels)
    units: pd.DataFrame = field(default_factory=pd.DataFrame)
    missing: Missing | None = None
    figures: dict[str, Any] = field(default_factory=dict)


def price_by_tier(book: Book, levels: pd.Series) -> PriceByTier:
    """Compare what units of different levels paid for the same products in the 12 months.

    Parameters
    ----------
    levels : unit_id → level; a unit without one counts for the middle prices only.
    """
    lines = book.tables.get("transactions")
    if lines is None:
        return PriceByTier(missing="lines")
    if not book.has("transactions", "quantity"):
        return PriceByTier(missing="quantity")
    if not book.has("transactions", "product"):
        return PriceByTier(missing="product")
    start, end = purchases.window_dates(book, 12)
    inside = (lines["date"] >= start) & (lines["date"] < end + pd.Timedelta(days=1))
    used = lines.loc[inside & lines["account_id"].notna(), ["account_id", "product", "amount", "quantity"]]
    revenue = float(used["amount"].sum())
    used = used[used["product"].notna() & used["quantity"].notna()]
    # a return may be delivered with a positive quantity
    used = used.assign(quantity=used["quantity"].abs() * np.sign(used["amount"]))
    sums = used.groupby(["account_id", "product"], as_index=False)[["amount", "quantity"]].sum()
    sums = sums[(sums["amount"] > 0) & (sums["quantity"] > 0)]
    sums = sums[sums.groupby("product")["account_id"].transform("size") >= FEW_BUYERS]
    if sums.empty:
        return PriceByTier(missing="common")
    middle = (sums["amount"] / sums["quantity"]).groupby(sums["product"]).transform("median")
    sums = sums.assign(at_middle=sums["quantity"] * middle)
    units = sums.groupby("account_id")[["amount", "at_middle"]].sum().rename_axis("unit_id")
    units["index"] = units["amount"] / units["at_middle"]
    units["given"] = units["at_middle"] - units["amount"]
    low, high = np.log(units["index"]).quantile([0.25, 0.75])
    units["far_out"] = np.log(units["index"]) < low - FAR_OUT * (high - low)
    units.insert(0, "level", levels.reindex(units.index).astype(object))
    units = units.sort_values("given", ascending=False, kind="stable")
    rated = units[units["level"].notna()]
    share = float(sums["amount"].sum() / revenue) if revenue > 0 else None
    figures = {"products": int(sums["product"].nunique()), "share": share, **_compared(rated)}
    return PriceByTier(_by_level(rated), units, None, figures)


def _by_level(units: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for level in LEVELS:
        part = units[units["level"] == level]
        told = [np.nan] * 3
        if len(part) >= FEW_UNITS:
            logs = np.log(part["index"])
            half = float(logs.std() / np.sqrt(len(part)) * t.ppf(0.975, len(part) - 1))
            told = [float(np.exp(logs.mean() + shift)) for shift in (0.0, -half, half)]
        if len(part):
            rows.append((level, len(part), float(part["amount"].sum()), *told))
    return pd.DataFrame(rows, columns=list(_no_levels())).astype(_no_levels().dtypes.to_dict())


def _compared(units: pd.DataFrame) -> dict[str, Any]:
    """Key accounts beside the others, and how often chance alone makes key accounts pay as much more: Welch's
    test on the logarithms of the indices."""
    key = units["level"].isin(KEY_LEVELS)
    if min(int(key.sum()), int((~key).sum())) < FEW_UNITS:
        return dict.fromkeys(("key", "others", "p_value", "sd"))
    sides = [np.log(units.loc[rows, "index"]) for rows in (key, ~key)]
    (mean, other), squares = ([s.mean() for s in sides], [s.var() / len(s) for s in sides])
    error = float(np.sqrt(sum(squares)))
    told = {"key": float(np.exp(mean)), "others": float(np.exp(other))}
    if not error > 0:
        return {**told, "p_value": None, "sd": None}
    freedom = error**4 / sum(q**2 / (len(s) - 1) for q, s in zip(squares, sides, strict=True))
    p_value = float(t.sf((mean - other) / error, freedom))
    return {**told, "p_value": p_value, "sd": error * told["others"]}


def add_findings(found: Findings, result: PriceByTier) -> None:
    """Add whether key accounts pay more for the same products than the others, and who of the others pays far
    less than all; or what is missing to tell.
    """
    if result.missing:
        found.add("price_tier_unknown", "note", "price_tier_ask", lacking=result.missing)
        return
    figures = result.figures
    if figures["key"] is None or (figures["share"] or 0.0) < LITTLE:
        found.add(
            "price_tier_too_few", "note", None, products=figures["products"], share=figures["share"] or 0.0
        )
        return
    told = {name: figures[name] for name in ("key", "others", "share", "products")}
    told["apart"] = abs(figures["key"] / figures["others"] - 1)
    dearer = figures["key"] > figures["others"]
    look = Look(1.0)
    if figures["p_value"] is not None:
        # either way would be told
        p_value = 2 * min(figures["p_value"], 1 - figures["p_value"])
        look = Look(p_value, figures["others"], figures["sd"])
    if dearer:
        found.add("price_tier_dearer", "watch", "price_tier_check", **told, look=look)
    else:
        found.add("price_tier_cheaper", "note", None, **told, look=look)
    far = result.units[result.units["far_out"] & ~result.units["level"].isin(KEY_LEVELS)]
    if len(far):
        first = far.iloc[0]
        below = {
            "first_below": 1 - first["index"],
            "first_given": first["given"],
            "first_level": first["level"],
        }
        found.add(
            "price_far_below",
            "watch",
            "price_settle_terms",
            far.index,
            count=len(far),
            **below,
            gain=far["given"].sum(),
        )
