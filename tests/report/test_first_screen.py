"""The first screen says what the results hold: its figures and ranges are theirs, in one precision."""

from __future__ import annotations

import dataclasses
import re
from datetime import date, timedelta
from types import SimpleNamespace

import pandas as pd
import pytest
from conftest import Steps

from kamplay.method.value.clv import CORRECTED, counted
from kamplay.method.value.step import proven
from kamplay.report.pages.appendix import populations
from kamplay.show.charts.bridge import what_bars_hold
from kamplay.show.findings import brief, headline
from kamplay.show.health.priority_list import watch_table
from kamplay.show.locale import Locale
from kamplay.show.summary.bridge import bars_told, bridge_chart
from kamplay.show.summary.days_ahead import capacity_told, days_ahead
from kamplay.show.summary.missing_inputs import missing_inputs
from kamplay.show.summary.tiles import tiles
from kamplay.show.summary.whole import ahead, past, whole
from kamplay.show.view import View, using

UNCHECKED = SimpleNamespace(finding=lambda kind: None)  # of step 0, as without a ledger


def view_of(language: str) -> View:
    return View(Locale(language, "CNY"))


def opening(*given, **more) -> str:
    return " ".join(whole(*given, **more))


def stated(steps: Steps, view: View) -> dict[str, str]:
    """What the first screen has to say, from the results themselves."""
    money, forecast = view.locale.money, steps.value.forecast
    out = {"revenue": money(steps.value.key_figures["revenue"])}
    if forecast.expected is not None:
        out |= {"ahead": money(forecast.total), "low": money(forecast.low), "high": money(forecast.high)}
    if forecast.gap:
        out["gap"] = money(abs(forecast.gap))
    return out


@pytest.fixture(params=["medtech_steps", "retail_steps"])
def steps(request) -> Steps:
    return request.getfixturevalue(request.param)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_sentence_the_tiles_and_the_bridge_say_the_same_figures(steps, language):
    view = view_of(language)
    told = opening(steps.value, steps.health, view)
    shown = tiles(UNCHECKED, steps.value, steps.health, view)
    with using(view):
        bridge = bridge_chart(steps.value)
    words = stated(steps, view)
    for what, figure in words.items():
        assert figure in told, what
    in_tiles = " ".join(f"{tile.value} {tile.change}" for tile in shown)
    for what in {"revenue", "ahead", "low", "high"} & set(words):
        assert words[what] in in_tiles, what
    for what in {"revenue", "ahead"} & set(words):
        assert words[what] in bridge.text, what
    risk = steps.health.finding("at_risk")
    if risk:
        # of both the test of the same sum failed (13 times too high, nothing came): how many, not how much
        assert shown[-1].value == view.locale.number(risk.figures["danger"])
        assert view.locale.money(risk.figures["at_risk"]) not in f"{told} {in_tiles}"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_bars_of_the_bridge_add_up_to_the_sums_of_the_sentence(medtech_steps, language):
    """24.56 and 11.97 million come to 36.53: three figures each would read 24.6 + 12 = 36.6 beside 36.5."""
    bars = {"before": 200e6, "expanded": 24.56e6, "new": 11.97e6, "contracted": -30e6, "now": 206.53e6}
    bridge = pd.DataFrame({"item": list(bars), "amount": list(bars.values())}).assign(accounts=1)
    kept = dataclasses.replace(medtech_steps.value.retention, bridge=bridge)
    value = dataclasses.replace(
        medtech_steps.value,
        retention=kept,
        key_figures=medtech_steps.value.key_figures | {"revenue": 206.53e6},
    )
    view = view_of(language)
    with using(view):
        drawn = bridge_chart(value).text
    parts, whole_sum = {"en": (("24.56M", "11.97M"), "36.5M"), "zh": (("2,456万", "1,197万"), "3,653万")}[
        language
    ]
    assert all(part in drawn for part in parts) and whole_sum in past(value, view)


@pytest.mark.parametrize(("factor", "en", "zh"), [(1.1, "too high", "偏高"), (0.9, "too low", "偏低")])
def test_the_tile_says_on_which_side_the_forecast_was(medtech_steps, factor, en, zh):
    """Of what came, ``factor`` was forecast."""
    found = medtech_steps.value.finding("future_checked") or medtech_steps.value.finding(
        "future_checked_total"
    )
    other = dataclasses.replace(found, figures=found.figures | {"off": factor - 1})
    told = tuple(other if one is found else one for one in medtech_steps.value.findings)
    value = dataclasses.replace(medtech_steps.value, findings=told)
    for language, side in (("en", f"10% {en}"), ("zh", f"{zh}10%")):
        trust = tiles(UNCHECKED, value, medtech_steps.health, view_of(language))[2].trust
        assert side in trust


def test_a_planted_contradiction_is_seen(medtech_steps):
    """Were the sentence made of another total than the results', the comparison above would fail."""
    view = view_of("en")
    other = dataclasses.replace(medtech_steps.value.forecast, total=medtech_steps.value.forecast.total * 1.1)
    wrong = dataclasses.replace(medtech_steps.value, forecast=other)
    told = opening(wrong, medtech_steps.health, view)
    assert stated(medtech_steps, view)["ahead"] not in told


BARS = {
    "expanded": "accounts that bought more",
    "won_back": "accounts won back",
    "new": "new accounts",
    "lost": "accounts that left",
    "contracted": "accounts that bought less",
}


def test_the_sentence_names_the_bars_that_it_sums(steps):
    """Each bar of the bridge in one sum of the sentence, by its name, and none that the bridge has not."""
    bridge = steps.value.retention.bridge.set_index("item")["amount"]
    told, money = past(steps.value, view_of("en")), view_of("en").locale.money
    for bar, words in BARS.items():
        assert (words in told) is bool(bridge.get(bar)), bar
    for bars in (("expanded", "won_back", "new"), ("lost", "contracted")):
        part = abs(sum(bridge.get(bar, 0.0) for bar in bars))
        assert not part or money(part) in told
    assert ("other: " in told) is bool(bridge.get("other"))


def test_other_accounts_stand_in_no_sum_but_their_own(medtech_steps):
    """Of 100 before: 40 lost, 30 new, 20 more, and −5 of all others make 105."""
    bars = [
        ("before", 100e6),
        ("new", 30e6),
        ("expanded", 20e6),
        ("lost", -40e6),
        ("other", -5e6),
        ("now", 105e6),
    ]
    bridge = pd.DataFrame(bars, columns=["item", "amount"]).assign(accounts=1)
    kept = dataclasses.replace(medtech_steps.value.retention, bridge=bridge)
    value = dataclasses.replace(
        medtech_steps.value, retention=kept, key_figures=medtech_steps.value.key_figures | {"revenue": 105e6}
    )
    assert past(value, view_of("en")) == (
        "Revenue rose by 5% to CN¥105M: accounts that bought more and new accounts added CN¥50M; "
        "accounts that left took CN¥40M; other: −CN¥5M."
    )


@pytest.mark.parametrize(
    ("language", "model", "again"), [("en", "32% too low", "8.3% too low"), ("zh", "偏低32%", "偏低8.3%")]
)
def test_a_forecast_that_last_year_again_beat_does_not_lead(medtech_steps, language, model, again):
    """Both figures stand in the sentence and in the bridge, there with the miss of last year of each; the
    tile has the model's, and does not say again how far repeating the year was off.
    """
    value, view = medtech_steps.value, view_of(language)
    misses = value.revenue_backtest.misses.assign(chance=0.1)
    test = dataclasses.replace(
        value.revenue_backtest, error=-0.32, last_error=-0.0825, misses=misses, basis="model"
    )
    value = dataclasses.replace(value, revenue_backtest=test)
    last = view.locale.money(counted(value.customer_value.accounts)["revenue"].sum())
    total = view.locale.money(value.forecast.total)
    told, tile = (
        opening(value, medtech_steps.health, view),
        tiles(UNCHECKED, value, medtech_steps.health, view)[2],
    )
    with using(view):
        bridge = bridge_chart(value).text
    for said in (told, bridge):
        assert last in said and total in said
    assert tile.value == total and again not in tile.trust and last not in tile.trust
    assert again in told and again in bridge and model in bridge
    assert told.index(last) < told.index(total)
    assert {"en": "No forecast is clearly better", "zh": "没有哪种预测明显优于"}[language] in told


def test_the_miss_of_the_test_stands_beside_the_forecast(steps):
    error = steps.value.revenue_backtest.error
    side = "too high" if error >= 0 else "too low"
    told = Locale("en", "CNY").percent(abs(error))
    said = ahead(steps.value, steps.health, view_of("en"))
    assert f"{told} {side}" in said
    # a correction stands with the miss that it answers
    by = steps.value.customer_value.factor - 1
    moved = f"{'raised' if by >= 0 else 'lowered'} by {Locale('en', 'CNY').percent(abs(by))}"
    assert (moved in said) == (abs(by) >= CORRECTED and proven(steps.value))


def test_every_action_due_within_ninety_days_is_counted_once(medtech_steps):
    view = view_of("en")
    spans = days_ahead(medtech_steps.plan, view)
    counted = [int(span.total.split()[0].replace(",", "")) for span in spans]
    last = (medtech_steps.plan.day + timedelta(days=90)).isoformat()
    assert sum(counted) == int((medtech_steps.plan.actions["due"] <= last).sum())
    assert all(len(span.lines) <= 4 for span in spans)
    for span, total in zip(spans, counted, strict=True):
        assert sum(int(re.search(r"\(([\d,]+)\)", line)[1].replace(",", "")) for line in span.lines) == total


@pytest.mark.parametrize(("language", "letters"), [("zh", 80), ("en", 175)])
def test_the_caption_of_the_list_of_whom_to_see_first_takes_three_lines(medtech_steps, language, letters):
    """A line of the page holds about so many letters."""
    with using(view_of(language)):
        shown = watch_table(medtech_steps.health)
    assert shown.grid.marks and len(shown.grid.caption) <= 3 * letters
    assert "180" in shown.grid.caption and "80%" in shown.grid.caption


def test_no_tile_repeats_the_headline(medtech_steps, retail_steps):
    """A percentage that the headline states stands in no tile but as the figure of that tile."""
    for steps in (medtech_steps, retail_steps):
        view = view_of("en")
        first = set(re.findall(r"[\d.]+% too (?:high|low)", opening(steps.value, steps.health, view)))
        for tile in tiles(UNCHECKED, steps.value, steps.health, view):
            assert not first & set(re.findall(r"[\d.]+% too (?:high|low)", tile.trust))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_one_thing_has_one_count_in_the_days_ahead(medtech_steps, language):
    """Complaints, late orders and money overdue: each has one count, of all the actions that see to it."""
    view, told, before = view_of(language), 0, pd.Timestamp.min
    words = {
        "zh": ("处理投诉", "补交迟交订单", "催收逾期款"),
        "en": ("settle complaints", "deliver late orders", "collect what is overdue"),
    }[language]
    matters = (
        ["settle_complaint", "close_complaints"],
        ["deliver_order", "mend_delivery"],
        ["collect_overdue", "payment_plan"],
    )
    whole_plan = medtech_steps.plan
    only = whole_plan.actions[whole_plan.actions["kind"].isin([kind for kinds in matters for kind in kinds])]
    plan, due = dataclasses.replace(whole_plan, actions=only), pd.to_datetime(only["due"])
    spans = days_ahead(plan, view)
    for days, span in zip((30, 60, 90), spans, strict=False):  # one in which nothing is due is left out
        last = pd.Timestamp(plan.day) + pd.Timedelta(days=days)
        rows, before = plan.actions[(due > before) & (due <= last)], last
        for name, kinds in zip(words, matters, strict=True):
            count = rows["kind"].isin(kinds).sum()
            lines = [line for line in span.kinds if line.startswith(name)]
            assert [int(re.sub(r"\D", "", line)) for line in lines] == ([count] if count else [])
            told += count
    assert told == (due <= pd.Timestamp(plan.day) + pd.Timedelta(days=90)).sum() > 20


def test_the_populations_add_up(medtech_steps):
    """Who buys = who has a score + who bought once; who has a chance = who has a score − who has stopped."""
    check = SimpleNamespace(accounts=range(300), key_figures={"accounts": 284})
    results = {step: getattr(medtech_steps, step) for step in ("tiers", "value", "health", "plan")}
    told = dict(populations({"check": check, **results}, view_of("en")))
    count = {what: int(number.replace(",", "")) for what, number in told.items()}

    def of(words: str) -> int:
        return next(number for what, number in count.items() if words in what)

    assert of("tiers and value") == of("bought once: they") + of("a health score")
    assert of("a health score") == of("plainly stopped") + of("expected loss")
    assert of("record") < of("tested on") and of("listed") == 300


def test_who_is_scored_without_revenue_is_named(retail_steps):
    """Who buys = who has a score + who bought once − who has a score though returns outweigh purchases."""
    check = SimpleNamespace(accounts=range(9), key_figures={"accounts": 9})
    results = {step: getattr(retail_steps, step) for step in ("tiers", "value", "health", "plan")}
    told = dict(populations({"check": check, **results}, view_of("en")))
    count = {what: int(number.replace(",", "")) for what, number in told.items()}

    def of(words: str) -> int:
        return next(number for what, number in count.items() if words in what)

    assert not any("listed" in what for what in count)  # as many as there are in the data: said once
    assert of("without positive revenue") > 0
    scored = of("a health score") - of("without positive revenue")
    assert of("tiers and value") == scored + of("bought once: they")
    # by hand, of the lines without orders that were credited in full: 3,458 in the expected loss, 795 that
    # bought once, 24 that stopped, and 7 that returned all they bought in the year have a chance of stopping
    chances = retail_steps.health.accounts["churn_probability"].notna().sum()
    assert of("with a chance of stopping") == chances == 4284
    assert of("in the expected loss") == 3458 == chances - of("bought once: they") - 24 - 7


def test_single_purchases_tell_how_many_are_of_the_year(retail_steps):
    found = retail_steps.value.finding("future_single")
    future = retail_steps.value.customer_value.accounts
    bought = (future["model"] != "none") | (future["revenue"] > 0)  # also who returned more the year before
    single = future.index[(future["purchases"] == 1) & bought]
    revenue = retail_steps.value.accounts["revenue"].reindex(single)
    assert 0 < found.figures["buying"] == (revenue > 0).sum() < len(single) == found.figures["count"]
    assert revenue[revenue > 0].sum() == pytest.approx(found.figures["last"], abs=1)


def test_visits_are_told_of_those_that_are_visited(steps):
    """Accounts of the campaign get no visit: a level's visits are its norm times the accounts visited."""
    levels = steps.plan.levels
    assert len(levels) and (levels["visited"] <= levels["accounts"]).all()
    asked = (levels["branch"] + levels["head_office"]) * levels["visited"]
    norms, out = steps.plan.allocation.norms, steps.plan.allocation.left_out
    if len(out):  # what does not pay is left out below the key levels
        short = levels["level"].isin(out["level"])
        assert (levels["visits"][short] <= asked[short]).all()
        assert steps.plan.allocation.none_pays or not short[:2].any()
        levels, asked = levels[~short], asked[~short]
        assert norms.sum().sum() == pytest.approx(steps.plan.key_figures["visits_per_month"], abs=0.005)
    assert levels["visits"].to_list() == pytest.approx(asked.to_list())


def test_the_expected_loss_names_whom_it_is_of_and_how_the_list_did(medtech_steps, held_health):
    """The tile: what came of the same sum before, in one sentence; beside the list the same record, and no
    other one on the page.
    """
    health, view = held_health, view_of("en")
    risk = health.finding("at_risk").figures
    tile = tiles(UNCHECKED, medtech_steps.value, health, view)[-1]
    assert tile.value == view.locale.money(risk["at_risk"])
    expected, came = view.locale.money(risk["sum_expected"]), view.locale.money(risk["sum_came"])
    assert tile.trust == f"on 1 Jan 2026 {expected} was expected, and {came} was lost"
    assert (expected, came) == ("CN¥8M", "CN¥4M")
    said = brief(health.finding("watch_list"), view.locale, view.names)
    assert f"; all accounts on 1 Jan 2026: {expected} expected, {came} lost." in said
    then = brief(health.finding("watch_trust"), view.locale, view.names)
    assert then.endswith("by their chances).") and "CN¥" not in then


def test_the_base_and_the_cautious_case_are_told(medtech_steps, held_health):
    """The base, the cautious case, and the gap of each; where the expected loss failed its test, no cautious
    case.
    """
    signs = held_health.finding("outlook_signs_target").figures
    view = view_of("en")
    told = opening(medtech_steps.value, held_health, view)
    left, least = view.locale.money(signs["left"]), view.locale.money(signs["least"])
    assert f"weighed in, is {left}" in told and least in told
    without = opening(medtech_steps.value, medtech_steps.health, view)
    assert least in without and left not in without and "cautious" not in without


def test_how_many_visits_the_team_can_make_is_told(medtech_steps):
    view = view_of("en")
    plan, told = medtech_steps.plan, capacity_told(medtech_steps.plan, view)
    entries = plan.calendar.entries
    near = pd.to_datetime(entries["date"]) <= pd.Timestamp(plan.day) + timedelta(days=30)
    assert f"{int((near & (entries['kind'] != 'action')).sum())} visits within 30 days" in told
    assert f"{plan.allocation.capacity:,.0f} a month" in told
    bare = dataclasses.replace(plan, allocation=dataclasses.replace(plan.allocation, capacity=None))
    assert capacity_told(bare, view) == ""


def test_what_left_or_shrank_is_one_sum(steps):
    """The finding asks for as much as the two bars of the bridge show."""
    bars = steps.value.retention.bridge.set_index("item")["amount"]
    found = steps.value.finding("movement")
    assert found.figures["stake"] == pytest.approx(-bars["lost"] - bars["contracted"])


@pytest.mark.parametrize(
    ("days", "en", "zh"),
    [
        (None, "", ""),
        (59, "", ""),
        (60, "60 days of the 180-day forecast period have passed", "180天预测期至出具日已过60天"),
        (179, "179 days of the 180-day forecast period have passed", "180天预测期至出具日已过179天"),
        (180, "the 180-day forecast period is over", "180天预测期至出具日已满"),
    ],
)
def test_old_figures_say_how_much_of_the_horizon_has_passed(medtech_steps, days, en, zh):
    """From a third of the 180 days on: in the headline that leads with the list, without one in the tile."""
    as_of = date(2026, 6, 30)
    issued = None if days is None else as_of + timedelta(days=days)
    for language, said in (("en", en), ("zh", zh)):
        view = dataclasses.replace(view_of(language), as_of=as_of)
        parts = whole(medtech_steps.value, medtech_steps.health, view, issued)
        assert len(parts) == 3  # what came, what will come, whom to see
        health = medtech_steps.health
        tile = tiles(UNCHECKED, medtech_steps.value, health, view, issued)[-1]
        others = tuple(found for found in health.findings if found.kind != "watch_list")
        alone = tiles(
            UNCHECKED, medtech_steps.value, dataclasses.replace(health, findings=others), view, issued
        )
        if said:
            assert said in parts[-1] and said not in tile.trust and alone[-1].trust.startswith(said)
        else:
            assert "180" not in parts[-1] and "180" not in alone[-1].trust


def test_the_year_ahead_says_of_whom_it_is_and_what_it_leaves_out(retail_steps, medtech_steps):
    """£7.00M of today's repeat accounts beside £7.96M of all: what new ones brought is told with it."""
    for language, who in (("en", ": repeat accounts"), ("zh", "：复购客户")):
        view = view_of(language)
        tile = tiles(UNCHECKED, retail_steps.value, retail_steps.health, view)[2]
        assert tile.label.endswith(who)
        moves = retail_steps.value.retention.moves
        new = moves.loc[moves["move"] == "new", "now"].sum()
        once = retail_steps.value.finding("future_single").figures["last"]
        assert view.locale.money(new) in tile.trust and view.locale.money(once) in tile.trust
        tile = tiles(UNCHECKED, medtech_steps.value, medtech_steps.health, view)[2]
        assert tile.label.endswith({"en": "deals", "zh": "商机"}[language])


def test_a_sum_of_millions_keeps_its_digits_unless_it_is_round():
    money = Locale("en", "GBP").money
    assert [money(x) for x in (6_998_400, 7_000_000, 7_653_000, -6_998_400)] == [
        "£7.00M",
        "£7M",
        "£7.65M",
        "−£7.00M",
    ]


@pytest.mark.parametrize(
    ("language", "told"),
    [
        (
            "en",
            "on 1 Sep 2011 {expected} was expected, and then no more accounts stopped than their own rhythms "
            "explain; tested in a stronger season",
        ),
        (
            "zh",
            "2011年9月1日曾预计{expected}，其后停购的没有超出自身节奏所能解释的；检验时段比今后这段时间旺",
        ),
    ],
)
def test_the_expected_loss_has_the_record_of_the_same_sum(retail_steps, language, told):
    """Where no list of today is, what came of the same sum stands beside the loss all the same."""
    view = view_of(language)
    figures = retail_steps.health.finding("at_risk").figures
    assert retail_steps.health.finding("watch_trust") is None and figures["sum_came"] < 0
    told = told.format(expected=view.locale.money(figures["sum_expected"]))
    made = tiles(UNCHECKED, retail_steps.value, retail_steps.health, view)
    assert told in made[-1].trust


@pytest.mark.parametrize(
    ("language", "said"), [("en", "with revenue in the 12 months, "), ("zh", "12个月内有收入的客户")]
)
def test_the_largest_region_says_of_which_accounts_it_is(retail_steps, language, said):
    """3,868 accounts with revenue, of 5,410 in the data."""
    found = retail_steps.value.finding("stress_region")
    assert found.figures["accounts"] == 3868 and said in headline(found, Locale(language, "GBP"), {})


@pytest.mark.parametrize("language, said", [("en", "Cost of each line"), ("zh", "每行的成本")])
def test_that_profit_is_unknown_stands_among_what_is_missing(retail_steps, medtech_steps, language, said):
    """The lines of the real sample carry no cost, those of the made one do."""
    tables = pd.DataFrame(
        {
            "table": ["visits"],
            "zh": ["拜访"],
            "en": ["Visits"],
            "delivered": [False],
            "unlocks_zh": ["a"],
            "unlocks_en": ["a"],
        }
    )
    with using(view_of(language)):
        with_cost, without = (
            missing_inputs(SimpleNamespace(tables=tables), steps.value).text
            for steps in (medtech_steps, retail_steps)
        )
    assert said in without and said not in with_cost


def test_new_accounts_may_have_bought_before_the_data_begin(retail_steps, medtech_steps):
    with using(view_of("en")):
        retail, medtech = (
            what_bars_hold(steps.value.retention, "less") for steps in (retail_steps, medtech_steps)
        )
    assert "who bought earlier and came back" in retail
    assert ("who bought earlier and came back" in medtech) is not medtech_steps.value.retention.returns_known


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_first_chart_has_a_caption_of_two_lines_and_the_appendix_the_rest(steps, language):
    """A line of the page holds some 145 letters, 76 Chinese characters."""
    with using(view_of(language)):
        below, said = bridge_chart(steps.value).html, bars_told(steps.value)
    caption = re.sub(r"<[^>]*>", "", below.split("<figcaption>")[1])
    assert len(caption) <= {"en": 290, "zh": 152}[language]
    stopped = {"en": "bought and then stopped", "zh": "此后停购"}[language]
    assert stopped in said[0] and stopped not in caption
