"""What may go wrong at the account, and the sign by which it shows first."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

from kamplay.method.profile.step import Profile
from kamplay.show.health.stakeholders import LAYER_WORDS
from kamplay.show.locale import N_
from kamplay.show.profile.blocks import Block
from kamplay.show.texts.vocabulary import SIGN_EVIDENCE
from kamplay.show.view import current

# days without an order: to look out for, as none may have passed yet; and those that have
IF_SILENT = N_("if no order comes for {silent:n} days, usually one every {gap:n}")
SILENT = N_("no order for {waited:n} days by now, usually one every {gap:n}")
# what was still to come in the data, and is to be looked up on the day of the plan
CHECK = {
    "silent": N_("check now whether it has ordered: usually one order every {gap:n} days"),
    "delivery_order": N_("check now whether order {order}, promised for {promised:date}, has arrived"),
    "payment": N_("check now whether bill {bill} of {amount:money}, due {due:date}, was paid"),
    "payment_plain": N_("check now whether the bill of {amount:money}, due {due:date}, was paid"),
}
ANSWER = 14  # days that a customer has to answer a letter
# the risk, and its early sign
RISKS = {
    "sign": (N_("A sign of leaving since {since:date}: {evidence}"), ""),
    "departed": (N_("{person} has left"), N_("appointments and samples are put off; nobody calls back")),
    "contract_ran_out": (
        N_("Contract {contract} ran out on {end:date}; it buys without one"),
        N_("it asks others for a price, or calls a tender"),
    ),
    "contract_ends": (
        N_("Contract {contract} ends on {end:date}"),
        N_("no answer to our letter by {answer:date}, or a tender is called"),
    ),
    "contract_ended": (
        N_("Contract {contract} ended on {end:date}, after the data"),
        N_("it asks others for a price, or calls a tender"),
    ),
    "contract_notice": (
        N_("Contract {contract} ends on {end:date}; the day of notice, {notice:date}, has passed"),
        N_("it asks others for a price, or calls a tender"),
    ),
    "opponent": (
        N_("{person} ({layer} layer) is against us"),
        N_("our offer is left out of a shortlist or trial"),
    ),
    "opponent_plain": (N_("{person} is against us"), N_("our offer is left out of a shortlist or trial")),
    "thread_visits": (N_("All visits go to {person}"), N_("{person} changes post or stops answering")),
    "thread_supporter": (N_("Only {person} supports us"), N_("{person} changes post or stops answering")),
    "rival": (
        N_("A rival has {rival_share:pct} of {category}, we {share:pct}"),
        N_("a trial, a tender or a new price there"),
    ),
    "rival_named": (
        N_("A rival has {rival_share:pct} of {category}, we {share:pct}; {rival} is in its deals"),
        N_("{rival} is given a trial or names a price"),
    ),
    "rival_winner": (
        N_(
            "A rival has {rival_share:pct} of {category}, we {share:pct}; {winner} has won a deal there "
            "before"
        ),
        N_("{winner} is given a trial or names a price"),
    ),
    "rival_deal": (
        N_("{rival} competes for {amount:money}"),
        N_("the decision is put off, or a second offer is asked for"),
    ),
    "delivery": (
        N_("Only {on_time:pct} of {orders:n} orders came on time"),
        N_("the next promised date passes"),
    ),
    "delivery_order": (
        N_("Only {on_time:pct} of {orders:n} orders came on time"),
        N_("order {order}, promised for {promised:date}, is late"),
    ),
    "payment": (
        N_("{overdue:money} overdue"),
        N_("if bill {bill} of {amount:money}, due {due:date}, is not paid"),
    ),
    "payment_plain": (
        N_("{overdue:money} overdue"),
        N_("if the next bill of {amount:money}, due {due:date}, is not paid"),
    ),
    "one_category": (
        N_("{share:pct} of what it buys is {category}"),
        N_("a month of {category} well below {monthly:money}"),
    ),
    "dependence": (N_("It brings {share:pct} of our revenue"), N_("if a month passes without an order")),
    "fell": (
        N_("It buys less: revenue {change:change} on the year before"),
        N_("if a month passes without an order"),
    ),
    "rhythm": (
        N_("It may fall out of its rhythm, an order about every {gap:n} days"),
        N_("if no order comes for {silent:n} days"),
    ),
}
# by which each sign would grow
GROWS = {
    "order_rhythm": N_("if still no order comes"),
    "payment": N_("a further bill passes its date, or a part payment is asked for"),
    "complaints": N_("another complaint, or silence while some are open"),
    "contact_lost": N_("the next visit is put off"),
    "competitor": N_("another deal is lost or put off"),
    "delivery": N_("another order is late"),
    "satisfaction_gap": N_("the next survey lies below {score:n1} of 5"),
}


def risks_block(profile: Profile) -> Block:
    locale = current().locale
    rows = [list(risk_text(row.risk, json.loads(row.facts), profile.about["day"])) for row in profile.risks]
    heads = [locale.text(h) for h in (N_("Risk"), N_("Early sign to look out for"))]
    return Block("risks", locale.text(N_("Risks and their early signs")), (), heads, rows)


def risk_text(risk: str, known: dict[str, Any], day: str) -> tuple[str, str]:
    """A risk and its early sign, in the form for which its facts suffice. ``day``: the plan's ISO date."""
    locale, values = current().locale, dict(known)
    if "evidence" in known:
        values["evidence"] = locale.say(SIGN_EVIDENCE[known["sign"]], **known["evidence"])
    if risk == "contract_ends":  # the letter goes out by the day of notice: an answer takes longer
        answer = date.fromisoformat(str(known.get("notice", known["end"]))[:10]) + timedelta(days=ANSWER)
        values["answer"] = min(answer.isoformat(), str(known["end"])[:10])
    if "layer" in known:
        values["layer"] = locale.text(LAYER_WORDS[known["layer"]])
    forms = {
        "opponent": risk if "layer" in known else "opponent_plain",
        "thread": f"thread_{known.get('thread')}",
        "rival": "rival_named" if "rival" in known else "rival_winner" if "winner" in known else risk,
        "delivery": "delivery_order" if {"order", "promised"} <= set(known) else risk,
        "payment": risk if "bill" in known else "payment_plain",
    }
    if risk == "contract_ends" and min(known["end"], known.get("notice", known["end"])) < day:
        forms[risk] = "contract_ended" if known["end"] < day else "contract_notice"
    form = forms.get(risk, risk)
    said, sign = RISKS[form]
    ahead = {"payment": "due", "payment_plain": "due", "delivery_order": "promised"}.get(form)
    if ahead and str(known.get(ahead, day)) < day:
        sign = CHECK[form]
    if risk == "sign":
        name = next((name for name in GROWS if known["sign"].startswith(name)), "contact_lost")
        sign = GROWS[name]
        values |= {"score": known["evidence"].get("score")}
        if name == "order_rhythm" and "silent" in known:
            sign = RISKS["rhythm"][1]
    elif risk in ("dependence", "fell"):
        sign = SILENT if "waited" in known else IF_SILENT if "silent" in known else sign
    if risk in ("dependence", "fell", "rhythm") and "silent" in known and known.get("until", day) < day:
        sign = CHECK["silent"]
    return locale.say(said, **values), locale.say(sign, **values)
