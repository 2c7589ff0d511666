"""The documentation says what the code does: commands, settings, files and examples in it exist and work, in
both languages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args, get_origin

import pytest
import typer
from pydantic import BaseModel

from kamplay.cli import app
from kamplay.commands.new import scaffold
from kamplay.engagement import Settings, load
from kamplay.languages import LANGUAGES

ROOT = Path(__file__).parents[1]
READMES = ("README.md", "README.zh-CN.md")
PAGES = sorted(p.relative_to(ROOT).as_posix() for p in (ROOT / "docs").glob("*.md"))
TWINS = [("README.md", "README.zh-CN.md")] + [
    (page, page.replace(".md", ".zh-CN.md")) for page in PAGES if not page.endswith(".zh-CN.md")
]
SETTINGS = ("docs/settings.md", "docs/settings.zh-CN.md")
OWN_KEYS = {"sources": "<table>", "capacity.people": "<name>"}  # of settings whose keys are the user's own
DOCS = (*READMES, *PAGES, "CHANGELOG.md", "CONTRIBUTING.md")
MOST = 8000  # bytes of a README that is read to its end
OPTIONAL = re.compile(
    r"^# ( *\w+:(?: .*)?)$", re.MULTILINE
)  # a setting behind a #, unlike a sentence behind one


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(text: str) -> list[tuple[str, str]]:
    """The fenced code blocks as (language, content)."""
    return re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def prose(text: str) -> str:
    return re.sub(r"^```\w*\n.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def headings(text: str) -> list[int]:
    """The levels of the headings, in order."""
    return [len(marks) for marks in re.findall(r"^(#+) ", prose(text), re.MULTILINE)]


def tables(text: str) -> list[list[list[str]]]:
    """Every table as rows of cells, without its ruler."""
    found = re.findall(r"(?:^\|.*\|\n?)+", prose(text), re.MULTILINE)
    rows = [
        [[cell.strip() for cell in line.strip("|").split(" |")] for line in table.splitlines()]
        for table in found
    ]
    return [[row for row in table if not set("".join(row)) <= set("-| ")] for table in rows]


def settings(model: type[BaseModel] = Settings, above: str = "") -> Iterator[str]:
    """Every setting by its dotted name; the user's own keys (tables, people) are written as ``<table>`` and
    ``<name>``.
    """
    for name, field in model.model_fields.items():
        dotted = f"{above}{name}"
        inner = next(
            (
                t
                for t in (field.annotation, *get_args(field.annotation))
                if isinstance(t, type) and issubclass(t, BaseModel)
            ),
            None,
        )
        if inner is None:
            yield dotted
        elif inner is field.annotation:
            yield from settings(inner, f"{dotted}.")
        else:
            yield dotted
            yield from settings(
                inner,
                f"{dotted}.{OWN_KEYS[dotted]}." if get_origin(field.annotation) is dict else f"{dotted}.",
            )


def commands() -> Iterator[tuple[str, list[str]]]:
    """Every command with its options."""
    for name, command in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]
        yield (
            name,
            [o for p in command.params if p.param_type_name == "option" for o in p.opts if o != "--help"],
        )


def test_settings_are_seen_with_their_nested_ones() -> None:
    assert {"client", "health.horizon_days", "brand.accent", "sources", "sources.<table>.where"} <= set(
        settings()
    )


@pytest.mark.parametrize("page", SETTINGS)
def test_every_setting_is_in_the_settings_table(page: str) -> None:
    documented = [row[0] for table in tables(text_of(page)) for row in table]
    missing = [name for name in settings() if f"`{name}`" not in documented]
    assert not missing, f"{page} has no row for: {', '.join(missing)}"


@pytest.mark.parametrize("page", SETTINGS)
def test_the_settings_table_names_no_other_setting(page: str) -> None:
    table = next(t for t in tables(text_of(page)) if any(row[0] == "`client`" for row in t))
    assert {row[0].strip("`") for row in table[1:]} == set(settings())


@pytest.mark.parametrize("page", SETTINGS)
def test_every_command_and_option_is_in_the_commands_table(page: str) -> None:
    documented = [row[0] for table in tables(text_of(page)) for row in table]
    for name, options in commands():
        row = next((cell for cell in documented if re.match(rf"`kamplay {name}\b", cell)), None)
        assert row, f"{page} has no row for: kamplay {name}"
        missing = [option for option in options if option not in row]
        assert not missing, f"{page}: the row of kamplay {name} lacks {', '.join(missing)}"


def test_files_to_edit_exist() -> None:
    table = next(t for t in tables(text_of("CONTRIBUTING.md")) if t[0][1] == "Edit")
    named = [path for row in table[1:] for path in re.findall(r"`([^`]+)`", row[1])]
    assert len(named) > 20
    gone = [path for path in named if not (ROOT / path).exists()]
    assert not gone, f"CONTRIBUTING.md names files that do not exist: {', '.join(gone)}"


@pytest.mark.parametrize("doc", DOCS)
def test_links_lead_to_files(doc: str) -> None:
    links = [link for link in re.findall(r"\]\(([^)]+)\)", text_of(doc)) if "://" not in link]
    gone = [link for link in links if not ((ROOT / doc).parent / link.partition("#")[0]).exists()]
    assert not gone, f"{doc} links to files that do not exist: {', '.join(gone)}"


def test_every_page_is_one_click_away() -> None:
    for start, index, end in (
        ("README.md", "docs/README.md", ".md"),
        (*READMES[1:], "docs/README.zh-CN.md", ".zh-CN.md"),
    ):
        own = {p for p in PAGES if p.endswith(".zh-CN.md") == (end == ".zh-CN.md")} - {index}
        assert {f"docs/{link}" for link in re.findall(r"\]\((\w+(?:\.zh-CN)?\.md)\)", text_of(index))} >= own
        assert {p for p in own if f"]({p})" in text_of(start)} == own


@pytest.mark.parametrize("page", READMES)
def test_the_first_page_is_short(page: str) -> None:
    assert len(text_of(page).encode()) <= MOST


@pytest.mark.parametrize(("one", "other"), TWINS)
def test_both_languages_have_the_same_shape(one: str, other: str) -> None:
    en, zh = text_of(one), text_of(other)
    assert headings(en) == headings(zh)
    assert [language for language, _ in blocks(en)] == [language for language, _ in blocks(zh)]
    assert [len(table) for table in tables(en)] == [len(table) for table in tables(zh)]
    items = [len(re.findall(r"^- ", prose(text), re.MULTILINE)) for text in (en, zh)]
    assert items[0] == items[1]


@pytest.mark.parametrize("page", READMES)
def test_settings_examples_are_valid(page: str, tmp_path: Path) -> None:
    examples = [content for language, content in blocks(text_of(page)) if language == "yaml"]
    assert examples, f"{page} shows no engagement.yaml"
    for content in examples:
        (tmp_path / "engagement.yaml").write_text(content, encoding="utf-8")
        assert load(tmp_path).settings.sources["transactions"].columns


@pytest.mark.parametrize("language", LANGUAGES)
def test_scaffold_is_valid_with_every_optional_line(language: str, tmp_path: Path) -> None:
    folder = tmp_path / "client"
    scaffold(folder, language)
    load(folder)
    file = folder / "engagement.yaml"
    file.write_text(OPTIONAL.sub(r"\1", file.read_text(encoding="utf-8")), encoding="utf-8")
    found = load(folder).settings
    assert found.model_fields_set == set(Settings.model_fields), "the scaffold does not offer every setting"
    offered = file.read_text(encoding="utf-8")
    missing = [name for name in settings() if not re.search(rf"\b{name.rpartition('.')[2]}:", offered)]
    assert not missing, f"the scaffold does not offer: {', '.join(missing)}"
