"""To whom the client sells: companies, for which the method is made, or consumers or countries, to whom its
visits, contacts and wallets mean nothing.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from typing import Literal, cast

import pandas as pd
from babel import Locale

from kamplay.book import Book
from kamplay.method.measures import purchases
from kamplay.method.results import Finding

Business = Literal["companies", "consumers", "countries"]
# consumers: so many buyers in the 12 months, none of whom brings this share of revenue
MANY, TINY = 1_000, 0.005
COUNTRIES, FEWEST = 0.8, 5  # share of the accounts that are named as countries, and at least so many
# findings that ask for what only companies have: contacts, visits, purchases elsewhere, statements, parents
FOR_COMPANIES = frozenset(
    {
        "map_unknown",
        "intake_unknown",
        "standing_unknown",
        "stress_group_unknown",
        "stress_industry_unknown",
        "stress_master_unknown",
        "depend_unknown",
        "deals_unknown",
        "funnel_unknown",
        "tenders_unknown",
        "contracts_unknown",
        "value_cases_unknown",
        "entities_unknown",
        "room_wallet_unknown",
        "segments_unknown",
        "payment_unknown",
        "rel_unknown",
        "loop_unknown",
        "agreement_unmeasured",
        "score_thin",
        "score_unknown",
        "warn_orders_only",
    }
)
# what is told of one account, or of accounts by name: of no use with thousands of consumers
ONE_BY_ONE = frozenset(
    {
        "to_settle",
        "settled",
        "settled_unvoted",
        "stress_first",
        "stress_first_revenue",
        "stress_lost",
        "stress_lost_revenue",
        "stress_lost_no_margin",
        "stress_two",
        "stress_no_threat",
        "stress_rate_unknown",
        "stress_no_new",
        "asset_none",
        "asset_safe",
        "asset_guard",
        "asset_stopped",
        "asset_grow",
        "asset_grow_one",
        "asset_grow_many",
        "asset_grow_little",
        "asset_no_potential",
        "asset_little_potential",
        "asset_basis",
        "asset_risk",
        "asset_extended",
        "win_back_list",
        "growth_room",
        "room_burst",
        "plan_untiered",
    }
)
# new buyers of a country are no new account, and a market is no customer that could leave
OF_CUSTOMERS = frozenset({"stress_rate_unknown", "stress_no_new", "won_back_unknown", "none_won_back"})
NOT_TOLD: dict[str, frozenset[str]] = {
    "consumers": FOR_COMPANIES | ONE_BY_ONE,
    "countries": FOR_COMPANIES | OF_CUSTOMERS,
}
# kinds that name accounts as examples, and do without with consumers
UNNAMED = frozenset(
    {
        "key_accounts",
        "watch_key",
        "orders_undone",
        "borderline",
        "concentration",
        "movement",
        "largest_move_lost",
        "largest_move_contracted",
        "largest_move_expanded",
        "largest_move_new",
        "largest_move_won_back",
        "won_back",
        "spread_irregular_a",
        "future_single",
        "future_clv_margin",
        "future_clv_mixed",
        "future_clv_revenue",
        "gate_one_off",
        "red_buying",
        "red_accounts",
        "red_gone",
        "red_waiting",
        "single_purchase",
        "score_capped",
        "watch_slow",
        "watch_too_few",
        "already_stopped",
        "at_risk",
        "warn_all",
        "warn_order_rhythm",
        "warn_order_rhythm_open",
        "warn_order_rhythm_silent",
    }
)
# told in other words
OTHER_KIND: dict[str, dict[str, str]] = {
    "consumers": {},
    "countries": {"stress_threat": "stress_markets", "cohort_share": "cohort_share_markets"},
}
# tables that nobody can fill, and what a step therefore does not lack
NO_TABLES: dict[str, frozenset[str]] = {
    "companies": frozenset(),
    "consumers": frozenset(
        {
            "contacts",
            "visits",
            "opportunities",
            "wallet",
            "tenders",
            "contracts",
            "value_cases",
            "financials",
            "ratings",
            "ballots",
            "maturity",
        }
    ),
    "countries": frozenset(
        {"contacts", "visits", "wallet", "tenders", "contracts", "value_cases", "financials"}
    ),
}
NOT_LACKING: dict[str, frozenset[str]] = {
    "companies": frozenset(),
    "consumers": frozenset({"receivables", "ballots", "opportunities", "owners", "visits", "wallet"}),
    "countries": frozenset({"visits", "wallet"}),
}
# actions of findings that take a visit or a name for each account, and what is done in their place
_ASK = (
    "see_them",
    "see_them_unowned",
    "visit_silent",
    "call_red",
    "warn_do_all",
    "warn_do_order_rhythm",
    "follow_signs",
    "asset_guard_plan",
    "win_back",
    "win_back_largest",
    "future_call",
)
_START = ("start_urgent", "start_urgent_unowned")
_WIN_BACK = ("decide_win_back", "decide_win_back_unowned", "settle_gone")
_BY_NAME = ("confirm_key", "assign_teams")
# asked of one account that would be missed, or of its purchases elsewhere: of no consumer
_NOTHING = (
    "settle_borderline",
    "protect_first",
    "focus_on_few",
    "one_standard_for_most",
    "spread_call_offs",
    "future_ask_single",
    "outlook_ask_deals",
    "use_expert_score",
    "clear_flags",
    "proof_no_probability",
    "proof_use_recency",
    "review_one_off",
)
# made of people who know the accounts: a vote of the departments, statements asked of them, a team for one
OF_PEOPLE_ALONE = frozenset({"agreement_unmeasured", "ballots_missing", "standing_unknown"})
OF_PEOPLE = frozenset({"assign_teams"})
# asked of a company as a partner in a contract: a market has many buyers
_OF_A_PARTNER = ("protect_first", "stress_cap_exposure")
INSTEAD: dict[Business, dict[str, str | None]] = {
    "consumers": {
        **dict.fromkeys((*_ASK, *_START), "ask_a_sample"),
        **dict.fromkeys(_WIN_BACK, "offer_to_return"),
        **dict.fromkeys(_BY_NAME, "serve_by_segment"),
        "learn_from_won_back": "ask_what_brought_back",
        **dict.fromkeys(_NOTHING),
    },
    "countries": {
        **dict.fromkeys(
            (*_ASK, *_START, *_WIN_BACK, "spread_call_offs", "learn_from_won_back"), "review_market"
        ),
        **dict.fromkeys(_OF_A_PARTNER, "list_buyers_there"),
        "stress_second_leg": None,  # said once, of all that are as large
        "win_new_accounts": None,
        "asset_ask_wallet": "ask_market_size",
        "confirm_key": "confirm_markets",
    },
}
# actions that are visits or meetings, and what takes their place
NEXT_ACTIONS: dict[Business, dict[str, str]] = {
    "consumers": {
        **dict.fromkeys(("rescue_visit", "recovery_call", "ask_change", "ask_rhythm"), "reactivation_mail"),
        **dict.fromkeys(("senior_visit", "win_back_talk"), "reactivation_mail"),
        "review_meeting": "targeted_offer",
    },
    "countries": dict.fromkeys(("rescue_visit", "recovery_call", "senior_visit"), "review_meeting"),
}


def business(book: Book) -> Business:
    """Tell to whom the client sells: as the engagement says (``accounts_are``), else as it looks.

    Consumers are MANY buyers or more of whom the largest brings less than TINY of the revenue of the 12
    months; countries, where COUNTRIES of the accounts are named as countries are in Chinese or English.
    """
    kept = book.computed.setdefault("business", {})
    day = pd.Timestamp(book.as_of)
    if day not in kept:
        kept[day] = _business(book)
    return cast(Business, kept[day])


def _business(book: Book) -> Business:
    if book.accounts_are is not None:
        return book.accounts_are
    revenue = purchases.revenue(book)
    revenue = revenue[revenue > 0]
    if len(revenue) >= MANY:
        return "consumers" if float(revenue.max()) < TINY * float(revenue.sum()) else "companies"
    names = {_folded(str(name)) for name in book.names.reindex(revenue.index).dropna()}
    known = names & _countries()
    return "countries" if len(known) >= max(FEWEST, COUNTRIES * len(names)) else "companies"


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).strip().casefold()


@lru_cache(maxsize=1)
def _countries() -> frozenset[str]:
    """Names of countries in Chinese and English, as the Unicode CLDR has them, and a few everyday ones."""
    everyday = ("uk", "usa", "u.s.a.", "eire", "rsa", "korea", "south korea", "channel islands", "england")
    known = (name for code in ("en", "zh") for key, name in Locale(code).territories.items() if key.isalpha())
    return frozenset(_folded(name) for name in (*known, *everyday))


def in_person(book: Book) -> bool:
    """Whether its accounts are looked after in person, as far as the data tell: visits or contacts are on
    record, or fewer than MANY buy.
    """
    return book.has("visits") or book.has("contacts") or int((purchases.revenue(book) > 0).sum()) < MANY


def fitting(findings: Iterable[Finding], book: Book) -> tuple[Finding, ...]:
    """The findings without what makes no sense for consumers or countries, or at companies that nobody looks
    after in person, and with what to do there; consumers are named only where a finding is about nobody else.
    """
    sold_to = business(book)
    if sold_to == "companies" and in_person(book):
        return tuple(findings)
    if sold_to == "companies":
        return tuple(
            replace(f, action=None) if f.action in OF_PEOPLE else f
            for f in findings
            if f.kind not in OF_PEOPLE_ALONE
        )
    instead, kinds = INSTEAD[sold_to], OTHER_KIND[sold_to]
    return tuple(
        replace(
            f,
            kind=kinds.get(f.kind, f.kind),
            action=instead.get(f.action, f.action) if f.action else None,
            accounts=() if sold_to == "consumers" and f.kind in UNNAMED else f.accounts,
        )
        for f in findings
        if f.kind not in NOT_TOLD[sold_to]
    )
