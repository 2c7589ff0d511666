"""The stress test and dependence both ways: by hand, by property, and of clients little is known about."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from conftest import AS_OF, book_of, lines_of, random_lines, sold
from words import of_module

from kamplay.method.measures import purchases
from kamplay.method.measures.purchases import newcomers
from kamplay.method.results import Findings
from kamplay.method.stats import concentration as c
from kamplay.method.value.stress_test import SCENARIOS, add_findings, stress_test
from kamplay.show.display import NOTHING
from kamplay.show.findings import headline
from kamplay.show.locale import Locale
from kamplay.show.value import stress_test as charts
from kamplay.show.value import stress_test as tables
from kamplay.show.value.stress_test import time_to_replace
from kamplay.show.view import View, using

words = of_module("value.stress_test")


def accounts_of(ids, **columns):
    return pd.DataFrame({"account_id": list(ids), **columns}).astype({"account_id": "str"})


def told(book):
    found = Findings("value")
    add_findings(found, stress_test(book))
    return {f.kind: f for f in found}


def said(finding, language="en"):
    """The finding's sentence."""
    return headline(finding, Locale(language, "EUR"), {})


@pytest.fixture
def tiny():
    """Three accounts that have always been there: A 60 %, and a group of B 30 % with C 10 %."""
    rows = [
        (a, f"{y}-06-15", amount)
        for y in (2023, 2024, 2025)
        for a, amount in (("A", 600.0), ("B", 300.0), ("C", 100.0))
    ]
    return book_of(
        lines_of(("A", "2023-01-01", 1.0), *rows), accounts=accounts_of("ABC", parent_id=[None, None, "B"])
    )


def scenarios(book):
    return stress_test(book).scenarios.set_index("scenario")


def test_tiny_by_hand(tiny):
    rows = scenarios(tiny)
    assert list(rows.index) == ["account_1", "account_2", "account_3", "worst_two", "group"]
    assert rows["share"].round(9).to_dict() == {
        "account_1": 0.6,
        "account_2": 0.3,
        "account_3": 0.1,
        "worst_two": 0.9,
        "group": 0.4,
    }
    assert rows["hhi"].round(9).eq(0.46).all()  # 0.36 + 0.09 + 0.01
    after = {
        "account_1": 0.625,
        "account_2": (36 + 1) / 49,
        "account_3": (4 + 1) / 9,
        "worst_two": 1.0,
        "group": 1.0,
    }
    assert rows["hhi_after"].to_dict() == pytest.approx(after)  # 30:10, 60:10, 60:30, C alone, A alone
    assert rows["accounts_for_80_after"].to_dict() == {
        "account_1": 2,
        "account_2": 1,
        "account_3": 2,
        "worst_two": 1,
        "group": 1,
    }
    assert (rows.loc["group", "account_id"], rows.loc["group", "accounts"]) == ("B", 2)
    assert rows["margin"].isna().all() and rows["margin_share"].isna().all()
    assert rows["years_to_replace"].isna().all()  # nobody is new
    assert rows["threat"].to_dict() == {
        "account_1": True,
        "account_2": True,
        "account_3": True,
        "worst_two": False,
        "group": True,
    }


def test_tiny_findings(tiny):
    found = told(tiny)
    expected = {
        "stress_lost_revenue",
        "stress_no_new",
        "stress_two",
        "stress_threat",
        "stress_group",
        "stress_industry_unknown",
    }
    assert set(found) == expected | {"stress_region_unknown", "depend_unknown"}
    assert found["stress_threat"].accounts == ("A", "B")  # the group is one customer, called by its head
    assert said(found["stress_lost_revenue"]) == "Losing A costs €600, 60% of revenue."
    assert "stress_no_new" in found


@pytest.mark.parametrize(("accounts", "severity"), [(40, "watch"), (41, "note")])
def test_two_that_are_not_seen_in_the_years_result_ask_for_no_plan(accounts, severity):
    """Of 40 equal accounts two bring 5%, of 41 a little less."""
    found = told(book_of(lines_of(*((f"A{n:02d}", "2025-06-01", 100.0) for n in range(accounts)))))
    assert found["stress_two"].severity == severity
    assert (found["stress_two"].action is None) == (severity == "note")


def test_one_account_leaves_nothing():
    rows = scenarios(book_of(lines_of(("A", "2025-06-01", 100.0))))
    assert list(rows.index) == ["account_1"]
    assert rows.loc["account_1", "share"] == 1
    assert rows[["hhi_after", "accounts_for_80_after", "years_to_replace"]].isna().all(axis=None)
    found = told(book_of(lines_of(("A", "2025-06-01", 100.0))))
    assert {"stress_rate_unknown", "stress_master_unknown", "depend_unknown"} <= set(found)
    assert said(found["stress_rate_unknown"]).endswith("needs 24 months of sales, and 7 are there.")


@pytest.mark.parametrize("rows", [[("A", "2023-06-01", 100.0)], [("A", "2025-06-01", -100.0)]])
def test_no_revenue_is_said(rows):
    result = stress_test(book_of(lines_of(*rows)))
    assert list(result.scenarios.columns) == SCENARIOS and result.scenarios.empty and result.dependence.empty
    assert set(told(book_of(lines_of(*rows)))) == {"stress_nothing"}
    value = SimpleNamespace(stress_test=result)
    assert charts.stress_test_chart(value) is NOTHING and charts.dependence_chart(value) is NOTHING
    assert tables.dependence_table(value) is NOTHING


def arrivals(months):
    """A new account each month, which then buys 100 every month; O has always bought."""
    ends = [AS_OF - pd.DateOffset(months=b) for b in range(months)]
    rows = [(f"N{first:02d}", day, 100.0) for first in range(months - 1) for day in ends[: first + 1]]
    return book_of(lines_of(*rows, *(("O", day, 1000.0) for day in ends)))


@pytest.mark.parametrize(("months", "told"), [(23, False), (24, True), (60, True)])
def test_new_business_of_a_steady_stream(months, told):
    came = newcomers(arrivals(months))
    if told:
        # of 12 that came in these months the first bought 12 times and the last, who bought once, is apart
        assert came["revenue"].sum() == pytest.approx(sum(range(1, 13)) * 100)
        assert came.loc[came["once"], "revenue"].to_dict() == {"N00": 100}
        assert "O" not in came.index
    else:
        assert came is None


def test_years_to_replace():
    row = scenarios(arrivals(36)).loc["account_1"]
    assert (row["account_id"], row["revenue"]) == ("O", 12000)
    assert row["years_to_replace"] == pytest.approx(
        12000 / 7700
    )  # 200 to 1,200 of eleven accounts; the twelfth bought once


@pytest.mark.parametrize(
    ("years", "en", "zh"),
    [
        (0.0, "less than half a year", "不到半年"),
        (0.49, "less than half a year", "不到半年"),
        (1.0, "1 year", "1年"),
        (3.44, "3.4 years", "3.4年"),
        (20.0, "20 years", "20年"),
        (431.0, "over 20 years", "20年以上"),
    ],
)
def test_nobody_plans_for_zero_or_four_hundred_years(years, en, zh):
    assert time_to_replace(years, Locale("en", "EUR")) == en
    assert time_to_replace(years, Locale("zh", "CNY")) == zh


def test_what_is_lost_does_not_replace_itself():
    rows = [
        ("O", "2023-01-15", 10.0),
        ("O", "2025-02-01", 100.0),
        ("N", "2025-03-01", 200.0),
        ("N", "2025-06-01", 100.0),
    ]
    rows += [("M", "2025-04-01", 30.0), ("M", "2025-05-01", 20.0), ("once", "2025-04-01", 40.0)]
    rows = scenarios(book_of(lines_of(*rows)))
    assert rows.loc["account_1", ["account_id", "new_per_year", "years_to_replace"]].tolist() == ["N", 50, 6]
    assert rows.loc["account_2", ["account_id", "new_per_year", "years_to_replace"]].tolist() == [
        "O",
        350,
        pytest.approx(2 / 7),
    ]


def test_recorded_since_long_ago_is_not_new():
    lines = lines_of(("O", "2023-01-15", 10.0), ("N", "2025-03-01", 300.0), ("M", "2025-04-01", 50.0))
    accounts = accounts_of("MNO", since=pd.to_datetime(["2025-01-01", "2019-01-01", None]))
    assert newcomers(book_of(lines, accounts=accounts))["revenue"].to_dict() == {"M": 50}


def test_margin_by_hand():
    """A 500 at 50, B 300 at 120, C 200 without cost: 170 known on 800 stand for 212.5 on 1,000."""
    rows = [("A", 500.0, 450.0), ("B", 300.0, 180.0), ("C", 200.0, np.nan)]
    lines = pd.DataFrame(rows, columns=["account_id", "amount", "cost"]).assign(date="2025-06-01")
    got = scenarios(book_of(lines))
    assert got["margin_share"].iloc[:2].tolist() == pytest.approx([50 / 212.5, 120 / 212.5])
    assert np.isnan(got.loc["account_3", "margin_share"])
    assert got.loc["worst_two", ["account_id", "second_id"]].tolist() == [
        "A",
        "B",
    ]  # by revenue, as not every margin is known
    assert "stress_lost" in told(book_of(lines))


def test_worst_two_by_margin_and_an_account_without():
    rows = [("A", 500.0, 520.0), ("B", 300.0, 180.0), ("C", 200.0, 100.0)]
    book = book_of(pd.DataFrame(rows, columns=["account_id", "amount", "cost"]).assign(date="2025-06-01"))
    assert scenarios(book).loc["worst_two", ["account_id", "second_id"]].tolist() == ["B", "C"]
    assert (
        said(told(book)["stress_lost_no_margin"])
        == "Losing A costs €500, 50% of revenue, but no margin: it leaves −€20."
    )
    result = stress_test(book)
    value = SimpleNamespace(stress_test=result)
    with using(View(Locale("en", "EUR"))):
        assert "B + C" in charts.stress_test_chart(value).text
        assert (
            charts.short_labels(list(result.scenarios.itertuples()), View(Locale("en", "EUR")), 30)[3]
            == "2 and 3 together"
        )


def test_industry_and_region_where_known():
    accounts = accounts_of("ABCD", industry=["x", "y", "y", None], region=["n"] * 4)
    lines = lines_of(
        ("A", "2025-06-01", 40.0),
        ("B", "2025-06-01", 30.0),
        ("C", "2025-06-01", 15.0),
        ("D", "2025-06-01", 15.0),
    )
    book = book_of(lines, accounts=accounts)
    rows = scenarios(book)
    assert rows.loc["industry", ["value", "accounts"]].tolist() == ["y", 2] and rows.loc[
        "industry", "share"
    ] == pytest.approx(0.45)
    assert rows.loc["region", "share"] == pytest.approx(1) and np.isnan(rows.loc["region", "hhi_after"])
    found = told(book)
    assert found["stress_industry"].figures["known"] == pytest.approx(0.85)
    assert "stress_group_unknown" in found and "stress_industry_unknown" not in found


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_rest_is_measured_as_any_client(seed):
    book = book_of(random_lines(seed=seed))
    now = purchases.revenue(book)
    for row in stress_test(book).scenarios.itertuples():
        rest = now.drop([row.account_id] + ([row.second_id] if row.scenario == "worst_two" else []))
        assert row.hhi_after == pytest.approx(c.hhi(rest))
        assert row.accounts_for_80_after == c.accounts_for(rest, 0.8)
        assert row.revenue == pytest.approx(now.clip(lower=0).sum() - rest.clip(lower=0).sum())


@pytest.fixture
def dependent():
    """1,000 of revenue: W 100, V 50, T 49, S 20 and the rest R; wallets set to lie on the limits and beside
    them.
    """
    amounts = {"W": 100.0, "V": 50.0, "T": 49.0, "S": 20.0, "R": 781.0}
    wallet = [("W", 150.0), ("W", 51.0), ("V", 100.0), ("T", 98.0), ("S", 10.0), ("Z", 5.0)]
    table = pd.DataFrame(wallet, columns=["account_id", "spend"])
    return book_of(lines_of(*((a, "2025-06-01", x) for a, x in amounts.items())), wallet=table)


def test_four_fields(dependent):
    table = stress_test(dependent).dependence
    assert list(table.index) == ["W", "V", "T", "S"]  # largest first; R has no wallet, Z bought nothing
    assert table["field"].tolist() == [
        "we",
        "both",
        "they",
        "they",
    ]  # 100/201 < ½; 5 % and ½ count as reached; 4.9 % does not
    assert table["our_share_of_theirs"].tolist() == pytest.approx(
        [100 / 201, 0.5, 0.5, 1.0]
    )  # S: 20 of 10, capped
    assert table["their_share_of_ours"].tolist() == pytest.approx([0.1, 0.05, 0.049, 0.02])


def test_dependence_findings(dependent):
    found = told(dependent)
    assert {k: found["depend_fields"].figures[k] for k in ("known", "we", "both", "they", "neither")} == {
        "known": 4,
        "we": 1,
        "both": 1,
        "they": 2,
        "neither": 0,
    }
    assert (
        found["depend_we"].accounts == ("W",)
        and found["depend_unseen"].accounts == ("R",)
        and found["depend_capped"].accounts == ("S",)
    )
    assert "W. It brings 10% of our revenue, while we have at most 50% of its purchases." in said(
        found["depend_we"]
    )


@pytest.mark.parametrize("wallet", [[("A", 0.0)], [("A", np.nan)], [("X", 10.0)]])
def test_wallet_that_tells_nothing(wallet):
    table = pd.DataFrame(wallet, columns=["account_id", "spend"])
    found = told(book_of(lines_of(("A", "2025-06-01", 100.0)), wallet=table))
    assert "depend_unknown" in found and "depend_fields" not in found


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_sentence_is_filled_in(dependent, tiny, language):
    books = [dependent, tiny, arrivals(60), book_of(random_lines())]
    for finding in (f for book in books for f in told(book).values()):
        text = said(finding, language)
        assert "{" not in text and (language == "en" or text != said(finding)), finding.kind
        assert finding.action is None or finding.action in words.ACTIONS
        assert all(v is None or not isinstance(v, float) or np.isfinite(v) for v in finding.figures.values())


def test_charts_and_tables(dependent):
    value = SimpleNamespace(stress_test=stress_test(dependent))
    names = {"W": "<b>W & sons</b>", "R": "很长的客户名称" * 6}
    for language, part in (
        ("en", "we depend on them 1 account, 10% of revenue"),
        ("zh", "我方依赖对方1家，占收入10%"),
    ):
        with using(View(Locale(language, "EUR"), names)):
            shown = [
                charts.stress_test_chart(value),
                charts.dependence_chart(value),
                tables.dependence_table(value),
            ]
            assert part in shown[1].text and "78%" in shown[0].text
            assert all("<b>" not in display.html for display in shown)
            assert charts.stress_test_chart(value) == shown[0]  # the same every time
            assert shown[2].text.splitlines()[1].split(" | ")[::2] == ["<b>W & sons</b>", "50%", "100"]


@pytest.mark.parametrize(
    ("text", "room", "cut"),
    [
        ("abcdef", 6, "abcdef"),
        ("abcdef", 5, "abcd…"),
        ("客户名称", 8, "客户名称"),
        ("客户名称", 6, "客户…"),
        ("", 3, ""),
    ],
)
def test_labels_fit(text, room, cut):
    assert charts.fitted(text, room) == cut


def test_the_largest_region_is_where_the_firm_is_at_home():
    """Four fifths in one region: a fact, and nothing that anybody could do about; of an industry there is."""
    book = book_of(
        lines_of(("A", "2025-06-01", 800.0), ("B", "2025-06-01", 100.0), ("C", "2025-06-01", 100.0)),
        accounts=pd.DataFrame(
            {"account_id": list("ABC"), "region": ["home", "out", "out"], "industry": ["x", "y", "z"]}
        ),
    )
    found = told(book)
    assert (found["stress_region"].severity, found["stress_region"].action) == ("note", None)
    assert (found["stress_industry"].severity, found["stress_industry"].action) == (
        "watch",
        "stress_watch_market",
    )


def test_what_to_do_without_the_largest_is_asked_once():
    """Of 25 accounts with 4% each: asked of two together; of four with 50% to 5%, of the first."""
    many = told(book_of(sold(**{f"a{n}": 100.0 - n / 100 for n in range(25)})))
    asked = [f.action for f in many.values() if f.action in ("stress_second_leg", "stress_two_fallback")]
    assert asked == ["stress_two_fallback"]  # 4% each: none from 5% on by itself, both together
    few = told(book_of(sold(a=50.0, b=30.0, c=15.0, d=5.0)))
    asked = [f.action for f in few.values() if f.action in ("stress_second_leg", "stress_two_fallback")]
    assert asked == ["stress_second_leg"]
