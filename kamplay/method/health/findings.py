"""What step 3 tells first: whom to see, which accounts are red or late, why no probability is shown, who
owes.
"""

from __future__ import annotations

import pandas as pd

from kamplay.book import Book
from kamplay.method.health.churn import ChurnModel
from kamplay.method.measures import purchases
from kamplay.method.measures.buying_rhythm import buying_rhythm
from kamplay.method.measures.purchases import last_year_of_purchases
from kamplay.method.results import Findings


def add_findings(
    found: Findings,
    book: Book,
    accounts: pd.DataFrame,
    judged: pd.DataFrame,
    watch: pd.DataFrame,
    bands: pd.DataFrame,
    owed: pd.DataFrame,
    model: ChurnModel,
    horizon: int,
) -> None:
    """``judged``: the active accounts with revenue, health, silent_days, gap_days, late. ``watch``: the short
    list.
    """
    scored = judged.sort_values("revenue", ascending=False, kind="stable")
    _watch(found, watch, horizon)
    _stopped(found, book, judged)
    row = bands.set_index("band").loc["red"]
    share = row["revenue_share"]
    figures = {
        "red": int(row["accounts"]),
        "active": int(accounts["health"].notna().sum()),
        "revenue": row["revenue"],
    }
    red = scored[scored["health_band"] == "red"].sort_values(
        "stopped", kind="stable"
    )  # those that still buy first
    if len(red):
        gone = int((red["expected"] == 0).sum())
        kind = "red_gone" if gone == len(red) else "red_accounts" if gone else "red_buying"
        found.add(
            kind,
            "act",
            "call_red" if gone < len(red) else "settle_gone",
            red.index,
            **figures,
            count=len(red),
            share=share,
            gone=gone,
        )
    elif figures["active"]:
        found.add("no_red", "note", **figures, share=share)
    else:
        found.add("none_scored", "note")
    late = scored[
        scored["late"] & ~scored["warned"]
    ]  # one that shows a sign is told with it, by its own figures
    if len(late):
        first = late.iloc[0]
        figures = {
            "count": len(late),
            "revenue": late["revenue"].sum(),
            "silent": first["silent_days"],
            "gap": first["gap_days"],
        }
        found.add("large_silent", "act", "visit_silent", late.index, **figures)
    single = scored[scored["health"].isna()]
    if len(single):
        found.add(
            "single_purchase", "note", None, single.index, count=len(single), revenue=single["revenue"].sum()
        )
    _withheld(found, model, horizon)
    if book.seen_to < pd.Timestamp(book.as_of):
        found.add("seen_to", "watch", "ask_for_months", seen_to=str(book.seen_to.date()))
    _payment(found, book, owed)


def _watch(found: Findings, watch: pd.DataFrame, horizon: int) -> None:
    if watch.empty:
        found.add("watch_none", "note")
        return
    figures = {
        "count": len(watch),
        "revenue": watch["revenue"].sum(),
        "warned": int((watch["severity"] == "act").sum()),
    }
    loss = watch["at_risk"].astype("float64")
    if loss.notna().any():
        ahead = purchases.over_horizon(watch["revenue"], horizon).sum()
        found.add(
            "watch_list",
            "act",
            "see_them",
            watch.index,
            **figures,
            at_risk=loss.sum(),
            ahead=ahead,
            horizon=horizon,
        )
    else:
        found.add("watch_list_score", "act", "see_them", watch.index, **figures)


def _stopped(found: Findings, book: Book, judged: pd.DataFrame) -> None:
    """Accounts that have plainly stopped, by what they bought in the year before they fell silent, and what
    of it is left in the last 12 months: the loss that has already come.
    """
    gone = judged.index[judged["stopped"]]
    if gone.empty:
        return
    before = last_year_of_purchases(book).reindex(gone).sort_values(ascending=False, kind="stable")
    last = buying_rhythm(book.days, book.seen_to)["last"]
    first = before.index[0]
    figures = {"before": before.sum(), "first_before": before.iloc[0], "last_order": str(last[first].date())}
    found.add("already_stopped", "act", "settle_gone", before.index, count=len(before), **figures)


def _withheld(found: Findings, model: ChurnModel, horizon: int) -> None:
    """Why no probability is shown, where that is so: what was found of one that is shown, the proof tells."""
    known = model.evaluation
    if known["verdict"] == "too_few":
        kind = "too_few" if known["reason"] == "events" else "too_short"
        found.add(
            kind, "watch", "use_expert_score", horizon=horizon, events=known["events"], needed=known["needed"]
        )
    elif known["verdict"] == "not_better":
        found.add(
            "not_better",
            "watch",
            "use_expert_score",
            horizon=horizon,
            auc=known["auc"],
            n_test=known["n_test"],
        )


def _payment(found: Findings, book: Book, owed: pd.DataFrame) -> None:
    if not book.has("receivables"):
        found.add("payment_unknown", "note", "ask_for_receivables")
    elif not (owed["overdue"] > 0).any():
        found.add("payment_clean", "note", open=owed["open"].sum())
    else:
        late = owed[owed["overdue"] > 0]
        first = late.iloc[0]
        sums = {"count": len(late), "overdue": late["overdue"].sum(), "open": owed["open"].sum()}
        worst = {"oldest": first["oldest"], "first_overdue": first["overdue"]}
        if pd.isna(first["share_of_year"]):
            found.add("overdue_without_purchases", "act", "collect", late.index, **sums, **worst)
        else:
            found.add(
                "overdue", "act", "collect", late.index, **sums, **worst, first_share=first["share_of_year"]
            )
