"""What an offer is worth to the customer: its discounted cash flow from stated assumptions (NPV, IRR,
payback, ROI, sensitivity), and the register of what was claimed, agreed and realised.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy_financial as npf
import pandas as pd

from kamplay.book import Book
from kamplay.errors import Fault, KamplayError, nearest
from kamplay.method.results import Findings

ASSUMPTIONS = ("investment", "benefit", "running_cost", "residual", "years", "discount_rate")
NEEDED = ("investment", "benefit", "discount_rate")
# other names under which they come: those of the table value_cases, and the plural
SAME = {"yearly_benefit": "benefit", "benefits": "benefit", "running_costs": "running_cost"}
BY_YEAR = ("benefit", "running_cost")  # one figure for every year, or a figure for each
STEP = 0.2  # by which each assumption is moved
LONGEST = 100  # years
PROVE_WITHIN = 365  # days after the customer agreed within which something should have been realised
AGREE_WITHIN = 182  # days after it was claimed within which the customer should have agreed
TOLERANCE = 1.01  # times what its own assumptions give, above which a claim is more than they bear
SUMS = ("claimed", "agreed", "realised")
IrrStatus = Literal["single", "none", "several"]


@dataclass(frozen=True)
class ValueCase:
    """A case computed. Amounts in the currency of its assumptions, negative where the customer pays.

    The investment is made today (year 0); benefits and running costs come at the end of each year, the
    residual value at the end of the last.

    Attributes
    ----------
    flows : a row per year from 0: year, benefit, running_cost, investment, residual, net, cumulative,
        discounted (net ÷ (1 + rate)^year), cumulative_discounted.
    npv : net present value, the sum of ``discounted``.
    irr : the rate at which it is 0; None unless ``irr_status`` is ``single``.
    irr_status : ``none``: at no rate; ``several``: the flows change their sign more than once, so that more
        than one rate may do, and none of them says what the offer earns.
    irr_rates : all rates above −100 % at which the net present value is 0, ascending.
    sign_changes : of the net flows, zeros left out.
    payback, discounted_payback : years until the (discounted) cumulative flow stays at or above 0, the
        year's flow taken as spread evenly over it; None where it does not.
    roi : net gain over all years ÷ what the customer pays in all (investment and running costs),
        undiscounted; None where it pays nothing.
    sensitivity : a row per assumption that is not 0, the widest swing first: assumption, value (of those by
        year the mean), low, high (npv at ``value`` × 0.8 and × 1.2; of a part of a year that part), swing
        (their distance), break_even (the value at which npv is 0 with the others as they are, missing where
        none is) and margin (break_even ÷ value − 1).
    """

    flows: pd.DataFrame
    npv: float
    irr: float | None
    irr_status: IrrStatus
    irr_rates: tuple[float, ...]
    sign_changes: int
    payback: float | None
    discounted_payback: float | None
    roi: float | None
    sensitivity: pd.DataFrame


@dataclass(frozen=True)
class _Assumed:
    """The assumptions checked: benefit and running_cost hold a figure for each year."""

    investment: float
    benefit: np.ndarray
    running_cost: np.ndarray
    residual: float
    discount_rate: float

    @property
    def years(self) -> int:
        return len(self.benefit)

    def net(self) -> np.ndarray:
        """The net flow of each year from 0."""
        flows = np.concatenate([[-self.investment], self.benefit - self.running_cost])
        flows[-1] += self.residual
        return flows

    def npv(self) -> float:
        return float(npf.npv(self.discount_rate, self.net()))

    def moved(self, name: str, factor: float) -> _Assumed:
        """With one assumption times ``factor``."""
        if name == "years":
            return self.lasting(self.years * factor)
        return replace(self, **{name: getattr(self, name) * factor})

    def lasting(self, years: float) -> _Assumed:
        """Over so many years: more go on as the last one, and a part of a year brings that part of it."""
        whole = math.ceil(round(years, 9))
        part = years - (whole - 1)

        def cut(figures: np.ndarray) -> np.ndarray:
            out = np.pad(figures[:whole], (0, max(0, whole - len(figures))), mode="edge")
            return np.append(out[:-1], out[-1] * part)

        return replace(self, benefit=cut(self.benefit), running_cost=cut(self.running_cost))

    def mean(self, name: str) -> float:
        return float(np.mean(getattr(self, name)))


def value_case(assumptions: Mapping[str, Any] | pd.Series | pd.DataFrame) -> ValueCase:
    """Compute a case from its assumptions.

    Parameters
    ----------
    assumptions : ``investment`` (paid today), ``benefit`` a year and ``running_cost`` a year (default 0),
        each one figure or one for each year, ``residual`` (value left at the end, default 0), ``years`` (may
        be left out where a list says it) and ``discount_rate`` (a year; 0.08 is 8 %). The columns of the
        table value_cases are understood too. A mapping, a table with the columns ``assumption`` and
        ``value``, or a table of one row with a column for each.

    Raises
    ------
    KamplayError
        For an assumption that is unknown, missing, no number, or out of its range.
    """
    assumed = _checked(_named(assumptions))
    flows, net = _flows(assumed), assumed.net()
    rates, changes = _rates(net), _sign_changes(net)
    status: IrrStatus = "none" if not rates else "several" if changes > 1 else "single"
    paid = assumed.investment + float(assumed.running_cost.sum())
    return ValueCase(
        flows=flows,
        npv=assumed.npv(),
        irr=float(npf.irr(net)) if status == "single" else None,
        irr_status=status,
        irr_rates=rates,
        sign_changes=changes,
        payback=_payback(flows["cumulative"].to_numpy(), net),
        discounted_payback=_payback(
            flows["cumulative_discounted"].to_numpy(), flows["discounted"].to_numpy()
        ),
        roi=float(net.sum() / paid) if paid > 0 else None,
        sensitivity=_sensitivity(assumed, rates, changes),
    )


def _named(assumptions: Mapping[str, Any] | pd.Series | pd.DataFrame) -> dict[str, Any]:
    """The assumptions by name, blank ones left out."""
    if isinstance(assumptions, pd.DataFrame):
        if {"assumption", "value"} <= set(assumptions.columns):
            assumptions = dict(zip(assumptions["assumption"], assumptions["value"], strict=True))
        elif len(assumptions) == 1:
            known = [c for c in assumptions.columns if c in ASSUMPTIONS or c in SAME]
            assumptions = assumptions.iloc[0][known].to_dict()
        else:
            raise KamplayError(Fault("case_table", args={"rows": len(assumptions)}))
    named = {SAME.get(str(name), str(name)): value for name, value in dict(assumptions).items()}
    if unknown := [name for name in named if name not in ASSUMPTIONS]:
        near = {"near": nearest(unknown[0], ASSUMPTIONS) or "", "allowed": ", ".join(ASSUMPTIONS)}
        raise KamplayError(Fault("case_assumption_unknown", value=unknown[0], args=near))
    return {name: value for name, value in named.items() if not _blank(value)}


def _blank(value: Any) -> bool:
    return value is None or (np.ndim(value) == 0 and bool(pd.isna(value)))


def _checked(named: dict[str, Any]) -> _Assumed:
    faults = [Fault("case_assumption_missing", column=name) for name in NEEDED if name not in named]
    listed = [len(v) for name, v in named.items() if name in BY_YEAR and np.ndim(v) > 0]
    if "years" not in named and not listed:
        faults.append(Fault("case_assumption_missing", column="years"))
    if faults:
        raise KamplayError(faults)
    figures = {name: _figures(name, value) for name, value in named.items()}
    years = float(figures["years"][0]) if "years" in figures else float(listed[0])
    if not 1 <= years <= LONGEST or not years.is_integer() or any(n != years for n in listed):
        args = {"longest": LONGEST}
        raise KamplayError(Fault("case_years", column="years", value=f"{years:g}", args=args))
    zero = np.zeros(1)
    by_year = {name: np.broadcast_to(figures.get(name, zero), (int(years),)).copy() for name in BY_YEAR}
    single = {name: float(figures.get(name, zero)[0]) for name in ("investment", "residual", "discount_rate")}
    for name in ("investment", "discount_rate"):
        if single[name] < 0 or (name == "discount_rate" and single[name] > 1):
            raise KamplayError(Fault("case_out_of_range", column=name, value=f"{single[name]:g}"))
    return _Assumed(
        single["investment"],
        by_year["benefit"],
        by_year["running_cost"],
        single["residual"],
        single["discount_rate"],
    )


def _figures(name: str, value: Any) -> np.ndarray:
    """The figures of an assumption as numbers, one or one for each year."""
    several = np.ndim(value) > 0
    try:
        out = np.atleast_1d(np.asarray(value, dtype=float))
    except (TypeError, ValueError):
        out = np.array([np.nan])
    if (several and name not in BY_YEAR) or out.ndim > 1 or not len(out) or not np.isfinite(out).all():
        raise KamplayError(Fault("case_no_number", column=name, value=str(value)))
    return out


def _flows(assumed: _Assumed) -> pd.DataFrame:
    years = np.arange(assumed.years + 1)
    net = assumed.net()
    discounted = net / (1 + assumed.discount_rate) ** years
    zeros = np.zeros(assumed.years)
    return pd.DataFrame(
        {
            "year": years,
            "benefit": np.concatenate([[0.0], assumed.benefit]),
            "running_cost": np.concatenate([[0.0], assumed.running_cost]),
            "investment": np.concatenate([[assumed.investment], zeros]),
            "residual": np.concatenate([zeros, [assumed.residual]]),
            "net": net,
            "cumulative": net.cumsum(),
            "discounted": discounted,
            "cumulative_discounted": discounted.cumsum(),
        }
    )


def _sign_changes(net: np.ndarray) -> int:
    signs = np.sign(net[net != 0])
    return int((signs[1:] != signs[:-1]).sum())


def _rates(net: np.ndarray) -> tuple[float, ...]:
    """Every rate above −100 % at which the flows are worth 0: the positive real roots of Σ net_t x^t, x = 1 ÷
    (1 + rate). By Descartes' rule of signs there is none without a change of sign, and one with one.
    """
    if _sign_changes(net) == 0:
        return ()
    roots = np.roots(net[::-1])
    real = roots[
        (np.abs(roots.imag) < 1e-9 * np.maximum(1.0, np.abs(roots.real))) & (roots.real > 1e-12)
    ].real
    return tuple(float(rate) for rate in np.sort(np.unique(np.round(1 / real - 1, 10))))


def _payback(cumulative: np.ndarray, flows: np.ndarray) -> float | None:
    """Years until ``cumulative`` (from year 0) stays at or above 0."""
    below = np.flatnonzero(cumulative < -1e-9 * max(1.0, float(np.abs(flows).max())))
    if not len(below):
        return 0.0
    last = int(below[-1])
    if last == len(cumulative) - 1:
        return None
    return last + float(-cumulative[last] / flows[last + 1])


def _sensitivity(assumed: _Assumed, rates: Sequence[float], changes: int) -> pd.DataFrame:
    columns = ["assumption", "value", "low", "high", "swing", "break_even", "margin"]
    npv, rows = assumed.npv(), []
    for name in ASSUMPTIONS:
        value = float(assumed.years) if name == "years" else assumed.mean(name)
        if value == 0 and not np.any(getattr(assumed, name)):
            continue
        low, high = (assumed.moved(name, factor).npv() for factor in (1 - STEP, 1 + STEP))
        if name == "discount_rate":
            found = rates[0] if changes == 1 and rates else np.nan
        elif name == "years":
            found = _years_to_break_even(assumed)
        else:  # npv is linear in it
            part = assumed.moved(name, 2.0).npv() - npv
            found = value * (1 - npv / part) if part else np.nan
        rows.append((name, value, low, high, abs(high - low), found, found / value - 1 if value else np.nan))
    return pd.DataFrame(rows, columns=columns).sort_values(
        "swing", ascending=False, kind="stable", ignore_index=True
    )


def _years_to_break_even(assumed: _Assumed) -> float:
    """The years after which the case is worth 0, the first up to LONGEST; missing where there is none."""
    for years in range(1, LONGEST + 1):
        before, after = (assumed.lasting(years - 1 + part).npv() for part in (1e-9, 1.0))
        if after >= 0:
            return years - 1 + (0.0 if before >= 0 else -before / (after - before))
    return np.nan


# --- the register


REGISTER = [
    "case_id",
    "account_id",
    "offer",
    "date",
    "claimed",
    "agreed",
    "agreed_on",
    "realised",
    "realised_on",
    "investment",
    "yearly_benefit",
    "years",
    "discount_rate",
]


@dataclass(frozen=True)
class ValueRegister:
    """The register at as_of. Amounts in the engagement's currency, over all years of a case.

    Attributes
    ----------
    cases : a row per case, the largest claim first: the columns of the codebook, and stage (``claimed``,
        ``agreed`` or ``realised``, the furthest), npv, irr and payback (of those with assumptions),
        ``unproven`` (agreed more than PROVE_WITHIN days ago, nothing realised), ``undecided`` (claimed more
        than AGREE_WITHIN days ago, not agreed) and ``overclaimed`` (the claim is more than the yearly benefit
        × years).
    accounts : index account_id, the largest claim first: cases, claimed, agreed, realised (missing where
        nothing is recorded), last (day of its last case).
    claimed, agreed, realised : sums over all cases; of the cases agreed the claim: claimed_of_agreed; of
        those realised what was agreed: agreed_of_realised.
    agreed_cases, realised_cases : their numbers.
    largest : the case with assumptions whose claim is largest, computed; ``largest_place`` is its row in
        ``cases``. Both None where no case has assumptions.
    """

    cases: pd.DataFrame
    accounts: pd.DataFrame
    claimed: float
    agreed: float
    realised: float
    claimed_of_agreed: float
    agreed_of_realised: float
    agreed_cases: int
    realised_cases: int
    largest: ValueCase | None = None
    largest_place: int | None = None


def value_register(book: Book) -> ValueRegister | None:
    """Read the value register, and compute the cases that state assumptions; None without a register."""
    if not book.has("value_cases"):
        return None
    as_of = pd.Timestamp(book.as_of)
    cases = book.table("value_cases").reset_index(drop=True).reindex(columns=REGISTER)
    for column in (*SUMS, "investment", "yearly_benefit", "years", "discount_rate"):
        cases[column] = pd.to_numeric(cases[column]).astype("float64")
    for column in ("date", "agreed_on", "realised_on"):
        cases[column] = pd.to_datetime(cases[column]).astype("datetime64[us]")
    cases = cases[cases["account_id"].notna() & ~(cases["date"] > as_of)]
    cases = cases.sort_values("claimed", ascending=False, kind="stable", ignore_index=True)
    agreed, realised = cases["agreed"] > 0, cases["realised"] > 0
    cases["stage"] = np.select([realised, agreed], ["realised", "agreed"], "claimed")
    computed = [_of_row(row) for _, row in cases.iterrows()]
    for name in ("npv", "irr", "payback"):
        figures = [None if case is None else getattr(case, name) for case in computed]
        cases[name] = pd.Series(figures, index=cases.index, dtype="float64")
    cases["unproven"] = agreed & ~realised & (cases["agreed_on"] < as_of - pd.Timedelta(days=PROVE_WITHIN))
    cases["undecided"] = ~agreed & ~realised & (cases["date"] < as_of - pd.Timedelta(days=AGREE_WITHIN))
    gross = cases["yearly_benefit"] * cases["years"]
    cases["overclaimed"] = cases["claimed"] > TOLERANCE * gross
    by = cases.groupby("account_id")
    accounts = by[list(SUMS)].sum(min_count=1)
    accounts.insert(0, "cases", by.size())
    accounts["last"] = by["date"].max()
    first = next((place for place, case in enumerate(computed) if case is not None), None)
    sums = {name: float(cases[name].sum()) for name in SUMS}
    return ValueRegister(
        cases=cases,
        accounts=accounts.sort_values("claimed", ascending=False, kind="stable"),
        **sums,
        claimed_of_agreed=float(cases.loc[agreed, "claimed"].sum()),
        agreed_of_realised=float(cases.loc[realised, "agreed"].sum()),
        agreed_cases=int(agreed.sum()),
        realised_cases=int(realised.sum()),
        largest=None if first is None else computed[first],
        largest_place=first,
    )


def _of_row(row: pd.Series) -> ValueCase | None:
    """The case of a row of the register; None where an assumption is missing or cannot be."""
    if row[["investment", "yearly_benefit", "years", "discount_rate"]].isna().any():
        return None
    try:
        return value_case(row[["investment", "yearly_benefit", "years", "discount_rate"]].to_dict())
    except KamplayError:
        return None


def add_findings(findings: Findings, result: ValueRegister | None) -> None:
    """Add how much of the claimed value the customers agreed to and got, and what is to be proved."""
    if result is None:
        findings.add("value_cases_unknown", "note", "keep_register")
        return
    cases = result.cases
    findings.add(
        "value_cases",
        "note",
        None,
        count=len(cases),
        accounts=len(result.accounts),
        claimed=result.claimed,
        agreed=result.agreed,
        realised=result.realised,
        agreed_cases=result.agreed_cases,
        realised_cases=result.realised_cases,
        agreed_share=result.agreed / result.claimed if result.claimed > 0 else None,
        realised_share=result.realised / result.claimed if result.claimed > 0 else None,
    )
    if result.largest is not None:
        first = cases.iloc[result.largest_place]
        findings.add(
            "value_largest",
            "note",
            None,
            [str(first["account_id"])],
            offer=first["offer"] if isinstance(first["offer"], str) else None,
            npv=result.largest.npv,
            years=first["years"],
            rate=first["discount_rate"],
        )
    for mark, kind, action, column in (
        ("unproven", "value_unproven", "prove_value", "agreed"),
        ("undecided", "value_undecided", "agree_value", "claimed"),
        ("overclaimed", "value_overclaimed", "correct_claim", "claimed"),
    ):
        part = cases[cases[mark]]
        if len(part):
            days = {"unproven": PROVE_WITHIN, "undecided": AGREE_WITHIN}.get(mark)
            findings.add(
                kind,
                "watch",
                action,
                dict.fromkeys(part["account_id"]),
                count=len(part),
                amount=part[column].sum(),
                **({"days": days} if days else {}),
            )
