"""Chart of room to grow: our share and the room by category."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kamplay.method.value.step import Value
from kamplay.method.value.wallet import FIRST_SETTLE
from kamplay.show.chart import PALE, bare, clip, draw_compact
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_
from kamplay.show.registry import FindingSpec, chart, register_findings, table
from kamplay.show.table import ACCOUNT, Column, html_table, ranges, with_names, word
from kamplay.show.view import View, current

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST = 8  # categories that fit


@chart
def wallet_by_category_chart(value: Value) -> Display:
    """What accounts are known to purchase in each category: what we hold, and the room beside it; nothing
    without a wallet by category.
    """
    view, every = current(), value.wallet.room_by_category
    every = every[every["spend"] > 0]
    if every.empty:
        return NOTHING
    locale, table = view.locale, every.head(MOST)

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        place = np.arange(len(table))[::-1]
        held = (table["spend"] - table["room"]).to_numpy()
        left = table["room"].to_numpy()
        axes.barh(place, held, color=view.accent, height=0.64, label=locale.text(N_("ours")))
        axes.barh(place, left, left=held, color=PALE, height=0.64, label=locale.text(N_("room")))
        for y, row in zip(place, table.itertuples(), strict=True):
            said = (
                N_("{share:pct}\nroom {room:money}") if narrow else N_("{share:pct} ours, room {room:money}")
            )
            note = locale.say(said, share=row.share, room=row.room)
            axes.text(
                row.spend + table["spend"].max() * 0.015,
                y,
                note,
                va="center",
                fontsize=7.4 if narrow else 8.5,
                linespacing=1.1,
            )
        axes.set_yticks(place, [clip(str(c), narrow) for c in table["category"]])
        axes.set_xlim(0, table["spend"].max() * (1.42 if narrow else 1.38))
        axes.set_ylim(-0.6, len(table) - 0.4)
        bare(axes, "bottom")
        axes.legend(
            frameon=False, loc="lower left", bbox_to_anchor=(0, 1), ncols=2, fontsize=8.5, borderaxespad=0
        )

    caption = locale.text(
        N_(
            "What accounts are known to purchase in a year, by category: what they buy from us, "
            "and the room beside it."
        )
    )
    if len(every) > MOST:
        left_out = N_("The {shown:n} with the largest room; {rest:n} more are in the workbook.")
        caption += (" " if locale.language == "en" else "") + locale.say(
            left_out, shown=MOST, rest=len(every) - MOST
        )
    parts = locale.text(N_("; ")).join(
        locale.say(N_("{category} {spend:money}, of it {share:pct} ours, room {room:money}"), **row._asdict())
        for row in table.itertuples(index=False)
    )
    height = 0.35 + 0.1 * max(len(table), 3)
    return draw_compact(draw, caption, locale.say(N_("Purchases by category: {parts}."), parts=parts), height)


BASES = {"measured": N_("measured"), "estimated": N_("estimated"), "by_rule": N_("by rule")}
GAPS, ROOMS = 8, 8  # rows
FIRST = {
    "payment": ("†", N_("† Settle payment first: overdue, over the credit limit, or promises broken.")),
    "warned": ("‡", N_("‡ Shows a sign of leaving: keep it before offering more.")),
}
SIZES = {"peers": N_("from peers"), "wallet": N_("wallet table")}


@table
def wallet_table(value: Value) -> Display:
    """The accounts with the largest room among those whose purchases are known; those estimated by rule only
    where nothing is known.
    """
    frame = value.wallet.wallet
    known = frame[frame["basis"] != "by_rule"]
    frame = known if len(known) else frame
    frame = frame[(frame["room"] > 0) & frame["held"].isin(FIRST_SETTLE)]
    shown = with_names(frame)
    shown["name"] = marked(shown["name"], frame["held"])
    columns = [
        ACCOUNT,
        Column("spend", N_("Purchases a year"), "money", extra=True),
        Column("share", N_("Our share"), "pct"),
        Column("competitor", N_("Strongest competitor"), "pct"),
        Column("room", N_("Room"), "money"),
        Column("basis", N_("Basis"), word(BASES)),
    ]
    if frame["competitor"].isna().all():
        columns = [c for c in columns if c.key != "competitor"]
    said = [
        current().locale.text(
            N_("Accounts with the largest room: yearly purchases that they do not make with us.")
        )
    ]
    said += first_settle(frame["held"].head(ROOMS))
    return html_table(
        shown, columns, (" " if current().locale.language == "en" else "").join(said), most=ROOMS
    )


def marked(names: Iterable[str], held: Iterable[str]) -> list[str]:
    """A mark behind those with whom something has to be settled first."""
    return [
        f"{name} {FIRST[why][0]}" if why in FIRST else name for name, why in zip(names, held, strict=True)
    ]


def first_settle(held: pd.Series) -> list[str]:
    """What the marks of these rows mean."""
    return [current().locale.text(words) for why, (_, words) in FIRST.items() if held.eq(why).any()]


@table
def white_space_table(value: Value) -> Display:
    """The gaps worth most, in order."""
    gaps = value.wallet.white_space
    if gaps.empty:
        return NOTHING
    view = current()
    locale = view.locale
    scale, unit = locale.money_scale(float(gaps["high"].head(GAPS).max()))
    frame = gaps.assign(
        name=marked((view.name(a) for a in gaps["account_id"]), gaps["held"]),
        usual=[
            locale.say(N_("{buyers:n} of {peers:n}"), buyers=b, peers=p)
            for b, p in zip(gaps["buyers"], gaps["peers"], strict=True)
        ],
        size=ranges(gaps["low"], gaps["high"], locale, scale),
        category=[f"{c} *" if gone else c for c, gone in zip(gaps["category"], gaps["lapsed"], strict=True)],
    )
    columns = [
        ACCOUNT,
        Column("category", N_("Does not buy")),
        Column("usual", N_("Peers that do"), css="keep"),
        Column("size", N_("Size a year"), css="keep"),
        Column("basis", N_("Size from"), word(SIZES)),
    ]
    caption = N_(
        "What an account did not buy in 12 months though its peers did, by size times the share of peers that buy it. Size in {unit}: "
        "the middle half of what peers buy, at the account's own scale, or its known purchases."
    )
    said = [locale.say(caption, unit=unit)]
    if gaps["lapsed"].head(GAPS).any():
        said.append(locale.text(N_("* Bought before, then stopped.")))
    said += first_settle(gaps["held"].head(GAPS))
    return html_table(frame, columns, (" " if locale.language == "en" else "").join(said), most=GAPS)


# what this topic can find, in words
ROOM_PLAN_GROWTH = {
    "room_plan_growth": N_(
        "The manager of {first} names the categories to win there, and what it takes to win them."
    )
}
ROOM_SETTLE_FIRST = {
    "room_settle_first": N_(
        "Settle payment, terms, dependence and warning signs at the accounts with room before growing there."
    )
}
ROOM_ALIGN_NAMES = {"room_align_names": N_("Write the categories in the wallet table as in the sales lines.")}
ROOM_OFFER = {
    "room_offer": N_(
        "The manager of {first} asks who supplies {category} today, and makes an offer this quarter."
    )
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
                "Estimate the yearly purchases of the largest accounts by category: that shows how "
                "much more they could buy from us."
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
        actions={"room_ask_history": N_("Provide at least 12 months of transactions.")},
    ),
    FindingSpec(
        "room_competitor",
        "wallet",
        N_(
            "At {count:n} {count:plural|account|accounts} one competitor holds more than we do, with "
            "{room:money} of room: {names}."
        ),
        actions={
            "room_learn_rival": N_(
                "At each of them, {first} first, the account's manager finds out what the competitor "
                "offers, and when its contract ends."
            )
        },
        brief=N_(
            "At {count:n} {count:plural|account|accounts} one competitor holds more than we do, with "
            "{room:money} of room."
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
            "room_correct_wallet": N_("Sales corrects the yearly purchases of these accounts, {three} first.")
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
    FindingSpec(
        "room_gap",
        "white_space",
        N_(
            "{first} buys no {category}, though {buyers:n} of {peers:n} peers do: {low:money} to "
            "{high:money} a year at its size."
        ),
        actions=ROOM_OFFER,
    ),
    FindingSpec(
        "room_gap_wallet",
        "white_space",
        N_(
            "{first} buys no {category} from us, though {buyers:n} of {peers:n} peers do; by the "
            "wallet table it purchases {mid:money} of it a year elsewhere."
        ),
        actions=ROOM_OFFER,
    ),
    FindingSpec(
        "room_lapsed",
        "white_space",
        N_(
            "{count:n} of the listed gaps {count:plural|is a category|are categories} that the "
            "account bought before and stopped, first {category} at {first}: {buyers:n} of {peers:n} "
            "peers still buy it."
        ),
        actions={"room_win_back": N_("Ask {first} why it stopped before offering {category} again.")},
    ),
    FindingSpec(
        "room_gaps",
        "white_space",
        N_(
            "{accounts:n} of {of:n} accounts with enough peers leave {count:n} "
            "{count:plural|gap|gaps} that most peers fill: a category that at least {usual:pct} of "
            "them buy and the account does not. The list holds the {listed:n} gaps worth most of "
            "all, {listed_usual:n} of them such and the others filled by fewer peers."
        ),
    ),
    FindingSpec(
        "room_no_gaps",
        "white_space",
        N_(
            "The {accounts:n} accounts with peers enough leave out no category that several of their "
            "peers buy."
        ),
    ),
    FindingSpec(
        "room_categories_unknown",
        "white_space",
        N_("White space is unknown, because the sales lines carry neither category nor product."),
        actions={
            "room_ask_categories": N_(
                "Provide the category or product of each line: that shows what an account does not "
                "buy though similar ones do."
            )
        },
    ),
    FindingSpec(
        "room_peers_few",
        "white_space",
        N_("White space is unknown, because no account has {least:n} similar ones to compare it with."),
    ),
    FindingSpec(
        "room_alone",
        "white_space",
        N_(
            "{count:n} {count:plural|account has|accounts have} fewer than {least:n} peers of the "
            "same industry and a similar size, so no gap is told for {count:plural|it|them}."
        ),
    ),
    FindingSpec(
        "room_uncategorised",
        "white_space",
        N_(
            "{share:pct} of revenue has a category. {count:n} {count:plural|account|accounts} with "
            "less than {least:pct} of it categorised {count:plural|is|are} left out of white space, "
            "because a gap there may only be a blank cell."
        ),
        actions={"room_complete_categories": N_("Complete the categories of the lines.")},
    ),
    FindingSpec(
        "room_categories_cut",
        "white_space",
        N_(
            "White space is told for the {kept:n} largest categories or products; {count:n} smaller "
            "{count:plural|one is|ones are} left out."
        ),
    ),
)
