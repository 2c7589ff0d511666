"""The settings that nobody has stated: what they were guessed from, and how they are confirmed."""

from __future__ import annotations

from collections.abc import Mapping

from kamplay.show.locale import N_, Locale

TOLD = {
    "client": N_("Client “{value}”: guessed from the name of the file or folder."),
    "currency": N_("Currency {value}: guessed, as the data name none."),
    "language": N_("Language of the report, {value}: guessed from that of the computer."),
}


def guesses(guessed: Mapping[str, str], locale: Locale) -> list[str]:
    """One line for each, in the order of TOLD."""
    how = locale.text(N_("Please say whether it is right."))
    return [
        locale.sentences(locale.say(TOLD[name], value=guessed[name]), how) for name in TOLD if name in guessed
    ]
