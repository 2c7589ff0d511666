"""Suspected groups: accounts with similar names but no recorded link."""

from __future__ import annotations

import pandas as pd

from kamplay.method.tiers.step import Tiers
from kamplay.show.display import Display
from kamplay.show.locale import N_
from kamplay.show.registry import FindingSpec, register_findings, sheet, table
from kamplay.show.table import ACCOUNT, ACCOUNT_COLUMNS, Column, Sheet, html_table, with_names
from kamplay.show.view import current

register_findings(
    FindingSpec(
        "kin_suspected",
        "key_accounts",
        N_(
            "{count:n} {count:plural|account|accounts} may belong to a group that is not recorded. "
            "{first} together with {second} would rank no. {joint_rank:n} instead of no. "
            "{rank_now:n}."
        ),
        actions={
            "confirm_kin": N_(
                "Account owners: say before the review whether these belong together; sales "
                "operations then records the parent account."
            )
        },
        brief=N_(
            "{first} may belong to {second}; together they would rank no. {joint_rank:n} instead of "
            "no. {rank_now:n}."
        ),
        rank=45,
    )
)


PAIR = (
    Column("other", N_("Looks like")),
    Column("joint_revenue", N_("Revenue together"), "money"),
    Column("rank_now", N_("Rank now"), "n", extra=True),
    Column("joint_rank", N_("Rank together"), "n"),
)


@table
def related_accounts_table(tiers: Tiers) -> Display:
    """Accounts that may belong together by name, the largest pair first."""
    caption = N_(
        "Names that suggest one group without a link between the accounts: for confirmation, "
        "not counted in any figure."
    )
    return html_table(with_names(_pairs(tiers)), [ACCOUNT, *PAIR], caption, most=8)


@sheet
def related_accounts_sheet(tiers: Tiers) -> Sheet:
    """Every pair that may belong together by name."""
    return Sheet(N_("Suspected groups"), _pairs(tiers), [*ACCOUNT_COLUMNS, *PAIR])


def _pairs(tiers: Tiers) -> pd.DataFrame:
    pairs = tiers.related_accounts
    return pairs.assign(other=[current().name(head) for head in pairs["head"]]) if len(pairs) else pairs
