"""Tables of steps 3 and 4: whom to look at first, what each level gets, who does what by when."""

from __future__ import annotations

from kamplay.method.strategy import Plan
from kamplay.show.display import Display
from kamplay.show.labels import NEXT, TYPES
from kamplay.show.locale import N_
from kamplay.show.sentences.health_warning import NAMES
from kamplay.show.tables.table import ACCOUNT, PHONE_ROWS, Column, named, table, word
from kamplay.show.view import current


def levels(plan: Plan) -> Display:
    """What each level of tier gets."""
    language = current().locale.language
    frame = plan.levels.assign(
        title=plan.levels[f"title_{language}"],
        mechanism=plan.levels[f"mechanism_{language}"],
        customisation=plan.levels[f"customisation_{language}"],
        discount=plan.levels[f"discount_{language}"],
    )
    columns = [
        Column("level", N_("Level")),
        Column("accounts", N_("Accounts"), "n"),
        Column("title", N_("Strategy"), extra=True),
        Column("mechanism", N_("Mechanism")),
        Column("customisation", N_("Customisation"), extra=True),
        Column("discount", N_("Discount priority"), extra=True),
        Column("proactive_service_per_quarter", N_("Proactive service a quarter"), "count", extra=True),
        Column("branch", N_("Branch visits a month"), "count"),
        Column("head_office", N_("Head-office visits a month"), "count"),
    ]
    return table(frame, columns, N_("What each level gets: service, offers and visits per account."))


def actions(plan: Plan) -> Display:
    """The plan: account, owner, next action, date, in the order of the dates."""
    locale = current().locale
    frame = plan.actions.set_index("account_id")

    def said(action: str, sign: str | None) -> str:
        todo = locale.text(NEXT[action])
        return (
            locale.say(N_("First clear up: {sign}; then: {todo}"), sign=locale.text(NAMES[sign]), todo=todo[:1].lower() + todo[1:])
            if sign in NAMES
            else todo
        )

    frame["next_action"] = [said(action, sign) for action, sign in zip(frame["next_action"], frame["clear"], strict=True)]
    columns = [
        ACCOUNT,
        Column("tier", N_("Tier")),
        Column("type", N_("Type"), word(TYPES), extra=True),
        Column("owner", N_("Owner")),
        Column("next_action", N_("Next action")),
        Column("due", N_("Due"), "date", css="keep"),
        Column("revenue", N_("Revenue"), "money", extra=True),
    ]
    if frame["owner"].isna().all():
        columns = [c for c in columns if c.key != "owner"]
    return table(
        named(frame),
        columns,
        N_(
            "One next action for each account by date, the larger first; lost ones by what they brought in the year up to their last purchase."
        ),
        phone=max(PHONE_ROWS, int(frame["urgency"].isin(["urgent", "warned"]).sum())),  # what is due first is there on every screen
    )


def visits(plan: Plan) -> Display:
    """Key accounts visited less than the norm, the furthest behind first; nothing without a visit log."""
    behind = plan.visits[plan.visits["done"] < plan.visits["norm"]]
    behind = behind.assign(gap=behind["norm"] - behind["done"]).sort_values(["gap", "revenue"], ascending=False)
    columns = [
        ACCOUNT,
        Column("done", N_("Visits made"), "n"),
        Column("norm", N_("Norm"), "count"),
        Column("days", N_("Days since the last visit"), "n"),
        Column("revenue", N_("Revenue"), "money", extra=True),
    ]
    return table(
        named(behind), columns, N_("Key accounts below the visit norm in the last three months, the furthest behind first."), most=12
    )


def owners(plan: Plan) -> Display:
    """The load of each owner."""
    if plan.owners.empty or "visits" not in plan.owners:
        return table(plan.owners.iloc[:0], [], "")
    columns = [
        Column("owner", N_("Owner")),
        Column("accounts", N_("Accounts"), "n"),
        Column("visits", N_("Visits a month"), "count"),
        Column("revenue", N_("Revenue"), "money"),
    ]
    return table(
        plan.owners.sort_values("visits", ascending=False),
        columns,
        N_("Accounts, visits a month by the norms, and revenue per owner."),
        most=20,
    )
