"""Tables of steps 3 and 4: whom to look at first, what each level gets, who does what by when."""

from __future__ import annotations

from kamplay.method.health import Health
from kamplay.method.strategy import Plan
from kamplay.show.display import Display
from kamplay.show.labels import NEXT, TYPES, band_label, drivers_label
from kamplay.show.locale import N_, missing
from kamplay.show.tables.table import ACCOUNT, Column, named, table, word
from kamplay.show.view import current


def at_risk(health: Health) -> Display:
    """Active accounts to look at first: by expected loss, or by score and size where no probability held."""
    repeat = health.parts.index[health.parts["buys"] > 1]  # a single purchase has no rhythm, and nothing more to lose
    active = health.accounts.loc[repeat].copy()
    proven = active["churn_probability"].notna().any()
    active["revenue_12"] = health.parts["revenue"].reindex(active.index)
    # a green account with a small chance of stopping is large, not in danger
    listed = active[(active["health_band"] != "green") | (active["churn_probability"] >= 0.2)]
    listed = listed.sort_values(["revenue_at_risk", "revenue_12"] if proven else ["revenue_12"], ascending=False)
    locale = current().locale
    both = zip(listed["silent_days"], listed["gap_days"], strict=True)
    listed["silence"] = [f"{locale.number(silent)} ({locale.number(gap)})" for silent, gap in both]
    columns = [
        ACCOUNT,
        Column("health", N_("Health"), "n1", extra=True),  # the band says it on a phone
        Column("health_band", N_("Band"), lambda b: "–" if missing(b) else band_label(b, locale), css="keep"),
        Column("revenue_12", N_("Revenue"), "money", extra=True),
        Column("churn_probability", N_("Chance of stopping"), "pct"),
        Column("revenue_at_risk", N_("Expected loss"), "money"),
        Column("silence", N_("Days silent (usual gap)"), css="keep"),
        Column(
            "health_drivers",
            N_("What costs points"),
            lambda d: drivers_label(d, locale) if d and not missing(d) else "–",
            extra=True,
            css="long",
        ),
    ]
    if not proven:
        columns = [c for c in columns if c.key not in ("churn_probability", "revenue_at_risk")]
    caption = (
        N_("Accounts by expected loss: chance of stopping times the revenue of the horizon.")
        if proven
        else N_("Accounts that are not green, largest first.")
    )
    return table(named(listed), columns, caption, most=15)


def overdue(health: Health) -> Display:
    """Accounts with overdue invoices, the largest amount first; nothing without receivables."""
    late = health.owed[health.owed["overdue"] > 0]
    columns = [
        ACCOUNT,
        Column("overdue", N_("Overdue"), "money"),
        Column("open", N_("Outstanding"), "money", extra=True),
        Column("oldest", N_("Days overdue"), "n"),
        Column("share_of_year", N_("Of the year's purchases"), "pct"),
    ]
    return table(named(late), columns, N_("Accounts with invoices past their due date at the reporting date."), most=12)


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
    frame = plan.actions.set_index("account_id")
    columns = [
        ACCOUNT,
        Column("tier", N_("Tier")),
        Column("type", N_("Type"), word(TYPES), extra=True),
        Column("owner", N_("Owner")),
        Column("next_action", N_("Next action"), word(NEXT)),
        Column("due", N_("Due"), "date", css="keep"),
        Column("revenue", N_("Revenue"), "money", extra=True),
    ]
    if frame["owner"].isna().all():
        columns = [c for c in columns if c.key != "owner"]
    return table(named(frame), columns, N_("Next action by date, the larger account first."))


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
