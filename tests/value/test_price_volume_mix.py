"""Price, volume and mix: worked by hand, each cause alone, and adding up by property."""

import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from conftest import AS_OF, book_of, lines_of, random_lines
from hypothesis import given
from hypothesis import strategies as st

from kamplay.book import Book
from kamplay.method.measures import purchases
from kamplay.method.results import Findings
from kamplay.method.value.price_volume_mix import PARTS, add_findings, decompose, price_volume_mix
from kamplay.show.display import NOTHING
from kamplay.show.findings import headline
from kamplay.show.locale import Locale
from kamplay.show.value import price_volume_mix as shown
from kamplay.show.view import View, using

cents = st.integers(-(10**8), 10**8).map(lambda n: n / 100)


def told(book: Book) -> dict[str, dict[str, object]]:
    """The findings by kind; each is said in both languages without a gap."""
    findings = Findings("value")
    add_findings(findings, price_volume_mix(book))
    for finding in findings:
        for language in ("zh", "en"):
            assert "None" not in headline(finding, Locale(language, "EUR"), {})
    return {f.kind: {**f.figures, "severity": f.severity, "action": f.action} for f in findings}


def priced(*rows: tuple[str, int, float, float | None]) -> tuple[pd.Series, pd.Series, pd.Series, pd.Series]:
    """Lines from (product, year 0 or 1, quantity, price)."""
    frame = pd.DataFrame(rows, columns=["product", "year", "quantity", "price"])
    return frame["quantity"] * frame["price"], frame["quantity"], frame["product"], frame["year"] == 1


def test_hand_worked_price_volume_mix():
    found = decompose(
        *priced(
            ("a", 0, 100, 10),
            ("b", 0, 50, 20),
            ("a", 1, 90, 12),
            ("b", 1, 80, 19),
            ("c", 1, 4, 25),
            ("d", 0, 3, 10),
        )
    )
    # 150 pieces at 13.33 on average become 170: volume 266.67; at old prices 170 pieces are 2,500: mix
    # 233.33; they bring 2,600: price 100
    assert found.parts.set_index("part")["amount"].to_dict() == pytest.approx(
        {
            "before": 2030,
            "new": 100,
            "lost": -30,
            "volume": 266.6667,
            "mix": 233.3333,
            "price": 100,
            "now": 2700,
        },
        abs=1e-3,
    )
    assert found.figures["price_rate"] == pytest.approx(0.04)
    # of last year's 2,000: 5%, 13.3% and 11.7% are the 30% by which these products grew
    shares = [found.figures[name] for name in ("price_share", "volume_rate", "mix_rate")]
    assert shares == pytest.approx([0.05, 4 / 30, 7 / 60])
    assert sum(shares) == pytest.approx(found.figures["matched_rate"]) == pytest.approx(0.3)
    assert found.figures["volume_rate"] == pytest.approx(20 / 150)
    assert found.figures["price_at_old"] == pytest.approx(100 * 2 + 50 * -1)  # on last year's quantities
    assert found.products["price"].to_dict() == pytest.approx({"a": 180, "b": -80})


@pytest.mark.parametrize(
    ("now", "part"),
    [
        ((("a", 1, 10, 11), ("b", 1, 10, 5.5)), "price"),
        ((("a", 1, 20, 10), ("b", 1, 20, 5)), "volume"),
        ((("a", 1, 15, 10), ("b", 1, 5, 5)), "mix"),
    ],
)
def test_each_cause_is_found_alone(now, part):
    amounts = decompose(*priced(("a", 0, 10, 10), ("b", 0, 10, 5), *now)).parts.set_index("part")["amount"]
    assert amounts[part] == pytest.approx(amounts["now"] - amounts["before"])
    assert amounts[[p for p in ("price", "volume", "mix") if p != part]].tolist() == pytest.approx([0, 0])


def test_returns_and_lines_that_cannot_be_compared():
    amount = pd.Series([1000.0, 1000.0, -100.0, -50.0, 30.0, 20.0, -8.0])
    quantity = pd.Series([100.0, 100.0, 10.0, np.nan, 0.0, 2.0, -1.0])  # the return's quantity is positive
    product = pd.Series(["a", "a", "a", "a", "a", None, "r"])
    found = decompose(amount, quantity, product, pd.Series([False, True, True, True, True, True, True]))
    parts = found.parts.set_index("part")["amount"]
    assert parts["price"] == pytest.approx(0)  # 90 net pieces for 900: the price of 10 stands
    assert parts["volume"] == pytest.approx(-100)
    assert parts["unmatched"] == pytest.approx(-50 + 30 + 20 - 8)
    assert (found.figures["unmatched_rows"], found.figures["turned_rows"]) == (4, 1)
    assert found.figures["unmatched_gross"] == pytest.approx(108)


quantities = st.one_of(st.none(), st.integers(-50, 50))


@given(
    st.lists(
        st.tuples(cents, quantities, st.sampled_from(["a", "b", "c", None]), st.booleans()),
        min_size=1,
        max_size=60,
    )
)
def test_parts_add_up_to_the_change(rows):
    frame = pd.DataFrame(rows, columns=["amount", "quantity", "product", "now"])
    found = decompose(frame["amount"], frame["quantity"].astype("float64"), frame["product"], frame["now"])
    amounts = found.parts.set_index("part")["amount"]
    assert np.isfinite(amounts).all() and all(
        math.isfinite(v) for v in found.figures.values() if isinstance(v, float)
    )
    assert math.isclose(
        amounts.drop("now").sum(),
        amounts["now"],
        rel_tol=1e-7,
        abs_tol=1e-7 * (1 + 60 * frame["amount"].abs().sum()),
    )
    assert amounts["now"] == pytest.approx(frame.loc[frame["now"], "amount"].sum(), abs=1e-4)


@pytest.mark.parametrize("as_of", ["2025-12-31", "2025-02-28", "2025-10-15", "2025-08-30"])
def test_years_are_those_of_the_bridge(as_of):
    lines = random_lines(years=4.0).assign(product=lambda d: d["category"], quantity=3.0)
    lines.loc[::50, "account_id"] = None
    day = pd.Timestamp(as_of)
    book = book_of(lines.dropna(subset=["account_id"]), day)
    book = replace(book, tables={"transactions": lines.assign(date=pd.to_datetime(lines["date"]))})
    parts = price_volume_mix(book).parts.set_index("part")["amount"]
    assert parts["now"] == pytest.approx(purchases.revenue(book).sum())
    assert parts["before"] == pytest.approx(purchases.revenue(book, 12, 12).sum())


def test_falling_prices_are_acted_on_and_named():
    rows = [
        (f"A{i % 9}", f"{year}-{1 + i % 12:02d}-10", 10 * price, "O", "p", 10.0)
        for i in range(60)
        for year, price in ((2024, 10.0), (2025, 9.0))
    ]
    lines = pd.DataFrame(rows, columns=["account_id", "date", "amount", "order_id", "product", "quantity"])
    found = told(book_of(lines))
    assert (
        found["pvm"] | {"price_rate": pytest.approx(-0.1), "severity": "act", "action": "pvm_check_prices"}
        == found["pvm"]
    )
    assert found["pvm_price_falls"]["en"] == ["p"]
    named = told(book_of(lines.rename(columns={"product": "category"})))
    assert (
        named["pvm_by_category"]["action"] == "pvm_ask_for_products" and "pvm" not in named
    )  # an average is no price
    recoded = lines.assign(product=np.where(lines["date"] < "2025", "p", "q"))
    assert told(book_of(recoded))["pvm_little_matched"]["matched_share"] == 0


def test_what_is_missing_is_said():
    short = book_of(lines_of(("a", "2025-03-01", 10.0)))
    assert told(short) == {} and price_volume_mix(short).parts.empty
    two = lines_of(("a", "2023-01-05", 10.0), ("a", "2024-03-01", 10.0), ("a", "2025-03-01", 10.0))
    assert set(told(book_of(two))) == {"pvm_no_quantity"}
    assert set(told(book_of(two.assign(quantity=1.0)))) == {"pvm_no_product"}
    assert set(told(book_of(two.assign(quantity=np.nan, product="p")))) == {"pvm_no_quantity"}
    assert set(told(replace(book_of(two), tables={}))) == {"pvm_no_lines"}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_bridge_names_every_part(language):
    lines = random_lines().assign(product=lambda d: d["category"], quantity=lambda d: d["amount"] // 50 + 1)
    result, locale = price_volume_mix(book_of(lines)), Locale(language, "EUR")
    with using(View(locale, as_of=AS_OF.date())):
        text = shown.price_volume_mix_chart(SimpleNamespace(price_volume_mix=result)).text
        assert all(locale.money(amount) in text for amount in result.parts["amount"] if amount)
        short = price_volume_mix(book_of(lines_of(("a", "2025-03-01", 10.0))))
        assert shown.price_volume_mix_chart(SimpleNamespace(price_volume_mix=short)) is NOTHING


def test_parts_have_words():
    assert set(shown.PARTS) == {"before", *PARTS, "now"}


def test_the_percentages_that_are_said_add_up():
    """6.53%, −9.27% and 0.54% are together −2.2%: rounded each for itself they would come to −2.3%."""
    figures = {"price_share": 0.0653, "volume_rate": -0.0927, "mix_rate": 0.0054, "matched_rate": -0.022}
    assert shown.shares(figures, Locale("en", "EUR")) == ["+6.5%", "−9.3%", "+0.6%", "−2.2%"]
    figures = {"price_share": 0.05, "volume_rate": 4 / 30, "mix_rate": 7 / 60, "matched_rate": 0.3}
    assert shown.shares(figures, Locale("en", "EUR")) == ["+5%", "+13.3%", "+11.7%", "+30%"]
