"""The four figures of the first screen: each with its change and with how far it can be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from kamplay.method.check.step import Check
from kamplay.method.health.step import Health
from kamplay.method.value.step import Value, proven
from kamplay.show.locale import N_
from kamplay.show.summary.whole import cautious, corrected, named_first, passed
from kamplay.show.view import View


@dataclass(frozen=True)
class Tile:
    """``change``: against the year before, or the range; ``trust``: how far the figure can be trusted."""

    label: str
    value: str
    change: str
    trust: str


def tiles(check: Check, value: Value, health: Health, view: View, issued: date | None = None) -> list[Tile]:
    """Revenue, what was kept, the year ahead, the loss to be expected; what cannot be told is left out.
    ``issued``: the day of issue.
    """
    made = [
        _revenue(check, value, view),
        _kept(value, view),
        _ahead(value, health, view),
        _risk(value, health, view, issued),
    ]
    return [tile for tile in made if tile]


def _end(view: View, ahead: Any) -> date | None:
    """The day to which a figure looks ahead."""
    return None if view.as_of is None else (pd.Timestamp(view.as_of) + ahead).date()


def _revenue(check: Check, value: Value, view: View) -> Tile:
    locale, known = view.locale, value.finding("movement")
    change = locale.text(N_("no year before to compare with"))
    if known and known.figures.get("growth") is not None:
        by = N_("{growth:change} on the year before")
        if known.figures.get("small_base"):
            by = N_("year before: {before:money}, too small to compare with")
        change = locale.say(by, **known.figures)
    single = value.finding("future_single")
    if single and known and known.figures.get("growth") is not None and single.accounts:
        now, largest = value.key_figures["revenue"], single.figures["largest"]
        if largest >= LARGE_ORDER * now:  # one order, which may not come again, makes the year
            without = (1 + known.figures["growth"]) * (now - largest) / now - 1
            one = N_("{change}; {without:change} without the one order of {first}, {largest:money}")
            first = view.name(single.accounts[0])
            change = locale.say(one, change=change, without=without, first=first, largest=largest)
    trust = N_("no control total supplied to compare with")
    for kind, said in AGAINST_TOTAL.items():
        if found := check.finding(kind):
            trust = locale.say(said, **found.figures)
    return Tile(
        locale.text(N_("Revenue, 12 months")),
        locale.money(value.key_figures["revenue"]),
        change,
        locale.text(trust),
    )


AGAINST_TOTAL = {  # a total was given, of which nobody knows whether a ledger says it
    "reconciled": N_("agrees with the control total supplied ({control_total:money})"),
    "periods_reconciled": N_("agrees with the control totals supplied"),
    "not_reconciled": N_("differs from the control total supplied ({control_total:money})"),
    "periods_not_reconciled": N_("differs from the control totals supplied"),
}
CLEARLY = 0.25  # of the width of the range of a quiet year, beyond it
# by whether the year is below that range, and whether clearly so
BESIDE_NORMAL = {
    True: {
        True: N_(
            "with unchanged buying habits it would be {chance_low:pct} to {chance_high:pct}; {grr:pct} is "
            "clearly below that"
        ),
        False: N_(
            "with unchanged buying habits it would be {chance_low:pct} to {chance_high:pct}; {grr:pct} is "
            "just below that"
        ),
    },
    False: {
        True: N_(
            "with unchanged buying habits it would be {chance_low:pct} to {chance_high:pct}; {grr:pct} is "
            "clearly above that"
        ),
        False: N_(
            "with unchanged buying habits it would be {chance_low:pct} to {chance_high:pct}; {grr:pct} is "
            "just above that"
        ),
    },
}


def _kept(value: Value, view: View) -> Tile | None:
    locale, found = view.locale, value.finding("movement")
    if found is None or value.key_figures["grr"] is None:
        return None
    figures, trust = found.figures, ""
    if figures.get("small_base"):
        trust = locale.text(N_("of so small a year before it says little"))
    elif figures.get("chance_low") is not None:
        kept, low, high = figures["grr"], figures["chance_low"], figures["chance_high"]
        said = N_("with unchanged buying habits it would be {chance_low:pct} to {chance_high:pct}")
        if not low <= kept <= high:
            beyond = max(low - kept, kept - high) / max(high - low, 1e-9)
            said = BESIDE_NORMAL[kept < low][beyond >= CLEARLY]
        trust = locale.say(said, **figures)
    return Tile(
        locale.text(N_("Gross retention (GRR)")),
        locale.percent(value.key_figures["grr"]),
        locale.say(N_("{nrr:pct} with growth of these accounts (NRR)"), nrr=value.key_figures["nrr"]),
        trust,
    )


LAST_TESTED = {
    True: N_("tested on the last 12 months: {off:pct} too high"),
    False: N_("tested on the last 12 months: {off:pct} too low"),
}
ONCE_TESTED = {
    True: N_("in the one year tested, the last 12 months, {off:pct} too high"),
    False: N_("in the one year tested, the last 12 months, {off:pct} too low"),
}


OF_WHOM = {  # whether only of those that bought again, whether with open deals
    (True, True): N_("repeat accounts and deals"),
    (True, False): N_("repeat accounts"),
    (False, True): N_("today's accounts and deals"),
    (False, False): N_("today's accounts"),
}


def _not_in_it(value: Value, view: View) -> str:
    """Which revenue the year ahead does not hold, by what it was in the last one; "" where there was none."""
    single, bridge = value.finding("future_single"), value.retention.bridge
    new = 0.0 if bridge.empty else float(bridge.set_index("item")["amount"].get("new", 0.0))
    if single and new > 0:
        both = N_("not in it: new accounts ({new:money} last year), accounts that bought once ({once:money})")
        return view.locale.say(both, new=new, once=single.figures["last"])
    if single:
        told = N_("without accounts that bought once ({last:money} in the last 12 months)")
        return view.locale.say(told, last=single.figures["last"])
    return view.locale.say(N_("not in it: new accounts ({new:money} last year)"), new=new) if new > 0 else ""


def _ahead(value: Value, health: Health, view: View) -> Tile | None:
    locale, forecast = view.locale, value.forecast
    if forecast.expected is None:
        return None
    trust = list(filter(None, [_not_in_it(value, view)]))
    checked = value.finding("future_checked") or value.finding("future_checked_total")
    if checked and checked.figures.get("off") is not None:
        off = checked.figures["off"]
        said = ONCE_TESTED if value.customer_value.years_tested == 1 else LAST_TESTED
        trust.append(locale.say(said[off >= 0], off=abs(off)) + corrected(value, view))
    signs = health.finding("outlook_signs_target") or health.finding("outlook_signs")
    if signs and signs.figures.get("left") is not None and not cautious(value, health):
        weighed = N_("{left:money} ({left_low:money} to {left_high:money}) with the warning signs weighed in")
        trust.append(locale.say(weighed, **signs.figures))
    repeat = value.finding("future_single") is not None
    who = locale.text(OF_WHOM[repeat, bool(forecast.open_deals)])
    expected = N_("Expected, 12 months to {end:date}: {who}")
    label = expected if proven(value) else N_("Model, not proven, 12 months to {end:date}: {who}")
    return Tile(
        locale.say(label, end=_end(view, pd.DateOffset(years=1)), who=who),
        locale.money(forecast.total),
        locale.say(N_("{low:money} to {high:money}"), low=forecast.low, high=forecast.high),
        locale.text(N_("; ")).join(trust),
    )


LARGE_ORDER = 0.01  # of the year's revenue, from which a single order of an account is worth a word


# what came of the same sum one horizon ago: something, or nothing beyond what the accounts' rhythms explain
OF_THE_SUM = {
    True: N_("on {cutoff:date} {sum_expected:money} was expected, and {sum_came:money} was lost{season}"),
    False: N_(
        "on {cutoff:date} {sum_expected:money} was expected, and then no more accounts stopped than their "
        "own rhythms explain{season}"
    ),
}
TESTED_IN = {  # whether the season of the test brings more than the days ahead
    True: N_("; tested in a stronger season than the days ahead"),
    False: N_("; tested in a weaker season than the days ahead"),
}
NO_AMOUNT = {  # of the expected loss: its test failed, or its range is too wide
    True: N_(
        "the amounts of the expected loss failed their test: this says whom to ask, not how much is at stake"
    ),
    False: N_("the expected loss, {low:money} to {high:money}, is too wide for one figure"),
}


def _risk(value: Value, health: Health, view: View, issued: date | None) -> Tile | None:
    locale, found = view.locale, health.finding("at_risk")
    if found is None:
        red = next(filter(None, (health.finding(k) for k in ("red_accounts", "red_buying", "no_red"))), None)
        if red is None:
            return None
        return Tile(
            locale.text(N_("Accounts in red by health")),
            locale.number(red.figures.get("red", 0)),
            locale.say(N_("of {active:n} accounts with a health score"), active=red.figures.get("active", 0)),
            locale.text(
                N_(
                    "health adds up weighted signs; these data give no chance of stopping that holds when "
                    "tested"
                )
            ),
        )
    figures, trust = found.figures, ""
    if "sum_came" in figures:
        stronger = figures.get("stronger")
        season = "" if stronger is None else locale.text(TESTED_IN[stronger])
        trust = locale.say(OF_THE_SUM[figures["sum_came"] > 0], **figures, season=season)
    elif "accounts" in figures:
        measures = N_("{accounts:n} accounts, beyond what their own rhythm explains")
        trust = locale.say(measures, accounts=figures["accounts"])
    if not named_first(health) and (gone := passed(figures["horizon"], view, issued)):  # else said above
        trust = locale.text(N_("; ")).join(filter(None, [gone, trust]))
    if not figures["told"]:
        return Tile(
            locale.text(N_("Accounts in danger")),
            locale.number(figures["danger"]),
            locale.say(NO_AMOUNT[figures["failed"]], **figures),
            trust,
        )
    return Tile(
        locale.say(
            N_("Expected loss, {days:n} days to {end:date}"),
            days=figures["horizon"],
            end=_end(view, pd.Timedelta(days=figures["horizon"])),
        ),
        locale.money(figures["at_risk"]),
        locale.say(N_("{low:money} to {high:money}"), **figures),
        trust,
    )
