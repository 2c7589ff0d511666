"""What a client sent, before there is an engagement: its files in a folder of their own, which of them holds
the sales, and what the data say of the settings.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pandas as pd

from kamplay.codebook import codebook, fold
from kamplay.engagement import SETTINGS_FILE, Engagement, Settings, Source
from kamplay.errors import Fault, KamplayError, nothing_here
from kamplay.intake import own_results, verdicts
from kamplay.intake.discovery import find
from kamplay.intake.files import archives
from kamplay.intake.files.archives import ARCHIVES
from kamplay.intake.files.file_safety import name_shown, not_openable
from kamplay.intake.files.readers import EXCEL, READABLE, Raw, read, sheet_names
from kamplay.intake.prepare import Intake
from kamplay.intake.table_fit import can_be_sales

UNSTATED = "XXX"  # ISO 4217 for "no currency": whatever the data state differs from it, and is told
MOST_FILES = 500  # of a folder: one with more was not sent by a client
OF_EXCEL = "~$"  # begins the name of the file that stands beside a workbook while it is open
OF_THE_SYSTEM = ("Thumbs.db", "desktop.ini")  # files that nobody put there
MASKED = re.compile(r"[*＊]|[×某]{2,}|^[Xx]{2,}(?=[一-鿿])")  # in a name that somebody has hidden
HAN = re.compile("[\u3400-\u9fff]")
# words of a file's name that name no client: what it holds, where it comes from, when
_GENERIC = re.compile(
    r"(export(ed)?|reports?|list|lines?|items?|data|dataset|database|file|book|workbook|sheet|table|records?|final|"
    r"copy|new|full|all|raw|detail(s|ed)?|sales?|purchases?|orders?|invoices?|invoicing|bill(s|ings?)|revenues?|"
    r"turnover|transactions?|ledger|accounts?|customers?|clients?|products?|history|extract|dump|query|results?|"
    r"odoo|sap|xlsx?|csv|zip|downloads?|desktop|documents?|tmp|temp|home|users?|years?|months?|weeks?|dates?|to|"
    r"from|per|by|of|and|the|fy|ytd|cy|q[1-4]|h[12]|v?\d+|jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|"
    r"july?|aug(ust)?|sept?(ember)?|oct(ober)?|nov(ember)?|dec(ember)?)+",
    re.IGNORECASE,
)
_GENERIC_ZH = re.compile(
    "导出结果|查询结果|全量发票查询|导出|明细表|明细|报表|汇总|数据|清单|台账|最终版|副本|销售出库单|销售订单|销售发票|销售|"
    "销项发票|销项|发票|订单|交易|流水|下载|桌面|文档|收入|开票|出库|发货|订货|采购|合同|业务|客户|产品|商品|历史|记录|"
    "账单|全部|全年|原始|统计|[年月日季度上下半]|\\d"
)


@dataclass(frozen=True)
class Sent:
    """What was taken of what a client sent: digests by path, of the files as sent (relative to their folder)
    and of the copies (relative to the engagement); ``left`` names what was not taken, as its kind is not
    read, ``ours`` what kamplay itself has made.
    """

    read: dict[str, str]
    copied: dict[str, str]
    left: tuple[str, ...] = ()
    ours: tuple[str, ...] = ()


@dataclass(frozen=True)
class Files:
    """What a client sent: the files to take, and the names of those whose kind is not read and of those that
    kamplay itself has made.
    """

    mine: list[Path]
    left: tuple[str, ...] = ()
    ours: tuple[str, ...] = ()


def files_of(source: Path) -> Files:
    """The files in what a client sent: itself, or those of a folder and its folders. Links and hidden files
    are passed over.

    Raises
    ------
    KamplayError
        There is none, it is no such file, it is of our own making, or there are more than MOST_FILES.
    """
    if run := next((p for p in (source, *source.parents) if own_results.is_run(p)), None):
        raise KamplayError(Fault("own_results", file=str(source), args={"run": run.name}))
    if source.is_dir():
        made = own_results.folders_of_runs(source)
        found = sorted(
            p
            for p in source.rglob("*")
            if p.is_file()
            and not p.is_symlink()
            and not any(part.startswith((".", OF_EXCEL)) for part in p.relative_to(source).parts)
            and not _in_engagement(p, source)
            and not made & set(p.parents)
            and not own_results.is_marked_copy(p)
            and p.name not in OF_THE_SYSTEM
        )
        ours = {p for p in found if own_results.is_workbook(p)}
        mine = [p for p in found if p.suffix.lower() in READABLE | ARCHIVES and p not in ours]
        names = {p: name_shown(p.relative_to(source).as_posix()) for p in found if p not in mine}
        if not mine:
            files = {"files": list(names.values())}
            raise KamplayError(Fault("folder_without_data", file=str(source), args=files))
        if len(mine) > MOST_FILES:
            raise KamplayError(Fault("folder_too_full", file=str(source), args={"most": MOST_FILES}))
        left = tuple(name for path, name in names.items() if path not in ours)
        return Files(mine, left, tuple(name for path, name in names.items() if path in ours))
    if not source.exists():
        raise KamplayError(nothing_here(source))
    if source.name.startswith(OF_EXCEL):
        args = {"name": source.name.removeprefix(OF_EXCEL)}
        raise KamplayError(Fault("lock_file", file=str(source), args=args))
    if source.suffix.lower() not in READABLE | ARCHIVES:
        raise KamplayError(Fault("file_kind_unknown", file=str(source)))
    if own_results.is_workbook(source):
        raise KamplayError(Fault("own_results", file=str(source)))
    return Files([source])


def holds_data(folder: Path) -> bool:
    """Whether a folder holds any file that can be read, engagements in it aside."""
    return any(
        p.suffix.lower() in READABLE | ARCHIVES and p.is_file() and not _in_engagement(p, folder)
        for p in folder.rglob("*")
    )


def _in_engagement(path: Path, top: Path) -> bool:
    """Whether a file lies in an engagement below ``top``: that is nothing a client sent."""
    inside = path.relative_to(top).parents
    return any((top / folder / SETTINGS_FILE).is_file() for folder in inside if folder.parts)


def digest(path: Path) -> str:
    """Of a file's bytes (SHA-256)."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digests_of(source: Path) -> dict[str, str]:
    """The digest of each of its files, by its path from the folder it lies in."""
    top = source if source.is_dir() else source.parent
    return {path.relative_to(top).as_posix(): digest(path) for path in files_of(source).mine}


def take(source: Path, folder: Path) -> Sent:
    """Copy what a client sent into ``data/`` of an engagement; the tables of an archive of several are
    unpacked there.

    Raises
    ------
    KamplayError
        As ``files_of``; or a file may not be opened, an archive is damaged, too large or leads elsewhere.
    """
    top, data = source if source.is_dir() else source.parent, folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    sent = files_of(source)
    read_: dict[str, str] = {}
    copied: dict[str, str] = {}
    for path in sent.mine:
        relative = path.relative_to(top)
        if against := not_openable(path, name_shown(relative.as_posix()), top):
            raise KamplayError(against)
        target = data / relative
        target.parent.mkdir(parents=True, exist_ok=True)
        made: list[Path] | Fault = []
        try:
            if path.suffix.lower() in ARCHIVES:
                made = archives.unpacked_into(path, relative.as_posix(), target.parent)
            if isinstance(made, Fault):
                raise KamplayError(made)
            if len(made) < 2:  # an archive of one table is read as it is
                for one in made:
                    one.unlink()
                made = [target]
                shutil.copyfile(path, target)
        except PermissionError as error:
            if Path(str(error.filename)) != path:
                raise
            raise KamplayError(Fault("file_not_permitted", file=str(path))) from None
        read_[relative.as_posix()] = digest(path)
        copied |= {one.relative_to(folder).as_posix(): digest(one) for one in made}
    return Sent(read_, copied, sent.left, sent.ours)


def sales_of(folder: Path) -> list[str]:
    """The files or sheets that hold the sales, as ``sources`` names them, where no name says so; empty where
    one does, or nothing can be them.

    Of several that can be, those with the same headers as the one with the most rows.
    """
    nameless = Engagement(folder, Settings(client="-"))
    if any(entry.table == "transactions" for entry in find(nameless)[0]):
        return []
    files = [p for p in sorted((folder / "data").rglob("*")) if p.suffix.lower() in READABLE | ARCHIVES]
    places = [place for path in files for place in _places(path, path.relative_to(folder).as_posix())]
    if len(places) == 1 and len(files) == 1:
        return [places[0][2]]
    found = []
    for path, sheet, shown in places:
        try:
            raw = read(path, shown, sheet, codebook()["transactions"])
            if can_be_sales(raw):
                found.append((shown, raw))
        except KamplayError:
            continue
    if not found:
        return []
    largest = max(found, key=lambda pair: len(pair[1].frame))[1]
    return [shown for shown, raw in found if _headers(raw) == _headers(largest)]


def _headers(raw: Raw) -> set[str]:
    return {fold(str(header)) for header in raw.frame.columns}


def _places(path: Path, shown: str) -> list[tuple[Path, str | None, str]]:
    """Each sheet of a workbook that is shown, or the one table of another file: where it lies, its sheet, and
    both as ``sources`` names them.
    """
    if path.suffix.lower() in ARCHIVES:
        found = archives.unpacked(path, shown)
        if isinstance(found, Fault):
            return [(path, None, shown)]
        path, shown = found.path, found.shown
    if path.suffix.lower() not in EXCEL:
        return [(path, None, shown)]
    names = sheet_names(path, shown)
    if isinstance(names, Fault) or len(names.visible) < 2:
        return [(path, None, shown)]
    return [(path, name, f"{shown}#{name}") for name in names.visible]


# --- what the data say of the settings


def client_of(source: Path, intake: Intake) -> tuple[str, str]:
    """The client's name, and where it is from: ``seller`` (one selling firm in the data), ``file`` or
    ``folder`` (their names). Where none of them names a client, what was sent is named, from ``nothing``.
    """
    lines = intake.tables.get("transactions")
    if lines is not None and "sales_entity" in lines:
        sellers = lines["sales_entity"].dropna().unique()
        name = str(sellers[0]).strip() if len(sellers) == 1 else ""
        if len(name) > 1 and not MASKED.search(name):
            return name[:200], "seller"
    stem = source.name if source.is_dir() else re.sub(r"(?i)(\.(csv|tsv|txt|xlsx?))?\.\w+$", "", source.name)
    if telling := _telling(stem):
        return telling, "folder" if source.is_dir() else "file"
    return name_shown(stem)[:150] or source.name, "nothing"


def _telling(name: str) -> str:
    """A name without the words that name no client; empty where nothing is left."""
    words = [w for w in re.split(r"[\s_\-.()（）【】\[\],，、]+", name_shown(name)) if w]
    kept = [w for w in words if not _GENERIC.fullmatch(w) and len(_GENERIC_ZH.sub("", w)) > 1]
    return " ".join(kept)[:200]


def is_chinese(intake: Intake) -> bool:
    """Whether most tables have a header in Chinese."""
    raws = intake.raws
    with_han = sum(any(HAN.search(str(header)) for header in raw.frame.columns) for raw in raws)
    return 2 * with_han > len(raws)


def currency_of(intake: Intake) -> str | None:
    """The currency that the data state, read with ``UNSTATED``; of several that of the most lines."""
    for fault in intake.faults:
        if fault.table == "transactions" and fault.args.get("currency") == UNSTATED:
            return str(fault.args["sums"][0][0])
    return None


def last_sale(intake: Intake) -> date | None:
    """The day of the last sale up to today."""
    lines = intake.tables.get("transactions")
    if lines is None or "date" not in lines or not lines["date"].notna().any():
        return None
    if not (lines["date"] <= pd.Timestamp(datetime.now().date())).any():
        return None
    return verdicts.reporting_date(None, lines)


def with_columns(engagement: Engagement, columns: dict[str, str]) -> Engagement:
    """The engagement with these columns of the transactions named."""
    sources = dict(engagement.settings.sources)
    source = sources.get("transactions", Source())
    sources["transactions"] = source.model_copy(update={"columns": {**source.columns, **columns}})
    return Engagement(engagement.folder, engagement.settings.model_copy(update={"sources": sources}))
