"""The expert health score: points by a card, old figures at less weight, what is not known passed on, red
flags, decisions by hand.

A score is made in tenths of a point, cut and not rounded (69.97 is not 70), and so is every part of it, so
that the parts add up to it to the last digit: 100 − the points lost by indicator + what a red flag takes +
what a decision by hand changes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.measures import purchases
from kamplay.method.measures.registry import VERSION, judged_accounts, measures_at
from kamplay.method.tiers.scoring import points
from kamplay.presets.health_card import HealthCard, Indicator, Segment
from kamplay.presets.scorecard import Scored

OVERRIDES = ["health", "by_rule", "reason", "by", "expires", "state"]
BANDS = ("green", "yellow", "red")
TESTS = (
    np.greater,
    np.less,
    np.greater_equal,
    np.less_equal,
)  # of the bounds above, below, at_least, at_most


@dataclass(frozen=True)
class HealthScore:
    """``accounts`` (index account_id, every judged account): health (0–100), health_band, coverage (share of
    the card's weight that rests on data, after ageing), thin (coverage below the card's limit), raw
    (before red flag and decision), ceiling (the lowest cap of the flags that hold; missing without), cap
    and override (points they change), capped_by (the flag that took points), override_reason, flags (all
    that hold, joined by ;), segment (its place on the card, −1 for none), health_drivers, revenue (12
    months), definition.

    ``parts``: one row per account and indicator of which something is known: value, points, age_days
    (missing: undated), card_weight (its share of the card for this account), weight (its share of the score;
    these add up to 1), lost (points), weak (its points are below green). ``dimensions``: per dimension its
    weight, the accounts with a figure, their median points, the points lost over all judged accounts (mean),
    and the shares green, yellow, red. ``indicators``: per indicator dimension, table, weight, known
    (accounts). ``flags``: per red flag of the card its reason (zh, en), cap, and for how many accounts it
    holds. ``overrides``: every health set by hand with its state: applied, expired, unusable. ``definition``:
    version and card.
    """

    accounts: pd.DataFrame
    parts: pd.DataFrame
    dimensions: pd.DataFrame
    indicators: pd.DataFrame
    flags: pd.DataFrame
    overrides: pd.DataFrame
    card: HealthCard
    cutoff: pd.Timestamp
    definition: str
    chance: pd.Series | None = None


@dataclass(frozen=True)
class Combined:
    """Arrays (accounts,) and (accounts, indicators): ``raw`` and ``lost`` in tenths of a point, whole
    numbers. raw is −1 where nothing is known.
    """

    raw: np.ndarray
    lost: np.ndarray
    share: np.ndarray
    coverage: np.ndarray


def score(book: Book, cutoff: pd.Timestamp, card: HealthCard, chance: pd.Series | None = None) -> HealthScore:
    """Score every judged account at ``cutoff`` by the card: see the class, and ``health_indicators.judged``
    for who is.

    ``chance``: of no purchase in the horizon, for red flags that ask for it; without one those never hold.

    """
    rhythm = judged_accounts(book, cutoff)
    index = rhythm.index
    values, ages = measures_at(book, cutoff, card.measures(), rhythm, chance)
    asked = card.indicators()
    own = pd.DataFrame(
        {key: points(values[i.measure], _bands_of(i)) for key, i in asked.items()}, index=index
    )
    age = np.column_stack([ages[i.measure].to_numpy(dtype=float) for i in asked.values()])
    segment = segments(book, card, index)
    weights = weight_table(card, segment)
    made = combine(own.to_numpy(), weights, age, half_lives(card))
    accounts = pd.DataFrame(index=index)
    flags, ceiling = _flags(values, card)
    overrides = _overrides(book, accounts.index)
    live = overrides[overrides["state"] == "applied"]
    capped = np.where(made.raw >= 0, np.minimum(made.raw, ceiling), -1)
    by_hand = _tenths(live["health"].reindex(index).to_numpy(dtype=float))
    final = np.where(np.isnan(by_hand), capped, by_hand)
    known = made.raw >= 0
    accounts["health"] = np.where(final >= 0, final / 10, np.nan)
    accounts["health_band"] = banded(accounts["health"], card)
    accounts["coverage"] = made.coverage
    accounts["thin"] = made.coverage < card.thin_below
    accounts["raw"] = np.where(known, made.raw / 10, np.nan)
    accounts["ceiling"] = np.where(np.isinf(ceiling), np.nan, ceiling / 10)
    accounts["cap"] = np.where(known, (capped - made.raw) / 10, 0.0)
    accounts["override"] = np.where(np.isnan(by_hand) | ~known, 0.0, (final - capped) / 10)
    binding = _binding(flags, ceiling, card)
    accounts["capped_by"] = pd.Series(
        pd.Series(binding, dtype=object).where(capped < made.raw, None).to_numpy(), index=index, dtype=object
    )
    accounts["override_reason"] = live["reason"].reindex(index).astype(object).where(~np.isnan(by_hand), None)
    accounts["flags"] = _joined(flags)
    accounts["segment"] = segment
    accounts["health_drivers"] = _drivers(made, accounts, card)
    accounts["revenue"] = purchases.revenue(book).reindex(index).astype("float64")
    accounts["definition"] = definition(card)
    overrides["by_rule"] = pd.Series(np.where(known, capped / 10, np.nan), index=index).reindex(
        overrides.index
    )
    parts = _parts(own, values, age, weights, made, card)
    dimensions = _dimensions(own.to_numpy(), made, card)
    told = pd.DataFrame(
        [
            (key, card.dimension_of()[key], i.table, card.weights()[key], int(own[key].notna().sum()))
            for key, i in asked.items()
        ],
        columns=["indicator", "dimension", "table", "weight", "known"],
    )
    rows = [(name, flag.zh, flag.en, flag.cap, int(flags[name].sum())) for name, flag in card.gates.items()]
    held = pd.DataFrame(rows, columns=["flag", "zh", "en", "cap", "accounts"])
    return HealthScore(
        accounts, parts, dimensions, told, held, overrides, card, cutoff, definition(card), chance
    )


def definition(card: HealthCard) -> str:
    """What a score means: the version of the measures and the card, as ``1.3fa9c2e1``. Only scores of one
    definition compare.
    """
    return f"{VERSION}.{card.digest()}"


def combine(own: np.ndarray, weights: np.ndarray, age: np.ndarray, half: np.ndarray) -> Combined:
    """Points (missing: unknown), card weights and ages in days, each (accounts, indicators), to scores.
    ``half``: half-life per indicator.

    A weight is halved with every half-life of age; an undated figure counts as one half-life old. What is
    unknown, or was lost to age, passes to the others in proportion. Coverage: the part of the card's weight
    that is left.
    """
    known = ~np.isnan(own)
    decay = np.exp2(
        -np.where(np.isnan(age), np.where(np.isinf(half), 0.0, half), np.maximum(age, 0.0)) / half
    )
    weight = np.where(known, weights * decay, 0.0)
    total = weight.sum(axis=1)
    some = total > 1e-12
    share = weight / np.where(some, total, 1.0)[:, None]
    lost = share * np.where(known, 100.0 - own, 0.0) * 10
    whole = np.ceil(np.round(lost.sum(axis=1), 6)).astype(int)
    tenths = _apportioned(lost, whole)
    return Combined(np.where(some, 1000 - whole, -1), tenths, share, np.clip(total, 0.0, 1.0))


def _apportioned(parts: np.ndarray, total: np.ndarray) -> np.ndarray:
    """Whole numbers near ``parts`` whose rows add up to ``total``: what is left over goes to the largest
    remainders (Hamilton).
    """
    down = np.floor(np.round(parts, 6)).astype(int)
    rest = parts - down
    order = np.argsort(-rest, axis=1, kind="stable")
    place = np.empty_like(order)
    np.put_along_axis(place, order, np.broadcast_to(np.arange(parts.shape[1]), parts.shape), axis=1)
    return down + (place < (total - down.sum(axis=1))[:, None])


def half_lives(card: HealthCard) -> np.ndarray:
    return np.array([i.half_life_days or np.inf for i in card.indicators().values()])


def weight_table(card: HealthCard, segment: np.ndarray) -> np.ndarray:
    """(accounts, indicators): the card's weights for each account's segment; rows add up to 1."""
    rows = np.array([list(card.weights(place).values()) for place in [None, *range(len(card.segments))]])
    return rows[segment + 1]


def segments(book: Book, card: HealthCard, index: pd.Index) -> np.ndarray:
    """For each account the first segment of the card that it belongs to, −1 for none. An unknown trait is
    never among the words.
    """
    out = np.full(len(index), -1)
    for place in range(len(card.segments) - 1, -1, -1):
        out[_inside(book, card.segments[place], index)] = place
    return out


def _inside(book: Book, segment: Segment, index: pd.Index) -> np.ndarray:
    inside = np.ones(len(index), dtype=bool)
    for trait, words in segment.when.items():
        if trait not in book.accounts:
            return np.zeros(len(index), dtype=bool)
        said = book.accounts[trait].reindex(index).astype(object)
        allowed = {word.strip().casefold() for word in words}
        inside &= said.astype("str").str.strip().str.casefold().isin(allowed).to_numpy(dtype=bool)
    return inside


def banded(health: pd.Series, card: HealthCard) -> pd.Series:
    """green, yellow or red by the card's limits; None where there is no score."""
    words = np.select([health >= card.green, health >= card.yellow], BANDS[:2], BANDS[2]).astype(object)
    return pd.Series(words, index=health.index, dtype=object).where(health.notna(), None)


def _bands_of(indicator: Indicator) -> Scored:
    return Scored.model_construct(zh=indicator.zh, en=indicator.en, scoring="bands", bands=indicator.bands)


def _tenths(values: np.ndarray) -> np.ndarray:
    return np.floor(np.round(values * 10, 6))


def _flags(values: pd.DataFrame, card: HealthCard) -> tuple[pd.DataFrame, np.ndarray]:
    """Accounts × red flags, which hold; and the lowest cap of those in tenths of a point, infinite without.
    Unknown never holds.
    """
    holding, ceiling = {}, np.full(len(values), np.inf)
    for name, flag in card.gates.items():
        held = np.ones(len(values), dtype=bool)
        for measure, limit in flag.when.items():
            seen = values[measure].to_numpy()
            held &= ~np.isnan(seen)
            for bound, test in zip(
                (limit.above, limit.below, limit.at_least, limit.at_most), TESTS, strict=True
            ):
                if bound is not None:
                    held &= test(seen, bound)
        holding[name] = held
        ceiling[held] = np.minimum(ceiling[held], _tenths(np.array(flag.cap)))
    return pd.DataFrame(holding, index=values.index), ceiling


def _binding(flags: pd.DataFrame, ceiling: np.ndarray, card: HealthCard) -> np.ndarray:
    """The first flag that holds with the lowest cap; None without."""
    out = np.full(len(flags), None, dtype=object)
    for name in reversed(list(flags)):
        out[flags[name].to_numpy() & (ceiling == _tenths(np.array(card.gates[name].cap)))] = name
    return out


def _joined(flags: pd.DataFrame) -> pd.Series:
    out = pd.Series("", index=flags.index, dtype="str")
    for name in flags:
        out = out.where(~flags[name], out + np.where(out == "", "", ";") + name)
    return out


def _overrides(book: Book, index: pd.Index) -> pd.DataFrame:
    """Every health set by hand (index account_id) with OVERRIDES: applied, expired (before the reporting
    date) or unusable (no such score to change, or not between 0 and 100).
    """
    if not book.has("overrides", "health"):
        return pd.DataFrame(columns=OVERRIDES, index=pd.Index([], name="account_id", dtype="str"))
    rows = (
        book.table("overrides")
        .dropna(subset=["health"])
        .drop_duplicates("account_id")
        .set_index("account_id")
    )
    ends = rows["expires"] if "expires" in rows else pd.Series(pd.NaT, index=rows.index)
    usable = rows.index.isin(index) & rows["health"].astype("float64").between(0, 100)
    state = np.select([~usable, ends < pd.Timestamp(book.as_of)], ["unusable", "expired"], "applied")
    expires = ends.dt.strftime("%Y-%m-%d").astype(object).where(ends.notna(), None)
    return rows.assign(expires=expires, state=state, health=rows["health"].astype("float64")).reindex(
        columns=OVERRIDES
    )


def _drivers(made: Combined, accounts: pd.DataFrame, card: HealthCard) -> pd.Series:
    """``code:-12;code:-7``: the points that each code costs, in whole points, the dearest first; ``cap`` and
    ``override`` among them.
    """
    codes = [i.code for i in card.indicators().values()]
    names = list(dict.fromkeys(codes))
    at = np.array([names.index(code) for code in codes])
    lost = np.column_stack([-made.lost[:, at == place].sum(axis=1) for place in range(len(names))]) / 10
    lost = np.column_stack([lost, accounts["cap"], accounts["override"]])
    lost = np.where(made.raw[:, None] >= 0, lost, 0.0)
    names += ["cap", "override"]
    whole = (np.sign(lost) * np.floor(np.abs(lost) + 0.5 + 1e-9)).astype(int)
    order = np.argsort(lost, axis=1, kind="stable")
    sorted_whole, sorted_names = (
        np.take_along_axis(whole, order, axis=1),
        np.array(names, dtype=object)[order],
    )
    said = [
        ";".join(f"{n}:{v:+d}" if v > 0 else f"{n}:{v}" for n, v in zip(row, values, strict=True) if v)
        for row, values in zip(sorted_names.tolist(), sorted_whole.tolist(), strict=True)
    ]
    return pd.Series(said, index=accounts.index, dtype="str")


def _parts(
    own: pd.DataFrame,
    values: pd.DataFrame,
    age: np.ndarray,
    weights: np.ndarray,
    made: Combined,
    card: HealthCard,
) -> pd.DataFrame:
    asked, where = card.indicators(), card.dimension_of()
    row, column = np.nonzero(own.notna().to_numpy())
    keys = list(asked)
    raw = np.column_stack([values[i.measure].to_numpy() for i in asked.values()])

    def named(words: list[str]) -> pd.Categorical:
        names = list(dict.fromkeys(words))
        return pd.Categorical.from_codes(np.array([names.index(w) for w in words])[column], names)

    return pd.DataFrame(
        {
            "account_id": own.index.take(row),
            "indicator": named(keys),
            "dimension": named([where[k] for k in keys]),
            "measure": named([i.measure for i in asked.values()]),
            "value": raw[row, column],
            "points": own.to_numpy()[row, column],
            "age_days": age[row, column],
            "card_weight": weights[row, column],
            "weight": made.share[row, column],
            "lost": made.lost[row, column] / 10,
            "weak": own.to_numpy()[row, column] < card.green,
        }
    )


def _dimensions(own: np.ndarray, made: Combined, card: HealthCard) -> pd.DataFrame:
    where = list(card.dimension_of().values())
    total = sum(d.weight for d in card.dimensions.values())
    rows = []
    for name, dimension in card.dimensions.items():
        mine = np.array([w == name for w in where])
        share = made.share[:, mine].sum(axis=1)
        seen = share > 0
        earned = (made.share[:, mine] * np.nan_to_num(own[:, mine])).sum(axis=1)[seen] / share[seen]
        n = int(seen.sum())
        green, red = (earned >= card.green - 1e-9).sum(), (earned < card.yellow - 1e-9).sum()
        parts = (green / n, (n - green - red) / n, red / n) if n else (np.nan,) * 3
        lost = made.lost[:, mine].sum() / 10 / len(own) if len(own) else np.nan
        rows.append(
            (
                name,
                dimension.zh,
                dimension.en,
                dimension.weight / total,
                n,
                float(np.median(earned)) if n else np.nan,
                lost,
                *parts,
            )
        )
    columns = ["dimension", "zh", "en", "weight", "accounts", "median", "lost", *BANDS]
    return pd.DataFrame(rows, columns=columns).astype(
        dict.fromkeys(("weight", "median", "lost", *BANDS), "float64")
    )
