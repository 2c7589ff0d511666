"""Revenue at risk: what stopping accounts are expected to cost, by tier and by owner, with its interval; and
what the warning signs take off the forecast.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from kamplay.method.health.early_warning import EarlyWarning, stopped_accounts
from kamplay.method.health.priority_list import beyond_rhythm
from kamplay.method.results import Findings
from kamplay.method.stats.shared_error import SharedError, shared_error
from kamplay.method.value.clv import counted
from kamplay.method.value.step import Value

SEED = 20260630
DRAWS = 2000
COVERAGE = 0.8  # of the interval: eight outcomes in ten
Z80 = 1.2815515655446004
# accounts that are drawn one by one, those that move the sum most; the others enter with their expectation
MAX_DRAWN = 2000
MIN_LISTED = 0.25  # of the expected loss on the priority list: below it single visits change little
NOBODY = ""  # the group of the accounts for which no owner is recorded
# of buying on, by purchase dates alone: below it nothing is expected of the account that could be taken off
MIN_STAYING = 0.02
MIN_REDUCTION = 0.005  # of the forecast: less is not worth a sentence
WIDE = 10.0  # times the lower end of its range, from which a sum is too wide for one figure
FAR_OFF = 10.0  # times that expected and lost lie apart, from which the test of a sum has failed
RECORD = ("cutoff", "counted", "sum_expected", "sum_came", "sum_sd")  # of what came of the sum
COLUMNS = [
    "by",
    "group",
    "accounts",
    "revenue",
    "at_risk",
    "low",
    "high",
    "stopping",
    "first",
    "danger",
    "danger_at_risk",
]


@dataclass(frozen=True)
class RevenueAtRisk:
    """The expected loss over the horizon, in the engagement's currency.

    Attributes
    ----------
    groups : one row a group, COLUMNS: ``by`` (``all``, ``level`` or ``owner``), group (of owners NOBODY where
        none is recorded), accounts, their revenue (12 months), at_risk (expected loss) with its 80 % interval
        low to high, stopping (accounts expected to leave), first (of those in danger the account with the
        largest expected loss, else of all), danger and danger_at_risk (the accounts in danger and what is
        expected to be lost with them).
    forecast_reduction : what the signs take off the forecast of the next 12 months, see
        ``forecast_after_signs``; None where nothing can be taken off.
    forecast : that forecast, history and deals; None without one.
    forecast_range : its 80 % interval.
    record : what came of the same sum one horizon ago, see ``PriorityList``: it decides whether amounts are
        told, and corrects the reduction; None where nothing was tested.
    """

    groups: pd.DataFrame
    forecast_reduction: dict[str, Any] | None = None
    forecast: float | None = None
    record: dict[str, Any] | None = None
    forecast_range: tuple[float, float] | None = None

    @property
    def told(self) -> bool:
        """Whether it bears amounts, of all accounts as of one: not where its test failed, nor where its range
        is too wide for one figure (WIDE). It then gives an order, no amounts.
        """
        if self.failed:
            return False
        if self.groups.empty:
            return True
        whole = self.groups[self.groups["by"] == "all"].iloc[0]
        return bool(whole["high"] <= WIDE * max(whole["low"], 0.0))

    @property
    def failed(self) -> bool:
        """Whether nothing came of the same sum one horizon ago, or FAR_OFF times more or less than it."""
        if self.record is None:
            return False
        came, expected = self.record["sum_came"], self.record["sum_expected"]
        return bool(came <= 0 or max(came, expected) > FAR_OFF * min(came, expected))

    @property
    def proof(self) -> dict[str, Any]:
        """Whether amounts are told, and what came of the same sum: what findings tell of it."""
        record = self.record or {}
        return {"told": self.told, "failed": self.failed} | {k: record[k] for k in RECORD if k in record}

    @property
    def of_all(self) -> float | None:
        """The expected loss of all accounts; None where none is known."""
        if self.groups.empty:
            return None
        known = self.groups.loc[self.groups["by"] == "all", "at_risk"]
        return float(known.iloc[0]) if len(known) else None


def revenue_at_risk(
    active: pd.DataFrame,
    warnings: EarlyWarning | None = None,
    by_dates: pd.Series | None = None,
    value: Value | None = None,
    record: dict[str, Any] | None = None,
    rhythm: pd.DataFrame | None = None,
    danger: pd.Series | None = None,
) -> RevenueAtRisk:
    """Estimate the expected loss, and with step 2 what the warning signs take off its forecast.

    Parameters
    ----------
    active : the accounts that bought within a year, see ``expected_loss``.
    by_dates : account_id → probability of no purchase, from purchase dates alone.
    record : what came of the same sum one horizon ago, see ``PriorityList``; None where none was tested.
    rhythm : as ``own_rhythm`` gives it: what it explains is no loss; without it the probability is taken
        as it is.
    danger : which accounts are in danger, see ``in_danger``.
    """
    found = RevenueAtRisk(expected_loss(_beyond_rhythm(active, rhythm), danger), record=record)
    if value is None or warnings is None or by_dates is None or not found.told:
        return found
    signs = warnings.warnings
    warned = pd.Index(signs["account_id"].unique()).difference(stopped_accounts(signs), sort=False)
    expected = counted(value.customer_value.accounts)["revenue_12m"]
    forecast = None if value.forecast.expected is None else value.forecast.total
    reduction = forecast_after_signs(expected, active, warned, by_dates, record)
    ranged = None if forecast is None else (value.forecast.low, value.forecast.high)
    return replace(found, forecast_reduction=reduction, forecast=forecast, forecast_range=ranged)


def loss_interval(active: pd.DataFrame, rhythm: pd.DataFrame) -> tuple[float, float] | None:
    """Give the 80 % interval of the expected loss of ``active``; None where no probability is known."""
    groups = expected_loss(_beyond_rhythm(active, rhythm))
    return None if groups.empty else (float(groups["low"].iloc[0]), float(groups["high"].iloc[0]))


def _beyond_rhythm(active: pd.DataFrame, rhythm: pd.DataFrame | None) -> pd.DataFrame:
    if rhythm is None:
        return active
    ends = {name: active[name].astype("float64") for name in ("probability", "low", "high")}
    return active.assign(**{name: beyond_rhythm(end, rhythm) for name, end in ends.items()})


def expected_loss(active: pd.DataFrame, danger: pd.Series | None = None) -> pd.DataFrame:
    """Add up the expected loss of all accounts, by level and by owner, with its interval.

    The loss of a group is simulated: the model may be off for all accounts alike (one draw shifts every logit
    by its own standard error), and each account then stops or stays. Independent accounts would cancel out
    more than they do, so the interval errs to the wide side.

    Parameters
    ----------
    active : probability, low, high (its 80 % interval, may be missing), expected (revenue of the horizon if
        the account stays), revenue (12 months), level and owner (either may be missing) (index account_id).
        Accounts without a probability are left out.
    danger : which of them are in danger; none where it is not known.

    Returns
    -------
    ``RevenueAtRisk.groups``.
    """
    known = active[active["probability"].notna() & (active["expected"] > 0)].sort_index()
    if known.empty:
        return pd.DataFrame(columns=COLUMNS)
    p = known["probability"].clip(0.0, 1 - 1e-6).to_numpy(dtype=float)
    value = known["expected"].to_numpy(dtype=float)
    called = np.zeros(len(known), dtype=bool)
    if danger is not None:
        called = danger.reindex(known.index).fillna(False).to_numpy(dtype=bool)
    drawn = np.argsort(-value * np.sqrt(p * (1 - p)), kind="stable")[:MAX_DRAWN]
    stops = _draw(known.iloc[drawn], p[drawn])
    column = np.full(len(known), -1)  # of ``stops``, -1 for accounts that are not drawn
    column[drawn] = np.arange(len(drawn))
    places = pd.Series(np.arange(len(known)), index=known.index)
    rows = []
    for by in ("all", "level", "owner"):
        if by != "all" and (by not in known or known[by].isna().all()):
            continue
        label = pd.Series("all", index=known.index) if by == "all" else known[by]
        if by == "owner":
            # without a row of their own for accounts without an owner, the owners would not add up to all
            label = label.astype(object).where(label.notna(), NOBODY)
        for group, ids in places.groupby(label).groups.items():
            at = places[ids].to_numpy()
            loss = p[at] * value[at]
            here = called[at]
            single = at[column[at] >= 0]
            rest = float(loss.sum() - (p[single] * value[single]).sum())
            sums = stops[:, column[single]] @ value[single] + rest
            low, high = np.quantile(sums, [(1 - COVERAGE) / 2, (1 + COVERAGE) / 2])
            rows.append(
                {
                    "by": by,
                    "group": group,
                    "accounts": len(at),
                    "revenue": round(float(known["revenue"].to_numpy(dtype=float)[at].sum()), 2),
                    "at_risk": round(float(loss.sum()), 2),
                    "low": round(float(low), 2),
                    "high": round(float(high), 2),
                    "stopping": float(p[at].sum()),
                    "first": known.index[at[np.argmax(loss + loss.sum() * here)]],
                    "danger": int(here.sum()),
                    "danger_at_risk": round(float(loss[here].sum()), 2),
                }
            )
    groups = pd.DataFrame(rows, columns=COLUMNS)
    return groups.sort_values(["by", "at_risk"], ascending=[True, False], kind="stable", ignore_index=True)


def _draw(accounts: pd.DataFrame, p: np.ndarray) -> np.ndarray:
    """Whether each account stops in each draw (DRAWS, accounts)."""
    rng = np.random.default_rng(SEED)
    ends = accounts.reindex(columns=["low", "high"]).astype("float64").clip(1e-6, 1 - 1e-6)
    logits = np.log(ends / (1 - ends))
    sd = ((logits["high"] - logits["low"]) / (2 * Z80)).fillna(0.0).to_numpy()
    shift = rng.standard_normal(DRAWS)[:, None] * sd
    logit = np.log(np.maximum(p, 1e-6) / (1 - p))
    chance = 1 / (1 + np.exp(-(logit + shift)))
    return rng.random(chance.shape) < chance


def forecast_after_signs(
    expected: pd.Series,
    active: pd.DataFrame,
    warned: pd.Index,
    by_dates: pd.Series,
    record: dict[str, Any] | None = None,
) -> dict[str, Any] | None:
    """Estimate what the warning signs take off the forecast by purchase dates.

    The forecast counts on an account with 1 − d, where d is its probability of no purchase by dates alone;
    the signs leave 1 − p. So of its expectation E the part q = 1 − (1 − p)/(1 − d) is taken off, and nothing
    where p is not above d. That is how the chances of today rate it. What came of the expected loss of one
    horizon ago tells how far such a rating may be off for all of them: ln(came / expected) is a miss like
    that of a forecast's year, of which a part comes again and which widens the range (see ``shared_error``);
    without a test only its floor does.

    Parameters
    ----------
    expected : account_id → revenue expected in the next 12 months by purchase dates alone.
    active : probability, low, high (index account_id).
    warned : accounts with a sign that have not plainly stopped.
    by_dates : account_id → d.
    record : of the sum of then: sum_expected, sum_came (above 0) and sum_sd; None without.

    Returns
    -------
    accounts, expected (of them, by purchase dates), rated (what the chances take off), off (the same after
    the record) with low and high (80 %, what is expected of them at most), first; None where nothing can be
    taken off.
    """
    ids = warned.intersection(active.index[active["probability"].notna()])
    ids = ids.intersection(expected.index[expected.notna()])
    ids = ids.intersection(by_dates.index[by_dates < 1 - MIN_STAYING])
    if ids.empty:
        return None
    stays = 1 - by_dates.reindex(ids)
    frame = pd.DataFrame(
        {"expected": expected.reindex(ids).clip(lower=0), "revenue": expected.reindex(ids)}, index=ids
    )
    for name in ("probability", "low", "high"):
        frame[name] = np.clip(1 - (1 - active[name].reindex(ids).astype(float)) / stays, 0.0, 1.0)
    frame = frame[frame["expected"] > 0].sort_index()
    if frame.empty:
        return None
    most = float(frame.loc[frame["probability"] > 0, "expected"].sum())  # if all of these stop
    loss, sums = _lost_together(frame)
    error = _error_of_sum(record)
    rated = float(loss.sum())
    drawn = np.minimum(sums * error.draws(DRAWS), most)
    low, high = np.quantile(drawn, [(1 - COVERAGE) / 2, (1 + COVERAGE) / 2])
    return {
        "accounts": len(ids),
        "expected": round(float(frame["expected"].sum()), 2),
        "rated": round(rated, 2),
        "off": round(min(rated * float(np.exp(error.median)), most), 2),
        "low": round(float(low), 2),
        "high": round(float(high), 2),
        "first": loss.idxmax(),
    }


def _lost_together(known: pd.DataFrame) -> tuple[pd.Series, np.ndarray]:
    """The expected loss of each account, and what all of them lose in each draw (DRAWS,)."""
    p = known["probability"].clip(1e-6, 1 - 1e-6).to_numpy(dtype=float)
    value = known["expected"].to_numpy(dtype=float)
    drawn = np.argsort(-value * np.sqrt(p * (1 - p)), kind="stable")[:MAX_DRAWN]
    rest = float((p * value).sum() - (p[drawn] * value[drawn]).sum())
    sums = _draw(known.iloc[drawn], p[drawn]) @ value[drawn] + rest
    return pd.Series(p * value, index=known.index), sums


def _error_of_sum(record: dict[str, Any] | None) -> SharedError:
    if record is None:
        return shared_error([], [])
    return shared_error([float(np.log(record["sum_came"] / record["sum_expected"]))], [_spread(record)])


def _spread(record: dict[str, Any]) -> float:
    """How far chance alone moves the log of what came, were the chances right."""
    return float(np.sqrt(np.log1p((record["sum_sd"] / record["sum_expected"]) ** 2)))


def add_findings(
    findings: Findings,
    result: RevenueAtRisk,
    horizon: int,
    listed: float | None,
    untried: pd.Series | None = None,
    stronger: bool | None = None,
) -> None:
    """Add what is expected to be lost, and who answers for most of it.

    Parameters
    ----------
    listed : the expected loss of the priority list; None where a campaign stands in its place.
    untried : sign → the expected loss of the accounts whose chance rests on it, of signs without a record.
    stronger : as ``SeasonOfTest.stronger``.
    """
    groups = result.groups
    if groups.empty:
        return
    whole = groups[groups["by"] == "all"].iloc[0]
    covered = min((listed or 0.0) / whole["at_risk"], 1.0) if whole["at_risk"] > 0 else 0.0
    by_list = "work_the_list" if covered >= MIN_LISTED else "work_by_campaign"
    action = None if listed is None else by_list  # the campaign has an action of its own
    names = ("at_risk", "low", "high", "stopping", "accounts", "danger", "danger_at_risk")
    figures = {k: whole[k] for k in names} | result.proof
    if untried is not None and untried.sum() > 0:
        figures |= {"untried": float(untried.sum()), "untried_signs": list(untried.index[untried > 0])}
    if stronger is not None:
        figures["stronger"] = stronger
    findings.add("at_risk", "watch", action, [whole["first"]], horizon=horizon, covered=covered, **figures)
    owners = groups[(groups["by"] == "owner") & (groups["group"] != NOBODY)]
    if len(owners) > 1 and whole["at_risk"] > 0:
        largest = owners.iloc[0]
        figures = {
            "owner": largest["group"],
            "owners": len(owners),
            "at_risk": largest["at_risk"],
            "share": largest["at_risk"] / whole["at_risk"],
            "told": result.told,
        }
        findings.add("at_risk_owner", "note", "talk_to_owner", [largest["first"]], **figures)


def add_forecast_findings(
    findings: Findings, result: RevenueAtRisk, target: float | None, to_budget_on: bool = True
) -> None:
    """Add the forecast after the signs, and what of the target then is missing.

    ``target`` : the revenue goal of the same 12 months. ``to_budget_on`` : whether the forecast is good
    enough for a budget.
    """
    reduction, forecast = result.forecast_reduction, result.forecast
    if reduction is None or forecast is None or reduction["off"] < MIN_REDUCTION * forecast:
        return
    figures = {k: reduction[k] for k in ("accounts", "expected", "rated", "off", "low", "high")}
    left, record = forecast - reduction["off"], result.record
    # the forecast's own range and that of the signs, taken as independent
    low, high = result.forecast_range or (forecast, forecast)
    below = float(np.hypot(forecast - low, reduction["high"] - reduction["off"]))
    above = float(np.hypot(high - forecast, reduction["off"] - reduction["low"]))
    figures |= {"outlook": forecast, "left": left, "left_low": left - below, "left_high": left + above}
    kind = "outlook_signs"
    if target and target > left:
        kind = "outlook_signs_target" if target > forecast else "outlook_signs_part"
        figures |= {"target": target, "gap": target - left, "least": max(target - forecast, 0.0)}
    action = "outlook_signs_plan" if to_budget_on else None
    findings.add(kind, "watch", action, [reduction["first"]], **figures)
    if record is None:
        findings.add("outlook_signs_untried", "note", None, ())
    else:
        tried = {k: record[k] for k in RECORD}
        tried |= {"factor": float(np.exp(_spread(record))), "rated": reduction["rated"]}
        change = reduction["off"] / reduction["rated"] - 1
        findings.add("outlook_signs_record", "note", None, (), **tried, change=change)
