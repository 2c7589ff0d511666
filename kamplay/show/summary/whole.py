"""The report in one sentence: revenue and what moved it, the year ahead against the target, who holds
the risk.
"""

from __future__ import annotations

from datetime import date

from kamplay.method.health.step import Health
from kamplay.method.results import Finding
from kamplay.method.value.clv import CORRECTED
from kamplay.method.value.step import Value, again, proven
from kamplay.show.locale import N_
from kamplay.show.value.clv import AS_MISSED, MOVED
from kamplay.show.view import View

HELD = 0.01  # a change of revenue below one per cent is none
PAST = {
    "held": N_("Revenue held at {now:money}{apart}{peak}: {moves}."),
    "rose": N_("Revenue rose by {change:pct} to {now:money}{apart}{peak}: {moves}."),
    "fell": N_("Revenue fell by {change:pct} to {now:money}{apart}: {moves}."),
    "small_base": N_(
        "Revenue came to {now:money}; the year before, {before:money}, is too small a base to compare with: "
        "{moves}."
    ),
    "alone": N_("Revenue of the last 12 months came to {now:money}."),
}
# of a year that did not fall against the one before: how far it is from the best of three
BELOW_PEAK = N_(", still {below:pct} below the {best:money} of two years before")
# of the same change, where categories hold charges and these moved much
APART = N_(" (goods {goods:change}, charges and adjustments {charges})")
# the bridge's bars, each by its own name
CAME = {
    "expanded": N_("accounts that bought more"),
    "won_back": N_("accounts won back"),
    "new": N_("new accounts"),
}
WENT = {"lost": N_("accounts that left"), "contracted": N_("accounts that bought less")}
ADDED, TOOK = N_("{who} added {amount:money}"), N_("{who} took {amount:money}")
TOLD = 0.001  # of the revenue: less than that is no part of the headline
OTHERS = {True: N_("other: +{amount:money}"), False: N_("other: −{amount:money}")}
WHO = {True: N_("Today's accounts and deals"), False: N_("Today's accounts")}  # with open deals or without
AHEAD = {
    "short": N_(
        "{who} should bring {middle:money} ({low:money} to {high:money}{tested}) in the next 12 "
        "months, {gap:money} short of the target."
    ),
    "short_signs": N_(
        "{who} should bring {middle:money} ({low:money} to {high:money}{tested}) in the next 12 "
        "months, {gap:money} short of the target: budget on {middle:money}. The cautious case, with the "
        "warning signs weighed in, is {left:money}, {weighed:money} short."
    ),
    "over": N_(
        "{who} should bring {middle:money} ({low:money} to {high:money}{tested}) in the next 12 "
        "months, {gap:money} above the target."
    ),
    "no_target": N_(
        "{who} should bring {middle:money} ({low:money} to {high:money}{tested}) in the next 12 months."
    ),
    "far_off": N_(
        "The model says {middle:money} ({low:money} to {high:money}) for the next 12 months, which is not "
        "for the budget: tested on the last 12 months it was {missed}."
    ),
    "beaten": N_(
        "No forecast is clearly better here than repeating the last 12 months, in which accounts with more "
        "than one purchase brought {again:money}. Of these the model says {middle:money} ({low:money} to "
        "{high:money}) for the next 12; tested on the last 12 it was {missed}, and repeating the year before "
        "{last_missed}."
    ),
    "beaten_short": N_(
        "No forecast is clearly better here than repeating the last 12 months, in which accounts with more "
        "than one purchase brought {again:money} (repeating the year before was {last_missed}); for "
        "these accounts the model says {middle:money} ({low:money} to {high:money})."
    ),
}
TESTED = {True: N_("; tested {off:pct} too high"), False: N_("; tested {off:pct} too low")}
MISSED = {True: N_("{off:pct} too high"), False: N_("{off:pct} too low")}
UNTESTED = N_("; not tested yet")
RISK = {
    "list": N_("See {count:n} accounts first, led by {first}: {at_risk:money} of the expected loss{passed}."),
    "one": N_("See {first} first: {at_risk:money} of the expected loss{passed}."),
    "list_only": N_("See {count:n} accounts first, led by {first}{passed}."),
    "one_only": N_("See {first} first{passed}."),
}
OLD = 1 / 3  # of the horizon: from then on it is told how much of it has passed
PASSED = {
    False: N_("{gone:n} days of the {horizon:n}-day forecast period have passed"),
    True: N_("the {horizon:n}-day forecast period is over"),
}


def whole(value: Value, health: Health, view: View, issued: date | None = None) -> tuple[str, ...]:
    """Its parts: what came, what will come, whom to see; what the data do not tell is left out, and how the
    year ahead was tested, which the tile tells. ``issued``: the day of issue.
    """
    parts = (past(value, view), ahead(value, health, view, short=True), _risk(health, view, issued))
    return tuple(part for part in parts if part)


def passed(horizon: int, view: View, issued: date | None) -> str:
    """How much of the horizon of the expected loss has passed on the day of issue, where that is OLD or more
    of it; else "".
    """
    gone = 0 if issued is None or view.as_of is None else (issued - view.as_of).days
    if gone < OLD * horizon:
        return ""
    return view.locale.say(PASSED[gone >= horizon], gone=gone, horizon=horizon)


def past(value: Value, view: View) -> str:
    """What the revenue came to, and what moved it: every bar of the bridge by its name, each in one sum."""
    now, retention = value.key_figures["revenue"], value.retention
    if retention.nrr is None or retention.bridge.empty:
        return view.locale.say(PAST["alone"], now=now)
    amounts = retention.bridge.set_index("item")["amount"]
    before = float(amounts["before"])
    if before <= 0:
        return view.locale.say(PAST["alone"], now=now)
    change = now / before - 1
    form = "held" if abs(change) < HELD else "rose" if change > 0 else "fell"
    form = "small_base" if retention.small_base else form
    told = {"now": now, "before": before, "change": abs(change), "peak": _peak(value, view)}
    told["apart"] = _apart(before, now, value, view)
    return view.locale.say(PAST[form], moves=_moves(amounts.to_dict(), view, change), **told)


def _apart(before: float, now: float, value: Value, view: View) -> str:
    """How goods moved and how charges did, where these moved much; else ""."""
    charges, locale = value.retention.charges, view.locale
    if charges is None or before - charges.before <= 0:
        return ""
    goods, moved = (now - charges.now) / (before - charges.before) - 1, charges.now - charges.before
    return locale.say(APART, goods=goods, charges=("+" if moved > 0 else "") + locale.money(moved))


def _peak(value: Value, view: View) -> str:
    """How far the year is below that of two years before, where that is told as a finding and was the best;
    else "".
    """
    found = value.finding("below_peak")
    if found is None or found.figures["before_last"] <= found.figures["last"]:
        return ""
    figures = found.figures
    return view.locale.say(BELOW_PEAK, below=-figures["change"], best=figures["before_last"])


def _moves(amounts: dict[str, float], view: View, change: float) -> str:
    """What came and what went, the side that decided the year first, and all others where they count."""
    locale, parts = view.locale, []
    for text, names in ((ADDED, CAME), (TOOK, WENT))[:: 1 if change > 0 else -1]:
        bars = [name for name in names if amounts.get(name)]
        if bars:
            who = locale.listed([locale.text(names[name]) for name in bars])
            parts.append(locale.say(text, who=who, amount=abs(sum(amounts[name] for name in bars))))
    other = amounts.get("other", 0.0)
    if other and abs(other) >= TOLD * amounts["now"]:
        parts.append(locale.say(OTHERS[other > 0], amount=abs(other)))
    return locale.text(N_("; ")).join(parts)


def missed(off: float | None, view: View) -> str:
    """How far a test was off, and on which side."""
    return "" if off is None else view.locale.say(MISSED[off >= 0], off=abs(off))


def corrected(value: Value, view: View) -> str:
    """By how much the forecast was raised or lowered for past misses; "" where it was not."""
    by = value.customer_value.factor - 1
    if abs(by) < CORRECTED:
        return ""
    return view.locale.say(AS_MISSED, moved=view.locale.say(MOVED[by >= 0], part=abs(by)))


def ahead(value: Value, health: Health, view: View, short: bool = False) -> str:
    """The year ahead against the target; "" where it is not told. ``short``: without how far the test was
    off.
    """
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
    test, repeated = value.revenue_backtest, again(value)
    if repeated is not None and test is not None:
        both = {"missed": missed(test.error, view), "last_missed": missed(test.last_error, view)}
        return view.locale.say(AHEAD["beaten_short" if short else "beaten"], again=repeated, **both, **told)
    if test is not None and not proven(value):
        return view.locale.say(AHEAD["far_off"], missed=missed(test.error, view), **told)
    off = test.error if test is not None and value.customer_value.years_tested else None
    told["tested"] = (
        view.locale.text(UNTESTED)
        if off is None
        else view.locale.say(TESTED[off >= 0], off=abs(off)) + corrected(value, view)
    )
    if short and off is not None:
        told["tested"] = ""
    if forecast.gap is None:
        return view.locale.say(AHEAD["no_target"], **told)
    form, signs = "short" if forecast.gap > 0 else "over", cautious(value, health)
    if signs is not None:
        form, told = (
            "short_signs",
            told | {name: signs.figures[of] for name, of in (("weighed", "gap"), ("left", "left"))},
        )
    return view.locale.say(AHEAD[form], gap=abs(forecast.gap), **told)


def cautious(value: Value, health: Health) -> Finding | None:
    """The year ahead with the warning signs weighed in, where it is told beside a gap to the target."""
    signs, gap = health.finding("outlook_signs_target"), value.forecast.gap
    told = signs is not None and signs.action and gap is not None and gap > 0 and again(value) is None
    return signs if told and (value.revenue_backtest is None or proven(value)) else None


def named_first(health: Health) -> Finding | None:
    """The list of accounts to see first, where the page's first sentence leads with it."""
    found = health.finding("watch_list")
    return found if found is not None and found.accounts and found.figures.get("at_risk") else None


def _risk(health: Health, view: View, issued: date | None) -> str:
    found = named_first(health)
    if found is None:
        return ""
    form = "one" if found.figures["count"] == 1 else "list"
    form += "" if found.figures.get("told", True) else "_only"
    gone = passed(found.figures["horizon"], view, issued)
    said = view.locale.say(N_(" ({passed})"), passed=gone) if gone else ""
    return view.locale.say(RISK[form], first=view.name(found.accounts[0]), passed=said, **found.figures)
