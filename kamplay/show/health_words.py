"""The health score in words: the codes of the column health_drivers, and what each measure says of an account."""

from __future__ import annotations

from kamplay.show.locale import N_, Locale

CODES = {
    "order_rhythm": N_("later than its rhythm"),
    "trend": N_("buys less"),
    "breadth": N_("fewer categories"),
    "share": N_("small share of its purchases"),
    "competitor": N_("competitors gain"),
    "margin": N_("thin margin"),
    "complaints": N_("complaints"),
    "delivery": N_("late or short deliveries"),
    "payment": N_("pays late"),
    "satisfaction": N_("not satisfied"),
    "satisfaction_gap": N_("satisfaction and purchases diverge"),
    "mention": N_("does not mention us first"),
    "relationship": N_("thin relationship"),
    "contact_lost": N_("contact lost"),
    "engagement": N_("few or fruitless visits"),
    "tenure": N_("short relation"),
    "warning": N_("shows a warning sign"),
    "chance": N_("likely to stop"),
    "cap": N_("capped by a red flag"),
    "override": N_("set by hand"),
}
CAUSES = {
    "before": N_("then"),
    "left": N_("no longer\njudged"),
    "customer": N_("customers"),
    "age": N_("older\ndata"),
    "override": N_("set\nby hand"),
    "definition": N_("definition"),
    "entered": N_("newly\njudged"),
    "now": N_("now"),
}
SAID = {
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
AGAINST_ONE = ("half_year_ratio", "year_ratio", "breadth_ratio", "visit_ratio")  # told as a change


def said(measure: str, value: float, locale: Locale) -> str:
    """What a measure says of an account, with its figure."""
    return locale.say(SAID[measure], value=value - 1 if measure in AGAINST_ONE else value)


def codes_label(drivers: str, locale: Locale) -> str:
    """``order_rhythm:-32;trend:-12`` in words, with the points each costs."""
    parts = [part.split(":") for part in drivers.split(";") if part]
    return locale.text(N_("; ")).join(f"{locale.text(CODES[code])} {locale.number(float(points))}" for code, points in parts)
