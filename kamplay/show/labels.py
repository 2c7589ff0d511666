"""English words for a client's Chinese values: those that the engagement states, then those of the shipped
glossary; and the marking of what stays Chinese on an English page.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from html import unescape
from importlib import resources

from kamplay.settings_file import parse_shipped
from kamplay.show.locale import BETWEEN

HAN = "\u3400-\u9fff"
CHINESE = re.compile(f"[{HAN}](?:[{HAN}\u3001-\u303f\uff01-\uff5e·（）]*[{HAN}）])?")
TAG = re.compile(r"(<script\b.*?</script>|<style\b.*?</style>|<!--.*?-->|<[^>]+>)", flags=re.DOTALL)
ALONE = ("option", "title", "text", "tspan")  # elements that hold no span: they bear the language themselves


@cache
def glossary() -> Mapping[str, Mapping[str, str]]:
    """Column → value → English word."""
    path = resources.files("kamplay.show").joinpath("glossary.yaml")
    raw = parse_shipped(path.read_text(encoding="utf-8"))
    return {column: dict(words or {}) for column, words in raw.items()}


def labels_of(stated: Iterable[Mapping[str, str]], language: str, names: Collection[str]) -> dict[str, str]:
    """Value → word for an English page, none for a Chinese one; an account's name is no value, nor is a part
    of it.
    """
    if language != "en":
        return {}
    words = {value: word for column in glossary().values() for value, word in column.items()}
    for column in stated:
        words |= dict(column)
    known = set(names)
    parted = {name: name for name in known if BETWEEN.search(name)}
    return {value: word for value, word in words.items() if value not in known} | parted


def in_language(html: str, language: str) -> str:
    """A page of this language; an English one with its Chinese marked."""
    return marked_chinese(html)[0] if language == "en" else html


def pieces(text: str) -> list[tuple[str, bool]]:
    """A text in pieces, each with whether it is Chinese."""
    parts, at = [], 0
    for found in CHINESE.finditer(text):
        parts += [(text[at : found.start()], False), (found[0], True)]
        at = found.end()
    return [(part, chinese) for part, chinese in [*parts, (text[at:], False)] if part]


def marked_chinese(html: str) -> tuple[str, int]:
    """An English page whose Chinese texts are marked as such, and how many different ones there are.

    Elements that hold no other get the attribute ``lang``; elsewhere each text stands in a ``span``.
    """
    parts, found = TAG.split(html), set()
    for place in range(0, len(parts), 2):
        text = parts[place]
        runs = CHINESE.findall(text)
        if not runs:
            continue
        found |= {unescape(run) for run in runs}
        before = parts[place - 1] if place else ""
        name = re.match(r"<([a-zA-Z]+)\b", before)
        if name and name[1] in ALONE:
            if " lang=" not in before:
                parts[place - 1] = before.replace(f"<{name[1]}", f'<{name[1]} lang="zh-Hans"', 1)
        elif 'lang="zh-Hans"' not in before:
            parts[place] = CHINESE.sub(lambda run: f'<span lang="zh-Hans">{run[0]}</span>', text)
    return "".join(parts), len(found)
