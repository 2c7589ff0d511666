"""Whether the chances of stopping were tested in the season that they are for; where not, what came of that
season a year ago.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit

from kamplay.book import Book
from kamplay.method.health.churn import MIN_EVENTS, ChurnModel, TrainingRows, fit_for
from kamplay.method.health.churn_features import (
    YEAR,
    Signs,
    first_day,
    purchase_history,
    rows_at_cutoff,
    sample_accounts,
    training_rows,
)
from kamplay.method.results import Findings
from kamplay.presets.scorecard import KEY_LEVELS, LEVELS

MATERIAL = 0.2  # of the revenue, or of the accounts that buy, by which two seasons differ
SLACK = 14  # days without a purchase at the start of a year that is still a whole one
THEN_COLUMNS = ["revenue", "stopped", "predicted"]
LEVEL_COLUMNS = ["level", "accounts", "chance", "then", "share"]


@dataclass(frozen=True)
class SeasonOfTest:
    """The days of the test and those that the chances are for.

    Attributes
    ----------
    tested, ahead : first and last day of either (ISO); horizon: how many days each.
    change : revenue of the days ahead in the years before, against that of the season tested (the geometric
        mean of the years known); None where no year is known.
    alike : False where every year known differs by MATERIAL to the same side, or none is known.
    cutoff : one year before the data end (ISO); the days ahead of it are the season of the chances.
    then : the accounts active at ``cutoff`` (index account_id): revenue (of the year before it), stopped (1.0
        where nothing was bought in the horizon), predicted (the chance that the same method would have given
        it on that day; missing where it had too little to learn from). Empty where the seasons are alike, or
        a year is not known.
    knew : whether that model knew as much of the season as today's does: else it proves nothing of today's.
    levels : LEVEL_COLUMNS, a row a level and one (``""``) of all: accounts (of today, with a chance), chance
        (their mean), then (as many of the largest of ``then``; of the last level the rest), share (of these,
        which bought nothing).
    """

    tested: tuple[str, str]
    ahead: tuple[str, str]
    horizon: int
    change: float | None = None
    alike: bool = False
    cutoff: str | None = None
    then: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=THEN_COLUMNS, dtype="float64"))
    knew: bool = False
    levels: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=LEVEL_COLUMNS))

    @property
    def proves(self) -> bool:
        """Whether the season of the chances was tested after all, a year before."""
        return self.knew and bool(self.then["predicted"].notna().any())

    @property
    def stronger(self) -> bool | None:
        """Whether the season tested brings more revenue than the days ahead; None where they are alike, or
        nobody knows.
        """
        return None if self.alike or self.change is None else self.change < 0

    @property
    def figures(self) -> dict[str, Any]:
        """What findings tell of it; empty where the seasons are alike."""
        if self.alike:
            return {}
        found: dict[str, Any] = _dates("tested", self.tested) | _dates("ahead", self.ahead)
        found |= {"season_change": self.change, "horizon": self.horizon, "proves": self.proves}
        if self.cutoff is None or self.then.empty:
            return found
        found |= _dates("then", _after(pd.Timestamp(self.cutoff), self.horizon))
        found |= {"then_cutoff": self.cutoff, "then_n": len(self.then)}
        found["then_stopped"] = int(self.then["stopped"].sum())
        found["then_share"] = float(self.then["stopped"].mean())
        if self.then["predicted"].notna().any():
            found["then_predicted"] = float(self.then["predicted"].sum())
        by_level = self.levels.set_index("level")
        if "" in by_level.index:
            found["chance"] = float(by_level.loc["", "chance"])
        large = by_level[by_level.index.isin(KEY_LEVELS)]
        if large["then"].sum() > 0 and large["accounts"].sum() > 0:
            found["large_n"] = int(large["then"].sum())
            for name, of in (("large_chance", "accounts"), ("large_share", "then")):
                mean = (large[name.removeprefix("large_")] * large[of]).sum() / large[of].sum()
                found[name] = float(mean)
        return found


def _dates(name: str, days: tuple[str, str]) -> dict[str, str]:
    return {f"{name}_from": days[0], f"{name}_to": days[1]}


def _after(cutoff: pd.Timestamp, horizon: int) -> tuple[str, str]:
    """The first and the last of the ``horizon`` days after a cut-off."""
    first, last = (cutoff + pd.Timedelta(days=days) for days in (1, horizon))
    return str(first.date()), str(last.date())


def season_of_test(
    book: Book, model: ChurnModel, horizon: int, signs: Signs | None = None, levels: pd.Series | None = None
) -> SeasonOfTest | None:
    """Compare the season of the test with that of the chances; None where nothing was tested.

    The season ahead is seen in each earlier year, against what the season tested brought by then, drawn
    between the test's days before and those a year later, so that growth is no season.

    Parameters
    ----------
    signs : as the model was fitted with.
    levels : account_id → level S, A, B or C of today.
    """
    if model.test.empty or model.test["predicted"].isna().all():
        return None
    end = book.seen_to
    tested = _after(end - pd.Timedelta(days=horizon), horizon)
    found = SeasonOfTest(tested, _after(end, horizon), horizon)
    changes = _changes(book, horizon)
    if not changes:
        return found
    revenue = np.array([change[0] for change in changes])
    alike = not any(_differ(np.array(change)) for change in zip(*changes, strict=True))
    change = float(np.expm1(revenue.mean()))
    found = replace(found, change=change, alike=alike)
    if alike:
        return found
    cutoff = end - pd.Timedelta(days=YEAR)
    history = purchase_history(book.days)
    if cutoff - pd.Timedelta(days=YEAR - SLACK) < first_day(history):
        return found
    test = rows_at_cutoff(book, history, cutoff, horizon, signs)
    then = test[["year_revenue", "stopped"]].rename(columns={"year_revenue": "revenue"})
    predicted, knew = _made_then(book, model, test, cutoff, horizon, signs)
    by_level = _by_level(model.probability, then, levels)
    then["predicted"] = np.nan if predicted is None else predicted
    return replace(found, cutoff=str(cutoff.date()), then=then, knew=knew, levels=by_level)


def _differ(changes: np.ndarray) -> bool:
    """Whether every year known differs by MATERIAL, to one side."""
    least = np.log1p(MATERIAL)
    return bool((changes >= least).all() or (changes <= -least).all())


def _changes(book: Book, horizon: int) -> list[tuple[float, float]]:
    """Of each year known, the log of what the season ahead brought over what the season tested did: revenue,
    and accounts that bought.
    """
    days, end = book.days, book.seen_to
    age = (end - days["date"]).dt.days.to_numpy()
    reach = int(age[days["bought"].to_numpy()].max(initial=-1)) + 1 + SLACK
    names, amount, bought = (days[c].to_numpy() for c in ("account_id", "amount", "bought"))

    def sold(oldest: int) -> np.ndarray:
        inside = (age < oldest) & (age >= oldest - horizon)
        buyers = len(pd.unique(names[inside & bought]))
        return np.log(np.maximum([amount[inside].sum(), buyers], 1e-9))

    found: list[tuple[float, float]] = []
    passed = min(horizon / YEAR, 1.0)
    for ago in range(YEAR, reach + 1, YEAR):
        after = sold(ago - YEAR + horizon)
        whole = ago + horizon <= reach
        if found and not whole:
            break  # without the days before, growth cannot be told from a season
        before = sold(ago + horizon) if whole else after
        change = sold(ago) - ((1 - passed) * before + passed * after)
        found.append((float(change[0]), float(change[1])))
    return found


def _made_then(
    book: Book, model: ChurnModel, test: pd.DataFrame, cutoff: pd.Timestamp, horizon: int, signs: Signs | None
) -> tuple[np.ndarray | None, bool]:
    """The chances that the same method would have given a year ago, and whether it knew as much of the season
    as today's.
    """
    if model.evaluation["probability_from"] == "bgnbd":
        by_dates = expit(test["p_none"].to_numpy(dtype=float))
        return (None if np.isnan(by_dates).any() else by_dates), True
    sample = purchase_history(sample_accounts(book.days))
    rows = training_rows(book, sample, cutoff, horizon, signs)
    if min(_accounts(part, value) for part in (rows, test) for value in (0.0, 1.0)) < MIN_EVENTS:
        return None, False
    whole_from = first_day(sample) + pd.Timedelta(days=YEAR)
    fitted = fit_for(TrainingRows(rows, "stopped", horizon), cutoff, test, whole_from)
    knew = fitted.season_known or not model.season_known
    return expit(fitted.logit(test)), knew


def _accounts(rows: pd.DataFrame, stopped: float) -> int:
    return int(rows.index[rows["stopped"] == stopped].nunique())


def _by_level(probability: pd.Series, then: pd.DataFrame, levels: pd.Series | None) -> pd.DataFrame:
    """The chances of today beside the share that bought nothing a year ago, by level: by size, as the levels
    of then are not known, and those of today know what came.
    """
    now = probability.dropna()
    stopped = then.sort_values("revenue", ascending=False, kind="stable")["stopped"].to_numpy()
    rows: list[tuple[str, int, float, int, float]] = []
    if levels is not None and len(now):
        of = levels.reindex(now.index)
        known, taken = [level for level in LEVELS if (of == level).any()], 0
        for level in known:
            mine = now[of == level]
            last = len(stopped) if level == known[-1] else min(taken + len(mine), len(stopped))
            theirs = stopped[taken:last]
            share = float(theirs.mean()) if len(theirs) else np.nan
            rows.append((level, len(mine), float(mine.mean()), len(theirs), share))
            taken = last
    if len(now) and len(stopped):
        rows.append(("", len(now), float(now.mean()), len(stopped), float(stopped.mean())))
    return pd.DataFrame(rows, columns=LEVEL_COLUMNS)


def add_findings(found: Findings, season: SeasonOfTest | None) -> None:
    """Add that the chances were tested in another season than the one that they are for."""
    if season is not None and not season.alike:
        found.add("proof_other_season", "watch", None, **season.figures)
