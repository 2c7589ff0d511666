"""The wheel carries the whole pinned set: who installs it gets the packages the tests ran with."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PINNED = re.compile(r"^([A-Za-z0-9._-]+(?:\[[^\]]*\])?==[^\s;\\]+(?: ; [^\\\n]+)?)", re.MULTILINE)


def pinned(requirements: str) -> list[str]:
    """The requirements of a lock file without their hashes."""
    return [found.strip() for found in PINNED.findall(requirements)]


class Lock(BuildHookInterface):  # type: ignore[misc]
    """Adds what requirements.txt pins and pyproject.toml does not name."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":  # a checkout has its environment from the lock itself
            return
        named = {re.split(r"[=\[]", text)[0].lower() for text in self.metadata.core.dependencies}
        text = (Path(self.root) / "requirements.txt").read_text(encoding="utf-8")
        build_data["dependencies"] += [one for one in pinned(text) if one.split("==")[0].lower() not in named]
