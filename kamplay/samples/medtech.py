"""A synthetic medical-device supplier with known truths: ``generate`` makes the tables, ``write`` an
engagement folder.

``python -m kamplay.samples.medtech [folder]`` writes the sample that ships with kamplay.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xlsxwriter
import yaml

from kamplay.codebook import Column, codebook
from kamplay.samples import (
    medtech_accounts,
    medtech_agreements,
    medtech_answers,
    medtech_customers,
    medtech_judgements,
    medtech_sales,
)
from kamplay.samples import medtech_accounts as actors_
from kamplay.samples.medtech_names import LABELS

SEED = 20260630
SHIPPED = Path("data_templates") / "samples" / "medtech"
CREATED = datetime(2026, 7, 1, 9, 0)  # in the workbook's properties; fixed, for the same bytes each time
VISITS_PER_MONTH = 320
TARGET = 245_000_000  # yuan in the 12 months after the reporting date: some 5 % more than in those before it
KINDS = {
    "unpaid_key": "key account with large overdue invoices, still buying / 大额逾期的头部客户",
    "skinner": "volume without margin / 扒皮大户",
    "one_off": "one group purchase, nothing before or after / 一次性团购",
    "hidden_group": "one group behind four middling accounts / 隐形集团",
    "two_entities": "two of our entities compete for it / 两个主体同时报价",
    "lost_champion": "its only supporter above has left, sales still up / 关键支持者离职",
    "satisfaction_divergence": "buys more, likes us less / 满意度与采购背离",
    "demanding_but_profitable": "complains, pays, grows: keep it / 挑剔但盈利",
    "white_space": "lacks a category all its peers buy / 品类空白",
    "stalled_deal": "an open deal far older than its stage's usual age / 停滞商机",
    "profit_destroyer": "cost to serve eats the margin / 服务成本吞噬利润",
    "small_but_strong": "buys little here, large and strong itself / 小采购大客户",
}


@dataclass(frozen=True)
class Sample:
    """``tables``: every table of the codebook by neutral name; ``answer_key``: what was planted, with
    figures; both up to ``as_of``.
    """

    tables: dict[str, pd.DataFrame]
    answer_key: dict[str, Any]
    as_of: date


def generate(seed: int = SEED, planting: actors_.Planting = actors_.MEDTECH) -> Sample:
    """The sample for ``seed``; the same seed gives the same frames. 36 months to 30 June 2026; about 300
    accounts, or those of another ``planting``, which may leave tables out.
    """

    def rng(stream: int) -> np.random.Generator:
        return np.random.default_rng(
            [seed, stream]
        )  # a stream each, so that a change to one table leaves the others as they were

    makes = planting.makes
    actors = actors_.draw(rng(0), planting)
    medtech_accounts.cast(actors, rng(1), planting)
    actors_.number(actors, rng(2))
    orders = medtech_sales.make_orders(actors, rng(3), planting.noise)
    tables: dict[str, pd.DataFrame] = {"accounts": actors_.accounts_table(actors, rng(4))}
    tables["transactions"] = medtech_sales.transactions_table(orders, rng(5))
    tables["receivables"] = medtech_sales.receivables_table(orders, rng(6))
    tables["deliveries"] = medtech_sales.deliveries_table(orders, rng(7))
    tables["tickets"] = medtech_customers.tickets_table(actors, rng(8))
    tables["surveys"] = medtech_customers.surveys_table(actors, rng(9))
    tables["contacts"] = medtech_customers.contacts_table(actors, rng(10))
    tables["visits"] = medtech_customers.visits_table(actors, tables["contacts"], rng(11))
    tables["opportunities"] = medtech_customers.opportunities_table(actors, rng(12))
    known = medtech_customers.wallet_table(actors, tables["transactions"], rng(13))
    tables["wallet"] = pd.concat(
        [known, medtech_customers.prospects_wallet(actors, rng(19))], ignore_index=True
    )
    if makes("tenders"):
        tables["tenders"] = medtech_agreements.tenders_table(actors, rng(31))
    if makes("contracts"):
        tables["contracts"] = medtech_agreements.contracts_table(actors, rng(32))
    if makes("value_cases"):
        tables["value_cases"] = medtech_agreements.value_cases_table(actors, rng(33))
    if makes("financials"):
        tables["financials"] = medtech_customers.financials_table(actors, tables["accounts"], rng(14))
    tables["ratings"] = medtech_judgements.ratings_table(actors, rng(15))
    overdue = medtech_answers.overdue(tables["receivables"]).groupby("account_id")["amount"].sum()
    tables["ballots"] = medtech_judgements.ballots_table(
        actors, tables["transactions"], overdue, rng(16), rng(18)
    )
    if makes("overrides"):
        tables["overrides"] = medtech_judgements.overrides_table(actors)
    if makes("maturity"):
        tables["maturity"] = medtech_judgements.maturity_table(rng(17))
    tables = {
        name: tables[name][[c for c in spec.columns if c in tables[name]]]
        for name, spec in codebook().items()
        if name in tables  # actions come back from an earlier report, and there is none
    }
    key = {"seed": seed, **medtech_answers.answer_key(tables, actors)}
    if makes("tenders"):
        key["tenders"] = medtech_agreements.tenders_planted(tables["tenders"], actors)
    if makes("contracts"):
        key["contracts"] = medtech_agreements.contracts_planted(tables["contracts"], actors)
    if makes("value_cases"):
        key["value_cases"] = medtech_agreements.value_cases_planted(tables["value_cases"])
    return Sample(tables, key, actors_.AS_OF.date())


def write(sample: Sample, folder: Path | str) -> None:
    """Write ``sample`` as the engagement folder a client and a consultant would have made.

    The same sample gives the same bytes. ``folder`` is made if need be; files of other names there are left
    alone.
    """
    folder = Path(folder)
    tables, key = sample.tables, sample.answer_key
    (folder / "data").mkdir(parents=True, exist_ok=True)
    (folder / "notes").mkdir(exist_ok=True)
    _text(folder / "engagement.yaml", _settings(tables["transactions"], sample.as_of))
    for language in ("zh", "en"):
        for internal in ("", ".internal"):
            note = folder / "notes" / f"1_define_tiers{internal}.{language}.md"
            _text(note, commentary(sample, f"{internal}.{language}"))
    _text(folder / "answer_key.json", json.dumps(key, ensure_ascii=False, indent=1) + "\n")
    _text(folder / "README.md", readme(key))
    write_data(tables, folder / "data")


FILES = {"zh": ("销售明细.csv", "客户资料.xlsx"), "en": ("transactions.csv", "customer_data.xlsx")}
FLAGS = {"zh": {True: "是", False: "否"}, "en": {True: "yes", False: "no"}}


def write_data(tables: dict[str, pd.DataFrame], folder: Path, language: str = "zh") -> None:
    """The tables as a client sends them, headers and choices in ``language``: the sales lines as a CSV file,
    the other tables as sheets of a workbook.
    """
    sales_file, workbook = FILES[language]
    _as_sent("transactions", tables["transactions"], language).to_csv(
        folder / sales_file, index=False, encoding="utf-8-sig", lineterminator="\n", date_format="%Y-%m-%d"
    )
    _workbook(folder / workbook, {k: v for k, v in tables.items() if k != "transactions"}, language)


def control_total(transactions: pd.DataFrame, as_of: date) -> str:
    """The exact net amount of the 12 months to ``as_of`` inclusive, in yuan with two decimals, added up in
    decimals.
    """
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
        "labels": LABELS,
    }
    return yaml.safe_dump(settings, allow_unicode=True, sort_keys=False)


def _text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _as_sent(name: str, table: pd.DataFrame, language: str) -> pd.DataFrame:
    """The table with headers, choices and flags in a language."""
    spec = codebook()[name]
    return pd.DataFrame(
        {
            c.labels[language]: _cells(c, table[c.name], language)
            for c in spec.columns.values()
            if c.name in table
        }
    )


def _cells(column: Column, values: pd.Series, language: str) -> pd.Series:
    if column.kind == "choice":
        return values.map({key: labels[language] for key, labels in column.choices.items()})
    if column.kind == "flag":
        return values.map(FLAGS[language])
    return values


def _workbook(path: Path, tables: dict[str, pd.DataFrame], language: str) -> None:
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"created": CREATED})
        dates, header = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"bold": True})
        for name, table in tables.items():
            sheet = book.add_worksheet(codebook()[name].labels[language])
            sent = _as_sent(name, table, language)
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


def commentary(sample: Sample, which: str) -> str:
    """A consultant's remark on step 1. ``which``: ``.zh``, or ``.internal.zh`` of the internal edition."""
    key = sample.answer_key
    cases = {case["kind"]: case for case in key["cases"]}
    accounts = sample.tables["accounts"].set_index("account_id")
    names = accounts["account_name_en" if which.endswith("en") else "account_name"]
    skinner, group, once = cases["skinner"], cases["hidden_group"], cases["one_off"]
    return text_of(f"medtech_note{which}.md").format(
        top20=f"{key['summary']['customers_top20_share']:.0%}",
        skinner=names[skinner["account_id"]],
        skinner_rank=skinner["evidence"]["revenue_rank"],
        skinner_margin=f"{skinner['evidence']['margin_share']:.1%}",
        once=names[once["account_id"]],
        group=names[group["account_id"]],
        group_best=min(group["evidence"]["member_ranks"]),
        group_joint=group["evidence"]["joint_rank"],
    )


def readme(key: dict[str, Any]) -> str:
    """The sample's README: what it is, how it is made, what is planted."""
    summary = key["summary"]
    cases = [
        f"| {KINDS[c['kind']]} | {c['account_id']} {c['account_name']} | {c['first_visible']} |"
        for c in key["cases"]
    ]
    return text_of("medtech_readme.md").format(
        **summary,
        seed=key["seed"],
        as_of=key["as_of"],
        revenue=summary["revenue_12_months"] / 1e6,
        top20=summary["top20_share"] * 100,
        cases="\n".join(cases),
        no_sign=summary["churned_by_reason"]["no_sign"],
        churner_ids="、".join(c["account_id"] for c in key["churners"]),
        **{name: len(key[name]) for name in ("churners", "churned", "prospects", "false_alarms")},
    )


def text_of(name: str) -> str:
    """The prose that goes with a sample, with places for its figures."""
    return resources.files("kamplay.samples").joinpath("texts", name).read_text(encoding="utf-8")


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else SHIPPED
    write(generate(), target)
    print(target)
