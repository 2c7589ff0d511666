"""Price, volume and mix: why revenue changed against the 12 months before, from lines with a quantity.

For each product (where no line has one, each category) a is its net amount and q its net quantity in a year,
0 the year before and 1 this year; p = a / q. Over the products with positive a and q in both years, with
Q = Σq and P = Σa₀ / Σq₀:
  volume = (Q₁ − Q₀) · P     as much more or less, all at last year's average price
  mix    = Σq₁·p₀ − Q₁ · P   dearer or cheaper products than last year, at last year's prices
  price  = Σq₁ · (p₁ − p₀)   the same products at other prices
The price effect counts this year's quantities (as Paasche's index does), so that what prices and quantities
did together is in it. Counted on last year's quantities (as Laspeyres' does) it is Σq₀ · (p₁ − p₀); the
difference, Σ(q₁ − q₀) · (p₁ − p₀), is the joint effect. Both are given.

This is the quantity, mix and price variance of sales (Horngren, Datar, Rajan: Cost Accounting, chapter on
flexible budgets and sales variances), with last year in place of the budget. Products with sales in one year
only are new or lost; lines without a quantity or a product, and products with positive sales in neither year,
are unmatched. Categories of charges that moved much (see ``measures.charges``) are no goods and a part of
their own. The parts add up to the change. Rates are told as shares of Σa₀, so that they add up to the change
of these products as the amounts do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy.stats import norm

from kamplay.book import Book
from kamplay.method.measures import purchases
from kamplay.method.measures.charges import charges, lines_apart
from kamplay.method.noise_gate import Look
from kamplay.method.results import Findings, Severity

PARTS = ("new", "lost", "volume", "mix", "price", "charges", "unmatched")
PRICE_FELL, PRICES_FELL_MUCH = 0.01, 0.03  # falls of prices that are worth watching, and acting on
LITTLE = 0.5  # below this share of revenue from products of both years price and volume say little
Missing = Literal["lines", "quantity", "product", "history"]
# what is missing → the finding that says so
NOT_KNOWN: dict[str, tuple[str, Severity, str]] = {
    "lines": ("pvm_no_lines", "note", "pvm_ask_for_lines"),
    "quantity": ("pvm_no_quantity", "note", "pvm_ask_for_quantity"),
    "product": ("pvm_no_product", "note", "pvm_ask_for_quantity"),
}


def _no_parts() -> pd.DataFrame:
    return pd.DataFrame({"part": pd.Series(dtype="str"), "amount": pd.Series(dtype="float64")})


def _no_products() -> pd.DataFrame:
    return pd.DataFrame(columns=["before", "now", "price"], dtype="float64")


@dataclass(frozen=True)
class PriceVolumeMix:
    """The change of revenue in parts. Amounts in the engagement's currency.

    Attributes
    ----------
    parts : part (before, PARTS, now), amount; ``charges`` and ``unmatched`` only where there are any.
    products : index product, those of both years: before, now (amounts), price (its part of the price
        effect).
    missing : what was lacking; then all else is empty.
    figures : level (product or category), the parts by name, before, now, change, price_rate (price /
        Σq₁·p₀, a change of prices), price_at_old (the price effect on last year's quantities), price_share,
        volume_rate (Q₁ / Q₀ − 1) and mix_rate, of matched_before (Σa₀), which add up to matched_rate, its
        change; charge_names (of the categories of charges), matched_share (of this year's amount), products
        (in both years), new_products, lost_products, unmatched_rows and unmatched_gross (their amounts
        without sign), turned_rows (quantity's sign against that of the amount).
    """

    parts: pd.DataFrame = field(default_factory=_no_parts)
    products: pd.DataFrame = field(default_factory=_no_products)
    missing: Missing | None = None
    figures: dict[str, Any] = field(default_factory=dict)
    look: dict[str, float] = field(default_factory=lambda: vars(Look(1.0)))


def price_volume_mix(book: Book) -> PriceVolumeMix:
    """Take apart the change of revenue between the two years to as_of.

    Lines without an account are left out, as everywhere.
    """
    lines = book.tables.get("transactions")
    level = next((c for c in ("product", "category") if book.has("transactions", c)), None)
    if book.months_covered < purchases.TWO_YEARS:
        return PriceVolumeMix(missing="history")
    if lines is None:
        return PriceVolumeMix(missing="lines")
    if not book.has("transactions", "quantity"):
        return PriceVolumeMix(missing="quantity")
    if level is None:
        return PriceVolumeMix(missing="product")
    start, middle = (purchases.window_dates(book, 12, back)[0] for back in (12, 0))
    end = pd.Timestamp(book.as_of) + pd.Timedelta(days=1)
    inside = (lines["date"] >= start) & (lines["date"] < end)
    known = lines["account_id"].notna() & lines["amount"].notna()
    kinds = [c for c in ("category", "product") if c in lines]
    used = lines.loc[known & inside, ["date", "amount", "quantity", *kinds]]
    found = charges(book)
    names = () if found is None else found.names
    apart = lines_apart(used, names)
    return decompose(
        used["amount"], used["quantity"], used[level], used["date"] >= middle, level, apart, names
    )


def decompose(
    amount: pd.Series,
    quantity: pd.Series,
    product: pd.Series,
    this_year: pd.Series,
    level: str = "product",
    apart: np.ndarray | None = None,
    charge_names: Sequence[str] = (),
) -> PriceVolumeMix:
    """Price, volume and mix from aligned lines; see the module for the formula.

    Parameters
    ----------
    amount, quantity, product : of each line. A quantity takes the sign of its amount, since a return may be
        delivered with a positive one.
    this_year : True for a line of the last 12 months, False for one of the 12 before.
    level : what ``product`` is (product or category).
    apart : True for a line of charges, in the categories ``charge_names``; None without any.
    """
    aside = np.zeros(len(amount), dtype=bool) if apart is None else apart
    money, pieces = amount.to_numpy("float64"), pd.to_numeric(quantity).to_numpy("float64", na_value=np.nan)
    turned = pieces * money < 0
    pieces = np.where(turned, -pieces, pieces)
    usable = np.isfinite(pieces) & (pieces != 0) & product.notna().to_numpy() & ~aside
    now = this_year.to_numpy("bool")
    # positions instead of names: the grouping of a million lines is then a matter of adding into arrays
    code, names = pd.factorize(product.where(usable))
    inside = code >= 0

    def summed(values: np.ndarray, rows: np.ndarray) -> np.ndarray:
        return np.bincount(code[rows], weights=values[rows], minlength=len(names)).astype("float64")

    a0, a1 = summed(money, inside & ~now), summed(money, inside & now)
    q0, q1 = summed(pieces, inside & ~now), summed(pieces, inside & now)
    sold0, sold1 = (a0 > 0) & (q0 > 0), (a1 > 0) & (q1 > 0)
    both, new, lost, neither = sold0 & sold1, sold1 & ~sold0, sold0 & ~sold1, ~sold0 & ~sold1
    # this year's quantities at last year's prices
    at_old = np.where(both, q1 * np.divide(a0, q0, out=np.zeros_like(a0), where=both), 0.0)
    # last year's quantities at this year's prices
    at_new = np.where(both, q0 * np.divide(a1, q1, out=np.zeros_like(a1), where=both), 0.0)
    amount0, amount1, at_old_prices = a0[both].sum(), a1[both].sum(), at_old.sum()
    quantity0, quantity1 = q0[both].sum(), q1[both].sum()
    volume = (quantity1 - quantity0) * amount0 / quantity0 if quantity0 > 0 else 0.0
    bare = ~inside & ~aside
    without_product = money[now & bare].sum() - money[~now & bare].sum()
    change = a1 - a0
    amounts = {
        "new": float(change[new].sum()),
        "lost": float(change[lost].sum()),
        "volume": float(volume),
        "mix": float(at_old_prices - amount0 - volume),
        "price": float(amount1 - at_old_prices),
        "charges": float(money[now & aside].sum() - money[~now & aside].sum()),
        "unmatched": float(without_product + change[neither].sum()),
    }
    before, after = float(money[~now].sum()), float(money[now].sum())
    unmatched = bare | (inside & neither[code] if len(names) else False)
    figures: dict[str, Any] = {
        **amounts,
        "level": level,
        "before": before,
        "now": after,
        "change": after - before,
        "price_rate": float(amounts["price"] / at_old_prices) if at_old_prices > 0 else 0.0,
        "price_share": float(amounts["price"] / amount0) if amount0 > 0 else 0.0,
        "matched_before": float(amount0),
        "matched_rate": float(amount1 / amount0 - 1) if amount0 > 0 else 0.0,
        "charge_names": list(charge_names),
        "price_at_old": float(at_new.sum() - amount0),
        "volume_rate": float(quantity1 / quantity0 - 1) if quantity0 > 0 else 0.0,
        "mix_rate": float(amounts["mix"] / amount0) if amount0 > 0 else 0.0,
        "matched_share": float(amount1 / after) if after > 0 else 0.0,
        "products": int(both.sum()),
        "new_products": int(new.sum()),
        "lost_products": int(lost.sum()),
        "unmatched_rows": int(unmatched.sum()),
        "unmatched_gross": float(np.abs(money[unmatched]).sum()),
        "turned_rows": int((turned & usable).sum()),
    }
    there = {"charges": bool(aside.any()), "unmatched": bool(bare.any() or neither.any())}
    shown = [part for part in PARTS if there.get(part, True)]
    rows = [("before", before), *((part, amounts[part]) for part in shown), ("now", after)]
    products = pd.DataFrame(
        {"before": a0[both], "now": a1[both], "price": (a1 - at_old)[both]},
        index=pd.Index(names[both], name="product"),
    )
    look = _price_look(money, pieces, code, now, both, at_old_prices, amounts["price"], amount0)
    return PriceVolumeMix(pd.DataFrame(rows, columns=["part", "amount"]), products, None, figures, vars(look))


def _price_look(
    money: np.ndarray,
    pieces: np.ndarray,
    code: np.ndarray,
    now: np.ndarray,
    both: np.ndarray,
    at_old_prices: float,
    price: float,
    before: float,
) -> Look:
    """How far prices would move if each product's lines could as well stand in the other year: the sum over
    the products, each with the variance of a part drawn without replacement from its lines' distances to its
    mean price. As a share of ``before``, what they brought in the year before.
    """
    size = len(both)
    inside = (code >= 0) & both[np.maximum(code, 0)] if size else np.zeros(len(code), dtype=bool)
    if not inside.any() or not at_old_prices > 0:
        return Look(1.0)
    code, money, pieces, now = code[inside], money[inside], pieces[inside], now[inside]
    sold, sold_now = np.bincount(code, pieces, size), np.bincount(code[now], pieces[now], size)
    mean = np.bincount(code, money, size) / np.where(sold != 0, sold, 1.0)
    apart = np.bincount(code, (money - mean[code] * pieces) ** 2, size)
    lines, lines_now = np.bincount(code, minlength=size), np.bincount(code[now], minlength=size)
    drawn = lines_now * (lines - lines_now) / np.maximum(lines * (lines - 1.0), 1.0)
    scale = np.divide(sold, sold - sold_now, out=np.zeros(size), where=sold > sold_now)
    sd = float(np.sqrt((scale**2 * drawn * apart).sum())) / at_old_prices
    return (
        Look(float(norm.cdf(price / at_old_prices / sd)), 0.0, sd * at_old_prices / before)
        if sd > 0
        else Look(0.0)
    )


def told_beside(result: PriceVolumeMix) -> dict[str, Any]:
    """What prices, volume and mix did, for who tells it beside the change of revenue: rates of what was sold
    in both years, and ``by_product``; nothing where it is not known or such sales are few.
    """
    if result.missing or result.figures["matched_share"] < LITTLE:
        return {}
    names = ("price_share", "volume_rate", "mix_rate", "matched_rate")
    return {name: result.figures[name] for name in names} | {
        "by_product": result.figures["level"] == "product"
    }


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
        look = Look(**result.look)
        findings.add("pvm", severity, check, **figures, stake=stake, look=look)
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
                net=figures["price"],
                stake=stake,
                look=look,
                only_outside=True,
            )
    if by_product and (figures["new_products"] or figures["lost_products"]):
        findings.add("pvm_range", "note", None, **figures)
    if figures["unmatched_rows"]:
        findings.add("pvm_unmatched", "note", "pvm_complete_quantity", **figures)
    if figures["turned_rows"]:
        findings.add("pvm_turned", "note", None, **figures)
