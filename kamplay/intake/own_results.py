"""What kamplay itself has made, which is nothing that a client sent: reports and their workbook."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

MARK = "kamplay results"  # the category of a report's workbook, in its properties
_MOST = 20_000  # bytes of a workbook's properties


def is_run(folder: Path) -> bool:
    """Whether a folder holds a report."""
    return (folder / "work" / "settings.json").is_file()


def folders_of_runs(top: Path) -> set[Path]:
    """The folders below ``top`` with a client's reports, by date."""
    clients = {found.parent.parent.parent for found in top.rglob("work/settings.json")}
    return {folder for folder in clients if folder != top and top in folder.parents}


def is_marked_copy(path: Path) -> bool:
    """Whether a file is a copy that ``kamplay check`` has written, with the faults marked."""
    return path.parent.name == "check" and "-marked" in path.name


def is_workbook(path: Path) -> bool:
    """Whether a file is the workbook of a report, whatever its name."""
    if path.suffix.lower() != ".xlsx":
        return False
    try:
        with zipfile.ZipFile(path) as book, book.open("docProps/core.xml") as properties:
            text = properties.read(_MOST).decode("utf-8", "replace")
    except (OSError, KeyError, ValueError, zipfile.BadZipFile, RuntimeError, NotImplementedError):
        return False
    return re.search(rf"<cp:category>\s*{MARK}\s*</cp:category>", text) is not None
