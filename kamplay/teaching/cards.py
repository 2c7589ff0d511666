"""Cards for role play: objections, a rival's rumours, consultative questions, the four thinking styles."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path

import yaml

from kamplay.presets.scorecard import Strict, Words
from kamplay.show.locale import N_, Locale
from kamplay.teaching.pages import page


class Card(Strict):
    """``front`` is read out, ``back`` is what a good answer does."""

    front: Words
    back: Words


class Deck(Strict):
    """Cards of one kind, and how they are played."""

    title: Words
    how: Words
    cards: list[Card]


class Decks(Strict):
    """All decks by name."""

    decks: dict[str, Deck]


@cache
def decks() -> dict[str, Deck]:
    """The decks, checked."""
    text = resources.files("kamplay.teaching").joinpath("role_play.yaml").read_text(encoding="utf-8")
    return Decks.model_validate(yaml.safe_load(text)).decks


def write(folder: Path, language: str) -> None:
    """``cards.<language>.html``, a page for each deck."""
    locale = Locale(language, "CNY")
    shown = [
        {
            "title": deck.title.get(language),
            "how": deck.how.get(language),
            "cards": [{"front": c.front.get(language), "back": c.back.get(language)} for c in deck.cards],
        }
        for deck in decks().values()
    ]
    text = page(
        "cards.html.j2",
        language,
        title=locale.text(N_("Cards for role play")),
        fold=locale.text(N_("Cut along the dashes and fold at the line: the front above, the back below.")),
        decks=shown,
        low=False,
    )
    (folder / f"cards.{language}.html").write_text(text, encoding="utf-8", newline="\n")
