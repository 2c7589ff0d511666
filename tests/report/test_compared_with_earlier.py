"""What a run keeps of step 3 of the run before: its probabilities and warnings, an older run's scores alone,
damaged files.
"""

import json
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import book_of, lines_of

from kamplay import run_folder
from kamplay.json_files import write_json
from kamplay.method.health.score_attribution import KEPT
from kamplay.method.health.step import health_model
from kamplay.presets import load_health, load_scorecard
from kamplay.run_folder import save_result

AS_OF = date(2025, 6, 30)
CARD = load_health("purchases", Path())
DAYS = ("2024-07-10", "2024-10-10", "2025-01-10", "2025-04-10", "2025-06-20")


@pytest.fixture(scope="module")
def result():
    """Step 3 of a client with four accounts, ``away`` silent for two years; its probabilities and warnings
    are set below.
    """
    lines = lines_of(
        *((a, d, 10.0) for a in ("a", "b", "c") for d in DAYS),
        ("away", "2023-05-01", 5.0),
        ("away", "2023-04-01", 5.0),
    )
    return health_model(book_of(lines, pd.Timestamp(AS_OF)), 120, CARD)


@pytest.fixture
def run(result, tmp_path) -> Path:
    """The finished run: probabilities for three accounts; b with two warnings, the gravest ``act``; c warned
    of, but plainly stopped.
    """
    place = tmp_path / "2025-06-30"
    step = place / "work" / "steps" / "en"  # as runs once kept them, a folder for each language
    (step / "tiers").mkdir(parents=True)
    save_result(result, step / "health", "")
    write_json(place / "manifest.json", {"client": "A"})
    card = load_scorecard("four_dimensions", Path())
    write_json(place / "work" / "scorecard.json", card.model_dump(mode="json", by_alias=True))
    write_json(place / "work" / "health_card.json", CARD.model_dump(mode="json", by_alias=True))
    row = {"tier": "S", "level": "S", "tier_score": 80.0, "gate": None, "override": None}
    pd.DataFrame([row], index=pd.Index(["a"], name="account_id", dtype="str")).to_parquet(
        step / "tiers" / "accounts.parquet"
    )
    accounts = result.accounts.copy()
    accounts["churn_probability"] = pd.Series({"a": 0.1, "b": 0.6, "c": 0.9})
    accounts["warning_strength"] = pd.Series({"b": 0.7, "c": 1.0})
    accounts.to_parquet(step / "health" / "accounts.parquet")
    rows = [
        ("b", "visits", "watch", 50.0),
        ("b", "payment", "act", 50.0),
        ("c", "payment", "watch", 50.0),
        ("c", "silence", "act", 50.0),
    ]
    warnings = pd.DataFrame(rows, columns=["account_id", "sign", "severity", "revenue"])
    warnings.to_parquet(step / "health" / "early_warning.warnings.parquet")
    return place


def compared(run: Path, name: str = "new") -> tuple[run_folder.Compared, Path]:
    work = run.parent / name / "work"
    work.mkdir(parents=True)
    return run_folder.compare_with_earlier(run.parent, "A", date(2025, 12, 31), work), work


def step(run: Path) -> Path:
    return run / "work" / "steps" / "en" / "health"


def test_probabilities_and_warnings_are_kept(run):
    told, work = compared(run)
    assert told.fault is None
    assert [Path(i["file"]).name for i in told.inputs][-3:] == [
        "early_warning.warnings.parquet",
        "accounts.parquet",
        "result.json",
    ]
    kept = run_folder.load_earlier_health(work)
    assert (kept.as_of, kept.horizon, kept.seen_to, kept.scored_on) == (AS_OF, 120, None, AS_OF)
    assert kept.predictions["warned"].to_dict() == {
        "a": "none",
        "b": "act",
        "c": "silence",
    }  # away was not active: nobody could warn of it
    assert kept.predictions["churn_probability"].to_dict() == {"a": 0.1, "b": 0.6, "c": 0.9}
    assert kept.predictions["warning_strength"].dropna().to_dict() == {"b": 0.7, "c": 1.0}
    assert kept.accounts.columns.tolist() == KEPT and kept.accounts.loc["a", "revenue"] == 50.0
    found = kept.verdicts()
    assert found.index.tolist() == ["a", "b", "c"] and found["revenue"].eq(50.0).all()


def test_where_the_earlier_data_ended_is_kept(run):
    path = step(run) / "result.json"
    about = json.loads(path.read_text(encoding="utf-8"))
    about["findings"].append(
        {"step": "health", "kind": "seen_to", "severity": "watch", "figures": {"seen_to": "2025-05-20"}}
    )
    write_json(path, about)
    kept = run_folder.load_earlier_health(compared(run)[1])
    assert (kept.seen_to, kept.scored_on) == (date(2025, 5, 20), date(2025, 5, 20))


def test_a_run_made_before_there_were_warnings_is_compared_by_its_scores(run):
    (step(run) / "early_warning.warnings.parquet").unlink()
    told, work = compared(run)
    kept = run_folder.load_earlier_health(work)
    assert told.fault is None and (kept.predictions, kept.horizon, kept.scored_on) == (None, None, AS_OF)
    assert {p.name for p in (work / "earlier").glob("health*")} == {
        "health_card.json",
        "health_accounts.parquet",
        "health_parts.parquet",
    }
    later = lines_of(
        *((a, d, 10.0) for a in ("a", "b") for d in (*DAYS, "2025-09-10")), *(("c", d, 10.0) for d in DAYS)
    )
    result = health_model(book_of(later), 120, CARD, before=kept)
    assert result.last_score.table["accounts"].sum() == 3 and set(result.last_score.table["band"]) == {
        "red",
        "yellow",
        "green",
    }
    assert result.finding("last_warned") is None


def change(name: str, to):
    def harm(run: Path) -> None:
        path = step(run) / name
        to(pd.read_parquet(path)).to_parquet(path)

    return harm


def rewrite(name: str, text: bytes):
    def harm(run: Path) -> None:
        (step(run) / name).write_bytes(text)

    return harm


HARMS = {
    "unknown_severity": change("early_warning.warnings.parquet", lambda f: f.assign(severity="grave")),
    "no_sign": change("early_warning.warnings.parquet", lambda f: f.drop(columns="sign")),
    "cut_short": rewrite("early_warning.warnings.parquet", b"PAR1"),
    "no_probability": change("accounts.parquet", lambda f: f.drop(columns="churn_probability")),
    "probability_of_170": change("accounts.parquet", lambda f: f.assign(churn_probability=1.7)),
    "text_for_a_probability": change("accounts.parquet", lambda f: f.assign(churn_probability="high")),
    "an_account_twice": change("accounts.parquet", lambda f: pd.concat([f, f])),
    "no_index": change("accounts.parquet", lambda f: f.reset_index(drop=True)),
    "no_horizon": rewrite("result.json", b'{"key_figures": {}, "findings": []}'),
    "no_json": rewrite("result.json", b"{"),
    "a_day_that_is_none": rewrite(
        "result.json",
        b'{"key_figures": {"horizon_days": 9}, '
        b'"findings": [{"kind": "seen_to", "figures": {"seen_to": "?"}}]}',
    ),
}


@pytest.mark.parametrize("name", HARMS)
def test_damaged_frames_are_told_and_nothing_is_kept(run, name):
    HARMS[name](run)
    told, work = compared(run)
    assert told.fault.code == "earlier_unreadable" and told.fault.level == "warning"
    assert told.fault.file.startswith("2025-06-30/work/steps/en/health/") and told.detail
    assert str(run.parent) not in json.dumps(told.manifest()) and not list(work.iterdir())


def test_no_probability_shown_then_is_no_damage(run):
    change("accounts.parquet", lambda f: f.assign(churn_probability=np.nan, warning_strength=np.nan))(run)
    told, work = compared(run)
    assert (
        told.fault is None
        and run_folder.load_earlier_health(work).predictions["churn_probability"].isna().all()
    )
