"""Short words for the neutral keys of the method: bands, levels, moves, gates, actions, signs, drivers."""

from __future__ import annotations

from kamplay.method.measures import warning_signs
from kamplay.method.measures.registry import MEASURES
from kamplay.show.locale import N_, Locale

BANDS = {"green": N_("green"), "yellow": N_("yellow"), "red": N_("red")}
GATES = {
    "skinner": N_("concessions eat the profit"),
    "unprofitable": N_("volume without margin"),
    "one_off": N_("one-off purchase"),
    "broken_word": N_("seriously overdue"),
    "litigation": N_("in litigation"),
    "lost": N_("recorded as lost"),
}
CLASSES = {
    "nature": N_("Nature"),
    "stage": N_("Stage"),
    "industry": N_("Industry"),
    "region": N_("Region"),
    "ownership": N_("Ownership"),
    "source": N_("Source of the account"),
}
OPEN = {
    "weights": N_("other weights"),
    "data": N_("next year's purchases"),
    "departments": N_("departments differ"),
    "votes": N_("most departments name it, the card does not"),
    "warned": N_("it shows a sign of leaving"),
}
DEPARTMENTS = {
    "销售": N_("Sales"),
    "市场": N_("Marketing"),
    "财务": N_("Finance"),
    "产品": N_("Product"),
    "研发": N_("R&D"),
    "交付": N_("Delivery"),
    "区域": N_("Regions"),
    "服务": N_("Service"),
    "运营": N_("Operations"),
    "法务": N_("Legal"),
    "采购": N_("Purchasing"),
    "生产": N_("Production"),
}
WHY = {
    "data": N_("its figures"),
    "weights": N_("the weights"),
    "rule": N_("the scoring rules"),
    "gate": N_("an exclusion rule"),
    "override": N_("a decision by hand"),
    "both": N_("figures and definition together"),
}
# of a tier or a strategy that was set by hand
OVERRIDE_STATES = {
    "applied": N_("applies"),
    "expired": N_("expired"),
    "unusable": N_("not usable"),
    "superseded": N_("another of the group applies"),
}
TYPES = {
    "invest": N_("invest"),
    "maintain": N_("maintain"),
    "promote": N_("promote"),
    "operate": N_("operate"),
}
RECONCILIATION = {
    "in_files": N_("all lines in the files"),
    "void": N_("of which void or cancelled, set aside"),
    "read": N_("all lines read"),
    "unassigned": N_("of which without an account"),
    "before_window": N_("of which before the 12 months"),
    "after_as_of": N_("of which after the reporting date"),
    "revenue": N_("revenue of the 12 months"),
    "difference": N_("difference"),
    "control_total": N_("control total supplied"),
}
# what an account needs next, by the code of the action
ACTIONS = {
    "reprice": N_("Renegotiate price and terms"),
    "collect_overdue": N_("Collect the overdue amount"),
    "credit_limit": N_("Decide on the credit limit"),
    "rescue_visit": N_("Visit at management level"),
    "recovery_call": N_("Call and find out why"),
    "win_back_talk": N_("Ask why it stopped; win it back or close it"),
    "review_meeting": N_("Hold a review meeting"),
    "no_investment": N_("Ask once for a further need"),
    "targeted_offer": N_("Make a targeted offer"),
    "payment_plan": N_("With finance: ask why, agree a payment plan"),
    "close_complaints": N_("With service: a person and a day for each complaint, and tell the account"),
    "find_successor": N_("Find the successor, and fix a day to meet"),
    "defend_offer": N_("With product: compare offers, decide what to defend"),
    "mend_delivery": N_("With supply: name cause and new date, tell the account"),
    "senior_visit": N_("The head of sales asks what changed"),
    "ask_rhythm": N_("Ask why, note the next order date"),
    "ask_change": N_("Ask what changed"),
    "reactivation_mail": N_("Reactivate by mail"),
    "campaign": N_("Campaign by phone, mail and web"),
    "close_lost": N_("Ask by phone why it stopped, then decide: win back or close"),
    "bought_again": N_("It orders again: ask why it paused"),
    "settle_complaint": N_("Settle the open complaint"),
    "deliver_order": N_("Deliver the late order"),
    "renew_contract": N_("Ask in writing to renew the contract"),
    "agree_contract": N_("Agree price and terms of the contract"),
    "one_lead": N_("Name one lead for both sales entities"),
    "meet_successor": N_("Get to know the successor of who left"),
    "meet_person": N_("Win over a key person"),
    "open_layer": N_("Find the person for an unknown layer"),
    "revisit": N_("Be in touch again"),
    "move_deal": N_("Agree the next step of the deal"),
    "regain_category": N_("Offer a category it no longer buys"),
    "offer_category": N_("Offer a category it lacks"),
    "win_share": N_("Win share of wallet"),
    "joint_review": N_("Joint business review"),
    "next_order": N_("Confirm the next order"),
}
# in place of a next action
NOT_ASKED = {
    "held_out": N_("Do not contact: held out of the campaign, to compare"),
    "ordered_since": N_("Nothing to ask: it ordered after the reporting date"),
    "order_later": N_("No step: its next order is expected after the plan's last day"),
    "returned": N_("No step: it has returned no less than it bought"),
    "small_order": N_("No step: its usual order is too small to be called for"),
}
# by what an account is reached: each by one of them
REACHED_BY = {
    "list": N_("priority list"),
    "campaign": N_("campaign"),
    "held_back": N_("not contacted by the campaign"),
    "plan": N_("plan alone"),
}

STEPS = {
    "tiers": N_("Define tiers"),
    "value": N_("Analyse value"),
    "health": N_("Account health"),
    "plan": N_("Strategies and actions"),
}
VERDICTS = {"full": N_("in full"), "partly": N_("in part"), "no": N_("not yet")}
CAUSES = {
    "no_account": N_("the lines without an account"),
    "duplicates": N_("the lines that repeat another"),
    "after_period": N_("the lines dated after the period"),
    "before_period": N_("the lines dated before the period"),
    "voided": N_("the voided lines"),
    "read_gross": N_("tax included in the delivered amounts (factor {detail})"),
    "ledger_gross": N_("tax included in the control total (factor {detail})"),
    "month_missing": N_("the sales of the missing months ({detail})"),
}
LACKING = {
    "months_6": N_("at least 6 months of sales"),
    "months_12": N_("at least 12 months of sales"),
    "months_24": N_("24 months of sales, to tell movement and growth"),
    "accounts_20": N_("20 accounts that buy, from which tiers say more than a list"),
    "receivables": N_("receivables, to see payment"),
    "ballots": N_("ballots, to measure agreement"),
    "cost": N_("cost of the lines, to see profit"),
    "opportunities": N_("opportunities, for a forecast"),
    "history": N_("a longer history, to test a churn probability"),
    "owners": N_("account owners"),
    "visits": N_("the visit log"),
    "wallet": N_("share of wallet, to see room to grow"),
}
FIELDS = {"protect": N_("protect"), "win": N_("win"), "keep": N_("keep up"), "serve": N_("serve as standard")}


def department(name: str, locale: Locale) -> str:
    """A department's name in the page's language where it is a common one, else as the client wrote it."""
    known = {said: said for said in DEPARTMENTS.values()} | DEPARTMENTS
    return locale.text(known[name.strip()]) if name.strip() in known else name


def band_label(band: str, locale: Locale) -> str:
    return locale.text(BANDS[band])


def level_label(level: str, locale: Locale) -> str:
    return locale.say(N_("level {level}"), level=level)


def field_label(field: str, locale: Locale) -> str:
    return locale.text(FIELDS[field])


# the signs of leaving: their names, which the same causes have where they cost points in the score; one
# warning with its figures; what to do about it
SIGN_NAMES: dict[str, str] = {
    "order_rhythm": N_("orders late"),
    "payment": N_("pays later"),
    "complaints": N_("complaints"),
    "contact_lost": N_("contact lost"),
    "competitor": N_("competitor gains"),
    "delivery": N_("poor delivery"),
    "satisfaction_gap": N_("satisfaction falls"),
    "silence": N_("stopped buying"),
}
# what became of the accounts that showed it
STRONG_CASES = N_("{sign}: {share:pct} stopped ({cases:n} accounts)")  # of cases as strong
FEW_STRONG_CASES = N_("{sign}: {cases:n} {cases:plural|account|accounts}, too few to tell")
# where those told of differ: of cases as strong as the strongest of them, and as the weakest
STRONG_TO_WEAK = N_(
    "{sign}: for the strongest here {share:pct} stopped ({cases:n} accounts), for the weakest "
    "{weak_share:pct} ({weak:n})"
)
NOT_APART = N_(
    "{sign}: {weak_share:pct} stopped ({weak:n} accounts), weak and strong together, too few to tell apart"
)
ONLY_WEAK_CASES = N_(
    "{sign}: for the weakest here {weak_share:pct} stopped ({weak:n} accounts); too few cases yet for the "
    "strongest"
)
NO_STRONG_CASE = N_("{sign}: none as strong yet")
SIGN_CASES = N_("{sign}: {stopped:n} of {raised:n} stopped, {halved:n} bought less than half")
SIGN_EVIDENCE: dict[str, str] = {
    "order_rhythm": N_("{usual:n} days between orders before, {recent:n} lately"),
    "order_rhythm_open": N_(
        "{usual:n} days between orders before, {recent:n} lately with the {open_gap:n} since the last order"
    ),
    "order_rhythm_silent": N_("no order for {open_gap:n} days, usually every {usual:n}"),
    "payment": N_(
        "{bills_overdue:n} {bills_overdue:plural|invoice|invoices} overdue, {overdue:money}, "
        "the oldest {oldest:n} days"
    ),
    "payment_slip": N_("invoices settled {rise:n} days later than before, {overdue:money} overdue"),
    "complaints": N_("{complaints:n} complaints in 180 days, {open_complaints:n} open"),
    "complaints_silent": N_(
        "{complaints:n} complaints in 180 days, {open_complaints:n} open, no new one for {quiet_days:n} days"
    ),
    "contact_lost": N_("no visit for {days_unvisited:n} days, usually every {visit_gap:n}"),
    "contact_lost_gone": N_(
        "{gone:n} {gone:plural|contact has|contacts have} gone, no visit for {days_unvisited:n} days"
    ),
    "contact_left": N_("a key contact has gone, nobody of that layer remains"),
    "competitor": N_("{lost_deals:n} {lost_deals:plural|deal|deals} lost, the last to {rival}"),
    "delivery": N_("{on_time:pct} on time, {on_time_before:pct} before"),
    "satisfaction_gap": N_(
        "satisfaction {score:n1} of 5 (earlier average {score_before:n1}); "
        "still bought {bought:money} in the last half-year"
    ),
    "silence": N_("no order for {open_gap:n} days, usually every {usual:n}"),
}
SIGN_ACTIONS: dict[str, str] = {sign: ACTIONS[action] for sign, action in warning_signs.ACTIONS.items()}
# what costs points in the health score
DRIVERS: dict[str, str] = {
    **SIGN_NAMES,
    "trend": N_("buys less"),
    "breadth": N_("fewer categories"),
    "share": N_("small share of its purchases"),
    "margin": N_("price and terms"),
    "satisfaction": N_("not satisfied"),
    "mention": N_("does not mention us first"),
    "relationship": N_("thin relationship"),
    "engagement": N_("few or fruitless visits"),
    "tenure": N_("short relation"),
    "warning": N_("shows a warning sign"),
    "chance": N_("likely to stop"),
    "cap": N_("capped by a red flag"),
    "override": N_("set by hand"),
}
HEALTH_WORDS_CAUSES = {
    "before": N_("then"),
    "left": N_("no longer judged"),
    "customer": N_("customers"),
    "age": N_("older data"),
    "override": N_("scored by hand"),
    "definition": N_("definition"),
    "entered": N_("newly judged"),
    "now": N_("now"),
}
# what a measure says of an account, where it costs points
MEASURE_TEXTS = {
    "lateness": N_("silent for {value:n1} times its usual gap"),
    "silent_days": N_("no purchase for {value:n} days"),
    "warning": N_("a warning sign of strength {value:pct}"),
    "churn_probability": N_("stops with a chance of {value:pct}"),
    "frequency": N_("bought on {value:n} {value:plural|day|days} in 12 months"),
    "frequency_change": N_("buying days {value:change} in a year"),
    "tenure_years": N_("a customer for {value:n1} years"),
    "half_year_ratio": N_("revenue {value:change} in half a year"),
    "year_ratio": N_("revenue {value:change} in a year"),
    "breadth": N_("{value:n} {value:plural|category|categories} in 12 months"),
    "breadth_ratio": N_("categories {value:change} in half a year"),
    "margin_ratio": N_("margin {value:pct} of the usual one"),
    "margin_change": N_("margin {value:change} of revenue"),
    "wallet_share": N_("{value:pct} of its purchases are ours"),
    "competitor_ratio": N_("our share is {value:n1} times the strongest competitor's"),
    "lost_deals": N_("{value:n} {value:plural|deal|deals} lost to competitors"),
    "complaints_half_year": N_("{value:n} {value:plural|complaint|complaints} in half a year"),
    "complaints_past_due": N_("{value:n} {value:plural|complaint|complaints} past due"),
    "on_time": N_("{value:pct} delivered on time"),
    "in_full": N_("{value:pct} delivered in full"),
    "overdue_share": N_("{value:pct} of the outstanding is overdue"),
    "overdue_days": N_("overdue for up to {value:n} days"),
    "overdue_to_revenue": N_("{value:pct} of a year's revenue is overdue"),
    "days_late": N_("pays {value:n} days late"),
    "satisfaction_latest": N_("satisfaction at {value:pct} of the scale"),
    "satisfaction_change": N_("satisfaction {value:change} of the scale"),
    "recommendation": N_("recommends us with {value:n} of 10"),
    "mention_rate": N_("mentions us first {value:pct} of the time"),
    "layers_covered": N_("{value:n} of 4 layers covered"),
    "top_layer": N_("nobody known at the top"),
    "single_thread": N_("one contact only"),
    "stance": N_("stance {value:n1} on a scale of −2 to 2"),
    "confirmed_share": N_("{value:pct} of the contacts confirmed in a year"),
    "champion_gone": N_("champion or top contact gone"),
    "visit_gap": N_("not visited for {value:n} days"),
    "visit_ratio": N_("visits {value:change} on the usual number"),
    "advance_share": N_("{value:pct} of the visits moved something"),
}
AGAINST_ONE = ("half_year_ratio", "year_ratio", "breadth_ratio", "visit_ratio")  # shown as a change
# a change of −100 % in words
NOTHING_LEFT = {
    "half_year_ratio": N_("nothing bought in half a year"),
    "breadth_ratio": N_("nothing bought in half a year"),
    "year_ratio": N_("nothing bought in a year"),
    "frequency_change": N_("nothing bought in a year"),
    "visit_ratio": N_("no visits"),
}


def measure_text(measure: str, value: float, locale: Locale) -> str:
    """What a measure says of an account, with its figure."""
    change = value - 1 if measure in AGAINST_ONE else value
    if change == -1 and measure in NOTHING_LEFT:
        return locale.text(NOTHING_LEFT[measure])
    return locale.say(MEASURE_TEXTS[measure], value=change)


def drivers_label(drivers: str, locale: Locale) -> str:
    """``order_rhythm:-32;trend:-12`` in words, with the points each costs."""
    parts = [part.split(":") for part in drivers.split(";") if part]
    return locale.text(N_("; ")).join(
        f"{locale.text(DRIVERS[code])} {locale.number(float(points))}" for code, points in parts
    )


def measure_label(measure: str, locale: Locale) -> str:
    """What a measure of a card is; ``rating`` is what experts score."""
    return locale.text(MEASURES[measure].label if measure in MEASURES else N_("the experts' rating"))
