"""What accounts that leave were expected to cost, and what they did: the shipped samples at past dates.

    .venv/bin/python benchmarks/expected_loss.py
    .venv/bin/python benchmarks/expected_loss.py --sample online_retail --dates 2010-12-31

Of each date a Book is made as if the data ended there. An account has left where it buys nothing from then to
the end of the sample (half a year to a year and a half); it then costs the revenue of the horizon that was
expected of it. Accounts that had plainly stopped are left out, as in the report. ``told``: by the probability
that a report of that date shows, none where that did not pass its test; ``bgnbd``: by BG/NBD's. ``whole``:
with the whole probability in place of the part that the account's own rhythm does not explain.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd

from kamplay.engagement import load
from kamplay.intake.prepare import prepare
from kamplay.method.health.churn import fit_churn_model
from kamplay.method.health.churn_features import signs_beside_purchases
from kamplay.method.health.early_warning import early_warning, stopped_accounts
from kamplay.method.health.priority_list import beyond_rhythm, expected_revenue, own_rhythm
from kamplay.method.measures import purchases
from kamplay.method.measures.buying_rhythm import buying_rhythm
from kamplay.method.measures.purchase_model import purchase_model

SAMPLES = Path(__file__).parents[1] / "data_templates" / "samples"
DATES = {
    "online_retail": ["2010-11-30", "2010-12-31", "2011-02-28"],
    "medtech": ["2025-01-01", "2025-06-30", "2025-10-01", "2026-01-01"],
}


def losses(sample: str, dates: list[str]) -> pd.DataFrame:
    """One row a date and probability: accounts, expected, lost, their difference, and whole."""
    folder = SAMPLES / sample
    days = prepare(load(folder)).days
    later = days.loc[days["bought"], ["account_id", "date"]].astype({"account_id": "str"})
    rows = []
    for date in dates:
        engagement = load(folder, as_of=date)
        book, horizon = prepare(engagement), engagement.settings.health.horizon_days
        end = pd.Timestamp(book.seen_to)
        gone = stopped_accounts(early_warning(book, horizon).warnings)
        rhythm = buying_rhythm(book.days, end)
        active = rhythm.index[rhythm["silent"] < 365].difference(gone)
        revenue = purchases.revenue(book).reindex(active)
        money = expected_revenue(revenue, rhythm.reindex(active), horizon).clip(lower=0)
        stays = later.loc[later["date"] > end, "account_id"].unique()
        chances = {
            "told": fit_churn_model(book, horizon, signs_beside_purchases(book)).probability,
            "bgnbd": purchase_model(book).no_purchase(horizon),
        }
        for name, chance in chances.items():
            chance = chance.reindex(active).dropna()
            if chance.empty:
                rows.append({"date": date, "by": name, "accounts": 0})
                continue
            part = money.reindex(chance.index)
            expected = (beyond_rhythm(chance, own_rhythm(book, end, horizon)) * part).sum()
            lost = part[~chance.index.isin(stays)].sum()
            rows.append(
                {
                    "date": date,
                    "by": name,
                    "accounts": len(chance),
                    "expected": round(expected),
                    "lost": round(lost),
                    "off": f"{expected / lost - 1:+.0%}",
                    "whole": round((chance * part).sum()),
                }
            )
    return pd.DataFrame(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sample", choices=list(DATES), action="append")
    parser.add_argument("--dates", nargs="+")
    args = parser.parse_args()
    for sample in args.sample or DATES:
        print(f"{sample}\n{losses(sample, args.dates or DATES[sample]).to_string(index=False)}\n")


if __name__ == "__main__":
    main()
