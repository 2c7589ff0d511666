"""The sheet to choose a platform by: the four sides with their questions, weights to fill in, sums by
formulas of our own; nothing of the client's is in it.
"""

from pathlib import Path
from types import SimpleNamespace

import pytest
from openpyxl import load_workbook

from kamplay import presets
from kamplay.report.sheets import platform_choice
from kamplay.show.locale import Locale
from kamplay.show.view import View

PRESET = presets.load_capabilities("kam_capabilities", Path())


def written(folder: Path, preset=PRESET, language: str = "en"):
    plan = SimpleNamespace(capabilities=SimpleNamespace(preset=preset.model_dump(mode="json")))
    path = platform_choice.write(folder, plan, View(Locale(language, "CNY")))
    return load_workbook(path).active


@pytest.mark.parametrize("language", ["zh", "en"])
def test_four_sides_with_questions_and_room_to_fill_in(tmp_path, language):
    sheet = written(tmp_path, language=language)
    sides = [c.value for c in sheet["A"][4:16] if c.value]
    expected = [side.get(language) for side in PRESET.platform.criteria]
    assert [s.lower() for s in sides] == [e.lower() for e in expected] and len(sides) == 4
    assert all(c.value for c in sheet["B"][4:16])
    assert all(c.value is None for row in sheet["C5:G16"] for c in row)  # weights and scores are the client's


def test_the_sum_is_weights_times_the_mean_of_each_side(tmp_path):
    sheet = written(tmp_path)
    assert sheet["C17"].value == "=SUM(C5,C8,C11,C14)"
    parts = "$C5*AVERAGE(E5:E7)+$C8*AVERAGE(E8:E10)+$C11*AVERAGE(E11:E13)+$C14*AVERAGE(E14:E16)"
    assert sheet["E17"].value == f'=IF(AND(COUNT(E5:E16)=12,ABS($C$17-1)<=0.001),{parts},"")'
    assert "COUNTIF(E11:E13,1)" in sheet["E19"].value  # security alone rules out


def test_a_presets_text_is_no_formula(tmp_path):
    raw = PRESET.model_dump(mode="json")
    raw["platform"]["criteria"] = [
        {"zh": "x", "en": "=1+1", "questions": [{"zh": "x", "en": "=HYPERLINK(1)"}]}
    ]
    sheet = written(tmp_path, presets.CapabilityFrames.model_validate(raw))
    assert (sheet["A5"].data_type, sheet["B5"].data_type) == ("s", "s")
    assert sheet["D8"].value == '=IF(0>0,"yes, a 1 where none may be","")'


def test_a_plan_without_capabilities_has_none(tmp_path):
    plan = SimpleNamespace(capabilities=SimpleNamespace(preset={}))
    assert platform_choice.write(tmp_path, plan, View(Locale("en", "CNY"))) is None
    assert not list(tmp_path.iterdir())
