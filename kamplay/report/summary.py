"""The first page: the figures that matter, what was found, what to do first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kamplay.method.results import Finding
from kamplay.show.locale import N_
from kamplay.show.sentences.brief import brief, brief_action
from kamplay.show.view import View

# What a managing director reads first; the order in which findings of equal gravity stand
ORDER = (
    "not_reconciled", "not_worth_tiering", "key_accounts", "concentration", "movement", "outlook_signs_target", "outlook_signs_part", "outlook_signs", "target_short", "target_within",
    "future_expected",
    "future_expected_corrected", "future_expected_untested", "room_wallet", "room_wallet_both", "room_wallet_estimated", "watch_list", "watch_list_score", "win_back_list", "large_losses", "below_peak", "gate_skinner", "margin_losers", "overdue", "overdue_without_purchases",
    "pvm", "deals_promise_low", "deals_promise_high", "spread_rose", "room_competitor", "stress_first", "stress_first_revenue",
    "over_capacity", "gate_broken_word", "red_accounts", "entities_competing", "warned", "moved", "intake_due", "visits_behind",
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
# another finding says it: the short list, `overdue`, `win_back_list`
TOLD_ALREADY = {
    "large_silent",
    "red_accounts",
    "red_buying",
    "red_gone",
    "urgent",
    "urgent_silent",
    "loop_open",
    "loop_open_unpriced",
    "already_stopped",
}
# a report without these has not said where the money is, how it moved, what is coming and what is left to win
ALWAYS = (
    "concentration", "movement", "outlook_signs_target", "outlook_signs_part", "outlook_signs", "target_short", "target_within", "future_expected",
    "future_expected_corrected", "future_expected_untested", "room_wallet", "room_wallet_both", "room_wallet_estimated",
)  # fmt: skip
FORECASTS = {"future_expected", "future_expected_corrected", "future_expected_untested"}  # where a target is known it says this too
TARGETS = {"target_short", "target_within"}
AFTER_SIGNS = {"outlook_signs", "outlook_signs_target", "outlook_signs_part"}
SPECIALIST = ("warn_", "proof_", "last_", "not_better")  # how it was tested is for the section that tells it
MOST, MOST_TO_WATCH = 8, 4  # what one page holds


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
    kinds = {f.kind for f in findings}
    told = TOLD_ALREADY | (FORECASTS if kinds & TARGETS else set())
    if kinds & AFTER_SIGNS:  # one outlook on the first page: the one to budget on
        told |= FORECASTS | TARGETS
    open_ = [f for f in findings if f.kind not in told and not f.kind.startswith(SPECIALIST)]
    open_.sort(key=lambda f: rank.get(f.kind, len(ORDER)))
    grave = [f for f in open_ if f.severity == "act" or f.kind in ALWAYS][:MOST]
    watch = [f for f in open_ if f.severity == "watch" and f not in grave][:MOST_TO_WATCH]
    points, others = (
        [Point(f.severity, brief(f, locale, view.names), brief_action(f, locale, view.names), f.step) for f in part]
        for part in (grave, watch)
    )
    return Summary(_tiles(figures, findings, view), points, others)


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
    if health["verdict"] == "validated" and "at_risk" in by_kind:  # not where all have stopped
        at_risk = by_kind["at_risk"]
        tiles.append(
            Tile(
                locale.text(N_("Expected loss")),
                locale.money(at_risk["at_risk"]),
                locale.say(N_("in {days:n} days ({low:money} to {high:money})"), days=health["horizon_days"], **_range(at_risk)),
            )
        )
    else:
        red = (
            by_kind.get("red_accounts")
            or by_kind.get("red_buying")
            or by_kind.get("red_gone")
            or by_kind.get("no_red")
            or {"red": None, "active": 0}
        )  # nobody bought twice
        tiles.append(
            Tile(
                locale.text(N_("Red accounts")),
                locale.number(red["red"]),
                locale.say(N_("of {active:n} active; expert score"), active=red["active"]),
            )
        )
    urgent = by_kind.get("urgent") or by_kind.get("urgent_silent") or {"count": 0}
    buying = by_kind["types"]["buying"] if "types" in by_kind else plan["accounts_planned"]
    hint = locale.say(N_("of {buying:n} accounts that bought"), buying=buying)
    tiles.append(Tile(locale.text(N_("To act on this week")), locale.number(urgent["count"]), hint))
    return tiles


def _range(figures: dict[str, Any]) -> dict[str, float]:
    return {end: figures[end] for end in ("low", "high")}
