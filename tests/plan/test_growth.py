"""Where growth is: each account with its room, how it is known, the next step and who takes it."""

import pytest

from kamplay.method.plan.growth import STEPS
from kamplay.show.locale import Locale
from kamplay.show.plan.growth import growth_room_table
from kamplay.show.view import View, using


def test_the_room_of_an_account_is_what_the_wallet_table_leaves(medtech_steps):
    """C0170 has the largest measured room where growth is advised: 28.391M less the 4.09M it buys from us."""
    plan, value = medtech_steps.plan, medtech_steps.value
    rows = plan.growth.set_index("account_id")
    assert rows.loc["C0170", "amount"] == pytest.approx(28_391_000 - 4_089_569.69)
    assert rows.loc["C0170", ["basis", "step"]].tolist() == ["measured", "win_share"]
    measured = rows[(rows["basis"] == "measured") & rows["amount"].notna()]
    assert measured.index[0] == "C0170"
    told = plan.finding("growth_room")
    assert told.accounts[0] == "C0170" and told.figures["total"] == pytest.approx(rows["amount"].sum())
    reason = value.growth_exclusions["reason"]
    assert (reason.reindex(rows.index) == "").all()  # never where something else is to be settled first


def test_prospects_stand_among_them_with_their_own_step(medtech_steps):
    rows, prospects = medtech_steps.plan.growth, medtech_steps.tiers.prospects
    found = rows[rows["prospect"]].set_index("account_id")
    assert set(found.index) == set(prospects.index) and (found["step"] == "assess").all()
    assert found["amount"].sum() == pytest.approx(medtech_steps.tiers.finding("intake_due").figures["gain"])


def test_the_next_step_is_the_plans(medtech_steps, retail_steps):
    for steps in (medtech_steps, retail_steps):
        rows, actions = steps.plan.growth, steps.plan.actions
        known = rows[rows["step"].isin(STEPS)]
        assert len(known) > 10
        of_plan = set(zip(actions["account_id"], actions["kind"], actions["due"], strict=True))
        assert set(zip(known["account_id"], known["step"], known["due"], strict=True)) <= of_plan


def test_without_a_wallet_it_is_the_sum_of_the_offers_and_bursts_have_no_amount(retail_steps):
    rows, gaps = retail_steps.plan.growth, retail_steps.value.white_space.gaps
    first = rows.iloc[0]
    own = gaps[(gaps["account_id"] == first["account_id"]) & (gaps["basis"] != "burst")]
    assert first["amount"] == pytest.approx(own["expected"].sum()) and first["categories"] == len(own)
    burst = rows["basis"] == "burst"
    assert burst.any() and rows.loc[burst, "amount"].isna().all() and rows.loc[~burst, "amount"].notna().all()
    # five weeks of orders at the end of 2009
    assert ("18102", "Jewellery & accessories") in set(
        zip(rows.loc[burst, "account_id"], rows.loc[burst, "category"], strict=True)
    )


@pytest.mark.parametrize("language, said", [("en", "measured"), ("zh", "实测")])
def test_the_table_names_account_amount_basis_step_and_owner(medtech_steps, language, said):
    with using(View(Locale(language, "CNY"), {"C0170": "Jinan"})):
        text = growth_room_table(medtech_steps.plan).text
    assert "Jinan" in text and said in text and "2,430" in text.replace("24,301", "2,430")
    owner = medtech_steps.plan.growth.set_index("account_id").loc["C0170", "owner"]
    assert owner in text
