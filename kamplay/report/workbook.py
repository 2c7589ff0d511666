"""results.xlsx: findings, every account and the plan, formatted, in the engagement's language."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from kamplay.method.results import Finding
from kamplay.show.labels import BANDS, GATES, NEXT, TYPES, drivers_label
from kamplay.show.locale import N_, Locale, missing
from kamplay.show.sentences import action, headline
from kamplay.show.view import View

# column → (label, kind, width); kinds: text, n, n1, money, pct, or a dictionary of words
LABELS: dict[str, tuple[str, Any, int]] = {
    "account_id": (N_("Account ID"), "text", 14), "account_name": (N_("Account"), "text", 30), "tier": (N_("Tier"), "text", 10), "tier_score": (N_("Score"), "n1", 9),
    "tier_probability": (N_("Certainty"), "pct", 10), "gate": (N_("Held back as"), GATES, 16), "override": (N_("Set by hand because"), "text", 28), "revenue": (N_("Revenue"), "money", 15),
    "margin": (N_("Margin amount"), "money", 15), "revenue_share": (N_("Share"), "pct1", 9), "cumulative_share": (N_("Cumulative"), "pct1", 10), "abc": (N_("Class"), "text", 8),
    "health": (N_("Health"), "n", 9), "health_band": (N_("Band"), BANDS, 9), "churn_probability": (N_("Chance of stopping"), "pct1", 11), "revenue_at_risk": (N_("Expected loss"), "money", 14),
    "health_drivers": (N_("What costs points"), "drivers", 40), "strategy": (N_("Level"), "text", 8), "type": (N_("Type"), TYPES, 12), "visits_branch": (N_("Branch visits a month"), "n1", 11),
    "visits_head_office": (N_("Head-office visits a month"), "n1", 13), "owner": (N_("Owner"), "text", 12), "next_action": (N_("Next action"), NEXT, 26), "due": (N_("Due"), "date", 12),
}  # fmt: skip
PLAN = ["due", "account_id", "account_name", "tier", "type", "owner", "next_action", "revenue", "revenue_at_risk"]


def write(path: Path, accounts: pd.DataFrame, findings: list[Finding], view: View) -> None:
    """The workbook; ``accounts`` as in accounts.csv (index account_id). Text is written as text: nothing of the client's becomes a formula."""
    import xlsxwriter

    book = xlsxwriter.Workbook(
        str(path), {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "nan_inf_to_errors": False}
    )
    book.set_properties({"created": datetime(2000, 1, 1)})  # the same results give the same bytes
    locale = view.locale
    styles = _styles(book, view)
    _findings_sheet(book, findings, view, styles)
    rows = accounts.reset_index()
    _sheet(book, locale.text(N_("Accounts")), rows, list(LABELS), locale, styles)
    planned = rows[rows["next_action"].notna()].sort_values(["due", "revenue"], ascending=[True, False])
    _sheet(book, locale.text(N_("Plan")), planned, PLAN, locale, styles)
    book.close()


def _styles(book: Any, view: View) -> dict[str, Any]:
    font = {"font_name": "Microsoft YaHei" if view.locale.language == "zh" else "Calibri", "font_size": 10, "valign": "top"}
    formats = {"text": "@", "n": "#,##0", "n1": "#,##0.0", "money": "#,##0", "pct": "0%", "pct1": "0.0%", "date": "yyyy-mm-dd"}
    styles = {k: book.add_format({**font, "num_format": f}) for k, f in formats.items()}
    styles["head"] = book.add_format({**font, "bold": True, "font_color": "#FFFFFF", "bg_color": view.accent, "text_wrap": True})
    styles["wrap"] = book.add_format({**font, "text_wrap": True})
    for band, colour in (("green", "#DDEFE3"), ("yellow", "#FBF0D0"), ("red", "#F6DDD8")):
        styles[band] = book.add_format({**font, "bg_color": colour})
    return styles


def _findings_sheet(book: Any, findings: list[Finding], view: View, styles: dict[str, Any]) -> None:
    locale = view.locale
    sheet = book.add_worksheet(locale.text(N_("Findings")))
    words = {"act": locale.text(N_("act")), "watch": locale.text(N_("watch")), "note": locale.text(N_("note"))}
    for column, (label, width) in enumerate(((N_("Weight of it"), 10), (N_("Finding"), 80), (N_("What to do"), 60), (N_("Accounts"), 50))):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, locale.text(label), styles["head"])
    order = {"act": 0, "watch": 1, "note": 2}
    for row, finding in enumerate(sorted(findings, key=lambda f: order[f.severity]), start=1):
        cells = (
            words[finding.severity],
            headline(finding, locale, view.names),
            action(finding, locale) or "",
            locale.text(N_(", ")).join(view.name(a) for a in finding.accounts),
        )
        for column, cell in enumerate(cells):
            sheet.write_string(row, column, cell, styles["wrap"])
    sheet.freeze_panes(1, 0)


def _sheet(book: Any, name: str, rows: pd.DataFrame, columns: list[str], locale: Locale, styles: dict[str, Any]) -> None:
    sheet = book.add_worksheet(name)
    for column, key in enumerate(columns):
        label, kind, width = LABELS[key]
        style = styles[kind] if isinstance(kind, str) and kind in styles else styles["text"]
        sheet.set_column(column, column, width, style)
        unit = f" ({locale.currency})" if kind == "money" else ""
        sheet.write_string(0, column, locale.text(label) + unit, styles["head"])
        for row, value in enumerate(rows[key], start=1):
            if missing(value):
                continue
            if key == "health_band":
                sheet.write_string(row, column, locale.text(BANDS[value]), styles[value])
            elif isinstance(kind, dict):
                sheet.write_string(row, column, locale.text(kind[value]), style)
            elif kind == "drivers":
                sheet.write_string(row, column, drivers_label(value, locale), style)
            elif kind == "date":
                sheet.write_datetime(row, column, datetime.fromisoformat(value), style)
            elif kind == "text":
                sheet.write_string(row, column, str(value), style)
            else:
                sheet.write_number(row, column, float(value), style)
    sheet.freeze_panes(1, 2)
    if len(rows):
        sheet.autofilter(0, 0, len(rows), len(columns) - 1)
