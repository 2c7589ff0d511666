"""A preset in prose: what it is, how it scores, who is held back or kept, what each level gets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from kamplay.presets import Criterion, Scorecard, Strategy, Tier
from kamplay.show.card_words import condition, joined, number, percent, scoring
from kamplay.show.locale import N_, Locale

UNKNOWN = {
    "reweight": N_("Where a criterion is unknown, its weight goes to the others."),
    "neutral": N_("Where the criterion is unknown, it counts 50 points."),
    "zero": N_("Where the criterion is unknown, it counts 0 points."),
}
CUTS = {
    "score": N_("By the score, from 0 to 100."),
    "quota": N_("By quota: the best accounts, so many of each hundred. Accounts with equal scores are never parted."),
    "capacity": N_("By places: the best accounts, as many as there are places. Accounts with equal scores are never parted."),
    "natural": N_("At the natural breaks of the scores, so that accounts of one tier are alike."),
    "matrix": N_("By the field of a matrix: {first} is high from {first_high} points, {second} from {second_high}."),
}
FIELDS = {
    "both": N_("high in both"),
    "first": N_("high in the first only"),
    "second": N_("high in the second only"),
    "neither": N_("high in neither"),
}


@dataclass(frozen=True)
class Line:
    """One paragraph of the page. ``depth`` counts from 0 for an item of a list; headings and paragraphs have none."""

    kind: Literal["title", "heading", "paragraph", "item", "footer"]
    text: str
    depth: int = 0


def explained(preset: Scorecard | Strategy, name: str, locale: Locale) -> list[Line]:
    """The whole preset in prose, in the language of ``locale``. Its currency is not used: a preset belongs to no client yet."""
    title = Line("title", locale.say(N_("{title} ({name})"), title=preset.title.get(locale.language), name=name))
    source = Line("paragraph", locale.say(N_("Where it comes from: {source}."), source=preset.source.get(locale.language)))
    parts = _scorecard(preset, locale) if isinstance(preset, Scorecard) else _strategy(preset, locale)
    return [title, source, *parts]


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
            yield Line("item", say(N_("{title}. {scoring}"), title=item.get(language), scoring=scoring(item, key, locale)))
        yield Line("paragraph", locale.text(N_("An item of which nothing is known changes nothing; the score stays between 0 and 100.")))
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
            yield Line("item", say(effect, title=_sentence(gate.get(language)), level=gate.cap or "", when=condition(gate, locale)))
    if card.safeguards:
        yield Line("heading", locale.text(N_("Safeguards: who is kept")))
        for guard in card.safeguards.values():
            kept = [say(N_("kept at level {level} at least"), level=guard.floor)] if guard.floor else []
            shields = [card.gates[name].get(language) for name in guard.shields]
            kept += [say(N_("not held back as {gates}"), gates=locale.words(shields, len(shields)))] if shields else []
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
                N_("What is not known never holds an account back, nor does it keep one. A tier set by hand stands above all of this.")
            ),
        )
    yield from _position(card, locale)
    if card.intake:
        figures = {"assess": number(card.intake.assess_above, locale), "own": number(card.intake.dedicated_above, locale)}
        yield Line("heading", locale.text(N_("Accounts that do not buy yet")))
        text = N_(
            "One that buys for more than {assess} a year is assessed within {days} days; above {own} it gets its own service manager."
        )
        yield Line("paragraph", say(text, days=locale.number(card.intake.within_days), **figures))


def _tree(criteria: dict[str, Criterion], share: float, depth: int, named: str, each: bool, locale: Locale) -> Iterator[Line]:
    """Each criterion with its share of the whole, ``named`` so; ``each``: say of each what happens where it is unknown."""
    total = sum(c.weight for c in criteria.values())
    for key, c in criteria.items():
        own = share * c.weight / total
        head = locale.say(named, title=c.get(locale.language), share=percent(own, locale))
        if c.of:
            yield Line("item", locale.say(N_("{head}, made of:"), head=head), depth)
            yield from _tree(c.of, own, depth + 1, named, each, locale)
        else:
            parts = [locale.say(N_("{head}."), head=head), scoring(c, key, locale), *([locale.text(UNKNOWN[c.missing])] if each else [])]
            yield Line("item", joined(parts, locale), depth)


def _weighing(card: Scorecard, locale: Locale) -> Iterator[str]:
    if card.weights_from == "ballots":
        yield locale.text(
            N_("The weights of the top criteria are those that the departments settle by ballot; without ballots, those above.")
        )
    if card.weights_from == "judgements":
        yield locale.text(N_("The weights of the top criteria come from pairwise judgements, not from the figures above."))
    if card.recalibrate:
        method = {"critic": N_("the CRITIC method"), "entropy": N_("the entropy method")}[card.recalibrate.method]
        text = N_("At every run {share} of the weights are taken from the data by {method}: criteria that tell accounts apart gain.")
        yield locale.say(text, share=percent(card.recalibrate.share, locale), method=locale.text(method))
    if card.rate == "group":
        yield locale.text(N_("The accounts of one group are rated as one."))


def _cut(card: Scorecard, locale: Locale) -> str:
    if not card.matrix:
        return locale.text(CUTS[card.cut])
    first, second = (card.criteria[key].get(locale.language) for key in (card.matrix.first, card.matrix.second))
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
            N_("the next {share} of the accounts") if place else N_("the best {share} of the accounts"), share=percent(tier.share, locale)
        )
    if tier.places is not None:
        return locale.say(
            N_("the next {places} accounts") if place else N_("the best {places} accounts"), places=locale.number(tier.places)
        )
    return locale.text(N_("above the break below it"))


def _position(card: Scorecard, locale: Locale) -> Iterator[Line]:
    if not card.position:
        return
    yield Line("heading", locale.text(N_("Position map: how attractive an account is, and how strong we are there")))
    titles = (N_("Attractiveness, high from {points} points"), N_("Our strength, high from {points} points"))
    for title, axis, high in zip(titles, (card.position.attractiveness, card.position.strength), card.position.high, strict=True):
        yield Line("item", locale.say(N_("{head}, made of:"), head=locale.say(title, points=number(high, locale))))
        yield from _tree(axis, 1.0, 1, N_("{title}, {share} of it"), False, locale)


def _strategy(strategy: Strategy, locale: Locale) -> Iterator[Line]:
    say, language = locale.say, locale.language
    yield Line("heading", locale.text(N_("What each level gets")))
    for level, plan in strategy.levels.items():
        yield Line(
            "item",
            say(
                N_("Level {level}, {title}: {mechanism}."),
                level=level,
                title=plan.title.get(language),
                mechanism=plan.mechanism.get(language),
            ),
        )
        offers = N_("Customisation: {customisation}. Priority in discounts: {discount}.")
        yield Line("item", say(offers, customisation=plan.customisation.get(language), discount=plan.discount.get(language)), 1)
        service = say(N_("Proactive service: {times} a quarter."), times=number(plan.proactive_service_per_quarter, locale))
        if level in strategy.visited_levels:
            visits = say(
                N_("Visits: {branch} a month by the branch, {head_office} by head office."),
                branch=number(plan.visits.branch, locale),
                head_office=number(plan.visits.head_office, locale),
            )
        else:
            visits = locale.text(N_("Not visited by plan."))
        yield Line("item", joined([service, visits], locale), 1)
    yield Line("heading", locale.text(N_("What each type of account gets")))
    for kind in strategy.types.values():
        yield Line("item", say(N_("{title}: {care}."), title=kind.get(language), care=kind.care.get(language)))
    yield Line("heading", locale.text(N_("Due dates")))
    days = {name: locale.number(getattr(strategy.due_days, name)) for name in ("urgent", "warned", "soon", "routine")}
    yield Line(
        "paragraph",
        say(
            N_(
                "What is urgent is due within {urgent} days, other warnings that call for action within {warned}, "
                "what should be soon within {soon}, routine within {routine}."
            ),
            **days,
        ),
    )


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
