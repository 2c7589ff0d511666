"""CONTRIBUTING's own example, followed to the letter on a copy of the package: it takes the files it says,
and works.
"""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import textwrap

import pytest
from conftest import ROOT

SECTION = re.compile(r"^## To add a measure, a finding, a chart, a table$(.*?)^## ", re.MULTILINE | re.DOTALL)
CATALOGUE = "kamplay/show/locale/zh_CN/LC_MESSAGES/kamplay.po"
LOOK = """
import dataclasses
import kamplay as kp
from conftest import book_of, lines_of
from kamplay.method.results import Findings
from kamplay.method.value.step import pareto_value
from kamplay.presets.scorecard import known_measure
from kamplay.show.findings import action, headline
from kamplay.show.locale import Locale
from kamplay.show.view import View, using

months = [("even", f"2025-{m:02d}-10", 100.0) for m in range(1, 13)]
value = pareto_value(book_of(lines_of(*months, ("once", "2025-05-01", 900.0), ("once", "2025-06-01", 100.0))))
assert known_measure("largest_month_share")
found = value.finding("spiky")
for language in ("en", "zh"):
    locale = Locale(language, "EUR")
    with using(View(locale)):
        said = [headline(found, locale, {}), action(found, locale, {}), kp.charts.spiky(value).text]
        said.append(kp.tables.spiky(value).text)
        assert "svg" in kp.charts.spiky(value).html and "<table" in kp.tables.spiky(value).html
        print(language, "|".join(said).replace(chr(10), " "))
"""


def blocks(language: str) -> list[str]:
    section = SECTION.search((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    assert section
    return re.findall(rf"^```{language}\n(.*?)^```$", section[1], re.MULTILINE | re.DOTALL)


def put(source: str, place: str, code: str) -> str:
    """The source with the code at its end, at the end of a function, or before that function's return."""
    if not place:
        return source.rstrip("\n") + "\n\n\n" + code
    name = place.split()[-1]
    function = next(n for n in ast.parse(source).body if isinstance(n, ast.FunctionDef) and n.name == name)
    last, lines = function.body[-1], source.split("\n")
    at = last.lineno - 1 if "before the return" in place else last.end_lineno
    assert ("before the return" in place) == isinstance(last, ast.Return)
    lines[at:at] = textwrap.indent(code.rstrip("\n"), "    ").split("\n")
    return "\n".join(lines)


def test_the_example_takes_three_files_and_the_catalogue(tmp_path):
    shutil.copytree(ROOT / "kamplay", tmp_path / "kamplay", ignore=shutil.ignore_patterns("__pycache__"))
    touched = set()
    for block in blocks("python"):
        first, code = block.split("\n", 1)
        path, place = re.match(r"# (\S+\.py)(?:[,:] (.*))?", first).groups()
        touched.add(path)
        place = place if place and place.startswith(("before", "at the end")) else ""
        file = tmp_path / path
        file.write_text(put(file.read_text(encoding="utf-8"), place, code), encoding="utf-8")
        if "measure_of(" in code:  # a name from elsewhere is imported, as anyone would
            text = file.read_text(encoding="utf-8")
            line = "from kamplay.method.measures.registry import measure_of\n"
            file.write_text(
                text.replace("from kamplay.book", line + "from kamplay.book", 1), encoding="utf-8"
            )
    assert len(touched) == 3
    with (tmp_path / CATALOGUE).open("a", encoding="utf-8") as catalogue:
        catalogue.write("\n" + "\n".join(blocks("po")))
    paths = os.pathsep.join([str(tmp_path), str(ROOT / "tests")])
    run = subprocess.run(
        [sys.executable, "-c", LOOK],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": paths, "PYTHONIOENCODING": "utf-8"},
        check=False,
        cwd=tmp_path,
    )
    assert run.returncode == 0, run.stderr
    english, chinese = (line for line in run.stdout.splitlines() if line[:3] in ("en ", "zh "))
    assert "1 accounts with 45% of revenue buy more than half of it in one month." in english
    assert "1家客户占收入的45%" in chinese and "最大单月" in chinese
    assert not re.search(r"buy|Largest|Account owners", chinese)


def test_a_finding_without_its_words_and_a_name_given_twice_are_refused():
    from kamplay.show.registry import FindingSpec, register_findings, specs, table

    known = next(iter(specs().values()))
    with pytest.raises(ValueError, match="registered twice"):
        register_findings(known)
    clash = FindingSpec("brand_new", known.topic, "text", actions={"renew_overrides": "another text"})
    with pytest.raises(ValueError, match="another text elsewhere"):
        register_findings(clash)
    with pytest.raises(ValueError, match="ends with _table"):
        table(lambda value: None)
