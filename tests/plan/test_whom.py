"""Whom an action is for: the person whose matter it is, no higher than it calls for."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from kamplay.method.plan.whom import PAYS, People, matter_of_the_top

ROWS = [  # contact, title, layer, side, influence
    ("p1", "院长", "image", "supporter", 5),
    ("p2", "分管副院长", "decision", "opponent", 5),
    ("p3", "采购中心主任", "implementation", "neutral", 3),
    ("p4", "科室主任", "use", "supporter", 4),
]


def people(*contacts: str, gone: tuple[str, ...] = ()) -> People:
    rows = [row for row in ROWS if row[0] in contacts]
    frame = pd.DataFrame(rows, columns=["contact_id", "title", "layer", "side", "influence"])
    frame = frame.assign(account_id="a", label=frame["title"]).set_index("contact_id")
    return People(frame.assign(gone=frame.index.isin(gone)))


@pytest.mark.parametrize(
    ("overdue", "oldest", "top"),
    [
        (1.0, 4, False),
        (90.0, 4, False),
        (11.0, 30, False),
        (11.0, 31, True),
        (10.0, 31, False),
        (1.0, 91, True),
    ],
)
def test_only_long_or_large_overdue_is_a_matter_of_the_top(overdue, oldest, top):
    """Of a year's 100: ten or more once the month of the reminder has passed, or any sum after 90 days."""
    assert matter_of_the_top(overdue, oldest, 100.0) == top


@pytest.mark.parametrize(
    ("kind", "top", "who"),
    [
        ("collect_overdue", False, "p3"),
        ("collect_overdue", True, "p1"),  # of the top whoever supports us
        ("payment_plan", False, "p3"),
        ("next_order", False, "p4"),  # of those who work with us whoever supports us
        ("move_deal", False, "p3"),  # whoever is against us only where nobody else is known
        ("joint_review", False, "p1"),
        ("no_investment", False, "p2"),  # who decides, though against us
    ],
)
def test_each_matter_goes_to_its_layer(kind, top, who):
    assert people("p1", "p2", "p3", "p4").to_speak_to("a", kind, top) == who


def test_where_nobody_of_the_layer_is_known():
    """An order may be asked of whoever is known; a small bill is no matter of a president or a clinician."""
    assert people("p1", "p2").to_speak_to("a", "next_order", False) == "p2"
    assert people("p1", "p2", "p4").to_speak_to("a", "collect_overdue", False) is None
    assert people("p1", "p3", gone=("p3",)).to_speak_to("a", "collect_overdue", False) is None
    # a further need: of purchasing where nobody is known who decides, else of whoever works with us
    assert people("p1", "p3", "p4").to_speak_to("a", "no_investment", False) == "p3"
    assert people("p1", "p4").to_speak_to("a", "no_investment", False) == "p4"
    assert people("p3").to_speak_to("b", "next_order", False) is None
    assert People(pd.DataFrame()).to_speak_to("a", "collect_overdue", True) is None


def test_in_the_sample_no_small_bill_and_no_daily_matter_goes_to_the_top(medtech_steps):
    health, plan = medtech_steps.health, medtech_steps.plan
    known, owed = health.stakeholders.people, health.owed
    revenue = plan.units.set_index("account_id")["revenue"]
    of_top = known["layer"].isin(["decision", "image"])
    money = plan.actions[plan.actions["kind"].isin(["collect_overdue", "payment_plan"])]
    asked = {True: 0, False: 0}
    for row in money.itertuples():
        top = matter_of_the_top(*owed.loc[row.account_id, ["overdue", "oldest"]], revenue[row.account_id])
        asked[top] += 1
        if row.person is None or pd.isna(row.person):
            assert not top and "person" not in json.loads(row.facts)
        else:
            assert of_top[row.person] if top else PAYS.search(known.at[row.person, "title"])
    assert asked[True] and asked[False]
    daily = plan.actions[plan.actions["kind"].isin(["next_order", "settle_complaint", "offer_category"])]
    working = set(known.loc[~known["gone"] & ~of_top, "account_id"])
    daily = daily[daily["person"].notna() & daily["account_id"].isin(working)]
    assert len(daily) > 50 and not of_top[daily["person"]].any()
