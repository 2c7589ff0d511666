"""The firm's own capabilities, shown and said: the radar against the target, one table, the first moves, and
what a source claims of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kamplay.method.plan.capabilities import OWN, Capabilities
from kamplay.method.plan.step import Plan
from kamplay.method.results import Finding
from kamplay.palette import INK, QUIET, RULE, WHITE
from kamplay.presets.capability import HIGHEST, Capability, CapabilityFrames
from kamplay.show.charts.chart import clip, draw_compact, join_parts, lighten, one_line, wrap_label
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import MISSING, N_, Locale, missing
from kamplay.show.registry import FindingSpec, chart, register_findings, table
from kamplay.show.table import Column, html_table, word
from kamplay.show.texts.strategy_texts import capital
from kamplay.show.view import View, current

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FEWEST_AXES = 3  # with fewer there is no shape to see
OWN_WORDS = N_("In the client's own words")
VERDICTS = {
    "move": N_("gap to close"),
    "talk": N_("raters not agreed yet"),
    "nearly": N_("nearly at target"),
    "one_rater": N_("one rater only"),
    "reached": N_("target reached"),
    "no_target": N_("no target set"),
}


def _preset_of(result: Capabilities) -> CapabilityFrames | None:
    return CapabilityFrames.model_validate(result.preset) if result.preset else None


def _frame_name(frame: Any, locale: Locale) -> str:
    return locale.text(OWN_WORDS) if frame["frame"] == OWN else str(frame[locale.language])


# --- the radar


@chart
def capabilities_chart(plan: Plan) -> Display:
    """A radar for each frame of which three capabilities or more are rated: score, target, and the raters'
    range."""
    result, locale = plan.capabilities, current().locale
    frames = result.preset.get("frames", {})
    drawn = []
    for _, frame in result.frames.iterrows():
        rows = result.rated[result.rated["frame"] == frame["frame"]]
        if len(rows) >= FEWEST_AXES:
            # the frame's own order, so that a shape can be told from the last one
            own = list(frames.get(frame["frame"], {}).get("items", rows["capability"]))
            rows = rows.iloc[rows["capability"].map(own.index).argsort(kind="stable")]
            drawn.append(_radar(rows, _frame_name(frame, locale), locale))
    if not drawn:
        return NOTHING
    html = "".join(one.html for one in drawn)
    return Display(f'<div class="radars">{html}</div>', "\n".join(one.text for one in drawn))


def _radar(rows: pd.DataFrame, frame: str, locale: Locale) -> Display:
    names = [one_line(str(name)) for name in rows[locale.language]]
    told = N_("{name} {score:n1} of {target:n1}")
    alone = N_("{name} {score:n1}")
    parts = [
        locale.say(
            alone if missing(row["target"]) else told, name=name, score=row["score"], target=row["target"]
        )
        for name, (_, row) in zip(names, rows.iterrows(), strict=True)
    ]
    caption = locale.say(
        N_(
            "{frame}, 0 to {highest:n}: the mean score (filled), the target (dashed), and where the raters "
            "lie (lines)."
        ),
        frame=frame,
        highest=HIGHEST,
    )

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        _draw_radar(axes, view, rows, names)

    return draw_compact(draw, caption, join_parts(parts, locale), 1.05, "chart radar")


def _draw_radar(axes: Axes, view: View, rows: pd.DataFrame, names: list[str]) -> None:
    """Spokes clockwise from the top, in the order of ``rows``."""
    import seaborn as sns

    angles = np.pi / 2 - 2 * np.pi * np.arange(len(rows)) / len(rows)
    spokes = np.column_stack([np.cos(angles), np.sin(angles)])
    ring = np.linspace(0, 2 * np.pi, 181)
    for level in range(1, round(HIGHEST) + 1):
        axes.plot(level * np.cos(ring), level * np.sin(ring), color=RULE, linewidth=0.6, zorder=1)
    for spoke in spokes:
        axes.plot([0, HIGHEST * spoke[0]], [0, HIGHEST * spoke[1]], color=RULE, linewidth=0.6, zorder=1)
    score = spokes * rows["score"].to_numpy()[:, None]
    axes.fill(*score.T, facecolor=lighten(view.accent, 0.72), edgecolor=view.accent, linewidth=1.4, zorder=2)
    target = spokes * rows["target"].to_numpy()[:, None]
    if rows["target"].notna().all():
        closed = np.vstack([target, target[:1]])
        axes.plot(*closed.T, color=INK, linewidth=1.2, linestyle=(0, (4, 2.5)), zorder=3)
    for spoke, low, high in zip(spokes, rows["low"], rows["high"], strict=True):
        if high > low:
            ends = np.array([low, high])[:, None] * spoke
            axes.plot(*ends.T, color=view.accent, linewidth=2.6, solid_capstyle="round", alpha=0.55, zorder=4)
    sns.scatterplot(x=score[:, 0], y=score[:, 1], color=view.accent, s=24, legend=False, ax=axes, zorder=5)
    sns.scatterplot(
        x=target[:, 0],
        y=target[:, 1],
        color=WHITE,
        edgecolor=INK,
        linewidth=1,
        s=20,
        legend=False,
        ax=axes,
        zorder=5,
    )
    width = 9 if view.locale.language == "zh" else 15
    for spoke, name, (_, row) in zip(spokes, names, rows.iterrows(), strict=True):
        told = N_("{score:n1} of {target:n1}") if not missing(row["target"]) else N_("{score:n1}")
        figures = view.locale.say(told, score=row["score"], target=row["target"])
        sideways = "center" if abs(spoke[0]) < 0.3 else "left" if spoke[0] > 0 else "right"
        upright = "bottom" if spoke[1] > 0.5 else "top" if spoke[1] < -0.5 else "center"
        label = f"{wrap_label(clip(name, False, 45), width)}\n{figures}"
        x, y = spoke * (HIGHEST + 0.35)
        axes.text(x, y, label, ha=sideways, va=upright, fontsize=8.5, linespacing=1.25)
    for level in (1, 3, 5):
        axes.text(0.12, level - 0.02, str(level), fontsize=6.5, color=QUIET, va="top", zorder=6)
    axes.set(xlim=(-HIGHEST - 3.9, HIGHEST + 3.9), ylim=(-HIGHEST - 1.7, HIGHEST + 1.7), aspect="equal")
    axes.set_axis_off()


# --- the table


@table
def capabilities_table(plan: Plan) -> Display:
    """Every rated capability: score, raters, target, gap, and what follows."""
    result, locale = plan.capabilities, current().locale
    if result.rated.empty:
        return NOTHING
    heads = {row["frame"]: _frame_name(row, locale) for _, row in result.frames.iterrows()}
    rated = result.rated
    first = ~rated["frame"].duplicated()
    frame = rated.assign(
        group=rated["frame"].map(heads).where(first, ""),
        name=[one_line(str(name)) for name in rated[locale.language]],
        between=[
            MISSING if row.raters < 2 else locale.say(N_("{low:n1} to {high:n1}"), low=row.low, high=row.high)
            for row in rated.itertuples()
        ],
    )
    columns = [
        Column("group", N_("Frame"), str, extra=True, css="keep"),
        Column("name", N_("Capability")),
        Column("score", N_("Score"), "n1"),
        Column("target", N_("Target"), "n1"),
        Column("gap", N_("Gap"), "n1"),
        Column("between", N_("Lowest to highest rater"), extra=True, css="keep"),
        Column("raters", N_("Raters"), "n", extra=True),
        Column("importance", N_("Importance"), "n1", extra=True),
        Column("verdict", N_("What it says"), word(VERDICTS)),
    ]
    if not result.figures["weighted"]:
        columns = [c for c in columns if c.key != "importance"]
    if rated["raters"].nunique() == 1:  # the finding of how far they agree says how many
        columns = [c for c in columns if c.key != "raters"]
    caption = locale.say(
        N_(
            "Scores and targets from 0 to {highest:n}, means over the raters; the widest gap first. A gap "
            "counts where it is wider than the raters are apart, on the score or on the target."
        ),
        highest=HIGHEST,
    )
    return html_table(frame, columns, caption, most=len(frame), cards=False)


@table
def capability_moves_table(plan: Plan) -> Display:
    """The moves that matter most: what is done first, who leads it, by when."""
    result, locale = plan.capabilities, current().locale
    preset = _preset_of(result)
    finding = plan.finding("capability_moves")
    if preset is None or finding is None:
        return NOTHING
    moves = result.moves
    known = {key: one for frame in preset.frames.values() for key, one in frame.items.items()}
    steps = [
        known.get(key) if of != OWN else None
        for of, key in zip(moves["frame"], moves["capability"], strict=True)
    ]
    frame = moves.assign(
        name=[one_line(str(name)) for name in moves[locale.language]],
        gap_told=[
            locale.say(N_("{gap:n1} ({score:n1} of {target:n1})"), gap=m.gap, score=m.score, target=m.target)
            for m in moves.itertuples()
        ],
        move=[
            capital(one.move.get(locale.language))
            if one
            else locale.text(N_("Agree what the target looks like in practice, and take the first step"))
            for one in steps
        ],
        who=[_leader(one, locale) for one in steps],
        due=finding.figures["due"],
    )
    columns = [
        Column("name", N_("Capability")),
        Column("gap_told", N_("Gap"), css="keep"),
        Column("move", N_("First move"), css="long"),
        Column("who", N_("Who leads it")),
        Column("due", N_("Due"), "date", css="keep"),
    ]
    weighed = N_("The widest gaps by importance, of those on which the raters agree.")
    plain = N_("The widest gaps, of those on which the raters agree.")
    return html_table(frame, columns, weighed if result.figures["weighted"] else plain)


def _leader(one: Capability | None, locale: Locale) -> str:
    if one is None:
        return locale.text(N_("to be named"))
    role = capital(one.led_by.get(locale.language))
    return locale.say(N_("{role}: {name}"), role=role, name=one.who) if one.who else role


@table
def careers_table(plan: Plan) -> Display:
    """Each career against the level that it takes of the competencies."""
    result, locale = plan.capabilities, current().locale
    names = result.rated.drop_duplicates("capability").set_index("capability")[locale.language]
    paths = result.paths
    frame = paths.assign(
        name=paths[locale.language] if len(paths) else None,
        told=[locale.say(N_("{rated:n} of {of:n}"), rated=p.rated, of=p.of) for p in paths.itertuples()],
        furthest_name=[MISSING if missing(key) else str(names[key]) for key in paths["furthest"]],
    )
    columns = [
        Column("name", N_("Career")),
        Column("told", N_("Needs that are rated"), css="keep", extra=True),
        Column("score", N_("Score"), "n1"),
        Column("needed", N_("Needed"), "n1"),
        Column("gap", N_("Gap"), "n1"),
        Column("furthest_name", N_("Furthest from what is needed")),
    ]
    if (paths["rated"] == paths["of"]).all():
        columns = [c for c in columns if c.key != "told"]
    caption = N_("What each career takes of the competencies, against how these are rated: means, 0 to 5.")
    return html_table(frame, columns, caption)


# --- what the source claims


@table
def guide_claims_table(plan: Plan) -> Display:
    """What a source states as fact, folded: claims, not norms; for the internal edition alone."""
    preset, locale = _preset_of(plan.capabilities), current().locale
    if preset is None:
        return NOTHING
    claims = preset.claims
    frame = pd.DataFrame({"claim": [capital(one.get(locale.language)) for one in claims.said]})
    caption = locale.say(
        N_("Claims of {source}; not checked by anybody, and no norm for this client."),
        source=claims.source.get(locale.language),
    )
    inner = html_table(frame, [Column("claim", N_("Claim"), css="long")], caption, cards=False)
    head = locale.text(N_("Claims that nobody has checked"))
    return Display(
        f"<details><summary>{escape(head)}</summary>{inner.html}</details>", f"{head}\n{inner.text}"
    )


# --- in words


def _listed(finding: Finding, locale: Locale) -> Mapping[str, object]:
    names = [one_line(name) for name in finding.figures[locale.language]]
    return {"what": locale.words(names, len(names)), "largest": names[0]}


def _agreement(finding: Finding, locale: Locale) -> Mapping[str, object]:
    names = [name or locale.text(OWN_WORDS) for name in finding.figures[locale.language]]
    parts = [
        locale.say(N_("{name} {w:n2}"), name=name, w=w)
        for name, w in zip(names, finding.figures["w"], strict=True)
    ]
    least = finding.figures["strong"]
    below = [name for name, w in zip(names, finding.figures["w"], strict=True) if w < least]
    said = N_("from {least:n1} on that is strong enough to act on.")
    if below:
        said = N_("below {least:n1} ({names}) the order in which to build them is not settled.")
    meaning = locale.say(said, least=least, names=locale.words(below, len(below)))
    return {"parts": locale.words(parts, len(parts)), "meaning": meaning}


def _words(finding: Finding, locale: Locale) -> Mapping[str, object]:
    return {"what": locale.words([one_line(name) for name in finding.figures["words"]], 8)}


register_findings(
    FindingSpec(
        "capabilities_unknown",
        "capabilities",
        N_("How able the firm is to serve key accounts is unknown: no table maturity was delivered."),
        actions={
            "rate_capabilities": N_(
                "Head of sales: let three to seven people of different departments score the five "
                "capabilities from 0 to 5, with a target, each alone; then the gaps and where people differ "
                "are shown here."
            )
        },
        on_first_page=False,
    ),
    FindingSpec(
        "capability_moves",
        "capabilities",
        N_(
            "The widest {count:plural|gap|gaps} on which the raters agree: {what}. {largest} stands at "
            "{score:n1}; the target is {target:n1}."
        ),
        actions={
            "take_moves": N_(
                "General manager: see that whoever the table names takes the first move by {due:date}, and "
                "ask for the outcome that day."
            )
        },
        words=_listed,
        on_first_page=False,
    ),
    FindingSpec(
        "capability_talk",
        "capabilities",
        N_(
            "On {what} the raters do not agree yet: {largest} is scored from {low:n1} to {high:n1}, they are "
            "{apart:n1} apart and the gap is {gap:n1}."
        ),
        actions={
            "talk_first": N_(
                "General manager: talk first. By {due:date} let the raters compare the facts behind their "
                "scores, then score again."
            )
        },
        words=_listed,
        on_first_page=False,
    ),
    FindingSpec(
        "capability_one_rater",
        "capabilities",
        N_(
            "{count:n} of {of:n} capabilities {count:plural|has|have} one rater only: no move follows from "
            "one opinion."
        ),
        actions={
            "ask_more_raters": N_(
                "Head of sales: by {due:date} have at least two others score them, each alone."
            )
        },
        on_first_page=False,
    ),
    FindingSpec(
        "capability_no_target",
        "capabilities",
        N_("{count:n} of {of:n} rated capabilities {count:plural|has|have} no target, so no gap is known."),
        actions={"set_targets": N_("General manager: state for each the level that is wanted.")},
        on_first_page=False,
    ),
    FindingSpec(
        "capabilities_reached",
        "capabilities",
        N_("All {count:n} rated capabilities are at their target or nearly so."),
        on_first_page=False,
    ),
    FindingSpec(
        "capability_agreement",
        "capabilities",
        N_(
            "How far {raters:n} raters put the capabilities in the same order (Kendall's W, 1 is full "
            "agreement): {parts}; {meaning}"
        ),
        brief=N_(
            "How far the {raters:n} raters agree on what comes first (1 is full agreement): "
            "{parts}; {meaning}"
        ),
        words=_agreement,
        on_first_page=False,
    ),
    FindingSpec(
        "capability_words",
        "capabilities",
        N_(
            "{count:n} of {of:n} capabilities {count:plural|is|are} in none of the frames and taken in the "
            "client's own words: {what}."
        ),
        words=_words,
        on_first_page=False,
    ),
)
