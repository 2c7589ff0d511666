"""Health bands, shown and said: how many accounts are red, who is late, who bought only once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from kamplay.method.health.step import Health
from kamplay.method.results import Finding
from kamplay.palette import BAD, GOOD, WARN
from kamplay.show.charts.chart import draw_chart, paired_bars
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_, Locale
from kamplay.show.registry import FindingSpec, chart, register_findings
from kamplay.show.texts.vocabulary import band_label
from kamplay.show.view import View, current

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BAND_COLOURS = {"green": GOOD, "yellow": WARN, "red": BAD}


@chart
def bands_chart(health: Health) -> Display:
    """Accounts and revenue by health band, as two bars of 100 %."""
    view, table = current(), health.bands
    if table["accounts"].sum() == 0:
        return NOTHING
    locale = view.locale
    accounts = table["accounts"] / table["accounts"].sum()
    revenue = table["revenue"].clip(lower=0) / max(table["revenue"].clip(lower=0).sum(), 1e-9)

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        labels = [band_label(band, locale) for band in table["band"]]
        paired_bars(
            axes,
            view,
            labels,
            accounts,
            revenue,
            table["accounts"],
            [BAND_COLOURS[band] for band in table["band"]],
            narrow,
        )

    caption = locale.text(
        N_(
            "Accounts that bought at least twice, the last time within a year, and their revenue: "
            "green from 70 points, yellow from 40, red below."
        )
    )
    waiting = health.finding("red_waiting")
    if waiting is not None:  # the same accounts are told apart in words
        apart = N_(
            "Of the {scored:n} in red, {waiting:n} ({revenue:money}) are slow buyers inside their own "
            "rhythm, without a sign."
        )
        caption = locale.sentences(caption, locale.say(apart, **waiting.figures))
    parts = locale.text(N_("; ")).join(
        f"{band_label(b, locale)} {locale.number(n)} / {locale.money(r)}"
        for b, n, r in zip(table["band"], table["accounts"], table["revenue"], strict=True)
    )
    return draw_chart(
        draw, caption, locale.say(N_("Accounts / revenue by band: {parts}."), parts=parts), height=0.75
    )


RED = N_(
    "{red:n} of the {active:n} accounts that bought at least twice, the last time within a year, are red"
)
RED_AND_WAITING = N_(
    "{scored:n} of the {active:n} accounts that bought at least twice, the last time within a year, score "
    "red; {waiting:n} of these are slow buyers inside their own rhythm, the other {red:n} are in doubt"
)


def _who_is_red(finding: Finding, locale: Locale) -> Mapping[str, object]:
    text = RED_AND_WAITING if finding.figures["waiting"] else RED
    return {"who": locale.say(text, **finding.figures)}


BEYOND_RHYTHM = N_(
    " What their rhythm does not explain is {at_risk:money} of the expected loss, {first_at_risk:money} at "
    "the one with the most."
)


def _beyond_rhythm(finding: Finding, locale: Locale) -> Mapping[str, object]:
    """``beyond``: the expected loss of slow buyers; blank without any."""
    if not finding.figures.get("at_risk") or not finding.figures["told"]:
        return {"beyond": ""}
    return {"beyond": locale.say(BEYOND_RHYTHM, **finding.figures)}


# what this topic can find, in words
CALL_RED = {
    "call_red": N_(
        "Head of sales: of those that still buy have the priority list seen and the others called, each by "
        "its day in the plan; of those that have stopped decide by theirs whether to win back or to close."
    )
}
SETTLE_GONE = {
    "settle_gone": N_(
        "Head of sales: decide by the dates of the plan, the largest first, which to win back, with an "
        "offer and a name, and which to close."
    )
}

register_findings(
    FindingSpec(
        "red_accounts",
        "bands",
        N_(
            "{who}; they bring {revenue:money}, {share:pct} of what all these bring. "
            "{gone:n} of them {gone:plural|has|have} plainly stopped already."
        ),
        actions=CALL_RED | SETTLE_GONE,
        rank=35,
        on_first_page=False,
        words=_who_is_red,
    ),
    FindingSpec(
        "red_gone",
        "bands",
        N_(
            "{who}, and all of them have plainly stopped already; what they still brought in "
            "the last 12 months is {revenue:money}, {share:pct} of what all these brought."
        ),
        actions=CALL_RED | SETTLE_GONE,
        on_first_page=False,
        words=_who_is_red,
    ),
    FindingSpec(
        "red_buying",
        "bands",
        N_(
            "{who}; they bring {revenue:money}, {share:pct} of what all these bring, and "
            "none of them has plainly stopped yet."
        ),
        actions=CALL_RED | SETTLE_GONE,
        on_first_page=False,
        words=_who_is_red,
    ),
    FindingSpec(
        "red_waiting",
        "bands",
        N_(
            "{count:n} of the {scored:n} that score red ({revenue:money}) "
            "{count:plural|is a slow buyer|are slow buyers} inside {count:plural|its|their} own rhythm and "
            "{count:plural|shows|show} no sign: the last purchase is no longer ago than the usual gap, so "
            "that the silence calls for nothing but the next order when it is due; what "
            "{count:plural|it buys|they buy} less stands among the falls.{beyond}"
        ),
        words=_beyond_rhythm,
    ),
    FindingSpec(
        "no_red",
        "bands",
        N_(
            "None of the {active:n} accounts that bought at least twice, the last time within a year, is red."
        ),
    ),
    FindingSpec(
        "none_scored",
        "bands",
        N_("No account bought at least twice, the last time within a year, so none has a health score."),
    ),
    FindingSpec(
        "large_silent",
        "bands",
        N_(
            "{count:n} large {count:plural|account is|accounts are} late against "
            "{count:plural|its|their} own rhythm ({revenue:money} a year); {first} usually buys "
            "every {gap:n} days and has been silent for {silent:n}. With so few orders that may be chance."
        ),
        actions={
            "visit_silent": N_(
                "Have each owner find out in person whether the account has left or is only late."
            )
        },
        on_first_page=False,
    ),
    FindingSpec(
        "single_purchase",
        "bands",
        N_(
            "{count:n} {count:plural|account|accounts} of the last year bought only once "
            "({revenue:money}): too little for a rhythm, so they are not judged."
        ),
    ),
)
