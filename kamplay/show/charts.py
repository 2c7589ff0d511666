"""The charts of the five steps. Each takes a step's result; a chart without data shows nothing, as its finding has said so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kamplay.method.coverage import Check
from kamplay.method.health import Health
from kamplay.method.strategy import Plan
from kamplay.method.tiers import Tiers
from kamplay.method.value import Value
from kamplay.show.chart import BAD, GOOD, INK, PALE, QUIET, RULE, WARN, chart, clip, money_axis, month_axis, percent_axis
from kamplay.show.display import NOTHING, Display
from kamplay.show.labels import MOVES, band_label, level_label, move_label
from kamplay.show.locale import N_
from kamplay.show.view import View, current

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BAND_COLOURS = {"green": GOOD, "yellow": WARN, "red": BAD}


def months(check: Check) -> Display:
    """Sales by month over the whole history; months without a sale are marked."""
    view, table = current(), check.months
    if table.empty:
        return NOTHING
    amounts, dates = table["amount"].to_numpy(), table["month_end"].tolist()

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        recent = np.arange(len(amounts)) >= len(amounts) - 12
        axes.bar(range(len(amounts)), amounts, color=np.where(recent, view.accent, PALE), width=0.78)
        for place in np.flatnonzero(table["orders"].to_numpy() == 0):
            axes.text(place, 0, "×", ha="center", va="bottom", color=BAD)
        axes.set_ylabel(money_axis(axes.yaxis, view, abs(amounts).max()))
        axes.grid(axis="y")
        month_axis(axes, view, dates, narrow)

    caption = view.locale.say(N_("Net sales by month; the last 12 months in colour, months without a sale marked ×."))
    low, high = table["amount"].idxmin(), table["amount"].idxmax()
    alt = view.locale.say(N_("Monthly net sales from {start} to {end}, between {low:money} and {high:money}."), start=view.locale.month(dates[0]),
                          end=view.locale.month(dates[-1]), low=table["amount"][low], high=table["amount"][high])  # fmt: skip
    return chart(draw, caption, alt)


def tiers(result: Tiers) -> Display:
    """Share of accounts against share of revenue, by tier."""
    view, table = current(), result.summary
    locale = view.locale
    share = table["accounts"] / max(1, table["accounts"].sum())

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        place = np.arange(len(table))[::-1]
        axes.barh(place + 0.19, table["revenue_share"], height=0.36, color=view.accent, label=locale.text(N_("of revenue")))
        axes.barh(place - 0.19, share, height=0.36, color=PALE, label=locale.text(N_("of accounts")))
        for y, revenue, part, count in zip(place, table["revenue_share"], share, table["accounts"], strict=True):
            axes.text(revenue + 0.008, y + 0.19, locale.percent(revenue), va="center", fontsize=8.5)
            axes.text(part + 0.008, y - 0.19, f"{locale.percent(part)} ({locale.number(count)})", va="center", fontsize=8.5, color=QUIET)
        axes.set_yticks(place, table[locale.language])
        axes.set_xlim(0, max(share.max(), table["revenue_share"].max()) * 1.18)
        axes.set_xticks([])
        axes.spines["bottom"].set_visible(False)
        axes.legend(frameon=False, loc="lower right", fontsize=8.5)

    caption = locale.text(N_("Each tier's share of revenue and of the accounts that bought in the last 12 months (number in brackets)."))
    parts = [f"{row[locale.language]} {locale.percent(part)} / {locale.percent(row['revenue_share'])}" for (_, row), part in zip(table.iterrows(), share, strict=True)]
    return chart(draw, caption, locale.say(N_("Share of accounts / of revenue: {parts}."), parts=locale.text("; ").join(parts)))


def pareto(value: Value) -> Display:
    """Cumulative share of revenue against accounts from the largest, with the 80 % point and an equal split."""
    view, table = current(), value.ranking
    if table.empty:
        return NOTHING
    locale, needed = view.locale, value.key_figures["accounts_for_80"]
    count = len(table)

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        x = np.arange(count + 1) / count
        y = np.concatenate([[0.0], table["cumulative"].to_numpy()])
        axes.plot([0, 1], [0, 1], color=RULE, linewidth=1, linestyle=(0, (4, 3)))
        axes.fill_between(x, y, x, color=view.accent, alpha=0.12, linewidth=0)
        axes.plot(x, y, color=view.accent, linewidth=2)
        at = needed / count
        axes.plot([at, at], [0, 0.8], color=QUIET, linewidth=0.8)
        axes.plot([0, at], [0.8, 0.8], color=QUIET, linewidth=0.8)
        axes.plot([at], [y[needed]], "o", color=view.accent, markersize=5)
        note = locale.say(N_("{needed:n} accounts ({part:pct})\nbring 80% of revenue"), needed=needed, part=at)
        axes.annotate(note, (at, y[needed]), xytext=(at + 0.05, 0.52), color=INK, arrowprops={"arrowstyle": "-", "color": QUIET, "linewidth": 0.7})
        axes.text(0.97, 0.88 if narrow else 0.9, locale.text(N_("if all were equal")), color=QUIET, ha="right", va="top", fontsize=8.5, rotation=0)
        for axis in (axes.xaxis, axes.yaxis):
            percent_axis(axis, view)
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 1.02)
        axes.set_xlabel(locale.text(N_("accounts, largest first")))
        axes.set_ylabel(locale.text(N_("cumulative revenue")))
        axes.grid(axis="y")

    caption = locale.text(N_("Cumulative share of revenue, accounts from the largest. The further the curve bows from the dashed line, the more unequal."))
    alt = locale.say(N_("Pareto curve: {needed:n} of {count:n} accounts bring 80% of revenue; the top fifth brings {top:pct}."), needed=needed, count=count,
                     top=value.key_figures["top20_share"])  # fmt: skip
    return chart(draw, caption, alt)


def year_on_year(value: Value) -> Display:
    """Revenue month by month against the same month of the year before."""
    view, table = current(), value.months
    if len(table) < 13:
        return NOTHING
    locale = view.locale
    now, before = table.tail(12).reset_index(drop=True), table.iloc[:-12].reset_index(drop=True)
    shift = 12 - len(before)

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        axes.plot(range(12), now["amount"], color=view.accent, linewidth=2.2, marker="o", markersize=3.5, label=locale.text(N_("last 12 months")))
        axes.plot(range(shift, 12), before["amount"], color=QUIET, linewidth=1.4, linestyle=(0, (4, 2)), label=locale.text(N_("12 months before")))
        axes.set_ylim(min(0, table["amount"].min()), table["amount"].max() * 1.12)
        axes.set_ylabel(money_axis(axes.yaxis, view, table["amount"].abs().max()))
        axes.grid(axis="y")
        axes.legend(frameon=False, loc="upper left", ncols=1 if narrow else 2, fontsize=8.5)
        month_axis(axes, view, now["month_end"].tolist(), narrow)

    change = now["amount"].sum() / before["amount"].sum() - 1 if len(before) == 12 and before["amount"].sum() > 0 else None
    caption = locale.text(N_("Revenue by month, against the same month a year earlier."))
    alt = locale.say(N_("Revenue by month over the last 12 months against the 12 before; the total changed by {change:pct}."), change=change)
    return chart(draw, caption, alt)


def movement(value: Value) -> Display:
    """The bridge from last year's revenue to this year's: new, expanded, contracted, lost."""
    view, table = current(), value.bridge
    if value.key_figures["nrr"] is None:
        return NOTHING
    locale, amounts = view.locale, table["amount"].to_numpy()

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        inner = amounts[1:-1]
        starts = np.concatenate([[0.0], amounts[0] + np.concatenate([[0.0], np.cumsum(inner)[:-1]]), [0.0]])
        colours = [PALE, *(GOOD if a >= 0 else BAD for a in inner), view.accent]
        axes.bar(range(len(amounts)), amounts, bottom=starts, color=colours, width=0.66)
        top = np.maximum(starts, starts + amounts)
        for place, (amount, high, item) in enumerate(zip(amounts, top, table["item"], strict=True)):
            sign = "+" if item in MOVES and amount > 0 else ""
            axes.text(place, high + top.max() * 0.015, sign + locale.money(amount), ha="center", va="bottom", fontsize=7.2 if narrow else 8.5)
        labels = [f"{move_label(i, locale)}\n({locale.number(n)})" for i, n in zip(table["item"], table["accounts"], strict=True)]
        axes.set_xticks(range(len(amounts)), labels, fontsize=7.6 if narrow else 9)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.set_ylim(0, top.max() * 1.1)

    caption = locale.text(N_("From the revenue of the 12 months before to that of the last 12; number of accounts in brackets."))
    parts = locale.text("; ").join(f"{move_label(i, locale)} {locale.money(a)}" for i, a in zip(table["item"], amounts, strict=True))
    return chart(draw, caption, locale.say(N_("Revenue bridge: {parts}."), parts=parts))


def funnel(value: Value) -> Display:
    """Open opportunities by stage: amount, and what of it the win rate makes count."""
    view, table = current(), value.stages
    if table.empty:
        return NOTHING
    locale = view.locale

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        place = np.arange(len(table))[::-1]
        axes.barh(place, table["amount"], color=PALE, height=0.7, label=locale.text(N_("open amount")))
        axes.barh(place, table["weighted"], color=view.accent, height=0.34, label=locale.text(N_("weighted by win rate")))
        for y, row in zip(place, table.itertuples(), strict=True):
            axes.text(row.amount * 1.015, y, f"{locale.money(row.amount)} ({locale.number(row.count)})", va="center", fontsize=8)
        axes.set_yticks(place, [f"{clip(str(s), narrow)} {locale.percent(r)}" for s, r in zip(table["stage"], table["win_rate"], strict=True)])
        axes.set_xlim(0, table["amount"].max() * (1.5 if narrow else 1.28))
        axes.set_xticks([])
        axes.spines["bottom"].set_visible(False)
        axes.legend(frameon=False, loc="lower right", fontsize=8, bbox_to_anchor=(1, 1), ncols=2)

    caption = locale.text(N_("Open opportunities by stage and win rate: amount (number of opportunities in brackets) and what of it counts in the forecast."))
    total = locale.say(N_("{count:n} open opportunities worth {amount:money}, weighted {weighted:money}."), count=int(table["count"].sum()), amount=table["amount"].sum(),
                       weighted=table["weighted"].sum())  # fmt: skip
    return chart(draw, caption, total)


def bands(health: Health) -> Display:
    """Accounts and revenue by health band, as two bars of 100 %."""
    view, table = current(), health.bands
    if table["accounts"].sum() == 0:
        return NOTHING
    locale = view.locale
    shares = {N_("accounts"): table["accounts"] / table["accounts"].sum(), N_("revenue"): table["revenue"].clip(lower=0) / max(table["revenue"].clip(lower=0).sum(), 1e-9)}

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        for y, values in zip((1, 0), shares.values(), strict=True):
            left = 0.0
            for band, part in zip(table["band"], values, strict=True):
                axes.barh(y, part, left=left, color=BAND_COLOURS[band], height=0.55)
                if part > (0.09 if narrow else 0.05):
                    axes.text(left + part / 2, y, f"{band_label(band, locale)} {locale.percent(part)}", ha="center", va="center", color="white" if band != "yellow" else INK, fontsize=8)
                left += part
        axes.set_yticks((1, 0), [locale.text(k) for k in shares])
        axes.set_xlim(0, 1)
        axes.set_xticks([])
        axes.spines["bottom"].set_visible(False)
        axes.spines["left"].set_visible(False)

    caption = locale.text(N_("Active accounts and their revenue by health band: green from 70 points, yellow from 40, red below."))
    parts = locale.text("; ").join(
        f"{band_label(b, locale)} {locale.number(n)} / {locale.money(r)}" for b, n, r in zip(table["band"], table["accounts"], table["revenue"], strict=True)
    )
    return chart(draw, caption, locale.say(N_("Accounts / revenue by band: {parts}."), parts=parts), height=0.62)


def calibration(health: Health) -> Display:
    """What the churn model predicted against what happened, by fifth of the test accounts."""
    view, table = current(), health.calibration
    if table.empty:
        return NOTHING
    locale = view.locale

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        top = min(1.0, max(table["predicted"].max(), table["seen"].max()) * 1.12)
        axes.plot([0, top], [0, top], color=RULE, linewidth=1, linestyle=(0, (4, 3)))
        error = 1.96 * np.sqrt(table["seen"] * (1 - table["seen"]) / table["accounts"])
        axes.errorbar(table["predicted"], table["seen"], yerr=[np.minimum(error, table["seen"]), np.minimum(error, 1 - table["seen"])], color=view.accent, marker="o", linewidth=1.2, capsize=3)
        for axis in (axes.xaxis, axes.yaxis):
            percent_axis(axis, view)
        axes.set_xlabel(locale.text(N_("predicted to stop")))
        axes.set_ylabel(locale.text(N_("did stop")))
        axes.set_xlim(0, top)
        axes.set_ylim(0, top)
        axes.grid()

    caption = locale.text(N_("Test accounts in five groups by predicted probability: on the dashed line the model says what happens. Bars are 95% intervals."))
    parts = locale.text("; ").join(f"{locale.percent(p)} → {locale.percent(s)}" for p, s in zip(table["predicted"], table["seen"], strict=True))
    return chart(draw, caption, locale.say(N_("Predicted → seen share of accounts that stopped: {parts}."), parts=parts))


def visits(plan: Plan) -> Display:
    """Visits a month that the norms ask for, level by level from the top, against what the team can make."""
    view, table, capacity = current(), plan.levels[plan.levels["visits"] > 0], plan.key_figures["capacity"]
    if table.empty:
        return NOTHING
    locale = view.locale

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        ends = table["visits"].cumsum()
        place = np.arange(len(table))[::-1]
        axes.barh(place, table["visits"], left=ends - table["visits"], color=view.accent, height=0.55)
        total = max(float(ends.max()), capacity or 0.0)
        for y, end, visits_, row in zip(place, ends, table["visits"], table.itertuples(), strict=True):
            text = locale.say(N_("{visits:n} visits, {accounts:n} accounts"), visits=visits_, accounts=row.accounts)
            inside = end > total * 0.6
            axes.text(end - visits_ - total * 0.012 if inside else end + total * 0.012, y, text, va="center", ha="right" if inside else "left", fontsize=8.5)
        if capacity:
            axes.axvline(capacity, color=BAD, linewidth=1.3)
            axes.text(capacity, len(table) - 0.42, locale.say(N_("capacity {capacity:n}"), capacity=capacity), color=BAD, ha="right" if capacity > total / 2 else "left", va="bottom", fontsize=8.5)
        axes.set_yticks(place, [level_label(level, locale) for level in table["level"]])
        axes.set_xlim(0, total * 1.06)
        axes.set_ylim(-0.6, len(table) - 0.1)
        axes.xaxis.set_major_formatter(lambda v, _: locale.number(v))

    caption = locale.text(N_("Visits a month by level, added up from the top level down, against the team's capacity."))
    parts = locale.text("; ").join(f"{level_label(lv, locale)} {locale.number(n)}" for lv, n in zip(table["level"], table["visits"], strict=True))
    return chart(draw, caption, locale.say(N_("Visits a month: {parts}."), parts=parts), height=0.72)


__all__ = ["bands", "calibration", "funnel", "months", "movement", "pareto", "tiers", "visits", "year_on_year"]
