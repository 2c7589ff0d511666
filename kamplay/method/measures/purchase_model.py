"""How often accounts will buy: one BG/NBD, fitted to all accounts of the Book at a day.

The chance that an account stops, the forecast, what is at risk, lifetime value and the test of each ask the
same model, so that they cannot contradict one another. It is fitted to every account that had bought by the
day, not only to those still active: fitted to survivors alone it takes leaving for rare.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.stats import bgnbd
from kamplay.method.stats.bgnbd import BGNBD

MIN_REPEATERS = 50  # accounts with a repeat purchase, the least to fit
MAX_FITTED = 20_000  # accounts that it is fitted to: its four parameters do not move beyond
SEED = 20260630


@dataclass(frozen=True)
class PurchaseModel:
    """BG/NBD (or MBG/NBD, whichever is the likelier) as of a day.

    Attributes
    ----------
    day : nothing after it is read.
    rate : the fitted parameters; None where too few accounts bought again, or no maximum was found.
    history : a row an account that had bought by ``day`` (index account_id, sorted): x (repeat buying days),
        t_x and T (weeks from the first purchase to the last, and to ``day``).
    """

    day: pd.Timestamp
    rate: BGNBD | None
    history: pd.DataFrame

    @cached_property
    def alive(self) -> pd.Series:
        """Probability that each account still buys; missing without a fit."""
        if self.rate is None:
            return self._missing()
        return pd.Series(bgnbd.alive(self.rate, *self._columns()), index=self.history.index)

    def expected(self, days: float) -> pd.Series:
        """Expected purchases (buying days) of each account in the next ``days`` days."""
        if self.rate is None:
            return self._missing()
        return pd.Series(bgnbd.expected(self.rate, *self._columns(), days / 7), index=self.history.index)

    def no_purchase(self, days: float | pd.Series) -> pd.Series:
        """Probability that each account buys nothing in the next ``days`` days; missing without a fit.

        A purchase is a Poisson event while the account is active, so P(none) = 1 − P(alive) · (1 − ((α + T) /
        (α + T + h))^(r + x)).

        Parameters
        ----------
        days : for all accounts alike, or of each (index account_id).
        """
        if self.rate is None:
            return self._missing()
        horizon = days.reindex(self.history.index) if isinstance(days, pd.Series) else days
        x, seen = self.history["x"], self.history["T"]
        buys = -np.expm1(-(self.rate.r + x) * np.log1p(horizon / 7 / (self.rate.alpha + seen)))
        return 1 - self.alive * buys

    def _columns(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        x, t_x, seen = (self.history[c].to_numpy() for c in ("x", "t_x", "T"))
        return x, t_x, seen

    def _missing(self) -> pd.Series:
        return pd.Series(np.nan, index=self.history.index)


def purchase_model(book: Book, day: pd.Timestamp | None = None) -> PurchaseModel:
    """Fit the model of purchases to all accounts that had bought by a day; once for a Book and a day.

    Use it as ``purchase_model(book).no_purchase(180)`` or ``purchase_model(book, day).expected(365)``.

    Parameters
    ----------
    day : the last day that counts; None for the last day seen (``book.seen_to``).
    """
    day = book.seen_to if day is None else day
    kept = book.computed.setdefault("purchase_model", {})
    if day not in kept:
        kept[day] = _fitted(book, day)
    model: PurchaseModel = kept[day]
    return model


def _fitted(book: Book, day: pd.Timestamp) -> PurchaseModel:
    history = purchase_counts(book, day)
    rate = None
    if (history["x"] > 0).sum() >= MIN_REPEATERS:
        many = len(history) > MAX_FITTED
        rate = bgnbd.fit_best(history.sample(MAX_FITTED, random_state=SEED) if many else history)
    return PurchaseModel(day, rate, history)


def purchase_counts(book: Book, day: pd.Timestamp) -> pd.DataFrame:
    """Count each account's buying days up to a day, as ``PurchaseModel.history``."""
    when = book.days["date"].to_numpy().astype("datetime64[D]").astype("int64")
    end = int(np.datetime64(day, "D").astype("int64"))
    bought = book.days["bought"].to_numpy(dtype=bool) & (when <= end)
    code, when, index = book.account_codes("days")[bought], when[bought], book.accounts.index
    number = np.bincount(code, minlength=len(index))
    first, last = np.full(len(index), end), np.zeros(len(index), dtype="int64")
    np.minimum.at(first, code, when)
    np.maximum.at(last, code, when)
    seen = number > 0
    counts = {"x": number - 1.0, "t_x": (last - first) / 7, "T": (end - first) / 7}
    return pd.DataFrame(counts, index=index)[seen]
