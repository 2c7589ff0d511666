"""Tables of step 1: who is key, what is held back or kept, how firm, where the departments differ, who moved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from kamplay.method.tiers import Tiers
from kamplay.presets.measures import MEASURES
from kamplay.show.display import Display
from kamplay.show.labels import OPEN, department
from kamplay.show.locale import N_, missing
from kamplay.show.tables.table import ACCOUNT, Column, named, table, word
from kamplay.show.view import current

NAMED_IN_PRINT = 40  # key accounts that a meeting can confirm name by name


def key_accounts(tiers: Tiers) -> Display:
    """The accounts and groups of levels S and A with what management asks next, the best score first."""
    upper = tiers.rated[tiers.rated["level"].isin(["S", "A"]) & (tiers.rated["revenue"] > 0)]
    columns = [
        ACCOUNT,
        Column("tier", N_("Tier"), css="keep"),
        Column("tier_score", N_("Score"), "score", extra=True, css="keep"),
        Column("revenue", N_("Revenue"), "money"),
        Column("growth", N_("Growth"), "pct", extra=True),
        Column("margin_share", N_("Margin"), "pct", extra=True),
        Column("overdue", N_("Overdue"), "money", extra=True),
        Column("owner", N_("Owner"), extra=True, css="keep"),
        Column("note", N_("Is it settled?")),
    ]
    columns = [c for c in columns if c.key == "note" or c.key == "name" or upper[c.key].notna().any()]
    locale = current().locale
    caption = locale.say(
        N_("{rule} Growth against the year before. Settled: weights, data and departments agree that the account is key."), rule=_cut(tiers)
    )
    ordered = upper.sort_values(["tier_score", "revenue"], ascending=False)
    printed = None if len(ordered) <= NAMED_IN_PRINT else NAMED_IN_PRINT // 2  # a list too long to confirm on paper is in the workbook
    return table(_grouped(ordered.assign(note=_notes(tiers, ordered))), columns, caption, most=NAMED_IN_PRINT, printed=printed)


def _notes(tiers: Tiers, frame: pd.DataFrame) -> list[str]:
    """What to know of an account in a word or two: set by hand, held back, open for which reasons, or settled."""
    locale, held = current().locale, _rule_words(tiers)
    out = []
    for row in frame.itertuples():
        if not missing(row.override):
            out.append(locale.text(N_("set by hand")))
        elif row.open:
            out.append(locale.say(N_("open: {reasons}"), reasons=_reasons(row.open)))
        elif not missing(row.gate):
            out.append(held(row.gate))
        else:
            out.append(locale.text(N_("settled")))
    return out


def _cut(tiers: Tiers) -> str:
    """How the tiers are cut, in a sentence."""
    locale, rows = current().locale, tiers.summary
    kind = rows["cut"].iloc[0]
    if kind == "score":
        said = [f"{r.tier} ≥ {locale.count(r.start)}" for r in rows.itertuples()]
        return locale.say(N_("Tiers by score: {starts}."), starts=locale.words(said, most=len(said)))
    if kind == "quota":
        said = [f"{r.tier} {locale.percent(r.share)}" for r in rows.itertuples() if not missing(r.share)]
        return locale.say(
            N_("Tiers by share of the accounts: {starts}; the rest {last}."),
            starts=locale.words(said, most=len(said)),
            last=rows["tier"].iloc[-1],
        )
    if kind == "capacity":
        said = [f"{r.tier} {locale.number(r.places)}" for r in rows.itertuples() if not missing(r.places)]
        return locale.say(
            N_("Tiers by what the team can carry: {starts}; the rest {last}."),
            starts=locale.words(said, most=len(said)),
            last=rows["tier"].iloc[-1],
        )
    if kind == "natural":
        return locale.text(N_("Tiers by the natural gaps between scores."))
    return locale.text(N_("Tiers by two criteria: high on both, on the first, on the second, on neither."))


def _grouped(frame: pd.DataFrame) -> pd.DataFrame:
    """Named, with the number of members behind a group's name."""
    locale, out = current().locale, named(frame)
    said = [
        locale.say(N_("{name} (group of {count:n})"), name=n, count=m) if m > 1 else n
        for n, m in zip(out["name"], out["members"], strict=True)
    ]
    return out.assign(name=said)


def _reasons(codes: str) -> str:
    """Why an account is open, in words."""
    reasons = [current().locale.text(OPEN[code]) for code in codes.split(";")]
    return current().locale.words(reasons, most=len(reasons))


def to_settle(tiers: Tiers) -> Display:
    """The accounts of which it is not settled whether they are key, the largest first: how likely, why it is open, who sees it otherwise."""
    rated = tiers.rated
    still = rated[(rated["open"] != "") & (rated["revenue"] > 0)].sort_values("revenue", ascending=False)
    locale = current().locale
    frame = still.assign(note=_why_open(tiers, still))
    columns = [
        ACCOUNT,
        Column("tier", N_("Tier"), css="keep"),
        Column("key_probability", N_("Chance of being key"), "pct"),
        Column("named_by", N_("Named by"), extra=True, css="keep"),
        Column("note", N_("Why it is open"), css="long"),
        Column("revenue", N_("Revenue"), "money"),
    ]
    caption = N_(
        "To settle by name, the largest first. Chance of being key: how often the account stays in S or A when weights and data vary within reason."
    )
    if len(tiers.disputed):
        seen = tiers.disputed.reindex(still.index)
        most = seen["voters"].max()
        frame["named_by"] = [locale.say(N_("{count:n} / {all:n}"), count=n, all=most) for n in seen["named_by"]]
        caption = N_(
            "To settle by name, the largest first. Chance of being key: how often the account stays in S or A when weights and data vary within reason. Named by: departments that put it on their list. A department with a tier: what its own weights would give, tiers kept at their size."
        )
    else:
        columns = [c for c in columns if c.key != "named_by"]
    return table(_grouped(frame), columns, caption, most=15)


def _why_open(tiers: Tiers, still: pd.DataFrame) -> list[str]:
    """The reasons in words; for departments those whose own weights say otherwise, with the tier they would give."""
    locale, level = current().locale, dict(zip(tiers.summary["tier"], tiers.summary["level"], strict=True))
    seen = tiers.disputed.reindex(still.index) if len(tiers.disputed) else None
    out = []
    for account, codes, own in zip(still.index, still["open"], still["level"], strict=True):
        reasons = []
        for code in codes.split(";"):
            if code == "departments" and seen is not None:
                row = seen.loc[account]
                views = {c.removeprefix("by "): row[c] for c in seen.columns if c.startswith("by ")}
                others = [f"{department(d, locale)} {t}" for d, t in views.items() if (level[t] in ("S", "A")) != (own in ("S", "A"))]
                reasons.append(locale.say(N_("{who} by own weights"), who=locale.words(others, most=len(others))))
            else:
                reasons.append(locale.text(OPEN[code]))
        out.append(locale.text(N_("; ")).join(reasons))
    return out


def gated(tiers: Tiers) -> Display:
    """Accounts held back by a gate, the largest first."""
    held = tiers.rated[tiers.rated["gate"].notna() & (tiers.rated["revenue"] > 0)]
    columns = [
        ACCOUNT,
        Column("gate", N_("Held back as"), _rule_words(tiers)),
        Column("tier_score", N_("Score"), "score"),
        Column("tier", N_("Tier")),
        Column("revenue", N_("Revenue"), "money"),
    ]
    caption = N_("Accounts whose score would place them higher than they deserve.")
    return table(_grouped(held.sort_values("revenue", ascending=False)), columns, caption, most=10)


def kept(tiers: Tiers) -> Display:
    """Accounts that a safeguard keeps, the largest first."""
    safe = tiers.rated[tiers.rated["safeguard"].notna()]
    columns = [
        ACCOUNT,
        Column("safeguard", N_("Kept because"), _rule_words(tiers)),
        Column("tier", N_("Tier")),
        Column("override", N_("Set by hand because"), extra=True),
        Column("revenue", N_("Revenue"), "money"),
    ]
    if safe["override"].isna().all():
        columns.pop(3)
    return table(
        _grouped(safe.sort_values("revenue", ascending=False)),
        columns,
        N_("Accounts not to be dropped, whatever they buy or complain."),
        most=10,
    )


def _rule_words(tiers: Tiers) -> Callable[[Any], str]:
    words = tiers.rules.set_index("key")[current().locale.language]
    return lambda key: "–" if missing(key) else str(words.get(key, key))


def criteria(tiers: Tiers) -> Display:
    """The scorecard: what each criterion measures, its weight, what other sources would give it, and for how many accounts it is known."""
    locale, frame = current().locale, tiers.criteria
    language = locale.language
    label = [
        locale.say(N_("{branch}: {name}"), branch=b, name=n) if nested else n
        for b, n, nested in zip(frame[f"branch_{language}"], frame[language], frame["nested"], strict=True)
    ]
    measured = [MEASURES[m][0 if language == "zh" else 1] for m in frame["measure"].str.partition(".")[0]]
    better = [
        locale.say(N_("{measure}; less is better"), measure=m) if less else m for m, less in zip(measured, frame["less"], strict=True)
    ]
    columns = [
        Column("label", N_("Criterion")),
        Column("by", N_("Measured by"), extra=True, css="long"),
        Column("weight", N_("Weight"), "pct1"),
        Column("departments", N_("Departments' mean"), "pct1"),
        Column("judged", N_("By pairwise judgement"), "pct1"),
        Column("critic", N_("By the data"), "pct1", extra=True),
        Column("coverage", N_("Data coverage"), "pct"),
        Column("mean_points", N_("Mean points"), "n", extra=True),
    ]
    columns = [c for c in columns if c.key not in ("departments", "judged") or frame[c.key].notna().any()]
    caption = N_(
        "The scorecard: each criterion gives 0 to 100 points, more is better. By the data: the weights that the spread and overlap of the criteria alone would give, for comparison."
    )
    return table(frame.assign(label=label, by=better), columns, caption)


def overrides(tiers: Tiers) -> Display:
    """The tiers set by hand: what the rule would say, why, by whom, until when."""
    states = {
        "applied": N_("applies"),
        "expired": N_("expired"),
        "unusable": N_("not usable"),
        "superseded": N_("another of the group applies"),
    }
    columns = [
        ACCOUNT,
        Column("by_rule", N_("By rule"), css="keep"),
        Column("tier", N_("By hand"), css="keep"),
        Column("state", N_("State"), word(states), css="keep"),
        Column("reason", N_("Reason"), extra=True, css="long"),
        Column("by", N_("Decided by"), extra=True, css="keep"),
        Column("expires", N_("Until"), "date", css="keep"),
    ]
    return table(named(tiers.overrides), columns, N_("Tiers set by hand. Expired ones no longer apply: the rule stands."), most=20)
