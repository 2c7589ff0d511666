"""Tables of step 1: who is key, what is held back or kept, how firm, where the departments differ, who moved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from kamplay.method.positions import DIMENSIONS
from kamplay.method.tiers import FIRM, Tiers
from kamplay.show.display import NOTHING, Display
from kamplay.show.labels import CLASSES, WHY
from kamplay.show.locale import N_, missing
from kamplay.show.tables.table import ACCOUNT, Column, named, table, word
from kamplay.show.view import current


def key_accounts(tiers: Tiers) -> Display:
    """The accounts and groups of levels S and A, the best score first."""
    upper = tiers.rated[tiers.rated["level"].isin(["S", "A"]) & (tiers.rated["revenue"] > 0)]
    columns = [
        ACCOUNT,
        Column("tier", N_("Tier")),
        Column("tier_score", N_("Score"), "score"),
        Column("tier_probability", N_("Certainty"), "pct"),
        Column("key_probability", N_("Certainly key"), "pct", extra=True),
        Column("revenue", N_("Revenue"), "money"),
        Column("override", N_("Set by hand because"), extra=True),
    ]
    if upper["override"].isna().all():
        columns = columns[:-1]
    locale = current().locale
    caption = locale.say(
        N_(
            "{rule} Certainty: how often an account keeps its tier when weights and data vary within reason; certainly key: how often it stays in S or A."
        ),
        rule=_cut(tiers),
    )
    return table(_grouped(upper.sort_values(["tier_score", "revenue"], ascending=False)), columns, caption, most=40)


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


def borderline(tiers: Tiers) -> Display:
    """Accounts whose tier other weights or data would change: first those that could be key or not, then the largest."""
    doubt = tiers.rated[(tiers.rated["tier_probability"] < FIRM) & (tiers.rated["revenue"] > 0)]
    edge = doubt["key_probability"].between(1 - FIRM, FIRM)
    words = tiers.criteria.set_index("criterion")[current().locale.language]
    columns = [
        ACCOUNT,
        Column("tier", N_("Tier")),
        Column("tier_score", N_("Score"), "score"),
        Column("key_probability", N_("Certainly key"), "pct"),
        Column("by_weights", N_("Kept if weights vary"), "pct", extra=True),
        Column("by_data", N_("Kept if data vary"), "pct", extra=True),
        Column("doubt", N_("What decides most"), lambda key: "–" if missing(key) else str(words.get(key, "–"))),
        Column("revenue", N_("Revenue"), "money", extra=True),
    ]
    ordered = doubt.assign(_edge=edge).sort_values(["_edge", "revenue"], ascending=False)
    return table(_grouped(ordered), columns, N_("Borderline accounts: first those that may or may not be key, then by revenue."), most=12)


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
    """The scorecard: weight of each criterion, what other sources would give it, and for how many accounts it is known."""
    locale, frame = current().locale, tiers.criteria
    language = locale.language
    label = [
        locale.say(N_("{branch}: {name}"), branch=b, name=n) if nested else n
        for b, n, nested in zip(frame[f"branch_{language}"], frame[language], frame["nested"], strict=True)
    ]
    columns = [
        Column("label", N_("Criterion")),
        Column("weight", N_("Weight"), "pct"),
        Column("departments", N_("Departments' mean"), "pct"),
        Column("judged", N_("By pairwise judgement"), "pct"),
        Column("critic", N_("By the data"), "pct", extra=True),
        Column("coverage", N_("Accounts known"), "pct"),
        Column("mean_points", N_("Mean points"), "n1", extra=True),
    ]
    columns = [c for c in columns if c.key not in ("departments", "judged") or frame[c.key].notna().any()]
    caption = N_(
        "The scorecard. Points run from 0 to 100. By the data (CRITIC): what the spread and overlap of the criteria alone would give, for comparison."
    )
    return table(frame.assign(label=label), columns, caption)


def disputed(tiers: Tiers) -> Display:
    """The accounts that are key for some departments and not for others: the tier by each one's weights, and who named it."""
    frame, locale = tiers.disputed, current().locale
    if frame.empty:
        return NOTHING
    named_by = [locale.say(N_("{count:n} / {all:n}"), count=n, all=v) for n, v in zip(frame["named_by"], frame["voters"], strict=True)]
    columns = [ACCOUNT, *(Column(c, c.removeprefix("by "), extra=True) for c in frame.columns if c.startswith("by "))]
    columns += [
        Column("key", N_("Key by weights of")),
        Column("named", N_("Named by")),
        Column("revenue", N_("Revenue"), "money", extra=True),
    ]
    key = [locale.say(N_("{count:n} / {all:n}"), count=n, all=v) for n, v in zip(frame["key_by"], frame["departments"], strict=True)]
    caption = N_(
        "Where the departments part: the tier by each department's own weights (tiers kept at their size), how many departments' weights make the account key, and how many named it."
    )
    return table(named(frame.assign(named=named_by, key=key)), columns, caption, most=12)


def classes(tiers: Tiers) -> Display:
    """How the accounts that bought divide by each known dimension, and where the key ones are."""
    frame = tiers.classes
    if frame.empty:
        return NOTHING
    locale, dimension = current().locale, word(CLASSES)
    from kamplay.codebook import codebook

    stages = {key: labels[locale.language] for key, labels in codebook()["accounts"].columns["stage"].choices.items()}
    shown = frame.sort_values("dimension", key=lambda d: d.map(DIMENSIONS.index), kind="stable")
    value = [stages.get(v, v) if d == "stage" else v for d, v in zip(shown["dimension"], shown["value"], strict=True)]
    first = ~shown["dimension"].duplicated()
    shown = shown.assign(dimension=shown["dimension"].where(first, ""), value=[v or locale.text(N_("not stated")) for v in value])
    columns = [
        Column("dimension", N_("Dimension"), lambda key: dimension(key) if key else ""),
        Column("value", N_("Class")),
        Column("accounts", N_("Accounts"), "n"),
        Column("key", N_("of which key"), "n"),
        Column("share", N_("Share of revenue"), "pct"),
        Column("revenue", N_("Revenue"), "money", extra=True),
    ]
    return table(shown, columns, N_("The accounts that bought in the last 12 months, by class."), most=40)


def to_win(tiers: Tiers) -> Display:
    """Attractive accounts with a weak position of ours, the most attractive first."""
    frame = tiers.position
    win = frame[frame["field"] == "win"].sort_values(["attractiveness", "revenue"], ascending=False) if len(frame) else frame
    win = win.join(tiers.rated[["tier"]])
    columns = [
        ACCOUNT,
        Column("attractiveness", N_("Attractiveness"), "n"),
        Column("strength", N_("Our position"), "n"),
        Column("tier", N_("Tier")),
        Column("revenue", N_("Revenue"), "money"),
    ]
    return table(
        named(win), columns, N_("Attractive accounts where our position is weak, the most attractive first (both from 0 to 100)."), most=10
    )


def map_basis(tiers: Tiers) -> Display:
    """What attractiveness and strength are made of, and for how many accounts each part is known."""
    locale, frame = current().locale, tiers.axes
    if frame.empty:
        return NOTHING
    sides = {"attractiveness": N_("Attractiveness"), "strength": N_("Our position")}
    columns = [
        Column("axis", N_("Axis"), word(sides)),
        Column("label", N_("Criterion")),
        Column("weight", N_("Weight"), "pct"),
        Column("coverage", N_("Accounts known"), "pct"),
    ]
    caption = N_("What the map rests on; an account is placed when at least half of each axis is known.")
    return table(frame.assign(label=frame[locale.language]), columns, caption)


def intake(tiers: Tiers) -> Display:
    """Accounts to assess before they buy, the largest first."""
    locale = current().locale
    own, desk = locale.text(N_("manager of its own")), locale.text(N_("assessment"))
    columns = [
        ACCOUNT,
        Column("spend", N_("Purchases a year"), "money"),
        Column("dedicated", N_("What it gets"), lambda d: own if d else desk),
        Column("due", N_("Assess by"), "date", css="keep"),
    ]
    return table(
        named(tiers.intake), columns, N_("Accounts without a purchase here in the last 12 months that purchase much elsewhere."), most=12
    )


def moves(tiers: Tiers) -> Display:
    """Who changed tier since the earlier run, falls first."""
    columns = [
        ACCOUNT,
        Column("before", N_("Then")),
        Column("now", N_("Now")),
        Column("score_before", N_("Score then"), "score", extra=True),
        Column("score_now", N_("Score now"), "score", extra=True),
        Column("why", N_("Why"), word(WHY)),
        Column("revenue", N_("Revenue"), "money"),
    ]
    return table(named(tiers.moves), columns, N_("Accounts whose tier changed since the earlier report: falls first."), most=20)


def kin(tiers: Tiers) -> Display:
    """Accounts that look by name as if they belonged together."""
    frame = tiers.kin
    if frame.empty:
        return NOTHING
    view = current()
    shown = frame.assign(name=[view.name(a) for a in frame["account_id"]], other=[view.name(h) for h in frame["head"]])
    columns = [
        ACCOUNT,
        Column("other", N_("Looks like")),
        Column("joint_revenue", N_("Revenue together"), "money"),
        Column("rank_alone", N_("Best rank alone"), "n", extra=True),
        Column("joint_rank", N_("Rank together"), "n"),
    ]
    return table(
        shown,
        columns,
        N_("Names that suggest one group without a link between the accounts: for confirmation, not counted in any figure."),
        most=8,
    )


def rounds(tiers: Tiers) -> Display:
    """Agreement round by round; nothing with a single one."""
    if len(tiers.rounds) < 2:
        return NOTHING
    columns = [
        Column("round", N_("Round"), "n"),
        Column("raters", N_("Raters"), "n"),
        Column("departments", N_("Departments"), "n"),
        Column("w", N_("On the criteria (W)"), "n2"),
        Column("kappa", N_("On the names (kappa)"), "n2"),
    ]
    return table(tiers.rounds, columns, N_("Agreement by round, from 0 (none) to 1 (full)."))
