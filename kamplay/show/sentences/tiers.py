"""Step 1 in words: who is key, how firm the tiers are, how far people agree."""

from __future__ import annotations

from kamplay.show.locale import N_

HEADLINES: dict[str, str] = {
    "worth_tiering": N_("Tiering is worth doing: the largest account alone brings {top1_share:pct} of revenue, and value differs widely between accounts (Gini {gini:n2})."),
    "worth_tiering_spread": N_("No account reaches 5% of revenue (the largest brings {top1_share:pct}), but value differs widely between accounts (Gini {gini:n2}): tiering is worth doing, lightly."),
    "not_worth_tiering": N_("Do not tier these accounts: the largest brings only {top1_share:pct} of revenue and the {accounts:n} accounts differ little in value (Gini {gini:n2})."),
    "key_accounts": N_("{key:n} of {accounts:n} accounts are key (levels S and A); together they bring {share:pct} of revenue."),
    "borderline": N_("{unstable:n} of {accounts:n} {unstable:plural|account sits|accounts sit} on the border of a tier, {upper:n} of them at the top: other reasonable weights would move them."),
    "all_firm": N_("Every account sits firmly in its tier: other reasonable weights would move none."),
    "gate_skinner": N_("{count:n} large {count:plural|account buys|accounts buy} volume without margin ({revenue:money}, {share:pct} of revenue): {names}."),
    "gate_one_off": N_("{count:n} {count:plural|account|accounts} bought once and never again ({revenue:money}): not key, whatever the size of the order."),
    "gates_none": N_("No account had to be held back: no one-off purchases and no volume without margin among those that bought."),
    "gates_margin_unknown": N_("Volume without margin could not be looked for, because the sales lines carry no cost; no one-off purchase had to be held back."),
    "criteria_unknown": N_("The scorecard could not judge {criteria_words}; its weight ({weight:pct}) went to the other criteria."),
    "criteria_known": N_("Every criterion of the scorecard is backed by data for at least half of the accounts."),
    "agreement": N_("{raters:n} raters agree on what makes an account key to a degree of {w:n2} (Kendall's W, 0 to 1)."),
    "agreement_unmeasured": N_("Nobody has yet been asked who is a key account: the definition is one person's until the departments have voted."),
    "overrides_expired": N_("{count:n} manual {count:plural|tier has|tiers have} expired and no longer {count:plural|applies|apply}: {names}."),
    "overrides_unusable": N_("{count:n} manual {count:plural|tier names|tiers name} a tier or an account that this scorecard does not have, and {count:plural|was|were} not applied: {names}."),
}  # fmt: skip

ACTIONS: dict[str, str] = {
    "tier": N_("Confirm that the accounts are to be tiered."),
    "do_not_tier": N_("Serve all accounts by one standard, and look again when one of them grows past 5% of sales."),
    "confirm_key": N_("Have the management team confirm this list by name; it decides where people and money go."),
    "settle_borderline": N_("Decide the borderline accounts by name, with a reason, before any discount or team depends on it."),
    "review_skinner": N_("Reprice or renegotiate before giving these accounts any further service."),
    "review_one_off": N_("Do not plan resources for them; ask once whether a second need exists."),
    "fill_criteria": N_("Provide the missing data or have experts rate it, or take the criterion out of the card."),
    "settle_weights": N_("Bring the departments together on the criteria where they differ before using these tiers."),
    "hold_ballot": N_("Hold a ballot among sales, finance, product, delivery and the regions on criteria and accounts."),
    "renew_overrides": N_("Renew these decisions with a new reason and date, or let the rule stand."),
}  # fmt: skip

TOPICS: dict[str, tuple[str, ...]] = {
    "worth": (
        "worth_tiering",
        "worth_tiering_spread",
        "not_worth_tiering",
    ),
    "key": ("key_accounts",),
    "firmness": (
        "borderline",
        "all_firm",
    ),
    "gates": (
        "gate_skinner",
        "gate_one_off",
        "gates_none",
        "gates_margin_unknown",
        "overrides_expired",
        "overrides_unusable",
    ),
    "criteria": (
        "criteria_unknown",
        "criteria_known",
    ),
    "agreement": (
        "agreement",
        "agreement_unmeasured",
    ),
}
