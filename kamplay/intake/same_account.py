"""Accounts that are written in several ways and count as one, as ``same_account`` in engagement.yaml says:
the first way of each list is the account, the others are read as it in every table.
"""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from kamplay.engagement import SETTINGS_FILE
from kamplay.errors import Fault

SETTING = "same_account"
COLUMNS = ("account_id", "parent_id")


class OneAccount:
    """The ways of writing of an engagement, and which of them its tables hold."""

    def __init__(self, lists: Iterable[list[str]]):
        self.account_of = {other: first for first, *others in lists for other in others}
        self.seen: set[str] = set()
        self.lines, self.amount = 0, 0.0

    def __bool__(self) -> bool:
        return bool(self.account_of)

    def names(self, names: dict[str, str]) -> dict[str, str]:
        """The names of accounts; of one that is written in several ways its own first."""
        others = {self.account_of.get(account, account): name for account, name in names.items()}
        return {account: names.get(account, name) for account, name in others.items()} if self else names

    def applied(self, frame: pd.DataFrame, table: str) -> pd.DataFrame:
        """A table with one way of writing for each account; what that changes is counted."""
        for name in COLUMNS if self else ():
            if name not in frame:
                continue
            other = frame[name].isin(self.account_of)
            self.seen |= set(frame.loc[other, name])
            if table == "transactions" and name == "account_id":
                self.lines += int(other.sum())
                self.amount += float(frame.loc[other, "amount"].sum()) if "amount" in frame else 0.0
            frame = frame.assign(**{name: frame[name].where(~other, frame[name].map(self.account_of))})
        return frame

    def faults(self, only_sums: bool) -> list[Fault]:
        """How many lines count for another way of writing; the ways that no table holds; and that of sums,
        ``only_sums``, none can be put together.
        """
        if self and only_sums:
            return [Fault("same_account_of_sums", file=SETTINGS_FILE, column=SETTING)]
        found = []
        if self.lines:
            args = {"lines": self.lines, "amount": self.amount}
            found.append(Fault("accounts_as_one", "warning", file=SETTINGS_FILE, column=SETTING, args=args))
        unknown = [name for name in self.account_of if name not in self.seen]
        return found + [
            Fault("same_account_unknown", "warning", file=SETTINGS_FILE, column=SETTING, value=name)
            for name in unknown
        ]
