"""Which of several headers holds the figure of the line: told by their words and by arithmetic.

An amount can stand beside its unit price, the total of its document, the same before discount, with tax or in
another currency; a cost can be that of one piece. What arithmetic proves is used; what it leaves open is
asked, with the totals side by side.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from kamplay.codebook import TableSpec, fold
from kamplay.currency_names import of_header, same, without_currency
from kamplay.errors import Fault, Level
from kamplay.intake.columns.header_words import in_company_currency, money_role
from kamplay.intake.values.cells import at
from kamplay.intake.values.parsing import as_text, dates, ids, numbers

PROVES = 0.95  # share of the lines that must agree
MANY = 5  # documents whose lines differ in quantity but not in amount
MANY_ALIKE = 20  # documents of several lines with one amount each, where no quantity is known
FEW = 3  # lines or documents below which nothing is proven
ENOUGH = 20  # lines from which an account with one value, or one for every line, is none
SAMPLE = 20_000  # lines that arithmetic looks at, from all over the input; totals are of all lines
FIRST = 50_000  # lines in whose documents totals are looked for
NOT_AMOUNTS = ("rate", "unit_cost", "price", "profit", "cost", "tax", "discount", "paid", "freight")
FEW_ACCOUNTS = 200  # ledger accounts of one export
LEDGER = re.compile(  # accounts of a ledger, where customers are looked for
    r"(?:\d+\s*[-·:]?\s*)?(?:(?:trade |accounts? )?receivables?(?: \(a/r\))?|a/r|"
    r"(?:sales|service)(?: revenue| income)?|revenue|income|(?:sales )?tax(?: payable)?|checking|bank|cash|"
    r"应收账款|主营业务收入|其他业务收入|营业收入|银行存款|应交税费|forderungen.*|umsatzerlöse.*|erlöse.*|clientes|ventas|ventes.*|ricavi.*)(?::.*)?",
    re.IGNORECASE,
)
TAX = (1.01, 1.28)  # gross over net, with any rate of VAT


@dataclass
class Figures:
    """The columns of one input as numbers, each read once.

    Attributes
    ----------
    frame : DataFrame
        Raw cells.
    rows : Index
        The lines that count; sums of other lines and blank lines would double a total.
    """

    frame: pd.DataFrame
    rows: pd.Index
    _read: dict[str, pd.Series] = field(default_factory=dict)

    def numbers(self, header: str) -> pd.Series:
        """The figures under a header, or of a ``Header * Header``, on the lines that count."""
        if header not in self._read:
            if header in self.frame.columns:
                self._read[header] = numbers(at(self.frame[header], self.rows))[0]
            else:
                one, other = header.split(" * ")
                self._read[header] = (self.numbers(one) * self.numbers(other)).round(6)
        return self._read[header]

    def total(self, header: str) -> float:
        return round(float(self.numbers(header).sum()), 2)

    def are_numbers(self, header: str) -> bool:
        """Whether four of five filled cells are figures, and not all of them 0."""
        text = as_text(self.frame.loc[self.sample, header]).str.strip()
        text = text[text != ""]
        if not len(text):
            return False
        read = numbers(self.frame.loc[text.index, header])[0]
        return bool(read.notna().mean() >= 0.8 and (read.fillna(0) != 0).any())

    @cached_property
    def sample(self) -> pd.Index:
        step = max(1, len(self.rows) // SAMPLE)
        return self.rows[::step]

    def some(self, header: str) -> pd.Series:
        """The figures on the lines that arithmetic looks at."""
        return self.numbers(header).reindex(self.sample)


@dataclass
class Choice:
    """What judging changed.

    Attributes
    ----------
    headers : dict of str to str
        Our column to the user's header, or to a ``Header * Header``.
    faults : list of Fault
        What was decided, with both totals, and what could not be.
    why : dict of str to (code, figures)
        For headers that were passed over, what they are: ``show.faults`` has the words.
    proposed : dict of str to str
        For a column without a header the only one that can hold it.
    """

    headers: dict[str, str]
    faults: list[Fault] = field(default_factory=list)
    proposed: dict[str, str] = field(default_factory=dict)
    why: dict[str, tuple[str, dict[str, Any]]] = field(default_factory=dict)


def judge(
    frame: pd.DataFrame,
    rows: pd.Index,
    spec: TableSpec,
    headers: dict[str, str],
    known: dict[str, list[str]],
    own: set[str],
    place: dict[str, Any],
    currency: str | None = None,
) -> Choice:
    """Hold the headers found by name against what stands under them.

    Parameters
    ----------
    frame, rows : DataFrame, Index
        The raw cells, and the lines that count.
    spec : TableSpec
        The table in the codebook.
    headers : dict of str to str
        Our column to the header found by its name.
    known : dict of str to list of str
        For each column every header known for it, the surest first.
    own : set of str
        Columns that the engagement names itself; they are never changed.
    place : dict
        Where the faults stand: table, file, sheet, and the row of the header.
    currency : str, optional
        The engagement's, for amounts that stand in a column for each currency.
    """
    choice = Choice(dict(headers))
    _accounts(frame, rows, spec, choice, known, own, place)
    if spec.name == "transactions":
        figures = Figures(frame, rows)
        _Amounts(figures, choice, known, own, place, currency).decide()
        _costs(figures, choice, known, own, place)
    return choice


# accounts and order ids


def _accounts(
    frame: pd.DataFrame,
    rows: pd.Index,
    spec: TableSpec,
    choice: Choice,
    known: dict[str, list[str]],
    own: set[str],
    place: dict[str, Any],
) -> None:
    """An id that is blank, or an account with one value for all lines, gives way to another that fits."""
    for name, column in spec.columns.items():
        header = choice.headers.get(name)
        others = [h for h in known.get(name, ()) if h not in choice.headers.values() and h in frame.columns]
        if column.kind != "id" or header is None or name in own or not others:
            continue
        cells = {h: as_text(frame.loc[rows, h]).str.strip() for h in (header, *others)}
        filled = {h: float((text != "").mean()) if len(text) else 0.0 for h, text in cells.items()}
        if filled[header] < 0.5 < max(filled[h] for h in others):
            best = next(h for h in others if filled[h] > 0.5)
            choice.headers[name] = best
            choice.why[header] = ("blank", {"used": best})
            continue
        if name == "account_id" and spec.name == "transactions":
            reason = not_an_account(cells[header])
            best_ = next((h for h in others if filled[h] > 0.5 and not not_an_account(cells[h])), None)
            if reason and best_:
                choice.headers[name] = best_
                choice.why[header] = (reason, {"used": best_})
                args = {"name": name, "used": best_, "reason": reason, "count": int(cells[header].nunique())}
                choice.faults.append(Fault("header_not_fit", "warning", column=header, args=args, **place))


def not_an_account(text: pd.Series) -> str | None:
    """Why the cells of a column name no accounts: one_value, all_different, dates or amounts; None where they
    may.
    """
    text = text[text != ""]
    values = text.drop_duplicates()
    if len(values):
        some = values.head(200)
        if (some.str.contains(r"\d[-/.年]\d", regex=True) & dates(some)[0].notna()).mean() >= 0.8:
            return "dates"
        if some.str.fullmatch(r"[¥$€£]?-?[\d,]*\d\.\d{1,2}").mean() >= 0.8:
            return "amounts"
    if len(text) < ENOUGH:
        return None
    if len(values) <= FEW_ACCOUNTS and text.map(
        dict.fromkeys(values[values.str.fullmatch(LEDGER)], 1)
    ).sum() > 0.5 * len(text):
        return "ledger"
    return "one_value" if len(values) == 1 else "all_different" if len(values) == len(text) else None


# amounts


@dataclass
class _Amounts:
    """The amount among its rivals: the figures of the lines, their unit price, their document's total, the
    same before discount, with tax, or in another currency.
    """

    figures: Figures
    choice: Choice
    known: dict[str, list[str]]
    own: set[str]
    place: dict[str, Any]
    currency: str | None = None

    def decide(self) -> None:
        self.quantity = self.choice.headers.get("quantity")
        taken = {h for n, h in self.choice.headers.items() if n != "amount"}
        first = self.choice.headers.get("amount")
        there = [h for h in self.figures.frame.columns if h not in taken and (h == first or not product(h))]
        if first and "amount" in self.own and (" - " in first or " + " in first):
            sides = re.split(r" [-+] ", first)  # debit and credit, of which the setting makes one amount
            there = [h for h in there if h == first or h not in sides]
        listed = [h for h in self.known.get("amount", ()) if h in there]
        self.role = {h: money_role(h) for h in there}
        if self.currency and "amount" not in self.own and self._by_currency(first, there):
            return
        first = self.choice.headers.get("amount")
        if first is None:
            self._ask(there)
            return
        if first not in there or not self.figures.are_numbers(first):
            return
        worded = [h for h in there if self.role[h] in ("company", "discounted", "list", "document", "amount")]
        rivals = [h for h in dict.fromkeys([first, *listed, *worded]) if self.figures.are_numbers(h)]
        if len(rivals) > 1 or self.quantity or self.choice.headers.get("order_id"):
            self._among(first, rivals, listed)

    def _among(self, first: str, rivals: list[str], listed: list[str]) -> None:
        left = [h for h in rivals if not self._is_unit(h, rivals)]
        left = [h for h in left if not self._is_document(h, left)]
        if not left:
            used = self.choice.why[first][1]["used"]
            left = [used] if used in (*rivals, self.times) else rivals
        best = first if first in left else next((h for h in left if h in listed), left[0])
        if best != first:
            code = self.choice.why[first][0]
            if not self._take(best, first, f"amount_{code}"):
                return
            first = best
        company = [h for h in left if self._in_own_currency(h) and self.role[h] != "gross"]
        for other in left:
            if other == first or self._same(first, other):
                continue
            if other in company and not self._in_own_currency(first) and not of_header(first):
                self.choice.why[first] = ("other_currency", {"used": other})
                if not self._take(other, first, "amount_company_currency"):
                    return
                first = other
            elif self._in_own_currency(first) and not self._in_own_currency(other):
                self.choice.why[other] = ("other_currency", {"used": first})
            elif self._is_before_discount(first, other):
                self.choice.why[first] = ("before_discount", {"used": other})
                if not self._take(other, first, "amount_before_discount"):
                    return
                first = other
            elif self._is_before_discount(other, first):
                self.choice.why[other] = ("before_discount", {"used": first})
            elif self._with_tax(first, other):
                self.choice.why[other] = ("with_tax", {"used": first})
            elif self._with_tax(other, first) and other in listed:
                self.choice.why[first] = ("with_tax", {"used": other})
                if not self._take(other, first, "amount_with_tax"):
                    return
                first = other
        if self._repeats(first) and "amount" not in self.own:
            order = self.choice.headers["order_id"]
            keys = ids(self.figures.frame.loc[self.figures.rows, order])[0]
            again = self.figures.numbers(first)[keys.duplicated() & keys.notna()]
            total = self.figures.total(first)
            args = {
                "name": "amount",
                "documents": int(self.documents.nunique()),
                "total": total,
                "once": round(total - float(again.sum()), 2),
            }
            if self.quantity:
                self.choice.faults.append(Fault("amount_repeats", column=first, args=args, **self.place))
                return
            self.choice.faults.append(
                Fault("amount_repeats_maybe", "warning", column=first, args=args, **self.place)
            )
        self._undecided(first, left, listed)
        self._list_price(first)

    def _in_own_currency(self, header: str) -> bool:
        """Whether a header says that its figures are in the company's or the engagement's currency."""
        return in_company_currency(header) or (of_header(header) or "") == self.currency

    def _by_currency(self, first: str | None, there: list[str]) -> bool:
        """Where one amount stands in a column for each currency, take that of the engagement's and tell; ask
        where none is, or where each line is filled in one of them only. Whether the amount is decided by it.
        """
        columns = self._currency_columns(first, there)
        if len({code for code, _ in columns}) < 2:
            return False
        own = next((h for code, h in columns if same(code, str(self.currency))), None)
        headers = [h for _, h in columns]
        args: dict[str, Any] = {
            "name": "amount",
            "currency": self.currency,
            "candidates": self._totals(headers),
        }
        self.choice.headers.pop("amount", None)
        if own is None:
            code = columns[0][0]
            args |= {"example": headers[0], "code": code}
            self.choice.faults.append(
                Fault("amount_in_other_currencies", column=headers[0], args=args, **self.place)
            )
            return True
        others = [h for h in headers if h != own]
        mine = self.figures.numbers(own).fillna(0) == 0
        lacking = mine & pd.concat([self.figures.numbers(h).fillna(0) != 0 for h in others], axis=1).any(
            axis=1
        )
        if lacking.any():
            args |= {"used": own, "lines": int(lacking.sum())}
            self.choice.faults.append(Fault("amount_split_by_currency", column=own, args=args, **self.place))
            return True
        self.choice.headers["amount"] = own
        self.choice.why |= {h: ("other_currency", {"used": own}) for h in others}
        args |= {"used": own}
        self.choice.faults.append(Fault("amount_of_currency", "warning", column=own, args=args, **self.place))
        return False

    def _currency_columns(self, first: str | None, there: list[str]) -> list[tuple[str, str]]:
        """The currency and header of each column that is called like another but for its currency: those of
        the amount as the codebook knows it, else the first.
        """
        known = {fold(without_currency(h)) for h in self.known.get("amount", ())}
        alike: dict[str, list[tuple[str, str]]] = {}
        for header in there:
            code = of_header(header)
            if (
                code
                and self.role[header] in ("net", "amount", "document", "gross", None)
                and self.figures.are_numbers(header)
            ):
                alike.setdefault(fold(without_currency(header)), []).append((code, header))
        groups = [g for g in alike.values() if len({code for code, _ in g}) > 1]
        if first is not None:
            return next((g for g in groups if first in [h for _, h in g]), [])
        return next((g for stem, g in alike.items() if stem in known and g in groups), next(iter(groups), []))

    def _undecided(self, first: str, left: list[str], listed: list[str]) -> None:
        """Known headers whose totals differ and nothing tells apart: asked where both are as sure, told where
        one is called exactly as the codebook calls it.
        """
        open_ = [
            h
            for h in left
            if h != first
            and h in listed
            and h not in self.choice.why
            and (self.role[h] == "gross") == (self.role[first] == "gross")
            and not self._same(first, h)
            and abs(self.figures.total(h) - self.figures.total(first)) > 0.005
        ]
        if not open_ or "amount" in self.own:
            return
        args = {"name": "amount", "propose": first, "candidates": self._totals([first, *open_])}
        sure = self.role[first] == "net" or first.casefold() in (
            "金额",
            "amount",
            "betrag",
            "montant",
            "importe",
            "importo",
        )
        level: Level = "warning" if sure else "error"
        self.choice.faults = [f for f in self.choice.faults if f.args.get("name") != "amount"]
        code = "amount_rivals" if sure else "amount_undecided"
        self.choice.faults.append(Fault(code, level, column=first, args=args, **self.place))

    def _list_price(self, first: str) -> None:
        """Quantity × price is another total than the amount, and the export has a discount: both are told."""
        price = next((h for h, role in self.role.items() if role == "price"), None)
        discount = any(role in ("discount", "discounted") for role in self.role.values())
        if not (price and self.quantity and discount) or "amount_before_discount" in self._codes():
            return
        times = f"{self.quantity} * {price}"
        if product(first) or not self.figures.are_numbers(price):
            return
        line, listed = self.figures.some(first), self.figures.some(times)
        both = line.notna() & listed.notna()
        gap = abs(self.figures.total(times) - self.figures.total(first))
        if (
            both.sum() >= FEW
            and (line.abs() <= listed.abs() + 0.01)[both].mean() >= PROVES
            and gap > 0.005 * abs(self.figures.total(first))
        ):
            self.choice.why[price] = ("before_discount", {"used": first})
            self._tell(first, times, "amount_before_discount")

    def _ask(self, there: list[str]) -> None:
        """No header is known for the amount: all that may hold it are listed with their totals."""
        if "amount" in self.own:
            return
        order = ("discounted", "net", "company", "amount", "gross", "list", "document")
        found = [h for h in there if self.role[h] in order and self.figures.are_numbers(h)]
        left = [h for h in found if not self._is_unit(h, found)]
        left = [h for h in left if not self._is_document(h, left)] or left
        left.sort(key=lambda h: order.index(self.role[h] or "amount"))
        times = self.times
        if not left and not times:
            return
        if times and not any(self._same(h, times) for h in left):
            surer = all(self.role[h] in ("document", "gross", "list") for h in left)
            left = [times, *left] if surer else [*left, times]
        if len(left) == 1:
            self.choice.proposed["amount"] = left[0]
            return
        args = {"name": "amount", "propose": left[0], "candidates": self._totals(left)}
        self.choice.faults.append(Fault("amount_undecided", args=args, **self.place))

    # what two columns are to each other

    def _is_unit(self, header: str, rivals: list[str]) -> bool:
        """Whether quantity × it is another column, on the lines where that makes a difference."""
        if not self.quantity or header == self.quantity:
            return False
        for other in rivals:
            if other != header and is_unit_of(self.figures, header, other, self.quantity):
                self.choice.why[header] = ("per_unit", {"used": other})
                return True
        return False

    def _is_document(self, header: str, rivals: list[str]) -> bool:
        """Whether it repeats on every line of a document where another column differs from line to line."""
        keys = self.documents
        if product(header) or len(keys) == 0 or keys.nunique() < FEW:
            return False
        mine = self.figures.numbers(header).reindex(keys.index).groupby(keys)
        if (mine.nunique() == 1).mean() < PROVES or (mine.count() == mine.size()).mean() < PROVES:
            return False
        for other in [*rivals, *([self.times] if self.times else [])]:
            theirs = self.figures.numbers(other).reindex(keys.index).groupby(keys)
            if other != header and (theirs.nunique() > 1).mean() >= 0.5:
                self.choice.why[header] = ("per_document", {"used": other})
                return True
        return False

    def _repeats(self, header: str) -> bool:
        """Whether a column is the same on all lines of a document although their quantities differ, and
        nothing else says what a line comes to; without quantities, whether it is so on nearly all of many
        documents, which differ from each other.
        """
        keys = self.documents
        if product(header) or len(keys) == 0:
            return False
        if not self.quantity:
            if self.figures.frame.loc[keys.index].astype("str").duplicated(keep=False).mean() > 0.5:
                return False  # lines that repeat to the letter are told as such
            mine = self.figures.numbers(header).reindex(keys.index).groupby(keys)
            alike = (mine.nunique() == 1) & (mine.count() == mine.size())
            return bool(
                len(alike) >= MANY_ALIKE
                and alike.mean() >= PROVES
                and mine.first().nunique() >= PROVES * len(alike) / 2
            )
        counts = self.figures.numbers(self.quantity).reindex(keys.index).groupby(keys)
        differ = counts.nunique() > 1
        mine = self.figures.numbers(header).reindex(keys.index).groupby(keys)
        one = (mine.nunique() == 1) & (mine.count() == mine.size())
        return bool(differ.sum() >= MANY and one[differ].mean() >= PROVES)

    @cached_property
    def documents(self) -> pd.Series:
        """The order id of each line of a document with several lines, among the first lines."""
        order = self.choice.headers.get("order_id")
        if order is None or order not in self.figures.frame.columns:
            return pd.Series(dtype="str")
        keys = ids(self.figures.frame.loc[self.figures.rows[:FIRST], order])[0]
        return keys[keys.duplicated(keep=False) & keys.notna()]

    @cached_property
    def times(self) -> str | None:
        """Quantity × price, where the export has both."""
        price = next((h for h, r in self.role.items() if r == "price" and self.figures.are_numbers(h)), None)
        if not price or not self.quantity or counted_otherwise(self.quantity, price):
            return None
        return f"{self.quantity} * {price}"

    def _same(self, one: str, other: str) -> bool:
        a, b = self.figures.some(one), self.figures.some(other)
        return bool(((a.isna() & b.isna()) | ((a - b).abs() <= 0.011)).all())

    def _is_before_discount(self, before: str, after: str) -> bool:
        """Whether ``after`` is called discounted, or ``before`` undiscounted, and is never the larger."""
        if self.role[after] != "discounted" and self.role[before] != "list":
            return False
        a, b = self.figures.some(before), self.figures.some(after)
        both = a.notna() & b.notna()
        return bool(both.sum() > 0 and (b.abs() <= a.abs() + 0.01)[both].mean() >= PROVES)

    def _with_tax(self, net: str, gross: str) -> bool:
        """Whether ``gross`` is ``net`` with tax: by a tax column, or by the same few rates on every line."""
        a, b = self.figures.some(net), self.figures.some(gross)
        both = a.notna() & b.notna() & (a.abs() >= 1)
        if both.sum() < FEW:
            return False
        for tax in (h for h, role in self.role.items() if role == "tax" and self.figures.are_numbers(h)):
            if ((a + self.figures.some(tax) - b).abs() <= 0.02)[both].mean() >= PROVES:
                return True
        ratio = (b / a)[both]
        rates = ratio.round(2).value_counts(normalize=True)
        return bool(ratio.between(*TAX).mean() >= PROVES and rates.head(3).sum() >= PROVES)

    # words

    def _take(self, used: str, other: str, code: str) -> bool:
        """Use another header than the name says, and tell; against the engagement's own word only tell."""
        if "amount" in self.own:
            self._tell(other, used, f"{code}_own")
            return False
        self.choice.headers["amount"] = used
        self.choice.faults = [f for f in self.choice.faults if f.args.get("name") != "amount"]
        self._tell(used, other, code)
        return True

    def _tell(self, used: str, other: str, code: str) -> None:
        args = {"name": "amount", "used": used, "other": other, "totals": self._totals([used, other])}
        self.choice.faults.append(Fault(code, "warning", column=other, args=args, **self.place))

    def _codes(self) -> set[str]:
        return {f.code for f in self.choice.faults}

    def _totals(self, headers: list[str]) -> list[tuple[str, float]]:
        return [(h, self.figures.total(h)) for h in headers]


def product(header: str | None) -> bool:
    """Whether this is a ``Header * Header`` of ``columns``."""
    return bool(header and re.search(r"\S\s*[*×]\s*\S", header))


_PIECES = {
    "piece": r"pieces?|pcs|each|件|个|只|支",
    "case": r"cases?|ctns?|cartons?|箱",
    "box": r"box(?:es)?|盒",
    "pallet": r"pallets?|托盘?",
    "kilogram": r"kgs?|kilos?|公斤|千克",
    "tonne": r"tons?|tonnes?|吨",
    "dozen": r"dozens?|doz|打",
    "thousand": r"(?:per )?1,?000|千件",
}


def counted_otherwise(quantity: str, price: str) -> bool:
    """Whether the headers say that the price is for another unit than the quantity counts: cases sold, at a
    price for a piece.
    """
    each, whole = (
        {
            name
            for name, words in _PIECES.items()
            if re.search(rf"(?<![A-Za-z])(?:{words})(?![A-Za-z])", h, re.I)
        }
        for h in (price, quantity)
    )
    return bool(each and whole and not each & whole)


def is_unit_of(figures: Figures, unit: str, line: str, quantity: str) -> bool:
    """Whether ``quantity`` × ``unit`` is ``line`` within rounding, on the lines where that is not the same as
    ``unit`` = ``line``.
    """
    each, whole, count = figures.some(unit), figures.some(line), figures.some(quantity)
    tells = each.notna() & whole.notna() & count.notna() & (count.abs() != 1) & (count != 0) & (each != 0)
    if tells.sum() < FEW:
        return False
    product = (each * count)[tells]
    room = 0.011 + 0.0051 * count[tells].abs() + 1e-6 * product.abs()
    return bool(((product.abs() - whole[tells].abs()).abs() <= room).mean() >= PROVES)


# costs


def _costs(
    figures: Figures, choice: Choice, known: dict[str, list[str]], own: set[str], place: dict[str, Any]
) -> None:
    """The cost of the line beside that of one piece; where there is only the latter, quantity × it."""
    quantity = choice.headers.get("quantity")
    taken = {h for n, h in choice.headers.items() if n != "cost"}
    there = [h for h in figures.frame.columns if h not in taken and money_role(h) in ("cost", "unit_cost")]
    first = choice.headers.get("cost")
    if first and product(first):
        return  # quantity × cost, as the engagement says
    costs = list(dict.fromkeys([*([first] if first else []), *known.get("cost", ()), *there]))
    costs = [h for h in costs if h in figures.frame.columns and h not in taken and figures.are_numbers(h)]
    if not quantity or not costs:
        return
    units = {h: o for h in costs for o in costs if o != h and is_unit_of(figures, h, o, quantity)}
    for unit, line in units.items():
        choice.why[unit] = ("per_unit", {"used": line})
    lines = [h for h in costs if h not in units]
    if first in units or (first is None and units):
        best = next((h for h in lines if h in units.values()), lines[0])
        if "cost" in own:
            _tell_cost(figures, choice, first or best, best, "cost_per_unit_own", place)
        else:
            choice.headers["cost"] = best
            choice.faults = [f for f in choice.faults if f.args.get("name") != "cost"]
        return
    one = first or next((h for h in lines if money_role(h) == "unit_cost"), None)
    amount = choice.headers.get("amount")
    if one is None or units or not amount:
        return
    told = _by_piece(figures, one, amount, quantity)
    if told or (told is None and money_role(one) == "unit_cost"):
        whole = f"{quantity} * {one}"
        choice.why[one] = ("per_unit", {"used": whole})
        if "cost" in own:
            _tell_cost(figures, choice, one, whole, "cost_per_unit_own", place)
        else:
            choice.headers["cost"] = whole
            _tell_cost(figures, choice, one, whole, "cost_per_unit", place)


def _by_piece(figures: Figures, cost: str, amount: str, quantity: str) -> bool | None:
    """Whether a cost is that of one piece: its share in the amount is steadier once it is multiplied by the
    quantity. None where the quantities leave it open.
    """
    c, a, q = (figures.some(h).abs() for h in (cost, amount, quantity))
    use = (c > 0) & (a > 0) & (q > 0)
    if use.sum() < ENOUGH or (q[use] != 1).sum() < ENOUGH // 2:
        return None
    as_line = np.log(c[use] / a[use])
    as_unit = np.log(c[use] * q[use] / a[use])
    spread = [float(s.quantile(0.75) - s.quantile(0.25)) for s in (as_line, as_unit)]
    if abs(float(as_unit.median())) > 3:  # twenty times the amount, or a twentieth: no cost of a piece
        return False
    return True if spread[1] < 0.5 * spread[0] else False if spread[0] < 0.5 * spread[1] else None


def _tell_cost(
    figures: Figures, choice: Choice, other: str, used: str, code: str, place: dict[str, Any]
) -> None:
    if code.endswith("_own"):
        other, used = used, other
    totals = [(h, figures.total(h)) for h in (used, other)]
    args = {"name": "cost", "used": used, "other": other, "totals": totals}
    choice.faults.append(Fault(code, "warning", column=other, args=args, **place))
