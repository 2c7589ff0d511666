"""Tenders: how many bids are won, against whom, for what reason and at what price; where bidding hardly ever
pays; who wins in our place.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import hypergeom

from kamplay.book import Book
from kamplay.method.noise_gate import beyond_chance, family_look
from kamplay.method.results import Findings, figure
from kamplay.method.stats.intervals import SEED, draws_for, percentile_interval, wilson

MONTHS = 36  # to as_of, in which tenders are looked at
FEW = 20  # bids below which no hit rate is told
LEAST = 5  # bids of a competitor or at an account from which it is compared with the others
# of won bids with a competitor named: below it the blanks would say who won
KNOWN = 0.8
# gap of our price over the winning one: band → above and up to which
GAPS = (("no_dearer", -np.inf, 0.0), ("to_5", 0.0, 0.05), ("to_10", 0.05, 0.1), ("over_10", 0.1, np.inf))
COLUMNS = [
    "tender_id",
    "account_id",
    "date",
    "amount",
    "result",
    "winner",
    "our_price",
    "winning_price",
    "reason",
    "competitor",
]
RATES = ["bids", "won", "amount", "rate", "low", "high", "p_value", "hardly_won"]


@dataclass(frozen=True)
class Tenders:
    """Tenders of the MONTHS months to as_of. A bid is one that was won or lost. Amounts in the engagement's
    currency; rates with their 95 % interval (Wilson's; of the rate by amount the bootstrap's over bids).

    Attributes
    ----------
    bids, won : of which so many were won; rate, low, high (None without a bid).
    amount_rate, amount_low, amount_high : the part of their amount that was won; None without amounts.
    first, last : days of the first and last bid (ISO); None without a bid.
    by_competitor : index competitor, most bids first: bids, won, amount (of the bids), rate, low, high,
        p_value (that as few or fewer are won if its bids were any of all; NaN below LEAST), hardly_won
        (beyond chance below the rest). Empty where too few won bids name one.
    competitor_named : the part of won bids that names a competitor; None without a won bid.
    by_account : the same by account, index account_id.
    reasons : index reason, most lost first: lost, won, share (of the lost bids with a reason), low, high,
        amount (of the lost), median_gap (our price over the winning one, of the lost).
    price_gaps : lost bids with both prices, by band of the gap: band (of GAPS), lost, amount.
    priced, no_dearer, median_gap : how many these are, in how many our price was not the higher one, and the
        median of our price over the winning one, less 1; None without any.
    winners : index winner, most first: lost (to it), amount, accounts.
    lost_at : a row per account and winner: account_id, winner, lost, amount, last (day).
    not_bid, not_bid_amount : tenders known that were not bid.
    not_bid_reason, not_bid_for : the reason most given, and how often; None and 0 without.
    cancelled : tenders that came to nothing.
    open, open_amount, next_open : tenders not yet decided, and the day of the next one (ISO).
    accounts : index account_id, every account with a tender: bids, won, lost, not_bid, open, won_amount,
        lost_amount, rate, low, high, hardly_won, last_bid (day), last_lost (day), last_lost_to,
        last_lost_reason, last_lost_gap.
    """

    bids: int
    won: int
    rate: float | None
    low: float | None
    high: float | None
    amount_rate: float | None
    amount_low: float | None
    amount_high: float | None
    first: str | None
    last: str | None
    by_competitor: pd.DataFrame
    competitor_named: float | None
    by_account: pd.DataFrame
    reasons: pd.DataFrame
    price_gaps: pd.DataFrame
    priced: int
    no_dearer: int
    median_gap: float | None
    winners: pd.DataFrame
    lost_at: pd.DataFrame
    not_bid: int
    not_bid_amount: float
    not_bid_reason: str | None
    not_bid_for: int
    cancelled: int
    open: int
    open_amount: float
    next_open: str | None
    accounts: pd.DataFrame


def tenders(book: Book) -> Tenders | None:
    """Analyse the tenders; None without a table of tenders that tells results."""
    if not book.has("tenders", "result"):
        return None
    rows, as_of = _rows(book), pd.Timestamp(book.as_of)
    past = rows[(rows["date"] <= as_of) & (rows["date"] > as_of - pd.DateOffset(months=MONTHS))]
    decided = past[past["result"].isin(["won", "lost"])]
    won = decided["result"] == "won"
    lost = decided[~won]
    low, high = wilson(won.sum(), len(decided))
    by_amount = _rate_by_amount(decided["amount"], won)
    open_ones = rows[(rows["result"] == "open") & (rows["date"] > as_of - pd.DateOffset(months=MONTHS))]
    ahead = open_ones.loc[open_ones["date"] > as_of, "date"]
    named = float(decided.loc[won, "competitor"].notna().mean()) if won.any() else 0.0
    rival = decided["competitor"].where(decided["competitor"].notna() | won, decided["winner"])
    by_account = rates(decided["account_id"], won, decided["amount"])
    not_bid = past[past["result"] == "not_bid"]
    given = not_bid["reason"].value_counts()
    gaps = lost["gap"].dropna()
    return Tenders(
        bids=len(decided),
        won=int(won.sum()),
        rate=float(won.mean()) if len(decided) else None,
        low=figure(low),
        high=figure(high),
        amount_rate=by_amount[0],
        amount_low=by_amount[1],
        amount_high=by_amount[2],
        first=None if decided.empty else str(decided["date"].min().date()),
        last=None if decided.empty else str(decided["date"].max().date()),
        by_competitor=rates(rival if named >= KNOWN else rival.iloc[:0], won, decided["amount"]),
        competitor_named=named if won.any() else None,
        by_account=by_account,
        reasons=_reasons(decided, won),
        price_gaps=_price_gaps(lost),
        priced=len(gaps),
        no_dearer=int((gaps <= 0).sum()),
        median_gap=float(gaps.median()) if len(gaps) else None,
        winners=_winners(lost),
        lost_at=_lost_at(lost),
        not_bid=len(not_bid),
        not_bid_amount=float(not_bid["amount"].sum()),
        not_bid_reason=str(given.index[0]) if len(given) else None,
        not_bid_for=int(given.iloc[0]) if len(given) else 0,
        cancelled=int((past["result"] == "cancelled").sum()),
        open=len(open_ones),
        open_amount=float(open_ones["amount"].sum()),
        next_open=str(ahead.min().date()) if len(ahead) else None,
        accounts=_accounts(pd.concat([past, open_ones]).drop_duplicates("place"), by_account),
    )


def _rows(book: Book) -> pd.DataFrame:
    """The tenders with every column of the codebook, and ``gap``: our price over the winning one, less 1."""
    rows = book.table("tenders").reset_index(drop=True).reindex(columns=COLUMNS)
    for column in ("amount", "our_price", "winning_price"):
        rows[column] = pd.to_numeric(rows[column]).astype("float64")
    for column in ("winner", "reason", "competitor"):
        text = rows[column].astype(object).where(rows[column].notna(), None)
        rows[column] = pd.Series([t.strip() if isinstance(t, str) and t.strip() else None for t in text])
    known = (rows["our_price"] > 0) & (rows["winning_price"] > 0)
    rows["gap"] = (rows["our_price"] / rows["winning_price"].where(known) - 1).where(known).round(9)
    return rows.assign(place=range(len(rows))).sort_values("date", kind="stable")


def rates(groups: pd.Series, won: pd.Series, amounts: pd.Series) -> pd.DataFrame:
    """Hit rates by group, most bids first.

    Parameters
    ----------
    groups : the group of each bid; bids without one are left out.
    won, amounts : of each bid, on the same index.

    Returns
    -------
    Index the group: bids, won, amount, rate, low, high (Wilson), p_value, hardly_won. ``p_value``: the chance
    that so few or fewer of its bids are won when it draws them from all (Fisher's exact test, one side; 1935,
    The Design of Experiments); missing below LEAST bids or where it is the only group. ``hardly_won``: more
    than chance by that, all groups judged together.
    """
    groups = groups.dropna()
    by = pd.DataFrame(
        {"group": groups, "won": won.reindex(groups.index), "amount": amounts.reindex(groups.index)}
    )
    out = by.groupby("group").agg(bids=("won", "size"), won=("won", "sum"), amount=("amount", "sum"))
    out = out.astype({"bids": "int64", "won": "int64", "amount": "float64"}).rename_axis(groups.name)
    out["rate"] = out["won"] / out["bids"]
    out["low"], out["high"] = wilson(out["won"], out["bids"])
    chance = hypergeom.cdf(out["won"], out["bids"].sum(), out["won"].sum(), out["bids"])
    compared = (out["bids"] >= LEAST) & (len(out) > 1)
    out["p_value"] = pd.Series(chance, index=out.index, dtype="float64").where(compared)
    out["hardly_won"] = beyond_chance(out["p_value"].to_numpy())
    return out.sort_values(["bids", "won"], ascending=False, kind="stable")[RATES]


def _rate_by_amount(amounts: pd.Series, won: pd.Series) -> tuple[float | None, float | None, float | None]:
    """The part of the bids' amount that was won, and its bootstrap interval over bids."""
    known = amounts.notna() & (amounts > 0)
    amount, hit = amounts[known].to_numpy(), won[known].to_numpy(dtype=float)
    if len(amount) < 2:
        return None, None, None
    drawn = np.random.default_rng(SEED).integers(0, len(amount), (draws_for(len(amount)), len(amount)))
    low, high = percentile_interval((amount * hit)[drawn].sum(axis=1) / amount[drawn].sum(axis=1))
    return float((amount * hit).sum() / amount.sum()), low, high


def _reasons(decided: pd.DataFrame, won: pd.Series) -> pd.DataFrame:
    given = decided[decided["reason"].notna()].assign(won=won)
    lost = given[~given["won"]].groupby("reason")
    out = pd.DataFrame(
        {"lost": lost.size(), "amount": lost["amount"].sum(), "median_gap": lost["gap"].median()}
    )
    hits = given[given["won"]].groupby("reason").size()
    out = out.reindex(out.index.union(hits.index)).rename_axis("reason")
    out["won"] = hits.reindex(out.index).fillna(0).astype("int64")
    out["lost"] = out["lost"].fillna(0).astype("int64")
    out["amount"] = out["amount"].fillna(0.0).astype("float64")
    total = int(out["lost"].sum())
    out["share"] = out["lost"] / total if total else np.nan
    out["low"], out["high"] = wilson(out["lost"], np.full(len(out), total))
    columns = ["lost", "won", "share", "low", "high", "amount", "median_gap"]
    return out.sort_values(["lost", "won"], ascending=False, kind="stable")[columns]


def _price_gaps(lost: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for band, above, to in GAPS:
        part = lost[(lost["gap"] > above) & (lost["gap"] <= to)]
        rows.append((band, len(part), float(part["amount"].sum())))
    return pd.DataFrame(rows, columns=["band", "lost", "amount"])


def _winners(lost: pd.DataFrame) -> pd.DataFrame:
    by = lost[lost["winner"].notna()].groupby("winner")
    out = pd.DataFrame(
        {"lost": by.size(), "amount": by["amount"].sum(), "accounts": by["account_id"].nunique()}
    )
    out = out.rename_axis("winner").astype({"lost": "int64", "amount": "float64", "accounts": "int64"})
    return out.sort_values(["lost", "amount"], ascending=False, kind="stable")


def _lost_at(lost: pd.DataFrame) -> pd.DataFrame:
    by = lost[lost["winner"].notna()].groupby(["account_id", "winner"])
    out = by.agg(lost=("date", "size"), amount=("amount", "sum"), last=("date", "max")).reset_index()
    return out.sort_values(["lost", "amount"], ascending=False, kind="stable", ignore_index=True)


def _accounts(rows: pd.DataFrame, by_account: pd.DataFrame) -> pd.DataFrame:
    """Every account with a tender, most bids first, see ``Tenders.accounts``."""
    rows = rows[rows["account_id"].notna()]
    number = pd.crosstab(rows["account_id"], rows["result"]).reindex(
        columns=["won", "lost", "not_bid", "open"], fill_value=0
    )
    sums = rows.pivot_table(index="account_id", columns="result", values="amount", aggfunc="sum")
    lost = rows[rows["result"] == "lost"].drop_duplicates("account_id", keep="last").set_index("account_id")
    last_bid = rows[rows["result"].isin(["won", "lost"])].groupby("account_id")["date"].max()
    out = number.rename_axis(columns=None).astype("int64")
    out.insert(0, "bids", out["won"] + out["lost"])
    for name in ("won", "lost"):
        amounts = sums[name] if name in sums else pd.Series(dtype="float64")
        out[f"{name}_amount"] = amounts.reindex(out.index).fillna(0.0)
    for name in ("rate", "low", "high"):
        out[name] = by_account[name].reindex(out.index)
    out["hardly_won"] = by_account["hardly_won"].reindex(out.index).eq(True)
    out["last_bid"] = last_bid.reindex(out.index)
    out["last_lost"] = lost["date"].reindex(out.index)
    for name, column in (("to", "winner"), ("reason", "reason"), ("gap", "gap")):
        out[f"last_lost_{name}"] = lost[column].reindex(out.index)
    return out.sort_values(["bids", "lost"], ascending=False, kind="stable")


def add_findings(findings: Findings, result: Tenders | None, delivered: bool) -> None:
    """Add the hit rate and what it hangs on. ``delivered``: whether there is a table of tenders at all."""
    if result is None:
        findings.add("tenders_no_result" if delivered else "tenders_unknown", "note", "ask_for_tenders")
        return
    figures = {"bids": result.bids, "won": result.won, "first_day": result.first, "last_day": result.last}
    if result.bids < FEW:
        findings.add("tenders_few", "note", None, **figures, few=FEW)
    else:
        by_amount = {
            "amount_rate": result.amount_rate,
            "amount_low": result.amount_low,
            "amount_high": result.amount_high,
        }
        rate = {"rate": result.rate, "low": result.low, "high": result.high}
        known = result.amount_rate is not None
        findings.add("tenders_hit", "note", None, **figures, **rate, **(by_amount if known else {}))
        _add_competitors(findings, result)
    _add_prices(findings, result)
    _add_reasons(findings, result)
    if result.bids >= FEW:
        _add_closed_doors(findings, result)
    _add_not_bid(findings, result)
    if result.open:
        findings.add(
            "tenders_open", "note", None, count=result.open, amount=result.open_amount, day=result.next_open
        )


def _add_competitors(findings: Findings, result: Tenders) -> None:
    """The competitors against whom we win less than against the others."""
    if result.by_competitor.empty:
        findings.add(
            "tenders_rivals_unnamed", "note", "name_rivals", named=result.competitor_named, least=KNOWN
        )
        return
    by = result.by_competitor
    hard = by[by["hardly_won"]].sort_values("p_value")
    if hard.empty:
        tested = int(by["p_value"].notna().sum())
        findings.looked(family_look(by["p_value"]))
        findings.add("tenders_rivals_alike", "note", None, count=tested, least=LEAST)
        return
    worst = hard.iloc[0]
    others = by.drop(index=hard.index)[["won", "bids"]].sum()
    at = result.lost_at[result.lost_at["winner"] == hard.index[0]]
    findings.add(
        "tenders_rival",
        "watch",
        "study_rival",
        at["account_id"],
        rival=str(hard.index[0]),
        bids=worst["bids"],
        won=worst["won"],
        rate=worst["rate"],
        low=worst["low"],
        high=worst["high"],
        others=others["won"] / others["bids"] if others["bids"] else None,
        amount=at["amount"].sum(),
        look=family_look(by["p_value"]),
    )


def _add_prices(findings: Findings, result: Tenders) -> None:
    lost = result.bids - result.won
    if result.priced < LEAST or result.median_gap is None:
        if lost:
            findings.add("tenders_prices_unknown", "note", "record_prices", known=result.priced, lost=lost)
        return
    low, high = wilson(result.no_dearer, result.priced)
    figures = {
        "priced": result.priced,
        "lost": lost,
        "median": result.median_gap,
        "no_dearer": result.no_dearer,
        "share": result.no_dearer / result.priced,
        "low": float(low),
        "high": float(high),
    }
    kind = "tenders_price_gap" if result.median_gap > 0 else "tenders_price_no_matter"
    findings.add(kind, "note", "ask_why_lost" if result.no_dearer else None, **figures)


def _add_reasons(findings: Findings, result: Tenders) -> None:
    given = result.reasons[result.reasons["lost"] > 0]
    total = int(given["lost"].sum())
    if total < LEAST:
        return
    first = given.iloc[0]
    low, high = (float(first[name]) for name in ("low", "high"))
    figures = {"total": total, "lost": first["lost"], "share": first["share"], "low": low, "high": high}
    kind = "tenders_reasons" if first["median_gap"] == first["median_gap"] else "tenders_reasons_unpriced"
    findings.add(kind, "note", None, reason=str(given.index[0]), gap=first["median_gap"], **figures)


def _add_closed_doors(findings: Findings, result: Tenders) -> None:
    """The accounts at which bids are hardly ever won."""
    by = result.by_account
    tested = by["p_value"].dropna()
    if tested.empty:
        return
    shut = by[by["hardly_won"]].sort_values("p_value")
    if shut.empty:
        findings.looked(family_look(tested))
        return
    at = result.lost_at[result.lost_at["account_id"] == shut.index[0]]
    findings.add(
        "tenders_closed_door" if len(at) else "tenders_closed_door_unnamed",
        "watch",
        "decide_bidding",
        shut.index,
        count=len(shut),
        bids=shut["bids"].iloc[0],
        won=shut["won"].iloc[0],
        high=shut["high"].iloc[0],
        rate=result.rate,
        winner=at["winner"].iloc[0] if len(at) else None,
        lost=at["lost"].iloc[0] if len(at) else None,
        look=family_look(tested),
    )


def _add_not_bid(findings: Findings, result: Tenders) -> None:
    if not result.not_bid:
        findings.add("tenders_all_bid", "note", "record_not_bid")
        return
    figures = {
        "count": result.not_bid,
        "amount": result.not_bid_amount,
        "share": result.not_bid / (result.not_bid + result.bids),
    }
    if result.not_bid_reason is None:
        findings.add("tenders_not_bid", "note", None, **figures)
    else:
        given = {"reason": result.not_bid_reason, "given": result.not_bid_for}
        findings.add("tenders_not_bid_why", "note", None, **figures, **given)
