"""The sales funnel: open deals by stage, win rates, the backtest of the forecast, and stalled deals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
from babel.dates import format_date

from kamplay.method.value.pipeline import Funnel, WinRates
from kamplay.method.value.step import Value
from kamplay.palette import PALE, QUIET
from kamplay.show.charts.chart import bare, clip, draw_compact, join_parts, lighten, money_axis, overlaid_bars
from kamplay.show.charts.plot import Plot, Series
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_, Locale, missing
from kamplay.show.registry import FindingSpec, chart, plot, register_findings, sheet, table
from kamplay.show.table import ACCOUNT_COLUMNS, Column, Sheet, html_table, with_names
from kamplay.show.view import View, current

if TYPE_CHECKING:
    from matplotlib.axes import Axes

STALLED_ROWS = 8


FUNNEL = N_(
    "Open opportunities by stage and win rate: amount (number of opportunities in "
    "brackets) and what it weighs by the win rate."
)
IN_FORECAST = N_(
    "The forecast counts {added:money} of the weighted {weighted:money}: {overlap:money} is with accounts "
    "expected to buy as much anyway{later}."
)
BY_HISTORY = N_(
    "By the win rates of past deals they would weigh {weighted:money}, {added:money} of it in the forecast; "
    "the recorded rates are taken, the more cautious ones."
)
LATER = N_(", {later:money} is due after the 12 months")
AMOUNTS = {"amount": N_("open amount"), "weighted": N_("weighted by win rate")}


@plot
def funnel_plot(value: Value) -> Plot | None:
    """Open opportunities by stage: amount, and amount weighted by win rate."""
    if value.pipeline is None or not value.pipeline.funnel.stages["amount"].max() > 0:
        return None
    stages, view = value.pipeline.funnel.stages, current()
    locale = view.locale
    counted = tuple(f"{locale.money(r.amount)} ({locale.number(r.count)})" for r in stages.itertuples())
    words = {"amount": counted, "weighted": tuple(map(locale.money, stages["weighted"]))}
    series = [
        Series(locale.text(AMOUNTS[key]), tuple(map(float, stages[key])), colour, labels=words[key])
        for key, colour in (("amount", PALE), ("weighted", view.accent))
    ]
    places = zip(stages["stage"], stages["win_rate"], strict=True)
    names = tuple(f"{stage} {locale.percent(rate)}" for stage, rate in places)
    return Plot("bars", names, tuple(series), _caption(value), message=_in_all(value.pipeline.funnel))


@chart
def funnel_chart(value: Value) -> Display:
    """Open opportunities by stage, amount and amount weighted by win rate; nothing without amounts."""
    if value.pipeline is None or not value.pipeline.funnel.stages["amount"].max() > 0:
        return NOTHING
    funnel, locale = value.pipeline.funnel, current().locale
    stages = funnel.stages

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        overlaid_bars(
            axes,
            (stages["amount"], PALE, locale.text(AMOUNTS["amount"]), 0.7),
            (stages["weighted"], view.accent, locale.text(AMOUNTS["weighted"]), 0.34),
        )
        for place, row in enumerate(stages.itertuples()):
            label = f"{locale.money(row.amount)} ({locale.number(row.count)})"
            axes.text(row.amount + stages["amount"].max() * 0.015, place, label, va="center", fontsize=8)
        axes.set_yticks(
            range(len(stages)),
            [
                f"{clip(locale.label(str(stage)), narrow, most_narrow=17)} {locale.percent(rate)}"
                for stage, rate in zip(stages["stage"], stages["win_rate"], strict=True)
            ],
        )
        axes.set_xlim(0, stages["amount"].max() * (1.5 if narrow else 1.28))
        bare(axes, "bottom")
        axes.legend(frameon=False, loc="lower right", fontsize=8, bbox_to_anchor=(1, 1), ncols=2)

    said = _in_all(funnel)
    return draw_compact(draw, _caption(value), said, message=said)


def _in_all(funnel: Funnel) -> str:
    message = N_("{count:n} open opportunities worth {amount:money}, weighted {weighted:money}.")
    amount = funnel.stages["amount"].sum()
    return current().locale.say(message, count=funnel.open_deals, amount=amount, weighted=funnel.weighted)


def _caption(value: Value) -> str:
    """What is drawn, and what of it the forecast counts, does not count, and why."""
    locale, forecast = current().locale, value.forecast
    said = [locale.text(FUNNEL)]
    if forecast.expected is not None and forecast.overlap + forecast.later > 0:
        later = locale.say(LATER, later=forecast.later) if forecast.later else ""
        figures = {"added": forecast.added, "weighted": forecast.funnel_weighted, "overlap": forecast.overlap}
        said.append(locale.say(IN_FORECAST, later=later, **figures))
    rates, by_history = value.pipeline.win_rates if value.pipeline else None, forecast.history_added
    if rates and rates.history_weighted is not None and by_history is not None and _differ(rates):
        figures = {"weighted": rates.history_weighted, "added": by_history}
        said.append(locale.say(BY_HISTORY, **figures))
    return locale.sentences(*said)


def _differ(rates: WinRates) -> bool:
    """Whether past win rates promise more of the open deals than the recorded ones do."""
    recorded, history = rates.recorded_weighted, rates.history_weighted
    return recorded is not None and history is not None and history > recorded


GROUPS = {
    "all": N_("all deals"),
    "stage": N_("reached {value}"),
    "entity": N_("entity {value}"),
    "owner": N_("owner {value}"),
    "size": N_("size: {value}"),
    "recorded": N_("recorded {value}"),
}
SIZES = {"small": N_("smallest third"), "middle": N_("middle third"), "large": N_("largest third")}


def group_label(by: str, group: str, locale: Locale) -> str:
    """The group of deals of a win rate in words."""
    if by == "recorded":
        low = float(group)
        group = f"{locale.percent(low)}–{locale.percent(low + 0.2, 0)}"
    return locale.say(GROUPS[by], value=locale.text(SIZES[group]) if by == "size" else group)


GROUP = Column("group", N_("Deals"))
CLOSED = Column("closed", N_("Closed"), "n", extra=True)
WON = Column("won", N_("Won"), "n", extra=True)
RECORDED = Column("recorded", N_("Recorded"), "pct")


@sheet
def win_rates_sheet(value: Value) -> Sheet:
    """The win rate of every group of deals."""
    rates, locale = value.pipeline.win_rates.rates if value.pipeline else pd.DataFrame(), current().locale
    columns = [
        GROUP,
        CLOSED,
        WON,
        Column("rate", N_("Win rate"), "pct"),
        Column("low", N_("95% interval from"), "pct"),
        Column("high", N_("95% interval to"), "pct"),
        RECORDED,
    ]
    groups = [group_label(row.by, row.value, locale) for row in rates.itertuples()]
    return Sheet(N_("Win rates"), rates.assign(group=groups), columns)


@table
def win_rates_table(value: Value) -> Display:
    """Win rates of all deals, by stage and by entity with their intervals, beside the recorded ones; the
    workbook has every group.
    """
    if value.pipeline is None:
        return NOTHING
    locale, every = current().locale, value.pipeline.win_rates.rates
    rows = every[every["by"].isin(["all", "stage", "entity"])]
    # stages that every deal reached share the rate and the row of all deals
    passed = (rows["by"] == "stage") & rows["closed"].isin(rows.loc[rows["by"] == "all", "closed"])
    stages = rows.loc[passed, "value"].tolist()
    rows = rows[~passed]
    labels = [group_label(by, group, locale) for by, group in zip(rows["by"], rows["value"], strict=True)]
    if stages:
        reached = locale.words(stages, most=len(stages))
        labels[0] = locale.say(N_("all deals (reached {value})"), value=reached)
    few = locale.text(N_("too few"))
    frame = rows.assign(
        group=labels,
        rate_text=[few if missing(rate) else locale.percent(rate) for rate in rows["rate"]],
        interval=[
            "" if missing(low) else f"{locale.percent(low)}–{locale.percent(high)}"
            for low, high in zip(rows["low"], rows["high"], strict=True)
        ],
    )
    columns = [
        GROUP,
        CLOSED,
        WON,
        Column("rate_text", N_("Win rate"), css="num"),
        Column("interval", N_("95% interval"), css="num keep"),
        RECORDED,
    ]
    if frame["recorded"].isna().all():
        columns = columns[:-1]
    caption = N_(
        "Share of closed deals that were won. Reached a stage: lost there or later, or won. "
        "Recorded: the mean win rate of the open deals there; of a recorded band, that of "
        "its closed deals."
    )
    more = N_("By owner, by size and by recorded rate: in the workbook.") if len(every) > len(rows) else ""
    return html_table(frame, columns, locale.sentences(locale.text(caption), locale.text(more)))


@chart
def funnel_backtest_chart(value: Value) -> Display:
    """The forecast at each quarter's end beside what was won of the same deals, and what is still open."""
    if value.pipeline is None:
        return NOTHING
    backtest, locale = value.pipeline.backtest, current().locale
    quarters, money = backtest.quarters, backtest.in_amounts
    won, won_by_now = quarters["won"], quarters["won"] + quarters["later"]
    largest = float(max(quarters["forecast"].max(), (won_by_now + quarters["pending"]).max()))
    if quarters.empty or largest <= 0:
        return NOTHING

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        import seaborn as sns

        handles: list[Any] = []

        def bars(side: str, amounts: pd.Series, colour: str, words: str, **style: object) -> None:
            """One bar a quarter, on the side of the forecast or of what came."""
            sns.barplot(
                x=list(range(len(quarters))),
                y=amounts.to_numpy(),
                hue=[side] * len(quarters),
                hue_order=["forecast", "came"],
                palette={"forecast": colour, "came": colour},
                saturation=1,
                errorbar=None,
                gap=0.06,
                dodge=True,
                legend=False,
                ax=axes,
                **style,
            )
            drawn = [bars for bars in axes.containers if len(bars) and bars not in handles]
            drawn[-1].set_label(locale.text(words))
            handles.extend(drawn)

        bars("forecast", quarters["forecast"], PALE, N_("forecast"))
        if quarters["pending"].any():  # what came lies on it: what still shows is open
            dashed = {"fill": False, "linewidth": 0.8, "linestyle": (0, (3, 2))}
            still_open = (won_by_now + quarters["pending"]).where(quarters["pending"] > 0, 0.0)
            bars("came", still_open, QUIET, N_("still open"), **dashed)
        if quarters["later"].any():
            bars("came", won_by_now, lighten(view.accent, 0.55), N_("won later"))
        bars("came", won, view.accent, N_("won within two quarters"))
        ends = quarters["quarter_end"]
        axes.set_xticks(range(len(ends)), _months(ends, locale), fontsize=7.6 if len(ends) > 6 else 8.5)
        axes.set_xlim(-0.6, len(ends) - 0.4)
        axes.set_ylim(0, largest * 1.06)
        if money:
            axes.set_ylabel(money_axis(axes.yaxis, view, largest))
        else:
            axes.yaxis.set_major_formatter(lambda number, _: locale.count(number))
            axes.set_ylabel(locale.text(N_("deals")))
        axes.grid(axis="y")
        forecast, *came = handles
        axes.legend(
            handles=[forecast, *reversed(came)],
            frameon=False,
            loc="lower left",
            bbox_to_anchor=(0, 1),
            ncols=2 if narrow else 4,
            fontsize=8,
            borderaxespad=0,
        )

    caption = [
        locale.text(
            N_(
                "At the end of each quarter: what the deals open then were worth by the win rate known then, "
                "beside what was won of them. Quarters with much still open are not judged."
            )
        )
    ]
    settled = backtest.settled
    if len(settled):
        message = (
            N_(
                "In the {count:n} quarters that can be judged, {forecast:money} was forecast and "
                "{won:money} won."
            )
            if money
            else N_(
                "In the {count:n} quarters that can be judged, {forecast:n} deals were forecast and "
                "{won:n} won."
            )
        )
        sums = settled[["forecast", "came"]].sum()
        caption.insert(
            0, locale.say(message, count=len(settled), forecast=sums["forecast"], won=sums["came"])
        )
    message = (
        N_("{day:date} forecast {forecast:money}, won {won:money}")
        if money
        else N_("{day:date} forecast {forecast:n}, won {won:n}")
    )
    parts = [
        locale.say(message, day=row.quarter_end, forecast=row.forecast, won=row.won + row.later)
        for row in quarters.itertuples()
    ]
    alt = locale.say(N_("Forecast against won: {parts}."), parts=join_parts(parts, locale))
    return draw_compact(draw, locale.sentences(*caption), alt)


def _months(ends: pd.Series, locale: Locale) -> list[str]:
    """The month of each quarter's end, with the year where it begins."""
    names = [
        str(end.month) if locale.language == "zh" else format_date(end, "MMM", locale.babel) for end in ends
    ]
    first = ~ends.dt.year.duplicated()
    return [f"{name}\n{end.year}" if new else name for name, end, new in zip(names, ends, first, strict=True)]


@sheet
def stalled_deals_sheet(value: Value) -> Sheet:
    """Every opportunity that stands still."""
    columns = [
        Column("opportunity_id", N_("Deal")),
        *ACCOUNT_COLUMNS,
        Column("stage", N_("Stage")),
        Column("amount", N_("Amount"), "money"),
        Column("age", N_("Days open"), "n"),
        Column("median_age", N_("Usual at this stage"), "n"),
        Column("late_days", N_("Days past expected close"), "n"),
    ]
    rows = value.pipeline.ages.stalled if value.pipeline else pd.DataFrame()
    return Sheet(N_("Stalled deals"), rows, columns)


@table
def stalled_table(value: Value) -> Display:
    """Opportunities that stand still, the largest first."""
    if value.pipeline is None:
        return NOTHING
    locale, frame = current().locale, with_names(value.pipeline.ages.stalled)
    frame["usual"] = [
        locale.number(age) if missing(median) else f"{locale.number(age)} ({locale.count(median)})"
        for age, median in zip(frame["age"], frame["median_age"], strict=True)
    ]
    columns = [
        Column("opportunity_id", N_("Opportunity")),
        Column("name", N_("Account")),
        Column("stage", N_("Deal stage"), extra=True),
        Column("amount", N_("Amount"), "money"),
        Column("usual", N_("Days open (usual)"), css="num keep"),
        Column("expected_close", N_("Expected close"), "date", extra=True),
    ]
    columns = [c for c in columns if c.key not in ("amount", "expected_close") or frame[c.key].notna().any()]
    caption = (
        N_(
            "Opportunities that stand still, the largest first. In brackets: the median of the "
            "other open opportunities at that stage."
        )
        if frame["amount"].notna().any()
        else N_(
            "Opportunities that stand still, the longest first. In brackets: the median of the "
            "other open opportunities at that stage."
        )
    )
    return html_table(frame, columns, caption, most=STALLED_ROWS)


DEALS_KEEP_CLOSED = {
    "deals_keep_closed": N_(
        "Sales operations: record won and lost with a date, and keep closed deals in the export."
    )
}
DEALS_USE_HISTORY = {
    "deals_use_history": N_(
        "Head of sales: set the win rates of the stages to what history gives, and review them each quarter."
    )
}
DEALS_MOVE_OR_CLOSE = {
    "deals_move_or_close": N_(
        "Account owners: visit {names}: a next step with a date, or close the deal as lost."
    )
}
DEALS_STATE_DATES = {
    "deals_state_dates": N_(
        "Sales operations: record when an opportunity is opened and closed, and with which outcome."
    )
}

FUNNEL_THIN_MOUTH = {
    "funnel_thin_mouth": N_(
        "Head of sales: prospect now; too little new stands behind the late stages, and "
        "next year would fall short."
    )
}

register_findings(
    FindingSpec(
        "funnel",
        "funnel",
        N_(
            "{open:n} open opportunities worth {open_amount:money} weigh {weighted:money} by their "
            "win rates, {share:pct} of a year's revenue. Won and weighted come to {forecast:money}: "
            "{won:money} of it was won in the last 12 months and is no new money."
        ),
        actions={
            "funnel_balanced": N_("Head of sales: keep the intake of new opportunities at this level."),
            "funnel_fill_gap": N_(
                "Head of sales: agree with each owner how many new opportunities to open now. The "
                "{gap:money} missing to the target takes about {needed:money} of them: {rate:pct} are won, "
                "and {within:pct} of what was won came within the {days:n} days to {end:date}."
            ),
            "funnel_gap_beyond": N_(
                "Head of sales: agree with each owner how many new opportunities to open now, for the "
                "time after {end:date}. They come too late for the {gap:money} missing to the target: "
                "only {within:pct} of what was won came within {days:n} days."
            ),
            "funnel_fill_gap_unrated": N_(
                "Head of sales: agree with each owner how many new opportunities to open now; {gap:money} is "
                "missing to the target."
            ),
            "funnel_wide_mouth": N_(
                "Head of sales: qualify opportunities early, and drop those that will not close; "
                "many go in and few come near a close."
            ),
            **FUNNEL_THIN_MOUTH,
        },
    ),
    FindingSpec(
        "funnel_shape_thin",
        "funnel",
        N_(
            "The funnel has a thin mouth: {early:money} is open at early stages (win rate below 30%), "
            "{late:money} at late ones."
        ),
        actions=FUNNEL_THIN_MOUTH,
    ),
    FindingSpec(
        "funnel_shape_balanced",
        "funnel",
        N_(
            "The funnel's shape is balanced: {early:money} is open at early stages (win rate below 30%), "
            "{late:money} at late ones."
        ),
    ),
    FindingSpec(
        "funnel_unknown",
        "funnel",
        N_("What is in the funnel is unknown, because no opportunities were delivered."),
        actions={
            "ask_for_opportunities": N_("Sales operations: provide the CRM's open and closed opportunities.")
        },
    ),
    FindingSpec(
        "deals_without_rate",
        "funnel",
        N_(
            "{count:n} open {count:plural|opportunity has|opportunities have} no win rate and "
            "{count:plural|counts|count} for nothing in the weighted amount."
        ),
        actions={"state_win_rates": N_("Sales operations: state a win rate for every stage.")},
    ),
    FindingSpec(
        "deals_overdue",
        "funnel",
        N_(
            "{count:n} open {count:plural|opportunity is|opportunities are} past the expected "
            "closing date, worth {amount:money}."
        ),
        actions={
            "review_deals": N_(
                "Account owners: set a new date with the customer, or close these opportunities as lost."
            )
        },
        rank=43,
    ),
    FindingSpec(
        "deals_unknown",
        "win_rates",
        N_("Win rates, the worth of the forecast and stalled deals cannot be told without opportunities."),
    ),
    FindingSpec(
        "deals_won",
        "win_rates",
        N_("{rate:pct} of closed deals were won (95% interval {low:pct} to {high:pct}, {closed:n} deals)."),
    ),
    FindingSpec(
        "deals_few_closed",
        "win_rates",
        N_("{closed:n} {closed:plural|deal|deals} closed: too few for a win rate, which takes {few:n}."),
        actions=DEALS_KEEP_CLOSED,
    ),
    FindingSpec(
        "deals_promise_high",
        "win_rates",
        N_(
            "The recorded win rates promise {recorded_promise:pct} of the open amount, history gives "
            "{history_promise:pct}: {recorded_weighted:money} against {history_weighted:money} "
            "({compared:n} deals)."
        ),
        actions=DEALS_USE_HISTORY,
        brief=N_(
            "The recorded win rates promise {recorded_weighted:money} from open deals, history "
            "{history_weighted:money}."
        ),
        rank=28,
    ),
    FindingSpec(
        "deals_promise_low",
        "win_rates",
        N_(
            "The recorded win rates promise only {recorded_promise:pct} of the open amount, history "
            "gives {history_promise:pct}: {recorded_weighted:money} against {history_weighted:money} "
            "({compared:n} deals)."
        ),
        actions=DEALS_USE_HISTORY,
        brief=N_(
            "The recorded win rates promise {recorded_weighted:money} from open deals, history "
            "{history_weighted:money}."
        ),
        rank=27,
    ),
    FindingSpec(
        "deals_promise_fair",
        "win_rates",
        N_(
            "The recorded win rates agree with history: they promise {recorded_promise:pct} of the "
            "open amount, history {history_promise:pct} ({compared:n} deals)."
        ),
        actions=DEALS_USE_HISTORY,
    ),
    FindingSpec(
        "deals_calibrated",
        "win_rates",
        N_(
            "Deals closed with a recorded win rate of {kept_recorded:pct} on average; "
            "{kept_rate:pct} of the {kept:n} were won ({kept_low:pct} to {kept_high:pct}): the "
            "estimates hold."
        ),
    ),
    FindingSpec(
        "deals_uncalibrated",
        "win_rates",
        N_(
            "Deals closed with a recorded win rate of {kept_recorded:pct} on average, but "
            "{kept_rate:pct} of the {kept:n} were won ({kept_low:pct} to {kept_high:pct})."
        ),
        actions=DEALS_USE_HISTORY,
    ),
    FindingSpec(
        "deals_entities_differ",
        "win_rates",
        N_("{best} wins {best_rate:pct} of its deals, {worst} {worst_rate:pct}: more than chance explains."),
        actions={"deals_learn": N_("Head of sales: compare how both qualify deals before comparing people.")},
    ),
    FindingSpec(
        "deals_large_harder",
        "win_rates",
        N_(
            "Of the largest third of deals {large:pct} were won, of the smallest {small:pct}: more "
            "than chance explains."
        ),
        actions={
            "deals_qualify_large": N_(
                "Head of sales: count a large deal only with a sponsor, a budget and a date."
            )
        },
    ),
    FindingSpec(
        "deals_forecast_high",
        "funnel_backtest",
        N_(
            "Tried on {settled:n} past quarters, the forecast of won deals missed by {miss:pct} of what was "
            "then won, too high every time."
        ),
        actions={
            "deals_discount": N_(
                "Finance and sales: cut the forecast by the usual miss before supply and finance plan on it."
            )
        },
    ),
    FindingSpec(
        "deals_forecast_low",
        "funnel_backtest",
        N_(
            "Tried on {settled:n} past quarters, the forecast of won deals missed by {miss:pct} of what was "
            "then won, too low every time."
        ),
        actions={
            "deals_plan_more": N_("Finance and sales: plan stock and staff for more than the forecast says.")
        },
    ),
    FindingSpec(
        "deals_forecast_mixed",
        "funnel_backtest",
        N_(
            "Tried on {settled:n} past quarters, the forecast of won deals missed by {miss:pct} of what was "
            "then won: {high:n} times too high, {low:n} times too low."
        ),
    ),
    FindingSpec(
        "deals_untested",
        "funnel_backtest",
        N_(
            "The forecast cannot be tried on the past yet: {settled:n} {settled:plural|quarter "
            "is|quarters are} settled, and each needs {few:n} deals closed before it."
        ),
        actions=DEALS_KEEP_CLOSED,
    ),
    FindingSpec(
        "deals_amounts_missing",
        "funnel_backtest",
        N_(
            "{won:pct} of won and {lost:pct} of lost deals carry an amount; it takes {least:pct} of "
            "both to tell win rates by size and try the forecast in money. It is tried in deals "
            "instead."
        ),
        actions={
            "deals_keep_amounts": N_("Keep the amount of lost deals in the CRM instead of clearing it.")
        },
    ),
    FindingSpec(
        "deals_stalled",
        "stalled",
        N_(
            "{count:n} open {count:plural|opportunity stands|opportunities stand} still, "
            "{amount:money} in all, {late:part|count|{n} of them |all of them |}over {days:n} days past the "
            "expected close. "
            "{deal} of {first} has been open for {age:n} days, {times:n1} times what is usual at its "
            "stage ({stage}, median {median:n1})."
        ),
        actions=DEALS_MOVE_OR_CLOSE,
    ),
    FindingSpec(
        "deals_stalled_blank",
        "stalled",
        N_(
            "{count:n} open {count:plural|opportunity stands|opportunities stand} still, "
            "{late:part|count|{n} of them |all of them |}over {days:n} days past the expected close. {deal} "
            "of {first} has been open for {age:n} days, {times:n1} times what is usual at its stage "
            "({stage}, median {median:n1})."
        ),
        actions=DEALS_MOVE_OR_CLOSE,
    ),
    FindingSpec(
        "deals_stalled_plain",
        "stalled",
        N_(
            "{count:n} open {count:plural|opportunity stands|opportunities stand} still, "
            "{late:part|count|{n} of them |all of them |}over {days:n} days past the expected close."
        ),
        actions=DEALS_MOVE_OR_CLOSE,
    ),
    FindingSpec(
        "deals_moving",
        "stalled",
        N_("None of the {open:n} open opportunities stands still."),
        actions=DEALS_STATE_DATES,
    ),
    FindingSpec(
        "deals_undatable",
        "stalled",
        N_(
            "The {open:n} open opportunities carry no opening date: which of them stand still cannot be told."
        ),
        actions=DEALS_STATE_DATES,
    ),
    FindingSpec(
        "deals_none_open",
        "stalled",
        N_("No opportunity is open."),
        actions={
            "deals_prospect": N_(
                "Head of sales: agree with each owner how many new opportunities to open now."
            )
        },
    ),
    FindingSpec(
        "deals_past_winning",
        "stalled",
        N_(
            "{count:n} of {open:n} open opportunities are older than {longest:n} days, within which "
            "95% of the won ones were won."
        ),
        actions={
            "deals_close_dead": N_(
                "Account owners: close these as lost, or state the customer's next step with a date."
            )
        },
    ),
    FindingSpec(
        "deals_pace",
        "stalled",
        N_(
            "A deal that is won takes {days_won:n} days, one that is lost {days_lost:n}; open deals "
            "have been open for {age_open:n} (medians)."
        ),
    ),
    FindingSpec(
        "deals_blank",
        "stalled",
        N_(
            "{count:n} of {open:n} open opportunities carry no amount and count for nothing in the "
            "weighted amount."
        ),
        actions={
            "deals_state_amounts": N_(
                "Account owners: state an amount, if only a range, for every open opportunity."
            )
        },
    ),
    FindingSpec(
        "deals_dates_missing",
        "stalled",
        N_(
            "Left out where dates are needed: {undated:n} closed deals without both dates, "
            "{unopened:n} open ones without an opening date; {unclear:n} with a closing date but no "
            "outcome count as open."
        ),
        actions=DEALS_STATE_DATES,
    ),
    FindingSpec(
        "deals_outside",
        "outside_funnel",
        N_(
            "{share:pct} of revenue ({amount:money}, {count:n} {count:plural|account|accounts}) came "
            "without a deal won in the 12 months: it runs outside the funnel."
        ),
    ),
)
