"""Documents that stand under several accounts with one amount: a sale booked to two customers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from kamplay.errors import Fault
from kamplay.intake.checks.validation import at_rows

FEW = 3  # documents below which it may be chance
HALF = 0.5  # of the numbers that several accounts share on a day: fewer are numbers that each account counts
KEYS = ["order_id", "date", "amount"]


def faults(
    lines: pd.DataFrame, repeats: pd.Series, dedupe: bool, inputs: list[dict[str, Any]]
) -> Iterator[Fault]:
    """Report, for each input, the documents of one number, day and amount under two accounts or more, with
    the total of all lines as it stands and with each document once. Lines that repeat another to the letter
    are told as that.
    """
    if not {*KEYS, "account_id"} <= set(lines.columns):
        return
    counted = lines[~repeats] if dedupe else lines
    totals = counted.groupby("_input")["amount"].sum()
    known = lines[~repeats].dropna(subset=[*KEYS, "account_id"])
    known = known[known["amount"] != 0]
    for number, own in known.groupby("_input", sort=False):
        same_day = own[own.duplicated(KEYS[:2], keep=False)]
        accounts = same_day.groupby(KEYS[:2])["account_id"].nunique()
        alike = same_day[same_day.duplicated(KEYS, keep=False)]
        of_each = alike.groupby(KEYS)["account_id"].transform("nunique")
        alike = alike[of_each > 1]
        documents = alike[KEYS[:2]].drop_duplicates()
        if len(documents) < max(FEW, HALF * int((accounts > 1).sum())):
            continue
        again = alike[alike.duplicated(KEYS)]
        total = float(totals[number])
        args = {
            "documents": len(documents),
            "amount": round(float(again["amount"].sum()), 2),
            "total": round(total, 2),
            "rest": round(total - float(again["amount"].sum()), 2),
        }
        where = inputs[int(number)]
        header = where["headers"].get("account_id")
        fault = Fault("document_of_two_accounts", "warning", column=header, args=args, **where["place"])
        yield at_rows(fault, again["_row"])


def of_one_cause(found: list[Fault]) -> list[Fault]:
    """The faults without those on one amount on all lines of a document, where it is told that these lines
    are of several accounts.
    """
    told = {(f.file, f.sheet) for f in found if f.code == "document_of_two_accounts"}
    return [f for f in found if f.code != "amount_repeats_maybe" or (f.file, f.sheet) not in told]
