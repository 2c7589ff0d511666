"""Every key against a solution from the printed sheet alone, over 12 seeds, three trades and difficulties;
the planted accounts against the generator's actors, the funnel and the curve against the method.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sheet_solver import price, rows, shows_a_sign, solve, w_with_ties

import kamplay as kp
from kamplay.method.value.concentration import concentration
from kamplay.method.value.pipeline import pipeline
from kamplay.samples import medtech_accounts
from kamplay.samples.medtech_accounts import LAST, NEVER
from kamplay.teaching.cases import TRADES, TWICE, make_case, planting_of, write_case
from kamplay.teaching.grading import grade, open_key, seal, sealed_key
from kamplay.teaching.keys import MAKERS
from kamplay.teaching.registry import exercises

SEEDS = range(12)  # four of each difficulty


def graded(name, made, answer, how=open_key):
    one = exercises()[name]
    return grade(made.key.parts, one.credit, answer, one.words, **how(made.key))


@pytest.mark.parametrize("trade", TRADES)
def test_keys_are_what_the_sheet_says(trade):
    for seed in SEEDS:
        case = make_case(trade, seed, 1 + seed % 3)
        all_made = {name: maker(case.source) for name, maker in MAKERS.items()}
        for name, made in all_made.items():
            found = graded(name, made, solve(name, made.exhibits, made.facts))
            assert found.verdict == "right", (trade, seed, name, found.parts)
            if name == "3c":
                assert_still_buying(case, made)
                assert_rule_and_key_agree(made)
            assert graded(name, made, made.best).verdict == "right", (trade, seed, name)
        assert_planted(case, {name: made.key.accepted for name, made in all_made.items()})


def assert_still_buying(case, made):
    """Every account of the calls has bought in the half-year before, by the lines of the client."""
    since = pd.Timestamp(case.as_of) - pd.Timedelta(days=made.facts["stopped"])
    lines = case.tables["transactions"]
    recent = set(lines.loc[(lines["date"] > since) & (lines["amount"] > 0), "account_id"])
    assert made.facts["stopped"] == 180 and set(made.exhibits["signals"]["account_id"]) <= recent


def assert_rule_and_key_agree(made):
    """Whoever shows a sign by the question's rule is leaving, and the other way round."""
    shown = {r["account_id"] for r in rows(made.exhibits["signals"]) if shows_a_sign(r)}
    assert shown == set(made.key.accepted["calls"]) and len(shown) >= made.facts["full"] == 10


def assert_planted(case, accepted):
    """The planted accounts, drawn again from the generator without its answer key."""

    def rng(stream):
        return np.random.default_rng([case.seed, stream])

    planting = planting_of(case.trade, case.difficulty)
    actors = medtech_accounts.draw(rng(0), planting)
    medtech_accounts.cast(actors, rng(1), planting)
    medtech_accounts.number(actors, rng(2))
    by_case = {a.case: a.account_id for a in actors if a.case and a.case != "hidden_group"}
    culprits = accepted["1b"]
    assert culprits["skinner"] == (by_case["skinner"],)
    assert culprits["one_off"] == (by_case["one_off"],)
    assert culprits["keep"] == (by_case["demanding_but_profitable"],)
    assert culprits["nurture"] == (by_case["small_but_strong"],)
    assert accepted["3b"]["account"] == (by_case["lost_champion"],)
    assert accepted["2b"]["twice"] == (by_case["two_entities"],)
    leaving = {
        a.account_id for a in actors if a.reason and not a.passing and not a.case and LAST < a.stop < NEVER
    }
    assert set(accepted["3c"]["calls"]) <= leaving and len(leaving) == 14


@pytest.mark.parametrize("trade", TRADES)
def test_figures_are_those_of_the_files_the_client_sends(trade, tmp_path):
    """Read by the intake and measured by the method, sent twice and all, as a client's files are."""
    case = make_case(trade, 7, 3)
    write_case(case, tmp_path / "client", "en" if trade == "distributor" else "zh")
    run = kp.open(tmp_path / "client")
    curve = concentration(run.book)
    solution = MAKERS["2c"](case.source).solution
    assert curve.shares["top20_share"] * 100 == pytest.approx(solution["top20"], abs=1e-4)
    assert curve.shares["accounts_for_80"] == solution["for80"]
    assert curve.shares["top1_share"] * 100 == pytest.approx(solution["largest"], abs=1e-4)
    assert (
        run.book.totals["rows"]
        == len(case.tables["transactions"])
        == len(case.sent("zh")["transactions"]) - TWICE[3] - 2  # and a second copy and a void line of 0b
    )
    found = pipeline(run.book)
    assert found is not None
    funnel = found.funnel
    weighted = MAKERS["2b"](case.source).solution["weighted"]
    assert funnel.weighted / 1e4 == pytest.approx(weighted, abs=0.1)
    assert funnel.shape == MAKERS["2b"](case.source).solution["shape"]


@pytest.mark.parametrize("trade", TRADES)
def test_the_lines_of_0b_are_those_of_the_client_s_file(trade, tmp_path):
    """The rows of the account since the first one on the sheet, read from the CSV that a team is given."""
    for seed in (1, 4):
        case = make_case(trade, seed, 2)
        write_case(case, tmp_path / str(seed), "zh")
        made = MAKERS["0b"](case.source)
        (path,) = (tmp_path / str(seed) / "data").glob("*.csv")
        sent = pd.read_csv(path, dtype=str, encoding="utf-8-sig")
        since = made.facts["since"].isoformat()
        sent = sent[(sent["客户编号"] == made.facts["account"]) & (sent["日期"] >= since)]
        shown = made.exhibits["lines"]
        told = sorted(zip(sent["日期"], sent["订单号"], map(figure, sent["金额"]), sent["状态"], strict=True))
        sheet = zip(
            shown["date"].dt.strftime("%Y-%m-%d"),
            shown["order_id"],
            map(figure, shown["amount_as_sent"]),
            shown["status"],
            strict=True,
        )
        assert told == sorted(sheet)


def figure(text: str) -> str:
    return text if text.endswith("万") else f"{float(text.replace(',', '')):.2f}"


def test_the_published_forecast():
    made = MAKERS["2a"](make_case("wholesaler", 1, 1).source)
    assert made.solution["weighted"] == pytest.approx(364.8) and made.solution["total"] == 1424
    assert graded("2a", made, "364.8").verdict == graded("2a", made, "３６４．８").verdict == "right"
    assert graded("2a", made, 1424).parts[0].note == "unweighted"


def test_the_university_of_the_source():
    made = MAKERS["3a"](make_case("wholesaler", 1, 1).source)
    zh = {
        "校长": ["形象", "地位"],
        "处长": ["决策", "领导认可"],
        "科长": ["实施", "办成事"],
        "教师": ["使用", "好用"],
    }
    assert graded("3a", made, zh).verdict == "right"


@pytest.mark.parametrize("name", list(MAKERS))
def test_a_sealed_key_grades_as_the_open_one_and_holds_no_answer(name):
    made = MAKERS[name](make_case("distributor", 3, 2).source)
    sealed = seal(made.key, "salt")
    answers = [made.best, solve(name, made.exhibits, made.facts), "?", [1, 2], {"a": 1}, "C0001", 7]
    for answer in answers:
        opened, closed = (graded(name, made, answer, how) for how in (open_key, lambda _: sealed_key(sealed)))
        assert (opened.verdict, opened.credit, opened.parts) == (closed.verdict, closed.credit, closed.parts)
    text = str({k: v for k, v in sealed.items() if k != "public"})
    for tokens in made.key.accepted.values():
        assert not [t for t in tokens if len(t) > 3 and t in text]


@pytest.mark.parametrize("seed", range(5))
def test_weights_are_negotiated_and_the_mean_does_not_do(seed):
    made = MAKERS["1e"](make_case("distributor", seed, 2).source)
    first, budget = made.key.public["weights"], made.key.public["budget"]
    assert all(sum(row) == 100 for row in made.best.values())
    assert sum(price(first[d], row) for d, row in made.best.items()) <= budget
    assert w_with_ties(list(made.best.values())) >= 0.7 > w_with_ties(list(first.values()))
    mean = [sum(column) / len(first) for column in zip(*first.values(), strict=True)]
    for share in (0.25, 0.5, 0.75, 1):  # everybody moves towards the mean, part of the way or all of it
        rows = {d: [a + share * (m - a) for a, m in zip(row, mean, strict=True)] for d, row in first.items()}
        found = graded("1e", made, rows)
        assert found.credit <= 0.25 and found.verdict != "right", (share, found)
