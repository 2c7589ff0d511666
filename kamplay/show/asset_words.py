"""Short words of the account asset map: its fields, what value, potential and risk rest on."""

from __future__ import annotations

from kamplay.show.locale import N_

FIELD = {"expand": N_("protect and expand"), "protect": N_("hold"), "grow": N_("develop"), "maintain": N_("keep simple")}
VALUE = {"profit": N_("profit"), "margin": N_("margin"), "extended": N_("at the average rate"), "revenue": N_("revenue")}
BASIS = {
    "measured": N_("wallet, measured"), "estimated": N_("wallet, estimated"), "white_space": N_("white space"), "forecast": N_("forecast"),
}  # fmt: skip
RISK = {"low": N_("low"), "medium": N_("medium"), "high": N_("high"), "stopped": N_("stopped"), "once": N_("bought once"), "": "–"}
REASON = {
    "leaving": N_("purchase dates"), "overdue": N_("overdue bills"), "thin": N_("little margin"), "weak": N_("weak finances"),
    "order_rhythm": N_("orders late"), "payment": N_("payment slips"), "complaints": N_("complaints"), "contact_lost": N_("no longer met"),
    "competitor": N_("competitor"), "delivery": N_("late deliveries"), "satisfaction_gap": N_("satisfaction falls"),
    "silence": N_("stopped buying"), "once": N_("bought once"),
}  # fmt: skip
PARTS = {
    "leaving": N_("the chance of leaving by purchase dates"),
    "overdue": N_("receivables"), "thin": N_("cost"), "weak": N_("the accounts' finances"),
}  # fmt: skip
