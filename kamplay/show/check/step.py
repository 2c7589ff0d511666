"""What was read: the sources, the months, what was assumed in reading them, and where they have gaps."""

from __future__ import annotations

import json
from pathlib import PurePath
from typing import TYPE_CHECKING

import numpy as np

from kamplay.codebook import codebook
from kamplay.errors import Fault
from kamplay.method.check.step import Check
from kamplay.method.results import Finding
from kamplay.palette import BAD, PALE
from kamplay.show.charts.chart import draw_chart, money_axis, month_axis
from kamplay.show.display import NOTHING, Display
from kamplay.show.faults import problem
from kamplay.show.locale import N_, Locale, missing
from kamplay.show.registry import FindingSpec, chart, register_findings, table
from kamplay.show.table import Column, html_table
from kamplay.show.view import View, current

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@table
def readings_table(check: Check) -> Display:
    """Each source with what became of its rows."""
    columns = [
        Column("file", N_("Source")),
        Column("sheet", N_("Sheet"), extra=True),
        Column("rows", N_("Rows"), "n"),
        Column("set_aside", N_("Set aside"), "n"),
        Column("void", N_("Void"), "n"),
        Column("blank", N_("Blank"), "n", extra=True),
        Column("totals", N_("Sum rows"), "n", extra=True),
        Column("page_rows", N_("Page rows"), "n", extra=True),
        Column("repeated", N_("Repeats"), "n", extra=True),
        Column("used", N_("Used"), "n"),
        Column("unused", N_("Columns not used"), extra=True),
    ]
    return html_table(
        check.readings,
        columns,
        N_(
            "How each source was read: rows set aside by the engagement's own filter, void lines, blank "
            "rows, sum rows, rows of the page (repeated headers, footers), exact repeats."
        ),
    )


@table
def assumed_table(check: Check) -> Display:
    """What was dropped, kept or taken for something while reading: every warning of the intake, with its
    count.
    """
    locale = current().locale
    labels = {name: spec.labels[locale.language] for name, spec in codebook().items()}
    faults = [
        Fault(
            row.code,
            "warning",
            table=row.table,
            column=row.column,
            value=row.value,
            count=row.count,
            args=json.loads(row.args),
        )
        for row in check.assumed.itertuples()
    ]
    frame = check.assumed.assign(
        label=check.assumed["table"].map(labels),
        source=[_source(row.file, row.sheet) for row in check.assumed.itertuples()],
        said=[problem(f, locale) for f in faults],
    )
    columns = [
        Column("label", N_("Table")),
        Column("source", N_("Source")),
        Column("column", N_("Column")),
        Column("value", N_("Value")),
        Column("count", N_("Rows"), "n"),
        Column("said", N_("What was noticed"), css="long"),
    ]
    return html_table(
        frame, columns, N_("What was dropped, kept or taken for something while reading."), most=30
    )


def _source(file: str | None, sheet: str | None) -> str:
    """The file by its name, without the folder it lies in, and its sheet; a doubt about all has none."""
    name = "" if missing(file) else PurePath(str(file)).name
    return name if missing(sheet) or not sheet else f"{name}#{sheet}"


def _when(finding: Finding, locale: Locale) -> dict[str, object]:
    """How soon the orders were credited: on their day, later, or some so and some so."""
    same_day, orders = finding.figures["same_day"], finding.figures["orders"]
    said = N_(", {same_day:n} on the same day, the others up to {span:n} days later")
    if same_day in (0, orders):
        said = N_(", on the same day") if same_day else N_(", up to {span:n} days later")
    return {"when": locale.say(said, **finding.figures)}


def _files(finding: Finding, locale: Locale) -> dict[str, object]:
    return {"files": locale.words(finding.figures["files"])}


@chart
def months_chart(check: Check) -> Display:
    """Sales by month over the whole history; months without a sale are marked."""
    view, table = current(), check.months
    if table.empty:
        return NOTHING
    amounts, dates = table["amount"].to_numpy(), table["month_end"].tolist()

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        import seaborn as sns

        places = np.arange(len(amounts))
        sns.barplot(
            x=places,
            y=amounts,
            hue=places >= len(amounts) - 12,
            palette={True: view.accent, False: PALE},
            width=0.78,
            saturation=1,
            errorbar=None,
            legend=False,
            ax=axes,
        )
        for place in np.flatnonzero(table["orders"].to_numpy() == 0):
            axes.text(float(place), 0, "×", ha="center", va="bottom", color=BAD)
        axes.set(xlabel="", ylabel=money_axis(axes.yaxis, view, abs(amounts).max()))
        axes.grid(axis="y")
        month_axis(axes, view, dates, narrow)

    caption = view.locale.say(
        N_("Net sales by month; the last 12 months in colour, months without a sale marked ×.")
    )
    low, high = table["amount"].idxmin(), table["amount"].idxmax()
    alt = view.locale.say(
        N_("Monthly net sales from {start} to {end}, between {low:money} and {high:money}."),
        start=view.locale.month(dates[0]),
        end=view.locale.month(dates[-1]),
        low=table["amount"][low],
        high=table["amount"][high],
    )
    return draw_chart(draw, caption, alt)


ASK_FOR_MONTHS = {
    "ask_for_months": N_(
        "Sales operations: deliver the missing months, or confirm that nothing was sold, before these "
        "figures are used."
    )
}
ASK_FOR_HISTORY = {
    "ask_for_history": N_("Sales operations: provide at least 24 months of sales for the next report.")
}

register_findings(
    FindingSpec(
        "coverage",
        "coverage",
        N_(
            "{rows:n} lines of {accounts:n} accounts from {first_date:date} to {last_date:date} were "
            "read; the last 12 months come to {revenue:money}."
        ),
    ),
    FindingSpec(
        "orders_undone",
        "coverage",
        N_(
            "{orders:n} {orders:plural|order|orders} of {count:n} {count:plural|account|accounts}, worth "
            "{amount:money}, {orders:plural|was|were} credited in full{when}. "
            "{orders:plural|It is|They are} taken as undone: no purchase, "
            "and the credit no return of goods; what was invoiced in place of "
            "{orders:plural|it|them} counts on its own day. Revenue is as booked. Most of it is {first}'s."
        ),
        unnamed=N_(
            "{orders:n} {orders:plural|order|orders} of {count:n} {count:plural|account|accounts}, worth "
            "{amount:money}, {orders:plural|was|were} credited in full{when}. "
            "{orders:plural|It is|They are} taken as undone: no purchase, "
            "and the credit no return of goods; what was invoiced in place of "
            "{orders:plural|it|them} counts on its own day. Revenue is as booked."
        ),
        words=_when,
    ),
    FindingSpec(
        "after_as_of",
        "coverage",
        N_(
            "A further {rows:n} lines worth {amount:money}, up to {last_date:date}, are dated after "
            "the reporting date and not counted."
        ),
    ),
    FindingSpec(
        "files_not_used",
        "coverage",
        N_("{count:n} {count:plural|file was|files were} delivered and not used: {files}."),
        words=_files,
    ),
    FindingSpec(
        "months_empty",
        "gaps",
        N_(
            "{count:n} {count:plural|month has|months have} no sale at all ({first_date:date} to "
            "{last_date:date}): were these months delivered?"
        ),
        actions=ASK_FOR_MONTHS,
        rank=44,
    ),
    FindingSpec(
        "history_short",
        "gaps",
        N_("The data cover {months:n} months; year-on-year movement needs {needed:n}."),
        actions=ASK_FOR_HISTORY,
    ),
    FindingSpec(
        "unassigned",
        "gaps",
        N_(
            "{rows:n} lines worth {amount:money} ({share:pct} of the total) name no account and are "
            "left out of every account's figures."
        ),
        actions={
            "assign_accounts": N_("Sales operations: assign these lines to accounts for the next report.")
        },
    ),
    FindingSpec(
        "repeated_lines",
        "gaps",
        N_(
            "{rows:n} lines repeat another to the letter ({amount:money}); they are kept and counted "
            "until someone confirms them."
        ),
        actions={
            "confirm_repeats": N_(
                "Sales operations: say before the next report whether these lines are real or were "
                "exported twice."
            )
        },
    ),
    FindingSpec(
        "no_gaps",
        "gaps",
        N_(
            "No gaps: every month from the first sale to the reporting date has sales, and every "
            "line names its account."
        ),
    ),
)
