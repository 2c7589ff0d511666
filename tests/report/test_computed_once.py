"""Each step is computed once for what it depends on; whatever it depends on, a change of it is seen."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, replace
from importlib import resources
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from conftest import random_lines, write_engagement

import kamplay as kp
from kamplay import api, run_folder
from kamplay.api import STEPS, step_digest
from kamplay.commands.lab import prepare_lab
from kamplay.engagement import RECORD, load
from kamplay.report import production
from kamplay.report.run import run_engagement
from kamplay.run_folder import WORK, Run

ALL = ("check", "tiers", "value", "health", "plan")
BELOW = {"tiers": ALL[1:], "value": ALL[2:], "health": ALL[3:], "plan": ALL[4:]}
# a setting, and the steps that depend on it
SETTINGS = {
    "control_total: 1000": ("check",),
    "health: {horizon_days: 75}": ("check", "health", "plan"),
    "health: {card: standard}": (),  # the card that it has without
    "health: {card: purchases}": ("health", "plan"),
    "scorecard: value_matrix": BELOW["tiers"],
    "target: 900000": BELOW["value"],
    "cost_to_serve: {orders: 300}": BELOW["value"],
    "capacity: {visits_per_month: 7}": BELOW["health"],
    "strategy: {base: by_tier, visited_levels: [S]}": ("plan",),
    "prepared_by: Somebody": (),
    "edition: internal": (),
    "labels: {region: {North: The north}}": (),
    'brand: {accent: "#AA0000"}': (),
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    lines = random_lines(25)
    return write_engagement(
        tmp_path_factory.mktemp("e") / "client", lines.assign(cost=(lines["amount"] * 0.7).round(2))
    )


def changed(client: Path, place: Path, setting: str = "") -> Path:
    shutil.copytree(client, place)
    with (place / "engagement.yaml").open("a", encoding="utf-8") as file:
        file.write(setting + "\n")
    return place


def opened(folder: Path) -> Run:
    return api.open(folder, "en")


def found(run: Run) -> dict[str, Any]:
    """What every step finds, computed anew."""
    api._results.clear()
    return {key: api.computed(run, step.result) for key, step in STEPS.items()}


def text(result: Any) -> str:
    return json.dumps([result.key_figures, [asdict(f) for f in result.findings]], default=str, sort_keys=True)


@pytest.fixture(scope="module")
def base(client: Path) -> tuple[dict[str, str], dict[str, str]]:
    run = opened(client)
    return {key: step_digest(run, step.result) for key, step in STEPS.items()}, {
        key: text(result) for key, result in found(run).items()
    }


@pytest.mark.parametrize("setting", SETTINGS)
def test_a_setting_reaches_the_steps_that_depend_on_it(client, base, tmp_path, setting):
    digests, results = base
    run = opened(changed(client, tmp_path / "client", setting))
    now = {key: step_digest(run, step.result) for key, step in STEPS.items()}
    reached = tuple(key for key in ALL if now[key] != digests[key])
    assert reached == SETTINGS[setting]
    other = {key for key, result in found(run).items() if text(result) != results[key]}
    assert other <= set(reached)  # what has the same digest is the same
    assert other or not reached


def test_a_figure_of_the_data_reaches_every_step(client, base, tmp_path):
    place = changed(client, tmp_path / "client")
    lines = pd.read_csv(place / "data" / "transactions.csv")
    lines.loc[0, "amount"] += 0.01
    lines.to_csv(place / "data" / "transactions.csv", index=False)
    run = opened(place)
    assert all(step_digest(run, step.result) != base[0][key] for key, step in STEPS.items())


def test_data_changed_while_a_notebook_is_open_are_read_again(client, tmp_path):
    place = changed(client, tmp_path / "client")
    before = kp.check_data(kp.open(place, language="en")).key_figures["amount"]
    lines = pd.read_csv(place / "data" / "transactions.csv")
    lines.loc[0, "amount"] += 5.0
    lines.to_csv(place / "data" / "transactions.csv", index=False)
    after = kp.check_data(kp.open(place, language="en")).key_figures["amount"]
    assert after == pytest.approx(before + 5.0)


def test_the_earlier_run_reaches_tiers_value_and_health(client, base):
    run = replace(opened(client), earlier_digest="another")
    now = {key: step_digest(run, step.result) for key, step in STEPS.items()}
    assert tuple(key for key in ALL if now[key] != base[0][key]) == BELOW["tiers"]


def test_other_code_reaches_every_step(client, base, monkeypatch):
    monkeypatch.setattr(api.digests, "of_code", lambda: "another")
    run = opened(client)
    assert all(step_digest(run, step.result) != base[0][key] for key, step in STEPS.items())


def test_a_second_call_returns_what_is_there_and_says_so(client, capsys):
    api._results.clear()
    run = opened(client)
    first = kp.check_data(run)
    assert capsys.readouterr().out == ""
    assert kp.check_data(run) is first
    assert "nothing it depends on has changed" in capsys.readouterr().out


def test_a_result_kept_with_changes_is_used_and_what_follows_is_computed_anew(client, tmp_path):
    run = opened(client)
    tiers = kp.define_tiers(run)
    before = step_digest(run, api.Value)
    kp.save(run, replace(tiers, key_figures={**tiers.key_figures, "unstable": 99}))
    assert api.result(run, api.Tiers).key_figures["unstable"] == 99
    assert step_digest(run, api.Value) != before
    assert kp.define_tiers(run).key_figures["unstable"] != 99
    kp.save(run, tiers)  # as the notebook does when it is run again
    assert api.result(run, api.Tiers).key_figures["unstable"] == tiers.key_figures["unstable"]
    assert step_digest(run, api.Value) == before


# --- what a run takes over from an earlier one


@pytest.fixture(scope="module")
def out(client: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("out")
    assert run_engagement(load(client), place, ["en"], jobs=2).ok
    return place


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The steps that this process computes, as it does; nothing is kept in memory."""
    api._results.clear()
    seen: list[str] = []
    plain = api.computed

    def watched(run: Run, kind: Any) -> Any:
        if api._kept(run, kind, step_digest(run, kind)) is None:
            seen.append(kind.step)
        return plain(run, kind)

    monkeypatch.setattr(api, "computed", watched)
    monkeypatch.setattr(production, "computed", watched)
    return seen


def contents(run: Path) -> dict[str, bytes]:
    return {p.relative_to(run).as_posix(): p.read_bytes() for p in sorted(run.rglob("*")) if p.is_file()}


def test_a_run_without_any_change_stands(client, out, computed):
    run = out / "Test-client" / "2025-12-31"
    before = contents(run)
    outcome = run_engagement(load(client), out, ["en"])
    assert (outcome.ok, outcome.again, outcome.folder, computed) == (True, True, run, [])
    assert contents(run) == before


def test_a_changed_report_is_made_again_from_what_is_kept(client, out, computed):
    page = out / "Test-client" / "2025-12-31" / "report.en.html"
    good = page.read_bytes()
    page.write_text("changed by hand", encoding="utf-8")
    outcome = run_engagement(load(client), out, ["en"])
    assert (outcome.ok, outcome.again, computed) == (True, False, [])
    assert page.read_bytes() == good


def test_after_another_scorecard_step_zero_is_taken_over(client, out, computed, tmp_path):
    place = changed(client, tmp_path / "client", "scorecard: value_matrix")
    other = tmp_path / "out"
    shutil.copytree(out, other)
    assert run_engagement(load(place), other, ["en"]).ok
    assert dict.fromkeys(computed) == dict.fromkeys(BELOW["tiers"])
    fresh = tmp_path / "fresh"
    api._results.clear()
    assert run_engagement(load(place), fresh, ["en"]).ok
    made, taken = (contents(p / "Test-client" / "2025-12-31") for p in (fresh, other))
    for name in made:
        if name not in ("manifest.json", f"{WORK}/made.json"):
            assert taken[name] == made[name], name


def test_an_edited_outline_reaches_the_page(client, computed, tmp_path):
    place, other = changed(client, tmp_path / "client", "outline: mine.yaml"), tmp_path / "out"
    text = resources.files("kamplay.presets").joinpath("report_outlines/argument.yaml").read_text("utf-8")
    shown, run = [], other / "Test-client" / "2025-12-31"
    for named in ("charts.pareto", "charts.months"):
        (place / "mine.yaml").write_text(text.replace("charts.pareto", named), encoding="utf-8")
        computed.clear()
        assert run_engagement(load(place), other, ["en"]).ok
        page = (run / "report.en.html").read_text(encoding="utf-8")
        shown.append([curve in page for curve in ("Pareto curve: ", "Monthly net sales from ")])
        notebook = (run / "notebooks" / "0_check_data.en.ipynb").read_text(encoding="utf-8")
        shown[-1].append("display:none" in notebook)  # the drawing for phones and paper
    assert shown == [[True, False, False], [False, True, True]]
    assert not computed  # of the second run


def test_a_damaged_result_is_computed_again(client, out, computed, tmp_path):
    other = tmp_path / "out"
    shutil.copytree(out, other)
    run = other / "Test-client" / "2025-12-31"
    file = run / WORK / "steps" / "tiers" / "accounts.parquet"
    file.write_bytes(file.read_bytes()[:-40])
    assert run_engagement(load(client), other, ["en"]).ok
    assert computed[:1] == ["tiers"]


def test_a_second_language_computes_nothing(client, out, computed, tmp_path):
    other = tmp_path / "out"
    shutil.copytree(out, other)
    assert run_engagement(load(client), other, ["en", "zh"]).ok
    assert computed == []


def test_a_guess_stands_in_the_report_until_it_is_confirmed(client, out, computed, tmp_path):
    place, other = changed(client, tmp_path / "client"), tmp_path / "out"
    (place / RECORD).write_text(json.dumps({"guessed": {"client": load(place).settings.client}}))
    shutil.copytree(out, other)
    page = other / "Test-client" / "2025-12-31" / "report.en.html"
    assert run_engagement(load(place), other, ["en"]).ok
    assert "guessed from the name" in page.read_text(encoding="utf-8")
    confirmed = changed(place, tmp_path / "confirmed", "confirmed: [client]")
    assert run_engagement(load(confirmed), other, ["en"]).ok
    assert "guessed from the name" not in page.read_text(encoding="utf-8")
    assert computed == []


def test_the_laboratory_starts_from_what_the_report_was_made_from(client, out, computed):
    place = prepare_lab(client, out, "en")
    run = kp.open(place, language="en")
    assert all(run_folder.saved_digest(run.step_folder(key)) for key in ALL)
    kp.health_model(run)
    assert computed == []


def test_a_kernel_gives_the_same_files(client, out, tmp_path, monkeypatch):
    """Where the system cannot fork safely, a warm kernel serves."""
    api._results.clear()  # what was read back and is written again has other bytes in its parquet files
    monkeypatch.setattr(production, "can_fork", lambda: False)
    assert run_engagement(load(client), tmp_path, ["en"]).ok
    forked, kernel = (contents(p / "Test-client" / "2025-12-31") for p in (out, tmp_path))
    for name in forked:
        if name not in ("manifest.json", f"{WORK}/made.json"):
            assert kernel[name] == forked[name], name


def test_what_the_cards_tell_is_put_together_once_for_both_languages(client):
    api._results.clear()
    english = api.open(client, "en")
    units = list(api.computed(english, api.Tiers).units.index)
    first = api.profiles(english, units[:3])
    assert api.profiles(api.open(client, "zh"), units[:3]) is first
    assert api.profiles(english, units[:4]) is not first  # for others there may be facts alone
    whole = api.profiles(english)
    assert api.profiles(english, units[:3]) is whole
