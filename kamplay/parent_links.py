"""Links from a child to its parent, of accounts in a group or of people who report to one another: cycles,
and who stands on top.

Everybody has one parent at most, so that of accounts or people that are linked at all either one stands on
top or one cycle does. Time is linear in the links, however long a chain is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd


def links(children: Iterable[str], parents: Iterable[object]) -> dict[str, str]:
    """Child → parent, blanks left out; of a child that stands twice the first filled parent counts."""
    given = pd.DataFrame({"child": list(children), "parent": list(parents)}, dtype="object")
    given = given.dropna().drop_duplicates("child")
    return dict(zip(given["child"], given["parent"], strict=True))


def cycles(parent_of: Mapping[str, str]) -> list[list[str]]:
    """Find every cycle.

    Returns
    -------
    The ids on each cycle, each followed by its parent; who is its own parent is a cycle of one. A cycle
    starts
    with its id that stands first in ``parent_of``, and cycles come in that order.
    """
    place = {child: number for number, child in enumerate(parent_of)}
    found = []
    for _, cycle in _families(parent_of):
        if cycle:
            turn = cycle.index(min(cycle, key=place.__getitem__))
            found.append(cycle[turn:] + cycle[:turn])
    return sorted(found, key=lambda cycle: place[cycle[0]])


def tops(parent_of: Mapping[str, str]) -> dict[str, str]:
    """Who stands on top of each child and parent.

    Those on a cycle, and those below it, have the smallest id on the cycle on top.
    """
    out: dict[str, str] = {}
    for family, cycle in _families(parent_of):
        top = min(cycle) if cycle else next(one for one in family if one not in parent_of)
        out |= dict.fromkeys(family, top)
    return out


def _families(parent_of: Mapping[str, str]) -> list[tuple[set[str], list[str]]]:
    """All that are linked with one another, and the cycle on which they stand, empty where one stands on
    top."""
    families: list[tuple[set[str], list[str]]] = []
    family_of: dict[str, int] = {}
    for here in parent_of:
        way: dict[str, int] = {}  # up from here, to whoever has been met or has no parent
        while here not in family_of and here not in way:
            way[here] = len(way)
            here = parent_of.get(here, here)
        if here not in family_of:  # a family of its own, met at its top or where its cycle closes
            cycle = list(way)[way[here] :] if here in parent_of else []
            families.append((set(), cycle))
        number = family_of.get(here, len(families) - 1)
        families[number][0].update(way)
        family_of |= dict.fromkeys(way, number)
    return families
