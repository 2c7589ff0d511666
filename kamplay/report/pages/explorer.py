"""What follows the report's chapters: every account in one table to search, a card for each account that
matters, and a page for each owner.

Names and other texts of the client are text everywhere: escaped in the HTML, and in the data that the script
reads, which puts them into the page as text only.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import unescape
from pathlib import Path
from typing import Any

import pandas as pd
from markupsafe import Markup, escape

from kamplay import api
from kamplay.book import Book
from kamplay.method.check.step import Check
from kamplay.method.health.priority_list import too_wide
from kamplay.method.health.step import Health
from kamplay.method.measures import purchases
from kamplay.method.plan.step import Plan
from kamplay.method.results import StepResult
from kamplay.method.tiers.step import Tiers
from kamplay.method.value.step import Value
from kamplay.presets.scorecard import KEY_LEVELS
from kamplay.report.pages import live_table
from kamplay.report.pages.argument import of_the_head
from kamplay.report.pages.live_table import Field
from kamplay.report.results import accounts_table
from kamplay.run_folder import Run, load_outline
from kamplay.show.client_edition import Edition, edition_of
from kamplay.show.health.campaign import CHANNELS
from kamplay.show.health.portfolio_map import LEGEND as RISK
from kamplay.show.links import account_anchor, linked, names_linked, owner_anchor, owner_link
from kamplay.show.locale import N_, Locale, missing
from kamplay.show.plan.owners import HEAD, Decision, head_page, owner_page
from kamplay.show.plan.strategies import strategy_names
from kamplay.show.profile.account_card import account_card
from kamplay.show.table import html_table, names_alone
from kamplay.show.texts.vocabulary import ACTIONS, BANDS, GATES, NOT_ASKED, SIGN_NAMES, TYPES
from kamplay.show.view import View, current, using

LARGEST = 30  # accounts in the table that is there without a script
MOST_CARDS = 300
FALLS = 10  # largest falls that the page lists
NAMED = 3  # accounts of a finding that its sentence and its action name
LONG_CELL = re.compile(r'(<td class="[^"]*\blong\b[^"]*"[^>]*>)([^<]+)(?=</td>)')


@dataclass(frozen=True)
class Explorer:
    """The part of the page after the chapters.

    Attributes
    ----------
    html : the table, the cards and the owners' pages, for the end of the page's main part.
    script : the text of its one script, to stand in the page after ``html``.
    script_hash : what a Content-Security-Policy names to allow that script and no other.
    css : its style sheet.
    anchors : the anchors of the cards and owners' pages.
    cards : every account's name → the anchor of its card, None without one and of a name that several have.
    """

    html: str
    script: str
    script_hash: str
    css: str
    anchors: frozenset[str] = frozenset()
    cards: Mapping[str, str | None] = field(default_factory=dict)

    def link(self, html: str) -> str:
        """A table or another display of the page, in which every marked name leads to its card."""
        return linked(html, self.anchors)

    def named(self, text: str) -> Markup:
        """A sentence of the page as HTML, in which the name of every account that has a card leads to it."""
        return names_linked(text, self.cards)

    def owner(self, name: str) -> Markup:
        """Who does something, as HTML; an owner's name leads to the owner's page."""
        return Markup(linked(owner_link(name), self.anchors))


FIELDS = (
    Field("name", N_("Account"), shown=True, search=True, css="name", foreign=True, names=True),
    Field("account_id", N_("Account ID"), search=True),
    Field("group", N_("Group"), search=True, foreign=True, names=True),
    Field("tier", N_("Tier"), "choice", shown=True, filter=True, css="half word"),
    Field(
        "owner", N_("Owner"), "choice", shown=True, filter=True, search=True, css="half word", foreign=True
    ),
    Field("industry", N_("Industry"), "choice", search=True, foreign=True),
    Field("region", N_("Region"), "choice", filter=True, search=True, foreign=True),
    Field("revenue", N_("Revenue"), "money", shown=True),
    Field("before", N_("Revenue of the year before"), "money"),
    Field("change", N_("Change"), "change", shown=True, css="half word"),
    Field("revenue_share", N_("Share"), "pct"),
    Field("margin", N_("Margin amount"), "money"),
    Field("tier_score", N_("Score"), "n1"),
    Field("gate", N_("Held back as"), "choice", GATES),
    Field("override", N_("Set by hand because"), foreign=True),
    Field("health", N_("Health"), "n1"),
    Field(
        "health_band",
        N_("Band"),
        "choice",
        BANDS,
        shown=True,
        filter=True,
        css="half word",
        dots={band: band for band in BANDS},
    ),
    Field("coverage", N_("Rests on data"), "pct"),
    Field("risk", N_("Risk"), "choice", RISK, filter=True),
    Field(
        "warning",
        N_("Strongest warning"),
        "choice",
        SIGN_NAMES,
        shown=True,
        filter=True,
        any=N_("any warning"),
    ),
    Field("warned_since", N_("Since"), "date"),
    Field("churn_probability", N_("Chance of stopping"), "pct", bounds=("churn_low", "churn_high")),
    Field("churn_low", N_("80% interval from"), "pct", hidden=True),
    Field("churn_high", N_("80% interval to"), "pct", hidden=True),
    Field("revenue_at_risk", N_("Expected loss"), "money", shown=True),
    Field(
        "expected_12m",
        N_("Expected revenue, next 12 months"),
        "money",
        bounds=("expected_low", "expected_high"),
    ),
    Field("expected_low", N_("80% interval from"), "money", hidden=True),
    Field("expected_high", N_("80% interval to"), "money", hidden=True),
    Field("overdue", N_("Overdue"), "money"),
    Field("wallet_share", N_("Our share of its purchases"), "pct"),
    Field("strategy", N_("Strategy"), "choice"),
    Field("type", N_("Type"), "choice", TYPES),
    Field("visits_branch", N_("Branch visits a month"), "n"),
    Field("visits_head_office", N_("Head-office visits a month"), "n"),
    Field("next_action", N_("Next action"), "choice", ACTIONS | NOT_ASKED, shown=True, css="long"),
    Field("due", N_("Due"), "date", shown=True),
)


@dataclass(frozen=True)
class _Found:
    """The results that are shown."""

    book: Book
    check: Check
    tiers: Tiers
    value: Value
    health: Health
    plan: Plan

    def told(self, edition: Edition) -> _Found:
        """The results as the edition tells them."""
        steps: dict[str, Any] = dict(edition.results(self.by_step))
        return _Found(self.book, *(steps[step] for step in self.by_step))

    @property
    def by_step(self) -> dict[str, StepResult]:
        return {one.step: one for one in (self.check, self.tiers, self.value, self.health, self.plan)}


def explorer(run: Path, language: str, edition: str) -> Explorer:
    """Make it from the results saved in a run folder.

    Parameters
    ----------
    run : the run folder.
    language : zh or en.
    edition : client, with the columns that ``client_edition`` names, or internal.
    """
    opened, shown, found = _read(run, language, edition)
    with using(current()) as view:
        frame = _accounts(found, view)
        owners = list(found.plan.by_owner.owners["owner"])
        plan = found.plan
        wanted = _with_card(found) if view.one_by_one else []
        known = replace(
            api.profiles(opened, wanted), actions=plan.actions.rename(columns={"account_id": "unit_id"})
        )
        bar = _bar(view.locale)
        not_asked = _not_asked(found, view.locale)
        cards = {
            account_anchor(unit): account_card(shown.profile(known.of(unit)), bar, not_asked.get(unit, ""))
            for unit in wanted
        }
        pages = {_owner_anchor(one): _owner_page(plan, one, bar) for one in owners}
        asked = of_the_head(opened, load_outline(run), found.by_step, view)
        if owners or asked:
            pages |= _head_page(plan, asked, bar)
        anchors = frozenset([*cards, *pages])
        often = frame["known_as"].value_counts()
        to = [account_anchor(unit) for unit in frame["unit_id"]]
        names = {
            name: anchor if anchor in anchors and often[name] == 1 else None
            for name, anchor in zip(frame["known_as"], to, strict=True)
        }
        pages = {anchor: _with_links(page, names) for anchor, page in pages.items()}
        fields = [f for f in FIELDS if f.key in frame and shown.of_accounts(f.key)]
        tiers = list(found.tiers.summary["tier"])
        rule = _card_rule(len(wanted), len(frame), found.tiers.tiered, view.locale)
        table = _table(frame, fields, tiers, anchors, rule, view)
        html = table + "".join(linked(page, anchors) for page in [*cards.values(), *pages.values()])
        script = live_table.script()
        return Explorer(html, script, live_table.hash_of(script), live_table.css(), anchors, names)


def prepare(run: Path, language: str, edition: str) -> None:
    """Put together what the cards tell, which has no words in it: pages in other languages, made in children
    of this process, begin with it.
    """
    opened, _, found = _read(run, language, edition)
    if current().one_by_one:
        api.profiles(opened, _with_card(found))


def _read(run: Path, language: str, edition: str) -> tuple[Run, Edition, _Found]:
    """The run, its edition, and the results as the edition tells them."""
    opened = api.open(run, language, edition)
    found = _Found(
        opened.book,
        api.result(opened, Check),
        api.result(opened, Tiers),
        api.result(opened, Value),
        api.result(opened, Health),
        api.result(opened, Plan),
    )
    shown = edition_of(edition, found.value, bool(opened.settings.cost_to_serve.known()))
    return opened, shown, found.told(shown)


def _accounts(found: _Found, view: View) -> pd.DataFrame:
    """Every account, the largest revenue first (index account_id), with the values of FIELDS; a field of
    which nothing is known is no column.
    """
    table = accounts_table(found.by_step)
    book, locale = found.book, view.locale
    names = strategy_names(found.plan.strategies, locale)
    unit = table["unit_id"]
    alone = names_alone(unit, view)
    table["known_as"] = [view.name(account) for account in table.index]
    table["name"] = [alone.get(one, name) for one, name in zip(table.index, table["known_as"], strict=True)]
    table["group"] = [view.name(head) if head != account else None for account, head in unit.items()]
    if book.months_covered >= purchases.TWO_YEARS:
        before = purchases.revenue(book, 12, 12).reindex(table.index)
        table["before"], table["change"] = before, table["revenue"] / before.where(before > 0) - 1
    of_unit = found.health.owed["overdue"].reindex(table.index) if "overdue" in found.health.owed else None
    table["overdue"] = of_unit
    if not found.health.revenue_at_risk.told:
        table["revenue_at_risk"] = None
    risk = found.health.portfolio_map.accounts["risk_band"]
    table["risk"] = risk.reindex(unit.to_numpy()).replace("", None).to_numpy()
    wallet = found.value.wallet.accounts
    table["wallet_share"] = wallet["share"].reindex(unit.to_numpy()).to_numpy() if "share" in wallet else None
    table["strategy"] = table["strategy"].map(names)
    # the page gives no one figure where it would be too wide: its range alone is told
    wide = too_wide(table["churn_low"], table["churn_high"])
    table["churn_probability"] = table["churn_probability"].mask(wide)
    # what has stopped has no chance of it
    chance = ["churn_probability", "churn_low", "churn_high"]
    table[chance] = table[chance].mask(table["verdict"].eq("stopped"))
    table = table.assign(account_id=table.index)
    keys = [f.key for f in FIELDS if f.key in table and table[f.key].notna().any()]
    return table[[*keys, "known_as", "unit_id"]]


def _table(
    frame: pd.DataFrame,
    fields: list[Field],
    tiers: list[str],
    anchors: Collection[str],
    rule: str,
    view: View,
) -> str:
    """The table with its data.

    Parameters
    ----------
    frame : as of ``_accounts``, with at least the ``fields``.
    tiers : in their order.
    anchors : of the cards and owners' pages that there are.
    rule : which accounts have a card; "" where none has.
    """
    locale = view.locale
    cards = {
        place: anchor
        for place, head in enumerate(frame["unit_id"])
        if (anchor := account_anchor(head)) in anchors
    }
    columns = []
    for one in fields:
        words = dict(zip(tiers, tiers, strict=True)) if one.key == "tier" else one.words
        column = live_table.column(one, frame[one.key], words, locale)
        if one.key == "name":
            column["anchors"] = cards
        if one.key == "owner":
            to = [owner_anchor(word) for word in column["words"]]
            column["anchors"] = {place: anchor for place, anchor in enumerate(to) if anchor in anchors}
        columns.append(column)
    data = live_table.whole(
        columns,
        [v for f in fields if f.kind == "money" for v in frame[f.key]],
        len(frame),
        locale,
        "accounts.csv",
        "revenue",
        locale.text(N_("{shown} of {total} accounts, revenue {sum} ({unit})")),
        locale.text(N_("No account fits; choose fewer conditions.")),
    )
    on_paper = locale.text(
        N_("Every account stands in the workbook, and on screen in a table to search and filter.")
    )
    fallback = linked(_largest(frame, fields), anchors)
    own = N_(
        "Every account stands here, each member of a group with its own revenue and the group's tier; in the "
        "chapters a group is one customer with the revenue of all its members, and owners' sums are of "
        "customers in the plan."
    )
    loss = N_(
        "Expected loss: the chance of stopping beyond what the account's own buying rhythm explains, times "
        "what it would buy in the period; 0 where the rhythm explains all of it, blank once it has stopped."
    )
    bought = int((frame.groupby("unit_id")["revenue"].sum() > 0).sum())  # as the chapters count: customers
    every = N_(
        "All accounts are counted here, level by level and in the sums, also those without revenue in the "
        "12 months; the chapters count the {bought:n} customers with positive revenue."
    )
    hint = locale.sentences(
        rule,
        locale.say(every, bought=bought) if 0 < bought < len(frame) else "",
        locale.text(own) if frame["unit_id"].duplicated().any() else "",
        locale.text(loss) if any(one.key == "revenue_at_risk" for one in fields) else "",
    )
    return live_table.section(locale.text(N_("All accounts")), on_paper, data, fallback, locale, hint)


def _largest(frame: pd.DataFrame, fields: list[Field]) -> str:
    """The largest accounts as a table, and where all are: what there is without a script."""
    locale, shown = current().locale, frame.head(LARGEST).copy()
    for one in fields:
        if one.words is not None:
            words = {key: locale.text(word) for key, word in one.words.items()}
            shown[one.key] = shown[one.key].map(lambda key, words=words: words.get(key, key))
    caption = locale.say(
        N_("The {count:n} largest of {total:n} accounts by revenue; the workbook lists all."),
        count=len(shown),
        total=len(frame),
    )
    columns = [one.column for one in fields if one.shown]
    return html_table(shown, columns, caption, most=LARGEST).html


def _with_card(found: _Found) -> list[str]:
    """The units that have a card, where single accounts are worth one, at most MOST_CARDS: those on the
    priority list, the lost ones to decide on and the largest falls, the warned ones, then by revenue the key
    ones, the LARGEST and those that the chapters name.
    """
    levels = found.tiers.units["level"]
    revenue = found.value.accounts["revenue"].reindex(levels.index).fillna(0.0)
    warned = found.health.accounts["warning"].reindex(levels.index).notna()
    listed = levels.index.isin(found.health.priority_list.accounts.index)
    units = found.plan.units
    to_decide = set(units.loc[units["win_back"].astype(bool), "account_id"])
    lost = levels.index.isin(to_decide | set(_falls(found.value)))
    order = revenue.sort_values(ascending=False, kind="stable").index
    chosen = levels.isin(KEY_LEVELS) | warned | listed | lost | levels.index.isin(order[:LARGEST])
    findings = [finding for step in found.by_step.values() for finding in step.findings]
    chosen |= levels.index.isin({one for finding in findings for one in finding.accounts[:NAMED]})
    first = [unit for unit in order if chosen[unit]]
    place = (3 - warned.astype(int)).mask(lost, 1).mask(listed, 0)
    return sorted(first, key=lambda unit: place[unit])[:MOST_CARDS]


def _falls(value: Value) -> list[str]:
    """The accounts with the largest falls, which the page lists."""
    moves = value.retention.moves
    fell = moves[moves["move"].isin(["contracted", "lost"])]
    return list((fell["now"].clip(lower=0) - fell["before"]).nsmallest(FALLS).index)


CAMPAIGN = {  # by the contact of ``Campaign.accounts``
    "reach": N_("No action of its own: it is in the campaign, by {channel}, due {due:date}."),
    "hold_out": N_(
        "Do not contact: it is held out of the campaign, so that what the campaign brings can be told."
    ),
    "bought": N_("Not contacted by the campaign: it ordered on {again:date}, after the reporting date."),
}
LATER = N_("No step: by its own rhythm it orders next about {day:date}, after the plan's last day.")
SETTLED = N_("Not asked, as it ordered on {again:date}, after the reporting date: {kinds:words}.")


def _not_asked(found: _Found, locale: Locale) -> dict[str, str]:
    """What the cards say beside the actions: of the campaign's accounts how they are reached, of others what
    an order after the reporting date has settled, or when the next order is expected where nothing is asked.
    """
    of_campaign, lines = found.health.campaign.accounts, found.plan.by_campaign
    since = found.plan.ordered_since
    since = since[~since["account_id"].isin(of_campaign.index)]
    out = {
        str(unit): locale.say(
            SETTLED, again=own["again"].min(), kinds=[locale.text(ACTIONS[kind]) for kind in own["kind"]]
        )
        for unit, own in since.groupby("account_id", sort=False)
    }
    later = found.plan.units[found.plan.units["next_action"] == "order_later"]
    for unit, day in later[["account_id", "next_order"]].itertuples(index=False):
        out[str(unit)] = locale.say(LATER, day=str(day.date()))
    due = str(lines["due"].iloc[0]) if len(lines) else ""
    for row in of_campaign.itertuples():
        again = None if pd.isna(row.again) else str(row.again.date())
        channel = locale.text(CHANNELS[row.channel])
        out[str(row.Index)] = locale.say(CAMPAIGN[row.contact], channel=channel, due=due, again=again)
    return out


CARD_RULE = {  # by whether accounts are tiered
    True: N_(
        "{cards:n} of {all:n} accounts have a card, which their name opens: those of level S or A, those on "
        "the priority list or with a warning, the large lost ones, the {largest:n} largest, and those named "
        "in the chapters{cut}."
    ),
    False: N_(
        "{cards:n} of {all:n} accounts have a card, which their name opens: the {largest:n} largest, those "
        "on the priority list or with a warning, the large lost ones, and those named in the chapters{cut}."
    ),
}
CUT = N_(", up to {most:n}: first the priority list, the lost ones and those with a warning, then by revenue")


def _card_rule(cards: int, accounts: int, tiered: bool, locale: Locale) -> str:
    """Which accounts have a card, as ``_with_card`` chooses them."""
    if not cards:
        return ""
    cut = locale.say(CUT, most=MOST_CARDS) if cards == MOST_CARDS else ""
    return locale.say(CARD_RULE[tiered], cards=cards, all=accounts, largest=LARGEST, cut=cut)


def _owner_anchor(owner: object) -> str:
    """The anchor of an owner's page, by the name as it is shown."""
    return owner_anchor(None if missing(owner) else current().locale.label(str(owner)))


def _owner_page(plan: Plan, owner: object, bar: str) -> str:
    anchor, page = _owner_anchor(owner), owner_page(plan, owner, "h2").html
    named = "" if missing(owner) else current().locale.label(str(owner))
    return _page(anchor, named, bar + page)


def _head_page(plan: Plan, decisions: Sequence[Decision], bar: str) -> dict[str, str]:
    """The page of the head of sales, by its anchor."""
    named = current().locale.text(HEAD)
    return {owner_anchor(named): _page(owner_anchor(named), named, bar + head_page(plan, decisions).html)}


def _with_links(page: str, names: Mapping[str, str | None]) -> str:
    """An owner's page, in whose longer cells the name of every account that has a card leads to it."""
    return LONG_CELL.sub(lambda cell: f"{cell[1]}{names_linked(unescape(cell[2]), names)}", page)


def _page(anchor: str, named: str, html: str) -> str:
    opening = f'<section class="owner-page alone" id="{anchor}" data-owner="{escape(named)}" tabindex="-1">'
    return f"{opening}{html}</section>"


def _bar(locale: Locale) -> str:
    """The line above a card or a page: the way back, and a button for the printer where scripts run."""
    back, print_it = locale.text(N_("Back")), locale.text(N_("Print this page"))
    return (
        f'<p class="bar"><a class="back" href="#explorer">← {back}</a>'
        f'<button type="button" data-print hidden>{print_it}</button></p>'
    )
