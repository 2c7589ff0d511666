"""Students of every kind: one who answers all rightly, all wrongly, at random, one who plants code; what a
folder may hold is read as data and nothing of it runs.
"""

from __future__ import annotations

import json
import random
import re
import shutil

import pytest
from sheet_solver import w_with_ties
from typer.testing import CliRunner

import kamplay as kp
from kamplay.cli import app
from kamplay.errors import KamplayError
from kamplay.show.locale import Locale
from kamplay.teaching.answer_files import read_answers
from kamplay.teaching.answers import Part
from kamplay.teaching.checking import _part_line
from kamplay.teaching.course import make_course
from kamplay.teaching.grading import PartGrade
from kamplay.teaching.marking import mark
from kamplay.teaching.projector import problems_told, projector_page, write_marks
from kamplay.teaching.registry import exercises


@pytest.fixture
def class_folder(course_folder):
    """A course in which the first team has answered through ``kp.check``."""
    return course_folder


def answer_all(folder, answers, language="en"):
    kp.course(folder, language)
    return {name: kp.check(name, answer) for name, answer in answers.items()}


def best(keys, team):
    return {name: entry["best"] for name, entry in keys[team]["exercises"].items()}


def wrong(keys, team):
    """An answer of the right form to every part of every exercise, none of them right."""
    out = {}
    for name, entry in keys[team]["exercises"].items():
        given = {}
        for part in entry["parts"]:
            accepted = entry["key"]["accepted"][part["key"]]
            words = entry["words"].get(part.get("words", ""), {})
            other = [w for w in words if w not in accepted]
            given[part["key"]] = {
                "number": -12345.678,
                "word": other[0] if other else "",
                "ids": [f"{part.get('prefix') or 'C'}9999"],
                "pair": None,
                "visits": [9, 9],
            }[part["kind"]]
            if part["kind"] == "pair":
                pairs = [[a, b] for a in words for b in words if a < b and f"{a}+{b}" not in accepted]
                given[part["key"]] = pairs[0]
        if name == "3a":
            given = {
                who: [given[f"{who}.layer"], given[f"{who}.value"]]
                for who in dict.fromkeys(k.split(".")[0] for k in given)
            }
        if name == "1e":
            first = entry["key"]["public"]["weights"]
            given = {department: list(row) for department, row in first.items()}  # nobody moved
        out[name] = next(iter(given.values())) if len(given) == 1 else given
    return out


def test_a_student_who_answers_all_rightly(class_folder, open_keys):
    said = answer_all(class_folder / "students" / "team_01", best(open_keys, "team_01"))
    assert {f.verdict for f in said.values()} == {"right"}
    found = mark(class_folder)
    assert found.points.loc["team_01"].tolist() == [1.0] * 15
    top = found.board.iloc[0]
    assert (top["team"], top["points"], top["found_per_call"], top["calls"]) == ("team_01", 15, 1.0, 12)
    leaving = sorted(open_keys["team_01"]["leaving"].values(), reverse=True)
    assert top["money"] == pytest.approx(sum(leaving[:12]))


def test_a_student_who_answers_all_wrongly_gets_hints_and_no_answer(class_folder, open_keys):
    folder = class_folder / "students" / "team_02"
    wrongly = wrong(open_keys, "team_02")
    said = answer_all(folder, wrongly)
    for name, feedback in said.items():
        assert feedback.verdict == ("kept" if name == "3c" else "not_yet"), (name, feedback)
        assert "Hint: " in feedback.text, name
    for language in ("zh", "en"):
        for _ in range(3):
            for name in wrongly:
                text = answer_all(folder, {name: wrongly[name]}, language)[name].text
                assert_says_no_answer(name, text, open_keys["team_02"]["exercises"][name])
    found = mark(class_folder)
    assert found.points.loc["team_02"].tolist() == [0.0] * 15
    assert found.board.set_index("team").loc["team_02", "money"] == 0


def assert_says_no_answer(name, text, entry):
    tokens = {t for own in entry["key"]["accepted"].values() for t in own}
    asked = {part["key"] for part in entry["parts"]}
    shown = set(re.findall(r"\b[COP]\d{4}\b", text)) - asked
    assert not shown & tokens, (name, shown & tokens)
    if name == "2a":
        assert "364.8" not in text


def test_hints_climb_with_every_other_answer_and_stay_for_the_same(class_folder):
    folder = class_folder / "students" / "team_02"
    kp.course(folder, "en")
    hints = [h.en for h in exercises()["2a"].hints]
    steps = [hints.index(kp.check("2a", a).text.partition("Hint: ")[2]) for a in (1, 1, 2, 3, 4)]
    assert steps == [0, 0, 1, 2, 2]


def test_a_hint_helps_with_the_part_that_is_wrong(class_folder, open_keys):
    folder, right = class_folder / "students" / "team_02", best(open_keys, "team_02")["2b"]
    kp.course(folder, "en")
    assert "appears twice" in kp.check("2b", {**right, "twice": "C9999"}).text
    wrong_shape = "balanced" if right["shape"] != "balanced" else "thin mouth"
    assert "two heaps" in kp.check("2b", {**right, "shape": wrong_shape}).text
    assert "Hint" not in kp.check("2b", right).text


def test_a_position_is_no_number_of_a_contact_and_no_try(class_folder, open_keys):
    folder, right = class_folder / "students" / "team_02", best(open_keys, "team_02")["3b"]
    kp.course(folder, "en")
    for _ in range(3):
        said = kp.check("3b", {**right, "contact": "Vice president", "next": None})
        assert (
            "“Vice president” is not the number of a contact" in said.text
            and "account" not in said.text.split("Asked")[0]
        )
    assert read_answers(folder, ["3b"]).tries["3b"] == 0


def test_an_answer_that_cannot_be_read_is_quoted_as_it_was_typed(class_folder, open_keys):
    folder, right = class_folder / "students" / "team_02", best(open_keys, "team_02")
    kp.course(folder, "en")
    name = "Cangzhou Jilin Grocery Wholesale Co"
    for exercise, answer in (
        ("1b", {**right["1b"], "keep": name, "skinner": "C9999"}),
        ("1a", {**right["1a"], "growth": ["C0001", name]}),
        ("3c", [name]),
    ):
        assert f"“{name}” is not the number of an account" in kp.check(exercise, answer).text
    assert f"“{name}” is not asked for" in kp.check("0a", {"A": [name]}).text
    said = kp.check("2b", {**right["2b"], "twice": right["2b"]["stalled"]}).text
    assert f"“{right['2b']['stalled']}” is not the number of an account" in said
    assert "is not the number of a deal" in kp.check("2b", {**right["2b"], "stalled": "C0001"}).text
    assert set(read_answers(folder, list(exercises())).tries.values()) == {0}


def test_what_to_type_is_shown(class_folder):
    kp.course(class_folder / "students" / "team_02", "en")
    assert '{"weighted": …, "shape": …, …}' in kp.check("2b", [1, 2]).text
    assert '{"president": […, …], "division head": […, …], …}' in kp.check("3a", "image").text
    assert "2 answers within brackets: […, …]" in kp.check("3a", {"president": ["image"]}).text
    assert "in digits, such as 9" in kp.check("0b", {"left_out": "nine"}).text


def test_the_agreement_reached_is_told(class_folder, open_keys):
    first = open_keys["team_02"]["exercises"]["1e"]["key"]["public"]["weights"]
    kp.course(class_folder / "students" / "team_02", "en")
    reached = w_with_ties(list(first.values()))
    assert f"it is {int(1000 * reached) / 1000:.3f} so far" in kp.check("1e", first).text
    other = {**first, "finance": [*first["finance"][:-1], first["finance"][-1] + 1]}
    assert "Finance 101" in kp.check("1e", other).text
    said = kp.check("1e", {**first, "delivery": [1, 2]}).text
    assert "delivery: Write 4 answers" in said and "`" not in kp.check("1c", {"tier": "x"}).text


def test_agreement_just_short_of_enough_is_not_rounded_up(class_folder):
    kp.course(class_folder / "students" / "team_02", "en")
    part = Part("agreed", "number", en="W")
    for w, told in ((0.698, "0.698"), (0.69996, "0.699")):
        assert told in _part_line(
            PartGrade(part, 0.0, True, "", {"w": w}), exercises()["1e"], Locale("en", "CNY")
        )


def test_a_remark_on_the_unit_stands_alone(class_folder):
    kp.course(class_folder / "students" / "team_02", "en")
    said = kp.check("2a", 3_648_000).text
    assert "its unit is not" in said and "Hint" not in said


def test_what_an_account_lacks_is_told(class_folder, open_keys):
    kp.course(class_folder / "students" / "team_02", "en")
    right = best(open_keys, "team_02")["1b"]
    said = kp.check("1b", {**right, "one_off": right["skinner"], "keep": right["one_off"]}).text
    assert "one-off: it has more than one order" in said and "does not complain much" in said


def test_calls_tell_how_many_are_right_at_every_third_try(class_folder, open_keys):
    """Putting one account in the place of another tells nothing before."""
    key = open_keys["team_02"]["exercises"]["3c"]["key"]
    leaving, shown = sorted(key["accepted"]["calls"]), key["public"]["shown"]
    kp.course(class_folder / "students" / "team_02", "en")
    for count in (2, 5):
        said = kp.check("3c", [*leaving[:count], *(f"C99{n:02d}" for n in range(12 - count))])
        assert (said.verdict, said.credit) == ("kept", 0) and f"{count} of 12" not in said.text
    said = kp.check("3c", [*leaving[:9], "C9997", "C9998", "C9999"])
    by_chance = 12 * len(leaving) / shown
    assert "9 of 12 right." in said.text
    assert said.credit == pytest.approx((9 - by_chance) / (10 - by_chance))
    said = kp.check("3c", [*leaving[:8], "C9996", "C9997", "C9998", "C9999"])
    assert said.verdict == "kept" and "better" not in said.text
    assert kp.check("3c", leaving[:10]).verdict == "right"


def test_a_place_left_open_is_named_and_no_try(class_folder, open_keys):
    folder, keys = class_folder / "students" / "team_02", open_keys["team_02"]["exercises"]
    kp.course(folder, "en")
    plan = keys["4a"]["best"]
    dropped = [account for account, visits in plan.items() if visits == [0, 0]]
    said = kp.check("4a", {a: None if v == [0, 0] else v for a, v in plan.items()})
    assert all(a in said.text for a in dropped) and "write 0 for no visit" in said.text
    assert "right" not in said.text and said.credit == 0
    words = keys["4b"]["best"]
    assert "– no answer: 1" in kp.check("4b", {**words, "1": None}).text
    own = read_answers(folder, ["4a", "4b"])
    assert own.tries == {"4a": 0, "4b": 0}
    assert own.answers["4b"]["2"] == words["2"] and mark(class_folder).points.loc["team_02", "4b"] > 0.8


def test_nobody_visited_earns_nothing(class_folder, open_keys):
    kp.course(class_folder / "students" / "team_02", "en")
    plan = open_keys["team_02"]["exercises"]["4a"]["best"]
    said = kp.check("4a", dict.fromkeys(plan, 0))
    assert said.credit == 0 and said.verdict == "not_yet"


def test_one_account_after_the_other_finds_nobody(class_folder, open_keys):
    """Of a list too short to be counted it is not told whether it is right, whichever account is on it."""
    key = open_keys["team_02"]["exercises"]["3c"]["key"]
    leaving = sorted(key["accepted"]["calls"])
    folder = class_folder / "students" / "team_02"
    kp.course(folder, "en")
    said = [kp.check("3c", own) for own in (leaving[:1], ["C9999"], leaving[:9])]
    texts = {re.sub(r"Hint.*|so far: \d", "", f.text) for f in said}
    assert len(texts) == 1 and {(f.verdict, f.credit) for f in said} == {("kept", 0.0)}
    assert read_answers(folder, ["3c"]).tries["3c"] == 3
    said = kp.check("3c", [leaving[0], *leaving[:9]])
    assert "is named twice" in said.text and "calls" not in said.text


def test_after_full_marks_nothing_is_a_try(class_folder, open_keys):
    folder, right = class_folder / "students" / "team_02", best(open_keys, "team_02")["2b"]
    kp.course(folder, "en")
    kp.check("2b", right)
    for other in ("C9999", "C9998"):
        said = kp.check("2b", {**right, "twice": other})
        assert "Your earlier answer earned all points" in said.text and said.credit < 1
    own = read_answers(folder, ["2b"])
    assert own.answers["2b"] == right and own.tries["2b"] == 0
    assert mark(class_folder).points.loc["team_02", "2b"] == 1


def test_the_best_answer_counts_and_every_other_one_is_a_try(class_folder, open_keys):
    folder, right = class_folder / "students" / "team_02", best(open_keys, "team_02")["2b"]
    kp.course(folder, "en")
    better = {**right, "twice": "C9999"}
    kp.check("2b", better)
    for _ in range(2):  # the same wrong answer twice is one try
        said = kp.check("2b", {**better, "stalled": "O9999"})
        assert "Your earlier answer earned more (75%" in said.text
    own = read_answers(folder, ["2b"])
    assert own.answers["2b"] == better and own.tries["2b"] == 2


def test_which_items_are_right_is_told_after_the_hints(class_folder, open_keys):
    """Until then only how many, so that ticks do not solve it one by one."""
    folder, entry = class_folder / "students" / "team_02", open_keys["team_02"]["exercises"]["4b"]
    kp.course(folder, "en")
    right = entry["best"]
    others = [s for s in ("facts", "order", "people", "vision") if s != right["1"]]
    for other in others[: len(exercises()["4b"].hints)]:
        said = kp.check("4b", {**right, "1": other}).text
        assert "7 of 8 right." in said and "✓" not in said and "×" not in said
    said = kp.check(
        "4b", {**right, "1": others[-1], "2": others[0] if others[0] != right["2"] else others[1]}
    )
    assert "× 1" in said.text and "✓ 3" in said.text


def test_what_cannot_be_read_hides_no_count(class_folder, open_keys):
    """Nonsense in one place would else make a free question of the others."""
    folder, right = class_folder / "students" / "team_02", best(open_keys, "team_02")["4b"]
    kp.course(folder, "en")
    said = kp.check("4b", {**right, "8": "nonsense"})
    assert said.verdict == "unreadable" and "right" not in said.text and said.credit == 0
    key = best(open_keys, "team_02")["1b"]
    said = kp.check("1b", {**key, "skinner": "C9999", "keep": "a name"}).text
    assert "✓" not in said and "demanding" in said and "skinner" not in said.split("Asked")[0]
    assert read_answers(folder, ["1b", "4b"]).tries == {"1b": 0, "4b": 0}


def test_the_two_words_the_wrong_way_round(class_folder):
    kp.course(class_folder / "students" / "team_02", "zh")
    said = kp.check("3a", {"校长": ["地位", "形象"], "处长": ["决策", "领导"]}).text
    assert "“地位”应写在另一处；这里填其中之一：形象、决策、实施、使用" in said and "次序" in said
    assert "“领导”不在可填的词里：地位、领导认可、办成事、好用。" in said


def test_a_student_at_random_earns_little(class_folder, open_keys):
    rng, key = random.Random(5), open_keys["team_03"]["exercises"]
    answers = {}
    for name in ("0a", "3a", "4b"):
        words = {p["key"]: list(key[name]["words"][p["words"]]) for p in key[name]["parts"]}
        answers[name] = {k: rng.choice(own) for k, own in words.items()}
    answers["3c"] = rng.sample([f"C{n:04d}" for n in range(1, 113)], 12)
    answers["2c"] = {
        "top20": rng.randint(20, 95),
        "for80": rng.randint(2, 90),
        "largest": rng.randint(1, 60),
        "visible": rng.randint(0, 9),
    }
    answers["1b"] = {k: f"C{rng.randint(1, 112):04d}" for k in ("skinner", "one_off", "keep", "nurture")}
    answer_all(class_folder / "students" / "team_03", answers)
    points = mark(class_folder).points.loc["team_03"].dropna()
    assert len(points) == len(answers) and points.mean() < 0.4 and points.max() < 1


def plant(folder, marker):
    """A notebook, an answers file and a course file that would run something if anybody let them."""
    evil = f"__import__('pathlib').Path({str(marker)!r}).write_text('x')"
    cell = {"cell_type": "code", "metadata": {"tags": ["answer"]}, "outputs": [], "execution_count": None}
    sources = [
        f"answer_1b = {evil}",
        f"answer_2a = 364.8\n{evil}",
        f"answer_2c = {{'top20': {evil}}}",
        "answer_3c = " + "[" * 500 + "]" * 500,
        f"answer_4b = f'{{{evil}}}'",
        f"import os; answer_0a = (lambda: {evil})()",
        "answer_1a = {'revenue': ['C0001'],\n  'accounts': 3}",
    ]
    for path in folder.glob("*.ipynb"):
        path.unlink()
    notebook = {
        "cells": [{**cell, "source": s} for s in sources],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    (folder / "planted.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    (folder / "sitecustomize.py").write_text(evil, encoding="utf-8")
    (folder / "kamplay.py").write_text(evil, encoding="utf-8")


def test_planted_code_does_not_run(class_folder, tmp_path):
    folder, marker = class_folder / "students" / "team_02", tmp_path / "ran"
    plant(folder, marker)
    found = mark(class_folder)
    assert not marker.exists()
    points = found.points.loc["team_02"].dropna()
    assert (
        set(points.index) == {"2a", "1a"} and points["2a"] == 1
    )  # the literals, and nothing that stands beside them
    told = problems_told(found, "en")
    assert any("planted.ipynb" in line and "nothing of it ran" in line for line in told)


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe\x00",
        b"[1, 2]",
        b'{"answers": []}',
        b"[" * 100_000,
        b'{"answers": {"2a": {"answer": ' + b"9" * 5000 + b"}}}",
        b'{"answers": {"2a": {"answer": NaN}}}',
        b'{"answers": {"2a": "364.8", "1a": {"answer": {"a": {"b": {"c": {"d": {"e": 1}}}}}}}}',
        b'{"answers": {"2a": {"answer": "<script>alert(1)</script>"}}}',
        b" " * 1_000_001,
    ],
)
def test_a_file_of_answers_may_hold_anything(class_folder, content):
    folder = class_folder / "students" / "team_01"
    (folder / "answers.json").write_bytes(content)
    found = mark(class_folder)
    assert found.points.loc["team_01"].fillna(0).sum() == 0
    assert "<script>" not in projector_page(found, "en")


def test_links_are_not_followed(class_folder, tmp_path):
    folder = class_folder / "students" / "team_01"
    elsewhere = tmp_path / "secret.json"
    elsewhere.write_text('{"answers": {"2a": {"answer": 364.8}}}', encoding="utf-8")
    (folder / "answers.json").symlink_to(elsewhere)
    assert read_answers(folder, list(exercises())).answers == {}


def test_a_team_counts_once_and_a_stranger_not(class_folder):
    students = class_folder / "students"
    shutil.copytree(students / "team_01", students / "copy of team_01")
    shutil.copytree(students / "team_02", students / "stranger")
    text = (
        (students / "stranger" / "course.json")
        .read_text(encoding="utf-8")
        .replace("team_02", "=cmd|' /C calc'!A0")
    )
    text = re.sub(r'"case": "\w+"', '"case": "another"', text)
    (students / "stranger" / "course.json").write_text(text, encoding="utf-8")
    found = mark(class_folder)
    assert list(found.points.index) == ["team_01", "team_02", "team_03"]
    codes = {(place, code) for place, code, _ in found.problems}
    assert {("copy of team_01", "team_twice"), ("stranger", "team_unknown")} <= codes


def test_a_folder_under_another_team_s_name_is_marked_by_its_own_key(class_folder, open_keys, tmp_path):
    students = class_folder / "students"
    answer_all(students / "team_01", best(open_keys, "team_01"))
    shutil.rmtree(students / "team_02")
    (students / "team_01").rename(students / "team_02")
    found = mark(class_folder)
    assert found.points.loc["team_01"].tolist() == [1.0] * 15 and "team_02" not in found.points.index
    told = problems_told(found, "en")
    assert told == ["team_02: holds the case of team_01, and is marked as that team by its key."]
    answers = students / "team_02" / "answers.json"
    shutil.copy(answers, students / "team_03")  # answers alone, copied from another team
    found = mark(class_folder)
    assert list(found.points.index) == ["team_01"]
    assert ("team_03", "team_twice", "team_01") in found.problems
    other = make_course(tmp_path / "other", "hospital_supplier", seed=12, teams=1, languages=("en",))
    shutil.copytree(other / "students" / "team_01", students / "team_01")
    found = mark(class_folder)
    assert ("team_01", "team_unknown", "team_01") in found.problems
    assert found.points.loc["team_01"].tolist() == [1.0] * 15


def test_a_changed_course_file_changes_no_mark(class_folder, open_keys):
    folder = class_folder / "students" / "team_01"
    about = json.loads((folder / "course.json").read_text(encoding="utf-8"))
    for entry in about["exercises"].values():
        entry["sealed"], entry["parts"] = None, []
    (folder / "course.json").write_text(json.dumps(about), encoding="utf-8")
    (folder / "answers.json").write_text('{"answers": {"2a": {"answer": 1424}}}', encoding="utf-8")
    assert mark(class_folder).points.loc["team_01", "2a"] == 0


def test_pages_and_register(class_folder, open_keys, tmp_path):
    answer_all(class_folder / "students" / "team_01", best(open_keys, "team_01"))
    answer_all(
        class_folder / "students" / "team_02", {"2a": 1424, "3a": {"president": ["decision", "standing"]}}
    )
    kp.course(class_folder / "students" / "team_03", "en")
    kp.check("2a", 1424)
    kp.check("2a", 364.8)  # right at the second try: full marks, and the try is seen
    found = mark(class_folder)
    zh, en, register = write_marks(found, tmp_path / "marks", ("zh", "en"))
    for path, words in (
        (zh, ("排行榜", "这是未加权的总额")),
        (en, ("Leaderboard", "this is the sum before weighting")),
    ):
        text = path.read_text(encoding="utf-8")
        assert all(w in text for w in words) and "<script" not in text and "{{" not in text
        assert "364.8" not in text  # the page is for the class
    for path, words in (
        (zh, ("职务最高，不等于在决策层", "100%", "<small>+1</small>", "得分率")),
        (en, ("Visits planned in 4a", "The decision chain of a university")),
    ):
        assert all(w in path.read_text(encoding="utf-8") for w in words), path.name
    lines = register.read_text(encoding="utf-8-sig").splitlines()
    assert (
        lines[0].startswith("team,0a,0b")
        and lines[1].startswith("team_01,1.0")
        and lines[1].endswith(",15.0")
    )
    by_name = dict(zip(lines[0].split(","), lines[3].split(","), strict=True))
    assert (by_name["2a"], by_name["2a wrong tries"]) == ("1.0", "1")
    before = [p.read_bytes() for p in (zh, en, register)]
    write_marks(mark(class_folder), tmp_path / "marks", ("zh", "en"))
    assert before == [p.read_bytes() for p in (zh, en, register)]


def test_the_command(class_folder):
    shown = CliRunner().invoke(app, ["mark", str(class_folder), "--language", "en"])
    assert shown.exit_code == 0 and "team_01: 0 points" in shown.output
    assert (class_folder / "trainer" / "marks" / "projector.en.html").is_file()
    assert CliRunner().invoke(app, ["mark", str(class_folder / "students" / "team_01")]).exit_code == 2


def test_a_word_taken_for_another_is_told_to_the_class(class_folder):
    answer_all(class_folder / "students" / "team_02", {"3a": {"section chief": ["use", "getting it done"]}})
    page = projector_page(mark(class_folder), "en")
    assert "section chief · layer · “implementation” was taken for “use”" in page


def test_no_key_no_marks(tmp_path):
    with pytest.raises(KamplayError) as error:
        mark(tmp_path)
    assert error.value.faults[0].code == "course_key_missing"
