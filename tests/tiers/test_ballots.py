"""Ballots: who weighs and names what, worked by hand on small tables, and on the sample where the truth is
planted.
"""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from kamplay.method.stats.agreement import fleiss_kappa, kendall_w
from kamplay.method.tiers import ballots
from kamplay.samples import medtech

CRITERIA = ["value", "loyalty", "growth", "risk"]
ACCOUNTS = ["A", "B", "C", "D"]


def weights(rater, department, values, criteria=CRITERIA):
    return [
        {"rater": rater, "department": department, "criterion": c, "weight": v}
        for c, v in zip(criteria, values, strict=False)
    ]


def ranks(rater, department, values, criteria=CRITERIA):
    return [
        {"rater": rater, "department": department, "criterion": c, "rank": v}
        for c, v in zip(criteria, values, strict=False)
    ]


def names(rater, department, accounts):
    return [{"rater": rater, "department": department, "account_id": a, "nominated": True} for a in accounts]


def table(*parts, columns=("rater", "department", "criterion", "account_id", "weight", "rank", "nominated")):
    return pd.DataFrame([row for part in parts for row in part], columns=list(columns))


def why(rows, criteria=CRITERIA, accounts=ACCOUNTS):
    found = ballots.unusable(rows, criteria, accounts)
    return list(zip(found["row"], found["why"], strict=True))


# --- rounds


def test_rounds():
    rows = pd.DataFrame({"rater": list("abcd"), "round": [2, np.nan, 1, 3]})
    assert ballots.rounds(rows) == [1, 2, 3]
    assert ballots.in_round(rows, 1)["rater"].tolist() == ["b", "c"]
    assert ballots.rounds(rows.assign(round=rows["round"].astype("Int64"))) == [1, 2, 3]
    assert ballots.rounds(rows[["rater"]]) == [1] and len(ballots.in_round(rows[["rater"]], 1)) == 4
    assert ballots.rounds(rows.head(0)) == []


# --- what was weighed


def test_weights_add_up_to_one_whatever_the_scale():
    rows = table(weights("Li", "Sales", [50, 20, 20, 10]), weights("Wu", "Finance", [1, 1, 1, 5]))
    given = ballots.rater_weights(rows, CRITERIA)
    assert given.loc["Li"].tolist() == pytest.approx([0.5, 0.2, 0.2, 0.1])
    assert given.loc["Wu"].tolist() == pytest.approx([0.125, 0.125, 0.125, 0.625])


def test_names_of_criteria_match_whatever_their_case():
    rows = table(weights("Li", "Sales", [50, 20, 20, 10], ["VALUE", " Loyalty", "growth", "Risk "]))
    given = ballots.rater_weights(rows, CRITERIA)
    assert list(given.columns) == CRITERIA and given.loc["Li"].tolist() == pytest.approx([0.5, 0.2, 0.2, 0.1])


@pytest.mark.parametrize(
    ("n", "expected"),
    [
        (2, [0.75, 0.25]),
        (3, [0.6111, 0.2778, 0.1111]),
        (4, [0.5208, 0.2708, 0.1458, 0.0625]),
        (5, [0.4567, 0.2567, 0.1567, 0.09, 0.04]),
    ],
)
def test_rank_order_centroids_as_published(n, expected):
    """The table of Barron & Barrett (1996)."""
    assert ballots.rank_order_centroid(np.arange(1, n + 1)) == pytest.approx(expected, abs=5e-5)


def test_ranks_stand_for_weights():
    """Second, first, third, fourth; and with first and second tied both have (0.5208 + 0.2708) / 2."""
    rows = table(ranks("Li", "Sales", [2, 1, 3, 4]), ranks("Wu", "Sales", [1, 1, 3, 4]))
    given = ballots.rater_weights(rows, CRITERIA)
    assert given.loc["Li"].tolist() == pytest.approx([0.2708, 0.5208, 0.1458, 0.0625], abs=5e-5)
    assert given.loc["Wu"].tolist() == pytest.approx([0.3958, 0.3958, 0.1458, 0.0625], abs=5e-5)
    assert why(rows) == []


def test_weights_go_before_ranks():
    rows = table(weights("Li", "Sales", [50, 30], CRITERIA[:2]), ranks("Li", "Sales", [1, 2], CRITERIA[2:]))
    assert ballots.rater_weights(rows, CRITERIA).loc["Li"].tolist() == pytest.approx([0.625, 0.375, 0, 0])
    assert why(rows) == [(2, "no_value"), (3, "no_value")]


def test_a_criterion_left_out_counts_zero_from_half_on():
    rows = table(
        weights("half", "Sales", [60, 40]),
        weights("quarter", "Sales", [100]),
        ranks("ranks", "Sales", [2, 1]),
    )
    given = ballots.rater_weights(rows, CRITERIA)
    assert list(given.index) == ["half", "ranks"]
    assert given.loc["half"].tolist() == pytest.approx([0.6, 0.4, 0, 0])
    assert given.loc["ranks"].tolist() == pytest.approx([0.25, 0.75, 0, 0])
    assert why(rows) == [(2, "incomplete")]


def test_nothing_usable_is_an_empty_table():
    rows = table(weights("Li", "Sales", [0, 0, 0, 0]), weights("Wu", "Sales", [np.nan] * 4))
    given = ballots.rater_weights(rows, CRITERIA)
    assert given.shape == (0, 4)
    assert why(rows) == [(n, "all_zero") for n in range(4)] + [(n, "no_value") for n in range(4, 8)]
    departments = ballots.department_weights(given, rows)
    assert (
        departments.empty
        and ballots.mean_weights(departments).empty
        and ballots.furthest_apart(departments) is None
    )
    assert kendall_w(ballots.weight_ranks(given)) is None


def test_an_empty_table_of_ballots():
    rows = table()
    assert ballots.rater_weights(rows, CRITERIA).shape == (0, 4)
    assert ballots.nominations(rows, ACCOUNTS) is None and ballots.nominated_by(rows).empty
    assert why(rows) == []


def test_one_criterion_has_all_the_weight():
    given = ballots.rater_weights(table(weights("Li", "Sales", [7], ["value"])), ["value"])
    assert given.to_dict("index") == {"Li": {"value": 1.0}}


def test_weight_ranks_have_ties():
    given = ballots.rater_weights(
        table(weights("Li", "Sales", [40, 20, 20, 10]), weights("Wu", "", [25] * 4)), CRITERIA
    )
    found = ballots.weight_ranks(given)
    assert found.loc["Li"].tolist() == [1, 2.5, 2.5, 4] and found.loc["Wu"].tolist() == [2.5] * 4


@settings(deadline=None, max_examples=40)
@drawn(st.lists(st.lists(st.integers(1, 100), min_size=4, max_size=4), min_size=1, max_size=8))
def test_shares_add_up_for_raters_departments_and_the_settled(values):
    rows = table(*(weights(f"r{n}", f"d{n % 3}", v) for n, v in enumerate(values)))
    given = ballots.rater_weights(rows, CRITERIA)
    departments = ballots.department_weights(given, rows)
    assert given.sum(axis=1).to_numpy() == pytest.approx(1) and departments.sum(
        axis=1
    ).to_numpy() == pytest.approx(1)
    assert ballots.mean_weights(departments).sum() == pytest.approx(1)


# --- departments


def test_departments_have_one_voice_each():
    """Three of Sales say 80/20/0/0, one of Finance 20/20/0/60: the middle is 50/20/0/30, not 65/20/0/15."""
    rows = table(
        *(weights(r, "Sales", [80, 20, 0, 0]) for r in "abc"), weights("d", "Finance", [20, 20, 0, 60])
    )
    departments = ballots.department_weights(ballots.rater_weights(rows, CRITERIA), rows)
    assert list(departments.index) == ["Sales", "Finance"]
    assert ballots.mean_weights(departments).to_dict() == pytest.approx(
        {"value": 0.5, "loyalty": 0.2, "growth": 0, "risk": 0.3}
    )


def test_department_is_the_mean_of_its_raters_and_nobody_is_lost_without_one():
    rows = table(
        weights("a", "Sales", [80, 20, 0, 0]),
        weights("b", "Sales", [60, 20, 20, 0]),
        weights("c", None, [25] * 4),
        weights("d", " ", [100, 0, 0, 0]),
    )
    departments = ballots.department_weights(ballots.rater_weights(rows, CRITERIA), rows)
    assert list(departments.index) == ["Sales", "c", "d"]
    assert departments.loc["Sales"].tolist() == pytest.approx([0.7, 0.2, 0.1, 0])
    without = rows.drop(columns="department")
    assert list(ballots.department_weights(ballots.rater_weights(without, CRITERIA), without).index) == [
        "a",
        "b",
        "c",
        "d",
    ]


def test_department_stands_in_one_row_only():
    rows = table(weights("a", "Sales", [80]), weights("a", None, [20, 0, 0], CRITERIA[1:]))
    assert list(ballots.department_weights(ballots.rater_weights(rows, CRITERIA), rows).index) == ["Sales"]


def test_one_name_in_two_departments_is_two_people():
    rows = table(weights("Wang", "Sales", [70, 10, 10, 10]), weights("Wang", "Finance", [10, 10, 10, 70]))
    given = ballots.rater_weights(rows, CRITERIA)
    assert list(given.index) == ["Wang (Sales)", "Wang (Finance)"] and why(rows) == []
    assert ballots.department_weights(given, rows).loc["Finance", "risk"] == pytest.approx(0.7)


def test_furthest():
    """Sales–Finance ½(0.6 + 0 + 0.1 + 0.7) = 0.7, most on risk, by 0.7; Sales–Product ½(0.4 + 0.2 + 0.2) =
    0.4; Finance–Product 0.5.
    """
    departments = pd.DataFrame(
        [[0.7, 0.2, 0.1, 0.0], [0.1, 0.2, 0.0, 0.7], [0.3, 0.2, 0.3, 0.2]],
        index=["Sales", "Finance", "Product"],
        columns=CRITERIA,
    )
    found = ballots.furthest_apart(departments)
    assert found[:3] == ("Finance", "Sales", "risk") and found.gap == pytest.approx(0.7)
    second = ballots.furthest_apart(departments.drop("Sales"))
    assert second[:3] == ("Finance", "Product", "risk") and second.gap == pytest.approx(0.5)


def test_nobody_is_furthest_where_all_agree():
    same = pd.DataFrame([[0.25] * 4] * 3, columns=CRITERIA, index=list("xyz"))
    assert ballots.furthest_apart(same) is None and ballots.furthest_apart(same.head(1)) is None
    assert ballots.mean_weights(same).tolist() == pytest.approx([0.25] * 4)


def test_middle_is_the_mean_not_the_median():
    """Value 90, 90 and 30 in one department: 70. Departments at 70, 10 and 10: 30."""
    rows = table(
        *(weights(r, "Sales", [v, 100 - v, 0, 0]) for r, v in [("a", 90), ("b", 90), ("c", 30)]),
        *(weights(r, d, [10, 90, 0, 0]) for r, d in [("d", "Finance"), ("e", "Product")]),
    )
    departments = ballots.department_weights(ballots.rater_weights(rows, CRITERIA), rows)
    assert departments["value"].tolist() == pytest.approx([0.7, 0.1, 0.1])
    assert ballots.mean_weights(departments).to_dict() == pytest.approx(
        {"value": 0.3, "loyalty": 0.7, "growth": 0, "risk": 0}
    )


# --- nominations


NAMED = table(
    names("a", "Sales", "AB"),
    names("b", "Sales", "A"),
    [{"rater": "c", "department": "Finance", "account_id": x, "rank": n} for n, x in enumerate("AC", 1)],
    [{"rater": "d", "department": None, "account_id": "D", "nominated": False}],
)


def test_nominations_over_every_account_that_could_be_named():
    """c only ranked, which names; d said no and named none, so is no rater."""
    found = ballots.nominations(NAMED, ["A", "B", "C", "D", "E"])
    assert found["nominated"].to_dict() == {"A": 3, "B": 1, "C": 1, "D": 0, "E": 0}
    assert (found["raters"] == 3).all() and (found["nominated"] + found["not_nominated"] == 3).all()
    # observed (1 + ⅓ + ⅓ + 1 + 1)/5 = 11/15; chance (5² + 10²)/15² = 5/9; kappa (11/15 − 5/9)/(4/9) = 0.4
    assert fleiss_kappa(found[["nominated", "not_nominated"]]).kappa == pytest.approx(0.4)


def test_no_nominations():
    assert ballots.nominations(table(weights("a", "Sales", [25] * 4)), ACCOUNTS) is None
    assert ballots.nominations(table(names("a", "Sales", ["Z"])), ACCOUNTS) is None
    assert ballots.nominations(NAMED, []) is None


def test_one_rater_gives_no_kappa():
    found = ballots.nominations(table(names("a", "Sales", "AB")), ACCOUNTS)
    assert found["nominated"].tolist() == [1, 1, 0, 0]
    assert fleiss_kappa(found[["nominated", "not_nominated"]]) is None


def test_who_stands_behind_an_account():
    found = ballots.nominated_by(NAMED)
    assert list(found.index) == ["A", "C", "B"]  # the most named first, then the better ranked
    assert found["raters"].tolist() == [3, 1, 1]
    assert found["departments"].tolist() == [("Sales", "Finance"), ("Finance",), ("Sales",)]
    assert found["others"].tolist() == [(), ("Sales",), ("Finance",)]
    assert found["share"].tolist() == [1.0, 0.5, 0.5] and found["contested"].tolist() == [False, True, True]
    assert found["mean_rank"].iloc[:2].tolist() == [1.0, 2.0] and np.isnan(found["mean_rank"].iloc[2])


def test_raters_without_department_speak_for_themselves():
    found = ballots.nominated_by(
        table(names("a", None, "A"), names("b", None, "AB")).drop(columns="department")
    )
    assert found["departments"].to_dict() == {"A": ("a", "b"), "B": ("b",)} and found[
        "contested"
    ].to_dict() == {"A": False, "B": True}
    assert ballots.nominated_by(table(names("a", None, "AB")), ["B"]).index.tolist() == ["B"]


# --- what could not be used


def test_every_ballot_not_used_is_told():
    rows = table(
        weights("Li", "Sales", [10, 20, 20, 10]),
        weights("Li", "Sales", [50]),  # again on value: this one counts
        weights("Li", "Sales", [5], ["brand"]),
        names(None, "Sales", "A"),
        names("Li", "Sales", ["A", "Z", "B", "A"]),
        [{"rater": "Li", "account_id": "C"}, {"rater": "Li", "weight": 3.0}],
        weights("Wu", "Sales", [-1, 50], CRITERIA[:2]),
    )
    rows.index = rows.index + 100
    found = ballots.unusable(rows, CRITERIA, ACCOUNTS)
    assert list(zip(found["row"], found["why"], strict=True)) == [
        (100, "repeated"),
        (105, "unknown_criterion"),
        (106, "no_rater"),
        (107, "repeated"),
        (108, "unknown_account"),
        (111, "no_value"),
        (112, "empty"),
        (113, "no_value"),
        (114, "incomplete"),
    ]
    assert list(found.columns) == ["row", "rater", "department", "criterion", "account_id", "why"]
    assert found.loc[found["why"] == "unknown_criterion", "criterion"].tolist() == ["brand"]
    assert found.loc[found["why"] == "unknown_account", "account_id"].tolist() == ["Z"]
    assert ballots.rater_weights(rows, CRITERIA).to_dict("index") == {
        "Li": pytest.approx({"value": 0.5, "loyalty": 0.2, "growth": 0.2, "risk": 0.1})
    }
    assert ballots.nominations(rows, ACCOUNTS)["nominated"].to_dict() == {"A": 1, "B": 1, "C": 0, "D": 0}


def test_the_last_word_on_an_account_counts():
    rows = table(
        names("a", "Sales", "AB"),
        [{"rater": "a", "department": "Sales", "account_id": "A", "nominated": False}],
    )
    assert ballots.nominations(rows, ACCOUNTS)["nominated"].to_dict() == {"A": 0, "B": 1, "C": 0, "D": 0}
    assert why(rows) == [(0, "repeated")]


def test_a_form_with_both_in_one_row_is_read_for_both():
    """The rank beside a weight is of the account."""
    rows = pd.DataFrame(
        {
            "rater": ["a"] * 4,
            "criterion": CRITERIA,
            "weight": [40, 30, 20, 10],
            "account_id": ["A", "C", "Q", None],
            "rank": [1, 2, 3, None],
        }
    )
    assert ballots.rater_weights(rows, CRITERIA).loc["a"].tolist() == pytest.approx([0.4, 0.3, 0.2, 0.1])
    assert ballots.nominations(rows, ACCOUNTS)["nominated"].tolist() == [1, 0, 1, 0]
    assert why(rows) == [(2, "unknown_account")]


@settings(deadline=None, max_examples=60)
@drawn(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "b", None]),
            st.sampled_from(["S", "F", None]),
            st.sampled_from([*CRITERIA, "odd", None]),
            st.sampled_from(["A", "B", "Z", None]),
            st.sampled_from([None, 0.0, 3.0, -1.0, float("inf")]),
            st.sampled_from([None, 1.0, 2.0]),
            st.sampled_from([None, True, False]),
        ),
        max_size=25,
    )
)
def test_no_ballot_is_dropped_silently(drawn_rows):
    """Every criterion ballot is a share of a rater or is listed; every account ballot is counted, says no, or
    is listed.
    """
    rows = pd.DataFrame(
        drawn_rows, columns=["rater", "department", "criterion", "account_id", "weight", "rank", "nominated"]
    )
    told = ballots.unusable(rows, CRITERIA, ACCOUNTS)
    given = ballots.rater_weights(rows, CRITERIA)
    used = rows["criterion"].notna().sum() - told["criterion"].notna().sum()
    assert (given > 0).to_numpy().sum() <= used <= given.size
    named = ballots.nominations(rows, ACCOUNTS)
    counted = 0 if named is None else int(named["nominated"].sum())
    live = set(rows.index[rows["account_id"].notna()]) - set(told.loc[told["account_id"].notna(), "row"])
    assert counted == sum(pd.isna(rows.loc[i, "nominated"]) or bool(rows.loc[i, "nominated"]) for i in live)
    assert given.sum(axis=1).to_numpy() == pytest.approx(1) and given.notna().all().all()


# --- the sample


def test_the_workshop_brings_agreement_and_finance_stands_apart():
    sample = medtech.generate()
    votes, accounts = sample.tables["ballots"], sample.tables["accounts"]["account_id"].tolist()
    assert ballots.rounds(votes) == [1, 2]
    w, kappa = {}, {}
    for number in (1, 2):
        rows = ballots.in_round(votes, number)
        assert ballots.unusable(rows, CRITERIA, accounts).empty
        given = ballots.rater_weights(rows, CRITERIA)
        departments = ballots.department_weights(given, rows)
        found = ballots.furthest_apart(departments)
        assert (
            given.shape == (9, 4)
            and found.department_a == "财务"
            and found.criterion == "risk"
            and found.gap >= 0.2
        )
        assert departments["risk"].idxmax() == "财务"
        w[number] = kendall_w(ballots.weight_ranks(given)).w
        named = ballots.nominations(rows, accounts)
        assert len(named) == 300 and named["nominated"].sum() == 90
        kappa[number] = fleiss_kappa(named[["nominated", "not_nominated"]]).kappa
        by = ballots.nominated_by(rows)
        disputed = by[by["contested"]]
        cases = {c["kind"]: c["account_id"] for c in sample.answer_key["cases"]}
        assert {cases["unpaid_key"], cases["skinner"]} <= set(disputed.index)
        assert (
            disputed.loc[cases["unpaid_key"], "others"]
            == ("财务",)
            == disputed.loc[cases["skinner"], "others"]
        )
    assert w[1] + 0.1 < w[2] < 0.7 and kappa[1] + 0.1 < kappa[2] < 0.95
