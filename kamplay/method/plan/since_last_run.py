"""What has happened since the last run: its actions, the accounts that it warned of, tiers, health and money
then and now, accounts lost and won back, and which of its findings still stand.

Tier moves and changes of health are those of steps 1 and 3; here they only stand beside one another.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.health.last_score import MIN_ACCOUNTS
from kamplay.method.health.score import BANDS
from kamplay.method.health.score_attribution import EarlierScore
from kamplay.method.health.step import Health
from kamplay.method.measures import purchases
from kamplay.method.plan.actions_done import DONE, STATES, ActionsDone, EarlierPlan, actions_done
from kamplay.method.results import Finding, Findings
from kamplay.method.stats.intervals import ratio_difference, share_difference, share_estimate
from kamplay.method.tiers.migration import EarlierTiers
from kamplay.method.tiers.step import Tiers
from kamplay.method.value.retention import account_moves, revenue_bridge

YEAR = 12  # months of a revenue
RESTATED = 0.005  # of revenue: a difference between what was told then and today's data that is worth a word
COMPLAINT_DAYS = 90  # before the last order in which a complaint may have to do with a loss
SEEN, UNSEEN = "seen", "unseen"
# kinds of findings that compare with a run before
ABOUT_THE_LAST_RUN = ("moved", "score_fell", "score_version", "score_definition", "last_", "since_")
NAMED = 6  # owners or ids that a finding names
GROUP_COLUMNS = ["group", "accounts", "kept", "kept_share", "low", "high", "expected", "since", "ratio"]
LOST_COLUMNS = ["account_id", "state", "revenue", "last_order", "reason", "reason_from"]
FINDING_COLUMNS = ["state", "step", "kind", "severity", "figures", "accounts"]
UNIT_COLUMNS = [
    "tier_before",
    "tier_now",
    "level_before",
    "level_now",
    "health_before",
    "health_now",
    "band_before",
    "band_now",
    "revenue_before",
    "revenue_now",
    "change",
    "move",
    *STATES,
]


@dataclass(frozen=True)
class SinceLastRun:
    """What has changed since the last run; empty without one. Amounts in the engagement's currency.

    Attributes
    ----------
    figures : as_of of the last run and the day of its plan (ISO); now (ISO, today's reporting date);
        revenue_before and revenue_now (12 months to each date, both on today's data; None where these do not
        reach back); told_then (the former as the last report had it); tiers_up, tiers_down; bands_up,
        bands_down (health); visits, visits_told (with an outcome), visits_advanced, advanced_share with
        advanced_low and advanced_high (None without a visit log, or without outcomes); seen_by (actions,
        visits, both or None: what was put back to tell who was seen), days (since the warnings),
        warned_too_early; kept_* and revenue_* difference, low, high (see ``groups``); still_lost.
    units : today's units (index unit_id), UNIT_COLUMNS: tiers and levels, health scores and bands, revenue of
        12 months, its change and move (see ``retention.account_moves``), and the number of its actions in
        each of STATES.
    done : what became of the last run's actions.
    bridge : item, amount, accounts, as ``retention.revenue_bridge``.
    groups : accounts warned of that were seen since (an action done, or a visit) and those that were not,
        GROUP_COLUMNS: kept (bought in the days since), its share with its 95 % interval, revenue expected in
        these days at the pace of the 12 months before, revenue since, and their ratio.
    lost : units lost, won back or closed since, the largest first, LOST_COLUMNS: state (lost, won_back,
        closed), revenue (12 months to the last run), reason as it was recorded, reason_from (recorded,
        action, deal, complaint; missing where nothing is known).
    findings : FINDING_COLUMNS; state new, gone or still; figures and accounts as JSON, of a finding that is
        gone those of then. Notes are left out.
    """

    figures: dict[str, Any] = field(default_factory=dict)
    units: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=UNIT_COLUMNS))
    done: ActionsDone = field(default_factory=ActionsDone)
    bridge: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["item", "amount", "accounts"]))
    groups: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=GROUP_COLUMNS))
    lost: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=LOST_COLUMNS))
    findings: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=FINDING_COLUMNS))

    @property
    def begun(self) -> dict[str, str | None]:
        """Actions of the last run that were begun and are not done → their note."""
        actions = self.done.actions
        rows = actions[(actions["status"] == "started") & actions["state"].isin(["overdue", "open"])]
        notes = rows["note"].astype(object).where(rows["note"].notna(), None)
        return dict(zip(rows["action_id"], notes, strict=True))


@dataclass(frozen=True)
class Earlier:
    """What is kept of the last run, by step; None where it has none."""

    tiers: EarlierTiers | None = None
    health: EarlierScore | None = None
    plan: EarlierPlan | None = None


def since_last_run(
    book: Book,
    earlier: Earlier,
    tiers: Tiers,
    health: Health,
    gone: pd.Series,
    findings: Iterable[Finding],
    today: pd.Timestamp,
    planned: Collection[str] = (),
) -> SinceLastRun:
    """Compare the client of today with the last run.

    Parameters
    ----------
    book : the client's data by units.
    gone : unit_id → lost, or plainly stopped.
    findings : today's, of steps 1 to 4.
    today : the day of the plan.
    planned : ids of today's actions.
    """
    plan = earlier.plan
    if plan is None:
        return SinceLastRun()
    then = pd.Timestamp(plan.as_of)
    table = book.table("actions") if book.has("actions") else None
    done = actions_done(plan, table, today, planned)
    units = _units(book, earlier, tiers, health, done, then)
    figures: dict[str, Any] = {
        "as_of": plan.as_of.isoformat(),
        "day": plan.day.isoformat(),
        "now": book.as_of.isoformat(),
    }
    figures |= _money(book, units, plan, then) | _moved(tiers, units) | _visits(book, then)
    groups, told = _groups(book, health, earlier.health, done)
    lost, still = _lost(book, earlier, gone, done, units["revenue_before"], then)
    bridge = SinceLastRun().bridge
    if figures["revenue_before"] is not None:
        moves = units.rename(columns={"revenue_now": "now", "revenue_before": "before"})
        bridge = revenue_bridge(moves[["now", "before", "change", "move"]])
    return SinceLastRun(
        figures | told | {"still_lost": still},
        units,
        done,
        bridge,
        groups,
        lost,
        _compared(plan.findings, findings),
    )


def _year_to(book: Book, day: pd.Timestamp) -> pd.Series:
    """Revenue per unit of the 12 months to a day, inclusive."""
    after = day + pd.Timedelta(days=1)
    days = book.days[(book.days["date"] < after) & (book.days["date"] >= after - pd.DateOffset(months=YEAR))]
    return days.groupby("account_id")["amount"].sum().reindex(book.accounts.index).fillna(0.0)


def _first_day(book: Book, then: pd.Timestamp) -> pd.Timestamp:
    return then + pd.Timedelta(days=1) - pd.DateOffset(months=YEAR)


def _units(
    book: Book, earlier: Earlier, tiers: Tiers, health: Health, done: ActionsDone, then: pd.Timestamp
) -> pd.DataFrame:
    index = tiers.units.index
    out = pd.DataFrame(index=index.rename("unit_id"))
    was = earlier.tiers.accounts.reindex(index) if earlier.tiers else pd.DataFrame(index=index)
    scored = earlier.health.accounts.reindex(index) if earlier.health else pd.DataFrame(index=index)
    is_ = health.accounts.reindex(index)
    for column, source, name in (
        ("tier_before", was, "tier"),
        ("tier_now", tiers.units, "tier"),
        ("level_before", was, "level"),
        ("level_now", tiers.units, "level"),
        ("health_before", scored, "health"),
        ("health_now", is_, "health"),
        ("band_before", scored, "health_band"),
        ("band_now", is_, "health_band"),
    ):
        out[column] = source[name].to_numpy() if name in source else None
    for column in ("health_before", "health_now"):
        out[column] = out[column].astype("float64")
    before, now = _year_to(book, then), purchases.revenue(book)
    start = _first_day(book, then)
    bought = book.days[(book.days["date"] < start) & book.days["bought"]]
    best = bought.groupby("account_id")["amount"].sum().reindex(book.accounts.index) if len(bought) else None
    moves = account_moves(now, before, best).reindex(index)
    out["revenue_before"], out["revenue_now"] = moves["before"].fillna(0.0), moves["now"].fillna(0.0)
    out["change"], out["move"] = moves["change"].fillna(0.0), moves["move"].fillna("same")
    counts = pd.crosstab(_today(book, done.actions["account_id"]), done.actions["state"])
    counts = counts.reindex(index=index, columns=list(STATES)).fillna(0).astype(int)
    return out.assign(**{state: counts[state].to_numpy() for state in STATES})[UNIT_COLUMNS]


def _today(book: Book, units: pd.Series) -> pd.Series:
    """The unit as which each unit of the last run is counted today."""
    if book.customer_of is None:
        return units
    return units.map(book.customer_of.to_dict()).fillna(units)


def _money(book: Book, units: pd.DataFrame, plan: EarlierPlan, then: pd.Timestamp) -> dict[str, Any]:
    start = book.days["date"].min()
    # the first of the twelve months may begin with days without a sale
    reaches = pd.notna(start) and start < _first_day(book, then) + pd.DateOffset(months=1)
    return {
        "revenue_now": float(units["revenue_now"].sum()),
        "revenue_before": float(units["revenue_before"].sum()) if reaches else None,
        "told_then": plan.revenue,
        "data_from": start.date().isoformat() if pd.notna(start) else None,
    }


def _moved(tiers: Tiers, units: pd.DataFrame) -> dict[str, int]:
    direction = tiers.migration["direction"] if len(tiers.migration) else pd.Series(dtype=object)
    place = {band: n for n, band in enumerate(BANDS)}  # the best first
    was, is_ = (units[column].map(place).astype("float64") for column in ("band_before", "band_now"))
    better = was - is_
    return {
        "tiers_up": int((direction == "up").sum()),
        "tiers_down": int((direction == "down").sum()),
        "bands_up": int((better > 0).sum()),
        "bands_down": int((better < 0).sum()),
    }


def _visits(book: Book, then: pd.Timestamp) -> dict[str, Any]:
    names = ("visits", "visits_told", "visits_advanced", "advanced_share", "advanced_low", "advanced_high")
    if not book.has("visits"):
        return dict.fromkeys(names)
    log = book.table("visits")
    log = log[(log["date"] > then) & (log["date"] <= pd.Timestamp(book.as_of))]
    if not book.has("visits", "outcome"):
        return dict.fromkeys(names) | {"visits": len(log)}
    told, advanced = int(log["outcome"].notna().sum()), int((log["outcome"] == "advance").sum())
    share = share_estimate(advanced, told)
    shares = (share.value, share.low, share.high) if told else (None, None, None)
    return dict(zip(names, (len(log), told, advanced, *shares), strict=True))


def _groups(
    book: Book, health: Health, before: EarlierScore | None, done: ActionsDone
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """The accounts warned of that were seen since, against the others; and how they differ."""
    told: dict[str, Any] = {"seen_by": None, "days": None, "warned_too_early": False}
    differences = [f"{what}_{end}" for what in ("kept", "revenue") for end in ("difference", "low", "high")]
    told |= dict.fromkeys(differences)
    outcome = health.last_score
    by_action, by_visit = bool(done.figures.get("told")), book.has("visits")
    if before is None or not outcome.figures or not (by_action or by_visit):
        return SinceLastRun().groups, told
    days, start = outcome.figures["days"], pd.Timestamp(outcome.figures["as_of"])
    told |= {
        "seen_by": "both" if by_action and by_visit else "actions" if by_action else "visits",
        "days": days,
        "warned_too_early": outcome.figures["early"],
    }
    accounts = outcome.accounts
    accounts = accounts[accounts["warned"].isin(["act", "watch"]).to_numpy(dtype=bool)]
    seen = _seen_since(book, done, start, start + pd.Timedelta(days=days))
    is_seen = accounts.index.isin(seen)
    expected = purchases.over_horizon(purchases.revenue_to(book, start), days)
    within = book.days[(book.days["date"] > start) & (book.days["date"] <= start + pd.Timedelta(days=days))]
    got = within.groupby("account_id")["amount"].sum()
    frame = accounts.assign(
        kept=~accounts["stopped"].astype(bool),
        expected=expected.reindex(accounts.index).fillna(0.0),
        since=got.reindex(accounts.index).fillna(0.0),
    )
    rows = []
    for name, part in ((SEEN, frame[is_seen]), (UNSEEN, frame[~is_seen])):
        kept, base = int(part["kept"].sum()), float(part["expected"].sum())
        share, since = share_estimate(kept, len(part)), float(part["since"].sum())
        ratio = since / base if base > 0 else np.nan
        rows.append((name, len(part), kept, share.value, share.low, share.high, base, since, ratio))
    groups = pd.DataFrame(rows, columns=GROUP_COLUMNS)
    if groups["accounts"].min() >= MIN_ACCOUNTS:
        (one, other), kept = (frame[is_seen], frame[~is_seen]), groups["kept"]
        rate = share_difference(kept[0], len(one), kept[1], len(other))
        money = ratio_difference(
            *(part[column].to_numpy(dtype=float) for part in (one, other) for column in ("since", "expected"))
        )
        values = (rate.value, rate.low, rate.high, money.value, money.low, money.high)
        told |= dict(zip(differences, values, strict=True))
    return groups, told


def _seen_since(book: Book, done: ActionsDone, start: pd.Timestamp, end: pd.Timestamp) -> set[str]:
    """The units with an action done after ``start`` or a visit made after it, by ``end``; an action that was
    done on a day not told counts.
    """
    seen: set[str] = set()
    actions = done.actions[done.actions["state"].isin(DONE)]
    if len(actions):
        day = actions["done_on"]
        inside = day.isna() | ((day > str(start.date())) & (day <= str(end.date())))
        seen |= set(_today(book, actions.loc[inside, "account_id"]))
    if book.has("visits"):
        log = book.table("visits")
        seen |= set(log.loc[(log["date"] > start) & (log["date"] <= end), "account_id"].dropna())
    return seen


def _lost(
    book: Book, earlier: Earlier, gone: pd.Series, done: ActionsDone, revenue: pd.Series, then: pd.Timestamp
) -> tuple[pd.DataFrame, int]:
    """Who was lost, won back or closed since the last run, and how many are lost as they were then."""
    index = book.accounts.index
    plan, score = earlier.plan, earlier.health
    was = set(plan.gone) if plan else set()
    if score is not None and score.predictions is not None:
        was |= set(score.predictions.index[score.predictions["warned"] == "silence"])
    was_gone = index.isin(list(set(_today(book, pd.Series(sorted(was), dtype=object)))))
    orders = book.days[book.days["bought"] & (book.days["date"] <= pd.Timestamp(book.as_of))]
    last = orders.groupby("account_id")["date"].max().reindex(index)
    since = (last > then).to_numpy()
    is_gone = gone.reindex(index).fillna(False).astype(bool).to_numpy()
    if book.has("accounts", "stage"):  # sales has given it up, and nothing came since
        given_up = (book.accounts["stage"] == "lost").to_numpy(dtype=bool, na_value=False)
        is_gone = is_gone | (given_up & ~since)
    told = done.actions.assign(account_id=_today(book, done.actions["account_id"]))
    closed = told[(told["result"] == "closed") | ((told["kind"] == "close_lost") & told["state"].isin(DONE))]
    is_closed = index.isin(closed["account_id"]) & is_gone
    earned = revenue.reindex(index).fillna(0.0)
    newly = is_gone & ~was_gone & (earned > 0).to_numpy()
    back = was_gone & since & ~is_gone
    state = np.select([is_closed & (was_gone | newly), newly, back], ["closed", "lost", "won_back"], "")
    out = pd.DataFrame(
        {
            "account_id": index,
            "state": state,
            "revenue": earned.to_numpy(),
            "last_order": last.dt.strftime("%Y-%m-%d").astype(object).to_numpy(),
        }
    )
    out = out[out["state"] != ""].sort_values(["revenue", "account_id"], ascending=[False, True])
    reasons = [_reason(book, told, unit, last[unit]) for unit in out["account_id"]]
    for place, name in enumerate(("reason", "reason_from")):
        out[name] = pd.Series([one[place] for one in reasons], index=out.index, dtype=object)
    still = int((was_gone & is_gone & (state == "")).sum())
    return out[LOST_COLUMNS].reset_index(drop=True), still


def _reason(
    book: Book, actions: pd.DataFrame, unit: str, last: pd.Timestamp
) -> tuple[str | None, str | None]:
    """Why a unit is lost, and what says so: the accounts table, the note on an action, a deal lost to a named
    competitor, a complaint about the time of its last order (by its number, else its date).
    """
    if book.has("accounts", "lost_reason") and pd.notna(book.accounts.at[unit, "lost_reason"]):
        return str(book.accounts.at[unit, "lost_reason"]), "recorded"
    own = actions[(actions["account_id"] == unit) & actions["result"].isin(["lost", "closed"])]
    notes = own["note"].dropna()
    if len(notes):
        return str(notes.iloc[-1]), "action"
    if book.has("opportunities", "account_id", "result", "closed", "competitor"):
        deals = book.table("opportunities")
        deals = deals[(deals["account_id"] == unit) & (deals["result"] == "lost")]
        deals = deals[deals["competitor"].notna() & (deals["closed"] > last - pd.DateOffset(years=1))]
        if len(deals):
            return str(deals.sort_values("closed", kind="stable")["competitor"].iloc[-1]), "deal"
    if book.has("tickets", "kind"):
        rows = book.table("tickets")
        rows = rows[(rows["account_id"] == unit) & (rows["kind"] == "complaint")]
        rows = rows[rows["opened"] > last - pd.Timedelta(days=COMPLAINT_DAYS)].sort_values("opened")
        if len(rows):
            number = rows["ticket_id"].iloc[-1] if "ticket_id" in rows else None
            day = str(rows["opened"].iloc[-1].date())
            return (str(number) if pd.notna(number) and number else day), "complaint"
    return None, None


def _compared(before: Iterable[Finding], now: Iterable[Finding]) -> pd.DataFrame:
    """Which findings that call for something are new, gone or still there."""
    was, is_ = ([f for f in by_weight(found) if _stands_alone(f)] for found in (before, now))
    often = {
        kind for found in (was, is_) for kind, n in Counter((f.step, f.kind) for f in found).items() if n > 1
    }
    then, today = _keys(was, often), _keys(is_, often)
    rows = [("still" if key in then else "new", finding) for key, finding in today.items()]
    rows += [("gone", finding) for key, finding in then.items() if key not in today]
    order = {"new": 0, "gone": 1, "still": 2}
    rows.sort(key=lambda row: order[row[0]])
    return pd.DataFrame(
        [
            (
                state,
                f.step,
                f.kind,
                f.severity,
                json.dumps(f.figures, ensure_ascii=False, sort_keys=True),
                json.dumps(list(f.accounts), ensure_ascii=False),
            )
            for state, f in rows
        ],
        columns=FINDING_COLUMNS,
    )


def _stands_alone(finding: Finding) -> bool:
    """Whether it calls for something, and is not itself about the last run: its first would else be new."""
    return finding.severity != "note" and not finding.kind.startswith(ABOUT_THE_LAST_RUN)


def by_weight(findings: Iterable[Finding]) -> list[Finding]:
    """The gravest first, of equals the one with most at stake."""
    grave = {"act": 0, "watch": 1, "note": 2}
    return sorted(findings, key=lambda f: (grave[f.severity], -f.figures.get("stake", 0.0)))


def _keys(findings: list[Finding], often: set[tuple[str, str]]) -> dict[tuple[str, ...], Finding]:
    """Findings by step and kind; those of a kind that a run tells more than once by their first account
    too.
    """
    out: dict[tuple[str, ...], Finding] = {}
    for f in findings:
        first = f.accounts[:1] if (f.step, f.kind) in often else ()
        out.setdefault((f.step, f.kind, *first), f)
    return out


def add_findings(found: Findings, since: SinceLastRun, due: str, listed: bool) -> None:
    """Add what has changed since the last run; without one only that it is missing, where a list of actions
    was put back.

    Parameters
    ----------
    due : the day (ISO) by which what is open is to be settled.
    listed : whether a list of actions was put back.
    """
    f = since.figures
    if not f:
        if listed:
            found.add("since_list_alone", "watch", "keep_reports_together")
        return
    _add_actions(found, since, due)
    _add_money(found, f)
    moves = {name: f[name] for name in ("as_of", "tiers_up", "tiers_down", "bands_up", "bands_down")}
    found.add("since_moves", "note", **moves)
    _add_warned(found, since)
    _add_lost(found, since, due)
    if f["visits"]:
        visits = {"as_of": f["as_of"], "visits": f["visits"]}
        if f["visits_told"]:
            shares = {name: f[name] for name in ("advanced_share", "advanced_low", "advanced_high")}
            told = {"told": f["visits_told"], "advanced": f["visits_advanced"], **shares}
            found.add("since_visits", "note", **visits, **told)
        else:
            found.add("since_visits_untold", "note", **visits)
    states = since.findings["state"].value_counts()
    found.add(
        "since_findings",
        "note",
        as_of=f["as_of"],
        **{state: int(states.get(state, 0)) for state in ("new", "gone", "still")},
    )


def _add_actions(found: Findings, since: SinceLastRun, due: str) -> None:
    figures, day = since.done.figures, since.figures["day"]
    if not figures["told"]:
        if figures["planned"]:
            found.add("since_no_list", "watch", "put_back_list", planned=figures["planned"], day=day)
        return
    counts = {name: figures[name] for name in ("planned", *STATES)}
    if figures["overdue"]:
        late = since.done.by_owner[since.done.by_owner["overdue"] > 0]
        owners = [owner for owner in late["owner"] if owner is not None]
        units = since.units[since.units["overdue"] > 0].sort_values("revenue_now", ascending=False).index
        action = "settle_overdue" if owners else "settle_overdue_unowned"
        found.add("since_overdue", "watch", action, units, **counts, day=day, due=due, owners=owners[:NAMED])
    else:
        found.add("since_done", "note", **counts, day=day)
    if figures["unknown"]:
        ids = list(since.done.unknown[:NAMED])
        found.add("since_ids_unknown", "watch", "keep_ids", rows=figures["unknown"], ids=ids)
    if figures["other"]:
        found.add("since_ids_other", "note", rows=figures["other"], day=day)


def _add_money(found: Findings, f: dict[str, Any]) -> None:
    when = {"as_of": f["as_of"], "now": f["now"]}
    before, now, told = f["revenue_before"], f["revenue_now"], f["told_then"]
    if before is None:
        found.add("since_money_unknown", "note", **when, data_from=f["data_from"])
        return
    change = now / before - 1 if before > 0 else None
    found.add("since_money", "note", **when, revenue_before=before, revenue_now=now, change=change)
    if told is not None and abs(before - told) > RESTATED * abs(told):
        found.add(
            "since_restated", "watch", "say_what_changed", as_of=f["as_of"], told=told, revenue_before=before
        )


def _add_warned(found: Findings, since: SinceLastRun) -> None:
    f, groups = since.figures, since.groups
    if groups.empty or not groups["accounts"].sum():
        return
    one, other = (groups.set_index("group").loc[name] for name in (SEEN, UNSEEN))
    figures = {
        "as_of": f["as_of"],
        "days": f["days"],
        "seen_by": f["seen_by"],
        "warned": one["accounts"] + other["accounts"],
        "seen": one["accounts"],
        "unseen": other["accounts"],
    }
    if f["warned_too_early"] or f["kept_difference"] is None:
        kind = "since_seen_early" if f["warned_too_early"] else "since_seen_few"
        found.add(kind, "note", **figures, needed=MIN_ACCOUNTS)
        return
    for name, row in ((SEEN, one), (UNSEEN, other)):
        figures |= {
            f"{name}_kept": row["kept"],
            f"{name}_share": row["kept_share"],
            f"{name}_pace": row["ratio"],
        }
    for what in ("kept", "revenue"):
        figures |= {f"{what}_{end}": None for end in ("difference", "low", "high")}
        if f[f"{what}_difference"] == f[f"{what}_difference"]:
            figures |= {
                f"{what}_{end}": 100 * f[f"{what}_{end}"] for end in ("difference", "low", "high")
            }  # in points
    apart = any(
        figures[f"{what}_low"] is not None and (figures[f"{what}_low"] > 0 or figures[f"{what}_high"] < 0)
        for what in ("kept", "revenue")
    )
    found.add("since_seen_apart" if apart else "since_seen_alike", "note", **figures)


def _add_lost(found: Findings, since: SinceLastRun, due: str) -> None:
    for state, kind in (("lost", "since_lost"), ("won_back", "since_won_back"), ("closed", "since_closed")):
        rows = since.lost[since.lost["state"] == state]
        if rows.empty:
            continue
        figures = {
            "as_of": since.figures["as_of"],
            "count": len(rows),
            "revenue": rows["revenue"].sum(),
            "reasons": int(rows["reason_from"].isin(["recorded", "action"]).sum()),
        }
        if state != "lost":
            found.add(kind, "note", None, rows["account_id"], **figures)
        elif figures["reasons"] < len(rows):
            found.add(kind, "watch", "record_reasons", rows["account_id"], **figures, due=due)
        else:
            found.add(kind, "watch", "decide_lost", rows["account_id"], **figures, due=due)
