"""``kamplay plans``: an account plan for each key account, of an engagement or of a finished run."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from kamplay.api import open as open_run
from kamplay.commands.engagement_meant import engagement_of
from kamplay.commands.run import cores, say_faults, say_outcome
from kamplay.engagement import SETTINGS_FILE, load
from kamplay.errors import Fault, KamplayError
from kamplay.languages import chosen_languages
from kamplay.report.account_plans import EDITIONS, Chosen, Written, choose, client_unsaid, write_plans
from kamplay.report.kept import latest_of
from kamplay.report.run import inputs_of, run_engagement
from kamplay.report.run_files import languages_of, need_readable
from kamplay.run_folder import WORK, Run
from kamplay.show.faults import line
from kamplay.show.locale import N_, Locale
from kamplay.show.progress import Display, Moment, displayed


def plan_folder(
    folder: Path,
    tiers: str | None,
    accounts: Sequence[str],
    edition: str,
    language: str | None,
    out: Path,
    jobs: int | None,
    speech: str,
    progress: Display = "quiet",
) -> int:
    """Write the plans of the chosen accounts. Exit code 0, 1 (it failed) or 2 (faults in the input)."""
    try:
        languages = chosen_languages(language)
        if edition not in EDITIONS:
            allowed = {"allowed": ", ".join(EDITIONS)}
            raise KamplayError(Fault("setting_not_allowed", column="--edition", value=edition, args=allowed))
        named = [part.strip() for part in (tiers or "").split(",") if part.strip()]
        if tiers is not None and not named:
            raise KamplayError(Fault("plans_none", column="--tier", value=tiers))
        with displayed(progress, 1, speech) as tell:
            place = _run_of(folder, out.resolve(), languages, jobs or cores(), speech, tell)
            if place is None:
                return 1
            run = open_run(place, speech)
            locale = Locale(speech, run.settings.currency)
            chosen = choose(run, named, list(dict.fromkeys(accounts)))
            spoken = languages or run.settings.languages
            pace = _Pace(run.settings.client, tell)
            written = write_plans(place, chosen.units, edition, spoken, jobs or cores(), pace)
            unnamed = edition == "customer" and client_unsaid(run)
    except KamplayError as error:
        say_faults(folder, error, speech, False)
        return 2
    _say(run, chosen, written, locale)
    if written.ok and unnamed:
        told = N_("The plans do not name {client}, as that name is a guess: write client in {settings}.")
        print(locale.say(told, client=run.settings.client, settings=SETTINGS_FILE), file=sys.stderr)
    return 0 if written.ok else 1


def _run_of(
    folder: Path,
    out: Path,
    languages: list[str] | None,
    jobs: int,
    speech: str,
    tell: Callable[[Moment], None],
) -> Path | None:
    """The run to make plans of: the folder itself, or an engagement's latest that was made from what stands
    in it now, made first where there is none; None where that failed, which is told.
    """
    folder = engagement_of(folder, speech)
    if not (folder / SETTINGS_FILE).exists():
        if not (folder / WORK / "settings.json").is_file() or not (folder / "manifest.json").is_file():
            raise KamplayError(Fault("plans_folder", file=str(folder)))
        languages_of(folder)
        need_readable(folder, [])  # a plan is made from the results, not from the executed notebooks
        return folder
    engagement = load(folder)
    settings = engagement.settings
    if there := latest_of(out / engagement.slug, inputs_of(engagement, out)):
        return there
    locale = Locale(speech, settings.currency)
    said = N_(
        "{client}: there is no report of these data and settings by this version yet; it is made first."
    )
    print(locale.say(said, client=settings.client), file=sys.stderr, flush=True)
    spoken = languages or settings.languages
    outcome = run_engagement(engagement, out, spoken, tell, jobs)
    say_outcome(outcome, locale, spoken, engagement.folder)
    return outcome.folder


class _Pace:
    """Tells how many of the plans are made, and the seconds left by those made so far."""

    def __init__(self, client: str, tell: Callable[[Moment], None]):
        self.client, self.tell = client, tell
        self.began = time.monotonic()

    def __call__(self, share: float) -> None:
        spent = time.monotonic() - self.began
        left = spent / share * (1 - share) if share > 0.1 else None
        self.tell(Moment(self.client, "plans" if share < 1 else "done", share, left))


def _say(run: Run, chosen: Chosen, written: Written, locale: Locale) -> None:
    client, names = run.settings.client, run.book.names
    if written.ok:
        for index in written.indexes:
            print(index)
        for account, unit in chosen.member_of.items():
            text = N_("{account} belongs to {group}: the plan is the group's.")
            print(locale.say(text, account=names[account], group=names[unit]), file=sys.stderr)
        text = N_("{client}: {count:n} account {count:plural|plan|plans}.")
        print(locale.say(text, client=client, count=len(chosen.units)), file=sys.stderr)
    elif written.fault:
        text = N_("{client}: {fault} The plans that were there are untouched.")
        print(locale.say(text, client=client, fault=line(written.fault, locale)), file=sys.stderr)
    else:
        place = names[written.unit] if written.unit else "kamplay"
        cell = locale.say(N_(", cell {cell:n}"), cell=written.cell) if written.cell is not None else ""
        text = (
            N_(
                "{client}: the plans failed at {place}: {error}. What is left of it is in {kept}; the plans "
                "that were there are untouched."
            )
            if written.kept
            else N_(
                "{client}: the plans failed at {place}: {error}. Not even a log could be kept; the plans "
                "that were there are untouched."
            )
        )
        said = locale.say(text, client=client, place=place + cell, error=written.error, kept=written.kept)
        print(said, file=sys.stderr)
