"""How long accounts stay: Kaplan–Meier curves from a landmark on, by size and segment, and what goes with
stopping (Cox), among accounts that buy equally often.

A silence of a given length tells little of an account that buys twice a year and much of one that buys every
week: counted the same, slow buyers stop more often by construction. Here an account has stopped if it has not
bought again to the end of the data, at least a horizon long; whoever usually buys less than SURE times in a
horizon, or has bought too little before the landmark to be known to buy more often, is left out and counted;
and groups are compared within bands of how often accounts bought before.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.measures.buying_rhythm import buying_rhythm, rhythm_at
from kamplay.method.noise_gate import Look
from kamplay.method.results import Findings
from kamplay.method.stats.survival import cox, kaplan_meier, log_rank, proportional
from kamplay.presets.scorecard import LEVELS

FOLLOWED_DAYS = (730, 365)  # two years where the history allows, else one
SURE = 3  # usual gaps in a horizon, from which a silence as long is chance in e⁻³ = 5 % of cases at most
BANDS, IN_BAND = 5, 20  # of how often accounts buy: as many at most, with so many accounts each at least
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
    figures : landmark (ISO), horizon (days), slow (accounts left out because they usually buy less than every
        ``usual`` days); where curves are drawn, followed (days), accounts, events, tests (kind → p value of
        the log-rank test by bands of how often accounts buy), proportional (whether the hazard ratios hold
        over time). Empty where the history is too short.
    """

    curves: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=CURVE_COLUMNS))
    hazard_ratios: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=HAZARD_COLUMNS))
    figures: dict[str, Any] = field(default_factory=dict)


def retention_curves(book: Book, horizon: int, levels: pd.Series | None = None) -> RetentionCurves:
    """Follow the accounts that were buying one or two years ago until they stopped or the data end.

    The last ``horizon`` days serve to see who has stopped (see ``lifetimes_from``). Groups, and the bands of
    how often accounts buy within which they are compared, are formed from what was known at the landmark,
    never by today's tier, which already knows who left.

    Parameters
    ----------
    levels : account → level. Sizes are the largest accounts of the landmark by revenue, as many as hold level
        S today, and so on.
    """
    followed = _days_to_follow(book, horizon)
    if followed is None:
        return RetentionCurves()
    landmark = book.seen_to - pd.Timedelta(days=followed + horizon)
    lifetimes = lifetimes_from(book.days, landmark, book.seen_to, horizon)
    left_out = {
        "landmark": str(landmark.date()),
        "horizon": horizon,
        "slow": int(lifetimes["slow"].sum()),
        "usual": horizon // SURE,
    }
    lifetimes = lifetimes[~lifetimes["slow"]]
    if len(lifetimes) < MIN_GROUP:
        return RetentionCurves(figures=left_out)
    past = _at_landmark(book, lifetimes.index, landmark)
    band = rate_bands(lifetimes["gap"])
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
            tests[kind] = log_rank(grouped["days"], grouped["stopped"], group, band[group.index])
    hazard_ratios, is_proportional = _hazard_ratios(lifetimes, past, band)
    figures = left_out | {
        "followed": followed,
        "accounts": len(lifetimes),
        "events": int(lifetimes["stopped"].sum()),
        "tests": tests,
        "proportional": is_proportional,
    }
    return RetentionCurves(pd.concat(curves, ignore_index=True), hazard_ratios, figures)


def _days_to_follow(book: Book, horizon: int) -> int | None:
    first = book.days.loc[book.days["bought"], "date"].min()
    known = (book.seen_to - first).days if pd.notna(first) else 0
    return next((days for days in FOLLOWED_DAYS if known >= days + 2 * horizon), None)


def lifetimes_from(
    days: pd.DataFrame, landmark: pd.Timestamp, end: pd.Timestamp, horizon: int
) -> pd.DataFrame:
    """How long each account that had bought in the ``horizon`` days to the landmark went on.

    An account has stopped if it bought nothing in the ``horizon`` days to ``end``: on the day on which its
    next purchase would have been due, or the first day after the landmark if that is later. A pause that it
    came back from is none. The others are followed to ``horizon`` days before ``end``.

    Parameters
    ----------
    days : account_id, date, bought.

    Returns
    -------
    Index account_id; ``days`` from the landmark until it stopped, or as long as it was followed, ``stopped``,
    ``gap`` (its usual days between purchases at the landmark, see ``buying_rhythm``), and ``slow`` (by that
    gap or by the one to be expected of it, see ``expected_gap``, it buys less than SURE times in a horizon,
    so that a silence tells little).
    """
    bought = days[days["bought"] & (days["date"] <= end)]
    rhythm = buying_rhythm(days, landmark)
    rhythm = rhythm[rhythm["silent"] < horizon].sort_index()
    gap = rhythm["drawn_gap"]
    last = bought.groupby("account_id")["date"].max().reindex(rhythm.index)
    followed = (end - landmark).days - horizon
    stopped = last <= end - pd.Timedelta(days=horizon)
    due = (last - landmark).dt.days + gap.round()
    return pd.DataFrame(
        {
            "days": due.clip(1, followed).where(stopped, followed).astype(int),
            "stopped": stopped,
            "gap": gap,
            "slow": np.maximum(gap, expected_gap(rhythm, landmark)) > horizon / SURE,
        }
    )


def expected_gap(rhythm: pd.DataFrame, day: pd.Timestamp) -> pd.Series:
    """The days between purchases to be expected of each account, the time since its last one counted.

    A gap that has closed is shorter than those still open: of accounts that buy twice a year, those that a
    short record shows twice seem to buy every month. Here the number of purchases since the first is held
    against all the time since then, and the rate drawn towards that of all accounts, the more the less they
    differ (gamma rates, fitted by moments: Robbins 1956).

    Parameters
    ----------
    rhythm : first (date) and buys, as ``buying_rhythm`` gives them.

    Returns
    -------
    Days, index of ``rhythm``; infinite where nobody bought twice.
    """
    time = (day - rhythm["first"]).dt.days.clip(lower=1).astype(float)
    again = (rhythm["buys"] - 1).astype(float)
    rate = again.sum() / time.sum() if len(rhythm) else 0.0
    if rate == 0:
        return pd.Series(np.inf, index=rhythm.index)
    between = ((again - rate * time) ** 2 - rate * time).sum() / (time**2).sum()
    if between <= 0:
        return pd.Series(1 / rate, index=rhythm.index)
    return (rate / between + time) / (rate**2 / between + again)


def rate_bands(gap: pd.Series) -> pd.Series:
    """The band of each account by its usual gap: up to BANDS alike in size, of IN_BAND accounts at least."""
    bands = int(np.clip(len(gap) // IN_BAND, 1, BANDS))
    place = gap.rank(method="first") - 1
    return (place * bands // len(gap)).astype(int)


def _at_landmark(book: Book, index: pd.Index, landmark: pd.Timestamp) -> pd.DataFrame:
    """Revenue of the 365 days before, lateness, and tenure (years since the first purchase; 0
    for all where the record begins less than TENURE_FROM before, as most would seem as old as the record).
    """
    days = book.days[
        (book.days["date"] <= landmark) & (book.days["date"] > landmark - pd.Timedelta(days=365))
    ]
    known = rhythm_at(book, landmark).reindex(index)
    has_tenure = landmark - book.days["date"].min() >= TENURE_FROM
    return pd.DataFrame(
        {
            "revenue": days.groupby("account_id")["amount"].sum().reindex(index).fillna(0.0),
            "lateness": known["lateness"],
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
    # later, while nobody or everybody has stopped: the exact bound of so many cases (Clopper & Pearson 1934)
    after, bound = curve["days"] > 0, (ALPHA / 2) ** (1 / len(lifetimes))
    curve["low"] = curve["low"].mask(after & (curve["surviving"] == 1), bound)
    curve["high"] = curve["high"].mask(after & (curve["surviving"] == 0), 1 - bound)
    events = int(lifetimes["stopped"].sum())
    out = curve.assign(kind=kind, group=group, accounts=len(lifetimes), events=events)[CURVE_COLUMNS]
    return out.round({"surviving": 6, "low": 6, "high": 6})


def _hazard_ratios(
    lifetimes: pd.DataFrame, past: pd.DataFrame, band: pd.Series
) -> tuple[pd.DataFrame, bool | None]:
    """Of as many terms as the events allow, the most useful first, and whether they hold over time; within
    the bands of how often accounts buy, which is no term itself: what is seen of stopping hangs on it.
    """
    empty = pd.DataFrame(columns=HAZARD_COLUMNS)
    if len(lifetimes) > MAX_FITTED:
        sample = np.linspace(0, len(lifetimes) - 1, MAX_FITTED).round().astype(int)
        lifetimes, past, band = lifetimes.iloc[sample], past.iloc[sample], band.iloc[sample]
    terms = pd.DataFrame(
        {
            "lateness": np.log2(past["lateness"].astype(float).clip(lower=0.1)),
            "revenue": np.log2(past["revenue"].clip(lower=1.0)),
            "tenure": past["tenure"],
        }
    )
    stopped = int(lifetimes["stopped"].sum())
    most = min(stopped, len(lifetimes) - stopped) // EVENTS_PER_TERM
    terms = terms.loc[:, terms.std() > ALIKE].iloc[:, :most]
    if terms.shape[1] == 0:
        return empty, None
    table, residuals = cox(lifetimes["days"], lifetimes["stopped"], terms, band)
    if not np.isfinite(table.drop(columns="term").to_numpy()).all():
        return empty, None
    return table, proportional(lifetimes["days"], residuals, ALPHA)


def add_findings(found: Findings, result: RetentionCurves) -> None:
    """Add how many stay, whether size or a segment tells stayers from leavers, what goes with stopping."""
    figures = result.figures
    if result.curves.empty and figures.get("slow", 0) >= MIN_GROUP:
        found.add("survive_slow", "note", **figures)
        return
    if result.curves.empty:
        found.add("survive_unknown", "note", "ask_for_history")
        return
    year = _last(result.curves, "all", 365).iloc[0]
    base = {
        name: figures[name]
        for name in ("landmark", "horizon", "accounts", "events", "followed", "slow", "usual")
    }
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
            look = Look(min(1.0, p_value * len(figures["tests"])))
            found.add(f"survive_{kind}", "watch", "look_at_worst", **shares, p_value=p_value, look=look)
            distinct += 1
    if figures["tests"] and not distinct:
        _add_alike(found, result)
    _add_hazard_ratios(found, result)


def _add_alike(found: Findings, result: RetentionCurves) -> None:
    """No grouping tells them apart for certain; where the curves by size still lie apart, whether that is a
    hint: more than chance had size been the only thing looked at.
    """
    tests = result.figures["tests"]
    if tests.get("level") is not None:
        best, worst = _best_and_worst(_last(result.curves, "level"))
        if best["surviving"] - worst["surviving"] >= VISIBLE_GAP:
            found.add(
                "survive_leaning" if tests["level"] < ALPHA else "survive_by_rate",
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
