"""The campaign that stands in place of a list of visits: whom to phone, to write to, to reach by web."""

from __future__ import annotations

from collections.abc import Mapping

from kamplay.method.health.step import Health
from kamplay.method.results import Finding
from kamplay.show.display import NOTHING, Display
from kamplay.show.health.chances import chances
from kamplay.show.locale import N_, Locale
from kamplay.show.registry import FindingSpec, register_findings, sheet, table
from kamplay.show.table import ACCOUNT_COLUMNS, REVENUE, Column, Sheet, html_table, word
from kamplay.show.texts.vocabulary import DRIVERS, SIGN_NAMES
from kamplay.show.view import current

CONTACTS = {
    "reach": N_("yes"),
    "hold_out": N_("no: held out, to compare"),
    "bought": N_("no: ordered after the reporting date"),
}
CHANNELS = {"phone": N_("phone"), "mail": N_("mail"), "web": N_("web shop or app")}


COUNTS = {"reached": N_("Contacted"), "held_out": N_("Held out, to compare"), "bought": N_("Ordered since")}


@table
def campaign_table(health: Health) -> Display:
    """Accounts in danger by channel, with their revenue and expected loss; nothing where a list serves."""
    rows = health.campaign.channels
    if rows.empty:
        return NOTHING
    columns = [
        Column("channel", N_("Channel"), word(CHANNELS)),
        Column("accounts", N_("Accounts"), "n"),
        *[Column(key, label, "n") for key, label in COUNTS.items() if rows[key].any()],
        REVENUE,
    ]
    if rows["at_risk"].isna().all():
        caption = N_(
            "Accounts that are red or show a sign: the largest, with half of their revenue, by phone; the "
            "next, up to four fifths, by mail; the rest by web."
        )
        return html_table(rows, columns, caption)
    if health.revenue_at_risk.told:
        columns.append(Column("at_risk", N_("Expected loss"), "money"))
    caption = N_(
        "Accounts in danger, by expected loss: the largest, with half of it, by phone; the next, up to four "
        "fifths, by mail; the rest by web. In danger: a sign that calls for action, or a chance of stopping "
        "of 20% or more beyond what their own rhythm explains."
    )
    return html_table(rows, columns, caption)


@sheet
def campaign_sheet(health: Health) -> Sheet:
    """Everybody whom the campaign reaches, channel by channel, the largest at stake first."""
    columns = [
        *ACCOUNT_COLUMNS,
        Column("channel", N_("Channel"), CHANNELS),
        Column("contact", N_("To be contacted"), CONTACTS),
        Column("why", N_("Why"), DRIVERS),
        Column("last_order", N_("Last order"), "date"),
        Column("gap_days", N_("Days between orders, mean of all"), "n"),
        REVENUE,
        Column("probability", N_("Chance of stopping"), "pct"),
        *([Column("at_risk", N_("Expected loss"), "money")] if health.revenue_at_risk.told else []),
    ]
    rows = health.campaign.accounts
    if rows["again"].notna().any():
        columns.append(Column("again", N_("Ordered after the reporting date"), "date"))
    ends = health.accounts[["churn_low", "churn_high"]].reindex(rows.index)
    told = rows.assign(probability=chances(rows["probability"], ends["churn_low"], ends["churn_high"]))
    return Sheet(N_("Campaign"), told, columns)


RUN_CAMPAIGN = {
    "run_campaign": N_(
        "Inside sales: phone {reached_phone:n}, mail {reached_mail:n}, and send {reached_web:n} an offer by "
        "web or app, account by account as the sheet Campaign says.{held}"
    )
}
IN_BRIEF = {
    "run_campaign": N_(
        "Inside sales: phone {reached_phone:n}, mail {reached_mail:n}, reach {reached_web:n} by "
        "web{held_brief}."
    )
}
HELD = N_(
    " Do not contact the {held_out:n} that it marks, drawn at random within each channel, and compare after "
    "{horizon:n} days who has bought again."
)
HELD_BRIEF = N_("; leave out the {held_out:n} drawn at random for comparison")
BOUGHT = N_(
    " {bought:n} of them {bought:plural|has|have} ordered after the reporting date and "
    "{bought:plural|is|are} not contacted."
)


HOLD = {
    True: N_("{listed:money} together, {share:pct} of a year's revenue"),
    False: N_("too little together to be seen one by one"),
}
HELD_BY = N_("; they hold {at_risk:money} over the next {horizon:n} days")
SMALL = N_(" stand for {at_risk:money} of the loss expected in {horizon:n} days")
SILENT = N_("last order {silent:n} days ago, usually every {usual:n}")
BY_CHANCE = N_("by its chance of stopping")
GREEN_TOO = N_(
    " {green:n} of them {green:plural|is|are} green by health, which weighs all measures; in danger goes by "
    "signs and the chance of stopping alone."
)
KEY = N_("; {loss:money} of it expected to be lost in {horizon:n} days")


def _part(finding: Finding, locale: Locale) -> Mapping[str, object]:
    """What key accounts may take, where amounts of the expected loss are told; what endangers the first."""
    figures, view = finding.figures, current()
    named = []
    for account, why in zip(finding.accounts, figures.get("why", ()), strict=False):
        silent, _, usual = why.partition("/")
        reason = locale.text(SIGN_NAMES[why]) if why in SIGN_NAMES else locale.text(BY_CHANCE)
        if usual:
            reason = locale.say(SILENT, silent=int(silent), usual=int(usual))
        named.append(locale.say(N_("{name} ({reason})"), name=view.name(account), reason=reason))
    return {
        "part": locale.say(KEY, **figures) if figures["told"] else "",
        "green_too": locale.say(GREEN_TOO, **figures) if figures.get("green") else "",
        "those": locale.words(named, most=len(named), total=figures["count"]) if named else "",
    }


def _apart(finding: Finding, locale: Locale) -> Mapping[str, object]:
    """Who is held out, who has ordered since, and where the key accounts in danger stand, as the campaign
    leaves them out; blank without any.
    """
    told = N_(
        " {key:n} key {key:plural|account|accounts} in danger {key:plural|has|have} a line of "
        "{key:plural|its|their} own in the plan."
    )
    figures = finding.figures
    parts = {"key": told, "bought": BOUGHT}
    said = {key: locale.say(text, **figures) if figures.get(key) else "" for key, text in parts.items()}
    held = bool(figures.get("held_out"))
    return {
        "apart": said["bought"] + said["key"],
        "part": locale.say(SMALL, **figures) if figures.get("at_risk") and figures["told"] else "",
        "hold": locale.say(HOLD[figures["told"]], **figures),
        "held_by": locale.say(HELD_BY, **figures) if figures["told"] else "",
        "held": locale.say(HELD, **figures) if held else "",
        "held_brief": locale.say(HELD_BRIEF, **figures) if held else "",
    }


register_findings(
    FindingSpec(
        "watch_key",
        "watch",
        N_(
            "{count:n} key {count:plural|account is|accounts are} in danger, {three} first: {revenue:money} "
            "of revenue{part}; the plan has a line of its own for each.{green_too}"
        ),
        unnamed=N_(
            "{count:n} key {count:plural|account is|accounts are} in danger: {revenue:money} of "
            "revenue{part}; the plan has a line of its own for each.{green_too}"
        ),
        brief=N_(
            "{count:plural|Key account|Key accounts} in danger: {those}; {revenue:money} of revenue{part}."
        ),
        actions={"call_key": N_("Account owners: ask each key account in danger what changed.")},
        words=_part,
        on_first_page=False,
        rank=16,
    ),
    FindingSpec(
        "watch_campaign",
        "watch",
        N_(
            "No account stands out: of those in danger the first {count:n}, by expected loss or by their "
            "sign, hold {hold}. {accounts:n} are for a campaign{held_by}.{apart}"
        ),
        actions=RUN_CAMPAIGN,
        brief=N_(
            "{accounts:n} small accounts in danger{part}: reach {reached:n} by campaign, not one by one."
        ),
        brief_actions=IN_BRIEF,
        words=_apart,
        rank=17,
    ),
    FindingSpec(
        "watch_campaign_score",
        "watch",
        N_(
            "No account stands out: of those in danger the first {count:n}, by sign and size, bring "
            "{listed:money} a year together, {share:pct} of all revenue. Of those that are red or show a "
            "sign {accounts:n} are for a campaign; they bring {revenue:money}.{apart}"
        ),
        actions=RUN_CAMPAIGN,
        brief=N_(
            "{accounts:n} small accounts in danger bring {revenue:money} a year: reach {reached:n} by "
            "campaign, not one by one."
        ),
        brief_actions=IN_BRIEF,
        words=_apart,
        rank=18,
    ),
)
