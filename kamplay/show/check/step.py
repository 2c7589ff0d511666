"""Tables of step 0: what was read, whether it reconciles, what it carries."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from kamplay.codebook import codebook
from kamplay.errors import Fault
from kamplay.method.check.step import Check
from kamplay.method.results import Finding
from kamplay.show.chart import BAD, PALE, draw_chart, money_axis, month_axis
from kamplay.show.display import NOTHING, Display
from kamplay.show.faults import problem
from kamplay.show.locale import N_, Locale
from kamplay.show.registry import FindingSpec, chart, register_findings, table
from kamplay.show.table import Column, html_table, word
from kamplay.show.view import View, current
from kamplay.show.vocabulary import CAUSES, LACKING, RECONCILIATION, STEPS, VERDICTS

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@table
def reconciliation_table(check: Check) -> Display:
    """From every line read to the revenue of the 12 months, and to the ledger where its total is known."""
    frame = check.bridge.assign(item=check.bridge["item"].map(word(RECONCILIATION)))
    return html_table(
        frame,
        [Column("item", N_("Step")), Column("amount", N_("Amount"), "money")],
        N_("From all lines read to the revenue of the last 12 months."),
    )


@table
def ledger_table(check: Check) -> Display:
    """Each period that the ledger states: read, in the books, and the difference. Nothing for a single total:
    the bridge shows it.
    """
    if len(check.ledger) < 2:
        return NOTHING
    columns = [
        Column("period", N_("Period")),
        Column("read", N_("Read"), "money"),
        Column("ledger", N_("In the books"), "money"),
        Column("difference", N_("Difference"), "money"),
        Column("share", N_("Share"), "pct"),
    ]
    return html_table(
        check.ledger, columns, N_("What was read against the ledger, period by period."), most=36
    )


@table
def readings_table(check: Check) -> Display:
    """Each source with what became of its rows."""
    columns = [
        Column("file", N_("Source")),
        Column("sheet", N_("Sheet"), extra=True),
        Column("rows", N_("Rows"), "n"),
        Column("set_aside", N_("Set aside"), "n"),
        Column("blank", N_("Blank"), "n", extra=True),
        Column("totals", N_("Sum rows"), "n", extra=True),
        Column("repeated", N_("Repeats"), "n", extra=True),
        Column("used", N_("Used"), "n"),
        Column("unused", N_("Columns not used"), extra=True),
    ]
    return html_table(
        check.readings,
        columns,
        N_(
            "How each source was read: rows set aside by the engagement's own filter, blank "
            "rows, sum rows, exact repeats."
        ),
    )


@table
def unlocks_table(check: Check) -> Display:
    """Every table the method knows: delivered or not, and what it adds."""
    locale = current().locale
    words = {
        (True, True): N_("yes"),
        (False, True): N_("no"),
        (False, False): N_("no"),
        (True, False): N_("checked only"),
    }
    state = [
        locale.text(words[pair]) for pair in zip(check.tables["there"], check.tables["used"], strict=True)
    ]
    counts = check.tables[["rows", "accounts"]].where(check.tables["there"])
    frame = check.tables.assign(
        **counts,
        state=state,
        label=check.tables[locale.language],
        adds=check.tables[f"unlocks_{locale.language}"],
    )
    columns = [
        Column("label", N_("Table")),
        Column("state", N_("Delivered"), css="keep"),
        Column("rows", N_("Rows"), "n"),
        Column("accounts", N_("Accounts"), "n", extra=True),
        Column("adds", N_("What it adds")),
    ]
    caption = N_("Tables delivered, and what each adds.")
    if (check.tables["there"] & ~check.tables["used"]).any():
        caption = N_(
            "Tables delivered, and what each adds. Checked only: read and checked, not part of this report."
        )
    return html_table(frame, columns, caption)


@table
def verdicts_table(check: Check) -> Display:
    """Each of the four steps: whether the data carry it, and what is lacking."""
    locale = current().locale

    def lacking(codes: str) -> str:
        return (
            locale.text(N_("; ")).join(locale.text(LACKING[code]) for code in codes.split(";") if code) or "–"
        )

    columns = [
        Column("step", N_("Part of this report"), word(STEPS)),
        Column("verdict", N_("Can be told"), word(VERDICTS), css="keep"),
        Column("lacking", N_("What is lacking"), lacking, css="long"),
    ]
    return html_table(check.verdicts, columns, N_("What the delivered data can carry."))


@table
def quality_table(check: Check) -> Display:
    """Each delivered optional table: how many of the buying accounts it covers, how full and how fresh it
    is."""
    locale = current().locale
    frame = check.quality.assign(label=check.quality[locale.language])
    columns = [
        Column("label", N_("Table")),
        Column("rows", N_("Rows"), "n"),
        Column("covered", N_("Buying accounts covered"), "pct"),
        Column("filled", N_("Cells filled"), "pct"),
        Column("last", N_("Latest entry"), "date", extra=True, css="keep"),
        Column("age", N_("Days old"), "n", extra=True),
    ]
    return html_table(
        frame, columns, N_("How far each further table reaches, and how fresh it is at the reporting date.")
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
        label=check.assumed["table"].map(labels), said=[problem(f, locale) for f in faults]
    )
    columns = [
        Column("label", N_("Table")),
        Column("column", N_("Column")),
        Column("value", N_("Value")),
        Column("count", N_("Rows"), "n"),
        Column("said", N_("What was noticed"), css="long"),
    ]
    return html_table(
        frame, columns, N_("What was dropped, kept or taken for something while reading."), most=30
    )


@chart
def months_chart(check: Check) -> Display:
    """Sales by month over the whole history; months without a sale are marked."""
    view, table = current(), check.months
    if table.empty:
        return NOTHING
    amounts, dates = table["amount"].to_numpy(), table["month_end"].tolist()

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        recent = np.arange(len(amounts)) >= len(amounts) - 12
        axes.bar(range(len(amounts)), amounts, color=np.where(recent, view.accent, PALE), width=0.78)
        for place in np.flatnonzero(table["orders"].to_numpy() == 0):
            axes.text(float(place), 0, "×", ha="center", va="bottom", color=BAD)
        axes.set_ylabel(money_axis(axes.yaxis, view, abs(amounts).max()))
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


@chart
def cover_chart(check: Check) -> Display:
    """Rows per table and month: the darker the more, against each table's own busiest month; empty months
    stay white.
    """
    view, frame = current(), check.cover
    if frame["table"].nunique() < 2:  # sales alone: the chart of months has said it
        return NOTHING
    locale = view.locale
    names = list(dict.fromkeys(frame["table"]))
    grid = frame.pivot(index="table", columns="bucket", values="rows").reindex(names)[
        sorted(frame["bucket"].unique(), reverse=True)
    ]
    dates = frame.drop_duplicates("bucket").sort_values("bucket", ascending=False)["month_end"].tolist()
    labels = [codebook()[name].labels[locale.language] for name in names]

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        from matplotlib.colors import LinearSegmentedColormap

        shade = LinearSegmentedColormap.from_list("cover", ["#FFFFFF", view.accent])
        share = grid.div(grid.max(axis=1).replace(0, 1), axis=0).to_numpy() ** 0.5
        axes.pcolormesh(share, cmap=shade, vmin=0, vmax=1, edgecolors="white", linewidth=1.2)
        axes.invert_yaxis()
        axes.set_yticks([n + 0.5 for n in range(len(labels))], labels)
        month_axis(axes, view, dates, narrow)
        axes.set_xticks([t + 0.5 for t in axes.get_xticks()], [t.get_text() for t in axes.get_xticklabels()])
        for side in axes.spines.values():
            side.set_visible(True)

    caption = locale.text(
        N_(
            "Rows by table and month: the darker, the more, each table against its own busiest "
            "month. White months hold nothing."
        )
    )
    empty = grid.eq(0).sum(axis=1)
    parts = locale.text(N_("; ")).join(
        locale.say(N_("{table}: {count:n} months without rows"), table=label, count=int(n))
        for label, n in zip(labels, empty, strict=True)
    )
    return draw_chart(
        draw, caption, parts + ("." if locale.language == "en" else "。"), height=0.28 + 0.11 * len(names)
    )


def _cause(finding: Finding, locale: Locale) -> Mapping[str, object]:
    figures = finding.figures
    return {"cause_words": locale.say(CAUSES[figures["cause"]], detail=figures["detail"])}


# what this topic can find, in words
EXPLAIN_DIFFERENCE = {
    "explain_difference": N_(
        "Finance and sales operations: settle the difference before any figure is quoted."
    )
}
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
        "after_as_of",
        "coverage",
        N_(
            "A further {rows:n} lines worth {amount:money}, up to {last_date:date}, are dated after "
            "the reporting date and not counted."
        ),
    ),
    FindingSpec(
        "reconciled",
        "reconciliation",
        N_(
            "The figures agree with the ledger: {revenue:money} against {control_total:money}, a "
            "difference of {difference:money}."
        ),
    ),
    FindingSpec(
        "not_reconciled",
        "reconciliation",
        N_(
            "The figures do not agree with the ledger: {revenue:money} read, {control_total:money} "
            "in the books, a difference of {difference:money} ({share:pct})."
        ),
        actions=EXPLAIN_DIFFERENCE,
        rank=1,
    ),
    FindingSpec(
        "periods_reconciled",
        "reconciliation",
        N_("All {count:n} periods agree with the ledger; the largest difference is {difference:money}."),
    ),
    FindingSpec(
        "periods_not_reconciled",
        "reconciliation",
        N_(
            "{bad:n} of {count:n} periods do not agree with the ledger; the largest gap is "
            "{difference:money} ({share:pct}) in {period}."
        ),
        actions=EXPLAIN_DIFFERENCE,
    ),
    FindingSpec(
        "difference_explained",
        "reconciliation",
        N_("The difference is as large as {cause_words} ({amount:money})."),
        actions={
            "mend_no_account": N_("Sales operations: assign those lines to accounts for the next run."),
            "mend_duplicates": N_(
                "Sales operations: confirm that the lines were exported twice; the next run drops them."
            ),
            "mend_after_period": N_(
                "Finance and sales operations: agree on the cut-off date for the next run."
            ),
            "mend_before_period": N_(
                "Finance and sales operations: agree on the cut-off date for the next run."
            ),
            "mend_voided": N_("Sales operations: leave the voided lines out of the next export."),
            "mend_read_gross": N_("Sales operations: export the net amounts for the next run."),
            "mend_ledger_gross": N_("Finance: state the total net of tax for the next run."),
            "mend_month_missing": N_("Sales operations: deliver the missing months for the next run."),
        },
        words=_cause,
    ),
    FindingSpec(
        "no_control_total",
        "reconciliation",
        N_("No ledger total was given, so the figures are not reconciled with the books."),
        actions={
            "get_control_total": N_(
                "Finance: state the net sales of these 12 months before any figure is quoted."
            )
        },
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
    FindingSpec(
        "tables_missing",
        "tables",
        N_(
            "{count:n} further {count:plural|table|tables} would sharpen this report; the table "
            "below says what {count:plural|it adds|each adds}."
        ),
        actions={"ask_for_tables": N_("Sales operations: provide for the next report first of all {what}.")},
    ),
    FindingSpec("tables_complete", "tables", N_("Every table this report works with was delivered.")),
    FindingSpec(
        "can_carry", "verdict", N_("The data carry all four steps: {full:n} in full, {partly:n} in part.")
    ),
    FindingSpec(
        "cannot_carry",
        "verdict",
        N_("The data cannot carry {no:n} of the four steps yet; {full:n} stand in full, {partly:n} in part."),
        actions={
            "ask_for_core": N_(
                "Sales operations: provide what the table below names as lacking before these steps "
                "are relied on."
            )
        },
    ),
)
