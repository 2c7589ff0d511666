"""The chance that an account stops, out of time, on real data: what kamplay tells, its model and BG/NBD; the
health score beside that chance; and the speed.

    .venv/bin/python -m pip install ".[bench]"        # scikit-learn, for the boosting alone
    .venv/bin/python benchmarks/churn.py --retail online_retail_II.parquet --firms sales_123_firms.parquet

``--retail``: the lines of Online Retail II (UCI, CC BY 4.0), with Invoice, StockCode, Quantity, InvoiceDate,
Price, Customer ID. Eight cut-offs, 26 days apart, from 2010-12-12 to 2011-06-12, the last whose outcome the
data hold; health at every second of them. ``--firms``: VAT sales invoices of 123 Chinese firms, with 企业代号
(firm), 发票号码 (number), 开票日期 (date), 购方单位代号 (buyer), 金额 (net amount), 发票状态 (status).
Cut-off 2019-06-30, all firms as one (an account is a firm and its buyer), then firm by firm. Either is a
parquet file; what is not given is left out.

Churn: an account that bought in the 365 days to the cut-off buys nothing in the 180 after it. A Book is made
of the lines up to the cut-off alone; what came after is read only to judge. ``told`` is what a report shows,
``model`` the ridge logit whether or not it passed its test, BG/NBD is fitted to all accounts. Boosting learns
from the same rows and the same features as kamplay, at scikit-learn's defaults.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.intake.rollup import roll_up
from kamplay.method.health.churn import TrainingRows, fit_churn_model, fit_for
from kamplay.method.health.churn_features import (
    features_at_cutoff,
    first_day,
    purchase_history,
    signs_beside_purchases,
    training_rows,
)
from kamplay.method.health.score import health_score
from kamplay.method.measures.purchase_model import purchase_model
from kamplay.method.stats.classification import (
    auc,
    auc_difference,
    brier,
    calibration_groups,
    calibration_line,
)
from kamplay.presets import load_health

HORIZON = 180
RETAIL_CUTOFFS = [pd.Timestamp("2010-12-12") + pd.Timedelta(days=26 * k) for k in range(8)]
FIRMS_CUTOFF = pd.Timestamp("2019-06-30")


def book_of(lines: pd.DataFrame, as_of: pd.Timestamp) -> Book:
    up = roll_up(lines, as_of.date())
    return Book({"transactions": lines}, up.monthly, up.days, up.baskets, up.totals, (), (), as_of.date())


def split(lines: pd.DataFrame, cutoff: pd.Timestamp) -> tuple[Book, pd.DataFrame]:
    """A Book of what was known at the cut-off, and the days after it."""
    book = book_of(lines[lines["date"] <= cutoff].reset_index(drop=True), cutoff)
    return book, lines[lines["date"] > cutoff]


def outcome(accounts: pd.Index, after: pd.DataFrame, cutoff: pd.Timestamp) -> np.ndarray:
    bought = after[(after["amount"] > 0) & (after["date"] <= cutoff + pd.Timedelta(days=HORIZON))]
    return (~accounts.isin(bought["account_id"])).astype(float)


def line(name: str, y: np.ndarray, p: np.ndarray, likely: bool = True) -> None:
    told = (
        f"  Brier {brier(y, p).value:.4f}  slope {calibration_line(y, p).slope:.2f}  said {p.mean():.3f}"
        if likely
        else ""
    )
    area = auc(y, p)
    print(f"  {name:22s} AUC {area.value:.4f} ({area.low:.3f}–{area.high:.3f}){told}", flush=True)


def paired(y: np.ndarray, one: np.ndarray, other: np.ndarray) -> tuple[float, float]:
    """Brier score of ``one`` less that of ``other`` on the same accounts, and its standard error."""
    apart = (one - y) ** 2 - (other - y) ** 2
    return float(apart.mean()), float(apart.std(ddof=1) / np.sqrt(len(apart)))


def compare(lines: pd.DataFrame, cutoff: pd.Timestamp, boost: bool, health: bool) -> tuple[float, float]:
    """Print one cut-off; the mean told and the share that stopped."""
    book, after = split(lines, cutoff)
    start = time.perf_counter()
    model = fit_churn_model(book, HORIZON)
    seconds = time.perf_counter() - start
    history = purchase_history(book.days)
    now = features_at_cutoff(book, history, cutoff, HORIZON)
    rows = training_rows(book, history, cutoff, HORIZON)
    y = outcome(now.index, after, cutoff)
    told = model.probability.reindex(now.index)
    dates = purchase_model(book).no_purchase(HORIZON).reindex(now.index).to_numpy()
    print(
        f"{cutoff.date()}: {len(y):,} active, {y.mean():.3f} stopped; fit and score {seconds:.1f} s; "
        f"{model.evaluation['verdict']}, told is the {model.evaluation['probability_from']}'s"
    )
    if told.notna().all():
        line("told", y, told.to_numpy())
        apart, error = paired(y, told.to_numpy(), dates)
        print(f"  told less BG/NBD       Brier {apart:+.4f} ± {error:.4f} (standard error)")
    if len(rows):
        whole_from = first_day(history) + pd.Timedelta(days=365)
        own = (
            fit_for(TrainingRows(rows, "stopped", HORIZON), cutoff, now, whole_from)
            .probability(now)
            .to_numpy()
        )
        line("model", y, own)
        apart, error = paired(y, own, dates)
        print(f"  model less BG/NBD      Brier {apart:+.4f} ± {error:.4f}")
    line("BG/NBD", y, dates)
    line("recency", y, now["silent"].to_numpy(), likely=False)
    if health:
        judge_health(book, cutoff, told, y, now["silent"])
    if boost:
        boosting(rows, now, y)
    return float(told.mean()), float(y.mean())


def judge_health(book: Book, cutoff: pd.Timestamp, told: pd.Series, y: np.ndarray, silent: pd.Series) -> None:
    """Print how the health score ranks beside the probability and recency, and what happened by decile."""
    for name in ("standard", "purchases"):
        score = health_score(book, cutoff, load_health(name, Path()), told).accounts["health"].dropna()
        place = told.index.get_indexer(score.index)
        stopped, risk = y[place], 100 - score.to_numpy()
        print(f"  health, card {name}: {len(score):,} scored")
        line("  health", stopped, risk, likely=False)
        for other, ranks in (("probability", told.to_numpy()[place]), ("recency", silent.to_numpy()[place])):
            if np.isnan(ranks).any():
                continue
            line(f"  {other}", stopped, ranks, likely=False)
            gain = auc_difference(stopped, risk, ranks)[0]
            print(f"    health less {other}: {gain.value:+.4f} ({gain.low:+.4f} to {gain.high:+.4f})")
        groups = calibration_groups(stopped, -score.to_numpy(), 10)
        seen = "  ".join(f"{share:.3f}" for share in groups["seen"])
        print(f"    stopped by decile of health, the best first: {seen}")
        rises = np.diff(groups["seen"])
        error = np.sqrt((groups["seen"] * (1 - groups["seen"]) / groups["accounts"]).rolling(2).sum()[1:])
        worst = (rises / np.maximum(error, 1e-9)).min()
        print(f"    largest fall from one decile to the next: {worst:+.1f} standard errors")


def boosting(rows: pd.DataFrame, now: pd.DataFrame, y: np.ndarray) -> None:
    try:
        from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier
    except ImportError:
        print("  (no boosting: scikit-learn is not installed)")
        return
    known = [c for c in now.columns if now[c].notna().any()]
    for name, model in (
        ("hist. boosting", HistGradientBoostingClassifier(random_state=0)),
        ("gradient boosting", GradientBoostingClassifier(random_state=0)),
    ):
        model.fit(rows[known].astype(float).fillna(-99.0), rows["stopped"])
        line(name, y, model.predict_proba(now[known].astype(float).fillna(-99.0))[:, 1])


def firm_by_firm(lines: pd.DataFrame, cutoff: pd.Timestamp) -> None:
    """One Book a firm: how often a probability is told, and how it ranks against recency."""
    gains, verdicts, parts = [], [], []
    for firm, own in lines.groupby("firm"):
        if own["date"].min() > cutoff:
            continue
        book, after = split(own, cutoff)
        model = fit_churn_model(book, HORIZON)
        verdicts.append(model.evaluation["verdict"])
        p = model.probability.dropna()
        if len(p) == 0:
            continue
        y = outcome(p.index, after, cutoff)
        if not 0 < y.sum() < len(y):
            continue
        silent = (
            features_at_cutoff(book, purchase_history(book.days), cutoff, HORIZON)
            .loc[p.index, "silent"]
            .to_numpy()
        )
        gains.append((firm, auc(y, p.to_numpy()).value, auc(y, silent).value, len(y), y.sum()))
        parts.append((y, p.to_numpy()))
    table = pd.DataFrame(gains, columns=["firm", "auc", "recency", "accounts", "stopped"])
    gain = table["auc"] - table["recency"]
    print(f"firm by firm: {pd.Series(verdicts).value_counts().to_dict()}; {len(table)} told and judged,")
    print(
        f"  mean AUC {table['auc'].mean():.3f}, recency {table['recency'].mean():.3f}; better in "
        f"{(gain > 0).mean():.0%}, "
        f"worse by more than 0.02 in {(gain < -0.02).mean():.0%}"
    )
    table["gain"] = gain
    for row in table[table["gain"] < -0.02].sort_values("gain").itertuples():
        print(
            f"  {row.firm}: {row.auc:.3f} against {row.recency:.3f}, {row.accounts} accounts, "
            f"{row.stopped:.0f} stopped"
        )
    line("all told", np.concatenate([y for y, _ in parts]), np.concatenate([p for _, p in parts]))


def made(accounts: int, months: int, cutoff: pd.Timestamp) -> pd.DataFrame:
    """Lines of made accounts: each with a rate and a chance to leave of its own."""
    rng = np.random.default_rng(1)
    days = int(months * 30.4)
    rate, begin = rng.gamma(1.0, 1.0, accounts) + 0.05, rng.uniform(0, days, accounts)
    life = np.minimum(rng.exponential(600, accounts), days - begin)
    counts = rng.poisson(rate * life / 30.4) + 1
    who = np.repeat(np.arange(accounts), counts)
    when = begin[who] + np.where(np.r_[True, who[1:] != who[:-1]], 0.0, rng.random(len(who)) * life[who])
    date = cutoff - pd.to_timedelta(days - np.floor(when).clip(0, days), unit="D")
    ids = pd.Series("A" + pd.Series(np.arange(accounts)).astype("str").str.zfill(6)).to_numpy()[who]
    amount = rng.lognormal(6, 1, len(who))
    return pd.DataFrame(
        {"account_id": pd.Series(ids, dtype="str"), "date": date.astype("datetime64[us]"), "amount": amount}
    )


def with_tables(book: Book) -> Book:
    """The same client with the six tables that signs are read from, by chance alone: as large as they would
    be, telling nothing.
    """
    rng, lines, as_of = np.random.default_rng(2), book.tables["transactions"], pd.Timestamp(book.as_of)

    def some(count: int) -> pd.DataFrame:
        return lines.iloc[np.sort(rng.integers(0, len(lines), count))][
            ["account_id", "date", "amount"]
        ].reset_index(drop=True)

    def later(day: pd.Series, low: int, high: int) -> pd.Series:
        return (day + pd.to_timedelta(rng.integers(low, high, len(day)), unit="D")).astype("datetime64[us]")

    def known(day: pd.Series) -> pd.Series:
        return day.where(day <= as_of)

    count = len(lines)
    bills, runs, tickets, deals = some(count), some(count), some(count // 3), some(count // 5)
    due, promised = later(bills["date"], 60, 61), later(runs["date"], 8, 9)
    tables = {
        "receivables": bills.rename(columns={"date": "invoice_date"}).assign(
            due_date=due, paid_date=known(later(due, -10, 30))
        ),
        "deliveries": runs.assign(promised_date=promised, delivered_date=known(later(promised, -3, 4))).drop(
            columns=["date", "amount"]
        ),
        "tickets": tickets.assign(
            opened=tickets["date"],
            closed=known(later(tickets["date"], 1, 60)),
            due=later(tickets["date"], 10, 11),
            kind=rng.choice(["complaint", "request"], len(tickets)),
        ).drop(columns=["date", "amount"]),
        "surveys": some(count // 3)
        .assign(score=lambda t: rng.integers(1, 6, len(t)).astype(float), scale=5.0)
        .drop(columns="amount"),
        "visits": some(count // 2).drop(columns="amount"),
        "opportunities": deals.assign(
            opened=later(deals["date"], -90, -30),
            closed=deals["date"],
            competitor="X",
            result=rng.choice(["won", "lost"], len(deals)),
        ).drop(columns="date"),
    }
    return replace(book, tables=book.tables | tables)


def timed(book: Book, months: int) -> None:
    start = time.perf_counter()
    model = fit_churn_model(book, HORIZON, signs_beside_purchases(book))
    told = int(model.probability.notna().sum())
    beside = f"{len(book.tables) - 1} tables beside" if len(book.tables) > 1 else "no table beside"
    print(
        f"{len(book.accounts):,} accounts, {months} months, {len(book.days):,} buying days, "
        f"{beside}: fit and score {told:,} active in "
        f"{time.perf_counter() - start:.1f} s ({model.evaluation['verdict']}, AUC {model.evaluation['auc']})",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--retail", type=Path)
    parser.add_argument("--firms", type=Path)
    parser.add_argument(
        "--accounts",
        type=int,
        default=100_000,
        help="of the made client that is timed, and a fifth of them with six more tables; 0: none",
    )
    parser.add_argument("--months", type=int, default=24)
    options = parser.parse_args()
    if options.retail:
        raw = pd.read_parquet(options.retail)
        raw = raw[raw["Customer ID"].notna()]
        lines = pd.DataFrame(
            {
                "account_id": raw["Customer ID"].astype("str"),
                "date": raw["InvoiceDate"].dt.normalize().astype("datetime64[us]"),
                "amount": raw["Quantity"] * raw["Price"],
                "order_id": raw["Invoice"],
                "product": raw["StockCode"],
            }
        )
        print("Online Retail II")
        means = [
            compare(lines, cutoff, boost=cutoff == RETAIL_CUTOFFS[-1], health=bool(number % 2))
            for number, cutoff in enumerate(RETAIL_CUTOFFS)
        ]
        apart = np.array([said - seen for said, seen in means])
        print(
            f"said less seen, by cut-off: {'  '.join(f'{a:+.3f}' for a in apart)}; "
            f"mean {np.nanmean(apart):+.3f}, mean size {np.nanmean(np.abs(apart)):.3f}"
        )
    if options.firms:
        raw = pd.read_parquet(options.firms)
        raw = raw[raw["发票状态"].str.strip() == "有效发票"]
        lines = pd.DataFrame(
            {
                "firm": raw["企业代号"],
                "account_id": raw["企业代号"] + "|" + raw["购方单位代号"],
                "date": raw["开票日期"].dt.normalize().astype("datetime64[us]"),
                "amount": raw["金额"],
                "order_id": raw["发票号码"],
            }
        )
        print("123 firms pooled")
        compare(lines, FIRMS_CUTOFF, boost=True, health=True)
        firm_by_firm(lines, FIRMS_CUTOFF)
    if options.accounts:
        as_of = pd.Timestamp("2025-12-31")
        timed(book_of(made(options.accounts, options.months, as_of), as_of), options.months)
        timed(with_tables(book_of(made(options.accounts // 5, options.months, as_of), as_of)), options.months)


if __name__ == "__main__":
    main()
