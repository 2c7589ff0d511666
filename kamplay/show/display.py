"""What a notebook cell shows: HTML that is already escaped, with the same in plain text for a terminal."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Display:
    """``html`` holds no unescaped word of the client's; an empty one shows nothing."""

    html: str
    text: str

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return (
            {"text/html": self.html, "text/plain": self.text} if self.html else {"text/plain": ""}
        )  # an output, so that it is known to be empty


NOTHING = Display("", "")
