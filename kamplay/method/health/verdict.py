"""One verdict on each account, which the priority list, the portfolio map and the plan all follow: whether
someone has to act, to watch, or may leave it as it is.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from kamplay.method.measures.warning_signs import strongest_sign

# the first that holds; what bought once has no rhythm that could break
VERDICTS = ("stopped", "act", "once", "watch", "fine")
OVERDUE = 0.1  # of a year's revenue: above it money is settled before anything is sold
WEAK = 2  # ratios of the account's finances below their limit


def verdicts(
    accounts: pd.DataFrame,
    warnings: pd.DataFrame,
    listed: pd.Index,
    once: pd.Index,
    revenue: pd.Series,
    standing: pd.DataFrame | None = None,
    reached: pd.Index | None = None,
) -> pd.DataFrame:
    """Say of every account that bought in the 12 months what holds.

    Parameters
    ----------
    accounts : index account_id: health_band (missing where an account is not scored), warning (its strongest
        sign, missing for none), late (see ``Health``).
    warnings : as in ``EarlyWarning``.
    listed : the accounts of the priority list.
    once : accounts that bought a single time.
    revenue : account_id → revenue of the 12 months.
    standing : overdue (amount) and weak (ratios below their limit) by account; None without.
    reached : the accounts of the campaign, where one stands in place of the list, and the key accounts
        that it leaves to the plan.

    Returns
    -------
    Index account_id, accounts with revenue. verdict: ``stopped`` (plainly, so that it is to be won back or
    closed), ``act`` (on the priority list, or with a sign that calls for action), ``once`` (bought a single
    time), ``watch`` (a weaker sign, a health that is not green, a silence too
    rarely seen to be tested, much overdue or weak finances, or in the campaign), ``fine``.
    reason: the strongest sign; else ``leaving`` (the health score, which is by purchase dates for the most
    part), ``overdue`` or ``weak``; blank where it is fine.
    """
    index = revenue.index[revenue > 0]
    strongest = strongest_sign(warnings[warnings["sign"] != "silence"])
    sign = strongest["sign"].reindex(index).astype("object")
    called = strongest["severity"].reindex(index).eq("act").astype(bool)
    stopped = index.isin(warnings.loc[warnings["sign"] == "silence", "account_id"])
    band = accounts["health_band"].reindex(index)
    poor = band.isin(["red", "yellow"])
    owed = weak = pd.Series(False, index=index)
    if standing is not None and len(standing):
        known = standing.reindex(index)
        owed = (known["overdue"] > OVERDUE * revenue.reindex(index)).fillna(False)
        weak = (known["weak"] >= WEAK).fillna(False)
    act = called | index.isin(listed)
    in_danger = index.isin(reached if reached is not None else [])
    doubtful = sign.notna() | poor | owed | weak | in_danger | accounts["late"].reindex(index).eq(True)
    verdict = np.select([stopped, act, index.isin(once), doubtful], VERDICTS[:4], VERDICTS[4])
    because = np.select([owed & ~poor & ~act, weak & ~poor & ~act], ["overdue", "weak"], "leaving")
    reason = sign.where(sign.notna(), pd.Series(because, index=index, dtype="object"))
    reason = reason.mask(verdict == "stopped", "silence").mask(verdict == "once", "once")
    return pd.DataFrame({"verdict": verdict, "reason": reason.mask(verdict == "fine", "")}, index=index)
