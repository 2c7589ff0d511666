"""A new engagement folder for ``kamplay new``."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

from kamplay.errors import Fault, KamplayError
from kamplay.intake.blank_workbook import write_blank
from kamplay.languages import chosen_languages


def template(language: str) -> str:
    """The commented engagement.yaml of a new folder; CLIENT stands for the client's name."""
    file = resources.files("kamplay.commands").joinpath("engagement_templates", f"engagement.{language}.yaml")
    return file.read_text(encoding="utf-8")


def in_languages(text: str, languages: str) -> str:
    """An engagement.yaml with these languages, ``zh``, ``en`` or both, as those of the report."""
    return re.sub(r"(?m)^language: \w+", f"language: {languages}", text, count=1)


def scaffold(folder: Path, languages: str) -> None:
    """Write the folder. Raises KamplayError when it is there and not empty, or a language is unknown."""
    chosen = chosen_languages(languages) or [languages]
    language = chosen[0]
    need_empty(folder)
    for part in ("data", "notes"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    name = folder.resolve().name.replace('"', "")
    (folder / "engagement.yaml").write_text(
        in_languages(template(language), ",".join(chosen)).replace("CLIENT", f'"{name}"'),
        encoding="utf-8",
        newline="\n",
    )
    write_blank(folder / f"kamplay_blank.{language}.xlsx", language)


def need_empty(folder: Path) -> None:
    """Raises KamplayError where something is there already."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise KamplayError(Fault("not_empty", file=str(folder)))
