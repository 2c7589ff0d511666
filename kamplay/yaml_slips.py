"""Slips in typing YAML: full-width signs and tabs where it wants its own, a space that lacks, named by their
line, and what its reader has to say, as codes that every language has words for.
"""

from __future__ import annotations

import re

# a key with a full-width colon behind it; a value all of which stands in curly quotes
_COLON = re.compile(r"\s*(?:- +)?[\"']?[^\s#:：\"'“”{}\[\]，。]+[\"']?\s*：")
_QUOTED = re.compile(r"\s*(?:- +)?[^#:：]+:\s*[“”„‘’「『][^“”‘’]*[“”‘’」』]\s*(?:#.*)?")
_QUOTE = re.compile(r"\s*(?:- +)?[^#:：]+:\s*[“”„‘’「『]")
_TAB = re.compile(r"[^#]*\t")
_SPACE = re.compile(
    r"(\s*(?:- +)?[A-Za-z_]\w+:)([^\s:/\\].*)"
)  # a name and its value without a space between
_OPENED = re.compile(
    r"""\s*(?:- +)?(?:[^\s#"':-][^#"']*:\s+)?(?:"(?:[^"\\]|\\.)*|'(?:[^']|'')*)$"""
)  # a value that a quote begins and none ends
_KEYED = re.compile(r"\s*(?:- +)?[A-Za-z_]\w*:\s")  # a setting of its own
_ENDED = {'"': re.compile(r'(?:[^"\\]|\\.)*"\s*(?:#.*)?'), "'": re.compile(r"(?:[^']|'')*'\s*(?:#.*)?")}
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
    """The first slip of a text: its line, and ``colon``, ``quotes``, ``tab``, ``comma`` or ``quote_open``;
    None without any. Only curly quotes around a whole value are one where the text can be read, as it is not
    ``broken``.
    """
    rows = text.splitlines()
    for number, row in enumerate(rows, 1):
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
        if _OPENED.match(row) and not _ends_below(row, rows[number:]):
            return number, "quote_open"
    return None


def _ends_below(row: str, below: list[str]) -> bool:
    """Whether a quote that a row leaves open is closed where a later row ends: a text of several lines."""
    quote = min((mark for mark in _ENDED if mark in row), key=row.index)
    later = next((other for other in below if quote in other), "")
    return bool(_ENDED[quote].fullmatch(later)) and not _KEYED.match(later)


def without_space(text: str, before: int | None = None) -> tuple[int, str, str] | None:
    """The name and value without a space behind the colon that the reader cannot get past: the line, as it is
    and as it should be; None without one. Where the reader stopped it stands in line ``before`` or above;
    where it did not (None), below a name without a value, or as all there is.
    """
    rows = text.splitlines()
    said = [(n, row) for n, row in enumerate(rows, 1) if row.strip() and not row.lstrip().startswith("#")]
    places = range(len(said))
    for at in reversed(places) if before else places:
        number, row = said[at]
        found = _SPACE.fullmatch(row)
        if not found or (before and number > before):
            continue
        above = said[at - 1][1] if at else ""
        below_a_name = above.rstrip().endswith(":") and _depth(above) < _depth(row) and "- " not in found[1]
        if before or len(said) == 1 or below_a_name:
            return number, row.strip(), f"{found[1].strip()} {found[2].strip()}"
    return None


def _depth(row: str) -> int:
    return len(row) - len(row.lstrip())


def reason(problem: str) -> str:
    """What a message of the YAML reader means."""
    return next((code for words, code in _REASONS if re.search(words, problem)), "not_yaml")
