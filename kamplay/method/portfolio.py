"""What holds across many clients: how many of those that can tell are like this, and which."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import pandas as pd

DEPENDS = 0.40  # share of one account in revenue from which a client depends on it
FEW = 10  # accounts that make 80% of revenue: each of them is a matter for the head of the firm
KEEPS = 0.80  # gross retention below which a fifth of last year's revenue is lost
FELL = 0.20  # fall of revenue since the last report
LATE = 60  # days overdue of what is overdue
WON = 0.20  # win rate
BEHIND = 92  # days by which data end before the newest of all clients


@dataclass(frozen=True)
class Across:
    """Clients that are alike in something.

    Attributes
    ----------
    kind : its code.
    severity : ``act``, ``watch`` or ``note``.
    clients : the folders' names of those that are, the strongest case first.
    known : the number of clients of which it is known.
    figures : what the sentence names, shares 0 to 1.
    """

    kind: str
    severity: Literal["act", "watch", "note"]
    clients: tuple[str, ...]
    known: int
    figures: dict[str, Any] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many they are."""
        return len(self.clients)


def across(clients: pd.DataFrame) -> list[Across]:
    """The findings across clients, those that call for something first; one that holds of nobody is left out.

    Parameters
    ----------
    clients : one row a client (index: its folder's name) with status (done, failed, refused), as_of (ISO
        date), top1_share, accounts_for_80, grr, nrr, revenue_change, days_overdue, win_rate and verdict;
        missing where not known.
    """
    asked = [
        _of(clients["status"], "refused", "act", clients["status"] == "refused"),
        _of(clients["status"], "failed", "act", clients["status"] == "failed"),
        _above(clients["top1_share"], "depends_on_one", "watch", DEPENDS, at=DEPENDS),
        _above(-clients["accounts_for_80"], "few_make_most", "watch", -FEW - 0.5, few=FEW),
        _above(-clients["grr"], "loses_a_fifth", "watch", -KEEPS, at=1 - KEEPS),
        _above(-clients["nrr"], "shrinks", "watch", -1.0),
        _above(-clients["revenue_change"], "fell_since", "watch", FELL, at=FELL),
        _above(clients["days_overdue"], "paid_late", "watch", LATE, days=LATE),
        _above(-clients["win_rate"], "wins_little", "watch", -WON, at=WON),
        _behind(clients["as_of"]),
        _of(clients["verdict"], "proven", "note", clients["verdict"] == "validated"),
    ]
    order = {"act": 0, "watch": 1, "note": 2}
    found = [one for one in asked if one and one.clients]
    return sorted(found, key=lambda one: order[one.severity])


def _above(values: pd.Series, kind: str, severity: Any, bound: float, **figures: Any) -> Across:
    known = pd.to_numeric(values).dropna()
    hit = known[known > bound].sort_values(ascending=False, kind="stable")
    return Across(kind, severity, tuple(map(str, hit.index)), len(known), figures)


def _of(known: pd.Series, kind: str, severity: Any, holds: pd.Series) -> Across:
    return Across(kind, severity, tuple(map(str, holds.index[holds.fillna(False)])), int(known.notna().sum()))


def _behind(as_of: pd.Series) -> Across | None:
    days = pd.to_datetime(as_of).dropna()
    if days.empty:
        return None
    behind = (days.max() - days).dt.days
    newest = str(days.max().date())
    return _above(behind, "behind", "watch", BEHIND, days=BEHIND, newest=newest)
