"""Accounts that differ in spaces, width or case alone, which count as several: the reader is told, as each of
them would be larger, and their groups fewer, if they were one.
"""

from __future__ import annotations

import json

from kamplay.method.check.step import Check
from kamplay.show.locale import N_, Locale

CODE = "accounts_written_alike"
MOST_TOLD = 10  # pairs


def written_alike(check: Check, locale: Locale) -> list[str]:
    """One line for each pair, those that bought most first, and one for what is left."""
    rows = check.assumed[check.assumed["code"] == CODE]
    pairs = {
        (str(row.value), args["other"]): args for row in rows.itertuples() if (args := json.loads(row.args))
    }
    ordered = sorted(pairs.items(), key=lambda pair: -pair[1]["amount"])
    text = N_(
        "“{odd}” ({amount:money} in all) differs from “{other}” ({other_amount:money}) in spaces, width or "
        "case alone; they count as two customers. If they are one, write the name in one way and run again."
    )
    told = [locale.say(text, odd=odd, **args) for (odd, _), args in ordered[:MOST_TOLD]]
    if left := len(ordered) - len(told):
        told.append(locale.say(N_("The same holds of {count:n} more; kamplay check lists them."), count=left))
    return told
