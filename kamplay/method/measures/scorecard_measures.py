"""The measures that scorecards name, each taken from the Book per account; missing where the tables do not
hold it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.measures import purchases

Take = Callable[[Book], pd.Series]
# measures of money over months: the only ones that change when months are weighed anew
OF_MONTHS = frozenset(
    {
        "revenue",
        "monthly_revenue",
        "revenue_share",
        "growth",
        "margin",
        "margin_share",
        "concession_share",
        "overdue_to_revenue",
    }
    | {"wallet_share", "competitor_ratio"}
)


def scorecard_measure(book: Book, measure: str, names: Sequence[str] = ()) -> pd.Series:
    """One measure per account (index of ``book.accounts``): float, or text for one in words. ``names`` of the
    criterion, for ``rating``.
    """
    if measure.startswith("rating"):
        return rated(book, [measure.partition(".")[2]] if "." in measure else names)
    return TAKE[measure](book).reindex(book.accounts.index)


def rated(book: Book, names: Sequence[str]) -> pd.Series:
    """The mean of all raters' scores for one criterion, by its key or one of its labels, in any case."""
    if not book.has("ratings"):
        return _unknown(book)
    rows = book.table("ratings")
    rows = rows[rows["criterion"].str.strip().str.casefold().isin([name.casefold() for name in names])]
    return rows.groupby("account_id")["score"].mean().reindex(book.accounts.index).astype("float64")


def _unknown(book: Book) -> pd.Series:
    return pd.Series(np.nan, index=book.accounts.index, dtype="float64")


def _revenue_share(book: Book) -> pd.Series:
    revenue = purchases.revenue(book)
    total = revenue.clip(lower=0).sum()
    return revenue / total if total > 0 else _unknown(book)


def usual_margin(book: Book) -> float:
    """The median margin, as a share of revenue, of the accounts large enough to name; NaN where no cost is
    known.
    """
    share, revenue = purchases.margin_share(book), purchases.revenue(book)
    known = share[purchases.material(revenue)].dropna()
    return float(known.median()) if len(known) else float("nan")


def _concession_share(book: Book) -> pd.Series:
    """The part of the usual margin that an account does not leave; missing where no margin is usual."""
    usual = usual_margin(book)
    if not usual > 0:
        return _unknown(book)
    return 1 - purchases.margin_share(book) / usual


def _frequency(book: Book, ago: int = 0) -> pd.Series:
    window = book.window(12, ago)
    return (
        window.groupby("account_id")["active_days"]
        .sum()
        .reindex(book.accounts.index)
        .fillna(0)
        .astype("float64")
    )


def _frequency_change(book: Book) -> pd.Series:
    if book.months_covered < purchases.TWO_YEARS:
        return _unknown(book)
    before = _frequency(book, 12)
    return _frequency(book) / before.where(before > 0) - 1


def _rhythm(book: Book, column: str) -> pd.Series:
    return purchases.rhythm(book.days, pd.Timestamp(book.as_of))[column].astype("float64")


def _breadth(book: Book) -> pd.Series:
    found = purchases.breadth(book)
    return _unknown(book) if found is None else found.astype("float64")


def _overdue(book: Book, column: str) -> pd.Series:
    owed = purchases.overdue(book)
    return _unknown(book) if owed is None else owed[column].astype("float64")


def _overdue_to_revenue(book: Book) -> pd.Series:
    revenue = purchases.revenue(book)
    return _overdue(book, "overdue").reindex(revenue.index) / revenue.where(revenue > 0)


def _wallet(book: Book) -> pd.DataFrame | None:
    return book.table("wallet") if book.has("wallet") else None


def wallet_spend(book: Book) -> pd.Series:
    """The account's yearly purchases of what we sell, over all categories; missing where unknown."""
    rows = _wallet(book)
    return _unknown(book) if rows is None else rows.groupby("account_id")["spend"].sum().astype("float64")


def _wallet_share(book: Book) -> pd.Series:
    spend = wallet_spend(book)
    return (purchases.revenue(book).reindex(spend.index) / spend.where(spend > 0)).clip(0, 1)


def _competitor_ratio(book: Book) -> pd.Series:
    """Our share over that of the strongest competitor, its shares by category weighted by spend."""
    if not book.has("wallet", "top_competitor_share"):
        return _unknown(book)
    rows = book.table("wallet").dropna(subset=["top_competitor_share"])
    sums = (
        rows.assign(theirs=rows["top_competitor_share"] * rows["spend"])
        .groupby("account_id")[["theirs", "spend"]]
        .sum()
    )
    theirs = sums["theirs"] / sums["spend"].where(sums["spend"] > 0)
    return _wallet_share(book).reindex(theirs.index) / theirs.where(theirs > 0)


def _surveys(book: Book, column: str) -> pd.Series:
    if not book.has("surveys", column):
        return _unknown(book)
    rows = book.table("surveys")
    start, end = purchases.window_dates(book, 12)
    rows = rows[rows["date"].between(start, end)]
    if column == "mention":
        return (
            rows.dropna(subset=["mention"])
            .astype({"mention": "float64"})
            .groupby("account_id")["mention"]
            .mean()
        )
    top = rows["scale"] if "scale" in rows else pd.Series(np.nan, index=rows.index)
    return (rows["score"] / top.fillna(rows["score"].max())).groupby(rows["account_id"]).mean()


def _events(book: Book, table: str, date: str, kind: str | None = None) -> pd.Series:
    """Rows of a log within the 12 months; 0 for an account without any, missing only without the table."""
    if not book.has(table):
        return _unknown(book)
    rows = book.table(table)
    start, end = purchases.window_dates(book, 12)
    rows = rows[rows[date].between(start, end)]
    if kind is not None:
        rows = rows[rows["kind"] == kind] if "kind" in rows else rows.iloc[:0]
    return rows.groupby("account_id").size().reindex(book.accounts.index).fillna(0).astype("float64")


def _layers(book: Book) -> pd.Series:
    if not book.has("contacts", "layer"):
        return _unknown(book)
    return (
        book.table("contacts")
        .groupby("account_id")["layer"]
        .nunique()
        .reindex(book.accounts.index)
        .fillna(0)
        .astype("float64")
    )


def _pipeline(book: Book) -> pd.Series:
    if not book.has("opportunities"):
        return _unknown(book)
    rows = book.table("opportunities")
    open_ = rows[rows["result"].fillna("open") == "open"] if "result" in rows else rows
    return (
        open_.groupby("account_id")["amount"].sum().reindex(book.accounts.index).fillna(0).astype("float64")
    )


def _ratio(book: Book, above: str, below: str) -> pd.Series:
    """One figure of the account's own books over another, of its latest year with both."""
    if not book.has("financials", above, below):
        return _unknown(book)
    rows = book.table("financials").dropna(subset=[above, below])
    last = rows.sort_values("year").groupby("account_id").last()
    return last[above] / last[below].where(last[below] > 0)


def _said(book: Book, column: str) -> pd.Series:
    """A number of the accounts table."""
    return book.accounts[column].astype("float64") if column in book.accounts else _unknown(book)


def _word(book: Book, column: str) -> pd.Series:
    """A word of the accounts table as text; yes or no for a flag; missing stays missing."""
    if column not in book.accounts:
        return pd.Series(None, index=book.accounts.index, dtype=object)
    values = book.accounts[column]
    words = values.map({True: "yes", False: "no"}) if column == "listed" else values.astype(object)
    return words.where(values.notna(), None)


def _stage(book: Book) -> pd.Series:
    """The recorded stage; where none is, producing for an account that bought in the 12 months and potential
    for the others.
    """
    bought = purchases.revenue(book) > 0
    return _word(book, "stage").fillna(
        pd.Series(np.where(bought, "producing", "potential"), index=bought.index, dtype=object)
    )


TAKE: dict[str, Take] = {
    "revenue": purchases.revenue,
    "monthly_revenue": lambda book: purchases.revenue(book) / 12,
    "revenue_share": _revenue_share,
    "growth": purchases.growth,
    "margin": purchases.margin,
    "margin_share": purchases.margin_share,
    "concession_share": _concession_share,
    "active_months": lambda book: purchases.active_months(book).astype("float64"),
    "buying_days": partial(_rhythm, column="buys"),
    "frequency": _frequency,
    "frequency_change": _frequency_change,
    "silent_days": partial(_rhythm, column="silent"),
    "tenure_years": purchases.tenure_years,
    "breadth": _breadth,
    "overdue_share": partial(_overdue, column="overdue_share"),
    "overdue_to_revenue": _overdue_to_revenue,
    "overdue_days": partial(_overdue, column="oldest"),
    "wallet_spend": wallet_spend,
    "wallet_share": _wallet_share,
    "competitor_ratio": _competitor_ratio,
    "mention_rate": partial(_surveys, column="mention"),
    "satisfaction": partial(_surveys, column="score"),
    "complaints": partial(_events, table="tickets", date="opened", kind="complaint"),
    "visits": partial(_events, table="visits", date="date"),
    "layers_covered": _layers,
    "open_pipeline": _pipeline,
    "current_ratio": partial(_ratio, above="current_assets", below="current_liabilities"),
    "cash_ratio": partial(_ratio, above="cash", below="current_liabilities"),
    "net_margin": partial(_ratio, above="net_profit", below="revenue"),
    "return_on_assets": partial(_ratio, above="net_profit", below="total_assets"),
    **{
        name: partial(_said, column=name)
        for name in ("registered_capital", "employees", "annual_revenue", "state_owned_share", "credit_limit")
    },
    **{
        name: partial(_word, column=name)
        for name in (
            "listed",
            "premises",
            "credit_grade",
            "industry",
            "region",
            "nature",
            "ownership",
            "source",
        )
    },
    "stage": _stage,
}
