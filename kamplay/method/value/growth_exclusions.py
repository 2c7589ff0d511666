"""Accounts at which growth is not advised now, because something else has to be settled first: so that one
account is never told two things.
"""

from __future__ import annotations

import pandas as pd

from kamplay.book import Book
from kamplay.method.measures import purchases
from kamplay.method.measures.warning_signs import SIGNS, combined_strength
from kamplay.method.stats.concentration import ranked

# where several reasons hold, the first of them is given
REASONS = ("once", "stopped", "terms", "payment", "warned", "size")
# reasons with which an account still stands in lists of what could be won, some with a footnote
STILL_LISTED = ("", "payment", "warned", "size")
# any other gate of step 1 is a matter of terms
GATES = {"one_off": "once", "broken_word": "payment", "litigation": "payment"}
THIN_MARGIN = 0.05  # volume without margin
OVERDUE_SALES = 1 / 12  # of a year's revenue; with OVERDUE_DAYS: seriously overdue
OVERDUE_DAYS = 90  # the oldest bill
LARGE_SHARE = 0.10  # of revenue: the aim there is to hold, and that its share falls as others grow


def growth_exclusions(
    book: Book,
    gates: pd.Series | None,
    profit: pd.DataFrame,
    standing: pd.DataFrame,
    signs: pd.DataFrame | None = None,
) -> pd.Series:
    """Say of every account why no growth is advised there now.

    Parameters
    ----------
    book : the client's data.
    gates : account_id → gate of step 1, missing for none.
    profit : profit by account (index account_id), with ``net`` after the cost to serve.
    standing : credit standing by account (index account_id): overdue, oldest (days), credit_used.
    signs : strength of each warning sign by account, see ``warning_signs.signs_at``.

    Returns
    -------
    account_id → the first of REASONS that holds, blank for none. once: bought a single time. stopped: plainly
    stopped buying, to be won back or closed. terms: hardly any margin, a loss after service, or a gate that
    says so. payment: seriously overdue, over the credit limit, or a gate on broken promises. warned: a sign
    of leaving. size: LARGE_SHARE or more of revenue.
    """
    index = book.accounts.index
    shown = pd.DataFrame(index=index, columns=list(SIGNS), dtype="float64")
    if signs is not None:
        shown = signs.reindex(index)
    gate = pd.Series(None, index=index, dtype="object")
    if gates is not None:
        gate = gates.reindex(index).map(lambda name: GATES.get(name, "terms"), na_action="ignore")
    revenue = purchases.revenue(book)
    credit = standing.reindex(index)
    overdue = credit["overdue"] > OVERDUE_SALES * revenue.clip(lower=0.0)
    margin_share = purchases.margin_share(book).reindex(index)
    holds = {
        "once": (gate == "once") | index.isin(purchases.bought_once(book)),
        "stopped": shown["silence"] > 0,
        "terms": (gate == "terms") | (margin_share < THIN_MARGIN) | (profit["net"].reindex(index) < 0),
        "payment": (gate == "payment")
        | (overdue & (credit["oldest"] > OVERDUE_DAYS))
        | (credit["credit_used"] > 1),
        "warned": combined_strength(shown) > 0,
        "size": ranked(revenue)["share"].reindex(index).fillna(0.0) >= LARGE_SHARE,
    }
    exclusions = pd.Series("", index=index, dtype="object")
    for reason in reversed(REASONS):
        exclusions[holds[reason].fillna(False).astype(bool)] = reason
    return exclusions
