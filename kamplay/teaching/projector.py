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
from kamplay.teaching.keys.source import WAN
from kamplay.teaching.marking import TOOK, Marked, mark
from kamplay.teaching.pages import page, team_label
from kamplay.teaching.registry import exercises
from kamplay.teaching.wording import Wording

MARKS, REGISTER = "marks", "register.csv"
SHOWN, PER_EXERCISE = 5, 3  # exercises whose mistakes the page lists, and how many of each
MOST_ACROSS = 12  # teams beside each other; more stand below each other

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
    "team_unknown": N_("{folder}: not marked, as its case is not of this course (it says {what})."),
    "team_other": N_("{folder}: holds the case of {what}, and is marked as that team by its key."),
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
    register = found.points.round(4)
    for name in found.exercises:  # full marks after many tries are seen as such
        register[f"{name} wrong tries"] = found.tries[name]
    register["total"] = found.points.sum(axis=1).round(4)
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
                N_("Yearly revenue of those found (CNY 10k)"),
                N_("Visits planned in 4a"),
                N_("Wrong tries"),
                N_("Share of all points"),
            )
        ],
        board=[_board_row(row, n == 0, most, locale) for n, row in enumerate(found.board.itertuples())],
        board_note=text(
            N_(
                "One point for each exercise. Revenue is what the leaving accounts that a team calls in 3c "
                "bought in 12 months. Wrong tries are answers that were not fully right."
            )
        ),
        exercises=[_exercise(e, locale) for e in found.exercises],
        turned=len(found.points) <= MOST_ACROSS,
        grid_title=text(N_("Team by exercise")),
        grid=[
            {
                "team": team_label(str(team), locale),
                "cells": [_cell(row[e], found.tries.loc[team, e], locale) for e in found.exercises],
            }
            for team, row in found.points.iterrows()
        ],
        legend=[text(N_("right")), text(N_("partly right")), text(N_("no points")), text(N_("– no answer"))],
        tries_note=text(N_("+2: two wrong tries.")),
        mistakes_title=text(N_("What went wrong most often")),
        mistakes=_mistakes(found, locale),
        no_mistakes=text(N_("Nothing.")),
    )


def _board_row(row: Any, first: bool, most: int, locale: Locale) -> dict[str, Any]:
    cells = [
        team_label(row.team, locale),
        locale.number(row.points, 1, fixed=True),
        locale.say(N_("{found:n} of {calls:n}"), found=row.found, calls=row.calls) if row.calls else MISSING,
        locale.percent(row.found_per_call),
        locale.count(round(row.money / WAN)) if row.calls else MISSING,
        MISSING
        if missing(row.visits_spent)
        else locale.say(
            N_("{spent} of {allowed}"),
            spent=locale.count(row.visits_spent),
            allowed=locale.count(row.visits_allowed),
        ),
        locale.count(row.tries),
    ]
    share = row.points / most
    return {
        "cells": cells,
        "first": first and row.points > 0,
        "bar": f"{100 * share:.1f}",
        "share": locale.percent(share, 0),
    }


def _exercise(name: str, locale: Locale) -> dict[str, str]:
    return {"id": name, "title": exercises()[name].title.get(locale.language)}


def _cell(credit: Any, tries: Any, locale: Locale) -> dict[str, str]:
    if missing(credit):
        return {"css": "blank", "text": MISSING, "tries": ""}
    css = "full" if credit >= FULL else "some" if credit > 0 else "none"
    return {"css": css, "text": locale.percent(credit, 0), "tries": f"+{int(tries)}" if tries else ""}


def _mistakes(found: Marked, locale: Locale) -> list[dict[str, Any]]:
    """By exercise, the one where most teams went wrong first: what they did, and why it happens."""
    out: list[dict[str, Any]] = []
    for name in dict.fromkeys(found.mistakes["exercise"]):
        own = found.mistakes[found.mistakes["exercise"] == name]
        own = own.assign(says_little=own["note"].isin(["no_answer", "wrong", "unreadable"]))
        own = own.sort_values(["says_little", "teams"], ascending=[True, False], kind="stable")
        own = own.head(PER_EXERCISE)
        exercise = exercises()[name]
        out.append(
            {
                "title": f"{name} · {exercise.title.get(locale.language)}",
                "lines": [_mistake(row, locale) for row in own.itertuples()],
                "why": exercise.goes_wrong.get(locale.language),
            }
        )
    return out[:SHOWN]


def _mistake(row: Any, locale: Locale) -> dict[str, str]:
    exercise = exercises()[row.exercise]
    part = row.zh if locale.language == "zh" else row.en
    if row.note in exercise.mistakes:
        what = exercise.mistakes[row.note].get(locale.language)
    elif row.note.startswith(TOOK):
        right, given, listed = row.note.removeprefix(TOOK).split("|")
        wording = Wording(locale)
        words = {k: wording.word(exercise, listed, v) for k, v in (("right", right), ("given", given))}
        what = locale.say(N_("“{right}” was taken for “{given}”"), **words)
        what = f"{part} · {what}" if part else what
    else:
        what = locale.text(NOTES[row.note])
        what = f"{part} · {what}" if part else what
    count = locale.say(N_("({teams:n} of {of:n})"), teams=row.teams, of=row.of)
    return {"text": what, "count": count}


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
        Column("money", N_("Yearly revenue of those found (CNY 10k)"), "n"),
        Column("visits_spent", N_("Visits planned in 4a"), "count"),
        Column("tries", N_("Wrong tries"), "n"),
    ]
    with using(View(locale)):
        shown = html_table(
            found.board.assign(money=found.board["money"] / WAN),
            columns,
            N_("The class, the best first."),
            most=len(found.board),
        )
    told = "".join(f"<p>{escape(line)}</p>" for line in problems_told(found, language))
    return Display(shown.html + told, shown.text)
