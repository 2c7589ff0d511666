"""What a class sees after marking: a page for the projector; and the register as CSV."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

from kamplay.report.results import guarded
from kamplay.show.display import Display
from kamplay.show.locale import MISSING, N_, Locale, missing
from kamplay.show.table import Column, html_table
from kamplay.show.view import View, using
from kamplay.teaching.course import TRAINER
from kamplay.teaching.grading import FULL
from kamplay.teaching.marking import Marked, mark
from kamplay.teaching.pages import page
from kamplay.teaching.registry import exercises

MARKS, REGISTER = "marks", "register.csv"
SHOWN = 10  # mistakes that the page lists

NOTES = {
    "unit": N_("the figure was right, its unit was not"),
    "unreadable": N_("the answer could not be read"),
    "wrong": N_("not full marks"),
    "no_answer": N_("left open"),
}
PROBLEMS = {
    "not_answers": N_("{folder}: {what} holds no answers; the notebooks were read instead."),
    "not_a_file": N_("{folder}: {what} is no plain file and was not read."),
    "too_large": N_("{folder}: {what} is too large and was not read."),
    "unreadable": N_("{folder}: {what} cannot be read."),
    "answer_unreadable": N_("{folder}: the answer to {what} is no plain data and was not read."),
    "cell_too_large": N_("{folder}: an answer cell of {what} is too large and was not read."),
    "cell_unreadable": N_(
        "{folder}: an answer cell of {what} holds no plain literal and was not read; nothing of it ran."
    ),
    "team_unknown": N_("{folder}: no team of this course ({what})."),
    "team_twice": N_("{folder}: {what} was handed in twice; this folder is not counted."),
}


def write_marks(found: Marked, folder: Path, languages: tuple[str, ...]) -> list[Path]:
    """``projector.<language>.html`` and ``register.csv`` in ``folder``; returns what was written."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for language in languages:
        path = folder / f"projector.{language}.html"
        path.write_text(projector_page(found, language), encoding="utf-8", newline="\n")
        written.append(path)
    register = found.points.round(4).assign(total=found.points.sum(axis=1).round(4))
    register.insert(0, "team", register.index)
    text = guarded(register.astype(object)).to_csv(index=False, lineterminator="\r\n", na_rep="")
    (folder / REGISTER).write_bytes(text.encode("utf-8-sig"))
    return [*written, folder / REGISTER]


def projector_page(found: Marked, language: str) -> str:
    """The page for the projector: leaderboard, team × exercise, what went wrong most often."""
    locale = Locale(language, "CNY")
    text = locale.text
    most = len([e for e in found.exercises if found.points[e].notna().any()]) or 1
    return page(
        "projector.html.j2",
        language,
        title=text(N_("Marks of the class")),
        about=locale.say(
            N_("{teams:n} {teams:plural|team|teams}, {count:n} exercises"),
            teams=len(found.points),
            count=len(found.exercises),
        ),
        board_title=text(N_("Leaderboard")),
        board_labels=[
            text(label)
            for label in (
                N_("Team"),
                N_("Marks"),
                N_("Leaving accounts found"),
                N_("Found per call"),
                N_("Yearly revenue of those found"),
                N_("Visits spent"),
            )
        ],
        board=[_board_row(row, n == 0, most, locale) for n, row in enumerate(found.board.itertuples())],
        board_note=text(
            N_(
                "One point for each exercise. Revenue is what the leaving accounts that a team calls bought "
                "in 12 months."
            )
        ),
        exercises=found.exercises,
        grid_title=text(N_("Team by exercise")),
        grid=[
            {"team": str(team), "cells": [_cell(row[e], locale) for e in found.exercises]}
            for team, row in found.points.iterrows()
        ],
        legend=[text(N_("right")), text(N_("partly right")), text(N_("no points")), text(N_("– no answer"))],
        mistakes_title=text(N_("What went wrong most often")),
        mistakes=[_mistake(row, locale) for row in found.mistakes.head(SHOWN).itertuples()],
        no_mistakes=text(N_("Nothing.")),
    )


def _board_row(row: Any, first: bool, most: int, locale: Locale) -> dict[str, Any]:
    cells = [
        row.team,
        locale.number(row.points, 1, fixed=True),
        locale.say(N_("{found:n} of {calls:n}"), found=row.found, calls=row.calls) if row.calls else MISSING,
        locale.percent(row.found_per_call),
        locale.money(row.money) if row.calls else MISSING,
        locale.count(row.visits_spent),
    ]
    return {"cells": cells, "first": first and row.points > 0, "bar": f"{100 * row.points / most:.1f}"}


def _cell(credit: Any, locale: Locale) -> dict[str, str]:
    if missing(credit):
        return {"css": "blank", "text": MISSING}
    css = "full" if credit >= FULL else "some" if credit > 0 else "none"
    return {"css": css, "text": locale.percent(credit, 0)}


def _mistake(row: Any, locale: Locale) -> dict[str, str]:
    exercise = exercises()[row.exercise]
    title = f"{exercise.id} · {exercise.title.get(locale.language)}"
    if row.note in exercise.mistakes:
        what = exercise.mistakes[row.note].get(locale.language)
    else:
        what = locale.text(NOTES[row.note])
        part = row.zh if locale.language == "zh" else row.en
        what = f"{part} · {what}" if part else what
    count = locale.say(N_("({teams:n} of {of:n})"), teams=row.teams, of=row.of)
    return {"title": title, "text": what, "count": count}


def problems_told(found: Marked, language: str) -> list[str]:
    """What could not be taken, a sentence each."""
    locale = Locale(language, "CNY")
    return [locale.say(PROBLEMS[code], folder=folder, what=what) for folder, code, what in found.problems]


def marks(folder: str | Path = "..", language: str = "zh") -> Display:
    """Mark the class of a course folder, write page and register into ``trainer/marks``, and show the
    leaderboard.
    """
    place = Path(folder).resolve()
    found = mark(place)
    write_marks(found, place / TRAINER / MARKS, (language,))
    locale = Locale(language, "CNY")
    columns = [
        Column("team", N_("Team")),
        Column("points", N_("Marks"), "n1"),
        Column("answered", N_("Answered"), "n"),
        Column("found_per_call", N_("Found per call"), "pct"),
        Column("money", N_("Yearly revenue of those found"), "money"),
        Column("visits_spent", N_("Visits spent"), "count"),
    ]
    with using(View(locale)):
        shown = html_table(found.board, columns, N_("The class, the best first."), most=len(found.board))
    told = "".join(f"<p>{escape(line)}</p>" for line in problems_told(found, language))
    return Display(shown.html + told, shown.text)
