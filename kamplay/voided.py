"""Which words in a status column say that a line does not count: voided, cancelled, reversed."""

from __future__ import annotations

import pandas as pd

from kamplay.codebook import fold

WORDS = (
    "作废",
    "红冲",
    "冲红",
    "冲销",
    "已取消",
    "取消",
    "撤销",
    "void",
    "voided",
    "cancelled",
    "canceled",
    "annulled",
    "reversed",
    "storniert",
)
DENIED = ("未作废", "未红冲", "未取消", "未撤销", "未冲", "非作废", "notvoid", "notcancel", "nonvoid", "uncancel")


def voided(status: pd.Series) -> pd.Series:
    """Mask of the lines whose status says so: 已作废, 红冲发票, Cancelled by customer; not 未作废 or “not void”."""
    values = pd.Series(status.dropna().unique())
    folded = values.astype("str").map(fold)
    says = folded.map(lambda text: any(fold(w) in text for w in WORDS) and not any(d in text for d in DENIED))
    return status.isin(values[says.astype(bool)].tolist())
