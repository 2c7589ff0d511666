"""Charges are known by their names: in an anonymous copy they are still charges, each its own, and named by
none of the client's words.
"""

import pandas as pd
import pytest

from kamplay.anonymous.names import Names
from kamplay.anonymous.secret import Secret
from kamplay.anonymous.tables import anonymous_table, learn
from kamplay.charges import is_charge


@pytest.mark.parametrize(("language", "word"), [("zh", "费用"), ("en", "Charges")])
def test_charges_stay_charges_in_a_copy(language, word):
    frame = pd.DataFrame({"account_id": ["a"] * 5, "amount": [1.0, 2.0, 3.0, 4.0, 5.0]})
    frame["category"] = ["Mugs", "Bank fees", "运费", "Bank fees", None]
    names = Names(Secret(b"k" * 32))
    learn({"transactions": frame}, names)
    made, _ = anonymous_table("transactions", frame, names, {}, language)
    made = made.assign(amount=made["amount"].astype(float)).sort_values("amount")["category"].tolist()
    assert {made[1], made[2]} == {f"{word} 1", f"{word} 2"} and made[1] == made[3] and made[4] is None
    assert all(map(is_charge, made[1:4])) and not is_charge(made[0])
