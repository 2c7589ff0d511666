"""What the data can carry: the tables delivered, how far they reach, and the verdict for each step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from kamplay.codebook import codebook
from kamplay.method.check.step import Check
from kamplay.method.results import Finding
from kamplay.palette import WHITE
from kamplay.show.charts.chart import draw_chart, month_axis
from kamplay.show.display import NOTHING, Display
from kamplay.show.findings import counts
from kamplay.show.locale import N_, Locale
from kamplay.show.registry import FindingSpec, chart, register_findings, table
from kamplay.show.table import Column, html_table, word
from kamplay.show.texts.vocabulary import LACKING, STEPS, VERDICTS
from kamplay.show.view import View, current

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@table
def unlocks_table(check: Check) -> Display:
    """Every table the method knows: delivered or not, and what it adds."""
    locale = current().locale
    state = [locale.text(N_("yes") if there else N_("no")) for there in check.tables["delivered"]]
    counts = check.tables[["rows", "accounts"]].where(check.tables["delivered"])
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
    return html_table(frame, columns, N_("Tables delivered, and what each adds."))


@table
def verdicts_table(check: Check) -> Display:
    """Each of the four steps: whether the data carry it, and what is lacking."""
    locale = current().locale

    def lacking(codes: Sequence[str]) -> str:
        return locale.text(N_("; ")).join(locale.text(LACKING[code]) for code in codes) or "–"

    columns = [
        Column("step", N_("Part of this report"), word(STEPS)),
        Column("verdict", N_("Can be told"), word(VERDICTS), css="keep"),
        Column("lacking", N_("What is lacking"), lacking, css="long"),
    ]
    return html_table(check.verdicts, columns, N_("What the delivered data can carry."))


@table
def quality_table(check: Check) -> Display:
    """Each delivered optional table: how many of the buying accounts it covers, how full and fresh it is."""
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
        import seaborn as sns

        share = grid.div(grid.max(axis=1).replace(0, 1), axis=0) ** 0.5
        shade = sns.blend_palette([WHITE, view.accent], as_cmap=True)
        sns.heatmap(share, cmap=shade, vmin=0, vmax=1, cbar=False, linewidths=1.2, linecolor=WHITE, ax=axes)
        axes.set(xlabel="", ylabel="")
        axes.set_yticks([n + 0.5 for n in range(len(labels))], labels, rotation=0)
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


# how far the steps stand on the data
HOW_FAR = {"full": N_("{count:n} in full"), "partly": N_("{count:n} in part")}
ALL_ALIKE = {"full": N_("in full"), "partly": N_("each in part")}


def _how_far(finding: Finding, locale: Locale) -> Mapping[str, object]:
    figures = finding.figures
    alike = [name for name in HOW_FAR if figures[name]]
    if len(alike) == 1 and not figures["no"]:
        return {"how_far": locale.text(ALL_ALIKE[alike[0]])}
    parts = counts(HOW_FAR, figures, locale)
    return {
        "how_far": parts,
        "others": locale.say(N_("; of the others {parts}"), parts=parts) if alike else "",
    }


register_findings(
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
    FindingSpec("can_carry", "verdict", N_("The data carry all four steps: {how_far}."), words=_how_far),
    FindingSpec(
        "cannot_carry",
        "verdict",
        N_("The data cannot carry {no:n} of the four steps yet{others}."),
        words=_how_far,
        actions={
            "ask_for_core": N_(
                "Sales operations: provide what the table below names as lacking before these steps "
                "are relied on."
            )
        },
    ),
)
