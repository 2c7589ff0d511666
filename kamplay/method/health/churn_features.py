"""What was known of each account at a cut-off, and what came after: the rows that the churn model is trained
and judged on.

Cut-offs step back from the day up to which the data run. Features read nothing after their cut-off; an
outcome is the purchases of the ``horizon`` days after it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.measures.purchases import window_dates
from kamplay.method.measures.warning_signs import signs_at
from kamplay.method.stats import bgnbd

ACTIVE_DAYS = 365  # an account is active when it bought in so many days to the cut-off
YEAR = 365
WINDOWS = (30, 90, 180, 365)  # days to the cut-off in which buying days are counted
HALF_LIVES = (30.0, 120.0)  # days after which a purchase counts half
MOST_CUTOFFS = 18
LEAST = 90  # days of history before the first cut-off
OUTCOMES = ("stopped", "shrunk_year", "shrunk_before")
MOST_ACCOUNTS = 30_000  # whose history is trained on
MOST_FITTED = 20_000  # accounts that the BG/NBD is fitted to: its four parameters do not move beyond
SEED = 20260630
SIGN = "sign_of_"  # how columns of evidence begin
FROM_PURCHASES = (
    "silence",
)  # not order_rhythm: its own test of chance adds to what the habits say, where other signs stand beside it
BESIDE = (
    "receivables",
    "deliveries",
    "tickets",
    "surveys",
    "visits",
    "opportunities",
)  # tables with a history that signs are read from
SURE = 0.95  # of a strength of 1: no sign is proof
Signs = Callable[[Book, pd.Timestamp], pd.DataFrame]


@dataclass(frozen=True)
class History:
    """Book.days as arrays sorted by account and date: ``code`` of the account, ``day`` (days since 1970),
    ``amount``, ``bought``.
    """

    accounts: pd.Index
    code: np.ndarray
    day: np.ndarray
    amount: np.ndarray
    bought: np.ndarray

    @property
    def start(self) -> int:
        """The first day on which anybody bought."""
        return int(self.day[self.bought].min()) if self.bought.any() else 0


def history(days: pd.DataFrame) -> History:
    """The days of a Book, sorted."""
    code, accounts = pd.factorize(days["account_id"], sort=True)
    day = days["date"].to_numpy().astype("datetime64[D]").astype("int64")
    order = np.lexsort((day, code))
    columns = (days["amount"].to_numpy(dtype=float), days["bought"].to_numpy(dtype=bool))
    return History(
        pd.Index(accounts, name="account_id"), code[order], day[order], *(c[order] for c in columns)
    )


def number(cutoff: pd.Timestamp) -> int:
    """Days since 1970."""
    return int(np.datetime64(cutoff, "D").astype("int64"))


def active(past: History, cutoff: pd.Timestamp) -> np.ndarray:
    """Codes of the accounts that bought in the ACTIVE_DAYS to the cut-off."""
    end = number(cutoff)
    inside = past.bought & (past.day <= end) & (past.day > end - ACTIVE_DAYS)
    return np.unique(past.code[inside])


def outcome(past: History, codes: np.ndarray, cutoff: pd.Timestamp, horizon: int) -> np.ndarray:
    """1 for the accounts that buy nothing in the ``horizon`` days after the cut-off, else 0."""
    end = number(cutoff)
    after = past.bought & (past.day > end) & (past.day <= end + horizon)
    return (~np.isin(codes, past.code[after])).astype(float)


def features(
    book: Book, past: History, cutoff: pd.Timestamp, horizon: int, signs: Signs | None = None
) -> pd.DataFrame:
    """One row per active account, from what was known at the cut-off. Missing (NaN) where the history is too
    short to tell.
    """
    end, codes, size = number(cutoff), active(past, cutoff), len(past.accounts)
    seen = past.day <= end
    code, day, amount, bought = (a[seen] for a in (past.code, past.day, past.amount, past.bought))
    age = end - day

    def total(where: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
        return np.bincount(code[where], None if weights is None else weights[where], minlength=size)[
            codes
        ].astype(float)

    n = total(bought)
    buy_code, buy_day = code[bought], day[bought]
    new = np.r_[True, buy_code[1:] != buy_code[:-1]][: len(buy_code)]
    first, last = np.zeros(size), np.zeros(size)
    first[buy_code[new]] = buy_day[new]
    ends = np.r_[new[1:], True][: len(buy_code)]
    last[buy_code[ends]] = buy_day[ends]
    silent, tenure = end - last[codes], end - first[codes]
    span = tenure - silent
    gap_of = np.where(new, 0.0, np.diff(buy_day, prepend=0).astype(float))
    squares = np.bincount(buy_code, gap_of**2, minlength=size)[codes]
    own = span[n > 1] / (n[n > 1] - 1)
    usual = float(np.median(own)) if len(own) else 90.0
    gap = (span + usual) / n  # (n − 1) real gaps and one pseudo-gap
    uneven = np.sqrt((squares + 2 * usual**2) / (n + 1)) / (
        (span + 2 * usual) / (n + 1)
    )  # 1 for an even rhythm; two pseudo-gaps
    out = {
        "lateness": np.log1p(silent / np.maximum(gap, 1.0)),
        "silent": np.log1p(silent),
        "buys": np.log(n),
        "tenure": np.log1p(np.minimum(tenure, 3 * YEAR)),
        "irregular": np.log(uneven),
    }
    for window in WINDOWS:
        out[f"buys_{window}"] = np.log1p(total(bought & (age < window)))
    for half in HALF_LIVES:
        out[f"decayed_{half:.0f}"] = np.log(total(bought, 0.5 ** (age / half)) + 0.01)
    now, before = (np.maximum(total((age >= a) & (age < b), amount), 0.0) for a, b in ((0, 182), (182, 364)))
    typical = max(float(np.median(now + before)), 1e-9) if len(n) else 1.0
    out["revenue"] = np.log((now + before) / typical + 0.05)
    out["trend"] = np.log((now / typical + 0.25) / (before / typical + 0.25))
    out["returns"] = total(~bought | (amount < 0)) / (n + 1)
    a_year_ago = (
        bought & (age > YEAR - horizon) & (age <= YEAR) if horizon <= YEAR else np.zeros(len(age), dtype=bool)
    )
    long_enough = horizon <= YEAR and end - YEAR >= past.start
    out["season_bought"] = np.where(long_enough, total(a_year_ago) > 0, np.nan)
    out |= _bgnbd(n, first[codes], last[codes], end, horizon)
    frame = pd.DataFrame(out, index=past.accounts[codes])
    frame["breadth"] = _breadth(book, cutoff, frame.index)
    return frame if signs is None else frame.join(evidence(signs(book, cutoff).reindex(frame.index)))


def _bgnbd(
    n: np.ndarray, first: np.ndarray, last: np.ndarray, end: int, horizon: int
) -> dict[str, np.ndarray]:
    """The logit of no purchase in the horizon by the BG/NBD fitted at this cut-off, of having left, and the
    log of expected purchases.

    A purchase is a Poisson event while the account is active, so P(none) = 1 − alive · (1 − ((α + T) / (α + T
    + h))^(r + x)).
    """
    table = pd.DataFrame({"x": n - 1, "t_x": (last - first) / 7, "T": (end - first) / 7})
    part = table.sample(MOST_FITTED, random_state=SEED) if len(table) > MOST_FITTED else table
    model = bgnbd.better(part) if (part["x"] > 0).sum() >= 50 else None
    if model is None:
        return {name: np.full(len(n), np.nan) for name in ("p_none", "p_left", "expected")}
    x, t_x, seen = (table[c].to_numpy() for c in ("x", "t_x", "T"))
    alive = bgnbd.alive(model, x, t_x, seen)
    none = 1 - alive * -np.expm1(-(model.r + x) * np.log1p(horizon / 7 / (model.alpha + seen)))
    often = bgnbd.expected(model, x, t_x, seen, horizon / 7)
    return {"p_none": logit(none), "p_left": logit(1 - alive), "expected": np.log(often + 0.01)}


def logit(p: np.ndarray) -> np.ndarray:
    p = np.clip(p, 1e-4, 1 - 1e-4)
    return np.log(p) - np.log1p(-p)


def _breadth(book: Book, cutoff: pd.Timestamp, index: pd.Index) -> pd.Series:
    """Log of the categories bought in a month with purchases, over the last 12 month buckets that ended by
    the cut-off.
    """
    if not book.has_categories:
        return pd.Series(np.nan, index=index)
    newest = 0
    while window_dates(book, 1, newest)[1] > cutoff:
        newest += 1
    rows = book.monthly[
        book.monthly["bucket"].between(newest, newest + 11) & (book.monthly["active_days"] > 0)
    ]
    return np.log1p(rows.groupby("account_id")["categories"].mean().reindex(index))


def evidence(signs: pd.DataFrame) -> pd.DataFrame:
    """The weight of evidence −log(1 − s) of each sign: 0 where it is not raised, the steeper the surer it is,
    and strengths combine as 1 − ∏(1 − s) when weights are added. SURE keeps a strength of 1 finite.
    Missing where a sign's table is.

    ``silence`` is left out: the habits hold it.

    """
    known = signs.drop(columns=list(FROM_PURCHASES), errors="ignore").clip(0, 1).astype("float64")
    return (-np.log1p(-SURE * known)).add_prefix(SIGN)


def beside(book: Book) -> Signs | None:
    """The signs to be passed as ``signs``; None where no table beside the purchases tells of any: the habits
    are enough then.
    """
    if not any(book.has(table) for table in BESIDE):
        return None
    return _beside


def _beside(book: Book, cutoff: pd.Timestamp) -> pd.DataFrame:
    return signs_at(book, cutoff).drop(columns=list(FROM_PURCHASES))


def shrunk(past: History, codes: np.ndarray, cutoff: pd.Timestamp, horizon: int, base: str) -> np.ndarray:
    """1 where revenue of the ``horizon`` days after the cut-off is less than half of the base, else 0;
    missing without a base above 0.

    ``base``: "year", the same days a year before, so that a season is not taken for a fall; or "before", as
    many days to the cut-off.
    """
    end, size = number(cutoff), len(past.accounts)

    def revenue(first: int) -> np.ndarray:
        inside = (past.day > first) & (past.day <= first + horizon)
        return np.bincount(past.code[inside], past.amount[inside], minlength=size)[codes]

    reference = revenue(end - YEAR if base == "year" else end - horizon)
    return np.where(reference > 0, (revenue(end) < reference / 2).astype(float), np.nan)


def cutoffs(past: History, end: pd.Timestamp, horizon: int) -> list[pd.Timestamp]:
    """Cut-offs whose outcome is known by ``end``, newest first: every STEP days back, while LEAST days of
    history stand before.
    """
    step = stepping(horizon)
    all_ = [end - pd.Timedelta(days=horizon + step * k) for k in range(MOST_CUTOFFS)]
    return [c for c in all_ if number(c) - past.start >= LEAST]


def stepping(horizon: int) -> int:
    """Days between cut-offs: a sixth of the horizon, at least a month."""
    return max(30, round(horizon / 6))


def chosen(days: pd.DataFrame) -> pd.DataFrame:
    """The days of at most about MOST_ACCOUNTS accounts, picked by a hash of the id, so that who else is there
    changes nothing.
    """
    ids = pd.Series(days["account_id"].unique())
    if len(ids) <= MOST_ACCOUNTS:
        return days
    places = pd.util.hash_array(ids.to_numpy(dtype=object)) % 2**32 / 2**32
    return days[days["account_id"].isin(ids[places < MOST_ACCOUNTS / len(ids)])]


def training_rows(
    book: Book, past: History, end: pd.Timestamp, horizon: int, signs: Signs | None = None
) -> pd.DataFrame:
    """The rows to train and test on: features of every active account at every cut-off whose outcome is known
    by ``end``.

    Beside the features: ``cutoff``, ``stopped`` (1: no purchase followed), ``shrunk_year`` and
    ``shrunk_before`` (see ``shrunk``), ``year`` (revenue of the 365 days to the cut-off).
    """
    made = [rows_at(book, past, cut, horizon, signs) for cut in cutoffs(past, end, horizon)]
    return pd.concat(made) if made else pd.DataFrame(columns=["cutoff", *OUTCOMES, "year"])


def rows_at(
    book: Book, past: History, cut: pd.Timestamp, horizon: int, signs: Signs | None = None
) -> pd.DataFrame:
    """The rows of ``panel`` at one cut-off."""
    rows = features(book, past, cut, horizon, signs)
    codes, at = past.accounts.get_indexer(rows.index), number(cut)
    last = (past.day > at - YEAR) & (past.day <= at)
    told = at - YEAR >= past.start and horizon <= YEAR
    more = {
        "cutoff": cut,
        "stopped": outcome(past, codes, cut, horizon),
        "shrunk_year": shrunk(past, codes, cut, horizon, "year") if told else np.nan,
        "shrunk_before": shrunk(past, codes, cut, horizon, "before"),
        "year": np.bincount(past.code[last], past.amount[last], minlength=len(past.accounts))[codes],
    }
    return rows.assign(**more)
