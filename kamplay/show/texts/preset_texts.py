"""A scorecard or health card in prose: what it is, how it scores, who is held back or kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from babel.numbers import format_compact_decimal

from kamplay.codebook import codebook
from kamplay.presets import (
    Band,
    CapabilityFrames,
    Criterion,
    HealthCard,
    Indicator,
    Limit,
    Outline,
    Scorecard,
    Strategy,
    Tier,
)
from kamplay.presets.health_card import RedFlag
from kamplay.presets.scorecard import Rule, Scored
from kamplay.show.locale import N_, Locale
from kamplay.show.texts.vocabulary import CLASSES, measure_label

UNKNOWN = {
    "reweight": N_("Where a criterion is unknown, its weight goes to the others."),
    "neutral": N_("Where the criterion is unknown, it counts 50 points."),
    "zero": N_("Where the criterion is unknown, it counts 0 points."),
}
CUTS = {
    "score": N_("By the score, from 0 to 100."),
    "quota": N_(
        "By quota: the best accounts, so many of each hundred. Accounts with equal scores are never parted."
    ),
    "capacity": N_(
        "By places: the best accounts, as many as there are places. Accounts with equal "
        "scores are never parted."
    ),
    "natural": N_("At the natural breaks of the scores, so that accounts of one tier are alike."),
    "matrix": N_(
        "By the field of a matrix: {first} is high from {first_high} points, {second} from {second_high}."
    ),
}
FIELDS = {
    "both": N_("high in both"),
    "first": N_("high in the first only"),
    "second": N_("high in the second only"),
    "neither": N_("high in neither"),
}


@dataclass(frozen=True)
class Line:
    """One paragraph of the page. ``depth`` counts from 0 for an item of a list; headings and paragraphs have
    none.
    """

    kind: Literal["title", "heading", "paragraph", "item", "footer"]
    text: str
    depth: int = 0


def explained(card: Scorecard, name: str, locale: Locale) -> list[Line]:
    """The whole scorecard in prose, in the language of ``locale``. Its currency is not used: a preset belongs
    to no client yet.
    """
    return [*opening(card, name, locale), *_scorecard(card, locale)]


def opening(
    preset: Scorecard | Strategy | HealthCard | CapabilityFrames | Outline, name: str, locale: Locale
) -> list[Line]:
    """What a preset is called and where it comes from."""
    title, source = preset.title.get(locale.language), preset.source.get(locale.language)
    return [
        Line("title", locale.say(N_("{title} ({name})"), title=title, name=name)),
        Line("paragraph", locale.say(N_("Where it comes from: {source}."), source=source)),
    ]


def _scorecard(card: Scorecard, locale: Locale) -> Iterator[Line]:
    say, language = locale.say, locale.language
    yield Line("heading", locale.text(N_("Criteria")))
    missing = {c.missing for c in card.leaves().values()}
    yield from _tree(card.criteria, 1.0, 0, N_("{title}, {share} of the whole"), len(missing) > 1, locale)
    if len(missing) == 1 and len(card.leaves()) > 1:
        yield Line("paragraph", locale.text(UNKNOWN[missing.pop()]))
    yield from (Line("paragraph", text) for text in _weighing(card, locale))
    if card.specials:
        yield Line("heading", locale.text(N_("Special items: points added to the score, or taken off")))
        for key, item in card.specials.items():
            yield Line(
                "item",
                say(N_("{title}. {scoring}"), title=item.get(language), scoring=scoring(item, key, locale)),
            )
        yield Line(
            "paragraph",
            locale.text(
                N_("An item of which nothing is known changes nothing; the score stays between 0 and 100.")
            ),
        )
    yield Line("heading", locale.text(N_("Tiers")))
    yield Line("paragraph", _cut(card, locale))
    for place, tier in enumerate(card.tiers):
        text = say(
            N_("{title}: {what}. Gets what the strategy has for level {level}."),
            title=tier.get(language),
            what=_tier(card, place, locale),
            level=tier.level,
        )
        yield Line("item", text)
    if card.gates:
        yield Line("heading", locale.text(N_("Gates: who is held back, whatever the score")))
        for gate in card.gates.values():
            effect = (
                N_("{title}: in the lowest tier and without a place in quotas where {when}.")
                if gate.exclude
                else N_("{title}: held at level {level} at most where {when}.")
            )
            yield Line(
                "item",
                say(
                    effect,
                    title=_sentence(gate.get(language)),
                    level=gate.cap or "",
                    when=condition(gate, locale),
                ),
            )
    if card.safeguards:
        yield Line("heading", locale.text(N_("Safeguards: who is kept")))
        for guard in card.safeguards.values():
            kept = [say(N_("kept at level {level} at least"), level=guard.floor)] if guard.floor else []
            shields = [card.gates[name].get(language) for name in guard.shields]
            kept += (
                [say(N_("not held back as {gates}"), gates=locale.words(shields, len(shields)))]
                if shields
                else []
            )
            effect = locale.text(N_(", ")).join(kept)
            yield Line(
                "item",
                say(
                    N_("{title}: {effect} where {when}."),
                    title=_sentence(guard.get(language)),
                    effect=effect,
                    when=condition(guard, locale),
                ),
            )
    if card.gates or card.safeguards:
        yield Line(
            "paragraph",
            locale.text(
                N_(
                    "What is not known never holds an account back, nor does it keep one. A tier set by "
                    "hand stands above all of this."
                )
            ),
        )
    yield from _position(card, locale)
    if card.intake:
        figures = {
            "assess": number(card.intake.assess_above, locale),
            "own": number(card.intake.dedicated_above, locale),
        }
        yield Line("heading", locale.text(N_("Accounts that do not buy yet")))
        text = N_(
            "One that buys for more than {assess} a year is assessed within {days} days; above "
            "{own} it gets its own service manager."
        )
        yield Line("paragraph", say(text, days=locale.number(card.intake.within_days), **figures))


def _tree(
    criteria: dict[str, Criterion], share: float, depth: int, named: str, each: bool, locale: Locale
) -> Iterator[Line]:
    """Each criterion with its share of the whole, ``named`` so; ``each``: say of each what happens where it
    is unknown.
    """
    total = sum(c.weight for c in criteria.values())
    for key, c in criteria.items():
        own = share * c.weight / total
        head = locale.say(named, title=c.get(locale.language), share=percent(own, locale))
        if c.of:
            yield Line("item", locale.say(N_("{head}, made of:"), head=head), depth)
            yield from _tree(c.of, own, depth + 1, named, each, locale)
        else:
            parts = [
                locale.say(N_("{head}."), head=head),
                scoring(c, key, locale),
                *([locale.text(UNKNOWN[c.missing])] if each else []),
            ]
            yield Line("item", joined(parts, locale), depth)


def _weighing(card: Scorecard, locale: Locale) -> Iterator[str]:
    if card.weights_from == "ballots":
        yield locale.text(
            N_(
                "The weights of the top criteria are those that the departments settle by ballot; "
                "without ballots, those above."
            )
        )
    if card.weights_from == "judgements":
        yield locale.text(
            N_("The weights of the top criteria come from pairwise judgements, not from the figures above.")
        )
    if card.recalibrate:
        method = {"critic": N_("the CRITIC method"), "entropy": N_("the entropy method")}[
            card.recalibrate.method
        ]
        text = N_(
            "At every run {share} of the weights are taken from the data by {method}: criteria "
            "that tell accounts apart gain."
        )
        yield locale.say(text, share=percent(card.recalibrate.share, locale), method=locale.text(method))
    if card.rate == "group":
        yield locale.text(N_("The accounts of one group are rated as one."))


def _cut(card: Scorecard, locale: Locale) -> str:
    if not card.matrix:
        return locale.text(CUTS[card.cut])
    first, second = (
        card.criteria[key].get(locale.language) for key in (card.matrix.first, card.matrix.second)
    )
    highs = [number(high, locale) for high in card.matrix.high]
    text = locale.say(CUTS["matrix"], first=first, first_high=highs[0], second=second, second_high=highs[1])
    return joined([text, locale.text(N_("What is wholly unknown counts as not high."))], locale)


def _tier(card: Scorecard, place: int, locale: Locale) -> str:
    tier: Tier = card.tiers[place]
    if tier.field:
        return locale.text(FIELDS[tier.field])
    if place == len(card.tiers) - 1:
        return locale.text(N_("all the others"))
    if tier.start is not None:
        return locale.say(N_("from {points} points"), points=number(tier.start, locale))
    if tier.share is not None:
        return locale.say(
            N_("the next {share} of the accounts") if place else N_("the best {share} of the accounts"),
            share=percent(tier.share, locale),
        )
    if tier.places is not None:
        return locale.say(
            N_("the next {places} accounts") if place else N_("the best {places} accounts"),
            places=locale.number(tier.places),
        )
    return locale.text(N_("above the break below it"))


def _position(card: Scorecard, locale: Locale) -> Iterator[Line]:
    if not card.position:
        return
    yield Line(
        "heading", locale.text(N_("Position map: how attractive an account is, and how strong we are there"))
    )
    titles = (N_("Attractiveness, high from {points} points"), N_("Our strength, high from {points} points"))
    for title, axis, high in zip(
        titles, (card.position.attractiveness, card.position.strength), card.position.high, strict=True
    ):
        yield Line(
            "item", locale.say(N_("{head}, made of:"), head=locale.say(title, points=number(high, locale)))
        )
        yield from _tree(axis, 1.0, 1, N_("{title}, {share} of it"), False, locale)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


SHARES = {
    "revenue_share",
    "growth",
    "margin_share",
    "concession_share",
    "frequency_change",
    "overdue_share",
    "overdue_to_revenue",
    "wallet_share",
    "mention_rate",
    "net_margin",
    "return_on_assets",
    "state_owned_share",
    "half_year_ratio",
    "year_ratio",
    "breadth_ratio",
    "margin_ratio",
    "margin_change",
    "on_time",
    "in_full",
    "satisfaction_latest",
    "satisfaction_change",
    "confirmed_share",
    "visit_ratio",
    "advance_share",
}
# a limit as a sentence has it, for measures whose label alone would read badly; {bound} is "more than 80%"
# and the like
PHRASES = {
    "concession_share": N_("concessions eat {bound} of the usual margin"),
    "margin_share": N_("the margin is {bound} of revenue"),
    "revenue_share": N_("the account brings {bound} of all revenue"),
    "buying_days": N_("it bought on {bound} {n:plural|day|days} in all"),
    "silent_days": N_("the last purchase lies {bound} {n:plural|day|days} back"),
    "overdue_to_revenue": N_("{bound} of a year's revenue is overdue"),
    "overdue_days": N_("the oldest overdue invoice is {bound} {n:plural|day|days} late"),
    "wallet_share": N_("our share of its purchases is {bound}"),
    "annual_revenue": N_("its own yearly revenue is {bound}"),
    "complaints": N_("it complained {bound} {n:plural|time|times} in the 12 months"),
}
BOUNDS = {
    "above": N_("more than {figure}"),
    "below": N_("less than {figure}"),
    "at_least": N_("at least {figure}"),
    "at_most": N_("at most {figure}"),
}
FLAGS = {"yes": N_("yes"), "no": N_("no")}


def scoring(scored: Scored, key: str, locale: Locale) -> str:
    """What is measured and how it turns into points, in sentences."""
    say = locale.say
    measure = scored.measure or ""
    what = say(N_("Measured: {measure}."), measure=_label(measure, key, locale))
    if scored.unit != 1:
        what = say(
            N_("Measured: {measure}, in units of {unit}."),
            measure=_label(measure, key, locale),
            unit=compact(scored.unit, locale),
        )
    match scored.scoring:
        case "bands":
            how = say(N_("Points: {bands}."), bands=_bands(scored, locale))
        case "choices":
            choices = (
                N_("Points: {choices}.")
                if set(scored.choices) == set(FLAGS)
                else N_("Points: {choices}; another word counts as unknown.")
            )
            how = say(choices, choices=_choices(scored, locale))
        case "scale":
            low, high = (_figure(end, scored, locale) for end in scored.scale or (0.0, 10.0))
            how = say(N_("Points: {low} gives 0, {high} gives 100, linearly between."), low=low, high=high)
        case "percentile":
            how = locale.text(N_("Points by rank: the share of accounts that have no more."))
        case "contribution":
            how = locale.text(
                N_("Points: 100 less the share of the total that larger accounts hold; the largest has 100.")
            )
        case _:
            how = locale.text(N_("Points: the lowest account has 0, the highest 100, linearly between."))
    unrecorded = N_(
        "Where no stage is recorded, an account that bought in the 12 months counts as "
        "producing, any other as potential."
    )
    return joined([what, how, *([locale.text(unrecorded)] if measure == "stage" else [])], locale)


def _label(measure: str, key: str, locale: Locale) -> str:
    if measure.startswith("rating"):
        return locale.say(
            N_("the experts' rating under the name {key}"), key=measure.partition(".")[2] or key
        )
    return measure_label(measure, locale)


def _bands(scored: Scored, locale: Locale) -> str:
    """Points by value: a line through its corners where no band jumps, else band by band."""
    ends: list[Band | None] = [*scored.bands[1:], None]
    pairs = list(zip(scored.bands, ends, strict=True))
    if all(end is None or band.points[1] == end.points[0] for band, end in pairs):
        texts = [N_("{value} gives {points}")] * (len(pairs) - 1) + [N_("{value} or more gives {points}")]
        corners = [
            locale.say(text, value=_figure(b.start, scored, locale), points=number(b.points[0], locale))
            for text, b in zip(texts, scored.bands, strict=True)
        ]
        return locale.say(N_("{corners}, linearly between"), corners=locale.words(corners, len(corners)))
    return locale.text(N_("; ")).join(_band(band, end, scored, locale) for band, end in pairs)


def _band(band: Band, end: Band | None, scored: Scored, locale: Locale) -> str:
    start, (low, high) = _figure(band.start, scored, locale), (number(p, locale) for p in band.points)
    if end is None or low == high:
        return locale.say(N_("from {start}: {points}"), start=start, points=low)
    return locale.say(
        N_("from {start} to {end}: {low} to {high}, linearly"),
        start=start,
        end=_figure(end.start, scored, locale),
        low=low,
        high=high,
    )


def _choices(scored: Scored, locale: Locale) -> str:
    """The words with their points; of words given in both languages those of this one."""
    by_points: dict[float, list[str]] = {}
    for word, points in scored.choices.items():
        by_points.setdefault(points, []).append(word)
    parts = []
    for points, words in by_points.items():
        shown = list(
            dict.fromkeys(
                _word(scored.measure or "", w, locale) for w in words if _speaks(w, locale.language)
            )
        )
        if shown or len(by_points) == len(scored.choices):
            shown = shown or [_word(scored.measure or "", w, locale) for w in words]
            parts.append(
                locale.say(
                    N_("{words}: {points}"),
                    words=locale.words(shown, len(shown)),
                    points=number(points, locale),
                )
            )
    return locale.text(N_("; ")).join(parts)


def _speaks(word: str, language: str) -> bool:
    """Whether a word belongs on a page of this language: its own words, neutral keys, and grades such as
    AA."""
    if word in FLAGS or word in _stages() or word.isupper():
        return True
    return bool(re.search(r"[一-鿿]", word)) == (language == "zh")


def _stages() -> dict[str, dict[str, str]]:
    return {
        key: {"zh": c["zh"], "en": c["en"]}
        for key, c in codebook()["accounts"].columns["stage"].choices.items()
    }


def _word(measure: str, word: str, locale: Locale) -> str:
    if measure == "stage" and word in _stages():
        return _stages()[word][locale.language].lower()
    return locale.text(FLAGS[word]) if measure == "listed" and word in FLAGS else word


def condition(rule: Rule | RedFlag, locale: Locale) -> str:
    return locale.text(N_(" and ")).join(
        _condition(measure, limit, locale) for measure, limit in rule.when.items()
    )


def _condition(measure: str, limit: Limit, locale: Locale) -> str:
    if limit.one_of is not None:
        words = [
            _word(measure, w, locale) for w in limit.one_of if _speaks(w, locale.language)
        ] or limit.one_of
        return locale.say(
            N_("the {measure} is {words}"),
            measure=_label(measure, "", locale),
            words=locale.text(N_(" or ")).join(words),
        )
    given = {name: getattr(limit, name) for name in BOUNDS if getattr(limit, name) is not None}
    bounds = [
        locale.say(BOUNDS[name], figure=percent(v, locale) if measure in SHARES else number(v, locale))
        for name, v in given.items()
    ]
    bound = locale.text(N_(" and ")).join(bounds)
    if measure in PHRASES:
        return locale.say(PHRASES[measure], bound=bound, n=list(given.values())[-1])
    if measure.startswith("rating"):
        return locale.say(N_("the experts rate {key} at {bound}"), key=measure.partition(".")[2], bound=bound)
    return locale.say(N_("{measure}: {bound}"), measure=_label(measure, "", locale), bound=bound)


def _figure(value: float, scored: Scored, locale: Locale) -> str:
    return percent(value, locale) if scored.measure in SHARES and scored.unit == 1 else number(value, locale)


def percent(value: float, locale: Locale) -> str:
    """A share with as many digits as it needs, two at most: 20%, 4.5%, 14%."""
    digits = next((d for d in (0, 1) if abs(value * 100 - round(value * 100, d)) < 1e-9), 2)
    return locale.percent(value, digits)


def number(value: float, locale: Locale) -> str:
    """A number with as many digits as it needs; large round ones in words: 5 million, 500万."""
    if abs(value) >= 1e6:
        return compact(value, locale)
    digits = next((d for d in (0, 1, 2) if abs(value - round(value, d)) < 1e-9), 3)
    return locale.number(value, digits)


def compact(value: float, locale: Locale) -> str:
    short = format_compact_decimal(
        value,
        format_type="short" if locale.language == "zh" else "long",
        locale=locale.babel,
        fraction_digits=2,
    )
    return "万" if short == "1万" else str(short)


def joined(sentences: list[str], locale: Locale) -> str:
    return ("" if locale.language == "zh" else " ").join(sentences)


def health_explained(card: HealthCard, name: str, locale: Locale) -> list[Line]:
    """The whole card in prose, in the language of ``locale``."""
    return [
        *opening(card, name, locale),
        *_dimensions(card, locale),
        *_limits(card, locale),
        *_flags(card, locale),
        *_segments(card, locale),
    ]


def _dimensions(card: HealthCard, locale: Locale) -> Iterator[Line]:
    yield Line("heading", locale.text(N_("Dimensions")))
    weights, total = card.weights(), sum(d.weight for d in card.dimensions.values())
    for dimension in card.dimensions.values():
        head = locale.say(
            N_("{title}, {share} of the whole"),
            title=dimension.get(locale.language),
            share=percent(dimension.weight / total, locale),
        )
        if len(dimension.indicators) == 1:
            yield Line("item", _indicator(head, *next(iter(dimension.indicators.items())), locale))
            continue
        yield Line("item", locale.say(N_("{head}, made of:"), head=head))
        for key, indicator in dimension.indicators.items():
            title, share = indicator.get(locale.language), percent(weights[key], locale)
            own = locale.say(N_("{title}, {share} of the whole"), title=title, share=share)
            if indicator.unless_known:
                instead = next(
                    i for i in dimension.indicators.values() if i.measure == indicator.unless_known
                )
                said = N_("{title}, only where this is unknown: {instead}")
                own = locale.say(said, title=title, instead=instead.get(locale.language))
            yield Line("item", _indicator(own, key, indicator, locale), 1)
    yield Line(
        "paragraph",
        locale.text(
            N_("Where an indicator is unknown, its weight goes to the others, and the coverage falls.")
        ),
    )


def _indicator(head: str, key: str, indicator: Indicator, locale: Locale) -> str:
    scored = Scored.model_construct(
        zh=indicator.zh,
        en=indicator.en,
        measure=indicator.measure,
        unit=1.0,
        scoring="bands",
        bands=indicator.bands,
    )
    table = codebook()[indicator.table].labels[locale.language]
    parts = [
        locale.say(N_("{head}."), head=head),
        scoring(scored, key, locale),
        locale.say(N_("Taken from: {table}."), table=table),
    ]
    if indicator.half_life_days:
        parts.append(
            locale.say(N_("Counts half after {days} days."), days=number(indicator.half_life_days, locale))
        )
    return joined(parts, locale)


def _limits(card: HealthCard, locale: Locale) -> Iterator[Line]:
    yield Line("heading", locale.text(N_("Colours")))
    limits = {name: number(getattr(card, name), locale) for name in ("green", "yellow")}
    yield Line(
        "paragraph", locale.say(N_("Green from {green} points, yellow from {yellow}, red below."), **limits)
    )
    thin = N_("A score is thin where less than {share} of the card's weight rests on data.")
    yield Line("paragraph", locale.say(thin, share=percent(card.thin_below, locale)))


def _flags(card: HealthCard, locale: Locale) -> Iterator[Line]:
    if not card.gates and not card.ceilings:
        return
    yield Line("heading", locale.text(N_("Red flags: what caps a score")))
    for ceiling in card.ceilings.values():
        title = ceiling.get(locale.language)
        said = locale.say(
            N_("{title}: the score is never above the points that this gives."),
            title=title[:1].upper() + title[1:],
        )
        yield Line("item", said)
    for flag in card.gates.values():
        title = flag.get(locale.language)
        said = N_("{title}: at most {cap} points where {when}.")
        figures = {
            "title": title[:1].upper() + title[1:],
            "cap": number(flag.cap, locale),
            "when": condition(flag, locale),
        }
        text = locale.say(said, **figures)
        if flag.unless_known:
            measure = _label(flag.unless_known, "", locale)
            text = joined(
                [text, locale.say(N_("Only where this is unknown: {measure}."), measure=measure)], locale
            )
        yield Line("item", text)
    yield Line(
        "paragraph",
        locale.text(
            N_("What is not known never caps a score. A score set by hand stands above all of this.")
        ),
    )


def _segments(card: HealthCard, locale: Locale) -> Iterator[Line]:
    if not card.segments:
        return
    yield Line("heading", locale.text(N_("Other weights for some accounts")))
    for segment in card.segments:
        merged = {key: segment.weights.get(key, d.weight) for key, d in card.dimensions.items()}
        total = sum(merged.values())
        weights = [
            locale.say(
                N_("{title} {share}"),
                title=card.dimensions[key].get(locale.language),
                share=percent(merged[key] / total, locale),
            )
            for key in segment.weights
        ]
        traits = [locale.text(CLASSES[trait]) for trait in segment.when]
        said = N_("{title} (by {traits}): {weights}; the others as above.")
        lists = {"traits": locale.words(traits, len(traits)), "weights": locale.words(weights, len(weights))}
        yield Line("item", locale.say(said, title=segment.get(locale.language), **lists))
