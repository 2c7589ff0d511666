"""One verdict an account: the order in which the reasons hold, and that everything shown of it agrees."""

import numpy as np
import pandas as pd
import pytest

from kamplay.method.health.portfolio_map import BAND_OF
from kamplay.method.health.verdict import VERDICTS, verdicts

RESCUE = {"rescue_visit", "recovery_call", "reactivation_mail", "ask_change"}


def judged(band: str | None = "green", **given) -> tuple[str, str]:
    """Verdict and reason of an account with 1,000 a year."""
    index = pd.Index(["a"], name="account_id")
    signs = pd.DataFrame(
        given.get("signs", []), columns=["account_id", "sign", "strength", "overall", "severity", "since"]
    )
    out = verdicts(
        pd.DataFrame({"health_band": [band], "late": [given.get("late", False)]}, index=index),
        signs,
        index if given.get("listed") else index[:0],
        index if given.get("once") else index[:0],
        pd.Series([1000.0], index=index),
        pd.DataFrame({"overdue": [given.get("overdue", 0.0)], "weak": [given.get("weak", np.nan)]}, index),
    )
    return tuple(out.loc["a", ["verdict", "reason"]])


def sign(name: str, severity: str) -> list[tuple]:
    return [("a", name, 0.6, 0.6, severity, pd.Timestamp("2025-06-01"))]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, ("fine", "")),
        ({"overdue": 100.0, "weak": 1.0}, ("fine", "")),
        ({"late": True}, ("watch", "leaving")),
        ({"overdue": 101.0}, ("watch", "overdue")),
        ({"weak": 2.0}, ("watch", "weak")),
        ({"band": "yellow", "overdue": 500.0}, ("watch", "leaving")),
        ({"signs": sign("volume", "watch")}, ("watch", "volume")),
        ({"signs": sign("volume", "act")}, ("act", "volume")),
        ({"listed": True, "band": "yellow"}, ("act", "leaving")),
        ({"once": True, "band": None}, ("once", "once")),
        ({"once": True, "band": None, "listed": True}, ("act", "leaving")),
        ({"signs": sign("silence", "act"), "band": "red", "listed": True}, ("stopped", "silence")),
    ],
)
def test_the_first_reason_that_holds(given, expected):
    assert judged(**given) == expected


def test_who_did_not_buy_in_the_year_has_no_verdict():
    index = pd.Index(["a", "b"], name="account_id")
    none = pd.DataFrame(columns=["account_id", "sign", "strength", "overall", "severity", "since"])
    bands = pd.DataFrame({"health_band": ["green", "red"], "late": False}, index=index)
    assert verdicts(bands, none, index[:0], index[:0], pd.Series([5.0, 0.0], index=index)).index.tolist() == [
        "a"
    ]


@pytest.mark.parametrize("client", ["medtech_steps", "retail_steps"])
def test_no_account_has_two_verdicts(client, request):
    """List, map, plan, findings and health of each account say the same."""
    steps = request.getfixturevalue(client)
    health, plan = steps.health, steps.plan
    verdict = health.accounts["verdict"].dropna()
    assert set(verdict) <= set(VERDICTS) and (verdict == "fine").any()
    # the map's bands are the verdicts, and are those of every account that bought in the year
    bands = health.portfolio_map.accounts["risk_band"]
    assert bands.to_dict() == verdict.map(BAND_OF).to_dict()
    # whoever is on the list, or guarded, is to be acted on; whoever is fine shows no sign and is green, or a
    # slow buyer inside its own rhythm whose probability of no purchase costs it most
    assert set(health.priority_list.accounts.index) <= set(verdict.index[verdict == "act"])
    guard = health.finding("asset_guard")
    assert guard is None or set(guard.accounts) <= set(verdict.index[verdict == "act"])
    fine = health.accounts.loc[verdict.index[verdict == "fine"]]
    assert fine["warning"].isna().all()
    slow = fine.index[fine["health_band"] != "green"]
    costliest = health.drivers.drop_duplicates("account_id").set_index("account_id")["code"]
    assert set(costliest.reindex(slow)) <= {"chance"}
    assert (fine.loc[slow, "silent_days"] <= fine.loc[slow, "gap_days"] + 0.05).all()  # a gap is rounded
    # the signs told are of accounts that have a verdict
    signs = health.early_warning.warnings
    early = signs.loc[~signs["account_id"].isin(_stopped(signs)), "account_id"].drop_duplicates()
    assert health.finding("warn_all").figures["accounts"] == len(early)
    assert set(early) == set(health.accounts.index[health.accounts["warning"].notna()]) - set(_stopped(signs))
    assert verdict.reindex(early).isin(["act", "once", "watch"]).all()
    # the plan, outside the campaign, is urgent or warned for those to act on and for nobody else, and rescues
    # nobody who is fine
    actions = plan.units.set_index("account_id")
    called = actions["urgency"].isin(["urgent", "warned"])
    known = verdict.reindex(actions.index).fillna("stopped")
    assert (called == ((known == "act") & ~actions["gone"])).all()
    assert not actions.loc[known == "fine", "next_action"].isin(RESCUE).any()
    for kind in ("urgent", "warned"):
        found = plan.finding(kind)
        assert found is None or set(found.accounts) <= set(actions.index[called])


def _stopped(signs: pd.DataFrame) -> pd.Series:
    return signs.loc[signs["sign"] == "silence", "account_id"]
