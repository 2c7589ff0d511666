"""Our goals at each unit: objective, measure, date. They follow from the plan's actions, so that each has
somebody who works at it. What the customer wants to reach no table says: it is a question.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

import pandas as pd

from kamplay.method.plan.possible_actions import GROWTH_ALLOWED, LEAST_OVERDUE
from kamplay.method.profile.rows import absent, by_unit, numbered, told
from kamplay.method.profile.strategies import GROWTH

MOST = 5
YEAR = pd.DateOffset(years=1)
COLUMNS = ["unit_id", "goal", "facts", "by"]
ADDS = ("deal", "peers", "own")  # basis of the actions whose money may be added to the year's revenue
PEOPLE = ("meet_successor", "find_successor", "meet_person", "open_layer")
COMPLAINTS = ("close_complaints", "settle_complaint")


def goals(
    facts: pd.DataFrame,
    actions: pd.DataFrame,
    deals: pd.DataFrame,
    day: pd.Timestamp,
    as_of: pd.Timestamp,
    quarter_end: pd.Timestamp,
    people: pd.DataFrame,
) -> pd.DataFrame:
    """State the goals of each planned unit.

    Revenue is held where somebody has to act, where growth is not advised, or where the plan's actions add
    nothing; else it grows by what the deals (times their win rate) and the offers (what similar accounts
    buy, or it bought before, times how many do) of the plan's actions can bring.

    Parameters
    ----------
    deals : the open deals, see ``VisitSheets``.
    day : the day of the plan; nothing is due before it: the year of the revenue goal runs from as_of, or
        from this day where that year is over.
    quarter_end : by which overdue bills are to be paid where no action has a date for it.

    Returns
    -------
    A row a goal: unit_id, place, goal (its kind), facts (JSON), by (ISO date).
    """
    planned = facts[facts["strategy"].notna()]
    todo, open_deals = by_unit(actions), by_unit(deals)
    label = dict(zip(people["contact_id"], people["label"], strict=True))
    planned = planned.assign(departed=[label.get(one) for one in planned["departed"]])
    year = str(((as_of if as_of + YEAR > day else day) + YEAR).date())
    return numbered(
        (
            (row.Index, *one)
            for row in planned.itertuples()
            for one in _by_date(
                _of_one(
                    row,
                    todo.get(row.Index, []),
                    open_deals.get(row.Index, []),
                    year,
                    str(day.date()),
                    str(quarter_end.date()),
                )
            )
        ),
        COLUMNS,
        MOST,
    )


def _by_date(goals: Iterable[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """The first, which is about revenue, then the others by date."""
    first, *others = goals
    return [first, *sorted(others, key=lambda goal: goal[2])]


def _of_one(
    unit: Any, todo: list[Any], deals: list[Any], year: str, today: str, quarter: str
) -> Iterator[tuple[str, str, str]]:
    if unit.gone:
        first = todo[0].due if todo else quarter
        yield "decide", told(brought=unit.brought, last=unit.last_order), first
        return
    added = sum(float(row.money) for row in todo if row.basis in ADDS)
    held = unit.verdict == "act" or unit.growth_exclusion not in GROWTH_ALLOWED[:1] or added <= 0
    yield (
        "hold" if held else "grow",
        told(
            revenue=unit.revenue,
            goal=unit.revenue if held else unit.revenue + added,
            expected=unit.expected_12m,
        ),
        year,
    )
    due = {row.kind: row.due for row in todo}
    if not absent(unit.overdue) and unit.overdue > LEAST_OVERDUE * max(unit.revenue, 1.0):
        by = due.get("payment_plan") or due.get("collect_overdue") or quarter
        yield "collect", told(overdue=unit.overdue, oldest=unit.oldest), by
    for row in todo:
        known = json.loads(row.facts)
        if row.kind in COMPLAINTS:
            yield (
                "complaints",
                told(open=known.get("open", known.get("evidence", {}).get("open_complaints"))),
                known.get("closed_by", row.due),
            )
        elif row.kind == "renew_contract":
            ahead = known["end"] if known["end"] >= today else None  # by which it is to be signed
            yield "contract", told(contract=known.get("contract"), end=ahead), known["agree"]
        elif row.kind in PEOPLE:
            about = {"target": known.get("target"), "layer": known.get("layer")}
            yield "people", told(kind=row.kind, left=unit.departed, **about), row.due
        elif row.kind == "move_deal":
            expected = known.get("expected")
            late = expected is None or expected < row.due
            yield (
                "deal",
                told(deal=known.get("deal"), amount=known.get("amount")),
                row.due if late else expected,
            )
        elif row.kind in GROWTH:
            yield (
                "category",
                told(
                    category=known.get("category"),
                    share=known.get("share"),
                    spend=known.get("spend"),
                    amount=known.get("amount"),
                    again=row.kind == "regain_category" or None,
                ),
                row.due,
            )
    if not any(row.kind == "move_deal" for row in todo):
        for deal in deals[:1]:
            expected = "" if absent(deal.expected_close) else str(deal.expected_close.date())
            by = expected if expected > today else quarter
            yield "deal", told(deal=deal.opportunity_id, amount=deal.amount), by
    if "joint_review" in due:
        review = next(json.loads(row.facts) for row in todo if row.kind == "joint_review")
        yield "review", told(person=review.get("person")), due["joint_review"]
