"""Next year's rating, drawn many times: what accounts will buy, what that makes of every criterion, gate and
safeguard, and the tiers that follow.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from kamplay.method.measures import purchases
from kamplay.method.measures.buying_rhythm import RHYTHM_GAPS, closed_gaps
from kamplay.method.measures.registry import MEASURES, AccountsAt, expert_ratings, measure_of, usual_margin
from kamplay.method.stats import purchase_process as process
from kamplay.method.stats.bgnbd import BGNBD
from kamplay.method.stats.draw_order import alike, draw_order
from kamplay.method.tiers import thresholds
from kamplay.method.tiers.rating import Rating, matrix_field
from kamplay.method.tiers.rules import limits_under, number_within, within
from kamplay.method.tiers.scoring import NEUTRAL, measured, number_points, points
from kamplay.presets.scorecard import Criterion, Rule, Scored

SEED = 20260630
DRAWS, FEW_DRAWS = 200, 24
CELLS = 1_200_000  # units × draws: above it fewer draws are taken
WINDOW = 730  # days that tell how an account buys: what lies before is another habit
# standard deviation of the logarithm of a year's level that all accounts share (of the economy, of prices)
SHARED = 0.15
PRIOR_AMOUNTS = 4.0  # purchases that the spread of all accounts' amounts stands for beside an account's own
ENOUGH = 20  # accounts known now and a year ago, from which a change over a year can be told
NEIGHBOURS = 10  # accounts on either side that stood where one stands: what became of them

Values = np.ndarray
"""Of a measure next year: (units, draws), or (units, 1) where it stays as it is."""


def next_years_chances(rating: Rating) -> np.ndarray:
    """Chances (units, tiers) of each position next year: the share of the draws, of units that nothing tells
    apart the mean, so that they have the same whatever they are called.
    """
    positions = next_years_positions(rating)
    share = [(positions == tier).mean(axis=1) for tier in range(len(rating.card.tiers))]
    chances = pd.DataFrame(np.stack(share, axis=1))
    return chances.groupby(NextYear(rating).alike).transform("mean").to_numpy()


def next_years_positions(rating: Rating) -> np.ndarray:
    """Positions (units, draws) that next year's data give each unit under the same card and weights.

    The data are drawn from what this year says of the next (see ``NextYear``); then points, weighted score,
    cut, gates and safeguards follow as in the rating itself, quotas and breaks over the accounts of that
    year.
    """
    year = NextYear(rating)
    if not year.units:
        return np.zeros((0, year.draws), dtype=np.int8)
    card, weights = rating.card, rating.weights.leaves
    branch = card.branch_of()
    # of all criteria together, or of each axis of a matrix
    above: dict[str, Values] = defaultdict(lambda: np.zeros(year.shape_all))
    below: dict[str, Values] = defaultdict(lambda: np.zeros(year.shape_all))
    for leaf, criterion in card.leaves().items():
        value, key = year.points(leaf, criterion), branch[leaf] if card.matrix else ""
        known = ~np.isnan(value)
        above[key] += weights[leaf] * np.where(known, value, 0.0)
        below[key] += weights[leaf] * known
    scores = {
        key: np.divide(above[key], below[key], out=np.zeros(year.shape_all), where=below[key] > 0)
        for key in above
    }
    ceiling, floor, excluded = year.rules()
    if card.matrix:
        high = [
            np.round(scores[key][: year.units], thresholds.DIGITS) >= limit
            for key, limit in rating.axis_limits
        ]
        position = matrix_field(*high)
    else:
        position = year.place(np.clip(scores[""] + year.bonus(), 0.0, 100.0), excluded)
    return np.minimum(np.maximum(position, ceiling), floor).astype(np.int8)


@dataclass(frozen=True)
class _Habit:
    """How units buy, arrays (units,) of those that bought in the WINDOW, at ``places``."""

    places: np.ndarray
    history: process.History
    amount: np.ndarray  # logarithm of the mean net amount of a purchase
    error: np.ndarray  # its variance
    spread: np.ndarray  # variance of the logarithm of an amount
    drift: float  # variance of the mean amount's logarithm from year to year


class NextYear:
    """The measures of a rating's units a year on, drawn.

    Purchases: a renewal process with dropout (``stats.purchase_process``), each account's rate, regularity
    and amount drawn towards those of all, both moving as far from year to year as the halves (from 24
    months on the years) of the data show beyond chance, and a level that all share. Margins move as margins
    did; experts' scores by the raters' own spread; other measures that can be taken at any day become what
    became of accounts that stood alike a year ago. Where the data do not tell how a measure moves (one rater
    alone, less than ENOUGH accounts known twice, what the accounts table records) it stays as it is: there
    the chance to stay is too high. Accounts that come next year look like those that came this year.
    """

    def __init__(self, rating: Rating):
        self.rating, self.book = rating, rating.book
        self.units = len(rating.points)
        self.draws = int(np.clip(CELLS // max(1, self.units), FEW_DRAWS, DRAWS))
        self.rng = np.random.default_rng(SEED)
        self.known: dict[str, Values] = {}

    @property
    def shape(self) -> tuple[int, int]:
        return self.units, self.draws

    @property
    def shape_all(self) -> tuple[int, int]:
        return self.units + len(self.newcomers), self.draws

    @cached_property
    def _turn(self) -> np.ndarray:
        """(units,), when each unit takes its random numbers."""
        order = draw_order(*self._told)
        turn = np.empty(len(order), dtype=int)
        turn[order] = np.arange(len(order))
        return turn

    @cached_property
    def alike(self) -> np.ndarray:
        """(units,), the number of each unit's group: those that nothing tells apart have one."""
        return alike(*self._told)

    @cached_property
    def _told(self) -> tuple[np.ndarray, ...]:
        """What tells the units apart."""
        known = ("buying_days", "silent_days", "tenure_years", "frequency", "revenue")
        rating, bounds = self.rating, self.rating.bounds
        points = rating.points.to_numpy(dtype=float).T
        ruled = (rating.bonus, bounds.ceiling, bounds.floor, bounds.excluded)
        return (*(self.now(name) for name in known), *points, *self._past, *ruled)

    @property
    def _past(self) -> tuple[np.ndarray, ...]:
        """Of each unit the amount of all its days, and by their age: accounts that stand alike today have
        seldom come to it alike.
        """
        days, code = self.book.days, self.book.account_codes("days")
        inside = code >= 0
        age = (self.book.seen_to - days["date"][inside]).dt.days.to_numpy()
        amount = days["amount"].to_numpy(dtype=float)[inside]
        weights = (amount, amount * age, age * age)
        return tuple(np.bincount(code[inside], weight, self.units) for weight in weights)

    # --- purchases

    @cached_property
    def habit(self) -> _Habit | None:
        """None where nobody bought in the WINDOW."""
        book, end = self.book, self.book.seen_to
        inside = (book.days["date"] <= end) & (book.days["date"] > end - pd.Timedelta(days=WINDOW))
        days, code = book.days[inside], book.account_codes("days")[inside.to_numpy()]
        days = days.assign(amount=purchases.standing(days))
        bought = days["bought"].to_numpy() & (days["amount"].to_numpy(dtype=float) > 0)
        if not bought.any():
            return None
        places = np.unique(code[bought])
        places = places[np.argsort(self._turn[places])]
        own = np.argsort(places)[np.searchsorted(np.sort(places), code[bought])]
        size, when = len(places), (end - days["date"][bought]).dt.days.to_numpy()
        number = np.bincount(own, minlength=size)
        silent = np.full(size, np.inf)
        np.minimum.at(silent, own, when)
        first = np.zeros(size)
        np.maximum.at(first, own, when)
        shape = self._shapes(places)
        drift, drift_amount = 0.0, 0.0
        amount = days["amount"].to_numpy(dtype=float)[bought]
        spread = self._spreads(own, amount, size)
        # returns: what is left of what was bought
        gross = np.bincount(own, amount, size)
        at = np.full(self.units + 1, -1)  # an unknown account is the last
        at[places] = np.arange(size)
        of_line = at[code]
        net = np.bincount(of_line[of_line >= 0], days["amount"].to_numpy(dtype=float)[of_line >= 0], size)
        mean = np.log(np.maximum(net, 0.05 * gross) / number)
        error = np.log1p(np.expm1(spread) / number)
        between = max(float(np.var(mean) - error.mean()), 1e-6)
        share = between / (between + error)
        half = 365.0 if self.book.months_covered >= purchases.TWO_YEARS else min(first.max() / 2, 182.5)
        if half >= 60:
            recent, early = when < half, (when >= half) & (when < 2 * half)
            n1, n2 = (np.bincount(own[part], minlength=size) for part in (early, recent))
            gap = (first - silent) / np.maximum(number - 1, 1)
            there = (first >= 2 * half - np.maximum(30, gap)) & (silent <= np.maximum(3 * gap, 30))
            a_year = 365 / half
            drift = a_year * process.drift_of_counts(n1[there], n2[there], shape[there])
            both = (n1 >= 2) & (n2 >= 2)
            sums = [np.bincount(own[part], amount[part], size)[both] for part in (early, recent)]
            change = np.log(sums[1] / n2[both]) - np.log(sums[0] / n1[both])
            by_chance = sum(np.log1p(np.expm1(spread[both]) / n[both]) for n in (n1, n2))
            drift_amount = a_year * process.drift_of_means(change, by_chance)
        history = process.History(number - 1, first - silent, silent, shape, min(drift, 1.0))
        return _Habit(
            places,
            history,
            share * mean + (1 - share) * mean.mean(),
            share * error,
            spread,
            min(drift_amount, 1.0),
        )

    @staticmethod
    def _spreads(own: np.ndarray, amount: np.ndarray, size: int) -> np.ndarray:
        """(size,), the variance of the logarithm of a lognormal amount that is spread about its mean as each
        account's own are: its squared coefficient of variation, drawn towards that of all by PRIOR_AMOUNTS.

        Of the amounts themselves, and not of their logarithms: of an account that buys a pallet between spare
        parts the logarithms are spread so far that its mean would count as hardly known, and be replaced by
        that of all accounts.
        """
        number = np.bincount(own, minlength=size)
        mean = np.bincount(own, amount, size) / number
        squares = np.bincount(own, (amount / mean[own] - 1) ** 2, size)
        degrees = number - 1
        usual = float(squares.sum() / degrees.sum()) if degrees.sum() else np.expm1(0.25)
        return np.log1p((PRIOR_AMOUNTS * usual + squares) / (PRIOR_AMOUNTS + degrees))

    @cached_property
    def _season(self) -> np.ndarray:
        """How many purchases each of the twelve months before the data end holds against their mean, drawn
        towards 1 as far as chance explains the differences; 1 below a year of data. It says in which months
        next year's purchases fall, and not what a silence means: that all buy more in November does not say
        that each does, and whoever then paused for a month came back more often than such a clock allows.
        """
        if self.book.months_covered < 12:
            return np.ones(12)
        window = self.book.window(24 if self.book.months_covered >= purchases.TWO_YEARS else 12)
        count = np.bincount(window["bucket"] % 12, window["active_days"].to_numpy(dtype=float), 12)
        if not count.all():
            return np.ones(12)
        share = count / count.mean()
        chance = 1 / count.mean()  # variance of a share, were the months alike
        return 1 + (share - 1) * max(0.0, 1 - chance / max(float(share.var()), 1e-12))

    def _shapes(self, places: np.ndarray) -> np.ndarray:
        gaps = closed_gaps(self.book, self.book.seen_to)
        if gaps is None or gaps.empty:
            return np.ones(len(places))
        code, end = gaps["code"].to_numpy(), self.book.seen_to
        recent = (gaps["start"] > end - pd.Timedelta(days=WINDOW)).to_numpy() & (code >= 0)
        return process.gap_shapes(code[recent], gaps["gap"].to_numpy()[recent], self.units)[places]

    @cached_property
    def _first(self) -> pd.Series:
        """Of each unit that ever bought (its place) the days since its first purchase."""
        bought = (
            self.book.days["bought"].to_numpy() & (self.book.days["date"] <= self.book.seen_to).to_numpy()
        )
        code = self.book.account_codes("days")[bought]
        ago = (self.book.seen_to - self.book.days["date"][bought]).dt.days.to_numpy()
        return pd.Series(ago).groupby(code).max()

    @cached_property
    def _new(self) -> tuple[np.ndarray, bool]:
        """Places of the accounts that came in the last year, and whether that is known; else those first seen
        in the later half of the data, old ones that buy rarely among them.
        """
        found = purchases.newcomers(self.book)
        if found is not None:
            return self.book.accounts.index.get_indexer(found.index), True
        half = self._first.max() / 2
        return self._first.index[(self._first < half) & (self._first.index >= 0)].to_numpy(dtype=int), False

    @cached_property
    def _process(self) -> tuple[BGNBD, float]:
        """How accounts buy and leave, and how many are expected not to buy next year."""
        assert self.habit is not None
        history, (new, known) = self.habit.history, self._new
        buys = self.now("frequency")
        come = float(buys[new].sum()) if known else None
        return process.settle_dropout(process.fit(history), history, float(buys.sum()), come)

    @cached_property
    def year(self) -> process.Year:
        """Purchases of all units; none of those that have not bought in the WINDOW."""
        empty = process.Year(
            np.zeros(self.shape, dtype=np.int32),
            np.zeros(self.shape, dtype=np.int16),
            np.full(self.shape, np.nan),
        )
        if self.habit is None:
            return empty
        found = process.draw_year(
            self._process[0], self.habit.history, self.draws, self.rng, self._season[::-1]
        )
        for name in ("buys", "months", "silent"):
            getattr(empty, name)[self.habit.places] = getattr(found, name)
        return empty

    @cached_property
    def revenue(self) -> np.ndarray:
        """Net amount of the year. The sum of n lognormal amounts is taken as lognormal with the same mean and
        variance (Fenton 1960).
        """
        out = np.zeros(self.shape)
        habit = self.habit
        if habit is None:
            return out
        count = self.year.buys[habit.places]
        of_sum = np.log1p(np.expm1(habit.spread)[:, None] / np.maximum(count, 1))
        variance = of_sum + habit.error[:, None] + habit.drift
        level = np.exp(SHARED * self.rng.standard_normal(self.draws) - SHARED**2 / 2)
        noise = self.rng.standard_normal(count.shape)
        log = habit.amount[:, None] - (of_sum + habit.drift) / 2 + np.sqrt(variance) * noise
        out[habit.places] = count * np.exp(np.clip(log, -700, 700)) * level
        return out

    @cached_property
    def newcomers(self) -> np.ndarray:
        """Places of accounts whose like will come next year and share quotas and ranks: those that came this
        year; where these are not known, as many of those first seen lately as are expected to leave.
        """
        new, known = self._new
        new = new[np.argsort(self._turn[new])]
        if known or self.habit is None or not len(new):
            return new
        return self.rng.choice(new, min(round(self._process[1]), 2 * len(new)))

    # --- measures

    def measure(self, name: str, names: tuple[str, ...] = ()) -> Values:
        """A measure next year of all units; in words it is not asked for."""
        key = name if name in MEASURES else f"{name}:{names}"
        if key not in self.known:
            self.known[key] = self._measure(name, names)
        return self.known[key]

    def now(self, name: str, names: tuple[str, ...] = ()) -> np.ndarray:
        return measure_of(self.book, name, names).to_numpy(dtype=float)

    def _measure(self, name: str, names: tuple[str, ...]) -> Values:
        if name not in MEASURES:
            return self._rated(name, names)
        made = getattr(self, f"_of_{name}", None)
        if made is not None:
            with np.errstate(divide="ignore", invalid="ignore"):
                return np.asarray(made())
        return self._carried(name) if MEASURES[name].code else self.now(name)[:, None]

    @property
    def two_years(self) -> bool:
        return self.book.months_covered + 12 >= purchases.TWO_YEARS

    @property
    def _revenue_now(self) -> np.ndarray:
        return purchases.revenue(self.book).to_numpy(dtype=float)[:, None]

    @property
    def _at(self) -> AccountsAt:
        return AccountsAt(self.book, pd.Timestamp(self.book.as_of), self.book.accounts.index)

    def _of_revenue(self) -> Values:
        return self.revenue

    def _of_monthly_revenue(self) -> Values:
        return self.revenue / 12

    def _of_revenue_share(self) -> Values:
        come = self._revenue_now[self.newcomers].sum()
        return self.revenue / (self.revenue.sum(axis=0) + come)

    def _of_growth(self) -> Values:
        now = self._revenue_now
        if not self.two_years:
            return np.full((self.units, 1), np.nan)
        return np.where(now > 0, self.revenue / np.where(now > 0, now, 1.0) - 1, np.nan)

    def _of_year_ratio(self) -> Values:
        return self._of_growth() + 1

    def _of_active_months(self) -> Values:
        return self.year.months.astype(float)

    def _of_frequency(self) -> Values:
        return self.year.buys.astype(float)

    def _of_frequency_change(self) -> Values:
        now = self.now("frequency")[:, None]
        change = np.where(now > 0, self.year.buys / np.where(now > 0, now, 1.0) - 1, np.nan)
        return change if self.two_years else np.full((self.units, 1), np.nan)

    def _of_buying_days(self) -> Values:
        return self.now("buying_days")[:, None] + self.year.buys

    def _of_silent_days(self) -> Values:
        return np.where(np.isnan(self.year.silent), self.now("silent_days")[:, None] + 365, self.year.silent)

    def _of_lateness(self) -> Values:
        rhythm = self._at.rhythm
        gap, quiet = (rhythm[c].to_numpy(dtype=float)[:, None] for c in ("gap", "silent"))
        silent, buys = self._of_silent_days(), self.year.buys
        # as the gap is told: of the gaps that close in the year where it holds enough, else as it was
        own = (365 + quiet - silent) / np.maximum(buys, 1)
        return silent / np.maximum(np.where(buys >= RHYTHM_GAPS, own, gap), 1.0)

    def _of_tenure_years(self) -> Values:
        return self.now("tenure_years")[:, None] + 1

    def _of_breadth(self) -> Values:
        return np.where(self.year.buys > 0, self._carried("breadth"), 0.0)

    def _of_margin_share(self) -> Values:
        """Moved as other accounts' margin moved from one year, or half year, to the next."""
        at = self._at
        now = purchases.margin_share(self.book).to_numpy(dtype=float)
        months = 12 if self.book.months_covered >= purchases.TWO_YEARS else 6
        with np.errstate(divide="ignore", invalid="ignore"):
            change = at.margin_share(months) - at.margin_share(months, months)
        change = change[np.isfinite(change)]
        if len(change) < ENOUGH:
            return now[:, None]
        drawn = self.rng.choice(np.sort(change - np.median(change)), self.shape)[self._turn]
        return np.minimum(now[:, None] + drawn, 1.0)

    def _of_margin(self) -> Values:
        return self.measure("margin_share") * self.revenue

    def _of_concession_share(self) -> Values:
        usual = usual_margin(self.book)
        return (
            1 - self.measure("margin_share") / usual if usual > 0 else self.now("concession_share")[:, None]
        )

    def _of_margin_ratio(self) -> Values:
        usual = usual_margin(self.book)
        return self.measure("margin_share") / usual if usual > 0 else self.now("margin_ratio")[:, None]

    def _with_revenue(self, name: str) -> Values:
        """Of a share of what the account buys: moves as its revenue does."""
        now = self._revenue_now
        return self.now(name)[:, None] * np.where(now > 0, self.revenue / np.where(now > 0, now, 1.0), np.nan)

    def _of_wallet_share(self) -> Values:
        return self._with_revenue("wallet_share")

    def _of_competitor_ratio(self) -> Values:
        return self._with_revenue("competitor_ratio")

    def _of_overdue_to_revenue(self) -> Values:
        owed = self.now("overdue_to_revenue")[:, None] * self._revenue_now
        return np.where(self.revenue > 0, owed / np.where(self.revenue > 0, self.revenue, 1.0), np.nan)

    def _carried(self, name: str) -> Values:
        """What became within a year of accounts that stood alike: of the NEIGHBOURS on either side of an
        account's own value, the value that one of them had twelve months later, which is now.
        """
        now = self.now(name)
        before = AccountsAt(
            self.book, pd.Timestamp(self.book.as_of) - pd.DateOffset(years=1), self.book.accounts.index
        )
        with np.errstate(divide="ignore", invalid="ignore"):
            was = np.asarray(MEASURES[name].take(before), dtype=float)
        both = np.flatnonzero(np.isfinite(was) & np.isfinite(now))
        if len(both) < ENOUGH:
            return now[:, None]
        order = both[np.lexsort((now[both], was[both]))]
        drawn = self.rng.integers(-NEIGHBOURS, NEIGHBOURS, self.shape)[self._turn]
        near = np.searchsorted(was[order], now)[:, None] + drawn
        out = now[order][np.clip(near, 0, len(order) - 1)]
        return np.where(np.isfinite(now)[:, None], out, np.nan)

    def _rated(self, name: str, names: tuple[str, ...]) -> Values:
        """Two years' means of as many raters as now differ by √2 of their error, with the raters' own spread
        over the same account.
        """
        asked = (name.partition(".")[2],) if "." in name else names
        now = expert_ratings(self.book, asked).to_numpy(dtype=float)
        if not self.book.has("ratings"):
            return now[:, None]
        rows = self.book.table("ratings")
        rows = rows[rows["criterion"].str.strip().str.casefold().isin([n.casefold() for n in asked])]
        by = rows.groupby("account_id")["score"].agg(["var", "size"]).reindex(self.book.accounts.index)
        several = by[by["size"] > 1]
        if several.empty:
            return now[:, None]
        within_account = float((several["var"] * (several["size"] - 1)).sum() / (several["size"] - 1).sum())
        error = np.sqrt(2 * within_account / by["size"].to_numpy(dtype=float))
        return now[:, None] + error[:, None] * self.rng.standard_normal(self.shape)[self._turn]

    # --- points, rules, places

    def points(self, leaf: str, criterion: Criterion) -> Values:
        """Points of a criterion next year, the newcomers' last; missing ones filled as the card says."""
        out = self._points(leaf, criterion)
        if criterion.missing != "reweight":
            out = np.where(np.isnan(out), NEUTRAL if criterion.missing == "neutral" else 0.0, out)
        return np.clip(out, 0, 100)

    def _points(self, key: str, scored: Scored) -> Values:
        names = (key, scored.zh, scored.en)
        if scored.scoring == "choices":
            own = points(measured(self.book, key, scored), scored).to_numpy(dtype=float)
            return np.append(own, own[self.newcomers])[:, None]
        own = self.measure(scored.measure or "", names)
        come = self.now(scored.measure or "", names)[self.newcomers][:, None]
        if scored.measure in ("growth", "year_ratio", "frequency_change"):
            come = np.full(come.shape, np.nan)  # no year before
        if own.shape[1] > 1:
            come = np.broadcast_to(come, (len(come), self.draws))
        return number_points(np.concatenate([own, come]) / scored.unit, scored)

    def bonus(self) -> Values:
        """Points of the special items."""
        total: Values = np.zeros((1, 1))
        for key, item in self.rating.card.specials.items():
            total = total + np.nan_to_num(self._points(key, item))
        return total

    def rules(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Ceiling, floor and exclusion (units, draws), see ``rules.limits_under``."""
        card = self.rating.card
        applies = {name: self._applies(rule) for name, rule in {**card.safeguards, **card.gates}.items()}
        return limits_under(card, {k: v for k, v in applies.items() if v is not None}, self.shape)

    def _applies(self, rule: Rule) -> np.ndarray | None:
        out = np.ones((self.units, 1), dtype=bool)
        for measure, limit in rule.when.items():
            if measure in MEASURES and MEASURES[measure].worded:
                values = measure_of(self.book, measure)
                if values.notna().sum() == 0:
                    return None
                out = out & within(values, limit, measure).to_numpy()[:, None]
                continue
            asked = (measure.partition(".")[2], rule.zh, rule.en) if measure not in MEASURES else ()
            value = self.measure("rating" if asked else measure, asked)
            if not np.isfinite(value).any():
                return None
            out = out & number_within(value, limit)
        return out

    def place(self, scores: np.ndarray, excluded: np.ndarray) -> np.ndarray:
        """Positions (units, draws) by score; what the card cuts over accounts is cut over those that buy that
        year.
        """
        card = self.rating.card
        if card.cut == "score":
            return thresholds.place(
                scores[: self.units], thresholds.limits(scores[:, :1], card, scores[:, 0] >= 0)
            )
        counted = np.ones(scores.shape, dtype=bool)
        counted[: self.units] = ~excluded & (self.revenue > 0)
        out = np.zeros(self.shape, dtype=np.int8)
        for draw in range(self.draws):
            column = scores[:, draw]
            starts = thresholds.limits(column, card, counted[:, draw])
            out[:, draw] = thresholds.place(column[: self.units], starts)
        return out
