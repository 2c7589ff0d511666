"""One strategy for each customer, by the ordered rules of the preset, and who has a manager of its own."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.measures import purchases
from kamplay.method.measures.business import business
from kamplay.method.measures.registry import measure_of
from kamplay.method.results import Findings, Severity
from kamplay.presets import Strategy
from kamplay.presets.scorecard import KEY_LEVELS
from kamplay.presets.strategy import When

BY_HAND = "by_hand"  # the rule of a strategy that was set by hand
OVERRIDES = ["strategy", "by_rule", "reason", "by", "expires", "state"]
MANAGERS = ["purchases", "basis", "owner", "leads", "state"]
TEAMS = 10  # accounts to invest in that get a team first: as many as can be set up within a month


@dataclass(frozen=True)
class StrategyChoice:
    """Which strategy each unit has, and what the preset says of it.

    Attributes
    ----------
    units : every planned unit, see ``choose``.
    rules : per rule that gave a strategy, in their order, those set by hand first: rule, strategy, units
        (how many), revenue (of 12 months; of what is gone the year up to its last purchase).
    overrides : every strategy set by hand, see ``overrides``.
    managers : units that purchase enough for a manager of their own, see ``managers``.
    preset : the whole strategy preset, as JSON has it.
    tiered : False where step 1 finds that tiering is not worth its while: no level counts then.
    """

    units: pd.DataFrame = field(default_factory=pd.DataFrame)
    rules: pd.DataFrame = field(default_factory=pd.DataFrame)
    overrides: pd.DataFrame = field(default_factory=pd.DataFrame)
    managers: pd.DataFrame = field(default_factory=pd.DataFrame)
    preset: dict[str, Any] = field(default_factory=dict)
    tiered: bool = True


def strategy_choice(book: Book, units: pd.DataFrame, strategy: Strategy, tiered: bool) -> StrategyChoice:
    """Choose every unit's strategy, add up by rule, and see who has a manager of its own.

    Parameters
    ----------
    book : by units.
    units : as for ``choose``, with revenue, brought (of the year up to the last purchase) and owner.
    strategy : the preset.
    tiered : whether tiering is worth its while.
    """
    by_hand = book.table("overrides") if book.has("overrides", "strategy") else None
    as_of = pd.Timestamp(book.as_of)
    chosen = choose(units, strategy, by_hand, as_of)
    weight = units["revenue"].where(~units["gone"].astype(bool), units["brought"])
    by = (
        chosen.assign(revenue=weight)
        .groupby(["rule", "strategy"], sort=False)
        .agg(units=("revenue", "size"), revenue=("revenue", "sum"))
        .reset_index()
    )
    place = {rule.rule: n for n, rule in enumerate(strategy.choice)} | {BY_HAND: -1}
    by = by.sort_values("rule", key=lambda rules: rules.map(place), kind="stable", ignore_index=True)
    companies = business(book) == "companies"
    return StrategyChoice(
        chosen,
        by,
        overrides(by_rules(units, strategy)["strategy"], strategy, by_hand, as_of),
        managers(book, units, strategy) if companies else _no_managers(),
        strategy.model_dump(mode="json"),
        tiered,
    )


def choose(
    units: pd.DataFrame, strategy: Strategy, by_hand: pd.DataFrame | None, as_of: pd.Timestamp
) -> pd.DataFrame:
    """Choose one strategy for each unit: the first rule of the preset that holds, or one set by hand that has
    not expired.

    Parameters
    ----------
    units : index unit_id: level (missing where accounts are not tiered), type, gate, verdict, health_band
        (each missing for none), channel (missing outside the campaign), gone, win_back.
    strategy : the preset.
    by_hand : the client's table of overrides, with a column ``strategy``; None without.
    as_of : the day up to which an override must be good.

    Returns
    -------
    Index as ``units``: strategy and rule (keys of the preset; rule BY_HAND where it was set by hand),
    override_reason, override_expires (ISO date; None without).
    """
    out = by_rules(units, strategy)
    found = overrides(out["strategy"], strategy, by_hand, as_of)
    applied = found[found["state"] == "applied"]
    out.loc[applied.index, "strategy"] = applied["strategy"]
    out.loc[applied.index, "rule"] = BY_HAND
    for column in ("reason", "expires"):
        told = applied[column].reindex(out.index).astype(object)
        out[f"override_{column}"] = told.where(told.notna(), None)
    return out


def by_rules(units: pd.DataFrame, strategy: Strategy) -> pd.DataFrame:
    """The strategy of each unit, and the rule that gives it, whatever was set by hand."""
    known = _conditions(units, strategy)
    holds = [_holds(known, rule.when) for rule in strategy.choice]
    last = strategy.choice[-1]
    return pd.DataFrame(
        {
            "strategy": np.select(holds, [rule.strategy for rule in strategy.choice], last.strategy),
            "rule": np.select(holds, [rule.rule for rule in strategy.choice], last.rule),
        },
        index=units.index,
        dtype=object,
    )


def _conditions(units: pd.DataFrame, strategy: Strategy) -> dict[str, pd.Series]:
    """What the rules ask for, per unit."""
    care = {level: plan.care for level, plan in strategy.levels.items()}
    known = {name: units[name] for name in ("level", "type", "gate", "verdict", "health_band")}
    known["care"] = units["level"].map(care).fillna(strategy.untiered.care)
    known["campaign"] = units["channel"].notna()
    for name in ("gone", "win_back"):
        known[name] = units[name].astype(bool)
    return known


def _holds(known: Mapping[str, pd.Series], when: When) -> np.ndarray:
    """Where every condition of a rule is met; what is unknown meets none."""
    held = np.ones(len(known["campaign"]), dtype=bool)
    for name, asked in when:
        if asked is not None:
            met = known[name] == asked if isinstance(asked, bool) else known[name].isin(asked)
            held &= met.to_numpy(dtype=bool)
    return held


def overrides(
    by_rule: pd.Series, strategy: Strategy, by_hand: pd.DataFrame | None, as_of: pd.Timestamp
) -> pd.DataFrame:
    """Read the strategies set by hand, by key or by name in either language.

    Parameters
    ----------
    by_rule : unit_id → strategy by the rules, of every planned unit.
    strategy, by_hand, as_of : as for ``choose``.

    Returns
    -------
    One row per override (index account_id): strategy (key; as written where there is none), by_rule, reason,
    by, expires (ISO date or None), state: applied, expired, superseded (another of the same unit applies), or
    unusable (a strategy that the preset or a unit that the plan does not have).
    """
    if by_hand is None or "strategy" not in by_hand:
        return pd.DataFrame(columns=OVERRIDES, index=pd.Index([], name="account_id", dtype="str"))
    # of a group's several the one to prefer stands first
    rows = by_hand.dropna(subset=["strategy"]).set_index("account_id")
    known: dict[str, str] = {}
    for key, words in strategy.described().items():
        known |= {_folded(name): key for name in (words.zh, words.en)}
    known |= {_folded(key): key for key in strategy.described()}
    key = rows["strategy"].map(lambda written: known.get(_folded(str(written))))
    ends = rows["expires"] if "expires" in rows else pd.Series(pd.NaT, index=rows.index)
    usable = rows.index.isin(by_rule.index) & key.notna().to_numpy()
    expired = (ends < as_of).to_numpy()
    first = (pd.Series(usable & ~expired, index=rows.index).groupby(level=0).cumsum() == 1).to_numpy()
    state = np.select([~usable, expired, ~first], ["unusable", "expired", "superseded"], "applied")
    expires = ends.dt.strftime("%Y-%m-%d").astype(object).where(ends.notna(), None)
    out = rows.assign(
        strategy=key.where(key.notna(), rows["strategy"]),
        by_rule=by_rule.reindex(rows.index),
        expires=expires,
        state=state,
    )
    return out.reindex(columns=OVERRIDES)


def _folded(name: str) -> str:
    return name.strip().casefold()


def managers(book: Book, units: pd.DataFrame, strategy: Strategy) -> pd.DataFrame:
    """Find the units that purchase enough a year for a manager of their own, and whether they have one.

    An owner is a unit's own manager who leads at most ``dedicated.most_accounts`` units of the plan, this one
    among them; who leads more is shared.

    Parameters
    ----------
    book : by units; its ``wallet`` tells what a unit purchases from anybody.
    units : the planned units, index unit_id.
    strategy : whose ``dedicated`` states the limits.

    Returns
    -------
    Index unit_id, the largest first; units recorded as lost are left out. purchases (the larger of what we
    sold it in 12 months and what it spends a year), basis (``own`` or ``wallet``), owner, leads (units of the
    plan that the owner leads, missing without one), state: ``own``, ``shared`` or ``none``.
    """
    own, spend = purchases.revenue(book), measure_of(book, "wallet_spend").reindex(book.accounts.index)
    most = own.where(~(spend > own), spend)
    lost = measure_of(book, "stage").reindex(most.index) == "lost"
    large = most[(most > strategy.dedicated.above) & ~lost].sort_values(ascending=False, kind="stable")
    if large.empty:
        return _no_managers()
    named = book.accounts["owner"] if "owner" in book.accounts else pd.Series(None, index=most.index)
    owner = named.reindex(large.index).astype(object)
    led = named.reindex(units.index.union(large.index)).value_counts()
    leads = owner.map(led).astype("float64")
    has = owner.notna().to_numpy()
    state = np.select(
        [~has, (leads > strategy.dedicated.most_accounts).to_numpy()], ["none", "shared"], "own"
    )
    return pd.DataFrame(
        {
            "purchases": large,
            "basis": np.where(spend.reindex(large.index) > own.reindex(large.index), "wallet", "own"),
            "owner": owner.where(owner.notna(), None),
            "leads": leads,
            "state": state,
        }
    ).rename_axis("account_id")


def _no_managers() -> pd.DataFrame:
    return pd.DataFrame(columns=MANAGERS, index=pd.Index([], name="account_id", dtype="str"))


def add_findings(
    findings: Findings, book: Book, units: pd.DataFrame, choice: StrategyChoice, due: str
) -> None:
    """Add how many units get which strategy, those set by hand, and who lacks a manager of its own.

    Parameters
    ----------
    units : the planned units: gone, revenue, level, gate (the rule that holds one back).
    due : ISO date by which managers are to be named.
    """
    still = units[~units["gone"].astype(bool)]
    if not choice.tiered:
        findings.add("plan_untiered", "note", None, count=len(still))
    given = choice.units.loc[still.index, "strategy"].value_counts()
    keys = [key for key in choice.rules["strategy"].drop_duplicates() if key in given]
    described = Strategy.model_validate(choice.preset).described()
    invest = still[choice.units["strategy"].reindex(still.index) == "invest"]
    invest = invest.sort_values("revenue", ascending=False)
    findings.add(
        "strategies",
        "note",
        "assign_teams" if len(invest) else None,
        invest.index,
        planned=len(still),
        buying=int((units["revenue"] > 0).sum()),
        due=due,
        first_teams=min(TEAMS, len(invest)),
        zh=[described[key].zh for key in keys],
        en=[described[key].en for key in keys],
        counts=[int(given[key]) for key in keys],
    )
    _add_overrides(findings, choice.overrides)
    held = set(units.index[units["gate"].notna() & ~units["level"].isin(KEY_LEVELS)])
    _add_managers(findings, book, choice, due, held)


def _add_overrides(findings: Findings, found: pd.DataFrame) -> None:
    for state, kind, action in (
        ("applied", "strategies_applied", None),
        ("expired", "strategies_expired", "renew_strategies"),
        ("unusable", "strategies_unusable", "mend_strategies"),
    ):
        accounts = found.index[found["state"] == state]
        if len(accounts):
            severity: Severity = "watch" if action else "note"
            findings.add(kind, severity, action, accounts, count=len(accounts))


def _add_managers(
    findings: Findings, book: Book, choice: StrategyChoice, due: str, held: Collection[str]
) -> None:
    """Who lacks a manager of its own. ``held``: accounts that a rule keeps out of the key ones get one once
    their level is settled, and are named last.
    """
    waits = choice.managers.index.isin(list(held))
    large = choice.managers.iloc[np.argsort(waits, kind="stable")]
    if large.empty:
        return
    limits = choice.preset["dedicated"]
    told = {"above": limits["above"], "most": limits["most_accounts"], "count": len(large), "due": due}
    if not ("owner" in book.accounts and book.accounts["owner"].notna().any()):
        findings.add("managers_unknown", "watch", "name_owners", large.index, **told)
        return
    none, shared = large[large["state"] == "none"], large[large["state"] == "shared"]
    if len(none):
        findings.add("managers_none", "act", "name_managers", none.index, **told, lacking=len(none))
    if len(shared):
        leads = {"fewest": shared["leads"].min(), "largest": shared["leads"].max()}
        leads["waiting"] = int(shared.index.isin(list(held)).sum())
        leads["people"] = -(-len(shared) // limits["most_accounts"])  # who look after these alone
        leads["owners"] = list(shared["owner"].value_counts().index)
        findings.add(
            "managers_shared", "watch", "relieve_managers", shared.index, **told, lacking=len(shared), **leads
        )
    if none.empty and shared.empty:
        findings.add("managers_kept", "note", None, **told)
