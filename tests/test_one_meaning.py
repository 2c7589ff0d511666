"""One meaning has one value wherever the report tells it, in findings, key figures and tables."""

import dataclasses
import re
from html import unescape

import pandas as pd
import pytest
from conftest import Steps

from kamplay.method.plan.next_action import signs_of
from kamplay.method.value.forecast import Forecast
from kamplay.show.findings import brief, headline
from kamplay.show.locale import Locale
from kamplay.show.summary.bridge import bars_told
from kamplay.show.table import Column, html_table
from kamplay.show.value.retention import revenue_bridge_chart
from kamplay.show.view import View, using

OF_THE_SUM = ("at_risk", "watch_list", "outlook_signs_record")  # all that tell how it did


@pytest.fixture(params=["medtech_steps", "retail_steps"])
def steps(request) -> Steps:
    return request.getfixturevalue(request.param)


def parts_of_deals(forecast: Forecast) -> float:
    """What the funnel's caption tells: counted, expected anyway, due later."""
    return forecast.added + forecast.overlap + forecast.later


def told(steps: Steps) -> dict[str, list[float]]:
    """Meaning → every place's figure of it."""
    found = {f.kind: f.figures for part in steps[:4] for f in part.findings}
    value, health = steps.value, steps.health
    keys, kept = value.key_figures, value.retention
    bridge = kept.bridge.set_index("item")
    bars = bridge["amount"]
    every = kept.by_segment[kept.by_segment["dimension"] == "all"].iloc[0]
    cohorts = kept.cohorts.set_index(["cohort_year_back", "window_back"])
    oldest = int(kept.cohorts["cohort_year_back"].max())
    movement, risk = found["movement"], found["asset_risk"]
    groups = health.revenue_at_risk.groups
    by_level = groups[groups["by"] == "level"]
    bands = ("low", "medium", "high", "stopped", "once")
    reached = health.campaign.accounts.index  # it is the one action of those in it
    kinds = {kind.split("_target")[0].split("_part")[0]: figures for kind, figures in found.items()}

    def of(name: str, *places: str) -> list[float]:
        return [found[kind][name] for kind in places if kind in found]

    out = {
        "revenue of the 12 months": [keys["revenue"], movement["now"], bridge.loc["now", "amount"]],
        "revenue of the year before": [
            movement["before"],
            bridge.loc["before", "amount"],
            *of("before", "pvm", "pvm_by_category"),
        ],
        "what last year's accounts brought": [movement["base"], every["before"]],
        "last year's accounts": [movement["base_count"], every["accounts"], bridge.loc["before", "accounts"]],
        "net revenue retention": [
            movement["nrr"],
            keys["nrr"],
            every["nrr"],
            1 + (bars["lost"] + bars["contracted"] + bars["expanded"]) / movement["base"],  # as read off it
        ],
        "gross revenue retention": [
            movement["grr"],
            keys["grr"],
            every["grr"],
            1 + (bars["lost"] + bars["contracted"]) / movement["base"],
        ],
        "new accounts": [
            movement["new_count"],
            bridge.loc["new", "accounts"],
            cohorts.loc[(0, 0), "accounts"],
            found["cohort_share"]["young_accounts"],
            int((steps.value.concentration.abc_xyz["xyz"] == "new").sum()),
            *of("count", "won_back_unknown"),
            *of("new", "won_back", "none_won_back"),
            *(found[k]["new"] + found[k]["once"] for k in ("target_new_once",) if k in found),
        ],
        "revenue of new accounts": [
            movement["new_amount"],
            bridge.loc["new", "amount"],
            *of("new", "future_checked"),
            *of("new_amount", "won_back", "none_won_back"),
            *(found[k]["new_amount"] + found[k]["once_amount"] for k in ("target_new_once",) if k in found),
        ],
        "revenue of new accounts that bought again": [
            *of("new_per_year", "stress_first", "stress_first_revenue"),
            *of("new_amount", "target_new_once"),
        ],
        "accounts with revenue": [
            keys["accounts"],
            bridge.loc["now", "accounts"],
            len(health.portfolio_map.accounts),
            sum(risk[f"{band}_accounts"] for band in bands),
            *of("accounts", "concentration", "spread_law", "key_accounts", "borderline", "asset_basis"),
            *of("buying", "strategies"),
        ],
        "accounts that bought once in the year": [
            risk["once_accounts"],
            found["single_purchase"]["count"],
            *of("buying", "future_single"),
        ],
        "revenue of accounts that bought once in the year": [
            found["single_purchase"]["revenue"],
            *of("last", "future_single"),
            float(health.portfolio_map.accounts.query("risk_band == 'once'")["revenue"].sum()),
        ],
        "accounts with a sign that calls for action": [
            found["warn_all"]["act"],
            found.get("watch_list", {}).get("warned", 0)
            + found.get("warned", {}).get("count", 0)
            + int((signs_of(health.early_warning.warnings)["severity"].reindex(reached) == "act").sum()),
        ],
        "accounts that have plainly stopped": [risk["stopped_accounts"], *of("count", "already_stopped")],
        "share of the largest account": [
            keys["top1_share"],
            *of("top1_share", "concentration", "worth_tiering", "worth_tiering_spread"),
            *of("share", "stress_first", "stress_first_revenue"),
        ],
        "expected loss": [found["at_risk"]["at_risk"], by_level["at_risk"].sum()],
        "the expected loss of one horizon ago": of("sum_expected", *OF_THE_SUM),
        "what came of it": of("sum_came", *OF_THE_SUM),
        "accounts with an expected loss": [found["at_risk"]["accounts"], by_level["accounts"].sum()],
        "the next 12 months": [
            value.forecast.total,
            *of("middle", "outlook", "outlook_history_only"),
            *(kinds[k]["outlook"] for k in ("outlook_signs",) if k in kinds),
        ],
    }
    ahead = value.forecast
    if ahead.funnel_weighted is not None:
        out["weighted deals"] = [keys["funnel_weighted"], ahead.funnel_weighted, parts_of_deals(ahead)]
    if oldest == 1:  # the accounts of the year before are then those that retention is of
        first, last = cohorts.loc[(1, 1)], cohorts.loc[(1, 0)]
        out["net revenue retention"] += [found["cohort_kept"]["share"], last["share_kept"]]
        out["last year's accounts"] += [found["cohort_kept"]["accounts"], first["accounts"]]
        out["last year's accounts that still bring revenue"] = [
            found["cohort_kept"]["left"],
            movement["base_count"] - movement["lost_count"],
        ]
    return out


def test_each_meaning_has_one_value(steps):
    differ = {
        meaning: figures
        for meaning, figures in told(steps).items()
        if figures != pytest.approx([figures[0]] * len(figures), rel=1e-5)  # rates are kept to six decimals
    }
    assert differ == {}


def test_retention_reckoned_from_the_bridge_as_shown_is_the_retention_shown(steps):
    """Whoever divides the bars gets the percentages of tile and headline, or reads beside them by what to
    divide: a year ago returns of others can make the first bar smaller than what retention is of.
    """
    kept, locale = steps.value.retention, Locale("en", "GBP")
    bars = kept.bridge.set_index("item")["amount"]
    with using(View(locale)):
        captions = [unescape(revenue_bridge_chart(steps.value).html), *bars_told(steps.value)]
    assert len(captions) == 2
    base = bars["before"]
    if locale.money(base) != locale.money(kept.base):
        assert all(locale.money(kept.base) in caption for caption in captions)
        base = kept.base
    gross = 1 + (bars["lost"] + bars["contracted"]) / base
    assert locale.percent(gross) == locale.percent(kept.grr)
    assert locale.percent(gross + bars["expanded"] / base) == locale.percent(kept.nrr)


def test_the_bridge_says_where_accounts_stand_that_have_stopped_since(steps):
    """Nothing bought in the 12 months is left; what stopped within them bought less, and is named there:
    below the bridge of step 2, and for the first chart in the appendix.
    """
    kept, locale = steps.value.retention, Locale("en", "GBP")
    stopped = kept.moves[kept.moves["silent_since"].notna()]
    assert len(stopped) == steps.health.finding("asset_risk").figures["stopped_accounts"]
    assert set(stopped["move"]) <= {"contracted", "expanded", "new", "won_back", "same"}
    fewer = stopped[stopped["move"] == "contracted"]
    with using(View(locale)):
        captions = [unescape(revenue_bridge_chart(steps.value).html), *bars_told(steps.value)]
    assert len(captions) == 2
    for caption in captions:
        assert locale.money(-fewer["change"].sum()) in caption
        assert f"{len(stopped)} that " in caption


def test_an_account_stopped_after_its_last_order(steps):
    """Since when the sign shows, and when the account last bought, stand beside each other."""
    warnings = steps.health.early_warning.warnings
    since = warnings[warnings["sign"] == "silence"].set_index("account_id")["since"]
    assert len(since) and (since > steps.value.retention.moves["silent_since"].reindex(since.index)).all()


def test_the_causes_of_a_change_add_up_to_it_as_they_are_told(steps):
    """Prices, volume, mix, and what of the change is none of them: the sentence leaves no part out."""
    found = next(f for f in steps.value.findings if f.kind in ("pvm", "pvm_by_category"))
    said = headline(found, Locale("en", "GBP"), {}).replace("\u2060", "").split(" The percentages")[0]
    sizes = {"": 1.0, "K": 1e3, "M": 1e6}
    amounts = [
        float(figure) * sizes[size] * (-1 if sign else 1)
        for sign, figure, size in re.findall(r"(−?)£(\d[\d.]*)([KM]?)", said)
    ]
    assert len(amounts) >= 4
    # each as its three digits bear it
    assert sum(amounts[1:]) == pytest.approx(amounts[0], abs=0.01 * max(map(abs, amounts)))


def test_a_planted_contradiction_is_found(medtech_steps):
    value = medtech_steps.value
    wrong = dataclasses.replace(
        value, key_figures=value.key_figures | {"nrr": value.key_figures["nrr"] + 0.01}
    )
    figures = told(medtech_steps._replace(value=wrong))["net revenue retention"]
    assert figures != pytest.approx([figures[0]] * len(figures), rel=1e-5)


def test_the_cautious_case_has_the_record_of_the_expected_loss_beside_it(medtech_steps, held_health):
    """Half of 8 million came, by the page, the list and the cautious case, which no other record corrects."""
    figures = told(medtech_steps._replace(health=held_health))
    assert figures["the expected loss of one horizon ago"] == [8e6] * 3
    assert figures["what came of it"] == [4e6] * 3
    off = held_health.finding("outlook_signs_record").figures
    # ln ½ with a spread by chance of √ln(1 + ¾²): a quarter at most of it comes again
    assert 0.5**0.25 - 1 < off["change"] < 0
    for kind in ("watch_trust", "outlook_signs_record", "watch_list"):
        said = headline(held_health.finding(kind), Locale("en", "CNY"), {})
        sums = {float(m) for m in re.findall(r"CN¥(\d[\d.]*)M", said.replace("\u2060", ""))}
        assert (8.0 in sums and 4.0 in sums) == (kind != "watch_trust"), said


def test_a_sum_that_failed_its_test_is_told_without_amounts(steps):
    """Of both samples: nowhere among the findings an amount of today's expected loss, or of a part of it."""
    health, locale = steps.health, Locale("en", "GBP")
    assert not health.revenue_at_risk.told
    rows = health.revenue_at_risk.groups
    amounts = {locale.money(x) for x in (*rows["at_risk"], *rows["danger_at_risk"]) if x > 1000}
    with using(View(locale)):
        for finding in health.findings:
            said = headline(finding, locale, {}) + (brief(finding, locale, {}) or "")
            assert not [one for one in amounts if f"{one} " in f"{said} "], finding.kind
    assert not {"outlook_signs", "outlook_signs_target", "outlook_signs_part"} & {
        f.kind for f in health.findings
    }


def test_lost_and_contracted_are_what_gross_retention_lacks(steps):
    moves, kept = steps.value.retention.moves, steps.value.retention
    base = moves[moves["before"] > 0]
    fell = (base["before"] - base["now"].clip(lower=0)).clip(lower=0).sum()
    assert fell / base["before"].sum() == pytest.approx(1 - kept.grr, abs=1e-6)


def test_a_new_account_had_nothing_before(steps):
    moves = steps.value.retention.moves
    assert (moves.loc[moves["move"] == "new", "before"] == 0).all()


@pytest.mark.parametrize(
    ("share", "said"),
    [(0.078, "7.8%"), (0.0701, "7.0%"), (0.07, "7%"), (0.0995, "10%"), (0.6234, "62%"), (-0.0355, "−3.6%")],
)
def test_a_share_is_told_alike_in_a_sentence_a_table_and_a_tile(share, said):
    """Whole percents from 10 on, one decimal below, whatever stands beside it in its column."""
    locale = Locale("zh", "CNY")
    with using(View(locale)):
        columns = [Column("share", "Share", "pct")]
        table = html_table(pd.DataFrame({"share": [share, 0.5, 0.0123, 0.0004]}), columns, "")
    assert table.grid.lines[0][0] == locale.percent(share) == locale.say("{share:pct}", share=share) == said
    assert locale.say("{share:change}", share=share) == ("+" if share > 0 else "") + said


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("amount", [6_117.0, 64_704.0, 91_470.0, 99_949.0])
def test_an_amount_of_a_small_table_has_the_unit_and_digits_of_the_sentence(language, amount):
    """No table in 元 beside a headline in 万元."""
    locale = Locale(language, "CNY")
    with using(View(locale)):
        columns = [Column("a", "Amount", "money")]
        table = html_table(pd.DataFrame({"a": [amount, 1_230.0]}), columns, "")
    cell, said = table.grid.lines[0][0], locale.money(amount)
    unit = "万" if language == "zh" else "K"
    if amount < 10_000:  # small sums are told to the unit
        assert cell == f"{amount:,.0f}"
    else:
        assert unit in said and cell == said.replace("万元", "").replace("CN¥", "").replace("K", "")
