"""The tables that were not delivered, and the cost of the lines, and what each would add."""

from __future__ import annotations

import pandas as pd

from kamplay.method.check.step import Check
from kamplay.method.value.step import Value
from kamplay.show.display import Display, sentence
from kamplay.show.locale import N_
from kamplay.show.table import Column, html_table
from kamplay.show.view import current

COST = N_("Cost of each line")
PROFIT = N_("profit by account; revenue alone cannot tell a key account from an expensive one")


def missing_inputs(check: Check, value: Value) -> Display:
    """One row for each table that was not delivered, the first for the cost of the lines where it is unknown;
    a sentence where none is missing.
    """
    locale = current().locale
    # decisions by hand are made on the report, not delivered for it
    missing = check.tables[~check.tables["delivered"].astype(bool) & (check.tables["table"] != "overrides")]
    without_cost = value.finding("margin_unknown") is not None
    if missing.empty and not without_cost:
        return sentence(locale.text(N_("Every table that the method knows was delivered.")))
    frame = missing.assign(label=missing[locale.language], adds=missing[f"unlocks_{locale.language}"])
    if without_cost:
        cost = pd.DataFrame({"label": [locale.text(COST)], "adds": [locale.text(PROFIT)]})
        frame = pd.concat([cost, frame[["label", "adds"]]], ignore_index=True)
    columns = [Column("label", N_("Not delivered")), Column("adds", N_("What it would add"))]
    return html_table(frame, columns, N_("What was not delivered, and what each would add."))
