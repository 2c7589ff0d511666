"""The ballots of a class: each laptop saves its own file, one notebook collects them and shows the agreement
before and after the discussion.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from kamplay.errors import KamplayError
from kamplay.method.tiers.consensus import Consensus, consensus
from kamplay.method.tiers.rating import rate
from kamplay.run_folder import Run
from kamplay.show.display import Display
from kamplay.show.locale import N_
from kamplay.show.table import Column, html_table
from kamplay.show.view import using, view_of
from kamplay.workshop import ballot_file, words
from kamplay.workshop.ballot_file import RefusedError

BALLOTS = "ballots"  # the folder that the files are collected in, beside a run's own
MOST_FILES = 300


@dataclass(frozen=True)
class Collected:
    """``table``: the class's ballots, as ``ballot_file.tidy`` gives them; ``files`` that were read;
    ``refused``: file and why; ``replaced``: ballots of one person and round that stood in several files.
    """

    table: pd.DataFrame
    files: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)
    replaced: int = 0


def collect(folder: Path, known: pd.DataFrame | None = None) -> Collected:
    """Read every ballot file in ``folder`` and in the folders in it.

    Parameters
    ----------
    known : ballots that each laptop had from the beginning, which are not the class's.

    Returns
    -------
    Of a person's ballots of one round in several files those of the last file by name count.
    """
    files = sorted(
        p
        for p in (*folder.glob("*.csv"), *folder.glob("*/*ballots*.csv"))
        if p.is_file() and not p.is_symlink()
    )
    parts, refused, replaced = [], [], 0
    table = ballot_file.tidy(None)
    theirs = _people(ballot_file.tidy(known)) if known is not None else set()
    for path in files[:MOST_FILES]:
        try:
            rows = ballot_file.read(path.parent, path.name)
        except RefusedError as error:
            refused.append((path.name, error.code))
            continue
        except KamplayError as error:
            refused.append((path.name, error.faults[0].code))
            continue
        if rows is None:
            continue
        own = rows[[key not in theirs for key in _keys(rows)]]
        here = set(_keys(own))
        before = [key in here for key in _keys(table)]
        replaced += len(
            {k for k, again in zip(_keys(table), before, strict=True) if again and not _same(table, own, k)}
        )
        table = pd.concat([table[[not b for b in before]], own], ignore_index=True) if len(table) else own
        parts.append(path)
    return Collected(ballot_file.tidy(table), len(parts), refused, replaced)


def _keys(rows: pd.DataFrame) -> list[tuple[object, object, float]]:
    return list(zip(rows["rater"], rows["department"], rows["round"].fillna(1.0), strict=True))


def _people(rows: pd.DataFrame) -> set[tuple[object, object, float]]:
    return set(_keys(rows))


def _same(one: pd.DataFrame, other: pd.DataFrame, key: tuple[object, object, float]) -> bool:
    """Whether two files hold the same ballot."""
    a, b = (f[[k == key for k in _keys(f)]].reset_index(drop=True) for f in (one, other))
    return a.equals(b)


def class_agreement(run: Run, collected: Collected) -> Consensus | None:
    """The agreement of a class's ballots, as step 1 computes it."""
    rating, account = rate(run.book, run.scorecard), collected.table["account_id"]
    units = collected.table.assign(account_id=account.map(rating.heads.to_dict()).fillna(account))
    return consensus(rating, units)


def class_ballots(run: Run, folder: str | Path | None = None, names: bool = True) -> Display:
    """Collect the ballots of a class and show how far it agreed, round by round.

    Parameters
    ----------
    folder : with the laptops' files, or a folder for each laptop; ``ballots`` in the run's own by default.
    names : False leaves out who was named, where the laptops look at different clients.
    """
    view = view_of(run.settings, run.language, run.book)
    locale = view.locale
    place = Path(folder) if folder is not None else run.folder / BALLOTS
    found = (
        collect(place, run.book.tables.get("ballots"))
        if place.is_dir()
        else Collected(ballot_file.tidy(None))
    )
    if not names:
        found = replace(found, table=found.table[found.table["account_id"].isna()].reset_index(drop=True))
    if found.files == 0:
        text = locale.say(
            N_("No ballots of the class yet: put the ballots.csv of each laptop into the folder {folder}."),
            folder=place.name,
        )
        return Display(words.paragraph(text), text)
    agreed = class_agreement(run, found)
    lines = [
        locale.say(
            N_("{files:n} {files:plural|file|files}, ballots of {people:n} {people:plural|person|people}."),
            files=found.files,
            people=len({(r, d) for r, d, _ in _keys(found.table)}),
        )
    ]
    if found.replaced:
        lines.append(
            locale.say(
                N_(
                    "{count:n} {count:plural|ballot|ballots} of the same person and round stood in several "
                    "files; the last file by name counts."
                ),
                count=found.replaced,
            )
        )
    lines += [
        locale.say(N_("{file} cannot be read as ballots and is left out."), file=name)
        for name, _ in found.refused
    ]
    with using(view):
        body = "".join(words.paragraph(line) for line in lines)
        if agreed is not None:
            told = agreed.rounds.dropna(subset="w")
            if len(told) >= 2:
                first, last = told.iloc[0], told.iloc[-1]
                change = locale.say(
                    N_(
                        "Before the discussion agreement on the weights was {before:n2}, after it {after:n2}."
                    ),
                    before=first["w"],
                    after=last["w"],
                )
                lines.append(change)
                body += f"<p><b>{change}</b></p>"
            rounds = html_table(agreed.rounds, ROUNDS, N_("The rounds of voting; 0.7 is enough to act on."))
            body += rounds.html + words.agreement_html(agreed, run.scorecard, locale)
            lines.append(rounds.text)
    return Display(body, "\n".join(lines))


ROUNDS = [
    Column("round", N_("Round"), "n"),
    Column("raters", N_("People"), "n"),
    Column("departments", N_("Departments"), "n"),
    Column("w", N_("Agreement on the weights (Kendall's W)"), "n2"),
    Column("kappa", N_("Agreement on the names (kappa)"), "n2"),
]
