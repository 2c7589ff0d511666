"""Share of wallet: what accounts purchase, how much of it from us, and who supplies the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.measures import purchases
from kamplay.method.results import Findings
from kamplay.method.stats.leave_one_out import median_of_others
from kamplay.method.value.growth_exclusions import STILL_LISTED

YEAR = 12  # months: a yearly spend is compared with a full year of sales only
RULE_PEERS = 8  # measured wallets of an industry from which another account's can be estimated
ABOVE = 1.001  # sales over stated purchases beyond rounding: the purchases are stated too low
BASES = ("measured", "estimated", "by_rule")
ACCOUNT_COLUMNS = [
    "spend",
    "our_sales",
    "share",
    "headroom",
    "basis",
    "competitor_share",
    "competitor_ahead",
    "category",
    "growth_exclusion",
]
CATEGORY_COLUMNS = ["category", "spend", "our_sales", "share", "headroom"]
BASIS_COLUMNS = ["basis", "accounts", "spend", "headroom"]


@dataclass(frozen=True)
class Wallet:
    """Share of wallet. Amounts are yearly, in the engagement's currency.

    Attributes
    ----------
    months : months of data; with less than 12 nothing is reported.
    short_history : whether only that prevents share of wallet or white space.
    accounts : index account_id, the largest headroom first: spend (what it purchases from everyone),
        our_sales (net amount of the 12 months in the categories that the spend covers, not below 0), share
        (of spend, at most 1), headroom (spend that is not ours), basis (``measured``; ``estimated``: at least
        one row is; ``by_rule``: from peers), competitor_share (the strongest one's, missing where unknown),
        competitor_ahead (whether that is more than ours), category (with the largest headroom, missing where
        unknown), growth_exclusion (see ``growth_exclusions``).
    cells : the same by account and category, from the wallet table only.
    by_category : sums of ``cells``: category, spend, our_sales, share, headroom, the largest headroom first.
    by_basis : sums of ``accounts``: basis, accounts, spend, headroom.
    comparable : whether any category of the wallet table is named as in the sales lines.
    unknown_categories, unknown_spend : categories of the wallet table that are in no sales line.
    by_rule_exceeded : accounts estimated by rule to which we sell more than the rule gives.
    rule_within_two : share of the measured accounts that the rule, made from the others, puts within a factor
        of two; None where it cannot be tried.
    """

    months: int
    short_history: bool
    accounts: pd.DataFrame
    cells: pd.DataFrame
    by_category: pd.DataFrame
    by_basis: pd.DataFrame
    comparable: bool = True
    unknown_categories: int = 0
    unknown_spend: float = 0.0
    by_rule_exceeded: int = 0
    rule_within_two: float | None = None


def wallet(book: Book, growth_exclusions: pd.Series | None = None) -> Wallet:
    """Compute the share of wallet of every account whose purchases are known, or can be estimated from peers.

    Parameters
    ----------
    book : the client's data.
    growth_exclusions : account_id → why no growth is advised there now, blank for none.
    """
    rows = wallet_rows(book)
    if book.months_covered < YEAR or rows.empty:
        return Wallet(
            book.months_covered,
            history_too_short(book),
            pd.DataFrame(columns=ACCOUNT_COLUMNS, index=pd.Index([], name="account_id", dtype="str")),
            rows.iloc[:0],
            pd.DataFrame(columns=CATEGORY_COLUMNS),
            pd.DataFrame(columns=BASIS_COLUMNS),
        )
    revenue = purchases.revenue(book)
    sold_categories = book.baskets["category"].dropna().unique()
    named = rows["category"].notna()
    unknown = named & ~rows["category"].isin(sold_categories)
    comparable = bool((named & ~unknown).any())
    cells = _cells(book, rows[named] if comparable else rows.iloc[:0])
    # spend by category is compared with our sales of these categories, spend of the whole account with all
    # sales
    whole = set(rows.loc[~named, "account_id"]) if comparable else set(rows["account_id"])
    known = _accounts(rows, cells, whole, revenue)
    estimated, within_two = _by_rule(book, known, revenue)
    accounts = pd.concat([known, estimated]) if len(estimated) else known
    by_basis = [
        (basis, len(part), part["spend"].sum(), part["headroom"].sum())
        for basis, part in ((basis, accounts[accounts["basis"] == basis]) for basis in BASES)
    ]
    order = accounts.assign(_id=accounts.index).sort_values(["headroom", "_id"], ascending=[False, True])
    accounts = accounts.loc[order.index].rename_axis("account_id")
    excluded = pd.Series("", index=accounts.index) if growth_exclusions is None else growth_exclusions
    accounts["growth_exclusion"] = excluded.reindex(accounts.index).fillna("").astype("object")
    return Wallet(
        book.months_covered,
        False,
        accounts[ACCOUNT_COLUMNS],
        cells,
        _by_category(cells),
        pd.DataFrame(by_basis, columns=BASIS_COLUMNS),
        comparable,
        rows.loc[unknown, "category"].nunique(),
        float(rows.loc[unknown, "spend"].sum()),
        int((estimated["our_sales"] > estimated.spend).sum()),
        within_two,
    )


def history_too_short(book: Book) -> bool:
    """Whether share of wallet or white space lacks nothing but 12 months of data."""
    return book.months_covered < YEAR and (book.has("wallet", "spend") or book.has_categories)


def wallet_rows(book: Book) -> pd.DataFrame:
    """Read the wallet table: a row per account and category (missing: the whole account).

    Returns
    -------
    account_id, category, spend, competitor_share (the strongest one's, weighted by spend), basis; a row that
    names no basis counts as estimated.
    """
    columns = ["account_id", "category", "spend", "competitor_share", "basis"]
    if not book.has("wallet", "spend"):
        return pd.DataFrame(columns=columns)
    table = book.table("wallet")
    table = table[(table["spend"] >= 0) & np.isfinite(table["spend"]) & table["account_id"].notna()]
    missing = pd.Series(np.nan, index=table.index)
    share = table.get("top_competitor_share", missing).astype("float64")
    spend = table["spend"].astype("float64")
    rows = pd.DataFrame(
        {
            "account_id": table["account_id"],
            "category": table.get("category", missing).astype("object"),
            "spend": spend,
            "spend_with_share": spend.where(share.notna(), 0.0),
            "competitor_spend": (spend * share).fillna(0.0),
            "measured": table.get("basis", missing).eq("measured").fillna(False).astype(bool),
        }
    )
    out = rows.groupby(["account_id", "category"], dropna=False, as_index=False).agg(
        spend=("spend", "sum"),
        spend_with_share=("spend_with_share", "sum"),
        competitor_spend=("competitor_spend", "sum"),
        measured=("measured", "all"),
    )
    out["competitor_share"] = _ratio(out["competitor_spend"], out["spend_with_share"])
    return out.assign(basis=np.where(out["measured"], "measured", "estimated"))[columns]


def _ratio(part: pd.Series, whole: pd.Series) -> pd.Series:
    return part / whole.where(whole > 0)


def _with_share(frame: pd.DataFrame) -> pd.DataFrame:
    """With share (missing where nothing is purchased), headroom and competitor_ahead."""
    share = _ratio(frame["our_sales"], frame["spend"]).clip(upper=1.0)
    ahead = (frame["competitor_share"] > share).astype("boolean")
    return frame.assign(
        share=share,
        headroom=(frame["spend"] - frame["our_sales"]).clip(lower=0.0),
        competitor_ahead=ahead.mask(frame["competitor_share"].isna() | share.isna()),
    )


def _cells(book: Book, rows: pd.DataFrame) -> pd.DataFrame:
    """Our sales and share by account and category, of the wallet rows that name a category."""
    baskets = book.baskets[book.baskets["account_id"].isin(rows["account_id"])]
    year = baskets[baskets["bucket"].between(0, YEAR - 1)]
    sold = year.groupby(["account_id", "category"])["amount"].sum()
    ours = sold.reindex(pd.MultiIndex.from_frame(rows[["account_id", "category"]])).to_numpy(float)
    return _with_share(rows.assign(our_sales=np.clip(np.nan_to_num(ours), 0.0, None)))


def _accounts(rows: pd.DataFrame, cells: pd.DataFrame, whole: set[str], revenue: pd.Series) -> pd.DataFrame:
    """The accounts of the wallet table. ``whole``: those whose spend is stated for the whole account."""
    sums = rows.assign(
        competitor_spend=rows["spend"] * rows["competitor_share"],
        spend_with_share=rows["spend"].where(rows["competitor_share"].notna(), 0.0),
        estimates=rows["basis"].ne("measured"),
    )
    out = sums.groupby("account_id")[["spend", "competitor_spend", "spend_with_share", "estimates"]].sum()
    out["our_sales"] = cells.groupby("account_id")["our_sales"].sum().reindex(out.index).fillna(0.0)
    is_whole = out.index.isin(whole)
    out.loc[is_whole, "our_sales"] = revenue.reindex(out.index[is_whole]).fillna(0.0).clip(lower=0.0)
    out["competitor_share"] = _ratio(out["competitor_spend"], out["spend_with_share"])
    out["basis"] = np.where(out["estimates"] == 0, "measured", "estimated")
    out = _with_share(out)
    # sales above the spend of one category do not reduce the headroom of another
    by_cells = cells.groupby("account_id")["headroom"].sum().reindex(out.index)
    out["headroom"] = out["headroom"].where(is_whole | by_cells.isna().to_numpy(), by_cells)
    largest = cells[cells["headroom"] > 0].sort_values(["headroom", "category"], ascending=[False, True])
    first = largest.drop_duplicates("account_id").set_index("account_id")
    return out.assign(category=first["category"].reindex(out.index))


def _by_rule(book: Book, known: pd.DataFrame, revenue: pd.Series) -> tuple[pd.DataFrame, float | None]:
    """Estimate the accounts without a wallet row: the median measured spend per unit of the annual revenue of
    an account of the industry, else per employee. With it, the share of measured accounts that the rule, made
    without them, puts within a factor of two.
    """
    accounts = book.accounts
    out = pd.DataFrame(
        {
            "spend": np.nan,
            "our_sales": revenue.clip(lower=0.0),
            "competitor_share": np.nan,
            "basis": "by_rule",
            "category": pd.Series(np.nan, index=accounts.index, dtype="object"),
        },
        index=accounts.index,
    )
    ratio = pd.Series(np.nan, index=out.index)  # of the rule's estimate to the measured spend
    if "industry" in accounts:
        industry = accounts["industry"]
        measured = known.loc[(known["basis"] == "measured") & (known["spend"] > 0), "spend"]
        measured = measured.reindex(accounts.index)
        for name in ("annual_revenue", "employees"):
            if name not in accounts:
                continue
            size = accounts[name].where(accounts[name] > 0).astype("float64")
            rate = measured / size
            by_industry = rate.groupby(industry)
            usual = by_industry.median().where(by_industry.count() >= RULE_PEERS)
            out["spend"] = out["spend"].fillna(industry.map(usual).astype("float64") * size)
            enough = industry.map(by_industry.count() > RULE_PEERS).fillna(False).astype(bool) & rate.notna()
            ratio = ratio.fillna(rate[enough].groupby(industry).transform(median_of_others) / rate)
    tried = ratio.dropna()
    within_two = float(tried.between(0.5, 2.0).mean()) if len(tried) else None
    return _with_share(out[out["spend"].notna() & ~out.index.isin(known.index)]), within_two


def _by_category(cells: pd.DataFrame) -> pd.DataFrame:
    """Sums by category; share is what the headroom leaves of the spend."""
    if cells.empty:
        return pd.DataFrame(columns=CATEGORY_COLUMNS)
    sums = cells.groupby("category", as_index=False)[["spend", "our_sales", "headroom"]].sum()
    sums["share"] = (1 - _ratio(sums["headroom"], sums["spend"])).astype("float64")
    order = sums.sort_values(["headroom", "category"], ascending=[False, True], ignore_index=True)
    return order[CATEGORY_COLUMNS]


def add_findings(findings: Findings, result: Wallet) -> None:
    """Add what is known of accounts' purchases, our share of them, where a competitor is ahead, and what the
    wallet table lacks.
    """
    if result.short_history:
        findings.add("room_history_short", "watch", "room_ask_history", months=result.months)
        return
    if result.accounts.empty:
        findings.add("room_wallet_unknown", "watch", "room_ask_wallet")
        return
    known = result.accounts[result.accounts["basis"] != "by_rule"]
    measured, estimated, by_rule = result.by_basis.itertuples()  # in the order of BASES
    _add_share(findings, known, measured, estimated)
    if by_rule.accounts:
        findings.add(
            "room_rule" if result.rule_within_two is None else "room_rule_tried",
            "note",
            None,
            (),
            count=by_rule.accounts,
            spend=by_rule.spend,
            room=by_rule.headroom,
            over=result.by_rule_exceeded,
            within=result.rule_within_two,
            least=RULE_PEERS,
        )
    behind = known[
        known["competitor_ahead"].fillna(False).astype(bool)
        & (known["headroom"] > 0)
        & known["growth_exclusion"].isin(STILL_LISTED)
    ]
    if len(behind):
        headroom = behind["headroom"].sum()
        findings.add(
            "room_competitor",
            "watch",
            "room_learn_rival",
            behind.index,
            count=len(behind),
            room=headroom,
            gain=headroom,
        )
    if len(result.by_category) and result.by_category["headroom"].iloc[0] > 0:
        first = result.by_category.iloc[0]
        findings.add(
            "room_category",
            "note",
            None,
            (),
            category=first["category"],
            spend=first["spend"],
            share=first["share"],
            room=first["headroom"],
        )
    if result.unknown_categories and not result.comparable:
        findings.add("room_names_differ", "watch", "room_align_names", count=result.unknown_categories)
    elif result.unknown_categories:
        findings.add(
            "room_names_strange",
            "note",
            "room_align_names",
            count=result.unknown_categories,
            spend=result.unknown_spend,
        )
    above = known[known["our_sales"] > known["spend"] * ABOVE]
    if len(above):
        findings.add("room_wallet_low", "watch", "room_correct_wallet", above.index, count=len(above))


def _add_share(findings: Findings, known: pd.DataFrame, measured: Any, estimated: Any) -> None:
    """Our share of known purchases: by measured figures, estimates listed apart; by estimates where nothing
    is measured. ``measured``, ``estimated``: their rows of ``by_basis``.
    """
    spend, headroom = known["spend"].sum(), known["headroom"].sum()
    if not spend > 0:
        return
    if not headroom > 0:
        findings.add("room_wallet_full", "note", None, (), count=len(known), spend=spend)
        return
    main = measured if measured.spend > 0 else estimated
    kind = "room_wallet" if main is measured else "room_wallet_estimated"
    figures = {
        "count": main.accounts,
        "spend": main.spend,
        "room": main.headroom,
        "share": 1 - main.headroom / main.spend,
    }
    if main is measured and estimated.accounts:
        kind = "room_wallet_both"
        figures |= {
            "estimated_accounts": estimated.accounts,
            "estimated_spend": estimated.spend,
            "estimated_room": estimated.headroom,
        }
    with_headroom = known[known["headroom"] > 0]
    free = with_headroom[with_headroom["growth_exclusion"] == ""]
    # named first: accounts without a growth exclusion, of the reported basis where there are any
    for candidates in (free[free["basis"] == main.basis], free, with_headroom):
        if len(candidates):
            action = "room_settle_first" if candidates["growth_exclusion"].iloc[0] else "room_plan_growth"
            most = candidates["headroom"].iloc[0]
            findings.add(kind, "watch", action, candidates.index[:1], **figures, most=most, gain=most)
            return
