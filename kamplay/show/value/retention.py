"""Charts of step 2 on movement in depth: cohorts of first purchase, price–volume–mix."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from kamplay.method.value.step import Value
from kamplay.show.chart import BAD, GOOD, INK, PALE, bare, draw_compact, money_axis
from kamplay.show.check.step import ASK_FOR_HISTORY
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_, Locale
from kamplay.show.registry import FindingSpec, chart, register_findings, table
from kamplay.show.table import ACCOUNT, Column, html_table, with_names
from kamplay.show.view import View, current
from kamplay.show.vocabulary import CLASSES, move_label

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PVM = {
    "before": N_("year before"),
    "new": N_("new products"),
    "lost": N_("dropped products"),
    "volume": N_("volume"),
    "mix": N_("mix"),
    "price": N_("price"),
    "unmatched": N_("not comparable"),
    "now": N_("this year"),
}
LEAST_COHORTS = 3  # two show only old and new, which the sentence says
ALMOST_ALL = 0.9  # of every window from the oldest cohort: a chart of one colour


@chart
def movement_chart(value: Value) -> Display:
    """The bridge from last year's revenue to this year's: new, won back, expanded, contracted, lost."""
    view, table = current(), value.retention.bridge
    if value.key_figures["nrr"] is None:
        return NOTHING
    locale, amounts = view.locale, table["amount"].to_numpy()
    words = [
        f"{move_label(i, locale)} ({locale.number(n)})"
        for i, n in zip(table["item"], table["accounts"], strict=True)
    ]

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        steps(axes, view, words, amounts, narrow)

    said = locale.text(
        N_("From the revenue of the 12 months before to that of the last 12; number of accounts in brackets.")
    )
    parts = locale.text(N_("; ")).join(
        f"{move_label(i, locale)} {locale.money(a)}" for i, a in zip(table["item"], amounts, strict=True)
    )
    caption = (" " if locale.language == "en" else "").join([said, cut_note(amounts, locale)]).strip()
    return draw_compact(draw, caption, locale.say(N_("Revenue bridge: {parts}."), parts=parts), 0.95)


@table
def losses_table(value: Value) -> Display:
    """The largest falls against the year before."""
    if value.key_figures["nrr"] is None:
        return html_table(value.retention.moves.iloc[:0], [], "")
    falls = value.retention.moves[value.retention.moves["change"] < 0].sort_values("change")
    locale = current().locale
    gone, less = locale.text(N_("lost")), locale.text(N_("contracted"))
    columns = [
        ACCOUNT,
        Column("before", N_("Year before"), "money"),
        Column("now", N_("This year"), "money"),
        Column("change", N_("Change"), "money"),
        Column("move", N_("What happened"), lambda m: gone if m == "lost" else less),
    ]
    return html_table(with_names(falls), columns, N_("Largest falls against the year before."), most=8)


@chart
def cohorts_chart(value: Value) -> Display:
    """Revenue of each twelve months, stacked by how long ago the account first bought, the oldest at the
    bottom; nothing where it would show one colour.
    """
    view, frame = current(), value.retention.cohorts
    if frame.empty:
        return NOTHING
    locale = view.locale
    amounts = frame.pivot(index="cohort_year_back", columns="window_back", values="revenue").fillna(0.0)
    amounts = amounts.sort_index(ascending=False)[sorted(amounts.columns, reverse=True)]
    oldest, windows = int(amounts.index[0]), list(amounts.columns)
    totals = amounts.clip(lower=0.0).sum()
    old = amounts.iloc[0].clip(lower=0.0)
    if totals.max() <= 0 or len(amounts) < LEAST_COHORTS or (old >= ALMOST_ALL * totals).all():
        return NOTHING

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        base = np.zeros(len(windows))
        for number, (cohort, row) in enumerate(amounts.iterrows()):
            part = number / max(1, len(amounts) - 1)
            colour = _between(view.accent, PALE, part)
            high = row.clip(lower=0.0).to_numpy()
            axes.bar(
                range(len(windows)),
                high,
                bottom=base,
                color=colour,
                width=0.72,
                label=_joined(int(str(cohort)), oldest, locale),
            )
            for place, (size, low) in enumerate(zip(high, base, strict=True)):
                if size >= 0.07 * totals.max():
                    said = locale.percent(size / totals.iloc[place])
                    axes.text(
                        place,
                        low + size / 2,
                        said,
                        ha="center",
                        va="center",
                        fontsize=8.5,
                        color="white" if part < 0.45 else INK,
                    )
            base += high
        years = [_year(w, locale) for w in windows]
        broken = (
            ["\n".join(y.rsplit(" ", 1)) for y in years] if narrow else years
        )  # five of them have no room on one line
        axes.set_xticks(range(len(windows)), broken, fontsize=7.6 if narrow else 9)
        axes.set_ylabel(money_axis(axes.yaxis, view, totals.max()))
        axes.set_ylim(0, totals.max() * 1.04)
        axes.grid(axis="y")
        handles, labels = axes.get_legend_handles_labels()
        title = locale.text(N_("first bought"))
        axes.figure.legend(
            handles[::-1],
            labels[::-1],
            title=title,
            frameon=False,
            fontsize=8.5,
            title_fontsize=8.5,
            alignment="left",
            loc="outside lower center" if narrow else "outside right center",
            ncols=2 if narrow else 1,
        )

    caption = locale.text(
        N_(
            "Revenue of twelve-month windows by when the account first bought, counted back from the reporting date. "
            "The oldest group holds earlier accounts too."
        )
    )
    last = amounts[windows[-1]]
    parts = locale.text(N_("; ")).join(
        f"{_joined(int(c), oldest, locale)} {locale.percent(a / totals.iloc[-1])}"
        for c, a in last.items()
        if a > 0
    )
    alt = locale.say(N_("Revenue of the last 12 months by year of first purchase: {parts}."), parts=parts)
    return draw_compact(draw, caption, alt, 1.2)


@chart
def pvm_chart(value: Value) -> Display:
    """The bridge from last year's revenue to this year's by products, volume, mix and price."""
    view, table = current(), value.price_volume_mix.parts
    if table.empty:
        return NOTHING
    locale = view.locale
    table = table[table["amount"].abs() >= 0.005]  # a part of nothing needs no bar
    amounts = table["amount"].to_numpy()
    words = [locale.text(PVM[p]) for p in table["part"]]
    if len(table) < 2 or table["part"].iloc[0] != "before" or table["part"].iloc[-1] != "now":
        return NOTHING

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        steps(axes, view, words, amounts, narrow)

    said = locale.text(
        N_(
            "From the revenue of the 12 months before to that of the last 12. Volume, mix and "
            "price: products sold in both years."
        )
    )
    caption = (" " if locale.language == "en" else "").join([said, cut_note(amounts, locale)]).strip()
    parts = locale.text(N_("; ")).join(f"{w} {locale.money(a)}" for w, a in zip(words, amounts, strict=True))
    return draw_compact(draw, caption, locale.say(N_("Price, volume and mix: {parts}."), parts=parts), 0.95)


def cut_note(amounts: np.ndarray, locale: Locale) -> str:
    """That the totals of a bridge are cut, where they are."""
    return locale.text(N_("The two long bars are cut: compare the figures.")) if floor_of(amounts) > 0 else ""


def steps(axes: Axes, view: View, words: Sequence[str], amounts: np.ndarray, narrow: bool) -> None:
    """A bridge that lies on its side, so that labels have room on a phone: the first and last of ``amounts``
    are totals, from the top.
    """
    ends = np.isin(np.arange(len(amounts)), [0, len(amounts) - 1])
    starts = np.where(ends, 0.0, np.concatenate([[0.0], np.cumsum(amounts[:-1])]))
    floor, top = floor_of(amounts), max(0.0, (starts + amounts).max())
    lows = np.minimum(starts, starts + amounts)
    lows = np.where(ends, np.maximum(floor, lows), lows) if floor > 0 else lows
    highs = np.maximum(starts, starts + amounts)
    places, reach = np.arange(len(amounts))[::-1], max(top - floor, 1e-9)
    colours = [PALE, *(GOOD if a >= 0 else BAD for a in amounts[1:-1]), view.accent]
    axes.barh(places, highs - lows, left=lows, color=colours, height=0.66)
    for place, amount, high, end in zip(places, amounts, highs, ends, strict=True):
        sign = "+" if not end and amount > 0 else ""
        axes.text(
            high + reach * 0.015,
            place,
            sign + view.locale.money(amount),
            va="center",
            fontsize=8 if narrow else 8.5,
        )
        if end and floor > 0:  # the sign that a bar is cut
            axes.text(floor + reach * 0.05, place, "//", va="center", ha="center", color="white", fontsize=13)
    axes.set_yticks(list(places), list(words), fontsize=8.5 if narrow else 9)
    axes.set_xlim(floor, top + reach * (0.42 if narrow else 0.2))
    bare(axes, "bottom")
    axes.spines["left"].set_visible(False)


def floor_of(amounts: np.ndarray) -> float:
    """Where the axis of a bridge starts: at 0, or higher where the steps would be too small to see against
    the totals.
    """
    levels = np.append(np.cumsum(amounts[:-1]), amounts[-1])
    low, high = float(levels.min()), float(levels.max())
    return max(0.0, low - max(high - low, 0.02 * high)) if low > 0.3 * high > 0 else min(0.0, low)


def _year(window: int, locale: Locale) -> str:
    return (
        locale.text(N_("last 12 months"))
        if window == 0
        else locale.say(N_("{years:n} {years:plural|year|years} before"), years=window)
    )


def _joined(cohort: int, oldest: int, locale: Locale) -> str:
    """How long ago a cohort first bought."""
    if cohort == 0:
        return locale.text(N_("in the last 12 months"))
    if cohort == oldest:
        return locale.say(N_("over {years:n} {years:plural|year|years} ago"), years=cohort)
    return locale.say(N_("{years:n} to {more:n} years ago"), years=cohort, more=cohort + 1)


def _between(first: str, second: str, part: float) -> str:
    """The colour ``part`` of the way from one (#RRGGBB) to the other."""
    pairs = ((int(first[i : i + 2], 16), int(second[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * part):02X}" for a, b in pairs)


SPLITS = {
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
    first = ~frame["dimension"].duplicated()
    names = [locale.text(SPLITS[d]) for d in frame["dimension"]]
    shown = frame.assign(
        dimension=[n if f else "" for n, f in zip(names, first, strict=True)],
        value=[
            "" if d == "all" else v or locale.text(N_("not stated"))
            for d, v in zip(frame["dimension"], frame["value"], strict=True)
        ],
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
    if (frame["dimension"] == "size").any():
        caption = N_(
            "Retention of the accounts with positive revenue in the 12 months before, whether or "
            "not they bought since. NRR: their revenue now over then; GRR: the same, no account "
            "counted above its revenue then. Size a year ago: by the revenue then, as large a "
            "part as each level S, A, B and C holds today."
        )
    return html_table(shown, columns, caption, most=60)


# what this topic can find, in words
FLOWS_ASK_FOR_HISTORY = {"flows_ask_for_history": N_("Provide at least 36 months of sales lines.")}
ASK_WORST_SEGMENT = {
    "ask_worst_segment": N_("The head of that segment explains its largest losses one by one.")
}
GROUP_VALUES = {"group_values": N_("Group the values into at most 12 and deliver the accounts again.")}
PVM_ASK_FOR_QUANTITY = {"pvm_ask_for_quantity": N_("Provide quantity and product of each line.")}

register_findings(
    FindingSpec(
        "movement",
        "movement",
        N_(
            "Revenue changed by {growth:change}. Last year's accounts brought {before:money} then "
            "and {nrr:pct} of it now, but only {grr:pct} when no growth is counted."
        ),
        actions={
            "win_back": N_(
                "Before hunting for new accounts, find out why those that fell most left or shrank: {three}."
            ),
            "keep_growing": N_("Retention is in order: put the effort into the accounts with room to grow."),
        },
        brief=N_(
            "Last year's accounts now bring {nrr:pct} of what they brought then, {grr:pct} when no "
            "growth is counted."
        ),
        rank=5,
        always=True,
    ),
    FindingSpec(
        "movement_unknown",
        "movement",
        N_("With {months:n} months of data, growth and retention cannot be told yet."),
        actions=ASK_FOR_HISTORY,
    ),
    FindingSpec(
        "large_losses",
        "movement",
        N_(
            "{falls:n} accounts shrank or left and took away {total:money}, {total_share:pct} of the "
            "year before; {count:n} of them account for {amount:money}: {names}."
        ),
        actions={
            "find_out_why": N_("Talk to these accounts this month, {three} first, and record the reasons.")
        },
        brief=N_(
            "{count:n} large {count:plural|account|accounts} shrank or left and took away "
            "{amount:money}; first {first}."
        ),
        rank=20,
    ),
    FindingSpec(
        "below_peak",
        "movement",
        N_(
            "Over three years revenue went from {before_last:money} to {last:money} to {now:money}: "
            "{change:change} against the best of them."
        ),
        actions={
            "explain_decline": N_(
                "Establish with sales and finance what was lost for good and what can come back."
            )
        },
        rank=21,
    ),
    FindingSpec(
        "won_back",
        "won_back",
        N_(
            "{count:n} {count:plural|account|accounts} came back after a year or more without "
            "buying, worth {amount:money}: {names}. {new:n} others are new, worth "
            "{new_amount:money}, of which {once:n} with {once_amount:money} bought a single time so "
            "far."
        ),
        actions={
            "learn_from_won_back": N_(
                "Sales asks each of them why it came back, and tries the same with the lost accounts."
            )
        },
    ),
    FindingSpec(
        "none_won_back",
        "won_back",
        N_(
            "No account came back after a year or more without buying; {new:n} new accounts bring "
            "{new_amount:money}, of which {once:n} with {once_amount:money} bought a single time so "
            "far."
        ),
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
            "compare_tiers": N_("Check whether service by tier reaches the accounts that it should hold.")
        },
        rank=41,
    ),
    FindingSpec(
        "kept_by_size",
        "retention",
        N_(
            "By size a year ago, the largest {best_accounts:n} accounts kept {best_grr:pct} of their "
            "revenue, with growth {best_nrr:pct}; the smallest {worst_accounts:n} kept "
            "{worst_grr:pct}, with growth {worst_nrr:pct}."
        ),
        rank=42,
    ),
    FindingSpec(
        "kept_by_nature",
        "retention",
        N_(
            "By nature of the account, “{best_value}” kept {best_grr:pct} of last year's revenue and "
            "“{worst_value}” {worst_grr:pct} of {worst_before:money}, growth not counted."
        ),
        actions=ASK_WORST_SEGMENT,
    ),
    FindingSpec(
        "kept_by_industry",
        "retention",
        N_(
            "By industry, “{best_value}” kept {best_grr:pct} of last year's revenue and "
            "“{worst_value}” {worst_grr:pct} of {worst_before:money}, growth not counted."
        ),
        actions=ASK_WORST_SEGMENT,
    ),
    FindingSpec(
        "kept_by_region",
        "retention",
        N_(
            "By region, “{best_value}” kept {best_grr:pct} of last year's revenue and "
            "“{worst_value}” {worst_grr:pct} of {worst_before:money}, growth not counted."
        ),
        actions=ASK_WORST_SEGMENT,
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
                "Compare the portfolios of {best_value} and {worst_value} before judging people: "
                "visits, complaints and the largest lost accounts of each."
            )
        },
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
        actions={"ask_for_segments": N_("Provide nature, industry, region and owner of each account.")},
    ),
    FindingSpec(
        "cohort_share",
        "cohorts",
        N_(
            "Accounts that first bought more than {years:n} {years:plural|year|years} ago bring "
            "{share:pct} of revenue ({amount:money}); the {young_accounts:n} first seen in the last "
            "12 months bring {young_share:pct}."
        ),
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
    ),
    FindingSpec(
        "pvm",
        "pvm",
        N_(
            "Revenue changed by {change:money}: prices {price:money} ({price_rate:change}), volume "
            "{volume:money} ({volume_rate:change}), mix {mix:money} ({mix_rate:change})."
        ),
        actions={
            "pvm_check_prices": N_(
                "Sales and finance go through the discounts of the products whose prices fell most, "
                "account by account."
            )
        },
        rank=26,
    ),
    FindingSpec(
        "pvm_price_falls",
        "pvm",
        N_(
            "Prices fell on {count:n} {count:plural|product|products} and cost {amount:money}, most "
            "on {what}."
        ),
    ),
    FindingSpec(
        "pvm_little_matched",
        "pvm",
        N_(
            "Only {matched_share:pct} of revenue comes from products sold in both years, so price "
            "and volume say little: {new_products:n} products are new, {lost_products:n} dropped."
        ),
        actions={
            "pvm_stable_codes": N_(
                "Check whether products were given new codes; if so, deliver a list of old and new."
            )
        },
    ),
    FindingSpec(
        "pvm_by_category",
        "pvm",
        N_(
            "By category, revenue changed by {change:money}: average prices {price:money} "
            "({price_rate:change}), volume {volume:money} ({volume_rate:change}), mix {mix:money} "
            "({mix_rate:change}). The lines name no product, so a shift between the products of a "
            "category looks like a change of price."
        ),
        actions={"pvm_ask_for_products": N_("Provide the product of each line.")},
    ),
    FindingSpec(
        "pvm_range",
        "pvm",
        N_(
            "{new_products:n} {new_products:plural|product is|products are} new and "
            "{new_products:plural|brings|bring} {new:money}; {lost_products:n} dropped "
            "{lost_products:plural|one|ones} changed revenue by {lost:money}."
        ),
    ),
    FindingSpec(
        "pvm_unmatched",
        "pvm",
        N_(
            "{unmatched_rows:n} lines worth {unmatched_gross:money} (returns counted as positive) "
            "have no quantity, no product or no net sales to compare."
        ),
        actions={
            "pvm_complete_quantity": N_(
                "Complete quantity and product of these lines, or say which are rebates and fees."
            )
        },
    ),
    FindingSpec(
        "pvm_turned",
        "pvm",
        N_(
            "{turned_rows:n} {turned_rows:plural|line has|lines have} a quantity with the opposite "
            "sign of the amount; it was counted with the sign of the amount."
        ),
    ),
    FindingSpec(
        "pvm_no_lines",
        "pvm",
        N_("Price and volume cannot be told apart: from a database only sums are read, without quantities."),
        actions={"pvm_ask_for_lines": N_("Deliver the lines as a file, with quantity and product.")},
    ),
    FindingSpec(
        "pvm_no_quantity",
        "pvm",
        N_("Price and volume cannot be told apart, because the sales lines carry no quantity."),
        actions=PVM_ASK_FOR_QUANTITY,
    ),
    FindingSpec(
        "pvm_no_product",
        "pvm",
        N_(
            "Price and volume cannot be told apart, because the sales lines name neither product nor "
            "category."
        ),
        actions=PVM_ASK_FOR_QUANTITY,
    ),
)
