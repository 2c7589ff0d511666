"""results.xlsx: findings, every account and the plan, formatted, in the engagement's language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from kamplay.method.health import Health
from kamplay.method.results import Finding
from kamplay.method.tiers import Tiers
from kamplay.method.value import Value
from kamplay.report import workbook_health
from kamplay.show import asset_words
from kamplay.show.health_words import codes_label
from kamplay.show.labels import BANDS, FIELDS, GATES, MOVES, NEXT, TYPES, WHY, department
from kamplay.show.locale import N_, Locale, missing
from kamplay.show.sentences import action, headline
from kamplay.show.sentences.health_warning import NAMES
from kamplay.show.tables.pipeline import group_label
from kamplay.show.view import View

# column → (label, kind, width); kinds: text, n, n1, money, pct, or a dictionary of words
LABELS: dict[str, tuple[str, Any, int]] = {
    "account_id": (N_("Account ID"), "text", 14), "account_name": (N_("Account"), "text", 30), "tier": (N_("Tier"), "text", 10), "tier_score": (N_("Score"), "n1", 9),
    "tier_probability": (N_("Certainty"), "pct", 10), "gate": (N_("Held back as"), GATES, 16), "override": (N_("Set by hand because"), "text", 28), "revenue": (N_("Revenue"), "money", 15),
    "margin": (N_("Margin amount"), "money", 15), "revenue_share": (N_("Share"), "pct1", 9), "cumulative_share": (N_("Cumulative"), "pct1", 10), "abc": (N_("ABC class"), "text", 8),
    "health": (N_("Health"), "n1", 9), "health_band": (N_("Band"), BANDS, 9), "coverage": (N_("Rests on data"), "pct", 9), "warning": (N_("Strongest warning"), NAMES, 16),
    "warned_since": (N_("Since"), "date", 12), "churn_probability": (N_("Chance of stopping"), "pct1", 11), "churn_low": (N_("80% interval from"), "pct1", 11), "churn_high": (N_("80% interval to"), "pct1", 11),
    "shrink_probability": (N_("Chance that revenue halves"), "pct1", 12), "revenue_at_risk": (N_("Expected loss"), "money", 14), "health_drivers": (N_("What costs points"), "drivers", 40), "strategy": (N_("Level"), "text", 8), "type": (N_("Type"), TYPES, 12), "visits_branch": (N_("Branch visits a month"), "n1", 11),
    "visits_head_office": (N_("Head-office visits a month"), "n1", 13), "owner": (N_("Owner"), "text", 12), "next_action": (N_("Next action"), NEXT, 26), "due": (N_("Due"), "date", 12),
}  # fmt: skip
LIST_LABELS: dict[str, tuple[str, Any, int]] = {
    "key_probability": (N_("Chance of being key"), "pct", 12), "by_weights": (N_("Kept if weights vary"), "pct", 14), "by_data": (N_("Kept if data vary"), "pct", 14),
    "key_by": (N_("Key by weights of"), "n", 14), "named_by": (N_("Named by"), "n", 11), "departments": (N_("Departments"), "n", 11),
    "attractiveness": (N_("Attractiveness"), "n", 11), "strength": (N_("Our position"), "n", 11), "field": (N_("Field of the map"), FIELDS, 14),
    "spend": (N_("Purchases a year"), "money", 15), "share": (N_("Our share"), "pct", 10), "before": (N_("Then"), "text", 9), "now": (N_("Now"), "text", 9), "why": (N_("Why"), WHY, 18),
    "score_before": (N_("Score then"), "n1", 10), "score_now": (N_("Score now"), "n1", 10), "other": (N_("Looks like"), "text", 30),
    "joint_revenue": (N_("Revenue together"), "money", 15), "rank_now": (N_("Rank now"), "n", 10), "joint_rank": (N_("Rank together"), "n", 10),
    "members": (N_("Accounts in it"), "n", 10), "cost": (N_("Cost to serve"), "money", 15), "net": (N_("Left"), "money", 15),
    "revenue_12m": (N_("Expected"), "money", 15), "low": (N_("Low"), "money", 14), "high": (N_("High"), "money", 14), "mid": (N_("Middle"), "money", 14),
    "alive": (N_("Not left, by purchase dates alone"), "pct", 12), "clv": (N_("Value over three years"), "money", 15), "ours": (N_("From us"), "money", 14),
    "room": (N_("Room"), "money", 14), "category": (N_("Category"), "text", 18), "likelihood": (N_("Peers that buy"), "pct", 10), "expected": (N_("Expected"), "money", 14),
    "our_share_of_theirs": (N_("Our share of its purchases"), "pct", 12), "their_share_of_ours": (N_("Its share of our revenue"), "pct1", 12),
    "open": (N_("Owes us"), "money", 14), "overdue": (N_("Overdue"), "money", 14), "oldest": (N_("Oldest overdue, days"), "n", 11), "credit_used": (N_("Credit used"), "pct", 10),
    "weak": (N_("Weak ratios"), "n", 9), "current_ratio": (N_("Current ratio"), "n1", 9), "cash_ratio": (N_("Cash ratio"), "n1", 9), "net_margin": (N_("Its net margin"), "pct1", 10),
    "return_on_assets": (N_("Return on assets"), "pct1", 10), "opportunity_id": (N_("Deal"), "text", 12), "stage": (N_("Stage"), "text", 14), "amount": (N_("Amount"), "money", 14),
    "last_year": (N_("Year before"), "money", 14), "this_year": (N_("This year"), "money", 14), "change": (N_("Change"), "money", 14), "move": (N_("What happened"), MOVES, 14),
    "deals": (N_("Deals"), "text", 26), "closed": (N_("Closed"), "n", 9), "won": (N_("Won"), "n", 9), "rate": (N_("Win rate"), "pct1", 10),
    "rate_low": (N_("95% interval from"), "pct1", 12), "rate_high": (N_("95% interval to"), "pct1", 12), "recorded": (N_("Recorded"), "pct1", 10),
    "entity": (N_("Entity"), "text", 18), "part": (N_("Share"), "pct", 9), "offers": (N_("Open opportunities"), "text", 24),
    "age": (N_("Days open"), "n", 10), "median_age": (N_("Usual at this stage"), "n", 10), "late_days": (N_("Days past expected close"), "n", 11),
}  # fmt: skip
LIST_LABELS |= {
    "account_level": (N_("Level"), "text", 8), "value": (N_("Contribution"), "money", 15), "potential": (N_("Potential"), "money", 15),
    "potential_on": (N_("Potential rests on"), asset_words.BASIS, 18), "risk": (N_("Risk index"), "pct", 10), "risk_reason": (N_("Main risk"), asset_words.REASON, 16),
    "risk_known": (N_("Part of the risk known"), "pct", 12), "map_field": (N_("Place on the map"), asset_words.FIELD, 18),
}  # fmt: skip
WHO = ["account_id", "account_name"]
LISTS: dict[str, tuple[str, list[str]]] = {
    "rated": (N_("Certainty of tiers"), [*WHO, "members", "tier", "tier_score", "tier_probability", "key_probability", "by_weights", "by_data", "revenue"]),
    "disputed": (N_("Disputed accounts"), [*WHO, "key_by", "departments", "named_by", "revenue"]),
    "position": (N_("Position map"), [*WHO, "attractiveness", "strength", "field", "spend", "share", "revenue"]),
    "intake": (N_("To assess"), [*WHO, "spend", "due"]),
    "moves": (N_("Changes of tier"), [*WHO, "before", "now", "score_before", "score_now", "why", "revenue"]),
    "losses": (N_("Falls"), [*WHO, "last_year", "this_year", "change", "move"]),
    "profit": (N_("Profit after service"), [*WHO, "revenue", "margin", "cost", "net"]),
    "future": (N_("Next 12 months"), [*WHO, "revenue_12m", "low", "high", "alive", "clv", "revenue"]),
    "wallet": (N_("Share of wallet"), [*WHO, "spend", "ours", "share", "room", "category"]),
    "room_by_category": (N_("Room by category"), ["category", "spend", "share", "room"]),
    "white_space": (N_("White space"), [*WHO, "category", "likelihood", "low", "mid", "high", "expected"]),
    "asset_map": (N_("Account asset map"), [*WHO, "account_level", "revenue", "value", "potential", "potential_on", "risk", "risk_reason", "risk_known", "map_field"]),
    "dependence": (N_("Dependence"), [*WHO, "our_share_of_theirs", "their_share_of_ours", "revenue"]),
    "standing": (N_("Condition of accounts"), [*WHO, "open", "overdue", "oldest", "credit_used", "weak", "current_ratio", "cash_ratio", "net_margin", "return_on_assets"]),
    "win_rates": (N_("Win rates"), ["deals", "closed", "won", "rate", "rate_low", "rate_high", "recorded"]),
    "entities": (N_("Shared by our entities"), [*WHO, "entity", "revenue", "part", "offers"]),
    "stalled": (N_("Stalled deals"), ["opportunity_id", *WHO, "stage", "amount", "age", "median_age", "late_days"]),
    "kin": (N_("Suspected groups"), [*WHO, "other", "joint_revenue", "rank_now", "joint_rank"]),
}  # fmt: skip
LISTS |= workbook_health.LISTS
LIST_LABELS |= workbook_health.LABELS
ASSETS = {"level": "account_level", "reason": "risk_reason", "coverage": "risk_known", "field": "map_field"}
PLAN = ["due", "account_id", "account_name", "tier", "type", "owner", "next_action", "revenue", "revenue_at_risk"]


def write(path: Path, accounts: pd.DataFrame, findings: list[Finding], view: View, lists: Mapping[str, pd.DataFrame] | None = None) -> None:
    """The workbook; ``accounts`` as in accounts.csv (index account_id), ``lists``: further lists, by their name in LISTS. Text is written as text: nothing of the client's becomes a formula."""
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
    for name, frame in (lists or {}).items():
        if len(frame):
            rows = frame
            if "account_id" in frame:
                rows = frame.assign(account_name=[view.name(a) if isinstance(a, str) else "" for a in frame["account_id"]])
            own = [c for c in frame.columns if c.startswith("by ")]  # a column per department
            _sheet(book, locale.text(LISTS[name][0]), rows, LISTS[name][1] + own, locale, styles)
    book.close()


def lists(tiers: Tiers, value: Value, view: View, health: Health | None = None) -> dict[str, pd.DataFrame]:
    """The lists of steps 1 to 3 that the page cuts short; those of accounts have account_id as a column."""
    buying = tiers.rated[tiers.rated["revenue"] > 0].sort_values(["revenue", "tier_score"], ascending=False)
    frames = {
        "rated": buying,
        "disputed": tiers.disputed[tiers.disputed["split"] > 0] if len(tiers.disputed) else tiers.disputed,
        "position": tiers.position,
        "intake": tiers.intake,
        "moves": tiers.moves,
    }
    found = {name: frame.rename_axis("account_id").reset_index() for name, frame in frames.items() if len(frame)}
    if len(value.profit) and value.profit["net"].notna().any():
        found["profit"] = value.profit.sort_values("net").rename_axis("account_id").reset_index()
    for name in ("future", "wallet", "white_space", "dependence", "standing", "stalled"):
        frame: pd.DataFrame = getattr(value, name)
        if len(frame):
            found[name] = frame if "account_id" in frame else frame.rename_axis("account_id").reset_index()
    found |= _more_lists(value, view)
    if len(tiers.kin):
        found["kin"] = tiers.kin.assign(other=[view.name(h) for h in tiers.kin["head"]])
    return found | (workbook_health.health_lists(health, view) if health is not None else {})


def _more_lists(value: Value, view: View) -> dict[str, pd.DataFrame]:
    """Falls, room by category, win rates and shared accounts, under the columns that LISTS names."""
    falls = value.moves[value.moves["change"] < 0].sort_values("change") if value.key_figures["nrr"] is not None else value.moves.iloc[:0]
    rates, shared = value.win_rates, value.entities
    found = {
        "losses": falls.rename(columns={"before": "last_year", "now": "this_year"}).rename_axis("account_id").reset_index(),
        "room_by_category": value.room_by_category,
        "win_rates": rates.rename(columns={"low": "rate_low", "high": "rate_high"}).assign(
            deals=[group_label(b, v, view.locale) for b, v in zip(rates["by"], rates["value"], strict=True)]
        ),
        "entities": shared.rename(columns={"share": "part", "deals": "offers"}),
        "asset_map": value.asset_map.rename(columns=ASSETS).replace("", None).rename_axis("account_id").reset_index(),
    }
    return {name: frame for name, frame in found.items() if len(frame)}


def _styles(book: Any, view: View) -> dict[str, Any]:
    font = {"font_name": "Microsoft YaHei" if view.locale.language == "zh" else "Calibri", "font_size": 10, "valign": "top"}
    formats = {
        "text": "@",
        "n": "#,##0",
        "n1": "#,##0.0",
        "n2": "#,##0.00",
        "n3": "#,##0.000",
        "money": "#,##0",
        "pct": "0%",
        "pct1": "0.0%",
        "date": "yyyy-mm-dd",
    }
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
            action(finding, locale, view.names) or "",
            locale.text(N_(", ")).join(view.name(a) for a in finding.accounts),
        )
        for column, cell in enumerate(cells):
            sheet.write_string(row, column, cell, styles["wrap"])
    sheet.freeze_panes(1, 0)


def _sheet(book: Any, name: str, rows: pd.DataFrame, columns: list[str], locale: Locale, styles: dict[str, Any]) -> None:
    sheet = book.add_worksheet(name)
    for column, key in enumerate(columns):
        label, kind, width = (
            (department(key.removeprefix("by "), locale), "text", 9) if key.startswith("by ") else (LABELS | LIST_LABELS)[key]
        )
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
                sheet.write_string(row, column, locale.text(kind.get(value, value)), style)  # a rule of the card's own has its own key
            elif kind == "drivers":
                sheet.write_string(row, column, codes_label(value, locale), style)
            elif kind == "date":
                sheet.write_datetime(row, column, datetime.fromisoformat(value), style)
            elif kind == "text":
                sheet.write_string(row, column, str(value), style)
            else:
                sheet.write_number(row, column, float(value), style)
    sheet.freeze_panes(1, 2)
    if len(rows):
        sheet.autofilter(0, 0, len(rows), len(columns) - 1)
