"""For teams without a laptop: hints as cards to hand out one by one, and ballots to fill in by hand."""

from __future__ import annotations

from pathlib import Path

from kamplay.show.locale import N_, Locale
from kamplay.teaching.notebooks import TITLES
from kamplay.teaching.pages import on_paper, page
from kamplay.teaching.teams import Team
from kamplay.teaching.wording import Wording

BALLOTS = 2  # on a page
NAMED = 10  # lines for accounts that should be key


def write(folder: Path, team: Team, language: str) -> None:
    """``hints.<language>.html`` and ``ballots.<language>.html``; ballots where there are weights to set."""
    _text(folder / f"hints.{language}.html", _hints(team, language))
    weights = next((one.made.exhibits["weights"] for one in team.asked if one.exercise.id == "1e"), None)
    if weights is not None:
        criteria = [Wording(Locale(language, "CNY")).header(c, True) for c in weights if c != "department"]
        _text(folder / f"ballots.{language}.html", _ballots(criteria, language))


def _hints(team: Team, language: str) -> str:
    locale = Locale(language, "CNY")
    decks = []
    for step, title in TITLES.items():
        cards = [
            {
                "front": locale.say(N_("{id} · hint {step:n} of {all:n}"), id=x.id, step=n, all=len(x.hints)),
                "back": on_paper(hint.get(language)),
            }
            for x in (one.exercise for one in team.asked)
            if x.step == step
            for n, hint in enumerate(x.hints, start=1)
        ]
        if cards:
            decks.append({"title": locale.text(title), "how": locale.text(HOW), "cards": cards})
    return page(
        "cards.html.j2",
        language,
        title=locale.text(N_("Hint cards")),
        fold=locale.text(N_("Cut along the dashes and fold at the line.")),
        decks=decks,
        low=True,
    )


HOW = N_(
    "For teams without a laptop: hand out one at a time, about what is still wrong, and note each as a "
    "wrong try."
)


def _ballots(criteria: list[str], language: str) -> str:
    locale = Locale(language, "CNY")
    return page(
        "ballots.html.j2",
        language,
        title=locale.text(N_("Ballots on paper")),
        how=locale.text(
            N_(
                "One for each person and round. Collect them after each round and enter them in the panel of "
                "any laptop, so that the class's agreement can be shown."
            )
        ),
        ballot=locale.text(N_("Ballot")),
        lines=[locale.text(label) for label in (N_("Name"), N_("Department"), N_("Round"), N_("Team"))],
        weights=locale.text(N_("Weights, 100 in all")),
        criteria=criteria,
        named=locale.text(N_("Who should be key (account numbers)")),
        room=list(range(NAMED)),
        count=list(range(BALLOTS)),
    )


def _text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
