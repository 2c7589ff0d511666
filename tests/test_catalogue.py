"""Every sentence of the code has its Chinese, with the same figures in it."""

import io
import re
import string
from importlib import resources
from pathlib import Path

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po

import kamplay
from kamplay.method.early_warning import NEEDS
from kamplay.method.results import Finding
from kamplay.method.signs import SIGNS
from kamplay.method.survival import SEGMENTS
from kamplay.method.tiers_findings import GATES, GUARDS
from kamplay.show import labels
from kamplay.show.locale import Locale
from kamplay.show.sentences import ACTIONS, HEADLINES, TOPICS
from kamplay.show.sentences.health_warning import SHORT

PACKAGE = Path(kamplay.__file__).parent
CATALOGUE = resources.files("kamplay.show").joinpath("locale", "zh_CN", "LC_MESSAGES", "kamplay.po")


def messages() -> set[str]:
    found = {m for p in PACKAGE.rglob("*.py") for _, m, _, _ in extract("python", io.BytesIO(p.read_bytes()), keywords={"N_": None})}
    for template in (PACKAGE / "report" / "templates").glob("*.j2"):
        found |= {text for _, text in re.findall(r"_\(([\"'])(.*?)\1\)", template.read_text(encoding="utf-8"))}
    return found


@pytest.fixture(scope="module")
def chinese() -> dict[str, str]:
    with CATALOGUE.open("rb") as file:
        return {m.id: m.string for m in read_po(file) if m.id}


def fields(text: str) -> set[tuple[str, str]]:
    parsed = ((name, spec) for _, name, spec, _ in string.Formatter().parse(text) if name)
    return {(name, spec) for name, spec in parsed if not spec.startswith("plural")}


def test_all_translated_and_none_left_over(chinese):
    assert messages() == set(chinese)
    assert all(chinese.values())


def test_same_figures_in_both_languages(chinese):
    for english, text in chinese.items():
        assert fields(english) == fields(text), english


def test_no_half_width_punctuation_between_chinese(chinese):
    for english, text in chinese.items():
        assert not re.search(r"[一-鿿][,;:?!]|[一-鿿]\.(?!\w)", text), english


def test_every_finding_has_a_topic_and_every_topic_its_sentences():
    told = [kind for kinds in TOPICS.values() for kind in kinds]
    assert sorted(told) == sorted(HEADLINES)


def test_every_kind_and_action_of_the_method_has_words():
    source = "\n".join(p.read_text(encoding="utf-8") for p in (PACKAGE / "method").glob("*.py"))
    written = set(re.findall(r'"(\w+)"', source))
    composed = {
        "funnel_balanced",
        "funnel_wide_mouth",
        "funnel_thin_mouth",
    }  # f"funnel_{shape}" and the like
    composed |= {f"warn_do_{sign}" for sign in SIGNS}
    composed |= {a for a in ACTIONS if a.startswith("mend_")} | {f"review_{gate}" for gate in GATES}
    assert set(ACTIONS) <= written | composed
    composed = (
        {f"gate_{gate}" for gate in GATES}
        | {f"kept_{guard}" for guard in GUARDS}
        | {"overrides_applied", "overrides_expired", "overrides_unusable"}
        | {f"survive_{group}" for group in ("level", *SEGMENTS)}
        | {f"hazard_{term}" for term in ("lateness", "buys", "revenue", "tenure")}
        | {f"warn_{form}" for form in SHORT}
        | {f"warn_no_{table}" for table, *_ in NEEDS.values()}
    )
    assert set(HEADLINES) <= written | composed


@pytest.mark.parametrize(
    ("language", "currency", "amount", "shown"),
    [
        ("zh", "CNY", 29719333.96, "2,972 万元"), ("zh", "CNY", 232344015.44, "2.32 亿元"), ("zh", "CNY", 9999.6, "1.00 万元"), ("zh", "CNY", -345678, "-34.6 万元"), ("zh", "GBP", 7957559, "795.8 万英镑"),
        ("en", "CNY", 29719333.96, "CN¥29.7M"), ("en", "GBP", 7957559.43, "£7.96M"), ("en", "GBP", 640, "£640"), ("en", "USD", -0.2, "$0"), ("zh", "CNY", None, "–"),
    ],
)  # fmt: skip
def test_money(language, currency, amount, shown):
    assert Locale(language, currency).money(amount).replace("\xa0", " ") == shown


@pytest.mark.parametrize(
    ("share", "shown"),
    [
        (0.2211, "22%"),
        (0.0541, "5.4%"),
        (0.9996, "100%"),
        (0.9965, "99.7%"),
        (0, "0%"),
        (1, "100%"),
        (-0.031, "-3.1%"),
        (1.0855, "109%"),
        (float("nan"), "–"),
    ],
)
def test_percent(share, shown):
    assert Locale("en", "CNY").percent(share) == shown


def test_headline_of_the_design():
    from kamplay.show.sentences import headline

    finding = Finding("value", "concentration", "act", {"accounts_for_80": 9, "accounts": 140, "top1_share": 0.2211}, ("D1",))
    assert headline(finding, Locale("en", "CNY"), {}) == "9 of 140 accounts bring 80% of revenue; losing D1 would cost 22%."
    assert headline(finding, Locale("zh", "CNY"), {}) == "140家客户中，9家贡献了80%的收入；失去D1，收入将减少22%。"


def test_labels_cover_the_method():
    source = (PACKAGE / "method" / "strategy.py").read_text(encoding="utf-8")
    for name in re.findall(r'"(\w+)", "(?:urgent|soon|routine)"', source):
        assert name in labels.NEXT
