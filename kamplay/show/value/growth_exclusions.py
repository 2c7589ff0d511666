"""Footnotes on accounts in lists of what could be won at which something has to be settled first."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from kamplay.show.locale import N_, Locale

FOOTNOTES = {
    "payment": ("†", N_("† Settle payment first: overdue, over the credit limit, or promises broken.")),
    "warned": ("‡", N_("‡ Shows a sign of leaving: keep it before offering more.")),
    "size": ("§", N_("§ Brings a tenth of revenue or more already: hold it, and grow at others first.")),
}


def with_marks(names: Iterable[str], exclusions: Iterable[str]) -> list[str]:
    """The names, each with the mark of its growth exclusion."""
    marks = {reason: f" {mark}" for reason, (mark, _) in FOOTNOTES.items()}
    return [name + marks.get(reason, "") for name, reason in zip(names, exclusions, strict=True)]


def footnotes(exclusions: pd.Series, locale: Locale) -> dict[str, pd.Series]:
    """What the marks mean, with which rows bear each."""
    return {locale.text(words): exclusions.eq(reason) for reason, (_, words) in FOOTNOTES.items()}
