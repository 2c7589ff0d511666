"""List of the week, campaign and plan name each account once, with one action, and their sums agree."""

from __future__ import annotations

import pandas as pd
import pytest

from kamplay.show.health.campaign import campaign_sheet
from kamplay.show.locale import Locale
from kamplay.show.plan.actions import actions_table, planned_by_action
from kamplay.show.view import View, using


@pytest.mark.parametrize("client", ["medtech_steps", "retail_steps"])
def test_every_key_account_that_buys_has_one_line_and_its_own_actions(client, request):
    steps = request.getfixturevalue(client)
    units, plan = steps.tiers.units, steps.plan
    buys = plan.accounts.index[plan.accounts["next_action"].notna()]
    key = units.index[units["level"].isin(["S", "A"])].intersection(buys)
    assert len(key)
    assert plan.units["account_id"].value_counts().reindex(key).eq(1).all()
    # but one too small for a review of which nothing is to be asked within the plan's days
    idle = plan.units.set_index("account_id").loc[sorted(set(key) - set(plan.actions["account_id"]))]
    assert idle["next_action"].isin(["ordered_since", "order_later", "small_order"]).all()
    revenue = steps.tiers.accounts["revenue"].clip(lower=0).sum()
    assert (idle["revenue"] < 0.001 * revenue).all() and len(idle) < len(key) / 4
    assert not set(key) & set(steps.health.campaign.accounts.index)


@pytest.mark.parametrize("client", ["medtech_steps", "retail_steps"])
def test_each_account_has_one_action(client, request):
    steps = request.getfixturevalue(client)
    health, plan = steps.health, steps.plan
    listed, reached = health.priority_list.accounts, health.campaign.accounts
    assert listed.empty != reached.empty  # one stands in place of the other
    by = plan.accounts["reached_by"].dropna()
    assert set(by.index[by == "list"]) == set(listed.index)
    contacted = reached.index[reached["contact"] == "reach"]
    assert set(by.index[by.isin(["campaign", "held_back"])]) == set(reached.index)
    assert set(by.index[by == "campaign"]) == set(contacted)
    # all but those whose next order is expected after the plan's end
    assert set(plan.accounts.index[plan.accounts["next_action"].notna()]) <= set(by.index)

    # the plan names all others once, and the campaign in one line
    named = plan.units["account_id"]
    assert named.is_unique and not set(named) & set(reached.index)
    assert set(named) | set(reached.index) == set(by.index)
    assert (plan.accounts["next_action"] == "campaign").equals(plan.accounts["reached_by"] == "campaign")
    of_campaign = plan.accounts.loc[reached.index]
    assert (of_campaign[["visits_branch", "visits_head_office"]] == 0).all(axis=None)
    assert not of_campaign["type"].isin(["invest", "promote"]).any()
    acts = [f for f in plan.findings if f.kind in ("urgent", "warned", "strategies", "win_back_list")]
    assert not {a for f in acts for a in f.accounts} & set(reached.index)

    # channels, accounts, plan and finding add up to the same
    channels, line = health.campaign.channels, plan.by_campaign
    if reached.empty:
        assert channels.empty and line.empty and plan.finding("planned_campaign") is None
        return
    sums = reached.groupby("channel")[["revenue", "at_risk"]].sum()
    told = channels.set_index("channel")[["revenue", "at_risk"]].astype(float)
    pd.testing.assert_frame_equal(sums.reindex(told.index), told)
    assert len(reached) == channels["accounts"].sum()
    assert line["count"].sum() == len(contacted) == channels["reached"].sum()
    of_line = reached.loc[contacted]
    assert line["revenue"].sum() == pytest.approx(of_line["revenue"].sum())
    assert line["revenue_at_risk"].sum() == pytest.approx(of_line["at_risk"].sum(), abs=0.01 * len(reached))
    figures = plan.finding("planned_campaign").figures
    assert figures["count"] == len(contacted)
    assert figures["count"] + figures["held_out"] + figures["bought"] == len(reached)
    assert health.accounts.loc[reached.index, "verdict"].isin(["act", "watch", "once"]).all()


def test_the_workbook_names_the_campaign_once(retail_steps):
    """The plan has one line for it, its sheet every account with the reason."""
    steps = retail_steps
    with using(View(Locale("en", "GBP"))):
        sheet = campaign_sheet(steps.health)
        page = actions_table(steps.plan).text
    reached = steps.health.campaign.accounts
    assert list(sheet.rows.index) == list(reached.index)
    why, last = (sheet.columns[place].key for place in (3, 4))
    assert sheet.rows[[why, last]].notna().all(axis=None)
    assert page.count("Campaign by phone, mail and web") == 1
    assert not set(steps.plan.actions["account_id"]) & set(reached.index)


@pytest.mark.parametrize("client", ["medtech_steps", "retail_steps"])
def test_the_planned_add_up_by_what_is_done_there(client, request):
    plan = request.getfixturevalue(client).plan
    by, accounts = planned_by_action(plan), plan.accounts
    assert sum(by.values()) == plan.key_figures["accounts_planned"]
    planned = accounts["reached_by"].notna()
    assert (
        by["none"]
        == (planned & accounts["next_action"].isin(["order_later", "returned", "small_order"])).sum()
        > 0
    )
    assert by["campaign"] == accounts["reached_by"].isin(["campaign", "held_back"]).sum()
    assert (
        by["own"]
        == plan.actions["account_id"].nunique()
        + plan.postponed.loc[
            ~plan.postponed["account_id"].isin(plan.actions["account_id"]), "account_id"
        ].nunique()
    )
