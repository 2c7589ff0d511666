"""Concentration: regularity, trend, margin and groups worked by hand; messy clients."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from conftest import book_of, lines_of, random_lines
from words import of_module

from kamplay.method.results import Findings
from kamplay.method.stats.concentration import hhi
from kamplay.method.value.concentration import GROUPS, add_distribution_findings, add_findings, concentration
from kamplay.show.findings import headline
from kamplay.show.locale import Locale
from kamplay.show.value import concentration as shown
from kamplay.show.view import View, using

words = of_module("value.concentration")


def kinds(result):
    found = Findings("value")
    add_distribution_findings(found, result)
    return {f.kind: f for f in found}


def monthly_lines(account, months, as_of="2025-12-31"):
    """One line in the middle of each of the last months; the last amount is the latest."""
    ends = pd.Timestamp(as_of) + pd.Timedelta(days=1)
    days = [ends - pd.DateOffset(months=back) + pd.Timedelta(days=14) for back in range(len(months), 0, -1)]
    return [
        (account, f"{day:%Y-%m-%d}", float(amount))
        for day, amount in zip(days, months, strict=True)
        if amount
    ]


def test_regular_irregular_and_new_by_hand():
    book = book_of(
        lines_of(
            *monthly_lines("even", [100] * 24),
            *monthly_lines("half", [100] * 12 + [150, 50] * 6),  # deviation exactly half of the mean
            *monthly_lines("full", [100] * 12 + [200, 0] * 6),  # every second month exactly
            *monthly_lines("quarterly", [0, 0, 300] * 8),
            # in spans of two months 2 1 0 0 1 2 2 1 0 0 1 times 200
            *monthly_lines("loose", [100] * 12 + [200, 200, 0, 0, 0, 200] * 2),
            *monthly_lines("lumpy", [100] * 12 + [0] * 11 + [1200]),
            *monthly_lines("young", [100] * 6),
        )
    )
    table = concentration(book).abc_xyz
    assert table["xyz"].to_dict() == {
        "even": "X",
        "half": "X",
        "full": "X",
        "quarterly": "X",
        "loose": "Y",
        "lumpy": "Z",
        "young": "new",
    }
    assert table["cv"].drop("young").to_dict() == pytest.approx(
        {"even": 0.0, "half": 0.5, "full": 0.0, "quarterly": 0.0, "lumpy": 11**0.5, "loose": 76**0.5 / 10}
    )
    assert np.isnan(table.loc["young", "cv"])
    classes = concentration(book).abc_xyz_classes
    assert (
        len(classes) == 12 and classes["accounts"].sum() == 7 and classes["share"].sum() == pytest.approx(1.0)
    )


def test_recorded_start_makes_an_account_old():
    lines = lines_of(*monthly_lines("a", [100] * 6), *monthly_lines("b", [100] * 6))
    accounts = pd.DataFrame({"account_id": ["a", "b"], "since": pd.to_datetime(["2019-01-01", None])})
    assert concentration(book_of(lines, accounts=accounts)).abc_xyz["xyz"].to_dict() == {"a": "Y", "b": "new"}


def test_trend_ends_with_the_year_and_rises_as_one_account_grows():
    lines = [row for n in range(30) for row in monthly_lines(f"s{n}", [100] * 36)] + monthly_lines(
        "big", [100] * 24 + [2000] * 12
    )
    result = concentration(book_of(lines_of(*lines)))
    trend = result.trend
    assert (
        len(trend) == 25
        and trend["month_end"].is_monotonic_increasing
        and trend["month_end"].iloc[-1] == pd.Timestamp("2025-12-31")
    )
    assert trend["top5_share"].iloc[0] == pytest.approx(5 / 31)
    assert trend["top5_share"].iloc[-1] == pytest.approx((24000 + 4 * 1200) / (24000 + 30 * 1200))
    assert trend["top5_share"].iloc[-1] == pytest.approx(
        result.intervals.set_index("figure").loc["top5_share", "estimate"]
    )
    found = kinds(result)
    assert (
        found["spread_rose"].figures["was"] == pytest.approx(5 / 31)
        and found["spread_rose"].accounts[0] == "big"
    )


def test_months_never_delivered_are_no_silence():
    lines = lines_of(
        *monthly_lines("a", [100] * 30, "2025-09-30"), *monthly_lines("b", [50] * 30, "2025-09-30")
    )
    result = concentration(book_of(lines))
    assert set(result.abc_xyz["xyz"]) == {"X"} and result.trend["month_end"].iloc[-1] == pd.Timestamp(
        "2025-09-30"
    )


def test_margin_more_concentrated_and_losers_left_out():
    lines = lines_of(*[row for n in range(30) for row in monthly_lines(f"s{n:02d}", [100] * 12)])
    cost = {"s00": 10.0, "s01": 10.0, "s02": 150.0}
    result = concentration(book_of(lines.assign(cost=lines["account_id"].map(cost).fillna(99.0))))
    # margins: twice 1,080, 27 times 12, one of −600; 80 % of 2,484 is 1,987.2: two accounts
    assert (
        result.margin_figures["known"],
        result.margin_figures["losing"],
        result.margin_figures["margin_for_80"],
    ) == (30, 1, 2)
    rows = result.intervals[result.intervals["basis"] == "margin"].set_index("figure")
    assert rows.loc["accounts_for_80", "estimate"] == 2 and (rows["accounts"] == 29).all()
    told = kinds(result)["spread_margin_narrower"]
    assert told.figures["revenue_for_80"] == 24 and told.accounts[:2] == ("s00", "s01")


def test_cost_known_for_part_of_the_accounts_only():
    lines = lines_of(*[row for n in range(30) for row in monthly_lines(f"s{n:02d}", [100] * 12)])
    cost = lines["account_id"].map(lambda a: 60.0 if a < "s10" else np.nan)
    result = concentration(book_of(lines.assign(cost=cost)))
    assert (result.margin_figures["known"], result.margin_figures["revenue_for_80"]) == (
        10,
        8,
    )  # compared over the same ten accounts
    assert "spread_margin_alike" in kinds(result)


MESSY = {
    "one": lines_of(("a", "2025-12-01", 10.0)),
    "returns": lines_of(("a", "2025-12-01", -10.0), ("b", "2025-11-01", -1.0)),
    "old": lines_of(("a", "2021-12-01", 10.0)),
    "cancelled": lines_of(("a", "2025-12-01", 10.0), ("a", "2025-12-02", -10.0), ("b", "2024-12-02", 3.0)),
    "few_months": lines_of(*monthly_lines("a", [5, 6, 7]), *monthly_lines("b", [1, 0, 1])),
    "years": random_lines(80),
}


@pytest.mark.parametrize("name", MESSY)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_messy_clients_get_findings_not_crashes(name, language):
    result = concentration(book_of(MESSY[name]))
    assert np.isfinite(result.intervals[["estimate", "low", "high"]].to_numpy(dtype=float)).all()
    assert (result.intervals["low"] <= result.intervals["estimate"]).all() and (
        result.intervals["estimate"] <= result.intervals["high"]
    ).all()
    found = kinds(result)
    assert (
        found
        and set(found) <= set(words.HEADLINES)
        and {f.action for f in found.values()} <= set(words.ACTIONS) | {None}
    )
    locale = Locale(language, "CNY")
    for kind, finding in found.items():
        said = locale.say(words.HEADLINES[kind], **finding.figures, names="…")
        assert "{" not in said and "nan" not in said
    with using(View(locale)):
        value = SimpleNamespace(concentration=result)
        drawn = {
            "trend": shown.concentration_trend_chart(value),
            "grid": shown.abc_xyz_chart(value),
            "table": shown.concentration_intervals_table(value),
        }
    assert bool(drawn["trend"].html) == (len(result.trend) > 1)
    assert bool(drawn["grid"].html) == bool((result.abc_xyz["xyz"] != "new").any())
    assert bool(drawn["table"].html) == (len(result.intervals) > 0)


def test_what_is_missing_is_said():
    assert {
        "spread_law_unknown",
        "spread_trend_unknown",
        "spread_xyz_unknown",
        "spread_margin_unknown",
    } == set(kinds(concentration(book_of(MESSY["one"]))))
    assert set(kinds(concentration(book_of(MESSY["returns"])))) == {"spread_empty"}


def test_rule_adds_up_to_a_hundred():
    told = kinds(concentration(book_of(MESSY["years"])))["spread_law"].figures
    assert told["few"] + told["many"] == 100 and told["low"] <= told["few"] <= told["high"]


def test_rule_tells_whole_accounts_with_what_they_bring():
    """Four of 9.5, four of 6.5 and twelve of 3: seven accounts (35%) bring 57.5, eight (40%) 64 of 100.
    Between them the curve is 57.5 + 1.3 (x − 35), which is 100 − x at x = 88 / 2.3 = 38.3.
    """
    amounts = [9.5] * 4 + [6.5] * 4 + [3] * 12
    book = book_of(lines_of(*((f"a{n}", "2025-05-01", float(amount)) for n, amount in enumerate(amounts))))
    told = kinds(concentration(book))["spread_law"].figures
    assert (told["few"], told["many"], told["holders"], told["holders_share"]) == (38, 62, 8, 0.4)
    assert told["held"] == pytest.approx(0.64)


# --- groups as one

LINES = lines_of(
    *(
        (name, "2025-05-01", amount)
        for name, amount in {"a": 40.0, "b": 25.0, "c": 15.0, "d": 12.0, "e": 8.0}.items()
    )
)


def parents_of(**parents: str | None) -> pd.DataFrame:
    return pd.DataFrame({"account_id": list(parents), "parent_id": list(parents.values())})


def groups(book):
    """The result, and the findings on groups."""
    result, findings = concentration(book), Findings("value")
    add_findings(findings, result)
    return result, [f for f in findings if f.kind.startswith("joint")]


def test_ranks_and_shares_by_hand():
    """c, d and e are one group: 35 of 100, second after a, though c alone is third."""
    result, found = groups(book_of(LINES, accounts=parents_of(d="c", e="c")))
    assert result.groups.to_dict("records") == [
        {
            "group": "c",
            "members": 3,
            "revenue": 35.0,
            "share": pytest.approx(0.35),
            "joint_rank": 2,
            "best": "c",
            "best_rank": 3,
        }
    ]
    f = result.group_figures
    assert (f["top1_single"], f["top1_joint"], f["for_80_single"], f["for_80_joint"]) == pytest.approx(
        (0.4, 0.4, 3, 3)
    )
    assert (f["top5_single"], f["top5_joint"]) == pytest.approx((1.0, 1.0))
    assert f["hhi_single"] == pytest.approx(0.16 + 0.0625 + 0.0225 + 0.0144 + 0.0064)
    assert f["hhi_joint"] == pytest.approx(0.16 + 0.0625 + 0.1225)
    assert [x.kind for x in found] == ["joint_alike", "joint_riser"]
    assert found[1].accounts == ("c",) and found[1].figures["best_rank"] == 3


def test_a_group_can_become_the_largest_and_the_head_need_not_buy():
    result, found = groups(
        book_of(LINES, accounts=parents_of(holding=None, b="holding", c="holding", d="holding"))
    )
    assert result.groups.loc[0, ["group", "members", "joint_rank", "best", "best_rank"]].to_list() == [
        "holding",
        4,
        1,
        "b",
        2,
    ]
    assert (
        result.group_figures["top1_joint"] == pytest.approx(0.52) and found[0].kind == "joint_concentration"
    )
    assert "1" in headline(found[1], Locale("en", "EUR"), {})


def test_grouping_never_lowers_concentration():
    rng = np.random.default_rng(5)
    names = [f"n{i:02d}" for i in range(30)]
    lines = lines_of(
        *((n, "2025-06-01", float(x)) for n, x in zip(names, rng.lognormal(3, 1, 30), strict=True))
    )
    parents = parents_of(**{n: str(rng.choice(names[:6])) for n in names[6:]})
    result, _ = groups(book_of(lines, accounts=parents))
    f, table = result.group_figures, result.groups
    assert (
        f["hhi_joint"] > f["hhi_single"]
        and f["top5_joint"] >= f["top5_single"]
        and f["for_80_joint"] <= f["for_80_single"]
    )
    alone = lines.set_index("account_id")["amount"]
    assert (table["revenue"].to_numpy() > alone[table["best"]].to_numpy()).all() and table[
        "revenue"
    ].is_monotonic_decreasing
    assert (table["joint_rank"] > table["best_rank"]).any()  # a small group falls behind where others join up
    parent = parents.set_index("account_id")["parent_id"]
    joint = lines.groupby(lines["account_id"].map(parent).fillna(lines["account_id"]))["amount"].sum()
    assert f["hhi_joint"] == pytest.approx(hhi(joint))


@pytest.mark.parametrize(
    "tables",
    [
        {},
        {"accounts": pd.DataFrame({"account_id": ["a"]})},
        {"accounts": parents_of(a="gone", b=None)},
        {"accounts": parents_of(a="a")},
    ],
)
def test_nothing_without_a_group(tables):
    result, found = groups(book_of(LINES, **tables))
    assert not found and result.groups.empty and list(result.groups) == GROUPS


def test_untidy_groups():
    circle, found = groups(book_of(LINES, accounts=parents_of(a="b", b="a")))
    assert circle.groups.loc[0, ["group", "joint_rank", "best_rank"]].to_list() == ["a", 1, 1]
    assert [f.kind for f in found] == ["joint_concentration", "joint_steady"]
    returned = lines_of(("a", "2025-05-01", 10.0), ("b", "2025-05-01", -30.0), ("c", "2025-05-01", 5.0))
    result, found = groups(book_of(returned, accounts=parents_of(b="a")))
    assert result.groups.empty and not found  # together they returned more than they bought
    result, found = groups(
        book_of(lines_of(("a", "2020-05-01", 10.0), ("b", "2020-05-01", 1.0)), accounts=parents_of(b="a"))
    )
    assert result.groups.empty and not found
