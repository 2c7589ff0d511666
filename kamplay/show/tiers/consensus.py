"""Agreement of the departments on the criteria and on who is key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kamplay.method.results import Finding
from kamplay.method.tiers.step import Tiers
from kamplay.palette import QUIET, WHITE
from kamplay.show.charts.chart import clip, draw_chart, join_parts, one_line, opposite_colour, wrap_label
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_, Locale
from kamplay.show.registry import FindingSpec, chart, register_findings, sheet
from kamplay.show.table import ACCOUNT_COLUMNS, REVENUE, Column, Sheet
from kamplay.show.texts.vocabulary import department
from kamplay.show.view import View, current

if TYPE_CHECKING:
    from matplotlib.axes import Axes

HOLD_BALLOT = {
    "hold_ballot": N_(
        "Head of sales: before the next report hold a ballot among sales, finance, product, delivery and "
        "the regions on criteria and accounts."
    )
}


def _pair(finding: Finding, locale: Locale) -> Mapping[str, object]:
    figures = finding.figures
    names = {side: department(figures[side], locale) for side in ("more", "less")}
    return {**names, "points": figures["gap"] * 100}


def _change_on_names(finding: Finding, locale: Locale) -> Mapping[str, object]:
    before, now = finding.figures["kappa_before"], finding.figures["kappa_now"]
    if before is None or now is None:
        return {"names_change": ""}
    text = N_(" and on the names from {before:n2} to {now:n2}")
    return {"names_change": locale.say(text, before=before, now=now)}


def _degree(finding: Finding, locale: Locale) -> Mapping[str, object]:
    w = finding.figures["w"]
    degree = N_("strongly") if w >= 0.7 else N_("moderately") if w >= 0.5 else N_("little")
    return {"degree": locale.text(degree)}


def _overlap(finding: Finding, locale: Locale) -> Mapping[str, object]:
    kappa, named = finding.figures["kappa"], finding.figures["named"]
    lower = kappa if named is None else min(kappa, named)
    if lower >= 0.6:
        return {"overlap": locale.text(N_("largely overlap"))}
    return {"overlap": locale.text(N_("overlap in part") if lower >= 0.2 else N_("hardly overlap"))}


register_findings(
    FindingSpec(
        "agreement",
        "consensus",
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
        "consensus",
        N_(
            "Nobody has yet been asked who is a key account: the definition is one person's until "
            "the departments have voted."
        ),
        actions=HOLD_BALLOT,
    ),
    FindingSpec(
        "agreement_rose",
        "consensus",
        N_(
            "From the first round to the last, agreement on the criteria rose from {w_before:n2} to "
            "{w_now:n2}{names_change}."
        ),
        words=_change_on_names,
    ),
    FindingSpec(
        "agreement_fell",
        "consensus",
        N_(
            "From the first round to the last, agreement on the criteria did not rise "
            "({w_before:n2}, then {w_now:n2}){names_change}."
        ),
        words=_change_on_names,
    ),
    FindingSpec(
        "who_is_key",
        "consensus",
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
        "consensus",
        N_(
            "{more} and {less} are furthest apart: {more} gives “{what}” {points:n} percentage "
            "points more weight than {less}."
        ),
        actions={
            "talk_pair": N_(
                "Heads of department: state the reasons at the review, {more} and {less} first, "
                "with accounts as examples, before the weights are settled."
            )
        },
        rank=53,
        words=_pair,
    ),
    FindingSpec(
        "ballots_unusable",
        "consensus",
        N_(
            "{count:n} {count:plural|entry|entries} in the ballots of {raters:n} "
            "{raters:plural|rater|raters} could not be used (unknown names, incomplete or repeated)."
        ),
        actions={"mend_ballots": N_("Raters: complete these entries before the next round.")},
    ),
)


@sheet
def disputed_sheet(tiers: Tiers) -> Sheet:
    """Every account on which departments differ, with its tier under each department's weights."""
    disputed, locale = tiers.disputed, current().locale
    own = [
        Column(key, department(key.removeprefix("by "), locale)) for key in disputed if key.startswith("by ")
    ]
    columns = [
        *ACCOUNT_COLUMNS,
        Column("key_by", N_("Key by weights of"), "n"),
        Column("departments", N_("Departments"), "n"),
        Column("named_by", N_("Named by"), "n"),
        REVENUE,
        *own,
    ]
    rows = disputed[disputed["split"] > 0] if len(disputed) else disputed
    return Sheet(N_("Disputed accounts"), rows, columns)


@chart
def department_weights_chart(tiers: Tiers) -> Display:
    """Each department's weights, coloured by how far they lie from the mean of all; below them the mean and
    the card's own.
    """
    long, locale = tiers.departments, current().locale
    if long.empty or long["department"].nunique() < 2:
        return NOTHING
    criteria = list(dict.fromkeys(long["criterion"]))
    labels = long.drop_duplicates("criterion").set_index("criterion")[locale.language]
    deviation = long.pivot(index="department", columns="criterion", values="deviation")[criteria] * 100
    distance = deviation.abs().sum(axis=1).round(6)
    deviation = deviation.loc[sorted(deviation.index, key=lambda d: (-distance[d], d))]
    weights = long.pivot(index="department", columns="criterion", values="weight")
    weights = weights.loc[deviation.index, criteria]
    card = tiers.criteria.groupby(f"branch_{locale.language}")["weight"].sum()
    below = pd.DataFrame(
        [weights.iloc[0] - deviation.iloc[0] / 100, card.reindex(labels[criteria]).set_axis(criteria)],
        index=[locale.text(N_("average")), locale.text(N_("scorecard"))],
    )
    rows = pd.concat([weights.rename(index=lambda d: one_line(department(str(d), locale))), below])

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        import seaborn as sns
        from matplotlib.colors import LinearSegmentedColormap

        figure: Any = axes.figure
        figure.set_figheight(0.75 + 0.36 * len(rows))
        size = 9 if len(criteria) <= (5 if narrow else 9) else 7
        shades = LinearSegmentedColormap.from_list(
            "deviation", [opposite_colour(view.accent), WHITE, view.accent]
        )
        most = max(5.0, float(np.nanmax(deviation.abs().to_numpy())))
        colours = np.zeros(rows.shape)  # the two rows below have no colour
        colours[: len(deviation)] = deviation.to_numpy()
        sns.heatmap(
            colours,
            annot=rows.map(lambda weight: locale.percent(weight, 0)).to_numpy(),
            fmt="",
            annot_kws={"fontsize": size},
            cmap=shades,
            vmin=-most,
            vmax=most,
            linewidths=1.5,
            linecolor=WHITE,
            cbar=False,
            ax=axes,
        )
        for text in axes.texts[len(deviation) * len(criteria) :]:
            text.set_color(QUIET)
        axes.axhline(len(deviation), color=QUIET, linewidth=0.8)
        axes.set_yticks(np.arange(len(rows)) + 0.5, [clip(name, narrow) for name in rows.index], rotation=0)
        width = figure.get_figwidth() * 72 - (75 if narrow else 110)  # points
        head, letters = _header(labels[criteria].tolist(), width, size, locale)
        axes.set_xticks(
            np.arange(len(criteria)) + 0.5,
            [wrap_label(label, letters) for label in labels[criteria]],
            fontsize=head,
        )
        axes.xaxis.tick_top()
        axes.tick_params(length=0)

    caption = locale.text(
        N_(
            "The weight each department gives a criterion, coloured where it is more (in the colour of the "
            "report) or less (ochre) than the mean of the departments; the department furthest from the mean "
            "on top."
        )
    )
    parts = [
        f"{name} " + locale.text(N_(", ")).join(f"{labels[c]} {locale.percent(v, 0)}" for c, v in row.items())
        for name, row in rows.iterrows()
    ]
    alt = locale.say(N_("Weights by department: {parts}."), parts=join_parts(parts, locale))
    return draw_chart(draw, caption, alt)


def _header(labels: list[str], width: float, size: float, locale: Locale) -> tuple[float, int]:
    """Font size and letters per line of the column headers, so that no English word is broken; ``width`` of
    all columns in points.
    """
    room = width / len(labels)
    letter = 1.02 if locale.language == "zh" else 0.56  # of the font size
    if locale.language == "en":
        longest = max(len(word) for label in labels for word in one_line(label).split())
        size = min(size, max(6.5, room / letter / longest))
    return float(size), int(room / (size * letter))
