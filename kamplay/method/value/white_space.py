"""White space: what an account does not buy from us though accounts like it do, how likely and how large.

Every account that bought in the 12 months is held against its peers. Peers lie side by side once accounts are
sorted by industry and revenue, so that counts and means over them are differences of running sums, and
nothing is done account by account.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.measures import purchases
from kamplay.method.stats.intervals import wilson

PEERS = 10  # fewer similar accounts say nothing of what is usual
BUYERS = 5  # fewer peers that buy it give no range of sizes
SIMILAR = 3.0  # a peer's revenue is within this factor
NEAREST = 30  # by revenue, where an account's industry is unknown
MOST_PEERS = 200  # the nearest by revenue; more would not make a share of them more certain than ±7 points
MOST_CATEGORIES = 60
BEST = 200  # gaps that are listed
AT_ONCE = 2000  # gaps that are sized together
CATEGORISED = 0.9  # below this share of an account's revenue with a category a gap may only be a blank cell
USUAL = 0.5  # a category that at least half of the peers buy is usual

COLUMNS = [
    "account_id",
    "category",
    "lapsed",
    "buyers",
    "peers",
    "likelihood",
    "likelihood_low",
    "likelihood_high",
    "low",
    "mid",
    "high",
    "basis",
    "expected",
]


@dataclass(frozen=True)
class Gaps:
    """``listed``: the gaps worth most, in order (columns COLUMNS). ``figures``: categories, left_out
    (categories beyond the largest), accounts (with enough peers), alone (without), blank (left out for
    blank categories), usual and usual_accounts (gaps in what at least half of the peers buy, and how many
    accounts have one), no_need (not bought here, nor anywhere by the wallet).
    """

    listed: pd.DataFrame
    figures: dict[str, int]


def white_space(book: Book, spend: pd.Series) -> Gaps:
    """The gaps of every account with revenue in the 12 months. ``spend``: its known yearly purchases by
    (account_id, category).
    """
    revenue = purchases.revenue(book)
    year = book.baskets[book.baskets["bucket"].between(0, 11)]
    known = year.groupby("account_id")["amount"].sum().reindex(revenue.index).fillna(0.0)
    clear = known >= CATEGORISED * revenue
    ids = revenue.index[(revenue > 0) & clear]
    size = year.groupby("category")["amount"].sum()
    size = size[size > 0].sort_values(
        ascending=False, kind="stable"
    )  # a category of returns and credits only is not for sale
    kinds = pd.Index(size.index[:MOST_CATEGORIES])
    counts = {
        "categories": len(kinds),
        "left_out": len(size) - len(kinds),
        "blank": int(((revenue > 0) & ~clear).sum()),
    }
    empty = pd.DataFrame({c: pd.Series(dtype="float64") for c in COLUMNS})
    none = {"accounts": 0, "alone": len(ids), "usual": 0, "usual_accounts": 0, "no_need": 0}
    if len(ids) <= PEERS or len(kinds) < 2:
        return Gaps(empty, counts | none)
    amounts, orders = _matrices(year, ["amount", "orders"], ids, kinds)
    earlier = _matrices(book.baskets[book.baskets["bucket"] > 11], ["orders"], ids, kinds)[0] > 0
    rows = spend.rename("spend").rename_axis(["account_id", "category"]).reset_index()
    sums, there = _matrices(rows.assign(there=1.0), ["spend", "there"], ids, kinds)
    wallet = np.where(there > 0, sums, np.nan)
    industry = (
        book.accounts["industry"].reindex(ids)
        if "industry" in book.accounts
        else pd.Series(np.nan, index=ids, dtype="object")
    )
    own = revenue[ids].to_numpy()
    codes = pd.factorize(industry)[0]  # −1: unknown
    parts = [_places(codes, own, False), _places(codes, own, True)]
    found = [
        _cells(order, low, high, who, amounts, orders, own, wallet)
        for order, low, high, who in parts
        if len(who)
    ]
    cells = pd.concat([f for f, _, _ in found], ignore_index=True)
    enough = sum(n for _, n, _ in found)
    usual = pd.concat([u for _, _, u in found], ignore_index=True)
    counts |= {
        "accounts": enough,
        "alone": len(ids) - enough,
        "usual": len(usual),
        "usual_accounts": usual.nunique(),
    }
    counts["no_need"] = int(((wallet <= 0) & (orders <= 0)).sum())
    best = cells.sort_values(["expected", "account", "category"], ascending=[False, True, True]).head(BEST)
    best["lapsed"] = earlier[best["account"].to_numpy(int), best["category"].to_numpy(int)]
    best["likelihood_low"], best["likelihood_high"] = wilson(best["buyers"], best["peers"])
    best["account_id"], best["category"] = (
        ids[best["account"].to_numpy(int)],
        kinds[best["category"].to_numpy(int)],
    )
    return Gaps(best[COLUMNS].reset_index(drop=True), counts)


def _matrices(rows: pd.DataFrame, columns: list[str], ids: pd.Index, kinds: pd.Index) -> list[np.ndarray]:
    """The sums of each of ``columns`` as accounts × categories, 0 where there is no row."""
    i, j = ids.get_indexer(rows["account_id"]), kinds.get_indexer(rows["category"])
    inside = (i >= 0) & (j >= 0)
    cell, shape = i[inside] * len(kinds) + j[inside], (len(ids), len(kinds))
    return [
        np.bincount(cell, rows[c].to_numpy(float)[inside], shape[0] * shape[1]).reshape(shape)
        for c in columns
    ]


def _places(
    codes: np.ndarray, revenue: np.ndarray, unknown: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """``(order, low, high, who)``: accounts in an order in which the peers of each of ``who`` (places in it)
    are from low to before high.

    With an industry: the accounts of the same within the factor SIMILAR, at most the MOST_PEERS nearest.
    Without: the NEAREST of all. As many above as below in rank, more on one side where the other ends. The
    account itself is among them.
    """
    order = np.argsort(revenue, kind="stable") if unknown else np.lexsort((revenue, codes))
    code, sorted_revenue, n = codes[order], revenue[order], len(order)
    who = np.flatnonzero((code < 0) == unknown)
    if unknown:
        first, end, most = np.zeros(len(who), dtype=int), np.full(len(who), n), NEAREST
    else:
        first, end, most = np.zeros(n, dtype=int), np.zeros(n, dtype=int), MOST_PEERS
        starts = np.flatnonzero(np.r_[True, code[1:] != code[:-1]])
        for a, b in zip(starts, np.r_[starts[1:], n], strict=True):  # one turn an industry
            part = sorted_revenue[a:b]
            first[a:b] = a + np.searchsorted(part, part / SIMILAR, side="left")
            end[a:b] = a + np.searchsorted(part, part * SIMILAR, side="right")
        first, end = first[who], end[who]
    low, high = np.maximum(first, who - most // 2), np.minimum(end, who + most // 2 + 1)
    low = np.maximum(first, np.minimum(low, high - most - 1))
    return order, low, np.minimum(end, np.maximum(high, low + most + 1)), who


def _cells(
    order: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    who: np.ndarray,
    amounts: np.ndarray,
    orders: np.ndarray,
    revenue: np.ndarray,
    wallet: np.ndarray,
) -> tuple[pd.DataFrame, int, pd.Series]:
    """The gaps that can be among the BEST with their sizes; how many accounts have peers enough; the account
    of every usual gap.
    """
    enough = high - low - 1 >= PEERS
    low, high, who = low[enough], high[enough], who[enough]
    own = order[who]
    with np.errstate(invalid="ignore"):
        buys = (amounts > 0) & (orders > 0)
        ratio = np.where(buys, amounts / revenue[:, None], 0.0)[order]
    buyers, ratios = (np.vstack([np.zeros(len(amounts[0])), m.cumsum(axis=0)]) for m in (buys[order], ratio))
    hits, peers = buyers[high] - buyers[low], (high - low - 1)[:, None]
    gap = (orders[own] <= 0) & (hits >= BUYERS) & ~(wallet[own] <= 0)
    usual = pd.Series(own[np.nonzero(gap & (hits >= USUAL * peers))[0]])
    at, kind = np.nonzero(gap)
    hit, all_peers, account = hits[at, kind], peers[at, 0], own[at]
    likelihood, known = hit / all_peers, wallet[account, kind]
    # A median of amounts ≥ 0 is at most twice their mean (Markov): what this bound leaves below the BEST
    # found so far needs
    # no median. The millionth is for rounding.
    bound = (
        2.000001
        * (ratios[high[at], kind] - ratios[low[at], kind])
        / np.maximum(hit, 1)
        * revenue[account]
        * likelihood
    )
    bound = np.where(np.isnan(known), bound, known * likelihood)
    turn = np.argsort(-bound, kind="stable")
    taken: list[np.ndarray] = []
    sizes: list[np.ndarray] = []
    reached = np.zeros(0)
    for start in range(0, len(turn), AT_ONCE):
        chunk = turn[start : start + AT_ONCE]
        if len(reached) == BEST and bound[chunk[0]] < reached.min():
            break
        size = _quartiles(ratio, low[at[chunk]], high[at[chunk]], kind[chunk]) * revenue[account[chunk], None]
        size = np.where(np.isnan(known[chunk])[:, None], size, known[chunk][:, None])
        taken.append(chunk)
        sizes.append(size)
        reached = np.sort(np.r_[reached, size[:, 1] * likelihood[chunk]])[-BEST:]
    pick = np.concatenate([*taken, np.zeros(0, dtype=int)])
    size = np.vstack([*sizes, np.zeros((0, 3))])
    frame = pd.DataFrame(
        {
            "account": account[pick],
            "category": kind[pick],
            "buyers": hit[pick].astype(int),
            "peers": all_peers[pick],
        }
    )
    frame["likelihood"] = likelihood[pick]
    frame[["low", "mid", "high"]] = size
    frame["basis"] = np.where(np.isnan(known[pick]), "peers", "wallet")
    return frame.assign(expected=frame["mid"] * frame["likelihood"]), len(who), usual


def _quartiles(ratio: np.ndarray, low: np.ndarray, high: np.ndarray, kind: np.ndarray) -> np.ndarray:
    """Quartiles (linear between neighbours, as numpy's) of the positive ratios from low to before high, one
    row a query.
    """
    reach = low[:, None] + np.arange(int((high - low).max()))
    values = ratio[np.minimum(reach, len(ratio) - 1), kind[:, None]]
    values = np.sort(np.where((reach < high[:, None]) & (values > 0), values, np.inf), axis=1)
    count, row = np.isfinite(values).sum(axis=1), np.arange(len(low))
    out = np.empty((len(low), 3))
    for place, part in enumerate((0.25, 0.5, 0.75)):
        at = part * (count - 1)
        left = np.floor(at).astype(int)
        below, above = values[row, left], values[row, np.ceil(at).astype(int)]
        out[:, place] = below + (at - left) * (above - below)
    return out
