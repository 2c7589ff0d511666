"""Step 2 as it is shown: what paper and phone leave out, one drawing where one serves, and the lists that the
page cuts short.
"""

import dataclasses
import re

import pandas as pd
import pytest

from kamplay.show import registry
from kamplay.show.display import NOTHING
from kamplay.show.locale import Locale
from kamplay.show.registry import charts, tables
from kamplay.show.table import Column, html_table
from kamplay.show.view import View, using

COMPACT = (
    "pareto",
    "abc_xyz",
    "concentration_trend",
    "revenue_bridge",
    "price_volume_mix",
    "wallet_by_category",
    "funnel",
    "funnel_backtest",
)


@pytest.fixture(scope="module")
def value(medtech_value):
    return medtech_value


@pytest.fixture(scope="module", params=["zh", "en"])
def view(request, medtech_book):
    view = View(Locale(request.param, "CNY"), medtech_book.names.to_dict())
    with using(view):
        yield view


@pytest.fixture(scope="module")
def drawn(view, value) -> dict[str, str]:
    """Chart → its html."""
    names = [*COMPACT, "stress_test", "dependence", "cohorts", "whale_curve"]
    return {name: getattr(charts, name)(value).html for name in names}


@pytest.mark.parametrize(("rows", "unprinted"), [(3, 0), (5, 0), (6, 0), (7, 2), (30, 5)])
def test_paper_shows_the_first_rows_of_a_ranked_list(view, rows, unprinted):
    shown = html_table(
        pd.DataFrame({"n": range(rows)}), [Column("n", "Accounts", "n")], "", most=10, printed=5
    ).html
    assert shown.count('class="unprinted"') == unprinted and ('class="print"' in shown) == bool(unprinted)
    assert (
        "unprinted"
        not in html_table(pd.DataFrame({"n": range(rows)}), [Column("n", "Accounts", "n")], "", most=10).html
    )


def test_one_drawing_serves_every_width(value, drawn):
    for name in COMPACT:
        html = drawn[name]
        assert html.count("<svg") == 1 and "compact" in html and 'aria-label="' in html, name
    # nine tenths of every window come from the oldest; 0.4 % of profit is given back: a sentence says it
    for name, share in (("cohorts", r"9\d%"), ("whale_curve", r"0\.4%")):
        assert "data:image" not in drawn[name] and re.search(share, drawn[name]), name
    given_back = pd.DataFrame(
        {"account_id": ["a", "b", "c"], "position": [1 / 3, 2 / 3, 1.0], "cumulative": [0.9, 1.25, 1.0]}
    )
    shown = charts.whale_curve(
        dataclasses.replace(
            value, profitability=dataclasses.replace(value.profitability, whale_curve=given_back)
        )
    )
    assert all(part in shown.text for part in ("67%", "125%", "25%"))


def test_the_step_stays_below_a_megabyte_of_drawings(drawn):
    assert sum(len(html.encode()) for html in drawn.values()) < 850_000


def test_a_phone_keeps_the_columns_that_the_reading_refers_to(view, value):
    for name, kept in (
        ("retention", "Accounts"),
        ("expected_revenue", "80% interval"),
        ("expected_revenue", "Last 12 months"),
        ("win_rates", "Recorded"),
        ("wallet", "Strongest competitor"),
        ("top_accounts", "Change"),
    ):
        head = re.findall(r"<th scope=.col.( class=.[^>]*)?>([^<]*)</th>", tables[name](value).html)
        assert "extra" not in {text: css for css, text in head}[view.locale.text(kept)], name


def test_one_list_of_what_accounts_leave(view, value):
    """Those that cost more than they bring, the worst first, then the thinnest of class A; nobody twice."""
    rows = [line.split(" | ") for line in tables.least_profitable(value).text.splitlines()[1:]]
    names = [row[0] for row in rows]
    net = value.profitability.accounts["net"].sort_values()
    assert names[:5] == [view.name(a) for a in net.index[:5]] and net.iloc[4] < 0
    assert len(set(names)) == len(names) == 9
    shares = [float(row[2].rstrip("%")) for row in rows[5:]]
    assert shares == sorted(shares) and all(
        value.accounts.loc[value.accounts["abc"] == "A"].index.isin([a]).any() for a in [net.index[0]]
    )


def test_nothing_is_told_in_a_table_that_the_sentence_says(view, value):
    assert tables.groups_as_one(value) is NOTHING and len(value.concentration.groups) == 1
    shown = tables.dependence(value).text
    assert view.locale.text("neither depends") not in shown


@pytest.mark.parametrize("steps", ["medtech_steps", "retail_steps"])
def test_the_list_of_the_forecast_adds_up_to_the_forecast(view, steps, request):
    """An account has the figure of accounts.csv there, and one that is not counted none, with the reason."""
    value = request.getfixturevalue(steps).value
    rows = registry.sheets["expected_revenue"](value).rows
    told = next(f for f in value.findings if f.kind.startswith("future_expected"))
    assert rows["revenue_12m"].sum() == pytest.approx(told.figures["expected"], rel=1e-6)
    assert rows["revenue_12m"].notna().sum() == told.figures["count"]
    for ours, theirs in (("revenue_12m", "expected_12m"), ("low", "expected_low"), ("clv", "clv")):
        listed = rows[ours].astype(float).round(2)
        pd.testing.assert_series_equal(
            listed, value.accounts[theirs].reindex(rows.index), check_names=False, check_dtype=False
        )
    single = value.finding("future_single")
    assert rows["not_counted"].notna().equals(rows["revenue_12m"].isna())
    reasons = rows.loc[list(single.accounts) if single else [], "not_counted"]
    assert len(reasons) and reasons.isin(["one_purchase", "no_net_revenue"]).all()


def test_the_workbook_has_what_the_page_cuts(view, value):
    with using(view):
        made = [make(value) for make in registry.sheets.values() if registry.step_of(make) == "value"]
    sheets = {sheet.title: sheet.rows for sheet in made}
    falls, changes = sheets["Falls"], value.retention.moves["change"]
    assert len(falls) == (changes < 0).sum() and falls["change"].iloc[0] == pytest.approx(changes.min())
    gains, bridge = sheets["Gains"], value.retention.bridge.set_index("item")
    risen = ["expanded", "won_back", "new"]
    assert len(gains) == bridge["accounts"].reindex(risen).sum()
    assert gains["change"].sum() == pytest.approx(bridge["amount"].reindex(risen).sum())
    assert gains["change"].is_monotonic_decreasing and gains["change"].iloc[-1] > 0
    assert len(sheets["Win rates"]) == len(value.pipeline.win_rates.rates)
