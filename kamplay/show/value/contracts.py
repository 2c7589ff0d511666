"""Contracts: revenue under contract by month, the calendar of renewals, and words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from kamplay.method.results import Finding
from kamplay.method.value.contracts import AHEAD
from kamplay.method.value.step import Value
from kamplay.palette import PALE, QUIET
from kamplay.show.charts.chart import draw_compact, money_axis, month_axis
from kamplay.show.display import NOTHING, Display
from kamplay.show.locale import N_, Locale
from kamplay.show.registry import FindingSpec, chart, register_findings, sheet, table
from kamplay.show.table import ACCOUNT, ACCOUNT_COLUMNS, Column, Sheet, html_table, with_names
from kamplay.show.view import View, current

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROWS = 10  # of the table
STATES = {
    "missed": N_("notice missed"),
    "ended": N_("ended after the register's last day"),
    "soon": N_("notice due soon"),
    "unknown": N_("no notice stated"),
    "later": N_("in time"),
    "followed": N_("renewed already"),
    "ran_out": N_("ran out, still buys"),
    "stopped": N_("ran out, stopped"),
}


@chart
def contracts_chart(value: Value) -> Display:
    """Revenue under contract month by month, 12 months back and 12 ahead, beside the revenue that came;
    nothing where no contract states an amount.
    """
    if value.contracts is None or not value.contracts.by_month["under_contract"].max() > 0:
        return NOTHING
    locale, months = current().locale, value.contracts.by_month
    past = int(months["revenue"].notna().sum())
    largest = float(months[["under_contract", "revenue"]].max().max())

    def draw(axes: Axes, view: View, narrow: bool) -> None:
        import seaborn as sns

        places = list(range(len(months)))
        sns.barplot(
            x=places,
            y=months["under_contract"].to_numpy(),
            hue=["past"] * past + ["ahead"] * (len(months) - past),
            palette={"past": PALE, "ahead": view.accent},
            saturation=1,
            errorbar=None,
            legend=False,
            ax=axes,
        )
        sns.lineplot(
            x=places[:past],
            y=months["revenue"].to_numpy()[:past],
            color=QUIET,
            marker="o",
            markersize=4,
            markeredgewidth=0,
            linewidth=1.2,
            label=locale.text(N_("revenue")),
            ax=axes,
        )
        before, ahead = axes.containers[:2]
        before.set_label(locale.text(N_("under contract so far")))
        ahead.set_label(locale.text(N_("under contract ahead")))
        month_axis(axes, view, list(months["month_end"]), narrow)
        axes.set_ylim(0, largest * 1.08)
        axes.set_ylabel(money_axis(axes.yaxis, view, largest))
        axes.grid(axis="y")
        axes.legend(
            frameon=False, loc="lower left", bbox_to_anchor=(0, 1), ncols=2, fontsize=7.6, borderaxespad=0
        )

    ahead = months.tail(AHEAD)["under_contract"]
    caption = N_(
        "Revenue under contract by month: the amount of each contract spread evenly over the days of its "
        "term. Ahead, contracts run to their end and nothing is assumed after it."
    )
    message = N_(
        "Under contract {before:money} in the 12 months past and {ahead:money} in the {months:n} ahead, of "
        "it {last:money} in the last month."
    )
    alt = locale.say(
        message,
        before=months.head(past)["under_contract"].sum(),
        ahead=ahead.sum(),
        months=AHEAD,
        last=ahead.iloc[-1],
    )
    return draw_compact(draw, locale.text(caption), alt)


CONTRACT = Column("contract_id", N_("Contract"))
ENDS = Column("end", N_("Ends on"), "date")
NOTICE = Column("notice", N_("Last day of notice"), "date")
STATE = Column("state", N_("Where it stands"), STATES)


def _calendar(value: Value) -> pd.DataFrame:
    """What ran out while the account still buys, then the renewals, the first to deal with first."""
    if value.contracts is None:
        return pd.DataFrame()
    gone = value.contracts.ran_out
    state = gone["buys"].map({True: "ran_out", False: "stopped"})
    gone = gone.assign(state=state.astype(object))
    due = value.contracts.renewals
    ended = (due["state"] == "missed") & (due["end"] < pd.Timestamp(value.contracts.day))
    due = due.assign(state=due["state"].mask(ended, "ended"))
    return pd.concat([gone[gone["buys"]], due, gone[~gone["buys"]]], ignore_index=True)


@table
def contracts_table(value: Value) -> Display:
    """What has to be renewed, the first to deal with first; what ran out stands above."""
    frame = _calendar(value)
    if frame.empty:
        return NOTHING
    frame = frame[~frame["state"].isin(["followed", "stopped"])]
    columns = [
        ACCOUNT,
        CONTRACT,
        ENDS,
        NOTICE,
        STATE,
        Column("yearly", N_("Amount a year"), "money"),
        Column("price_terms", N_("Price terms"), extra=True),
    ]
    columns = [c for c in columns if c.key == "name" or (c.key in frame and frame[c.key].notna().any())]
    caption = N_(
        "Contracts that ran out while the account still buys, then those in force on the reporting date that "
        "end within 12 months of the day of the plan or have ended since, by the last day of notice."
    )
    return html_table(with_names(frame), columns, caption, most=ROWS)


@sheet
def contracts_sheet(value: Value) -> Sheet:
    """Every contract that ran out or ends within 12 months."""
    columns = [
        CONTRACT,
        *ACCOUNT_COLUMNS,
        Column("start", N_("Begins on"), "date"),
        ENDS,
        NOTICE,
        STATE,
        Column("amount", N_("Amount"), "money"),
        Column("yearly", N_("Amount a year"), "money"),
        Column("price_terms", N_("Price terms")),
        Column("revenue", N_("Revenue"), "money"),
        Column("since", N_("Revenue since it ran out"), "money"),
        Column("last_purchase", N_("Last purchase"), "date"),
    ]
    return Sheet(N_("Contracts to renew"), _calendar(value), columns)


def _stands(finding: Finding, locale: Locale) -> dict[str, str]:
    """``stands``: how many have ended by the day of the plan and how many run on; ``since``: what the
    register and the data cannot show; ``ran_out``: what others have bought without a contract.
    """
    ended, count, as_of = (finding.figures[name] for name in ("ended", "count", "as_of"))
    out = N_(
        " {ran_out:n} more {ran_out:plural|account has|accounts have} bought for {ran_out_since:money} "
        "without a contract since theirs ran out."
    )
    told = {"ran_out": locale.say(out, **finding.figures) if finding.figures.get("ran_out") else ""}
    if not ended:
        runs = N_("{count:plural|it|all} still {count:plural|runs|run}")
        register = N_("The register ends on {as_of:date}.")
        return told | {"stands": locale.say(runs, count=count), "since": locale.say(register, as_of=as_of)}
    some = N_(
        "{ended:n} {ended:plural|has|have} ended since {as_of:date}, when the register ends, {runs:n} still "
        "{runs:plural|runs|run}"
    )
    every = N_("{ended:plural|it has|all have} ended since {as_of:date}, when the register ends")
    after = N_("What was bought after an end is not in the data: they end on {as_of:date}.")
    return told | {
        "stands": locale.say(some if ended < count else every, ended=ended, runs=count - ended, as_of=as_of),
        "since": locale.say(after, as_of=as_of),
    }


def _further(finding: Finding, locale: Locale) -> dict[str, str]:
    """``further``: how many come within the longer span, where they are more; ``of_first``, ``others``: what
    the first of those that are near is worth a year, and how many others there are, over how much;
    ``by_notice``: by when it is asked, today where that is the day; ``without``: how many state no notice.
    """
    more = finding.figures["count"] > finding.figures["near"]
    texts = [N_(" Within {days:n} days it is for {count:n}, {yearly:money} a year.")] if more else []
    if finding.figures.get("ending"):
        texts.append(
            N_(
                " The register, to {as_of:date}, holds no new contract for the {ending:n} that end by "
                "{ending_by:date} ({ending_amount:money})."
            )
        )
    figures = finding.figures
    others, money = figures["near"] - 1, figures["near_yearly"] - figures["first_yearly"]
    amount = locale.say(OTHERS_AMOUNT, others_yearly=money) if money > 0 else ""
    told = {"others": others, "amount": amount, "near_last": figures["near_last"]}
    by = N_("today, {notice:date},") if figures.get("today") else N_("by {notice:date}")
    none = N_(" {unstated:n} of them {unstated:plural|states|state} no notice: the default is taken.")
    return {
        "without": locale.say(none, **figures) if figures.get("unstated") else "",
        "by_notice": locale.say(by, **figures),
        "further": "".join(locale.say(text, **figures) for text in texts),
        "of_first": locale.say(OF_FIRST, **figures) if figures["first_yearly"] > 0 else "",
        "others": locale.say(OTHERS_NEAR, **told) if others else "",
    }


RENEW_NEAR = N_(
    "Account owners: ask {first} in writing {by_notice} to renew or extend{of_first}, price agreed by "
    "{agree:date}{others}."
)
OF_FIRST = N_(" ({first_yearly:money} a year)")
OTHERS_NEAR = N_("; and {others:n} more{amount} by {near_last:date}, each on its day")
OTHERS_AMOUNT = N_(" ({others_yearly:money})")
RENEW_IN_TIME = N_(
    "Account owners: by each day of notice ask in writing to renew or extend, and agree price and terms "
    "before the end; with {first}: ask by {notice:date}, agree by {agree:date}, end on {end:date}."
)

register_findings(
    FindingSpec(
        "contracts_notice_missed",
        "contracts",
        N_(
            "The day of notice has passed for {count:n} {count:plural|contract|contracts} without a "
            "follow-up in the register, {yearly:money} a year; {stands}: {names}. Notice for the first was "
            "due on {notice:date}, its last day: {end:date}. {since}{ran_out}"
        ),
        actions={
            "renew_now": N_(
                "Account owners: ask {names} in writing for a new contract and fix a day for the talks; "
                "until it is signed, settle prices and terms in writing."
            )
        },
        brief=N_(
            "The day of notice has passed for {count:n} {count:plural|contract|contracts}, {yearly:money} a "
            "year; {stands}. {count:plural|It is with|First} {first}.{ran_out}"
        ),
        words=_stands,
        rank=17,
    ),
    FindingSpec(
        "contracts_notice_near",
        "contracts",
        N_(
            "Within {near_days:n} days notice is due for {near:n} {near:plural|contract|contracts} over "
            "{near_yearly:money} a year, the first on {notice:date}: {first}.{without} Within {days:n} days "
            "it is for {count:n}, {yearly:money} a year: {names}. A day that is not worked moves to the "
            "working day before."
        ),
        actions={"renew_in_time": RENEW_IN_TIME},
        brief=N_(
            "Within {near_days:n} days notice is due for {near:n} {near:plural|contract|contracts}, "
            "{near_yearly:money} a year: first {first}, on {notice:date}.{further}"
        ),
        brief_actions={"renew_in_time": RENEW_NEAR},
        words=_further,
        rank=18,
    ),
    FindingSpec(
        "contracts_notice_soon",
        "contracts",
        N_(
            "Within {days:n} days the last day of notice comes for {count:n} "
            "{count:plural|contract|contracts} over {yearly:money} a year: {names}; the first on "
            "{notice:date}."
        ),
        actions={"renew_in_time": RENEW_IN_TIME},
        brief=N_(
            "Within {days:n} days notice is due for {count:n} {count:plural|contract|contracts}, "
            "{yearly:money} a year, the first on {notice:date}."
        ),
        rank=19,
    ),
    FindingSpec(
        "contracts_ran_out",
        "contracts",
        N_(
            "{count:n} {count:plural|account buys|accounts buy} without a contract since theirs ran out, "
            "up to {longest:n} days ago, and {count:plural|has|have} bought for {since:money} since then: "
            "{names}."
        ),
        actions={
            "renew_ran_out": N_(
                "Owners: ask in writing for a new contract and fix a day for the talks; until one is "
                "signed, nothing settles prices, terms and liability."
            )
        },
        brief=N_(
            "{count:n} {count:plural|account buys|accounts buy} without a contract since theirs ran out, "
            "{since:money} since then: {names}."
        ),
        rank=18,
    ),
    FindingSpec(
        "contracts_ran_out_stopped",
        "contracts",
        N_(
            "At {count:n} {count:plural|account|accounts} the contract ran out and purchases stopped: "
            "{names}; the contracts came to {yearly:money} a year."
        ),
        actions={
            "ask_after_contract": N_(
                "Owners: ask {names} whether they signed elsewhere, and record the reason."
            )
        },
        rank=45,
    ),
    FindingSpec(
        "contracts_renewals",
        "contracts",
        N_(
            "{count:n} {count:plural|contract ends|contracts end} by {until:date}, {amount:money} in all; "
            "for {followed:part|count|{n} of them|all of them|it} the next one is signed."
        ),
        on_first_page=False,
    ),
    FindingSpec(
        "contracts_renewals_unsigned",
        "contracts",
        N_(
            "{count:n} {count:plural|contract ends|contracts end} by {until:date}, {amount:money} in all; "
            "the register, to {as_of:date}, holds no next one."
        ),
        on_first_page=False,
    ),
    FindingSpec(
        "contracts_no_renewal",
        "contracts",
        N_("None of the {running:n} contracts in force ends within {months:n} months."),
        on_first_page=False,
    ),
    FindingSpec(
        "contracts_cover",
        "contracts",
        N_(
            "On {as_of:date} {running:n} {running:plural|contract was|contracts were} in force at "
            "{accounts:n} {accounts:plural|account|accounts} with {share:pct} of the last 12 months' "
            "revenue; as signed then {ahead:money} of the next 12 months is under contract.{blanks}"
        ),
        on_first_page=False,
        words=lambda finding, locale: {
            "blanks": locale.say(N_(" {blank:n} of them state no amount."), **finding.figures)
            if finding.figures["blank"]
            else ""
        },
    ),
    FindingSpec(
        "contracts_key_uncovered",
        "contracts",
        N_(
            "Of {key:n} accounts of level S or A {count:n} have no contract on record, {revenue:money} of "
            "yearly revenue: {names}."
        ),
        actions={
            "settle_contracts": N_(
                "Owners: check whether a contract is missing from the register only; else offer a frame "
                "agreement, {first} first."
            )
        },
        brief=N_(
            "{count:n} of {key:n} accounts of level S or A have no contract on record, {revenue:money} a "
            "year."
        ),
        rank=46,
    ),
    FindingSpec(
        "contracts_no_notice",
        "contracts",
        N_("{count:n} of {running:n} contracts in force state neither days nor a date of notice."),
        actions={
            "state_notice": N_("Contract desk: add the term of notice, so that nobody has to remember it.")
        },
        on_first_page=False,
    ),
    FindingSpec(
        "contracts_unknown",
        "contracts",
        N_(
            "Contracts were not delivered: which revenue is under contract, and what has to be renewed by "
            "when, cannot be told."
        ),
        actions={
            "ask_for_contracts": N_(
                "Contract desk: provide the register with start, end, amount and term of notice of "
                "each contract."
            )
        },
        on_first_page=False,
    ),
)
