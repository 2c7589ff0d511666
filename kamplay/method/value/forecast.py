"""The next 12 months from history and from the funnel together, no amount counted twice, and held against the
target.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from kamplay.book import Book
from kamplay.method.measures.deals import deals_at
from kamplay.method.measures.purchases import newcomers
from kamplay.method.results import Findings
from kamplay.method.value.clv import CustomerValue, counted
from kamplay.method.value.pipeline import Funnel, by_history

COLUMNS = ["part", "deals", "weighted", "counted", "history_weighted", "history_counted"]


@dataclass(frozen=True)
class Forecast:
    """``outlook``: one row per part with its open ``deals``, their ``weighted`` amount and what of it is
    ``counted``: history (what is expected of today's accounts; no deals), known (deals of these accounts),
    fresh (deals of accounts without an expectation), unnamed (deals without an account), later (to be
    closed after the 12 months), total, and with a target: target, gap (where it is missed), new (what new
    accounts brought last year; in no forecast). ``history_weighted``, ``history_counted``: the same with
    the win rates of past deals instead of the recorded ones, missing without. Parts without a deal are
    left out; empty where history expects nothing. ``figures``: the plain numbers.
    """

    outlook: pd.DataFrame
    figures: dict[str, Any]


def forecast(
    book: Book,
    ahead: CustomerValue,
    funnel: Funnel | None,
    target: float | None = None,
    rates: pd.DataFrame | None = None,
) -> Forecast:
    """What history expects plus the weighted deals that lie beyond it. ``target``: revenue goal for the 12
    months after as_of.

    A deal weighs its amount times its recorded win rate, as in the funnel, and beside that times the win rate
    of history (``rates``: as in ``Pipeline.win_rates``). History expects E of an account and its deals weigh
    W: the deals may be part of what it would buy anyway, but only up to E, so min(E, W) is not added and
    max(W − E, 0) is. The interval is that of history: a weighted deal is a mean, and has none. An account
    that bought once has no expectation here. Where history is corrected for its bias (``Future.figures``), E
    is too.
    """
    history = ahead.figures
    factor = float(history.get("factor", 1.0))
    figures: dict[str, Any] = {
        "told": history["told"],
        "months": history["months"],
        "target": target,
        "deals": 0,
    }
    if funnel:
        figures |= {
            "deals": funnel.open_count,
            "weighted": funnel.weighted,
            "won": funnel.won,
            "funnel": funnel.weighted + funnel.won,
        }
    if history["told"] == 0:
        return Forecast(pd.DataFrame(columns=COLUMNS), figures)
    expected = float(history["expected"]) * factor
    rows = _deals(book, ahead.accounts, rates, factor) if funnel else pd.DataFrame(columns=COLUMNS)
    extra, weighted = (float(rows[column].sum()) for column in ("counted", "weighted"))
    later = float(rows.loc[rows["part"] == "later", "weighted"].sum())
    low, middle, high = (float(history[k]) * factor + extra for k in ("low", "expected", "high"))
    figures |= {
        "expected": expected,
        "low": low,
        "middle": middle,
        "high": high,
        "extra": extra,
        "later": later,
    }
    figures |= {"overlap": weighted - extra - later, "most": expected + weighted - later}
    more = float(rows["history_counted"].sum()) if rows["history_counted"].notna().any() else None
    figures |= {"history_extra": more, "history_middle": None if more is None else expected + more}
    total = [
        (
            "total",
            int(rows["deals"].sum()),
            weighted,
            middle,
            *_told(rows["history_weighted"]),
            figures["history_middle"],
        )
    ]
    ends = total + _ends(book, figures, target)
    parts = [
        pd.DataFrame(
            [("history", None, None, expected, None, None if more is None else expected)], columns=COLUMNS
        ),
        rows,
    ]
    frames = [p.astype("object") for p in (*parts, pd.DataFrame(ends, columns=COLUMNS)) if len(p)]
    table = pd.concat(frames, ignore_index=True)
    return Forecast(table.astype({"part": "str"} | dict.fromkeys(COLUMNS[1:], "float64")), figures)


def _told(amounts: pd.Series) -> tuple[float | None]:
    return (float(amounts.sum()) if amounts.notna().any() else None,)


def _ends(book: Book, figures: dict[str, Any], target: float | None) -> list[tuple[Any, ...]]:
    """The rows below the total; adds to ``figures`` what is missing to the target and what new accounts
    brought last year.
    """
    if not target:
        return []
    middle, told = figures["middle"], figures["history_middle"]
    figures |= {
        "cover": middle / target,
        "gap": target - middle,
        "history_gap": None if told is None else target - told,
    }
    rows: list[tuple[Any, ...]] = [("target", None, None, target, None, None if told is None else target)]
    if target > middle:
        rows.append(
            ("gap", None, None, target - middle, None, None if told is None else max(target - told, 0.0))
        )
    came = newcomers(book)
    if came is not None:
        stayed = came[~came["once"]]
        figures |= {"new": len(stayed), "new_amount": float(stayed["revenue"].sum())}
        figures |= {
            "once": int(came["once"].sum()),
            "once_amount": float(came.loc[came["once"], "revenue"].sum()),
        }
        if target > middle and len(stayed):
            rows.append(
                (
                    "new",
                    None,
                    None,
                    figures["new_amount"],
                    None,
                    None if told is None else figures["new_amount"],
                )
            )
    return rows


def _deals(
    book: Book, accounts: pd.DataFrame, rates: pd.DataFrame | None, factor: float = 1.0
) -> pd.DataFrame:
    """The open deals by part, as rows of ``Outlook.outlook``."""
    deals = deals_at(book)
    deals = deals[deals["open"]]
    told = counted(accounts)["revenue_12m"] * factor
    part = pd.Series("fresh", index=deals.index)
    part[deals["account_id"].isna()] = "unnamed"
    part[deals["account_id"].isin(told.index)] = "known"
    part[deals["expected_close"] > pd.Timestamp(book.as_of) + pd.DateOffset(months=12)] = "later"
    known = part == "known"
    past = None if rates is None else by_history(deals, rates)
    weighings = [deals["recorded"], None if past is None or past.isna().all() else past]

    def weigh(name: str, rate: pd.Series | None) -> tuple[float | None, float | None]:
        """The weighted amount of a part, and what of it lies beyond history."""
        if rate is None:
            return None, None
        weighted = (deals["amount"] * rate).fillna(0.0)
        amount = float(weighted[part == name].sum())
        by_account = weighted[known].groupby(deals.loc[known, "account_id"]).sum()
        beyond = float((by_account - told.reindex(by_account.index)).clip(lower=0.0).sum())
        return amount, {"known": beyond, "later": 0.0}.get(name, amount)

    names = [name for name in ("known", "fresh", "unnamed", "later") if (part == name).any()]
    rows = [
        (name, int((part == name).sum()), *weigh(name, weighings[0]), *weigh(name, weighings[1]))
        for name in names
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def add_findings(found: Findings, result: Forecast) -> None:
    """Adds the outlook and how much of the target it covers."""
    f = result.figures
    if f["told"] == 0:
        if f["deals"]:  # without deals either, the funnel and the expected revenue each say what they lack
            found.add(
                "outlook_funnel_only",
                "watch",
                "outlook_ask_history",
                weighted=f["weighted"],
                months=f["months"],
            )
    elif "funnel" not in f:
        found.add(
            "outlook_history_only",
            "note",
            "outlook_ask_deals",
            **{k: f[k] for k in ("middle", "low", "high")},
        )
    else:
        names = (
            "middle",
            "low",
            "high",
            "expected",
            "extra",
            "overlap",
            "later",
            "most",
            "funnel",
            "won",
            "weighted",
        )
        found.add("outlook", "note", "outlook_plan", **{k: f[k] for k in names})
        if f["history_extra"] is not None:
            found.add(
                "outlook_by_history",
                "note",
                None,
                **{k: f[k] for k in ("extra", "history_extra", "middle", "history_middle")},
            )
    _target(found, f)


def _target(found: Findings, f: dict[str, Any]) -> None:
    if not f["target"]:
        found.add("target_unknown", "note", "target_state")
        return
    if f["told"] == 0:
        found.add("target_unjudged", "watch", "outlook_ask_history", target=f["target"], months=f["months"])
        return
    said = {k: f[k] for k in ("target", "cover", "expected", "extra", "low", "high")}
    if f["gap"] <= 0:
        found.add("target_covered", "note", "target_hold", **said, over=-f["gap"])
        return
    if f["target"] <= f["high"]:
        found.add("target_within", "watch", "target_close_gap", **said, gap=f["gap"], stake=f["gap"])
    else:
        found.add("target_short", "act", "target_close_gap", **said, gap=f["gap"], stake=f["gap"])
    if f["history_gap"] is not None and f["history_gap"] <= 0:  # else the table has it
        found.add(
            "target_met_by_history",
            "note",
            None,
            **{k: f[k] for k in ("gap", "history_gap", "extra", "history_extra")},
        )
    if f.get("new"):
        share = min(f["new_amount"] / f["gap"], 1.0)
        kind = "target_new_once" if f["once"] else "target_new"
        found.add(
            kind,
            "note",
            None,
            share=share,
            **{k: f[k] for k in ("new", "new_amount", "once", "once_amount", "gap")},
        )
