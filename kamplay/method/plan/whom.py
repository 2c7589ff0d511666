"""Whom an action is for: the person at the customer whose matter it is, and no higher than it calls for."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from kamplay.method.health.stakeholders import DECIDING
from kamplay.method.measures.receivables import JUST_LATE
from kamplay.method.plan.next_action import OVERDUE_FIRST
from kamplay.method.value.growth_exclusions import OVERDUE_DAYS

WORKING, TOP = ("implementation", "use"), ("decision", "image")
# the layers whose matter it is, the first group in which somebody is known; of others, whoever supports us
_DAILY = (WORKING, ("decision",), ("image",))
_BUYING = (("decision", "implementation"), ("use",), ("image",))
_LEADING = (TOP, ("implementation",), ("use",))
_DECIDING = (("decision",), ("image",), ("implementation",), ("use",))
MATTERS: dict[str, tuple[tuple[str, ...], ...]] = {
    **dict.fromkeys(
        ("settle_complaint", "deliver_order", "mend_delivery", "next_order", "no_investment", "ask_rhythm"),
        _DAILY,
    ),
    **dict.fromkeys(("offer_category", "regain_category"), _DAILY),
    **dict.fromkeys(("move_deal", "win_share", "review_meeting", "recovery_call", "ask_change"), _BUYING),
    **dict.fromkeys(("renew_contract", "agree_contract", "reprice"), _DECIDING),
    **dict.fromkeys(("joint_review", "senior_visit", "rescue_visit", "win_back_talk"), _LEADING),
}
MONEY = ("collect_overdue", "payment_plan")
# whoever sees to bills: finance, purchasing, a hospital's department of equipment
PAYS = re.compile(
    r"财务|会计|出纳|资金|采购|设备|器械|药剂|financ|account(?:s|ing|ant)|treasur|payable|bookkeep|purchas"
    r"|procure|buyer|buying",
    re.IGNORECASE,
)
BUYS = re.compile(r"采购|设备|器械|药剂|purchas|procure|buyer|buying", re.IGNORECASE)
_SIDES = {"supporter": 0, "neutral": 1, "unknown": 1, "opponent": 2}


def matter_of_the_top(overdue: float, oldest: float, revenue: float) -> bool:
    """Whether money owed is a matter of who decides there: the oldest bill is long overdue, or the sum is
    large beside a year's ``revenue`` and its first reminder has had its month.
    """
    return oldest > OVERDUE_DAYS or (oldest > JUST_LATE and overdue > OVERDUE_FIRST * max(revenue, 0.0))


class People:
    """Who is still there at each unit. ``people`` : as in ``Stakeholders``."""

    def __init__(self, people: pd.DataFrame) -> None:
        self.people = people
        self._of: dict[str, pd.DataFrame] = {}
        if len(people):
            rank = {layer: place for place, layer in enumerate(DECIDING)}
            here = people[~people["gone"].astype(bool)].assign(
                _side=lambda p: p["side"].map(_SIDES).fillna(1),
                _rank=lambda p: p["layer"].map(rank).astype("float64").fillna(len(rank)),
            )
            order, up = ["_side", "influence", "_rank"], [True, False, True]
            here = here.sort_values(order, ascending=up, kind="stable")
            self._of = dict(list(here.groupby("account_id")))

    def to_speak_to(self, unit: str, kind: str, top: bool) -> str | None:
        """The contact_id of whom an action is for. Money owed goes to who sees to bills, or to nobody who is
        known; only with ``top``, see ``matter_of_the_top``, to who decides. All else goes to the first group
        of layers of its matter in which somebody is known, else to anybody: supporters first, opponents last,
        then by influence. Whether there is a further need is asked of who decides, else of purchasing.
        """
        here = self._of.get(unit)
        if here is None:
            return None
        if kind in MONEY and not top:
            title = here["title"].fillna("").astype(str)
            unnamed = (here["layer"] == "implementation") & (title == "")
            here = here[title.str.contains(PAYS) | unnamed]
        elif kind == "no_investment" and len(asked := _who_knows_the_need(here)):
            here = asked
        else:
            groups = _LEADING if kind in MONEY else MATTERS.get(kind, ())
            layer = here["layer"]
            here = next((rows for group in groups if len(rows := here[layer.isin(group)])), here)
        return None if here.empty else str(here.index[0])

    def named(self, contact: object) -> dict[str, Any]:
        """The person as a fact, by title and name; nothing where nobody is known."""
        if not isinstance(contact, str) or contact not in self.people.index:
            return {}
        return {"person": self.people.at[contact, "label"]}

    def label(self, contact: object) -> str | None:
        return self.named(contact).get("person")


def _who_knows_the_need(here: pd.DataFrame) -> pd.DataFrame:
    """Of those at a unit who decides; where nobody does, who purchases."""
    decides = here[here["layer"] == "decision"]
    return decides if len(decides) else here[here["title"].fillna("").astype(str).str.contains(BUYS)]
