"""To whom the client sells, in words, and what is done there in place of visits."""

from __future__ import annotations

from kamplay.show.locale import N_
from kamplay.show.registry import FindingSpec, register_findings

INSTEAD_OF_VISITS = {
    "ask_a_sample": N_(
        "Service: ask twenty of these customers by phone or mail what changed, before an offer goes to all."
    ),
    "ask_what_brought_back": N_(
        "Service: ask twenty of those who came back what brought them; marketing repeats it."
    ),
    "ask_market_size": N_(
        "Head of sales: estimate what the largest markets buy in a year from all suppliers: that turns a "
        "forecast of the past into what could be won."
    ),
    "confirm_markets": N_("Management: confirm these markets one by one; people and money follow them."),
    "offer_to_return": N_(
        "Marketing: send one offer to return, to half of them first, and compare who buys again."
    ),
    "serve_by_segment": N_("Marketing: make offers to groups of customers; nobody is managed by name."),
    "review_market": N_(
        "Head of sales: whoever is in charge of these markets, {three} first, says within two weeks what "
        "changed there and what follows."
    ),
    "list_buyers_there": N_(
        "Head of sales: list the largest buyers behind {names} and what each brings; what can be lost are "
        "they, not the country."
    ),
}

register_findings(
    FindingSpec(
        "sold_to_consumers_seen",
        "coverage",
        N_(
            "{accounts:n} accounts buy, and the largest brings {largest:pct} of revenue: they are taken for "
            "consumers. No visits are planned, and nobody is asked for contacts. If they are companies, say "
            "so, and both come back."
        ),
        actions=INSTEAD_OF_VISITS,
    ),
    FindingSpec(
        "sold_to_countries_seen",
        "coverage",
        N_(
            "The {accounts:n} accounts are named as countries: each stands for many customers. No visits are "
            "planned, and nobody is asked for contacts. If they are companies, say so, and both come back."
        ),
        actions=INSTEAD_OF_VISITS,
    ),
    FindingSpec(
        "sold_to_consumers_stated",
        "coverage",
        N_("The accounts are consumers: no visits are planned, and nobody is asked for contacts."),
    ),
    FindingSpec(
        "sold_to_countries_stated",
        "coverage",
        N_(
            "The accounts are countries, each with many customers: no visits are planned, and nobody is "
            "asked for contacts."
        ),
    ),
)
