"""The account asset map: what each account contributes, what could still come, and what endangers it, in one
picture.

Value is what an account contributed in the 12 months; potential what could come in the next 12 on top of
that; risk from 0 to 1 how much speaks for the value being lost: an index of what the books say, or the
warning signs of step 3 where those say more. Each says what it rests on, as the three are rarely known for
all accounts alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.measures import purchases
from kamplay.method.measures.buying_rhythm import buying_rhythm
from kamplay.method.measures.warning_signs import ACT, SIGNS, overall, strongest_sign
from kamplay.method.results import Findings
from kamplay.method.stats.regular_buyers import LATE

# Weights of the risk index: expert judgement. Leaving ends the value at once; money overdue is partly lost
# already; a thin margin makes an
# account not worth its revenue; weak books are a warning from afar. A part that is not known is left out and
# the others share its weight.
WEIGHTS = {"leaving": 0.40, "overdue": 0.25, "thin": 0.20, "weak": 0.15}
MEDIUM, HIGH = (
    0.15,
    0.35,
)  # where the bands begin: an account that is all but certain to leave is high with nothing else against it
OVERDUE = 0.25  # of a year's revenue, three months of sales: as bad as it gets
WEAK = 2  # ratios below their limit (see ``standing``): as bad as it gets
VALUES = ("profit", "margin", "extended", "revenue")
BASES = ("measured", "estimated", "white_space", "forecast")
# chance of leaving from which an account is high whatever the weights and whatever else is known
CERTAIN = 0.95
BANDS = ("low", "medium", "high")
APART = (
    "stopped",
    "once",
    # beside the bands: what has plainly stopped is lost already, what bought once was perhaps never to come
    # back
)
FIELDS = (
    "expand",
    "protect",
    "grow",
    "maintain",
)  # value and potential high; value only; potential only; neither
MATTER = {
    "guard": 5,
    "grow": 3,
}  # accounts of each kind that the list shows; one that has fewer leaves its places to the other
COLUMNS = [
    "revenue",
    "value",
    "value_on",
    "potential",
    "potential_on",
    "potential_index",
    "risk",
    "risk_band",
    "reason",
    "coverage",
    *WEIGHTS,
    "level",
    "field",
    "held",
    "matters",
    "place",
]


@dataclass(frozen=True)
class PortfolioMap:
    """``asset_map``: accounts with revenue in the 12 months (index account_id, highest value first): revenue;
    value with value_on (profit: margin less the cost to serve; margin; extended: the rate of the others
    times revenue; revenue); potential (12 months, 0 or more) with potential_on (of BASES; blank: not
    known) and potential_index (0 to 1, rank within its basis); risk (0 to 1, at least the strength of all
    its signs together; missing for one that bought once) with risk_band (of BANDS or APART), reason (the
    part of WEIGHTS that adds most, or the strongest sign where signs say more; blank at low risk),
    coverage (the weight that is known) and the parts, each 0 to 1; level (S, A, B, C or blank); field (of
    FIELDS; blank without a potential; one at high risk or APART is not to be expanded or grown); held (why
    it is not to be grown now, see ``held``; blank: nothing against it); matters (guard: high value at high
    risk; grow: low value, high potential, low risk, not held; stopped: high value, plainly stopped) and
    place (its order among these). ``figures``: sums and the limits; amounts in the engagement's currency.
    """

    asset_map: pd.DataFrame
    figures: dict[str, Any]


def portfolio_map(
    book: Book,
    levels: pd.Series | None = None,
    future: pd.DataFrame | None = None,
    wallet: pd.DataFrame | None = None,
    white_space: pd.DataFrame | None = None,
    profit: pd.DataFrame | None = None,
    standing: pd.DataFrame | None = None,
    held: pd.Series | None = None,
    signs: pd.DataFrame | None = None,
) -> PortfolioMap:
    """The map from what the other parts of step 2 found: their frames of these names; one that is missing
    takes its part away.

    ``levels``: account → S, A, B or C. ``profit`` with costs in it makes value a profit, else a margin.
    ``held``: account → why it is not to be grown now. ``signs``: as in ``signs.signs_at``; those of accounts
    that bought within the year.
    """
    revenue = purchases.revenue(book)
    out = pd.DataFrame({"revenue": revenue[revenue > 0]})
    out.index.name = "account_id"
    out["value"], out["value_on"] = _value(
        out["revenue"], _part(profit, "net", out), _part(profit, "cost", out)
    )
    worth = out["value"].to_numpy()
    again = _part(future, "purchases", out) > 1
    raw, out["potential_on"] = _potential(
        out, wallet, white_space, _part(future, "revenue_12m", out).where(again)
    )
    out["potential"], out["potential_index"] = raw.clip(lower=0.0), _ranked(raw, out["potential_on"])
    for name, values in _parts(book, out, future, standing).items():
        out[name] = values
    out["held"] = "" if held is None else held.reindex(out.index).fillna("").astype("object")
    _judge(out, signs)
    out["level"] = (
        "" if levels is None else levels.reindex(out.index).astype("object").where(lambda s: s.notna(), "")
    )
    middle = float(np.median(worth)) if len(out) else None
    high, more = out["value"] >= (middle or 0.0), out["potential_index"] >= 0.5
    open_to = more & ~out["risk_band"].isin(["high", *APART])
    out["field"] = np.select(
        [out["potential_index"].isna(), high & open_to, high, open_to], ["", *FIELDS[:3]], FIELDS[3]
    )
    out["matters"], out["place"] = _matters(out)
    out = out.assign(_id=out.index).sort_values(["value", "revenue", "_id"], ascending=[False, False, True])[
        COLUMNS
    ]
    return PortfolioMap(out, _figures(out, middle))


def _part(frame: pd.DataFrame | None, column: str, out: pd.DataFrame) -> pd.Series:
    """A column of another part's frame for the accounts of ``out``; missing without that frame."""
    if frame is None or column not in frame:
        return pd.Series(np.nan, index=out.index)
    return frame[column].reindex(out.index).astype("float64")


def _value(revenue: pd.Series, net: pd.Series, cost: pd.Series) -> tuple[pd.Series, pd.Series]:
    """What each account contributes and on what that rests: all on one measure, as revenue beside margin
    would not compare.

    Where less than COSTED of revenue has a margin, all stand on revenue; else those without one get the rate
    of the others.
    """
    known, total = net.notna(), revenue.sum()
    if not total > 0 or revenue[known].sum() < purchases.COSTED * total:
        return revenue.copy(), pd.Series("revenue", index=revenue.index, dtype="object")
    rate = net[known].sum() / revenue[known].sum()
    on = "profit" if cost.sum() > 0 else "margin"
    return net.where(known, rate * revenue), pd.Series(
        np.where(known, on, "extended"), index=revenue.index, dtype="object"
    )


def _potential(
    out: pd.DataFrame, wallet: pd.DataFrame | None, white_space: pd.DataFrame | None, expected: pd.Series
) -> tuple[pd.Series, pd.Series]:
    """The amount of the next 12 months on top of the last, and on what it rests: the first of BASES that is
    known.

    Known purchases not made with us; else the middle of each gap in what similar accounts buy times the share
    of them that buys it; else revenue ``expected`` less revenue, which may be negative; missing where that
    rests on a single purchase, which may be a one-off.
    """
    room, basis = _part(wallet, "room", out), pd.Series("", index=out.index, dtype="object")
    if wallet is not None and len(wallet):
        basis = wallet["basis"].reindex(out.index).astype("object")
    seen = room.notna() & basis.isin(BASES[:2])
    gaps = pd.Series(np.nan, index=out.index)
    if white_space is not None and len(white_space):
        gaps = white_space.groupby("account_id")["expected"].sum().reindex(out.index).astype("float64")
    change = expected - out["revenue"]
    amount = room.where(seen).fillna(gaps).fillna(change)
    on = np.select([seen, gaps.notna(), change.notna()], [basis.where(seen, ""), BASES[2], BASES[3]], "")
    return amount, pd.Series(on, index=out.index, dtype="object")


def _ranked(amount: pd.Series, basis: pd.Series) -> pd.Series:
    """Rank within the basis, 0 to 1: bases differ in size (all that is bought elsewhere; one gap; a change),
    order compares.

    The middle of its basis is 0.5, but nobody without any potential lies above that.

    """
    by = amount.groupby(basis)
    place = (by.rank(method="average") - 0.5) / by.transform("count")
    none = (amount <= 0).where(amount.notna()).groupby(basis).transform("mean").astype("float64")
    half = none.clip(upper=0.5)
    below = place * half / none.where(none > 0)
    above = half + (place - none) * (1 - half) / (1 - none).where(none < 1)
    return below.where(amount <= 0, above).where(amount.notna())


def _parts(
    book: Book, out: pd.DataFrame, future: pd.DataFrame | None, standing: pd.DataFrame | None
) -> dict[str, pd.Series]:
    """The four parts of the risk, 0 to 1, missing where not known.

    leaving: 1 less the chance of still buying; where that is not told, or rests on a single purchase (of
    which BG/NBD holds by construction that it is never the last), how late the account is: 0 on time, 1 at
    LATE of its gaps. overdue: of revenue, 1 at OVERDUE. thin: the shortfall of its margin to the average, 1
    without any. weak: ratios below their limits, 1 at WEAK.
    """
    alive, bought = _part(future, "alive", out), _part(future, "purchases", out)
    late = (
        buying_rhythm(book.days, book.seen_to)["lateness"].reindex(out.index).astype("float64")
        if len(book.days)
        else alive
    )
    leaving = (1 - alive.where(bought > 1)).fillna((late - 1) / (LATE - 1))
    overdue = _part(standing, "overdue", out) / out["revenue"] / OVERDUE
    known = out["value_on"].isin(["profit", "margin"])
    average = out.loc[known, "value"].sum() / out.loc[known, "revenue"].sum() if known.any() else 0.0
    rate = (out["value"] / out["revenue"]).where(known)
    thin = 1 - rate / average if average > 0 else (rate < 0).astype("float64").where(known)
    parts = {
        "leaving": leaving,
        "overdue": overdue,
        "thin": thin,
        "weak": _part(standing, "weak", out) / WEAK,
    }
    return {name: values.clip(0.0, 1.0) for name, values in parts.items()}


def _risk(parts: pd.DataFrame) -> tuple[pd.Series, pd.Series, pd.Series]:
    """The weighted mean of the known parts, the weight that they have, and the part that adds most to it."""
    weights = pd.Series(WEIGHTS)[parts.columns]
    coverage = parts.notna().mul(weights).sum(axis=1)
    adds = parts.mul(weights).fillna(0.0)
    risk = (adds.sum(axis=1) / coverage.where(coverage > 0)).astype("float64")
    most = (
        np.array(parts.columns, dtype=object)[adds.to_numpy().argmax(axis=1)]
        if len(parts)
        else np.zeros(0, dtype=object)
    )
    return risk, coverage.astype("float64"), pd.Series(most, index=parts.index, dtype="object")


def _judge(out: pd.DataFrame, signs: pd.DataFrame | None) -> None:
    """Adds risk, coverage, risk_band and reason: the index of the four parts, or the signs of leaving where
    they are stronger.
    """
    index, out["coverage"], part = _risk(out[list(WEIGHTS)])
    shown = (
        (pd.DataFrame(columns=list(SIGNS), dtype="float64") if signs is None else signs[list(SIGNS)])
        .reindex(out.index)
        .fillna(0.0)
        .rename_axis("account_id")
    )
    strength, silence = overall(shown), shown["silence"]
    early = shown.drop(columns="silence").melt(var_name="sign", value_name="strength", ignore_index=False)
    first = strongest_sign(early.reset_index())["sign"].reindex(out.index)
    told = (strength > 0) & ~(index > strength)
    calls = (shown.max(axis=1) >= ACT) | (
        silence > 0
    )  # signs that only ask for attention, as step 3 says it, make no high risk
    said = np.maximum(strength, silence).where(calls, strength.clip(upper=HIGH - 0.01))
    out["risk"] = np.fmax(index, said.where((strength > 0) | (silence > 0)))
    certain, stopped, once = out["leaving"] >= CERTAIN, silence > 0, out["held"] == "once"
    band = np.select([(out["risk"] >= HIGH) | certain, out["risk"] >= MEDIUM], ["high", "medium"], "low")
    out["risk_band"] = np.select([once, stopped, out["risk"].isna()], ["once", "stopped", ""], band)
    reason = part.where(out["risk"] >= MEDIUM, "").mask(certain, "leaving").mask(told, first)
    out["reason"] = reason.mask(stopped, "silence").mask(once, "once")
    out["risk"] = out["risk"].mask(once)


def _matters(out: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """guard: the upper fifth by value at high risk, most value at stake first; stopped: those of it that have
    plainly stopped. grow: by potential, the largest first.
    """
    size = out["value"].clip(lower=0.0)
    large = purchases.material(size) & (size > 0)
    guard, stopped = ((large & (out["risk_band"] == band)).astype(bool) for band in ("high", "stopped"))
    grow = (
        (out["field"] == "grow") & (out["risk_band"] == "low") & (out["potential"] > 0) & (out["held"] == "")
    )
    kind = pd.Series(
        np.select([guard, stopped, grow], ["guard", "stopped", "grow"], ""), index=out.index, dtype="object"
    )
    order = pd.Series(
        np.where(guard | stopped, size * out["risk"].fillna(0.0), out["potential"]), index=out.index
    )
    place = order.groupby(kind).rank(ascending=False, method="first")
    return kind, place.where(kind != "").astype("float64")


def _figures(out: pd.DataFrame, middle: float | None) -> dict[str, Any]:
    total, revenue = float(out["value"].sum()), float(out["revenue"].sum())
    figures: dict[str, Any] = {
        "accounts": len(out),
        "value": total,
        "middle": middle,
        "on": _most(out["value_on"]),
    }
    figures |= {f"{basis}_accounts": int((out["potential_on"] == basis).sum()) for basis in BASES}
    figures |= {
        f"{basis}_potential": float(out.loc[out["potential_on"] == basis, "potential"].sum())
        for basis in BASES
    }
    figures["unknown_accounts"] = int((out["potential_on"] == "").sum())
    for band in (*BANDS, *APART):
        part = out["risk_band"] == band
        figures[f"{band}_accounts"] = int(part.sum())
        figures[f"{band}_share"] = float(out.loc[part, "revenue"].sum()) / revenue if revenue > 0 else None
    figures["coverage"] = float((out["coverage"] * out["revenue"]).sum()) / revenue if revenue > 0 else None
    figures["missing"] = [name for name in WEIGHTS if out[name].isna().all()] if len(out) else []
    figures["extended"] = int((out["value_on"] == "extended").sum())
    return figures


def _most(names: pd.Series) -> str:
    known = names[names != "extended"]
    return str(known.iloc[0]) if len(known) else ""


def add_findings(found: Findings, result: PortfolioMap) -> None:
    """Whom to guard, whom to grow, and what value, potential and risk rest on."""
    frame, f = result.asset_map, result.figures
    if frame.empty:
        found.add("asset_none", "note", None)
        return
    positive = frame["value"].clip(lower=0.0)
    guard, grow = (frame[frame["matters"] == kind].sort_values("place") for kind in ("guard", "grow"))
    large = purchases.material(positive) & (positive > 0)
    if len(guard):
        share = guard["value"].sum() / positive.sum()
        figures = {
            "count": len(guard),
            "large": int(large.sum()),
            "value": guard["value"].sum(),
            "share": share,
            "on": f["on"],
        }
        found.add(
            "asset_guard",
            "act" if share >= 0.1 else "watch",
            "asset_guard_plan",
            guard.index,
            **figures,
            stake=figures["value"],
        )
    elif f["coverage"]:
        found.add("asset_safe", "note", None, large=int(large.sum()))
    gone = frame[frame["matters"] == "stopped"].sort_values("place")
    if len(gone):
        found.add(
            "asset_stopped",
            "watch",
            "asset_decide",
            gone.index,
            count=len(gone),
            revenue=gone["revenue"].sum(),
        )
    if len(grow):
        figures = {
            "count": len(grow),
            "potential": grow["potential"].sum(),
            "value": grow["value"].sum(),
            "on": f["on"],
        }
        top = grow.iloc[0]
        one = (
            len(grow) > 1 and top["potential"] > grow["potential"].sum() / 2
        )  # a sum that is one account's is told as that account's
        if one:
            rest = {"rest": len(grow) - 1, "rest_potential": grow["potential"].iloc[1:].sum()}
            figures |= {"first_potential": top["potential"], "potential_on": top["potential_on"], **rest}
        found.add(
            "asset_grow_one" if one else "asset_grow",
            "watch",
            "asset_grow_offer",
            grow.index,
            **figures,
            gain=top["potential"] if one else figures["potential"],
        )
    known = f["measured_accounts"] + f["estimated_accounts"]
    if f["unknown_accounts"] == f["accounts"]:
        found.add("asset_no_potential", "watch", "asset_ask_wallet", accounts=f["accounts"])
    else:
        names = [*(f"{b}_accounts" for b in BASES), "unknown_accounts"]
        action = "asset_ask_wallet" if known < f["accounts"] / 2 else None
        found.add(
            "asset_basis", "note", action, accounts=f["accounts"], known=known, **{k: f[k] for k in names}
        )
    names = [f"{band}_{what}" for band in (*BANDS, *APART) for what in ("accounts", "share")]
    kind = "asset_risk_partial" if f["missing"] else "asset_risk"
    action = "asset_ask_risk" if f["missing"] else None
    found.add(
        kind,
        "note",
        action,
        (),
        parts=f["missing"],
        coverage=f["coverage"],
        medium=MEDIUM,
        high=HIGH,
        **{k: f[k] for k in names},
    )
    if f["extended"]:
        found.add(
            "asset_extended", "note", None, frame.index[frame["value_on"] == "extended"], count=f["extended"]
        )
