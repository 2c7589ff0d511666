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
    assert payment.endswith(": 86% stopped (7 accounts) at the strongest here, 11% (9) at the weakest")
    assert contact.endswith(
        "too few yet as strong as the strongest here, 50% stopped (14 accounts) at the weakest"
    )
    assert complaints.endswith(": 62% stopped (8 accounts)") or complaints.endswith(
        ": 63% stopped (8 accounts)"
    )
    assert delivery.endswith(": none as strong yet")
    assert competitor.endswith(": 2 accounts, too few to tell")
