"""Room to grow: our share of what an account purchases, who holds the rest, and what it does not buy from us."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.measures import purchases
from kamplay.method.results import Findings, figure
from kamplay.method.value.white_space import CATEGORISED, COLUMNS, MOST_CATEGORIES, PEERS, USUAL, white_space

RULE_PEERS = 8  # measured wallets of an industry from which another account's can be estimated
YEAR = 12
BASES = ("measured", "estimated", "by_rule")
WALLET = ["spend", "ours", "share", "room", "basis", "competitor", "ahead", "category", "held"]
FIRST_SETTLE = (
    "",
    "payment",
    "warned",
    "size",
)  # of ``held``: gaps at accounts held for other reasons are not listed at all


@dataclass(frozen=True)
class Wallet:
    """Amounts a year, in the engagement's currency; ``ours`` is the net amount of the 12 months, not below 0.

    ``wallet`` (index account_id, largest room first): spend, ours (in the categories that the spend covers),
    share (at most 1), room, basis (measured, estimated: at least one row is, by_rule: from peers), competitor
    (the strongest one's share, weighted by spend; missing where unknown), ahead (whether that is more than
    ours), category (where most room is, missing where unknown), held (why it is not to be grown now, see
    ``held``; blank: nothing against it). ``by_account_and_category``: the same per account and category,
    wallet rows only. ``room_by_category``: their sums. ``white_space``: columns COLUMNS of ``white_space``,
    and held. ``figures``: counts and sums by basis, and what was left out.
    """

    figures: dict[str, Any]
    wallet: pd.DataFrame
    by_account_and_category: pd.DataFrame
    room_by_category: pd.DataFrame
    white_space: pd.DataFrame


def wallet(book: Book, held: pd.Series | None = None) -> Wallet:
    """Share of wallet and white space; empty frames where data for them are missing, and ``figures`` say
    which.

    ``held``: account → why it is not to be grown now. Facts are told of all accounts; no growth is advised
    for these.
    """
    held = pd.Series("", index=book.accounts.index) if held is None else held
    figures: dict[str, Any] = {
        "months": book.months_covered,
        "has_wallet": book.has("wallet", "spend"),
        "has_categories": book.has_categories,
    }
    rows = _rows(book)
    whole = book.months_covered >= YEAR  # a yearly spend is held against a year's sales, never against less
    cells = rows.iloc[:0]
    wallet = pd.DataFrame(columns=WALLET, index=pd.Index([], name="account_id", dtype="str"))
    if whole and len(rows):
        cells, wallet, sums = _shares(book, rows)
        wallet["held"] = held.reindex(wallet.index).fillna("").astype("object")
        figures |= sums
    known = rows.dropna(subset=["category"]).set_index(["account_id", "category"])["spend"]
    listed = pd.DataFrame(columns=[*COLUMNS, "held"])
    if whole and book.has_categories:
        gaps = white_space(book, known)
        listed = gaps.listed.assign(held=gaps.listed["account_id"].map(held).fillna("").astype("object"))
        figures["gaps_held"] = int((~listed["held"].isin(FIRST_SETTLE)).sum())
        listed = listed[listed["held"].isin(FIRST_SETTLE)].reset_index(drop=True)
        figures |= {f"gaps_{name}": count for name, count in gaps.figures.items()}
        figures["categorised"] = _categorised(book)
    return Wallet({k: figure(v) for k, v in figures.items()}, wallet, cells, _by_category(cells), listed)


def _rows(book: Book) -> pd.DataFrame:
    """The wallet table, one row per account and category: spend, competitor, basis. Rows that name no basis
    count as estimated.
    """
    columns = ["account_id", "category", "spend", "competitor", "basis"]
    if not book.has("wallet", "spend"):
        return pd.DataFrame(columns=columns)
    table = book.table("wallet")
    table = table[(table["spend"] >= 0) & np.isfinite(table["spend"]) & table["account_id"].notna()]
    blank = pd.Series(np.nan, index=table.index)
    category = table["category"].astype("object") if "category" in table else blank.astype("object")
    theirs = table.get("top_competitor_share", blank).astype("float64")
    measured = table["basis"].eq("measured").fillna(False).astype(bool) if "basis" in table else blank.notna()
    made = pd.DataFrame(
        {"account_id": table["account_id"], "category": category, "spend": table["spend"].astype("float64")}
    )
    made = made.assign(
        measured=measured,
        weight=made["spend"].where(theirs.notna(), 0.0),
        held=(made["spend"] * theirs).fillna(0.0),
    )
    by = made.groupby(["account_id", "category"], dropna=False, as_index=False)
    out = by.agg(
        spend=("spend", "sum"), weight=("weight", "sum"), held=("held", "sum"), measured=("measured", "all")
    )
    out["competitor"] = out["held"] / out["weight"].where(out["weight"] > 0)
    return out.assign(basis=np.where(out["measured"], "measured", "estimated"))[columns]


def _shares(book: Book, rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, Any]]:
    """``(account × category, account, sums)`` of the wallet rows, the accounts without one added by rule
    where peers allow.
    """
    revenue = purchases.revenue(book)
    sells = set(book.baskets["category"].dropna().unique())
    year = book.baskets[
        book.baskets["bucket"].between(0, YEAR - 1) & book.baskets["account_id"].isin(rows["account_id"])
    ]
    sold = year.groupby(["account_id", "category"])["amount"].sum()
    named = rows["category"].notna()
    strange = named & ~rows["category"].isin(sells)
    comparable = bool((named & ~strange).any())
    cells = rows[named].copy() if comparable else rows.iloc[:0].copy()
    ours = (
        sold.reindex(pd.MultiIndex.from_frame(cells[["account_id", "category"]])).to_numpy(float)
        if comparable
        else np.zeros(0)
    )
    cells["ours"] = np.clip(np.nan_to_num(ours), 0.0, None)
    cells = _shared(cells)
    # Spend that covers only some categories is held against our sales of these; spend of the whole account
    # against all our sales.
    total = set(rows.loc[~named, "account_id"]) if comparable else set(rows["account_id"])
    sums = rows.assign(
        held=rows["spend"] * rows["competitor"],
        weight=rows["spend"].where(rows["competitor"].notna(), 0.0),
        guessed=rows["basis"].ne("measured"),
    )
    out = sums.groupby("account_id")[["spend", "held", "weight", "guessed"]].sum()
    out["ours"] = cells.groupby("account_id")["ours"].sum().reindex(out.index).fillna(0.0)
    full = out.index.isin(total)
    out.loc[full, "ours"] = revenue.reindex(out.index[full]).fillna(0.0).clip(lower=0.0)
    out["competitor"] = out["held"] / out["weight"].where(out["weight"] > 0)
    out["basis"] = np.where(out["guessed"] == 0, "measured", "estimated")
    out = _shared(out)
    most = (
        cells[cells["room"] > 0]
        .sort_values(["room", "category"], ascending=[False, True])
        .drop_duplicates("account_id")
    )
    inside = cells.groupby("account_id")["room"].sum().reindex(out.index)
    out["room"] = out["room"].where(
        full | inside.isna().to_numpy(), inside
    )  # more than all of one category is no less room in another
    out["category"] = most.set_index("account_id")["category"].reindex(out.index)
    ruled, within = _ruled(book, out, revenue)
    wallet = (pd.concat([out, ruled]) if len(ruled) else out)[WALLET[:-1]]
    order = wallet.assign(_id=wallet.index).sort_values(["room", "_id"], ascending=[False, True]).index
    figures: dict[str, Any] = {
        "strange": rows.loc[strange, "category"].nunique(),
        "strange_spend": rows.loc[strange, "spend"].sum(),
    }
    figures |= {
        "comparable": comparable,
        "above": int((out["ours"] > out["spend"] * 1.001).sum()),
        "over": int((ruled["ours"] > ruled["spend"]).sum()),
        "within": within,
    }
    for basis in BASES:
        part = wallet[wallet["basis"] == basis]
        figures |= {
            f"{basis}_{name}": value
            for name, value in (
                ("accounts", len(part)),
                ("spend", part["spend"].sum()),
                ("room", part["room"].sum()),
            )
        }
    return cells, wallet.loc[order].rename_axis("account_id"), figures


def _shared(frame: pd.DataFrame) -> pd.DataFrame:
    """With share (at most 1; missing where nothing is purchased), room and ahead."""
    share = (frame["ours"] / frame["spend"].where(frame["spend"] > 0)).clip(upper=1.0)
    ahead = (frame["competitor"] > share).astype("boolean").mask(frame["competitor"].isna() | share.isna())
    return frame.assign(share=share, room=(frame["spend"] - frame["ours"]).clip(lower=0.0), ahead=ahead)


def _ruled(book: Book, known: pd.DataFrame, revenue: pd.Series) -> tuple[pd.DataFrame, float | None]:
    """The accounts without a wallet row: the median measured spend per unit of the industry's annual revenue,
    else per employee.

    With it how well that rule does: the share of measured accounts that it puts within a factor of two, each
    left out of its median.
    """
    accounts = book.accounts
    out = pd.DataFrame(
        {"spend": np.nan, "ours": revenue.clip(lower=0.0), "competitor": np.nan, "basis": "by_rule"},
        index=accounts.index,
    )
    out["category"] = pd.Series(np.nan, index=out.index, dtype="object")
    tried = pd.Series(np.nan, index=out.index)
    if "industry" in accounts:
        measured = known.loc[(known["basis"] == "measured") & (known["spend"] > 0), "spend"].reindex(
            accounts.index
        )
        for name in ("annual_revenue", "employees"):
            if name not in accounts:
                continue
            size = accounts[name].where(accounts[name] > 0).astype("float64")
            each = measured / size
            rate = each.groupby(accounts["industry"])
            usual = rate.median().where(rate.count() >= RULE_PEERS)
            out["spend"] = out["spend"].fillna(accounts["industry"].map(usual).astype("float64") * size)
            enough = (
                accounts["industry"].map(rate.count() > RULE_PEERS).fillna(False).astype(bool) & each.notna()
            )
            tried = tried.fillna(each[enough].groupby(accounts["industry"]).transform(without_itself) / each)
    told = tried.dropna()
    within = float(told.between(0.5, 2.0).mean()) if len(told) else None
    return _shared(out[out["spend"].notna() & ~out.index.isin(known.index)]), within


def without_itself(values: pd.Series) -> np.ndarray:
    """For each value the median of all the others (two values or more)."""
    x = values.to_numpy(float)
    place, ordered = np.empty(len(x), dtype=int), np.sort(x)
    place[np.argsort(x, kind="stable")] = np.arange(len(x))
    lower, upper = (len(x) - 2) // 2, (len(x) - 1) // 2
    return (ordered[lower + (lower >= place)] + ordered[upper + (upper >= place)]) / 2


def _by_category(cells: pd.DataFrame) -> pd.DataFrame:
    """Spend, ours, share and room by category, the largest room first; share is what the room leaves of the
    spend.
    """
    if cells.empty:
        return pd.DataFrame(columns=["category", "spend", "ours", "share", "room"])
    sums = cells.groupby("category", as_index=False)[["spend", "ours", "room"]].sum()
    sums["share"] = (1 - sums["room"] / sums["spend"].where(sums["spend"] > 0)).astype("float64")
    return sums.sort_values(["room", "category"], ascending=[False, True], ignore_index=True)[
        ["category", "spend", "ours", "share", "room"]
    ]


def _categorised(book: Book) -> float | None:
    """The share of the 12 months' revenue whose lines have a category."""
    revenue = float(book.window(YEAR)["amount"].sum())
    return (
        float(book.baskets.loc[book.baskets["bucket"].between(0, YEAR - 1), "amount"].sum()) / revenue
        if revenue > 0
        else None
    )


def add_findings(found: Findings, result: Wallet) -> None:
    """The findings on share of wallet and white space."""
    f = result.figures
    if f["months"] < YEAR and (f["has_wallet"] or f["has_categories"]):
        found.add("room_history_short", "watch", "room_ask_history", months=f["months"])
        return
    _tell_wallet(found, result) if len(result.wallet) else found.add(
        "room_wallet_unknown", "watch", "room_ask_wallet"
    )
    _tell_white_space(found, result) if f["has_categories"] else found.add(
        "room_categories_unknown", "watch", "room_ask_categories"
    )


def _tell_wallet(found: Findings, result: Wallet) -> None:
    f, wallet = result.figures, result.wallet
    known = wallet[wallet["basis"] != "by_rule"]
    _tell_shares(found, known, f)
    if f["by_rule_accounts"]:
        kind = "room_rule" if f["within"] is None else "room_rule_tried"
        figures = {
            "count": f["by_rule_accounts"],
            "spend": f["by_rule_spend"],
            "room": f["by_rule_room"],
            "over": f["over"],
        }
        found.add(kind, "note", None, (), **figures, within=f["within"], least=RULE_PEERS)
    rivals = known[
        known["ahead"].fillna(False).astype(bool) & (known["room"] > 0) & known["held"].isin(FIRST_SETTLE)
    ]
    if len(rivals):
        found.add(
            "room_competitor",
            "watch",
            "room_learn_rival",
            rivals.index,
            count=len(rivals),
            room=rivals["room"].sum(),
            gain=rivals["room"].sum(),
        )
    by = result.room_by_category
    if len(by) and by["room"].iloc[0] > 0:
        top = by.iloc[0]
        found.add(
            "room_category", "note", None, (), **{k: top[k] for k in ("category", "spend", "share", "room")}
        )
    if not f["comparable"] and f["strange"]:
        found.add("room_names_differ", "watch", "room_align_names", count=f["strange"])
    elif f["strange"]:
        found.add(
            "room_names_strange", "note", "room_align_names", count=f["strange"], spend=f["strange_spend"]
        )
    if f["above"]:
        above = known[known["ours"] > known["spend"] * 1.001]
        found.add("room_wallet_low", "watch", "room_correct_wallet", above.index, count=f["above"])


def _tell_shares(found: Findings, known: pd.DataFrame, f: dict[str, Any]) -> None:
    """Our share of what is purchased: by measured figures, and apart from it by estimates."""
    spend, left = known["spend"].sum(), known["room"].sum()
    if not spend > 0:
        return
    if not left > 0:
        found.add("room_wallet_full", "note", None, (), count=len(known), spend=spend)
        return
    measured = f["measured_spend"] > 0
    main, kind = ("measured", "room_wallet") if measured else ("estimated", "room_wallet_estimated")
    figures = {"count": f[f"{main}_accounts"], "spend": f[f"{main}_spend"], "room": f[f"{main}_room"]}
    figures["share"] = 1 - figures["room"] / figures["spend"]
    if measured and f["estimated_accounts"]:
        kind = "room_wallet_both"
        figures |= {f"estimated_{name}": f[f"estimated_{name}"] for name in ("accounts", "spend", "room")}
    best = known[known["room"] > 0]
    free = best[best["held"] == ""]
    for part in (free[free["basis"] == main], free, best):  # who can be grown at once, of those told first
        if len(part):
            action = "room_plan_growth" if part["held"].iloc[0] == "" else "room_settle_first"
            most = part["room"].iloc[0]
            found.add(kind, "watch", action, part.index[:1], **figures, most=most, gain=most)
            return


def _tell_white_space(found: Findings, result: Wallet) -> None:
    f, gaps = result.figures, result.white_space
    if f["gaps_left_out"]:
        found.add("room_categories_cut", "note", None, kept=MOST_CATEGORIES, count=f["gaps_left_out"])
    if f["gaps_blank"]:
        found.add(
            "room_uncategorised",
            "watch",
            "room_complete_categories",
            share=f["categorised"],
            count=f["gaps_blank"],
            least=CATEGORISED,
        )
    if not f["gaps_accounts"]:
        found.add("room_peers_few", "note", None, least=PEERS)
        return
    if f["gaps_alone"]:
        found.add("room_alone", "note", None, count=f["gaps_alone"], least=PEERS)
    new, lapsed = gaps[~gaps["lapsed"].astype(bool)], gaps[gaps["lapsed"].astype(bool)]
    if gaps.empty:
        found.add("room_no_gaps", "note", None, accounts=f["gaps_accounts"])
        return
    if f["gaps_usual"]:
        sums = {"count": f["gaps_usual"], "accounts": f["gaps_usual_accounts"], "of": f["gaps_accounts"]}
        found.add(
            "room_gaps",
            "note",
            None,
            **sums,
            usual=USUAL,
            listed=len(gaps),
            listed_usual=int((gaps["likelihood"] >= USUAL).sum()),
        )
    names = ("category", "buyers", "peers", "low", "mid", "high", "likelihood_low", "likelihood_high")
    new, lapsed = (part[part["held"] == ""] for part in (new, lapsed))
    if len(new):
        top = new.iloc[0]
        kind = "room_gap_wallet" if top["basis"] == "wallet" else "room_gap"
        found.add(
            kind,
            "act" if top["likelihood"] >= USUAL else "watch",
            "room_offer",
            [top["account_id"]],
            **{k: top[k] for k in names},
            gain=top["mid"],
        )
    if len(lapsed):
        top = lapsed.iloc[0]
        figures = {k: top[k] for k in names} | {"count": len(lapsed)}
        found.add("room_lapsed", "watch", "room_win_back", [top["account_id"]], **figures, gain=top["mid"])
