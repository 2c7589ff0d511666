"""A benchmark of many clients, attacked: whoever sees every edition, knows who is in which group, and knows
the figures of three clients besides, must not find the figure of a fourth.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kamplay.method.benchmark import ALL, MEASURES, Edition, Group, K, Kept, Member, places, publish, size_of

NAME = "gini"
Version = tuple[str, float]  # a client and its figure at one time


def member(client: str, figure: float, industry: str = "devices", size: str = "below_50") -> Member:
    return Member(client, industry, size, {NAME: figure})


def marked(client: str, measure: str, figure: float) -> str:
    return f"{figure:.9f}"


@dataclass
class Watcher:
    """The attacker: every published mean as a row over the (client, figure) that it is a mean of.

    ``same`` takes a client's figures of all times for one, as one may who thinks that they hardly change.
    """

    same: bool = False
    rows: list[frozenset[Version]] = field(default_factory=list)

    def see(self, edition: Edition) -> None:
        for one in edition.kept:
            row = frozenset((c, 0.0 if self.same else float(mark)) for c, mark in one.figures.items())
            if row not in self.rows:
                self.rows.append(row)

    def finds(self, known: Sequence[str]) -> set[str]:
        """The clients one of whose figures follows from the rows and from all figures of ``known`` ones."""
        unknown = sorted({v for row in self.rows for v in row if v[0] not in known})
        if not unknown:
            return set()
        place = {v: n for n, v in enumerate(unknown)}
        table = np.zeros((len(self.rows), len(unknown)))
        for n, row in enumerate(self.rows):
            for v in row:
                if v in place:
                    table[n, place[v]] = 1.0
        rank = np.linalg.matrix_rank(table)
        return {
            client
            for (client, _), n in place.items()
            if np.linalg.matrix_rank(np.vstack([table, np.eye(len(unknown))[n]])) == rank
        }

    def finds_with_any_three(self, clients: Sequence[str]) -> set[str]:
        found = self.finds(())
        for known in itertools.combinations(clients, K - 2):
            found |= self.finds(known)
        return found


def cell_means(members: Sequence[Member]) -> Edition:
    """What anyone would do first: the mean of whoever is there, where they are five."""
    if len(members) < K:
        return Edition()
    group = Group(NAME, ALL, ALL, len(members), 0.0, "")
    return Edition((Kept(group, {m.client: marked(m.client, NAME, m.figures[NAME]) for m in members}),))


def history(steps: Sequence[dict[str, float]], make: Callable, same: bool) -> Watcher:
    watcher, edition = Watcher(same), Edition()
    for day, clients in enumerate(steps):
        members = [member(c, f) for c, f in clients.items()]
        edition = make(members, edition, str(day))
        watcher.see(edition)
    return watcher


def ours(members, before, day):
    return publish(members, before, marked, day)


def naive(members, before, day):
    return cell_means(members)


FIGURES = {f"c{n}": 0.30 + 0.041 * n for n in range(12)}


def without(*clients: str, of: dict[str, float] = FIGURES) -> dict[str, float]:
    return {c: f for c, f in of.items() if c not in clients}


LEFT_OUT_AND_IN = [FIGURES, without("c3"), FIGURES, without("c3"), {**without("c3"), "d": 0.5}]


@pytest.mark.parametrize("same", [False, True])
def test_leaving_a_client_out_and_in_tells_nothing(same):
    """The client's figure follows at once from plain means of the cell, and never from what is published."""
    assert "c3" in history(LEFT_OUT_AND_IN, naive, same).finds(())
    assert history(LEFT_OUT_AND_IN, ours, same).finds_with_any_three(list(FIGURES)) == set()


def test_the_figure_that_plain_means_give_away_is_the_right_one():
    """The attack in numbers, to see that it is one: n·mean − (n−1)·mean without the client."""
    whole, less = list(FIGURES.values()), list(without("c3").values())
    assert np.mean(whole) * 12 - np.mean(less) * 11 == pytest.approx(FIGURES["c3"])
    first = publish([member(c, f) for c, f in FIGURES.items()], Edition(), marked, "0")
    second = publish([member(c, f) for c, f in without("c3").items()], first, marked, "1")
    gone = [k for k in first.kept if "c3" in k.figures]
    assert len(gone) == 1
    assert list(second.kept) == [k for k in first.kept if k not in gone]
    others = {c for k in second.kept for c in k.figures}
    assert not others & set(gone[0].figures)  # the rest of its group is told nowhere


@pytest.mark.parametrize("same", [False, True])
def test_newcomers_one_at_a_time_tell_nothing(same):
    steps = [{f"c{n}": 0.2 + 0.05 * n for n in range(count)} for count in range(3, 17)]
    assert history(steps, naive, same).finds(()) >= {"c5", "c9", "c15"}
    watcher = history(steps, ours, same)
    assert watcher.rows
    assert watcher.finds_with_any_three([f"c{n}" for n in range(16)]) == set()


def test_all_figures_move_a_little_and_one_comes():
    """Where figures hardly change, the mean with a newcomer less the mean before would be the newcomer."""
    moved = {c: f + 0.0001 for c, f in FIGURES.items()}
    steps = [FIGURES, {**moved, "new": 0.9}]
    assert "new" in history(steps, naive, True).finds(())
    watcher = history(steps, ours, True)
    assert watcher.finds_with_any_three([*FIGURES, "new"]) == set()


def test_one_figure_that_changes_is_not_told_by_its_group():
    first = publish([member(c, f) for c, f in FIGURES.items()], Edition(), marked, "0")
    one = publish([member(c, f) for c, f in {**FIGURES, "c3": 0.9}.items()], first, marked, "1")
    assert one.kept == first.kept
    all_ = publish([member(c, f * 0.9) for c, f in FIGURES.items()], first, marked, "2")
    assert {k.group.edition for k in all_.kept} == {"2"}
    assert [set(k.figures) for k in all_.kept] == [set(k.figures) for k in first.kept]


CLIENTS = [f"c{n}" for n in range(14)]
quarter = st.dictionaries(
    st.sampled_from(CLIENTS), st.sampled_from([0.11, 0.23, 0.37, 0.52, 0.68, 0.81, 0.93]), min_size=4
)


@given(st.lists(quarter, min_size=2, max_size=6), st.booleans())
def test_no_history_of_comings_and_goings_tells_a_figure(steps, same):
    watcher = history(steps, ours, same)
    assert watcher.finds(()) == set()
    for known in [CLIENTS[:3], CLIENTS[3:6], CLIENTS[6:9], CLIENTS[9:12], ["c1", "c7", "c13"]]:
        assert watcher.finds(known) == set()


@given(st.lists(quarter, min_size=1, max_size=6))
def test_groups_that_differ_differ_by_five(steps):
    rows = history(steps, ours, True).rows
    assert all(len(row) >= K for row in rows)
    for first, second in itertools.combinations(rows, 2):
        assert len(first ^ second) >= K


# --- what a mean tells though nobody subtracts


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ([0.5] * 6, "all alike"),
        ([0.501, 0.502, 0.503, 0.504, 0.505], "alike when rounded"),
        ([0.0, 0.0, 0.0, 0.0, 0.02], "all at the end of the scale"),
        ([1.0, 1.0, 1.0, 0.999, 0.97], "all at the other end"),
        ([0.001, 0.001, 0.001, 0.001, 0.9], "one makes the sum"),
        ([0.2, 0.4, 0.6, 0.8], "four"),
    ],
)
def test_a_group_that_tells_is_held_back(values, why):
    made = publish([member(f"c{n}", v) for n, v in enumerate(values)], Edition(), marked, "0")
    assert (made.kept, made.waiting) == ((), {NAME: len(values)}), why


def test_means_by_hand_and_rounded():
    """Ten clients: the five lower and the five higher, .14 and .64; 0.123 is rounded away."""
    values = [0.10, 0.123, 0.14, 0.16, 0.18, 0.50, 0.60, 0.65, 0.70, 0.75]
    made = publish([member(f"c{n}", v) for n, v in enumerate(values)], Edition(), marked, "2026-06-30")
    told = [(k.group.count, k.group.mean, k.group.industry, k.group.size) for k in made.kept]
    assert told == [(5, 0.14, "devices", "below_50"), (5, 0.64, "devices", "below_50")]


def test_who_is_too_few_in_a_cell_stands_in_a_wider_one():
    members = [member(f"a{n}", 0.2 + n / 20, "devices", "below_50") for n in range(3)]
    members += [member(f"b{n}", 0.3 + n / 20, "devices", "50_to_199") for n in range(2)]
    members += [member(f"d{n}", 0.4 + n / 20, "chemicals", "below_50") for n in range(4)]
    members += [member("e", 0.5, ALL, "below_50")]
    made = publish(members, Edition(), marked, "0")
    assert [(k.group.industry, k.group.size, k.group.count) for k in made.kept] == [
        (ALL, ALL, 5),
        ("devices", ALL, 5),
    ]
    assert not made.waiting


def test_the_place_of_a_client_among_groups():
    groups = [
        Group(NAME, "devices", "below_50", 5, 0.2, "2026-03-31"),
        Group(NAME, "devices", "below_50", 6, 0.5, "2026-06-30"),
        Group(NAME, "devices", "50_to_199", 7, 0.4, "2026-06-30"),
        Group(NAME, "chemicals", "below_50", 8, 0.9, "2026-06-30"),
        Group("nrr", "devices", "below_50", 5, 1.0, "2026-06-30"),
    ]
    told = places({NAME: 0.45}, "devices", "below_50", groups)
    assert [(p.clients, p.groups, p.below, p.low, p.high, p.edition) for p in told] == [
        (11, 2, 1, 0.2, 0.5, "2026-06-30")
    ]
    (wider,) = places({NAME: 0.45}, "devices", "1000_and_more", groups)
    assert (wider.clients, wider.groups, wider.below, wider.size) == (18, 3, 2, ALL)
    (all_,) = places({NAME: 0.95}, "shoes", "below_50", groups)
    assert (all_.clients, all_.below, all_.industry) == (26, 4, ALL)
    assert places({"gini": float("nan"), "win_rate": 0.3}, "devices", "below_50", groups) == []


@pytest.mark.parametrize(
    ("accounts", "size"),
    [(1, "below_50"), (49, "below_50"), (50, "50_to_199"), (999, "200_to_999"), (1000, "1000_and_more")],
)
def test_sizes_by_accounts(accounts, size):
    assert size_of(accounts) == size


def test_every_measure_is_grouped_for_itself():
    members = [
        Member(
            f"c{n}", "devices", "below_50", dict.fromkeys(MEASURES, 0.2 + n / 20) | {"days_overdue": 10.0 * n}
        )
        for n in range(10)
    ]
    made = publish(members, Edition(), marked, "0")
    measures = {k.group.measure for k in made.kept}
    assert measures == set(MEASURES) - {"accounts_for_80"}  # whose figures here are below one account
