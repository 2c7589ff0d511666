"""Charts of step 2 on movement in depth: cohorts of first purchase, price–volume–mix."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from kamplay.method.value import Value
from kamplay.show.charts.compact import compact
from kamplay.show.charts.figure import BAD, GOOD, INK, PALE, bare, money_axis
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_, Locale
from kamplay.show.view import View, current

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PVM = {
    "before": N_("year before"), "new": N_("new products"), "lost": N_("dropped products"), "volume": N_("volume"),
    "mix": N_("mix"), "price": N_("price"), "unmatched": N_("not comparable"), "now": N_("this year"),
}  # fmt: skip
LEAST_COHORTS = 3  # two show only old and new, which the sentence says
ALMOST_ALL = 0.9  # of every window from the oldest cohort: a chart of one colour


def cohorts(value: Value) -> Display:
    """Revenue of each twelve months, stacked by how long ago the account first bought, the oldest at the bottom; nothing where it would
    show one colour."""
    view, frame = current(), value.cohorts
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
            axes.bar(range(len(windows)), high, bottom=base, color=colour, width=0.72, label=_joined(int(str(cohort)), oldest, locale))
            for place, (size, low) in enumerate(zip(high, base, strict=True)):
                if size >= 0.07 * totals.max():
                    said = locale.percent(size / totals.iloc[place])
                    axes.text(place, low + size / 2, said, ha="center", va="center", fontsize=8.5, color="white" if part < 0.45 else INK)
            base += high
        years = [_year(w, locale) for w in windows]
        broken = ["\n".join(y.rsplit(" ", 1)) for y in years] if narrow else years  # five of them have no room on one line
        axes.set_xticks(range(len(windows)), broken, fontsize=7.6 if narrow else 9)
        axes.set_ylabel(money_axis(axes.yaxis, view, totals.max()))
        axes.set_ylim(0, totals.max() * 1.04)
        axes.grid(axis="y")
        handles, labels = axes.get_legend_handles_labels()
        title = locale.text(N_("first bought"))
        axes.figure.legend(
            handles[::-1], labels[::-1], title=title, frameon=False, fontsize=8.5, title_fontsize=8.5, alignment="left",
            loc="outside lower center" if narrow else "outside right center", ncols=2 if narrow else 1,
        )  # fmt: skip

    caption = locale.text(
        N_(
            "Revenue of twelve-month windows by when the account first bought, counted back from the reporting date. "
            "The oldest group holds earlier accounts too."
        )
    )
    last = amounts[windows[-1]]
    parts = locale.text(N_("; ")).join(
        f"{_joined(int(c), oldest, locale)} {locale.percent(a / totals.iloc[-1])}" for c, a in last.items() if a > 0
    )
    alt = locale.say(N_("Revenue of the last 12 months by year of first purchase: {parts}."), parts=parts)
    return compact(draw, caption, alt, 1.2)


def pvm(value: Value) -> Display:
    """The bridge from last year's revenue to this year's by products, volume, mix and price."""
    view, table = current(), value.pvm
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
        N_("From the revenue of the 12 months before to that of the last 12. Volume, mix and price: products sold in both years.")
    )
    caption = (" " if locale.language == "en" else "").join([said, cut_note(amounts, locale)]).strip()
    parts = locale.text(N_("; ")).join(f"{w} {locale.money(a)}" for w, a in zip(words, amounts, strict=True))
    return compact(draw, caption, locale.say(N_("Price, volume and mix: {parts}."), parts=parts), 0.95)


def cut_note(amounts: np.ndarray, locale: Locale) -> str:
    """That the totals of a bridge are cut, where they are."""
    return locale.text(N_("The two long bars are cut: compare the figures.")) if floor_of(amounts) > 0 else ""


def steps(axes: Axes, view: View, words: Sequence[str], amounts: np.ndarray, narrow: bool) -> None:
    """A bridge that lies on its side, so that labels have room on a phone: the first and last of ``amounts`` are totals, from the top."""
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
        axes.text(high + reach * 0.015, place, sign + view.locale.money(amount), va="center", fontsize=8 if narrow else 8.5)
        if end and floor > 0:  # the sign that a bar is cut
            axes.text(floor + reach * 0.05, place, "//", va="center", ha="center", color="white", fontsize=13)
    axes.set_yticks(list(places), list(words), fontsize=8.5 if narrow else 9)
    axes.set_xlim(floor, top + reach * (0.42 if narrow else 0.2))
    bare(axes, "bottom")
    axes.spines["left"].set_visible(False)


def floor_of(amounts: np.ndarray) -> float:
    """Where the axis of a bridge starts: at 0, or higher where the steps would be too small to see against the totals."""
    levels = np.append(np.cumsum(amounts[:-1]), amounts[-1])
    low, high = float(levels.min()), float(levels.max())
    return max(0.0, low - max(high - low, 0.02 * high)) if low > 0.3 * high > 0 else min(0.0, low)


def _year(window: int, locale: Locale) -> str:
    return locale.text(N_("last 12 months")) if window == 0 else locale.say(N_("{years:n} {years:plural|year|years} before"), years=window)


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
