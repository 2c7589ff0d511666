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
from kamplay.method.measures.warning_signs import SIGNS, raised_signs, read_signs
from kamplay.method.results import Findings, Severity
from kamplay.method.stats.intervals import wilson

DAYS_APART, MAX_PAST_DAYS = 90, 8  # the past days on which the signs are read once more
MIN_HISTORY = 365  # days of data before the first of them
MIN_RAISED = 10  # fewer warnings say nothing of how often they are right
NEEDS = {  # sign: the table and the columns without which it cannot be read
    "payment": ("receivables", "due_date"),
    "delivery": ("deliveries", "delivered_date"),
    "complaints": ("tickets", "kind"),
    "satisfaction_gap": ("surveys", "score"),
    "contact_lost": ("visits", "date"),
    "competitor": ("opportunities", "closed", "competitor"),
}
WARNING_COLUMNS = ["account_id", "sign", "severity", "since", "strength", "overall", "revenue"]
RECORD_COLUMNS = [
    "sign",
    "raised",
    "stopped",
    "precision",
    "false_alarm_rate",
    "false_alarm_low",
    "false_alarm_high",
    "base",
    "lead",
    "enough",
]


@dataclass(frozen=True)
class EarlyWarning:
    """The warning signs at the end of the data, and the track record of such signs.

    Attributes
    ----------
    warnings : one row an account and sign, those that call for action first, then the larger account:
        WARNING_COLUMNS (severity ``act`` or ``watch``; ``overall``: all its signs combined; revenue of 12
        months), then the evidence as in ``raised_signs``. Accounts that have plainly stopped (sign
        ``silence``) come last; neither record nor figures count them.
    record : one row a sign that could be read in the past, RECORD_COLUMNS. ``raised``: episodes, as a sign
        that stands on several past days in a row counts once; ``stopped``: those whose account bought nothing
        in the horizon after one of these days; ``precision`` (their share) and ``false_alarm_rate`` (the
        rest, with its 95 % Wilson interval); ``base``: the share that random picks among the accounts on
        which the sign could show would have found; ``lead``: median days from ``since`` to the last purchase
        of those that stopped, below 0 where it came after; ``enough``: raised MIN_RAISED times. Empty without
        history.
    figures : accounts and revenue warned of, act and watch (accounts), horizon (days), missing (tables); of
        the record: cuts (past days), first_cut and last_cut (ISO), raised, stopped, base.
    """

    warnings: pd.DataFrame
    record: pd.DataFrame
    figures: dict[str, Any]


def early_warning(book: Book, horizon: int) -> EarlyWarning:
    """Read the warning signs at the end of the data, and how often such signs were right.

    Parameters
    ----------
    horizon : days without a purchase after a sign that make it right.
    """
    revenue = purchases.revenue(book)
    warnings = raised_signs(book, book.seen_to)
    strengths = warnings.pivot(index="account_id", columns="sign", values="strength")
    overall = warning_signs.combined_strength(strengths.reindex(columns=list(SIGNS)))
    warnings["overall"] = warnings["account_id"].map(overall).astype("float64")
    warnings["revenue"] = warnings["account_id"].map(revenue).astype("float64")
    order = warnings.assign(
        _stopped=warnings["account_id"].isin(stopped_accounts(warnings)), _act=warnings["severity"] == "act"
    ).sort_values(
        ["_stopped", "_act", "revenue", "account_id", "strength"],
        ascending=[True, False, False, True, False],
        kind="stable",
    )
    evidence_columns = [c for c in warnings.columns if c not in WARNING_COLUMNS]
    warnings = warnings.loc[order.index, WARNING_COLUMNS + evidence_columns].reset_index(drop=True)
    record, record_figures = track_record(book, horizon)
    early = warnings[~warnings["account_id"].isin(stopped_accounts(warnings))]
    accounts = pd.Index(early["account_id"].unique())
    act = int(early.loc[early["severity"] == "act", "account_id"].nunique())
    figures: dict[str, Any] = {
        "accounts": len(accounts),
        "revenue": round(float(revenue.reindex(accounts).sum()), 2),
        "act": act,
        "watch": len(accounts) - act,
        "horizon": horizon,
        "missing": tuple(table for table, *columns in NEEDS.values() if not book.has(table, *columns)),
    }
    return EarlyWarning(warnings, record, figures | record_figures)


def stopped_accounts(warnings: pd.DataFrame) -> pd.Index:
    """List the accounts that have plainly stopped: it is too late for an early warning of those."""
    return pd.Index(warnings.loc[warnings["sign"] == "silence", "account_id"])


def track_record(book: Book, horizon: int) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Read the signs of past days from what was known on each, and look at what followed.

    Returns
    -------
    ``EarlyWarning.record``, and the figures of all signs together.
    """
    cutoffs = past_days(book, horizon)
    figures: dict[str, Any] = {
        "cuts": len(cutoffs),
        "first_cut": None,
        "last_cut": None,
        "raised": 0,
        "stopped": 0,
        "base": None,
    }
    read = [_past_signs(book, cutoff, place, horizon) for place, cutoff in enumerate(cutoffs)]
    rows = pd.concat([r for r, _, _ in read], ignore_index=True) if read else pd.DataFrame()
    if rows.empty:
        return pd.DataFrame(columns=RECORD_COLUMNS), figures
    episodes = _episodes(rows)
    # the share that stopped, of the accounts on which the sign could show, over the days of the episode
    stopped, could_show = np.array([s for _, s, _ in read]), [c for _, _, c in read]
    spans = episodes[["sign", "begin", "end"]].drop_duplicates()
    base = {
        (sign, begin, end): stopped[begin : end + 1, could_show[begin][sign]].any(axis=0).mean()
        for sign, begin, end in spans.itertuples(index=False)
    }
    episodes["base"] = [
        base[span] for span in zip(episodes["sign"], episodes["begin"], episodes["end"], strict=True)
    ]
    record = episodes.groupby("sign").agg(
        raised=("stopped", "size"), stopped=("stopped", "sum"), base=("base", "mean"), lead=("lead", "median")
    )
    record = record.reindex([s for s in SIGNS if s in record.index]).rename_axis("sign").reset_index()
    record["precision"] = record["stopped"] / record["raised"]
    record["false_alarm_rate"] = 1 - record["precision"]
    false_alarms = record["raised"] - record["stopped"]
    record["false_alarm_low"], record["false_alarm_high"] = wilson(false_alarms, record["raised"])
    record["enough"] = record["raised"] >= MIN_RAISED
    figures |= {
        "first_cut": str(cutoffs[0].date()),
        "last_cut": str(cutoffs[-1].date()),
        "raised": int(record["raised"].sum()),
        "stopped": int(record["stopped"].sum()),
        "base": float(episodes["base"].mean()),
    }
    return record[RECORD_COLUMNS], figures


def past_days(book: Book, horizon: int) -> list[pd.Timestamp]:
    """List the past days to read: the last a horizon before the data end, the first MIN_HISTORY after they
    begin.
    """
    if book.days.empty:
        return []
    first = book.days["date"].min() + pd.Timedelta(days=MIN_HISTORY)
    last = book.seen_to - pd.Timedelta(days=horizon)
    days = [last - pd.Timedelta(days=DAYS_APART * k) for k in range(MAX_PAST_DAYS)]
    return [day for day in reversed(days) if day >= first]


def _past_signs(
    book: Book, cutoff: pd.Timestamp, place: int, horizon: int
) -> tuple[pd.DataFrame, np.ndarray, dict[str, np.ndarray]]:
    """The signs of one past day with what followed; which accounts then stopped, and per sign on which it
    could show. Masks are in the order of ``book.accounts``.
    """
    signs = read_signs(book, cutoff)
    rows = raised_signs(book, cutoff, signs)[["account_id", "sign", "since"]]
    lapsed = stopped_accounts(rows)
    rows = rows[~rows["account_id"].isin(lapsed)]
    active = warning_signs.active_accounts(book, cutoff).difference(lapsed)
    buying = features_at.members(book, active)[:-1]
    last_order, bought_again = _purchases_around(book, cutoff, horizon)
    stopped = buying & ~bought_again
    place_of = book.accounts.index.get_indexer(rows["account_id"])
    rows = rows.assign(place=place, stopped=stopped[place_of], last_order=last_order[place_of])
    could_show = {sign: mask & buying for sign, mask in warning_signs.could_show(book, signs).items()}
    return rows, stopped, could_show


def _purchases_around(book: Book, cutoff: pd.Timestamp, horizon: int) -> tuple[np.ndarray, np.ndarray]:
    """Per account the day of its last purchase by the cut-off (NaT without), and whether it bought in the
    horizon after.
    """
    days = book.days["date"].to_numpy(dtype="datetime64[us]")
    codes, day, size = book.account_codes("days"), np.datetime64(cutoff), len(book.accounts.index)
    bought = book.days["bought"].to_numpy(dtype=bool) & (codes >= 0)
    last_order = np.full(size, np.iinfo("int64").min)  # which is how NaT is written
    before = bought & (days <= day)
    np.maximum.at(last_order, codes[before], days[before].astype("int64"))
    after = bought & (days > day) & (days <= day + np.timedelta64(horizon, "D"))
    return last_order.astype("datetime64[us]"), np.bincount(codes[after], minlength=size) > 0


def _episodes(rows: pd.DataFrame) -> pd.DataFrame:
    """A sign that stands at an account on several past days in a row is one episode."""
    rows = rows.sort_values(["account_id", "sign", "place"], kind="stable")
    begins = (
        (rows["account_id"] != rows["account_id"].shift())
        | (rows["sign"] != rows["sign"].shift())
        | (rows["place"].diff() > 1)
    )
    episodes = rows.groupby(begins.cumsum()).agg(
        sign=("sign", "first"),
        since=("since", "first"),
        stopped=("stopped", "max"),
        last_order=("last_order", "last"),
        begin=("place", "first"),
        end=("place", "last"),
    )
    lead = (episodes["last_order"] - episodes["since"]).dt.days
    return episodes.assign(lead=lead.where(episodes["stopped"]))


def variant(warning: pd.Series) -> str:
    """Name the sign of a warning, or its form.

    payment_slip: invoices are paid ever later; complaints_silent: they stopped although some are open;
    contact_lost_gone: no visit, and somebody left; contact_left: somebody left, and visits are not logged or
    go on.
    """
    if warning["sign"] == "payment" and warning["rise"] > 0:
        return "payment_slip"
    if warning["sign"] == "complaints" and warning["silenced"] > 0:
        return "complaints_silent"
    if warning["sign"] == "contact_lost" and warning["gone"] > 0:
        days = warning["days_unvisited"]
        unvisited = days >= UNVISITED and days >= warning_signs.VISIT_GAPS_GONE * warning["visit_gap"]
        return "contact_lost_gone" if unvisited else "contact_left"
    return str(warning["sign"])


def evidence(warning: pd.Series) -> dict[str, Any]:
    """Take the figures of a warning by the names that its sentence uses: numbers, ISO dates; scores of 5."""
    figures: dict[str, Any] = {}
    for name, value in warning.items():
        if name in WARNING_COLUMNS or value is None or value is pd.NaT or value != value:
            continue
        figures[str(name)] = str(value.date()) if isinstance(value, pd.Timestamp) else value
    for name in ("score", "score_before"):
        if name in figures:
            figures[name] = round(float(figures[name]) * 5, 4)
    return figures


def add_findings(findings: Findings, result: EarlyWarning) -> None:
    """Add the signs raised, the gravest first, each with its largest account; then how far they can be
    trusted, and which tables would add a sign. Accounts that have plainly stopped stand with the priority
    list.
    """
    warnings, figures = result.warnings, result.figures
    early = warnings[~warnings["account_id"].isin(stopped_accounts(warnings))]
    if early.empty:
        findings.add("warn_quiet", "note", read=len(SIGNS) - 1 - len(figures["missing"]))
    else:
        severity: Severity = "act" if figures["act"] else "watch"
        accounts = early["account_id"].drop_duplicates()
        counts = {k: figures[k] for k in ("accounts", "act", "watch", "revenue")}
        findings.add("warn_all", severity, "warn_do_all", accounts, count=len(accounts), **counts)
    for sign in dict.fromkeys(early["sign"]):
        _add_sign(findings, early[early["sign"] == sign])
    _add_record(findings, result)
    if len(figures["missing"]) == len(NEEDS):
        findings.add("warn_orders_only", "note", "warn_ask_for_all")
    else:
        for table in figures["missing"]:
            findings.add(f"warn_no_{table}", "note", "warn_ask_for_table")


def _add_sign(findings: Findings, warnings: pd.DataFrame) -> None:
    # the largest account is what the reader asks for
    warnings = warnings.sort_values(["revenue", "account_id"], ascending=[False, True], kind="stable")
    largest = warnings.iloc[0]
    figures = {
        "count": len(warnings),
        "revenue": warnings["revenue"].sum(),
        "since": str(largest["since"].date()),
    }
    findings.add(
        f"warn_{variant(largest)}",
        "act" if (warnings["severity"] == "act").any() else "watch",
        f"warn_do_{largest['sign']}",
        warnings["account_id"],
        **figures,
        **evidence(largest),
    )


def _add_record(findings: Findings, result: EarlyWarning) -> None:
    figures, horizon = result.figures, result.figures["horizon"]
    raised, days = figures["raised"], figures["cuts"]
    if not days:
        findings.add("warn_record_short", "note", "warn_ask_for_history", horizon=horizon)
        return
    if raised < MIN_RAISED:
        counts = {"raised": raised, "cuts": days, "needed": MIN_RAISED}
        findings.add("warn_record_too_few", "note", "warn_ask_for_history", **counts)
        return
    share = figures["stopped"] / raised
    figures = {k: figures[k] for k in ("raised", "stopped", "cuts", "first_cut", "last_cut", "base")}
    findings.add("warn_record", "note", share=share, horizon=horizon, **figures)
    known = result.record[result.record["enough"]]
    poor = known[known["precision"] <= known["base"]]
    if len(poor):
        findings.add("warn_record_poor", "watch", "warn_trust_less", count=len(poor), of=len(result.record))
