"""What was known of each account at a cut-off, and what it did in the window after: the rows that the churn
model is trained and tested on.

Cut-offs step back from the day on which the data end. Features read nothing after their cut-off; outcomes are
the purchases of the ``horizon`` days after it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kamplay.book import TO_MICRO, Book
from kamplay.method.measures.purchase_model import PurchaseModel, purchase_model
from kamplay.method.measures.purchases import last_whole_month, standing
from kamplay.method.measures.warning_signs import signs_at

YEAR = 365
ACTIVE_DAYS = 365  # an account is active when it bought in so many days to the cut-off
WINDOWS = (30, 90, 180, 365)  # days to the cut-off in which buying days are counted
HALF_LIVES = (30.0, 120.0)  # days after which a purchase counts half
MAX_CUTOFFS = 18
MIN_HISTORY_DAYS = 90  # before the first cut-off
MAX_ACCOUNTS = 30_000  # whose history is trained on
SEED = 20260630
OUTCOMES = ("stopped", "halved_year", "halved_before")
EVIDENCE_PREFIX = "sign_of_"
# tables with a history that warning signs are read from
SIGN_TABLES = ("receivables", "deliveries", "tickets", "surveys", "visits", "opportunities")
# A sign that the features already hold. Not order_rhythm: its own test of chance adds to them where other
# signs stand beside it
SIGNS_IN_FEATURES = ["silence"]
MAX_STRENGTH = 0.95  # of a sign: none is certain, and its weight of evidence stays finite
Signs = Callable[[Book, pd.Timestamp], pd.DataFrame]


@dataclass(frozen=True)
class PurchaseHistory:
    """The buying days of all accounts as arrays of one length, sorted by account and date.

    Attributes
    ----------
    accounts : account ids; ``code`` is the place in it.
    code, day : of each row: its account and its date, in days since 1970.
    amount, bought : what was bought, and whether it counts as a purchase (a return does not).
    returned : whether more came back than was bought, orders that were undone and their credits apart.
    """

    accounts: pd.Index
    code: np.ndarray
    day: np.ndarray
    amount: np.ndarray
    bought: np.ndarray
    returned: np.ndarray

    @property
    def start(self) -> int:
        """The first day on which anybody bought."""
        return int(self.day[self.bought].min()) if self.bought.any() else 0

    def revenue(self, codes: np.ndarray, after: int, days: int) -> np.ndarray:
        """Revenue of some accounts in the ``days`` days that follow day ``after``."""
        inside = (self.day > after) & (self.day <= after + days)
        sums = np.bincount(self.code[inside], self.amount[inside], minlength=len(self.accounts))
        return np.asarray(sums[codes]).round(TO_MICRO)


def purchase_history(days: pd.DataFrame) -> PurchaseHistory:
    """Sort the days of a Book (account_id, date, amount, bought)."""
    code, accounts = pd.factorize(days["account_id"], sort=True)
    day = days["date"].to_numpy().astype("datetime64[D]").astype("int64")
    order = np.lexsort((day, code))
    amount, bought = days["amount"].to_numpy(dtype=float), days["bought"].to_numpy(dtype=bool)
    index = pd.Index(accounts, name="account_id")
    returned = (standing(days) < 0).to_numpy(dtype=bool)
    return PurchaseHistory(index, code[order], day[order], amount[order], bought[order], returned[order])


def first_day(history: PurchaseHistory) -> pd.Timestamp:
    """The first day on which anybody bought."""
    return pd.Timestamp(np.datetime64(history.start, "D")).as_unit("us")


def day_number(day: pd.Timestamp) -> int:
    """Days since 1970."""
    return int(np.datetime64(day, "D").astype("int64"))


def active_accounts(history: PurchaseHistory, cutoff: pd.Timestamp) -> np.ndarray:
    """Codes of the accounts that bought in the ACTIVE_DAYS to the cut-off."""
    end = day_number(cutoff)
    inside = history.bought & (history.day <= end) & (history.day > end - ACTIVE_DAYS)
    return np.unique(history.code[inside])


def stopped_buying(
    history: PurchaseHistory, codes: np.ndarray, cutoff: pd.Timestamp, horizon: int
) -> np.ndarray:
    """1.0 for each account that buys nothing in the ``horizon`` days after the cut-off, else 0.0."""
    end = day_number(cutoff)
    after = history.bought & (history.day > end) & (history.day <= end + horizon)
    return (~np.isin(codes, history.code[after])).astype(float)


def revenue_halved(
    history: PurchaseHistory, codes: np.ndarray, cutoff: pd.Timestamp, horizon: int, base: str
) -> np.ndarray:
    """1.0 for each account with less than half of the base's revenue in the ``horizon`` days after the
    cut-off, else 0.0; NaN without a base above 0.

    Parameters
    ----------
    base : ``year``, the same days a year before, so that a season is not taken for a fall; or ``before``, as
        many days to the cut-off.
    """
    end = day_number(cutoff)
    reference = history.revenue(codes, end - YEAR if base == "year" else end - horizon, horizon)
    halved = history.revenue(codes, end, horizon) < reference / 2
    return np.where(reference > 0, halved.astype(float), np.nan)


def features_at_cutoff(
    book: Book, history: PurchaseHistory, cutoff: pd.Timestamp, horizon: int, signs: Signs | None = None
) -> pd.DataFrame:
    """The features of each active account, from what was known at the cut-off.

    Parameters
    ----------
    horizon : days that the chance of no purchase looks ahead.
    signs : gives the strengths (0 to 1) of the warning signs known at a cut-off, one row an account; see
        ``signs_beside_purchases``.

    Returns
    -------
    Index account_id, one column a feature (logs, so that products of habits add up), then one a weight of
    evidence. NaN where the history is too short to tell.
    """
    frame = _kept_purchase_features(book, history, cutoff, horizon)
    if signs is None:
        return frame
    return frame.join(weights_of_evidence(signs(book, cutoff).reindex(frame.index)))


def _kept_purchase_features(
    book: Book, history: PurchaseHistory, cutoff: pd.Timestamp, horizon: int
) -> pd.DataFrame:
    """``_purchase_features``, those of the test and of the present kept: their drift is measured too."""
    if cutoff < book.seen_to - pd.Timedelta(days=horizon):
        return _purchase_features(book, history, cutoff, horizon)
    kept = book.computed.setdefault("purchase_features", {})
    key: Any = (cutoff, horizon, len(history.accounts))  # of all accounts, or of those trained on
    if key not in kept:
        kept[key] = _purchase_features(book, history, cutoff, horizon)
    frame: pd.DataFrame = kept[key]
    return frame


def _purchase_features(
    book: Book, history: PurchaseHistory, cutoff: pd.Timestamp, horizon: int
) -> pd.DataFrame:
    """The features that the purchases tell, see ``features_at_cutoff``."""
    end, codes, size = day_number(cutoff), active_accounts(history, cutoff), len(history.accounts)
    known = history.day <= end
    code, day, amount, bought, returned = (
        a[known] for a in (history.code, history.day, history.amount, history.bought, history.returned)
    )
    age = end - day

    def total(rows: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
        sums = np.bincount(code[rows], None if weights is None else weights[rows], minlength=size)
        return sums[codes].astype(float)

    n = total(bought)
    buy_code, buy_day = code[bought], day[bought]
    is_first = np.r_[True, buy_code[1:] != buy_code[:-1]][: len(buy_code)]
    is_last = np.r_[is_first[1:], True][: len(buy_code)]
    first, last = np.zeros(size), np.zeros(size)
    first[buy_code[is_first]] = buy_day[is_first]
    last[buy_code[is_last]] = buy_day[is_last]
    silent, tenure = end - last[codes], end - first[codes]
    span = tenure - silent
    gaps = np.where(is_first, 0.0, np.diff(buy_day, prepend=0).astype(float))
    squares = np.bincount(buy_code, gaps**2, minlength=size)[codes]
    own_gap = span[n > 1] / (n[n > 1] - 1)
    usual = float(np.median(own_gap)) if len(own_gap) else 90.0
    gap = (span + usual) / n  # (n − 1) real gaps and one pseudo-gap
    # root mean square over mean, with two pseudo-gaps: 1 for an even rhythm
    irregular = np.sqrt((squares + 2 * usual**2) / (n + 1)) / ((span + 2 * usual) / (n + 1))
    out = {
        "lateness": np.log1p(silent / np.maximum(gap, 1.0)),
        "silent": np.log1p(silent),
        "buys": np.log(n),
        "tenure": np.log1p(np.minimum(tenure, 3 * YEAR)),
        "irregular": np.log(irregular),
    }
    for window in WINDOWS:
        out[f"buys_{window}"] = np.log1p(total(bought & (age < window)))
    for half in HALF_LIVES:
        out[f"decayed_{half:.0f}"] = np.log(total(bought, 0.5 ** (age / half)) + 0.01)
    now, before = (np.maximum(total((age >= a) & (age < b), amount), 0.0) for a, b in ((0, 182), (182, 364)))
    typical = max(float(np.median(now + before)), 1e-9) if len(n) else 1.0
    out["revenue"] = np.log((now + before) / typical + 0.05)
    out["trend"] = np.log((now / typical + 0.25) / (before / typical + 0.25))
    out["returns"] = total(returned) / (n + 1)
    if horizon <= YEAR and end - YEAR >= history.start:
        out["season_bought"] = (total(bought & (age > YEAR - horizon) & (age <= YEAR)) > 0).astype(float)
    else:
        out["season_bought"] = np.full(len(n), np.nan)
    accounts = history.accounts[codes]
    out |= _bgnbd_features(purchase_model(book, cutoff), accounts, horizon)
    frame = pd.DataFrame(out, index=accounts)
    frame["breadth"] = _breadth(book, cutoff, frame.index)
    return frame


def _bgnbd_features(model: PurchaseModel, accounts: pd.Index, horizon: int) -> dict[str, np.ndarray]:
    """By the model of purchases at this cut-off: the logits of no purchase in the horizon and of having left,
    and the log of the purchases expected.
    """
    none, alive, expected = (
        figures.reindex(accounts).to_numpy()
        for figures in (model.no_purchase(horizon), model.alive, model.expected(horizon))
    )
    return {"p_none": log_odds(none), "p_left": log_odds(1 - alive), "expected": np.log(expected + 0.01)}


def log_odds(p: np.ndarray) -> np.ndarray:
    """Log odds, of probabilities kept within 1e-4 and 1 − 1e-4."""
    p = np.clip(p, 1e-4, 1 - 1e-4)
    return np.log(p) - np.log1p(-p)


def _breadth(book: Book, cutoff: pd.Timestamp, index: pd.Index) -> pd.Series:
    """Log of the categories bought in a month with purchases, over the last 12 whole months by then."""
    if not book.has_categories:
        return pd.Series(np.nan, index=index)
    monthly, newest = book.monthly, last_whole_month(book, cutoff)
    code, kinds = book.account_codes("monthly"), monthly["categories"].to_numpy(dtype=float)
    inside = monthly["bucket"].between(newest, newest + 11) & (monthly["active_days"] > 0)
    rows = inside.to_numpy() & (code >= 0) & ~np.isnan(kinds)
    size = len(book.accounts.index)
    months, total = np.bincount(code[rows], minlength=size), np.bincount(code[rows], kinds[rows], size)
    mean = np.divide(total, months, out=np.full(size, np.nan), where=months > 0)
    return np.log1p(pd.Series(mean, index=book.accounts.index).reindex(index))


def weights_of_evidence(signs: pd.DataFrame) -> pd.DataFrame:
    """The weight of evidence −log(1 − s) of each sign's strength s: 0 where it is not raised, the steeper the
    surer.

    Added up, weights combine strengths as 1 − ∏(1 − s). Missing where a sign's table is missing.
    """
    strengths = signs.drop(columns=SIGNS_IN_FEATURES, errors="ignore").clip(0, 1).astype("float64")
    return (-np.log1p(-MAX_STRENGTH * strengths)).add_prefix(EVIDENCE_PREFIX)


def signs_beside_purchases(book: Book) -> Signs | None:
    """The warning signs to be given to ``features_at_cutoff``; None where no table beside the purchases holds
    any.
    """
    return _signs if any(book.has(table) for table in SIGN_TABLES) else None


def _signs(book: Book, cutoff: pd.Timestamp) -> pd.DataFrame:
    return signs_at(book, cutoff).drop(columns=SIGNS_IN_FEATURES)


def training_rows(
    book: Book, history: PurchaseHistory, end: pd.Timestamp, horizon: int, signs: Signs | None = None
) -> pd.DataFrame:
    """The rows of every cut-off whose outcome is known by ``end``, newest first; see ``rows_at_cutoff``."""
    cutoffs = training_cutoffs(history, end, horizon)
    rows = [rows_at_cutoff(book, history, cutoff, horizon, signs) for cutoff in cutoffs]
    return pd.concat(rows) if rows else pd.DataFrame(columns=["cutoff", *OUTCOMES, "year_revenue"])


def rows_at_cutoff(
    book: Book, history: PurchaseHistory, cutoff: pd.Timestamp, horizon: int, signs: Signs | None = None
) -> pd.DataFrame:
    """The features of every active account at a cut-off, with what it did after.

    Returns
    -------
    Index account_id; the features, ``cutoff``, ``stopped`` (see ``stopped_buying``), ``halved_year`` and
    ``halved_before`` (see ``revenue_halved``), ``year_revenue`` (of the 365 days to the cut-off).
    """
    rows = features_at_cutoff(book, history, cutoff, horizon, signs)
    codes, end = history.accounts.get_indexer(rows.index), day_number(cutoff)
    has_year = end - YEAR >= history.start and horizon <= YEAR
    return rows.assign(
        cutoff=cutoff,
        stopped=stopped_buying(history, codes, cutoff, horizon),
        halved_year=revenue_halved(history, codes, cutoff, horizon, "year") if has_year else np.nan,
        halved_before=revenue_halved(history, codes, cutoff, horizon, "before"),
        year_revenue=history.revenue(codes, end - YEAR, YEAR),
    )


def training_cutoffs(history: PurchaseHistory, end: pd.Timestamp, horizon: int) -> list[pd.Timestamp]:
    """Cut-offs whose outcome is known by ``end``, newest first, while there is enough history before them."""
    step = days_between_cutoffs(horizon)
    cutoffs = [end - pd.Timedelta(days=horizon + step * k) for k in range(MAX_CUTOFFS)]
    return [c for c in cutoffs if day_number(c) - history.start >= MIN_HISTORY_DAYS]


def days_between_cutoffs(horizon: int) -> int:
    """A sixth of the horizon, at least a month."""
    return max(30, round(horizon / 6))


def sample_accounts(days: pd.DataFrame) -> pd.DataFrame:
    """The days of about MAX_ACCOUNTS accounts at most, chosen by a hash of the id, so that who else is there
    changes nothing.
    """
    ids = pd.Series(days["account_id"].unique())
    if len(ids) <= MAX_ACCOUNTS:
        return days
    places = pd.util.hash_array(ids.to_numpy(dtype=object)) % 2**32 / 2**32
    return days[days["account_id"].isin(ids[places < MAX_ACCOUNTS / len(ids)])]
