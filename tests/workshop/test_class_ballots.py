"""A class's ballots from several laptops: agreement before and after, against Kendall's W by hand."""

from __future__ import annotations

import pandas as pd
import pytest
from sheet_solver import w_with_ties

import kamplay as kp
from kamplay.shipped import shipped
from kamplay.workshop.class_ballots import class_agreement, class_ballots, collect
from kamplay.workshop.session import Session

FIRST = {"Sales": (55, 20, 20, 5), "Finance": (20, 10, 10, 60), "Product": (25, 15, 50, 10)}
THEN = {"Sales": (45, 25, 20, 10), "Finance": (35, 20, 15, 30), "Product": (40, 20, 30, 10)}


@pytest.fixture(scope="module")
def run():
    return kp.open(shipped("data_templates") / "samples" / "medtech", language="en")


def vote(run, folder, department, rounds):
    """One laptop: a department votes in each round and saves its own file."""
    folder.mkdir(parents=True)
    session = Session(run.book, run.scorecard, folder, "en")
    names = list(run.book.accounts.index[:3])
    for number, weights in enumerate(rounds, start=1):
        given = dict(zip(run.scorecard.criteria, weights, strict=True))
        session.capture(f"Head of {department}", department, given, names, number)
    session.save()
    return folder / "ballots.csv"


@pytest.fixture(scope="module")
def laptops(run, tmp_path_factory):
    folder = tmp_path_factory.mktemp("class")
    for department in FIRST:
        vote(run, folder / department, department, (FIRST[department], THEN[department]))
    return folder


def test_agreement_before_and_after_is_kendalls_w(run, laptops):
    found = collect(laptops, run.book.tables["ballots"])
    assert found.files == 3 and not found.refused
    assert set(found.table["department"]) == set(
        FIRST
    )  # not the sample's own raters, whom every file carries
    rounds = class_agreement(run, found).rounds.set_index("round")
    assert rounds.loc[1, "w"] == pytest.approx(w_with_ties([list(w) for w in FIRST.values()]))
    assert rounds.loc[2, "w"] == pytest.approx(w_with_ties([list(w) for w in THEN.values()]))
    assert rounds.loc[2, "w"] > rounds.loc[1, "w"]


def test_it_is_told_in_both_languages(run, laptops):
    for language, words in (("en", "Before the discussion"), ("zh", "讨论之前权重的一致程度")):
        shown = class_ballots(kp.open(run.folder, language=language), laptops)
        assert words in shown.text and "<script" not in shown.html


def test_files_of_any_name_in_one_folder(run, laptops, tmp_path):
    for n, path in enumerate(sorted(laptops.glob("*/ballots.csv"))):
        (tmp_path / f"ballots ({n}).csv").write_bytes(path.read_bytes())
    assert len(collect(tmp_path, run.book.tables["ballots"]).table) == len(
        collect(laptops, run.book.tables["ballots"]).table
    )


def test_a_ballot_handed_in_twice_counts_once(run, laptops, tmp_path):
    (tmp_path / "a.csv").write_bytes((laptops / "Sales" / "ballots.csv").read_bytes())
    (tmp_path / "b.csv").write_bytes((laptops / "Sales" / "ballots.csv").read_bytes())
    same = collect(tmp_path, run.book.tables["ballots"])
    assert same.replaced == 0 and same.files == 2
    vote(run, tmp_path / "later", "Sales", (THEN["Sales"],))
    (tmp_path / "c.csv").write_bytes((tmp_path / "later" / "ballots.csv").read_bytes())
    changed = collect(tmp_path, run.book.tables["ballots"])
    assert changed.replaced >= 1
    first = changed.table[(changed.table["round"] == 1) & changed.table["criterion"].notna()]
    assert sorted(first["weight"]) == sorted(map(float, THEN["Sales"]))


def test_what_is_no_ballot_file_is_told(run, laptops, tmp_path):
    (tmp_path / "a.csv").write_bytes((laptops / "Sales" / "ballots.csv").read_bytes())
    (tmp_path / "shopping.csv").write_text("item,price\nmilk,2\n", encoding="utf-8")
    (tmp_path / "link.csv").symlink_to(laptops / "Finance" / "ballots.csv")
    shown = class_ballots(run, tmp_path)
    assert "shopping.csv" in shown.text and set(collect(tmp_path).table["department"]) == {"Sales"} | set(
        run.book.tables["ballots"]["department"]
    )


def test_without_files_it_says_where_to_put_them(run, tmp_path):
    assert "ballots" in class_ballots(run).text
    assert "empty" in class_ballots(run, tmp_path / "empty").text


def test_a_panel_saves_where_it_is_told(run, tmp_path):
    panel = kp.workshop(run, ballots=tmp_path)
    panel.rater.value, panel.department.value = "Head of sales", "Sales"
    panel._on_capture()
    panel._on_save()
    saved = pd.read_csv(tmp_path / "ballots.csv")
    assert (
        "Head of sales" in set(saved.iloc[:, 0]) | set(saved.stack())
        and "temporary" not in panel.status.value
        and "handed in with the folder" in panel.status.value
        and "data folder" not in panel.status.value
    )
