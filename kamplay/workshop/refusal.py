"""An entry that cannot be taken, as data: a code with figures. Its sentence is in ``kamplay.workshop.words``."""

from __future__ import annotations

from typing import Any


class RefusedError(Exception):
    """``code`` names what is wrong; ``figures`` fill its sentence. Nothing was changed."""

    def __init__(self, code: str, **figures: Any):
        self.code, self.figures = code, figures
        super().__init__(f"{code} {figures}" if figures else code)
