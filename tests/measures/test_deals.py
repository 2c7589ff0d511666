"""A deal that its stage and its result tell apart ends in one way everywhere: as the result says."""

import pandas as pd
import pytest
from conftest import AS_OF, book_of, lines_of

from kamplay.method.measures.deals import deals_at, outcome
from kamplay.method.measures.features_at import competition
from kamplay.method.measures.registry import AccountsAt, open_pipeline
from kamplay.method.measures.sign_onset import last_rival, lost_deals
from kamplay.method.value.pipeline import pipeline

DAY = pd.Timestamp(AS_OF)


def deals(*rows: tuple) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["account_id", "stage", "result", "closed"])
    frame["closed"] = pd.to_datetime(frame["closed"])
    more = {"opportunity_id": [f"o{n}" for n in range(len(frame))], "amount": 10.0, "competitor": "rival"}
    return frame.assign(**more, opened=DAY - pd.Timedelta(days=300), win_rate=0.5)


@pytest.mark.parametrize(
    ("stage", "result", "closed", "stands"),
    [
        ("Won", "lost", "2025-06-01", "lost"),
        ("丢单", "won", "2025-06-01", "won"),
        ("Closed Won", None, None, "won"),
        ("lost", "open", "2025-06-01", "lost"),
        ("Offer", "lost", None, "lost"),
        ("Offer", None, "2025-06-01", "open"),
        ("Won", "won", "2026-06-01", "open"),
    ],
)
def test_the_result_decides_then_the_stage_and_not_before_the_day(stage, result, closed, stands):
    frame = deals(("a", stage, result, closed))
    assert outcome(frame, DAY).tolist() == [stands]
    book = book_of(lines_of(("a", "2025-11-01", 5.0)), opportunities=frame)
    assert deals_at(book)[["won", "lost", "open"]].loc[0].to_dict() == {
        name: name == stands for name in ("won", "lost", "open")
    }


def test_without_result_and_stage_a_deal_is_open():
    assert outcome(pd.DataFrame({"amount": [1.0]}), DAY).tolist() == ["open"]


def test_a_deal_won_by_stage_and_lost_by_result_is_lost_everywhere():
    """And one lost by stage alone, of which no result is given, is lost everywhere too."""
    frame = deals(
        ("a", "Won", "lost", "2025-06-01"), ("a", "Lost", None, "2025-07-01"), ("a", "Offer", None, None)
    )
    book = book_of(lines_of(("a", "2024-01-01", 5.0), ("a", "2025-11-01", 5.0)), opportunities=frame)
    result = pipeline(book)
    assert result is not None
    assert (result.funnel.won, result.funnel.open_deals, result.funnel.open_amount) == (0.0, 1, 10.0)
    assert result.win_rates.rates.loc[0, ["won", "closed"]].tolist() == [0, 2]
    assert result.ages.open_deals == 1
    seen = competition(book, DAY)
    assert seen is not None and seen.loc["a", "lost_deals"] == 2
    assert last_rival(book, DAY, book.accounts.index).to_dict() == {"a": "rival"}
    assert list(open_pipeline(AccountsAt(book, DAY, book.accounts.index))) == [10.0]


def test_losses_of_a_day_from_those_known_once(medtech_book):
    """The loss is worked out once for all days; which are lost by a day are those closed by then."""
    deals = medtech_book.table("opportunities")
    named = deals["competitor"].notna() & (deals["competitor"].astype("str").str.strip() != "")
    for months in (0, 7, 19):
        day = pd.Timestamp(medtech_book.as_of) - pd.DateOffset(months=months)
        plain = (outcome(deals, day) == "lost") & (deals["closed"] <= day) & named
        assert plain.any()
        assert lost_deals(medtech_book, day).tolist() == plain.tolist()
