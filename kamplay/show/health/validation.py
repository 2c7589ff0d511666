"""How far the churn probability can be believed, shown and said: beside simpler orders, in calls, and taken
literally.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from kamplay.method.health.step import Health
from kamplay.method.results import Finding
from kamplay.method.stats.classification import calibration_groups
from kamplay.palette import BAD, GOOD, INK, QUIET, WARN
from kamplay.show.charts.chart import INTERVAL, draw_chart, interval_points, interval_rows, percent_axis
from kamplay.show.display import NOTHING, Display
from kamplay.show.health.season_of_test import rests_on
from kamplay.show.locale import N_, Locale
from kamplay.show.registry import FindingSpec, chart, register_findings, sheet, table
from kamplay.show.table import Column, Sheet, html_table
from kamplay.show.view import View, current

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# ways to rank accounts, the one that the list of the page follows first
METHODS = {
    "expected_loss": N_("this model, by expected loss"),
    "model": N_("this model, by probability"),
    "recency": N_("longest silent first"),
    "bgnbd": N_("purchase dates alone (BG/NBD)"),
    "chance": N_("at random"),
}
DASHES = {"expected_loss": (7, 1.5), "model": "", "recency": (5, 2), "bgnbd": (1.5, 1.5), "chance": (4, 3)}
BY_CHANCE: dict[str, Any] = {"color": QUIET, "linewidth": 1, "linestyle": (0, (4, 3))}
# behind words that stand over a line
PAPER: dict[str, Any] = {"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 1.2}


def method_label(method: str, locale: Locale) -> str:
    """The words for a way to rank; its own name where we have none."""
    return locale.text(METHODS[method]) if method in METHODS else method


@chart
def calibration_chart(health: Health) -> Display:
    """What the churn model predicted against what happened, by group of the test accounts."""
    locale, groups = current().locale, health.validation.calibration
    if groups.empty:
        return NOTHING

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        import seaborn as sns

        sns.lineplot(x=[0, 1], y=[0, 1], estimator=None, ax=axes, **BY_CHANCE)
        rows = interval_rows(groups, "seen", "low", "high")
        sns.lineplot(
            rows,
            x="predicted",
            y="seen",
            **INTERVAL,
            err_style="bars",
            err_kws={"capsize": 3},
            color=view.accent,
            marker="o",
            markeredgewidth=0,
            linewidth=1.2,
            ax=axes,
        )
        axes.set(xlim=(-0.015, 1), ylim=(-0.02, 1.02))
        axes.set_xlabel(locale.text(N_("predicted to stop")))
        axes.set_ylabel(locale.text(N_("actually stopped")))
        for axis in (axes.xaxis, axes.yaxis):
            percent_axis(axis, view)
        axes.grid()

    caption = locale.say(
        N_(
            "Test accounts in {groups:n} groups by predicted probability: on the dashed line the model says "
            "what happens. Bars are 95% intervals (Wilson)."
        ),
        groups=len(groups),
    )
    parts = locale.text(N_("; ")).join(
        f"{locale.percent(p)} → {locale.percent(s)}"
        for p, s in zip(groups["predicted"], groups["seen"], strict=True)
    )
    alt = locale.say(N_("Predicted → seen share of accounts that stopped: {parts}."), parts=parts)
    return draw_chart(draw, caption, alt)


@chart
def method_comparison_chart(health: Health) -> Display:
    """How often each way to rank gets it right, with its interval: the model, the longest silent, purchase
    dates alone.
    """
    view, methods = current(), health.validation.method_comparison
    methods = methods[methods["auc"].notna()]
    if len(methods) < 2:
        return NOTHING
    locale = view.locale
    names = [method_label(method, locale) for method in methods["method"]]
    shares = [
        f"{locale.percent(r.auc)} ({locale.percent(r.auc_low)}–{locale.percent(r.auc_high)})"
        for r in methods.itertuples()
    ]

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        left, right = min(0.5, float(methods["auc_low"].min())), max(0.7, float(methods["auc_high"].max()))
        axes.axvline(0.5, **BY_CHANCE)
        colours = {m: view.accent if m == "model" else QUIET for m in methods["method"]}
        interval_points(axes, methods, ("auc", "auc_low", "auc_high"), "method", colours)
        for place, (name, share) in enumerate(zip(names, shares, strict=True)):
            text = f" {name}{locale.text(N_(': '))}{share}"
            axes.text(left, place - 0.2, text, va="bottom", fontsize=8.5, color=INK, bbox=PAPER)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.set(xlim=(max(0.0, left - 0.02), min(1.0, right) + 0.02), ylim=(len(methods) - 0.4, -0.75))
        percent_axis(axes.xaxis, view)
        axes.set_ylabel("")
        axes.set_xlabel(locale.text(N_("puts an account that stopped first (AUC)")))
        axes.grid(axis="x")

    caption = locale.text(
        N_(
            "Of an account that stopped and one that stayed, how often each order puts the one that stopped "
            "first; bars are 95% intervals. The dashed line is chance. Bars that overlap may still differ "
            "clearly: the same accounts are compared."
        )
    )
    parts = locale.text(N_("; ")).join(f"{name} {share}" for name, share in zip(names, shares, strict=True))
    alt = locale.say(N_("Ranks right: {parts}."), parts=parts)
    return draw_chart(draw, caption, alt, height=0.35 + 0.17 * len(methods))


@chart
def cumulative_gains_chart(health: Health) -> Display:
    """The share of the lost revenue that so many calls would have met, by each way to choose them."""
    view, gains = current(), health.validation.gains
    methods = [m for m in METHODS if m in gains and gains[m].notna().any()]
    if len(gains) < 2 or "model" not in methods:
        return NOTHING
    locale = view.locale
    team = _team_row(health.validation.workload)

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        import seaborn as sns

        colours = {
            "expected_loss": view.accent,
            "model": GOOD,
            "recency": BAD,
            "bgnbd": WARN,
            "chance": QUIET,
        }
        labels = {m: method_label(m, locale) for m in methods}
        rows = gains.rename(columns=labels).melt("k", list(labels.values()), "method", "share")
        sns.lineplot(
            rows,
            x="k",
            y="share",
            hue="method",
            palette={labels[m]: colours[m] for m in methods},
            style="method",
            dashes={labels[m]: DASHES[m] for m in methods},
            size="method",
            sizes={labels[m]: 2.0 if m == methods[0] else 1.3 for m in methods},
            estimator=None,
            ax=axes,
        )
        most, top = float(gains["k"].max()), float(gains[methods].max().max())
        if team is not None:
            k, caught = int(team["k"]), float(team["expected_loss_revenue_share"])
            axes.axvline(k, color=INK, linewidth=0.8)
            sns.scatterplot(x=[k], y=[caught], color=view.accent, s=42, linewidth=0, zorder=3, ax=axes)
            on_right = k > 0.6 * most
            axes.annotate(
                locale.say(N_("{k:n} calls: {share:pct}"), k=k, share=caught),
                (k, 1),
                xycoords=("data", "axes fraction"),
                xytext=(-5 if on_right else 5, -2),
                textcoords="offset points",
                ha="right" if on_right else "left",
                va="top",
                fontsize=8.5,
            )
        axes.set_xlim(0, most * 1.02)
        axes.set_yticks([tick for tick in axes.get_yticks() if 0 <= tick <= 1])
        axes.set_ylim(0, top * 1.16 + 0.01)  # room for the team's number above the lines
        percent_axis(axes.yaxis, view)
        axes.xaxis.set_major_formatter(lambda value, _: locale.number(value))
        axes.set_xlabel(locale.text(N_("accounts called")))
        axes.set_ylabel(locale.text(N_("share of the revenue lost")))
        axes.grid()
        sns.move_legend(
            axes,
            "lower left",
            bbox_to_anchor=(0, 1),
            ncols=1 if narrow else 3,
            title=None,
            frameon=False,
            fontsize=8,
            borderaxespad=0.2,
            handletextpad=0.5,
            columnspacing=1.2,
            labelspacing=0.25,
        )

    caption = locale.text(
        N_(
            "The test period: of the revenue of the accounts that then stopped, the share met by calling "
            "the first so many on the list. The list of this section goes by expected loss (the thick "
            "line); the dot is the number of calls named above."
        )
    )
    if team is None:
        text = N_("With {k:n} calls the model meets {share:pct} of the revenue lost.")
        alt = locale.say(text, k=int(gains["k"].iloc[-1]), share=gains[methods[0]].iloc[-1])
    else:
        text = N_(
            "With {k:n} calls the model meets {share:pct} of the revenue lost (95% interval {low:pct} to "
            "{high:pct}), the longest silent first {other:pct}."
        )
        alt = locale.say(
            text,
            k=int(team["k"]),
            share=team["expected_loss_revenue_share"],
            low=team["expected_loss_low"],
            high=team["expected_loss_high"],
            other=team["recency_revenue_share"],
        )
    return draw_chart(draw, caption, alt)


def _team_row(workload: pd.DataFrame) -> pd.Series | None:
    """The row of the team's own calls, where it says something of revenue."""
    rows = workload[workload["team"].astype(bool) & workload["revenue_share"].notna()]
    return rows.iloc[0] if len(rows) else None


@table
def calls_by_workload_table(health: Health) -> Display:
    """What a number of calls would have met in the test period."""
    locale, frame = current().locale, health.validation.workload
    if frame.empty or not frame["stopped"].iloc[0]:
        return NOTHING
    team = locale.text(N_("{k} (as above)"))
    calls = [
        (team if is_team else "{k}").replace("{k}", locale.number(k))
        for k, is_team in zip(frame["k"], frame["team"], strict=True)
    ]
    columns = [
        Column("calls", N_("Accounts called"), css="keep"),
        Column("met", N_("Of them stopped"), "n"),
        Column("precision", N_("Hit rate"), "pct"),
        Column("recall", N_("Share of all that stopped"), "pct", extra=True),
        Column("revenue_share", N_("Share of the revenue lost"), "pct"),
        Column("expected_loss_revenue_share", N_("The same by expected loss"), "pct", extra=True),
    ]
    caption = locale.say(
        N_(
            "Test period: {stopped:n} accounts stopped. Hit rate: the share of the calls that met one of "
            "them. By expected loss: calls in the order of probability times revenue."
        ),
        stopped=frame["stopped"].iloc[0],
    )
    return html_table(frame.assign(calls=calls), columns, caption)


@sheet
def method_comparison_sheet(health: Health) -> Sheet:
    """The model beside simpler orders, on the test accounts."""
    locale, methods = current().locale, health.validation.method_comparison
    columns = [
        Column("method", N_("Order by"), lambda method: method_label(method, locale)),
        Column("accounts", N_("Number of accounts"), "n"),
        Column("auc", N_("Ranks right (AUC)"), "pct"),
        Column("auc_low", N_("95% interval from"), "pct"),
        Column("auc_high", N_("95% interval to"), "pct"),
        Column("brier", N_("Brier score"), "n3"),
        Column("skill", N_("Error saved (Brier skill)"), "pct"),
    ]
    return Sheet(N_("Proof against simpler orders"), methods[methods["auc"].notna()], columns)


@sheet
def calls_by_workload_sheet(health: Health) -> Sheet:
    """What so many calls would have met, by number of calls."""
    workload = health.validation.workload
    columns = [
        Column("k", N_("Accounts called"), "n"),
        Column("met", N_("Of them stopped"), "n1"),
        Column("precision", N_("Hit rate"), "pct"),
        Column("recall", N_("Share of all that stopped"), "pct"),
        Column("revenue_share", N_("Share of the revenue lost"), "pct"),
        Column("expected_loss_revenue_share", N_("The same by expected loss"), "pct"),
    ]
    return Sheet(N_("Proof in calls"), workload[workload["stopped"] > 0], columns)


TESTS = {
    "newest": N_("the newest, to the end of the data"),
    "a_year_ago": N_("the season of today's chances, a year before"),
}


@sheet
def calibration_sheet(health: Health) -> Sheet:
    """Predicted against seen, by group of the test accounts: of the newest test and, where that ran in
    another season than the chances are for, of the one a year before.
    """
    season, parts = health.season_of_test, [health.validation.calibration]
    if season is not None:
        parts = [parts[0].assign(**dict(zip(("first", "last"), season.tested, strict=True)), test="newest")]
        if season.proves and not season.alike:
            then = season.then
            groups = calibration_groups(then["stopped"].to_numpy(), then["predicted"].to_numpy())
            days = {name: season.figures[f"then_{end}"] for name, end in (("first", "from"), ("last", "to"))}
            parts.append(groups.assign(**days, test="a_year_ago"))
    columns = [
        *([Column("test", N_("Test"), TESTS)] if season is not None else []),
        *([Column("first", N_("Days from"), "date")] if season is not None else []),
        *([Column("last", N_("Days to"), "date")] if season is not None else []),
        Column("accounts", N_("Number of accounts"), "n"),
        Column("predicted", N_("Predicted to stop"), "pct"),
        Column("seen", N_("Actually stopped"), "pct"),
        Column("low", N_("95% interval from"), "pct"),
        Column("high", N_("95% interval to"), "pct"),
    ]
    return Sheet(N_("Predicted and seen"), pd.concat(parts, ignore_index=True), columns)


# what this topic can find, in words
PROOF_USE_RECENCY = {
    "proof_use_recency": N_(
        "Head of sales: have the account managers go by days of silence where that is simpler, and use "
        "the model for how likely, not for whom."
    )
}
PROOF_USE_SIMPLER = {
    "proof_use_simpler": N_(
        "Head of sales: use the simpler order for the call list until the model is learnt anew."
    )
}
PROOF_CALL_FIRST = {
    "proof_call_first": N_(
        "Head of sales: decide how many calls the team makes each month, and give it the list, in the order "
        "of expected loss, down to that number."
    )
}
PROOF_RANK_ONLY = {
    "proof_rank_only": N_(
        "Finance: put no sum of these chances into a plan, use their order alone; have the level judged "
        "again when the present period is over."
    )
}


def _held(finding: Finding, locale: Locale) -> Mapping[str, object]:
    """How much of the revenue lost the accounts met hold, where it is known: the order that meets most
    accounts need not meet most revenue.
    """
    told = N_(" (with {share:pct} of the revenue lost)")
    shares = {"held": "share", "other_held": "other_share"}
    figures = finding.figures
    known = all(figures.get(figure) is not None for figure in shares.values())
    told_shares = {
        name: locale.say(told, share=figures[figure]) if known else "" for name, figure in shares.items()
    }
    by_money, stake = "", figures.get("stake_share")
    if known and stake is not None and stake > max(figures["share"], figures["other_share"]):
        worse = figures["share"] < figures["other_share"]
        by_money = locale.say(BY_MONEY[worse], share=stake, k=figures["k"])
    return {**told_shares, "by_money": by_money}


# which order to call in, by whether the model's holds less of the revenue lost than the longest silence
BY_MONEY = {
    True: N_(
        " By revenue the model's order is the worse of the two; call by expected loss, whose first {k:n} "
        "hold {share:pct} of the revenue lost."
    ),
    False: N_(
        " By revenue neither is best: call by expected loss, whose first {k:n} hold {share:pct} of the "
        "revenue lost."
    ),
}


register_findings(
    FindingSpec(
        "proof_validated",
        "discrimination",
        N_(
            "Tested on {n_test:n} accounts in a later period: of one account that then stopped and "
            "one that stayed, the model puts the one that stopped first in {auc:pct} of cases (AUC; "
            "95% interval {auc_low:pct} to {auc_high:pct}; 50% would be chance)."
        ),
        on_first_page=False,
    ),
    FindingSpec(
        "proof_weak",
        "discrimination",
        N_(
            "Tested on {n_test:n} accounts in a later period, the model did no better than chance or "
            "than one rate for all: it ranks right in {auc:pct} of cases (AUC; 95% interval "
            "{auc_low:pct} to {auc_high:pct}; 50% would be chance)."
        ),
        actions={
            "proof_no_probability": N_(
                "Head of sales: work by the health bands and the account managers' judgement; put no "
                "probability in front of anyone."
            )
        },
        on_first_page=False,
    ),
    FindingSpec(
        "proof_one_sided",
        "discrimination",
        N_(
            "What the warning is worth is not known: of the {n_test:n} accounts in the test "
            "{stopped:n} stopped, and it takes both some that stop and some that stay."
        ),
        actions={
            "proof_ask_history": N_(
                "Data owner: provide a longer history of transactions, so that one period can be "
                "learnt from and a later one tested."
            )
        },
        on_first_page=False,
    ),
    FindingSpec(
        "proof_beats_recency",
        "discrimination",
        N_(
            "Counted by accounts, the model ranks better than simply calling whoever has been silent "
            "longest: right in {auc:pct} against {other:pct} of cases; of those silent for less than three "
            "usual gaps its first {k:n} include {met:n} that stopped{held}, against "
            "{other_met:n}{other_held}.{by_money}"
        ),
        words=_held,
        on_first_page=False,
    ),
    FindingSpec(
        "proof_ties_recency",
        "discrimination",
        N_(
            "The model does not clearly rank better than simply calling whoever has been silent "
            "longest: right in {auc:pct} against {other:pct} of cases; of those silent for less than "
            "three usual gaps its first {k:n} include {met:n} that stopped{held}, against "
            "{other_met:n}{other_held}.{by_money}"
        ),
        words=_held,
        actions=PROOF_USE_RECENCY,
        on_first_page=False,
    ),
    FindingSpec(
        "proof_below_recency",
        "discrimination",
        N_(
            "Simply calling whoever has been silent longest ranks better than the model: right in "
            "{other:pct} against {auc:pct} of cases; of those silent for less than three usual gaps "
            "the first {k:n} include {other_met:n} that stopped{other_held}, against {met:n}{held}."
        ),
        words=_held,
        actions=PROOF_USE_SIMPLER,
        on_first_page=False,
    ),
    FindingSpec(
        "proof_beats_bgnbd",
        "discrimination",
        N_(
            "It ranks better than the standard model of purchase dates alone (BG/NBD): right in "
            "{auc:pct} against {other:pct} of cases."
        ),
        on_first_page=False,
    ),
    FindingSpec(
        "proof_ties_bgnbd",
        "discrimination",
        N_(
            "Against the standard model of purchase dates alone (BG/NBD) no clear difference shows: "
            "right in {auc:pct} against {other:pct} of cases."
        ),
        on_first_page=False,
    ),
    FindingSpec(
        "proof_below_bgnbd",
        "discrimination",
        N_(
            "The standard model of purchase dates alone (BG/NBD) ranks better: right in {other:pct} "
            "against {auc:pct} of cases."
        ),
        actions=PROOF_USE_SIMPLER,
        on_first_page=False,
    ),
    FindingSpec(
        "proof_workload",
        "calls_by_workload",
        N_(
            "Of {n_open:n} accounts silent for less than three usual gaps, calling the first {k:n} "
            "would have met {met:n} of the {stopped:n} that stopped, with {share:pct} of the revenue "
            "lost (95% interval {share_low:pct} to {share_high:pct}); calling the longest silent "
            "would have met {recency_met:n}, with {recency_share:pct}, and {k:n} at random about "
            "{chance:n}."
        ),
        actions=PROOF_CALL_FIRST,
        on_first_page=False,
    ),
    FindingSpec(
        "proof_workload_alone",
        "calls_by_workload",
        N_(
            "Of {n_open:n} accounts silent for less than three usual gaps, calling the first {k:n} "
            "would have met {met:n} of the {stopped:n} that stopped, with {share:pct} of the revenue "
            "lost (95% interval {share_low:pct} to {share_high:pct}); {k:n} at random would have met "
            "about {chance:n}."
        ),
        actions=PROOF_CALL_FIRST,
        on_first_page=False,
    ),
    FindingSpec(
        "proof_workload_counts",
        "calls_by_workload",
        N_(
            "Of {n_open:n} accounts silent for less than three usual gaps, calling the first {k:n} "
            "would have met {met:n} of the {stopped:n} that stopped, about {lift:n1} times as many "
            "as {k:n} at random."
        ),
        actions=PROOF_CALL_FIRST,
        on_first_page=False,
    ),
    FindingSpec(
        "proof_workload_stake",
        "calls_by_workload",
        N_(
            "In the order of expected loss (probability times revenue), the first {k:n} calls would "
            "have met {stake_met:n} that stopped, but with {stake_share:pct} of the revenue lost "
            "instead of {share:pct} (95% interval {stake_low:pct} to {stake_high:pct})."
        ),
        on_first_page=False,
    ),
    FindingSpec(
        "proof_ahead",
        "calls_by_workload",
        N_(
            "{accounts:n} accounts fell plainly silent after the test date (three times their usual "
            "gap). Of their revenue, {share:pct} belonged to accounts that were among the first "
            "{k:n} at least {days:n} days before (95% interval {low:pct} to {high:pct}); "
            "{reachable:pct} is the most any list of that day could reach so early."
        ),
        on_first_page=False,
    ),
    FindingSpec(
        "proof_ahead_few",
        "calls_by_workload",
        N_(
            "How much revenue was caught {days:n} days ahead cannot be told: {late:n} "
            "{late:plural|account|accounts} fell plainly silent that long after the test date and "
            "before the data end, too few to judge by."
        ),
        on_first_page=False,
    ),
    FindingSpec(
        "proof_calibrated",
        "calibration",
        N_(
            "The probabilities show no clear bias: of all {n_test:n} test accounts, those long silent "
            "by then included, {predicted:n} "
            "were expected to stop and {stopped:n} did, and between high and low ones no clear "
            "distortion shows (calibration slope {slope:n2}, 95% interval {slope_low:n2} to "
            "{slope_high:n2}; 1 is exact).{season}"
        ),
        words=rests_on,
        on_first_page=False,
    ),
    FindingSpec(
        "proof_too_extreme",
        "calibration",
        N_(
            "The probabilities are too extreme: accounts with a high one stopped less often than "
            "it says, or those with a low one more often (calibration slope {slope:n2}, 95% interval "
            "{slope_low:n2} to {slope_high:n2}; 1 is exact); {predicted:n} were expected to stop, "
            "{stopped:n} did.{season}"
        ),
        words=rests_on,
        actions=PROOF_RANK_ONLY,
        on_first_page=False,
    ),
    FindingSpec(
        "proof_too_high",
        "calibration",
        N_(
            "In the test the probabilities were too high at every level, by {points:n1} points on average: "
            "in each of {groups:n} groups from low to high fewer stopped than they say; of all {n_test:n} "
            "test accounts {predicted:n} were expected to stop, {stopped:n} did.{season}"
        ),
        words=rests_on,
        actions=PROOF_RANK_ONLY,
        on_first_page=False,
    ),
    FindingSpec(
        "proof_too_low",
        "calibration",
        N_(
            "In the test the probabilities were too low at every level, by {points:n1} points on average: "
            "in each of {groups:n} groups from low to high more stopped than they say; of all {n_test:n} "
            "test accounts {predicted:n} were expected to stop, {stopped:n} did.{season}"
        ),
        words=rests_on,
        actions=PROOF_RANK_ONLY,
        on_first_page=False,
    ),
    FindingSpec(
        "proof_too_flat",
        "calibration",
        N_(
            "The probabilities are too cautious: accounts with a high one stopped more often than it "
            "says, or those with a low one less often (calibration slope {slope:n2}, 95% interval "
            "{slope_low:n2} to {slope_high:n2}; 1 is exact); {predicted:n} were expected to stop, "
            "{stopped:n} did.{season}"
        ),
        words=rests_on,
        actions=PROOF_RANK_ONLY,
        on_first_page=False,
    ),
    FindingSpec(
        "proof_sum",
        "calibration",
        N_(
            "Of {n_test:n} test accounts {predicted:n} were expected to stop and {stopped:n} did; "
            "there is too little spread to tell more about the probabilities.{season}"
        ),
        words=rests_on,
        on_first_page=False,
    ),
    FindingSpec(
        "proof_sum_off",
        "calibration",
        N_(
            "In the test the level of the probabilities was off: of {n_test:n} accounts {predicted:n} were "
            "expected to stop and {stopped:n} did, more of a difference than chance explains.{season}"
        ),
        words=rests_on,
        actions=PROOF_RANK_ONLY,
        on_first_page=False,
    ),
)
