"""Short words for the neutral keys of the method: bands, levels, moves, gates, types, actions, drivers."""

from __future__ import annotations

from kamplay.show.locale import N_, Locale

BANDS = {"green": N_("green"), "yellow": N_("yellow"), "red": N_("red")}
MOVES = {
    "new": N_("new"), "won_back": N_("won back"), "expanded": N_("expanded"), "contracted": N_("contracted"), "lost": N_("lost"), "other": N_("returns only"),
}  # fmt: skip
BRIDGE = {"before": N_("year before"), **MOVES, "now": N_("this year")}
GATES = {
    "skinner": N_("concessions eat the profit"), "unprofitable": N_("volume without margin"), "one_off": N_("one-off purchase"),
    "broken_word": N_("seriously overdue"), "litigation": N_("in litigation"), "lost": N_("recorded as lost"),
}  # fmt: skip
CLASSES = {
    "nature": N_("Nature"), "stage": N_("Stage"), "industry": N_("Industry"), "region": N_("Region"), "ownership": N_("Ownership"), "source": N_("Source of the account"),
}  # fmt: skip
OPEN = {
    "weights": N_("other weights"), "data": N_("other data"), "departments": N_("departments differ"), "votes": N_("most departments name it, the card does not"),
}  # fmt: skip
DEPARTMENTS = {
    "销售": N_("Sales"), "市场": N_("Marketing"), "财务": N_("Finance"), "产品": N_("Product"), "研发": N_("R&D"), "交付": N_("Delivery"), "区域": N_("Regions"), "服务": N_("Service"),
    "运营": N_("Operations"), "法务": N_("Legal"), "采购": N_("Purchasing"), "生产": N_("Production"),
}  # fmt: skip
AGES = {
    "not_due": N_("not due yet"), "to_30": N_("1 to 30 days"), "to_90": N_("31 to 90 days"), "to_180": N_("91 to 180 days"), "over_180": N_("more than 180 days"),
}  # fmt: skip
SERVING = {
    "visits": N_("visits"), "tickets": N_("tickets"), "orders": N_("orders"), "returns": N_("returns"), "financing": N_("money tied up in unpaid bills"),
}  # fmt: skip
WHY = {
    "data": N_("its figures"), "weights": N_("the weights"), "rule": N_("the scoring rules"), "gate": N_("an exclusion rule"),
    "override": N_("a decision by hand"), "both": N_("figures and definition together"),
}  # fmt: skip
TYPES = {"invest": N_("invest"), "maintain": N_("maintain"), "promote": N_("promote"), "operate": N_("operate")}
RECONCILIATION = {
    "read": N_("all lines read"), "unassigned": N_("of which without an account"), "before_window": N_("of which before the 12 months"),
    "after_as_of": N_("of which after the reporting date"), "revenue": N_("revenue of the 12 months"), "difference": N_("difference"),
    "control_total": N_("ledger total"),
}  # fmt: skip
NEXT = {
    "reprice": N_("Renegotiate price and terms"), "collect_overdue": N_("Collect the overdue amount"), "rescue_visit": N_("Visit at management level"),
    "recovery_call": N_("Call and find out why"), "win_back_talk": N_("Ask why it stopped; win it back or close it"), "review_meeting": N_("Hold a review meeting"), "no_investment": N_("Ask once for a second need"),
    "joint_plan": N_("Draw up a joint account plan"), "quarterly_review": N_("Quarterly business review"), "targeted_offer": N_("Make a targeted offer"),
    "payment_plan": N_("Owner and finance: agree a payment plan"), "close_complaints": N_("Service head: close complaints, owner calls"),
    "find_successor": N_("Owner: find the successor, fix a meeting"), "defend_offer": N_("Owner and product: compare offers, defend"),
    "mend_delivery": N_("Supply head: name cause and date"), "senior_visit": N_("Senior colleague: visit and ask"),
    "ask_rhythm": N_("Owner: ask why, note the next order date"), "ask_change": N_("Owner: ask what changed"),
    "reactivation_mail": N_("Reactivate by mail"), "standard_care": N_("Standard care"),
}  # fmt: skip

STEPS = {"tiers": N_("Define tiers"), "value": N_("Analyse value"), "health": N_("Account health"), "plan": N_("Strategies and actions")}
VERDICTS = {"full": N_("in full"), "partly": N_("in part"), "no": N_("not yet")}
CAUSES = {
    "no_account": N_("the lines without an account"), "duplicates": N_("the lines that repeat another"), "after_period": N_("the lines dated after the period"),
    "before_period": N_("the lines dated before the period"), "voided": N_("the voided lines"), "read_gross": N_("tax included in the delivered amounts (factor {detail})"),
    "ledger_gross": N_("tax included in the ledger's total (factor {detail})"), "month_missing": N_("the sales of the missing months ({detail})"),
}  # fmt: skip
LACKING = {
    "months_6": N_("at least 6 months of sales"), "months_12": N_("at least 12 months of sales"), "months_24": N_("24 months of sales, to tell movement and growth"),
    "accounts_20": N_("at least 20 accounts that buy"), "receivables": N_("receivables, to see payment"), "ballots": N_("ballots, to measure agreement"),
    "cost": N_("cost of the lines, to see profit"), "opportunities": N_("opportunities, for a forecast"), "history": N_("a longer history, to test a churn probability"),
    "owners": N_("account owners"), "visits": N_("the visit log"), "wallet": N_("share of wallet, to see room to grow"),
}  # fmt: skip
FIELDS = {"protect": N_("protect"), "win": N_("win"), "keep": N_("keep up"), "serve": N_("serve as standard")}


def department(name: str, locale: Locale) -> str:
    """A department's name in the page's language where it is a common one, else as the client wrote it."""
    known = {said: said for said in DEPARTMENTS.values()} | DEPARTMENTS
    return locale.text(known[name.strip()]) if name.strip() in known else name


def band_label(band: str, locale: Locale) -> str:
    return locale.text(BANDS[band])


def move_label(item: str, locale: Locale) -> str:
    return locale.text(BRIDGE[item])


def level_label(level: str, locale: Locale) -> str:
    return locale.say(N_("level {level}"), level=level)


def field_label(field: str, locale: Locale) -> str:
    return locale.text(FIELDS[field])
