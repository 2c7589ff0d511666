"""Sheets to print: each exercise on its own page for those without a laptop, and the trainer's edition."""

from __future__ import annotations

from itertools import accumulate
from pathlib import Path
from typing import Any

from markupsafe import Markup

from kamplay.palette import ACCENT, HAIRLINE, SLATE
from kamplay.show.locale import N_, Locale
from kamplay.teaching.keys.pareto_value import curve
from kamplay.teaching.notebooks import SOLUTION, TITLES, heading, notes, question, solution
from kamplay.teaching.pages import header, on_paper, page, prose, team_label
from kamplay.teaching.teams import Asked, Team
from kamplay.teaching.wording import Wording

WIDE = 12  # columns from which a sheet lies on its side
_CSS = {"account_name": "name", "contact_title": "title", "category": "short", "purpose": "short"}
_CSS |= {"stage": "short", "layer": "short", "sales_entity": "short", "level": "short"}
_CSS |= dict.fromkeys(
    (
        "account_id",
        "opportunity_id",
        "contact_id",
        "date",
        "last_order",
        "expected_close",
        "last_met",
        "confirmed",
        "order_id",
    ),
    "keep",
)
UPRIGHT, ON_ITS_SIDE = 12, 36  # rows of a table that is not divided between two pages
ROOMY = 7  # columns up to which headers have room
MOST_SLOTS = 16  # lines to answer on


def write_sheets(folder: Path, team: Team, language: str) -> None:
    """``sheets.<language>.html`` of a team."""
    locale = Locale(language, "CNY")
    text = page(
        "sheets.html.j2",
        language,
        title=locale.text(N_("Exercises")),
        client=team.client[language],
        team=team_label(team.name, locale),
        answer=locale.text(N_("Answer")),
        signed=[locale.text(N_("Name")), locale.text(N_("Date"))],
        sheets=[_sheet(team, one, language, locale) for one in team.asked],
    )
    (folder / f"sheets.{language}.html").write_text(text, encoding="utf-8", newline="\n")


def _sheet(team: Team, one: Asked, language: str, locale: Locale) -> dict[str, Any]:
    wording, exercise = team.wording(language), one.exercise
    tables = []
    for name, frame in one.made.exhibits.items():
        labels, numeric, lines = wording.cells(frame)
        css = ["num" if n else _CSS.get(c, "") for c, n in zip(frame.columns, numeric, strict=True)]
        caption = exercise.exhibits[name].get(language)
        top, labels = wording.grouped(list(frame.columns), labels)
        starts = set(accumulate(span for _, span in top))  # a group keeps its distance from the one before
        css = [
            f"{c} after" if n in starts or (before and not own) else c
            for n, (c, own, before) in enumerate(zip(css, numeric, [False, *numeric], strict=False))
        ]
        bars = locale.text(N_("The funnel: a bar for each stage")) if name == "stages" else ""
        tables.append(
            {
                "caption": caption,
                "top": top,
                "labels": [header(label) for label in labels],
                "css": css,
                "lines": lines,
                "bars": bars,
                "whole": len(lines) <= (ON_ITS_SIDE if len(labels) >= WIDE else UPRIGHT),
                "many": "many" if len(labels) > ROOMY else "",
            }
        )
    slots = _slots(one, language)
    return {
        "id": f"e{exercise.id}",
        "heading": heading(exercise, locale),
        "question": prose(on_paper(question(team, one, language))),
        "unit": on_paper(exercise.unit.get(language)),
        "tables": tables,
        "curve": Markup(curve_svg(curve(team.source), language)) if exercise.id == "2c" else "",
        "slots": [locale.text(x) for x in NEGOTIATED] if exercise.credit == "negotiation" else slots,
        "scratch": locale.text(N_("Space for working")) if exercise.id in ROOM else "",
        "landscape": any(len(frame.columns) >= WIDE for frame in one.made.exhibits.values()),
        "grid": _grid(one, slots, language, locale) if exercise.credit == "negotiation" else None,
        "short": exercise.credit == "calls",
        "wide": exercise.credit != "calls"
        and (len(slots) <= 3 or any(part.kind == "ids" and part.count != 1 for part in one.made.key.parts))
        if one.made.key
        else True,
    }


NEGOTIATED = (N_("Points given up, all together"), N_("S"), N_("W"))


ROOM = ("0b", "1c", "1d", "2a", "4a")  # exercises that are worked out on paper


def _grid(one: Asked, departments: list[str], language: str, locale: Locale) -> dict[str, Any]:
    """An empty table for new weights and their ranks: department × criterion, the sums of ranks below."""
    criteria = [c for c in one.made.exhibits["weights"].columns if c != "department"]
    wording = Wording(locale)
    return {
        "above": [locale.text(N_("New weights")), locale.text(N_("Their ranks"))],
        "criteria": [wording.header(c, True) for c in criteria],
        "department": wording.header("department"),
        "departments": departments,
        "sum": locale.text(N_("Sum of ranks")),
    }


def _slots(one: Asked, language: str) -> list[str]:
    """What is to be filled in, by name."""
    exercise, key = one.exercise, one.made.key
    listed = next((p.words for p in key.parts), "") if key and key.parts else ""
    if exercise.credit == "negotiation":
        weights = one.made.exhibits["weights"]
        names = exercise.words["departments"]
        return [_of(names, str(d), language) for d in weights["department"]]
    if key and exercise.credit == "above_chance" and len(key.parts) > MOST_SLOTS // 2 and exercise.id == "0a":
        return list(exercise.words[listed])
    if exercise.credit == "calls" and key:
        return [f"{n}." for n in range(1, key.parts[0].count + 1)]
    return [part.label(language) for part in key.parts][:MOST_SLOTS] if key else [""] * 4


def _of(names: dict[str, list[str]], department: str, language: str) -> str:
    own = next(
        (spellings for spellings in names.values() if department in spellings), [department, department]
    )
    return own[min(1, len(own) - 1)] if language == "en" else own[0]


def write_trainer(folder: Path, teams: list[Team], about: dict[str, Any], language: str) -> None:
    """``trainer.<language>.html``: timings, solutions of every team, what goes wrong, what to discuss."""
    locale, first = Locale(language, "CNY"), teams[0]
    exercises = []
    for one in first.asked:
        own = [(t, next((x for x in t.asked if x.exercise.id == one.exercise.id), None)) for t in teams]
        told = [(team_label(t.name, locale), solution(t, x, language)) for t, x in own if x is not None]
        same = len({text for _, text in told}) == 1
        exercises.append(
            {
                "id": f"e{one.exercise.id}",
                "heading": heading(one.exercise, locale),
                "step": locale.text(TITLES[one.exercise.step]),
                "question": prose(on_paper(question(first, one, language))),
                "notes": notes(one.exercise, language, locale),
                "same": prose(told[0][1]) if same else "",
                "by_team": [(name, prose(text)) for name, text in told],
            }
        )
    minutes = sum(one.exercise.minutes for one in first.asked)
    timing = [(o.exercise.id, o.exercise.title.get(language), str(o.exercise.minutes)) for o in first.asked]
    seed = locale.say(
        N_(
            "Seed {seed}, difficulty {difficulty:n}. Whoever knows the seed can make the course and its key "
            "again; keep this folder from the class."
        ),
        seed=str(about["seed"]),
        difficulty=about["difficulty"],
    )
    text = page(
        "trainer.html.j2",
        language,
        title=locale.say(N_("Trainer's edition · {client}"), client=first.client[language]),
        about=locale.say(
            N_("{teams:n} {teams:plural|team|teams}, {minutes:n} minutes"), teams=len(teams), minutes=minutes
        ),
        intro=prose(seed),
        plan=locale.text(N_("The exercises and their minutes")),
        labels=[locale.text(N_("Exercise")), locale.text(N_("What is asked")), locale.text(N_("Minutes"))],
        timing=timing,
        solution=locale.text(SOLUTION),
        exercises=exercises,
    )
    (folder / f"trainer.{language}.html").write_text(text, encoding="utf-8", newline="\n")


WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 720, 420, 76, 36, 44


def curve_svg(cumulative: list[float], language: str) -> str:
    """The concentration curve to read from: accounts across, cumulative share of revenue up, with a grid."""
    locale, n = Locale(language, "CNY"), len(cumulative) - 1
    wide, high = WIDTH - LEFT - 16, HEIGHT - BOTTOM - TOP

    def x(rank: float) -> str:
        return f"{LEFT + wide * rank / n:.1f}"

    def y(share: float) -> str:
        return f"{TOP + high * (1 - share / 100):.1f}"

    step = next(s for s in (5, 10, 20, 50, 100, 200, 500, 1000, 5000, 10**9) if n / s <= 14)
    lines = []
    for share in range(0, 101, 10):
        lines.append(f'<path d="M{LEFT} {y(share)}H{LEFT + wide}" stroke="{HAIRLINE}"/>')
        lines.append(f'<text x="{LEFT - 8}" y="{y(share)}" dy="4" text-anchor="end">{share}%</text>')
    for rank in range(0, n + 1, step):
        lines.append(f'<path d="M{x(rank)} {TOP}V{TOP + high}" stroke="{HAIRLINE}"/>')
        lines.append(f'<text x="{x(rank)}" y="{TOP + high + 18}" text-anchor="middle">{rank}</text>')
    points = " ".join(f"{x(rank)},{y(share)}" for rank, share in enumerate(cumulative))
    across = locale.text(N_("accounts, the largest first"))
    upward = locale.text(N_("share of revenue, cumulative"))
    title = locale.text(N_("Concentration curve: cumulative share of revenue by number of accounts"))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{title}" '
        f'font-size="13" font-family="sans-serif" fill="{SLATE}">{"".join(lines)}'
        f'<polyline points="{points}" fill="none" stroke="{ACCENT}" stroke-width="2.5"/>'
        f'<text x="{LEFT}" y="18" font-weight="600">{title}</text>'
        f'<text x="{LEFT + wide}" y="{HEIGHT - 6}" text-anchor="end">{across}</text>'
        f'<text transform="translate(20 {TOP + high / 2:g}) rotate(-90)" text-anchor="middle">{upward}</text>'
        "</svg>"
    )
