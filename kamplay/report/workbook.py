"""results.xlsx: findings, accounts, the plan, and a sheet for each list that the page cuts short."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from kamplay.method.results import Finding
from kamplay.palette import BAD_FILL, GOOD_FILL, WARN_FILL, WHITE
from kamplay.report.list_sheet import ListSheet
from kamplay.report.results import INTERNAL
from kamplay.show import registry
from kamplay.show.findings import action, headline
from kamplay.show.locale import N_, Locale
from kamplay.show.registry import step_of
from kamplay.show.table import ACCOUNT_COLUMNS, REVENUE, Column, Sheet, text_width
from kamplay.show.view import View, current, using
from kamplay.show.vocabulary import ACTIONS, BANDS, GATES, REACHED_BY, SIGN_NAMES, TYPES, drivers_label

# what the sheet of accounts shows of accounts.csv
ACCOUNTS = [
    *ACCOUNT_COLUMNS,
    Column("tier", N_("Tier")),
    Column("tier_score", N_("Score"), "n1"),
    Column("tier_probability", N_("Chance to stay in it next year"), "pct"),
    Column("gate", N_("Held back as"), GATES),
    Column("override", N_("Set by hand because")),
    REVENUE,
    Column("margin", N_("Margin amount"), "money"),
    Column("revenue_share", N_("Share"), "pct"),
    Column("cumulative_share", N_("Cumulative"), "pct"),
    Column("abc", N_("ABC class")),
    Column("health", N_("Health"), "n1"),
    Column("health_band", N_("Band"), BANDS),
    Column("coverage", N_("Rests on data"), "pct"),
    Column("warning", N_("Strongest warning"), SIGN_NAMES),
    Column("warned_since", N_("Since"), "date"),
    Column("churn_probability", N_("Chance of stopping"), "pct"),
    Column("churn_low", N_("80% interval from"), "pct"),
    Column("churn_high", N_("80% interval to"), "pct"),
    Column("shrink_probability", N_("Chance that revenue halves"), "pct"),
    Column("revenue_at_risk", N_("Expected loss"), "money"),
    Column(
        "health_drivers", N_("What costs points"), lambda drivers: drivers_label(drivers, current().locale)
    ),
    Column("strategy", N_("Strategy")),
    Column("type", N_("Type"), TYPES),
    Column("visits_branch", N_("Branch visits a month"), "n1"),
    Column("visits_head_office", N_("Head-office visits a month"), "n1"),
    Column("owner", N_("Owner")),
    Column("next_action", N_("Next action"), ACTIONS),
    Column("due", N_("Due"), "date"),
    Column("reached_by", N_("Reached by"), REACHED_BY),
]
PLAN = (
    "due",
    "account_id",
    "account_name",
    "tier",
    "type",
    "owner",
    "next_action",
    "revenue",
    "revenue_at_risk",
)
# the order of the sheets; one that is not named here follows them
ORDER = (
    "stability",
    "disputed",
    "positioning",
    "prospects",
    "migration",
    "profitability",
    "expected_revenue",
    "wallet",
    "white_space",
    "dependence",
    "credit_standing",
    "stalled_deals",
    "contracts",
    "tenders",
    "value_cases",
    "falls",
    "wallet_by_category",
    "win_rates",
    "sales_entities",
    "portfolio_map",
    "related_accounts",
    "watch_list",
    "campaign",
    "warnings",
    "warning_record",
    "scores",
    "score_parts",
    "score_moves",
    "risk",
    "method_comparison",
    "calls_by_workload",
    "calibration",
    "input_drift",
    "last_score_outcome",
    "relations",
    "people",
    "order_to_cash",
    "hazard_ratios",
    "strategies",
    "complaint_queue",
    "owners",
    "calendar",
)
FORMATS = {
    "text": "@",
    "n": "#,##0",
    "n1": "#,##0.0",
    "n2": "#,##0.00",
    "n3": "#,##0.000",
    "count": "#,##0.##",
    "score": "#,##0.0",
    "money": "#,##0",
    "pct": "0.0%",
    "pct1": "0.0%",
    "date": "yyyy-mm-dd",
}
NARROWEST, WIDEST = 8, 52  # letters of a column
SEVERITIES = {"act": N_("act"), "watch": N_("watch"), "note": N_("note")}  # the gravest first


def write(
    path: Path,
    accounts: pd.DataFrame,
    findings: list[Finding],
    view: View,
    sheets: Iterable[Sheet],
    draft: str = "",
    internal: bool = True,
) -> None:
    """The workbook: findings, accounts (as in accounts.csv, index account_id), the plan, and further sheets.
    Text is written as text: nothing of the client's becomes a formula. ``draft``: the mark of a draft, which
    every sheet carries in print; ``internal``: for the consultant, with the columns that are internal.
    """
    import xlsxwriter

    options = dict.fromkeys(
        ("strings_to_formulas", "strings_to_urls", "strings_to_numbers", "nan_inf_to_errors"), False
    )
    book = xlsxwriter.Workbook(str(path), options)
    book.set_properties({"created": datetime(2000, 1, 1)})  # the same results give the same bytes
    with using(view):
        styles = _styles(book, view)
        _write_findings(book, findings, view, styles)
        planned = accounts[accounts["next_action"].notna()]
        planned = _campaign_in_one_line(planned, view.locale)
        planned = planned.sort_values(["due", "revenue"], ascending=[True, False])
        by_key = {column.key: column for column in ACCOUNTS}
        for sheet in (
            Sheet(N_("Accounts"), accounts, ACCOUNTS),
            Sheet(N_("Plan"), planned, [by_key[key] for key in PLAN]),
            *(sheet for sheet in sheets if len(sheet.rows)),
        ):
            shown = [c for c in sheet.columns if internal or not (c.internal or c.key in INTERNAL)]
            _write_sheet(book, replace(sheet, columns=shown), view, styles)
        for page in book.worksheets() if draft else ():
            page.set_header(f"&R{draft}")
    book.close()


def _campaign_in_one_line(planned: pd.DataFrame, locale: Locale) -> pd.DataFrame:
    """The plan with the accounts of the campaign as one line: they have a sheet of their own."""
    reached = planned[planned["reached_by"] == "campaign"]
    if reached.empty:
        return planned
    text = locale.say(N_("Campaign: {count:n} accounts, see its sheet"), count=len(reached))
    line = reached[["revenue", "revenue_at_risk"]].sum(min_count=1).to_dict()
    line |= {"due": reached["due"].iloc[0], "next_action": text}
    rest = planned.drop(reached.index).reset_index()
    return pd.concat([rest, pd.DataFrame([line])])


def sheets_of(results: Mapping[str, Any], view: View) -> list[Sheet]:
    """The sheets that the topics of the steps register, filled from the steps' ``results``, in
    their ORDER."""
    with using(view):
        found = {name: make(results[step_of(make)]) for name, make in registry.sheets.items()}
    return [found[name] for name in sorted(found, key=lambda n: ORDER.index(n) if n in ORDER else len(ORDER))]


def _styles(book: Any, view: View) -> dict[str, Any]:
    font = {
        "font_name": "Microsoft YaHei" if view.locale.language == "zh" else "Calibri",
        "font_size": 10,
        "valign": "top",
    }
    styles = {kind: book.add_format({**font, "num_format": f}) for kind, f in FORMATS.items()}
    styles["head"] = book.add_format(
        {**font, "bold": True, "font_color": WHITE, "bg_color": view.accent, "text_wrap": True}
    )
    styles["wrap"] = book.add_format({**font, "text_wrap": True})
    for band, colour in (("green", GOOD_FILL), ("yellow", WARN_FILL), ("red", BAD_FILL)):
        styles[band] = book.add_format({**font, "bg_color": colour})
    return styles


def _write_findings(book: Any, findings: list[Finding], view: View, styles: dict[str, Any]) -> None:
    locale = view.locale
    sheet = book.add_worksheet(locale.text(N_("Findings")))
    for column, (label, width) in enumerate(
        ((N_("Weight of it"), 10), (N_("Finding"), 80), (N_("What to do"), 60), (N_("Accounts"), 50))
    ):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, locale.text(label), styles["head"])
    order = list(SEVERITIES)
    for row, finding in enumerate(sorted(findings, key=lambda f: order.index(f.severity)), start=1):
        cells = (
            locale.text(SEVERITIES[finding.severity]),
            headline(finding, locale, view.names),
            action(finding, locale, view.names) or "",
            locale.text(N_(", ")).join(view.name(a) for a in finding.accounts),
        )
        for column, cell in enumerate(cells):
            sheet.write_string(row, column, cell, styles["wrap"])
    sheet.freeze_panes(1, 0)


def _write_sheet(book: Any, sheet: Sheet, view: View, styles: dict[str, Any]) -> None:
    locale, rows, keys = view.locale, sheet.rows, [column.key for column in sheet.columns]
    if "account_id" in keys and "account_id" not in rows:
        rows = rows.rename_axis("account_id").reset_index()
    if "account_name" in keys:
        names = [view.name(a) if isinstance(a, str) else "" for a in rows["account_id"]]
        rows = rows.assign(account_name=names)
    page = book.add_worksheet(locale.text(sheet.title), ListSheet)
    for place, column in enumerate(sheet.columns):
        widest = _add_column(page, column, _cells(rows[column.key]), styles, locale)
        kind = column.kind if isinstance(column.kind, str) else "text"
        page.set_column(place, place, min(max(widest, NARROWEST), WIDEST) + 1, styles[kind])
    page.freeze_panes(1, 2)
    if len(rows):
        page.autofilter(0, 0, len(rows), len(keys) - 1)


def _add_column(
    page: ListSheet, column: Column, values: list[Any], styles: dict[str, Any], locale: Locale
) -> int:
    """A column of the sheet; returns the letters of its widest cell."""
    kind = column.kind if isinstance(column.kind, str) else "text"
    label = locale.text(column.label) + (f" ({locale.currency})" if kind == "money" else "")
    head, style = styles["head"], styles[kind]
    known = {value for value in values if value is not None}
    widths = [text_width(label) // 2]  # a header may stand in two lines
    if kind == "text":
        texts = {value: _text(column, value, locale) for value in known}  # each is put into words once
        of_band = [styles.get(value, style) for value in values] if column.key == "health_band" else style
        page.add_texts(label, head, [texts.get(value) for value in values], of_band)
        widths += map(text_width, texts.values())
    elif kind == "date":
        days = {value: pd.Timestamp(value).to_pydatetime() for value in known}
        page.add_days(label, head, [days.get(value) for value in values], style)
        widths += [len("yyyy-mm-dd")] * bool(days)
    else:
        page.add_figures(label, head, [v if v is None else float(v) for v in values], style)
        ends = (min(known), max(known)) if known else ()
        widths += [len(f"{end:,.1f}") if kind in ("money", "n", "count") else 6 for end in ends]
    return max(widths)


def _cells(values: pd.Series) -> list[Any]:
    """The values, None where one is missing; several keys in one cell are a tuple."""
    return [
        (tuple(value) if isinstance(value, list | np.ndarray) else value) if there else None
        for value, there in zip(values.tolist(), values.notna().tolist(), strict=True)
    ]


def _text(column: Column, value: Any, locale: Locale) -> str:
    """A cell of words; a key that has none, such as that of a card's own rule, stands for itself."""
    if callable(column.kind):
        return column.kind(value)
    return locale.text(column.kind.get(value, value)) if isinstance(column.kind, Mapping) else str(value)
