"""Rules that override the score: gates, safeguards and tiers set by hand, as tables and sentences."""

from __future__ import annotations

from kamplay.method.tiers.step import Tiers
from kamplay.show.display import Display
from kamplay.show.locale import N_
from kamplay.show.registry import FindingSpec, register_findings, table
from kamplay.show.table import ACCOUNT, Column, html_table, with_names, word
from kamplay.show.texts.vocabulary import OVERRIDE_STATES
from kamplay.show.tiers.key_accounts import rule_label, with_unit_names

register_findings(
    FindingSpec(
        "gate_skinner",
        "gates",
        N_(
            "{count:n} large {count:plural|account earns|accounts earn} us a margin of only "
            "{margin:pct}, against {usual:pct} as usual ({revenue:money}, {share:pct} of revenue): "
            "{names}."
        ),
        actions={
            "review_skinner": N_(
                "Head of sales: renegotiate price and terms with {names} before giving any further service."
            )
        },
        brief=N_("{names}: a margin of only {margin:pct} on {revenue:money}, against {usual:pct} as usual."),
        rank=22,
    ),
    FindingSpec(
        "gate_unprofitable",
        "gates",
        N_(
            "{count:n} {count:plural|account buys|accounts buy} volume without margin "
            "({revenue:money}, {share:pct} of revenue): {names}."
        ),
        actions={
            "review_unprofitable": N_(
                "Head of sales: renegotiate prices with {names} or switch to a cheaper standard of "
                "service; no more discount for volume."
            )
        },
    ),
    FindingSpec(
        "gate_one_off",
        "gates",
        N_(
            "{count:n} {count:plural|account|accounts} bought once and never again "
            "({revenue:money}): not key, whatever the size of the order. {names}."
        ),
        unnamed=N_(
            "{count:n} {count:plural|account|accounts} bought once and never again ({revenue:money}): "
            "not key, whatever the size of the order."
        ),
        actions={
            "review_one_off": N_(
                "Head of sales: plan no resources for {names}; have someone ask once, before the "
                "next report, whether a second need exists."
            )
        },
        brief=N_("{names}: bought once and never again ({revenue:money}), so not key."),
    ),
    FindingSpec(
        "gate_broken_word",
        "gates",
        N_(
            "{count:n} {count:plural|account does|accounts do} not keep to what was agreed on "
            "payment and can rank no higher than level {most} until paid up ({revenue:money} of "
            "revenue): {names}."
        ),
        actions={
            "review_broken_word": N_(
                "Finance and sales: agree a payment plan with dates with {names} before any new "
                "credit; lift the limit once it is kept."
            )
        },
        brief=N_("{names}: far behind on payment with {revenue:money} of revenue."),
        rank=34,
    ),
    FindingSpec(
        "gate_litigation",
        "gates",
        N_(
            "{count:n} {count:plural|account is|accounts are} in litigation with us and held at "
            "level {most} ({revenue:money} of revenue): {names}."
        ),
        actions={
            "review_litigation": N_(
                "Management and legal: decide the commercial terms with {names} until the case is settled."
            )
        },
    ),
    FindingSpec(
        "gate_lost",
        "gates",
        N_(
            "{count:n} {count:plural|account|accounts} recorded as lost still bought in the last 12 "
            "months ({revenue:money}): {names}."
        ),
        actions={
            "review_lost": N_(
                "Sales operations: correct the record of {names} for the next report, or find out "
                "who still buys and why."
            )
        },
    ),
    FindingSpec(
        "gate_own",
        "gates",
        N_(
            "{count:n} {count:plural|account is|accounts are} held back by the rule “{what}” "
            "({revenue:money}, {share:pct} of revenue): {names}."
        ),
        actions={
            "review_gate": N_(
                "Heads of department: decide by name at the review whether the rule is right for {names}."
            )
        },
    ),
    FindingSpec("gates_none", "gates", N_("No exclusion rule changed the tier of an account that bought.")),
    FindingSpec(
        "rules_unchecked",
        "gates",
        N_("These rules could not be checked, as no data were delivered for them: {what}."),
    ),
)
register_findings(
    FindingSpec(
        "kept_small_but_strong",
        "safeguards",
        N_(
            "{count:n} {count:plural|account buys|accounts buy} little here ({revenue:money}) but "
            "{count:plural|is|are} large and strong: {names}. Not to be dropped."
        ),
        actions={
            "keep_and_grow": N_(
                "Head of sales: put {names} on a nurturing list with a goal, an owner and an end date."
            )
        },
    ),
    FindingSpec(
        "kept_demanding",
        "safeguards",
        N_(
            "{count:n} demanding {count:plural|account earns|accounts earn} well and "
            "{count:plural|is|are} worth the trouble ({revenue:money}): {names}."
        ),
    ),
    FindingSpec(
        "kept_own",
        "safeguards",
        N_(
            "{count:n} {count:plural|account is|accounts are} protected by the rule “{what}” "
            "({revenue:money} of revenue): {names}."
        ),
    ),
)
register_findings(
    FindingSpec(
        "overrides_applied",
        "overrides",
        N_(
            "{count:n} {count:plural|tier was|tiers were} set by hand, each with a reason, a name "
            "and an end date: {names}."
        ),
    ),
    FindingSpec(
        "overrides_expired",
        "overrides",
        N_(
            "{count:n} manual {count:plural|tier has|tiers have} expired and no longer "
            "{count:plural|applies|apply}: {names}."
        ),
        actions={
            "renew_overrides": N_(
                "Head of sales: have the decision on {names} renewed at the review, with a new "
                "reason and date; otherwise the rule stands."
            )
        },
    ),
    FindingSpec(
        "overrides_unusable",
        "overrides",
        N_(
            "{count:n} manual {count:plural|tier names|tiers name} a tier or an account that this "
            "scorecard does not have, and {count:plural|was|were} not applied: {names}."
        ),
        actions={
            "mend_overrides": N_(
                "Sales operations: correct the tier or the account number of {names} for the next run."
            )
        },
    ),
)


@table
def gates_table(tiers: Tiers) -> Display:
    """Accounts whose tier a gate caps, the largest first."""
    capped = tiers.rated[tiers.rated["gate"].notna() & (tiers.rated["revenue"] > 0)]
    columns = [
        ACCOUNT,
        Column("gate", N_("Held back as"), rule_label(tiers)),
        Column("tier_score", N_("Score"), "score"),
        Column("tier", N_("Tier")),
        Column("revenue", N_("Revenue"), "money"),
    ]
    caption = N_("Accounts whose score would place them higher than they deserve.")
    return html_table(
        with_unit_names(capped.sort_values("revenue", ascending=False)), columns, caption, most=10
    )


@table
def safeguards_table(tiers: Tiers) -> Display:
    """Accounts that a safeguard protects, the largest first."""
    protected = tiers.rated[tiers.rated["safeguard"].notna()]
    columns = [
        ACCOUNT,
        Column("safeguard", N_("Kept because"), rule_label(tiers)),
        Column("tier", N_("Tier")),
        Column("override", N_("Set by hand because"), extra=True),
        Column("revenue", N_("Revenue"), "money"),
    ]
    if protected["override"].isna().all():
        columns = [c for c in columns if c.key != "override"]
    caption = N_("Accounts not to be dropped, whatever they buy or complain.")
    return html_table(
        with_unit_names(protected.sort_values("revenue", ascending=False)), columns, caption, most=10
    )


@table
def overrides_table(tiers: Tiers) -> Display:
    """The tiers set by hand: the tier by rule, why, by whom, until when."""
    columns = [
        ACCOUNT,
        Column("by_rule", N_("By rule"), css="keep"),
        Column("tier", N_("By hand"), css="keep"),
        Column("state", N_("State"), word(OVERRIDE_STATES), css="keep"),
        Column("reason", N_("Reason"), extra=True, css="long"),
        Column("by", N_("Decided by"), extra=True, css="keep"),
        Column("expires", N_("Until"), "date", css="keep"),
    ]
    caption = N_("Tiers set by hand. Expired ones no longer apply: the rule stands.")
    return html_table(with_names(tiers.overrides), columns, caption, most=20)
