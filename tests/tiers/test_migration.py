"""Who changed tier since the earlier run, and why: hand-worked cases, and runs compared from the command
line.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import book_of, lines_of, random_lines, write_engagement
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

import kamplay as kp
from kamplay import run_folder
from kamplay import run_folder as earlier_run
from kamplay.cli import app
from kamplay.commands.lab import prepare_lab
from kamplay.json_files import write_json
from kamplay.method.tiers.migration import COLUMNS, EarlierTiers, tier_changes, with_settled_weights
from kamplay.method.tiers.step import Tiers, define_tiers
from kamplay.presets import Scorecard

WORDS = {"zh": "字", "en": "word"}
TIERS = [("top", "S", 75), ("core", "A", 50), ("grow", "B", 25), ("slow", "C", 10), ("rest", "C", 0)]


def card_of(weights=(50, 50), tiers=TIERS, **parts) -> Scorecard:
    """Two criteria: yearly revenue (1 point each 1, up to 100) and months with purchases (12 make 100
    points).
    """
    criteria = {
        "value": {**WORDS, "measure": "revenue", "scoring": "scale", "scale": [0, 100], "weight": weights[0]},
        "months": {
            **WORDS,
            "measure": "active_months",
            "scoring": "scale",
            "scale": [0, 12],
            "weight": weights[1],
        },
    }
    rows = [{**WORDS, "key": key, "level": level, "from": start} for key, level, start in tiers]
    return Scorecard.model_validate(
        {"title": WORDS, "source": WORDS, "criteria": criteria, "tiers": rows, **parts}
    )


CARD = card_of()
GATE = {"skinner": {**WORDS, "cap": "B", "when": {"margin_share": {"below": 0.05}}}}


def states(card: Scorecard, **accounts: tuple) -> pd.DataFrame:
    """Step 1's accounts from account=(tier, gate, override)."""
    full = [(*state, None, None)[:3] for state in accounts.values()]
    rows = [(tier, card.level_of(tier), 1.0, gate, override) for tier, gate, override in full]
    return pd.DataFrame(
        rows,
        index=pd.Index(accounts, name="account_id"),
        columns=["tier", "level", "tier_score", "gate", "override"],
    )


def one(
    was: tuple, now: tuple, as_if: str | None, before: Scorecard = CARD, card: Scorecard = CARD
) -> tuple[str, str]:
    """Direction and reason of one account's move."""
    earlier = EarlierTiers(date(2025, 6, 30), before, states(before, a=was))
    row = tier_changes(earlier, states(card, a=now), pd.Series({"a": as_if}), card).loc["a"]
    return row["direction"], row["why"]


WEIGHED, STRICTER = card_of((80, 20)), card_of(tiers=[("top", "S", 90), *TIERS[1:]])


@pytest.mark.parametrize(
    ("was", "now", "as_if", "card", "expected"),
    [
        (("core",), ("top",), "top", CARD, ("up", "data")),
        (("top",), ("grow",), "grow", CARD, ("down", "data")),
        (("slow",), ("rest",), "rest", CARD, ("down", "data")),  # both of level C: by their place in the card
        (("rest",), ("slow",), "slow", CARD, ("up", "data")),
        (("core",), ("top",), "core", WEIGHED, ("up", "weights")),
        # the weights changed too, but the old ones give the same
        (("core",), ("top",), "top", WEIGHED, ("up", "data")),
        (("top",), ("core",), "top", STRICTER, ("down", "rule")),
        (("top",), ("grow",), "core", WEIGHED, ("down", "both")),
        (("top",), ("grow",), "core", STRICTER, ("down", "both")),
        (("top",), ("grow", "skinner"), "grow", CARD, ("down", "gate")),
        (("grow", "skinner"), ("top",), "top", CARD, ("up", "gate")),
        (("core", "skinner"), ("grow", "one_off"), "grow", CARD, ("down", "gate")),
        # the gate still holds; the score fell below its cap
        (("grow", "skinner"), ("rest",), "rest", CARD, ("down", "data")),
        (("rest",), ("grow", "skinner"), "grow", CARD, ("up", "data")),  # it rose as far as the gate lets it
        # the cap of the same gate was raised
        (("grow", "skinner"), ("core", "skinner"), "grow", STRICTER, ("up", "rule")),
        (("core",), ("top", None, "board"), "core", CARD, ("up", "override")),  # set
        (("top", None, "board"), ("core",), "core", CARD, ("down", "override")),  # lifted, or expired
        # set anew for the same reason
        (("top", None, "board"), ("core", None, "board"), "grow", CARD, ("down", "override")),
        # by hand goes before a gate
        (("top",), ("rest", "skinner", "board"), "grow", CARD, ("down", "override")),
        (("core",), ("top",), None, CARD, ("up", "both")),  # not rated under the earlier card
    ],
)
def test_why_one_account_moved(was, now, as_if, card, expected):
    assert one(was, now, as_if, card=card) == expected


def test_weights_are_told_from_rules():
    """Only what rates counts: labels, the map and the intake rule may change beside the weights; a band, a
    gate or a unit may not.
    """

    def cause(before: Scorecard, now: Scorecard) -> str:
        return one(("core",), ("top",), "core", before, now)[1]

    renamed = [{**WORDS, "zh": "新名", "key": k, "level": lv, "from": s} for k, lv, s in TIERS]
    plain = card_of((80, 20)).model_dump(mode="json", by_alias=True)
    intake = {"assess_above": 5.0, "within_days": 30, "dedicated_above": 10.0}
    assert (
        cause(
            CARD,
            Scorecard.model_validate(
                {**plain, "tiers": renamed, "intake": intake, "title": {"zh": "别", "en": "other"}}
            ),
        )
        == "weights"
    )
    assert cause(CARD, card_of((80, 20), gates=GATE)) == "rule"
    assert cause(CARD, card_of((80, 20), rate="account")) == "rule"
    assert (
        cause(card_of(gates=GATE), card_of((80, 20), gates={"skinner": {**GATE["skinner"], "cap": "C"}}))
        == "rule"
    )
    unit = {**plain, "criteria": {**plain["criteria"], "value": {**plain["criteria"]["value"], "unit": 10.0}}}
    assert cause(CARD, Scorecard.model_validate(unit)) == "rule"
    heavier = {
        **plain,
        "criteria": {"weight": {**plain["criteria"]["value"], "weight": 2.0}},
    }  # a criterion may be called weight
    wider = {**plain, "criteria": {"weight": {**plain["criteria"]["value"], "scale": [0, 50]}}}
    assert cause(Scorecard.model_validate(heavier), Scorecard.model_validate(wider)) == "rule"


def test_accounts_that_came_or_went_did_not_move():
    earlier = EarlierTiers(
        date(2025, 6, 30), CARD, states(CARD, gone=("top",), stays=("top",), falls=("top",))
    )
    now = states(CARD, new=("rest",), falls=("core",), stays=("top",))
    assert tier_changes(earlier, now, now["tier"], CARD).index.tolist() == ["falls"]


def test_other_names_for_the_tiers():
    """VIP (S) of the one card is called top (S) in the other: renamed. From VIP to core (A) is down, whatever
    they are called.
    """
    old = card_of(tiers=[("VIP", "S", 75), ("rest", "C", 0)])
    assert one(("VIP",), ("top",), "VIP", old) == ("renamed", "rule")
    assert one(("VIP",), ("core",), "rest", old) == ("down", "both")
    assert one(("rest",), ("core",), "rest", old) == ("up", "rule")


def test_same_name_of_another_level_is_a_move():
    lower = card_of(tiers=[("best", "S", 90), ("top", "A", 75), ("rest", "C", 0)])
    assert one(("top",), ("top",), "top", CARD, lower) == ("down", "rule")


def test_rows_from_the_steepest_fall_to_the_steepest_rise():
    was = states(CARD, a=("rest",), b=("core",), c=("top",), d=("top",), e=("slow",), f=("core",))
    now = states(CARD, f=("grow",), e=("rest",), d=("rest",), c=("rest",), b=("top",), a=("top",))
    out = tier_changes(
        EarlierTiers(date(2025, 6, 30), CARD, was.assign(tier_score=2.0)), now, now["tier"], CARD
    )
    assert out.index.tolist() == ["c", "d", "f", "e", "b", "a"]
    assert list(out.columns) == COLUMNS
    assert out.loc["c"].tolist() == ["top", "rest", "down", "data", 2.0, 1.0, "S", "C"]


@given(st.lists(st.sampled_from([t[0] for t in TIERS]), min_size=0, max_size=30), st.randoms())
def test_nothing_changed_nothing_moved(tiers, order):
    now = states(CARD, **{f"a{n}": (tier,) for n, tier in enumerate(tiers)})
    names = list(now.index)
    order.shuffle(names)
    out = tier_changes(EarlierTiers(date(2025, 6, 30), WEIGHED, now), now.loc[names], now["tier"], CARD)
    assert out.empty
    assert list(out.columns) == COLUMNS


@given(
    st.lists(st.tuples(*[st.sampled_from([t[0] for t in TIERS])] * 3), min_size=1, max_size=30), st.randoms()
)
def test_row_order_does_not_matter(triples, order):
    was, now = (states(CARD, **{f"a{n}": (t[i],) for n, t in enumerate(triples)}) for i in (0, 1))
    as_if = pd.Series([t[2] for t in triples], index=now.index)
    names = list(now.index)
    order.shuffle(names)
    one_way = tier_changes(EarlierTiers(date(2025, 6, 30), WEIGHED, was), now, as_if, CARD)
    pd.testing.assert_frame_equal(
        one_way,
        tier_changes(
            EarlierTiers(date(2025, 6, 30), WEIGHED, was.loc[names]), now.loc[names[::-1]], as_if, CARD
        ),
    )
    assert set(one_way.index) == {f"a{n}" for n, t in enumerate(triples) if t[0] != t[1]}


# ---- weights that were not the card's own


def test_the_card_as_it_weighed():
    leaf = {**WORDS, "scoring": "scale", "scale": [0, 10]}
    tree = {
        "own": {**leaf, "measure": "rating.own", "weight": 3},
        "made": {
            **WORDS,
            "weight": 1,
            "of": {
                "x": {**leaf, "measure": "rating.x", "weight": 1},
                "y": {**leaf, "measure": "rating.y", "weight": 1},
            },
        },
    }
    settled = pd.Series({"own": 0.2, "x": 0.7, "y": 0.1})
    card = card_of(criteria=tree, recalibrate={"method": "critic", "share": 0.5})
    weighed = with_settled_weights(card, settled)
    assert weighed.weights() == pytest.approx(settled.to_dict())
    assert weighed.criteria["made"].weight == pytest.approx(0.8)
    assert weighed.recalibrate is None
    assert Scorecard.model_validate(weighed.model_dump(mode="json", by_alias=True)) == weighed
    assert with_settled_weights(card_of(criteria=tree), settled) == card_of(criteria=tree)
    assert with_settled_weights(card, settled * [0, 1, 1]).weights()["own"] == pytest.approx(
        0, abs=1e-9
    )  # a vote can leave nothing for it


def yearly(account: str, revenue: float, months: int, year: int = 2025) -> list[tuple[str, str, float]]:
    return [(account, f"{year}-{m:02d}-10", revenue / months) for m in range(1, months + 1)]


def before_of(result: Tiers, card: Scorecard) -> EarlierTiers:
    weighed = with_settled_weights(card, result.criteria.set_index("criterion")["weight"])
    return EarlierTiers(date(2025, 6, 30), weighed, result.accounts[run_folder.TIER_COLUMNS])


def ballots(value: float) -> pd.DataFrame:
    rows = [("r", "sales", "value", value), ("r", "sales", "months", 100 - value)]
    return pd.DataFrame(rows, columns=["rater", "department", "criterion", "weight"]).assign(
        account_id=None, rank=np.nan, nominated=None
    )


def test_a_new_vote_is_a_change_of_weights():
    """big: 80 points of value, 2 of 12 months. Half and half 48.3 points, B; with 90 % on value 73.7, A. The
    lines are the same.
    """
    lines = lines_of(*yearly("big", 80, 2), *yearly("calm", 30, 12))
    card = card_of(weights_from="ballots")
    first = define_tiers(book_of(lines, ballots=ballots(50)), card)
    assert first.accounts["tier"].to_dict() == {"big": "grow", "calm": "core"}
    again = define_tiers(book_of(lines, ballots=ballots(90)), card, before_of(first, card))
    assert again.accounts["tier"].to_dict() == {"big": "core", "calm": "grow"}
    assert again.migration[["direction", "why"]].T.to_dict("list") == {
        "calm": ["down", "weights"],
        "big": ["up", "weights"],
    }
    assert define_tiers(book_of(lines, ballots=ballots(50)), card, before_of(first, card)).migration.empty


def test_the_weights_of_the_vote_are_kept_for_the_next_run(tmp_path):
    card = card_of(weights_from="ballots")
    result = define_tiers(
        book_of(lines_of(*yearly("big", 80, 2), *yearly("calm", 30, 12)), ballots=ballots(90)), card
    )
    run = tmp_path / "C" / "2025-06-30"
    run_folder.save_result(result, run / "work" / "steps" / "zh" / "tiers", "")
    write_json(run / "work" / "scorecard.json", card.model_dump(mode="json", by_alias=True))
    write_json(run / "manifest.json", {"client": "C"})
    (work := tmp_path / "work").mkdir()
    told = earlier_run.compare_with_earlier(tmp_path / "C", "C", date(2025, 12, 31), work).manifest()
    assert [Path(i["file"]).name for i in told["compared_inputs"]] == [
        "scorecard.json",
        "accounts.parquet",
        "criteria.parquet",
    ]
    kept = earlier_run.load_earlier(work)
    assert kept is not None
    assert kept.card.weights_from == "card"
    assert kept.card.weights() == pytest.approx({"value": 0.9, "months": 0.1})


def test_step_one_tells_moves_by_hand():
    """Points under equal weights, then with 80 % on value.

    data: 100 in 12 months (100) → 60 in 6 months (55, then 58). weights: 100 in 1 month (54.2, then 81.7).
    both: 100 in 12 months (100) → 30 in 12 months (65, then 44). stays: 80 in 12 months (90) → 72 in 12
    months (86, then 77.6).
    """
    card = card_of((80, 20))
    was = lines_of(
        *yearly("stays", 80, 12),
        *yearly("weights", 100, 1),
        *yearly("both", 100, 12),
        *yearly("data", 100, 12),
        *yearly("gone", 50, 6),
    )
    now = lines_of(
        *yearly("stays", 72, 12),
        *yearly("weights", 100, 1),
        *yearly("both", 30, 12),
        *yearly("data", 60, 6),
        *yearly("new", 50, 6),
    )
    before = define_tiers(book_of(was), CARD)
    assert before.accounts["tier"].to_dict() == {
        "both": "top",
        "data": "top",
        "gone": "core",
        "stays": "top",
        "weights": "core",
    }
    result = define_tiers(book_of(now), card, before_of(before, CARD))
    assert result.accounts["tier"].to_dict() == {
        "both": "grow",
        "data": "core",
        "new": "core",
        "stays": "top",
        "weights": "top",
    }
    assert result.migration[["before", "now", "direction", "why"]].T.to_dict("list") == {
        "both": ["top", "grow", "down", "both"],
        "data": ["top", "core", "down", "data"],
        "weights": ["core", "top", "up", "weights"],
    }
    figures = result.finding("moved").figures
    assert {k: figures[k] for k in ("count", "up", "down", "by_both", "by_weights", "by_data", "as_of")} == {
        "count": 3,
        "up": 1,
        "down": 2,
        "by_both": 1,
        "by_weights": 1,
        "by_data": 1,
        "as_of": "2025-06-30",
    }
    assert result.finding("moved").accounts == ("data", "both")  # the falls, by revenue


def test_overrides_set_and_expired():
    lines = lines_of(*yearly("set", 80, 2), *yearly("ended", 80, 2))
    words = {"reason": "strong itself", "by": "board"}
    then = pd.DataFrame(
        [{"account_id": "ended", "tier": "top", "expires": pd.Timestamp("2026-06-30"), **words}]
    )
    now = pd.concat(
        [
            then.assign(expires=pd.Timestamp("2025-06-30")),
            pd.DataFrame([{"account_id": "set", "tier": "rest", **words}]),
        ]
    )
    before = define_tiers(book_of(lines, overrides=then), CARD)
    result = define_tiers(book_of(lines, overrides=now.reset_index(drop=True)), CARD, before_of(before, CARD))
    assert result.migration[["before", "now", "why"]].T.to_dict("list") == {
        "ended": ["top", "grow", "override"],
        "set": ["grow", "rest", "override"],
    }


# ---- from the command line

FIRST, SECOND = "2025-06-30", "2025-12-31"


def kamplay(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def settings_of(value: float) -> str:
    return f"scorecard: {{base: four_dimensions, criteria: {{value: {{weight: {value}}}}}}}\n"


@pytest.fixture(scope="module")
def client(tmp_path_factory) -> Path:
    """An engagement with 30 accounts, as it stands for the second run: value weighs 20 instead of 50."""
    return write_engagement(
        tmp_path_factory.mktemp("e") / "client", random_lines(30, seed=3), settings_of(20)
    )


@pytest.fixture(scope="module")
def runs(client, tmp_path_factory) -> Path:
    """The client's folder of reports with both runs, among folders that are no runs before the second."""
    out = tmp_path_factory.mktemp("out")
    place = out / "Test-client"
    changes = ("--set", "scorecard.criteria.value.weight=50")
    assert (
        kamplay("run", str(client), "--out", str(out), "--language", "en", "--as-of", FIRST, *changes)[0] == 0
    )
    for name in ("2025-03-31", "2026-01-31", "20251201", "failed/2025-11-30", "lab", "latest"):
        shutil.copytree(place / FIRST, place / name)
    (place / "2025-10-31" / "work").mkdir(parents=True)  # no manifest: unfinished
    (place / "2025-10-30").mkdir()
    shutil.copy(place / FIRST / "manifest.json", place / "2025-10-30")
    code, said = kamplay("run", str(client), "--out", str(out), "--language", "zh,en")
    assert code == 0, said
    return place


def read(path: Path) -> dict | list:
    return json.loads(path.read_text(encoding="utf-8"))


def test_the_second_run_tells_who_moved(runs):
    assert read(runs / FIRST / "manifest.json")["compared_with"] is None
    manifest = read(runs / SECOND / "manifest.json")
    assert manifest["compared_with"] == FIRST
    assert manifest["not_compared"] is None
    health = f"{FIRST}/work/steps/health"
    files = [
        f"{FIRST}/work/scorecard.json",
        f"{FIRST}/work/steps/tiers/accounts.parquet",
        f"{FIRST}/work/health_card.json",
        f"{health}/score.accounts.parquet",
        f"{health}/score.parts.parquet",
        f"{health}/early_warning.warnings.parquet",
        f"{health}/accounts.parquet",
        f"{health}/result.json",
        *(f"{FIRST}/work/steps/plan/{name}.parquet" for name in ("actions", "units")),
        *(f"{FIRST}/work/steps/{step}/result.json" for step in ("tiers", "value", "plan")),
    ]
    assert manifest["compared_inputs"] == [
        {"file": f, "sha256": hashlib.sha256((runs / f).read_bytes()).hexdigest()} for f in files
    ]
    before, now = (
        pd.read_csv(runs / day / "results" / "accounts.csv").set_index("account_id")["tier"]
        for day in (FIRST, SECOND)
    )
    both = before.index.intersection(now.index)
    differ = both[(before[both] != now[both]).to_numpy()]
    kinds = {
        f["kind"]: f["figures"] for f in read(runs / SECOND / "work/steps/tiers/result.json")["findings"]
    }
    assert kinds["moved"]["count"] == len(differ) > 0
    assert kinds["moved"]["as_of"] == FIRST
    assert kinds["moved"]["by_weights"] > 0
    assert kinds["moved"]["by_rule"] == 0
    assert "none_moved" not in kinds
    kinds = {f["kind"] for f in read(runs / FIRST / "results" / "findings.json")}
    assert not kinds & {"moved", "none_moved"}


def test_a_finished_run_keeps_what_it_was_compared_with(runs):
    kept = kp.open(runs / SECOND, language="en").before
    assert kept is not None
    assert kept.as_of.isoformat() == FIRST
    assert kept.card == kp.open(runs / FIRST, language="en").scorecard
    assert list(kept.accounts.columns) == run_folder.TIER_COLUMNS
    assert kp.open(runs / FIRST, language="en").before is None
    assert {p.name for p in (runs / SECOND / "work" / "earlier").iterdir()} == {
        "earlier.json",
        "scorecard.json",
        "accounts.parquet",
        "health_card.json",
        "health_accounts.parquet",
        "health_parts.parquet",
        "health_told.parquet",
        "health_about.json",
        "plan_about.json",
        "plan_actions.parquet",
        "plan_before.parquet",
    }


def test_an_engagement_opened_by_itself_has_no_earlier_run(client):
    assert kp.open(client, language="en").before is None


def test_a_rerun_compares_with_the_same_run_and_gives_the_same_bytes(client, runs):
    names = (
        "report.en.html",
        "results.xlsx",
        "results/accounts.csv",
        "results/key_figures.json",
        "results/findings.json",
    )
    before = {name: (runs / SECOND / name).read_bytes() for name in names}
    page, manifest = (runs / SECOND / "report.zh.html").read_bytes(), read(runs / SECOND / "manifest.json")
    assert page
    assert kamplay("run", str(client), "--out", str(runs.parent), "--language", "zh,en")[0] == 0
    assert {name: (runs / SECOND / name).read_bytes() for name in names} == before
    assert (runs / SECOND / "report.zh.html").read_bytes() == page
    again = read(runs / SECOND / "manifest.json")
    assert {**again, "seconds": 0} == {**manifest, "seconds": 0}


def lab_beside(client: Path, run: Path, out: Path, name: str = "2025-12-30") -> Path:
    """The reports folder of ``kamplay lab`` with ``run`` as the only earlier one."""
    shutil.copytree(run, out / "Test-client" / name)
    return prepare_lab(client, out, None)


def test_lab_compares_as_run_does(client, runs, tmp_path):
    """With a run of the same data and the same card before it, nobody has moved."""
    place = lab_beside(client, runs / SECOND, tmp_path)
    result = kp.define_tiers(kp.open(place, language="en"))
    found = result.finding("none_moved")
    assert found.figures == {"as_of": "2025-12-30"}
    assert result.migration.empty


def other_client(run: Path) -> None:
    path = run / "manifest.json"
    path.write_text(json.dumps({**read(path), "client": "Test-client"}), encoding="utf-8")


def older_card(run: Path) -> None:
    path = run / "work" / "scorecard.json"
    path.write_text(
        json.dumps({**read(path), "gates": {"skinner": {"concession_above": 0.8}}}), encoding="utf-8"
    )


def older_accounts(run: Path) -> None:
    path = run / "work" / "steps" / "tiers" / "accounts.parquet"
    pd.read_parquet(path).drop(columns="level").to_parquet(path)


def foreign_tier(run: Path) -> None:
    path = run / "work" / "steps" / "tiers" / "accounts.parquet"
    pd.read_parquet(path).assign(tier="VIP").to_parquet(path)


def cut_short(run: Path) -> None:
    path = run / "work" / "steps" / "tiers" / "accounts.parquet"
    path.write_bytes(path.read_bytes()[:-40])


def no_step_one(run: Path) -> None:
    shutil.rmtree(run / "work" / "steps")


def broken_manifest(run: Path) -> None:
    (run / "manifest.json").write_text("{", encoding="utf-8")


@pytest.mark.parametrize(
    "harm", [other_client, older_card, older_accounts, foreign_tier, cut_short, no_step_one, broken_manifest]
)
def test_an_earlier_run_that_cannot_serve_is_told(client, runs, tmp_path, capsys, harm):
    folder = tmp_path / "Test-client"
    shutil.copytree(runs / FIRST, folder / "2025-05-31")  # a good one before it is not taken in its place
    shutil.copytree(runs / FIRST, folder / FIRST)
    harm(folder / FIRST)
    place = prepare_lab(client, tmp_path, None)
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith(FIRST)
    assert "not compared" in lines[0]
    assert kp.define_tiers(kp.open(place, language="en")).migration.empty
    (tmp_path / "work").mkdir()
    compared = earlier_run.compare_with_earlier(folder, "Test client", date(2025, 12, 31), tmp_path / "work")
    told = compared.manifest()
    assert (told["compared_with"], told["compared_inputs"]) == (None, [])
    assert told["not_compared"]["code"] == (
        "earlier_of_another" if harm is other_client else "earlier_unreadable"
    )
    assert str(tmp_path) not in json.dumps(told)
    assert not list((tmp_path / "work").iterdir())


def test_run_goes_on_without_an_earlier_run_that_is_damaged(client, runs, tmp_path):
    shutil.copytree(runs / FIRST, tmp_path / "Test-client" / FIRST)
    older_card(tmp_path / "Test-client" / FIRST)
    code, said = kamplay("run", str(client), "--out", str(tmp_path), "--language", "en")
    assert code == 0
    assert f"{FIRST}/work/scorecard.json" in said
    manifest = read(tmp_path / "Test-client" / SECOND / "manifest.json")
    assert manifest["compared_with"] is None
    assert manifest["not_compared"]["file"] == f"{FIRST}/work/scorecard.json"
    assert manifest["not_compared"]["detail"]


def test_another_card_and_currency_and_other_accounts(client, runs, tmp_path):
    """The earlier run knows accounts that are gone, in another currency, by a card with other tiers and
    measures.
    """
    lines = random_lines(30, seed=3)
    other = write_engagement(
        tmp_path / "client", lines[lines["account_id"] > "A004"], "scorecard: distributor_100\n"
    )
    text = (other / "engagement.yaml").read_text(encoding="utf-8").replace("EUR", "JPY")
    (other / "engagement.yaml").write_text(text, encoding="utf-8")
    place = lab_beside(other, runs / FIRST, tmp_path / "out")
    run = kp.open(place, language="en")
    assert run.before is not None
    assert "A000" in run.before.accounts.index
    result = kp.define_tiers(run)
    assert set(result.migration["why"]) <= {"data", "rule", "gate", "both"}
    assert len(result.migration) == len(result.accounts)  # no tier of the one card has its name in the other
    assert "A000" not in result.migration.index
