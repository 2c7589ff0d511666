"""Charts of step 3: how far the churn probability can be believed, beside simpler orders, and what a number
of calls would have met.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kamplay.method.health.validation import LAST, WARNED
from kamplay.show.chart import BAD, GOOD, INK, QUIET, WARN, draw_chart, percent_axis
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_
from kamplay.show.registry import FindingSpec, chart, register_findings, table
from kamplay.show.table import Column, html_table, word
from kamplay.show.view import View, current
from kamplay.show.vocabulary import BANDS, SIGN_NAMES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

METHODS = {
    "model": N_("this model, by probability"),
    "recency": N_("longest silent first"),
    "bgnbd": N_("purchase dates alone (BG/NBD)"),
    "stake": N_("this model, by expected loss"),
    "chance": N_("at random"),
}
LINES = {
    "model": "-",
    "recency": (0, (5, 2)),
    "bgnbd": (0, (1.5, 1.5)),
    "stake": (0, (7, 1.5)),
    "chance": (0, (4, 3)),
}
PAPER = {
    "facecolor": "white",
    "edgecolor": "none",
    "alpha": 0.85,
    "pad": 1.2,
}  # behind words that stand over a line


@chart
def calibration_chart(health: Any) -> Display:
    """What the churn model predicted against what happened, by group of the test accounts."""
    view, table = current(), health.calibration
    if table.empty:
        return NOTHING
    locale = view.locale

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        axes.plot([0, 1], [0, 1], color=QUIET, linewidth=1, linestyle=(0, (4, 3)))
        below, above = (
            (table["seen"] - table["low"]).clip(lower=0),
            (table["high"] - table["seen"]).clip(lower=0),
        )
        axes.errorbar(
            table["predicted"],
            table["seen"],
            yerr=[below, above],
            color=view.accent,
            marker="o",
            linewidth=1.2,
            capsize=3,
        )
        for axis in (axes.xaxis, axes.yaxis):
            percent_axis(axis, view)
        axes.set_xlabel(locale.text(N_("predicted to stop")))
        axes.set_ylabel(locale.text(N_("actually stopped")))
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 1.02)
        axes.grid()

    caption = locale.say(
        N_(
            "Test accounts in {groups:n} groups by predicted probability: on the dashed line the model says what happens. "
            "Bars are 95% intervals (Wilson)."
        ),
        groups=len(table),
    )
    parts = locale.text(N_("; ")).join(
        f"{locale.percent(p)} → {locale.percent(s)}"
        for p, s in zip(table["predicted"], table["seen"], strict=True)
    )
    return draw_chart(
        draw,
        caption,
        locale.say(N_("Predicted → seen share of accounts that stopped: {parts}."), parts=parts),
    )


@chart
def proof_versus_chart(health: Any) -> Display:
    """How often each way to rank gets it right, with its interval: the model, the longest silent, purchase
    dates alone.
    """
    view, table = current(), health.proof_versus
    table = table[table["auc"].notna()] if len(table) else table
    if len(table) < 2:
        return NOTHING
    locale = view.locale
    names = [method_label(m, view) for m in table["method"]]
    places = np.arange(len(table))[::-1]

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        left = min(0.5, float(table["low"].min()))
        axes.plot([0.5, 0.5], [-0.6, len(table) - 0.4], color=QUIET, linewidth=1, linestyle=(0, (4, 3)))
        for place, row, name in zip(places, table.itertuples(), names, strict=True):
            colour = view.accent if row.method == "model" else QUIET
            axes.errorbar(
                row.auc,
                place,
                xerr=[[row.auc - row.low], [row.high - row.auc]],
                color=colour,
                marker="o",
                markersize=7,
                capsize=4,
                linewidth=1.6,
            )
            said = f"{locale.percent(row.auc)} ({locale.percent(row.low)}–{locale.percent(row.high)})"
            axes.text(
                left,
                place + 0.24,
                f" {name}{locale.text(N_(': '))}{said}",
                ha="left",
                va="bottom",
                fontsize=8.5,
                color=INK,
                bbox=PAPER,
            )
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.set_ylim(-0.6, len(table) - 0.25)
        axes.set_xlim(max(0.0, left - 0.02), min(1.0, max(float(table["high"].max()), 0.7)) + 0.02)
        percent_axis(axes.xaxis, view)
        axes.set_xlabel(locale.text(N_("puts an account that stopped first (AUC)")))
        axes.grid(axis="x")

    caption = locale.text(
        N_(
            "Of an account that stopped and one that stayed, how often each order puts the one that stopped first; bars are 95% intervals. "
            "The dashed line is chance. Bars that overlap may still differ clearly: the same accounts are compared."
        )
    )
    parts = locale.text(N_("; ")).join(
        f"{name} {locale.percent(r.auc)} ({locale.percent(r.low)}–{locale.percent(r.high)})"
        for name, r in zip(names, table.itertuples(), strict=True)
    )
    return draw_chart(
        draw, caption, locale.say(N_("Ranks right: {parts}."), parts=parts), height=0.35 + 0.17 * len(table)
    )


@chart
def proof_workload_chart(health: Any) -> Display:
    """The share of the lost revenue that a number of calls would have caught, by each way to choose whom to
    call.
    """
    view, table = current(), health.proof_curve
    methods = [
        m for m in ("stake", "model", "recency", "bgnbd", "chance") if m in table and table[m].notna().any()
    ]
    if len(table) < 2 or "model" not in methods:
        return NOTHING
    locale = view.locale
    team = _team(health.proof_workload)
    leading = "stake" if "stake" in methods else "model"  # the order of the list that the page shows
    caught = "stake_revenue_share" if leading == "stake" else "revenue_share"

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        colours = {"model": GOOD, "recency": BAD, "bgnbd": WARN, "stake": view.accent, "chance": QUIET}
        for method in methods:
            width = 2.0 if method == leading else 1.3
            axes.plot(
                table["k"],
                table[method],
                color=colours[method],
                linestyle=LINES[method],
                linewidth=width,
                label=method_label(method, view),
            )
        if team is not None:
            reached = float(team[caught])
            axes.axvline(team["k"], color=INK, linewidth=0.8)
            axes.plot(team["k"], reached, "o", color=view.accent, markersize=6.5)
            late = team["k"] > 0.6 * float(table["k"].max())
            said = locale.say(N_("{k:n} calls: {share:pct}"), k=int(team["k"]), share=reached)
            axes.annotate(
                said,
                (team["k"], 1),
                xycoords=("data", "axes fraction"),
                xytext=(-5 if late else 5, -2),
                textcoords="offset points",
                ha="right" if late else "left",
                va="top",
                fontsize=8.5,
            )
        axes.set_xlim(0, float(table["k"].max()) * 1.02)
        top = float(table[methods].max().max())
        axes.set_yticks([tick for tick in axes.get_yticks() if 0 <= tick <= 1])
        axes.set_ylim(0, top * 1.16 + 0.01)  # room for the team's number above the lines
        percent_axis(axes.yaxis, view)
        axes.xaxis.set_major_formatter(lambda value, _: locale.number(value))
        axes.set_xlabel(locale.text(N_("accounts called")))
        axes.set_ylabel(locale.text(N_("share of the revenue lost")))
        axes.grid()
        axes.legend(
            frameon=False,
            loc="lower left",
            bbox_to_anchor=(0, 1),
            ncols=1 if narrow else 3,
            fontsize=8,
            borderaxespad=0.2,
            handletextpad=0.5,
            columnspacing=1.2,
            labelspacing=0.25,
        )

    caption = locale.text(
        N_(
            "The test period: of the revenue of the accounts that then stopped, the share met by calling the first so many on the list. "
            "The list of this section goes by expected loss (the thick line); the dot is the number of calls named above."
        )
    )
    if team is None:
        said = N_("With {k:n} calls the model meets {share:pct} of the revenue lost.")
        alt = locale.say(said, k=int(table["k"].iloc[-1]), share=table[leading].iloc[-1])
    else:
        said = N_(
            "With {k:n} calls the model meets {share:pct} of the revenue lost (95% interval {low:pct} to {high:pct}), "
            "the longest silent first {other:pct}."
        )
        ends = (
            ("stake_low", "stake_high") if leading == "stake" else ("revenue_share_low", "revenue_share_high")
        )
        shares = {"low": team[ends[0]], "high": team[ends[1]], "other": team["recency_revenue_share"]}
        alt = locale.say(said, k=int(team["k"]), share=team[caught], **shares)
    return draw_chart(draw, caption, alt)


def method_label(method: str, view: View) -> str:
    """The words for a way to rank; another's own name where we have none."""
    return view.locale.text(METHODS[method]) if method in METHODS else method


def _team(workload: pd.DataFrame) -> pd.Series | None:
    """The row of what the team can call, where it says something of revenue."""
    if workload.empty:
        return None
    rows = workload[workload["team"].astype(bool) & workload["revenue_share"].notna()]
    return rows.iloc[0] if len(rows) else None


STATES = {
    "moved": N_("moved strongly"),
    "shifted": N_("moved somewhat"),
    "stable": N_("unchanged, or within chance"),
    "missing": N_("cannot be compared"),
}
JUDGED = BANDS | {
    "act": N_("warned of: act"),
    "watch": N_("warned of: watch"),
    "none": N_("not warned of"),
    "silence": N_("had plainly stopped"),
}
INPUTS = {
    "lateness": N_("lateness against its own rhythm"),
    "silent": N_("days of silence"),
    "buys": N_("number of purchases"),
    "recent": N_("share of purchases in the last 90 days"),
    **SIGN_NAMES,
    "trend": N_("trend of purchases"),
    "irregular": N_("irregularity of purchases"),
    "buys_30": N_("purchases in 30 days"),
    "buys_90": N_("purchases in 90 days"),
    "buys_180": N_("purchases in 180 days"),
    "buys_365": N_("purchases in 365 days"),
    "decayed_30": N_("recent purchases, weighted (30 days)"),
    "decayed_120": N_("recent purchases, weighted (120 days)"),
    "returns": N_("returns"),
    "season_bought": N_("bought in the same season before"),
    "p_none": N_("chance of no purchase (purchase dates alone)"),
    "p_left": N_("chance of having left (purchase dates alone)"),
    "expected": N_("purchases expected (purchase dates alone)"),
    "breadth": N_("breadth of purchases"),
    "revenue": N_("revenue"),
    "tenure": N_("length of the relation"),
    "visits": N_("visits"),
}


@table
def proof_versus_table(health: Any) -> Display:
    """The model beside the orders that need none."""
    view, frame = current(), health.proof_versus
    columns = [
        Column("method", N_("Order by"), lambda m: method_label(m, view)),
        Column("auc", N_("Ranks right (AUC)"), "pct"),
        Column("range", N_("95% interval"), extra=True),
        Column("met", N_("Stopped among the first calls"), "n"),
        Column("skill", N_("Error saved (Brier skill)"), "pct", extra=True),
    ]
    frame = frame[frame["auc"].notna()] if len(frame) else frame
    if frame.empty:
        return html_table(frame, [], "")
    locale = view.locale
    frame = frame.assign(
        range=[
            f"{locale.percent(a)}–{locale.percent(b)}"
            for a, b in zip(frame["low"], frame["high"], strict=True)
        ]
    )
    caption = locale.say(
        N_(
            "Ranks right: of an account that stopped and one that stayed, the one that stopped comes first. "
            "First calls: {k:n}. Error saved: against giving every account the same probability."
        ),
        k=int(frame["k"].iloc[0]),
    )
    return html_table(frame, columns, caption)


@table
def proof_workload_table(health: Any) -> Display:
    """What a number of calls would have met in the test period."""
    view, frame = current(), health.proof_workload
    if frame.empty or not frame["stopped"].iloc[0]:
        return html_table(frame.iloc[:0], [], "")
    locale = view.locale
    mark = {True: locale.text(N_("{k} (as above)")), False: "{k}"}
    shown = frame.assign(
        calls=[
            mark[bool(t)].replace("{k}", locale.number(k))
            for k, t in zip(frame["k"], frame["team"], strict=True)
        ]
    )
    columns = [
        Column("calls", N_("Accounts called"), css="keep"),
        Column("met", N_("Of them stopped"), "n"),
        Column("precision", N_("Hit rate"), "pct"),
        Column("recall", N_("Share of all that stopped"), "pct", extra=True),
        Column("revenue_share", N_("Share of the revenue lost"), "pct"),
        Column("stake_revenue_share", N_("The same by expected loss"), "pct", extra=True),
    ]
    caption = locale.say(
        N_(
            "Test period: {stopped:n} accounts stopped. Hit rate: the share of the calls that met one of them. "
            "By expected loss: calls in the order of probability times revenue."
        ),
        stopped=frame["stopped"].iloc[0],
    )
    return html_table(shown, columns, caption)


@table
def proof_drift_table(health: Any) -> Display:
    """The model's inputs, then and now."""
    view, frame = current(), health.proof_drift
    locale = view.locale
    columns = [
        Column(
            "feature",
            N_("Input"),
            lambda name: locale.text(INPUTS[name]) if name in INPUTS else str(name),
            css="long",
        ),
        Column("state", N_("Moved since"), word(STATES)),
        Column("then", N_("Median then"), "n2", extra=True),
        Column("now", N_("Median now"), "n2", extra=True),
        Column("psi", N_("Stability index"), "n2"),
        Column("noise", N_("By chance up to"), "n2", extra=True),
    ]
    caption = N_(
        "The accounts the model learnt on against today's (population stability index: up to 0.1 unchanged, above 0.25 a strong move). "
        "By chance up to: what the index passes one time in twenty without any change."
    )
    return html_table(frame, columns, caption)


@table
def proof_last_table(health: Any) -> Display:
    """Last period's bands and warnings against what happened since."""
    view, frame = current(), health.proof_last
    frame = frame[frame["accounts"] > 0].reindex(columns=LAST) if len(frame) else frame
    locale = view.locale
    if frame.empty:
        return html_table(frame, [], "")
    shown = frame.assign(
        range=[
            f"{locale.percent(a)}–{locale.percent(b)}"
            for a, b in zip(frame["low"], frame["high"], strict=True)
        ]
    )
    columns = [
        Column("band", N_("Judged then as"), word(JUDGED)),
        Column("accounts", N_("Accounts"), "n"),
        Column("stopped", N_("Nothing bought since"), "n"),
        Column("share", N_("Share"), "pct"),
        Column("range", N_("95% interval"), extra=True),
        Column("fell", N_("Nothing or less than half"), "n", extra=True),
        Column("predicted", N_("Predicted then"), "pct", extra=True),
    ]
    columns = [c for c in columns if c.key not in ("fell", "predicted") or frame[c.key].notna().any()]
    if not frame["band"].isin(WARNED).any():
        return html_table(
            shown, columns, N_("Last period's health bands against what the accounts have bought since.")
        )
    caption = N_(
        "Last period's health bands, then its warnings, against what the accounts have bought since; an account stands in both. "
        "Less than half: against the same days a year before, or against as many days before where the data begin later. "
        "A warned account that goes on buying is no false alarm if somebody saw to it in time."
    )
    return html_table(shown, columns, caption)


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
        "Head of sales: decide how many calls the team makes each month, and give it the list down to "
        "that number."
    )
}
PROOF_RANK_ONLY = {
    "proof_rank_only": N_(
        "Finance: use the expected losses with their ranges only, and have the level judged again when "
        "the present period is over."
    )
}
LAST_SCORE_ASK = {
    "last_score_ask": N_(
        "Account managers: say for each green account that fell silent what was known beforehand, and "
        "whether it could be recorded."
    )
}
LAST_WARNED_ASK = {
    "last_warned_ask": N_(
        "Head of sales: have the owner of each account that was warned of and then bought nothing say "
        "what was done after the warning, then decide who wins it back or that it is closed: {names}."
    )
}

register_findings(
    FindingSpec(
        "proof_validated",
        "proof_rank",
        N_(
            "Tested on {n_test:n} accounts in a later period: of one account that then stopped and "
            "one that stayed, the model puts the one that stopped first in {auc:pct} of cases (AUC; "
            "95% interval {auc_low:pct} to {auc_high:pct}; 50% would be chance)."
        ),
        on_first_page=False,
    ),
    FindingSpec(
        "proof_weak",
        "proof_rank",
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
        "proof_rank",
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
        "proof_rank",
        N_(
            "The model ranks better than simply calling whoever has been silent longest: right in "
            "{auc:pct} against {other:pct} of cases; its first {k:n} include {met:n} that stopped, "
            "against {other_met:n}."
        ),
        on_first_page=False,
    ),
    FindingSpec(
        "proof_ties_recency",
        "proof_rank",
        N_(
            "The model does not clearly rank better than simply calling whoever has been silent "
            "longest: right in {auc:pct} against {other:pct} of cases; its first {k:n} include "
            "{met:n} that stopped, against {other_met:n}."
        ),
        actions=PROOF_USE_RECENCY,
        on_first_page=False,
    ),
    FindingSpec(
        "proof_below_recency",
        "proof_rank",
        N_(
            "Simply calling whoever has been silent longest ranks better than the model: right in "
            "{other:pct} against {auc:pct} of cases; the first {k:n} include {other_met:n} that "
            "stopped, against {met:n}."
        ),
        actions=PROOF_USE_SIMPLER,
        on_first_page=False,
    ),
    FindingSpec(
        "proof_beats_bgnbd",
        "proof_rank",
        N_(
            "It ranks better than the standard model of purchase dates alone (BG/NBD): right in "
            "{auc:pct} against {other:pct} of cases."
        ),
        on_first_page=False,
    ),
    FindingSpec(
        "proof_ties_bgnbd",
        "proof_rank",
        N_(
            "Against the standard model of purchase dates alone (BG/NBD) no clear difference shows: "
            "right in {auc:pct} against {other:pct} of cases."
        ),
        actions=PROOF_USE_RECENCY,
        on_first_page=False,
    ),
    FindingSpec(
        "proof_below_bgnbd",
        "proof_rank",
        N_(
            "The standard model of purchase dates alone (BG/NBD) ranks better: right in {other:pct} "
            "against {auc:pct} of cases."
        ),
        actions=PROOF_USE_SIMPLER,
        on_first_page=False,
    ),
    FindingSpec(
        "proof_workload",
        "proof_workload",
        N_(
            "Of {n_open:n} accounts that had not plainly stopped by then, calling the first {k:n} "
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
        "proof_workload",
        N_(
            "Of {n_open:n} accounts that had not plainly stopped by then, calling the first {k:n} "
            "would have met {met:n} of the {stopped:n} that stopped, with {share:pct} of the revenue "
            "lost (95% interval {share_low:pct} to {share_high:pct}); {k:n} at random would have met "
            "about {chance:n}."
        ),
        actions=PROOF_CALL_FIRST,
        on_first_page=False,
    ),
    FindingSpec(
        "proof_workload_counts",
        "proof_workload",
        N_(
            "Of {n_open:n} accounts that had not plainly stopped by then, calling the first {k:n} "
            "would have met {met:n} of the {stopped:n} that stopped, about {lift:n1} times as many "
            "as {k:n} at random."
        ),
        actions=PROOF_CALL_FIRST,
        on_first_page=False,
    ),
    FindingSpec(
        "proof_workload_stake",
        "proof_workload",
        N_(
            "In the order of expected loss (probability times revenue), the first {k:n} calls would "
            "have met {stake_met:n} that stopped, but with {stake_share:pct} of the revenue lost "
            "instead of {share:pct} (95% interval {stake_low:pct} to {stake_high:pct})."
        ),
        on_first_page=False,
    ),
    FindingSpec(
        "proof_ahead",
        "proof_workload",
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
        "proof_workload",
        N_(
            "How much revenue was caught {days:n} days ahead cannot be told: {late:n} "
            "{late:plural|account|accounts} fell plainly silent that long after the test date and "
            "before the data end, too few to judge by."
        ),
        on_first_page=False,
    ),
    FindingSpec(
        "proof_calibrated",
        "proof_calibration",
        N_(
            "Nothing speaks against taking the probabilities as they stand: of {n_test:n} test "
            "accounts {predicted:n} were expected to stop and {stopped:n} did, and between high and "
            "low ones no clear distortion shows (calibration slope {slope:n2}, 95% interval "
            "{slope_low:n2} to {slope_high:n2}; 1 is exact)."
        ),
        on_first_page=False,
    ),
    FindingSpec(
        "proof_too_extreme",
        "proof_calibration",
        N_(
            "The probabilities lie too far apart: accounts with a high one stopped less often than "
            "it says, or those with a low one more often (calibration slope {slope:n2}, 95% interval "
            "{slope_low:n2} to {slope_high:n2}; 1 is exact); {predicted:n} were expected to stop, "
            "{stopped:n} did."
        ),
        actions=PROOF_RANK_ONLY,
        on_first_page=False,
    ),
    FindingSpec(
        "proof_too_flat",
        "proof_calibration",
        N_(
            "The probabilities are too cautious: accounts with a high one stopped more often than it "
            "says, or those with a low one less often (calibration slope {slope:n2}, 95% interval "
            "{slope_low:n2} to {slope_high:n2}; 1 is exact); {predicted:n} were expected to stop, "
            "{stopped:n} did."
        ),
        actions=PROOF_RANK_ONLY,
        on_first_page=False,
    ),
    FindingSpec(
        "proof_sum",
        "proof_calibration",
        N_(
            "Of {n_test:n} test accounts {predicted:n} were expected to stop and {stopped:n} did; "
            "there is too little spread to tell more about the probabilities."
        ),
        actions=PROOF_RANK_ONLY,
        on_first_page=False,
    ),
    FindingSpec(
        "proof_sum_off",
        "proof_calibration",
        N_(
            "The level of the probabilities is off: of {n_test:n} test accounts {predicted:n} were "
            "expected to stop and {stopped:n} did, more of a difference than chance explains."
        ),
        actions=PROOF_RANK_ONLY,
        on_first_page=False,
    ),
    FindingSpec(
        "proof_drift_moved",
        "proof_drift",
        N_(
            "{moved:n} of the model's {known:n} inputs {moved:plural|has|have} moved strongly since "
            "it learnt (population stability index above 0.25), {shifted:n} more somewhat; today's "
            "accounts differ from those it was tested on."
        ),
        actions={
            "proof_relearn": N_(
                "Analyst: find out what changed (new accounts, another way of recording, the "
                "market), and learn the model anew before relying on it."
            )
        },
        on_first_page=False,
    ),
    FindingSpec(
        "proof_drift_shifted",
        "proof_drift",
        N_(
            "{shifted:n} of the model's {known:n} inputs {shifted:plural|has|have} moved somewhat "
            "since it learnt (population stability index above 0.1); the workbook names "
            "{shifted:plural|it|them}."
        ),
        on_first_page=False,
    ),
    FindingSpec(
        "proof_drift_none",
        "proof_drift",
        N_(
            "Today's accounts look like those the model learnt from: none of its {known:n} inputs "
            "has moved noticeably (population stability index up to 0.1, or within chance)."
        ),
        on_first_page=False,
    ),
    FindingSpec(
        "proof_drift_missing",
        "proof_drift",
        N_(
            "{missing:n} of the model's inputs cannot be compared: {missing:plural|it was|they were} "
            "known only when the model learnt, or only today."
        ),
        actions={
            "proof_ask_same_tables": N_("Data owner: deliver the same tables and columns for every period.")
        },
        on_first_page=False,
    ),
    FindingSpec(
        "last_score",
        "last_score",
        N_(
            "Of the {red:n} accounts that were red on {as_of:date}, {red_stopped:n} "
            "({red_share:pct}) bought nothing in the {days:n} days after; of the {green:n} green "
            "ones {green_stopped:n} ({green_share:pct})."
        ),
        actions=LAST_SCORE_ASK,
        on_first_page=False,
    ),
    FindingSpec(
        "last_score_so_far",
        "last_score",
        N_(
            "Of the {red:n} accounts that were red on {as_of:date}, {red_stopped:n} "
            "({red_share:pct}) have bought nothing in the {days:n} days since; of the {green:n} "
            "green ones {green_stopped:n} ({green_share:pct}). The score looks {horizon:n} days "
            "ahead, so this is a count on the way: some will still buy."
        ),
        actions=LAST_SCORE_ASK,
        on_first_page=False,
    ),
    FindingSpec(
        "last_score_inverted",
        "last_score",
        N_(
            "The score of {as_of:date} did not warn: in the {days:n} days after, {red_stopped:n} of "
            "{red:n} red accounts ({red_share:pct}) and {green_stopped:n} of {green:n} green ones "
            "({green_share:pct}) bought nothing."
        ),
        actions=LAST_SCORE_ASK,
        on_first_page=False,
    ),
    FindingSpec(
        "last_warned",
        "last_score",
        N_(
            "Of the {warned:n} {warned:plural|account|accounts} warned of on {as_of:date}, "
            "{warned_stopped:n} ({warned_share:pct}) bought nothing in the {days:n} days after; of "
            "the {others:n} others still active then {others_stopped:n} ({others_share:pct}). "
            "Counting also those that bought less than half as much as before, it is {warned_fell:n} "
            "and {others_fell:n}."
        ),
        actions=LAST_WARNED_ASK,
        on_first_page=False,
    ),
    FindingSpec(
        "last_warned_so_far",
        "last_score",
        N_(
            "Of the {warned:n} {warned:plural|account|accounts} warned of on {as_of:date}, "
            "{warned_stopped:n} ({warned_share:pct}) {warned_stopped:plural|has|have} bought nothing "
            "in the {days:n} days since; of the {others:n} others still active then "
            "{others_stopped:n} ({others_share:pct}). Counting also those that bought less than half "
            "as much as before, it is {warned_fell:n} and {others_fell:n}."
        ),
        actions=LAST_WARNED_ASK,
        on_first_page=False,
    ),
    FindingSpec(
        "last_warned_missed",
        "last_score",
        N_(
            "The warnings of {as_of:date} did not single out those that left: in the {days:n} days "
            "after, {warned_stopped:n} of {warned:n} accounts warned of ({warned_share:pct}) and "
            "{others_stopped:n} of the {others:n} others still active then ({others_share:pct}) "
            "bought nothing."
        ),
        actions={
            "last_warned_learn": N_(
                "Head of sales: go with the owners through the accounts that stopped without a "
                "warning, name what could have been recorded beforehand, and lean on the warnings "
                "less until it is."
            )
        },
        on_first_page=False,
    ),
    FindingSpec(
        "last_warned_chance",
        "last_score",
        N_(
            "Whether the warnings told more than chance cannot be said yet: with {warned_stopped:n} "
            "of {warned:n} against {others_stopped:n} of {others:n}, such a difference may come "
            "about by itself."
        ),
        on_first_page=False,
    ),
    FindingSpec(
        "last_warned_none",
        "last_score",
        N_(
            "No account was warned of on {as_of:date}; of the {others:n} then active, "
            "{others_stopped:n} bought nothing in the {days:n} days after."
        ),
        on_first_page=False,
    ),
    FindingSpec(
        "last_warned_all",
        "last_score",
        N_(
            "Every account active on {as_of:date} was warned of; {warned_stopped:n} of the "
            "{warned:n} bought nothing in the {days:n} days after."
        ),
        actions=LAST_WARNED_ASK,
        on_first_page=False,
    ),
    FindingSpec(
        "last_probability_ranked",
        "last_score",
        N_(
            "In the {days:n} days after {as_of:date}, the probability given that day put accounts "
            "that bought nothing above those that bought in {auc:pct} of cases (AUC; 95% interval "
            "{low:pct} to {high:pct}; 50% would be chance)."
        ),
        actions=LAST_SCORE_ASK,
        on_first_page=False,
    ),
    FindingSpec(
        "last_score_ranked",
        "last_score",
        N_(
            "In the {days:n} days after {as_of:date}, the score of that day put accounts that bought "
            "nothing above those that bought in {auc:pct} of cases (AUC; 95% interval {low:pct} to "
            "{high:pct})."
        ),
        actions=LAST_SCORE_ASK,
        on_first_page=False,
    ),
    FindingSpec(
        "last_score_few",
        "last_score",
        N_(
            "Of {scored:n} accounts scored on {as_of:date}, {stopped:n} bought nothing in the "
            "{days:n} days after; with fewer than {needed:n} that stopped or that bought, how well "
            "it ranked cannot be told."
        ),
        on_first_page=False,
    ),
    FindingSpec(
        "last_score_sum",
        "last_score",
        N_(
            "On {as_of:date}, {predicted:n} of {scored:n} accounts were expected to stop in the next "
            "{horizon:n} days; {stopped:n} did."
        ),
        on_first_page=False,
    ),
    FindingSpec(
        "last_score_sum_off",
        "last_score",
        N_(
            "On {as_of:date}, {predicted:n} of {scored:n} accounts were expected to stop in the next "
            "{horizon:n} days; {stopped:n} did, more of a difference than chance explains."
        ),
        actions={
            "last_score_level": N_(
                "Finance: set last period's expected loss right by this difference ({predicted:n} "
                "expected, {stopped:n} seen), and leave the same margin on this period's amounts."
            )
        },
        on_first_page=False,
    ),
    FindingSpec(
        "last_score_sum_due",
        "last_score",
        N_(
            "On {as_of:date}, {predicted:n} of {scored:n} accounts were expected to stop in the next "
            "{horizon:n} days. After {days:n} of them {stopped:n} have bought nothing so far, of "
            "which some still will; the count closes on {due:date}."
        ),
        on_first_page=False,
    ),
    FindingSpec(
        "last_score_early",
        "last_score",
        N_(
            "The score of {as_of:date} cannot be judged yet: it looks {horizon:n} days ahead, of "
            "which {days:n} have passed."
        ),
        on_first_page=False,
    ),
    FindingSpec(
        "last_score_unmatched",
        "last_score",
        N_(
            "{unmatched:n} {unmatched:plural|account|accounts} scored on {as_of:date} no longer "
            "{unmatched:plural|occurs|occur} in the data and {unmatched:plural|is|are} left out of "
            "the comparison."
        ),
        actions={
            "last_score_match": N_(
                "Data owner: say which of these accounts were merged, renumbered or deleted."
            )
        },
        on_first_page=False,
    ),
)
