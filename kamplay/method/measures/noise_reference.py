"""What a client would show to whom nothing happens: each account goes on at its own rate with its own
amounts.

One reference serves all steps of a run. Retention falls below 100 % there too, somebody always falls most,
and somebody is always silent; a finding has to show more than that.
"""

from __future__ import annotations

from functools import cached_property
from typing import cast

import numpy as np
import pandas as pd
from scipy.special import gammaincc, gammaincinv

from kamplay.book import Book
from kamplay.method.measures import purchases
from kamplay.method.stats.no_change import LEAST_SPREAD, dealt_anew, dispersion

SEED = 20260630
DRAWS, FEWEST = 500, 100
CELLS, DEALT = 30_000_000, 25_000_000  # sums kept, purchases dealt: above them fewer draws
FINE = 4000  # draws for the few accounts that are judged one by one
NODES = 24  # points at which what is not known of an account's own gap is averaged over


class NoiseReference:
    """The client in which nothing happens, drawn when it is first asked for; see ``noise_reference``."""

    def __init__(self, book: Book):
        self._book = book
        self._years: dict[int, np.ndarray] = {}

    def years(self, windows: int) -> np.ndarray:
        """Draw the last ``windows`` years of 12 months again as if nothing had changed between them.

        Returns
        -------
        (draws, accounts, windows) in the order of ``book.accounts``: revenue of each year, the newest first.
        """
        if windows not in self._years:
            code, amount, spread = self._record(windows)
            draws = min(DRAWS, CELLS // max(1, windows * len(spread)), DEALT // max(1, len(code)))
            rng = np.random.default_rng([SEED, windows])
            self._years[windows] = dealt_anew(code, amount, spread, windows, max(FEWEST, draws), rng)
        return self._years[windows]

    def fall_p_values(self, accounts: pd.Index, falls: pd.Series) -> pd.Series:
        """How often chance alone lets an account fall as far from one year to the next as ``falls`` says,
        given what it bought in both; index ``accounts``.
        """
        code, amount, spread = self._record(2)
        place = self._book.accounts.index.get_indexer(accounts)
        new = np.full(len(spread), -1)
        new[place] = np.arange(len(place))
        keep = new[code] >= 0
        order = np.argsort(new[code[keep]], kind="stable")
        rng = np.random.default_rng([SEED, 99])
        years = dealt_anew(new[code[keep]][order], amount[keep][order], spread[place], 2, FINE, rng)
        least = falls.reindex(accounts).to_numpy(dtype=float)
        fell = years[:, :, 1] - years[:, :, 0] >= least - 1e-6 * np.abs(least)
        return pd.Series((1 + fell.sum(axis=0)) / (FINE + 1), index=accounts)

    @cached_property
    def silence(self) -> pd.Series:
        """How often an account that goes on as it did is silent for as long as it is now; index account_id,
        accounts that bought at least twice by the day data are seen to.

        Gaps are gamma with the account's own mean and regularity. Looked at on any day, the time since the
        last purchase is longer than t with probability ∫ₜ^∞ S / ∫₀^∞ S, S the chance that a gap is longer
        (Cox 1962, Renewal Theory, 5.1). What is not known of the mean is averaged over: k gaps of shape c
        tell it as a gamma of shape kc does.
        """
        book = self._book
        code, day = self._buying_days(book.seen_to)
        number = np.bincount(code, minlength=len(book.accounts.index))
        size = len(number)
        if not len(code):
            return pd.Series(dtype="float64")
        first, last = np.full(size, day.max()), np.full(size, day.min())
        np.minimum.at(first, code, day)
        np.maximum.at(last, code, day)
        gaps = number - 1
        known = gaps >= 1
        mean = (last - first)[known] / gaps[known]
        silent = (pd.Timestamp(book.seen_to) - pd.Timestamp(0)).days - last[known]
        shape = 1 / np.maximum(dispersion(code, day, size)[known], LEAST_SPREAD)
        weight = gaps[known] * shape
        points = (np.arange(NODES) + 0.5) / NODES
        p = np.zeros(len(mean))
        for point in points:
            usual = np.maximum(mean, 0.5) * weight / gammaincinv(weight, point)
            x = silent * shape / usual
            p += gammaincc(shape + 1, x) - x / shape * gammaincc(shape, x)
        return pd.Series(np.clip(p / NODES, 0.0, 1.0), index=book.accounts.index[known])

    def _record(self, windows: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The purchases of the last years, a return taken off the purchase before it, by account and day;
        and how regularly each account buys.
        """
        book = self._book
        start, _ = purchases.window_dates(book, 12 * windows)
        days, codes = book.days, book.account_codes("days")
        inside = (days["date"] >= start) & (days["date"] <= pd.Timestamp(book.as_of)) & (codes >= 0)
        part = days.loc[inside, ["date", "bought"]].assign(
            amount=purchases.standing(days[inside]), code=codes[inside.to_numpy()]
        )
        part = part.sort_values(["code", "date"], kind="stable")
        code, amount = part["code"].to_numpy(), part["amount"].to_numpy(dtype=float)
        day = part["date"].to_numpy(dtype="datetime64[D]").astype(np.int64)
        bought = part["bought"].to_numpy(dtype=bool)
        begins = bought | np.r_[True, code[1:] != code[:-1]][: len(code)]
        starts = np.flatnonzero(begins)
        size = len(book.accounts.index)
        spread = dispersion(code[bought], day[bought], size)
        return code[starts], (np.add.reduceat(amount, starts) if len(starts) else amount), spread

    def _buying_days(self, until: pd.Timestamp) -> tuple[np.ndarray, np.ndarray]:
        days, codes = self._book.days, self._book.account_codes("days")
        keep = (days["bought"] & (days["date"] <= until)).to_numpy(dtype=bool) & (codes >= 0)
        code, day = codes[keep], days["date"].to_numpy(dtype="datetime64[D]").astype(np.int64)[keep]
        order = np.lexsort((day, code))
        return code[order], day[order]


def noise_reference(book: Book) -> NoiseReference:
    """The reference of a client, the same for all that ask in one run."""
    kept = book.computed.setdefault("noise_reference", {})
    day = pd.Timestamp(book.as_of)
    if day not in kept:
        kept[day] = NoiseReference(book)
    return cast(NoiseReference, kept[day])
