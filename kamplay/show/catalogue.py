"""The texts of the code in another language: English as written, its Chinese in ``kamplay.po``.

Light, because the command line needs it before anything else is imported.
"""

from __future__ import annotations

import io
from functools import cache
from gettext import GNUTranslations
from importlib import resources

BABEL = {"zh": "zh_CN", "en": "en"}


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for "translate later"
    """Mark a text for the catalogue; it is translated where it is shown."""
    return text


@cache
def catalogue(babel_locale: str) -> GNUTranslations:
    """The catalogue of one language, compiled from its .po file when first needed."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    path = resources.files("kamplay.show").joinpath("locale", babel_locale, "LC_MESSAGES", "kamplay.po")
    with path.open("rb") as file:
        messages = read_po(file)
    compiled = io.BytesIO()
    write_mo(compiled, messages)
    compiled.seek(0)
    return GNUTranslations(compiled)
