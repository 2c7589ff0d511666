"""A synthetic medical-device supplier with known truths: ``generate`` makes the tables, ``write`` an engagement folder.

``python -m kamplay.samples.medtech [folder]`` writes the sample that ships with kamplay.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from kamplay.codebook import codebook
from kamplay.samples import medtech_actors as actors_
from kamplay.samples import medtech_answers, medtech_folder, medtech_market, medtech_people, medtech_service, medtech_trade, medtech_truths

SEED = 20260630
SHIPPED = Path("data_templates") / "samples" / "medtech"


@dataclass(frozen=True)
class Sample:
    """``tables``: every table of the codebook by neutral name; ``answer_key``: what was planted, with figures; both up to ``as_of``."""

    tables: dict[str, pd.DataFrame]
    answer_key: dict[str, Any]
    as_of: date


def generate(seed: int = SEED) -> Sample:
    """The sample for ``seed``; the same seed gives the same frames. About 300 accounts and 36 months to 30 June 2026."""

    def rng(stream: int) -> np.random.Generator:
        return np.random.default_rng([seed, stream])  # a stream each, so that a change to one table leaves the others as they were

    actors = actors_.draw(rng(0))
    medtech_truths.cast(actors, rng(1))
    actors_.number(actors, rng(2))
    orders = medtech_trade.make_orders(actors, rng(3))
    tables: dict[str, pd.DataFrame] = {"accounts": actors_.accounts_table(actors, rng(4))}
    tables["transactions"] = medtech_trade.transactions_table(orders, rng(5))
    tables["receivables"] = medtech_trade.receivables_table(orders, rng(6))
    tables["deliveries"] = medtech_trade.deliveries_table(orders, rng(7))
    tables["tickets"] = medtech_service.tickets_table(actors, rng(8))
    tables["surveys"] = medtech_service.surveys_table(actors, rng(9))
    tables["contacts"] = medtech_service.contacts_table(actors, rng(10))
    tables["visits"] = medtech_service.visits_table(actors, tables["contacts"], rng(11))
    tables["opportunities"] = medtech_market.opportunities_table(actors, rng(12))
    known = medtech_market.wallet_table(actors, tables["transactions"], rng(13))
    tables["wallet"] = pd.concat([known, medtech_market.prospects_wallet(actors, rng(19))], ignore_index=True)
    tables["financials"] = medtech_market.financials_table(actors, tables["accounts"], rng(14))
    tables["ratings"] = medtech_people.ratings_table(actors, rng(15))
    overdue = medtech_answers.overdue(tables["receivables"]).groupby("account_id")["amount"].sum()
    tables["ballots"] = medtech_people.ballots_table(actors, tables["transactions"], overdue, rng(16), rng(18))
    tables["overrides"] = medtech_people.overrides_table(actors)
    tables["maturity"] = medtech_people.maturity_table(rng(17))
    tables = {name: tables[name][[c for c in spec.columns if c in tables[name]]] for name, spec in codebook().items()}
    key = {"seed": seed, **medtech_answers.answer_key(tables, actors)}
    return Sample(tables, key, actors_.AS_OF.date())


def write(sample: Sample, folder: Path | str) -> None:
    """Write ``sample`` as the engagement folder a client and a consultant would have made; the same sample gives the same bytes."""
    medtech_folder.write(sample.tables, sample.answer_key, sample.as_of, Path(folder))


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else SHIPPED
    write(generate(), target)
    print(target)
