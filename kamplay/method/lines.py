"""Reporting lines between persons: circles in them, and who of our supporters stands nearest to a person to be reached."""

from __future__ import annotations

import numpy as np
import pandas as pd


def broken(lines: pd.Series, influence: pd.Series) -> set[str]:
    """The persons whose line upward is to be cut so that no circle is left: of each circle the most influential, who then stands on top.

    ``lines``: contact_id → contact_id above, None at the top; every one above is in the index.
    """
    place = pd.Series(np.arange(len(lines)), index=lines.index)
    above = lines.map(place).fillna(-1).to_numpy(dtype=int)
    ends = above.copy()
    for _ in range(max(1, int(np.ceil(np.log2(len(lines) + 1))))):  # each turn doubles the steps taken upward
        ends = np.where(ends >= 0, ends[ends], -1)
    cut: set[str] = set()
    done: set[int] = set()
    for start in np.flatnonzero(ends >= 0):  # those that never come to a top: in a circle or below one
        path: list[int] = []
        here = int(start)
        while here not in done and here not in path:
            path.append(here)
            here = int(above[here])
        if here not in done:
            circle = path[path.index(here) :]
            top = max(circle, key=lambda i: (influence.iloc[i], -i))
            cut.add(str(lines.index[top]))
        done.update(path)
    return cut


def reached(relations: pd.DataFrame, people: pd.DataFrame, here: pd.DataFrame) -> pd.Series:
    """For each account the contact_id of the person who opens the door to ``target``: None where nobody present supports us.

    Nearest first (reports to the target, or the target to them; two steps up; elsewhere), then stance, then influence.
    In a single thread by visits the one known person stands in where nobody supports us.
    """
    friends = here[here["side"] == "supporter"][["contact_id", "account_id", "reports_to", "stance", "influence"]]
    friends = friends.assign(target=friends["account_id"].map(relations["target"]))
    friends = friends[friends["contact_id"] != friends["target"]]
    up = people["reports_to"]
    higher = friends["reports_to"].map(up)
    below = friends["target"].map(up)
    has = friends["target"].notna()
    near = np.select(
        [has & ((friends["reports_to"] == friends["target"]) | (below == friends["contact_id"])), has & (higher == friends["target"])],
        [0, 1],
        2,
    )
    ranked = friends.assign(near=near, influence=friends["influence"].fillna(0)).sort_values(
        ["near", "stance", "influence"], ascending=[True, False, False], kind="stable"
    )
    best = ranked.groupby("account_id")["contact_id"].first().reindex(relations.index).astype(object)
    alone = relations["one"].where((relations["thread"] == "visits") & ~relations["one"].map(people["gone"]).fillna(True).astype(bool))
    alone = alone.where(alone != relations["target"])
    best = best.where(best.notna(), alone)
    return best.where(best.notna(), None)
