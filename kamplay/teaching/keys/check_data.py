"""Step 0: labels against purchases, lines as they were sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

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


@dataclass(frozen=True)
class AsSent:
    """A year of one account as the client sends it, with one fault of each kind.

    Attributes
    ----------
    lines : its lines since ``early`` in the columns of the transactions, by date; a label that stands there
        again is the line sent twice.
    early, twice, void, in_wan : the label of the line before the 12 months, of the one sent twice, of the one
        that does not count, and of the one whose amount is written in 万.
    """

    account: str
    lines: pd.DataFrame
    early: Any
    twice: Any
    void: Any
    in_wan: Any

    def written(self) -> list[str]:
        """The amounts as they are written in the client's file."""
        return [
            in_wan(v) if label == self.in_wan else f"{v:.2f}" for label, v in self.lines["amount"].items()
        ]


def in_wan(amount: float) -> str:
    """18,876.64 as 1.887664万."""
    return f"{amount / WAN:.6f}".rstrip("0").rstrip(".") + "万"


def as_sent(source: Source) -> AsSent:
    """The account of exercise 0b with its faults; only the void line and the second copy are not among the
    client's own lines.

    Raises
    ------
    NotInDataError
        No account has some ten lines in the year and one, of a day of its own, before it.
    """
    rng, year, begin = source.rng("0b"), source.year, source.end - pd.DateOffset(years=1)
    before = source.lines[(source.lines["date"] <= begin) & (source.lines["amount"] > 100)]
    last = before[before["date"] == before.groupby("account_id")["date"].transform("max")]
    single = last["account_id"].value_counts()
    count = year.groupby("account_id")["amount"].agg(["size", "min"])
    count = count[count.index.isin(single.index[single == 1])]
    pool = sorted(str(a) for a in count.index[count["size"].between(7, 11) & (count["min"] > 1000)])
    pool = pool or sorted(str(a) for a in count.index[count["size"].between(5, 16) & (count["min"] > 100)])
    if not pool:
        raise NotInDataError("transactions")
    account = pool[int(rng.integers(len(pool)))]
    own = year[year["account_id"] == account].sort_values("date", kind="stable")
    early = last[last["account_id"] == account]
    twice = own.index[int(rng.integers(len(own)))]
    large = own["amount"].drop(twice).idxmax()
    first, final = own.iloc[0], own.iloc[-1]
    void = first.copy()
    void["date"] = final["date"] - pd.Timedelta(days=9)
    for column in ("amount", "cost"):
        if column in void:
            void[column] = round(float(first[column]) * 1.3, 2)
    numbers = source.lines["order_id"].str.removeprefix("S").astype(int)
    void["order_id"] = f"S{numbers.max() + 1:05d}"
    void["status"] = VOID
    earlier = source.lines.index[source.lines["date"] <= void["date"]]
    label = earlier.max() + 0.5  # between the lines of the file, by date
    shown = pd.concat([early, own, own.loc[[twice]], void.to_frame(label).T.astype(own.dtypes)])
    shown = shown.sort_values(["date", "order_id"], kind="stable")
    return AsSent(account, shown, early.index[0], twice, label, large)


VOID = "作废"


@makes("0b")
def lines_of_one_account(source: Source) -> Made:
    """A year of one account as it was sent: a line twice, one cancelled, one too early, one in 万."""
    if source.planted is None:
        return _own_lines(source)
    sent = as_sent(source)
    lines = sent.lines
    facts = {
        "as_of": source.as_of,
        "account": sent.account,
        "name": source.name(sent.account),
        "since": lines["date"].iloc[0].date(),
    }
    frame = lines[["date", "order_id", "category"]].reset_index(drop=True)
    frame["amount_as_sent"] = [
        text if text.endswith("万") else f"{float(text):,.2f}" for text in sent.written()
    ]
    frame["status"] = lines["status"].to_numpy()
    amount = lines["amount"]
    once = amount[~amount.index.duplicated()]
    void, early, double = once[sent.void], once[sent.early], once[sent.twice]
    net = round(float(once.sum() - void - early), 2)
    part = Part("net", "number", "净额", "net amount", step=100, slack=1)
    out = Part("left_out", "number", "不计的行数", "lines left out")
    wrong = {
        "twice": net + double,
        "void": net + void,
        "early": net + early,
        "all": net + double + void + early,
        "wan": net - once[sent.in_wan] + once[sent.in_wan] / WAN,
    }
    mistakes = {number_token(v, 100): name for name, v in wrong.items()}
    key = key_of([part, out], {"net": number_tokens(net, part), "left_out": ("3",)}, {"net": mistakes})
    return Made({"lines": frame}, key, facts, {"net": net, **wrong}, {"net": round(net), "left_out": 3})


def _own_lines(source: Source) -> Made:
    """The year of a class's own account with some ten lines."""
    rng, year = source.rng("0b"), source.year
    count = year.groupby("account_id").size()
    pool = sorted(str(a) for a in count.index[count.between(5, 16)])
    if not pool:
        raise NotInDataError("transactions")
    account = pool[int(rng.integers(len(pool)))]
    own = year[year["account_id"] == account].sort_values("date", kind="stable")
    columns = [c for c in ("date", "order_id", "category", "amount", "status") if c in own]
    since = own["date"].iloc[0].date()
    facts = {"as_of": source.as_of, "account": account, "name": source.name(account), "since": since}
    return Made({"lines": own[columns].reset_index(drop=True)}, None, facts)
