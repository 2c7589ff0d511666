"""Tenders: the hit rate against each competitor, the accounts at which bids were lost, and words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from kamplay.method.value.step import Value
from kamplay.palette import QUIET, WARM
from kamplay.show.charts.chart import clip, draw_compact, interval_points, join_parts, percent_axis
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_, missing
from kamplay.show.registry import FindingSpec, chart, register_findings, sheet, table
from kamplay.show.table import ACCOUNT, ACCOUNT_COLUMNS, Column, Sheet, html_table, with_names
from kamplay.show.view import View, current

if TYPE_CHECKING:
    from matplotlib.axes import Axes

RIVALS = 8  # that fit a chart
ROWS = 8  # of the table


@chart
def tenders_chart(value: Value) -> Display:
    """The hit rate against each competitor with its interval, beside that of all bids; nothing with fewer
    than two competitors.
    """
    result = value.tenders
    if result is None or len(result.by_competitor) < 2 or not result.rate:
        return NOTHING
    locale, overall = current().locale, result.rate
    shown = result.by_competitor.head(RIVALS).sort_values("rate", kind="stable")
    shown = shown.rename_axis("name").reset_index()
    places = [str(place) for place in range(len(shown))]

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        colours = {
            p: WARM if hard else view.accent for p, hard in zip(places, shown["hardly_won"], strict=True)
        }
        axes.axvline(overall, color=QUIET, linewidth=1, linestyle=(0, (4, 3)), zorder=0)
        rows = shown.assign(place=places)
        interval_points(axes, rows, ("rate", "low", "high"), "place", colours)
        label = N_("{won:n} of {bids:n}")
        counts = [locale.say(label, won=row.won, bids=row.bids) for row in shown.itertuples()]
        names = [f"{clip(str(n), narrow)}\n{count}" for n, count in zip(shown["name"], counts, strict=True)]
        axes.set_yticks(range(len(shown)), names)
        axes.set(xlim=(0, min(1.0, float(shown["high"].max()) + 0.05)), ylabel="", xlabel="")
        percent_axis(axes.xaxis, view)
        axes.grid(axis="x")

    caption = N_(
        "Share of bids won against each competitor, with 95% intervals; below each name bids won and bids. "
        "The dashed line is the rate of all bids, {rate:pct}. Where the whole interval lies left of it we "
        "win less than elsewhere."
    )
    part = N_("{name} {rate:pct} ({low:pct} to {high:pct})")
    figures = shown[["name", "rate", "low", "high"]].to_dict("records")
    parts = [locale.say(part, **row) for row in figures]
    alt = locale.say(N_("Hit rate by competitor: {parts}."), parts=join_parts(parts, locale))
    return draw_compact(draw, locale.say(caption, rate=overall), alt, 0.3 + 0.16 * max(len(shown), 3))


BIDS = Column("bids", N_("Bids"), "n")
BIDS_WON = Column("won", N_("Bids won"), "n")
LOST_TO = Column("last_lost_to", N_("Last lost to"))
LOST_ON = Column("last_lost", N_("Last lost on"), "date")
LOST_FOR = Column("last_lost_reason", N_("Reason given"))


@table
def tenders_table(value: Value) -> Display:
    """The accounts at which most bids were lost: how many were bid and won, and to whom the last was lost."""
    if value.tenders is None:
        return NOTHING
    locale, accounts = current().locale, value.tenders.accounts
    frame = with_names(accounts[accounts["lost"] > 0].sort_values("lost", ascending=False, kind="stable"))
    frame["interval"] = [
        "" if missing(low) else f"{locale.percent(low)}–{locale.percent(high)}"
        for low, high in zip(frame["low"], frame["high"], strict=True)
    ]
    columns = [
        ACCOUNT,
        BIDS,
        BIDS_WON,
        Column("interval", N_("Hit rate, 95% interval"), css="num keep"),
        Column("lost_amount", N_("Lost"), "money"),
        LOST_TO,
        LOST_FOR,
    ]
    columns = [c for c in columns if c.key == "interval" or frame[c.key].notna().any()]
    caption = N_(
        "Accounts with most bids lost, in number; lost: the amount of the tenders lost; to whom and why, of "
        "the last one. With few bids an interval is wide and proves nothing."
    )
    return html_table(frame, columns, caption, most=ROWS)


@sheet
def tenders_sheet(value: Value) -> Sheet:
    """Every account with a tender."""
    columns = [
        *ACCOUNT_COLUMNS,
        BIDS,
        BIDS_WON,
        Column("rate", N_("Hit rate"), "pct"),
        Column("low", N_("95% interval from"), "pct"),
        Column("high", N_("95% interval to"), "pct"),
        Column("not_bid", N_("Not bid"), "n"),
        Column("open", N_("Not yet decided"), "n"),
        Column("won_amount", N_("Amount won"), "money"),
        Column("lost_amount", N_("Amount lost"), "money"),
        LOST_ON,
        LOST_TO,
        LOST_FOR,
        Column("last_lost_gap", N_("Our price above the winning one"), "pct"),
    ]
    return Sheet(N_("Tenders"), value.tenders.accounts if value.tenders else pd.DataFrame(), columns)


ASK_FOR_TENDERS = {
    "ask_for_tenders": N_(
        "Sales: list the tenders of the last two years with result, winner and both prices, those not bid "
        "too: that shows against whom and why we lose."
    )
}

register_findings(
    FindingSpec(
        "tenders_hit",
        "tenders",
        N_(
            "Of {bids:n} bids decided from {first_day:date} to {last_day:date} {won:n} were won: a hit "
            "rate of {rate:pct} (95% interval {low:pct} to {high:pct}){by_amount}."
        ),
        on_first_page=False,
        words=lambda finding, locale: {
            "by_amount": locale.say(
                N_(", by amount {amount_rate:pct} ({amount_low:pct} to {amount_high:pct})"), **finding.figures
            )
            if "amount_rate" in finding.figures
            else ""
        },
    ),
    FindingSpec(
        "tenders_few",
        "tenders",
        N_("{won:n} of {bids:n} bids were won: below {few:n} bids no hit rate is told."),
        on_first_page=False,
    ),
    FindingSpec(
        "tenders_rival",
        "tenders",
        N_(
            "Against {rival} we win {won:n} of {bids:n} bids ({low:pct} to {high:pct}), against the others "
            "{others:pct}; it took {amount:money}, at {three} first."
        ),
        actions={
            "study_rival": N_(
                "Head of sales: with product, compare {rival}'s last winning offers with ours in price, "
                "specification and terms, and decide in which tenders to meet it."
            )
        },
        brief=N_(
            "Against {rival} we win {won:n} of {bids:n} bids, against the others {others:pct}; it took "
            "{amount:money}."
        ),
        rank=38,
    ),
    FindingSpec(
        "tenders_rivals_alike",
        "tenders",
        N_(
            "Among the {count:n} competitors met in at least {least:n} bids there is none against whom we "
            "win fewer bids than chance would explain."
        ),
        on_first_page=False,
    ),
    FindingSpec(
        "tenders_rivals_unnamed",
        "tenders",
        N_(
            "Hit rates by competitor cannot be told: a competitor is named for {named:pct} of won bids, and "
            "below {least:pct} the blanks alone would say who won."
        ),
        actions={"name_rivals": N_("Sales: note the main competitor of every tender, of won ones too.")},
        on_first_page=False,
    ),
    FindingSpec(
        "tenders_price_gap",
        "tenders",
        N_(
            "Of {priced:n} lost bids with both prices known, ours was the median {median:pct} above the "
            "winning one. In {no_dearer:n} of them ({share:pct}, {low:pct} to {high:pct}) we were no "
            "dearer: there the price did not decide."
        ),
        actions={
            "ask_why_lost": N_(
                "Owners: ask the customer what decided where we lost without being dearer, and record it as "
                "the reason."
            )
        },
        on_first_page=False,
    ),
    FindingSpec(
        "tenders_price_no_matter",
        "tenders",
        N_(
            "Of {priced:n} lost bids with both prices known, ours was no dearer in {no_dearer:n} "
            "({share:pct}, {low:pct} to {high:pct}): most were not lost on price."
        ),
        on_first_page=False,
    ),
    FindingSpec(
        "tenders_prices_unknown",
        "tenders",
        N_(
            "Both our price and the winning one are known for {known:n} of {lost:n} lost bids: too few to "
            "tell whether price decided."
        ),
        actions={
            "record_prices": N_("Sales: record our price and the winning price; awards are often published.")
        },
        on_first_page=False,
    ),
    FindingSpec(
        "tenders_reasons",
        "tenders",
        N_(
            "The reason most given for losing is “{reason}”: {lost:n} of {total:n} ({share:pct}, {low:pct} "
            "to {high:pct}); where both prices are known, the median gap there was {gap:change}."
        ),
        on_first_page=False,
    ),
    FindingSpec(
        "tenders_reasons_unpriced",
        "tenders",
        N_(
            "The reason most given for losing is “{reason}”: {lost:n} of {total:n} ({share:pct}, {low:pct} "
            "to {high:pct})."
        ),
        on_first_page=False,
    ),
    FindingSpec(
        "tenders_closed_door",
        "tenders",
        N_(
            "At {first} we won {won:n} of {bids:n} bids (at most {high:pct} by the 95% interval, against "
            "{rate:pct} overall); {winner} took {lost:n}. {count:n} {count:plural|account is|accounts are} "
            "more than chance below the rest."
        ),
        actions={
            "decide_bidding": N_(
                "Head of sales: decide whether to go on bidding at {names}; if so, name what will be "
                "different next time. What a bid costs us is not known."
            )
        },
        brief=N_("At {first} we won {won:n} of {bids:n} bids, against {rate:pct} overall."),
        rank=39,
    ),
    FindingSpec(
        "tenders_closed_door_unnamed",
        "tenders",
        N_(
            "At {first} we won {won:n} of {bids:n} bids (at most {high:pct} by the 95% interval, against "
            "{rate:pct} overall). {count:n} {count:plural|account is|accounts are} more than chance below "
            "the rest."
        ),
        brief=N_("At {first} we won {won:n} of {bids:n} bids, against {rate:pct} overall."),
        rank=39,
    ),
    FindingSpec(
        "tenders_not_bid",
        "tenders",
        N_(
            "{count:n} {count:plural|tender|tenders} over {amount:money} were known and not bid: {share:pct} "
            "of all that could have been."
        ),
        on_first_page=False,
    ),
    FindingSpec(
        "tenders_not_bid_why",
        "tenders",
        N_(
            "{count:n} {count:plural|tender|tenders} over {amount:money} were known and not bid, "
            "{share:pct} of all that could have been; the reason most given is “{reason}” ({given:n})."
        ),
        on_first_page=False,
    ),
    FindingSpec(
        "tenders_all_bid",
        "tenders",
        N_("No tender is recorded that we did not bid: what we pass by cannot be seen."),
        actions={"record_not_bid": N_("Sales: record tenders that we pass by, with the reason.")},
        on_first_page=False,
    ),
    FindingSpec(
        "tenders_open",
        "tenders",
        N_(
            "{count:n} {count:plural|tender|tenders} over {amount:money} {count:plural|is|are} not decided "
            "yet{next_day}."
        ),
        on_first_page=False,
        words=lambda finding, locale: {
            "next_day": locale.say(N_("; the next one on {day:date}"), day=finding.figures["day"])
            if finding.figures.get("day")
            else ""
        },
    ),
    FindingSpec(
        "tenders_no_result",
        "tenders",
        N_("Tenders were delivered without their results, so no hit rate can be told."),
        actions=ASK_FOR_TENDERS,
        on_first_page=False,
    ),
    FindingSpec(
        "tenders_unknown",
        "tenders",
        N_(
            "Tenders were not delivered: how often we win, against whom, and whether price decides cannot "
            "be told."
        ),
        actions=ASK_FOR_TENDERS,
        on_first_page=False,
    ),
)
