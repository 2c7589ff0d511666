"""The units of step 1 with everything that is said of each: tier, how firm, held or kept, set by hand, open or beyond doubt."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method import measures
from kamplay.method.rating import Rating

FIRM = 0.7  # below this probability of its tier an account is borderline
KEY = ["S", "A"]
OVERRIDES = ["tier", "by_rule", "reason", "by", "expires", "state"]


def rated_units(rating: Rating) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The units (index: the id of the head) with their tiers, overrides applied; and every override with its ``state``.

    ``state``: applied, expired, superseded (another of the same group applies), or unusable (a tier or an account that the card or the
    client does not have).
    """
    card, index, rules = rating.card, rating.points.index, rating.rules
    firm = rating.firmness()
    names = np.array([*rating.points.columns, None], dtype=object)
    capped = np.maximum(rating.unbound, rules.ceiling)  # a gate or a safeguard counts where it changes something
    levels = {t.key: t.level for t in card.tiers}
    out = pd.DataFrame(
        {
            "members": rating.heads.value_counts().reindex(index).fillna(1).astype(int),
            "revenue": measures.revenue(rating.book),
            "tier_score": np.floor(np.round(rating.scores, 6) * 100) / 100,
            "tier": rating.tiers(),
            "tier_probability": np.round(firm.probability, 3),
            "key_probability": np.round(firm.chances[:, [t.level in KEY for t in card.tiers]].sum(axis=1), 3),
            "by_weights": np.round(firm.by_weights, 3),
            "by_data": np.round(firm.by_data, 3),
            "doubt": names[firm.driver],
            "gate": rules.gate.where((capped > rating.unbound) & (rating.position > rating.unbound), None),
            "safeguard": rules.safeguard,
            "kept": rating.position < capped,
            "override": pd.Series(None, index=index, dtype=object),
        },
        index=index,
    )
    out["blank"] = _blank(rating)
    out.loc[out["blank"], ["tier_probability", "key_probability", "by_weights", "by_data"]] = np.nan  # nothing known is nothing sure
    overrides = _overrides(rating)
    live = overrides[overrides["state"] == "applied"]
    out.loc[live.index, "tier"] = live["tier"]
    out.loc[live.index, "override"] = live["reason"]
    out.loc[live.index, ["tier_probability", "key_probability", "by_weights", "by_data"]] = np.nan  # set by hand: no weight decides it
    out["level"] = out["tier"].map(levels)
    return out.join(_beside(rating.book)), overrides


def _blank(rating: Rating) -> np.ndarray:
    """Units of which nothing is known that the card asks for, or nothing on one of the matrix's axes."""
    known = rating.points.notna()
    if rating.card.matrix is None:
        return ~known.any(axis=1).to_numpy()
    branch = rating.card.branch_of()
    axes = [[c for c in known if branch[c] == key] for key in (rating.card.matrix.first, rating.card.matrix.second)]
    return ~(known[axes[0]].any(axis=1) & known[axes[1]].any(axis=1)).to_numpy()


def _overrides(rating: Rating) -> pd.DataFrame:
    if not rating.book.has("overrides", "tier"):
        return pd.DataFrame(columns=OVERRIDES, index=pd.Index([], name="account_id", dtype="str"))
    # of a group's several the one to prefer stands first
    rows = rating.book.table("overrides").dropna(subset=["tier"]).set_index("account_id")
    ends = rows["expires"] if "expires" in rows else pd.Series(pd.NaT, index=rows.index)
    usable = rows.index.isin(rating.points.index) & rows["tier"].isin([t.key for t in rating.card.tiers])
    over = ends < pd.Timestamp(rating.book.as_of)
    first = pd.Series(usable & ~over, index=rows.index).groupby(level=0).cumsum() == 1
    state = np.select([~usable, over, ~first], ["unusable", "expired", "superseded"], "applied")
    expires = ends.dt.strftime("%Y-%m-%d").astype(object).where(ends.notna(), None)
    return rows.assign(by_rule=rating.tiers().reindex(rows.index), expires=expires, state=state).reindex(columns=OVERRIDES)


def _beside(book: Book) -> pd.DataFrame:
    """What a reader asks next of an account: margin_share, growth, overdue (missing where unknown), owner."""
    revenue = measures.revenue(book)
    owed = measures.overdue(book)
    return pd.DataFrame(
        {
            "margin_share": measures.margin_share(book),
            "growth": measures.growth(book),
            "overdue": np.nan if owed is None else owed["overdue"].reindex(revenue.index),
            "owner": book.accounts.get("owner"),
        },
        index=revenue.index,
    )


def still_open(rated: pd.DataFrame, disputed: pd.DataFrame) -> pd.Series:
    """Why it is not settled whether a unit is key, as codes joined by ``;``; empty where it is, or was set by hand.

    ``weights``, ``data``: it would be key in between 30 and 70 % of the draws, and other weights, or a slightly different year, are
    what moves it. ``departments``: by some departments' own weights it is key, by others' not. ``votes``: not key, and yet named
    by at least half of the departments that named any.
    """
    edge = rated["key_probability"].between(1 - FIRM, FIRM)
    by_weights, by_data = edge & (rated["by_weights"] < FIRM), edge & (rated["by_data"] < FIRM)
    neither = edge & ~by_weights & ~by_data
    codes = {"weights": by_weights | neither, "data": by_data | neither}
    if len(disputed):
        seen = disputed.reindex(rated.index)
        codes["departments"] = (seen["key_by"] > 0) & (seen["key_by"] < seen["departments"])
        codes["votes"] = ~rated["level"].isin(KEY) & (seen["voters"] > 0) & (seen["named_by"] >= seen["voters"] / 2)
    live = rated["override"].isna() & (rated["revenue"] > 0)
    said = pd.DataFrame(
        {code: np.where(live & holds.fillna(False).astype(bool), code, "") for code, holds in codes.items()}, index=rated.index
    )
    return (
        said.apply(lambda row: ";".join(code for code in row if code), axis=1)
        if len(said)
        else pd.Series("", index=rated.index, dtype=object)
    )
