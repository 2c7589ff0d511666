"""What the data can carry: coverage by table and month, the quality of each table, and a verdict for each of
the four steps.
"""

from __future__ import annotations

import pandas as pd

from kamplay.book import Book
from kamplay.codebook import codebook
from kamplay.method.measures.purchases import TWO_YEARS, revenue

# The date by which a table's rows belong to a month
DATES = {
    "transactions": "date",
    "receivables": "invoice_date",
    "deliveries": "promised_date",
    "tickets": "opened",
    "surveys": "date",
    "visits": "date",
    "opportunities": "opened",
}
MONTHS_SHOWN = 36
ENOUGH_ACCOUNTS = 20  # with fewer, a list on one page says more than tiers do
YEAR, HALF_YEAR = 12, 6


def by_month(book: Book) -> pd.DataFrame:
    """Rows per table and month bucket (0 = the month that ends at as_of): columns table, bucket, month_end,
    rows; the last 36 months.
    """
    after = pd.Timestamp(book.as_of) + pd.Timedelta(days=1)
    months = min(MONTHS_SHOWN, max(book.months_covered, 1))
    ends = [after - pd.DateOffset(months=k) - pd.Timedelta(days=1) for k in range(months, -1, -1)]
    parts = []
    for table, column in DATES.items():
        if table == "transactions":
            counts = (
                book.monthly[book.monthly["bucket"].between(0, months - 1)].groupby("bucket")["orders"].sum()
            )
        elif book.has(table, column):
            dates = book.table(table)[column].dropna()
            place = pd.cut(dates, [ends[0], *ends[1:]], labels=range(months - 1, -1, -1))
            counts = place.value_counts()
        else:
            continue
        rows = counts.reindex(range(months - 1, -1, -1)).fillna(0).astype(int)
        parts.append(
            pd.DataFrame(
                {
                    "table": table,
                    "bucket": rows.index.astype(int),
                    "month_end": ends[1:],
                    "rows": rows.to_numpy(),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def quality(book: Book) -> pd.DataFrame:
    """One row per delivered optional table: rows, share of the buying accounts covered, share of cells
    filled, last date and its age.
    """
    bought = revenue(book)
    buyers = set(bought[bought > 0].index)
    rows = []
    for name, spec in codebook().items():
        if name == "transactions" or not book.has(name):
            continue
        frame = book.table(name)
        covered = (
            len(buyers & set(frame["account_id"].dropna())) / len(buyers)
            if "account_id" in frame and buyers
            else None
        )
        columns = [c for c in spec.columns if c in frame]
        dates = (
            frame[DATES[name]].dropna()
            if name in DATES and DATES[name] in frame
            else pd.Series(dtype="datetime64[us]")
        )
        past = dates[dates <= pd.Timestamp(book.as_of)]
        last = past.max() if len(past) else pd.NaT
        age = (pd.Timestamp(book.as_of) - last).days if len(past) else None
        rows.append(
            (
                name,
                spec.labels["zh"],
                spec.labels["en"],
                len(frame),
                covered,
                float(frame[columns].notna().mean().mean()),
                last,
                age,
            )
        )
    out = pd.DataFrame(rows, columns=["table", "zh", "en", "rows", "covered", "filled", "last", "age"])
    return out.astype({"covered": "float64", "age": "float64", "last": "datetime64[us]"})


def verdicts(book: Book, horizon_days: int) -> pd.DataFrame:
    """For each of the four steps ``full``, ``partly`` or ``no``, and what is lacking: codes joined with
    ``;``.

    A step is ``no`` when its core cannot be told, ``partly`` when something of it cannot.
    """
    months = book.months_covered
    buyers = int((revenue(book) > 0).sum())
    cost = book.monthly["margin"].notna().any()
    core = {
        "tiers": {"months_12": months >= YEAR, "accounts_20": buyers >= ENOUGH_ACCOUNTS},
        "value": {"months_12": months >= YEAR},
        "health": {"months_6": months >= HALF_YEAR},
        "plan": {"months_12": months >= YEAR},
    }
    more = {
        "tiers": {
            "months_24": months >= TWO_YEARS,
            "receivables": book.has("receivables"),
            "ballots": book.has("ballots"),
        },
        "value": {
            "months_24": months >= TWO_YEARS,
            "cost": bool(cost),
            "opportunities": book.has("opportunities"),
        },
        "health": {
            "history": months * 30.4 >= 2 * horizon_days + 180,
            "receivables": book.has("receivables"),
        },
        "plan": {
            "owners": book.has("accounts", "owner"),
            "visits": book.has("visits"),
            "wallet": book.has("wallet"),
        },
    }
    rows = []
    for step, needs in core.items():
        lacking = [code for code, there in needs.items() if not there]
        wanting = [code for code, there in more[step].items() if not there]
        rows.append(
            (step, "no" if lacking else "partly" if wanting else "full", ";".join([*lacking, *wanting]))
        )
    return pd.DataFrame(rows, columns=["step", "verdict", "lacking"])
