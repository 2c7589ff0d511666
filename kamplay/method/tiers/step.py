"""Step 1: who is a key account, by which rule, how stable that is, and how far departments agree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.measures import purchases
from kamplay.method.measures.business import fitting
from kamplay.method.results import Findings, StepResult, figure
from kamplay.method.tiers import (
    consensus,
    criteria,
    key_accounts,
    migration,
    positioning,
    prospects,
    related_accounts,
    rules,
    stability,
    tiering_test,
)
from kamplay.method.tiers.account_classes import account_classes
from kamplay.method.tiers.migration import EarlierTiers
from kamplay.method.tiers.rating import Rating, Units, rate
from kamplay.presets.scorecard import KEY_LEVELS, Scorecard

POINT_DIGITS = 8  # so many that a score made of the points again is the score
LEAST_RELATED = 0.001  # of revenue: a smaller suspected group changes nothing
# findings that only say something of tiers: left out where tiering is not worth its while
OF_TIERS = frozenset(
    {
        "key_accounts",
        "key_none",
        "borderline",
        "all_firm",
        "doubt_driver",
        "to_settle",
        "settled",
        "proposal",
        "tiers_alike",
        "moved",
        "none_moved",
    }
)
OF_UNIT = ["tier_score", "tier", "tier_probability", "gate", "override", "level"]


@dataclass(frozen=True)
class Tiers(StepResult):
    """What step 1 found, a table for each topic. Units are accounts, or groups rated as one customer.

    Attributes
    ----------
    accounts : per account (index account_id) revenue of its own (12 months), group (the unit it is rated in),
        and of that unit tier_score, tier, tier_probability, gate, override, level.
    rated : per unit, see ``key_accounts.rated_units``, with ``open``, see ``key_accounts.open_reasons``; as
        ``settled`` where tiering is not worth its while.
    summary : per tier, see ``key_accounts.tier_summary``.
    points : units × measured criteria, 0 to 100, to POINT_DIGITS decimals.
    criteria : per measured criterion, see ``criteria.criteria_table``.
    judgements : consistency by rater, see ``criteria.judgement_table``.
    rules : per gate and safeguard, see ``rules.rule_table``.
    overrides : every tier set by hand, see ``rules.overrides``.
    rounds, departments, disputed : from the ballots, see ``consensus.Consensus``; empty without any.
    positioning : accounts on the map, see ``positioning.positioning``.
    axis_coverage : data behind the map, see ``positioning.axis_coverage``.
    account_classes : per class, see ``account_classes.account_classes``.
    prospects : accounts to assess, see ``prospects.prospects``.
    migration : units whose tier changed, see ``migration.migration``.
    related_accounts : suspected groups, see ``related_accounts.related_accounts``.
    """

    step: ClassVar[str] = "tiers"
    rated: pd.DataFrame
    summary: pd.DataFrame
    points: pd.DataFrame
    criteria: pd.DataFrame
    judgements: pd.DataFrame
    rules: pd.DataFrame
    overrides: pd.DataFrame
    rounds: pd.DataFrame
    departments: pd.DataFrame
    disputed: pd.DataFrame
    positioning: pd.DataFrame
    axis_coverage: pd.DataFrame
    account_classes: pd.DataFrame
    prospects: pd.DataFrame
    migration: pd.DataFrame
    related_accounts: pd.DataFrame

    @property
    def tiered(self) -> bool:
        """Whether tiering is worth its while; where it is not, nothing is planned or published by tier."""
        return bool(self.key_figures["worthwhile"])

    @property
    def settled(self) -> pd.DataFrame:
        """``accounts`` without tiers, levels and their probabilities where tiering is not worth its while."""
        return self.accounts if self.tiered else _untiered(self.accounts)

    @property
    def units(self) -> pd.DataFrame:
        """The rows of ``settled`` that stand for a unit: the head of each group, and every other account."""
        return self.settled[self.accounts["group"] == self.accounts.index]


def define_tiers(book: Book, card: Scorecard, earlier: EarlierTiers | None = None) -> Tiers:
    """Rate every account by the card (groups as one), apply gates, safeguards and unexpired overrides, and
    test how stable the tiers are.

    Parameters
    ----------
    book : the client's data.
    card : the scorecard.
    earlier : step 1 of an earlier run, for who changed tier and why.
    """
    rating = rate(book, card)
    overrides = rules.overrides(rating.book, card, rating.tiers())
    unit_table = key_accounts.rated_units(rating, overrides)
    ballots = rating.book.table("ballots") if rating.book.has("ballots") else None
    views = consensus.consensus(rating, ballots)
    disputed = views.disputed if views else pd.DataFrame()
    unit_table["open"] = key_accounts.open_reasons(unit_table, disputed)
    accounts = _accounts(book, rating, unit_table)
    units = Units(unit_table)
    test = tiering_test.tiering_test(unit_table["revenue"], unit_table["level"].isin(KEY_LEVELS))
    summary = key_accounts.tier_summary(unit_table, card)
    table = criteria.criteria_table(rating, views.proposal if views else pd.Series(dtype="float64"))
    judgements = criteria.judgement_table(card)
    rule_table = rules.rule_table(card, rating.bounds, unit_table)
    positions = positioning.positioning(rating.book, card.position)
    to_assess = prospects.prospects(rating.book, card.intake)
    changes = migration.migration(rating.book, earlier, unit_table, card)
    related = related_accounts.related_accounts(book, rating.heads, least_share=LEAST_RELATED)

    findings = Findings("tiers")
    tiering_test.add_findings(findings, test, units.buying.index[:1])
    key_accounts.add_findings(findings, units, test.worthwhile, purchases.without_net(book))
    related_accounts.add_findings(findings, related)
    rules.add_gate_findings(findings, rating.book, units.buying, rule_table)
    rules.add_safeguard_findings(findings, unit_table, rule_table)
    if test.worthwhile:  # else nobody is to be treated by tier, and no tier has to be settled
        stability.add_findings(findings, units, table)
        key_accounts.add_open_findings(findings, units, voted=views is not None)
    criteria.add_findings(findings, rating, table, judgements)
    consensus.add_findings(findings, rating, views, units)
    rules.add_override_findings(findings, overrides)
    positioning.add_findings(findings, card.position, positions, units.total)
    prospects.add_findings(findings, book, card.intake, to_assess)
    migration.add_findings(findings, earlier, changes)

    found = fitting(findings.settled(), book)
    unstable: int | None = int((units.buying["tier_probability"] < stability.STABLE).sum())
    key_levels = unit_table["level"].isin(KEY_LEVELS)
    if not test.worthwhile:
        found = tuple(f for f in found if f.kind not in OF_TIERS)
        unit_table, unstable, key_levels = _untiered(unit_table), None, key_levels & False
        summary = summary.assign(accounts=0, revenue=0.0, revenue_share=0.0)
        changes = changes.iloc[:0]
    return Tiers(
        key_figures={
            "counts": {t: int(n) for t, n in zip(summary["tier"], summary["accounts"], strict=True)},
            "worthwhile": test.worthwhile,
            "consensus_w": figure(round(views.w.w, 4)) if views and views.w else None,
            "unstable": unstable,
        },
        findings=found,
        accounts=accounts,
        rated=unit_table,
        summary=summary,
        points=rating.points.round(POINT_DIGITS),
        criteria=table,
        judgements=judgements,
        rules=rule_table,
        overrides=overrides,
        rounds=views.rounds if views else pd.DataFrame(),
        departments=views.departments if views else pd.DataFrame(),
        disputed=disputed,
        positioning=positions,
        axis_coverage=positioning.axis_coverage(rating.book, card.position),
        account_classes=account_classes(rating.book, key_levels),
        prospects=to_assess,
        migration=changes,
        related_accounts=related,
    )


def _untiered(table: pd.DataFrame) -> pd.DataFrame:
    """A table of accounts or units without what says in which tier each is, or how surely."""
    chances = [c for c in table if c.endswith("_probability") or c.startswith(("chance_", "by_", "key_by_"))]
    out = table.assign(tier=None, level=None, **dict.fromkeys(chances, np.nan))
    return out.assign(open=[[] for _ in range(len(out))]) if "open" in out else out


def _accounts(book: Book, rating: Rating, unit_table: pd.DataFrame) -> pd.DataFrame:
    """Every account with the rating of its unit; revenue is its own."""
    out = unit_table.loc[rating.heads.to_numpy(), OF_UNIT].set_axis(rating.heads.index)
    out.insert(1, "revenue", purchases.revenue(book))
    return out.assign(group=rating.heads)
