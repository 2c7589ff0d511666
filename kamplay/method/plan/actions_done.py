"""What became of the actions of the last run: the plan against the table ``actions`` that came back."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from kamplay.method.results import Finding

# what is kept of each action of a run for the next one
KEPT_ACTIONS = ["action_id", "account_id", "kind", "facts", "money", "basis", "leads", "owner", "due"]
# done by the planned day, after it, or on a day that is not told; given up; not done and past its day, or not
STATES = ("in_time", "late", "undated", "dropped", "overdue", "open")
DONE = ("in_time", "late", "undated")
TOLD = ["status", "done_on", "result", "note"]  # columns of the table


@dataclass(frozen=True)
class EarlierPlan:
    """Step 4 of an earlier run of the same client, and what its report told.

    Attributes
    ----------
    as_of : its reporting date.
    day : the day of its plan, from which its due dates counted.
    actions : what it planned, columns KEPT_ACTIONS.
    planned_before : action_id and due (ISO) of what the runs before it had planned.
    findings : of its steps 1 to 4.
    gone : units that had been lost or had plainly stopped by then.
    revenue : of the 12 months to ``as_of``, as it told it; None where it told none.
    """

    as_of: date
    day: date
    actions: pd.DataFrame
    planned_before: pd.DataFrame
    findings: tuple[Finding, ...] = ()
    gone: tuple[str, ...] = ()
    revenue: float | None = None


@dataclass(frozen=True)
class ActionsDone:
    """The actions of the last run with what became of each.

    Attributes
    ----------
    actions : its actions, in its order: KEPT_ACTIONS, status, done_on (ISO), result and note as the table has
        them (``owner`` too where it names one), and state (of STATES; missing without a table).
    by_owner : per owner (missing where there was none), those with most overdue first: planned, one column
        for each of STATES. Empty without a table.
    figures : told (a table was there), planned, one for each of STATES, begun (of those not done); rows of
        the table: rows, other (of another run than the last), unknown (of none). Empty without an earlier
        run.
    unknown : action ids of the table that no run has planned, as they came.
    """

    actions: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=[*KEPT_ACTIONS, *TOLD, "state"])
    )
    by_owner: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["owner", "planned"]))
    figures: dict[str, Any] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()


def actions_done(
    earlier: EarlierPlan | None,
    table: pd.DataFrame | None,
    today: pd.Timestamp,
    planned_now: Collection[str] = (),
) -> ActionsDone:
    """Set the actions of the last run against the table that was put back.

    A row belongs to the last run where that run planned its action, unless its due date is that of the same
    action in a run before. Where several rows tell of one action, the last one counts that tells more than
    that it is open. An action with a date of completion is done, unless it was dropped.

    Parameters
    ----------
    table : the Book's table ``actions``; None where none was put back.
    today : the day on which what is not done counts as overdue if its due date lies before it.
    planned_now : action ids of today's plan.
    """
    if earlier is None:
        return ActionsDone()
    planned = earlier.actions.reset_index(drop=True)
    if table is None:
        blank = planned.assign(**dict.fromkeys([*TOLD, "state"]))
        return ActionsDone(blank, figures={"told": False, "planned": len(planned)})
    rows = table.reindex(columns=["action_id", "owner", "due", *TOLD]).assign(
        due=_iso(table.get("due"), table)
    )
    mine = _of_the_last_run(rows, earlier)
    other = ~mine & rows["action_id"].isin({*earlier.planned_before["action_id"], *planned_now}).to_numpy()
    own = _one_each(rows[mine]).reindex(planned["action_id"])
    out = planned.assign(
        status=own["status"].fillna("open").to_numpy(dtype=object),
        done_on=_iso(own["done_on"], own).to_numpy(dtype=object),
        result=_plain(own["result"]),
        note=_plain(own["note"]),
    )
    named = pd.Series(_plain(own["owner"]), index=out.index, dtype=object)
    out["owner"] = named.where(named.notna(), out["owner"])
    out["state"] = _states(out, str(today.date()))
    figures: dict[str, Any] = {"told": True, "planned": len(out)}
    figures |= {state: int((out["state"] == state).sum()) for state in STATES}
    waiting = out["state"].isin(["overdue", "open"])
    figures |= {
        "begun": int((waiting & (out["status"] == "started")).sum()),
        "rows": len(rows),
        "other": int(other.sum()),
        "unknown": int((~mine & ~other).sum()),
    }
    unknown = tuple(str(one) for one in rows.loc[~mine & ~other, "action_id"].dropna().unique())
    return ActionsDone(out, _by_owner(out), figures, unknown)


def _of_the_last_run(rows: pd.DataFrame, earlier: EarlierPlan) -> np.ndarray:
    """Which rows tell of an action of the last run, and not of the same one in a run before."""
    before = earlier.planned_before
    last = set(zip(earlier.actions["action_id"], earlier.actions["due"], strict=True))
    once = set(zip(before["action_id"], before["due"], strict=True)) - last
    of_then = [pair in once for pair in zip(rows["action_id"], rows["due"], strict=True)]
    return rows["action_id"].isin(earlier.actions["action_id"]).to_numpy() & ~np.array(of_then, dtype=bool)


def _one_each(rows: pd.DataFrame) -> pd.DataFrame:
    """A row for each action id, as the index."""
    says = rows["status"].fillna("open").ne("open") | rows["done_on"].notna()
    order = rows.assign(_says=says).sort_values("_says", kind="stable")
    return order.drop_duplicates("action_id", keep="last").set_index("action_id")


def _states(actions: pd.DataFrame, today: str) -> pd.Series:
    done_on, due = actions["done_on"], actions["due"]
    dropped = actions["status"] == "dropped"
    done = ((actions["status"] == "done") | done_on.notna()) & ~dropped
    in_time = done_on.fillna("") <= due
    conditions = [dropped, done & done_on.isna(), done & in_time, done, due < today]
    states = np.select(conditions, ["dropped", "undated", "in_time", "late", "overdue"], "open")
    return pd.Series(states, index=actions.index, dtype=object)


def _by_owner(actions: pd.DataFrame) -> pd.DataFrame:
    rows = actions.assign(owner=actions["owner"].astype(object).where(actions["owner"].notna(), None))
    counts = pd.crosstab(rows["owner"].fillna(""), rows["state"]).reindex(columns=STATES, fill_value=0)
    out = counts.assign(planned=counts.sum(axis=1)).rename_axis(columns=None).rename_axis("owner")
    out = out.reset_index().sort_values(["overdue", "planned", "owner"], ascending=[False, False, True])
    out["owner"] = out["owner"].astype(object).replace("", None)
    return out[["owner", "planned", *STATES]].reset_index(drop=True)


def _iso(days: pd.Series | None, like: pd.DataFrame) -> pd.Series:
    """Dates as ISO texts, missing ones None."""
    if days is None:
        return pd.Series(None, index=like.index, dtype=object)
    told = pd.to_datetime(days).dt.strftime("%Y-%m-%d").astype(object)
    return told.where(told.notna(), None)


def _plain(values: pd.Series) -> np.ndarray:
    return values.astype(object).where(values.notna(), None).to_numpy(dtype=object)
