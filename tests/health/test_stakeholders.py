"""The relationship map: made-up accounts whose people are counted by hand, and the champion that the sample
hides.
"""

from types import SimpleNamespace

import pandas as pd
import pytest
from conftest import book_of, lines_of
from words import of_module

from kamplay.book import Book
from kamplay.method.health.stakeholders import Stakeholders, add_findings, stakeholders
from kamplay.method.results import Finding, Findings
from kamplay.show.display import NOTHING
from kamplay.show.findings import headline
from kamplay.show.health.stakeholders import MAX_PEOPLE, _placed, _rows
from kamplay.show.health.stakeholders import stakeholder_map_chart as chart
from kamplay.show.health.stakeholders import stakeholders_table as table
from kamplay.show.locale import Locale
from kamplay.show.view import View, using

ACTIONS = of_module("health.stakeholders").ACTIONS
HEADLINES = of_module("health.stakeholders").HEADLINES

COLUMNS = [
    "contact_id",
    "account_id",
    "title",
    "layer",
    "role",
    "stance",
    "influence",
    "reports_to",
    "confirmed",
]
# one account: the head of purchasing has left, a use-layer supporter reported to her, the chief above her is
# neutral
PEOPLE = [
    ("chief", "A", "President", "image", "decider", 0, 5, None, "2025-12-01"),
    ("head", "A", "Head of purchasing (former)", "decision", "decider", 2, 5, "chief", "2025-01-10"),
    ("buyer", "A", "Buyer", "implementation", "designer", 1, 2, "head", "2025-11-01"),
    ("nurse", "A", "Nurse", "use", "user", 2, 1, "buyer", "2025-02-01"),
    ("boss", "B", "Owner", "decision", "decider", -1, 4, None, None),
    ("store", "B", "Storekeeper", "use", "user", 1, 2, "boss", "2025-12-30"),
]
VISITS = [
    ("A", "2025-12-01", "buyer"),
    ("A", "2025-10-01", "nurse"),
    ("B", "2025-08-01", "store"),
    ("B", "2025-09-20", "store"),
]


def made(
    people: list[tuple] = PEOPLE, visits: list[tuple] | None = VISITS, sales: dict[str, float] | None = None
) -> Book:
    contacts = pd.DataFrame(people, columns=COLUMNS)
    contacts["confirmed"] = pd.to_datetime(contacts["confirmed"])
    tables = {"contacts": contacts}
    if visits is not None:
        rows = pd.DataFrame(visits, columns=["account_id", "date", "contact_id"])
        tables["visits"] = rows.assign(date=pd.to_datetime(rows["date"]))
    return book_of(lines_of(*((a, "2025-11-01", v) for a, v in (sales or {"A": 1000.0}).items())), **tables)


def told(result: Stakeholders) -> Findings:
    found = Findings("health")
    add_findings(found, result)
    return found


def test_an_account_counted_by_hand():
    row = stakeholders(made()).relations.loc["A"]
    assert (row["contacts"], row["gone"], row["layers"], row["missing"]) == (3, 1, 3, ["decision"])
    assert (row["supporters"], row["opponents"], row["top_supporters"]) == (2, 0, 0)
    assert row["stance"] == pytest.approx((0 * 5 + 1 * 2 + 2 * 1) / 8)
    assert row["confirmed_share"] == pytest.approx(2 / 3)
    assert row["days"] == 30 and not row["unvisited"]
    assert row["departed"] == "head" and row["alarms"] == ["gone", "unsupported", "layer"]


def test_the_successor_is_met_through_the_one_who_reported_to_the_predecessor_not_the_warmest():
    row = stakeholders(made()).relations.loc["A"]
    assert (row["next_step"], row["target"], row["introducer"]) == ("meet_successor", "head", "buyer")


def test_all_visits_with_one_person():
    assert stakeholders(made()).relations.loc["B", "thread"] == "visits"
    one_visit = [v for v in VISITS if v[1] != "2025-08-01"]
    assert (
        stakeholders(made(visits=one_visit)).relations.loc["B", "thread"] == "supporter"
    )  # one visit is no pattern
    nameless = [*VISITS, ("B", "2025-12-01", None)]
    assert (
        stakeholders(made(visits=nameless)).relations.loc["B", "thread"] == "supporter"
    )  # it may have gone to somebody else
    old = [("B", "2025-06-01", "store"), ("B", "2025-05-01", "store")]
    assert stakeholders(made(visits=old)).relations.loc["B", "thread"] == "supporter"


def test_beside_a_single_supporter_comes_who_has_most_influence_seen_of_late_or_not():
    people = [
        ("gm", "A", "General manager", "decision", "decider", 2, 4, None, "2025-12-01"),
        ("buyer", "A", "Buyer", "implementation", "evaluator", 0, 4, "gm", "2025-12-01"),
        ("store", "A", "Storekeeper", "use", "user", 0, 2, "buyer", "2025-12-01"),
    ]
    visits = [("A", "2025-12-01", "gm"), ("A", "2025-11-20", "buyer")]
    row = stakeholders(made(people, visits)).relations.loc["A"]
    assert (row["thread"], row["next_step"], row["target"]) == ("supporter", "second_thread", "buyer")


def test_a_successor_ends_the_alarm():
    heir = ("heir", "A", "Head of purchasing", "decision", "decider", 1, 5, "chief", "2025-12-01")
    row = stakeholders(made([*PEOPLE, heir])).relations.loc["A"]
    assert (
        row["departed"] is None
        and not row["unsupported"]
        and row["missing"] == []
        and row["next_step"] != "meet_successor"
    )


def test_those_gone_do_not_count_as_supporters():
    row = stakeholders(made()).relations.loc["A"]
    people = stakeholders(made()).people
    assert people.loc["head", "gone"] and people.loc["head", "side"] == "supporter" and row["supporters"] == 2
    assert people.loc["head", "title"] == "Head of purchasing"  # without the mark


@pytest.mark.parametrize(
    ("title", "clean"),
    [("分管副院长（已离职）", "分管副院长"), ("CFO (left)", "CFO"), ("采购总监 已离职", "采购总监")],
)
def test_marks_of_those_who_left(title, clean):
    person = stakeholders(made([("x", "A", title, "use", "user", 1, 1, None, None)])).people.loc["x"]
    assert person["gone"] and person["title"] == clean


def test_what_was_confirmed_or_visited_after_the_day_is_not_known():
    people = [("x", "A", "Head", "decision", "decider", 1, 5, None, "2026-02-01")]
    result = stakeholders(made(people, [("A", "2026-01-05", "x")]))
    assert (
        result.people.loc["x", "assumed"]
        and pd.isna(result.people.loc["x", "last"])
        and pd.isna(result.relations.loc["A", "days"])
    )


def test_lines_to_nobody_to_oneself_and_in_a_circle():
    people = [
        ("a", "A", "t", "image", "decider", 1, 5, "c", None),
        ("b", "A", "t", "decision", "decider", 1, 4, "a", None),
        ("c", "A", "t", "use", "user", 1, 1, "b", None),
        ("d", "A", "t", "use", "user", 1, 1, "nobody", None),
        ("e", "A", "t", "use", "user", 1, 1, "e", None),
        ("f", "B", "t", "use", "user", 1, 1, "a", None),
    ]
    result = stakeholders(made(people))
    assert result.people["reports_to"].where(result.people["reports_to"].notna(), None).to_dict() == {
        "a": None,
        "b": "a",
        "c": "b",
        "d": None,
        "e": None,
        "f": None,
    }
    assert (result.figures["circles"], result.figures["bad_lines"]) == (1, 3)
    assert any(f.kind == "rel_lines_cut" for f in told(result))


def test_key_accounts_come_first_by_the_gravity_of_their_alarms_times_revenue():
    small = dict.fromkeys("CDEFGHIJ", 1.0)  # without contacts, and too small to be key
    # A: gone 3, unsupported 2, a layer missing 1; B: unsupported 2, opposed 1, one thread 2, a layer missing
    # 1, unseen 1
    for b, order in ((900.0, ["B", "A"]), (800.0, ["A", "B"])):
        frame = stakeholders(made(sales={"A": 1000.0, "B": b} | small)).relations
        assert (
            list(frame.index) == order
            and frame["key"].all()
            and frame.loc[["A", "B"], "alarm_weight"].tolist() == [6, 7]
        )


def test_findings_of_the_made_up_account():
    found = {f.kind: f for f in told(stakeholders(made(sales={"A": 1000.0, "B": 900.0})))}
    assert (
        found["rel_champion_gone"].accounts == ("A",)
        and found["rel_champion_gone"].figures["person"] == "Head of purchasing head"
    )
    assert found["rel_champion_gone"].figures["top"] == 0 and found["rel_champion_gone"].figures["days"] == 30
    assert set(found) <= set(HEADLINES) and all(
        f.action is None or f.action in ACTIONS for f in found.values()
    )


def test_key_accounts_without_a_contact_are_named():
    result = stakeholders(made(sales={"A": 1000.0, "Z": 5000.0}))
    finding = next(f for f in told(result) if f.kind == "rel_unmapped")
    assert finding.accounts == ("Z",) and finding.figures["revenue"] == 5000.0


def test_nothing_known():
    result = stakeholders(book_of(lines_of(("A", "2025-11-01", 10.0))))
    assert [f.kind for f in told(result)] == ["rel_unknown"]
    health = SimpleNamespace(stakeholders=result)
    assert chart(health) is NOTHING and table(health) is NOTHING


@pytest.mark.parametrize(
    "dropped",
    [["title"], ["layer"], ["stance"], ["role"], ["influence"], ["reports_to"], ["confirmed"], COLUMNS[2:]],
)
def test_columns_may_be_missing(dropped):
    book = made()
    book.tables["contacts"] = book.tables["contacts"].drop(columns=dropped)
    result = stakeholders(book)
    told(result)
    if dropped in (["layer"], ["stance"]):
        assert not result.relations["unsupported"].any()  # it cannot be said
    with using(View(Locale("en", "EUR"))):
        assert chart(SimpleNamespace(stakeholders=result), "A").html


def test_without_any_stance_nobody_is_said_to_support_us_or_not():
    book = made()
    book.tables["contacts"] = book.tables["contacts"].drop(columns="stance")
    kinds = [f.kind for f in told(stakeholders(book))]
    assert "rel_champion_gone_bare" in kinds and "rel_champion_gone" not in kinds


def test_without_any_stance_support_is_not_claimed():
    """The decider is there and nobody has left, but whether he is for us is not on file."""
    book = made([("boss", "A", "Owner", "decision", "decider", None, 4, None, "2025-12-30")], visits=None)
    kinds = [f.kind for f in told(stakeholders(book))]
    assert "rel_unjudged" in kinds and "rel_covered" not in kinds
    book.tables["contacts"]["stance"] = 2.0
    assert "rel_unjudged" not in [f.kind for f in told(stakeholders(book))]


def test_without_a_key_account_the_section_says_so():
    book = made()
    kinds = [f.kind for f in told(stakeholders(book, pd.Series({"A": "C"})))]
    assert "rel_no_key" in kinds and "rel_covered" not in kinds


def test_threads_of_which_there_are_none_are_left_out():
    figures = {"count": 1, "revenue": 5.0, "visits": 0, "supporter": 1, "days": 180}
    said = headline(Finding("health", "rel_single_thread", "watch", figures, ("A",)), Locale("en", "EUR"), {})
    assert said == "1 key account hangs by one thread (€5 a year): at 1 only one person supports us: A."


def test_without_visits_nothing_is_said_of_them():
    result = stakeholders(made(visits=None))
    assert not result.relations["unvisited"].any() and (result.relations["thread"] != "visits").all()
    assert any(f.kind == "rel_champion_gone_unseen" for f in told(result))


def test_everyone_has_a_place_of_his_own_and_stands_below_a_superior_of_the_same_layer():
    rows = [
        (f"p{i}", layer, f"p{i - 1}" if i % 3 else None)
        for i, layer in enumerate(["image", *["decision"] * 4, *["use"] * 10])
    ]
    people = pd.DataFrame(rows, columns=["contact_id", "layer", "reports_to"]).set_index("contact_id")
    people["reports_to"] = people["reports_to"].astype(object).where(people["reports_to"].notna(), None)
    for widest, narrow in ((5, False), (3, True)):
        laid = _rows(people, widest)
        nodes = _placed(laid, people["reports_to"].to_dict(), narrow)
        assert set(nodes) == set(people.index) and len({(n.row, n.x) for n in nodes.values()}) == len(people)
        assert all(len(row.contacts) <= widest for row in laid) and all(0 < n.x < 1 for n in nodes.values())
        for person, up in people["reports_to"].items():
            if up and people.loc[person, "layer"] == people.loc[up, "layer"]:
                assert nodes[person].row > nodes[up].row


def test_what_lies_outside_the_scales_is_read_as_their_end():
    """The check warns of such a cell and leaves it: no circle of a negative size, no mean beyond the
    scale."""
    book = made()
    book.tables["contacts"] = book.tables["contacts"].assign(
        influence=[-30.0, 500.0] * 3, stance=9.0, layer="roof"
    )
    result = stakeholders(book)
    assert set(result.people["influence"]) == {1.0, 5.0} and (result.people["stance"] == 2).all()
    assert result.people["layer"].isna().all()
    with using(View(Locale("en", "EUR"))):
        assert chart(SimpleNamespace(stakeholders=result)).html


def test_the_picture_says_how_many_it_leaves_out():
    many = [(f"p{i}", "A", "t", "use", "user", 1, i % 5 + 1, None, None) for i in range(MAX_PEOPLE + 4)]
    with using(View(Locale("en", "EUR"))):
        assert (
            "4 of less influence are not drawn"
            in chart(SimpleNamespace(stakeholders=stakeholders(made(many))), "A").text
        )


@pytest.fixture(scope="module")
def of_sample(medtech_book) -> Stakeholders:
    return stakeholders(medtech_book)


def test_the_sample_s_lost_champion_is_found(of_sample, medtech_answers):
    answer = next(c for c in medtech_answers["cases"] if c["kind"] == "lost_champion")
    result = of_sample
    row = result.relations.loc[answer["account_id"]]
    assert row["departed"] == answer["evidence"]["contact_id"] == "P0025"
    assert str(row["last"].date()) == answer["evidence"]["last_visit"] and row["unvisited"]
    # as planted: the president neutral, two supporters in the implementation layer,
    # met through the head of purchasing
    people = result.people[result.people["account_id"] == answer["account_id"]]
    assert people.loc["P0028", "side"] == "neutral" and people.loc["P0025", "reports_to"] == "P0028"
    friends = people[(people["side"] == "supporter") & ~people["gone"]]
    assert list(friends["layer"]) == ["implementation"] * 2 and row["introducer"] == "P0029"
    finding = next(f for f in told(result) if f.kind == "rel_champion_gone")
    assert finding.accounts[0] == answer["account_id"] and answer["account_id"] in list(
        result.relations.index[:3]
    )


def test_the_sample_s_page_in_both_languages(of_sample, medtech_book):
    health = SimpleNamespace(stakeholders=of_sample)
    for language, words in (("zh", "分管副院长"), ("en", "has left")):
        with using(View(Locale(language, "CNY"), medtech_book.names.to_dict())):
            drawn = chart(health)
            assert drawn.html.count("<figure") == 3 and words in drawn.text
            assert "襄阳璞和医学中心" in table(health).text
