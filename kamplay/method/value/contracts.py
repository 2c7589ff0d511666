"""Contracts: which run, when each has to be renewed, how much revenue is under contract, and which ran out
without another in their place.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.measures import purchases
from kamplay.method.results import Findings
from kamplay.presets.scorecard import KEY_LEVELS

AHEAD = 12  # months of the calendar of renewals
SOON = 92  # days to the last day of notice within which it is to be dealt with: a quarter
AT_ONCE = 31  # days to it within which there is no time left to wait: a month
FOLLOWS = 92  # days between an end and the start of the contract that follows it
SATURDAY = 5  # as the day of a week
LOOKED_BACK = 24  # months since the end within which a contract that ran out is told
STILL_BUYS = 182  # days since the last purchase up to which an account still buys
COLUMNS = [
    "contract_id",
    "account_id",
    "start",
    "end",
    "amount",
    "price_terms",
    "notice_days",
    "notice_date",
    "status",
]


@dataclass(frozen=True)
class Contracts:
    """Contracts at as_of. Amounts in the engagement's currency.

    What was is told at as_of; how far ahead a day of notice lies is counted from ``day``, as by then it may
    have passed.

    A contract runs from its start to its end, both included, unless its status says that it was ended before.
    Another of the same account follows it where it starts later, at most FOLLOWS days after its end, and ends
    later; or its status says that it was renewed.

    Attributes
    ----------
    as_of, day : ISO dates: the reporting date, and that from which days of notice count: the day of the plan,
        as_of at the earliest.
    contracts : how many are known.
    running, running_amount : how many run at as_of, and what they are worth over their whole term.
    without_amount : of these, how many state no amount; without_notice : neither days nor a date of notice.
    covered : accounts with a contract that runs; covered_revenue : their revenue of the 12 months;
        covered_share : its share of all revenue (None without revenue).
    key_accounts, key_covered, key_covered_share : of accounts of level S or A: how many buy, how many of them
        have a contract that runs, and the share of their revenue; 0, 0 and None without levels.
    key_uncovered : accounts of level S or A without one, the largest first: account_id, revenue.
    renewals : contracts running at as_of that end within AHEAD months of ``day``, the first to deal with
        first: contract_id, account_id, start, end, amount, price_terms, notice (the last day of notice:
        as stated, else the end less the days of notice; missing where neither is), state (``followed``:
        another follows; ``missed``: the day of notice has passed; ``soon``: it lies within SOON days;
        ``later``; ``unknown``: no notice is stated), days (to it), letter (the day on which the letter goes
        out, see ``Letters``), agree (by when price and terms are to be agreed, see ``agreed_by``; missing
        without a notice), yearly (the amount of a year of it), revenue (of the account, 12 months).
    ran_out : accounts without a contract that runs or is to come, whose last one ended within LOOKED_BACK
        months: contract_id, account_id, end, days (since then), since (revenue after the end), last_purchase,
        buys (bought after the end and within the last STILL_BUYS days), revenue, yearly, price_terms; those
        that buy first, then the larger.
    by_month : the 12 months to as_of and the AHEAD after it: month_end, under_contract (the amount of each
        contract spread evenly over the days of its term; without a follow-up nothing is assumed after its
        end), contracts (that run in it), revenue (missing after as_of).
    accounts : index account_id, every account with a contract: running (contracts), contract_id, end, notice,
        state, amount, price_terms (of the running one that ends last, else of the last one), revenue,
        ran_out, buys.
    """

    as_of: str
    day: str
    contracts: int
    running: int
    running_amount: float
    without_amount: int
    without_notice: int
    covered: int
    covered_revenue: float
    covered_share: float | None
    key_accounts: int
    key_covered: int
    key_covered_share: float | None
    key_uncovered: pd.DataFrame
    renewals: pd.DataFrame
    ran_out: pd.DataFrame
    by_month: pd.DataFrame
    accounts: pd.DataFrame


class Days(Protocol):
    """The days on which letters can go out."""

    def on_or_before(self, day: date) -> date:
        """The last of them up to ``day``."""


@dataclass(frozen=True)
class Letters:
    """When the letter about a renewal goes out: on the last of ``days`` up to the day of notice; ``assumed``
    days before the end count as notice where a contract states none.
    """

    days: Days
    assumed: int


def contracts(
    book: Book,
    levels: pd.Series | None = None,
    day: date | None = None,
    letters: Letters | None = None,
    off: Collection[date] = (),
) -> Contracts | None:
    """Analyse the contracts; None without.

    Parameters
    ----------
    levels : account_id → level S, A, B or C of today.
    day : the day of the plan, as_of where it is not given.
    letters : None: letters go out on the day of notice, and none where no notice is stated.
    off : the public holidays after the day of the plan: nothing is agreed on one.
    """
    if not book.has("contracts"):
        return None
    rows, as_of = _rows(book), pd.Timestamp(book.as_of)
    day = max(book.as_of, day or book.as_of)
    revenue = purchases.revenue(book)
    running = rows[rows["running"]]
    bought = revenue[revenue > 0]
    covered = bought.index.intersection(running["account_id"].unique())
    total = float(bought.sum())
    key = bought[bought.index.isin(_key_accounts(levels))]
    key_covered = key[key.index.isin(covered)]
    uncovered = key[~key.index.isin(covered)].sort_values(ascending=False, kind="stable")
    ran_out = _ran_out(book, rows, revenue, as_of)
    return Contracts(
        as_of=book.as_of.isoformat(),
        day=day.isoformat(),
        contracts=len(rows),
        running=len(running),
        running_amount=float(running["amount"].sum()),
        without_amount=int(running["amount"].isna().sum()),
        without_notice=int(running["notice"].isna().sum()),
        covered=len(covered),
        covered_revenue=float(bought[covered].sum()),
        covered_share=float(bought[covered].sum()) / total if total > 0 else None,
        key_accounts=len(key),
        key_covered=len(key_covered),
        key_covered_share=float(key_covered.sum() / key.sum()) if len(key) else None,
        key_uncovered=uncovered.rename("revenue").rename_axis("account_id").reset_index(),
        renewals=_renewals(rows, revenue, pd.Timestamp(day), letters, off),
        ran_out=ran_out,
        by_month=_by_month(book, rows),
        accounts=_accounts(rows, ran_out, revenue),
    )


def to_renew(renewals: pd.DataFrame, day: pd.Timestamp, assumed: int | None = None) -> pd.DataFrame:
    """Of ``Contracts.renewals`` those to deal with now: the day of notice has passed, or lies within SOON
    days of as_of or of ``day``, the day on which it is planned, which may be later.

    ``assumed``: days before the end that are taken for the notice of a contract that states none; None: such
    a contract is not dealt with. ``assumed`` of the result says where they were taken.
    """
    unstated = renewals["state"] == "unknown"
    renewals = renewals.assign(assumed=np.where(unstated, float(assumed or 0), np.nan))
    if assumed is not None:
        taken = renewals["end"] - pd.Timedelta(days=assumed)
        renewals = renewals.assign(notice=renewals["notice"].where(~unstated, taken))
        state = np.where(renewals["notice"] < day, "missed", "later")
        renewals["state"] = renewals["state"].where(~unstated, pd.Series(state, renewals.index))
    near = (renewals["state"] == "later") & ((renewals["notice"] - day).dt.days < SOON)
    due = renewals[renewals["state"].isin(["missed", "soon"]) | near]
    return due.sort_values(["notice", "end"], kind="stable")


def _key_accounts(levels: pd.Series | None) -> pd.Index:
    return pd.Index([]) if levels is None else levels.index[levels.isin(KEY_LEVELS)]


def _rows(book: Book) -> pd.DataFrame:
    """The contracts with every column of the codebook, and: notice (day), running, to_come, followed,
    yearly."""
    as_of = pd.Timestamp(book.as_of)
    rows = book.table("contracts").reset_index(drop=True).reindex(columns=COLUMNS)
    for column in ("start", "end", "notice_date"):
        rows[column] = pd.to_datetime(rows[column]).astype("datetime64[us]")
    rows = rows[rows["account_id"].notna() & (rows["end"] >= rows["start"])].reset_index(drop=True)
    rows["amount"] = pd.to_numeric(rows["amount"]).astype("float64")
    lead = pd.to_timedelta(pd.to_numeric(rows["notice_days"]).astype("float64"), unit="D")
    rows["notice"] = rows["notice_date"].fillna(rows["end"] - lead)
    status = rows["status"].astype(object).where(rows["status"].notna(), None)
    stopped = (status == "ended") & (rows["end"] >= as_of)
    rows["running"] = (rows["start"] <= as_of) & (rows["end"] >= as_of) & ~stopped
    rows["to_come"] = (rows["start"] > as_of) & ~stopped
    rows["renewed"] = status == "renewed"
    rows["followed"] = rows["renewed"] | _followed(rows[~stopped], rows)
    days = (rows["end"] - rows["start"]).dt.days + 1
    rows["yearly"] = rows["amount"] * (365 / days).clip(upper=1.0)
    return rows


def _followed(others: pd.DataFrame, rows: pd.DataFrame) -> pd.Series:
    """Whether one of ``others`` follows each of ``rows``."""
    starts = others[["account_id", "start", "end"]].rename(columns={"start": "next_start", "end": "next_end"})
    pairs = (
        rows[["account_id", "start", "end"]].rename_axis("place").reset_index().merge(starts, on="account_id")
    )
    after = (pairs["next_start"] > pairs["start"]) & (pairs["next_end"] > pairs["end"])
    near = pairs["next_start"] <= pairs["end"] + pd.Timedelta(days=FOLLOWS)
    return pd.Series(rows.index.isin(pairs.loc[after & near, "place"]), index=rows.index)


def _renewals(
    rows: pd.DataFrame, revenue: pd.Series, day: pd.Timestamp, letters: Letters | None, off: Collection[date]
) -> pd.DataFrame:
    due = rows[rows["running"] & (rows["end"] <= day + pd.DateOffset(months=AHEAD))].copy()
    due["days"] = (due["notice"] - day).dt.days
    due["state"] = np.select(
        [due["followed"], due["notice"].isna(), due["days"] < 0, due["days"] <= SOON],
        ["followed", "unknown", "missed", "soon"],
        "later",
    )
    due["letter"] = due["notice"]
    if letters is not None:
        notice = due["notice"].fillna(due["end"] - pd.Timedelta(days=letters.assumed))
        sent = [one if one < day else pd.Timestamp(letters.days.on_or_before(one.date())) for one in notice]
        due["letter"] = pd.Series(sent, due.index, dtype="datetime64[us]")
    due["agree"] = pd.Series(
        [
            pd.NaT if pd.isna(notice) else agreed_by(notice, end, off)
            for notice, end in zip(due["notice"], due["end"], strict=True)
        ],
        due.index,
        dtype="datetime64[us]",
    )
    due["revenue"] = due["account_id"].map(revenue).fillna(0.0).astype("float64")
    # what is done already comes last; what states no notice has to be dealt with by its end
    order = {"_done": due["followed"], "_day": due["notice"].fillna(due["end"])}
    due = due.assign(**order).sort_values(["_done", "_day", "end"], kind="stable", ignore_index=True)
    return due[
        [
            "contract_id",
            "account_id",
            "start",
            "end",
            "amount",
            "price_terms",
            "notice",
            "state",
            "days",
            "letter",
            "agree",
            "yearly",
            "revenue",
        ]
    ]


def _ran_out(book: Book, rows: pd.DataFrame, revenue: pd.Series, as_of: pd.Timestamp) -> pd.DataFrame:
    covered = rows.loc[rows["running"] | rows["to_come"], "account_id"].unique()
    over = rows[~rows["account_id"].isin(covered) & ~rows["renewed"] & (rows["end"] < as_of)]
    last = over.sort_values("end", kind="stable").drop_duplicates("account_id", keep="last")
    last = last[last["end"] > as_of - pd.DateOffset(months=LOOKED_BACK)]
    # an account whose newest contract was renewed has one that the register does not hold
    newest = rows.sort_values("end", kind="stable").drop_duplicates("account_id", keep="last")
    last = last[last.index.isin(newest.index)].copy()
    last["days"] = (as_of - last["end"]).dt.days
    days = book.days[(book.days["date"] <= as_of) & book.days["account_id"].isin(last["account_id"])]
    ended = last.set_index("account_id")["end"].reindex(days["account_id"]).to_numpy()
    since = days[days["date"] > ended].groupby("account_id")["amount"].sum()
    bought = days[days["bought"]].groupby("account_id")["date"].max()
    last["since"] = last["account_id"].map(since).fillna(0.0).astype("float64")
    last["last_purchase"] = pd.to_datetime(bought.reindex(last["account_id"]).to_numpy())
    silent = (book.seen_to - last["last_purchase"]).dt.days
    last["buys"] = (last["last_purchase"] > last["end"]) & (silent <= STILL_BUYS)
    last["revenue"] = last["account_id"].map(revenue).fillna(0.0).astype("float64")
    last = last.sort_values(["buys", "revenue"], ascending=False, kind="stable", ignore_index=True)
    columns = ["contract_id", "account_id", "end", "days", "since", "last_purchase", "buys", "revenue"]
    return last[[*columns, "yearly", "price_terms"]]


def _by_month(book: Book, rows: pd.DataFrame) -> pd.DataFrame:
    """Revenue under contract by month, see ``Contracts.by_month``."""
    stopped = ~(rows["running"] | rows["to_come"]) & (rows["end"] >= pd.Timestamp(book.as_of))
    rows = rows[~stopped]
    length = (rows["end"] - rows["start"]).dt.days + 1
    sums = book.monthly.groupby("bucket")["amount"].sum()
    out = []
    for bucket in range(11, -AHEAD - 1, -1):
        first, end = purchases.window_dates(book, 1, bucket)
        inside = (rows["end"].clip(upper=end) - rows["start"].clip(lower=first)).dt.days + 1
        inside = inside.clip(lower=0)
        amount = float((rows["amount"] * inside / length).sum())
        revenue = float(sums.get(bucket, 0.0)) if bucket >= 0 else np.nan
        out.append((end, amount, int((inside > 0).sum()), revenue))
    return pd.DataFrame(out, columns=["month_end", "under_contract", "contracts", "revenue"])


def _accounts(rows: pd.DataFrame, ran_out: pd.DataFrame, revenue: pd.Series) -> pd.DataFrame:
    """Every account with a contract, see ``Contracts.accounts``; those with the most running first."""
    order = rows.sort_values(["running", "end"], kind="stable")
    shown = order.drop_duplicates("account_id", keep="last").set_index("account_id")
    current = rows[rows["running"]].groupby("account_id")
    out = shown[["contract_id", "start", "end", "notice", "price_terms", "followed"]].copy()
    out.insert(0, "running", current.size().reindex(out.index).fillna(0).astype("int64"))
    out["amount"] = current["amount"].sum().reindex(out.index).where(out["running"] > 0, shown["amount"])
    out["revenue"] = revenue.reindex(out.index).fillna(0.0)
    gone = ran_out.set_index("account_id")
    out["ran_out"] = out.index.isin(gone.index)
    out["buys"] = gone["buys"].reindex(out.index).astype(object).where(out["ran_out"], None)
    return out.sort_values(["amount", "revenue"], ascending=False, kind="stable")


def agreed_by(notice: pd.Timestamp, end: pd.Timestamp, off: Collection[date] = ()) -> pd.Timestamp:
    """By when the new price and terms are to be agreed: half-way from the last day of notice to the end of
    the contract, the working day before where that is a weekend or one of the days ``off``, but not before
    the notice.
    """
    day = (notice + (end - notice) / 2).normalize()
    while day > notice and (day.weekday() >= SATURDAY or day.date() in off):
        day -= pd.Timedelta(days=1)
    return max(day, notice)


def add_findings(findings: Findings, result: Contracts | None) -> None:
    """Add what has to be renewed by when, what ran out, and how far revenue is under contract."""
    if result is None:
        findings.add("contracts_unknown", "note", "ask_for_contracts")
        return
    _add_notice(findings, result)
    _add_ran_out(findings, result)
    _add_renewals(findings, result)
    ahead = result.by_month.tail(AHEAD)["under_contract"].sum()
    findings.add(
        "contracts_cover",
        "note",
        None,
        as_of=result.as_of,
        running=result.running,
        amount=result.running_amount,
        accounts=result.covered,
        share=result.covered_share,
        ahead=ahead,
        blank=result.without_amount,
    )
    if len(result.key_uncovered) and result.key_covered:
        findings.add(
            "contracts_key_uncovered",
            "watch",
            "settle_contracts",
            result.key_uncovered["account_id"],
            count=len(result.key_uncovered),
            key=result.key_accounts,
            revenue=result.key_uncovered["revenue"].sum(),
            share=result.key_covered_share,
        )
    if result.without_notice:
        findings.add(
            "contracts_no_notice", "note", "state_notice", count=result.without_notice, running=result.running
        )


def _add_ran_out(findings: Findings, result: Contracts) -> None:
    buying = result.ran_out[result.ran_out["buys"]]
    stopped = result.ran_out[~result.ran_out["buys"]]
    if len(buying):
        findings.add(
            "contracts_ran_out",
            "act",
            "renew_ran_out",
            buying["account_id"],
            count=len(buying),
            since=buying["since"].sum(),
            revenue=buying["revenue"].sum(),
            longest=buying["days"].max(),
        )
    if len(stopped):
        findings.add(
            "contracts_ran_out_stopped",
            "watch",
            "ask_after_contract",
            stopped["account_id"],
            count=len(stopped),
            yearly=stopped["yearly"].sum(),
        )


def _add_notice(findings: Findings, result: Contracts) -> None:
    due = result.renewals
    missed, left = due[due["state"] == "missed"], (due["letter"] - pd.Timestamp(result.day)).dt.days
    soon = due[~due["state"].isin(["followed", "missed"]) & left.between(0, SOON)]
    soon = soon.assign(notice=soon["notice"].fillna(soon["letter"])).sort_values("letter", kind="stable")
    buying = result.ran_out[result.ran_out["buys"]]
    if len(missed):
        stake = missed["yearly"].sum()
        findings.add(
            "contracts_notice_missed",
            "act",
            "renew_now",
            dict.fromkeys(missed["account_id"]),
            **_of_notice(missed),
            ended=int((missed["end"] < pd.Timestamp(result.day)).sum()),
            as_of=result.as_of,
            ran_out=len(buying),
            ran_out_since=float(buying["since"].sum()),
            stake=stake if stake > 0 else None,
        )
    if len(soon):
        near, first = soon[left.reindex(soon.index) <= AT_ONCE], soon.iloc[0]
        figures = {**_of_notice(soon), "days": SOON}
        figures["agree"] = str(first["agree"].date())
        if len(near):  # what is renewed in time is no loss, but these have to be settled now
            figures |= {"near": len(near), "near_days": AT_ONCE}
            figures["near_yearly"] = near["yearly"].sum()
            figures["unstated"] = int((near["state"] == "unknown").sum())
            # the day of the plan is that of issue, where it is not the reporting date
            figures["today"] = result.as_of < result.day == figures["notice"]
            figures["near_last"] = str(near["letter"].max().date())
            figures["first_yearly"] = float(np.nan_to_num(first["yearly"]))
            ahead = due[due["end"] >= pd.Timestamp(result.day)]
            if not (ahead["state"] == "followed").any():
                figures |= {"ending": len(ahead), "ending_amount": float(ahead["amount"].sum())}
                figures |= {"ending_by": str(ahead["end"].max().date()), "as_of": result.as_of}
            figures |= {"stake": near["yearly"].sum() if near["yearly"].sum() > 0 else None}
        findings.add(
            "contracts_notice_near" if len(near) else "contracts_notice_soon",
            "act" if len(near) else "watch",
            "renew_in_time",
            dict.fromkeys(soon["account_id"]),
            **figures,
        )


def _of_notice(part: pd.DataFrame) -> dict[str, Any]:
    """How many contracts, over how much, and the days of the first."""
    first = part.iloc[0]
    return {
        "count": len(part),
        "yearly": part["yearly"].sum(),
        "revenue": part.drop_duplicates("account_id")["revenue"].sum(),
        "notice": str(first["notice"].date()),
        "end": str(first["end"].date()),
    }


def _add_renewals(findings: Findings, result: Contracts) -> None:
    due = result.renewals[result.renewals["end"] >= pd.Timestamp(result.day)]
    followed = int((due["state"] == "followed").sum())
    if len(due):
        figures = {"count": len(due), "months": AHEAD, "amount": due["amount"].sum()}
        figures["until"] = str(due["end"].max().date())
        if followed:
            findings.add("contracts_renewals", "note", None, **figures, followed=followed)
        else:
            findings.add("contracts_renewals_unsigned", "note", None, **figures, as_of=result.as_of)
    elif result.running:
        findings.add("contracts_no_renewal", "note", None, months=AHEAD, running=result.running)
