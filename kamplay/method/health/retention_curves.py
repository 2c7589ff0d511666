"""How long accounts stay: Kaplan–Meier from a landmark on, by size and segment, and what makes stopping more
likely (Cox).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.measures.buying_rhythm import buying_rhythm
from kamplay.method.results import Findings
from kamplay.method.stats.survival import cox, kaplan_meier, log_rank, proportional

FOLLOWED = (730, 365)  # days of follow-up: two years where the history allows, else one
# stopped accounts needed for each term of the Cox model, the usual rule (Peduzzi et al. 1995)
EVENTS_PER_TERM = 10
MOST_FITTED = 10_000  # accounts the Cox model is fitted on at most: beyond, an even sample by account number
GROUP_LEAST = 10  # accounts of a group that is told apart
TENURE_FROM = pd.Timedelta(days=1095)
DISTINCT = 0.05
LEANING = 0.1  # difference of two shares that a reader sees in the chart
ALIKE = 1e-9  # the spread that rounding alone gives a term in which all accounts are alike
POINTS = 25  # of a curve as kept: more would only make the drawing heavier
LEVELS = ("S", "A", "B", "C")
SEGMENTS = ("nature", "industry", "region")
CURVE = ["kind", "group", "days", "surviving", "low", "high", "accounts", "events"]
TERMS = ["term", "ratio", "low", "high", "p_value"]


@dataclass(frozen=True)
class RetentionCurves:
    """``curves``: kind (all, level, or a column of accounts), group, days since the landmark, surviving share
    with its 95 % interval, and the accounts and events of the group. ``terms``: hazard ratio per term with
    its 95 % interval, empty where events are too few. ``figures``: landmark, stopped, tests.
    """

    curves: pd.DataFrame
    terms: pd.DataFrame
    figures: dict[str, Any]


def retention_curves(book: Book, horizon: int, levels: pd.Series | None = None) -> RetentionCurves:
    """Follow the accounts that were buying one or two years ago until they stopped or the data end.

    Stopped: no purchase for ``horizon`` days, dated at the day on which that became true. Groups are formed
    from what was known at the landmark: size by the revenue of the 12 months before it (the largest, as many
    as hold level S today, and so on; ``levels``: account → level), never by today's tier, which already knows
    who left.
    """
    empty = RetentionCurves(pd.DataFrame(columns=CURVE), pd.DataFrame(columns=TERMS), {})
    followed = _followed(book, horizon)
    if followed is None:
        return empty
    landmark = book.seen_to - pd.Timedelta(days=followed)
    lives = lifetimes(book.days, landmark, book.seen_to, horizon)
    if len(lives) < GROUP_LEAST:
        return empty
    past = _at_landmark(book, lives.index, landmark)
    groups = {"all": pd.Series("all", index=lives.index)}
    if levels is not None:
        groups["level"] = _sizes(past["revenue"], levels)
    groups |= {name: book.accounts[name].reindex(lives.index) for name in SEGMENTS if name in book.accounts}
    curves, tests = [], {}
    for kind, group in groups.items():
        known = group[group.isin(group.value_counts()[lambda n: n >= GROUP_LEAST].index)].astype(str)
        if kind != "all" and known.nunique() < 2:
            continue
        curves += [
            _curve(kind, name, lives.loc[index])
            for name, index in sorted(known.groupby(known).groups.items())
        ]
        if kind != "all":
            known_lives = lives.loc[known.index]
            tests[kind] = log_rank(known_lives["days"], known_lives["stopped"], known)
    terms, checked = _cox(lives, past)
    figures = {
        "landmark": str(landmark.date()),
        "followed": followed,
        "horizon": horizon,
        "accounts": len(lives),
        "events": int(lives["stopped"].sum()),
        "tests": tests,
        "proportional": checked,
    }
    return RetentionCurves(pd.concat(curves, ignore_index=True), terms, figures)


def lifetimes(days: pd.DataFrame, landmark: pd.Timestamp, end: pd.Timestamp, horizon: int) -> pd.DataFrame:
    """Per account that had bought in the ``horizon`` days to ``landmark``: ``days`` from the landmark until
    it stopped, or until ``end``, and ``stopped``. ``days``: account_id, date, bought.
    """
    bought = days[days["bought"] & (days["date"] <= end)].sort_values(["account_id", "date"])
    after = bought.groupby("account_id")["date"].shift(-1)
    silent = bought["date"] + pd.Timedelta(
        days=horizon
    )  # the day on which silence is plain, unless a purchase came before
    plain = (after.isna() | (after > silent)) & (silent > landmark) & (silent <= end)
    first = silent[plain].groupby(bought.loc[plain, "account_id"]).min()
    buying = bought[(bought["date"] <= landmark) & (bought["date"] > landmark - pd.Timedelta(days=horizon))][
        "account_id"
    ].unique()
    stop = first.reindex(pd.Index(sorted(buying), name="account_id"))
    return pd.DataFrame({"days": (stop.fillna(end) - landmark).dt.days, "stopped": stop.notna()})


def add_findings(found: Findings, result: RetentionCurves) -> None:
    """How many stay, whether size or segment tells them apart, what goes with stopping."""
    figures, curves = result.figures, result.curves
    if curves.empty:
        found.add("survive_unknown", "note", "ask_for_history")
        return
    whole = _at(curves[curves["kind"] == "all"], 365)
    base = {k: figures[k] for k in ("landmark", "horizon", "accounts", "events", "followed")}
    found.add("survive_all", "note", **base, year=whole["surviving"], low=whole["low"], high=whole["high"])
    for kind, p_value in figures["tests"].items():
        rows = {name: _at(curve, 365) for name, curve in curves[curves["kind"] == kind].groupby("group")}
        best, worst = (pick(rows, key=lambda name: rows[name]["surviving"]) for pick in (max, min))
        said: dict[str, Any] = {
            "best": best,
            "worst": worst,
            "best_share": rows[best]["surviving"],
            "worst_share": rows[worst]["surviving"],
        }
        said |= {"best_accounts": int(rows[best]["accounts"]), "worst_accounts": int(rows[worst]["accounts"])}
        if p_value is not None and p_value < DISTINCT / max(
            len(figures["tests"]), 1
        ):  # Bonferroni: as many looks as groupings
            found.add(f"survive_{kind}", "watch", "look_at_worst", **said, p_value=p_value)
    if (
        not any(f"survive_{kind}" in {f.kind for f in found} for kind in figures["tests"])
        and figures["tests"]
    ):
        _alike(found, curves, figures)
    for term in result.terms[result.terms["p_value"] < DISTINCT / max(len(result.terms), 1)].itertuples():
        found.add(f"hazard_{term.term}", "note", None, (), ratio=term.ratio, low=term.low, high=term.high)
    if result.terms.empty:
        stayed = figures["accounts"] - figures["events"]
        if min(figures["events"], stayed) < EVENTS_PER_TERM:
            found.add("hazard_few", "note", events=figures["events"], stayed=stayed, needed=EVENTS_PER_TERM)
        else:
            found.add("hazard_unsettled", "note", accounts=figures["accounts"])


def _alike(found: Findings, curves: pd.DataFrame, figures: dict[str, Any]) -> None:
    """No grouping tells apart for certain; where the curves by size still lie apart, how easily chance does
    that.
    """
    p_value = figures["tests"].get("level")
    ends = {name: curve.iloc[-1] for name, curve in curves[curves["kind"] == "level"].groupby("group")}
    if p_value is None or not ends:
        found.add("survive_alike", "note", kinds=len(figures["tests"]))
        return
    best, worst = (pick(ends, key=lambda name: ends[name]["surviving"]) for pick in (max, min))
    shares = {"best_share": ends[best]["surviving"], "worst_share": ends[worst]["surviving"]}
    if shares["best_share"] - shares["worst_share"] < LEANING:
        found.add("survive_alike", "note", kinds=len(figures["tests"]))
        return
    said = {
        "best": best,
        "worst": worst,
        "best_accounts": int(ends[best]["accounts"]),
        "followed": figures["followed"],
        **shares,
    }
    looks = len(figures["tests"])
    found.add("survive_leaning", "note", p_value=min(p_value * looks, 1.0), kinds=looks, **said)  # Bonferroni


def _followed(book: Book, horizon: int) -> int | None:
    first = book.days.loc[book.days["bought"], "date"].min()
    known = (book.seen_to - first).days if pd.notna(first) else 0
    return next((days for days in FOLLOWED if known >= days + horizon and days > horizon), None)


def _at_landmark(book: Book, index: pd.Index, landmark: pd.Timestamp) -> pd.DataFrame:
    """What was known then: revenue of the 365 days before, lateness, buying days, years since the first
    purchase; these are left open where the record begins less than TENURE_FROM days before, as most
    accounts would seem to be as old as the record.
    """
    days = book.days[
        (book.days["date"] <= landmark) & (book.days["date"] > landmark - pd.Timedelta(days=365))
    ]
    seen = buying_rhythm(book.days, landmark).reindex(index)
    return pd.DataFrame(
        {
            "revenue": days.groupby("account_id")["amount"].sum().reindex(index).fillna(0.0),
            "lateness": seen["lateness"],
            "buys": days[days["bought"]].groupby("account_id").size().reindex(index).fillna(0),
            "tenure": (landmark - seen["first"]).dt.days / 365.25
            if landmark - book.days["date"].min() >= TENURE_FROM
            else 0.0,
        }
    )


def _sizes(revenue: pd.Series, levels: pd.Series) -> pd.Series:
    """The largest accounts of the landmark, as large a part of them as each level holds of today's rated
    accounts.
    """
    counts = levels.value_counts().reindex(LEVELS).fillna(0)
    ends = (counts.cumsum() / max(counts.sum(), 1)).to_numpy()
    place = (revenue.rank(ascending=False, method="first") - 0.5) / len(revenue)
    return pd.Series(
        np.array(LEVELS, dtype=object)[np.minimum(np.searchsorted(ends, place), 3)], index=revenue.index
    )


def _curve(kind: str, group: str, lives: pd.DataFrame) -> pd.DataFrame:
    curve = kaplan_meier(lives["days"], lives["stopped"])
    start = pd.DataFrame({"days": [0.0], "surviving": [1.0], "low": [1.0], "high": [1.0]})
    curve = pd.concat([start, curve], ignore_index=True)
    end = float(lives["days"].max())
    places = np.searchsorted(curve["days"], np.linspace(0, end, POINTS), side="right") - 1
    shown = curve.iloc[places].assign(days=np.linspace(0, end, POINTS).round())
    out = shown.assign(kind=kind, group=group, accounts=len(lives), events=int(lives["stopped"].sum()))[CURVE]
    return out.round({"surviving": 6, "low": 6, "high": 6})


def _at(curve: pd.DataFrame, day: int) -> pd.Series:
    return curve[curve["days"] <= day].iloc[-1]


def _cox(lives: pd.DataFrame, past: pd.DataFrame) -> tuple[pd.DataFrame, bool | None]:
    """The terms by their use: lateness, purchases, size, years; as many as the events carry. And whether
    their effect holds over time.
    """
    if len(lives) > MOST_FITTED:
        lives = lives.iloc[np.linspace(0, len(lives) - 1, MOST_FITTED).round().astype(int)]
        past = past.loc[lives.index]
    terms = pd.DataFrame(
        {
            "lateness": np.log2(past["lateness"].astype(float).clip(lower=0.1)),
            "buys": np.log2(past["buys"].clip(lower=1)),
            "revenue": np.log2(past["revenue"].clip(lower=1.0)),
            "tenure": past["tenure"],
        }
    )
    carried = min(int(lives["stopped"].sum()), int((~lives["stopped"]).sum())) // EVENTS_PER_TERM
    terms = terms.loc[:, terms.std() > ALIKE].iloc[:, : max(carried, 0)]
    if terms.shape[1] == 0:
        return pd.DataFrame(columns=TERMS), None
    table, residuals = cox(lives["days"], lives["stopped"], terms)
    if not np.isfinite(table.drop(columns="term").to_numpy()).all():
        return pd.DataFrame(columns=TERMS), None
    return table, proportional(lives["days"], residuals, DISTINCT)
