"""Our share of what the account buys, by category, and who supplies the rest."""

from __future__ import annotations

from typing import Any, NamedTuple

from kamplay.method.profile.step import Profile
from kamplay.show.locale import N_, missing
from kamplay.show.profile.blocks import Block
from kamplay.show.view import current

MOST_CATEGORIES = 6
MOST_RIVALS = 3
LEAST = 0.005  # of what it buys, from which what stands in no category has a row
MOST_AHEAD = 3  # categories in which the strongest rival is ahead
BASES = {
    "measured": N_("Its purchases are measured."),
    "estimated": N_("Part of its purchases is an estimate."),
    "by_rule": N_("Its purchases are estimated from accounts like it."),
}


def share_block(profile: Profile) -> Block:
    """By category what it buys in all, what is ours, the strongest rival, the room, and what it lacks from
    us.
    """
    locale, facts = current().locale, profile.facts
    rows = category_rows(profile)
    if any(not missing(row.spend) for row in rows):
        heads = [
            N_("Category"),
            N_("Buys a year"),
            N_("From us"),
            N_("Our share"),
            N_("Strongest rival"),
            N_("Bought elsewhere"),
        ]
        cells = [
            [
                row.label,
                locale.money(row.spend),
                locale.money(row.bought),
                locale.percent(row.share),
                locale.percent(row.competitor_share),
                locale.money(row.headroom),
            ]
            for row in rows
        ]
        note = "" if missing(facts["wallet_basis"]) else locale.text(BASES[facts["wallet_basis"]])
        title = locale.text(N_("Our share by category"))
    else:
        heads = [N_("Category"), N_("From us, 12 months"), N_("The 12 before")]
        cells = [[row.label, locale.money(row.bought), locale.money(row.before)] for row in rows]
        net = any((amount or 0.0) < 0 for row in rows for amount in (row.bought, row.before))
        note, title = "", locale.text(N_("What it buys from us, net") if net else N_("What it buys from us"))
    if gap := _gap(profile):
        note = locale.sentences(note, locale.say(N_("{sentence}."), sentence=gap))
    numbers = range(1, len(heads))
    return Block("share", title, (), [locale.text(h) for h in heads], cells, numbers, note=note)


class CategoryRow(NamedTuple):
    """A row of the table by category; what is not known is None or no number."""

    label: str
    spend: float | None = None
    bought: float | None = None
    before: float | None = None
    share: float | None = None
    competitor_share: float | None = None
    headroom: float | None = None


def category_rows(profile: Profile) -> list[CategoryRow]:
    """The rows of the table: the largest categories, then all smaller ones as one, then those of which more
    was credited than sold in a year, then what has no category; bought and before add up to the account's
    revenue of these years.
    """
    locale, facts, every = current().locale, profile.facts, profile.categories
    least = {name: LEAST * abs(every.total(name)) for name in ("bought", "before")}
    first, rest = every[:MOST_CATEGORIES], every[MOST_CATEGORIES:]
    amounts = CategoryRow._fields[1:]

    def credited(row: Any) -> bool:
        return any(getattr(row, name) < -floor for name, floor in least.items())

    small = rest.where(lambda row: not credited(row))

    def told(row: Any) -> CategoryRow:
        return CategoryRow(locale.label(str(row.category)), *(getattr(row, name) for name in amounts))

    rows = [told(row) for row in first]
    if small:
        text = N_("{rest:n} smaller {rest:plural|category|categories}")
        sums = {name: _sum(small[name]) for name in ("spend", "bought", "before", "headroom")}
        spend, bought = sums["spend"] or 0.0, sums["bought"] or 0.0
        known = not any(missing(one) for one in small["spend"])
        share = bought / spend if known and spend > 0 else None
        rows.append(CategoryRow(locale.say(text, rest=len(small)), share=share, **sums))
    rows += [told(row) for row in rest.where(credited)]
    if every:
        left = {
            name: 0.0 if missing(facts[of]) else facts[of] - every.total(name)
            for name, of in (("bought", "revenue"), ("before", "before"))
        }
        if any(abs(amount) > least[name] for name, amount in left.items()):
            rows.append(CategoryRow(locale.text(N_("without category")), **left))
    return rows


def _sum(amounts: list[Any]) -> float | None:
    """The sum of what is known; None where nothing is."""
    known = [amount for amount in amounts if not missing(amount)]
    return sum(known) if known else None


def rivals_block(profile: Profile) -> Block:
    """Who competes for its deals, how strong they are, and where they are ahead."""
    locale = current().locale
    lines = [_rival(row) for row in profile.rivals[:MOST_RIVALS]]
    won = [
        locale.say(
            N_("{winner} {lost:n} ({amount:money})"), winner=row.winner, lost=row.lost, amount=row.amount
        )
        for row in profile.tender_winners
    ]
    if won:
        lines.append(locale.say(N_("Tenders lost here: {won}"), won=locale.words(won)))
    lines += [line for line in (_ahead(profile),) if line]
    return Block("rivals", locale.text(N_("Competitors")), lines=lines)


def _ahead(profile: Profile) -> str:
    """Where the strongest rival sells more than we do, by shares that differ as they are shown."""
    locale, rows = current().locale, profile.categories.where(lambda row: row.competitor_ahead)
    named = [
        locale.say(N_("{category} {share:pct}"), category=row.category, share=row.competitor_share)
        for row in sorted(rows, key=lambda row: (missing(row.headroom), -row.headroom))
        if locale.percent(row.competitor_share) != locale.percent(row.share)
    ]
    if not named:
        return ""
    rest = len(named) - MOST_AHEAD
    said = (
        N_("The strongest rival is ahead of us in {named} and {rest:n} more")
        if rest > 0
        else N_("The strongest rival is ahead of us in {named}")
    )
    return locale.say(said, named=locale.text(N_(", ")).join(named[:MOST_AHEAD]), rest=rest)


def _gap(profile: Profile) -> str:
    """The category that similar accounts buy from us and this one does not, or no longer."""
    locale = current().locale
    if not profile.gaps:
        return ""
    gap = profile.gaps[0]
    if gap.buyers == gap.peers:
        said = N_("Does not buy {category} from us; all {peers:n} similar accounts do")
    elif gap.lapsed:
        said = N_("No longer buys {category} from us; {buyers:n} of {peers:n} similar accounts do")
    else:
        said = N_("Does not buy {category} from us; {buyers:n} of {peers:n} similar accounts do")
    return locale.say(said, category=gap.category, buyers=gap.buyers, peers=gap.peers)


def _rival(row: Any) -> str:
    """One competitor: the open deals against it, and what was won and lost before."""
    locale = current().locale
    known = []
    if row.open_deals:
        said = N_("in {count:n} open {count:plural|deal|deals} of {amount:money}")
        known.append(locale.say(said, count=row.open_deals, amount=row.open_amount))
    if row.lost:
        said = N_("{count:n} lost to it ({amount:money}, last {day:date})")
        known.append(locale.say(said, count=row.lost, amount=row.lost_amount, day=row.last_lost))
    if row.won:
        known.append(locale.say(N_("{count:n} won against it"), count=row.won))
    text = locale.text(N_("; ")).join(known)
    return locale.say(N_("{rival}: {what}"), rival=row.rival, what=text)
