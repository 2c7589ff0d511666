"""Table of the account asset map: the accounts that matter, why, and what to do."""

from __future__ import annotations

from typing import Any

import pandas as pd

from kamplay.method.asset_map import MATTER
from kamplay.method.value import Value
from kamplay.show.asset_words import BASIS, REASON, RISK, VALUE
from kamplay.show.display import Display
from kamplay.show.locale import N_, Locale
from kamplay.show.sentences.health_warning import TODO
from kamplay.show.tables.table import ACCOUNT, Column, named, table
from kamplay.show.view import current

GUARD = {
    "leaving": N_("Visit at management level"), "overdue": N_("Collect the overdue amount"), "thin": N_("Renegotiate price and terms"),
    "weak": N_("Shorten terms, secure the credit"), **TODO,
}  # fmt: skip
GROW = {
    "measured": N_("Ask what it takes to win more of its purchases"), "estimated": N_("Find out what it really purchases, then offer"),
    "white_space": N_("Make a targeted offer"), "forecast": N_("Find out whether its growth goes on"),
}  # fmt: skip


def asset_map(value: Value) -> Display:
    """High value at high risk, then low value with high potential; at most eight, as MATTER says."""
    locale = current().locale
    frame = value.asset_map
    kinds = {kind: frame[frame["matters"] == kind].sort_values("place") for kind in MATTER}
    free = {kind: max(0, most - len(kinds[kind])) for kind, most in MATTER.items()}
    shown = pd.concat([rows.head(MATTER[kind] + sum(free.values()) - free[kind]) for kind, rows in kinds.items()])
    rows = [_row(row, locale) for row in shown.to_dict("records")]
    shown = named(shown).assign(**{c: [r[c] for r in rows] for c in ("could", "danger", "todo")})
    columns = [
        ACCOUNT,
        Column("level", N_("Level"), extra=True),
        Column("value", N_("Contribution"), "money"),
        Column("could", N_("Potential, and from where")),
        Column("danger", N_("Risk, and why")),
        Column("todo", N_("What to do"), css="long"),
    ]
    if (shown["level"] == "").all():
        columns = [c for c in columns if c.key != "level"]
    on = frame["value_on"][frame["value_on"] != "extended"]
    caption = N_("The accounts that matter: first high contribution at high risk, then little contribution with much potential. Contribution is {value} of the last 12 months; risk is high where a clear warning sign of section 3 shows, leaving is all but certain, or the books say so. Nobody is listed for growth who shows a warning sign, or has to pay or to agree on terms first.")  # fmt: skip
    return table(
        shown,
        columns,
        locale.say(caption, value=locale.text(VALUE[on.iloc[0]]) if len(on) else ""),
        most=sum(MATTER.values()),
    )


def _row(row: dict[Any, Any], locale: Locale) -> dict[str, str]:
    potential = locale.say(N_("{amount:money} ({why})"), amount=row["potential"], why=locale.text(BASIS[row["potential_on"]])) if row["potential_on"] else "–"  # fmt: skip
    danger = locale.text(RISK[row["risk_band"]])
    if row["reason"]:
        danger = locale.say(N_("{risk} ({why})"), risk=danger, why=locale.text(REASON[row["reason"]]))
    todo = GUARD[row["reason"]] if row["matters"] == "guard" else GROW[row["potential_on"]]
    return {"could": potential, "danger": danger, "todo": locale.text(todo)}
