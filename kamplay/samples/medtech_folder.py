"""The sample as an engagement folder: a CSV and a workbook with Chinese headers, settings, a note, the answer key and a README."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter
import yaml

from kamplay.codebook import Column, codebook
from kamplay.samples.medtech_texts import commentary, readme

CREATED = datetime(2026, 7, 1, 9, 0)  # in the workbook's properties; fixed, for the same bytes each time
VISITS_PER_MONTH = 320
TARGET = 245_000_000  # yuan in the 12 months after the reporting date: some 5 % more than in those before it


def write(tables: dict[str, pd.DataFrame], key: dict[str, Any], as_of: date, folder: Path) -> None:
    """Write everything into ``folder``, which is made if need be; files of other names there are left alone."""
    (folder / "data").mkdir(parents=True, exist_ok=True)
    (folder / "notes").mkdir(exist_ok=True)
    _text(folder / "engagement.yaml", _settings(tables["transactions"], as_of))
    for language in ("zh", "en"):
        _text(folder / "notes" / f"1_define_tiers.{language}.md", commentary(key, language))
    _text(folder / "answer_key.json", json.dumps(key, ensure_ascii=False, indent=1) + "\n")
    _text(folder / "README.md", readme(key))
    sales = _as_sent("transactions", tables["transactions"])
    sales.to_csv(folder / "data" / "销售明细.csv", index=False, encoding="utf-8-sig", lineterminator="\n", date_format="%Y-%m-%d")
    _workbook(folder / "data" / "客户资料.xlsx", {k: v for k, v in tables.items() if k != "transactions"})


def control_total(transactions: pd.DataFrame, as_of: date) -> str:
    """The exact net amount of the 12 months to ``as_of`` inclusive, in yuan with two decimals, added up in decimals."""
    end = pd.Timestamp(as_of)
    year = transactions[(transactions["date"] > end - pd.DateOffset(years=1)) & (transactions["date"] <= end)]
    return str(sum((Decimal(f"{x:.2f}") for x in year["amount"]), Decimal("0.00")))


def _settings(transactions: pd.DataFrame, as_of: date) -> str:
    settings = {
        "client": "华衡医疗器械（示例）",
        "industry": "医疗器械",
        "language": "zh",
        "currency": "CNY",
        "as_of": as_of.isoformat(),
        "control_total": float(control_total(transactions, as_of)),
        "target": TARGET,
        "capacity": {"visits_per_month": VISITS_PER_MONTH},
        "cost_to_serve": {"visits": 2500, "tickets": 1200, "orders": 300, "returns": 800, "financing": 0.05},
        "health": {"horizon_days": 180},
        "brand": {"accent": "#0B6E6E"},
    }
    return yaml.safe_dump(settings, allow_unicode=True, sort_keys=False)


def _text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _as_sent(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """The table with Chinese headers, choices by their Chinese label and flags as 是/否."""
    spec = codebook()[name]
    return pd.DataFrame({c.labels["zh"]: _cells(c, table[c.name]) for c in spec.columns.values() if c.name in table})


def _cells(column: Column, values: pd.Series) -> pd.Series:
    if column.kind == "choice":
        return values.map({key: labels["zh"] for key, labels in column.choices.items()})
    if column.kind == "flag":
        return values.map({True: "是", False: "否"})
    return values


def _workbook(path: Path, tables: dict[str, pd.DataFrame]) -> None:
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"created": CREATED})
        dates, header = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"bold": True})
        for name, table in tables.items():
            sheet = book.add_worksheet(codebook()[name].labels["zh"])
            sent = _as_sent(name, table)
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, len(sent.columns) - 1, 14)
            sheet.write_row(0, 0, list(sent.columns), header)
            for j, column in enumerate(sent.columns):
                for i, value in enumerate(sent[column].tolist(), start=1):
                    if pd.isna(value):
                        continue
                    if isinstance(value, pd.Timestamp):
                        sheet.write_datetime(i, j, value.to_pydatetime(), dates)
                    elif isinstance(value, str):
                        sheet.write_string(i, j, value)
                    else:
                        sheet.write_number(i, j, value)
