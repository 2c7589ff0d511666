"""What a participant answers, as tokens that can be compared: order, spaces, width and units do not matter.

An answer is data: numbers, texts, lists and dicts of them. Nothing here evaluates a text.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from kamplay.characters import alike

Kind = Literal["number", "word", "ids", "pair", "visits"]
SCALES = (1e2, 1e-2, 1e3, 1e-3, 1e4, 1e-4)  # a share for a percentage, yuan for 万: the figure, not the unit
MOST_ITEMS = 400  # entries of one answer
LONGEST = 200  # characters of one text
QUOTED = 60  # characters of an answer that are quoted
_SIZES = {
    "亿": 1e8,
    "千万": 1e7,
    "百万": 1e6,
    "万": 1e4,
    "千": 1e3,
    "k": 1e3,
    "w": 1e4,
    "m": 1e6,
    "million": 1e6,
    "thousand": 1e3,
}
# "364.8 (EUR 10k)", "EUR 3,648,000", "364.8万欧元": a money and its size stand before or behind the figure
_NUMBER = re.compile(
    r"(?:约|about|≈|~)?(?P<before>[¥$€£]|eur|cny|rmb)?(?P<tens_before>10k(?=\d))?"
    r"(?P<sign>[+\-−]?)(?P<figure>\d[\d,' ]*(?:\.\d+)?|\.\d+)"
    r"(?P<size>亿|千万|百万|万|千|k|w|m|million|thousand)?"
    r"[（(]?(?:(?P<behind>欧元|元|eur|euros?|cny|rmb|yuan|€)(?P<tens_behind>10k)?"
    r"|个|家|次|笔|行|条|分|points?|pt|accounts?|lines?|visits?)?[)）]?(?P<percent>%|％|percent)?"
)


class Refused(ValueError):  # noqa: N818 - not an error of the program: a sentence for the participant
    """An answer of the wrong kind: ``code`` of the reason, ``part`` it stands in."""

    def __init__(self, code: str, part: str = "", **figures: Any):
        self.code, self.part, self.figures = code, part, figures
        super().__init__(code)


@dataclass(frozen=True)
class Part:
    """One thing that an exercise asks.

    Attributes
    ----------
    key : its name in the answer; several parts stand in a dict by these names.
    kind : number, word (one of a list), ids (a list of names), pair (two names, in any order) or visits (of
        branch and of head office).
    zh, en : how it is called in the two languages; the key where empty.
    step, slack : of a number: it is rounded to ``step``, and right up to ``slack`` steps beside.
    plain : of a number: it has no unit.
    size : of a number: what one unit is, 10,000 where the answer is asked in 万.
    words : of a word: the list it is from.
    count : of ids: how many are wanted; none may be too many.
    prefix : of ids: what each begins with before its figures, so that a position or a name is told apart.
    weight : what it counts beside the others.
    """

    key: str
    kind: Kind
    zh: str = ""
    en: str = ""
    step: float = 1.0
    slack: int = 0
    size: float = 1.0
    words: str = ""
    count: int = 0
    prefix: str = ""
    weight: float = 1.0
    plain: bool = False

    def label(self, language: str) -> str:
        return (self.zh if language == "zh" else self.en) or self.key

    def as_data(self) -> dict[str, Any]:
        """Without what is as usual, for a file."""
        usual = asdict(Part("", "number"))
        return {k: v for k, v in asdict(self).items() if k in ("key", "kind") or v != usual[k]}


Words = Mapping[str, Mapping[str, list[str]]]  # list → key → spellings


@dataclass(frozen=True)
class Given:
    """A participant's answer to one part.

    ``tokens``: what is compared; ``scaled``: of a number, what it would be in another unit. Empty: no answer.
    """

    tokens: tuple[str, ...] = ()
    scaled: tuple[str, ...] = field(default=())


def normal(text: Any) -> str:
    """A text in one width, without spaces and marks around it, in lower case."""
    return re.sub(r"[\s_\-–—·.,，。、;；:：'\"“”‘’`]+", "", alike(str(text))).casefold()


def number_of(value: Any, size: float = 1.0) -> float:
    """The figure of an answer in units of ``size``: 1,234.5, １２３４, 36.5万, 12%.

    Raises
    ------
    Refused
        What is given is no number.
    """
    if isinstance(value, bool):
        raise Refused("number")
    if isinstance(value, int | float):
        if not math.isfinite(value) or abs(value) > 1e15:
            raise Refused("number")
        return float(value)
    if isinstance(value, list | tuple) and 1 < len(value) < 5 and all(type(x) in (int, float) for x in value):
        raise Refused("number_comma", value=",".join(map(str, value)))  # 212,880.71 without quotes
    if not isinstance(value, str) or len(value) > LONGEST:
        raise Refused("number")
    text = alike(value).replace("，", ",").strip().casefold()
    if re.search(r"\d,\d{1,2}(?!\d)", text):
        whole, _, decimals = text.rpartition(",")
        meant = f"{whole.replace(',', '')}.{decimals}"
        raise Refused("decimal_comma", value=value.strip()[:QUOTED], example=meant)
    found = _NUMBER.fullmatch(re.sub(r"\s+", "", text))
    if found is None:
        raise Refused("number")
    figure = float(re.sub(r"[,' ]", "", found["figure"]))
    figure = -figure if found["sign"] in ("-", "−") else figure
    if found["tens_before"] or found["tens_behind"]:
        return figure * 1e4 / size
    if found["size"]:
        return figure * _SIZES[found["size"]] / size
    return figure / size if found["before"] or found["behind"] else figure  # whole yuan or euros


def number_token(value: float, step: float) -> str:
    """A number as it is compared: how many steps it is."""
    return str(math.floor(value / step + 0.5 + 1e-9))


def number_tokens(value: float, part: Part) -> tuple[str, ...]:
    """Every token that is right for a value."""
    middle = int(number_token(value, part.step))
    return tuple(str(middle + n) for n in range(-part.slack, part.slack + 1))


def pair_token(names: list[str]) -> str:
    return "+".join(sorted(names))


def given(part: Part, value: Any, words: Words) -> Given:
    """An answer to one part as tokens; blank where nothing is answered.

    Raises
    ------
    Refused
        An answer of another kind than asked.
    """
    if blank(value):
        return Given()
    if part.kind == "number":
        figure = number_of(value, part.size)
        other = tuple(number_token(figure * scale, part.step) for scale in SCALES)
        return Given((number_token(figure, part.step),), other)
    if part.kind == "word":
        return Given((_word_of(part, value, words),))
    if part.kind == "visits":
        return Given((visits_token(value),))
    typed = _names(value)
    if part.prefix == "O":  # the letter typed as a zero
        typed = [re.sub(r"^0(?=\d{4}$)", "O", name) for name in typed]
    if part.prefix:
        _only_ids(part.prefix, typed, value)
    names = [_word(name, words[part.words]) if part.words else _id(name) for name in typed]
    if part.kind == "pair":
        if len(set(names)) != 2:
            raise Refused("two_names")
        return Given((pair_token(names),))
    unique = tuple(dict.fromkeys(names))
    if len(unique) < len(names):
        raise Refused("named_twice", value=next(n for n in unique if names.count(n) > 1)[:QUOTED])
    if part.count and len(unique) > part.count:
        raise Refused("too_many", count=part.count, given=len(unique))
    return Given(unique)


IDS = {"C": "no_customer_id", "O": "no_deal_id", "P": "no_contact_id"}  # by what they begin with


def _only_ids(prefix: str, typed: list[str], value: Any) -> None:
    """Refuse a name, or an id of something else, where ids of one kind are asked for, as it was typed."""
    for name in typed:
        if not re.fullmatch(rf"{prefix}\d+", _id(name)):
            whole = value.strip() if isinstance(value, str) else name
            raise Refused(IDS[prefix], value=whole[:QUOTED], example=f"{prefix}0000")


def visits_token(value: Any) -> str:
    """Visits of branch and head office as they are compared: 2/1, 1/0.5."""
    if isinstance(value, str):
        value = re.split(r"[/／,，;；]", value)
    if not isinstance(value, list | tuple) and not isinstance(value, bool) and value == 0:
        value = [0, 0]  # none
    if isinstance(value, list | tuple) and len(value) == 1 and str(value[0]).strip() in ("0", "０"):
        value = [0, 0]
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise Refused("two_numbers")
    return "/".join(f"{number_of(x):g}" for x in value)


def blank(value: Any) -> bool:
    """Whether nothing is answered: None, an empty text, a list or a dict of nothing else."""
    if value is None or value is ...:
        return True
    if isinstance(value, str):
        return not value.strip() or value.strip() in ("…", "...", "?", "？")
    if isinstance(value, dict):
        return all(blank(v) for v in value.values())
    if isinstance(value, list | tuple | set | frozenset):
        return all(blank(v) for v in value)
    return False


def _word(value: Any, known: Mapping[str, list[str]]) -> str:
    if isinstance(value, bool) and {"yes", "no"} <= set(known):
        return "yes" if value else "no"
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        raise Refused("word")
    text = normal(value).removesuffix("s")
    for key, spellings in known.items():
        if text in {normal(s).removesuffix("s") for s in (key, *spellings)}:
            return key
    raise Refused("word_unknown", value=str(value).strip()[:QUOTED], words=list(known.values()))


def _word_of(part: Part, value: Any, words: Words) -> str:
    """The word of a part; one that belongs to another part's list is told apart from an unknown one."""
    try:
        return _word(value, words[part.words])
    except Refused as refused:
        if refused.code != "word_unknown":
            raise
        for name, known in words.items():
            if name != part.words and any(
                normal(value) in map(normal, (k, *own)) for k, own in known.items()
            ):
                raise Refused("word_of_another", **refused.figures) from None
        raise


def _names(value: Any) -> list[str]:
    """What is named, one by one, as it was typed."""
    if isinstance(value, str):
        value = [x for x in re.split(r"[,，、;；\s/]+", alike(value)) if x]
    if isinstance(value, set | frozenset):
        value = sorted(value, key=str)
    if isinstance(value, dict) or not isinstance(value, list | tuple) or len(value) > MOST_ITEMS:
        raise Refused("names")
    if any(not isinstance(x, str | int) or isinstance(x, bool) for x in value if not blank(x)):
        raise Refused("names")
    return [str(x).strip() for x in value if not blank(x)]


def _id(name: str) -> str:
    return normal(name).upper()


def parts_of(parts: list[Part], answer: Any, words: Words) -> dict[str, Any]:
    """An answer by the key of each part, whatever form it has.

    One part: the bare answer. Several: a dict by the parts' names in either language, a dict of lists for
    parts like ``president.layer`` and ``president.value``, or, where all parts take words from one list, a
    dict from word to the names that get it.

    Raises
    ------
    Refused
        The form cannot be read, or names a part that is not asked.
    """
    if len(parts) == 1 and not isinstance(answer, dict):
        return {parts[0].key: answer}
    if not isinstance(answer, dict):
        raise Refused("dict")
    if len(answer) > MOST_ITEMS:
        raise Refused("dict")
    names = {normal(n): part.key for part in parts for n in (part.key, part.zh, part.en) if n}
    kinds = {part.words for part in parts}
    if len(kinds) == 1 and (listed := next(iter(kinds))) and all(p.kind == "word" for p in parts):
        inverted = _inverted(answer, words[listed], names)
        if inverted is not None:
            return inverted
    out: dict[str, Any] = {}
    for name, value in answer.items():
        key = names.get(normal(name))
        if key is None and blank(value):
            continue
        below = [part.key for part in parts if part.key.startswith(f"{normal(name)}.")]
        if key is None and not below:
            below = (
                [names[n] for n in names if n.startswith(normal(name)) and "." in names[n]]
                if normal(name)
                else []
            )
        if key is not None:
            out[key] = value
        elif below:
            values = list(value.values()) if isinstance(value, dict) else value
            if blank(values):
                continue
            if not isinstance(values, list | tuple) or len(values) != len(below):
                raise Refused("list_of", part=str(name)[:QUOTED], count=len(below))
            out.update(zip(below, values, strict=True))
        else:
            raise Refused("part_unknown", value=str(name).strip()[:QUOTED])
    return out


def _inverted(
    answer: dict[Any, Any], known: Mapping[str, list[str]], names: dict[str, str]
) -> dict[str, Any] | None:
    """A dict from word to names turned round; None where it is not one."""
    spellings = {normal(s): key for key, own in known.items() for s in (key, *own)}
    if not answer or not all(normal(k) in spellings for k in answer):
        return None
    out: dict[str, Any] = {}
    for word, listed in answer.items():
        if blank(listed):
            continue
        for name in _names(listed):
            key = names.get(normal(name))
            if key is None:
                whole = listed.strip() if isinstance(listed, str) else name
                raise Refused("part_unknown", value=whole[:QUOTED])
            if key in out:
                raise Refused("named_twice", value=name[:QUOTED])
            out[key] = spellings[normal(word)]
    return out


def plain(value: Any, depth: int = 0) -> Any:
    """An answer as plain data for a file: numpy's and pandas' own types become Python's.

    Raises
    ------
    Refused
        Anything that is not numbers, texts, lists and dicts, or is too large.
    """
    if value is None or isinstance(value, bool | str):
        if isinstance(value, str) and len(value) > 20 * LONGEST:
            raise Refused("too_long")
        return value
    if value is ...:
        return None
    if isinstance(value, int | float):
        if isinstance(value, float) and not math.isfinite(value):
            raise Refused("number")
        return int(value) if isinstance(value, int) and abs(value) < 1e15 else float(value)
    if depth > 3:
        raise Refused("form")
    if isinstance(value, Mapping):
        if len(value) > MOST_ITEMS:
            raise Refused("too_long")
        return {str(k)[:LONGEST]: plain(v, depth + 1) for k, v in value.items()}
    if hasattr(value, "tolist") and type(value).__module__.partition(".")[0] in ("numpy", "pandas"):
        return plain(value.tolist(), depth)
    if isinstance(value, list | tuple | set | frozenset):
        if len(value) > MOST_ITEMS:
            raise Refused("too_long")
        items = sorted(value, key=str) if isinstance(value, set | frozenset) else value
        return [plain(v, depth + 1) for v in items]
    raise Refused("form")
