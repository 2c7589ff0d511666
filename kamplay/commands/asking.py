"""What the data leave open, asked in a terminal: which header holds a required column, whether it is read
right, and the settings.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, get_args

import yaml
from rich.console import Console

from kamplay.codebook import codebook, fold
from kamplay.engagement import Guessable, Settings
from kamplay.errors import Fault, KamplayError
from kamplay.intake.column_choice import ColumnChoice
from kamplay.intake.doubts import Doubt
from kamplay.intake.prepare import Intake
from kamplay.intake.settings_to_paste import what_transactions_give
from kamplay.settings_file import validated
from kamplay.show.faults import fix, line, problem
from kamplay.show.locale import N_, Locale
from kamplay.show.wrap import wrapped

MOST_QUESTIONS = 5  # required columns come first; whether they are read right is no question of its own
MOST_DOUBTS = 5  # that are told with the settings
MOST_COLUMNS = 30  # of a list to choose from
WHOLE = ("rows", "accounts", "amount")  # what a reading comes to
LATER = "-"  # an answer: this column is named in engagement.yaml later
YES, NO = ("y", "yes", "j", "ja", "是", "是的", "好"), ("n", "no", "nein", "否", "不", "不是")
NEITHER = N_("“{text}” is neither yes nor no: type y or n.")
COLUMNS = {
    "account_id": N_("Which column is the customer, by number or name?"),
    "date": N_("Which column is the date of the sale?"),
    "amount": N_("Which column is the amount of the line?"),
}
DOUBTS = {
    "amounts": N_("“{header}” holds amounts ({samples}), hardly customers."),
    "dates": N_("“{header}” holds dates ({samples}), hardly customers."),
    "one_value": N_("“{header}” is the same on every line ({samples}), hardly customers."),
    "all_different": N_("“{header}” is another one on every line ({samples}), hardly customers."),
    "ledger": N_("“{header}” holds accounts of a ledger ({samples}), hardly customers."),
    "no_dates": N_("“{header}” holds no dates ({samples})."),
    "no_amounts": N_("“{header}” holds no amounts of sales ({samples})."),
}
FROM = {
    "seller": N_("the selling company in the data"),
    "file": N_("a guess from the name of the file"),
    "folder": N_("a guess from the name of the folder"),
    "nothing": N_("nothing names it"),
    "data": N_("the data say so"),
    "headers": N_("the headers"),
    "usual": N_("a guess: the data do not say"),
    "system": N_("the language of this computer"),
    "last": N_("the last sale"),
    "given": N_("as given"),
    "alike": N_("they differ in spaces, width or case alone"),
    "codes": N_("left apart: codes may differ so, or the list of accounts has both"),
}
MOST_PAIRS = 10  # accounts written alike that are shown
GUESSES = ("file", "folder", "nothing", "usual", "system")  # of FROM: the data do not say it


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


@dataclass(frozen=True)
class Question:
    """A setting to ask for, its words, its default, and whether the data have settled it."""

    name: str
    words: str
    default: Answer
    known: bool = False


class StoppedError(Exception):
    """Whoever was asked wants to stop."""


class Asking:
    """Asks, takes what was given, or takes the defaults; and says at the end what was taken unasked."""

    def __init__(self, wishes: Wishes, locale: Locale):
        self.wishes, self.locale = wishes, locale
        self.answers: dict[str, Answer] = {}
        self.unasked: list[tuple[str, Answer]] = []
        self.open: list[str] = []  # questions that nobody can be asked
        self.asked: set[str] = set()
        self.doubtful: list[Doubt] = []  # what a default has settled

    def settings(self, questions: list[Question]) -> None:
        """Ask for settings, of those that are open as many as ``MOST_QUESTIONS`` leaves after the columns."""
        matters = ("client", "currency", "language", "as_of")  # the most first
        left = max(0, MOST_QUESTIONS - len(self.asked))
        asked = sorted(self.open_of(questions), key=matters.index)[:left]
        for question in questions:
            self.answers[question.name] = self._settled(question, question.name in asked)

    def open_of(self, questions: list[Question]) -> list[str]:
        """The settings that neither the data nor the command line have settled."""
        return [q.name for q in questions if not q.known and q.name not in self.wishes.answers]

    def _settled(self, question: Question, asked: bool) -> Answer:
        default, known = question.default, question.known
        check = self._checked(question.name)
        if given := self.wishes.answers.get(question.name):
            default, known = Answer(check(given), "given"), True
        if self.wishes.may_ask and asked:
            return self._asked(question, check)
        self.unasked.append((question.name, default))
        if not known and not self.wishes.take_defaults and not self.wishes.may_ask:
            self.open.append(question.name)
        return default

    def _asked(self, question: Question, check: Callable[[str], str]) -> Answer:
        while True:
            text = read_answer(self._prompt(question.words, question.default))
            if not text:
                return question.default
            try:
                return Answer(check(text), "given")
            except KamplayError as error:
                fault = replace(error.faults[0], column=self.locale.text(question.words))
                self._say(line(fault, self.locale))

    def _prompt(self, question: str, default: Answer) -> str:
        about = "" if default.source == "given" else f" ({self.locale.text(FROM[default.source])})"
        if self.locale.language == "zh":
            about = about.replace(" (", "（").replace(")", "）")
        words = self.locale.text(question)
        gap = "" if words.endswith("）") else " "
        return f"{words}{gap}[{default.value}]{about}{self.locale.colon}"

    def _checked(self, name: str) -> Callable[[str], str]:
        """What a text gives as this setting, as engagement.yaml would take it. Raises KamplayError."""

        def check(text: str) -> str:
            found = validated(Settings, {"client": "-", name: text.strip()}, "")
            return str(getattr(found, name))

        return check

    # --- columns

    def columns(
        self, choice: ColumnChoice, names: list[str], chosen: dict[str, str]
    ) -> dict[str, str] | None:
        """The headers of required columns, asked one by one, each with what is ``chosen`` or guessed so far;
        None where one of them is left for later.

        Parameters
        ----------
        choice : ColumnChoice
            The headers there are.
        names : list of str
            The columns to ask for.
        chosen : dict of str to str
            What holds for all of them so far, by column.
        """
        labels = self.locale.text(N_(", ")).join(self._label(name) for name in names)
        told = N_("To be settled: {columns}. The headers of {file}:")
        self._say(self.locale.say(told, columns=labels, file=choice.file))
        offered = choice.headers[:MOST_COLUMNS]
        for number, header in enumerate(offered, 1):
            print(f"  {number:>2}  {header}  ({choice.samples(header)})", file=sys.stderr)
        settled = {name: header for name, header in chosen.items() if name not in names}
        for name in names:
            default = chosen.get(name) or choice.guesses.get(name, "")
            found = self._column(choice, name, offered, default, settled)
            if found is None:
                return None
            settled[name] = found
        return settled

    def _label(self, name: str) -> str:
        return codebook()["transactions"].columns[name].labels[self.locale.language]

    def _column(
        self, choice: ColumnChoice, name: str, offered: list[str], default: str, settled: dict[str, str]
    ) -> str | None:
        self.asked.add(name)
        question = self.locale.text(COLUMNS[name])
        likely = [h for h in choice.fitting.get(name, ()) if h in offered and h != default]
        if likely and not default:
            shown = self.locale.text(N_(", ")).join(f"{offered.index(h) + 1} {h}" for h in likely[:4])
            question += self.locale.say(N_(" Likely: {likely}."), likely=shown)
        words = (
            N_("A number or a header, - for later in engagement.yaml")
            if default
            else N_("A number or a header, Enter for later in engagement.yaml")
        )
        while True:
            self._say(question)
            text = self._answer(words, default)
            if text == LATER or not (text or default):
                return None
            header = default if not text else self._header(text, offered, choice.headers)
            if header is None:
                told = N_("“{text}” is none of these: a number from 1 to {most}, or a header as above.")
                self._say(self.locale.say(told, text=text, most=len(offered)))
                continue
            if other := next((n for n, h in settled.items() if h == header), None):
                told = N_("“{header}” is the {label} already.")
                self._say(self.locale.say(told, header=header, label=self._label(other)))
                continue
            doubt = choice.doubt(name, header)
            if doubt is None or header == default or self._taken_all_the_same(choice, header, doubt):
                return header

    def _header(self, text: str, offered: list[str], all_: list[str]) -> str | None:
        """The header that an answer means: its name, or its number in the list."""
        if text in all_:
            return text
        if text.isdigit() and 0 < int(text) <= len(offered):
            return offered[int(text) - 1]
        return next((h for h in all_ if fold(h) == fold(text) != ""), None)

    def _taken_all_the_same(self, choice: ColumnChoice, header: str, doubt: str) -> bool:
        self._say(self.locale.say(DOUBTS[doubt], header=header, samples=choice.samples(header)))
        return self._yes(N_("Take it all the same? y or n"), "n")

    def _answer(self, words: str, default: str) -> str:
        taken = f" [{default}]" if default else ""
        return read_answer(f"{self.locale.text(words)}{taken}{self.locale.colon}")

    def _yes(self, words: str, default: str) -> bool:
        while True:
            text = self._answer(words, default) or default
            said = yes_or_no(text)
            if said is not None:
                return said
            self._say(self.locale.say(NEITHER, text=text))

    def agreed(
        self,
        proposed: dict[str, Any],
        now: Intake,
        then: Intake,
        errors: list[Fault],
        known: bool,
        again: bool,
        guessed: bool,
    ) -> bool:
        """Whether the transactions are to be read as proposed or chosen, with what they come to. Where no
        needed header is ``known`` by name, or one is ``guessed``, only somebody's yes will do.

        Parameters
        ----------
        proposed : dict
            The ``sources`` as they would be.
        now, then : Intake
            As read without and with them.
        errors : list of Fault
            What reading has left open.
        known : bool
            Whether a header is known by its name, or was chosen.
        again : bool
            Whether a no asks for the columns once more.
        guessed : bool
            Whether a needed column is one that its header does not name.

        Raises
        ------
        KamplayError
            It is a guess, and nobody can be asked.
        """
        for fault in errors[:5]:
            self._say(problem(fault, self.locale))
        text = yaml.safe_dump(_changes(proposed), allow_unicode=True, sort_keys=False, width=10_000)
        print("".join(f"    {row}\n" for row in text.splitlines()), end="", file=sys.stderr)
        words = N_("{rows:n} lines, {accounts:n} accounts, {amount:n2} in all")
        after, before = what_transactions_give(then), what_transactions_give(now)
        as_it_is = N_("Without it: {what}, which cannot be used") if errors else N_("Now: {what}")
        labels = [(N_("With this: {what}"), after), (as_it_is, before)]
        same = after["amount"] is not None and all(after[name] == before[name] for name in WHOLE)
        for label, gives in labels[:1] if same else labels:
            if gives["amount"] is not None:
                self._say(self.locale.say(label, what=self.locale.say(words, **gives)))
        if same and known and not guessed:
            return True
        if self.wishes.may_ask:
            if not self.asked:
                self.asked.add("sources")
            question = N_("Read it so? y or n")
            if again:
                question = N_("Read it so? y, or n to choose the columns anew")
            elif errors:
                question = N_("Read it so? y, or n to settle it in engagement.yaml first")
            return self._yes(question, "y" if known else "n")
        if not known or (guessed and self.wishes.take_defaults):
            columns = _changes(proposed).get("columns") or {}
            named = ", ".join(f"{name}: {header}" for name, header in columns.items())
            raise KamplayError(Fault("begin_guessed", args={"named": named}))
        if self.wishes.take_defaults:
            self._say(self.locale.text(N_("Taken as proposed.")))
        else:
            self.open.append("sources")
        return True

    # --- doubts

    def taken(self, doubt: Doubt, ask: bool) -> bool:
        """Whether a doubt is to be decided the other way: asked with both totals, or left as it is and told
        with the settings.
        """
        if not ask:
            self.doubtful.append(doubt)
            return False
        self.asked.add(f"{doubt.fault.code} {len(self.asked)}")
        self._say(self._either_way(doubt))
        return not self._yes(N_("Leave it so? y or n"), "y")

    def _either_way(self, doubt: Doubt) -> str:
        """What is in doubt, with both totals where its own sentence lacks the other one."""
        told = problem(doubt.fault, self.locale)
        if any(self.locale.number(doubt.other, digits) in told for digits in (0, 2)):
            return told
        words = N_("As it is read: {taken:n2}; otherwise: {other:n2}.")
        return self.locale.sentences(told, self.locale.say(words, taken=doubt.taken, other=doubt.other))

    # --- accounts that may be one

    def as_one(self, pairs: list[Fault], default: bool, ask: bool) -> bool:
        """Whether accounts that are written alike count as one each, with what either bought."""
        if not ask:
            return default
        self.asked.add("same_account")
        text = N_("“{odd}” ({amount:n2}) and “{other}” ({other_amount:n2}): together {both:n2}.")
        for pair in pairs[:MOST_PAIRS]:
            both = pair.args["amount"] + pair.args["other_amount"]
            self._say(self.locale.say(text, odd=pair.value, both=both, **pair.args))
        if (left := len(pairs) - MOST_PAIRS) > 0:
            self._say(self.locale.say(N_("And {count:n} more pairs."), count=left))
        question = N_("They differ in spaces, width or case alone. One account each? y or n")
        return self._yes(question, "y" if default else "n")

    # --- what was taken

    @property
    def guessed(self) -> dict[str, str]:
        """The settings for which nothing but a guess speaks; a client that nothing names and a currency that
        no data state stay one after Enter.
        """
        found = {name: answer for name, answer in self.unasked if name in get_args(Guessable)}
        found |= {
            name: answer for name, answer in self.answers.items() if answer.source in ("nothing", "usual")
        }
        return {name: answer.value for name, answer in found.items() if answer.source in GUESSES}

    def tell(self) -> None:
        """Say what was taken unasked, and what is in doubt.

        Raises
        ------
        KamplayError
            Questions are open that nobody can be asked.
        """
        if self.unasked:
            self._say(self.locale.text(N_("Settings:")))
            for name, answer in self.unasked:
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


def yes_or_no(text: str) -> bool | None:
    """What is meant by an answer to a question of yes or no; None where it is neither."""
    word = fold(text)
    return True if word in map(fold, YES) else False if word in map(fold, NO) else None


def read_answer(prompt: str) -> str:
    """A line of what is typed. Raises StoppedError where the input ends."""
    print(prompt, end="", file=sys.stderr, flush=True)
    try:
        text = sys.stdin.readline()
    except KeyboardInterrupt:
        text = ""
    if not text:
        print(file=sys.stderr)
        raise StoppedError
    return text.strip()
