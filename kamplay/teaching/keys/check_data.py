"""Step 0: labels against purchases, lines as they were sent."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kamplay.teaching.answers import Part, number_token, number_tokens
from kamplay.teaching.keys.made import Made, key_of, makes
from kamplay.teaching.keys.source import ROWS, WAN, NotInDataError, Source, pick


@makes("0a")
def producing_incubating_potential(source: Source) -> Made:
    """Labels of sales against purchases: a purchase in the 12 months, an open deal, or neither."""
    accounts, deals = source.table("accounts"), source.table("opportunities")
    ids = [str(a) for a in accounts["account_id"]]
    bought = source.year[source.year["amount"] > 0].groupby("account_id")
    orders = bought["order_id"].nunique() if "order_id" in source.year else bought["date"].nunique()
    last = source.lines[source.lines["amount"] > 0].groupby("account_id")["date"].max()
    current = deals[deals["result"] == "open"].groupby("account_id")["amount"].agg(["size", "sum"])
    kind = {a: "A" if orders.get(a, 0) else "B" if a in current.index else "C" for a in ids}
    label = accounts.set_index("account_id")["stage"] if "stage" in accounts else pd.Series(dtype=object)
    usual = {"producing": "A", "incubating": "B", "potential": "C"}
    rng, chosen = source.rng("0a"), []
    for one, share in (("A", 0.4), ("B", 0.3), ("C", 0.3)):
        pool = [a for a in ids if kind[a] == one]
        odd = [a for a in pool if usual.get(str(label.get(a))) not in (one, None)]
        want = max(2, round(share * ROWS[source.difficulty]))
        first = pick(rng, odd, max(1, want // 2))
        chosen += first + pick(rng, [a for a in pool if a not in first], want - len(first))
    chosen = [chosen[int(i)] for i in rng.permutation(len(chosen))]
    frame = pd.DataFrame(
        {
            "stage_label": [str(label.get(a, "")) for a in chosen],
            "last_order": [last.get(a, pd.NaT) for a in chosen],
            "orders_12": [int(orders.get(a, 0)) for a in chosen],
            "open_deals": [int(current["size"].get(a, 0)) for a in chosen],
            "open_amount": [round(float(current["sum"].get(a, 0)) / WAN, 1) for a in chosen],
        },
        index=chosen,
    )
    parts = [Part(a, "word", words="stages") for a in chosen]
    trap = [a for a in chosen if usual.get(str(label.get(a))) not in (kind[a], None)]
    best = {one: [a for a in chosen if kind[a] == one] for one in "ABC"}
    key = key_of(parts, {a: (kind[a],) for a in chosen})
    return Made(
        {"accounts": source.named(frame)},
        key,
        {"as_of": source.as_of},
        {**{one: best[one] for one in "ABC"}, "trap": trap, "many": len(trap)},
        best,
    )


@makes("0b")
def lines_of_one_account(source: Source) -> Made:
    """A year of one account as it was sent: a line twice, one cancelled, one too early, one in 万."""
    rng, year = source.rng("0b"), source.year
    count = year.groupby("account_id")["amount"].agg(["size", "min"])
    pool = sorted(str(a) for a in count.index[count["size"].between(7, 11) & (count["min"] > 1000)])
    pool = pool or sorted(str(a) for a in count.index[count["size"].between(5, 16) & (count["min"] > 100)])
    if not pool:
        raise NotInDataError("transactions")
    account = pool[int(rng.integers(len(pool)))]
    own = year[year["account_id"] == account].sort_values("date", kind="stable")
    facts = {"as_of": source.as_of, "account": account, "name": source.name(account)}
    if source.planted is None:
        columns = [c for c in ("date", "order_id", "category", "amount", "status") if c in own]
        return Made({"lines": own[columns].reset_index(drop=True)}, None, facts)
    rows = [(r.date, r.order_id, r.category, float(r.amount), "正常") for r in own.itertuples()]
    net = round(sum(r[3] for r in rows), 2)
    twice = rows[int(rng.integers(len(rows)))]
    void = (rows[-1][0] - pd.Timedelta(days=9), "S99001", rows[0][2], round(rows[0][3] * 1.3, 2), "作废")
    early = (
        source.end - pd.DateOffset(months=12) - pd.Timedelta(days=int(rng.integers(12, 40))),
        "S00007",
        rows[-1][2],
        round(rows[-1][3] * 0.8, 2),
        "正常",
    )
    shown = sorted([*rows, twice, void, early], key=lambda r: (r[0], r[1]))
    in_wan = int(np.argmax([r[3] if r not in (twice, void, early) else 0 for r in shown]))
    frame = pd.DataFrame(
        [
            {
                "date": r[0],
                "order_id": r[1],
                "category": r[2],
                "amount_as_sent": f"{r[3] / WAN:.6f}".rstrip("0") + "万" if i == in_wan else f"{r[3]:,.2f}",
                "status": r[4],
            }
            for i, r in enumerate(shown)
        ]
    )
    part = Part("net", "number", "净额", "net amount", step=100, slack=1)
    out = Part("left_out", "number", "不计的行数", "lines left out")
    wrong = {
        "twice": net + twice[3],
        "void": net + void[3],
        "early": net + early[3],
        "all": net + twice[3] + void[3] + early[3],
        "wan": net - shown[in_wan][3] + shown[in_wan][3] / WAN,
    }
    mistakes = {number_token(v, 100): name for name, v in wrong.items()}
    key = key_of([part, out], {"net": number_tokens(net, part), "left_out": ("3",)}, {"net": mistakes})
    return Made({"lines": frame}, key, facts, {"net": net, **wrong}, {"net": round(net), "left_out": 3})
