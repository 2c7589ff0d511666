"""Files of JSON, written for people and read without trust."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def write_json(path: Path, value: Any) -> None:
    """JSON as people can read it, the same bytes for the same value; NaN is refused."""
    text = json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")


def read_json(file: Path, none: Any = None) -> Any:
    """What a file of JSON holds; nothing where it is not there or damaged."""
    nothing = {} if none is None else none
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return nothing
    return found if isinstance(found, type(nothing)) else nothing
