"""Many small accounts in danger are a campaign, not a list of visits."""

from hashlib import sha256

import numpy as np
import pandas as pd
import pytest

from kamplay.method.health.campaign import IMMATERIAL, SEED, add_findings, campaign
from kamplay.method.results import Findings
from kamplay.show.findings import brief
from kamplay.show.health.campaign import campaign_sheet
from kamplay.show.locale import Locale
from kamplay.show.plan.actions import actions_in_words
from kamplay.show.registry import tables
from kamplay.show.view import View, using


def danger(active: pd.DataFrame) -> pd.Series:
    """In danger by probability or by a sign."""
    return (active["probability"] >= 0.2) | active["warned"]


def accounts(*losses: float, **columns) -> pd.DataFrame:
    """Accounts in danger with these expected losses, and ten times as much revenue."""
    index = pd.Index([f"a{n}" for n in range(len(losses))], name="account_id")
    frame = pd.DataFrame({"at_risk": losses, "revenue": np.multiply(losses, 10.0)}, index=index)
    return frame.assign(
        **{"probability": 0.5, "health_band": "red", "warned": False, "stopped": False, **columns}
    )


def test_channels_by_the_money_they_hold():
    """Ten of 10, 20 of 2, 60 of 1: 200 in all. Phones hold 100 of it, mail the next 60, the web the rest."""
    active = accounts(*[10.0] * 10, *[2.0] * 20, *[1.0] * 60)
    found = campaign(active, danger(active), active.head(6), 100_000.0)
    assert found.channels["channel"].tolist() == ["phone", "mail", "web"]
    assert found.channels["accounts"].tolist() == [10, 40, 40]
    assert found.channels["at_risk"].tolist() == [100, 60, 40]
    assert (found.listed, found.listed_money, found.share) == (6, 60, pytest.approx(0.0006))


def test_a_list_that_holds_enough_stays():
    active = accounts(60.0, 40.0)
    assert campaign(active, danger(active), active, 100 / IMMATERIAL).channels.empty  # just enough
    assert len(campaign(active, danger(active), active, 101 / IMMATERIAL).channels)
    assert campaign(active, danger(active), active.iloc[:0], 1e9).channels.empty  # nobody to see


def test_who_has_stopped_or_is_in_no_danger_is_not_called():
    active = accounts(
        5.0,
        4.0,
        3.0,
        2.0,
        probability=[0.5, 0.1, 0.1, 0.9],
        warned=[False, False, True, False],
        stopped=[False, False, False, True],
    )
    assert campaign(active, danger(active), active.head(1), 1e6).channels["accounts"].sum() == 2


def test_without_a_probability_by_the_revenue_of_red_and_warned():
    active = accounts(10.0, 9.0, 8.0, 1.0, health_band=["red", "green", "yellow", "red"]).assign(
        at_risk=np.nan, probability=np.nan, warned=[False, False, True, False]
    )
    found = campaign(active, danger(active), active.head(1), 1e6)
    assert found.channels["accounts"].tolist() == [1, 1, 1]  # 100 of 190, 80, 10
    assert found.channels["at_risk"].isna().all() and found.listed_money == 100
    findings = Findings("health")
    add_findings(findings, found, 180)
    assert findings[0].kind == "watch_campaign_score" and findings[0].figures["revenue"] == 190


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_wholesaler_of_thousands_gets_a_campaign(retail_steps, medtech_steps, language):
    health, plan = retail_steps.health, retail_steps.plan
    assert health.priority_list.accounts.empty and health.campaign.share < IMMATERIAL
    found = health.finding("watch_campaign")
    assert found.figures["phone"] + found.figures["mail"] + found.figures["web"] == found.figures["accounts"]
    assert health.finding("watch_list") is None and health.finding("watch_none") is None
    assert plan.finding("urgent") is None
    with using(View(Locale(language, "GBP"))):
        assert len(tables.campaign(health).text.splitlines()) == 4  # caption and three channels
        assert not tables.campaign(medtech_steps.health).html  # there a list serves


def test_a_key_account_in_danger_is_left_to_the_plan():
    """Of five in danger, levels S and A two: three are reached, whatever the order and the money."""
    active = accounts(50.0, 9.0, 8.0, 40.0, 7.0).assign(level=["S", "B", "C", "A", None])
    found = campaign(active, danger(active), active.head(1), 1e6)
    assert (found.key, list(found.accounts.index)) == (("a0", "a3"), ["a1", "a2", "a4"])
    only_key = active[active["level"].isin(["S", "A"])]
    assert campaign(only_key, danger(only_key), only_key, 1e6).channels.empty
    findings = Findings("health")
    add_findings(findings, found, 180)
    key, told = findings
    assert (told.figures["accounts"], told.figures["key"], told.figures["stake"]) == (3, 2, 24.0)
    # they are named, the largest expected loss first, with what they bring and may take
    assert (key.kind, key.accounts) == ("watch_key", ("a0", "a3"))
    assert (key.figures["count"], key.figures["revenue"], key.figures["loss"]) == (2, 900.0, 90.0)


def test_one_in_ten_of_each_channel_is_held_out_by_a_hash_of_the_id():
    """100 equal accounts: the channels hold 50, 30 and 20, of which 5, 3 and 2 are not contacted."""
    active = accounts(*[1.0] * 100)
    found = campaign(active, danger(active), active.head(6), 100_000.0)
    assert found.channels["accounts"].tolist() == [50, 30, 20]
    assert found.channels["held_out"].tolist() == [5, 3, 2]
    assert found.channels["reached"].tolist() == [45, 27, 18]
    held = found.accounts.index[found.accounts["contact"] == "hold_out"]
    drawn = {one: sha256(f"{SEED}:{one}".encode()).hexdigest() for one in active.index}
    for _, own in found.accounts.groupby("channel"):
        least = sorted(own.index, key=drawn.get)[: len(own) // 10]
        assert set(least) == set(held) & set(own.index)
    again = campaign(active.iloc[::-1], danger(active.iloc[::-1]), active.head(6), 100_000.0)
    assert again.accounts["contact"].eq("hold_out").sum() == 10


def test_who_shows_a_sign_is_never_held_out_and_who_ordered_since_is_not_contacted():
    active = accounts(*[1.0] * 100).assign(warned=[False] * 8 + [True] * 92)
    later = pd.Series(pd.Timestamp("2026-07-08"), index=["a8", "a9", "elsewhere"])
    found = campaign(active, danger(active), active.head(6), 100_000.0, later)
    contact = found.accounts["contact"]
    assert set(contact.index[contact == "bought"]) == {"a8", "a9"}
    # 48 of the phone's 50 are left: five are held out, all of them of the eight without a sign
    assert set(contact.index[contact == "hold_out"]) < {f"a{n}" for n in range(8)}
    assert contact.eq("hold_out").sum() == 5 and contact.eq("reach").sum() == 93
    findings = Findings("health")
    add_findings(findings, found, 90)
    told = findings[0].figures
    assert (told["accounts"], told["reached"], told["held_out"], told["bought"]) == (100, 93, 5, 2)
    assert told["stake"] == 100 and told["asked_share"] == 0.93  # the action is about those reached


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_wholesaler_contacts_nobody_who_is_held_out(retail_steps, language):
    reached, plan = retail_steps.health.campaign.accounts, retail_steps.plan
    held = reached.index[reached["contact"] == "hold_out"]
    assert len(held) and plan.accounts.loc[held, "next_action"].eq("held_out").all()
    assert plan.accounts.loc[held, "due"].isna().all()
    assert not set(held) & set(plan.actions["account_id"])
    with using(View(Locale(language, "GBP"))):
        sheet = campaign_sheet(retail_steps.health)
    told = next(column for column in sheet.columns if column.key == "contact")
    assert set(reached["contact"]) <= set(told.kind)


def test_an_expected_loss_that_failed_its_test_gives_an_order_and_no_amounts(retail_steps):
    """Of the real sample £186K was expected to be lost and nothing came; its range is 28 to 1."""
    health, plan = retail_steps.health, retail_steps.plan
    whole = health.revenue_at_risk.groups.query("by == 'all'").iloc[0]
    assert health.revenue_at_risk.record["sum_came"] < 0 and whole["high"] > 10 * whole["low"]
    assert not health.revenue_at_risk.told
    view = View(Locale("en", "GBP"))
    for kind in ("watch_campaign", "watch_key"):
        said = brief(health.finding(kind), view.locale, view.names)
        assert "expected" not in said, said
    silent = health.accounts.loc["16745", ["silent_days", "gap_days"]]
    days = f"last order {silent['silent_days']:.0f} days ago, usually every {silent['gap_days']:.0f}"
    assert f"16745 ({days})" in said
    with using(view):
        assert "Expected loss" not in tables.campaign(health).text
        told = actions_in_words(plan.actions, str(plan.day))
    of_loss = told[told["basis"] == "untold_loss"]
    assert len(of_loss) and (of_loss["money"] > 0).any() and (of_loss["stake"] == "").all()
    assert not told["basis"].isin(["expected_loss", "wide_loss"]).any()
