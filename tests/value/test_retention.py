"""Movement in depth: won back, retention by segment, cohorts, price–volume–mix; hand-worked, and adding up by
property.
"""

import json
import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from words import of_module

from kamplay.book import Book
from kamplay.method.measures import purchases
from kamplay.method.results import Findings
from kamplay.method.value import price_volume_mix as pvm
from kamplay.method.value.price_volume_mix import PARTS, decompose, price_volume_mix
from kamplay.method.value.retention import (
    TOO_MANY,
    account_moves,
    add_segment_findings,
    best_earlier,
    cohorts,
    retention,
    retention_rates,
    revenue_bridge,
    segment_retention,
)
from kamplay.show.display import NOTHING
from kamplay.show.locale import Locale
from kamplay.show.value import retention as charts
from kamplay.show.value import retention as tables
from kamplay.show.view import View, using
from tests.conftest import AS_OF, book_of, lines_of, random_lines

words = of_module("value.retention")

cents = st.integers(-(10**8), 10**8).map(lambda n: n / 100)


def told(book: Book, tiers: pd.Series | None = None) -> dict[str, dict[str, object]]:
    """The findings by kind, with their accounts; each is said in both languages without a gap."""
    found = Findings("value")
    add_segment_findings(found, retention(book, tiers))
    pvm.add_findings(found, price_volume_mix(book))
    for finding in found:
        json.dumps(finding.figures, allow_nan=False)
        values = {**finding.figures, "names": "x", "what": "y"}
        for language in ("zh", "en"):
            assert "None" not in Locale(language, "EUR").say(words.HEADLINES[finding.kind], **values)
        assert finding.action is None or finding.action in words.ACTIONS
    return {
        f.kind: {**f.figures, "who": f.accounts, "severity": f.severity, "action": f.action} for f in found
    }


# --- won back


def test_won_back_is_split_from_new():
    now = pd.Series({"new": 10.0, "back": 20.0, "kept": 5.0, "refunded": 7.0, "gone": 0.0})
    before = pd.Series({"new": 0.0, "back": 0.0, "kept": 5.0, "refunded": -1.0, "gone": 4.0})
    earlier = pd.Series({"new": 0.0, "back": 3.0, "kept": 9.0, "refunded": 2.0, "gone": 9.0})
    assert account_moves(now, before, earlier)["move"].to_dict() == {
        "new": "new", "back": "won_back", "kept": "same", "refunded": "won_back", "gone": "lost",
    }  # fmt: skip
    rows = revenue_bridge(account_moves(now, before, earlier)).set_index("item")
    assert list(rows.index) == ["before", "new", "won_back", "expanded", "contracted", "lost", "now"]
    assert rows.loc["won_back", "amount"] == 28.0 and rows.loc["won_back", "accounts"] == 2
    assert "won_back" not in set(
        account_moves(now, before)["move"]
    )  # without the years before that, they are new
    assert revenue_bridge(account_moves(now, before)).set_index("item").loc["new", "accounts"] == 3


@given(st.lists(st.tuples(cents, cents, cents), min_size=1, max_size=40))
def test_bridge_with_won_back_adds_up(values):
    index = [f"a{i}" for i in range(len(values))]
    now, before, earlier = (pd.Series([v[k] for v in values], index=index) for k in range(3))
    table = account_moves(now, before, earlier)
    rows = revenue_bridge(table).set_index("item")
    room = 1e-9 * (1 + now.abs().sum() + before.abs().sum())
    assert math.isclose(rows["amount"].drop("now").sum(), rows.loc["now", "amount"], abs_tol=room)
    assert rows["accounts"].drop(["before", "now"]).sum() + (table["move"] == "same").sum() == len(values)
    gained = rows["accounts"].get("new", 0) + rows["accounts"].get("won_back", 0)
    assert (
        rows.loc["before", "accounts"] + gained - rows.loc["lost", "accounts"] == rows.loc["now", "accounts"]
    )
    plain = revenue_bridge(account_moves(now, before)).set_index("item")
    back = rows["amount"].get("won_back", 0.0)
    assert math.isclose(plain.loc["new", "amount"], rows.loc["new", "amount"] + back, abs_tol=room)


def test_won_back_of_a_book():
    lines = lines_of(
        ("back", "2022-05-01", 100), ("back", "2025-05-01", 60), ("new", "2025-03-01", 40),
        ("kept", "2022-06-01", 10), ("kept", "2024-06-01", 10), ("kept", "2025-06-01", 10),
        ("returned", "2023-06-01", 50), ("returned", "2023-07-01", -50), ("returned", "2025-06-01", 5),
    )  # fmt: skip
    book = book_of(lines)
    found = told(book)["won_back"]
    assert found["who"] == ("back",)
    assert (found["amount"], found["new"], found["new_amount"]) == (60.0, 2, 45.0)
    earlier = best_earlier(book)
    assert earlier is not None and earlier.to_dict() == {
        "back": 100.0,
        "kept": 10.0,
        "new": 0.0,
        "returned": 0.0,
    }


def test_two_years_cannot_tell_who_came_back():
    book = book_of(lines_of(("a", "2024-01-15", 10), ("a", "2025-02-01", 10), ("b", "2025-02-01", 10)))
    assert not retention(book).returns_known
    assert told(book)["won_back_unknown"]["count"] == 1


# --- retention


def test_hand_worked_retention_by_segment():
    before = pd.Series({"a": 100.0, "b": 50.0, "c": 50.0, "d": 0.0, "e": 200.0})
    now = pd.Series({"a": 150.0, "b": 20.0, "c": -10.0, "d": 99.0, "e": 100.0})
    tier = pd.Series({"a": "S", "b": "S", "c": "A", "d": "A", "e": ""})
    rows = segment_retention(now, before, {"tier": tier})
    assert rows["value"].tolist() == [
        "",
        "S",
        "A",
        "",
    ]  # all; then the highest tier first, none recorded last
    assert rows["accounts"].tolist() == [4, 2, 1, 1]  # d had nothing to keep
    assert rows["nrr"].tolist() == pytest.approx([270 / 400, 170 / 150, 0.0, 0.5])
    assert rows["grr"].tolist() == pytest.approx([220 / 400, 120 / 150, 0.0, 0.5])


@given(st.lists(st.tuples(cents, cents, st.sampled_from(["x", "y", "z", ""])), min_size=1, max_size=40))
def test_segments_add_up_to_the_whole(values):
    index = [f"a{i}" for i in range(len(values))]
    now, before, value = (pd.Series([v[k] for v in values], index=index) for k in range(3))
    rows = segment_retention(now, before, {"region": value})
    whole, parts = rows[rows["dimension"] == "all"], rows[rows["dimension"] == "region"]
    for column in ("accounts", "before", "now"):
        assert math.isclose(whole[column].sum(), parts[column].sum(), rel_tol=1e-9, abs_tol=1e-6)
    nrr, grr = retention_rates(now, before)
    if nrr is None:
        assert rows.empty
    else:
        assert whole[["nrr", "grr"]].iloc[0].tolist() == pytest.approx([nrr, grr])


def test_tiers_and_segments_of_a_book():
    rows = [
        (f"A{i:02d}", f"{year}-05-05", 100.0)
        for i in range(20)
        for year in (2023, 2024, 2025)
        if not (i < 6 and year == 2025)
    ]
    accounts = pd.DataFrame(
        {"account_id": [f"A{i:02d}" for i in range(20)], "region": ["北"] * 10 + ["南"] * 10}
    )
    accounts["owner"] = [f"P{i}" for i in range(20)]
    accounts["industry"] = "one"
    tiers = pd.Series(["C"] * 10 + ["S"] * 9, index=accounts["account_id"][:19])
    book = book_of(lines_of(*rows), accounts=accounts)
    found = told(book, tiers)
    assert (
        found["kept_by_region"] | {"best_value": "南", "best_grr": 1.0, "worst_value": "北", "worst_grr": 0.4}
        == found["kept_by_region"]
    )
    assert (found["kept_by_tier"]["best_value"], found["kept_by_tier"]["worst_value"]) == ("S", "C")
    assert found["many_owners"]["values"] == 20 and TOO_MANY["owner"] == "many_owners"
    kept = retention(book, tiers).by_segment
    assert set(kept["dimension"]) == {"all", "tier", "region"}  # one industry divides nothing
    assert kept.loc[kept["dimension"] == "tier", "value"].tolist() == ["S", "C", ""]


# --- cohorts


def test_hand_worked_cohorts():
    lines = lines_of(
        ("old", "2022-03-01", 100), ("old", "2023-03-01", 80), ("old", "2024-03-01", 60), ("old", "2025-03-01", 40),
        ("mid", "2023-11-01", 10), ("mid", "2024-06-01", 50), ("mid", "2025-06-01", 25),
        ("young", "2025-12-31", 7), ("later", "2026-01-01", 999),
        ("left", "2022-01-01", 100),
    )  # fmt: skip
    table = cohorts(book_of(lines)).set_index(["cohort_year_back", "window_back"])
    assert table["revenue"].to_dict() == {
        (3, 3): 200, (3, 2): 80, (3, 1): 60, (3, 0): 40, (2, 2): 10, (2, 1): 50, (2, 0): 25, (1, 1): 0, (1, 0): 0, (0, 0): 7,
    }  # fmt: skip
    assert table["share_kept"].dropna().to_dict() == {
        (3, 3): 1.0,
        (3, 2): 0.4,
        (3, 1): 0.3,
        (3, 0): 0.2,
        (2, 1): 1.0,
        (2, 0): 0.5,
    }
    assert table.loc[(3, 3), "accounts"] == 2 and table.loc[(3, 0), "accounts"] == 1
    found = told(book_of(lines))
    assert (
        found["cohort_share"] | {"years": 3, "share": 40 / 72, "young_accounts": 1} == found["cohort_share"]
    )
    assert (
        found["cohort_kept"] | {"years": 3, "share": 0.2, "accounts": 2, "left": 1, "severity": "watch"}
        == found["cohort_kept"]
    )


@pytest.mark.parametrize("years", [2.2, 3.0, 7.5])
def test_cohorts_add_up_to_revenue(years):
    lines = random_lines(years=years)
    book = book_of(
        pd.concat([lines, lines.assign(amount=-0.3 * lines["amount"]).sample(frac=0.1, random_state=1)])
    )
    table = cohorts(book)
    windows = sorted(set(table["window_back"]))
    assert windows == list(range(min(5, book.months_covered // 12)))
    for window in windows:
        part = table[table["window_back"] == window]
        assert part["revenue"].sum() == pytest.approx(purchases.revenue(book, 12, 12 * window).sum())
        assert part["accounts"].sum() == (purchases.revenue(book, 12, 12 * window) > 0).sum()
    assert np.isfinite(table["share_kept"].dropna()).all()


# --- price, volume, mix


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
    assert found.figures["volume_rate"] == pytest.approx(20 / 150)
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


# --- what is missing


def test_what_is_missing_is_said():
    short = book_of(lines_of(("a", "2025-03-01", 10.0)))
    assert set(told(short)) == {"flows_unknown"}
    result = retention(short)
    assert result.by_segment.empty and result.cohorts.empty and price_volume_mix(short).parts.empty
    two = lines_of(("a", "2023-01-05", 10.0), ("a", "2024-03-01", 10.0), ("a", "2025-03-01", 10.0))
    assert {"pvm_no_quantity", "segments_unknown"} <= set(told(book_of(two)))
    assert "pvm_no_product" in told(book_of(two.assign(quantity=1.0)))
    assert "pvm_no_quantity" in told(book_of(two.assign(quantity=np.nan, product="p")))
    assert "pvm_no_lines" in told(replace(book_of(two), tables={}))
    gone = lines_of(("a", "2022-03-01", 10.0), ("b", "2024-03-01", -5.0))
    assert told(book_of(gone)) and retention(book_of(gone)).by_segment.empty


# --- what is shown


@pytest.mark.parametrize("language", ["zh", "en"])
def test_shown(language):
    lines = random_lines(years=6.0).assign(
        product=lambda d: d["category"], quantity=lambda d: (d["amount"] / 50).round() + 1
    )
    ids = sorted(set(lines["account_id"]))
    joined = lines["account_id"].map(
        dict(zip(ids, (["2000-01-01", "2023-01-01", "2025-01-01", "2000-01-01"] * len(ids)), strict=False))
    )
    lines = lines[
        pd.to_datetime(lines["date"]) >= pd.to_datetime(joined)
    ]  # accounts that joined in three different years
    book = book_of(
        lines,
        accounts=pd.DataFrame(
            {"account_id": ids, "region": [("N", "S", None)[i % 3] for i in range(len(ids))]}
        ),
    )
    with using(View(Locale(language, "EUR"), as_of=AS_OF.date())):
        value = SimpleNamespace(retention=retention(book), price_volume_mix=price_volume_mix(book))
        said = charts.cohorts_chart(value)
        last = value.retention.cohorts[value.retention.cohorts["window_back"] == 0]
        oldest = last["revenue"].iloc[0] / last["revenue"].sum()
        assert Locale(language, "EUR").percent(oldest) in said.text
        bars = charts.pvm_chart(value)
        assert all(
            Locale(language, "EUR").money(a) in bars.text for a in value.price_volume_mix.parts["amount"] if a
        )
        kept = tables.retention_table(value).text
        assert Locale(language, "EUR").text("not stated") in kept and "–" not in kept
        short = book_of(lines_of(("a", "2025-03-01", 10.0)))
        empty = SimpleNamespace(retention=retention(short), price_volume_mix=price_volume_mix(short))
        one_colour = value.retention.cohorts.assign(
            revenue=value.retention.cohorts["revenue"].where(
                value.retention.cohorts["cohort_year_back"] == 4, 1.0
            )
        )
        two_colours = value.retention.cohorts[value.retention.cohorts["window_back"] < 2].replace(
            {"cohort_year_back": {4: 1, 3: 1, 2: 1}}
        )
        two_colours = two_colours.groupby(["cohort_year_back", "window_back"], as_index=False)[
            "revenue"
        ].sum()
        for trivial in (one_colour, two_colours):
            assert (
                charts.cohorts_chart(SimpleNamespace(retention=replace(value.retention, cohorts=trivial)))
                is NOTHING
            )
        assert (
            charts.cohorts_chart(empty) is NOTHING
            and charts.pvm_chart(empty) is NOTHING
            and tables.retention_table(empty) is NOTHING
        )


def test_parts_have_words():
    assert set(charts.PVM) == {"before", *PARTS, "now"}
    assert sorted(words.HEADLINES) == sorted(k for kinds in words.TOPICS.values() for k in kinds)
