"""The decision chain of each unit: who is there, who went where, and who can introduce us."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from kamplay.book import Book
from kamplay.method.health.stakeholders import DECIDING
from kamplay.method.health.step import Health

CHAIN = [
    "unit_id",
    "contact_id",
    "home",
    "name",
    "title",
    "label",
    "layer",
    "role",
    "stance",
    "influence",
    "need",
    "style",
    "side",
    "reports_to",
    "gone",
    "confirmed",
    "assumed",
    "last",
]
MOVES = ["unit_id", "contact_id", "label", "other_id", "other_unit", "other_label", "left"]
DOORS = ["unit_id", "target", "target_label", "through", "through_label", "how"]
HOW = (
    "supporter",
    "superior",
    "moved",
)  # whom to ask: a supporter there, who the target reports to, a newcomer


def homes(book: Book) -> dict[str, str]:
    """contact_id → the account it was entered for, of accounts in groups; by units the head stands there."""
    if not book.has("contacts") or "parent_id" not in book.accounts:
        return {}
    parents = book.accounts["parent_id"].dropna()
    grouped = set(parents.index) | set(parents)
    rows = book.table("contacts").dropna(subset=["contact_id", "account_id"])
    rows = rows[rows["account_id"].isin(grouped)].drop_duplicates("contact_id")
    return dict(zip(rows["contact_id"], rows["account_id"], strict=True))


def chain(health: Health, home: Mapping[str, str]) -> pd.DataFrame:
    """Everybody known at each unit, as in ``Stakeholders.people``.

    Returns
    -------
    CHAIN, of each unit those where it is decided first, then by influence, who has left last; home is the
    account of the group at which the person is.
    """
    people = health.stakeholders.people
    if people.empty:
        return pd.DataFrame(columns=CHAIN)
    rows = people.rename_axis("contact_id").reset_index().rename(columns={"account_id": "unit_id"})
    rows["home"] = [
        home.get(contact, unit) for contact, unit in zip(rows["contact_id"], rows["unit_id"], strict=True)
    ]
    rank = rows["layer"].map({layer: place for place, layer in enumerate(DECIDING)}).fillna(len(DECIDING))
    rows = rows.assign(_rank=rank, _weight=-rows["influence"].fillna(0.0))
    rows = rows.sort_values(["unit_id", "gone", "_rank", "_weight"], kind="stable")
    return rows[CHAIN].reset_index(drop=True)


def moves(people: pd.DataFrame) -> pd.DataFrame:
    """People who left one unit and are, by their name, at another: to be confirmed, as a name is no proof.

    Parameters
    ----------
    people : see ``chain``.

    Returns
    -------
    MOVES, a row for each side: contact_id and label there, other_id, other_unit and other_label of the same
    name at the other unit, left (True where it left this one). Only where one left and one is there now.
    """
    if people.empty:
        return pd.DataFrame(columns=MOVES)
    gone = people["gone"].astype(bool)
    named = people["name"] != people["contact_id"]
    left, here = people[gone & named], people[~gone & named]
    left, here = (rows[~rows["name"].duplicated(keep=False)] for rows in (left, here))
    own = ["unit_id", "contact_id", "label"]
    both = left[[*own, "name"]].merge(here[[*own, "name"]], on="name", suffixes=("", "_now"))
    both = both[both["unit_id"] != both["unit_id_now"]]
    from_here = both.assign(
        other_id=both["contact_id_now"],
        other_unit=both["unit_id_now"],
        other_label=both["label_now"],
        left=True,
    )
    to_here = both.assign(
        unit_id=both["unit_id_now"],
        contact_id=both["contact_id_now"],
        label=both["label_now"],
        other_id=both["contact_id"],
        other_unit=both["unit_id"],
        other_label=both["label"],
        left=False,
    )
    return pd.concat([from_here, to_here], ignore_index=True)[MOVES]


def doors(health: Health, people: pd.DataFrame, moved: pd.DataFrame) -> pd.DataFrame:
    """Who can introduce us to whom we have to reach, see ``Stakeholders.relations``.

    Returns
    -------
    DOORS: target (missing where a layer or a newcomer has no name yet), through, and how (of HOW). Who left
    for another unit is named for that unit's own people.
    """
    relations = health.stakeholders.relations
    if people.empty or relations.empty:
        return pd.DataFrame(columns=DOORS)
    known = people.set_index("contact_id")
    rows = relations[["target", "introducer"]].rename_axis("unit_id").reset_index()
    label, superior = known["label"].to_dict(), known["reports_to"].to_dict()
    here = set(known.index[~known["gone"].astype(bool)])
    against = set(known.index[known["side"] == "opponent"])  # who is against us opens no door
    out = []
    for row in rows.itertuples():
        target = row.target if isinstance(row.target, str) else None
        asked = [(row.introducer, "supporter"), (superior.get(target) if target else None, "superior")]
        for through, how in dict(asked).items():
            if isinstance(through, str) and through in here - against and through != target:
                out.append((row.unit_id, target, label.get(target), through, label[through], how))
    for row in moved[~moved["left"].astype(bool)].itertuples():
        out.append((row.unit_id, None, None, row.contact_id, row.label, "moved"))
    return pd.DataFrame(out, columns=DOORS)
