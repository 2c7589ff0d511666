"""Settings, presets and notes made to break what reads them: each is one clear fault, quickly, in both
languages.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest
from conftest import random_lines, write_engagement

from kamplay.api import resolve_policies
from kamplay.engagement import load
from kamplay.errors import Fault, KamplayError
from kamplay.intake.prepare import survey
from kamplay.show.faults import line
from kamplay.show.locale import Locale

BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{here}: &{here} [{', '.join([f'*{before}'] * 10)}]\n"
    for before, here in zip("abcdefgh", "bcdefghi", strict=True)
)
CARD = "client: A\nscorecard: {base: four_dimensions, "
WHEN = "gates: {skinner: {when: {concession_share: "
SETTINGS = {
    "aliases that explode": (f"client: A\n{BOMB}", "yaml_too_many", None),
    "aliases of mappings": (
        "client: A\na: &a {x: 1}\n"
        + "".join(
            f"{here}: &{here} {{{', '.join(f'k{i}: *{before}' for i in range(20))}}}\n"
            for before, here in zip("abcd", "bcde", strict=True)
        ),
        "yaml_too_many",
        None,
    ),
    "lists in lists": (f"client: {'[' * 3000}{']' * 3000}", "yaml_too_deep", None),
    "mappings in mappings": ("\n".join(" " * depth + "a:" for depth in range(300)), "yaml_too_deep", None),
    "aliases that nest": (
        "a: &a " + "[" * 30 + "]" * 30 + "\nb: &b " + "[" * 30 + "*a" + "]" * 30 + "\n",
        "yaml_too_deep",
        None,
    ),
    "a list as key": ("client: A\n? [a, b]\n: c\n", "yaml_key_no_text", None),
    "a mapping as key": ("client: A\n? {a: b}\n: c\n", "yaml_key_no_text", None),
    "braces left from a template": ("client: {{name}}\n", "yaml_key_no_text", None),
    "a key twice": ("client: A\nas_of: 2025-01-31\nas_of: 2025-02-28\n", "yaml_broken", None),
    "a list that holds itself": ("client: &a [*a]\n", "yaml_broken", None),
    "a program": ("client: !!python/object/apply:os.system ['id']\n", "setting_invalid", "client"),
    "half a megabyte": ("client: A\nindustry: " + "x" * 600_000, "file_too_large", None),
    "a control character": ('client: A\nindustry: "B\x01"\n', "yaml_broken", None),
    "nothing": ("", "settings_not_a_mapping", None),
    "the first day there is": ("client: A\nas_of: 0001-01-01\n", "as_of_too_early", "as_of"),
    "the last day there is": ("client: A\nas_of: 9999-12-31\n", "as_of_future", "as_of"),
    "target 1e308": ("client: A\ntarget: 1e308\n", "number_too_large", "target"),
    "target just too large": ("client: A\ntarget: 1000000000000001\n", "number_too_large", "target"),
    "target inf": ("client: A\ntarget: inf\n", "number_not_finite", "target"),
    "total 1e308": ("client: A\ncontrol_total: -1e308\n", "number_too_large", "control_total"),
    "total of a year": ("client: A\ncontrol_total: {2025: 1e308}\n", "number_too_large", "control_total"),
    "total of a year nan": (
        "client: A\ncontrol_total: {2025: nan}\n",
        "number_not_finite",
        "control_total.2025",
    ),
    "total of year 9999": (
        "client: A\ncontrol_total: {9999: 5}\n",
        "period_unreadable",
        "control_total.9999",
    ),
    "capacity inf": (
        "client: A\ncapacity: {visits_per_month: inf}\n",
        "number_not_finite",
        "capacity.visits_per_month",
    ),
    "capacity nan": (
        "client: A\ncapacity: {visits_per_month: nan}\n",
        "number_not_finite",
        "capacity.visits_per_month",
    ),
    "capacity 1e308": (
        "client: A\ncapacity: {visits_per_month: 1e308}\n",
        "number_too_large",
        "capacity.visits_per_month",
    ),
    "a cost inf": ("client: A\ncost_to_serve: {orders: .inf}\n", "setting_invalid", "cost_to_serve.orders"),
    "a cost 1e308": (
        "client: A\ncost_to_serve: {orders: 1e308}\n",
        "number_too_large",
        "cost_to_serve.orders",
    ),
    "half a character": ('client: A\nindustry: "\\ud800"\n', "character_unusable", "industry"),
    "half a character in a header": (
        'client: A\nsources: {transactions: {path: a.csv, columns: {date: "\\udc00"}}}\n',
        "character_unusable",
        "sources.transactions.columns.date",
    ),
    "half a character as key": ('client: A\n"\\ud83d": x\n', "character_unusable", None),
    "the end of a name": ('client: A\nscorecard: "a\\0.yaml"\n', "character_unusable", "scorecard"),
    "a limit inf": (
        f"{CARD}{WHEN}{{above: inf}}}}}}}}}}\n",
        "number_not_finite",
        "gates.skinner.when.concession_share.above",
    ),
    "a limit 1e308": (
        f"{CARD}{WHEN}{{below: 1e308}}}}}}}}}}\n",
        "number_too_large",
        "gates.skinner.when.concession_share.below",
    ),
    "a unit 1e308": (
        f"{CARD}criteria: {{value: {{unit: 1e308}}}}}}\n",
        "number_too_large",
        "criteria.value.unit",
    ),
    "a weight nan": (
        f"{CARD}criteria: {{value: {{weight: nan}}}}}}\n",
        "number_not_finite",
        "criteria.value.weight",
    ),
    "due in ten thousand years": (
        "client: A\nstrategy: {base: by_tier, due_days: {soon: 3650000}}\n",
        "setting_invalid",
        "due_days.soon",
    ),
    "a name too long for a file": (f"client: A\nscorecard: {'a' * 300}.yaml\n", "file_not_read", None),
}


def only_fault(folder: Path) -> Fault:
    """The one fault of settings, presets and notes, which has to come at once and read as one line."""
    started = time.process_time()
    with pytest.raises(KamplayError) as caught:
        resolve_policies(load(folder))
    assert time.process_time() - started < 5
    assert len(caught.value.faults) == 1
    for language in ("zh", "en"):
        said = line(caught.value.faults[0], Locale(language, "CNY"))
        assert len(said) < 600
        assert "\n" not in said
        said.encode("utf-8")
    return caught.value.faults[0]


@pytest.mark.parametrize("name", SETTINGS)
def test_settings_made_to_break(tmp_path, name):
    text, code, column = SETTINGS[name]
    (tmp_path / "engagement.yaml").write_text(text, encoding="utf-8")
    fault = only_fault(tmp_path)
    assert (fault.code, fault.column) == (code, column)


def test_an_alias_is_read_where_it_explodes_nothing(tmp_path):
    text = "client: &name A\nprepared_by: *name\n"
    (tmp_path / "engagement.yaml").write_text(text, encoding="utf-8")
    assert load(tmp_path).settings.prepared_by == "A"


PLACES = ("engagement.yaml", "card.yaml", "plan.yaml", "health.yaml", "notes/2_pareto_value.md", "logo.png")


def folder_naming(tmp_path: Path, file: str) -> Path:
    """An engagement whose settings name ``file``, and the place where it should lie, empty."""
    named = {
        "card.yaml": "scorecard: card.yaml\n",
        "plan.yaml": "strategy: plan.yaml\n",
        "health.yaml": "health: {card: health.yaml}\n",
        "logo.png": "brand: {logo: logo.png}\n",
    }
    if file != "engagement.yaml":
        (tmp_path / "engagement.yaml").write_text(f"client: A\n{named.get(file, '')}", encoding="utf-8")
    (tmp_path / file).parent.mkdir(exist_ok=True)
    return tmp_path / file


@pytest.mark.parametrize("kind", ["folder", "pipe", "broken link", "endless link", "device"])
@pytest.mark.parametrize("file", PLACES)
def test_what_is_no_file(tmp_path, file, kind):
    place = folder_naming(tmp_path, file)
    if kind != "folder" and not hasattr(os, "mkfifo"):
        pytest.skip("this system has none")
    make = {
        "folder": place.mkdir,
        "pipe": lambda: os.mkfifo(place),
        "broken link": lambda: place.symlink_to("nowhere"),
        "endless link": lambda: place.symlink_to(place.name),
        "device": lambda: place.symlink_to("/dev/zero"),
    }
    make[kind]()
    fault = only_fault(tmp_path)
    expected = {"broken link": "file_missing", "endless link": "file_not_read"}.get(kind, "file_not_a_file")
    assert (fault.code, fault.file) == (expected, file)


@pytest.mark.parametrize("file", PLACES)
def test_a_file_that_may_not_be_read(tmp_path, file, monkeypatch):
    place = folder_naming(tmp_path, file)
    place.write_text("x", encoding="utf-8")
    opened = os.open

    def refuse(path: str, *rest: int, **options: int) -> int:
        if str(path) == str(place):
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *rest, **options)

    monkeypatch.setattr(os, "open", refuse)
    fault = only_fault(tmp_path)
    assert (fault.code, fault.file) == ("file_not_permitted", file)


@pytest.mark.parametrize("encoding", ["gbk", "big5", "utf-16"])
@pytest.mark.parametrize("file", [p for p in PLACES if p != "logo.png"])
def test_another_encoding_is_named(tmp_path, file, encoding):
    place = folder_naming(tmp_path, file)
    place.write_bytes("client: 華東醫院\n".encode(encoding))
    fault = only_fault(tmp_path)
    assert (fault.code, fault.file) == ("not_utf8", file)
    assert "UTF-8" in line(fault, Locale("zh", "CNY"))


@pytest.mark.parametrize("name", ["aliases that explode", "half a character"])
def test_the_command_says_one_line_and_ends_with_2(tmp_path, name):
    folder = write_engagement(tmp_path / "client", random_lines(3))
    (folder / "engagement.yaml").write_text(SETTINGS[name][0], encoding="utf-8")
    run = subprocess.run(
        [
            sys.executable,
            "-c",
            "from kamplay.cli import main; main()",
            "check",
            str(folder),
            "--out",
            str(tmp_path / "out"),
        ],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (run.returncode, run.stdout, run.stderr.count("\n")) == (2, "", 1)


WIDE = {
    "10,003 headers": (
        ",".join(["date", "account_id", "amount", *(f"extra {n}" for n in range(10_000))]),
        10_003,
    ),
    "one header 10,000 times": (",".join(["amount"] * 10_000), 10_000),
    "501 headers": (",".join(["日期", "客户编号", "金额", *(f"备注{n}" for n in range(498))]), 501),
}


@pytest.mark.parametrize("kind", ["csv", "parquet"])
@pytest.mark.parametrize("name", WIDE)
def test_more_columns_than_an_export_has(tmp_path, name, kind):
    header, columns = WIDE[name]
    (tmp_path / "data").mkdir()
    (tmp_path / "engagement.yaml").write_text("client: A\nas_of: 2025-12-31\n", encoding="utf-8")
    row = ",".join(["2025-12-05", "A", "5", *["x"] * (columns - 3)])
    file = tmp_path / "data" / f"transactions.{kind}"
    if kind == "csv":
        file.write_text(f"{header}\n{row}\n{row}\n", encoding="utf-8")
    else:
        pa.parquet.write_table(pa.table([pa.array(["x"])] * columns, names=header.split(",")), file)
    started = time.process_time()
    faults = survey(load(tmp_path)).faults
    assert time.process_time() - started < 5
    assert [(f.code, f.args) for f in faults] == [("columns_too_many", {"columns": columns, "most": 500})]


def test_a_header_longer_than_the_sample_loses_no_column(tmp_path):
    folder = write_engagement(tmp_path / "client", random_lines(3))
    lines = pd.read_csv(folder / "data" / "transactions.csv")
    long = {f"{'question ' * 40}{n}": "x" for n in range(300)}
    lines = pd.concat([pd.DataFrame(long, index=lines.index), lines], axis=1)
    lines.to_csv(folder / "data" / "transactions.csv", index=False)
    found = survey(load(folder)).tables["transactions"]
    assert found["amount"].sum() == pytest.approx(lines["amount"].sum())
