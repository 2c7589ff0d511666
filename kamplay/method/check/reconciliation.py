"""What was read against what the ledger says, period by period, and what could explain a difference."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pandas as pd

from kamplay.codebook import is_void
from kamplay.periods import period_dates

CLOSE = 0.005  # a cause explains a difference when it comes within half a percent of it
VAT_FACTORS = (
    1.06,
    1.09,
    1.13,
)  # the Chinese value-added tax rates on services, on transport and farm goods, on goods
MONTH_RANGE = (
    0.5,
    2.0,
)  # a missing month is known by its usual size only: half to twice that size counts as explained
COLUMNS = ["period", "start", "end", "read", "ledger", "difference", "share"]
CAUSE_COLUMNS = ["period", "cause", "rows", "amount", "share", "explains", "detail"]


def reconcile(lines: pd.DataFrame, control_total: float | Mapping[str, float], as_of: date) -> pd.DataFrame:
    """One row per period that the ledger states, in the order given.

    ``control_total`` is the ledger's net amount for the 12 months to ``as_of`` (period "12m"), or one amount
    for each period ("2025", "2025Q3", "2025-07", "2025-07..2025-12"). ``read`` is the net amount of the lines
    with an account in that period; ``difference`` = ledger − read; ``share`` = difference / |ledger| (missing
    when the ledger is 0). Periods are whole, also where they reach past ``as_of``. Raises ValueError for a
    period that is none.
    """
    if isinstance(control_total, Mapping):
        stated = [
            (name, *map(pd.Timestamp, period_dates(name)), float(total))
            for name, total in control_total.items()
        ]
    else:
        end = pd.Timestamp(as_of)
        stated = [("12m", end + pd.Timedelta(days=1) - pd.DateOffset(months=12), end, float(control_total))]
    rows = []
    for name, start, end, ledger in stated:
        read = round(float(_assigned(_within(lines, start, end))["amount"].sum()), 2)
        difference = round(ledger - read, 2) + 0.0
        rows.append(
            (name, start, end, read, ledger, difference, difference / abs(ledger) if ledger else float("nan"))
        )
    return pd.DataFrame(rows, columns=COLUMNS)


def causes(lines: pd.DataFrame, reconciled: pd.DataFrame) -> pd.DataFrame:
    """What could explain each difference of ``reconcile``, the likeliest first within a period.

    Columns: period, cause, rows (lines it is about), amount (what it would add to what was read), share
    (amount / difference), explains (within ``CLOSE`` of the difference; a missing month within
    ``MONTH_RANGE``), detail (the tax factor, or the empty months). Causes: no_account, duplicates,
    after_period, before_period, voided, read_gross, ledger_gross, month_missing. A cause without lines is not
    listed; nor is any where nothing differs.
    """
    found = []
    for period in reconciled.itertuples(index=False):
        if not period.difference:
            continue
        rows = [(period.period, *cause) for cause in _counted(lines, period.start, period.end)]
        rows += [(period.period, *cause) for cause in _gross(lines, period)]
        rows += [(period.period, *cause) for cause in _missing_months(lines, period)]
        found += [_judged(row, period.difference) for row in rows]
    frame = pd.DataFrame(found, columns=CAUSE_COLUMNS)
    order = pd.DataFrame(
        {
            "p": pd.Categorical(frame["period"], reconciled["period"], ordered=True),
            "off": (frame["share"] - 1).abs(),
        }
    )
    order["no"] = ~frame["explains"].astype(bool)
    return frame.loc[order.sort_values(["p", "no", "off"], kind="stable").index].reset_index(drop=True)


def _judged(row: tuple, difference: float) -> tuple:
    period, cause, rows, amount, detail = row
    share = amount / difference
    fits = (
        1 / MONTH_RANGE[1] <= share <= 1 / MONTH_RANGE[0]
        if cause == "month_missing"
        else abs(share - 1) <= CLOSE
    )
    fits = fits or cause.endswith("_gross")  # only listed when its ratio fits
    return period, cause, rows, round(amount, 2) + 0.0, share, bool(fits), detail


def _counted(
    lines: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp
) -> list[tuple[str, int, float, str]]:
    """Causes that are lines one can point at: (cause, rows, amount, detail)."""
    inside = _within(lines, start, end)
    assigned = _assigned(inside)
    repeated = assigned[assigned.duplicated(keep="first")]
    sets = [
        ("no_account", inside[inside["account_id"].isna()], 1),
        ("duplicates", repeated, -1),
        ("after_period", lines[lines["date"] > end], 1),
        ("before_period", lines[lines["date"] < start], 1),
    ]
    if "status" in lines:
        sets.append(("voided", assigned[is_void(assigned["status"])], -1))
    return [
        (cause, len(part), sign * float(part["amount"].sum()), "") for cause, part, sign in sets if len(part)
    ]


def _gross(lines: pd.DataFrame, period: tuple) -> list[tuple[str, int, float, str]]:
    """Tax on one side only: the two totals stand to each other as 1.06, 1.09 or 1.13."""
    read, ledger = period.read, period.ledger  # type: ignore[attr-defined]
    if read * ledger <= 0:
        return []
    rows = len(_assigned(_within(lines, period.start, period.end)))  # type: ignore[attr-defined]
    found = []
    for factor in VAT_FACTORS:
        for cause, ratio in (("read_gross", read / ledger), ("ledger_gross", ledger / read)):
            if abs(ratio / factor - 1) <= CLOSE:
                corrected = read / factor if cause == "read_gross" else read * factor
                found.append((cause, rows, corrected - read, f"{factor:g}"))
    return found


def _missing_months(lines: pd.DataFrame, period: tuple) -> list[tuple[str, int, float, str]]:
    """Calendar months of the period without a line, put at the mean of the other months."""
    inside = _assigned(_within(lines, period.start, period.end))  # type: ignore[attr-defined]
    wanted = pd.period_range(period.start, period.end, freq="M")  # type: ignore[attr-defined]
    by_month = inside.groupby(inside["date"].dt.to_period("M"))["amount"].sum()
    empty = [month for month in wanted if month not in by_month.index]
    if not empty or by_month.empty:
        return []
    return [("month_missing", 0, float(by_month.mean()) * len(empty), ", ".join(map(str, empty)))]


def _within(lines: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp) -> pd.DataFrame:
    return lines[lines["date"].between(start, end)]


def _assigned(lines: pd.DataFrame) -> pd.DataFrame:
    return lines[lines["account_id"].notna()]
