"""What is told of past accounts with a sign as strong."""

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
