"""Early warning: which accounts show a sign now, since when and by which figures, and how often such signs
were right in the past.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.stats.multitest import fdrcorrection

from kamplay.book import Book
from kamplay.method.measures import features_at, purchases, warning_signs
from kamplay.method.measures.sign_onset import SLOW, UNVISITED
from kamplay.method.measures.warning_signs import SIGNS, active_accounts, raised_signs, read_signs
from kamplay.method.results import Findings, Severity
from kamplay.method.stats.intervals import wilson

DAYS_APART, MAX_PAST_DAYS = 90, 8  # the past days on which the signs are read once more
MIN_HISTORY = 365  # days of data before the first of them
MIN_RAISED = 10  # accounts that showed a sign: fewer say nothing of how often it is right
FALSE_DISCOVERIES = 0.10  # of the signs taken for proven
HALF = 0.5  # of the year's rate: an account that buys less in the horizon has fallen
NEEDS = {  # sign: the table and the columns without which it cannot be read
    "payment": ("receivables", "due_date"),
    "delivery": ("deliveries", "delivered_date"),
    "complaints": ("tickets", "kind"),
    "satisfaction_gap": ("surveys", "score"),
    "contact_lost": ("visits", "date"),
    "competitor": ("opportunities", "closed", "competitor"),
}
WARNING_COLUMNS = [
    "account_id",
    "sign",
    "severity",
    "since",
    "strength",
    "overall",
    "revenue",
    "record",
    "fact",
    "looked",
]
RECORD_COLUMNS = [
    "sign",
    "raised",
    "stopped",
    "halved",
    "precision",
    "false_alarm_rate",
    "false_alarm_low",
    "false_alarm_high",
    "base",
    "lead",
    "enough",
    "p_value",
    "verdict",
]


@dataclass(frozen=True)
class EarlyWarning:
    """The warning signs at the end of the data, and the track record of such signs.

    Attributes
    ----------
    warnings : one row an account and sign, those that call for action first, then the larger account:
        WARNING_COLUMNS, then the evidence as in ``raised_signs``. ``severity`` and ``record`` as in
        ``judged``; ``overall``: all its signs combined; revenue of 12 months. Accounts that have plainly
        stopped (sign ``silence``) come last; neither record nor figures count them.
    record : one row a sign that could be read in the past, RECORD_COLUMNS, see ``track_record``. Empty
        without history.
    figures : accounts and revenue warned of, act and watch (accounts), horizon (days), missing (tables); of
        the record: cuts (past days), first_cut and last_cut (ISO), raised, stopped (or halved), base.
    strength : account_id → strength of all signs that show, whether told of the account or not (see
        ``signs_at``); accounts at which any shows.
    """

    warnings: pd.DataFrame
    record: pd.DataFrame
    figures: dict[str, Any]
    strength: pd.Series


def early_warning(book: Book, horizon: int) -> EarlyWarning:
    """Read the warning signs at the end of the data, and how often such signs were right.

    Parameters
    ----------
    horizon : days after a sign in which an account that stops, or buys less than half, makes it right.
    """
    revenue = purchases.revenue(book)
    record, record_figures = track_record(book, book.seen_to, horizon)
    signs = read_signs(book, book.seen_to)
    warnings = judged(raised_signs(book, book.seen_to, signs), record)
    shown = warning_signs.signs_at(book, book.seen_to, signs=signs)
    shown = shown.reindex(active_accounts(book, book.seen_to))
    strength = warning_signs.combined_strength(shown)[(shown > 0).any(axis=1)]
    warnings["overall"] = warnings["account_id"].map(strength).astype("float64")
    warnings["revenue"] = warnings["account_id"].map(revenue).astype("float64")
    # an account that brought nothing net has nothing to lose, and is in no list and no plan
    warnings = warnings[(warnings["revenue"] > 0) | (warnings["sign"] == "silence")]
    order = warnings.assign(
        _stopped=warnings["account_id"].isin(stopped_accounts(warnings)), _act=warnings["severity"] == "act"
    ).sort_values(
        ["_stopped", "_act", "revenue", "account_id", "strength"],
        ascending=[True, False, False, True, False],
        kind="stable",
    )
    evidence_columns = [c for c in warnings.columns if c not in WARNING_COLUMNS]
    warnings = warnings.loc[order.index, WARNING_COLUMNS + evidence_columns].reset_index(drop=True)
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
    return EarlyWarning(warnings, record, figures | record_figures, strength)


def judged(raised: pd.DataFrame, record: pd.DataFrame) -> pd.DataFrame:
    """Let only those signs call for action that are facts, or that their own record proves.

    Parameters
    ----------
    raised : as ``raised_signs`` gives it.
    record : the record as of the same day.

    Returns
    -------
    DataFrame
        The same rows with ``record`` (``fact``, ``resumed``, else the verdict on the sign), and ``severity``
        in that sense. That an account has plainly stopped is no forecast and needs no record. ``resumed``:
        the sign is of late orders, and the last order came no longer ago than the gap usual before: slower
        than it was, but not late today, which is to be watched.
    """
    verdict = raised["sign"].map(record.set_index("sign")["verdict"]) if len(record) else None
    fact = (raised["fact"] == True) | (raised["sign"] == "silence")  # noqa: E712 - missing is none
    judgement = pd.Series("too_few", index=raised.index, dtype="object")
    if verdict is not None:
        judgement = judgement.mask(verdict.notna(), verdict)
    judgement = judgement.mask(fact, "fact")
    if "open_gap" in raised:
        in_time = raised["open_gap"].astype("float64") <= raised["usual"].astype("float64")
        judgement = judgement.mask((raised["sign"] == "order_rhythm") & in_time, "resumed")
    calls = (raised["severity"] == "act") & judgement.isin(["fact", "proven"])
    return raised.assign(record=judgement, severity=np.where(calls, "act", "watch"))


def stopped_accounts(warnings: pd.DataFrame) -> pd.Index:
    """List the accounts that have plainly stopped: it is too late for an early warning of those."""
    return pd.Index(warnings.loc[warnings["sign"] == "silence", "account_id"])


def sign_records(result: EarlyWarning) -> dict[str, dict[str, int]]:
    """Of each sign with cases enough to tell: raised (accounts), stopped and halved after it."""
    tried = result.record[result.record["verdict"] != "too_few"]
    rows = zip(tried["sign"], tried["raised"], tried["stopped"], tried["halved"], strict=True)
    return {
        str(sign): {"raised": int(raised), "stopped": int(stopped), "halved": int(halved)}
        for sign, raised, stopped, halved in rows
    }


def without_record(result: EarlyWarning, told: pd.DataFrame) -> pd.Series:
    """Name the strongest sign of each account that still buys, where too few past cases tell how often that
    sign was right (index account_id). ``told``: account_id and sign of those of which enough past accounts
    were as strong, see ``churn.told_cases``.
    """
    known, warnings = list(sign_records(result)), result.warnings
    buying = warnings[~warnings["account_id"].isin(stopped_accounts(warnings))]
    strongest = warning_signs.strongest_sign(buying)["sign"]
    own = pd.MultiIndex.from_arrays([strongest.index, strongest.astype(object)])
    as_strong = own.isin(pd.MultiIndex.from_frame(told[["account_id", "sign"]].astype(object)))
    return strongest[~strongest.isin(known) & ~as_strong]


def track_record(book: Book, end: pd.Timestamp, horizon: int) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Read the signs of past days from what was known on each, and look at what followed by ``end``.

    An account that shows a sign on many days is one case, not many: it counts on the first of the past days
    on which the sign was told of it. Every account is then one independent outcome, so that the test can be
    exact; standard errors clustered by account would need dozens of accounts with the sign to hold, and a
    client has ten. It is set against the accounts on which the sign could show that day and had not been told
    before; given how many of those stopped or fell, the number among the newly told is hypergeometric, day by
    day, and the sum over the days (the exact Mantel–Haenszel test; Agresti 2013, Categorical Data Analysis,
    section 16.6) gives the p-value.

    Returns
    -------
    record : RECORD_COLUMNS, in the order of SIGNS. ``raised``: accounts that showed it; ``stopped``: those
        that bought nothing in the horizon after, ``halved``: those that bought less than HALF of their year's
        rate; ``precision``: the share of both, ``false_alarm_rate`` the rest, with its 95 % Wilson interval;
        ``base``: the share that random picks would have found; ``lead``: median days from the sign to the
        last purchase of those that stopped, below 0 where it came after; ``enough``: raised MIN_RAISED times;
        ``p_value`` of the test; ``verdict``: ``proven`` (the lower end of the interval lies above base, and
        the p-value stays at FALSE_DISCOVERIES after all signs are counted), ``not_proven``, or ``too_few``
        to tell.
    figures : of all signs together.
    """
    days = past_days(book, end, horizon)
    figures: dict[str, Any] = {
        "cuts": len(days),
        "first_cut": str(days[0].date()) if days else None,
        "last_cut": str(days[-1].date()) if days else None,
        "raised": 0,
        "stopped": 0,
        "base": None,
    }
    read = [_past_signs(book, day, horizon) for day in days]
    rows = [_record_of(sign, read) for sign in SIGNS]
    record = pd.DataFrame([row for row in rows if row is not None])
    if record.empty:
        return pd.DataFrame(columns=RECORD_COLUMNS), figures
    hits = record["stopped"] + record["halved"]
    record["precision"] = hits / record["raised"]
    record["false_alarm_rate"] = 1 - record["precision"]
    record["false_alarm_low"], record["false_alarm_high"] = wilson(record["raised"] - hits, record["raised"])
    record["enough"] = record["raised"] >= MIN_RAISED
    kept, _ = fdrcorrection(record["p_value"], FALSE_DISCOVERIES)
    proven = kept & (1 - record["false_alarm_high"] > record["base"])
    record["verdict"] = np.select([proven, record["enough"]], ["proven", "not_proven"], "too_few")
    figures |= {
        "raised": int(record["raised"].sum()),
        "stopped": int(hits.sum()),
        "base": float((record["base"] * record["raised"]).sum() / record["raised"].sum()),
    }
    return record[RECORD_COLUMNS], figures


def past_days(book: Book, end: pd.Timestamp, horizon: int) -> list[pd.Timestamp]:
    """List the past days to read: the last a horizon before ``end``, the first MIN_HISTORY after the data
    begin.
    """
    if book.days.empty:
        return []
    first = book.days["date"].min() + pd.Timedelta(days=MIN_HISTORY)
    last = end - pd.Timedelta(days=horizon)
    days = [last - pd.Timedelta(days=DAYS_APART * k) for k in range(MAX_PAST_DAYS)]
    return [day for day in reversed(days) if day >= first]


@dataclass(frozen=True)
class _PastDay:
    """What a past day showed and what followed; masks are (accounts,), in the order of ``book.accounts``.

    index : account ids; told : account_id, sign, since of the signs told that day; could_show : per sign, the
    accounts on which it could show; stopped, halved : what they did in the horizon after; last_order : their
    last purchase by then.
    """

    index: pd.Index
    told: pd.DataFrame
    could_show: dict[str, np.ndarray]
    stopped: np.ndarray
    halved: np.ndarray
    last_order: np.ndarray


def _past_signs(book: Book, day: pd.Timestamp, horizon: int) -> _PastDay:
    """Read a past day, once for a Book."""
    kept = book.computed.setdefault("past_signs", {})
    if (day, horizon) not in kept:
        kept[day, horizon] = _read_past_signs(book, day, horizon)
    read: _PastDay = kept[day, horizon]
    return read


def _read_past_signs(book: Book, day: pd.Timestamp, horizon: int) -> _PastDay:
    signs = read_signs(book, day)
    warning_signs.signs_at(book, day, signs=signs)  # the churn model asks for the same days
    told = raised_signs(book, day, signs)[["account_id", "sign", "since"]]
    lapsed = stopped_accounts(told)
    told = told[~told["account_id"].isin(lapsed)]
    buying = features_at.members(book, active_accounts(book, day).difference(lapsed))[:-1]
    could_show = {sign: mask & buying for sign, mask in warning_signs.could_show(book, signs).items()}
    last_order, bought_again = _purchases_around(book, day, horizon)
    year = purchases.over_horizon(purchases.revenue_to(book, day).fillna(0.0), horizon).to_numpy()
    after = purchases.revenue_to(book, day + pd.Timedelta(days=horizon), horizon).fillna(0.0).to_numpy()
    halved = bought_again & (after < HALF * year)
    return _PastDay(book.accounts.index, told, could_show, ~bought_again, halved, last_order)


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


def _record_of(sign: str, read: list[_PastDay]) -> dict[str, Any] | None:
    """A sign's row of the record, without what is worked out for all rows; None where it never showed."""
    counted: set[str] = set()
    cases, chance = [], np.ones(1)  # of so many hits among the newly told, days taken together
    expected = 0.0
    for day in read:
        if sign not in day.could_show:
            continue
        new = day.told[(day.told["sign"] == sign) & ~day.told["account_id"].isin(counted)]
        place = day.index.get_indexer(new["account_id"])
        open_ = day.could_show[sign] & ~day.index.isin(counted)
        open_[place] = True
        hit = (day.stopped | day.halved) & open_
        if len(new):
            pool = (int(open_.sum()), int(hit.sum()), len(new))
            chance = np.convolve(chance, stats.hypergeom(*pool).pmf(np.arange(len(new) + 1)))
            expected += len(new) * hit.sum() / open_.sum()
            lead = day.last_order[place] - new["since"].to_numpy(dtype="datetime64[us]")
            case = {
                "stopped": day.stopped[place],
                "halved": day.halved[place],
                "lead": features_at.to_days(lead),
            }
            cases.append(pd.DataFrame(case))
        counted |= set(new["account_id"])
    if not cases:
        return None
    case = pd.concat(cases, ignore_index=True)
    hits = int((case["stopped"] | case["halved"]).sum())
    return {
        "sign": sign,
        "raised": len(case),
        "stopped": int(case["stopped"].sum()),
        "halved": int(case["halved"].sum()),
        "base": expected / len(case),
        "lead": case.loc[case["stopped"], "lead"].median(),
        "p_value": float(min(chance[hits:].sum(), 1.0)),
    }


def variant(warning: pd.Series) -> str:
    """Name the sign of a warning, or its form.

    order_rhythm_silent: orders came as usual up to the last, and none since; order_rhythm_open: they came
    more slowly, and the last is longer ago than usual; payment_slip: invoices are paid ever later;
    complaints_silent: they stopped although some are open; contact_lost_gone: no visit, and somebody left;
    contact_left: somebody left, and visits are not logged or go on.
    """
    if warning["sign"] == "order_rhythm" and warning["open_gap"] > warning["usual"]:
        silent = warning["open_gap"] >= 2 * warning["usual"] and warning["closed"] < SLOW * warning["usual"]
        return "order_rhythm_silent" if silent else "order_rhythm_open"
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
            figures[name] = round(float(figures[name]) * features_at.OF, 4)
    return figures


def add_findings(findings: Findings, result: EarlyWarning, by_campaign: bool = False) -> None:
    """Add the signs raised, the gravest first, each with its largest account; then how far they can be
    trusted, and which tables would add a sign. Accounts that have plainly stopped stand with the priority
    list; where a campaign stands in its place (``by_campaign``), it reaches those that show a sign.
    """
    warnings, figures = result.warnings, result.figures
    early = warnings[~warnings["account_id"].isin(stopped_accounts(warnings))]
    if early.empty:
        findings.add("warn_quiet", "note", read=len(SIGNS) - 1 - len(figures["missing"]))
    else:
        severity: Severity = "act" if figures["act"] and not by_campaign else "watch"
        accounts = early["account_id"].drop_duplicates()
        counts = {k: figures[k] for k in ("accounts", "act", "watch", "revenue")}
        action = "warn_do_campaign" if by_campaign else "warn_do_all"
        findings.add("warn_all", severity, action, accounts, count=len(accounts), **counts)
    known = result.record.set_index("sign")
    for sign in dict.fromkeys(early["sign"]):
        record = known.loc[sign] if sign in known.index else None
        _add_sign(findings, early[early["sign"] == sign], record, by_campaign)
    _add_record(findings, result)
    if len(figures["missing"]) == len(NEEDS):
        findings.add("warn_orders_only", "note", "warn_ask_for_all")
    else:
        for table in figures["missing"]:
            findings.add(f"warn_no_{table}", "note", "warn_ask_for_table")


def _add_sign(findings: Findings, warnings: pd.DataFrame, known: pd.Series | None, by_campaign: bool) -> None:
    """Add a sign with the figures of its largest account (where it calls for action, of the largest of
    those), with what its record says and how many accounts were looked at.
    """
    act = (warnings["severity"] == "act").any()
    warnings = warnings.assign(_act=warnings["severity"] == "act").sort_values(
        ["_act", "revenue", "account_id"], ascending=[False, False, True], kind="stable"
    )
    largest = warnings.iloc[0].drop("_act")
    figures: dict[str, Any] = {
        "count": len(warnings),
        "revenue": warnings["revenue"].sum(),
        "since": str(largest["since"].date()),
        "record": largest["record"],
        "looked": int(largest["looked"]),
    }
    if known is not None:
        figures |= {
            "shown": int(known["raised"]),
            "came_true": int(known["stopped"] + known["halved"]),
            "blindly": float(known["base"] * known["raised"]),
        }
    findings.add(
        f"warn_{variant(largest)}",
        "act" if act and not by_campaign else "watch",
        "warn_in_campaign" if by_campaign else f"warn_do_{largest['sign']}",
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
    low, high = (float(end) for end in wilson(figures["stopped"], raised))
    findings.add(
        "warn_record", "note", share=share, share_low=low, share_high=high, horizon=horizon, **figures
    )
    poor = result.record[result.record["verdict"] == "not_proven"]
    if len(poor):
        findings.add("warn_record_poor", "watch", "warn_trust_less", count=len(poor), of=len(result.record))
