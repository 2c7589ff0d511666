"""What new deals can still bring by the end of the target's period: deals planted by hand."""

from datetime import date

import pandas as pd
import pytest
from conftest import book_of, lines_of

from kamplay.method.value.new_deals import NewDeals, new_deals
from kamplay.method.value.pipeline import pipeline

LINES = lines_of(("a", "2025-05-01", 100.0), ("b", "2025-06-01", 300.0))


def planted(slow: int = 15, recorded: float = 0.25, **won: object) -> NewDeals | None:
    """To the end of 2025: 5 deals of 20 won in 100 days, ``slow`` ones of 60 in 300 days, all opened before
    2025; as many lost; 8 of 50 opened in 2025 and still open. The target's period ends on 31 December 2026.
    """
    fast = {"amount": 20.0, "opened": "2024-01-01", "closed": "2024-04-10", "result": "won"}
    late = {"amount": 60.0, "opened": "2024-01-01", "closed": "2024-10-27", "result": "won"}
    lost = {"amount": 40.0, "opened": "2024-01-01", "closed": "2024-03-01", "result": "lost"}
    rows = [fast] * 5 + [late | won] * slow + [lost] * (5 + slow)
    rows += [{"amount": 50.0, "opened": "2025-03-01", "win_rate": recorded, "result": "open"}] * 8
    deals = pd.DataFrame(rows).assign(account_id="a", stage="talk")
    deals["opportunity_id"] = [f"O{n}" for n in deals.index]
    for name in ("opened", "closed"):
        deals[name] = pd.to_datetime(deals[name])
    book = book_of(LINES, opportunities=deals)
    return new_deals(book, pipeline(book), date(2026, 6, 1))


def test_what_lands_is_a_years_deals_at_the_lower_rate_as_far_as_the_firm_was_fast_enough():
    """213 days from 1 June to 31 December; of 5 × 20 + 15 × 60 = 1,000 won, 100 took no longer. Half of past
    deals were won, the recorded rate is 25 %; 8 × 50 = 400 was opened in a year: 400 × 25 % × 10 % = 10.
    """
    new = planted()
    assert new is not None
    assert (new.end, new.days, new.won, new.in_time) == (date(2026, 12, 31), 213, 20, 5)
    assert (new.rate, new.within, new.opened, new.lands) == pytest.approx((0.25, 0.1, 400.0, 10.0))
    assert new.needed(10.0) == pytest.approx(400) and new.needed(4.0) == pytest.approx(160)
    assert new.needed(10.01) is None and new.needed(-1.0) is None  # beyond a whole year's deals; no gap


def test_history_counts_where_it_is_the_lower_rate():
    new = planted(recorded=0.75)
    assert new is not None and new.rate == pytest.approx(0.5)


def test_few_won_deals_or_blank_ones_say_nothing():
    assert planted(slow=14) is None  # 19 won
    assert planted(opened=None) is None and planted(amount=None) is None
    book = book_of(LINES)
    assert new_deals(book, pipeline(book)) is None
