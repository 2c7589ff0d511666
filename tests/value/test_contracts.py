"""Contracts: by hand, in the sample, by groups, and what is missing."""

import dataclasses
import json
from datetime import date, timedelta

import pandas as pd
import pytest
from conftest import MEDTECH, book_of, lines_of

from kamplay.method.measures.hierarchy import customers, heads
from kamplay.method.plan.possible_actions import _contracts
from kamplay.method.plan.working_days import WorkingDays
from kamplay.method.results import Findings
from kamplay.method.value.contracts import Letters, add_findings, contracts, to_renew
from kamplay.method.value.step import pareto_value
from kamplay.show.display import NOTHING
from kamplay.show.findings import brief, brief_action, headline
from kamplay.show.findings import findings as shown_findings
from kamplay.show.locale import Locale
from kamplay.show.plan.actions import action_text
from kamplay.show.registry import charts, tables
from kamplay.show.view import View, using

PLANTED = json.loads((MEDTECH / "answer_key.json").read_text(encoding="utf-8"))["contracts"]
LINES = lines_of(
    ("run", "2025-06-01", 500.0),
    ("miss", "2025-06-01", 100.0),
    ("follow", "2025-06-01", 100.0),
    ("buys", "2025-06-01", 40.0),
    ("buys", "2025-12-01", 60.0),
    ("stops", "2025-02-01", 100.0),
    ("none", "2025-06-01", 100.0),
)
COLUMNS = ["contract_id", "account_id", "start", "end", "amount", "notice_days", "notice_date", "status"]
ROWS = pd.DataFrame(
    [
        ("k1", "run", "2025-07-01", "2026-06-30", 365.0, 30, None, "active"),
        ("k2", "miss", "2025-02-01", "2026-01-31", 100.0, 60, None, None),
        ("k3", "follow", "2025-02-01", "2026-01-31", 100.0, 30, None, None),
        ("k4", "follow", "2026-02-01", "2027-01-31", 100.0, None, None, None),
        ("k5", "buys", "2024-10-01", "2025-09-30", 100.0, None, None, "active"),
        ("k6", "stops", "2024-10-01", "2025-09-30", 100.0, None, None, "ended"),
        ("k7", "run", "2024-07-01", "2025-06-30", 365.0, None, None, "active"),
        ("k8", "none", "2025-03-01", "2026-02-28", 100.0, None, None, "ended"),  # ended before its time
    ],
    columns=COLUMNS,
).assign(**{c: lambda f, c=c: pd.to_datetime(f[c]) for c in ("start", "end", "notice_date")})
LEVELS = pd.Series({"run": "S", "none": "A", "miss": "B"})


def test_by_hand():
    result = contracts(book_of(LINES, contracts=ROWS), LEVELS)
    assert (result.contracts, result.running, result.without_notice) == (8, 3, 0)
    assert result.running_amount == 565.0
    # 500 + 100 + 100 of 1,000 of revenue
    assert result.covered == 3 and result.covered_share == pytest.approx(0.7)
    assert (result.key_accounts, result.key_covered) == (2, 1)
    assert result.key_covered_share == pytest.approx(500 / 600)
    assert result.key_uncovered["account_id"].tolist() == ["none"]
    due = result.renewals.set_index("contract_id")
    # k2: 31 January less 60 days is 2 December, past at the year's end; k1: 31 May is 151 days ahead
    assert due["state"].to_dict() == {"k2": "missed", "k1": "later", "k3": "followed"}
    assert str(due.loc["k2", "notice"].date()) == "2025-12-02" and due.loc["k1", "days"] == 151
    gone = result.ran_out.set_index("account_id")
    assert gone["buys"].to_dict() == {"buys": True, "stops": False}
    assert gone.loc["buys", ["days", "since"]].tolist() == [92, 60.0]
    assert result.accounts.loc["run", "running"] == 1 and result.accounts.loc["buys", "ran_out"]


def test_spread_over_the_days_of_the_term():
    """365 over 365 days is 1 a day: January 31, February 28; June 30, July 0. The contract of `run` before it
    gives 1 a day in its year as well.
    """
    only = ROWS[ROWS["account_id"] == "run"]
    by = contracts(book_of(LINES, contracts=only)).by_month.set_index("month_end")
    assert len(by) == 24 and by.index[11] == pd.Timestamp("2025-12-31")
    expected = {
        "2025-06-30": 30.0,
        "2025-07-31": 31.0,
        "2026-01-31": 31.0,
        "2026-02-28": 28.0,
        "2026-07-31": 0.0,
    }
    for day, amount in expected.items():
        assert by.loc[day, "under_contract"] == pytest.approx(amount), day
    assert by.loc["2025-12-31", "revenue"] == 60.0 and pd.isna(by.loc["2026-01-31", "revenue"])


def test_a_stated_day_of_notice_comes_before_the_days():
    stated = ROWS.iloc[[0]].assign(notice_date=pd.Timestamp("2026-01-15"))
    due = contracts(book_of(LINES, contracts=stated)).renewals.iloc[0]
    assert due["state"] == "soon" and str(due["notice"].date()) == "2026-01-15"


def test_a_contract_of_a_member_covers_its_group():
    accounts = pd.DataFrame({"account_id": ["head", "run"], "parent_id": [None, "head"]})
    book = book_of(LINES, contracts=ROWS.iloc[[0]], accounts=accounts)
    result = contracts(customers(book, heads(book)))
    assert result.accounts.index.tolist() == ["head"] and result.renewals["account_id"].tolist() == ["head"]


def test_planted_in_the_sample(medtech_value):
    result = medtech_value.contracts
    assert (result.running, result.without_notice) == (PLANTED["running"], PLANTED["without_notice"])
    assert result.running_amount == pytest.approx(PLANTED["running_amount"])

    def ids(story: str) -> set[str]:
        return {one["contract_id"] for one in PLANTED[story]}

    due = result.renewals
    assert set(due.loc[due["state"] == "missed", "contract_id"]) == ids("missed")
    assert set(due.loc[due["state"] == "soon", "contract_id"]) == ids("soon")
    gone = result.ran_out
    assert set(gone.loc[gone["buys"], "contract_id"]) == ids("ran_out")
    assert set(gone.loc[~gone["buys"], "contract_id"]) == ids("stopped")
    told = {f.kind: f for f in medtech_value.findings}
    assert told["contracts_notice_missed"].severity == "act"
    assert set(told["contracts_ran_out"].accounts) == {one["account_id"] for one in PLANTED["ran_out"]}


def test_the_plan_renews_by_the_day_of_notice(medtech_steps):
    """Where the day has passed at once, else on the working day on or before it."""
    plan = medtech_steps.plan
    todo = plan.actions[plan.actions["kind"] == "renew_contract"].set_index("account_id")
    facts = todo["facts"].map(json.loads)
    soon = [one["account_id"] for one in PLANTED["soon"] if one["account_id"] in todo.index]
    missed = PLANTED["missed"][0]["account_id"]
    assert soon and missed in todo.index
    for who in soon:
        due, notice = pd.Timestamp(todo.at[who, "due"]), pd.Timestamp(facts[who]["notice"])
        assert pd.Timedelta(0) <= notice - due <= pd.Timedelta(days=10), who
    assert facts[missed]["stands"] == "missed"
    assert (pd.Timestamp(todo.at[missed, "due"]) - pd.Timestamp(plan.day)).days <= 7
    assert todo["action_id"].is_unique and todo.at[missed, "action_id"].endswith(
        PLANTED["missed"][0]["contract_id"]
    )


@pytest.mark.parametrize("language", ["zh", "en"])
def test_shown_and_nothing_shown_without(medtech_value, medtech_book, language):
    with using(View(Locale(language, "CNY"), medtech_book.names.to_dict())):
        assert "<svg" in charts.contracts(medtech_value).html
        rows = tables.contracts(medtech_value).text.splitlines()[1:]
        assert any(PLANTED["missed"][0]["account_name"] in row for row in rows[:4])
        bare = dataclasses.replace(medtech_value, contracts=None)
        assert charts.contracts(bare) is NOTHING and tables.contracts(bare) is NOTHING


@pytest.mark.parametrize("table", ["tenders", "contracts", "value_cases"])
def test_each_table_left_out_is_one_sentence(medtech_book, table):
    """Without the table step 2 says in one sentence what cannot be told, and shows nothing else of it."""
    left = {name: frame for name, frame in medtech_book.tables.items() if name != table}
    value = pareto_value(dataclasses.replace(medtech_book, tables=left))
    assert getattr(value, table) is None
    for language in ("zh", "en"):
        with using(View(Locale(language, "CNY"), medtech_book.names.to_dict())):
            text = shown_findings(value, table).text
            assert text.count("\n") <= 1 and text.startswith("·")  # a note, and what to do
            assert bool(charts.contracts(value).text) == (table != "contracts")


def test_without_contracts_it_says_so():
    findings = Findings("value")
    add_findings(findings, contracts(book_of(LINES)))
    assert [(f.kind, f.action) for f in findings] == [("contracts_unknown", "ask_for_contracts")]


@pytest.mark.parametrize(
    ("day", "due"), [("2025-12-31", {"k2"}), ("2026-02-28", {"k2"}), ("2026-03-01", {"k1", "k2"})]
)
def test_what_is_to_be_renewed_goes_by_the_day_of_the_plan(day, due):
    """k1's last day of notice is 31 May: 151 days after the data, 92 after 28 February, 91 after 1 March."""
    renewals = contracts(book_of(LINES, contracts=ROWS), LEVELS).renewals
    assert set(to_renew(renewals, pd.Timestamp(day))["contract_id"]) == due


def test_days_of_notice_count_from_the_day_of_issue():
    """The notice of k1 is due on 31 May: told with its amount within a month, passed a week later."""
    book = book_of(LINES, contracts=ROWS.iloc[[0]])
    told = {}
    for issued in ("2026-01-15", "2026-04-01", "2026-05-10", "2026-06-07"):
        result = contracts(book, None, pd.Timestamp(issued).date())
        findings = Findings("value")
        add_findings(findings, result)
        told[issued] = (result.renewals["state"].iloc[0], {f.kind: f for f in findings.settled()})
    assert [state for state, _ in told.values()] == ["later", "soon", "soon", "missed"]
    assert "stake" not in told["2026-04-01"][1]["contracts_notice_soon"].figures
    near = told["2026-05-10"][1]["contracts_notice_near"]
    assert (near.severity, near.figures["near"], near.figures["stake"]) == ("act", 1, 365.0)
    assert told["2026-06-07"][1]["contracts_notice_missed"].figures["notice"] == "2026-05-31"
    # of what was, nothing changes
    assert contracts(book, None, pd.Timestamp("2026-06-07").date()).running == contracts(book).running == 1


@pytest.mark.parametrize(
    ("issued", "ended", "en", "zh"),
    [
        ("2026-01-15", 0, "it still runs", "；尚未到期"),
        ("2026-02-15", 1, "it has ended since 31 Dec 2025", "在2025年12月31日之后到期（合同只登记到这一天）"),
        (
            "2026-06-15",
            1,
            "register ends, 1 still runs",
            "其中1份在2025年12月31日之后到期（合同只登记到这一天）",
        ),
    ],
)
def test_what_has_ended_by_the_day_of_issue_is_told_apart(issued, ended, en, zh):
    """k2 runs to 31 January, its notice was due on 2 December; k1 to 30 June, notice by 31 May."""
    result = contracts(book_of(LINES, contracts=ROWS.iloc[:2]), None, pd.Timestamp(issued).date())
    findings = Findings("value")
    add_findings(findings, result)
    (found,) = (f for f in findings if f.kind == "contracts_notice_missed")
    assert found.figures["ended"] == ended
    for language, said in (("en", en), ("zh", zh)):
        locale = Locale(language, "CNY")
        assert said in brief(found, locale, {}) and said in headline(found, locale, {})
        # what was renewed or bought after the last day of the data they do not show
        assert locale.date("2025-12-31") in headline(found, locale, {})


def test_a_letter_goes_out_on_a_working_day_and_without_a_stated_notice_too():
    """From Friday 1 May 2026, 31 days to Monday 1 June. Notices on 8 May, and on Sunday 7 June, whose Friday
    is the 5th and too late; on Tuesday 2 June, which is off as is the Monday: Friday, 29 May.
    One states none: its end on 20 July less 60 days is 21 May. Three letters; 100 + 200 + 800 a year.
    """
    ends = ["2026-06-07", "2026-07-07", "2026-07-02", "2026-07-20"]
    rows = pd.concat([ROWS.iloc[[0]]] * 4, ignore_index=True).assign(
        contract_id=["k1", "k2", "k3", "k4"],
        account_id=["run", "miss", "follow", "buys"],
        amount=[100.0, 400.0, 200.0, 800.0],
        notice_days=[30, 30, 30, None],
        end=pd.to_datetime(ends),
        start=pd.to_datetime(ends) - pd.Timedelta(days=364),
    )
    rows["start"] = pd.to_datetime(rows["start"])
    on = [date(2026, 5, 1) + timedelta(days=n) for n in range(60)]
    off = {date(2026, 6, 1), date(2026, 6, 2)}
    worked = tuple(day for day in on if day.weekday() < 5 and day not in off)
    letters = Letters(WorkingDays(None, on[0], on[-1], worked, (), (), ()), 60)
    result = contracts(book_of(LINES, contracts=rows), None, on[0], letters)
    sent = result.renewals.set_index("contract_id")["letter"].dt.date
    assert sent.to_dict() == {
        "k1": date(2026, 5, 8),
        "k4": date(2026, 5, 21),
        "k3": date(2026, 5, 29),
        "k2": date(2026, 6, 5),
    }
    findings = Findings("value")
    add_findings(findings, result)
    (near,) = (f for f in findings if f.kind == "contracts_notice_near")
    told = [near.figures[name] for name in ("near", "near_yearly", "near_last", "unstated", "count")]
    assert told == [3, 1100.0, "2026-05-29", 1, 4]
    assert "1 of them states no notice" in headline(near, Locale("en", "CNY"), {})


def test_the_first_to_renew_has_its_own_day_and_amount():
    """Of three within a month the first is worth 365 a year, the two others 300, by later days of notice."""
    rows = pd.concat([ROWS.iloc[[0]]] * 3, ignore_index=True).assign(
        contract_id=["k1", "k9", "k10"],
        account_id=["run", "follow", "buys"],
        amount=[365.0, 100.0, 200.0],
        end=pd.to_datetime(["2026-06-30", "2026-07-02", "2026-07-08"]),
        start=pd.to_datetime(["2025-07-01", "2025-07-03", "2025-07-09"]),
    )
    for part, en, zh in (
        (
            rows,
            "; and 2 more (CN¥300) by 8 Jun 2026, each on its day",
            "；另外2份（300元）在2026年6月8日前按各自日期提出",
        ),
        (rows.iloc[:1], "price agreed by 15 Jun 2026.", "2026年6月15日前谈定价格。"),
    ):
        findings = Findings("value")
        add_findings(findings, contracts(book_of(LINES, contracts=part), None, date(2026, 5, 10)))
        (near,) = (f for f in findings if f.kind == "contracts_notice_near")
        names = {"run": "First", "follow": "Second", "buys": "Third"}
        said = brief_action(near, Locale("en", "CNY"), names) or ""
        assert "ask First in writing by 31 May 2026 to renew or extend (CN¥365 a year)" in said and en in said
        said = brief_action(near, Locale("zh", "CNY"), names) or ""
        assert "2026年5月31日前向First书面提出续签或延期（年化365元）" in said and zh in said
        # data end before all of this: they tell what is on record, not what was signed since
        assert "The register, to 31 Dec 2025, holds no new" in brief(near, Locale("en", "CNY"), names)
        # on the day of notice itself, which is that of the plan, it is asked for today
        findings = Findings("value")
        add_findings(findings, contracts(book_of(LINES, contracts=part), None, date(2026, 5, 31)))
        (today,) = (f for f in findings if f.kind == "contracts_notice_near")
        said = brief_action(today, Locale("en", "CNY"), names) or ""
        assert "ask First in writing today, 31 May 2026, to renew or extend" in said
        said = brief_action(today, Locale("zh", "CNY"), names) or ""
        assert "客户负责人：今天（2026年5月31日）向First书面提出续签或延期" in said
        assert "截至2025年12月31日的登记中尚无新合同" in brief(near, Locale("zh", "CNY"), names)


@pytest.mark.parametrize(
    ("day", "state"),
    [("2026-01-28", None), ("2026-01-30", "later"), ("2026-05-01", "later"), ("2026-05-02", "missed")],
)
def test_a_contract_without_a_notice_is_renewed_by_the_assumed_day(day, state):
    """It ends on 30 June; 60 days before is 1 May, 91 days after 30 January."""
    bare = ROWS.iloc[[0]].assign(notice_days=None)
    renewals = contracts(book_of(LINES, contracts=bare), LEVELS).renewals
    assert to_renew(renewals, pd.Timestamp(day)).empty
    due = to_renew(renewals, pd.Timestamp(day), 60)
    assert due["state"].tolist() == ([] if state is None else [state])
    if state is not None:
        assert str(due["notice"].iloc[0].date()) == "2026-05-01" and due["assumed"].tolist() == [60.0]


def test_the_plan_says_where_the_notice_is_assumed(medtech_steps):
    due, day = medtech_steps.value.contracts.renewals, pd.Timestamp("2026-11-30")
    units = medtech_steps.plan.units.set_index("account_id")
    ends = due[(due["state"] == "unknown") & (due["end"] < day + pd.Timedelta(days=60 + 92))]
    told = {unit: facts for unit, _, _, facts, *_ in _contracts(units, medtech_steps.value, day, 60)}
    assert len(ends) and {told[unit]["assumed"] for unit in ends["account_id"]} == {60}
    assert not any("assumed" in f for _, _, _, f, *_ in _contracts(units, medtech_steps.value, day, None))
    facts = told[ends["account_id"].iloc[0]] | {"ask": "2026-12-29", "agree": "2027-01-28"}
    said = action_text("renew_contract", facts, "2026-11-30", Locale("en", "CNY"))
    assert "60 days before its end" in said and "assumed" in said
