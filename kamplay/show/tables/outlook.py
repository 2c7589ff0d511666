"""Tables of step 2: history and funnel added up without counting twice, and groups as one customer."""

from __future__ import annotations

from kamplay.method.value import Value
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_
from kamplay.show.tables.table import Column, table, word
from kamplay.show.view import current

PARTS = {
    "history": N_("Expected of today's accounts"),
    "known": N_("Deals with these accounts"),
    "fresh": N_("Deals with accounts without an expectation"),
    "unnamed": N_("Deals without an account"),
    "later": N_("Deals that close later"),
    "total": N_("Outlook"),
    "target": N_("Target"),
    "gap": N_("Missing to the target"),
    "new": N_("New accounts last year, in no forecast"),
}


def outlook(value: Value) -> Display:
    """What the outlook is made of, and what of the deals it leaves out; nothing where no deal and no target is to be added to history."""
    frame = value.outlook
    if len(frame) <= 2:
        return table(frame.iloc[:0], [], "")
    columns = [
        Column("part", N_("Part"), word(PARTS)),
        Column("deals", N_("Open deals"), "n", extra=True),
        Column("weighted", N_("Weighted"), "money", extra=True),
        Column("counted", N_("In the outlook"), "money"),
        Column("history_weighted", N_("Weighted by history"), "money", extra=True),
        Column("history_counted", N_("Outlook by history"), "money"),
    ]
    if frame["history_counted"].isna().all():
        columns = columns[:4]
    if frame["weighted"].isna().all() or not frame["deals"].fillna(0.0).any():
        columns = [c for c in columns if c.key in ("part", "counted")]
    caption = N_(
        "History and funnel together, for the next 12 months. Of deals with accounts that are expected to buy anyway, only what exceeds the expectation is in it."
    )
    if len(columns) > 4:
        caption = N_(
            "History and funnel together, for the next 12 months. Of deals with accounts that are expected to buy anyway, only what exceeds the expectation is in it. By history: with the win rates of past deals instead of the recorded ones."
        )
    return table(frame, columns, caption)  # fmt: skip


def joint(value: Value) -> Display:
    """Groups by joint revenue, with their rank as one customer against the best rank of a member alone; of a single one the sentence tells."""
    view = current()
    if len(value.joint) < 2:
        return NOTHING
    frame = value.joint.assign(name=[view.name(g) for g in value.joint["group"]], largest=[view.name(b) for b in value.joint["best"]])
    columns = [
        Column("name", N_("Group")),
        Column("members", N_("Members"), "n", extra=True),
        Column("revenue", N_("Joint revenue"), "money"),
        Column("joint_rank", N_("Joint rank"), "n"),
        Column("best_rank", N_("Best rank alone"), "n"),
        Column("largest", N_("Largest member"), extra=True),
    ]
    return table(frame, columns, N_("Groups counted as one customer, the largest first; ranks by revenue of the last 12 months."), most=8)
