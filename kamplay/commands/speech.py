"""The language in which the command line speaks: this computer's, or, where a command goes on with a run or
an engagement, that of its report.
"""

from __future__ import annotations

import locale
import os
import re
from pathlib import Path

from kamplay.languages import language_named


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
    return named if named in ("zh", "en") else system_language()


def system_territory() -> str:
    """The two letters of the system's country, empty where it names none."""
    territory = re.split("[.@]", system_setting())[0].partition("_")[2]
    if len(territory) <= 2:
        return territory.upper() if territory.isalpha() and len(territory) == 2 else ""
    import babel  # Windows writes it out in English

    names = {name: code for code, name in babel.Locale("en").territories.items()}
    return names.get(territory, "")


def language_of(folder: Path) -> str:
    """The language of an engagement or a run as far as its file can be read, else the system's."""
    from kamplay.errors import KamplayError
    from kamplay.settings_file import read_text

    name = next((n for n in ("engagement.yaml", "work/settings.json") if (folder / n).exists()), None)
    try:
        text = read_text(folder / name, name) if name else ""
        found = re.search(r"^\s*\"?language\"?:\s*[\"']?([^\"',#\s]+)", text, re.MULTILINE)
    except KamplayError:
        found = None
    return speech_of(found.group(1) if found else None)
