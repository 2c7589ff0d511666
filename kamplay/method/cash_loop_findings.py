"""What the way from demand to cash says: loops left open, stages that became slower, accounts delivered later than before."""

from __future__ import annotations

import pandas as pd

from kamplay.method.cash_loop import FEW, LINKED, CashLoop
from kamplay.method.results import Findings

SLOW = {"delivery": "loop_slower_delivery", "invoice": "loop_slower_invoice", "collection": "loop_slower_collection"}
SLOWER, DAYS = 0.1, 2.0  # a stage is slower when it takes a tenth and two days more than the year before
CHANCE = 0.01
PRICED = 0.95  # of the open deliveries: below it their amount is told to be a part
FELL = 0.1  # an account's on-time rate fell when it lies a tenth below the year before


def _fell(accounts: pd.DataFrame) -> pd.DataFrame:
    """Accounts delivered on time less often than before, by more than chance: so few, if the old rate still held, once in a hundred."""
    from scipy.stats import binom

    known = accounts[(accounts["orders"] >= FEW) & (accounts["on_time_before"] - accounts["on_time"] >= FELL)]
    kept = (known["on_time"] * known["orders"]).round()
    usual = known["on_time_before"].clip(0.02, 0.95)  # hardly anybody is always on time, however few orders say so
    return known[binom.cdf(kept, known["orders"], usual) < CHANCE]


def tell(found: Findings, result: CashLoop) -> None:
    """Loops left open, stages that became slower, accounts delivered later than before; what is missing."""
    figures, accounts = result.figures, result.accounts
    if not figures:
        found.add("loop_unknown", "note", "loop_ask_for_both")
        return
    stuck = accounts[accounts["open"] > 0]
    if len(stuck):
        first = stuck.iloc[0]
        ours = stuck[(stuck["late_orders"] + stuck["short_orders"]) > 0]
        said = {"count": len(stuck), "open": figures["open"], "stuck": figures["stuck"], "oldest": stuck["oldest"].max()}
        said |= {"late": int(stuck["late_orders"].sum()), "short": int(stuck["short_orders"].sum()), "bills": int(stuck["bills"].sum())}
        if figures["stuck"] > 0:
            found.add("loop_open", "act", "loop_close", stuck.index, first_stuck=first["stuck"], first_open=first["open"], **said)
            if figures["priced"] is not None and figures["priced"] < PRICED:
                found.add("loop_part_priced", "note", "loop_link_deliveries", share=1 - figures["priced"])
        else:  # late and short deliveries alone, none of which could be tied to an order: no amount, which is not an amount of 0
            bare = {k: v for k, v in said.items() if k not in ("stuck", "bills")}
            found.add("loop_open_unpriced", "act", "loop_close", stuck.index, first_open=first["open"], **bare)
        both = ours[ours["bills"] > 0]
        if len(both):
            found.add("loop_both_ways", "watch", "loop_deliver_then_dun", both.index, count=len(both), overdue=both["overdue"].sum())
    else:
        found.add("loop_clean", "note", None, accounts=len(accounts))
    if len(stuck) and figures["ended"] is not None:
        found.add("loop_ended", "watch", "loop_bring_up_to_date", ended=figures["ended"], days=figures["days_since"])
    for row in result.stages.itertuples():
        comparable = min(row.cases, row.cases_before) >= FEW and row.days == row.days and row.days_before == row.days_before
        if comparable and row.days > row.days_before * (1 + SLOWER) and row.days - row.days_before >= DAYS:
            found.add(SLOW[row.stage], "watch", "loop_find_cause", now=row.days, before=row.days_before)
    fell = _fell(accounts)
    if len(fell):
        worst = fell.sort_values("revenue", ascending=False, kind="stable")
        first = worst.iloc[0]
        said = {"count": len(worst), "revenue": worst["revenue"].sum(), "now": first["on_time"], "before": first["on_time_before"]}
        found.add("loop_late", "watch", "loop_delivery_promise", worst.index, **said)
    if not figures["deliveries"]:
        found.add("loop_no_deliveries", "note", "loop_ask_for_deliveries")
    if not figures["receivables"]:
        found.add("loop_no_bills", "note", "loop_ask_for_bills")
    elif figures["linked"] is not None and figures["linked"] < LINKED:
        found.add("loop_not_linked", "note", "loop_link", linked=figures["linked"])
    elif figures["linked"] is not None and figures["linked_by"] == "amount":
        found.add("loop_linked_by_amount", "note", "loop_link", linked=figures["linked"])
