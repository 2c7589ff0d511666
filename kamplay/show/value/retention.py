"""Retention shown: the revenue bridge, who fell and who grew most, retention by segment, cohorts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from kamplay.method.results import Finding
from kamplay.method.value.step import Value
from kamplay.palette import PALE
from kamplay.show.charts.bridge import draw_bridge, what_bars_hold
from kamplay.show.charts.chart import draw_compact, join_parts, money_axis, text_colour_on
from kamplay.show.check.step import ASK_FOR_HISTORY
from kamplay.show.display import NOTHING, Display, sentence
from kamplay.show.locale import N_, Locale, missing
from kamplay.show.registry import FindingSpec, chart, register_findings, sheet, table
from kamplay.show.table import ACCOUNT, ACCOUNT_COLUMNS, Column, Sheet, html_table, with_names
from kamplay.show.texts.vocabulary import CLASSES
from kamplay.show.value.price_volume_mix import shares
from kamplay.show.view import View, current

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOVES = {
    "new": N_("new"),
    "won_back": N_("won back"),
    "expanded": N_("bought more"),
    "contracted": N_("bought less"),
    "lost": N_("lost"),
    "other": N_("other"),
}
BRIDGE = {"before": N_("year before"), **MOVES, "now": N_("this year")}


@chart
def revenue_bridge_chart(value: Value) -> Display:
    """The bridge from last year's revenue to this year's: new, won back, bought more, bought less, lost."""
    locale, bridge = current().locale, value.retention.bridge
    if value.retention.nrr is None:
        return NOTHING
    words, amounts = [locale.text(BRIDGE[item]) for item in bridge["item"]], bridge["amount"].to_numpy()
    caption = [
        locale.text(
            N_(
                "From the revenue of the 12 months before to that of the last 12; in brackets the accounts, "
                "of a year those with positive revenue."
            )
        )
    ]
    caption.append(what_bars_hold(value.retention, locale.text(BRIDGE["contracted"])))
    parts = [f"{label} {locale.money(amount)}" for label, amount in zip(words, amounts, strict=True)]
    alt = locale.say(N_("Revenue bridge: {parts}."), parts=join_parts(parts, locale))
    labels = [
        f"{label} ({locale.number(n)})" if n or item != "other" else label  # returns of lost accounts alone
        for item, label, n in zip(bridge["item"], words, bridge["accounts"], strict=True)
    ]
    return draw_bridge(labels, amounts, locale.sentences(*caption), alt)


CHANGE = (
    Column("before", N_("Year before"), "money"),
    Column("now", N_("This year"), "money"),
    Column("change", N_("Change"), "money"),
    Column("move", N_("What happened")),
)


@table
def largest_falls_table(value: Value) -> Display:
    """The largest falls against the year before."""
    if not current().one_by_one:
        return NOTHING
    falls = _falls(value)
    caption = current().locale.say(
        N_(
            "Largest falls against the year before; {count:n} {count:plural|account|accounts} that left or "
            "bought less took {total:money}."
        ),
        count=len(falls),
        total=-falls["change"].sum(),
    )
    return html_table(with_names(falls), [ACCOUNT, *CHANGE], caption, most=10)


@sheet
def falls_sheet(value: Value) -> Sheet:
    """Every account that left or bought less than in the year before."""
    return Sheet(N_("Falls"), _falls(value), [*ACCOUNT_COLUMNS, *CHANGE])


GAINS = {  # by whether any of them came back
    True: N_(
        "Largest gains over the year before; {count:n} {count:plural|account|accounts} that bought more, "
        "came back or {count:plural|is|are} new brought {total:money} more."
    ),
    False: N_(
        "Largest gains over the year before; {count:n} {count:plural|account|accounts} that bought more or "
        "{count:plural|is|are} new brought {total:money} more."
    ),
}


@table
def largest_gains_table(value: Value) -> Display:
    """The accounts that brought most more than the year before."""
    if not current().one_by_one:
        return NOTHING
    gains = _gains(value)
    back = bool((value.retention.moves["move"] == "won_back").any())
    caption = current().locale.say(GAINS[back], count=len(gains), total=gains["change"].sum())
    return html_table(with_names(gains), [ACCOUNT, *CHANGE], caption, most=8)


@sheet
def gains_sheet(value: Value) -> Sheet:
    """Every account that bought more than in the year before, came back or is new."""
    return Sheet(N_("Gains"), _gains(value), [*ACCOUNT_COLUMNS, *CHANGE])


STOPPED_SINCE = {
    "contracted": N_("bought less; nothing since {month}"),
    "expanded": N_("bought more; nothing since {month}"),
    "won_back": N_("won back; nothing since {month}"),
    "new": N_("new; nothing since {month}"),
}


def _falls(value: Value) -> pd.DataFrame:
    """Who left or bought less, the largest fall first. Changes are those of the bridge: who left takes what
    it brought, and what it returned beyond that is in its "other".
    """
    moves = value.retention.moves
    falls = moves[moves["move"].isin(["contracted", "lost"])]
    falls = falls.assign(change=falls["now"].clip(lower=0) - falls["before"]).sort_values("change")
    return _in_words(falls, value)


def _gains(value: Value) -> pd.DataFrame:
    """Who bought more, came back or is new, the largest gain first."""
    moves = value.retention.moves
    gains = moves[moves["move"].isin(["expanded", "won_back", "new"])]
    return _in_words(gains.sort_values("change", ascending=False, kind="stable"), value)


def _in_words(moved: pd.DataFrame, value: Value) -> pd.DataFrame:
    """The move of each in words, with the month of its last purchase where it has stopped since; nobody
    where there is no year before to compare with.
    """
    locale, returned = current().locale, N_("lost; what it returned counts as other")

    def words(move: str, silent_since: pd.Timestamp, now: float) -> str:
        if move in STOPPED_SINCE and not missing(silent_since):
            return locale.say(STOPPED_SINCE[move], month=locale.month(silent_since))
        return locale.text(returned if move == "lost" and now < 0 else MOVES[move])

    said = [words(*row) for row in zip(moved["move"], moved["silent_since"], moved["now"], strict=True)]
    return moved.assign(move=said) if value.retention.nrr is not None else moved.iloc[:0]


SEGMENTS = {
    "all": N_("All accounts"),
    "tier": N_("Tier"),
    "size": N_("Size a year ago"),
    "owner": N_("Owner"),
    **CLASSES,
}


@table
def retention_table(value: Value) -> Display:
    """NRR and GRR of all accounts, by tier and by segment; nothing with less than 24 months."""
    frame, locale = value.retention.by_segment, current().locale
    names = frame["dimension"].map({name: locale.text(words) for name, words in SEGMENTS.items()})
    values = frame["value"].where(frame["value"] != "", locale.text(N_("not stated")))
    shown = frame.assign(
        dimension=names.mask(frame["dimension"].duplicated(), ""),
        value=values.mask(frame["dimension"] == "all", ""),
    )
    columns = [
        Column("dimension", N_("Dimension"), lambda text: text),
        Column("value", N_("Segment"), lambda text: text),
        Column("accounts", N_("Accounts"), "n"),
        Column("before", N_("Year before"), "money", extra=True),
        Column("nrr", N_("NRR"), "pct"),
        Column("grr", N_("GRR"), "pct"),
    ]
    caption = N_(
        "Retention of the accounts with positive revenue in the 12 months before, whether or "
        "not they bought since. NRR: their revenue now over then; GRR: the same, no account "
        "counted above its revenue then."
    )
    size = N_(
        "Size a year ago: by the revenue then, as large a part as each level S, A, B and C holds today."
    )
    sized = (frame["dimension"] == "size").any()
    caption = locale.sentences(locale.text(caption), locale.text(size) if sized else "")
    return html_table(shown, columns, caption, most=60)


LEAST_COHORTS = 3  # two show only old and new, which the sentence says
ALMOST_ALL = 0.9  # of every window from the oldest cohort: a chart of one colour
LABELLED = 0.07  # of the tallest bar: a part below it has no room for its share


@chart
def cohorts_chart(value: Value) -> Display:
    """Revenue of each twelve months, stacked by how long ago the account first bought, the oldest at the
    bottom; a sentence in its place where it would show one colour.
    """
    view, frame = current(), value.retention.cohorts
    if frame.empty:
        return NOTHING
    locale = view.locale
    # a row per cohort and a column per window, the oldest first; net returns have no bar
    amounts = frame.pivot(index="cohort_year_back", columns="window_back", values="revenue").fillna(0.0)
    amounts = amounts.iloc[::-1, ::-1].clip(lower=0.0)
    oldest, totals = int(amounts.index[0]), amounts.sum()
    one_colour = (amounts.iloc[0] >= ALMOST_ALL * totals).all()
    if totals.max() <= 0 or len(amounts) < LEAST_COHORTS:
        return NOTHING
    if one_colour:
        least = float((amounts.iloc[0] / totals)[totals > 0].min())
        text = N_(
            "The accounts of the first twelve months on record bring at least {share:pct} of each year's "
            "revenue, so a chart of cohorts would show one colour."
        )
        return sentence(locale.say(text, share=least))
    labels = {cohort: _joined(int(cohort), oldest, locale) for cohort in amounts.index}

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        import seaborn as sns

        colours = dict(
            zip(labels.values(), sns.blend_palette([view.accent, PALE], len(amounts)), strict=True)
        )
        long = amounts.set_axis(range(len(totals)), axis=1).rename(labels).stack().reset_index()
        long.columns = ["joined", "window", "revenue"]
        sns.histplot(
            long,
            x="window",
            weights="revenue",
            hue="joined",
            hue_order=list(labels.values())[::-1],  # the last lies at the bottom
            palette=colours,
            multiple="stack",
            discrete=True,
            shrink=0.72,
            alpha=1,
            linewidth=0,
            ax=axes,
        )
        middles = amounts.cumsum() - amounts / 2
        for (cohort, window), size in amounts.stack().items():
            if size >= LABELLED * totals.max():
                axes.text(
                    amounts.columns.get_loc(window),
                    middles.loc[cohort, window],
                    locale.percent(size / totals[window]),
                    ha="center",
                    va="center",
                    fontsize=8.5,
                    color=text_colour_on(colours[labels[cohort]]),
                )
        # five of them have no room on one line
        windows = ["\n".join(_window(int(w), locale).rsplit(" ", 1)) for w in amounts.columns]
        axes.set_xticks(range(len(windows)), windows, fontsize=7.6)
        axes.set(xlabel="", ylabel=money_axis(axes.yaxis, view, totals.max()), ylim=(0, totals.max() * 1.04))
        axes.grid(axis="y")
        legend: Any = axes.get_legend()
        handles = legend.legend_handles
        legend.remove()
        axes.figure.legend(
            handles,
            list(labels.values())[::-1],
            title=locale.text(N_("first bought")),
            frameon=False,
            fontsize=8.5,
            title_fontsize=8.5,
            alignment="left",
            loc="outside lower center",
            ncols=2,
        )

    caption = locale.text(
        N_(
            "Revenue of twelve-month windows by when the account first bought, counted back from the "
            "reporting date. The oldest group holds earlier accounts too."
        )
    )
    parts = [
        f"{labels[cohort]} {locale.percent(amount / totals.iloc[-1])}"
        for cohort, amount in amounts.iloc[:, -1].items()
        if amount > 0
    ]
    alt = locale.say(
        N_("Revenue of the last 12 months by year of first purchase: {parts}."),
        parts=join_parts(parts, locale),
    )
    return draw_compact(draw, caption, alt, 1.2)


def _window(years: int, locale: Locale) -> str:
    if years == 0:
        return locale.text(N_("last 12 months"))
    return locale.say(N_("{years:n} {years:plural|year|years} before"), years=years)


def _joined(years: int, oldest: int, locale: Locale) -> str:
    """How long ago a cohort first bought."""
    if years == 0:
        return locale.text(N_("in the last 12 months"))
    if years == oldest:
        return locale.say(N_("over {years:n} {years:plural|year|years} ago"), years=years)
    return locale.say(N_("{years:n} to {more:n} years ago"), years=years, more=years + 1)


NEWCOMERS = {  # whether somebody came back, whether new ones bought a single time
    (True, False): N_("; {new:n} {new:plural|other is|others are} new, worth {new_amount:money}"),
    (True, True): N_(
        "; {new:n} {new:plural|other is|others are} new, worth {new_amount:money}, of which "
        "{once:part|new|{n}|all|it} with {once_amount:money} bought a single time so far"
    ),
    (False, False): N_("; {new:n} new {new:plural|account brings|accounts bring} {new_amount:money}"),
    (False, True): N_(
        "; {new:n} new {new:plural|account brings|accounts bring} {new_amount:money}, of which "
        "{once:part|new|{n}|all|it} with {once_amount:money} bought a single time so far"
    ),
}
NONE_NEW = {True: N_("; no other is new"), False: N_(", and none is new")}
YOUNG = {
    True: N_(
        "the {young_accounts:n} first seen in the last 12 months {young_accounts:plural|brings|bring} "
        "{young_share:pct}"
    ),
    False: N_("none is new in the last 12 months"),
}


def _newcomers(finding: Finding, locale: Locale) -> dict[str, str]:
    """``rest``: the new accounts beside those that came back."""
    figures, back = finding.figures, finding.kind == "won_back"
    text = NEWCOMERS[back, figures["once"] > 0] if figures["new"] else NONE_NEW[back]
    return {"rest": locale.say(text, **figures)}


GREW = {
    False: N_("Revenue changed by {growth:change}."),
    True: N_(
        "Revenue came to {now:money}; the year before, {before:money}, is too small a base to compare with."
    ),
}


BY_PRICES = {  # by whether it is told by products
    True: N_(
        "Of products sold in both years, prices {price}, volume {volume}, mix {mix}: together {together} "
        "on what they brought the year before."
    ),
    False: N_(
        "Of categories sold in both years, price or product mix within them {price}, volume {volume}, mix "
        "{mix}: together {together} on what they brought the year before."
    ),
}


def _grew(finding: Finding, locale: Locale) -> dict[str, str]:
    """``grew``: the growth, where the year before is large enough for a rate; ``prices``: what prices, volume
    and mix did, where it is known.
    """
    figures, prices = finding.figures, ""
    if "price_share" in figures:
        price, volume, mix, whole = shares(figures, locale)
        said = BY_PRICES[bool(figures["by_product"])]
        prices = locale.say(said, price=price, volume=volume, mix=mix, together=whole)
    return {"grew": locale.say(GREW[bool(figures.get("small_base"))], **figures), "prices": prices}


def _young(finding: Finding, locale: Locale) -> dict[str, str]:
    return {"young": locale.say(YOUNG[finding.figures["young_accounts"] > 0], **finding.figures)}


# what this topic can find, in words
FLOWS_ASK_FOR_HISTORY = {
    "flows_ask_for_history": N_("Data owner: provide at least 36 months of sales lines.")
}
ASK_WORST_SEGMENT = {
    "ask_worst_segment": N_("Head of sales: have the largest losses of that segment explained one by one.")
}
CHANCE_SEGMENTS = N_("Divided at random, the same accounts would lie up to {chance_high:pct} apart.")
CHANCE_CLASSES = N_(
    "Where accounts go on as they did, the first share less the last comes to {chance_low:change} to "
    "{chance_high:change}."
)
GROUP_VALUES = {
    "group_values": N_("Data owner: group the values into at most 12 and deliver the accounts again.")
}

register_findings(
    # net revenue retention (NRR) and gross revenue retention (GRR)
    FindingSpec(
        "movement",
        "revenue_bridge",
        N_(
            "Last year's accounts bring {nrr:pct} of the {base:money} they brought then: {took:money} was "
            "lost or bought less, {expanded_amount:money} was bought more; {grr:pct} without growth. "
            "{prices} {grew}"
        ),
        actions={
            "win_back": N_(
                "Head of sales: before hunting for new accounts, find out why {fell:n} "
                "{fell:plural|account|accounts} left or shrank, those that fell most first: {three}."
            ),
            "win_back_largest": N_(
                "Head of sales: before hunting for new accounts, find out why the {asked:n} that fell most "
                "({asked_share:pct} of the fall) left or shrank, {three} first; look at the other {rest:n} "
                "by group, not one by one."
            ),
            "keep_growing": N_(
                "Head of sales: retention is in order; put the effort into the accounts with room to grow."
            ),
        },
        brief_actions={
            "win_back": N_(
                "Head of sales: find out why {fell:n} {fell:plural|account|accounts} left or shrank, the "
                "largest falls first: {three}."
            ),
            "win_back_largest": N_(
                "Head of sales: find out why the {asked:n} that fell most ({asked_share:pct} of the fall) "
                "did, {three} first; the other {rest:n} by group."
            ),
        },
        rank=5,
        always=True,
        chance=N_(
            "In a simulated year of random variation alone {chance_low:pct} to {chance_high:pct} would be "
            "kept without growth."
        ),
        words=_grew,
    ),
    FindingSpec(
        "movement_unknown",
        "revenue_bridge",
        N_("With {months:n} months of data, growth and retention cannot be told yet."),
        actions=ASK_FOR_HISTORY,
    ),
    FindingSpec(
        "largest_move_lost",
        "revenue_bridge",
        N_(
            "Most of the fall: {count:n} {count:plural|account|accounts} left, {amount:money} together; "
            "{first} most."
        ),
        unnamed=N_(
            "Most of the fall: {count:n} {count:plural|account|accounts} left, {amount:money} together."
        ),
    ),
    FindingSpec(
        "largest_move_contracted",
        "revenue_bridge",
        N_(
            "Most of the fall: {count:n} {count:plural|account|accounts} bought less, {amount:money} "
            "together; {first} most."
        ),
        unnamed=N_(
            "Most of the fall: {count:n} {count:plural|account|accounts} bought less, {amount:money} "
            "together."
        ),
    ),
    FindingSpec(
        "largest_move_expanded",
        "revenue_bridge",
        N_(
            "Most of the rise: {count:n} {count:plural|account|accounts} bought more, {amount:money} "
            "together; {first} most."
        ),
        unnamed=N_(
            "Most of the rise: {count:n} {count:plural|account|accounts} bought more, {amount:money} "
            "together."
        ),
    ),
    FindingSpec(
        "largest_move_won_back",
        "revenue_bridge",
        N_(
            "Most of the rise: {count:n} {count:plural|account was|accounts were} won back, {amount:money} "
            "together; {first} most."
        ),
        unnamed=N_(
            "Most of the rise: {count:n} {count:plural|account was|accounts were} won back, {amount:money} "
            "together."
        ),
    ),
    FindingSpec(
        "largest_move_new",
        "revenue_bridge",
        N_(
            "Most of the rise: {count:n} {count:plural|account is|accounts are} new, {amount:money} "
            "together; {first} most."
        ),
        unnamed=N_(
            "Most of the rise: {count:n} {count:plural|account is|accounts are} new, {amount:money} together."
        ),
    ),
    FindingSpec(
        "large_losses",
        "revenue_bridge",
        N_(
            "{falls:n} accounts shrank or left and took away {total:money}, {total_share:pct} of what last "
            "year's accounts brought; {count:n} of them account for {amount:money}: {names}."
        ),
        actions={
            "find_out_why": N_(
                "Account owners: talk to each of these accounts, {three} first, and record the reasons."
            )
        },
        brief=N_(
            "{count:n} large {count:plural|account|accounts} shrank or left and took away "
            "{amount:money}; first {first}."
        ),
        rank=20,
    ),
    FindingSpec(
        "below_peak",
        "revenue_bridge",
        N_(
            "Over three years revenue went from {before_last:money} to {last:money} to {now:money}: "
            "{change:change} against the best of them."
        ),
        actions={
            "explain_decline": N_(
                "Sales and finance: establish what was lost for good and what can come back."
            )
        },
        rank=21,
        chance=N_(
            "Where accounts go on as they did, it lies {chance_low:change} to {chance_high:change} from "
            "the best."
        ),
    ),
    FindingSpec(
        "won_back",
        "won_back",
        N_(
            "{count:n} {count:plural|account|accounts} came back after a year or more without "
            "buying, worth {amount:money}: {names}{rest}."
        ),
        unnamed=N_(
            "{count:n} {count:plural|account|accounts} came back after a year or more without buying, "
            "worth {amount:money}{rest}."
        ),
        actions={
            "learn_from_won_back": N_(
                "Account owners: ask each of them why it came back, and try the same with the lost accounts."
            )
        },
        words=_newcomers,
    ),
    FindingSpec(
        "none_won_back",
        "won_back",
        N_("No account came back after a year or more without buying{rest}."),
        words=_newcomers,
    ),
    FindingSpec(
        "won_back_unknown",
        "won_back",
        N_(
            "Among the {count:n} new accounts, returning ones cannot be told apart: the data reach "
            "back {months:n} months only."
        ),
        actions=FLOWS_ASK_FOR_HISTORY,
    ),
    FindingSpec(
        "flows_unknown",
        "retention",
        N_(
            "With {months:n} months of data, retention by segment, cohorts and the effect of prices "
            "cannot be told; they need 24."
        ),
        actions=FLOWS_ASK_FOR_HISTORY,
    ),
    FindingSpec(
        "kept_by_tier",
        "retention",
        N_(
            "Tier {best_value} kept {best_grr:pct} of last year's revenue, with growth "
            "{best_nrr:pct}; tier {worst_value} kept {worst_grr:pct}, with growth {worst_nrr:pct}."
        ),
        actions={
            "compare_tiers": N_(
                "Head of service: check whether the service promised to each tier reaches its accounts."
            )
        },
        rank=41,
        chance=CHANCE_CLASSES,
    ),
    FindingSpec(
        "kept_by_size",
        "retention",
        N_(
            "By size a year ago, the largest {best_accounts:n} {best_accounts:plural|account|accounts} kept "
            "{best_grr:pct} of their revenue, with growth {best_nrr:pct}; the smallest "
            "{worst_accounts:n} kept "
            "{worst_grr:pct}, with growth {worst_nrr:pct}."
        ),
        rank=42,
        chance=CHANCE_CLASSES,
    ),
    FindingSpec(
        "kept_by_nature",
        "retention",
        N_(
            "By nature of the account, “{best_value}” kept {best_grr:pct} of last year's revenue and "
            "“{worst_value}” {worst_grr:pct} of {worst_before:money}, growth not counted."
        ),
        actions=ASK_WORST_SEGMENT,
        chance=CHANCE_SEGMENTS,
    ),
    FindingSpec(
        "kept_by_industry",
        "retention",
        N_(
            "By industry, “{best_value}” kept {best_grr:pct} of last year's revenue and "
            "“{worst_value}” {worst_grr:pct} of {worst_before:money}, growth not counted."
        ),
        actions=ASK_WORST_SEGMENT,
        chance=CHANCE_SEGMENTS,
    ),
    FindingSpec(
        "kept_by_region",
        "retention",
        N_(
            "By region, “{best_value}” kept {best_grr:pct} of last year's revenue and "
            "“{worst_value}” {worst_grr:pct} of {worst_before:money}, growth not counted."
        ),
        actions=ASK_WORST_SEGMENT,
        chance=CHANCE_SEGMENTS,
    ),
    FindingSpec(
        "kept_by_owner",
        "retention",
        N_(
            "By owner, {best_value}'s accounts kept {best_grr:pct} of last year's revenue and "
            "{worst_value}'s {worst_grr:pct} of {worst_before:money}, growth not counted."
        ),
        actions={
            "compare_owners": N_(
                "Head of sales: compare the portfolios of {best_value} and {worst_value} before "
                "judging people: visits, complaints and the largest lost accounts of each."
            )
        },
        chance=CHANCE_SEGMENTS,
    ),
    FindingSpec(
        "many_natures",
        "retention",
        N_("Retention is not split by nature of the account: it has {values:n} values, more than {most:n}."),
        actions=GROUP_VALUES,
    ),
    FindingSpec(
        "many_industries",
        "retention",
        N_("Retention is not split by industry: there are {values:n}, more than {most:n}."),
        actions=GROUP_VALUES,
    ),
    FindingSpec(
        "many_regions",
        "retention",
        N_("Retention is not split by region: there are {values:n}, more than {most:n}."),
        actions=GROUP_VALUES,
    ),
    FindingSpec(
        "many_owners",
        "retention",
        N_("Retention is not split by owner: there are {values:n}, more than {most:n}."),
        actions=GROUP_VALUES,
    ),
    FindingSpec(
        "segments_unknown",
        "retention",
        N_(
            "The accounts carry no nature, industry, region or owner, so retention cannot be told by segment."
        ),
        actions={
            "ask_for_segments": N_("Data owner: provide nature, industry, region and owner of each account.")
        },
    ),
    FindingSpec(
        "cohort_share",
        "cohorts",
        N_(
            "Accounts that first bought more than {years:n} {years:plural|year|years} ago bring "
            "{share:pct} of revenue ({amount:money}); {young}."
        ),
        words=_young,
        actions={
            "win_new_accounts": N_(
                "Few new accounts follow: set a target for new business and name who answers for it."
            )
        },
    ),
    FindingSpec(
        "cohort_share_markets",
        "cohorts",
        N_(
            "Countries first supplied more than {years:n} {years:plural|year|years} ago bring {share:pct} of "
            "revenue ({amount:money}); {young}."
        ),
        words=_young,
        actions={
            "win_new_accounts": N_(
                "Few new accounts follow: set a target for new business and name who answers for it."
            )
        },
    ),
    FindingSpec(
        "cohort_kept",
        "cohorts",
        N_(
            "Of the {accounts:n} accounts that brought revenue {years:n} {years:plural|year|years} "
            "ago, {left:n} still do and bring {share:pct} of what they brought then."
        ),
        chance=N_(
            "Accounts that go on as they did would bring {chance_low:pct} to {chance_high:pct} of it, since "
            "those that bought then were partly in a good year."
        ),
    ),
)
