"""The report in one sentence: revenue and what moved it, the year ahead against the target, who holds
the risk.
"""

from __future__ import annotations

from kamplay.method.health.step import Health
from kamplay.method.value.retention import Retention
from kamplay.method.value.step import Value
from kamplay.show.locale import N_
from kamplay.show.view import View

HELD = 0.01  # a change of revenue below one per cent is none
PAST = {
    "held": N_(
        "Revenue held at {now:money}: {lost:money} went with accounts that left or shrank, {won:money} "
        "came from "
        "growth and new ones."
    ),
    "rose": N_(
        "Revenue rose by {change:pct} to {now:money}: {won:money} came from growth and new accounts, "
        "{lost:money} "
        "went with those that left or shrank."
    ),
    "fell": N_(
        "Revenue fell by {change:pct} to {now:money}: {lost:money} went with accounts that left or shrank, "
        "{won:money} came from growth and new ones."
    ),
    "alone": N_("Revenue of the last 12 months came to {now:money}."),
}
WHO = {True: N_("Today's accounts and deals"), False: N_("Today's accounts")}  # with open deals or without
AHEAD = {
    "short": N_(
        "{who} should bring {middle:money} ({low:money} to {high:money}) in the next 12 "
        "months, {gap:money} short of the target."
    ),
    "short_signs": N_(
        "{who} should bring {middle:money} ({low:money} to {high:money}) in the next 12 "
        "months, {gap:money} short of the target, and {weighed:money} short with the warning signs "
        "weighed in."
    ),
    "over": N_(
        "{who} should bring {middle:money} ({low:money} to {high:money}) in the next 12 "
        "months, {gap:money} above the target."
    ),
    "no_target": N_("{who} should bring {middle:money} ({low:money} to {high:money}) in the next 12 months."),
}
RISK = {
    "list": N_("{at_risk:money} of the expected loss lies with {count:n} accounts, {first} first."),
    "one": N_("{at_risk:money} of the expected loss lies with {first}."),
}


def whole(value: Value, health: Health, view: View) -> str:
    """The sentence; what the data do not tell is left out of it."""
    return view.locale.sentences(past(value, view), ahead(value, health, view), _risk(health, view))


def moved(retention: Retention) -> dict[str, float] | None:
    """The amounts between the year before and this year, each positive: ``lost`` (left or shrank) and ``won``
    (grew, new, won back); None with less than two years.
    """
    if retention.nrr is None or retention.bridge.empty:
        return None
    steps = retention.bridge.set_index("item")["amount"].drop(["before", "now"])
    return {"lost": float(-steps[steps < 0].sum()), "won": float(steps[steps > 0].sum())}


def past(value: Value, view: View) -> str:
    """What the revenue came to, and what moved it."""
    now, amounts = value.key_figures["revenue"], moved(value.retention)
    if amounts is None:
        return view.locale.say(PAST["alone"], now=now)
    before = float(value.retention.bridge.set_index("item")["amount"]["before"])
    if before <= 0:
        return view.locale.say(PAST["alone"], now=now)
    change = now / before - 1
    form = "held" if abs(change) < HELD else "rose" if change > 0 else "fell"
    return view.locale.say(PAST[form], now=now, change=abs(change), **amounts)


def ahead(value: Value, health: Health, view: View) -> str:
    """The year ahead against the target; "" where it is not told."""
    forecast = value.forecast
    if forecast.expected is None:
        return ""
    who = view.locale.text(WHO[bool(forecast.open_deals)])
    told: dict[str, object] = {
        "middle": forecast.total,
        "low": forecast.low,
        "high": forecast.high,
        "who": who,
    }
    if forecast.gap is None:
        return view.locale.say(AHEAD["no_target"], **told)
    form, signs = "short" if forecast.gap > 0 else "over", health.finding("outlook_signs_target")
    if signs is not None and forecast.gap > 0:
        form, told = "short_signs", told | {"weighed": signs.figures["gap"]}
    return view.locale.say(AHEAD[form], gap=abs(forecast.gap), **told)


def _risk(health: Health, view: View) -> str:
    found = health.finding("watch_list")
    if found is None or not found.accounts or not found.figures.get("at_risk"):
        return ""
    form = "one" if found.figures["count"] == 1 else "list"
    return view.locale.say(RISK[form], first=view.name(found.accounts[0]), **found.figures)
