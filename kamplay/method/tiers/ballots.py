"""Read the ballots on what makes an account key and on who is key: who weighs and names what, who differs,
what could not be used.

Everything but ``rounds`` and ``in_round`` takes the rows of one round. A ballot is read for its criterion (a
weight, or a rank) or for its account (nominated, or ranked); a row of a form that holds both is both. A
person is a name; a name that stands under two departments is two people. Whatever is not used is in
``unusable``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.presets.scorecard import Scorecard

_COLUMNS = ("rater", "department", "criterion", "account_id", "weight", "rank", "nominated")


class Furthest(NamedTuple):
    """The two departments furthest apart; ``department_a`` gives ``criterion`` more weight, by ``gap`` (a
    share, above 0).
    """

    department_a: str
    department_b: str
    criterion: str
    gap: float


def rounds(table: pd.DataFrame) -> list[int]:
    """List the rounds of voting, ascending; a blank cell, or no such column, is round 1."""
    return sorted({int(n) for n in _round_of(table)})


def in_round(table: pd.DataFrame, number: int) -> pd.DataFrame:
    """Take the ballots of one round."""
    return table[_round_of(table) == number]


def _round_of(table: pd.DataFrame) -> pd.Series:
    if "round" not in table:
        return pd.Series(1.0, index=table.index)
    return pd.to_numeric(table["round"], errors="coerce").astype("float64").fillna(1.0)


def with_criterion_keys(table: pd.DataFrame, card: Scorecard) -> pd.DataFrame:
    """Give criteria the card's keys where a form carried their labels."""
    if "criterion" not in table:
        return table
    keys = {label.strip().casefold(): key for key, c in card.criteria.items() for label in (c.zh, c.en, key)}
    given = table["criterion"].astype(object)
    return table.assign(
        criterion=given.map(lambda v: keys.get(str(v).strip().casefold(), v), na_action="ignore")
    )


# --- weights


def rater_weights(rows: pd.DataFrame, criteria: Sequence[str]) -> pd.DataFrame:
    """Take each rater's weights of the criteria.

    From the weights; from the ranks, as rank-order centroids, where a rater gave ranks only. A criterion left
    out counts 0 with a rater who gave at least half of them; others are left out.

    Parameters
    ----------
    rows : the ballots of one round.
    criteria : keys; a ballot's match whatever its case.

    Returns
    -------
    raters × criteria, shares that add up to 1 per rater.
    """
    given = _criterion_ballots(rows, criteria)
    used = given[given["why"].isna()]
    value = used["weight"].copy()
    for _, own in used[used["weight"].isna()].groupby("rater"):
        value[own.index] = rank_order_centroid(own["rank"].to_numpy())
    long = pd.DataFrame(
        {"rater": used["rater"].astype("str"), "key": used["key"], "value": value.astype("float64")}
    )
    wide = long.pivot(index="rater", columns="key", values="value")
    table = wide.reindex(index=long["rater"].unique(), columns=list(criteria)).fillna(0.0)
    return table.div(table.sum(axis=1), axis=0).rename_axis(index="rater", columns=None)


def rank_order_centroid(ranks: np.ndarray) -> np.ndarray:
    """Turn ranks (n,), 1 the most important, into weights (n,): w(r) = (1/n)·Σ 1/i over i = r … n (Barron &
    Barrett 1996).

    That is the mean of all weights in this order. Tied ranks share the weights of the places they take.
    """
    n = len(ranks)
    by_place = np.cumsum(1 / np.arange(n, 0, -1))[::-1] / n
    order = pd.Series(ranks).rank(method="first").to_numpy(dtype=int) - 1
    return pd.Series(by_place[order]).groupby(np.asarray(ranks)).transform("mean").to_numpy()


def weight_ranks(given: pd.DataFrame) -> pd.DataFrame:
    """Rank each rater's weights for Kendall's W, 1 the weightiest; equal weights share the mean of their
    ranks.
    """
    return given.round(9).rank(axis=1, ascending=False)


def department_weights(given: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Take each department's weights, the mean of its raters'.

    Parameters
    ----------
    given : raters × criteria, of ``rater_weights``.
    rows : the ballots of the same round; a rater without a department stands under the own name.

    Returns
    -------
    departments × criteria, shares that add up to 1 per department.
    """
    people = _read(rows).drop_duplicates("rater").set_index("rater")["department"]
    home = people.reindex(given.index)
    home = home.where(home.notna(), given.index.to_series()).rename("department")
    return given.groupby(home, sort=False).mean()


def latest_department_weights(book: Book, card: Scorecard) -> pd.DataFrame | None:
    """Take ``department_weights`` of the latest round with any; None without usable ballots."""
    if not book.has("ballots", "criterion"):
        return None
    table = with_criterion_keys(book.table("ballots"), card)
    for number in reversed(rounds(table)):
        rows = in_round(table, number)
        given = rater_weights(rows, list(card.criteria))
        if len(given):
            return department_weights(given, rows)
    return None


def mean_weights(departments: pd.DataFrame) -> pd.Series:
    """Take the mean over departments × criteria, one voice a department; it adds up to 1. Empty without
    departments.

    Not one voice per head: how many people of a department were asked is chance, and the definition has to be
    carried by every function that works with it. Sales, usually the most numerous, would otherwise settle it
    alone.
    """
    if departments.empty:
        return pd.Series(dtype="float64")
    mean = departments.mean()
    return (mean / mean.sum()).rename("weight")


def furthest_apart(departments: pd.DataFrame) -> Furthest | None:
    """Find the pair of departments that differs on the largest share of the weight (half the sum of absolute
    differences), and the criterion on which they differ most; None where none differ.
    """
    cells = departments.to_numpy(dtype=float)
    apart = np.abs(cells[:, None, :] - cells[None, :, :]).sum(axis=2) / 2
    apart = np.triu(apart.round(9))  # rounded, so that of equal pairs the first is taken
    if apart.size == 0 or apart.max() == 0:
        return None
    a, b = np.unravel_index(int(apart.argmax()), apart.shape)
    gaps = (departments.iloc[a] - departments.iloc[b]).round(9)
    criterion = str(gaps.abs().idxmax())
    more, less = (a, b) if gaps[criterion] > 0 else (b, a)
    names = [str(name) for name in departments.index[[more, less]]]
    return Furthest(names[0], names[1], criterion, float(abs(gaps[criterion])))


# --- nominations


def nominations(rows: pd.DataFrame, accounts: Sequence[str]) -> pd.DataFrame | None:
    """Count who was named, over every account that could be.

    Parameters
    ----------
    rows : the ballots of one round.
    accounts : the ids that could be named; a rater is who named at least one of them.

    Returns
    -------
    accounts × (nominated, not_nominated, raters), the first two as ``fleiss_kappa`` takes them; None where
    nobody named one.
    """
    named = _named(rows, accounts)
    if named.empty:
        return None
    raters = named["rater"].nunique()
    index = pd.Index(dict.fromkeys(accounts), name="account_id")
    count = named["account_id"].value_counts().reindex(index, fill_value=0).to_numpy()
    return pd.DataFrame({"nominated": count, "not_nominated": raters - count, "raters": raters}, index=index)


def nominated_by(rows: pd.DataFrame, accounts: Sequence[str] | None = None) -> pd.DataFrame:
    """Tell who stands behind each account named.

    Parameters
    ----------
    rows : the ballots of one round.
    accounts : where given, others are left out.

    Returns
    -------
    One row per account (index account_id), the most named first: raters (how many name it), mean_rank (among
    those who ranked it), departments and others (tuples: those with a rater who names it, and those that
    named
    accounts but not this one), share (of departments), contested (some name it and some do not).
    """
    named = _named(rows, accounts)
    named = named.assign(department=named["department"].fillna(named["rater"]))
    voters = list(dict.fromkeys(named["department"]))
    by = named.groupby("account_id")
    behind = by["department"].agg(lambda d: tuple(x for x in voters if x in set(d)))
    out = pd.DataFrame(
        {"raters": by["rater"].nunique(), "mean_rank": by["account_rank"].mean(), "departments": behind}
    )
    out["others"] = [tuple(x for x in voters if x not in d) for d in out["departments"]]
    out["share"] = out["departments"].map(len).astype("float64") / max(len(voters), 1)
    out["contested"] = out["others"].map(len).astype(int) > 0
    out = out.rename_axis("account_id").reset_index()
    order = out.sort_values(["raters", "mean_rank", "account_id"], ascending=[False, True, True])
    return order.set_index("account_id")


# --- what could not be used


def unusable(rows: pd.DataFrame, criteria: Sequence[str], accounts: Sequence[str]) -> pd.DataFrame:
    """List the ballots that were not used.

    Returns
    -------
    row (its label in ``rows``), rater, department, criterion, account_id, and why: no_rater · empty (neither
    criterion nor account) · unknown_criterion · unknown_account · no_value (no weight or rank; no nomination
    or rank) · repeated (a later ballot of this rater on the same counts) · incomplete (the rater gave fewer
    than half of the criteria) · all_zero (all weights of the rater are 0).
    """
    columns = ["row", "rater", "department", "criterion", "account_id", "why"]
    read = _read(rows)
    empty = read[read["criterion"].isna() & read["account_id"].isna()].assign(why="empty")
    weighed = _criterion_ballots(rows, criteria).assign(account_id=None)
    named = _account_ballots(rows, accounts).assign(criterion=None)
    parts = [part.loc[part["why"].notna(), columns].astype(object) for part in (empty, weighed, named)]
    found = pd.concat(parts, ignore_index=True)
    place = {label: n for n, label in enumerate(read["row"])}
    return found.sort_values("row", key=lambda r: r.map(place), kind="stable", ignore_index=True)


# --- reading


def _read(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with every column there, texts stripped and blank ones missing, and ``row``, their label;
    people told apart.
    """
    out = rows.reindex(columns=list(_COLUMNS)).reset_index(drop=True)
    out.insert(0, "row", list(rows.index))
    for column in ("rater", "department", "criterion", "account_id"):
        text = out[column].astype("string").str.strip()
        out[column] = text.mask(text == "").astype(object).where(lambda t: t.notna(), None)
    for column in ("weight", "rank"):
        number = pd.to_numeric(out[column], errors="coerce").astype("float64")
        out[column] = number.where(np.isfinite(number) & (number >= 0))
    out["nominated"] = out["nominated"].astype("boolean")
    own = out.groupby("rater")["department"]
    several = out["rater"].map(own.nunique()).fillna(0) > 1
    out["department"] = out["department"].where(
        out["department"].notna() | several, out["rater"].map(own.first())
    )
    apart = several & out["department"].notna()
    out.loc[apart, "rater"] = out.loc[apart, "rater"] + " (" + out.loc[apart, "department"] + ")"
    return out


def _criterion_ballots(rows: pd.DataFrame, criteria: Sequence[str]) -> pd.DataFrame:
    """The ballots on criteria with ``key`` (as the card writes it), ``weight`` or ``rank``, and ``why`` it is
    not used, or None.
    """
    out = _read(rows)
    out = out[out["criterion"].notna()].copy()
    out["key"] = out["criterion"].str.casefold().map({c.strip().casefold(): c for c in criteria})
    out["why"] = None
    _because(out, out["rater"].isna(), "no_rater")
    _because(out, out["key"].isna(), "unknown_criterion")
    weighs = out["rater"].isin(out.loc[out["why"].isna() & out["weight"].notna(), "rater"])
    # a rank beside weights is of the account in the same row, or says nothing more
    out["rank"] = out["rank"].where(~weighs)
    _because(out, out["weight"].isna() & out["rank"].isna(), "no_value")
    _because(out, _repeated(out, ["rater", "key"]), "repeated")
    by = out[out["why"].isna()].groupby("rater")
    _because(out, out["rater"].map(by["key"].nunique()) < len(criteria) / 2, "incomplete")
    _because(out, (out["rater"].map(by["weight"].sum(min_count=1)) == 0), "all_zero")
    return out


def _account_ballots(rows: pd.DataFrame, accounts: Sequence[str] | None) -> pd.DataFrame:
    """The ballots on accounts with ``account_rank``, ``nominated`` filled in, and ``why`` it is not used, or
    None.
    """
    out = _read(rows)
    out = out[out["account_id"].notna()].copy()
    # where the row is of a criterion without a weight, the rank is the criterion's
    out["account_rank"] = out["rank"].where(out["criterion"].isna() | out["weight"].notna())
    out["nominated"] = out["nominated"].mask(out["nominated"].isna() & out["account_rank"].notna(), True)
    out["why"] = None
    _because(out, out["rater"].isna(), "no_rater")
    if accounts is not None:
        _because(out, ~out["account_id"].isin(set(accounts)), "unknown_account")
    _because(out, out["nominated"].isna(), "no_value")
    _because(out, _repeated(out, ["rater", "account_id"]), "repeated")
    return out


def _named(rows: pd.DataFrame, accounts: Sequence[str] | None) -> pd.DataFrame:
    read = _account_ballots(rows, accounts)
    return read[read["why"].isna() & read["nominated"].fillna(False).astype(bool)]


def _because(ballots: pd.DataFrame, where: pd.Series, why: str) -> None:
    """Set ``why`` where it holds and nothing else was said before."""
    ballots.loc[where & ballots["why"].isna(), "why"] = why


def _repeated(ballots: pd.DataFrame, keys: list[str]) -> pd.Series:
    """Which of the ballots used so far a later one with the same keys replaces."""
    used = ballots[ballots["why"].isna()]
    return used.duplicated(keys, keep="last").reindex(ballots.index, fill_value=False)
