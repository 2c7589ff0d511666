"""The profiles of the sample: facts as the steps have them, and what follows by the stated rules."""

import json
from dataclasses import replace
from types import SimpleNamespace

import pandas as pd
import pytest
from conftest import MEDTECH, book_of, lines_of

from kamplay.engagement import load
from kamplay.intake.prepare import prepare
from kamplay.method.measures.hierarchy import customers
from kamplay.method.profile.facts import monthly_revenue
from kamplay.method.profile.freshness import LIMITS
from kamplay.method.profile.goals import goals as goals_of
from kamplay.method.profile.people import moves
from kamplay.method.profile.questions import MOST as MOST_QUESTIONS
from kamplay.method.profile.rows import Rows
from kamplay.method.profile.step import Profiles, profiles
from kamplay.method.profile.strategies import _of_one
from kamplay.run_folder import load_result, save_result
from kamplay.show.locale import Locale
from kamplay.show.profile import account_card, header
from kamplay.show.profile.account_plan import plan_display
from kamplay.show.profile.risks import risk_text
from kamplay.show.view import View, using

WARNED = "C0028"  # its decider left for another account, and is not visited any more
GROUP = "C0055"


def facts_of(rows: Rows, column: str, kind: str) -> dict:
    return json.loads(next(row.facts for row in rows if getattr(row, column) == kind))


def test_one_verdict(medtech_profiles, medtech_steps):
    """What a profile says of a unit is what the steps say of it."""
    known, steps = medtech_profiles.accounts, medtech_steps
    assert known["tier"].equals(steps.tiers.units["tier"])
    judged = steps.health.accounts.loc[known.index]
    for column in ("health_band", "verdict", "churn_probability"):
        pd.testing.assert_series_equal(known[column], judged[column], check_names=False)
    assert not steps.health.revenue_at_risk.told and known["revenue_at_risk"].isna().all()
    pd.testing.assert_frame_equal(
        medtech_profiles.actions.rename(columns={"unit_id": "account_id"}), steps.plan.actions
    )


def test_a_card_counts_no_loss_of_an_account_that_has_stopped(medtech_profiles, medtech_view):
    """What has plainly stopped is lost already: chapter 3 and accounts.csv leave it out, its card too."""
    known = medtech_profiles.accounts
    gone = known.index[known["verdict"].eq("stopped")]
    assert len(gone)

    def tile(unit):
        profile = medtech_profiles.of(unit)  # as where amounts of the expected loss are told
        return header.tiles(replace(profile, facts=profile.facts | {"revenue_at_risk": 50_000.0}))[3]

    with medtech_view("en"):
        tiles = {unit: tile(unit) for unit in known.index}
    said = {unit: tile.why for unit, tile in tiles.items()}
    assert all(tiles[unit].value == "–" for unit in gone)  # it has no chance of it any more
    assert {tile.label for tile in tiles.values()} == {"Chance of stopping, 180 days"}
    assert all(said[unit] == "has stopped; not counted in the expected loss" for unit in gone)
    told = known.index[known["verdict"].ne("stopped") & known["churn_probability"].notna()]
    assert all("expected loss" in said[unit] and "stopped" not in said[unit] for unit in told)


def test_too_wide_a_chance_is_told_by_no_single_figure_nor_by_parts_that_add_up_to_one(
    medtech_profiles, medtech_view
):
    """From below a third to above two thirds: its ends and what raises it, on the card and in its actions."""
    known = medtech_profiles.accounts
    wide = (known["churn_low"] < 1 / 3) & (known["churn_high"] > 2 / 3) & known["verdict"].ne("stopped")
    assert wide.any()
    with medtech_view("en"):
        for unit in known.index[wide]:
            profile = medtech_profiles.of(unit)
            line = account_card._chance(profile).lines[0]
            assert "too wide for one figure" in line and " points" not in line
            for row in profile.actions:
                assert "chance" not in json.loads(row.facts)


def test_months_are_those_of_the_book():
    book = book_of(lines_of(("a", "2025-12-05", 5.0), ("a", "2025-11-30", 3.0), ("a", "2023-02-01", 7.0)))
    wide = monthly_revenue(book, pd.Index(["a", "b"], name="account_id"))
    assert list(wide.columns[-2:]) == ["2025-11-30", "2025-12-31"]
    assert wide.loc["a"].iloc[-2:].tolist() == [3.0, 5.0]
    assert wide.loc["a", "2023-02-28"] == 7.0
    assert wide.loc["b"].sum() == 0
    assert len(wide.columns) == 35  # February 2023 to December 2025


def test_a_group_is_one_profile(medtech_profiles):
    whole = medtech_profiles.of(GROUP)
    member = whole.members["account_id"][1]
    assert medtech_profiles.of(member).unit_id == GROUP
    assert whole.members["account_id"][0] == GROUP
    assert whole.members.total("revenue") == pytest.approx(whole.facts["revenue"])
    assert whole.months.iloc[-12:].sum() == pytest.approx(whole.facts["revenue"])
    assert set(whole.people["home"]) == set(whole.members["account_id"])


def test_an_unknown_account_has_none(medtech_profiles):
    with pytest.raises(KeyError):
        medtech_profiles.of("no such account")


def test_who_left_is_found_where_they_went(medtech_profiles):
    rows = medtech_profiles.moves
    assert len(rows) == 2  # the one person who moved, seen from both sides
    left = rows[rows["left"].astype(bool)].iloc[0]
    assert left["unit_id"] == WARNED
    there = medtech_profiles.of(left["other_unit"])
    assert "moved" in set(there.doors["how"])
    assert facts_of(medtech_profiles.of(WARNED).questions, "question", "moved")["other"] == left["other_unit"]


def test_a_name_that_two_have_is_no_move():
    rows = pd.DataFrame(
        {
            "unit_id": ["a", "b", "c", "d", "d"],
            "contact_id": ["1", "2", "3", "4", "5"],
            "name": ["Li", "Li", "Li", "Wu", "Wu"],
            "label": ["x Li", "y Li", "z Li", "x Wu", "y Wu"],
            "gone": [True, False, False, True, False],
        }
    )
    assert moves(rows).empty  # two of that name are there, and the other stayed in the same unit


def test_revenue_is_held_where_somebody_has_to_act(medtech_profiles):
    known = medtech_profiles.accounts[medtech_profiles.accounts["strategy"].notna()]
    warned = known[(known["verdict"] == "act") & ~known["gone"].astype(bool)]
    assert len(warned) > 5
    for unit in warned.index:
        goals = medtech_profiles.of(unit).goals
        assert facts_of(goals, "goal", "hold")["goal"] == pytest.approx(known.at[unit, "revenue"])


def test_growth_is_what_the_actions_bring(medtech_profiles):
    """Revenue plus the money of the deals (times their win rate) and offers of the plan's own actions."""
    grown = medtech_profiles.goals[medtech_profiles.goals["goal"] == "grow"]
    assert len(grown) > 20
    for row in grown.itertuples():
        profile, told = medtech_profiles.of(row.unit_id), json.loads(row.facts)
        added = profile.actions.where(lambda row: row.basis in ("deal", "peers")).total("money")
        assert told["goal"] == pytest.approx(profile.facts["revenue"] + added)
        assert added > 0
        assert profile.facts["growth_exclusion"] == ""


def test_every_key_plan_has_its_parts(medtech_profiles):
    known = medtech_profiles.accounts
    for unit in known.index[known["level"].isin(["S", "A"])]:
        profile = medtech_profiles.of(unit)
        assert 2 <= len(profile.strategies) <= 3, unit
        assert len({(row.theme, row.facts) for row in profile.strategies}) == len(profile.strategies), unit
        assert 1 <= len(profile.goals) <= 5, unit
        assert 1 <= len(profile.risks) <= 4, unit
        assert 1 <= len(profile.questions) <= MOST_QUESTIONS, unit
        assert "goals" in set(profile.questions["question"]), unit  # no table says what the customer wants


def test_a_silence_is_told_as_one_only_where_it_has_come(medtech_profiles, medtech_view):
    """Two usual gaps without an order are to be looked out for, and told as "if" they come; where the last
    order is as long ago, the days that have passed are told.
    """
    known, seen = medtech_profiles.accounts, set()
    for row in medtech_profiles.risks.itertuples():
        facts, unit = json.loads(row.facts), known.loc[row.unit_id]
        if "waited" in facts:
            assert facts["waited"] == unit["silent_days"] >= 2 * unit["gap_days"]
        elif "silent" in facts:
            assert facts["silent"] == 2 * unit["gap_days"] > unit["silent_days"]
        if row.risk in ("dependence", "fell", "rhythm"):
            with medtech_view("en"):
                sign = risk_text(row.risk, facts, "2026-06-30")[1]
            seen.add("waited" in facts)
            days = facts.get("waited", facts.get("silent"))
            assert sign.startswith("if ") == ("waited" not in facts)
            assert days is None or f"{days:,.0f} days" in sign
    assert seen == {True, False}


def test_who_is_against_us_opens_no_door(medtech_profiles):
    people = medtech_profiles.people.set_index("contact_id")
    targets = medtech_profiles.doors["target"].dropna().unique()
    superiors = people["reports_to"].reindex(targets).dropna()
    assert (people["side"].reindex(superiors) == "opponent").any()  # who would have been named
    assert not (people["side"].reindex(medtech_profiles.doors["through"]) == "opponent").any()


def test_an_open_deal_comes_before_holding_what_there_is(medtech_profiles):
    without = 0
    for unit in medtech_profiles.goals.loc[medtech_profiles.goals["goal"] == "deal", "unit_id"].unique():
        profile = medtech_profiles.of(unit)
        themes = list(profile.strategies["theme"])
        without += "move_deal" not in set(profile.actions["kind"])
        if {"hold", "attend"} & set(themes):
            assert "win_deal" in themes, unit
    assert without > 0


def test_goals_beside_revenue_stand_by_date(medtech_profiles):
    for _, rows in medtech_profiles.goals.groupby("unit_id"):
        assert rows["by"].iloc[1:].is_monotonic_increasing


@pytest.mark.parametrize(
    ("issued", "by"),
    [
        ("2026-07-10", "2027-06-30"),  # a year from the day of the figures
        ("2027-06-29", "2027-06-30"),
        ("2027-06-30", "2028-06-30"),  # that year is over: a year from the day of issue
        ("2030-02-05", "2031-02-05"),
    ],
)
def test_the_goal_of_revenue_is_never_due_before_the_plan(medtech_profiles, issued, by):
    known = medtech_profiles.accounts
    people = pd.DataFrame(columns=["contact_id", "label"])
    made = goals_of(
        known[~known["gone"].astype(bool)],
        *(medtech_profiles.actions.iloc[:0], pd.DataFrame(columns=["unit_id"])),
        *(pd.Timestamp(issued), pd.Timestamp("2026-06-30"), pd.Timestamp(issued), people),
    )
    assert set(made.loc[made["goal"] == "hold", "by"]) == {by} and len(made) > 50


def test_stale_by_the_stated_rule(medtech_profiles, medtech_book):
    rows, as_of = medtech_profiles.freshness, pd.Timestamp(medtech_book.as_of)
    visits = rows[rows["fact"] == "visit"]
    age = (as_of - pd.to_datetime(visits["day"])).dt.days
    assert ((age > 90) == visits["stale"].astype(bool)).all()
    assert LIMITS["visit"] == 90
    log = medtech_book.table("visits")
    last = log.loc[(log["account_id"] == WARNED) & (log["date"] <= as_of), "date"].max()
    assert visits.set_index("unit_id").at[WARNED, "day"] == last
    assert visits.set_index("unit_id").at[WARNED, "stale"]


def test_nothing_to_compare_with(medtech_profiles):
    assert medtech_profiles.changes.empty
    assert medtech_profiles.key_figures["compared_with"] is None


def test_saved_and_read(medtech_profiles, medtech_view, tmp_path):
    save_result(medtech_profiles, tmp_path / "profiles", "digest")
    again = load_result(Profiles, tmp_path / "profiles")
    assert again is not None
    with medtech_view("en"):
        for unit in (WARNED, GROUP):
            shown = plan_display(again.of(unit), "internal").html
            assert shown == plan_display(medtech_profiles.of(unit), "internal").html


def test_sales_alone_give_a_plan(retail_steps):
    """Without contacts, visits, bills, wallet …: what is not known is a question, and nothing fails."""
    found = retail_steps
    whole = load_book_of_retail()
    made = profiles(customers(whole, found.tiers.accounts["group"]), *found[:4])
    known = made.accounts
    gone = known.index[known["gone"]][:20]
    largest = known["revenue"].nlargest(20).index
    assert len(gone) == 20
    with using(View(Locale("en", "GBP"), as_of=whole.as_of)):
        for unit in [*largest, *gone, *known.index[:: len(known) // 60]]:
            profile = made.of(unit)
            for edition in ("internal", "customer"):
                assert plan_display(profile, edition).html.lstrip().startswith('<article class="plan">')
        asked = set(made.of(largest[0]).questions["question"])
    assert {"nobody", "goals", "wallet", "survey"} <= asked


def load_book_of_retail():
    return prepare(load(MEDTECH.with_name("online_retail")))


@pytest.mark.parametrize(
    ("risk", "known", "due"),
    [
        ("payment", {"bill": "B1", "amount": 10.0, "overdue": 5.0, "due": "2026-07-01"}, "due"),
        ("payment", {"amount": 10.0, "overdue": 5.0, "due": "2026-07-01"}, "due"),
        ("delivery", {"order": "O1", "promised": "2026-07-01", "on_time": 0.5, "orders": 4}, "promised"),
        ("rhythm", {"gap": 30.0, "silent": 60.0, "until": "2026-07-01"}, "until"),
    ],
)
def test_an_early_sign_that_lies_behind_is_checked_now(risk, known, due):
    """A bill due on 1 July is looked out for on 30 June, and on 30 November looked up."""
    for language, says in (("en", "check now whether"), ("zh", "请查")):
        with using(View(Locale(language, "CNY"))):
            assert says in risk_text(risk, known, "2026-11-30")[1]
            assert says not in risk_text(risk, known, "2026-07-01")[1]
            assert says not in risk_text(risk, known | {due: "2027-01-01"}, "2026-11-30")[1]


def test_what_is_protected_has_one_revenue_though_its_first_action_tells_it_too():
    call = SimpleNamespace(kind="recovery_call", facts='{"revenue": 4.0, "days": 9}')
    unit = SimpleNamespace(strategy="protect", revenue=5.0, revenue_at_risk=1.0)
    kind, facts, loss = next(_of_one(unit, [call], [], [], {}))
    assert (kind, json.loads(facts), loss) == ("protect", {"revenue": 5.0, "days": 9}, 1.0)
