"""Price, volume and mix: why revenue changed from the 12 months before to the last 12, from lines with a
quantity.

For each product (where no line has one, each category) a is its net amount and q its net quantity in a year, 0 the year before
and 1 this year; p = a / q. Over the products with positive a and q in both years, with Q = Σq and P = Σa₀ / Σq₀:
  volume = (Q₁ − Q₀) · P     as much more or less, all at last year's average price
  mix    = Σq₁·p₀ − Q₁ · P   dearer or cheaper products than last year, at last year's prices
  price  = Σq₁ · (p₁ − p₀)   the same products at other prices
which is the quantity, mix and price variance of sales (Horngren, Datar, Rajan: Cost Accounting, chapter on flexible budgets and
sales variances), with last year in place of the budget. Products with sales in one year only are new or lost; lines without a
quantity or a product, and products with positive sales in neither year, are unmatched. The parts add up to the change.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.measures import purchases
from kamplay.method.results import Findings, Severity

PARTS = ("new", "lost", "volume", "mix", "price", "unmatched")
PRICE_FELL, PRICES_FELL_MUCH = 0.01, 0.03  # falls of prices that are worth watching, and acting on
LITTLE = 0.5  # below this share of revenue from products of both years price and volume say little
Missing = Literal["lines", "quantity", "product", "history"]
# what is lacking → the finding that says so
NOT_KNOWN: dict[str, tuple[str, Severity, str]] = {
    "lines": ("pvm_no_lines", "note", "pvm_ask_for_lines"),
    "quantity": ("pvm_no_quantity", "note", "pvm_ask_for_quantity"),
    "product": ("pvm_no_product", "note", "pvm_ask_for_quantity"),
}


@dataclass(frozen=True)
class PriceVolumeMix:
    """``parts``: part (before, PARTS, now), amount; ``unmatched`` only where there is any. ``products`` of
    both years: index product, before, now (amounts), price (its part of the price effect). ``missing``:
    what was lacking, then all else is empty.

    ``figures``: level (product or category), the parts by name, before, now, change, price_rate (price /
    Σq₁·p₀), volume_rate (Q₁ / Q₀ − 1), mix_rate (mix / Σa₀), matched_share (of this year's amount), products
    (in both years), new_products, lost_products, unmatched_rows and unmatched_gross (their amounts without
    sign), turned_rows (quantity's sign against that of the amount).
    """

    parts: pd.DataFrame
    products: pd.DataFrame
    missing: Missing | None = None
    figures: dict[str, Any] = field(default_factory=dict)


def price_volume_mix(book: Book) -> PriceVolumeMix:
    """The change of revenue between the two years to as_of, in parts. Lines without an account are left out,
    as everywhere.
    """
    nothing = pd.DataFrame({"part": pd.Series(dtype="str"), "amount": pd.Series(dtype="float64")})
    products = pd.DataFrame({"before": [], "now": [], "price": []}, dtype="float64")
    lines = book.tables.get("transactions")
    level = next((c for c in ("product", "category") if book.has("transactions", c)), None)
    missing: Missing | None = None
    if book.months_covered < purchases.TWO_YEARS:
        missing = "history"
    elif lines is None:
        missing = "lines"
    elif not book.has("transactions", "quantity"):
        missing = "quantity"
    elif level is None:
        missing = "product"
    if missing or lines is None or level is None:
        return PriceVolumeMix(nothing, products, missing)
    start, middle = (purchases.window_dates(book, 12, back)[0] for back in (12, 0))
    end = pd.Timestamp(book.as_of) + pd.Timedelta(days=1)
    known = (
        lines["account_id"].notna()
        & lines["amount"].notna()
        & (lines["date"] >= start)
        & (lines["date"] < end)
    )
    used = lines.loc[known, ["date", "amount", "quantity", level]]
    return decomposed(used["amount"], used["quantity"], used[level], used["date"] >= middle, level)


def decomposed(
    amount: pd.Series, quantity: pd.Series, product: pd.Series, this_year: pd.Series, level: str = "product"
) -> PriceVolumeMix:
    """The parts from aligned lines. A quantity takes the sign of its amount, since a return may be delivered
    with a positive one.
    """
    money, pieces = amount.to_numpy("float64"), pd.to_numeric(quantity).to_numpy("float64", na_value=np.nan)
    turned = pieces * money < 0
    pieces = np.where(turned, -pieces, pieces)
    usable = np.isfinite(pieces) & (pieces != 0) & product.notna().to_numpy()
    now = this_year.to_numpy("bool")
    # positions instead of names: the grouping of a million lines is then a matter of adding into arrays
    code, names = pd.factorize(product.where(usable))
    inside = code >= 0

    def summed(what: np.ndarray, rows: np.ndarray) -> np.ndarray:
        return np.bincount(code[rows], weights=what[rows], minlength=len(names)).astype("float64")

    a0, a1 = summed(money, inside & ~now), summed(money, inside & now)
    q0, q1 = summed(pieces, inside & ~now), summed(pieces, inside & now)
    sold0, sold1 = (a0 > 0) & (q0 > 0), (a1 > 0) & (q1 > 0)
    both, new, lost, neither = sold0 & sold1, sold1 & ~sold0, sold0 & ~sold1, ~sold0 & ~sold1
    at_old = np.where(both, q1 * np.divide(a0, q0, out=np.zeros_like(a0), where=both), 0.0)
    total0, total1, amount0, amount1 = q0[both].sum(), q1[both].sum(), a0[both].sum(), a1[both].sum()
    volume = (total1 - total0) * amount0 / total0 if total0 > 0 else 0.0
    aside = money[now & ~inside].sum() - money[~now & ~inside].sum()
    change = a1 - a0
    amounts = {
        "new": change[new].sum(),
        "lost": change[lost].sum(),
        "volume": volume,
        "mix": at_old.sum() - amount0 - volume,
        "price": amount1 - at_old.sum(),
        "unmatched": aside + change[neither].sum(),
    }
    before, after = money[~now].sum(), money[now].sum()
    whole = {p: float(v) for p, v in amounts.items()}
    shown = [p for p in PARTS if p != "unmatched" or (~inside).any() or neither.any()]
    rows = [("before", float(before)), *((p, whole[p]) for p in shown), ("now", float(after))]
    loose = ~inside | np.where(inside, neither[code] if len(names) else False, False)
    figures: dict[str, Any] = {
        **whole,
        "level": level,
        "before": float(before),
        "now": float(after),
        "change": float(after - before),
        "price_rate": float(whole["price"] / at_old.sum()) if at_old.sum() > 0 else 0.0,
        "volume_rate": float(total1 / total0 - 1) if total0 > 0 else 0.0,
        "mix_rate": float(whole["mix"] / amount0) if amount0 > 0 else 0.0,
        "matched_share": float(amount1 / after) if after > 0 else 0.0,
        "products": int(both.sum()),
        "new_products": int(new.sum()),
        "lost_products": int(lost.sum()),
        "unmatched_rows": int(loose.sum()),
        "unmatched_gross": float(np.abs(money[loose]).sum()),
        "turned_rows": int((turned & usable).sum()),
    }
    products = pd.DataFrame(
        {"before": a0[both], "now": a1[both], "price": (a1 - at_old)[both]},
        index=pd.Index(names[both], name="product"),
    )
    return PriceVolumeMix(pd.DataFrame(rows, columns=["part", "amount"]), products, None, figures)


def add_findings(findings: Findings, result: PriceVolumeMix) -> None:
    """Add what prices, volume and mix did; or what is missing to tell."""
    if result.missing == "history":  # the findings of retention say so
        return
    if result.missing:
        findings.add(*NOT_KNOWN[result.missing])
        return
    figures = {name: value for name, value in result.figures.items() if name != "level"}
    by_product = result.figures["level"] == "product"
    if figures["matched_share"] < LITTLE:
        findings.add("pvm_little_matched", "watch", "pvm_stable_codes", **figures)
    elif not by_product:  # an average over products is no price: nobody is asked to act on it
        findings.add("pvm_by_category", "note", "pvm_ask_for_products", **figures)
    else:
        rate = figures["price_rate"]
        severity: Severity = (
            "act" if rate <= -PRICES_FELL_MUCH else "watch" if rate <= -PRICE_FELL else "note"
        )
        stake = -figures["price"] if figures["price"] < 0 else None
        check = None if severity == "note" else "pvm_check_prices"
        findings.add("pvm", severity, check, **figures, stake=stake)
        falls = result.products.loc[result.products["price"] < 0, "price"].sort_values()
        if severity != "note" and len(falls):
            names = [str(product) for product in falls.index[:3]]
            lost = -falls.sum()
            findings.add(
                "pvm_price_falls",
                "watch",
                None,
                zh=names,
                en=names,
                count=len(falls),
                amount=lost,
                stake=lost,
            )
    if by_product and (figures["new_products"] or figures["lost_products"]):
        findings.add("pvm_range", "note", None, **figures)
    if figures["unmatched_rows"]:
        findings.add("pvm_unmatched", "note", "pvm_complete_quantity", **figures)
    if figures["turned_rows"]:
        findings.add("pvm_turned", "note", None, **figures)
