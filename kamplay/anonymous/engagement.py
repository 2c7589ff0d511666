"""An anonymous copy of an engagement: its tables and settings in a new folder that ``kamplay run`` reads."""

from __future__ import annotations

import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from kamplay.anonymous import policies as presets
from kamplay.anonymous import tables
from kamplay.anonymous.names import Names
from kamplay.anonymous.secret import WEEKS, YEARS, Secret
from kamplay.api import resolve_policies
from kamplay.book import TO_MICRO, Book
from kamplay.codebook import codebook
from kamplay.engagement import SETTINGS_FILE, Engagement, Settings
from kamplay.errors import Fault, KamplayError
from kamplay.intake.prepare import prepare
from kamplay.method.measures.business import business
from kamplay.run_folder import Policies

CLIENT = {"zh": "客户公司", "en": "Client"}
ABOUT = {
    "zh": "# 匿名副本，由 kamplay anonymise 生成：名称和编号已替换，金额按同一个保密系数缩放，\n"
    "# 日期已平移，自由文本已略去。\n",
    "en": "# An anonymous copy, made by kamplay anonymise: names and ids replaced, amounts scaled by one\n"
    "# secret factor, dates moved, free text left out.\n",
}
# settings that say how the client's files are read, what the report looks like, or what somebody wrote
LEFT_OUT = {
    "sources",
    "currency_rates",
    "keep_void",
    "dedupe",
    "same_account",
    "brand",
    "labels",
    "prepared_by",
    "final",
    "accepted_warnings",
    "confirmed",
}


@dataclass(frozen=True)
class Copied:
    """What the copy holds: rows by table, accounts, how many dates lay too far back to be moved; and to
    within which share the factor can be told from limits in money, None where it cannot.
    """

    rows: dict[str, int]
    accounts: int
    dates_lost: int
    told: float | None


def write_copy(engagement: Engagement, out: Path, secret: Secret) -> Copied:
    """Write the anonymous copy of an engagement into ``out``, a new or empty folder; whole or not at all.

    Raises
    ------
    KamplayError
        The data cannot be used; they are in a database, of which only sums are fetched; or the scorecard
        gives points for amounts, which would tell the factor.
    """
    policies = resolve_policies(engagement)
    presets.refuse_points_for_money(policies.scorecard)
    book = prepare(engagement)
    if "transactions" not in book.tables:
        raise KamplayError(Fault("anonymous_database", file=SETTINGS_FILE, column="sources.transactions"))
    names, settings = Names(secret), engagement.settings
    whole = dict(book.tables)
    if book.accounts_on_lines is not None:  # the copy has a table of accounts, and lines that bear none of it
        whole["accounts"] = book.accounts.reset_index()
    tables.learn(whole, names)
    presets.learn(policies, names)
    names.learn("person", settings.capacity.people)
    names.learn("industry", [settings.industry] if settings.industry else [])
    names.learn("client", [settings.client])
    kept, language = presets.kept_words(policies), settings.languages[0]
    out.parent.mkdir(parents=True, exist_ok=True)
    built = Path(tempfile.mkdtemp(prefix=".anonymous-", dir=out.parent))
    try:
        (built / "data").mkdir()
        (built / "notes").mkdir()
        rows, lost = {}, 0
        for table, frame in whole.items():
            made, early = tables.anonymous_table(table, frame, names, kept, language)
            made.to_csv(built / "data" / f"{table}.csv", index=False, lineterminator="\n")
            rows[table], lost = len(made), lost + early
        said = _settings(engagement, policies, book, names, built)
        text = ABOUT[language] + yaml.safe_dump(said, allow_unicode=True, sort_keys=False)
        (built / SETTINGS_FILE).write_text(text, encoding="utf-8", newline="\n")
        Settings.model_validate(said)
        built.chmod(0o755)
        if out.exists():
            out.rmdir()
        built.replace(out)
    except BaseException:
        shutil.rmtree(built, ignore_errors=True)
        raise
    told = presets.told_by_limits(policies.scorecard, book, secret.factor)
    return Copied(rows, len(book.accounts), lost, told)


def _settings(
    engagement: Engagement, policies: Policies, book: Book, names: Names, folder: Path
) -> dict[str, Any]:
    """The settings of the copy; presets that cannot be named are written into ``folder``."""
    settings, factor = engagement.settings, names.secret.factor
    language = settings.languages[0]
    said = settings.model_dump(mode="json", exclude_unset=True, exclude=LEFT_OUT)
    said["client"] = f"{CLIENT[language]} {names.code('client', settings.client)}"
    if settings.industry:
        label = codebook()["accounts"].columns["industry"].labels[language]
        said["industry"] = f"{label} {names.code('industry', settings.industry)}"
    said["as_of"] = str((pd.Timestamp(book.as_of) - pd.Timedelta(weeks=WEEKS)).date())
    said["accounts_are"] = business(book)
    said["signs_as_given"] = True  # returns are negative by now
    if settings.target is not None:
        said["target"] = _scaled(settings.target, factor)
    total = settings.control_total
    if isinstance(total, dict):
        said["control_total"] = {_years_back(k): _scaled(v, factor) for k, v in total.items()}
    elif total is not None:
        said["control_total"] = _scaled(total, factor)
    if "cost_to_serve" in said:
        said["cost_to_serve"] = {
            kind: cost if kind == "financing" or cost is None else _scaled(cost, factor)
            for kind, cost in said["cost_to_serve"].items()
        }
    if "people" in said.get("capacity", {}):
        people = said["capacity"]["people"]
        said["capacity"]["people"] = {
            f"{tables.PERSON[language]} {names.code('person', name)}": able for name, able in people.items()
        }
    for name, setting in (
        ("scorecard", "scorecard"),
        ("strategy", "strategy"),
        ("health_card", "card"),
        ("capabilities", "capabilities"),
    ):
        wanted = settings.health.card if name == "health_card" else getattr(settings, setting)
        made = presets.anonymous_preset(name, wanted, policies, book, names)
        if isinstance(made, dict) and "base" not in made:
            file = f"{name}.yaml"
            (folder / file).write_text(
                yaml.safe_dump(made, allow_unicode=True, sort_keys=False), encoding="utf-8", newline="\n"
            )
            made = file
        place = said.setdefault("health", {}) if name == "health_card" else said
        place[setting] = made
    if not isinstance(settings.outline, str) or settings.outline.endswith((".yaml", ".yml")):
        said.pop("outline", None)  # the consultant's own words; it shows the same figures in another order
    return said


def _scaled(amount: float, factor: float) -> float:
    return round(amount * factor, TO_MICRO)


def _years_back(period: str) -> str:
    """A period of a control total as many years earlier as the dates."""
    return re.sub(r"\b(\d{4})(?=\D|$)", lambda year: str(int(year[1]) - YEARS), period)
