"""What a finding's advice and the plan both deal with: one matter of one account, with one day and one owner.

A finding's action is worded where its topic is; where it asks of an account what an action of the plan does,
its days and its owner are the plan's. What is decided at the review meeting is decided on one day.
"""

from __future__ import annotations

from collections.abc import Mapping

from kamplay.method.measures.warning_signs import ACTIONS as SIGN_ACTIONS
from kamplay.method.results import Finding

ASKED, AGREED = ("renew_contract",), ("agree_contract", "reprice")
STOPPED = ("win_back_talk", "close_lost", "bought_again")
ASKED_WHY = ("ask_change", "recovery_call", "rescue_visit", "review_meeting")
# code of a finding's action → the kinds of the plan's actions that do it
DONE_BY: Mapping[str, tuple[str, ...]] = {
    "renew_now": ASKED,
    "renew_in_time": ASKED,
    "renew_ran_out": ASKED,
    "price_settle_terms": ("reprice",),
    "review_skinner": ("reprice",),
    "review_unprofitable": ("reprice",),
    "future_ask_single": ("no_investment",),
    "settle_contracts": ASKED,
    "room_offer": ("offer_category", "regain_category"),
    # whoever fell is asked why at the first talk that the plan has, be it the joint review
    **dict.fromkeys(("find_out_why", "win_back", "win_back_largest"), (*STOPPED, *ASKED_WHY, "joint_review")),
    "call_key": (*ASKED_WHY, *SIGN_ACTIONS.values()),
    "call_red": (*STOPPED, *ASKED_WHY, *SIGN_ACTIONS.values()),
    "ask_after_contract": STOPPED,
    "decide_win_back": STOPPED,
    "decide_win_back_unowned": STOPPED,
    "settle_gone": STOPPED,
    "entities_one_lead": ("one_lead",),
    "entities_one_lead_each": ("one_lead",),
    "entities_one_face": ("one_lead",),
    "growth_steps": ("win_share", "offer_category", "regain_category", "move_deal"),
    "deals_move_or_close": ("move_deal",),
    "deals_settle_past": ("move_deal",),
    "loop_deliver_then_dun": ("collect_overdue", "payment_plan"),
    "decide_credit": ("credit_limit",),
    **{f"warn_do_{sign}": (kind,) for sign, kind in SIGN_ACTIONS.items() if sign != "silence"},
}
# codes that are done at an account by the first of its actions of these kinds; all else by all of them
AT_THE_FIRST = frozenset(["find_out_why", "win_back", "win_back_largest", "call_red", "call_key"])
# code of an action that names no account → the kinds of the plan's actions that do it, wherever they are
ANYWHERE: Mapping[str, tuple[str, ...]] = {"call_instead": ("joint_review",)}
# codes that only say where something is done already: nobody is asked for it once more
SAYS_WHERE = frozenset(["warn_in_campaign"])
AT_REVIEW = frozenset(
    [
        "confirm_key",
        "confirm_largest",
        "redraw_tiers",
        "renew_overrides",
        "renew_strategies",
        "review_gate",
        "settle_by_name",
        "settle_largest",
        "settle_names",
        "settle_weights",
        "talk_pair",
        "tier",
    ]
)
WITH_CREDIT = frozenset(["watch_credit"])  # on the day on which credit limits are decided
BEFORE_REVIEW = frozenset(["confirm_kin", "lower_tiers"])


def due_days(finding: Finding) -> str | None:
    """Which of the strategy's due days holds for what is decided at the review, or prepared for it, or with
    the credit limits; None of all else.
    """
    if finding.action in BEFORE_REVIEW:
        return "warned"
    if finding.action in WITH_CREDIT:
        return "urgent"
    return "soon" if finding.action in AT_REVIEW else None
