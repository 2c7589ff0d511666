"""The first page: the figures that matter, what was found, what to do first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kamplay.method.results import Finding
from kamplay.show.locale import N_
from kamplay.show.sentences import action, headline
from kamplay.show.view import View

# What a managing director reads first; the order in which findings of equal gravity stand
ORDER = (
    "not_reconciled", "not_worth_tiering", "key_accounts", "concentration", "movement", "target_short", "target_within", "future_expected",
    "future_expected_untested", "room_wallet", "room_wallet_both", "room_wallet_estimated", "watch_list", "watch_list_score", "large_losses", "below_peak", "gate_skinner", "margin_losers", "overdue", "overdue_without_purchases",
    "pvm", "deals_promise_low", "deals_promise_high", "spread_rose", "room_competitor", "stress_first", "stress_first_revenue",
    "red_accounts", "win_back_list", "entities_competing", "gate_broken_word", "moved", "over_capacity", "intake_due", "visits_behind",
    "kept_by_tier", "kept_by_size", "deals_overdue", "months_empty", "kin_suspected", "profit_given_back", "standing_weak",
)  # fmt: skip
LAST = (
    "to_settle",
    "agreement",
    "proposal",
    "who_is_key",
    "furthest",
    "borderline",
    "future_dependent_more",
    "future_dependent_less",
)  # how it was worked out
TOLD_ALREADY = {"large_silent", "red_accounts", "urgent", "urgent_silent", "loop_open"}  # the short list and `overdue` say it
# a report without these has not said where the money is, how it moved, what is coming and what is left to win
ALWAYS = (
    "concentration", "movement", "target_short", "target_within", "future_expected", "future_expected_untested", "room_wallet",
    "room_wallet_both", "room_wallet_estimated",
)  # fmt: skip
MOST = 8


@dataclass(frozen=True)
class Tile:
    label: str
    value: str
    hint: str


@dataclass(frozen=True)
class Point:
    severity: str
    text: str
    action: str | None
    step: str


@dataclass(frozen=True)
class Summary:
    tiles: list[Tile]
    points: list[Point]
    watch: list[Point]


def summarise(figures: dict[str, Any], findings: list[Finding], view: View) -> Summary:
    """Six figures, the gravest findings with their actions, and what to keep an eye on."""
    locale = view.locale
    rank = {kind: i for i, kind in enumerate(ORDER)} | {kind: len(ORDER) + 1 for kind in LAST}
    grave = sorted(
        (
            f
            for f in findings
            if (f.severity == "act" or f.kind in ALWAYS) and f.kind not in TOLD_ALREADY and not f.kind.startswith("warn_")
        ),
        key=lambda f: rank.get(f.kind, len(ORDER)),
    )[:MOST]
    watch = sorted((f for f in findings if f.severity == "watch" and f not in grave), key=lambda f: rank.get(f.kind, len(ORDER)))[:6]
    points = [
        [Point(f.severity, headline(f, locale, view.names), action(f, locale, view.names), f.step) for f in part] for part in (grave, watch)
    ]
    return Summary(_tiles(figures, findings, view), *points)


def _tiles(figures: dict[str, Any], findings: list[Finding], view: View) -> list[Tile]:
    locale, value, health, plan = view.locale, figures["value"], figures["health"], figures["plan"]
    by_kind = {f.kind: f.figures for f in findings}
    tiles = [
        Tile(
            locale.text(N_("Revenue, 12 months")),
            locale.money(value["revenue"]),
            locale.say(N_("{accounts:n} accounts with positive revenue"), accounts=value["accounts"]),
        ),
        Tile(
            locale.text(N_("Accounts for 80%")),
            locale.number(value["accounts_for_80"]),
            locale.say(N_("the top fifth brings {share:pct}"), share=value["top20_share"]),
        ),
        Tile(
            locale.text(N_("Largest account")),
            locale.percent(value["top1_share"]),
            locale.say(N_("the top five {share:pct}"), share=value["top5_share"]),
        ),
        Tile(
            locale.text(N_("Revenue kept")),
            locale.percent(value["grr"]),
            locale.say(N_("{nrr:pct} with growth (GRR, NRR)"), nrr=value["nrr"]),
        ),
    ]
    if health["verdict"] == "validated":
        at_risk = by_kind["at_risk"]["at_risk"]
        tiles.append(
            Tile(
                locale.text(N_("Expected loss")),
                locale.money(at_risk),
                locale.say(N_("in {days:n} days, from accounts that stop"), days=health["horizon_days"]),
            )
        )
    else:
        red = by_kind.get("red_accounts") or by_kind["no_red"]
        tiles.append(
            Tile(
                locale.text(N_("Red accounts")),
                locale.number(red["red"]),
                locale.say(N_("of {active:n} active; expert score"), active=red["active"]),
            )
        )
    urgent = by_kind.get("urgent") or by_kind.get("urgent_silent") or {"count": 0}
    planned = by_kind["types"]["planned"] if "types" in by_kind else plan["accounts_planned"]  # without those to be won back
    hint = locale.say(N_("of {planned:n} planned accounts"), planned=planned)
    tiles.append(Tile(locale.text(N_("To act on this week")), locale.number(urgent["count"]), hint))
    return tiles
