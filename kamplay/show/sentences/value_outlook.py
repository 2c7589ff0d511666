"""Step 2 in words: history and funnel together, how much of the target they cover, and groups counted as one customer."""

from __future__ import annotations

from kamplay.show.locale import N_

HEADLINES: dict[str, str] = {
    "outlook": N_("The next 12 months look like {middle:money} ({low:money} to {high:money}): history expects {expected:money} of today's accounts, and weighted deals add {extra:money}; another {overlap:money} of weighted deals is with accounts that are expected to buy as much anyway, and is not counted twice. (The {funnel:money} of the section on the funnel is another sum: it holds {won:money} already won, and no repeat orders.)"),
    "outlook_by_history": N_("With the win rates of past deals instead of the recorded ones, the deals add {history_extra:money} instead of {extra:money}, and the next 12 months look like {history_middle:money}."),
    "outlook_history_only": N_("The next 12 months look like {middle:money} ({low:money} to {high:money}) from today's accounts alone; with open opportunities, business that history cannot know would be added."),
    "outlook_funnel_only": N_("With {months:n} months of data history expects nothing yet, so the {weighted:money} of weighted deals stand alone: repeat orders are missing from any outlook."),
    "target_short": N_("The outlook covers {cover:pct} of the target of {target:money}: {expected:money} by today's accounts and {extra:money} by weighted deals. {gap:money} is missing, and even the upper end of the range ({high:money}) falls short."),
    "target_within": N_("The outlook covers {cover:pct} of the target of {target:money}: {expected:money} by today's accounts and {extra:money} by weighted deals. {gap:money} is missing; the target still lies within the range ({low:money} to {high:money})."),
    "target_covered": N_("The outlook covers the target of {target:money} ({cover:pct}): {expected:money} by today's accounts and {extra:money} by weighted deals, {over:money} more than is needed; the range begins at {low:money}."),
    "target_met_by_history": N_("With the win rates of past deals instead of the recorded ones nothing is missing: the deals add {history_extra:money} instead of {extra:money}."),
    "target_new": N_("New accounts are in no forecast. Last year {new:n} of them brought {new_amount:money}; as much again would close {share:pct} of the gap of {gap:money}."),
    "target_new_once": N_("New accounts are in no forecast. Last year {new:n} of them brought {new_amount:money}, not counting {once_amount:money} from {once:n} that bought a single time; as much again would close {share:pct} of the gap of {gap:money}."),
    "target_unknown": N_("No revenue target is stated. With it this page would say how much of it today's accounts and weighted deals cover, and how much is still to be found."),
    "target_unjudged": N_("Whether the target of {target:money} is within reach cannot be told: with {months:n} months of data, nothing is expected of today's accounts."),
    "joint_concentration": N_("With {groups:n} {groups:plural|group|groups} ({members:n} accounts) counted as one customer each, the largest customer brings {top1_joint:pct} of revenue instead of {top1_single:pct}, the five largest {top5_joint:pct} instead of {top5_single:pct}; {for_80_joint:n} instead of {for_80_single:n} customers bring 80%."),
    "joint_alike": N_("With {groups:n} {groups:plural|group|groups} ({members:n} accounts) counted as one customer each, concentration hardly changes: the largest customer brings {top1_joint:pct} of revenue, the five largest {top5_joint:pct}, and {for_80_joint:n} instead of {for_80_single:n} customers bring 80%."),
    "joint_riser": N_("{first} is customer no. {joint_rank:n} as a group, though no member alone ranks higher than no. {best_rank:n}: {members:n} accounts bring {revenue:money} together ({share:pct} of revenue)."),
    "joint_steady": N_("No group ranks higher together than its largest member does alone."),
}  # fmt: skip

ACTIONS: dict[str, str] = {
    "outlook_plan": N_("Finance and sales management: before planning on this range, take off what section 3 says the warning signs cost; add a deal with an existing account only where the owner confirms that it comes on top of the usual orders."),
    "outlook_ask_deals": N_("Provide the CRM's open opportunities with account, amount and win rate."),
    "outlook_ask_history": N_("Provide at least two years of transactions."),
    "target_close_gap": N_("Head of sales: spread the gap of {gap:money} over named accounts and owners, with the new opportunities that each is to open this quarter."),
    "target_hold": N_("Head of sales: protect the accounts on which the outlook rests before raising the target."),
    "target_state": N_("Management: state the revenue target for the 12 months after the reporting date."),
    "joint_one_plan": N_("Name one lead for the whole group of {first}, with one plan, one price frame and one credit limit."),
}  # fmt: skip

TOPICS: dict[str, tuple[str, ...]] = {
    "outlook": ("outlook", "outlook_by_history", "outlook_history_only", "outlook_funnel_only"),
    "target": (
        "target_short",
        "target_within",
        "target_covered",
        "target_unjudged",
        "target_unknown",
        "target_met_by_history",
        "target_new",
        "target_new_once",
    ),
    "joint": ("joint_concentration", "joint_alike", "joint_riser", "joint_steady"),
}
