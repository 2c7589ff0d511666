"""``kamplay run FILE`` and ``kamplay new DIR --from FILE``: an engagement made of what the client sent, with
at most five questions.

It is put together in a folder ``.building-…`` and moved into place at once: whoever stops half-way leaves
nothing.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml
from rich.console import Console

import kamplay
from kamplay.codebook import codebook
from kamplay.commands.asking import MOST_QUESTIONS, Answer, Asking, Question, Wishes
from kamplay.commands.made_before import folder_of_settings, made_before, places_for, way_from
from kamplay.commands.new import in_languages, template
from kamplay.commands.paths import near, quoted
from kamplay.commands.recognised import print_recognised
from kamplay.engagement import RECORD, SETTINGS_FILE, Engagement, Settings, Source, record_of, slug
from kamplay.errors import Fault, KamplayError
from kamplay.intake import from_files
from kamplay.intake.column_choice import NEEDED, ColumnChoice, columns_to_choose
from kamplay.intake.doubts import doubts, taken_the_other_way
from kamplay.intake.from_files import UNSTATED
from kamplay.intake.prepare import Intake, survey
from kamplay.intake.settings_to_paste import proposals, with_proposals
from kamplay.intake.table_fit import can_be_sales
from kamplay.json_files import write_json
from kamplay.languages import languages_named
from kamplay.output_place import BUILDING, clear_left_over, disown, own, remove
from kamplay.report.fleets.members import engagements_in
from kamplay.report.fleets.places import is_url
from kamplay.show.faults import problem
from kamplay.show.locale import N_, Locale
from kamplay.show.wrap import wrapped

MOST_NAMED = 20  # files that are not taken
SET_ASIDE = ("lines_voided", "total_rows", "balance_rows")  # lines that are left out: told before questions
LARGE = 500_000  # bytes, above which reading takes a while on any computer


def meant(paths: list[Path]) -> list[Path]:
    """What each path stands for: the engagements in a folder or a list of them; itself where it is one, or
    where one was made of it or is to be.
    """
    found: list[Path] = []
    for path in paths:
        source = path.resolve()
        if not is_url(path) and source.is_dir() and made_before(source, places_for(source)):
            found.append(path)
        else:
            found += map(Path, engagements_in([path]))
    return list(dict.fromkeys(found))


def made_of(paths: list[Path], wishes: Wishes) -> list[Path]:
    """The engagement of each path: itself, where it is one, else the one that is made of it."""
    return [path if _is_engagement(path) else begin(path, wishes) for path in map(folder_of_settings, paths)]


def _is_engagement(path: Path) -> bool:
    """Whether a path is an engagement, or nothing that one could be made of."""
    if is_url(path):
        return True
    if path.is_dir():
        return (path / SETTINGS_FILE).exists()
    return not path.exists() and not path.suffix


def begin(source: Path, wishes: Wishes, into: Path | None = None) -> Path:
    """The engagement of what a client sent: the one made of it before, else a new one, beside it or ``into``.

    Raises
    ------
    KamplayError
        Nothing in it can be read, no place takes an engagement, or questions are left that nobody can answer.
    StoppedError
        Whoever was asked wants to stop; nothing was made.
    """
    source = source.resolve()
    from_files.files_of(source)
    places = [into.resolve().parent] if into else places_for(source)
    speech = Locale(wishes.speech, "CNY")
    never_read: Path | None = None
    if not into and (made := made_before(source, places)):
        if not _never_read(made):
            go_on(source, made, wishes.speech)
            return made
        never_read = made
        said = N_("{folder} holds no answers with which the data could be read; they are asked for anew.")
        _say(speech, said, folder=near(made))
    place = _place_to_build(places, source, speech)
    with _building(place) as built, _named_as_sent(source):
        sent = from_files.take(source, built)
        if sum(path.stat().st_size for path in built.rglob("*") if path.is_file()) > LARGE:
            _say(speech, N_("Reading {name} …"), name=source.name)
        block, asking, usable = _settled(source, built, sent, wishes, folder_wanted=into is not None)
        if never_read:
            remove(never_read)
        target = into.resolve() if into else _free(place, asking.answers["client"].value, source)
        _write(built, target, source, sent, asking, block, usable)
    said = N_(
        "Folder of this client: {folder}, with a copy of the file in data/ and these settings in {settings}. "
        "Other commands find it by the name of the file, too."
    )
    _say(speech, said, folder=near(target), settings=SETTINGS_FILE)
    if not usable:
        told = N_("The data cannot be used yet; what to mend or to decide: kamplay check {folder}")
        _say(speech, told, folder=quoted(target))
    return target


@contextmanager
def _named_as_sent(source: Path) -> Iterator[None]:
    """What is refused while there is no folder yet is told by the name that it was sent by, not by that of a
    copy that is gone.
    """
    try:
        yield
    except KamplayError as error:
        faults = [replace(fault, file=_as_sent(fault.file, source)) for fault in error.faults]
        raise KamplayError(faults) from None


def _as_sent(file: str | None, source: Path) -> str | None:
    inside = str(file).removeprefix("data/")
    if file is None or inside == file:
        return file
    top = source if source.is_dir() or not inside else source.parent
    return near(top / inside)


# --- where it is made


def _own_place(folder: Path) -> bool:
    """Whether a folder is kamplay's own: its package, or the checkout around it."""
    package = Path(kamplay.__file__).resolve().parent
    checkout = package.parent
    own_ = (
        checkout if (checkout / "pyproject.toml").is_file() and (checkout / "notebooks").is_dir() else package
    )
    return folder.is_relative_to(own_)


def _place_to_build(places: list[Path], source: Path, speech: Locale) -> Path:
    """The first of the places that may and can be written to; another one than beside the file is told."""
    for place in places:
        if _own_place(place) or not _writable(place):
            continue
        if place != places[0] and len(places) > 1:
            reason = (
                N_("The file lies in kamplay's own folder; the client's folder is made in {place}.")
                if _own_place(places[0])
                else N_("Beside the file nothing can be written; the client's folder is made in {place}.")
            )
            _say(speech, reason, place=str(place))
        return place
    code = "begin_in_own_place" if _own_place(places[-1]) else "begin_no_place"
    raise KamplayError(Fault(code, file=str(places[-1])))


def _writable(folder: Path) -> bool:
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


@contextmanager
def _building(place: Path) -> Iterator[Path]:
    """A folder in which an engagement is put together; whatever ends the work early, it is gone."""
    clear_left_over(place)
    built = place / f"{BUILDING}{os.getpid()}"
    built.mkdir()
    try:
        own(built)
        yield built
    finally:
        if built.exists():
            remove(built)


def _free(place: Path, client: str, source: Path) -> Path:
    """A folder for the client that is not there yet."""
    name = slug(client)
    if source.is_dir() and (place / name) == source:
        name += "-kamplay"
    number, folder = 1, place / name
    while folder.exists() or folder.is_symlink():
        number += 1
        folder = place / f"{name}-{number}"
    return folder


# --- the one that was made before


def go_on(source: Path, made: Path, language: str) -> None:
    """Take over what has changed since; never what somebody has changed in the engagement's own copy.

    Raises
    ------
    KamplayError
        Somebody has.
    """
    speech = Locale(language, "CNY")
    record = record_of(made)
    if from_files.digests_of(source) == record.get("read"):
        _say(speech, N_("Going on with {folder}, which was made from this."), folder=near(made))
        return
    copied: dict[str, str] = record.get("copied") or {}
    inside = {name: made / name for name in copied if not {"..", ""} & set(Path(name).parts)}
    there = {n: from_files.digest(p) for n, p in inside.items() if p.is_file() and not p.is_symlink()}
    if changed := [name for name, digest in there.items() if digest != copied[name]]:
        raise KamplayError(
            Fault("begin_copy_changed", file=str(made / changed[0]), args={"folder": str(made)})
        )
    with _building(made.parent) as built:
        sent = from_files.take(source, built)
        for name in there:
            (made / name).unlink()
        for name in sent.copied:
            (made / name).parent.mkdir(parents=True, exist_ok=True)
            (built / name).replace(made / name)
        _write_record(made, made, source, sent, {n: record[n] for n in ("guessed", "unread") if n in record})
    said = N_("Going on with {folder}, which was made from this; what has changed since was copied anew.")
    _say(speech, said, folder=near(made))


def _write_record(
    folder: Path, target: Path, source: Path, sent: from_files.Sent, more: dict[str, Any]
) -> None:
    about = {"source": way_from(target, source), "read": sent.read, "copied": sent.copied, **more}
    write_json(folder / RECORD, about)


def _never_read(made: Path) -> bool:
    """Whether an engagement gave no figures with the settings that it was made with, and nobody has touched
    it since: its questions are open still.
    """
    record = record_of(made)
    inside = {p.relative_to(made).as_posix() for p in made.rglob("*") if not p.is_dir()}
    copied: dict[str, str] = record.get("copied") or {}
    return (
        "unread" in record
        and record["unread"] == from_files.digest(made / SETTINGS_FILE)
        and inside == {SETTINGS_FILE, RECORD, *copied}
        and all(from_files.digest(made / name) == digest for name, digest in copied.items())
    )


# --- what is settled, by the data, the command line, or whoever is asked


def _settled(
    source: Path, built: Path, sent: from_files.Sent, wishes: Wishes, folder_wanted: bool
) -> tuple[dict[str, Any], Asking, bool]:
    """The ``sources`` to write, what was answered, and whether the data can be used."""
    sales = from_files.sales_of(built)
    settings = Settings(client="-", currency=UNSTATED)
    if sales:
        settings = settings.model_copy(update={"sources": {"transactions": Source(path=sales)}})
    engagement = Engagement(built, settings)
    found = survey(engagement)
    if not found.readings and not found.refused:
        raise KamplayError(found.faults)
    chinese = from_files.is_chinese(found)
    language = Answer("zh" if chinese else wishes.system_language, "headers" if chinese else "system")
    locale = Locale(wishes.speech, "CNY")
    print_recognised(found, locale, Console(stderr=True))
    for fault in (fault for fault in found.faults if fault.code in SET_ASIDE):
        _say(locale, problem(fault, locale))
    if sent.left:
        told = N_("Not taken: {names}. kamplay reads .xlsx, .xls, .csv, .parquet and .zip.")
        _say(locale, told, names=locale.words(sent.left, MOST_NAMED))
    if sent.ours:
        told = N_("Left out, as kamplay itself has made them: {names}.")
        _say(locale, told, names=locale.words(sent.ours, MOST_NAMED))
    print(file=sys.stderr)
    asking = Asking(wishes, locale)
    engagement, found, block = _columns(engagement, found, asking, folder_wanted)
    _need_lines(found)
    name, where = from_files.client_of(source, found)
    stated = from_files.currency_of(found)
    spoken = languages_named(wishes.answers.get("language", language.value))[0]
    if where == "nothing":  # and never twice the same, as reports of one name are compared with each other
        name = Locale(spoken, "CNY").say(N_("Unnamed client ({name})"), name=name)
    usual = Answer(stated, "data") if stated else Answer(_usual_currency(spoken, wishes), "usual")
    questions = [
        Question("language", N_("Language of the report: zh, en or zh,en"), language),
        Question("client", N_("Client, as on the cover"), Answer(name, where)),
        Question("currency", N_("Currency of the amounts, three letters"), usual, bool(stated)),
    ]
    engagement, found, decided = _doubts(engagement, found, asking, len(asking.open_of(questions)))
    if decided is not None:
        block = _plain(engagement)
    if last := from_files.last_sale(found):
        questions.append(Question("as_of", N_("Reporting date"), Answer(last.isoformat(), "last")))
    _accounts_as_one(found, asking, len(asking.open_of(questions)))
    asking.settings(questions)
    asking.answers |= decided or {}
    asking.tell()
    return block, asking, _usable(found, asking.answers["currency"].value)


def _need_lines(found: Intake) -> None:
    """Raise KamplayError where there are no lines, and no column to name would make any of what was sent."""
    lines = found.tables.get("transactions")
    if lines is not None and len(lines):
        return
    errors = [fault for fault in found.faults if fault.level == "error"]
    if errors and not any(len(raw.frame) and can_be_sales(raw) for raw in found.raws):
        raise KamplayError(errors)


def _usable(found: Intake, currency: str) -> bool:
    """Whether the data can be used in this currency: read with ``UNSTATED``, inputs in the one that is named
    differ.
    """
    errors = [fault for fault in found.faults if fault.level == "error"]
    return not [f for f in errors if f.code != "currency_of_input" or f.args.get("code") != currency]


def _usual_currency(language: str, wishes: Wishes) -> str:
    from babel.numbers import get_territory_currencies

    if language == "zh" and wishes.system_language != "zh":
        return "CNY"
    used = get_territory_currencies(wishes.system_territory) if wishes.system_territory else []
    return str(used[0]) if used else "CNY" if language == "zh" else "USD"


def _columns(
    engagement: Engagement, found: Intake, asking: Asking, folder_wanted: bool
) -> tuple[Engagement, Intake, dict[str, Any]]:
    """What reading left open, decided: as proposed, or by the headers that somebody chooses. With the
    ``sources`` to write.

    Raises
    ------
    KamplayError
        A required column is open, nobody can be asked, and no folder is wanted without it; or as
        ``Asking.agreed``.
    """
    known = _known_by_name(found)
    choice = columns_to_choose(found)
    start = _named(engagement, found) if choice else engagement
    chosen: dict[str, str] = {}
    if choice and (open_ := [name for name in choice.guesses if not choice.guesses[name]]):
        chosen = _chosen(choice, open_, chosen, asking, folder_wanted)
        known = known or bool(chosen)
    while True:
        now = from_files.with_columns(start, chosen) if chosen else engagement
        read = survey(now) if chosen else found
        errors = [fault for fault in read.faults if fault.level == "error"]
        proposed = proposals(now, errors) if errors else {}
        then = with_proposals(now, proposed) if proposed else now
        settled = survey(then) if proposed else read
        if not settled.usable and not (chosen and _lines_read(settled)):
            break
        if not (proposed or chosen):
            break
        again = choice is not None and asking.wishes.may_ask
        sources = proposed or {"sources": _plain(now)}
        guessed = choice is not None and not chosen  # a column that it takes was found by no name
        if asking.agreed(sources, found, settled, errors, known, again, guessed):
            now, read = then, settled
            break
        if choice is None or not again:
            break
        guesses = {name: header for name, header in choice.guesses.items() if header}
        anew = asking.columns(choice, list(choice.guesses), {**guesses, **chosen})
        if anew is None:
            now, read = engagement, found
            break
        chosen, known = anew, True
    return now, read, _plain(now)


def _chosen(
    choice: ColumnChoice, open_: list[str], chosen: dict[str, str], asking: Asking, folder_wanted: bool
) -> dict[str, str]:
    """The headers of the columns for which there is no guess; none where nobody says."""
    if asking.wishes.may_ask:
        return asking.columns(choice, open_, chosen) or {}
    if asking.wishes.take_defaults and not folder_wanted:
        named = [codebook()["transactions"].columns[name].labels for name in open_]
        args = {"choices": named, "there": asking.locale.text(N_(", ")).join(choice.headers[:40])}
        raise KamplayError(Fault("begin_columns_open", file=choice.file, args=args))
    return {}


def _lines_read(found: Intake) -> bool:
    lines = found.tables.get("transactions")
    return lines is not None and set(NEEDED) <= set(lines.columns)


def _doubts(
    engagement: Engagement, found: Intake, asking: Asking, needed: int
) -> tuple[Engagement, Intake, dict[str, Answer] | None]:
    """The doubts that change the total, asked as far as there is room beside the questions that are
    ``needed``, else told with both totals. With the settings that were answered; None where none was.
    """
    decided: dict[str, Answer] | None = None
    for doubt in doubts(found):
        room = len(asking.asked) + needed < MOST_QUESTIONS
        if not asking.taken(doubt, ask=room and asking.wishes.may_ask and doubt.is_open):
            continue
        changed = taken_the_other_way(_named(engagement, found) if doubt.source else engagement, doubt)
        then = survey(changed)
        if then.usable or not found.usable:
            engagement, found = changed, then
            answers = {name: Answer(str(value).lower(), "given") for name, value in doubt.settings.items()}
            decided = {**(decided or {}), **answers}
    return engagement, found, decided


def _accounts_as_one(found: Intake, asking: Asking, needed: int) -> None:
    """Whether accounts that differ in spaces, width or case alone are one, asked where there is room beside
    the questions that are ``needed``. By default they are, but for codes, as A1 and A 1 may be two, and where
    the client's own list of accounts has both.
    """
    pairs = [f for f in found.faults if f.code == "accounts_written_alike"]
    if not pairs:
        return
    pairs.sort(key=lambda pair: -abs(pair.args["amount"]))
    listed = found.tables["accounts"]["account_id"] if "accounts" in found.tables else ()
    two = {pair.value for pair in pairs if {pair.value, pair.args["other"]} <= set(listed)}
    names = not two and not any(char.isdigit() for pair in pairs for char in str(pair.value))
    ask = asking.wishes.may_ask and len(asking.asked) + needed < MOST_QUESTIONS
    one = asking.as_one(pairs, names, ask)
    lists: dict[str, list[str]] = {}
    for pair in pairs if one else ():
        lists.setdefault(str(pair.args["other"]), [str(pair.args["other"])]).append(str(pair.value))
    answer = Answer(json.dumps([*lists.values()], ensure_ascii=False), "alike" if one else "codes")
    if one:
        asking.answers["same_account"] = answer
    if not ask:
        asking.unasked.append(("same_account", answer))


def _plain(engagement: Engagement) -> dict[str, Any]:
    sources = engagement.settings.sources
    return {n: s.model_dump(mode="json", exclude_defaults=True) for n, s in sources.items()}


def _known_by_name(found: Intake) -> bool:
    """Whether a header is known for any column that the transactions need."""
    needed = {name for name, column in codebook()["transactions"].columns.items() if column.required}
    readings = [r for r in (*found.readings, *found.refused) if r.table == "transactions"]
    return any(needed & set(reading.headers) for reading in readings)


def _named(engagement: Engagement, found: Intake) -> Engagement:
    """The engagement with the files of its transactions named, as settings that name columns need it."""
    if "transactions" in engagement.settings.sources:
        return engagement
    readings = [r for r in (*found.readings, *found.refused) if r.table == "transactions"]
    paths = [f"{r.file}#{r.sheet}" if r.sheet else r.file for r in readings]
    sources = {**engagement.settings.sources, "transactions": Source(path=paths)}
    return Engagement(engagement.folder, engagement.settings.model_copy(update={"sources": sources}))


# --- what is written


def _write(
    built: Path,
    target: Path,
    source: Path,
    sent: from_files.Sent,
    asking: Asking,
    sources: dict[str, Any],
    usable: bool,
) -> None:
    """Finish the folder and move it to its place."""
    (built / "notes").mkdir()
    text = settings_text(source.name, asking.answers, sources, asking.guessed)
    (built / SETTINGS_FILE).write_text(text, encoding="utf-8", newline="\n")
    about: dict[str, Any] = {"guessed": asking.guessed} if asking.guessed else {}
    if not usable:
        about["unread"] = from_files.digest(built / SETTINGS_FILE)
    _write_record(built, target, source, sent, about)
    if target.is_dir() and not any(target.iterdir()):
        target.rmdir()
    target.parent.mkdir(parents=True, exist_ok=True)
    disown(built)
    try:
        built.rename(target)
    except OSError:
        shutil.rmtree(built, ignore_errors=True)
        raise


def settings_text(
    made_from: str, answers: dict[str, Answer], sources: dict[str, Any], guessed: Iterable[str] = ()
) -> str:
    """The commented engagement.yaml with the answers in it. A reporting date that nobody chose stays a
    comment, so that the next export moves it on; so does that what was guessed is right.
    """
    languages = answers["language"].value
    language = languages_named(languages)[0]
    locale = Locale(language, "CNY")
    text = in_languages(template(language), languages)
    head, _, rest = text.partition("\n")
    made = locale.say(N_("Made by kamplay from {name}."), name=" ".join(made_from.split()))
    text = f"{head}\n# {made}\n{rest}"
    text = text.replace("client: CLIENT", f"client: {_quoted(answers['client'].value)}", 1)
    text = re.sub(r"(?m)^currency: \w+", f"currency: {answers['currency'].value}", text, count=1)
    names = ", ".join(guessed)
    line_of_guesses = rf"# confirmed: [{names}] \1\n" if names else ""
    text = re.sub(r"(?m)^# confirmed: \[.*?\] (.*)\n", line_of_guesses, text, count=1)
    if "as_of" in answers:
        answer = answers["as_of"]
        mark = "# " if answer.source == "last" else ""
        line_ = f'{mark}as_of: "{answer.value}"'
        text = re.sub(r'(?m)^# as_of: "[^"]*"', line_, text, count=1)
    for name in answers.keys() & {"dedupe", "keep_void", "signs_as_given"}:
        text = re.sub(rf"(?m)^# {name}: \w+ ", f"{name}: {answers[name].value} ", text, count=1)
    if "same_account" in answers:
        one = f"same_account: {answers['same_account'].value}"
        text = re.sub(r"(?m)^# same_account: \[\[.*?\]\]", lambda _: one, text, count=1)
    if sources:
        block = yaml.safe_dump({"sources": sources}, allow_unicode=True, sort_keys=False, width=10_000)
        text = re.sub(r"(?m)^# scorecard:", lambda found: f"{block}\n{found[0]}", text, count=1)
    return text


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _say(locale: Locale, text: str, **values: Any) -> None:
    for row in wrapped(locale.say(text, **values), Console(stderr=True).width, whole=True):
        print(row, file=sys.stderr)
