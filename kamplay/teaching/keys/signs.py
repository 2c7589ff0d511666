"""Signs of every account in windows of 90 days: the last one, and the range of four earlier ones.

The half-year before the last window is left out of the range, as a decline begins in it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from kamplay.teaching.keys.made import Span
from kamplay.teaching.keys.source import WAN, Source

WINDOW = 90  # days
EARLIER = (2, 3, 4, 5)  # the windows of the range, counted back from 0: 180 to 539 days ago
FEWEST = 2  # windows with a record that make a range

# measure → how far outside the range is clear
MORE_IS_WORSE = ("late", "complaints")
# measure → how far outside the range is clear
CLEAR = {
    "orders": 2.0,
    "late": 10.0,
    "complaints": 2.0,
    "met": 2.0,
    "categories": 2.0,
    "on_time": 20.0,
    "satisfied": 0.5,
}


def signs(source: Source) -> pd.DataFrame:
    """Of every account that bought in the year: revenue, days since its last order, and for each measure
    that the tables hold ``…_before`` (the range of the earlier windows) and ``…_now`` (the last window).
    """
    ids = source.revenue.index
    bought = source.lines[source.lines["amount"] > 0]
    by = bought.groupby("account_id")["date"]
    out = pd.DataFrame({"revenue": (source.revenue / WAN).round(1)})
    out["days_since"] = (source.end - by.max()).dt.days.reindex(ids)
    for measure, table in _windows(source, bought, (source.end - by.min()).dt.days.reindex(ids)).items():
        past = table[list(EARLIER)]
        enough = past.notna().sum(axis=1) >= FEWEST
        digits = 1 if measure == "satisfied" else 0
        out[f"{measure}_before"] = [
            Span(low, high, digits) if known else None
            for low, high, known in zip(past.min(axis=1), past.max(axis=1), enough, strict=True)
        ]
        out[f"{measure}_now"] = table[0]
    return out


def strength(shown: pd.DataFrame) -> pd.Series:
    """How far each account's clearest sign lies outside its own range: 1 where it is just clear, 0 at the
    edge of the range; −1 where nothing is known.
    """
    best = pd.Series(-1.0, index=shown.index)
    for measure, by in CLEAR.items():
        worse = 1 if measure in MORE_IS_WORSE else -1
        if f"{measure}_now" not in shown:
            continue
        edge = [None if s is None else s.high if worse > 0 else s.low for s in shown[f"{measure}_before"]]
        beyond = worse * (shown[f"{measure}_now"].astype(float) - pd.Series(edge, shown.index, dtype=float))
        best = np.maximum(best, (beyond / by).fillna(-1.0))
    return best


def _windows(source: Source, bought: pd.DataFrame, known_for: pd.Series) -> dict[str, pd.DataFrame]:
    """Measure → account × window."""
    tables, end = source.tables, source.end

    def laid(values: pd.Series) -> pd.DataFrame:
        return values.unstack().reindex(index=known_for.index, columns=range(EARLIER[-1] + 1)).astype(float)

    def window(days: pd.Series) -> pd.Series:
        return ((end - days).dt.days // WINDOW).rename("window")

    def counted(values: pd.Series) -> pd.DataFrame:
        table = laid(values).fillna(0.0)
        for number in table.columns:  # none of a window in which the account was not yet a customer
            table.loc[known_for < WINDOW * (number + 1) - 30, number] = np.nan
        return table

    def mean(account: pd.Series, day: pd.Series, value: pd.Series, digits: int = 0) -> pd.DataFrame:
        return laid(value.groupby([account, window(day)]).mean()).round(digits) + 0.0

    out = {}
    column = "order_id" if "order_id" in bought else "date"
    out["orders"] = counted(bought.groupby(["account_id", window(bought["date"])])[column].nunique())
    if "receivables" in tables and "due_date" in tables["receivables"]:
        bills = source.table("receivables")
        bills = bills[bills["due_date"] <= end]
        late = (bills["paid_date"].fillna(end) - bills["due_date"]).dt.days
        out["late"] = mean(bills["account_id"], bills["due_date"], late)
    if "tickets" in tables and "kind" in tables["tickets"]:
        told = source.table("tickets")
        told = told[(told["kind"] == "complaint") & (told["opened"] <= end)]
        out["complaints"] = counted(told.groupby(["account_id", window(told["opened"])]).size())
    if "visits" in tables:
        made = source.table("visits")
        made = made[made["date"] <= end]
        out["met"] = counted(made.groupby(["account_id", window(made["date"])]).size())
    if "category" in bought:
        out["categories"] = counted(
            bought.groupby(["account_id", window(bought["date"])])["category"].nunique()
        )
    if "deliveries" in tables:
        sent = source.table("deliveries")
        sent = sent[sent["promised_date"] <= end]
        on_time = 100.0 * ((sent["delivered_date"].fillna(end) - sent["promised_date"]).dt.days <= 0)
        out["on_time"] = mean(sent["account_id"], sent["promised_date"], on_time)
    if "surveys" in tables and "scale" in tables["surveys"]:
        asked = source.table("surveys")
        asked = asked[asked["date"] <= end]
        out["satisfied"] = mean(asked["account_id"], asked["date"], asked["score"] / asked["scale"] * 5, 1)
    return out
