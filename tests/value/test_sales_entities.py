"""Two of our sales entities on one account: by hand, in the sample, and where nothing says who sells."""

from types import SimpleNamespace

import pandas as pd
import pytest
from conftest import book_of, lines_of

from kamplay.method.results import Findings
from kamplay.method.value.sales_entities import SalesEntities, add_findings, sales_entities
from kamplay.show.display import NOTHING
from kamplay.show.findings import action, headline
from kamplay.show.locale import Locale
from kamplay.show.registry import tables
from kamplay.show.view import View, using

LINES = lines_of(("a", "2025-05-01", 100.0), ("b", "2025-06-01", 300.0))


def kinds(result: SalesEntities) -> list[str]:
    findings = Findings("value")
    add_findings(findings, result)
    return [finding.kind for finding in findings]


def test_two_entities_on_one_account():
    more = lines_of(("a", "2025-07-01", 12.0), ("b", "2025-07-01", 33.0), ("a", "2024-07-01", 999.0))
    lines = pd.concat([LINES.assign(sales_entity="N"), more.assign(sales_entity="S")])
    bids = pd.DataFrame({"account_id": ["c", "c", "b"], "sales_entity": ["N", "S", "N"]})
    bids = bids.assign(opportunity_id=["O0", "O1", "O2"], amount=10.0, stage="talk")
    result = sales_entities(book_of(lines, opportunities=bids))
    rows = result.entities.set_index(["account_id", "entity"])
    # a: 12 of 112 by S; b: 33 of 333 is below a tenth; c: two bid
    assert set(rows.index) == {("a", "N"), ("a", "S"), ("c", "N"), ("c", "S")}
    assert rows.loc[("a", "S"), "share"] == pytest.approx(12 / 112)
    assert rows["deals"].tolist() == [(), (), ("O0",), ("O1",)]
    assert result.shared_revenue == 112
    assert kinds(result) == ["entities_competing", "entities_shared"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_one_entry_names_every_account_on_which_a_lead_is_wanted(language):
    """Both buy from N and S, 100 + 50 and 300 + 60; N and S also bid against each other at the smaller."""
    more = lines_of(("a", "2025-07-01", 50.0), ("b", "2025-07-01", 60.0))
    lines = pd.concat([LINES.assign(sales_entity="N"), more.assign(sales_entity="S")])
    bids = pd.DataFrame({"account_id": "a", "sales_entity": ["N", "S"], "opportunity_id": ["O1", "O2"]})
    findings = Findings("value")
    bids = bids.assign(amount=1.0, stage="talk")
    add_findings(findings, sales_entities(book_of(lines, opportunities=bids)))
    (finding,) = findings
    assert finding.accounts == ("a", "b") and finding.figures["stake"] == 510
    locale, names = Locale(language, "EUR"), {"a": "Alpha", "b": "Beta"}
    said, asked = headline(finding, locale, names), action(finding, locale, names)
    assert all(name in text for name in names.values() for text in (said, asked))
    assert "O1" in said and "O2" in said and "510" in said


def test_where_no_account_has_two_there_is_no_table():
    result = sales_entities(book_of(LINES.assign(sales_entity=["N", "S"])))
    assert result.entities.empty and kinds(result) == ["entities_apart_sales"]
    with using(View(Locale("en", "EUR"), {})):
        assert tables.sales_entities(SimpleNamespace(sales_entities=result)) is NOTHING


def test_opportunities_alone_do_not_tell_who_buys_from_whom():
    deals = pd.DataFrame({"opportunity_id": ["O1"], "account_id": ["a"], "sales_entity": ["N"]})
    deals = deals.assign(amount=1.0, stage="talk")
    found = sales_entities(book_of(LINES, opportunities=deals))
    assert kinds(found) == ["entities_deals_only", "entities_apart_deals"]


def test_without_a_seller_it_says_so():
    assert kinds(sales_entities(book_of(LINES))) == ["entities_unknown"]


def test_the_planted_account_of_the_sample(medtech_value):
    entities = medtech_value.sales_entities.entities
    assert set(entities["account_id"]) == {"C0145"}
    rows = entities.set_index("entity")
    assert rows["revenue"].to_dict() == pytest.approx({"华衡上海": 3669405.35, "华衡广州": 3108046.58})
    assert rows["deals"].to_dict() == {"华衡上海": ("O0217",), "华衡广州": ("O0185",)}
