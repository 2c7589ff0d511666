"""Share of wallet: ours and the headroom by category, the accounts with the largest headroom, and words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from kamplay.method.value.growth_exclusions import STILL_LISTED
from kamplay.method.value.step import Value
from kamplay.palette import PALE
from kamplay.show.charts.chart import bare, clip, draw_compact, join_parts, overlaid_bars
from kamplay.show.charts.plot import Plot, Series
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_, Locale
from kamplay.show.registry import FindingSpec, chart, plot, register_findings, sheet, table
from kamplay.show.table import ACCOUNT, ACCOUNT_COLUMNS, Column, Sheet, html_table, with_names
from kamplay.show.value.growth_exclusions import footnotes, with_marks
from kamplay.show.view import View, current

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CATEGORIES = 8  # that fit a chart
ROWS = 8  # of the table
BASES = {"measured": N_("measured"), "estimated": N_("estimated"), "by_rule": N_("by rule")}


def _what_it_shows(value: Value) -> str:
    """The caption, which says how much of the purchases is measured."""
    locale, spend = current().locale, value.wallet.by_basis.set_index("basis")["spend"]
    stated = spend["measured"] + spend["estimated"]
    accounts = int((value.wallet.accounts["basis"] != "by_rule").sum())
    said = N_(
        "What {accounts:n} accounts purchase in a year, {measured:pct} of it measured and {estimated:pct} "
        "estimated, by category: what they buy from us, and the room beside it."
    )
    return locale.say(
        said, accounts=accounts, measured=spend["measured"] / stated, estimated=spend["estimated"] / stated
    )


NOTE = N_("{share:pct} ours, room {room:money}")


@plot
def wallet_by_category_plot(value: Value) -> Plot | None:
    """What accounts buy from us in each category, and the headroom beside it."""
    view, by_category = current(), value.wallet.by_category
    shown = by_category[by_category["spend"] > 0].head(CATEGORIES)
    if shown.empty:
        return None
    locale, ours = view.locale, shown["spend"] - shown["headroom"]
    notes = tuple(locale.say(NOTE, share=r.share, room=r.headroom) for r in shown.itertuples())
    return Plot(
        "stacked",
        tuple(locale.label(str(category)) for category in shown["category"]),
        (
            Series(locale.text(N_("ours")), tuple(map(float, ours)), view.accent),
            Series(locale.text(N_("room")), tuple(map(float, shown["headroom"])), PALE, labels=notes),
        ),
        _what_it_shows(value),
        message=_most_room(shown, locale),
    )


@chart
def wallet_by_category_chart(value: Value) -> Display:
    """What accounts purchase in each category by the wallet table: what they buy from us, and the headroom
    beside it; nothing without a wallet by category.
    """
    locale, by_category = current().locale, value.wallet.by_category
    by_category = by_category[by_category["spend"] > 0]
    if by_category.empty:
        return NOTHING
    shown = by_category.head(CATEGORIES)

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        places, widest = range(len(shown)), shown["spend"].max()
        overlaid_bars(  # what still shows of the spend is the headroom
            axes,
            (shown["spend"], PALE, locale.text(N_("room")), 0.64),
            (shown["spend"] - shown["headroom"], view.accent, locale.text(N_("ours")), 0.64),
        )
        message = N_("{share:pct}\nroom {room:money}") if narrow else NOTE
        for place, row in zip(places, shown.itertuples(), strict=True):
            note = locale.say(message, share=row.share, room=row.headroom)
            axes.text(
                row.spend + widest * 0.015,
                place,
                note,
                va="center",
                fontsize=7.4 if narrow else 8.5,
                linespacing=1.1,
            )
        axes.set_yticks(
            places, [clip(locale.label(str(c)), narrow, most_narrow=17) for c in shown["category"]]
        )
        axes.set_xlim(0, widest * (1.42 if narrow else 1.38))
        bare(axes, "bottom")
        room, ours = axes.get_legend_handles_labels()[0]
        axes.legend(
            handles=[ours, room],
            frameon=False,
            loc="lower left",
            bbox_to_anchor=(0, 1),
            ncols=2,
            fontsize=8.5,
            borderaxespad=0,
        )

    caption = [_what_it_shows(value)]
    if len(by_category) > CATEGORIES:
        left_out = N_("The {shown:n} with the largest room; {rest:n} more are in the workbook.")
        caption.append(locale.say(left_out, shown=CATEGORIES, rest=len(by_category) - CATEGORIES))
    message = N_("{category} {spend:money}, of it {share:pct} ours, room {room:money}")
    parts = [
        locale.say(message, category=row.category, spend=row.spend, share=row.share, room=row.headroom)
        for row in shown.itertuples()
    ]
    height = 0.35 + 0.1 * max(len(shown), 3)
    alt = locale.say(N_("Purchases by category: {parts}."), parts=join_parts(parts, locale))
    return draw_compact(draw, locale.sentences(*caption), alt, height, message=_most_room(shown, locale))


def _most_room(shown: pd.DataFrame, locale: Locale) -> str:
    first = shown.sort_values("headroom").iloc[-1]
    return locale.say(
        N_("The most room is in {category}: {room:money} a year; our share is {share:pct}."),
        category=first["category"],
        room=first["headroom"],
        share=first["share"],
    )


SPEND = Column("spend", N_("Purchases a year"), "money", extra=True)
SHARE = Column("share", N_("Our share"), "pct")
HEADROOM = Column("headroom", N_("Room"), "money")
CATEGORY = Column("category", N_("Category"))


@sheet
def wallet_sheet(value: Value) -> Sheet:
    """Every account whose purchases are known or estimated."""
    sales = Column("our_sales", N_("From us"), "money")
    columns = [*ACCOUNT_COLUMNS, SPEND, sales, SHARE, HEADROOM, Column("basis", N_("Basis"), BASES), CATEGORY]
    return Sheet(N_("Share of wallet"), value.wallet.accounts, columns)


@sheet
def wallet_by_category_sheet(value: Value) -> Sheet:
    """Purchases, our share and the headroom by category."""
    columns = [CATEGORY, SPEND, SHARE, HEADROOM]
    return Sheet(N_("Room by category"), value.wallet.by_category, columns)


@table
def wallet_table(value: Value) -> Display:
    """The accounts with the largest headroom among those whose purchases are known; those estimated by rule
    only where nothing is known.
    """
    locale, accounts = current().locale, value.wallet.accounts
    known = accounts[accounts["basis"] != "by_rule"]
    accounts = known if len(known) else accounts
    accounts = accounts[(accounts["headroom"] > 0) & accounts["growth_exclusion"].isin(STILL_LISTED)]
    frame = with_names(accounts)
    frame["name"] = with_marks(frame["name"], frame["growth_exclusion"])
    columns = [
        ACCOUNT,
        SPEND,
        SHARE,
        Column("competitor_share", N_("Strongest competitor"), "pct"),
        HEADROOM,
        Column("basis", N_("Basis"), BASES),
    ]
    if frame["competitor_share"].isna().all():
        columns = [c for c in columns if c.key != "competitor_share"]
    caption = locale.text(
        N_("Accounts with the largest room: yearly purchases that they do not make with us.")
    )
    marks = footnotes(frame["growth_exclusion"], locale)
    return html_table(frame, columns, caption, most=ROWS, marks=marks)


ROOM_PLAN_GROWTH = {
    "room_plan_growth": N_(
        "Account owner: name the categories to win at {first}, and what it takes to win them."
    )
}
ROOM_SETTLE_FIRST = {
    "room_settle_first": N_(
        "Account owners: settle payment, terms, dependence and warning signs at the "
        "accounts with room before growing there."
    )
}
ROOM_ALIGN_NAMES = {
    "room_align_names": N_("Data owner: write the categories in the wallet table as in the sales lines.")
}

register_findings(
    FindingSpec(
        "room_wallet",
        "wallet",
        N_(
            "By measured figures {count:n} {count:plural|account purchases|accounts purchase} "
            "{spend:money} a year, of which we hold {share:pct}; {room:money} is room to grow, first "
            "of all {most:money} at {first}."
        ),
        actions=ROOM_PLAN_GROWTH | ROOM_SETTLE_FIRST,
        brief=N_(
            "At {count:n} {count:plural|account|accounts} {room:money} a year is room to grow, as we "
            "hold {share:pct} of what they purchase; first {first}."
        ),
        rank=14,
        always=True,
    ),
    FindingSpec(
        "room_wallet_both",
        "wallet",
        N_(
            "By measured figures {count:n} {count:plural|account purchases|accounts purchase} "
            "{spend:money} a year, of which we hold {share:pct}; {room:money} is room to grow, first "
            "of all {most:money} at {first}. Estimates for {estimated_accounts:n} more say "
            "{estimated_spend:money} a year, {estimated_room:money} of it room."
        ),
        actions=ROOM_PLAN_GROWTH | ROOM_SETTLE_FIRST,
        brief=N_(
            "At {count:n} {count:plural|account|accounts} {room:money} a year is room to grow, as we "
            "hold {share:pct} of what they purchase; first {first}."
        ),
        rank=15,
        always=True,
    ),
    FindingSpec(
        "room_wallet_estimated",
        "wallet",
        N_(
            "By estimates alone, {count:n} {count:plural|account purchases|accounts purchase} "
            "{spend:money} a year, of which we hold {share:pct}; {room:money} would be room to grow, "
            "most of it at {first} ({most:money}). Nothing of this is measured."
        ),
        actions=ROOM_PLAN_GROWTH | ROOM_SETTLE_FIRST,
        brief=N_("By estimates alone, {room:money} a year would be room to grow, most of it at {first}."),
        rank=16,
        always=True,
    ),
    FindingSpec(
        "room_wallet_full",
        "wallet",
        N_(
            "The {count:n} {count:plural|account|accounts} whose purchases are known buy "
            "{spend:money} a year, all of it from us: there is no room left there."
        ),
    ),
    FindingSpec(
        "room_wallet_unknown",
        "wallet",
        N_("Share of wallet is unknown, because the accounts' yearly purchases were not delivered."),
        actions={
            "room_ask_wallet": N_(
                "Account owners: estimate the yearly purchases of the largest accounts by "
                "category; that shows how much more they could buy from us."
            )
        },
    ),
    FindingSpec(
        "room_history_short",
        "wallet",
        N_(
            "With {months:n} months of data, share of wallet and white space cannot be told yet: "
            "both are told on a full year."
        ),
        actions={"room_ask_history": N_("Data owner: provide at least 12 months of transactions.")},
    ),
    FindingSpec(
        "room_competitor",
        "wallet",
        N_(
            "At {count:n} {count:plural|account|accounts} a competitor has a larger share than "
            "we do; {room:money} could be won there: {names}."
        ),
        actions={
            "room_learn_rival": N_(
                "Account owners: find out at each, {first} first, what the competitor offers and "
                "when its contract ends."
            )
        },
        brief=N_(
            "At {count:n} {count:plural|account|accounts} a competitor has a larger share than "
            "we do; {room:money} could be won there."
        ),
        rank=30,
    ),
    FindingSpec(
        "room_category",
        "wallet",
        N_(
            "The category with the largest room is {category}: of {spend:money} a year we hold "
            "{share:pct}, which leaves {room:money}."
        ),
    ),
    FindingSpec(
        "room_rule",
        "wallet",
        N_(
            "For {count:n} more {count:plural|account|accounts} purchases are estimated by rule from "
            "at least {least:n} measured accounts of the same industry: {spend:money} a year, of it "
            "{room:money} room; these are not in the sums above. At {over:n} of them we already sell "
            "more than the rule gives."
        ),
    ),
    FindingSpec(
        "room_rule_tried",
        "wallet",
        N_(
            "For {count:n} more {count:plural|account|accounts} purchases are estimated by rule from "
            "at least {least:n} measured accounts of the same industry: {spend:money} a year, of it "
            "{room:money} room; these are not in the sums above. Tried on the measured accounts, the "
            "rule is within a factor of two for {within:pct}; at {over:n} of the estimated ones we "
            "already sell more than it gives."
        ),
    ),
    FindingSpec(
        "room_wallet_low",
        "wallet",
        N_(
            "We sell more to {count:n} {count:plural|account|accounts} than the wallet table says "
            "they purchase: {names}."
        ),
        actions={
            "room_correct_wallet": N_(
                "Account owners: correct the yearly purchases of these accounts, {three} first."
            )
        },
    ),
    FindingSpec(
        "room_names_differ",
        "wallet",
        N_(
            "None of the {count:n} {count:plural|category|categories} in the wallet table is named "
            "as in the sales lines, so share of wallet is told by account only, against all our "
            "sales."
        ),
        actions=ROOM_ALIGN_NAMES,
    ),
    FindingSpec(
        "room_names_strange",
        "wallet",
        N_(
            "{count:n} {count:plural|category|categories} of the wallet table, {spend:money} a year, "
            "{count:plural|is|are} in no sales line: business that we do not have, or another "
            "spelling."
        ),
        actions=ROOM_ALIGN_NAMES,
    ),
)
