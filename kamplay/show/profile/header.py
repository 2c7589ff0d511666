"""The head of an account plan: who it is, who looks after it, and where it stands."""

from __future__ import annotations

import math
from datetime import date

from kamplay.method.health.priority_list import too_wide
from kamplay.method.profile.step import Profile
from kamplay.show.locale import N_, Locale, missing
from kamplay.show.plan.actions import dated_back
from kamplay.show.profile.blocks import Tile
from kamplay.show.profile.revenue_months import against_year_before
from kamplay.show.texts.vocabulary import BANDS, DRIVERS, GATES
from kamplay.show.view import current

DASH = "–"
SINCE = N_("customer since {day}")
SINCE_BEGIN = N_("customer since {day} or earlier (the data begin then)")
KNOWN = 0.95  # of the health card's weight: from then on it need not be said
WORTH_A_WORD = 1.0  # points of health
COSTLY, LOST = 2, 2.0  # criteria told that cost the score most, and the points from which one does


def facts_line(profile: Profile) -> list[str]:
    """Industry, region, nature, ownership; since when it buys; who looks after it."""
    locale, facts = current().locale, profile.facts
    out = [
        locale.label(str(facts[c]))
        for c in ("industry", "region", "nature", "ownership")
        if not missing(facts[c])
    ]
    if not missing(facts["since"]):
        text = SINCE_BEGIN if facts["since_data_begin"] else SINCE
        out.append(locale.say(text, day=locale.month(facts["since"])))
    if not missing(facts["owner"]):
        out.append(locale.say(N_("owner {owner}"), owner=facts["owner"]))
    days = {name: profile.about[name] for name in ("as_of", "day")}
    as_of, issued = (date.fromisoformat(profile.about[name]) for name in ("as_of", "issued"))
    plain = locale.say(N_("data to {as_of:date}, plan of {day:date}"), **days)
    out.append(dated_back(as_of, issued, locale) or plain)
    return out


def tiles(profile: Profile) -> list[Tile]:
    """Revenue, tier and why, health and why, the chance of stopping, our share, overdue."""
    return [
        _revenue(profile),
        _tier(profile),
        _health(profile),
        _chance(profile),
        _share(profile),
        _owed(profile),
    ]


def _revenue(profile: Profile) -> Tile:
    locale, facts = current().locale, profile.facts
    why = against_year_before(facts)
    if not missing(facts["rank"]):
        rank = locale.say(N_("no. {rank:n} of {of:n}"), rank=facts["rank"], of=facts["buyers"])
        why = " · ".join(filter(None, [why, rank]))
    return Tile(locale.text(N_("Revenue, 12 months")), locale.money(facts["revenue"]), why)


def _tier(profile: Profile) -> Tile:
    """The tier, and in one line why: set by hand, held back by a rule, or the score with the criteria that
    cost it most, as far as the edition knows them.
    """
    locale, facts = current().locale, profile.facts
    label = locale.text(N_("Tier"))
    if missing(facts["tier"]):
        return Tile(label, DASH, locale.text(N_("accounts are not tiered")))
    score, by_score = facts["tier_score"], facts["tier_by_score"]
    scored = "" if missing(score) else locale.say(N_("score {score}"), score=_cut(score, locale))
    if not missing(facts["override"]):
        why = [locale.say(N_("set by hand: {reason}"), reason=facts["override"]), scored]
    elif facts["by_hand"]:
        why = [locale.text(N_("set by hand"))]
    elif facts["held_back"] and not missing(by_score):
        held = N_("a rule holds it back ({gate}); by its score of {score} it would be {tier}")
        gate = _gate(facts["gate"], locale)
        why = [locale.say(held, gate=gate, score=_cut(score, locale), tier=by_score)]
    elif not missing(facts["gate"]):
        why = [_gate(facts["gate"], locale), scored]
    elif facts["held_back"]:
        held = N_("a rule of the scorecard holds it below its score; which one, the internal edition says")
        why = [locale.text(held)]
    else:
        start = facts["tier_from"]
        from_ = (
            locale.say(N_("{tier} from {start}"), tier=facts["tier"], start=locale.count(start))
            if scored and not missing(start) and start > 0
            else ""
        )
        why = [
            locale.say(N_("{score} ({start})"), score=scored, start=from_) if from_ else scored,
            _costs_most(profile),
        ]
    return Tile(label, str(facts["tier"]), locale.text(N_("; ")).join(filter(None, why)))


def _gate(key: str, locale: Locale) -> str:
    """A rule in words; one of the preset's own goes by its key."""
    return locale.text(GATES[key]) if key in GATES else key


def _cut(score: float, locale: Locale) -> str:
    """A score as it is compared with where tiers begin: 69.97 is not 70."""
    return locale.number(math.floor(score * 10 + 1e-9) / 10, 1)


def _costs_most(profile: Profile) -> str:
    """The criteria that cost the score most, by their weight, with their points; "" where it has them all."""
    locale = current().locale
    lost = sorted(profile.criteria, key=lambda one: one.weight * (one.points - 100))
    costly = [one for one in lost if one.weight * (100 - one.points) >= LOST][:COSTLY]
    said = [
        locale.say(
            N_("{criterion} ({points:n} of 100)"),
            criterion=getattr(one, locale.language),
            points=math.floor(one.points),
        )
        for one in costly
    ]
    listed = locale.text(N_(", ")).join(said)
    return locale.say(N_("points lost mainly on {criteria}"), criteria=listed) if said else ""


GREEN_IN_DANGER = N_("{band}; in danger all the same, by its chance of stopping")


def _health(profile: Profile) -> Tile:
    locale, facts = current().locale, profile.facts
    label = locale.text(N_("Health, of 100"))
    if missing(facts["health"]):
        return Tile(label, DASH, locale.text(N_("not scored")))
    value = locale.number(facts["health"], 1)
    costly = profile.drivers.where(lambda row: row.points >= WORTH_A_WORD)
    worst = [locale.text(DRIVERS[row.code]) for row in costly[:2]]
    why = locale.text(BANDS[facts["health_band"]])
    if not missing(facts["coverage"]) and facts["coverage"] < KNOWN:
        part = N_("{band}, by {coverage:pct} of the card's weight")
        why = locale.say(part, band=why, coverage=facts["coverage"])
    if facts["danger"] and facts["health_band"] == "green":
        why = locale.say(GREEN_IN_DANGER, band=why)
    if worst:
        costs = locale.text(N_(", ")).join(worst)
        why = locale.say(N_("{band}; points lost: {costs}"), band=why, costs=costs)
    return Tile(label, value, why, str(facts["health_band"]))


def _chance(profile: Profile) -> Tile:
    locale, facts = current().locale, profile.facts
    label = locale.say(N_("Chance of stopping, {horizon:n} days"), horizon=profile.about["horizon"])
    if missing(facts["churn_probability"]):
        silent = not missing(facts["revenue"]) and facts["revenue"] <= 0  # it has stopped, or only returned
        why = N_("nothing bought in the 12 months") if silent else N_("not proven on this data")
        return Tile(label, DASH, locale.text(why))
    if facts["verdict"] == "stopped":  # lost already, in no expected loss
        gone = locale.text(N_("has stopped; not counted in the expected loss"))
        return Tile(label, DASH, gone)
    ends = {"low": facts["churn_low"], "high": facts["churn_high"], "loss": facts["revenue_at_risk"]}
    if too_wide(ends["low"], ends["high"]):
        told = any(row.risk == "sign" for row in profile.risks)  # there is one to go by
        if not told:
            said = N_("too wide to rank on; expected loss {loss:money}")
        else:
            said = N_("too wide to rank on, go by the signs; expected loss {loss:money}")
        if missing(ends["loss"]):
            plain = N_("too wide to rank on"), N_("too wide to rank on, go by the signs")
            said = plain[told]
        return Tile(label, locale.say(N_("{low:pct} to {high:pct}"), **ends), locale.say(said, **ends))
    said = (
        N_("{low:pct} to {high:pct}; expected loss {loss:money}")
        if facts["revenue_at_risk"] > 0
        else N_("{low:pct} to {high:pct}; no more than its own rhythm explains")
    )
    if missing(ends["loss"]):  # no amounts of it are told
        said = N_("{low:pct} to {high:pct}")
    return Tile(label, locale.percent(facts["churn_probability"]), locale.say(said, **ends))


def _share(profile: Profile) -> Tile:
    locale, facts = current().locale, profile.facts
    label = locale.text(N_("Our share"))
    if missing(facts["wallet_share"]):
        return Tile(label, DASH, locale.text(N_("what it buys elsewhere is not known")))
    why = locale.say(
        N_("of {spend:money} a year; {room:money} not ours"), spend=facts["spend"], room=facts["headroom"]
    )
    return Tile(label, locale.percent(facts["wallet_share"]), why)


def _owed(profile: Profile) -> Tile:
    locale, facts = current().locale, profile.facts
    label = locale.text(N_("Overdue"))
    if missing(facts["overdue"]):
        return Tile(label, DASH, locale.text(N_("no bills on file")))
    if not facts["overdue"] > 0:
        return Tile(
            label, locale.text(N_("nothing")), locale.say(N_("{open:money} open"), open=facts["open"])
        )
    why = locale.say(
        N_("of {open:money} open, the oldest {days:n} days"), open=facts["open"], days=facts["oldest"]
    )
    return Tile(label, locale.money(facts["overdue"]), why)
