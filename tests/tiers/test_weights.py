"""Weights of criteria: published matrices, tables worked by hand, one judgement spoilt, and messy point
tables.
"""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kamplay.method.tiers.weights import RANDOM_INDEX, SCALE, ahp, critic, entropy, group, matrix_of

NAN = np.nan


def reciprocal(keys: str | list[str], *upper: float) -> pd.DataFrame:
    """A matrix from the judgements above its diagonal, row by row."""
    a = np.ones((len(keys), len(keys)))
    for (i, j), value in zip(zip(*np.triu_indices(len(keys), 1), strict=True), upper, strict=True):
        a[i, j], a[j, i] = value, 1 / value
    return pd.DataFrame(a, index=list(keys), columns=list(keys))


def consistent(weights: dict[str, float]) -> pd.DataFrame:
    w = pd.Series(weights, dtype=float)
    return pd.DataFrame(w.to_numpy()[:, None] / w.to_numpy(), index=w.index, columns=w.index)


def spoilt(matrix: pd.DataFrame, a: str, b: str, ratio: float) -> pd.DataFrame:
    out = matrix.copy()
    out.loc[a, b], out.loc[b, a] = ratio, 1 / ratio
    return out


def code(error: pytest.ExceptionInfo) -> tuple:
    return error.value.args


# --- AHP


def test_saatys_drinks():
    """Saaty (2008), Decision making with the analytic hierarchy process: drink consumption in the United
    States, CR 0.022.
    """
    drinks = ["coffee", "wine", "tea", "beer", "soda", "milk", "water"]
    matrix = reciprocal(
        drinks,
        9,
        5,
        2,
        1,
        1,
        1 / 2,
        1 / 3,
        1 / 9,
        1 / 9,
        1 / 9,
        1 / 9,
        1 / 3,
        1 / 4,
        1 / 3,
        1 / 9,
        1 / 2,
        1,
        1 / 3,
        2,
        1 / 2,
        1 / 3,
    )
    result = ahp(matrix)
    assert result.weights.round(3).to_dict() == {
        "coffee": 0.177,
        "wine": 0.019,
        "tea": 0.042,
        "beer": 0.116,
        "soda": 0.19,
        "milk": 0.129,
        "water": 0.327,
    }
    assert round(result.cr, 3) == 0.022
    # water is 17 times wine by the weights, the scale ends at 9: the furthest off, and nothing to mend
    assert (result.worst.a, result.worst.b, result.worst.given, result.worst.mended) == (
        "water",
        "wine",
        9,
        9,
    )
    assert result.worst.cr_after == result.cr


def test_saatys_cities():
    """Saaty (2005), Theory and Applications of the Analytic Network Process: the best city to live in by five
    criteria: Bethesda 0.229, Boston 0.275, Pittsburgh 0.385, Santa Fe 0.111.
    """
    criteria = matrix_of(
        {
            "culture/housing": 3,
            "culture/transport": 5,
            "family/culture": 5,
            "family/housing": 7,
            "family/transport": 7,
            "housing/transport": 3,
            "jobs/culture": 2,
            "jobs/housing": 4,
            "jobs/transport": 7,
            "family/jobs": 1,
        },
        ["culture", "family", "housing", "jobs", "transport"],
    )
    cities = ["Bethesda", "Boston", "Pittsburgh", "Santa Fe"]
    by_criterion = {
        "culture": (1 / 2, 1, 1 / 2, 2.5, 1, 1 / 2.5),
        "family": (2, 1 / 3, 4, 1 / 8, 2, 9),
        "housing": (5, 1 / 2, 2.5, 1 / 9, 1 / 4, 7),
        "jobs": (1 / 2, 3, 4, 6, 8, 1),
        "transport": (1.5, 1 / 2, 4, 1 / 3.5, 2.5, 9),
    }
    found = pd.DataFrame(
        {name: ahp(reciprocal(cities, *upper)).weights for name, upper in by_criterion.items()}
    )
    total = (found * ahp(criteria).weights).sum(axis=1)
    assert total.round(3).to_dict() == {
        "Bethesda": 0.229,
        "Boston": 0.275,
        "Pittsburgh": 0.385,
        "Santa Fe": 0.111,
    }


def test_three_criteria_by_hand():
    """A circle a > b > c > a, each by 2: λmax = 1 + t + 1/t with t³ = a_ab·a_bc/a_ac = 8, so 3.5; CI 0.25; CR
    0.25/0.58; nobody leads.
    """
    result = ahp(reciprocal("abc", 2, 1 / 2, 2))
    assert result.weights.tolist() == pytest.approx([1 / 3] * 3)
    assert (result.lambda_max, result.ci, result.cr) == pytest.approx((3.5, 0.25, 0.25 / 0.58))
    # without a/b the others say a/c · c/b = 1/4
    assert (result.worst.a, result.worst.b, result.worst.given, result.worst.mended) == ("a", "b", 2, 0.25)
    assert result.worst.cr_after == pytest.approx(0, abs=1e-12)


def test_a_consistent_matrix_gives_its_weights_back():
    weights = {"value": 0.4, "loyalty": 0.3, "growth": 0.2, "risk": 0.1}
    result = ahp(consistent(weights))
    assert result.weights.to_dict() == pytest.approx(weights)
    assert (result.ci, result.cr, result.worst) == (0.0, 0.0, None)
    assert result.lambda_max == pytest.approx(4)


@pytest.mark.parametrize("ratio", [1 / 4, 1, 9])
def test_one_spoilt_judgement_is_named_and_mended(ratio):
    """Value over risk is 4 by all other judgements."""
    result = ahp(
        spoilt(consistent({"value": 4, "loyalty": 2, "growth": 2, "risk": 1}), "value", "risk", ratio)
    )
    worst = result.worst
    found = {(worst.a, worst.b): worst.mended, (worst.b, worst.a): 1 / worst.mended}
    assert found["value", "risk"] == pytest.approx(4)
    assert worst.given == max(ratio, 1 / ratio)
    assert worst.cr_after == pytest.approx(0, abs=1e-9)
    assert result.cr > 0.1 if ratio == 1 / 4 else result.cr > 0


@settings(deadline=None)
@given(st.data())
def test_whichever_judgement_is_spoilt_it_is_found(data):
    steps = data.draw(st.sampled_from([(1, 2, 4, 8), (1, 3, 9), (1, 2, 6)]))
    true = data.draw(st.lists(st.sampled_from(steps), min_size=4, max_size=8))
    keys = [f"c{n}" for n in range(len(true))]
    i, j = data.draw(st.permutations(range(len(true))))[:2]
    ratio = data.draw(st.sampled_from(SCALE.tolist()))
    assume(abs(np.log(ratio * true[j] / true[i])) > 0.05)
    worst = ahp(spoilt(consistent(dict(zip(keys, true, strict=True))), keys[i], keys[j], ratio)).worst
    assert {worst.a, worst.b} == {keys[i], keys[j]}
    assert worst.mended == pytest.approx(true[int(worst.a[1:])] / true[int(worst.b[1:])])
    assert worst.cr_after == pytest.approx(0, abs=1e-9)


def test_of_equal_deviations_the_one_that_can_be_mended_is_named():
    """a/b 9, b/c 9, a/c 9: a/c would have to be 81, which is off the scale; a/b of 1 mends it."""
    worst = ahp(reciprocal("acb", 9, 9, 1 / 9)).worst
    assert (worst.a, worst.b, worst.mended) == ("a", "b", 1)
    assert worst.cr_after == pytest.approx(0, abs=1e-9)


def test_a_judgement_between_two_steps_stays_when_neither_is_better():
    """A mean of raters, 3.6 where the others say 3.5: both 3 and 4 are further off."""
    result = ahp(spoilt(consistent({"a": 3.5, "b": 1, "c": 1, "d": 1}), "a", "b", 3.6))
    assert (result.worst.a, result.worst.b) == ("a", "b")
    assert result.worst.mended == result.worst.given == 3.6
    assert result.worst.cr_after == pytest.approx(result.cr)


def test_mended_agrees_with_the_weights_that_the_other_judgements_give():
    """Harker's weights are those for which the missing judgement, filled in as w_a / w_b, changes nothing:
    found here by filling in.
    """
    rng = np.random.default_rng(11)
    mended = 0
    for _ in range(100):
        matrix = reciprocal("abcde", *rng.choice(SCALE, 10))
        worst = ahp(matrix).worst
        i, j = "abcde".index(worst.a), "abcde".index(worst.b)
        a, w = matrix.to_numpy(copy=True), np.ones(5)
        for _ in range(300):
            w = a @ w / w.sum()
            a[i, j], a[j, i] = w[i] / w[j], w[j] / w[i]
        nearest = SCALE[np.abs(np.log(SCALE * w[j] / w[i])).argmin()]
        assert worst.mended in (nearest, worst.given)
        mended += worst.mended == nearest
    assert mended > 90


def test_rounded_reciprocals_are_the_same_judgements():
    exact = reciprocal("abcd", 3, 8, 7, 3, 2, 1)
    pd.testing.assert_series_equal(ahp(exact.round(2)).weights, ahp(exact).weights)
    rounded = ahp(consistent({"a": 0.41, "b": 0.33, "c": 0.26}).round(2))
    assert rounded.worst is None
    assert rounded.weights.tolist() == pytest.approx([0.41, 0.33, 0.26], abs=0.002)


@pytest.mark.parametrize(
    ("matrix", "expected"),
    [
        (pd.DataFrame(), ("empty",)),
        (pd.DataFrame([[1, 2, 3], [0.5, 1, 1]], index=list("ab"), columns=list("abc")), ("not_square",)),
        (
            pd.DataFrame(np.ones((2, 2)), index=["a", "b"], columns=["a", "x"]),
            ("criteria_differ", {"names": "b, x"}),
        ),
        (
            pd.DataFrame(np.ones((2, 2)), index=["a", "a"], columns=["a", "a"]),
            ("criteria_differ", {"names": "a"}),
        ),
        (spoilt(reciprocal("ab", 3), "a", "b", -3), ("not_positive", {"pairs": "a / b, b / a"})),
        (reciprocal("ab", 3).replace(3, 0), ("not_positive", {"pairs": "a / b"})),
        (reciprocal("ab", 3).replace(3, NAN), ("not_positive", {"pairs": "a / b"})),
        (reciprocal("ab", 3).astype(object).replace(3, "three"), ("not_positive", {"pairs": "a / b"})),
        (reciprocal("abc", 3, 1, 2).replace(3, 4), ("not_reciprocal", {"pairs": "a / b"})),
        (reciprocal("ab", 3).replace(1, 2), ("not_reciprocal", {"pairs": "a / a, b / b"})),
    ],
)
def test_what_is_no_matrix_of_judgements_is_refused(matrix, expected):
    with pytest.raises(ValueError) as error:
        ahp(matrix)
    assert code(error) == expected


def test_one_two_and_sixteen_criteria():
    one, two = ahp(pd.DataFrame([[1.0]], index=["a"], columns=["a"])), ahp(reciprocal("ab", 4))
    assert one.weights.to_dict() == {"a": 1}
    assert two.weights.to_dict() == pytest.approx({"a": 0.8, "b": 0.2})
    assert [(r.ci, r.cr, r.worst) for r in (one, two)] == [(0.0, None, None)] * 2
    sixteen = spoilt(consistent({f"c{n}": 1 for n in range(16)}), "c3", "c7", 9)
    assert (ahp(sixteen).cr, ahp(sixteen).worst.cr_after) == (None, None)
    assert (ahp(sixteen).worst.a, ahp(sixteen).worst.mended) == ("c3", 1)


def test_random_indices_are_those_of_random_matrices():
    rng = np.random.default_rng(3)
    for n, index in RANDOM_INDEX.items():
        upper = np.triu(rng.choice(SCALE, (600, n, n)), 1)
        lower = np.tril(1 / np.where(upper > 0, upper, 1).transpose(0, 2, 1), -1)
        found = (np.linalg.eigvals(upper + lower + np.eye(n)).real.max(axis=1) - n).mean() / (n - 1)
        assert found == pytest.approx(index, abs=0.09), n


@settings(deadline=None)
@given(st.lists(st.sampled_from(SCALE.tolist()), min_size=10, max_size=10), st.permutations("abcde"))
def test_the_order_of_criteria_does_not_matter(upper, order):
    matrix = reciprocal("abcde", *upper)
    one, other = ahp(matrix), ahp(matrix.loc[order, order])
    shuffled_columns = ahp(matrix[order])
    assert one.weights.sum() == pytest.approx(1)
    assert (one.weights > 0).all() and one.cr >= 0
    pd.testing.assert_series_equal(one.weights, other.weights.loc[list("abcde")], rtol=1e-8)
    pd.testing.assert_series_equal(one.weights, shuffled_columns.weights)
    assert one.cr == pytest.approx(other.cr, abs=1e-9)
    if one.worst:
        assert one.worst.cr_after <= one.cr
        assert one.worst.given >= 1
        assert one.worst.mended in SCALE


# --- judgements as text, and several raters


def test_matrix_of_judgements_in_either_direction():
    matrix = matrix_of(
        {"value / loyalty": 3, "risk/value": 1 / 5, " loyalty /risk": 2}, ["value", "loyalty", "risk"]
    )
    assert matrix.loc["value"].tolist() == pytest.approx([1, 3, 5])
    assert matrix.loc["loyalty"].tolist() == pytest.approx([1 / 3, 1, 2])
    assert matrix.loc["risk"].tolist() == pytest.approx([1 / 5, 1 / 2, 1])
    assert list(matrix.columns) == list(matrix.index) == ["value", "loyalty", "risk"]


def test_a_rounded_ninth_is_a_ninth():
    assert matrix_of({"a / b": 0.11}, ["a", "b"]).loc["b", "a"] == 9
    assert matrix_of({"价值／忠诚": 9}, ["价值", "忠诚"]).loc["忠诚", "价值"] == pytest.approx(1 / 9)


@pytest.mark.parametrize(
    ("judgements", "expected"),
    [
        ({"a / b": 3}, ("pairs_missing", {"pairs": "a / c, b / c"})),
        ({}, ("pairs_missing", {"pairs": "a / b, a / c, b / c"})),
        ({"a / x": 3}, ("pair_unknown", {"pair": "a / x", "name": "x"})),
        ({"y/b": 3}, ("pair_unknown", {"pair": "y/b", "name": "y"})),
        ({"a over b": 3}, ("pair_unknown", {"pair": "a over b", "name": "a over b"})),
        ({"a / b / c": 3}, ("pair_unknown", {"pair": "a / b / c", "name": "a / b / c"})),
        ({"a / a": 1}, ("pair_unknown", {"pair": "a / a", "name": "a / a"})),
        ({"a /": 1}, ("pair_unknown", {"pair": "a /", "name": "a /"})),
        ({"a / b": 3, "b/a": 1 / 3}, ("pair_twice", {"pair": "b / a"})),
        ({"a / b": 3, "a/b": 3}, ("pair_twice", {"pair": "a / b"})),
        ({"a / b": 9.5}, ("ratio_out_of_scale", {"pair": "a / b", "ratio": "9.5"})),
        ({"a / b": 0.1}, ("ratio_out_of_scale", {"pair": "a / b", "ratio": "0.1"})),
        ({"a / b": 0}, ("ratio_out_of_scale", {"pair": "a / b", "ratio": "0"})),
        ({"a / b": NAN}, ("ratio_out_of_scale", {"pair": "a / b", "ratio": "nan"})),
        ({"a / b": "3"}, ("ratio_out_of_scale", {"pair": "a / b", "ratio": "3"})),
        ({"a / b": True}, ("ratio_out_of_scale", {"pair": "a / b", "ratio": "True"})),
    ],
)
def test_judgements_that_do_not_make_a_matrix(judgements, expected):
    with pytest.raises(ValueError) as error:
        matrix_of(judgements, ["a", "b", "c"])
    assert code(error) == expected


def test_a_criterion_listed_twice_is_refused():
    with pytest.raises(ValueError) as error:
        matrix_of({"a / b": 3}, ["a", "b", "a"])
    assert code(error) == ("criterion_twice", {"names": "a"})


def test_geometric_mean_by_hand():
    """a/b 2 and 8: √16 = 4. a/c 1/3 and 3: 1. b/c 9 and 4: 6. The second rater lists the criteria in another
    order.
    """
    both = group([reciprocal("abc", 2, 1 / 3, 9), reciprocal("abc", 8, 3, 4).loc[list("cab"), list("cab")]])
    pd.testing.assert_frame_equal(both, reciprocal("abc", 4, 1, 6))


@settings(deadline=None)
@given(st.lists(st.lists(st.sampled_from(SCALE.tolist()), min_size=6, max_size=6), min_size=1, max_size=5))
def test_a_group_is_reciprocal_and_one_rater_is_himself(raters):
    matrices = [reciprocal("abcd", *upper) for upper in raters]
    both = group(matrices)
    np.testing.assert_allclose(both * both.T, 1, rtol=1e-12)
    pd.testing.assert_frame_equal(both, group(matrices[::-1]))
    pd.testing.assert_frame_equal(group(matrices[:1]), matrices[0])


def test_groups_that_do_not_fit_are_refused():
    with pytest.raises(ValueError) as none:
        group([])
    with pytest.raises(ValueError) as differ:
        group([reciprocal("abc", 1, 2, 3), reciprocal("abd", 1, 2, 3)])
    assert (code(none), code(differ)) == (("no_matrices",), ("criteria_differ", {"names": "c, d"}))


# --- weights from the data

MESSY = pd.DataFrame(
    {
        "a": [10, NAN, 80, 40, 25],
        "b": [NAN, 55, 5, 60, 0],
        "same": [50.0] * 5,
        "none": [NAN] * 5,
        "once": [NAN, 9, NAN, NAN, NAN],
    }
)
TABLES = st.integers(2, 8).flatmap(
    lambda n: st.lists(
        st.lists(st.one_of(st.none(), st.integers(0, 100)), min_size=n, max_size=n), min_size=2, max_size=5
    )
)


def table(columns: list) -> pd.DataFrame:
    return pd.DataFrame({f"c{k}": pd.Series(column, dtype=float) for k, column in enumerate(columns)})


def test_entropy_by_hand():
    """Four accounts. Half each for two: E = ln 2 / ln 4 = 1/2, so 1 − E = 1/2. All with one: E = 0, so 1. All
    equal: E = 1, so 0. Of 1.5: 1/3, 2/3, 0.

    The fifth account is missing in every column and changes nothing.
    """
    points = pd.DataFrame(
        {"two": [50, 50, 0, 0, NAN], "one": [100, 0, 0, 0, NAN], "all": [25, 25, 25, 25, NAN]}
    )
    assert entropy(points).to_dict() == pytest.approx({"two": 1 / 3, "one": 2 / 3, "all": 0})


def test_entropy_as_published():
    """Xu (2004), European Journal of Operational Research 156(2), 530–532."""
    points = pd.DataFrame([[30, 30, 38, 29], [19, 54, 86, 29], [19, 15, 85, 28.9], [68, 70, 60, 29]])
    assert entropy(points).round(4).tolist() == [0.4630, 0.3992, 0.1378, 0.0]


def test_entropy_leaves_missing_cells_out_of_their_own_column():
    """Known for two accounts, 75 and 25: E = (0.75·ln(4/3) + 0.25·ln 4) / ln 2 = 0.81128; known for four,
    half each for two: 1/2.
    """
    weights = entropy(pd.DataFrame({"part": [75, NAN, 25, NAN], "full": [50, 50, 0, 0]}))
    assert weights["part"] == pytest.approx(0.18872 / (0.18872 + 0.5), abs=1e-5)


def test_critic_by_hand():
    """a 0, ½, 1; b 0, 1, ½; c 0, 0, 1 after min–max. r_ab = ½, r_ac = √3/2, r_bc = 0; σ² = 1/6, 1/6, 2/9.

    C_a = √(1/6)·(½ + 1 − √3/2) = 0.25882, C_b = √(1/6)·1.5 = 0.61237, C_c = √(2/9)·(2 − √3/2) = 0.53456; sum
    1.40575.
    """
    points = pd.DataFrame({"a": [0, 50, 100], "b": [0, 100, 50], "c": [20, 20, 60], "same": [7, 7, 7]})
    assert critic(points).to_dict() == pytest.approx(
        {"a": 0.18412, "b": 0.43562, "c": 0.38027, "same": 0}, abs=2e-5
    )


def test_critic_as_published():
    """The pharmaceutical firms of Diakoulaki, Mavrotas & Papayannakis (1995): profitability, market share,
    productivity.
    """
    firms = [
        [61, 1.08, 4.33],
        [20.7, 0.26, 4.34],
        [16.3, 1.98, 2.53],
        [9, 3.29, 1.65],
        [5.4, 2.77, 2.33],
        [4, 4.12, 1.21],
        [-6.1, 3.52, 2.1],
        [-34.6, 3.31, 0.98],
    ]
    assert critic(pd.DataFrame(firms)).tolist() == pytest.approx([0.20222554, 0.48090173, 0.31687273])


def test_critic_without_shared_accounts_knows_no_conflict():
    """Never known together: r counts as 0, so C = σ·1 with σ² = 1/6 and 2/9: √3 to 2."""
    apart = pd.DataFrame({"a": [0, 50, 100, NAN, NAN, NAN], "b": [NAN, NAN, NAN, 0, 0, 100]})
    assert critic(apart)["a"] == pytest.approx(3**0.5 / (3**0.5 + 2))


def test_critic_two_shared_accounts_are_no_correlation():
    """Any two points lie on a line: r_ab = 1 and r_ac = r_bc = −1 would say that c alone conflicts. Unknown,
    all three weigh by σ.
    """
    points = pd.DataFrame({"a": [0, 100, 50, NAN], "b": [0, 100, NAN, NAN], "c": [100, 0, NAN, 50]})
    sixth = (1 / 6) ** 0.5
    assert critic(points).tolist() == pytest.approx(
        [part / (2 * sixth + 0.5) for part in (sixth, 0.5, sixth)]
    )


def test_critic_columns_in_step_share_equally():
    """Their r is 1 but for arithmetic, which must not decide."""
    base = pd.Series([8.5, 6.3, 5.1, 2.6, 3.0])
    step = pd.DataFrame({"a": base, "b": base * 7 + 3, "c": base * 1.3 + 0.1, "same": 3.0})
    assert critic(step).to_dict() == pytest.approx({"a": 1 / 3, "b": 1 / 3, "c": 1 / 3, "same": 0})


@pytest.mark.parametrize("method", [entropy, critic])
def test_messy_tables(method):
    weights = method(MESSY)
    assert weights.sum() == pytest.approx(1)
    assert weights[["same", "none", "once"]].tolist() == [0, 0, 0]
    assert (weights[["a", "b"]] > 0).all()
    pd.testing.assert_series_equal(weights, method(MESSY.astype("Float64")))
    only = MESSY[["a", "same", "none"]]
    assert method(only).to_dict() == {"a": 1, "same": 0, "none": 0}
    for nothing in (
        MESSY.iloc[:1],
        MESSY.iloc[:0],
        MESSY[["same", "none", "once"]],
        pd.DataFrame({"a": [0.1 + 0.2, 0.3], "b": [0.0, 0.0]}),
    ):
        assert method(nothing).tolist() == [1 / nothing.shape[1]] * nothing.shape[1]


@pytest.mark.parametrize("method", [entropy, critic])
def test_tables_that_cannot_be_used(method):
    with pytest.raises(ValueError) as none:
        method(pd.DataFrame(index=["x", "y"]))
    with pytest.raises(ValueError) as infinite:
        method(MESSY.replace(80, np.inf))
    assert (code(none), code(infinite)) == (("no_criteria",), ("not_finite", {"names": "a"}))


def test_entropy_refuses_negative_points():
    with pytest.raises(ValueError) as error:
        entropy(MESSY.replace(80, -1))
    assert code(error) == ("negative", {"names": "a"})


@pytest.mark.parametrize("method", [entropy, critic])
@settings(deadline=None)
@given(columns=TABLES, seed=st.integers(0, 99), factor=st.floats(0.01, 100))
def test_order_and_unit_change_no_weight(method, columns, seed, factor):
    points = table(columns)
    weights = method(points)
    assert weights.sum() == pytest.approx(1)
    assert (weights >= 0).all() and list(weights.index) == list(points.columns)
    shuffled = points.sample(frac=1, random_state=seed)
    pd.testing.assert_series_equal(method(shuffled), weights, rtol=1e-7, atol=1e-9)
    pd.testing.assert_series_equal(
        method(points[points.columns[::-1]])[points.columns], weights, rtol=1e-7, atol=1e-9
    )
    pd.testing.assert_series_equal(
        method(points.assign(c0=points["c0"] * factor)), weights, rtol=1e-7, atol=1e-9
    )
    varied = points.nunique() > 1
    if varied.any():
        assert (weights[~varied] == 0).all()


@settings(deadline=None)
@given(TABLES, st.integers(-50, 50))
def test_critic_does_not_mind_where_a_scale_starts(columns, shift):
    points = table(columns)
    pd.testing.assert_series_equal(
        critic(points.assign(c0=points["c0"] + shift)), critic(points), rtol=1e-7, atol=1e-9
    )
