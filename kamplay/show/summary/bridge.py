"""The bridge of the first screen: last year, what was lost and won, this year, the year ahead, the target."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kamplay.method.value.step import Value, again, proven
from kamplay.palette import BAD, GOOD, PALE, QUIET
from kamplay.show.charts.bridge import other_told, what_bars_hold
from kamplay.show.charts.chart import bare, draw_chart, floating_bars, join_parts
from kamplay.show.charts.plot import Plot, Series
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_
from kamplay.show.summary.whole import CAME, WENT, missed
from kamplay.show.view import View, current

if TYPE_CHECKING:
    from matplotlib.axes import Axes

STEPS = {
    "before": N_("Year before"),
    "lost": N_("Accounts that left"),
    "contracted": N_("Bought less"),
    "expanded": N_("Bought more"),
    "won_back": N_("Won back"),
    "new": N_("New accounts"),
    "other": N_("Other"),
    "now": N_("Last 12 months"),
    "ahead": N_("Next 12 months, today's accounts"),
    "again": N_("The same accounts, last 12 months"),
    "target": N_("Target"),
}
INSIDE = 0.4  # of the chart's width, from which an amount has room before its interval
TOTALS = ("before", "now", "ahead", "again", "target")
UP_TO = {  # by whether a year ahead is told, and a target set
    (False, False): N_("From the year before to this one. Bars of whole years begin at zero."),
    (False, True): N_("From the year before to the target. Bars of whole years begin at zero."),
    (True, False): N_("From the year before to the year ahead."),
    (True, True): N_("From the year before to the target."),
}
RANGE = N_(
    "The line is the 80% interval of the year ahead, without new accounts, those that bought once and the "
    "warning signs of single accounts."
)
IN_BRACKETS = N_("In brackets the 80% interval.")
NOT_IN_IT = N_(
    "Not in it: accounts still to be won, those that bought once, warning signs of single accounts."
)
BARS = N_("The bars of the first chart: {told}")
BEATEN = N_(
    "Neither forecast is proven: in the test the model was {missed}, repeating the year {last_missed}."
)
FAR_OFF = N_("The year ahead is not proven: tested on the last 12 months the model was {missed}.")


def _rows(value: Value) -> list[tuple[str, float]]:
    """The bridge's bars from the top, as (one of STEPS, amount); none with less than two years of data."""
    retention, forecast = value.retention, value.forecast
    if retention.nrr is None or retention.bridge.empty:
        return []
    amounts = retention.bridge.set_index("item")["amount"].to_dict()
    rows = [(key, float(amounts[key])) for key in list(STEPS)[:8] if amounts.get(key)]
    if forecast.expected is not None:
        rows.append(("ahead", forecast.total))
        repeated = again(value)
        if repeated is not None:
            rows.append(("again", repeated))
    if forecast.target:
        rows.append(("target", forecast.target))
    return rows


def _words(rows: list[tuple[str, float]], view: View) -> list[str]:
    """The amount of each bar. Where the bars of a side, as they are shown, do not come to the sum that the
    report gives of them, those between the totals have one decimal more.
    """
    locale, amounts = view.locale, dict(rows)
    finer = False
    for side in (CAME, WENT):
        bars = [amounts[name] for name in side if name in amounts]
        apart = sum(locale.money_shown(one) for one in bars) - locale.money_shown(sum(bars))
        finer |= abs(apart) > 1e-6 * max((abs(one) for one in bars), default=1.0)
    return [
        ("+" if key not in TOTALS and amount > 0 else "") + locale.money(amount, finer and key not in TOTALS)
        for key, amount in rows
    ]


def _starts(rows: list[tuple[str, float]]) -> list[float]:
    """Where each bar begins."""
    starts, at = [], 0.0
    for key, amount in rows:
        starts.append(0.0 if key in TOTALS else at)
        at = amount if key in TOTALS else at + amount
    return starts


def bridge_plot(value: Value) -> Plot | None:
    """The bridge as bars that stand on what is not drawn."""
    rows, view, forecast = _rows(value), current(), value.forecast
    if not rows:
        return None
    locale, starts = view.locale, _starts(rows)
    below = tuple(min(start, start + amount) for start, (_, amount) in zip(starts, rows, strict=True))
    words = tuple(_words(rows, view))
    if forecast.expected is not None:
        span = locale.say(N_("{low:money} to {high:money}"), low=forecast.low, high=forecast.high)
        ahead = [key for key, _ in rows].index("ahead")
        words = (*words[:ahead], f"{words[ahead]} ({span})", *words[ahead + 1 :])
    bars = Series(
        locale.text(N_("Revenue")),
        tuple(abs(amount) for _, amount in rows),
        view.accent,
        labels=words,
        colours=tuple(_colour(key, amount, view) for key, amount in rows),
    )
    labels = tuple(locale.text(STEPS[key]) for key, _ in rows)
    return Plot("stacked", labels, (Series("", below, ""), bars), _caption_of_slide(value, rows))


def other_of_bridge(value: Value) -> str:
    """What is in the bar "Other"; "" without one."""
    return other_told(value.retention)


def _caption(value: Value, rows: list[tuple[str, float]]) -> str:
    """Below the chart, in two lines: what of the year ahead is not in its bar, and what "Other" is."""
    told, locale = "ahead" in dict(rows), current().locale
    return locale.sentences(
        locale.text(RANGE if told else UP_TO[False, "target" in dict(rows)]),
        _not_proven(value, rows),
        other_told(value.retention, brief=True),
    )


def _caption_of_slide(value: Value, rows: list[tuple[str, float]]) -> str:
    """From where to where the bridge goes, and what its bars hold."""
    shown, locale = dict(rows), current().locale
    told = "ahead" in shown
    return locale.sentences(
        locale.text(UP_TO[told, "target" in shown]),
        locale.text(IN_BRACKETS) if told else "",
        locale.text(NOT_IN_IT) if told else "",
        _not_proven(value, rows),
        what_bars_hold(value.retention, locale.text(STEPS["contracted"])),
    )


def _not_proven(value: Value, rows: list[tuple[str, float]]) -> str:
    """How far off the year ahead was when tested, where that is no better than repeating the year."""
    view, shown, test = current(), dict(rows), value.revenue_backtest
    if test is None or "ahead" not in shown:
        return ""
    if "again" in shown:
        both = {"missed": missed(test.error, view), "last_missed": missed(test.last_error, view)}
        return view.locale.say(BEATEN, **both)
    return "" if proven(value) else view.locale.say(FAR_OFF, missed=missed(test.error, view))


def bars_told(value: Value) -> list[str]:
    """What the bars hold, for the appendix; none where there is no bridge or they are as they are called."""
    locale = current().locale
    told = what_bars_hold(value.retention, locale.text(STEPS["contracted"])) if _rows(value) else ""
    return [locale.say(BARS, told=told)] if told else []


def bridge_chart(value: Value) -> Display:
    """The bridge; nothing with less than two years of data, where there is nothing to compare."""
    forecast, locale, rows = value.forecast, current().locale, _rows(value)
    if not rows:
        return NOTHING
    starts, words = _starts(rows), _words(rows, current())
    labels = [locale.text(STEPS[key]) for key, _ in rows]

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        lows = [min(start, start + amount) for start, (_, amount) in zip(starts, rows, strict=True)]
        tops = [max(start, start + amount) for start, (_, amount) in zip(starts, rows, strict=True)]
        reach = max([*tops, forecast.high if forecast.expected is not None else 0.0])
        colours = [_colour(key, amount, view) for key, amount in rows]
        floating_bars(axes, lows, [abs(amount) for _, amount in rows], colours, 0.62)
        for place, (key, _) in enumerate(rows):
            end, side_of, gap = tops[place], "left", reach * (0.03 if narrow else 0.012)
            if key == "ahead":
                axes.plot([forecast.low, forecast.high], [place, place], color=QUIET, linewidth=1.6)
                for side in (forecast.low, forecast.high):
                    axes.plot([side, side], [place - 0.16, place + 0.16], color=QUIET, linewidth=1.6)
                end = max(end, forecast.high)
                if forecast.low > reach * INSIDE:  # beyond its upper end the amount would read as that end's
                    end, side_of, gap = forecast.low, "right", -gap
            axes.text(end + gap, place, words[place], ha=side_of, va="center", fontsize=8.5)
        axes.set_yticks(range(len(rows)), labels)
        axes.set_xlim(0, reach * (1.4 if narrow else 1.14))
        bare(axes, "bottom")

    parts = [f"{label} {said}" for label, said in zip(labels, words, strict=True)]
    alt = locale.say(N_("Revenue bridge: {parts}."), parts=join_parts(parts, locale))
    return draw_chart(draw, _caption(value, rows), alt, 0.95)


def _colour(key: str, amount: float, view: View) -> str:
    if key in TOTALS:
        return view.accent if key == "now" else PALE
    return GOOD if amount > 0 else BAD
