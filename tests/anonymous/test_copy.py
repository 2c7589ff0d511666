"""A copy that can be shared: nothing of the client stands in it, and its figures are the client's."""

from __future__ import annotations

from pathlib import Path

import full_client
import numpy as np
import pandas as pd
import pytest
from conftest import MEDTECH, Steps, random_lines, take_steps, write_engagement
from searched import found, own_texts, own_vocabulary, words_of
from typer.testing import CliRunner

from kamplay.anonymous.engagement import write_copy
from kamplay.anonymous.names import LONG
from kamplay.anonymous.secret import WEEKS, Secret
from kamplay.api import define_tiers
from kamplay.api import open as open_run
from kamplay.book import Book
from kamplay.cli import app
from kamplay.codebook import codebook
from kamplay.engagement import load
from kamplay.errors import KamplayError
from kamplay.intake.prepare import prepare
from kamplay.report.run import run_engagement

SECRET = Secret(b"k" * 32)
MOVE = pd.Timedelta(weeks=WEEKS)


@pytest.fixture(scope="module")
def full(tmp_path_factory) -> tuple[Path, Path]:
    """A client with every column of the codebook, and its copy."""
    folder = full_client.write(tmp_path_factory.mktemp("full") / "client", full_client.tables())
    copy = folder.parent / "copy"
    write_copy(load(folder), copy, SECRET)
    return folder, copy


@pytest.fixture(scope="module")
def medtech_copy(tmp_path_factory) -> Path:
    copy = tmp_path_factory.mktemp("medtech") / "copy"
    write_copy(load(MEDTECH), copy, SECRET)
    return copy


@pytest.fixture(scope="module")
def medtech_copy_book(medtech_copy) -> Book:
    return prepare(load(medtech_copy))


@pytest.fixture(scope="module")
def copied_steps(medtech_copy, medtech_copy_book) -> Steps:
    return take_steps(load(medtech_copy), medtech_copy_book)


def codes(book: Book) -> dict[str, str]:
    """Account → its id in the copy."""
    known = set(book.accounts.index)
    for frame in book.tables.values():
        for column in {"account_id", "parent_id"} & set(frame):
            known |= set(frame[column].dropna())
    return SECRET.codes("account", known, LONG)


def test_every_column_of_the_codebook_is_without_the_client(full):
    """Each cell of ``full_client`` is a word of its own, so one that is forgotten is found."""
    folder, copy = full
    book = prepare(load(folder))
    words = words_of(book.tables.values(), folder)
    assert len(words) > 500
    assert {w: f for w, f in found(words, copy).items() if w not in own_vocabulary()} == {}


def test_the_copy_is_read_without_a_question_and_every_table_is_whole(full):
    folder, copy = full
    before, after = prepare(load(folder)), prepare(load(copy))
    assert [f.code for f in after.faults if f.level == "error"] == []
    assert {n: len(t) for n, t in after.tables.items()} == {n: len(t) for n, t in before.tables.items()}
    assert all(not r.unused and r.used == r.rows for r in after.readings)
    gone = {(n, c) for n, t in before.tables.items() for c in t if c not in after.tables[n]}
    assert gone == {
        ("accounts", "tax_id"),
        ("transactions", "status"),
        ("contracts", "price_terms"),
        ("actions", "action"),
        ("actions", "note"),
    }


def test_amounts_are_scaled_dates_moved_and_counts_kept_in_every_column(full):
    folder, copy = full
    before, after = prepare(load(folder)), prepare(load(copy))
    seen = set()
    for name, frame in before.tables.items():
        for column in frame:
            if column not in after.tables[name]:
                continue
            kind = codebook()[name].columns[column].kind
            was, now = frame[column].dropna(), after.tables[name][column].dropna()
            assert len(was) == len(now), (name, column)
            seen.add(kind)
            if kind == "amount":
                assert np.abs(np.sort(was.to_numpy() * SECRET.factor) - np.sort(now)).max() <= 1e-6
            elif kind == "date":
                assert sorted(was - MOVE) == sorted(now), (name, column)
            elif column == "year":
                assert sorted(was - 28) == sorted(now)
            elif kind not in ("id", "text"):
                assert sorted(map(str, was)) == sorted(map(str, now)), (name, column)
    assert seen == {"id", "text", "choice", "date", "amount", "number", "integer", "share", "flag"}


def test_groups_reporting_lines_people_and_words_stay_joined(medtech_book, medtech_copy_book):
    """The same relations, whatever the names: who belongs to which group, reports to whom, sells to whom."""
    before, after, code = medtech_book.tables, medtech_copy_book.tables, codes(medtech_book)

    def groups(frame: pd.DataFrame, by: str, of: str = "account_id") -> set[frozenset[str]]:
        return {frozenset(own[of]) for _, own in frame.dropna(subset=[by]).groupby(by)}

    for table, by in (("accounts", "parent_id"), ("accounts", "owner"), ("accounts", "region"),
                      ("visits", "by"), ("wallet", "category"), ("tenders", "winner"), ("ratings", "rater"),
                      ("opportunities", "competitor"), ("transactions", "product")):  # fmt: skip
        renamed = before[table].assign(account_id=before[table]["account_id"].map(code))
        assert groups(renamed, by) == groups(after[table], by), (table, by)
    # one name is one code in every table
    owners = [set(tables["accounts"]["owner"].dropna()) for tables in (before, after)]
    visitors = [set(tables["visits"]["by"].dropna()) for tables in (before, after)]
    assert len(owners[0] & visitors[0]) == len(owners[1] & visitors[1]) > 3
    bought = [set(tables["transactions"]["category"]) & set(tables["wallet"]["category"])
              for tables in (before, after)]  # fmt: skip
    assert len(bought[0]) == len(bought[1]) > 3
    for tables in (before, after):
        people = tables["contacts"].set_index("contact_id")
        above = people["account_id"].reindex(people["reports_to"].dropna())
        assert above.notna().all() and len(above) > 100
    left = [tables["contacts"]["title"].str.contains("离职").sum() for tables in (before, after)]
    assert left[0] == left[1] > 0


@pytest.mark.long
def test_tiers_chances_health_and_strategies_are_those_of_the_client(
    medtech_book, medtech_steps, copied_steps
):
    code = codes(medtech_book)

    def same(was: pd.DataFrame, now: pd.DataFrame, columns: list[str], **close: float) -> None:
        was = was.set_axis(was.index.map(code)).sort_index()[columns]
        now = now.sort_index()[columns]
        pd.testing.assert_frame_equal(was, now, check_names=False, **close)

    exact = {"rtol": 0, "atol": 1e-9}
    tiers = ["tier", "level", "gate", "tier_score", "tier_probability"]
    same(medtech_steps.tiers.units, copied_steps.tiers.units, tiers, **exact)
    assert medtech_steps.tiers.units["tier_probability"].nunique() > 30
    shares = ["revenue_share", "cumulative_share"]
    was, now = (steps.value.accounts for steps in (medtech_steps, copied_steps))
    same(was, now, shares, **exact)
    assert (was["revenue"].rank(method="min").rename(index=code).sort_index()
            == now["revenue"].rank(method="min").sort_index()).all()  # fmt: skip
    health = ["health", "health_band", "verdict", "churn_probability", "churn_low", "churn_high"]
    was, now = (steps.health.accounts for steps in (medtech_steps, copied_steps))
    same(was, now, [*health, "shrink_probability", "warning_strength"], **exact)
    was, now = (steps.plan.units.set_index("account_id") for steps in (medtech_steps, copied_steps))
    same(was, now, ["strategy", "type"])


@pytest.mark.long
def test_no_text_of_the_client_stands_in_a_report_of_the_copy(
    medtech, medtech_book, medtech_copy, tmp_path_factory
):
    """All files of the copy and of a run of it. What is found all the same is kamplay's own vocabulary, which
    the copy keeps, or stands in kamplay's own sentences and notebooks whoever the client is.
    """
    out = tmp_path_factory.mktemp("out")
    assert run_engagement(load(medtech_copy), out, ["zh"]).ok
    words = words_of(medtech_book.tables.values(), medtech.folder)
    assert len(words) > 15_000
    assert [w for w in found(words, medtech_copy) if w not in own_vocabulary()] == []
    assert [w for w in found(words, out) if w not in own_texts()] == []


def test_the_same_key_gives_the_same_copy_and_another_one_another(full, tmp_path):
    folder, copy = full
    for name, secret in (("again", SECRET), ("other", Secret(b"o" * 32))):
        write_copy(load(folder), tmp_path / name, secret)
    files = sorted(p.relative_to(copy) for p in copy.rglob("*") if p.is_file())
    assert all((tmp_path / "again" / f).read_bytes() == (copy / f).read_bytes() for f in files)
    assert (tmp_path / "other/data/accounts.csv").read_bytes() != (copy / "data/accounts.csv").read_bytes()


def test_own_words_of_an_own_card_go_and_its_tiers_stay(tmp_path):
    lines = random_lines()
    ids = sorted(lines["account_id"].unique())
    folder = write_engagement(
        tmp_path / "client",
        lines,
        "target: 1234567.89\ncapacity: {people: {Jane Roe: {visits_per_month: 8}}}\n"
        "cost_to_serve: {visits: 321.5, financing: 0.07}\ncontrol_total: {2024-Q3: 9876.54}\n"
        "prepared_by: John Doe\nlabels: {industry: {铸造: Foundry}}\n"
        "scorecard: {base: four_dimensions, criteria: {zeal_for_us: {zh: 对我方热忱, en: Zeal for us, "
        "weight: 30, measure: rating, scoring: scale, scale: [0, 10]}}, "
        "gates: {poor: {zh: 太小, en: Too small to matter, cap: C, when: {revenue: {below: 60000}}}}}\n",
        pd.DataFrame({"account_id": ids, "account_name": [f"Works {n}" for n in ids], "owner": "Jane Roe"}),
    )
    rated = {"account_id": ids, "criterion": "Zeal for us", "score": [n % 11 for n in range(len(ids))]}
    pd.DataFrame(rated | {"rater": "Jane Roe"}).to_csv(folder / "data" / "ratings.csv", index=False)
    engagement = load(folder)
    write_copy(engagement, tmp_path / "copy", SECRET)
    texts = (
        "Zeal",
        "zeal",
        "热忱",
        "Too small",
        "Jane",
        "Roe",
        "John",
        "Foundry",
        "铸造",
        "Works",
        "Test client",
    )
    assert found(texts, tmp_path / "copy") == {}
    was, now = (define_tiers(open_run(f, "en")).units for f in (folder, tmp_path / "copy"))
    code = codes(prepare(engagement))
    pd.testing.assert_series_equal(was["tier"].rename(index=code).sort_index(), now["tier"].sort_index(),
                                   check_names=False)  # fmt: skip
    assert (was["gate"].notna().rename(index=code).sort_index() == now["gate"].notna().sort_index()).all()
    assert was["gate"].notna().sum() > 3
    settings = load(tmp_path / "copy").settings
    assert settings.target == pytest.approx(1234567.89 * SECRET.factor, abs=0.01)
    assert settings.control_total == {"1996-Q3": pytest.approx(9876.54 * SECRET.factor, abs=0.01)}
    assert settings.cost_to_serve.financing == 0.07 and settings.cost_to_serve.visits != 321.5
    owner = prepare(load(tmp_path / "copy")).accounts["owner"].unique().tolist()
    assert list(settings.capacity.people) == owner


@pytest.mark.parametrize("card", ["distributor_100", "enterprise_rating"])
def test_a_card_with_points_for_amounts_is_refused_for_it_would_tell_the_factor(engagement, tmp_path, card):
    with (engagement / "engagement.yaml").open("a", encoding="utf-8") as file:
        file.write(f"scorecard: {card}\n")
    with pytest.raises(KamplayError, match="anonymous_card_in_money"):
        write_copy(load(engagement), tmp_path / "copy", SECRET)
    assert not (tmp_path / "copy").exists()


def test_the_command_keeps_the_key_where_it_is_told_and_nowhere_else(engagement, tmp_path):
    def ask(*words: object) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["anonymise", *map(str, words)])
        return done.exit_code, done.output

    key, copy = tmp_path / "key", tmp_path / "copy"
    assert ask(engagement, copy, "--key", copy / "key")[0] == 2
    assert ask(engagement, engagement / "data" / "copy")[0] == 2
    assert not copy.exists()
    assert ask(engagement, copy, "--key", key)[0] == 0
    assert ask(engagement, tmp_path / "again", "--key", key)[0] == 0
    assert ask(engagement, copy)[0] == 2  # not empty
    assert ask(engagement, tmp_path / "without")[0] == 0
    one, again, without = (
        (tmp_path / name / "data" / "transactions.csv").read_bytes() for name in ("copy", "again", "without")
    )
    assert one == again != without
    written = key.read_text().split()[1]
    assert not found([written, written[:16]], copy)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["again", "client", "copy", "key", "without"]
