"""Revenue of one unit by month, three years of it, and what it says in one sentence.

The bars are written as they stand on the page, without a drawing library: hundreds of plans are made at once,
a plan must stay short, and its figures stay text.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from html import escape
from typing import Any

from kamplay.method.profile.step import Profile
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_, missing
from kamplay.show.plan.actions import MOST_GROWTH
from kamplay.show.registry import chart
from kamplay.show.view import current

YEAR = 12
STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)  # of the scale, times a power of ten


def message(profile: Profile) -> str:
    """What the three years say, as the title of the drawing."""
    locale, facts = current().locale, profile.facts
    if not facts["revenue"] > 0:
        if missing(facts["last_order"]):
            return locale.text(N_("No purchase in the last 12 months"))
        return locale.say(N_("No purchase since {day:date}"), day=facts["last_order"])
    revenue, change = facts["revenue"], facts["change"]
    recent, same = profile.months.iloc[-3:].sum(), profile.months.iloc[-15:-12].sum()
    if missing(change):
        said = N_("{revenue:money} in 12 months, {recent:money} of it in the last three")
        return locale.say(said, revenue=revenue, recent=recent)
    before = revenue / (1 + change)
    year = (
        N_("{revenue:money} in 12 months, {change:change} on the year before")
        if change <= MOST_GROWTH
        else N_("{revenue:money} in 12 months, {before:money} in the year before")
    )
    told = locale.say(year, revenue=revenue, change=change, before=before)
    if not same > 0:
        return told
    if recent > 0:
        said = (
            N_("the last three months {change:change} on the same months")
            if recent / same - 1 <= MOST_GROWTH
            else N_("{recent:money} in the last three, {same:money} in the same months a year before")
        )
    elif recent == 0:
        said = N_("nothing in the last three")
    else:
        said = N_("in the last three more was returned than bought")
    last = locale.say(said, change=recent / same - 1, recent=recent, same=same)
    return locale.text(N_("; ")).join([told, last])


def against_year_before(facts: Mapping[str, Any]) -> str:
    """The change of a year's revenue; beyond MOST_GROWTH what it was before. Empty where it is not known."""
    locale, change = current().locale, facts["change"]
    if missing(change):
        return ""
    if change <= MOST_GROWTH:
        return locale.say(N_("{change:change} on the year before"), change=change)
    return locale.say(N_("{before:money} in the year before"), before=facts["revenue"] / (1 + change))


@chart
def revenue_months_chart(profile: Profile) -> Display:
    """A bar a month, the last 12 in colour; below them what each 12 months brought."""
    months, view = profile.months, current()
    if not months.any():
        return NOTHING
    locale, title = view.locale, message(profile)
    alt = locale.say(
        N_("{title}. The best month brought {most:money}, the poorest {least:money}."),
        title=title,
        most=months.max(),
        least=months.min(),
    )
    step, top = _scale(float(months.max()))
    bars = "".join(
        f'<rect x="{place + 0.14:.2f}" y="{100 - height:.2f}" width=".72" height="{height:.2f}"'
        f"{' class=now' if place >= len(months) - YEAR else ''}><title>{escape(said)}</title></rect>"
        for place, (height, said) in enumerate(_bars(profile, top))
    )
    lines = "".join(
        f'<span class="line" style="bottom:{100 * number * step / top:.1f}%">'
        f"<b>{escape(locale.money(number * step))}</b></span>"
        for number in range(1, round(top / step) + 1)
    )
    picture = (
        f'<svg viewBox="0 0 {len(months)} 100" preserveAspectRatio="none" role="img" '
        f'aria-label="{escape(alt, quote=True)}">{bars}</svg>'
    )
    html = (
        f'<figure class="strip"><figcaption>{escape(title)}</figcaption>'
        f'<div class="bars">{lines}{picture}</div><div class="years">{_years(profile)}</div></figure>'
    )
    return Display(html, f"[{title}] {alt}")


def _scale(most: float) -> tuple[float, float]:
    """The step between the lines of the scale, of which there are two to four, and the uppermost of them."""
    if most <= 0:
        return 1.0, 1.0
    power = 10.0 ** math.floor(math.log10(most / 4))
    step = next(power * size for size in STEPS if most / (power * size) <= 4)
    return step, step * math.ceil(most / step)


def _bars(profile: Profile, top: float) -> list[tuple[float, str]]:
    """Of each month its height in per cent (0 where more came back than was sold), and what it is."""
    locale = current().locale
    said = N_("{month}: {amount:money}")
    return [
        (
            100 * max(amount, 0.0) / top,
            locale.say(said, month=locale.month(date.fromisoformat(end)), amount=amount),
        )
        for end, amount in profile.months.items()
    ]


def _years(profile: Profile) -> str:
    """The sum of each whole 12 months below its bars."""
    locale, months = current().locale, profile.months
    first = len(months) % YEAR
    spans = [f'<span style="flex:{first}"></span>'] if first else []
    for place in range(first, len(months), YEAR):
        own = months.iloc[place : place + YEAR]
        ends = [date.fromisoformat(own.index[side]) for side in (0, -1)]
        text = locale.say(
            N_("{start} to {end}: {amount:money}"),
            start=locale.month(ends[0]),
            end=locale.month(ends[1]),
            amount=own.sum(),
        )
        spans.append(f'<span style="flex:{YEAR}">{escape(text)}</span>')
    return "".join(spans)
