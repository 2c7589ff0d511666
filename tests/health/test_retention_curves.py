"""Lifetimes, retention curves and revenue at risk, worked by hand."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from conftest import AS_OF, book_of, lines_of, random_lines

from kamplay.method.health.retention_curves import (
    add_findings,
    expected_gap,
    lifetimes_from,
    rate_bands,
    retention_curves,
)
from kamplay.method.health.revenue_at_risk import add_findings as tell_risk
from kamplay.method.health.revenue_at_risk import revenue_at_risk
from kamplay.method.results import Findings
from kamplay.show.health.revenue_at_risk import risk_sheet
from kamplay.show.locale import Locale
from kamplay.show.view import View, using


def test_lifetimes_by_hand():
    """Landmark day 100, end day 400, horizon 90: followed to day 310. a buys on and on; b is silent after day
    120, its gap 25 (of 30, 30 and the usual 15); c had stopped before; d pauses and returns; e had bought for
    the last time before the landmark; f buys too rarely to tell.
    """
    start = pd.Timestamp("2024-01-01")
    bought = {
        "a": range(0, 401, 10),
        "b": [60, 90, 120],
        "c": [1, 5],
        "d": [*range(0, 101, 10), *range(200, 401, 10)],
        "e": range(5, 91, 10),
        "f": [40, 90, 320],
    }
    rows = [(k, start + pd.Timedelta(days=d), True) for k, days in bought.items() for d in days]
    days = pd.DataFrame(rows, columns=["account_id", "date", "bought"])
    lives = lifetimes_from(days, start + pd.Timedelta(days=100), start + pd.Timedelta(days=400), 90)
    assert lives["gap"].to_dict() == pytest.approx({"a": 10, "b": 20, "d": 10, "e": 10, "f": 30})
    assert lives["slow"].to_dict() == {"a": False, "b": False, "d": False, "e": False, "f": False}
    assert lives["days"].to_dict() == {"a": 210, "b": 40, "d": 210, "e": 1, "f": 210}
    assert lives["stopped"].to_dict() == {"a": False, "b": True, "d": False, "e": True, "f": False}
    sooner = lifetimes_from(days, start + pd.Timedelta(days=100), start + pd.Timedelta(days=400), 60)
    assert sooner["slow"].to_dict() == {"a": False, "b": False, "d": False, "e": False, "f": True}


def test_bands_are_of_equal_size_and_few():
    gap = pd.Series(np.random.default_rng(1).permutation(103), index=[f"a{n}" for n in range(103)])
    assert sorted(rate_bands(gap).value_counts()) == [20, 20, 21, 21, 21]
    assert rate_bands(gap).groupby(rate_bands(gap)).size().index.tolist() == [0, 1, 2, 3, 4]
    assert (gap.groupby(rate_bands(gap)).max().diff().dropna() > 0).all()
    assert rate_bands(gap.iloc[:39]).nunique() == 1


def stationary(seed: int, leave: tuple[float, float], each: int = 60) -> pd.DataFrame:
    """Four years of two regions whose accounts buy every 12 and every 40 days at random; of those there a
    share leaves a year, from two and a half years before the end on.
    """
    rng, rows = np.random.default_rng(seed), []
    for region, gap, chance in zip("xy", (12.0, 40.0), leave, strict=True):
        for number in range(each):
            at = np.cumsum(rng.exponential(gap, int(5000 / gap)))
            stop = 550 + (rng.exponential(365 / chance) if chance else np.inf)
            at = np.unique(at[at < min(stop, 1460)].astype(int))
            rows += [(f"{region}{number:02d}", AS_OF - pd.Timedelta(days=int(1459 - d)), 100.0) for d in at]
    return lines_of(*rows)


def p_values(leave: tuple[float, float], clients: int) -> np.ndarray:
    out = []
    for seed in range(clients):
        lines = stationary(seed, leave)
        accounts = pd.DataFrame({"account_id": sorted(set(lines["account_id"]))})
        accounts["region"] = accounts["account_id"].str[0]
        found = retention_curves(book_of(lines, accounts=accounts), 180).figures["tests"]["region"]
        out.append(1.0 if found is None else found)
    return np.array(out)


def test_slow_buyers_do_not_leave_sooner_by_construction():
    """Both regions leave alike: of 20 clients one is told apart at 5 % by chance. With four times the rate
    of leaving most are.
    """
    assert (p_values((0.15, 0.15), 20) < 0.05).sum() <= 3
    assert (p_values((0.1, 0.6), 6) < 0.05).sum() >= 4


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
    days = pd.date_range("2022-01-05", "2025-01-20", freq="40D")
    lines = lines_of(*[(f"a{n:02d}", d, 10.0 + n) for n in range(50) for d in days], ("z", "2025-12-31", 1.0))
    book = book_of(lines)
    result = retention_curves(book, 180, pd.Series(list("SABCC") * 10 + ["C"], index=book.accounts.index))
    assert result.figures["events"] == result.figures["accounts"] == 50
    assert result.figures["tests"]["level"] is None
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
        made = risk_sheet(SimpleNamespace(revenue_at_risk=result))
    assert "no owner recorded" in set(made.rows["who"])


@pytest.mark.parametrize(("stop", "kind"), [(20, "hazard_few"), (10, "hazard_unsettled")])
def test_why_nothing_goes_with_stopping(stop, kind):
    """20 of 20 stopped: nobody stayed to compare with, which is the reason to give, not the 20. 10 of 20
    alike: no difference to measure.
    """
    days = pd.date_range("2023-01-05", "2025-12-20", freq="30D")
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


def test_a_short_record_makes_nobody_a_frequent_buyer():
    """Who buys twice a year at random and shows two purchases in the half-year before the landmark is not
    known to buy every month: of a client of such buyers, to whom nothing happens, no curve is told.
    """
    rng = np.random.default_rng(11)
    who = np.repeat(np.arange(800), rng.poisson(6, 800) + 1)
    days = AS_OF - pd.to_timedelta(rng.integers(0, 1095, len(who)), unit="D")
    result = retention_curves(
        book_of(pd.DataFrame({"account_id": who.astype(str), "date": days, "amount": 1.0})), 180
    )
    assert result.curves.empty and result.figures["slow"] > 300
    found = Findings("health")
    add_findings(found, result)
    assert [f.kind for f in found] == ["survive_slow"]


def test_expected_gap_by_hand():
    """Two accounts alike: 3 purchases again in 90 + 60 days together, one every 50 days."""
    day = pd.Timestamp("2024-04-01")
    first = day - pd.to_timedelta(pd.Series([90, 60], index=["a", "b"]), unit="D")
    rhythm = pd.DataFrame({"first": first, "buys": [3, 2]})
    assert expected_gap(rhythm, day).to_dict() == pytest.approx({"a": 50, "b": 50})
