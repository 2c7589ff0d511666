"""The figures of concentration, each with its interval, of revenue and of margin."""

from __future__ import annotations

import pandas as pd

from kamplay.method.resampled import DRAWS
from kamplay.method.value import Value
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_, Locale
from kamplay.show.tables.table import Column, table
from kamplay.show.view import current

FIGURES = {
    "accounts_for_80": N_("Accounts that bring 80%"),
    "top1_share": N_("Share of the largest account"),
    "top5_share": N_("Share of the five largest"),
    "law": N_("Own rule, beside 20/80"),
}


def intervals(value: Value) -> Display:
    """Each figure of concentration with its 95 % interval: of revenue, and of margin where cost is known."""
    frame = value.intervals
    if frame.empty:
        return NOTHING
    locale, rows = current().locale, frame.set_index(["basis", "figure"])
    bases = [basis for basis in ("revenue", "margin") if basis in rows.index.get_level_values("basis")]
    shown = pd.DataFrame({"figure": [locale.text(said) for said in FIGURES.values()]}, index=list(FIGURES))
    for basis in bases:
        of = rows.loc[basis]
        shown[basis] = [_say(name, of.loc[name, "estimate"], locale) for name in FIGURES]
        ends = [[_say(name, of.loc[name, end], locale) for end in ("low", "high")] for name in FIGURES]
        shown[f"{basis}_interval"] = [locale.say(N_("{low} to {high}"), low=low, high=high) for low, high in ends]
    columns = [Column("figure", N_("Figure"))]
    for basis, label in (("revenue", N_("Revenue")), ("margin", N_("Margin amount"))):
        if basis in bases:
            columns += [
                Column(basis, label, css="num keep"),
                Column(f"{basis}_interval", N_("95% interval"), extra=basis == "margin", css="num keep"),
            ]
    draws, accounts = int(frame["draws"].min()), rows.loc[bases[0], "accounts"].iloc[0]
    caption = locale.say(
        N_(
            "Concentration over the {accounts:n} accounts with positive revenue, each figure with the range in which 95% of it fell when the accounts were drawn anew "
            "{draws:n} times."
        ),
        accounts=int(accounts),
        draws=draws,
    )
    sentences = [caption]
    if "margin" in bases:
        sentences.append(
            locale.say(
                N_("Margin: the {count:n} accounts with a known cost and a positive margin."),
                count=int(rows.loc["margin", "accounts"].iloc[0]),
            )
        )
    if draws < DRAWS:
        sentences.append(locale.text(N_("With so many accounts fewer draws suffice.")))
    return table(shown, columns, (" " if locale.language == "en" else "").join(sentences))


def _say(name: str, amount: float, locale: Locale) -> str:
    if name.startswith("accounts"):
        return locale.number(amount)
    if name == "law":
        few = round(100 * float(amount))
        return f"{few}/{100 - few}"
    return locale.percent(amount)
