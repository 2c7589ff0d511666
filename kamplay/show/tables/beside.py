"""Tables of step 1 that stand beside the tiers: classes, the map, whom to assess, who moved, suspected groups."""

from __future__ import annotations

import numpy as np

from kamplay.method.positions import DIMENSIONS
from kamplay.method.tiers import Tiers
from kamplay.show.display import NOTHING, Display
from kamplay.show.labels import CLASSES, WHY
from kamplay.show.locale import N_
from kamplay.show.tables.table import ACCOUNT, Column, named, table, word
from kamplay.show.view import current


def classes(tiers: Tiers) -> Display:
    """How the accounts that bought divide by each known dimension, and where the key ones are."""
    frame = tiers.classes[tiers.classes["dimension"].isin(("nature", "industry", "region"))] if len(tiers.classes) else tiers.classes
    if frame.empty:
        return NOTHING
    locale, dimension = current().locale, word(CLASSES)
    from kamplay.codebook import codebook

    stages = {key: labels[locale.language] for key, labels in codebook()["accounts"].columns["stage"].choices.items()}
    shown = frame.sort_values("dimension", key=lambda d: d.map(DIMENSIONS.index), kind="stable")
    value = [stages.get(v, v) if d == "stage" else v for d, v in zip(shown["dimension"], shown["value"], strict=True)]
    first = ~shown["dimension"].duplicated()
    shown = shown.assign(dimension=shown["dimension"].where(first, ""), value=[v or locale.text(N_("not stated")) for v in value])
    columns = [
        Column("dimension", N_("Dimension"), lambda key: dimension(key) if key else ""),
        Column("value", N_("Class")),
        Column("accounts", N_("Accounts"), "n"),
        Column("key", N_("of which key"), "n"),
        Column("share", N_("Share of revenue"), "pct"),
        Column("revenue", N_("Revenue"), "money", extra=True),
    ]
    return table(shown, columns, N_("The accounts that bought in the last 12 months, by class."), most=40)


def to_win(tiers: Tiers) -> Display:
    """Attractive accounts with a weak position of ours, the most attractive first."""
    frame = tiers.position
    win = frame[frame["field"] == "win"].sort_values(["attractiveness", "revenue"], ascending=False) if len(frame) else frame
    win = win.join(tiers.rated[["tier", "owner"]])
    columns = [
        ACCOUNT,
        Column("spend", N_("Purchases a year"), "money"),
        Column("share", N_("Our share"), "pct"),
        Column("attractiveness", N_("Attractiveness"), "n", extra=True),
        Column("strength", N_("Our position"), "n", extra=True),
        Column("tier", N_("Tier"), css="keep"),
        Column("owner", N_("Owner"), extra=True, css="keep"),
    ]
    columns = [c for c in columns if c.key == "name" or win[c.key].notna().any()]
    caption = N_("Attractive accounts where our position is weak, the most attractive first (both from 0 to 100).")
    return table(named(win), columns, caption, most=10)


def map_basis(tiers: Tiers) -> Display:
    """What attractiveness and strength are made of, and for how many accounts each part is known."""
    locale, frame = current().locale, tiers.axes
    if frame.empty:
        return NOTHING
    sides = {"attractiveness": N_("Attractiveness"), "strength": N_("Our position")}
    columns = [
        Column("axis", N_("Axis"), word(sides)),
        Column("label", N_("Criterion")),
        Column("weight", N_("Weight"), "pct"),
        Column("coverage", N_("Data coverage"), "pct"),
    ]
    caption = N_("What the map rests on; an account is placed when at least half of each axis is known.")
    return table(frame.assign(label=frame[locale.language]), columns, caption)


def intake(tiers: Tiers) -> Display:
    """Accounts to assess before they buy, the largest first."""
    locale = current().locale
    own, desk = locale.text(N_("manager of its own")), locale.text(N_("assessment"))
    columns = [
        ACCOUNT,
        Column("spend", N_("Purchases a year"), "money"),
        Column("dedicated", N_("What it gets"), lambda d: own if d else desk),
        Column("due", N_("Assess by"), "date", css="keep"),
    ]
    return table(
        named(tiers.intake), columns, N_("Accounts without a purchase here in the last 12 months that purchase much elsewhere."), most=12
    )


def moves(tiers: Tiers) -> Display:
    """Who changed tier since the earlier run, falls first."""
    frame = tiers.moves
    if frame.empty:
        return NOTHING
    crossed = frame["level_before"].isin(["S", "A"]) != frame["level_now"].isin(["S", "A"])
    within = frame["level_before"].isin(["S", "A"]) & frame["level_now"].isin(["S", "A"])
    frame = frame.assign(_order=np.select([crossed, within], [0, 1], 2)).sort_values(["_order", "revenue"], ascending=[True, False])
    shown = max(int((crossed | within).sum()), 8)
    columns = [
        ACCOUNT,
        Column("before", N_("Then")),
        Column("now", N_("Now")),
        Column("score_before", N_("Score then"), "score", extra=True),
        Column("score_now", N_("Score now"), "score", extra=True),
        Column("why", N_("Why"), word(WHY)),
        Column("revenue", N_("Revenue"), "money"),
    ]
    caption = N_("Accounts whose tier changed since the earlier report: first those that became key or ceased to be, then by revenue.")
    return table(named(frame), columns, caption, most=min(shown, 25))


def kin(tiers: Tiers) -> Display:
    """Accounts that look by name as if they belonged together."""
    frame = tiers.kin
    if frame.empty:
        return NOTHING
    view = current()
    shown = frame.assign(name=[view.name(a) for a in frame["account_id"]], other=[view.name(h) for h in frame["head"]])
    columns = [
        ACCOUNT,
        Column("other", N_("Looks like")),
        Column("joint_revenue", N_("Revenue together"), "money"),
        Column("rank_now", N_("Rank now"), "n", extra=True),
        Column("joint_rank", N_("Rank together"), "n"),
    ]
    return table(
        shown,
        columns,
        N_("Names that suggest one group without a link between the accounts: for confirmation, not counted in any figure."),
        most=8,
    )
