"""Dealings with people: the `tickets`, `surveys`, `contacts` and `visits` tables."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kamplay.samples.medtech_actors import LAST, NEVER, Actor, day_to_date
from kamplay.samples.medtech_words import LEFT, ROSTER, person

FIRST_VISIT = LAST - 547  # visits are recorded for the last 18 months
_SLA = {1: 15, 2: 10, 3: 7, 4: 3, 5: 2}  # days to close, by severity
SILENT_AT = 0.65  # a complainer that has given up falls silent from this severity on


def tickets_table(actors: list[Actor], rng: np.random.Generator) -> pd.DataFrame:
    """One row per ticket, by day; severity 1 (light) to 5 (grave); an unresolved one has no closed date."""
    rows = []
    for a in (a for a in actors if a.trades):
        a_year = {"profit_destroyer": 62.0, "demanding_but_profitable": 30.0}.get(a.case, 0.5 + 0.028 * 365 / a.interval)
        last = min(a.stop, LAST)
        for month in range(a.start, last, 30):
            sign = a.sign("complaints", month + 15)
            usual, extra = rng.poisson(a_year * 30 / 365), rng.poisson(7 * sign)
            for k in range(int(extra + usual)):
                day = month + int(rng.integers(0, 30))
                silent = a.reason == "complaints" and not a.passing and a.severity(day) > SILENT_AT
                if day <= last and not silent:
                    rows.append(_ticket(a, day, k < extra, rng))
    table = pd.DataFrame(rows, columns=["account_id", "day", "closed_day", "kind", "severity"])
    table = table.sort_values(["day", "account_id"], kind="stable", ignore_index=True)
    closed = table["closed_day"].where(table["closed_day"] <= LAST)
    return pd.DataFrame(
        {
            "ticket_id": [f"T{i:05d}" for i in range(1, len(table) + 1)],
            "account_id": table["account_id"],
            "opened": _dates(table["day"]),
            "closed": _dates(closed),
            "kind": table["kind"],
            "severity": table["severity"],
            "due": _dates(table["day"] + table["severity"].map(_SLA)),
        }
    )


def _ticket(a: Actor, day: int, grievance: bool, rng: np.random.Generator) -> tuple[str, int, float, str, int]:
    demanding = a.case == "demanding_but_profitable"
    if grievance or demanding:
        kind = "complaint" if grievance or rng.random() < 0.8 else "request"
    else:
        kind = str(rng.choice(["complaint", "request", "repair"], p=[0.24, 0.42, 0.34]))
    severity = int(rng.choice([1, 2, 3, 4, 5], p=[0, 0, 0.4, 0.4, 0.2] if grievance else [0.24, 0.33, 0.27, 0.12, 0.04]))
    open_still = rng.random() < (0.75 if grievance and not a.passing else 0.0 if demanding else 0.015)
    days = _SLA[severity] * float(rng.gamma(3, 0.26 if not grievance else 0.7))
    return a.account_id, day, float(NEVER) if open_still else float(day + max(1, round(days))), kind, severity


def surveys_table(actors: list[Actor], rng: np.random.Generator) -> pd.DataFrame:
    """One row per answered survey: May and November, quarterly for large accounts; dealers' form is out of 10, the others' out of 5."""
    rounds = [(pd.Timestamp(year, month, 15) - day_to_date(0)).days for year in range(2023, 2027) for month in (2, 5, 8, 11)]
    rows = []
    for i, a in enumerate(actors):
        mood = float(np.clip(rng.normal(4.1, 0.35), 3, 4.8))
        often = i < 40 or a.reason == "satisfaction_gap"
        for n, day in enumerate(rounds):
            answered = rng.random() < (1 if a.reason == "satisfaction_gap" else 0.9 if often else 0.6)
            if not (a.buys_on(day) and answered and (often or n % 2)) or a.case == "one_off":
                continue
            when = min(LAST, day + int(rng.integers(0, 20)))
            fall = 2.4 * a.sign("satisfaction_gap", when) + 0.5 * (a.severity(when) if a.reason in ("complaints", "delivery") else 0)
            unit = (mood - fall - (0.35 if a.case == "demanding_but_profitable" else 0) + float(rng.normal(0, 0.22))) / 5
            unit = float(np.clip(unit, 0.2, 1))
            scale = 10 if a.kind == "dealer" else 5
            nps = int(np.clip(round(unit * 10 + rng.normal(0, 0.8)), 0, 10))
            rows.append((a.account_id, when, round(unit * scale, 1), scale, nps, bool(rng.random() < unit * 0.75)))
    table = pd.DataFrame(rows, columns=["account_id", "date", "score", "scale", "nps", "mention"])
    table = table.sort_values(["date", "account_id"], kind="stable", ignore_index=True)
    return table.assign(date=_dates(table["date"]))


def contacts_table(actors: list[Actor], rng: np.random.Generator) -> pd.DataFrame:
    """One row per person. stance −2 (against us) to 2 (champion), influence 1 to 5; one who left says so in the title."""
    rows: list[dict[str, object]] = []
    for i, a in enumerate(actors):
        count = 6 if i < 25 else int(rng.integers(3, 6)) if i < 120 else 2
        roster = ROSTER["dealer" if a.kind == "dealer" else "hospital"][:count]
        lost = a.reason == "contact_lost" and not a.passing
        by_layer: dict[str, str] = {}
        people: list[dict[str, object]] = []
        for title, layer, role, influence in roster:
            contact = f"P{len(rows) + len(people) + 1:04d}"
            gone = lost and layer == "decision"
            stance = int(rng.choice([-1, 0, 1, 2], p=[0.1, 0.35, 0.38, 0.17]))
            if gone:
                stance = -1
            elif lost and layer == "image":
                stance = 0  # the one who left was the only friend above
            seen = a.onset - int(rng.integers(5, 25)) if gone else min(a.stop, LAST) - int(rng.integers(10, 420))
            people.append(
                {
                    "contact_id": contact,
                    "account_id": a.account_id,
                    "name": person(rng),
                    "title": title + (LEFT if gone else ""),
                    "layer": layer,
                    "role": role,
                    "stance": stance,
                    "influence": max(1, influence - int(rng.random() < 0.25)),
                    "need": str(rng.choice(["power", "achievement", "recognition", "acceptance", "safety"])),
                    "style": str(rng.choice(["facts", "order", "people", "vision"])),
                    "reports_to": None,
                    "confirmed": day_to_date(max(seen, 30)),
                }
            )
            by_layer.setdefault(layer, contact)
        above = {"use": ["implementation", "decision"], "implementation": ["decision"], "decision": ["image"], "image": []}
        for someone in people:
            someone["reports_to"] = next((by_layer[x] for x in above[str(someone["layer"])] if x in by_layer), None)
        rows.extend(people)
    table = pd.DataFrame(rows)
    return table.assign(confirmed=pd.to_datetime(table["confirmed"]))


def visits_table(actors: list[Actor], contacts: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """One row per visit of the last 18 months, by day; nobody visits one who has left."""
    people = contacts[["account_id", "contact_id", "title"]].groupby("account_id")
    ids = {key: (g["contact_id"].tolist(), g["title"].str.endswith(LEFT).tolist()) for key, g in people}
    rows = []
    for i, a in enumerate(actors):
        usual = 2.6 if i < 25 else 1.3 if i < 80 else 0.6 if i < 180 else 0.22
        usual *= float(rng.lognormal(0, 0.35)) * (0.8 if not a.trades else 1.0)
        usual = {"profit_destroyer": 4.2, "one_off": 0.15}.get(a.case, max(usual, 1.6) if a.reason == "contact_lost" else usual)
        for month in range(max(FIRST_VISIT, a.start if a.trades else FIRST_VISIT), LAST + 1, 30):
            gone = a.trades and month > a.stop + 90
            quiet = max(0.0, 1 - 4.5 * a.sign("contact_lost", month + 30)) * (0.1 if gone else 1.0)
            for day in np.sort(rng.integers(month, month + 30, int(rng.poisson(usual * quiet)))):
                if day > LAST:
                    continue
                everyone, left = ids[a.account_id]
                present = [c for c, out in zip(everyone, left, strict=True) if not (out and day >= a.onset)]
                level = "head_office" if rng.random() < (0.25 if i < 40 else 0.06) else "branch"
                outcome = str(rng.choice(["advance", "continuation", "none"], p=[0.27, 0.55, 0.18]))
                who = present[int(rng.integers(len(present)))]
                rows.append((a.account_id, int(day), who, a.owner if level == "branch" else "总部客户部", level, outcome))
    table = pd.DataFrame(rows, columns=["account_id", "date", "contact_id", "by", "level", "outcome"])
    table = table.drop_duplicates(["account_id", "date"]).sort_values(["date", "account_id"], kind="stable", ignore_index=True)
    return table.assign(date=_dates(table["date"]))


def _dates(days: pd.Series) -> pd.Series:
    return day_to_date(0) + pd.to_timedelta(days, unit="D")
