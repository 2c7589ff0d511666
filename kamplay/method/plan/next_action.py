"""The next action of each account, and how soon: the first rule that holds decides, so that each has one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.measures.buying_rhythm import rhythm_at
from kamplay.method.measures.warning_signs import ACTIONS, strongest_sign
from kamplay.method.value.account_forecast import order_size
from kamplay.presets.scorecard import KEY_LEVELS

# churn probability from which someone should ask, where the expected loss is among the upper tenth
LIKELY_TO_STOP = 0.5
NOT_ASKED = ("held_out", "ordered_since")  # next actions that are none: nobody is contacted
NO_STEP = ("order_later", "returned", "small_order")  # why an account has none: see ``no_step``
OVERDUE_FIRST = 0.1  # overdue above this share of the year's revenue comes before selling


def signs_of(warnings: pd.DataFrame) -> pd.DataFrame:
    """Select each account's strongest sign, and whether it has plainly stopped.

    Parameters
    ----------
    warnings : as in ``EarlyWarning``.

    Returns
    -------
    Index account_id, every account with a warning: sign and severity (missing where it only stopped),
    stopped.
    """
    silence = warnings["sign"] == "silence"
    stopped = pd.Index(warnings.loc[silence, "account_id"].unique(), name="account_id")
    signs = strongest_sign(warnings[~silence])[["sign", "severity"]].astype(object)
    signs = signs.reindex(signs.index.union(stopped))
    return signs.assign(stopped=signs.index.isin(stopped))


def next_actions(frame: pd.DataFrame) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Choose the next action of each account by the first rule that holds.

    Urgent are the accounts of the priority list and no others; ``warned`` are the others with a sign that
    calls for action. Both get the action of their sign; other key accounts in danger that no campaign reaches
    are asked what changed. Whom the campaign reaches has no action beside it. A
    weaker sign leaves the plan as it is and is to be cleared first.

    Parameters
    ----------
    frame : per account sign, severity, gone, win_back, watched (on the priority list), channel (of the
        campaign, missing outside it), contact (see ``Campaign``; without the column all are reached), level,
        key_in_danger (of ``Campaign.key``),
        gate, type, revenue, overdue, late, health_band, churn_probability, revenue_at_risk, verdict. Whom the
        verdict leaves as it is (``fine``) gets no rescue, however long the silence or high the probability.

    Returns
    -------
    action, urgency (``urgent``, ``warned``, ``soon`` or ``routine``), and the sign to clear first (None
    without).
    """
    upper = frame["level"].isin(KEY_LEVELS)
    doubtful = frame["verdict"] != "fine"
    red, yellow = ((frame["health_band"] == band) & doubtful for band in ("red", "yellow"))
    high_loss = frame["revenue_at_risk"].quantile(0.9) if frame["revenue_at_risk"].notna().any() else 0.0
    called = frame["verdict"] == "act"
    contact = frame.get("contact", pd.Series(None, index=frame.index, dtype=object))
    rules: list[tuple[Any, str, str]] = [
        (frame["gone"] & frame["win_back"], "win_back_talk", "soon"),
        (frame["gone"], "close_lost", "routine"),
        (contact == "hold_out", "held_out", "routine"),
        (contact == "bought", "ordered_since", "routine"),
        (frame["channel"].notna(), "campaign", "soon"),
        *((frame["watched"] & (frame["sign"] == sign), action, "urgent") for sign, action in ACTIONS.items()),
        (frame["watched"], "ask_change", "urgent"),
        *((called & (frame["sign"] == sign), action, "warned") for sign, action in ACTIONS.items()),
        (frame["key_in_danger"], "ask_change", "soon"),
        (frame["gate"].isin(["skinner", "unprofitable"]), "reprice", "soon"),
        (frame["overdue"] > OVERDUE_FIRST * frame["revenue"], "collect_overdue", "soon"),
        (red & upper, "rescue_visit", "soon"),
        (frame["late"] == True, "recovery_call", "soon"),  # noqa: E712 - missing is not late
        (
            doubtful
            & (frame["churn_probability"] >= LIKELY_TO_STOP)
            & (frame["revenue_at_risk"] >= high_loss),
            "recovery_call",
            "soon",
        ),
        (red & (frame["level"] == "B"), "recovery_call", "soon"),
        (yellow & upper, "review_meeting", "soon"),
        (frame["gate"] == "one_off", "no_investment", "routine"),
        (frame["type"] == "invest", "grow", "soon"),
        (frame["type"] == "promote", "grow", "routine"),
    ]
    conditions = [np.asarray(r[0], dtype=bool) for r in rules]
    action = np.select(conditions, [r[1] for r in rules], "keep")
    urgency = np.select(conditions, [r[2] for r in rules], "routine")
    # there the action itself deals with the sign
    reached = frame["gone"].to_numpy(dtype=bool) | frame["channel"].notna().to_numpy()
    dealt_with = np.isin(urgency, ["urgent", "warned"]) | reached
    clear = frame["sign"].astype(object).where(frame["sign"].notna() & ~dealt_with, None)
    return pd.Series(action, index=frame.index), pd.Series(urgency, index=frame.index), clear


def no_step(book: Book, units: pd.Index, last_day: pd.Timestamp, least_order: float = 0.0) -> pd.DataFrame:
    """Why there is nothing to do at units that have no action: ``reason`` is ``order_later`` where their own
    rhythm promises the next order (``next_order``) after the plan's ``last_day``, ``returned`` where they
    took back no less than they bought, ``small_order`` where their usual order is below ``least_order``,
    which is not called for, None otherwise.
    """
    rhythm = rhythm_at(book, book.seen_to).reindex(units)
    expected = rhythm["last"] + pd.to_timedelta(rhythm["gap"].round(), unit="D")
    size = order_size(book.days, book.seen_to)["spend"].reindex(units).fillna(0.0)
    reason = pd.Series(None, units, dtype=object).mask(size < least_order, "small_order")
    reason = reason.mask(size <= 0, "returned")
    return pd.DataFrame({"reason": reason.mask(expected > last_day, "order_later"), "next_order": expected})
