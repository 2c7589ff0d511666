"""The expert health score: points by a health card, old figures at less weight, red flags, and scores set by
hand.

A score is made in tenths of a point, cut and not rounded (69.97 is not 70), and so is every part of it. So
the parts add up to the score to the last digit: 100 − the points lost by indicator + what a red flag takes +
what a decision by hand changes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.measures import purchases
from kamplay.method.measures.registry import MEASURES, VERSION, judged_accounts, measures_at
from kamplay.method.results import Findings, Severity
from kamplay.method.tiers.scoring import points
from kamplay.presets.health_card import Ceiling, HealthCard, Indicator, Segment
from kamplay.presets.scorecard import Scored

BANDS = ("green", "yellow", "red")
OVERRIDE_COLUMNS = ["health", "by_rule", "reason", "by", "expires", "state"]
# how a figure is held against a limit's above, below, at_least and at_most
COMPARISONS = (np.greater, np.less, np.greater_equal, np.less_equal)
MANY_THIN = 0.25  # the share of thin scores from which they are a matter to watch


@dataclass(frozen=True)
class HealthScore:
    """Health scores of one day, and what they are made of. Scores and points run from 0 to 100.

    Attributes
    ----------
    accounts : one row an account (index account_id): health, health_band, coverage (share of the card's
        weight that rests on data, after ageing), thin (coverage below ``thin_below``), raw (before ceiling,
        red flag and decision), ceiling (the lowest of the card's ceilings and the caps of the flags that
        hold, missing without), cap and override (points they change), capped_by (the flag that took points,
        or the ceiling that took it to a lower band), override_reason, flags (list of all that hold), segment
        (its place on the card, -1 for none), revenue (12 months), definition.
    parts : one row per account and indicator with data: account_id, indicator, dimension, measure, value,
        points, age_days (missing: undated), card_weight (share of the card), weight (share of this score,
        adding up to 1), lost (points), weak (its points are below green).
    drivers : one row per account and driver that changes the score by at least half a point, the costliest
        first: account_id, code (of an indicator, ``cap`` or ``override``), points (whole, below 0 where it
        costs).
    dimensions : per dimension its names (zh, en), weight, accounts with data, their median points, lost
        (points, mean over all accounts), and the shares green, yellow and red.
    indicators : per indicator its dimension, table, weight and the accounts with data (``known``).
    flags : per red flag its reason (zh, en), cap, and the accounts for which it holds; then per ceiling the
        same, cap missing, and the accounts that it took to a lower band.
    overrides : every score set by hand (index account_id), OVERRIDE_COLUMNS: ``state`` is ``applied``,
        ``expired`` (before the reporting date) or ``unusable`` (no such score to change, or not between 0 and
        100).
    definition : version of the measures and card, as ``1.3fa9c2e1``; only scores of one definition compare.
    scored_on : the day of the scores, ISO.
    thin_below : the card's limit of coverage.
    """

    accounts: pd.DataFrame
    parts: pd.DataFrame
    drivers: pd.DataFrame
    dimensions: pd.DataFrame
    indicators: pd.DataFrame
    flags: pd.DataFrame
    overrides: pd.DataFrame
    definition: str
    scored_on: str
    thin_below: float


@dataclass(frozen=True)
class Combined:
    """Points of all indicators put together, in arrays (accounts,) and (accounts, indicators).

    Attributes
    ----------
    raw : score in tenths of a point, whole; -1 where nothing is known.
    lost : tenths of a point lost by each indicator, whole; a row adds up to 1000 less ``raw``.
    share : each indicator's share of the score.
    coverage : the part of the card's weight that is left.
    """

    raw: np.ndarray
    lost: np.ndarray
    share: np.ndarray
    coverage: np.ndarray


def health_score(
    book: Book, cutoff: pd.Timestamp, card: HealthCard, churn_probability: pd.Series | None = None
) -> HealthScore:
    """Score every account that bought on two days or more, the last within a year, by the health card.

    Parameters
    ----------
    cutoff : the day of the score; nothing after it is read.
    churn_probability : account_id → probability as it is told, for what the card asks of it; without it that
        is unknown.
    """
    rhythm = judged_accounts(book, cutoff)
    index, indicators = rhythm.index, card.indicators()
    values, ages = measures_at(book, cutoff, card.measures(), rhythm, churn_probability)
    earned = pd.DataFrame(
        {key: points(values[i.measure], _as_scored(i)) for key, i in indicators.items()}, index=index
    )
    age = np.column_stack([ages[i.measure].to_numpy(dtype=float) for i in indicators.values()])
    segment = segments(book, card, index)
    weights = with_stand_ins(weight_table(card, segment), values, card)
    for key, indicator in indicators.items():
        if indicator.unless_known:
            earned[key] = earned[key].where(values[indicator.unless_known].isna())
    combined = combine(earned.to_numpy(), weights, age, half_lives(card))
    flags, of_flags = _red_flags(values, card)
    of_measures = _ceilings(values, card)
    lowest = of_measures.min(axis=1).to_numpy() if len(card.ceilings) else np.full(len(index), np.inf)
    ceiling = np.minimum(of_flags, lowest)
    overrides = _overrides(book, index)
    applied = overrides[overrides["state"] == "applied"]
    known = combined.raw >= 0
    under = np.where(known, np.minimum(combined.raw, lowest), -1)  # the ceilings of measures alone
    capped = np.where(known, np.minimum(under, of_flags), -1)
    by_hand = _tenths(applied["health"].reindex(index).to_numpy(dtype=float))
    final = np.where(np.isnan(by_hand), capped, by_hand)
    accounts = pd.DataFrame(index=index)
    accounts["health"] = np.where(final >= 0, final / 10, np.nan)
    accounts["health_band"] = health_band(accounts["health"], card)
    accounts["coverage"] = combined.coverage
    accounts["thin"] = combined.coverage < card.thin_below
    accounts["raw"] = np.where(known, combined.raw / 10, np.nan)
    accounts["ceiling"] = np.where(np.isinf(ceiling), np.nan, ceiling / 10)
    accounts["cap"] = np.where(known, (capped - combined.raw) / 10, 0.0)
    accounts["override"] = np.where(np.isnan(by_hand) | ~known, 0.0, (final - capped) / 10)
    binding = _binding_flag(flags, of_flags, card)
    binding[capped >= under] = None
    before, after = (health_band(pd.Series(x / 10), card).to_numpy() for x in (combined.raw, under))
    moved = known & (before != after) & (binding == None)  # noqa: E711 - of each
    if moved.any():
        binding[moved] = of_measures.columns.to_numpy()[of_measures.to_numpy()[moved].argmin(axis=1)]
    accounts["capped_by"] = pd.Series(binding, index=index, dtype=object)
    accounts["override_reason"] = (
        applied["reason"].reindex(index).astype(object).where(~np.isnan(by_hand), None)
    )
    names = np.array(list(flags), dtype=object)
    accounts["flags"] = pd.Series(
        [list(names[row]) for row in flags.to_numpy(dtype=bool)], index=index, dtype=object
    )
    accounts["segment"] = segment
    accounts["revenue"] = purchases.revenue(book).reindex(index).astype("float64")
    accounts["definition"] = definition(card)
    overrides["by_rule"] = pd.Series(np.where(known, capped / 10, np.nan), index=index).reindex(
        overrides.index
    )
    return HealthScore(
        accounts=accounts,
        parts=_parts(earned, values, age, weights, combined, card),
        drivers=_drivers(combined, accounts, card, of_measures),
        dimensions=_dimensions(earned.to_numpy(), combined, card),
        indicators=pd.DataFrame(
            [
                (key, card.dimension_of()[key], i.table, card.weights()[key], int(earned[key].notna().sum()))
                for key, i in indicators.items()
            ],
            columns=["indicator", "dimension", "table", "weight", "known"],
        ),
        flags=pd.DataFrame(
            [(name, flag.zh, flag.en, flag.cap, int(flags[name].sum())) for name, flag in card.gates.items()]
            + [(name, c.zh, c.en, np.nan, int((binding == name).sum())) for name, c in card.ceilings.items()],
            columns=["flag", "zh", "en", "cap", "accounts"],
        ),
        overrides=overrides,
        definition=definition(card),
        scored_on=str(cutoff.date()),
        thin_below=card.thin_below,
    )


def definition(card: HealthCard) -> str:
    """Name what a score means: the version of the measures and the card's digest."""
    return f"{VERSION}.{card.digest()}"


def combine(earned: np.ndarray, weights: np.ndarray, age: np.ndarray, half_life: np.ndarray) -> Combined:
    """Combine points to scores. What is unknown, or lost to age, passes its weight to the others in
    proportion.

    Parameters
    ----------
    earned, weights, age : (accounts, indicators): points (NaN: unknown), card weights, days (NaN: undated).
    half_life : (indicators,), days after which a weight is halved; an undated figure counts as one half-life
        old.
    """
    known = ~np.isnan(earned)
    undated = np.where(np.isinf(half_life), 0.0, half_life)
    decay = np.exp2(-np.where(np.isnan(age), undated, np.maximum(age, 0.0)) / half_life)
    weight = np.where(known, weights * decay, 0.0)
    total = weight.sum(axis=1)
    some = total > 1e-12
    share = weight / np.where(some, total, 1.0)[:, None]
    lost = share * np.where(known, 100.0 - earned, 0.0) * 10
    lost_in_all = np.ceil(np.round(lost.sum(axis=1), 6)).astype(int)
    raw = np.where(some, 1000 - lost_in_all, -1)
    return Combined(raw, _apportioned(lost, lost_in_all), share, np.clip(total, 0.0, 1.0))


def _apportioned(parts: np.ndarray, total: np.ndarray) -> np.ndarray:
    """Whole numbers near ``parts`` whose rows add up to ``total``: the largest remainders are rounded up
    (Hamilton).
    """
    down = np.floor(np.round(parts, 6)).astype(int)
    order = np.argsort(down - parts, axis=1, kind="stable")
    place = np.empty_like(order)
    np.put_along_axis(place, order, np.broadcast_to(np.arange(parts.shape[1]), parts.shape), axis=1)
    return down + (place < (total - down.sum(axis=1))[:, None])


def half_lives(card: HealthCard) -> np.ndarray:
    """Each indicator's half-life in days (indicators,), infinite for those that do not age."""
    return np.array([i.half_life_days or np.inf for i in card.indicators().values()])


def weight_table(card: HealthCard, segment: np.ndarray) -> np.ndarray:
    """The card's weights for each account's segment (accounts, indicators); rows add up to 1."""
    rows = np.array([list(card.weights(place).values()) for place in [None, *range(len(card.segments))]])
    return rows[segment + 1]


def with_stand_ins(weights: np.ndarray, values: pd.DataFrame, card: HealthCard) -> np.ndarray:
    """The weights (accounts, indicators) where indicators that stand in for a measure have taken its weight,
    which is where it is unknown.
    """
    out, places = weights.copy(), {key: place for place, key in enumerate(card.indicators())}
    for dimension in card.dimensions.values():
        own = dimension.indicators
        for measure in dict.fromkeys(i.unless_known for i in own.values() if i.unless_known):
            taken = [places[key] for key, i in own.items() if i.measure == measure and not i.unless_known]
            ins = [(places[key], i.weight) for key, i in own.items() if i.unless_known == measure]
            unknown = values[measure].isna().to_numpy()
            freed = weights[:, taken].sum(axis=1) * unknown
            out[np.ix_(unknown, taken)] = 0.0
            for place, weight in ins:
                out[:, place] = freed * weight / sum(w for _, w in ins)
    return out


def segments(book: Book, card: HealthCard, index: pd.Index) -> np.ndarray:
    """The first segment of the card that each account belongs to, -1 for none; an unknown trait belongs to
    none.
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
        values = book.accounts[trait].reindex(index).astype(object).astype("str")
        allowed = {word.strip().casefold() for word in words}
        inside &= values.str.strip().str.casefold().isin(allowed).to_numpy(dtype=bool)
    return inside


def health_band(health: pd.Series, card: HealthCard) -> pd.Series:
    """Band each score by the card's limits: green, yellow or red; None without a score."""
    bands = np.select([health >= card.green, health >= card.yellow], BANDS[:2], BANDS[2]).astype(object)
    return pd.Series(bands, index=health.index, dtype=object).where(health.notna(), None)


def _as_scored(scored: Indicator | Ceiling) -> Scored:
    return Scored.model_construct(zh=scored.zh, en=scored.en, scoring="bands", bands=scored.bands)


def _tenths(values: np.ndarray) -> np.ndarray:
    return np.floor(np.round(values * 10, 6))


def _red_flags(values: pd.DataFrame, card: HealthCard) -> tuple[pd.DataFrame, np.ndarray]:
    """Accounts × red flags, True where one holds; and the lowest cap of these in tenths of a point, infinite
    without.

    A flag never holds where one of its measures is unknown.
    """
    flags, ceiling = {}, np.full(len(values), np.inf)
    for name, flag in card.gates.items():
        holds = np.ones(len(values), dtype=bool)
        for measure, limit in flag.when.items():
            figures = values[measure].to_numpy()
            holds &= ~np.isnan(figures)
            bounds = (limit.above, limit.below, limit.at_least, limit.at_most)
            for bound, compare in zip(bounds, COMPARISONS, strict=True):
                if bound is not None:
                    holds &= compare(figures, bound)
        if flag.unless_known:
            holds &= values[flag.unless_known].isna().to_numpy()
        flags[name] = holds
        ceiling[holds] = np.minimum(ceiling[holds], _tenths(np.array(flag.cap)))
    return pd.DataFrame(flags, index=values.index), ceiling


def _ceilings(values: pd.DataFrame, card: HealthCard) -> pd.DataFrame:
    """Accounts × ceilings of the card, in tenths of a point; infinite where the measure is unknown."""
    found = {
        name: _tenths(points(values[c.measure], _as_scored(c)).fillna(np.inf).to_numpy(dtype=float))
        for name, c in card.ceilings.items()
    }
    return pd.DataFrame(found, index=values.index)


def _binding_flag(flags: pd.DataFrame, ceiling: np.ndarray, card: HealthCard) -> np.ndarray:
    """The first flag that holds with the lowest cap; None without."""
    out = np.full(len(flags), None, dtype=object)
    for name in reversed(list(flags)):
        out[flags[name].to_numpy() & (ceiling == _tenths(np.array(card.gates[name].cap)))] = name
    return out


def _overrides(book: Book, index: pd.Index) -> pd.DataFrame:
    if not book.has("overrides", "health"):
        return pd.DataFrame(columns=OVERRIDE_COLUMNS, index=pd.Index([], name="account_id", dtype="str"))
    rows = book.table("overrides").dropna(subset=["health"])
    rows = rows.drop_duplicates("account_id").set_index("account_id")
    ends = rows["expires"] if "expires" in rows else pd.Series(pd.NaT, index=rows.index)
    health = rows["health"].astype("float64")
    usable = rows.index.isin(index) & health.between(0, 100)
    state = np.select([~usable, ends < pd.Timestamp(book.as_of)], ["unusable", "expired"], "applied")
    expires = ends.dt.strftime("%Y-%m-%d").astype(object).where(ends.notna(), None)
    return rows.assign(expires=expires, state=state, health=health).reindex(columns=OVERRIDE_COLUMNS)


def _drivers(
    combined: Combined, accounts: pd.DataFrame, card: HealthCard, ceilings: pd.DataFrame
) -> pd.DataFrame:
    """Indicators with one code are one driver, and a ceiling belongs to the code of its measure."""
    codes = [i.code for i in card.indicators().values()]
    of_ceilings = [MEASURES[c.measure].code or "" for c in card.ceilings.values()]
    names = list(dict.fromkeys([*codes, *of_ceilings]))
    place = np.array([names.index(code) for code in codes])
    changes = [-combined.lost[:, place == at].sum(axis=1) / 10 for at in range(len(names))]
    left, cap = combined.raw.astype(float), accounts["cap"].to_numpy().copy()
    for name, of_measure in zip(ceilings, of_ceilings, strict=True):
        down = (np.minimum(left, ceilings[name].to_numpy()) - left) / 10
        changes[names.index(of_measure)] += down
        cap -= down
        left += down * 10
    change = np.column_stack([*changes, cap, accounts["override"]])
    change = np.where(combined.raw[:, None] >= 0, change, 0.0)
    whole = (np.sign(change) * np.floor(np.abs(change) + 0.5 + 1e-9)).astype(int)
    order = np.argsort(change, axis=1, kind="stable")
    whole = np.take_along_axis(whole, order, axis=1)
    row, column = np.nonzero(whole)
    code = np.array([*names, "cap", "override"], dtype=object)[order[row, column]]
    return pd.DataFrame({"account_id": accounts.index.take(row), "code": code, "points": whole[row, column]})


def _parts(
    earned: pd.DataFrame,
    values: pd.DataFrame,
    age: np.ndarray,
    weights: np.ndarray,
    combined: Combined,
    card: HealthCard,
) -> pd.DataFrame:
    indicators, dimension_of = card.indicators(), card.dimension_of()
    row, column = np.nonzero(earned.notna().to_numpy())
    measured = np.column_stack([values[i.measure].to_numpy() for i in indicators.values()])

    def category(words: list[str]) -> pd.Categorical:
        names = list(dict.fromkeys(words))
        return pd.Categorical.from_codes(np.array([names.index(w) for w in words])[column], names)

    return pd.DataFrame(
        {
            "account_id": earned.index.take(row),
            "indicator": category(list(indicators)),
            "dimension": category([dimension_of[key] for key in indicators]),
            "measure": category([i.measure for i in indicators.values()]),
            "value": measured[row, column],
            "points": earned.to_numpy()[row, column],
            "age_days": age[row, column],
            "card_weight": weights[row, column],
            "weight": combined.share[row, column],
            "lost": combined.lost[row, column] / 10,
            "weak": earned.to_numpy()[row, column] < card.green,
        }
    )


def _dimensions(earned: np.ndarray, combined: Combined, card: HealthCard) -> pd.DataFrame:
    dimension_of = np.array(list(card.dimension_of().values()))
    card_weight = sum(d.weight for d in card.dimensions.values())
    rows = []
    for name, dimension in card.dimensions.items():
        own = dimension_of == name
        share = combined.share[:, own].sum(axis=1)
        known = share > 0
        score = (combined.share[:, own] * np.nan_to_num(earned[:, own])).sum(axis=1)[known] / share[known]
        green, red = (score >= card.green - 1e-9).sum(), (score < card.yellow - 1e-9).sum()
        n = len(score)
        rows.append(
            {
                "dimension": name,
                "zh": dimension.zh,
                "en": dimension.en,
                "weight": dimension.weight / card_weight,
                "accounts": n,
                "median": np.median(score) if n else np.nan,
                "lost": combined.lost[:, own].sum() / 10 / len(earned) if len(earned) else np.nan,
                "green": green / n if n else np.nan,
                "yellow": (n - green - red) / n if n else np.nan,
                "red": red / n if n else np.nan,
            }
        )
    return pd.DataFrame(rows).astype(dict.fromkeys(("weight", "median", "lost", *BANDS), "float64"))


def add_findings(findings: Findings, score: HealthScore, by_campaign: bool = False) -> None:
    """Add what the scores rest on, which dimension costs most, which red flags hold, and what was set by
    hand. Where a campaign stands in place of the priority list, nobody clears red flags one by one.
    """
    scored = score.accounts[score.accounts["health"].notna()]
    scored = scored.sort_values("revenue", ascending=False, kind="stable")
    if scored.empty:
        return
    _add_coverage(findings, score, scored)
    dimensions = score.dimensions.set_index("dimension")
    if dimensions["lost"].max() > 0:
        costliest = dimensions.loc[dimensions["lost"].idxmax()]
        figures = {"lost": costliest["lost"], "total": float((100 - scored["raw"]).mean())}
        findings.add("score_dearest", "note", zh=costliest["zh"], en=costliest["en"], **figures)
    red_flags = score.flags[score.flags["cap"].notna()]
    capped = scored[scored["capped_by"].isin(red_flags["flag"])]
    if len(capped):
        binding = red_flags[red_flags["flag"].isin(capped["capped_by"])]
        reasons = {language: binding[language].tolist() for language in ("zh", "en")}
        figures = {"count": len(capped), "points": -capped["cap"].mean()}
        todo = None if by_campaign else "clear_flags"
        findings.add("score_capped", "watch", todo, capped.index, **figures, **reasons)
    _add_overrides(findings, score.overrides)


def _add_coverage(findings: Findings, score: HealthScore, scored: pd.DataFrame) -> None:
    findings.add("score_coverage", "note", coverage=scored["coverage"].mean())
    thin = scored[scored["thin"]]
    if len(thin):
        severity: Severity = "watch" if len(thin) >= MANY_THIN * len(scored) else "note"
        figures = {"count": len(thin), "thin": len(thin), "judged": len(scored), "limit": score.thin_below}
        findings.add("score_thin", severity, "fill_sides", thin.index, **figures)
    unknown = score.dimensions[(score.dimensions["accounts"] == 0) & (score.dimensions["weight"] > 0)]
    if len(unknown):
        unknown = unknown.sort_values("weight", ascending=False, kind="stable")
        names = {language: unknown[language].tolist() for language in ("zh", "en")}
        findings.add("score_unknown", "note", "fill_sides", weight=unknown["weight"].sum(), **names)


def _add_overrides(findings: Findings, overrides: pd.DataFrame) -> None:
    impossible = (overrides["state"] == "unusable") & ~overrides["health"].between(0, 100)
    kinds = {
        "applied": ("score_by_hand", None),
        "expired": ("score_hand_expired", "renew_scores"),
        "impossible": ("score_hand_impossible", "correct_scores"),
        "unusable": ("score_hand_unusable", "renew_scores"),
    }
    for state, rows in overrides.groupby(overrides["state"].where(~impossible, "impossible")):
        kind, action = kinds[str(state)]
        findings.add(kind, "watch" if action else "note", action, rows.index, count=len(rows))
