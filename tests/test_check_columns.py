"""The columns that ``kamplay check`` shows: what is cut ends in one ellipsis, and fits."""

import pandas as pd
import pytest
from conftest import write_engagement
from typer.testing import CliRunner

from kamplay.cli import app


@pytest.mark.parametrize("width", [80, 62, 61, 60, 59, 58, 57, 56])
def test_what_is_cut_twice_ends_in_one_ellipsis(tmp_path, width):
    names = [
        "salesforce.com, inc. of San Francisco",
        "salesforce.com, ltd. of London",
        "医院，第一附属医院，门诊部及急诊",
    ]
    lines = pd.DataFrame(
        {"date": "2025-01-0" + pd.Series(list("123456")), "account_id": names * 2, "amount": range(100, 106)}
    )
    folder = write_engagement(tmp_path / "client", lines)
    said = CliRunner().invoke(app, ["check", str(folder)], env={"COLUMNS": str(width)}).output
    (row,) = [row for row in said.splitlines() if row.startswith("account_id")]
    assert "salesforce.com" in row and "……" not in said and ",…" not in said and "·…" not in said
