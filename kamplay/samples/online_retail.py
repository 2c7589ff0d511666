"""Build the sample engagement `online_retail` from the invoice lines of Online Retail II.

For developers: the sample is shipped ready made, and the lines it is made from are not in the repository.

    python kamplay/samples/online_retail.py PATH/TO/lines.parquet

Input, with the overlap of the source's two sheets already removed, one row per invoice line: Invoice,
StockCode, Description, Quantity, InvoiceDate, Price (GBP a piece, net), Customer ID, Country.
Output: one row per invoice and product category, and one row per customer.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import pandas as pd
import yaml

TARGET = Path(__file__).resolve().parents[2] / "data_templates" / "samples" / "online_retail"
AS_OF = pd.Timestamp("2011-11-30")
ATTRIBUTION = "Online Retail II, Daqing Chen, UCI Machine Learning Repository, 2019, CC BY 4.0, https://doi.org/10.24432/C5CG6D"

CHARGES = "Charges"
OTHER = "Other"
# Stock codes that stand for no product: freight, fees, discounts, corrections and the shop's own test items.
CHARGE_CODES = r"POST|DOT|C2|C3|M|D|S|B|CRUK|AMAZONFEE|BANK CHARGES|ADJUST\d*|TEST\d+|GIFT_.*"

TEXTS = Path(__file__).parent / "texts"
RULES: list[tuple[str, str]] = yaml.safe_load((TEXTS / "online_retail_categories.yaml").read_text("utf-8"))
_RULES = [(name, re.compile(rf"(?<![A-Z])(?:{words})(?:S|ES)?(?![A-Z])")) for name, words in RULES]
CATEGORIES = sorted({name for name, _ in RULES} | {CHARGES, OTHER})


def category(stock_code: str, description: str | None) -> str:
    """The product category of one line, from its stock code and its description."""
    if re.fullmatch(CHARGE_CODES, str(stock_code).strip().upper()):
        return CHARGES
    words = re.sub(r"\s+", " ", str(description or "")).upper()
    return next((name for name, pattern in _RULES if pattern.search(words)), OTHER)


def read_lines(source: Path) -> pd.DataFrame:
    """The invoice lines that name a customer, with `day`, `account`, `category` and `mills` (1/1000 GBP).

    Exact duplicates are kept: nothing in the source tells a double entry from the same article keyed twice.
    """
    lines = pd.read_parquet(source).dropna(subset=["Customer ID"])
    products = lines[["StockCode", "Description"]].drop_duplicates()
    products["category"] = [category(code, text) for code, text in products.itertuples(index=False)]
    lines = lines.merge(products, on=["StockCode", "Description"], how="left", validate="many_to_one")
    lines["day"] = lines["InvoiceDate"].dt.normalize().astype("datetime64[us]")
    lines["account"] = lines["Customer ID"].astype("int64").astype("str")
    # Whole thousandths: a few prices are 0.001, and integers add up to an exact control total.
    lines["mills"] = (lines["Quantity"] * lines["Price"] * 1000).round().astype("int64")
    return lines


def transactions(lines: pd.DataFrame) -> pd.DataFrame:
    """One row per invoice and category: Date, Account ID, Amount (GBP, net), Order ID, Category, Quantity."""
    keys = ["day", "Invoice", "account", "category"]
    table = (
        lines.groupby(keys, as_index=False)[["mills", "Quantity"]].sum().sort_values(keys, ignore_index=True)
    )
    if table.duplicated(["Invoice", "category"]).any():
        raise ValueError("an invoice has two dates or two customers: the sample's rows would not be unique")
    table["Amount"] = table["mills"] / 1000
    table = table.rename(
        columns={"day": "Date", "account": "Account ID", "Invoice": "Order ID", "category": "Category"}
    )
    return table[["Date", "Account ID", "Amount", "Order ID", "Category", "Quantity"]]


def accounts(lines: pd.DataFrame) -> pd.DataFrame:
    """One row per customer: Account ID, Account name, Region, Customer since (first date in the data)."""
    # Thirteen customers are booked under two countries: the most recent invoice decides.
    ordered = lines.sort_values(["account", "InvoiceDate", "Invoice"], kind="stable").groupby("account")
    table = ordered.agg(region=("Country", "last"), since=("day", "first")).reset_index()
    return pd.DataFrame(
        {
            "Account ID": table["account"],
            "Account name": "Customer " + table["account"],
            "Region": table["region"],
            "Customer since": table["since"].dt.strftime("%Y-%m-%d"),
        }
    )


def control_total(table: pd.DataFrame) -> float:
    """Net GBP of the rows dated in the 12 months to AS_OF, inclusive, exact to 1/1000."""
    window = table["Date"].between(AS_OF - pd.DateOffset(years=1) + pd.Timedelta(days=1), AS_OF)
    return int((table.loc[window, "Amount"] * 1000).round().astype("int64").sum()) / 1000


def settings(table: pd.DataFrame) -> str:
    """The text of engagement.yaml."""
    return f"""\
# Made by kamplay/samples/online_retail.py. The data: {ATTRIBUTION}
client: Online Retail II (UCI sample)
industry: Gift wholesale
language: en
currency: GBP
as_of: "{AS_OF:%Y-%m-%d}"
health: {{horizon_days: 90}}
control_total: {control_total(table)}  # net amount, 2010-12-01 to 2011-11-30 inclusive
capacity: {{visits_per_month: 900}}
brand: {{accent: "#1F4E79"}}
"""


def readme(lines: pd.DataFrame, table: pd.DataFrame, customers: pd.DataFrame) -> str:
    """The text of the sample's README: whose data it is, what was changed, what is in it."""
    duplicates = int(lines.duplicated(list(lines.columns[:8])).sum())
    first = f"{table['Date'].min():%Y-%m-%d}"
    late = int((table["Date"] > AS_OF).sum())
    return (
        (TEXTS / "online_retail_readme.md")
        .read_text(encoding="utf-8")
        .format(
            first=first,
            last=f"{table['Date'].max():%Y-%m-%d}",
            attribution=ATTRIBUTION,
            duplicates=duplicates,
            lines=len(lines),
            rows=len(table),
            categories=len(CATEGORIES),
            columns=", ".join(table.columns),
            accounts=len(customers),
            account_columns=", ".join(customers.columns),
            as_of=f"{AS_OF:%Y-%m-%d}",
            late=late,
        )
    )


def build(source: Path, target: Path = TARGET) -> dict[str, int]:
    """Write the engagement folder; returns {file: bytes}."""
    lines = read_lines(source)
    table, customers = transactions(lines), accounts(lines)
    (target / "data").mkdir(parents=True, exist_ok=True)
    table.to_parquet(
        target / "data" / "transactions.parquet", index=False, compression="zstd", compression_level=19
    )
    customers.to_csv(target / "data" / "accounts.csv", index=False, lineterminator="\n")
    for name, text in [("engagement.yaml", settings(table)), ("README.md", readme(lines, table, customers))]:
        (target / name).write_text(text, encoding="utf-8", newline="\n")
    return {
        str(file.relative_to(target)): file.stat().st_size
        for file in sorted(target.rglob("*"))
        if file.is_file()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Build the sample engagement from Online Retail II.")
    parser.add_argument("source", type=Path, help="the invoice lines, a parquet file")
    parser.add_argument("--target", type=Path, default=TARGET, help="the engagement folder to write")
    arguments = parser.parse_args()
    for name, size in build(arguments.source, arguments.target).items():
        print(f"{size:>10,}  {name}")


if __name__ == "__main__":
    main()
