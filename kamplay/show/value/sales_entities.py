"""Accounts on which two of our own sales entities meet: table and words."""

from __future__ import annotations

from collections.abc import Sequence

from kamplay.method.value.step import Value
from kamplay.show.display import Display
from kamplay.show.locale import N_
from kamplay.show.registry import FindingSpec, register_findings, sheet, table
from kamplay.show.table import ACCOUNT, ACCOUNT_COLUMNS, REVENUE, Column, Sheet, html_table, with_names
from kamplay.show.view import current


def _listed(deals: Sequence[str]) -> str:
    locale = current().locale
    return locale.text(N_(", ")).join(deals)


COLUMNS = (
    Column("entity", N_("Entity")),
    REVENUE,
    Column("share", N_("Share"), "pct", extra=True),
    Column("deals", N_("Open opportunities"), _listed),
)


@sheet
def sales_entities_sheet(value: Value) -> Sheet:
    """Every account that two of our entities share or bid for."""
    columns = [*ACCOUNT_COLUMNS, *COLUMNS]
    return Sheet(N_("Shared by our entities"), value.sales_entities.entities, columns)


@table
def sales_entities_table(value: Value) -> Display:
    """Accounts that two of our entities share or bid for."""
    frame = with_names(value.sales_entities.entities)
    columns = [ACCOUNT, *COLUMNS]
    columns = [c for c in columns if c.key not in ("revenue", "share") or frame[c.key].notna().any()]
    return html_table(
        frame,
        columns,
        N_(
            "Accounts on which two of our entities meet: revenue of the last 12 months and open "
            "opportunities of each."
        ),
        most=12,
    )


ENTITIES_NAME_SELLER = {
    "entities_name_seller": N_(
        "Data owner: provide the selling entity on the sales lines and on the opportunities."
    )
}

register_findings(
    FindingSpec(
        "entities_competing",
        "sales_entities",
        N_(
            "On {count:n} {count:plural|account|accounts} different entities of ours have open "
            "opportunities against each other: {names}. At {first} they are {deals:words}."
        ),
        actions={
            "entities_one_lead": N_(
                "Head of sales: have both entities name one lead for {first} before the next offer goes out."
            )
        },
        brief=N_(
            "On {count:n} {count:plural|account|accounts} entities of ours compete against each "
            "other: {names}."
        ),
        rank=36,
    ),
    FindingSpec(
        "entities_competing_shared",
        "sales_entities",
        N_(
            "{count:n} {count:plural|account buys|accounts buy} from two of our entities ({amount:money}): "
            "{names}. At {rivals:n} of them they also have open opportunities against each other: at {first} "
            "{deals:words}."
        ),
        actions={
            "entities_one_lead_each": N_(
                "Head of sales: name one lead {count:plural|for|for each of} {names}, with one price list "
                "and one contact; where our entities bid against each other, before the next offer goes out."
            )
        },
        brief=N_(
            "{count:n} {count:plural|account buys|accounts buy} from two of our entities ({amount:money}); "
            "at {first} they also bid against each other."
        ),
        rank=36,
    ),
    FindingSpec(
        "entities_shared",
        "sales_entities",
        N_(
            "{count:n} {count:plural|account buys|accounts buy} from two of our entities "
            "({amount:money}); at {first} they are {one} and {other}."
        ),
        actions={
            "entities_one_face": N_(
                "Head of sales: name one lead {count:plural|for|for each of} {names}, with one price list "
                "and one contact."
            )
        },
    ),
    FindingSpec(
        "entities_apart",
        "sales_entities",
        N_(
            "No account buys {part:pct} or more from each of two of our entities, and none has open "
            "opportunities of two."
        ),
    ),
    FindingSpec(
        "entities_apart_sales",
        "sales_entities",
        N_(
            "No account buys {part:pct} or more from each of two of our entities; whether they bid "
            "against each other is unknown, because no opportunities name the entity."
        ),
    ),
    FindingSpec(
        "entities_apart_deals",
        "sales_entities",
        N_("No account has open opportunities of two of our entities."),
    ),
    FindingSpec(
        "entities_deals_only",
        "sales_entities",
        N_("Only opportunities say which of our entities sells: revenue by entity is unknown."),
        actions=ENTITIES_NAME_SELLER,
    ),
    FindingSpec(
        "entities_unknown",
        "sales_entities",
        N_(
            "Neither sales lines nor opportunities say which of our entities sells: two on one "
            "account would go unseen."
        ),
        actions=ENTITIES_NAME_SELLER,
    ),
)
