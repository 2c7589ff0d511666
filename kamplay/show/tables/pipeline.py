"""Tables of the funnel in depth: win rates, stalled opportunities, accounts of two entities."""

from __future__ import annotations

from typing import Any

import pandas as pd

from kamplay.show.display import Display
from kamplay.show.locale import N_, Locale, missing
from kamplay.show.tables.table import Column, table
from kamplay.show.view import current

BY = {
    "all": N_("all deals"), "stage": N_("reached {value}"), "entity": N_("entity {value}"), "owner": N_("owner {value}"),
    "size": N_("size: {value}"), "recorded": N_("recorded {value}"),
}  # fmt: skip
SIZES = {"small": N_("smallest third"), "middle": N_("middle third"), "large": N_("largest third")}


def group_label(by: str, key: str, locale: Locale) -> str:
    """The group of deals of a win rate in words."""
    if by == "recorded":
        low = float(key)
        key = f"{locale.percent(low, 0)}–{locale.percent(low + 0.2, 0)}"
    return locale.say(BY[by], value=locale.text(SIZES[key]) if by == "size" else key)


def win_rates(value: Any) -> Display:
    """Win rates of all deals, by stage and by entity with their intervals, beside the recorded ones; the workbook has every group."""
    locale, rows = current().locale, value.win_rates
    every, rows = rows, rows[rows["by"].isin(["all", "stage", "entity"])]
    whole = rows.loc[rows["by"] == "all", "closed"]
    same = (rows["by"] == "stage") & rows["closed"].isin(whole)  # every deal reached these stages: their rate is that of all
    passed = locale.words(rows.loc[same, "value"].tolist(), most=int(same.sum())) if same.any() else ""
    rows = rows[~same]
    few = locale.text(N_("too few"))
    frame = rows.assign(
        group=[
            locale.say(N_("all deals (reached {value})"), value=passed) if b == "all" and passed else group_label(b, v, locale)
            for b, v in zip(rows["by"], rows["value"], strict=True)
        ],
        told=[few if missing(r) else locale.percent(r) for r in rows["rate"]],
        interval=[
            "" if missing(a) else f"{locale.percent(a, 0)}–{locale.percent(b, 0)}" for a, b in zip(rows["low"], rows["high"], strict=True)
        ],
    )
    columns = [
        Column("group", N_("Deals")),
        Column("closed", N_("Closed"), "n", extra=True),
        Column("won", N_("Won"), "n", extra=True),
        Column("told", N_("Win rate"), css="num"),
        Column("interval", N_("95% interval"), css="num keep"),
        Column("recorded", N_("Recorded"), "pct"),
    ]
    if frame["recorded"].isna().all():
        columns = columns[:-1]
    caption = N_(
        "Share of closed deals that were won. Reached a stage: lost there or later, or won. Recorded: the mean win rate of the open deals there; of a recorded band, that of its closed deals."
    )
    if len(every) > len(rows):
        caption = (
            locale.text(caption)
            + (" " if locale.language == "en" else "")
            + locale.text(N_("By owner, by size and by recorded rate: in the workbook."))
        )
    return table(frame, columns, caption)  # fmt: skip


def stalled(value: Any) -> Display:
    """Opportunities that stand still, the largest first."""
    locale, frame = current().locale, _named(value.stalled)
    frame["usual"] = [
        locale.number(a) if missing(m) else f"{locale.number(a)} ({locale.count(m)})"
        for a, m in zip(frame["age"], frame["median_age"], strict=True)
    ]
    columns = [
        Column("opportunity_id", N_("Opportunity")),
        Column("name", N_("Account")),
        Column("stage", N_("Deal stage"), extra=True),
        Column("amount", N_("Amount"), "money"),
        Column("usual", N_("Days open (usual)"), css="num keep"),
        Column("expected_close", N_("Expected close"), "date", extra=True),
    ]
    columns = [c for c in columns if c.key not in ("amount", "expected_close") or frame[c.key].notna().any()]
    largest, longest = (
        N_("Opportunities that stand still, the largest first. In brackets: the median of the other open opportunities at that stage."),
        N_("Opportunities that stand still, the longest first. In brackets: the median of the other open opportunities at that stage."),
    )
    caption = largest if frame["amount"].notna().any() else longest
    return table(frame, columns, caption, most=8)


def entities(value: Any) -> Display:
    """Accounts that two of our entities share or bid for."""
    frame = _named(value.entities)
    columns = [
        Column("name", N_("Account")),
        Column("entity", N_("Entity")),
        Column("revenue", N_("Revenue"), "money"),
        Column("share", N_("Share"), "pct", extra=True),
        Column("deals", N_("Open opportunities")),
    ]
    columns = [c for c in columns if c.key not in ("revenue", "share") or frame[c.key].notna().any()]
    return table(
        frame,
        columns,
        N_("Accounts on which two of our entities meet: revenue of the last 12 months and open opportunities of each."),
        most=12,
    )


def _named(frame: pd.DataFrame) -> pd.DataFrame:
    view = current()
    return frame.assign(name=["–" if missing(a) else view.name(a) for a in frame["account_id"]])
