"""Slips in typing YAML: full-width signs and tabs where it wants its own, named by their line, and what
its reader has to say, as codes that every language has words for.
"""

from __future__ import annotations

import re

# a key with a full-width colon behind it; a value all of which stands in curly quotes
_COLON = re.compile(r"\s*(?:- +)?[\"']?[^\s#:：\"'“”{}\[\]，。]+[\"']?\s*：")
_QUOTED = re.compile(r"\s*(?:- +)?[^#:：]+:\s*[“”„‘’「『][^“”‘’]*[“”‘’」』]\s*(?:#.*)?")
_QUOTE = re.compile(r"\s*(?:- +)?[^#:：]+:\s*[“”„‘’「『]")
_TAB = re.compile(r"[^#]*\t")
_FLOW = re.compile(r"[^#]*[{\[｛［][^#]*[，｝］｛［]|[^#]*[{\[][^#]*[\w\"']：")

_REASONS = (  # what PyYAML says → our code
    (r"could not find expected ':'", "no_colon"),
    (r"mapping values are not allowed", "second_colon"),
    (r"cannot start any token", "character"),
    (r"expected <block end>|expected '<document start>'|block sequence entries|invalid indent", "indent"),
    (r"unexpected end of stream|expected chomping", "quote_open"),
    (r"expected ',' or|expected the node content", "bracket_open"),
    (r"duplicate key", "key_twice"),
    (r"alias|anchor", "alias"),
    (r"directive|version|tag", "quotes_needed"),
)


def slip(text: str, broken: bool) -> tuple[int, str] | None:
    """The first slip of a text: its line, and ``colon``, ``quotes``, ``tab`` or ``comma``; None without any.
    Only curly quotes around a whole value are one where the text can be read, as it is not ``broken``.
    """
    for number, row in enumerate(text.splitlines(), 1):
        if row.lstrip().startswith("#"):
            continue
        if _QUOTED.fullmatch(row):
            return number, "quotes"
        if not broken:
            continue
        if _TAB.match(row):
            return number, "tab"
        if _COLON.match(row) and ": " not in row.partition("：")[0]:
            return number, "colon"
        if _QUOTE.match(row):
            return number, "quotes"
        if _FLOW.match(row):
            return number, "comma"
    return None


def reason(problem: str) -> str:
    """What a message of the YAML reader means."""
    return next((code for words, code in _REASONS if re.search(words, problem)), "not_yaml")
