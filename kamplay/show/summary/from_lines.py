"""What of the accounts comes from the lines of sales, by which header, and what was chosen."""

from __future__ import annotations

import json

from kamplay.codebook import codebook
from kamplay.method.check.step import Check
from kamplay.show.locale import N_, Locale

CHOSEN = {
    "account_column_latest": N_("{several:n} of {accounts:n} accounts had several; the latest counts."),
    "account_column_usual": N_(
        "{several:n} of {accounts:n} accounts had several; the usual one of the latest year counts."
    ),
    "account_owners_quiet": N_(
        "{accounts:n} accounts have an owner without a line for half a year: {owners_words}."
    ),
}


def from_lines(check: Check, locale: Locale) -> list[str]:
    """One line for each column."""
    lines, accounts = codebook()["transactions"].columns, codebook()["accounts"].columns
    read = check.columns[(check.columns["table"] == "transactions") & ~check.columns["column"].isin([*lines])]
    chosen = [(row.code, json.loads(row.args)) for row in check.assumed.itertuples() if row.code in CHOSEN]
    out = []
    for name, own in read.groupby("column", sort=False):
        label, header = (
            accounts[str(name)].labels[locale.language],
            locale.words(list(own["header"].unique())),
        )
        told = [
            locale.say(CHOSEN[code], **{**args, "owners_words": locale.words(args.get("owners", []))})
            for code, args in chosen
            if args["name"] == name
        ]
        text = N_("{label}: from the column “{header}” of the sales.")
        out.append(locale.sentences(locale.say(text, label=label, header=header), *told))
    return out
