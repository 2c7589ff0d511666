"""Where a client stands beside others: its figure, and the range of the means of groups of clients."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from kamplay.method.benchmark import ALL, MEASURES, K, Place
from kamplay.show.display import Display, sentence
from kamplay.show.locale import N_, Locale
from kamplay.show.table import Column, html_table
from kamplay.show.view import current

NAME = "tables.beside_others"  # by which an outline places it
LABELS = {
    "top1_share": N_("Share of the largest account"),
    "accounts_for_80": N_("Accounts that bring 80%"),
    "gini": N_("Gini of revenue"),
    "nrr": N_("Net revenue retention (NRR)"),
    "grr": N_("Gross revenue retention (GRR)"),
    "churn_rate": N_("Churn rate"),
    "days_overdue": N_("Days that overdue bills are late"),
    "win_rate": N_("Win rate"),
}
SIZE_WORDS = {
    "below_50": N_("below 50 accounts"),
    "50_to_199": N_("50 to 199 accounts"),
    "200_to_999": N_("200 to 999 accounts"),
    "1000_and_more": N_("1,000 accounts and more"),
}


def beside_others(places: Sequence[Place], industry: str | None) -> Display:
    """One row for each figure of which something is published; a sentence where nothing is.

    Parameters
    ----------
    places : where the client stands.
    industry : the client's, as its settings write it.
    """
    locale = current().locale
    if not places:
        return sentence(
            locale.text(
                N_("The benchmark of other clients tells nothing yet that could stand beside these figures.")
            )
        )
    rows = [
        {
            "label": locale.text(LABELS[place.measure]),
            "own": _figure(place.measure, place.own, locale),
            "range": _range(place, locale),
            "stands": _stands(place, locale),
            "beside": _beside(place, industry, locale),
        }
        for place in places
    ]
    columns = [
        Column("label", N_("Figure")),
        Column("own", N_("Here")),
        Column("range", N_("Means of the others' groups")),
        Column("stands", N_("Stands"), css="long"),
        Column("beside", N_("Beside"), css="long"),
    ]
    caption = locale.say(
        N_(
            "Beside other clients, as of {day:date}. Of them only rounded means of groups of at least "
            "{least:n} are known, and no single figure."
        ),
        day=max(place.edition for place in places),
        least=K,
    )
    return html_table(pd.DataFrame(rows), columns, caption)


def _figure(measure: str, value: float, locale: Locale) -> str:
    if measure == "gini":
        return locale.number(value, 2)
    return locale.percent(value) if MEASURES[measure].step < 1 else locale.number(value)


def _range(place: Place, locale: Locale) -> str:
    low, high = (_figure(place.measure, value, locale) for value in (place.low, place.high))
    return low if place.groups == 1 else f"{low}–{high}"


def _stands(place: Place, locale: Locale) -> str:
    if place.groups == 1:
        above = place.own > place.high
        return locale.text(N_("above the mean") if above else N_("not above the mean"))
    text = N_("above {below:n} of {groups:n} groups")
    if place.below in (0, place.groups):
        text = N_("above all {groups:n} groups") if place.below else N_("above none of {groups:n} groups")
    return locale.say(text, below=place.below, groups=place.groups)


def _beside(place: Place, industry: str | None, locale: Locale) -> str:
    """Of which clients the groups are."""
    of = [locale.say(N_("{clients:n} clients"), clients=place.clients)]
    of.append(
        locale.label(industry) if industry and place.industry != ALL else locale.text(N_("all industries"))
    )
    of.append(locale.text(SIZE_WORDS[place.size] if place.size != ALL else N_("all sizes")))
    return " · ".join(of)
