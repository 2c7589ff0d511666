"""engagement.yaml: what is understood, and one clear fault for what is not."""

import re

import pytest

from kamplay.api import resolve_policies
from kamplay.engagement import load, slug
from kamplay.errors import KamplayError
from kamplay.settings_file import parse
from kamplay.show.faults import line
from kamplay.show.locale import Locale
from kamplay.show.texts.fault_texts import FAULTS


def settings(tmp_path, text, *changes, **options):
    (tmp_path / "engagement.yaml").write_text(text, encoding="utf-8")
    return load(tmp_path, changes, **options).settings


@pytest.mark.parametrize(
    "written",
    [
        "30 June 2025",
        "June 30, 2025",
        "30-Jun-2025",
        "30/06/2025",
        "06/30/2025",
        "30.06.2025",
        "2025-06-30",
        '"2025-06-30"',
        "2025/6/30",
        "20250630",
        "2025年6月30日",
    ],
)
def test_dates_quoted_or_not(tmp_path, written):
    assert settings(tmp_path, f"client: A\nas_of: {written}\n").as_of.isoformat() == "2025-06-30"


def test_texts_stay_what_they_were(tmp_path):
    found = settings(
        tmp_path,
        (
            "client: 007\nindustry: NO\nsources:\n  transactions: {path: [a.csv, "
            "b.csv], where: {状态: NO, n: 010, f: [1, yes]}}\n"
        ),
    )
    assert (found.client, found.industry) == ("007", "NO")
    assert found.sources["transactions"].where == {"状态": ["NO"], "n": ["010"], "f": ["1", "yes"]}


@pytest.mark.parametrize(
    ("text", "code", "near"),
    [
        ("client: A\nlanguge: zh", "setting_unknown", "language"),
        ("client: A\nhealth: {horizon: 90}", "setting_unknown", "horizon_days"),
        ("client: A\nhorizon_days: 90", "setting_unknown", "health.horizon_days"),
        (
            "client: A\nsources: {transactions: {path: a.csv, colums: {date: d}}}",
            "setting_unknown",
            "columns",
        ),
        ("client: A\nsources: {transaction: a.csv}", "table_unknown", "transactions"),
        ("client: A\nsources: {transactions: {path: a.csv, columns: {dat: d}}}", "column_unknown", "date"),
        ("client: A\nlanguage: de", "setting_not_allowed", None),
        ("client: A\nas_of: 2999-01-01", "as_of_future", None),
        ("client: A\nas_of: soon", "date_unreadable", None),
        ("client: A\nas_of: 2025-11", "date_unreadable", None),  # a month is no day
        ("client: A\nas_of: 202511", "date_unreadable", None),
        ("client: A\nas_of: 2025115", "date_unreadable", None),
        ("client: A\ncurrency: gold", "currency_unreadable", None),
        ("client: A\nholidays: ZZ", "country_unknown", None),
        ("client: A\nholidays: GB-XYZ", "country_unknown", None),
        ("client: A\ncontrol_total: inf", "number_not_finite", None),
        ("client: A\ntarget: 0", "setting_invalid", None),
        ("client: A\ntarget: -5e6", "setting_invalid", None),
        ("client: A\ntarget: nan", "number_not_finite", None),
        ("client: A\ntarget: much", "number_not_finite", None),
        ("client: A\ntargets: 5", "setting_unknown", "target"),
        ("client: A\nsources: {transactions: ../secret.csv}", "path_outside", None),
        ("client: A\nsources: {transactions: /etc/passwd}", "path_outside", None),
        ("client: A\nsources: {transactions: 'C:\\x.csv'}", "path_outside", None),
        ("client: A\nbrand: {logo: ../x.png}", "path_outside", None),
        ("language: zh", "setting_missing", None),
        ("client: A\nclient: B", "yaml_broken", None),
        ("client: [", "yaml_broken", None),
        ("- client", "settings_not_a_mapping", None),
    ],
)
def test_one_clear_fault(tmp_path, text, code, near):
    with pytest.raises(KamplayError) as caught:
        settings(tmp_path, text + "\n")
    fault = caught.value.faults[0]
    assert len(caught.value.faults) == 1
    assert fault.code == code
    assert (fault.args.get("near") or None) == near
    for language in ("zh", "en"):
        said = line(fault, Locale(language, "CNY"))
        assert "engagement.yaml" in said
        assert "\n" not in said
        assert "{" not in said.replace("{{", "")


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("", "CN"),
        ("currency: GBP", "GB"),
        ("currency: USD", "US"),
        ("currency: EUR", None),  # of many countries
        ("currency: XOF", None),
        ("currency: EUR\nholidays: de-by", "DE-BY"),
        ("holidays: NO", "NO"),
        ("holidays: none", None),
        ("holidays:", "CN"),
    ],
)
def test_whose_holidays_hold(tmp_path, text, country):
    assert settings(tmp_path, f"client: A\n{text}\n").holiday_country == country


def test_all_faults_at_once(tmp_path):
    with pytest.raises(KamplayError) as caught:
        settings(tmp_path, "languge: zh\ncurrency: gold\nhealth: {horizon_days: 5}\n")
    assert {f.column for f in caught.value.faults} == {"client", "languge", "currency", "health.horizon_days"}


def test_changes_from_the_command_line(tmp_path):
    text = "client: A\nhealth: {horizon_days: 90}\n"
    found = settings(tmp_path, text, "health.horizon_days=120", "brand.accent='#112233'", as_of="2025-01-31")
    assert (found.health.horizon_days, found.brand.accent, str(found.as_of)) == (120, "#112233", "2025-01-31")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("helth.horizon_days=90", "setting_unknown"),
        ("language", "set_without_value"),
        ("health.horizon_days=x", "setting_invalid"),
        ("client.x=1", "setting_unknown"),
    ],
)
def test_wrong_changes_name_the_option(tmp_path, change, code):
    with pytest.raises(KamplayError) as caught:
        settings(tmp_path, "client: A\n", change)
    assert (caught.value.faults[0].code, caught.value.faults[0].file) == (code, "--set")


def card_of(tmp_path, text, *changes):
    (tmp_path / "engagement.yaml").write_text(text, encoding="utf-8")
    return resolve_policies(load(tmp_path, changes))[:2]


CHANGED = """client: A
scorecard:
  base: four_dimensions
  criteria: {value: {weight: 40}}
  gates: {skinner: {when: {concession_share: {above: 0.7}}}, one_off: }
"""


def test_a_preset_with_parts_changed(tmp_path):
    """Only what is written differs: a weight, a limit; a gate left empty is gone. 40 of 40 + 20 + 15 + 15."""
    card, _ = card_of(tmp_path, CHANGED)
    assert card.criteria["value"].weight == 40
    assert card.weights()["value"] == pytest.approx(40 / 90)
    assert card.gates["skinner"].when["concession_share"].above == 0.7
    assert set(card.gates) == {"skinner", "unprofitable", "broken_word", "litigation"}
    assert [t.start for t in card.tiers] == [70, 55, 40, 0]


def test_a_file_of_ones_own_can_be_the_base(tmp_path):
    from kamplay import presets

    (tmp_path / "mine.yaml").write_text(presets.text("strategy", "by_tier"), encoding="utf-8")
    _, strategy = card_of(tmp_path, "client: A\nstrategy: {base: mine.yaml, due_days: {urgent: 3}}\n")
    assert (strategy.due_days.urgent, strategy.due_days.soon) == (3, 30)


@pytest.mark.parametrize(
    ("text", "base", "weight"),
    [
        ("", "four_dimensions", 50),
        ("scorecard: four_dimensions\n", "four_dimensions", 50),
        (CHANGED.partition("\n")[2], "four_dimensions", 40),
    ],
)
def test_parts_changed_from_the_command_line(tmp_path, text, base, weight):
    card, strategy = card_of(
        tmp_path, f"client: A\n{text}", "scorecard.criteria.growth.weight=35", "strategy.due_days.soon=20"
    )
    assert (card.criteria["growth"].weight, card.criteria["value"].weight, strategy.due_days.soon) == (
        35,
        weight,
        20,
    )
    assert load(tmp_path, ["scorecard.criteria.growth.weight=35"]).settings.scorecard["base"] == base


def test_a_whole_preset_then_a_part_from_the_command_line(tmp_path):
    card, _ = card_of(tmp_path, CHANGED, "scorecard=distributor_100", "scorecard.criteria.sales.unit=1000")
    assert card.criteria["sales"].unit == 1000


@pytest.mark.parametrize(
    ("text", "change", "code", "column", "near"),
    [
        (
            "scorecard: {base: four_dimensions, criteria: {vale: {weight: 40}}}",
            None,
            "part_unknown",
            "criteria.vale",
            "value",
        ),
        (
            "scorecard: {base: four_dimensions, criteria: {value: {weigth: 40}}}",
            None,
            "setting_unknown",
            "criteria.value.weigth",
            "weight",
        ),
        (
            "scorecard: {base: four_dimensions, gates: {skiner: {cap: B}}}",
            None,
            "part_unknown",
            "gates.skiner",
            "skinner",
        ),
        (
            "scorecard: {base: enterprise_rating, criteria: {basics: {of: {premise: {weight: 1}}}}}",
            None,
            "part_unknown",
            "criteria.basics.of.premise",
            "premises",
        ),
        ("scorecard: {base: four_dimension}", None, "preset_unknown", "scorecard", "four_dimensions"),
        ("scorecard: {criteria: {value: {weight: 40}}}", None, "base_missing", "scorecard.base", None),
        ("scorecard: [four_dimensions]", None, "name_or_parts", "scorecard", None),
        (
            (
                "scorecard: {base: four_dimensions, tiers: [{key: a, level: S, zh: a, "
                "en: a, form: 50}, {key: b, level: C, zh: b, en: b, from: 0}]}"
            ),
            None,
            "setting_unknown",
            "tiers.0.form",
            "from",
        ),
        (
            "scorecard: {base: four_dimensions, gates: {skinner: {when: {margin_shar: {below: 0}}}}}",
            None,
            "measure_unknown",
            "gates.skinner.when.margin_shar",
            "margin_share",
        ),
        ("scorecard: {base: four_dimensions, cut: quota}", None, "tiers_need", "tiers", None),
        ("", "scorecard.criteria.vale.weight=40", "part_unknown", "criteria.vale", "value"),
        ("", "scorecard.critera.value.weight=40", "setting_unknown", "critera", "criteria"),
        ("", "strategy.due_dais.soon=4", "setting_unknown", "due_dais", "due_days"),
        ("", "scorecard.criteria.value.weight=much", "setting_invalid", "criteria.value.weight", None),
    ],
)
def test_a_wrong_part_is_told_with_its_place_and_the_nearest_name(tmp_path, text, change, code, column, near):
    with pytest.raises(KamplayError) as caught:
        card_of(tmp_path, f"client: A\n{text}\n", *([change] if change else []))
    fault = caught.value.faults[0]
    assert len(caught.value.faults) == 1
    assert (fault.code, fault.column, fault.args.get("near") or None) == (code, column, near)
    for language in ("zh", "en"):
        said = line(fault, Locale(language, "CNY"))
        assert column in said
        assert near is None or near in said
        assert not re.search(r"\{(?!base: four_dimensions, …\})|\[key\]|None", said)


@pytest.mark.parametrize(
    ("client", "name"),
    [
        ("华衡医疗器械（示例）", "华衡医疗器械-示例"),
        ("../../x", "x"),
        ("A/B\\C", "A-B-C"),
        ("con", "client-con"),
        ("…", "client-"),
        ("a" * 200, "a" * 60),
        ("=cmd|' /C'", "cmd-C"),
    ],
)
def test_folder_names_are_safe(client, name):
    assert slug(client) == name


def test_every_fault_of_the_code_has_words():
    from pathlib import Path

    import kamplay

    source = "\n".join(p.read_text(encoding="utf-8") for p in Path(kamplay.__file__).parent.rglob("*.py"))
    used = set(re.findall(r'Fault\(\s*"(\w+)"', source)) | set(re.findall(r'ValueError\(\s*"(\w+)"', source))
    from kamplay.intake.values.parsing import READERS

    used |= {f"unreadable_{kind}" for kind in READERS if kind not in ("id", "text")} | {"unreadable_choice"}
    assert used <= set(FAULTS), used - set(FAULTS)


def test_a_fault_names_the_line_of_its_setting(tmp_path):
    text = (
        "client: A\n# a comment\nhealth:\n  horizn_days: 90\nsources:\n  transactions:\n    path: a.csv\n"
        "    columns: {dat: x}\ncapacity:\n  people:\n    J. Smith: {visits_per_month: -1}\n"
        "brand: {accent: red}\n"
    )
    with pytest.raises(KamplayError) as caught:
        settings(tmp_path, text)
    lines = {fault.column: fault.row for fault in caught.value.faults}
    assert lines["health.horizn_days"] == 4
    assert lines["sources.transactions.columns.dat"] == 8
    assert lines["capacity.people.J. Smith.visits_per_month"] == 11
    assert lines["brand.accent"] == 12


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("3,000,000", 3e6),
        ("3M", 3e6),
        ("3.000.000", 3e6),
        ("150万", 1.5e6),
        ("1.2亿元", 1.2e8),
        ("250k", 2.5e5),
        ("3000000", 3e6),
        ("2.5 million", 2.5e6),
        ("1e6", 1e6),
    ],
)
def test_a_target_is_read_as_it_is_typed(tmp_path, written, amount):
    assert settings(tmp_path, f'client: A\ntarget: "{written}"\n').target == pytest.approx(amount)


@pytest.mark.parametrize("written", ["3,5", "3,00,000", "3 monkeys", "nan", "", "-3M"])
def test_a_target_that_is_no_amount_is_refused(tmp_path, written):
    with pytest.raises(KamplayError):
        settings(tmp_path, f"client: A\ntarget: {written or '[]'}\n")


def test_a_date_that_is_two_days_is_told_with_both(tmp_path):
    with pytest.raises(KamplayError) as caught:
        settings(tmp_path, "client: A\nas_of: 03/06/2025\n")
    (fault,) = caught.value.faults
    told = line(fault, Locale("en", "USD"))
    assert "2025-06-03" in told and "2025-03-06" in told


def test_a_preset_that_is_not_there_names_the_line(tmp_path):
    settings(tmp_path, "client: A\nlanguage: en\nscorecard: four_dimension\n")
    with pytest.raises(KamplayError) as caught:
        resolve_policies(load(tmp_path))
    assert [(f.code, f.row) for f in caught.value.faults] == [("preset_unknown", 3)]


@pytest.mark.parametrize(
    ("text", "line_", "slip", "told"),
    [
        (
            "client: A\nlanguage: zh\n# note\n\ncurrency： CNY\n" + "# more\n" * 20 + "x: 1\n",
            5,
            "colon",
            "：",
        ),
        ("client: A\nhealth:\n\thorizon_days: 90\n", 3, "tab", "Tab"),
        ("client: A\nas_of: “2026-06-30”\n", 2, "quotes", "“ ”"),
        ("client: “A: B”\n", 1, "quotes", "“ ”"),
        ("client: A\nindustry:x\n\n\nlanguage: en\n", 2, "space", "“industry: x”"),
        ("client: A\nas_of: 2026-06-30\n\nlanguage:en\ncurrency: CNY\n", 4, "space", "“language: en”"),
        ("client: A\nsources:\n  transactions:\n    path:a.csv\n", 4, "space", "“path: a.csv”"),
        ("client:A\n", 1, "space", "“client: A”"),
        ("client: A\nsources: {transactions: {path: a.csv， void: {b: c}}}\n", 2, "comma", "全角"),
        ('client: "A', 1, "quote_open", "引号"),
        ('# note\n\nclient: "华康\nlanguage: zh\nas_of: "2026-06-30"\nx: 1\n', 3, "quote_open", "引号"),
        ("client: A\nfocus:\n  - 'a\n  - 'b'\nlanguage: zh\n", 3, "quote_open", "引号"),
        ('client: "A\n  B"\nas_of: "2026-06-30\n', 3, "quote_open", "引号"),  # the first ends a line later
    ],
)
def test_a_slip_in_typing_is_named_by_its_line(text, line_, slip, told):
    with pytest.raises(KamplayError) as error:
        parse(text, "engagement.yaml")
    (fault,) = error.value.faults
    assert (fault.code, fault.row, fault.args["slip"]) == ("yaml_slip", line_, slip)
    assert told in line(fault, Locale("zh", "CNY"))
    assert line(fault, Locale("en", "USD")).count(f"ine {line_}") == 1


@pytest.mark.parametrize(
    "text",
    [
        "client: A\nb",
        "client: a: b",
        "client: `a",
        "client: A\n  b: c",
        "client: [a",
        "c: A\nc: B",
        "c: *a",
        "%x",
        "c: - a",
        "c: &",
    ],
)
def test_what_cannot_be_read_is_told_in_one_language(text):
    with pytest.raises(KamplayError) as error:
        parse(text, "engagement.yaml")
    (fault,) = error.value.faults
    assert fault.code == "yaml_broken"
    told = line(fault, Locale("zh", "CNY")).removeprefix("engagement.yaml")
    assert not re.search("[a-z]{3,}", told)


@pytest.mark.parametrize(
    "text",
    [
        "client: A\nnote: |\n  a:b\n",
        "- ab:c\n- d",
        "a:\n  - ab:c",
        "a: 'x\n  bc:d'",
        'a: "x\n  y"\nb: it\'s',
        "client: “华康”医疗",
        "client: A：B",
        "- 甲：乙",
        "# client： A\nclient: B",
    ],
)
def test_signs_within_a_text_are_none(text):
    assert parse(text, "engagement.yaml")
