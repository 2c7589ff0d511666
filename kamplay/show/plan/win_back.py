"""Who stopped and is to be won back or closed, with the day of the last order."""

from __future__ import annotations

import pandas as pd

from kamplay.method.plan.step import Plan
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_
from kamplay.show.registry import table
from kamplay.show.table import ACCOUNT, Column, html_table, with_names
from kamplay.show.view import current

ROWS = 10
WHEN = {True: N_("within 12 months"), False: N_("earlier")}


@table
def win_back_table(plan: Plan) -> Display:
    """The large accounts that are lost or have plainly stopped, who stopped last first."""
    found, locale = plan.finding("win_back_list"), current().locale
    rows = plan.units[plan.units["win_back"].astype(bool)]
    if rows.empty or found is None or not current().one_by_one:
        return NOTHING
    rows = rows.sort_values("last_order", ascending=False, kind="stable")
    lately = rows["last_order"] > pd.Timestamp(found.figures["year_from"])
    rows = with_names(rows).assign(when=[locale.text(WHEN[bool(one)]) for one in lately])
    columns = [
        ACCOUNT,
        Column("when", N_("Stopped")),
        Column("last_order", N_("Last order"), "date", css="keep"),
        Column("brought", N_("Year up to it"), "money"),
        Column("due", N_("Decide by"), "date", css="keep", extra=True),
        Column("owner", N_("Owner"), css="keep"),
    ]
    if rows["owner"].isna().all():
        columns = columns[:-1]
    caption = N_(
        "Large accounts that are lost or have plainly stopped, the last to stop first: to be won back or "
        "closed. Large: {large_from:money} or more in the year up to the last purchase, less what came back: "
        "in the upper fifth of accounts, and at least 0.1% of the {all_brought:money} that all accounts "
        "brought in that year of theirs. Accounts that ordered on one day alone are left out."
    )
    return html_table(rows, columns, locale.say(caption, **found.figures), most=ROWS)
