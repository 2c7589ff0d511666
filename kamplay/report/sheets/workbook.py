"""results.xlsx: eight sheets in front (contents, findings, actions, by owner, accounts, tiers and capacity
that compute, plan), and behind them, by step, a sheet for each list that the page cuts short.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from kamplay.intake import own_results
from kamplay.method.plan.next_action import NO_STEP
from kamplay.method.plan.step import Plan
from kamplay.method.tiers.step import Tiers
from kamplay.palette import (
    FILL,
    GOOD_FILL,
    PALE,
    PALE_FILL,
    TAB_HEALTH,
    TAB_PLAN,
    TAB_TIERS,
    TAB_VALUE,
    WARN_FILL,
)
from kamplay.presets.scorecard import Scorecard
from kamplay.report.pages.appendix import TERMS
from kamplay.report.pages.telling import Ranked
from kamplay.report.results import guarded
from kamplay.report.sheets import action_list, live_capacity, live_tiers
from kamplay.report.sheets.list_sheet import ListSheet
from kamplay.report.sheets.sheet_layout import (
    LINE,
    TEXT_IS_TEXT,
    TITLE_LINE,
    Styles,
    colour_words,
    height_of,
    lay_out,
    lines_of,
)
from kamplay.show import registry
from kamplay.show.client_edition import INTERNAL_EDITION, Edition
from kamplay.show.health.chances import chances
from kamplay.show.locale import N_, Locale, missing
from kamplay.show.plan.actions import dated_back, planned_by_action
from kamplay.show.registry import step_of
from kamplay.show.table import ACCOUNT_COLUMNS, REVENUE, Column, Sheet, names_alone, text_width
from kamplay.show.texts.vocabulary import (
    ACTIONS,
    BANDS,
    GATES,
    NOT_ASKED,
    REACHED_BY,
    SIGN_NAMES,
    TYPES,
    drivers_label,
)
from kamplay.show.view import View, current, using

# what the sheet of accounts shows of accounts.csv: what prints, and what is folded to its right
KEY_FIGURES = [
    *ACCOUNT_COLUMNS,
    Column("tier", N_("Tier")),
    Column("type", N_("Type"), TYPES),
    Column("owner", N_("Owner")),
    REVENUE,
    Column("revenue_share", N_("Share"), "pct"),
    Column("abc", N_("ABC class")),
    Column("margin", N_("Margin amount"), "money"),
    Column("health", N_("Health"), "n1"),
    Column("health_band", N_("Band"), BANDS),
    Column("warning", N_("Strongest warning"), SIGN_NAMES),
    Column("churn_probability", N_("Chance of stopping"), "pct"),
    Column("revenue_at_risk", N_("Expected loss"), "money"),
    Column("strategy", N_("Strategy")),
    Column("next_action", N_("Next action"), ACTIONS | NOT_ASKED),
    Column("due", N_("Due"), "date"),
]
ACCOUNTS = [
    *KEY_FIGURES,
    Column("tier_score", N_("Score"), "n1"),
    Column("tier_probability", N_("Chance to stay in it next year"), "pct"),
    Column("gate", N_("Held back as"), GATES),
    Column("override", N_("Set by hand because")),
    Column("cumulative_share", N_("Cumulative"), "pct"),
    Column("coverage", N_("Rests on data"), "pct"),
    Column("warned_since", N_("Since"), "date"),
    Column("churn_low", N_("80% interval from"), "pct"),
    Column("churn_high", N_("80% interval to"), "pct"),
    Column("shrink_probability", N_("Chance that revenue halves"), "pct"),
    Column(
        "health_drivers", N_("What costs points"), lambda drivers: drivers_label(drivers, current().locale)
    ),
    Column("visits_branch", N_("Branch visits a month"), "n1"),
    Column("visits_head_office", N_("Head-office visits a month"), "n1"),
    Column("reached_by", N_("Reached by"), REACHED_BY),
    Column("industry", N_("Industry")),
    Column("region", N_("Region")),
    Column("city", N_("City")),
]
# of ACCOUNTS, shown where known: what a client may say of its accounts, and an amount not always told
IF_KNOWN = ("industry", "region", "city", "revenue_at_risk")
PLAN = (
    "due",
    "account_id",
    "account_name",
    "tier",
    "type",
    "strategy",
    "owner",
    "visits_branch",
    "visits_head_office",
    "next_action",
    "revenue",
    "revenue_at_risk",
)
VISITED = ("visits_branch", "visits_head_office")
# the order of the sheets; one that is not named here follows them
ORDER = (
    "stability",
    "disputed",
    "positioning",
    "prospects",
    "migration",
    "profitability",
    "expected_revenue",
    "growth_room",
    "wallet",
    "white_space",
    "dependence",
    "credit_standing",
    "stalled_deals",
    "contracts",
    "tenders",
    "value_cases",
    "falls",
    "gains",
    "wallet_by_category",
    "win_rates",
    "sales_entities",
    "portfolio_map",
    "related_accounts",
    "watch_list",
    "campaign",
    "warnings",
    "warning_record",
    "scores",
    "score_parts",
    "score_moves",
    "risk",
    "method_comparison",
    "calls_by_workload",
    "calibration",
    "season_by_level",
    "input_drift",
    "last_score_outcome",
    "relations",
    "people",
    "order_to_cash",
    "hazard_ratios",
    "strategies",
    "complaint_queue",
    "visits_without_norm",
    "calendar",
)
NARROWEST, WIDEST = 8, 52  # letters of a column
PRINTED, PRINTED_BEHIND = 200, 100  # rows of a list on paper: in front, and behind
LONGEST = 20_000  # rows of a list but that of accounts: those beyond are the least, and stand in a file
ACCOUNTS_FILE = "results/accounts.csv"
LISTS = "lists"  # the folder in the results for the whole of a list behind that ends early
HEAD_GAP = " · "  # between the client's name and the mark of a draft at the head of a page
REST = N_("{count:n} more, see accounts.csv")
MOST_OWNERS = 40  # that the contents link to
NAMED = 4  # accounts that a line of findings names
SEVERITIES = {"act": N_("act"), "watch": N_("watch"), "note": N_("note")}  # the gravest first
FINDINGS = (
    (N_("No."), 5),
    (N_("Weight of it"), 9),
    (N_("Amount"), 14),
    (N_("What the sum is"), 24),
    (N_("Finding"), 72),
    (N_("What to do"), 54),
    (N_("Who"), 14),
    (N_("By"), 11),
    (N_("Accounts"), 30),
)
OWNED = (
    Column("name", N_("Owner / account")),
    Column("unit_id", N_("Account ID")),
    Column("level", N_("Level")),
    Column("health_band", N_("Band"), BANDS),
    Column("next_action", N_("Next action"), ACTIONS | NOT_ASKED),
    Column("due", N_("Due"), "date"),
    Column("revenue", N_("Revenue"), "money"),
    Column("revenue_at_risk", N_("Expected loss"), "money"),
    Column("overdue", N_("Overdue"), "money"),
    Column("past_due", N_("Complaints past due"), "n"),
    Column("visits", N_("Visits a month by the norms, with head office"), "count"),
)
OWNED_WIDTHS = dict(
    zip((column.key for column in OWNED), (32, 12, 8, 9, 42, 12, 15, 15, 14, 12, 10), strict=True)
)
# the steps behind: what they are called, and the colour of their tabs
BEHIND = {
    "check": (N_("Data"), PALE),
    "tiers": (N_("Tiers in detail"), TAB_TIERS),
    "value": (N_("Value in detail"), TAB_VALUE),
    "health": (N_("Health in detail"), TAB_HEALTH),
    "plan": (N_("Plan in detail"), TAB_PLAN),
}
FRONT = {
    "findings": (
        N_("Findings"),
        N_("all findings, the gravest and largest first, with who does what by when"),
    ),
    "actions": (
        N_("Actions"),
        N_("every action of the plan; choose its status, enter the day it was done and a note"),
    ),
    "owners": (N_("By owner"), N_("what each owner looks after, folded; the sums stand above")),
    "accounts": (
        N_("Accounts"),
        N_("every account, also without revenue in the 12 months; further figures are folded to the right"),
    ),
    "tiers": (N_("Tiers"), N_("weights and limits to change; scores and tiers follow")),
    "capacity": (N_("Capacity"), N_("visit norms by level against what can be made; change either")),
    "plan": (N_("Plan"), ""),
}
PLAN_HOLDS = N_("strategy, visits and next action by date of {parts}")
PLAN_PARTS = {  # as ``planned_by_action`` counts them
    "own": N_("{own:n} planned {own:plural|account|accounts} with actions"),
    "campaign": N_("the campaign ({campaign:n}) as one line"),
    "settled": N_("{settled:n} with nothing to ask, as they ordered after the reporting date"),
}
PLAN_LEAVES_OUT = N_(
    "{none:n} more are planned without an action, as no order worth a call is expected by the plan's last "
    "day; they stand in Accounts, each with the reason."
)
# what the sheet of tiers holds where the scorecard is not in it
TIERS_FIXED = N_(
    "the tier of each account, also without revenue in the 12 months; “Certainty of tiers” says which are to "
    "be settled"
)
ALL_BUT_CAMPAIGN = N_(
    "every action of the plan but the campaign, whose accounts have a sheet of their own; choose its status, "
    "enter the day it was done and a note"
)
NO_TIERS = N_("why no account is treated by tier here")
TIER_GROUNDS = {"S": GOOD_FILL, "A": PALE_FILL, "B": WARN_FILL, "C": FILL}


@dataclass(frozen=True)
class Contents:
    """What the workbook holds.

    Attributes
    ----------
    accounts : as in accounts.csv (index account_id), ``strategy`` in words.
    findings : of all steps, ranked.
    plan, tiers, card : steps 4 and 1, and the scorecard of step 1.
    client : the client's name.
    edition : what is shown; the other parts are as it tells them.
    sheets : the lists behind, each with its step, see ``sheets_of``.
    draft : the mark of a draft, which every sheet carries in print.
    """

    accounts: pd.DataFrame
    findings: Sequence[Ranked]
    plan: Plan
    tiers: Tiers
    card: Scorecard
    client: str
    edition: Edition = INTERNAL_EDITION
    sheets: Sequence[tuple[str, Sheet]] = field(default_factory=tuple)
    draft: str = ""


def write(path: Path, contents: Contents, view: View) -> None:
    """Write the workbook. Text is written as text: nothing of the client's becomes a formula. The same
    results give the same bytes.
    """
    import xlsxwriter

    book = xlsxwriter.Workbook(str(path), TEXT_IS_TEXT)
    book.set_properties({"created": datetime(2000, 1, 1), "category": own_results.MARK})
    book.set_calc_mode("auto")
    with using(view):
        _Book(book, contents, view).write()
    book.close()


class _Book:
    """The workbook while it is written."""

    def __init__(self, book: Any, contents: Contents, view: View):
        self.book, self.contents, self.view = book, contents, view
        self.locale, self.styles = view.locale, Styles(book, view)
        # for the sheets of accounts that show each with its own figures
        self.alone = replace(view, names={**view.names, **names_alone(contents.accounts["unit_id"], view)})
        self.about = HEAD_GAP.join(part for part in (contents.client, contents.draft) if part)
        self.first = book.add_worksheet(view.locale.text(N_("Contents")))
        self.first.set_tab_color(view.accent)

    def write(self) -> None:
        contents = self.contents
        links: list[tuple[str, str, str]] = []
        owners: list[tuple[str, str]] = []
        computing: live_tiers.LiveTiers | None = None
        for key, (label, said) in FRONT.items():
            if key == "owners" and contents.plan.by_owner.units.empty:
                continue
            title = self.locale.text(label)
            if key == "tiers" and not (contents.tiers.tiered and self._computes_tiers()):
                said = TIERS_FIXED if contents.tiers.tiered else NO_TIERS
            if key == "actions" and len(contents.plan.by_campaign):
                said = ALL_BUT_CAMPAIGN
            said = self._of_plan() if key == "plan" else self.locale.text(said)
            links.append((title, self._how_much(title, self._rows_of(key)), said))
            match key:
                case "findings":
                    self._findings(title)
                case "actions":
                    sheet = action_list.add_sheet(
                        self.book, contents.plan, self.view, self.about, self.styles, title, PRINTED, LONGEST
                    )
                    if sheet is None:
                        sheet = self._nothing(title, N_("There is no action in the plan."))
                    sheet.set_tab_color(self.view.accent)
                case "owners":
                    owners = self._owners(title)
                case "accounts":
                    self._accounts(title)
                case "tiers":
                    computing = self._tiers(title)
                case "capacity":
                    self._capacity(title, computing)
                case "plan":
                    self._plan(title)
        behind: dict[str, list[tuple[str, str]]] = {}
        for step, made in contents.sheets:
            if len(made.rows):
                sheet = self.list_sheet(made, PRINTED_BEHIND, whole=whole_list(made))
                sheet.set_tab_color(BEHIND[step][1])
                name = self.locale.text(made.title)
                behind.setdefault(step, []).append((name, self._how_much(name, len(made.rows))))
        self._contents(links, owners, behind)

    def _of_plan(self) -> str:
        """Who stands in the sheet of the plan, and who of the planned does not, and why."""
        by, locale = planned_by_action(self.contents.plan), self.locale
        parts = [locale.say(text, **by) for name, text in PLAN_PARTS.items() if by[name]]
        said = locale.say(PLAN_HOLDS, parts=locale.listed(parts))
        if not by["none"]:
            return said
        return locale.text(N_("; ")).join([said, locale.say(PLAN_LEAVES_OUT, **by).rstrip(".。")])

    def _rows_of(self, key: str) -> int:
        """The rows of a list in front that may be longer than its sheet."""
        plan = self.contents.plan
        rows = {"actions": plan.actions, "owners": plan.by_owner.units, "plan": self._planned()}
        return len(rows[key]) if key in rows else 0

    def _how_much(self, name: str, rows: int) -> str:
        """A sheet's name for the contents, with how much of a list it holds where that is not all."""
        if rows <= LONGEST:
            return name
        first = N_("{name}: the first {shown:n} of {all:n} rows")
        return self.locale.say(first, name=name, shown=LONGEST, all=rows)

    # --- the sheets in front

    def _front(self, title: str) -> Any:
        sheet = self.book.add_worksheet(title)
        sheet.set_tab_color(self.view.accent)
        return sheet

    def _nothing(self, title: str, sentence: str) -> Any:
        sheet = self._front(title)
        sheet.write_string(0, 0, self.locale.text(sentence), self.styles["said"])
        self._lay_out(sheet, title, 1, 8, PRINTED)
        return sheet

    def _lay_out(self, sheet: Any, title: str, rows: int, columns: int, most: int, head: int = 0) -> None:
        lay_out(sheet, title, self.about, self.locale, rows, columns, most, head)

    def _contents(
        self,
        links: list[tuple[str, str, str]],
        owners: list[tuple[str, str]],
        behind: Mapping[str, list[tuple[str, str]]],
    ) -> None:
        sheet, styles, locale = self.first, self.styles, self.locale
        sheet.set_column(0, 0, 30)
        sheet.set_column(1, 2, 46)
        sheet.hide_gridlines(2)
        title = locale.say(N_("{client}: key accounts"), client=self.contents.client)
        sheet.write_string(0, 0, title, styles["title"])
        sheet.set_row(0, TITLE_LINE)
        day = self.view.as_of or self.contents.plan.day
        about = [locale.say(N_("Reporting date {day:date}"), day=day.isoformat())]
        about.append(locale.say(N_("amounts in {currency}"), currency=locale.currency_unit))
        if self.contents.edition.internal:
            about.append(locale.text(N_("internal edition")))
        about += filter(None, [dated_back(day, self.contents.plan.issued, locale)])
        sheet.write_string(1, 0, locale.text(N_("; ")).join(about), styles["said"])
        row = self._part(3, N_("Sheets"))
        for name, shown, said in links:
            sheet.write_url(row, 0, _inside(name), styles["link"], shown)
            sheet.write_string(row, 1, said, styles["said"])
            row += 1
        if owners:
            row = self._part(row + 1, N_("Owners"))
            for number, (shown, place) in enumerate(owners[:MOST_OWNERS]):
                at, column = row + number // 3, number % 3
                sheet.write_url(at, column, place, styles["link"], shown)
            row += -(-min(len(owners), MOST_OWNERS) // 3)
        for step, names in behind.items():
            row = self._part(row + 1, BEHIND[step][0])
            for number, (name, shown) in enumerate(names):
                at, column = row + number // 3, number % 3
                sheet.write_url(at, column, _inside(name), styles["link"], shown)
            row += -(-len(names) // 3)
        row = self._part(row + 1, N_("Definitions"))
        for term, meaning in TERMS:
            sheet.write_string(row, 0, locale.text(term), styles["wrap"])
            sheet.merge_range(row, 1, row, 2, "", styles["wrap"])
            sheet.write_string(row, 1, locale.text(meaning), styles["wrap"])
            sheet.set_row(row, height_of([(locale.text(meaning), 92), (locale.text(term), 30)]))
            row += 1
        self._lay_out(sheet, locale.text(N_("Contents")), row, 3, row)

    def _part(self, row: int, label: str) -> int:
        self.first.write_string(row, 0, self.locale.text(label), self.styles["part"])
        return row + 1

    def _findings(self, title: str) -> None:
        sheet, styles, locale = self._front(title), self.styles, self.locale
        for place, (label, width) in enumerate(FINDINGS):
            sheet.set_column(place, place, width)
            text = locale.text(label) + (f" ({locale.currency_unit})" if place == 2 else "")
            sheet.write_string(0, place, text, styles["head"])
        sheet.set_row(0, 2 * LINE)
        for row, told in enumerate(self.contents.findings, start=1):
            sheet.write_number(row, 0, row, styles["n"])
            sheet.write_string(row, 1, locale.text(SEVERITIES[told.severity]), styles["wrap"])
            if told.money is not None:
                sheet.write_number(row, 2, told.money, styles["money"])
            names = [self.view.name(account) for account in told.accounts]
            accounts = locale.accounts(names, most=NAMED, total=told.about)
            texts = {3: told.sum, 4: told.text, 5: told.action, 6: told.who, 8: accounts}
            for place, text in texts.items():
                sheet.write_string(row, place, text, styles["wrap"])
            sheet.set_row(row, height_of((text, FINDINGS[place][1]) for place, text in texts.items()))
            if told.by is not None:
                day = datetime(told.by.year, told.by.month, told.by.day)
                sheet.write_datetime(row, 7, day, styles["date"])
        count = len(self.contents.findings)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(count, 1), len(FINDINGS) - 1)
        grounds = {"act": styles["red"], "watch": styles["yellow"]}
        words = {locale.text(SEVERITIES[key]): ground for key, ground in grounds.items()}
        colour_words(sheet, (1, 1, max(count, 1), 1), words)
        self._lay_out(sheet, title, count, len(FINDINGS), PRINTED)

    def _owners(self, title: str) -> list[tuple[str, str]]:
        """Owners with their sums and, folded beneath each, their accounts; returns each owner and the place.

        One sheet, as it prints, is searched and is filtered as one; the contents lead to each owner's line.
        """
        found, locale, styles = self.contents.plan.by_owner, self.locale, self.styles
        sheet = self._front(title)
        sheet.outline_settings(True, False, True, False)
        known = found.owners["revenue_at_risk"].notna().any()  # else no amounts of it are told
        shown = [column for column in OWNED if known or column.key != "revenue_at_risk"]
        for place, column in enumerate(shown):
            label = locale.text(column.label) + (
                f" ({locale.currency_unit})" if column.kind == "money" else ""
            )
            sheet.write_string(0, place, label, styles["head"])
            sheet.set_column(place, place, OWNED_WIDTHS[column.key])
        sheet.set_row(0, 3 * LINE)
        units = found.units.assign(owner=found.units["owner"].fillna(""))
        counts = units["owner"].value_counts()
        # of every owner the first: in turn as many as the sheet holds
        turn = units.groupby("owner", sort=False).cumcount().sort_values(kind="stable")
        of = dict(list(units.loc[turn.index[:LONGEST].sort_values()].groupby("owner", sort=False)))
        places, row = [], 1
        nobody = locale.text(N_("without an owner"))
        for owner in found.owners.itertuples():
            name = "" if missing(owner.owner) else str(owner.owner)
            own, count = of.get(name, units.head(0)), int(counts[name])
            sums = {key: getattr(owner, key) for key in ("revenue", "revenue_at_risk", "overdue", "past_due")}
            sums |= {"visits": owner.visits, "due": owner.due, "name": name or nobody}
            sums["unit_id"] = locale.say(N_("{count:n} {count:plural|account|accounts}"), count=count)
            places.append((locale.label(name) or nobody, f"internal:'{title}'!A{row + 1}"))
            self._owned(sheet, row, shown, sums, "!")
            row += 1
            for unit in own.to_dict("records"):
                named = {**unit, "name": self.view.name(str(unit["unit_id"]))}
                self._owned(sheet, row, shown, named, "")
                action = unit["next_action"]
                todo = "" if missing(action) else _text(OWNED[4], action, locale)
                name = self.view.name(str(unit["unit_id"]))
                height = height_of([(name, OWNED_WIDTHS["name"]), (todo, OWNED_WIDTHS["next_action"])])
                sheet.set_row(row, height, None, {"level": 1})
                row += 1
            if rest := count - len(own):
                sheet.write_string(row, 0, locale.say(REST, count=rest), styles["said"])
                sheet.set_row(row, None, None, {"level": 1})
                row += 1
        sheet.freeze_panes(1, 1)
        self._bands(sheet, (1, 3, row - 1, 3))
        self._lay_out(sheet, title, row - 1, len(shown), PRINTED)
        return places

    def _owned(
        self, sheet: Any, row: int, columns: Iterable[Column], values: Mapping[str, Any], mark: str
    ) -> None:
        """A line of the sheet of owners; ``mark``: ``!`` of an owner's sums."""
        for place, column in enumerate(columns):
            value = values.get(column.key)
            kind = column.kind if isinstance(column.kind, str) else "text"
            style = self.styles[f"{kind}{mark}"]
            if value is None or missing(value) or value == "":
                sheet.write_blank(row, place, None, style)
            elif kind == "text":
                sheet.write_string(row, place, _text(column, value, self.locale), style)
            elif kind == "date":
                sheet.write_datetime(row, place, pd.Timestamp(value).to_pydatetime(), style)
            else:
                sheet.write_number(row, place, float(value), style)

    def _accounts(self, title: str) -> None:
        rows = self.contents.accounts
        bare = {key for key in VISITED if not rows[key].fillna(0).any()}
        shown = [column for column in self._of_accounts(ACCOUNTS) if column.key not in bare]
        key = len(self._of_accounts(KEY_FIGURES))
        sheet = self.list_sheet(Sheet(title, self._told(), shown), PRINTED, folded=key, view=self.alone)
        sheet.set_tab_color(self.view.accent)
        last = max(len(self.contents.accounts), 1)
        keys = [column.key for column in shown]
        self._bands(sheet, (1, keys.index("health_band"), last, keys.index("health_band")))
        levels = {t.key: self.styles.of(bg_color=TIER_GROUNDS[t.level]) for t in self.contents.card.tiers}
        colour_words(sheet, (1, keys.index("tier"), last, keys.index("tier")), levels)

    def _told(self) -> pd.DataFrame:
        """The accounts as they are read: a chance too wide for one figure as its range, none of one that has
        stopped.
        """
        rows = self.contents.accounts
        low, high = (rows[end].where(rows["verdict"].ne("stopped")) for end in ("churn_low", "churn_high"))
        chance = rows["churn_probability"].where(rows["verdict"].ne("stopped"))  # it has none any more
        return rows.assign(churn_probability=chances(chance, low, high))

    def _bands(self, sheet: Any, place: tuple[int, int, int, int]) -> None:
        words = {self.locale.text(word): self.styles[band] for band, word in BANDS.items()}
        colour_words(sheet, place, words)

    def _tiers(self, title: str) -> live_tiers.LiveTiers | None:
        contents = self.contents
        if not contents.tiers.tiered:
            self._nothing(
                title, N_("Tiering is not worth its while here, so that no account is treated by tier.")
            )
            return None
        if not self._computes_tiers():
            rows = contents.accounts[contents.accounts["tier"].notna()]
            wanted = ("account_id", "account_name", "tier", "owner", "revenue")
            columns = [column for column in KEY_FIGURES if column.key in wanted]
            self.list_sheet(Sheet(title, rows, columns), PRINTED, view=self.alone).set_tab_color(
                self.view.accent
            )
            return None
        sheet = self._front(title)
        found, *size = live_tiers.write(sheet, contents.tiers, contents.card, self.view, self.styles)
        head, count, width = size
        self._lay_out(sheet, title, count, width, PRINTED, head)
        return found

    def _computes_tiers(self) -> bool:
        """Whether the sheet of tiers holds the scorecard, to be changed, in this edition."""
        open_to_all = live_tiers.tells_nothing_internal(self.contents.card, self.contents.tiers)
        return self.contents.edition.internal or open_to_all

    def _capacity(self, title: str, computing: live_tiers.LiveTiers | None) -> None:
        sheet = self._front(title)
        head, rows, columns = live_capacity.write(
            sheet, self.contents.plan, self.view, self.styles, computing
        )
        self._lay_out(sheet, title, rows, columns, PRINTED, head)

    def _plan(self, title: str) -> None:
        by_key = {column.key: column for column in self._of_accounts(ACCOUNTS)}
        rows = self._planned()
        bare = {key for key in VISITED if not rows[key].fillna(0).any()}  # nobody is visited
        made = Sheet(title, rows, [by_key[key] for key in PLAN if key in by_key and key not in bare])
        sheet = self.list_sheet(made, PRINTED, whole=ACCOUNTS_FILE, view=self.alone)
        sheet.set_tab_color(self.view.accent)

    def _planned(self) -> pd.DataFrame:
        """The planned accounts by date, the campaign as one line."""
        accounts = self.contents.accounts
        with_step = accounts["next_action"].notna() & ~accounts["next_action"].isin(NO_STEP)
        planned = _campaign_in_one_line(accounts[with_step], self.locale)
        return planned.sort_values(["due", "revenue"], ascending=[True, False])

    # --- lists

    def _of_accounts(self, columns: Iterable[Column]) -> list[Column]:
        """The columns of all accounts that this edition shows; those IF_KNOWN where they are known."""
        shown = [column for column in columns if self.contents.edition.of_accounts(column.key)]
        known = self.contents.accounts[list(IF_KNOWN)].notna().any()
        return [column for column in shown if column.key not in IF_KNOWN or known[column.key]]

    def list_sheet(
        self, made: Sheet, most: int, folded: int | None = None, whole: str = "", view: View | None = None
    ) -> Any:
        """A sheet of a list.

        Parameters
        ----------
        most : rows that print.
        folded : columns from here on are folded away and do not print.
        whole : the file that has all rows of one of more than LONGEST, which then ends there; without it,
            the sheet has them all.
        view : with the names of the accounts, where they are others than elsewhere.
        """
        locale, columns = self.locale, list(made.columns)
        keys, rows = (
            [column.key for column in columns],
            _named(made, view or self.view, LONGEST if whole else None),
        )
        title = locale.text(made.title)
        page = self.book.add_worksheet(title, ListSheet)
        wrapped: dict[int, int] = {}  # row → the lines of its tallest cell
        for place, column in enumerate(columns):
            widest, label, texts = _add_column(page, column, _cells(rows[column.key]), self.styles, locale)
            kind = column.kind if isinstance(column.kind, str) else "text"
            fold = {"level": 1, "hidden": True} if folded is not None and place >= folded else {}
            width = min(max(widest, NARROWEST), WIDEST) + 1
            page.set_column(place, place, width, self.styles[kind], fold)
            if not fold:
                wrapped[0] = max(wrapped.get(0, 1), lines_of(label, width - 2))
                if widest >= width:
                    for row, text in enumerate(texts, start=1):
                        if text and text_width(text) >= width:
                            wrapped[row] = max(wrapped.get(row, 1), lines_of(text, width))
        for row, lines in wrapped.items():
            if lines > 1:
                page.set_height(row, LINE * lines)
        shown = len(keys) if folded is None else folded
        if shown < len(keys):
            page.set_column(len(keys), len(keys), 3, None, {"collapsed": True})
        if len(rows) < len(made.rows):
            said = locale.say(action_list.IN_FULL, shown=len(rows), all=len(made.rows), file=whole)
            page.close_with(said, self.styles["said"])
        page.freeze_panes(1, 2)
        if len(rows):
            page.autofilter(0, 0, len(rows), len(keys) - 1)
        self._lay_out(page, title, len(rows), shown, most)
        return page


def _inside(name: str) -> str:
    """The address of a sheet of the workbook."""
    quoted = name.replace("'", "''")
    return f"internal:'{quoted}'!A1"


CAMPAIGN_LINE = N_("Campaign: {count:n} accounts, see its sheet")
CAMPAIGN_LINE_BACK = N_(
    "Campaign: {count:n} accounts reached, {back:n} not contacted (held out, or ordered since), see its sheet"
)


def _campaign_in_one_line(planned: pd.DataFrame, locale: Locale) -> pd.DataFrame:
    """The plan with the accounts of the campaign as one line: they have a sheet of their own."""
    reached = planned[planned["reached_by"].isin(["campaign", "held_back"])]
    if reached.empty:
        return planned
    back = int((reached["reached_by"] == "held_back").sum())
    said = CAMPAIGN_LINE_BACK if back else CAMPAIGN_LINE
    text = locale.say(said, count=len(reached) - back, back=back)
    line = reached[["revenue", "revenue_at_risk"]].sum(min_count=1).to_dict()
    line |= {"due": reached["due"].dropna().max(), "next_action": text}
    rest = planned.drop(reached.index).reset_index()
    return pd.concat([rest, pd.DataFrame([line])])


def _named(made: Sheet, view: View, most: int | None) -> pd.DataFrame:
    """The first rows of a list with the ids and the names of its accounts as columns, where it shows them."""
    rows, keys = made.rows.head(len(made.rows) if most is None else most), [c.key for c in made.columns]
    if "account_id" in keys and "account_id" not in rows:
        rows = rows.rename_axis("account_id").reset_index()
    if "account_name" in keys:
        names = [view.name(a) if isinstance(a, str) else "" for a in rows["account_id"]]
        rows = rows.assign(account_name=names)
    return rows


def whole_list(made: Sheet) -> str:
    """The file of a run that has all rows of a list behind, where those are more than LONGEST."""
    return f"results/{LISTS}/{made.title.lower().replace(' ', '_')}.csv"


def write_whole(folder: Path, sheets: Iterable[tuple[str, Sheet]], view: View) -> None:
    """All rows of the lists behind that the workbook cuts short into ``folder``, the results of a run."""
    for _, made in sheets:
        if len(made.rows) > LONGEST:
            (folder / LISTS).mkdir(exist_ok=True)
            rows = _named(made, view, None)[[column.key for column in made.columns]]
            several = {c: _cells(rows[c]) for c in rows if rows[c].dtype == object}
            rows = rows.assign(**{c: list(map(_in_one_cell, cells)) for c, cells in several.items()})
            path = folder / LISTS / Path(whole_list(made)).name
            guarded(rows).to_csv(path, index=False, encoding="utf-8", lineterminator="\n")


def _in_one_cell(value: Any) -> Any:
    return ";".join(map(str, value)) if isinstance(value, tuple) else value


def sheets_of(
    results: Mapping[str, Any], view: View, edition: Edition = INTERNAL_EDITION
) -> list[tuple[str, Sheet]]:
    """The sheets that the topics of the steps register, filled from the steps' ``results``, each with its
    step and the columns that the edition shows: by step, in their ORDER.
    """
    found: dict[str, tuple[str, Sheet]] = {}
    with using(view):
        for name, make in registry.sheets.items():
            if made := edition.sheet(name, make(results[step_of(make)])):
                found[name] = step_of(make), made
    steps = list(BEHIND)
    order = {name: ORDER.index(name) if name in ORDER else len(ORDER) for name in found}
    return [found[name] for name in sorted(found, key=lambda n: (steps.index(found[n][0]), order[n]))]


def _add_column(
    page: ListSheet, column: Column, values: list[Any], styles: Styles, locale: Locale
) -> tuple[int, str, list[str | None]]:
    """A column of the sheet; returns the letters of its widest cell, its header, and its texts where it has
    any.
    """
    told: list[str | None] = []
    kind = column.kind if isinstance(column.kind, str) else "text"
    label = locale.text(column.label) + (f" ({locale.currency_unit})" if kind == "money" else "")
    head, style = styles["head"], styles[kind]
    known = {value for value in values if value is not None}
    widths = [text_width(label) // 2]  # a header may stand in two lines
    if kind == "text":
        texts = {value: _text(column, value, locale) for value in known}  # each is put into words once
        of_band = (
            [styles[v] if v in BANDS else style for v in values] if column.key == "health_band" else style
        )
        page.add_texts(label, head, [texts.get(value) for value in values], of_band)
        told = [texts.get(value) for value in values]
        widths += map(text_width, texts.values())
    elif kind == "date":
        days = {value: pd.Timestamp(value).to_pydatetime() for value in known}
        page.add_days(label, head, [days.get(value) for value in values], style)
        widths += [len("yyyy-mm-dd")] * bool(days)
    else:
        words = {value for value in known if isinstance(value, str)}  # in place of a figure
        page.add_figures(label, head, [v if v is None or v in words else float(v) for v in values], style)
        widths += map(text_width, words)
        known -= words
        ends = (min(known), max(known)) if known else ()
        widths += [len(f"{end:,.1f}") if kind in ("money", "n", "count") else 6 for end in ends]
    return max(widths), label, told


def _cells(values: pd.Series) -> list[Any]:
    """The values, None where one is missing; several keys in one cell are a tuple."""
    return [
        (tuple(value) if isinstance(value, list | np.ndarray) else value) if there else None
        for value, there in zip(values.to_numpy(object), values.notna().tolist(), strict=True)
    ]


def _text(column: Column, value: Any, locale: Locale) -> str:
    """A cell of words; a key that has none, such as that of a card's own rule, stands for itself."""
    if callable(column.kind):
        return column.kind(value)
    if isinstance(column.kind, Mapping):
        return locale.text(column.kind.get(value, value))
    return locale.label(str(value))
