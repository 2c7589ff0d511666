"""A group that step 1 rates as one is one customer in every step, table, finding and count."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest
from conftest import Steps

from kamplay.book import Book
from kamplay.method.check.step import check_data
from kamplay.method.measures import purchases
from kamplay.report.results import SHARED_OUT, accounts_table


@pytest.fixture(scope="module")
def accounts(medtech_steps: Steps, medtech_book: Book) -> pd.DataFrame:
    """accounts.csv of the shipped sample."""
    checked = SimpleNamespace(accounts=check_data(medtech_book, None).accounts)
    named = zip(("tiers", "value", "health", "plan"), medtech_steps[:4], strict=True)
    return accounts_table({"check": checked, **dict(named)})


def test_members_of_a_group_have_one_tier_one_verdict_one_plan(accounts):
    groups = accounts[accounts["unit_id"].duplicated(keep=False)].groupby("unit_id")
    assert len(groups) >= 1
    one = ["tier", "gate", "abc", "health", "health_band", "churn_probability", "verdict", "strategy"]
    one += ["type", "owner", "next_action", "due", "reached_by", "unit_name"]
    assert (groups[one].nunique(dropna=False) == 1).all(axis=None)
    # one set of visits, on the line of the head
    visits = accounts[["visits_branch", "visits_head_office"]].notna().any(axis=1)
    assert (visits <= (accounts["unit_id"] == accounts.index)).all()


def test_members_keep_their_own_revenue_and_amounts_add_up_to_the_group(
    accounts, medtech_steps, medtech_book
):
    own = purchases.revenue(medtech_book)
    assert accounts["revenue"].to_numpy() == pytest.approx(own.reindex(accounts.index).to_numpy(), abs=0.006)
    sums = accounts.groupby("unit_id")[["revenue", *SHARED_OUT]].sum(min_count=1)
    value, health = medtech_steps.value.accounts, medtech_steps.health.accounts
    ahead = health["revenue_at_risk"].mask(health["verdict"] == "stopped")  # that is lost already
    told = value.join(ahead)[["revenue", *SHARED_OUT]]
    assert sums.fillna(0).to_numpy() == pytest.approx(told.reindex(sums.index).fillna(0).to_numpy(), abs=0.05)


def test_counts_of_the_report_are_counts_of_units(accounts, medtech_steps):
    tiers, value, health, plan = medtech_steps[:4]
    units = accounts.groupby("unit_id").agg(revenue=("revenue", "sum"), tier=("tier", "first"))
    buying = units[units["revenue"] > 0]
    found = {f.kind: f.figures for step in (tiers, value, health, plan) for f in step.findings}
    assert len(buying) < (accounts["revenue"] > 0).sum()  # the sample has a group of which several buy
    assert value.key_figures["accounts"] == len(buying) == found["key_accounts"]["accounts"]
    by_tier = buying["tier"].value_counts()
    assert (
        tiers.key_figures["counts"] == by_tier.reindex(list(tiers.key_figures["counts"])).fillna(0).to_dict()
    )
    key = buying["tier"].map(tiers.summary.set_index("tier")["level"]).isin(["S", "A"])
    assert found["key_accounts"]["key"] == key.sum()
    planned = accounts[accounts["strategy"].notna()]["unit_id"].nunique()  # some have nothing to do yet
    assert plan.key_figures["accounts_planned"] == planned
    assert len(tiers.rated[tiers.rated["revenue"] > 0]) == len(buying)
    visits = accounts[["visits_branch", "visits_head_office"]].sum().sum()
    assert plan.key_figures["visits_per_month"] == pytest.approx(visits, abs=0.005)


def test_a_group_has_its_members_beneath_it(accounts, medtech_steps):
    members = medtech_steps.plan.members
    grouped = accounts[accounts["unit_id"].duplicated(keep=False)]
    assert set(members["account_id"]) <= set(grouped.index)
    for unit, rows in members.groupby("unit"):
        assert rows["account_id"].iloc[0] == unit
        assert set(rows["account_id"]) == set(grouped.index[grouped["unit_id"] == unit])
