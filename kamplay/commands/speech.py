"""The language in which the command line speaks: the one that is given; else, where a command goes on with an
engagement or a run, that of its report; else this computer's.
"""

from __future__ import annotations

import locale
import os
import re
from pathlib import Path

from kamplay.languages import LANGUAGES, language_named


def system_setting() -> str:
    """The system's language and territory, as zh_CN or Chinese (Simplified)_China, or empty."""
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    return (
        next((value for name in names if (value := os.environ.get(name))), "") or locale.getlocale()[0] or ""
    )


def system_language() -> str:
    return "zh" if system_setting().lower().startswith(("zh", "chinese")) else "en"


def speech_of(given: str | None) -> str:
    """The one language that is given for a report, else the system's."""
    named = language_named(given or "")
    return named if named in LANGUAGES else system_language()


def system_territory() -> str:
    """The two letters of the system's country, empty where it names none."""
    territory = re.split("[.@]", system_setting())[0].partition("_")[2]
    if len(territory) <= 2:
        return territory.upper() if territory.isalpha() and len(territory) == 2 else ""
    import babel  # Windows writes it out in English

    names = {name: code for code, name in babel.Locale("en").territories.items()}
    return names.get(territory, "")


def language_of(path: Path, given: str | None = None) -> str:
    """The one language that is given; else that of the engagement or the run that is named, or was made of
    what is named, as far as its file can be read; in both languages or none, the system's.
    """
    from kamplay.errors import KamplayError
    from kamplay.settings_file import read_text

    if (named := language_named(given or "")) in LANGUAGES:
        return named
    folder = _place_of(path)
    name = next((n for n in ("engagement.yaml", "work/settings.json") if (folder / n).exists()), None)
    try:
        text = read_text(folder / name, name) if name else ""
        found = re.search(r"^\s*\"?language\"?:\s*[\"']?([^\"'#\n]+)", text, re.MULTILINE)
    except KamplayError:
        found = None
    return speech_of(found.group(1).strip().rstrip(",") if found else None)


def _place_of(path: Path) -> Path:
    """The folder with the settings that a path means; itself where there is none."""
    from kamplay.commands.made_before import folder_of_settings, made_before, places_for
    from kamplay.report.fleets.places import is_url

    path = folder_of_settings(path)
    if is_url(path) or not path.exists() or (path / "engagement.yaml").exists():
        return path
    source = path.resolve()
    return made_before(source, places_for(source)) or path
