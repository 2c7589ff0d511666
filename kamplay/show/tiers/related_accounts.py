"""Suspected groups: accounts that look by name as if they belonged together."""

from __future__ import annotations

from kamplay.method.tiers.step import Tiers
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_
from kamplay.show.registry import FindingSpec, register_findings, table
from kamplay.show.table import ACCOUNT, Column, html_table, with_names
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
                "The account owners say before the review whether these belong together; sales "
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


@table
def related_accounts_table(tiers: Tiers) -> Display:
    """Accounts that look by name as if they belonged together, the largest pair first."""
    frame = tiers.related_accounts
    if frame.empty:
        return NOTHING
    shown = with_names(frame).assign(other=[current().name(head) for head in frame["head"]])
    columns = [
        ACCOUNT,
        Column("other", N_("Looks like")),
        Column("joint_revenue", N_("Revenue together"), "money"),
        Column("rank_now", N_("Rank now"), "n", extra=True),
        Column("joint_rank", N_("Rank together"), "n"),
    ]
    caption = N_(
        "Names that suggest one group without a link between the accounts: for confirmation, "
        "not counted in any figure."
    )
    return html_table(shown, columns, caption, most=8)
