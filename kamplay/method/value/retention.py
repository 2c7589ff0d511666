"""What moved, in depth: accounts won back, retention by segment, cohorts of first purchase; the findings on
them and on prices.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.measures import purchases
from kamplay.method.measures.purchases import bought_once
from kamplay.method.results import Findings, Severity
from kamplay.method.value.price_volume_mix import (
    LITTLE,
    PRICE_FELL,
    PRICES_FELL_MUCH,
    PriceVolumeMix,
    price_volume_mix,
)

DIMENSIONS = (
    "nature",
    "industry",
    "region",
    "owner",
)  # columns of the accounts table by which retention is told
LEVELS = ["S", "A", "B", "C"]
MOST_VALUES = 12  # more values than that are names, not segments
MOST_YEARS = 5  # twelve-month windows of a cohort that are followed
FEWEST, WEIGHT = (
    5,
    0.03,
)  # accounts and share of last year's revenue from which a segment's retention is more than chance
UNEVEN = 0.1  # a gap in retention between two segments that is worth a sentence
BY = {
    "tier": "kept_by_tier",
    "size": "kept_by_size",
    "nature": "kept_by_nature",
    "industry": "kept_by_industry",
    "region": "kept_by_region",
    "owner": "kept_by_owner",
}
TOO_MANY = {
    "nature": "many_natures",
    "industry": "many_industries",
    "region": "many_regions",
    "owner": "many_owners",
}


@dataclass(frozen=True)
class Movement:
    """``bridge``, ``moves``: as in kamplay.method.movement, with won back split from new where history
    reaches beyond 24 months.

    ``retention``: dimension (all, tier or size, nature, industry, region, owner), value ("" where none is
    recorded), accounts (with positive revenue in the 12 months before), before (their revenue then), now
    (their revenue now, each account floored at 0), nrr and grr; within each dimension accounts, before and
    now add up to the row ``all``. ``cohorts``: see ``cohorts``. ``pvm``: part, amount; see
    kamplay.method.pvm. The last three are empty with less than 24 months. ``figures``: months (of history),
    won_back and won_back_amount (None where history is too short), not_split (dimension → its number of
    values, where they are too many).
    """

    bridge: pd.DataFrame
    moves: pd.DataFrame
    retention: pd.DataFrame
    cohorts: pd.DataFrame
    pvm: pd.DataFrame
    prices: PriceVolumeMix
    figures: dict[str, Any]


def movement(book: Book, tiers: pd.Series | None = None, levels: pd.Series | None = None) -> Movement:
    """The movement of the 12 months to as_of in depth. ``tiers``: account_id → tier as it was before these
    months, missing where an account had none; without them ``levels`` (account_id → S, A, B or C of today)
    say how many accounts to a level, see ``sized``.
    """
    now, before, earlier = purchases.revenue(book), purchases.revenue(book, 12, 12), best_earlier(book)
    table = moves(now, before, earlier)
    enough = book.months_covered >= purchases.TWO_YEARS
    by, many = segments(book, tiers)
    if tiers is None and levels is not None:
        by = {"size": sized(now, before, levels, book.accounts.index)} | by
    back = table[table["move"] == "won_back"]
    told = earlier is not None
    figures: dict[str, Any] = {
        "months": book.months_covered,
        "won_back": len(back) if told else None,
        "won_back_amount": round(float(back["change"].sum()), 2) if told else None,
        "not_split": many,
        "once": list(bought_once(book)),
    }
    kept = retained(now, before, by if enough else {})
    prices = price_volume_mix(book)
    return Movement(
        bridge(now, before, earlier),
        table,
        kept if enough else kept.iloc[:0],
        cohorts(book),
        prices.parts,
        prices,
        figures,
    )


def best_earlier(book: Book) -> pd.Series | None:
    """Per account its largest revenue in any of the 12-month windows that end 24, 36 … months before as_of;
    None without such months.
    """
    old = book.monthly[book.monthly["bucket"] >= 24]
    if old.empty:
        return None
    by = old.groupby(["account_id", old["bucket"] // 12])["amount"].sum().groupby("account_id").max()
    return by.reindex(book.accounts.index).fillna(0.0)


def segments(book: Book, tiers: pd.Series | None = None) -> tuple[dict[str, pd.Series], dict[str, int]]:
    """By which values the accounts divide (dimension → value per account, "" for none), and the dimensions
    with too many values.
    """
    found, many = {}, {}
    columns = {"tier": tiers} | {d: book.accounts.get(d) for d in DIMENSIONS}
    for dimension, column in columns.items():
        if column is None:
            continue
        value = column.reindex(book.accounts.index).astype("object")
        value = value.where(value.notna(), "").astype("str").str.strip()
        number = int(value[value != ""].nunique())
        if number > MOST_VALUES:
            many[dimension] = number
        elif number >= 2:
            found[dimension] = value
    return found, many


def sized(now: pd.Series, before: pd.Series, levels: pd.Series, index: pd.Index) -> pd.Series:
    """A level for each account that bought a year before, by its revenue then: as large a part of them as
    each level holds of today's.

    Levels of today would not compare, as they were given with this year's revenue in view: who shrank has
    moved down.
    """
    today = levels.reindex(now.index[now > 0]).dropna()
    today = today[today.isin(LEVELS)]
    then = before[before > 0].sort_values(ascending=False, kind="stable")
    out = pd.Series("", index=index, dtype="object")
    if len(today):
        ends = (
            (today.value_counts().reindex(LEVELS).fillna(0).cumsum() / len(today) * len(then))
            .round()
            .astype(int)
        )
        out[then.index] = np.array(LEVELS, dtype=object)[
            np.searchsorted(ends.to_numpy(), np.arange(len(then)), side="right").clip(max=3)
        ]
    return out


def retained(now: pd.Series, before: pd.Series, by: dict[str, pd.Series]) -> pd.DataFrame:
    """NRR and GRR of all accounts and of each value of ``by``, as movement.retention defines them; columns as
    in ``Flows.retention``.

    Tiers come S first and then in the order of the alphabet, other values from the largest; without a value
    last.
    """
    base = pd.DataFrame({"before": before[before > 0]})
    base["now"] = now.reindex(base.index).fillna(0.0).clip(lower=0.0)
    base["capped"] = base["now"].clip(upper=base["before"])
    parts = []
    for dimension, value in {"all": pd.Series("", index=base.index), **by}.items():
        sums = base.groupby(value.reindex(base.index).fillna("")).agg(
            accounts=("before", "size"),
            before=("before", "sum"),
            now=("now", "sum"),
            capped=("capped", "sum"),
        )
        part = sums.rename_axis("value").reset_index().assign(dimension=dimension)
        rank = part["value"].ne("S").astype(float) if dimension in ("tier", "size") else -part["before"]
        parts.append(
            part.assign(_last=part["value"] == "", _rank=rank).sort_values(["_last", "_rank", "value"])
        )
    out = pd.concat(parts, ignore_index=True)
    out = out.assign(nrr=out["now"] / out["before"], grr=out["capped"] / out["before"])
    return out[["dimension", "value", "accounts", "before", "now", "nrr", "grr"]]


def cohorts(book: Book) -> pd.DataFrame:
    """Revenue by year of first purchase: one row per cohort and window, the oldest cohort and window first.

    Years count back from as_of, not from January: ``window_back`` 0 is the 12 months to as_of;
    ``cohort_year_back`` 2 bought first 24 to 35 months before. The oldest cohort also holds whoever bought
    before it, or before the data begin. ``accounts`` with positive revenue in the window; ``revenue`` net;
    over the cohorts they add up to the window's. ``share_kept``: revenue over the cohort's revenue in its
    first full window (the year after it joined, since the year it joined holds only a part; of the oldest
    cohort the first window shown), missing before it. Whole windows only, at most MOST_YEARS; empty with less
    than 24 months.
    """
    whole = book.months_covered // 12
    columns = ["cohort_year_back", "window_back", "accounts", "revenue", "share_kept"]
    if whole < 2:
        return pd.DataFrame(
            {c: pd.Series(dtype="float64" if c in ("revenue", "share_kept") else "int64") for c in columns}
        )
    windows = min(whole, MOST_YEARS)
    oldest = windows - 1
    past = book.monthly[book.monthly["bucket"] >= 0]
    first = past.groupby("account_id")[
        "bucket"
    ].max()  # a return counts: whoever gives back has bought before
    cohort = (first // 12).clip(upper=oldest)
    recent = past[past["bucket"] < 12 * windows]
    by = (
        recent.groupby(["account_id", (recent["bucket"] // 12).rename("window_back")])["amount"]
        .sum()
        .reset_index()
    )
    by["cohort_year_back"] = by["account_id"].map(cohort)
    keyed = by.assign(buys=by["amount"] > 0).groupby(["cohort_year_back", "window_back"])
    sums = keyed.agg(accounts=("buys", "sum"), revenue=("amount", "sum"))
    every = [(c, w) for c in range(oldest, -1, -1) for w in range(c, -1, -1)]
    out = sums.reindex(pd.MultiIndex.from_tuples(every, names=columns[:2])).fillna(0).reset_index()
    start = np.where(out["cohort_year_back"] == oldest, windows - 1, out["cohort_year_back"] - 1)
    base = out[out["window_back"] == start].set_index("cohort_year_back")["revenue"]
    base = out["cohort_year_back"].map(base[base > 0]).astype("float64")
    out["share_kept"] = (out["revenue"] / base).where(out["window_back"].to_numpy() <= start)
    return out.astype({"accounts": "int64", "revenue": "float64"})[columns]


def add_findings(found: Findings, result: Movement, book: Book) -> None:
    """What the movement in depth found out; every part that cannot be told says what is missing."""
    months = result.figures["months"]
    if months < purchases.TWO_YEARS:
        found.add("flows_unknown", "watch", "flows_ask_for_history", months=months)
        return
    _won_back(found, result)
    _retention(found, result, book)
    _cohorts(found, result)
    _prices(found, result.prices)


def _won_back(found: Findings, result: Movement) -> None:
    figures, table = result.figures, result.moves
    if figures["won_back"] is None:
        came = table[table["move"] == "new"]
        if len(came):
            found.add(
                "won_back_unknown", "note", "flows_ask_for_history", months=figures["months"], count=len(came)
            )
        return
    back = table[table["move"] == "won_back"].sort_values("change", ascending=False)
    came = table[table["move"] == "new"]
    new = {"new": len(came), "new_amount": came["change"].sum()}
    once = came[came.index.isin(result.figures["once"])]
    new |= {"once": len(once), "once_amount": once["change"].sum()}
    if len(back):
        found.add(
            "won_back",
            "note",
            "learn_from_won_back",
            back.index,
            count=len(back),
            amount=back["now"].sum(),
            **new,
        )
    else:
        found.add("none_won_back", "note", None, **new)


def _retention(found: Findings, result: Movement, book: Book) -> None:
    frame = result.retention
    for dimension, kind in BY.items():
        rows = frame[(frame["dimension"] == dimension) & (frame["value"] != "")]
        whole = frame.loc[frame["dimension"] == dimension, "before"].sum()
        rows = rows[
            (rows["accounts"] >= (1 if dimension in ("tier", "size") else FEWEST))
            & (rows["before"] >= WEIGHT * whole)
        ]
        if len(rows) < 2:
            continue
        best, worst = rows.loc[rows["grr"].idxmax()], rows.loc[rows["grr"].idxmin()]
        if dimension in ("tier", "size"):  # from the highest tier to the lowest, whichever kept more
            best, worst = rows.iloc[0], rows.iloc[-1]
        elif best["grr"] - worst["grr"] < UNEVEN:
            continue
        low: Severity = "watch" if worst["grr"] < 0.8 and dimension != "size" else "note"
        action = {"tier": "compare_tiers", "size": None, "owner": "compare_owners"}.get(
            dimension, "ask_worst_segment"
        )
        told = {
            f"{k}{c}": row[c]
            for k, row in (("best_", best), ("worst_", worst))
            for c in ("value", "grr", "nrr", "accounts", "before")
        }
        found.add(
            kind,
            low,
            action if best["grr"] - worst["grr"] >= UNEVEN else None,
            **told,
            stake=(1 - worst["grr"]) * worst["before"],
        )
    for dimension, number in result.figures["not_split"].items():
        if dimension in TOO_MANY:
            found.add(TOO_MANY[dimension], "note", "group_values", values=number, most=MOST_VALUES)
    if not book.has("accounts") or not any(book.has("accounts", d) for d in DIMENSIONS):
        found.add("segments_unknown", "note", "ask_for_segments")


def _cohorts(found: Findings, result: Movement) -> None:
    frame = result.cohorts
    now = frame[frame["window_back"] == 0]
    total, oldest = now["revenue"].sum(), int(now["cohort_year_back"].max())
    if total <= 0:
        return
    years = min(3, oldest)
    old = now[now["cohort_year_back"] >= years]
    young = now[now["cohort_year_back"] == 0].iloc[0]
    first = frame[frame["cohort_year_back"] == oldest].iloc[0]
    kept = now.loc[now["cohort_year_back"] == oldest, "share_kept"].iloc[0]
    share = old["revenue"].sum() / total
    figures = {
        "years": years,
        "share": share,
        "amount": old["revenue"].sum(),
        "accounts": int(old["accounts"].sum()),
        "young_share": young["revenue"] / total,
        "young_accounts": int(young["accounts"]),
    }
    lean = young["revenue"] / total < 0.05
    found.add("cohort_share", "watch" if lean else "note", "win_new_accounts" if lean else None, **figures)
    if kept == kept and first["window_back"] > 0:
        span = int(first["window_back"])
        then, stay = (
            int(first["accounts"]),
            int(now.loc[now["cohort_year_back"] == oldest, "accounts"].iloc[0]),
        )
        found.add(
            "cohort_kept",
            "watch" if kept < 0.8**span else "note",
            None,
            years=span,
            share=kept,
            accounts=then,
            left=stay,
        )


def _prices(found: Findings, prices: PriceVolumeMix) -> None:
    figures = prices.figures
    if prices.missing:
        kind = {"lines": "pvm_no_lines", "quantity": "pvm_no_quantity", "product": "pvm_no_product"}[
            prices.missing
        ]
        found.add(kind, "note", "pvm_ask_for_lines" if kind == "pvm_no_lines" else "pvm_ask_for_quantity")
        return
    told = {k: v for k, v in figures.items() if k != "level"}
    if figures["matched_share"] < LITTLE:
        found.add("pvm_little_matched", "watch", "pvm_stable_codes", **told)
    elif figures["level"] == "category":  # an average over products is no price: nobody is asked to act on it
        found.add("pvm_by_category", "note", "pvm_ask_for_products", **told)
    else:
        rate = figures["price_rate"]
        grave: Severity = "act" if rate <= -PRICES_FELL_MUCH else "watch" if rate <= -PRICE_FELL else "note"
        found.add(
            "pvm",
            grave,
            None if grave == "note" else "pvm_check_prices",
            **told,
            stake=-figures["price"] if figures["price"] < 0 else None,
        )
        falls = prices.products.loc[prices.products["price"] < 0, "price"].sort_values()
        if grave != "note" and len(falls):
            named = [str(p) for p in falls.index[:3]]
            found.add(
                "pvm_price_falls",
                "watch",
                None,
                zh=named,
                en=named,
                count=len(falls),
                amount=-falls.sum(),
                stake=-falls.sum(),
            )
    if figures["level"] == "product" and (figures["new_products"] or figures["lost_products"]):
        found.add("pvm_range", "note", None, **told)
    if figures["unmatched_rows"]:
        found.add("pvm_unmatched", "note", "pvm_complete_quantity", **told)
    if figures["turned_rows"]:
        found.add("pvm_turned", "note", None, **told)


MOVES = ("new", "won_back", "expanded", "contracted", "lost", "other")


def moves(now: pd.Series, before: pd.Series, earlier: pd.Series | None = None) -> pd.DataFrame:
    """Per account ``now``, ``before``, ``change`` and its ``move``; the changes add up to the change of the
    total.

    Accounts with positive revenue then and none now are ``lost``; with none then and some now ``new``, or
    ``won_back`` where ``earlier`` (per account its largest revenue of any 12 months before those two years)
    is positive. An account with no positive revenue in either window (returns only) is ``other``.
    """
    frame = pd.DataFrame({"now": now, "before": before}).fillna(0.0)
    frame["change"] = frame["now"] - frame["before"]
    frame["move"] = "same"
    frame.loc[frame["change"] > 0, "move"] = "expanded"
    frame.loc[frame["change"] < 0, "move"] = "contracted"
    came = (frame["before"] <= 0) & (frame["now"] > 0)
    frame.loc[came, "move"] = "new"
    if earlier is not None:
        frame.loc[came & (earlier.reindex(frame.index) > 0), "move"] = "won_back"
    frame.loc[(frame["before"] > 0) & (frame["now"] <= 0), "move"] = "lost"
    frame.loc[(frame["before"] <= 0) & (frame["now"] <= 0) & (frame["change"] != 0), "move"] = "other"
    return frame


def bridge(now: pd.Series, before: pd.Series, earlier: pd.Series | None = None) -> pd.DataFrame:
    """The revenue bridge: rows before, new, won_back, expanded, contracted, lost, other, now; amount and
    accounts of each.

    ``won_back`` and ``other`` have a row where there is any such account.

    """
    table = moves(now, before, earlier)
    by = table.groupby("move")["change"].agg(["sum", "size"]).reindex(MOVES).fillna(0)
    rows = [("before", table["before"].sum(), int((table["before"] > 0).sum()))]
    shown = [m for m in MOVES if by.loc[m, "size"] or m not in ("won_back", "other")]
    rows += [(move, float(by.loc[move, "sum"]), int(by.loc[move, "size"])) for move in shown]
    rows += [("now", table["now"].sum(), int((table["now"] > 0).sum()))]
    return pd.DataFrame(rows, columns=["item", "amount", "accounts"])


def retention(now: pd.Series, before: pd.Series) -> tuple[float | None, float | None]:
    """``(NRR, GRR)``: revenue now of the accounts that had positive revenue then, over their revenue then.

    Each account is floored at 0; for GRR it is also capped at its revenue then, so that growth does not hide
    loss.
    """
    base = before[before > 0]
    if base.empty:
        return None, None
    kept = now.reindex(base.index).fillna(0.0).clip(lower=0.0)
    return float(kept.sum() / base.sum()), float(kept.clip(upper=base).sum() / base.sum())
