"""What is signed, bid for and agreed with each unit: contracts, tenders, cases of value."""

from __future__ import annotations

import pandas as pd

from kamplay.method.value.step import Value

CONTRACT = [
    "unit_id",
    "contract_id",
    "start",
    "end",
    "notice",
    "state",
    "amount",
    "price_terms",
    "running",
    "ran_out",
    "buys",
]
TENDERS = [
    "unit_id",
    "bids",
    "won",
    "lost",
    "open",
    "rate",
    "low",
    "high",
    "last_bid",
    "last_lost",
    "last_lost_to",
    "last_lost_reason",
    "last_lost_gap",
]
LOST_AT = ["unit_id", "winner", "lost", "amount", "last"]
CASES = [
    "unit_id",
    "case_id",
    "offer",
    "date",
    "claimed",
    "agreed",
    "agreed_on",
    "realised",
    "realised_on",
    "stage",
    "unproven",
    "undecided",
]


def contracts(value: Value) -> pd.DataFrame:
    """Of each unit with a contract the one that runs longest, else the last one, see ``Contracts``.

    Returns
    -------
    CONTRACT; state as in ``Contracts.renewals``, missing for one that does not end within its months.
    """
    if value.contracts is None:
        return pd.DataFrame(columns=CONTRACT)
    rows = _by_unit(value.contracts.accounts)
    renewals = value.contracts.renewals.drop_duplicates("contract_id").set_index("contract_id")["state"]
    return rows.assign(state=rows["contract_id"].map(renewals)).reindex(columns=CONTRACT)


def tenders(value: Value) -> pd.DataFrame:
    """What became of the tenders of each unit: TENDERS, as in ``Tenders.accounts``."""
    if value.tenders is None:
        return pd.DataFrame(columns=TENDERS)
    return _by_unit(value.tenders.accounts).reindex(columns=TENDERS)


def tender_winners(value: Value) -> pd.DataFrame:
    """Who won tenders of each unit in our place: LOST_AT, of each unit the one with most first."""
    if value.tenders is None:
        return pd.DataFrame(columns=LOST_AT)
    rows = value.tenders.lost_at.rename(columns={"account_id": "unit_id"}).reindex(columns=LOST_AT)
    order = rows.sort_values(["unit_id", "lost", "amount"], ascending=[True, False, False], kind="stable")
    return order.reset_index(drop=True)


def value_cases(value: Value) -> pd.DataFrame:
    """The cases of value of each unit: CASES, as in ``ValueRegister.cases``."""
    if value.value_cases is None:
        return pd.DataFrame(columns=CASES)
    rows = value.value_cases.cases.rename(columns={"account_id": "unit_id"})
    return rows.reindex(columns=CASES).reset_index(drop=True)


def _by_unit(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.rename_axis("unit_id").reset_index()
