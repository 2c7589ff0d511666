"""Service by tier, promised against realised: complaints, deliveries, visits and prices; and the queue of
open complaints in the order of tiers.

A complaint is kept when it is closed by its due day: the day that its ticket names, else the days that the
strategy gives its level, from the day it was opened. Judged are the complaints that fell due in the 12 months
before as_of, so that each is either settled in time, settled late, or open past its day. ``past_due`` counts
every open complaint whose due day lies before as_of, however old: what is due on the very day may still be
settled. Where tickets have no kind, all count as complaints. Tiers are those of today for all cases.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import betabinom

from kamplay.book import Book
from kamplay.method.measures import features_at, purchases
from kamplay.method.noise_gate import Look
from kamplay.method.plan import price_by_tier as prices
from kamplay.method.plan.price_by_tier import PriceByTier, price_by_tier
from kamplay.method.plan.working_days import WorkingDays
from kamplay.method.results import Findings
from kamplay.method.stats.clustered import correlation_within, effective
from kamplay.method.stats.intervals import tells, wilson
from kamplay.method.stats.survival import kaplan_meier
from kamplay.presets import LEVELS, Level, Strategy
from kamplay.presets.scorecard import KEY_LEVELS

YEAR = 365  # days
VISIT_MONTHS = 3
CURRENT_DAYS = 31  # a log that ends longer before as_of does not tell what was settled since
# a promise is kept where this share of cases is, as far as the interval reaches: expert judgement
KEPT = 0.9
FEWEST = 5  # cases, each worth as much as an independent one, on either side of a comparison
MEASURES = ("complaints", "on_time", "in_full")
QUEUE = [
    "unit_id",
    "ticket_id",
    "level",
    "opened",
    "severity",
    "due",
    "days_late",
    "settle_by",
    "rung",
    "lost",
]


def _no_shares() -> pd.DataFrame:
    kinds = {"hits": "int64", "trials": "int64", "units": "int64", "share": "float64"}
    return pd.DataFrame(
        {c: pd.Series(dtype=t) for c, t in {"measure": "str", "level": "str", **kinds}.items()}
    )


@dataclass(frozen=True)
class Service:
    """What each level was promised, and what it got.

    Attributes
    ----------
    levels : one row a level (S to C; a single one without a level where there are no tiers): level, units
        (rated), complaints (opened in the 12 months), open (now, however old), past_due, past_due_lost (of
        them at units that are lost), days (median days to settle those opened in the 12 months, open ones
        counted as not settled yet; missing where half are not), given (median days from opening to the due
        day of their tickets; missing where tickets have none), reply_hours and resolve_days (promised by the
        strategy), replied (share answered within the promise, by the day) and replies (with a reply recorded
        or missed), norm and made (visits of the last three months), price_index with price_low and
        price_high.
    shares : one row a measure (MEASURES) and level: hits of trials, units behind them, share, low and high
        (95 %, cases of one unit resemble each other), told (whether the interval says something of it).
    queue : open complaints: QUEUE, in the order of levels, those of units that still buy first within a
        level, the soonest ``settle_by`` first, then the longest due. ``settle_by``: the due day where it is
        still to come, else the level's days from the day of the plan; a working day; the plan's own day where
        that is sooner (``settled_as_planned``). ``rung``: how far up the escalation of the strategy it
        belongs by now, a row of ``rungs``; missing where it is not past its day.
    rungs : to whom the strategy escalates, in its order: zh, en.
    compared : index measure: hits and trials of key accounts and of all others (``other_hits``,
        ``other_trials``), p_value (how often as few hits at key accounts by chance), low and high (share of
        key accounts where both were served alike), mean and sd of that share, key_low and key_high (95 % of
        the key accounts' share); missing where either side is worth fewer than FEWEST cases.
    figures : tickets, deliveries, visits (whether the tables are there), kinds and due (of the tickets),
        replies (recorded), due_from (``tickets`` or ``strategy``), ended (last day of the ticket log where it
        ends early), visits_elsewhere and visits_made (visits of the last three months at accounts without a
        norm, and in all); elsewhere (those accounts, the most visits first, elsewhere_made, how many,
        and elsewhere_planned, how many the plan has), until (the last of these days).
    """

    levels: pd.DataFrame = field(default_factory=pd.DataFrame)
    shares: pd.DataFrame = field(default_factory=_no_shares)
    queue: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=QUEUE))
    rungs: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["zh", "en"]))
    compared: pd.DataFrame = field(default_factory=pd.DataFrame)
    price: PriceByTier = field(default_factory=PriceByTier)
    figures: dict[str, Any] = field(default_factory=dict)


def service_by_tier(
    book: Book,
    units: pd.DataFrame,
    levels: pd.Series,
    strategy: Strategy,
    day: pd.Timestamp,
    days: WorkingDays,
) -> Service:
    """Set what each level was promised against what it got.

    Parameters
    ----------
    book : by groups, as every frame of step 4.
    units : planned units (index unit_id): gone, channel, visits_branch and visits_head_office (norm a month).
    levels : every rated unit → level S, A, B or C; without any where step 1 says that tiers are not worth it.
    day : of the plan, from which new due days count.
    days : the working days after it.
    """
    levels = levels.astype(object).where(levels.notna(), None)
    if levels.isna().all():
        keys: list[Level | None] = [None]
    else:
        keys = list(LEVELS)
    now = pd.Timestamp(book.as_of)
    lost = _lost_units(units, levels.index, purchases.revenue(book))
    complaints = _complaints(book, levels, strategy, now)
    rates = features_at.deliveries(book, now)
    visits = _visits(book, units, levels)
    price = price_by_tier(book, levels) if keys != [None] else PriceByTier()
    table = pd.DataFrame({"level": pd.Series(keys, dtype=object)})
    table["units"] = [int(_at(levels, key).sum()) for key in keys]
    cases = _cases(complaints, rates, levels, now)
    for name, of_levels in _complaint_columns(complaints, keys, lost, strategy, now).items():
        table[name] = of_levels
    table["norm"] = [visits["norm"][_at(levels, key)].sum() if visits is not None else np.nan for key in keys]
    table["made"] = [visits["made"][_at(levels, key)].sum() if visits is not None else np.nan for key in keys]
    index = price.levels.set_index("level")
    for name, column in (("price_index", "index"), ("price_low", "low"), ("price_high", "high")):
        table[name] = index[column].reindex(table["level"]).to_numpy(dtype=float)
    figures = {
        "tickets": complaints is not None,
        "deliveries": rates is not None,
        "visits": visits is not None,
        "kinds": book.has("tickets", "kind"),
        "due": book.has("tickets", "due"),
        "replies": book.has("tickets", "replied"),
        "ended": _ended(book, now),
        "until": book.as_of.isoformat(),
        **_elsewhere(visits),
    }
    shares = _shares(cases, levels, keys)
    return Service(
        table,
        shares,
        _queue(complaints, lost, strategy, now, day, days),
        pd.DataFrame([{"zh": rung.zh, "en": rung.en} for rung in strategy.escalation.steps]),
        _compare(cases, levels) if keys != [None] else pd.DataFrame(),
        price,
        figures,
    )


def _at(levels: pd.Series, key: Level | None) -> pd.Series:
    return levels.isna() if key is None else levels == key


def _lost_units(units: pd.DataFrame, index: pd.Index, revenue: pd.Series) -> pd.Series:
    """Whether each rated unit is lost: plainly stopped, or nothing bought in the 12 months."""
    gone = units["gone"].reindex(index)
    return gone.astype(object).where(gone.notna(), ~(revenue.reindex(index) > 0)).astype(bool)


def _complaints(book: Book, levels: pd.Series, strategy: Strategy, now: pd.Timestamp) -> pd.DataFrame | None:
    """Complaints opened by ``now``, with their level, due day (``own_due``: of the ticket itself), and close
    and reply days up to ``now``; None without tickets.
    """
    if not book.has("tickets"):
        return None
    rows = book.table("tickets")
    rows = rows.reindex(
        columns=["ticket_id", "account_id", "opened", "closed", "kind", "severity", "due", "replied"]
    )
    rows = rows[rows["account_id"].isin(levels.index) & (rows["opened"] <= now)]
    if book.has("tickets", "kind"):
        rows = rows[rows["kind"] == "complaint"]
    rows = rows.rename(columns={"account_id": "unit_id"}).reset_index(drop=True)
    for column in ("opened", "closed", "due", "replied"):
        rows[column] = pd.to_datetime(rows[column])
    for column in ("closed", "replied"):
        rows[column] = rows[column].where(rows[column] <= now)
    rows["level"] = levels.reindex(rows["unit_id"]).to_numpy()
    promised = rows["opened"] + _days_promised(rows["level"], strategy)
    rows["own_due"] = rows["due"]
    rows["due"] = rows["due"].where(rows["due"].notna(), promised)
    return rows


def _promise(strategy: Strategy, level: Level | None) -> tuple[float, float]:
    """Hours to the reply and days to the resolution that the strategy gives a level, or every account where
    there are no tiers."""
    own = strategy.of(level).complaint
    return float(own.reply_hours), float(own.resolve_days)


def _days_promised(levels: pd.Series, strategy: Strategy) -> pd.Series:
    """The time to resolution that the strategy gives each row's level."""
    days = {level: _promise(strategy, level)[1] for level in LEVELS}
    return pd.to_timedelta(levels.map(days).fillna(_promise(strategy, None)[1]).astype("float64"), unit="D")


def _cases(
    complaints: pd.DataFrame | None, rates: pd.DataFrame | None, levels: pd.Series, now: pd.Timestamp
) -> pd.DataFrame:
    """Hits and trials of each unit by measure: unit_id, measure, hits, trials."""
    parts = []
    if complaints is not None:
        due = complaints[(complaints["due"] < now) & (complaints["due"] >= now - pd.Timedelta(days=YEAR))]
        kept = (due["closed"] <= due["due"]).groupby(due["unit_id"])
        parts.append(_counted("complaints", kept.sum(), kept.size()))
    if rates is not None:
        rates = rates.rename_axis("unit_id")
        for measure, number in (("on_time", "orders"), ("in_full", "orders_counted")):
            trials = rates[number].where(rates[measure].notna(), 0)
            parts.append(_counted(measure, (rates[measure].fillna(0.0) * trials).round(), trials))
    if not parts:
        return pd.DataFrame({"unit_id": [], "measure": [], "hits": [], "trials": []})
    cases = pd.concat(parts, ignore_index=True)
    return cases[(cases["trials"] > 0) & cases["unit_id"].isin(levels.index)]


def _counted(measure: str, hits: pd.Series, trials: pd.Series) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "unit_id": trials.index,
            "measure": measure,
            "hits": hits.to_numpy(dtype=int),
            "trials": trials.to_numpy(dtype=int),
        }
    )


def _shares(cases: pd.DataFrame, levels: pd.Series, keys: list[Level | None]) -> pd.DataFrame:
    """The share of each measure and level, with its interval."""
    rows = []
    for measure, part in cases.groupby("measure", sort=False):
        level = levels.reindex(part["unit_id"]).fillna("").to_numpy()
        alike = correlation_within(part["hits"], part["trials"], level)
        for key in keys:
            own = part[level == (key or "")]
            hits, trials = int(own["hits"].sum()), int(own["trials"].sum())
            low, high = wilson(*effective(own["hits"], own["trials"], alike))
            share = hits / trials if trials else np.nan
            row = (measure, key, hits, trials, len(own), share, float(low), float(high))
            rows.append((*row, bool(trials and tells(share, low, high))))
    columns = ["measure", "level", "hits", "trials", "units", "share", "low", "high", "told"]
    return pd.DataFrame(rows, columns=columns)


def _compare(cases: pd.DataFrame, levels: pd.Series) -> pd.DataFrame:
    """Key accounts against all others, measure by measure. How often as few hits at key accounts by chance:
    beta-binomial, given the others' hits (Jeffreys' prior), with the cases of both worth what they tell.
    """
    rows = {}
    for measure, part in cases.groupby("measure", sort=False):
        level = levels.reindex(part["unit_id"]).to_numpy()
        alike = correlation_within(part["hits"], part["trials"], pd.Series(level).fillna(""))
        key = pd.Series(level).isin(KEY_LEVELS).to_numpy()
        mine, other = part[key], part[~key]
        hits, trials = effective(mine["hits"], mine["trials"], alike)
        other_hits, other_trials = effective(other["hits"], other["trials"], alike)
        row: dict[str, Any] = {
            "hits": int(mine["hits"].sum()),
            "trials": int(mine["trials"].sum()),
            "other_hits": int(other["hits"].sum()),
            "other_trials": int(other["trials"].sum()),
            **dict.fromkeys(("p_value", "low", "high", "mean", "sd"), np.nan),
        }
        row["key_low"], row["key_high"] = (float(side) for side in wilson(hits, trials))
        if min(trials, other_trials) >= FEWEST:
            n = round(trials)
            law = betabinom(n, other_hits + 0.5, other_trials - other_hits + 0.5)
            row["p_value"] = float(law.cdf(np.floor(hits / trials * n + 1e-9)))
            row["low"], row["high"] = (float(law.ppf(q)) / n for q in (0.025, 0.975))
            row["mean"], row["sd"] = float(law.mean()) / n, float(law.std()) / n
        rows[measure] = row
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("measure")


def _complaint_columns(
    complaints: pd.DataFrame | None,
    keys: list[Level | None],
    lost: pd.Series,
    strategy: Strategy,
    now: pd.Timestamp,
) -> dict[str, list[Any]]:
    """The columns of ``levels`` that speak of complaints; missing without tickets."""
    names = ("complaints", "open", "past_due", "past_due_lost", "days", "given", "replied", "replies")
    out: dict[str, list[Any]] = {name: [np.nan] * len(keys) for name in names}
    times = [_promise(strategy, key) for key in keys]
    out["reply_hours"], out["resolve_days"] = [t[0] for t in times], [t[1] for t in times]
    if complaints is None:
        return out
    since = now - pd.Timedelta(days=YEAR)
    is_open, past_due = complaints["closed"].isna(), complaints["closed"].isna() & (complaints["due"] < now)
    of_lost = complaints["unit_id"].map(lost).astype(bool)
    recent = complaints["opened"] > since
    for place, key in enumerate(keys):
        own = _at(complaints["level"], key)
        out["complaints"][place] = int((own & recent).sum())
        out["open"][place] = int((own & is_open).sum())
        out["past_due"][place] = int((own & past_due).sum())
        out["past_due_lost"][place] = int((own & past_due & of_lost).sum())
        out["days"][place] = _median_days(complaints[own & recent], now)
        given = (complaints["own_due"] - complaints["opened"])[own & recent].dt.days
        out["given"][place] = float(given.median()) if given.notna().any() else np.nan
        promised = complaints["opened"] + pd.Timedelta(days=int(np.ceil(times[place][0] / 24)))
        # a reply that is not due yet says nothing
        judged = own & recent & (complaints["replied"].notna() | (promised < now))
        in_time = judged & (complaints["replied"] <= promised)
        if complaints["replied"].notna().any() and judged.any():
            out["replied"][place], out["replies"][place] = (
                float(in_time.sum() / judged.sum()),
                int(judged.sum()),
            )
    return out


def _median_days(complaints: pd.DataFrame, now: pd.Timestamp) -> float:
    """Days after which half of the complaints are settled, open ones as followed up to now (Kaplan–Meier);
    missing from fewer than FEWEST, or where half are not settled.
    """
    if len(complaints) < FEWEST:
        return np.nan
    end = complaints["closed"].fillna(now)
    curve = kaplan_meier((end - complaints["opened"]).dt.days, complaints["closed"].notna())
    half = curve[curve["surviving"] <= 0.5]
    return float(half["days"].iloc[0]) if len(half) else np.nan


def _queue(
    complaints: pd.DataFrame | None,
    lost: pd.Series,
    strategy: Strategy,
    now: pd.Timestamp,
    day: pd.Timestamp,
    days: WorkingDays,
) -> pd.DataFrame:
    if complaints is None:
        return Service().queue
    rows = complaints[complaints["closed"].isna()].copy()
    rows["lost"] = rows["unit_id"].map(lost).astype(bool)
    rows["days_late"] = (now - rows["due"]).dt.days.clip(lower=0)
    ahead = rows["due"] > day
    fresh = day + _days_promised(rows["level"], strategy)
    rows["settle_by"] = [
        _working_day(one.date(), still, days)
        for one, still in zip(rows["due"].where(ahead, fresh), ahead, strict=True)
    ]
    hours = (now - rows["opened"]).dt.days * 24
    rungs = [_rung(strategy, level, passed) for level, passed in zip(rows["level"], hours, strict=True)]
    rows["rung"] = pd.Series(rungs, rows.index, dtype="float64").where(rows["days_late"] > 0)
    return _in_order(rows)


def _in_order(queue: pd.DataFrame) -> pd.DataFrame:
    level = queue["level"].map({level: place for place, level in enumerate(LEVELS)}).fillna(len(LEVELS))
    order = ["_level", "lost", "settle_by", "due", "unit_id"]
    return queue.assign(_level=level).sort_values(order, kind="stable")[QUEUE].reset_index(drop=True)


def settled_as_planned(
    queue: pd.DataFrame, actions: pd.DataFrame, strategy: Strategy, days: WorkingDays
) -> pd.DataFrame:
    """The queue with the days of the plan's actions: of the complaint that one is about its day, where that
    is sooner; where all of a unit get a person and a day, the time that the strategy gives their level counts
    from the day of that action, but of what is promised by a day ahead.
    """
    if queue.empty:
        return queue
    named = actions[actions["kind"] == "close_complaints"].set_index("account_id")["due"]
    of_one = {
        (row.account_id, json.loads(row.facts)["opened"]): row.due
        for row in actions[actions["kind"] == "settle_complaint"].itertuples()
    }
    opened = queue["opened"].dt.strftime("%Y-%m-%d")
    planned = [of_one.get(one) for one in zip(queue["unit_id"], opened, strict=True)]
    on = pd.Series(pd.to_datetime(planned), queue.index)
    settle_by = queue["settle_by"].mask(on < queue["settle_by"], on)
    begins = pd.to_datetime(queue["unit_id"].map(named)).where(queue["due"] < pd.Timestamp(days.first))
    after = begins + _days_promised(queue["level"], strategy)
    for at, day in after.dropna().items():
        settle_by[at] = _working_day(day.date(), False, days)
    return _in_order(queue.assign(settle_by=settle_by))


def closed_by(actions: pd.DataFrame, queue: pd.DataFrame) -> pd.DataFrame:
    """The actions, those on all complaints of a unit with the day (ISO) by which the last of them is closed
    (``closed_by``), as the queue has it.
    """
    if queue.empty:
        return actions
    last = queue.groupby("unit_id")["settle_by"].max().dt.strftime("%Y-%m-%d")
    facts = [
        json.dumps(json.loads(told) | {"closed_by": last[unit]}, ensure_ascii=False, sort_keys=True)
        if kind == "close_complaints" and unit in last.index
        else told
        for unit, kind, told in zip(actions["account_id"], actions["kind"], actions["facts"], strict=True)
    ]
    return actions.assign(facts=pd.Series(facts, actions.index, dtype=object))


def _working_day(day: date, ahead: bool, days: WorkingDays) -> pd.Timestamp:
    """A promise that is ahead is kept by the working day before it, if one is left; a new one ends on the
    working day after it. Beyond the days that are known the day itself.
    """
    if not days.first <= day <= days.last or not days.days:
        return pd.Timestamp(day)
    kept = ahead and day >= days.days[0]
    after = day <= days.days[-1]
    return pd.Timestamp(days.on_or_before(day) if kept or not after else days.on_or_after(day))


def _rung(strategy: Strategy, level: Level | None, hours: float) -> float:
    """The last rung of the escalation whose time has passed; missing before the first, and without a
    level.
    """
    steps = strategy.escalation.steps
    passed = [n for n, rung in enumerate(steps) if level in rung.hours and rung.hours[level] <= hours]
    return float(passed[-1]) if passed else np.nan


def _visits(book: Book, units: pd.DataFrame, levels: pd.Series) -> pd.DataFrame | None:
    """Of every rated unit the norm of three months and the visits made in them; None without a log."""
    if not book.has("visits"):
        return None
    start, end = purchases.window_dates(book, VISIT_MONTHS)
    log = book.table("visits")
    made = log[(log["date"] >= start) & (log["date"] <= end)].groupby("account_id").size()
    norm = (units["visits_branch"] + units["visits_head_office"]) * VISIT_MONTHS
    return pd.DataFrame(
        {
            "norm": norm.reindex(levels.index).fillna(0.0),
            "made": made.reindex(levels.index).fillna(0).astype(int),
        }
    )


def _elsewhere(visits: pd.DataFrame | None) -> dict[str, Any]:
    if visits is None:
        return {"visits_made": None, "visits_elsewhere": None, "units_elsewhere": None} | {
            "elsewhere": [],
            "elsewhere_made": [],
        }
    outside = visits[(visits["norm"] == 0) & (visits["made"] > 0)]
    most = outside["made"].sort_values(ascending=False, kind="stable")
    return {
        "visits_made": int(visits["made"].sum()),
        "visits_elsewhere": int(outside["made"].sum()),
        "units_elsewhere": len(outside),
        "elsewhere": [*most.index.astype(str)],
        "elsewhere_made": [int(count) for count in most],
    }


def beside_the_plan(service: Service, entries: pd.DataFrame) -> Service:
    """With ``elsewhere_planned``: how many visits of the calendar (``entries``) go to each account without a
    norm that was visited.
    """
    visits = entries.loc[entries["kind"].isin(["visit", "review"]), "unit_id"].value_counts()
    planned = [int(visits.get(unit, 0)) for unit in service.figures["elsewhere"]]
    return replace(service, figures={**service.figures, "elsewhere_planned": planned})


def _ended(book: Book, now: pd.Timestamp) -> str | None:
    """The last day of the ticket log, where it ends longer before ``now`` than ever passed between two
    entries, and than CURRENT_DAYS; None while it is current.
    """
    if not book.has("tickets"):
        return None
    rows = book.table("tickets")
    days = pd.concat([rows[c] for c in ("opened", "closed") if c in rows]).dropna()
    days = pd.Series(np.sort(days[days <= now].unique()))
    if days.empty:
        return None
    longest = max(days.diff().max(), pd.Timedelta(days=CURRENT_DAYS)) if len(days) > 1 else None
    silent = now - days.iloc[-1]
    return str(days.iloc[-1].date()) if silent > (longest or pd.Timedelta(days=CURRENT_DAYS)) else None


def add_findings(found: Findings, result: Service, due: str) -> None:
    """Add what is past due, which promises are not kept to key accounts, where they are served worse than
    the others, what the data are too few to tell, and what is missing.

    Parameters
    ----------
    due : day (ISO) by which each complaint past its day has somebody who settles it.
    """
    figures = result.figures
    if not figures["tickets"]:
        found.add("service_no_tickets", "note", "ask_for_tickets")
    else:
        if not figures["kinds"]:
            found.add("tickets_without_kind", "note", "ask_for_kinds")
        if not figures["due"]:
            found.add("due_by_strategy", "note", "ask_for_due_days")
        _past_due(found, result, due)
        if not figures["replies"]:
            found.add("replies_unknown", "note", "ask_for_replies")
    for measure, row in result.compared.iterrows():
        _promise_kept(found, str(measure), row, result)
    few = [str(m) for m, row in result.compared.iterrows() if np.isnan(row["p_value"])]
    if few:
        found.add("service_too_few", "note", None, few=few)
    for measure, row in result.compared.iterrows():
        if np.isnan(row["p_value"]):
            continue
        look = Look(row["p_value"], row["mean"], row["sd"])
        shares = {"key": row["hits"] / row["trials"], "others": row["other_hits"] / row["other_trials"]}
        if shares["key"] < shares["others"]:
            kind = f"served_worse_{measure}"
            found.add(kind, "watch", f"mend_{measure}", **shares, look=look, only_outside=True)
        else:
            found.looked(look)
    _visits_elsewhere(found, result)
    if len(result.compared) or result.levels["level"].notna().any():
        prices.add_findings(found, result.price)


def _past_due(found: Findings, result: Service, due: str) -> None:
    """Open complaints past their day; where the log ended early, that it did."""
    late = result.queue[result.queue["days_late"] > 0]
    ended = result.figures["ended"]
    if ended is not None:
        found.add("tickets_ended", "watch", "bring_tickets_up_to_date", ended=ended, open=len(result.queue))
    if late.empty:
        if ended is None:
            found.add("complaints_in_time", "note", None, open=len(result.queue))
        return
    still = late[~late["lost"]]
    levels = result.levels.assign(still=result.levels["past_due"] - result.levels["past_due_lost"])
    by_level = {str(row.level): int(row.still) for row in levels.itertuples() if row.still}
    found.add(
        "complaints_past_due",
        "act" if len(still) and ended is None and result.figures["due"] else "watch",
        "work_the_queue",
        list(dict.fromkeys(late["unit_id"])),
        count=len(late),
        still=len(still),
        lost=len(late) - len(still),
        units=int(late["unit_id"].nunique()),
        units_still=int(still["unit_id"].nunique()),
        units_lost=int(late.loc[late["lost"], "unit_id"].nunique()),
        oldest=int(still["days_late"].max()) if len(still) else int(late["days_late"].max()),
        by_level=by_level if result.levels["level"].notna().all() else None,
        due=due,
    )


def _promise_kept(found: Findings, measure: str, row: pd.Series, result: Service) -> None:
    """Whether what was promised to key accounts was kept, where the data bear it."""
    part = result.shares[(result.shares["measure"] == measure) & result.shares["level"].isin(KEY_LEVELS)]
    if not row["trials"] or np.isnan(row["high"]):
        return
    if row["key_high"] < KEPT and not (measure == "complaints" and not result.figures["due"]):
        found.add(
            f"promise_missed_{measure}",
            "watch",
            f"mend_{measure}",
            hits=int(row["hits"]),
            trials=int(row["trials"]),
            share=row["hits"] / row["trials"],
            units=int(part["units"].sum()),
            low=row["key_low"],
            high=row["key_high"],
        )


def _visits_elsewhere(found: Findings, result: Service) -> None:
    """Visits at accounts for which the norm has none, while key accounts get fewer than theirs; to be seen
    by phone are those of them to which the plan sends nobody either.
    """
    figures, levels = result.figures, result.levels
    key = levels[levels["level"].isin(KEY_LEVELS)]
    short = float((key["norm"] - key["made"]).sum())
    planned = figures.get("elsewhere_planned") or [0] * len(figures["elsewhere"])
    moved = [unit for unit, visits in zip(figures["elsewhere"], planned, strict=True) if not visits]
    if figures["visits_elsewhere"] and short > 0:
        found.add(
            "visits_elsewhere",
            "watch",
            "move_visits" if moved else None,
            moved or figures["elsewhere"],
            count=len(moved) or figures["units_elsewhere"],
            moved=len(moved),
            until=figures["until"],
            made=figures["visits_made"],
            elsewhere=figures["visits_elsewhere"],
            units=figures["units_elsewhere"],
            share=figures["visits_elsewhere"] / figures["visits_made"],
            key_made=int(key["made"].sum()),
            key_norm=float(key["norm"].sum()),
        )
