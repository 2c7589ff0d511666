"""Why health scores differ from the earlier run's: the customer, data that grew old, a decision by hand, or
another definition.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.health.score import HealthScore, combine, half_lives, health_score
from kamplay.method.results import Findings
from kamplay.presets.health_card import HealthCard

CAUSES = ("customer", "age", "override", "definition")
# what is kept of an earlier run's HealthScore.accounts and HealthScore.parts
KEPT = ["health", "raw", "ceiling", "cap", "override", "health_band", "revenue", "definition"]
KEPT_PARTS = ["account_id", "indicator", "age_days", "lost"]
LARGE_FALL = 15.0  # points that a customer loses of its own doing before it is named


@dataclass(frozen=True)
class EarlierScore:
    """Step 3 of an earlier run of the same client.

    Attributes
    ----------
    as_of : its reporting date.
    card : its health card.
    accounts : its scores (index account_id), columns KEPT.
    parts : its points by indicator, columns KEPT_PARTS.
    predictions : every account active then (index account_id): churn_probability (missing where none was
        shown), warned (``act``, ``watch``, ``none``, or ``silence`` where it had plainly stopped),
        warning_strength, and revenue (12 months) of those with a warning.
    horizon : days that the probability looked ahead.
    seen_to : where its data ended, if before ``as_of``.

    The last three are None for a run that does not say.
    """

    as_of: date
    card: HealthCard
    accounts: pd.DataFrame
    parts: pd.DataFrame
    predictions: pd.DataFrame | None = None
    horizon: int | None = None
    seen_to: date | None = None

    @property
    def scored_on(self) -> date:
        """The day of its scores and warnings."""
        return self.seen_to or self.as_of

    @property
    def definition(self) -> str:
        return str(self.accounts["definition"].iloc[0]) if len(self.accounts) else ""

    def verdicts(self) -> pd.DataFrame:
        """What it said of each account: health, health_band, revenue, churn_probability, warned; as far as
        known.
        """
        scores = self.accounts.reindex(
            columns=[c for c in ("health", "health_band", "revenue") if c in self.accounts]
        )
        if self.predictions is None:
            return scores
        scores = scores.reindex(scores.index.union(self.predictions.index).rename("account_id"))
        known = self.predictions.reindex(scores.index)
        revenue = scores["revenue"].fillna(known["revenue"]) if "revenue" in scores else known["revenue"]
        return scores.assign(
            revenue=revenue, churn_probability=known["churn_probability"], warned=known["warned"]
        )


@dataclass(frozen=True)
class ScoreChanges:
    """How scores changed since the earlier run, in points.

    Attributes
    ----------
    accounts : one row an account scored in both runs (index account_id), the steepest falls first: before,
        now, change, one column for each of CAUSES (they add up to the change), band_before, band_now, and
        because: the indicator that cost most more points, empty without.
    steps : the mean score as item, points, accounts: ``before``, ``left`` (accounts no longer scored),
        CAUSES, ``entered`` (accounts scored for the first time), ``now``; the steps between add up to the
        difference.
    same_version : whether the measures themselves are the same; where not, all but decisions by hand is
        definition.
    """

    accounts: pd.DataFrame
    steps: pd.DataFrame
    same_version: bool


def score_attribution(
    book: Book, now: HealthScore, before: EarlierScore, churn_probability: pd.Series | None = None
) -> ScoreChanges:
    """Attribute the changes of score since the earlier run to their causes.

    Where the cards differ, today's data are scored by the earlier card as well; ``churn_probability`` as in
    ``health_score``.
    """
    if now.definition == before.definition:
        return attribute_changes(now, before, now)
    if _version(now.definition) != _version(before.definition):
        return attribute_changes(now, before, None)
    by_earlier_card = health_score(book, pd.Timestamp(now.scored_on), before.card, churn_probability)
    return attribute_changes(now, before, by_earlier_card)


def attribute_changes(
    now: HealthScore, before: EarlierScore, by_earlier_card: HealthScore | None
) -> ScoreChanges:
    """Split each change of score by cause, in tenths of a point, so that the causes add up to the last digit.

    - customer: today's figures against those of then, by the earlier card and at the ages they had then (a
      figure first seen now: at its own age);
    - age: the same figures at today's ages;
    - definition: today's card against the earlier one, on today's data; the whole change where the earlier
      card finds nothing in them;
    - override: what decisions by hand change, now less then; the whole change where nothing else gave a
      score.

    Parameters
    ----------
    by_earlier_card : today's data scored by the earlier card; None where the measures differ.
    """
    ids = before.accounts["health"].dropna().index.intersection(now.accounts["health"].dropna().index)
    was, is_ = before.accounts.loc[ids], now.accounts.loc[ids]
    capped_before, capped_now = _tenths(was["raw"] + was["cap"]), _tenths(is_["raw"] + is_["cap"])
    override = _tenths(is_["override"]) - _tenths(was["override"])
    age = customer = np.zeros(len(ids), dtype=int)
    definition = capped_now - capped_before
    because = pd.Series("", index=ids, dtype="str")
    if by_earlier_card is not None:
        rescored = by_earlier_card.accounts.reindex(ids)
        known = rescored["raw"].notna().to_numpy()
        aged = _tenths(rescored["raw"] + rescored["cap"])
        not_aged = _at_earlier_ages(before, by_earlier_card, ids)
        customer = np.where(known, not_aged - capped_before, 0)
        age = np.where(known, aged - not_aged, 0)
        definition = definition - customer - age
        because = _costliest_indicator(before, by_earlier_card, ids).where(known, "")
    change = _tenths(is_["health"]) - _tenths(was["health"])
    only_by_hand = (was["raw"].isna() | is_["raw"].isna()).to_numpy()
    customer, age, definition = (np.where(only_by_hand, 0, part) for part in (customer, age, definition))
    override = np.where(only_by_hand, change, override)
    accounts = pd.DataFrame({"before": was["health"], "now": is_["health"], "change": change / 10}, index=ids)
    for cause, part in zip(CAUSES, (customer, age, override, definition), strict=True):
        accounts[cause] = part / 10
    for name, bands in (("band_before", was["health_band"]), ("band_now", is_["health_band"])):
        accounts[name] = bands.astype(object).where(bands.notna(), None)
    accounts["because"] = because
    accounts.index.name = "account_id"
    accounts = accounts.iloc[np.lexsort((ids, accounts["change"]))]
    steps = _steps(before.accounts["health"].dropna(), now.accounts["health"].dropna(), accounts)
    return ScoreChanges(accounts, steps, _version(now.definition) == _version(before.definition))


def _at_earlier_ages(before: EarlierScore, rescored: HealthScore, ids: pd.Index) -> np.ndarray:
    """Today's figures by the earlier card at the ages of then (those first seen now at their own), in tenths
    of a point, red flags applied.
    """
    indicators = list(before.card.indicators())
    earned, weights, ages = (
        _wide(rescored.parts, column, ids, indicators) for column in ("points", "card_weight", "age_days")
    )
    known_then = ~np.isnan(_wide(before.parts.assign(known=1.0), "known", ids, indicators))
    ages = np.where(known_then, _wide(before.parts, "age_days", ids, indicators), ages)
    raw = combine(earned, np.nan_to_num(weights), ages, half_lives(before.card)).raw
    ceiling = rescored.accounts["ceiling"].reindex(ids).to_numpy(dtype=float) * 10
    return np.where(np.isnan(ceiling), raw, np.minimum(raw, np.round(np.nan_to_num(ceiling)))).astype(int)


def _costliest_indicator(before: EarlierScore, rescored: HealthScore, ids: pd.Index) -> pd.Series:
    """The indicator by which each account lost most more points than then; empty where none cost more."""
    indicators = list(before.card.indicators())
    lost_now, lost_then = (
        np.nan_to_num(_wide(parts, "lost", ids, indicators)) for parts in (rescored.parts, before.parts)
    )
    if not len(ids):
        return pd.Series("", index=ids, dtype="str")
    more = lost_now - lost_then
    names = np.array(indicators, dtype=object)[more.argmax(axis=1)]
    return pd.Series(np.where(more.max(axis=1) >= 0.05, names, ""), index=ids, dtype="str")


def _wide(parts: pd.DataFrame, column: str, ids: pd.Index, indicators: list[str]) -> np.ndarray:
    """One column of ``parts`` as (accounts, indicators), NaN where there is none."""
    out = np.full((len(ids), len(indicators)), np.nan)
    row = ids.get_indexer(pd.Index(parts["account_id"]))
    place = pd.Index(indicators).get_indexer(pd.Index(parts["indicator"].astype(object)))
    inside = (row >= 0) & (place >= 0)
    out[row[inside], place[inside]] = parts[column].to_numpy(dtype=float)[inside]
    return out


def _steps(was: pd.Series, is_: pd.Series, stayed: pd.DataFrame) -> pd.DataFrame:
    rows = []
    if len(was) and len(is_) and len(stayed):
        rows = [
            ("before", was.mean(), len(was)),
            ("left", stayed["before"].mean() - was.mean(), len(was) - len(stayed)),
            *((cause, stayed[cause].mean(), int((stayed[cause] != 0).sum())) for cause in CAUSES),
            ("entered", is_.mean() - stayed["now"].mean(), len(is_) - len(stayed)),
            ("now", is_.mean(), len(is_)),
        ]
    steps = pd.DataFrame(rows, columns=["item", "points", "accounts"])
    return steps.astype({"item": "str", "points": "float64", "accounts": "int64"})


def _tenths(values: pd.Series) -> np.ndarray:
    return np.round(values.fillna(0.0).to_numpy(dtype=float) * 10).astype(int)


def _version(definition: str) -> str:
    return definition.partition(".")[0]


def add_findings(findings: Findings, changes: ScoreChanges, now: HealthScore, before: EarlierScore) -> None:
    """Add how the mean score moved and why, and who fell through what changed there."""
    if changes.steps.empty:
        return
    steps = changes.steps.set_index("item")
    points, counts = steps["points"], steps["accounts"]
    figures = {item: points[item] for item in ("before", "now", *CAUSES)}
    figures |= {"since": before.as_of.isoformat(), "mix": points["left"] + points["entered"]}
    figures |= {item: int(counts[item]) for item in ("left", "entered")}
    if not changes.same_version:
        # what the customers did cannot be told from what is counted in another way
        findings.add("score_version", "watch", "explain_version", **figures)
        return
    findings.add("score_moved", "note", **figures)
    if now.definition != before.definition:
        findings.add("score_definition", "watch", "explain_definition", definition=points["definition"])
    fell = changes.accounts[changes.accounts["customer"] <= -LARGE_FALL]
    if len(fell):
        fell = fell.assign(revenue=now.accounts["revenue"].reindex(fell.index))
        fell = fell.sort_values("revenue", ascending=False, kind="stable")
        largest = fell.iloc[0][["before", "now", "customer"]].astype(float)
        findings.add(
            "score_fell",
            "act",
            "ask_why_fell",
            fell.index,
            count=len(fell),
            least=LARGE_FALL,
            before=largest["before"],
            now=largest["now"],
            points=-largest["customer"],
        )
