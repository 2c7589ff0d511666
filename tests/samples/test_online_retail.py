"""The shipped sample Online Retail II: its size, its control total, its shape and its attribution.

The source is not in the repository, so everything here is read from the shipped files.
"""

import pandas as pd
import pytest
import yaml
from conftest import ROOT

from kamplay.samples import online_retail

FOLDER = ROOT / "data_templates" / "samples" / "online_retail"


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return pd.read_parquet(FOLDER / "data" / "transactions.parquet")


@pytest.fixture(scope="module")
def customers() -> pd.DataFrame:
    return pd.read_csv(FOLDER / "data" / "accounts.csv", dtype="str")


@pytest.fixture(scope="module")
def settings() -> dict:
    return yaml.safe_load((FOLDER / "engagement.yaml").read_text(encoding="utf-8"))


def test_the_folder_is_under_two_megabytes():
    assert sum(file.stat().st_size for file in FOLDER.rglob("*") if file.is_file()) < 2_000_000


def test_the_twelve_months_add_up_to_the_control_total(table, settings):
    as_of = pd.Timestamp(settings["as_of"])
    window = table["Date"].between(pd.Timestamp("2010-12-01"), as_of)
    total = table.loc[window, "Amount"].sum()
    assert total == pytest.approx(settings["control_total"], abs=0.0005)
    assert online_retail.control_total(table) == settings["control_total"]


def test_one_row_per_invoice_and_category(table):
    assert not table.duplicated(["Order ID", "Category"]).any()
    assert not table.isna().any().any()
    per_invoice = table.groupby("Order ID")
    assert (per_invoice["Account ID"].nunique() == 1).all() and (per_invoice["Date"].nunique() == 1).all()


def test_cancellations_keep_their_number_and_are_never_sales(table):
    cancelled = table["Order ID"].str.startswith("C")
    assert cancelled.sum() > 1_000
    assert (table.loc[cancelled, "Quantity"] < 0).all() and (table.loc[cancelled, "Amount"] <= 0).all()
    assert (table.loc[~cancelled, "Quantity"] > 0).all()


def test_account_ids_are_text_and_every_account_is_listed_once(table, customers):
    assert table["Account ID"].str.fullmatch(r"\d{5}").all()
    assert customers["Account ID"].is_unique
    assert set(customers["Account ID"]) == set(table["Account ID"])
    first = table.groupby("Account ID")["Date"].min().dt.strftime("%Y-%m-%d")
    assert (customers.set_index("Account ID")["Customer since"] == first).all()


def test_headers_are_the_codebooks_english_labels(table, customers):
    codebook = yaml.safe_load((FOLDER.parents[2] / "kamplay" / "codebook.yaml").read_text(encoding="utf-8"))
    for name, frame in [("transactions", table), ("accounts", customers)]:
        assert set(frame.columns) <= {column["en"] for column in codebook[name]["columns"].values()}


def test_attribution_is_there():
    for name in ["README.md", "engagement.yaml"]:
        assert online_retail.ATTRIBUTION in (FOLDER / name).read_text(encoding="utf-8")
    assert "creativecommons.org/licenses/by/4.0" in (FOLDER / "README.md").read_text(encoding="utf-8")


def test_no_descriptions_are_shipped(table):
    assert set(table["Category"]) == set(online_retail.CATEGORIES)
    assert list(table.columns) == ["Date", "Account ID", "Amount", "Order ID", "Category", "Quantity"]


@pytest.mark.parametrize(
    ("code", "description", "expected"),
    [
        ("85123A", "WHITE HANGING HEART T-LIGHT HOLDER", "Lighting & candles"),
        ("22423", "REGENCY CAKESTAND 3 TIER", "Kitchen & baking"),
        ("85099B", "JUMBO BAG VINTAGE DOILY", "Bags"),
        ("22112", "CHOCOLATE  HOT WATER BOTTLE", "Bath & comfort"),
        ("22866", "hand warmer scotty dog design", "Bath & comfort"),
        ("22086", "PAPER CHAIN KIT 50'S CHRISTMAS ", "Christmas"),
        ("POST", "POSTAGE", "Charges"),
        ("M", "Manual", "Charges"),
        ("ADJUST2", "Adjustment", "Charges"),
        ("20000M", None, "Other"),
        ("20000", "CARTOON", "Other"),  # CAR inside a longer word is not a toy car
    ],
)
def test_a_description_gives_its_category(code, description, expected):
    assert online_retail.category(code, description) == expected


def test_two_lines_of_an_invoice_and_category_become_one_row(tmp_path):
    lines = pd.DataFrame(
        {
            "Invoice": ["1", "1", "1", "C2", "3"],
            "StockCode": ["20001", "20002", "POST", "20001", "20001"],
            "Description": ["RED MUG", "BLUE MUG", "POSTAGE", "RED MUG", "RED MUG"],
            "Quantity": [10, 2, 1, -1, 5],
            "InvoiceDate": pd.to_datetime(
                ["2011-01-05 10:00"] * 3 + ["2011-02-01 09:00", "2011-02-02 09:00"]
            ),
            "Price": [1.25, 0.001, 4.0, 1.25, 1.25],
            "Customer ID": [12345.0, 12345.0, 12345.0, 12345.0, None],
            "Country": ["France"] * 3 + ["Spain", "Spain"],
        }
    )
    lines.to_parquet(tmp_path / "lines.parquet")
    read = online_retail.read_lines(tmp_path / "lines.parquet")
    rows = online_retail.transactions(read).set_index(["Order ID", "Category"])[["Amount", "Quantity"]]
    assert rows.to_dict("index") == {
        ("1", "Charges"): {"Amount": 4.0, "Quantity": 1},
        ("1", "Kitchen & baking"): {"Amount": 12.502, "Quantity": 12},
        ("C2", "Kitchen & baking"): {"Amount": -1.25, "Quantity": -1},
    }
    assert online_retail.accounts(read).to_dict("records") == [
        {
            "Account ID": "12345",
            "Account name": "Customer 12345",
            "Region": "Spain",
            "Customer since": "2011-01-05",
        }
    ]
