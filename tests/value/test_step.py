"""Step 2 as a whole: the figures of the contract, shares that sum to 1, and every table missing in turn."""

import dataclasses
import json

import pandas as pd
import pytest
from conftest import book_of, lines_of, random_lines

from kamplay.method.value.step import Value, pareto_value
from kamplay.run_folder import load_result, save_result

OPTIONAL = [
    "accounts",
    "receivables",
    "deliveries",
    "tickets",
    "surveys",
    "visits",
    "opportunities",
    "wallet",
    "financials",
]
# what each table's absence must be told as
TOLD = {
    "receivables": "serve_costs_partial",
    "opportunities": "funnel_unknown",
    "wallet": "depend_unknown",
    "financials": "standing_unknown",
    "accounts": "stress_master_unknown",
}


def finite(result) -> None:
    json.dumps(result.key_figures, allow_nan=False)
    json.dumps([f.figures for f in result.findings], allow_nan=False)


@pytest.mark.parametrize("missing", OPTIONAL)
def test_without_one_table_the_step_says_so_and_goes_on(medtech_book, missing):
    book = dataclasses.replace(
        medtech_book, tables={k: v for k, v in medtech_book.tables.items() if k != missing}
    )
    result = pareto_value(book, {"visits": 1.0, "tickets": 1.0, "financing": 0.05})
    finite(result)
    if missing in TOLD:
        assert result.finding(TOLD[missing]) is not None
    if missing in ("visits", "tickets"):
        assert missing in result.finding("serve_costs_partial").figures["kinds"]


def test_with_transactions_alone_and_without_their_lines(medtech_book):
    alone = pareto_value(
        dataclasses.replace(medtech_book, tables={"transactions": medtech_book.tables["transactions"]})
    )
    finite(alone)
    assert {"funnel_unknown", "standing_unknown", "room_wallet_unknown", "depend_unknown"} <= {
        f.kind for f in alone.findings
    }
    finite(pareto_value(dataclasses.replace(medtech_book, tables={})))  # as from a database: roll-ups only


def test_every_share_table_sums_to_one(medtech_value):
    assert medtech_value.concentration.ranking["share"].sum() == pytest.approx(1)
    assert medtech_value.concentration.abc_xyz_classes["share"].sum() == pytest.approx(1)
    assert medtech_value.credit.ageing["share"].sum() == pytest.approx(1)
    assert medtech_value.profitability.whale_curve["cumulative"].iloc[-1] == pytest.approx(1)
    for _, rows in medtech_value.retention.by_segment.groupby("dimension"):
        every = medtech_value.retention.by_segment[medtech_value.retention.by_segment["dimension"] == "all"]
        assert rows["before"].sum() == pytest.approx(every["before"].sum())
        assert rows["now"].sum() == pytest.approx(every["now"].sum())


def test_the_bridge_and_the_price_bridge_add_up(medtech_value):
    for frame, first, last in (
        (medtech_value.retention.bridge, "before", "now"),
        (medtech_value.price_volume_mix.parts, "before", "now"),
    ):
        amounts = frame.set_index(frame.columns[0])["amount"]
        assert amounts.drop(last).sum() == pytest.approx(amounts[last])
        assert first in amounts.index


def test_the_planted_truths_are_named(medtech_value, medtech_answers):
    cases = {c["kind"]: c for c in medtech_answers["cases"]}
    who = {kind: case["account_id"] for kind, case in cases.items()}
    assert who["profit_destroyer"] in medtech_value.finding("service_eats_margin").accounts
    assert list(medtech_value.pipeline.ages.stalled["opportunity_id"]) == [
        cases["stalled_deal"]["evidence"]["opportunity_id"]
    ]  # no false alarm
    assert medtech_value.finding("deals_stalled").accounts[0] == who["stalled_deal"]
    assert set(medtech_value.sales_entities.entities["account_id"]) == {who["two_entities"]}  # no false alarm
    first = medtech_value.white_space.gaps.iloc[0]
    assert (first["account_id"], first["category"]) == (
        who["white_space"],
        cases["white_space"]["evidence"]["category"],
    )


@pytest.mark.parametrize(
    "lines",
    [
        lines_of(("a", "2025-03-01", 10.0)),
        lines_of(("a", "2025-03-01", -10.0)),
        lines_of(("a", "2019-03-01", 10.0)),
        random_lines(6),
    ],
    ids=["one", "return", "old", "few"],
)
def test_small_clients(lines):
    finite(pareto_value(book_of(lines)))


def test_currency_unit_and_row_order_change_no_share():
    lines = random_lines()
    one = pareto_value(book_of(lines))
    other = pareto_value(
        book_of(lines.sample(frac=1, random_state=2).assign(amount=lambda f: f["amount"] * 7.5))
    )
    for key in ("top20_share", "accounts_for_80", "gini", "hhi", "nrr", "grr"):
        assert one.key_figures[key] == pytest.approx(other.key_figures[key])
    assert other.key_figures["revenue"] == pytest.approx(7.5 * one.key_figures["revenue"], abs=0.1)
    pd.testing.assert_series_equal(one.accounts["abc"], other.accounts["abc"])


def test_sales_that_net_to_nothing_do_not_stop_the_step():
    """Every amount is 0 and the cost known: no account has a margin rate; none is named as the thinnest."""
    lines = lines_of(*((f"a{n}", day, 0.0) for n in range(3) for day in ("2025-03-01", "2025-11-01"))).assign(
        cost=1.0
    )
    result = pareto_value(book_of(lines))
    assert result.key_figures["revenue"] == 0 and "margin" not in {f.kind for f in result.findings}


def parts_of(part, name="value"):
    """Every figure and table of a result, under its path."""
    if not dataclasses.is_dataclass(part):
        return {name: part}
    inner = (parts_of(getattr(part, f.name), f"{name}.{f.name}") for f in dataclasses.fields(part))
    return {path: own for found in inner for path, own in found.items()}


def test_a_saved_result_is_read_back_whole(medtech_value, tmp_path):
    save_result(medtech_value, tmp_path, "")
    written, read = parts_of(medtech_value), parts_of(load_result(Value, tmp_path))
    assert written.keys() == read.keys()
    for name, own in written.items():
        if isinstance(own, pd.DataFrame):
            pd.testing.assert_frame_equal(read[name], own, check_dtype=False)
        else:
            assert read[name] == own, name


def test_a_result_without_a_pipeline_is_read_back(tmp_path):
    save_result(pareto_value(book_of(lines_of(("a", "2025-03-01", 10.0)))), tmp_path, "")
    assert load_result(Value, tmp_path).pipeline is None
