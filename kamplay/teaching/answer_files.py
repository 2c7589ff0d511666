"""A team's answers as data: written by the notebook, read by whoever marks. Nothing of a team's is run.

Marking takes ``answers.json``; where a team handed in none it takes the literals of the answer cells. Both
are read with limits, whatever the files hold.
"""

from __future__ import annotations

import ast
import json
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kamplay.teaching.answers import Refused, blank, plain

ANSWERS, COURSE = "answers.json", "course.json"
WRONG = "wrong_tries"  # beside an answer: how many others were given that were not fully right
LARGEST = 1_000_000  # bytes of a file that is read
LONGEST_CELL = 20_000  # characters of an answer cell that is parsed
DEEPEST = 12  # brackets inside brackets
MOST_NOTEBOOKS = 60


@dataclass
class Answers:
    """Exercise → the best answer given, the last one, and the tries that were not fully right; ``source``
    where they were read: answers, notebooks or none; ``problems``: (code, file) of what could not be read.
    """

    answers: dict[str, Any] = field(default_factory=dict)
    last: dict[str, Any] = field(default_factory=dict)
    tries: dict[str, int] = field(default_factory=dict)
    source: str = "none"
    problems: list[tuple[str, str]] = field(default_factory=list)


def read_answers(folder: Path, exercises: list[str]) -> Answers:
    """The answers of a team's folder."""
    found = Answers()
    path = folder / ANSWERS
    if path.exists() or path.is_symlink():
        data = _json(path, found)
        own = data.get("answers") if isinstance(data, dict) else None
        if isinstance(own, dict):
            found.source = "answers"
            for name in exercises:
                _take(found, name, own.get(name))
            return found
        if data is not None:
            found.problems.append(("not_answers", path.name))
    cells = _cells(folder, found)
    for name in exercises:
        if name in cells:
            found.source = "notebooks"
            _take(found, name, {"answer": cells[name]})
    return found


def write_answer(
    folder: Path, team: str, exercise: str, answer: Any, tries: int, last: Any = None, case: str = ""
) -> None:
    """Add one answer to the folder's file, at once: a reader sees the old file or the new one. ``last``: what
    was answered last, where another answer counts. ``case``: which case is answered.
    """
    path = folder / ANSWERS
    data = _json(path, Answers()) if path.exists() else None
    own = data.get("answers") if isinstance(data, dict) else None
    answers = own if isinstance(own, dict) else {}
    answers[exercise] = {"answer": plain(answer), WRONG: tries}
    if last is not None and last != answer:
        answers[exercise]["last"] = plain(last)
    about = {"team": team, "case": case, "answers": dict(sorted(answers.items()))}
    text = json.dumps(about, ensure_ascii=False, indent=1)
    temporary = folder / f".{ANSWERS}.{os.getpid()}"
    try:
        temporary.write_text(text + "\n", encoding="utf-8", newline="\n")
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def case_of(folder: Path) -> tuple[str, str]:
    """Case and team that a folder's answers, or else its course file, are of; empty where none is named."""
    for name in (ANSWERS, COURSE):
        path = folder / name
        try:
            if path.is_symlink() or not path.is_file() or path.stat().st_size > 5 * LARGEST:
                continue
            data = json.loads(path.read_text(encoding="utf-8-sig"))
        except (OSError, ValueError, RecursionError):
            continue
        if isinstance(data, dict) and isinstance(data.get("team"), str):
            return str(data.get("case") or ""), data["team"]
    return "", ""


def _take(found: Answers, name: str, entry: Any) -> None:
    if not isinstance(entry, dict):
        return
    try:
        answer = plain(entry.get("answer"))
    except Refused:
        found.problems.append(("answer_unreadable", name))
        return
    if blank(answer):
        return
    found.answers[name] = answer
    try:
        found.last[name] = plain(entry.get("last"))
    except Refused:
        found.problems.append(("answer_unreadable", name))
    tries = entry.get(WRONG)
    found.tries[name] = (
        tries if isinstance(tries, int) and not isinstance(tries, bool) and 0 <= tries < 10_000 else 0
    )


def _text(path: Path, found: Answers) -> str | None:
    """A plain file's text; no link, no pipe, nothing large."""
    if path.is_symlink() or not path.is_file():
        found.problems.append(("not_a_file", path.name))
        return None
    try:
        if path.stat().st_size > LARGEST:
            found.problems.append(("too_large", path.name))
            return None
        return path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        found.problems.append(("unreadable", path.name))
        return None


def _json(path: Path, found: Answers) -> Any:
    text = _text(path, found)
    if text is None:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        found.problems.append(("unreadable", path.name))
        return None


def _cells(folder: Path, found: Answers) -> dict[str, Any]:
    """The literals of the answer cells of every notebook, the later notebook's where two answer one."""
    out: dict[str, Any] = {}
    for path in sorted(folder.glob("*.ipynb"))[:MOST_NOTEBOOKS]:
        notebook = _json(path, found)
        cells = notebook.get("cells") if isinstance(notebook, dict) else None
        for cell in cells if isinstance(cells, list) else []:
            source = _answer_source(cell)
            if source is not None:
                out.update(_literals(source, path.name, found))
    return out


def _answer_source(cell: Any) -> str | None:
    if not isinstance(cell, dict) or cell.get("cell_type") != "code":
        return None
    metadata = cell.get("metadata")
    tags = metadata.get("tags") if isinstance(metadata, dict) else None
    if not isinstance(tags, list) or "answer" not in tags:
        return None
    source = cell.get("source")
    text = "".join(x for x in source if isinstance(x, str)) if isinstance(source, list) else source
    return text if isinstance(text, str) else None


def _literals(source: str, file: str, found: Answers) -> dict[str, Any]:
    """``answer_1a = {…}`` as {"1a": {…}}: only literals, never a call or a name."""
    if len(source) > LONGEST_CELL or _depth(source) > DEEPEST:
        found.problems.append(("cell_too_large", file))
        return {}
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        found.problems.append(("cell_unreadable", file))
        return {}
    out: dict[str, Any] = {}
    for statement in tree.body:
        if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
            continue
        target = statement.targets[0]
        named = re.fullmatch(r"answer_(\w{1,8})", target.id) if isinstance(target, ast.Name) else None
        if named is None:
            continue
        try:
            value = ast.literal_eval(statement.value)
        except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
            found.problems.append(("cell_unreadable", file))
            continue
        if not blank(value):
            out[named[1]] = value
    return out


def _depth(source: str) -> int:
    deepest = depth = 0
    for mark in source:
        depth += (mark in "([{") - (mark in ")]}")
        deepest = max(deepest, depth)
    return deepest
