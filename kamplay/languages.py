"""The languages of a report, by the words that people have for them."""

from __future__ import annotations

import re

from kamplay.errors import Fault, KamplayError

LANGUAGES = ("zh", "en")
ALLOWED = "zh, en, zh,en"  # as a setting or an option
_WORDS = {
    "zh": "zh-cn zh_cn cn chinese mandarin 中文 汉语 华语 简体中文 简体 中",
    "en": "en-us en-gb en_us en_gb eng english 英文 英语 英",
}
_BY_WORD = {word: code for code, words in _WORDS.items() for word in (code, *words.split())}


def language_named(text: str) -> str:
    """``zh`` or ``en`` where a text names one of them, else the text as it is."""
    return _BY_WORD.get(text.strip().lower(), text)


def languages_named(text: str) -> list[str]:
    """The languages that a text names, each once and in its order: zh,en or 英文、中文. What names none stays
    as it is.
    """
    return list(dict.fromkeys(language_named(part) for part in re.split("[,，、]", text) if part.strip()))


def chosen_languages(text: str | None) -> list[str] | None:
    """The languages that ``--language`` names; None where it is not given.

    Raises
    ------
    KamplayError
        It names none, or something else.
    """
    if text is None:
        return None
    named = languages_named(text)
    for one in named or [text]:
        if one not in LANGUAGES:
            args = {"allowed": ALLOWED}
            raise KamplayError(Fault("setting_not_allowed", column="--language", value=one, args=args))
    return named
