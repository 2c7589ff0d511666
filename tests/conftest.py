"""Small made-up clients that tests share."""

from __future__ import annotations

import json
import signal
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import ClassVar, NamedTuple

import numpy as np
import pandas as pd
import pytest
from hypothesis import settings

from kamplay.api import team_of
from kamplay.book import Book, Reading
from kamplay.book import load as load_book
from kamplay.book import save as save_book
from kamplay.engagement import Engagement, Settings, load
from kamplay.intake.prepare import prepare
from kamplay.intake.rollup import roll_up
from kamplay.method.health import priority_list
from kamplay.method.health.step import Health, health_model
from kamplay.method.measures.hierarchy import customers
from kamplay.method.plan.step import Plan, plan_strategies
from kamplay.method.tiers.step import Tiers, define_tiers
from kamplay.method.value.step import Value, pareto_value
from kamplay.presets import load_capabilities, load_health, load_scorecard, load_strategy
from kamplay.presets.scorecard import Scorecard

ROOT = Path(__file__).parents[1]  # of the checkout
MEDTECH = ROOT / "data_templates" / "samples" / "medtech"
AS_OF = pd.Timestamp("2025-12-31")
# of a marked copy
_MARKED = "faults, level, sheet, row, column, value, problem, fix, count, error, warning"
MARK_WORDS = {word: word for word in _MARKED.split(", ")}

settings.register_profile("untimed", deadline=None)  # a busy machine must not fail a test
settings.load_profile("untimed")

# a shell's background job ignores Ctrl-C, and so would the commands that tests stop with it
signal.signal(signal.SIGINT, signal.default_int_handler)


def book_of(lines: pd.DataFrame, as_of: pd.Timestamp = AS_OF, **tables: pd.DataFrame) -> Book:
    """A Book straight from clean transactions, without files."""
    lines = lines.assign(
        date=pd.to_datetime(lines["date"]).astype("datetime64[us]"),
        account_id=lines["account_id"].astype("str"),
    )
    up = roll_up(lines, as_of.date())
    reading = Reading("transactions", "data/made.csv", None, len(lines), 0, 0, 0, 0, len(lines), {}, ())
    return Book(
        {"transactions": lines, **tables},
        up.monthly,
        up.days,
        up.baskets,
        up.totals,
        (reading,),
        (),
        as_of.date(),
        undone=up.undone,
    )


def lines_of(*rows: tuple[str, str, float]) -> pd.DataFrame:
    """Transactions from (account, date, amount)."""
    return pd.DataFrame(rows, columns=["account_id", "date", "amount"])


def sold(**amounts: float) -> pd.DataFrame:
    """Each account bought once in the year, for so much."""
    return lines_of(*[(who, "2025-06-15", amount) for who, amount in amounts.items()])


def steady_lines(gap: int, until: str, days: int = 1000, account: str = "a") -> pd.DataFrame:
    """A purchase every ``gap`` days up to a day."""
    end = pd.Timestamp(until)
    return lines_of(
        *[(account, str((end - pd.Timedelta(days=d)).date()), 100.0) for d in range(0, days, gap)]
    )


def random_lines(accounts: int = 40, seed: int = 1, years: float = 3.0) -> pd.DataFrame:
    """Buying with a rhythm of its own for each account; some stop on the way."""
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(accounts):
        gap, size = rng.uniform(10, 60), rng.lognormal(7, 1)
        stop = AS_OF - pd.Timedelta(days=int(rng.uniform(0, 900))) if rng.random() < 0.4 else AS_OF
        day = AS_OF - pd.Timedelta(days=int(365 * years) - int(rng.uniform(0, gap)))
        while day <= stop:
            rows.append(
                (
                    f"A{number:03d}",
                    day,
                    round(size * rng.lognormal(0, 0.4), 2),
                    rng.choice(["x", "y", "z"]),
                    f"O{len(rows)}",
                )
            )
            day += pd.Timedelta(days=max(1, int(rng.gamma(4, gap / 4))))
    return pd.DataFrame(rows, columns=["account_id", "date", "amount", "category", "order_id"])


def market(
    buyers: int = 12, accounts: int = 13, industry: str | None = "h"
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """``accounts`` of about 1,000 a year; all buy a, the first ``buyers`` b for 100, 110, 120 …; one purchase
    two years ago.
    """
    rows = [("P00", "2024-01-10", 1.0, "a")]
    for n in range(accounts):
        b = 100.0 + 10 * n if n < buyers else 0.0
        rows.append((f"P{n:02d}", "2025-06-10", 1000.0 - b, "a"))
        rows += [(f"P{n:02d}", "2025-07-10", b, "b")] if b else []
    known = pd.DataFrame({"account_id": [f"P{n:02d}" for n in range(accounts)], "industry": industry})
    return pd.DataFrame(rows, columns=["account_id", "date", "amount", "category"]), known


def revenue_card(cut: str = "score", tiers: list[dict] | None = None, **parts) -> Scorecard:
    """A card with one criterion, revenue from 0 to 100 points, so that a revenue is a score."""
    revenue = {
        "zh": "收入",
        "en": "Revenue",
        "weight": 100,
        "measure": "revenue",
        "scoring": "scale",
        "scale": [0, 100],
    }
    words = {"zh": "级", "en": "tier"}
    rows = tiers or [
        {"key": "S", "level": "S", "from": 70},
        {"key": "A", "level": "A", "from": 40},
        {"key": "C", "level": "C", "from": 0},
    ]
    return Scorecard.model_validate(
        {
            "title": words,
            "source": words,
            "criteria": {"revenue": revenue},
            "tiers": [{**words, **t} for t in rows],
            "cut": cut,
            **parts,
        }
    )


def write_engagement(
    folder: Path, lines: pd.DataFrame, settings: str = "", accounts: pd.DataFrame | None = None
) -> Path:
    """An engagement folder with a csv of transactions."""
    (folder / "data").mkdir(parents=True)
    lines.to_csv(folder / "data" / "transactions.csv", index=False, date_format="%Y-%m-%d")
    if accounts is not None:
        accounts.to_csv(folder / "data" / "accounts.csv", index=False)
    text = f'client: Test client\nlanguage: en\ncurrency: EUR\nas_of: "2025-12-31"\n{settings}'
    (folder / "engagement.yaml").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def medtech() -> Engagement:
    """The shipped sample."""
    return load(MEDTECH)


@pytest.fixture(scope="session")
def medtech_book(medtech: Engagement, tmp_path_factory: pytest.TempPathFactory) -> Book:
    """As the steps of a run take it: written and read."""
    folder = tmp_path_factory.mktemp("book")
    save_book(prepare(medtech), folder)
    return load_book(folder)


@pytest.fixture(scope="session")
def medtech_answers(medtech: Engagement) -> dict:
    """What was planted in the shipped sample."""
    return json.loads((medtech.folder / "answer_key.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def medtech_value(medtech: Engagement, medtech_book: Book) -> Value:
    """Step 2 of the shipped sample, taken alone."""
    settings = medtech.settings
    return pareto_value(medtech_book, settings.cost_to_serve.known(), target=settings.target)


class Watched(Book):
    """A Book that notes of which tables a step asks for the rows."""

    read: ClassVar[set[str]] = set()

    def table(self, name: str) -> pd.DataFrame:
        self.read.add(name)
        return super().table(name)

    @property
    def accounts(self) -> pd.DataFrame:
        self.read.add("accounts")
        return super().accounts


class Steps(NamedTuple):
    """The four steps of one client, each with what the ones before it found, and the tables they read."""

    tiers: Tiers
    value: Value
    health: Health
    plan: Plan
    read: set[str]


@pytest.fixture(scope="session")
def medtech_steps(medtech: Engagement, medtech_book: Book) -> Steps:
    """The shipped sample, as ``kamplay run`` takes its steps."""
    return take_steps(medtech, medtech_book)


@pytest.fixture(scope="session")
def retail_steps() -> Steps:
    """The shipped sample of real transactions."""
    engagement = load(MEDTECH.with_name("online_retail"))
    return take_steps(engagement, prepare(engagement))


@pytest.fixture(scope="session")
def held_health(medtech: Engagement, medtech_book: Book, medtech_steps: Steps) -> Health:
    """Health of the shipped sample, had half of the expected loss of one horizon ago come."""
    came = {"counted": 221, "sum_expected": 8_000_000.0, "sum_came": 4_000_000.0, "sum_sd": 6_000_000.0}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(priority_list, "_came_of_the_sum", lambda *_: came)
        book = customers(medtech_book, medtech_steps.tiers.accounts["group"])
        return _health(book, medtech.settings, medtech_steps.tiers, medtech_steps.value)


def take_steps(engagement: Engagement, whole: Book) -> Steps:
    book = Watched(**{f.name: getattr(whole, f.name) for f in fields(Book)})
    return _taken(book, engagement.settings, None)


def steps_of(book: Book, issued: date | None = None, country: str = "none") -> Steps:
    """The steps of a client of whom nothing is stated."""
    return _taken(book, Settings(client="made", holidays=country), issued)


def _taken(whole: Book, settings: Settings, issued: date | None) -> Steps:
    target = settings.target
    tiers = define_tiers(whole, load_scorecard("four_dimensions", Path()))
    level, gate = tiers.units["level"], tiers.units["gate"]
    book = customers(whole, tiers.accounts["group"])
    value = pareto_value(book, settings.cost_to_serve.known(), None, target, level, gate)
    health = _health(book, settings, tiers, value)
    plan = planned(book, settings, tiers, value, health, issued)
    return Steps(tiers, value, health, plan, Watched.read)


def planned(book: Book, settings: Settings, tiers: Tiers, value: Value, health: Health, issued: date | None):
    strategy, country = load_strategy("by_tier", Path()), settings.holiday_country
    cost, team = settings.cost_to_serve.visits, team_of(settings.capacity)
    frames = load_capabilities("kam_capabilities", Path())
    return plan_strategies(book, strategy, tiers, value, health, team, issued, country, cost, frames)


def _health(book: Book, settings: Settings, tiers: Tiers, value: Value) -> Health:
    card, horizon = load_health("standard", Path()), settings.health.horizon_days
    level, visits = tiers.units["level"], team_of(settings.capacity).visits
    return health_model(book, horizon, card, level, visits, None, value, settings.target)


@pytest.fixture
def engagement(tmp_path: Path) -> Path:
    return write_engagement(tmp_path / "client", random_lines())
