"""The key, the factor and the codes of an anonymous copy."""

from __future__ import annotations

import os
import stat

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kamplay.anonymous import secret
from kamplay.anonymous.policies import limit_between
from kamplay.anonymous.secret import FACTOR, FACTOR_DIGITS, WEEKS, YEARS, Secret
from kamplay.anonymous.tables import scaled
from kamplay.book import TO_MICRO
from kamplay.errors import KamplayError

ONE, OTHER = Secret(b"1" * 32), Secret(b"2" * 32)


def test_one_key_gives_one_factor_and_one_code():
    assert Secret(b"1" * 32).factor == ONE.factor != OTHER.factor
    assert FACTOR[0] <= ONE.factor <= FACTOR[1]
    assert ONE.factor == round(ONE.factor, FACTOR_DIGITS)
    texts = [f"C{n:04d}" for n in range(3000)]
    codes = ONE.codes("account", texts, 3)
    assert codes == Secret(b"1" * 32).codes("account", reversed(texts), 3)
    assert len(set(codes.values())) == 3000
    assert set(codes.values()).isdisjoint(OTHER.codes("account", texts, 3).values())
    assert codes != ONE.codes("person", texts, 3)


def test_a_code_says_nothing_of_length_digits_or_order():
    texts = [str(10**n) for n in range(12)] + [f"{n:03d}" for n in range(500)]
    codes = ONE.codes("account", texts, 5)
    assert len({len(code) for code in codes.values()}) == 1
    ranks = np.argsort(np.argsort([codes[f"{n:03d}"] for n in range(500)]))
    assert abs(np.corrcoef(ranks, np.arange(500))[0, 1]) < 0.15  # 3.3 standard errors of no relation


def test_no_three_letters_stand_together_so_that_no_name_is_found_by_chance():
    codes = ONE.codes("account", map(str, range(2000)), 5).values()
    assert all(len(part) == 2 and not part[0].isdigit() for code in codes for part in code.split("-"))


def test_two_texts_never_share_a_code_even_where_codes_are_short():
    codes = ONE.codes("account", map(str, range(2000)), 1)  # 600 codes of one group
    assert len(set(codes.values())) == 2000


def test_the_calendar_repeats_after_the_move():
    days = np.arange("1930-01-01", "2099-12-31", 17, dtype="datetime64[D]")
    moved = days - np.timedelta64(7 * WEEKS, "D")  # whole weeks: weekdays stay
    for was, now in zip(map(str, days), map(str, moved), strict=True):
        assert (int(was[:4]) - YEARS, was[5:]) == (int(now[:4]), now[5:])
    shorter = [7 * weeks for weeks in range(1, WEEKS)]
    leap = np.datetime64("2024-02-29")
    assert not any(str(leap - np.timedelta64(d, "D"))[5:] == "02-29" for d in shorter)


def test_the_key_is_kept_for_its_owner_alone_and_never_over_another_file(tmp_path):
    file = tmp_path / "key"
    made = secret.new()
    before = os.umask(0)
    try:
        made.write(file)
    finally:
        os.umask(before)
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert secret.read(file).factor == made.factor
    with pytest.raises(OSError):
        secret.new().write(file)
    assert str(made.factor) not in repr(made)
    file.write_text("kamplay-key-1 beef\n")
    with pytest.raises(KamplayError, match="key_unreadable"):
        secret.read(file)


@given(
    st.lists(st.floats(1, 1e9), max_size=30),
    st.floats(1, 1e9),
    st.floats(*FACTOR),
    st.floats(0, 1),
    st.booleans(),
)
def test_a_limit_divides_the_scaled_amounts_as_it_divides_the_clients(amounts, limit, factor, place, reached):
    values = np.unique(np.round(amounts, 2))
    moved = limit_between(limit, values, factor, place, reached)
    above = values >= limit if reached else values > limit
    assert ((values * factor > moved) == above).all()


def test_a_limit_that_divides_them_already_stays_and_one_that_has_to_move_is_no_multiple():
    few = np.array([1.0, 1e6])
    assert limit_between(1e9, few, 0.5, 0.3) == 1e9
    assert limit_between(9e5, few, 0.5, 0.3) not in (9e5, 4.5e5)


@given(st.lists(st.integers(-(10**10), 10**10), min_size=1, max_size=30), st.binary(min_size=32, max_size=32))
def test_what_adds_up_in_cents_adds_up_in_the_copy(cents, key):
    """So that two accounts of equal revenue stay equal, and one that bought exactly half still does."""
    factor = Secret(key).factor
    lines, total = pd.Series(cents) / 100, pd.Series([sum(cents)]) / 100
    assert scaled(lines, factor).sum().round(TO_MICRO) == scaled(total, factor).iloc[0]
