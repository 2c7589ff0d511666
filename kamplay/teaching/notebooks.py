"""The notebooks of a course: prose, tables and answer cells for a team; solutions for the trainer."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import nbformat

from kamplay.show.locale import N_, Locale
from kamplay.teaching.pages import team_label
from kamplay.teaching.registry import STEPS, Exercise
from kamplay.teaching.teams import Asked, Team

TITLES = {
    "0_check_data": N_("Step 0 · Check the data"),
    "1_define_tiers": N_("Step 1 · Define tiers"),
    "2_pareto_value": N_("Step 2 · Analyse Pareto value"),
    "3_health_model": N_("Step 3 · Build the health model"),
    "4_plan_strategies": N_("Step 4 · Plan strategies"),
}
CLIENT = "client"  # a case of the trainer's own: nothing that teams handed in is opened
MARKING, AGREEMENT, SOLUTION = N_("Marking"), N_("Agreement of the class"), N_("Solution")
KERNEL = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}


def write_student(folder: Path, team: Team, language: str) -> None:
    """A notebook for each step with exercises, without a solution."""
    for step in STEPS:
        asked = [one for one in team.asked if one.exercise.step == step]
        if asked:
            _write(folder / f"{step}.{language}.ipynb", _student_cells(team, step, asked, language))


def _student_cells(team: Team, step: str, asked: list[Asked], language: str) -> list[Any]:
    locale = Locale(language, "CNY")
    minutes = sum(one.exercise.minutes for one in asked)
    intro = locale.say(
        N_(
            "Fill in the answer cells and run them. kp.check says how far you are and gives a hint; your "
            "best answer counts, and wrong tries are shown with the marks. In all it takes {minutes:n} "
            "minutes."
        ),
        minutes=minutes,
    )
    typing = locale.text(
        N_(
            "How to type: English punctuation, account numbers and words in English quotes, no commas inside "
            "amounts (212880.71)."
        )
    )
    first = locale.text(N_("First of all run the code cell below this text; without it no other cell works."))
    title = f"# {locale.text(TITLES[step])} · {team.client[language]} · {team_label(team.name, locale)}"
    cells = [
        _prose("intro", f"{title}\n\n{intro}\n\n**{first}**\n\n**{typing}**", "exercise"),
        _code("setup", f'import kamplay as kp\nkp.course(".", language="{language}")', "setup"),
    ]
    for one in asked:
        cells += _exercise_cells(team, one, language, locale)
    return cells


def _exercise_cells(team: Team, one: Asked, language: str, locale: Locale) -> list[Any]:
    exercise = one.exercise
    name = exercise.id
    unit = locale.say(N_("Answer: {form}"), form=exercise.unit.get(language))
    head = f"## {heading(exercise, locale)}\n\n{question(team, one, language)}\n\n*{unit}*"
    cells = [_prose(name, head, "exercise")]
    if name == "2c":
        cells.append(
            _prose(
                f"{name}-curve",
                f"![{exercise.title.get(language)}](exhibits/2c_curve.{language}.svg)",
                "exercise",
            )
        )
    for exhibit in one.made.exhibits:
        caption = f"**{exercise.exhibits[exhibit].get(language)}**"
        cells.append(_prose(f"{name}-{exhibit}-caption".replace("_", "-"), caption, "exercise"))
        cells.append(
            _code(f"{name}-{exhibit}".replace("_", "-"), f'kp.exhibit("{name}", "{exhibit}")', "exercise")
        )
    start = starting_answer(one, language)
    note = locale.text(N_("“kp is not defined”: run the first code cell of the notebook first."))
    cell = f'# {note}\nanswer_{name} = {start}\nkp.check("{name}", answer_{name})'
    cells.append(_code(f"{name}-answer", cell, "answer"))
    return cells


def starting_answer(one: Asked, language: str) -> str:
    """The literal of an answer cell before anything is filled in."""
    start = one.exercise.start.get(language)
    if start == "{}" and one.made.key:
        start = "{" + ", ".join(f'"{part.key}": None' for part in one.made.key.parts) + "}"
    if one.exercise.id == "1e" and one.made.words:
        start = "{" + ", ".join(f'"{d}": []' for d in one.made.exhibits["weights"]["department"]) + "}"
    empty = ast.literal_eval(start)
    if not isinstance(empty, dict) or len(empty) < 3:
        return start
    lines = [f"    {json.dumps(k, ensure_ascii=False)}: {v!r}," for k, v in empty.items()]
    return "\n".join(["{", *lines, "}"])


def heading(exercise: Exercise, locale: Locale) -> str:
    return locale.say(
        N_("{id} · {title} ({minutes:n} minutes)"),
        id=exercise.id,
        title=exercise.title.get(locale.language),
        minutes=exercise.minutes,
    )


def question(team: Team, one: Asked, language: str) -> str:
    """The question in Markdown with the facts of the case."""
    exercise = one.exercise
    asked = exercise.question.get(language).strip()
    if exercise.of_a_case and set(exercise.exhibits) == set(one.made.exhibits):
        asked = f"{asked}\n\n{exercise.of_a_case.get(language).strip()}"
    sender = team.case.trade.short[language] if team.case else team.client[language]
    facts = {**one.made.facts, "sender": sender or Locale(language, "CNY").text(N_("the client"))}
    text = team.wording(language).fill(asked, facts, exercise)
    if one.made.key is not None:
        return text
    open_end = N_("Nobody knows the answer on your own data beforehand: look, decide, and give your reasons.")
    return f"{text}\n\n*{Locale(language, 'CNY').text(open_end)}*"


def solution(team: Team, one: Asked, language: str) -> str:
    """The solution in Markdown with the figures of the case; what is right word by word where it is short."""
    if one.made.key is None:
        return Locale(language, "CNY").text(
            N_("No single right answer on own data: judge the reasons given.")
        )
    return (
        team.wording(language)
        .fill(one.exercise.solution.get(language), one.made.solution, one.exercise)
        .strip()
    )


def write_trainer(folder: Path, teams: list[Team], language: str) -> None:
    """The trainer's edition as a notebook: solution of each team, timing, what goes wrong, what to discuss,
    and the cells that mark the class and collect its ballots.
    """
    locale, first = Locale(language, "CNY"), teams[0]
    minutes = sum(one.exercise.minutes for one in first.asked)
    title = locale.say(N_("Trainer's edition · {client}"), client=first.client[language])
    intro = locale.say(
        N_("{count:n} exercises, {minutes:n} minutes. Keep this folder from the class: it holds the key."),
        count=len(first.asked),
        minutes=minutes,
    )
    cells = [
        _prose("intro", f"# {title}\n\n{intro}", "trainer"),
        _code("setup", "import kamplay as kp", "setup"),
    ]
    for step in STEPS:
        asked = [one for one in first.asked if one.exercise.step == step]
        if asked:
            cells.append(_prose(step.replace("_", "-"), f"# {locale.text(TITLES[step])}", "trainer"))
        for one in asked:
            cells.append(_prose(one.exercise.id, _trainer_text(teams, one, language, locale), "solution"))
    mark = locale.text(
        N_(
            "After the class put the teams' folders, as they were handed in, back into students/ and run "
            "this cell."
        )
    )
    cells += [
        _prose("mark", f"## {locale.text(MARKING)}\n\n{mark}", "trainer"),
        _code("mark-cell", f'kp.marks("..", language="{language}")', "trainer"),
    ]
    if first.case is not None:
        cells += _ballot_cells(language, locale)
    _write(folder / f"trainer.{language}.ipynb", cells)


def _ballot_cells(language: str, locale: Locale) -> list[Any]:
    """Where the ballots of the laptops come together."""
    text = locale.text(
        N_(
            "Each laptop saves ballots.csv in its team's folder from the workshop notebook. With the folders "
            "back in students/ this cell shows how far the class agreed on the weights before the discussion "
            "and after it; the teams' names are of different clients and are not compared."
        )
    )
    opened = f'run = kp.open("{CLIENT}", language="{language}")'
    call = f'{opened}\nkp.class_ballots(run, "../students", names=False)'
    return [
        _prose("ballots", f"## {locale.text(AGREEMENT)}\n\n{text}", "trainer"),
        _code("ballots-cell", call, "trainer"),
    ]


def write_workshop(folder: Path, team: Team, language: str) -> None:
    """The notebook of the panel in which a team votes; its ballots stay in the team's folder."""
    locale = Locale(language, "CNY")
    title = locale.text(N_("Workshop · who is key?"))
    first = locale.text(
        N_(
            "First round: each of you plays a department, sets the sliders alone, names up to ten accounts "
            "and captures the ballot as round 1. Save when everybody has voted."
        )
    )
    then = locale.text(
        N_(
            "Then discuss, raise the round to 2, vote again and save. The ballots are kept in ballots.csv "
            "beside this notebook; hand the folder in with them. Exercise 1e is not part of the vote: it is "
            "answered in its own cell or on its sheet."
        )
    )
    cells = [
        _prose("intro", f"# {title}\n\n{first}\n\n{then}", "exercise"),
        _code("setup", f'import kamplay as kp\nrun = kp.open(".", language="{language}")', "setup"),
        _code("panel", 'kp.workshop(run, ballots=".")', "exercise"),
    ]
    _write(folder / f"workshop.{language}.ipynb", cells)


def _trainer_text(teams: list[Team], one: Asked, language: str, locale: Locale) -> str:
    exercise = one.exercise
    lines = [f"## {heading(exercise, locale)}", "", question(teams[0], one, language), ""]
    lines += [f"**{label}** {text}\n" for label, text in notes(exercise, language, locale)]
    own = {team.name: next((x for x in team.asked if x.exercise.id == exercise.id), None) for team in teams}
    told = {
        name: solution(team, found, language)
        for team, (name, found) in zip(teams, own.items(), strict=True)
        if found
    }
    if len(set(told.values())) == 1:
        lines += [f"**{locale.text(SOLUTION)}** {next(iter(told.values()))}"]
    else:
        lines += [f"**{locale.text(SOLUTION)}**", ""]
        lines += [
            "- **{}** {}".format(team_label(name, locale), text.replace("\n\n", " ").replace("\n", " "))
            for name, text in told.items()
        ]
    return "\n".join(lines)


def notes(exercise: Exercise, language: str, locale: Locale) -> list[tuple[str, str]]:
    """What a trainer wants to know of an exercise, with its labels."""
    hints = " ".join(f"{n}. {hint.get(language)}" for n, hint in enumerate(exercise.hints, start=1))
    return [
        (locale.text(N_("How points are given")), exercise.rule.get(language)),
        (locale.text(N_("Hints")), hints),
        (locale.text(N_("What goes wrong")), exercise.goes_wrong.get(language)),
        (locale.text(N_("To discuss")), exercise.discuss.get(language)),
    ]


def _prose(name: str, text: str, tag: str) -> Any:
    return nbformat.v4.new_markdown_cell(text, id=name, metadata={"tags": [tag]})


def _code(name: str, text: str, tag: str) -> Any:
    return nbformat.v4.new_code_cell(text, id=name, metadata={"tags": [tag]})


def _write(path: Path, cells: list[Any]) -> None:
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=KERNEL)
    nbformat.validate(notebook)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8", newline="\n")
