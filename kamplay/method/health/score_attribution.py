"""Why scores differ from the earlier run: the customer, data that grew old, a decision by hand, or another
definition.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.health.score import HealthScore, combine, half_lives, score
from kamplay.method.results import Findings, Severity
from kamplay.presets.health_card import HealthCard

CAUSES = ("customer", "age", "override", "definition")
KEPT = [
    "health",
    "raw",
    "ceiling",
    "cap",
    "override",
    "health_band",
    "revenue",
    "definition",
]  # of HealthScore.accounts
KEPT_PARTS = ["account_id", "indicator", "age_days", "lost"]  # of HealthScore.parts


@dataclass(frozen=True)
class EarlierScore:
    """Step 3 of an earlier run of the same client: its date, its health card, ``accounts`` (KEPT) and
    ``parts`` (KEPT_PARTS).

    ``told`` (index account_id, every account active then): churn_probability (missing where none was shown),
    warned (act, watch; silence: plainly stopped already; none), warning_strength and revenue (12 months) of
    those with a warning. ``horizon``: the days that the probability looked ahead. ``seen_to``: where that
    run's data ended. All three None for a run that does not tell.
    """

    as_of: date
    card: HealthCard
    accounts: pd.DataFrame
    parts: pd.DataFrame
    told: pd.DataFrame | None = None
    horizon: int | None = None
    seen_to: date | None = None

    @property
    def judged_on(self) -> date:
        """The day that its scores and warnings speak of: its date, or where its data ended before."""
        return self.seen_to or self.as_of

    def verdicts(self) -> pd.DataFrame:
        """What it said of each account, as far as it is known: health, health_band, revenue,
        churn_probability, warned.
        """
        out = self.accounts.reindex(
            columns=[c for c in ("health", "health_band", "revenue") if c in self.accounts]
        )
        if self.told is None:
            return out
        out = out.reindex(out.index.union(self.told.index).rename("account_id"))
        known = self.told.reindex(out.index)
        revenue = out["revenue"].fillna(known["revenue"]) if "revenue" in out else known["revenue"]
        return out.assign(
            revenue=revenue, churn_probability=known["churn_probability"], warned=known["warned"]
        )

    @property
    def definition(self) -> str:
        return str(self.accounts["definition"].iloc[0]) if len(self.accounts) else ""


@dataclass(frozen=True)
class ScoreChanges:
    """``accounts`` (index account_id, those judged in both runs; the steepest falls first): before, now,
    change, the points of CAUSES, which add up to the change, band_before, band_now, and because: the
    indicator that cost most more points (empty without).

    ``steps``: the portfolio's mean score as item, points, accounts: before, left (accounts no longer judged),
    CAUSES, entered (accounts judged for the first time), now; the steps between add up to the difference.
    ``same_version``: whether the measures themselves are the same; where not, all but decisions by hand
    counts as definition.
    """

    accounts: pd.DataFrame
    steps: pd.DataFrame
    same_version: bool


def score_attribution(book: Book, now: HealthScore, before: EarlierScore) -> ScoreChanges:
    """``movement``, with today's data scored by the earlier card where the cards differ."""
    same = now.definition == before.definition
    comparable = _version(now.definition) == _version(before.definition)
    as_if = now if same else score(book, now.cutoff, before.card, now.chance) if comparable else None
    return score_changes(now, before, as_if)


def score_changes(now: HealthScore, before: EarlierScore, as_if: HealthScore | None) -> ScoreChanges:
    """Each change of score split by cause. ``as_if``: today's data by the earlier card (``now`` itself where
    the card is the same).

    customer: by the earlier card, today's figures against those of then, at the ages they had then (a figure
    first seen now: at its own age). age: the same figures at today's ages. definition: today's card against
    the earlier one on today's data. override: what decisions by hand change, now less then. All in tenths of
    a point, so that they add up to the last digit. Where the earlier card finds nothing in today's data the
    whole change is definition; where nothing but a decision by hand gave a score, it is override.
    """
    ids = before.accounts.index[before.accounts["health"].notna()].intersection(
        now.accounts.index[now.accounts["health"].notna()]
    )
    was, is_ = before.accounts.loc[ids], now.accounts.loc[ids]
    capped_was, capped_is = _whole(was["raw"] + was["cap"]), _whole(is_["raw"] + is_["cap"])
    override = _whole(is_["override"]) - _whole(was["override"])
    age = customer = np.zeros(len(ids), dtype=int)
    definition = capped_is - capped_was
    because = pd.Series("", index=ids, dtype="str")
    if as_if is not None:
        there = as_if.accounts.reindex(ids)
        capped_as_if = _whole(there["raw"] + there["cap"])
        young = _at_ages_of(before, as_if, ids)
        found = there["raw"].notna().to_numpy()
        customer, age = np.where(found, young - capped_was, 0), np.where(found, capped_as_if - young, 0)
        definition = definition - customer - age
        because = _because(before.parts, as_if, ids).where(found, "")
    total = _whole(is_["health"]) - _whole(was["health"])
    by_hand = (was["raw"].isna() | is_["raw"].isna()).to_numpy()
    customer, age, definition = (np.where(by_hand, 0, part) for part in (customer, age, definition))
    override = np.where(by_hand, total, override)
    parts = dict(zip(CAUSES, (customer, age, override, definition), strict=True))
    accounts = pd.DataFrame({"before": was["health"], "now": is_["health"], "change": total / 10}, index=ids)
    accounts = accounts.assign(**{name: points / 10 for name, points in parts.items()})
    for name, bands in (("band_before", was["health_band"]), ("band_now", is_["health_band"])):
        accounts[name] = bands.astype(object).where(bands.notna(), None)
    accounts["because"] = because
    accounts.index.name = "account_id"
    accounts = accounts.iloc[np.lexsort((ids, accounts["change"]))]
    steps = _steps(before.accounts["health"].dropna(), now.accounts["health"].dropna(), accounts)
    return ScoreChanges(accounts, steps, _version(now.definition) == _version(before.definition))


def _at_ages_of(before: EarlierScore, now: HealthScore, ids: pd.Index) -> np.ndarray:
    """Today's figures scored at the ages of then (those first seen now at their own), red flags applied;
    tenths of a point.
    """
    keys = list(now.card.indicators())
    points, weights, ages = (
        _wide(now.parts, column, ids, keys) for column in ("points", "card_weight", "age_days")
    )
    had = ~np.isnan(_wide(before.parts.assign(there=1.0), "there", ids, keys))
    ages = np.where(had, _wide(before.parts, "age_days", ids, keys), ages)
    raw = combine(points, np.nan_to_num(weights), ages, half_lives(now.card)).raw
    ceiling = now.accounts["ceiling"].reindex(ids).to_numpy(dtype=float) * 10
    return np.where(np.isnan(ceiling), raw, np.minimum(raw, np.round(np.nan_to_num(ceiling)))).astype(int)


def _because(before: pd.DataFrame, now: HealthScore, ids: pd.Index) -> pd.Series:
    """The indicator by which an account lost most more points than then; empty where none lost more."""
    keys = list(now.card.indicators())
    more = np.nan_to_num(_wide(now.parts, "lost", ids, keys)) - np.nan_to_num(
        _wide(before, "lost", ids, keys)
    )
    if not len(ids):
        return pd.Series("", index=ids, dtype="str")
    worst = more.argmax(axis=1)
    return pd.Series(
        np.where(more.max(axis=1) >= 0.05, np.array(keys, dtype=object)[worst], ""), index=ids, dtype="str"
    )


def _wide(parts: pd.DataFrame, column: str, ids: pd.Index, keys: list[str]) -> np.ndarray:
    """One figure of ``parts`` as (accounts, indicators), missing where there is none."""
    out = np.full((len(ids), len(keys)), np.nan)
    row = ids.get_indexer(pd.Index(parts["account_id"]))
    place = pd.Index(keys).get_indexer(pd.Index(parts["indicator"].astype(object)))
    inside = (row >= 0) & (place >= 0)
    out[row[inside], place[inside]] = parts[column].to_numpy(dtype=float)[inside]
    return out


def _steps(was: pd.Series, is_: pd.Series, stayed: pd.DataFrame) -> pd.DataFrame:
    if was.empty or is_.empty or stayed.empty:
        return pd.DataFrame(
            {
                "item": pd.Series(dtype="str"),
                "points": pd.Series(dtype="float64"),
                "accounts": pd.Series(dtype="int64"),
            }
        )
    rows = [
        ("before", was.mean(), len(was)),
        ("left", stayed["before"].mean() - was.mean(), len(was) - len(stayed)),
        *((cause, stayed[cause].mean(), int((stayed[cause] != 0).sum())) for cause in CAUSES),
        ("entered", is_.mean() - stayed["now"].mean(), len(is_) - len(stayed)),
        ("now", is_.mean(), len(is_)),
    ]
    return pd.DataFrame(rows, columns=["item", "points", "accounts"])


def _whole(values: pd.Series) -> np.ndarray:
    return np.round(values.fillna(0.0).to_numpy(dtype=float) * 10).astype(int)


def _version(definition: str) -> str:
    return definition.partition(".")[0]


FELL = 15.0  # points that a customer loses of its own doing before it is named
THIN = 0.25  # the share of thin scores from which they are a matter to watch


def add_findings(
    found: Findings, now: HealthScore, before: EarlierScore | None = None, moved: ScoreChanges | None = None
) -> None:
    """Findings on the score, and, where there is an earlier run, on its movement (``moved``: what
    ``compared`` gave).
    """
    scored = now.accounts[now.accounts["health"].notna()].sort_values(
        "revenue", ascending=False, kind="stable"
    )
    if scored.empty:
        return
    _rests_on(found, now)
    lost, total = now.dimensions.set_index("dimension")["lost"], float((100 - scored["raw"]).mean())
    if lost.max() > 0:
        first = now.dimensions.set_index("dimension").loc[lost.idxmax()]
        found.add(
            "score_dearest", "note", None, (), zh=first["zh"], en=first["en"], lost=lost.max(), total=total
        )
    capped = scored[scored["cap"] < 0]
    if len(capped):
        binding = now.flags[now.flags["flag"].isin(capped["capped_by"])]
        words = {language: binding[language].tolist() for language in ("zh", "en")}
        found.add(
            "score_capped",
            "watch",
            "clear_flags",
            capped.index,
            count=len(capped),
            points=-capped["cap"].mean(),
            **words,
        )
    _by_hand(found, now)
    if before is not None and moved is not None:
        _moved(found, now, before, moved)


def _rests_on(found: Findings, now: HealthScore) -> None:
    scored = now.accounts[now.accounts["health"].notna()].sort_values(
        "revenue", ascending=False, kind="stable"
    )
    thin = scored[scored["thin"]]
    found.add("score_coverage", "note", None, (), coverage=scored["coverage"].mean())
    if len(thin):
        severity: Severity = "watch" if len(thin) >= THIN * len(scored) else "note"
        figures = {"count": len(thin), "thin": len(thin), "judged": len(scored), "limit": now.card.thin_below}
        found.add("score_thin", severity, "fill_sides", thin.index, **figures)
    unknown = now.dimensions[(now.dimensions["accounts"] == 0) & (now.dimensions["weight"] > 0)].sort_values(
        "weight", ascending=False, kind="stable"
    )
    if len(unknown):
        words = {language: unknown[language].tolist() for language in ("zh", "en")}
        found.add("score_unknown", "note", "fill_sides", (), weight=unknown["weight"].sum(), **words)


def _by_hand(found: Findings, now: HealthScore) -> None:
    impossible = (now.overrides["state"] == "unusable") & ~now.overrides["health"].between(0, 100)
    states = now.overrides["state"].where(~impossible, "impossible")
    kinds = {
        "applied": "score_by_hand",
        "expired": "score_hand_expired",
        "impossible": "score_hand_impossible",
        "unusable": "score_hand_unusable",
    }
    for state, rows in now.overrides.groupby(states):
        action = None if state == "applied" else "correct_scores" if state == "impossible" else "renew_scores"
        found.add(kinds[str(state)], "watch" if action else "note", action, rows.index, count=len(rows))


def _moved(found: Findings, now: HealthScore, before: EarlierScore, moved: ScoreChanges) -> None:
    if moved.steps.empty:
        return
    steps = moved.steps.set_index("item")
    points, counts = steps["points"], steps["accounts"]
    shown = {item: points[item] for item in ("before", "now", "customer", "age", "override", "definition")}
    shown |= {"since": before.as_of.isoformat(), "mix": points["left"] + points["entered"]}
    shown |= {item: int(counts[item]) for item in ("left", "entered")}
    if not moved.same_version:  # what the customers did cannot be told from what is counted in another way
        found.add("score_version", "watch", "explain_version", (), **shown)
        return
    found.add("score_moved", "note", None, (), **shown)
    if now.definition != before.definition:
        found.add("score_definition", "watch", "explain_definition", (), definition=points["definition"])
    fell = moved.accounts[moved.accounts["customer"] <= -FELL]
    if len(fell):
        large = fell.assign(revenue=now.accounts["revenue"].reindex(fell.index)).sort_values(
            "revenue", ascending=False, kind="stable"
        )
        first = large.iloc[0][["before", "now", "customer"]].astype(float)
        figures = {
            "count": len(fell),
            "least": FELL,
            "before": first["before"],
            "now": first["now"],
            "points": -first["customer"],
        }
        found.add("score_fell", "act", "ask_why_fell", large.index, **figures)
