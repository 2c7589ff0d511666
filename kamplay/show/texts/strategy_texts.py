"""A strategy preset in prose: what each level, type and level of care gets, who does what, and by when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kamplay.presets import LEVELS, Level, Strategy, Words
from kamplay.presets.strategy import Care, Earned, GatePlan, LevelPlan, Redeemed
from kamplay.show.locale import N_, Locale
from kamplay.show.texts.preset_texts import Line, joined, number, opening, percent

DUTIES = {
    "R": N_("R: does it"),
    "A": N_("A: answers for it"),
    "C": N_("C: is asked before"),
    "I": N_("I: is told after"),
}


def strategy_explained(strategy: Strategy, name: str, locale: Locale) -> list[Line]:
    """The whole strategy in prose, in the language of ``locale``. Its currency is not used: a preset belongs
    to no client yet.
    """
    return [
        *opening(strategy, name, locale),
        *_levels(strategy, locale),
        *_kinds(strategy, locale),
        *_choice(strategy, locale),
        *_care(strategy, locale),
        *_loyalty(strategy, locale),
        *_team(strategy, locale),
        *_gates(strategy, locale),
        *_escalation(strategy, locale),
        *_assumed(strategy, locale),
        *_due(strategy, locale),
    ]


def _sources(named: list[tuple[str, Words]], locale: Locale) -> Iterator[Line]:
    """Where the parts of a section come from: each source once, with the parts that it stands for."""
    by_source: dict[str, list[str]] = {}
    for name, words in named:
        by_source.setdefault(words.get(locale.language), []).append(name)
    for source, names in by_source.items():
        if len(by_source) == 1:
            said = locale.say(N_("Source: {source}."), source=source)
        else:
            parts = list(dict.fromkeys(names))
            listed = locale.words(parts, len(parts))
            said = locale.say(N_("Source of {names}: {source}."), names=listed, source=source)
        yield Line("paragraph", said)


def capital(text: str) -> str:
    """A text with which a sentence or a cell begins."""
    return text[:1].upper() + text[1:]


def _levels(strategy: Strategy, locale: Locale) -> Iterator[Line]:
    yield Line("heading", locale.text(N_("What each level gets")))
    heads = {level: locale.say(N_("Level {level}"), level=level) for level in LEVELS}
    for level, head in heads.items():
        yield from _level(head, strategy.levels[level], strategy, level in strategy.visited_levels, locale)
    plans = [strategy.levels[level] for level in LEVELS]
    named = [(head, plan.source) for head, plan in zip(heads.values(), plans, strict=True)]
    named += [(locale.text(N_("visits")), plan.visits.source) for plan in plans]
    named += [(locale.text(N_("complaints")), plan.complaint.source) for plan in plans]
    yield from _sources(named, locale)
    yield Line("heading", locale.text(N_("What all get where tiering is not worth its while")))
    one = strategy.untiered
    visited = one.visits.branch + one.visits.head_office > 0
    yield from _level(locale.text(N_("Every account")), one, strategy, visited, locale)
    yield from _sources([("", one.source)], locale)


def _level(head: str, plan: LevelPlan, strategy: Strategy, visited: bool, locale: Locale) -> Iterator[Line]:
    say, language = locale.say, locale.language
    titled = N_("{head}, {title}: {mechanism}.")
    own = {"title": plan.title.get(language), "mechanism": plan.mechanism.get(language)}
    yield Line("item", say(titled, head=head, **own))
    offers = N_("Customisation: {customisation}. Discounts: {discount}. Level of care: {care}.")
    given = {
        "customisation": plan.customisation.get(language),
        "discount": plan.discount.get(language),
        "care": strategy.care[plan.care].get(language),
    }
    yield Line("item", say(offers, **given), 1)
    service = say(
        N_("Proactive service: {times} a quarter."), times=number(plan.proactive_service_per_quarter, locale)
    )
    visits = locale.text(N_("Not visited by plan."))
    if visited:
        visits = say(
            N_("Visits: {branch} a month by the branch, {head_office} by head office."),
            branch=number(plan.visits.branch, locale),
            head_office=number(plan.visits.head_office, locale),
        )
    yield Line("item", joined([service, visits], locale), 1)
    times = say(
        N_(
            "Complaints: answered within {hours} hours, settled within {days} days. "
            "Turn for scarce goods: {turn}."
        ),
        hours=number(plan.complaint.reply_hours, locale),
        days=number(plan.complaint.resolve_days, locale),
        turn=locale.number(plan.scarce_stock),
    )
    yield Line("item", times, 1)


def _kinds(strategy: Strategy, locale: Locale) -> Iterator[Line]:
    language = locale.language
    cared = N_("{title}: {care}.")
    yield Line("heading", locale.text(N_("Lost accounts")))
    lost = strategy.lost
    yield Line("item", locale.say(cared, title=lost.get(language), care=lost.care.get(language)))
    for step in lost.steps:
        yield Line("item", locale.say(cared, title=step.get(language), care=step.task.get(language)), 1)
    yield from _sources([("", lost.source)], locale)
    parts = (
        (N_("What each type of account gets"), strategy.types),
        (N_("Other strategies"), strategy.strategies),
    )
    for heading, kinds in parts:
        if not kinds:
            continue
        yield Line("heading", locale.text(heading))
        for kind in kinds.values():
            yield Line("item", locale.say(cared, title=kind.get(language), care=kind.care.get(language)))
        yield from _sources([(kind.get(language), kind.source) for kind in kinds.values()], locale)


def _choice(strategy: Strategy, locale: Locale) -> Iterator[Line]:
    yield Line("heading", locale.text(N_("How an account gets its strategy")))
    first = N_("One each: the first of these rules that holds. A strategy set by hand stands above them.")
    yield Line("paragraph", locale.text(first))
    known = strategy.described()
    for place, rule in enumerate(strategy.choice, start=1):
        said = locale.say(
            N_("{place}. {when}: {strategy}."),
            place=place,
            when=capital(rule.get(locale.language)),
            strategy=known[rule.strategy].get(locale.language),
        )
        yield Line("item", said)
    yield from _sources([(str(n), rule.source) for n, rule in enumerate(strategy.choice, start=1)], locale)


def care_given(care: Care, locale: Locale) -> str:
    """What a level of care consists of, with its figures."""
    parts = [care.care.get(locale.language)]
    if care.team_size:
        parts.append(locale.say(N_("{size:n} people"), size=care.team_size))
    if care.appreciation_per_quarter:
        times = number(care.appreciation_per_quarter, locale)
        parts.append(locale.say(N_("appreciation: {times} a quarter"), times=times))
    if care.joint_reviews_per_quarter:
        times = number(care.joint_reviews_per_quarter, locale)
        parts.append(locale.say(N_("joint reviews: {times} a quarter"), times=times))
    return locale.text(N_(", ")).join(parts)


def _care(strategy: Strategy, locale: Locale) -> Iterator[Line]:
    yield Line("heading", locale.text(N_("Levels of care")))
    for care in strategy.care.values():
        said = N_("{title}: {care}.")
        yield Line("item", locale.say(said, title=care.get(locale.language), care=care_given(care, locale)))
    yield from _sources([(care.get(locale.language), care.source) for care in strategy.care.values()], locale)


def earned_text(earned: Earned, locale: Locale, per: str | None = None) -> str:
    """What earns how many points; ``per``: the money of a point as the page writes it."""
    points = {"what": earned.get(locale.language), "points": number(earned.points, locale)}
    if earned.per:
        per = per or number(earned.per, locale)
        return locale.say(N_("{what}: {points} for every {per}."), per=per, **points)
    return locale.say(N_("{what}: {points} each time."), **points)


def redeemed_text(redeemed: Redeemed, locale: Locale) -> str:
    """What is had for how many points."""
    points = {"what": redeemed.get(locale.language), "points": number(redeemed.points, locale)}
    return locale.say(N_("{what} for {points} points."), **points)


def _loyalty(strategy: Strategy, locale: Locale) -> Iterator[Line]:
    say, language, loyalty = locale.say, locale.language, strategy.loyalty
    yield Line("heading", locale.text(N_("Points: how they are earned and what they buy")))
    yield from (Line("item", capital(earned_text(one, locale))) for one in loyalty.earned)
    yield from (Line("item", capital(redeemed_text(one, locale))) for one in loyalty.redeemed)
    valid = say(N_("Points are good for {months:n} months."), months=loyalty.valid_months)
    limits = loyalty.limits.get(language)
    closing = say(N_("{limits}."), limits=capital(limits))
    yield Line("paragraph", joined([valid, closing], locale))
    yield from _sources([("", loyalty.source)], locale)


def _team(strategy: Strategy, locale: Locale) -> Iterator[Line]:
    say, language, team = locale.say, locale.language, strategy.team
    yield Line("heading", locale.text(N_("The team of a key account (DELTA)")))
    for role in team.every().values():
        said = say(N_("{title}: {care}."), title=role.get(language), care=role.task.get(language))
        yield Line("item", capital(said))
    measures = [measure.get(language) for measure in team.measures]
    shared = say(
        N_("One set of measures for all three: {names}."), names=locale.words(measures, len(measures))
    )
    yield Line("paragraph", shared)
    yield from _sources([("", team.source)], locale)
    yield Line("heading", locale.text(N_("Who does what (RACI)")))
    duties = [locale.text(text) for text in DUTIES.values()]
    yield Line("paragraph", say(N_("{duties}."), duties=locale.text(N_("; ")).join(duties)))
    names = team.names(language)
    for task in team.raci:
        held = [f"{names[role]} {duty}" for role, duty in task.duties.items()]
        said = N_("{task}: {held}.")
        yield Line("item", say(said, task=task.get(language), held=locale.words(held, len(held))))
    yield from _sources([("", team.raci_source)], locale)


LED_BY = N_("Who leads")
GATE_PARTS = {
    "task": N_("What is done"),
    "input": N_("What goes in"),
    "output": N_("What comes out"),
    "review": N_("Who reviews what"),
    "decision": N_("What is decided"),
}


def led_by(gate: GatePlan, names: Mapping[str, str], locale: Locale) -> str:
    """Who leads at a gate and who helps; ``names``: by the key of the role."""
    first, *others = (names[role] for role in gate.led_by)
    if not others:
        return first
    return locale.say(N_("{lead}, with the {others}"), lead=first, others=locale.words(others, len(others)))


def _gates(strategy: Strategy, locale: Locale) -> Iterator[Line]:
    yield Line("heading", locale.text(N_("Gates of the selling process")))
    for gate in strategy.gates.values():
        yield Line("item", locale.say(N_("{head}."), head=gate.get(locale.language)))
        led = led_by(gate, strategy.team.names(locale.language), locale)
        yield Line("item", locale.say(N_("{title}: {care}."), title=locale.text(LED_BY), care=led), 1)
        for part, label in GATE_PARTS.items():
            what = getattr(gate, part).get(locale.language)
            yield Line("item", locale.say(N_("{title}: {care}."), title=locale.text(label), care=what), 1)
    yield from _sources(
        [(gate.get(locale.language), gate.source) for gate in strategy.gates.values()], locale
    )


def hours_by_level(hours: dict[Level, float], locale: Locale) -> str:
    """The hours of each level that has any: "S 24, A 48"."""
    told = [f"{level} {number(hours[level], locale)}" for level in LEVELS if level in hours]
    return locale.text(N_(", ")).join(told)


def _escalation(strategy: Strategy, locale: Locale) -> Iterator[Line]:
    yield Line("heading", locale.text(N_("Where a demand goes that stays open")))
    for rung in strategy.escalation.steps:
        who = rung.get(locale.language)
        said = locale.say(
            N_("{who}, hours after its receipt by level: {hours}."),
            who=capital(who),
            hours=hours_by_level(rung.hours, locale),
        )
        yield Line("item", said)
    yield from _sources([("", strategy.escalation.source)], locale)


def _assumed(strategy: Strategy, locale: Locale) -> Iterator[Line]:
    dedicated, response = strategy.dedicated, strategy.response
    yield Line("heading", locale.text(N_("A manager of its own")))
    said = locale.say(
        N_(
            "An account that purchases for more than {above} a year, from us or from anybody, has one. "
            "Whoever leads more than {most:n} accounts is nobody's own."
        ),
        above=number(dedicated.above, locale),
        most=dedicated.most_accounts,
    )
    yield Line("paragraph", said)
    yield from _sources([("", dedicated.source)], locale)
    yield Line("heading", locale.text(N_("What visits are assumed to bring")))
    said = locale.say(
        N_(
            "Made as often as the norm asks for, they avert {averted} of an account's expected loss and win "
            "{won} of its room to grow; each further visit of a quarter brings {next} of what the one before "
            "brought. No account is visited more than {most} times as often as its norm."
        ),
        averted=percent(response.loss_averted, locale),
        won=percent(response.room_won, locale),
        next=percent(response.next_visit, locale),
        most=number(response.most_times_norm, locale),
    )
    if response.most_a_month is not None:
        bound = N_("Beyond the norm no account gets more than {most} visits a month.")
        said = locale.sentences(said, locale.say(bound, most=number(response.most_a_month, locale)))
    yield Line("paragraph", said)
    yield from _sources([("", response.source)], locale)


def _due(strategy: Strategy, locale: Locale) -> Iterator[Line]:
    yield Line("heading", locale.text(N_("Due dates")))
    said = N_(
        "What is urgent is due within {urgent} days, other warnings that call for action within {warned}, "
        "what should be soon within {soon}, routine within {routine}."
    )
    days = {name: locale.number(value) for name, value in strategy.due_days.model_dump().items()}
    yield Line("paragraph", locale.say(said, **days))
    if strategy.week:
        weekly = N_(
            "Of one person a week holds {actions} things to do, beside the visits and what is done at them."
        )
        yield Line("paragraph", locale.say(weekly, actions=locale.number(strategy.week.actions)))
        away = N_("Nobody named is out on more than {days} of five days, unless a deadline asks for it.")
        yield Line("paragraph", locale.say(away, days=locale.number(strategy.week.days_out)))
        yield from _sources([("", strategy.week.source)], locale)
