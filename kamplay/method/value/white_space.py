"""White space: the categories that an account does not buy from us though its peers do, how many of them do,
and how much it would buy.

Peers stand side by side once accounts are sorted by industry and revenue, so that counts and sums over the
peers of every account are differences of running sums, without a loop over accounts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.measures import purchases
from kamplay.method.measures.charges import charge_categories
from kamplay.method.measures.seasons import offered_from
from kamplay.method.noise_gate import Look, beyond_chance, family_look
from kamplay.method.results import Findings
from kamplay.method.stats.absence import absent_by_chance, alikeness
from kamplay.method.stats.intervals import wilson
from kamplay.method.value.growth_exclusions import STILL_LISTED
from kamplay.method.value.wallet import YEAR, history_too_short, wallet_rows

PEERS = 10  # fewer similar accounts say nothing of what is usual
BUYERS = 5  # fewer peers that buy it give no range of sizes
SIMILAR = 3.0  # a peer's revenue is within this factor
NEAREST = 30  # by revenue, where an account's industry is unknown
MOST_PEERS = 200  # the nearest by revenue; more would not make a share of them more certain than ±7 points
MOST_CATEGORIES = 60
BEST = 200  # gaps that are listed
AT_ONCE = 2000  # gaps that are sized together
CATEGORISED = 0.9  # below this share of an account's revenue with a category a gap may only be a blank cell
UNLIKELY = 0.05  # a gap that chance leaves less often comes first
USUAL = 0.5  # a category that at least half of the peers buy is usual
# own purchases of a year are a yearly rate if they lie in so many months ...
OWN_MONTHS = 3
OWN_SPAN = 3  # ... the last so many months or more after the first ...
OWN_MOST = 0.5  # ... and none of these months holds more than this share of them
MOST_BURSTS = 50  # purchases in one burst that are listed
MIDDLE_HALF = 0.6745  # standard deviations to either side of the mean hold the middle half of a normal law

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
    "p_value",
    "beyond_chance",
    "growth_exclusion",
    "last_bought",
    "bought",
    "offer_from",
]


@dataclass(frozen=True)
class WhiteSpace:
    """The gaps worth most, and over how many accounts and categories they were sought.

    Attributes
    ----------
    status : ``computed``, ``short_history`` (less than 12 months) or ``no_categories``.
    gaps : a row per gap, the largest ``expected`` first: account_id, category; lapsed (bought before the 12
        months); peers, and buyers among them; likelihood (buyers / peers) with its 95 % interval
        likelihood_low and likelihood_high; low, mid and high, what it would buy in a year (its known
        purchases; else what it bought itself in the year before, see ``own_before``, with the middle half of
        what as many purchases of these sizes come to; else the quartiles of what buying peers buy, scaled to
        its revenue), in the currency; basis of these (``wallet``, ``own`` or ``peers``; ``burst``: bought
        itself in the year before, but not over enough of it to be a yearly rate, see ``steady_before``; no
        sizes then, and after all others, the most bought first); expected (mid × likelihood); p_value,
        how often chance alone leaves the category out of as many purchases (of a lapsed one: with the
        account's own share before), and beyond_chance, see ``noise_gate.beyond_chance``; growth_exclusion
        (see ``growth_exclusions``;
        accounts with a reason beyond STILL_LISTED are left out); last_bought, the last day of the month in
        which it last bought the category, missing where it never did; bought, as ``own_before`` gives it;
        offer_from, the day from which goods of a season are offered again, see ``offered_from``; missing of
        what may be offered now.
    compared, without_peers : accounts with and without PEERS similar accounts.
    uncategorised : accounts left out because less than CATEGORISED of their revenue has a category.
    categorised_share : the share of all revenue that has a category.
    categories_left_out : categories beyond the MOST_CATEGORIES largest.
    usual_gaps, accounts_with_usual_gap : gaps in categories that at least USUAL of the peers buy.
    p_values : ``gap`` and ``lapsed`` → how often chance alone gives the least likely of all gaps of the kind.
    """

    status: Literal["computed", "short_history", "no_categories"]
    gaps: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=COLUMNS))
    compared: int = 0
    without_peers: int = 0
    uncategorised: int = 0
    categorised_share: float | None = None
    categories_left_out: int = 0
    usual_gaps: int = 0
    accounts_with_usual_gap: int = 0
    p_values: dict[str, float] = field(default_factory=dict)

    @property
    def sized(self) -> pd.DataFrame:
        """The gaps with a size: those that are no burst."""
        return self.gaps[self.gaps["basis"] != "burst"]


def white_space(book: Book, growth_exclusions: pd.Series | None = None) -> WhiteSpace:
    """Find the gaps of every account with revenue in the 12 months.

    Parameters
    ----------
    book : the client's data.
    growth_exclusions : account_id → why no growth is advised there now, blank for none.
    """
    if history_too_short(book):
        return WhiteSpace("short_history")
    if not book.has_categories:
        return WhiteSpace("no_categories")
    revenue = purchases.revenue(book)
    baskets = book.baskets
    year = baskets[baskets["bucket"].between(0, YEAR - 1)]
    categorised = year.groupby("account_id")["amount"].sum().reindex(revenue.index).fillna(0.0)
    complete = categorised >= CATEGORISED * revenue
    accounts = revenue.index[(revenue > 0) & complete]
    size = year.groupby("category")["amount"].sum()
    size = size[~size.index.isin(charge_categories(book))]  # freight or a fee is nothing to offer
    size = size[size > 0].sort_values(ascending=False, kind="stable")  # returns alone: not for sale
    categories = pd.Index(size.index[:MOST_CATEGORIES])
    total = float(book.window(YEAR)["amount"].sum())
    categorised_share = float(year["amount"].sum()) / total if total > 0 else None
    uncategorised = int(((revenue > 0) & ~complete).sum())
    left_out = len(size) - len(categories)
    if len(accounts) <= PEERS or len(categories) < 2:
        return WhiteSpace(
            "computed",
            without_peers=len(accounts),
            uncategorised=uncategorised,
            categorised_share=categorised_share,
            categories_left_out=left_out,
        )
    amounts, orders = _matrices(year, ["amount", "orders"], accounts, categories)
    before = _matrices(baskets[baskets["bucket"] >= YEAR], ["orders"], accounts, categories)[0].clip(0)
    known = wallet_rows(book).dropna(subset=["category"]).assign(known=1.0)
    spend, is_known = _matrices(known, ["spend", "known"], accounts, categories)
    wallet = np.where(is_known > 0, spend, np.nan)
    bought = own_before(baskets, accounts, categories)
    steady, spread = steady_before(baskets, accounts, categories)
    own = revenue[accounts].to_numpy()
    unknown = pd.Series(np.nan, index=accounts, dtype="object")
    industry = book.accounts["industry"].reindex(accounts) if "industry" in book.accounts else unknown
    codes = pd.factorize(industry)[0]  # −1: unknown
    found = [
        _gaps(peers, amounts, orders, own, wallet, bought, steady, spread)
        for peers in (peer_ranges(codes, own), nearest_ranges(codes, own))
        if len(peers.places)
    ]
    compared = sum(part.compared for part in found)
    usual = pd.concat([part.usual for part in found], ignore_index=True)
    chances = _chances(pd.concat([part.every for part in found], ignore_index=True), orders, before)
    gaps = pd.concat([part.gaps for part in found], ignore_index=True)
    gaps = gaps.merge(chances, on=["account", "category"], how="left")
    burst = gaps["basis"] == "burst"
    gaps = pd.concat(
        gaps[rows].sort_values([by, "account", "category"], ascending=[False, True, True]).head(most)
        for rows, by, most in ((~burst, "expected", BEST), (burst, "bought", MOST_BURSTS))
    )
    account, category = gaps["account"].to_numpy(int), gaps["category"].to_numpy(int)
    low, high = wilson(gaps["buyers"].to_numpy(), gaps["peers"].to_numpy())
    gaps = gaps.assign(
        lapsed=before[account, category] > 0,
        likelihood_low=low,
        likelihood_high=high,
        account_id=accounts[account],
        category=categories[category],
    )
    gaps["last_bought"] = _last_bought(book, gaps)
    offers = gaps["category"].map(offered_from(book)).astype("datetime64[us]")
    gaps["offer_from"] = offers.where(offers > pd.Timestamp(book.as_of))
    excluded = pd.Series("", index=revenue.index) if growth_exclusions is None else growth_exclusions
    gaps["growth_exclusion"] = gaps["account_id"].map(excluded).fillna("").astype("object")
    return WhiteSpace(
        "computed",
        gaps.loc[gaps["growth_exclusion"].isin(STILL_LISTED), COLUMNS].reset_index(drop=True),
        compared,
        len(accounts) - compared,
        uncategorised,
        categorised_share,
        left_out,
        len(usual),
        usual.nunique(),
        {
            kind: family_look(chances.loc[chances["lapsed"] == (kind == "lapsed"), "p_value"]).p_value
            for kind in ("gap", "lapsed")
        },
    )


def _last_bought(book: Book, gaps: pd.DataFrame) -> np.ndarray:
    """The end of the month in which each account last bought the category it lacks."""
    rows = book.baskets
    rows = rows[(rows["bucket"] >= YEAR) & (rows["orders"] > 0) & rows["account_id"].isin(gaps["account_id"])]
    last = rows.groupby(["account_id", "category"])["bucket"].min()
    of = last.reindex(pd.MultiIndex.from_frame(gaps[["account_id", "category"]]))
    ends = {bucket: purchases.window_dates(book, 1, int(bucket))[1] for bucket in of.dropna().unique()}
    return of.map(ends).to_numpy(dtype="datetime64[us]")


def _chances(every: pd.DataFrame, orders: np.ndarray, before: np.ndarray) -> pd.DataFrame:
    """How often chance alone leaves each gap.

    Parameters
    ----------
    every : account, category (by position), share (of the peers' purchases that hold the category) and gap,
        of all accounts with peers and all categories.
    orders, before : (accounts, categories) purchases that hold a category, of the 12 months and before.

    Returns
    -------
    account, category, lapsed, p_value, beyond_chance of every gap.
    """
    bought = orders.clip(0)
    number, number_before = bought.sum(axis=1), before.sum(axis=1)
    share = np.full(orders.shape, np.nan)
    share[every["account"], every["category"]] = every["share"]
    alike = alikeness(bought, number[:, None], share)
    gaps = every[every["gap"]].copy()
    account, category = gaps["account"].to_numpy(int), gaps["category"].to_numpy(int)
    own, of = before[account, category], number_before[account]
    gaps["lapsed"] = own > 0
    by_peers = absent_by_chance(number[account], gaps["share"].to_numpy(), alike[category])
    # of what it bought before, its own share, with what so few purchases leave open of it (Jeffreys' prior)
    by_itself = absent_by_chance(number[account], (own + 0.5) / (of + 1), of + 1)
    gaps["p_value"] = np.where(gaps["lapsed"], by_itself, by_peers)
    gaps["beyond_chance"] = False
    for kind in (True, False):
        rows = gaps["lapsed"] == kind
        gaps.loc[rows, "beyond_chance"] = beyond_chance(gaps.loc[rows, "p_value"].to_numpy())
    return gaps[["account", "category", "p_value", "beyond_chance", "lapsed"]]


def _matrices(
    rows: pd.DataFrame, columns: list[str], accounts: pd.Index, categories: pd.Index
) -> list[np.ndarray]:
    """The sums of each of ``columns`` as accounts × categories, 0 where there is no row."""
    i, j = accounts.get_indexer(rows["account_id"]), categories.get_indexer(rows["category"])
    inside = (i >= 0) & (j >= 0)
    cell, shape = i[inside] * len(categories) + j[inside], (len(accounts), len(categories))
    return [
        np.bincount(cell, rows[c].to_numpy(float)[inside], shape[0] * shape[1]).reshape(shape)
        for c in columns
    ]


def own_before(baskets: pd.DataFrame, accounts: pd.Index, categories: pd.Index) -> np.ndarray:
    """What each account bought of each category (accounts × categories) in the 12 months before the last 12,
    less what it returned in these and since; missing where that is nothing. What is older says too little.
    """
    years = baskets["bucket"] // YEAR
    before, since = (
        _matrices(baskets[years == year], ["amount"], accounts, categories)[0] for year in (1, 0)
    )
    net = before + since.clip(max=0.0)
    return np.where(net > 0, net, np.nan)


def steady_before(
    baskets: pd.DataFrame, accounts: pd.Index, categories: pd.Index
) -> tuple[np.ndarray, np.ndarray]:
    """Tell whose purchases of a category in the 12 months before the last 12 are a yearly rate.

    They are if they lie in OWN_MONTHS months or more, OWN_SPAN or more from the first to the last, none of
    which holds more than OWN_MOST of them: a single large order, or a few weeks of orders, is none.

    Returns
    -------
    Two matrices, accounts × categories: whether they are; and the standard deviation of what such a year
    comes to, √Σ month² (of purchases that come by chance, each of its own size).
    """
    rows = baskets[(baskets["bucket"] // YEAR == 1) & (baskets["orders"] > 0) & (baskets["amount"] > 0)]
    rows = rows.assign(months=1.0, squared=rows["amount"] ** 2)
    count, amount, squared = _matrices(rows, ["months", "amount", "squared"], accounts, categories)
    shape = (len(accounts), len(categories))
    first, last, most = np.full(shape, np.inf), np.full(shape, -np.inf), np.zeros(shape)
    i, j = accounts.get_indexer(rows["account_id"]), categories.get_indexer(rows["category"])
    inside = (i >= 0) & (j >= 0)
    cells, known = (i[inside], j[inside]), rows[inside]
    np.minimum.at(first, cells, known["bucket"].to_numpy(float))
    np.maximum.at(last, cells, known["bucket"].to_numpy(float))
    np.maximum.at(most, cells, known["amount"].to_numpy(float))
    steady = (count >= OWN_MONTHS) & (last - first >= OWN_SPAN) & (most <= OWN_MOST * amount)
    return steady, np.sqrt(squared)


class PeerRanges(NamedTuple):
    """``order``: all accounts (by position) in an order in which peers stand together. The peers of the
    account at ``places[i]`` of it, itself among them, stand from ``first[i]`` to before ``end[i]``.
    """

    order: np.ndarray
    first: np.ndarray
    end: np.ndarray
    places: np.ndarray


def peer_ranges(industry: np.ndarray, revenue: np.ndarray) -> PeerRanges:
    """Peers of the accounts whose industry is known (code ≥ 0): those of the same industry within the factor
    SIMILAR of revenue, at most the MOST_PEERS nearest by rank.
    """
    order = np.lexsort((revenue, industry))
    code, ordered = industry[order], revenue[order]
    first, end = np.zeros(len(order), dtype=int), np.zeros(len(order), dtype=int)
    starts = np.flatnonzero(np.r_[True, code[1:] != code[:-1]])
    for a, b in zip(starts, np.r_[starts[1:], len(order)], strict=True):  # one turn an industry
        part = ordered[a:b]
        first[a:b] = a + np.searchsorted(part, part / SIMILAR, side="left")
        end[a:b] = a + np.searchsorted(part, part * SIMILAR, side="right")
    places = np.flatnonzero(code >= 0)
    return PeerRanges(order, *_nearest(places, first[places], end[places], MOST_PEERS), places)


def nearest_ranges(industry: np.ndarray, revenue: np.ndarray) -> PeerRanges:
    """Peers of the accounts whose industry is unknown (code < 0): the NEAREST of all accounts by revenue."""
    order = np.argsort(revenue, kind="stable")
    places = np.flatnonzero(industry[order] < 0)
    first, end = np.zeros(len(places), dtype=int), np.full(len(places), len(order))
    return PeerRanges(order, *_nearest(places, first, end, NEAREST), places)


def _nearest(
    places: np.ndarray, first: np.ndarray, end: np.ndarray, most: int
) -> tuple[np.ndarray, np.ndarray]:
    """The range of at most ``most`` others around each place within first and end: as many above as below,
    more on one side where the other ends.
    """
    low, high = np.maximum(first, places - most // 2), np.minimum(end, places + most // 2 + 1)
    low = np.maximum(first, np.minimum(low, high - most - 1))
    return low, np.minimum(end, np.maximum(high, low + most + 1))


class _Found(NamedTuple):
    gaps: pd.DataFrame  # accounts and categories by position
    compared: int
    usual: pd.Series  # the account of every usual gap
    every: pd.DataFrame  # account, category, share, gap: of all compared accounts and all categories


def _gaps(
    peers: PeerRanges,
    amounts: np.ndarray,
    orders: np.ndarray,
    revenue: np.ndarray,
    wallet: np.ndarray,
    before: np.ndarray,
    steady: np.ndarray,
    spread: np.ndarray,
) -> _Found:
    """The gaps that can be among the BEST, with their sizes. All matrices are accounts × categories."""
    enough = peers.end - peers.first - 1 >= PEERS
    first, end, places = peers.first[enough], peers.end[enough], peers.places[enough]
    own = peers.order[places]
    with np.errstate(invalid="ignore"):
        buys = (amounts > 0) & (orders > 0)
        ratio = np.where(buys, amounts / revenue[:, None], 0.0)[peers.order]
    buyers, ratios, held = (
        np.vstack([np.zeros(len(amounts[0])), m.cumsum(axis=0)])
        for m in (buys[peers.order], ratio, orders.clip(0)[peers.order])
    )
    hits, count = buyers[end] - buyers[first], (end - first - 1)[:, None]
    gap = (orders[own] <= 0) & (hits >= BUYERS) & ~(wallet[own] <= 0)
    usual = pd.Series(own[np.nonzero(gap & (hits >= USUAL * count))[0]])
    unsized = (~np.isnan(before) & ~steady & np.isnan(wallet))[own]  # a burst of its own: no yearly rate
    at, kind = np.nonzero(gap & unsized)
    bursts = _bursts(at, kind, hits, count, own, before)
    at, kind = np.nonzero(gap & ~unsized)
    hit, all_peers, account = hits[at, kind], count[at, 0], own[at]
    likelihood, known = hit / all_peers, wallet[account, kind]
    basis = np.select([~np.isnan(known), ~np.isnan(before[account, kind])], ["wallet", "own"], "peers")
    known = np.where(basis == "own", before[account, kind], known)
    # A median of amounts ≥ 0 is at most twice their mean (Markov): a gap whose bound lies below the BEST
    # found so far needs no median. The millionth is for rounding.
    bound = (
        2.000001
        * (ratios[end[at], kind] - ratios[first[at], kind])
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
        size = quartiles(ratio, first[at[chunk]], end[at[chunk]], kind[chunk]) * revenue[account[chunk], None]
        size = np.where(np.isnan(known[chunk])[:, None], size, known[chunk][:, None])
        half = np.where(basis[chunk] == "own", MIDDLE_HALF * spread[account[chunk], kind[chunk]], 0.0)
        size = np.maximum(size + half[:, None] * np.array([-1.0, 0.0, 1.0]), 0.0)
        taken.append(chunk)
        sizes.append(size)
        reached = np.sort(np.r_[reached, size[:, 1] * likelihood[chunk]])[-BEST:]
    pick = np.concatenate([*taken, np.zeros(0, dtype=int)])
    size = np.vstack([*sizes, np.zeros((0, 3))])
    gaps = pd.DataFrame(
        {
            "account": account[pick],
            "category": kind[pick],
            "buyers": hit[pick].astype(int),
            "peers": all_peers[pick],
            "likelihood": likelihood[pick],
            "low": size[:, 0],
            "mid": size[:, 1],
            "high": size[:, 2],
            "basis": basis[pick],
            "expected": size[:, 1] * likelihood[pick],
            "bought": before[account[pick], kind[pick]],
        }
    )
    gaps = pd.concat([gaps, bursts], ignore_index=True) if len(bursts) else gaps
    # of the peers' purchases, its own left out, the share that holds the category
    with_it = np.maximum(held[end] - held[first] - orders[own].clip(0), 0.0)
    of_all = with_it.sum(axis=1, keepdims=True)
    share = np.divide(with_it, of_all, out=np.full(with_it.shape, np.nan), where=of_all > 0)
    every = pd.DataFrame(
        {
            "account": np.repeat(own, share.shape[1]),
            "category": np.tile(np.arange(share.shape[1]), len(own)),
            "share": share.ravel(),
            "gap": gap.ravel(),
        }
    )
    return _Found(gaps, len(places), usual, every)


def _bursts(
    at: np.ndarray, kind: np.ndarray, hits: np.ndarray, count: np.ndarray, own: np.ndarray, before: np.ndarray
) -> pd.DataFrame:
    """The gaps of what was bought in a burst, as ``_gaps`` gives them, without sizes."""
    hit, peers = hits[at, kind].astype(int), count[at, 0]
    return pd.DataFrame(
        {
            "account": own[at],
            "category": kind,
            "buyers": hit,
            "peers": peers,
            "likelihood": hit / np.maximum(peers, 1),
            **dict.fromkeys(("low", "mid", "high"), np.nan),
            "basis": "burst",
            "expected": np.nan,
            "bought": before[own[at], kind],
        }
    )


def quartiles(ratio: np.ndarray, first: np.ndarray, end: np.ndarray, column: np.ndarray) -> np.ndarray:
    """Quartiles (linear between neighbours, as numpy's) of the positive ratios in ``column[i]`` from row
    ``first[i]`` to before ``end[i]``: one row of three for each i.
    """
    reach = first[:, None] + np.arange(int((end - first).max()))
    values = ratio[np.minimum(reach, len(ratio) - 1), column[:, None]]
    values = np.sort(np.where((reach < end[:, None]) & (values > 0), values, np.inf), axis=1)
    count, row = np.isfinite(values).sum(axis=1), np.arange(len(first))
    out = np.empty((len(first), 3))
    for place, part in enumerate((0.25, 0.5, 0.75)):
        at = part * (count - 1)
        left = np.floor(at).astype(int)
        below, above = values[row, left], values[row, np.ceil(at).astype(int)]
        out[:, place] = below + (at - left) * (above - below)
    return out


def add_findings(findings: Findings, result: WhiteSpace, day: pd.Timestamp | None = None) -> None:
    """Add what accounts do not buy though their peers do, and what keeps that from being told. ``day``: of
    the plan; what is offered later, before its season, is not named. None: all may be.
    """
    if result.status == "short_history":  # said with the share of wallet
        return
    if result.status == "no_categories":
        findings.add("room_categories_unknown", "watch", "room_ask_categories")
        return
    if result.categories_left_out:
        findings.add(
            "room_categories_cut", "note", None, kept=MOST_CATEGORIES, count=result.categories_left_out
        )
    if result.uncategorised:
        findings.add(
            "room_uncategorised",
            "watch",
            "room_complete_categories",
            share=result.categorised_share,
            count=result.uncategorised,
            least=CATEGORISED,
        )
    if not result.compared:
        findings.add("room_peers_few", "note", None, least=PEERS)
        return
    if result.without_peers:
        findings.add("room_alone", "note", None, count=result.without_peers, least=PEERS)
    gaps = result.sized
    if result.gaps.empty:
        findings.add("room_no_gaps", "note", None, accounts=result.compared)
        return
    if result.usual_gaps:
        findings.add(
            "room_gaps",
            "note",
            None,
            count=result.usual_gaps,
            accounts=result.accounts_with_usual_gap,
            of=result.compared,
            usual=USUAL,
            listed=len(gaps),
            listed_usual=int((gaps["likelihood"] >= USUAL).sum()),
        )
    names = ["category", "buyers", "peers", "low", "mid", "high", "likelihood_low", "likelihood_high"]
    looks = {kind: Look(p) for kind, p in result.p_values.items()}
    for look in looks.values():
        findings.looked(look)
    # those first that chance hardly leaves, each taken alone; among them the largest
    now = pd.Series(True, index=gaps.index) if day is None else ~(gaps["offer_from"] > day)
    free = gaps[now & (gaps["growth_exclusion"] == "")].assign(likely=gaps["p_value"] >= UNLIKELY)
    free = free.sort_values(["beyond_chance", "likely"], ascending=[False, True], kind="stable")
    lapsed = free["lapsed"].astype(bool)
    _add_bursts(findings, result.gaps)
    if not lapsed.all():
        first = free[~lapsed].iloc[0]
        by_wallet = first["basis"] == "wallet"
        findings.add(
            "room_gap_wallet" if by_wallet else "room_gap",
            "act" if first["likelihood"] >= USUAL and first["beyond_chance"] else "watch",
            "room_offer",
            [first["account_id"]],
            **first[names].to_dict(),
            gain=first["mid" if by_wallet else "expected"],
            # that it buys the category elsewhere is what the client says, whatever chance leaves out here
            look=None if by_wallet else looks["gap"],
        )
    if lapsed.any():
        first = free[lapsed].iloc[0]
        findings.add(
            "room_lapsed",
            "watch",
            "room_win_back",
            [first["account_id"]],
            **first[names].to_dict(),
            count=int(lapsed.sum()),
            gain=first["expected"],
            look=looks["lapsed"],
        )


def _add_bursts(findings: Findings, gaps: pd.DataFrame) -> None:
    """What was bought in one burst, which is no yearly rate, the most bought first."""
    rows = gaps[(gaps["basis"] == "burst") & (gaps["growth_exclusion"] == "")]
    if rows.empty:
        return
    first = rows.iloc[0]
    findings.add(
        "room_burst",
        "note",
        "room_ask_again",
        dict.fromkeys(rows["account_id"]),
        count=len(rows),
        category=first["category"],
        bought=first["bought"],
        last=str(first["last_bought"].date()),
    )
