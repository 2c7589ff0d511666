"""A health card in prose: what it looks at, how figures turn into points and age, what caps a score, what weighs differently."""

from __future__ import annotations

from collections.abc import Iterator

from kamplay.codebook import codebook
from kamplay.presets import HealthCard, Indicator
from kamplay.presets.criteria import Scored
from kamplay.show.card_words import condition, joined, number, percent, scoring
from kamplay.show.cards import Line
from kamplay.show.labels import CLASSES
from kamplay.show.locale import N_, Locale


def health_explained(card: HealthCard, name: str, locale: Locale) -> list[Line]:
    """The whole card in prose, in the language of ``locale``."""
    title = Line("title", locale.say(N_("{title} ({name})"), title=card.title.get(locale.language), name=name))
    source = Line("paragraph", locale.say(N_("Where it comes from: {source}."), source=card.source.get(locale.language)))
    return [title, source, *_dimensions(card, locale), *_limits(card, locale), *_flags(card, locale), *_segments(card, locale)]


def _dimensions(card: HealthCard, locale: Locale) -> Iterator[Line]:
    yield Line("heading", locale.text(N_("Dimensions")))
    weights, total = card.weights(), sum(d.weight for d in card.dimensions.values())
    for dimension in card.dimensions.values():
        head = locale.say(
            N_("{title}, {share} of the whole"), title=dimension.get(locale.language), share=percent(dimension.weight / total, locale)
        )
        if len(dimension.indicators) == 1:
            yield Line("item", _indicator(head, *next(iter(dimension.indicators.items())), locale))
            continue
        yield Line("item", locale.say(N_("{head}, made of:"), head=head))
        for key, indicator in dimension.indicators.items():
            share = percent(weights[key], locale)
            own = locale.say(N_("{title}, {share} of the whole"), title=indicator.get(locale.language), share=share)
            yield Line("item", _indicator(own, key, indicator, locale), 1)
    yield Line("paragraph", locale.text(N_("Where an indicator is unknown, its weight goes to the others, and the coverage falls.")))


def _indicator(head: str, key: str, indicator: Indicator, locale: Locale) -> str:
    scored = Scored.model_construct(
        zh=indicator.zh, en=indicator.en, measure=indicator.measure, unit=1.0, scoring="bands", bands=indicator.bands
    )
    table = codebook()[indicator.table].labels[locale.language]
    parts = [locale.say(N_("{head}."), head=head), scoring(scored, key, locale), locale.say(N_("Taken from: {table}."), table=table)]
    if indicator.half_life_days:
        parts.append(locale.say(N_("Counts half after {days} days."), days=number(indicator.half_life_days, locale)))
    return joined(parts, locale)


def _limits(card: HealthCard, locale: Locale) -> Iterator[Line]:
    yield Line("heading", locale.text(N_("Colours")))
    limits = {name: number(getattr(card, name), locale) for name in ("green", "yellow")}
    yield Line("paragraph", locale.say(N_("Green from {green} points, yellow from {yellow}, red below."), **limits))
    thin = N_("A score is thin where less than {share} of the card's weight rests on data.")
    yield Line("paragraph", locale.say(thin, share=percent(card.thin_below, locale)))


def _flags(card: HealthCard, locale: Locale) -> Iterator[Line]:
    if not card.gates:
        return
    yield Line("heading", locale.text(N_("Red flags: what caps a score")))
    for flag in card.gates.values():
        title = flag.get(locale.language)
        said = N_("{title}: at most {cap} points where {when}.")
        figures = {"title": title[:1].upper() + title[1:], "cap": number(flag.cap, locale), "when": condition(flag, locale)}
        yield Line("item", locale.say(said, **figures))
    yield Line("paragraph", locale.text(N_("What is not known never caps a score. A score set by hand stands above all of this.")))


def _segments(card: HealthCard, locale: Locale) -> Iterator[Line]:
    if not card.segments:
        return
    yield Line("heading", locale.text(N_("Other weights for some accounts")))
    for segment in card.segments:
        merged = {key: segment.weights.get(key, d.weight) for key, d in card.dimensions.items()}
        total = sum(merged.values())
        weights = [
            locale.say(N_("{title} {share}"), title=card.dimensions[key].get(locale.language), share=percent(merged[key] / total, locale))
            for key in segment.weights
        ]
        traits = [locale.text(CLASSES[trait]) for trait in segment.when]
        said = N_("{title} (by {traits}): {weights}; the others as above.")
        lists = {"traits": locale.words(traits, len(traits)), "weights": locale.words(weights, len(weights))}
        yield Line("item", locale.say(said, title=segment.get(locale.language), **lists))
