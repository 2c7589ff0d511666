"""Every sentence of the code has its Chinese, with the same figures in it."""

import io
import re
import string
from importlib import resources
from pathlib import Path

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from typer.main import get_command
from words import ACTIONS, HEADLINES, TOPICS

import kamplay
from kamplay.cli import app
from kamplay.commands.help import texts
from kamplay.method.health.early_warning import NEEDS
from kamplay.method.health.order_to_cash import STAGES
from kamplay.method.health.retention_curves import SEGMENTS
from kamplay.method.measures import warning_signs
from kamplay.method.measures.registry import MEASURES
from kamplay.method.measures.warning_signs import SIGNS
from kamplay.method.plan.actions import KINDS
from kamplay.method.plan.service import MEASURES as SERVED
from kamplay.method.results import Finding
from kamplay.method.tiers.rules import GATES, SAFEGUARDS
from kamplay.show.locale import Locale, close
from kamplay.show.plan.actions import DONE_WHEN, SENTENCES
from kamplay.show.texts import vocabulary
from kamplay.show.texts.vocabulary import SIGN_EVIDENCE

PACKAGE = Path(kamplay.__file__).parent
CATALOGUE = resources.files("kamplay.show").joinpath("locale", "zh_CN", "LC_MESSAGES", "kamplay.po")


def messages() -> set[str]:
    found = {
        m
        for p in PACKAGE.rglob("*.py")
        for _, m, _, _ in extract("python", io.BytesIO(p.read_bytes()), keywords={"N_": None})
    }
    found |= {measure.label for measure in MEASURES.values()}
    found |= set(texts(get_command(app))) - {""}
    for template in (PACKAGE / "report" / "templates").glob("*.j2"):
        found |= {
            text for _, text in re.findall(r"_\(([\"'])(.*?)\1\)", template.read_text(encoding="utf-8"))
        }
    return found


@pytest.fixture(scope="module")
def chinese() -> dict[str, str]:
    with CATALOGUE.open("rb") as file:
        return {m.id: m.string for m in read_po(file) if m.id}


def fields(text: str) -> set[tuple[str, str]]:
    parsed = ((name, spec) for _, name, spec, _ in string.Formatter().parse(text) if name)
    # the words beside a part and its whole differ
    parts = ((name, re.sub(r"^(part\|\w+)\|.*", r"\1", spec)) for name, spec in parsed)
    return {(name, spec) for name, spec in parts if not spec.startswith("plural")}


def test_all_translated_and_none_left_over(chinese):
    assert messages() == set(chinese)
    assert all(chinese.values())


def test_no_message_stands_twice():
    written = re.findall(r"^msgid (\".+\")$", CATALOGUE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert len(written) > 2000
    assert sorted({m for m in written if written.count(m) > 1}) == []


def test_same_figures_in_both_languages(chinese):
    for english, text in chinese.items():
        assert fields(english) == fields(text), english


def test_no_half_width_punctuation_between_chinese(chinese):
    for english, text in chinese.items():
        assert not re.search(r"[一-鿿][,;:?!]|[一-鿿]\.(?!\w)", text), english


def test_no_figure_runs_into_a_name_that_ends_in_a_digit(chinese):
    """The Chinese of "40.7K at Customer 018033" shall not be "Customer 0180334.07万"."""
    glued = re.compile(r"\{(first|names?|account|owner|person|deal)\}\{\w+:(?!words|plural|part)")
    assumed = "{name}{low:money}至{high:money}"  # its names are our own
    assert not [text for text in chinese.values() if glued.search(text) and text != assumed]


def test_every_finding_has_a_topic_and_every_topic_its_sentences():
    told = [kind for kinds in TOPICS.values() for kind in kinds]
    assert sorted(told) == sorted(HEADLINES)


def test_every_kind_and_action_of_the_method_has_words():
    source = "\n".join(p.read_text(encoding="utf-8") for p in (PACKAGE / "method").rglob("*.py"))
    written = set(re.findall(r'"(\w+)"', source))
    composed = {"funnel_balanced", "funnel_wide_mouth", "funnel_thin_mouth"}  # f"funnel_{shape}" and the like
    composed |= {f"warn_do_{sign}" for sign in SIGNS}
    composed |= {a for a in ACTIONS if a.startswith("mend_")} | {f"review_{gate}" for gate in GATES}
    assert set(ACTIONS) <= written | composed
    composed = (
        {f"gate_{gate}" for gate in GATES}
        | {f"kept_{guard}" for guard in SAFEGUARDS}
        | {"overrides_applied", "overrides_expired", "overrides_unusable"}
        | {f"survive_{group}" for group in ("level", *SEGMENTS)}
        | {f"loop_slower_{stage}" for stage in STAGES}
        | {f"{what}_{one}" for what in ("promise_missed", "served_worse") for one in SERVED}
        | {f"proof_{how}_{by}" for how in ("beats", "ties", "below") for by in ("recency", "bgnbd")}
        | {f"hazard_{term}" for term in ("lateness", "buys", "revenue", "tenure")}
        | {f"warn_{form}" for form in SIGN_EVIDENCE}
        | {f"warn_no_{table}" for table, *_ in NEEDS.values()}
    )
    assert set(HEADLINES) <= written | composed


@pytest.mark.parametrize(
    ("language", "currency", "amount", "shown"),
    [
        ("zh", "CNY", 29719333.96, "2,972万元"),
        ("zh", "CNY", 232344015.44, "2.32亿元"),
        ("zh", "CNY", 9999.6, "1万元"),
        ("zh", "CNY", -345678, "−34.6万元"),
        ("zh", "GBP", 7957559, "796万英镑"),
        ("zh", "CNY", 5_000_000, "500万元"),
        ("zh", "CNY", 390_000, "39万元"),
        ("zh", "CNY", 4_886_000, "489万元"),
        ("zh", "CNY", 230_000_000, "2.3亿元"),
        ("zh", "CNY", 640, "640元"),
        ("en", "CNY", 29719333.96, "CN¥29.7M"),
        ("en", "GBP", 7957559.43, "£7.96M"),
        ("en", "GBP", 640, "£640"),
        ("en", "USD", -0.2, "$0"),
        ("zh", "CNY", None, "–"),
        ("en", "CNY", 232344015.44, "CN¥232M"),
        ("en", "GBP", 8_000_000, "£8M"),
        ("en", "GBP", 999_600, "£1.00M"),
        ("en", "GBP", 999_400, "£999K"),
        ("en", "CNY", -2_410_000, "−CN¥2.41M"),
    ],
)
def test_money(language, currency, amount, shown):
    assert Locale(language, currency).money(amount).replace("\xa0", " ") == shown


@pytest.mark.parametrize(
    ("share", "shown"),
    [
        (0.2211, "22%"),
        (0.0541, "5.4%"),
        (0.9996, ">99.9%"),  # all is said only of all
        (0.0698, "7.0%"),  # beside 7.8%
        (0.9965, "99.7%"),
        (0, "0%"),
        (1, "100%"),
        (-0.031, "−3.1%"),
        (0.03, "3%"),
        (0.00996, "1%"),
        (1.0855, "109%"),
        (float("nan"), "–"),
    ],
)
def test_percent(share, shown):
    assert Locale("en", "CNY").percent(share) == shown


def test_a_decimal_is_told_where_it_tells_something():
    locale = Locale("en", "CNY")
    assert [locale.number(v, 1) for v in (39.0, 39.04, 39.06, 99.94, 99.96, 488.6, -20.5)] == [
        "39",
        "39",
        "39.1",
        "99.9",
        "100",
        "489",
        "−20.5",
    ]
    assert [locale.number(v, 1, fixed=True) for v in (39, 488.6)] == ["39.0", "488.6"]
    assert locale.percent(0.5) == "50%" and locale.percent(0.5, 1) == "50.0%"
    assert (
        locale.say("{change:change} {plain} {points:n1}", change=-0.2, plain=-3, points=-0.04) == "−20% −3 0"
    )


def test_no_space_between_chinese_and_figures():
    """One rule for a page: none. What a client wrote stays as it is written."""
    locale = Locale("zh", "CNY")
    said = locale.say(
        "近 12 个月 {n:n} 家，{days} 天，超过 {m:money} 的 {share:pct} 由 {name} 贡献",
        n=3,
        days="90",
        m=5e6,
        share=0.2,
        name="分院 2",
    )
    assert said == "近12个月3家，90天，超过500万元的20%由 分院 2 贡献"
    assert close("前 20% 的客户、A 级、2026 年") == "前20%的客户、A 级、2026年"


def test_headline_of_the_design():
    from kamplay.show.findings import headline

    finding = Finding(
        "value",
        "concentration",
        "act",
        {"accounts_for_80": 9, "accounts": 140, "top1_share": 0.2211},
        ("D1",),
    )
    assert (
        headline(finding, Locale("en", "CNY"), {})
        == "9 of 140 accounts bring 80% of revenue; losing D1 would cost 22%."
    )
    assert (
        headline(finding, Locale("zh", "CNY"), {})
        == "140家客户中，9家贡献了80%的收入；失去D1，收入将减少22%。"
    )


def test_labels_cover_the_next_actions():
    """Every kind of action that step 4 can choose has its words, and no words stand for none."""
    assert set(warning_signs.ACTIONS.values()) <= set(KINDS)
    assert set(KINDS) == set(vocabulary.ACTIONS) == set(DONE_WHEN) <= set(SENTENCES)


def test_a_noun_after_of_so_many_agrees_with_that_number():
    """ "1 of 15 accounts": the noun goes by the number before it, only the verb by the one that is meant."""
    wrong = re.compile(r"of (?:the )?\{(\w+):n\} \{(?!\1:)\w+:plural\|(?:account|customer)s?\b")
    assert [m for m in messages() if wrong.search(m)] == []


def test_the_year_before_has_one_name_in_chinese(chinese):
    """上一年 is the year before the last 12 months; 前一年 only the one before something that is named."""
    others = [text for text in chinese.values() if re.search(r"(?<!停购)(?<!此)(?<!采购)前一年", text)]
    assert others == [] and sum("上一年" in text for text in chinese.values()) > 10


def test_no_name_runs_into_a_figure_in_chinese(chinese):
    """A customer's code may end in a digit: between a name and a figure stands a word or a sign. ``what``,
    ``field``, ``level``, ``sign`` and ``until`` hold words of this package alone."""
    own = {"what", "field", "level", "sign", "until"}
    run_in = re.compile(r"\{(\w+)\}\{\w+:(?:money|n\d?|pct|change|date)\}")
    found = {text for text in chinese.values() for name in run_in.findall(text) if name not in own}
    assert found == set()
