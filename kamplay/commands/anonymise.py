"""``kamplay anonymise``: a copy of an engagement that can be shown to others."""

from __future__ import annotations

import os
from pathlib import Path

from kamplay.anonymous import secret as secrets
from kamplay.anonymous.engagement import Copied, write_copy
from kamplay.commands.engagement_meant import engagement_of
from kamplay.commands.paths import quoted
from kamplay.engagement import load
from kamplay.errors import Fault, KamplayError
from kamplay.show.locale import N_, Locale


def anonymise_folder(folder: Path, out: Path, key: Path | None, speech: str) -> None:
    """Write the copy of ``folder`` into ``out``, a new or empty folder. The key is read from ``key``; where
    that is no file yet, a new one is kept there; without it, nowhere.

    Raises
    ------
    KamplayError
        The data cannot be used, or a place is not right.
    """
    folder = engagement_of(folder, speech)
    engagement = load(folder)
    _check_places(folder, out, key)
    locale = Locale(speech, engagement.settings.currency)
    made = key is not None and not os.path.lexists(key)
    secret = secrets.read(key) if key is not None and not made else secrets.new()
    if key is not None and made:
        secret.write(key)  # before the copy: one whose key could not be kept would be of no use
    _say(write_copy(engagement, out, secret), out, key, locale)


def _check_places(folder: Path, out: Path, key: Path | None) -> None:
    if out.is_symlink() or (out.exists() and (not out.is_dir() or any(out.iterdir()))):
        raise KamplayError(Fault("not_empty", file=str(out)))
    if out.resolve().is_relative_to(folder.resolve()) or folder.resolve().is_relative_to(out.resolve()):
        raise KamplayError(Fault("anonymous_inside", file=str(out)))
    if key is not None and key.resolve().is_relative_to(out.resolve()):
        raise KamplayError(Fault("key_inside", file=str(key)))


def _say(copied: Copied, out: Path, key: Path | None, locale: Locale) -> None:
    text = N_(
        "{out}: {accounts:n} {accounts:plural|account|accounts}, {tables:n} {tables:plural|table|tables}"
    )
    print(locale.say(text, out=out, accounts=copied.accounts, tables=len(copied.rows)))
    if copied.dates_lost:
        text = N_(
            "{dates:n} {dates:plural|date lies|dates lie} too far back to be moved; the cells are blank."
        )
        print(locale.say(text, dates=copied.dates_lost))
    if copied.told is not None:
        text = N_(
            "A limit of the scorecard in money lies between two close amounts: who knows the limit can tell "
            "the factor to within {within:pct}."
        )
        print(locale.say(text, within=copied.told))
    text = N_("The copy is in {place}; kamplay run {out} makes its report.")
    print(locale.say(text, place=out.resolve(), out=quoted(out)))
    if key is None:
        text = N_("The key was not kept: a later copy cannot be compared with this one (see --key).")
        print(locale.text(text))
    else:
        text = N_(
            "The key is in {key}. Keep it where next quarter's copy is to be comparable (--key again); "
            "whoever has it can undo the copy."
        )
        print(locale.say(text, key=key))
