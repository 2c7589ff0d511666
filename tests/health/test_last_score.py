"""What became of the last run's bands, probabilities and warnings, by hand."""

from datetime import date
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from conftest import book_of, lines_of
from health.test_validation import NOW, THEN, drawn_outcomes

from kamplay.method.health.last_score import LastScore, add_findings, fell_by_half, last_score_outcome
from kamplay.method.health.score_attribution import EarlierScore
from kamplay.method.health.step import health_model
from kamplay.method.results import Finding, Findings
from kamplay.method.stats.classification import auc
from kamplay.presets import load_health
from kamplay.show.findings import action, headline
from kamplay.show.health.last_score import last_score_outcome_table
from kamplay.show.locale import Locale
from kamplay.show.view import View, using


def findings_of(result: LastScore) -> dict[str, Finding]:
    found = Findings("health")
    add_findings(found, result)
    return {finding.kind: finding for finding in found}


def purchases(**last: str) -> pd.DataFrame:
    """A purchase of each account before the earlier run, and one more on the date given."""
    rows = [(a, pd.Timestamp("2025-01-15"), 1.0, True) for a in last] + [
        (a, pd.Timestamp(d), 1.0, True) for a, d in last.items() if d
    ]
    return pd.DataFrame(rows, columns=["account_id", "date", "amount", "bought"])


def test_last_score_by_hand():
    """Red: A stopped, B bought; green: C bought after the horizon only (so it stopped), D bought, E merged
    away since.
    """
    earlier = pd.DataFrame(
        {
            "health_band": ["red", "red", "green", "green", "green"],
            "churn_probability": [0.9, 0.6, 0.2, 0.1, 0.1],
            "revenue": 1.0,
        },
        index=pd.Index(list("ABCDE"), name="account_id"),
    )
    days = purchases(A="", B="2025-07-10", C="2025-12-20", D="2025-09-28")
    result = last_score_outcome(earlier, days, THEN, NOW, 90)
    bands = result.bands.set_index("band")[["accounts", "stopped"]].T.to_dict("list")
    assert bands == {"red": [2, 1], "yellow": [0, 0], "green": [2, 1]} and result.missed == ("C",)
    f = result.figures
    assert (f["days"], f["complete"], f["accounts"], f["unknown"], f["stopped"]) == (90, True, 4, 1, 2)
    assert f["expected"] == pytest.approx(1.8) and f["auc"] is None
    part = last_score_outcome(earlier, days, THEN, NOW, 365)
    assert (part.figures["days"], part.figures["complete"]) == (184, False)
    assert part.bands.set_index("band").loc["green", "stopped"] == 0


def test_last_score_needs_an_earlier_one():
    days = purchases(A="2025-07-10")
    blank = pd.DataFrame({"health_band": [None], "churn_probability": [np.nan]}, index=["A"])
    red = blank.assign(health_band="red")
    assert not last_score_outcome(blank, days, THEN, NOW, 90).figures
    assert not last_score_outcome(red, days, NOW, THEN, 90).figures
    only_health = last_score_outcome(pd.DataFrame({"health": [30.0]}, index=["A"]), days, THEN, NOW, 90)
    assert only_health.figures["by"] == "health" and only_health.bands.empty
    early = last_score_outcome(red, days, THEN, THEN + pd.Timedelta(days=9), 90)
    assert early.figures["early"] and list(findings_of(early)) == ["last_score_early"]


def test_last_score_ranks_where_there_is_enough():
    outcome, p = drawn_outcomes(200)
    ids, days = many(outcome)
    earlier = pd.DataFrame(
        {"churn_probability": p, "health_band": np.where(p > 0.4, "red", "green")}, index=ids
    )
    result = last_score_outcome(earlier, days, THEN, NOW, 180)
    assert result.figures["auc"] == pytest.approx(auc(outcome, p).value)
    found = findings_of(result)
    assert {"last_score", "last_probability_ranked", "last_score_sum"} <= set(found)
    assert "last_score_ranked" not in found
    turned = earlier.assign(health_band=np.where(p > 0.4, "green", "red"))
    assert "last_score_inverted" in findings_of(last_score_outcome(turned, days, THEN, NOW, 300))


def many(outcome) -> tuple[pd.Index, pd.DataFrame]:
    """Accounts by number, and their purchases: one in August of those that did not stop."""
    ids = pd.Index([f"A{n:03}" for n in range(len(outcome))], name="account_id")
    return ids, purchases(
        **{a: "" if stopped else "2025-08-01" for a, stopped in zip(ids, outcome, strict=True)}
    )


def test_expected_against_seen_once_the_horizon_has_passed():
    """200 accounts with 0.25 each: 50 expected, √(200 · 0.25 · 0.75) = 6.12 by chance. 55 that stopped are
    within it, 65 are not.
    """
    for stopped, kind in ((55, "last_score_sum"), (65, "last_score_sum_off")):
        ids, days = many([1] * stopped + [0] * (200 - stopped))
        earlier = pd.DataFrame({"churn_probability": 0.25, "health_band": "yellow"}, index=ids)
        last = last_score_outcome(earlier, days, THEN, NOW, 180)
        assert last.figures["expected"] == pytest.approx(50) and last.figures["expected_sd"] == pytest.approx(
            6.1237, abs=1e-4
        )
        assert last.bands.set_index("band").loc["yellow", ["accounts", "stopped", "predicted"]].tolist() == [
            200,
            stopped,
            0.25,
        ]
        found = findings_of(last)
        assert (
            kind in found
            and len({"last_score_sum", "last_score_sum_off", "last_score_sum_due"} & set(found)) == 1
        )
        assert (
            found[kind].figures["predicted"] == pytest.approx(50)
            and found[kind].figures["stopped"] == stopped
        )
    assert found["last_score_sum_off"].severity == "watch" and found["last_score_sum_off"].action


def test_before_the_horizon_has_passed_nothing_is_judged_by_number():
    ids, days = many([1] * 55 + [0] * 145)
    earlier = pd.DataFrame({"churn_probability": 0.25, "health_band": "yellow"}, index=ids)
    last = last_score_outcome(earlier, days, THEN, NOW, 365)
    assert last.bands["predicted"].isna().all()
    found = findings_of(last)
    assert not {"last_score_sum", "last_score_sum_off"} & set(found)
    said = headline(found["last_score_sum_due"], Locale("en", "EUR"), {})
    assert "50 of 200" in said and "184" in said and "30 Jun 2026" in said  # 365 days after 30 June 2025


def test_an_earlier_run_without_probabilities_goes_by_health():
    ids, days = many([1] * 40 + [0] * 160)
    earlier = pd.DataFrame({"health": np.arange(200.0), "health_band": "yellow"}, index=ids)
    last = last_score_outcome(earlier, days, THEN, NOW, 180)
    assert (last.figures["by"], last.figures["auc"], last.figures["expected"]) == (
        "health",
        1.0,
        None,
    ) and last.warnings.empty
    found = findings_of(last)
    assert "last_score_ranked" in found
    assert not {
        "last_probability_ranked",
        "last_score_sum",
        "last_score_sum_due",
        "last_warned",
        "last_warned_none",
    } & set(found)
    assert last.table["band"].tolist() == ["red", "yellow", "green"]


def spending(start: str, **accounts: tuple[float, float]) -> pd.DataFrame:
    """Per account what it bought in August 2024 (or from April to June 2025) and in August 2025; everybody
    bought on ``start``.
    """
    rows = []
    for name, (before, after) in accounts.items():
        base = "2024-08-10" if start < "2024-07" else "2025-05-10"
        rows += [(name, start, 500.0), (name, base, before), (name, "2025-08-10", after)]
    frame = pd.DataFrame(rows, columns=["account_id", "date", "amount"])
    return frame[frame["amount"] > 0].assign(date=lambda f: pd.to_datetime(f["date"]), bought=True)


@pytest.mark.parametrize("start", ["2024-05-01", "2025-02-01"])
def test_warned_by_hand(start):
    """Of 100 each in the same days a year before (or in the 90 days before, where the data begin later)."""
    states = {
        "W1": "act",
        "W2": "act",
        "W3": "watch",
        "W4": "watch",
        "N1": "none",
        "N2": "none",
        "N3": "none",
        "S": "silence",
    }
    spent = {
        "W1": (100, 0),
        "W2": (100, 49),
        "W3": (100, 50),
        "W4": (100, 300),
        "N1": (100, 0),
        "N2": (100, 100),
        "N3": (0, 10),
    }
    days = spending(start, **spent, S=(100, 0))
    earlier = pd.DataFrame({"warned": pd.Series(states), "revenue": 1.0}).rename_axis("account_id")
    last = last_score_outcome(earlier, days, THEN, NOW, 90)
    rows = last.warnings.set_index("band")[["accounts", "stopped", "fell"]].T.to_dict("list")
    assert rows == {"act": [2, 1, 2], "watch": [2, 0, 0], "none": [3, 1, 1], "silence": [1, 1, 1]}
    assert last.lost == ("W1",) and last.figures["by"] is None and last.bands.empty
    said = headline(findings_of(last)["last_warned"], Locale("en", "EUR"), {})
    assert said == (
        "Of the 4 accounts warned of on 30 Jun 2025, 1 (25%) bought nothing in the 90 days "
        "after; of the 3 others still active then "
        "1 (33%). Counting also those that bought less than half as much as before, it is 2 and 1."
    )


def test_fell_asks_for_a_base_and_knows_strangers():
    days = spending("2024-05-01", a=(100, 49), b=(0, 10))
    assert fell_by_half(days, pd.Index(["a", "b", "stranger"]), THEN, 90).tolist() == [True, False, False]
    assert fell_by_half(days.iloc[:0], pd.Index(["a"]), THEN, 90).tolist() == [False] and fell_by_half(
        days, pd.Index(["a"]), THEN, 0
    ).tolist() == [False]


def warned(of: int, stopped: int, others: int, gone: int, horizon: int = 180):
    """So many warned of and others, and how many of each bought nothing since; the larger the number, the
    larger the account.
    """
    ids, days = many([1] * stopped + [0] * (of - stopped) + [1] * gone + [0] * (others - gone))
    earlier = pd.DataFrame(
        {"warned": ["act"] * of + ["none"] * others, "revenue": np.arange(float(of + others))}, index=ids
    )
    return last_score_outcome(earlier, days, THEN, NOW, horizon)


def test_the_headline_of_warnings_in_both_languages():
    found = findings_of(warned(23, 9, 215, 4, 365))
    finding = found["last_warned_so_far"]
    said = {language: headline(finding, Locale(language, "CNY"), {}) for language in ("zh", "en")}
    assert said["en"].startswith(
        "Of the 23 accounts warned of on 30 Jun 2025, 9 (39%) have bought "
        "nothing in the 184 days since; of the 215 others"
    )
    assert (
        "2025年6月30日预警的23家客户中，至今184天没有采购的有9家（39%）" in said["zh"]
        and "215家中有4家（1.9%）" in said["zh"]
    )
    assert finding.severity == "watch" and finding.accounts == tuple(
        f"A{n:03}" for n in range(8, -1, -1)
    )  # the largest first
    for language in ("zh", "en"):
        assert "A008" in action(finding, Locale(language, "CNY"))
    assert "last_warned_chance" not in found


@pytest.mark.parametrize(
    ("of", "stopped", "others", "gone", "kinds"),
    [
        (23, 9, 215, 4, {"last_warned"}),
        (28, 5, 203, 24, {"last_warned", "last_warned_chance"}),  # 18 % against 12 %: Fisher's p = 0.37
        (30, 0, 200, 40, {"last_warned_missed"}),  # 6 of 30 without any foresight
        (28, 0, 203, 1, {"last_warned", "last_warned_chance"}),  # 1 of 203 blames nobody
        (0, 0, 50, 5, {"last_warned_none"}),
        (12, 3, 0, 0, {"last_warned_all"}),
    ],
)
def test_what_is_said_of_warnings(of, stopped, others, gone, kinds):
    found = findings_of(warned(of, stopped, others, gone))
    assert {kind for kind in found if kind.startswith("last_warned")} == kinds
    for finding in found.values():
        for language in ("zh", "en"):
            said = headline(finding, Locale(language, "CNY"), {})
            assert "None" not in said and "nan" not in said and "{" not in said
        assert (finding.kind in ("last_warned", "last_warned_all") and stopped == 0) <= (
            finding.action is None
        )


def test_the_table_shows_bands_and_warnings():
    ids, days = many([1, 1, 0, 0, 0])
    bands = ["red", "red", "green", "green", "green"]
    warned = ["act", "silence", "watch", "none", "none"]
    earlier = pd.DataFrame({"health_band": bands, "warned": warned}, index=ids)
    pages = []
    for then in (earlier, earlier.drop(columns="warned")):
        result = last_score_outcome(then, days, THEN, NOW, 180)
        with using(View(Locale("zh", "CNY"))):
            pages.append(last_score_outcome_table(SimpleNamespace(last_score=result)).text)
    for word in ("红", "绿", "已预警：需立即行动", "已预警：需关注", "未预警", "当时已明显停购"):
        assert word in pages[0]
    assert "红" in pages[1] and "预警" not in pages[1]
    assert not any(letter in pages[0] for letter in "abcdefgh")


def test_what_an_earlier_run_said_of_each_account():
    index = pd.Index(["a", "b"], name="account_id")
    scores = pd.DataFrame(
        {"health": [80.0, 30.0], "health_band": ["green", "red"], "revenue": [9.0, 8.0], "definition": "1.x"},
        index=index,
    )
    card = load_health("purchases", Path())
    plain = EarlierScore(date(2025, 6, 30), card, scores, pd.DataFrame())
    assert list(plain.verdicts()) == ["health", "health_band", "revenue"] and plain.scored_on == date(
        2025, 6, 30
    )
    said = pd.DataFrame(
        {"churn_probability": [0.1, 0.7], "warned": ["none", "act"], "revenue": [np.nan, 5.0]},
        index=pd.Index(["a", "once"], name="account_id"),
    )
    full = EarlierScore(date(2025, 6, 30), card, scores, pd.DataFrame(), said, 90, date(2025, 5, 20))
    assert full.scored_on == date(2025, 5, 20)
    found = full.verdicts()
    assert (
        found["revenue"].to_dict() == {"a": 9.0, "b": 8.0, "once": 5.0}
        and found.loc["once", "warned"] == "act"
    )
    assert pd.isna(found.loc["b", "churn_probability"]) and pd.isna(found.loc["b", "warned"])


def test_the_days_begin_where_the_earlier_data_ended():
    """Its data ended on 20 May: a purchase on 10 June speaks for the account, though the run is dated 30
    June.
    """
    lines = lines_of(
        *((a, d, 10.0) for a in ("a", "b") for d in ("2024-03-01", "2024-09-01", "2025-03-01", "2025-05-20"))
    )
    lines = pd.concat([lines, lines_of(("a", "2025-06-10", 10.0), ("c", "2025-12-30", 1.0))])
    index = pd.Index(["a", "b"], name="account_id")
    card = load_health("purchases", Path())
    scores = pd.DataFrame(
        {"health": 80.0, "raw": 80.0, "ceiling": np.nan, "cap": 0.0, "override": 0.0, "health_band": "green"},
        index=index,
    )
    scores = scores.assign(revenue=40.0, definition="1.x")
    parts = pd.DataFrame({"account_id": [], "indicator": [], "age_days": [], "lost": []})
    said = pd.DataFrame(
        {"churn_probability": np.nan, "warned": ["none", "act"], "warning_strength": 0.0, "revenue": 40.0},
        index=index,
    )
    before = EarlierScore(date(2025, 6, 30), card, scores, parts, said, 60, date(2025, 5, 20))
    result = health_model(book_of(lines), 180, card, before=before)
    rows = result.last_score.table.set_index("band")
    assert rows.loc["green", ["accounts", "stopped"]].tolist() == [2, 1]
    assert rows.loc["act", ["accounts", "stopped"]].tolist() == [1, 1] and rows.loc[
        "none", ["accounts", "stopped"]
    ].tolist() == [1, 0]
    assert result.finding("last_warned").figures["days"] == 60  # the earlier run's horizon, not today's
