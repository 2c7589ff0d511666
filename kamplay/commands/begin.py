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
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from rich.console import Console

import kamplay
from kamplay.codebook import codebook
from kamplay.commands.check import print_recognised
from kamplay.commands.ending import near, quoted
from kamplay.commands.new import template
from kamplay.engagement import SETTINGS_FILE, Engagement, Settings, Source, slug
from kamplay.errors import Fault, KamplayError
from kamplay.intake import from_files
from kamplay.intake.doubts import Doubt, doubts, taken_the_other_way
from kamplay.intake.from_files import UNSTATED
from kamplay.intake.prepare import Intake, survey
from kamplay.intake.settings_to_paste import proposals, what_transactions_give, with_proposals
from kamplay.intake.table_fit import can_be_sales
from kamplay.output_place import BUILDING, clear_left_over, disown, own, remove
from kamplay.report.places import is_url
from kamplay.run_folder import WORK, write_json
from kamplay.settings_file import validated
from kamplay.show.faults import fix, line, problem
from kamplay.show.locale import N_, Locale
from kamplay.show.wrap import wrapped

RECORD = "made_from.json"  # in an engagement: the client's files that it was made from
MOST_COLUMNS = 30  # of a list to choose from
MOST_QUESTIONS = 5
MOST_DOUBTS = 5  # that are told with the settings
YES, NO = ("y", "yes", "j", "是", "1"), ("n", "no", "否", "2")
FROM = {
    "seller": N_("the selling company in the data"),
    "file": N_("the name of the file"),
    "folder": N_("the name of the folder"),
    "data": N_("the data say so"),
    "headers": N_("the headers"),
    "usual": N_("the data do not say"),
    "system": N_("the language of this computer"),
    "last": N_("the last sale"),
    "given": N_("as given"),
}


@dataclass(frozen=True)
class Wishes:
    """What the command line says beforehand: answers by setting, and whether the other defaults hold."""

    answers: dict[str, str] = field(default_factory=dict)
    take_defaults: bool = False
    system_language: str = "en"
    system_territory: str = ""
    speech: str = "en"  # the language in which is asked and told

    @property
    def may_ask(self) -> bool:
        return not self.take_defaults and sys.stdin is not None and sys.stdin.isatty()


@dataclass(frozen=True)
class Answer:
    """The value of a setting, and where it comes from, a key of FROM."""

    value: str
    source: str


def made_of(paths: list[Path], wishes: Wishes) -> list[Path]:
    """The engagement of each path: itself, where it is one, else the one that is made of it."""
    return [path if _is_engagement(path) else begin(path, wishes) for path in map(_folder_of_settings, paths)]


def engagement_of(path: Path, language: str) -> Path:
    """The folder that is meant where one is needed: itself, or the one that was made of what is named, with
    what has changed since. What is no such thing stays as it is: whoever reads it says so.

    Raises
    ------
    KamplayError
        Nothing was made of it yet, or its copy was changed beside it.
    """
    path = _folder_of_settings(path)
    if is_url(path) or not path.exists() or (path / SETTINGS_FILE).exists():
        return path
    source = path.resolve()
    if made := _made_before(source, _places(source)):
        _go_on(source, made, Locale(language, "CNY"))
        return made
    if path.is_file() or (not (path / WORK).is_dir() and from_files.holds_data(path)):
        name = quoted(path)
        raise KamplayError(Fault("file_for_folder", file=str(path), args={"name": name}))
    return path


def _folder_of_settings(path: Path) -> Path:
    """An engagement is meant by its engagement.yaml, too."""
    return path.parent if path.name == SETTINGS_FILE else path


def _is_engagement(path: Path) -> bool:
    """Whether a path is an engagement, or nothing that one could be made of."""
    if is_url(path):
        return True
    if path.is_dir():
        return (path / SETTINGS_FILE).exists() or not from_files.holds_data(path)
    return not path.exists() and not path.suffix


class StoppedError(Exception):
    """Whoever was asked wants to stop."""


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
    places = [into.resolve().parent] if into else _places(source)
    speech = Locale(wishes.speech, "CNY")
    if not into and (made := _made_before(source, places)):
        _go_on(source, made, speech)
        return made
    place = _place_to_build(places, source, speech)
    with _building(place) as built:
        sent = from_files.take(source, built)
        language, block, answers, usable = _settled(source, built, sent, wishes)
        client = answers["client"].value
        target = into.resolve() if into else _free(place, client, source)
        _write(built, target, source, sent, language, answers, block)
    said = N_(
        "Folder of this client: {folder}, with a copy of the file in data/ and these settings in {settings}. "
        "Other commands find it by the name of the file, too."
    )
    _say(speech, said, folder=near(target), settings=SETTINGS_FILE)
    if not usable:
        told = N_("The data cannot be used yet; what to mend or to decide: kamplay check {folder}")
        _say(speech, told, folder=quoted(target))
    return target


# --- where it is made


def _places(source: Path) -> list[Path]:
    return list(dict.fromkeys((source.parent, Path.cwd().resolve())))


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
        if place != source.parent and len(places) > 1:
            reason = (
                N_("The file lies in kamplay's own folder; the client's folder is made in {place}.")
                if _own_place(source.parent)
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


def _made_before(source: Path, places: list[Path]) -> Path | None:
    for place in places:
        try:
            folders = sorted(p for p in place.iterdir() if (p / RECORD).is_file())
        except OSError:
            continue
        for folder in folders:
            if _record(folder).get("source") == _from(folder, source) and (folder / SETTINGS_FILE).is_file():
                return folder
    return None


def _record(folder: Path) -> dict[str, Any]:
    try:
        found = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _from(folder: Path, source: Path) -> str:
    """The way from an engagement to what it was made of; the whole path where they lie on two drives."""
    try:
        return Path(os.path.relpath(source, folder)).as_posix()
    except ValueError:
        return source.as_posix()


def _go_on(source: Path, made: Path, speech: Locale) -> None:
    """Take over what has changed since; never what somebody has changed in the engagement's own copy."""
    record = _record(made)
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
        _write_record(made, made, source, sent)
    said = N_("Going on with {folder}, which was made from this; what has changed since was copied anew.")
    _say(speech, said, folder=near(made))


def _write_record(folder: Path, target: Path, source: Path, sent: from_files.Sent) -> None:
    about = {"source": _from(target, source), "read": sent.read, "copied": sent.copied}
    write_json(folder / RECORD, about)


# --- what is settled, by the data, the command line, or whoever is asked


def _settled(
    source: Path, built: Path, sent: from_files.Sent, wishes: Wishes
) -> tuple[str, dict[str, Any], dict[str, Answer], bool]:
    """The language, the ``sources`` to write, the answers by setting, and whether the data can be used."""
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
    if given := wishes.answers.get("language"):
        language = Answer(given, "given")
    locale = Locale(wishes.speech, "CNY")
    print_recognised(found, locale, Console(stderr=True))
    for name in sent.left:
        _say(locale, N_("Not copied, this kind of file cannot be read: {name}"), name=name)
    print(file=sys.stderr)
    asking = _Asking(wishes, locale)
    language = asking.setting("language", N_("Language of the report, zh or en"), language)
    engagement, found, block = _columns(engagement, found, asking)
    _need_lines(found)
    name, where = from_files.client_of(source, found)
    stated = from_files.currency_of(found)
    needed = ("client" not in wishes.answers) + (not stated and "currency" not in wishes.answers)
    engagement, found, decided = _doubts(engagement, found, asking, needed)
    block = _sources(engagement) if decided else block
    asking.setting("client", N_("Client, as on the cover"), Answer(name, where))
    usual = Answer(stated, "data") if stated else Answer(_usual_currency(language.value, wishes), "usual")
    asking.setting("currency", N_("Currency of the amounts, three letters"), usual, known=bool(stated))
    last = from_files.last_sale(found)
    if last:
        last_answer = Answer(last.isoformat(), "last")
        asking.setting("as_of", N_("Reporting date"), last_answer, known=asking.asked >= MOST_QUESTIONS)
    asking.tell()
    return (
        language.value,
        block,
        {**asking.answers, **decided},
        _usable(found, asking.answers["currency"].value),
    )


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
    engagement: Engagement, found: Intake, asking: _Asking
) -> tuple[Engagement, Intake, dict[str, Any]]:
    """What reading left open, decided: as proposed, or by one column that is chosen. With the ``sources`` to
    write.
    """
    errors = [fault for fault in found.faults if fault.level == "error"]
    known = _known_by_name(found)
    choice = from_files.columns_to_choose(found)
    if choice and (chosen := asking.column(*choice, fault=_lacking(errors))):
        engagement = from_files.with_columns(_named(engagement, found), {choice[0]: chosen})
        found = survey(engagement)
        errors = [fault for fault in found.faults if fault.level == "error"]
    proposed = proposals(engagement, errors) if errors else {}
    if proposed:
        changed = with_proposals(engagement, proposed)
        then = survey(changed)
        if then.usable and asking.agreed(proposed, found, then, errors, known):
            engagement, found = changed, then
    return engagement, found, _sources(engagement)


def _sources(engagement: Engagement) -> dict[str, Any]:
    """The ``sources`` of an engagement, to write."""
    sources = engagement.settings.sources
    return {n: s.model_dump(mode="json", exclude_defaults=True) for n, s in sources.items()}


def _doubts(
    engagement: Engagement, found: Intake, asking: _Asking, needed: int
) -> tuple[Engagement, Intake, dict[str, Answer]]:
    """The doubts that change the total, asked as far as there is room beside the questions that are
    ``needed``, else told with both totals. With the settings that were answered.
    """
    decided: dict[str, Answer] = {}
    for doubt in doubts(found):
        room = asking.asked + needed < MOST_QUESTIONS
        if not asking.taken(doubt, ask=room and asking.wishes.may_ask and doubt.is_open):
            continue
        changed = taken_the_other_way(_named(engagement, found) if doubt.source else engagement, doubt)
        then = survey(changed)
        if then.usable or not found.usable:
            engagement, found = changed, then
            decided |= {name: Answer(str(value).lower(), "given") for name, value in doubt.settings.items()}
    return engagement, found, decided


def _known_by_name(found: Intake) -> bool:
    """Whether a header is known for any column that the transactions need."""
    needed = {name for name, column in codebook()["transactions"].columns.items() if column.required}
    readings = [r for r in (*found.readings, *found.refused) if r.table == "transactions"]
    return any(needed & set(reading.headers) for reading in readings)


def _lacking(errors: list[Fault]) -> Fault:
    return next(f for f in errors if f.code == "column_missing" and f.table == "transactions")


def _named(engagement: Engagement, found: Intake) -> Engagement:
    """The engagement with the files of its transactions named, as settings that name columns need it."""
    if "transactions" in engagement.settings.sources:
        return engagement
    readings = [r for r in (*found.readings, *found.refused) if r.table == "transactions"]
    paths = [f"{r.file}#{r.sheet}" if r.sheet else r.file for r in readings]
    sources = {**engagement.settings.sources, "transactions": Source(path=paths)}
    return Engagement(engagement.folder, engagement.settings.model_copy(update={"sources": sources}))


class _Asking:
    """Asks, takes what was given, or takes the defaults; and says at the end what was taken unasked."""

    def __init__(self, wishes: Wishes, locale: Locale):
        self.wishes, self.locale = wishes, locale
        self.answers: dict[str, Answer] = {}
        self.unasked: list[tuple[str, str, Answer]] = []  # setting, question, what holds
        self.open: list[str] = []  # questions that nobody can be asked
        self.asked = 0
        self.doubtful: list[Doubt] = []  # what a default has settled

    def setting(self, name: str, question: str, default: Answer, known: bool = False) -> Answer:
        """The answer to the question for a setting; one that is ``known`` from the data is not asked."""
        check = _checked(name)
        if given := self.wishes.answers.get(name):
            default, known = Answer(check(given), "given"), True
        if self.wishes.may_ask and not known:
            default = self._asked(name, question, default, check)
        else:
            self.unasked.append((name, question, default))
            if not known and not self.wishes.take_defaults:
                self.open.append(name)
        self.answers[name] = default
        return default

    def _asked(self, name: str, question: str, default: Answer, check: Callable[[str], str]) -> Answer:
        self.asked += 1
        while True:
            text = _input(self._prompt(question, default))
            if not text:
                return default
            try:
                return Answer(check(text), "given")
            except KamplayError as error:
                print(line(error.faults[0], self.locale), file=sys.stderr)

    def _prompt(self, question: str, default: Answer) -> str:
        about = "" if default.source == "given" else f" ({self.locale.text(FROM[default.source])})"
        if self.locale.language == "zh":
            about = about.replace(" (", "（").replace(")", "）")
            return f"{self.locale.text(question)} [{default.value}]{about}："
        return f"{self.locale.text(question)} [{default.value}]{about}: "

    def column(self, name: str, fitting: list[str], free: list[str], fault: Fault) -> str | None:
        """The header that holds a required column, chosen from those there are, the likely ones first; None
        where nobody says. There is no default: nothing but its values speaks for any of them.
        """
        offered = [*fitting, *(h for h in free if h not in fitting)][:MOST_COLUMNS]
        if self.wishes.may_ask and offered:
            self.asked += 1
            self._say(problem(fault, self.locale))
            for number, header in enumerate(offered, 1):
                print(f"  {number}  {header}", file=sys.stderr)
            words = N_("Which of them is it? A number, or Enter to decide later in engagement.yaml")
            while True:
                text = _input(f"{self.locale.text(words)} []: ")
                if not text:
                    return None
                if text in offered:
                    return text
                if text.isdigit() and 0 < int(text) <= len(offered):
                    return offered[int(text) - 1]
        return None

    def agreed(
        self, proposed: dict[str, Any], now: Intake, then: Intake, errors: list[Fault], known: bool
    ) -> bool:
        """Whether the transactions are to be read as proposed, with what they come to either way. Where no
        needed header is ``known`` by name, only somebody's yes will do.

        Raises
        ------
        KamplayError
            It is a guess by the values alone, and nobody can be asked.
        """
        for fault in errors[:5]:
            self._say(problem(fault, self.locale))
        text = yaml.safe_dump(_changes(proposed), allow_unicode=True, sort_keys=False, width=10_000)
        print("".join(f"    {row}\n" for row in text.splitlines()), end="", file=sys.stderr)
        words = N_("{rows:n} lines, {accounts:n} accounts, {amount:n2} in all")
        unread = self.locale.text(N_("the lines cannot be read"))
        for label, intake in ((N_("With this: {what}"), then), (N_("Now: {what}"), now)):
            gives = what_transactions_give(intake)
            what = unread if gives["amount"] is None else self.locale.say(words, **gives)
            self._say(self.locale.say(label, what=what))
        if self.wishes.may_ask:
            return self._yes(N_("Read it so? y or n"), "y" if known else "n")
        if not known:
            guessed = _changes(proposed).get("columns") or {}
            named = ", ".join(f"{name}: {header}" for name, header in guessed.items())
            raise KamplayError(Fault("begin_guessed", args={"named": named}))
        if self.wishes.take_defaults:
            self._say(self.locale.text(N_("Taken as proposed.")))
        else:
            self.open.append("sources")
        return True

    def _yes(self, question: str, default: str) -> bool:
        self.asked += 1
        while True:
            text = _input(f"{self.locale.text(question)} [{default}]: ").lower() or default
            if text in YES or text in NO:
                return text in YES

    def taken(self, doubt: Doubt, ask: bool) -> bool:
        """Whether a doubt is to be decided the other way: asked with both totals, or left as it is and told
        with the settings.
        """
        if not ask:
            self.doubtful.append(doubt)
            return False
        self._say(self._either_way(doubt))
        return not self._yes(N_("Leave it so? y or n"), "y")

    def _either_way(self, doubt: Doubt) -> str:
        """What is in doubt, with both totals where its own sentence lacks the other one."""
        told = problem(doubt.fault, self.locale)
        if any(self.locale.number(doubt.other, digits) in told for digits in (0, 2)):
            return told
        words = N_("As it is read: {taken:n2}; otherwise: {other:n2}.")
        return self.locale.sentences(told, self.locale.say(words, taken=doubt.taken, other=doubt.other))

    def tell(self) -> None:
        """Say what was taken unasked, and what is in doubt.

        Raises
        ------
        KamplayError
            Questions are open that nobody can be asked.
        """
        if self.unasked:
            self._say(self.locale.text(N_("Settings:")))
            for name, _, answer in self.unasked:
                words = self.locale.text(FROM[answer.source])
                about = f"（{words}）" if self.locale.language == "zh" else f" ({words})"
                print(f"  {name}: {answer.value}{about}", file=sys.stderr)
        if self.doubtful:
            self._say(self.locale.text(N_("Doubtful, and left as it is read:")))
            for number, doubt in enumerate(self.doubtful[:MOST_DOUBTS], 1):
                told = self.locale.sentences(self._either_way(doubt), fix(doubt.fault, self.locale))
                self._say(f"{number}. {told}")
        if self.open:
            raise KamplayError(Fault("begin_unanswered", args={"names": self.open}))

    def _say(self, text: str) -> None:
        for row in wrapped(text, Console(stderr=True).width, whole=True):
            print(row, file=sys.stderr)


def _changes(proposed: dict[str, Any]) -> dict[str, Any]:
    """What proposals add to the transactions, without the files that were found anyway."""
    source = dict(proposed["sources"].get("transactions", {}))
    source.pop("path", None)
    return source or proposed


def _checked(name: str) -> Callable[[str], str]:
    """What a text gives as this setting, as engagement.yaml would take it. Raises KamplayError."""

    def check(text: str) -> str:
        found = validated(Settings, {"client": "-", name: text.strip()}, "")
        return str(getattr(found, name))

    return check


def _input(prompt: str) -> str:
    print(prompt, end="", file=sys.stderr, flush=True)
    try:
        text = sys.stdin.readline()
    except KeyboardInterrupt:
        text = ""
    if not text:
        print(file=sys.stderr)
        raise StoppedError
    return text.strip()


# --- what is written


def _write(
    built: Path,
    target: Path,
    source: Path,
    sent: from_files.Sent,
    language: str,
    answers: dict[str, Answer],
    sources: dict[str, Any],
) -> None:
    """Finish the folder and move it to its place."""
    (built / "notes").mkdir()
    text = settings_text(source.name, language, answers, sources)
    (built / SETTINGS_FILE).write_text(text, encoding="utf-8", newline="\n")
    _write_record(built, target, source, sent)
    if target.is_dir() and not any(target.iterdir()):
        target.rmdir()
    target.parent.mkdir(parents=True, exist_ok=True)
    disown(built)
    try:
        built.rename(target)
    except OSError:
        shutil.rmtree(built, ignore_errors=True)
        raise


def settings_text(made_from: str, language: str, answers: dict[str, Answer], sources: dict[str, Any]) -> str:
    """The commented engagement.yaml with the answers in it. A reporting date that nobody chose stays a
    comment, so that the next export moves it on.
    """
    locale = Locale(language, "CNY")
    text = template(language)
    head, _, rest = text.partition("\n")
    made = locale.say(N_("Made by kamplay from {name}."), name=" ".join(made_from.split()))
    text = f"{head}\n# {made}\n{rest}"
    text = text.replace("client: CLIENT", f"client: {_quoted(answers['client'].value)}", 1)
    text = re.sub(r"(?m)^currency: \w+", f"currency: {answers['currency'].value}", text, count=1)
    if "as_of" in answers:
        answer = answers["as_of"]
        mark = "# " if answer.source == "last" else ""
        line_ = f'{mark}as_of: "{answer.value}"'
        text = re.sub(r'(?m)^# as_of: "[^"]*"', line_, text, count=1)
    for name in answers.keys() & {"dedupe", "keep_void", "signs_as_given"}:
        text = re.sub(rf"(?m)^# {name}: \w+ ", f"{name}: {answers[name].value} ", text, count=1)
    if sources:
        block = yaml.safe_dump({"sources": sources}, allow_unicode=True, sort_keys=False, width=10_000)
        text = re.sub(r"(?m)^# scorecard:", lambda found: f"{block}\n{found[0]}", text, count=1)
    return text


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _say(locale: Locale, text: str, **values: Any) -> None:
    for row in wrapped(locale.say(text, **values), Console(stderr=True).width, whole=True):
        print(row, file=sys.stderr)
