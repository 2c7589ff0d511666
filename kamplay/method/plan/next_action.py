"""What one account needs next, and how soon: the first rule that holds decides, so that nobody is told two
things at once.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kamplay.method.measures.warning_signs import ACTIONS, strongest_sign

# a chance of stopping at which someone should ask, where the expected loss is among the upper tenth
LIKELY = 0.5
OVERDUE_MATTERS = 0.1  # overdue above a tenth of the year's revenue comes before selling


def signs_of(warnings: pd.DataFrame) -> pd.DataFrame:
    """Per account (index account_id) with a warning: ``sign`` and ``severity`` (act, watch) of the strongest
    one, and ``stopped``, True where the account has plainly stopped. ``warnings``: as in
    kamplay.method.early_warning.
    """
    gone = warnings["sign"] == "silence"
    out = strongest_sign(warnings[~gone])[["sign", "severity"]].astype(object)
    out = out.reindex(out.index.union(pd.Index(warnings.loc[gone, "account_id"].unique(), name="account_id")))
    return out.assign(stopped=out.index.isin(warnings.loc[gone, "account_id"]))


def next_actions(frame: pd.DataFrame) -> tuple[pd.Series, pd.Series, pd.Series]:
    """The one next action of each account, its urgency, and the sign to clear first (None where there is
    none).

    ``frame``: per account sign, severity, gone, win_back, watched (step 3's short list), level, gate, type,
    revenue, overdue, late, churn_probability, revenue_at_risk. Urgent are the accounts of the short list and
    no others; ``warned`` are the others with a sign that calls for action. Both get the action of their sign.
    A weaker sign leaves the plan as it is and is to be cleared first.
    """
    upper = frame["level"].isin(["S", "A"])
    red, yellow = frame["health_band"] == "red", frame["health_band"] == "yellow"
    dear = frame["revenue_at_risk"].quantile(0.9) if frame["revenue_at_risk"].notna().any() else 0.0
    called = frame["severity"] == "act"
    rules: list[tuple[Any, str, str]] = [
        (frame["gone"] & frame["win_back"], "win_back_talk", "soon"),
        (frame["gone"], "win_back_talk", "routine"),
        *((frame["watched"] & (frame["sign"] == sign), action, "urgent") for sign, action in ACTIONS.items()),
        (frame["watched"], "ask_change", "urgent"),
        *((called & (frame["sign"] == sign), action, "warned") for sign, action in ACTIONS.items()),
        (frame["gate"].isin(["skinner", "unprofitable"]), "reprice", "soon"),
        (frame["overdue"] > OVERDUE_MATTERS * frame["revenue"], "collect_overdue", "soon"),
        (red & upper, "rescue_visit", "soon"),
        (frame["late"] == True, "recovery_call", "soon"),  # noqa: E712 - missing is not late
        (
            (frame["churn_probability"] >= LIKELY) & (frame["revenue_at_risk"] >= dear),
            "recovery_call",
            "soon",
        ),
        (red & (frame["level"] == "B"), "recovery_call", "soon"),
        (yellow & upper, "review_meeting", "soon"),
        (frame["gate"] == "one_off", "no_investment", "routine"),
        (frame["type"] == "invest", "joint_plan", "soon"),
        (frame["type"] == "maintain", "quarterly_review", "routine"),
        (frame["type"] == "promote", "targeted_offer", "routine"),
        (red, "reactivation_mail", "routine"),
    ]
    conditions = [np.asarray(r[0], dtype=bool) for r in rules]
    action = np.select(conditions, [r[1] for r in rules], "standard_care")
    urgency = np.select(conditions, [r[2] for r in rules], "routine")
    told = np.isin(urgency, ["urgent", "warned"]) | frame["gone"].to_numpy(
        dtype=bool
    )  # the action itself deals with the sign
    clear = frame["sign"].astype(object).where(frame["sign"].notna() & ~told, None)
    return pd.Series(action, index=frame.index), pd.Series(urgency, index=frame.index), clear
