"""The results for other programs and for the client's team: accounts.csv, key_figures.json, findings.json."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import cast

import pandas as pd

from kamplay.engagement import Settings
from kamplay.json_files import write_json
from kamplay.method.health.step import Health
from kamplay.method.results import StepResult
from kamplay.method.tiers.step import Tiers
from kamplay.method.value.step import FUTURE_COLUMNS, Value
from kamplay.run_folder import Run
from kamplay.show.client_edition import Edition, edition_of

COLUMNS = [
    "account_name",
    "unit_id",
    "unit_name",
    "tier",
    "tier_score",
    "tier_probability",
    "gate",
    "override",
    "revenue",
    "margin",
    "revenue_share",
    "cumulative_share",
    "abc",
    "expected_12m",
    "expected_low",
    "expected_high",
    "clv",
    "clv_low",
    "clv_high",
    "health",
    "health_band",
    "churn_probability",
    "revenue_at_risk",
    "health_drivers",
    "churn_low",
    "churn_high",
    "shrink_probability",
    "coverage",
    "capped_by",
    "warning",
    "warning_strength",
    "warned_since",
    "verdict",
    "strategy",
    "type",
    "visits_branch",
    "visits_head_office",
    "owner",
    "next_action",
    "due",
    "reached_by",
    "industry",
    "region",
    "city",
]
# amounts of a group: in accounts.csv each member has its part, by its share of the group's revenue
SHARED_OUT = [*FUTURE_COLUMNS, "revenue_at_risk"]
OF_THE_HEAD = ["visits_branch", "visits_head_office"]  # one set of visits for the whole group
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def written_once_in(settings: Settings, languages: Sequence[str]) -> str:
    """The language of what a run holds once, as the workbook: the engagement's, where it is made in that."""
    return next((one for one in settings.languages if one in languages), languages[0])


def edition_of_run(run: Run, results: Mapping[str, StepResult]) -> Edition:
    """The edition that the engagement asks for. ``results``: of the five steps."""
    stated = bool(run.settings.cost_to_serve.known())
    return edition_of(run.settings.edition, cast(Value, results["value"]), stated)


def accounts_table(results: dict[str, StepResult]) -> pd.DataFrame:
    """One row per account with every result (index account_id), the largest revenue first, then by id.

    Revenue, margin, share of revenue, industry, region and city are the account's own; all else is that of
    the unit in which it is rated (``unit_id``, the account itself where it is in no group), amounts by
    SHARED_OUT, visits by OF_THE_HEAD.
    """
    tiers, health = cast("Tiers", results["tiers"]), cast("Health", results["health"])
    unit, own = tiers.accounts["group"], results["check"].accounts
    of_units = pd.concat(
        [
            results["value"].accounts.drop(columns=["revenue", "margin", "revenue_share"]),
            health.accounts.assign(health_drivers=drivers_text(health.drivers)),
            results["plan"].accounts,
        ],
        axis=1,
    )
    # what has plainly stopped is lost already: it is in no expected loss of the report
    of_units["revenue_at_risk"] = of_units["revenue_at_risk"].mask(of_units["verdict"].eq("stopped"))
    frames = [
        own.assign(unit_id=unit, unit_name=own["account_name"].reindex(unit.to_numpy()).to_numpy()),
        tiers.settled.drop(columns="revenue"),
        _of_each_account(of_units, unit, own["revenue"]),
    ]
    joined = pd.concat(frames, axis=1)[COLUMNS].rename_axis("account_id")
    return (
        joined.assign(_id=joined.index)
        .sort_values(["revenue", "_id"], ascending=[False, True])
        .drop(columns="_id")
    )


def _of_each_account(of_units: pd.DataFrame, unit: pd.Series, revenue: pd.Series) -> pd.DataFrame:
    """What is known of units (index: their ids) as rows of accounts. ``unit``, ``revenue``: per account."""
    out = of_units.reindex(unit.to_numpy()).set_axis(unit.index)
    head = unit == unit.index
    grouped = unit.duplicated(keep=False)
    weight = revenue.clip(lower=0.0).reindex(unit.index).fillna(0.0)
    whole = weight.groupby(unit).transform("sum")
    part = (weight / whole.where(whole > 0)).fillna(head.astype("float64"))
    for column in SHARED_OUT:
        out[column] = out[column].where(~grouped, (out[column] * part).round(2))
    for column in OF_THE_HEAD:
        out[column] = out[column].where(head)
    return out


def drivers_text(drivers: pd.DataFrame) -> pd.Series:
    """Each account's drivers of health in one cell, as ``payment:-12;trend:-7``."""
    texts: dict[str, list[str]] = {}
    columns = (drivers[name].to_numpy(object) for name in ("account_id", "code", "points"))
    for account, code, points in zip(*columns, strict=True):
        texts.setdefault(account, []).append(f"{code}:{points:+d}" if points else f"{code}:0")
    joined = {account: ";".join(texts[account]) for account in sorted(texts)}
    return pd.Series(list(joined.values()), index=pd.Index(list(joined), dtype="object"), dtype="str")


def write(results: dict[str, StepResult], folder: Path, edition: Edition) -> None:
    """accounts.csv, key_figures.json and findings.json into ``folder``. ``results`` are those of the edition;
    in that for the client the columns that it does not show stand empty, so that other programs find all of
    them.
    """
    folder.mkdir(exist_ok=True)
    accounts = accounts_table(results).reset_index()
    accounts = accounts.assign(**{c: None for c in accounts if not edition.of_accounts(c)})
    guarded(accounts).to_csv(folder / "accounts.csv", index=False, encoding="utf-8", lineterminator="\n")
    write_json(folder / "key_figures.json", {step: found.key_figures for step, found in results.items()})
    write_json(
        folder / "findings.json",
        [
            {k: v for k, v in asdict(replace(one, figures=edition.figures(one))).items() if k != "others"}
            for found in results.values()
            for one in found.findings
        ],
    )


def guarded(frame: pd.DataFrame) -> pd.DataFrame:
    """Text that a spreadsheet would take for a formula gets a leading apostrophe."""
    out = frame.copy()
    for column in out.columns:
        if out[column].dtype == object or isinstance(out[column].dtype, pd.StringDtype):
            values = out[column].to_numpy(object)
            if any(isinstance(v, str) and v.startswith(FORMULA_STARTS) for v in values):
                out[column] = out[column].map(
                    lambda v: "'" + v if isinstance(v, str) and v.startswith(FORMULA_STARTS) else v
                )
    return out
