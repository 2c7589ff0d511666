"""The terms of a contract as two steps, each with its own day: asked for in writing, then agreed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

import pandas as pd

from kamplay.method.plan.working_days import WorkingDays, holidays_after
from kamplay.method.value.contracts import agreed_by
from kamplay.presets.strategy import DueDays

ASKED = "renew_contract"  # in writing, with a day to agree it
AGREED = ("agree_contract", "reprice")  # with whom it is signed


def asked_and_agreed(
    chosen: pd.DataFrame, contracts: pd.DataFrame, within: DueDays, days: WorkingDays
) -> pd.DataFrame:
    """The actions with what settles the terms of a contract as two of them: ASKED, and behind it one of
    AGREED; both with the facts ``ask`` and ``agree`` (ISO), the days by which they are done.

    Parameters
    ----------
    chosen : account_id, kind, ref, facts, money, basis and further columns, by unit and place.
    contracts : the candidates of kind ASKED, one an account.
    within, days : as for ``actions``.
    """
    rows = chosen.reset_index(drop=True)
    off = holidays_after(days.country, days.first)
    both = rows["kind"].isin([ASKED, "reprice"]) & pd.Series(["end" in own for own in rows["facts"]])
    told = [
        own | _days_of(own, within, days, off) if split else own
        for own, split in zip(rows["facts"], both, strict=True)
    ]
    rows = rows.assign(facts=pd.Series(told, rows.index, dtype=object))
    of_unit = (
        contracts.drop_duplicates("account_id").set_index("account_id").reindex(rows["account_id"][both])
    )
    letters = rows[both].assign(
        kind=ASKED,
        ref=of_unit["ref"].to_numpy(),
        facts=[
            own | {name: day for name, day in told[at].items() if name in ("ask", "agree")}
            for at, own in zip(rows.index[both], of_unit["facts"], strict=True)
        ],
        money=of_unit["money"].to_numpy(),
        basis=of_unit["basis"].to_numpy(),
    )
    agreed = rows.assign(kind=rows["kind"].replace({ASKED: "agree_contract"}))
    whole = pd.concat([letters, agreed]).sort_index(kind="stable").reset_index(drop=True)
    return whole.assign(place=whole.groupby("account_id").cumcount() + 1)


def of_terms(actions: pd.DataFrame) -> pd.Series:
    """Which actions have a day by which the terms of a contract are to be agreed."""
    return actions["facts"].str.contains('"agree"', regex=False).astype(bool)


def _days_of(
    facts: dict[str, Any], within: DueDays, days: WorkingDays, off: Collection[date]
) -> dict[str, str]:
    """By when it is asked for, and agreed: by the working day up to the last day of notice, and half-way from
    there to the end; where that day has passed, with the urgent, and half-way from then to the end; where the
    contract has ended, with the urgent and with the soon.
    """
    end, notice = date.fromisoformat(facts["end"]), date.max
    if "notice" in facts:
        notice = date.fromisoformat(facts["notice"])
    if days.days[0] <= notice < date.max:
        ask = days.on_or_before(min(notice, days.last))
        return {"ask": ask.isoformat(), "agree": _agreed(notice, end, off)}
    ask = days.within(within.urgent)
    if end < days.days[0]:
        return {"ask": ask.isoformat(), "agree": days.within(within.soon).isoformat()}
    ask = min(ask, days.on_or_before(min(end, days.last)))
    return {"ask": ask.isoformat(), "agree": _agreed(ask, end, off)}


def _agreed(asked: date, end: date, off: Collection[date]) -> str:
    return str(agreed_by(pd.Timestamp(asked), pd.Timestamp(end), off).date())
