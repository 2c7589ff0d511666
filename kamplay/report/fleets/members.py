"""Which engagements are meant: to say so takes neither a run nor what one imports."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from kamplay.engagement import SETTINGS_FILE
from kamplay.errors import Fault, KamplayError
from kamplay.report.fleets import places
from kamplay.settings_file import parse, read_text

LISTS = (".txt", ".yaml", ".yml")  # files that list engagements
DEEPEST = 3  # folders below the one that is named in which engagements are looked for


def engagements_in(named: Iterable[str | Path]) -> list[str]:
    """The folders of engagements that are meant: an engagement itself, a folder that holds engagements (up to
    three levels down), or a list of them in a text or YAML file; each once, in the order given.

    Raises
    ------
    KamplayError
        A list cannot be read, or names none.
    """
    found: list[str] = []
    for place in named:
        if places.is_url(place):
            found += places.subfolders_with(str(place), SETTINGS_FILE) or [places.spelled(place)]
        elif _is_list(Path(place)):
            found += _listed(Path(place))
        else:
            found += _below(Path(place)) or [str(place)]
    return list(dict.fromkeys(found))


def _below(folder: Path, depth: int = 0) -> list[str]:
    if not folder.is_dir():
        return []
    if (folder / SETTINGS_FILE).exists():
        return [str(folder)]
    if depth == DEEPEST:
        return []
    inside = sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))
    return [one for p in inside for one in _below(p, depth + 1)]


def _is_list(file: Path) -> bool:
    """Whether a file lists engagements: YAML that is no settings, and a text whose first line names a folder,
    as no line of a client's data does.
    """
    if not file.is_file() or file.suffix.lower() not in LISTS or file.name == SETTINGS_FILE:
        return False
    if file.suffix.lower() != ".txt":
        return True
    try:
        first = next(iter(_lines(read_text(file, str(file)))), "")
        return bool(first) and (places.is_url(first) or (file.parent / first).is_dir())
    except (KamplayError, OSError):  # in another encoding, or longer than a name may be
        return False


def _lines(text: str) -> list[str]:
    return [line for row in text.splitlines() if (line := row.split("#", 1)[0].strip())]


def _listed(file: Path) -> list[str]:
    text = read_text(file, str(file))
    if file.suffix.lower() == ".txt":
        lines = _lines(text)
    else:
        told = parse(text, str(file))
        lines = told if isinstance(told, list) else []
        if not all(isinstance(line, str) for line in lines):
            raise KamplayError(Fault("fleet_list_unusable", file=str(file)))
    named = [line for line in lines if line]
    if not named:
        raise KamplayError(Fault("fleet_list_unusable", file=str(file)))
    inside = [line if places.is_url(line) else str(file.parent / line) for line in named]
    return engagements_in(one for one in inside if Path(one) != file)
