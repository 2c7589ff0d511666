"""Mark a class: every team's answers against its open key, as data. Nothing of a team's folder is run."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from kamplay.errors import Fault, KamplayError
from kamplay.teaching.answer_files import COURSE, Answers, case_of, read_answers
from kamplay.teaching.answers import Part, Refused, given, number_of, parts_of
from kamplay.teaching.course import KEYS, STUDENTS, TRAINER
from kamplay.teaching.grading import Grade, Key, PartGrade, grade, open_key
from kamplay.teaching.registry import exercises

CALLS, VISITS = "3c", "4a"  # the exercises of the leaderboard
MOST_FOLDERS = 500
TOOK = "took:"  # a note: right word|given word|list they are of


@dataclass(frozen=True)
class Marked:
    """A class as it is marked.

    Attributes
    ----------
    points : team × exercise, 0 to 1; missing where nothing was answered or where it is only discussed.
    tries : team × exercise, those that were not right.
    board : one row per team, the best first: team, points, tries (all of them), answered, calls, found,
        found_per_call, money (yearly revenue of the leaving accounts called), visits_spent, visits_allowed.
    mistakes : exercise, note (the name of a mistake, TOOK with two words, or wrong, no_answer, unit,
        unreadable), zh and en (the
        part it was made in, empty where it needs none), teams (how many), of (how many answered).
    problems : (folder, code, what) of whatever could not be taken.
    exercises : those of the course, in order.
    """

    points: pd.DataFrame
    tries: pd.DataFrame
    board: pd.DataFrame
    mistakes: pd.DataFrame
    problems: list[tuple[str, str, str]] = field(default_factory=list)
    exercises: list[str] = field(default_factory=list)


def mark(folder: Path, trainer: Path | None = None) -> Marked:
    """Mark the teams' folders below ``folder``.

    Parameters
    ----------
    folder : a course folder, its ``students``, or any folder with the teams' folders that were collected.
    trainer : the course's ``trainer`` folder; found beside by default.

    Raises
    ------
    KamplayError
        There is no key, or no team's folder.
    """
    keys = _keys(folder, trainer)
    names = list(next(iter(keys.values()))["exercises"]) if keys else []
    places, problems = _teams(folder, keys)
    points, tries, board = {}, {}, []
    seen: Counter[tuple[str, str, str, str]] = Counter()
    answered: Counter[str] = Counter()
    for team, place in places.items():
        key = keys[team]
        own = read_answers(place, names)
        problems += [(place.name, code, what) for code, what in own.problems]
        grades = {name: _grade(name, entry, own) for name, entry in key["exercises"].items()}
        points[team] = {name: found.credit if found else float("nan") for name, found in grades.items()}
        tries[team] = {name: own.tries.get(name, 0) for name in names}
        for name, found in grades.items():
            if found is not None:
                answered[name] += 1
                seen.update(_notes(name, found, key["exercises"][name]))
        board.append(_standing(team, key, own, points[team]))
    table = pd.DataFrame.from_dict(points, orient="index", columns=names)
    standings = pd.DataFrame(board)
    standings = standings.sort_values(
        ["points", "money", "team"], ascending=[False, False, True], ignore_index=True
    )
    mistakes = pd.DataFrame(
        [(*what, n, answered[what[0]]) for what, n in seen.items()],
        columns=["exercise", "note", "zh", "en", "teams", "of"],
    ).sort_values(["teams", "exercise", "en", "note"], ascending=[False, True, True, True], ignore_index=True)
    tried = pd.DataFrame.from_dict(tries, orient="index", columns=names)
    return Marked(table, tried, standings, mistakes, problems, names)


def _keys(folder: Path, trainer: Path | None) -> dict[str, Any]:
    places = [trainer] if trainer else [folder / TRAINER, folder.parent / TRAINER]
    place = next((p / KEYS for p in places if p and (p / KEYS).is_dir()), None)
    files = sorted(place.glob("*.json")) if place else []
    if not files:
        raise KamplayError(Fault("course_key_missing", file=str(places[0] / KEYS)))
    found = [json.loads(path.read_text(encoding="utf-8")) for path in files]
    return {one["team"]: one for one in found}


def _teams(folder: Path, keys: dict[str, Any]) -> tuple[dict[str, Path], list[tuple[str, str, str]]]:
    """Team → its folder, by the case that its answers are of. A team handed in twice counts by its folder's
    own name, then by the first.
    """
    if not folder.is_dir():
        raise KamplayError(Fault("folder_missing", file=str(folder)))
    inside = folder / STUDENTS if (folder / STUDENTS).is_dir() else folder
    children = sorted(p for p in inside.iterdir() if p.is_dir() and not p.is_symlink() and p.name != TRAINER)
    handed = [p for child in children[:MOST_FOLDERS] for p in (child, *_below(child)) if _is_team(p)]
    if not handed:
        raise KamplayError(Fault("course_no_teams", file=str(inside)))
    places: dict[str, Path] = {}
    problems = []
    by_case = {key["case"]: team for team, key in keys.items() if key.get("case")}
    found = {place: _team_of(place, keys, by_case) for place in handed}
    for place in sorted(handed, key=lambda p: (p.name != found[p][0], p.name)):
        team, claimed = found[place]
        if team not in keys:
            problems.append((place.name, "team_unknown", claimed[:40]))
        elif team in places:
            problems.append((place.name, "team_twice", team))
        else:
            places[team] = place
            if place.name != team and place.name in keys:
                problems.append((place.name, "team_other", team))
    return dict(sorted(places.items())), problems


def _below(child: Path) -> list[Path]:
    return (
        []
        if _is_team(child)
        else sorted(p for p in child.iterdir() if p.is_dir() and not p.is_symlink())[:20]
    )


def _is_team(place: Path) -> bool:
    return (place / COURSE).is_file()


def _team_of(place: Path, keys: dict[str, Any], by_case: dict[str, str]) -> tuple[str, str]:
    """Whose case a folder answers ("" for one of another course), and the team that it says it is."""
    case, claimed = case_of(place)
    if case and by_case:
        return by_case.get(case, ""), claimed
    return place.name if place.name in keys else claimed, claimed


def _key_of(entry: dict[str, Any]) -> Key:
    parts = tuple(Part(**part) for part in entry["parts"])
    key = entry["key"]
    accepted = {part: tuple(tokens) for part, tokens in key["accepted"].items()}
    return Key(parts, accepted, key["mistakes"], key["public"])


def _grade(name: str, entry: dict[str, Any], own: Answers) -> Grade | None:
    if entry["key"] is None or name not in own.answers:
        return None
    key = _key_of(entry)
    return grade(key.parts, exercises()[name].credit, own.answers[name], entry["words"], **open_key(key))


def _notes(name: str, found: Grade, entry: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    """What went wrong in one answer, each thing once. A word taken for another is told by both, without the
    part where it is an account of one team's case.
    """
    if found.verdict == "unreadable":
        return [(name, "unreadable", "", "")]
    if exercises()[name].credit == "calls":
        return [(name, "wrong", "", "")] if found.credit < 1 else []
    named = [(name, g.note, "", "") for g in found.parts if g.note and not g.note.startswith("refused:")]
    accepted = entry["key"]["accepted"]
    named += [
        (name, f"{TOOK}{accepted[g.part.key][0]}|{g.token}|{g.part.words}", g.part.zh, g.part.en)
        for g in found.parts
        if g.token and not g.note
    ]
    plain = [
        (name, _short_of(g), g.part.zh, g.part.en)
        for g in found.parts
        if g.credit < 1
        and not g.token
        and (not g.note or g.note.startswith("refused:"))
        and not _of_one_account(g.part)
    ]
    if not named and not plain and found.credit < 1:
        plain = [(name, "wrong", "", "")]
    return list(dict.fromkeys([*named, *plain]))


def _short_of(found: PartGrade) -> str:
    if found.note:
        return "unreadable"
    return "wrong" if found.answered else "no_answer"


def _of_one_account(part: Part) -> bool:
    """Whether the part is about one account of one team's case, of which other teams have none."""
    return not part.zh


def _standing(team: str, key: dict[str, Any], own: Answers, points: dict[str, float]) -> dict[str, Any]:
    calls = _calls(key, own)
    leaving = key["leaving"]
    found = [a for a in calls if a in leaving]
    marks = [p for p in points.values() if p == p]
    return {
        "team": team,
        "points": sum(marks),
        "tries": sum(own.tries.get(name, 0) for name in points),
        "answered": len(marks),
        "calls": len(calls),
        "found": len(found),
        "found_per_call": len(found) / len(calls) if calls else float("nan"),
        "money": float(sum(leaving[a] for a in found)),
        "visits_spent": _visits(key, own),
        "visits_allowed": _allowed(key),
    }


def _calls(key: dict[str, Any], own: Answers) -> tuple[str, ...]:
    entry = key["exercises"].get(CALLS)
    if entry is None or entry["key"] is None or CALLS not in own.answers:
        return ()
    part = Part(**entry["parts"][0])
    try:
        return given(
            part, parts_of([part], own.answers[CALLS], entry["words"]).get(part.key), entry["words"]
        ).tokens
    except Refused:
        return ()


def _visits(key: dict[str, Any], own: Answers) -> float:
    """Visits that a team's plan spends, of branch and head office together."""
    entry = key["exercises"].get(VISITS)
    if entry is None or entry["key"] is None or VISITS not in own.answers:
        return float("nan")
    parts = [Part(**part) for part in entry["parts"]]
    try:
        by_part = parts_of(parts, own.answers[VISITS], entry["words"])
        tokens = [given(p, by_part.get(p.key), entry["words"]).tokens for p in parts]
        return sum(number_of(x) for t in tokens if t for x in t[0].split("/"))
    except Refused:
        return float("nan")


def _allowed(key: dict[str, Any]) -> float:
    """Visits that the plan has room for, of branch and head office together."""
    entry = key["exercises"].get(VISITS)
    if entry is None or entry["key"] is None:
        return float("nan")
    return sum(number_of(x) for tokens in entry["key"]["accepted"].values() for x in tokens[0].split("/"))
