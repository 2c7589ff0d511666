"""Where growth is: each account with its room, how it is known, the next step and who takes it."""

import pandas as pd
import pytest

from kamplay.method.plan.growth import STEPS, has_step
from kamplay.method.plan.one_talk import each_matter
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
        rows, actions = steps.plan.growth, each_matter(steps.plan.actions)
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


@pytest.mark.parametrize("name", ["retail_steps", "medtech_steps"])
def test_the_category_named_is_the_one_with_most_room_and_a_step_is_one_that_asks_for_business(name, request):
    """Customer 18102 has most in Christmas goods, also while they wait for their season; the sheet gave a
    step to 71 accounts, of which the plan asks 27 for more business, and the page said 27.
    """
    steps = request.getfixturevalue(name)
    rows, gaps, wallet = steps.plan.growth, steps.value.white_space.sized, steps.value.wallet
    sized = rows[rows["basis"] != "burst"].set_index("account_id")
    known = wallet.accounts.index[wallet.accounts["basis"].isin(["measured", "estimated"])]
    parts = [gaps[(gaps["growth_exclusion"] == "") & ~gaps["account_id"].isin(known)]]
    if len(wallet.cells):
        parts.append(
            wallet.cells[wallet.cells["account_id"].isin(known)].rename(columns={"headroom": "expected"})
        )
    room = pd.concat(parts).groupby(["account_id", "category"])["expected"].sum()
    both = sized.index.intersection(room.index.get_level_values(0).unique())
    assert len(both) > 50
    for account in both:
        assert room[account, sized.at[account, "category"]] == room[account].max(), account
    assert set(rows["step"].dropna()) <= {*STEPS, "assess"}
    told = steps.plan.finding("growth_room").figures
    assert rows["step"].notna().sum() == rows["due"].notna().sum() == told["count"]


@pytest.mark.parametrize("language, said", [("en", "measured"), ("zh", "实测")])
def test_the_table_names_account_amount_basis_step_and_owner(medtech_steps, language, said):
    with using(View(Locale(language, "CNY"), {"C0170": "Jinan"})):
        text = growth_room_table(medtech_steps.plan).text
    assert "Jinan" in text and said in text and "2,430" in text.replace("24,301", "2,430")
    owner = medtech_steps.plan.growth.set_index("account_id").loc["C0170", "owner"]
    assert owner in text


@pytest.mark.parametrize("name, currency", [("retail_steps", "GBP"), ("medtech_steps", "CNY")])
def test_what_the_table_and_its_sentence_count_adds_up(name, currency, request):
    """Rows are accounts with room and a step, of which a joint review is none; the rest and what was bought
    at once is counted below; the action is about the same accounts, by the last of their days.
    """
    plan = request.getfixturevalue(name).plan
    rows, found = plan.growth, plan.finding("growth_room")
    sized = rows[rows["basis"] != "burst"]
    shown = sized[has_step(sized)]
    assert not sized["account_id"].duplicated().any() and found.figures["room"] == len(sized)
    with using(View(Locale("en", currency))):
        text = growth_room_table(plan).text
    assert f"the plan has a step: {len(shown)} of {len(sized)} accounts" in text
    assert f"{len(shown) - 8} more in the workbook" in text
    bursts = rows.loc[rows["basis"] == "burst", "account_id"].nunique()
    assert f"{bursts} more mostly bought at once: ask" in text
    table = text.split("{")[0].splitlines()
    assert not any("bought at once" in line for line in table if line.startswith("|"))
    assert not shown["step"].eq("joint_review").any()
    assert found.figures["count"] == len(shown)
    assert set(found.accounts) <= set(shown["account_id"]) and found.figures["due"] == shown["due"].max()


def test_room_that_is_known_in_two_ways_says_so(retail_steps):
    """Customer 18102: from peers £10.1K, of its own purchases of the year before £9.4K."""
    rows, gaps = retail_steps.plan.growth.set_index("account_id"), retail_steps.value.white_space.sized
    own = gaps[gaps["account_id"] == "18102"].groupby("basis")["expected"].sum()
    assert own["peers"] == pytest.approx(10_100, abs=50) and own["own"] == pytest.approx(9_400, abs=50)
    assert rows.loc[["18102"]].iloc[0]["basis"] == "mixed"
    with using(View(Locale("en", "GBP"))):
        assert "from peers and own purchases" in growth_room_table(retail_steps.plan).text


def test_the_next_step_names_its_own_category_and_what_of_the_room_is_in_it(retail_steps):
    """Customer 18102 has most room in Christmas goods; what is offered is Lighting & candles, £9.4K of it."""
    with using(View(Locale("en", "GBP"))):
        text = growth_room_table(retail_steps.plan).text
    row = next(line for line in text.splitlines() if line.startswith("18102"))
    assert "Offer a category it no longer buys: Lighting & candles, about £9.42K, by" in row
