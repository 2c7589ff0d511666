"""How long accounts stay: Kaplan–Meier curves from a landmark on, by size and segment, and what goes with
stopping (Cox).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.measures.buying_rhythm import buying_rhythm
from kamplay.method.results import Findings
from kamplay.method.stats.survival import cox, kaplan_meier, log_rank, proportional
from kamplay.presets.scorecard import LEVELS

FOLLOWED_DAYS = (730, 365)  # two years where the history allows, else one
# stopped accounts needed for each term of the Cox model, the usual rule (Peduzzi et al. 1995)
EVENTS_PER_TERM = 10
MAX_FITTED = 10_000  # accounts the Cox model is fitted on: beyond, an even sample by account number
MIN_GROUP = 10  # accounts of a group that has a curve of its own
TENURE_FROM = pd.Timedelta(days=1095)  # of record before the landmark, from which tenure says something
ALPHA = 0.05
VISIBLE_GAP = 0.1  # difference of two shares that a reader sees in the chart
ALIKE = 1e-9  # the spread that rounding alone gives a term in which all accounts are alike
CURVE_POINTS = 25  # more would only make the drawing heavier
SEGMENTS = ("nature", "industry", "region")
CURVE_COLUMNS = ["kind", "group", "days", "surviving", "low", "high", "accounts", "events"]
HAZARD_COLUMNS = ["term", "ratio", "low", "high", "p_value"]


@dataclass(frozen=True)
class RetentionCurves:
    """How long accounts stayed.

    Attributes
    ----------
    curves : one row a point: kind (``all``, ``level``, or a column of accounts), group, days since the
        landmark, surviving (share still buying) with its 95 % interval low to high, accounts and events of
        the group. Empty where the history is too short.
    hazard_ratios : one row a term of the Cox model: ratio of the hazard with its 95 % interval, p_value.
        Empty where the events are too few or the terms cannot be separated.
    figures : landmark (ISO), followed and horizon (days), accounts, events, tests (kind → p value of the
        log-rank test), proportional (whether the hazard ratios hold over time).
    """

    curves: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=CURVE_COLUMNS))
    hazard_ratios: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=HAZARD_COLUMNS))
    figures: dict[str, Any] = field(default_factory=dict)


def retention_curves(book: Book, horizon: int, levels: pd.Series | None = None) -> RetentionCurves:
    """Follow the accounts that were buying one or two years ago until they stopped or the data end.

    An account has stopped after ``horizon`` days without a purchase, on the day on which that became true.
    Groups are formed from what was known at the landmark, never by today's tier, which already knows who
    left.

    Parameters
    ----------
    levels : account → level. Sizes are the largest accounts of the landmark by revenue, as many as hold level
        S today, and so on.
    """
    followed = _days_to_follow(book, horizon)
    if followed is None:
        return RetentionCurves()
    landmark = book.seen_to - pd.Timedelta(days=followed)
    lifetimes = lifetimes_from(book.days, landmark, book.seen_to, horizon)
    if len(lifetimes) < MIN_GROUP:
        return RetentionCurves()
    past = _at_landmark(book, lifetimes.index, landmark)
    groupings = {"all": pd.Series("all", index=lifetimes.index)}
    if levels is not None:
        groupings["level"] = _sizes(past["revenue"], levels)
    groupings |= {c: book.accounts[c].reindex(lifetimes.index) for c in SEGMENTS if c in book.accounts}
    curves, tests = [], {}
    for kind, group in groupings.items():
        sizes = group.value_counts()
        group = group[group.isin(sizes.index[sizes >= MIN_GROUP])].astype(str)
        if kind != "all" and group.nunique() < 2:
            continue
        members = sorted(group.groupby(group).groups.items())
        curves += [_curve(kind, name, lifetimes.loc[index]) for name, index in members]
        if kind != "all":
            grouped = lifetimes.loc[group.index]
            tests[kind] = log_rank(grouped["days"], grouped["stopped"], group)
    hazard_ratios, is_proportional = _hazard_ratios(lifetimes, past)
    figures = {
        "landmark": str(landmark.date()),
        "followed": followed,
        "horizon": horizon,
        "accounts": len(lifetimes),
        "events": int(lifetimes["stopped"].sum()),
        "tests": tests,
        "proportional": is_proportional,
    }
    return RetentionCurves(pd.concat(curves, ignore_index=True), hazard_ratios, figures)


def _days_to_follow(book: Book, horizon: int) -> int | None:
    first = book.days.loc[book.days["bought"], "date"].min()
    known = (book.seen_to - first).days if pd.notna(first) else 0
    return next((days for days in FOLLOWED_DAYS if known >= days + horizon and days > horizon), None)


def lifetimes_from(
    days: pd.DataFrame, landmark: pd.Timestamp, end: pd.Timestamp, horizon: int
) -> pd.DataFrame:
    """How long each account that had bought in the ``horizon`` days to the landmark went on.

    Parameters
    ----------
    days : account_id, date, bought.

    Returns
    -------
    Index account_id; ``days`` from the landmark until it stopped, or until ``end``, and ``stopped``.
    """
    silence = pd.Timedelta(days=horizon)
    bought = days[days["bought"] & (days["date"] <= end)].sort_values(["account_id", "date"])
    following = bought.groupby("account_id")["date"].shift(-1)
    stop = bought["date"] + silence  # unless a purchase came before
    is_stop = (following.isna() | (following > stop)) & (stop > landmark) & (stop <= end)
    first = stop[is_stop].groupby(bought.loc[is_stop, "account_id"]).min()
    was_buying = (bought["date"] <= landmark) & (bought["date"] > landmark - silence)
    accounts = pd.Index(sorted(bought.loc[was_buying, "account_id"].unique()), name="account_id")
    first = first.reindex(accounts)
    return pd.DataFrame({"days": (first.fillna(end) - landmark).dt.days, "stopped": first.notna()})


def _at_landmark(book: Book, index: pd.Index, landmark: pd.Timestamp) -> pd.DataFrame:
    """Revenue and buying days of the 365 days before, lateness, and tenure (years since the first purchase; 0
    for all where the record begins less than TENURE_FROM before, as most would seem as old as the record).
    """
    days = book.days[
        (book.days["date"] <= landmark) & (book.days["date"] > landmark - pd.Timedelta(days=365))
    ]
    known = buying_rhythm(book.days, landmark).reindex(index)
    has_tenure = landmark - book.days["date"].min() >= TENURE_FROM
    return pd.DataFrame(
        {
            "revenue": days.groupby("account_id")["amount"].sum().reindex(index).fillna(0.0),
            "lateness": known["lateness"],
            "buys": days[days["bought"]].groupby("account_id").size().reindex(index).fillna(0),
            "tenure": (landmark - known["first"]).dt.days / 365.25 if has_tenure else 0.0,
        }
    )


def _sizes(revenue: pd.Series, levels: pd.Series) -> pd.Series:
    """The accounts by revenue, cut into as large parts as each level holds of today's rated accounts."""
    counts = levels.value_counts().reindex(LEVELS).fillna(0)
    ends = (counts.cumsum() / max(counts.sum(), 1)).to_numpy()
    place = (revenue.rank(ascending=False, method="first") - 0.5) / len(revenue)
    level = np.minimum(np.searchsorted(ends, place), len(LEVELS) - 1)
    return pd.Series(np.array(LEVELS, dtype=object)[level], index=revenue.index)


def _curve(kind: str, group: str, lifetimes: pd.DataFrame) -> pd.DataFrame:
    """A Kaplan–Meier curve at CURVE_POINTS even days."""
    start = pd.DataFrame({"days": [0.0], "surviving": [1.0], "low": [1.0], "high": [1.0]})
    estimate = kaplan_meier(lifetimes["days"], lifetimes["stopped"])
    curve = pd.concat([start, estimate], ignore_index=True)
    days = np.linspace(0, float(lifetimes["days"].max()), CURVE_POINTS)
    curve = curve.iloc[np.searchsorted(curve["days"], days, side="right") - 1].assign(days=days.round())
    events = int(lifetimes["stopped"].sum())
    out = curve.assign(kind=kind, group=group, accounts=len(lifetimes), events=events)[CURVE_COLUMNS]
    return out.round({"surviving": 6, "low": 6, "high": 6})


def _hazard_ratios(lifetimes: pd.DataFrame, past: pd.DataFrame) -> tuple[pd.DataFrame, bool | None]:
    """Of as many terms as the events allow, the most useful first, and whether they hold over time."""
    empty = pd.DataFrame(columns=HAZARD_COLUMNS)
    if len(lifetimes) > MAX_FITTED:
        sample = np.linspace(0, len(lifetimes) - 1, MAX_FITTED).round().astype(int)
        lifetimes, past = lifetimes.iloc[sample], past.iloc[sample]
    terms = pd.DataFrame(
        {
            "lateness": np.log2(past["lateness"].astype(float).clip(lower=0.1)),
            "buys": np.log2(past["buys"].clip(lower=1)),
            "revenue": np.log2(past["revenue"].clip(lower=1.0)),
            "tenure": past["tenure"],
        }
    )
    stopped = int(lifetimes["stopped"].sum())
    most = min(stopped, len(lifetimes) - stopped) // EVENTS_PER_TERM
    terms = terms.loc[:, terms.std() > ALIKE].iloc[:, :most]
    if terms.shape[1] == 0:
        return empty, None
    table, residuals = cox(lifetimes["days"], lifetimes["stopped"], terms)
    if not np.isfinite(table.drop(columns="term").to_numpy()).all():
        return empty, None
    return table, proportional(lifetimes["days"], residuals, ALPHA)


def add_findings(found: Findings, result: RetentionCurves) -> None:
    """Add how many stay, whether size or a segment tells stayers from leavers, what goes with stopping."""
    figures = result.figures
    if result.curves.empty:
        found.add("survive_unknown", "note", "ask_for_history")
        return
    year = _last(result.curves, "all", 365).iloc[0]
    base = {name: figures[name] for name in ("landmark", "horizon", "accounts", "events", "followed")}
    found.add("survive_all", "note", **base, year=year["surviving"], low=year["low"], high=year["high"])
    distinct = 0
    for kind, p_value in figures["tests"].items():
        # Bonferroni: as many looks as groupings
        if p_value is not None and p_value < ALPHA / len(figures["tests"]):
            best, worst = _best_and_worst(_last(result.curves, kind, 365))
            shares = {
                "best": best["group"],
                "worst": worst["group"],
                "best_share": best["surviving"],
                "worst_share": worst["surviving"],
                "best_accounts": int(best["accounts"]),
                "worst_accounts": int(worst["accounts"]),
            }
            found.add(f"survive_{kind}", "watch", "look_at_worst", **shares, p_value=p_value)
            distinct += 1
    if figures["tests"] and not distinct:
        _add_alike(found, result)
    _add_hazard_ratios(found, result)


def _add_alike(found: Findings, result: RetentionCurves) -> None:
    """No grouping tells them apart for certain; where the curves by size still lie apart, how easily chance
    does that.
    """
    tests = result.figures["tests"]
    if tests.get("level") is not None:
        best, worst = _best_and_worst(_last(result.curves, "level"))
        if best["surviving"] - worst["surviving"] >= VISIBLE_GAP:
            found.add(
                "survive_leaning",
                "note",
                p_value=min(tests["level"] * len(tests), 1.0),  # Bonferroni
                kinds=len(tests),
                best=best["group"],
                worst=worst["group"],
                best_accounts=int(best["accounts"]),
                followed=result.figures["followed"],
                best_share=best["surviving"],
                worst_share=worst["surviving"],
            )
            return
    found.add("survive_alike", "note", kinds=len(tests))


def _add_hazard_ratios(found: Findings, result: RetentionCurves) -> None:
    figures, ratios = result.figures, result.hazard_ratios
    for term in ratios[ratios["p_value"] < ALPHA / max(len(ratios), 1)].itertuples():
        found.add(f"hazard_{term.term}", "note", None, (), ratio=term.ratio, low=term.low, high=term.high)
    if ratios.empty:
        stayed = figures["accounts"] - figures["events"]
        if min(figures["events"], stayed) < EVENTS_PER_TERM:
            found.add("hazard_few", "note", events=figures["events"], stayed=stayed, needed=EVENTS_PER_TERM)
        else:
            found.add("hazard_unsettled", "note", accounts=figures["accounts"])


def _last(curves: pd.DataFrame, kind: str, day: int | None = None) -> pd.DataFrame:
    """Of each group of a kind the last row, up to ``day`` where one is given."""
    rows = curves[curves["kind"] == kind]
    return (rows if day is None else rows[rows["days"] <= day]).drop_duplicates("group", keep="last")


def _best_and_worst(rows: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    rows = rows.sort_values("group")
    return rows.loc[rows["surviving"].idxmax()], rows.loc[rows["surviving"].idxmin()]
