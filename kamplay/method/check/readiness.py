"""What the data can carry: which tables were delivered, how far and how well they reach, and a verdict for
each of the four steps.
"""

from __future__ import annotations

import pandas as pd

from kamplay.book import Book
from kamplay.codebook import codebook
from kamplay.method.measures.business import NO_TABLES, NOT_LACKING, business
from kamplay.method.measures.purchases import TWO_YEARS, revenue
from kamplay.method.results import Findings

# the date by which a table's rows belong to a month
DATES = {
    "transactions": "date",
    "receivables": "invoice_date",
    "deliveries": "promised_date",
    "tickets": "opened",
    "surveys": "date",
    "visits": "date",
    "opportunities": "opened",
    "tenders": "date",
    "contracts": "start",
    "value_cases": "date",
}
FIRST_ASKED = ("receivables", "opportunities", "contacts", "visits")  # of what is missing, what helps most
MONTHS_SHOWN = 36
ENOUGH_ACCOUNTS = 20  # with fewer, a list on one page says more than tiers do
YEAR, HALF_YEAR = 12, 6
MOST_NAMED = 0.5  # of the ids without a figure in them: they are names


def tables_delivered(book: Book) -> pd.DataFrame:
    """List every table the method knows.

    Returns
    -------
    One row a table that this client can have: ``table``, its labels ``zh`` and ``en``, ``delivered``,
    ``rows``, ``accounts``, and what it adds, ``unlocks_zh`` and ``unlocks_en``.
    """
    rows, not_asked = [], NO_TABLES[business(book)]
    on_lines = {"account_name"} if named_on_lines(book) else set()
    on_lines |= set() if book.accounts_on_lines is None else set(book.accounts_on_lines.columns)
    for name, spec in codebook().items():
        if name in not_asked and not book.has(name):
            continue
        frame = book.tables.get(name) if book.has(name) else None
        adds = spec.unlocks_beside(on_lines)
        rows.append(
            {
                "table": name,
                "zh": spec.labels["zh"],
                "en": spec.labels["en"],
                "delivered": book.has(name),
                "rows": 0 if frame is None else len(frame),
                "accounts": frame["account_id"].nunique()
                if frame is not None and "account_id" in frame
                else 0,
                "unlocks_zh": adds["zh"],
                "unlocks_en": adds["en"],
            }
        )
    return pd.DataFrame(rows)


def named_on_lines(book: Book) -> bool:
    """Whether the sales name the customers: beside their codes, or in place of a code."""
    ids = book.accounts.index.astype(str)
    return bool(book.names_on_lines) or bool(len(ids) and (~ids.str.contains(r"\d")).mean() > MOST_NAMED)


def rows_by_month(book: Book) -> pd.DataFrame:
    """Count the rows of each dated table in the last 36 months.

    Returns
    -------
    ``table``, ``bucket`` (0: the month that ends at as_of), ``month_end``,
    and ``rows`` (of transactions: orders).
    """
    after = pd.Timestamp(book.as_of) + pd.Timedelta(days=1)
    months = min(MONTHS_SHOWN, max(book.months_covered, 1))
    ends = [after - pd.DateOffset(months=k) - pd.Timedelta(days=1) for k in range(months, -1, -1)]
    buckets = range(months - 1, -1, -1)
    parts = []
    for table, column in DATES.items():
        if table == "transactions":
            shown = book.monthly[book.monthly["bucket"].between(0, months - 1)]
            counts = shown.groupby("bucket")["orders"].sum()
        elif book.has(table, column):
            counts = pd.cut(book.table(table)[column].dropna(), ends, labels=buckets).value_counts()
        else:
            continue
        rows = counts.reindex(buckets).fillna(0).astype(int).to_numpy()
        parts.append(pd.DataFrame({"table": table, "bucket": buckets, "month_end": ends[1:], "rows": rows}))
    return pd.concat(parts, ignore_index=True)


def table_quality(book: Book) -> pd.DataFrame:
    """Judge how far and how well each delivered table beside the transactions reaches.

    Returns
    -------
    ``table``, its labels ``zh`` and ``en``, ``rows``, ``covered`` (share of the buying accounts), ``filled``
    (share of cells), ``last`` (latest date by as_of) and ``age`` (its days).
    """
    bought, as_of = revenue(book), pd.Timestamp(book.as_of)
    buyers = set(bought[bought > 0].index)
    rows = []
    for name, spec in codebook().items():
        if name == "transactions" or not book.has(name):
            continue
        frame = book.table(name)
        covered = None
        if "account_id" in frame and buyers:
            covered = len(buyers & set(frame["account_id"].dropna())) / len(buyers)
        filled = float(frame[[c for c in spec.columns if c in frame]].notna().mean().mean())
        last = pd.NaT
        if DATES.get(name) in frame:
            dates = frame[DATES[name]]
            last = dates[dates <= as_of].max()
        age = None if pd.isna(last) else (as_of - last).days
        rows.append((name, spec.labels["zh"], spec.labels["en"], len(frame), covered, filled, last, age))
    out = pd.DataFrame(rows, columns=["table", "zh", "en", "rows", "covered", "filled", "last", "age"])
    return out.astype({"covered": "float64", "age": "float64", "last": "datetime64[us]"})


def verdicts(book: Book, horizon_days: int) -> pd.DataFrame:
    """Judge whether the data carry each of the four steps.

    Returns
    -------
    ``step``, ``verdict`` (``no``: the core cannot be told; ``partly``: something of it cannot; ``full``) and
    ``lacking`` (list of codes).
    """
    months, buyers = book.months_covered, int((revenue(book) > 0).sum())
    core = {
        "tiers": {"months_12": months >= YEAR},
        "value": {"months_12": months >= YEAR},
        "health": {"months_6": months >= HALF_YEAR},
        "plan": {"months_12": months >= YEAR},
    }
    more = {
        "tiers": {
            "accounts_20": buyers >= ENOUGH_ACCOUNTS,
            "months_24": months >= TWO_YEARS,
            "receivables": book.has("receivables"),
            "ballots": book.has("ballots"),
        },
        "value": {
            "months_24": months >= TWO_YEARS,
            "cost": bool(book.monthly["margin"].notna().any()),
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
    rows, no_matter = [], NOT_LACKING[business(book)]
    for step in core:
        no, partly = (
            [code for code, met in needs[step].items() if not met and code not in no_matter]
            for needs in (core, more)
        )
        rows.append((step, "no" if no else "partly" if partly else "full", [*no, *partly]))
    return pd.DataFrame(rows, columns=["step", "verdict", "lacking"])


def add_findings(findings: Findings, tables: pd.DataFrame, judged: pd.DataFrame) -> None:
    """Add which tables would help, and whether the data carry the four steps."""
    missing = tables.loc[~tables["delivered"] & (tables["table"] != "overrides"), "table"].tolist()
    if missing:
        place = {name: number for number, name in enumerate(FIRST_ASKED)}
        first = sorted(missing, key=lambda name: place.get(name, len(place)))[:3]
        words = {language: [codebook()[name].labels[language] for name in first] for language in ("zh", "en")}
        findings.add("tables_missing", "note", "ask_for_tables", count=len(missing), tables=missing, **words)
    else:
        findings.add("tables_complete", "note")
    count = judged["verdict"].value_counts()
    figures = {name: int(count.get(name, 0)) for name in ("full", "partly", "no")}
    if figures["no"]:
        steps = judged.loc[judged["verdict"] == "no", "step"].tolist()
        findings.add("cannot_carry", "act", "ask_for_core", steps=steps, **figures)
    else:
        findings.add("can_carry", "note", **figures)
