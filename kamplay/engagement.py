"""The engagement: a client's folder and the settings in its ``engagement.yaml``."""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from kamplay.codebook import TableSpec, codebook
from kamplay.currency_names import named as currency_named
from kamplay.errors import Fault, KamplayError, nearest, nothing_here
from kamplay.languages import ALLOWED, LANGUAGES, languages_named
from kamplay.periods import period_dates
from kamplay.settings_file import bounded, parse, read_yaml, validated, with_lines
from kamplay.typed_values import day_of, number_of

SETTINGS_FILE = "engagement.yaml"
RECORD = "made_from.json"  # beside it: the client's files that it was made from, and what was guessed
Guessable = Literal["client", "currency", "language"]
EARLIEST = 1900  # year of a reporting date, as of a date in a client's file
PRESETS = (
    "scorecard",
    "strategy",
    "health.card",
    "capabilities",
)  # settings that take a preset's name, or its base with the parts to change


# columns whose values may be given an English word
Labelled = Literal[
    "industry",
    "region",
    "city",
    "nature",
    "ownership",
    "source",
    "entity",
    "stage",
    "category",
    "product",
    "reason",
    "title",
    "owner",
    "competitor",
    "price_terms",
    "offer",
    "by",
]
NO_HOLIDAYS = "none"  # weekends only


def countries_with_holidays() -> dict[str, list[str]]:
    """Every country whose public holidays are known, by its ISO 3166 code of two letters, with its parts
    where they differ.
    """
    import holidays  # takes half a second, and few settings need it

    return holidays.list_supported_countries(include_aliases=False)


def _finite(value: Any, at: dict[str, Any] | None = None) -> float:
    try:
        number = number_of(value) if isinstance(value, str) else float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise ValueError("number_not_finite", at or {})
    return number


def check_url(url: Any) -> None:
    """Raises ValueError for a url with a password in it, one that cannot be read, or a file outside the
    engagement folder.
    """
    if not isinstance(url, str) or not re.fullmatch(r"(\w+://.*|\$\{\w+\})", url):
        raise ValueError("url_unreadable", {"at": "url"})
    scheme, _, rest = url.partition("://")
    if scheme in ("duckdb", "sqlite"):
        file = rest.removeprefix("/")
        for flavour in (PurePosixPath(file), PureWindowsPath(file)):
            if flavour.is_absolute() or flavour.drive or ".." in flavour.parts or not flavour.parts:
                raise ValueError("path_outside", {"at": "url"})
        return
    user, _, address = rest.rpartition("@")
    password = user.partition(":")[2]
    secret = re.findall(r"(?i)[?&;](?:\w*(?:password|passwd|pwd|token|secret))=([^&;]*)", rest)
    if any(word and not re.fullmatch(r"\$\{\w+\}", word) for word in (password, *secret)):
        raise ValueError("password_in_settings", {"at": "url"})
    if not re.fullmatch(r"([^:/?#\s]*(:(\d+|\$\{\w+\}))?([/?;][^#\s]*)?)", address):
        raise ValueError("url_unreadable", {"at": "url"})


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True, allow_inf_nan=False)

    @field_validator("*")
    @classmethod
    def _not_beyond_all_sums(cls, value: Any) -> Any:
        return bounded(value)


class Unpivot(_Strict):
    """Months as columns: the column of ours that the cells under them feed, the year where the headers name
    none, and the measure where there are several (金额 beside 数量).
    """

    cells: str = "amount"
    year: int | None = Field(None, ge=1990, le=2100)
    measure: str | None = None


class Source(_Strict):
    """Where one table comes from: files (``path``), or a database (``url`` with a ``table`` or a ``query``);
    with neither, the files that are named like the table.

    ``columns`` maps our name to the client's header; ``where`` keeps the rows whose cells say so; ``returns``
    subtracts them, ``void`` sets them aside; ``date_format`` maps our name to how its dates are written
    (``%d/%m/%Y``). ``fill_down`` names columns that only the first of several lines fills, ``unpivot`` reads
    months as columns, ``visible_only`` leaves out what a workbook hides.
    """

    path: list[str] = []
    url: str | None = None
    table: str | None = None
    query: str | None = None
    columns: dict[str, str] = {}
    where: dict[str, list[str]] = {}
    date_format: dict[str, str] = {}
    returns: dict[str, list[str]] = {}  # lines to subtract though their amounts are positive
    void: dict[str, list[str]] = {}  # lines that do not count, whatever their status says
    keep_void: bool | None = None  # without it the engagement's
    signs_as_given: bool | None = None
    fill_down: list[str] = []
    unpivot: Unpivot | None = None
    visible_only: bool = False

    @property
    def by_name(self) -> bool:
        """Whether its files are found by their names: neither files nor a database are named."""
        return not self.path and not self.url

    @model_validator(mode="before")
    @classmethod
    def _files_or_database(cls, raw: Any) -> Any:
        """All that is said of a url is checked here, on the mapping, so that no fault can repeat its text."""
        if not isinstance(raw, dict):
            return raw
        url = raw.get("url")
        if url and raw.get("path"):
            raise ValueError("path_or_url")
        if raw.get("path", []) in (None, ""):  # begun, and left empty
            raise ValueError("path_or_url")
        if bool(raw.get("table")) + bool(raw.get("query")) != (1 if url else 0):
            raise ValueError("table_or_query")
        if url:
            check_url(url)
        return raw

    @field_validator("path", "fill_down", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        return [value] if isinstance(value, str) else value

    @field_validator("unpivot", mode="before")
    @classmethod
    def _short_unpivot(cls, value: Any) -> Any:
        """``unpivot: amount`` says the same as ``unpivot: {cells: amount}``."""
        return {"cells": value} if isinstance(value, str) else value

    @field_validator("path")
    @classmethod
    def _inside_the_folder(cls, value: list[str]) -> list[str]:
        for item in value:
            for flavour in (PurePosixPath(item), PureWindowsPath(item)):
                if flavour.root or flavour.drive or ".." in flavour.parts:
                    raise ValueError("path_outside", {"path": item})
        return [item.replace("\\", "/") for item in value]  # as Windows writes it, read on every system

    @field_validator("date_format")
    @classmethod
    def _names_year_and_month(cls, value: dict[str, str]) -> dict[str, str]:
        """A format must give back the month and the year that it was given: %d/%m alone does not."""
        day = date(2024, 11, 12)  # no two parts alike
        for name, form in value.items():
            try:
                read = datetime.strptime(day.strftime(form), form)
            except ValueError:
                raise ValueError("date_format_invalid", {"at": name}) from None
            days = (day.day,) if re.search(r"%[djxc]", form) else (1,)
            if (read.year, read.month) != (day.year, day.month) or read.day not in days:
                raise ValueError("date_format_invalid", {"at": name})
        return value

    @field_validator("where", "returns", "void", mode="before")
    @classmethod
    def _value_or_values(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {
            k: ["" if x is None else x for x in (v if isinstance(v, list) else [v])] for k, v in value.items()
        }


def _format_of_all_dates(table: str, source: Any) -> Any:
    """``date_format: "%d/%m/%Y"`` holds for every date column of the table."""
    form = source.get("date_format") if isinstance(source, dict) else None
    if not isinstance(form, str) or table not in codebook():
        return source
    return {**source, "date_format": dict.fromkeys(_date_columns(codebook()[table]), form)}


def _date_columns(spec: TableSpec) -> list[str]:
    return [name for name, column in spec.columns.items() if column.kind == "date"]


def _beside_lines() -> list[str]:
    """Columns of the accounts that may stand on the lines of sales."""
    accounts = codebook()["accounts"].columns
    return ["account_name", *(name for name, column in accounts.items() if column.on_lines)]


def _check_date_columns(table: str, spec: TableSpec, source: dict[str, Any]) -> None:
    """``date_format`` names date columns, of a file: in a database the query converts them."""
    if source.get("url") and table == "transactions":
        raise ValueError("date_format_in_database", {"at": f"{table}.date_format"})
    known = _date_columns(spec)
    for column in source["date_format"] if isinstance(source["date_format"], dict) else ():
        if column not in known:
            args = {"table": table, "name": column, "near": nearest(column, known) or ""}
            args |= {"at": f"{table}.date_format.{column}", "known": ", ".join(known)}
            raise ValueError("date_column_unknown", args)


class Health(_Strict):
    """How far ahead step 3 looks, in days, and the card by which it scores, named or changed like a
    scorecard.
    """

    horizon_days: int = Field(180, ge=30, le=730)
    card: str | dict[str, Any] = "standard"

    @field_validator("card", mode="before")
    @classmethod
    def _name_or_changed_parts(cls, value: Any) -> Any:
        if not isinstance(value, str | dict):
            raise ValueError("name_or_parts", {"example": cls.model_fields["card"].default})
        return value


class PersonCapacity(_Strict):
    """What one person can do a month, in visits or in hours; what is left out is the team's."""

    role: Literal["branch", "head_office"] = "branch"
    visits_per_month: float | None = Field(None, gt=0)
    hours_per_month: float | None = Field(None, gt=0)
    hours_per_visit: float | None = Field(None, gt=0)
    travel_hours: float | None = Field(None, ge=0)
    visits_per_day: int | None = Field(None, ge=1)

    @model_validator(mode="after")
    def _visits_or_hours(self) -> PersonCapacity:
        if (self.visits_per_month is None) == (self.hours_per_month is None):
            raise ValueError("visits_or_hours")
        return self


class Capacity(_Strict):
    """What the team can do: visits a month over all owners, and visits or hours by person.

    ``hours_per_visit`` with its preparation, ``travel_hours`` of a day out in one region and
    ``visits_per_day`` on it hold for all whose hours are stated.
    """

    visits_per_month: float | None = Field(None, gt=0)
    people: dict[str, PersonCapacity] = {}
    hours_per_visit: float | None = Field(None, gt=0)
    travel_hours: float = Field(0.0, ge=0)
    visits_per_day: int = Field(3, ge=1)

    @model_validator(mode="after")
    def _hours_of_a_visit(self) -> Capacity:
        for name, person in self.people.items():
            if person.hours_per_month and not (person.hours_per_visit or self.hours_per_visit):
                raise ValueError("hours_per_visit_missing", {"at": f"people.{name}", "name": name})
        return self


class CostToServe(_Strict):
    """What one visit, ticket, order and return line costs, in the currency, and the yearly rate of money tied
    up.
    """

    visits: float | None = Field(None, ge=0)
    tickets: float | None = Field(None, ge=0)
    orders: float | None = Field(None, ge=0)
    returns: float | None = Field(None, ge=0)
    financing: float | None = Field(None, ge=0, le=1)

    def known(self) -> dict[str, float]:
        """The kinds of cost that are stated."""
        return {kind: cost for kind, cost in self.model_dump().items() if cost}


class Brand(_Strict):
    """What the client's report wears: a logo file in the engagement folder, and one colour."""

    logo: str | None = None
    accent: str | None = Field(None, pattern=r"^#[0-9A-Fa-f]{6}$")

    @field_validator("logo")
    @classmethod
    def _inside_the_folder(cls, value: str | None) -> str | None:
        return Source(path=[value]).path[0] if value else value


class Benchmark(_Strict):
    """The file of means that the report sets the client beside, and whether the client's own figures may
    enter the means of its next edition.
    """

    file: str = Field(min_length=1)
    contribute: bool = False


class Settings(_Strict):
    """``engagement.yaml``. Unknown keys are refused; everything but ``client`` has a default."""

    client: str = Field(min_length=1, max_length=200)
    industry: str | None = None
    language: str = "zh"  # zh, en, or both: then the first is that of what is made once
    currency: str = "CNY"
    # units of the currency for one unit of each other currency that the data hold
    currency_rates: dict[str, float] = {}
    as_of: date | None = None
    keep_void: bool = False  # count lines that are void or cancelled
    # to whom the client sells; left out, it is told from the data
    accounts_are: Literal["companies", "consumers", "countries"] | None = None
    signs_as_given: bool = False  # take credit notes with positive amounts as they are
    sources: dict[str, Source] = {}
    # a preset's name, a file, or {base: one of these, …the parts to change}
    scorecard: str | dict[str, Any] = "four_dimensions"
    strategy: str | dict[str, Any] = "by_tier"
    capabilities: str | dict[str, Any] = "kam_capabilities"
    health: Health = Health()
    outline: str | dict[str, Any] = "argument"  # what the report shows, and in which order
    control_total: float | dict[str, float] | None = None
    benchmark: Benchmark | None = None  # off: neither beside others nor among them
    target: float | None = Field(None, gt=0)  # revenue of the 12 months after as_of
    dedupe: bool = False
    # accounts that are written in several ways: lists, the first of each is the account
    same_account: list[list[str]] = []
    capacity: Capacity = Capacity()
    # country (ISO 3166) whose public holidays hold, with its part where they differ (GB-SCT), or none; left
    # out, that of the currency
    holidays: str | None = None
    cost_to_serve: CostToServe = CostToServe()
    brand: Brand = Brand()
    # English words for the values of a client whose data are Chinese, by column: value → word
    labels: dict[Labelled, dict[str, str]] = {}
    prepared_by: str | None = Field(
        None, min_length=1, max_length=200
    )  # who answers for the report, for its cover
    edition: Literal["client", "internal"] = "client"
    slides: bool = False  # make deck.<language>.pptx, too
    pdf: bool = False  # print report.<language>.pdf, too, by a browser of this machine
    final: bool = False  # without the mark of a draft, which a run drops only where nothing is left open
    accepted_warnings: dict[str, str] = {}  # code of a warning on the data → why it may stand
    confirmed: list[Guessable] = []  # settings that were guessed and are right

    @field_validator("scorecard", "strategy", "capabilities", "outline", mode="before")
    @classmethod
    def _name_or_changed_parts(cls, value: Any, info: ValidationInfo) -> Any:
        if not isinstance(value, str | dict):
            raise ValueError("name_or_parts", {"example": cls.model_fields[str(info.field_name)].default})
        return value

    @field_validator("holidays", mode="before")
    @classmethod
    def _known_country(cls, value: Any) -> Any:
        if value is None or str(value).strip().lower() == NO_HOLIDAYS:
            return None if value is None else NO_HOLIDAYS
        code, _, part = str(value).strip().upper().partition("-")
        parts = countries_with_holidays().get(code)
        if parts is None or (part and part not in parts):
            known = [f"{code}-{one}" for one in parts] if parts else ["CN", "GB", "US"]
            raise ValueError("country_unknown", {"known": ", ".join(known)})
        return f"{code}-{part}" if part else code

    @property
    def holiday_country(self) -> str | None:
        """The country whose public holidays hold: as stated, else that whose code begins the currency's (ISO
        4217); None where neither tells one.
        """
        if self.holidays:
            return None if self.holidays == NO_HOLIDAYS else self.holidays
        country = self.currency[:2]
        return country if country in countries_with_holidays() else None

    @field_validator("same_account")
    @classmethod
    def _one_way_in_one_list(cls, value: list[list[str]]) -> list[list[str]]:
        names = [name for names in value for name in names]
        if any(len(names) < 2 for names in value) or len(set(names)) < len(names):
            raise ValueError("same_account_lists", {})
        return value

    @field_validator("confirmed", mode="before")
    @classmethod
    def _one_or_several(cls, value: Any) -> Any:
        return [value] if isinstance(value, str) else value

    @field_validator("language", mode="before")
    @classmethod
    def _languages_by_their_words(cls, value: Any) -> Any:
        named = languages_named(",".join(map(str, value)) if isinstance(value, list) else str(value))
        if not named or not set(named) <= set(LANGUAGES):
            raise ValueError("setting_not_allowed", {"allowed": ALLOWED})
        return ",".join(named)

    @property
    def languages(self) -> list[str]:
        return self.language.split(",")

    @field_validator("currency", mode="before")
    @classmethod
    def _currency_by_its_word(cls, value: Any) -> Any:
        return currency_named(value) if isinstance(value, str) else value

    @field_validator("currency")
    @classmethod
    def _three_letters(cls, value: str) -> str:
        if not re.fullmatch("[A-Z]{3}", value):
            raise ValueError("currency_unreadable")
        return value

    @field_validator("labels")
    @classmethod
    def _one_word_for_a_value(cls, value: Any) -> Any:
        said: dict[str, str] = {}
        for column, words in value.items():
            for one, word in words.items():
                at = {"at": f"{column}.{one}"}
                if not one.strip() or not word.strip():
                    raise ValueError("label_empty", at)
                if said.setdefault(one, word) != word:
                    raise ValueError("label_twice", at | {"first": said[one], "second": word})
        return value

    @field_validator("as_of", mode="before")
    @classmethod
    def _readable_date(cls, value: Any) -> Any:
        if isinstance(value, str):
            return day_of(value)
        return value

    @field_validator("as_of")
    @classmethod
    def _within_the_calendar(cls, value: date | None) -> date | None:
        if value and value > datetime.now().date():
            raise ValueError("as_of_future")
        if value and value.year < EARLIEST:
            raise ValueError("as_of_too_early", {"earliest": EARLIEST})
        return value

    @field_validator("currency_rates", mode="before")
    @classmethod
    def _rates_above_zero(cls, value: Any) -> Any:
        if value is None or not isinstance(value, dict):
            return value or {}
        rates = {}
        for code, rate in value.items():
            at = {"at": f"currency_rates.{code}" if not isinstance(code, str) else code}
            name = currency_named(str(code)).upper()
            if not re.fullmatch(r"[A-Z]{3}", name):
                raise ValueError("currency_code", at)
            number = _finite(rate, at)
            if isinstance(rate, bool) or not 0 < number < 1e9:
                raise ValueError("rate_not_positive", at)
            rates[name] = number
        return rates

    @field_validator("target", mode="before")
    @classmethod
    def _amount_in_figures(cls, value: Any) -> Any:
        return value if value is None else _finite(value)

    @field_validator("control_total", mode="before")
    @classmethod
    def _one_total_or_totals_of_periods(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value if value is None else _finite(value)
        for period in value:
            try:
                period_dates(str(period))
            except ValueError:
                raise ValueError("period_unreadable", {"at": period}) from None
        return {str(period): _finite(total, {"at": period}) for period, total in value.items()} or None

    @field_validator("benchmark", mode="before")
    @classmethod
    def _file_alone(cls, value: Any) -> Any:
        return {"file": value} if isinstance(value, str) else value

    @model_validator(mode="before")
    @classmethod
    def _short_sources(cls, raw: Any) -> Any:
        """``transactions: sales.csv`` says the same as ``transactions: {path: sales.csv}``."""
        if isinstance(raw, dict) and isinstance(raw.get("sources"), dict):
            full = {k: {"path": v} if isinstance(v, str | list) else v for k, v in raw["sources"].items()}
            return {**raw, "sources": {k: _format_of_all_dates(k, v) for k, v in full.items()}}
        return {k: v for k, v in raw.items() if v is not None} if isinstance(raw, dict) else raw

    @field_validator("sources", mode="before")
    @classmethod
    def _known_tables(cls, value: Any) -> Any:
        for name, source in value.items() if isinstance(value, dict) else ():
            spec = codebook().get(name)
            if spec is None:
                raise ValueError(
                    "table_unknown", {"at": name, "table": name, "near": nearest(name, codebook()) or ""}
                )
            for column in (source or {}).get("columns") or {} if isinstance(source, dict) else {}:
                if column not in spec.columns and not (name == "transactions" and column in _beside_lines()):
                    raise ValueError(
                        "column_unknown",
                        {
                            "at": f"{name}.columns.{column}",
                            "table": name,
                            "name": column,
                            "near": nearest(column, spec.columns) or "",
                        },
                    )
            if isinstance(source, dict) and source.get("date_format"):
                _check_date_columns(name, spec, source)
        return value


@dataclass(frozen=True)
class Engagement:
    """A client's folder with its settings: what ``kamplay run`` is given."""

    folder: Path
    settings: Settings

    @property
    def slug(self) -> str:
        return slug(self.settings.client)

    @property
    def identity(self) -> str:
        """What tells this folder from every other on this machine, whatever its client is called; its path
        cannot be read from it.
        """
        place = os.path.normcase(self.folder.resolve())
        return hashlib.sha256(f"kamplay engagement {place}".encode("utf-8", "surrogateescape")).hexdigest()

    @property
    def guessed(self) -> dict[str, str]:
        """The settings that were guessed when the folder was made, and that nobody has changed or confirmed
        since, with their values.
        """
        told = record_of(self.folder).get("guessed")
        now = {name: getattr(self.settings, name) for name in get_args(Guessable)}
        open_ = {name: value for name, value in now.items() if name not in self.settings.confirmed}
        return {n: v for n, v in open_.items() if isinstance(told, dict) and told.get(n) == v}


def record_of(folder: Path) -> dict[str, Any]:
    """``RECORD`` of a folder; empty where there is none that can be read."""
    try:
        found = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def load(folder: Path | str, overrides: Iterable[str] = (), as_of: str | None = None) -> Engagement:
    """The engagement in ``folder``; ``overrides`` are ``key=value`` texts with dotted keys. Raises
    KamplayError with every fault.
    """
    folder = Path(folder)
    if folder.is_file():
        raise KamplayError(Fault("file_for_folder", file=str(folder), args={"name": folder.name}))
    if not folder.is_dir():
        raise KamplayError(nothing_here(folder))
    raw = read_yaml(folder / SETTINGS_FILE, SETTINGS_FILE)
    if not isinstance(raw, dict):
        raise KamplayError(Fault("settings_not_a_mapping", file=SETTINGS_FILE))
    changes = list(overrides) + ([f"as_of={as_of}"] if as_of else [])
    try:  # faults of the file and of the command line are told apart
        base = validated(Settings, raw, SETTINGS_FILE)
    except KamplayError as error:
        raise KamplayError(with_lines(error.faults, folder)) from None
    if not changes:
        return Engagement(folder, base)
    merged = base.model_dump(mode="json", exclude_unset=True)
    for change in changes:
        _apply(merged, change)
    guessed = record_of(folder).get("guessed")
    if said := {change.partition("=")[0].strip() for change in changes} & {*(guessed or ())}:
        merged["confirmed"] = sorted({*base.confirmed, *said} & {*get_args(Guessable)})
    return Engagement(folder, validated(Settings, merged, "--as-of" if as_of and not overrides else "--set"))


def _apply(target: dict[str, Any], change: str) -> None:
    key, equals, text = change.partition("=")
    if not equals or not key.strip():
        raise KamplayError(Fault("set_without_value", file="--set", value=change))
    *path, last = key.strip().split(".")
    _spelled_out(target, path)
    for part in path:
        inner = target.setdefault(part, {})
        if not isinstance(inner, dict):
            raise KamplayError(Fault("setting_unknown", file="--set", column=key))
        target = inner
    target[last] = parse(text, "--set")


def _spelled_out(target: dict[str, Any], path: list[str]) -> None:
    """Where ``path`` leads into a preset that is only named, or not even that, its name becomes the base of
    the parts to change.
    """
    for preset in PRESETS:
        *outer, name = preset.split(".")
        if path[: len(outer) + 1] != [*outer, name]:
            continue
        model: Any = Settings
        for part in outer:
            target, model = target.setdefault(part, {}), model.model_fields[part].annotation
        if isinstance(target, dict) and not isinstance(target.get(name), dict):
            target[name] = {"base": target.get(name) or model.model_fields[name].default}


def slug(client: str) -> str:
    """The client's name as one safe folder name: letters and digits of any script, hyphens for the rest, at
    most 60 characters.
    """
    text = unicodedata.normalize("NFKC", client)
    words = re.sub(r"[^\w]+", "-", text, flags=re.UNICODE).strip("-_")[:60].rstrip("-_")
    reserved = re.fullmatch(r"(?i)(con|prn|aux|nul|com\d|lpt\d)", words)
    return f"client-{words}" if reserved or not words else words
