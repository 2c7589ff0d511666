"""The engagement that a command needs: the folder named, or the one made of what is named."""

from __future__ import annotations

from pathlib import Path

from kamplay.commands.made_before import folder_of_settings, made_before, places_for
from kamplay.commands.paths import quoted
from kamplay.engagement import SETTINGS_FILE
from kamplay.errors import Fault, KamplayError
from kamplay.report.fleets.places import is_url


def engagement_of(path: Path, language: str) -> Path:
    """The folder that is meant where one is needed: itself, or the one that was made of what is named, with
    what has changed since. What is no such thing stays as it is: whoever reads it says so.

    Raises
    ------
    KamplayError
        Nothing was made of it yet, or its copy was changed beside it.
    """
    path = folder_of_settings(path)
    if is_url(path) or not path.exists() or (path / SETTINGS_FILE).exists():
        return path
    source = path.resolve()
    if made := made_before(source, places_for(source)):
        from kamplay.commands.begin import go_on

        go_on(source, made, language)
        return made
    if path.is_file() or _is_of_a_client(path):
        name = quoted(path)
        raise KamplayError(Fault("file_for_folder", file=str(path), args={"name": name}))
    return path


def _is_of_a_client(folder: Path) -> bool:
    """Whether a folder, itself no run, holds files that a client may have sent."""
    from kamplay.intake.from_files import holds_data
    from kamplay.run_folder import WORK

    return not (folder / WORK).is_dir() and holds_data(folder)
