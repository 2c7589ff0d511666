"""Accounts that get no advice to grow, and why: something has to be settled first, so that one account is
never told two things.
"""

from __future__ import annotations

import pandas as pd

from kamplay.book import Book
from kamplay.method.measures import purchases
from kamplay.method.measures.purchases import bought_once
from kamplay.method.measures.warning_signs import SIGNS, overall
from kamplay.method.stats import concentration

REASONS = (
    "once",
    "stopped",
    "terms",
    "payment",
    "warned",
    "size",
)  # in this order: the first that holds is told
GATES = {
    "one_off": "once",
    "broken_word": "payment",
    "litigation": "payment",
}  # any other gate is a matter of terms
THIN = 0.05  # margin below which an account is volume without margin
MONTH, LONG = (
    1 / 12,
    90,
)  # seriously overdue: more than a month's sales, the oldest bill for more than so many days
LARGE = 0.10  # of revenue: the aim there is to hold, and that its share falls as others grow


def growth_exclusions(
    book: Book,
    gates: pd.Series | None,
    profit: pd.DataFrame,
    standing: pd.DataFrame,
    signs: pd.DataFrame | None = None,
) -> pd.Series:
    """Account → why it is not to be grown now, blank where nothing stands against it.

    once: bought a single time; stopped: plainly stopped buying, a matter of winning back or closing; terms:
    hardly any margin, a loss after service, or a gate that says so; payment: seriously overdue, over the
    credit limit, or a gate on broken promises; warned: shows a sign of leaving; size: LARGE or more of
    revenue. ``gates``: account → gate of step 1, missing for none. ``profit``, ``standing``: the frames of
    these parts of step 2. ``signs``: as in ``signs.signs_at``.
    """
    index = book.accounts.index
    shown = (
        pd.DataFrame(index=index, columns=list(SIGNS), dtype="float64")
        if signs is None
        else signs.reindex(index)
    )
    gate = (
        pd.Series(None, index=index, dtype="object")
        if gates is None
        else gates.reindex(index).astype("object")
    )
    said = gate.map(lambda name: GATES.get(name, "terms"), na_action="ignore")
    revenue = purchases.revenue(book)
    own = standing.reindex(index)
    late = (own["overdue"] > MONTH * revenue.clip(lower=0.0)) & (own["oldest"] > LONG)
    holds = {
        "once": (said == "once") | index.isin(bought_once(book)),
        "stopped": shown["silence"] > 0,
        "warned": overall(shown) > 0,
        "terms": (said == "terms")
        | (purchases.margin_share(book).reindex(index) < THIN)
        | (profit["net"].reindex(index) < 0),
        "payment": (said == "payment") | late | (own["credit_used"] > 1),
        "size": concentration.ranked(revenue)["share"].reindex(index).fillna(0.0) >= LARGE,
    }
    out = pd.Series("", index=index, dtype="object")
    for reason in reversed(REASONS):
        out[pd.Series(holds[reason], index=index).fillna(False).astype(bool)] = reason
    return out
