"""The appendix: what was assumed, how it was checked, who is counted where, and the terms."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, cast

from kamplay.method.check.step import Check
from kamplay.method.health.step import Health
from kamplay.method.plan.step import Plan
from kamplay.method.results import StepResult
from kamplay.method.tiers.step import Tiers
from kamplay.method.value.step import Value
from kamplay.presets import Outline
from kamplay.report.pages.telling import Point, Telling
from kamplay.run_folder import guessed
from kamplay.show.locale import N_
from kamplay.show.plan.actions import planned_by_action
from kamplay.show.summary.bridge import bars_told
from kamplay.show.summary.from_lines import from_lines
from kamplay.show.summary.guesses import guesses
from kamplay.show.summary.missing_inputs import missing_inputs
from kamplay.show.summary.written_alike import written_alike
from kamplay.show.view import View

TERMS = (
    (
        N_("Key account"),
        N_("An account of level S or A, by the scorecard and the rules that hold accounts back."),
    ),
    (N_("Revenue"), N_("Net of tax, returns deducted, in the 12 months to the reporting date, inclusive.")),
    (
        N_("GRR, NRR"),
        N_(
            "What last year's accounts bring now, as a share of what they brought then: without what "
            "they bought "
            "more (GRR), and with it (NRR)."
        ),
    ),
    (
        N_("Chance of stopping"),
        N_(
            "How likely an account is to order nothing at all in the days that the report looks ahead; it "
            "may order again later. A slow buyer has a high one without having left. An account that has "
            "plainly stopped has none any more."
        ),
    ),
    (
        N_("Expected loss"),
        N_(
            "Chance that an account stops, beyond what its own buying rhythm explains, times what it would "
            "buy in the period; accounts that bought once and those that have plainly stopped are not "
            "counted, and what accounts only buy less is in the forecast."
        ),
    ),
    (
        N_("Health"),
        N_(
            "A score from 0 to 100 by the health card; green, yellow or red by its limits. Falling purchases "
            "cost only the weight that the card gives them: an account that buys less and goes on buying can "
            "be green."
        ),
    ),
    (
        N_("Share of wallet"),
        N_("Our part of what an account purchases in our categories from all suppliers."),
    ),
    (N_("Weighted deals"), N_("The open amount of each deal times its recorded win rate.")),
    (N_("80% interval"), N_("In eight cases of ten the figure lies within it.")),
)
WHOLE = 0.95  # of the health card's weight: from then on it need not be said how much rests on data
ON_DATA = N_(
    "Here {coverage:pct} of the card's weight rests on data on average; of the rest nothing is known."
)
OF_CONTACTS = (  # where there are contacts
    N_("Layers and buying roles"),
    N_(
        "Image: heads the house and answers for its name, as a hospital's director; decision: approves; "
        "implementation: buys; use: works with it. Initiator: raises the need; designer: sets the "
        "requirements; evaluator: compares; decider: has the last word; user: uses it."
    ),
)


@dataclass(frozen=True)
class Behind:
    """The appendix: ``assumed`` are settings that nobody has stated, what of the accounts comes from the
    lines of sales and which of them may be one, and what the bars of the first chart hold, ``exhibits``
    HTML, ``populations`` who is counted where, as (what, number).
    """

    assumed: list[str]
    exhibits: list[str]
    checks: list[Point]
    populations: list[tuple[str, str]]
    terms: list[tuple[str, str]]
    notes: list[str] = field(default_factory=list)


def behind(
    telling: Telling,
    outline: Outline,
    results: dict[str, StepResult],
    displays: dict[str, str],
    view: View,
    notes: list[str],
) -> Behind:
    appendix, locale, check = outline.appendix, view.locale, cast(Check, results["check"])
    checks = [telling.by_kind[kind] for kind in appendix.checks if kind in telling.by_kind]
    exhibits = [with_rows(displays[e], appendix.rows, view) for e in appendix.exhibits if displays.get(e)]
    exhibits = [missing_inputs(check, cast(Value, results["value"])).html, *exhibits]
    used = [*TERMS, OF_CONTACTS] if telling.run.book.has("contacts") else TERMS
    terms = [(locale.text(term), locale.text(meaning)) for term, meaning in used]
    covered = cast(Health, results["health"]).finding("score_coverage")
    if covered is not None and covered.figures["coverage"] < WHOLE:
        part = locale.say(ON_DATA, **covered.figures)
        name = locale.text(N_("Health"))
        terms = [(term, locale.sentences(text, part) if term == name else text) for term, text in terms]
    of_accounts = [*from_lines(check, locale), *written_alike(check, locale)]
    bars = bars_told(cast(Value, results["value"]))
    open_ = [*guesses(guessed(telling.run.folder), locale), *of_accounts, *bars]
    told = [telling.check(finding) for finding in checks]
    return Behind(open_, exhibits, told, populations(results, view), terms, notes)


def populations(results: dict[str, StepResult], view: View) -> list[tuple[str, str]]:
    """Who is counted where: what each number of accounts in the report is a number of. A group that is rated
    as one is one customer.
    """
    locale = view.locale
    check, tiers = cast(Check, results["check"]), cast(Tiers, results["tiers"])
    value, health = cast(Value, results["value"]), cast(Health, results["health"])
    plan = cast(Plan, results["plan"])
    by = planned_by_action(plan)

    def of(step: StepResult, kind: str, figure: str) -> Any:
        found = step.finding(kind)
        return found.figures.get(figure) if found else None

    listed, in_data = len(check.accounts), check.key_figures["accounts"]
    scored = health.accounts["health"].notna()
    rows: list[tuple[str, Any]] = [
        (N_("accounts listed, also those that bought nothing"), listed if listed != in_data else None),
        (N_("accounts in the data"), in_data),
        (
            N_("accounts that belong to a group and are rated with it as one"),
            of(tiers, "groups_rated", "members"),
        ),
        (
            N_("customers with positive revenue in the year before: retention"),
            of(value, "movement", "base_count"),
        ),
        (
            N_("customers with positive revenue in the 12 months: tiers and value"),
            value.key_figures["accounts"],
        ),
        (
            N_("of these, customers that bought once: they have no rhythm to judge"),
            of(health, "single_purchase", "count"),
        ),
        (N_("customers with a health score"), int(scored.sum())),
        (
            N_("of these, customers without positive revenue in the 12 months: returns outweigh purchases"),
            int((scored & ~(value.accounts["revenue"].reindex(scored.index) > 0)).sum()),
        ),
        (N_("of these, customers that have plainly stopped"), of(health, "already_stopped", "count")),
        (
            N_("customers with a chance of stopping: all that bought in the 365 days to the end of the data"),
            int(health.accounts["churn_probability"].notna().sum()),
        ),
        (
            N_(
                "of these, customers in the expected loss: with revenue in the 12 months, bought more than "
                "once, not plainly stopped"
            ),
            of(health, "at_risk", "accounts"),
        ),
        (
            N_("customers the model was tested on: buying a horizon ago, once-only and long silent included"),
            of(health, "proof_validated", "n_test"),
        ),
        (
            N_("of these, customers that had not plainly stopped: the list's record"),
            of(health, "watch_trust", "open"),
        ),
        (
            N_("customers with a forecast: bought more than once, in whatever year"),
            next((f.figures["count"] for f in value.findings if f.kind.startswith("future_expected")), None),
        ),
        (N_("customers in the plan, lost ones to win back included"), plan.key_figures["accounts_planned"]),
        (N_("of these, customers with actions of their own"), by["own"]),
        (N_("of these, customers of the campaign, contacted or not"), by["campaign"]),
        (N_("of these, customers that ordered after the reporting date: nothing to ask"), by["settled"]),
        (
            N_("of these, customers without an action: no order is expected by the plan's last day"),
            by["none"],
        ),
    ]
    return [(locale.text(what), locale.number(count)) for what, count in rows if count]


def with_rows(html: str, most: int, view: View) -> str:
    """A table of a notebook with its first ``most`` rows, its caption saying how many it has; a chart as
    it is.
    """
    body = re.search(r"(<tbody>)(.*?)(</tbody>)", html, flags=re.DOTALL)
    if body is None:
        return html
    rows = re.findall(r"<tr.*?</tr>", body[2], flags=re.DOTALL)
    kept = [
        re.sub(r'(<tr class=")[^"]*"', r'\1"', row).replace('<tr class="">', "<tr>") for row in rows[:most]
    ]
    out = html[: body.start(2)] + "".join(kept) + html[body.end(2) :]
    out = re.sub(r'<span class="(?:phone|print|screen)">[^<]*</span>(?=</?(?:span|figcaption))', "", out)
    out = re.sub(r'<span class="(?:phone|print|screen)">[^<]*</span>', "", out)
    if len(rows) > most:
        said = view.locale.say(N_("The first {shown:n} here; all in the workbook."), shown=most)
        gap = " " if view.locale.language == "en" else ""
        out = out.replace("</figcaption>", f"{gap}{said}</figcaption>")
    return out
