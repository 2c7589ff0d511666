"""The tables of the five steps. Each takes a step's result and shows the rows that matter, in the order to act on them."""

from __future__ import annotations

import pandas as pd

from kamplay.method.coverage import Check
from kamplay.method.health import Health
from kamplay.method.strategy import Plan
from kamplay.method.tiers import Tiers
from kamplay.method.value import Value
from kamplay.show.display import Display
from kamplay.show.labels import GATES, NEXT, RECONCILIATION, TYPES, band_label, drivers_label
from kamplay.show.locale import N_, missing
from kamplay.show.table import Column, table
from kamplay.show.view import current

ACCOUNT = Column("name", N_("Account"))


def _named(frame: pd.DataFrame) -> pd.DataFrame:
    view = current()
    return frame.assign(name=[view.name(a) for a in frame.index])


def _word(words: dict[str, str]):  # type: ignore[no-untyped-def]
    locale = current().locale
    return lambda key: "–" if missing(key) else locale.text(words[key])


# Step 0


def reconciliation(check: Check) -> Display:
    """From every line read to the revenue of the 12 months, and to the ledger where its total is known."""
    frame = check.bridge.assign(item=check.bridge["item"].map(_word(RECONCILIATION)))
    return table(
        frame,
        [Column("item", N_("Step")), Column("amount", N_("Amount"), "money")],
        N_("From all lines read to the revenue of the last 12 months."),
    )


def readings(check: Check) -> Display:
    """Each source with what became of its rows."""
    columns = [
        Column("file", N_("Source")),
        Column("sheet", N_("Sheet"), extra=True),
        Column("rows", N_("Rows"), "n"),
        Column("set_aside", N_("Set aside"), "n"),
        Column("blank", N_("Blank"), "n", extra=True),
        Column("totals", N_("Sum rows"), "n", extra=True),
        Column("repeated", N_("Repeats"), "n", extra=True),
        Column("used", N_("Used"), "n"),
        Column("unused", N_("Columns not used"), extra=True),
    ]
    return table(
        check.readings,
        columns,
        N_("How each source was read: rows set aside by the engagement's own filter, blank rows, sum rows, exact repeats."),
    )


def unlocks(check: Check) -> Display:
    """Every table the method knows: delivered or not, and what it adds."""
    locale = current().locale
    words = {(True, True): N_("yes"), (False, True): N_("no"), (False, False): N_("no"), (True, False): N_("checked only")}
    state = [locale.text(words[pair]) for pair in zip(check.tables["there"], check.tables["used"], strict=True)]
    counts = check.tables[["rows", "accounts"]].where(check.tables["there"])
    frame = check.tables.assign(**counts, state=state, label=check.tables[locale.language], adds=check.tables[f"unlocks_{locale.language}"])
    columns = [
        Column("label", N_("Table")),
        Column("state", N_("Delivered"), "text"),
        Column("rows", N_("Rows"), "n"),
        Column("accounts", N_("Accounts"), "n", extra=True),
        Column("adds", N_("What it adds")),
    ]
    return table(frame, columns, N_("Tables delivered, and what each adds. Checked only: read and checked, not yet part of this report."))


# Step 1


def key_accounts(tiers: Tiers) -> Display:
    """The accounts of levels S and A, the best score first."""
    upper = tiers.accounts[tiers.accounts["level"].isin(["S", "A"]) & (tiers.accounts["revenue"] > 0)]
    columns = [
        ACCOUNT,
        Column("tier", N_("Tier")),
        Column("tier_score", N_("Score"), "score"),
        Column("tier_probability", N_("Certainty"), "pct"),
        Column("revenue", N_("Revenue"), "money"),
        Column("override", N_("Set by hand because"), extra=True),
    ]
    if upper["override"].isna().all():
        columns = columns[:-1]
    locale = current().locale
    starts = locale.text(N_(", ")).join(
        f"{key} ≥ {locale.number(start)}" for key, start in zip(tiers.summary["tier"], tiers.summary["start"], strict=True)
    )
    caption = locale.say(
        N_("Tiers by score: {starts}. Certainty: how often an account keeps its tier when the weights shift within reason."), starts=starts
    )
    return table(_named(upper.sort_values(["tier_score", "revenue"], ascending=False)), columns, caption, most=40)


def borderline(tiers: Tiers) -> Display:
    """Accounts whose tier other reasonable weights would change, the largest first."""
    doubt = tiers.accounts[(tiers.accounts["tier_probability"] < 0.7) & (tiers.accounts["revenue"] > 0)]
    columns = [
        ACCOUNT,
        Column("tier", N_("Tier")),
        Column("tier_score", N_("Score"), "score"),
        Column("tier_probability", N_("Certainty"), "pct"),
        Column("revenue", N_("Revenue"), "money"),
    ]
    return table(_named(doubt.sort_values("revenue", ascending=False)), columns, N_("Borderline accounts, largest first."), most=12)


def gated(tiers: Tiers) -> Display:
    """Accounts held back by a gate, the largest first."""
    held = tiers.accounts[tiers.accounts["gate"].notna() & (tiers.accounts["revenue"] > 0)]
    columns = [
        ACCOUNT,
        Column("gate", N_("Held back as"), _word(GATES)),
        Column("tier_score", N_("Score"), "score"),
        Column("tier", N_("Tier")),
        Column("revenue", N_("Revenue"), "money"),
    ]
    return table(
        _named(held.sort_values("revenue", ascending=False)),
        columns,
        N_("Accounts whose score would place them higher than they deserve."),
        most=10,
    )


def criteria(tiers: Tiers) -> Display:
    """The scorecard: weight of each criterion, and for how many accounts it is known."""
    frame = tiers.criteria.assign(label=tiers.criteria[current().locale.language])
    columns = [
        Column("label", N_("Criterion")),
        Column("weight", N_("Weight"), "pct"),
        Column("coverage", N_("Accounts known"), "pct"),
        Column("mean_points", N_("Mean points"), "n1"),
    ]
    return table(frame, columns, N_("The scorecard. Points run from 0 to 100; an unknown criterion's weight goes to the others."))


# Step 2


def top_accounts(value: Value) -> Display:
    """The largest accounts with their share, class and movement."""
    frame = value.ranking.join(value.accounts[["abc", "margin"]]).join(value.moves[["before", "change"]])
    frame["margin_rate"] = frame["margin"] / frame["amount"]
    columns = [
        ACCOUNT,
        Column("amount", N_("Revenue"), "money"),
        Column("share", N_("Share"), "pct"),
        Column("cumulative", N_("Cumulative"), "pct"),
        Column("abc", N_("Class"), extra=True),
        Column("change", N_("Change"), "money", extra=True),
        Column("margin_rate", N_("Margin"), "pct", extra=True),
    ]
    if frame["margin"].isna().all():
        columns = columns[:-1]
    return table(_named(frame), columns, N_("The largest accounts of the last 12 months. Change: against the 12 months before."), most=15)


def margins(value: Value) -> Display:
    """Large accounts by margin, the thinnest first; nothing without costs."""
    large = value.accounts[(value.accounts["abc"] == "A") & value.accounts["margin"].notna()].copy()
    large["margin_rate"] = large["margin"] / large["revenue"]
    columns = [
        ACCOUNT,
        Column("margin_rate", N_("Margin"), "pct"),
        Column("margin", N_("Margin amount"), "money"),
        Column("revenue", N_("Revenue"), "money"),
    ]
    return table(_named(large.sort_values("margin_rate")), columns, N_("Class A accounts with the thinnest margins."), most=8)


def losses(value: Value) -> Display:
    """The largest falls against the year before."""
    if value.key_figures["nrr"] is None:
        return table(value.moves.iloc[:0], [], "")
    falls = value.moves[value.moves["change"] < 0].sort_values("change")
    locale = current().locale
    gone, less = locale.text(N_("lost")), locale.text(N_("contracted"))
    columns = [
        ACCOUNT,
        Column("before", N_("Year before"), "money"),
        Column("now", N_("This year"), "money"),
        Column("change", N_("Change"), "money"),
        Column("move", N_("What happened"), lambda m: gone if m == "lost" else less),
    ]
    return table(_named(falls), columns, N_("Largest falls against the year before."), most=10)


# Step 3


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
    columns = [
        ACCOUNT,
        Column("health", N_("Health"), "n1"),
        Column("health_band", N_("Band"), lambda b: "–" if missing(b) else band_label(b, locale), css="keep"),
        Column("revenue_12", N_("Revenue"), "money", extra=True),
        Column("churn_probability", N_("Chance of stopping"), "pct"),
        Column("revenue_at_risk", N_("Expected loss"), "money"),
        Column("silent_days", N_("Days silent"), "n"),
        Column("gap_days", N_("Usual gap"), "n", extra=True),
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
    return table(_named(listed), columns, caption, most=15)


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
    return table(_named(late), columns, N_("Accounts with invoices past their due date at the reporting date."), most=12)


# Step 4


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
        Column("title", N_("Strategy")),
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
        Column("type", N_("Type"), _word(TYPES), extra=True),
        Column("owner", N_("Owner")),
        Column("next_action", N_("Next action"), _word(NEXT)),
        Column("due", N_("Due"), "date", css="keep"),
        Column("revenue", N_("Revenue"), "money", extra=True),
    ]
    if frame["owner"].isna().all():
        columns = [c for c in columns if c.key != "owner"]
    return table(_named(frame), columns, N_("Next action by date, the larger account first."))


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
        _named(behind), columns, N_("Key accounts below the visit norm in the last three months, the furthest behind first."), most=12
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
