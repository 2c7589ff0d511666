"""Early warning: which accounts show a sign now, since when and by which figures, and how often such signs
were right in the past.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.measures import features_at, purchases, warning_signs
from kamplay.method.measures.sign_onset import UNVISITED
from kamplay.method.results import Findings, Severity
from kamplay.method.stats.intervals import wilson

STEP, MOST_CUTS = 90, 8  # days between the past days looked at, and how many
HISTORY = 365  # days of history before the first of them
ENOUGH = 10  # fewer warnings say nothing of how often they are right
NEEDS = {  # sign: the table and the columns without which it cannot be read
    "payment": ("receivables", "due_date"),
    "delivery": ("deliveries", "delivered_date"),
    "complaints": ("tickets", "kind"),
    "satisfaction_gap": ("surveys", "score"),
    "contact_lost": ("visits", "date"),
    "competitor": ("opportunities", "closed", "competitor"),
}
ACTIONS = {sign: f"warn_do_{sign}" for sign in warning_signs.SIGNS}
NO_WARNINGS = ["account_id", "sign", "severity", "since", "strength", "overall", "revenue"]


@dataclass(frozen=True)
class EarlyWarning:
    """``warnings``: one row per account and sign raised at the data's end: account_id, sign, severity (act,
    watch), since, strength, overall (all its signs together), revenue (12 months), then the evidence as in
    kamplay.method.signs.raised; act before watch, then by revenue. Accounts that have plainly stopped
    (sign ``silence``) come last; neither the record nor the counts include those.

    ``record``: one row per sign that could be read in the past: sign, raised (episodes: a sign that stands
    for several past days in a row counts once), stopped (episodes whose account bought nothing in the horizon
    after one of these days), right and wolf (shares that add up to 1), wolf_low and wolf_high (95 % Wilson
    interval), base (what picking blindly would give: the share of all accounts on which the sign could have
    shown that stopped over the same days, mean of the episodes), lead (median days from ``since`` to the last
    purchase of those that stopped; below 0 it came after), enough (ten or more). Empty without history.

    ``figures``: accounts and revenue warned of, act and watch (accounts), horizon, missing (tables), cuts
    (past days), first_cut, last_cut, raised, stopped, base.
    """

    warnings: pd.DataFrame
    record: pd.DataFrame
    figures: dict[str, Any]


def early_warning(book: Book, horizon: int) -> EarlyWarning:
    """The warnings at the data's end, and the record of such warnings for a ``horizon`` in days."""
    now = book.seen_to
    revenue = purchases.revenue(book)
    warnings = warning_signs.raised_signs(book, now)
    strength = warning_signs.combined_strength(
        warnings.pivot(index="account_id", columns="sign", values="strength").reindex(
            columns=list(warning_signs.SIGNS)
        )
    )
    warnings["overall"] = warnings["account_id"].map(strength).astype("float64")
    warnings["revenue"] = warnings["account_id"].map(revenue).astype("float64")
    order = warnings.assign(
        _late=stopped(warnings),
        _act=warnings["severity"] != "act",
        _revenue=-warnings["revenue"],
        _less=-warnings["strength"],
    )
    order = order.sort_values(["_late", "_act", "_revenue", "account_id", "_less"], kind="stable")
    rest = [c for c in warnings.columns if c not in NO_WARNINGS]
    warnings = warnings.loc[order.index, NO_WARNINGS + rest].reset_index(drop=True)
    record, told = past_record(book, horizon)
    early = warnings[~stopped(warnings)]
    who = pd.Index(early["account_id"].unique())
    act = early.loc[early["severity"] == "act", "account_id"].nunique()
    missing = tuple(table for table, *columns in NEEDS.values() if not book.has(table, *columns))
    figures: dict[str, Any] = {
        "accounts": len(who),
        "revenue": round(float(revenue.reindex(who).sum()), 2),
        "act": int(act),
        "watch": len(who) - int(act),
        "horizon": horizon,
        "missing": missing,
    }
    return EarlyWarning(warnings, record, figures | told)


def stopped(warnings: pd.DataFrame) -> pd.Series:
    """Which rows are of accounts that have plainly stopped: nobody needs an early warning of those."""
    return warnings["account_id"].isin(warnings.loc[warnings["sign"] == "silence", "account_id"])


def past_record(book: Book, horizon: int) -> tuple[pd.DataFrame, dict[str, Any]]:
    """The track record, and its common figures. Every past day is read with what was known on it; undated
    tables stay closed.
    """
    cuts = past_days(book, horizon)
    told: dict[str, Any] = {
        "cuts": len(cuts),
        "first_cut": None,
        "last_cut": None,
        "raised": 0,
        "stopped": 0,
        "base": None,
    }
    if not cuts:
        return pd.DataFrame(columns=_RECORD), told
    size, found = len(book.accounts.index), []
    gone, told_of = np.zeros((len(cuts), size), dtype=bool), []
    for place, cut in enumerate(cuts):
        read = warning_signs.read_signs(book, cut)
        rows = warning_signs.raised_signs(book, cut, read)[["account_id", "sign", "since"]]
        here = warning_signs.active_accounts(book, cut).difference(
            rows.loc[rows["sign"] == "silence", "account_id"]
        )
        rows = rows[~stopped(rows)]
        still = features_at.members(book, here)[:-1]
        last, again = _purchases(book, cut, horizon)
        gone[place] = still & ~again.to_numpy()
        told_of.append({sign: known & still for sign, known in warning_signs.could_show(book, read).items()})
        ended = pd.Series(gone[place], index=book.accounts.index)
        found.append(
            rows.assign(
                place=place,
                stopped=rows["account_id"].map(ended).astype(bool),
                last=rows["account_id"].map(last),
            )
        )
    rows = pd.concat(found, ignore_index=True)
    if rows.empty:
        return pd.DataFrame(columns=_RECORD), told
    rows = rows.sort_values(["account_id", "sign", "place"], kind="stable")
    fresh = (
        (rows["account_id"] != rows["account_id"].shift())
        | (rows["sign"] != rows["sign"].shift())
        | (rows["place"].diff() > 1)
    )
    each = rows.groupby(fresh.cumsum()).agg(
        sign=("sign", "first"),
        since=("since", "first"),
        stopped=("stopped", "max"),
        last=("last", "last"),
        begin=("place", "first"),
        end=("place", "last"),
    )
    each["lead"] = (each["last"] - each["since"]).dt.days.where(each["stopped"])
    spans = each[["sign", "begin", "end"]].drop_duplicates()
    known = {
        (s, b, e): gone[b : e + 1, told_of[b][s]].any(axis=0).mean()
        for s, b, e in spans.itertuples(index=False)
    }
    each["base"] = [known[key] for key in zip(each["sign"], each["begin"], each["end"], strict=True)]
    out = each.groupby("sign").agg(
        raised=("stopped", "size"), stopped=("stopped", "sum"), base=("base", "mean"), lead=("lead", "median")
    )
    out = out.reindex([s for s in warning_signs.SIGNS if s in out.index]).rename_axis("sign").reset_index()
    out["right"] = out["stopped"] / out["raised"]
    out["wolf"] = 1 - out["right"]
    out["wolf_low"], out["wolf_high"] = wilson(out["raised"] - out["stopped"], out["raised"])
    out["enough"] = out["raised"] >= ENOUGH
    told |= {
        "first_cut": str(cuts[0].date()),
        "last_cut": str(cuts[-1].date()),
        "raised": int(out["raised"].sum()),
        "stopped": int(out["stopped"].sum()),
        "base": float(each["base"].mean()),
    }
    return out[_RECORD], told


def _purchases(book: Book, cut: pd.Timestamp, horizon: int) -> tuple[pd.Series, pd.Series]:
    """Per account its last purchase by that day, and whether it bought in the horizon after it."""
    days = book.days["date"].to_numpy(dtype="datetime64[us]")
    codes, day = book.account_codes("days"), np.datetime64(cut)
    bought = book.days["bought"].to_numpy(dtype=bool) & (codes >= 0)
    last = np.full(len(book.accounts.index), np.iinfo("int64").min)  # which is how NaT is written
    before = bought & (days <= day)
    np.maximum.at(last, codes[before], days[before].astype("int64"))
    after = bought & (days > day) & (days <= day + np.timedelta64(horizon, "D"))
    again = np.bincount(codes[after], minlength=len(last)) > 0
    return pd.Series(last.astype("datetime64[us]"), index=book.accounts.index), pd.Series(
        again, index=book.accounts.index
    )


_RECORD = ["sign", "raised", "stopped", "right", "wolf", "wolf_low", "wolf_high", "base", "lead", "enough"]


def past_days(book: Book, horizon: int) -> list[pd.Timestamp]:
    """At most eight days, 90 days apart, the last one a horizon before the data end, the first a year or more
    after they begin.
    """
    if book.days.empty:
        return []
    first = book.days["date"].min() + pd.Timedelta(days=HISTORY)
    last = book.seen_to - pd.Timedelta(days=horizon)
    cuts = [last - pd.Timedelta(days=STEP * k) for k in range(MOST_CUTS)]
    return [cut for cut in reversed(cuts) if cut >= first]


def add_findings(found: Findings, result: EarlyWarning) -> None:
    """One finding per sign raised, the gravest first, each with its largest account; or that none is; then
    how far such warnings can be trusted. Accounts that have plainly stopped are told with the list.
    """
    early = result.warnings[~stopped(result.warnings)]
    figures = result.figures
    if early.empty:
        found.add("warn_quiet", "note", read=len(warning_signs.SIGNS) - 1 - len(figures["missing"]))
    else:
        severity: Severity = "act" if figures["act"] else "watch"
        who = early.drop_duplicates("account_id")["account_id"]
        found.add(
            "warn_all",
            severity,
            "warn_do_all",
            who,
            count=len(who),
            **{k: figures[k] for k in ("accounts", "act", "watch", "revenue")},
        )
    for sign in dict.fromkeys(early["sign"]):
        _one(found, sign, early[early["sign"] == sign])
    _record(found, result)
    if len(figures["missing"]) == len(NEEDS):
        found.add("warn_orders_only", "note", "warn_ask_for_all")
    else:
        for table in figures["missing"]:
            found.add(f"warn_no_{table}", "note", "warn_ask_for_table")


def _one(found: Findings, sign: str, rows: pd.DataFrame) -> None:
    rows = rows.sort_values(
        ["revenue", "account_id"], ascending=[False, True], kind="stable"
    )  # the largest is what the reader asks for
    first = rows.iloc[0]
    severity: Severity = "act" if (rows["severity"] == "act").any() else "watch"
    figures = {"count": len(rows), "revenue": rows["revenue"].sum(), "since": str(first["since"].date())}
    found.add(
        f"warn_{variant(first)}", severity, ACTIONS[sign], rows["account_id"], **figures, **evidence(first)
    )


def variant(row: pd.Series) -> str:
    """The sign, or which of its forms this warning has.

    payment_slip: invoices paid ever later; complaints_silent; contact_lost_gone: no visit and somebody left;
    contact_left: somebody left, and visits are not logged or go on.
    """
    if row["sign"] == "payment" and row["rise"] > 0:
        return "payment_slip"
    if row["sign"] == "complaints" and row["silenced"] > 0:
        return "complaints_silent"
    if row["sign"] == "contact_lost" and row["gone"] > 0:
        silent = (
            row["days_unvisited"] >= UNVISITED
            and row["days_unvisited"] >= warning_signs.VISIT_GAPS_GONE * row["visit_gap"]
        )
        return "contact_lost_gone" if silent else "contact_left"
    return str(row["sign"])


def evidence(row: pd.Series) -> dict[str, Any]:
    """The figures of one warning by the names that its sentence uses: plain numbers, ISO dates; scores out of
    5.
    """
    figures: dict[str, Any] = {}
    for name, value in row.items():
        if name in NO_WARNINGS or value is None or value is pd.NaT or value != value:
            continue
        figures[str(name)] = str(value.date()) if isinstance(value, pd.Timestamp) else value
    for name in ("score", "score_before"):
        if name in figures:
            figures[name] = round(float(figures[name]) * 5, 4)
    return figures


def _record(found: Findings, result: EarlyWarning) -> None:
    record, figures = result.record, result.figures
    horizon = figures["horizon"]
    if figures["raised"] < ENOUGH:
        if not figures["cuts"]:
            found.add("warn_record_short", "note", "warn_ask_for_history", horizon=horizon)
            return
        found.add(
            "warn_record_too_few",
            "note",
            "warn_ask_for_history",
            raised=figures["raised"],
            cuts=figures["cuts"],
            needed=ENOUGH,
        )
        return
    enough = record[record["enough"]]
    share = figures["stopped"] / figures["raised"]
    figures = {k: figures[k] for k in ("raised", "stopped", "cuts", "first_cut", "last_cut", "base")}
    found.add("warn_record", "note", None, share=share, horizon=horizon, **figures)
    poor = enough[enough["right"] <= enough["base"]]
    if len(poor):
        found.add("warn_record_poor", "watch", "warn_trust_less", count=len(poor), of=len(record))
