"""The benchmark on disk: who takes part, what leaves the house, and what a report says of it."""

from __future__ import annotations

import json
import re
import shutil
from datetime import date
from pathlib import Path

import pytest
from report.test_portfolio import run_of

from kamplay.engagement import Engagement, Settings, load
from kamplay.errors import KamplayError
from kamplay.json_files import write_json
from kamplay.method.benchmark import Place
from kamplay.report import benchmark
from kamplay.report.fleets.benchmark_editions import ledger_of, update
from kamplay.show.locale import Locale
from kamplay.show.summary.beside_others import beside_others
from kamplay.show.view import View, using

DAY, NEXT = date(2026, 7, 1), date(2026, 10, 1)


def contributing(
    out: Path, client: str, as_of: str = "2026-06-30", industry: str = "Devices", **value
) -> Path:
    run = run_of(out, client, as_of, industry=industry, **value)
    manifest = json.loads((run / "manifest.json").read_text("utf-8"))
    manifest["settings"]["benchmark"] = {"file": "b.json", "contribute": True}
    write_json(run / "manifest.json", manifest)
    return run


@pytest.fixture
def out(tmp_path) -> Path:
    """Ten clients that take part, with Gini .3101 to .4901, and one that does not."""
    folder = tmp_path / "reports"
    for n in range(10):
        industry = ["Devices", "devices ", "ＤＥＶＩＣＥＳ"][n % 3]
        contributing(
            folder, f"Secret {n}", industry=industry, gini=0.31 + 0.02 * n, top1_share=0.0501 + n / 20
        )
    run_of(folder, "Outsider", "2026-06-30", gini=0.99)
    return folder


def ginis(file: Path) -> list[tuple[int, float, str]]:
    groups = json.loads(file.read_text("utf-8"))["groups"]
    return [(g["count"], g["mean"], g["edition"]) for g in groups if g["measure"] == "gini"]


def test_two_groups_by_hand(out, tmp_path):
    """.3101 to .3901 have the mean .3501, .4101 to .4901 the mean .4501; told rounded."""
    file = tmp_path / "b.json"
    made = update(file, out, DAY)
    assert made.clients == 10
    assert ginis(file) == [(5, 0.35, "2026-07-01"), (5, 0.45, "2026-07-01")]
    assert made.waiting["grr"] == 10  # all alike: no mean of them is told


def test_neither_names_nor_figures_leave(out, tmp_path):
    file = tmp_path / "b.json"
    update(file, out, DAY)
    public, ledger = file.read_text("utf-8"), ledger_of(file).read_text("utf-8")
    assert "Secret" not in public + ledger
    assert set(json.loads(public)["groups"][0]) == {"measure", "industry", "size", "count", "mean", "edition"}
    figures = [repr(0.0501 + n / 20) for n in range(10)] + [repr(0.3101 + 0.02 * n) for n in range(10)]
    inside = {g["mean"] for g in json.loads(public)["groups"] if g["measure"] == "top1_share"}
    assert not [f for f in figures if f in ledger]
    assert all(float(f) not in inside for f in figures[:10])


def test_the_same_again_and_a_newcomer_waits(out, tmp_path):
    file = tmp_path / "b.json"
    update(file, out, DAY)
    first = file.read_bytes(), ledger_of(file).read_bytes()
    update(file, out, NEXT)
    assert (file.read_bytes(), ledger_of(file).read_bytes()) == first
    contributing(out, "Newcomer", gini=0.9)
    assert update(file, out, NEXT).waiting["gini"] == 1
    assert file.read_bytes() == first[0]


def test_a_client_that_is_gone_takes_its_group_with_it_and_comes_back_to_none(out, tmp_path):
    file = tmp_path / "b.json"
    update(file, out, DAY)
    shutil.move(out / "Secret-0", tmp_path / "aside")
    made = update(file, out, NEXT)
    assert ginis(file) == [(5, 0.45, "2026-07-01")]
    assert made.waiting["gini"] == 4
    shutil.move(tmp_path / "aside", out / "Secret-0")
    assert update(file, out, NEXT).waiting["gini"] == 5  # known from before: no five new ones
    assert ginis(file) == [(5, 0.45, "2026-07-01")]


def test_figures_of_the_next_quarter_are_published_by_the_same_groups(out, tmp_path):
    file = tmp_path / "b.json"
    update(file, out, DAY)
    for n in range(10):
        contributing(out, f"Secret {n}", "2026-09-30", gini=0.41 + 0.02 * n)
    update(file, out, NEXT)
    assert ginis(file) == [(5, 0.45, "2026-10-01"), (5, 0.55, "2026-10-01")]


@pytest.mark.parametrize("text", ["{", "[]", '{"format": 1, "groups": [{}]}', '{"format": 9, "groups": []}'])
def test_another_file_is_not_overwritten(out, tmp_path, text):
    file = tmp_path / "b.json"
    update(file, out, DAY)
    file.write_text(text)
    with pytest.raises(KamplayError) as caught:
        update(file, out, NEXT)
    assert caught.value.faults[0].code == "benchmark_unusable"
    assert file.read_text() == text


def test_without_its_ledger_nothing_is_published(out, tmp_path):
    file = tmp_path / "b.json"
    update(file, out, DAY)
    ledger_of(file).unlink()
    with pytest.raises(KamplayError) as caught:
        update(file, out, NEXT)
    assert caught.value.faults[0].code == "benchmark_without_ledger"


# --- in a report


def test_off_unless_it_is_set(tmp_path):
    (tmp_path / "engagement.yaml").write_text("client: x\n")
    engagement = load(tmp_path)
    assert engagement.settings.benchmark is None
    (tmp_path / "work").mkdir()
    benchmark.keep(engagement, tmp_path)
    assert benchmark.beside_others(tmp_path, DAY, None) is None
    (tmp_path / "engagement.yaml").write_text("client: x\nbenchmark: ../b.json\n")
    told = load(tmp_path).settings.benchmark
    assert (told.file, told.contribute) == ("../b.json", False)


def test_a_report_keeps_what_was_published_then(out, tmp_path):
    file = tmp_path / "b.json"
    update(file, out, DAY)
    settings = Settings.model_validate({"client": "x", "benchmark": {"file": "../b.json"}})
    engagement = Engagement(tmp_path / "x", settings)
    engagement.folder.mkdir()
    run = run_of(out, "Mine", "2026-06-30", gini=0.40)
    (run / "work").mkdir()
    before = benchmark.digest(engagement)
    benchmark.keep(engagement, run)
    (place,) = [p for p in benchmark.beside_others(run, DAY, "DEVICES") if p.measure == "gini"]
    assert (place.own, place.clients, place.groups, place.below) == (0.40, 10, 2, 1)
    assert (place.low, place.high) == (0.35, 0.45)
    file.write_text(file.read_text() + "\n")
    assert benchmark.digest(engagement) != before != ""
    file.unlink()
    benchmark.keep(engagement, run)
    assert benchmark.beside_others(run, DAY, "Devices") == []


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            [
                "45%",
                "22%–61%",
                "above 2 of 3 groups",
                "above all 2 groups",
                "0.63",
                "17 clients",
                "30 Jun 2026",
                "at least 5",
            ],
        ),
        (
            "zh",
            [
                "45%",
                "22%–61%",
                "高于3组中的2组",
                "高于全部2组",
                "0.63",
                "17家企业",
                "2026年6月30日",
                "至少5家",
            ],
        ),
    ],
)
def test_a_place_in_words(language, words):
    place = Place("top1_share", 0.45, 17, 3, 2, 0.22, 0.61, "devices", "*", "2026-06-30")
    one = Place("days_overdue", 12.0, 5, 1, 0, 31.0, 31.0, "*", "*", "2026-03-31")
    top = Place("gini", 0.634, 10, 2, 2, 0.35, 0.57, "devices", "*", "2026-06-30")
    with using(View(Locale(language, "EUR"))):
        html = beside_others([place, one, top], "Devices").html
        nothing = beside_others([], "Devices").html
    text = re.sub(r"<[^>]*>", " ", html)
    assert [word for word in words if word not in text] == []
    assert "<table" not in nothing and "<p" in nothing
