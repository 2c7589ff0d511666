"""Rules that override the score: gates cap a tier, safeguards set a minimum, and tiers are set by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.measures.registry import MEASURES, expert_ratings, measure_of, usual_margin
from kamplay.method.results import Findings, Severity
from kamplay.presets.scorecard import LEVELS, Limit, Rule, Scorecard

# rules with a sentence of their own; the others share one, which names them by label
GATES = ("skinner", "unprofitable", "one_off", "broken_word", "litigation", "lost")
SAFEGUARDS = ("small_but_strong", "demanding")
OVERRIDES = ["tier", "by_rule", "reason", "by", "expires", "state"]


@dataclass(frozen=True)
class RuleBounds:
    """What the gates and safeguards of a card allow each unit (index account_id); a position is 0 for the
    highest tier.

    Attributes
    ----------
    ceiling, floor : (units,), the highest and the lowest position.
    gate : key of the strictest gate that applies, the first of equals; None without one.
    safeguard : key of the first safeguard that applies; None without one, and for a unit that is excluded.
    applies : units × rules that could be checked, whether each applies.
    excluded : (units,), not counted in quotas.
    unchecked : keys of the rules whose measures no account has.
    """

    ceiling: np.ndarray
    floor: np.ndarray
    gate: pd.Series
    safeguard: pd.Series
    applies: pd.DataFrame
    excluded: np.ndarray
    unchecked: tuple[str, ...]

    def clip(self, position: np.ndarray) -> np.ndarray:
        """Limit positions (units,) or (units, draws) to what the rules allow; a safeguard beats a gate."""
        ceiling, floor = self.ceiling, self.floor
        if position.ndim > 1:
            ceiling, floor = ceiling[:, None], floor[:, None]
        return np.minimum(np.maximum(position, ceiling), floor)


def rule_bounds(book: Book, card: Scorecard) -> RuleBounds:
    """Check all gates and safeguards of the card for every account of the Book."""
    index = book.accounts.index
    found = {name: rule_applies(book, rule) for name, rule in {**card.safeguards, **card.gates}.items()}
    known = {name: applies.to_numpy() for name, applies in found.items() if applies is not None}
    ceiling, floor, excluded = limits_under(card, known, (len(index),))
    gate, safeguard = (pd.Series(None, index=index, dtype=object) for _ in range(2))
    hits, strictest = gate_hits(card, known), np.zeros(len(index), dtype=np.int8)
    applies = pd.DataFrame(hits, index=index)
    for name, hit in hits.items():
        cap = _cap(card, name)
        gate[hit & (gate.isna().to_numpy() | (cap > strictest))] = name
        strictest[hit] = np.maximum(strictest[hit], cap)
    for name in card.safeguards:
        if name in known:
            applies[name] = known[name] & ~excluded
            safeguard[applies[name] & safeguard.isna()] = name
    unchecked = tuple(name for name, applies_to in found.items() if applies_to is None)
    return RuleBounds(ceiling, floor, gate, safeguard, applies, excluded, unchecked)


def limits_under(
    card: Scorecard, applies: Mapping[str, np.ndarray], shape: tuple[int, ...]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The highest and the lowest position that the rules allow, and who is excluded.

    Parameters
    ----------
    applies : rule → where it applies, for the rules that could be checked, of ``shape`` or one that extends
        to it.
    shape : (units,) or (units, draws).
    """
    last = len(card.tiers) - 1
    ceiling, floor = np.zeros(shape, dtype=np.int8), np.full(shape, last, dtype=np.int8)
    excluded = np.zeros(shape, dtype=bool)
    for name, guard in card.safeguards.items():
        if guard.floor and name in applies:
            lowest = np.minimum(floor, _lowest_at(card, guard.floor))
            floor = np.where(applies[name], lowest, floor).astype(np.int8)
    for name, hit in gate_hits(card, applies).items():
        ceiling = np.where(hit, np.maximum(ceiling, _cap(card, name)), ceiling).astype(np.int8)
        excluded |= hit & card.gates[name].exclude
    return ceiling, np.where(excluded, last, floor).astype(np.int8), excluded


def gate_hits(card: Scorecard, applies: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Of the gates that could be checked, where each applies and no safeguard shields from it."""
    out = {}
    for name in card.gates:
        if name in applies:
            shields = [
                applies[key]
                for key, guard in card.safeguards.items()
                if key in applies and name in guard.shields
            ]
            out[name] = applies[name] & ~np.logical_or.reduce(np.broadcast_arrays(False, *shields))
    return out


def rule_applies(book: Book, rule: Rule) -> pd.Series | None:
    """Whether every condition of ``rule`` is met, per account; an unknown value never meets one. None where
    a measure is known of no account.
    """
    out = pd.Series(True, index=book.accounts.index)
    for measure, limit in rule.when.items():
        values = (
            measure_of(book, measure)
            if measure in MEASURES
            else expert_ratings(book, [measure.partition(".")[2], rule.zh, rule.en])
        )
        if values.notna().sum() == 0:
            return None
        out &= within(values, limit, measure)
    return out


def within(values: pd.Series, limit: Limit, measure: str) -> pd.Series:
    """Where a measure lies within its limit."""
    if measure in MEASURES and MEASURES[measure].worded:
        allowed = {word.strip().casefold() for word in limit.one_of or []}
        inside = values.map(lambda v: str(v).strip().casefold() in allowed, na_action="ignore")
        return inside.fillna(False).astype(bool)
    return pd.Series(number_within(values.to_numpy(dtype=float), limit), index=values.index)


def number_within(values: np.ndarray, limit: Limit) -> np.ndarray:
    """Where numbers of any shape lie within a limit; a missing one never does."""
    inside = ~np.isnan(values)
    for bound, test in (
        (limit.above, np.greater),
        (limit.below, np.less),
        (limit.at_least, np.greater_equal),
        (limit.at_most, np.less_equal),
    ):
        if bound is not None:
            inside &= test(values, bound)
    return inside


def _cap(card: Scorecard, name: str) -> int:
    """The highest position that a gate leaves."""
    gate = card.gates[name]
    return len(card.tiers) - 1 if gate.exclude else _highest_at(card, gate.cap or "C")


def _highest_at(card: Scorecard, level: str) -> int:
    """The position of the highest tier whose level is not above ``level``."""
    allowed = [n for n, t in enumerate(card.tiers) if LEVELS.index(t.level) >= LEVELS.index(level)]
    return min(allowed, default=len(card.tiers) - 1)


def _lowest_at(card: Scorecard, level: str) -> int:
    """The position of the lowest tier whose level is not below ``level``; the highest where there is none."""
    allowed = [n for n, t in enumerate(card.tiers) if LEVELS.index(t.level) <= LEVELS.index(level)]
    return max(allowed, default=0)


def rule_table(card: Scorecard, bounds: RuleBounds, unit_table: pd.DataFrame) -> pd.DataFrame:
    """Count the buying units that each rule applies to, and those whose tier it changes.

    Parameters
    ----------
    card, bounds : the scorecard, and what its rules allow.
    unit_table : the rated units, see ``key_accounts.rated_units``.

    Returns
    -------
    One row per rule: kind (gate, safeguard), key, zh, en, cap (level, of a gate), accounts, moved, checked.
    """
    buying = unit_table[unit_table["revenue"] > 0]
    lowest = card.tiers[-1].level
    lowered = buying["gate"].value_counts()
    raised = buying.loc[buying["raised"], "safeguard"].value_counts()
    rows: list[tuple[Any, ...]] = [
        ("gate", k, g.zh, g.en, g.cap or lowest, lowered.get(k, 0)) for k, g in card.gates.items()
    ]
    rows += [("safeguard", k, s.zh, s.en, None, raised.get(k, 0)) for k, s in card.safeguards.items()]
    out = pd.DataFrame(rows, columns=["kind", "key", "zh", "en", "cap", "moved"])
    counts = bounds.applies.reindex(buying.index).sum()
    out.insert(5, "accounts", [int(counts.get(key, 0)) for key in out["key"]])
    return out.assign(
        moved=out["moved"].astype("int64"), checked=[key not in bounds.unchecked for key in out["key"]]
    )


def overrides(book: Book, card: Scorecard, tiers: pd.Series) -> pd.DataFrame:
    """Read the tiers set by hand.

    Parameters
    ----------
    book : of the rated units.
    card : names the tiers.
    tiers : unit → tier by rule.

    Returns
    -------
    One row per override (index account_id): tier, by_rule, reason, by, expires (ISO date or None), state:
    applied, expired, superseded (another of the same group applies), or unusable (a tier or an account that
    the card or the client does not have).
    """
    if not book.has("overrides", "tier"):
        return pd.DataFrame(columns=OVERRIDES, index=pd.Index([], name="account_id", dtype="str"))
    # of a group's several the one to prefer stands first
    rows = book.table("overrides").dropna(subset=["tier"]).set_index("account_id")
    ends = rows["expires"] if "expires" in rows else pd.Series(pd.NaT, index=rows.index)
    usable = rows.index.isin(tiers.index) & rows["tier"].isin([t.key for t in card.tiers])
    expired = ends < pd.Timestamp(book.as_of)
    first = pd.Series(usable & ~expired, index=rows.index).groupby(level=0).cumsum() == 1
    state = np.select([~usable, expired, ~first], ["unusable", "expired", "superseded"], "applied")
    expires = ends.dt.strftime("%Y-%m-%d").astype(object).where(ends.notna(), None)
    out = rows.assign(by_rule=tiers.reindex(rows.index), expires=expires, state=state)
    return out.reindex(columns=OVERRIDES)


def add_gate_findings(findings: Findings, book: Book, buying: pd.DataFrame, rules: pd.DataFrame) -> None:
    """Add a finding for each gate that lowers a buying unit; ``buying``: the rated units that bought, the
    largest first.
    """
    total = buying["revenue"].sum()
    gates = rules[rules["kind"] == "gate"].set_index("key")
    for key, gate in gates.iterrows():
        capped = buying[buying["gate"] == key]
        if capped.empty:
            continue
        revenue = capped["revenue"].sum()
        figures = {"count": len(capped), "revenue": revenue, "share": revenue / total, "most": gate["cap"]}
        kind, action = f"gate_{key}", f"review_{key}"
        if key not in GATES:
            kind, action = "gate_own", "review_gate"
            figures |= {"zh": gate["zh"], "en": gate["en"]}
        if key == "skinner":
            margin = (capped["margin_share"] * capped["revenue"]).sum() / revenue
            figures |= {"margin": margin, "usual": usual_margin(book)}
        severity: Severity = "act" if key in ("skinner", "unprofitable", "broken_word") else "watch"
        findings.add(kind, severity, action, capped.index, **figures)
    if not buying["gate"].notna().any() and len(gates):
        findings.add("gates_none", "note")
    unchecked = rules[~rules["checked"]]
    if len(unchecked):
        labels = {language: unchecked[language].tolist() for language in ("zh", "en")}
        findings.add("rules_unchecked", "note", None, **labels)


def add_safeguard_findings(findings: Findings, unit_table: pd.DataFrame, rules: pd.DataFrame) -> None:
    """Add a finding for each safeguard that applies to a unit."""
    protected = unit_table[unit_table["safeguard"].notna()].sort_values("revenue", ascending=False)
    for key, guard in rules[rules["kind"] == "safeguard"].set_index("key").iterrows():
        own = protected[protected["safeguard"] == key]
        if own.empty:
            continue
        figures = {"count": len(own), "revenue": own["revenue"].sum(), "raised": int(own["raised"].sum())}
        if key not in SAFEGUARDS:
            figures |= {"zh": guard["zh"], "en": guard["en"]}
        kind = f"kept_{key}" if key in SAFEGUARDS else "kept_own"
        action = "keep_and_grow" if key == "small_but_strong" else None
        findings.add(kind, "note", action, own.index, **figures)


def add_override_findings(findings: Findings, overrides: pd.DataFrame) -> None:
    """Add a finding for the overrides of each state."""
    accounts = {state: rows.index for state, rows in overrides.groupby("state")}
    for state, action in (("applied", None), ("expired", "renew_overrides"), ("unusable", "mend_overrides")):
        if state in accounts:
            severity: Severity = "watch" if action else "note"
            findings.add(f"overrides_{state}", severity, action, accounts[state], count=len(accounts[state]))
