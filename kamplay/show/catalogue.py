"""The texts of the code in another language: English as written, its Chinese in ``kamplay.po``.

Light, because the command line needs it before anything else is imported.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

BABEL = {"zh": "zh_CN", "en": "en"}


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for "translate later"
    """Mark a text for the catalogue; it is translated where it is shown."""
    return text


@cache
def catalogue(babel_locale: str) -> dict[str, str]:
    """Each text of the code → the same in one language, read from its .po file when first needed."""
    from babel.messages.pofile import read_po

    path = resources.files("kamplay.show").joinpath("locale", babel_locale, "LC_MESSAGES", "kamplay.po")
    with path.open("rb") as file:
        messages = read_po(file)
    return {str(one.id): str(one.string) for one in messages if one.id and one.string and not one.fuzzy}
