"""Groups as one customer: ranks and shares worked by hand, parents that are unknown or lead in a circle, and
nothing without parents.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kamplay.method.results import Findings
from kamplay.method.stats.concentration import hhi
from kamplay.method.value.concentration import GROUPS, add_findings, concentration
from kamplay.show.findings import headline
from kamplay.show.locale import Locale
from tests.conftest import book_of, lines_of

LINES = lines_of(
    *(
        (name, "2025-05-01", amount)
        for name, amount in {"a": 40.0, "b": 25.0, "c": 15.0, "d": 12.0, "e": 8.0}.items()
    )
)


def accounts(**parents: str | None) -> pd.DataFrame:
    return pd.DataFrame({"account_id": list(parents), "parent_id": list(parents.values())})


def told(book) -> tuple:
    result, found = concentration(book), Findings("value")
    add_findings(found, result)
    return result, [f for f in found if f.kind.startswith("joint")]


def test_ranks_and_shares_by_hand():
    """c, d and e are one group: 35 of 100, second after a, though c alone is third."""
    result, found = told(book_of(LINES, accounts=accounts(d="c", e="c")))
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
    assert found[1].accounts == ("c", "c") and found[1].figures["best_rank"] == 3


def test_a_group_can_become_the_largest_and_the_head_need_not_buy():
    result, found = told(
        book_of(LINES, accounts=accounts(holding=None, b="holding", c="holding", d="holding"))
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
    parents = accounts(**{n: str(rng.choice(names[:6])) for n in names[6:]})
    result, _ = told(book_of(lines, accounts=parents))
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
    assert f["hhi_joint"] == pytest.approx(hhi(lines.groupby(lines["account_id"].map(parents.set_index("account_id")["parent_id"]).fillna(lines["account_id"]))["amount"].sum()))  # fmt: skip


@pytest.mark.parametrize(
    "tables",
    [
        {},
        {"accounts": pd.DataFrame({"account_id": ["a"]})},
        {"accounts": accounts(a="gone", b=None)},
        {"accounts": accounts(a="a")},
    ],
)
def test_nothing_without_a_group(tables):
    result, found = told(book_of(LINES, **tables))
    assert not found and result.groups.empty and list(result.groups) == GROUPS


def test_untidy_groups():
    circle, found = told(book_of(LINES, accounts=accounts(a="b", b="a")))
    assert circle.groups.loc[0, ["group", "joint_rank", "best_rank"]].to_list() == ["a", 1, 1]
    assert [f.kind for f in found] == ["joint_concentration", "joint_steady"]
    returned = lines_of(("a", "2025-05-01", 10.0), ("b", "2025-05-01", -30.0), ("c", "2025-05-01", 5.0))
    result, found = told(book_of(returned, accounts=accounts(b="a")))
    assert result.groups.empty and not found  # together they returned more than they bought
    result, found = told(
        book_of(lines_of(("a", "2020-05-01", 10.0), ("b", "2020-05-01", 1.0)), accounts=accounts(b="a"))
    )
    assert result.groups.empty and not found
