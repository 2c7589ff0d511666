"""A verdict on the level of the chances is told of their own season only: clients with and without one."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from conftest import AS_OF, book_of

from kamplay.method.health.churn import fit_churn_model
from kamplay.method.health.input_drift import add_findings as add_drift
from kamplay.method.health.season_of_test import add_findings as add_season
from kamplay.method.health.season_of_test import season_of_test
from kamplay.method.health.validation import add_findings, validate_churn_model
from kamplay.method.results import Findings
from kamplay.show.findings import headline
from kamplay.show.health.season_of_test import season_by_level_sheet, season_by_level_table
from kamplay.show.health.validation import calibration_sheet
from kamplay.show.locale import Locale
from kamplay.show.view import View, using

HORIZON = 90
ONE_SIDED = {"proof_too_high", "proof_too_low"}


def client(peak: float, months: int, accounts: int = 1500) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Orders drawn day by day up to AS_OF, and those of the 90 days after it. From October to December each
    account orders ``peak`` times as often; all come and leave at their own time.
    """
    rng = np.random.default_rng(7)
    begin = AS_OF - pd.DateOffset(months=months) + pd.Timedelta(days=1)
    days = pd.date_range(begin, AS_OF + pd.Timedelta(days=HORIZON))
    season = np.where(days.month >= 10, peak, 1.0)
    rate = rng.gamma(1.2, 1 / 150, accounts)
    first = rng.integers(-365, len(days), accounts)
    last, day = first + rng.exponential(500.0, accounts), np.arange(len(days))
    bought = rng.random((accounts, len(days))) < rate[:, None] * season
    bought &= (day >= first[:, None]) & (day <= last[:, None])
    who, when = np.nonzero(bought)
    names = np.array([f"A{number:04d}" for number in range(accounts)])
    lines = pd.DataFrame({"account_id": names[who], "date": days[when], "amount": 100.0})
    return lines[lines["date"] <= AS_OF].reset_index(drop=True), lines[lines["date"] > AS_OF]


def judged(lines: pd.DataFrame, levels: pd.Series | None = None):
    """The model, the season of its test, and by kind what is found of both."""
    book = book_of(lines)
    model = fit_churn_model(book, HORIZON)
    season, found = season_of_test(book, model, HORIZON, levels=levels), Findings("health")
    add_findings(found, validate_churn_model(book, model), HORIZON, season)
    add_season(found, season)
    moved = pd.DataFrame({"feature": ["silent"], "state": ["moved"]})
    add_drift(found, moved, season)
    for finding in found:
        for language in ("zh", "en"):
            text = headline(finding, Locale(language, "CNY"), {})
            assert not any(bad in text for bad in ("None", "nan", "{")), text
    return model, season, {finding.kind: finding for finding in found}


@pytest.mark.parametrize(("months", "tells"), [(15, False), (20, False), (24, True), (36, True)])
def test_a_test_in_the_peak_says_nothing_of_the_level_after_it(months, tells):
    """Peak from October to December, chances for January to March: the newest test ran in the peak. What can
    be said of their level is said of January to March a year before, and is what then comes.
    """
    lines, after = client(4.0, months)
    model, season, found = judged(lines)
    assert not season.alike and season.change < -0.5
    assert "in another season" in headline(found["proof_drift_moved"], Locale("en", "CNY"), {})
    figures = found["proof_other_season"].figures
    assert figures["tested_from"] == "2025-10-03" and figures["ahead_to"] == "2026-03-31"
    assert ONE_SIDED & set(found) == ({"proof_too_low"} if tells else set())
    if not tells:  # no January to March with a year before it
        assert "then_share" not in figures
        level = headline(next(f for k, f in found.items() if "does not tell" in headline(f, EN, {})), EN, {})
        assert "whether today's chances are too high or too low" in level
        return
    told = found["proof_too_low"].figures
    assert (told["then_from"], told["then_to"]) == ("2025-01-01", "2025-03-31")
    chances = model.probability.dropna()
    came = 1 - chances.index.isin(after["account_id"]).mean()
    assert chances.mean() + 0.1 < came  # too low indeed
    cutoff = pd.Timestamp("2024-12-31")
    year = lines[(lines["date"] > cutoff - pd.Timedelta(days=365)) & (lines["date"] <= cutoff)]
    season_then = lines[(lines["date"] > cutoff) & (lines["date"] <= "2025-03-31")]
    active = pd.Index(year["account_id"].unique())
    assert told["n_test"] == figures["then_n"] == len(active)
    assert told["stopped"] == figures["then_stopped"] == (~active.isin(season_then["account_id"])).sum()


EN = Locale("en", "CNY")


def test_without_a_season_nothing_is_said_of_one():
    _, season, found = judged(client(1.0, 24)[0])
    assert season.alike and season.figures == {} and season.then.empty
    assert "proof_other_season" not in found
    assert not any("season" in headline(f, EN, {}) for f in found.values())


def test_growth_is_no_season():
    """Sales double every year, a little every day: what the days ahead brought a year ago lies between what
    the season tested did then and does today.
    """
    days = pd.date_range(AS_OF - pd.Timedelta(days=3 * 365 - 1), AS_OF)
    amount = 2.0 ** (np.arange(len(days)) / 365)
    lines = pd.DataFrame({"account_id": "a", "date": days, "amount": 100 * amount})
    fitted = SimpleNamespace(test=pd.DataFrame({"predicted": [0.5]}))
    season = season_of_test(book_of(lines), fitted, HORIZON)
    assert season.alike and season.change == pytest.approx(0.0, abs=0.03)
    half = lines.assign(
        amount=lines["amount"].where(~lines["date"].dt.month.isin([1, 2, 3]), 0.5 * 100 * amount)
    )
    too_short = SimpleNamespace(
        **vars(fitted), evaluation={"probability_from": "model"}, probability=pd.Series()
    )
    season = season_of_test(book_of(half), too_short, HORIZON)
    assert not season.alike and season.change == pytest.approx(-0.5, abs=0.03)
    assert season.then["predicted"].isna().all() and not season.proves  # one account teaches nothing


def test_less_than_a_year_tells_of_no_season():
    days = pd.date_range(AS_OF - pd.Timedelta(days=300), AS_OF)
    lines = pd.DataFrame({"account_id": "a", "date": days, "amount": 1.0})
    fitted = SimpleNamespace(test=pd.DataFrame({"predicted": [0.5]}))
    season = season_of_test(book_of(lines), fitted, HORIZON)
    assert season.change is None and not season.alike and not season.proves
    assert season_of_test(book_of(lines), SimpleNamespace(test=pd.DataFrame()), HORIZON) is None


def test_the_chances_stand_beside_what_came_by_level():
    """As many of the largest a year ago as are S and A today, and the rest for the last level."""
    lines, _ = client(4.0, 24)
    lines["amount"] *= 1 + lines["account_id"].str[1:].astype(int) % 7
    active = pd.Index(
        sorted(lines.loc[lines["date"] > AS_OF - pd.Timedelta(days=365), "account_id"].unique())
    )
    levels = pd.Series("C", index=active)
    levels.iloc[:30], levels.iloc[30:100] = "S", "A"
    model, season, found = judged(lines, levels)
    rows = season.levels.set_index("level")
    assert list(rows.index) == ["S", "A", "C", ""]
    assert list(rows["then"]) == [30, 70, len(season.then) - 100, len(season.then)]
    of_s = model.probability.reindex(levels.index[levels == "S"])
    assert rows.loc["S", "chance"] == pytest.approx(of_s.mean())
    year = lines[lines["date"].between("2024-01-02", "2024-12-31")]
    largest = year.groupby("account_id")["amount"].sum().sort_values(ascending=False)
    came = lines.loc[lines["date"].between("2025-01-01", "2025-03-31"), "account_id"]
    least = largest.iloc[99]
    sure = largest.index[largest > least]  # ties at the last place apart
    gone = (~sure.isin(came)).sum()
    hundred = (rows["share"] * rows["then"]).loc[["S", "A"]].sum()
    assert gone <= hundred <= gone + 100 - len(sure)
    figures = found["proof_other_season"].figures
    assert figures["large_n"] == 100 and figures["large_share"] == pytest.approx(hundred / 100)
    for language in ("zh", "en"):
        with using(View(Locale(language, "CNY"))):
            health = SimpleNamespace(season_of_test=season)
            assert season_by_level_table(health).text and len(season_by_level_sheet(health).rows) == 4
            assert not season_by_level_table(SimpleNamespace(season_of_test=None)).text


def test_the_sheet_of_what_was_predicted_and_seen_says_which_test_each_row_is_of(retail_steps, medtech_steps):
    """It had the test of autumn alone, without a word of it, beside a sentence on that of a winter before."""
    health = retail_steps.health
    with using(View(Locale("en", "GBP"))):
        sheet, alone = calibration_sheet(health), calibration_sheet(medtech_steps.health)
    told = health.finding("proof_too_low").figures
    rows = sheet.rows.assign(
        expected=sheet.rows["predicted"] * sheet.rows["accounts"],
        stopped=sheet.rows["seen"] * sheet.rows["accounts"],
    )
    sums = rows.groupby("test")[["accounts", "expected", "stopped"]].sum()
    then, newest = sums.loc["a_year_ago"], sums.loc["newest"]
    assert then.tolist() == pytest.approx([told["n_test"], told["predicted"], told["stopped"]])
    assert newest.tolist() == pytest.approx([told[f"newest_{n}"] for n in ("n_test", "predicted", "stopped")])
    days = rows.groupby("test")[["first", "last"]].first()
    assert days.loc["a_year_ago"].tolist() == ["2010-12-01", "2011-02-28"]
    assert days.loc["newest"].tolist() == ["2011-09-02", "2011-11-30"]
    assert {column.key for column in sheet.columns} >= {"test", "first", "last"}
    assert set(alone.rows["last"]) == {"2026-06-30"} and set(alone.rows["test"]) == {"newest"}
