"""The languages of a report, by the words that people have for them."""

from __future__ import annotations

_WORDS = {
    "zh": "zh-cn zh_cn cn chinese mandarin 中文 汉语 华语 简体中文 简体 中",
    "en": "en-us en-gb en_us en_gb eng english 英文 英语 英",
}
_BY_WORD = {word: code for code, words in _WORDS.items() for word in (code, *words.split())}


def language_named(text: str) -> str:
    """``zh`` or ``en`` where a text names one of them, else the text as it is."""
    return _BY_WORD.get(text.strip().lower(), text)
