"""What deals that are opened now can still bring by the end of the target's period, from the firm's own won
deals: how long these took, and how much the firm opens in a year.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd

from kamplay.book import Book
from kamplay.method.measures.deals import deals_at
from kamplay.method.value.pipeline import FEW, KNOWN, Pipeline


@dataclass(frozen=True)
class NewDeals:
    """New deals and the end of the target's period. Amounts in the engagement's currency.

    Attributes
    ----------
    end, days : the period's last day, and how many days are left to it.
    rate : by which they are weighed: the lower of what recorded win rates promise of open deals and of the
        part of past deals that was won.
    won, in_time : won deals with both dates and an amount, and those of them that took no more than ``days``.
    within : the part of their amount that was won in so many days.
    opened : amount of the deals opened in the 12 months to as_of.
    """

    end: date
    days: int
    rate: float
    won: int
    in_time: int
    within: float
    opened: float

    @property
    def lands(self) -> float:
        """What as many deals as a year opens would bring by the end, all of them opened now."""
        return self.opened * self.rate * self.within

    def needed(self, gap: float) -> float | None:
        """Amount of deals opened now that closes a gap by the end; None where a year's are too few for it."""
        return gap / (self.rate * self.within) if 0 < gap <= self.lands else None

    @property
    def figures(self) -> dict[str, float | str]:
        """As findings tell it."""
        return {
            "end": self.end.isoformat(),
            "days": self.days,
            "rate": self.rate,
            "within": self.within,
            "opened": self.opened,
            "lands": self.lands,
        }


def new_deals(book: Book, pipeline: Pipeline | None, day: date | None = None) -> NewDeals | None:
    """Judge what deals opened from ``day`` on (default: as_of) can bring by 12 months after as_of; None where
    no win rate is known, fewer than FEW won deals say how long they took, or too many amounts are blank.
    """
    history = pipeline.win_rates.overall if pipeline else None
    if pipeline is None or not history:
        return None
    recorded = pipeline.win_rates.recorded_share
    deals = deals_at(book)
    won = deals[deals["won"]]
    timed = won.dropna(subset=["opened", "closed"])
    timed = timed[timed["amount"] > 0]
    year_from = pd.Timestamp(book.as_of) - pd.DateOffset(months=12)
    opened = deals[deals["opened"] > year_from]
    if min(len(timed) / len(won), (deals["amount"] > 0).mean(), deals["opened"].notna().mean()) < KNOWN:
        return None
    if len(timed) < FEW:
        return None
    end = (pd.Timestamp(book.as_of) + pd.DateOffset(months=12)).date()
    days = (end - (day or book.as_of)).days
    soon = (timed["closed"] - timed["opened"]).dt.days <= days
    return NewDeals(
        end,
        days,
        min(history, recorded or history),
        len(timed),
        int(soon.sum()),
        float(timed.loc[soon, "amount"].sum() / timed["amount"].sum()),
        float(opened["amount"].sum()),
    )
