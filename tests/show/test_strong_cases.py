"""What is told of past accounts with a sign as strong."""

from types import SimpleNamespace

import pandas as pd

from kamplay.method.health.early_warning import without_record
from kamplay.show.health.early_warning import strong_cases
from kamplay.show.locale import Locale


def test_the_strongest_and_the_weakest_told_have_cases_of_their_own():
    cases = {
        "payment": ((7, 6 / 7), (9, 1 / 9)),
        "contact_lost": ((0, float("nan")), (14, 0.5)),
        "complaints": ((8, 0.625), (8, 0.625)),
        "delivery": ((0, float("nan")), (0, float("nan"))),
        "competitor": ((2, 0.0), (2, 0.0)),
    }
    told = strong_cases(cases, Locale("en", "EUR"))
    payment, contact, complaints, delivery, competitor = told
    assert payment.endswith(": for the strongest here 86% stopped (7 accounts), for the weakest 11% (9)")
    assert contact.endswith(
        ": for the weakest here 50% stopped (14 accounts); too few cases yet for the strongest"
    )
    assert complaints.endswith(": 62% stopped (8 accounts)") or complaints.endswith(
        ": 63% stopped (8 accounts)"
    )
    assert delivery.endswith(": none as strong yet")
    assert competitor.endswith(": 2 accounts, too few to tell")


def test_a_stronger_sign_with_a_lower_share_is_told_with_the_weaker():
    """Of 8 as strong as the strongest 75% stopped, of the 9 with the weaker ones 79%: one record of the 9."""
    told = strong_cases({"complaints": ((8, 0.75), (9, 0.79))}, Locale("en", "EUR"))
    assert told[0].endswith(": 79% stopped (9 accounts), weak and strong together, too few to tell apart")


def test_a_sign_has_no_record_only_where_none_was_as_strong():
    """Contact lost was raised too seldom to tell in all; in past accounts it was as strong as at a, not b."""
    warnings = pd.DataFrame(
        {"account_id": ["a", "b"], "sign": "contact_lost", "strength": 0.5, "severity": "act"}
    )
    record = pd.DataFrame({"sign": ["contact_lost"], "verdict": ["too_few"], "raised": 3})
    found = SimpleNamespace(warnings=warnings, record=record.assign(stopped=1, halved=0))
    told = pd.DataFrame({"account_id": ["a"], "sign": ["contact_lost"]})
    assert without_record(found, told).to_dict() == {"b": "contact_lost"}
    assert without_record(found, told.iloc[:0]).index.tolist() == ["a", "b"]
