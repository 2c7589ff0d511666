"""Where the notebooks, templates and samples are: in a clone at its top, in an installed package inside it."""

from __future__ import annotations

from pathlib import Path


def shipped(name: str) -> Path:
    """The folder ``notebooks`` or ``data_templates``."""
    package = Path(__file__).resolve().parent
    for place in (package.parent / name, package / "_shipped" / name):
        if place.is_dir():
            return place
    raise FileNotFoundError(f"{name} is neither beside the package nor in it: the installation is incomplete")
