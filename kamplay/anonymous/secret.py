"""The secret key of an anonymous copy, and what follows from it: the factor of all amounts and the codes that
stand in for names. The same key gives the same, so that next quarter's copy can be compared with this one's.
"""

from __future__ import annotations

import contextlib
import hmac
import os
import re
import secrets
from collections.abc import Iterable
from pathlib import Path

from kamplay.errors import Fault, KamplayError

BYTES = 32
FACTOR = 0.1, 0.9
# A Book adds amounts up to the sixth decimal: cents times a factor of four decimals are exact there, so that
# what was equal, half as much or just at a limit stays so. The price: amounts in whole cents tell the factor
# to whoever computes it, as those in whole units do whatever the factor.
FACTOR_DIGITS = 4
# The calendar of the years 1901 to 2099 repeats after 28 years, which are 1461 whole weeks: no shorter move
# keeps weekdays, ends of months and leap days, and with them every figure that counts by months.
YEARS = 28
WEEKS = 1461
# A code is groups of two letters, the first no digit and none a vowel: no word, no figure, no date, and three
# characters in a row hold a sign between the groups, so that no name is found in it by chance.
_FIRST, _SECOND = "BCDFGHJKLMNPQRSTVWXZ", "BCDFGHJKLMNPQRSTVWXZ0123456789"
_ABOUT = "kamplay-key-1"
_FILE = re.compile(rf"{_ABOUT} ([0-9a-f]{{{2 * BYTES}}})\s*")


class Secret:
    """A key; ``factor`` is what amounts are multiplied by, from FACTOR, to FACTOR_DIGITS decimals."""

    def __init__(self, key: bytes):
        self._key = key
        low, high = FACTOR
        drawn = int.from_bytes(self._digest("factor", "")[:8], "big") / 2**64
        self.factor = round(low * (high / low) ** drawn, FACTOR_DIGITS)

    def __repr__(self) -> str:
        return "Secret(…)"  # neither a log nor a message may show it

    def codes(self, kind: str, texts: Iterable[str], groups: int) -> dict[str, str]:
        """Text → code of so many groups, for each different text; texts of two kinds have nothing in common.

        Two texts never share a code: where they would, the later ones get further groups.
        """
        out: dict[str, str] = {}
        taken: set[str] = set()
        digests = sorted((self._digest(kind, text), text) for text in set(texts))
        for digest, text in digests:
            length = groups
            while (code := _code(digest, length)) in taken:
                length += 1
            taken.add(code)
            out[text] = code
        return out

    def fraction(self, kind: str, text: str) -> float:
        """A number from 0 to 1 that nobody can tell without the key."""
        return int.from_bytes(self._digest(kind, text)[:8], "big") / 2**64

    def _digest(self, kind: str, text: str) -> bytes:
        return hmac.digest(self._key, f"{kind}\0{text}".encode(), "sha512")

    def write(self, path: Path) -> None:
        """Keep the key in a new file that only its owner can read. Raises OSError where that is not
        possible."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
        with os.fdopen(os.open(path, flags, 0o600), "w", encoding="ascii") as file:
            with contextlib.suppress(OSError, AttributeError):
                os.fchmod(file.fileno(), 0o600)  # whatever the umask
            file.write(f"{_ABOUT} {self._key.hex()}\n")


def new() -> Secret:
    """A key that nobody has had before."""
    return Secret(secrets.token_bytes(BYTES))


def read(path: Path) -> Secret:
    """The key in a file that ``Secret.write`` wrote. Raises KamplayError for any other file."""
    try:
        found = _FILE.fullmatch(path.read_text(encoding="ascii"))
    except (OSError, UnicodeDecodeError):
        found = None
    if not found:
        raise KamplayError(Fault("key_unreadable", file=str(path)))
    return Secret(bytes.fromhex(found[1]))


def _code(digest: bytes, groups: int) -> str:
    number, out = int.from_bytes(digest, "big"), []
    for _ in range(groups):
        number, first = divmod(number, len(_FIRST))
        number, second = divmod(number, len(_SECOND))
        out.append(_FIRST[first] + _SECOND[second])
    return "-".join(out)
