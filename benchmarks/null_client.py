"""What a client to whom nothing happens is told: stationary buyers, run through the five steps.

    .venv/bin/python benchmarks/null_client.py --seeds 15
    .venv/bin/python benchmarks/null_client.py --seeds 8 --planted

Each seed draws a client of 200 accounts and 36 months. Every account has a rate and a size of purchase of its
own, drawn once and kept for good; two thirds buy at random (Poisson), a third by a rhythm (gaps of a gamma
with shape 9). ``bare`` has transactions only; ``full`` all tables as noise: receivables, deliveries,
tickets, surveys, visits, contacts, opportunities and a wallet, none of which has to do with anything.
Whatever is told there as a change or a difference is false. Printed per kind of client: the mean number of
findings by severity, the accounts to see this week, and of the looks that could tell a change (``CHANGES``)
the share that told one, by kind; and in how many clients a sign of leaving that is no fact was told.

``--planted``: of the cases planted in samples like the shipped one, made from other seeds, the share that a
finding names (act or watch), and of the accounts about to leave those in the first tenth, as in
``planted.py``.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import planted

from kamplay.book import Book, Reading
from kamplay.engagement import load
from kamplay.intake.prepare import prepare
from kamplay.intake.rollup import roll_up
from kamplay.method.check.step import check_data
from kamplay.method.health.step import Health, health_model
from kamplay.method.plan.capacity import Team
from kamplay.method.plan.step import plan_strategies
from kamplay.method.results import Finding
from kamplay.method.tiers.step import define_tiers
from kamplay.method.value.step import pareto_value
from kamplay.presets import load_health, load_scorecard, load_strategy
from kamplay.samples import medtech
from kamplay.show.registry import load_topics, specs

AS_OF = pd.Timestamp("2025-12-31")
MONTHS, ACCOUNTS, HORIZON = 36, 200, 180
CATEGORIES = ("A", "B", "C", "D", "E", "F")
# kinds that claim that something changed, differs or is missing where it should be: what noise may not tell
CHANGES = (
    "movement",
    "large_losses",
    "below_peak",
    "cohort_kept",
    "kept_by_tier",
    "kept_by_size",
    "kept_by_nature",
    "kept_by_industry",
    "kept_by_region",
    "kept_by_owner",
    "spread_rose",
    "spread_fell",
    "spread_margin_narrower",
    "spread_margin_wider",
    "spread_irregular_a",
    "pvm",
    "pvm_price_falls",
    "pvm_turned",
    "room_gap",
    "room_gap_wallet",
    "room_lapsed",
    "future_falling",
    "deals_entities_differ",
    "deals_large_harder",
    "deals_promise_high",
    "deals_promise_low",
    "deals_uncalibrated",
    "deals_forecast_high",
    "deals_stalled",
    "deals_stalled_plain",
    "warn_payment",
    "warn_payment_slip",
    "warn_delivery",
    "warn_complaints",
    "warn_complaints_silent",
    "warn_satisfaction_gap",
    "warn_contact_lost",
    "warn_contact_lost_gone",
    "warn_contact_left",
    "warn_competitor",
    "warn_order_rhythm",
    "already_stopped",
    "large_silent",
    "urgent",
    "watch_list",
    "watch_list_score",
    "warned",
    "win_back_list",
    "survive_leaning",
    "survive_industry",
    "survive_level",
    "survive_nature",
    "survive_region",
    "hazard_lateness",
    "hazard_revenue",
    "hazard_tenure",
    "visits_behind",
    "loop_late",
    "loop_slower_collection",
    "loop_slower_delivery",
    "loop_slower_invoice",
    "collect_days",
)
# which finding names a planted case
NAMED_BY = {
    "unpaid_key": ("overdue", "warn_payment", "loop_both_ways"),
    "skinner": ("margin_losers", "gate", "profit_given_back"),
    "two_entities": ("entities_competing", "entities_competing_shared"),
    "lost_champion": ("warn_contact_left", "warn_contact_lost", "rel_single_thread"),
    "satisfaction_divergence": ("warn_satisfaction_gap",),
    "white_space": ("room_gap",),
    "stalled_deal": ("deals_stalled",),
    "profit_destroyer": ("service_eats_margin",),
    "hidden_group": ("kin_suspected",),
}


class Told(NamedTuple):
    """What one run said."""

    findings: list[Finding]
    to_see: int
    health: Health


def null_client(seed: int, full: bool) -> Book:
    """A client of stationary buyers; ``full`` with all tables as noise."""
    rng = np.random.default_rng([20251231, seed])
    days = (AS_OF - (AS_OF - pd.DateOffset(months=MONTHS))).days
    ids = np.array([f"N{k:03d}" for k in range(ACCOUNTS)])
    a_year, size = rng.gamma(2.0, 5.0, ACCOUNTS), rng.lognormal(8.0, 1.0, ACCOUNTS)
    regular = rng.random(ACCOUNTS) < 1 / 3
    rows = []
    for k in range(ACCOUNTS):
        shape, gap = (9.0 if regular[k] else 1.0), 365 / max(a_year[k], 0.5)
        steps = rng.gamma(shape, gap / shape, int(days / gap * 2) + 40)
        # long before the first day, so that the first gap is one like all others
        at = np.cumsum(steps) - 10 * gap
        at = at[(at >= 0) & (at < days)].astype(int)
        rows.append(
            pd.DataFrame(
                {"account_id": ids[k], "day": at, "amount": size[k] * rng.lognormal(0, 0.5, len(at))}
            )
        )
    lines = pd.concat(rows, ignore_index=True)
    start = AS_OF - pd.Timedelta(days=days - 1)
    lines["date"] = start + pd.to_timedelta(lines.pop("day"), unit="D")
    lines["order_id"] = [f"O{k:06d}" for k in range(len(lines))]
    lines["amount"] = lines["amount"].round(2)
    tables = _noise_tables(rng, lines, ids, size * a_year) if full else {}
    return _book(tables.pop("lines", lines), tables)


def _book(lines: pd.DataFrame, tables: dict[str, pd.DataFrame]) -> Book:
    lines = lines.assign(
        date=lines["date"].astype("datetime64[us]"), account_id=lines["account_id"].astype("str")
    )
    up = roll_up(lines, AS_OF.date())
    reading = Reading("transactions", "data/null.csv", None, len(lines), 0, 0, 0, 0, len(lines), {}, ())
    return Book(
        {"transactions": lines, **tables},
        up.monthly,
        up.days,
        up.baskets,
        up.totals,
        (reading,),
        (),
        AS_OF.date(),
    )


def _noise_tables(
    rng: np.random.Generator, lines: pd.DataFrame, ids: np.ndarray, yearly: np.ndarray
) -> dict[str, pd.DataFrame]:
    """Every other table, each drawn without regard to what anybody buys."""
    n, orders = len(ids), len(lines)
    product = rng.integers(0, 24, orders)
    unit = rng.lognormal(3, 0.8, 24)[product] * rng.lognormal(0, 0.05, orders)
    quantity = np.maximum(1, np.round(lines["amount"] / unit))
    lines = lines.assign(
        product=[f"P{k:02d}" for k in product],
        category=[CATEGORIES[k % len(CATEGORIES)] for k in product],
        quantity=quantity,
        cost=(lines["amount"] * rng.normal(0.65, 0.03, orders)).round(2),
    )
    accounts = pd.DataFrame(
        {
            "account_id": ids,
            "account_name": [f"Account {k:03d}" for k in range(n)],
            "industry": rng.choice(["x", "y", "z"], n),
            "region": rng.choice(["north", "south", "east", "west"], n),
            "nature": rng.choice(["dealer", "user"], n),
            "owner": rng.choice(["Li", "Wang", "Zhao", "Chen", "Sun"], n),
        }
    )
    due = lines["date"] + pd.Timedelta(days=30)
    paid = due + pd.to_timedelta(np.round(rng.normal(-3, 6, orders)).clip(-25, 25), unit="D")
    receivables = pd.DataFrame(
        {
            "invoice_id": lines["order_id"].str.replace("O", "R"),
            "account_id": lines["account_id"],
            "invoice_date": lines["date"],
            "due_date": due,
            "paid_date": paid.where(paid <= AS_OF),
            "amount": lines["amount"],
        }
    )
    promised = lines["date"] + pd.to_timedelta(rng.integers(4, 13, orders), unit="D")
    arrived = promised + pd.to_timedelta(np.round(rng.normal(-1, 1.5, orders)), unit="D")
    deliveries = pd.DataFrame(
        {
            "order_id": lines["order_id"],
            "account_id": lines["account_id"],
            "promised_date": promised,
            "delivered_date": arrived.where(arrived <= AS_OF),
            "ordered": quantity,
            "delivered": quantity,
        }
    )
    tickets = _events(rng, ids, rng.gamma(1.0, 3.0, n)).rename(columns={"date": "opened"})
    took = pd.to_timedelta(rng.integers(1, 15, len(tickets)), unit="D")
    tickets = tickets.assign(
        ticket_id=[f"T{k:05d}" for k in range(len(tickets))],
        closed=(tickets["opened"] + took).where(tickets["opened"] + took <= AS_OF),
        kind=rng.choice(["complaint", "request", "repair"], len(tickets)),
        severity=rng.integers(1, 6, len(tickets)),
        due=tickets["opened"] + pd.Timedelta(days=15),
    )
    surveys = _events(rng, ids, np.full(n, 2.0))
    level = pd.Series(rng.normal(4.0, 0.3, n), index=ids)
    score = (surveys["account_id"].map(level) + rng.normal(0, 0.4, len(surveys))).clip(1, 5).round(1)
    surveys = surveys.assign(score=score.astype(float), scale=5.0)
    visits = _events(rng, ids, rng.gamma(2.0, 8.0, n))
    visits = visits.assign(
        by=visits["account_id"].map(accounts.set_index("account_id")["owner"]),
        level="branch",
        outcome=rng.choice(["advance", "continuation", "none"], len(visits)),
    )
    per = 3
    contacts = pd.DataFrame(
        {
            "contact_id": [f"K{k:04d}" for k in range(n * per)],
            "account_id": np.repeat(ids, per),
            "name": [f"Person {k:04d}" for k in range(n * per)],
            "layer": np.tile(["decision", "implementation", "use"], n),
            "role": np.tile(["decider", "influencer", "user"], n),
            "stance": rng.integers(0, 3, n * per),
            "influence": rng.integers(2, 6, n * per),
            "confirmed": AS_OF - pd.to_timedelta(rng.integers(1, 180, n * per), unit="D"),
        }
    )
    deals = _events(rng, ids, np.full(n, 1.0)).rename(columns={"date": "opened"})
    m = len(deals)
    closed = deals["opened"] + pd.to_timedelta(np.round(rng.gamma(4, 22, m)), unit="D")
    done = (closed <= AS_OF).to_numpy()
    won = rng.random(m) < 0.4
    deals = deals.assign(
        opportunity_id=[f"D{k:04d}" for k in range(m)],
        amount=(rng.lognormal(10, 0.8, m)).round(0),
        stage=np.where(done, np.where(won, "won", "lost"), "quoted"),
        win_rate=0.4,
        expected_close=deals["opened"] + pd.Timedelta(days=90),
        closed=closed.where(done),
        result=np.where(done, np.where(won, "won", "lost"), None),
        competitor=np.where(done & ~won & (rng.random(m) < 0.5), "Rival", None),
    )
    ours = pd.Series(yearly, index=ids)
    wallet = pd.DataFrame({"account_id": ids, "spend": (ours / rng.uniform(0.3, 0.9, n)).to_numpy()})
    wallet = wallet.merge(pd.DataFrame({"category": CATEGORIES}), how="cross")
    wallet["spend"] = (wallet["spend"] / len(CATEGORIES)).round(0)
    wallet = wallet.assign(top_competitor_share=rng.uniform(0.05, 0.3, len(wallet)), basis="estimated")
    out = {
        "lines": lines,
        "accounts": accounts,
        "receivables": receivables,
        "deliveries": deliveries,
        "tickets": tickets,
        "surveys": surveys,
        "visits": visits,
        "contacts": contacts,
        "opportunities": deals,
        "wallet": wallet,
    }
    for frame in out.values():
        for column in frame.select_dtypes("datetime"):
            frame[column] = frame[column].astype("datetime64[us]")
    return out


def _events(rng: np.random.Generator, ids: np.ndarray, a_year: np.ndarray) -> pd.DataFrame:
    """Events at random days, each account at a rate of its own."""
    days = int(MONTHS * 30.4)
    number = rng.poisson(a_year * MONTHS / 12)
    at = rng.integers(0, days, number.sum())
    frame = pd.DataFrame(
        {"account_id": np.repeat(ids, number), "date": AS_OF - pd.to_timedelta(at, unit="D")}
    )
    return frame.sort_values(["account_id", "date"], kind="stable").reset_index(drop=True)


def five_steps(
    book: Book, capacity: float | None = None, target: float | None = None, costs: Any = None
) -> Told:
    """All five steps, without notebooks."""
    here = Path()
    checked = check_data(book, None, HORIZON)
    tiers = define_tiers(book, load_scorecard("four_dimensions", here))
    level, gate = tiers.units["level"], tiers.units["gate"]
    value = pareto_value(book, costs, None, target, level, gate)
    card = load_health("standard", here)
    health = health_model(book, HORIZON, card, level, capacity, None, value, target)
    plan = plan_strategies(book, load_strategy("by_tier", here), tiers, value, health, Team(capacity))
    found = [f for step in (checked, tiers, value, health, plan) for f in step.findings]
    return Told(found, len(health.priority_list.accounts), health)


def null_table(seeds: int, first: int, full: bool, show: str | None) -> None:
    """Print what noise is told, over the seeds."""
    severities: list[Counter[str]] = []
    to_see, told, acts, watches = [], Counter[str](), Counter[str](), Counter[str]()
    signs, signalled = Counter[str](), 0
    began = time.perf_counter()
    for seed in range(first, first + seeds):
        said = five_steps(null_client(seed, full))
        severities.append(Counter(f.severity for f in said.findings))
        to_see.append(said.to_see)
        for severity, count in (("act", acts), ("watch", watches)):
            count.update({f.kind for f in said.findings if f.severity == severity})
        told.update({f.kind for f in said.findings if f.severity != "note" and f.kind in CHANGES})
        warnings = said.health.early_warning.warnings
        tested = set(warnings.loc[warnings["fact"] != True, "sign"])  # noqa: E712 - missing is none
        signs.update(tested)
        signalled += bool(tested)
        if show:
            for f in said.findings:
                if show == "all" or f.kind.startswith(show):
                    print(seed, f.severity, f.kind, f.figures, f.accounts[:3])
    print(f"\n{'full' if full else 'bare'}: {seeds} seeds, {time.perf_counter() - began:.0f} s")
    table = pd.DataFrame(severities).reindex(columns=["act", "watch", "note"]).fillna(0)
    table["findings"] = table.sum(axis=1)
    table["to see this week"] = to_see
    for name, values in table.items():
        print(f"  {name:18s} mean {values.mean():5.1f}   {values.min():.0f} to {values.max():.0f}")
    looks = len(CHANGES) * seeds
    print(f"  told as a change   {sum(told.values())} of {looks} looks, {sum(told.values()) / looks:.1%}")
    print(f"  a sign that is no fact: in {signalled} of {seeds} clients {dict(signs)}")
    for title, counts in (("a change", told), ("act", acts), ("watch", watches)):
        parts = ", ".join(f"{kind} {number / seeds:.0%}" for kind, number in counts.most_common())
        print(f"  told as {title}, by kind: {parts or 'none'}")


def planted_table(seeds: int) -> None:
    """Print how many planted truths are found."""
    found, of, leaving = Counter[str](), Counter[str](), Counter[str]()
    for seed in range(planted.FIRST, planted.FIRST + seeds):
        with tempfile.TemporaryDirectory() as folder:
            sample = medtech.generate(seed)
            medtech.write(sample, folder)
            engagement = load(Path(folder))
            settings, book = engagement.settings, prepare(engagement)
            said = five_steps(
                book, settings.capacity.visits_per_month, settings.target, settings.cost_to_serve.known()
            )
            for case in sample.answer_key["cases"]:
                kinds = NAMED_BY.get(case["kind"])
                if kinds:
                    of[case["kind"]] += 1
                    found[case["kind"]] += any(
                        f.kind.startswith(kinds) and f.severity != "note" and case["account_id"] in f.accounts
                        for f in said.findings
                    )
            leaving.update(planted.found_in(said.health, sample.answer_key["churners"]))
    print(f"\nplanted: {seeds} seeds")
    for kind, number in of.items():
        print(f"  {kind:26s} {found[kind]:3d} of {number}")
    print(f"  all cases                  {sum(found.values()):3d} of {sum(of.values())}")
    for name in ("warning_strength, of all", "reason first"):
        print(f"  about to leave, {name}: {leaving[name]} of {leaving['leaving']}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=3, help="how many clients are drawn")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--client", choices=("bare", "full", "both"), default="both")
    parser.add_argument("--planted", action="store_true", help="count planted truths instead")
    parser.add_argument("--show", help="print findings whose kind begins so; 'all' prints all")
    chosen = parser.parse_args()
    load_topics()
    unknown = [kind for kind in CHANGES if kind not in specs()]
    if unknown:
        raise SystemExit(f"no such findings: {', '.join(unknown)}")
    if chosen.planted:
        planted_table(chosen.seeds)
        return
    for full in (False, True):
        if chosen.client in ("both", "full" if full else "bare"):
            null_table(chosen.seeds, chosen.first, full, chosen.show)


if __name__ == "__main__":
    main()
