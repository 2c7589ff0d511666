"""Table of step 3: for each key account how far its people are known, and whom to reach through whom."""

from __future__ import annotations

from typing import Any

import pandas as pd

from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_, Locale, missing
from kamplay.show.tables.table import ACCOUNT, Column, named, table, word
from kamplay.show.view import current

THREADS = {"visits": N_("one person visited"), "supporter": N_("one supporter")}
STEPS = {
    "meet_successor": N_("Meet the successor of {target}"),
    "win_decision": N_("Win over {target}"),
    "open_decision": N_("Find out who decides"),
    "second_thread": N_("Open a second contact: {target}"),
    "revisit": N_("Visit {target} again"),
    "open_layer": N_("Get to know somebody in the {layer} layer"),
    "confirm": N_("Confirm who is still there"),
    "keep": N_("Keep up the contact"),
}
OPENED = ("meet_successor", "win_decision", "open_decision", "second_thread", "open_layer")  # steps that somebody can open the door to
# in the running text of a cell, where a label's capital would be out of place
LAYERS = {"image": N_("image"), "decision": N_("decision"), "implementation": N_("implementation"), "use": N_("use")}


def relationship(health: Any) -> Display:
    """Key accounts, the gravest first: layers covered, supporters, single thread, last visit, what to do."""
    result = health.relationship
    if not result.figures:
        return NOTHING
    frame = result.relations[result.relations["key"]]
    locale = current().locale
    people = result.people["label"]
    frame = frame.assign(step=[_step(row, people, locale) for _, row in frame.iterrows()])
    columns = [
        ACCOUNT,
        Column("layers", N_("Layers known, of 4"), "n", extra=True),
        Column("supporters", N_("Supporters"), "n"),
        Column("thread", N_("Single thread"), word(THREADS), extra=True),
        Column("days", N_("Last visit, days ago"), "n", extra=True),
        Column("step", N_("What to do first"), css="long"),
    ]
    said = N_("Key accounts, the weight of their alarms times their revenue deciding the order. Supporters: stance 1 or 2, still there.")
    return table(named(frame), columns, said, most=15)


def _step(row: pd.Series, people: pd.Series, locale: Locale) -> str:
    """What to do first and who opens the door: a supporter, or our own management where there is none."""
    layer = LAYERS[row["missing"].split(";")[0]] if row["missing"] else ""
    target = people.get(row["target"], "") if not missing(row["target"]) else ""
    said = locale.say(STEPS[row["do"]], target=target, layer=locale.text(layer) if layer else "")
    if row["do"] not in OPENED:
        return said
    if missing(row["through"]):
        return locale.say(N_("{step}; no supporter to open the door, so an executive of ours asks"), step=said)
    return locale.say(N_("{step}, through {door}"), step=said, door=people[row["through"]])
