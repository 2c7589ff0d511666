"""``kamplay teach`` and ``kamplay mark``: a course for a class, and its marks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from kamplay.errors import Fault, KamplayError
from kamplay.languages import chosen_languages
from kamplay.show.locale import N_, Locale
from kamplay.teaching.course import STUDENTS, TRAINER, left_out, make_course
from kamplay.teaching.keys.source import Source
from kamplay.teaching.marking import mark
from kamplay.teaching.projector import MARKS, problems_told, write_marks


def teach(
    folder: Path,
    trade: str,
    seed: int | None,
    difficulty: int,
    teams: int,
    language: str | None,
    own: Path | None,
    speech: str,
    told: Callable[[str], None],
) -> list[str]:
    """Make a course; returns the lines to print. ``told`` is called with each team that is done."""
    locale = Locale(speech, "CNY")
    languages = tuple(chosen_languages(language) or ["zh", "en"])
    source, client, currency = _own(own) if own else (None, "", "CNY")
    make_course(folder, trade, seed, difficulty, teams, languages, source, client, currency, told)
    lines = [
        locale.say(
            N_(
                "{folder}/{students}/: a folder for each of {teams:n} {teams:plural|team|teams}, to hand out."
            ),
            folder=str(folder),
            students=STUDENTS,
            teams=teams,
        ),
        locale.say(
            N_("{folder}/{trainer}/: solutions, timings, cards and the key; keep it from the class."),
            folder=str(folder),
            trainer=TRAINER,
        ),
    ]
    if source is not None:
        for exercise, table in left_out(source).items():
            lines.append(
                locale.say(N_("Exercise {id} is left out: the data lack {table}."), id=exercise, table=table)
            )
    return lines


def _own(folder: Path) -> tuple[Source, str, str]:
    """A class's own engagement as a source of exercises."""
    from kamplay.api import open as open_run

    run = open_run(folder)
    if "transactions" not in run.book.tables:
        raise KamplayError(Fault("course_needs_lines", file=str(folder)))
    source = Source(dict(run.book.tables), run.book.as_of, 0, 2)
    return source, run.settings.client, run.settings.currency


def mark_class(
    folder: Path, key: Path | None, out: Path | None, language: str | None, speech: str
) -> list[str]:
    """Mark a class, write its page and register; returns the lines to print."""
    locale = Locale(speech, "CNY")
    found = mark(folder, key)
    place = out or (key or (folder if (folder / TRAINER).is_dir() else folder.parent) / TRAINER) / MARKS
    languages = tuple(chosen_languages(language) or ["zh", "en"])
    written = write_marks(found, place, languages)
    lines = [
        locale.say(
            N_("{team}: {points:n1} points, {answered:n} answered"),
            team=row.team,
            points=row.points,
            answered=row.answered,
        )
        for row in found.board.itertuples()
    ]
    return [*lines, *problems_told(found, speech), *map(str, written)]
