"""Prices by tier: by hand, planted differences, and the customer of the sample whose concessions eat its
margin."""

import numpy as np
import pandas as pd
import pytest
from conftest import book_of

from kamplay.method.plan.price_by_tier import add_findings, price_by_tier
from kamplay.method.results import Findings


def sales(prices: dict[str, float], product: str = "p", quantity: float = 10.0) -> pd.DataFrame:
    return pd.DataFrame(
        [(unit, "2025-06-15", price * quantity, product, quantity) for unit, price in prices.items()],
        columns=["account_id", "date", "amount", "product", "quantity"],
    )


def found_of(result) -> dict:
    found = Findings("plan")
    add_findings(found, result)
    return {finding.kind: finding for finding in found.settled()}


def test_by_hand():
    # the middle of 8, 9, 10, 11, 12 is 10; of q only one customer is known, and it does not count
    lines = pd.concat([sales({"a": 8, "b": 9, "c": 10, "d": 11, "e": 12}), sales({"a": 1}, "q")])
    returned = sales({"a": -8}, quantity=2).assign(quantity=2.0)  # a return with a positive quantity
    result = price_by_tier(book_of(pd.concat([lines, returned])), pd.Series({"a": "S", "b": "C"}))
    units = result.units
    assert units["index"].to_dict() == pytest.approx({"a": 0.8, "b": 0.9, "c": 1.0, "d": 1.1, "e": 1.2})
    assert units.loc["a", "amount"] == pytest.approx(64.0) and units.loc["a", "given"] == pytest.approx(16.0)
    assert result.figures["products"] == 1 and result.figures["key"] is None
    assert result.levels["index"].isna().all()  # one customer is no level
    assert set(found_of(result)) == {"price_tier_too_few"}


def market(key: float, others: float, seed: int = 1) -> tuple[pd.DataFrame, pd.Series]:
    rng = np.random.default_rng(seed)
    levels = {f"s{n}": "S" for n in range(15)} | {f"c{n}": "C" for n in range(40)}
    frames = [
        sales(
            {u: base * (key if v == "S" else others) * rng.lognormal(0, 0.05) for u, v in levels.items()}, p
        )
        for p, base in (("p", 10.0), ("q", 300.0))
    ]
    return pd.concat(frames), pd.Series(levels)


def test_key_accounts_that_pay_more_are_found_and_chance_is_not():
    result = price_by_tier(book_of(market(1.1, 1.0)[0]), market(1.1, 1.0)[1])
    found = found_of(result)["price_tier_dearer"]
    assert (found.reference, found.severity) == ("outside", "watch")
    assert found.figures["apart"] == pytest.approx(0.1, abs=0.03)
    told = 0
    for seed in range(60):
        lines, levels = market(1.0, 1.0, seed)
        found = found_of(price_by_tier(book_of(lines), levels))
        told += any(kind != "price_far_below" and one.reference != "within" for kind, one in found.items())
    assert told <= 3  # one in a hundred is expected
    lines, levels = market(0.9, 1.0)
    assert found_of(price_by_tier(book_of(lines), levels))["price_tier_cheaper"].reference == "outside"


def test_the_planted_skinner_and_nobody_else_pays_far_less(medtech_steps):
    found = medtech_steps.plan.finding("price_far_below")
    assert found.accounts == ("C0005",)
    assert found.figures["first_below"] > 0.3


@pytest.mark.parametrize("column, lacking", [("quantity", "quantity"), ("product", "product")])
def test_what_is_missing_is_named(column, lacking):
    lines = sales({"a": 8, "b": 9}).drop(columns=column)
    result = price_by_tier(book_of(lines), pd.Series({"a": "S", "b": "C"}))
    assert found_of(result)["price_tier_unknown"].figures["lacking"] == lacking
