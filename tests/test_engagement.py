"""engagement.yaml: what is understood, and one clear fault for what is not."""

import pytest

from kamplay.engagement import load, slug
from kamplay.errors import KamplayError
from kamplay.show.faults import FAULTS, line
from kamplay.show.locale import Locale


def settings(tmp_path, text, *changes, **options):
    (tmp_path / "engagement.yaml").write_text(text, encoding="utf-8")
    return load(tmp_path, changes, **options).settings


@pytest.mark.parametrize("written", ["2025-06-30", '"2025-06-30"', "2025/6/30", "20250630", "2025年6月30日"])
def test_dates_quoted_or_not(tmp_path, written):
    assert settings(tmp_path, f"client: A\nas_of: {written}\n").as_of.isoformat() == "2025-06-30"


def test_texts_stay_what_they_were(tmp_path):
    found = settings(
        tmp_path, "client: 007\nindustry: NO\nsources:\n  transactions: {path: [a.csv, b.csv], where: {状态: NO, n: 010, f: [1, yes]}}\n"
    )
    assert (found.client, found.industry) == ("007", "NO")
    assert found.sources["transactions"].where == {"状态": ["NO"], "n": ["010"], "f": ["1", "yes"]}


@pytest.mark.parametrize(
    ("text", "code", "near"),
    [
        ("client: A\nlanguge: zh", "setting_unknown", "language"),
        ("client: A\nhealth: {horizon: 90}", "setting_unknown", "horizon_days"),
        ("client: A\nhorizon_days: 90", "setting_unknown", "health.horizon_days"),
        ("client: A\nsources: {transactions: {path: a.csv, colums: {date: d}}}", "setting_unknown", "columns"),
        ("client: A\nsources: {transaction: a.csv}", "table_unknown", "transactions"),
        ("client: A\nsources: {transactions: {path: a.csv, columns: {dat: d}}}", "column_unknown", "date"),
        ("client: A\nlanguage: de", "setting_not_allowed", None),
        ("client: A\nas_of: 2999-01-01", "as_of_future", None),
        ("client: A\nas_of: soon", "date_unreadable", None),
        ("client: A\ncurrency: yuan", "setting_invalid", None),
        ("client: A\ncontrol_total: inf", "number_not_finite", None),
        ("client: A\nsources: {transactions: ../secret.csv}", "path_outside", None),
        ("client: A\nsources: {transactions: /etc/passwd}", "path_outside", None),
        ("client: A\nsources: {transactions: 'C:\\x.csv'}", "path_outside", None),
        ("client: A\nbrand: {logo: ../x.png}", "path_outside", None),
        ("language: zh", "setting_missing", None),
        ("client: A\nclient: B", "yaml_broken", None),
        ("client: [", "yaml_broken", None),
        ("- client", "settings_not_a_mapping", None),
    ],
)  # fmt: skip
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


def test_all_faults_at_once(tmp_path):
    with pytest.raises(KamplayError) as caught:
        settings(tmp_path, "languge: zh\ncurrency: yuan\nhealth: {horizon_days: 5}\n")
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
    import re
    from pathlib import Path

    import kamplay

    source = "\n".join(p.read_text(encoding="utf-8") for p in Path(kamplay.__file__).parent.rglob("*.py"))
    used = set(re.findall(r'Fault\(\s*"(\w+)"', source)) | set(re.findall(r'ValueError\(\s*"(\w+)"', source))
    from kamplay.intake.clean import READERS

    used |= {f"unreadable_{kind}" for kind in READERS if kind not in ("id", "text")} | {"unreadable_choice"}
    assert used <= set(FAULTS), used - set(FAULTS)
