"""Where the notebooks and the templates stand that come with the package."""

from __future__ import annotations

from pathlib import Path

SHIPPED = "_shipped"  # inside an installed package: what stands beside it in a checkout


def shipped(name: str) -> Path:
    """The folder ``notebooks`` or ``data_templates``: beside the package in a checkout, inside an installed
    one.
    """
    package = Path(__file__).resolve().parent
    for place in (package / SHIPPED / name, package.parent / name):  # beside it others may have such a one
        if place.is_dir():
            return place
    raise FileNotFoundError(f"{name} is neither beside the package nor in it: the installation is incomplete")
