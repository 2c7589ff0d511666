"""The workshop: what other weights do, ballots captured, kept and read back, and the panel driven without a
browser.
"""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest
from conftest import book_of, lines_of, random_lines, write_engagement
from hypothesis import given, settings
from hypothesis import strategies as st

import kamplay as kp
from kamplay.commands.lab import prepare_lab
from kamplay.engagement import load
from kamplay.errors import KamplayError
from kamplay.intake.prepare import prepare
from kamplay.method.tiers.step import define_tiers
from kamplay.presets import load_scorecard
from kamplay.presets.scorecard import Scorecard
from kamplay.shipped import shipped
from kamplay.workshop import ballot_file
from kamplay.workshop.ballot_file import RefusedError
from kamplay.workshop.preview import shares
from kamplay.workshop.session import Session

CRITERIA = ("a", "b", "c")
CARDS = sorted(p.stem for p in (Path(kp.__file__).parent / "presets" / "scorecards").glob("*.yaml"))
EQUAL = {"a": 1, "b": 1, "c": 1}


def card(**changes) -> Scorecard:
    """Three criteria scored by experts from 0 to 100, weights 60/20/20, tiers from 70, 50, 30 and 0."""
    words = {"zh": "甲", "en": "x"}
    criteria = {
        k: {**words, "weight": w, "measure": f"rating.{k}", "scoring": "scale", "scale": [0, 100]}
        for k, w in zip(CRITERIA, (60, 20, 20), strict=True)
    }
    tiers = [
        {"key": k, "level": k, "zh": k, "en": k, "from": start}
        for k, start in (("S", 70), ("A", 50), ("B", 30), ("C", 0))
    ]
    return Scorecard.model_validate(
        {"title": words, "source": words, "criteria": criteria, "tiers": tiers, **changes}
    )


def made(**tables):
    """x scores 90/20/50, y 20/90/50, z 50/50/50; they bought for 300, 200 and 100."""
    lines = lines_of(("x", "2025-06-01", 300.0), ("y", "2025-06-01", 200.0), ("z", "2025-06-01", 100.0))
    points = {"x": (90, 20, 50), "y": (20, 90, 50), "z": (50, 50, 50)}
    rows = [(a, c, float(p)) for a, three in points.items() for c, p in zip(CRITERIA, three, strict=True)]
    return book_of(lines, ratings=pd.DataFrame(rows, columns=["account_id", "criterion", "score"]), **tables)


def ballots(*rows) -> pd.DataFrame:
    return ballot_file.tidy(pd.DataFrame(rows))


@pytest.fixture
def session(tmp_path):
    return Session(made(), card(), tmp_path, "en")


# --- what other weights do


def test_preview_by_hand(session):
    """60/20/20: x 68 (A), y 40 (B), z 50 (A). 20/60/20: x 40 (B), y 68 (A), z 50 (A)."""
    found = session.preview({"a": 20, "b": 60, "c": 20})
    assert found.counts["now"].to_dict() == {"S": 0, "A": 2, "B": 1, "C": 0}
    assert found.counts["then"].to_dict() == {"S": 0, "A": 2, "B": 1, "C": 0}
    assert found.counts.loc[["A", "B"], "revenue_now"].tolist() == [400, 200]
    assert found.counts.loc[["A", "B"], "revenue_then"].tolist() == [300, 300]
    assert found.rises.to_dict("index") == {
        "y": {"accounts": 1, "revenue": 200.0, "before": "B", "after": "A"}
    }
    assert found.drops.to_dict("index") == {
        "x": {"accounts": 1, "revenue": 300.0, "before": "A", "after": "B"}
    }
    assert found.moved == 2


def test_what_all_fulfil_lifts_all_under_fixed_limits_but_not_with_tiers_of_todays_size(session):
    """On c all have 50 points: by the limits all are A; of two places among three equals nobody gets one."""
    assert session.preview({"a": 0, "b": 0, "c": 1}).counts["then"]["A"] == 3
    alike = session.preview({"a": 0, "b": 0, "c": 1}, same_size=True)
    assert alike.counts["then"].to_dict() == {"S": 0, "A": 0, "B": 3, "C": 0}
    assert list(alike.drops.index) == ["x", "z"]


def test_an_override_holds_whatever_the_weights():
    over = pd.DataFrame(
        {
            "account_id": ["y", "x"],
            "tier": ["S", "C"],
            "reason": "r",
            "by": "b",
            "expires": pd.to_datetime(["2026-12-31", "2025-01-01"]),
        }
    )
    found = Session(made(overrides=over), card()).preview({"a": 20, "b": 60, "c": 20})
    assert found.counts["now"]["S"] == found.counts["then"]["S"] == 1
    assert found.rises.empty
    assert list(found.drops.index) == ["x"]  # its override has expired


def test_a_group_is_one_customer_with_all_its_accounts_counted():
    accounts = pd.DataFrame(
        {"account_id": ["x", "y", "z"], "account_name": ["X", "Y", "Z"], "parent_id": [None, None, "y"]}
    )
    found = Session(made(accounts=accounts), card()).preview({"a": 20, "b": 60, "c": 20})
    assert found.rises[["accounts", "revenue"]].to_dict("index") == {"y": {"accounts": 2, "revenue": 300.0}}
    assert found.counts["then"].sum() == found.counts["now"].sum() == 2


def test_of_a_groups_overrides_the_first_holds_as_in_the_report():
    accounts = pd.DataFrame({"account_id": ["x", "y", "z"], "parent_id": [None, None, "y"]})
    over = pd.DataFrame({"account_id": ["y", "z"], "tier": ["S", "C"], "reason": "r", "by": "b"})
    book = made(accounts=accounts, overrides=over)
    found = Session(book, card()).preview()
    assert found.counts["now"].to_dict() == define_tiers(book, card()).key_figures["counts"]
    assert found.counts["now"]["S"] == 1


def test_places_are_shared_out_among_those_who_bought():
    """Two fifths of three accounts that bought are one place; two that never did must not make it two."""
    tiers = [{"key": "S", "level": "S", "share": 0.4}, {"key": "C", "level": "C"}]
    quota = card(cut="quota", tiers=[{"zh": t["key"], "en": t["key"], **t} for t in tiers])
    book = made(accounts=pd.DataFrame({"account_id": ["x", "y", "z", "v", "w"]}))
    found = Session(book, quota).preview()
    assert found.moved == 0
    assert found.counts["then"].to_dict() == found.counts["now"].to_dict() == {"S": 1, "C": 2}


@pytest.mark.parametrize("name", CARDS)
def test_the_present_weights_move_nobody_and_count_as_the_report_does(name):
    book, preset = book_of(random_lines(30, seed=5)), load_scorecard(name, Path())
    found = Session(book, preset).preview()
    assert found.moved == 0
    assert (
        found.counts["now"].to_dict()
        == found.counts["then"].to_dict()
        == define_tiers(book, preset).key_figures["counts"]
    )


def test_settled_by_ballots_the_present_weights_are_the_departments_mean():
    rows = [
        {"rater": r, "department": d, "criterion": c, "weight": w}
        for r, d, ws in (("p", "s", (80, 10, 10)), ("q", "f", (40, 40, 20)))
        for c, w in zip(CRITERIA, ws, strict=True)
    ]
    book = made(ballots=pd.DataFrame(rows))
    s = Session(book, card(weights_from="ballots", recalibrate={"method": "entropy", "share": 0.3}))
    assert s.weights.round(6).tolist() == [0.6, 0.25, 0.15]
    assert s.preview().counts["now"].to_dict() == s.preview(s.weights).counts["then"].to_dict()
    s.capture("new", "s", {"a": 0, "b": 0, "c": 1})
    assert s.weights.round(6).tolist() == [0.6, 0.25, 0.15], (
        "the present weights are those of the run, not of the meeting"
    )


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 100), min_size=3, max_size=3).filter(any), st.floats(0.01, 50))
def test_only_proportions_count(weights, factor):
    one = SHARED.preview(dict(zip(CRITERIA, weights, strict=True)))
    other = SHARED.preview({c: w * factor for c, w in zip(CRITERIA, weights, strict=True)})
    pd.testing.assert_frame_equal(one.counts, other.counts)
    assert one.weights.sum() == pytest.approx(1)
    entered = len(one.rises) - len(one.drops)
    assert one.counts.loc[["S", "A"], "then"].sum() - one.counts.loc[["S", "A"], "now"].sum() == entered


SHARED = Session(made(), card())


@pytest.mark.parametrize(
    ("weights", "code"),
    [
        ({"a": 1, "b": 1}, "criterion_missing"),
        ({**EQUAL, "d": 1}, "criterion_unknown"),
        ({**EQUAL, "b": -1}, "weight_negative"),
        ({"a": 0, "b": 0, "c": 0}, "weights_all_zero"),
        *[
            ({**EQUAL, "c": bad}, "weight_not_number")
            for bad in (float("nan"), float("inf"), "12", None, True)
        ],
    ],
)
def test_unusable_weights_are_refused(weights, code):
    with pytest.raises(RefusedError) as refused:
        shares(weights, list(CRITERIA))
    assert refused.value.code == code


# --- ballots


def test_capture_writes_the_codebooks_columns(session):
    session.capture(" Ann  Lee ", "Sales", {"a": 50, "b": 30, "c": 20}, ["y", "x", "y"])
    table = session.ballots_table()
    assert list(table.columns) == [
        "rater",
        "department",
        "criterion",
        "account_id",
        "weight",
        "rank",
        "nominated",
        "round",
    ]
    assert table["criterion"].tolist() == ["a", "b", "c", None, None]
    assert table["weight"].tolist()[:3] == [50, 30, 20]
    assert table["account_id"].tolist()[3:] == ["y", "x"]
    assert table["nominated"].tolist()[3:] == [True, True]
    assert set(table["rater"]) == {"Ann Lee"}
    assert set(table["round"]) == {1.0}


def test_agreement_by_hand(session):
    """Ranks 123, 123, 213: sums 4, 5, 9, so W = 12·14 / (9·24) = 0.7778. Sales gives a 0.6, finance 0.3."""
    for rater, department, weights in (
        ("p", "Sales", (60, 30, 10)),
        ("q", "Delivery", (50, 30, 20)),
        ("r", "Finance", (30, 60, 10)),
    ):
        session.capture(rater, department, dict(zip(CRITERIA, weights, strict=True)))
    found = session.agreement()
    assert found.w.w == pytest.approx(168 / 216)
    assert set(found.furthest[:2]) == {"Sales", "Finance"}
    assert found.furthest.gap == pytest.approx(0.3)
    assert found.proposal.tolist() == pytest.approx([140 / 300, 0.4, 40 / 300])
    assert session.preview().agreement is found


def test_a_second_ballot_of_the_same_person_replaces_the_first_and_undo_brings_it_back(session):
    session.capture("Ann", "Sales", {"a": 1, "b": 0, "c": 0}, ["x"])
    before = session.ballots_table()
    again = session.capture("ann", "SALES", {"a": 0, "b": 1, "c": 0})
    assert again.replaced
    assert again.rater == "Ann"
    assert session.ballots_table()["weight"].dropna().tolist() == [0, 1, 0]
    assert session.undo() == again
    pd.testing.assert_frame_equal(session.ballots_table(), before)
    session.undo()
    assert session.ballots_table().empty
    assert session.undo() is None


def test_another_round_and_another_department_replace_nothing(session):
    session.capture("Ann", "Sales", EQUAL)
    assert session.capture("Ann", "Finance", EQUAL).namesake == ("Sales",)
    assert not session.capture("Ann", "Sales", EQUAL, round=2).replaced
    assert len(session.ballots_table()) == 9
    assert session.agreement().rounds["raters"].tolist() == [2, 1]


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ({"rater": "  "}, "rater_blank"),
        ({"rater": None}, "rater_blank"),
        ({"department": "\t"}, "department_blank"),
        ({"rater": "无"}, "name_unusable"),
        ({"rater": "N/A"}, "name_unusable"),
        ({"rater": "=="}, "name_unusable"),
        ({"rater": "x" * 81}, "name_long"),
        ({"nominated": ["x", "nobody"]}, "account_unknown"),
        ({"nominated": [f"n{k}" for k in range(3)]}, "account_unknown"),
        ({"round": 0}, "round_unusable"),
        ({"round": 1.5}, "round_unusable"),
        ({"round": 3}, "round_ahead"),
        ({"weights": {"a": 0, "b": 0, "c": 0}}, "weights_all_zero"),
    ],
)
def test_messy_entries_are_refused_and_change_nothing(session, entry, code):
    with pytest.raises(RefusedError) as refused:
        session.capture(**{"rater": "Ann", "department": "Sales", "weights": EQUAL, **entry})
    assert refused.value.code == code
    assert session.ballots_table().empty
    assert session.captured == ()


def test_a_ballot_names_ten_accounts_at_most():
    s = Session(book_of(random_lines(12, seed=2)), load_scorecard("four_dimensions", Path()))
    weights = dict.fromkeys(s.criteria, 1)
    accounts = list(s.book.accounts.index)
    s.capture("Ann", "Sales", weights, accounts[:10])
    with pytest.raises(RefusedError, match="too_many_named"):
        s.capture("Ann", "Sales", weights, accounts[:11])


# --- ballots.csv


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_is_saved_comes_back_through_the_intake(tmp_path, language):
    """Into the data folder of an engagement, as the consultant moves it: the same table, whatever the
    language.
    """
    kept = ballots(
        {"rater": "Old", "department": "Sales", "criterion": "a", "rank": 1},
        {"rater": "Old", "department": "Sales", "criterion": "b", "rank": 2},
        {"rater": "Old", "department": "Sales", "account_id": "x", "rank": 1, "nominated": True},
        {"rater": "Old", "department": "Sales", "account_id": "z", "nominated": False},
    )
    client = write_engagement(tmp_path / "client", random_lines(5))
    (tmp_path / "run").mkdir()
    s = Session(made(ballots=kept), card(), tmp_path / "run", language)
    s.capture("李雷, Jr.", "销售\n一部", {"a": 33.333, "b": 12.5, "c": 1 / 3}, ["y"], round=2)
    path = s.save()
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert (
        path.read_text(encoding="utf-8-sig").splitlines()[0].split(",")[0]
        == {"zh": "投票人", "en": "Rater"}[language]
    )
    path.replace(client / "data" / "ballots.csv")
    back = ballot_file.tidy(prepare(load(client)).table("ballots"))
    want = s.ballots_table()
    assert back["weight"].tolist() == pytest.approx(want["weight"].tolist(), abs=1e-4, nan_ok=True)
    pd.testing.assert_frame_equal(back.drop(columns="weight"), want.drop(columns="weight"))


def test_the_workshop_continues_from_its_file(tmp_path):
    s = Session(made(), card(), tmp_path, "zh")
    s.capture("Ann", "Sales", EQUAL, ["x"])
    assert s.unsaved
    s.save()
    assert not s.unsaved
    again = Session(made(), card(), tmp_path, "en")
    pd.testing.assert_frame_equal(again.ballots_table(), s.ballots_table())
    assert again.capture("Ann", "Sales", {"a": 1, "b": 0, "c": 0}).replaced
    again.save()
    assert Session(made(), card(), tmp_path).ballots_table()["weight"].dropna().tolist() == [1, 0, 0]


def test_the_books_ballots_are_kept_in_the_file_and_a_replaced_one_stays_replaced(tmp_path):
    homes = {"Old": "Sales", "Ann": None}  # who is written down without a department is the Ann of Sales
    book = made(
        ballots=ballots(
            *[
                {"rater": r, "department": d, "criterion": c, "weight": 1}
                for r, d in homes.items()
                for c in CRITERIA
            ]
        )
    )
    s = Session(book, card(), tmp_path, "en")
    assert s.capture("Ann", "Sales", {"a": 9, "b": 9, "c": 0}).replaced
    s.save()
    table = Session(book, card(), tmp_path, "en").ballots_table()
    assert table.groupby("rater")["weight"].sum().to_dict() == {"Old": 3, "Ann": 18}


def test_names_that_a_spreadsheet_would_calculate_are_neutralised_and_stay_the_same_person(tmp_path):
    s = Session(made(), card(), tmp_path, "en")
    names = ["=HYPERLINK(1)", "+86 Li", "-Ann", "@sum"]
    for name in names:
        s.capture(name, name, EQUAL)
    cells = pd.read_csv(s.save(), encoding="utf-8-sig", dtype=str, keep_default_na=False)
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells.to_numpy().ravel())
    again = Session(made(), card(), tmp_path, "en")
    assert list(dict.fromkeys(again.ballots_table()["rater"])) == names
    assert again.capture("=HYPERLINK(1)", "=HYPERLINK(1)", EQUAL).replaced


def test_a_file_that_somebody_else_changed_is_not_overwritten(session, tmp_path):
    session.capture("Ann", "Sales", EQUAL)
    path = session.save()
    path.write_bytes(path.read_bytes() + b"Bob,Sales,a,,5,,,1\r\n")
    session.capture("Cy", "Sales", EQUAL)
    with pytest.raises(RefusedError, match="file_changed"):
        session.save()
    assert b"Bob" in path.read_bytes()
    path.rename(tmp_path / "other.csv")
    assert session.save().exists()


def test_an_unreadable_file_is_told_and_left_alone(tmp_path):
    path = tmp_path / ballot_file.FILE
    path.write_text("Rater,Criterion,Weight\nAnn,a,lots\n", encoding="utf-8")
    with pytest.raises(KamplayError) as told:
        Session(made(), card(), tmp_path)
    assert told.value.faults[0].row == 2
    assert "lots" in path.read_text(encoding="utf-8")
    path.write_text("Rater,Criterion,Weight,Remark\nAnn,a,5,by phone\n", encoding="utf-8")
    with pytest.raises(RefusedError, match=r"file_columns.*Remark"):
        Session(made(), card(), tmp_path)


def test_a_failed_write_leaves_the_old_file(session, tmp_path, monkeypatch):
    session.capture("Ann", "Sales", EQUAL)
    before = session.save().read_bytes()
    session.capture("Bob", "Sales", EQUAL)

    def full(*_):
        raise OSError("disk full")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", full)
        with pytest.raises(RefusedError, match="file_not_written"):
            session.save()
    assert [p.name for p in tmp_path.iterdir()] == [ballot_file.FILE]
    assert (tmp_path / ballot_file.FILE).read_bytes() == before
    assert session.unsaved


def test_numbers_are_never_written_like_grouped_thousands():
    assert [ballot_file._number(v) for v in (12.125, 33.333, 0.5, 40.0, 0.0, np.nan)] == [
        "12.1250",
        "33.3330",
        "0.5",
        "40",
        "0",
        "",
    ]


# --- the panel


@pytest.fixture
def client(tmp_path):
    lines = random_lines(12, seed=4)
    ids = sorted(lines["account_id"].unique())
    names = ["<img src=x onerror=alert(1)>"] * 2 + [f"Client {a}" for a in ids[2:]]
    return write_engagement(
        tmp_path / "client", lines, accounts=pd.DataFrame({"account_id": ids, "account_name": names})
    )


@pytest.fixture(params=["zh", "en"])
def run(request, client):
    return kp.open(client, language=request.param)


@pytest.fixture
def panel(run):
    (run.folder / ballot_file.FILE).unlink(missing_ok=True)  # one scratch copy serves both languages
    return kp.workshop(run)


def test_kp_workshop_can_be_called_though_its_modules_are_loaded(run):
    import kamplay.workshop.session  # noqa: F401 - would otherwise stand in the way of the name

    assert type(kp.workshop(run)).__name__ == type(kp.workshop(run)).__name__ == "Panel"


def test_sliders_move_the_tables(panel):
    before = panel.tiers.value
    first, *others = panel.sliders.values()
    first.value = 0
    for other in others:
        other.value = 80
    assert panel.tiers.value != before
    assert panel.shares.value.count("%") == len(panel.sliders)
    panel.reset.click()
    assert panel.tiers.value == before


def test_all_sliders_at_nothing_say_so(panel):
    shown = panel.tiers.value
    for slider in panel.sliders.values():
        slider.value = 0
    assert ("权重全部为0" in panel.shares.value) or ("All weights are 0" in panel.shares.value)
    panel.rater.value, panel.department.value = "Ann", "Sales"
    panel.capture.click()
    assert panel.session.captured == ()
    assert shown != ""


def test_capture_undo_and_save_by_the_buttons(panel, run, client):
    there = sorted(p.relative_to(client).as_posix() for p in client.rglob("*"))
    assert panel.save.disabled
    assert panel.undo.disabled
    for rater, department, weight in (("Ann", "Sales", 90), ("Bob", "<b>Finance</b>", 10)):
        panel.rater.value, panel.department.value = rater, department
        next(iter(panel.sliders.values())).value = weight
        panel.nominated.value = [next(iter(panel.ids))]
        panel.capture.click()
        assert panel.rater.value == ""
        assert panel.nominated.value == []
    assert panel.weights == panel.initial
    assert panel.department.options == ("Sales", "<b>Finance</b>")
    assert "<b>Finance</b>" not in panel.agreed.value
    assert "&lt;b&gt;Finance&lt;/b&gt;" in panel.agreed.value
    labels = [c.get(run.language) for c in run.scorecard.criteria.values()]
    assert re.findall(r"<th[^>]*>(.*?)</th>", panel.agreed.value)[1:5] == labels, "in the card's order"
    panel.mean.click()
    assert panel.weights != panel.initial
    panel.undo.click()
    assert [b.rater for b in panel.session.captured] == ["Ann"]
    panel.save.click()
    assert panel.save.disabled
    table = ballot_file.read(run.folder)
    assert set(table["rater"]) == {"Ann"}
    assert table["account_id"].dropna().tolist() == [next(iter(panel.ids.values()))]
    assert ballot_file.FILE in panel.status.value
    assert "data" in panel.status.value
    assert sorted(p.relative_to(client).as_posix() for p in client.rglob("*")) == there


def test_a_wrong_entry_shows_a_sentence(panel):
    panel.capture.click()
    assert panel.status.value.startswith('<p role="status"')
    first = panel.status.value
    panel.rater.value = "Ann"
    panel.capture.click()
    assert panel.status.value not in ("", first)
    panel.department.value, panel.round.value = "Sales", 7
    panel.capture.click()
    assert "1" in panel.status.value
    assert panel.session.ballots_table().empty


def test_names_are_escaped_and_namesakes_told_apart(panel):
    for slider, value in zip(panel.sliders.values(), (0, 100, 0, 100), strict=True):
        slider.value = value
    shown = panel.tiers.value + panel.agreed.value
    assert "<img" not in shown
    assert len(panel.ids) == 12
    assert sum(label.startswith("<img") for label in panel.ids) == 2


def test_a_temporary_copy_says_so(panel):
    assert "kamplay lab" in panel.status.value


def test_without_a_front_end_it_says_what_it_needs(panel):
    assert "JupyterLab" in repr(panel)
    assert panel._repr_mimebundle_()["text/plain"] == repr(panel)
    assert "application/vnd.jupyter.widget-view+json" in panel._repr_mimebundle_()


def test_an_unreadable_file_is_a_sentence_in_the_panels_place(run):
    path = run.folder / ballot_file.FILE
    path.write_text("Rater,Criterion,Weight\nAnn,a,lots\n", encoding="utf-8")
    try:
        notice = kp.workshop(run)
    finally:
        path.unlink()
    assert ballot_file.FILE in repr(notice)
    assert "lots" in notice.value


def test_lab_copies_the_workshop_bound_to_the_engagement(client, tmp_path):
    place = prepare_lab(client, tmp_path / "out", "en")
    shipped_ones = sorted(p.name for p in (shipped("notebooks") / "workshop").glob("*.ipynb"))
    assert sorted(p.name for p in (place / "notebooks" / "workshop").glob("*.ipynb")) == shipped_ones
    node = nbformat.read(place / "notebooks" / "workshop" / "1_define_tiers.ipynb", as_version=4)
    cell = next(c for c in node.cells if "parameters" in c.metadata.get("tags", []))
    folder, language, edition = re.findall(r'= "(.*?)"', cell.source)
    assert (language, edition) == ("en", "internal")
    s = kp.open(place / "notebooks" / "workshop" / folder, language=language)
    assert s.folder == place.resolve()
    assert not ballot_file.temporary(s.folder)
    prepare_lab(client, tmp_path / "out", "en")  # opened again: ballots are still there
    (place / ballot_file.FILE).write_text("Rater\n", encoding="utf-8")
    prepare_lab(client, tmp_path / "out", "en")
    assert (place / ballot_file.FILE).exists()
