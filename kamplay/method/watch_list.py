"""Whom to see this week: the largest expected losses and the gravest warnings in one short list, each with why, since when and how sure."""

from __future__ import annotations

import pandas as pd

BY_LOSS, BY_WARNING = 6, 6  # as many as an owner's week can hold
DANGER = 0.2  # below it an account without a sign is large, not in danger
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
]


def watch_list(accounts: pd.DataFrame, warnings: pd.DataFrame) -> pd.DataFrame:
    """``accounts`` (index account_id): revenue, probability with low and high, at_risk, health, health_band, health_drivers, owner, level.
    ``warnings``: as in kamplay.method.early_warning. Gives COLUMNS (index account_id), the largest expected loss first.

    On it: of the accounts in danger (a chance from DANGER on, or a sign) the BY_LOSS largest expected losses, then the next BY_WARNING of
    those with a warning that calls for action. Accounts that have plainly stopped (sign ``silence``) are not: they need a decision, not a
    visit this week. Where no probability holds, the warnings that call for action make the list, the largest revenue first, then the
    reddest. ``sign``: its strongest warning, ``more``: the next; ``driver``: what costs its score most points, where no warning is raised.
    """
    gone = set(warnings.loc[warnings["sign"] == "silence", "account_id"])
    early = warnings[~warnings["account_id"].isin(gone)]
    first = early.sort_values(["strength", "account_id"], ascending=[False, True], kind="stable").drop_duplicates("account_id")
    first = first.set_index("account_id")
    here = accounts[(accounts["revenue"] > 0) & ~accounts.index.isin(gone)].sort_index()
    known = bool(here["probability"].notna().any())
    danger = (here["probability"] >= DANGER) | here.index.isin(first.index)
    by_loss = here[danger & (here["at_risk"] > 0)].nlargest(BY_LOSS, "at_risk", keep="first").index
    called = here[here.index.isin(first.index[first["severity"] == "act"])].drop(by_loss, errors="ignore")
    rest = called.nlargest(BY_WARNING, "at_risk" if known else "revenue", keep="first").index
    chosen = by_loss.append(rest)
    if not known and len(chosen) < BY_LOSS:
        red = here[(here["health_band"] == "red") & ~here.index.isin(chosen)]
        chosen = chosen.append(red.nlargest(BY_LOSS - len(chosen), "revenue", keep="first").index)
    out = here.reindex(chosen)
    out["sign"] = first["sign"].reindex(chosen).astype(object)
    out["since"] = first["since"].reindex(chosen) if "since" in first else pd.NaT
    ranked = early.sort_values(["strength", "account_id"], ascending=[False, True], kind="stable")
    out["more"] = ranked[ranked.groupby("account_id").cumcount() == 1].set_index("account_id")["sign"].reindex(chosen).astype(object)
    out["severity"] = first["severity"].reindex(chosen).astype(object)
    out["driver"] = out["health_drivers"].astype(object).fillna("").map(lambda text: text.split(";")[0].split(":")[0] or None)
    for column in ("owner", "level", "silent_days", "gap_days"):
        if column not in out:
            out[column] = None
    out = out.sort_values(["at_risk", "revenue"], ascending=False, kind="stable", na_position="last")
    return out[COLUMNS]
