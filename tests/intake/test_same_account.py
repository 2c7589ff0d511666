"""Accounts written in several ways that count as one."""

from __future__ import annotations

import pandas as pd
import pytest
from conftest import write_engagement

from kamplay.anonymous.engagement import write_copy
from kamplay.anonymous.secret import Secret
from kamplay.engagement import load
from kamplay.errors import KamplayError
from kamplay.intake.prepare import prepare, survey
from kamplay.intake.same_account import OneAccount

LINES = pd.DataFrame(
    {
        "date": ["2025-01-01", "2025-02-01", "2025-03-01", "2025-04-01"],
        "account_id": ["Acme", "ACME", "ac me", "Other"],
        "amount": [100.0, 30.0, 20.0, 50.0],
    }
)
SETTING = "same_account: [[Acme, ACME, ac me]]\n"


def test_every_table_is_read_with_one_way_of_writing(tmp_path):
    folder = write_engagement(tmp_path / "client", LINES, SETTING)
    visits = {"account_id": ["ACME", "Other"], "date": ["2025-02-03", "2025-03-03"]}
    pd.DataFrame(visits).to_csv(folder / "data" / "visits.csv", index=False)
    book = prepare(load(folder))
    assert book.days.groupby("account_id")["amount"].sum().to_dict() == {"Acme": 150.0, "Other": 50.0}
    assert book.table("visits")["account_id"].tolist() == ["Acme", "Other"]
    codes = {f.code: f.args for f in book.faults}
    assert codes["accounts_as_one"] == {"lines": 2, "amount": 50.0}
    assert not {"accounts_written_alike", "same_account_unknown"} & set(codes)


def test_a_way_that_nobody_writes_is_told(tmp_path):
    folder = write_engagement(tmp_path / "client", LINES, "same_account: [[Acme, ACME, akme]]\n")
    (fault,) = [f for f in survey(load(folder)).faults if f.code == "same_account_unknown"]
    assert (fault.level, fault.value) == ("warning", "akme")


@pytest.mark.parametrize("lists", ["[[Acme]]", "[[Acme, ACME], [Other, ACME]]", "[[Acme, Acme]]"])
def test_lists_that_say_nothing_or_two_things_are_refused(tmp_path, lists):
    folder = write_engagement(tmp_path / "client", LINES, f"same_account: {lists}\n")
    with pytest.raises(KamplayError, match="same_account_lists"):
        load(folder)


def test_of_sums_none_are_put_together():
    (fault,) = OneAccount([["Acme", "ACME"]]).faults(only_sums=True)
    assert (fault.code, fault.level) == ("same_account_of_sums", "error")
    assert OneAccount([]).faults(only_sums=True) == []


def test_an_anonymous_copy_has_them_put_together_and_no_setting_for_it(tmp_path):
    folder = write_engagement(tmp_path / "client", LINES, SETTING)
    write_copy(load(folder), tmp_path / "copy", Secret(b"k" * 32))
    assert load(tmp_path / "copy").settings.same_account == []
    assert len(prepare(load(tmp_path / "copy")).accounts) == 2
