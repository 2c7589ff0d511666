"""A chance of stopping as it is told: one figure, or its range alone where that is too wide for one."""

from __future__ import annotations

import pandas as pd

from kamplay.method.health.priority_list import too_wide
from kamplay.show.locale import N_
from kamplay.show.view import current

TOO_WIDE = N_("too wide: {low:pct}–{high:pct}")


def chances(known: pd.Series, low: pd.Series, high: pd.Series) -> pd.Series:
    """Chances for a sheet: the figure, and in its place its range where that is too wide for one figure."""
    locale, out = current().locale, known.astype(object).where(known.notna(), None)
    wide = known.notna() & too_wide(low.astype("float64"), high.astype("float64"))
    for account in known.index[wide]:
        out[account] = locale.say(TOO_WIDE, low=low[account], high=high[account])
    return out
