"""What shows after a model was tested: whether its inputs have moved since, and what became of last period's score."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import chi2

from kamplay.method import panel
from kamplay.method.proof_scores import auc, wilson

# Lewis (1994, An Introduction to Credit Scoring), Siddiqi (2006, Credit Risk Scorecards): below 0.1 no change, above 0.25 a large one
SHIFTED, MOVED = 0.1, 0.25
BINS, PER_BIN = 10, 20  # tenths of the earlier values; fewer bins below 20 accounts each
DRIFT = ["feature", "psi", "noise", "state", "then", "now", "missing_then", "missing_now"]
BANDS = ("red", "yellow", "green")
WARNED = ("act", "watch", "none", "silence")  # warned of, by urgency; not; plainly stopped already, so that no warning was needed
LAST = ["band", "accounts", "stopped", "share", "low", "high", "predicted", "fell"]
MIN_DAYS = 30  # sooner nothing can have shown
MIN_EVENTS = 10  # stopped and stayed each, for a ranking accuracy worth its interval


@dataclass(frozen=True)
class LastScore:
    """Last period's score against what happened since.

    ``figures``: as_of (ISO, then), seen_to (ISO), days (since, at most the horizon), horizon, complete (the whole horizon has
    passed), accounts (scored then and known today), unknown (scored then, not in today's data), stopped (bought nothing in those days),
    by (churn_probability, health or None), auc, auc_low, auc_high (None with fewer than MIN_EVENTS), expected (sum of the
    probabilities, for the whole horizon; None without), expected_sd (what chance alone makes of that number, if the probabilities are
    right and the accounts independent), predicted (the same, None unless complete), due (ISO, when the horizon has passed), early (too
    soon to say). ``bands``: columns LAST, red first; accounts with a band only. ``predicted`` there is the mean probability, missing
    unless complete; ``fell`` counts the accounts that stopped or bought less than half, see ``fell``. ``warned``: the same by WARNED,
    of the accounts active then; empty where the earlier run does not tell. ``missed``: green then and stopped since, ``lost``: warned of
    then and stopped since, the largest first where the earlier run tells ``revenue``.
    """

    figures: dict[str, Any]
    bands: pd.DataFrame
    missed: tuple[str, ...] = ()
    warned: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=LAST))
    lost: tuple[str, ...] = ()

    @property
    def table(self) -> pd.DataFrame:
        """``bands``, then ``warned``: every account stands in both."""
        told = [frame for frame in (self.bands, self.warned) if len(frame)]
        return pd.concat(told, ignore_index=True) if told else self.bands


def psi(now: pd.Series, then: pd.Series) -> tuple[float, float]:
    """The population stability index Σ (n−t)·ln(n/t) over bins of the earlier values, and what chance alone exceeds one time in twenty.

    Bins are tenths of ``then``; a value that fills several tenths keeps one bin, missing values have their own. An empty cell
    counts as half an account. By chance the index is about χ² with bins − 1 degrees of freedom times (1/n + 1/m)
    (Yurdakul & Naranjo 2020, Journal of Risk Model Validation 14), so that few accounts pass 0.1 without any change.
    """
    known = then.dropna().to_numpy(dtype=float)
    if len(then) == 0 or len(now) == 0 or len(known) == 0:
        return float("nan"), float("nan")
    bins = int(np.clip(min(len(then), len(now)) // PER_BIN, 2, BINS))
    values = np.unique(known)
    few = len(values) <= bins
    edges = (values[1:] + values[:-1]) / 2 if few else np.unique(np.quantile(known, np.arange(1, bins) / bins))

    def counts(frame: pd.Series) -> np.ndarray:
        place = np.searchsorted(edges, frame.to_numpy(dtype=float), side="left")
        return np.bincount(np.where(frame.isna(), len(edges) + 1, place), minlength=len(edges) + 2).astype(float)

    n, t = counts(now), counts(then)
    used = (n + t) > 0
    shares = [np.maximum(c[used], 0.5) / c.sum() for c in (n, t)]
    index = float(((shares[0] - shares[1]) * np.log(shares[0] / shares[1])).sum())
    freedom = max(int(used.sum()) - 1, 1)
    return index, float(chi2.ppf(0.95, freedom) * (1 / len(now) + 1 / len(then)))


def drift(now: pd.DataFrame, then: pd.DataFrame) -> pd.DataFrame:
    """How each input moved from the accounts the model learnt on (``then``) to those it judges (``now``); the largest first.

    ``state``: stable, shifted (index above SHIFTED and above chance), moved (above MOVED and above chance), missing (a column of only
    one of the two, or without a value in one). ``then``, ``now``: medians. ``missing_*``: share without a value.
    """
    rows = []
    for name in sorted({*now.columns, *then.columns}, key=str):
        new, old = (f[name].astype(float) if name in f else pd.Series(dtype=float) for f in (now, then))
        index, noise = psi(new, old) if new.notna().any() else (float("nan"), float("nan"))
        real = index > noise
        state = "missing" if np.isnan(index) else "moved" if real and index > MOVED else "shifted" if real and index > SHIFTED else "stable"
        gaps = [float(v.isna().mean()) if len(v) else 1.0 for v in (old, new)]
        rows.append((str(name), index, noise, state, old.median(), new.median(), *gaps))
    out = pd.DataFrame(rows, columns=DRIFT)
    return out.sort_values(["psi", "feature"], ascending=[False, True], kind="stable", na_position="last").reset_index(drop=True)


def backtest_of_last(
    earlier: pd.DataFrame | None,
    days: pd.DataFrame,
    as_of: pd.Timestamp | None,
    seen_to: pd.Timestamp,
    horizon: int,
    today: pd.Index | None = None,
) -> LastScore | None:
    """Last period's score against what happened since; None without one, or where it is not from before ``seen_to``.

    ``earlier``: index account_id, any of churn_probability, health, health_band, warned (of WARNED), revenue, of the run whose data
    ended on ``as_of``; ``horizon`` is that run's, in days. ``days``: today's roll-up (account_id, date, amount, bought). ``today``: the
    accounts known today, by default those with a day up to ``as_of``: an account that was merged or renumbered since must not pass
    for one that stopped. Stopped: no purchase in the ``horizon`` days after ``as_of``, or in those of them that have passed.
    """
    if earlier is None or as_of is None or len(earlier) == 0 or pd.Timestamp(as_of) >= seen_to:
        return None
    as_of = pd.Timestamp(as_of)
    score, by = _score(earlier)
    band = earlier["health_band"] if "health_band" in earlier else pd.Series(None, index=earlier.index, dtype=object)
    warned = earlier["warned"] if "warned" in earlier else pd.Series(None, index=earlier.index, dtype=object)
    judged = score.notna() | band.notna() | warned.notna()
    if not judged.any():
        return None
    ids = earlier.index[judged]
    if today is None:
        today = pd.Index(days.loc[days["date"] <= as_of, "account_id"].unique())
    known = ids[ids.isin(today)]
    elapsed = int(min((seen_to - as_of).days, horizon))
    after = days[days["bought"] & (days["date"] > as_of) & (days["date"] <= as_of + pd.Timedelta(days=elapsed))]
    stopped = pd.Series((~known.isin(after["account_id"].unique())).astype(float), index=known)
    less = stopped.astype(bool) | fell(days, known, as_of, elapsed)
    score, band, warned = score.reindex(known), band.reindex(known), warned.reindex(known)
    told = score.notna()
    y, p = stopped[told].to_numpy(), score[told].to_numpy(dtype=float)
    complete, early = elapsed >= horizon, elapsed < min(MIN_DAYS, horizon)
    enough = min(y.sum(), (1 - y).sum()) >= MIN_EVENTS and not early
    area = auc(y, p) if enough else None
    likely = by == "churn_probability"
    expected = float(p.sum()) if likely else None
    figures = {
        "as_of": as_of.date().isoformat(), "seen_to": seen_to.date().isoformat(), "days": elapsed, "horizon": horizon,
        "complete": complete, "early": early, "accounts": len(known), "unknown": len(ids) - len(known), "stopped": int(stopped.sum()),
        "by": by, "events": int(min(y.sum(), (1 - y).sum())) if len(y) else 0,
        "auc": area.value if area else None, "auc_low": area.low if area else None, "auc_high": area.high if area else None,
        "predicted": expected if complete else None, "scored": int(told.sum()), "scored_stopped": int(y.sum()),
        "expected": expected, "expected_sd": float(np.sqrt((p * (1 - p)).sum())) if likely else None,
        "due": (as_of + pd.Timedelta(days=horizon)).date().isoformat(),
    }  # fmt: skip
    size = earlier["revenue"] if "revenue" in earlier else pd.Series(0.0, index=earlier.index)

    def gone(among: pd.Series) -> tuple[str, ...]:
        who = known[among.to_numpy(dtype=bool) & (stopped == 1).to_numpy()]
        order = pd.DataFrame({"size": -size.reindex(who).fillna(0.0).to_numpy(), "id": who}).sort_values(["size", "id"])
        return tuple(order["id"])

    likelihood = score if likely and complete else score * np.nan
    bands, warnings = (_by_group(stopped, less, label, names, likelihood) for label, names in ((band, BANDS), (warned, WARNED)))
    return LastScore(figures, bands, gone(band == "green"), warnings, gone(warned.isin(WARNED[:2])))


def fell(days: pd.DataFrame, ids: pd.Index, cutoff: pd.Timestamp, since: int) -> pd.Series:
    """Whether each account bought less than half in the ``since`` days after the cut-off: against the same days a year before, as in
    ``panel.shrunk``, or where the data begin later than that, against as many days before. False without a base above 0."""
    past = panel.history(days)
    if not len(past.accounts) or not since:
        return pd.Series(False, index=ids)
    base = "year" if panel.number(cutoff) - panel.YEAR >= past.start and since <= panel.YEAR else "before"
    place = past.accounts.get_indexer(ids)
    halved = panel.shrunk(past, np.maximum(place, 0), cutoff, since, base) == 1
    return pd.Series(halved & (place >= 0), index=ids)


def _score(earlier: pd.DataFrame) -> tuple[pd.Series, str | None]:
    """What ranked the accounts then, higher meaning more likely to stop: the probability, else the health score turned round."""
    for name, sign in (("churn_probability", 1.0), ("health", -1.0)):
        if name in earlier and earlier[name].notna().any():
            return sign * earlier[name].astype(float), name
    return pd.Series(np.nan, index=earlier.index, dtype=float), None


def _by_group(stopped: pd.Series, less: pd.Series, label: pd.Series, names: tuple[str, ...], probability: pd.Series) -> pd.DataFrame:
    rows = []
    for name in names:
        inside = (label == name).to_numpy(dtype=bool)
        count, gone = int(inside.sum()), float(stopped[inside].sum())
        share = wilson(gone, count)
        likely = probability[inside].mean() if count else float("nan")
        rows.append((name, count, int(gone), share.value, share.low, share.high, likely, int(less[inside].sum())))
    out = pd.DataFrame(rows, columns=LAST)
    return out if out["accounts"].sum() else out.iloc[:0]
