"""How the account team works, shown and said: who holds which role, who does what, the gates from lead to
contract, and where an open demand goes; with the client's own names where they are known.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from kamplay.method.plan.organisation import Organisation
from kamplay.method.plan.step import Plan
from kamplay.method.results import Finding
from kamplay.presets import LEVELS, Strategy
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import MISSING, N_, Locale, missing
from kamplay.show.plan.strategies import level_head, preset_of
from kamplay.show.registry import FindingSpec, register_findings, table
from kamplay.show.table import Column, html_table
from kamplay.show.texts.strategy_texts import DUTIES, GATE_PARTS, LED_BY, capital, led_by
from kamplay.show.view import current

MOST_NAMES = 6  # of a role; the pages of the owners have them all
MOST_AT_GATE = 2
SOURCES = {
    "owners": N_("owners of key accounts, with how many"),
    "visits": N_("visits of head office in 12 months, with how many"),
    "settings": N_("capacity by person"),
    "strategy": N_("named in the strategy"),
}
TO_NAME = N_("to be named")


def _names(staff: Organisation, role: str, locale: Locale) -> list[str]:
    """Who holds a role, each once, those with most first."""
    rows = staff.people[staff.people["role"] == role]
    sums = rows.groupby("person", sort=False)["count"].sum(min_count=1)
    return [str(name) for name in sums.sort_values(ascending=False, kind="stable").index]


@table
def team_table(plan: Plan) -> Display:
    """Every role of the account team: what it answers for, and who holds it today."""
    strategy, locale = preset_of(plan), current().locale
    if strategy is None:
        return NOTHING
    people = plan.organisation.people
    rows = [
        {
            "role": capital(role.get(locale.language)),
            "task": capital(role.task.get(locale.language)),
            "who": _holders(people[people["role"] == key], locale),
            "source": _source(people[people["role"] == key], locale),
        }
        for key, role in strategy.team.every().items()
    ]
    columns = [
        Column("role", N_("Role"), css="keep"),
        Column("task", N_("Answers for"), css="long"),
        Column("who", N_("Held by")),
        Column("source", N_("Known from"), extra=True),
    ]
    measures = [measure.get(locale.language) for measure in strategy.team.measures]
    caption = locale.say(
        N_("The team of a key account. The three leads share one set of measures: {measures}."),
        measures=locale.words(measures, len(measures)),
    )
    return html_table(pd.DataFrame(rows), columns, caption)


def _holders(rows: pd.DataFrame, locale: Locale) -> str:
    """The names, by level where levels are known."""
    if rows.empty:
        return locale.text(TO_NAME)
    parts = []
    for level in [None, *LEVELS]:
        of_level = rows[rows["level"].isna()] if level is None else rows[rows["level"] == level]
        if of_level.empty:
            continue
        named = [
            row.person
            if missing(row.count_)
            else locale.say(N_("{name} ({count:n})"), name=row.person, count=row.count_)
            for row in of_level.rename(columns={"count": "count_"}).itertuples()
        ]
        told = _some(named, MOST_NAMES, locale)
        parts.append(locale.say(N_("{level}: {names}"), level=level, names=told) if level else told)
    return locale.text(N_("; ")).join(parts)


def _some(names: list[str], most: int, locale: Locale) -> str:
    """The first names, and that there are others."""
    shown = locale.text(N_(", ")).join(names[:most])
    rest = len(names) - most
    return (
        locale.say(N_("{names}, {rest:n} {rest:plural|other|others}"), names=shown, rest=rest)
        if rest > 0
        else shown
    )


def _source(rows: pd.DataFrame, locale: Locale) -> str:
    return MISSING if rows.empty else locale.text(SOURCES[rows["source"].iloc[0]])


@table
def duties_table(plan: Plan) -> Display:
    """Who does what in the team of a key account."""
    strategy, locale = preset_of(plan), current().locale
    if strategy is None:
        return NOTHING
    names = strategy.team.names(locale.language)
    rows = [
        {"task": task.get(locale.language)} | {role: task.duties.get(role, "") for role in names}
        for task in strategy.team.raci
    ]
    columns = [Column("task", N_("What is to be done"))]
    columns += [Column(role, capital(name)) for role, name in names.items()]
    duties = locale.text(N_("; ")).join(locale.text(text) for text in DUTIES.values())
    return html_table(pd.DataFrame(rows), columns, locale.say(N_("{duties}."), duties=duties))


@table
def stage_gates_table(plan: Plan) -> Display:
    """What each gate of the selling process asks for, and who leads there."""
    strategy, locale = preset_of(plan), current().locale
    if strategy is None:
        return NOTHING
    named = _with_names(strategy, plan.organisation, locale)
    rows = [
        {"part": locale.text(LED_BY)}
        | {key: capital(led_by(gate, named, locale)) for key, gate in strategy.gates.items()}
    ]
    rows += [
        {"part": locale.text(label)}
        | {key: capital(getattr(gate, part).get(locale.language)) for key, gate in strategy.gates.items()}
        for part, label in GATE_PARTS.items()
    ]
    columns = [Column("part", N_("At the gate"), css="keep")]
    columns += [Column(key, gate.get(locale.language), css="long") for key, gate in strategy.gates.items()]
    caption = N_(
        "From lead to contract: nothing goes through a gate without its output, review and decision."
    )
    return html_table(pd.DataFrame(rows), columns, caption)


def _with_names(strategy: Strategy, staff: Organisation, locale: Locale) -> dict[str, str]:
    """What every role is called, with its names where they are known."""
    out = {}
    for key, role in strategy.team.names(locale.language).items():
        people = _names(staff, key, locale)
        told = _some(people, MOST_AT_GATE, locale)
        out[key] = locale.say(N_("{role} ({names})"), role=role, names=told) if people else role
    return out


@table
def escalation_table(plan: Plan) -> Display:
    """To whom an open demand goes, after how many hours, by level; and what stands there now."""
    strategy, locale = preset_of(plan), current().locale
    if strategy is None or not plan.strategies.tiered:
        return NOTHING
    first = locale.text(N_("Service and the owner of the account"))
    steps = [(-1, first, dict.fromkeys(LEVELS, 0.0))]
    for place, rung in enumerate(strategy.escalation.steps):
        who = capital(rung.get(locale.language))
        if rung.who:
            who = locale.say(N_("{role}: {name}"), role=who, name=rung.who)
        steps.append((place, who, rung.hours))
    now = plan.organisation.rungs
    rows = []
    for place, who, hours in steps:
        here = now[now["rung"] == place]
        owners = [MISSING if missing(name) else str(name) for name in here["person"]]
        told = [
            locale.say(N_("{name} ({count:n})"), name=name, count=count)
            for name, count in zip(owners, here["of_person"], strict=True)
        ]
        rows.append(
            {"who": who, "open": int(here["open"].iloc[0]) if len(here) else 0}
            | {level: hours.get(level) for level in LEVELS}
            | {"owners": _some(told, MOST_NAMES - 3, locale) or MISSING}
        )
    frame = pd.DataFrame(rows)
    columns = [Column("who", N_("Goes to"))]
    columns += [Column(level, level_head(level, locale), "n") for level in LEVELS]
    caption = N_("Hours after its receipt at which a demand that is still open goes up, by level.")
    if plan.service.figures.get("tickets"):
        columns += [
            Column("open", N_("Open there now"), "n"),
            Column("owners", N_("At accounts of"), extra=True),
        ]
        caption = N_(
            "Hours after its receipt at which a demand that is still open goes up, by level; and the open "
            "complaints that belong there by now, without those of lost accounts."
        )
    return html_table(frame, columns, caption)


def _unnamed(finding: Finding, locale: Locale) -> Mapping[str, object]:
    names = finding.figures[locale.language]
    return {"what": locale.words(names, len(names))}


register_findings(
    FindingSpec(
        "team_unnamed",
        "team",
        N_("For {count:n} of the {of:n} roles at key accounts the data name nobody: {what}."),
        actions={
            "name_team": N_(
                "Head of sales: by {due:date} name who holds them, account by account for S and A."
            )
        },
        words=_unnamed,
        on_first_page=False,
    ),
    FindingSpec(
        "team_named", "team", N_("All {count:n} roles at key accounts have names."), on_first_page=False
    ),
)
