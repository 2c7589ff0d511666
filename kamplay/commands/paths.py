"""Paths as a terminal shows and takes them."""

from __future__ import annotations

import os
from pathlib import Path


def near(path: Path) -> str:
    """A path as seen from where the command was called, where that is shorter."""
    try:
        seen = os.path.relpath(path)
    except ValueError:  # on another drive
        return str(path)
    return seen if len(seen) < len(str(path)) else str(path)


def quoted(path: Path) -> str:
    """A path as a command line takes it."""
    text = near(path)
    return f'"{text}"' if any(c in text for c in " ()&;'") else text
