"""What is told of past accounts with a sign as strong."""

from kamplay.show.health.early_warning import strong_cases
from kamplay.show.locale import Locale


def test_the_strongest_and_the_weakest_told_have_cases_of_their_own():
    cases = {
        "payment": ((7, 6), (9, 1)),
        "contact_lost": ((0, 0), (14, 7)),
        "complaints": ((8, 5), (8, 5)),
        "delivery": ((0, 0), (0, 0)),
    }
    payment, contact, complaints, delivery = strong_cases(cases, Locale("en", "EUR"))
    assert payment.endswith(": 6 of 7 stopped at the strongest here, 1 of 9 at the weakest")
    assert contact.endswith(": none yet at the strongest here, 7 of 14 stopped at the weakest")
    assert complaints.endswith(": 5 of 8 stopped")
    assert delivery.endswith(": none as strong yet")
