"""The revenue bridge, retention and cohorts: worked by hand, and adding up by property."""

import json
import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from conftest import AS_OF, book_of, lines_of, random_lines
from hypothesis import given, settings
from hypothesis import strategies as st
from words import of_module

from kamplay.book import Book
from kamplay.method.measures import purchases
from kamplay.method.noise_gate import Look
from kamplay.method.results import Finding, Findings
from kamplay.method.value.retention import (
    MOVES,
    TOO_MANY,
    account_moves,
    add_findings,
    add_segment_findings,
    best_earlier,
    cohorts,
    retention,
    retention_rates,
    revenue_bridge,
    segment_retention,
)
from kamplay.show.charts.bridge import what_bars_hold
from kamplay.show.display import NOTHING
from kamplay.show.findings import brief, headline
from kamplay.show.locale import Locale
from kamplay.show.registry import specs
from kamplay.show.value import retention as shown
from kamplay.show.view import View, using

words = of_module("value.retention")

cents = st.integers(-(10**8), 10**8).map(lambda n: n / 100)


def told(book: Book, tiers: pd.Series | None = None) -> dict[str, dict[str, object]]:
    """The findings by kind, with their accounts; each is said in both languages without a gap."""
    findings = Findings("value")
    add_segment_findings(findings, retention(book, tiers))
    for finding in findings:
        json.dumps(finding.figures, allow_nan=False)
        for language in ("zh", "en"):
            names = {account: account for account in finding.accounts}
            assert "None" not in headline(finding, Locale(language, "EUR"), names)
        assert finding.action is None or finding.action in words.ACTIONS
    return {
        f.kind: {**f.figures, "who": f.accounts, "severity": f.severity, "action": f.action} for f in findings
    }


# --- the bridge

BEFORE = pd.Series(
    {"kept": 100.0, "grown": 50.0, "shrunk": 40.0, "gone": 30.0, "refunded": 20.0, "new": 0.0, "credit": -5.0}
)
NOW = pd.Series(
    {"kept": 100.0, "grown": 80.0, "shrunk": 10.0, "gone": 0.0, "refunded": -10.0, "new": 25.0, "credit": 5.0}
)


def test_each_account_moves_once():
    assert account_moves(NOW, BEFORE)["move"].to_dict() == {
        "kept": "same",
        "grown": "expanded",
        "shrunk": "contracted",
        "gone": "lost",
        "refunded": "lost",
        "new": "new",
        "credit": "new",
    }


def test_retention_by_hand():
    # base 240; kept 100 + 80 + 10 + 0 + 0 = 190; capped 100 + 50 + 10 = 160
    assert retention_rates(NOW, BEFORE) == pytest.approx((190 / 240, 160 / 240))
    assert retention_rates(NOW, pd.Series({"kept": 0.0, "gone": -1.0})) == (None, None)


def test_won_back_is_split_from_new():
    now = pd.Series({"new": 10.0, "back": 20.0, "kept": 5.0, "refunded": 7.0, "gone": 0.0})
    before = pd.Series({"new": 0.0, "back": 0.0, "kept": 5.0, "refunded": -1.0, "gone": 4.0})
    earlier = pd.Series({"new": 0.0, "back": 3.0, "kept": 9.0, "refunded": 2.0, "gone": 9.0})
    assert account_moves(now, before, earlier)["move"].to_dict() == {
        "new": "new",
        "back": "won_back",
        "kept": "same",
        "refunded": "won_back",
        "gone": "lost",
    }
    rows = revenue_bridge(account_moves(now, before, earlier)).set_index("item")
    assert list(rows.index) == ["before", "new", "won_back", "expanded", "contracted", "lost", "now"]
    assert rows.loc["won_back", "amount"] == 28.0 and rows.loc["won_back", "accounts"] == 2
    assert "won_back" not in set(
        account_moves(now, before)["move"]
    )  # without the years before that, they are new
    assert revenue_bridge(account_moves(now, before)).set_index("item").loc["new", "accounts"] == 3


@settings(max_examples=50)
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
        ("back", "2022-05-01", 100),
        ("back", "2025-05-01", 60),
        ("new", "2025-03-01", 40),
        ("kept", "2022-06-01", 10),
        ("kept", "2024-06-01", 10),
        ("kept", "2025-06-01", 10),
        ("returned", "2023-06-01", 50),
        ("returned", "2023-07-01", -50),
        ("returned", "2025-06-01", 5),
    )
    book = book_of(lines)
    found = told(book)["won_back"]
    assert found["who"] == ("back",)
    # "returned" has been seen before and is neither new nor won back, though nothing of it was left
    assert (found["amount"], found["new"], found["new_amount"]) == (60.0, 1, 40.0)
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


@settings(max_examples=50)
@given(st.lists(st.tuples(cents, cents, st.sampled_from(["x", "y", "z", ""])), min_size=1, max_size=40))
def test_segments_add_up_to_the_whole(values):
    index = [f"a{i}" for i in range(len(values))]
    now, before, value = (pd.Series([v[k] for v in values], index=index) for k in range(3))
    rows = segment_retention(now, before, {"region": value})
    whole, parts = rows[rows["dimension"] == "all"], rows[rows["dimension"] == "region"]
    for column in ("accounts", "before", "now"):
        assert math.isclose(whole[column].sum(), parts[column].sum(), rel_tol=1e-9, abs_tol=1e-6)
    nrr, grr = retention_rates(now, before)
    if nrr is None or grr is None:
        assert rows.empty
    else:
        assert whole[["nrr", "grr"]].iloc[0].tolist() == pytest.approx([nrr, grr])
        assert 0 <= grr <= min(1, nrr) + 1e-12


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


def test_tiers_of_an_earlier_run_count_also_where_nobody_moved():
    """They were given before these months, so they compare though they are those of today."""
    rows = [(a, f"{year}-05-05", 100.0) for a in ("a", "b", "c") for year in (2023, 2024, 2025)]
    tiers = pd.Series({"a": "S", "b": "A", "c": "A"})
    book = book_of(lines_of(*rows))
    assert set(retention(book, tiers, levels=tiers).by_segment["dimension"]) == {"all", "tier"}
    assert set(retention(book, None, levels=tiers).by_segment["dimension"]) == {"all", "size"}


# --- cohorts


def test_hand_worked_cohorts():
    lines = lines_of(
        ("old", "2022-03-01", 100),
        ("old", "2023-03-01", 80),
        ("old", "2024-03-01", 60),
        ("old", "2025-03-01", 40),
        ("mid", "2023-11-01", 10),
        ("mid", "2024-06-01", 50),
        ("mid", "2025-06-01", 25),
        ("young", "2025-12-31", 7),
        ("later", "2026-01-01", 999),
        ("left", "2022-01-01", 100),
    )
    table = cohorts(book_of(lines)).set_index(["cohort_year_back", "window_back"])
    assert table["revenue"].to_dict() == {
        (3, 3): 200,
        (3, 2): 80,
        (3, 1): 60,
        (3, 0): 40,
        (2, 2): 10,
        (2, 1): 50,
        (2, 0): 25,
        (1, 1): 0,
        (1, 0): 0,
        (0, 0): 7,
    }
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


# --- what is missing


def test_what_is_missing_is_said():
    short = book_of(lines_of(("a", "2025-03-01", 10.0)))
    assert set(told(short)) == {"flows_unknown"}
    assert retention(short).by_segment.empty and retention(short).cohorts.empty
    two = lines_of(("a", "2023-01-05", 10.0), ("a", "2024-03-01", 10.0), ("a", "2025-03-01", 10.0))
    assert "segments_unknown" in told(book_of(two))
    gone = lines_of(("a", "2022-03-01", 10.0), ("b", "2024-03-01", -5.0))
    assert told(book_of(gone)) and retention(book_of(gone)).by_segment.empty


# --- what is shown


@pytest.mark.parametrize("language", ["zh", "en"])
def test_cohorts_and_segments_shown(language):
    lines = random_lines(years=6.0)
    ids = sorted(set(lines["account_id"]))
    # accounts that joined in three different years
    since = ("2000-01-01", "2023-01-01", "2025-01-01", "2000-01-01")
    joined = lines["account_id"].map({account: since[n % 4] for n, account in enumerate(ids)})
    lines = lines[pd.to_datetime(lines["date"]) >= pd.to_datetime(joined)]
    regions = [("N", "S", None)[n % 3] for n in range(len(ids))]
    kept = retention(book_of(lines, accounts=pd.DataFrame({"account_id": ids, "region": regions})))
    last = kept.cohorts[kept.cohorts["window_back"] == 0]
    locale = Locale(language, "EUR")
    with using(View(locale, as_of=AS_OF.date())):
        chart = shown.cohorts_chart(SimpleNamespace(retention=kept)).text
        assert locale.percent(last["revenue"].iloc[0] / last["revenue"].sum()) in chart
        text = shown.retention_table(SimpleNamespace(retention=kept)).text
        assert locale.text("not stated") in text and "–" not in text


def test_a_chart_of_one_or_two_colours_is_left_out():
    table = pd.DataFrame(
        [(4 - n, 4 - w, 100.0) for n in range(5) for w in range(n, 5)],
        columns=["cohort_year_back", "window_back", "revenue"],
    )
    one_colour = table.assign(revenue=table["revenue"].where(table["cohort_year_back"] == 4, 1.0))
    two_colours = table[table["window_back"] < 2].replace({"cohort_year_back": {4: 1, 3: 1, 2: 1}})
    keys = ["cohort_year_back", "window_back"]
    two_colours = two_colours.groupby(keys, as_index=False)["revenue"].sum()
    short = retention(book_of(lines_of(("a", "2025-03-01", 10.0))))
    with using(View(Locale("en", "EUR"), as_of=AS_OF.date())):
        assert shown.cohorts_chart(SimpleNamespace(retention=replace(short, cohorts=table))) is not NOTHING
        for cohorts_ in (two_colours, short.cohorts):
            kept = SimpleNamespace(retention=replace(short, cohorts=cohorts_))
            assert shown.cohorts_chart(kept) is NOTHING
        # 100 of 104 in the newest twelve months: a sentence says so in the chart's place
        alone = shown.cohorts_chart(SimpleNamespace(retention=replace(short, cohorts=one_colour)))
        assert "<svg" not in alone.html and "at least 96%" in alone.text
        assert shown.retention_table(SimpleNamespace(retention=short)) is NOTHING


def test_a_fall_of_returns_alone_is_not_called_contracted():
    moves = account_moves(pd.Series({"a": -9.0, "b": 40.0}), pd.Series({"a": 0.0, "b": 50.0}))
    moves = moves.assign(silent_since=pd.NaT)
    kept = replace(retention(book_of(lines_of(("a", "2025-03-01", 1.0)))), moves=moves, nrr=0.8, grr=0.8)
    with using(View(Locale("en", "EUR"), as_of=AS_OF.date())):
        rows = shown.largest_falls_table(SimpleNamespace(retention=kept)).text.splitlines()[1:]
    assert [row.split(" | ")[-1] for row in rows] == ["bought less"]  # who left or bought less, as counted


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "bought less; nothing since {:%b %Y}"), ("zh", "减购；{0.year}年{0.month}月之后没有采购")],
)
def test_one_verdict_on_an_account_that_has_stopped(medtech_steps, medtech_book, language, said):
    """Who bought less this year and has stopped since is told as both, with the month of its last purchase in
    the sales lines; nobody else is."""
    stopped = medtech_steps.health.accounts.query("verdict == 'stopped'").index
    moves = medtech_steps.value.retention.moves
    both = moves[moves.index.isin(stopped) & (moves["move"] == "contracted")]
    assert len(both) > 3
    days = medtech_book.days[medtech_book.days["bought"]]
    last = days[days["date"] <= pd.Timestamp(medtech_book.as_of)].groupby("account_id")["date"].max()
    with using(View(Locale(language, "CNY"), {one: one for one in moves.index})):
        falls = shown.falls_sheet(medtech_steps.value).rows["move"]
    words = {one: said.format(last[one]) for one in both.index}
    assert falls[both.index].to_dict() == words
    assert falls.drop(both.index).isin(["bought less", "lost", "other", "减购", "流失", "其他"]).all()


def test_moves_have_words():
    assert set(shown.MOVES) == set(MOVES)


# --- beside what chance gives


@pytest.mark.parametrize("seed", range(3))
def test_a_shop_in_which_nothing_happens_is_told_of_no_change(seed):
    """2,000 buyers at random, twice a year, over three years: gross retention, the first cohort and the gap
    between large and small lie where chance puts them, and the range holds what is said.
    """
    rng = np.random.default_rng(seed)
    who = np.repeat(np.arange(2_000), rng.poisson(6, 2_000) + 1)
    days = AS_OF - pd.to_timedelta(rng.integers(0, 1095, len(who)), unit="D")
    lines = pd.DataFrame(
        {"account_id": who.astype(str), "date": days, "amount": rng.uniform(20, 200, len(who))}
    )
    book = book_of(lines)
    levels = pd.Series("C", index=book.accounts.index).mask(np.arange(2_000) < 200, "S")
    kept = retention(book, levels=levels)
    for name in ("grr", "cohort_kept", "size"):
        assert 0.003 < kept.looks[name]["p_value"] < 0.997, name
    by = kept.by_segment.set_index(["dimension", "value"])["grr"]
    low, high = Look(**kept.looks["size"]).range(0.002)
    assert low < by["size", "S"] - by["size", "C"] < high


@pytest.mark.parametrize(("before", "small"), [(10.0, True), (24.9, True), (25.1, False), (200.0, False)])
def test_a_year_before_below_a_quarter_of_this_one_gives_no_rate(before, small):
    lines = lines_of(("A", "2024-06-15", before), ("A", "2025-06-15", 100.0), ("B", "2023-01-10", 1.0))
    result, found = retention(book_of(lines)), Findings("value")
    add_findings(found, result)
    told = next(f for f in found if f.kind == "movement")
    said = headline(told, Locale("en", "EUR"), {})
    assert result.small_base is small is told.figures["small_base"]
    assert ("too small a base" in said) is small and ("changed by" in said) is not small


@pytest.mark.parametrize(
    ("now", "kind", "count", "amount"),
    [
        ({"A": 60.0, "B": 80.0, "D": 15.0}, "largest_move_lost", 1, 100.0),  # −40 −20 −100 +15 of 300
        ({"A": 40.0, "B": 80.0, "C": 90.0}, "largest_move_contracted", 3, 90.0),
        ({"A": 190.0, "B": 130.0, "C": 95.0}, "largest_move_expanded", 2, 120.0),
        ({"A": 100.0, "B": 100.0, "C": 100.0, "D": 99.0}, "largest_move_new", 1, 99.0),
        ({"A": 110.0, "B": 100.0, "C": 95.0}, None, 0, 0.0),  # +5 of 300 is no 5 %
    ],
)
def test_the_bar_that_did_most_of_a_rise_or_fall(now, kind, count, amount):
    """A, B and C brought 100 each the year before."""
    rows = [(who, "2024-06-15", 100.0) for who in "ABC"] + [("Z", "2021-01-10", 1.0)]
    rows += [(who, "2025-06-15", sum_) for who, sum_ in now.items()]
    result, found = retention(book_of(lines_of(*rows))), Findings("value")
    add_findings(found, result)
    told = [f for f in found if f.kind.startswith("largest_move")]
    assert [f.kind for f in told] == ([kind] if kind else [])
    if kind:
        assert (told[0].figures["count"], told[0].figures["amount"]) == (count, pytest.approx(amount))


def test_the_sentence_on_what_was_kept_adds_up():
    """A 100 → 60, B 100 → none, C 100 → 190: of 300 there is 250 (83%), 140 less and 90 more; prices +10%."""
    rows = [(who, "2024-06-15", 100.0) for who in "ABC"] + [("Z", "2021-01-10", 1.0)]
    rows += [("A", "2025-06-15", 60.0), ("C", "2025-06-15", 190.0)]
    prices = {"price_share": 0.1, "volume_rate": -0.3, "mix_rate": 0.05, "matched_rate": -0.15}
    findings = Findings("value")
    add_findings(findings, retention(book_of(lines_of(*rows))), prices | {"by_product": True})
    told = next(f for f in findings if f.kind == "movement")
    said = headline(told, Locale("en", "EUR"), {})
    assert (
        "bring 83% of the €300 they brought then: €140 was lost or bought less, €90 was bought more" in said
    )
    assert "prices +10%, volume −30%, mix +5%: together −15%" in said.replace(".0%", "%")
    # also within chance, where there is no sum to name as a stake
    quiet = Finding("value", "movement", "note", {k: v for k, v in told.figures.items() if k != "stake"})
    assert "€140 was lost" in headline(quiet, Locale("en", "EUR"), {})
    short = brief(told, Locale("en", "EUR"), {})
    assert said.startswith(short) and "€140" in short


def test_what_the_ten_largest_falls_come_to_is_their_sum():
    """Eleven that left with 100 to 110 each; the largest gave back 40 beyond that, which is in "other". Ten
    fell by 110 + 109 + … + 101 = 1,055 of 1,155."""
    rows = [("goes on", day, 5000.0) for day in ("2023-06-01", "2024-06-01", "2025-06-01")]
    rows += [(f"left{n}", "2024-06-01", 100.0 + n) for n in range(11)] + [("left10", "2025-02-01", -40.0)]
    findings = Findings("value")
    add_findings(findings, retention(book_of(lines_of(*rows))))
    found = next(f for f in findings if f.kind == "movement")
    assert found.figures["stake"] == pytest.approx(1155)
    assert found.figures["asked_share"] * found.figures["stake"] == pytest.approx(1055)


@pytest.mark.parametrize("back", [True, False])
def test_nobody_came_back_where_nobody_did(back):
    """``back`` bought 60 three years ago and 60 now; ``grew`` 10 a year and 30 now."""
    rows = [("grew", day, 10.0) for day in ("2022-06-01", "2023-06-01", "2024-06-01")]
    rows += [("grew", "2025-06-01", 30.0)]
    rows += [("back", "2022-07-01", 60.0), ("back", "2025-07-01", 60.0)] if back else []
    value = SimpleNamespace(retention=retention(book_of(lines_of(*rows))))
    with using(View(Locale("en", "EUR"))):
        assert ("came back" in shown.largest_gains_table(value).text) is back


def test_who_gave_all_back_counts_as_left_and_the_caption_says_so():
    """``gave`` bought 50 and gave 50 back within the year; ``stops`` bought weekly until March."""
    rows = [("gave", "2024-06-01", 80.0), ("gave", "2025-06-01", 50.0), ("gave", "2025-06-20", -50.0)]
    days = pd.date_range("2024-01-03", "2025-03-05", freq="7D")
    rows += [("stops", str(day.date()), 10.0) for day in days]
    rows += [
        ("goes on", str(day.date()), 10.0) for day in pd.date_range("2023-01-03", "2025-12-28", freq="7D")
    ]
    kept = retention(book_of(lines_of(*rows)))
    assert kept.moves.loc["gave", "move"] == "lost" and list(kept.stopped.index) == ["stops"]
    with using(View(Locale("en", "EUR"))):
        assert "An account without net revenue in the 12 months counts as left" in what_bars_hold(
            kept, "less"
        )


def test_the_simulated_year_says_which_share_it_is_of():
    """81% with growth and 62% without stand before it."""
    assert specs()["movement"].chance.endswith("would be kept without growth.")
