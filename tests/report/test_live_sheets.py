"""The sheets that compute: from the cells as written, and in LibreOffice where it is there, a changed weight,
limit or norm gives what the package gives.
"""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
import xlsxwriter

from kamplay.method.tiers.step import define_tiers
from kamplay.presets import load_scorecard
from kamplay.report.sheets import live_capacity, live_tiers
from kamplay.report.sheets.sheet_layout import TEXT_IS_TEXT, Styles
from kamplay.show.locale import Locale
from kamplay.show.plan.capacity import who
from kamplay.show.view import View, using

OFFICE = shutil.which("soffice") or shutil.which("libreoffice")
QUOTA = [
    {"key": "top", "level": "S", "zh": "头部", "en": "top", "share": 0.05},
    {"key": "next", "level": "A", "zh": "其次", "en": "next", "share": 0.2},
    {"key": "rest", "level": "C", "zh": "其余", "en": "rest"},
]
PLACES = [
    {**{k: v for k, v in t.items() if k != "share"}, "places": n}
    for t, n in zip(QUOTA, (12, 40, 0), strict=True)
]
PLACES[-1].pop("places")
# what is rated by, and the criterion whose weight changes, to what
CARDS = {
    "four_dimensions": ("four_dimensions", "value", 20),
    "dynamic": ("dynamic", "size", 60),  # a tree, recalibrated by the data
    "enterprise_rating": ("enterprise_rating", "ownership", 5),  # a tree with special items
    "quota": ({"base": "four_dimensions", "cut": "quota", "tiers": QUOTA}, "loyalty", 70),
    "capacity": ({"base": "four_dimensions", "cut": "capacity", "tiers": PLACES}, "growth", 60),
    "value_matrix": ("value_matrix", None, None),
}
KEYS = list(CARDS)


def card_of(name, weight=None):
    wanted, criterion, _ = CARDS[name]
    if weight is None or criterion is None:
        return load_scorecard(wanted, Path())
    base = {"base": wanted} if isinstance(wanted, str) else wanted
    return load_scorecard({**base, "criteria": {criterion: {"weight": weight}}}, Path())


@pytest.fixture(scope="module")
def view(medtech_book):
    view = View(Locale("en", "CNY"), medtech_book.names.to_dict())
    with using(view):
        yield view


@pytest.fixture(scope="module")
def rated(medtech_book):
    """By card: step 1 as it is, and under the other weight."""
    return {
        name: (define_tiers(medtech_book, card_of(name)), define_tiers(medtech_book, card_of(name, weight)))
        for name, (_, _, weight) in CARDS.items()
    }


@pytest.fixture(scope="module")
def files(tmp_path_factory, rated, view, medtech_steps):
    """By card a workbook of tiers and capacity, and that with the other weight typed in."""
    folder = tmp_path_factory.mktemp("live")
    for name, (now, _) in rated.items():
        with xlsxwriter.Workbook(str(folder / f"{name}.xlsx"), TEXT_IS_TEXT) as book:
            styles = Styles(book, view)
            found, *_ = live_tiers.write(book.add_worksheet("Tiers"), now, card_of(name), view, styles)
            live_capacity.write(book.add_worksheet("Capacity"), medtech_steps.plan, view, styles, found)
        _, criterion, weight = CARDS[name]
        changed = openpyxl.load_workbook(folder / f"{name}.xlsx")
        if criterion is not None:
            card = card_of(name)
            label = card.criteria[criterion].en
            names = next(changed["Tiers"].iter_rows(min_row=5, max_row=5))
            place = next(cell for cell in names if cell.value == label)
            changed["Tiers"].cell(6, place.column).value = weight
        changed.save(folder / f"{name}.changed.xlsx")  # and without the values that were saved with it
    return folder


def listed(sheet):
    """The list of accounts of a sheet of tiers, and the rows above it."""
    rows = list(sheet.iter_rows(values_only=True))
    head = next(n for n, row in enumerate(rows) if row[0] == "Account ID")
    frame = pd.DataFrame(rows[head + 1 :]).set_index(0)
    return frame.astype(object).where(frame.notna(), None), rows[:head]


def by_hand(sheet, card):
    """The tiers from the weights, limits and points in the cells, by the arithmetic that the sheet states."""
    frame, above = listed(sheet)
    leaves = list(card.leaves())
    depth = max(path.count("/") for path in paths(card.criteria)) + 1
    first = live_tiers._Live.POINTS
    cells = {level: above[5 + 2 * level][first : first + len(leaves)] for level in range(depth)}
    shares, spans = dict.fromkeys(leaves, 1.0), {}

    def walk(criteria, level, start):
        total, at = 0.0, start
        for key, c in criteria.items():
            spans[key] = (at, at + len(list(leaf_keys({key: c}))))
            total += cells[level][at]
            at = spans[key][1]
        for key, c in criteria.items():
            for leaf in leaf_keys({key: c}):
                shares[leaf] *= cells[level][spans[key][0]] / total
            walk(c.of, level + 1, spans[key][0]) if c.of else None

    walk(card.criteria, 0, 0)
    weights = np.array([shares[leaf] for leaf in leaves])
    if card.recalibrate:
        data = np.array(above[4 + 2 * depth][first : first + len(leaves)], dtype=float)
        weights = (1 - card.recalibrate.share) * weights + card.recalibrate.share * data
    points = frame[list(range(first, first + len(leaves)))].to_numpy(dtype=float)
    known = ~np.isnan(points)
    total = np.where(known, points, 0) @ weights
    weight = known @ weights
    mean = np.divide(total, weight, out=np.zeros_like(total), where=weight > 0)
    bonus = frame[first + len(leaves)].to_numpy(dtype=float)
    return np.clip(mean + bonus, 0, 100), frame


def paths(criteria, before=""):
    for key, c in criteria.items():
        yield f"{before}{key}"
        yield from paths(c.of, f"{before}{key}/")


def leaf_keys(criteria):
    for key, c in criteria.items():
        if c.of:
            yield from leaf_keys(c.of)
        else:
            yield key


@pytest.mark.parametrize("name", KEYS)
def test_the_cells_say_what_step_1_found(files, rated, name):
    frame, above = listed(openpyxl.load_workbook(files / f"{name}.xlsx", data_only=True)["Tiers"])
    expected = rated[name][0].rated.reindex(frame.index)
    assert list(frame[8]) == list(expected["tier"]) == list(frame[9])
    assert len(frame) == len(rated[name][0].rated) > 250
    buying = expected["revenue"] > 0
    for row in above[4 : 4 + len(card_of(name).tiers)]:
        assert row[7] == row[8] == (expected["tier"] == row[3])[buying].sum()


@pytest.mark.parametrize("name", KEYS)
def test_scores_follow_from_the_weights_and_points_in_the_cells(files, rated, name):
    for file, step in ((f"{name}.xlsx", rated[name][0]), (f"{name}.changed.xlsx", rated[name][1])):
        scores, frame = by_hand(openpyxl.load_workbook(files / file)["Tiers"], card_of(name))
        expected = step.rated["tier_score"].reindex(frame.index)
        assert np.floor(np.round(scores, 5) * 100) / 100 == pytest.approx(expected, abs=0.0101)
        assert np.abs(scores - expected).max() < 0.0101  # tier_score is cut to two decimals


def test_tiers_follow_from_scores_limits_and_rules_in_the_cells(files, rated):
    """The formulas of one account, which are those of all, and what they come to for all."""
    sheet = openpyxl.load_workbook(files / "four_dimensions.changed.xlsx")["Tiers"]
    scores, frame = by_hand(sheet, card_of("four_dimensions"))
    _, above = listed(sheet)
    keys = [row[3] for row in above[4:8]]
    starts = [row[5] for row in above[4:7]]
    got = []
    for score, most, least, hand in zip(scores, frame[5], frame[6], frame[7], strict=True):
        at = sum(round(score, 4) < start for start in starts)
        at = max(at, keys.index(most)) if most else at
        at = min(at, keys.index(least)) if least else at
        got.append(hand or keys[at])
    expected = rated["four_dimensions"][1].rated["tier"].reindex(frame.index)
    assert got == list(expected)
    before = rated["four_dimensions"][0].rated["tier"].reindex(frame.index)
    assert (expected != before).sum() > 50
    assert frame[5].notna().any() and frame[7].notna().any()  # gates and decisions by hand are among them
    row = 12
    assert sheet.cell(row, 1).value == frame.index[0]
    weights, own = "$M$7:$P$7", f"$M{row}:$P{row}"
    mean = f"IFERROR(SUMPRODUCT({weights},{own})/SUMPRODUCT({weights}*ISNUMBER({own})),0)"
    assert sheet.cell(row, 4).value == f"=MIN(100,MAX(0,{mean}+Q{row}))"
    assert sheet.cell(row, 5).value == f"=INDEX($D$5:$D$8,1+SUMPRODUCT(--(ROUND(D{row},4)<$G$5:$G$7)))"
    held = (
        f'MIN(MAX(MATCH(E{row},$D$5:$D$8,0),IF(F{row}="",1,MATCH(F{row},$D$5:$D$8,0))),'
        f'IF(G{row}="",4,MATCH(G{row},$D$5:$D$8,0)))'
    )
    assert sheet.cell(row, 9).value == f'=IF(H{row}<>"",H{row},INDEX($D$5:$D$8,{held}))'


@pytest.mark.skipif(not OFFICE, reason="needs LibreOffice")
def test_a_spreadsheet_program_recalculates_to_the_same_tiers(files, rated, tmp_path):
    """Every workbook without saved values: as it is, and with the changed weight."""
    for name in KEYS:
        openpyxl.load_workbook(files / f"{name}.xlsx").save(files / f"{name}.bare.xlsx")
    bare = [str(files / f"{name}.{kind}.xlsx") for name in KEYS for kind in ("bare", "changed")]
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    how = ["--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(tmp_path)]
    subprocess.run([OFFICE, profile, *how, *bare], check=True, capture_output=True, timeout=300)
    for name in KEYS:
        for kind, step in zip(("bare", "changed"), rated[name], strict=True):
            book = openpyxl.load_workbook(tmp_path / f"{name}.{kind}.xlsx", data_only=True)
            frame, _ = listed(book["Tiers"])
            assert list(frame[8]) == list(step.rated["tier"].reindex(frame.index)), (name, kind)
    moved = [(rated[n][0].rated["tier"] != rated[n][1].rated["tier"]).sum() for n in KEYS if CARDS[n][1]]
    assert min(moved) > 5


def test_norms_of_all_levels_and_of_all_people_come_to_the_same_visits(files, medtech_steps):
    """Visits a month: 10 × 4 + 20 × 3 + 58 × 2 = 216; without those that do not pay they are the plan's, by
    level and by person.
    """
    sheet = openpyxl.load_workbook(files / "four_dimensions.xlsx", data_only=True)["Capacity"]
    levels, loads = medtech_steps.plan.levels, medtech_steps.plan.allocation.loads
    rows = list(sheet.iter_rows(min_row=5, max_row=4 + len(levels), values_only=True))
    assert [row[6] for row in rows] == [40, 60, 116, 0]
    total, left_out, capacity, left = (sheet.cell(5 + len(levels) + n, 7).value for n in range(4))
    assert total == 216 and left_out == pytest.approx(-loads["left_out"].sum()) and left_out < 0
    assert total + left_out == pytest.approx(levels["visits"].sum())
    if capacity is not None:
        assert left == pytest.approx(capacity - total - left_out)
    people = list(sheet.iter_rows(min_row=12 + len(levels), values_only=True))
    assert len(people) == len(loads)
    norm = {"branch": 2, "head office": 3}
    less = {
        (who(row.person, row.role, Locale("en", "CNY")), row.role.replace("_", " ")): row.left_out
        for row in loads.itertuples()
    }
    for row in people:  # accounts of each level times its norm, less what is left out of it
        asked = sum(n * one[norm[row[1]]] for n, one in zip(row[2:6], rows, strict=True))
        assert row[6] == pytest.approx(asked - less[row[0], row[1]])
    assert sum(row[6] for row in people) == pytest.approx(total + left_out)


def test_where_no_visit_pays_the_norms_stand_beside_what_is_not_planned(tmp_path, retail_steps):
    """The shipped wholesaler: the norms' visits a month stand, and none of them is planned."""
    assert retail_steps.plan.finding("visits_none_planned") is not None
    view = View(Locale("en", "GBP"))
    with using(view), xlsxwriter.Workbook(str(tmp_path / "c.xlsx"), TEXT_IS_TEXT) as book:
        live_capacity.write(book.add_worksheet("Capacity"), retail_steps.plan, view, Styles(book, view), None)
    sheet = openpyxl.load_workbook(tmp_path / "c.xlsx", data_only=True)["Capacity"]
    rows = {row[0]: row[1:] for row in sheet.iter_rows(min_row=5, values_only=True)}
    levels = retail_steps.plan.levels.set_index("level")
    # one number with the page: none of the campaign, or with a call in place of a visit, has a norm
    told = retail_steps.plan.finding("visits_none_planned").figures
    counts = {level: rows[f"Level {level}"][0] for level in "SAB"}
    assert sum(counts.values()) == told["units"] < levels.loc[["S", "A", "B"], "accounts"].sum()
    asked = sum(counts[level] * levels.loc[level, ["branch", "head_office"]].sum() for level in "SAB")
    assert rows["In all"][5] == asked == -rows["Not planned, as they do not pay"][5] > 0
    assert 3 * asked == told["visits"]
