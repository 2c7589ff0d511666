"""What the funnel shows, what has to go into it where a target is missed, and which deals are past their date."""

from __future__ import annotations

from typing import Any

from kamplay.method.funnel import Funnel
from kamplay.method.pipeline import Pipeline
from kamplay.method.results import Findings, Severity


def tell(found: Findings, funnel: Funnel | None, revenue: float, deals: Pipeline, gap: float | None) -> None:
    """The funnel and what has to go into it. ``gap``: what is missing to the target, None or not above 0 where nothing is known to be.

    A gap takes gap ÷ win rate of history in new opportunities; a funnel that is wide at the mouth has to be qualified before.
    """
    if funnel is None:
        found.add("funnel_unknown", "watch", "ask_for_opportunities")
        return
    severity: Severity = "note" if funnel.shape == "balanced" else "watch"
    sums: dict[str, Any] = {"open": funnel.open_count, "open_amount": funnel.open_amount, "weighted": funnel.weighted, "won": funnel.won}
    share = funnel.weighted / revenue if revenue > 0 else None
    action = f"funnel_{funnel.shape}"
    if gap is not None and gap > 0 and funnel.shape != "wide_mouth":
        rates = deals.win_rates
        rate = rates.loc[rates["by"] == "all", "rate"].dropna() if len(rates) else rates
        severity, action = "watch", "funnel_fill_gap" if len(rate) and rate.iloc[0] > 0 else "funnel_fill_gap_unrated"
        sums |= {"gap": gap}
        if action == "funnel_fill_gap":
            sums |= {"rate": float(rate.iloc[0]), "needed": gap / float(rate.iloc[0])}
    found.add("funnel", severity, action, **sums, forecast=funnel.weighted + funnel.won, share=share)
    if funnel.unweighted:
        found.add("deals_without_rate", "watch", "state_win_rates", count=funnel.unweighted)
    late, stalled = funnel.overdue, deals.stalled
    if len(late) and not late["opportunity_id"].isin(stalled["opportunity_id"]).all():  # else told with the deals that stand still
        found.add(
            "deals_overdue", "act", "review_deals", dict.fromkeys(late["account_id"].dropna()), count=len(late), amount=late["amount"].sum()
        )
