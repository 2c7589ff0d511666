"""The list of what the client's edition shows: everything that can be shown is decided on, and what is not
named does not get through.
"""

from __future__ import annotations

import re
from dataclasses import replace
from importlib import resources

import pandas as pd
import pytest

from kamplay.method.results import Finding
from kamplay.settings_file import read_yaml
from kamplay.show import registry
from kamplay.show.client_edition import FILE, Edition, edition_of, named
from kamplay.show.locale import Locale
from kamplay.show.table import Column, Sheet, html_table
from kamplay.show.view import View, using

CLIENT, WITHOUT_COSTS, INTERNAL = Edition(False, True), Edition(False, False), Edition()


@pytest.fixture(scope="module")
def raw() -> dict:
    return read_yaml(resources.files("kamplay.show").joinpath(FILE), FILE)


@pytest.mark.parametrize("what", ["findings", "charts", "tables", "sheets"])
def test_everything_is_decided_on_once(raw, what):
    known = registry.specs() if what == "findings" else getattr(registry, what)
    always, without = getattr(named().always, what), getattr(named().without_costs, what)
    decided = [*always, *without, *raw["kept"][what]]
    assert sorted(decided) == sorted(known)


def test_topics_are_those_of_the_findings(raw):
    for topic, kinds in raw["findings"].items():
        assert {registry.specs()[kind].topic for kind in kinds} == {topic}


def test_no_sentence_that_is_told_names_a_margin_or_a_cost():
    """But what is not known of them, what could be told with them, and the customer's own books."""
    words = re.compile(r"\b(margin|profit|cost to serve|contribut\w+)", re.IGNORECASE)
    harmless = {
        "margin_unknown",
        "spread_margin_unknown",
        "future_clv_revenue",
        "standing_weak",
        "last_score_sum_off",
    }
    told = {
        kind
        for kind in named().always.findings
        if words.search(registry.specs()[kind].headline + (registry.specs()[kind].brief or ""))
    }
    assert told <= harmless


def test_findings_are_told_kept_or_told_as_another_kind():
    made = [
        Finding(
            "value", "stress_first", "watch", {"share": 0.1, "margin_share": 0.2, "new_per_year": 3.0}, ("a",)
        ),
        Finding("tiers", "gate_skinner", "act", {"margin": 0.004}, ("a",)),
        Finding("health", "asset_guard", "act", {"value": 7.0}, ("a",)),
        Finding("health", "at_risk", "act", {"at_risk": 5.0}, ("a",)),
    ]
    assert [f.kind for f in CLIENT.findings(made)] == ["stress_first_revenue", "at_risk"]
    assert [f.kind for f in WITHOUT_COSTS.findings(made)] == [
        "stress_first_revenue",
        "asset_guard",
        "at_risk",
    ]
    assert INTERNAL.findings(made) == made
    told = CLIENT.findings(made)[0]
    assert CLIENT.figures(told) == {"share": 0.1, "new_per_year": 3.0}
    assert INTERNAL.figures(told)["margin_share"] == 0.2


def test_a_table_keeps_the_columns_that_are_named():
    frame = pd.DataFrame({"name": ["A <b>", "B"], "amount": [5.0, 4.0], "margin_rate": [0.1234, 0.4]})
    columns = [
        Column("name", "Account"),
        Column("amount", "Revenue", "n"),
        Column("margin_rate", "Margin", "pct"),
    ]
    with using(View(Locale("en", "EUR"))):
        made = html_table(frame, columns, "Caption.")
    html = CLIENT.display("tables.top_accounts", made.html)
    assert "A &lt;b&gt;" in html and "Revenue" in html and "Caption." in html
    assert "12%" in made.html and "Margin" in made.html
    assert "12%" not in html and "Margin" not in html and "margin_rate" not in html
    assert html.count("<td") == 4 and html.count("<th") - html.count("<thead") == 2
    assert "12%" in INTERNAL.display("tables.top_accounts", made.html)
    assert "data-columns" not in INTERNAL.display("tables.top_accounts", made.html)
    grid = CLIENT.grid("top_accounts", made.grid)
    assert grid.labels == ("Account", "Revenue") and grid.lines == (("A <b>", "5"), ("B", "4"))
    for name in ("tables.gates", "tables.of_next_year", "charts.whale_curve", "charts.portfolio_map"):
        assert CLIENT.display(name, made.html) == ""
    assert WITHOUT_COSTS.display("charts.portfolio_map", "<svg>") == "<svg>"
    assert CLIENT.grid("gates", made.grid) is None


def test_a_sheet_keeps_the_columns_that_are_named():
    sheet = Sheet(
        "People", [], [Column("name", "Name"), Column("stance", "Stance"), Column("of_next_year", "New")]
    )
    assert [c.key for c in CLIENT.sheet("people", sheet).columns] == ["name"]
    assert CLIENT.sheet("profitability", sheet) is None and CLIENT.sheet("of_next_year", sheet) is None
    assert INTERNAL.sheet("people", sheet) is sheet
    shown = ["revenue", "health"]
    assert [k for k in [*shown, "margin", "gate", "clv", "of_next_year"] if CLIENT.of_accounts(k)] == shown


def test_costs_are_known_by_the_lines_or_by_what_is_stated(medtech_value):
    bare = replace(medtech_value, accounts=medtech_value.accounts.assign(margin=float("nan")))
    assert edition_of("client", medtech_value, False) == CLIENT
    assert edition_of("client", bare, False) == WITHOUT_COSTS
    assert edition_of("client", bare, True) == CLIENT
    assert edition_of("internal", bare, True).internal
