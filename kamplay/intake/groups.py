"""Who stands above whom: parents of accounts and superiors of contacts that are unknown, or lead back to where they began."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd


def unknown_above(above: pd.Series, known: set[str]) -> pd.Series:
    """Mask of the filled cells that name nobody known."""
    return above.notna() & ~above.isin(known)


def cycles(ids: pd.Series, above: pd.Series) -> list[list[str]]:
    """Every cycle as the ids on it, each pointing to the next and the last to the first; a cycle of one is its own parent.

    A cycle starts with its id that stands first in ``ids``; cycles come in that order. Where an id stands twice its
    first filled entry counts. Every id is visited once, so a chain of any length takes linear time.
    """
    given = pd.DataFrame({"id": ids, "above": above}).dropna().drop_duplicates("id")
    leads: Mapping[str, str] = dict(zip(given["id"], given["above"], strict=True))
    order = {name: k for k, name in enumerate(leads)}
    walk_of: dict[str, int] = {}
    found = []
    for walk, start in enumerate(leads):
        path: list[str] = []
        here: str | None = start
        while here is not None and here in leads and here not in walk_of:
            walk_of[here] = walk
            path.append(here)
            here = leads[here]
        if here is not None and walk_of.get(here) == walk:  # came back to its own steps
            loop = path[path.index(here) :]
            turn = loop.index(min(loop, key=order.__getitem__))
            found.append(loop[turn:] + loop[:turn])
    return sorted(found, key=lambda loop: order[loop[0]])
