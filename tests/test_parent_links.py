"""Links from children to parents: cycles and tops by hand, on long chains and on random links."""

import numpy as np
import pytest

from kamplay.parent_links import cycles, links, tops


def test_links_leave_blanks_out_and_keep_the_first_filled_parent():
    assert links(["a", "b", "b", "b", None], [None, None, "c", "d", "e"]) == {"b": "c"}


def test_tops_by_hand():
    """a ← b ← c, two below the cycle k → z → m → k, and one who is its own parent."""
    parent_of = {"c": "b", "b": "a", "k": "z", "z": "m", "m": "k", "n": "m", "o": "n", "s": "s", "t": "s"}
    assert tops(parent_of) == {
        "a": "a",
        "b": "a",
        "c": "a",
        "k": "k",
        "z": "k",
        "m": "k",
        "n": "k",
        "o": "k",
        "s": "s",
        "t": "s",
    }
    assert cycles(parent_of) == [["k", "z", "m"], ["s"]]


@pytest.mark.parametrize("length", [1, 2, 50_000])
def test_cycles_of_any_length_with_chains_that_lead_in(length):
    parent_of = {f"n{k}": f"n{(k + 1) % length}" for k in range(length)} | {"in1": "in2", "in2": "n0"}
    assert cycles(parent_of) == [[f"n{k}" for k in range(length)]]
    assert set(tops(parent_of).values()) == {"n0"}


@pytest.mark.parametrize("size", [1, 2, 3, 17, 60])
def test_random_links_against_walking_each_chain(size):
    rng = np.random.default_rng(size)
    ids = [f"p{i:02d}" for i in range(size)]
    parent_of = {one: ids[i] for one, i in zip(ids, rng.integers(-1, size, size), strict=True) if i >= 0}
    found, top_of = cycles(parent_of), tops(parent_of)
    on_cycle = {one for cycle in found for one in cycle}
    for one in ids:
        here, seen = one, []
        while here in parent_of and here not in seen:
            seen.append(here)
            here = parent_of[here]
        again = seen[seen.index(here) :] if here in seen else []
        assert top_of.get(one, one) == (min(again) if again else here)
        assert (one in on_cycle) == (one in again)
