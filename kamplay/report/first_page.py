"""The first page: the figures that matter, what was found, what to do first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kamplay.method.results import Finding
from kamplay.show.findings import brief, brief_action, trust
from kamplay.show.locale import N_
from kamplay.show.registry import specs
from kamplay.show.view import View

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
class FirstPage:
    tiles: list[Tile]
    points: list[Point]
    watch: list[Point]


def first_page(figures: dict[str, Any], findings: list[Finding], view: View) -> FirstPage:
    """Six figures, the gravest findings with their actions, and what to keep an eye on."""
    locale, known = view.locale, specs()
    replaced = {kind for f in findings for kind in known[f.kind].replaces}
    told = [f for f in findings if known[f.kind].on_first_page and f.kind not in replaced]
    told.sort(key=lambda f: known[f.kind].rank)
    grave = [f for f in told if f.severity == "act" or known[f.kind].always][:MOST]
    watch = [f for f in told if f.severity == "watch" and f not in grave][:MOST_TO_WATCH]
    points, others = (
        [Point(f.severity, brief(f, locale, view.names), _next(f, view), f.step) for f in part]
        for part in (grave, watch)
    )
    return FirstPage(_tiles(figures, findings, view), points, others)


def _next(finding: Finding, view: View) -> str | None:
    """What to do about a finding; where it is within chance, how wide chance is."""
    if finding.reference == "within":
        return trust(finding, view.locale, view.names)
    return brief_action(finding, view.locale, view.names)


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
    if "at_risk" in by_kind:  # not where all have stopped
        at_risk = by_kind["at_risk"]
        tiles.append(
            Tile(
                locale.text(N_("Expected loss")),
                locale.money(at_risk["at_risk"]),
                locale.say(
                    N_("in {days:n} days ({low:money} to {high:money})"),
                    days=health["horizon_days"],
                    **_range(at_risk),
                ),
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
    urgent = by_kind.get("urgent") or {"count": 0}
    buying = by_kind["strategies"]["buying"] if "strategies" in by_kind else plan["accounts_planned"]
    hint = locale.say(N_("of {buying:n} accounts with positive revenue"), buying=buying)
    tiles.append(Tile(locale.text(N_("To act on this week")), locale.number(urgent["count"]), hint))
    return tiles


def _range(figures: dict[str, Any]) -> dict[str, float]:
    return {end: figures[end] for end in ("low", "high")}
