"""Lifetimes, retention curves and revenue at risk, worked by hand."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from conftest import AS_OF, book_of, lines_of, random_lines

from kamplay.method.health.retention_curves import add_findings, lifetimes_from, retention_curves
from kamplay.method.health.revenue_at_risk import add_findings as tell_risk
from kamplay.method.health.revenue_at_risk import revenue_at_risk
from kamplay.method.results import Findings
from kamplay.show.health.revenue_at_risk import revenue_risk_table as table
from kamplay.show.locale import Locale
from kamplay.show.view import View, using


def test_lifetimes_by_hand():
    """Landmark day 100, end day 400, horizon 50. a buys on and on; b is silent after day 120; c had stopped
    before; d pauses and returns.
    """
    start = pd.Timestamp("2024-01-01")
    bought = {
        "a": range(0, 401, 20),
        "b": [60, 90, 120],
        "c": [10, 30],
        "d": [80, 130, 300, 340, 380],
        "e": [390],
    }
    rows = [(k, start + pd.Timedelta(days=d), True) for k, days in bought.items() for d in days]
    days = pd.DataFrame(rows, columns=["account_id", "date", "bought"])
    lives = lifetimes_from(days, start + pd.Timedelta(days=100), start + pd.Timedelta(days=400), 50)
    assert lives["days"].to_dict() == {
        "a": 300,
        "b": 70,
        "d": 80,
    }  # b: silence plain on day 170, d: on day 180
    assert lives["stopped"].to_dict() == {"a": False, "b": True, "d": True}


def test_what_comes_later_does_not_form_the_groups():
    """Groups by size rest on the year before the landmark: doubling all later amounts moves nobody between
    them.
    """
    lines = random_lines(60, seed=3)
    levels = pd.Series({f"A{n:03d}": "SABC"[min(n // 15, 3)] for n in range(60)})
    landmark = AS_OF - pd.Timedelta(days=730)
    later = lines.assign(
        amount=lines["amount"].where(
            lines["date"] <= landmark, lines["amount"] * (1 + lines["account_id"].str[-1].astype(int))
        )
    )
    first, second = (retention_curves(book_of(x), 120, levels).curves for x in (lines, later))
    pd.testing.assert_frame_equal(first, second)


def test_says_when_it_cannot_tell():
    found = Findings("health")
    add_findings(found, retention_curves(book_of(lines_of(("a", "2025-11-01", 5.0))), 180))
    assert [f.kind for f in found] == ["survive_unknown"]


def test_groups_that_stop_on_one_day_are_not_tested():
    """All stop on the same day: the log-rank test has no variance, and nothing is said of the groups."""
    days = pd.date_range("2023-01-05", "2025-12-20", freq="40D")
    book = book_of(lines_of(*[(f"a{n}", d, 10.0 + n) for n in range(50) for d in days]))
    result = retention_curves(book, 30, pd.Series(list("SABCC") * 10, index=book.accounts.index))
    assert (
        result.figures["events"] == result.figures["accounts"] == 50
        and result.figures["tests"]["level"] is None
    )
    add_findings(Findings("health"), result)


def test_row_order_and_unit_change_nothing():
    lines = random_lines(50, seed=9)
    one, other = (
        retention_curves(book_of(x), 90)
        for x in (lines, lines.sample(frac=1, random_state=1).assign(amount=lambda x: x["amount"] * 100))
    )
    pd.testing.assert_frame_equal(one.curves, other.curves)
    assert one.hazard_ratios["ratio"].to_numpy() == pytest.approx(
        other.hazard_ratios["ratio"].to_numpy(), rel=1e-6
    )


def risk_of(*rows: tuple, **more) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["probability", "expected", "owner"]).assign(
        revenue=lambda f: f["expected"] * 2, **more
    )
    return frame.set_index(pd.Index([f"C{i}" for i in range(len(frame))], name="account_id"))


def test_expected_loss_by_hand():
    """0.5 × 100 + 0.1 × 200 = 70, of which owner x 50; a coin toss of 100 alone lies between 0 and 100 in
    eight cases of ten.
    """
    risk = revenue_at_risk(risk_of((0.5, 100.0, "x"), (0.1, 200.0, "y"))).groups.set_index(["by", "group"])
    assert risk["at_risk"].to_dict() == {("all", "all"): 70.0, ("owner", "x"): 50.0, ("owner", "y"): 20.0}
    assert risk.loc[("owner", "x"), ["low", "high"]].tolist() == [0.0, 100.0]
    assert risk.loc[("all", "all"), "stopping"] == pytest.approx(0.6)
    found = Findings("health")
    tell_risk(found, revenue_at_risk(risk_of((0.5, 100.0, "x"), (0.1, 200.0, "y"))), 180, 35.0)
    assert found[0].figures["covered"] == 0.5  # 35 of 70 are on the week's list
    assert found[0].accounts == ("C0",) and found[1].figures["share"] == pytest.approx(50 / 70)


def test_many_independent_accounts_give_a_narrow_interval_and_an_unsure_model_a_wide_one():
    """1,000 accounts of 1 at 0.2: 200 lost, standard deviation √160 = 12.6, so ± 16; with a model off by half
    a logit far wider.
    """
    rows = [(0.2, 1.0, "x")] * 1000
    sure = revenue_at_risk(risk_of(*rows)).groups.iloc[0]
    assert [sure["low"], sure["high"]] == pytest.approx([200 - 16.2, 200 + 16.2], abs=3)
    unsure = revenue_at_risk(risk_of(*rows, low=0.12, high=0.31)).groups.iloc[0]
    assert unsure["high"] - unsure["low"] > 4 * (sure["high"] - sure["low"])


def test_owners_add_up_to_the_whole():
    """Accounts without an owner are a row of their own, and it is not the one named as holding most."""
    result = revenue_at_risk(risk_of((0.5, 100.0, None), (0.1, 200.0, "y"), (0.1, 100.0, "z")))
    sums = result.groups.groupby("by")["at_risk"].sum()
    assert sums["owner"] == sums["all"] == 80.0
    found = Findings("health")
    tell_risk(found, result, 180, 0.0)
    assert (found[1].figures["owner"], found[1].figures["owners"], found[1].figures["share"]) == (
        "y",
        2,
        0.25,
    )
    with using(View(Locale("en", "EUR"))):
        assert "no owner recorded" in table(SimpleNamespace(revenue_at_risk=result)).text


@pytest.mark.parametrize(("stop", "kind"), [(20, "hazard_few"), (10, "hazard_unsettled")])
def test_why_nothing_goes_with_stopping(stop, kind):
    """20 of 20 stopped: nobody stayed to compare with, which is the reason to give, not the 20. 10 of 20
    alike: no difference to measure.
    """
    days = pd.date_range("2023-01-05", "2025-12-20", freq="40D")
    lines = [
        (f"a{n:02d}", d, 10.0) for n in range(20) for d in days if n >= stop or d < pd.Timestamp("2024-03-01")
    ]
    last = [("z", "2025-12-20", 1.0)]  # the data go on to the end
    found = Findings("health")
    add_findings(found, retention_curves(book_of(lines_of(*lines, *last)), 100))
    told = next(f for f in found if f.kind.startswith("hazard_"))
    assert told.kind == kind
    if kind == "hazard_few":
        assert (told.figures["events"], told.figures["stayed"]) == (20, 0)


def test_without_a_probability_nothing_is_at_risk():
    assert revenue_at_risk(risk_of((np.nan, 100.0, "x"))).groups.empty
