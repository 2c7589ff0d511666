"""The report's argument: which findings are told, in which order, and who is asked to do what."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from kamplay.api import names_not_known
from kamplay.method.plan.owners import Owners
from kamplay.method.results import Finding
from kamplay.presets import load_outline, load_strategy
from kamplay.report.pages.appendix import with_rows
from kamplay.report.pages.argument import _do_first
from kamplay.report.pages.telling import Telling, Todo, _borne, _gravest_first, full_until, ranked
from kamplay.show import registry
from kamplay.show.check.business import INSTEAD_OF_VISITS
from kamplay.show.locale import Locale
from kamplay.show.plan.actions import DONE_WHEN
from kamplay.show.summary.days_ahead import KINDS, SAME
from kamplay.show.texts.addressees import OWNERS, ROLE, ROLES
from kamplay.show.view import View

OUTLINE = load_outline("argument", Path())
BRIEF_ACTION = "kamplay.report.pages.telling.brief_action"


PLANNED = pd.DataFrame(
    {"owner": ["Li", None, None], "due": [None, "2026-07-31", "2026-08-14"]}, index=["a", "b", "c"]
)


OWNED = pd.DataFrame({"owner": ["Li", "Wu", "Xu", "Ma", None], "revenue": [50.0, 20.0, 15.0, 15.0, 900.0]})


def plan_of(accounts: pd.DataFrame) -> SimpleNamespace:
    """A plan without an action, and without room to grow."""
    columns = ["account_id", "action_id", "kind", "facts", "due", "owner", "leads", "money"]
    nothing = pd.DataFrame(columns=columns)
    room = pd.DataFrame(columns=["account_id", "owner", "amount"])
    return SimpleNamespace(
        accounts=accounts,
        actions=nothing,
        matters=nothing,
        by_owner=Owners(OWNED),
        postponed=nothing,
        growth=room,
        issued=date(2026, 7, 1),
    )


def telling(*found: Finding, language: str = "en", least: float = 0.0) -> Telling:
    run = SimpleNamespace(
        plan_day=date(2026, 7, 1),  # a Wednesday
        strategy=load_strategy("by_tier", Path()),
        settings=SimpleNamespace(holiday_country=None, edition="client"),
    )
    view = View(Locale(language, "EUR"), {"a": "Alpha"})
    made = Telling(found, run, OUTLINE, view, plan_of(PLANNED))
    made.least = least
    return made


def found(kind: str, severity: str = "act", accounts: tuple[str, ...] = (), **figures: object) -> Finding:
    return Finding("value", kind, severity, figures, accounts)


def test_the_shipped_outline_names_only_what_there_is():
    assert names_not_known(OUTLINE) == []
    wrong = OUTLINE.model_copy(
        update={
            "chapters": [
                OUTLINE.chapters[0].model_copy(update={"headline": ["key_acounts"], "topics": ["walet"]})
            ]
        }
    )
    faults = names_not_known(wrong)
    assert [(f.value, f.args["near"]) for f in faults] == [
        ("key_acounts", "key_accounts"),
        ("walet", "wallet"),
    ]


def test_within_chance_there_is_no_sum_to_name():
    """A finding that chance explains has lost its stake, whatever its kind calls it."""
    for kind in ("movement", "concentration", "overdue", "watch_campaign", "price_far_below"):
        assert telling(one := found(kind, "note")).money(one) == ""


def test_stakes_come_before_gains_and_more_before_less():
    made = telling(
        found("room_wallet", "watch", gain=900.0),
        found("overdue", "watch", stake=5.0),
        found("credit_exceeded", "watch", stake=7.0),
        found("deals_stalled", "watch"),
    )
    topics = ["wallet", "payment", "credit", "stalled"]
    kinds = [f.kind for f in made.take(topics, 9, on_first_page=True)]
    assert kinds == ["credit_exceeded", "overdue", "room_wallet"]
    # without an amount, not on the first screen
    assert [f.kind for f in made.take(topics, 9)] == ["deals_stalled"]
    assert made.take(topics, 9) == []  # each is told once


def test_below_materiality_and_notes_are_left_out():
    made = telling(
        found("overdue", "act", stake=9.0),
        found("credit_exceeded", "act", stake=10.0),
        found("standing_weak", "note"),
        least=10.0,
    )
    assert [f.kind for f in made.take(["payment", "credit"], 9)] == ["credit_exceeded"]


def test_what_is_not_known_stands_in_the_appendix_alone():
    made = telling(found("room_wallet_unknown", "watch"), found("funnel_unknown", "watch"))
    assert made.take(["wallet", "funnel"], 9) == []


def test_one_account_is_the_subject_of_one_finding():
    made = telling(
        found("stress_threat", "act", ("a",), stake=9.0),
        found("stress_first", "act", ("a",), stake=8.0),
        found("overdue", "act", ("a", "b", "c"), stake=7.0),
    )
    assert [f.kind for f in made.take(["stress_test", "payment"], 9)] == ["stress_threat", "overdue"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_who_is_asked_is_the_role_that_the_action_names(language):
    finding = Finding("value", "target_short", "act", {"gap": 10.0, "stake": 10.0}, (), "target_close_gap")
    todo = telling(language=language).todo(finding)
    assert todo.who == {"en": "Head of sales", "zh": "销售负责人"}[language]
    assert not re.match(r"Head of sales|销售负责人", todo.what)
    assert todo.by == {"en": "8 Jul 2026", "zh": "2026年7月8日"}[language]  # urgent: within 7 days
    assert "10" in todo.money


def test_a_gap_is_split_over_the_owners_by_what_they_bring():
    """Of 200: 100 to Li with half of what accounts with an owner bring, 40 to Wu, 30 to Xu, 30 to Ma."""
    finding = Finding("value", "target_short", "act", {"gap": 200.0, "stake": 200.0}, (), "target_close_gap")
    said = telling().todo(finding).what
    assert said.endswith("(proposed by their revenue: Li €100, Wu €40, Xu €30, Ma €30)")
    said = telling(language="zh").todo(finding).what
    assert said.endswith(
        "（建议按各负责人名下收入分摊：Li承担100欧元、Wu承担40欧元、Xu承担30欧元、Ma承担30欧元）"
    )


def split_of(gap: float, basis: str, full: dict[str, date] | None = None, **figures: float) -> str:
    """The split of a gap by room of 60, 30 and 10 a year at accounts of Li, Wu and Xu."""
    figures |= {"gap": gap, "stake": gap}
    finding = Finding("value", "target_short", "act", figures, (), "target_close_gap")
    made = telling()
    made.room = pd.DataFrame({"owner": ["Li", "Wu", "Xu", "Xu"], "amount": [60.0, 30.0, 4.0, 6.0]})
    made.room["basis"], made.full = basis, full or {}
    return made.todo(finding).what


def test_a_gap_is_split_by_room_and_no_share_is_larger_than_the_room():
    """Half of each room closes a gap of 50; of 200 the room holds 100, and 100 is nobody's."""
    assert split_of(50.0, "measured").endswith(
        "(proposed by €100 of measured room, of which it takes 50%: Li €30, Wu €15, Xu €5)"
    )
    assert split_of(200.0, "measured").endswith(
        "of which it takes 100%: Li €60, Wu €30, Xu €10; €100 beyond it is assigned to nobody)"
    )
    # in 73 days a fifth of a year's room is left: 20, of which a gap of 10 takes half, and one of 50 all
    assert split_of(10.0, "measured", days=73).endswith(
        "(proposed by the measured room of €100 a year, €20 in the 73 days left, of which it takes 50%: "
        "Li €6, Wu €3, Xu €1)"
    )
    assert split_of(50.0, "measured", days=73).endswith(
        "of which it takes 100%: Li €12, Wu €6, Xu €2; €30 beyond it is assigned to nobody)"
    )
    assert split_of(50.0, "estimated").endswith("(proposed by room: Li €30, Wu €15, Xu €5)")


def test_an_owner_whose_weeks_are_full_keeps_his_share_and_is_told_with_the_day():
    said = split_of(50.0, "measured", {"Wu": date(2026, 8, 2), "Ma": date(2026, 8, 9)})
    assert said.endswith("Li €30, Wu €15, Xu €5; weeks mostly full: Wu until 2 Aug 2026)")


def test_room_that_is_estimated_counts_up_to_what_the_account_buys():
    """Of 270 estimated at an account that buys 1.3, 1.3; measured room whole."""
    room = pd.DataFrame(
        {"account_id": ["a", "b", "c"], "amount": [270.0, 20.0, 30.0], "owner": ["Li", "Wu", "Wu"]}
    ).assign(basis=["estimated", "measured", "estimated"])
    units = pd.DataFrame({"unit_id": ["a", "b", "c"], "revenue": [1.3, 5.0, 40.0]})
    assert _borne(room, units)["amount"].tolist() == [1.3, 20.0, 30.0]


def test_an_owner_is_full_until_the_last_full_week_with_half_of_those_before_it_full():
    """Room for 8 a week. Li: full in weeks 1 and 3 (2 of 3), not in 2, 4 and 5, and again in 9 (3 of 9).
    Wu: in week 2 of 2; week 1 has nothing and no row. Xu: in week 5 alone.
    """
    monday = pd.Timestamp("2026-07-06")
    rows = [("Li", n, 8 if n in (1, 3, 9) else 7) for n in range(1, 10)]
    rows += [("Wu", 2, 9), *(("Xu", n, 8 if n == 5 else 0) for n in range(1, 6))]
    weeks = pd.DataFrame(rows, columns=["owner", "n", "actions"]).assign(room=8.0)
    weeks["week"] = monday + pd.to_timedelta(7 * (weeks["n"] - 1), unit="D")
    assert full_until(weeks) == {"Li": date(2026, 7, 26), "Wu": date(2026, 7, 19)}
    assert full_until(weeks.iloc[:0]) == {}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_gap_says_what_it_takes(language):
    """30 missing, half of deals won, a quarter of them in time: 240 of new deals."""
    in_time = {"rate": 0.5, "within": 0.25, "days": 204, "end": "2027-06-30", "opened": 900.0, "lands": 112.5}
    figures = {"gap": 30.0, "stake": 30.0, "needed": 240.0, **in_time}
    finding = Finding("value", "target_short", "act", figures, (), "target_fill_gap")
    assert re.search(r"€240\b|240欧元", telling(language=language).todo(finding).what)


def test_a_sentence_that_names_no_role_stands_whole(monkeypatch):
    monkeypatch.setattr(
        "kamplay.report.pages.telling.brief_action", lambda finding, locale, names: "Ask Alpha: politely."
    )
    todo = telling().todo(
        Finding("value", "room_gap", "watch", {"stake": 1.0, "buyers": 3, "peers": 4}, ("a",), "room_offer")
    )
    assert (todo.who, todo.what) == ("Li", "Ask Alpha: politely.")
    monkeypatch.setattr(
        "kamplay.report.pages.telling.brief_action", lambda finding, locale, names: "Ask each."
    )
    todo = telling().todo(
        Finding("value", "room_gap", "watch", {"count": 5, "buyers": 3, "peers": 4}, ("a", "b"), "room_offer")
    )
    assert todo.what == "Ask each (Alpha, b and 3 more)"  # whom, where the sentence names nobody


def test_the_owner_of_the_one_account_is_asked_by_name():
    figures = {"stake": 1.0, "category": "x", "buyers": 3, "peers": 4}
    one = Finding("value", "room_gap", "watch", figures, ("a",), "room_offer")
    assert telling().todo(one).who == telling(language="zh").todo(one).who == "Li"
    many = Finding("value", "large_losses", "watch", {"stake": 1.0}, ("a", "b", "c"), "find_out_why")
    assert telling().todo(many).who == "Account owners"
    none = Finding("value", "large_losses", "watch", {"stake": 1.0}, (), "find_out_why")
    assert telling(language="zh").todo(none).who == "各客户负责人"
    assert telling().todo(one).by == "31 Jul 2026"  # soon: within 30 days


@pytest.mark.parametrize(("language", "head"), [("en", "Head of sales"), ("zh", "销售负责人")])
def test_where_no_account_has_an_owner_the_head_of_sales_is_asked(language, head):
    figures = {"falls": 9, "total": 2.0, "total_share": 0.1, "count": 3, "amount": 1.0, "stake": 1.0}
    many = Finding("value", "large_losses", "watch", figures, ("a", "b", "c"), "find_out_why")
    nobody = plan_of(PLANNED.assign(owner=None))
    run = telling(language=language).run
    made = Telling([many], run, OUTLINE, View(Locale(language, "EUR")), nobody)
    assert made.todo(many).who == head
    asked = ranked(run, OUTLINE, [many], View(Locale(language, "EUR")), nobody)[0].action
    assert asked.startswith(head)


def test_the_list_is_confirmed_before_owners_are_named_for_it():
    """From Wednesday 1 July: owners by the 8th, the list the day before, what it rests on before that;
    with owners the list is confirmed by the 31st.
    """
    key = Finding("tiers", "key_accounts", "watch", {"key": 3, "accounts": 9}, ("a",), "confirm_key")
    kin = Finding("tiers", "groups_rated", "watch", {}, ("a",), "confirm_kin")
    nobody = Finding("plan", "owners_none", "act", {"count": 3}, ("a",), "name_first_owners")
    made = telling(key, kin, nobody)
    assert [made.due(one) for one in (kin, key, nobody)] == [date(2026, 7, day) for day in (6, 7, 8)]
    assert telling(key).due(key) == date(2026, 7, 31)


def test_why_the_largest_fell_is_asked_by_the_days_of_the_plan():
    """Of three that fell two are asked: the first by 6 July, as the plan has it, the other within 7 days."""
    many = Finding("value", "movement", "act", {"asked": 2, "fell": 3}, ("a", "b", "c"), "win_back_largest")
    made = telling(many)
    made.actions = made.plan.matters = pd.DataFrame(
        {"action_id": ["a-w", "c-w"], "account_id": ["a", "c"], "owner": None, "kind": "win_back_talk"}
    ).assign(facts="{}", due=["2026-07-06", "2026-09-01"], leads="owner", money=1.0)
    assert made.planned(many)["due"].tolist() == ["2026-07-06"]
    assert made.day_of(many) == date(2026, 7, 8)


def test_routine_calls_that_nobody_owns_are_asked_of_inside_sales():
    single = Finding("value", "movement", "watch", {"count": 2}, ("a", "b"), "future_ask_single")
    made = telling(single)
    assert made.addressed("Account owners: ask once.", single) == "Account owners: ask once."
    made.owned = False
    assert made.addressed("Account owners: ask once.", single) == "Inside sales: ask once."


def test_what_the_plan_parts_between_two_is_asked_of_both():
    offer = Finding("plan", "growth_room", "note", {"count": 2}, ("a", "b"), "growth_steps")
    told = {"owner": "Head of sales", "inside": "Inside sales"}
    for leads in (["owner", "owner"], ["owner", "inside"], ["inside", "inside"]):
        made = telling(offer)
        made.owned = False
        made.plan.matters = pd.DataFrame(
            {"action_id": ["a-o", "b-o"], "account_id": ["a", "b"], "owner": None, "leads": leads}
        ).assign(kind="offer_category", facts="{}", due="2026-07-06", money=1.0)
        said = " and ".join(told[one] for one in dict.fromkeys(leads)).replace("and I", "and i")
        assert made.addressed("Account owners: make the offer.", offer) == f"{said}: make the offer."


def test_a_chapters_head_fills_the_first_page_where_it_has_an_amount():
    made = telling(least=10.0)
    assert made.leads(found("movement", "watch", stake=11.0))
    assert not made.leads(found("movement", "watch", stake=9.0))
    assert not made.leads(found("key_accounts", "watch"))
    assert not made.leads(found("movement", "note", stake=11.0))


def test_a_table_keeps_its_first_rows_and_says_so():
    rows = "".join(f'<tr class="beyond"><td>{n}</td></tr>' for n in range(9))
    html = (
        f"<figure><table><tbody>{rows}</tbody></table><figcaption>Largest."
        '<span class="phone"> The first 5 here; more on a wider screen.</span></figcaption></figure>'
    )
    cut = with_rows(html, 4, View(Locale("en", "EUR")))
    assert cut.count("<tr>") == 4 and "beyond" not in cut
    assert cut.endswith("Largest. The first 4 here; all in the workbook.</figcaption></figure>")
    assert with_rows("<figure><img></figure>", 4, View(Locale("en", "EUR"))) == "<figure><img></figure>"


def test_every_action_of_a_plan_has_its_few_words():
    assert set(KINDS) | set(SAME) == set(DONE_WHEN) and set(SAME.values()) <= set(KINDS)


def test_every_action_that_the_report_may_tell_begins_with_whoever_does_it():
    topics = {*OUTLINE.opening.topics, *(topic for chapter in OUTLINE.chapters for topic in chapter.topics)}
    kinds = {*OUTLINE.opening.decisions, *OUTLINE.appendix.checks}
    for chapter in OUTLINE.chapters:
        kinds |= {*chapter.headline, *chapter.caveat, *chapter.also}
    told = [spec for spec in registry.specs().values() if spec.topic in topics or spec.kind in kinds]
    texts = {text for spec in told for text in (*spec.actions.values(), *spec.brief_actions.values())}
    assert len(texts) > 150
    for language in ("en", "zh"):
        said = [Locale(language, "CNY").text(text) for text in texts]
        roles = [ROLE[language].match(text) for text in said]
        assert [t for t, role in zip(said, roles, strict=True) if not role or role[1] not in ROLES] == []


def test_a_role_that_english_names_first_chinese_names_first_too():
    zh = Locale("zh", "CNY")
    for text in registry.actions().values():
        english = ROLE["en"].match(text)
        if english and english[1] in ROLES:
            chinese = ROLE["zh"].match(zh.text(text))
            assert chinese and chinese[1] in ROLES, text


def near(**more: object) -> Finding:
    figures = {
        "near": 2,
        "near_days": 31,
        "near_yearly": 50.0,
        "notice": "2026-07-03",
        "stake": 50.0,
        "count": 2,
    }
    return Finding("value", "contracts_notice_near", "act", figures | more, ("a", "b"), "renew_in_time")


def test_what_names_a_day_is_due_by_it_and_decided_today():
    """Issued on Wednesday 1 July 2026, urgent within 7 days: notice on the 3rd comes before the 8th."""
    lost = Finding(
        "plan", "win_back_list", "act", {"due": "2026-07-31", "gain": 40.0}, ("b",), "decide_win_back"
    )
    made = telling(near(), lost)
    assert made.day_of(near()) == date(2026, 7, 3)
    assert made.day_of(near(notice="2026-06-20")) == date(2026, 7, 8)  # past: as what is urgent
    assert [f.kind for f in made.dated([])] == ["contracts_notice_near"]  # the larger sum
    assert made.dated([near()]) == []
    assert [f.kind for f in telling(near(notice="2026-09-01"), lost).dated([])] == ["win_back_list"]


def test_a_stopped_account_has_one_date():
    """Each by its day in the plan, together by the last of them: b is to be won back, c to be closed."""
    lost = Finding("plan", "win_back_list", "act", {"due": "2026-07-31"}, ("b",), "decide_win_back")
    stopped = Finding("health", "already_stopped", "act", {"count": 2}, ("b", "c"), "settle_gone")
    made = telling(lost, stopped)
    made.actions = made.plan.matters = pd.DataFrame(
        {"account_id": ["b", "c"], "kind": ["win_back_talk", "close_lost"]}
    ).assign(
        action_id=["b-w", "c-c"],
        owner=None,
        facts="{}",
        due=["2026-07-31", "2026-08-14"],
        leads="owner",
        money=1.0,
    )
    assert made.day_of(lost) == date(2026, 7, 31)
    assert made.day_of(stopped) == made.last_of(stopped) == date(2026, 8, 14)
    assert made.take(["stopped"], 3) == []  # told once, by the list


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_is_done_in_place_of_visits_is_asked_of_no_account_owner(language):
    locale = Locale(language, "EUR")
    for said in INSTEAD_OF_VISITS.values():
        role = ROLE[language].match(locale.text(said))
        assert role and role[1] in ROLES - OWNERS, said


@pytest.mark.parametrize(
    ("language", "fell", "contacted"),
    [
        ("en", "£300K less than the year before", "£90K of expected loss"),
        ("zh", "比上年少30万英镑", "预期损失9万英镑"),
    ],
)
def test_a_sum_says_what_it_is_and_is_of_those_whom_the_action_is_about(language, fell, contacted):
    """Of a fall of £1M an action is about accounts with 30% of it; of £100K of loss 90% is contacted."""
    view = View(Locale(language, "GBP"))
    told = Telling.__new__(Telling)
    told.view = view
    movement = Finding("value", "movement", "act", {"stake": 1e6, "asked_share": 0.3}, ("a",), "win_back")
    campaign = Finding("health", "watch_campaign", "watch", {"stake": 1e5, "asked_share": 0.9}, (), "x")
    assert told.money(told.asked_of(movement)) == fell
    assert told.money(told.asked_of(campaign)) == contacted
    assert "at stake" not in told.money(movement)
    for kind in ("watch_list", "target_short", "contracts_notice_near", "deals_stalled", "standing_weak"):
        said = told.money(Finding("value", kind, "act", {"stake": 1e6}, (), None))
        assert not re.search("at stake|涉及", said), kind
    assert told.money(Finding("value", "concentration", "note", {}, (), None)) == ""


def test_the_workbook_lists_the_gravest_first_then_more_money():
    """As it says of its list: none of equal gravity stands before one over more money."""
    money = {"large_losses": {"stake": 27.0}, "watch_list": {"gain": 1893.0}, "red_accounts": {}}
    severities = {"large_losses": "act", "watch_list": "act", "red_accounts": "act"}
    findings = [Finding("value", kind, severities[kind], money[kind], (), None) for kind in money]
    findings.append(Finding("value", "movement", "watch", {"stake": 9e9}, (), None))
    order = [finding.kind for finding in sorted(findings, key=_gravest_first)]
    assert order == ["watch_list", "large_losses", "red_accounts", "movement"]


def test_what_is_done_before_old_figures_are_made_anew_stands_apart():
    def todo(kind: str, day: str) -> Todo:
        return Todo(kind, "Li", day, "", day, (), kind)

    contract, again, later = todo("contracts", "2026-12-01"), todo("figures_old", "2026-12-02"), "2026-12-10"
    credit, lost = todo("credit_exceeded", later), todo("win_back_list", later)
    assert _do_first([contract, again, credit, lost]) == ([contract, again], [credit, lost])
    assert _do_first([contract, credit]) == ([], [contract, credit])
