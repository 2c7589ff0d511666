"""What a participant calls: ``kp.course`` opens the team's folder, ``kp.exhibit`` shows a table, ``kp.check``
says how far an answer is right and keeps it. Offline, and without the answers: the key is sealed.
"""

from __future__ import annotations

import ast
import json
import math
import re
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd

from kamplay.errors import Fault, KamplayError
from kamplay.palette import BAD, GOOD, SLATE, WARN
from kamplay.show.display import Display, sentence
from kamplay.show.locale import N_, Locale
from kamplay.teaching.answer_files import COURSE, read_answers, write_answer
from kamplay.teaching.answers import Part, Refused, blank, plain
from kamplay.teaching.exhibit import read_exhibit
from kamplay.teaching.grading import FULL, Grade, PartGrade, grade, sealed_key
from kamplay.teaching.pages import team_label
from kamplay.teaching.registry import Exercise, exercises
from kamplay.teaching.slips import watch

EXHIBITS = "exhibits"
_HAN = re.compile(r"[\u3400-\u9fff]")
_CODE = re.compile(r"`([^`\n]*)`")
_opened: dict[str, Any] = {}  # the folder and the language of this session

REFUSALS = {
    "number": N_("Write a number in digits, such as 9 or 12.5."),
    "number_comma": N_("Leave the comma out of the number: {value} is read as several numbers."),
    "decimal_comma": N_("“{value}”: write decimals behind a point, and no comma: {example}."),
    "word": N_('Write one word in quotes, such as "…".'),
    "word_unknown": N_("“{value}” is none of the words asked for: {words}."),
    "word_of_another": N_("“{value}” belongs to another place: here it is one of {words}. Mind the order."),
    "no_customer_id": N_(
        "“{value}” is not the number of an account. Write the number, such as {example}, not the name."
    ),
    "no_deal_id": N_(
        "“{value}” is not the number of a deal. Write one such as {example}, with the letter O."
    ),
    "no_contact_id": N_(
        "“{value}” is not the number of a contact. Write the number, such as {example}, not the name."
    ),
    "names": N_('Write the numbers in quotes within brackets, such as ["C0001", "C0002"].'),
    "two_names": N_('Write two different names in quotes within brackets: ["…", "…"].'),
    "two_numbers": N_("Write two numbers within brackets, such as [2, 1], or 0 for none."),
    "too_many": N_("Here {count:n} {count:plural|is|are} asked for at most; {given:n} are given."),
    "dict": N_("Keep the answer cell as it was, with an answer behind each colon: {pattern}."),
    "list_of": N_("Write {count:n} answers within brackets: {pattern}."),
    "part_unknown": N_("“{value}” is not asked for."),
    "named_twice": N_("“{value}” is named twice."),
    "all_departments": N_("All {count:n} departments are needed, each once."),
    "too_long": N_("The answer is too long."),
    "form": N_("Write numbers, words in quotes, or several of them within brackets."),
}


class Feedback(Display):
    """What ``kp.check`` says; ``verdict`` and ``credit`` (0 to 1) for whoever wants them."""

    def __init__(self, text: str, html: str, verdict: str, credit: float):
        super().__init__(html, text)
        object.__setattr__(self, "verdict", verdict)
        object.__setattr__(self, "credit", credit)

    def __repr__(self) -> str:
        return self.text


def course(folder: str | Path = ".", language: str | None = None) -> Display:
    """Open a team's folder for this session and say whose case it is."""
    place = Path(folder).resolve()
    found = _course(place)
    _opened.update(folder=place, language=language or found["languages"][0])
    locale = _locale()
    watch(locale)
    return sentence(
        locale.say(
            N_(
                "{client} · {team} · {count:n} exercises; answers are kept in answers.json "
                "beside this notebook."
            ),
            client=found["client"][locale.language],
            team=team_label(found["team"], locale),
            count=len(found["exercises"]),
        )
    )


def exhibit(exercise: str, name: str | None = None) -> pd.DataFrame | Display:
    """A table that an exercise is solved from, to look at, sort and compute with."""
    locale, known = _locale(), exercises().get(exercise)
    names = list(known.exhibits) if known else []
    name = name or next(iter(names), "")
    path = _place() / EXHIBITS / exhibit_file(exercise, name, locale.language)
    if name not in names or not path.is_file():
        return sentence(
            locale.say(N_("There is no table {name} for exercise {id}."), name=name, id=str(exercise)[:20])
        )
    return read_exhibit(path)


def exhibit_file(exercise: str, name: str, language: str) -> str:
    """The file of an exhibit."""
    return f"{exercise}_{name}.{language}.csv"


def check(exercise: str, answer: Any = None) -> Feedback:
    """Say how far an answer is right, with the next hint, and keep it. Never says what is right.

    Parameters
    ----------
    exercise : its id, such as "1a".
    answer : a number, a text, a list or a dict, as the exercise asks; None or an empty one is no answer yet.
    """
    locale = _locale()
    known, place = exercises().get(exercise), _place()
    found = _course(place)
    own = found["exercises"].get(exercise) if isinstance(exercise, str) else None
    if own is None or known is None:
        return _said(
            locale,
            [locale.say(N_("Exercise {id} is not part of this course."), id=str(exercise)[:20])],
            "blank",
            0.0,
        )
    if blank(answer):
        text = locale.say(N_("{id}: no answer yet. Fill in the cell and run it again."), id=exercise)
        return _said(locale, [text], "blank", 0.0)
    try:
        answer = plain(answer)
    except Refused as refused:
        return _unreadable(exercise, known, refused, locale)
    if own["sealed"] is None:
        _keep(place, found, exercise, answer, 1)
        text = locale.say(
            N_("{id}: kept. There is no single right answer; it is discussed in class."), id=exercise
        )
        return _said(locale, [text], "kept", 0.0)
    parts = tuple(Part(**part) for part in own["parts"])
    key = sealed_key(own["sealed"])

    def graded(value: Any) -> Grade:
        return grade(parts, known.credit, value, own["words"], **key)

    result = graded(answer)
    if result.verdict == "unreadable":
        return _unreadable(exercise, known, result.refused or _first_refusal(result, locale), locale)
    before = read_answers(place, [exercise])
    kept, last = before.answers.get(exercise), before.last.get(exercise)
    tries = before.tries.get(exercise, 0)
    earlier = graded(kept).credit if kept is not None else 0.0
    better = earlier > result.credit
    if missing := _missing(known, result):  # what is told of the others would be told without a try
        _keep(place, found, exercise, kept if better else answer, tries, last)
        return _not_counted(exercise, known, missing, locale)
    done = earlier >= FULL
    tries += not (answer in (kept, last) or result.verdict == "right" or done)
    _keep(place, found, exercise, kept if better else answer, tries, answer)
    if known.credit == "calls" and result.verdict != "right" and not done and not _counted(result, tries):
        return _said(locale, _uncounted(exercise, known, tries, locale), "kept", 0.0)
    lines = _lines(exercise, known, result, tries, locale)
    if better:
        told = ALL_EARNED if done else EARLIER
        lines[:1] = [locale.say(WORSE, id=exercise), locale.say(told, credit=earlier)]
        if known.credit == "calls":
            lines.insert(2, locale.text(EXTRA_CALLS))
    return _said(locale, lines, result.verdict, result.credit)


def _keep(
    place: Path, found: dict[str, Any], exercise: str, answer: Any, tries: int, last: Any = None
) -> None:
    write_answer(place, found["team"], exercise, answer, tries, last, str(found.get("case", "")))


# Of calls it is told how many are right at every third try and from ten accounts on: else whoever puts one
# account in the place of another would find all of them without looking at the table.
COUNTED_FROM, COUNTED_EVERY = 10, 3
WORSE = N_("{id}: not better than before.")
EARLIER = N_(
    "Your earlier answer earned more ({credit:pct} of the points) and counts; this one is a wrong try."
)
EXTRA_CALLS = N_("A call that is wrong lowers the points.")
ALL_EARNED = N_("Your earlier answer earned all points and counts; this one is not counted as a try.")


def _missing(known: Exercise, result: Grade) -> list[PartGrade]:
    """Places that cannot be read and, where it is told how many are right, those left unfilled."""
    whole = known.tell == "count"
    return [g for g in result.parts if not g.answered and (whole or g.note.startswith("refused:"))]


def _named(result: Grade) -> int:
    return int((result.parts[0].figures or {}).get("called", 0)) if result.parts else 0


def _counted(result: Grade, tries: int) -> bool:
    return _named(result) >= COUNTED_FROM and tries % COUNTED_EVERY == 0


def _uncounted(exercise: str, known: Exercise, tries: int, locale: Locale) -> list[str]:
    text = N_(
        "{id}: not all points yet; your best list is kept. How many are right is told at every third wrong "
        "try with {count:n} accounts or more; wrong tries so far: {tries:n}."
    )
    told = locale.say(text, id=exercise, count=COUNTED_FROM, tries=tries)
    return [told, *_hint(known, set(), False, tries, locale)]


def _lines(exercise: str, known: Exercise, result: Grade, tries: int, locale: Locale) -> list[str]:
    right = N_("{found:n} of {called:n} right.")
    if known.credit == "calls":
        counted = [locale.say(right, **(g.figures or {})) for g in result.parts]
    elif known.tell == "count":
        found = sum(g.credit >= 1 for g in result.parts)
        counted = [locale.say(right, found=found, called=len(result.parts))]
    else:
        counted = []
    if result.verdict == "right":
        shown = counted if known.credit == "calls" else []
        return [locale.say(N_("{id}: right. Your answer is kept."), id=exercise), *shown]
    partly = (
        N_(
            "{id}: partly right, {credit:pct} of the points after deducting what guessing gives. Your answer "
            "is kept."
        )
        if known.credit in ("above_chance", "calls")
        else N_("{id}: partly right, {credit:pct} of the points. Your answer is kept.")
    )
    lines = [
        locale.say(partly, id=exercise, credit=result.credit)
        if result.verdict == "partly"
        else locale.say(N_("{id}: not yet. Your answer is kept; you may change it."), id=exercise)
    ]
    lines += counted
    if known.credit != "calls" and (not counted or tries > len(known.hints)):
        lines += [_part_line(g, known, locale) for g in result.parts]
    elif known.credit != "calls":
        left = N_("You are told which ones after {tries:n} wrong tries; these are shown with the marks.")
        lines.append(locale.say(left, tries=len(known.hints) + 1))
    # the remark on a unit is hint enough
    wrong = {g.part.key for g in result.parts if g.credit < 1 and g.note != "unit"}
    if not wrong:
        return lines
    return [*lines, *_hint(known, wrong, len(wrong) < len(result.parts), tries, locale)]


def _hint(known: Exercise, wrong: set[str], some_right: bool, tries: int, locale: Locale) -> list[str]:
    """The next hint about what is still wrong."""
    own = [h for h in known.hints if not wrong or not h.parts or wrong & set(h.parts)]
    if some_right and any(h.parts for h in own):
        own = [h for h in own if h.parts]
    if not own:
        return []
    hint = own[min(max(tries, 1), len(own)) - 1]
    return [locale.say(N_("Hint: {hint}"), hint=hint.get(locale.language))]


def _part_line(found: PartGrade, known: Exercise, locale: Locale) -> str:
    label = found.part.label(locale.language)
    if not found.answered and not found.note:
        return locale.say(N_("– {part}: no answer"), part=label)
    if found.note.startswith("refused:"):
        why = locale.say(
            REFUSALS[found.note.partition(":")[2]], **_plain_figures(found.figures or {}, locale)
        )
        return locale.say(N_("× {part}: {why}"), part=label, why=why)
    if found.credit >= 1:
        return f"✓ {label}"
    if found.note == "unit":
        return locale.say(N_("½ {part}: the figure is right, its unit is not"), part=label)
    if found.part.key == "within" and found.figures:
        text = N_("× {part}: {spent:n} given up, {budget:n} allowed")
        return locale.say(text, part=label, **{k: found.figures[k] for k in ("spent", "budget")})
    if found.part.key == "agreed" and found.figures:
        w = math.floor(1000 * found.figures["w"] + 1e-9) / 1000  # never rounded up to what is asked for
        return locale.say(N_("× {part}: it is {w:n3} so far"), part=label, w=w)
    if found.part.key == "sums" and found.figures:
        return locale.say(N_("× {part}: {why}"), part=label, why=_off(found.figures, known, locale))
    if found.note in known.mistakes:
        why = known.mistakes[found.note].get(locale.language)
        return locale.say(N_("× {part}: {why}"), part=label, why=why)
    if found.credit > 0:
        return locale.say(N_("½ {part}: some of it is right"), part=label)
    return f"× {label}"


def _off(figures: Mapping[str, Any], known: Exercise, locale: Locale) -> str:
    """The departments whose weights do not add up to 100, with their sums, and those with one below 0."""

    def name(key: str) -> str:
        spellings = known.words["departments"].get(key, [key])
        return spellings[min(len(spellings) - 1, int(locale.language == "en"))]

    told = [f"{name(d)} {locale.number(total, 0)}" for d, total in figures["off"].items()]
    if figures["below"]:
        names = _joined([name(d) for d in figures["below"]], locale)
        told.append(locale.say(N_("a weight below 0: {names}"), names=names))
    return _joined(told, locale)


def _joined(words: list[str], locale: Locale) -> str:
    return ("、" if locale.language == "zh" else ", ").join(words)


def _unreadable(exercise: str, known: Exercise, refused: Refused, locale: Locale) -> Feedback:
    figures = dict(refused.figures)
    if refused.code == "dict":
        figures["pattern"] = _pattern(known, locale.language)
    why = locale.say(REFUSALS[refused.code], **_plain_figures(figures, locale))
    if refused.part:
        why = locale.say(N_("{part}: {why}"), part=refused.part, why=why)
    form = locale.say(N_("Asked for: {form}"), form=known.unit.get(locale.language))
    lines = [
        locale.say(
            N_("Exercise {id} cannot be read, and is not counted as a try. {why}"), id=exercise, why=why
        ),
        form,
    ]
    return _said(locale, lines, "unreadable", 0.0)


def _not_counted(exercise: str, known: Exercise, missing: list[PartGrade], locale: Locale) -> Feedback:
    """What of an answer cannot be read or is not filled in; the rest is told when all of it is there."""
    refused = [g for g in missing if g.note]
    unfilled = [g for g in missing if not g.note]
    head = (
        N_("Exercise {id} cannot be read in places, and is not counted as a try.")
        if refused
        else N_("Exercise {id} is not complete, and is not counted as a try. What you have is kept.")
    )
    lines = [locale.say(head, id=exercise), *(_part_line(g, known, locale) for g in refused)]
    if unfilled:
        text = (
            N_("– no answer (write 0 for no visit): {parts}")
            if unfilled[0].part.kind == "visits"
            else N_("– no answer: {parts}")
        )
        names = [g.part.label(locale.language) for g in unfilled]
        lines.append(locale.say(text, parts=_joined(names, locale)))
    lines.append(locale.say(N_("Asked for: {form}"), form=known.unit.get(locale.language)))
    return _said(locale, lines, "unreadable", 0.0)


def _pattern(known: Exercise, language: str) -> str:
    """The beginning of the answer cell, with … for what is to be typed."""
    empty = ast.literal_eval(known.start.get(language)) or {"C0001": [] if known.id == "4a" else None}
    shown = [f'"{k}": {"[…, …]" if v == [] else "…"}' for k, v in list(empty.items())[:2]]
    return "{" + ", ".join(shown) + ", …}"


def _plain_figures(figures: Any, locale: Locale) -> dict[str, Any]:
    """Of each word that is allowed the first spelling in the language."""
    words = [
        next((s for s in own if bool(_HAN.match(s)) == (locale.language == "zh")), own[0])
        for own in figures.get("words", [])
    ]
    joined = _joined(words, locale)
    usual = {"count": 0, "given": 0, "value": "", "example": ""}
    listed = "[" + ", ".join("…" * figures.get("count", 0)) + "]"
    return {**usual, "pattern": listed, **figures, "words": joined}


def _first_refusal(result: Grade, locale: Locale) -> Refused:
    """Why nothing could be read; the part is named where there are several."""
    bad = next(g for g in result.parts if g.note.startswith("refused:"))
    part = bad.part.label(locale.language) if len(result.parts) > 1 else ""
    return Refused(bad.note.partition(":")[2], part, **dict(bad.figures or {}))


_COLOURS = {"right": GOOD, "partly": WARN, "not_yet": BAD, "unreadable": BAD}


def _said(locale: Locale, lines: list[str], verdict: str, credit: float) -> Feedback:
    colour = _COLOURS.get(verdict, SLATE)
    first, *rest = (_CODE.sub(r"<code>\1</code>", escape(line)) for line in lines)
    body = "".join(f"<div>{line}</div>" for line in rest)
    style = f"border-left:4px solid {colour};padding:2px 10px;line-height:1.6"
    html = f'<div style="{style}"><b>{first}</b>{body}</div>'
    return Feedback(_CODE.sub(r"\1", "\n".join(lines)), html, verdict, credit)


def _place() -> Path:
    if "folder" not in _opened or not (_opened["folder"] / COURSE).is_file():
        course(".")
    return Path(_opened["folder"])


def _locale() -> Locale:
    if "language" not in _opened:
        course(".")
    return Locale(_opened["language"], "CNY")


def _course(folder: Path) -> dict[str, Any]:
    path = folder / COURSE
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise KamplayError(Fault("course_not_found", file=str(path))) from None
    return dict(found)
