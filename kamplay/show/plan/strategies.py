"""The strategy of each account, shown and said: what levels get, why an account has its strategy, who has a
manager of its own, what is done about the lost, and what points buy.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from kamplay.method.plan.step import Plan
from kamplay.method.plan.strategy_choice import BY_HAND, StrategyChoice
from kamplay.method.results import Finding
from kamplay.presets import Strategy
from kamplay.presets.strategy import LevelPlan
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_, Locale, missing
from kamplay.show.registry import FindingSpec, register_findings, sheet, table
from kamplay.show.table import ACCOUNT, ACCOUNT_COLUMNS, Column, Sheet, html_table, with_names, word
from kamplay.show.texts.preset_texts import number
from kamplay.show.texts.strategy_texts import capital, care_given, earned_text, redeemed_text
from kamplay.show.texts.vocabulary import OVERRIDE_STATES
from kamplay.show.view import current


def preset_of(plan: Plan) -> Strategy | None:
    """The strategy preset that the plan was made with; None of a plan without one."""
    preset = plan.strategies.preset
    return Strategy.model_validate(preset) if preset else None


def strategy_names(choice: StrategyChoice, locale: Locale) -> dict[str, str]:
    """What every strategy of the preset is called, by its key."""
    described = Strategy.model_validate(choice.preset).described() if choice.preset else {}
    return {key: words.get(locale.language) for key, words in described.items()}


def level_head(level: str, locale: Locale) -> str:
    return locale.say(N_("Level {level}"), level=level)


def _reasons(choice: StrategyChoice, locale: Locale) -> dict[str, str]:
    """Every rule in words, by its key."""
    rules = Strategy.model_validate(choice.preset).choice if choice.preset else []
    return {rule.rule: capital(rule.get(locale.language)) for rule in rules} | {
        BY_HAND: locale.text(N_("Strategy set by hand"))
    }


# --- what each level gets


@table
def levels_table(plan: Plan) -> Display:
    """What each level of tier gets, a column for each; one column where accounts are not tiered."""
    strategy, locale = preset_of(plan), current().locale
    if strategy is None or plan.levels.empty:
        return NOTHING
    rows: dict[str, list[str]] = {}
    for level in plan.levels.itertuples():
        given = _given(strategy, strategy.of(level.level), level, locale)
        for what, text in given.items():
            rows.setdefault(what, []).append(text)
    heads = [
        locale.text(N_("Every account")) if missing(level) else level_head(level, locale)
        for level in plan.levels["level"]
    ]
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=[str(n) for n in range(len(heads))])
    frame = frame.rename_axis("what").reset_index()
    columns = [Column("what", N_("What")), *(Column(str(n), head) for n, head in enumerate(heads))]
    if plan.strategies.tiered:
        return html_table(frame, columns, N_("What each level gets, for one account."))
    return html_table(frame, columns, N_("What every account gets, as there are no levels."))


def _given(strategy: Strategy, plan: LevelPlan, level: object, locale: Locale) -> dict[str, str]:
    """What one level gets, line by line."""
    language, say = locale.language, locale.say
    times = N_("{hours} h / {days} d")
    complaint = {
        "hours": number(plan.complaint.reply_hours, locale),
        "days": number(plan.complaint.resolve_days, locale),
    }
    care = strategy.care[plan.care]
    level_of_care = say(N_("{title}: {care}"), title=care.get(language), care=care_given(care, locale))
    branch, head_office = getattr(level, "branch"), getattr(level, "head_office")  # noqa: B009
    return {
        locale.text(N_("Accounts")): locale.number(getattr(level, "accounts")),  # noqa: B009
        locale.text(N_("Strategy")): plan.title.get(language),
        locale.text(N_("Mechanism")): capital(plan.mechanism.get(language)),
        locale.text(N_("Care")): level_of_care,
        locale.text(N_("Customisation")): capital(plan.customisation.get(language)),
        locale.text(N_("Discount priority")): capital(plan.discount.get(language)),
        locale.text(N_("Turn for scarce goods")): locale.number(plan.scarce_stock),
        locale.text(N_("Complaints: reply / settled within")): say(times, **complaint),
        locale.text(N_("Proactive service a quarter")): number(plan.proactive_service_per_quarter, locale),
        locale.text(N_("Visits a month: branch / head office")): (
            f"{number(branch, locale)} / {number(head_office, locale)}"
        ),
    }


# --- the strategy of each account


@table
def strategies_table(plan: Plan) -> Display:
    """Every rule that gave a strategy, in the rules' order: to how many accounts, and what they get."""
    strategy, locale = preset_of(plan), current().locale
    if strategy is None:
        return NOTHING
    language, known = locale.language, strategy.described()
    why = _reasons(plan.strategies, locale)
    frame = plan.strategies.rules
    frame = frame.assign(
        name=[known[key].get(language) for key in frame["strategy"]],
        why=[why[rule] for rule in frame["rule"]],
        care=[capital(known[key].care.get(language)) for key in frame["strategy"]],
    )
    columns = [
        Column("name", N_("Strategy"), css="keep"),
        Column("why", N_("Why")),
        Column("units", N_("Accounts"), "n"),
        Column("revenue", N_("Revenue"), "money"),
        Column("care", N_("What it holds"), css="long"),
    ]
    return html_table(
        frame,
        columns,
        N_(
            "One strategy for each account: the first rule that holds, from the top. Lost accounts with what "
            "they brought in the year up to their last purchase."
        ),
    )


@sheet
def strategies_sheet(plan: Plan) -> Sheet:
    """The strategy of every planned account, and the rule or the decision that gives it."""
    locale, choice = current().locale, plan.strategies
    names, why = strategy_names(choice, locale), _reasons(choice, locale)
    rows = choice.units
    if len(rows):
        rows = rows.assign(strategy=rows["strategy"].map(names), rule=rows["rule"].map(why))
    columns = [
        *ACCOUNT_COLUMNS,
        Column("strategy", N_("Strategy")),
        Column("rule", N_("Why")),
        Column("override_reason", N_("Set by hand because")),
        Column("override_expires", N_("Until"), "date"),
    ]
    return Sheet(N_("Strategies"), rows, columns)


@table
def strategy_overrides_table(plan: Plan) -> Display:
    """The strategies set by hand, with reason and end."""
    locale, frame = current().locale, plan.strategies.overrides
    names = strategy_names(plan.strategies, locale)
    frame = frame.assign(
        strategy=[names.get(key, key) for key in frame.get("strategy", [])],
        by_rule=frame["by_rule"].map(names) if len(frame) else None,
    )
    columns = [
        ACCOUNT,
        Column("by_rule", N_("By rule"), css="keep"),
        Column("strategy", N_("By hand"), css="keep"),
        Column("state", N_("State"), word(OVERRIDE_STATES), css="keep"),
        Column("reason", N_("Reason"), extra=True, css="long"),
        Column("by", N_("Decided by"), extra=True, css="keep"),
        Column("expires", N_("Until"), "date", css="keep"),
    ]
    caption = N_("Strategies set by hand. Expired ones no longer apply: the rule stands.")
    return html_table(with_names(frame), columns, caption, most=20)


MANAGER_STATES = {"own": N_("Its own"), "shared": N_("Shared"), "none": N_("Nobody")}
BASES = {"own": N_("Bought from us"), "wallet": N_("All its purchases")}


@table
def managers_table(plan: Plan) -> Display:
    """The accounts that purchase enough for a manager of their own, and who leads them."""
    locale = current().locale
    columns = [
        ACCOUNT,
        Column("purchases", N_("Purchases a year"), "money"),
        Column("basis", N_("Known as"), word(BASES), extra=True),
        Column("owner", N_("Owner")),
        Column("leads", N_("Accounts the owner leads"), "n"),
        Column("state", N_("Manager"), word(MANAGER_STATES)),
    ]
    managers = plan.strategies.managers
    # what is the same of all the caption or the finding says
    columns = [c for c in columns if c.key not in ("basis", "state") or managers[c.key].nunique() > 1]
    limits = plan.strategies.preset.get("dedicated", {})
    caption = locale.say(
        N_(
            "Accounts with purchases above {above:money} a year, the largest first. An owner is an account's "
            "own manager who leads {most:n} accounts at most."
        ),
        above=limits.get("above"),
        most=limits.get("most_accounts"),
    )
    return html_table(with_names(managers), columns, caption, most=10)


# --- lost accounts and points


@table
def lost_steps_table(plan: Plan) -> Display:
    """What is done about lost accounts, step by step."""
    strategy, language = preset_of(plan), current().locale.language
    if strategy is None:
        return NOTHING
    frame = pd.DataFrame(
        {
            "step": [step.get(language) for step in strategy.lost.steps],
            "task": [capital(step.task.get(language)) for step in strategy.lost.steps],
        }
    )
    columns = [
        Column("step", N_("In this order"), css="keep"),
        Column("task", N_("What is done"), css="long"),
    ]
    return html_table(frame, columns, N_("How a lost account is won back."))


@table
def points_table(plan: Plan) -> Display:
    """How points are earned, and what they buy."""
    strategy, locale = preset_of(plan), current().locale
    if strategy is None:
        return NOTHING
    loyalty = strategy.loyalty
    earned, redeemed = locale.text(N_("Earned")), locale.text(N_("Redeemed"))
    rows = [
        (earned, capital(earned_text(one, locale, locale.money(one.per) if one.per else None)))
        for one in loyalty.earned
    ]
    rows += [(redeemed, capital(redeemed_text(one, locale))) for one in loyalty.redeemed]
    frame = pd.DataFrame(rows, columns=["how", "what"])
    columns = [Column("how", N_("Points"), css="keep"), Column("what", N_("For what"), css="long")]
    limits = loyalty.limits.get(locale.language)
    caption = locale.say(
        N_("Points are good for {months:n} months; {limits}."), months=loyalty.valid_months, limits=limits
    )
    return html_table(frame, columns, caption)


# --- in words


def _given_words(finding: Finding, locale: Locale) -> Mapping[str, object]:
    """How many accounts have which strategy."""
    names, counts = finding.figures[locale.language], finding.figures["counts"]
    pairs = zip(names, counts, strict=True)
    parts = [locale.say(N_("{name} {count:n}"), name=name, count=count) for name, count in pairs]
    return {"given": locale.words(parts, len(parts))}


def _leads_words(finding: Finding, locale: Locale) -> Mapping[str, object]:
    fewest, largest = finding.figures["fewest"], finding.figures["largest"]
    said = N_("{fewest:n}") if fewest == largest else N_("{fewest:n} to {largest:n}")
    lacking, count = finding.figures["lacking"], finding.figures["count"]
    of = N_("All {count:n}") if lacking == count else N_("{lacking:n} of {count:n}")
    waits = N_(
        "; {waiting:n} of them, which a rule holds back, once {waiting:plural|its level is|their levels "
        "are} settled"
    )
    waiting = finding.figures.get("waiting")
    owners = [locale.label(one) for one in finding.figures["owners"]]
    return {
        "from_named": locale.say(N_("{first} and the other owners"), first=owners[0])
        if len(owners) > 1
        else owners[0],
        "waits": locale.say(waits, waiting=waiting) if waiting else "",
        "leads": locale.say(said, fewest=fewest, largest=largest),
        "of_them": locale.say(of, lacking=lacking, count=count),
    }


register_findings(
    FindingSpec(
        "plan_untiered",
        "types",
        N_(
            "These accounts are not worth tiering. So the plan has no levels, no visit "
            "norms by level and no list of S accounts: all {count:n} get one standard, and a visit where a "
            "sign or an action calls for one."
        ),
    ),
    FindingSpec(
        "strategies",
        "types",
        N_("Strategies of the {planned:n} accounts that still buy: {given}."),
        actions={
            "assign_teams": N_(
                "Head of sales: by {due:date} put a lead each for account, solution and delivery, "
                "with one set of goals, in charge of the largest to invest in ({first_teams:n} for a "
                "start): {three}."
            )
        },
        words=_given_words,
    ),
    FindingSpec(
        "strategies_applied",
        "types",
        N_(
            "{count:n} {count:plural|strategy was|strategies were} set by hand, each with a reason and a "
            "name: {names}."
        ),
    ),
    FindingSpec(
        "strategies_expired",
        "types",
        N_(
            "{count:n} {count:plural|strategy|strategies} set by hand {count:plural|has|have} expired and no "
            "longer {count:plural|applies|apply}: {names}."
        ),
        actions={
            "renew_strategies": N_(
                "Head of sales: have the decision on {names} renewed at the review, with a new "
                "reason and date; otherwise the rule stands."
            )
        },
    ),
    FindingSpec(
        "strategies_unusable",
        "types",
        N_(
            "{count:n} {count:plural|strategy|strategies} set by hand {count:plural|names|name} a strategy "
            "that the preset or an account that the plan does not have, and {count:plural|was|were} not "
            "applied: {names}."
        ),
        actions={
            "mend_strategies": N_(
                "Sales operations: correct the strategy or the account number of {names} for the next run."
            )
        },
    ),
    FindingSpec(
        "managers_none",
        "types",
        N_(
            "{lacking:n} of {count:n} accounts that purchase for more than {above:money} a year "
            "{lacking:plural|has|have} no owner at all: {names}."
        ),
        actions={"name_managers": N_("Head of sales: by {due:date} name a manager for each, first {three}.")},
        rank=34,
    ),
    FindingSpec(
        "managers_shared",
        "types",
        N_(
            "{of_them} accounts that purchase for more than {above:money} a year "
            "{lacking:plural|has|have} no manager of {lacking:plural|its|their} own: "
            "{lacking:plural|its owner leads|their owners lead} {leads} accounts each, where {most:n} is the "
            "most for that: {names}."
        ),
        actions={
            "relieve_managers": N_(
                "Head of sales: by {due:date} name {people:n} {people:plural|manager|managers} who "
                "{people:plural|looks|look} after the {lacking:n} {lacking:plural|account|accounts} above "
                "{above:money} a year and no other, at most {most:n} each, taken over from {from_named}: "
                "first {three}{waits}. Where that does not pay, record why."
            )
        },
        rank=41,
        words=_leads_words,
    ),
    FindingSpec(
        "managers_kept",
        "types",
        N_(
            "Every account that purchases for more than {above:money} a year ({count:n}) has a manager "
            "of its own."
        ),
    ),
    FindingSpec(
        "managers_unknown",
        "types",
        N_(
            "{count:n} {count:plural|account purchases|accounts purchase} for more than {above:money} a "
            "year; who leads {count:plural|it|them} is not in the data."
        ),
        actions={
            "name_owners": N_(
                "Sales operations: put the owner of each account into the customer table, first {three}."
            )
        },
    ),
)
