"""One clean ledger, and the ways to write it down as an export: what tests bend as systems and clients do.

Line ``i`` of the 60 sells ``q = 1 + i mod 6`` pieces at ``p = 4050.25 + 300 i``; lines 7, 27 and 47 are
returns. By hand: every quantity comes ten times, so the pieces are ``10 · 21 = 210``; with ``i = 6a + b``
the sum of ``i q`` is ``6 · 45 · 21 + 10 · 70 = 6370``. Sales and returns together are
``4050.25 · 210 + 300 · 6370 = 2,761,552.50``; of these the returns are
``2 · 6150.25 + 4 · 12150.25 + 6 · 18150.25 = 169,803.00``. So the ledger comes to
``2,761,552.50 - 2 · 169,803.00 = 2,421,946.50``.
"""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import yaml
from openpyxl.workbook import Workbook

from kamplay.engagement import load
from kamplay.intake.prepare import Intake, survey

TOTAL = 2_421_946.50
AS_IF_SOLD = 2_761_552.50  # the returns taken for sales
RETURNED = 169_803.00
LINES, ACCOUNTS = 60, 8


class Line(NamedTuple):
    day: date
    account: str
    firm: str
    order: str
    product: str
    quantity: int
    price: float
    amount: float


FIRMS = {
    "en": [
        "Alder Mills",
        "Birch & Sons",
        "Cedar Tools",
        "Dogwood",
        "Elm Foods",
        "Fir Optics",
        "Gorse",
        "Hazel",
    ],
    "zh": ["安和医院", "柏林商贸", "长青机电", "东明药业", "恩泽诊所", "丰收食品", "广源科技", "海棠酒店"],
}
WARES = {"en": ["Pump", "Seal", "Valve", "Gauge", "Hose"], "zh": ["泵", "密封件", "阀门", "仪表", "软管"]}


def ledger(language: str = "en") -> list[Line]:
    """The 60 lines, nine days apart from 4 March 2024 to 17 August 2025."""
    lines = []
    for i in range(LINES):
        quantity, price = 1 + i % 6, 4050.25 + 300 * i
        sign = -1 if i in (7, 27, 47) else 1
        lines.append(
            Line(
                date(2024, 3, 4) + timedelta(days=9 * i),
                f"P-{11 + i % ACCOUNTS}",
                FIRMS[language][i % ACCOUNTS],
                f"R{4001 + i}",
                WARES[language][i % 5],
                sign * quantity,
                price,
                round(sign * quantity * price, 2),
            )
        )
    return lines


_HEADS = {
    "en": "Invoice date,Customer no,Customer name,Invoice no,Product,Quantity,Unit price,Net amount",
    "zh": "开票日期,客户编码,客户名称,单据编号,产品名称,数量,单价,不含税金额",
}
WORDS = {
    language: dict(zip(Line._fields, heads.split(","), strict=True)) for language, heads in _HEADS.items()
}
FEW = ("day", "account", "order", "amount")

Row = Sequence[Any]


def table(
    language: str = "en",
    columns: Sequence[str] = FEW,
    lines: Iterable[Line] | None = None,
    heads: dict[str, str] | None = None,
    change: Callable[[int, Line], dict[str, Any]] | None = None,
    **further: Callable[[int, Line], Any],
) -> list[list[Any]]:
    """The ledger as rows below their header.

    ``heads`` replaces headers, ``change`` cells of line ``i``; ``further`` are columns to add at the end.
    """
    words = WORDS[language] | (heads or {})
    rows = [[words[c] for c in columns] + list(further)]
    for i, line in enumerate(ledger(language) if lines is None else lines):
        cells = line._asdict() | (change(i, line) if change else {})
        rows.append([cells[c] for c in columns] + [cell(i, line) for cell in further.values()])
    return rows


def text(rows: Iterable[Row], delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(
        [c.isoformat() if isinstance(c, date) else c for c in row] for row in rows
    )
    return out.getvalue().encode(encoding)


def book(
    sheets: dict[str, Iterable[Row]] | Iterable[Row],
    change: Callable[[Workbook], None] | None = None,
    before: Callable[[Workbook], None] | None = None,
) -> bytes:
    """A workbook with a sheet of the name for each table; ``before`` sees it empty, ``change`` filled."""
    workbook = openpyxl.Workbook()
    if before:
        before(workbook)
    workbook.remove(workbook.worksheets[0])
    for name, rows in (sheets if isinstance(sheets, dict) else {"Sheet1": sheets}).items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append([None if cell == "" else cell for cell in row])
    if change:
        change(workbook)
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def gzipped(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


@dataclass(frozen=True)
class Export:
    """What lands in ``data/``, and what reading it must come to.

    Attributes
    ----------
    files : dict of str to bytes
        By name.
    told : tuple of str
        The codes of all that is said, in order of their names; the data are usable unless one is an error.
    total, rows_read, accounts
        What is read; None as ``total`` where nothing may be added up.
    pasted : bool
        The proposal, pasted, gives the total.
    """

    files: dict[str, bytes]
    told: tuple[str, ...] = ()
    total: float | None = TOTAL
    rows_read: int = LINES
    accounts: int = ACCOUNTS
    usable: bool = True
    language: str = "en"
    settings: dict[str, Any] = field(default_factory=dict)
    pasted: bool = False
    cents: float = 0.005

    def write(self, folder: Path, language: str | None = None) -> Path:
        (folder / "data").mkdir(parents=True, exist_ok=True)
        for name, content in self.files.items():
            (folder / "data" / name).write_bytes(content)
        language = language or self.language
        said = {"client": "Case", "language": language, "currency": "CNY" if self.language == "zh" else "EUR"}
        self.settle(folder, said | {"as_of": "2025-08-31"} | self.settings)
        return folder

    @staticmethod
    def settle(folder: Path, settings: dict[str, Any]) -> None:
        written = yaml.safe_dump(settings, allow_unicode=True, sort_keys=False)
        (folder / "engagement.yaml").write_text(written, encoding="utf-8")


def csv_of(cells: Iterable[Row], /, *told: str, **more: Any) -> Export:
    return Export({"transactions.csv": text(cells)}, told, **more)


def book_of(cells: Any, /, *told: str, change: Any = None, before: Any = None, **more: Any) -> Export:
    return Export({"transactions.xlsx": book(cells, change, before)}, told, **more)


def read(export: Export, folder: Path) -> Intake:
    return survey(load(export.write(folder)))


def summed(intake: Intake) -> tuple[int, int, float]:
    lines = intake.tables["transactions"]
    return len(lines), lines["account_id"].nunique(), round(float(lines["amount"].sum()), 2)


def codes(intake: Intake) -> tuple[str, ...]:
    return tuple(sorted(f.code for f in intake.faults))
