"""Accounts that look like one company: proposed for merging, never merged.

Three signs, the surest first: the same tax id, the same name once legal forms, spaces and punctuation are
gone, and names a letter or two apart. Names that differ in a figure, a numeral or a point of the compass are
two companies (第一医院 and 第二医院, Plant 3 and Plant 4), and so are a parent and its own subsidiary.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

import pandas as pd

SAME_TAX_ID, SAME_NAME, SIMILAR = "accounts_same_tax_id", "accounts_same_name", "accounts_similar"
CLOSE = 0.86  # one letter in seven, two in fourteen (Damerau-Levenshtein over the longer name)
SHORTEST = 5  # letters of a name below which a letter more or less is another name
LONG = 13  # names from this length on may differ in two letters
WINDOW = 8  # neighbours looked at in a block of names with the same beginning or end
_FORMS_ZH = (
    "有限责任公司",
    "股份有限公司",
    "集团有限公司",
    "有限公司",
    "股份公司",
    "集团公司",
    "责任公司",
    "总公司",
    "公司",
    "股份",
    "集团",
    "企业",
)
_FORMS = {
    "ltd",
    "limited",
    "inc",
    "incorporated",
    "co",
    "corp",
    "corporation",
    "company",
    "llc",
    "llp",
    "plc",
    "gmbh",
    "mbh",
    "ag",
    "kg",
    "ohg",
    "ug",
    "se",
    "sa",
    "sas",
    "sarl",
    "srl",
    "spa",
    "bv",
    "nv",
    "ab",
    "oy",
    "as",
    "aps",
    "pty",
    "pte",
    "group",
    "holding",
    "holdings",
    "the",
    "and",
    "und",
    "et",
}
_TELLING = re.compile(r"\d+|[一二三四五六七八九十百东西南北甲乙丙丁]")
_DOTTED = re.compile(r"\b((?:\w\.){2,})")  # G.m.b.H., S.A.


def bare_name(name: str) -> str:
    """Strip a company's name of legal form, spaces, punctuation, case and width; the whole name where nothing
    is left.
    """
    text = unicodedata.normalize("NFKC", name).casefold()
    text = _DOTTED.sub(lambda m: m.group(1).replace(".", "") + " ", text)
    words = [w for w in re.split(r"[\W_]+", text) if w]
    kept = [w for w in words if w not in _FORMS] or words
    joined = "".join(kept)
    while form := next((f for f in _FORMS_ZH if joined.endswith(f) and len(joined) - len(f) >= 2), None):
        joined = joined.removesuffix(form)
    return joined


def written_alike(name: object) -> str:
    """A name or id without what the eye passes over: spaces of any kind, full width, case."""
    text = str(name)
    if text.isascii():  # as nearly all ids are
        return "".join(text.split()).lower()
    return re.sub(r"[\s\u200b\ufeff]+", "", unicodedata.normalize("NFKC", text)).casefold()


def alike(accounts: pd.DataFrame) -> pd.DataFrame:
    """Find pairs of accounts that look like one company.

    Parameters
    ----------
    accounts : DataFrame
        Unique account_id; may have account_name, tax_id and parent_id.

    Returns
    -------
    DataFrame
        left, right (positions in ``accounts``, left < right), sign, similarity (0 to 1). Each pair
        once, by its surest sign; of n accounts with the same tax id or name the first is paired with each
        other.
    """
    frame = accounts.reset_index(drop=True)
    pairs: dict[tuple[int, int], tuple[str, float]] = {}
    for pair in _same(frame.get("tax_id")):
        pairs.setdefault(pair, (SAME_TAX_ID, 1.0))
    if "account_name" in frame:
        written = frame["account_name"].dropna()
        names = written.map({name: bare_name(name) for name in written.unique()})
        for pair in _same(names):
            pairs.setdefault(pair, (SAME_NAME, 1.0))
        first = names[~names.duplicated()]
        for left, right, score in _similar(first.tolist(), first.index.tolist()):
            pairs.setdefault((left, right), (SIMILAR, score))
    apart = _parent_and_child(frame)
    rows = sorted((left, right, *sign) for (left, right), sign in pairs.items() if (left, right) not in apart)
    return pd.DataFrame(rows, columns=["left", "right", "sign", "similarity"])


def _same(values: pd.Series | None) -> Iterator[tuple[int, int]]:
    if values is None:
        return
    filled = values.dropna()
    repeated = filled[filled.duplicated(keep=False)]
    for _, group in repeated.groupby(repeated, sort=False):
        first, *others = group.index.tolist()
        yield from ((first, other) for other in others)


def _similar(names: list[str], at: list[int]) -> list[tuple[int, int, float]]:
    """Pairs of different bare names that are close: (position, position, similarity)."""
    from rapidfuzz.distance import DamerauLevenshtein
    from rapidfuzz.process import cpdist

    near = sorted(_candidates(names))
    if not near:
        return []
    left, right = [names[i] for i, _ in near], [names[j] for _, j in near]
    scores = cpdist(left, right, scorer=DamerauLevenshtein.normalized_similarity, workers=1)
    found = []
    for (i, j), score in zip(near, scores, strict=True):
        if score >= CLOSE and not _another_word(names[i], names[j]):
            found.append((min(at[i], at[j]), max(at[i], at[j]), round(float(score), 3)))
    return found


def _another_word(one: str, other: str) -> bool:
    """A Chinese character in place of another makes another name (康利, 康瑞); only a long name bears it as a
    slip of the pen.
    """
    if len(one) != len(other) or len(one) >= LONG or sorted(one) == sorted(other):
        return False
    return any(a != b and a > "\u2e80" and b > "\u2e80" for a, b in zip(one, other, strict=True))


def _candidates(names: list[str]) -> set[tuple[int, int]]:
    """Pairs worth measuring, all with the same figures and numerals.

    All names one letter apart share a form with one letter left out, so those are found for certain; of long
    names also neighbours in the order of a common beginning or end. Work grows with the names, not with their
    square.
    """
    blocks: dict[tuple[str, str], list[int]] = defaultdict(list)
    edges: list[tuple[str, str, int]] = []
    told = [" ".join(_TELLING.findall(name)) for name in names]
    alike_in_figures = Counter(told)
    for number, (name, figures) in enumerate(zip(names, told, strict=True)):
        if len(name) < SHORTEST or alike_in_figures[figures] == 1:
            continue
        for form in {name, *(name[:k] + name[k + 1 :] for k in range(min(len(name), 40)))}:
            blocks[figures, form].append(number)
        if len(name) >= LONG:
            edges += [("a" + figures, name, number), ("z" + figures, name[::-1], number)]
    pairs: set[tuple[int, int]] = set()
    for members in blocks.values():
        if len(members) > 1:
            pairs.update(_neighbours(members))
    edges.sort()
    for k, (figures, text, number) in enumerate(edges):
        for same, other, near in edges[k + 1 : k + 1 + WINDOW]:
            if same == figures and other[:5] == text[:5]:
                pairs.add((min(number, near), max(number, near)))
    return pairs


def _neighbours(members: list[int]) -> Iterable[tuple[int, int]]:
    """All pairs of a small block; of a large one each with its next few: names that differ in a figure fill
    it, in their order.
    """
    reach = len(members) if len(members) <= 40 else WINDOW
    for k, one in enumerate(members):
        for other in members[k + 1 : k + 1 + reach]:
            if one != other:
                yield min(one, other), max(one, other)


def _parent_and_child(frame: pd.DataFrame) -> set[tuple[int, int]]:
    if "parent_id" not in frame:
        return set()
    position = pd.Series(frame.index, index=frame["account_id"])
    position = position[~position.index.duplicated()]
    parents = frame["parent_id"].map(position).dropna().astype(int)
    return {(min(child, parent), max(child, parent)) for child, parent in parents.items()}
