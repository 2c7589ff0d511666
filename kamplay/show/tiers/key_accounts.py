"""Who is a key account, what is settled about each, and which accounts are still open."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pandas as pd

from kamplay.method.results import Finding
from kamplay.method.tiers.step import Tiers
from kamplay.presets.scorecard import KEY_LEVELS
from kamplay.show.display import NOTHING, Display
from kamplay.show.findings import counts
from kamplay.show.locale import N_, Locale, missing
from kamplay.show.registry import FindingSpec, register_findings, table
from kamplay.show.table import ACCOUNT, Column, html_table, with_names
from kamplay.show.texts.vocabulary import OPEN, department
from kamplay.show.tiers.criteria import FILL_CRITERIA
from kamplay.show.view import current

NAMED_IN_PRINT = 40  # key accounts listed in print
STAND_FIRST = 10  # of them, as many as the page shows
NAMED_ELSEWHERE = 3  # accounts of other levels that are larger than these
# who agrees on a settled account: departments only where they have voted
AGREE = {True: N_("weights, data and departments agree"), False: N_("weights and data agree")}
# what settled means: key or not, and not the same tier
KEPT = {
    True: N_("likely to stay key next year, as S or A, or set by hand"),
    False: N_("likely to stay key next year, as S or A"),
}
BY_HAND = N_("; {by_hand:n} set by hand")
OPEN_COUNTS = {
    "departments": N_("the departments' weights differ on {count:n}"),
    "weights": N_("the weights leave {count:n} open"),
    "data": N_("next year's rating may well move {count:n}"),
    "votes": N_("most departments name {count:n} that the card does not make key"),
    "warned": N_("{count:n} {count:plural|shows|show} a sign of leaving"),
}


def _open_counts(finding: Finding, locale: Locale) -> Mapping[str, object]:
    """Why accounts are open, each reason with its number; who agrees on those that are not; and of which the
    open ones are, key accounts and others.
    """
    figures = finding.figures
    reasons = {reason: figures[f"by_{reason}"] for reason in OPEN_COUNTS}
    both = N_("; so {near:plural|is|are} {near:n} that {near:plural|is|are} not key, {count:n} in all")
    below = N_("; {near:n} that {near:plural|is|are} not key {near:plural|is|are} open")
    split = N_(" ({doubt:n} key, {near:n} not)")
    return {
        "whys": counts(OPEN_COUNTS, reasons, locale),
        "who": locale.text(AGREE[bool(figures["voted"])])
        + (locale.say(BY_HAND, **figures) if figures.get("by_hand") else ""),
        "kept": locale.text(KEPT[bool(figures.get("by_hand"))]),
        "others": locale.say(both if figures["doubt"] else below, **figures) if figures["near"] else "",
        "split": locale.say(split, **figures) if figures["doubt"] and figures["near"] else "",
    }


FOR_THE_YEAR = N_(
    " for this year only: of {told:n} whose chance is known, {stay:n} have at least an even one of being "
    "key next year"
)
YEAR_BRIEF = {  # by whether the chance of all of them is known
    True: N_(", for this year only: {stay:n} of {told:n} have at least an even chance to stay"),
    False: N_(
        ", for this year only: of {told:n} with a known chance {stay:n} have at least an even one to stay"
    ),
}
BESIDE = N_(" ({without_net:n} more without net revenue not counted)")


def _beside(finding: Finding, locale: Locale) -> Mapping[str, object]:
    """``beside``: the accounts of the year that the count leaves out; ``for_year``: how long a list holds of
    which some are not likely to be on the next.
    """
    figures = finding.figures
    moving = figures.get("stay", 0) < figures.get("told", 0)
    return {
        "beside": locale.say(BESIDE, **figures) if figures.get("without_net") else "",
        "for_year": locale.say(FOR_THE_YEAR, **figures) if moving else "",
        "year_brief": locale.say(YEAR_BRIEF[figures["told"] == figures["key"]], **figures) if moving else "",
    }


register_findings(
    FindingSpec(
        "key_accounts",
        "key_accounts",
        N_(
            "{key:n} of {accounts:n} accounts{beside} are key (levels S and A) and bring {share:pct} of "
            "revenue, led by {three}."
        ),
        unnamed=N_(
            "{key:n} of {accounts:n} accounts{beside} are in levels S and A and bring {share:pct} of revenue."
        ),
        actions={
            "confirm_key": N_(
                "Management: confirm the list of key accounts name by name at the review; people and "
                "money follow it{for_year}."
            ),
            "confirm_largest": N_(
                "Management: confirm the {asked:n} largest key accounts by name at the review "
                "({asked_share:pct} of what all these bring), the other {rest:n} by the rule; "
                "people and money follow the list{for_year}."
            ),
        },
        brief_actions={
            "confirm_key": N_("Management: confirm the key accounts one by one at the review{year_brief}."),
            "confirm_largest": N_(
                "Management: confirm the {asked:n} largest key accounts by name, the other {rest:n} by the "
                "rule{year_brief}."
            ),
        },
        brief=N_("{key:n} of {accounts:n} accounts{beside} are key and bring {share:pct} of revenue."),
        words=_beside,
        rank=3,
        always=True,
    ),
    FindingSpec(
        "key_by_card",
        "key_accounts",
        N_(
            "The card would place {key:n} of {accounts:n} accounts{beside} in levels S and A ({share:pct} of "
            "revenue). As tiering does not pay here, nobody is listed by name."
        ),
        words=_beside,
        on_first_page=False,
    ),
    FindingSpec(
        "key_none",
        "key_accounts",
        N_("By this scorecard none of the {accounts:n} accounts reaches level S or A."),
        actions={
            "lower_tiers": N_(
                "Sales operations: lower the limits of the upper tiers, or choose a card that fits, "
                "before the review."
            )
        },
    ),
    FindingSpec(
        "unrated",
        "key_accounts",
        N_(
            "{count:n} of {accounts:n} accounts could not be rated: nothing the scorecard asks for "
            "is known of them, and they stand in the lowest tier."
        ),
        actions=FILL_CRITERIA,
    ),
    FindingSpec(
        "groups_rated",
        "key_accounts",
        N_(
            "{groups:n} {groups:plural|group is|groups are} rated as one customer ({members:n} "
            "accounts, together {revenue:money}): {names}."
        ),
    ),
)
register_findings(
    FindingSpec(
        "to_settle",
        "open_accounts",
        N_(
            "{sure:n} of the {key:n} key accounts are settled ({kept}: {who}) and {doubt:n} are "
            "open{others} ({share:pct} of revenue). Why, several reasons counting for one account: {whys}."
        ),
        actions={
            "settle_by_name": N_(
                "Management: {count:n} {count:plural|account has|accounts have} an open tier{split}: at "
                "the review decide for each, the largest first, whether it is key, why, who decides it, and "
                "until when. "
                "{count:plural|It has|They have} an entry under “Why it is open” in the workbook’s "
                "sheet “Certainty of tiers”."
            ),
            "settle_largest": N_(
                "Management: {count:n} accounts have an open tier{split}: at the review decide for each of "
                "the {asked:n} largest ({asked_share:pct} of what all these bring) whether it is key, why, "
                "and until when; the others stay as the card has them. All have an entry under “Why it is "
                "open” in the workbook’s sheet “Certainty of tiers”."
            ),
        },
        brief_actions={
            "settle_by_name": N_(
                "Management: {count:n} {count:plural|account has|accounts have} an open tier{split}: at "
                "the review decide for each whether it is key, why, and until when."
            ),
            "settle_largest": N_(
                "Management: {count:n} accounts have an open tier{split}: at the review decide for each of "
                "the {asked:n} largest whether it is key, why, and until when."
            ),
        },
        brief=N_("{sure:n} of {key:n} key accounts are settled ({kept}), {doubt:n} still open{others}."),
        rank=53,
        words=_open_counts,
    ),
    FindingSpec(
        "settled",
        "open_accounts",
        N_("All {key:n} key accounts are settled: weights, data and departments agree on them."),
    ),
    FindingSpec(
        "settled_unvoted",
        "open_accounts",
        N_("All {key:n} key accounts are settled by weights and data; no department has voted."),
    ),
    FindingSpec(
        "proposal",
        "open_accounts",
        N_(
            "The card gives “{what}” {ours:pct}, the departments on average {theirs:pct}. With their "
            "mean weights, and tiers kept at their size, {count:n} of {accounts:n} accounts would "
            "change tier."
        ),
        actions={
            "adopt_mean": N_(
                "Heads of department: once reasons are exchanged, settle the weights: their mean, or "
                "another set with its reason."
            )
        },
        rank=53,
    ),
)


@table
def key_accounts_table(tiers: Tiers) -> Display:
    """The accounts and groups of levels S and A with growth, margin and what is open, the largest first:
    columns that every edition shows.
    """
    locale = current().locale
    if not _by_name(tiers):
        return NOTHING
    key = tiers.rated[tiers.rated["level"].isin(KEY_LEVELS) & (tiers.rated["revenue"] > 0)]
    key = key.sort_values("revenue", ascending=False, kind="stable")
    columns = [
        ACCOUNT,
        Column("tier", N_("Tier"), css="keep"),
        Column("tier_score", N_("Score"), "score", extra=True, css="keep"),
        Column("revenue", N_("Revenue"), "money"),
        Column("growth", N_("Growth"), "pct", extra=True),
        Column("margin_share", N_("Margin"), "pct", extra=True),
        Column("overdue", N_("Overdue"), "money", extra=True),
        Column("owner", N_("Owner"), extra=True, css="keep"),
        Column("note", N_("Status")),
    ]
    columns = [c for c in columns if c.key in ("name", "note") or key[c.key].notna().any()]
    listed = N_("Levels S and A alone, the largest revenue first. {rule}")
    caption = locale.sentences(locale.say(listed, rule=_how_cut(tiers)), _larger_elsewhere(tiers, key))
    compared = "growth" in [c.key for c in columns]
    grown = locale.text(N_("Growth against the year before.")) if compared else ""
    # a list too long to confirm on paper is in the workbook
    printed = None if len(key) <= NAMED_IN_PRINT else NAMED_IN_PRINT // 2
    shown = with_unit_names(key.assign(note=_notes(tiers, key)))
    return html_table(shown, columns, caption, most=NAMED_IN_PRINT, printed=printed, of_extra=grown)


def _larger_elsewhere(tiers: Tiers, key: pd.DataFrame) -> str:
    """The accounts of other levels that are larger than the last of the key accounts that stand first, with
    their levels; "" without any.
    """
    view = current()
    locale, last = view.locale, key["revenue"].iloc[min(STAND_FIRST, len(key)) - 1]
    others = tiers.rated[~tiers.rated["level"].isin(KEY_LEVELS) & (tiers.rated["revenue"] > last)]
    others = others.sort_values("revenue", ascending=False, kind="stable")
    if others.empty:
        return ""
    each = N_("{name} ({tier}, {revenue:money})")
    said = [
        locale.say(each, name=view.name(str(row.Index)), tier=row.level, revenue=row.revenue)
        for row in others.head(NAMED_ELSEWHERE).itertuples()
    ]
    text = N_(
        "Not in it, though larger than some of these, as of another level: {accounts}; see the workbook."
    )
    return locale.say(text, accounts=locale.accounts(said, NAMED_ELSEWHERE, len(others)))


def _by_name(tiers: Tiers) -> bool:
    """Whether accounts are settled by name: not where tiering does not pay, and no consumers."""
    return bool(tiers.key_figures["worthwhile"]) and current().one_by_one


def _notes(tiers: Tiers, key: pd.DataFrame) -> list[str]:
    """Per account: set by hand, open and why, the gate that caps it, or settled."""
    locale, rule = current().locale, rule_label(tiers)
    out = []
    for row in key.itertuples():
        if not missing(row.override):
            out.append(locale.text(N_("set by hand")))
            continue
        held = [] if missing(row.gate) else [locale.say(N_("held back: {rule}"), rule=rule(row.gate))]
        if len(row.open):
            held.append(locale.say(N_("open: {reasons}"), reasons=open_words(row.open)))
        out.append(locale.text(N_("; ")).join(held) if held else locale.text(N_("settled")))
    return out


def _how_cut(tiers: Tiers) -> str:
    """The cut of the tiers in a sentence."""
    locale, rows = current().locale, tiers.summary
    cut, last = rows["cut"].iloc[0], rows["tier"].iloc[-1]

    def tiers_with(column: str, text: Callable[[Any], str], sign: str = " ") -> str:
        parts = [
            f"{tier}{sign}{text(value)}"
            for tier, value in zip(rows["tier"], rows[column], strict=True)
            if not missing(value)
        ]
        return locale.words(parts, most=len(parts))

    if cut == "score":
        starts = tiers_with("start", locale.count, " ≥ ")
        return locale.say(N_("Tiers by score: {starts}."), starts=starts)
    if cut == "quota":
        return locale.say(
            N_("Tiers by share of the accounts: {starts}; the rest {last}."),
            starts=tiers_with("share", locale.percent),
            last=last,
        )
    if cut == "capacity":
        return locale.say(
            N_("Tiers by what the team can carry: {starts}; the rest {last}."),
            starts=tiers_with("places", locale.number),
            last=last,
        )
    if cut == "natural":
        return locale.text(N_("Tiers by the natural gaps between scores."))
    return locale.text(N_("Tiers by two criteria: high on both, on the first, on the second, on neither."))


def with_unit_names(units: pd.DataFrame) -> pd.DataFrame:
    """Rated units with their names as column ``name``, that of a group with the number of its members."""
    locale, out = current().locale, with_names(units)
    names = [
        locale.say(N_("{name} (group of {count:n})"), name=name, count=members) if members > 1 else name
        for name, members in zip(out["name"], out["members"], strict=True)
    ]
    return out.assign(name=names)


def rule_label(tiers: Tiers) -> Callable[[Any], str]:
    """A function from the key of a gate or safeguard to its label."""
    labels = tiers.rules.set_index("key")[current().locale.language]
    return lambda key: "–" if missing(key) else str(labels.get(key, key))


def open_words(reasons: Iterable[str]) -> str:
    """Why it is open whether an account is key."""
    locale = current().locale
    words = [locale.text(OPEN[reason]) for reason in reasons]
    return locale.words(words, most=len(words))


@table
def open_accounts_table(tiers: Tiers) -> Display:
    """The accounts open between key and not key, the largest first: probability, reasons, departments."""
    locale, units = current().locale, tiers.rated
    if not _by_name(tiers):
        return NOTHING
    open_units = units[(units["open"].map(len) > 0) & (units["revenue"] > 0)]
    open_units = open_units.sort_values("revenue", ascending=False)
    frame = open_units.assign(note=_why_open(tiers, open_units))
    columns = [
        ACCOUNT,
        Column("tier", N_("Tier"), css="keep"),
        Column("key_probability", N_("Chance of being key next year"), "pct"),
        Column("named_by", N_("Named by"), extra=True, css="keep"),
        Column("note", N_("Why it is open"), css="long"),
        Column("revenue", N_("Revenue"), "money"),
    ]
    if len(tiers.disputed):
        views = tiers.disputed.reindex(open_units.index)
        voters = views["voters"].max()
        frame["named_by"] = [
            locale.say(N_("{count:n} / {all:n}"), count=n, all=voters) for n in views["named_by"]
        ]
        caption = N_(
            "To settle by name, the largest first. Chance of being key next year: in S or A at next "
            "year's rating, as purchases vary and accounts stop. Named by: departments that put it on "
            "their list. A department with a tier: what its own weights would "
            "give, tiers kept at their size."
        )
    else:
        columns = [c for c in columns if c.key != "named_by"]
        caption = N_(
            "To settle by name, the largest first. Chance of being key next year: in S or A at next "
            "year's rating, as purchases vary and accounts stop."
        )
    return html_table(with_unit_names(frame), columns, caption, most=15)


def _why_open(tiers: Tiers, open_units: pd.DataFrame) -> list[str]:
    """The reasons in words; for departments, those whose own weights give another result, with their tier."""
    locale = current().locale
    level = dict(zip(tiers.summary["tier"], tiers.summary["level"], strict=True))
    by_department = [c for c in tiers.disputed if c.startswith("by ")]
    out = []
    for account, reasons, own in zip(open_units.index, open_units["open"], open_units["level"], strict=True):
        words = []
        for reason in reasons:
            if reason != "departments":
                words.append(locale.text(OPEN[reason]))
                continue
            theirs = tiers.disputed.loc[account, by_department]
            others = [
                f"{department(column.removeprefix('by '), locale)} {tier}"
                for column, tier in theirs.items()
                if (level[tier] in KEY_LEVELS) != (own in KEY_LEVELS)
            ]
            words.append(locale.say(N_("{who} by own weights"), who=locale.words(others, most=len(others))))
        out.append(locale.text(N_("; ")).join(words))
    return out
