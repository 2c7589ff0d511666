"""The funnel in depth: published intervals, a funnel counted by hand, a forecast that cannot look ahead, and
untidy exports.
"""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from conftest import AS_OF, book_of, lines_of
from words import of_module

from kamplay.engagement import load
from kamplay.intake.prepare import prepare
from kamplay.method.measures.deals import deals_at
from kamplay.method.results import Findings
from kamplay.method.value import pipeline as pipeline_findings
from kamplay.method.value import sales_entities as ent
from kamplay.method.value.pipeline import STALLED, Pipeline, _others, pipeline
from kamplay.show.locale import Locale
from kamplay.show.value import pipeline as drawn
from kamplay.show.value import sales_entities as entities
from kamplay.show.view import View, using

words = [of_module("value.pipeline"), of_module("value.sales_entities")]
HEADLINES = words[0].HEADLINES | words[1].HEADLINES
ACTIONS = words[0].ACTIONS | words[1].ACTIONS

LINES = lines_of(("a", "2025-05-01", 100.0), ("b", "2025-06-01", 300.0))


def deals(*rows: dict) -> pd.DataFrame:
    frame = pd.DataFrame(
        [
            {"opportunity_id": f"O{i}", "account_id": "a", "amount": 10.0, "stage": "talk", **r}
            for i, r in enumerate(rows)
        ]
    )
    for column in ("opened", "closed", "expected_close"):
        if column in frame:
            frame[column] = pd.to_datetime(frame[column])
    return frame


def told(result: Pipeline) -> Findings:
    found = Findings("value")
    pipeline_findings.add_findings(found, result)
    return found


def ended(won: int, lost: int, **also: object) -> list[dict]:
    base = {"opened": "2024-01-01", "closed": "2024-03-01", **also}
    return [{**base, "result": "won"}] * won + [{**base, "result": "lost"}] * lost


def test_few_closed_deals_tell_no_rate():
    at_19, at_20 = (
        pipeline(book_of(LINES, opportunities=deals(*ended(9, n - 9)))).win_rates for n in (19, 20)
    )
    assert at_19.loc[0, "closed"] == 19 and np.isnan(at_19.loc[0, "rate"])
    assert at_20.loc[0, "rate"] == pytest.approx(9 / 20)
    assert (
        next(f.kind for f in told(pipeline(book_of(LINES, opportunities=deals(*ended(9, 10))))))
        == "deals_few_closed"
    )


def test_rates_of_those_that_reached_a_stage():
    """Thirty won at the last stage; lost: 30 at lead, 20 at talk, 10 at offer. Reached: 90, 60, 40."""
    rows = (
        ended(30, 0, stage="offer")
        + ended(0, 30, stage="lead")
        + ended(0, 20, stage="talk")
        + ended(0, 10, stage="offer")
    )
    rows += [
        {"stage": s, "win_rate": r, "opened": "2025-12-01", "result": "open"}
        for s, r in (("offer", 0.8), ("lead", 0.1), ("talk", 0.3))
    ]
    result = pipeline(book_of(LINES, opportunities=deals(*rows)))
    stages = result.win_rates[result.win_rates["by"] == "stage"]
    assert stages["value"].tolist() == ["lead", "talk", "offer"]
    assert stages["closed"].tolist() == [90, 60, 40]
    assert stages["rate"].tolist() == pytest.approx([1 / 3, 1 / 2, 3 / 4])
    assert stages["recorded"].tolist() == pytest.approx([0.1, 0.3, 0.8])
    # three open deals of 10: 4 promised by hand, 10 × (1/3 + 1/2 + 3/4) by history
    assert result.figures["recorded_promise"] == pytest.approx(0.4)
    assert result.figures["history_promise"] == pytest.approx((1 / 3 + 1 / 2 + 3 / 4) / 3)


def test_lost_as_a_stage_says_nothing_of_stages():
    rows = [{"stage": "Won", "opened": "2024-01-01", "closed": "2024-03-01"}] * 12 + [
        {"stage": "Lost", "closed": "2024-03-01"}
    ] * 12
    rows += [{"stage": "talk", "win_rate": 0.3, "opened": "2025-12-01"}]
    result = pipeline(book_of(LINES, opportunities=deals(*rows)))
    assert "stage" not in set(result.win_rates["by"])
    assert result.win_rates.loc[0, "rate"] == pytest.approx(0.5)


def test_calibration_only_where_both_sides_keep_their_estimate():
    kept = deals(*ended(10, 30, win_rate=0.5))
    figures = pipeline(book_of(LINES, opportunities=kept)).figures
    assert (figures["kept"], figures["kept_recorded"], figures["kept_rate"]) == (
        40,
        pytest.approx(0.5),
        pytest.approx(0.25),
    )
    assert "deals_uncalibrated" in [f.kind for f in told(pipeline(book_of(LINES, opportunities=kept)))]
    over = kept.assign(win_rate=[1.0] * 10 + [0.5] * 30)  # won ones overwritten: the lost alone would say 0 %
    assert pipeline(book_of(LINES, opportunities=over)).figures["kept"] == 0


def history(rng: np.random.Generator, count: int = 600) -> pd.DataFrame:
    opened = AS_OF - pd.to_timedelta(rng.integers(0, 1100, count), unit="D")
    closed = opened + pd.to_timedelta(rng.integers(20, 160, count), unit="D")
    open_now = closed > AS_OF
    frame = pd.DataFrame(
        {
            "opportunity_id": [f"O{i}" for i in range(count)],
            "account_id": "a",
            "stage": "talk",
            "opened": opened,
        }
    )
    frame["amount"] = rng.lognormal(5, 0.5, count)
    frame["closed"] = pd.Series(closed).where(~open_now)
    frame["result"] = np.where(open_now, "open", np.where(rng.random(count) < 0.4, "won", "lost"))
    return frame


def test_backtest_of_a_steady_funnel_is_right_on_average():
    """Won or lost by a coin, whatever the time: the forecast is unbiased, so over settled quarters it comes
    near.
    """
    off = []
    for seed in range(12):
        figures = pipeline(book_of(LINES, opportunities=history(np.random.default_rng(seed)))).figures
        off.append(figures["forecast"] / figures["came"] - 1)
    assert abs(np.mean(off)) < 0.05


def test_backtest_does_not_look_ahead():
    """Turning every outcome after a quarter's end round leaves its forecast as it was."""
    made = history(np.random.default_rng(3))
    back = pipeline(book_of(LINES, opportunities=made)).backtest
    assert len(back) == 8
    end = back["quarter_end"].iloc[3]
    later = made["closed"] > end
    turned = made.assign(
        result=made["result"].where(~later, made["result"].map({"won": "lost", "lost": "won"}))
    )
    again = pipeline(book_of(LINES, opportunities=turned)).backtest
    assert again["forecast"].iloc[:4].tolist() == pytest.approx(back["forecast"].iloc[:4].tolist())
    assert again["won"].iloc[3] != pytest.approx(back["won"].iloc[3])


def test_backtest_by_hand():
    """At 30 Sep 2024: 10 of 20 closed were won; open then 4 deals of 10. One won in time, one late, one lost,
    one still open, too old.
    """
    rows = [
        *ended(10, 10),
        {"opened": "2024-09-30", "closed": "2024-12-01", "result": "won"},
        {"opened": "2024-08-01", "closed": "2025-05-01", "result": "won"},
        {"opened": "2024-08-01", "closed": "2024-10-01", "result": "lost"},
        {"opened": "2023-08-01", "result": "open"},
        {"opened": "2024-10-01", "closed": "2024-12-01", "result": "won"},  # opened a day too late
    ]  # fmt: skip
    back = pipeline(book_of(LINES, opportunities=deals(*rows))).backtest.set_index("quarter_end")
    row = back.loc["2024-09-30"]
    assert (row["open_deals"], row["closed_before"], row["rate"]) == (4, 20, 0.5)
    assert (row["forecast"], row["won"], row["later"], row["pending"]) == (20.0, 10.0, 10.0, 10.0)
    assert not row["settled"]  # fewer than 20 wins: nobody knows how long winning takes


def test_lost_deals_without_amount_are_tried_in_deals():
    made = history(np.random.default_rng(3))
    made.loc[made["result"] == "lost", "amount"] = 0.0
    result = pipeline(book_of(LINES, opportunities=made))
    first = result.backtest.iloc[0]
    assert first["unit"] == "deals" and first["forecast"] == pytest.approx(
        first["rate"] * first["open_deals"]
    )
    assert "size" not in set(result.win_rates["by"])
    assert "deals_amounts_missing" in [f.kind for f in told(result)]


def test_stalled_against_the_others_of_its_stage():
    """Ages 10, 20, 30, 40 and x: the others' median is 25, so 50 does not stand still and 51 does; late is
    over 60 days.
    """
    for age, count in ((50, 0), (51, 1)):
        rows = [{"opened": AS_OF - pd.Timedelta(days=d)} for d in (10, 20, 30, 40, age)]
        assert len(pipeline(book_of(LINES, opportunities=deals(*rows))).stalled) == count
    rows = [
        {"opened": AS_OF - pd.Timedelta(days=d), "expected_close": AS_OF - pd.Timedelta(days=late)}
        for d, late in ((10, 60), (10, 61))
    ]
    late = pipeline(book_of(LINES, opportunities=deals(*rows))).stalled
    assert (
        late["opportunity_id"].tolist() == ["O1"]
        and late["late_days"].tolist() == [61]
        and late["median_age"].isna().all()
    )


@pytest.mark.parametrize("count", [5, 6, 11])
def test_usual_age_is_that_of_the_others(count):
    ages = np.random.default_rng(count).integers(1, 9, count)
    given = pd.DataFrame({"stage": "talk", "age": ages.astype(float)})
    assert _others(given).tolist() == [np.median(np.delete(ages, i)) for i in range(count)]


def test_sales_outside():
    rows = [
        *ended(10, 10),
        {"opened": "2025-01-01", "closed": "2025-06-01", "result": "won"},
        {"opened": "2025-12-01", "amount": 42.0},
    ]
    result = pipeline(book_of(LINES, opportunities=deals(*rows)))
    assert result.figures["outside_share"] == pytest.approx(0.75)  # b, with 300 of 400, never had a deal
    assert result.figures["by_history"] == pytest.approx(42 * 11 / 21)
    assert "deals_outside" in {f.kind for f in told(result)}


MESSY = [
    {},
    {"opportunities": deals({"amount": np.nan, "account_id": None})},
    {"opportunities": deals(*ended(3, 0, amount=np.nan))},
    {"opportunities": deals({"closed": "2025-01-01"}, {"opened": "2027-01-01"}, {"result": "won"}, {"stage": "Won", "closed": "2026-05-01"})},
    {"opportunities": deals(*ended(20, 0, account_id=None, sales_entity=None, win_rate=np.nan))},
]  # fmt: skip


@pytest.mark.parametrize("given", MESSY)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_untidy_exports_are_told_of(given, language):
    book = book_of(LINES, **given)
    result, met = pipeline(book), ent.sales_entities(book)
    found = told(result)
    ent.add_findings(found, met)
    assert found
    locale = Locale(language, "EUR")
    for finding in found:
        said = locale.say(HEADLINES[finding.kind], **finding.figures, first="a", three="a")
        assert "nan" not in said and "{" not in said
        assert finding.action is None or finding.action in ACTIONS
    value = SimpleNamespace(pipeline=result, sales_entities=met)
    with using(View(locale, {})):
        for show in (
            drawn.win_rates_table,
            drawn.stalled_table,
            entities.sales_entities_table,
            drawn.funnel_backtest_chart,
        ):
            assert "nan" not in show(value).text


def test_open_is_what_the_funnel_means():
    given = deals(
        {"stage": "Won", "closed": "2026-05-01"},
        {"result": "lost"},
        {"result": "won", "stage": "Lost"},
        {"closed": "2025-01-01"},
    )
    book = book_of(LINES, opportunities=given)
    assert deals_at(book)[["won", "lost", "open"]].sum(axis=1).eq(1).all()
    assert deals_at(book)["open"].tolist() == [True, False, False, True]
    assert pipeline(book).figures["unclear"] == 1


def test_two_entities_on_one_account():
    lines = LINES.assign(sales_entity="N")
    more = lines_of(("a", "2025-07-01", 12.0), ("b", "2025-07-01", 33.0), ("a", "2024-07-01", 999.0)).assign(
        sales_entity="S"
    )
    offers = deals(
        {"account_id": "c", "sales_entity": "N"},
        {"account_id": "c", "sales_entity": "S"},
        {"account_id": "b", "sales_entity": "N"},
    )
    result = ent.sales_entities(book_of(pd.concat([lines, more]), opportunities=offers))
    shares = result.entities.set_index(["account_id", "entity"])["share"]
    assert shares["a", "S"] == pytest.approx(12 / 112) and ("b", "S") not in {
        (a, e) for a, e in shares.index if a == "b" and shares[a, e] < 0.09
    }
    assert result.entities["account_id"].drop_duplicates().tolist() == [
        "a",
        "c",
    ]  # b: 33 of 333 is below a tenth
    assert (result.figures["shared"], result.figures["competing"], result.figures["both"]) == (1, 1, 0)


def test_what_the_sample_plants():
    book = prepare(load("data_templates/samples/medtech"))
    result, met = pipeline(book), ent.sales_entities(book)
    assert list(result.stalled.columns) == STALLED
    row = result.stalled.set_index("opportunity_id").loc["O0156"]
    assert (row["account_id"], row["age"], row["median_age"]) == ("C0164", 455, 64.5)
    found = told(result)
    stands = next(f for f in found if f.kind == "deals_stalled")
    assert (
        stands.figures["deal"] == "O0156"
        and stands.accounts[0] == "C0164"
        and stands.figures["times"] == pytest.approx(7.05, abs=0.01)
    )
    assert set(met.entities["account_id"]) == {"C0145"}
    one = met.entities.set_index("entity")
    assert one["revenue"].to_dict() == pytest.approx({"华衡上海": 3669405.35, "华衡广州": 3108046.58})
    assert one["deals"].to_dict() == {"华衡上海": "O0217", "华衡广州": "O0185"}
