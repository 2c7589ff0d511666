"""Tenders: by hand, in the sample, and where the table is missing or says little."""

import dataclasses
import json

import pandas as pd
import pytest
from conftest import MEDTECH, book_of, sold

from kamplay.method.results import Findings
from kamplay.method.value.tenders import add_findings, tenders
from kamplay.show.display import NOTHING
from kamplay.show.locale import Locale
from kamplay.show.registry import charts, tables
from kamplay.show.view import View, using

PLANTED = json.loads((MEDTECH / "answer_key.json").read_text(encoding="utf-8"))["tenders"]


def rows_of(*rows) -> pd.DataFrame:
    columns = ["account_id", "date", "amount", "result", "competitor", "winner", "our_price", "winning_price"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.assign(date=pd.to_datetime(frame["date"]))


def found(result, delivered=True) -> dict:
    findings = Findings("value")
    add_findings(findings, result, delivered)
    return {f.kind: f for f in findings}


BY_HAND = rows_of(
    ("a", "2025-02-01", 300.0, "won", "X", "us", 90.0, 90.0),
    ("a", "2025-03-01", 100.0, "lost", "X", "X", 110.0, 100.0),
    ("b", "2025-04-01", 200.0, "lost", None, "Y", 95.0, 100.0),
    ("b", "2025-05-01", 400.0, "lost", "X", "X", 104.0, 100.0),
    ("b", "2025-06-01", 50.0, "not_bid", None, "Y", None, None),
    ("b", "2026-02-01", 70.0, "open", "X", None, None, None),
    ("a", "2025-07-01", 60.0, "cancelled", None, None, None, None),
    ("a", "2022-07-01", 999.0, "won", "X", "us", 1.0, 1.0),  # over three years ago
    ("a", "2026-07-01", 999.0, "won", "X", "us", 1.0, 1.0),  # not yet
)


def test_by_hand():
    result = tenders(book_of(sold(a=1.0, b=1.0), tenders=BY_HAND))
    assert (result.bids, result.won, result.rate) == (4, 1, 0.25)
    # Wilson for 1 of 4: (0.25 + 1.9207 ÷ 4 ± 1.96 √(0.25 × 0.75 ÷ 4 + 0.9604 ÷ 16)) ÷ (1 + 3.8415 ÷ 4)
    assert (result.low, result.high) == pytest.approx((0.0456, 0.6994), abs=5e-5)
    assert result.amount_rate == pytest.approx(300 / 1000)
    assert (result.not_bid, result.not_bid_amount, result.cancelled) == (1, 50.0, 1)
    assert (result.open, result.open_amount, result.next_open) == (1, 70.0, "2026-02-01")
    # our price over the winning one: +10 %, −5 %, +4 %
    assert (result.priced, result.no_dearer) == (3, 1) and result.median_gap == pytest.approx(0.04)
    assert result.price_gaps.set_index("band")["lost"].to_dict() == {
        "no_dearer": 1,
        "to_5": 1,
        "to_10": 1,
        "over_10": 0,
    }
    # X is met three times and won once; where nobody is named, the winner is who was met
    assert result.by_competitor[["bids", "won"]].T.to_dict("list") == {"X": [3, 1], "Y": [1, 0]}
    assert result.winners["lost"].to_dict() == {"X": 2, "Y": 1}
    b = result.accounts.loc["b"]
    assert (b["bids"], b["won"], b["lost"], b["not_bid"], b["open"]) == (2, 0, 2, 1, 1)
    assert b["last_lost_to"] == "X" and b["last_lost_gap"] == pytest.approx(0.04)
    kinds = found(result)
    assert {"tenders_few", "tenders_prices_unknown", "tenders_not_bid", "tenders_open"} == set(kinds)


def test_what_few_bids_do_not_bear_is_not_told():
    """None of 19 bids won tells no rate; a competitor named only where it won tells none against it."""
    none = rows_of(*[("a", "2025-02-01", 1.0, "lost", "X", "X", None, None)] * 19)
    assert found(tenders(book_of(sold(a=1.0), tenders=none)))["tenders_few"].figures["won"] == 0
    blanks = rows_of(
        *[("a", "2025-02-01", 1.0, "lost", "X", "X", None, None)] * 15,
        *[("a", "2025-02-01", 1.0, "won", None, None, None, None)] * 15,
    )
    kinds = found(tenders(book_of(sold(a=1.0), tenders=blanks)))
    assert "tenders_rivals_unnamed" in kinds and not {"tenders_rival", "tenders_rivals_alike"} & set(kinds)
    even = rows_of(
        *[("a", "2025-02-01", 1.0, won, rival, "w", None, None) for won in ("won", "lost") for rival in "XY"]
        * 8
    )
    assert found(tenders(book_of(sold(a=1.0), tenders=even)))["tenders_rivals_alike"].figures["count"] == 2


def test_fisher_by_hand():
    """Of 10 bids 5 were won, none of the 5 against X: 1 of C(10, 5) = 252 draws gives as few."""
    frame = rows_of(
        *[("a", "2025-02-01", 1.0, "lost", "X", "X", None, None)] * 5,
        *[("a", "2025-02-01", 1.0, "won", "Y", None, None, None)] * 5,
    )
    by = tenders(book_of(sold(a=1.0), tenders=frame)).by_competitor
    assert by.loc["X", "p_value"] == pytest.approx(1 / 252) and by.loc["X", "hardly_won"]
    assert not by.loc["Y", "hardly_won"]


def test_planted_in_the_sample(medtech_value):
    result = medtech_value.tenders
    assert (result.won, result.bids - result.won) == (PLANTED["count"]["won"], PLANTED["count"]["lost"])
    assert (result.not_bid, result.open) == (PLANTED["count"]["not_bid"], PLANTED["count"]["open"])
    assert result.not_bid_amount == pytest.approx(PLANTED["amount"]["not_bid"])
    rate = PLANTED["amount"]["won"] / (PLANTED["amount"]["won"] + PLANTED["amount"]["lost"])
    assert result.amount_rate == pytest.approx(rate) and result.amount_low < rate < result.amount_high
    assert result.priced == PLANTED["lost_with_both_prices"]
    assert result.no_dearer == PLANTED["lost_though_no_dearer"]
    rival, shut = PLANTED["strong_rival"], PLANTED["closed_door"]
    assert result.by_competitor.index[result.by_competitor["hardly_won"]].tolist() == [rival["competitor"]]
    assert result.by_account.index[result.by_account["hardly_won"]].tolist() == [shut["account_id"]]
    told = medtech_value.finding("tenders_rival")
    assert (told.figures["rival"], told.figures["bids"], told.figures["won"]) == tuple(rival.values())
    assert told.severity == "watch" and told.reference == "outside"
    door = medtech_value.finding("tenders_closed_door")
    assert door.accounts == (shut["account_id"],) and door.figures["bids"] == shut["bids"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_shown_and_nothing_shown_without(medtech_value, medtech_book, language):
    with using(View(Locale(language, "CNY"), medtech_book.names.to_dict())):
        assert PLANTED["strong_rival"]["competitor"] in charts.tenders(medtech_value).text
        assert PLANTED["closed_door"]["account_name"] in tables.tenders(medtech_value).text.splitlines()[1]
        bare = dataclasses.replace(medtech_value, tenders=None)
        assert charts.tenders(bare) is NOTHING and tables.tenders(bare) is NOTHING


def test_missing_or_without_results_it_says_so():
    assert set(found(tenders(book_of(sold(a=1.0))), False)) == {"tenders_unknown"}
    blank = book_of(sold(a=1.0), tenders=BY_HAND.drop(columns="result"))
    assert set(found(tenders(blank))) == {"tenders_no_result"}
