"""The portfolio map: what each account contributes, what could still come of it, and what endangers it.

Value is what an account contributed in the 12 months; potential is what could come in the next 12 on top of
that; risk is the account's verdict (see ``verdict``), the same that the priority list and the plan follow.
Value and potential say on what they rest, as they are rarely known for all accounts alike.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kamplay.book import Book
from kamplay.method.health.campaign import IMMATERIAL
from kamplay.method.measures import purchases
from kamplay.method.measures.warning_signs import SIGNS, combined_strength
from kamplay.method.results import Findings

BANDS = ("low", "medium", "high")
# beside the bands: what has plainly stopped is lost already, what bought once was perhaps never to come back
APART = ("stopped", "once")
BAND_OF = {"fine": "low", "watch": "medium", "act": "high", "stopped": "stopped", "once": "once"}
VALUE_BASES = ("profit", "margin", "extended", "revenue")
POTENTIAL_BASES = ("measured", "estimated", "white_space", "forecast")  # the first that is known
# value and potential high; value alone; potential alone; neither
LEAST_EACH = 0.001  # of the year's revenue: where nobody could bring so much more, no list to grow is made
QUADRANTS = ("expand", "protect", "grow", "maintain")
COLUMNS = [
    "revenue",
    "value",
    "value_basis",
    "potential",
    "potential_basis",
    "potential_rank",
    "risk",
    "risk_band",
    "reason",
    "level",
    "quadrant",
    "growth_exclusion",
    "priority",
    "priority_rank",
]


@dataclass(frozen=True)
class PortfolioMap:
    """Value, potential and risk of the accounts with revenue in the 12 months.

    Attributes
    ----------
    accounts : index account_id, the highest value first; amounts in the engagement's currency. revenue;
        value, and its basis (``profit``: margin less the cost to serve; ``margin``; ``extended``: the rate of
        the others times revenue; ``revenue``); potential (0 or more), its basis (of POTENTIAL_BASES, blank:
        not known) and potential_rank (0 to 1, within its basis; missing for all where together they could
        not bring IMMATERIAL of the year's revenue); risk (0 to 1: the probability of stopping,
        or the joint strength of its signs where that is more; missing for one that bought once), risk_band
        (the verdict, as one of BANDS or APART), reason (why, see ``verdicts``);
        level (S, A, B, C or blank); quadrant (of QUADRANTS, blank without such a rank; one at high risk or
        APART is not to be expanded or grown); growth_exclusion (see ``growth_exclusions``); priority
        (``guard``: high value at high risk; ``grow``: low value, high potential, low risk, nothing against
        it, where these accounts could together bring IMMATERIAL of the year's revenue; ``stopped``: high
        value, plainly stopped; blank) and priority_rank, 1 the first.
    """

    accounts: pd.DataFrame

    @property
    def value_basis(self) -> str:
        """On what the value of most rests."""
        known = self.accounts["value_basis"][self.accounts["value_basis"] != "extended"]
        return str(known.iloc[0]) if len(known) else ""


def portfolio_map(
    book: Book,
    verdicts: pd.DataFrame,
    *,
    probability: pd.Series | None = None,
    customers: pd.DataFrame | None = None,
    wallet: pd.DataFrame | None = None,
    gaps: pd.DataFrame | None = None,
    profit: pd.DataFrame | None = None,
    levels: pd.Series | None = None,
    growth_exclusions: pd.Series | None = None,
    signs: pd.DataFrame | None = None,
) -> PortfolioMap:
    """Place every account with revenue in the 12 months by value, potential and risk.

    Parameters
    ----------
    book : the client's data.
    verdicts : verdict and reason of each account, see ``verdicts``.
    probability : account_id → the probability of stopping, where one is known.
    customers : as in ``CustomerValue``: purchases, revenue_12m.
    wallet : as in ``Wallet``: headroom, basis.
    gaps : as in ``WhiteSpace``: account_id, expected.
    profit : as in ``Profitability``: net, and the cost to serve, with which value is a profit and not a
        margin.
    levels : account_id → S, A, B or C.
    growth_exclusions : account_id → why no growth is advised there now, blank for none.
    signs : strength of the warning signs by account, see ``warning_signs.signs_at``.

    A frame that is missing takes its part of the map away.
    """
    revenue = purchases.revenue(book)
    out = pd.DataFrame({"revenue": revenue[revenue > 0]}).rename_axis("account_id")
    net, cost = (_column(profit, name, out.index) for name in ("net", "cost"))
    bought, expected = (_column(customers, name, out.index) for name in ("purchases", "revenue_12m"))
    again = bought > 1  # on a single purchase, which may be a one-off, nothing is built
    out["value"], out["value_basis"] = _value(out["revenue"], net, cost)
    change = expected.where(again) - out["revenue"]
    potential, out["potential_basis"] = _potential(wallet, gaps, change)
    out["potential"] = potential.clip(lower=0.0)
    worth = out["potential"].sum() >= IMMATERIAL * out["revenue"].sum()  # else the order tells nothing
    out["potential_rank"] = rank_within(potential, out["potential_basis"]) if worth else np.nan
    out = out.assign(
        risk_band=_text(verdicts["verdict"], out.index).map(BAND_OF).fillna(""),
        reason=_text(verdicts["reason"], out.index),
        growth_exclusion=_text(growth_exclusions, out.index),
        level=_text(levels, out.index),
    )
    out["risk"] = _risk(out, probability, signs)
    high_value = upper_half(out["value"])
    growing = (out["potential_rank"] >= 0.5) & ~out["risk_band"].isin(["high", *APART])
    out["quadrant"] = np.select(
        [out["potential_rank"].isna(), high_value & growing, high_value, growing],
        ["", *QUADRANTS[:3]],
        QUADRANTS[3],
    )
    out["priority"], out["priority_rank"] = _priority(out)
    out = out.assign(_id=out.index).sort_values(["value", "revenue", "_id"], ascending=[False, False, True])
    return PortfolioMap(out[COLUMNS])


def upper_half(value: pd.Series) -> pd.Series:
    """Which accounts contribute at least as much as the median account."""
    return value >= value.median()


def _column(frame: pd.DataFrame | None, name: str, index: pd.Index) -> pd.Series:
    """A column of another topic's frame for these accounts; missing without that frame."""
    if frame is None or name not in frame:
        return pd.Series(np.nan, index=index)
    return frame[name].reindex(index).astype("float64")


def _text(values: pd.Series | None, index: pd.Index) -> pd.Series:
    if values is None:
        return pd.Series("", index=index, dtype="object")
    known = values.reindex(index).astype("object")
    return known.where(known.notna(), "")


def _value(revenue: pd.Series, net: pd.Series, cost: pd.Series) -> tuple[pd.Series, pd.Series]:
    """What each account contributes and its basis: all on one measure, as revenue beside margin would not
    compare.

    Where less than COSTED of revenue has a margin, all stand on revenue; else those without one get the rate
    of the others.
    """
    known, total = net.notna(), revenue.sum()
    if not total > 0 or revenue[known].sum() < purchases.COSTED * total:
        return revenue.copy(), pd.Series("revenue", index=revenue.index, dtype="object")
    rate = net[known].sum() / revenue[known].sum()
    basis = np.where(known, "profit" if cost.sum() > 0 else "margin", "extended")
    return net.where(known, rate * revenue), pd.Series(basis, index=revenue.index, dtype="object")


def _potential(
    wallet: pd.DataFrame | None, gaps: pd.DataFrame | None, change: pd.Series
) -> tuple[pd.Series, pd.Series]:
    """The amount of the next 12 months on top of the last, and its basis: the first that is known.

    Known purchases not made with us; else what the account does not buy though its peers do, times the share
    of them that does; else the ``change`` expected, which may be negative. Where no account is expected to
    bring more, the changes tell how fast each falls, and no potential.
    """
    index, change = change.index, change if (change > 0).any() else change * np.nan
    headroom, basis = _column(wallet, "headroom", index), pd.Series("", index=index, dtype="object")
    if wallet is not None and len(wallet):
        basis = wallet["basis"].reindex(index).astype("object")
    known = headroom.notna() & basis.isin(["measured", "estimated"])
    missed = pd.Series(np.nan, index=index)
    if gaps is not None and len(gaps):
        missed = gaps.groupby("account_id")["expected"].sum(min_count=1).reindex(index).astype("float64")
    amount = headroom.where(known).fillna(missed).fillna(change)
    chosen = np.select(
        [known, missed.notna(), change.notna()], [basis.where(known, ""), "white_space", "forecast"], ""
    )
    return amount, pd.Series(chosen, index=index, dtype="object")


def rank_within(amount: pd.Series, basis: pd.Series) -> pd.Series:
    """Rank amounts within their basis, 0 to 1. Bases differ in size (all that is bought elsewhere; one gap; a
    change): only the order compares. The middle of a basis is 0.5, but nothing without an amount lies above
    that.
    """
    by = amount.groupby(basis)
    place = (by.rank(method="average") - 0.5) / by.transform("count")
    none = (amount <= 0).where(amount.notna()).groupby(basis).transform("mean").astype("float64")
    half = none.clip(upper=0.5)
    below = place * half / none.where(none > 0)
    above = half + (place - none) * (1 - half) / (1 - none).where(none < 1)
    return below.where(amount <= 0, above).where(amount.notna())


def _risk(out: pd.DataFrame, probability: pd.Series | None, signs: pd.DataFrame | None) -> pd.Series:
    """The probability of stopping, or the joint strength of the signs where that is more."""
    shown = pd.DataFrame(0.0, index=out.index, columns=list(SIGNS))
    if signs is not None:
        shown = signs[list(SIGNS)].reindex(out.index).fillna(0.0)
    strength = np.maximum(combined_strength(shown), shown["silence"])
    chance = pd.Series(np.nan, index=out.index)
    if probability is not None:
        chance = probability.reindex(out.index).astype("float64")
    return pd.Series(np.fmax(chance, strength), index=out.index).mask(out["risk_band"] == "once")


def _priority(out: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """guard: the upper fifth by value at high risk, most value at stake first; stopped: those of it that have
    plainly stopped. grow: by potential, the largest first.
    """
    size = out["value"].clip(lower=0.0)
    large = purchases.material(size) & (size > 0)
    guard, stopped = ((large & (out["risk_band"] == band)).astype(bool) for band in ("high", "stopped"))
    grow = _could_grow(out) & _worth_a_list(out)
    names = np.select([guard, stopped, grow], ["guard", "stopped", "grow"], "")
    priority = pd.Series(names, index=out.index, dtype="object")
    at_stake = np.where(guard | stopped, size * out["risk"].fillna(0.0), out["potential"])
    rank = pd.Series(at_stake, index=out.index).groupby(priority).rank(ascending=False, method="first")
    return priority, rank.where(priority != "").astype("float64")


def _could_grow(out: pd.DataFrame) -> pd.Series:
    """Which contribute little, could bring more, are at low risk and have nothing against it."""
    return (
        (out["quadrant"] == "grow")
        & (out["risk_band"] == "low")
        & (out["potential"] > 0)
        & (out["growth_exclusion"] == "")
    )


def _worth_a_list(out: pd.DataFrame) -> bool:
    """Whether what these could bring together is material, as of the priority list."""
    could = float(out.loc[_could_grow(out), "potential"].sum())
    return could >= IMMATERIAL * float(out["revenue"].sum())


def add_findings(findings: Findings, result: PortfolioMap) -> None:
    """Add whom to guard, whom to grow, and on what value, potential and risk rest."""
    accounts = result.accounts
    if accounts.empty:
        findings.add("asset_none", "note", None)
        return
    _add_guard(findings, result)
    _add_grow(findings, result)
    counts = accounts["potential_basis"].value_counts()
    by_basis = {f"{basis}_accounts": int(counts.get(basis, 0)) for basis in POTENTIAL_BASES}
    unknown, known = int(counts.get("", 0)), by_basis["measured_accounts"] + by_basis["estimated_accounts"]
    if unknown == len(accounts):
        findings.add("asset_no_potential", "watch", "asset_ask_wallet", accounts=len(accounts))
    elif accounts["potential_rank"].isna().all():
        could = float(accounts["potential"].sum())
        figures = {"potential": could, "share": could / accounts["revenue"].sum()}
        findings.add("asset_little_potential", "watch", "asset_ask_wallet", accounts=len(accounts), **figures)
    else:
        findings.add(
            "asset_basis",
            "note",
            "asset_ask_wallet" if known < len(accounts) / 2 else None,
            (),
            accounts=len(accounts),
            known=known,
            **by_basis,
            unknown_accounts=unknown,
        )
    revenue = float(accounts["revenue"].sum())
    bands: dict[str, float] = {}
    for band in (*BANDS, *APART):
        rows = accounts[accounts["risk_band"] == band]
        bands |= {f"{band}_accounts": len(rows), f"{band}_share": float(rows["revenue"].sum()) / revenue}
    findings.add("asset_risk", "note", None, **bands)
    extended = accounts.index[accounts["value_basis"] == "extended"]
    if len(extended):
        findings.add("asset_extended", "note", None, extended, count=len(extended))


def _add_guard(findings: Findings, result: PortfolioMap) -> None:
    """High value at high risk, and high value that has stopped."""
    accounts = result.accounts
    size = accounts["value"].clip(lower=0.0)
    large = int((purchases.material(size) & (size > 0)).sum())
    guard, stopped = (
        accounts[accounts["priority"] == priority].sort_values("priority_rank")
        for priority in ("guard", "stopped")
    )
    if len(guard):
        value = guard["value"].sum()
        share = value / size.sum()
        findings.add(
            "asset_guard",
            "act" if share >= 0.1 else "watch",
            "asset_guard_plan",
            guard.index,
            count=len(guard),
            large=large,
            value=value,
            share=share,
            on=result.value_basis,
            stake=value,
        )
    else:
        findings.add("asset_safe", "note", None, large=large)
    if len(stopped):
        findings.add(
            "asset_stopped",
            "watch",
            "asset_decide",
            stopped.index,
            count=len(stopped),
            revenue=stopped["revenue"].sum(),
        )


def _add_grow(findings: Findings, result: PortfolioMap) -> None:
    """Low value with high potential; a sum that is mostly one account's is told as that account's."""
    accounts = result.accounts
    grow = accounts[accounts["priority"] == "grow"].sort_values("priority_rank")
    if grow.empty:
        could = accounts.loc[_could_grow(accounts), "potential"]
        if len(could):
            share = could.sum() / accounts["revenue"].sum()
            figures = {"count": len(could), "potential": could.sum(), "share": share}
            findings.add("asset_grow_little", "note", None, (), **figures)
        return
    potential, first = grow["potential"], grow.iloc[0]
    if potential.max() < LEAST_EACH * accounts["revenue"].sum():
        figures = {"count": len(grow), "potential": potential.sum(), "most": potential.max()}
        figures["value"] = grow["value"].sum()
        findings.add("asset_grow_many", "note", "asset_offer_to_all", (), **figures)
        return
    figures = {
        "count": len(grow),
        "potential": potential.sum(),
        "value": grow["value"].sum(),
        "on": result.value_basis,
    }
    kind, gain = "asset_grow", potential.sum()
    if len(grow) > 1 and first["potential"] > potential.sum() / 2:
        kind, gain = "asset_grow_one", first["potential"]
        figures |= {
            "first_potential": first["potential"],
            "potential_on": first["potential_basis"],
            "rest": len(grow) - 1,
            "rest_potential": potential.iloc[1:].sum(),
        }
    findings.add(kind, "watch", "asset_grow_offer", grow.index, **figures, gain=gain)
