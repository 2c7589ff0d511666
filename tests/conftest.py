"""Small made-up clients that tests share."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import numpy as np
import pandas as pd
import pytest
from hypothesis import settings

from kamplay import cli
from kamplay.api import team_of
from kamplay.book import Book, Reading
from kamplay.book import load as load_book
from kamplay.book import save as save_book
from kamplay.commands.run import run_folders
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
from kamplay.report.production import write_deck

ROOT = Path(__file__).parents[1]  # of the checkout
MEDTECH = ROOT / "data_templates" / "samples" / "medtech"
SAMPLES = {"medtech": MEDTECH, "online_retail": MEDTECH.with_name("online_retail")}
AS_OF = pd.Timestamp("2025-12-31")
# of a marked copy
_MARKED = "faults, level, sheet, row, column, value, problem, fix, count, error, warning"
MARK_WORDS = {word: word for word in _MARKED.split(", ")}

settings.register_profile("untimed", deadline=None)  # a busy machine must not fail a test
settings.load_profile("untimed")

# a shell's background job ignores Ctrl-C, and so would the commands that tests stop with it
signal.signal(signal.SIGINT, signal.default_int_handler)

# memory and the collector as a command has them, from the first test on
cli._begin(True, "en")


# rooms whose files take longest, begun first: a long one at the end keeps the other processes idle
LONG = ("report", "teaching", "anonymous", "plan", "health", "tiers")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    rank = {room: place for place, room in enumerate(LONG)}
    items.sort(key=lambda item: rank.get(item.path.parent.name, len(LONG)))


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


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """The folder that ``make`` fills, once in a test session, whichever of its processes asks first. It goes
    with the session's other folders, so that no other code ever sees it. Nobody may change what is in it.
    """
    top = factory.getbasetemp()
    top = top.parent if "PYTEST_XDIST_WORKER" in os.environ else top
    folder, whole = top / f"once-{name}", top / f"once-{name}.done"
    with (top / f"once-{name}.lock").open("w") as lock:
        with suppress(ImportError):  # on Windows the tests run in one process
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX)
        if not whole.exists():
            shutil.rmtree(folder, ignore_errors=True)  # of a process that failed half-way
            folder.mkdir()
            make(folder)
            whole.touch()
    return folder


def kept_once(factory: pytest.TempPathFactory, name: str, compute: Callable[[], Any]) -> Any:
    """What ``compute`` returns, computed once in a test session."""

    def make(folder: Path) -> None:
        with (folder / "result").open("wb") as file:
            pickle.dump(compute(), file)

    with (made_once(factory, name, make) / "result").open("rb") as file:
        return pickle.load(file)


@pytest.fixture(scope="session")
def sample_runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The folders of the samples' runs in both languages with their slides, made side by side and once for
    all processes; read only. KAMPLAY_REPORTS names a folder with runs made before, which are copied.
    """
    before = os.environ.get("KAMPLAY_REPORTS")
    slugs = {name: load(place).slug for name, place in SAMPLES.items()}

    def make(folder: Path) -> None:
        changes = ["slides=true"]
        if not before:
            assert run_folders(list(SAMPLES.values()), folder, "zh,en", None, changes, None, "en") == 0
            return
        for slug in slugs.values():
            shutil.copytree(Path(before) / slug, folder / slug)
            run = next((folder / slug).glob("*/manifest.json")).parent
            for language in ("zh", "en"):
                write_deck(run, language)

    out = made_once(tmp_path_factory, "samples", make)
    return {name: next((out / slug).glob("*/manifest.json")).parent for name, slug in slugs.items()}


@pytest.fixture(scope="session")
def medtech() -> Engagement:
    """The shipped sample."""
    return load(MEDTECH)


@pytest.fixture(scope="session")
def medtech_book(medtech: Engagement, tmp_path_factory: pytest.TempPathFactory) -> Book:
    """As the steps of a run take it: written and read."""
    return load_book(
        made_once(tmp_path_factory, "medtech_book", lambda folder: save_book(prepare(medtech), folder))
    )


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
def medtech_steps(medtech: Engagement, medtech_book: Book, tmp_path_factory: pytest.TempPathFactory) -> Steps:
    """The shipped sample, as ``kamplay run`` takes its steps."""
    return kept_once(tmp_path_factory, "medtech_steps", lambda: take_steps(medtech, medtech_book))


@pytest.fixture(scope="session")
def retail_steps(tmp_path_factory: pytest.TempPathFactory) -> Steps:
    """The shipped sample of real transactions."""
    engagement = load(SAMPLES["online_retail"])
    return kept_once(tmp_path_factory, "retail_steps", lambda: take_steps(engagement, prepare(engagement)))


@pytest.fixture(scope="session")
def medtech_issued(
    medtech: Engagement, medtech_book: Book, medtech_steps: Steps, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[date], Steps]:
    """Day of issue → the shipped sample; the first three steps do not know it, so they are taken over."""
    tiers, value, health = medtech_steps[:3]

    def plan_of(day: date) -> Plan:
        book = customers(medtech_book, tiers.accounts["group"])
        return planned(book, medtech.settings, tiers, value, health, day)

    def issued(day: date) -> Steps:
        return medtech_steps._replace(
            plan=kept_once(tmp_path_factory, f"medtech_plan_{day}", lambda: plan_of(day))
        )

    return issued


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
    """The steps of a client of whom nothing is stated; of the same book again, only the plan is made anew."""
    settings = Settings(client="made", holidays=country)
    if not _latest or _latest[0] is not book:
        _latest[:] = [book, _before_plan(book, settings)]
    return _with_plan(_latest[1], settings, issued)


_latest: list[Any] = []  # the book of the last call, and what was found of it


def _taken(whole: Book, settings: Settings, issued: date | None) -> Steps:
    return _with_plan(_before_plan(whole, settings), settings, issued)


def _before_plan(whole: Book, settings: Settings) -> tuple[Book, Tiers, Value, Health]:
    target = settings.target
    tiers = define_tiers(whole, load_scorecard("four_dimensions", Path()))
    level, gate = tiers.units["level"], tiers.units["gate"]
    book = customers(whole, tiers.accounts["group"])
    value = pareto_value(book, settings.cost_to_serve.known(), None, target, level, gate)
    return book, tiers, value, _health(book, settings, tiers, value)


def _with_plan(found: tuple[Book, Tiers, Value, Health], settings: Settings, issued: date | None) -> Steps:
    book, tiers, value, health = found
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
