"""That the chances of stopping were tested in another season than the one that they are for, in words and
beside what that season brought a year before.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from kamplay.method.health.season_of_test import LEVEL_COLUMNS, MATERIAL
from kamplay.method.health.step import Health
from kamplay.method.results import Finding
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_, Locale
from kamplay.show.registry import FindingSpec, register_findings, sheet, table
from kamplay.show.table import Column, Sheet, html_table
from kamplay.show.view import current

CHANGE = {  # whether the season ahead brought less than the one tested
    True: N_("in earlier years such days brought {by:pct} less revenue than the days of the test"),
    False: N_("in earlier years such days brought {by:pct} more revenue than the days of the test"),
}
FEWER = N_("in earlier years other numbers of accounts bought in such days than in the days of the test")
UNKNOWN = N_("the data are too short to tell whether both are of one season")
THEN = N_(
    " A year before, {then_share:pct} of {then_n:n} active accounts placed no order in those days; today's "
    "chances average {chance:pct}."
)
LARGEST = N_(
    " Of the {large_n:n} largest of then it was {large_share:pct}; today's key accounts average "
    "{large_chance:pct}."
)
NO_THEN = N_(" What share of the accounts placed no order in such days a year before, the data do not tell.")
MADE_THEN = {
    True: N_(
        " Tested on {then_from:date} to {then_to:date}, the same method expected {then_predicted:n} to stop, "
        "and {then_stopped:n} did."
    ),
    False: N_(
        " The same method, which by {then_cutoff:date} had not yet seen that season as today's has, expected "
        "{then_predicted:n} to stop, and {then_stopped:n} did."
    ),
}
BRIEF = {
    "large": N_(
        "Chances tested in another season: they say {chance:pct} place no order ({large_chance:pct} of key "
        "accounts); a year before it was {then_share:pct} ({large_share:pct} of the largest)."
    ),
    "all": N_(
        "Chances tested in another season: they say {chance:pct} place no order; a year before it was "
        "{then_share:pct}."
    ),
    "none": N_("Chances tested in another season than {ahead_from:date} to {ahead_to:date}."),
    "short": N_("The data are too short to tell whether the chances were tested in their own season."),
}
# of a verdict on the level: on which days it rests
RESTS_ON = {
    True: N_(
        " This is of {then_from:date} to {then_to:date}, the season of today's chances a year before; on "
        "{tested_from:date} to {tested_to:date}, another season, {newest_predicted:n} of {newest_n_test:n} "
        "were expected to stop and {newest_stopped:n} did."
    ),
    False: N_(
        " That was on {tested_from:date} to {tested_to:date}, in another season than the days ahead: it does "
        "not tell whether today's chances are too high or too low."
    ),
}
SHORT = N_(
    " That was on {tested_from:date} to {tested_to:date}; whether the days ahead are of the same season the "
    "data are too short to tell, and so whether today's chances are too high or too low."
)
MOVED = N_(
    " The test began on {tested_from:date}, today's chances begin on {ahead_from:date}, in another season: "
    "that alone moves such inputs."
)


def change(figures: Mapping[str, Any], locale: Locale) -> str:
    """How the season ahead differed from the one tested in the years known."""
    by = figures["season_change"]
    if by is None:
        return locale.text(UNKNOWN)
    if abs(by) < 1 - 1 / (1 + MATERIAL):
        return locale.text(FEWER)
    return locale.say(CHANGE[by < 0], by=abs(by))


def rests_on(finding: Finding, locale: Locale) -> dict[str, str]:
    """``season``: on which days a verdict on the level rests; blank where the seasons are alike."""
    figures = finding.figures
    if "tested_from" not in figures:
        return {"season": ""}
    if figures["season_change"] is None:
        return {"season": locale.say(SHORT, **figures)}
    return {"season": locale.say(RESTS_ON[figures["proves"]], **figures)}


def inputs_moved(finding: Finding, locale: Locale) -> dict[str, str]:
    """``season``: that inputs moved with it; blank where the seasons are alike, or nobody knows."""
    known = finding.figures.get("season_change") is not None
    return {"season": locale.say(MOVED, **finding.figures) if known else ""}


def _other_season(finding: Finding, locale: Locale) -> dict[str, str]:
    figures = finding.figures
    told = {"change": change(figures, locale), "then": locale.text(NO_THEN), "made_then": ""}
    short = "short" if figures["season_change"] is None else "none"
    if figures.get("then_share") is not None and "chance" in figures:
        told["then"], short = locale.say(THEN, **figures), "all"
        if "large_share" in figures:
            told["then"] += locale.say(LARGEST, **figures)
            short = "large"
    told["in_brief"] = locale.say(BRIEF[short], **figures)
    if "then_predicted" in figures:
        told["made_then"] = locale.say(MADE_THEN[figures["proves"]], **figures)
    return told


def _columns() -> list[Column]:
    return [
        Column("level", N_("Level"), css="keep"),
        Column("accounts", N_("Accounts today"), "n"),
        Column("chance", N_("Mean chance of stopping"), "pct"),
        Column("then", N_("As many of the largest a year before"), "n", extra=True),
        Column("share", N_("Of them without an order"), "pct"),
    ]


@table
def season_by_level_table(health: Health) -> Display:
    """The chances of today beside the share without an order in the same days a year before, by level;
    nothing where the chances were tested in their own season.
    """
    season, locale = health.season_of_test, current().locale
    if season is None or season.levels.empty:
        return NOTHING
    said = N_(
        "The chance of no order from {ahead_from:date} to {ahead_to:date}, and the share without one from "
        "{then_from:date} to {then_to:date}. A year before, the levels of today cannot be used: who stopped "
        "then is in none. So as many accounts are counted, the largest first."
    )
    return html_table(_named(season.levels), _columns(), locale.say(said, **season.figures))


@sheet
def season_by_level_sheet(health: Health) -> Sheet:
    """The chances of today beside the share without an order in the same days a year before, by level."""
    season = health.season_of_test
    rows = pd.DataFrame(columns=LEVEL_COLUMNS) if season is None else season.levels
    return Sheet(N_("Chances and season"), _named(rows), _columns())


def _named(rows: pd.DataFrame) -> pd.DataFrame:
    """The row of all accounts by its name."""
    return rows.assign(level=rows["level"].replace("", current().locale.text(N_("All accounts"))))


# what this topic can find, in words
register_findings(
    FindingSpec(
        "proof_other_season",
        "calibration",
        N_(
            "The chances of stopping were tested on {tested_from:date} to {tested_to:date} and are for "
            "{ahead_from:date} to {ahead_to:date}: {change}.{then}{made_then}"
        ),
        brief=N_("{in_brief}"),
        words=_other_season,
        on_first_page=False,
    )
)
