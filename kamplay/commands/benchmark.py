"""``kamplay benchmark``: publish the next edition of a benchmark across clients."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from kamplay.method.benchmark import K
from kamplay.report.fleets import benchmark_editions
from kamplay.report.run import issue_date
from kamplay.show.locale import N_, Locale
from kamplay.show.summary.beside_others import LABELS


def publish(file: Path, out: Path, language: str) -> None:
    """Publish in ``file`` what the latest runs in ``out`` allow, and say what was and what has to wait.

    Raises
    ------
    KamplayError
        The file is no benchmark, or its ledger is missing.
    """
    locale = Locale(language, "CNY")
    made = benchmark_editions.update(file, out, date.fromisoformat(issue_date()))
    text = N_(
        "{file}: {clients:n} {clients:plural|client takes|clients take} part; {groups:n} groups of {least:n} "
        "or more stand, {new:n} of them of today."
    )
    about = {"file": str(file), "clients": made.clients, "groups": made.groups, "new": made.new, "least": K}
    print(locale.say(text, **about))
    if made.waiting:
        waiting = [f"{locale.text(LABELS[name])} {count}" for name, count in made.waiting.items()]
        said = N_("Clients that wait until {least:n} new ones can be told together: {names}.")
        print(locale.say(said, least=K, names=locale.words(waiting, most=len(waiting))))
    text = N_("{ledger} says who is in which group: keep it, and do not pass it on.")
    print(locale.say(text, ledger=str(benchmark_editions.ledger_of(file))))
