"""The blank workbooks a client fills in, and the codebook as a page, all made from codebook.yaml.

    python -m kamplay.intake.blank_workbook --write data_templates

writes kamplay_blank.zh.xlsx, kamplay_blank.en.xlsx and codebook.md. The same codebook gives the same bytes.
"""

from __future__ import annotations

import argparse
import unicodedata
from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter
import yaml

from kamplay.palette import ACCENT, FILL, INK, WHITE

LANGUAGES = ("zh", "en")
MAIN_TABLE = "transactions"  # the one table that must be there
LAST_ROW = 1_048_575  # Excel's last row, counted from 0
CREATED = datetime(2026, 1, 1)  # a fixed date: today's would change the file at every build

FORMATS = {
    "id": "@",
    "text": "@",
    "date": "yyyy-mm-dd",
    "amount": "#,##0.00",
    "share": "0.0%",
    "integer": "0",
}


def _codebook() -> dict[str, Any]:
    """{table: {names, unlocks, columns: {column: {kind, required, zh, en, …}}}}, in codebook order."""
    return yaml.safe_load((Path(__file__).parents[1] / "codebook.yaml").read_text(encoding="utf-8"))


def _choices(column: dict[str, Any], language: str) -> list[str]:
    """The labels a choice or flag column offers; empty for the other kinds."""
    if column["kind"] == "flag":
        return list(WORDS[language]["flags"])
    return [choice[language] for choice in column.get("choices", {}).values()]


def _range(column: dict[str, Any], language: str) -> str:
    """The column's limits in words, or an empty text."""
    pattern = {(True, True): "from_to", (True, False): "from", (False, True): "to"}.get(
        ("min" in column, "max" in column)
    )
    return WORDS[language][pattern].format(**column) if pattern else ""


def _note(column: dict[str, Any], language: str) -> str:
    """The comment on a header: kind, required or not, choices, range."""
    words = WORDS[language]
    parts = [
        words["kind"] + words["colon"] + words["kinds"][column["kind"]],
        words["required" if column.get("required") else "optional"],
    ]
    if column["kind"] == "choice":
        parts.append(words["choices"] + words["colon"] + words["join"].join(_choices(column, language)))
    if limits := _range(column, language):
        parts.append(words["range"] + words["colon"] + limits)
    return "\n".join(parts)


def _width(text: str) -> int:
    """Display width in Latin characters; a Chinese character counts two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def write_blank(path: str | Path, language: str) -> None:
    """Write the blank workbook in one language (zh or en): read me, example, a sheet per table, codebook.

    The example has a sheet of its own: the data sheets stay empty below their headers, so that no example row
    can be left in place, written over in part or pasted beneath, and none has to be recognised and thrown
    away.
    """
    if language not in LANGUAGES:
        raise ValueError(f"language is {language!r}; it must be one of {', '.join(LANGUAGES)}")
    words, tables = WORDS[language], _codebook()
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": words["title"], "author": "kamplay", "created": CREATED})
    styles = {
        "title": book.add_format({"bold": True, "font_size": 16, "font_color": ACCENT}),
        "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
        "link": book.add_format({"font_color": ACCENT, "underline": 1, "valign": "top"}),
        True: book.add_format({"bold": True, "bg_color": ACCENT, "font_color": WHITE, "border": 1}),
        False: book.add_format({"bold": True, "bg_color": FILL, "font_color": INK, "border": 1}),
    }
    cells = {kind: book.add_format({"num_format": pattern}) for kind, pattern in FORMATS.items()}
    _write_read_me(book.add_worksheet(words["read_me"]), tables, language, styles)
    _write_example(book.add_worksheet(words["example"]), tables, language, styles, cells)
    for name, table in tables.items():
        sheet = book.add_worksheet(table["names"][language])
        if name == MAIN_TABLE:
            sheet.set_tab_color(ACCENT)
        _write_table(sheet, table, language, styles, cells)
    _write_codebook(book.add_worksheet(words["codebook"]), tables, language, styles)
    book.close()


def _write_table(sheet: Any, table: dict, language: str, styles: dict, cells: dict) -> None:
    """One data sheet: headers only."""
    words = WORDS[language]
    sheet.freeze_panes(1, 0)
    for index, column in enumerate(table["columns"].values()):
        label, choices, note = column[language], _choices(column, language), _note(column, language)
        widest = max(map(_width, [label, *choices]))
        # The column's own format reaches the rows that are still empty.
        sheet.set_column(index, index, min(max(widest + 4, 12), 30), cells.get(column["kind"]))
        sheet.write_string(0, index, label, styles[bool(column.get("required"))])
        size = {"x_scale": 1.9, "y_scale": 0.35 + 0.22 * (note.count("\n") + 1 + _width(note) // 60)}
        sheet.write_comment(0, index, note, {"author": "kamplay", **size})
        if choices:
            # A warning and not a refusal: other spellings of a choice are read as well.
            sheet.data_validation(
                1,
                index,
                LAST_ROW,
                index,
                {
                    "validate": "list",
                    "source": choices,
                    "error_type": "warning",
                    "error_title": words["check"],
                    "error_message": words["not_listed"],
                },
            )


def _write_read_me(sheet: Any, tables: dict, language: str, styles: dict) -> None:
    """How to fill the workbook in, the colours, and a linked list of the sheets."""
    words = WORDS[language]
    labels = {
        "main": tables[MAIN_TABLE]["names"][language],
        "codebook": words["codebook"],
        "example": words["example"],
    }
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 84)
    sheet.write_string(0, 0, words["title"], styles["title"])
    row = 2
    for number, line in enumerate(words["lines"], start=1):
        sheet.merge_range(row, 0, row, 1, f"{number}. {line.format(**labels)}", styles["wrap"])
        row += 1
    row += 1
    for required, line in zip((True, False), words["legend"], strict=True):
        sheet.merge_range(row, 0, row, 1, line, styles[required])
        row += 1
    row += 1
    for index, header in enumerate((words["sheet"], words["unlocks"])):
        sheet.write_string(row, index, header, styles[False])
    for name, table in tables.items():
        row += 1
        label = table["names"][language]
        shown = f"{label} ({words['required']})" if name == MAIN_TABLE else label
        sheet.write_url(row, 0, f"internal:'{label}'!A1", styles["link"], shown)
        sheet.write_string(row, 1, table["unlocks"][language], styles["wrap"])


def _write_example(sheet: Any, tables: dict, language: str, styles: dict, cells: dict) -> None:
    """One filled-in row of every table under its headers; columns without an example are left out. The sheet
    is protected.
    """
    sheet.set_column(0, 20, 16)
    sheet.write_string(0, 0, WORDS[language]["example_title"], styles["title"])
    row = 2
    for name, table in tables.items():
        sheet.write_string(row, 0, table["names"][language], styles["link"])
        shown = [(key, column) for key, column in table["columns"].items() if key in EXAMPLE[name]]
        for index, (key, column) in enumerate(shown):
            sheet.write_string(row + 1, index, column[language], styles[bool(column.get("required"))])
            value = example_value(EXAMPLE[name][key], column, language)
            if column["kind"] == "date":
                sheet.write_datetime(row + 2, index, datetime.fromisoformat(value), cells["date"])
            else:
                sheet.write(row + 2, index, value, cells.get(column["kind"]))
        row += 4
    sheet.protect()


def example_value(value: Any, column: dict[str, Any], language: str) -> Any:
    """Give an example in one language: the label of a choice or flag, the right half of a pair, else the
    value itself.
    """
    if column["kind"] == "choice":
        return column["choices"][value][language]
    if column["kind"] == "flag":
        return WORDS[language]["flags"][0 if value else 1]
    return value[LANGUAGES.index(language)] if isinstance(value, tuple) else value


def _write_codebook(sheet: Any, tables: dict, language: str, styles: dict) -> None:
    """Every column of every table, one row each."""
    words = WORDS[language]
    sheet.freeze_panes(1, 0)
    for index, (header, width) in enumerate(zip(words["headers"], (16, 24, 34, 30, 10, 44, 44), strict=True)):
        sheet.set_column(index, index, width)
        sheet.write_string(0, index, header, styles[False])
    row = 0
    for name, table in tables.items():
        for key, column in table["columns"].items():
            row += 1
            offered = words["join"].join(_choices(column, language)) or _range(column, language)
            values = [
                table["names"][language],
                column[language],
                f"{name}.{key}",
                words["kinds"][column["kind"]],
                words["flags"][0] if column.get("required") else "",
                offered,
                table["unlocks"][language],
            ]
            for index, value in enumerate(values):
                sheet.write(row, index, value, styles["wrap"])
    sheet.autofilter(0, 0, row, len(words["headers"]) - 1)


def codebook_markdown() -> str:
    """Write the codebook as one Markdown page in both languages, a section and a table per data table."""
    lines = [
        "# 代码本 Codebook",
        "",
        "由 `kamplay/intake/blank_workbook.py` 根据 `kamplay/codebook.yaml` 生成，请勿手工修改。",
        "Generated by `kamplay/intake/blank_workbook.py` from `kamplay/codebook.yaml`; "
        "not to be edited by hand.",
        "",
        "| kind | 中文 | English |",
        "| --- | --- | --- |",
    ]
    zh, en = (WORDS[language]["kinds"] for language in LANGUAGES)
    lines += [f"| {kind} | {zh[kind]} | {en[kind]} |" for kind in zh]
    for name, table in _codebook().items():
        lines += [
            "",
            f"## {name} · {table['names']['zh']} · {table['names']['en']}",
            "",
            f"{table['unlocks']['zh']} · {table['unlocks']['en']}",
            "",
            "| key | 中文 | English | kind 类型 | required 必填 | choices or range 可选值或范围 |",
            "| --- | --- | --- | --- | --- | --- |",
        ]
        for key, column in table["columns"].items():
            offered = [
                f"`{c}` {label['zh']} / {label['en']}" for c, label in column.get("choices", {}).items()
            ]
            if not offered and _range(column, "en"):
                offered = [" / ".join(_range(column, language) for language in LANGUAGES)]
            values = [
                f"`{key}`",
                column["zh"],
                column["en"],
                column["kind"],
                "✓" if column.get("required") else "",
            ]
            lines.append("| " + " | ".join([*values, "; ".join(offered)]) + " |")
        lines += _systems_markdown(table)
    return "\n".join(lines) + "\n"


def _systems_markdown(table: dict[str, Any]) -> list[str]:
    """The further headers of each system or language, one line each; empty where a table has none."""
    known: dict[str, list[str]] = {}
    for key, column in table["columns"].items():
        for system, headers in column.get("aliases_of", {}).items():
            shown = ", ".join(_marked(h, column.get("beside", {})) for h in headers)
            known.setdefault(system, []).append(f"`{key}` {shown}")
    if not known:
        return []
    lines = ["", "已知的系统与外语表头 · Headers known by system and by language", ""]
    for system in sorted(known, key=list(SYSTEMS).index):
        zh, en = SYSTEMS[system]
        lines.append(f"- {zh if zh == en else f'{zh} · {en}'}: {'; '.join(known[system])}")
    return lines


def _marked(header: str, beside: dict[str, str | list[str]]) -> str:
    """A header with those beside one of which alone it counts."""
    others = beside.get(header, [])
    return f"{header} (+ {others if isinstance(others, str) else ' / '.join(others)})" if others else header


def write_templates(folder: str | Path) -> None:
    """Write both workbooks and codebook.md into a folder."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for language in LANGUAGES:
        write_blank(folder / f"kamplay_blank.{language}.xlsx", language)
    (folder / "codebook.md").write_text(codebook_markdown(), encoding="utf-8", newline="\n")


# the systems and languages of aliases_of, as a reader knows them (zh, en)
SYSTEMS: dict[str, tuple[str, str]] = {
    "kingdee": ("金蝶", "Kingdee"),
    "yonyou": ("用友", "Yonyou"),
    "digiwin": ("鼎新", "Digiwin"),
    "aisino": ("航信", "Aisino"),
    "quandian": ("全电发票", "Fully digital invoices"),
    "sap": ("SAP", "SAP"),
    "dynamics": ("Dynamics", "Dynamics"),
    "salesforce": ("Salesforce", "Salesforce"),
    "hubspot": ("HubSpot", "HubSpot"),
    "odoo": ("Odoo", "Odoo"),
    "erpnext": ("ERPNext", "ERPNext"),
    "xero": ("Xero", "Xero"),
    "quickbooks": ("QuickBooks", "QuickBooks"),
    "stripe": ("Stripe", "Stripe"),
    "shopify": ("Shopify", "Shopify"),
    "oracle": ("Oracle", "Oracle"),
    "tally": ("Tally", "Tally"),
    "zendesk": ("Zendesk", "Zendesk"),
    "jira": ("Jira", "Jira"),
    "german": ("德语", "German"),
    "french": ("法语", "French"),
    "spanish": ("西班牙语", "Spanish"),
    "italian": ("意大利语", "Italian"),
}

WORDS: dict[str, dict[str, Any]] = {
    "zh": {
        "kinds": {
            "id": "编号（文本，保留前导零）",
            "text": "文本",
            "date": "日期（如 2026-06-30）",
            "amount": "金额",
            "number": "数值",
            "integer": "整数",
            "share": "比例（0 至 1，如 0.12 或 12%）",
            "flag": "是/否",
            "choice": "单选",
        },
        "flags": ["是", "否"],
        "required": "必填",
        "optional": "选填",
        "kind": "类型",
        "choices": "可选值",
        "range": "范围",
        "from_to": "{min} 至 {max}",
        "from": "不小于 {min}",
        "to": "不大于 {max}",
        "join": "、",
        "colon": "：",
        "not_listed": "该值不在可选值中，读取时会被检查。",
        "check": "请核对",
        "read_me": "说明",
        "example": "填写示例",
        "example_title": "填写示例：本表仅供参考，不会被读取",
        "codebook": "代码本",
        "title": "客户数据空白表",
        "sheet": "工作表",
        "unlocks": "提供后可分析",
        "headers": ["表", "列", "字段键", "类型", "必填", "可选值或范围", "该表提供后可分析"],
        "lines": [
            "每张工作表对应一类数据。只有“{main}”必须提供；其余有则填，没有留空即可。",
            "数据从第 2 行开始粘贴，一行一条记录；请勿合并单元格，也不要插入小计或合计行。",
            "请勿修改工作表名称和表头文字。表头右上角有批注，说明类型、是否必填和可选值。",
            "编号列已设为文本，以保留前导零；同一客户在各表中须使用同一编号。",
            "金额为不含税金额，退货为负数；币种以项目设置为准，表中不写币种符号。",
            "“{example}”中是每张表的填写示例；该工作表不会被读取，无需删除。",
            "全部字段及其含义见最后一张工作表“{codebook}”。",
        ],
        "legend": ["深色表头：必填列，且每个单元格都要填写", "浅色表头：选填列"],
    },
    "en": {
        "kinds": {
            "id": "ID (text, leading zeros kept)",
            "text": "Text",
            "date": "Date (such as 2026-06-30)",
            "amount": "Amount",
            "number": "Number",
            "integer": "Whole number",
            "share": "Share (0 to 1: 0.12 or 12%)",
            "flag": "Yes/No",
            "choice": "Choice",
        },
        "flags": ["Yes", "No"],
        "required": "Required",
        "optional": "Optional",
        "kind": "Kind",
        "choices": "Choices",
        "range": "Range",
        "from_to": "{min} to {max}",
        "from": "{min} or more",
        "to": "{max} or less",
        "join": ", ",
        "colon": ": ",
        "not_listed": "This value is not in the list; it will be checked when the file is read.",
        "check": "Please check",
        "read_me": "Read me",
        "example": "Example",
        "example_title": "An example of each sheet: for reference only, this sheet is not read",
        "codebook": "Codebook",
        "title": "Blank workbook for client data",
        "sheet": "Sheet",
        "unlocks": "What it makes possible",
        "headers": [
            "Table",
            "Column",
            "Key",
            "Kind",
            "Required",
            "Choices or range",
            "What the table makes possible",
        ],
        "lines": [
            "Each sheet holds one kind of data. Only “{main}” is required; "
            "fill in the others as far as you have them.",
            "Paste the data from row 2 on, one record a row; no merged cells, no subtotals and no totals.",
            "Please keep the sheet names and the headers as they are. "
            "The note on each header says what goes there.",
            "ID columns are text, so that leading zeros survive; an account has the same ID on every sheet.",
            "Amounts are net of tax and returns are negative; "
            "the currency is set once for the whole engagement.",
            "The sheet “{example}” shows a filled-in row of each; it is not read and need not be deleted.",
            "The last sheet, “{codebook}”, lists every column and what it means.",
        ],
        "legend": ["Dark header: required, and every cell is filled in", "Light header: optional"],
    },
}

# One row of each table, (zh, en) where the languages differ; a choice or a flag is its key. Two tables of an
# account agree.
EXAMPLE: dict[str, dict[str, Any]] = {
    "accounts": {
        "account_id": "00123",
        "account_name": ("示例医院", "Example Hospital"),
        "tax_id": "91310000MA0000000X",
        "industry": ("医疗", "Health care"),
        "region": ("华东", "North"),
        "city": ("上海", "Leeds"),
        "nature": ("直销", "Direct"),
        "ownership": ("国有", "Public"),
        "source": ("展会", "Trade fair"),
        "stage": "producing",
        "since": "2019-03-01",
        "owner": ("张三", "J. Smith"),
        "registered_capital": 20000000,
        "employees": 850,
        "annual_revenue": 360000000,
        "listed": False,
        "state_owned_share": 0.51,
        "credit_grade": "A",
        "credit_limit": 500000,
    },
    "transactions": {
        "date": "2026-05-18",
        "account_id": "00123",
        "amount": 12800.5,
        "order_id": "SO-000451",
        "product": ("监护仪", "Monitor"),
        "category": ("设备", "Devices"),
        "quantity": 2,
        "cost": 8100,
        "status": ("有效", "Posted"),
    },
    "receivables": {
        "invoice_id": "INV-0077",
        "account_id": "00123",
        "invoice_date": "2026-05-20",
        "due_date": "2026-07-19",
        "amount": 12800.5,
    },
    "deliveries": {
        "order_id": "SO-000451",
        "account_id": "00123",
        "promised_date": "2026-05-25",
        "delivered_date": "2026-05-24",
        "ordered": 2,
        "delivered": 2,
    },
    "tickets": {
        "ticket_id": "T-019",
        "account_id": "00123",
        "opened": "2026-06-02",
        "closed": "2026-06-04",
        "kind": "repair",
        "severity": 2,
        "due": "2026-06-05",
    },
    "surveys": {
        "account_id": "00123",
        "date": "2026-04-10",
        "score": 4.5,
        "scale": 5,
        "nps": 9,
        "mention": True,
    },
    "contacts": {
        "contact_id": "P-001",
        "account_id": "00123",
        "name": ("李四", "A. Jones"),
        "title": ("设备科主任", "Head of equipment"),
        "layer": "decision",
        "role": "decider",
        "stance": 1,
        "influence": 4,
        "need": "achievement",
        "style": "facts",
        "confirmed": "2026-03-15",
    },
    "visits": {
        "account_id": "00123",
        "date": "2026-06-11",
        "contact_id": "P-001",
        "by": ("张三", "J. Smith"),
        "level": "branch",
        "outcome": "advance",
    },
    "opportunities": {
        "opportunity_id": "OP-031",
        "account_id": "00123",
        "amount": 480000,
        "stage": ("方案", "Proposal"),
        "win_rate": 0.4,
        "opened": "2026-04-01",
        "expected_close": "2026-09-30",
        "result": "open",
        "competitor": ("竞品甲", "Competitor A"),
    },
    "wallet": {
        "account_id": "00123",
        "category": ("设备", "Devices"),
        "spend": 3000000,
        "top_competitor_share": 0.35,
        "basis": "estimated",
    },
    "tenders": {
        "tender_id": "ZB-2026-018",
        "account_id": "00123",
        "date": "2026-05-12",
        "amount": 650000,
        "result": "lost",
        "winner": ("竞品甲", "Competitor A"),
        "our_price": 640000,
        "winning_price": 598000,
        "reason": ("价格", "Price"),
        "competitor": ("竞品甲", "Competitor A"),
    },
    "contracts": {
        "contract_id": "HT-2025-007",
        "account_id": "00123",
        "start": "2025-10-01",
        "end": "2026-09-30",
        "amount": 1200000,
        "price_terms": ("目录价九折，年度内不调价", "10% off list, fixed for the year"),
        "notice_days": 60,
        "status": "active",
    },
    "value_cases": {
        "case_id": "V-012",
        "account_id": "00123",
        "offer": ("耗材寄售", "Consignment stock"),
        "date": "2025-11-20",
        "claimed": 420000,
        "agreed": 360000,
        "agreed_on": "2026-01-15",
        "realised": 110000,
        "realised_on": "2026-06-10",
        "investment": 120000,
        "yearly_benefit": 140000,
        "years": 3,
        "discount_rate": 0.08,
    },
    "financials": {
        "account_id": "00123",
        "year": 2025,
        "current_assets": 150000000,
        "current_liabilities": 90000000,
        "cash": 40000000,
        "revenue": 360000000,
        "net_profit": 21000000,
        "total_assets": 520000000,
    },
    "ratings": {
        "account_id": "00123",
        "criterion": ("战略契合", "Strategic fit"),
        "score": 4,
        "rater": ("张三", "J. Smith"),
    },
    "ballots": {
        "rater": ("张三", "J. Smith"),
        "department": ("销售", "Sales"),
        "account_id": "00123",
        "rank": 1,
        "nominated": True,
        "round": 1,
    },
    "overrides": {
        "account_id": "00123",
        "tier": "A",
        "health": 75,
        "strategy": ("保护", "Protect"),
        "reason": ("战略项目", "Strategic project"),
        "by": ("王五", "B. Lee"),
        "expires": "2026-12-31",
    },
    "maturity": {
        "capability": ("客户规划", "Account planning"),
        "item": ("年度计划", "Annual plan"),
        "score": 2,
        "target": 4,
        "rater": ("张三", "J. Smith"),
    },
    "actions": {
        "action_id": "00123-move_deal-OP-031",
        "account_id": "00123",
        "action": ("推进监护仪商机", "Move the monitor deal on"),
        "owner": ("张三", "J. Smith"),
        "due": "2026-07-20",
        "status": "done",
        "done_on": "2026-07-16",
        "result": "advanced",
        "note": ("院方同意试用", "The hospital agreed to a trial"),
    },
}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Write the blank workbooks and the codebook page.")
    parser.add_argument("--write", metavar="FOLDER", required=True, help="the folder to write to")
    write_templates(parser.parse_args().write)
