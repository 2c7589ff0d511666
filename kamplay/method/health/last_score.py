"""What became of the scores, probabilities and warnings of the last run: who has stopped buying since."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import fisher_exact

from kamplay.book import Book
from kamplay.method.health.churn_features import YEAR, day_number, purchase_history, revenue_halved
from kamplay.method.health.score import BANDS
from kamplay.method.health.score_attribution import EarlierScore
from kamplay.method.results import Findings
from kamplay.method.stats.classification import auc
from kamplay.method.stats.intervals import Z, share_estimate

WARNING_STATES = ("act", "watch", "none", "silence")  # by urgency; not warned of; stopped by then already
COLUMNS = ["band", "accounts", "stopped", "share", "low", "high", "predicted", "fell"]
MIN_DAYS = 30  # sooner nothing can have shown
MIN_EVENTS = 10  # stopped and stayed each, for a ranking accuracy worth its interval
MIN_ACCOUNTS = 5  # below which a share says nothing
ALPHA = 0.05  # of the difference between two shares (Fisher's exact test)


@dataclass(frozen=True)
class LastScore:
    """The last run's score against what the accounts bought since.

    Attributes
    ----------
    figures : empty without an earlier run; else as_of and seen_to (ISO: where that run's and today's data
        end), days (between them, at most the horizon), horizon, due (ISO, its end) and complete (whether it
        has passed), early (too soon to say); accounts (scored then and known today), unknown (scored then,
        not in today's data), stopped (bought nothing in those days); by (``churn_probability``, ``health`` or
        None: what ranked them) with scored and scored_stopped, auc, auc_low, auc_high (None with fewer than
        MIN_EVENTS); expected (sum of the probabilities; None without) and expected_sd (what chance makes of
        that number where they are right and the accounts independent).
    bands : one row a health band, red first, COLUMNS; empty where none was given. ``fell`` counts the
        accounts that stopped or bought less than half; ``predicted`` is the mean probability, missing until
        the horizon has passed.
    warnings : the same by WARNING_STATES, of the accounts active then; empty where the earlier run does not
        say.
    accounts : of those known today (index account_id): warned (of WARNING_STATES, missing where it is not
        known), stopped, fell.
    missed, lost : green then, and warned of then, and stopped since: account ids, the largest first.
    """

    figures: dict[str, Any] = field(default_factory=dict)
    bands: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=COLUMNS))
    warnings: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=COLUMNS))
    accounts: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=["warned", "stopped", "fell"])
    )
    missed: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()

    @property
    def table(self) -> pd.DataFrame:
        """``bands``, then ``warnings``: every account stands in both."""
        filled = [frame for frame in (self.bands, self.warnings) if len(frame)]
        return pd.concat(filled, ignore_index=True) if filled else self.bands


def outcome_of_last_score(
    book: Book, before: EarlierScore | None, horizon: int, today: pd.Index
) -> LastScore:
    """Compare the earlier run's scores with what was bought since; its own horizon goes before ``horizon``.

    Parameters
    ----------
    today : the accounts known today.
    """
    if before is None:
        return LastScore()
    scored_on = pd.Timestamp(before.scored_on)
    return last_score_outcome(
        before.verdicts(), book.days, scored_on, book.seen_to, before.horizon or horizon, today
    )


def last_score_outcome(
    earlier: pd.DataFrame,
    days: pd.DataFrame,
    as_of: pd.Timestamp,
    seen_to: pd.Timestamp,
    horizon: int,
    today: pd.Index | None = None,
) -> LastScore:
    """Compare scores with what was bought in the ``horizon`` days after them, or in those that have passed.

    Parameters
    ----------
    earlier : index account_id; any of churn_probability, health, health_band, warned (of WARNING_STATES),
        revenue.
    days : account_id, date, amount, bought, up to ``seen_to``.
    as_of : the day on which the data of the earlier run ended.
    today : the accounts known today, by default those with a day up to ``as_of``: one that was merged or
        renumbered since must not pass for one that stopped.

    Returns
    -------
    An empty LastScore where nothing was scored, or not before ``seen_to``.
    """
    score, scored_by = _ranking_score(earlier)
    blank = pd.Series(None, index=earlier.index, dtype=object)
    band, warned = earlier.get("health_band", blank), earlier.get("warned", blank)
    is_scored = score.notna() | band.notna() | warned.notna()
    if as_of >= seen_to or not is_scored.any():
        return LastScore()
    ids = earlier.index[is_scored]
    if today is None:
        today = pd.Index(days.loc[days["date"] <= as_of, "account_id"].unique())
    known = ids[ids.isin(today)]
    elapsed = int(min((seen_to - as_of).days, horizon))
    after = days[
        days["bought"] & (days["date"] > as_of) & (days["date"] <= as_of + pd.Timedelta(days=elapsed))
    ]
    stopped = pd.Series(~known.isin(after["account_id"].unique()), index=known)
    fell = stopped | fell_by_half(days, known, as_of, elapsed)
    score, band, warned = score.reindex(known), band.reindex(known), warned.reindex(known)
    has_score = score.notna()
    y, p = stopped[has_score].to_numpy(dtype=float), score[has_score].to_numpy(dtype=float)
    complete, early = elapsed >= horizon, elapsed < min(MIN_DAYS, horizon)
    area = auc(y, p) if min(y.sum(), (1 - y).sum()) >= MIN_EVENTS and not early else None
    is_probability = scored_by == "churn_probability"
    figures = {
        "as_of": as_of.date().isoformat(),
        "seen_to": seen_to.date().isoformat(),
        "days": elapsed,
        "horizon": horizon,
        "due": (as_of + pd.Timedelta(days=horizon)).date().isoformat(),
        "complete": complete,
        "early": early,
        "accounts": len(known),
        "unknown": len(ids) - len(known),
        "stopped": int(stopped.sum()),
        "by": scored_by,
        "scored": int(has_score.sum()),
        "scored_stopped": int(y.sum()),
        "auc": area.value if area else None,
        "auc_low": area.low if area else None,
        "auc_high": area.high if area else None,
        "expected": float(p.sum()) if is_probability else None,
        "expected_sd": float(np.sqrt((p * (1 - p)).sum())) if is_probability else None,
    }
    probability = score if is_probability and complete else score * np.nan
    frame = pd.DataFrame({"stopped": stopped, "fell": fell, "probability": probability})
    if "revenue" in earlier:
        frame["revenue"] = earlier["revenue"].reindex(known).fillna(0.0)
    else:
        frame["revenue"] = 0.0
    return LastScore(
        figures,
        _by_group(frame, band, BANDS[::-1]),
        _by_group(frame, warned, WARNING_STATES),
        frame[["stopped", "fell"]].assign(warned=warned).rename_axis("account_id"),
        _largest(frame[frame["stopped"] & (band == "green")]),
        _largest(frame[frame["stopped"] & warned.isin(["act", "watch"])]),
    )


def fell_by_half(days: pd.DataFrame, ids: pd.Index, cutoff: pd.Timestamp, elapsed: int) -> pd.Series:
    """Whether each account bought less than half in the ``elapsed`` days after the cut-off.

    Against the same days a year before, or where the data begin later than that, against as many days before
    the cut-off; False without a base above 0.
    """
    history = purchase_history(days)
    if not len(history.accounts) or not elapsed:
        return pd.Series(False, index=ids)
    reaches_back = day_number(cutoff) - YEAR >= history.start and elapsed <= YEAR
    code = history.accounts.get_indexer(ids)
    halved = revenue_halved(
        history, np.maximum(code, 0), cutoff, elapsed, "year" if reaches_back else "before"
    )
    return pd.Series((halved == 1) & (code >= 0), index=ids)


def _ranking_score(earlier: pd.DataFrame) -> tuple[pd.Series, str | None]:
    """What ranked the accounts, higher meaning more likely to stop: the probability, else the health score
    turned round.
    """
    for name, sign in (("churn_probability", 1.0), ("health", -1.0)):
        if name in earlier and earlier[name].notna().any():
            return sign * earlier[name].astype(float), name
    return pd.Series(np.nan, index=earlier.index, dtype=float), None


def _by_group(frame: pd.DataFrame, label: pd.Series, names: tuple[str, ...]) -> pd.DataFrame:
    """COLUMNS, a row for each of ``names``; empty where no account has one."""
    rows = []
    for name in names:
        inside = frame[(label == name).to_numpy(dtype=bool)]
        stopped = int(inside["stopped"].sum())
        share = share_estimate(stopped, len(inside))
        shares = (share.value, share.low, share.high, inside["probability"].mean())
        rows.append((name, len(inside), stopped, *shares, int(inside["fell"].sum())))
    out = pd.DataFrame(rows, columns=COLUMNS)
    return out if out["accounts"].sum() else out.iloc[:0]


def _largest(frame: pd.DataFrame) -> tuple[str, ...]:
    """Account ids by falling revenue, then by id."""
    order = frame.rename_axis("id").reset_index().sort_values(["revenue", "id"], ascending=[False, True])
    return tuple(order["id"])


def add_findings(found: Findings, result: LastScore) -> None:
    """Add what became of the bands, the warnings and the probabilities of the last run."""
    f = result.figures
    if not f:
        return
    when = {"as_of": f["as_of"], "days": f["days"], "horizon": f["horizon"], "accounts": f["accounts"]}
    if f["unknown"]:
        unmatched = {"unmatched": f["unknown"], "as_of": f["as_of"]}
        found.add("last_score_unmatched", "watch", "last_score_match", **unmatched)
    if f["early"] or not f["accounts"]:
        found.add("last_score_early", "note", **when)
        return
    _add_bands(found, result, when)
    _add_warnings(found, result, when)
    if f["auc"] is not None:
        kind = "last_probability_ranked" if f["by"] == "churn_probability" else "last_score_ranked"
        found.add(kind, "note", None, **when, auc=f["auc"], low=f["auc_low"], high=f["auc_high"])
    else:
        counts = {"scored": f["scored"], "stopped": f["scored_stopped"], "needed": MIN_EVENTS}
        found.add("last_score_few", "note", None, **when, **counts)
    if f["expected"] is None:
        return
    sums = {"predicted": f["expected"], "stopped": f["scored_stopped"], "scored": f["scored"]}
    # more than chance in the number that stop
    is_off = abs(f["scored_stopped"] - f["expected"]) / max(f["expected_sd"], 1e-9) > Z
    if not f["complete"]:
        found.add("last_score_sum_due", "note", None, **when, **sums, due=f["due"])
    elif is_off:
        found.add("last_score_sum_off", "watch", "last_score_level", **when, **sums)
    else:
        found.add("last_score_sum", "note", None, **when, **sums)


def _add_bands(found: Findings, result: LastScore, when: dict[str, Any]) -> None:
    """The red accounts beside the green ones."""
    if result.bands.empty:
        return
    bands = result.bands.set_index("band")
    red, green = bands.loc["red"], bands.loc["green"]
    figures: dict[str, Any] = {}
    for name, row in (("red", red), ("green", green)):
        figures |= {name: row["accounts"], f"{name}_stopped": row["stopped"]}
    figures |= {"red_share": red["share"], "green_share": green["share"]}
    enough = min(red["accounts"], green["accounts"]) >= MIN_ACCOUNTS
    if enough and red["share"] <= green["share"] and green["stopped"]:
        found.add("last_score_inverted", "watch", "last_score_ask", result.missed, **when, **figures)
    elif red["accounts"] and green["accounts"]:
        kind = "last_score" if result.figures["complete"] else "last_score_so_far"
        action = "last_score_ask" if result.missed else None
        found.add(kind, "note", action, result.missed, **when, **figures)


def _add_warnings(found: Findings, result: LastScore, when: dict[str, Any]) -> None:
    """The accounts warned of, beside the others that had not stopped by then."""
    if result.warnings.empty:
        return
    rows = result.warnings.set_index("band")[["accounts", "stopped", "fell"]]
    warned, others = rows.loc[["act", "watch"]].sum(), rows.loc["none"]
    figures: dict[str, Any] = {}
    for name, row in (("warned", warned), ("others", others)):
        figures |= {
            name: int(row["accounts"]),
            f"{name}_stopped": int(row["stopped"]),
            f"{name}_fell": int(row["fell"]),
        }
    figures["count"] = len(result.lost)
    action = "last_warned_ask" if result.lost else None
    if not figures["warned"]:
        found.add("last_warned_none", "note", None, **when, **figures)
        return
    if not figures["others"]:
        found.add("last_warned_all", "note", action, result.lost, **when, **figures)
        return
    for name in ("warned", "others"):
        figures[f"{name}_share"] = figures[f"{name}_stopped"] / figures[name]
    # as many warned accounts as would hold one that stopped without any foresight
    enough = figures["others_stopped"] >= MIN_ACCOUNTS and figures["warned"] * figures["others_share"] >= 1
    if enough and figures["warned_share"] <= figures["others_share"]:
        found.add("last_warned_missed", "watch", "last_warned_learn", **when, **figures)
        return
    kind = "last_warned" if result.figures["complete"] else "last_warned_so_far"
    found.add(kind, "watch" if result.lost else "note", action, result.lost, **when, **figures)
    counts = [[figures[f"{n}_stopped"], figures[n] - figures[f"{n}_stopped"]] for n in ("warned", "others")]
    if fisher_exact(counts).pvalue > ALPHA:
        found.add("last_warned_chance", "note", None, **when, **figures)
