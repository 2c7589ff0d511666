"""Whether tiering pays: each tier's share of accounts and of revenue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kamplay.method.tiers.step import Tiers
from kamplay.show.charts.chart import draw_chart, join_parts, paired_bars
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_
from kamplay.show.registry import FindingSpec, chart, register_findings
from kamplay.show.view import View, current

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TIER = {"tier": N_("Management: confirm at the review that the accounts are to be tiered.")}

register_findings(
    FindingSpec(
        "worth_tiering",
        "tiering_test",
        N_("Tiering is worth doing: the largest account alone brings {top1_share:pct} of revenue."),
        actions=TIER,
    ),
    FindingSpec(
        "worth_tiering_spread",
        "tiering_test",
        N_(
            "No account reaches 5% of revenue (the largest brings {top1_share:pct}), but value "
            "differs widely between accounts: tiering is worth doing, lightly."
        ),
        actions=TIER,
    ),
    FindingSpec(
        "few_to_tier",
        "tiering_test",
        N_(
            "With {accounts:n} {accounts:plural|account|accounts} a list on one page says more than tiers; "
            "the largest alone brings {top1_share:pct} of revenue."
        ),
        actions={
            "decide_one_by_one": N_(
                "Management: decide one by one what each gets; take the tiers below for a first order."
            )
        },
    ),
    FindingSpec(
        "not_worth_tiering",
        "tiering_test",
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
        "tiering_test",
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
)


@chart
def tier_distribution_chart(tiers: Tiers) -> Display:
    """Share of accounts against share of revenue, by tier; nothing where there are none."""
    if not tiers.tiered:
        return NOTHING
    summary, locale = tiers.summary, current().locale
    share = summary["accounts"] / max(1, summary["accounts"].sum())
    labels = summary[locale.language].tolist()

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        colours = [view.accent] * len(summary)
        paired_bars(axes, view, labels, share, summary["revenue_share"], summary["accounts"], colours, narrow)

    caption = locale.text(
        N_(
            "Each tier's share of revenue and of the accounts that bought in the last 12 months "
            "(their number in brackets)."
        )
    )
    parts = [
        f"{label} {locale.percent(part)} / {locale.percent(revenue)}"
        for label, part, revenue in zip(labels, share, summary["revenue_share"], strict=True)
    ]
    alt = locale.say(N_("Share of accounts / of revenue: {parts}."), parts=join_parts(parts, locale))
    return draw_chart(draw, caption, alt)
