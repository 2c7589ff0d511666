"""Tables of step 3 on early warning: the warnings account by account, and how often such signs were right."""

from __future__ import annotations

from typing import Any

from kamplay.method.early_warning import evidence, stopped, variant
from kamplay.show.display import Display
from kamplay.show.locale import N_, missing
from kamplay.show.sentences.health_warning import NAMES, SHORT, TODO
from kamplay.show.tables.table import Column, named, table, word
from kamplay.show.view import current

MOST = 15


def warnings(health: Any) -> Display:
    """The most severe warnings of accounts that are not on the week's list, each with its figures, its date, revenue and what to do."""
    locale = current().locale
    told = stopped(health.warnings) | health.warnings["account_id"].isin(health.watch.index)
    others = health.warnings[~told]
    rows = others.head(MOST)
    said = [locale.say(SHORT[variant(row)], **evidence(row)) for _, row in rows.iterrows()]
    todo = [locale.text(TODO[sign]) for sign in rows["sign"]]
    rest = [""] * (len(others) - len(rows))  # the table counts what it leaves to the workbook
    shown = named(others.set_index("account_id")[["since", "revenue"]]).assign(said=said + rest, todo=todo + rest)
    columns = [
        Column("name", N_("Account"), lambda text: text),
        Column("said", N_("Warning"), lambda text: text, css="long"),
        Column("since", N_("Since"), "date", css="keep"),
        Column("revenue", N_("Revenue, 12 months"), "money"),
        Column("todo", N_("What to do"), lambda text: text, extra=True, css="long"),
    ]
    return table(
        shown,
        columns,
        N_("Accounts with a sign that are not on the list of this week, the gravest sign first, the larger account first among equals."),
        MOST,
        cards=True,
    )


def warning_record(health: Any) -> Display:
    """How often each sign was right in the past, and how long before the last purchase it showed."""
    locale = current().locale
    frame = health.warning_record
    if frame.empty:
        return table(frame, [], "")
    few = locale.text(N_("too few"))

    def share(row: Any) -> str:
        return locale.percent(row["right"]) if row["enough"] else few

    def between(row: Any) -> str:
        if not row["enough"]:
            return few
        return locale.say(N_("{wolf:pct} ({low:pct} to {high:pct})"), wolf=row["wolf"], low=row["wolf_low"], high=row["wolf_high"])

    def lead(days: Any) -> str:
        if missing(days):
            return "–"
        return locale.say(N_("{days:n} days before") if days >= 0 else N_("{days:n} days after"), days=abs(days))

    rows = [row for _, row in frame.iterrows()]
    shown = frame.assign(right=[share(row) for row in rows], wolf=[between(row) for row in rows])
    columns = [
        Column("sign", N_("Sign"), word(NAMES)),
        Column("raised", N_("Times raised"), "n"),
        Column("right", N_("Then stopped"), lambda text: text),
        Column("base", N_("Picked blindly"), "pct"),
        Column("wolf", N_("False alarms"), lambda text: text, extra=True),
        Column("lead", N_("Seen, against the last purchase"), lead, extra=True),
    ]
    caption = N_(
        "Past warnings and what became of the account. Picked blindly: what chance would have given among the accounts on which the sign could show. In brackets the 95% interval."
    )
    return table(shown, columns, caption)
