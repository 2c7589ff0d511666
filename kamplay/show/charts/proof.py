"""Charts of step 3: how far the churn probability can be believed, beside simpler orders, and what a number of calls would have met."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kamplay.show.charts.figure import BAD, GOOD, INK, QUIET, WARN, chart, percent_axis
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_
from kamplay.show.view import View, current

if TYPE_CHECKING:
    from matplotlib.axes import Axes

METHODS = {
    "model": N_("this model, by probability"),
    "recency": N_("longest silent first"),
    "bgnbd": N_("purchase dates alone (BG/NBD)"),
    "stake": N_("this model, by expected loss"),
    "chance": N_("at random"),
}
LINES = {"model": "-", "recency": (0, (5, 2)), "bgnbd": (0, (1.5, 1.5)), "stake": (0, (7, 1.5)), "chance": (0, (4, 3))}
PAPER = {"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 1.2}  # behind words that stand over a line


def calibration(health: Any) -> Display:
    """What the churn model predicted against what happened, by group of the test accounts."""
    view, table = current(), health.calibration
    if table.empty:
        return NOTHING
    locale = view.locale

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        axes.plot([0, 1], [0, 1], color=QUIET, linewidth=1, linestyle=(0, (4, 3)))
        below, above = (table["seen"] - table["low"]).clip(lower=0), (table["high"] - table["seen"]).clip(lower=0)
        axes.errorbar(table["predicted"], table["seen"], yerr=[below, above], color=view.accent, marker="o", linewidth=1.2, capsize=3)
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
        f"{locale.percent(p)} → {locale.percent(s)}" for p, s in zip(table["predicted"], table["seen"], strict=True)
    )
    return chart(draw, caption, locale.say(N_("Predicted → seen share of accounts that stopped: {parts}."), parts=parts))


def proof_versus(health: Any) -> Display:
    """How often each way to rank gets it right, with its interval: the model, the longest silent, purchase dates alone."""
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
                left, place + 0.24, f" {name}{locale.text(N_(': '))}{said}", ha="left", va="bottom", fontsize=8.5, color=INK, bbox=PAPER
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
    return chart(draw, caption, locale.say(N_("Ranks right: {parts}."), parts=parts), height=0.35 + 0.17 * len(table))


def proof_workload(health: Any) -> Display:
    """The share of the lost revenue that a number of calls would have caught, by each way to choose whom to call."""
    view, table = current(), health.proof_curve
    methods = [m for m in ("stake", "model", "recency", "bgnbd", "chance") if m in table and table[m].notna().any()]
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
                table["k"], table[method], color=colours[method], linestyle=LINES[method], linewidth=width, label=method_label(method, view)
            )
        if team is not None:
            reached = float(team[caught])
            axes.axvline(team["k"], color=INK, linewidth=0.8)
            axes.plot(team["k"], reached, "o", color=view.accent, markersize=6.5)
            late = team["k"] > 0.6 * float(table["k"].max())
            said = locale.say(N_("{k:n} calls: {share:pct}"), k=int(team["k"]), share=reached)
            axes.annotate(
                said, (team["k"], 1), xycoords=("data", "axes fraction"), xytext=(-5 if late else 5, -2), textcoords="offset points",
                ha="right" if late else "left", va="top", fontsize=8.5,
            )  # fmt: skip
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
            frameon=False, loc="lower left", bbox_to_anchor=(0, 1), ncols=1 if narrow else 3, fontsize=8, borderaxespad=0.2,
            handletextpad=0.5, columnspacing=1.2, labelspacing=0.25,
        )  # fmt: skip

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
        ends = ("stake_low", "stake_high") if leading == "stake" else ("revenue_share_low", "revenue_share_high")
        shares = {"low": team[ends[0]], "high": team[ends[1]], "other": team["recency_revenue_share"]}
        alt = locale.say(said, k=int(team["k"]), share=team[caught], **shares)
    return chart(draw, caption, alt)


def method_label(method: str, view: View) -> str:
    """The words for a way to rank; another's own name where we have none."""
    return view.locale.text(METHODS[method]) if method in METHODS else method


def _team(workload: pd.DataFrame) -> pd.Series | None:
    """The row of what the team can call, where it says something of revenue."""
    if workload.empty:
        return None
    rows = workload[workload["team"].astype(bool) & workload["revenue_share"].notna()]
    return rows.iloc[0] if len(rows) else None
