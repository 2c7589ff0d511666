"""The priority list: whom to see first, by expected loss and warning signs; and what became of the list
made one horizon ago.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.health.churn import MIN_EVENTS, ChurnModel
from kamplay.method.health.churn_features import day_number, purchase_history, revenue_halved, stopped_buying
from kamplay.method.health.early_warning import judged, stopped_accounts, track_record
from kamplay.method.health.validation import Validation
from kamplay.method.measures import purchases
from kamplay.method.measures.buying_rhythm import rhythm_at
from kamplay.method.measures.noise_reference import noise_reference
from kamplay.method.measures.warning_signs import raised_signs, strongest_sign
from kamplay.method.noise_gate import family_look
from kamplay.method.results import Findings

BY_LOSS, BY_WARNING = 6, 6  # as many as an owner's week can hold
IN_DANGER = 0.2  # below this probability of having left, an account without a sign is large, not in danger
# a slow buyer: its own rhythm leaves the horizon empty more often than so
SLOW = 0.05
MOST_EMPTY = 0.99  # how often a rhythm leaves the horizon empty at most
# an interval from below the one to above the other leaves open whether an account is safe or lost
SAFE, LOST = 1 / 3, 2 / 3
MIN_LISTED = 5  # what became of fewer accounts says nothing
MANY_MOVED = 0.25  # of the model's inputs, from which its test says little of today's accounts
COLUMNS = [
    "revenue",
    "owner",
    "level",
    "probability",
    "low",
    "high",
    "at_risk",
    "sign",
    "since",
    "driver",
    "severity",
    "health",
    "health_band",
    "silent_days",
    "gap_days",
    "more",
    "too_wide",
]


@dataclass(frozen=True)
class PriorityList:
    """Whom to see first.

    Attributes
    ----------
    slow : slow buyers, the largest first, that are inside their own rhythm although their probability of no
        purchase is IN_DANGER or more: not on the list.
    accounts : COLUMNS (index account_id), in the order of ``choose_accounts``: ``sign`` and ``severity`` of
        its strongest warning and ``since`` when, ``more``: the next sign, ``driver``: what costs its score
        most, ``too_wide``: whether the interval of its probability is, see ``too_wide``.
    record : what became of the list made at the cut-off of the model's test; None without a test. cutoff
        (ISO), horizon (days); of the listed: count, stopped (bought nothing in the horizon), fell (less than
        half of what they bought in as many days before), lost, due (how many would stop by their chances);
        of all that had not plainly stopped by then: open (accounts), all_stopped, all_fell, all_lost; share
        (lost of all_lost, None without any) and chance (what as many accounts drawn at random would have held
        of it). Lost is the year's revenue in proportion to the horizon, less what was still bought. The one
        record of the expected loss is that of the sum over all of them, as it is told today: counted
        (accounts), sum_expected, sum_came and sum_sd, see ``_came_of_the_sum``.
    """

    accounts: pd.DataFrame
    record: dict[str, Any] | None = None
    slow: tuple[str, ...] = ()


def priority_list(
    book: Book, active: pd.DataFrame, warnings: pd.DataFrame, model: ChurnModel, horizon: int
) -> PriorityList:
    """Choose whom to see first, and look at what became of the list made one horizon ago.

    Parameters
    ----------
    active : the accounts that bought within a year, see ``choose_accounts``.
    warnings : as in ``EarlyWarning``.
    horizon : days.
    """
    rhythm = own_rhythm(book, book.seen_to, horizon).reindex(active.index)
    waits = rhythm["inside"].fillna(False).astype(bool) & (active["probability"] >= IN_DANGER)
    listed = choose_accounts(active, warnings, rhythm)
    slow = active["revenue"][waits & ~active.index.isin(listed.index)].sort_values(
        ascending=False, kind="stable"
    )
    return PriorityList(listed, past_list(book, model, horizon), tuple(slow.index))


def own_rhythm(book: Book, day: pd.Timestamp, horizon: int) -> pd.DataFrame:
    """Tell how often each account's own rhythm leaves the horizon empty, and whether it is inside it.

    An account that buys at random, at a rate that its n purchases in n usual gaps tell, buys nothing in h
    days with (1 + h / (n · gap))^−n: a slow buyer does so often without having left.

    Returns
    -------
    DataFrame
        Index account_id, accounts that had bought by the day: ``empty`` (that probability) and ``inside`` (a
        slow buyer, empty above SLOW, whose last purchase is no longer ago than its usual gap).
    """
    rhythm = rhythm_at(book, day)
    buys, gap = rhythm["buys"].astype("float64"), rhythm["drawn_gap"].clip(lower=1.0)
    empty = (1 + horizon / (buys * gap)) ** -buys
    inside = (empty > SLOW) & (rhythm["silent"] <= rhythm["gap"])
    return pd.DataFrame({"empty": empty, "inside": inside})


def beyond_rhythm(probability: pd.Series, rhythm: pd.DataFrame) -> pd.Series:
    """How likely each account is to have left: the part of its probability p of no purchase that its own
    rhythm does not explain.

    Where that leaves the horizon empty with e, one that has left with q buys nothing with 1 − (1 − q)(1 − e)
    = p. An empty horizon of one that goes on is no loss: its revenue of a year has such horizons in it.

    Parameters
    ----------
    rhythm : as ``own_rhythm`` gives it; without e, p is taken as it is.
    """
    empty = rhythm["empty"].reindex(probability.index).astype("float64").fillna(0.0)
    empty = empty.clip(upper=MOST_EMPTY)
    return (1 - (1 - probability) / (1 - empty)).clip(lower=0.0)


def choose_accounts(
    active: pd.DataFrame, warnings: pd.DataFrame, rhythm: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Choose the accounts to see first.

    Of the accounts in danger (see ``in_danger``) the BY_LOSS largest expected losses, then the BY_WARNING
    next of those whose sign calls for action. Accounts that have plainly stopped need a decision, not a
    visit. Without a probability: the largest accounts whose sign calls for action, then the largest red
    ones that show any sign.

    Parameters
    ----------
    active : revenue, probability, low, high, at_risk, health, health_band, driver; and, where known, owner,
        level, silent_days, gap_days (index account_id).
    warnings : account_id, sign, strength, severity, since.
    rhythm : as ``own_rhythm`` gives it; without one, p is taken as it is.

    Returns
    -------
    COLUMNS (index account_id), the largest expected loss first. One whose probability is too wide to bear a
    decision is marked: its sign decides, not its place.
    """
    gone = stopped_accounts(warnings)
    warnings = warnings[~warnings["account_id"].isin(gone)]
    strongest, next_sign = strongest_sign(warnings), strongest_sign(warnings, 2)
    candidates = active[(active["revenue"] > 0) & ~active.index.isin(gone)].sort_index()
    known = bool(candidates["probability"].notna().any())
    calling = strongest.index[strongest["severity"] == "act"]
    danger = in_danger(candidates, warnings, rhythm)
    chosen = candidates[danger & (candidates["at_risk"] > 0)].nlargest(BY_LOSS, "at_risk").index
    rest = candidates[candidates.index.isin(calling.difference(chosen))]
    chosen = chosen.append(rest.nlargest(BY_WARNING, "at_risk" if known else "revenue").index)
    if not known and len(chosen) < BY_LOSS:
        red = candidates[(candidates["health_band"] == "red") & candidates.index.isin(strongest.index)]
        red = red[~red.index.isin(chosen)]
        chosen = chosen.append(red.nlargest(BY_LOSS - len(chosen), "revenue").index)
    listed = candidates.reindex(chosen)
    for name in ("sign", "severity"):
        listed[name] = strongest[name].reindex(chosen).astype(object)
    listed["since"] = strongest["since"].reindex(chosen) if "since" in strongest else pd.NaT
    listed["more"] = next_sign["sign"].reindex(chosen).astype(object)
    listed = listed.reindex(columns=COLUMNS)
    listed["too_wide"] = too_wide(listed["low"], listed["high"])
    order = listed.sort_values(["at_risk", "revenue"], ascending=False, kind="stable", na_position="last")
    return order[COLUMNS]


def too_wide(low: Any, high: Any) -> Any:
    """Tell whether an interval of a probability bears no decision: it runs from below SAFE to above LOST.

    Parameters
    ----------
    low, high : its ends, of one account or of many; where they are missing it does not.
    """
    return (low < SAFE) & (high > LOST)


def in_danger(active: pd.DataFrame, warnings: pd.DataFrame, rhythm: pd.DataFrame | None = None) -> pd.Series:
    """Tell which accounts are in danger, apart from those that have plainly stopped.

    In danger is an account with a sign that calls for action, or whose probability p of no purchase its own
    rhythm does not explain: where that leaves the horizon empty with e, it has left with q = 1 − (1 − p) / (1
    − e), and q is IN_DANGER or more. A slow buyer inside its own rhythm is not in danger.

    Parameters
    ----------
    active, warnings, rhythm : as in ``choose_accounts``.

    Returns
    -------
    A mask over ``active``.
    """
    gone = stopped_accounts(warnings)
    strongest = strongest_sign(warnings[~warnings["account_id"].isin(gone)])
    calling = strongest.index[strongest["severity"] == "act"]
    left, inside = active["probability"], pd.Series(False, index=active.index)
    if rhythm is not None:
        left = beyond_rhythm(left, rhythm)
        inside = rhythm["inside"].reindex(active.index).fillna(False).astype(bool)
    doubtful = ((left >= IN_DANGER) & ~inside) | active.index.isin(calling)
    return doubtful & ~active.index.isin(gone)


def past_list(book: Book, model: ChurnModel, horizon: int) -> dict[str, Any] | None:
    """Make the list of the test's cut-off from what was known that day, and follow it to today.

    Returns
    -------
    ``PriorityList.record``.
    """
    test = model.test
    if test.empty or test["predicted"].isna().all():
        return None
    cutoff, ids = pd.Timestamp(test["cutoff"].iloc[0]), pd.Index(test["account_id"])
    then = pd.DataFrame(
        {
            "revenue": test["revenue"].to_numpy(dtype=float),
            "probability": test["predicted"].to_numpy(dtype=float),
        },
        index=ids,
    )
    expected = expected_revenue(then["revenue"], rhythm_at(book, cutoff).reindex(ids), horizon)
    rhythm = own_rhythm(book, cutoff, horizon)
    then["at_risk"] = beyond_rhythm(then["probability"], rhythm) * expected
    warnings = judged(raised_signs(book, cutoff), track_record(book, cutoff, horizon)[0])
    listed = ids.isin(choose_accounts(then.assign(health_band=None), warnings, rhythm).index)
    still_buying = ~ids.isin(stopped_accounts(warnings))
    history = purchase_history(book.days)
    codes = history.accounts.get_indexer(ids)
    stopped = stopped_buying(history, codes, cutoff, horizon) == 1
    halved = np.nan_to_num(revenue_halved(history, codes, cutoff, horizon, "before")) == 1
    bought = np.maximum(history.revenue(codes, day_number(cutoff), horizon), 0.0)
    lost = np.where(stopped | halved, np.maximum(expected.to_numpy() - bought, 0.0), 0.0)
    lost_in_all = float(lost[still_buying].sum())
    summed = _came_of_the_sum(then["probability"], rhythm, expected, stopped, still_buying)
    return {
        "cutoff": str(cutoff.date()),
        "horizon": horizon,
        "count": int(listed.sum()),
        "open": int(still_buying.sum()),
        "stopped": int((stopped & listed).sum()),
        "fell": int((halved & ~stopped & listed).sum()),
        "due": round(float(then["probability"][listed].sum()), 4),
        "all_stopped": int((stopped & still_buying).sum()),
        "all_fell": int((halved & ~stopped & still_buying).sum()),
        "lost": round(float(lost[listed].sum()), 2),
        "all_lost": round(lost_in_all, 2),
        "share": float(lost[listed].sum() / lost_in_all) if lost_in_all > 0 else None,
        "chance": float(listed.sum() / max(still_buying.sum(), 1)),
        **summed,
    }


def _came_of_the_sum(
    probability: pd.Series,
    rhythm: pd.DataFrame,
    expected: pd.Series,
    stopped: np.ndarray,
    still_buying: np.ndarray,
) -> dict[str, Any]:
    """What came of the expected loss of all accounts, in its own measure.

    The sum is Σ q · E, with q the chance of having left beyond the rhythm (see ``beyond_rhythm``) and E what
    the account would buy. Who bought nothing (S = 1) may have left or be a slow buyer; as P(S = 1) = 1 − (1 −
    q)(1 − e), the sum of (S − e) / (1 − e) · E has the mean Σ q · E, whatever q is: by it the two are
    comparable. It may be below 0, where fewer bought nothing than their rhythms alone explain.

    Returns
    -------
    counted (accounts), sum_expected, sum_came and sum_sd: how far chance alone moves what came, were the
    chances right.
    """
    counted = still_buying & (expected > 0).to_numpy() & probability.notna().to_numpy()
    ids, money = probability.index[counted], expected.to_numpy()[counted]
    p = probability.to_numpy(dtype=float)[counted]
    empty = rhythm["empty"].reindex(ids).astype("float64").fillna(0.0).clip(upper=MOST_EMPTY).to_numpy()
    left = beyond_rhythm(probability[counted], rhythm).to_numpy()
    weight = money / (1 - empty)
    return {
        "counted": int(counted.sum()),
        "sum_expected": round(float((left * money).sum()), 2),
        "sum_came": round(float((weight * (stopped[counted] - empty)).sum()), 2),
        "sum_sd": round(float(np.sqrt((weight**2 * p * (1 - p)).sum())), 2),
    }


def expected_revenue(revenue: pd.Series, rhythm: pd.DataFrame, horizon: int) -> pd.Series:
    """What each account buys in ``horizon`` days if it goes on as in the year whose ``revenue`` it is.

    A single purchase promises no second one, so nothing is expected of it (and nothing is at risk).
    """
    return purchases.over_horizon(revenue, horizon).where(rhythm["buys"] != 1, 0.0)


def _too_few_to_tell(findings: Findings, book: Book, active: pd.DataFrame) -> None:
    """Say that so few accounts allow no verdict, and as facts which bring less than the year before."""
    now, before = purchases.revenue(book), purchases.revenue(book, ending_months_ago=12)
    ids = active.index
    both = pd.DataFrame({"now": now.reindex(ids).fillna(0.0), "before": before.reindex(ids).fillna(0.0)})
    fell = both[both["now"] < both["before"]]
    fell = fell.loc[(fell["now"] - fell["before"]).sort_values(kind="stable").index]
    findings.add(
        "watch_too_few",
        "watch",
        None,
        fell.index,
        buying=len(ids),
        needed=MIN_EVENTS,
        count=len(fell),
        now=float(fell["now"].sum()),
        before=float(fell["before"].sum()),
    )


def add_findings(
    findings: Findings,
    book: Book,
    result: PriorityList,
    active: pd.DataFrame,
    horizon: int,
    by_campaign: bool = False,
    loss: tuple[float, float] | None = None,
    shown: bool = True,
    proof: dict[str, Any] | None = None,
) -> None:
    """Add whom to see, which slow buyers need no visit, and who has plainly stopped already.

    ``active`` : the accounts that bought within a year, see ``Health``; ``by_campaign`` : that a campaign
    stands in place of the list; ``loss`` : the 80 % interval of what the listed are expected to lose;
    ``shown`` : that a chance of stopping is shown; ``proof`` : of ``RevenueAtRisk``.
    """
    listed = result.accounts
    if listed.empty:
        if not by_campaign and 0 < len(active) < MIN_EVENTS and not shown:
            _too_few_to_tell(findings, book, active)
        elif not by_campaign:
            findings.add("watch_none", "note")
    else:
        figures = {
            "count": len(listed),
            "revenue": listed["revenue"].sum(),
            "warned": int((listed["severity"] == "act").sum()),
        }
        kind, at_risk = "watch_list_score", listed["at_risk"].astype("float64")
        if at_risk.notna().any():
            kind = "watch_list"
            ahead = purchases.over_horizon(listed["revenue"], horizon).sum()
            figures |= {"at_risk": at_risk.sum(), "ahead": ahead, "horizon": horizon, "stake": at_risk.sum()}
            figures["since"] = str(pd.Timestamp(book.as_of).date())
            figures["too_wide"] = int(listed["too_wide"].sum())
            figures["wide_loss"] = float(at_risk[listed["too_wide"].astype(bool)].sum())
            figures |= dict(zip(("loss_low", "loss_high"), loss or (None, None), strict=True))
            figures |= proof or {"told": True}
        action = "see_them" if listed["owner"].notna().any() else "see_them_unowned"
        findings.add(kind, "act", action, listed.index, **figures)
    if len(result.slow):
        first = active.loc[result.slow[0]]
        figures = {"count": len(result.slow), "silent": first["silent_days"], "usual": first["gap_days"]}
        findings.add("watch_slow", "note", None, result.slow, horizon=horizon, **figures)
    stopped = active.index[active["stopped"]]
    if len(stopped):
        # the loss that has already come: what they bought in the year before they fell silent
        before = purchases.last_year_of_purchases(book).reindex(stopped)
        before = before.sort_values(ascending=False, kind="stable")
        last_order = rhythm_at(book, book.seen_to).loc[before.index[0], "last"]
        findings.add(
            "already_stopped",
            "act",
            "settle_gone",
            before.index,
            count=len(before),
            before=before.sum(),
            first_before=before.iloc[0],
            last_order=str(last_order.date()),
            again=int(before.index.isin(purchases.bought_after(book).index).sum()),
            look=family_look(noise_reference(book).silence.reindex(active.index)),
        )


def add_trust_findings(
    findings: Findings,
    listed: PriorityList,
    tested: Validation,
    drift: pd.DataFrame,
    expected_loss: float | None = None,
) -> None:
    """Add what became of the list made one horizon ago, and whether today's accounts are of another kind.

    ``drift`` : as ``Health.input_drift``; ``expected_loss`` : of all accounts, of which the list has a share.
    """
    record = listed.record
    if listed.accounts.empty or record is None or tested.figures["reason"] is not None:
        return
    if record["count"] < MIN_LISTED or record["share"] is None:
        return
    figures = {**record, "hit": record["stopped"] + record["fell"]}
    figures["all_hit"] = record["all_stopped"] + record["all_fell"]
    if expected_loss:
        figures["share_now"] = float(listed.accounts["at_risk"].sum()) / expected_loss
    if record["lost"] > 0:
        findings.add("watch_trust", "note", **figures)
    else:
        findings.add("watch_trust_none", "watch", **figures)
    moved = int((drift["state"] == "moved").sum()) if len(drift) else 0
    if moved >= MANY_MOVED * max(len(drift), 1):
        findings.add("watch_trust_moved", "watch", moved=moved, known=len(drift))
