"""Whom to see first: worked by hand."""

import pandas as pd
import pytest
from conftest import AS_OF, book_of, lines_of

from kamplay.method.health.priority_list import choose_accounts, own_rhythm
from kamplay.show.findings import headline
from kamplay.show.health.priority_list import watch_table
from kamplay.show.locale import Locale
from kamplay.show.view import View, using


def accounts(**rows: tuple) -> pd.DataFrame:
    names = ["revenue", "probability", "at_risk", "health", "health_band", "driver"]
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=names).rename_axis("account_id")
    return frame.assign(
        low=frame["probability"] / 2, high=(frame["probability"] * 1.5).clip(upper=1), owner="x", level="A"
    )


def warned(*rows: tuple[str, str, float, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["account_id", "sign", "strength", "severity"])
    return frame.assign(since=pd.Timestamp("2025-11-01"), revenue=1.0)


HERE = accounts(
    big=(
        1000.0,
        0.05,
        50.0,
        95.0,
        "green",
        "trend",
    ),  # large, green, no sign: the largest loss, but not in danger
    risky=(100.0, 0.4, 40.0, 60.0, "yellow", "payment"),
    gone=(300.0, 0.99, 250.0, 5.0, "red", "order_rhythm"),  # has plainly stopped
    warned=(80.0, 0.1, 8.0, 69.0, "yellow", "complaints"),
    calm=(50.0, 0.02, 1.0, 99.0, "green", None),
)
SIGNS = warned(
    ("gone", "silence", 1.0, "act"),
    ("warned", "delivery", 0.5, "watch"),
    ("warned", "complaints", 0.8, "act"),
)


def test_the_list_by_hand():
    found = choose_accounts(HERE, SIGNS)
    assert found.index.tolist() == ["risky", "warned"]
    assert (
        found.loc["warned", "sign"] == "complaints"
        and str(found.loc["warned", "since"].date()) == "2025-11-01"
    )
    assert pd.isna(found.loc["risky", "sign"]) and found.loc["risky", "driver"] == "payment"


def test_without_a_probability_warnings_and_then_red_accounts_make_the_list():
    plain = HERE.assign(probability=float("nan"), at_risk=float("nan"))
    plain.loc["calm", ["health", "health_band"]] = [20.0, "red"]
    assert choose_accounts(plain, SIGNS).index.tolist() == ["warned"]  # red alone says no more than lateness
    weak = pd.concat([SIGNS, warned(("calm", "payment", 0.9, "watch"))])
    assert choose_accounts(plain, weak).index.tolist() == ["warned", "calm"]


def test_a_sign_that_does_not_call_for_action_puts_nobody_on_the_list():
    weak = SIGNS.assign(severity="watch")
    assert choose_accounts(HERE, weak).index.tolist() == ["risky"]


def test_a_slow_buyer_inside_its_own_rhythm_is_not_on_the_list():
    """Last order a day ago, usually every 123 days: 71 % is no danger; silent for a year, it is one."""
    one = accounts(slow=(100.0, 0.71, 71.0, 60.0, "yellow", None))
    lines = [("slow", str((AS_OF - pd.Timedelta(days=1 + 123 * n)).date()), 10.0) for n in range(9)]
    inside = own_rhythm(book_of(lines_of(*lines)), AS_OF, 180)
    assert inside.loc["slow", "inside"]
    assert inside.loc["slow", "empty"] == pytest.approx((1 + 180 / (9 * 123)) ** -9)
    assert choose_accounts(one, SIGNS, inside).empty
    late = own_rhythm(book_of(lines_of(*lines)), AS_OF + pd.Timedelta(days=300), 180)
    assert choose_accounts(one, SIGNS, late).index.tolist() == ["slow"]
    # what its rhythm explains is no danger: 25 % of no purchase where 23 % come by themselves
    calm = one.assign(probability=0.25)
    assert choose_accounts(calm, SIGNS, late).empty


def test_nobody():
    assert choose_accounts(HERE.iloc[:0], SIGNS.iloc[:0]).empty


def test_the_list_stands_by_what_it_shows_and_marks_a_chance_too_wide():
    """a: 0.8 of 100, 0.2 to 0.99; b: 0.5 of 80; c: 0.3 of 50; d: 0.4 of 90, whose interval does not reach
    above two thirds."""
    chances = {"a": (0.8, 0.2, 0.99, 80.0), "b": (0.5, 0.4, 0.6, 40.0), "c": (0.3, 0.25, 0.5, 15.0)}
    chances["d"] = (0.4, 0.1, 0.66, 36.0)
    active = pd.DataFrame(chances, index=["probability", "low", "high", "at_risk"]).T.assign(
        revenue=100.0, health=50.0, health_band="yellow", driver=None
    )
    signs = [
        {"account_id": who, "sign": "payment", "strength": 1.0, "severity": "act"} for who in active.index
    ]
    listed = choose_accounts(active, pd.DataFrame(signs))
    assert listed.index.tolist() == ["a", "b", "d", "c"]
    assert listed["too_wide"].to_dict() == {"a": True, "b": False, "d": False, "c": False}


@pytest.mark.parametrize(
    ("language", "mark", "told"),
    [
        ("en", "too wide: {low:.0%}–{high:.0%}", "At {n} of them"),
        ("zh", "范围过宽：{low:.0%}–{high:.0%}", "其中{n}家"),
    ],
)
def test_no_false_precision_where_the_interval_is_wide(medtech_steps, medtech_book, language, mark, told):
    health = medtech_steps.health
    wide = health.priority_list.accounts.query("low < 1/3 and high > 2/3")
    assert 1 <= len(wide) < len(health.priority_list.accounts)
    names = medtech_book.names.to_dict()
    with using(View(Locale(language, "CNY"), names)):
        rows = watch_table(health).text.splitlines()
    for account, row in wide[wide["low"] >= 0.1].iterrows():
        (line,) = (one for one in rows if names[account] in one)
        assert (
            mark.format(low=row["low"], high=row["high"]) in line and f"{row['probability']:.0%} " not in line
        )
    found = health.finding("watch_list")
    assert told.format(n=len(wide)) in headline(found, Locale(language, "CNY"), names)
    figures = found.figures
    assert figures["loss_low"] < figures["at_risk"] < figures["loss_high"] < figures["ahead"] + 1
