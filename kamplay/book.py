"""The Book: a client's checked tables, their roll-ups, and the account of how they were read."""

from __future__ import annotations

import json
import shutil
import tempfile
import weakref
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, TypeVar

import numpy as np
import pandas as pd

from kamplay.errors import Fault

# The steps look up, sort and group ids of some thousands of accounts again and again: as Python's own texts
# they are hashed as they stand, while arrow's are turned into those each time. Millions of cells are another
# matter: the intake reads them as arrow's.
pd.set_option("mode.string_storage", "python")
TEXT = pd.StringDtype("python", na_value=float("nan"))

Kind = TypeVar("Kind")


@dataclass(frozen=True)
class Reading:
    """How one input was read: rows of the file, and what became of each of them."""

    table: str
    file: str
    sheet: str | None
    rows: int  # below the header
    set_aside: int  # not kept by `where`
    blank: int
    totals: int  # sum rows
    repeated: int  # exact repeats of a keyed row
    used: int
    headers: dict[str, str]  # our column → the user's header
    unused: tuple[str, ...]  # headers of no known column
    void: int = 0  # lines whose status says that they do not count
    void_amount: float = 0.0
    # our column → header, samples, ways (intake.columns_read)
    columns: dict[str, dict[str, Any]] = field(default_factory=dict)
    # headers without a column that look like one: header, looks_like, sum, why, args
    passed_over: list[dict[str, Any]] = field(default_factory=list)
    page_rows: int = 0  # repeated headers, footers, headings: rows of the page, not of the table


class Scratch:
    """A folder of our own that is gone once nothing holds it any more."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="kamplay-sums-"))
        weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)


@dataclass(frozen=True)
class Stored:
    """The rows of a roll-up in a parquet file, as ``save`` writes it; the file goes with its ``scratch``."""

    file: Path
    scratch: Scratch
    texts: str  # how they are held, as pandas names it

    def read(self) -> pd.DataFrame:
        with pd.option_context("mode.string_storage", self.texts):
            return pd.read_parquet(self.file)


class _Rows:
    """A field that holds a frame, or Stored rows, which are read when first asked for."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, holder: Any, owner: type) -> Any:
        if holder is None:
            return self
        rows = vars(holder)[self.name]
        if isinstance(rows, Stored):
            rows = vars(holder)[self.name] = rows.read()
        return rows

    def __set__(self, holder: Any, rows: Any) -> None:
        vars(holder)[self.name] = rows


TO_MICRO = 6  # decimal places that sums keep
ROLL_UPS = ("monthly", "days", "baskets")
ON_LINES = "accounts_on_lines.parquet"
UNDONE = "undone.parquet"
# days between an order and the credit that undoes it. In two years of a wholesaler's invoices equal sums that
# lie further apart are no more frequent than credits followed by an order of the same sum
UNDONE_WITHIN = 180


def holds_roll_ups(kind: type[Kind]) -> type[Kind]:
    """Let a dataclass hold Stored rows in place of frames: millions of lines can so be added up, checked and
    saved without a frame of what they come to.
    """
    for name in ROLL_UPS:
        setattr(kind, name, _Rows(name))
    return kind


def unread(holder: Any, name: str) -> Any:
    """The rows of a roll-up as they are held: a frame, or Stored."""
    return vars(holder)[name]


@holds_roll_ups
@dataclass(frozen=True)
class Book:
    """Checked tables by neutral name, with neutral columns.

    ``monthly``: one row per account and month bucket: account_id, bucket (0 = the month that ends at as_of,
    counting back; negative after it), month_end, amount, margin (amount − cost of the lines with a cost;
    missing without), costed (the amount of those lines), orders, active_days, categories, first, last.
    ``days``: account_id, date, amount, orders, bought (an order that stood: see ``undone``), reversed (what
    of the amount is of orders undone and of the credits that undo them). ``baskets``: one row per
    account, month bucket and category (product, where lines have no category): account_id, bucket, category,
    amount, orders; empty without either. ``totals`` of all lines: rows, amount, first and last (dates up to
    as_of), unassigned_rows and unassigned_amount (without an account), after_rows, after_amount and
    after_last (dated after as_of); dates as ISO text, None without such lines. Amounts in the engagement's
    currency, summed to 1e-6. ``tables`` holds the lines themselves under ``transactions`` where they came
    from files; from a database only the roll-ups are fetched.
    """

    tables: dict[str, pd.DataFrame]
    monthly: pd.DataFrame
    days: pd.DataFrame
    baskets: pd.DataFrame
    totals: dict[str, Any]
    readings: tuple[Reading, ...]
    faults: tuple[Fault, ...]
    as_of: date
    accounts_are: Literal["companies", "consumers", "countries"] | None = None  # as the engagement says
    # every account of the client → the customer as which it is counted; None where each counts for itself
    customer_of: pd.Series | None = None
    # account_id → its name on the lines, where a column of theirs names it beside its code
    names_on_lines: dict[str, str] = field(default_factory=dict)
    # what else the lines say of their accounts, as a table of accounts: owner, region …
    accounts_on_lines: pd.DataFrame | None = None
    # orders credited in full, that are no purchases: account_id, date, order_id (without numbers the day),
    # amount, credited (date)
    undone: pd.DataFrame | None = None

    @property
    def unassigned(self) -> dict[str, float]:
        """Transaction rows without an account: rows, amount."""
        return {"rows": self.totals["unassigned_rows"], "amount": self.totals["unassigned_amount"]}

    @property
    def has_cost(self) -> bool:
        """Whether any line of an account has a cost."""
        return bool(self.monthly["margin"].notna().any())

    @property
    def has_categories(self) -> bool:
        """Whether any line of an account has a category or a product."""
        return len(self.baskets) > 0

    def has(self, table: str, *columns: str) -> bool:
        """Whether a table is there with at least one row, and with these columns at least partly filled.

        Of transactions from a database only what the roll-ups tell is known: cost, and category or product.
        Columns of the accounts are there as well where the lines have them.
        """
        frame = self.tables.get(table)
        if table == "accounts" and columns and self.accounts_on_lines is not None:
            return all(c in self.accounts and self.accounts[c].notna().any() for c in columns)
        if frame is None and table == "transactions":
            known = {"account_id": True, "date": True, "amount": True, "cost": self.has_cost}
            known |= dict.fromkeys(("category", "product"), self.has_categories)
            return self.totals["rows"] > 0 and all(known.get(c, False) for c in columns)
        return (
            frame is not None
            and len(frame) > 0
            and all(c in frame and self._is_filled(table, c) for c in columns)
        )

    def _is_filled(self, table: str, column: str) -> bool:
        if (table, column) not in self._filled:
            self._filled[table, column] = bool(self.tables[table][column].notna().any())
        return self._filled[table, column]

    @cached_property
    def _filled(self) -> dict[tuple[str, str], bool]:
        return {}

    def table(self, name: str) -> pd.DataFrame:
        return self.tables[name]

    @cached_property
    def accounts(self) -> pd.DataFrame:
        """Every account of the Book (index account_id, sorted) with what the accounts table says of it, and
        where that says nothing, the lines.
        """
        ids = set(self.days["account_id"])
        known = self.table("accounts").set_index("account_id") if self.has("accounts") else pd.DataFrame()
        index = pd.Index(sorted(ids | set(known.index)), name="account_id", dtype="str")
        out = known.reindex(index)
        if self.accounts_on_lines is not None:
            told = self.accounts_on_lines.set_index("account_id").reindex(index)
            out = out.assign(**{c: out[c].fillna(told[c]) if c in out else told[c] for c in told})
        return out

    def account_codes(self, table: str) -> np.ndarray:
        """For every row of ``days``, ``monthly``, ``baskets`` or a table, the place of its account in
        ``accounts``; −1 where the account is missing or unknown, or the table has no account_id.
        """
        if table not in self._account_codes:
            frame = getattr(self, table) if table in ("days", "monthly", "baskets") else self.tables[table]
            codes = np.full(len(frame), -1)
            if "account_id" in frame:  # deals may come without
                # each id is looked up once, not once a row
                place, ids = pd.factorize(frame["account_id"])
                index = self.accounts.index
                found = np.append(index.get_indexer(pd.Index(ids, dtype=index.dtype)), -1)
                codes = np.where(place >= 0, found[place], -1)
            self._account_codes[table] = codes
        return self._account_codes[table]

    @cached_property
    def _account_codes(self) -> dict[str, np.ndarray]:
        return {}

    @cached_property
    def computed(self) -> dict[str, dict[Any, Any]]:
        """What is costly and asked for by several topics, by name and day or months: each computed once."""
        return {}

    def members(self, customer: str) -> list[str]:
        """The accounts that are counted as this customer, sorted; itself where it is no group."""
        return list(self._groups.get(customer, [customer]))

    @cached_property
    def _groups(self) -> dict[str, list[str]]:
        of = self.customer_of
        if of is None:
            return {}
        grouped = of[of.duplicated(keep=False) | (of != of.index)]
        return {str(head): sorted(own.index) for head, own in grouped.groupby(grouped)}

    @cached_property
    def names(self) -> pd.Series:
        """The name to show for each account: its own, else that on its lines, else its id."""
        own = self.accounts.get("account_name")
        index = self.accounts.index.to_series()
        told = index.map(self.names_on_lines).fillna(index) if self.names_on_lines else index
        return told if own is None else own.fillna(told)

    @cached_property
    def recorded_names(self) -> Mapping[str, str]:
        """``names`` by account_id: every notebook and every page begins with them."""
        return self.names.to_dict()

    def names_in(self, language: str) -> Mapping[str, str]:
        """The name to show for each account on a page of this language: in English the one that is recorded
        for it, where there is one.
        """
        english = self.accounts.get("account_name_en") if language == "en" else None
        return self.recorded_names if english is None else english.fillna(self.names).to_dict()

    @cached_property
    def seen_to(self) -> pd.Timestamp:
        """The day up to which buying can be judged: as_of, or the last transaction where data end over a
        month before it.

        Months that were never delivered are not months of silence.
        """
        as_of = pd.Timestamp(self.as_of)
        last = self.days.loc[self.days["date"] <= as_of, "date"].max()
        return last if as_of - last > pd.Timedelta(days=31) else as_of

    def window(self, months: int, ending_months_ago: int = 0) -> pd.DataFrame:
        """The monthly rows of ``months`` whole months that end ``ending_months_ago`` months before as_of."""
        return self.monthly[self.monthly["bucket"].between(ending_months_ago, ending_months_ago + months - 1)]

    @cached_property
    def months_covered(self) -> int:
        """Month buckets from the first transaction to as_of."""
        past = self.monthly.loc[self.monthly["bucket"] >= 0, "bucket"]
        return int(past.max()) + 1 if len(past) else 0


def save(book: Book, folder: Path) -> None:
    """The Book as parquet files and one JSON file in ``folder``."""
    tables = folder / "tables"
    tables.mkdir(parents=True)
    for name, frame in book.tables.items():
        frame.to_parquet(tables / f"{name}.parquet", index=False)
    if book.accounts_on_lines is not None:
        book.accounts_on_lines.to_parquet(folder / ON_LINES, index=False)
    if book.undone is not None:
        book.undone.to_parquet(folder / UNDONE, index=False)
    for name in ROLL_UPS:
        rows, file = unread(book, name), folder / f"{name}.parquet"
        if isinstance(rows, Stored):
            shutil.copyfile(rows.file, file)
        else:
            rows.to_parquet(file, index=False)
    about: dict[str, Any] = {
        "as_of": book.as_of.isoformat(),
        "accounts_are": book.accounts_are,
        "totals": book.totals,
        "readings": [asdict(r) for r in book.readings],
        "faults": [asdict(f) for f in book.faults],
        "names_on_lines": book.names_on_lines,
    }
    (folder / "book.json").write_text(
        json.dumps(about, ensure_ascii=False, indent=1), encoding="utf-8", newline="\n"
    )


def read_table(file: Path) -> pd.DataFrame:
    """The frame in a parquet file. A text that stands in many cells is held once: as pandas reads it, each
    cell holds a text of its own, which takes some sixty bytes.
    """
    with pd.option_context("mode.string_storage", "pyarrow"):
        frame = pd.read_parquet(file)
    for name, dtype in frame.dtypes.items():
        column = frame[name]
        if isinstance(dtype, pd.CategoricalDtype):
            if dtype.categories.dtype == "str":
                frame[name] = column.cat.rename_categories(dtype.categories.astype(TEXT))
        elif dtype == "str":
            frame[name] = _held_once(column.array)
    if frame.index.dtype == "str":
        frame.index = pd.Index(_held_once(frame.index.array), name=frame.index.name)
    if frame.columns.dtype == "str":
        frame.columns = frame.columns.astype(TEXT)
    return frame


def _read_if_there(file: Path) -> pd.DataFrame | None:
    return read_table(file) if file.is_file() else None


def _held_once(texts: Any) -> Any:
    codes, distinct = pd.factorize(texts)
    return distinct.astype(TEXT).take(codes, allow_fill=True)


def load(folder: Path) -> Book:
    """The Book that ``save`` wrote."""
    about = json.loads((folder / "book.json").read_text(encoding="utf-8"))
    tables = {p.stem: read_table(p) for p in sorted((folder / "tables").glob("*.parquet"))}
    readings = tuple(Reading(**{**r, "unused": tuple(r["unused"])}) for r in about["readings"])
    faults = tuple(Fault(**f) for f in about["faults"])
    monthly, days, baskets = (read_table(folder / f"{name}.parquet") for name in ROLL_UPS)
    as_of = date.fromisoformat(about["as_of"])
    return Book(
        tables,
        monthly,
        days,
        baskets,
        about["totals"],
        readings,
        faults,
        as_of,
        about.get("accounts_are"),
        names_on_lines=about.get("names_on_lines", {}),
        accounts_on_lines=_read_if_there(folder / ON_LINES),
        undone=_read_if_there(folder / UNDONE),
    )
