"""A course folder: a case with notebooks, sheets and sealed key for each team, and the trainer's edition."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from kamplay.errors import Fault, KamplayError
from kamplay.teaching import cards, notebooks, paper, sheets
from kamplay.teaching.answer_files import COURSE
from kamplay.teaching.cases import TRADES, make_case, trade_of, write_case
from kamplay.teaching.checking import EXHIBITS, exhibit_file
from kamplay.teaching.grading import Key, seal
from kamplay.teaching.keys import MAKERS
from kamplay.teaching.keys.pareto_value import curve
from kamplay.teaching.keys.source import NotInDataError, Source
from kamplay.teaching.registry import exercises
from kamplay.teaching.teams import Asked, Team

STUDENTS, TRAINER, KEYS = "students", "trainer", "keys"
MOST_TEAMS = 60
_BITS = 2**53  # seeds are numbers that JSON keeps


def make_course(
    folder: Path,
    trade: str = "hospital_supplier",
    seed: int | None = None,
    difficulty: int = 2,
    teams: int = 6,
    languages: tuple[str, ...] = ("zh", "en"),
    own: Source | None = None,
    client: str = "",
    currency: str = "CNY",
    told: Callable[[str], None] = lambda line: None,
) -> Path:
    """Write a course.

    Parameters
    ----------
    folder : where; it is made, and must be empty.
    trade, difficulty : of the cases, see ``kamplay.teaching.cases``.
    seed : the same one makes the same course to the byte. Left out, it is drawn, so that nobody can make the
        course, and with it the key, again from a guess.
    teams : how many, each with a case of its own.
    languages : of notebooks and sheets; data are in the first.
    own, client, currency : a class's own tables in place of the cases, whose they are, and in what money.
    told : called with a line for each team that is done.

    Returns
    -------
    The folder.

    Raises
    ------
    KamplayError
        The folder is not empty, or a setting is not allowed.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise KamplayError(Fault("not_empty", file=str(folder)))
    if not 1 <= teams <= MOST_TEAMS:
        raise _not_allowed("--teams", teams, f"1 – {MOST_TEAMS}")
    if not languages or any(one not in ("zh", "en") for one in languages):
        raise _not_allowed("--language", ",".join(languages), "zh, en")
    if trade not in TRADES:
        raise _not_allowed("--case", trade, ", ".join(TRADES))
    if seed is not None and not 0 <= seed < _BITS:
        raise _not_allowed("--seed", seed, "0 – 2^53")
    drawn = secrets.randbelow(_BITS) if seed is None else seed
    made: list[Team] = []
    for number in range(1, teams + 1):
        team = _team(f"team_{number:02d}", trade, drawn, difficulty, own, client, currency)
        _write_team(folder / STUDENTS / team.name, team, drawn, languages)
        _write_key(folder / TRAINER / KEYS / f"{team.name}.json", team, drawn)
        made.append(team)
        told(team.name)
    about = {
        "case": None if own else trade,
        "seed": drawn,
        "difficulty": difficulty,
        "languages": list(languages),
        "teams": [{"team": t.name, "seed": t.source.seed} for t in made],
    }
    _json(folder / TRAINER / "course.json", about)
    if made[0].case is not None:
        write_case(made[0].case, folder / TRAINER / notebooks.CLIENT, languages[0])
    for language in languages:
        notebooks.write_trainer(folder / TRAINER, made, language)
        sheets.write_trainer(folder / TRAINER, made, about, language)
        cards.write(folder / TRAINER, language)
        paper.write(folder / TRAINER, made[0], language)
    return folder


def _team(
    name: str, trade: str, seed: int, difficulty: int, own: Source | None, client: str, currency: str
) -> Team:
    if own is not None:
        return Team(name, own, tuple(asked_of(own)), {"zh": client, "en": client}, None, currency)
    case = make_case(trade, _number(seed, name, trade), difficulty)
    return Team(name, case.source, tuple(asked_of(case.source)), trade_of(trade).client, case)


def asked_of(source: Source) -> Iterator[Asked]:
    """The exercises that a source bears; what its tables do not hold is left out."""
    for name, exercise in exercises().items():
        try:
            yield Asked(exercise, MAKERS[name](source))
        except NotInDataError:
            continue


def left_out(source: Source) -> dict[str, str]:
    """Exercise → the table it lacks."""
    out = {}
    for name in exercises():
        try:
            MAKERS[name](source)
        except NotInDataError as error:
            out[name] = error.what
    return out


def _write_team(folder: Path, team: Team, seed: int, languages: tuple[str, ...]) -> None:
    (folder / EXHIBITS).mkdir(parents=True)
    if team.case is not None:
        write_case(team.case, folder, languages[0])
    salt = _salt(seed, team)
    about = {
        "team": team.name,
        "case": _case_id(seed, team),
        "languages": list(languages),
        "client": team.client,
        "exercises": {one.exercise.id: _sealed(one, salt) for one in team.asked},
    }
    _json(folder / COURSE, about)
    for language in languages:
        wording = team.wording(language)
        for one in team.asked:
            for name, frame in one.made.exhibits.items():
                _csv(folder / EXHIBITS / exhibit_file(one.exercise.id, name, language), wording.table(frame))
        notebooks.write_student(folder, team, language)
        if team.case is not None:
            notebooks.write_workshop(folder, team, language)
        sheets.write_sheets(folder, team, language)
    if any(one.exercise.id == "2c" for one in team.asked):
        for language in languages:
            drawing = sheets.curve_svg(curve(team.source), language)
            _text(folder / EXHIBITS / f"2c_curve.{language}.svg", drawing)


def _sealed(one: Asked, salt: str) -> dict[str, Any]:
    key = one.made.key
    if key is None:
        return {"parts": [], "words": {}, "sealed": None}
    parts = [part.as_data() for part in key.parts]
    return {"parts": parts, "words": one.words, "sealed": seal(key, f"{salt}{one.exercise.id}")}


def _salt(seed: int, team: Team) -> str:
    return hashlib.sha256(f"{seed}|{team.name}|salt".encode()).hexdigest()[:32]


def _case_id(seed: int, team: Team) -> str:
    """What tells a team's case from every other one, of this course or of another."""
    return hashlib.sha256(f"case|{_salt(seed, team)}".encode()).hexdigest()[:16]


def _write_key(path: Path, team: Team, seed: int) -> None:
    """The open key of a team: for the trainer alone."""
    out = {}
    for one in team.asked:
        key = one.made.key
        out[one.exercise.id] = {
            "parts": [part.as_data() for part in key.parts] if key else [],
            "words": one.words,
            "key": open_data(key) if key else None,
            "best": one.made.best,
        }
    calls = out.get("3c", {}).get("key")  # the leaving accounts of its sheet
    shown = calls["accepted"]["calls"] if calls else []
    money = {a: round(v, 2) for a, v in (team.source.leaving or {}).items() if a in shown}
    about = {"team": team.name, "case": _case_id(seed, team), "client": team.client}
    _json(path, {**about, "leaving": money, "exercises": out})


def open_data(key: Key) -> dict[str, Any]:
    """A key as data for a file."""
    accepted = {part: list(tokens) for part, tokens in key.accepted.items()}
    return {
        "accepted": accepted,
        "mistakes": {p: dict(m) for p, m in key.mistakes.items()},
        "public": dict(key.public),
    }


def _number(seed: int, team: str, trade: str) -> int:
    digest = hashlib.sha256(f"{seed}|{team}|{trade}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % _BITS


def _not_allowed(option: str, value: object, allowed: str) -> KamplayError:
    return KamplayError(
        Fault("setting_not_allowed", column=option, value=str(value), args={"allowed": allowed})
    )


def _json(path: Path, data: Any) -> None:
    _text(path, json.dumps(data, ensure_ascii=False, indent=1, default=_native) + "\n")


def _native(value: Any) -> Any:
    """numpy's numbers as Python's."""
    return value.item() if hasattr(value, "item") else str(value)


def _csv(path: Path, table: pd.DataFrame) -> None:
    table.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")


def _text(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
