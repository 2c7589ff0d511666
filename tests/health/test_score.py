"""The health score: figures worked by hand, parts that add up to the last digit, red flags, decisions by
hand, movement.
"""

import dataclasses
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from conftest import AS_OF, book_of, lines_of, random_lines, write_engagement
from hypothesis import given, settings
from hypothesis import strategies as st
from words import of_module

from kamplay import run_folder
from kamplay.engagement import load
from kamplay.intake.prepare import prepare
from kamplay.json_files import write_json
from kamplay.method.health.score import add_findings, combine, definition, health_score
from kamplay.method.health.score_attribution import CAUSES, KEPT, KEPT_PARTS, EarlierScore, score_attribution
from kamplay.method.health.score_attribution import add_findings as score_attribution_findings
from kamplay.method.results import Findings
from kamplay.method.tiers.scoring import point_table
from kamplay.method.tiers.step import define_tiers
from kamplay.presets import load_health, load_scorecard
from kamplay.show.health import score as charts
from kamplay.show.health import score as tables
from kamplay.show.locale import Locale
from kamplay.show.view import View, using

sentences = of_module("health.score")

STANDARD, PURCHASES, LOYALTY = (
    load_health(name, Path()) for name in ("standard", "purchases", "loyalty_100")
)


def days_ago(days: int) -> pd.Timestamp:
    return (AS_OF - pd.Timedelta(days=days)).as_unit("us")


def steady(*accounts: str, every: int = 30, times: int = 30) -> pd.DataFrame:
    """The same purchase every so many days, the last at AS_OF."""
    rows = [(a, days_ago(every * k), 100.0, f"{a}{k}", "x") for a in accounts for k in range(times)]
    return pd.DataFrame(rows, columns=["account_id", "date", "amount", "order_id", "category"])


def tenths(values) -> np.ndarray:
    whole = np.rint(np.asarray(values, dtype=float) * 10)
    assert np.allclose(whole, np.asarray(values, dtype=float) * 10, atol=1e-6)  # nothing finer than a tenth
    return whole.astype(int)


def adds_up(found) -> None:
    """100 less what the indicators cost, plus cap and override, is the score: in whole tenths, for every
    account.
    """
    lost = (
        found.parts.assign(tenth=tenths(found.parts["lost"]))
        .groupby("account_id", observed=True)["tenth"]
        .sum()
    )
    a = found.accounts[found.accounts["health"].notna()]
    left = (
        1000
        - lost.reindex(a.index).fillna(0).astype(int).to_numpy()
        + tenths(a["cap"])
        + tenths(a["override"])
    )
    assert (left == tenths(a["health"])).all()


# --- how points become a score


def test_a_score_by_hand():
    """Weights 0.5, 0.3, 0.2; 90, 60 points and one unknown: (45 + 18) / 0.8 = 78.75, cut to 78.7; coverage 80
    %.
    """
    made = combine(
        np.array([[90.0, 60.0, np.nan]]), np.array([[0.5, 0.3, 0.2]]), np.zeros((1, 3)), np.full(3, np.inf)
    )
    assert made.raw.tolist() == [787]
    assert made.coverage[0] == pytest.approx(0.8)
    assert made.share[0].tolist() == pytest.approx([0.625, 0.375, 0])
    assert made.lost.sum() == 213 and made.lost[0, 2] == 0
    assert made.lost[0].tolist() == pytest.approx([62.5, 150, 0], abs=1)


def test_old_figures_weigh_less_by_their_half_life():
    """One half-life: 0.5 of the weight; two: 0.25. 100 points fresh at 0.5, 0 points at 0.5 × 0.5 → 66.6;
    coverage 0.75.
    """
    own, weights = np.array([[100.0, 0.0]]), np.array([[0.5, 0.5]])
    half = np.array([np.inf, 180.0])
    once, twice, undated = (
        combine(own, weights, np.array([[0.0, age]]), half) for age in (180.0, 360.0, np.nan)
    )
    assert (once.raw[0], twice.raw[0]) == (666, 800)
    assert (once.coverage[0], twice.coverage[0]) == pytest.approx((0.75, 0.625))
    assert undated.raw[0] == once.raw[0]  # an undated figure counts as one half-life old


def test_nothing_known_is_no_score():
    made = combine(np.full((1, 2), np.nan), np.array([[0.5, 0.5]]), np.zeros((1, 2)), np.full(2, np.inf))
    assert (made.raw[0], made.coverage[0], made.lost.sum()) == (-1, 0, 0)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 30), st.integers(1, 12))
def test_what_is_lost_adds_up_for_any_points(seed, accounts, columns):
    rng = np.random.default_rng(seed)
    own = np.where(
        rng.random((accounts, columns)) < 0.3,
        np.nan,
        rng.choice([0, 33.3333, 70, 99.99, 100, 12.345], (accounts, columns)),
    )
    weights = rng.dirichlet(np.ones(columns), accounts)
    age = np.where(rng.random((accounts, columns)) < 0.2, np.nan, rng.uniform(0, 900, (accounts, columns)))
    half = rng.choice([90.0, 365.0, np.inf], columns)
    made = combine(own, weights, age, half)
    known = made.raw >= 0
    assert (1000 - made.lost.sum(axis=1) == np.where(known, made.raw, 1000)).all()
    assert (made.lost >= 0).all() and (made.lost[np.isnan(own) | (own == 100)] == 0).all()
    exact = (made.share * np.nan_to_num(own)).sum(axis=1) * 10
    assert (np.abs(made.raw - exact)[known] < 1 + 1e-6).all() and (
        made.raw[known] <= exact[known] + 1e-6
    ).all()
    assert ((made.coverage >= 0) & (made.coverage <= 1)).all()


# --- the cards


def test_the_purchases_card_by_hand():
    """Without a chance of stopping. Every 30 days 100: 100 for rhythm, 70 for a steady trend. One silent for
    over four gaps has no rhythm left, and bought nothing in the last half-year: 0. Neither has a category to
    tell breadth by.
    """
    steady = [
        ("even", d, 100.0) for d in pd.date_range(end=AS_OF - pd.Timedelta(days=5), periods=25, freq="30D")
    ]
    late = [("late", d, 100.0) for d in pd.date_range("2024-01-01", "2025-06-01", freq="MS")]
    found = health_score(book_of(lines_of(*steady, *late)), AS_OF, PURCHASES)
    assert found.accounts["raw"].to_dict() == {
        "even": pytest.approx(97.1, abs=1.0),
        "late": 0.0,
    }  # 86/95 of 100 and 9/95 of 70
    adds_up(found)


def test_the_loyalty_card_gives_the_scorecards_points():
    """As health card and as scorecard the same measures give the same points at the reporting date."""
    lines = random_lines(30, seed=4)
    ids = sorted(lines["account_id"].unique())
    wallet = pd.DataFrame({"account_id": ids, "spend": 2e5, "top_competitor_share": 0.2})
    surveys = pd.DataFrame(
        {
            "account_id": ids,
            "date": days_ago(0),
            "score": 4.0,
            "mention": [k % 2 == 0 for k in range(len(ids))],
        }
    )
    book = book_of(lines, wallet=wallet, surveys=surveys)
    found = health_score(book, AS_OF, LOYALTY)
    known = point_table(book, load_scorecard("loyalty_100", Path()).leaves())
    wide = found.parts.pivot(index="account_id", columns="indicator", values="points")
    assert set(wide) == {
        "length",
        "frequency",
        "frequency_change",
        "share",
        "cross_selling",
        "against_competitor",
        "mention",
    }
    for key in wide:
        assert wide[key].to_numpy() == pytest.approx(
            known[key].reindex(wide.index).to_numpy(), nan_ok=True
        ), key


def test_transactions_alone_give_a_sensible_score():
    lines = pd.concat(
        [steady("same"), steady("gone").assign(date=lambda d: d["date"] - pd.Timedelta(days=200))]
    )
    found = health_score(book_of(lines), AS_OF, STANDARD)
    same, gone = found.accounts.loc["same"], found.accounts.loc["gone"]
    assert same["health"] >= 90 and same["health_band"] == "green"
    assert gone["health"] < 40 and gone["health_band"] == "red" and "silent" in gone["flags"]
    assert same["coverage"] == pytest.approx(0.42)  # rhythm 22, value 13, breadth 7
    assert not same["thin"]
    assert set(found.dimensions.loc[found.dimensions["accounts"] == 0, "dimension"]) == {
        "share",
        "margin",
        "service",
        "payment",
        "satisfaction",
        "relationship",
        "engagement",
    }
    adds_up(found)


def test_single_purchases_and_long_lapsed_are_not_judged():
    lines = pd.concat(
        [
            steady("a"),
            steady("once", times=1),
            steady("old").assign(date=lambda d: d["date"] - pd.Timedelta(days=366)),
        ]
    )
    assert health_score(book_of(lines), AS_OF, STANDARD).accounts.index.tolist() == ["a"]


def test_a_segment_weighs_differently():
    accounts = pd.DataFrame({"account_id": ["a", "b"], "nature": ["Dealer ", "hospital"]})
    bills = pd.DataFrame(
        {
            "account_id": ["a", "b"],
            "invoice_date": days_ago(90),
            "due_date": days_ago(60),
            "paid_date": pd.NaT,
            "amount": 10.0,
        }
    )
    found = health_score(
        book_of(
            steady("a", "b"), accounts=accounts, receivables=bills.astype({"paid_date": "datetime64[us]"})
        ),
        AS_OF,
        STANDARD,
    )
    assert found.accounts["segment"].tolist() == [0, -1]
    assert (
        found.accounts.loc["a", "raw"] < found.accounts.loc["b", "raw"]
    )  # payment weighs 18 of 100 for a dealer, 10 else


# --- red flags and decisions by hand


def flagged(**overrides):
    """Account b has three complaints past due; overrides as rows."""
    tickets = pd.DataFrame(
        {
            "account_id": ["b", "b", "b", "a"],
            "opened": days_ago(200),
            "due": days_ago(150),
            "kind": "complaint",
            "closed": pd.NaT,
        }
    )
    tickets.loc[3, "closed"] = days_ago(190)
    extra = {"overrides": pd.DataFrame(overrides)} if overrides else {}
    return book_of(steady("a", "b", "c"), tickets=tickets.astype({"closed": "datetime64[us]"}), **extra)


def test_a_red_flag_caps_and_says_so():
    found = health_score(flagged(), AS_OF, STANDARD)
    b = found.accounts.loc["b"]
    assert (b["health"], b["capped_by"], b["health_band"]) == (59.0, "complaints_open", "yellow")
    assert tenths([b["raw"] + b["cap"]]) == [590] and b["cap"] < 0
    assert found.drivers.query("account_id == 'b'").iloc[0]["code"] in ("cap", "complaints")
    assert found.accounts.loc["a", "capped_by"] is None
    adds_up(found)


def test_two_complaints_past_due_do_not_cap():
    book = flagged()
    fewer = dataclasses.replace(book, tables={**book.tables, "tickets": book.table("tickets").iloc[1:]})
    assert health_score(fewer, AS_OF, STANDARD).accounts["capped_by"].isna().all()


def test_long_overdue_needs_both_days_and_amount():
    def caps(days: int, amount: float):
        bills = pd.DataFrame(
            {
                "account_id": ["a"],
                "invoice_date": days_ago(days + 30),
                "due_date": days_ago(days),
                "amount": amount,
            }
        )
        return health_score(book_of(steady("a"), receivables=bills), AS_OF, STANDARD).accounts.loc[
            "a", "capped_by"
        ]

    year = 100 * 13  # a purchase every 30 days
    assert caps(91, 0.11 * year) == "long_overdue"
    assert "long_overdue" not in (caps(90, 0.11 * year), caps(91, 0.10 * year))


def test_a_score_by_hand_stands_above_the_flag_until_it_expires():
    common = {"account_id": ["b", "a", "nobody"], "health": [80.0, 30.04, 50.0], "reason": "why", "by": "who"}
    found = health_score(flagged(**common, expires=[days_ago(-30), days_ago(1), pd.NaT]), AS_OF, STANDARD)
    assert found.overrides["state"].to_dict() == {"b": "applied", "a": "expired", "nobody": "unusable"}
    b = found.accounts.loc["b"]
    assert (b["health"], b["health_band"], tenths([b["override"]])[0], b["override_reason"]) == (
        80.0,
        "green",
        210,
        "why",
    )
    assert found.overrides.loc["b", "by_rule"] == 59.0
    assert found.drivers.query("account_id == 'b' and code == 'override'")["points"].tolist() == [21]
    assert found.accounts.loc["a", "override"] == 0
    adds_up(found)
    today = health_score(
        flagged(**common, expires=[AS_OF, AS_OF, AS_OF]), AS_OF, STANDARD
    )  # the last day still counts
    assert today.accounts.loc["a", "health"] == 30.0  # cut, not rounded
    adds_up(today)


def test_a_health_set_by_hand_leaves_the_tier_alone():
    """A row needs a tier or a health score; one with neither is told, and one with a health score only is no
    tier set by hand.
    """
    rows = pd.DataFrame(
        {"account_id": ["a", "b"], "tier": [None, "S"], "health": [20.0, np.nan], "reason": "r", "by": "b"}
    )
    result = define_tiers(
        book_of(steady("a", "b", "c"), overrides=rows), load_scorecard("four_dimensions", Path())
    )
    assert result.overrides["state"].to_dict() == {"b": "applied"} and result.accounts.loc["b", "tier"] == "S"
    assert result.finding("overrides_unusable") is None
    found = health_score(book_of(steady("a", "b"), overrides=rows.drop(columns="tier")), AS_OF, STANDARD)
    assert found.overrides["state"].to_dict() == {"a": "applied"}
    assert define_tiers(
        book_of(steady("a", "b"), overrides=rows.drop(columns="tier")),
        load_scorecard("four_dimensions", Path()),
    ).overrides.empty


def test_the_intake_reads_a_health_set_by_hand(tmp_path):
    folder = write_engagement(tmp_path / "c", steady("a", "b", "c"))
    text = (
        "客户编号,健康度,理由,调整人,有效期至\na,55,新主任到任,王五,2026-06-30\nb,,忘了,王五,\nc,120,x,y,\n"
    )
    (folder / "data" / "overrides.csv").write_text(text, encoding="utf-8")
    book = prepare(load(folder))
    assert {(f.code, f.row) for f in book.faults if f.table == "overrides"} >= {("override_sets_nothing", 3)}
    assert any(f.table == "overrides" and f.row == 4 for f in book.faults)  # not between 0 and 100
    found = health_score(book, AS_OF, STANDARD)
    assert (
        found.accounts.loc["a", "health"] == 55.0
        and found.accounts.loc["a", "override_reason"] == "新主任到任"
    )
    assert found.overrides["state"].to_dict() == {
        "a": "applied",
        **({"c": "unusable"} if "c" in found.overrides.index else {}),
    }


def test_planted_churners_rank_low_and_lower_than_by_purchases_alone(medtech_book, medtech_answers):
    """Those of the sample that show signs and still buy: below the others more often than the purchases alone
    can tell.
    """
    book, planted = medtech_book, {c["account_id"] for c in medtech_answers["churners"]}

    def below(card) -> float:
        health = health_score(book, book.seen_to, card).accounts["health"]
        one, other = (
            health[health.index.isin(planted)].to_numpy()[:, None],
            health[~health.index.isin(planted)].to_numpy(),
        )
        return float(((one < other) + 0.5 * (one == other)).mean())

    assert below(STANDARD) > 0.75 > below(PURCHASES) + 0.1


# --- messy input


def test_every_table_odd_and_half_empty():
    lines = random_lines(25, seed=9)
    ids = sorted(lines["account_id"].unique())
    rng = np.random.default_rng(1)

    def dates(n):
        return (
            pd.Series(pd.to_datetime(AS_OF) - pd.to_timedelta(rng.integers(-200, 900, n), unit="D"))
            .astype("datetime64[us]")
            .mask(rng.random(n) < 0.1)
        )

    def who(n):
        return rng.choice([*ids, "stranger"], n)

    n = 200
    tables_ = {
        "receivables": pd.DataFrame(
            {
                "account_id": who(n),
                "invoice_date": dates(n),
                "due_date": dates(n),
                "paid_date": dates(n),
                "amount": rng.normal(0, 100, n),
            }
        ),
        "deliveries": pd.DataFrame(
            {
                "account_id": who(n),
                "promised_date": dates(n),
                "delivered_date": dates(n),
                "ordered": 0.0,
                "delivered": np.nan,
            }
        ),
        "tickets": pd.DataFrame({"account_id": who(n), "opened": dates(n), "closed": dates(n)}),
        "surveys": pd.DataFrame(
            {"account_id": who(n), "date": dates(n), "score": rng.integers(0, 11, n) * 1.0}
        ),
        "contacts": pd.DataFrame(
            {
                "contact_id": range(n),
                "account_id": who(n),
                "title": rng.choice(["主任", "主任（已离职）", None], n),
            }
        ),
        "visits": pd.DataFrame({"account_id": who(n), "date": dates(n)}),
        "opportunities": pd.DataFrame(
            {
                "opportunity_id": range(n),
                "account_id": who(n),
                "amount": 1.0,
                "stage": "x",
                "closed": dates(n),
                "result": "lost",
                "competitor": "x",
            }
        ),
        "wallet": pd.DataFrame(
            {"account_id": who(n), "spend": rng.choice([0.0, 10.0], n), "top_competitor_share": np.nan}
        ),
    }
    book = book_of(lines, **tables_)
    for card in (STANDARD, LOYALTY, PURCHASES):
        found = health_score(book, AS_OF, card)
        assert found.accounts["health"].between(0, 100).all()
        assert found.accounts["coverage"].between(0, 1).all()
        assert np.isfinite(found.parts[["value", "points", "weight", "lost"]].to_numpy()).all()
        assert (found.parts.groupby("account_id", observed=True)["weight"].sum() - 1).abs().max() < 1e-9
        adds_up(found)
    later = {name: t for name, t in tables_.items() if name not in ("wallet", "contacts")}
    early = AS_OF - pd.Timedelta(days=200)
    known = health_score(book_of(lines, **later), early, STANDARD)
    cut = {
        name: t[
            t[t.columns[t.columns.isin(["invoice_date", "promised_date", "opened", "date", "closed"])][0]]
            <= early
        ]
        for name, t in later.items()
    }
    blind = health_score(book_of(lines[lines["date"] <= early], early, **cut), early, STANDARD)
    pd.testing.assert_index_equal(known.accounts.index, blind.accounts.index)
    at_days = [
        f.parts[f.parts["measure"] != "breadth_ratio"].drop(columns=["weight", "lost"])
        for f in (known, blind)
    ]  # months end elsewhere
    same = at_days[0].merge(at_days[1], on=["account_id", "indicator"], how="outer", suffixes=("", "_blind"))
    assert (
        len(same) > 100
        and (same["value"] - same["value_blind"]).abs().max() == 0
        and same[["value", "value_blind"]].notna().all().all()
    )


def test_nobody_to_judge():
    book = book_of(steady("once", times=1))
    found = health_score(book, AS_OF, STANDARD)
    assert found.accounts.empty and found.parts.empty and len(found.dimensions) == 10
    told = Findings("health")
    add_findings(told, found)
    assert told == []
    health = shown(found)
    assert (
        not charts.dimensions_chart(health).html
        and not charts.waterfall_chart(health).html
        and not tables.score_detail_table(health).html
    )


# --- movement


def kept(found, card=STANDARD):
    return EarlierScore(date(2025, 9, 30), card, found.accounts[KEPT], found.parts[KEPT_PARTS])


def splits(moved) -> None:
    parts = sum(tenths(moved.accounts[cause]) for cause in CAUSES)
    assert (parts == tenths(moved.accounts["change"])).all()
    steps = moved.steps.set_index("item")["points"]
    assert steps["before"] + steps.drop(["before", "now"]).sum() == pytest.approx(steps["now"])


def test_nothing_changed_moves_nothing():
    book = book_of(random_lines(30))
    now = health_score(book, AS_OF, STANDARD)
    moved = score_attribution(book, now, kept(now))
    assert (moved.accounts[["change", *CAUSES]] == 0).all().all()
    splits(moved)


def test_another_card_alone_is_definition_alone():
    book = book_of(random_lines(30))
    now = health_score(book, AS_OF, STANDARD)
    other = load_health({"base": "standard", "dimensions": {"rhythm": {"weight": 60}}}, Path())
    moved = score_attribution(book, now, kept(health_score(book, AS_OF, other), other))
    assert moved.same_version and (moved.accounts["definition"] == moved.accounts["change"]).all()
    assert (
        moved.accounts["change"].abs().max() > 0
        and (moved.accounts[["customer", "age", "override"]] == 0).all().all()
    )
    splits(moved)


def test_a_survey_that_only_grew_old_is_age():
    """180 days later the same account buys as before and nobody asked it again."""
    lines = steady("a", every=10, times=100)
    answers = pd.DataFrame({"account_id": ["a"], "date": [days_ago(200)], "score": [1.0], "scale": [10.0]})
    book = book_of(lines, surveys=answers)
    then, now = health_score(book, days_ago(180), STANDARD), health_score(book, AS_OF, STANDARD)
    moved = score_attribution(book, now, kept(then))
    row = moved.accounts.loc["a"]
    assert row["age"] > 0 and row["customer"] == 0 and row["definition"] == 0  # the bad answer counts less
    assert row["change"] == pytest.approx(row["age"])
    splits(moved)


def test_an_override_and_a_version_are_told_apart():
    plain, by_hand = flagged(), flagged(account_id=["b"], health=[10.0], reason="r", by="b")
    now = health_score(by_hand, AS_OF, STANDARD)
    before = kept(health_score(plain, AS_OF, STANDARD))
    moved = score_attribution(by_hand, now, before)
    assert moved.accounts.loc["b", "override"] == -49.0 and moved.accounts.loc["b", "customer"] == 0
    splits(moved)
    other = dataclasses.replace(before, accounts=before.accounts.assign(definition="0.00000000"))
    moved = score_attribution(by_hand, now, other)
    assert not moved.same_version and (moved.accounts["customer"] == 0).all()
    splits(moved)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1000), st.integers(30, 400), st.sampled_from(["standard", "purchases", "loyalty_100"]))
def test_changes_add_up_whatever_happened(seed, days, name):
    book = book_of(random_lines(12, seed=seed))
    card = load_health(name, Path())
    before = kept(health_score(book, days_ago(days), card), card)
    moved = score_attribution(book, health_score(book, AS_OF, STANDARD), before)
    if len(moved.accounts):
        splits(moved)


def test_what_a_run_keeps_of_an_earlier_one(tmp_path):
    book = book_of(random_lines(20))
    before = health_score(book, days_ago(91), STANDARD)
    run, work = tmp_path / "2025-09-30", "work"
    step = run / work / "steps" / "en"
    for name in ("tiers", "health"):
        (step / name).mkdir(parents=True)
    write_json(run / "manifest.json", {"client": "A"})
    write_json(
        run / work / "scorecard.json",
        load_scorecard("four_dimensions", Path()).model_dump(mode="json", by_alias=True),
    )
    write_json(run / work / "health_card.json", STANDARD.model_dump(mode="json", by_alias=True))
    row = {"tier": "S", "level": "S", "tier_score": 80.0, "gate": None, "override": None}
    tiers = pd.DataFrame([row], index=pd.Index(["A000"], name="account_id", dtype="str"))
    tiers.to_parquet(step / "tiers" / "accounts.parquet")
    before.accounts.to_parquet(step / "health" / "score_accounts.parquet")
    before.parts.to_parquet(step / "health" / "score_parts.parquet")
    new = tmp_path / "new" / work
    new.mkdir(parents=True)
    found = run_folder.compare_with_earlier(tmp_path, "A", date(2025, 12, 31), new)
    assert found.fault is None and {Path(i["file"]).name for i in found.inputs} >= {
        "health_card.json",
        "score_accounts.parquet",
        "score_parts.parquet",
    }
    again = run_folder.load_earlier_health(new)
    assert again is not None and (again.as_of, again.definition) == (date(2025, 9, 30), definition(STANDARD))
    now = health_score(book, AS_OF, STANDARD)
    pd.testing.assert_frame_equal(
        score_attribution(book, now, again).accounts, score_attribution(book, now, kept(before)).accounts
    )
    (run / work / "health_card.json").unlink()  # a run made before there were health cards
    (tmp_path / "newer" / work).mkdir(parents=True)
    assert (
        run_folder.compare_with_earlier(tmp_path, "A", date(2025, 12, 31), tmp_path / "newer" / work).fault
        is None
    )
    assert run_folder.load_earlier_health(tmp_path / "newer" / work) is None


# --- shown


def shown(found, moved=None):
    nobody = SimpleNamespace(accounts=pd.DataFrame())
    ends = pd.DataFrame(np.nan, index=found.accounts.index, columns=["churn_low", "churn_high"])
    return SimpleNamespace(score=found, score_changes=moved, priority_list=nobody, accounts=ends)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_charts_tables_and_sentences(language):
    book = flagged(
        account_id=["c", "a"], health=[20.0, 50.0], reason="r", by="b", expires=[days_ago(-9), days_ago(9)]
    )
    now = health_score(book, AS_OF, STANDARD)
    card = load_health({"base": "standard", "dimensions": {"rhythm": {"weight": 30}}}, Path())
    before = kept(health_score(flagged(), days_ago(100), card), card)
    moved = score_attribution(book, now, before)
    told = Findings("health")
    add_findings(told, now)
    score_attribution_findings(told, moved, now, before)
    assert {f.kind for f in told} <= set(sentences.HEADLINES) and {f.action for f in told} - {None} <= set(
        sentences.ACTIONS
    )
    assert {
        "score_coverage",
        "score_unknown",
        "score_capped",
        "score_by_hand",
        "score_hand_expired",
        "score_moved",
    } <= {f.kind for f in told}
    locale = Locale(language, "CNY")
    for f in told:
        words = f.figures.get(language)
        what = "、".join(words) if isinstance(words, list) else words
        assert "{" not in locale.say(
            sentences.HEADLINES[f.kind], **{**f.figures, "what": what, "names": "n", "first": "f"}
        )
    health = shown(now, moved)
    with using(View(locale)):
        detail = tables.score_detail_table(health).text
        assert (
            "| 59" in detail
            and ("95" in detail)
            and (STANDARD.gates["complaints_open"].get(language)) in detail
        )
        assert ("3件投诉超期" if language == "zh" else "3 complaints past due") in detail
        assert charts.dimensions_chart(health).html.count("<svg") == 2  # for a laptop, for a phone
        assert (
            charts.waterfall_chart(health).html
            and tables.score_base_table(health).html
            and tables.score_moves_table(health).html
        )


def told(**chances: float) -> pd.Series:
    return pd.Series(chances).rename_axis("account_id")


def test_the_score_is_never_above_the_chance_of_staying_and_keeps_its_order():
    """Colour and chance cannot contradict: green needs 30 % or less, more than 60 % is red."""
    chances = {f"a{n:02d}": n / 40 for n in range(1, 40)}
    book = book_of(steady(*chances))
    for card in (STANDARD, PURCHASES):
        found = health_score(book, AS_OF, card, told(**chances)).accounts
        health, chance = found["health"], pd.Series(chances)
        assert (health <= 100 * (1 - chance) + 1e-9).all()
        assert (health.diff().dropna() < 0).all()  # no two alike
        assert (found["health_band"][chance > 0.3] != "green").all()
        assert (found["health_band"][chance > 0.6] == "red").all()


def test_lateness_stands_in_where_no_chance_is_known():
    """With the whole weight of rhythm; where the chance is known it counts nothing, and the red flag of long
    silence does not hold.
    """
    book = book_of(steady("a", "b").assign(date=lambda t: t["date"] - pd.Timedelta(days=150)))
    found = health_score(book, AS_OF, STANDARD, told(a=0.2))
    parts = found.parts.set_index(["account_id", "indicator"])
    assert ("a", "stays") in parts.index and ("a", "lateness") not in parts.index
    assert ("b", "lateness") in parts.index and ("b", "stays") not in parts.index
    assert parts.loc[("a", "stays"), "card_weight"] == pytest.approx(0.36)
    assert parts.loc[("b", "lateness"), "card_weight"] == pytest.approx(0.36)
    assert found.accounts["flags"].map(lambda flags: "silent" in flags).to_dict() == {"a": False, "b": True}
    adds_up(found)


def test_a_ceiling_is_told_where_it_changes_the_colour_and_its_points_are_those_of_its_measure():
    cheap = load_health({"base": "standard", "dimensions": {"rhythm": {"weight": 0.1}}}, Path())
    found = health_score(book_of(steady("a", "b")), AS_OF, cheap, told(a=0.8, b=0.05))
    assert found.accounts["capped_by"].to_dict() == {"a": "likely_to_stop", "b": None}
    assert found.flags.set_index("flag").loc["likely_to_stop", "accounts"] == 1
    of_a = found.drivers[found.drivers["account_id"] == "a"]
    assert "cap" not in set(of_a["code"]) and of_a.iloc[0]["code"] == "chance"
    adds_up(found)


def test_a_card_without_the_new_parts_has_the_digest_it_had():
    """Scores of earlier runs by an unchanged card still compare."""
    card = LOYALTY.model_dump(mode="json", by_alias=True, exclude={"title", "source"})
    assert card["ceilings"] == {}
    assert LOYALTY.digest() == "e9479a31"
