"""How a measure turns into points, and when a rule holds, in words; numbers as a page of prose has them."""

from __future__ import annotations

import re

from babel.numbers import format_compact_decimal

from kamplay.codebook import codebook
from kamplay.presets import Band, Limit
from kamplay.presets.criteria import Scored
from kamplay.presets.health import RedFlag
from kamplay.presets.health_measures import HEALTH_MEASURES
from kamplay.presets.measures import MEASURES
from kamplay.presets.scorecard import Rule
from kamplay.show.locale import N_, Locale

SHARES = {
    "revenue_share", "growth", "margin_share", "concession_share", "frequency_change", "overdue_share", "overdue_to_revenue",
    "wallet_share", "mention_rate", "net_margin", "return_on_assets", "state_owned_share",
    "half_year_ratio", "year_ratio", "breadth_ratio", "margin_ratio", "margin_change", "on_time", "in_full", "satisfaction_latest",
    "satisfaction_change", "confirmed_share", "visit_ratio", "advance_share",
}  # fmt: skip
# a limit as a sentence has it, for measures whose label alone would read badly; {bound} is "more than 80%" and the like
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
        what = say(N_("Measured: {measure}, in units of {unit}."), measure=_label(measure, key, locale), unit=compact(scored.unit, locale))
    match scored.scoring:
        case "bands":
            how = say(N_("Points: {bands}."), bands=_bands(scored, locale))
        case "choices":
            choices = (
                N_("Points: {choices}.") if set(scored.choices) == set(FLAGS) else N_("Points: {choices}; another word counts as unknown.")
            )
            how = say(choices, choices=_choices(scored, locale))
        case "scale":
            low, high = (_figure(end, scored, locale) for end in scored.scale or (0.0, 10.0))
            how = say(N_("Points: {low} gives 0, {high} gives 100, linearly between."), low=low, high=high)
        case "percentile":
            how = locale.text(N_("Points by rank: the share of accounts that have no more."))
        case "contribution":
            how = locale.text(N_("Points: 100 less the share of the total that larger accounts hold; the largest has 100."))
        case _:
            how = locale.text(N_("Points: the lowest account has 0, the highest 100, linearly between."))
    unrecorded = N_("Where no stage is recorded, an account that bought in the 12 months counts as producing, any other as potential.")
    return joined([what, how, *([locale.text(unrecorded)] if measure == "stage" else [])], locale)


def _label(measure: str, key: str, locale: Locale) -> str:
    if measure.startswith("rating"):
        return locale.say(N_("the experts' rating under the name {key}"), key=measure.partition(".")[2] or key)
    zh, en = MEASURES[measure] if measure in MEASURES else HEALTH_MEASURES[measure][:2]
    return zh if locale.language == "zh" else en


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
        N_("from {start} to {end}: {low} to {high}, linearly"), start=start, end=_figure(end.start, scored, locale), low=low, high=high
    )


def _choices(scored: Scored, locale: Locale) -> str:
    """The words with their points; of words given in both languages those of this one."""
    by_points: dict[float, list[str]] = {}
    for word, points in scored.choices.items():
        by_points.setdefault(points, []).append(word)
    parts = []
    for points, words in by_points.items():
        shown = list(dict.fromkeys(_word(scored.measure or "", w, locale) for w in words if _speaks(w, locale.language)))
        if shown or len(by_points) == len(scored.choices):
            shown = shown or [_word(scored.measure or "", w, locale) for w in words]
            parts.append(locale.say(N_("{words}: {points}"), words=locale.words(shown, len(shown)), points=number(points, locale)))
    return locale.text(N_("; ")).join(parts)


def _speaks(word: str, language: str) -> bool:
    """Whether a word belongs on a page of this language: its own words, neutral keys, and grades such as AA."""
    if word in FLAGS or word in _stages() or word.isupper():
        return True
    return bool(re.search(r"[一-鿿]", word)) == (language == "zh")


def _stages() -> dict[str, dict[str, str]]:
    return {key: {"zh": c["zh"], "en": c["en"]} for key, c in codebook()["accounts"].columns["stage"].choices.items()}


def _word(measure: str, word: str, locale: Locale) -> str:
    if measure == "stage" and word in _stages():
        return _stages()[word][locale.language].lower()
    return locale.text(FLAGS[word]) if measure == "listed" and word in FLAGS else word


def condition(rule: Rule | RedFlag, locale: Locale) -> str:
    return locale.text(N_(" and ")).join(_condition(measure, limit, locale) for measure, limit in rule.when.items())


def _condition(measure: str, limit: Limit, locale: Locale) -> str:
    if limit.one_of is not None:
        words = [_word(measure, w, locale) for w in limit.one_of if _speaks(w, locale.language)] or limit.one_of
        return locale.say(N_("the {measure} is {words}"), measure=_label(measure, "", locale), words=locale.text(N_(" or ")).join(words))
    given = {name: getattr(limit, name) for name in BOUNDS if getattr(limit, name) is not None}
    bounds = [locale.say(BOUNDS[name], figure=percent(v, locale) if measure in SHARES else number(v, locale)) for name, v in given.items()]
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
        value, format_type="short" if locale.language == "zh" else "long", locale=locale.babel, fraction_digits=2
    )
    return "万" if short == "1万" else str(short)


def joined(sentences: list[str], locale: Locale) -> str:
    return ("" if locale.language == "zh" else " ").join(sentences)
