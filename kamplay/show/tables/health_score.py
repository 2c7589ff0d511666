"""Tables of the health score: why large accounts are not green, what the score rests on, whose score moved and why."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from kamplay.codebook import codebook
from kamplay.show.display import Display
from kamplay.show.health_words import said
from kamplay.show.labels import BANDS
from kamplay.show.locale import N_, missing
from kamplay.show.tables.table import ACCOUNT, Column, named, table, word
from kamplay.show.view import current

LEAST = 0.5  # points below which a reason is none


def score_detail(health: Any) -> Display:
    """The largest accounts that are not green and not on the week's list: score (and what it was without the red flag), coverage, the
    three dearest reasons with their figures, the red flag."""
    locale = current().locale
    scores = health.score_accounts
    frame = scores[scores["health_band"].isin(["yellow", "red"]) & ~scores.index.isin(_listed(health))]
    frame = frame.sort_values("revenue", ascending=False, kind="stable").head(10)
    reasons = reasons_of(health.score_parts, frame.index)
    flags = dict(zip(health.score_flags["flag"], health.score_flags["zh" if locale.language == "zh" else "en"], strict=True))

    def cap(name: Any) -> str:
        return "–" if missing(name) else str(flags[name])

    def held(row: Any) -> str:
        """39 (82 without the red flag)."""
        if missing(row.capped_by):
            return locale.number(_cut(row.health))
        return locale.say(N_("{now:n} ({raw:n} without the red flag)"), now=_cut(row.health), raw=_cut(row.raw))

    frame = frame.assign(reasons=[reasons.get(a, "–") for a in frame.index], held=[held(row) for row in frame.itertuples()])
    columns = [
        ACCOUNT,
        Column("held", N_("Score")),
        Column("health_band", N_("Health"), word(BANDS), extra=True, css="keep"),
        Column("coverage", N_("Rests on data"), "pct", extra=True),
        Column("reasons", N_("What costs most points"), css="long"),
        Column("capped_by", N_("Red flag"), cap, extra=bool(frame["capped_by"].isna().all())),
    ]
    caption = N_(
        "The largest accounts that are not green and not on the list of this week. In brackets the points that each reason costs; a red flag holds the score down."
    )
    return table(named(frame), columns if frame["capped_by"].notna().any() else columns[:-1], caption, most=10)


def _cut(score: float) -> float:
    """Whole points, cut and not rounded: 69.97 is not 70."""
    return math.floor(score + 1e-9)


def _listed(health: Any) -> pd.Index:
    watch = getattr(health, "watch", None)
    return pd.Index([]) if watch is None else watch.index


def reasons_of(parts: pd.DataFrame, accounts: pd.Index, most: int = 3, points: bool = True) -> dict[str, str]:
    """Per account the dearest of its weak indicators with their figures, and with the points that each costs."""
    locale = current().locale
    rows = parts[parts["account_id"].isin(accounts) & parts["weak"] & (parts["lost"] >= LEAST)].sort_values(
        "lost", ascending=False, kind="stable"
    )
    rows = rows.groupby("account_id", observed=True).head(most)
    out: dict[str, list[str]] = {}
    for row in rows.itertuples():
        reason = said(str(row.measure), float(row.value), locale)
        text = locale.say(N_("{reason} (−{points:n1})"), reason=reason, points=row.lost) if points else reason
        out.setdefault(str(row.account_id), []).append(text)
    return {account: locale.text(N_("; ")).join(texts) for account, texts in out.items()}


def score_base(health: Any) -> Display:
    """Per dimension its weight, the accounts with data on it, and the tables that it is taken from."""
    locale = current().locale
    used = health.score_indicators.groupby("dimension", sort=False)["table"].agg(lambda t: list(dict.fromkeys(t)))
    judged = len(health.score_accounts)
    frame = health.score_dimensions.assign(
        title=health.score_dimensions["zh" if locale.language == "zh" else "en"],
        known=health.score_dimensions["accounts"] / judged if judged else 0.0,
        tables=[locale.words([codebook()[t].labels[locale.language] for t in used[d]], 9) for d in health.score_dimensions["dimension"]],
    )
    columns = [
        Column("title", N_("Dimension")),
        Column("weight", N_("Weight"), "pct"),
        Column("known", N_("Accounts with data"), "pct"),
        Column("lost", N_("Points lost"), "n1"),
        Column("tables", N_("Taken from"), extra=True, css="long"),
    ]
    return table(
        frame if judged else frame.iloc[:0], columns, N_("What the score rests on. Points lost: on average over all judged accounts.")
    )


def score_moves(health: Any) -> Display:
    """The accounts whose score fell most since the earlier run, split by cause; nothing without one."""
    frame = health.score_moves
    columns = [
        ACCOUNT,
        Column("before", N_("Score then"), "score"),
        Column("now", N_("Score now"), "score"),
        Column("customer", N_("Customer"), "n1"),
        Column("age", N_("Older data"), "n1", extra=True),
        Column("definition", N_("Definition"), "n1", extra=True),
    ]
    caption = N_("The scores that fell most since the earlier run, in points. Customer: what changed at the account itself.")
    return table(named(frame[frame["change"] < 0]), columns, caption, most=10)
