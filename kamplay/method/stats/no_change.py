"""Purchases where nothing changed: each account's own purchases, dealt anew over the same years.

If an account goes on as it always did, each of its purchases could as well have come in any year of the
record. Dealing them out anew gives what the years would look like then, with the account's own rate, its
own amounts and, as far as its gaps show, its own regularity: purchases at random are dealt one by one,
regular ones in turn, and those that come in bursts stay together.
"""

from __future__ import annotations

from itertools import permutations

import numpy as np

FEWEST_GAPS, MOST_GAPS = (
    6.0,
    200.0,
)  # as so many gaps counts what all accounts together say of one's regularity
LEAST_SPREAD, MOST_SPREAD = 0.05, 8.0
GOLDEN = (5**0.5 - 1) / 2
MANY = 40  # from so many purchases on an account's sums are normal


def dispersion(code: np.ndarray, day: np.ndarray, accounts: int) -> np.ndarray:
    """How much the number of purchases in a year varies against purchases at random: the squared
    coefficient of variation of the gaps, which is the index of dispersion of a renewal process (Cox 1962,
    Renewal Theory, 4.2).

    Parameters
    ----------
    code, day : of each buying day its account (0 to ``accounts`` − 1) and its number; sorted by both.

    Returns
    -------
    (accounts,): 1 for purchases at random, below it for regular ones, above it for bursts; drawn towards
    that of all accounts, the more the fewer its gaps and the less accounts differ (empirical Bayes, by
    moments). Measured against the mean of the same k gaps, a dispersion of θ shows as kθ / (k + θ) on average
    (k shares of a span, Dirichlet with shape 1 / θ: Kotz, Balakrishnan & Johnson 2000, ch. 49), and is
    corrected for that; else accounts with few purchases would all seem to buy regularly.
    """
    same = code[1:] == code[:-1]
    who, gap = code[1:][same], np.diff(day)[same].astype(float)
    number = np.bincount(who, minlength=accounts)
    mean = np.bincount(who, gap, accounts) / np.maximum(number, 1)
    square = np.bincount(who, (gap - mean[who]) ** 2, accounts)
    own = square / np.maximum(number - 1, 1) / np.maximum(mean, 0.5) ** 2
    weight = np.maximum(number - 1.0, 0.0)
    if not weight.any():
        return np.ones(accounts)
    # θ = mean of own × (k + θ) / k, solved for θ; at most twice the plain mean
    few = 1 / np.maximum(number, 1)
    usual = float((own * weight).sum() / (weight.sum() - min((own * few * weight).sum(), 0.5 * weight.sum())))
    own = own * (1 + usual * few)
    # of what the accounts differ, a squared coefficient of n gaps varies by itself by about (2 × it)² / n
    itself = float((4 * usual**2 * (weight > 0)).sum() / weight.sum())
    between = float(((own - usual) ** 2 * weight).sum() / weight.sum()) - itself
    gaps = np.clip(4 * usual**2 / max(between, 1e-9), FEWEST_GAPS, MOST_GAPS)
    return np.clip((own * weight + usual * gaps) / (weight + gaps), LEAST_SPREAD, MOST_SPREAD)


def dealt_anew(
    code: np.ndarray, amount: np.ndarray, spread: np.ndarray, years: int, draws: int, rng: np.random.Generator
) -> np.ndarray:
    """Deal each account's purchases anew over ``years`` equal years.

    Parameters
    ----------
    code, amount : of each purchase its account (0 to len(spread) − 1) and its amount; sorted by account and
        time.
    spread : (accounts,) as ``dispersion`` gives it.

    Returns
    -------
    (draws, accounts, years): the sums of each year; over the years they add up to the account's own sum.
    """
    accounts = len(spread)
    code, amount = _together(code, amount, spread)
    number = np.bincount(code, minlength=accounts)
    total = np.bincount(code, amount, accounts)
    out = np.empty((draws, accounts, years), dtype=np.float32)
    out[:] = (total / years).astype(np.float32)[:, None]
    many = number > MANY
    if many.any():
        out[:, many] = _normal_sums(code, amount, spread, many, total, years, draws, rng)
    few = ~many & (number > 0)
    if few.any():
        keep = few[code]
        out[:, few] = _dealt_sums(code[keep], amount[keep], spread, years, draws, rng)
    return out


def _together(code: np.ndarray, amount: np.ndarray, spread: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Purchases of accounts that buy in bursts, as many in a row as their spread says taken as one: n of
    them as n / spread, rounded up at as many accounts as the fraction says.
    """
    if not len(code):
        return code, amount
    place, number = _place(code), np.bincount(code, minlength=len(spread))
    even = (0.5 + GOLDEN * np.arange(len(spread))) % 1  # spread evenly over 0 to 1, without a draw
    clumps = np.maximum(np.floor(number / np.maximum(spread, 1.0) + even), 1.0)
    clumps = np.where(spread > 1.0, np.minimum(clumps, number), number)
    clump = np.floor(place * clumps[code] / number[code]).astype(np.int64)
    starts = np.flatnonzero(np.r_[True, (code[1:] != code[:-1]) | (clump[1:] != clump[:-1])])
    return code[starts], np.add.reduceat(amount, starts)


def _place(code: np.ndarray) -> np.ndarray:
    """The place of each purchase among its account's own."""
    starts = np.flatnonzero(np.r_[True, code[1:] != code[:-1]])
    return np.arange(len(code)) - np.repeat(starts, np.diff(np.r_[starts, len(code)]))


def _normal_sums(
    code: np.ndarray,
    amount: np.ndarray,
    spread: np.ndarray,
    many: np.ndarray,
    total: np.ndarray,
    years: int,
    draws: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """The sums of accounts with many purchases: normal, with the variance that dealing would give."""
    accounts, block = len(spread), _place(code) // years
    starts = np.flatnonzero(np.r_[True, (code[1:] != code[:-1]) | (block[1:] != block[:-1])])
    squares = np.bincount(code, amount**2, accounts)
    in_turn = np.bincount(code[starts], np.add.reduceat(amount, starts) ** 2, accounts)
    at_random = squares * (1 / years - 1 / years**2)
    regular = np.maximum(squares / years - in_turn / years**2, 0.0)
    mixed = np.minimum(spread, 1.0)
    sd = np.sqrt(mixed * at_random + (1 - mixed) * regular)[many]
    z = rng.standard_normal((draws, int(many.sum()), years), dtype=np.float32)
    z -= z.mean(axis=2, keepdims=True)
    z *= (sd / np.sqrt(1 - 1 / years)).astype(np.float32)[:, None]
    return z + (total[many] / years).astype(np.float32)[:, None]


def _dealt_sums(
    code: np.ndarray, amount: np.ndarray, spread: np.ndarray, years: int, draws: int, rng: np.random.Generator
) -> np.ndarray:
    """The sums of the accounts in ``code``, in its order, with every purchase dealt."""
    starts = np.flatnonzero(np.r_[True, code[1:] != code[:-1]])
    place = _place(code)
    regular = np.flatnonzero(spread[code] < 1.0)
    turns = np.array(list(permutations(range(years))) if len(regular) else [()], dtype=np.uint8)
    block = place[regular] // years
    new_block = np.r_[True, (code[regular][1:] != code[regular][:-1]) | (block[1:] != block[:-1])]
    block_of = np.cumsum(new_block) - 1 if len(regular) else np.zeros(0, dtype=int)
    chance = spread[code[regular[new_block[: len(regular)]]]] if len(regular) else np.zeros(0)
    sums = np.empty((draws, len(starts), years), dtype=np.float32)
    first_year = np.repeat(np.arange(len(starts)) * years, np.diff(np.r_[starts, len(code)]))
    batch = max(1, 2_000_000 // len(code))
    for begin in range(0, draws, batch):
        rows = min(batch, draws - begin)
        year = rng.integers(0, years, (rows, len(code)), dtype=np.uint8)
        if len(regular):
            turn = rng.integers(0, len(turns), (rows, len(chance)), dtype=np.uint8)
            in_turn = rng.random((rows, len(chance)), dtype=np.float32) >= chance
            ordered = turns[turn.take(block_of, axis=1), (place[regular] % years)[None, :]]
            own = year.take(regular, axis=1)
            year[:, regular] = np.where(in_turn.take(block_of, axis=1), ordered, own)
        for number, drawn in enumerate(year, begin):
            dealt = np.bincount(first_year + drawn, amount, len(starts) * years)
            sums[number] = dealt.reshape(len(starts), years)
    return sums
