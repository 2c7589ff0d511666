"""Cases for a class: an invented client of one of three trades, from the generator of the shipped sample.

A seed is a client: another one has other accounts, other figures and other culprits. What is planted is
known; what the client sends shows it the less readily the more difficult the case is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from kamplay.errors import Fault, KamplayError
from kamplay.samples import medtech
from kamplay.samples.medtech_accounts import LEFT, Planting, brand
from kamplay.teaching.keys.check_data import as_sent, in_wan
from kamplay.teaching.keys.source import Source

TRADES = ("distributor", "hospital_supplier", "wholesaler")
DIFFICULTIES = (1, 2, 3)
# by difficulty: chance in orders, lines that are sent twice, parents that nobody filled in
NOISE = {1: 0.6, 2: 1.0, 3: 1.6}
TWICE = {1: 0, 2: 12, 3: 40}
_MADE = frozenset(
    [
        "accounts",
        "transactions",
        "receivables",
        "deliveries",
        "tickets",
        "surveys",
        "contacts",
        "visits",
        "opportunities",
        "wallet",
        "ratings",
        "ballots",
    ]
)
_BY_COLUMN = {  # column of a table → the list of words it is told by
    "top_category": "category",
    "by": "person",
    "owner": "person",
    "rater": "person",
    "name": "person",
    "account_name": "account",
    "contact_title": "title",
}


@dataclass(frozen=True)
class Trade:
    """The words of a trade: the generator's own → [Chinese, English]."""

    key: str
    title: dict[str, str]
    client: dict[str, str]
    short: dict[str, str]
    industry: dict[str, str]
    planting: dict[str, Any]
    names: dict[str, list[str]]
    words: dict[str, dict[str, list[str]]]

    def word(self, kind: str, value: Any, language: str) -> Any:
        """A word of the generator in this trade and language; what is unknown stays as it is."""
        if not isinstance(value, str):
            return value
        if kind == "account":
            return self._account(value, language)
        if kind == "person":
            return _person(value, language)
        left = value.endswith(LEFT)
        plain = value.removesuffix(LEFT)
        found = self.words.get(kind, {}).get(plain)
        if found is None:
            common = _words_of_all(kind).get(plain)
            found = [plain, common] if common else [plain, plain]
        tail = "" if not left else LEFT if language == "zh" else " (left)"
        return found[language == "en"] + tail

    def _account(self, name: str, language: str) -> str:
        common = _common()
        place = next((p for p in common["places"] if name.startswith(p)), "")
        kind = next((k for k in sorted(self.names, key=len, reverse=True) if name.endswith(k)), "")
        brand = name[len(place) : len(name) - len(kind)] if kind else name[len(place) :]
        if language == "zh":
            return place + brand + (self.names[kind][0] if kind else "")
        spelled = "".join(common["syllables"].get(x, x) for x in brand).capitalize()
        return " ".join(
            filter(None, (common["places"].get(place, ""), spelled, self.names[kind][1] if kind else ""))
        )

    def told(self, frame: pd.DataFrame, language: str) -> pd.DataFrame:
        """A table in this trade's words."""
        out = frame.copy()
        for column in frame.columns:
            kind = _BY_COLUMN.get(column, column)
            if kind in ("account", "person") or kind in self.words or _words_of_all(kind):
                values = frame[column]
                if values.dtype == object or pd.api.types.is_string_dtype(values):
                    known = {v: self.word(kind, v, language) for v in values.dropna().unique()}
                    if column == "by":  # an owner, or head office
                        known |= {
                            v: w
                            for v, w in ((v, self.word("head_office", v, language)) for v in known)
                            if w != v
                        }
                        if language == "zh":
                            known = {v: v for v in known}
                    out[column] = values.map(known)
        return out


@dataclass(frozen=True)
class Case:
    """An invented client with what is planted in it.

    Attributes
    ----------
    tables : every table in the generator's own words, complete: nothing hidden, nothing sent twice.
    planted : the answer key of the generator, see ``kamplay.samples.medtech_answers``.
    """

    trade: Trade
    seed: int
    difficulty: int
    tables: dict[str, pd.DataFrame]
    planted: dict[str, Any]
    as_of: date

    @cached_property
    def source(self) -> Source:
        """What exercises are made from."""
        leaving = {c["account_id"]: float(c["revenue"]) for c in self.planted["churners"]}
        return Source(self.tables, self.as_of, self.seed, self.difficulty, self.cases, leaving)

    @cached_property
    def cases(self) -> dict[str, dict[str, Any]]:
        """What is planted, by kind."""
        return {case["kind"]: case for case in self.planted["cases"]}

    def sent(self, language: str) -> dict[str, pd.DataFrame]:
        """The tables as the client sends them: what is hidden is left out, some lines stand twice. The
        ballots are the class's to cast; those of the tables are what exercises 1d and 1e are made from.
        """
        tables = {name: table for name, table in self.tables.items() if name != "ballots"}
        if self.difficulty >= 2:
            contacts = tables["contacts"]
            tables["contacts"] = contacts.assign(title=contacts["title"].str.removesuffix(LEFT))
            parents = tables["accounts"]["parent_id"]
            tables["accounts"] = tables["accounts"].assign(
                parent_id=parents.where(parents.duplicated(keep=False))
            )
        if self.difficulty >= 3:
            del tables["wallet"]
        tables["transactions"] = self._lines_sent()
        accounts = tables["accounts"]
        if "account_name_en" in accounts:  # the generator's are of its own trade
            english = [self.trade.word("account", name, "en") for name in accounts["account_name"]]
            tables["accounts"] = accounts.assign(account_name_en=english)
        return {name: self.trade.told(table, language) for name, table in tables.items()}

    def _lines_sent(self) -> pd.DataFrame:
        """The sales lines with the faults of the account of exercise 0b, and lines of others sent twice."""
        lines, sent = self.tables["transactions"], as_sent(self.source)
        added = sent.lines[sent.lines.index.duplicated() | (sent.lines.index == sent.void)]
        others = lines[lines["account_id"] != sent.account]
        again = others.sample(TWICE[self.difficulty], random_state=self.seed % 2**32)
        out = pd.concat([lines, added, again]).sort_index(kind="stable")
        amount = out["amount"].astype(object)
        amount[out.index == sent.in_wan] = in_wan(float(lines.loc[sent.in_wan, "amount"]))
        return out.assign(amount=amount).reset_index(drop=True)


def make_case(trade: str, seed: int, difficulty: int = 2) -> Case:
    """The client of a seed.

    Parameters
    ----------
    trade : one of TRADES.
    seed : a whole number from 0; another is another client.
    difficulty : one of DIFFICULTIES: more chance in the orders, less said in the data.

    Raises
    ------
    KamplayError
        An unknown trade or difficulty.
    """
    _check("--case", trade, TRADES)
    _check("--difficulty", difficulty, DIFFICULTIES)
    words = trade_of(trade)
    sample = medtech.generate(seed, planting_of(words, difficulty))
    tables = _varied(sample.tables, sample.answer_key["cases"], np.random.default_rng([seed, 41]))
    return Case(words, seed, difficulty, tables, sample.answer_key, sample.as_of)


def _varied(
    tables: dict[str, pd.DataFrame], planted: list[dict[str, Any]], rng: np.random.Generator
) -> dict[str, pd.DataFrame]:
    """Without what the generator gives every client alike, by which one team could tell another its culprits:
    the names of the one-off purchase and of the group, the size of the small strong one, the age of the
    stalled deal.
    """
    of = {case["kind"]: case for case in planted}
    accounts, deals = tables["accounts"].copy(), tables["opportunities"].copy()
    own = accounts["account_id"]
    once = own == of["one_off"]["account_id"]
    name = str(accounts.loc[once, "account_name"].iloc[0])
    suffix = _DEALERS[int(rng.integers(len(_DEALERS)))]
    accounts.loc[once, "account_name"] = name.replace("湛禾联合采购服务有限公司", brand(rng) + suffix)
    group = own.isin(of["hidden_group"]["evidence"]["members"])
    accounts.loc[group, "account_name"] = accounts.loc[group, "account_name"].str.replace("璞岳", brand(rng))
    strong = own == of["small_but_strong"]["account_id"]
    others = float(accounts.loc[~strong, "annual_revenue"].max())
    size = max(5_200_000_000.0 * float(rng.uniform(0.3, 1.1)), others * float(rng.uniform(1.5, 2.5)))
    accounts.loc[strong, "annual_revenue"] = round(size, -7)
    stalled = deals["opportunity_id"] == of["stalled_deal"]["evidence"]["opportunity_id"]
    later = pd.Timedelta(days=int(rng.integers(-90, 60)))
    for column in ("opened", "expected_close"):
        deals.loc[stalled, column] = deals.loc[stalled, column] + later
    return {**tables, "accounts": accounts, "opportunities": deals}


_DEALERS = ("医疗器械有限公司", "医疗科技有限公司", "医药商贸有限公司", "健康产业有限公司")


def planting_of(trade: Trade, difficulty: int) -> Planting:
    """What is planted in a case of a trade."""
    plan = trade.planting
    return Planting(
        median=float(plan["median"]),
        spread=float(plan["spread"]),
        kinds=plan["kinds"],
        places=plan["places"],
        group=tuple(plan["group"]),
        telling=85,
        current_per_reason=2,
        large=5,
        past_per_reason=2,
        past_unexplained=2,
        passing=9,
        prospects=8,
        noise=NOISE[difficulty],
        tables=_MADE,
    )


def write_case(case: Case, folder: Path, language: str) -> None:
    """The case as an engagement folder: settings and data in ``language``, and nothing of what is planted."""
    (folder / "data").mkdir(parents=True, exist_ok=True)
    tables = case.sent(language)
    settings = {
        "client": case.trade.client[language],
        "industry": case.trade.industry[language],
        "language": language,
        "currency": "CNY",
        "as_of": case.as_of.isoformat(),
        "control_total": float(medtech.control_total(case.tables["transactions"], case.as_of)),
        "dedupe": True,
        "capacity": {"visits_per_month": 120},
        "health": {"horizon_days": 180},
    }
    text = yaml.safe_dump(settings, allow_unicode=True, sort_keys=False)
    (folder / "engagement.yaml").write_text(text, encoding="utf-8", newline="\n")
    medtech.write_data(tables, folder / "data", language)


@cache
def trade_of(key: str) -> Trade:
    """The words of a trade by its name."""
    return Trade(key, **_yaml(f"{key}.yaml"))


def _words_of_all(kind: str) -> dict[str, str]:
    """The English of what every trade shares."""
    common = _common()
    return dict(common["places"] if kind == "city" else common["words"].get(kind, {}))


@cache
def _common() -> dict[str, Any]:
    return _yaml("common.yaml")


def _yaml(name: str) -> dict[str, Any]:
    file = resources.files("kamplay.teaching").joinpath("trades", name)
    return dict(yaml.safe_load(file.read_text(encoding="utf-8")))


def _person(name: str, language: str) -> str:
    syllables = _common()["syllables"]
    if language == "zh" or len(name) != 3 or any(x not in syllables for x in name):
        return name
    return f"{syllables[name[0]].capitalize()} {(syllables[name[1]] + syllables[name[2]]).capitalize()}"


def _check(option: str, value: object, known: tuple[object, ...]) -> None:
    if value not in known:
        allowed = ", ".join(map(str, known))
        raise KamplayError(
            Fault("setting_not_allowed", column=option, value=str(value), args={"allowed": allowed})
        )
