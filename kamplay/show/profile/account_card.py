"""The account card of a page: what matters of one account on one screen, its figures, three years of revenue
as a small drawing, and what is next.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from html import escape

import pandas as pd

from kamplay.method.health.priority_list import IN_DANGER, too_wide
from kamplay.method.profile.step import Profile
from kamplay.method.value.clv import WHOLE_YEAR
from kamplay.show.display import template
from kamplay.show.health.early_warning import strong_cases
from kamplay.show.links import account_anchor, marked, owner_anchor
from kamplay.show.locale import HAN, N_, Locale, missing
from kamplay.show.plan.visit_sheet import deal_line
from kamplay.show.profile.actions import actions_block
from kamplay.show.profile.blocks import Block, shortened
from kamplay.show.profile.decision_chain import chain_block
from kamplay.show.profile.header import facts_line, tiles
from kamplay.show.profile.revenue_months import message
from kamplay.show.profile.risks import risks_block
from kamplay.show.profile.service import service_block
from kamplay.show.profile.share import rivals_block, share_block
from kamplay.show.texts.vocabulary import SIGN_CASES, SIGN_NAMES
from kamplay.show.view import current

YEAR = 12
STEP, BAR = 20, 14  # from month to month, and the width of a bar
TOP, TALLEST, BELOW = 26, 110, 24  # room for the figure on the tallest bar, for the bars, for the years
FEW_ORDERS = 10  # of which a tenth more or less is told, so that orders times amount is the sum
# by the model that the account's forecast follows
RESTS_ON = {
    "reorder": N_(
        "It follows the account's own rhythm and the amounts of its {so_far:n} {so_far:plural|order|orders} "
        "so far."
    ),
    "bgnbd": N_(
        "The account buys to no steady rhythm: after its {so_far:n} {so_far:plural|order|orders} so far, how "
        "often and for how much is drawn towards all accounts."
    ),
    "last_year": N_("It is what the account brought in the last 12 months."),
}
FALLS = 0.1  # of the last 12 months: a forecast that lies so far below them is told with its reason
LIKELY = 0.5  # a chance of stopping from which a forecast without it needs a word
OFTEN_GAP = 31  # days between orders: who orders more seldom does not buy often
OFTEN = N_(
    "It is below the last 12 months, as for most that buy often: in the year tested {expected:money} was "
    "expected of {count:n} of them and {actual:money} came, after {last:money} the year before."
)
YOUNG = N_("It has bought for less than a year: the season of these months stands for the whole year.")
SHORT = N_(
    "It has bought since {first:date} only, {so_far:n} {so_far:plural|order|orders} for {revenue:money}: too "
    "short to tell what a year brings. Kept up for 12 months, the pace of these orders would make "
    "{expected:money} ({low:money} to {high:money})."
)
FAR_ABOVE = 2  # times the last 12 months: a forecast beyond it is told as such
MOST_DEALS = 4
POINT = 0.01  # of a chance, to which its parts are told
APART = 3  # months between two labels of the axis, lest they meet


# of ``chance_steps``, beside the warning signs
PARTS = {
    "rhythm": N_("timing of its orders"),
    "volume": N_("number and size of its orders"),
    "rest": N_("all else"),
}
AVERAGE = N_("nothing else moves it")


def account_card(profile: Profile, bar: str = "", beside: str = "") -> str:
    """The card as one ``article`` with the anchor of its account, everything from the client escaped.

    Parameters
    ----------
    profile : of the unit, as the edition tells it.
    bar : HTML above the name: the way back.
    beside : what is said beside the account's actions.
    """
    view, says = current(), message(profile)
    return template("account_card.html.j2").render(
        anchor=account_anchor(profile.unit_id),
        bar=bar,
        name=view.name(profile.unit_id),
        recorded=_recorded(profile.unit_id),
        foreign=view.locale.language != "zh" and re.search(HAN, view.name(profile.unit_id)),
        about=_about(profile),
        alike=_alike(profile.unit_id),
        tiles=tiles(profile),
        says=says,
        drawing=months_svg(profile.months, says),
        blocks=[block for block in _blocks(profile, beside) if not block.empty],
    )


def _alike(unit: str) -> str:
    """That the account may be one with another, where only spaces, width or case tell them apart."""
    view = current()
    others = sorted(view.alike.get(unit, ()))
    text = N_(
        "It differs from {others} in spaces, width or case alone and counts as another customer: check "
        "whether they are one."
    )
    named = view.locale.words([f"“{other}”" for other in others])
    return view.locale.say(text, others=named) if others else ""


def _recorded(unit: str) -> str:
    """The name as recorded, where another is shown."""
    view = current()
    own = view.recorded.get(unit, "")
    return "" if own in (view.name(unit), unit) else own


def _blocks(profile: Profile, beside: str) -> list[Block]:
    todo = actions_block(profile)
    return [
        replace(todo, lines=[*todo.lines, beside]) if beside else todo,
        risks_block(profile),
        _chance(profile),
        _forecast(profile),
        share_block(profile),
        rivals_block(profile),
        service_block(profile),
        _deals(profile),
        *([chain_block(profile)] if len(profile.people) else []),
    ]


def _chance(profile: Profile) -> Block:
    """From the chance of the mean account to that of this one, reason by reason; what is told of the reasons
    adds up to what is told of the chances.
    """
    locale, steps = current().locale, profile.chances
    chance = profile.facts["churn_probability"]
    if not steps or missing(chance) or profile.facts["verdict"] == "stopped":  # which has no chance of it
        return Block("chance", "")
    by: dict[str, float] = defaultdict(float)
    for row in steps:
        by[row.part] += row.by
    start = by["start"]
    first, last = _told(start, locale), _told(chance, locale)
    digits = 0 if first.is_integer() and last.is_integer() else 1
    reasons = {part: share for part, share in by.items() if part not in ("start", "rest")}
    points = {part: round(100 * share, digits) for part, share in reasons.items() if abs(share) >= POINT / 2}
    rest = round(last - first - sum(points.values()), digits)
    if rest:
        points["rest"] = rest
    told = [
        locale.say(
            N_("{part} {points} points"),
            part=locale.text(SIGN_NAMES.get(part) or PARTS[part]),
            points=("+" if value > 0 else "") + locale.number(value, digits),
        )
        for part, value in points.items()
    ]
    low, high = profile.facts["churn_low"], profile.facts["churn_high"]
    said = N_(
        "{start:pct} at an average account; {moves}; that makes {chance:pct} ({low:pct} to {high:pct})."
    )
    if missing(low):
        said = N_("{start:pct} at an average account; {moves}; that makes {chance:pct}.")
    elif too_wide(low, high):  # nor parts that add up to one
        said = N_(
            "Between {low:pct} and {high:pct}, too wide for one figure; {start:pct} at an average account, "
            "{moves}."
        )
        told = _directions(reasons, locale)
    line = locale.say(
        said,
        start=start,
        moves=locale.text(N_(", ")).join(told or [locale.text(AVERAGE)]),
        chance=chance,
        low=low,
        high=high,
    )
    return Block(
        "chance",
        locale.text(N_("How the chance of stopping comes about")),
        lines=[
            line,
            *_record(profile, [part for part, share in reasons.items() if share > 0]),
            *_season(profile),
            *(_off(profile) if chance >= IN_DANGER else []),
        ],
    )


SEASON = N_(
    "Tested in another season ({tested_from:date} to {tested_to:date}). A year before, {share:pct} of the "
    "{count:n} accounts as large as its level placed no order from {then_from:date} to {then_to:date}."
)
SEASON_ALL = N_(
    "Tested in another season ({tested_from:date} to {tested_to:date}). A year before, {share:pct} of "
    "{count:n} active accounts placed no order from {then_from:date} to {then_to:date}."
)


def _season(profile: Profile) -> list[str]:
    """That the chance was tested in another season, and how many accounts of that size bought nothing in its
    own a year before; else nothing.
    """
    season = profile.about.get("season")
    if not season or not season["levels"]:
        return []
    own = season["levels"].get(profile.facts["level"])
    return [current().locale.say(SEASON if own else SEASON_ALL, **season, **(own or season["levels"][""]))]


OFF = {  # whether too high, whether tested on the same season a year before
    (True, False): N_(
        "When tested on the last such period, chances were too high, by {points:n} points on average."
    ),
    (False, False): N_(
        "When tested on the last such period, chances were too low, by {points:n} points on average."
    ),
    (True, True): N_("Tested on that season, chances were too high, by {points:n} points on average."),
    (False, True): N_("Tested on that season, chances were too low, by {points:n} points on average."),
}


def _off(profile: Profile) -> list[str]:
    """That such chances were all too high or all too low when tested, by so many points; else nothing."""
    points = profile.about.get("chance_off")
    if not points:
        return []
    return [current().locale.say(OFF[points > 0, bool(profile.about.get("season"))], points=abs(points))]


def _directions(reasons: dict[str, float], locale: Locale) -> list[str]:
    """What raises a chance and what lowers it, the most first, without figures."""
    order = sorted(
        (part for part in reasons if abs(reasons[part]) >= POINT / 2), key=lambda p: -abs(reasons[p])
    )
    told = []
    for text, raises in ((N_("raised by {parts}"), True), (N_("lowered by {parts}"), False)):
        parts = [
            locale.text(SIGN_NAMES.get(part) or PARTS[part])
            for part in order
            if (reasons[part] > 0) == raises
        ]
        if parts:
            told.append(locale.say(text, parts=locale.listed(parts)))
    return told


def _record(profile: Profile, signs: list[str]) -> list[str]:
    """What the chance is of, and what became of past accounts with the account's ``signs`` as strong; where
    the chance is not weighed by signs, how often each of them was right.
    """
    locale, known = current().locale, profile.about["sign_record"]
    strong = {row.sign: ((row.cases, row.share),) * 2 for row in profile.cases if row.sign in signs}
    if strong:
        text = N_(
            "The chance is that it buys nothing in the next {horizon:n} days. Of past accounts with a sign "
            "as strong, while it stood so: {told}."
        )
        told = locale.text(N_("; ")).join(strong_cases(strong, locale))
        return [locale.say(text, horizon=profile.about["horizon"], told=told)]
    cases = [
        locale.say(SIGN_CASES, sign=locale.text(SIGN_NAMES[sign]), **known[sign])
        for sign in signs
        if sign in known
    ]
    if not cases:
        return []
    text = N_(
        "The chance is that it buys nothing in the next {horizon:n} days. Record of its signs, weak and "
        "strong cases alike: {told}."
    )
    told = locale.text(N_("; ")).join(cases)
    return [locale.say(text, horizon=profile.about["horizon"], told=told)]


def _told(chance: float, locale: Locale) -> float:
    """The percentage as it is written; "<0.1%" is as good as none, ">99.9%" as all."""
    text = locale.percent(chance)
    return 0.0 if text.startswith("<") else 100.0 if text.startswith(">") else float(text.rstrip("%"))


def _forecast(profile: Profile) -> Block:
    """What the next 12 months should bring, what that rests on, and that it is far above the last 12."""
    locale, facts = current().locale, profile.facts
    expected, orders = facts["expected_12m"], facts["orders_12m"]
    if missing(expected) or missing(orders) or round(orders) < 1:
        return Block("forecast", "")
    many = N_(
        "The model says {expected:money} for the next 12 months ({low:money} to {high:money}): about "
        "{orders:n} {told:plural|order|orders} of {each:money} on average."
    )
    few = N_(
        "The model says {expected:money} for the next 12 months ({low:money} to {high:money}): about "
        "{orders:n1} {told:plural|order|orders} of {each:money} on average."
    )
    exact = orders < FEW_ORDERS
    line = locale.say(
        few if exact else many,
        expected=expected,
        low=facts["expected_low"],
        high=facts["expected_high"],
        orders=orders,
        told=round(orders, 1 if exact else 0),
        each=expected / orders,
    )
    often, as_of = profile.about.get("often"), pd.Timestamp(profile.about["as_of"])
    young = facts["first_order"] > as_of - pd.DateOffset(months=WHOLE_YEAR)
    far_above = expected > FAR_ABOVE * facts["revenue"]
    if young and far_above:
        sums = {"expected": expected, "low": facts["expected_low"], "high": facts["expected_high"]}
        sums |= {"so_far": facts["orders_so_far"], "first": facts["first_order"], "revenue": facts["revenue"]}
        lines = [locale.say(SHORT, **sums)]
    else:
        lines = [line, *_rests_on(profile)]
    chance = facts["churn_probability"]
    if not missing(chance) and chance >= LIKELY and facts["verdict"] != "stopped":
        lines.append(_signs_not_counted(profile))
    buys_often = not young and not missing(facts["gap_days"]) and facts["gap_days"] <= OFTEN_GAP
    below = expected < (1 - FALLS) * facts["revenue"]
    if often and below and buys_often and facts["orders_so_far"] >= often["least"]:
        lines.append(locale.say(OFTEN, **often))
    if young and not far_above:
        lines.append(locale.text(YOUNG))
    if far_above and not young:
        far = N_(
            "That is more than twice the {revenue:money} of the last 12 months: check it before you plan "
            "with it."
        )
        lines.append(locale.say(far, revenue=facts["revenue"]))
    return Block("forecast", locale.text(N_("What the forecast rests on")), lines=lines)


def _signs_not_counted(profile: Profile) -> str:
    """That the forecast does not count the signs of leaving; where the orders go on, what the chance would be
    by them, and which signs make it what it is.
    """
    locale, chance = current().locale, profile.facts["churn_probability"]
    raised = [row.part for row in profile.chances if row.part in SIGN_NAMES and row.by > 0]
    without = profile.facts["chance_by_orders"]
    wide = not missing(profile.facts["churn_low"]) and too_wide(
        profile.facts["churn_low"], profile.facts["churn_high"]
    )
    if wide or not raised or "order_rhythm" in raised or missing(without) or without >= IN_DANGER:
        return locale.text(N_("It goes by purchase dates and does not count the signs of leaving."))
    signs = locale.listed([locale.text(SIGN_NAMES[sign]) for sign in raised])
    said = N_(
        "It goes by purchase dates, which go on as before: by them alone the chance of stopping is "
        "{without:pct}. What raises it to {chance:pct}, {signs}, it does not count."
    )
    return locale.say(said, without=without, chance=chance, signs=signs)


def _rests_on(profile: Profile) -> list[str]:
    """By which model the forecast is made, and that none is proven."""
    locale, facts, lines = current().locale, profile.facts, []
    if not missing(facts["forecast_by"]) and facts["forecast_by"] in RESTS_ON:
        lines.append(locale.say(RESTS_ON[facts["forecast_by"]], so_far=facts["orders_so_far"]))
    if not profile.about["forecast_proven"]:
        lines.append(
            locale.text(N_("No forecast is proven on these data: it tells who may bring more, not how much."))
        )
    return lines


def _deals(profile: Profile) -> Block:
    locale = current().locale
    lines = [deal_line(row, locale) for row in profile.deals]
    return Block("deals", locale.text(N_("Deals")), lines=shortened(lines, MOST_DEALS, locale))


def _about(profile: Profile) -> str:
    """Who it is, as HTML; the owner's name leads to the owner's page."""
    parts, owner = facts_line(profile), profile.facts["owner"]
    last = None if missing(owner) else parts.pop()
    if profile.unit_id != current().name(profile.unit_id):
        parts.insert(0, profile.unit_id)
    html = [f"<bdi>{escape(part)}</bdi>" for part in parts]
    return " · ".join(
        html
        + ([f"<bdi>{marked(owner_anchor(current().locale.label(str(owner))), last)}</bdi>"] if last else [])
    )


def months_svg(months: pd.Series, told: str) -> str:
    """Revenue by month as bars, the last year strong.

    Parameters
    ----------
    months : net amounts, index the months' last days (ISO), the oldest first.
    told : what a reader is told who does not see it.
    """
    locale, amounts = current().locale, [float(v) for v in months]
    high, low = max([0.0, *amounts]), min([0.0, *amounts])
    if not amounts or high == low:
        return ""
    unit = TALLEST / (high - low)
    zero = TOP + round(high * unit)
    wide, tall = STEP * len(amounts), TOP + TALLEST + BELOW
    paths = [
        "".join(_bar(place, amounts[place], unit, zero) for place in places)
        for places in (range(len(amounts) - YEAR), range(max(0, len(amounts) - YEAR), len(amounts)))
    ]
    best = amounts.index(max(amounts))
    side = "start" if best < 2 else "end" if best > len(amounts) - 3 else "middle"
    at = STEP * best + {"start": 0, "middle": BAR // 2, "end": BAR}[side]
    labels = [
        f'<text x="{at}" y="{zero - round(amounts[best] * unit) - 4}" text-anchor="{side}">'
        f"{escape(locale.money(amounts[best]))}</text>",
        *(
            f'<text x="{STEP * place}" y="{tall - 4}">{escape(text)}</text>'
            for place, text in _dates(list(months.index))
        ),
    ]
    return (
        f'<svg viewBox="0 0 {wide} {tall}" role="img" aria-label="{escape(told)}">'
        f'<path class="then" d="{paths[0]}"/><path class="now" d="{paths[1]}"/>'
        f'<path class="zero" d="M0 {zero}h{wide}"/>{"".join(labels)}</svg>'
    )


def _bar(place: int, amount: float, unit: float, zero: int) -> str:
    height = round(amount * unit)
    return f"M{STEP * place} {zero}v{-height}h{BAR}v{height}z" if height else ""


def _dates(days: list[str]) -> list[tuple[int, str]]:
    """The labels of the axis by the place of their month: each year at its January, and the first month."""
    years = [(place, day[:4]) for place, day in enumerate(days) if day[5:7] == "01"]
    if not years or years[0][0] >= APART:
        years.insert(0, (0, current().locale.month(pd.Timestamp(days[0]))))
    return [(place, text) for place, text in years if place <= len(days) - APART]
