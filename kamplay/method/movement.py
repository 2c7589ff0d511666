"""What moved between the 12 months and the 12 before: the revenue bridge, NRR and GRR."""

from __future__ import annotations

import pandas as pd

MOVES = ("new", "won_back", "expanded", "contracted", "lost", "other")


def moves(now: pd.Series, before: pd.Series, earlier: pd.Series | None = None) -> pd.DataFrame:
    """Per account ``now``, ``before``, ``change`` and its ``move``; the changes add up to the change of the total.

    Accounts with positive revenue then and none now are ``lost``; with none then and some now ``new``, or ``won_back``
    where ``earlier`` (per account its largest revenue of any 12 months before those two years) is positive.
    An account with no positive revenue in either window (returns only) is ``other``.
    """
    frame = pd.DataFrame({"now": now, "before": before}).fillna(0.0)
    frame["change"] = frame["now"] - frame["before"]
    frame["move"] = "same"
    frame.loc[frame["change"] > 0, "move"] = "expanded"
    frame.loc[frame["change"] < 0, "move"] = "contracted"
    came = (frame["before"] <= 0) & (frame["now"] > 0)
    frame.loc[came, "move"] = "new"
    if earlier is not None:
        frame.loc[came & (earlier.reindex(frame.index) > 0), "move"] = "won_back"
    frame.loc[(frame["before"] > 0) & (frame["now"] <= 0), "move"] = "lost"
    frame.loc[(frame["before"] <= 0) & (frame["now"] <= 0) & (frame["change"] != 0), "move"] = "other"
    return frame


def bridge(now: pd.Series, before: pd.Series, earlier: pd.Series | None = None) -> pd.DataFrame:
    """The revenue bridge: rows before, new, won_back, expanded, contracted, lost, other, now; amount and accounts of each.

    ``won_back`` and ``other`` have a row where there is any such account.
    """
    table = moves(now, before, earlier)
    by = table.groupby("move")["change"].agg(["sum", "size"]).reindex(MOVES).fillna(0)
    rows = [("before", table["before"].sum(), int((table["before"] > 0).sum()))]
    shown = [m for m in MOVES if by.loc[m, "size"] or m not in ("won_back", "other")]
    rows += [(move, float(by.loc[move, "sum"]), int(by.loc[move, "size"])) for move in shown]
    rows += [("now", table["now"].sum(), int((table["now"] > 0).sum()))]
    return pd.DataFrame(rows, columns=["item", "amount", "accounts"])


def retention(now: pd.Series, before: pd.Series) -> tuple[float | None, float | None]:
    """``(NRR, GRR)``: revenue now of the accounts that had positive revenue then, over their revenue then.

    Each account is floored at 0; for GRR it is also capped at its revenue then, so that growth does not hide loss.
    """
    base = before[before > 0]
    if base.empty:
        return None, None
    kept = now.reindex(base.index).fillna(0.0).clip(lower=0.0)
    return float(kept.sum() / base.sum()), float(kept.clip(upper=base).sum() / base.sum())
