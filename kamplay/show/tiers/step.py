"""Tables of step 1: who is key, what is held back or kept, how firm, where the departments differ, who moved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kamplay.method.results import Finding
from kamplay.method.tiers.step import FIRM, Tiers
from kamplay.show.chart import (
    INK,
    QUIET,
    RULE,
    WARN,
    clip,
    draw_chart,
    join_parts,
    lighten,
    one_line,
    opposite_colour,
    paired_bars,
    text_colour_on,
    wrap_label,
)
from kamplay.show.display import NOTHING, Display
from kamplay.show.findings import counts
from kamplay.show.locale import N_, Locale, missing
from kamplay.show.registry import FindingSpec, Words, chart, register_findings, table
from kamplay.show.table import ACCOUNT, Column, html_table, with_names, word
from kamplay.show.view import View, current
from kamplay.show.vocabulary import OPEN, department, measure_label

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NAMED_IN_PRINT = 40  # key accounts that a meeting can confirm name by name


@table
def key_accounts_table(tiers: Tiers) -> Display:
    """The accounts and groups of levels S and A with what management asks next, the best score first."""
    upper = tiers.rated[tiers.rated["level"].isin(["S", "A"]) & (tiers.rated["revenue"] > 0)]
    columns = [
        ACCOUNT,
        Column("tier", N_("Tier"), css="keep"),
        Column("tier_score", N_("Score"), "score", extra=True, css="keep"),
        Column("revenue", N_("Revenue"), "money"),
        Column("growth", N_("Growth"), "pct", extra=True),
        Column("margin_share", N_("Margin"), "pct", extra=True),
        Column("overdue", N_("Overdue"), "money", extra=True),
        Column("owner", N_("Owner"), extra=True, css="keep"),
        Column("note", N_("Is it settled?")),
    ]
    columns = [c for c in columns if c.key == "note" or c.key == "name" or upper[c.key].notna().any()]
    locale = current().locale
    caption = locale.say(
        N_(
            "{rule} Growth against the year before. Settled: weights, data and departments agree "
            "that the account is key."
        ),
        rule=_cut(tiers),
    )
    ordered = upper.sort_values(["tier_score", "revenue"], ascending=False)
    printed = (
        None if len(ordered) <= NAMED_IN_PRINT else NAMED_IN_PRINT // 2
    )  # a list too long to confirm on paper is in the workbook
    return html_table(
        _grouped(ordered.assign(note=_notes(tiers, ordered))),
        columns,
        caption,
        most=NAMED_IN_PRINT,
        printed=printed,
    )


def _notes(tiers: Tiers, frame: pd.DataFrame) -> list[str]:
    """What to know of an account in a word or two: set by hand, held back, open for which reasons, or
    settled.
    """
    locale, held = current().locale, _rule_words(tiers)
    out = []
    for row in frame.itertuples():
        if not missing(row.override):
            out.append(locale.text(N_("set by hand")))
        elif row.open:
            out.append(locale.say(N_("open: {reasons}"), reasons=_reasons(row.open)))
        elif not missing(row.gate):
            out.append(held(row.gate))
        else:
            out.append(locale.text(N_("settled")))
    return out


def _cut(tiers: Tiers) -> str:
    """How the tiers are cut, in a sentence."""
    locale, rows = current().locale, tiers.summary
    kind = rows["cut"].iloc[0]
    if kind == "score":
        said = [f"{r.tier} ≥ {locale.count(r.start)}" for r in rows.itertuples()]
        return locale.say(N_("Tiers by score: {starts}."), starts=locale.words(said, most=len(said)))
    if kind == "quota":
        said = [f"{r.tier} {locale.percent(r.share)}" for r in rows.itertuples() if not missing(r.share)]
        return locale.say(
            N_("Tiers by share of the accounts: {starts}; the rest {last}."),
            starts=locale.words(said, most=len(said)),
            last=rows["tier"].iloc[-1],
        )
    if kind == "capacity":
        said = [f"{r.tier} {locale.number(r.places)}" for r in rows.itertuples() if not missing(r.places)]
        return locale.say(
            N_("Tiers by what the team can carry: {starts}; the rest {last}."),
            starts=locale.words(said, most=len(said)),
            last=rows["tier"].iloc[-1],
        )
    if kind == "natural":
        return locale.text(N_("Tiers by the natural gaps between scores."))
    return locale.text(N_("Tiers by two criteria: high on both, on the first, on the second, on neither."))


def _grouped(frame: pd.DataFrame) -> pd.DataFrame:
    """Named, with the number of members behind a group's name."""
    locale, out = current().locale, with_names(frame)
    said = [
        locale.say(N_("{name} (group of {count:n})"), name=n, count=m) if m > 1 else n
        for n, m in zip(out["name"], out["members"], strict=True)
    ]
    return out.assign(name=said)


def _reasons(codes: str) -> str:
    """Why an account is open, in words."""
    reasons = [current().locale.text(OPEN[code]) for code in codes.split(";")]
    return current().locale.words(reasons, most=len(reasons))


@table
def to_settle_table(tiers: Tiers) -> Display:
    """The accounts of which it is not settled whether they are key, the largest first: how likely, why it is
    open, who sees it otherwise.
    """
    rated = tiers.rated
    still = rated[(rated["open"] != "") & (rated["revenue"] > 0)].sort_values("revenue", ascending=False)
    locale = current().locale
    frame = still.assign(note=_why_open(tiers, still))
    columns = [
        ACCOUNT,
        Column("tier", N_("Tier"), css="keep"),
        Column("key_probability", N_("Chance of being key"), "pct"),
        Column("named_by", N_("Named by"), extra=True, css="keep"),
        Column("note", N_("Why it is open"), css="long"),
        Column("revenue", N_("Revenue"), "money"),
    ]
    caption = N_(
        "To settle by name, the largest first. Chance of being key: how often the account "
        "stays in S or A when weights and data vary within reason."
    )
    if len(tiers.disputed):
        seen = tiers.disputed.reindex(still.index)
        most = seen["voters"].max()
        frame["named_by"] = [
            locale.say(N_("{count:n} / {all:n}"), count=n, all=most) for n in seen["named_by"]
        ]
        caption = N_(
            "To settle by name, the largest first. Chance of being key: how often the account "
            "stays in S or A when weights and data vary within reason. Named by: departments "
            "that put it on their list. A department with a tier: what its own weights would "
            "give, tiers kept at their size."
        )
    else:
        columns = [c for c in columns if c.key != "named_by"]
    return html_table(_grouped(frame), columns, caption, most=15)


def _why_open(tiers: Tiers, still: pd.DataFrame) -> list[str]:
    """The reasons in words; for departments those whose own weights say otherwise, with the tier they would
    give.
    """
    locale, level = current().locale, dict(zip(tiers.summary["tier"], tiers.summary["level"], strict=True))
    seen = tiers.disputed.reindex(still.index) if len(tiers.disputed) else None
    out = []
    for account, codes, own in zip(still.index, still["open"], still["level"], strict=True):
        reasons = []
        for code in codes.split(";"):
            if code == "departments" and seen is not None:
                row = seen.loc[account]
                views = {c.removeprefix("by "): row[c] for c in seen.columns if c.startswith("by ")}
                others = [
                    f"{department(d, locale)} {t}"
                    for d, t in views.items()
                    if (level[t] in ("S", "A")) != (own in ("S", "A"))
                ]
                reasons.append(
                    locale.say(N_("{who} by own weights"), who=locale.words(others, most=len(others)))
                )
            else:
                reasons.append(locale.text(OPEN[code]))
        out.append(locale.text(N_("; ")).join(reasons))
    return out


@table
def gated_table(tiers: Tiers) -> Display:
    """Accounts held back by a gate, the largest first."""
    held = tiers.rated[tiers.rated["gate"].notna() & (tiers.rated["revenue"] > 0)]
    columns = [
        ACCOUNT,
        Column("gate", N_("Held back as"), _rule_words(tiers)),
        Column("tier_score", N_("Score"), "score"),
        Column("tier", N_("Tier")),
        Column("revenue", N_("Revenue"), "money"),
    ]
    caption = N_("Accounts whose score would place them higher than they deserve.")
    return html_table(_grouped(held.sort_values("revenue", ascending=False)), columns, caption, most=10)


@table
def kept_table(tiers: Tiers) -> Display:
    """Accounts that a safeguard keeps, the largest first."""
    safe = tiers.rated[tiers.rated["safeguard"].notna()]
    columns = [
        ACCOUNT,
        Column("safeguard", N_("Kept because"), _rule_words(tiers)),
        Column("tier", N_("Tier")),
        Column("override", N_("Set by hand because"), extra=True),
        Column("revenue", N_("Revenue"), "money"),
    ]
    if safe["override"].isna().all():
        columns.pop(3)
    return html_table(
        _grouped(safe.sort_values("revenue", ascending=False)),
        columns,
        N_("Accounts not to be dropped, whatever they buy or complain."),
        most=10,
    )


def _rule_words(tiers: Tiers) -> Callable[[Any], str]:
    words = tiers.rules.set_index("key")[current().locale.language]
    return lambda key: "–" if missing(key) else str(words.get(key, key))


@table
def criteria_table(tiers: Tiers) -> Display:
    """The scorecard: what each criterion measures, its weight, what other sources would give it, and for how
    many accounts it is known.
    """
    locale, frame = current().locale, tiers.criteria
    language = locale.language
    label = [
        locale.say(N_("{branch}: {name}"), branch=b, name=n) if nested else n
        for b, n, nested in zip(frame[f"branch_{language}"], frame[language], frame["nested"], strict=True)
    ]
    measured = [measure_label(m, locale) for m in frame["measure"].str.partition(".")[0]]
    better = [
        locale.say(N_("{measure}; less is better"), measure=m) if less else m
        for m, less in zip(measured, frame["less"], strict=True)
    ]
    columns = [
        Column("label", N_("Criterion")),
        Column("by", N_("Measured by"), extra=True, css="long"),
        Column("weight", N_("Weight"), "pct1"),
        Column("departments", N_("Departments' mean"), "pct1"),
        Column("judged", N_("By pairwise judgement"), "pct1"),
        Column("critic", N_("By the data"), "pct1", extra=True),
        Column("coverage", N_("Data coverage"), "pct"),
        Column("mean_points", N_("Mean points"), "n", extra=True),
    ]
    columns = [c for c in columns if c.key not in ("departments", "judged") or frame[c.key].notna().any()]
    caption = N_(
        "The scorecard: each criterion gives 0 to 100 points, more is better. By the data: "
        "the weights that the spread and overlap of the criteria alone would give, for "
        "comparison."
    )
    return html_table(frame.assign(label=label, by=better), columns, caption)


@table
def overrides_table(tiers: Tiers) -> Display:
    """The tiers set by hand: what the rule would say, why, by whom, until when."""
    states = {
        "applied": N_("applies"),
        "expired": N_("expired"),
        "unusable": N_("not usable"),
        "superseded": N_("another of the group applies"),
    }
    columns = [
        ACCOUNT,
        Column("by_rule", N_("By rule"), css="keep"),
        Column("tier", N_("By hand"), css="keep"),
        Column("state", N_("State"), word(states), css="keep"),
        Column("reason", N_("Reason"), extra=True, css="long"),
        Column("by", N_("Decided by"), extra=True, css="keep"),
        Column("expires", N_("Until"), "date", css="keep"),
    ]
    return html_table(
        with_names(tiers.overrides),
        columns,
        N_("Tiers set by hand. Expired ones no longer apply: the rule stands."),
        most=20,
    )


VERY_FIRM = 0.9  # of probability: no reasonable weights move such an account
NEAR = (0.3, 0.7)  # between these probabilities of being key, an account could as well be the other
MOST, MOST_NARROW = 20, 12  # accounts that a reader still takes in


@chart
def tiers_chart(result: Tiers) -> Display:
    """Share of accounts against share of revenue, by tier."""
    view, table = current(), result.summary
    locale = view.locale
    share = table["accounts"] / max(1, table["accounts"].sum())

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        colours = [view.accent] * len(table)
        paired_bars(
            axes,
            view,
            table[locale.language].tolist(),
            share,
            table["revenue_share"],
            table["accounts"],
            colours,
            narrow,
        )

    caption = locale.text(
        N_(
            "Each tier's share of revenue and of the accounts that bought in the last 12 months "
            "(their number in brackets)."
        )
    )
    parts = [
        f"{row[locale.language]} {locale.percent(part)} / {locale.percent(row['revenue_share'])}"
        for (_, row), part in zip(table.iterrows(), share, strict=True)
    ]
    return draw_chart(
        draw,
        caption,
        locale.say(N_("Share of accounts / of revenue: {parts}."), parts=join_parts(parts, locale)),
    )


@chart
def certainty_chart(result: Tiers) -> Display:
    """Scores of the accounts that are key or nearly so, against the limits of the tiers; the colour tells how
    firm the tier is.
    """
    view = current()
    locale, shown = view.locale, near_the_top(result.rated, MOST)
    if shown.empty:
        return NOTHING
    by_score = (result.summary["cut"] == "score").all()
    limits = (
        result.summary[pd.to_numeric(result.summary["start"], errors="coerce") > 0]
        if by_score
        else result.summary.iloc[:0]
    )

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        table = near_the_top(result.rated, MOST_NARROW) if narrow else shown
        places = np.arange(len(table))[::-1]
        axes.figure.set_figheight((0.95 if narrow else 0.85) + 0.2 * len(table))  # type: ignore[union-attr]
        size = 8 if narrow else 8.5
        low, high = table["tier_score"].min(), table["tier_score"].max()
        room = max(4.0, (high - low) * 0.07)
        axes.set_xlim(max(low - room, -2) if low >= 0 else low - room, high + room)
        axes.set_ylim(-0.7, len(table) - 0.3)
        for start in limits["start"].astype(float):
            if axes.get_xlim()[0] < start < axes.get_xlim()[1]:
                axes.axvline(start, color=QUIET, linewidth=0.9, linestyle=(0, (4, 3)), zorder=1)
        axes.hlines(places, *axes.get_xlim(), color=RULE, linewidth=0.5, zorder=0)
        for name, colour, edge, marker, chosen in _groups(table, view):
            axes.scatter(
                table["tier_score"][chosen],
                places[chosen],
                s=38,
                marker=marker,
                c=colour,
                edgecolors=edge,
                linewidths=1.1,
                zorder=3,
                label=name,
            )
        names = [clip(one_line(view.name(str(account))), narrow) for account in table.index]
        axes.set_yticks(places, names, fontsize=size)
        other = axes.secondary_yaxis("right")
        held = [locale.percent(p, 0) if p == p else "" for p in table["tier_probability"]]
        words = {row["tier"]: _short(row, locale) for _, row in result.summary.iterrows()}
        other.set_yticks(
            places,
            [f"{words[t]} {p}".strip() for t, p in zip(table["tier"], held, strict=True)],
            fontsize=size,
            color=QUIET,
        )
        for spine in (axes.spines["left"], other.spines["right"]):
            spine.set_visible(False)
        other.tick_params(length=0)
        ticks = [s for s in limits["start"].astype(float) if axes.get_xlim()[0] < s < axes.get_xlim()[1]]
        if ticks:
            axes.set_xticks(
                ticks,
                [_limit(row, locale) for _, row in limits.iterrows() if float(row["start"]) in ticks],
                fontsize=size,
            )
        axes.set_xlabel(locale.text(N_("score")), fontsize=size)
        axes.legend(
            frameon=False,
            fontsize=size,
            loc="lower center",
            bbox_to_anchor=(0.5, 1),
            borderaxespad=0.2,
            ncols=2 if narrow else 4,
            handletextpad=0.2,
            columnspacing=1.0,
        )

    caption = locale.text(
        N_(
            "The largest key accounts and those that could as well be key or not, by score. On the right the tier, and in what share "
            "of the trials with other reasonable weights and data it stayed the same."
        )
    )
    if len(limits):
        caption += locale.text(N_(" Dashed lines: where a tier begins."))
    parts = [
        f"{one_line(view.name(str(i)))} {locale.number(row['tier_score'], 1)} {row['tier']}"
        + (
            f" {locale.percent(row['tier_probability'], 0)}"
            if row["tier_probability"] == row["tier_probability"]
            else ""
        )
        for i, row in shown.iterrows()
    ]
    return draw_chart(
        draw,
        caption,
        locale.say(N_("Score, tier and its probability: {parts}."), parts=join_parts(parts, locale)),
    )


def near_the_top(rated: pd.DataFrame, most: int) -> pd.DataFrame:
    """Up to ``most`` buying units: first those that could as well be key or not, then the largest of levels S
    and A; by score.
    """
    near = rated["key_probability"].between(*NEAR)
    table = rated.assign(_near=near, _id=rated.index)[
        (near | rated["level"].isin(["S", "A"])) & (rated["revenue"] > 0)
    ]
    table = table.sort_values(["_near", "revenue", "_id"], ascending=[False, False, True]).head(most)
    return table.sort_values(["tier_score", "revenue", "_id"], ascending=[False, False, True])


@chart
def departments_chart(result: Tiers) -> Display:
    """Each department's weights, coloured by how far they lie from the mean of all; below them the mean and
    the card's own.
    """
    view, long = current(), result.departments
    if long.empty or long["department"].nunique() < 2:
        return NOTHING
    locale = view.locale
    criteria = list(dict.fromkeys(long["criterion"]))
    labels = long.drop_duplicates("criterion").set_index("criterion")[locale.language]
    grid = long.pivot(index="department", columns="criterion", values="deviation")[criteria] * 100
    away = grid.abs().sum(axis=1).round(6)
    grid = grid.loc[sorted(grid.index, key=lambda d: (-away[d], d))]
    weights = long.pivot(index="department", columns="criterion", values="weight").loc[grid.index, criteria]
    mean = (weights.iloc[0] * 100 - grid.iloc[0]) / 100
    own = (
        result.criteria.groupby(f"branch_{locale.language}")["weight"]
        .sum()
        .reindex([labels[c] for c in criteria])
        .set_axis(criteria)
    )
    below = {locale.text(N_("average")): mean, locale.text(N_("scorecard")): own}
    said = pd.concat([weights, pd.DataFrame(below).T])

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        from matplotlib.colors import LinearSegmentedColormap

        axes.figure.set_figheight(0.75 + 0.36 * len(said))  # type: ignore[union-attr]
        shade = LinearSegmentedColormap.from_list(
            "deviation", [opposite_colour(view.accent), "#FFFFFF", view.accent]
        )
        most = max(5.0, float(np.nanmax(grid.abs().to_numpy())))
        values = pd.concat([grid, said.iloc[len(grid) :] * np.nan]).to_numpy()
        axes.pcolormesh(
            np.ma.masked_invalid(values), cmap=shade, vmin=-most, vmax=most, edgecolors="white", linewidth=1.5
        )
        size = 9 if len(criteria) <= (5 if narrow else 9) else 7
        for (row, column), value in np.ndenumerate(values):
            fill = shade((value + most) / (2 * most))
            colour = text_colour_on(fill) if value == value else QUIET
            text = locale.percent(said.iloc[row, column], 0)
            axes.text(column + 0.5, row + 0.5, text, ha="center", va="center", color=colour, fontsize=size)
        axes.axhline(len(grid), color=QUIET, linewidth=0.8)
        axes.invert_yaxis()
        axes.set_yticks(
            np.arange(len(said)) + 0.5,
            [clip(one_line(department(str(d), locale)), narrow) for d in said.index],
        )
        room = (axes.figure.get_figwidth() * 72 - (75 if narrow else 110)) / len(criteria)  # type: ignore[union-attr]
        longest = max(len(word) for label in labels for word in one_line(label).split())
        letter = 1.02 if locale.language == "zh" else 0.56  # of the font size
        head = min(float(size), max(6.5, room / letter / longest)) if locale.language == "en" else float(size)
        wide = head * letter
        axes.set_xticks(
            np.arange(len(criteria)) + 0.5,
            [wrap_label(labels[c], int(room / wide)) for c in criteria],
            fontsize=head,
        )
        axes.xaxis.tick_top()
        axes.tick_params(length=0)
        for side in axes.spines.values():
            side.set_visible(False)

    caption = locale.text(
        N_(
            "The weight each department gives a criterion, coloured where it is more (in the colour of the report) or less (ochre) than "
            "the mean of the departments; the department furthest from the mean on top."
        )
    )
    parts = [
        f"{one_line(department(str(d), locale))} "
        + locale.text(N_(", ")).join(f"{labels[c]} {locale.percent(v, 0)}" for c, v in row.items())
        for d, row in said.iterrows()
    ]
    return draw_chart(
        draw, caption, locale.say(N_("Weights by department: {parts}."), parts=join_parts(parts, locale))
    )


def _groups(table: pd.DataFrame, view: View) -> list[tuple[str, str, str, str, Any]]:
    """(name, colour, edge, marker, which rows) of each degree of certainty; all four, so that the legend is
    the same everywhere.
    """
    locale, held = view.locale, table["tier_probability"].to_numpy(dtype=float)
    pale = lighten(view.accent, 0.55)
    groups = [
        (N_("firm (from 90%)"), view.accent, view.accent, "o", held >= VERY_FIRM),
        (N_("fairly firm (from 70%)"), pale, pale, "o", (held >= FIRM) & (held < VERY_FIRM)),
        (N_("borderline (below 70%)"), WARN, WARN, "o", held < FIRM),
        (N_("set by hand"), "white", INK, "D", np.isnan(held)),
    ]
    return [
        (locale.text(name), colour, edge, marker, chosen)
        for name, colour, edge, marker, chosen in groups
        if chosen.any()
    ]


def _short(row: pd.Series, locale: Locale) -> str:
    """A tier in few letters: its key where that is short, else its name."""
    return str(row["tier"]) if len(str(row["tier"])) <= 3 else clip(str(row[locale.language]), True)


def _limit(row: pd.Series, locale: Locale) -> str:
    return f"{_short(row, locale)}\n≥ {locale.number(row['start'], 0 if float(row['start']).is_integer() else 1)}"


STILL_OPEN = {
    "departments": N_("the departments' weights differ on {count:n}"),
    "weights": N_("the weights leave {count:n} open"),
    "data": N_("a slightly different year would move {count:n}"),
    "votes": N_("most departments name {count:n} that the card does not make key"),
}
WHYS = {
    "data": N_("their figures {count:n}"),
    "weights": N_("weights {count:n}"),
    "rule": N_("rules {count:n}"),
    "gate": N_("exclusion rules {count:n}"),
    "override": N_("decisions by hand {count:n}"),
    "both": N_("figures and definition together {count:n}"),
}


def _apart(finding: Finding, locale: Locale) -> Mapping[str, object]:
    figures = finding.figures
    return {side: department(figures[side], locale) for side in ("more", "less")} | {
        "points": figures["gap"] * 100
    }


def _names_agreement(finding: Finding, locale: Locale) -> Mapping[str, object]:
    figures = finding.figures
    known = figures["kappa_before"] is not None and figures["kappa_now"] is not None
    message = N_(" and on the names from {before:n2} to {now:n2}")
    return {
        "names_change": locale.say(message, before=figures["kappa_before"], now=figures["kappa_now"])
        if known
        else ""
    }


def _degree(finding: Finding, locale: Locale) -> Mapping[str, object]:
    w = finding.figures["w"]
    return {
        "degree": locale.text(N_("strongly") if w >= 0.7 else N_("moderately") if w >= 0.5 else N_("little"))
    }


def _by_reason(kinds: Mapping[str, str]) -> Words:
    """Why accounts are open or moved, each reason with its number."""

    def words(finding: Finding, locale: Locale) -> Mapping[str, object]:
        by = {why: finding.figures[f"by_{why}"] for why in kinds}
        return {"whys": counts(kinds, by, locale)}

    return words


def _overlap(finding: Finding, locale: Locale) -> Mapping[str, object]:
    figures = finding.figures
    lower = figures["kappa"] if figures["named"] is None else min(figures["kappa"], figures["named"])
    degree = (
        N_("largely overlap")
        if lower >= 0.6
        else N_("overlap in part")
        if lower >= 0.2
        else N_("hardly overlap")
    )
    return {"overlap": locale.text(degree)}


def _judgement(finding: Finding, locale: Locale) -> Mapping[str, object]:
    figures = finding.figures
    own = figures.get(locale.language)
    return {
        "who": figures["rater"] or locale.text(N_("all raters together")),
        "pair": locale.say(N_("{a} over {b}"), a=own[0], b=own[1]) if own else "",
        "given_ratio": _ratio(figures["given"], locale),
        "mended_ratio": _ratio(figures["mended"], locale),
    }


def _ratio(value: float, locale: Locale) -> str:
    """A pairwise judgement as people say it: 3, or 1/3."""
    return locale.count(round(value, 1)) if value >= 1 else f"1/{locale.count(round(1 / value, 1))}"


# what this topic can find, in words
TIER = {"tier": N_("Management: confirm at the review that the accounts are to be tiered.")}
REVIEW_GATE = {
    "review_gate": N_(
        "Heads of department: decide by name at the review whether the rule is right for {names}."
    )
}
KEEP_AND_GROW = {
    "keep_and_grow": N_(
        "Head of sales: put {names} on a nurturing list with a goal, an owner and an end date."
    )
}
FILL_CRITERIA = {
    "fill_criteria": N_(
        "Sales operations: provide the missing data for the next report or have experts rate it; else "
        "take the criterion out of the card."
    )
}
HOLD_BALLOT = {
    "hold_ballot": N_(
        "Head of sales: before the next report hold a ballot among sales, finance, product, delivery and "
        "the regions on criteria and accounts."
    )
}

register_findings(
    FindingSpec(
        "worth_tiering",
        "worth",
        N_("Tiering is worth doing: the largest account alone brings {top1_share:pct} of revenue."),
        actions=TIER,
    ),
    FindingSpec(
        "worth_tiering_spread",
        "worth",
        N_(
            "No account reaches 5% of revenue (the largest brings {top1_share:pct}), but value "
            "differs widely between accounts: tiering is worth doing, lightly."
        ),
        actions=TIER,
    ),
    FindingSpec(
        "not_worth_tiering",
        "worth",
        N_(
            "Do not tier these accounts: the largest brings only {top1_share:pct} of revenue, and "
            "the {accounts:n} accounts differ too little in value."
        ),
        actions={
            "do_not_tier": N_(
                "Management: serve all accounts by one standard, and look again when one of them "
                "grows past 5% of sales."
            )
        },
        rank=2,
    ),
    FindingSpec(
        "tiers_alike",
        "worth",
        N_(
            "An account of the upper tiers brings on average only {spread:n1} times what another "
            "account brings: the tiers hardly tell accounts apart."
        ),
        actions={
            "redraw_tiers": N_(
                "Sales operations: raise the limits of the upper tiers, or give value more weight, "
                "and show the result at the review."
            )
        },
    ),
    FindingSpec(
        "key_accounts",
        "key",
        N_(
            "{key:n} of {accounts:n} accounts are key (levels S and A) and bring {share:pct} of "
            "revenue, led by {three}."
        ),
        actions={
            "confirm_key": N_(
                "Management: confirm the list of key accounts name by name at the review; people and "
                "money follow it."
            )
        },
        brief=N_("{key:n} of {accounts:n} accounts are key and bring {share:pct} of revenue."),
        rank=3,
    ),
    FindingSpec(
        "key_none",
        "key",
        N_("By this scorecard none of the {accounts:n} accounts reaches level S or A."),
        actions={
            "lower_tiers": N_(
                "Sales operations: lower the limits of the upper tiers, or choose a card that fits, "
                "before the review."
            )
        },
    ),
    FindingSpec(
        "unrated",
        "key",
        N_(
            "{count:n} of {accounts:n} accounts could not be rated: nothing the scorecard asks for "
            "is known of them, and they stand in the lowest tier."
        ),
        actions=FILL_CRITERIA,
    ),
    FindingSpec(
        "groups_rated",
        "key",
        N_(
            "{groups:n} {groups:plural|group is|groups are} rated as one customer ({members:n} "
            "accounts, together {revenue:money}): {names}."
        ),
    ),
    FindingSpec(
        "kin_suspected",
        "key",
        N_(
            "{count:n} {count:plural|account|accounts} may belong to a group that is not recorded. "
            "{first} together with {second} would rank no. {joint_rank:n} instead of no. "
            "{rank_now:n}."
        ),
        actions={
            "confirm_kin": N_(
                "The account owners say before the review whether these belong together; sales "
                "operations then records the parent account."
            )
        },
        brief=N_(
            "{first} may belong to {second}; together they would rank no. {joint_rank:n} instead of "
            "no. {rank_now:n}."
        ),
        rank=45,
    ),
    FindingSpec(
        "gate_skinner",
        "gates",
        N_(
            "{count:n} large {count:plural|account earns|accounts earn} us a margin of only "
            "{margin:pct}, against {usual:pct} as usual ({revenue:money}, {share:pct} of revenue): "
            "{names}."
        ),
        actions={
            "review_skinner": N_(
                "Head of sales: renegotiate price and terms with {names} before giving any further service."
            )
        }
        | REVIEW_GATE,
        brief=N_("{names}: a margin of only {margin:pct} on {revenue:money}, against {usual:pct} as usual."),
        rank=22,
    ),
    FindingSpec(
        "gate_unprofitable",
        "gates",
        N_(
            "{count:n} {count:plural|account buys|accounts buy} volume without margin "
            "({revenue:money}, {share:pct} of revenue): {names}."
        ),
        actions={
            "review_unprofitable": N_(
                "Head of sales: renegotiate prices with {names} or switch to a cheaper standard of "
                "service; no more discount for volume."
            )
        }
        | REVIEW_GATE,
    ),
    FindingSpec(
        "gate_one_off",
        "gates",
        N_(
            "{count:n} {count:plural|account|accounts} bought once and never again "
            "({revenue:money}): not key, whatever the size of the order. {names}."
        ),
        actions={
            "review_one_off": N_(
                "Head of sales: plan no resources for {names}; have someone ask once, before the "
                "next report, whether a second need exists."
            )
        }
        | REVIEW_GATE,
        brief=N_("{names}: bought once and never again ({revenue:money}), so not key."),
    ),
    FindingSpec(
        "gate_broken_word",
        "gates",
        N_(
            "{count:n} {count:plural|account does|accounts do} not keep to what was agreed on "
            "payment and can rank no higher than level {most} until paid up ({revenue:money} of "
            "revenue): {names}."
        ),
        actions={
            "review_broken_word": N_(
                "Finance and sales: agree a payment plan with dates with {names} before any new "
                "credit; lift the limit once it is kept."
            )
        }
        | REVIEW_GATE,
        brief=N_("{names}: far behind on payment with {revenue:money} of revenue."),
        rank=34,
    ),
    FindingSpec(
        "gate_litigation",
        "gates",
        N_(
            "{count:n} {count:plural|account is|accounts are} in litigation with us and held at "
            "level {most} ({revenue:money} of revenue): {names}."
        ),
        actions={
            "review_litigation": N_(
                "Management and legal: decide the commercial terms with {names} until the case is settled."
            )
        }
        | REVIEW_GATE,
    ),
    FindingSpec(
        "gate_lost",
        "gates",
        N_(
            "{count:n} {count:plural|account|accounts} recorded as lost still bought in the last 12 "
            "months ({revenue:money}): {names}."
        ),
        actions={
            "review_lost": N_(
                "Sales operations: correct the record of {names} for the next report, or find out "
                "who still buys and why."
            )
        }
        | REVIEW_GATE,
    ),
    FindingSpec(
        "gate_own",
        "gates",
        N_(
            "{count:n} {count:plural|account is|accounts are} held back by the rule “{what}” "
            "({revenue:money}, {share:pct} of revenue): {names}."
        ),
        actions=REVIEW_GATE,
    ),
    FindingSpec("gates_none", "gates", N_("No exclusion rule changed the tier of an account that bought.")),
    FindingSpec(
        "rules_unchecked",
        "gates",
        N_("These rules could not be checked, as no data were delivered for them: {what}."),
    ),
    FindingSpec(
        "kept_small_but_strong",
        "kept",
        N_(
            "{count:n} {count:plural|account buys|accounts buy} little here ({revenue:money}) but "
            "{count:plural|is|are} large and strong: {names}. Not to be dropped."
        ),
        actions=KEEP_AND_GROW,
    ),
    FindingSpec(
        "kept_demanding",
        "kept",
        N_(
            "{count:n} demanding {count:plural|account earns|accounts earn} well and "
            "{count:plural|is|are} worth the trouble ({revenue:money}): {names}."
        ),
        actions=KEEP_AND_GROW,
    ),
    FindingSpec(
        "kept_own",
        "kept",
        N_(
            "{count:n} {count:plural|account is|accounts are} protected by the rule “{what}” "
            "({revenue:money} of revenue): {names}."
        ),
        actions=KEEP_AND_GROW,
    ),
    FindingSpec(
        "borderline",
        "firmness",
        N_(
            "{unstable:n} of {accounts:n} {accounts:plural|account|accounts} "
            "{unstable:plural|sits|sit} on the border of a tier, {upper:n} of them key accounts: "
            "other reasonable weights, or a slightly different year, would move them."
        ),
        actions={
            "settle_borderline": N_(
                "Heads of department: let no discount or team depend on a borderline tier until it "
                "is decided by name."
            )
        },
        brief=N_("{unstable:n} of {accounts:n} accounts sit on the border of a tier, {upper:n} of them key."),
        rank=53,
    ),
    FindingSpec(
        "all_firm",
        "firmness",
        N_(
            "Every account sits firmly in its tier: neither other reasonable weights nor a slightly "
            "different year would move any."
        ),
    ),
    FindingSpec(
        "doubt_driver",
        "firmness",
        N_(
            "The weight of “{what}” decides most: it is behind {count:n} of the {unstable:n} "
            "borderline accounts."
        ),
        actions={"sharpen_criterion": N_("Heads of department: agree first on the weight of “{what}”.")},
    ),
    FindingSpec(
        "criteria_unknown",
        "criteria",
        N_("The scorecard could not judge {what} for most accounts ({weight:pct} of its weight)."),
        actions=FILL_CRITERIA,
    ),
    FindingSpec(
        "criteria_known",
        "criteria",
        N_("Every criterion of the scorecard is backed by data for at least half of the accounts."),
    ),
    FindingSpec(
        "ratings_unused", "criteria", N_("Ratings were delivered that this scorecard does not use: {what}.")
    ),
    FindingSpec(
        "ballots_missing",
        "criteria",
        N_("The scorecard takes its weights from ballots, but none could be used: its own weights stand in."),
        actions=HOLD_BALLOT,
    ),
    FindingSpec(
        "weights_from_ballots",
        "criteria",
        N_(
            "The weights are what the departments gave: the mean of their ballots, one voice for "
            "each department."
        ),
    ),
    FindingSpec(
        "weights_normalised",
        "criteria",
        N_("The card's weights add up to {sum:n1}, not to 100; they were scaled to shares."),
    ),
    FindingSpec(
        "weights_recalibrated",
        "criteria",
        N_("{share:pct} of every weight follows the data: criteria that tell accounts apart count for more."),
    ),
    FindingSpec(
        "judgements_rough",
        "criteria",
        N_(
            "The pairwise judgements of {who} contradict themselves (consistency ratio {worst:n2}; "
            "up to 0.10 is accepted). The odd one is {pair}: {given_ratio} was given, {mended_ratio} "
            "would bring it to {cr_after:n2}."
        ),
        actions={
            "mend_judgement": N_(
                "Sales operations: ask the rater again about this pair before the weights are used."
            )
        },
        words=_judgement,
    ),
    FindingSpec(
        "judgements_consistent",
        "criteria",
        N_(
            "The pairwise judgements of {raters:n} {raters:plural|rater|raters} are consistent "
            "(ratio {cr:n2}; up to 0.10 is accepted)."
        ),
    ),
    FindingSpec(
        "agreement",
        "agreement",
        N_(
            "The {raters:n} raters agree {degree} on what makes an account key ({w:n2}, where 1 is "
            "full agreement and 0.70 is strong)."
        ),
        actions={
            "settle_weights": N_(
                "Heads of department: settle the weights at the review, before tiers decide on "
                "discounts or teams."
            )
        },
        brief=N_("The departments agree {degree} on what makes an account key."),
        rank=53,
        words=_degree,
    ),
    FindingSpec(
        "agreement_unmeasured",
        "agreement",
        N_(
            "Nobody has yet been asked who is a key account: the definition is one person's until "
            "the departments have voted."
        ),
        actions=HOLD_BALLOT,
    ),
    FindingSpec(
        "agreement_rose",
        "agreement",
        N_(
            "From the first round to the last, agreement on the criteria rose from {w_before:n2} to "
            "{w_now:n2}{names_change}."
        ),
        words=_names_agreement,
    ),
    FindingSpec(
        "agreement_fell",
        "agreement",
        N_(
            "From the first round to the last, agreement on the criteria did not rise "
            "({w_before:n2}, then {w_now:n2}){names_change}."
        ),
        words=_names_agreement,
    ),
    FindingSpec(
        "who_is_key",
        "agreement",
        N_("The lists of key accounts that the {raters:n} raters drew up {overlap}."),
        actions={
            "settle_names": N_(
                "Heads of department: decide at the review on the names that only some put forward."
            )
        },
        rank=53,
        words=_overlap,
    ),
    FindingSpec(
        "furthest",
        "agreement",
        N_(
            "{more} and {less} are furthest apart: {more} gives “{what}” {points:n} percentage "
            "points more weight than {less}."
        ),
        actions={
            "talk_pair": N_(
                "{more} and {less}: state the reasons at the review, with accounts as examples, "
                "before the weights are settled."
            )
        },
        rank=53,
        words=_apart,
    ),
    FindingSpec(
        "ballots_unusable",
        "agreement",
        N_(
            "{count:n} {count:plural|entry|entries} in the ballots of {raters:n} "
            "{raters:plural|rater|raters} could not be used (unknown names, incomplete or repeated)."
        ),
        actions={"mend_ballots": N_("The raters concerned complete these entries before the next round.")},
    ),
    FindingSpec(
        "to_settle",
        "settle",
        N_(
            "{sure:n} of the {key:n} key accounts are beyond doubt and {doubt:n} are open; so "
            "{near:plural|is|are} {near:n} {near:plural|other|others} below them ({share:pct} of "
            "revenue in all). Why, several reasons counting for one account: {whys}."
        ),
        actions={
            "settle_by_name": N_(
                "Management: go through the {count:n} open {count:plural|account|accounts} at the "
                "review, the largest first, and decide each with a reason, a name and an end date."
            )
        },
        brief=N_("{sure:n} of {key:n} key accounts are beyond doubt, {doubt:n} still open."),
        rank=53,
        words=_by_reason(STILL_OPEN),
    ),
    FindingSpec(
        "settled",
        "settle",
        N_("All {key:n} key accounts are beyond doubt: weights, data and departments agree on them."),
    ),
    FindingSpec(
        "proposal",
        "settle",
        N_(
            "The card gives “{what}” {ours:pct}, the departments on average {theirs:pct}. With their "
            "mean weights, and tiers kept at their size, {count:n} of {accounts:n} accounts would "
            "change tier."
        ),
        actions={
            "adopt_mean": N_(
                "Heads of department: once reasons are exchanged, settle the weights: their mean, or "
                "another set with its reason."
            )
        },
        rank=53,
    ),
    FindingSpec(
        "overrides_applied",
        "overrides",
        N_(
            "{count:n} {count:plural|tier was|tiers were} set by hand, each with a reason, a name "
            "and an end date: {names}."
        ),
    ),
    FindingSpec(
        "overrides_expired",
        "overrides",
        N_(
            "{count:n} manual {count:plural|tier has|tiers have} expired and no longer "
            "{count:plural|applies|apply}: {names}."
        ),
        actions={
            "renew_overrides": N_(
                "Whoever decided on {names}: renew the decision at the review with a new reason and "
                "date; otherwise the rule stands."
            )
        },
    ),
    FindingSpec(
        "overrides_unusable",
        "overrides",
        N_(
            "{count:n} manual {count:plural|tier names|tiers name} a tier or an account that this "
            "scorecard does not have, and {count:plural|was|were} not applied: {names}."
        ),
        actions={
            "mend_overrides": N_(
                "Sales operations: correct the tier or the account number of {names} for the next run."
            )
        },
    ),
    FindingSpec(
        "map_fields",
        "position",
        N_(
            "Of the {known:n} accounts known well enough, {protect_count:n} "
            "{protect_count:plural|is|are} attractive with a strong position of ours and "
            "{win_count:n} with a weak one; accounts of the second kind are known to purchase "
            "{spend:money} a year, {share:pct} of it from us."
        ),
        actions={
            "go_for_win": N_(
                "Head of sales: choose up to ten of these to win this quarter, first {three}, and "
                "set each a lead and a goal."
            )
        },
    ),
    FindingSpec(
        "map_unknown",
        "position",
        N_(
            "Attractiveness and our own position cannot be set against each other: what accounts buy "
            "elsewhere, their size and our contacts there are not known well enough."
        ),
        actions={
            "ask_for_map": N_(
                "Sales: provide purchases elsewhere, size and contacts of the largest accounts for "
                "the next report."
            )
        },
    ),
    FindingSpec(
        "intake_due",
        "intake",
        N_(
            "{count:n} {count:plural|account|accounts} that did not buy from us in the last 12 "
            "months {count:plural|purchases|purchase} more than {above:money} a year elsewhere; "
            "{dedicated:n} of them more than {dedicated_above:money}, which calls for a manager of "
            "{count:plural|its|their} own."
        ),
        actions={
            "assess_intake": N_(
                "Head of sales: have {count:plural|it|each} assessed by {due:date}, and record "
                "whether to pursue it."
            )
        },
        brief=N_(
            "{count:n} {count:plural|prospect purchases|prospects purchase} more than {above:money} "
            "a year elsewhere and nothing from us."
        ),
        rank=39,
    ),
    FindingSpec(
        "intake_none",
        "intake",
        N_("No account outside our sales is known to purchase more than {above:money} a year."),
    ),
    FindingSpec(
        "intake_unknown",
        "intake",
        N_(
            "Which accounts deserve an assessment before they buy is not known: what they purchase "
            "elsewhere was not delivered."
        ),
        actions={
            "ask_for_wallet": N_(
                "Sales: provide for the next report what potential accounts purchase a year, from "
                "tenders, registers or estimates."
            )
        },
    ),
    FindingSpec(
        "moved",
        "moves",
        N_(
            "Since {as_of:date} {into:n} {into:plural|account|accounts} became key and {out:n} "
            "ceased to be; in all {count:n} changed tier, {up:n} up and {down:n} down. Why: {whys}."
        ),
        actions={
            "explain_moves": N_(
                "Head of sales: explain to the owners of the accounts that fell why, before service changes."
            )
        },
        brief=N_(
            "Since {as_of:date} {into:n} {into:plural|account|accounts} became key and {out:n} ceased to be."
        ),
        rank=38,
        words=_by_reason(WHYS),
    ),
    FindingSpec("none_moved", "moves", N_("No account changed tier since {as_of:date}.")),
)
