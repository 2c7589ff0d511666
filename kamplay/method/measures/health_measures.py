"""The indicators of health cards at a day: their values, and how old each is. Only what was known by that day
is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.measures import features_at, purchases, warning_signs
from kamplay.presets.health_measures import HEALTH_MEASURES

# to be raised whenever a measure below gives another figure for the same data: scores of two versions are not
# compared
VERSION = 1
ACTIVE_DAYS = 365
HALF = pd.Timedelta(days=182)


def judged_accounts(book: Book, cutoff: pd.Timestamp) -> pd.DataFrame:
    """``measures.rhythm`` of the accounts that are judged: bought in the 365 days to ``cutoff``, and on two
    days at least.
    """
    seen = purchases.rhythm(book.days, cutoff)
    return seen[(seen["silent"] < ACTIVE_DAYS) & (seen["buys"] > 1)]


def health_measures(
    book: Book,
    cutoff: pd.Timestamp,
    wanted: Iterable[str],
    rhythm: pd.DataFrame,
    chance: pd.Series | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """``(values, ages)``: one column per wanted measure, one row per account of ``rhythm`` (as ``judged``
    gives it).

    Values are missing where nothing is known. Ages are days from the last observation to ``cutoff``.
    Purchases, and what only tells how things stand (wallet), have the age 0. A log (receivables, tickets,
    visits, opportunities) is as old as its last row of any account: no complaint in a log that is kept is an
    observation too. Deliveries, surveys and contacts are as old as the account's own last one; missing where
    that has no date.
    """
    taken = _At(book, cutoff, rhythm, chance)
    names = list(wanted)
    with np.errstate(divide="ignore", invalid="ignore"):
        values = {name: np.asarray(TAKE[name](taken), dtype=float) for name in names}
    ages = {name: taken.age(HEALTH_MEASURES[name].table) for name in names}
    values = {name: np.where(np.isfinite(found), found, np.nan) for name, found in values.items()}
    return pd.DataFrame(values, index=rhythm.index), pd.DataFrame(ages, index=rhythm.index)


class _At:
    """One Book at one day. Each table is read once, when a measure first asks for it; figures are arrays
    (accounts,).
    """

    def __init__(
        self, book: Book, cutoff: pd.Timestamp, rhythm: pd.DataFrame, chance: pd.Series | None = None
    ):
        self.book, self.cutoff, self.rhythm, self.index, self.chance = (
            book,
            cutoff,
            rhythm,
            rhythm.index,
            chance,
        )
        self.places: dict[
            int, np.ndarray
        ] = {}  # where each account's row stands in a frame, by the frame's identity

    def age(self, table: str) -> np.ndarray | float:
        match table:
            case "transactions" | "wallet":
                return 0.0
            case "receivables":
                return self._log(self.payments)
            case "tickets":
                return self._log(self.tickets)
            case "visits":
                return self._log(self.visits)
            case "opportunities":
                return self._deals_age
            case "deliveries":
                return self._own(self.deliveries)
            case "surveys":
                return self._own(self.surveys)
        return self._own(self.contacts)

    def _log(self, frame: pd.DataFrame | None) -> float:
        return np.nan if frame is None else float((self.cutoff - frame["last"].max()).days)

    def _own(self, frame: pd.DataFrame | None) -> np.ndarray | float:
        if frame is None:
            return np.nan
        days = (self.cutoff - frame["last"]).dt.days.to_numpy(dtype=float, na_value=np.nan)
        place = self.place(frame)
        return np.where(place >= 0, days[place], np.nan)

    @cached_property
    def _deals_age(self) -> float:
        deals = self.book.tables.get("opportunities")
        if deals is None:
            return np.nan
        dates = [deals.loc[deals[c] <= self.cutoff, c].max() for c in ("opened", "closed") if c in deals]
        known = [d for d in dates if pd.notna(d)]
        return float((self.cutoff - max(known)).days) if known else np.nan

    # --- tables beside the transactions

    @cached_property
    def payments(self) -> pd.DataFrame | None:
        return features_at.payments(self.book, self.cutoff)

    @cached_property
    def deliveries(self) -> pd.DataFrame | None:
        return features_at.deliveries(self.book, self.cutoff)

    @cached_property
    def tickets(self) -> pd.DataFrame | None:
        return features_at.tickets(self.book, self.cutoff)

    @cached_property
    def surveys(self) -> pd.DataFrame | None:
        return features_at.surveys(self.book, self.cutoff)

    @cached_property
    def visits(self) -> pd.DataFrame | None:
        return features_at.visits(self.book, self.cutoff)

    @cached_property
    def competition(self) -> pd.DataFrame | None:
        return features_at.competition(self.book, self.cutoff)

    @cached_property
    def contacts(self) -> pd.DataFrame | None:
        """``observed.contacts``, missing for accounts without any contact, with ``top`` and ``champion_gone``
        (both 0 or 1).
        """
        seen = features_at.contacts(self.book, self.cutoff)
        if seen is None:
            return None
        rows = self.book.table("contacts")
        left = features_at.gone_titles(rows)
        code = seen.index.get_indexer(pd.Index(rows["account_id"]))
        layer = (
            rows["layer"].isin(features_at.TOP_LAYERS).to_numpy(dtype=bool)
            if "layer" in rows
            else np.zeros(len(rows), dtype=bool)
        )
        stance = (
            rows["stance"].to_numpy(dtype=float, na_value=np.nan)
            if "stance" in rows
            else np.full(len(rows), np.nan)
        )

        def any_of(mask: np.ndarray) -> np.ndarray:
            return np.bincount(code[mask & (code >= 0)], minlength=len(seen)) > 0

        nobody = ~(seen["champions"].fillna(0) > 0)
        out = seen.assign(
            top=any_of(~left & layer).astype(float),
            champion_gone=(
                seen["top_layer_gone"] | (any_of(left & (stance >= features_at.CHAMPION)) & nobody)
            ).astype(float),
            layers=seen["layers"].astype("float64"),
            single_thread=seen["single_thread"].astype("float64"),
        )
        none = (seen["contacts"] + seen["gone"]) == 0
        figures = ["top", "champion_gone", "layers", "single_thread", "stance", "confirmed_share"]
        out[figures] = out[figures].mask(none)
        return out

    def of(self, frame: pd.DataFrame | None, column: str) -> np.ndarray:
        """A column of a frame by account; missing without the frame, or for an account without a row."""
        if frame is None:
            return self.unknown
        values = frame[column].to_numpy(dtype=float, na_value=np.nan)
        place = self.place(frame)
        return np.where(place >= 0, values[place], np.nan)

    def place(self, frame: pd.DataFrame) -> np.ndarray:
        """The row of each account in a frame that lives as long as this; −1 without one."""
        if id(frame) not in self.places:
            whole = len(frame) == len(self.book.accounts) and frame.index.equals(self.book.accounts.index)
            self.places[id(frame)] = self.among_all if whole else frame.index.get_indexer(self.index)
        return self.places[id(frame)]

    @cached_property
    def among_all(self) -> np.ndarray:
        return self.book.accounts.index.get_indexer(self.index)

    @cached_property
    def unknown(self) -> np.ndarray:
        return np.full(len(self.index), np.nan)

    # --- purchases

    @cached_property
    def past(self) -> tuple[np.ndarray, pd.DataFrame]:
        """The buying days up to the cut-off, with the place of each one's account."""
        rows = self.book.days[self.book.days["date"] <= self.cutoff]
        return self.index.get_indexer(pd.Index(rows["account_id"])), rows

    @cached_property
    def newest(self) -> int:
        """The latest month bucket that ended by the cut-off: one still running would look poor, or look
        ahead.
        """
        newest = 0
        while purchases.window_dates(self.book, 1, newest)[1] > self.cutoff:
            newest += 1
        return newest

    def months(self, months: int, ago: int = 0) -> tuple[pd.Timestamp, pd.Timestamp]:
        """First and last day of the ``months`` months that end ``ago`` months before the cut-off."""
        after = self.cutoff + pd.Timedelta(days=1)
        return after - pd.DateOffset(months=ago + months), after - pd.DateOffset(months=ago) - pd.Timedelta(
            days=1
        )

    def days_sum(self, column: str, first: pd.Timestamp, last: pd.Timestamp) -> np.ndarray:
        code, rows = self.past
        inside = (code >= 0) & rows["date"].between(first, last).to_numpy(dtype=bool)
        return np.bincount(code[inside], rows[column].to_numpy(dtype=float)[inside], len(self.index))

    @property
    def two_years(self) -> bool:
        """Whether the data reach back to the month that began two years before, so that a year can be
        compared with the one before.
        """
        return bool(self.past[1]["date"].min() <= self.months(1, purchases.TWO_YEARS - 1)[1])

    @cached_property
    def revenue(self) -> np.ndarray:
        return self.days_sum("amount", *self.months(12))

    def warning(self) -> np.ndarray:
        """The strongest sign; that an account has plainly stopped is not a warning any more, and ``silent``
        says it.
        """
        found = warning_signs.signs_at(self.book, self.cutoff).drop(columns="silence").reindex(self.index)
        return found.max(axis=1).to_numpy(dtype=float)

    def half_year_ratio(self) -> np.ndarray:
        now = self.days_sum("amount", self.cutoff - HALF + pd.Timedelta(days=1), self.cutoff)
        return _over(
            np.maximum(now, 0.0),
            self.days_sum("amount", self.cutoff - 2 * HALF + pd.Timedelta(days=1), self.cutoff - HALF),
        )

    def year_ratio(self) -> np.ndarray:
        return (
            _over(np.maximum(self.revenue, 0.0), self.days_sum("amount", *self.months(12, 12)))
            if self.two_years
            else self.unknown
        )

    def frequency(self, ago: int = 0) -> np.ndarray:
        return self.days_sum("bought", *self.months(12, ago))

    def frequency_change(self) -> np.ndarray:
        return _over(self.frequency(), self.frequency(12)) - 1 if self.two_years else self.unknown

    def tenure(self) -> np.ndarray:
        code, rows = self.past
        first = rows["date"].groupby(code).min().reindex(np.arange(len(self.index)))
        if "since" in self.book.accounts:
            since = self.book.accounts["since"].take(self.among_all).reset_index(drop=True)
            first = first.where(~(since < first), since)
        return ((self.cutoff - first).dt.days / 365.25).to_numpy()

    def kinds(self, months: int, ago: int = 0) -> np.ndarray:
        bought = self.book.baskets
        first = self.newest + ago
        inside = bought.loc[
            (bought["orders"] > 0) & bought["bucket"].between(first, first + months - 1),
            ["account_id", "category"],
        ]
        return self.index.get_indexer(pd.Index(inside.drop_duplicates()["account_id"]))

    def breadth(self, months: int = 12, ago: int = 0) -> np.ndarray:
        code = self.kinds(months, ago)
        return (
            np.bincount(code[code >= 0], minlength=len(self.index)).astype(float)
            if self.book.has_categories
            else self.unknown
        )

    def margin_share(self, months: int, ago: int = 0) -> np.ndarray:
        """Margin per unit of revenue with a known cost; missing where that is less than half of the account's
        revenue.
        """
        window = self.book.window(months, self.newest + ago)
        window = window[window["margin"].notna()]
        code = self.index.get_indexer(pd.Index(window["account_id"]))
        inside = code >= 0
        margin, costed = (
            np.bincount(code[inside], window[c].to_numpy(dtype=float)[inside], len(self.index))
            for c in ("margin", "costed")
        )
        amount = self.days_sum("amount", *self.months(months, ago))
        return np.where((costed > 0) & (costed >= purchases.COSTED * amount), margin / costed, np.nan)

    def margin_ratio(self) -> np.ndarray:
        share = self.margin_share(12)
        large = purchases.material(pd.Series(self.revenue)).to_numpy() & ~np.isnan(share)
        return _over(share, np.full(len(share), np.median(share[large]))) if large.any() else self.unknown


def _over(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """A ratio, missing where what it is against is not above 0."""
    return np.where(below > 0, above / np.where(below > 0, below, 1.0), np.nan)


def _mention_rate(at: _At) -> np.ndarray:
    if not at.book.has("surveys", "mention"):
        return at.unknown
    first, last = at.months(12)
    rows = at.book.table("surveys")
    rows = rows[rows["date"].between(first, last)].dropna(subset=["mention"])
    return (
        rows.astype({"mention": "float64"})
        .groupby("account_id")["mention"]
        .mean()
        .reindex(at.index)
        .to_numpy()
    )


TAKE: dict[str, Callable[[_At], np.ndarray]] = {
    "lateness": lambda at: at.rhythm["lateness"].to_numpy(),
    "silent_days": lambda at: at.rhythm["silent"].to_numpy(dtype=float),
    "warning": _At.warning,
    "churn_probability": lambda at: (
        at.unknown if at.chance is None else at.chance.reindex(at.index).to_numpy(dtype=float)
    ),
    "frequency": _At.frequency,
    "frequency_change": _At.frequency_change,
    "tenure_years": _At.tenure,
    "half_year_ratio": _At.half_year_ratio,
    "year_ratio": _At.year_ratio,
    "breadth": _At.breadth,
    "breadth_ratio": lambda at: _over(at.breadth(6), at.breadth(6, 6)),
    "margin_ratio": _At.margin_ratio,
    "margin_change": lambda at: at.margin_share(6) - at.margin_share(12, 6),
    "wallet_share": lambda at: at.of(at.competition, "wallet_share"),
    "competitor_ratio": lambda at: _over(
        at.of(at.competition, "wallet_share"), at.of(at.competition, "rival_share")
    ),
    "lost_deals": lambda at: at.of(at.competition, "lost_deals"),
    "complaints_half_year": lambda at: at.of(at.tickets, "complaints"),
    "complaints_past_due": lambda at: at.of(at.tickets, "past_due"),
    "on_time": lambda at: at.of(at.deliveries, "on_time"),
    "in_full": lambda at: at.of(at.deliveries, "in_full"),
    "overdue_share": lambda at: at.of(at.payments, "overdue_share"),
    "overdue_days": lambda at: at.of(at.payments, "oldest"),
    "overdue_to_revenue": lambda at: _over(at.of(at.payments, "overdue"), at.revenue),
    "days_late": lambda at: at.of(at.payments, "days_late"),
    "satisfaction_latest": lambda at: at.of(at.surveys, "score"),
    "satisfaction_change": lambda at: at.of(at.surveys, "score") - at.of(at.surveys, "score_before"),
    "recommendation": lambda at: at.of(at.surveys, "nps"),
    "mention_rate": _mention_rate,
    "layers_covered": lambda at: at.of(at.contacts, "layers"),
    "top_layer": lambda at: at.of(at.contacts, "top") if at.book.has("contacts", "layer") else at.unknown,
    "single_thread": lambda at: at.of(at.contacts, "single_thread"),
    "stance": lambda at: at.of(at.contacts, "stance"),
    "confirmed_share": lambda at: at.of(at.contacts, "confirmed_share"),
    "champion_gone": lambda at: at.of(at.contacts, "champion_gone"),
    "visit_gap": lambda at: at.of(at.visits, "days_since"),
    "visit_ratio": lambda at: _over(at.of(at.visits, "visits"), at.of(at.visits, "visits_before")),
    "advance_share": lambda at: at.of(at.visits, "advance_share"),
}
