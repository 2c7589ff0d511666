"""Every measure of an account that a scorecard or a health card may name, each defined once and taken at a
day.

To add one, write a function here and register it with ``@measure``. What a measure of health cards says of an
account stands in ``kamplay.show.texts.vocabulary``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
import pandas as pd

from kamplay.book import TO_MICRO, Book
from kamplay.method.measures import features_at, purchases, warning_signs
from kamplay.method.measures.buying_rhythm import rhythm_at
from kamplay.method.measures.deals import deals_at
from kamplay.method.measures.financials import latest_ratio

# to be raised whenever a measure of health cards gives another figure for the same data: scores of two
# versions are not compared
VERSION = 2
HALF = pd.Timedelta(days=182)

Take = Callable[["AccountsAt"], np.ndarray | pd.Series]


@dataclass(frozen=True)
class Measure:
    """One measure.

    ``table``: what it is taken from. ``label``: what it is, in English, over the 12 months to the day unless
    it says otherwise; its Chinese is in the catalogue. ``code``: the reason in the column health_drivers,
    that of the early-warning sign where both look at the same thing; health cards may name only measures
    with one, and these can be taken at any day. ``worded``: gives words, not numbers.
    """

    name: str
    table: str
    label: str
    take: Take
    code: str | None = None
    worded: bool = False


MEASURES: dict[str, Measure] = {}
# measures in the engagement's currency; the others stay the same in another
MONEY = frozenset(
    {
        "revenue",
        "monthly_revenue",
        "margin",
        "wallet_spend",
        "open_pipeline",
        "registered_capital",
        "annual_revenue",
        "credit_limit",
    }
)


def measure(
    table: str, label: str, code: str | None = None, name: str | None = None, worded: bool = False
) -> Callable[[Take], Take]:
    """Register a function of ``AccountsAt`` as a measure, under its own name or ``name``."""

    def register(take: Take) -> Take:
        key = name or take.__name__
        if key in MEASURES:
            raise ValueError(f"measure {key!r} is registered twice")
        MEASURES[key] = Measure(key, table, label, take, code, worded)
        return take

    return register


def judged_accounts(book: Book, cutoff: pd.Timestamp) -> pd.DataFrame:
    """Select the accounts that health is scored for.

    Returns
    -------
    DataFrame
        ``buying_rhythm`` of the accounts of ``warning_signs.active_accounts``.
    """
    rhythm = rhythm_at(book, cutoff)
    return rhythm[rhythm.index.isin(warning_signs.active_accounts(book, cutoff))]


def measure_of(book: Book, name: str, criterion: Sequence[str] = ()) -> pd.Series:
    """Take one measure of every account at the reporting date.

    Parameters
    ----------
    book : Book
        The client's data.
    name : str
        A measure, or ``rating`` for what experts score (``rating.key`` for another criterion's).
    criterion : sequence of str
        The key and labels under which the experts' scores may stand.

    Returns
    -------
    Series
        Float, or text for a measure in words; index as ``book.accounts``, missing where nothing is known.
    """
    if name.startswith("rating"):
        return expert_ratings(book, [name.partition(".")[2]] if "." in name else criterion)
    at = AccountsAt(book, pd.Timestamp(book.as_of), book.accounts.index)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = MEASURES[name].take(at)
    if isinstance(found, pd.Series):
        return found.reindex(at.index)
    return pd.Series(found, index=at.index, dtype="float64")


def measures_at(
    book: Book,
    cutoff: pd.Timestamp,
    names: Iterable[str],
    rhythm: pd.DataFrame,
    chance: pd.Series | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Take measures of health cards at a day, from what was known by then.

    Parameters
    ----------
    book : Book
        The client's data.
    cutoff : Timestamp
        The day; later rows are not looked at.
    names : iterable of str
        Measures with a driver code.
    rhythm : DataFrame
        The accounts, as ``judged_accounts`` gives them.
    chance : Series, optional
        Validated churn probability per account, 0 to 1.

    Returns
    -------
    values : DataFrame
        A column per measure, a row per account; missing where nothing is known.
    ages : DataFrame
        Days from the last observation to ``cutoff``. Purchases, and what only tells how things stand
        (wallet), have the age 0. A log (receivables, tickets, visits, opportunities) is as old as its last
        row of any account: no complaint in a log that is kept is an observation too. Deliveries, surveys and
        contacts are as old as the account's own last one, missing where that has no date.
    """
    at = AccountsAt(book, cutoff, rhythm.index, rhythm, chance)
    names = list(names)
    with np.errstate(divide="ignore", invalid="ignore"):
        values = {name: np.asarray(MEASURES[name].take(at), dtype=float) for name in names}
    values = {name: np.where(np.isfinite(found), found, np.nan) for name, found in values.items()}
    ages = {name: at.age(MEASURES[name].table) for name in names}
    return pd.DataFrame(values, index=at.index), pd.DataFrame(ages, index=at.index)


def expert_ratings(book: Book, criterion: Sequence[str]) -> pd.Series:
    """Average all raters' scores for one criterion, named by its key or one of its labels, in any case."""
    if not book.has("ratings"):
        return pd.Series(np.nan, index=book.accounts.index, dtype="float64")
    rows = book.table("ratings")
    rows = rows[rows["criterion"].str.strip().str.casefold().isin([name.casefold() for name in criterion])]
    return rows.groupby("account_id")["score"].mean().reindex(book.accounts.index).astype("float64")


class AccountsAt:
    """Some accounts of a Book at one day; each table is read once, when a measure first asks for it.

    Figures are arrays (accounts,) in the order of ``index``.
    """

    def __init__(
        self,
        book: Book,
        cutoff: pd.Timestamp,
        index: pd.Index,
        rhythm: pd.DataFrame | None = None,
        chance: pd.Series | None = None,
    ):
        self.book, self.cutoff, self.index, self.chance = book, cutoff, index, chance
        if rhythm is not None:
            self.rhythm = rhythm

    @cached_property
    def rhythm(self) -> pd.DataFrame:
        return rhythm_at(self.book, self.cutoff).reindex(self.index)

    @cached_property
    def places(self) -> np.ndarray:
        """Where each account stands in ``book.accounts``."""
        return self.book.accounts.index.get_indexer(self.index)

    @cached_property
    def unknown(self) -> np.ndarray:
        return np.full(len(self.index), np.nan)

    def of(self, frame: pd.DataFrame | None, column: str) -> np.ndarray:
        """A column of a frame of ``features_at``; missing without the frame."""
        if frame is None:
            return self.unknown
        return frame[column].to_numpy(dtype=float, na_value=np.nan)[self.places]

    def age(self, table: str) -> np.ndarray | float:
        """Days since the last observation in a table: one figure for a log, else one for each account."""
        match table:
            case "receivables" | "tickets" | "visits":
                log: pd.DataFrame | None = {
                    "receivables": self.payments,
                    "tickets": self.tickets,
                    "visits": self.visits,
                }[table]
                return np.nan if log is None else float((self.cutoff - log["last"].max()).days)
            case "opportunities":
                return self._deals_age
            case "deliveries" | "surveys" | "contacts":
                frame: pd.DataFrame | None = getattr(self, table)
                if frame is None:
                    return np.nan
                days = (self.cutoff - frame["last"]).dt.days
                return days.to_numpy(dtype=float, na_value=np.nan)[self.places]
        return 0.0

    @cached_property
    def _deals_age(self) -> float:
        deals = self.book.tables.get("opportunities")
        if deals is None:
            return np.nan
        dates = [deals.loc[deals[c] <= self.cutoff, c].max() for c in ("opened", "closed") if c in deals]
        known = [d for d in dates if pd.notna(d)]
        return float((self.cutoff - max(known)).days) if known else np.nan

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
    def wallet(self) -> pd.DataFrame | None:
        return features_at.wallet(self.book, self.cutoff)

    @cached_property
    def contacts(self) -> pd.DataFrame | None:
        """Figures on people, missing for accounts of which nobody was ever recorded."""
        seen = features_at.contacts(self.book, self.cutoff)
        if seen is None:
            return None
        figures = ["top", "champion_gone", "layers", "single_thread", "stance", "confirmed_share"]
        out = seen.astype(dict.fromkeys(figures, "float64"))
        out[figures] = out[figures].mask((seen["contacts"] + seen["gone"]) == 0)
        return out

    @cached_property
    def past(self) -> tuple[np.ndarray, pd.DataFrame]:
        """The buying days up to the cut-off, with the place of each one's account in ``index``."""
        rows = self.book.days[self.book.days["date"] <= self.cutoff]
        return self.index.get_indexer(pd.Index(rows["account_id"])), rows

    @cached_property
    def newest(self) -> int:
        """The latest month bucket that ended by the cut-off."""
        return purchases.last_whole_month(self.book, self.cutoff)

    def months(self, months: int, ago: int = 0) -> tuple[pd.Timestamp, pd.Timestamp]:
        """First and last day of the ``months`` months that end ``ago`` months before the cut-off."""
        after = self.cutoff + pd.Timedelta(days=1)
        last = after - pd.DateOffset(months=ago) - pd.Timedelta(days=1)
        return after - pd.DateOffset(months=ago + months), last

    def days_sum(self, column: str, first: pd.Timestamp, last: pd.Timestamp) -> np.ndarray:
        code, rows = self.past
        inside = (code >= 0) & rows["date"].between(first, last).to_numpy(dtype=bool)
        sums = np.bincount(code[inside], rows[column].to_numpy(dtype=float)[inside], len(self.index))
        return sums.round(TO_MICRO)

    @property
    def two_years(self) -> bool:
        """Whether a year can be compared with the one before: data from the month that began two years ago
        on.
        """
        return bool(self.past[1]["date"].min() <= self.months(1, purchases.TWO_YEARS - 1)[1])

    @cached_property
    def revenue(self) -> np.ndarray:
        """Net amount of the 12 months; at the reporting date from the months, which may have been weighed
        anew.
        """
        if self.cutoff == pd.Timestamp(self.book.as_of):
            return purchases.revenue(self.book).to_numpy(dtype=float)[self.places]
        return self.days_sum("amount", *self.months(12))

    def frequency(self, ago: int = 0) -> np.ndarray:
        return self.days_sum("bought", *self.months(12, ago))

    def categories(self, months: int = 12, ago: int = 0) -> np.ndarray:
        """How many categories were bought in ``months`` whole months."""
        kinds = purchases.breadth(self.book, months, self.newest + ago)
        return self.unknown if kinds is None else kinds.to_numpy(dtype=float)[self.places]

    def margin_share(self, months: int, ago: int = 0) -> np.ndarray:
        """Margin per unit of revenue with a known cost; missing where that is below COSTED of the revenue."""
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


def _over(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """A ratio, missing where what it is against is not above 0."""
    return np.where(below > 0, above / np.where(below > 0, below, 1.0), np.nan)


# --- purchases


@measure("transactions", "revenue of the last 12 months")
def revenue(at: AccountsAt) -> np.ndarray:
    return at.revenue


@measure("transactions", "average revenue a month")
def monthly_revenue(at: AccountsAt) -> np.ndarray:
    return at.revenue / 12


@measure("transactions", "share of all revenue")
def revenue_share(at: AccountsAt) -> np.ndarray:
    total = purchases.revenue(at.book).clip(lower=0).sum()
    return at.revenue / total if total > 0 else at.unknown


@measure("transactions", "growth of revenue on the year before")
def growth(at: AccountsAt) -> pd.Series:
    return purchases.growth(at.book)


@measure("transactions", "margin")
def margin(at: AccountsAt) -> pd.Series:
    return purchases.margin(at.book)


@measure("transactions", "margin as a share of revenue")
def margin_share(at: AccountsAt) -> pd.Series:
    return purchases.margin_share(at.book)


@measure("transactions", "concessions: the part of the usual margin that was given away")
def concession_share(at: AccountsAt) -> np.ndarray | pd.Series:
    """The part of the usual margin that an account does not leave; missing where no margin is usual."""
    usual = usual_margin(at.book)
    return 1 - purchases.margin_share(at.book) / usual if usual > 0 else at.unknown


def usual_margin(book: Book) -> float:
    """The median margin, as a share of revenue, of the accounts large enough to name; NaN where no cost is
    known.
    """
    share, amount = purchases.margin_share(book), purchases.revenue(book)
    known = share[purchases.material(amount)].dropna()
    return float(known.median()) if len(known) else float("nan")


@measure("transactions", "margin as a share of revenue, over the usual one", code="margin")
def margin_ratio(at: AccountsAt) -> np.ndarray:
    share = at.margin_share(12)
    amount = at.days_sum("amount", *at.months(12))
    large = purchases.material(pd.Series(amount)).to_numpy() & ~np.isnan(share)
    return _over(share, np.full(len(share), np.median(share[large]))) if large.any() else at.unknown


@measure("transactions", "margin share of the last 6 months less that of the 12 before", code="margin")
def margin_change(at: AccountsAt) -> np.ndarray:
    return at.margin_share(6) - at.margin_share(12, 6)


@measure("transactions", "months with a purchase")
def active_months(at: AccountsAt) -> pd.Series:
    return purchases.active_months(at.book).astype("float64")


@measure("transactions", "days with a purchase, over all the history")
def buying_days(at: AccountsAt) -> np.ndarray:
    return at.rhythm["buys"].to_numpy(dtype=float)


@measure("transactions", "days with a purchase in the last 12 months", code="order_rhythm")
def frequency(at: AccountsAt) -> np.ndarray:
    return at.frequency()


@measure("transactions", "change of the days with a purchase on the year before", code="order_rhythm")
def frequency_change(at: AccountsAt) -> np.ndarray:
    return _over(at.frequency(), at.frequency(12)) - 1 if at.two_years else at.unknown


@measure("transactions", "days since the last purchase", code="order_rhythm")
def silent_days(at: AccountsAt) -> np.ndarray:
    return at.rhythm["silent"].to_numpy(dtype=float)


@measure("transactions", "days since the last purchase over its usual gap", code="order_rhythm")
def lateness(at: AccountsAt) -> np.ndarray:
    return at.rhythm["lateness"].to_numpy(dtype=float)


@measure("transactions", "years since the first purchase", code="tenure")
def tenure_years(at: AccountsAt) -> np.ndarray:
    return purchases.tenure_years(at.book, at.cutoff).to_numpy()[at.places]


@measure("transactions", "revenue of the last 182 days over the 182 before", code="trend")
def half_year_ratio(at: AccountsAt) -> np.ndarray:
    day, half = pd.Timedelta(days=1), at.cutoff - HALF
    now = at.days_sum("amount", half + day, at.cutoff)
    return _over(np.maximum(now, 0.0), at.days_sum("amount", half - HALF + day, half))


@measure("transactions", "revenue of the last 12 months over the 12 before", code="trend")
def year_ratio(at: AccountsAt) -> np.ndarray:
    if not at.two_years:
        return at.unknown
    now, before = (at.days_sum("amount", *at.months(12, ago)) for ago in (0, 12))
    return _over(np.maximum(now, 0.0), before)


@measure("transactions", "categories bought in the last 12 months", code="breadth")
def breadth(at: AccountsAt) -> np.ndarray:
    return at.categories()


@measure("transactions", "categories bought in the last 6 months over the 6 before", code="breadth")
def breadth_ratio(at: AccountsAt) -> np.ndarray:
    return _over(at.categories(6), at.categories(6, 6))


@measure("transactions", "strength of the strongest early-warning sign (0 to 1)", code="warning")
def warning(at: AccountsAt) -> np.ndarray:
    """The strength of the strongest sign told; that an account has plainly stopped is no warning any more."""
    found = warning_signs.signs_at(at.book, at.cutoff, told=True).drop(columns="silence").reindex(at.index)
    return found.max(axis=1).to_numpy(dtype=float)


@measure(
    "transactions",
    "chance of buying nothing in the horizon (known only where it was validated)",
    code="chance",
)
def churn_probability(at: AccountsAt) -> np.ndarray:
    return at.unknown if at.chance is None else at.chance.reindex(at.index).to_numpy(dtype=float)


# --- share and competition


@measure("wallet", "the account's yearly purchases of what we sell")
def wallet_spend(at: AccountsAt) -> np.ndarray:
    """The account's yearly purchases of what we sell, over all categories."""
    return at.of(at.wallet, "spend")


@measure("wallet", "our share of the account's purchases", code="share")
def wallet_share(at: AccountsAt) -> np.ndarray:
    return at.of(at.wallet, "wallet_share")


@measure("wallet", "our share against the strongest competitor's", code="competitor")
def competitor_ratio(at: AccountsAt) -> np.ndarray:
    """Our share over that of the strongest competitor, its shares by category weighted by spend."""
    return _over(wallet_share(at), at.of(at.wallet, "rival_share"))


@measure("opportunities", "deals lost to a named competitor in the last 365 days", code="competitor")
def lost_deals(at: AccountsAt) -> np.ndarray:
    return at.of(at.competition, "lost_deals")


@measure("opportunities", "open opportunities")
def open_pipeline(at: AccountsAt) -> np.ndarray | pd.Series:
    if not at.book.has("opportunities"):
        return at.unknown
    deals = deals_at(at.book, at.cutoff)
    return (
        deals[deals["open"]]
        .groupby("account_id")["amount"]
        .sum()
        .reindex(at.index)
        .fillna(0)
        .astype("float64")
    )


# --- payment


@measure("receivables", "overdue part of what is outstanding", code="payment")
def overdue_share(at: AccountsAt) -> np.ndarray:
    return at.of(at.payments, "overdue_share")


@measure("receivables", "days of the oldest overdue invoice", code="payment")
def overdue_days(at: AccountsAt) -> np.ndarray:
    return at.of(at.payments, "oldest")


@measure("receivables", "overdue amount over the revenue of the last 12 months", code="payment")
def overdue_to_revenue(at: AccountsAt) -> np.ndarray:
    return _over(at.of(at.payments, "overdue"), at.revenue)


@measure("receivables", "mean days late of the invoices due in the last 180 days", code="payment")
def days_late(at: AccountsAt) -> np.ndarray:
    return at.of(at.payments, "days_late")


# --- service


@measure("tickets", "complaints in 12 months")
def complaints(at: AccountsAt) -> np.ndarray | pd.Series:
    return _events(at, "tickets", "opened", "complaint")


@measure("tickets", "complaints in the last 180 days", code="complaints")
def complaints_half_year(at: AccountsAt) -> np.ndarray:
    return at.of(at.tickets, "complaints")


@measure("tickets", "open complaints past their due date", code="complaints")
def complaints_past_due(at: AccountsAt) -> np.ndarray:
    return at.of(at.tickets, "past_due")


@measure("deliveries", "share of orders delivered on time, last 180 days", code="delivery")
def on_time(at: AccountsAt) -> np.ndarray:
    return at.of(at.deliveries, "on_time")


@measure("deliveries", "share of orders delivered in full, last 180 days", code="delivery")
def in_full(at: AccountsAt) -> np.ndarray:
    return at.of(at.deliveries, "in_full")


# --- what the account says


@measure("surveys", "satisfaction, on a scale of 0 to 1")
def satisfaction(at: AccountsAt) -> np.ndarray:
    """The mean of the 12 months' scores, 0 to 1 of their scale."""
    rows = features_at.rows_until(at.book, "surveys", "date", at.cutoff, needed=("score",))
    if rows is None:
        return at.unknown
    first, _ = at.months(12)
    recent = rows.date("date") >= first
    return rows.mean(features_at.scaled_scores(rows), recent)[at.places]


@measure("surveys", "latest satisfaction, on a scale of 0 to 1", code="satisfaction")
def satisfaction_latest(at: AccountsAt) -> np.ndarray:
    return at.of(at.surveys, "score")


@measure("surveys", "latest satisfaction less the mean of the earlier ones", code="satisfaction")
def satisfaction_change(at: AccountsAt) -> np.ndarray:
    return at.of(at.surveys, "score") - at.of(at.surveys, "score_before")


@measure("surveys", "latest willingness to recommend, 0 to 10", code="satisfaction")
def recommendation(at: AccountsAt) -> np.ndarray:
    return at.of(at.surveys, "nps")


@measure("surveys", "how often the account mentions us first, last 12 months", code="mention")
def mention_rate(at: AccountsAt) -> np.ndarray | pd.Series:
    rows = _of_year(at, "surveys", "date", "mention")
    if rows is None:
        return at.unknown
    known = rows.dropna(subset=["mention"]).astype({"mention": "float64"})
    return known.groupby("account_id")["mention"].mean().reindex(at.index)


# --- people


@measure("contacts", "layers of the decision chain with a contact who is still there", code="relationship")
def layers_covered(at: AccountsAt) -> np.ndarray:
    """Layers with a contact who is still there; who has left covers none."""
    return at.of(at.contacts, "layers")


@measure("contacts", "a contact in the decision or image layer", code="relationship")
def top_layer(at: AccountsAt) -> np.ndarray:
    return at.of(at.contacts, "top") if at.book.has("contacts", "layer") else at.unknown


@measure("contacts", "one contact only", code="relationship")
def single_thread(at: AccountsAt) -> np.ndarray:
    return at.of(at.contacts, "single_thread")


@measure("contacts", "stance towards us (−2 to 2, weighted by influence)", code="relationship")
def stance(at: AccountsAt) -> np.ndarray:
    return at.of(at.contacts, "stance")


@measure("contacts", "share of contacts confirmed in the last 365 days", code="relationship")
def confirmed_share(at: AccountsAt) -> np.ndarray:
    return at.of(at.contacts, "confirmed_share")


@measure("contacts", "the champion or the last contact of a top layer has left", code="contact_lost")
def champion_gone(at: AccountsAt) -> np.ndarray:
    return at.of(at.contacts, "champion_gone")


@measure("visits", "visits in 12 months")
def visits(at: AccountsAt) -> np.ndarray | pd.Series:
    return _events(at, "visits", "date")


@measure("visits", "days since the last visit", code="engagement")
def visit_gap(at: AccountsAt) -> np.ndarray:
    return at.of(at.visits, "days_since")


@measure("visits", "visits of the last 90 days over the usual number", code="engagement")
def visit_ratio(at: AccountsAt) -> np.ndarray:
    return _over(at.of(at.visits, "visits"), at.of(at.visits, "visits_before"))


@measure("visits", "share of visits of the last 365 days that moved something", code="engagement")
def advance_share(at: AccountsAt) -> np.ndarray:
    return at.of(at.visits, "advance_share")


# --- the account's own books, and what the accounts table says of it


def _ratio(at: AccountsAt, ratio: str) -> pd.Series:
    return latest_ratio(at.book, ratio, at.cutoff.year)["ratio"]


for _name, _label in (
    ("current_ratio", "current ratio"),
    ("cash_ratio", "cash ratio"),
    ("net_margin", "the account's net margin"),
    ("return_on_assets", "the account's return on assets"),
):
    measure("financials", _label, name=_name)(partial(_ratio, ratio=_name))


def _number(at: AccountsAt, column: str) -> np.ndarray | pd.Series:
    return at.book.accounts[column].astype("float64") if column in at.book.accounts else at.unknown


def _word(at: AccountsAt, column: str) -> pd.Series:
    """A word as text; yes or no for a flag; missing stays missing."""
    if column not in at.book.accounts:
        return pd.Series(None, index=at.index, dtype=object)
    values = at.book.accounts[column]
    words = values.map({True: "yes", False: "no"}) if column == "listed" else values.astype(object)
    return words.where(values.notna(), None)


for _name, _label in (
    ("registered_capital", "registered capital"),
    ("employees", "employees"),
    ("annual_revenue", "the account's own yearly revenue"),
    ("state_owned_share", "state-owned share"),
    ("credit_limit", "credit limit"),
):
    measure("accounts", _label, name=_name)(partial(_number, column=_name))
for _name, _label in (
    ("listed", "listed or not"),
    ("premises", "premises"),
    ("credit_grade", "credit grade"),
    ("industry", "industry"),
    ("region", "region"),
    ("nature", "nature of the account"),
    ("ownership", "ownership"),
    ("source", "source of the account"),
):
    measure("accounts", _label, name=_name, worded=True)(partial(_word, column=_name))


@measure("accounts", "stage of the account", worded=True)
def stage(at: AccountsAt) -> pd.Series:
    """The recorded stage; else producing for an account that bought in the 12 months, potential for the
    others.
    """
    usual = pd.Series(np.where(at.revenue > 0, "producing", "potential"), index=at.index, dtype=object)
    return _word(at, "stage").fillna(usual)


def _of_year(at: AccountsAt, table: str, date: str, column: str) -> pd.DataFrame | None:
    """A table's rows of the 12 months to the day; None without the table or the column."""
    if not at.book.has(table, column):
        return None
    rows = at.book.table(table)
    return rows[rows[date].between(*at.months(12))]


def _events(at: AccountsAt, table: str, date: str, kind: str | None = None) -> np.ndarray | pd.Series:
    """Rows of a log within the 12 months; 0 for an account without any, missing only without the table."""
    rows = _of_year(at, table, date, date)
    if rows is None:
        return at.unknown
    if kind is not None:
        rows = rows[rows["kind"] == kind] if "kind" in rows else rows.iloc[:0]
    return rows.groupby("account_id").size().reindex(at.index).fillna(0).astype("float64")
