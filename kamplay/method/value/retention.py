"""How last year's revenue became this year's: the revenue bridge, net and gross retention of all accounts
and by segment, accounts won back, cohorts of first purchase.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.measures import purchases
from kamplay.method.measures.buying_rhythm import rhythm_at
from kamplay.method.measures.charges import Charges, charges
from kamplay.method.measures.noise_reference import NoiseReference, noise_reference
from kamplay.method.measures.warning_signs import signs_at
from kamplay.method.noise_gate import Look, beyond_chance, family_look, high_look, low_look
from kamplay.method.results import Findings, Severity
from kamplay.presets.scorecard import LEVELS

MOVES = ("new", "won_back", "expanded", "contracted", "lost", "other")
SEGMENTS = ("nature", "industry", "region", "owner")  # columns of accounts by which retention is split
MOST_VALUES = 12  # more values than that are names, not segments
MOST_YEARS = 5  # twelve-month windows of a cohort that are followed
SMALL_BASE = 0.25  # a year before that brought a smaller part of this year than that compares with nothing
WORTH_A_WORD = 0.05  # a change of the year's revenue whose largest part stands on the first page
ASKED = 10  # of the accounts that fell, the reasons are asked of the largest; of more by group
LARGE_MOVE = 0.02  # a fall of one account worth naming: 2 % of last year's revenue
# accounts and share of last year's revenue from which a segment's retention is more than chance
FEWEST, WEIGHT = 5, 0.03
ORDERED = ("tier", "size")  # told from the highest to the lowest, whichever kept more
DIVIDED, DIVIDE_SEED = 300, 20260630  # times that accounts are divided at random
UNEVEN = 0.1  # a gap in retention between two segments that is worth a sentence
BY_SEGMENT = {
    "tier": "kept_by_tier",
    "size": "kept_by_size",
    "nature": "kept_by_nature",
    "industry": "kept_by_industry",
    "region": "kept_by_region",
    "owner": "kept_by_owner",
}
LARGEST = {
    "lost": "largest_move_lost",
    "contracted": "largest_move_contracted",
    "expanded": "largest_move_expanded",
    "won_back": "largest_move_won_back",
    "new": "largest_move_new",
}
TOO_MANY = {
    "nature": "many_natures",
    "industry": "many_industries",
    "region": "many_regions",
    "owner": "many_owners",
}


@dataclass(frozen=True)
class ChargesMoved:
    """Of the bridge what is no goods: ``names`` of the categories, their net amount ``before`` and ``now``,
    and ``other``, what of the bar of that name lies in them.
    """

    names: tuple[str, ...]
    before: float
    now: float
    other: float


@dataclass(frozen=True)
class Retention:
    """How revenue moved from the 12 months before to the 12 months to as_of. Amounts in the engagement's
    currency.

    Attributes
    ----------
    moves : per account (index account_id): now, before, change, move (of MOVES, or same), see
        ``account_moves``; silent_since, of the accounts that have plainly stopped: the day of the last
        purchase; fall_p_value, of the accounts large enough for a LARGE_MOVE: how often chance
        alone lets it fall as far.
    bridge : item (before, MOVES, now), amount, accounts; see ``revenue_bridge``.
    by_segment : dimension (all, tier or size, SEGMENTS), value ("" where none is recorded), accounts,
        before, now, nrr, grr; see ``segment_retention``. Empty with less than 24 months.
    cohorts : see ``cohorts``. Empty with less than 24 months.
    nrr, grr : net and gross revenue retention, to six decimals; None with less than 24 months.
    months_covered : months of data.
    returns_known : whether data reach back far enough to tell an account won back from a new one.
    bought_once : accounts with a single day of purchase.
    segments_recorded : whether the accounts table has any of SEGMENTS.
    not_split : dimension → its number of values, where they are more than MOST_VALUES.
    three_years : revenue of the last three years, the earliest first; empty with less than 36 months.
    looks : ``grr``, ``below_peak``, ``cohort_kept`` and the dimensions of by_segment → how each compares with
        what chance gives, see ``noise_gate.Look``.
    charges : what of both years is charges and no goods; None where no category holds them or they moved too
        little, see ``measures.charges``.
    """

    moves: pd.DataFrame
    bridge: pd.DataFrame
    by_segment: pd.DataFrame
    cohorts: pd.DataFrame
    nrr: float | None
    grr: float | None
    months_covered: int
    returns_known: bool
    bought_once: tuple[str, ...]
    segments_recorded: bool
    not_split: dict[str, int]
    three_years: tuple[float, ...]
    looks: dict[str, dict[str, float]]
    charges: ChargesMoved | None = None

    @property
    def small_base(self) -> bool:
        """Whether the year before brought less than SMALL_BASE of this year: a rate of growth, and the share
        that was kept of so little, would say nothing.
        """
        now, before = self.moves["now"].sum(), self.moves["before"].sum()
        return bool(before < SMALL_BASE * now)

    @property
    def base(self) -> float:
        """What the accounts that retention is of brought in the year before: without the returns of others,
        which the year's revenue is less.
        """
        return float(self.moves.loc[self.moves["before"] > 0, "before"].sum())

    @property
    def stopped(self) -> pd.DataFrame:
        """Of ``moves`` the accounts that bought in the 12 months and have plainly stopped since."""
        return self.moves[self.moves["silent_since"].notna() & (self.moves["now"] > 0)]


def retention(
    book: Book, earlier_tiers: pd.Series | None = None, levels: pd.Series | None = None
) -> Retention:
    """Measure how revenue was kept, lost and won over the 12 months to as_of.

    Parameters
    ----------
    book : the client's data.
    earlier_tiers : account_id → tier before these months, missing where an account had none.
    levels : account_id → level S, A, B or C of today; where there are no earlier tiers they say how many
        accounts to a size class, see ``size_classes``.
    """
    now, before = purchases.revenue(book), purchases.revenue(book, 12, 12)
    best = best_earlier(book)
    joined = purchases.newcomers(book)
    moves = account_moves(now, before, best, None if joined is None else joined.index)
    moves["silent_since"] = _silent_since(book).reindex(moves.index)
    two_years = book.months_covered >= purchases.TWO_YEARS
    by, not_split = segments(book, earlier_tiers)
    if earlier_tiers is None and levels is not None:
        by = {"size": size_classes(now, before, levels, book.accounts.index)} | by
    by_segment = segment_retention(now, before, by if two_years else {})
    nrr, grr = retention_rates(now, before) if two_years else (None, None)
    back = (24, 12, 0) if book.months_covered >= 36 else ()
    years, followed = tuple(float(purchases.revenue(book, 12, ago).sum()) for ago in back), cohorts(book)
    looks = _looks(book, moves, grr, years, followed, by) if two_years else {}
    moves["fall_p_value"] = _fall_p_values(book, moves) if two_years else np.nan
    return Retention(
        moves=moves,
        bridge=revenue_bridge(moves),
        by_segment=by_segment if two_years else by_segment.iloc[:0],
        cohorts=followed,
        nrr=None if nrr is None else round(nrr, 6),
        grr=None if grr is None else round(grr, 6),
        months_covered=book.months_covered,
        returns_known=best is not None,
        bought_once=tuple(purchases.bought_once(book)),
        segments_recorded=any(book.has("accounts", name) for name in SEGMENTS),
        not_split=not_split,
        three_years=years,
        looks={name: vars(look) for name, look in looks.items()},
        charges=charges_moved(moves, charges(book)),
    )


def charges_moved(moves: pd.DataFrame, found: Charges | None) -> ChargesMoved | None:
    """Of the bridge of ``account_moves`` what lies in categories of charges; None without any."""
    if found is None:
        return None
    own = found.accounts.reindex(moves.index).fillna(0.0)
    other, lost = moves["move"] == "other", (moves["move"] == "lost") & (moves["now"] < 0)
    part = (own["now"] - own["before"])[other].sum() + own.loc[lost, "now"].sum()
    return ChargesMoved(found.names, float(own["before"].sum()), float(own["now"].sum()), float(part))


def _silent_since(book: Book) -> pd.Series:
    """The last purchase of each account that has plainly stopped, as step 3 tells it."""
    silence = signs_at(book, book.seen_to, told=True)["silence"]
    return rhythm_at(book, book.seen_to)["last"].reindex(silence.index[silence > 0])


def _fall_p_values(book: Book, moves: pd.DataFrame) -> pd.Series:
    total = moves["before"].clip(lower=0).sum()
    large = moves.index[(moves["before"] >= LARGE_MOVE * total) & (total > 0)]
    return noise_reference(book).fall_p_values(large, -moves["change"]).reindex(moves.index)


def _looks(
    book: Book,
    moves: pd.DataFrame,
    grr: float | None,
    three_years: tuple[float, ...],
    followed: pd.DataFrame,
    by: dict[str, pd.Series],
) -> dict[str, Look]:
    """How the topic's figures compare with the client in which nothing happens."""
    noise, out = noise_reference(book), {}
    if grr is not None:
        drawn = np.maximum(noise.years(2), 0.0, dtype=float)
        kept = np.minimum(drawn[:, :, 0], drawn[:, :, 1]).sum(axis=1)
        out["grr"] = low_look(grr, _over(kept, drawn[:, :, 1].sum(axis=1)))
    if three_years:
        this, *earlier = noise.years(3).sum(axis=1, dtype=float).T
        best = max(three_years[:2])
        if best > 0:
            out["below_peak"] = low_look(three_years[2] / best - 1, _over(this, np.max(earlier, axis=0)) - 1)
    first = followed[followed["cohort_year_back"] == followed["cohort_year_back"].max()]
    if len(first) > 1:
        windows = int(first["window_back"].max()) + 1
        drawn = np.maximum(noise.years(windows), 0.0, dtype=float)
        joined = drawn[:, :, -1] > 0
        sums = [(drawn[:, :, year] * joined).sum(axis=1) for year in (0, -1)]
        out["cohort_kept"] = low_look(float(first["share_kept"].iloc[-1]), _over(*sums))
    for dimension, value in by.items():
        if dimension in ORDERED:
            out[dimension] = _ordered_look(noise, moves, value, anew=dimension == "size")
        else:
            out[dimension] = _segment_look(moves, value)
    return out


def _over(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0)


def _ordered_look(noise: NoiseReference, moves: pd.DataFrame, value: pd.Series, anew: bool) -> Look:
    """How far the first class's retention would lie above the last one's if nothing had happened.

    Parameters
    ----------
    anew : whether the classes are those of size, which each draw gives to other accounts; as many to each.
    """
    drawn = np.maximum(noise.years(2), 0.0)
    kept = np.minimum(drawn[:, :, 0], drawn[:, :, 1])
    before = drawn[:, :, 1]
    value = value.fillna("")
    seen = segment_retention(moves["now"], moves["before"], {"size": value})
    seen = _comparable(seen[seen["dimension"] == "size"], ordered=True)
    if len(seen) < 2:
        return Look(1.0)
    best, worst = seen.iloc[0], seen.iloc[-1]
    if anew:
        order = np.argsort(-before, axis=1, kind="stable")
        before, kept = (np.take_along_axis(part, order, axis=1) for part in (before, kept))
        place, ends = np.arange(before.shape[1]), (before > 0).sum(axis=1)[:, None]
        first = np.broadcast_to(place < best["accounts"], before.shape)
        last = (place >= ends - worst["accounts"]) & (place < ends)
    else:
        first, last = (
            np.broadcast_to((value == row["value"]).to_numpy(), before.shape) for row in (best, worst)
        )
    upper = _over((kept * first).sum(axis=1, dtype=float), (before * first).sum(axis=1, dtype=float))
    lower = _over((kept * last).sum(axis=1, dtype=float), (before * last).sum(axis=1, dtype=float))
    return high_look(float(best["grr"] - worst["grr"]), upper - lower)


def _comparable(rows: pd.DataFrame, ordered: bool) -> pd.DataFrame:
    """The segments of one dimension that are named, and large enough for their retention to say something;
    rows of ``segment_retention``.
    """
    enough = (rows["accounts"] >= (1 if ordered else FEWEST)) & (
        rows["before"] >= WEIGHT * rows["before"].sum()
    )
    return rows[(rows["value"] != "") & enough]


def _segment_look(moves: pd.DataFrame, value: pd.Series) -> Look:
    """How far apart the segments' retention would lie if the same accounts were divided at random."""
    base = moves[moves["before"] > 0]
    code, values = pd.factorize(value.reindex(base.index).fillna(""), sort=True)
    before = base["before"].to_numpy(dtype=float)
    kept = np.minimum(base["now"].to_numpy(dtype=float).clip(0), before)
    named = np.array([v != "" for v in values])

    def gap(code: np.ndarray) -> float:
        sums = np.bincount(code, before, len(values))
        rows = named & (np.bincount(code, minlength=len(values)) >= FEWEST) & (sums >= WEIGHT * before.sum())
        rates = (np.bincount(code, kept, len(values)) / np.maximum(sums, 1e-9))[rows]
        return float(rates.max() - rates.min()) if len(rates) > 1 else float("nan")

    rng = np.random.default_rng(DIVIDE_SEED)
    draws = min(DIVIDED, max(100, 2_000_000 // max(1, len(code))))
    return high_look(gap(code), np.array([gap(rng.permutation(code)) for _ in range(draws)]))


def account_moves(
    now: pd.Series, before: pd.Series, best_earlier: pd.Series | None = None, new: pd.Index | None = None
) -> pd.DataFrame:
    """Classify each account's change of revenue; the changes add up to the change of the total.

    Parameters
    ----------
    now, before : revenue per account (index account_id) of the last 12 months and of the 12 before.
    best_earlier : per account its largest revenue of any 12 months before those two years; None where data do
        not reach so far.
    new : the new accounts, see ``purchases.newcomers``; None: all that had no positive revenue before.

    Returns
    -------
    now, before, change, move. Accounts with positive revenue before and none now are ``lost``; with none
    before and some now ``new``, or ``won_back`` where ``best_earlier`` is positive. ``other``: no positive
    revenue in either window (returns only), or none before though seen before.
    """
    moves = pd.DataFrame({"now": now, "before": before}).fillna(0.0)
    moves["change"] = moves["now"] - moves["before"]
    bought, bought_before = moves["now"] > 0, moves["before"] > 0
    moves["move"] = "same"
    moves.loc[moves["change"] > 0, "move"] = "expanded"
    moves.loc[moves["change"] < 0, "move"] = "contracted"
    moves.loc[~bought_before & bought, "move"] = "new"
    if best_earlier is not None:
        returned = best_earlier.reindex(moves.index) > 0
        moves.loc[~bought_before & bought & returned, "move"] = "won_back"
    if new is not None:
        moves.loc[(moves["move"] == "new") & ~moves.index.isin(new), "move"] = "other"
    moves.loc[bought_before & ~bought, "move"] = "lost"
    moves.loc[~bought_before & ~bought & (moves["change"] != 0), "move"] = "other"
    return moves


def revenue_bridge(moves: pd.DataFrame) -> pd.DataFrame:
    """The bridge from last year's revenue to this year's, from ``account_moves``.

    Returns
    -------
    item (before, new, won_back, expanded, contracted, lost, other, now), amount, accounts; won_back and
    other have a row only where there is anything in it. Amounts are net of all accounts, so that before and
    now are the revenue of these years; accounts of before and now are those with positive revenue. A lost
    account takes what it brought: what it returned beyond that is in other, so that contracted and lost are
    what gross retention lacks, and expanded with them what net retention lacks.
    """
    by = moves.groupby("move")["change"].agg(["sum", "size"]).reindex(MOVES).fillna(0)
    returned = moves.loc[(moves["move"] == "lost") & (moves["now"] < 0), "now"]
    by["sum"] += pd.Series({"lost": -returned.sum(), "other": returned.sum()}).reindex(MOVES).fillna(0.0)
    rows = [("before", moves["before"].sum(), int((moves["before"] > 0).sum()))]
    filled = by.any(axis=1)
    shown = [m for m in MOVES if filled[m] or m not in ("won_back", "other")]
    rows += [(move, float(by.loc[move, "sum"]), int(by.loc[move, "size"])) for move in shown]
    rows += [("now", moves["now"].sum(), int((moves["now"] > 0).sum()))]
    return pd.DataFrame(rows, columns=["item", "amount", "accounts"])


def retention_rates(now: pd.Series, before: pd.Series) -> tuple[float | None, float | None]:
    """Net and gross revenue retention: revenue now of the accounts that had positive revenue before, over
    their revenue then.

    Each account is floored at 0; for gross retention it is also capped at its revenue before, so that growth
    does not hide loss. None without positive revenue before.
    """
    base = before[before > 0]
    if base.empty:
        return None, None
    kept = now.reindex(base.index).fillna(0.0).clip(lower=0.0)
    return float(kept.sum() / base.sum()), float(kept.clip(upper=base).sum() / base.sum())


def best_earlier(book: Book) -> pd.Series | None:
    """Per account its largest revenue in any of the 12-month windows that end 24, 36 … months before as_of;
    None without such months.
    """
    old = book.monthly[book.monthly["bucket"] >= 24]
    if old.empty:
        return None
    by = old.groupby(["account_id", old["bucket"] // 12])["amount"].sum().groupby("account_id").max()
    return by.reindex(book.accounts.index).fillna(0.0)


def segments(book: Book, tiers: pd.Series | None = None) -> tuple[dict[str, pd.Series], dict[str, int]]:
    """By which values the accounts divide (dimension → value per account, "" for none), and the dimensions
    with too many values.
    """
    found, too_many = {}, {}
    columns = {"tier": tiers} | {d: book.accounts.get(d) for d in SEGMENTS}
    for dimension, column in columns.items():
        if column is None:
            continue
        value = column.reindex(book.accounts.index).astype("object")
        value = value.where(value.notna(), "").astype("str").str.strip()
        number = int(value[value != ""].nunique())
        if number > MOST_VALUES:
            too_many[dimension] = number
        elif number >= 2:
            found[dimension] = value
    return found, too_many


def size_classes(now: pd.Series, before: pd.Series, levels: pd.Series, index: pd.Index) -> pd.Series:
    """A level for each account that bought a year before, by its revenue then: as large a part of them as
    each level holds of today's.

    Levels of today would not compare, as they were given with this year's revenue in view: who shrank has
    moved down.
    """
    today = levels.reindex(now.index[now > 0]).dropna()
    today = today[today.isin(LEVELS)]
    then = before[before > 0].sort_values(ascending=False, kind="stable")
    out = pd.Series("", index=index, dtype="object")
    if len(today):
        upto = today.value_counts().reindex(LEVELS).fillna(0).cumsum() / len(today) * len(then)
        ends = upto.round().astype(int).to_numpy()
        places = np.searchsorted(ends, np.arange(len(then)), side="right").clip(max=3)
        out[then.index] = np.array(LEVELS, dtype=object)[places]
    return out


def segment_retention(now: pd.Series, before: pd.Series, by: dict[str, pd.Series]) -> pd.DataFrame:
    """Net and gross retention of all accounts and of each value of ``by``, as in ``retention_rates``.

    Returns
    -------
    dimension, value, accounts (with positive revenue before), before, now (each account floored at 0), nrr,
    grr. Within each dimension accounts, before and now add up to the row ``all``. Tiers come S first and then
    in the order of the alphabet, other values from the largest; without a value last.
    """
    base = pd.DataFrame({"before": before[before > 0]})
    base["now"] = now.reindex(base.index).fillna(0.0).clip(lower=0.0)
    base["capped"] = base["now"].clip(upper=base["before"])
    parts = []
    for dimension, value in {"all": pd.Series("", index=base.index), **by}.items():
        sums = base.groupby(value.reindex(base.index).fillna("")).agg(
            accounts=("before", "size"),
            before=("before", "sum"),
            now=("now", "sum"),
            capped=("capped", "sum"),
        )
        part = sums.rename_axis("value").reset_index().assign(dimension=dimension)
        rank = part["value"].ne("S").astype(float) if dimension in ("tier", "size") else -part["before"]
        parts.append(
            part.assign(_last=part["value"] == "", _rank=rank).sort_values(["_last", "_rank", "value"])
        )
    out = pd.concat(parts, ignore_index=True)
    out = out.assign(nrr=out["now"] / out["before"], grr=out["capped"] / out["before"])
    return out[["dimension", "value", "accounts", "before", "now", "nrr", "grr"]]


def cohorts(book: Book) -> pd.DataFrame:
    """Revenue by year of first purchase, counted back from as_of and not from January.

    Returns
    -------
    One row per cohort and window, the oldest cohort and window first; empty with less than 24 months.
    ``window_back`` 0 is the 12 months to as_of; ``cohort_year_back`` 2 was first seen 24 to 35 months before.
    The oldest cohort also holds whoever came before it, or before the data begin. ``accounts`` with
    positive revenue in the window; ``revenue`` net, over the cohorts it adds up to the window's.
    ``share_kept``: what the accounts with positive revenue in the cohort's first full window (the year after
    it joined, since the year it joined holds only a part; of the oldest cohort the first window shown) bring,
    none below 0, over what they brought then, as in ``retention_rates``; ``kept``: how many of them still
    bring revenue. Both missing before that window. Whole windows only, at most MOST_YEARS.
    """
    whole = book.months_covered // 12
    whole_numbers, amounts = (
        ["cohort_year_back", "window_back", "accounts"],
        ["revenue", "share_kept", "kept"],
    )
    columns = whole_numbers + amounts
    if whole < 2:
        return pd.DataFrame(columns=columns).astype(
            dict.fromkeys(whole_numbers, "int64") | dict.fromkeys(amounts, "float64")
        )
    windows = min(whole, MOST_YEARS)
    oldest = windows - 1
    cohort = (purchases.first_seen(book) // 12).clip(upper=oldest)
    recent = book.monthly[book.monthly["bucket"].between(0, 12 * windows - 1)]
    window = (recent["bucket"] // 12).rename("window_back")
    by = recent.groupby(["account_id", window])["amount"].sum().reset_index()
    by["cohort_year_back"] = by["account_id"].map(cohort).astype("int64")
    first_full = np.where(by["cohort_year_back"] == oldest, oldest, by["cohort_year_back"] - 1)
    followed = by.loc[(by["window_back"] == first_full) & (by["amount"] > 0), "account_id"]
    positive = by["amount"].clip(lower=0).where(by["account_id"].isin(followed), 0.0)
    by = by.assign(buys=by["amount"] > 0, positive=positive, kept=positive > 0)
    sums = by.groupby(["cohort_year_back", "window_back"]).agg(
        accounts=("buys", "sum"),
        revenue=("amount", "sum"),
        positive=("positive", "sum"),
        kept=("kept", "sum"),
    )
    every = [(c, w) for c in range(oldest, -1, -1) for w in range(c, -1, -1)]
    out = sums.reindex(pd.MultiIndex.from_tuples(every, names=columns[:2])).fillna(0).reset_index()
    start = np.where(out["cohort_year_back"] == oldest, windows - 1, out["cohort_year_back"] - 1)
    base = out[out["window_back"] == start].set_index("cohort_year_back")["positive"]
    base = out["cohort_year_back"].map(base[base > 0]).astype("float64")
    since = out["window_back"].to_numpy() <= start
    out["share_kept"] = (out["positive"] / base).where(since)
    out["kept"] = out["kept"].astype("float64").where(since)
    return out.astype({"accounts": "int64", "revenue": "float64"})[columns]


def add_findings(findings: Findings, result: Retention, prices: dict[str, Any] | None = None) -> None:
    """Add how revenue moved, the large losses, and a fall below the best of three years. ``prices``: what
    prices, volume and mix did, see ``price_volume_mix.told_beside``.
    """
    if result.nrr is None or result.grr is None:
        findings.add("movement_unknown", "watch", "ask_for_history", months=result.months_covered)
        return
    moves = result.moves
    now, before = moves["now"].sum(), moves["before"].sum()
    by = result.bridge.set_index("item").reindex(MOVES).fillna(0)
    falls = moves[moves["move"].isin(["contracted", "lost"])]
    # by account what gross retention lacks: who left takes what it brought, as the bridge has it
    fell = (falls["before"] - falls["now"].clip(lower=0)).sort_values(ascending=False, kind="stable")
    falls = falls.loc[fell.index]
    severity: Severity = "act" if result.grr < 0.8 else "watch" if result.grr < 0.9 else "note"
    action = "win_back" if len(falls) <= ASKED else "win_back_largest"
    findings.add(
        "movement",
        severity,
        "keep_growing" if severity == "note" else action,
        falls.index,
        look=Look(**result.looks["grr"]),
        now=now,
        before=before,
        base=result.base,
        base_count=int((moves["before"] > 0).sum()),
        fell=len(falls),
        took=-by.loc[["contracted", "lost"], "amount"].sum(),
        asked=min(len(falls), ASKED),
        asked_share=fell.head(ASKED).sum() / fell.sum() if len(falls) else None,
        rest=max(len(falls) - ASKED, 0),
        nrr=result.nrr,
        grr=result.grr,
        growth=now / before - 1 if before > 0 else None,
        small_base=result.small_base,
        **{f"{move}_amount": by.loc[move, "amount"] for move in MOVES},
        **{f"{move}_count": int(by.loc[move, "accounts"]) for move in MOVES},
        **(prices or {}),
        stake=-by.loc[["contracted", "lost"], "amount"].sum(),
    )
    _add_largest_move(findings, result)
    # of accounts as large as that, those that fell further than chance lets them
    p_values = moves["fall_p_value"].dropna()
    told = p_values.index[beyond_chance(p_values.to_numpy())]
    large = fell[falls.index.isin(told) & (fell >= LARGE_MOVE * result.base)]
    look = family_look(p_values)
    findings.looked(look)
    if len(large):
        total = fell.sum()
        findings.add(
            "large_losses",
            "act",
            "find_out_why",
            large.index,
            falls=len(falls),
            total=total,
            total_share=total / result.base,
            count=len(large),
            amount=large.sum(),
            stake=large.sum(),
            look=look,
            only_outside=True,
        )
    if result.three_years:
        before_last, last, this = result.three_years
        best = max(before_last, last)
        change = this / best - 1 if best > 0 else 0.0
        look = Look(**result.looks.get("below_peak", {"p_value": 1.0}))
        findings.looked(look)
        if change < -0.1:
            findings.add(
                "below_peak",
                "act" if change < -0.2 else "watch",
                "explain_decline",
                before_last=before_last,
                last=last,
                now=this,
                change=change,
                look=look,
                only_outside=True,
            )


def _add_largest_move(findings: Findings, result: Retention) -> None:
    """Of a year that rose or fell by more than WORTH_A_WORD, the bar of the bridge that did most of it."""
    moves = result.moves
    now, before = moves["now"].sum(), moves["before"].sum()
    if before <= 0 or result.small_base or abs(now / before - 1) < WORTH_A_WORD:
        return
    fell = now < before
    sums = result.bridge.set_index("item")["amount"].reindex([m for m in MOVES if m != "other"]).fillna(0.0)
    largest = str(sums.idxmin() if fell else sums.idxmax())
    if (sums[largest] >= 0) is fell or not sums[largest]:
        return
    part = moves.loc[moves["move"] == largest, "change"].abs().sort_values(ascending=False, kind="stable")
    findings.add(
        LARGEST[largest], "note", None, part.index, count=len(part), amount=abs(sums[largest]), fell=fell
    )


def add_segment_findings(findings: Findings, result: Retention) -> None:
    """Add who was won back, retention by segment and cohorts; or what is missing to tell."""
    if result.months_covered < purchases.TWO_YEARS:
        findings.add("flows_unknown", "watch", "flows_ask_for_history", months=result.months_covered)
        return
    _add_won_back(findings, result)
    _add_segments(findings, result)
    _add_cohorts(findings, result)


def _add_won_back(findings: Findings, result: Retention) -> None:
    moves = result.moves
    new = moves[moves["move"] == "new"]
    if not result.returns_known:
        if len(new):
            action, months = "flows_ask_for_history", result.months_covered
            findings.add("won_back_unknown", "note", action, months=months, count=len(new))
        return
    back = moves[moves["move"] == "won_back"].sort_values("change", ascending=False)
    once = new[new.index.isin(result.bought_once)]
    figures = {"new": len(new), "new_amount": new["change"].sum()}
    figures |= {"once": len(once), "once_amount": once["change"].sum()}
    if len(back):
        figures = {"count": len(back), "amount": back["now"].sum()} | figures
        findings.add("won_back", "note", "learn_from_won_back", back.index, **figures)
    else:
        findings.add("none_won_back", "note", None, **figures)


def _add_segments(findings: Findings, result: Retention) -> None:
    actions = {"tier": "compare_tiers", "size": None, "owner": "compare_owners"}
    table = result.by_segment
    for dimension, kind in BY_SEGMENT.items():
        ordered = dimension in ORDERED
        every = table[table["dimension"] == dimension]
        rows = _comparable(every, ordered)
        if len(rows) < 2:
            continue
        best = rows.iloc[0] if ordered else rows.loc[rows["grr"].idxmax()]
        worst = rows.iloc[-1] if ordered else rows.loc[rows["grr"].idxmin()]
        uneven = best["grr"] - worst["grr"] >= UNEVEN
        look = Look(**result.looks[dimension])
        findings.looked(look)
        if not ordered and not uneven:
            continue
        findings.add(
            kind,
            "watch" if worst["grr"] < 0.8 and dimension != "size" else "note",
            actions.get(dimension, "ask_worst_segment") if uneven else None,
            **{
                f"{which}_{column}": row[column]
                for which, row in (("best", best), ("worst", worst))
                for column in ("value", "grr", "nrr", "accounts", "before")
            },
            stake=(1 - worst["grr"]) * worst["before"],
            look=look,
            only_outside=not ordered,
        )
    for dimension, number in result.not_split.items():
        if dimension in TOO_MANY:
            findings.add(TOO_MANY[dimension], "note", "group_values", values=number, most=MOST_VALUES)
    if not result.segments_recorded:
        findings.add("segments_unknown", "note", "ask_for_segments")


def _add_cohorts(findings: Findings, result: Retention) -> None:
    table = result.cohorts
    now = table[table["window_back"] == 0].set_index("cohort_year_back")
    total, oldest = now["revenue"].sum(), int(now.index.max())
    if total <= 0:
        return
    years = min(3, oldest)
    old, young = now[now.index >= years], now.loc[0]
    lean = young["revenue"] / total < 0.05
    findings.add(
        "cohort_share",
        "watch" if lean else "note",
        "win_new_accounts" if lean else None,
        years=years,
        share=old["revenue"].sum() / total,
        amount=old["revenue"].sum(),
        accounts=int(old["accounts"].sum()),
        young_share=young["revenue"] / total,
        young_accounts=int(young["accounts"]),
    )
    first = table[table["cohort_year_back"] == oldest].iloc[0]
    span, kept = int(first["window_back"]), now.loc[oldest, "share_kept"]
    if kept == kept and span > 0:
        findings.add(
            "cohort_kept",
            "watch" if kept < 0.8**span else "note",
            None,
            years=span,
            share=kept,
            accounts=int(first["accounts"]),
            left=int(now.loc[oldest, "kept"]),
            look=Look(**result.looks["cohort_kept"]),
        )
